//! Secrets in XML that need not be well-formed: the content of secret elements, and values behind secret parameter names.

mod tags;

use std::borrow::Cow;

use super::names::is_secret_name;
use super::{Secret, find, is_standard_fault};
use tags::{Tag, attributes_of, tag_at, tag_length};

/// A walk over tags that needs no well-formed document: where a secret's end is missing, everything after it is hidden.
pub(super) struct Markup<'a> {
    text: &'a [u8],
    at: usize,
    /// Local names of the elements around.
    open: Vec<&'a [u8]>,
    /// Names and values met in the elements around, the innermost last.
    pairs: Vec<Pair>,
    /// Where the text before the next tag begins.
    text_from: usize,
    /// Names of tags met, with what they are.
    sorts: Vec<(&'a [u8], Sort)>,
    /// Attributes met that hold no secret and name none, as they are written.
    harmless: Vec<&'a [u8]>,
}

/// What a tag is, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Name,
    Value,
    Secret,
    Other,
}

impl Sort {
    fn of(local: &[u8]) -> Self {
        if is_one_of(local, NAMES) {
            Self::Name
        } else if is_one_of(local, VALUES) {
            Self::Value
        } else if is_secret_name(&String::from_utf8_lossy(local)) {
            Self::Secret
        } else {
            Self::Other
        }
    }
}

