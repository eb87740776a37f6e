//! An answer is read after its question, whatever order the capture has them in.

use informant::session::Outcome;

use crate::memory::analyse_bytes;
use crate::support::wire::{self, Connection, Endpoint};

/// A session of which the ACS asks two things; frames by turn, handshake and end included.
fn session() -> Vec<Vec<Vec<u8>>> {
    let mut connection = Connection::new(
        Endpoint::new([10, 0, 0, 1], 40_000),
        Endpoint::new([203, 0, 113, 10], 7547),
    );
    let body = |id: &str, text: &str| wire::envelope(id, text);
    let script = [
        (0, wire::post(&wire::inform("S1", "1 BOOT"))),
        (
            1,
            wire::reply(&body(
                "1",
                "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>",
            )),
        ),
        (0, wire::post("")),
        (
            1,
            wire::reply(&body(
                "2",
                "<cwmp:GetParameterNames><ParameterPath/><NextLevel>0</NextLevel></cwmp:GetParameterNames>",
            )),
        ),
        (
            0,
            wire::post(&body(
                "2",
                "<cwmp:GetParameterNamesResponse><ParameterList/></cwmp:GetParameterNamesResponse>",
            )),
        ),
        (1, wire::reply(&body("3", "<cwmp:GetRPCMethods/>"))),
        (
            0,
            wire::post(&body(
                "3",
                "<cwmp:GetRPCMethodsResponse><MethodList/></cwmp:GetRPCMethodsResponse>",
            )),
        ),
        (1, wire::reply("")),
    ];
    let mut turns = vec![connection.open()];
    for (side, bytes) in script {
        turns.push(connection.send(side, &bytes, 400));
    }
    turns.push(connection.close());
    turns
}

/// One session, and every RPC of it once, with its answer.
fn assert_whole(frames: &[Vec<u8>], what: &str) {
    let analysis = analyse_bytes(wire::capture(frames, 100));
    let sessions: Vec<String> = analysis
        .sessions
        .iter()
        .map(|session| {
            let rpcs: Vec<_> = session
                .rpcs
                .iter()
                .map(|rpc| (rpc.method.as_str(), rpc.response.is_some()))
                .collect();
            format!("{} {rpcs:?}", session.outcome.name())
        })
        .collect();
    let rpcs = [
        ("Inform", true),
        ("GetParameterNames", true),
        ("GetRPCMethods", true),
    ];
    assert_eq!(
        sessions,
        [format!("{} {rpcs:?}", Outcome::Complete.name())],
        "{what}"
    );
}

#[test]
fn as_sent() {
    assert_whole(&session().concat(), "as sent");
}

#[test]
fn a_segment_that_comes_after_the_next_question_and_its_answer() {
    let mut turns = session();
    // GetParameterNamesResponse misses its last segment until GetRPCMethodsResponse is over.
    let late = turns[5].pop().into_iter().collect();
    turns.insert(8, late);
    assert_whole(&turns.concat(), "a late segment");
}

#[test]
fn one_side_behind_the_other_by_its_whole_length() {
    let frames = session().concat();
    let of_side = |port: [u8; 2]| {
        frames
            .iter()
            .filter(move |frame| frame[34..36] == port)
            .cloned()
    };
    let (cpe, acs) = (40_000_u16.to_be_bytes(), 7547_u16.to_be_bytes());
    for (first, second) in [(cpe, acs), (acs, cpe)] {
        let skewed: Vec<Vec<u8>> = of_side(first).chain(of_side(second)).collect();
        assert!(
            skewed.len() < 40,
            "within the skew of a mirror: {}",
            skewed.len()
        );
        assert_whole(&skewed, "one side after the other");
    }
}
