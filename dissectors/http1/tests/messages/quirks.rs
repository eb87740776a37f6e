//! Heads, plain and odd: what is read all the same, and which anomaly tells of it.

use http1::{Framing, Kind, Limits};

use crate::drive::{Drive, anomalies, request, response};

#[test]
fn a_plain_request_has_its_parts_and_no_anomaly() {
    let request = request(
        "POST /acs?x=1 HTTP/1.1\r\nHost: acs.example\r\nSOAPAction: \r\ncontent-TYPE:text/xml; charset=\"utf-8\"\r\nContent-Length: 5\r\n\r\nhello",
    );
    assert_eq!(
        (request.method(), request.target(), request.version()),
        (&b"POST"[..], &b"/acs?x=1"[..], &b"HTTP/1.1"[..])
    );
    let names: Vec<_> = request
        .headers()
        .map(|header| header.name.to_vec())
        .collect();
    assert_eq!(
        names,
        [
            &b"Host"[..],
            b"SOAPAction",
            b"content-TYPE",
            b"Content-Length"
        ]
    );
    assert_eq!(request.header("soapaction").as_deref(), Some(&b""[..]));
    assert_eq!(request.content_type().as_deref(), Some(&b"text/xml"[..]));
    assert_eq!(request.charset().as_deref(), Some(&b"utf-8"[..]));
    assert_eq!(
        (request.body(), request.framing),
        (&b"hello"[..], Framing::ContentLength(5))
    );
    assert!(
        request.body_complete
            && request.head_complete()
            && request.body_kept
            && request.cut.is_none()
    );
    assert_eq!(anomalies(&request), []);
    assert_eq!(request.body_stream_offset(0), Some(request.stream_end - 5));
}

#[test]
fn a_plain_response_has_its_parts() {
    let response = response("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(
        (
            response.status(),
            response.reason(),
            response.version_number()
        ),
        (404, &b"Not Found"[..], Some((1, 1)))
    );
    assert_eq!(
        (response.framing, response.body_complete),
        (Framing::ContentLength(0), true)
    );
    assert_eq!((response.method(), response.target()), (&b""[..], &b""[..]));
}

#[test]
fn both_header_paths_give_the_same_table() {
    let plain = "HTTP/1.1 200 OK\r\nA: b\r\nEmpty:\r\nBlank:  \r\nC:\t d e \t\r\nContent-Length: 2\r\n\r\nhi";
    // A bare LF sends all of it the tolerant way; it moves no position before it.
    let tolerant = plain.replace("Length: 2\r\n\r\n", "Length: 2\r\n\n");
    let (plain, tolerant) = (response(plain), response(&tolerant));
    assert_eq!(anomalies(&plain), []);
    assert_eq!(anomalies(&tolerant), [("bare-line-feed", 71)]);
    assert!(plain.headers().eq(tolerant.headers()));
    assert_eq!(
        (plain.status(), plain.reason()),
        (tolerant.status(), tolerant.reason())
    );
}

