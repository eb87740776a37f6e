//! Connections made to be read in two ways, end to end: tunnels, proxies, answers without questions and the other way round.
//!
//! What lies within one direction is tested in `dissectors/http1/tests/messages/desync.rs`; here is what takes both.

mod support;

use http1::Kind;
use support::wire::{Connection, Endpoint, capture, envelope, inform, post, reply};
use support::{Analysis, analyse_file};

const CLIENT: usize = 0;
const SERVER: usize = 1;

/// Something said, by whom, and whether the capture has it.
struct Said(usize, &'static [u8], bool);

fn asked(bytes: &'static str) -> Said {
    Said(CLIENT, bytes.as_bytes(), true)
}

fn answered(bytes: &'static str) -> Said {
    Said(SERVER, bytes.as_bytes(), true)
}

fn lost(Said(side, bytes, _): Said) -> Said {
    Said(side, bytes, false)
}

/// One connection from SYN to FIN on which this is said.
fn conversation(said: &[Said]) -> Analysis {
    let mut connection = connection();
    let mut frames = connection.open();
    for Said(side, bytes, captured) in said {
        let sent = connection.send(*side, bytes, 1400);
        // The other side has it, whatever the capture has.
        let acknowledged = connection.send(1 - side, b"-", 1);
        connection.next[1 - side] = connection.next[1 - side].wrapping_sub(1);
        frames.extend(sent.into_iter().filter(|_| *captured));
        frames.extend(acknowledged.into_iter().map(without_payload));
    }
    frames.extend(connection.close());
    read(&frames)
}

fn connection() -> Connection {
    Connection::new(
        Endpoint::new([10, 0, 0, 2], 40_112),
        Endpoint::new([10, 0, 0, 1], 7547),
    )
}

/// An acknowledgment alone.
fn without_payload(mut frame: Vec<u8>) -> Vec<u8> {
    frame.pop();
    frame[17] -= 1;
    frame
}

fn read(frames: &[Vec<u8>]) -> Analysis {
    let folder = tempfile::tempdir().expect("a folder for the capture");
    let path = folder.path().join("capture.pcap");
    std::fs::write(&path, capture(frames, 1000)).expect("the capture is written");
    analyse_file(&path)
}

/// Requests, responses, and bytes of neither.
fn counts(analysis: &Analysis) -> (u64, u64, u64) {
    let summary = &analysis.summary;
    (
        summary.http_requests,
        summary.http_responses,
        summary.http_stray_bytes,
    )
}

/// Bytes of the bodies of all responses.
fn response_bodies(analysis: &Analysis) -> Vec<u64> {
    analysis
        .messages
        .iter()
        .filter(|message| message.http.kind() == Kind::Response)
        .map(|message| message.http.body_bytes)
        .collect()
}

const GET: &str = "GET /in HTTP/1.1\r\nHost: in\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const CONNECT: &str = "CONNECT acs:7547 HTTP/1.1\r\nHost: acs\r\n\r\n";
const UPGRADE: &str = "GET /chat HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

/// RFC 9110 section 9.3.6.
#[test]
fn behind_a_granted_connect_nothing_is_http_in_either_direction() {
    let granted = "HTTP/1.1 200 Connection established\r\n\r\n";
    let tunnel = [
        asked(CONNECT),
        answered(granted),
        asked(GET),
        answered(OK),
        asked(GET),
        answered(OK),
    ];
    assert_eq!(counts(&conversation(&tunnel)), (1, 1, 0));
    // With a length that RFC 9110 section 9.3.6 lets nobody read.
    let granted = "HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n";
    let tunnel = [asked(CONNECT), answered(granted), asked(GET), answered(OK)];
    assert_eq!(counts(&conversation(&tunnel)), (1, 1, 0));
}

#[test]
fn a_refused_connect_leaves_the_connection_as_it_was() {
    let refused = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno";
    let said = [asked(CONNECT), answered(refused), asked(GET), answered(OK)];
    let analysis = conversation(&said);
    assert_eq!(counts(&analysis), (2, 2, 0));
    assert_eq!(response_bodies(&analysis), [2, 2]);
}

/// RFC 9110 section 15.2.2.
#[test]
fn behind_a_switch_of_protocols_nothing_is_http_in_either_direction() {
    let switched = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
    let said = [
        asked(UPGRADE),
        answered(switched),
        asked(GET),
        answered(OK),
        answered(OK),
    ];
    assert_eq!(counts(&conversation(&said)), (1, 1, 0));
    let ignored = [asked(UPGRADE), answered(OK), asked(GET), answered(OK)];
    assert_eq!(counts(&conversation(&ignored)), (2, 2, 0));
}

#[test]
fn answers_without_body_are_told_by_their_questions() {
    let head = "HEAD /1 HTTP/1.1\r\nHost: a\r\n\r\n";
    let empty = "HTTP/1.1 200 OK\r\nContent-Length: 700\r\n\r\n";
    let none = "HTTP/1.1 304 Not Modified\r\nContent-Length: 700\r\n\r\n";
    let said = [
        asked(head),
        answered(empty),
        asked(GET),
        answered(none),
        asked(GET),
        answered(OK),
    ];
    let analysis = conversation(&said);
    assert_eq!(counts(&analysis), (3, 3, 0));
    assert_eq!(response_bodies(&analysis), [0, 0, 2]);
}

#[test]
fn a_lost_question_or_answer_leaves_the_others_as_they_are() {
    let head = "HEAD /1 HTTP/1.1\r\nHost: a\r\n\r\n";
    let empty = "HTTP/1.1 200 OK\r\nContent-Length: 700\r\n\r\n";
    let said = [
        asked(GET),
        answered(OK),
        lost(asked(head)),
        answered(empty),
        asked(GET),
        answered(OK),
    ];
    let analysis = conversation(&said);
    assert_eq!(counts(&analysis), (2, 3, 0));
    assert_eq!(response_bodies(&analysis), [2, 0, 2]);
    let said = [
        asked(GET),
        answered(OK),
        asked(head),
        lost(answered(empty)),
        asked(GET),
        answered(OK),
    ];
    let analysis = conversation(&said);
    assert_eq!(counts(&analysis), (3, 2, 0));
    assert_eq!(response_bodies(&analysis), [2, 2]);
}

#[test]
fn one_side_alone_is_read() {
    let empty = "HTTP/1.1 200 OK\r\nContent-Length: 700\r\n\r\n";
    let said = [
        lost(asked(GET)),
        answered(OK),
        lost(asked(GET)),
        answered(empty),
        lost(asked(GET)),
        answered(OK),
    ];
    let analysis = conversation(&said);
    assert_eq!(counts(&analysis), (0, 3, 0));
    assert_eq!(response_bodies(&analysis), [2, 0, 2]);
    let said = [
        asked(GET),
        lost(answered(OK)),
        asked(GET),
        lost(answered(OK)),
    ];
    assert_eq!(counts(&conversation(&said)), (2, 0, 0));
}

/// RFC 9110 section 10.1.1.
#[test]
fn a_continued_request_is_one_with_two_answers() {
    let first = "POST /1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n";
    let goes_on = "HTTP/1.1 100 Continue\r\n\r\n";
    let said = [
        asked(first),
        answered(goes_on),
        asked("body"),
        answered(OK),
        asked(GET),
        answered(OK),
    ];
    let analysis = conversation(&said);
    assert_eq!(counts(&analysis), (2, 3, 0));
    assert_eq!(response_bodies(&analysis), [0, 2, 2]);
}

/// A length too large takes the front of the next message, and what is left of that belongs to none.
#[test]
fn a_length_too_large_loses_one_message_and_no_more() {
    let long = "POST /1 HTTP/1.1\r\nContent-Length: 7\r\n\r\nabc";
    let said = [
        asked(long),
        asked(GET),
        asked(GET),
        answered(OK),
        answered(OK),
        answered(OK),
    ];
    let analysis = conversation(&said);
    assert_eq!(counts(&analysis), (2, 3, GET.len() as u64 - 4));
}

/// RFC 1928: behind the handshake the connection is the one to the ACS.
#[test]
fn a_session_behind_a_socks_proxy_is_read() {
    let greetings: [[&[u8]; 2]; 2] = [
        [b"\x05\x01\x00", b"\x05\x00"],
        [
            b"\x05\x01\x00\x03\x07acs.net\x1d\x7b",
            b"\x05\x00\x00\x01\x0a\x00\x00\x01\x1d\x7b",
        ],
    ];
    // Behind three frames of the TCP handshake and two of each side.
    is_read_behind(&greetings, b"", 8);
}

#[test]
fn a_session_behind_a_proxy_that_says_who_asks_is_read() {
    let text = b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n";
    let binary = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x01\xc0\0\x02\x02\xdc\x04\x01\xbb";
    for said in [&text[..], &binary[..], b"PROXY UNKNOWN\r\n"] {
        is_read_behind(&[[said, b""]], b"", 5);
        is_read_behind(&[], said, 4);
        // The handshake was not captured.
        let mut connection = connection();
        connection.open();
        let asked = [said, &post(&inform("A1", "2 PERIODIC"))].concat();
        let mut frames = connection.send(CLIENT, &asked, 1400);
        frames.extend(connection.send(SERVER, &reply(""), 1400));
        let analysis = read(&frames);
        assert_eq!(counts(&analysis).0, 1);
        assert_eq!(analysis.sessions[0].events, ["2 PERIODIC"]);
    }
}

/// A session of two exchanges is read although this was said before, or stands before the first request in its segment;
/// the frame with this number holds the first bytes of the Inform.
fn is_read_behind(greetings: &[[&[u8]; 2]], glued: &[u8], first_frame: u64) {
    let response = envelope(
        "1",
        "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>",
    );
    let asked = [glued, &post(&inform("A1", "2 PERIODIC"))].concat();
    let messages = [[asked, reply(&response)], [post(""), reply("")]];
    let mut connection = connection();
    let mut frames = connection.open();
    for [client, server] in greetings {
        frames.extend(connection.send(CLIENT, client, 1400));
        frames.extend(connection.send(SERVER, server, 1400));
    }
    for [client, server] in &messages {
        frames.extend(connection.send(CLIENT, client, 1400));
        frames.extend(connection.send(SERVER, server, 1400));
    }
    frames.extend(connection.close());
    let analysis = read(&frames);
    assert_eq!(counts(&analysis), (2, 2, 0));
    let [session] = analysis.sessions.as_slice() else {
        panic!("one session: {:?}", analysis.sessions)
    };
    assert_eq!(session.outcome.name(), "complete");
    let first = analysis.messages.first().expect("the Inform is there");
    let frame = first.provenance.carried.first().expect("it has a frame");
    assert_eq!(frame.frame.number(), first_frame);
}
