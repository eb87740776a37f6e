//! The largest things a capture may hold, each with its time and its memory.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::child::{Feed, Run};
use crate::support::wire;
use crate::traffic::{Traffic, acs, connection, cpe};

fn summary() -> Feed {
    Feed::new(&["summary", "-T", "json", "-q", "-"])
}

/// Prints what it cost, and holds it to bounds: of time, which leaves room for a slow machine where nothing else is
/// said, and of memory.
fn within(run: &Run, what: &str, seconds: u64, memory_mib: u64) {
    bounded(run.took, run.memory_bytes, what, seconds, memory_mib);
}

fn bounded(took: Duration, memory_bytes: u64, what: &str, seconds: u64, memory_mib: u64) {
    let (took_ms, memory) = (took.as_millis(), memory_bytes >> 20);
    eprintln!("{what}: {took_ms} ms, {memory} MiB");
    assert!(took < Duration::from_secs(seconds), "{what}: {took:?}");
    assert!(
        memory_bytes < memory_mib << 20,
        "{what}: {memory_bytes} bytes"
    );
}

/// The time and the highest memory of `messages`, which keeps what `summary` only counts, over this capture.
fn messages(capture: &[u8], threads: &str) -> (Duration, u64) {
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_informant"))
        .args(["messages", "-q", "--threads", threads, "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let mut input = child.stdin.take().expect("standard input is piped");
    input.write_all(capture).expect("the binary reads");
    // Only what lies further back than a pipe and a window hold has surely been read.
    let mut idle = Traffic::new();
    let nowhere = |last: u8| wire::Endpoint::new([192, 0, 2, last], 9);
    for _ in 0..1_000 {
        idle.frame(&wire::tcp(
            nowhere(1),
            nowhere(2),
            1,
            1,
            wire::ACK,
            &[0; 1400],
        ));
    }
    let frames = idle.bytes.get(wire::pcap_head().len()..);
    input
        .write_all(frames.unwrap_or_default())
        .expect("the binary reads");
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
    drop(input);
    assert!(child.wait().is_ok_and(|status| status.success()));
    let status = status.unwrap_or_default();
    let highest = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = highest.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    (begun.elapsed(), kib.unwrap_or(0) << 10)
}

/// One message of a device, and an ordinary session of another behind it.
fn one_message(head: &str, body: impl IntoIterator<Item = Vec<u8>>) -> Run {
    let mut feed = summary();
    let mut connection = connection(1);
    feed.frames(connection.open());
    feed.frames(connection.send(0, head.as_bytes(), 60_000));
    for part in body {
        feed.frames(connection.send(0, &part, 60_000));
    }
    feed.frames(connection.close());
    feed.frames(wire::session(cpe(2), acs(), "GENUINE", 1448));
    let run = feed.finish();
    let genuine = &run.summary["devices"];
    assert!(
        genuine.to_string().contains("GENUINE"),
        "the genuine session: {}",
        run.summary
    );
    run
}

fn head(length: usize, fields: &str) -> String {
    format!(
        "POST /acs HTTP/1.1\r\nHost: acs\r\nContent-Type: text/xml\r\nSOAPAction: \"\"\r\n{fields}Content-Length: {length}\r\n\r\n"
    )
}

/// A body of a gibibyte, compressed: an envelope's beginning and spaces.
fn gibibyte() -> Vec<Vec<u8>> {
    // One mebibyte of spaces behind a full flush stands for itself wherever it stands, so that 1,024 copies are a stream.
    let mut deflate = flate2::Compress::new_with_window_bits(Compression::new(9), false, 15);
    let mut coded = |bytes: &[u8]| {
        let mut coded = Vec::with_capacity(1 << 16);
        let status = deflate.compress_vec(bytes, &mut coded, flate2::FlushCompress::Full);
        status.expect("spaces compress");
        coded
    };
    let envelope = wire::envelope("1", "<a>");
    let start = envelope.split("</soap:Body>").next().unwrap_or_default();
    let start = coded(start.as_bytes());
    let spaces = coded(&vec![b' '; 1 << 20]);
    let gzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255].to_vec();
    let parts = [gzip, start].into_iter();
    parts.chain(std::iter::repeat_n(spaces, 1024)).collect()
}

#[test]
fn a_gibibyte_in_one_mebibyte() {
    let body = gibibyte();
    let length = body.iter().map(Vec::len).sum();
    assert!(length < 2 << 20, "{length} bytes for a gibibyte");
    let head = head(length, "Content-Encoding: gzip\r\n");
    let run = one_message(&head, body.iter().cloned());
    // Reliability goal 8: under a second.
    within(&run, "a gzip bomb of 1 GiB", 1, 128);
    assert_ne!(
        run.summary["limits_reached"]["http.message_bytes_max"],
        serde_json::Value::Null,
        "{}",
        run.summary
    );
    let mut traffic = Traffic::of_size(usize::MAX);
    traffic.message(1, &[head.into_bytes(), body.concat()].concat(), 60_000);
    for threads in ["1", "8"] {
        let (took, memory_bytes) = messages(&traffic.bytes, threads);
        let what = format!("the same as a message, {threads} threads");
        bounded(took, memory_bytes, &what, 1, 128);
    }
}

#[test]
fn small_bodies_that_are_large_when_decoded() {
    let number = |at: usize| {
        if at.is_multiple_of(13) {
            at * 7919 % 9973
        } else {
            1
        }
    };
    let value = |at: usize| {
        let value = number(at);
        format!(
            "<ParameterValueStruct><Name>Device.A.B</Name><Value>1{value:04}</Value></ParameterValueStruct>"
        )
    };
    let values: String = (0..10_000).map(value).collect();
    let text = wire::envelope(
        "2",
        &format!(
            "<cwmp:GetParameterValuesResponse><ParameterList>{values}</ParameterList></cwmp:GetParameterValuesResponse>"
        ),
    );
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(9));
    encoder.write_all(text.as_bytes()).expect("text compresses");
    let body = encoder.finish().expect("text compresses");
    let ratio = text.len() / body.len();
    assert!((100..200).contains(&ratio), "an honest ratio: {ratio}");
    let message = [
        head(body.len(), "Content-Encoding: gzip\r\n").into_bytes(),
        body,
    ]
    .concat();
    let mut traffic = Traffic::of_size(MANY_BYTES);
    for number in 0.. {
        traffic.message(number, &message, 1448);
        if traffic.is_full() {
            break;
        }
    }
    // The allocator keeps for each thread what others gave back.
    for (threads, memory_mib) in [("1", 128), ("8", 384)] {
        let (took, memory_bytes) = messages(&traffic.bytes, threads);
        let what = format!("bodies compressed {ratio}:1, {threads} threads");
        bounded(took, memory_bytes, &what, 20, memory_mib);
    }
}

