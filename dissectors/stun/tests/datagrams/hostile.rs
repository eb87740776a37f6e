//! Any bytes at all: nothing panics, nothing reaches behind the payload, and time stays linear.

use std::time::Instant;

use proptest::prelude::*;
use stun::ucr::Draft;
use stun::{
    AnomalyKind, Builder, Credentials, Datagram, Form, Header, MAGIC_COOKIE, Span, kind, lwn,
    parse, recognise, ucr,
};

use crate::{Outcome, bytes, shared};

/// All that must hold of any payload.
fn check(payload: &[u8], wire_bytes: usize) {
    let datagram = recognise(payload, wire_bytes);
    let message = parse(payload, wire_bytes);
    assert_eq!(
        message.is_some(),
        matches!(datagram, Some(Datagram::Stun(_)))
    );
    if let Some(message) = message {
        check_message(&message, payload, wire_bytes);
    }
    if let Some(request) = ucr::parse(payload, wire_bytes) {
        assert_eq!(datagram, Some(Datagram::ConnectionRequest));
        let _ = (
            request.verify(b"x"),
            request.timestamp_s(),
            request.id(),
            request.host(),
        );
        assert!(request.is_copy_of(&request));
        let target = request.target;
        let optional = [
            target.scheme,
            target.authority,
            target.query,
            target.fragment,
        ];
        let named = request
            .parameters
            .iter()
            .flat_map(|one| [one.name, one.value]);
        let all = [
            request.method,
            target.all,
            target.path,
            request.version,
            request.body,
        ];
        let spans = all
            .into_iter()
            .chain(optional.into_iter().flatten())
            .chain(named);
        inside(spans.chain(headers(&request.headers)), payload);
        assert!(
            request
                .anomalies
                .iter()
                .all(|anomaly| anomaly.offset <= payload.len())
        );
    }
    if let Some(notification) = lwn::parse(payload, wire_bytes) {
        assert!(datagram.is_some());
        let _ = (notification.verify(b"x"), notification.timestamp_s());
        let all = [notification.first_line, notification.body];
        inside(
            all.into_iter().chain(headers(&notification.headers)),
            payload,
        );
        assert!(
            notification
                .anomalies
                .iter()
                .all(|anomaly| anomaly.offset <= payload.len())
        );
    }
}

fn check_message(message: &stun::Message, payload: &[u8], wire_bytes: usize) {
    let credentials = Credentials {
        password: "x",
        username: Some("u"),
        realm: Some("r"),
    };
    let _ = (
        message.verify_integrity(&credentials),
        message.verify_fingerprint(),
    );
    let _ = (
        message.mapped_address(),
        message.username(),
        message.error_code(),
        message.is_tr111(),
    );
    let mut at = 20;
    for attribute in &message.attributes {
        assert_eq!(
            attribute.offset, at,
            "attributes stand one behind the other"
        );
        let _ = (message.value(attribute), message.name_of(attribute));
        at += 4 + usize::from(attribute.length) + usize::from(attribute.padding);
    }
    assert!(at <= wire_bytes.max(payload.len()).max(20));
    let cut_off = [
        AnomalyKind::TrailingBytes,
        AnomalyKind::LengthTooLong,
        AnomalyKind::AttributeOverrun,
        AnomalyKind::AttributeStray,
    ];
    let whole = !message.is_truncated()
        && message
            .anomalies
            .iter()
            .all(|one| !cut_off.contains(&one.kind));
    if whole {
        assert_eq!(message.write().as_deref(), Ok(payload));
    }
}

fn headers(headers: &[Header]) -> impl Iterator<Item = Span> {
    headers
        .iter()
        .flat_map(|header| [header.name, header.value])
}

fn inside(spans: impl Iterator<Item = Span>, payload: &[u8]) {
    for span in spans {
        assert!(
            span.start <= span.end && span.end <= payload.len(),
            "{span:?}"
        );
    }
}

const NOTIFICATION: &str = "POST /lwn HTTP/1.1\r\nHost: acs.example\r\nSignature: 00\r\n\r\n<n:Notification \
    xmlns:n=\"urn:broadband-forum-org:cwmp:lwnotif-1-0\"><n:TS>1</n:TS><n:Param><n:Name>Device.A&amp;</n:Name>\
    <n:Value t:type=\"x\"><![CDATA[1]]></n:Value></n:Param></n:Notification>";

