//! Bodies: framing of every sort, tunnels, strays, gaps, ends and bounds.

use http1::{AnomalyKind, Cut, End, Framing, Keep, Kind, LimitKind, Limits, RequestMethod};

use crate::drive::{Drive, Seen, anomalies, has, message, messages, request, response};

#[test]
fn lengths_that_contradict_or_cannot_be() {
    let with = |length: &str| format!("POST / HTTP/1.1\r\n{length}\r\nabcdefgh");
    for (length, body, kind) in [
        (
            "Content-Length: 3\r\nContent-Length: 3\r\n",
            3,
            AnomalyKind::ContentLengthRepeated,
        ),
        (
            "Content-Length: 3, 3\r\n",
            3,
            AnomalyKind::ContentLengthRepeated,
        ),
        (
            "Content-Length: 3\r\nContent-Length: 5\r\n",
            3,
            AnomalyKind::ContentLengthDiffers,
        ),
        (
            "Content-Length: -3\r\n",
            0,
            AnomalyKind::ContentLengthNegative,
        ),
        ("Content-Length: +3\r\n", 3, AnomalyKind::ContentLengthOdd),
        (
            "Content-Length: 3 bytes\r\n",
            3,
            AnomalyKind::ContentLengthOdd,
        ),
        ("Content-Length: x\r\n", 0, AnomalyKind::ContentLengthOdd),
        ("Content-Length:\r\n", 0, AnomalyKind::ContentLengthOdd),
        (
            "Content-Length: 18446744073709551616\r\n",
            8,
            AnomalyKind::ContentLengthHuge,
        ),
    ] {
        let messages = messages(Kind::Request, with(length).as_bytes());
        let Some(first) = messages.first() else {
            panic!("no message for {length}")
        };
        assert_eq!(first.body().len(), body, "{length}");
        assert!(has(first, kind), "{length}: {:?}", first.anomalies);
    }
}

#[test]
fn chunked_bodies_with_extensions_and_trailers() {
    let response = response(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=\"b\"\r\nabc\r\n0002\r\nde\r\n0;x\r\nTrail: er\r\nB: c\r\n\r\n",
    );
    assert_eq!(
        (response.body(), response.framing),
        (
            &b"abcde"[..],
            Framing::Chunked {
                chunks: 2,
                trailers: 2
            }
        )
    );
    assert_eq!(anomalies(&response), []);
    let trailers: Vec<_> = response
        .trailers()
        .iter()
        .map(|header| (header.name.to_vec(), header.value.to_vec()))
        .collect();
    assert_eq!(
        trailers,
        [
            (b"Trail".to_vec(), b"er".to_vec()),
            (b"B".to_vec(), b"c".to_vec())
        ]
    );
    for (at, byte) in response.body().iter().enumerate() {
        let Some(offset) = response.body_stream_offset(at as u64) else {
            panic!("no offset for {at}")
        };
        assert_eq!(response.raw.get(offset as usize), Some(byte));
    }
    assert_eq!((response.body_bytes, response.body_complete), (5, true));
}

#[test]
fn chunked_framing_bent_but_readable() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (body, kind) in [
        ("3 \r\nabc\r\n0\r\n\r\n", AnomalyKind::ChunkSizeBlanks),
        ("3\nabc\n0\n\n", AnomalyKind::BareLineFeed),
        ("3\r\nabc\r\n\r\n0\r\n\r\n", AnomalyKind::ChunkSizeOdd),
        ("3\r\nabc\r\n0\r\n", AnomalyKind::ChunkedEndMissing),
    ] {
        let response = response(&format!("{head}{body}"));
        assert_eq!(
            (response.body(), response.body_complete),
            (&b"abc"[..], true),
            "{body:?}"
        );
        assert!(has(&response, kind), "{body:?}: {:?}", response.anomalies);
    }
}

