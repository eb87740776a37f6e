//! However the bytes are cut into pieces, the same comes out.

use http1::{End, Keep, Kind, RequestMethod};
use proptest::prelude::*;

use crate::drive::Drive;

/// Requests of every sort, one behind the other.
const REQUESTS: &[&str] = &[
    "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n",
    "\r\n\r\nPOST /leading HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody",
    "POST /lf HTTP/1.0\nContent-Length: 4\n\nbody",
    "POST /folded HTTP/1.1\r\nA: b\r\n c\r\n\td\r\nContent-Length : 3\r\n\r\nabc",
    "POST /chunked HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: u\r\n\r\n",
    "POST /bare HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n",
    "POST /broken HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n",
    "POST /notchunked HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n<a>\r\n</a>\r\n",
    "POST /short HTTP/1.1\r\nContent-Length: 3\r\n\r\n<a>ope>",
    "POST /noend HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n",
    "POST /delete HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nDE",
    "POST /peeked HTTP/1.1\r\nContent-Length: 60\r\n\r\n012345678901234567890123456789012345678901234567890123456789",
    "stray line\r\nand another one\r\n",
    "GET /carriages HTTP/1.1\r\nHost: a\r\n\r\r\n",
    "DELETE /x HTTP/3.9\r\nno colon\r\n: empty\r\n\r\n",
];

const RESPONSES: &[&str] = &[
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 204\r\n\r\n",
    "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nab",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
    "HTTP/1.1 304 Not Modified\nETag: x\n\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 70\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\nHTTP/1.1 says?",
    "\r\n<html>HTTP/ is a protocol</html>",
    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\u{1f}ab",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n01234567890123456789012345678901\r\n10\r\n0123456789012345\r\n0\r\n\r\n",
];

fn play(
    kind: Kind,
    method: RequestMethod,
    pieces: &[&[u8]],
    (keep, after): (Keep, Keep),
) -> String {
    let mut drive = Drive::new(kind);
    (drive.keep, drive.keep_after_peek) = (Some(keep), after);
    drive.method = method;
    let drive = pieces
        .iter()
        .fold(drive, |drive, piece| drive.feed(piece))
        .end(End::Fin);
    format!("{:?}", drive.seen)
}

fn cut<'a>(bytes: &'a [u8], cuts: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = cuts
        .iter()
        .map(|cut| cut.index(bytes.len().saturating_add(1)))
        .collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places
        .windows(2)
        .map(|pair| &bytes[pair[0]..pair[1]])
        .collect()
}

fn keeps() -> impl Strategy<Value = (Keep, Keep)> {
    prop::sample::select(vec![
        (Keep::All, Keep::All),
        (Keep::Nothing, Keep::Nothing),
        (Keep::Peek(40), Keep::All),
        (Keep::Peek(40), Keep::Nothing),
        (Keep::Peek(5), Keep::All),
    ])
}

fn check(
    kind: Kind,
    texts: &[&str],
    cuts: &[prop::sample::Index],
    keeps: (Keep, Keep),
) -> Result<(), TestCaseError> {
    let stream = texts.concat();
    let bytes = stream.as_bytes();
    let single: Vec<_> = bytes.chunks(1).collect();
    for method in [RequestMethod::Other, RequestMethod::Unknown] {
        let whole = play(kind, method, &[bytes], keeps);
        prop_assert_eq!(&whole, &play(kind, method, &cut(bytes, cuts), keeps));
        prop_assert_eq!(&whole, &play(kind, method, &single, keeps));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn requests_in_any_pieces(texts in prop::collection::vec(prop::sample::select(REQUESTS), 1..8),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12), keep in keeps()) {
        check(Kind::Request, &texts, &cuts, keep)?;
    }

    #[test]
    fn responses_in_any_pieces(texts in prop::collection::vec(prop::sample::select(RESPONSES), 1..8),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12), keep in keeps()) {
        check(Kind::Response, &texts, &cuts, keep)?;
    }

    #[test]
    fn any_bytes_with_gaps_are_survived(pieces in prop::collection::vec(
            (prop::sample::select([REQUESTS, RESPONSES].concat()), any::<prop::sample::Index>(), prop::option::of(0..99_u64), any::<u8>()), 1..12),
        kind in prop::sample::select(vec![Kind::Request, Kind::Response]), keep in keeps()) {
        let mut drive = Drive::new(kind);
        (drive.keep, drive.keep_after_peek) = (Some(keep.0), keep.1);
        drive.method = RequestMethod::Unknown;
        let mut expected = 0;
        for (text, index, missing, noise) in pieces {
            let piece = &text.as_bytes()[..index.index(text.len())];
            expected += piece.len() as u64 + 1 + missing.unwrap_or(0);
            drive = drive.feed(piece).feed(&[noise]).gap(missing);
        }
        prop_assert_eq!(drive.stream.offset(), expected);
        let drive = drive.end(End::Capture);
        prop_assert!(drive.stream.buffered_bytes() < 4096);
        for message in drive.messages() {
            prop_assert!(message.stream_offset <= message.stream_end && message.stream_end <= expected);
            prop_assert!(message.raw.len() as u64 <= message.stream_end - message.stream_offset);
        }
    }

    #[test]
    fn noise_is_survived(bytes in prop::collection::vec(any::<u8>(), 0..2000), kind in prop::sample::select(vec![Kind::Request, Kind::Response])) {
        let _ = http1::recognise(&bytes);
        Drive::new(kind).feed(&bytes).end(End::Reset);
    }
}

#[test]
fn every_prefix_ends_well() {
    for (kind, texts) in [(Kind::Request, REQUESTS), (Kind::Response, RESPONSES)] {
        let stream = texts.concat();
        let bytes = stream.as_bytes();
        for length in 0..bytes.len() {
            let drive = Drive::new(kind).feed(&bytes[..length]).end(End::Fin);
            assert_eq!(drive.stream.offset(), length as u64);
        }
    }
}

/// Bytes are either of a message, or strays, or empty lines before a message: none is lost, none counted twice.
#[test]
fn every_byte_is_accounted_for() {
    use crate::drive::Seen;
    for (kind, texts) in [(Kind::Request, REQUESTS), (Kind::Response, RESPONSES)] {
        let stream = texts.concat();
        let mut at = 0;
        for seen in Drive::new(kind).feed(stream.as_bytes()).end(End::Fin).seen {
            let (start, end) = match seen {
                Seen::Message(message) => (message.stream_offset, message.stream_end),
                Seen::Stray(offset, bytes, _) => (offset, offset + bytes),
                _ => continue,
            };
            let between = &stream.as_bytes()[at as usize..start as usize];
            assert!(
                between.iter().all(u8::is_ascii_whitespace),
                "{}",
                between.escape_ascii()
            );
            at = end;
        }
        assert_eq!(at, stream.len() as u64);
    }
}

#[test]
fn what_the_open_message_holds_can_be_looked_at_again() {
    let mut stream = http1::Stream::new(Kind::Request, http1::Limits::default(), 100);
    let mut input: &[u8] = b"\r\nPOST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n123456";
    while stream.next(&mut input).is_some() {}
    assert_eq!(stream.held(102, 6), Some(b"POST /".as_slice()));
    assert_eq!(stream.held(140, 4), Some(b"1234".as_slice()));
    assert_eq!(stream.held(100, 4), None, "the empty line is of no message");
    assert_eq!(stream.held(140, 7), None, "no more than was read");
}
