//! Bytes that are sent twice and are not the same: `--overlap` says which are read, and the contradiction is counted.

use std::io::Cursor;
use std::process::Command;

use informant::pipeline::{Options, Overlap};

use crate::fragments::fragment;
use crate::memory::analyse_with;
use crate::support::Analysis;
use crate::support::wire::{self, ACK, Connection, Endpoint, PSH};

const CPE: ([u8; 4], u16) = ([10, 0, 0, 1], 40_000);
const ACS: ([u8; 4], u16) = ([203, 0, 113, 10], 7547);

fn connection() -> Connection {
    Connection::new(Endpoint::new(CPE.0, CPE.1), Endpoint::new(ACS.0, ACS.1))
}

/// An Inform of this device, as sent.
fn inform(serial_number: &str) -> Vec<u8> {
    wire::post(&wire::inform(serial_number, "1 BOOT"))
}

/// A segment of the CPE with these bytes of a message that begins right behind the handshake.
fn segment(connection: &Connection, message: &[u8], from: usize, to: usize) -> Vec<u8> {
    let sequence = connection.next[0].wrapping_add(from as u32);
    let (client, server) = (connection.client, connection.server);
    wire::tcp(
        client,
        server,
        sequence,
        connection.next[1],
        ACK | PSH,
        &message[from..to],
    )
}

fn analyse(frames: &[Vec<u8>], overlap: Overlap) -> Analysis {
    let options = Options {
        messages: true,
        overlap,
        ..Options::default()
    };
    analyse_with(Cursor::new(wire::capture(frames, 100)), &options)
}

/// The serial number that was read, and how many contradictions were counted.
fn read(frames: &[Vec<u8>], overlap: Overlap) -> (String, u64) {
    let analysis = analyse(frames, overlap);
    assert_eq!(analysis.summary.tcp.gaps, 0);
    assert_eq!(analysis.messages.len(), 1, "one message");
    let [session] = analysis.sessions.as_slice() else {
        panic!("{} sessions", analysis.sessions.len());
    };
    let serial_number = session.cpe.serial_number.clone().unwrap_or_default();
    (serial_number, analysis.summary.tcp.overlap_conflicts)
}

/// Both orders under both policies.
fn assert_policy(frames: impl Fn(&str, &str) -> Vec<Vec<u8>>, what: &str) {
    for (first, second) in [("SERIAL-A", "SERIAL-B"), ("SERIAL-B", "SERIAL-A")] {
        for (overlap, wanted) in [(Overlap::First, first), (Overlap::Last, second)] {
            let (serial_number, conflicts) = read(&frames(first, second), overlap);
            assert_eq!(
                serial_number, wanted,
                "{what}: {first}, then {second}, {overlap:?}"
            );
            assert_eq!(conflicts, 1, "{what}: {overlap:?}");
        }
    }
}

/// Where the serial number stands in the message.
fn place(message: &[u8]) -> usize {
    let wanted = b"SERIAL-";
    let found = message
        .windows(wanted.len())
        .position(|part| part == wanted);
    found.expect("the serial number is in the message")
}

#[test]
fn whole_segments_that_wait_for_earlier_bytes() {
    assert_policy(
        |first, second| {
            let mut connection = connection();
            let mut frames = connection.open();
            let [first, second] = [first, second].map(inform);
            let (from, to) = (place(&first) - 40, place(&first) + 100);
            frames.push(segment(&connection, &first, from, to));
            frames.push(segment(&connection, &second, from, to));
            frames.push(segment(&connection, &first, to, first.len()));
            frames.push(segment(&connection, &first, 0, from));
            frames
        },
        "the same bounds",
    );
}

