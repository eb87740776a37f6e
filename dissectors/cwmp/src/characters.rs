//! Characters and references: what XML 1.0 allows, and what an escaped text means.

use crate::anomaly::{Anomalies, AnomalyKind};
use crate::range::Range;
use std::borrow::Cow;
use std::iter::Peekable;

/// Notes control characters and ampersands that begin no reference; `opaque` are the ranges without markup, in order. Tells
/// whether a character is written by its number.
pub(crate) fn note_odd_characters(
    text: &[u8],
    opaque: &[Range],
    anomalies: &mut Anomalies,
) -> bool {
    let mut references = References {
        text,
        opaque: opaque.iter().peekable(),
        ampersands: memchr::memchr_iter(b'&', text).peekable(),
        numbered: false,
    };
    let mut start = 0;
    for chunk in text.chunks(CHUNK_BYTES) {
        if chunk
            .iter()
            .fold(false, |odd, byte| odd | is_control(*byte))
        {
            for (within, _) in chunk
                .iter()
                .enumerate()
                .filter(|(_, byte)| is_control(**byte))
            {
                references.note_before(start + within, anomalies);
                anomalies.push(AnomalyKind::ControlCharacter, start + within);
            }
        }
        start += chunk.len();
        references.note_before(start, anomalies);
    }
    references.numbered
}

/// The ampersands of a text, in order.
struct References<'t, A: Iterator<Item = usize>> {
    text: &'t [u8],
    opaque: Peekable<std::slice::Iter<'t, Range>>,
    ampersands: Peekable<A>,
    /// One of them begins a number.
    numbered: bool,
}

impl<A: Iterator<Item = usize>> References<'_, A> {
    /// Notes those before `end` that begin no reference.
    #[inline]
    fn note_before(&mut self, end: usize, anomalies: &mut Anomalies) {
        while let Some(at) = self.ampersands.next_if(|at| *at < end) {
            self.numbered |= self.text.get(at + 1) == Some(&b'#');
            let opaque = &mut self.opaque;
            while opaque.next_if(|range| range.end as usize <= at).is_some() {}
            let hidden = opaque
                .peek()
                .is_some_and(|range| range.start as usize <= at);
            if let (false, Some(kind)) = (
                hidden,
                reference(self.text.get(at..).unwrap_or_default()).oddity(),
            ) {
                anomalies.push(kind, at);
            }
        }
    }
}

#[inline]
fn is_control(byte: u8) -> bool {
    let blank = (byte == b'\t') | (byte == b'\n') | (byte == b'\r');
    (byte < 0x20) & !blank
}

/// What an ampersand begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reference {
    /// A character, and the length of the reference.
    Character(char, usize),
    /// A number that is no character of XML; read all the same where Rust has such a character.
    Disallowed(Option<char>, usize),
    /// `&name;` of an entity that only a DTD could define.
    Unknown,
    Bare,
}

impl Reference {
    fn oddity(self) -> Option<AnomalyKind> {
        match self {
            Self::Character(..) => None,
            Self::Disallowed(..) => Some(AnomalyKind::InvalidCharacterReference),
            Self::Unknown => Some(AnomalyKind::UnknownEntity),
            Self::Bare => Some(AnomalyKind::BareAmpersand),
        }
    }
}

/// Reads the reference that `text` begins with.
fn reference(text: &[u8]) -> Reference {
    let head = text.get(1..).unwrap_or_default();
    let head = head.get(..REFERENCE_BYTES_MAX).unwrap_or(head);
    let Some(length) = head.iter().position(|byte| *byte == b';') else {
        return Reference::Bare;
    };
    let name = head.get(..length).unwrap_or_default();
    let whole = length + 2;
    match name {
        b"amp" => Reference::Character('&', whole),
        b"lt" => Reference::Character('<', whole),
        b"gt" => Reference::Character('>', whole),
        b"quot" => Reference::Character('"', whole),
        b"apos" => Reference::Character('\'', whole),
        [b'#', number @ ..] => numbered(number, whole),
        [first, ..] if is_name(*first, name) => Reference::Unknown,
        _ => Reference::Bare,
    }
}

