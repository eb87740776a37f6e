//! Captures that somebody wrote to cost as much as they can.

use std::io::Write;

use crate::fragments::fragment;
use crate::random::Random;
use crate::support::wire::{self, ACK, Endpoint, PSH, SYN};
use crate::traffic::{SIZE, Traffic, acs, connection, cpe};

/// Writes a capture.
type Writer = fn() -> Vec<u8>;

/// What ordinary traffic an attack is held against.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Plain,
    Compressed,
    Small,
}

/// Each by what it is.
pub const ADVERSARIES: &[(&str, Writer, Kind)] = &[
    ("one-byte segments in order", one_byte_segments, Kind::Plain),
    ("one-byte segments, the last first", backwards, Kind::Plain),
    (
        "one-byte segments with holes between them",
        sparse,
        Kind::Plain,
    ),
    (
        "segments that overlap behind a hole",
        overlapping,
        Kind::Plain,
    ),
    (
        "every second segment missing",
        alternating_gaps,
        Kind::Plain,
    ),
    (
        "segments that acknowledge what was never seen",
        early,
        Kind::Plain,
    ),
    (
        "keep-alives and repeated acknowledgments",
        keep_alives,
        Kind::Plain,
    ),
    ("a start line byte by byte", start_line, Kind::Plain),
    ("heads of 40,000 fields", fields, Kind::Plain),
    ("a field byte by byte", field_bytes, Kind::Plain),
    ("one-byte chunks", chunks, Kind::Plain),
    ("one-byte chunks byte by byte", chunk_bytes, Kind::Plain),
    ("pipelined requests", pipelined, Kind::Small),
    ("pipelined exchanges", exchanges, Kind::Small),
    ("elements in each other", deep, Kind::Plain),
    ("an element of many attributes", attributes, Kind::Plain),
    (
        "many namespaces, and elements that use them",
        namespaces,
        Kind::Plain,
    ),
    (
        "namespaces declared again at every level",
        nested_namespaces,
        Kind::Plain,
    ),
    ("character and entity references", entities, Kind::Plain),
    (
        "parameter names that differ at their ends",
        prefixes,
        Kind::Plain,
    ),
    ("half-open connections", half_open, Kind::Plain),
    (
        "addresses whose differences cancel out",
        similar_addresses,
        Kind::Small,
    ),
    ("fragments that overlap", overlapping_fragments, Kind::Plain),
    (
        "fragments that never become a packet",
        lone_fragments,
        Kind::Plain,
    ),
    ("pcapng blocks with many options", options, Kind::Plain),
    ("sessions that never close", open_sessions, Kind::Plain),
    ("sessions with one cookie", one_cookie, Kind::Plain),
    ("sessions behind one address", one_address, Kind::Plain),
    ("requests for files", transfers, Kind::Plain),
    ("Connection Requests", connection_requests, Kind::Plain),
    (
        "Connection Requests that were refused, and Informs from behind a NAT",
        refused_requests,
        Kind::Plain,
    ),
    ("RPCs that nobody answers", unanswered, Kind::Plain),
    ("small gzip bombs", gzip_bombs, Kind::Compressed),
];

fn envelope(body: &str) -> Vec<u8> {
    wire::post(&wire::envelope("1", body))
}

/// One message on one connection, in full segments.
fn one_message(body: &str) -> Vec<u8> {
    let mut traffic = Traffic::new();
    traffic.message(1, &envelope(body), 1448);
    traffic.bytes
}

/// The same text until the body has the size of the capture.
fn repeated(text: &str) -> String {
    text.repeat(SIZE / text.len())
}

/// A message on each of many connections, until the capture is full.
fn many(message: &[u8], segment: usize) -> Vec<u8> {
    let mut traffic = Traffic::new();
    let mut number = 0;
    while !traffic.is_full() {
        traffic.message(number, message, segment);
        number += 1;
    }
    traffic.bytes
}

fn one_byte_segments() -> Vec<u8> {
    many(&wire::post(&wire::inform("S", "2 PERIODIC")), 1)
}

