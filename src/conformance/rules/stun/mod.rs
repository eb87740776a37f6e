//! STUN bindings (TR-069 annex G; RFC 3489).

mod answer;
mod attributes;
mod change;
mod follow;
mod form;
mod integrity;
mod known;
mod local;
mod notified;
mod parameters;
mod period;
mod ports;
mod reported;
mod watch;

pub(super) use notified::Notified;

use crate::conformance::topic::topics;
use crate::conformance::{Exchange, Findings, Rule, Seen, Undecidable};

/// The rules, topic by topic.
pub(super) const RULES: &[&[&Rule]] = &[
    form::RULES,
    attributes::RULES,
    ports::RULES,
    integrity::RULES,
    period::RULES,
    change::RULES,
    answer::RULES,
    reported::RULES,
    notified::RULES,
    parameters::RULES,
];

/// Rows of the catalogue that no traffic decides.
pub(super) const UNDECIDABLE: &[Undecidable] = &[];

/// Looks at one message; each keeps nothing.
pub(super) const MESSAGES: &[fn(&Seen<'_>, &mut Findings)] = &[parameters::look];

/// Looks at a request with its answer; each keeps nothing.
pub(super) const EXCHANGES: &[fn(&Exchange<'_>, &mut Findings)] = &[parameters::refused];

topics! {
    /// What is remembered of one session.
    OfSession {}
}

topics! {
    /// What is remembered of one device.
    OfDevice {
        addresses: notified::Addresses,
    }
}

topics! {
    /// What is remembered of the capture.
    OfCapture {
        watch: watch::Watch,
    }
}
