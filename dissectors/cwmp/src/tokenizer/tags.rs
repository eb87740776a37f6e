//! Start and end tags.

use super::{BLANK, CLASS, CLOSE, COLON, Flow, NAME, Open, SLASH, Tokenizer};
use crate::anomaly::AnomalyKind;
use crate::namespace::NamespaceId;
use crate::range::Range;
use crate::tree::{NO_MODEL, Node, PLAIN};

impl Tokenizer<'_> {
    /// A tag at `at`, whose second byte may begin a name.
    pub(super) fn start_tag(&mut self) -> Flow {
        let full = self.tree.nodes.len() + self.tree.attributes.len() >= self.limits.elements_max;
        let deep = self.beyond > 0 || self.open.len() >= self.limits.depth_max;
        let may_be_known = !full && !deep && !self.open.is_empty();
        if may_be_known && (self.entry_again() || self.start_tag_again()) {
            return Flow::On;
        }
        let start = self.at;
        let anomalies = self.anomalies.count();
        let (colon, name_end) = self.scan_name(start + 1);
        if full {
            self.anomalies.push(AnomalyKind::TooManyElements, start);
            return Flow::Stop;
        }
        if self.open.is_empty() && self.root_closed {
            self.anomalies.push(AnomalyKind::SecondRoot, start);
        }
        let mark = self.scope.mark();
        let first_attribute = self.tree.attributes.len();
        let empty = match self.text.get(name_end) {
            Some(b'>') => {
                self.at = name_end + 1;
                false
            }
            _ => match self.attributes(name_end) {
                Some(empty) => empty,
                None => {
                    self.tree.attributes.truncate(first_attribute);
                    self.scope.truncate(mark);
                    return self.unterminated();
                }
            },
        };
        if deep {
            self.tree.attributes.truncate(first_attribute);
            if self.scope.mark() > mark {
                self.scope.truncate(mark);
            }
            self.pass_over(start, empty);
            return Flow::On;
        }
        self.push_named(start, colon, name_end, first_attribute, mark);
        if self.anomalies.count() > anomalies || self.scope.mark() > mark {
            self.forget_tags();
        } else {
            let node = self.tree.nodes.len() as u32 - 1;
            self.tags.remember(node, (self.at - start) as u32);
        }
        if empty {
            self.close_top(self.at, self.at);
        }
        Flow::On
    }

    fn push_named(
        &mut self,
        start: usize,
        colon: usize,
        name_end: usize,
        attributes: usize,
        mark: usize,
    ) {
        let (local, namespace) = if colon == 0 {
            (start + 1, self.scope.default_namespace())
        } else {
            let prefix = Range::new(start + 1, colon);
            let namespace = self.scope.resolve(self.text, prefix);
            if namespace == NamespaceId::UNDECLARED {
                self.anomalies
                    .push(AnomalyKind::UndeclaredPrefix, start + 1);
            }
            (colon + 1, namespace)
        };
        let tag = Range::new(start, self.at);
        let node = Node {
            name: Range::new(local, name_end),
            ..self.node(tag, attributes as u32, namespace)
        };
        self.push(node, mark);
    }

    /// An element that begins with this tag, and has no name yet.
    #[inline]
    pub(super) fn node(&self, tag: Range, attributes: u32, namespace: NamespaceId) -> Node {
        Node {
            start: tag.start,
            name: Range::EMPTY,
            content: Range {
                start: tag.end,
                end: tag.end,
            },
            end: tag.end,
            parent: self.parent(),
            subtree_end: self.tree.nodes.len() as u32 + 1,
            attributes,
            namespace,
            like: NO_MODEL,
        }
    }

    /// Opens an element; `mark` tells the declarations that were in scope before it.
    #[inline]
    pub(super) fn push(&mut self, node: Node, mark: usize) {
        self.open.push(Open {
            node: self.tree.nodes.len() as u32,
            full_name: Range {
                start: node.start + 1,
                end: node.name.end,
            },
            mark: mark as u32,
        });
        self.tree.nodes.push(node);
        self.plain = true;
    }

    /// An element deeper than the limit: only its depth is followed.
    #[cold]
    fn pass_over(&mut self, start: usize, empty: bool) {
        self.plain = false;
        if self.beyond == 0 {
            self.anomalies.push(AnomalyKind::TooDeep, start);
        }
        if !empty {
            self.beyond += 1;
        }
    }

    /// From the first byte of a name: offset of its colon (0 when there is none) and of its end.
    #[inline]
    fn scan_name(&mut self, start: usize) -> (usize, usize) {
        let mut colon = 0;
        let mut at = start;
        for byte in self.text.get(start..).unwrap_or_default() {
            match CLASS[*byte as usize] {
                NAME => {}
                COLON if colon == 0 && at > start => colon = at,
                COLON => {}
                BLANK | CLOSE | SLASH => break,
                _ => {
                    self.anomalies.push(AnomalyKind::InvalidName, at);
                    break;
                }
            }
            at += 1;
        }
        if colon + 1 == at {
            // `<a:>`: no local name, so the colon is taken as part of it.
            colon = 0;
        }
        if self
            .text
            .get(start)
            .is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
        {
            self.anomalies.push(AnomalyKind::InvalidName, start);
        }
        (colon, at)
    }

    /// An end tag at `at`.
    pub(super) fn end_tag(&mut self) -> Flow {
        let start = self.at;
        if self.beyond == 0
            && let Some(top) = self.open.last()
        {
            let name = top.full_name.bytes(self.text);
            let (from, to) = (start + 2, start + 2 + name.len());
            if self.text.get(from..to) == Some(name) && self.text.get(to) == Some(&b'>') {
                self.at = to + 1;
                self.close_top(start, self.at);
                return Flow::On;
            }
        }
        self.other_end_tag(start)
    }

    /// An end tag with blanks in it, of another element, or cut.
    #[cold]
    fn other_end_tag(&mut self, start: usize) -> Flow {
        let rest = self.text.get(start + 2..).unwrap_or_default();
        let Some(length) = memchr::memchr2(b'>', b'<', rest) else {
            return self.unterminated();
        };
        let name = rest.get(..length).unwrap_or_default();
        let closed = rest.get(length) == Some(&b'>');
        self.at = start + 2 + length + usize::from(closed);
        if !closed {
            self.anomalies.push(AnomalyKind::UnterminatedMarkup, start);
        }
        if self.beyond > 0 {
            self.beyond -= 1;
            return Flow::On;
        }
        self.close_named(start, name.trim_ascii_end());
        Flow::On
    }

    /// Closes the innermost open element of this name, and what stands open within it.
    fn close_named(&mut self, start: usize, name: &[u8]) {
        let text = self.text;
        let same = self
            .open
            .iter()
            .rposition(|open| open.full_name.bytes(text) == name);
        let by_local = || {
            let local = local_part(name);
            self.open
                .iter()
                .rposition(|open| self.local_name(open.node) == local)
        };
        let Some(position) = same.or_else(by_local) else {
            self.anomalies.push(AnomalyKind::UnexpectedEndTag, start);
            self.plain = false;
            return;
        };
        if same.is_none() {
            self.anomalies.push(AnomalyKind::MismatchedEndTag, start);
        }
        while self.open.len() > position + 1 {
            if let Some(inner) = self.open.last() {
                let unclosed = self.node_start(inner.node);
                self.anomalies.push(AnomalyKind::UnclosedElement, unclosed);
            }
            self.close_top(start, start);
        }
        self.close_top(start, self.at);
    }

    fn local_name(&self, node: u32) -> &[u8] {
        let node = self.tree.nodes.get(node as usize);
        node.map_or(&[], |node| node.name.bytes(self.text))
    }

    /// Closes the innermost element: its content ends at `content_end`, its end tag at `end`.
    #[inline]
    pub(super) fn close_top(&mut self, content_end: usize, end: usize) {
        let Some(open) = self.open.pop() else {
            return;
        };
        let nodes = if std::mem::take(&mut self.plain) {
            PLAIN
        } else {
            self.tree.nodes.len() as u32
        };
        if let Some(node) = self.tree.nodes.get_mut(open.node as usize) {
            node.content.end = content_end as u32;
            node.end = end as u32;
            node.subtree_end = nodes;
        }
        if self.scope.mark() > open.mark as usize {
            self.scope.truncate(open.mark as usize);
            self.forget_tags();
        }
        if nodes != PLAIN {
            self.note_entry(open.node);
        }
        if self.open.is_empty() {
            self.root_closed = true;
        }
    }
}

impl Tokenizer<'_> {
    /// What tags mean has changed.
    fn forget_tags(&mut self) {
        self.tags.forget();
        self.entries.forget(self.tree.nodes.len() as u32);
    }
}

fn local_part(name: &[u8]) -> &[u8] {
    memchr::memchr(b':', name).map_or(name, |colon| name.get(colon + 1..).unwrap_or_default())
}
