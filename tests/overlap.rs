//! Bytes that come twice and are not the same: both versions are shown, each with its frame, and no secret through them.

#[path = "support/fragments.rs"]
mod fragments;
#[path = "support/memory.rs"]
mod memory;
mod support;

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use support::shared;
use support::wire::{self, ACK, Connection, Endpoint, PSH};

fn connection() -> Connection {
    Connection::new(
        Endpoint::new([10, 0, 0, 1], 40_000),
        Endpoint::new([203, 0, 113, 10], 7547),
    )
}

/// A segment of the CPE with the bytes `from` to `to` of what it says, behind the handshake.
fn segment(connection: &Connection, said: &[u8], from: usize, to: usize) -> Vec<u8> {
    let sequence = connection.next[0].wrapping_add(from as u32);
    let (cpe, acs) = (connection.client, connection.server);
    let flags = ACK | PSH;
    wire::tcp(
        cpe,
        acs,
        sequence,
        connection.next[1],
        flags,
        &said[from..to],
    )
}

/// What the binary prints for these frames, the first of which has the number 1.
fn run(frames: &[Vec<u8>], arguments: &[&str]) -> String {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), wire::capture(frames, 100)).expect("the capture is written");
    run_on(file.path(), arguments)
}

/// The same for a file, which stands behind the arguments, or where they say `FILE`.
fn run_on(capture: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_informant"));
    for argument in arguments {
        match *argument {
            "FILE" => command.arg(capture),
            argument => command.arg(argument),
        };
    }
    if !arguments.contains(&"FILE") {
        command.arg(capture);
    }
    let run = command
        .env("COLUMNS", "150")
        .env("NO_COLOR", "1")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .expect("the binary runs");
    // 3: the recording is cut short.
    let complaints = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(
        matches!(run.status.code(), Some(0 | 3)),
        "{arguments:?}: {complaints}"
    );
    String::from_utf8(run.stdout).expect("the output is UTF-8")
}

/// The records of HTTP messages.
fn records(frames: &[Vec<u8>], more: &[&str]) -> Vec<Value> {
    let arguments = [&["messages", "-T", "ndjson"], more].concat();
    let text = run(frames, &arguments);
    let records = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"));
    records
        .filter(|record: &Value| record["protocol"] == "http")
        .collect()
}

/// The overlaps of the only HTTP message.
fn overlaps(frames: &[Vec<u8>], more: &[&str]) -> Value {
    let records = records(frames, more);
    assert_eq!(records.len(), 1, "{records:?}");
    records[0]["overlaps"].clone()
}

/// Where this stands in a message.
fn place(message: &[u8], wanted: &str) -> usize {
    let mut windows = message.windows(wanted.len());
    let found = windows.position(|part| part == wanted.as_bytes());
    found.expect("it stands in the message")
}

fn inform(serial_number: &str) -> Vec<u8> {
    wire::post(&wire::inform(serial_number, "1 BOOT"))
}

#[test]
fn both_versions_of_a_segment_are_shown_under_both_policies() {
    let mut connection = connection();
    let mut frames = connection.open();
    let [one, two] = ["SERIAL-ONE", "SERIAL-TWO"].map(inform);
    let at = place(&one, "SERIAL-");
    frames.push(segment(&connection, &one, at - 20, at + 30));
    frames.push(segment(&connection, &two, at - 20, at + 30));
    frames.push(segment(&connection, &one, at + 30, one.len()));
    frames.push(segment(&connection, &one, 0, at - 20));
    assert_eq!(
        overlaps(&frames, &["--overlap", "first"]),
        json!([{"offset": at + 7, "bytes": 3, "frames": [4, 5], "kept": "ONE", "other": "TWO"}])
    );
    assert_eq!(
        overlaps(&frames, &["--overlap", "last"]),
        json!([{"offset": at + 7, "bytes": 3, "frames": [5, 4], "kept": "TWO", "other": "ONE"}])
    );
}