fn is_name(first: u8, name: &[u8]) -> bool {
    let part =
        |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"_:.-".contains(byte);
    !first.is_ascii_digit() && name.iter().all(part)
}

fn numbered(number: &[u8], length: usize) -> Reference {
    let (digits, radix) = match number {
        [b'x', digits @ ..] => (digits, 16),
        digits => (digits, 10),
    };
    let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_alphanumeric);
    let digits = std::str::from_utf8(digits).unwrap_or_default();
    let Some(code) = u32::from_str_radix(digits, radix).ok().filter(|_| plain) else {
        return Reference::Bare;
    };
    match char::from_u32(code) {
        Some(character) if is_xml_character(character) => Reference::Character(character, length),
        other => Reference::Disallowed(other, length),
    }
}

/// XML 1.0 section 2.2.
fn is_xml_character(character: char) -> bool {
    !matches!(character, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// The text that an attribute value means (XML 1.0 section 3.3.3).
pub(crate) fn attribute_text(raw: &[u8]) -> Cow<'_, str> {
    if has_special(raw) {
        let mut text = String::with_capacity(raw.len());
        append(raw, true, &mut text);
        return Cow::Owned(text);
    }
    lossy(raw)
}

/// Whether an attribute value means something else than it says.
pub(crate) fn has_special(raw: &[u8]) -> bool {
    raw.iter().any(|byte| is_special(*byte, true))
}

/// The text that character data without markup means: references resolved, line ends as one `\n`.
pub(crate) fn plain_text(raw: &[u8]) -> Cow<'_, str> {
    if memchr::memchr2(b'&', b'\r', raw).is_some() {
        let mut text = String::with_capacity(raw.len());
        append(raw, false, &mut text);
        return Cow::Owned(text);
    }
    lossy(raw)
}

/// Text with what is no UTF-8 replaced; the check of `from_utf8` is the faster one for what is.
fn lossy(raw: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(raw) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(raw),
    }
}

/// Appends the meaning of `raw`; in attributes, blanks become spaces.
pub(crate) fn append(raw: &[u8], attribute: bool, out: &mut String) {
    let mut rest = raw;
    while let Some(at) = rest.iter().position(|byte| is_special(*byte, attribute)) {
        let (before, special) = rest.split_at(at);
        out.push_str(&lossy(before));
        let used = append_special(special, attribute, out);
        rest = special.get(used..).unwrap_or_default();
    }
    out.push_str(&lossy(rest));
}

fn is_special(byte: u8, attribute: bool) -> bool {
    matches!(byte, b'&' | b'\r') || (attribute && matches!(byte, b'\t' | b'\n'))
}

/// Appends what the first byte of `special` begins, and says how many bytes that took.
fn append_special(special: &[u8], attribute: bool, out: &mut String) -> usize {
    match special {
        [b'\r', b'\n', ..] => {
            out.push(if attribute { ' ' } else { '\n' });
            2
        }
        [b'\r', ..] => {
            out.push(if attribute { ' ' } else { '\n' });
            1
        }
        [b'&', ..] => match reference(special) {
            Reference::Character(character, length)
            | Reference::Disallowed(Some(character), length) => {
                out.push(character);
                length
            }
            _ => {
                out.push('&');
                1
            }
        },
        _ => {
            out.push(' ');
            1
        }
    }
}

/// Appends the content of a CDATA section: line ends only.
pub(crate) fn append_verbatim(raw: &[u8], out: &mut String) {
    let text = lossy(raw);
    if text.contains('\r') {
        out.push_str(&text.replace("\r\n", "\n").replace('\r', "\n"));
    } else {
        out.push_str(&text);
    }
}

/// Bytes looked at together; small enough that one odd byte costs little, large enough for vector code.
const CHUNK_BYTES: usize = 2048;

/// A reference longer than this is none.
const REFERENCE_BYTES_MAX: usize = 64;
