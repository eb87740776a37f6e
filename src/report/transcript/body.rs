//! How a message is written: as it was sent where that can be read and shown, else its body plain, with words that say
//! how reading sends it.

use std::borrow::Cow;

use crate::session::{MASKED, Masking, Message};
use crate::source::{Coding, Payload};

/// What stands in a message's block.
#[derive(Debug)]
pub(super) struct Written<'m> {
    pub head: Cow<'m, [u8]>,
    pub body: Cow<'m, [u8]>,
    pub codings: Vec<Coding>,
    pub chunked: bool,
    pub length_auto: bool,
    /// Bytes that were sent behind what stands here; none where nobody knows how many.
    pub missing: Option<u64>,
    /// What a reader should know of it.
    pub remarks: Vec<String>,
}

impl<'m> Written<'m> {
    pub fn of(message: &'m Message, masking: Masking) -> Self {
        let http = &message.http;
        let head = http.view().raw();
        let wire = http.raw.get(head.len()..).unwrap_or_default();
        let mut written = Self {
            head: masking.head(head),
            body: Cow::Borrowed(wire),
            codings: Vec::new(),
            chunked: false,
            length_auto: false,
            missing: sent_bytes(http).map(|sent| sent.saturating_sub(http.raw.len() as u64)),
            remarks: Vec::new(),
        };
        if !http.body_kept && http.body_bytes > 0 {
            let bytes = http.body_bytes;
            written.body = Cow::Borrowed(&[]);
            written
                .remarks
                .push(format!("{bytes} bytes of the body were not kept"));
        } else if !wire.is_empty() && http.head_complete() {
            written.write_body(message, masking);
        }
        written
    }

    fn write_body(&mut self, message: &Message, masking: Masking) {
        let Some(plain) = read_again(&message.http) else {
            return self.leave_out(masking);
        };
        let text = text_of(message, plain.body());
        let is_odd = message.soap.is_none() && !is_text(text);
        if !masking.show_secrets && (is_odd || masking.hides_all(text)) {
            return self.leave_out(masking);
        }
        let shown = shown(message, plain.body(), masking);
        let masked = matches!(shown, Cow::Owned(_));
        let whole = plain.body_complete && self.missing == Some(0);
        match Coded::of(&plain) {
            Coded::Undone(codings) if whole && Payload::has_plain_head(&self.head) => {
                self.codings = codings;
                self.frame_anew(&plain, shown);
            }
            Coded::Undone(_) | Coded::Opaque => return self.leave_out(masking),
            Coded::AsSent if !masked && !gives_away(&plain, &self.body, masking) => return,
            Coded::AsSent if whole && Payload::has_plain_head(&self.head) => {
                self.frame_anew(&plain, shown);
            }
            Coded::AsSent => self.frame_exactly(&plain, &shown, whole),
        }
        if masked {
            self.remarks.push(
                "secrets in the body are masked: its length and framing are those of what stands here".to_owned(),
            );
        }
    }

    /// Nobody can say what secrets these bytes hold: they stand there only where secrets may be shown.
    fn leave_out(&mut self, masking: Masking) {
        if masking.show_secrets {
            return;
        }
        let bytes = self.body.len();
        self.remarks.push(format!(
            "{bytes} bytes of the body are left out, since secrets in them cannot be masked: --show-secrets writes them"
        ));
        self.missing = self
            .missing
            .map(|missing| missing.saturating_add(bytes as u64));
        self.body = Cow::Borrowed(&[]);
    }

    /// Leaves length and framing to the reader.
    fn frame_anew(&mut self, plain: &http1::Message, shown: Cow<'_, [u8]>) {
        self.chunked = matches!(plain.framing, http1::Framing::Chunked { .. });
        self.length_auto = matches!(plain.framing, http1::Framing::ContentLength(_));
        self.body = Cow::Owned(shown.into_owned());
    }

