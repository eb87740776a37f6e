//! Entries that are written like one of the same list in which nothing was wrong: only what stands in them is new.

use cwmp::{Element, ElementId};

use super::types::Lexical;

/// The entries without a fault that others are like; of one list.
#[derive(Debug, Default)]
pub(super) struct Alike {
    known: [Option<Way>; WAYS_MAX],
    next: usize,
}

/// How an entry is written.
#[derive(Debug, Clone, Copy)]
struct Way {
    model: ElementId,
    /// What its value has to be, by its `xsi:type`; `None` for any text.
    lexical: Option<Lexical>,
}

impl Alike {
    /// The name and the value of an entry that is written like one without a fault, and what the value has to be.
    pub(super) fn find<'a>(
        &self,
        entry: Element<'a>,
    ) -> Option<(Element<'a>, Element<'a>, Option<Lexical>)> {
        let model = entry.like()?.id();
        let way = self.known.iter().flatten().find(|way| way.model == model)?;
        let mut members = entry.children();
        Some((members.next()?, members.next()?, way.lexical))
    }

    /// Nothing is wrong in this entry, whose value has to be this.
    pub(super) fn note(&mut self, entry: Element<'_>, lexical: Option<Lexical>) {
        let model = match entry.like() {
            Some(model) => model.id(),
            // Others may be like this one.
            None if entry.children().all(|leaf| leaf.plain().is_some()) => entry.id(),
            None => return,
        };
        if let Some(place) = self.known.get_mut(self.next) {
            *place = Some(Way { model, lexical });
            self.next = (self.next + 1) % WAYS_MAX;
        }
    }
}

/// Ways remembered: a list has one for each type.
const WAYS_MAX: usize = 8;
