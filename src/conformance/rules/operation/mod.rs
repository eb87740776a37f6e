//! The RPCs that set something off: reboot, reset, schedules, diagnostics, vouchers, kicked.

mod diagnostics;
pub(super) mod messages;
mod options;
mod restart;
mod scheduled;
mod test_objects;

use crate::conformance::topic::topics;
use crate::conformance::{Exchange, Findings, Rule, Seen, Undecidable};

/// The rules, topic by topic.
pub(super) const RULES: &[&[&Rule]] = &[
    diagnostics::RULES,
    messages::RULES,
    options::RULES,
    restart::RULES,
    scheduled::RULES,
];

/// Rows of the catalogue that no traffic decides.
pub(super) const UNDECIDABLE: &[Undecidable] = &[];

/// Looks at one message; each keeps nothing.
pub(super) const MESSAGES: &[fn(&Seen<'_>, &mut Findings)] = &[messages::look];

/// Looks at a request with its answer; each keeps nothing.
pub(super) const EXCHANGES: &[fn(&Exchange<'_>, &mut Findings)] = &[options::look];

topics! {
    /// What is remembered of one session.
    OfSession {}
}

topics! {
    /// What is remembered of one device.
    OfDevice {
        diagnostics: diagnostics::Diagnostics,
        restarts: restart::Restarts,
        schedules: scheduled::Schedules,
    }
}

topics! {
    /// What is remembered of the capture.
    OfCapture {}
}