#[test]
fn a_million_parameters() {
    let envelope = wire::envelope(
        "1",
        "<cwmp:GetParameterValuesResponse><ParameterList>|</ParameterList></cwmp:GetParameterValuesResponse>",
    );
    let (start, end) = envelope.split_once('|').unwrap_or_default();
    let thousand = "<ParameterValueStruct><Name>A.B</Name><Value>1</Value></ParameterValueStruct>"
        .repeat(1000);
    let length = start.len() + end.len() + 1000 * thousand.len();
    let parts = std::iter::repeat_n(thousand.into_bytes(), 1000);
    let body = [start.into()].into_iter().chain(parts).chain([end.into()]);
    let run = one_message(&head(length, ""), body);
    within(&run, "a million parameters", 5, 256);
    assert_eq!(
        run.summary["limits_reached"]["http.message_bytes_max"], 1,
        "{}",
        run.summary
    );
    assert_eq!(
        run.summary["cwmp"]["messages"]["GetParameterValuesResponse"],
        1
    );
}

#[test]
fn messages_just_within_the_bound_are_read_whole() {
    let envelope = wire::envelope(
        "1",
        "<cwmp:GetParameterValuesResponse><ParameterList>|</ParameterList></cwmp:GetParameterValuesResponse>",
    );
    let (start, end) = envelope.split_once('|').unwrap_or_default();
    let thousand = format!(
        "<ParameterValueStruct><Name>A.B</Name><Value>{}</Value></ParameterValueStruct>",
        "1".repeat(900)
    )
    .repeat(1000);
    let parts = || {
        let values = std::iter::repeat_n(thousand.as_str(), 15);
        [start].into_iter().chain(values).chain([end])
    };
    let counted = head(parts().map(str::len).sum(), "");
    let run = one_message(&counted, parts().map(|part| part.as_bytes().to_vec()));
    within(&run, "a message of 14 MiB", 5, 256);
    assert_eq!(
        run.summary["limits_reached"],
        serde_json::json!({}),
        "with its length"
    );
    let chunked = "POST / HTTP/1.1\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = |part: &str| format!("{:x}\r\n{part}\r\n", part.len()).into_bytes();
    let run = one_message(chunked, parts().map(chunk).chain([b"0\r\n\r\n".to_vec()]));
    within(&run, "a chunked message of 14 MiB", 5, 256);
    assert_eq!(
        run.summary["limits_reached"],
        serde_json::json!({}),
        "chunked"
    );
}

