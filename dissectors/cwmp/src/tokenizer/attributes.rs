//! Attributes of a start tag, and the namespaces they declare.

use super::{CLASS, CLOSE, EQUALS, OTHER, SLASH, Tokenizer};
use crate::anomaly::AnomalyKind;
use crate::namespace::{Declared, NamespaceId};
use crate::range::Range;
use crate::tree::AttributeNode;

impl Tokenizer<'_> {
    /// Reads attributes from `at` to the end of the tag.
    ///
    /// True when the tag closes its element itself; `None` when the tag has no end.
    pub(super) fn attributes(&mut self, from: usize) -> Option<bool> {
        let first = self.tree.attributes.len();
        let mut at = from;
        let empty = loop {
            let before = at;
            at = self.skip_blanks(at);
            match CLASS[*self.text.get(at)? as usize] {
                CLOSE => break false,
                SLASH if self.text.get(at + 1) == Some(&b'>') => {
                    at += 1;
                    break true;
                }
                // A tag that never closed: the next one begins.
                OTHER if self.text.get(at) == Some(&b'<') => {
                    self.anomalies.push(AnomalyKind::UnterminatedMarkup, from);
                    at -= 1;
                    break false;
                }
                SLASH | OTHER | EQUALS => {
                    self.anomalies.push(AnomalyKind::InvalidName, at);
                    at += 1;
                }
                _ => {
                    if before == at {
                        self.anomalies.push(AnomalyKind::AttributesNotSeparated, at);
                    }
                    at = self.attribute(at)?;
                }
            }
        };
        self.at = at + 1;
        self.resolve_attributes(first);
        Some(empty)
    }

    #[inline]
    fn skip_blanks(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        let blank = |byte: &&u8| matches!(**byte, b' ' | b'\n' | b'\r' | b'\t');
        at + rest.iter().take_while(blank).count()
    }

    /// One attribute whose name begins at `start`; gives the offset behind it.
    fn attribute(&mut self, start: usize) -> Option<usize> {
        let (local, name_end) = self.attribute_name(start);
        let name = Range::new(start, name_end);
        let mut at = name_end;
        if self.text.get(at) != Some(&b'=') {
            at = self.skip_blanks(at);
            if *self.text.get(at)? != b'=' {
                self.anomalies
                    .push(AnomalyKind::AttributeWithoutValue, start);
                self.push_attribute(name, local, Range::new(name_end, name_end));
                return Some(name_end);
            }
        }
        at += 1;
        let mut quote = *self.text.get(at)?;
        if quote != b'"' && quote != b'\'' {
            at = self.skip_blanks(at);
            quote = *self.text.get(at)?;
        }
        let (value, behind) = if quote == b'"' || quote == b'\'' {
            self.quoted(quote, at + 1)?
        } else {
            self.unquoted(at)?
        };
        self.push_attribute(name, local, value);
        Some(behind)
    }

    /// Offsets of the local name and of the name's end.
    #[inline]
    fn attribute_name(&self, start: usize) -> (usize, usize) {
        let mut local = start;
        let mut at = start;
        for byte in self.text.get(start..).unwrap_or_default() {
            match CLASS[*byte as usize] {
                super::NAME => {}
                super::COLON => {
                    if local == start && at > start {
                        local = at + 1;
                    }
                }
                _ => break,
            }
            at += 1;
        }
        if local == at {
            local = start;
        }
        (local, at)
    }

    #[inline]
    fn quoted(&mut self, quote: u8, start: usize) -> Option<(Range, usize)> {
        let mut at = start;
        loop {
            let rest = self.text.get(at..)?;
            at += memchr::memchr2(quote, b'<', rest)?;
            if *self.text.get(at)? == quote {
                return Some((Range::new(start, at), at + 1));
            }
            self.anomalies.push(AnomalyKind::LessThanInAttribute, at);
            at += 1;
        }
    }

    #[cold]
    fn unquoted(&mut self, start: usize) -> Option<(Range, usize)> {
        self.anomalies.push(AnomalyKind::UnquotedAttribute, start);
        let rest = self.text.get(start..)?;
        let ends = |byte: &u8| matches!(*byte, b' ' | b'\n' | b'\r' | b'\t' | b'>' | b'<');
        let length = rest.iter().position(ends)?;
        let value = rest.get(..length)?;
        // `<a b=c/>`: the slash is rather the tag's than the value's.
        let slash = value.ends_with(b"/") && rest.get(length) == Some(&b'>');
        let end = start + length - usize::from(slash);
        Some((Range::new(start, end), end))
    }

    /// Keeps the attribute; a declaration comes into scope at once.
    #[inline]
    fn push_attribute(&mut self, full_name: Range, local: usize, value: Range) {
        let mut namespace = NamespaceId::NONE;
        let name = full_name.bytes(self.text);
        if name.starts_with(b"xmlns") && (name.len() == 5 || name.get(5) == Some(&b':')) {
            namespace = NamespaceId::XMLNS;
            let prefix = Range {
                start: full_name.start + 5 + u32::from(name.len() > 5),
                end: full_name.end,
            };
            self.declare(prefix, value);
        }
        self.tree.attributes.push(AttributeNode {
            full_name,
            local_start: local as u32,
            value,
            namespace,
        });
    }

    fn declare(&mut self, prefix: Range, value: Range) {
        let at = value.start as usize;
        match self
            .scope
            .declare(self.text, prefix, value, &mut self.namespaces)
        {
            Declared::Plain => {}
            Declared::OldSchema => self.anomalies.push(AnomalyKind::OldSchemaNamespace, at),
            Declared::TooMany => self.anomalies.push(AnomalyKind::TooManyNamespaces, at),
        }
    }

    /// Gives the attributes from `first` their namespaces, and notes those that stand twice.
    fn resolve_attributes(&mut self, first: usize) {
        for index in first..self.tree.attributes.len() {
            let Some(attribute) = self.tree.attributes.get_mut(index) else {
                return;
            };
            let prefix = attribute.prefix();
            let name = attribute.full_name;
            if !prefix.is_empty() && attribute.namespace != NamespaceId::XMLNS {
                attribute.namespace = self.scope.resolve(self.text, prefix);
                if attribute.namespace == NamespaceId::UNDECLARED {
                    let at = prefix.start as usize;
                    self.anomalies.push(AnomalyKind::UndeclaredPrefix, at);
                }
            }
            let earliest = first.max(index.saturating_sub(COMPARED_MAX));
            let before = self
                .tree
                .attributes
                .get(earliest..index)
                .unwrap_or_default();
            let bytes = name.bytes(self.text);
            if before
                .iter()
                .any(|other| other.full_name.bytes(self.text) == bytes)
            {
                self.anomalies
                    .push(AnomalyKind::DuplicateAttribute, name.start as usize);
            }
        }
    }
}

/// An attribute is compared with this many before it, so that thousands on one element cost no more than linear time.
const COMPARED_MAX: usize = 32;