/// Segments of a message of `length` bytes, put in order by `place`, on each of many connections.
fn shuffled(length: usize, segment: usize, change: impl Fn(&mut Vec<Vec<u8>>)) -> Vec<u8> {
    let mut traffic = Traffic::new();
    let message = envelope(&"x".repeat(length));
    let mut number = 0;
    while !traffic.is_full() {
        let mut connection = connection(number);
        traffic.frames(connection.open());
        let mut segments = connection.send(0, &message, segment);
        change(&mut segments);
        traffic.frames(segments);
        number += 1;
    }
    traffic.bytes
}

fn backwards() -> Vec<u8> {
    shuffled(400, 1, |segments| segments.reverse())
}

fn sparse() -> Vec<u8> {
    // All even ones but the first, from behind, then the odd ones.
    shuffled(1_400, 1, |segments| {
        let (even, odd): (Vec<_>, Vec<_>) = segments
            .drain(..)
            .enumerate()
            .partition(|(at, _)| at % 2 == 0);
        segments.extend(
            even.into_iter()
                .skip(1)
                .rev()
                .chain(odd)
                .map(|(_, segment)| segment),
        );
    })
}

fn overlapping() -> Vec<u8> {
    let mut random = Random::new(1);
    let mut traffic = Traffic::new();
    let bytes = [b'x'; 100];
    let mut connection = connection(1);
    traffic.frames(connection.open());
    while !traffic.is_full() {
        let offset = 10 + random.below(100_000) as u32;
        let length = random.between(1, 100);
        let sequence = connection.next[0].wrapping_add(offset);
        traffic.frame(&wire::tcp(
            cpe(1),
            acs(),
            sequence,
            connection.next[1],
            ACK,
            &bytes[..length],
        ));
    }
    traffic.bytes
}

fn alternating_gaps() -> Vec<u8> {
    let mut traffic = Traffic::new();
    let mut connection = connection(1);
    traffic.frames(connection.open());
    let message = b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nxx";
    while !traffic.is_full() {
        let kept = connection.send(0, message, 1448);
        connection.send(0, message, 1448);
        traffic.frames(kept);
        let [next, other] = connection.next;
        traffic.frame(&wire::tcp(acs(), cpe(1), other, next, ACK, b""));
    }
    traffic.bytes
}

fn early() -> Vec<u8> {
    let mut traffic = Traffic::new();
    let mut connection = connection(1);
    traffic.frames(connection.open());
    let message = b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nxx";
    while !traffic.is_full() {
        connection.next[1] = connection.next[1].wrapping_add(10);
        traffic.frames(connection.send(0, message, 20));
    }
    traffic.bytes
}

fn keep_alives() -> Vec<u8> {
    let mut traffic = Traffic::new();
    let mut connection = connection(1);
    traffic.frames(connection.open());
    traffic.frames(connection.send(0, &wire::post(&wire::inform("S", "2 PERIODIC"))[..900], 100));
    let [next, other] = connection.next;
    while !traffic.is_full() {
        traffic.frame(&wire::tcp(
            cpe(1),
            acs(),
            next.wrapping_sub(1),
            other,
            ACK,
            b"x",
        ));
        traffic.frame(&wire::tcp(acs(), cpe(1), other, next, ACK, b""));
    }
    traffic.bytes
}

fn start_line() -> Vec<u8> {
    many(
        format!("POST /{} HTTP/1.1\r\n", "x".repeat(20_000)).as_bytes(),
        1,
    )
}

fn fields() -> Vec<u8> {
    let head = format!(
        "POST / HTTP/1.1\r\n{}Content-Length: 0\r\n\r\n",
        "a:b\r\n".repeat(40_000)
    );
    many(head.as_bytes(), 1448)
}

fn field_bytes() -> Vec<u8> {
    many(
        format!("POST / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(20_000)).as_bytes(),
        1,
    )
}

fn chunked(segment: usize, chunks: usize) -> Vec<u8> {
    let text = wire::envelope("1", &"<a/>".repeat(chunks / 4));
    let mut message =
        b"POST / HTTP/1.1\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for byte in text.into_bytes() {
        message.extend([b'1', b'\r', b'\n', byte, b'\r', b'\n']);
    }
    message.extend(b"0\r\n\r\n");
    many(&message, segment)
}

