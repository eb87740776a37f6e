//! A view of one element: names, attributes, children, text. Nothing is copied until text needs unescaping.

use crate::characters::{attribute_text, has_special, plain_text};
use crate::content::{Piece, is_blank, push_text};
use crate::document::Document;
use crate::namespace::{NamespaceId, XML};
use crate::range::Range;
use crate::tree::{AttributeNode, ElementId, NO_MODEL, Node};
use std::borrow::Cow;

/// One element of a document.
#[derive(Clone, Copy)]
pub struct Element<'a> {
    document: &'a Document,
    id: ElementId,
}

impl<'a> Element<'a> {
    pub(crate) fn new(document: &'a Document, id: ElementId) -> Self {
        Self { document, id }
    }

    /// Its number within the document.
    #[must_use]
    pub fn id(&self) -> ElementId {
        self.id
    }

    /// The document it is part of.
    #[must_use]
    pub fn document(&self) -> &'a Document {
        self.document
    }

    /// Local name; a replacement character when it is no UTF-8.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.node()
            .map_or("", |node| self.document.text.str(node.name))
    }

    /// Prefix, if it has one.
    #[must_use]
    pub fn prefix(&self) -> Option<&'a str> {
        let prefix = self.node()?.prefix();
        (!prefix.is_empty()).then(|| self.document.text.str(prefix))
    }

    /// URI of its namespace as written; `None` for no namespace and for an undeclared prefix.
    #[must_use]
    pub fn namespace(&self) -> Option<&'a str> {
        self.document
            .namespaces
            .uri(&self.document.text, self.namespace_id())
    }

    /// True when its prefix is not declared.
    #[must_use]
    pub fn is_prefix_undeclared(&self) -> bool {
        self.namespace_id() == NamespaceId::UNDECLARED
    }

    /// True when it has a prefix, declared or not, or a default namespace holds for it.
    #[must_use]
    #[inline]
    pub fn is_qualified(&self) -> bool {
        self.namespace_id() != NamespaceId::NONE
    }

    /// Its `xsi:type` attribute, of any year's namespace and also with an undeclared prefix `xsi`.
    #[must_use]
    pub fn xsi_type(&self) -> Option<Attribute<'a>> {
        self.attributes().find(crate::args::is_xsi_type)
    }

    /// Offset of its `<`.
    #[must_use]
    #[inline]
    pub fn offset(&self) -> usize {
        self.node().map_or(0, |node| node.start as usize)
    }

    /// Offset behind its end tag.
    #[must_use]
    #[inline]
    pub fn end(&self) -> usize {
        self.node().map_or(0, |node| node.end as usize)
    }

    /// Offset of its content: behind the start tag.
    #[must_use]
    #[inline]
    pub fn content_offset(&self) -> usize {
        self.node().map_or(0, |node| node.content.start as usize)
    }

    /// Its bytes with both tags.
    #[must_use]
    pub fn raw(&self) -> &'a [u8] {
        self.document
            .text
            .get(self.offset()..self.end())
            .unwrap_or_default()
    }

    /// Its bytes between the tags.
    #[must_use]
    #[inline]
    pub fn content(&self) -> &'a [u8] {
        self.node()
            .map_or(&[], |node| node.content.bytes(&self.document.text))
    }

    /// Its text, where that means what it says: no markup, reference or line end that means another stands in it.
    #[must_use]
    #[inline]
    pub fn plain(&self) -> Option<&'a [u8]> {
        let node = self.node().filter(|node| node.is_plain())?;
        Some(node.content.bytes(&self.document.text))
    }

    /// An earlier element that is the same but for the texts in it, of the same list or of an entry like its own, where the reader
    /// noticed one: what holds of the tags of that one holds of those of this one.
    #[must_use]
    #[inline]
    pub fn like(&self) -> Option<Self> {
        let like = self.node().map_or(NO_MODEL, |node| node.like);
        (like != NO_MODEL).then(|| Self::new(self.document, ElementId(like)))
    }

    /// The element it stands in.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let id = self.document.parent(self.id)?;
        Some(Self::new(self.document, id))
    }

    /// The elements directly within it.
    #[must_use]
    #[inline]
    pub fn children(&self) -> Children<'a> {
        let node = self.node();
        Children {
            document: self.document,
            next: self.id.0 + 1,
            end: node.map_or(0, |node| node.subtree_end),
        }
    }

    /// The first element directly within it of this local name, whatever its namespace.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<Self> {
        let (nodes, text) = (&self.document.tree.nodes, &self.document.text);
        let end = self.node()?.subtree_end;
        let mut next = self.id.0 + 1;
        while next < end {
            let node = nodes.get(next as usize)?;
            if node.name.len() == name.len() && node.name.bytes(text) == name.as_bytes() {
                return Some(Self::new(self.document, ElementId(next)));
            }
            next = node.subtree_end.max(next + 1);
        }
        None
    }

    /// All elements within it, in the order of the text.
    pub fn descendants(&self) -> impl Iterator<Item = Self> + Clone + use<'a> {
        let document = self.document;
        let end = self.node().map_or(0, |node| node.subtree_end);
        (self.id.0 + 1..end).map(move |index| Self::new(document, ElementId(index)))
    }

    /// True when this is its local name.
    #[must_use]
    #[inline]
    pub fn is_named(&self, name: &str) -> bool {
        let text = &self.document.text;
        self.node().is_some_and(|node| {
            node.name.len() == name.len() && node.name.bytes(text) == name.as_bytes()
        })
    }

    /// True when no element stands in it.
    #[must_use]
    #[inline]
    pub fn is_leaf(&self) -> bool {
        self.node()
            .is_none_or(|node| node.subtree_end <= self.id.0 + 1)
    }

    /// Its attributes in order, namespace declarations included.
    #[inline]
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + Clone + use<'a> {
        let document = self.document;
        document
            .tree
            .attributes_of(self.id)
            .iter()
            .map(move |node| Attribute { document, node })
    }

    /// The first attribute of this local name, whatever its namespace.
    #[must_use]
    pub fn attribute(&self, local_name: &str) -> Option<Attribute<'a>> {
        let wanted = |attribute: &Attribute<'_>| {
            !attribute.is_namespace_declaration() && attribute.is_named(local_name)
        };
        self.attributes().find(wanted)
    }

    /// The text directly within it, references resolved; text within its children is not part of it.
    #[must_use]
    #[inline]
    pub fn text(&self) -> Cow<'a, str> {
        match self.node() {
            Some(node) if node.is_plain() => self.document.text.lossy(node.content),
            Some(_) => self.resolved_text(),
            None => Cow::Borrowed(""),
        }
    }

    /// Its text, which may not mean what it says.
    fn resolved_text(&self) -> Cow<'a, str> {
        if self.is_leaf() {
            let content = self.content();
            if memchr::memchr(b'<', content).is_none() {
                return plain_text(content);
            }
        }
        let mut text = String::new();
        for piece in self.pieces() {
            if let Piece::Text(piece) = piece {
                text.push_str(&piece);
            }
        }
        Cow::Owned(text)
    }

    /// Text and elements directly within it, in order; comments are left out.
    pub(crate) fn pieces(&self) -> Vec<Piece<'a>> {
        let text = &self.document.text;
        let Some(node) = self.node() else {
            return Vec::new();
        };
        let mut pieces = Vec::new();
        let mut at = node.content.start;
        for child in self.children() {
            let start = child.offset() as u32;
            push_text(
                Range {
                    start: at,
                    end: start,
                }
                .bytes(text),
                &mut pieces,
            );
            pieces.push(Piece::Element(child));
            at = child.end() as u32;
        }
        let last = Range {
            start: at,
            end: node.content.end,
        };
        push_text(last.bytes(text), &mut pieces);
        pieces
    }

    /// True when something other than blanks and comments stands beside its elements.
    #[must_use]
    pub fn has_text_between(&self) -> bool {
        let Some(node) = self.node() else {
            return false;
        };
        let text = &self.document.text;
        let mut at = node.content.start;
        let mut blank = true;
        for child in self.children() {
            let start = child.offset() as u32;
            blank &= is_blank(
                Range {
                    start: at,
                    end: start,
                }
                .bytes(text),
            );
            at = child.end() as u32;
        }
        !(blank
            && is_blank(
                Range {
                    start: at,
                    end: node.content.end,
                }
                .bytes(text),
            ))
    }

    /// URI that a prefix has here; the empty prefix is the default.
    #[must_use]
    pub fn namespace_of_prefix(&self, prefix: &str) -> Option<&'a str> {
        let here = std::iter::successors(Some(*self), Self::parent);
        let mut declarations = here
            .flat_map(|element| element.attributes())
            .take(ATTRIBUTES_SEARCHED_MAX)
            .filter(|attribute| attribute.declared_prefix() == Some(prefix));
        let declared = declarations
            .next()
            .map(|attribute| self.document.text.str(attribute.node.value));
        // Nobody need declare `xml` (Namespaces in XML 1.0, section 3).
        declared
            .or((prefix == "xml").then_some(XML))
            .filter(|uri| !uri.is_empty())
    }

    #[inline]
    pub(crate) fn namespace_id(&self) -> NamespaceId {
        self.node().map_or(NamespaceId::NONE, |node| node.namespace)
    }

    #[inline]
    fn node(&self) -> Option<&'a Node> {
        self.document.tree.nodes.get(self.id.index())
    }
}

