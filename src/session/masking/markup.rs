//! Secrets in XML that need not be well-formed: the content of secret elements, and values behind secret parameter names.

use super::names::{NAME_LETTERS_MAX, is_secret_name};
use super::{Secret, find};

/// A walk over tags that needs no well-formed document: where a secret's end is missing, everything after it is hidden.
pub(super) struct Markup<'a> {
    text: &'a [u8],
    at: usize,
    /// The text of the latest `Name` says that the next `Value` is a secret.
    secret_follows: bool,
    /// A `Value` before its `Name`.
    value_before: Option<Secret>,
}

impl<'a> Markup<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            at: 0,
            secret_follows: false,
            value_before: None,
        }
    }

    /// Every secret of it, in the order of the text.
    pub(super) fn secrets(mut self, secrets: &mut Vec<Secret>) {
        while let Some(tag) = self.next_tag(Inside::Read) {
            match tag.local {
                _ if tag.is_end => {}
                b"Name" => self.name(&tag, secrets),
                b"Value" => self.value(&tag, secrets),
                local => {
                    self.value_before = None;
                    if is_secret_name(&String::from_utf8_lossy(local))
                        || self.secrets_of_attributes(&tag, secrets)
                    {
                        secrets.push(self.content(&tag));
                    }
                }
            }
        }
        secrets.retain(|secret| secret.start < secret.end);
    }

    fn name(&mut self, tag: &Tag<'_>, secrets: &mut Vec<Secret>) {
        let content = self.leaf(tag);
        let text = self.text.get(content).unwrap_or_default();
        self.secret_follows = is_secret_name(&without_references(text));
        if self.secret_follows {
            secrets.extend(self.value_before.take());
        }
    }

    fn value(&mut self, tag: &Tag<'_>, secrets: &mut Vec<Secret>) {
        if std::mem::take(&mut self.secret_follows) {
            secrets.push(self.content(tag));
        } else {
            self.value_before = Some(self.leaf(tag));
        }
    }

    /// Hides attributes of secret names, and `value` beside a `name` that is one; true where the element's content is such a value.
    fn secrets_of_attributes(&self, tag: &Tag<'_>, secrets: &mut Vec<Secret>) -> bool {
        let attributes = attributes_of(self.text, tag.attributes.clone());
        let text = |range: &Secret| {
            String::from_utf8_lossy(self.text.get(range.clone()).unwrap_or_default())
        };
        let named = attributes.iter().any(|(name, value)| {
            matches!(
                text(name).to_ascii_lowercase().as_str(),
                "name" | "id" | "key"
            ) && is_secret_name(&text(value))
        });
        for (name, value) in &attributes {
            if is_secret_name(&text(name)) || (named && text(name).eq_ignore_ascii_case("value")) {
                secrets.push(value.clone());
            }
        }
        named
    }

    /// From behind the start tag to the next tag, which is read again.
    fn leaf(&mut self, tag: &Tag<'_>) -> Secret {
        if tag.is_empty {
            return tag.end..tag.end;
        }
        let end = self
            .next_tag(Inside::Skipped)
            .map_or(self.text.len(), |next| next.start);
        self.at = end;
        tag.end..end
    }

    /// From behind the start tag to its end tag; to the end of the text where there is none.
    fn content(&mut self, tag: &Tag<'_>) -> Secret {
        if tag.is_empty {
            return tag.end..tag.end;
        }
        let mut depth = 0_usize;
        while let Some(next) = self.next_tag(Inside::Skipped) {
            if next.local != tag.local || next.is_empty {
                continue;
            }
            if !next.is_end {
                depth += 1;
            } else if depth == 0 {
                return tag.end..next.start;
            } else {
                depth -= 1;
            }
        }
        tag.end..self.text.len()
    }

    fn next_tag(&mut self, inside: Inside) -> Option<Tag<'a>> {
        loop {
            let start = self.at
                + self
                    .text
                    .get(self.at..)?
                    .iter()
                    .position(|&byte| byte == b'<')?;
            let rest = self.text.get(start..)?;
            let skipped = MARKUP_SKIPPED
                .iter()
                .find(|(open, _)| rest.starts_with(open));
            if let Some((open, close)) = skipped {
                self.at = start
                    + match inside {
                        Inside::Read => open.len(),
                        Inside::Skipped => {
                            find(rest, close).map_or(rest.len(), |found| found + close.len())
                        }
                    };
                continue;
            }
            let length = tag_length(rest);
            self.at = start + length;
            return Some(Tag::new(rest.get(..length)?, start));
        }
    }
}

/// What to do with the inside of comments and CDATA: a secret may stand in one, but none ends an element.
#[derive(Clone, Copy)]
enum Inside {
    Read,
    Skipped,
}

/// One tag of a body.
struct Tag<'a> {
    start: usize,
    end: usize,
    local: &'a [u8],
    attributes: Secret,
    is_end: bool,
    is_empty: bool,
}

impl<'a> Tag<'a> {
    fn new(tag: &'a [u8], start: usize) -> Self {
        let inner = tag.strip_prefix(b"<").unwrap_or(tag);
        let is_end = inner.first() == Some(&b'/');
        let inner = inner.strip_prefix(b"/").unwrap_or(inner);
        let length = inner
            .iter()
            .position(|byte| byte.is_ascii_whitespace() || b"/>".contains(byte))
            .unwrap_or(inner.len());
        let name = inner.get(..length).unwrap_or_default();
        let local = name.rsplit(|&byte| byte == b':').next().unwrap_or(name);
        let attributes = start + (tag.len() - inner.len()) + length..start + tag.len();
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

/// Length of the tag at the start, to its `>` outside of quotes, or to the next `<` where it never closes.
fn tag_length(text: &[u8]) -> usize {
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
fn attributes_of(text: &[u8], range: Secret) -> Vec<(Secret, Secret)> {
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

/// A name with its character references and CDATA marks resolved, so that `Pass&#119;ord` hides too.
fn without_references(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(
        text.get(..NAME_LETTERS_MAX.min(text.len()))
            .unwrap_or_default(),
    );
    let text = text.replace("<![CDATA[", "").replace("]]>", "");
    let mut parts = text.split("&#");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once(';').unwrap_or((part, ""));
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => number.parse().ok(),
        };
        out.extend(code.and_then(char::from_u32));
        out.push_str(rest);
    }
    out.trim().to_owned()
}

/// Markup that is no tag.
const MARKUP_SKIPPED: &[(&[u8], &[u8])] =
    &[(b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>")];
