//! File transfers and deployment units (TR-069 A.3, A.4).

mod announced;
mod cancel;
mod clock;
mod delivery;
mod fetch;
mod ledger;
pub(super) mod messages;
mod missing;
mod operation;
mod queue;
mod refused;
mod schedule;
mod software;
mod start;
mod units;
mod upload;
mod url;

use crate::conformance::topic::topics;
use crate::conformance::{Exchange, Findings, Rule, Seen, Undecidable};

/// The rules, topic by topic.
pub(super) const RULES: &[&[&Rule]] = &[
    announced::RULES,
    cancel::RULES,
    delivery::RULES,
    fetch::RULES,
    messages::DEPLOYMENT,
    messages::REPORTS,
    messages::REQUESTS,
    missing::RULES,
    queue::RULES,
    refused::RULES,
    schedule::RULES,
    software::RULES,
    start::RULES,
    units::RULES,
    upload::RULES,
];

/// Rows of the catalogue that no traffic decides.
pub(super) const UNDECIDABLE: &[Undecidable] = &[];

/// Looks at one message; each keeps nothing.
pub(super) const MESSAGES: &[fn(&Seen<'_>, &mut Findings)] = &[announced::look, messages::look];

/// Looks at a request with its answer; each keeps nothing.
pub(super) const EXCHANGES: &[fn(&Exchange<'_>, &mut Findings)] = &[cancel::look, units::look];

topics! {
    /// What is remembered of one session.
    OfSession {}
}

topics! {
    /// What is remembered of one device.
    OfDevice {
        ledger: ledger::Ledger,
    }
}

topics! {
    /// What is remembered of the capture.
    OfCapture {}
}
