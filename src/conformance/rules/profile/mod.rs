//! A device against its own document: what a vendor's document says (`model::profile`) and the traffic contradicts, and faults
//! that it foretells. Only devices of which the document speaks are held to it.

mod files;
mod inform;
mod methods;
mod nat;
mod parameters;
mod restart;

use crate::conformance::topic::topics;
use crate::conformance::{Exchange, Findings, Rule, Seen, SessionFacts, Undecidable};
use crate::model::profile::Profile;

/// The rules, topic by topic.
pub(super) const RULES: &[&[&Rule]] = &[
    methods::RULES,
    files::RULES,
    parameters::RULES,
    restart::RULES,
    nat::RULES,
    inform::RULES,
];

/// Rows of the catalogue that no traffic decides.
pub(super) const UNDECIDABLE: &[Undecidable] = &[];

/// Looks at one message; each keeps nothing.
pub(super) const MESSAGES: &[fn(&Seen<'_>, &mut Findings)] = &[inform::look];

/// Looks at a request with its answer; each keeps nothing.
pub(super) const EXCHANGES: &[fn(&Exchange<'_>, &mut Findings)] =
    &[methods::look, files::look, parameters::look];

topics! {
    /// What is remembered of one session.
    OfSession {
        restart: restart::Restart,
    }
}

topics! {
    /// What is remembered of one device.
    OfDevice {
        nat: nat::Nat,
    }
}

topics! {
    /// What is remembered of the capture.
    OfCapture {}
}

/// The profile that a session's device is held to.
fn profile_of(session: Option<&SessionFacts>) -> Option<&'static Profile> {
    let chosen = session?.profile?;
    chosen.covered.then_some(chosen.profile)
}

/// `its document (Yealink technote on TR-069, table of RPC methods)`.
fn its_document(profile: &Profile, at: &str) -> String {
    format!("its document ({}, {at})", profile.document)
}
