//! A mirror port may show one packet twice: on two VLANs, or before and after an address translation. One session stays
//! one session.

#[path = "support/memory.rs"]
mod memory;
mod support;

use support::Analysis;
use support::wire::{self, Connection, Endpoint};

const ACS: Endpoint = Endpoint {
    address: std::net::Ipv4Addr::new(203, 0, 113, 10),
    port: 7547,
};

fn phone(last: u8, port: u16) -> Endpoint {
    Endpoint::new([10, 0, 0, last], port)
}

/// Each frame, and behind it the same as another session writes it: both conversations are alike but for the addresses.
fn beside(one: &[Vec<u8>], other: &[Vec<u8>]) -> Analysis {
    assert_eq!(one.len(), other.len());
    let frames: Vec<Vec<u8>> = one
        .iter()
        .zip(other)
        .flat_map(|(one, other)| [one.clone(), other.clone()])
        .collect();
    memory::analyse_bytes(wire::capture(&frames, 50))
}

fn session(client: Endpoint, server: Endpoint, serial_number: &str) -> Vec<Vec<u8>> {
    wire::session(client, server, serial_number, 700)
}

fn outcomes(analysis: &Analysis) -> Vec<(&str, usize)> {
    analysis
        .sessions
        .iter()
        .map(|session| (session.outcome.name(), session.steps.len()))
        .collect()
}

#[test]
fn before_and_after_the_translation_of_the_phone() {
    let analysis = beside(
        &session(phone(1, 40_000), ACS, "A1"),
        &session(Endpoint::new([198, 51, 100, 7], 61_234), ACS, "A1"),
    );
    assert_eq!(outcomes(&analysis), [("complete", 4)]);
    assert_eq!(analysis.summary.tcp.copies, 1);
    assert_eq!(analysis.summary.cwmp.messages["Inform"], 1);
    // What is on the wire is counted as it is there.
    assert_eq!(
        (
            analysis.summary.http_requests,
            analysis.summary.http_responses
        ),
        (4, 4)
    );
    assert_eq!(
        analysis.sessions[0].cpe.address,
        Some(phone(1, 0).address.into())
    );
    let of_none = analysis
        .messages
        .iter()
        .filter(|message| message.session.is_none());
    assert_eq!(of_none.count(), 4);
}

#[test]
fn before_and_after_the_translation_of_the_acs() {
    let inside = Endpoint::new([172, 17, 0, 2], 7547);
    let analysis = beside(
        &session(phone(1, 40_000), ACS, "A1"),
        &session(phone(1, 40_000), inside, "A1"),
    );
    assert_eq!(outcomes(&analysis), [("complete", 4)]);
    assert_eq!(analysis.summary.tcp.copies, 1);
}

#[test]
fn a_session_over_several_connections_is_shown_twice() {
    let over_two = |client: Endpoint, again: Endpoint| {
        let response = wire::envelope(
            "1",
            "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>",
        );
        let with_cookie = |reply: Vec<u8>| {
            let text = String::from_utf8(reply).expect("text");
            text.replacen("\r\n", "\r\nSet-Cookie: session=4711\r\n", 1)
                .into_bytes()
        };
        let mut first = Connection::new(client, ACS);
        let mut frames = first.open();
        frames.extend(first.send(0, &wire::post(&wire::inform("A1", "1 BOOT")), 1448));
        frames.extend(first.send(1, &with_cookie(wire::reply(&response)), 1448));
        frames.extend(first.close());
        let mut second = Connection::new(again, ACS);
        frames.extend(second.open());
        let empty = "POST /acs HTTP/1.1\r\nHost: acs.example.net:7547\r\nCookie: session=4711\r\nContent-Length: 0\r\n\r\n";
        frames.extend(second.send(0, empty.as_bytes(), 1448));
        frames.extend(second.send(1, &wire::reply(""), 1448));
        frames.extend(second.close());
        frames
    };
    let nat = |port| Endpoint::new([198, 51, 100, 7], port);
    let analysis = beside(
        &over_two(phone(1, 40_000), phone(1, 40_001)),
        &over_two(nat(61_000), nat(61_001)),
    );
    assert_eq!(outcomes(&analysis), [("complete", 4)]);
    assert_eq!(analysis.summary.tcp.copies, 2);
}

#[test]
fn on_two_vlans() {
    let plain = session(phone(1, 40_000), ACS, "A1");
    let tagged = |frame: &Vec<u8>| {
        let mut tagged = frame.clone();
        tagged.splice(12..12, [0x81, 0, 0, 42]);
        tagged
    };
    let frames: Vec<Vec<u8>> = plain
        .iter()
        .flat_map(|frame| [frame.clone(), tagged(frame)])
        .collect();
    let analysis = memory::analyse_bytes(wire::capture(&frames, 50));
    assert_eq!(outcomes(&analysis), [("complete", 4)]);
    let tcp = &analysis.summary.tcp;
    assert_eq!(
        (tcp.connections, tcp.gaps, tcp.overlap_conflicts, tcp.copies),
        (1, 0, 0, 0)
    );
    assert!(tcp.retransmissions > 0);
}

#[test]
fn other_devices_are_no_copies() {
    let two = beside(
        &session(phone(1, 40_000), ACS, "A1"),
        &session(phone(2, 40_000), ACS, "A2"),
    );
    assert_eq!(outcomes(&two), [("complete", 4), ("complete", 4)]);
    // The same words of two clients, which tell nothing of who they are.
    let probe = |client| {
        let mut connection = Connection::new(client, ACS);
        let mut frames = connection.open();
        frames.extend(connection.send(0, &wire::post(""), 1448));
        let challenge = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"acs\"\r\nContent-Length: 0\r\n\r\n";
        frames.extend(connection.send(1, challenge, 1448));
        frames
    };
    let probes = beside(&probe(phone(1, 40_000)), &probe(phone(2, 40_000)));
    assert_eq!(probes.summary.tcp.copies, 0);
    // The same device, again, on a connection of its own.
    let again = beside(
        &session(phone(1, 40_000), ACS, "A1"),
        &session(phone(1, 40_001), ACS, "A1"),
    );
    assert_eq!(again.summary.tcp.copies, 0);
}
