//! Messages made to be read in two ways: how many there are, what bodies they have, and which anomaly tells of it.

use http1::{AnomalyKind as A, Cut, End, Framing, Kind, Message, RequestMethod};

use crate::drive::{Drive, has, messages};

/// A stream: how many messages, the body of the first, what is odd about it.
type Case = (&'static str, usize, &'static [u8], &'static [A]);

fn check(kind: Kind, cases: &[Case]) {
    for (text, count, body, kinds) in cases {
        let messages = messages(kind, text.as_bytes());
        assert_eq!(messages.len(), *count, "{text:?}: {messages:?}");
        let Some(first) = messages.first() else {
            panic!("no message: {text:?}")
        };
        assert_eq!(
            first.body().escape_ascii().to_string(),
            body.escape_ascii().to_string(),
            "{text:?}"
        );
        for kind in *kinds {
            assert!(
                has(first, *kind),
                "{text:?}: {kind:?} in {:?}",
                first.anomalies
            );
        }
        assert_eq!(
            first.anomalies.is_empty(),
            kinds.is_empty(),
            "{text:?}: {:?}",
            first.anomalies
        );
    }
}

#[test]
fn content_length_against_transfer_encoding() {
    check(
        Kind::Request,
        &[
            (
                "POST /1 HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nGET /2 HTTP/1.1\r\n\r\n",
                2,
                b"a",
                &[A::ContentLengthWithTransferEncoding],
            ),
            (
                "POST /1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n1\r\na\r\n0\r\n\r\nGET /2 HTTP/1.1\r\n\r\n",
                2,
                b"a",
                &[A::ContentLengthWithTransferEncoding],
            ),
            // The request that a reader of the length alone would see in the chunk is none.
            (
                "POST /1 HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n13\r\nGET /2 HTTP/1.1\r\n\r\n\r\n0\r\n\r\n",
                1,
                b"GET /2 HTTP/1.1\r\n\r\n",
                &[A::ContentLengthWithTransferEncoding],
            ),
            // A header of another name is none.
            (
                "POST /1 HTTP/1.1\r\nContent-Length: 4\r\nX-Transfer-Encoding: chunked\r\n\r\nabcdGET /2 HTTP/1.1\r\n\r\n",
                2,
                b"abcd",
                &[],
            ),
        ],
    );
}

#[test]
fn transfer_codings_in_disguise() {
    let rest = "1\r\na\r\n0\r\n\r\nGET /2 HTTP/1.1\r\n\r\n";
    for (header, kind) in [
        ("Transfer-Encoding:\r\n chunked", A::FoldedHeader),
        ("Transfer-Encoding: chunked\r\n\t", A::FoldedHeader),
        ("Transfer-Encoding : chunked", A::BlankBeforeColon),
        ("Transfer-Encoding\t: chunked", A::BlankBeforeColon),
        ("Transfer-Encoding: chunked\nX: y", A::BareLineFeed),
        (
            "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
            A::TransferEncodingOdd,
        ),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            A::TransferEncodingOdd,
        ),
        (
            "Transfer-Encoding: CHUNKED, identity",
            A::TransferEncodingOdd,
        ),
        ("Transfer-Encoding: chunked\r\nA: \0", A::OddHeaderValue),
    ] {
        let text = format!("POST /1 HTTP/1.1\r\n{header}\r\n\r\n{rest}");
        let messages = messages(Kind::Request, text.as_bytes());
        let [first, second] = messages.as_slice() else {
            panic!("{header:?}: {messages:?}")
        };
        assert_eq!(
            (first.body(), second.target()),
            (&b"a"[..], &b"/2"[..]),
            "{header:?}"
        );
        assert!(has(first, kind), "{header:?}: {:?}", first.anomalies);
    }
    // What is no coding called chunked leaves a request without a body; its bytes are nobody's.
    for (header, kind) in [
        ("Transfer-Encoding: xchunked", A::TransferEncodingOdd),
        ("Transfer-Encoding: \"chunked\"", A::TransferEncodingOdd),
        ("Transfer-Encoding: chunked x", A::TransferEncodingOdd),
        ("A: b\rTransfer-Encoding: chunked", A::OddHeaderValue),
    ] {
        let drive = Drive::new(Kind::Request)
            .feed(format!("POST /1 HTTP/1.1\r\n{header}\r\n\r\n{rest}").as_bytes())
            .end(End::Fin);
        let strays: usize = drive.strays().iter().map(|(_, bytes)| bytes.len()).sum();
        let messages = drive.messages();
        let [first, second] = messages.as_slice() else {
            panic!("{header:?}: {messages:?}")
        };
        assert_eq!(
            (first.body(), second.target(), strays),
            (&b""[..], &b"/2"[..], 11),
            "{header:?}"
        );
        assert!(has(first, kind), "{header:?}: {:?}", first.anomalies);
    }
}