#[test]
fn odd_heads_are_read_with_their_anomalies() {
    let cases: &[(&str, &[(&str, u64)])] = &[
        ("GET / HTTP/1.1\r\nA: b\r\n\r\r\n", &[("odd-line-end", 22)]),
        ("GET / HTTP/1.1\nHost: a\n\n", &[("bare-line-feed", 14)]),
        (
            "\r\n\r\nGET / HTTP/1.1\r\n\r\n",
            &[("leading-empty-line", 0)],
        ),
        ("GET  /  HTTP/1.1\r\n\r\n", &[("start-line-blanks", 3)]),
        ("GET / HTTP/1.1 \r\n\r\n", &[("start-line-blanks", 3)]),
        ("get / HTTP/1.1\r\n\r\n", &[("odd-method", 0)]),
        (
            "get  / HTTP/1.1\r\n\r\n",
            &[("odd-method", 0), ("start-line-blanks", 3)],
        ),
        ("GET /a b HTTP/1.1\r\n\r\n", &[("odd-target", 4)]),
        (
            "GET HTTP/1.1\r\n\r\n",
            &[("odd-target", 4), ("start-line-blanks", 3)],
        ),
        ("GET / HTTP/1.2\r\n\r\n", &[("odd-version", 6)]),
        ("GET / http/1.1\r\n\r\n", &[("odd-version", 6)]),
        ("GET / HTTP/11.1\r\n\r\n", &[("odd-version", 6)]),
        (
            "GET / HTTP/1.1\r\nA: b\r\n  c\r\n\r\n",
            &[("folded-header", 22)],
        ),
        (
            "GET / HTTP/1.1\r\n A: b\r\n\r\n",
            &[("odd-header-name", 16)],
        ),
        (
            "GET / HTTP/1.1\r\nA : b\r\n\r\n",
            &[("blank-before-colon", 17)],
        ),
        (
            "GET / HTTP/1.1\r\nA b: c\r\n\r\n",
            &[("odd-header-name", 16)],
        ),
        (
            "GET / HTTP/1.1\r\nnonsense\r\n\r\n",
            &[("header-without-colon", 16)],
        ),
        (
            "GET / HTTP/1.1\r\n: b\r\n\r\n",
            &[("empty-header-name", 16)],
        ),
        (
            "GET / HTTP/1.1\r\nA: b\u{1}c\r\n\r\n",
            &[("odd-header-value", 20)],
        ),
        (
            "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n",
            &[("odd-header-value", 20)],
        ),
    ];
    for (text, expected) in cases {
        let request = request(text);
        assert!(request.head_complete(), "{text:?}");
        assert_eq!(anomalies(&request), *expected, "{text:?}");
    }
}

#[test]
fn odd_status_lines_are_read_with_their_anomalies() {
    type Case = (&'static str, u16, &'static [(&'static str, u64)]);
    let cases: &[Case] = &[
        (
            "HTTP/1.1 204\r\n\r\n",
            204,
            &[("missing-reason-phrase", 12)],
        ),
        ("HTTP/1.1 204 \r\n\r\n", 204, &[]),
        ("HTTP/1.1  204 x\r\n\r\n", 204, &[("start-line-blanks", 8)]),
        ("HTTP/1.1 20x OK\r\n\r\n", 0, &[("odd-status", 9)]),
        ("HTTP/1.1 999 Odd\r\n\r\n", 999, &[("odd-status", 9)]),
        (
            "HTTP/1.1\r\n\r\n",
            0,
            &[
                ("odd-status", 8),
                ("start-line-blanks", 8),
                ("missing-reason-phrase", 8),
            ],
        ),
        ("HTTP/2.0 204 OK\r\n\r\n", 204, &[("odd-version", 0)]),
        ("http/1.1 204 OK\r\n\r\n", 204, &[("odd-version", 0)]),
    ];
    for (text, status, expected) in cases {
        let response = response(text);
        assert_eq!(
            (response.status(), anomalies(&response).as_slice()),
            (*status, *expected),
            "{text:?}"
        );
    }
}

#[test]
fn folded_values_are_joined_and_kept() {
    let request = request("GET / HTTP/1.1\r\nA: b \r\n\t c\r\n \r\nB:\r\n  d\r\n\r\n");
    assert_eq!(request.header("a").as_deref(), Some(&b"b c"[..]));
    assert_eq!(request.header("B").as_deref(), Some(&b"d"[..]));
    let lines: Vec<_> = request
        .headers()
        .map(|header| (header.line, header.raw_value))
        .collect();
    assert_eq!(
        lines,
        [
            (&b"A: b \r\n\t c\r\n \r\n"[..], &b"b \r\n\t c"[..]),
            (b"B:\r\n  d\r\n", b"d")
        ]
    );
}

#[test]
fn the_most_headers_are_listed_and_the_head_still_ends() {
    let text = format!(
        "GET / HTTP/1.1\r\n{}\r\nGET /2 HTTP/1.1\r\n\r\n",
        "A: b\r\n".repeat(100)
    );
    let limits = Limits {
        headers_max: 60,
        ..Limits::default()
    };
    let messages = Drive::with(Kind::Request, limits)
        .feed(text.as_bytes())
        .messages();
    assert_eq!(messages.len(), 2);
    assert_eq!(
        (messages[0].headers().len(), messages[0].head_complete()),
        (60, true)
    );
    assert_eq!(anomalies(&messages[0]), [("too-many-headers", 16 + 360)]);
}