impl std::fmt::Debug for Element<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "<{}> at {}", self.name(), self.offset())
    }
}

/// The elements directly within an element.
#[derive(Clone)]
pub struct Children<'a> {
    document: &'a Document,
    next: u32,
    end: u32,
}

impl<'a> Iterator for Children<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.end {
            return None;
        }
        let id = ElementId(self.next);
        let node = self.document.tree.nodes.get(id.index())?;
        self.next = node.subtree_end.max(self.next + 1);
        Some(Element::new(self.document, id))
    }
}

impl std::fmt::Debug for Children<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_list().entries(self.clone()).finish()
    }
}

/// One attribute of an element.
#[derive(Clone, Copy)]
pub struct Attribute<'a> {
    document: &'a Document,
    node: &'a AttributeNode,
}

impl<'a> Attribute<'a> {
    /// Local name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.document.text.str(self.node.local())
    }

    /// Prefix, if it has one.
    #[must_use]
    pub fn prefix(&self) -> Option<&'a str> {
        let prefix = self.node.prefix();
        (!prefix.is_empty()).then(|| self.document.text.str(prefix))
    }

    /// URI of its namespace; attributes without a prefix are in none.
    #[must_use]
    pub fn namespace(&self) -> Option<&'a str> {
        self.document
            .namespaces
            .uri(&self.document.text, self.node.namespace)
    }

    /// Its value, references resolved.
    #[must_use]
    pub fn value(&self) -> Cow<'a, str> {
        let raw = self.raw_value();
        if has_special(raw) {
            return attribute_text(raw);
        }
        self.document.text.lossy(self.node.value)
    }

    /// Its bytes between the quotes.
    #[must_use]
    pub fn raw_value(&self) -> &'a [u8] {
        self.node.value.bytes(&self.document.text)
    }

    /// Offset of its name.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.node.full_name.start as usize
    }

    /// Offset of its value.
    #[must_use]
    pub fn value_offset(&self) -> usize {
        self.node.value.start as usize
    }

    /// True when this is its local name.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        self.node.local().bytes(&self.document.text) == name.as_bytes()
    }

    /// True for the `type` attribute of XML Schema instances, of any year, its prefix declared or not.
    #[must_use]
    pub fn is_xsi_type(&self) -> bool {
        crate::args::is_xsi_type(self)
    }

    /// True for `xmlns` and `xmlns:prefix`.
    #[must_use]
    pub fn is_namespace_declaration(&self) -> bool {
        self.node.namespace == NamespaceId::XMLNS
    }

    /// The prefix an `xmlns` attribute declares; empty for the default.
    #[must_use]
    pub fn declared_prefix(&self) -> Option<&'a str> {
        if !self.is_namespace_declaration() {
            return None;
        }
        Some(if self.node.prefix().is_empty() {
            ""
        } else {
            self.name()
        })
    }

    pub(crate) fn namespace_id(&self) -> NamespaceId {
        self.node.namespace
    }
}

impl std::fmt::Debug for Attribute<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}={:?}", self.name(), self.value())
    }
}

/// Attributes looked through for a declaration, so that an element with thousands does not make every type dear.
const ATTRIBUTES_SEARCHED_MAX: usize = 512;