#[test]
fn lengths_that_lead_astray() {
    let lengths: &[(&str, &[u8], usize, &[A])] = &[
        (
            "Content-Length: 3\r\nContent-Length: 5",
            b"abc",
            2,
            &[A::ContentLengthDiffers],
        ),
        (
            "Content-Length: 5\r\nContent-Length: 3",
            b"abcde",
            2,
            &[A::ContentLengthDiffers],
        ),
        (
            "Content-Length: 3, 5",
            b"abc",
            2,
            &[A::ContentLengthDiffers],
        ),
        (
            "Content-Length: 5\r\nContent-Length: 5",
            b"abcde",
            2,
            &[A::ContentLengthRepeated],
        ),
        ("Content-Length: -5", b"", 2, &[A::ContentLengthNegative]),
        ("Content-Length: +5", b"abcde", 2, &[A::ContentLengthOdd]),
        ("Content-Length: 0x5", b"", 2, &[A::ContentLengthOdd]),
        ("Content-Length: 5.0", b"abcde", 2, &[A::ContentLengthOdd]),
        (
            "Content-Length: 0000000000000000000000000005",
            b"abcde",
            2,
            &[],
        ),
        ("Content-Length : 5", b"abcde", 2, &[A::BlankBeforeColon]),
        ("Content-Length:\r\n 5", b"abcde", 2, &[A::FoldedHeader]),
        (
            "Content-Length: 3\r\n 5",
            b"abc",
            2,
            &[A::FoldedHeader, A::ContentLengthOdd],
        ),
        ("Content-Length: 5\nX: y", b"abcde", 2, &[A::BareLineFeed]),
        ("X: y\rContent-Length: 5", b"", 2, &[A::OddHeaderValue]),
        (
            "Content-Length: 5\0",
            b"abcde",
            2,
            &[A::ContentLengthOdd, A::OddHeaderValue],
        ),
        ("Content\0-Length: 5", b"", 2, &[A::OddHeaderName]),
    ];
    for (header, body, count, kinds) in lengths {
        let messages = messages(
            Kind::Request,
            format!("POST /1 HTTP/1.1\r\n{header}\r\n\r\nabcdeGET /2 HTTP/1.1\r\n\r\n").as_bytes(),
        );
        assert_eq!(messages.len(), *count, "{header:?}: {messages:?}");
        assert_eq!(
            (messages[0].body(), messages[1].target()),
            (*body, &b"/2"[..]),
            "{header:?}"
        );
        let found: Vec<_> = messages[0]
            .anomalies
            .iter()
            .map(|anomaly| anomaly.kind)
            .collect();
        assert!(
            kinds.iter().all(|kind| found.contains(kind)) && found.is_empty() == kinds.is_empty(),
            "{header:?}: {found:?}"
        );
    }
}

/// A length beyond what comes takes all that comes: what looks like a request behind it is body, not message.
#[test]
fn lengths_beyond_the_stream() {
    let behind = "abcGET /2 HTTP/1.1\r\n\r\n";
    for (length, framed, kind) in [
        ("999", 999, None),
        ("9223372036854775808", 1 << 63, None),
        ("18446744073709551615", u64::MAX, None),
        ("18446744073709551616", u64::MAX, Some(A::ContentLengthHuge)),
        (
            "1000000000000000000000000000000",
            u64::MAX,
            Some(A::ContentLengthHuge),
        ),
    ] {
        let text = format!("POST /1 HTTP/1.1\r\nContent-Length: {length}\r\n\r\n{behind}");
        let messages = messages(Kind::Request, text.as_bytes());
        let [only] = messages.as_slice() else {
            panic!("{length}: {messages:?}")
        };
        assert_eq!(
            (only.body(), only.framing, only.cut, only.body_complete),
            (
                behind.as_bytes(),
                Framing::ContentLength(framed),
                Some(Cut::End(End::Fin)),
                false
            ),
            "{length}"
        );
        assert_eq!(
            only.anomalies.first().map(|anomaly| anomaly.kind),
            kind,
            "{length}"
        );
    }
}

