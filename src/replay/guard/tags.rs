//! What stands behind every `<`, wherever it is: in a comment, in CDATA, in a value, with blanks or oddities in the name.
//!
//! A parser that reads comments, sections or quotes in another way than ours sees these tags; so they are counted, and have to
//! be accounted for by what was read.

use std::collections::BTreeMap;

use super::methods;

/// Tags by what their names say, in whatever case and with whatever prefix.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tags {
    pub(super) envelopes: usize,
    pub(super) bodies: usize,
    /// Methods that do more than read.
    pub(super) harmful: BTreeMap<&'static str, usize>,
}

/// Reads all text once.
pub(super) fn scan(text: &[u8]) -> Tags {
    let mut tags = Tags::default();
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'<', rest) {
        rest = rest.get(at.saturating_add(1)..).unwrap_or_default();
        for part in name(rest).split(|byte| *byte == b':') {
            tags.note_name(part);
        }
    }
    tags
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

/// The name behind a `<`; empty for an end tag.
fn name(behind: &[u8]) -> &[u8] {
    let behind = behind.trim_ascii_start();
    let ends = |byte: &u8| {
        byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>' | b'<' | b'"' | b'\'' | b'=')
    };
    let end = behind.iter().position(ends).unwrap_or(behind.len());
    behind.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::scan;

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
            assert_eq!(
                scan(text.as_bytes()).harmful.get("Reboot"),
                Some(&1),
                "{text}"
            );
        }
        assert_eq!(scan(b"</Reboot>Reboot<RebootX>&lt;Reboot").harmful.len(), 0);
        assert_eq!(scan(b"<a:envelope><Body><BODY/>").bodies, 2);
    }
}
