//! How the entries of a list are written: what is remembered of them, so that those that follow need not be read tag by tag.

use crate::range::Range;
use crate::tree::{NO_PARENT, Node};

/// Entries that may come again: elements of a few leaves each, all of one list, read without an anomaly, a declaration, a
/// comment or the like.
#[derive(Debug)]
pub(super) struct Entries {
    /// The list they stand in.
    pub(super) list: u32,
    /// How they are written, the oldest to be replaced next.
    pub(super) ways: [Way; WAYS_MAX],
    oldest: usize,
    /// The place of the way that came last.
    last: usize,
    /// Nothing odd has come since there were so many elements.
    pub(super) quiet_from: u32,
    /// Anomalies by then.
    pub(super) anomalies: usize,
}

/// How an entry is written: all but the texts of its leaves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    /// The number of such an entry.
    pub(super) model: u32,
    /// Its leaves; 0 where there is no entry.
    pub(super) leaves: u32,
    /// What stands before the text of each leaf, and behind that of the last one.
    pub(super) fixed: [Range; LEAVES_MAX + 1],
    /// The attributes of the entry and its leaves.
    pub(super) attributes: Range,
    /// How many of them are each one's own.
    pub(super) own: [u32; LEAVES_MAX + 1],
    /// The first way with the same bytes before its first text.
    pub(super) opening: u32,
    /// The place of the way that came behind this one when it came last: lists repeat themselves.
    followed_by: usize,
}

impl Way {
    const NONE: Self = Self {
        model: 0,
        leaves: 0,
        fixed: [Range::EMPTY; LEAVES_MAX + 1],
        attributes: Range::EMPTY,
        own: [0; LEAVES_MAX + 1],
        opening: 0,
        followed_by: 0,
    };

    /// Of an element that has nothing but leaves, whose attributes are the last ones.
    pub(super) fn of(model: u32, entry: &Node, leaves: &[Node], attributes: u32) -> Self {
        let mut way = Self {
            model,
            leaves: leaves.len() as u32,
            attributes: Range {
                start: entry.attributes,
                end: attributes,
            },
            ..Self::NONE
        };
        let ends = leaves.iter().map(|leaf| leaf.attributes);
        let mut start = entry.attributes;
        for (own, end) in way.own.iter_mut().zip(ends.chain([attributes])) {
            *own = end - start;
            start = end;
        }
        let mut from = entry.start;
        for (leaf, fixed) in leaves.iter().zip(&mut way.fixed) {
            *fixed = Range {
                start: from,
                end: leaf.content.start,
            };
            from = leaf.content.end;
        }
        if let Some(last) = way.fixed.get_mut(leaves.len()) {
            *last = Range {
                start: from,
                end: entry.end,
            };
        }
        way
    }

    pub(super) fn opening(&self) -> Range {
        let [opening, ..] = self.fixed;
        opening
    }
}

impl Entries {
    /// None.
    pub(super) const fn new() -> Self {
        Self {
            list: NO_PARENT,
            ways: [Way::NONE; WAYS_MAX],
            oldest: 0,
            last: 0,
            quiet_from: 0,
            anomalies: 0,
        }
    }

    /// What tags mean has changed, when there were so many elements.
    pub(super) fn forget(&mut self, elements: u32) {
        self.list = NO_PARENT;
        self.quiet_from = elements;
    }

    pub(super) fn remember(&mut self, text: &[u8], list: u32, mut way: Way) {
        if self.list != list {
            self.list = list;
            self.ways = [Way::NONE; WAYS_MAX];
            self.oldest = 0;
        }
        let opening = way.opening().bytes(text);
        let mut ways = self.ways.iter().filter(|way| way.leaves > 0);
        let same = ways.find(|other| other.opening().bytes(text) == opening);
        way.opening = same.map_or(way.model, |same| same.opening);
        way.followed_by = self.oldest;
        if let Some(place) = self.ways.get_mut(self.oldest) {
            *place = way;
        }
        self.came(self.oldest);
        self.oldest = (self.oldest + 1) % WAYS_MAX;
    }

    /// An entry was written in this way.
    pub(super) fn came(&mut self, place: usize) {
        if let Some(before) = self.ways.get_mut(self.last) {
            before.followed_by = place;
        }
        self.last = place;
    }

    /// The places of all ways, the likeliest first.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> + use<> {
        let likely = self.ways.get(self.last).map_or(0, |way| way.followed_by);
        std::iter::once(likely).chain((0..WAYS_MAX).filter(move |place| *place != likely))
    }
}

/// As many as the types of values that take turns in a list.
const WAYS_MAX: usize = 8;
/// Leaves of an entry: a name with a value or with Writable, an event with its key.
pub(super) const LEAVES_MAX: usize = 3;
