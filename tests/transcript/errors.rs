//! Lines that are not what was expected: each is told with its number, and with an example that is right.

use informant::source::{Capture, SourceError};

use crate::read;

const FIRST: &str = "# informant transcript 1\n";
const GET: &str = ">> 10.0.0.2:40112 > 10.0.0.1:7547 @0\nGET / HTTP/1.1\n\n";

/// The problem of a transcript whose third block has these lines; they begin at line 8.
fn problem(lines: &str) -> String {
    let text = format!("{FIRST}{GET}{GET}{lines}");
    let analysis = read(&text);
    assert_eq!(analysis.summary.http_requests, 2, "{lines}");
    let [problem] = analysis.problems.as_slice() else {
        panic!("{lines}: {:?}", analysis.problems);
    };
    problem.clone()
}

#[test]
fn each_names_the_line_and_what_was_expected() {
    for (lines, number, expected) in WRONG {
        let lines = lines.replace("LINE", "<< 10.0.0.1:7547 > 10.0.0.2:40112 @1");
        let problem = problem(&format!("{lines}\n"));
        let start = format!("it.transcript: line {number}: ");
        assert!(
            problem.starts_with(&start) && problem.contains(expected),
            "{lines}: {problem}"
        );
        assert!(problem.contains(", such as '"), "{problem}");
        assert!(
            problem.chars().all(|character| !character.is_control()),
            "{problem}"
        );
    }
}

#[test]
fn what_is_no_block_line_before_the_first_block() {
    let analysis = read(&format!("{FIRST}\nPOST / HTTP/1.1\n"));
    assert!(analysis.problems[0].contains("line 3: a block line was expected"));
    assert_eq!(analysis.summary.files[0].frames, 0);
}

#[test]
fn other_versions_and_other_texts() {
    let analysis = read("# informant transcript 2\n");
    assert!(analysis.problems[0].contains("line 1: version 1 of transcripts was expected"));
    let open = |text: &'static str| Capture::from_reader("it", text.as_bytes());
    assert!(matches!(
        open("# informant\n"),
        Err(SourceError::NotACapture { .. })
    ));
    assert!(open("# informant transcript 1").is_ok());
}

#[test]
fn bounds_of_lines_and_blocks() {
    let long = "x".repeat((1 << 20) + 1);
    let line = problem(&format!(">> 10.0.0.2:1 > 10.0.0.1:1 @0 raw\n{long}\n"));
    assert!(
        line.contains("line 9: a line of 1048576 bytes at most"),
        "{line}"
    );
    let piece = format!("{}\\\n", "y".repeat(1 << 19));
    let block = problem(&format!(
        ">> 10.0.0.2:1 > 10.0.0.1:1 @0 raw\n{}",
        piece.repeat(41)
    ));
    assert!(
        block.contains("line 49: a block of 20971520 bytes at most"),
        "{block}"
    );
    let empty = problem(&format!(
        ">> 10.0.0.2:1 > 10.0.0.1:1 @0 raw\n{}x\n",
        "\n".repeat((20 << 20) + 2)
    ));
    assert!(
        empty.contains("a block of 20971520 bytes at most"),
        "{empty}"
    );
}

#[test]
fn a_file_may_end_anywhere() {
    let text = format!(
        "{FIRST}# started 2026-11-20T21:14:05Z\n{GET}>> 10.0.0.2:1 > 10.0.0.1:1 @0.25 udp\n00 ff\n"
    );
    let first = FIRST.len() + "# started 2026-11-20T21:14:05Z\n".len() + GET.len();
    for end in FIRST.len()..text.len() {
        let analysis = read(&text[..end]);
        assert!(
            analysis.problems.len() <= 1,
            "{end}: {:?}",
            analysis.problems
        );
        if end >= first {
            assert_eq!(analysis.summary.http_requests, 1, "{end}");
        }
    }
}