impl<'a> Markup<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            at: 0,
            open: Vec::new(),
            pairs: Vec::new(),
            text_from: 0,
            sorts: Vec::new(),
            harmless: Vec::new(),
        }
    }

    /// Every secret of it.
    pub(super) fn secrets(mut self, secrets: &mut Vec<Secret>) {
        loop {
            // A comment beside a secret value may hold the one before.
            let inside = if self.is_beside_a_secret() {
                Inside::Skipped
            } else {
                Inside::Read
            };
            let Some(tag) = self.next_tag(inside) else {
                break;
            };
            self.loose_text(tag.start, secrets);
            self.text_from = tag.end;
            if tag.is_end {
                self.end(&tag, secrets);
            } else if tag
                .local
                .first()
                .is_some_and(|byte| !b"!?".contains(byte) && !byte.is_ascii_digit())
            {
                self.start(&tag, secrets);
            }
        }
        let end = self.text.len();
        self.loose_text(end, secrets);
        self.open.clear();
        self.leave(0, end, secrets);
        secrets.retain(|secret| secret.start < secret.end);
    }

    fn start(&mut self, tag: &Tag<'a>, secrets: &mut Vec<Secret>) {
        if self.secrets_of_attributes(tag, secrets) {
            self.hide(tag, secrets);
            return;
        }
        match self.sort(tag.local) {
            Sort::Name => self.name(tag, secrets),
            Sort::Value => self.value(tag, secrets),
            Sort::Secret => {
                self.hide_attributes(tag, secrets);
                self.hide(tag, secrets);
            }
            Sort::Other => self.push(tag),
        }
    }

    fn sort(&mut self, local: &'a [u8]) -> Sort {
        let mut known = self.sorts.iter();
        if let Some((_, sort)) = known.find(|(name, _)| *name == local) {
            return *sort;
        }
        let sort = Sort::of(local);
        if self.sorts.len() < SORTS_MAX {
            self.sorts.push((local, sort));
        }
        sort
    }

    fn push(&mut self, tag: &Tag<'a>) {
        if !tag.is_empty && self.open.len() < OPEN_MAX {
            self.open.push(tag.local);
        }
    }

    fn hide(&mut self, tag: &Tag<'_>, secrets: &mut Vec<Secret>) {
        secrets.push(self.content(tag));
        self.text_from = self.at;
    }

    /// What the attributes of a secret say, but for those that only say what it is.
    fn hide_attributes(&self, tag: &Tag<'_>, secrets: &mut Vec<Secret>) {
        for (name, value) in attributes_of(self.text, tag.attributes.clone()) {
            let name = self.text.get(name).unwrap_or_default();
            let local = name.rsplit(|&byte| byte == b':').next().unwrap_or(name);
            let is_harmless = name
                .get(..5)
                .is_some_and(|lead| lead.eq_ignore_ascii_case(b"xmlns"))
                || is_one_of(local, HARMLESS_ATTRIBUTES);
            if !is_harmless {
                secrets.push(value);
            }
        }
    }

    /// An end tag ends the element of its name and those in it; one that ends nothing near is passed over.
    fn end(&mut self, tag: &Tag<'_>, secrets: &mut Vec<Secret>) {
        let near = self.open.iter().rev().take(OPEN_SEARCHED_MAX);
        if let Some(above) = near.into_iter().position(|open| *open == tag.local) {
            let depth = self.open.len() - above - 1;
            self.leave(depth, tag.start, secrets);
            self.open.truncate(depth);
        }
    }

    /// Ends what stands deeper than `depth`, and the value at it.
    fn leave(&mut self, depth: usize, at: usize, secrets: &mut Vec<Secret>) {
        while let Some(pair) = self.pairs.last_mut().filter(|pair| pair.depth >= depth) {
            if let Some(start) = pair.open_value.take() {
                pair.values.push(start..at);
            }
            if pair.depth == depth && depth < self.open.len() {
                break;
            }
            if pair.is_secret && !pair.is_valued {
                secrets.append(&mut pair.before);
            }
            self.pairs.pop();
        }
    }

    fn name(&mut self, tag: &Tag<'a>, secrets: &mut Vec<Secret>) {
        if tag.is_empty {
            return;
        }
        self.end_open_value(tag, secrets);
        let (end, is_closed) = self.name_end(tag);
        let name = without_markup(self.text.get(tag.end..end).unwrap_or_default());
        if let Some(pair) = self.pair() {
            pair.name(is_secret_name(&name), secrets);
        }
        if is_closed {
            self.push(tag);
        } else {
            self.text_from = end;
        }
    }

    /// A name right behind the text of a value stands beside that value, whose end tag is missing.
    fn end_open_value(&mut self, tag: &Tag<'_>, secrets: &mut Vec<Secret>) {
        let Some(pair) = self.pairs.last() else {
            return;
        };
        let (depth, start) = (pair.depth, pair.open_value);
        let text = start.and_then(|start| self.text.get(start..tag.start));
        let is_text =
            text.is_some_and(|text| !text.trim_ascii().is_empty() && !text.contains(&b'<'));
        if is_text && depth + 1 == self.open.len() {
            self.leave(depth, tag.start, secrets);
            self.open.truncate(depth);
        }
    }

    /// Where the text of a name ends, and whether its own end tag is there; what is in it is read again.
    fn name_end(&mut self, tag: &Tag<'_>) -> (usize, bool) {
        let mut found = (self.text.len(), false);
        while let Some(next) = self.next_tag(Inside::Read) {
            if is_one_of(next.local, NAMES) || is_one_of(next.local, VALUES) {
                found = (next.start, next.is_end && next.local == tag.local);
                break;
            }
        }
        self.at = tag.end;
        found
    }

    fn value(&mut self, tag: &Tag<'a>, secrets: &mut Vec<Secret>) {
        // A value may stand deeper than its name.
        let near = self.pairs.iter().rev().take(OPEN_SEARCHED_MAX);
        let mut named = near.filter(|pair| pair.is_named);
        let is_secret = named.next().is_some_and(|pair| pair.is_secret);
        let open_value = (!is_secret && !tag.is_empty).then_some(tag.end);
        if let Some(pair) = self.pair() {
            pair.value(is_secret, open_value);
        }
        if !is_secret {
            self.push(tag);
            return;
        }
        self.hide_attributes(tag, secrets);
        let is_fault = tag.local.eq_ignore_ascii_case(FAULT_STRING);
        let content = self.content(tag);
        self.text_from = self.at;
        let text = self.text.get(content.clone()).unwrap_or_default();
        if !(is_fault && is_standard_fault(text)) {
            secrets.push(content);
        }
    }

    /// Where what was met of names and values in the element around is kept.
    fn pair(&mut self) -> Option<&mut Pair> {
        let depth = self.open.len();
        if self.pairs.last().is_none_or(|pair| pair.depth != depth) {
            self.pairs.push(Pair::new(depth));
        }
        self.pairs.last_mut()
    }

    fn is_beside_a_secret(&self) -> bool {
        let depth = self.open.len();
        self.pairs
            .last()
            .is_some_and(|pair| pair.is_secret && pair.depth == depth && depth > 0)
    }

    /// Text beside a secret value, in the same struct, may be a part of it.
    fn loose_text(&self, end: usize, secrets: &mut Vec<Secret>) {
        if self.is_beside_a_secret() {
            let text = self.text.get(self.text_from..end).unwrap_or_default();
            let start = self.text_from + (text.len() - text.trim_ascii_start().len());
            secrets.push(start..start + text.trim_ascii().len());
        }
    }

    /// Hides attributes of secret names, and `value` beside a `name` that is one; true where the element's content is such a value.
    fn secrets_of_attributes(&mut self, tag: &Tag<'_>, secrets: &mut Vec<Secret>) -> bool {
        let written = self.text.get(tag.attributes.clone()).unwrap_or_default();
        if written.trim_ascii().is_empty() || self.harmless.contains(&written) {
            return false;
        }
        let before = secrets.len();
        let named = self.read_attributes(tag, secrets);
        if !named && secrets.len() == before && self.harmless.len() < SORTS_MAX {
            self.harmless.push(written);
        }
        named
    }

    fn read_attributes(&self, tag: &Tag<'_>, secrets: &mut Vec<Secret>) -> bool {
        let attributes = attributes_of(self.text, tag.attributes.clone());
        let text = |range: &Secret| {
            String::from_utf8_lossy(self.text.get(range.clone()).unwrap_or_default())
        };
        let named = attributes.iter().any(|(name, value)| {
            [&b"name"[..], b"id", b"key"]
                .iter()
                .any(|known| text(name).as_bytes().eq_ignore_ascii_case(known))
                && is_secret_name(&text(value))
        });
        for (name, value) in &attributes {
            if is_secret_name(&text(name)) || (named && is_one_of(text(name).as_bytes(), VALUES)) {
                secrets.push(value.clone());
            }
        }
        named
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
                    .get(self.at..)
                    .and_then(|rest| memchr::memchr(b'<', rest))?;
            let rest = self.text.get(start..)?;
            let skipped = match rest.get(1) {
                Some(b'!' | b'?') => MARKUP_SKIPPED
                    .iter()
                    .find(|(open, _)| rest.starts_with(open)),
                _ => None,
            };
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
            let tag = tag_at(rest, start)?;
            self.at = tag.end;
            return Some(tag);
        }
    }
}

