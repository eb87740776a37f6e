//! TR-069 Issue 1 (2004): what its traffic is forgiven.

mod later_rows;
mod rows;
mod ways;

use crate::conformance::topic::topics;
use crate::conformance::{Exchange, Findings, Rule, Seen, Undecidable};

/// The rules, topic by topic.
pub(super) const RULES: &[&[&Rule]] = &[rows::RULES, ways::RULES];

/// Rows of the catalogue that no traffic decides.
pub(super) const UNDECIDABLE: &[Undecidable] = &[];

/// Looks at one message; each keeps nothing.
pub(super) const MESSAGES: &[fn(&Seen<'_>, &mut Findings)] = &[ways::look];

/// Looks at a request with its answer; each keeps nothing.
pub(super) const EXCHANGES: &[fn(&Exchange<'_>, &mut Findings)] = &[];

/// How much a breach of this rule may matter in a session of Issue 1; `None` where it is no breach at all.
pub(super) fn forgiven(code: &str) -> Option<crate::session::Severity> {
    rows::forgiven(code)
}

topics! {
    /// What is remembered of one session.
    OfSession { ways: ways::Ways }
}

topics! {
    /// What is remembered of one device.
    OfDevice {}
}

topics! {
    /// What is remembered of the capture.
    OfCapture {}
}