#[test]
fn both_versions_of_a_fragment_are_shown_under_both_policies() {
    let mut connection = connection();
    let mut frames = connection.open();
    let messages = ["SERIAL-ONE", "SERIAL-TWO"].map(inform);
    let at = place(&messages[0], "SERIAL-");
    let [one, two] = messages.map(|message| segment(&connection, &message, 0, message.len()));
    // Behind Ethernet and IP; the TCP header is 20 bytes.
    let (a, b) = (&one[34..], &two[34..]);
    let from = (at + 20) / 8 * 8;
    let to = from + 64;
    frames.push(fragments::fragment(&one, 7, from, &a[from..to], true));
    frames.push(fragments::fragment(&two, 7, from, &b[from..to], true));
    frames.push(fragments::fragment(&one, 7, to, &a[to..], false));
    frames.push(fragments::fragment(&one, 7, 0, &a[..from], true));
    for threads in ["1", "4"] {
        assert_eq!(
            overlaps(&frames, &["--overlap", "first", "--threads", threads]),
            json!([{"offset": at + 7, "bytes": 3, "frames": [4, 5], "kept": "ONE", "other": "TWO"}])
        );
        assert_eq!(
            overlaps(&frames, &["--overlap", "last", "--threads", threads]),
            json!([{"offset": at + 7, "bytes": 3, "frames": [5, 4], "kept": "TWO", "other": "ONE"}])
        );
    }
}

#[test]
fn fragments_of_what_is_not_read_are_counted_apart() {
    let mut connection = connection();
    let frame = segment(&connection, &[b'x'; 100], 0, 100);
    let mut frames = connection.open();
    for byte in [1, 2] {
        let mut fragment = fragments::fragment(&frame, 7, 0, &[byte; 64], true);
        // UDP, and a packet that never becomes whole.
        fragment[23] = 17;
        frames.push(fragment);
    }
    let summary: Value =
        serde_json::from_str(&run(&frames, &["summary", "-T", "json"])).expect("JSON");
    assert_eq!(summary["packets"]["fragment_conflicts"], 1);
    assert_eq!(summary["tcp"]["overlap_conflicts"], 0);
}

#[test]
fn what_was_read_is_held_against_what_comes_again_while_its_message_lasts() {
    for policy in ["first", "last"] {
        let mut connection = connection();
        let mut frames = connection.open();
        let [one, two] = ["SERIAL-ONE", "SERIAL-TWO"].map(inform);
        let at = place(&one, "SERIAL-");
        frames.push(segment(&connection, &one, 0, at));
        frames.push(segment(&connection, &one, at, at + 30));
        frames.push(segment(&connection, &two, at - 20, at + 30));
        frames.push(segment(&connection, &one, at + 30, one.len()));
        // After its end nothing of it is at hand.
        frames.push(segment(&connection, &two, 0, two.len()));
        assert_eq!(
            overlaps(&frames, &["--overlap", policy]),
            json!([{"offset": at + 7, "bytes": 3, "frames": [5, 6], "kept": "ONE", "other": "TWO"}])
        );
    }
}

#[test]
fn each_of_two_messages_has_its_part() {
    let mut connection = connection();
    let mut frames = connection.open();
    let first = b"GET /one HTTP/1.1\r\nHost: a.example\r\nX: 123\r\n\r\n";
    let second = b"GET /two HTTP/1.1\r\nHost: a.example\r\n\r\n";
    let said = [first.as_slice(), second].concat();
    let (from, to) = (first.len() - 6, first.len() + 3);
    let mut other = said.clone();
    other[from..to].copy_from_slice(b"abcdefghi");
    frames.push(segment(&connection, &said, 10, said.len()));
    frames.push(segment(&connection, &other, from - 5, to + 5));
    frames.push(segment(&connection, &said, 0, 10));
    let records = records(&frames, &[]);
    let found: Vec<&Value> = records.iter().map(|record| &record["overlaps"]).collect();
    // The second was whole before the first, whose first bytes came last.
    assert_eq!(
        found,
        [
            &json!([{"offset": 0, "bytes": 3, "frames": [4, 5], "kept": "GET", "other": "ghi"}]),
            &json!([{"offset": from, "bytes": 6, "frames": [4, 5], "kept": "23\r\n\r\n", "other": "abcdef"}]),
        ]
    );
}

#[test]
fn what_people_read_says_it_too() {
    let mut connection = connection();
    let mut frames = connection.open();
    let [one, two] = ["SERIAL-ONE", "SERIAL-\u{1b}[m"].map(inform);
    let at = place(&one, "SERIAL-");
    frames.push(segment(&connection, &one, at - 20, one.len()));
    frames.push(segment(&connection, &two, at - 20, two.len()));
    frames.push(segment(&connection, &one, 0, at - 20));
    let shown = run(&frames, &["show", "FILE", "1"]);
    let expected = format!(
        "   ! 3 bytes at byte {} of the message came with other content too\n      frame 4, read: ONE\n      frame 5, not read: \\x1b[m\n",
        at + 7
    );
    assert!(shown.contains(&expected), "{shown}");
    let lines = run(&frames, &["messages"]);
    assert!(lines.contains("  1 overlap\n"), "{lines}");
    let ladder = run(&frames, &["flow"]);
    assert!(ladder.contains("Inform ! overlap"), "{ladder}");
    let selected = run(
        &frames,
        &[
            "messages",
            "-T",
            "ndjson",
            "-Y",
            "overlaps.kept == ONE and overlaps.frames == 5",
        ],
    );
    assert_eq!(selected.lines().count(), 1);
    let none = run(
        &frames,
        &["messages", "-T", "ndjson", "-Y", "overlaps.other == ONE"],
    );
    assert_eq!(none, "");
}

