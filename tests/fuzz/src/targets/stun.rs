//! One datagram that may wake a device: STUN, a UDP Connection Request or a lightweight notification; attributes and
//! texts in their places, every check ends, and what is written again is what was read.

use stun::{
    AnomalyKind, Attribute, Builder, Credentials, Datagram, Fingerprint, Form, Integrity, Message,
    Padding, Signature, Span, kind, lwn, ucr,
};

use super::tape::Tape;

/// One byte of settings, two of what the capture cut off, then the payload.
pub fn run(data: &[u8]) {
    let mut tape = Tape(data);
    let password = tape.one_of(&PASSWORDS);
    let wire_bytes = usize::from(tape.word());
    let payload = tape.0;
    let wire_bytes = payload.len() + wire_bytes;
    let message = stun::parse(payload, wire_bytes);
    let request = ucr::parse(payload, wire_bytes);
    let notification = lwn::parse(payload, wire_bytes);
    let expected = match (&message, &request, &notification) {
        (Some(message), ..) => Some(Datagram::Stun(message.form)),
        (None, Some(_), _) => Some(Datagram::ConnectionRequest),
        (None, None, Some(_)) => Some(Datagram::LightweightNotification),
        (None, None, None) => None,
    };
    assert_eq!(stun::recognise(payload, wire_bytes), expected);
    if let Some(message) = message {
        in_place(&message);
        ask(&message, password);
        grows(&message);
        written(&message, password);
    }
    if let Some(request) = request {
        asked_for(&request, password);
    }
    if let Some(notification) = notification {
        notified(&notification, password);
    }
}

/// Attributes ascend without overlap and end inside the datagram.
fn in_place(message: &Message) {
    let mut before = 20;
    for attribute in &message.attributes {
        assert!(before <= attribute.offset, "it overlaps the one before");
        before = attribute.offset + 4 + usize::from(attribute.length);
        before += usize::from(attribute.padding);
        assert!(before <= message.wire_bytes());
        let whole = message.raw(attribute).len() == usize::from(attribute.length);
        assert!(whole || message.is_truncated());
    }
    let length = message.wire_bytes();
    assert!(message.anomalies.iter().all(|odd| odd.offset <= length));
    assert!(message.anomalies.is_sorted_by_key(|odd| odd.offset));
}

/// Every question that may be asked of a message.
fn ask(message: &Message, password: &str) {
    for attribute in &message.attributes {
        let _ = (message.value(attribute), message.name_of(attribute));
        assert!(message.has(attribute.kind));
    }
    let _ = (message.class(), message.method(), message.type_name());
    let _ = (message.mapped_address(), message.error_code());
    let _ = (message.is_tr111(), message.text(kind::SOFTWARE));
    let padded = message.text(kind::USERNAME).unwrap_or_default();
    assert!(padded.starts_with(message.username().unwrap_or_default()));
    for username in [None, Some("user")] {
        let credentials = Credentials {
            password,
            username,
            realm: username,
        };
        if let Integrity::Match(found) = message.verify_integrity(&credentials) {
            let _ = found.computation();
        }
    }
    let _ = message.verify_fingerprint();
}

/// With more of its bytes a message has no fewer attributes, unless those bytes tell that its values are padded otherwise.
fn grows(message: &Message) {
    let bytes = message.bytes();
    let step = (bytes.len() / 24).max(1);
    let mut known: Vec<Attribute> = Vec::new();
    for length in (0..=bytes.len()).step_by(step).chain([bytes.len()]) {
        let Some(prefix) = stun::parse(&bytes[..length], message.wire_bytes()) else {
            continue;
        };
        for (before, now) in known.iter().zip(&prefix.attributes) {
            if before.padding != now.padding {
                known.clear();
                break;
            }
            assert_eq!(before, now, "with {length} bytes it is another");
        }
        assert!(known.len() <= prefix.attributes.len());
        known = prefix.attributes;
    }
}