fn chunks() -> Vec<u8> {
    chunked(1448, 200_000)
}

fn chunk_bytes() -> Vec<u8> {
    chunked(1, 1_000)
}

fn pipelined() -> Vec<u8> {
    let mut traffic = Traffic::new();
    let requests = "GET / HTTP/1.1\r\n\r\n".repeat(65_535);
    traffic.message(1, requests.as_bytes(), 1448);
    traffic.bytes
}

fn exchanges() -> Vec<u8> {
    let mut traffic = Traffic::new();
    let mut connection = connection(1);
    traffic.frames(connection.open());
    let (requests, responses) = (
        "POST / HTTP/1.1\r\n\r\n".repeat(76),
        "HTTP/1.1 204 \r\n\r\n".repeat(76),
    );
    while !traffic.is_full() {
        traffic.frames(connection.send(0, requests.as_bytes(), 1448));
        traffic.frames(connection.send(1, responses.as_bytes(), 1448));
    }
    traffic.bytes
}

fn deep() -> Vec<u8> {
    one_message(&repeated("<a>"))
}

fn attributes() -> Vec<u8> {
    let attributes: String = (0..SIZE / 12)
        .map(|number| format!(" a{number:06}=\"\""))
        .collect();
    one_message(&format!("<a{attributes}/>"))
}

fn namespaces() -> Vec<u8> {
    let count = SIZE / 40;
    let declared: String = (0..count)
        .map(|number| format!(" xmlns:p{number}=\"urn:{number}\""))
        .collect();
    let used: String = (0..count).map(|number| format!("<p{number}:a/>")).collect();
    one_message(&format!("<a{declared}>{used}</a>"))
}

fn nested_namespaces() -> Vec<u8> {
    let open = "<p:a xmlns:p=\"urn:p\" xmlns:q=\"urn:q\">".repeat(120);
    // Prefixes that no declaration matches, none the same as the two before.
    let inside = "<x:b/><y:b/><z:b/>".repeat(SIZE / 18);
    one_message(&format!("{open}{inside}{}", "</p:a>".repeat(120)))
}

fn entities() -> Vec<u8> {
    let text = repeated("&amp;&#x41;&#65;&lt;&unknown;&");
    one_message(&format!(
        "<cwmp:SetParameterValues><ParameterList><ParameterValueStruct><Name>{text}</Name><Value>{text}</Value></ParameterValueStruct></ParameterList></cwmp:SetParameterValues>"
    ))
}

fn prefixes() -> Vec<u8> {
    let path = "InternetGatewayDevice.".repeat(10);
    let values: String = (0..SIZE / 320)
        .map(|number| format!("<ParameterValueStruct><Name>{path}{number}</Name><Value>x</Value></ParameterValueStruct>"))
        .collect();
    one_message(&format!(
        "<cwmp:GetParameterValuesResponse><ParameterList>{values}</ParameterList></cwmp:GetParameterValuesResponse>"
    ))
}

fn half_open() -> Vec<u8> {
    let mut traffic = Traffic::new();
    let mut number = 0;
    while !traffic.is_full() {
        traffic.frame(&wire::tcp(cpe(number), acs(), 1, 0, SYN, b""));
        number += 1;
    }
    traffic.bytes
}

/// Source and destination differ from those of the next connection in the same bits, so that what adds or combines them
/// comes to the same.
fn similar_addresses() -> Vec<u8> {
    let mut traffic = Traffic::new();
    let mut number: u16 = 0;
    while !traffic.is_full() {
        let [high, low] = number.to_be_bytes();
        let (one, other) = (
            Endpoint::new([10, 0, high, low], number),
            Endpoint::new([10, 1, high, low], number),
        );
        traffic.frame(&wire::tcp(
            one,
            other,
            1,
            1,
            ACK | PSH,
            b"GET / HTTP/1.1\r\n\r\n",
        ));
        number = number.wrapping_add(1);
    }
    traffic.bytes
}

