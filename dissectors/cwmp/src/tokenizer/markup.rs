//! Comments, CDATA, processing instructions, the XML declaration and the DOCTYPE.

use super::{Flow, Tokenizer};
use crate::anomaly::AnomalyKind;
use crate::range::Range;

impl Tokenizer<'_> {
    /// `<?` at `at`.
    pub(super) fn instruction(&mut self) -> Flow {
        self.plain = false;
        let rest = self.text.get(self.at + 2..).unwrap_or_default();
        let is_declaration = rest.starts_with(b"xml")
            && rest
                .get(3)
                .is_none_or(|byte| byte.is_ascii_whitespace() || *byte == b'?');
        if is_declaration && self.at != self.start {
            self.anomalies
                .push(AnomalyKind::MisplacedDeclaration, self.at);
        }
        self.opaque_until(2, b"?>")
    }

    /// `<!` at `at`.
    pub(super) fn declaration(&mut self) -> Flow {
        self.plain = false;
        let rest = self.text.get(self.at + 2..).unwrap_or_default();
        if rest.starts_with(b"--") {
            return self.comment();
        }
        if rest.starts_with(b"[CDATA[") {
            if self.open.is_empty() && self.beyond == 0 {
                self.note_cdata_outside();
            }
            return self.opaque_until(9, b"]]>");
        }
        if rest
            .get(..7)
            .is_some_and(|word| word.eq_ignore_ascii_case(b"DOCTYPE"))
        {
            return self.doctype();
        }
        self.anomalies.push(AnomalyKind::UnknownMarkup, self.at);
        self.opaque_until(2, b">")
    }

    fn note_cdata_outside(&mut self) {
        let kind = if self.root_closed {
            AnomalyKind::TextAfterRoot
        } else {
            AnomalyKind::TextBeforeRoot
        };
        self.anomalies.push(kind, self.at);
    }

    fn comment(&mut self) -> Flow {
        let start = self.at;
        let flow = self.opaque_until(4, b"-->");
        let end = self.at.saturating_sub(3);
        let inner = self.text.get(start + 4..end).unwrap_or_default();
        let double = memchr::memmem::find(inner, b"--");
        let hyphen_at_end = inner.last() == Some(&b'-');
        if flow == Flow::On && (double.is_some() || hyphen_at_end) {
            let at = start + 4 + double.unwrap_or(inner.len());
            self.anomalies.push(AnomalyKind::DoubleHyphenInComment, at);
        }
        flow
    }

    /// Passes over markup of which the first `skip` bytes are its opening.
    fn opaque_until(&mut self, skip: usize, end: &[u8]) -> Flow {
        let start = self.at;
        let rest = self.text.get(start + skip..).unwrap_or_default();
        let Some(length) = memchr::memmem::find(rest, end) else {
            return self.unterminated();
        };
        self.at = start + skip + length + end.len();
        self.tree.opaque.push(Range::new(start, self.at));
        Flow::On
    }

    /// SOAP 1.1 section 3 forbids a DTD: it is passed over, internal subset and all.
    fn doctype(&mut self) -> Flow {
        let start = self.at;
        self.anomalies.push(AnomalyKind::Doctype, start);
        let rest = self.text.get(start + 9..).unwrap_or_default();
        let Some(length) = doctype_end(rest) else {
            return self.unterminated();
        };
        self.at = start + 9 + length;
        self.tree.opaque.push(Range::new(start, self.at));
        Flow::On
    }
}

/// Length up to and with the `>` that ends the DOCTYPE; quotes, comments and brackets hide others.
pub(crate) fn doctype_end(text: &[u8]) -> Option<usize> {
    let mut brackets = 0_usize;
    let mut at = 0;
    loop {
        match *text.get(at)? {
            quote @ (b'"' | b'\'') => {
                let rest = text.get(at + 1..)?;
                at += 1 + memchr::memchr(quote, rest)?;
            }
            b'<' if text.get(at..)?.starts_with(b"<!--") => {
                let rest = text.get(at + 4..)?;
                at += 4 + memchr::memmem::find(rest, b"-->")? + 2;
            }
            b'<' if text.get(at..)?.starts_with(b"<?") => {
                let rest = text.get(at + 2..)?;
                at += 2 + memchr::memmem::find(rest, b"?>")? + 1;
            }
            b'[' => brackets += 1,
            b']' => brackets = brackets.saturating_sub(1),
            b'>' if brackets == 0 => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
}
