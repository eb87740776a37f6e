//! Versions of CWMP and their namespaces.

mod headers;
mod history;
mod namespaces;
mod younger;

use crate::conformance::topic::topics;
use crate::conformance::{Exchange, Findings, Rule, Seen, Undecidable};

/// The rules, topic by topic.
pub(super) const RULES: &[&[&Rule]] = &[
    headers::RULES,
    history::RULES,
    namespaces::RULES,
    younger::RULES,
];

/// Rows of the catalogue that no traffic decides.
pub(super) const UNDECIDABLE: &[Undecidable] = &[];

/// Looks at one message; each keeps nothing.
pub(super) const MESSAGES: &[fn(&Seen<'_>, &mut Findings)] =
    &[headers::look, namespaces::look, younger::look];

/// Looks at a request with its answer; each keeps nothing.
pub(super) const EXCHANGES: &[fn(&Exchange<'_>, &mut Findings)] = &[headers::exchange];

topics! {
    /// What is remembered of one session.
    OfSession {}
}

topics! {
    /// What is remembered of one device.
    OfDevice { history: history::OfDevice }
}

topics! {
    /// What is remembered of the capture.
    OfCapture { history: history::OfCapture }
}
