//! What stands between tags: character data with comments, CDATA sections and stray signs in it.

use crate::characters::{append, append_verbatim, plain_text};
use crate::element::Element;
use std::borrow::Cow;

/// Text or an element within an element.
#[derive(Debug, Clone)]
pub(crate) enum Piece<'a> {
    Text(Cow<'a, str>),
    Element(Element<'a>),
}

/// Appends character data that may hold comments, CDATA sections and stray `<`.
pub(crate) fn push_text<'a>(raw: &'a [u8], pieces: &mut Vec<Piece<'a>>) {
    if raw.is_empty() {
        return;
    }
    if memchr::memchr(b'<', raw).is_none() {
        pieces.push(Piece::Text(plain_text(raw)));
        return;
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'<', rest) {
        let (before, markup) = rest.split_at(at);
        append(before, false, &mut text);
        rest = behind_markup(markup, &mut text);
    }
    append(rest, false, &mut text);
    if !text.is_empty() {
        pieces.push(Piece::Text(Cow::Owned(text)));
    }
}

/// Passes over the markup `raw` begins with; the content of CDATA and stray `<` go to `text`.
fn behind_markup<'a>(raw: &'a [u8], text: &mut String) -> &'a [u8] {
    for (open, close) in OPAQUE {
        let Some(inner) = raw.strip_prefix(open.as_bytes()) else {
            continue;
        };
        let Some(length) = memchr::memmem::find(inner, close.as_bytes()) else {
            return &[];
        };
        if open == CDATA {
            append_verbatim(inner.get(..length).unwrap_or_default(), text);
        }
        return inner.get(length + close.len()..).unwrap_or_default();
    }
    // An end tag that matched nothing, an element deeper than the limit, or a bare sign.
    match memchr::memchr2(b'<', b'>', raw.get(1..).unwrap_or_default()) {
        Some(length) if raw.get(length + 1) == Some(&b'>') && is_tag_start(raw) => {
            raw.get(length + 2..).unwrap_or_default()
        }
        _ => {
            text.push('<');
            raw.get(1..).unwrap_or_default()
        }
    }
}

fn is_tag_start(raw: &[u8]) -> bool {
    raw.get(1)
        .is_some_and(|byte| *byte == b'/' || byte.is_ascii_alphabetic())
}

/// True for blanks, comments and processing instructions only.
pub(crate) fn is_blank(raw: &[u8]) -> bool {
    let blank = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_whitespace);
    if memchr::memchr2(b'<', b'&', raw).is_none() {
        return blank(raw);
    }
    let mut pieces = Vec::new();
    push_text(raw, &mut pieces);
    pieces.iter().all(|piece| match piece {
        Piece::Text(text) => blank(text.as_bytes()),
        Piece::Element(_) => true,
    })
}

const CDATA: &str = "<![CDATA[";

/// How markup without elements begins and ends; the more specific first.
const OPAQUE: [(&str, &str); 4] = [("<!--", "-->"), (CDATA, "]]>"), ("<?", "?>"), ("<!", ">")];
