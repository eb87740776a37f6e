//! Entries that are written like one of the same list in which nothing was wrong: only what stands in them is new.

use cwmp::Element;

use super::types::{Lexical, Named, Types};

/// The ways in which entries without a fault are written; of one list, so that every prefix means the same in all.
#[derive(Debug, Default)]
pub(super) struct Alike<'a> {
    known: [Option<Way<'a>>; WAYS_MAX],
    next: usize,
}

/// All bytes of an entry but for its name and its value.
#[derive(Debug, Clone, Copy)]
struct Way<'a> {
    before: &'a [u8],
    between: &'a [u8],
    behind: &'a [u8],
    /// What the value has to be, by its `xsi:type`; `None` for any text.
    lexical: Option<Lexical>,
}

/// An entry taken apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    /// What stands in Name.
    pub(super) name: &'a [u8],
    /// The Value.
    pub(super) value: Element<'a>,
    way: Way<'a>,
}

impl<'a> Entry<'a> {
    /// Two elements in one, the first with the name and the second with the value, both without elements of their own.
    pub(super) fn of(text: &'a [u8], entry: Element<'a>) -> Option<Self> {
        let mut members = entry.children();
        let (name, value) = (members.next()?, members.next()?);
        if members.next().is_some() || !name.is_leaf() || !value.is_leaf() {
            return None;
        }
        let name_end = name.content_offset() + name.content().len();
        let value_end = value.content_offset() + value.content().len();
        Some(Self {
            name: name.content(),
            value,
            way: Way {
                before: text.get(entry.offset()..name.content_offset())?,
                between: text.get(name_end..value.content_offset())?,
                behind: text.get(value_end..entry.end())?,
                lexical: None,
            },
        })
    }
}

impl<'a> Alike<'a> {
    /// An entry without a fault was written like this one. Gives out what its value has to be.
    pub(super) fn find(&self, entry: &Entry<'a>) -> Option<Option<Lexical>> {
        let way = entry.way;
        self.known.iter().flatten().find_map(|known| {
            let same = known.between == way.between
                && known.before == way.before
                && known.behind == way.behind;
            same.then_some(known.lexical)
        })
    }

    /// Nothing is wrong in this entry.
    pub(super) fn note(&mut self, entry: &Entry<'a>, types: &mut Types<'a>) {
        let Some(declared) = entry.value.xsi_type() else {
            return;
        };
        let lexical = match types.named(entry.value, declared.raw_value(), false) {
            Named::Plain => None,
            Named::Of(lexical) => Some(lexical),
            Named::Unknown => return,
        };
        if let Some(place) = self.known.get_mut(self.next) {
            *place = Some(Way {
                lexical,
                ..entry.way
            });
            self.next = (self.next + 1) % WAYS_MAX;
        }
    }
}

/// Ways remembered: a list has one for each type.
const WAYS_MAX: usize = 8;
