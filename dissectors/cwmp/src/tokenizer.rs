//! One pass over the text that finds elements, attributes and namespaces.
//!
//! Only what SOAP needs of XML 1.0, and faster for it: no DTD, no entities. Every deviation is an anomaly and
//! reading goes on. Never slower than linear: nothing is searched twice, look-ups are bounded.

mod again;
mod attributes;
mod entries;
mod markup;
mod tags;
mod ways;

pub(crate) use markup::doctype_end;

use again::Tags;
use ways::Entries;

use crate::anomaly::{Anomalies, AnomalyKind};
use crate::limits::Limits;
use crate::namespace::{Namespaces, Scope};
use crate::range::Range;
use crate::tree::{NO_PARENT, Tree};

/// What the tokenizer found.
#[derive(Debug)]
pub(crate) struct Tokenized {
    pub(crate) tree: Tree,
    pub(crate) namespaces: Namespaces,
}

/// Reads `text` from `start`; the text is less than 4 GiB long.
pub(crate) fn tokenize(
    text: &[u8],
    start: usize,
    limits: &Limits,
    anomalies: &mut Anomalies,
    room: Room,
) -> (Tokenized, Room) {
    let mut tokenizer = Tokenizer::new(text, start, limits, anomalies, room);
    tokenizer.run();
    tokenizer.close_all();
    let room = Room {
        scope: tokenizer.scope.emptied(),
        open: tokenizer.open,
        ..Room::default()
    };
    let tokenized = Tokenized {
        tree: tokenizer.tree,
        namespaces: tokenizer.namespaces,
    };
    (tokenized, room)
}

/// Empty lists whose memory is used again.
#[derive(Debug, Default)]
pub(crate) struct Room {
    tree: Tree,
    namespaces: Namespaces,
    scope: Scope,
    open: Vec<Open>,
}

impl Room {
    /// Takes what a document leaves, unless it is large.
    pub(crate) fn recycle(&mut self, mut tree: Tree, mut namespaces: Namespaces) {
        if tree.nodes.capacity() <= NODES_KEPT_MAX && tree.attributes.capacity() <= NODES_KEPT_MAX {
            tree.nodes.clear();
            tree.attributes.clear();
            tree.opaque = Vec::new();
            self.tree = tree;
        }
        if namespaces.clear() {
            self.namespaces = namespaces;
        }
    }
}

struct Tokenizer<'t> {
    text: &'t [u8],
    start: usize,
    /// Offset of the next byte to read.
    at: usize,
    limits: &'t Limits,
    anomalies: &'t mut Anomalies,
    tree: Tree,
    namespaces: Namespaces,
    scope: Scope,
    open: Vec<Open>,
    tags: Tags,
    entries: Entries,
    /// Since the latest start tag nothing has come but text that means what it says.
    plain: bool,
    /// Open elements deeper than the limit, which are not kept.
    beyond: usize,
    /// A root element has been closed.
    root_closed: bool,
}

/// An element whose end tag has not come yet.
#[derive(Debug, Clone, Copy)]
struct Open {
    node: u32,
    /// Prefix, colon and local name.
    full_name: Range,
    /// Declarations in scope before its own.
    mark: u32,
}

/// Whether reading goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    On,
    /// The rest is not read: it is cut within markup, or a limit was reached.
    Stop,
}

impl<'t> Tokenizer<'t> {
    fn new(
        text: &'t [u8],
        start: usize,
        limits: &'t Limits,
        anomalies: &'t mut Anomalies,
        room: Room,
    ) -> Self {
        let mut tree = room.tree;
        if tree.nodes.capacity() < text.len() / ELEMENT_BYTES {
            // Most elements have two tags: counting costs a few percent, growing the list twice as much again.
            let expected = memchr::memchr_iter(b'<', text).count() / 2 + 1;
            let expected = expected.min(limits.elements_max);
            tree.nodes.reserve(expected);
            tree.attributes
                .reserve(expected / ELEMENTS_AN_ATTRIBUTE + ATTRIBUTES_OF_AN_ENVELOPE);
        }
        Self {
            text,
            start,
            at: start,
            limits,
            anomalies,
            tree,
            namespaces: room.namespaces,
            scope: room.scope,
            open: room.open,
            tags: Tags::new(),
            entries: Entries::new(),
            plain: false,
            beyond: 0,
            root_closed: false,
        }
    }