#[test]
fn elements_nested_100_000_deep() {
    let body = wire::envelope(
        "1",
        &format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000)),
    );
    let run = one_message(&head(body.len(), ""), [body.into_bytes()]);
    within(&run, "100,000 elements in each other", 1, 64);
    assert_eq!(run.summary["http"]["requests"], 3, "{}", run.summary);
}

#[test]
fn a_head_of_16_mebibytes() {
    let long = format!("X: {}\r\n", "x".repeat(16 << 20));
    let many = "X: xxxxxxxxxxx\r\n".repeat(1 << 20);
    for (what, fields) in [
        ("a field of 16 MiB", long),
        ("a head of a million fields", many),
    ] {
        let run = one_message(&head(0, &fields), []);
        within(&run, what, 1, 64);
    }
}

/// What the rules keep of a session is its Inform, and requests without an answer.
#[test]
fn large_messages_of_open_sessions() {
    let entries = "<a/>".repeat(250_000);
    let inform = |number: u32| {
        let inform = wire::inform(&format!("S{number}"), "2 PERIODIC");
        inform.replace("</ParameterList>", &format!("{entries}</ParameterList>"))
    };
    let mut feed = summary();
    for number in 0..20 {
        let mut connection = connection(number);
        feed.frames(connection.open());
        feed.frames(connection.send(0, &wire::post(&inform(number)), 60_000));
    }
    within(
        &feed.finish(),
        "20 Informs of a megabyte in open sessions",
        20,
        256,
    );
    let mut feed = summary();
    let mut connection = connection(1);
    feed.frames(connection.open());
    feed.frames(connection.send(0, &wire::post(&wire::inform("S", "2 PERIODIC")), 60_000));
    for id in 0..20 {
        let names = format!(
            "<cwmp:GetParameterValues><ParameterNames>{entries}</ParameterNames></cwmp:GetParameterValues>"
        );
        let asked = wire::envelope(&id.to_string(), &names);
        feed.frames(connection.send(1, &wire::reply(&asked), 60_000));
        let other = wire::envelope("other", "<cwmp:RebootResponse/>");
        feed.frames(connection.send(0, &wire::post(&other), 60_000));
    }
    within(
        &feed.finish(),
        "20 requests of a megabyte without an answer",
        20,
        256,
    );
}

#[test]
fn sessions_of_60_000_devices() {
    let mut feed = summary();
    for number in 0..60_000 {
        feed.frames(wire::session(
            cpe(number),
            acs(),
            &format!("S{number}"),
            1448,
        ));
    }
    let run = feed.finish();
    within(&run, "60,000 sessions", 20, 256);
    assert_eq!(run.summary["cwmp"]["sessions"], 60_000);
    assert_eq!(run.summary["cwmp"]["messages"]["InformResponse"], 60_000);
    assert_eq!(run.summary["limits_reached"], serde_json::json!({}));
}

/// Bytes of a capture of small compressed bodies: as many as several batches hold.
const MANY_BYTES: usize = 2 << 20;