#[test]
fn chunk_sizes_that_lead_astray() {
    let sizes: &[(&str, usize, &[A])] = &[
        ("5", 2, &[]),
        ("00000000000000000000000005", 2, &[]),
        ("5;a=b", 2, &[]),
        ("5;a=\"\r", 2, &[]),
        ("5 ;a", 2, &[A::ChunkSizeBlanks]),
        (" 5", 2, &[A::ChunkSizeBlanks]),
        ("5\r", 2, &[]),
    ];
    for (size, count, kinds) in sizes {
        let text = format!(
            "POST /1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\nabcde\r\n0\r\n\r\nGET /2 HTTP/1.1\r\n\r\n"
        );
        let messages = messages(Kind::Request, text.as_bytes());
        assert_eq!(messages.len(), *count, "{size:?}: {messages:?}");
        assert_eq!(messages[0].body(), b"abcde", "{size:?}");
        for kind in *kinds {
            assert!(
                has(&messages[0], *kind),
                "{size:?}: {:?}",
                messages[0].anomalies
            );
        }
    }
    for (size, kind) in [
        ("5x", A::ChunkSizeOdd),
        ("0x5", A::ChunkSizeOdd),
        ("+5", A::ChunkSizeOdd),
        ("-5", A::ChunkSizeOdd),
        ("5 5", A::ChunkSizeOdd),
        ("5\0", A::ChunkSizeOdd),
        ("10000000000000000", A::ChunkSizeHuge),
        ("10000000000000005", A::ChunkSizeHuge),
        ("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", A::ChunkSizeHuge),
    ] {
        let text = format!(
            "POST /1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n{size}\r\nbcdef\r\n0\r\n\r\nGET /2 HTTP/1.1\r\n\r\n"
        );
        let messages = messages(Kind::Request, text.as_bytes());
        let [first, second] = messages.as_slice() else {
            panic!("{size:?}: {messages:?}")
        };
        assert_eq!(
            (first.body(), second.target()),
            (&b"a"[..], &b"/2"[..]),
            "{size:?}"
        );
        assert!(
            has(first, kind) && matches!(first.cut, Some(Cut::Framing { .. })),
            "{size:?}: {first:?}"
        );
    }
    // The largest that can be: all that comes is its data.
    let text = "POST /1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\nGET /2 HTTP/1.1\r\n\r\n";
    let messages = messages(Kind::Request, text.as_bytes());
    assert_eq!(
        (messages.len(), messages[0].body()),
        (1, &b"GET /2 HTTP/1.1\r\n\r\n"[..])
    );
}

#[test]
fn a_length_too_large_takes_the_head_of_the_pipelined_request_and_reading_recovers() {
    let text = "POST /1 HTTP/1.1\r\nContent-Length: 8\r\n\r\nabcGET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\n";
    let drive = Drive::new(Kind::Request)
        .feed(text.as_bytes())
        .end(End::Fin);
    let strays = drive.strays();
    let messages = drive.messages();
    let targets: Vec<_> = messages.iter().map(Message::target).collect();
    assert_eq!(targets, [b"/1", b"/3"]);
    assert_eq!(messages[0].body(), b"abcGET /");
    assert_eq!(strays.len(), 1, "{strays:?}");
}

