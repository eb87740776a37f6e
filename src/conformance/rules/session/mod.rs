//! The session: who speaks when, retries, what is delivered (TR-069 3.7).

mod again;
mod announced;
mod boundaries;
mod ends;
mod left_open;
mod methods;
mod occasions;
mod once;
mod opening;
mod periodic;
mod retries;
mod timing;
mod told;
mod turns;
mod values;

use crate::conformance::topic::topics;
use crate::conformance::{Exchange, Findings, Rule, Seen, Undecidable};

/// The rules, topic by topic.
pub(super) const RULES: &[&[&Rule]] = &[
    again::RULES,
    announced::RULES,
    boundaries::RULES,
    ends::RULES,
    methods::RULES,
    occasions::RULES,
    once::RULES,
    opening::RULES,
    periodic::RULES,
    retries::RULES,
    timing::RULES,
    turns::RULES,
    values::RULES,
];

/// Rows of the catalogue that no traffic decides.
pub(super) const UNDECIDABLE: &[Undecidable] = &[];

/// Looks at one message; each keeps nothing.
pub(super) const MESSAGES: &[fn(&Seen<'_>, &mut Findings)] = &[methods::look];

/// Looks at a request with its answer; each keeps nothing.
pub(super) const EXCHANGES: &[fn(&Exchange<'_>, &mut Findings)] = &[timing::exchange];

topics! {
    /// What is remembered of one session.
    OfSession {
        again: again::Again,
        announced: announced::Announced,
        ends: ends::Ends,
        opening: opening::Opening,
        turns: turns::Turns,
        values: values::Values,
        waiting: timing::Waiting,
    }
}

topics! {
    /// What is remembered of one device.
    OfDevice {
        occasions: occasions::Occasions,
        once: once::Once,
        periodic: periodic::Periodic,
        retries: retries::Retries,
    }
}

topics! {
    /// What is remembered of the capture.
    OfCapture {
        boundaries: boundaries::Boundaries,
    }
}
