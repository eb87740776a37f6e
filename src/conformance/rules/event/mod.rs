//! Events and their delivery (TR-069 3.7.1.5).

mod asked;
mod calls;
mod codes;
mod kept;
mod kept_pages;
mod ledger;
mod list;
mod refused;
mod state;
mod table;
mod together;

use crate::conformance::topic::topics;
use crate::conformance::{Exchange, Findings, Rule, Seen, Undecidable};

/// The rules, topic by topic.
pub(super) const RULES: &[&[&Rule]] = &[
    asked::RULES,
    calls::RULES,
    codes::RULES,
    kept::RULES,
    refused::RULES,
    state::RULES,
    together::RULES,
];

/// Rows of the catalogue that no traffic decides.
pub(super) const UNDECIDABLE: &[Undecidable] = &[Undecidable {
    code: "EVT-021",
    demands: "Events that have nothing to do with each other and arise at the same time should share one Inform.",
    reason: "Separate Informs are allowed, and when an event arose inside the device shows nowhere: only its Inform does. One would have to \
             see the device's own clock of events. Events of one cause, which have to come together, are EVT-008 to EVT-011.",
}];

/// Looks at one message; each keeps nothing.
pub(super) const MESSAGES: &[fn(&Seen<'_>, &mut Findings)] = &[list::look];

/// Looks at a request with its answer; each keeps nothing.
pub(super) const EXCHANGES: &[fn(&Exchange<'_>, &mut Findings)] = &[];

topics! {
    /// What is remembered of one session.
    OfSession {
        calls: calls::Calls,
    }
}

topics! {
    /// What is remembered of one device.
    OfDevice {
        ledger: ledger::Ledger,
        refused: refused::Refused,
        state: state::State,
    }
}

topics! {
    /// What is remembered of the capture.
    OfCapture {}
}