/// One of each kind, to be bent.
fn seeds() -> Vec<Vec<u8>> {
    let mut id = [7; 16];
    let build = |id| {
        Builder::new(0x0101, id)
            .attribute(kind::USERNAME, b"user    ")
            .connection_request_binding()
            .binding_change()
            .error_code(420, "Unknown Attribute")
            .unknown_attributes(&[1, 2, 3])
            .integrity(Form::Rfc5389, b"x")
            .fingerprint()
            .finish()
            .unwrap_or_default()
    };
    let classic = build(id);
    id[..4].copy_from_slice(&MAGIC_COOKIE.to_be_bytes());
    let draft = Draft {
        authority: "192.0.2.1:7547",
        timestamp_s: 1_795_291_484,
        id: 7,
        username: "a b+c",
        cnonce: "0badcafe",
    };
    vec![
        classic,
        build(id),
        draft.write(b"x"),
        NOTIFICATION.as_bytes().to_vec(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes(payload in prop::collection::vec(any::<u8>(), 0..200), more in 0_usize..100) {
        check(&payload, payload.len() + more);
    }

    #[test]
    fn any_bytes_behind_a_cookie(kind in 0..0x4000_u16, length: u16, rest in prop::collection::vec(any::<u8>(), 0..200), more in 0_usize..40) {
        let mut payload = kind.to_be_bytes().to_vec();
        payload.extend(length.to_be_bytes());
        payload.extend(MAGIC_COOKIE.to_be_bytes());
        payload.extend(rest);
        check(&payload, payload.len() + more);
    }

    #[test]
    fn bent_datagrams(seed in 0_usize..4, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6), cut in any::<prop::sample::Index>(), more in 0_usize..3) {
        let mut payload = seeds().swap_remove(seed);
        for (at, byte) in changes {
            let at = at.index(payload.len());
            payload[at] = byte;
        }
        if more == 2 {
            payload.truncate(cut.index(payload.len()));
        }
        check(&payload, payload.len() + more * 7);
    }
}

#[test]
fn every_prefix_of_every_vector() -> Outcome {
    let mut all = seeds();
    if let Some(folder) = shared("captures/stun") {
        for entry in std::fs::read_dir(folder)? {
            let file = entry?.path();
            if file.extension().is_some_and(|extension| extension == "bin") {
                all.push(std::fs::read(file)?);
            }
        }
    }
    for whole in all {
        let mut attributes = 0;
        for cut in 0..=whole.len() {
            let payload = &whole[..cut];
            check(payload, cut);
            check(payload, whole.len());
            // A cut message is still a message, and never has less to tell than a shorter piece of it.
            let Some(message) = parse(payload, whole.len()) else {
                continue;
            };
            assert_eq!(message.is_truncated(), cut < whole.len());
            assert!(message.attributes.len() >= attributes);
            assert!(
                message.anomalies.iter().all(|one| one.offset <= cut),
                "{:?}",
                message.anomalies
            );
            attributes = message.attributes.len();
        }
    }
    Ok(())
}

#[test]
fn truncated_messages_say_so_and_tell_what_is_there() -> Outcome {
    let whole = bytes(
        "00010024 000102030405060708090a0b0c0d0e0f 00060008 7374756e75736572
         c0010014 64736c666f72756d2e6f72672f54522d31313120",
    );
    let cut = parse(&whole[..40], whole.len()).ok_or("not recognised")?;
    assert!(cut.is_truncated());
    assert_eq!(cut.wire_bytes(), 56);
    assert_eq!(cut.username(), Some(&b"stunuser"[..]));
    assert_eq!(cut.attributes.len(), 2);
    assert!(cut.anomalies.is_empty());
    let first = cut.attributes.last().map(|one| cut.raw(one));
    assert_eq!(first, Some(&b"dslf"[..]));
    assert!(cut.has_connection_request_binding());
    Ok(())
}

/// The worst of 64 KiB that comes to mind: each within what a hundred times its size of ordinary input takes.
#[test]
fn hostile_datagrams_take_linear_time() {
    let mut empty = bytes("0001ffe4 2112a442 000000000000000000000000");
    empty.extend([0x80, 0x01, 0, 0].repeat(16_377));
    let mut classic = bytes("0001ffe4 8112a442 000000000000000000000000");
    classic.extend([0x80, 0x01, 0, 0].repeat(16_377));
    let name = b"urn:broadband-forum-org:cwmp:lwnotif-1-0";
    let xml = |start: &str, again: &str| {
        let mut text = [start.as_bytes(), name, b"'>"].concat();
        text.extend(again.repeat((65_000 - text.len()) / again.len()).bytes());
        text
    };
    let declared: String = (0..3000)
        .map(|at| format!(" xmlns:a{at}='u{at}'"))
        .collect();
    for (what, payload) in [
        ("empty attributes", empty),
        ("empty classic attributes", classic),
        (
            "ampersands",
            [
                b"GET http://a?ts=1&id=2&un=3&cn=4".to_vec(),
                vec![b'&'; 65_000],
            ]
            .concat(),
        ),
        (
            "percent signs",
            [
                b"GET http://a?ts=1&id=2&cn=4&un=".to_vec(),
                vec![b'%'; 65_000],
            ]
            .concat(),
        ),
        (
            "no line end",
            [b"GET ".to_vec(), vec![b'?'; 65_000]].concat(),
        ),
        (
            "header lines",
            [
                &b"GET http://a?ts=1&id=2&un=3&cn=4 HTTP/1.1\n"[..],
                &b"a:\n".repeat(21_000),
            ]
            .concat(),
        ),
        (
            "blank lines",
            [&b"POST \n"[..], &b" \t".repeat(30_000), b"\n\n<", name].concat(),
        ),
        ("deep XML", xml("<a xmlns='", "<a>")),
        ("parameters", xml("<Notification xmlns='", "<Param/>")),
        ("entities", xml("<Notification xmlns='", "&a;")),
        (
            "unknown prefixes",
            xml(&format!("<Notification{declared} xmlns='"), "<b:b/>"),
        ),
    ] {
        let started = Instant::now();
        check(&payload, payload.len());
        let taken_ms = started.elapsed().as_millis();
        assert!(taken_ms < 1000, "{what}: {taken_ms} ms");
    }
}
