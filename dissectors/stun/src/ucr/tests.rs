use super::*;
use crate::signature::{Signature, SignedText};
use crate::{Digest, digest};

fn read(text: &str) -> Request {
    match parse(text.as_bytes(), text.len()) {
        Some(request) => request,
        None => panic!("not recognised: {text}"),
    }
}

fn odd(text: &str) -> Vec<&'static str> {
    let request = read(text);
    request
        .anomalies
        .iter()
        .map(|anomaly| anomaly.kind.name())
        .collect()
}

/// A datagram of a GenieACS server whose Connection Request password was `crpass`.
const GENIEACS: &str = "GET http://127.0.0.1:19825?ts=1795291484&id=7195&un=cruser&cn=4109c0180314b5c8\
    &sig=63714736723642E636FCD0C5AE9C6899DF4125F1 HTTP/1.1\r\n\r\n";

#[test]
fn a_datagram_of_a_real_server() {
    let request = read(GENIEACS);
    let matched = Signature::Match {
        digest: Digest::Sha1,
        text: SignedText::Decoded,
    };
    assert_eq!(request.verify(b"crpass"), matched);
    assert_eq!(odd(GENIEACS), ["host-missing"]);
    assert_eq!(
        request.raw(request.target.all),
        &GENIEACS.as_bytes()[4..GENIEACS.len() - 13]
    );
    assert_eq!(
        request.raw_value(Name::Cnonce),
        Some(&b"4109c0180314b5c8"[..])
    );
}

#[test]
fn near_misses_are_read_and_told() {
    let sig = "sig=63714736723642e636fcd0c5ae9c6899df4125f1";
    let host = "Host: h:1\r\n\r\n";
    let good = format!("GET http://h:1?ts=5&id=7&un=u&cn=c&{sig} HTTP/1.1\r\n{host}");
    assert_eq!(odd(&good), [""; 0]);
    let line = |line: &str| odd(&format!("{line}\r\n{host}"));
    let of = |target: &str| line(&format!("GET {target} HTTP/1.1"));
    let query = |query: &str| of(&format!("http://h:1?{query}"));
    assert_eq!(query(&format!("{sig}&cn=c&un=u&id=7&ts=5")), [""; 0]);
    assert_eq!(
        of(&format!("http://h:1/?ts=5&id=7&un=u&cn=c&{sig}")),
        ["path-not-empty"]
    );
    assert_eq!(of(&format!("http://h?ts=5&id=7&un=u&cn=c&{sig}")), [""; 0]);
    assert_eq!(
        of(&format!("/?ts=5&id=7&un=u&cn=c&{sig}")),
        ["target-not-absolute", "path-not-empty"]
    );
    assert_eq!(
        of(&format!("?ts=5&id=7&un=u&cn=c&{sig}")),
        ["target-not-absolute"]
    );
    assert_eq!(
        of(&format!("h:1?ts=5&id=7&un=u&cn=c&{sig}")),
        ["target-not-absolute"]
    );
    assert_eq!(
        of(&format!("https://h:1?ts=5&id=7&un=u&cn=c&{sig}")),
        ["scheme-odd"]
    );
    assert_eq!(
        of(&format!("http://h:x?ts=5&id=7&un=u&cn=c&{sig}")),
        ["authority-odd"]
    );
    assert_eq!(
        of(&format!("http://h:1?ts=5&id=7&un=u&cn=c&{sig}#f")),
        ["fragment-present"]
    );
    let plain = format!("http://h:1?ts=5&id=7&un=u&cn=c&{sig}");
    assert_eq!(line(&format!("get {plain} HTTP/1.1")), ["method-odd"]);
    assert_eq!(line(&format!("POST {plain} HTTP/1.1")), ["method-odd"]);
    assert_eq!(line(&format!("GET {plain} HTTP/1.0")), ["version-odd"]);
    assert_eq!(line(&format!("GET {plain}")), ["version-odd"]);
    assert_eq!(
        line(&format!("GET  {plain} HTTP/1.1 ")),
        ["request-line-odd"]
    );

    assert_eq!(query("ts=5&id=7&un=u&cn=c"), ["parameter-missing"]);
    assert_eq!(
        query(&format!("ts=5&ts=6&id=7&un=u&cn=c&{sig}")),
        ["parameter-repeated"]
    );
    assert_eq!(
        query(&format!("ts=5&id=7&un=u&cn=c&{sig}&x=y")),
        ["parameter-unknown"]
    );
    assert_eq!(
        query(&format!("TS=5&id=7&un=u&cn=c&{sig}")),
        ["parameter-case-odd"]
    );
    assert_eq!(
        query(&format!("ts=5&id=7&un=u&cn=&{sig}")),
        ["parameter-empty"]
    );
    assert_eq!(
        query(&format!("ts=5&id=7&un=u&cn&{sig}")),
        ["parameter-empty"]
    );
    assert_eq!(
        query(&format!("ts=5&id=7&un=a%2&cn=c&{sig}")),
        ["percent-odd"]
    );
    assert_eq!(
        query(&format!("ts=5&id=7&un=a b&cn=c&{sig}")),
        ["query-byte-odd"]
    );
    assert_eq!(
        query(&format!("ts=now&id=7&un=u&cn=c&{sig}")),
        ["timestamp-odd"]
    );
    assert_eq!(
        query(&format!("ts=1120673700000&id=7&un=u&cn=c&{sig}")),
        ["timestamp-milliseconds"]
    );
    assert_eq!(query(&format!("ts=5&id=-7&un=u&cn=c&{sig}")), ["id-odd"]);
    assert_eq!(query("ts=5&id=7&un=u&cn=c&sig=xyz"), ["signature-odd"]);
    assert_eq!(
        query("ts=5&id=7&un=u&cn=c&sig=00ff"),
        ["signature-length-odd"]
    );
}

