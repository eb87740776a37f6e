//! The RPCs that read and write parameters and objects (TR-069 A.3.2).

mod active;
mod asked;
mod attribute_pages;
mod attributes;
mod attributes_refused;
mod fresh;
mod instances;
mod keys;
pub(super) mod messages;
mod names;
mod shown;
mod tree;
mod tree_pages;

use crate::conformance::topic::topics;
use crate::conformance::{Exchange, Findings, Rule, Seen, Undecidable};

/// The rules, topic by topic.
pub(super) const RULES: &[&[&Rule]] = &[
    messages::RULES,
    messages::METHODS,
    names::RULES,
    tree_pages::RULES,
    attribute_pages::RULES,
    keys::RULES,
    fresh::RULES,
    instances::RULES,
    active::RULES,
];

/// Rows of the catalogue that no traffic decides.
pub(super) const UNDECIDABLE: &[Undecidable] = &[];

/// Looks at one message; each keeps nothing.
pub(super) const MESSAGES: &[fn(&Seen<'_>, &mut Findings)] = &[messages::look];

/// Looks at a request with its answer; each keeps nothing.
pub(super) const EXCHANGES: &[fn(&Exchange<'_>, &mut Findings)] = &[
    messages::exchange,
    names::exchange,
    attributes_refused::exchange,
];

topics! {
    /// What is remembered of one session.
    OfSession { tree: tree::Tree, fresh: fresh::Fresh }
}

topics! {
    /// What is remembered of one device.
    OfDevice { attributes: attributes::Attributes, keys: keys::Keys, instances: instances::Instances, active: active::Active }
}

topics! {
    /// What is remembered of the capture.
    OfCapture {}
}
