//! The largest things a capture may hold, each with its time and its memory.

use std::time::Duration;

use crate::child::{Feed, Run};
use crate::support::wire;
use crate::traffic::{acs, connection, cpe};

fn summary() -> Feed {
    Feed::new(&["summary", "-T", "json", "-q", "-"])
}

/// Prints what it cost, and holds it to bounds that leave room for a slow machine.
fn within(run: &Run, what: &str, memory_mib: u64) {
    eprintln!(
        "{what}: {} ms, {} MiB",
        run.took.as_millis(),
        run.memory_bytes >> 20
    );
    assert!(run.took < Duration::from_secs(20), "{what}: {:?}", run.took);
    assert!(
        run.memory_bytes < memory_mib << 20,
        "{what}: {} bytes",
        run.memory_bytes
    );
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

#[test]
fn a_gibibyte_in_one_mebibyte() {
    // One mebibyte of spaces behind a full flush stands for itself wherever it stands, so that 1,024 copies are a stream.
    let mut deflate =
        flate2::Compress::new_with_window_bits(flate2::Compression::new(9), false, 15);
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
    let length = gzip.len() + start.len() + 1024 * spaces.len();
    assert!(length < 2 << 20, "{length} bytes for a gibibyte");
    let body = [gzip, start]
        .into_iter()
        .chain(std::iter::repeat_n(spaces, 1024));
    let run = one_message(&head(length, "Content-Encoding: gzip\r\n"), body);
    within(&run, "a gzip bomb of 1 GiB", 128);
    assert_ne!(
        run.summary["limits_reached"]["http.message_bytes_max"],
        serde_json::Value::Null,
        "{}",
        run.summary
    );
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
    within(&run, "a million parameters", 256);
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
    within(&run, "a message of 14 MiB", 256);
    assert_eq!(
        run.summary["limits_reached"],
        serde_json::json!({}),
        "with its length"
    );
    let chunked = "POST / HTTP/1.1\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = |part: &str| format!("{:x}\r\n{part}\r\n", part.len()).into_bytes();
    let run = one_message(chunked, parts().map(chunk).chain([b"0\r\n\r\n".to_vec()]));
    within(&run, "a chunked message of 14 MiB", 256);
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
    within(&run, "100,000 elements in each other", 64);
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
        within(&run, what, 64);
    }
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
    within(&run, "60,000 sessions", 256);
    assert_eq!(run.summary["cwmp"]["sessions"], 60_000);
    assert_eq!(run.summary["cwmp"]["messages"]["InformResponse"], 60_000);
    assert_eq!(run.summary["limits_reached"], serde_json::json!({}));
}