#[test]
fn chunked_framing_lost_is_cut_and_the_next_message_found() {
    let head = "POST /1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (body, kind, stray) in [
        (
            "3\r\nabc\r\nDELETE /2 HTTP/1.1\r\n\r\n",
            AnomalyKind::ChunkSizeOdd,
            0,
        ),
        (
            "3\r\nabcd\r\n0\r\n\r\nDELETE /2 HTTP/1.1\r\n\r\n",
            AnomalyKind::ChunkEndMissing,
            8,
        ),
        (
            "3\r\nabc\rx\r\nDELETE /2 HTTP/1.1\r\n\r\n",
            AnomalyKind::ChunkEndMissing,
            4,
        ),
        (
            "3\r\nabc\r\n10000000000000000\r\nDELETE /2 HTTP/1.1\r\n\r\n",
            AnomalyKind::ChunkSizeHuge,
            19,
        ),
        (
            "3\r\nabc\r\n-1\r\n\r\nDELETE /2 HTTP/1.1\r\n\r\n",
            AnomalyKind::ChunkSizeOdd,
            6,
        ),
    ] {
        let drive = Drive::new(Kind::Request).feed(format!("{head}{body}").as_bytes());
        let strays: usize = drive.strays().iter().map(|(_, bytes)| bytes.len()).sum();
        let messages = drive.messages();
        assert_eq!(messages.len(), 2, "{body:?}: {messages:?}");
        assert_eq!(
            (messages[0].body(), messages[1].target()),
            (&b"abc"[..], &b"/2"[..]),
            "{body:?}"
        );
        assert!(
            matches!(messages[0].cut, Some(Cut::Framing { .. })) && has(&messages[0], kind),
            "{:?}",
            messages[0]
        );
        assert_eq!(strays, stray, "{body:?}");
    }
}

#[test]
fn a_last_chunk_without_its_empty_line_does_not_eat_the_next_message() {
    let messages = messages(Kind::Response, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nHTTP/1.1 204 No Content\r\n\r\n");
    assert_eq!(
        (messages.len(), messages[0].body(), messages[1].status()),
        (2, &b"a"[..], 204)
    );
    assert_eq!(messages[0].stream_end, messages[1].stream_offset);
    assert!(has(&messages[0], AnomalyKind::ChunkedEndMissing) && messages[0].body_complete);
}

#[test]
fn chunked_announced_and_not_applied() {
    let response = response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n<a/>");
    assert_eq!(
        (response.body(), response.framing),
        (&b"<a/>"[..], Framing::UntilClose)
    );
    assert!(has(&response, AnomalyKind::ChunkedNotApplied));
    let request =
        request("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n<a/>");
    assert_eq!(
        (request.body(), request.framing),
        (&b"<a/>"[..], Framing::ContentLength(4))
    );
}

#[test]
fn of_both_framings_chunked_wins() {
    let request = request(
        "POST / HTTP/1.1\r\nContent-Length: 99\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    );
    assert_eq!(
        (request.body(), anomalies(&request)),
        (
            &b"a"[..],
            vec![("content-length-with-transfer-encoding", 17)]
        )
    );
}

#[test]
fn odd_transfer_codings() {
    let chunks = "1\r\na\r\n0\r\n\r\n";
    for (coding, odd) in [
        ("chunked, chunked", "transfer-encoding-odd"),
        ("chunked, identity", "transfer-encoding-odd"),
        ("identity, chunked", "transfer-encoding-odd"),
    ] {
        let response = response(&format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: {coding}\r\n\r\n{chunks}"
        ));
        assert_eq!(
            (response.body(), anomalies(&response)),
            (&b"a"[..], vec![(odd, 17)]),
            "{coding}"
        );
    }
    let response = response(&format!(
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}"
    ));
    assert_eq!(anomalies(&response), [("transfer-encoding-too-early", 17)]);
}

#[test]
fn bodies_until_the_end_of_the_connection() {
    let text = b"HTTP/1.0 200 OK\r\n\r\nsome\r\nHTTP/1.0 200 OK\r\n\r\n";
    let response = message(Kind::Response, text);
    assert_eq!(
        (
            response.body().len(),
            response.framing,
            response.body_complete
        ),
        (text.len() - 19, Framing::UntilClose, true)
    );
    for how in [End::Reset, End::Capture] {
        let messages = Drive::new(Kind::Response).feed(text).end(how).messages();
        assert_eq!(
            (messages.len(), messages[0].cut, messages[0].body_complete),
            (1, Some(Cut::End(how)), false)
        );
    }
}