/// Frames of one message in two versions: all but its first bytes come twice.
fn twice(one: &[u8], two: &[u8]) -> Vec<Vec<u8>> {
    assert_eq!(one.len(), two.len());
    let mut connection = connection();
    let mut frames = connection.open();
    for said in [one, two] {
        // Each part in a segment of its own, so that every difference is told by itself.
        for start in (10..said.len()).step_by(16) {
            frames.push(segment(
                &connection,
                said,
                start,
                said.len().min(start + 16),
            ));
        }
    }
    frames.push(segment(&connection, one, 0, 10));
    frames
}

fn set_parameter(name: &str, value: &str) -> Vec<u8> {
    wire::post(&wire::envelope(
        "1",
        &format!(
            "<cwmp:SetParameterValues><ParameterList><ParameterValueStruct><Name>Device.ManagementServer.{name}</Name>\
             <Value>{value}</Value></ParameterValueStruct></ParameterList></cwmp:SetParameterValues>"
        ),
    ))
}

fn with_header(line: &str) -> Vec<u8> {
    format!("GET / HTTP/1.1\r\nHost: a.example\r\n{line}\r\n\r\n").into_bytes()
}

fn chunked(value: &str) -> Vec<u8> {
    let body = wire::envelope("1", &format!("<Kicked><Command>{value}</Command></Kicked>"));
    format!(
        "POST / HTTP/1.1\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    )
    .into_bytes()
}

#[test]
fn no_secret_is_shown_through_either_version() {
    for (what, one, two) in [
        (
            "the value of a secret parameter",
            set_parameter("Password", "AAAsecret"),
            set_parameter("Password", "BBBsecret"),
        ),
        (
            "the value of what only the other version calls a secret",
            set_parameter("Username", "AAAsecret"),
            set_parameter("Password", "BBBsecret"),
        ),
        (
            "the value of what only the version read calls a secret",
            set_parameter("Password", "AAAsecret"),
            set_parameter("Username", "BBBsecret"),
        ),
        (
            "a header field",
            with_header("Authorization: Basic AAAsecret"),
            with_header("Authorization: Basic BBBsecret"),
        ),
        (
            "a header field that only the other version has",
            with_header("X-Something-Elsewhr: AAAsecret"),
            with_header("Proxy-Authorization: BBBsecret"),
        ),
        (
            "a body whose secrets cannot be told by their place",
            chunked("AAAsecret"),
            chunked("BBBsecret"),
        ),
    ] {
        let frames = twice(&one, &two);
        let commands: [&[&str]; 3] = [&["messages", "-T", "ndjson"], &["messages"], &["flow"]];
        for arguments in commands {
            for policy in ["first", "last"] {
                let text = run(&frames, &[arguments, &["--overlap", policy]].concat());
                if arguments.len() == 3 {
                    assert!(text.contains("\"overlaps\":[{"), "{what}: {text}");
                }
                for secret in ["AAA", "BBB"] {
                    // A value that its name makes no secret is shown as what was read, and only there.
                    let argument = format!("\"value\":\"{secret}secret\"");
                    let header = format!("\"{secret}secret\"]");
                    let text = text.replace(&argument, "").replace(&header, "");
                    assert!(!text.contains(secret), "{what}, {arguments:?}: {text}");
                }
            }
        }
        let text = run(&frames, &["messages", "-T", "ndjson", "--show-secrets"]);
        assert!(
            text.contains("BBB") && text.contains("AAA"),
            "{what}: {text}"
        );
    }
}

#[test]
fn versions_of_a_message_are_bounded_and_the_bound_is_told() {
    let mut connection = connection();
    let mut frames = connection.open();
    let message = inform("SERIAL-ONE");
    let at = place(&message, "SERIAL-ONE");
    frames.push(segment(&connection, &message, at, message.len()));
    for number in 0..40 {
        let other = inform(&format!("SERIAL-{number:03}"));
        frames.push(segment(&connection, &other, at, at + 10));
    }
    frames.push(segment(&connection, &message, 0, at));
    let found = overlaps(&frames, &[]);
    assert_eq!(found.as_array().map(Vec::len), Some(16));
    let summary: Value =
        serde_json::from_str(&run(&frames, &["summary", "-T", "json"])).expect("JSON");
    assert_eq!(summary["tcp"]["overlap_conflicts"], 40);
    assert_eq!(summary["limits_reached"]["overlaps_a_message_max"], 24);
}

/// Wireshark's own capture of bad segments says in its bytes which of them a reader should ignore.
#[test]
fn the_bad_segments_of_wireshark() {
    let Some(capture) = shared("captures/http-torture/wireshark__captures__tcp-badsegments.pcap")
    else {
        return;
    };
    for policy in ["first", "last"] {
        let text = run_on(&capture, &["messages", "-T", "ndjson", "--overlap", policy]);
        let record: Value = serde_json::from_str(&text).expect("one message");
        assert_eq!(
            record["overlaps"],
            json!([
                {"offset": 66, "bytes": 14, "frames": [9, 11], "kept": "Overlap-Packet", "other": "BADOVERLAPHEAD"},
                {"offset": 74, "bytes": 6, "frames": [9, 10], "kept": "Packet", "other": "IGNORE"},
            ])
        );
        let headers = record["headers"].to_string();
        assert!(
            headers.contains("[\"X-Overlap-Packet\",\"extra data--\"]"),
            "{headers}"
        );
    }
}

/// Every recording of the collection that is said to hold overlaps, and those in which tshark sees a contradiction.
#[test]
fn tshark_sees_the_same_contradictions() {
    let (Some(folder), Some(manifest)) = (shared("captures"), shared("captures/MANIFEST.tsv"))
    else {
        return;
    };
    let manifest = std::fs::read_to_string(manifest).expect("the manifest is readable");
    let said = manifest.lines().filter_map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let exercises = columns
            .iter()
            .any(|column| column.split(',').any(|word| word == "overlap"));
        let path = *columns.first()?;
        (exercises && path.starts_with("http-torture/")).then_some(path)
    });
    let mut paths: Vec<&str> = said.collect();
    assert!(
        paths.len() >= 5,
        "the manifest names recordings with overlaps"
    );
    paths.push("http-torture/wireshark__captures__tcp-badsegments.pcap");
    paths.push("http-torture/zeek__ipv4__fragmented-1.pcap");
    let mut seen = 0;
    for path in paths {
        let capture = folder.join(path);
        let Some(theirs) = conflicts_of_tshark(&capture) else {
            eprintln!("skipped: tshark is absent");
            return;
        };
        seen += theirs;
        let summary: Value =
            serde_json::from_str(&run_on(&capture, &["summary", "-T", "json"])).expect("JSON");
        let count = |value: &Value| value.as_u64().unwrap_or(0);
        let ours = count(&summary["tcp"]["overlap_conflicts"])
            + count(&summary["packets"]["fragment_conflicts"]);
        // tshark does not look at a segment that repeats only old bytes, such as frame 10 of the bad segments.
        assert!(
            ours >= theirs && (theirs > 0) == (ours > 0),
            "{path}: {ours}, tshark {theirs}"
        );
    }
    assert!(seen >= 2, "tshark sees {seen}");
}

