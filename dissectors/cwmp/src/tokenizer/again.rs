//! Start tags that come again byte for byte, as those of a list's entries do: read once, then copied.

use super::Tokenizer;
use crate::tree::{AttributeNode, ElementId, Node};

/// Start tags that may come again: all were read without an anomaly, and no declaration has come or gone since.
#[derive(Debug)]
pub(super) struct Tags {
    /// The element that followed one with the latest tag: mostly the next one is like it.
    expected: u32,
    /// Tags of different bytes, the oldest to be replaced next.
    recent: [Tag; RECENT_MAX],
    oldest: usize,
}

/// The start tag of an element.
#[derive(Debug, Clone, Copy)]
struct Tag {
    node: u32,
    /// Its bytes; 0 where there is none.
    length: u32,
}

impl Tags {
    /// None.
    pub(super) const fn new() -> Self {
        Self {
            expected: NOTHING,
            recent: [Tag { node: 0, length: 0 }; RECENT_MAX],
            oldest: 0,
        }
    }

    /// What they mean has changed.
    pub(super) fn forget(&mut self) {
        *self = Self::new();
    }

    /// Takes note of a tag that was read.
    pub(super) fn remember(&mut self, node: u32, length: u32) {
        if let Some(tag) = self.recent.get_mut(self.oldest) {
            *tag = Tag { node, length };
        }
        self.oldest = (self.oldest + 1) % RECENT_MAX;
        // One entry differs; the rest of the list may go on as before.
        if self.expected != NOTHING {
            self.expected += 1;
        }
    }
}

impl Tokenizer<'_> {
    /// Reads the start tag at `at` as one before, where it is the same; says whether it was.
    #[inline]
    pub(super) fn start_tag_again(&mut self) -> bool {
        let start = self.at;
        let Some((model, node)) = self.same_tag(start) else {
            return false;
        };
        let (by, first) = (start as u32 - node.start, self.tree.attributes.len());
        self.copy_attributes(model, by);
        self.at = (node.content.start + by) as usize;
        let tag = node.tag().moved(by);
        let again = Node {
            name: node.name.moved(by),
            ..self.node(tag, first as u32, node.namespace)
        };
        self.push(again, self.scope.mark());
        // The tag closes its element itself.
        if self.text.get(self.at.wrapping_sub(2)) == Some(&b'/') {
            self.close_top(self.at, self.at);
        }
        self.tags.expected = model + 1;
        true
    }

    /// An element whose start tag has the same bytes as the one at `start`, with its number.
    #[inline]
    fn same_tag(&self, start: usize) -> Option<(u32, Node)> {
        let expected = self.tags.expected;
        match self.tree.nodes.get(expected as usize) {
            Some(node) if self.is_same(start, node) => Some((expected, *node)),
            _ => self.other_same_tag(start),
        }
    }

    /// The same, where it is not the expected one.
    fn other_same_tag(&self, start: usize) -> Option<(u32, Node)> {
        // None is remembered, and nothing need be looked for, where the first place is empty.
        self.tags.recent.first().filter(|tag| tag.length > 0)?;
        let length = memchr::memchr(b'>', self.text.get(start..)?)? as u32 + 1;
        let mut recent = self.tags.recent.iter();
        recent.find_map(|tag| {
            let node = self.tree.nodes.get(tag.node as usize)?;
            let same = tag.length == length && self.is_same(start, node);
            same.then_some((tag.node, *node))
        })
    }

    #[inline]
    fn is_same(&self, start: usize, node: &Node) -> bool {
        let tag = node.tag().bytes(self.text);
        self.text.get(start..start + tag.len()) == Some(tag)
    }

    #[inline]
    fn copy_attributes(&mut self, model: u32, by: u32) {
        let attributes = self.tree.attribute_places(ElementId(model));
        for index in attributes {
            let Some(attribute) = self.tree.attributes.get(index).copied() else {
                return;
            };
            self.tree.attributes.push(AttributeNode {
                full_name: attribute.full_name.moved(by),
                local_start: attribute.local_start + by,
                value: attribute.value.moved(by),
                namespace: attribute.namespace,
            });
        }
    }
}

/// As many as the kinds of entries and types that take turns in a list, so that to look through them stays cheap.
const RECENT_MAX: usize = 8;

/// No element has this number.
const NOTHING: u32 = u32::MAX;