#[test]
fn segments_that_overlap_in_part() {
    // The second begins before the first and ends within it, or begins within it and ends behind it.
    for (before, behind) in [(60, 20), (0, 60)] {
        assert_policy(
            |first, second| {
                let mut connection = connection();
                let mut frames = connection.open();
                let [first, second] = [first, second].map(inform);
                let at = place(&first);
                frames.push(segment(&connection, &first, at - 30, at + 30));
                frames.push(segment(&connection, &second, at - before, at + behind));
                let covered = (at - before.max(30), at + behind.max(30));
                frames.push(segment(&connection, &first, covered.1, first.len()));
                frames.push(segment(&connection, &first, 0, covered.0));
                frames
            },
            "parts",
        );
    }
}

#[test]
fn a_segment_that_fills_the_hole_and_contradicts_what_waits_behind_it() {
    assert_policy(
        |first, second| {
            let mut connection = connection();
            let mut frames = connection.open();
            let [first, second] = [first, second].map(inform);
            let at = place(&first);
            frames.push(segment(&connection, &first, at - 30, first.len()));
            frames.push(segment(&connection, &second, 0, at + 30));
            frames
        },
        "a hole filled",
    );
}

#[test]
fn what_was_read_stays_and_the_contradiction_is_counted() {
    for overlap in [Overlap::First, Overlap::Last] {
        let mut connection = connection();
        let mut frames = connection.open();
        let [first, second] = ["SERIAL-A", "SERIAL-B"].map(inform);
        let at = place(&first);
        frames.push(segment(&connection, &first, 0, at + 30));
        frames.push(segment(&connection, &second, at - 30, at + 30));
        frames.push(segment(&connection, &first, at + 30, first.len()));
        assert_eq!(
            read(&frames, overlap),
            ("SERIAL-A".to_owned(), 1),
            "{overlap:?}"
        );
    }
}

#[test]
fn fragments_of_an_ip_packet() {
    assert_policy(
        |first, second| {
            let mut connection = connection();
            let mut frames = connection.open();
            let [first, second] = [first, second].map(|serial_number| {
                let message = inform(serial_number);
                segment(&connection, &message, 0, message.len())
            });
            // Ethernet and IP are no payload; the cut is a multiple of 8 before the serial number.
            let (a, b) = (&first[34..], &second[34..]);
            let from = (place(a) - 24) / 8 * 8;
            let to = from + 64;
            frames.push(fragment(&first, 7, from, &a[from..to], true));
            frames.push(fragment(&second, 7, from, &b[from..to], true));
            frames.push(fragment(&first, 7, to, &a[to..], false));
            frames.push(fragment(&first, 7, 0, &a[..from], true));
            frames
        },
        "fragments",
    );
}

#[test]
fn the_option_of_the_command_line_decides() {
    let mut connection = connection();
    let mut frames = connection.open();
    let [first, second] = ["SERIAL-A", "SERIAL-B"].map(inform);
    let at = place(&first);
    frames.push(segment(&connection, &first, at - 30, first.len()));
    frames.push(segment(&connection, &second, at - 30, first.len()));
    frames.push(segment(&connection, &first, 0, at - 30));
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), wire::capture(&frames, 100)).expect("the capture is written");
    for (policy, read, unread) in [
        ("first", "SERIAL-A", "SERIAL-B"),
        ("last", "SERIAL-B", "SERIAL-A"),
    ] {
        let run = |command: &str| {
            let output = Command::new(env!("CARGO_BIN_EXE_informant"))
                .args([command, "-T", "json", "--overlap", policy])
                .arg(file.path())
                .output()
                .expect("the binary runs");
            assert!(output.status.success(), "{command} --overlap {policy}");
            String::from_utf8_lossy(&output.stdout).into_owned()
        };
        let messages = run("messages");
        assert!(
            messages.contains(read) && !messages.contains(unread),
            "--overlap {policy}: {messages}"
        );
        let summary: serde_json::Value =
            serde_json::from_str(&run("summary")).expect("the summary is JSON");
        assert_eq!(summary["tcp"]["overlap_conflicts"], 1, "--overlap {policy}");
    }
}
