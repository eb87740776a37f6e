//! What stands behind every `<`, wherever it is: in a comment, in CDATA, in a value, with blanks or oddities in the name.
//!
//! A parser that reads comments, sections or quotes in another way than ours sees these tags; so they are counted, and have to
//! be accounted for by what was read.

use std::collections::BTreeMap;

use super::{arguments, methods};

/// Tags by what their names say, in whatever case and with whatever prefix.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tags {
    pub(super) envelopes: usize,
    pub(super) bodies: usize,
    /// Methods that do more than read.
    pub(super) harmful: BTreeMap<&'static str, usize>,
    /// Names that TR-069 does not have: to whoever knows it, each may be a vendor's method.
    pub(super) strange: usize,
    /// Those among them that a page for people does not have: with a prefix, or a vendor's `X_`.
    pub(super) vendors: usize,
    /// A tag begins before another has ended: readers do not agree on where its name ends.
    pub(super) torn: bool,
}

/// Reads all text once.
pub(super) fn scan(text: &[u8]) -> Tags {
    let mut tags = Tags::default();
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'<', rest) {
        rest = rest.get(at.saturating_add(1)..).unwrap_or_default();
        let name = name(rest);
        for part in name.split(|byte| *byte == b':') {
            tags.note_name(part);
        }
        let local = memchr::memrchr(b':', name).map_or(0, |colon| colon.saturating_add(1));
        let before = tags.strange;
        tags.note_strange(name.get(local..).unwrap_or_default());
        let vendors = name
            .get(..2)
            .is_some_and(|start| start.eq_ignore_ascii_case(b"x_"));
        if local > 0 || vendors {
            tags.vendors += tags.strange - before;
        }
    }
    tags.note_words(text);
    tags
}

/// The same of a text in which a `<` is written in another way, once it is decoded; nothing where none is.
pub(super) fn scan_decoded(text: &[u8]) -> Option<Tags> {
    let mut decoded = Vec::new();
    let mut done = 0;
    for at in memchr::memchr3_iter(b'&', b'%', b'\\', text).chain(memchr::memchr_iter(b'+', text)) {
        let Some(length) = coded_less_than(text.get(at..).unwrap_or_default()) else {
            continue;
        };
        // What precedes it cannot belong to its tag.
        let behind = text.get(at.saturating_add(length)..).unwrap_or_default();
        let behind = behind.get(..TAG_BYTES_MAX).unwrap_or(behind);
        decoded.push(b'<');
        let name = name(behind);
        let coded = |byte: &u8| matches!(byte, b'&' | b'%' | b'\\' | b'+');
        let end = name.iter().position(coded).unwrap_or(name.len());
        decoded.extend_from_slice(name.get(..end).unwrap_or_default());
        decoded.push(b'>');
        done += 1;
    }
    (done > 0).then(|| scan(&decoded))
}

/// The length of a reference or another coding of `<` that the text begins with, however many zeros and repetitions it has.
fn coded_less_than(text: &[u8]) -> Option<usize> {
    let rest = if let Some(mut rest) = without(text, b"&") {
        while let Some(inner) = without(rest, b"amp;") {
            rest = inner;
        }
        let rest = without(rest, b"lt").or_else(|| {
            let number = without(rest, b"#")?;
            match without(number, b"x") {
                Some(number) => without(without_zeros(number), b"3c"),
                None => without(without_zeros(number), b"60"),
            }
        })?;
        without(rest, b";").unwrap_or(rest)
    } else if let Some(mut rest) = without(text, b"%") {
        while let Some(inner) = without(rest, b"25") {
            rest = inner;
        }
        without(rest, b"3c")?
    } else {
        let rest = CODED.iter().find_map(|coded| without(text, coded))?;
        without(rest, b"-").unwrap_or(rest)
    };
    Some(text.len() - rest.len())
}

/// What stands behind a beginning, in whatever case that is written.
fn without<'t>(text: &'t [u8], start: &[u8]) -> Option<&'t [u8]> {
    let (head, rest) = text.split_at_checked(start.len())?;
    head.eq_ignore_ascii_case(start).then_some(rest)
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().position(|digit| *digit != b'0');
    number
        .get(zeros.unwrap_or(number.len())..)
        .unwrap_or_default()
}

impl Tags {
    /// Notes a name, or a prefix, which a careless parser takes for one.
    pub(super) fn note_name(&mut self, name: &[u8]) {
        if name.iter().all(u8::is_ascii_alphabetic) {
            self.note_letters(name);
        } else {
            let is_letter = |byte: &u8| byte.is_ascii_alphabetic();
            let letters: Vec<u8> = name.iter().copied().filter(is_letter).collect();
            self.note_letters(&letters);
        }
    }

