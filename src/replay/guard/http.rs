//! The HTTP messages that bytes hold, where there is one way to read them.

use http1::{
    AnomalyKind, BodyFields, Event, Fields, Framing, Keep, Kind, Limits, Message, Recognised,
    RequestMethod,
};

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
    if has_markup_between_chunks(message) {
        return Err("markup stands between chunks or behind them".to_owned());
    }
    if has_other_coding(message) {
        return Err("a body in parts, or in a coding of mail".to_owned());
    }
    Ok(Payload {
        to,
        status: message.status(),
        charset: charset(message)?,
        body: message.body(),
        coded: message.is_coded().then_some(&message.raw),
    })
}

/// In an extension of a chunk, or in trailer fields: who does not take chunks apart reads it with the rest.
fn has_markup_between_chunks(message: &Message) -> bool {
    if !matches!(message.framing, Framing::Chunked { .. }) {
        return false;
    }
    let BodyFields::Chunked {
        chunks, trailers, ..
    } = Fields::from(message).body
    else {
        return false;
    };
    let holds = |bytes: &[u8]| memchr::memchr(b'<', bytes).is_some();
    chunks.iter().any(|chunk| holds(&chunk.extension))
        || trailers
            .iter()
            .any(|field| holds(&field.name) || holds(&field.value))
}

/// A reader of mail would find something else in the body.
fn has_other_coding(message: &Message) -> bool {
    let kind = message
        .content_type()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let in_parts = kind.starts_with(b"multipart/") || kind.starts_with(b"message/");
    let mut codings = message.header_all("Content-Transfer-Encoding");
    let coded = codings.any(|coding| {
        let coding = coding.trim_ascii();
        !PLAIN.iter().any(|plain| coding.eq_ignore_ascii_case(plain))
    });
    !message.body().is_empty() && (in_parts || coded)
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

/// One message is one step; a `100 Continue` may come before it.
const MESSAGES_MAX: usize = 4;
const BYTES_MAX: usize = LIMITS.message_bytes_max + LIMITS.head_bytes_max;
/// RFC 2045 section 6.2.
const PLAIN: [&[u8]; 3] = [b"7bit", b"8bit", b"binary"];
const METHODS: [&[u8]; 4] = [b"GET", b"HEAD", b"OPTIONS", b"POST"];
const LIMITS: Limits = Limits::DEFAULT;
