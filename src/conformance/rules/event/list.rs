//! The Event list of an Inform, read once for all rules that look at it alone.

use cwmp::{Element, EnvelopeRef};

use super::{codes, together};
use crate::conformance::{Draft, Findings, Rule, Seen};
use crate::session::Side;

/// Looks at an Inform.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    if seen.from() != Side::Cpe || !seen.is_request() || !seen.is_cwmp() || seen.replay {
        return;
    }
    if !seen.is_whole() {
        return;
    }
    for envelope in seen.envelopes() {
        if let Some(inform) = envelope.inform()
            && let Some(list) = inform.element().child("Event")
        {
            let told = List {
                seen,
                envelope,
                place: list,
                events: list.children().take(ENTRIES_MAX).map(Entry::of).collect(),
            };
            codes::judge(&told, findings);
            together::judge(&told, findings);
        }
    }
}

/// The events of one Inform.
pub(super) struct List<'l> {
    pub seen: &'l Seen<'l>,
    pub envelope: EnvelopeRef<'l>,
    /// The Event element.
    pub place: Element<'l>,
    pub events: Vec<Entry<'l>>,
}

/// One EventStruct.
pub(super) struct Entry<'l> {
    pub place: Element<'l>,
    /// EventCode as on the wire; `None` where there is none.
    pub code: Option<String>,
    pub key: String,
}

impl<'l> Entry<'l> {
    fn of(place: Element<'l>) -> Self {
        let text = |name| place.child(name).map(|child| child.text().into_owned());
        Self {
            place,
            code: text("EventCode"),
            key: text("CommandKey").unwrap_or_default(),
        }
    }

    /// The code without blanks around it.
    pub(super) fn code(&self) -> &str {
        self.code.as_deref().unwrap_or_default().trim()
    }
}

impl List<'_> {
    /// A breach by one entry.
    pub(super) fn breaks(&self, rule: &'static Rule, entry: &Entry<'_>) -> Draft {
        let code = entry.place.child("EventCode").unwrap_or(entry.place);
        self.seen.breaks_at(rule, code)
    }

    /// A breach by the list.
    pub(super) fn breaks_as_a_whole(&self, rule: &'static Rule) -> Draft {
        self.seen.breaks_at(rule, self.place)
    }

    pub(super) fn has(&self, code: &str) -> bool {
        self.events.iter().any(|event| event.code() == code)
    }
}

/// Entries of a list that are looked at: sixteen times as many as a list may have (TR-069 Amendment 3 Table 9, EventStruct[64]).
const ENTRIES_MAX: usize = 1024;
