//! From the bytes of a body to UTF-8 text.
//!
//! Precedence follows RFC 7303 section 3.2: byte-order mark, charset parameter, XML declaration, else UTF-8.

use crate::anomaly::{Anomalies, AnomalyKind};
use crate::text::Text;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::str::Utf8Error;

/// Text in UTF-8, or bytes that claim to be.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) text: Text,
    pub(crate) encoding: &'static Encoding,
    /// Offsets are not those of the original bytes.
    pub(crate) converted: bool,
    /// Where markup begins: behind a byte-order mark.
    pub(crate) start: usize,
}

/// Decodes without a copy where the bytes are UTF-8 already, and reads no more than `bytes_max` of text.
///
/// Bytes that are not what they claim stay as they are when the claim is UTF-8: they are what was on the wire.
pub(crate) fn decode(
    mut body: Vec<u8>,
    charset: Option<&str>,
    complete: bool,
    bytes_max: usize,
    anomalies: &mut Anomalies,
) -> Decoded {
    let head = body.get(..DECLARATION_BYTES_MAX.min(bytes_max));
    let (encoding, start) = choose(&body, head.unwrap_or(&body), charset, anomalies);
    if encoding == UTF_8 || (encoding.is_ascii_compatible() && body.is_ascii()) {
        let whole = cut(&mut body, bytes_max, anomalies);
        let (text, error) = Text::new(body);
        note_invalid_utf8(error, complete && whole, anomalies);
        return Decoded {
            text,
            encoding,
            converted: false,
            start,
        };
    }
    let source = body.get(start..).unwrap_or_default();
    let (text, malformed) = encoding.decode_without_bom_handling(source);
    let replaced = malformed.then(|| text.find('\u{FFFD}')).flatten();
    let mut text = text.into_owned().into_bytes();
    cut(&mut text, bytes_max, anomalies);
    let (text, _) = Text::new(text);
    if let Some(at) = replaced.filter(|at| *at < text.len()) {
        anomalies.push(AnomalyKind::UndecodableBytes, at);
    }
    Decoded {
        text,
        encoding,
        converted: true,
        start: 0,
    }
}

/// Cuts what is too long, and notes it: whether it is whole.
fn cut(text: &mut Vec<u8>, bytes_max: usize, anomalies: &mut Anomalies) -> bool {
    let whole = text.len() <= bytes_max;
    if !whole {
        anomalies.push(AnomalyKind::BodyTooLong, bytes_max);
        text.truncate(bytes_max);
    }
    whole
}

fn note_invalid_utf8(error: Option<Utf8Error>, complete: bool, anomalies: &mut Anomalies) {
    if let Some(error) = error {
        let cut_at_end = error.error_len().is_none();
        if complete || !cut_at_end {
            anomalies.push(AnomalyKind::InvalidUtf8, error.valid_up_to());
        }
    }
}

fn choose(
    body: &[u8],
    head: &[u8],
    charset: Option<&str>,
    anomalies: &mut Anomalies,
) -> (&'static Encoding, usize) {
    let mark = Encoding::for_bom(body);
    if mark.is_some() {
        anomalies.push(AnomalyKind::ByteOrderMark, 0);
    }
    let shape = mark
        .map(|(encoding, _)| encoding)
        .or_else(|| wide_shape(head));
    let start = mark.map_or(0, |(_, length)| length);
    let from_charset = charset.and_then(|label| known(label, 0, shape, anomalies));
    let from_declaration = declared(head, start, shape, anomalies);
    let encoding = shape.or(from_charset).or(from_declaration).unwrap_or(UTF_8);
    let others = [from_charset, from_declaration].into_iter().flatten();
    if others.into_iter().any(|other| !agree(encoding, other)) {
        anomalies.push(AnomalyKind::CharsetConflict, 0);
    }
    (encoding, start)
}

/// UTF-16 without a byte-order mark shows in the NULs beside its ASCII characters.
fn wide_shape(head: &[u8]) -> Option<&'static Encoding> {
    match head {
        [1..=0xFF, 0, 1..=0xFF, 0, ..] => Some(UTF_16LE),
        [0, 1..=0xFF, 0, 1..=0xFF, ..] => Some(UTF_16BE),
        _ => None,
    }
}

/// The encoding of this label; a UTF-16 label on bytes that are plainly not UTF-16 is noted and ignored.
fn known(
    label: &str,
    offset: usize,
    shape: Option<&'static Encoding>,
    anomalies: &mut Anomalies,
) -> Option<&'static Encoding> {
    let label = label.trim_matches(|c: char| c == '"' || c == '\'' || c.is_ascii_whitespace());
    let found = Encoding::for_label(label.as_bytes())
        .filter(|encoding| *encoding != encoding_rs::REPLACEMENT);
    let Some(encoding) = found else {
        anomalies.push(AnomalyKind::UnknownCharset, offset);
        return None;
    };
    if is_wide(encoding) && !shape.is_some_and(is_wide) {
        anomalies.push(AnomalyKind::CharsetConflict, offset);
        return None;
    }
    Some(encoding)
}

fn is_wide(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

/// `utf-16` names no byte order: either is meant.
fn agree(one: &'static Encoding, other: &'static Encoding) -> bool {
    one == other || (is_wide(one) && is_wide(other))
}

/// The encoding an XML declaration at `start` names.
fn declared(
    head: &[u8],
    start: usize,
    shape: Option<&'static Encoding>,
    anomalies: &mut Anomalies,
) -> Option<&'static Encoding> {
    let text = head.get(start..)?;
    let blanks = text
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count();
    let text = text.get(blanks..)?.strip_prefix(b"<?xml")?;
    let end = memchr::memmem::find(text, b"?>")?;
    let inner = text.get(..end)?;
    let at = memchr::memmem::find(inner, b"encoding")?;
    let after = inner.get(at + 8..)?.trim_ascii_start().strip_prefix(b"=")?;
    let after = after.trim_ascii_start();
    let (quote, rest) = after.split_first()?;
    let length = memchr::memchr(*quote, rest)?;
    let label = std::str::from_utf8(rest.get(..length)?).ok()?;
    known(label, start + blanks + 5 + at, shape, anomalies)
}

/// An XML declaration longer than this is not looked at for its encoding.
const DECLARATION_BYTES_MAX: usize = 512;