    /// Length and framing as far as they go: of a body that breaks off, or of one under an odd head.
    fn frame_exactly(&mut self, plain: &http1::Message, shown: &[u8], whole: bool) {
        let mut body = Vec::with_capacity(shown.len() + CHUNK_BYTES);
        match plain.framing {
            http1::Framing::Chunked { .. } => {
                body.extend_from_slice(format!("{:x}\r\n", shown.len()).as_bytes());
                body.extend_from_slice(shown);
                if whole {
                    body.extend_from_slice(b"\r\n0\r\n\r\n");
                }
            }
            http1::Framing::ContentLength(length) => {
                let beyond = length.saturating_sub(plain.body().len() as u64);
                let length = beyond.saturating_add(shown.len() as u64);
                self.head = Cow::Owned(with_length(&self.head, length));
                body.extend_from_slice(shown);
            }
            http1::Framing::None | http1::Framing::UntilClose => body.extend_from_slice(shown),
        }
        self.body = Cow::Owned(body);
    }
}

/// Bytes of the stream from the message's first to behind its last, a gap that ends it included.
pub(super) fn sent_bytes(http: &http1::Message) -> Option<u64> {
    let end = match http.cut {
        Some(http1::Cut::Gap {
            stream_offset,
            missing,
        }) => http.stream_end.max(stream_offset.saturating_add(missing?)),
        _ => http.stream_end,
    };
    Some(end.saturating_sub(http.stream_offset))
}

/// The message once more with its body, which the decoded envelope took; none where not every byte is read as part of it.
fn read_again(http: &http1::Message) -> Option<http1::Message> {
    let bounds = http1::Limits::default();
    let limits = http1::Limits {
        message_bytes_max: bounds.message_bytes_max.max(http.raw.len()),
        // What became of the codings must not be lost among other oddities.
        anomalies_max: usize::MAX,
        ..bounds
    };
    let mut stream = http1::Stream::new(http.kind(), limits, 0);
    let mut input = http.raw.as_slice();
    let mut read = None;
    while let Some(event) = stream.next(&mut input) {
        match event {
            http1::Event::Head => {
                // A body is there, whatever it looks like.
                stream.set_request_method(http1::RequestMethod::Other);
                stream.keep_body(http1::Keep::All);
            }
            http1::Event::Message(message) => {
                read = Some(message);
                break;
            }
            _ => {}
        }
    }
    if read.is_none()
        && let Some(http1::Event::Message(message)) = stream.end(http1::End::Fin)
    {
        read = Some(message);
    }
    read.filter(|message| message.raw.len() == http.raw.len())
}

/// What became of the codings that a head announces.
#[derive(Debug)]
enum Coded {
    /// The body is as sent: there are none, or they were not applied.
    AsSent,
    /// The body is what these were applied to.
    Undone(Vec<Coding>),
    /// Bytes of the body, or all of them, stay coded.
    Opaque,
}

impl Coded {
    fn of(plain: &http1::Message) -> Self {
        use http1::AnomalyKind as Kind;
        let any = |kinds: &[Kind]| plain.anomalies.iter().any(|odd| kinds.contains(&odd.kind));
        if !plain.is_coded() {
            return Self::AsSent;
        }
        if any(&[Kind::EncodingUnknown, Kind::EncodingsTooMany]) {
            return Self::Opaque;
        }
        if any(&[Kind::EncodingNotApplied]) {
            // Another coding may have been undone in part, and the rest be coded still.
            let in_part = any(&[
                Kind::EncodingTruncated,
                Kind::EncodingCorrupt,
                Kind::EncodingTrailingBytes,
                Kind::EncodingLimit,
            ]);
            return if in_part { Self::Opaque } else { Self::AsSent };
        }
        let values = plain
            .header_all("Content-Encoding")
            .chain(plain.header_all("Transfer-Encoding"));
        let codings: Vec<Coding> = values.flat_map(|value| named(&value)).collect();
        if codings.is_empty() {
            Self::Opaque
        } else {
            Self::Undone(codings)
        }
    }
}

/// RFC 9110 section 8.4.1; a transfer coding may have parameters (RFC 9112 section 7).
fn named(value: &[u8]) -> Vec<Coding> {
    let coding = |item: &[u8]| {
        let name = item.split(|&byte| byte == b';').next().unwrap_or_default();
        match name.trim_ascii().to_ascii_lowercase().as_slice() {
            b"gzip" | b"x-gzip" => Some(Coding::Gzip),
            b"deflate" | b"x-deflate" => Some(Coding::Deflate),
            _ => None,
        }
    };
    value
        .split(|&byte| byte == b',')
        .filter_map(coding)
        .collect()
}

