//! Whether a body is a SOAP envelope, from its first bytes.

use crate::tokenizer::doctype_end;

/// `Some(true)` once an Envelope's start tag shows, `Some(false)` once something else does, `None` as long as more
/// bytes could tell.
///
/// A byte-order mark, UTF-16, an XML declaration, comments and a DOCTYPE may stand before the tag; the tag's prefix
/// and namespace do not matter.
#[must_use]
pub fn looks_like_soap(prefix: &[u8]) -> Option<bool> {
    let head = prefix.get(..LOOKED_AT_BYTES_MAX).unwrap_or(prefix);
    let answer = match head {
        [0xFF, 0xFE, rest @ ..] => judge(&narrow(rest, 0)),
        [0xFE, 0xFF, rest @ ..] => judge(&narrow(rest, 1)),
        [0xEF, 0xBB, 0xBF, rest @ ..] => judge(rest),
        [0xFF] | [0xFE] | [0xEF] | [0xEF, 0xBB] | [] | [0] => None,
        [0, 1..=0x7F, ..] => judge(&narrow(head, 1)),
        [1..=0x7F, 0, ..] => judge(&narrow(head, 0)),
        _ => judge(head),
    };
    // Nobody puts so much before the tag.
    answer.or((prefix.len() >= LOOKED_AT_BYTES_MAX).then_some(false))
}

/// The ASCII characters of UTF-16 text; `low` is the place of the low byte. Others become `?`.
fn narrow(text: &[u8], low: usize) -> Vec<u8> {
    let (pairs, _) = text.as_chunks::<2>();
    let unit = |pair: &[u8; 2]| match (low, pair) {
        (0, [byte, 0]) | (1, [0, byte]) => *byte,
        _ => b'?',
    };
    pairs.iter().map(unit).collect()
}

fn judge(text: &[u8]) -> Option<bool> {
    let mut rest = text.trim_ascii_start();
    loop {
        let inner = match rest {
            [] => return None,
            [b'<', inner @ ..] => inner,
            _ => return Some(false),
        };
        rest = match inner {
            [] | [b'!'] | [b'!', b'-'] => return None,
            [b'?', inner @ ..] => behind(inner, b"?>")?,
            [b'!', b'-', b'-', inner @ ..] => behind(inner, b"-->")?,
            [b'!', inner @ ..] if rules_out(inner) => return Some(false),
            [b'!', inner @ ..] => inner.get(doctype_end(inner)?..)?,
            _ => return judge_tag(inner),
        };
        rest = rest.trim_ascii_start();
    }
}

fn behind<'a>(text: &'a [u8], end: &[u8]) -> Option<&'a [u8]> {
    let at = memchr::memmem::find(text, end)?;
    text.get(at + end.len()..)
}

/// True for what cannot become a DOCTYPE, and for that of HTML.
fn rules_out(declaration: &[u8]) -> bool {
    let (name, rest) = declaration.split_at(declaration.len().min(DOCTYPE.len()));
    let begins = DOCTYPE
        .get(..name.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(name));
    let root = rest.trim_ascii_start();
    !begins
        || root
            .get(..4)
            .is_some_and(|root| root.eq_ignore_ascii_case(b"html"))
}

fn judge_tag(inner: &[u8]) -> Option<bool> {
    let ends =
        |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b'<' | b'=' | b'"');
    let whole = inner.iter().position(ends);
    let html = inner
        .get(..4)
        .is_some_and(|name| name.eq_ignore_ascii_case(b"html"));
    let length = whole.unwrap_or(inner.len());
    // Asked of a whole name too: the answer may not depend on how much of it is at hand.
    if html || length > NAME_BYTES_MAX || !may_begin_name(inner) {
        return Some(false);
    }
    let length = whole?;
    let name = inner.get(..length)?;
    let local = memchr::memchr(b':', name).map_or(Some(name), |colon| name.get(colon + 1..))?;
    Some(local == b"Envelope")
}

fn may_begin_name(name: &[u8]) -> bool {
    name.first()
        .is_none_or(|byte| byte.is_ascii_alphabetic() || *byte == b'_' || !byte.is_ascii())
}

const DOCTYPE: &[u8] = b"DOCTYPE";

/// A tag name longer than this is none of SOAP.
const NAME_BYTES_MAX: usize = 256;

/// Bytes in which the tag has to show.
const LOOKED_AT_BYTES_MAX: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::looks_like_soap;

    fn utf_16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn envelopes_show_whatever_stands_before_them() {
        let tag = "<soap-env:Envelope xmlns";
        let yes = [
            "<Envelope>".to_owned(),
            tag.to_owned(),
            format!("\u{FEFF}{tag}"),
            format!("  \r\n<?xml version=\"1.0\"?><!-- <html> -->\n{tag}"),
            format!("<!DOCTYPE a [<!ENTITY b \"]>\">]>{tag}"),
        ];
        for text in yes {
            assert_eq!(looks_like_soap(text.as_bytes()), Some(true), "{text}");
            assert_eq!(
                looks_like_soap(&utf_16(&text, u16::to_le_bytes)),
                Some(true),
                "{text}"
            );
            assert_eq!(
                looks_like_soap(&utf_16(&text, u16::to_be_bytes)),
                Some(true),
                "{text}"
            );
        }
    }

    #[test]
    fn other_bodies_are_ruled_out_at_once() {
        let no: [&[u8]; 9] = [
            b"<html",
            b"<!doctype HTML",
            b"{",
            b"a=b",
            b"<soap:Body>",
            b"\x1f\x8b\x08\0",
            b"<1",
            b"<!ELEMENT",
            b"<a:b:Envelope>",
        ];
        for text in no {
            assert_eq!(looks_like_soap(text), Some(false), "{text:?}");
        }
    }

    #[test]
    fn every_shorter_prefix_asks_for_more() {
        let text = b"\xEF\xBB\xBF <?xml version='1.0'?><!-- a --><!DOCTYPE x><soap:Envelope";
        for length in 0..=text.len() {
            let prefix = text.get(..length).unwrap_or_default();
            assert_eq!(looks_like_soap(prefix), None, "{prefix:?}");
        }
    }

    #[test]
    fn an_endless_prologue_is_no_envelope() {
        assert_eq!(
            looks_like_soap(&vec![b' '; super::LOOKED_AT_BYTES_MAX]),
            Some(false)
        );
    }

    #[test]
    fn more_bytes_do_not_change_the_answer() {
        let long = format!("<{}:Envelope>", "a".repeat(300));
        for text in [
            "<\u{1}soap:Envelope>",
            "<html:Envelope>",
            "<1:Envelope>",
            &long,
        ] {
            assert_eq!(looks_like_soap(text.as_bytes()), Some(false), "{text}");
        }
    }
}
