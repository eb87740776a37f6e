//! Messages as fields, and back.

use http1::{BodyFields, Fields, Keep, Kind};

use crate::drive::{Drive, message, messages};

#[test]
fn odd_messages_are_written_as_they_were() {
    for (kind, text) in [
        (
            Kind::Request,
            "POST  /a b  HTTP/1.1 \r\nA : b \r\n\tc  \r\n \r\nnocolon\r\n: x\r\nB:\r\nC:   \r\nD: e  \nContent-Length: 3\r\n\nabc",
        ),
        (Kind::Response, "HTTP/1.1 200\r\n\r\nuntil close"),
        (
            Kind::Response,
            "HTTP/1.1  20x  Odd one \r\nContent-Length: 2\r\n\r\nab",
        ),
        (
            Kind::Response,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n 003 ;a=b\r\nabc\r\n\r\n2\ncd\n0;z \r\nT : u\r\n v\r\n\r\n",
        ),
        (
            Kind::Response,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
        (
            Kind::Response,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n3\r\nab",
        ),
        (
            Kind::Response,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4",
        ),
        (
            Kind::Response,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nA: b\r\nc",
        ),
        (Kind::Request, "GET /cut HT"),
        (Kind::Request, "GET /cut HTTP/1.1\r\nHost"),
        (Kind::Request, "GET HTTP/1.1\r\n\r\n"),
    ] {
        let message = message(kind, text);
        let written = Fields::from(&message).write();
        assert_eq!(
            written.escape_ascii().to_string(),
            text.as_bytes().escape_ascii().to_string()
        );
    }
}

#[test]
fn lines_beyond_the_bound_are_written_too() {
    let text = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(9));
    let limits = http1::Limits {
        headers_max: 3,
        ..http1::Limits::default()
    };
    for message in Drive::with(Kind::Request, limits)
        .feed(text.as_bytes())
        .messages()
    {
        assert_eq!(Fields::from(&message).write(), text.as_bytes());
    }
}

#[test]
fn a_body_that_was_not_kept_is_not_written() {
    let mut drive = Drive::new(Kind::Request);
    drive.keep = Some(Keep::Nothing);
    for message in drive
        .feed(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nT: u\r\n\r\n")
        .messages()
    {
        assert_eq!(Fields::from(&message).body, BodyFields::None);
        assert_eq!(Fields::from(&message).write(), message.raw);
    }
}

#[test]
fn fields_are_changed_without_touching_the_others() {
    let recorded = message(
        Kind::Request,
        "POST / HTTP/1.1\r\nHOST:a\r\ncontent-length:  3\r\nCookie: x\r\n\r\nabc",
    );
    let mut fields = Fields::from(&recorded);
    fields.set_header("Host", b"b");
    fields.remove_header("cookie");
    fields.set_body(b"longer body".to_vec());
    assert_eq!(
        fields.write(),
        b"POST / HTTP/1.1\r\nHOST:b\r\ncontent-length:  11\r\n\r\nlonger body"
    );
    let recorded = message(
        Kind::Response,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\nT: u\r\n\r\n",
    );
    let mut fields = Fields::from(&recorded);
    fields.set_body(vec![b'x'; 20]);
    assert!(
        fields
            .write()
            .ends_with(b"\r\n\r\n14\r\nxxxxxxxxxxxxxxxxxxxx\r\n0\r\nT: u\r\n\r\n")
    );
    fields.set_body(Vec::new());
    assert!(fields.write().ends_with(b"\r\n\r\n0\r\nT: u\r\n\r\n"));
}

#[test]
fn fields_made_anew_are_read_as_meant() {
    let mut request = Fields::request("POST", "/acs");
    request.set_header("SOAPAction", b"");
    request.set_body(b"<a/>".to_vec());
    let mut response = Fields::response(204, "No Content");
    response.set_header("Server", b"x");
    let read = messages(Kind::Request, &[request.write(), request.write()].concat());
    assert_eq!(
        (read.len(), read[1].body(), read[1].anomalies.len()),
        (2, &b"<a/>"[..], 0)
    );
    let read = message(Kind::Response, response.write());
    assert_eq!(
        (read.status(), read.reason(), Fields::from(&read)),
        (204, &b"No Content"[..], response)
    );
}