#[test]
fn heads_that_are_bent() {
    let first = format!(
        "GET http://h:1?ts=5&id=7&un=u&cn=c&sig={} HTTP/1.1",
        "0".repeat(40)
    );
    let head = |rest: &str| odd(&format!("{first}{rest}"));
    assert_eq!(head("\r\nHost: h:1\r\n\r\n"), [""; 0]);
    assert_eq!(head("\nHost: h:1\n\n"), ["bare-line-feed"]);
    assert_eq!(head("\r\nHost: h:1\r\n"), ["final-line-missing"]);
    assert_eq!(head("\r\nHost: h:1"), ["final-line-missing"]);
    assert_eq!(head(""), ["host-missing", "final-line-missing"]);
    assert_eq!(head("\r\nHost: a\r\nhost: b\r\n\r\n"), ["host-repeated"]);
    assert_eq!(head("\r\nHost: h:1\r\nwhat\r\n\r\n"), ["header-odd"]);
    assert_eq!(head("\r\nHost: h:1\r\n\r\nbody"), ["body-present"]);
    assert_eq!(head("\r\nHost: h:1\r\nContent-Length: 0\r\n\r\n"), [""; 0]);
    assert_eq!(
        head("\r\nHost: h:1\r\nContent-Length: 9\r\n\r\n"),
        ["content-length-odd"]
    );
}

#[test]
fn signatures_over_what_servers_sign() {
    let write = |un: &str, text: &str, digest: Digest| {
        let signature = digest::hexadecimal(&digest.hmac(b"key", &[text.as_bytes()]));
        read(&format!(
            "GET http://h?ts=1&id=2&un={un}&cn=4&sig={signature} HTTP/1.1\r\n\r\n"
        ))
    };
    for (un, text, form) in [
        ("a%20b", "12a b4", SignedText::Decoded),
        ("a+b", "12a b4", SignedText::Decoded),
        ("a+b", "12a+b4", SignedText::DecodedPlusKept),
        ("a%20b", "12a%20b4", SignedText::Raw),
        ("a b", "12a b4", SignedText::Decoded),
    ] {
        for digest in [Digest::Md5, Digest::Sha1, Digest::Sha256, Digest::Sha512] {
            let found = write(un, text, digest).verify(b"key");
            assert_eq!(found, Signature::Match { digest, text: form }, "{un}");
        }
    }
    assert_eq!(
        write("a", "12a4", Digest::Sha1).verify(b""),
        Signature::Mismatch
    );
    let cut = &GENIEACS[..GENIEACS.len() - 20];
    let cut = parse(cut.as_bytes(), GENIEACS.len());
    assert!(cut.is_some_and(|cut| cut.verify(b"crpass") == Signature::Truncated));
}

#[test]
fn copies_are_known_as_copies() {
    let one = read(GENIEACS);
    let with_host = read(&GENIEACS.replace("HTTP/1.1\r\n", "HTTP/1.1\r\nHost: a\r\n"));
    let other_nonce = read(&GENIEACS.replace("4109c", "4109d"));
    let next = read(&GENIEACS.replace("id=7195", "id=7196"));
    assert_eq!(one.likeness(&one.clone()), Likeness::Identical);
    assert_eq!(one.likeness(&with_host), Likeness::SameValues);
    assert_eq!(one.likeness(&other_nonce), Likeness::SameTimestampAndId);
    assert_eq!(one.likeness(&next), Likeness::Distinct);
    assert!(one.is_copy_of(&with_host) && !one.is_copy_of(&other_nonce));
}

#[test]
fn a_cut_request_blames_nobody_for_what_was_cut() {
    for cut in 40..GENIEACS.len() {
        let Some(request) = parse(&GENIEACS.as_bytes()[..cut], GENIEACS.len()) else {
            continue;
        };
        assert!(request.is_truncated());
        assert_eq!(request.anomalies, [], "{cut}");
    }
    let cut = parse(&GENIEACS.as_bytes()[..60], GENIEACS.len());
    assert!(cut.is_some_and(|cut| cut.timestamp_s() == Some(1_795_291_484)));
}
