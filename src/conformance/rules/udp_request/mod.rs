//! UDP Connection Requests (TR-069 annex G).

mod asked;
mod brought;
mod brought_pages;
mod form;
mod form_pages;
mod known;
mod repeated;
mod signed;
mod watch;
mod way;
mod way_pages;

use crate::conformance::topic::topics;
use crate::conformance::{Exchange, Findings, Rule, Seen, Undecidable};

/// The rules, topic by topic.
pub(super) const RULES: &[&[&Rule]] = &[
    form_pages::RULES,
    signed::RULES,
    repeated::RULES,
    way_pages::RULES,
    brought_pages::RULES,
];

/// Rows of the catalogue that no traffic decides.
pub(super) const UNDECIDABLE: &[Undecidable] = &[];

/// Looks at one message; each keeps nothing.
pub(super) const MESSAGES: &[fn(&Seen<'_>, &mut Findings)] = &[];

/// Looks at a request with its answer; each keeps nothing.
pub(super) const EXCHANGES: &[fn(&Exchange<'_>, &mut Findings)] = &[];

topics! {
    /// What is remembered of one session.
    OfSession {}
}

topics! {
    /// What is remembered of one device.
    OfDevice {}
}

topics! {
    /// What is remembered of the capture.
    OfCapture {
        watch: watch::Watch,
    }
}
