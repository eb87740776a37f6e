//! A defect on purpose, for the test that one of ours costs its own flow and no other.

use std::cell::Cell;
use std::io::Cursor;
use std::ops::ControlFlow;

use super::{Options, analyse};
use crate::session::{Outcome, Output};
use crate::source::{Capture, FrameId};

#[path = "../../tests/support/wire.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "shared with the integration tests"
)]
mod wire;

thread_local! {
    static STRIKES_AT: Cell<u64> = const { Cell::new(0) };
}

/// Panics at the frame that a test chose.
pub(super) fn strike(token: u64) {
    STRIKES_AT.with(|at| assert!(at.get() != token, "a defect on purpose"));
}

#[test]
fn a_defect_in_one_flow_costs_that_flow_alone() {
    let acs = wire::Endpoint::new([203, 0, 113, 10], 7547);
    let session = |number: u8| {
        wire::session(
            wire::Endpoint::new([10, 0, 0, number], 40_000),
            acs,
            &format!("S{number}"),
            1448,
        )
    };
    let sessions = [session(1), session(2), session(3)];
    // The three run side by side, packet by packet.
    let frames: Vec<Vec<u8>> = (0..sessions[0].len())
        .flat_map(|at| sessions.iter().map(move |frames| frames[at].clone()))
        .collect();
    let bytes = wire::capture(&frames, 1000);
    let run = |strikes_at: u64| {
        STRIKES_AT.with(|at| at.set(FrameId::new(0, strikes_at).token()));
        let mut capture = Capture::from_reader("defect.pcap", Cursor::new(bytes.clone()))
            .expect("the capture opens");
        let mut outcomes = Vec::new();
        let summary = analyse(
            &mut capture,
            &Options::default(),
            &mut |output| {
                if let Output::Session(session) = output {
                    outcomes.push((session.number, session.outcome));
                }
                ControlFlow::Continue(())
            },
            &mut |_| {},
        );
        outcomes.sort_unstable();
        (summary.defects, outcomes)
    };
    let whole = |number| (number, Outcome::Complete);
    assert_eq!(run(1_000_000), (0, vec![whole(1), whole(2), whole(3)]));
    // Frame 14 is the response in the second session's connection.
    let (defects, outcomes) = run(14);
    assert_eq!(defects, 1);
    assert_eq!(outcomes, [whole(1), (2, Outcome::Incomplete), whole(3)]);
}