fn overlapping_fragments() -> Vec<u8> {
    let mut random = Random::new(2);
    let mut traffic = Traffic::new();
    let frame = wire::tcp(cpe(1), acs(), 1, 1, ACK, &[b'x'; 64]);
    while !traffic.is_full() {
        let offset = random.between(1, 7_000) * 8;
        let length = random.between(1, 8) * 8;
        traffic.frame(&fragment(&frame, 7, offset, &frame[34..34 + length], true));
    }
    traffic.bytes
}

fn lone_fragments() -> Vec<u8> {
    let mut traffic = Traffic::new();
    let frame = wire::tcp(cpe(1), acs(), 1, 1, ACK, b"");
    let mut number: u16 = 0;
    while !traffic.is_full() {
        traffic.frame(&fragment(&frame, number, 8, &frame[34..42], true));
        number = number.wrapping_add(1);
    }
    traffic.bytes
}

fn options() -> Vec<u8> {
    let mut bytes = wire::pcapng_head();
    let frame = wire::tcp(cpe(1), acs(), 1, 1, ACK, b"xx");
    // Comments without text, four bytes each, then the end of options.
    let options = [[1_u8, 0, 0, 0].repeat(100), vec![0; 4]].concat();
    let total = (32 + frame.len() + options.len()) as u32;
    while bytes.len() < SIZE {
        for word in [6, total, 0, 0, 0, frame.len() as u32, frame.len() as u32] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend_from_slice(&frame);
        bytes.extend_from_slice(&options);
        bytes.extend(total.to_le_bytes());
        // A block of a kind that nobody knows.
        for word in [0x7777_u32, 12, 12] {
            bytes.extend(word.to_le_bytes());
        }
    }
    bytes
}

/// Informs of so many devices, each answered with these fields; nothing ends.
fn informed(
    fields: &str,
    source: fn(u32) -> Endpoint,
    then: impl Fn(&mut Traffic, u32),
) -> Vec<u8> {
    // Enough sessions that time by the square of their number shows.
    let mut traffic = Traffic::of_size(SIZE * 4);
    let answer = format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: 0\r\n\r\n");
    let mut number = 0;
    while !traffic.is_full() {
        let mut connection = wire::Connection::new(source(number), acs());
        traffic.frames(connection.open());
        let inform = wire::post(&wire::inform(&format!("S{number}"), "2 PERIODIC"));
        traffic.frames(connection.send(0, &inform, 1448));
        traffic.frames(connection.send(1, answer.as_bytes(), 1448));
        then(&mut traffic, number);
        number += 1;
    }
    traffic.bytes
}

fn open_sessions() -> Vec<u8> {
    informed("", cpe, |_, _| {})
}

/// Every session has the same cookie; each device goes on with it on many connections.
fn one_cookie() -> Vec<u8> {
    informed("Set-Cookie: session=1\r\n", cpe, |traffic, number| {
        let post = b"POST / HTTP/1.1\r\nCookie: session=1\r\nContent-Length: 0\r\n\r\n";
        for other in 0..10 {
            let mut connection = wire::Connection::new(
                Endpoint {
                    port: 50_000 + other,
                    ..cpe(number)
                },
                acs(),
            );
            traffic.frames(connection.send(0, post, 1448));
        }
    })
}

/// All devices have one address; each goes on on many connections, without a cookie.
fn one_address() -> Vec<u8> {
    let source = |number: u32| Endpoint::new([10, 0, 0, 1], number as u16);
    informed("", source, |traffic, number| {
        for other in 0..10 {
            let port = 20_000 + (number as u16 * 10 + other) % 40_000;
            let mut connection = wire::Connection::new(Endpoint::new([10, 0, 0, 1], port), acs());
            traffic.frames(connection.send(
                0,
                b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
                1448,
            ));
        }
    })
}

/// An ACS that asks again and again for one file, and requests for it from other hosts.
fn transfers() -> Vec<u8> {
    let mut traffic = Traffic::new();
    let mut connection = connection(1);
    traffic.frames(connection.open());
    traffic.frames(connection.send(0, &wire::post(&wire::inform("S", "2 PERIODIC")), 1448));
    for number in 0..600 {
        let body = format!(
            "<cwmp:Download><CommandKey>{number}</CommandKey><URL>http://198.51.100.7/f</URL></cwmp:Download>"
        );
        traffic.frames(connection.send(1, &wire::reply(&wire::envelope("1", &body)), 1448));
    }
    for number in 0_u16.. {
        let port = 1024 + number % 60_000;
        if traffic.is_full() {
            break;
        }
        let file_server = Endpoint::new([198, 51, 100, 7], 80);
        let mut fetch = wire::Connection::new(Endpoint { port, ..cpe(1) }, file_server);
        let get = format!("GET /f HTTP/1.1\r\nHost: cpe{port}\r\n\r\n");
        traffic.frames(fetch.send(0, get.as_bytes(), 1448));
    }
    traffic.bytes
}

