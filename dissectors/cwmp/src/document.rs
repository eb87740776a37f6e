//! One body: its text, its elements, its envelopes, and what was odd about it.

use crate::anomaly::{Anomalies, Anomaly, AnomalyKind, Position};
use crate::characters::note_odd_characters;
use crate::element::Element;
use crate::encoding::decode;
use crate::envelope::{Envelope, EnvelopeRef, find_envelopes};
use crate::inform::Inform;
use crate::limits::{Hints, Limits};
use crate::namespace::Namespaces;
use crate::text::Text;
use crate::tokenizer::{Room, tokenize};
use crate::tree::{ElementId, NO_PARENT, Tree};

/// Reads an entity body, after transfer and content decoding. Never fails; oddities are in `Document::anomalies`.
///
/// Linear in the length of the body, and bounded by `limits`.
#[must_use]
pub fn parse(body: Vec<u8>, hints: &Hints<'_>, limits: &Limits) -> Document {
    Parser::default().parse(body, hints, limits)
}

/// Reads bodies one after the other, in the room that earlier ones left.
///
/// [`Parser::recycle`] gives the room of a document back; what is read does not depend on it.
#[derive(Debug, Default)]
pub struct Parser {
    room: Room,
    envelopes: Vec<Envelope>,
    text: Vec<u8>,
    /// Room for bytes of the wire.
    rooms: Vec<Vec<u8>>,
}

impl Parser {
    /// As the function [`parse`].
    #[must_use]
    pub fn parse(&mut self, body: Vec<u8>, hints: &Hints<'_>, limits: &Limits) -> Document {
        let room = std::mem::take(&mut self.room);
        let (mut document, mut anomalies, room) = read(body, hints, limits, room);
        self.room = room;
        let envelopes = std::mem::take(&mut self.envelopes);
        document.envelopes = find_envelopes(&document, envelopes, &mut anomalies);
        (document.anomalies, document.anomalies_omitted) = anomalies.finish();
        document
    }

    /// A copy of these bytes to be parsed, in the room of an earlier body.
    #[must_use]
    pub fn body(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut body = std::mem::take(&mut self.text);
        body.extend_from_slice(bytes);
        body
    }

    /// Room for a body on its way, empty: what an earlier one left, or none yet.
    #[must_use]
    pub fn room(&mut self) -> Vec<u8> {
        self.rooms.pop().unwrap_or_default()
    }

    /// Takes such room back.
    pub fn take_back(&mut self, mut room: Vec<u8>) {
        if ROOM_BYTES_KEPT.contains(&room.capacity()) && self.rooms.len() < ROOMS_KEPT_MAX {
            room.clear();
            self.rooms.push(room);
        }
    }

    /// Takes the room of a document that nobody needs any more.
    pub fn recycle(&mut self, document: Document) {
        self.room.recycle(document.tree, document.namespaces);
        if document.envelopes.capacity() <= ENVELOPES_KEPT_MAX {
            self.envelopes = document.envelopes;
            self.envelopes.clear();
        }
        let text = document.text.into_bytes();
        if text.capacity() <= *ROOM_BYTES_KEPT.end() {
            self.text = text;
            self.text.clear();
        }
    }
}

/// All but the envelopes.
fn read(
    body: Vec<u8>,
    hints: &Hints<'_>,
    limits: &Limits,
    room: Room,
) -> (Document, Anomalies, Room) {
    let mut anomalies = Anomalies::new(limits.anomalies_max);
    let bytes_max = limits.body_bytes_max.min(u32::MAX as usize - 1);
    let decoded = decode(
        body,
        hints.charset,
        hints.complete,
        bytes_max,
        &mut anomalies,
    );
    if !hints.complete {
        anomalies.push(AnomalyKind::Truncated, decoded.text.len());
    }
    let (tokenized, room) = tokenize(&decoded.text, decoded.start, limits, &mut anomalies, room);
    let numbered = note_odd_characters(&decoded.text, &tokenized.tree.opaque, &mut anomalies);
    let document = Document {
        numbered,
        text: decoded.text,
        encoding: decoded.encoding.name(),
        converted: decoded.converted,
        tree: tokenized.tree,
        namespaces: tokenized.namespaces,
        envelopes: Vec::new(),
        anomalies: Vec::new(),
        anomalies_omitted: 0,
    };
    (document, anomalies, room)
}

/// A body that has been read. Everything in it is a range of its one text.
#[derive(Debug, Clone)]
pub struct Document {
    pub(crate) text: Text,
    encoding: &'static str,
    converted: bool,
    pub(crate) tree: Tree,
    pub(crate) namespaces: Namespaces,
    envelopes: Vec<Envelope>,
    anomalies: Vec<Anomaly>,
    anomalies_omitted: usize,
    /// A character is written by its number.
    numbered: bool,
}

