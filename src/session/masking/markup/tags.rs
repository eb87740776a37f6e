//! One tag of a body that need not be well-formed: where it ends, its name, its attributes. Not what they hide.

use crate::session::masking::Secret;

/// One tag of a body.
pub(super) struct Tag<'a> {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) local: &'a [u8],
    pub(super) attributes: Secret,
    pub(super) is_end: bool,
    pub(super) is_empty: bool,
}

impl<'a> Tag<'a> {
    /// The tag at `start`; `name` is how long it is to the end of its name.
    fn new(tag: &'a [u8], name: usize, start: usize) -> Self {
        let is_end = tag.get(1) == Some(&b'/');
        let named = tag.get(1 + usize::from(is_end)..name.min(tag.len()));
        let name = named.unwrap_or_default();
        let prefix = memchr::memrchr(b':', name);
        let local = prefix.map_or(name, |at| name.get(at + 1..).unwrap_or_default());
        let behind = 1 + usize::from(is_end) + name.len();
        let attributes = start + behind.min(tag.len())..start + tag.len();
        Self {
            start,
            end: start + tag.len(),
            local,
            attributes,
            is_end,
            is_empty: !is_end && tag.ends_with(b"/>"),
        }
    }
}

/// The tag with which the text begins, which stands at `start` of the body.
pub(super) fn tag_at(text: &[u8], start: usize) -> Option<Tag<'_>> {
    let name = plain_name_length(text);
    // Most tags are a name and nothing else.
    if text.get(name) == Some(&b'>') {
        return Some(Tag::new(text.get(..=name)?, name, start));
    }
    let tag = text.get(..tag_length(text))?;
    Some(Tag::new(tag, name_length(tag), start))
}

/// Length of the tag at the start, to the end of its name or to a quote.
fn plain_name_length(text: &[u8]) -> usize {
    let ends = |byte: &u8| {
        matches!(
            byte,
            b'>' | b'/' | b' ' | b'\t'..=b'\r' | b'"' | b'\'' | b'<'
        )
    };
    length_until(text, ends)
}

/// Length of the tag at the start, to the end of its name.
fn name_length(tag: &[u8]) -> usize {
    length_until(tag, |byte| {
        byte.is_ascii_whitespace() || b"/>".contains(byte)
    })
}

/// To the first of these bytes behind the mark with which the tag begins.
fn length_until(tag: &[u8], ends: impl Fn(&u8) -> bool) -> usize {
    let lead = 1 + usize::from(tag.get(1) == Some(&b'/'));
    let rest = tag.get(lead..).unwrap_or_default();
    lead + rest.iter().position(ends).unwrap_or(rest.len())
}

/// Length of the tag at the start, to its `>` outside of quotes, or to the next `<` where it never closes.
pub(super) fn tag_length(text: &[u8]) -> usize {
    let inner = text.get(1..).unwrap_or_default();
    if let Some(end) = memchr::memchr2(b'>', b'<', inner)
        && let Some(inside) = inner.get(..end)
        && memchr::memchr2(b'"', b'\'', inside).is_none()
    {
        let is_closed = inner.get(end) == Some(&b'>');
        return 1 + end + usize::from(is_closed);
    }
    let mut quote = None;
    for (index, &byte) in text.iter().enumerate().skip(1) {
        match (byte, quote) {
            (b'>', None) => return index + 1,
            (b'<', _) => return index,
            (b'"' | b'\'', None) => quote = Some(byte),
            (_, Some(open)) if byte == open => quote = None,
            _ => {}
        }
    }
    text.len()
}

/// Ranges of attribute names and values.
pub(super) fn attributes_of(text: &[u8], range: Secret) -> Vec<(Secret, Secret)> {
    let mut attributes = Vec::new();
    let mut at = range.start;
    while let Some(found) = text
        .get(at..range.end)
        .and_then(|rest| rest.iter().position(|&byte| byte == b'='))
    {
        let equals = at + found;
        let before = text.get(at..equals).unwrap_or_default();
        let name_end = at + before.trim_ascii_end().len();
        let name_start = text
            .get(at..name_end)
            .and_then(|name| name.iter().rposition(u8::is_ascii_whitespace))
            .map_or(at, |space| at + space + 1);
        let rest = text.get(equals + 1..range.end).unwrap_or_default();
        let lead = rest
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        let value = equals + 1 + lead;
        let quote = text
            .get(value)
            .copied()
            .filter(|byte| b"\"'".contains(byte));
        let start = value + usize::from(quote.is_some());
        let body = text.get(start..range.end).unwrap_or_default();
        let length = body
            .iter()
            .position(|&byte| {
                quote.map_or(byte.is_ascii_whitespace() || byte == b'>', |quote| {
                    byte == quote
                })
            })
            .unwrap_or(body.len());
        attributes.push((name_start..name_end, start..start + length));
        at = (start + length).max(equals + 1);
    }
    attributes
}
