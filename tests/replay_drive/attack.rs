//! Messages that were tampered with, in their text, their codings and their framing: what any reader could take for a forbidden
//! RPC in them, the guard lets out for nobody.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use informant::replay::guard::Guard;
use proptest::prelude::*;
use regex::bytes::Regex;

use super::oracles::{any_reader_sees, careless_reader_sees};

/// What an ACS and its servers say that asks for nothing.
const INNOCENT: [&str; 6] = [
    "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:cwmp=\"urn:dslforum-org:cwmp-1-0\"><soap:Header>\
     <cwmp:ID soap:mustUnderstand=\"1\">1</cwmp:ID></soap:Header><soap:Body><cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes>\
     </cwmp:InformResponse></soap:Body></soap:Envelope>",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" \
     xmlns:c=\"urn:dslforum-org:cwmp-1-2\">\n <s:Body>\n  <c:GetParameterValues><ParameterNames><string>Device.Time.</string>\
     </ParameterNames></c:GetParameterValues>\n </s:Body>\n</s:Envelope>\n",
    "<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\"><Body><Fault><faultcode>Server</faultcode><faultstring>CWMP fault\
     </faultstring><detail><Fault xmlns=\"urn:dslforum-org:cwmp-1-0\"><FaultCode>8001</FaultCode><FaultString>no &lt; yes\
     </FaultString></Fault></detail></Fault></Body></Envelope>",
    "<html><head><title>503</title></head><body><h1>Busy &amp; tired</h1></body></html>",
    "Service Unavailable",
    "",
];

/// What is put into them.
const PIECES: [&str; 34] = [
    "<cwmp:Reboot><CommandKey>a</CommandKey></cwmp:Reboot>",
    "<FactoryReset/>",
    "<x:REBOOT xmlns:x='urn:dslforum-org:cwmp-1-0'/>",
    "<X_00156500_Erase/>",
    "<v:X_Erase>",
    "</v:X_Erase>",
    "<SetParameterValues a=\">\"",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?x ",
    "?>",
    "<!DOCTYPE a [<!ENTITY b \"<Reboot/>\">]>",
    "&b;",
    "&lt;Reboot/&gt;",
    "&#60;cwmp:FactoryReset&#62;",
    "%3CReboot%3E",
    "\\u003cReboot\\u003e",
    "+ADw-Reboot/+AD4-",
    "<a b=\"<Reboot/>\"/>",
    "<a Reboot='1'>",
    "<soap:Body>",
    "</soap:Body>",
    "</soap:Envelope>",
    "<soap:Envelope><soap:Body><Reboot/></soap:Body></soap:Envelope>",
    "\u{feff}",
    "\0",
    "\u{1}",
    "'",
    "\"",
    "<",
    ">",
    "\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<Reboot/>",
];

/// Changes of a text at places of it.
fn tampered(base: &str, changes: &[(u16, usize, bool)]) -> Vec<u8> {
    let mut text = base.as_bytes().to_vec();
    for (place, piece, cut) in changes {
        let at = usize::from(*place) % (text.len() + 1);
        if *cut {
            let end = (at + piece % 7).min(text.len());
            text.drain(at..end);
        } else {
            let piece = PIECES[piece % PIECES.len()].bytes();
            text.splice(at..at, piece);
        }
    }
    text
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).expect("in memory");
    out.finish().expect("in memory")
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::ZlibEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).expect("in memory");
    out.finish().expect("in memory")
}