/// Frames that tshark finds in contradiction with earlier ones.
fn conflicts_of_tshark(capture: &Path) -> Option<u64> {
    let wanted = "tcp.segment.overlap.conflict or ip.fragment.overlap.conflict";
    let run = Command::new("tshark")
        .arg("-r")
        .arg(capture)
        .args(["-Y", wanted, "-T", "fields", "-e", "frame.number"])
        .output()
        .ok()?;
    Some(String::from_utf8_lossy(&run.stdout).lines().count() as u64)
}

#[test]
fn a_segment_that_contradicts_a_message_which_is_over_is_counted() {
    let phone = Endpoint::new([10, 0, 0, 1], 40_000);
    let acs = Endpoint::new([203, 0, 113, 10], 7547);
    let mut connection = Connection::new(phone, acs);
    let mut frames = connection.open();
    let before = connection.next;
    frames.extend(connection.send(0, &wire::post(&wire::inform("FORGED", "1 BOOT")), 1448));
    // The same numbers, other bytes: one of the two is a forgery.
    let again = wire::post(&wire::inform("GENUIN", "1 BOOT"));
    frames.push(wire::tcp(phone, acs, before[0], before[1], ACK, &again));
    let analysis = memory::analyse_bytes(wire::capture(&frames, 50));
    assert_eq!(analysis.summary.tcp.overlap_conflicts, 1);
}
