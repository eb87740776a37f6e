//! Each session of a story is made into two scenarios, and they pass against each other over loopback.

use std::sync::atomic::{AtomicUsize, Ordering};

use informant::replay::scenario::Role;
use informant::session::ReplayVerdict;

use crate::devices::Story;
use crate::pairs::{Between, maker, pair, scenario_of, told};
use crate::recordings::captured;
use crate::support::captures;

#[test]
fn every_session_of_a_story_passes_against_itself() {
    crate::blessed();
    let (stories, next) = (crate::all(), AtomicUsize::new(0));
    let play = || {
        let mut wrong = Vec::new();
        while let Some(story) = stories.get(next.fetch_add(1, Ordering::Relaxed)) {
            wrong.extend(played(story));
        }
        wrong
    };
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let players: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(play)).collect();
        let players = players.into_iter();
        players
            .flat_map(|player| player.join().expect("nobody failed"))
            .collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What did not pass of a story, whose every session can be played in both roles.
fn played(story: &Story) -> Vec<String> {
    let path = captures().join(&story.folder).join("capture.pcapng");
    let mut wrong = Vec::new();
    for recording in captured(&path, 1).each() {
        let name = format!("{}#{}", story.folder, recording.sessions[0].session.number);
        let [acs, cpe] = [Role::Acs, Role::Cpe].map(|role| scenario_of(&recording, role));
        let (Some(acs), Some(cpe)) = (acs, cpe) else {
            wrong.push(format!("{name}: no scenario of it"));
            continue;
        };
        let (acs, cpe) = pair(&acs, &cpe, &maker(&recording), Between::Nothing);
        for replayed in [&acs, &cpe] {
            if replayed.verdict != ReplayVerdict::Passed {
                wrong.push(format!("{name}\n{}", told(replayed)));
            }
        }
    }
    wrong
}

/// Stories that are played at once: they wait most of the time.
const AT_ONCE: usize = 8;
