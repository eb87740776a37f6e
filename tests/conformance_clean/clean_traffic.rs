//! A thousand clean sessions give no error and no warning.

use std::collections::BTreeMap;
use std::fmt::Write;

use informant::session::Severity;

use crate::clean;
use crate::judge;

#[test]
fn clean_sessions_are_found_clean() {
    let wanted: Option<usize> = std::env::var("STORY")
        .ok()
        .and_then(|story| story.parse().ok());
    let stories = clean::stories(SEED, SESSIONS);
    let mut told = 0;
    let mut accused: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let mut remarks: BTreeMap<&str, usize> = BTreeMap::new();
    let mut problems = String::new();
    for (number, story) in stories.iter().enumerate() {
        if wanted.is_some_and(|wanted| wanted != number) {
            continue;
        }
        judge::keep(&format!("clean-{number:03}"), story);
        let judged = judge::of_story(story);
        told += story.sessions;
        for problem in judged.problems {
            let _ = writeln!(problems, "story {number}: {problem}");
        }
        if judged.outcomes.len() != story.sessions {
            let outcomes = &judged.outcomes;
            let _ = writeln!(
                problems,
                "story {number}: {} of {} sessions: {outcomes:?}",
                outcomes.len(),
                story.sessions
            );
        }
        for finding in judged.findings {
            let line = judge::told(&finding);
            if wanted.is_some() {
                println!("{line}");
            }
            if finding.severity == Severity::Info {
                *remarks.entry(finding.code).or_default() += 1;
                continue;
            }
            let key = format!("{} {}", finding.code, finding.blame.name());
            let entry = accused
                .entry(key)
                .or_insert((0, format!("story {number}: {line}")));
            entry.0 += 1;
        }
    }
    println!(
        "{told} sessions in {} stories; remarks: {remarks:?}",
        stories.len()
    );
    for (code, (stories, first)) in accused {
        let _ = writeln!(problems, "{code} in {stories} stories; {first}");
    }
    assert!(problems.is_empty(), "\n{problems}");
    assert!(wanted.is_some() || told >= SESSIONS);
}

const SEED: u64 = 1869;
const SESSIONS: usize = 1_000;
