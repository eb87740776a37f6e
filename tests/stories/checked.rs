//! `check` finds nothing in a whole story but what its document foretells, and in a broken one the breach alone.

use std::collections::BTreeSet;

use informant::conformance::{ProfileChoice, Setting};
use informant::model::profile::Profile;
use informant::session::Finding;

use crate::devices::{Story, Telling};
use crate::judge::{self, told};

/// What is found in one telling.
fn findings(story: &Story, telling: &Telling) -> Vec<Finding> {
    let profile = story.vendor.told_profile().and_then(Profile::named);
    let setting = Setting {
        profile: profile.map_or_else(ProfileChoice::default, ProfileChoice::Of),
        ..Setting::default()
    };
    let judged = judge::set(telling.pcapng.clone(), &telling.conversation, setting);
    assert_eq!(judged.problems, [""; 0], "{}", story.folder);
    judged.findings
}

#[test]
fn a_whole_story_breaks_nothing_but_what_its_document_foretells() {
    let mut wrong = Vec::new();
    for story in crate::all() {
        let found = findings(story, &story.whole);
        let accused = found.iter().filter(|finding| finding.foretold_by.is_none());
        let accused: Vec<String> = accused.map(told).collect();
        let foretold: BTreeSet<&str> = found
            .iter()
            .filter(|finding| finding.foretold_by.is_some())
            .map(|finding| finding.code)
            .collect();
        let stated = story.plot.foretold.iter().copied().collect();
        if !accused.is_empty() || foretold != stated {
            wrong.push(format!(
                "{}: foretold {foretold:?}\n  {}",
                story.folder,
                accused.join("\n  ")
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_broken_story_is_found_broken_and_nothing_else() {
    let mut wrong = Vec::new();
    for story in crate::all() {
        let found = findings(story, &story.broken);
        let codes: BTreeSet<(&str, &str)> = found
            .iter()
            .filter(|finding| !is_foretold(story, finding))
            .map(|finding| (finding.code, finding.blame.name()))
            .collect();
        let stated: BTreeSet<(&str, &str)> = story.plot.breach.found.iter().copied().collect();
        if codes != stated {
            let all: Vec<String> = found.iter().map(told).collect();
            wrong.push(format!(
                "{}: stated {stated:?}\n  {}",
                story.folder,
                all.join("\n  ")
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn is_foretold(story: &Story, finding: &Finding) -> bool {
    finding.foretold_by.is_some() && story.plot.foretold.contains(&finding.code)
}
