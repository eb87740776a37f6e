//! The RPCs that read and write parameters and objects (TR-069 A.3.2).

mod accepted;
mod active;
mod answered;
mod asked;
mod attribute_pages;
mod attributes;
mod attributes_refused;
mod continuity;
mod counted;
mod fresh;
mod instances;
mod kept;
mod key;
mod keys;
mod known;
mod lists;
pub(super) mod messages;
mod names;
mod reboots;
mod shown;
mod tree;
mod tree_pages;
mod values;

use crate::conformance::topic::topics;
use crate::conformance::{Exchange, Findings, Rule, Seen, Undecidable};

/// The rules, topic by topic.
pub(super) const RULES: &[&[&Rule]] = &[
    messages::RULES,
    messages::METHODS,
    answered::RULES,
    counted::RULES,
    values::RULES,
    accepted::RULES,
    known::RULES,
    kept::RULES,
    key::RULES,
    reboots::RULES,
    lists::RULES,
    names::RULES,
    tree_pages::RULES,
    attribute_pages::RULES,
    keys::RULES,
    fresh::RULES,
    instances::RULES,
    active::RULES,
];

/// Rows of the catalogue that no traffic decides.
pub(super) const UNDECIDABLE: &[Undecidable] = &[Undecidable {
    code: "CWMP-SPV-008",
    demands: "Changes that were answered with Status 1 are applied at the latest when the next session begins, and the \
          device restarts by itself where that is needed.",
    reason: "The new value has to be readable as soon as the request succeeds (CWMP-SPV-005), so that reads show the \
          same whether it is in force or not; a 1 BOOT behind the session shows a restart, and none shows only that none \
          was needed.",
}];

/// Looks at one message; each keeps nothing.
pub(super) const MESSAGES: &[fn(&Seen<'_>, &mut Findings)] = &[messages::look, values::look];

/// Looks at a request with its answer; each keeps nothing.
pub(super) const EXCHANGES: &[fn(&Exchange<'_>, &mut Findings)] = &[
    messages::exchange,
    answered::exchange,
    names::exchange,
    attributes_refused::exchange,
];

topics! {
    /// What is remembered of one session.
    OfSession {
        known: known::Known,
        reboots: reboots::Reboots,
        tree: tree::Tree,
        fresh: fresh::Fresh,
    }
}

topics! {
    /// What is remembered of one device.
    OfDevice {
        accepted: accepted::Accepted,
        kept: kept::Kept,
        key: key::Key,
        lists: lists::Lists,
        attributes: attributes::Attributes,
        keys: keys::Keys,
        instances: instances::Instances,
        active: active::Active,
    }
}

topics! {
    /// What is remembered of the capture.
    OfCapture {}
}
