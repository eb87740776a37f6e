//! The clock of a capture may be wrong for a frame, or be set while it runs: no session is cut by that.

#[path = "support/memory.rs"]
mod memory;
mod support;

use support::Analysis;
use support::wire::{self, Endpoint};

/// Three sessions, a minute between each, every frame with its time.
fn sessions() -> Vec<(u64, Vec<u8>)> {
    let acs = Endpoint::new([203, 0, 113, 10], 7547);
    let mut frames = Vec::new();
    for number in 0..3_u8 {
        let phone = Endpoint::new([10, 0, 0, number + 1], 40_000);
        let begin_us = 1_700_000_000_000_000 + u64::from(number) * 60_000_000;
        for (at, frame) in wire::session(phone, acs, &format!("A{number}"), 300)
            .into_iter()
            .enumerate()
        {
            // Some seconds pass within a session.
            frames.push((begin_us + at as u64 * 2_000_000, frame));
        }
    }
    frames
}

fn analyse(frames: &[(u64, Vec<u8>)]) -> Analysis {
    let mut bytes = wire::pcap_head();
    for (time_us, frame) in frames {
        wire::put_record(*time_us, frame, &mut bytes);
    }
    memory::analyse_bytes(bytes)
}

fn assert_whole(frames: &[(u64, Vec<u8>)], what: &str) {
    let analysis = analyse(frames);
    let outcomes: Vec<_> = analysis
        .sessions
        .iter()
        .map(|session| (session.outcome.name(), session.steps.len()))
        .collect();
    assert_eq!(outcomes, [("complete", 4); 3], "{what}");
}

#[test]
fn one_frame_with_another_time() {
    assert_whole(&sessions(), "as it is");
    let stray = vec![0xff; 60];
    for at in [0, 5, 30] {
        for away_us in [
            -86_400_000_000_i64,
            -700_000_000,
            601_000_000,
            365 * 86_400_000_000,
        ] {
            let mut frames = sessions();
            let time_us = frames[at].0.saturating_add_signed(away_us);
            frames.insert(at, (time_us, stray.clone()));
            assert_whole(&frames, &format!("{away_us} us at frame {at}"));
        }
    }
}

#[test]
fn the_clock_is_set_back() {
    for at in [3, 8, 20, 40] {
        let mut frames = sessions();
        for frame in &mut frames[at..] {
            frame.0 -= 700_000_000;
        }
        assert_whole(&frames, &format!("from frame {at} on"));
    }
}

#[test]
fn silence_still_ends_what_is_over() {
    let mut frames = sessions();
    // The last question of the first session is never asked, and an hour passes.
    let of_first = frames
        .iter()
        .filter(|(_, frame)| frame[26..30] == [10, 0, 0, 1] || frame[30..34] == [10, 0, 0, 1]);
    let keep: Vec<_> = of_first.take(8).cloned().collect();
    frames.retain(|(_, frame)| frame[26..30] != [10, 0, 0, 1] && frame[30..34] != [10, 0, 0, 1]);
    for frame in &mut frames {
        frame.0 += 3_600_000_000;
    }
    let analysis = analyse(&[keep, frames].concat());
    assert_eq!(analysis.sessions[0].outcome.name(), "aborted");
    assert_eq!(analysis.sessions.len(), 3);
}
