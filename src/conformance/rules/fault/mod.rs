//! Faults (TR-069 3.5, A.5).

mod cause;
mod code;
mod parameters;
pub(super) mod structure;

pub(super) use cause::INCOMPLETE;

use crate::conformance::topic::topics;
use crate::conformance::{Exchange, Findings, Rule, Seen, Undecidable};

/// The rules, topic by topic.
pub(super) const RULES: &[&[&Rule]] = &[
    structure::RULES,
    code::RULES,
    parameters::RULES,
    cause::RULES,
];

/// Rows of the catalogue that no traffic decides.
pub(super) const UNDECIDABLE: &[Undecidable] = &[Undecidable {
    code: "FLT-023",
    demands: "An ACS handles a fault code of the range 9000 to 9799 that it does not know as it handles 9001.",
    reason: "What an ACS makes of a code stays within it. One would have to see the same ACS get both codes for the same request \
             and act differently, and even then its reason might be another; no capture shows what it took the code for.",
}];

/// Looks at one message; each keeps nothing.
pub(super) const MESSAGES: &[fn(&Seen<'_>, &mut Findings)] =
    &[structure::look, code::look, parameters::look];

/// Looks at a request with its answer; each keeps nothing.
pub(super) const EXCHANGES: &[fn(&Exchange<'_>, &mut Findings)] =
    &[code::exchange, parameters::exchange, cause::exchange];

topics! {
    /// What is remembered of one session.
    OfSession {
        causes: cause::Causes,
    }
}

topics! {
    /// What is remembered of one device.
    OfDevice {}
}

topics! {
    /// What is remembered of the capture.
    OfCapture {}
}