/// Text in some encoding whose ASCII letters are single bytes, so that secrets are found in it: what is compressed,
/// announced or not, holds control characters.
fn is_text(body: &[u8]) -> bool {
    !body
        .iter()
        .any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace())
}

/// The body as it may be shown; borrowed where that is all of it.
fn shown<'a>(message: &Message, body: &'a [u8], masking: Masking) -> Cow<'a, [u8]> {
    if message.soap.is_none() {
        return masking.body(body);
    }
    let text = text_of(message, body);
    let wide = !std::ptr::eq(text, body);
    match masking.body(text) {
        Cow::Borrowed(_) => Cow::Borrowed(body),
        Cow::Owned(masked) => {
            let masked = as_text(&masked);
            Cow::Owned(if wide { widened(&masked, body) } else { masked })
        }
    }
}

/// The body in letters of single bytes, where it has them or its envelope was decoded to them.
fn text_of<'a>(message: &'a Message, body: &'a [u8]) -> &'a [u8] {
    message
        .soap
        .as_ref()
        .filter(|document| document.is_converted() && document.encoding().starts_with("UTF-16"))
        .map_or(body, cwmp::Document::text)
}

/// What stands for a secret would be a tag in markup: it is written as the text it is.
fn as_text(masked: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(masked.len() + MASKED.len());
    let mut rest = masked;
    while let Some((before, behind)) = split_once(rest, MASKED.as_bytes()) {
        out.extend_from_slice(before);
        out.extend_from_slice(b"&lt;masked&gt;");
        rest = behind;
    }
    out.extend_from_slice(rest);
    out
}

fn split_once<'a>(text: &'a [u8], wanted: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let (mut from, first) = (0, wanted.first()?);
    loop {
        let at = from + text.get(from..)?.iter().position(|byte| byte == first)?;
        let (before, behind) = text.split_at_checked(at)?;
        if let Some(behind) = behind.strip_prefix(wanted) {
            return Some((before, behind));
        }
        from = at + 1;
    }
}

/// Text as UTF-16, in the byte order of `like` and with its byte-order mark, if any.
fn widened(text: &[u8], like: &[u8]) -> Vec<u8> {
    let mark = like
        .get(..2)
        .filter(|mark| mark == b"\xfe\xff" || mark == b"\xff\xfe");
    let big = matches!(like.first(), Some(0 | 0xfe));
    let mut out = mark.unwrap_or_default().to_vec();
    for unit in String::from_utf8_lossy(text).encode_utf16() {
        let bytes = if big {
            unit.to_be_bytes()
        } else {
            unit.to_le_bytes()
        };
        out.extend_from_slice(&bytes);
    }
    out
}

/// Chunks may part what a secret is told by, and what stands between them may hold one.
fn gives_away(plain: &http1::Message, wire: &[u8], masking: Masking) -> bool {
    let changed = |shown: Cow<'_, [u8]>| matches!(shown, Cow::Owned(_));
    matches!(plain.framing, http1::Framing::Chunked { .. })
        && (changed(masking.body(wire))
            || plain
                .trailers()
                .iter()
                .any(|field| changed(masking.header(field.name, &field.value))))
}

/// The head with this Content-Length.
fn with_length(head: &[u8], length: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(head.len() + CHUNK_BYTES);
    for line in head.split_inclusive(|&byte| byte == b'\n') {
        let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
        if name.len() < line.len()
            && name
                .trim_ascii_end()
                .eq_ignore_ascii_case(b"Content-Length")
        {
            let end = line.len() - line.trim_ascii_end().len();
            out.extend_from_slice(name);
            out.extend_from_slice(format!(": {length}").as_bytes());
            out.extend_from_slice(line.get(line.len() - end..).unwrap_or_default());
        } else {
            out.extend_from_slice(line);
        }
    }
    out
}

/// Room for the lines around a chunk, or for a longer number.
const CHUNK_BYTES: usize = 32;