/// GETs to one device, and its Informs.
fn connection_requests() -> Vec<u8> {
    let mut traffic = Traffic::new();
    let mut number: u16 = 0;
    while !traffic.is_full() {
        for _ in 0..20 {
            let asks = Endpoint::new([203, 0, 113, 10], 1024 + number % 60_000);
            let mut wake = wire::Connection::new(
                asks,
                Endpoint {
                    port: 7547,
                    ..cpe(1)
                },
            );
            traffic.frames(wake.send(0, b"GET /wake HTTP/1.1\r\nHost: cpe\r\n\r\n", 1448));
            number = number.wrapping_add(1);
        }
        let mut informs = wire::Connection::new(
            Endpoint {
                port: 1024 + number % 60_000,
                ..cpe(1)
            },
            acs(),
        );
        traffic.frames(informs.send(
            0,
            &wire::post(&wire::inform("S", "6 CONNECTION REQUEST")),
            1448,
        ));
    }
    traffic.bytes
}

/// Refused GETs to one device, and Informs of another that listens on the same port for the same target.
fn refused_requests() -> Vec<u8> {
    let mut traffic = Traffic::of_size(SIZE * 2);
    let device = Endpoint::new([198, 51, 100, 9], 7547);
    for number in 0..4_000 {
        let mut wake =
            wire::Connection::new(Endpoint::new([203, 0, 113, 10], 1024 + number), device);
        traffic.frames(wake.send(0, b"GET /wake HTTP/1.1\r\nHost: cpe\r\n\r\n", 1448));
        traffic.frames(wake.send(1, b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", 1448));
    }
    let inform = wire::inform("S", "6 CONNECTION REQUEST")
        .replace(
            "Device.DeviceInfo.SoftwareVersion",
            "Device.ManagementServer.ConnectionRequestURL",
        )
        .replace(">1.0<", ">http://192.0.2.1:7547/wake<");
    let mut number = 0;
    while !traffic.is_full() {
        let mut connection = connection(number);
        traffic.frames(connection.send(0, &wire::post(&inform), 1448));
        number += 1;
    }
    traffic.bytes
}

/// Both sides ask, and what they answer answers nothing.
fn unanswered() -> Vec<u8> {
    let mut traffic = Traffic::of_size(SIZE * 4);
    let mut connection = connection(1);
    traffic.frames(connection.open());
    traffic.frames(connection.send(0, &wire::post(&wire::inform("S", "2 PERIODIC")), 1448));
    let mut number = 0;
    while !traffic.is_full() {
        let asked = wire::envelope(&format!("a{number}"), "<cwmp:GetRPCMethods/>");
        let answered = wire::envelope(&format!("b{number}"), "<cwmp:RebootResponse/>");
        traffic.frames(connection.send(1, &wire::reply(&asked), 1448));
        traffic.frames(connection.send(0, &wire::post(&answered), 1448));
        number += 1;
    }
    traffic.bytes
}

/// Messages of 1 KB that become some hundred KB of XML each.
fn gzip_bombs() -> Vec<u8> {
    let text = wire::envelope("1", &"<a/>".repeat(200_000));
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(9));
    encoder.write_all(text.as_bytes()).expect("text compresses");
    let body = encoder.finish().expect("text compresses");
    let head = format!(
        "POST / HTTP/1.1\r\nContent-Type: text/xml\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let message = [head.into_bytes(), body].concat();
    let mut traffic = Traffic::of_size(SIZE);
    for number in 0.. {
        traffic.message(number, &message, 1448);
        if traffic.is_full() {
            break;
        }
    }
    traffic.bytes
}