#[test]
fn more_connections_than_are_remembered_are_told() {
    let mut text = FIRST.to_owned();
    for connection in 0..70_000_u32 {
        let (port, last) = (1 + connection % 60_000, connection / 60_000);
        text.push_str(&format!(
            ">> 10.0.{last}.2:{port} > 10.0.0.1:7547 @0.{connection:06}\nGET / HTTP/1.1\n\n"
        ));
    }
    let analysis = read(&text);
    assert_eq!(analysis.problems, [""; 0]);
    let summary = &analysis.summary;
    assert_eq!(
        (summary.tcp.connections, summary.http_requests),
        (70_000, 70_000)
    );
    let forgotten = summary.limits_reached.get("transcript_connections");
    assert_eq!(forgotten, Some(&32_769));
}

/// Lines, the number of the wrong one, and what is said of it.
const WRONG: &[(&str, u64, &str)] = &[
    (">>", 8, "the source was expected as ADDRESS:PORT"),
    (">>x", 8, r"content that begins with \x3e or \x3c"),
    (">> 10.0.0.2 > 10.0.0.1:1 @0", 8, "the source was expected"),
    (
        ">> 10.0.0.2:1 > acs:7547 @0",
        8,
        "the destination was expected",
    ),
    (
        ">> 10.0.0.2:1 > 2001:db8::1:80 @0",
        8,
        "(IPv6: [ADDRESS]:PORT)",
    ),
    (">> 10.0.0.2:1 10.0.0.1:1 @0", 8, "'>' was expected"),
    (">> 10.0.0.2:1 > 10.0.0.1:1", 8, "the time was expected"),
    (">> 10.0.0.2:1 > 10.0.0.1:1 0.5", 8, "the time was expected"),
    (">> 10.0.0.2:1 > 10.0.0.1:1 @-1", 8, "seconds were expected"),
    (
        ">> 10.0.0.2:1 > 10.0.0.1:1 @0.0123456789",
        8,
        "nine decimals",
    ),
    (
        ">> 10.0.0.2:1 > 10.0.0.1:1 @99999999999999999999",
        8,
        "seconds were expected",
    ),
    ("LINE later", 8, "'later' is no word of a block line"),
    ("LINE \u{1b}[2J", 8, r"'\u{1b}[2J' is no word"),
    ("LINE since 2", 8, "no later than the block's time"),
    ("LINE since", 8, "seconds were expected"),
    ("LINE udp fin", 8, "one of the words"),
    ("LINE udp gzip", 8, "belong to a block with a message"),
    ("LINE raw chunked", 8, "raw was expected without"),
    ("LINE gzip gzip gzip", 8, "at most 2 codings"),
    ("LINE gap 0", 8, "a number of bytes"),
    ("LINE gap 4294967295", 8, "a number of bytes"),
    (
        "LINE fin\n\nGET /",
        10,
        "fin, rst, gap and quiet have no content",
    ),
    ("LINE tls\nversion: TLS 2", 9, "'TLS 2' is no version"),
    ("LINE tls\n\nsuite: TLS_NONE", 10, "'TLS_NONE' is no suite"),
    (
        "LINE tls\nkey: RSA 2048",
        9,
        "'key' says nothing of TLS here",
    ),
    (
        "LINE tls\ncertificate: CN=a\nvalid: 2026-01-01",
        10,
        "is no pair of times",
    ),
    ("LINE udp\n00 0g", 9, "hexadecimal digits"),
    ("LINE udp\n00 0\n\nLINE", 9, "whole bytes"),
    ("LINE\nHTTP/1.1 200 \\q", 9, r"'\\q' is no escape"),
    ("LINE raw\n\n\n\\x1", 11, "is no escape"),
    ("# started 2026-13-01T00:00:00Z", 8, "as RFC 3339 has it"),
    (
        "# started 2500-01-01T00:00:00Z",
        8,
        "between the years 1677 and 2262",
    ),
];
