//! SYNs that are none: repeated with another number, forged into a connection, before a connection between the same ports.

#[path = "support/memory.rs"]
mod memory;
mod support;

use informant::session::Outcome;
use support::Analysis;
use support::wire::{self, ACK, Connection, Endpoint, RST, SYN};

const STEP_US: u64 = 100;

fn endpoints() -> (Endpoint, Endpoint) {
    (
        Endpoint::new([10, 0, 0, 2], 40_112),
        Endpoint::new([10, 0, 0, 1], 7547),
    )
}

/// A whole session: three packets of a handshake, then its messages in segments of 200 bytes, then FIN.
fn session(serial_number: &str) -> Vec<Vec<u8>> {
    let (cpe, acs) = endpoints();
    wire::session(cpe, acs, serial_number, 200)
}

/// The same with other numbers, as a new connection between the same ports has them.
fn session_from(serial_number: &str, numbers: [u32; 2]) -> Vec<Vec<u8>> {
    let (cpe, acs) = endpoints();
    let mut connection = Connection::new(cpe, acs);
    connection.next = numbers;
    let response = wire::envelope(
        "1",
        "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>",
    );
    let inform = wire::inform(serial_number, "2 PERIODIC");
    let mut frames = connection.open();
    frames.extend(connection.send(0, &wire::post(&inform), 200));
    frames.extend(connection.send(1, &wire::reply(&response), 200));
    frames.extend(connection.send(0, &wire::post(""), 200));
    frames.extend(connection.send(1, &wire::reply(""), 200));
    frames.extend(connection.close());
    frames
}

fn syn(sequence: u32) -> Vec<u8> {
    let (cpe, acs) = endpoints();
    wire::tcp(cpe, acs, sequence, 0, SYN, b"")
}

fn syn_ack(sequence: u32, acknowledged: u32) -> Vec<u8> {
    let (cpe, acs) = endpoints();
    wire::tcp(acs, cpe, sequence, acknowledged, SYN | ACK, b"")
}

fn read(frames: &[Vec<u8>]) -> Analysis {
    memory::analyse_bytes(wire::capture(frames, STEP_US))
}

/// The session is whole, whatever stands between its frames.
fn is_whole(frames: &[Vec<u8>], what: &str) {
    let analysis = read(frames);
    let outcomes: Vec<Outcome> = analysis.sessions.iter().map(|one| one.outcome).collect();
    assert_eq!(outcomes, [Outcome::Complete], "{what}");
    assert_eq!(analysis.sessions[0].rpcs.len(), 1, "{what}");
    assert_eq!(analysis.summary.tcp.gaps, 0, "{what}");
}

#[test]
fn a_forged_syn_ends_no_connection() {
    let whole = session("A1");
    for number in [0x7000_0000, 1_100, 1_001, 1_000] {
        for at in 1..whole.len() {
            let mut frames = whole.clone();
            frames.insert(at, syn(number));
            is_whole(&frames, &format!("SYN {number} before frame {}", at + 1));
        }
    }
}

#[test]
fn a_forged_syn_with_data_ends_no_connection() {
    let whole = session("A1");
    let (cpe, acs) = endpoints();
    for (from, to) in [(cpe, acs), (acs, cpe)] {
        for at in 4..whole.len() - 3 {
            let mut frames = whole.clone();
            frames.insert(at, wire::tcp(from, to, 0x7000_0000, 0, SYN, b"x"));
            is_whole(&frames, &format!("SYN with data before frame {}", at + 1));
        }
    }
}

#[test]
fn a_reset_of_another_connection_ends_none() {
    let whole = session("A1");
    let (cpe, acs) = endpoints();
    // Before the answer to SYN: forged; of an older connection that the device has forgotten (RFC 9293 section 3.5).
    for reset in [
        wire::tcp(acs, cpe, 0x7000_0000, 0x6000_0000, RST | ACK, b""),
        wire::tcp(cpe, acs, 0x7000_0000, 0, RST, b""),
    ] {
        let mut frames = whole.clone();
        frames.insert(1, reset);
        is_whole(&frames, "a stray RST");
    }
    // The SYN is refused, and comes again half a second later.
    let refused = wire::tcp(acs, cpe, 0, 1_001, RST | ACK, b"");
    let frames = [&[syn(1_000), refused], whole.as_slice()].concat();
    let analysis = read(&frames);
    assert_eq!(analysis.sessions.len(), 1);
    assert_eq!(analysis.sessions[0].outcome, Outcome::Complete);
}

#[test]
fn a_connection_with_near_numbers_is_another_without_its_answer() {
    let first = session("A1");
    // 64,000 ahead, as a clock of 4 microseconds gives after a quarter of a second.
    let second = session_from("B2", [66_000, 73_000]);
    let frames: Vec<Vec<u8>> = first[..first.len() - 3]
        .iter()
        .chain(
            second
                .iter()
                .enumerate()
                .filter(|(at, _)| *at != 1)
                .map(|(_, frame)| frame),
        )
        .cloned()
        .collect();
    let analysis = read(&frames);
    assert_eq!(analysis.sessions.len(), 2);
    assert_eq!(analysis.sessions[1].outcome, Outcome::Complete);
}

#[test]
fn a_handshake_is_what_the_rest_goes_on_from() {
    let whole = session("A1");
    for number in [0x7000_0000, 9_100, 9_000] {
        for at in 1..whole.len() {
            let mut frames = whole.clone();
            frames.insert(at, syn_ack(number, 1_001));
            is_whole(
                &frames,
                &format!("SYN-ACK {number} before frame {}", at + 1),
            );
        }
    }
    // The first number was given up for a second, of either side.
    let mut frames = whole.clone();
    frames.insert(0, syn(0x7000_0000));
    is_whole(&frames, "another SYN at first");
    let mut frames = whole;
    frames.insert(1, syn_ack(0x7000_0000, 1_001));
    is_whole(&frames, "another SYN-ACK at first");
}

#[test]
fn a_connection_between_the_same_ports_is_another() {
    let first = session("A1");
    let second = session_from("A1", [0x7000_0000, 0x5000_0000]);
    let close = 3;
    for (broken, what) in [
        (first.len(), "after FIN"),
        (first.len() - close, "the end was not captured"),
        (6, "the device fell over"),
    ] {
        for (left_out, missing) in [(None, "nothing"), (Some(1), "SYN-ACK"), (Some(0), "SYN")] {
            let mut frames = first[..broken].to_vec();
            let behind = second.iter().enumerate();
            let behind = behind.filter(|(at, _)| Some(*at) != left_out);
            frames.extend(behind.map(|(_, frame)| frame.clone()));
            let analysis = read(&frames);
            let last = analysis.sessions.last().expect("a session");
            let case = format!("{what}, without {missing}");
            assert_eq!(analysis.sessions.len(), 2, "{case}");
            assert_eq!(last.outcome, Outcome::Complete, "{case}");
            assert_eq!(analysis.summary.tcp.connections, 2, "{case}");
        }
    }
}
