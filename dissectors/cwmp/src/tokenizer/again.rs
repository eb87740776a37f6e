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
            self.tree.attributes.push(copy_of(&attribute, by));
        }
    }
}

/// The same attribute, so many bytes further on.
#[inline]
pub(super) fn copy_of(attribute: &AttributeNode, by: u32) -> AttributeNode {
    AttributeNode {
        full_name: attribute.full_name.moved(by),
        local_start: attribute.local_start + by,
        value: attribute.value.moved(by),
        namespace: attribute.namespace,
    }
}

/// As many as the kinds of entries and types that take turns in a list, so that to look through them stays cheap.
const RECENT_MAX: usize = 8;

/// No element has this number.
const NOTHING: u32 = u32::MAX;

#[cfg(test)]
mod tests {
    use crate::{AnomalyKind, Hints, Limits, parse};

    /// Name, namespace, offset and attributes of every element, and its text.
    fn told(text: &str) -> Vec<String> {
        let document = parse(text.into(), &Hints::default(), &Limits::default());
        let tell = |element: crate::Element<'_>| {
            let attributes = element.attributes();
            let attributes = attributes.map(|one| format!(" {one:?}@{}", one.offset()));
            let attributes: String = attributes.collect();
            let space = element.namespace().unwrap_or("-");
            let (from, to) = (element.offset(), element.end());
            let (name, text) = (element.name(), element.text());
            format!("{{{space}}}{name}{attributes} {from}..{to} {text}")
        };
        document.elements().map(tell).collect()
    }

    fn kinds(text: &str) -> Vec<AnomalyKind> {
        let document = parse(text.into(), &Hints::default(), &Limits::default());
        document.anomalies().iter().map(|one| one.kind).collect()
    }

    #[test]
    fn an_entry_that_comes_again_has_places_of_its_own() {
        let text = "<l><e a='1'>x</e><e a='1'>&lt;</e><f/><f/><e a='2'>y</e><e a='1'><f/>z</e></l>";
        let wanted = [
            "{-}l 0..78 ",
            "{-}e a=\"1\"@6 3..17 x",
            "{-}e a=\"1\"@20 17..34 <",
            "{-}f 34..38 ",
            "{-}f 38..42 ",
            "{-}e a=\"2\"@45 42..56 y",
            "{-}e a=\"1\"@59 56..74 z",
            "{-}f 65..69 ",
        ];
        assert_eq!(told(text), wanted);
    }

    #[test]
    fn the_same_tag_means_another_where_a_declaration_has_come_or_gone() {
        let text = "<l xmlns:p='u:1'><p:e/><m xmlns:p='u:2'><p:e/></m><p:e/><m xmlns='u:3'><e/></m><e/></l>";
        let spaces: Vec<String> = told(text)
            .into_iter()
            .filter(|told| told.contains("}e "))
            .map(|told| told.split('}').next().unwrap_or_default().to_owned())
            .collect();
        assert_eq!(spaces, ["{u:1", "{u:2", "{u:1", "{u:3", "{-"]);
    }

    #[test]
    fn what_is_odd_about_a_tag_is_told_each_time() {
        let odd = "<l><p:e/><p:e/><e a=1/><e a=1/><e b c='<'/><e b c='<'/></l>";
        let all = kinds(odd);
        let count = |kind| all.iter().filter(|one| **one == kind).count();
        assert_eq!(count(AnomalyKind::UndeclaredPrefix), 2);
        assert_eq!(count(AnomalyKind::UnquotedAttribute), 2);
        assert_eq!(count(AnomalyKind::AttributeWithoutValue), 2);
        assert_eq!(count(AnomalyKind::LessThanInAttribute), 2);
    }

    #[test]
    fn text_that_is_not_plain_is_never_taken_for_plain() {
        let text = "<l><e>a&amp;b</e><e>a\r\nb</e><e>a<!--x-->b</e><e>a<![CDATA[&]]>b</e><e>a</x>b</e><e>a<b</e></l>";
        let texts: Vec<String> = told(text)
            .into_iter()
            .filter(|told| told.contains("}e "))
            .map(|told| told.rsplit_once(' ').unwrap_or_default().1.to_owned())
            .collect();
        assert_eq!(texts.first().map(String::as_str), Some("a&b"));
        assert_eq!(texts.get(1).map(String::as_str), Some("a\nb"));
        assert_eq!(texts.get(2).map(String::as_str), Some("ab"));
        assert_eq!(texts.get(3).map(String::as_str), Some("a&b"));
        assert_eq!(texts.get(4).map(String::as_str), Some("ab"));
    }
}