fn chunked(body: &[u8], size: usize, extension: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for chunk in body.chunks(size.max(1)) {
        out.extend(format!("{:x}{extension}\r\n", chunk.len()).bytes());
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out
}

/// A message as some library would frame it, and as some attacker would.
fn framed(body: &[u8], start: &str, kind: usize, size: usize) -> Vec<u8> {
    let length = body.len();
    let with = |fields: &str, body: &[u8]| {
        [
            format!("{start}\r\nServer: a\r\n{fields}\r\n\r\n").as_bytes(),
            body,
        ]
        .concat()
    };
    let sized =
        |fields: &str, body: &[u8]| with(&format!("{fields}Content-Length: {}", body.len()), body);
    match kind {
        0 => sized("Content-Type: text/xml\r\n", body),
        1 => with("Transfer-Encoding: chunked", &chunked(body, size, "")),
        2 => with(
            "Transfer-Encoding: chunked",
            &chunked(body, size, ";a=\"<Reboot>\""),
        ),
        3 => with("Transfer-Encoding: x", body),
        4 => with(
            "Transfer-Encoding: chunked, identity",
            &chunked(body, size, ""),
        ),
        5 => with(
            &format!("Content-Length: {length}\r\nContent-Length: {size}"),
            body,
        ),
        6 => with(
            &format!("Content-Length: {}", length.saturating_sub(size)),
            body,
        ),
        7 => with(&format!("Content-Length: {}", length + size), body),
        8 => with(
            "Content-Length: 0\r\nTransfer-Encoding: chunked",
            &chunked(body, size, ""),
        ),
        9 => sized("Content-Encoding: gzip\r\n", &gzip(body)),
        10 => sized("Content-Encoding: gzip, deflate\r\n", &deflate(&gzip(body))),
        11 => sized("Content-Encoding: x\r\n", &gzip(body)),
        12 => sized("", &gzip(body)),
        13 => with("Connection: close", body),
        14 => with(" folded: <Reboot/>\r\nContent-Length: 0", body),
        15 => sized("X: a\r\n b\r\n", body),
        16 => [b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(), sized("", body)].concat(),
        17 => [sized("", body), sized("", body)].concat(),
        18 => [sized("", b""), body.to_vec()].concat(),
        19 => body.to_vec(),
        20 => sized(
            "Content-Type: multipart/related; boundary=b\r\n",
            &[
                b"--b\r\nContent-Type: text/xml\r\n\r\n",
                body,
                b"\r\n--b--\r\n",
            ]
            .concat(),
        ),
        21 => String::from_utf8_lossy(&sized("", body))
            .replace("\r\n", "\n")
            .into_bytes(),
        22 => sized(&format!("X: {}\r\n", String::from_utf8_lossy(body)), b""),
        23 => with("content-length:\t0\r\nContent-Length : 5", body),
        24 => sized("Content-Encoding: gzip\r\n", body),
        _ => sized("Content-Type: text/xml; charset=iso-8859-1\r\n", body),
    }
}

const FRAMINGS: usize = 26;
const STARTS: [&str; 6] = [
    "HTTP/1.1 200 OK",
    "HTTP/1.0 200 OK",
    "HTTP/1.1 204 No Content",
    "HTTP/1.1 500 Internal Server Error",
    "HTTP/1.1 401 <Reboot/>",
    "HTTP/1.1 304 Not Modified",
];

/// What readers of HTTP could take for text in a message: all of it, without chunks, and whatever can be inflated.
fn texts(message: &[u8]) -> Vec<Vec<u8>> {
    let mut all = vec![message.to_vec()];
    let ends = [&b"\r\n\r\n"[..], b"\n\n"];
    for end in ends {
        let at = message.windows(end.len()).position(|window| window == end);
        if let Some(at) = at {
            let body = &message[at + end.len()..];
            all.push(body.to_vec());
            all.push(unchunked(body));
        }
    }
    for _ in 0..2 {
        let inflated: Vec<Vec<u8>> = all.iter().flat_map(|text| inflated(text)).collect();
        all.extend(inflated);
    }
    all
}

/// As a reader that believes every line of a number to be a chunk's size.
fn unchunked(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = body;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let line = String::from_utf8_lossy(&rest[..end]).trim().to_owned();
        let size = line.split(';').next().unwrap_or_default();
        let Ok(size) = usize::from_str_radix(size.trim(), 16) else {
            break;
        };
        rest = &rest[end + 1..];
        let (chunk, behind) = rest.split_at(size.min(rest.len()));
        out.extend_from_slice(chunk);
        rest = behind.strip_prefix(b"\r\n").unwrap_or(behind);
        if size == 0 {
            break;
        }
    }
    out
}

fn inflated(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut plain = Vec::new();
    if bytes.starts_with(&[0x1F, 0x8B]) {
        let _ = flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut plain);
    } else if bytes.first() == Some(&0x78) {
        let _ = flate2::read::ZlibDecoder::new(bytes).read_to_end(&mut plain);
    }
    if !plain.is_empty() {
        found.push(plain);
    }
    found
}

/// What some reader finds, if anything.
fn found(message: &[u8], words: &Regex) -> Option<String> {
    for text in texts(message) {
        if let Some(word) = words.find(&text) {
            return Some(String::from_utf8_lossy(word.as_bytes()).into_owned());
        }
        for name in NAMES {
            if careless_reader_sees(&text, name) {
                return Some(name.to_owned());
            }
        }
        let text = String::from_utf8_lossy(&text);
        if any_reader_sees(&text, &|name| NAMES.contains(&name)) {
            return Some("by a parser".to_owned());
        }
    }
    None
}

const NAMES: [&str; 5] = [
    "Reboot",
    "FactoryReset",
    "SetParameterValues",
    "X_00156500_Erase",
    "X_Erase",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4000) })]

    #[test]
    fn what_a_lenient_reader_finds_is_let_out_for_nobody(
        base in 0..INNOCENT.len(),
        changes in prop::collection::vec((any::<u16>(), 0..PIECES.len(), prop::bool::weighted(0.2)), 0..5),
        start in 0..STARTS.len(),
        framing in prop_oneof![3 => Just(0), 7 => 0..FRAMINGS],
        size in 1..40_usize,
    ) {
        let words = Regex::new(r"(?i-u)<[^>!?/=\d\s][^>]*\b(Reboot|FactoryReset|SetParameterValues)\b").expect("a pattern");
        let body = tampered(INNOCENT[base], &changes);
        let message = framed(&body, STARTS[start], framing, size);
        if let Some(found) = found(&message, &words) {
            let shown = String::from_utf8_lossy(&message).into_owned();
            prop_assert!(Guard::default().permit(&message).is_err(), "{} in {}", found, shown);
        }
    }
}

#[test]
fn innocent_messages_go_out_in_every_plain_framing() {
    for body in INNOCENT {
        let start = if body.starts_with("<html") {
            STARTS[3]
        } else {
            STARTS[0]
        };
        for framing in [0, 1, 9, 13, 16] {
            let message = framed(body.as_bytes(), start, framing, 7);
            let permitted = Guard::default().permit(&message);
            let why = permitted.err().map(|refusal| refusal.to_string());
            assert_eq!(
                why,
                None,
                "{framing}: {}",
                String::from_utf8_lossy(&message)
            );
        }
    }
}