    /// Notes a name that TR-069 does not have, where it can be that of a method.
    pub(super) fn note_strange(&mut self, name: &[u8]) {
        let shown: Vec<u8> = name.iter().copied().filter(u8::is_ascii_graphic).collect();
        let is_name =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let begins = shown
            .first()
            .is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
        if !begins || !shown.iter().all(is_name) {
            return;
        }
        let is_known = std::str::from_utf8(&shown).is_ok_and(arguments::is_known);
        self.strange += usize::from(!is_known);
    }

    /// Notes methods that stand behind the name of a tag, up to its end: some readers look for a word behind a `<`.
    fn note_words(&mut self, text: &[u8]) {
        let mut within = false;
        let mut rest = text;
        while let Some(at) = memchr::memchr2(b'<', b'>', rest) {
            let opens = rest.get(at) == Some(&b'<');
            rest = rest.get(at.saturating_add(1)..).unwrap_or_default();
            self.torn |= opens && (within || rest.trim_ascii_start().starts_with(b"<"));
            within = opens && (within || rest.first().is_some_and(begins_tag));
            if !within {
                continue;
            }
            let end = memchr::memchr2(b'<', b'>', rest).unwrap_or(rest.len());
            let tag = rest.get(..end).unwrap_or_default();
            // An odd name is many words; what is counted twice is counted once too often, which does no harm.
            let name = name(tag);
            let is_odd = name
                .iter()
                .any(|byte| byte.is_ascii_punctuation() && *byte != b':');
            let begin = if is_odd { 0 } else { name.len() };
            let behind = tag.get(begin..).unwrap_or_default();
            let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
            for word in behind.split(|byte| !is_word(byte)) {
                if let Some(method) = methods::harmful(word) {
                    *self.harmful.entry(method).or_default() += 1;
                }
            }
        }
    }

    fn note_letters(&mut self, name: &[u8]) {
        if name.eq_ignore_ascii_case(b"Envelope") {
            self.envelopes += 1;
        } else if name.eq_ignore_ascii_case(b"Body") {
            self.bodies += 1;
        } else if let Some(method) = methods::harmful(name) {
            *self.harmful.entry(method).or_default() += 1;
        }
    }
}

/// Neither a comment, a section, an end tag nor a comparison.
fn begins_tag(byte: &u8) -> bool {
    let others = [b'!', b'?', b'/', b'='];
    !others.contains(byte) && !byte.is_ascii_digit() && !byte.is_ascii_whitespace()
}

/// The name behind a `<`; empty for an end tag.
fn name(behind: &[u8]) -> &[u8] {
    let behind = behind.trim_ascii_start();
    let ends = |byte: &u8| {
        byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>' | b'<' | b'"' | b'\'' | b'=')
    };
    let end = behind.iter().position(ends).unwrap_or(behind.len());
    behind.get(..end).unwrap_or_default()
}

/// Other ways to write a `<`: JavaScript, C, UTF-7.
const CODED: [&[u8]; 4] = [b"\\u003c", b"\\x3c", b"\\74", b"+adw"];
/// The longest name behind a `<` that is coded.
const TAG_BYTES_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use super::{scan, scan_decoded};

    #[test]
    fn a_less_than_is_found_in_every_coding() {
        for coded in [
            "&lt;", "&LT", "&amp;lt;", "&#60;", "&#x003C;", "%3c", "%253C", "\\u003C", "\\x3c",
            "+ADw-",
        ] {
            let text = format!("a {coded}cwmp:Reboot/");
            let found = scan_decoded(text.as_bytes()).unwrap_or_default();
            assert_eq!(found.harmful.get("Reboot"), Some(&1), "{coded}");
        }
        for start in ["&#x", "&#X", "&#", "&amp;amp;amp;amp;amp;amp;amp;#"] {
            for zeros in [0, 30, 100_000] {
                let digits = if start.to_ascii_lowercase().ends_with('x') {
                    "3C"
                } else {
                    "60"
                };
                let text = format!("{start}{}{digits};cwmp:Reboot/", "0".repeat(zeros));
                let found = scan_decoded(text.as_bytes()).unwrap_or_default();
                assert_eq!(found.harmful.get("Reboot"), Some(&1), "{start} {zeros}");
            }
        }
        assert!(scan_decoded(b"a & b, 100 %, &gt; +1 \\n").is_none());
    }

    #[test]
    fn a_tag_is_found_wherever_it_hides() {
        for text in [
            "<Reboot>",
            "<cwmp:Reboot/>",
            "<!--<x:REBOOT>-->",
            "<![CDATA[<reboot]]>",
            "a='<cwmp:Reboot",
            "< \r\n a:b:Re\x01boot foo='1'>",
            "<Reboot:GetRPCMethods>",
        ] {
            assert!(
                scan(text.as_bytes()).harmful.contains_key("Reboot"),
                "{text}"
            );
        }
        assert_eq!(scan(b"</Reboot>Reboot<RebootX>&lt;Reboot").harmful.len(), 0);
        assert_eq!(scan(b"<a:envelope><Body><BODY/>").bodies, 2);
    }
}
