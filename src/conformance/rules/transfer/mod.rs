//! File transfers and deployment units (TR-069 A.3, A.4).

pub(super) mod messages;

use crate::conformance::topic::topics;
use crate::conformance::{Exchange, Findings, Rule, Seen, Undecidable};

/// The rules, topic by topic.
pub(super) const RULES: &[&[&Rule]] =
    &[messages::REQUESTS, messages::REPORTS, messages::DEPLOYMENT];

/// Rows of the catalogue that no traffic decides.
pub(super) const UNDECIDABLE: &[Undecidable] = &[];

/// Looks at one message; each keeps nothing.
pub(super) const MESSAGES: &[fn(&Seen<'_>, &mut Findings)] = &[messages::look];

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
    OfCapture {}
}
