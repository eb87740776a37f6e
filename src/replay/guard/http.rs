//! The HTTP messages that bytes hold, where there is one way to read them.

use http1::{AnomalyKind, Event, Framing, Keep, Kind, Limits, Message, Recognised, RequestMethod};

/// Who gets a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Receiver {
    /// A device: it is an HTTP response, or asks a device to connect.
    Cpe,
    /// An ACS: it is an HTTP request.
    Acs,
}

/// What a message carries.
#[derive(Debug)]
pub(super) struct Payload<'m> {
    pub(super) to: Receiver,
    /// The status; 0 of a request.
    pub(super) status: u16,
    pub(super) charset: Option<String>,
    /// Without framing and codings.
    pub(super) body: &'m [u8],
    /// As it is on the wire, where that is something else.
    pub(super) coded: Option<&'m [u8]>,
}

/// All messages in the bytes, which have to be used up.
pub(super) fn messages(bytes: &[u8]) -> Result<Vec<Message>, String> {
    let Recognised::Message(kind) = http1::recognise(bytes) else {
        return Err("no HTTP message begins here".to_owned());
    };
    if bytes.len() > BYTES_MAX {
        return Err(format!("it is longer than {BYTES_MAX} bytes"));
    }
    let mut found = Vec::new();
    let mut stream = http1::Stream::new(kind, LIMITS, 0);
    let mut input = bytes;
    while let Some(event) = stream.next(&mut input) {
        if matches!(event, Event::Head) {
            stream.set_request_method(RequestMethod::Other);
            stream.keep_body(Keep::All);
        }
        take(event, &mut found)?;
    }
    while let Some(event) = stream.end(http1::End::Fin) {
        take(event, &mut found)?;
    }
    let end = found.last().map_or(0, |message| message.stream_end);
    if end != bytes.len() as u64 {
        return Err("bytes follow the message that its head does not announce".to_owned());
    }
    found.iter().try_for_each(whole)?;
    Ok(found)
}

fn take(event: Event, found: &mut Vec<Message>) -> Result<(), String> {
    match event {
        Event::Head | Event::Peek => Ok(()),
        Event::Message(_) if found.len() >= MESSAGES_MAX => {
            Err("too many HTTP messages in one".to_owned())
        }
        Event::Message(message) => {
            found.push(message);
            Ok(())
        }
        Event::Stray { .. } => {
            Err("bytes stand before or behind the message that belong to none".to_owned())
        }
        Event::Tunnel => Err("it makes the connection a tunnel".to_owned()),
    }
}

/// A message that every parser reads to the same end.
fn whole(message: &Message) -> Result<(), String> {
    if !message.head_complete() || message.cut.is_some() || !message.body_complete {
        return Err("it is not whole: its head or its framing breaks off".to_owned());
    }
    if !message.body_kept && message.body_bytes > 0 {
        return Err("its body is longer than is read".to_owned());
    }
    if message.anomalies_dropped > 0 {
        return Err("its head is bent in too many places".to_owned());
    }
    let chunked = matches!(message.framing, Framing::Chunked { .. });
    let odd = message
        .anomalies
        .iter()
        .find(|anomaly| !is_harmless(anomaly.kind, chunked));
    match odd {
        Some(odd) => Err(format!("HTTP: {} at byte {}", odd.kind.name(), odd.offset)),
        None => Ok(()),
    }
}

/// What moves neither the end of the head nor that of the body for any parser.
fn is_harmless(kind: AnomalyKind, chunked: bool) -> bool {
    match kind {
        // Behind a bare LF, a parser that wants CR LF may take the lines of a chunked body for others.
        AnomalyKind::BareLineFeed => !chunked,
        AnomalyKind::MissingReasonPhrase
        | AnomalyKind::ContentLengthRepeated
        | AnomalyKind::LeadingEmptyLine => true,
        _ => false,
    }
}

/// What a message carries, where its head says so in one way.
pub(super) fn payload(message: &Message) -> Result<Payload<'_>, String> {
    let to = match message.kind() {
        Kind::Request => Receiver::Acs,
        Kind::Response => Receiver::Cpe,
    };
    if to == Receiver::Acs && !METHODS.contains(&message.method()) {
        return Err("a request with another method than GET, HEAD, OPTIONS and POST".to_owned());
    }
    Ok(Payload {
        to,
        status: message.status(),
        charset: charset(message)?,
        body: message.body(),
        coded: message.is_coded().then_some(&message.raw),
    })
}

/// The charset parameter, where there is no second one.
fn charset(message: &Message) -> Result<Option<String>, String> {
    let types: Vec<_> = message.header_all("Content-Type").collect();
    let named: usize = types
        .iter()
        .map(|value| {
            let value = value.to_ascii_lowercase();
            memchr::memmem::find_iter(&value, b"charset").count()
        })
        .sum();
    if types.len() > 1 || named > 1 {
        return Err("several Content-Type headers, or several charsets in one".to_owned());
    }
    match message.charset() {
        None => Ok(None),
        Some(charset) => match std::str::from_utf8(&charset) {
            Ok(charset) => Ok(Some(charset.to_owned())),
            Err(_) => Err("the charset in Content-Type is no text".to_owned()),
        },
    }
}

/// Why a response sends the device elsewhere, if it does.
pub(super) fn leads_away(message: &Message, own: &[String]) -> Option<String> {
    if message.kind() != Kind::Response {
        return None;
    }
    message
        .header_all("Location")
        .find(|location| !is_own(location, own))
        .map(|location| {
            // Neither a user nor a query is shown: both may hold secrets.
            let location = String::from_utf8_lossy(&location);
            let place = location.split(['?', '#']).next().unwrap_or_default();
            let place = place.rsplit('@').next().unwrap_or_default();
            format!("its Location points away from this program's own address, to {place:?}")
        })
}

/// A path on this authority, or a URL with one of the own.
fn is_own(location: &[u8], own: &[String]) -> bool {
    let Ok(location) = std::str::from_utf8(location.trim_ascii()) else {
        return false;
    };
    if location.contains(|c: char| c.is_control() || c == '\\') {
        return false;
    }
    let lower = location.to_ascii_lowercase();
    let (rest, port) = match lower.split_once("://") {
        Some(("http", rest)) => (rest, "80"),
        Some(("https", rest)) => (rest, "443"),
        Some(_) => return false,
        None => return lower.starts_with('/') && !lower.starts_with("//"),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let with_port = format!("{authority}:{port}");
    own.iter()
        .any(|own| own == authority || *own == with_port || format!("{own}:{port}") == authority)
}

/// One message is one step; a `100 Continue` may come before it.
const MESSAGES_MAX: usize = 4;
const BYTES_MAX: usize = LIMITS.message_bytes_max + LIMITS.head_bytes_max;
const METHODS: [&[u8]; 4] = [b"GET", b"HEAD", b"OPTIONS", b"POST"];
const LIMITS: Limits = Limits::DEFAULT;