    fn run(&mut self) {
        let text = self.text;
        while let Some(byte) = text.get(self.at) {
            if *byte != b'<' {
                self.pass_text();
                continue;
            }
            let flow = match text.get(self.at + 1) {
                Some(b'/') => self.end_tag(),
                Some(b'!') => self.declaration(),
                Some(b'?') => self.instruction(),
                Some(next) if CLASS[*next as usize] == NAME => self.start_tag(),
                Some(_) => self.bare_less_than(),
                None => self.unterminated(),
            };
            if flow == Flow::Stop {
                break;
            }
        }
    }

    /// Text at `at`, up to the next markup.
    #[inline]
    fn pass_text(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut length = 0;
        if self.plain {
            length = memchr::memchr3(b'<', b'&', b'\r', rest).unwrap_or(rest.len());
            self.plain = rest.get(length).is_none_or(|byte| *byte == b'<');
        }
        if !self.plain {
            let more = rest.get(length..).unwrap_or_default();
            length += memchr::memchr(b'<', more).unwrap_or(more.len());
        }
        if self.open.is_empty() {
            self.note_text_outside(rest.get(..length).unwrap_or_default());
        }
        self.at += length;
    }

    #[cold]
    fn bare_less_than(&mut self) -> Flow {
        self.plain = false;
        self.anomalies.push(AnomalyKind::BareLessThan, self.at);
        self.at += 1;
        Flow::On
    }

    /// Markup that begins at `at` has no end.
    #[cold]
    fn unterminated(&mut self) -> Flow {
        self.anomalies
            .push(AnomalyKind::UnterminatedMarkup, self.at);
        Flow::Stop
    }

    fn note_text_outside(&mut self, between: &[u8]) {
        let blanks = between
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        if blanks == between.len() || self.beyond > 0 {
            return;
        }
        let kind = if self.root_closed {
            AnomalyKind::TextAfterRoot
        } else {
            AnomalyKind::TextBeforeRoot
        };
        self.anomalies.push(kind, self.at + blanks);
    }

    /// Ends what is still open where reading stopped.
    fn close_all(&mut self) {
        if let Some(root) = self.open.first() {
            let start = self.node_start(root.node);
            self.anomalies.push(AnomalyKind::UnclosedRoot, start);
        }
        let stop = self.at.min(self.text.len());
        while !self.open.is_empty() {
            self.close_top(stop, stop);
        }
    }

    fn node_start(&self, node: u32) -> usize {
        self.tree
            .nodes
            .get(node as usize)
            .map_or(0, |node| node.start as usize)
    }

    /// Index of the innermost open element.
    #[inline]
    fn parent(&self) -> u32 {
        self.open.last().map_or(NO_PARENT, |open| open.node)
    }
}

/// Places for elements that are kept between two bodies.
const NODES_KEPT_MAX: usize = 16 * 1024;
/// Bytes of text for one element, where most have fewer.
const ELEMENT_BYTES: usize = 32;

/// In a list of parameters, each value has an attribute.
const ELEMENTS_AN_ATTRIBUTE: usize = 3;
/// Declarations of an envelope and attributes of its headers, as most have them.
const ATTRIBUTES_OF_AN_ENVELOPE: usize = 8;

/// A byte that may be part of a name.
const NAME: u8 = 0;
/// The colon between prefix and local name.
const COLON: u8 = 1;
/// White space, which ends a name within a tag.
const BLANK: u8 = 2;
/// The end of a tag.
const CLOSE: u8 = 3;
/// A slash, before the end of an empty element's tag.
const SLASH: u8 = 4;
/// A byte that ends a name without belonging there.
const OTHER: u8 = 5;
/// The sign between an attribute and its value.
const EQUALS: u8 = 6;

/// What each byte is within a tag.
static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut classes = [NAME; 256];
    let mut byte = 0;
    while byte < 0x20 {
        classes[byte] = OTHER;
        byte += 1;
    }
    classes[b' ' as usize] = BLANK;
    classes[b'\t' as usize] = BLANK;
    classes[b'\r' as usize] = BLANK;
    classes[b'\n' as usize] = BLANK;
    classes[b':' as usize] = COLON;
    classes[b'>' as usize] = CLOSE;
    classes[b'/' as usize] = SLASH;
    classes[b'=' as usize] = EQUALS;
    classes[b'<' as usize] = OTHER;
    classes[b'"' as usize] = OTHER;
    classes[b'\'' as usize] = OTHER;
    classes[b'&' as usize] = OTHER;
    classes[0x7F] = OTHER;
    classes
}
