//! What fails in the field and has no clause: failures that engineers meet again and again, with what happens and what to change.

mod addresses;
mod certificates;
mod clock;
mod connections;
mod cookies;
mod declaration;
mod digest;
mod lengths;
mod model;
mod refusals;
mod repeats;
mod silence;
mod suites;
mod transfers;
mod trees;
mod types;

use crate::conformance::topic::topics;
use crate::conformance::{Exchange, Findings, Rule, Seen, Undecidable};

/// The rules, topic by topic.
pub(super) const RULES: &[&[&Rule]] = &[
    addresses::RULES,
    certificates::RULES,
    clock::RULES,
    connections::RULES,
    cookies::RULES,
    declaration::RULES,
    digest::RULES,
    lengths::RULES,
    model::RULES,
    refusals::RULES,
    repeats::RULES,
    silence::RULES,
    suites::RULES,
    transfers::RULES,
    trees::RULES,
    types::RULES,
];

/// Rows of the catalogue that no traffic decides.
pub(super) const UNDECIDABLE: &[Undecidable] = &[];

/// Looks at one message; each keeps nothing.
pub(super) const MESSAGES: &[fn(&Seen<'_>, &mut Findings)] =
    &[digest::look, lengths::look, types::look];

/// Looks at a request with its answer; each keeps nothing.
pub(super) const EXCHANGES: &[fn(&Exchange<'_>, &mut Findings)] = &[model::look, refusals::look];

topics! {
    /// What is remembered of one session.
    OfSession {
        certificates: certificates::Certificates,
        endings: connections::Endings,
        suites: suites::Suites,
        trees: trees::Trees,
        unanswered: refusals::Unanswered,
    }
}

topics! {
    /// What is remembered of one device.
    OfDevice {
        addresses: addresses::Addresses,
        clock: clock::Clock,
        cookies: cookies::Cookies,
        declaration: declaration::Declaration,
        repeats: repeats::Repeats,
        silence: silence::Silence,
        transfers: transfers::Transfers,
    }
}

topics! {
    /// What is remembered of the capture.
    OfCapture {
        connections: connections::Connections,
    }
}

/// What happened so often in a row is no accident.
const GIVES_UP_AFTER: u32 = 3;
