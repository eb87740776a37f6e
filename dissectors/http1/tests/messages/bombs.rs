//! Content codings: what they give, where they break, and what a bomb may cost.

use std::io::Write;
use std::time::Instant;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use http1::{AnomalyKind, Cut, Kind, LimitKind, Limits, Message};

use crate::drive::{Drive, Seen, anomalies, has, message};

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    assert!(encoder.write_all(data).is_ok());
    encoder.finish().unwrap_or_default()
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    assert!(encoder.write_all(data).is_ok());
    encoder.finish().unwrap_or_default()
}

fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    assert!(encoder.write_all(data).is_ok());
    encoder.finish().unwrap_or_default()
}

fn coded(encoding: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn response(encoding: &str, body: &[u8]) -> Message {
    message(Kind::Response, coded(encoding, body))
}

/// Text that compresses as XML does.
fn text() -> Vec<u8> {
    (0..2000)
        .flat_map(|n| format!("<Value>{}</Value>", n * 7919 % 1000).into_bytes())
        .collect()
}

#[test]
fn codings_are_undone() {
    let text = text();
    for (encoding, body) in [
        ("gzip", gzip(&text)),
        ("X-GZip", gzip(&text)),
        ("deflate", zlib(&text)),
        ("deflate", deflate(&text)),
        ("identity", text.clone()),
        ("gzip, deflate", zlib(&gzip(&text))),
        ("gzip, identity", gzip(&text)),
        ("gzip", [gzip(&text[..100]), gzip(&text[100..])].concat()),
    ] {
        let response = response(encoding, &body);
        assert_eq!(
            (
                response.body() == text,
                response.body_complete,
                anomalies(&response)
            ),
            (true, true, vec![]),
            "{encoding}"
        );
        assert_eq!(response.body_bytes, body.len() as u64);
        assert_eq!(
            response.body_stream_offset(5).is_some(),
            encoding == "identity"
        );
    }
}

#[test]
fn a_transfer_coding_is_undone_before_content_codings() {
    let text = text();
    let body = gzip(&zlib(&text));
    let mut bytes = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\nContent-Encoding: deflate\r\n\r\n{:x}\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(&body);
    bytes.extend_from_slice(b"\r\n0\r\n\r\n");
    let response = message(Kind::Response, &bytes);
    assert_eq!(
        (response.body() == text, anomalies(&response)),
        (true, vec![])
    );
}

#[test]
fn codings_that_break_give_what_there_is() {
    let text = text();
    let whole = gzip(&text);
    let mut wrong = whole.clone();
    if let Some(byte) = wrong.iter_mut().rev().nth(6) {
        *byte ^= 1;
    }
    let cases: Vec<(&str, Vec<u8>, AnomalyKind, bool)> = vec![
        (
            "gzip",
            whole[..whole.len() / 2].to_vec(),
            AnomalyKind::EncodingTruncated,
            false,
        ),
        (
            "gzip",
            whole[..whole.len() - 4].to_vec(),
            AnomalyKind::EncodingTruncated,
            true,
        ),
        ("gzip", wrong, AnomalyKind::EncodingChecksum, true),
        (
            "gzip",
            [whole.as_slice(), b"more"].concat(),
            AnomalyKind::EncodingTrailingBytes,
            true,
        ),
        ("br", text.clone(), AnomalyKind::EncodingUnknown, true),
        ("gzip", text.clone(), AnomalyKind::EncodingNotApplied, true),
        (
            "deflate",
            text.clone(),
            AnomalyKind::EncodingNotApplied,
            true,
        ),
    ];
    for (encoding, body, kind, complete) in cases {
        let response = response(encoding, &body);
        assert!(
            text.starts_with(response.body()) && response.body().len() > 1000,
            "{kind:?} {}",
            response.body().len()
        );
        assert!(has(&response, kind), "{kind:?}: {:?}", response.anomalies);
        assert_eq!(response.body_complete, complete, "{kind:?}");
    }
    // A stored block, then one of the reserved type (RFC 1951 section 3.2.3).
    let corrupt = [
        whole[..10].as_ref(),
        &[0, 3, 0, 0xfc, 0xff],
        b"abc",
        &[7, 0],
    ]
    .concat();
    let response = response("gzip", &corrupt);
    assert!(
        has(&response, AnomalyKind::EncodingCorrupt) && !response.body_complete,
        "{response:?}"
    );
    assert_eq!(response.body(), b"abc");
}

#[test]
fn more_than_two_codings_are_left_as_they_are() {
    let body = gzip(&gzip(&gzip(b"a")));
    let response = response("gzip, gzip, gzip", &body);
    assert_eq!(response.body(), body);
    assert!(has(&response, AnomalyKind::EncodingsTooMany));
}

#[test]
fn a_bomb_costs_little() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![0_u8; 1 << 20];
    for _ in 0..256 {
        assert!(encoder.write_all(&zeros).is_ok());
    }
    let bomb = encoder.finish().unwrap_or_default();
    for (encoding, body) in [("gzip", bomb.clone()), ("gzip, gzip", gzip(&bomb))] {
        let bytes = coded(encoding, &body);
        let start = Instant::now();
        let response = message(Kind::Response, &bytes);
        assert!(start.elapsed().as_millis() < 1000, "{:?}", start.elapsed());
        assert!(
            response.body().len() <= 3 << 20,
            "{}",
            response.body().len()
        );
        assert_eq!(response.cut, Some(Cut::Limit(LimitKind::InflateRatio)));
        assert!(has(&response, AnomalyKind::EncodingLimit) && !response.body_complete);
    }
}

#[test]
fn a_decoded_body_keeps_to_the_bound_of_a_message() {
    let limits = Limits {
        message_bytes_max: 10_000,
        ..Limits::default()
    };
    let messages = Drive::with(Kind::Response, limits)
        .feed(&coded("gzip", &gzip(&text())))
        .messages();
    assert_eq!(
        (messages[0].body().len(), messages[0].body_complete),
        (10_000, false)
    );
}

#[test]
fn coded_bodies_can_be_peeked_at() {
    let noise: Vec<u8> = (0..9000_u32)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_string().into_bytes())
        .collect();
    let mut drive = Drive::new(Kind::Response);
    drive.keep = None;
    let drive = drive.feed(&coded("gzip", &gzip(&noise)));
    assert!(
        matches!(&drive.seen[1], Seen::Peek(bytes) if noise.starts_with(bytes) && bytes.len() == 1024)
    );
    assert_eq!(drive.messages()[0].body(), noise);
}