#[test]
fn a_continued_request_has_one_body_and_its_two_answers() {
    let asked = messages(
        Kind::Request,
        b"POST /1 HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbodyGET /2 HTTP/1.1\r\n\r\n",
    );
    assert_eq!((asked.len(), asked[0].body()), (2, &b"body"[..]));
    let answered = messages(
        Kind::Response,
        b"HTTP/1.1 100 Continue\r\nContent-Length: 3\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    );
    assert_eq!((answered.len(), answered[1].body()), (2, &b"ok"[..]));
    assert!(answered.iter().all(|message| message.anomalies.is_empty()));
}

#[test]
fn answers_to_head_have_no_body_whoever_saw_the_request() {
    let next = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno";
    for framing in [
        "Content-Length: 700",
        "Transfer-Encoding: chunked",
        "Server: x",
    ] {
        let text = format!("HTTP/1.1 200 OK\r\n{framing}\r\n\r\n{next}");
        let bytes = text.as_bytes();
        for method in [RequestMethod::Head, RequestMethod::Unknown] {
            for cut in 0..bytes.len() {
                let mut drive = Drive::new(Kind::Response);
                drive.method = method;
                let drive = drive.feed(&bytes[..cut]);
                let mut drive = drive.feed(&bytes[cut..]);
                drive.method = RequestMethod::Other;
                let messages = drive.end(End::Fin).messages();
                let seen: Vec<_> = messages.iter().map(Message::status).collect();
                assert_eq!(seen, [200, 404], "{framing}, {method:?}, cut at {cut}");
                assert_eq!(
                    (messages[0].framing, messages[0].body_complete),
                    (Framing::None, true)
                );
                assert!(messages[0].anomalies.is_empty() && messages[0].cut.is_none());
                assert_eq!(messages[0].stream_end, messages[1].stream_offset);
            }
        }
    }
}

#[test]
fn a_body_is_believed_where_its_request_is_known_or_no_status_line_stands_in_its_place() {
    let length = |body: &str| {
        format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let whole = "HTTP/1.1 404 Not Found\r\n\r\n";
    for (text, method, body) in [
        (length(whole), RequestMethod::Other, whole),
        (
            length("HTTP/1.1 is a protocol"),
            RequestMethod::Unknown,
            "HTTP/1.1 is a protocol",
        ),
        (
            length("HTTP/1.1 200"),
            RequestMethod::Unknown,
            "HTTP/1.1 200",
        ),
        (
            length("HTTP/1.1 2000"),
            RequestMethod::Unknown,
            "HTTP/1.1 2000",
        ),
        (
            length(whole).replacen("\r\n", "\r\nContent-Type: message/http\r\n", 1),
            RequestMethod::Unknown,
            whole,
        ),
        (
            "HTTP/1.0 200 OK\r\n\r\nHTTP/1".to_owned(),
            RequestMethod::Unknown,
            "HTTP/1",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nHTTP<".to_owned(),
            RequestMethod::Unknown,
            "HTTP<",
        ),
    ] {
        for cut in 0..text.len() {
            let (front, rest) = text.as_bytes().split_at(cut);
            let mut drive = Drive::new(Kind::Response);
            drive.method = method;
            let messages = drive.feed(front).feed(rest).end(End::Fin).messages();
            let [only] = messages.as_slice() else {
                panic!("{text:?}, {method:?}: {messages:?}")
            };
            assert_eq!(only.body(), body.as_bytes(), "{text:?}, cut at {cut}");
            assert_eq!(
                (only.body_bytes, only.body_complete),
                (body.len() as u64, true)
            );
        }
    }
}

#[test]
fn a_gap_behind_the_first_bytes_of_a_doubtful_body_leaves_them_in_it() {
    let mut drive = Drive::new(Kind::Response);
    drive.method = RequestMethod::Unknown;
    let messages = drive
        .feed(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nHTTP/1")
        .gap(Some(10))
        .feed(b"tailHTTP/1.1 204 No Content\r\n\r\n")
        .messages();
    assert_eq!(messages.len(), 2);
    assert_eq!(
        (messages[0].body(), messages[0].body_bytes),
        (&b"HTTP/1"[..], 10)
    );
    assert_eq!(messages[1].status(), 204);
}

#[test]
fn heads_that_hide_their_end() {
    check(
        Kind::Request,
        &[
            // A line of blanks continues the header before it; it ends no head.
            (
                "GET /1 HTTP/1.1\r\nA: b\r\n \r\nContent-Length: 2\r\n\r\nhiGET /2 HTTP/1.1\r\n\r\n",
                2,
                b"hi",
                &[A::FoldedHeader],
            ),
            (
                "POST /1 HTTP/1.1\nContent-Length: 2\n\nhiGET /2 HTTP/1.1\r\n\r\n",
                2,
                b"hi",
                &[A::BareLineFeed],
            ),
            (
                "POST /1 HTTP/1.1\r\nContent-Length: 2\r\n\r\r\nhiGET /2 HTTP/1.1\r\n\r\n",
                2,
                b"hi",
                &[A::OddLineEnd],
            ),
            // A CR alone ends no line (RFC 9112 section 2.2): the second request line is a value.
            (
                "GET /1 HTTP/1.1\r\nA: b\rGET /2 HTTP/1.1\r\n\r\n",
                1,
                b"",
                &[A::OddHeaderValue],
            ),
        ],
    );
}