impl Document {
    /// The text all offsets refer to: the body itself, or its conversion to UTF-8.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// False where no text of an element holds these bytes: one search, to pass over messages that a reader does not care for.
    ///
    /// A text with a CDATA section, a comment or a reference by number in it may hold them without showing them.
    #[must_use]
    pub fn may_hold(&self, bytes: &[u8]) -> bool {
        let declares = self.text.starts_with(b"<?");
        self.numbered
            || self.tree.opaque.len() > usize::from(declares)
            || memchr::memmem::find(&self.text, bytes).is_some()
    }

    /// Name of the encoding the body was in, as the Encoding Standard has it (ISO-8859-1 is `windows-1252`).
    #[must_use]
    pub fn encoding(&self) -> &'static str {
        self.encoding
    }

    /// True when the body was converted, so that offsets are not those of the wire.
    #[must_use]
    pub fn is_converted(&self) -> bool {
        self.converted
    }

    /// The SOAP envelopes: usually one, several in the form of TR-069 Issue 1.
    #[must_use]
    pub fn envelopes(&self) -> &[Envelope] {
        &self.envelopes
    }

    /// One envelope, ready to be asked.
    #[must_use]
    pub fn envelope(&self, index: usize) -> Option<EnvelopeRef<'_>> {
        let envelope = self.envelopes.get(index)?;
        Some(EnvelopeRef::new(self, envelope))
    }

    /// All envelopes, ready to be asked.
    pub fn envelope_refs(&self) -> impl ExactSizeIterator<Item = EnvelopeRef<'_>> + Clone {
        self.envelopes
            .iter()
            .map(|envelope| EnvelopeRef::new(self, envelope))
    }

    /// Its Inform, if it has one.
    #[must_use]
    pub fn inform(&self) -> Option<Inform<'_>> {
        self.envelope_refs().find_map(|envelope| envelope.inform())
    }

    /// What was odd, in the order of the text, up to `Limits::anomalies_max`.
    #[must_use]
    pub fn anomalies(&self) -> &[Anomaly] {
        &self.anomalies
    }

    /// Anomalies beyond the limit.
    #[must_use]
    pub fn anomalies_omitted(&self) -> usize {
        self.anomalies_omitted
    }

    /// Line and column of an offset; counts from the start of the text each time.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        Position::of(&self.text, offset)
    }

    /// An element of this document.
    ///
    /// An id of another document gives whatever element has its number here, or an empty one.
    #[must_use]
    pub fn element(&self, id: ElementId) -> Element<'_> {
        Element::new(self, id)
    }

    /// The outermost elements; a well-formed document has one.
    pub fn roots(&self) -> impl Iterator<Item = Element<'_>> + Clone {
        let mut next = 0_usize;
        std::iter::from_fn(move || {
            let node = self.tree.nodes.get(next)?;
            let id = ElementId(next as u32);
            next = (node.subtree_end as usize).max(next + 1);
            Some(Element::new(self, id))
        })
    }

    /// Every element in the order of the text.
    pub fn elements(&self) -> impl ExactSizeIterator<Item = Element<'_>> + Clone {
        (0..self.tree.nodes.len()).map(|index| Element::new(self, ElementId(index as u32)))
    }

    /// Where the processing instructions stand; an XML declaration is none.
    pub fn processing_instructions(&self) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
        let opaque = self.tree.opaque.iter();
        opaque.filter_map(|range| {
            let target = range.bytes(&self.text).strip_prefix(b"<?")?;
            let end = target
                .iter()
                .position(|byte| byte.is_ascii_whitespace() || *byte == b'?');
            let target = target.get(..end.unwrap_or(target.len()))?;
            let is_declaration = target.eq_ignore_ascii_case(b"xml");
            (!is_declaration).then_some(range.start as usize..range.end as usize)
        })
    }

    /// Number of elements.
    #[must_use]
    pub fn elements_count(&self) -> usize {
        self.tree.nodes.len()
    }

    pub(crate) fn parent(&self, id: ElementId) -> Option<ElementId> {
        let node = self.tree.nodes.get(id.index())?;
        (node.parent != NO_PARENT).then_some(ElementId(node.parent))
    }
}

/// Bytes of room that are kept between two bodies: little of it costs little to make.
const ROOM_BYTES_KEPT: std::ops::RangeInclusive<usize> = 16 * 1024..=256 * 1024;
/// How many bodies on their way find room: few come at the same time.
const ROOMS_KEPT_MAX: usize = 4;
/// Places for envelopes that are kept between two bodies.
const ENVELOPES_KEPT_MAX: usize = 64;
