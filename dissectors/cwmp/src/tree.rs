//! The elements of a body, as one flat list in document order.
//!
//! Every node holds offsets into the text and nothing else; what stands behind them is read when asked for.

use crate::namespace::NamespaceId;
use crate::range::Range;

/// Names an element within its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ElementId(pub(crate) u32);

impl ElementId {
    #[inline]
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// One element.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    /// Offset of its `<`.
    pub(crate) start: u32,
    /// Local name; the prefix stands between `start` and it.
    pub(crate) name: Range,
    /// Between the start tag and the end tag.
    pub(crate) content: Range,
    /// Behind the end tag.
    pub(crate) end: u32,
    /// The enclosing element, or `NO_PARENT`.
    pub(crate) parent: u32,
    /// Index of the first node that is not within this one; `PLAIN` where nothing does but text that means what it says.
    pub(crate) subtree_end: u32,
    /// Index of its first attribute; the next node's is the end.
    pub(crate) attributes: u32,
    pub(crate) namespace: NamespaceId,
    /// Number of an earlier node that is the same but for texts; `NO_MODEL` where none is known.
    pub(crate) like: u32,
}

impl Node {
    /// The start tag.
    #[inline]
    pub(crate) fn tag(&self) -> Range {
        Range {
            start: self.start,
            end: self.content.start,
        }
    }

    /// Its content is text without markup, references and line ends that mean another: it means what it says.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.subtree_end == PLAIN
    }

    /// The prefix, without its colon; empty when there is none.
    #[inline]
    pub(crate) fn prefix(&self) -> Range {
        Range {
            start: self.start + 1,
            end: self.name.start.saturating_sub(1),
        }
    }
}

/// Less than any number of a node behind another, so that whoever asks for what stands within finds nothing.
pub(crate) const PLAIN: u32 = 0;

pub(crate) const NO_PARENT: u32 = u32::MAX;

pub(crate) const NO_MODEL: u32 = u32::MAX;

/// One attribute, `xmlns` included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AttributeNode {
    /// The whole name with its prefix.
    pub(crate) full_name: Range,
    /// Offset of the local name.
    pub(crate) local_start: u32,
    /// Between the quotes.
    pub(crate) value: Range,
    pub(crate) namespace: NamespaceId,
}

impl AttributeNode {
    #[inline]
    pub(crate) fn prefix(&self) -> Range {
        Range {
            start: self.full_name.start,
            end: self.local_start.saturating_sub(1),
        }
    }

    #[inline]
    pub(crate) fn local(&self) -> Range {
        Range {
            start: self.local_start,
            end: self.full_name.end,
        }
    }
}

/// The elements and attributes of a document.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
    pub(crate) attributes: Vec<AttributeNode>,
    /// Comments, CDATA, processing instructions and the DOCTYPE, in order: no markup within.
    pub(crate) opaque: Vec<Range>,
}

impl Tree {
    #[inline]
    pub(crate) fn attributes_of(&self, id: ElementId) -> &[AttributeNode] {
        self.attributes
            .get(self.attribute_places(id))
            .unwrap_or_default()
    }

    /// Where in `attributes` those of an element stand.
    #[inline]
    pub(crate) fn attribute_places(&self, id: ElementId) -> std::ops::Range<usize> {
        let Some(node) = self.nodes.get(id.index()) else {
            return 0..0;
        };
        let end = self
            .nodes
            .get(id.index() + 1)
            .map_or(self.attributes.len(), |next| next.attributes as usize);
        node.attributes as usize..end
    }
}