/// Written again it is the same bytes; sealed anew, its seals hold.
fn written(message: &Message, password: &str) {
    let cut = |odd: &stun::Anomaly| {
        matches!(
            odd.kind,
            AnomalyKind::TrailingBytes
                | AnomalyKind::LengthTooLong
                | AnomalyKind::AttributeOverrun
                | AnomalyKind::AttributeStray
        )
    };
    if !message.is_truncated() && !message.anomalies.iter().any(cut) {
        assert_eq!(message.write().as_deref(), Ok(message.bytes()));
    }
    let Ok(id) = message.transaction_id().try_into() else {
        return;
    };
    if message.form != Form::Rfc5389 {
        return;
    }
    let sealed = Builder::new(message.message_type, id).padding(Padding::With(0));
    let seals = [
        0,
        kind::MESSAGE_INTEGRITY,
        kind::MESSAGE_INTEGRITY_SHA256,
        kind::FINGERPRINT,
    ];
    let kept = message.attributes.iter();
    let kept = kept.filter(|attribute| !seals.contains(&attribute.kind));
    let sealed = kept.fold(sealed, |sealed, attribute| {
        sealed.attribute(attribute.kind, message.raw(attribute))
    });
    let sealed = sealed
        .integrity(Form::Rfc5389, password.as_bytes())
        .fingerprint();
    let Ok(bytes) = sealed.finish() else {
        return;
    };
    let again = stun::parse(&bytes, bytes.len()).expect("a cookie speaks for itself");
    let credentials = Credentials {
        password,
        ..Credentials::default()
    };
    let integrity = again.verify_integrity(&credentials);
    assert!(matches!(integrity, Integrity::Match(_)), "{integrity:?}");
    assert_eq!(again.verify_fingerprint(), Fingerprint::Match);
}

/// Every range of a Connection Request ends inside the payload; one drafted of what it says is signed.
fn asked_for(request: &ucr::Request, password: &str) {
    let length = request.bytes().len();
    let target = &request.target;
    let parts = [
        target.scheme,
        target.authority,
        target.query,
        target.fragment,
    ];
    let spans = [request.method, request.version, request.body];
    let more = [target.all, target.path];
    let all = parts.into_iter().flatten().chain(spans).chain(more);
    let parameters = request.parameters.iter();
    let parameters = parameters.flat_map(|parameter| [parameter.name, parameter.value]);
    let headers = request.headers.iter();
    let headers = headers.flat_map(|header| [header.name, header.value]);
    for span in all.chain(parameters).chain(headers) {
        lies(span, length);
        let _ = request.raw(span);
    }
    assert!(
        request
            .anomalies
            .iter()
            .all(|odd| odd.offset <= request.wire_bytes())
    );
    let _ = (request.timestamp_s(), request.id(), request.host());
    let _ = target.host_and_port(request.bytes());
    let _ = request.verify(password.as_bytes());
    assert_eq!(request.likeness(request), ucr::Likeness::Identical);
    let said = |name| {
        let value = request.value(name).unwrap_or_default();
        String::from_utf8_lossy(&value).into_owned()
    };
    let (username, cnonce) = (said(ucr::Name::Username), said(ucr::Name::Cnonce));
    let draft = ucr::Draft {
        authority: "192.0.2.1:7547",
        timestamp_s: request.timestamp_s().unwrap_or_default(),
        id: request.id().unwrap_or_default(),
        username: &username,
        cnonce: &cnonce,
    };
    let bytes = draft.write(password.as_bytes());
    let again = ucr::parse(&bytes, bytes.len()).expect("what is drafted is recognised");
    let signature = again.verify(password.as_bytes());
    assert!(
        matches!(signature, Signature::Match { .. }),
        "{signature:?}"
    );
    assert_eq!(
        again.value(ucr::Name::Username).as_deref(),
        Some(username.as_bytes())
    );
    assert_eq!(
        again.value(ucr::Name::Cnonce).as_deref(),
        Some(cnonce.as_bytes())
    );
    let _ = (request.likeness(&again), again.is_copy_of(request));
}

/// Everything of a notification lies in the payload.
fn notified(notification: &lwn::Notification, password: &str) {
    let length = notification.bytes().len();
    let headers = notification.headers.iter();
    let headers = headers.flat_map(|header| [header.name, header.value]);
    let spans = [notification.first_line, notification.body];
    for span in headers.chain(spans) {
        lies(span, length);
    }
    let fields = [
        &notification.timestamp,
        &notification.username,
        &notification.cnonce,
        &notification.oui,
        &notification.product_class,
        &notification.serial_number,
    ];
    for field in fields.into_iter().flatten() {
        assert!(field.offset <= length);
    }
    for parameter in &notification.parameters {
        assert!(parameter.name.offset <= length && parameter.value.offset <= length);
    }
    assert!(
        notification
            .anomalies
            .iter()
            .all(|odd| odd.offset <= length)
    );
    let _ = (notification.timestamp_s(), notification.header("Host"));
    let _ = notification.verify(password.as_bytes());
}

fn lies(span: Span, length: usize) {
    assert!(span.start <= span.end && span.end <= length, "{span:?}");
}

/// That of RFC 5769 among them, for seeds whose seals hold.
const PASSWORDS: [&str; 4] = [
    "VOkJxbRl1RmTxUk/WvJxBt",
    "password",
    "",
    "The\u{ad}M\u{aa}tr\u{2168}",
];