/// The names and values that stand beside each other in one element: structs, or flat lists of a name and its value.
struct Pair {
    depth: usize,
    is_named: bool,
    is_secret: bool,
    /// A value followed the latest name.
    is_valued: bool,
    /// Values that no secret name has claimed.
    values: Vec<Secret>,
    /// Values before the latest name, which claims them at the end if none follows.
    before: Vec<Secret>,
    /// Where a value that goes on begins.
    open_value: Option<usize>,
}

impl Pair {
    fn new(depth: usize) -> Self {
        Self {
            depth,
            is_named: false,
            is_secret: false,
            is_valued: false,
            values: Vec::new(),
            before: Vec::new(),
            open_value: None,
        }
    }

    fn name(&mut self, is_secret: bool, secrets: &mut Vec<Secret>) {
        if self.is_named && self.is_valued {
            // The next pair of a flat list.
            self.before = std::mem::take(&mut self.values);
            (self.is_secret, self.is_valued) = (is_secret, false);
        } else if is_secret {
            self.is_secret = true;
            secrets.append(&mut self.values);
        }
        self.is_named = true;
    }

    fn value(&mut self, is_secret: bool, open_value: Option<usize>) {
        self.is_valued |= self.is_named;
        if is_secret {
            self.before.clear();
        }
        self.open_value = open_value.or(self.open_value.take());
    }
}

/// What to do with the inside of comments and CDATA: a secret may stand in one, but none ends an element.
#[derive(Clone, Copy)]
enum Inside {
    Read,
    Skipped,
}

/// A name without tags, comments and CDATA marks, and with its character references resolved, so that `Pass&#119;ord` hides too.
fn without_markup(text: &[u8]) -> Cow<'_, str> {
    if memchr::memchr3(b'<', b'&', b']', text).is_none() {
        return match String::from_utf8_lossy(text) {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(&byte) = rest.first() {
        let skipped = match byte {
            b'<' if rest.starts_with(CDATA) => CDATA.len(),
            b'<' if rest.starts_with(COMMENT) => {
                find(rest, b"-->").map_or(rest.len(), |found| found + 3)
            }
            b'<' => tag_length(rest),
            b']' if rest.starts_with(b"]]>") => 3,
            _ => {
                plain.push(byte);
                1
            }
        };
        rest = rest.get(skipped..).unwrap_or_default();
    }
    let text = String::from_utf8_lossy(&plain).replace("&amp;", "&");
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
    Cow::Owned(out.trim().to_owned())
}

fn is_one_of(local: &[u8], names: &[&[u8]]) -> bool {
    names.iter().any(|name| local.eq_ignore_ascii_case(name))
}

/// Elements, in any case, that name what stands beside them.
const NAMES: &[&[u8]] = &[b"name", b"key", b"parametername"];
/// Elements, in any case, that are what another names; of a parameter's fault, its words may repeat the value.
const VALUES: &[&[u8]] = &[b"value", b"val", FAULT_STRING];
const FAULT_STRING: &[u8] = b"faultstring";

/// Attributes, in any case, that say of what kind an element is, or which of several.
const HARMLESS_ATTRIBUTES: &[&[u8]] = &[
    b"actor",
    b"arraytype",
    b"encodingstyle",
    b"encrypted",
    b"id",
    b"idx",
    b"index",
    b"instance",
    b"lang",
    b"mustunderstand",
    b"name",
    b"nil",
    b"perm",
    b"space",
    b"type",
    b"writable",
];

const CDATA: &[u8] = b"<![CDATA[";
const COMMENT: &[u8] = b"<!--";

/// Elements inside of more are not told apart: documents of such depth are not decoded.
const OPEN_MAX: usize = 1024;
/// Names of tags, and attributes as they are written, that are remembered; a message has few.
const SORTS_MAX: usize = 16;
/// How many open elements an end tag is looked for in.
const OPEN_SEARCHED_MAX: usize = 16;

/// Markup that is no tag.
const MARKUP_SKIPPED: &[(&[u8], &[u8])] = &[(COMMENT, b"-->"), (CDATA, b"]]>"), (b"<?", b"?>")];
