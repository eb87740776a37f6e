//! Names and values of the data model (TR-106).

mod list;
mod names;
mod pages;
mod refused;
mod roots;
mod summary;
mod values;
mod walk;

pub(in crate::conformance::rules) use refused::{of_request, refused_names};

use crate::conformance::topic::topics;
use crate::conformance::{Exchange, Findings, Rule, Seen, Undecidable};

/// The rules, topic by topic.
pub(super) const RULES: &[&[&Rule]] = &[names::RULES, roots::RULES, summary::RULES, values::RULES];

/// Rows of the catalogue that no traffic decides.
pub(super) const UNDECIDABLE: &[Undecidable] = &[];

/// Looks at one message; each keeps nothing.
pub(super) const MESSAGES: &[fn(&Seen<'_>, &mut Findings)] = &[];

/// Looks at a request with its answer; each keeps nothing.
pub(super) const EXCHANGES: &[fn(&Exchange<'_>, &mut Findings)] = &[refused::look];

topics! {
    /// What is remembered of one session.
    OfSession {}
}

topics! {
    /// What is remembered of one device.
    OfDevice {
        roots: roots::Roots,
    }
}

topics! {
    /// What is remembered of the capture.
    OfCapture {
        walk: walk::Walk,
    }
}
