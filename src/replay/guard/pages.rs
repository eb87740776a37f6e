//! Bodies that are for people: words, or HTML, with nothing that becomes a message once it is decoded in whatever way.

use cwmp::{AnomalyKind, Document};

use super::http::{Payload, Receiver};
use super::tags::{self, Tags};

/// Text without markup, or HTML, that servers send with an error or a redirect.
pub(super) fn is_page(payload: &Payload<'_>, document: &Document, found: &Tags) -> bool {
    let text = document.text();
    let start = text.trim_ascii_start();
    let html = PAGES.iter().any(|page| {
        let start = start.get(..page.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(page))
    });
    let methods = found.vendors > 0 || !found.harmful.is_empty();
    let nothing = found.envelopes == 0 && !methods && !found.torn;
    let error = payload.to == Receiver::Cpe && payload.status >= 300;
    let page = error && (html || memchr::memchr(b'<', text).is_none());
    let of_text = is_text(document, text);
    nothing && of_text && (page || is_words(text)) && !speaks_of_messages(text)
}

/// Words, in which no coding hides markup.
fn is_words(text: &[u8]) -> bool {
    let of_words = |byte: &u8| byte.is_ascii_alphanumeric() || WORDS.contains(byte);
    text.iter().all(of_words)
}

/// In a charset that is known, without the bytes that compressed data and shifting charsets have.
fn is_text(document: &Document, text: &[u8]) -> bool {
    let mut kinds = document.anomalies().iter().map(|odd| odd.kind);
    let known = !kinds.any(|kind| kind == AnomalyKind::UnknownCharset);
    let of_text =
        |byte: &u8| !byte.is_ascii_control() || matches!(byte, b'\t' | b'\r' | b'\n' | 0x0C);
    known && text.iter().all(of_text)
}

/// The name of an envelope stands there, bytes that an old parser takes for markup, or a message in another coding.
fn speaks_of_messages(text: &[u8]) -> bool {
    let lower = text.to_ascii_lowercase();
    let coded = tags::scan_decoded(text).is_some_and(|coded| {
        coded.envelopes + coded.bodies + coded.vendors > 0 || !coded.harmful.is_empty()
    });
    coded || has_overlong(text) || memchr::memmem::find(&lower, b"envelope").is_some()
}

/// UTF-8 in more bytes than needed: `C0 BC` is a `<` to parsers that do not check (RFC 3629 section 10).
pub(super) fn has_overlong(text: &[u8]) -> bool {
    text.windows(2).any(|pair| match pair {
        [0xC0 | 0xC1, _] => true,
        [0xE0, next] => (0x80..=0x9F).contains(next),
        [0xF0, next] => (0x80..=0x8F).contains(next),
        [0xF8, next] => (0x80..=0x87).contains(next),
        [0xFC, next] => (0x80..=0x83).contains(next),
        _ => false,
    })
}

/// What stands between words.
const WORDS: &[u8] = b" \t\r\n.,:;!?'()_-";
const PAGES: [&[u8]; 2] = [b"<html", b"<!doctype html"];