#[test]
fn responses_that_have_no_body() {
    for status in ["204 No Content", "304 Not Modified", "100 Continue"] {
        let messages = messages(Kind::Response, format!("HTTP/1.1 {status}\r\nContent-Length: 7\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").as_bytes());
        assert_eq!(
            (
                messages.len(),
                messages[0].framing,
                messages[0].body_complete
            ),
            (2, Framing::None, true),
            "{status}"
        );
    }
    let mut drive = Drive::new(Kind::Response);
    drive.method = RequestMethod::Head;
    let messages = drive
        .feed(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")
        .messages();
    assert_eq!(messages.len(), 2);
}

#[test]
fn interim_responses_come_before_the_final_one() {
    let messages = messages(Kind::Response, b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na");
    assert_eq!(
        messages
            .iter()
            .map(http1::Message::is_interim)
            .collect::<Vec<_>>(),
        [true, true, false]
    );
}

#[test]
fn tunnels_are_left_alone() {
    let drive = Drive::new(Kind::Response)
        .feed(b"HTTP/1.1 101 Switching Protocols\r\n\r\n\x00\x01HTTP/1.1 200 OK\r\n\r\n");
    assert!(matches!(
        drive.seen.as_slice(),
        [Seen::Head(head), Seen::Message(_), Seen::Tunnel] if head.ends_with(b"\r\n\r\n")
    ));
    let mut drive = Drive::new(Kind::Response);
    drive.method = RequestMethod::Connect;
    let drive = drive
        .feed(b"HTTP/1.1 200 Established\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")
        .end(End::Fin);
    assert!(matches!(
        drive.seen.as_slice(),
        [Seen::Head(_), Seen::Message(_), Seen::Tunnel]
    ));
    let mut drive = Drive::new(Kind::Request).feed(b"CONNECT a:1 HTTP/1.1\r\n\r\n");
    drive.stream.tunnel();
    assert_eq!(drive.feed(b"GET / HTTP/1.1\r\n\r\n").messages().len(), 1);
}

#[test]
fn a_length_counted_in_characters_leaves_strays_that_are_skipped() {
    let text = b"POST /1 HTTP/1.1\r\nContent-Length: 3\r\n\r\n<a>ope>POST /2 HTTP/1.1\r\n\r\n\r\nGET /3 HTTP/1.1\r\n\r\n";
    let drive = Drive::new(Kind::Request).feed(text);
    assert_eq!(drive.strays(), [(42, b"ope>".to_vec())]);
    let messages = drive.messages();
    let targets: Vec<_> = messages.iter().map(http1::Message::target).collect();
    assert_eq!(targets, [b"/1", b"/2", b"/3"]);
    assert_eq!(anomalies(&messages[2]), [("leading-empty-line", 0)]);
    assert_eq!(messages[1].stream_offset, 46);
    let drive = Drive::new(Kind::Response).feed(
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n<a>\r\nope>HTTP/1.1 204 No Content\r\n\r\n",
    );
    assert_eq!((drive.strays().len(), drive.messages().len()), (1, 2));
}

#[test]
fn bodies_not_kept_are_counted() {
    let mut drive = Drive::new(Kind::Request);
    drive.keep = Some(Keep::Nothing);
    let messages = drive.feed(b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhelloPOST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nA: b\r\n\r\n").messages();
    for (message, bytes) in messages.iter().zip([5, 2]) {
        assert_eq!(
            (
                message.body(),
                message.body_bytes,
                message.body_kept,
                message.body_complete
            ),
            (&b""[..], bytes, false, true)
        );
        assert!(message.raw.ends_with(b"\r\n\r\n") && message.trailers().is_empty());
    }
}

#[test]
fn peeking_shows_the_first_bytes_and_the_caller_decides() {
    let text = format!(
        "POST / HTTP/1.1\r\nContent-Length: 3000\r\n\r\n{}GET /2 HTTP/1.1\r\n\r\n",
        "x".repeat(3000)
    );
    for (after, kept) in [(Keep::All, 3000), (Keep::Nothing, 0)] {
        let mut drive = Drive::new(Kind::Request);
        (drive.keep, drive.keep_after_peek) = (None, after);
        let drive = drive.feed(text.as_bytes());
        assert!(matches!(&drive.seen[1], Seen::Peek(bytes) if bytes.len() == 1024));
        let messages = drive.messages();
        assert_eq!(
            (
                messages.len(),
                messages[0].body().len(),
                messages[0].body_bytes
            ),
            (2, kept, 3000)
        );
    }
}

#[test]
fn gaps_end_what_is_kept_and_known_lengths_go_on() {
    let text = "POST /1 HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc";
    let drive = Drive::new(Kind::Request).feed(text.as_bytes()).gap(Some(5));
    let messages = drive.feed(b"ijGET /2 HTTP/1.1\r\n\r\n").messages();
    assert_eq!(messages.len(), 2);
    let gap = Cut::Gap {
        stream_offset: text.len() as u64,
        missing: Some(5),
    };
    assert_eq!(
        (messages[0].body(), messages[0].cut, messages[0].body_bytes),
        (&b"abc"[..], Some(gap), 5)
    );
    assert_eq!(
        (messages[0].stream_end, messages[1].stream_offset),
        (text.len() as u64 + 7, text.len() as u64 + 7)
    );
    // Exactly to the end, beyond it, and unknown.
    let drive = Drive::new(Kind::Request).feed(text.as_bytes()).gap(Some(7));
    assert_eq!(drive.feed(b"GET /2 HTTP/1.1\r\n\r\n").messages().len(), 2);
    for missing in [Some(100), None] {
        let drive = Drive::new(Kind::Request).feed(text.as_bytes()).gap(missing);
        let messages = drive
            .feed(b"tail of another\r\n\r\nbody</a>GET /3 HTTP/1.1\r\n\r\n")
            .messages();
        assert_eq!(
            (
                messages.len(),
                messages[0].cut.is_some(),
                messages[1].target()
            ),
            (2, true, &b"/3"[..])
        );
    }
}

#[test]
fn gaps_in_heads_and_chunks() {
    let messages = Drive::new(Kind::Request)
        .feed(b"GET /1 HTTP/1.1\r\nHos")
        .gap(Some(9))
        .feed(b"x: y\r\n\r\nGET /2 HTTP/1.1\r\n\r\n")
        .messages();
    assert_eq!(
        (
            messages.len(),
            messages[0].head_complete(),
            messages[1].target()
        ),
        (2, false, &b"/2"[..])
    );
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab";
    let messages = Drive::new(Kind::Response)
        .feed(head)
        .gap(Some(2))
        .feed(b"e\r\n1\r\nf\r\n0\r\n\r\n")
        .messages();
    assert_eq!(
        (messages.len(), messages[0].body(), messages[0].body_bytes),
        (1, &b"ab"[..], 4)
    );
    let messages = Drive::new(Kind::Response)
        .feed(head)
        .gap(Some(4))
        .feed(b"\nxyzzy\r\nHTTP/1.1 204 x\r\n\r\n")
        .messages();
    assert_eq!((messages.len(), messages[1].status()), (2, 204));
}

#[test]
fn what_the_end_cuts_is_given_out() {
    for (text, complete) in [
        ("POST / HTTP/1.1\r\nA: b\r\n", false),
        ("POST / HT", false),
        ("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc", true),
    ] {
        let request = request(text);
        assert_eq!(
            (request.head_complete(), request.cut, request.body_complete),
            (complete, Some(Cut::End(End::Fin)), false),
            "{text:?}"
        );
        assert_eq!(request.raw, text.as_bytes());
    }
    let drive = Drive::new(Kind::Request)
        .feed(b"what is this")
        .end(End::Fin);
    assert_eq!(
        (drive.strays(), drive.messages().len()),
        (vec![(0, b"what is this".to_vec())], 0)
    );
}

#[test]
fn bounds_are_visible() {
    let limits = Limits {
        head_bytes_max: 100,
        message_bytes_max: 4,
        chunks_max: 2,
        ..Limits::default()
    };
    let text = format!(
        "GET / HTTP/1.1\r\nA: {}\r\n\r\nGET /2 HTTP/1.1\r\n\r\n",
        "b".repeat(200)
    );
    let messages = Drive::with(Kind::Request, limits)
        .feed(text.as_bytes())
        .messages();
    assert_eq!(
        (messages.len(), messages[0].cut, messages[0].raw.len()),
        (2, Some(Cut::Limit(LimitKind::HeadBytes)), 100)
    );
    let messages = Drive::with(Kind::Request, limits)
        .feed(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabcdefghiGET / HTTP/1.1\r\n\r\n")
        .messages();
    assert_eq!(
        (
            messages.len(),
            messages[0].cut,
            messages[0].body(),
            messages[0].body_bytes
        ),
        (
            2,
            Some(Cut::Limit(LimitKind::MessageBytes)),
            &b"abcd"[..],
            9
        )
    );
    let limits = Limits {
        message_bytes_max: 1000,
        ..limits
    };
    let messages = Drive::with(Kind::Response, limits).feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n").messages();
    assert_eq!(
        (messages[0].cut, messages[0].body(), messages[0].body_bytes),
        (Some(Cut::Limit(LimitKind::Chunks)), &b"ab"[..], 3)
    );
}
