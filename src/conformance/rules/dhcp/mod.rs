//! Device and gateway by DHCP, and the ACS's address by it (TR-111; TR-069 annex F).

mod attributes;
mod clients;
mod form;
mod heard;
mod reported;
mod table;
mod watch;

use crate::conformance::topic::topics;
use crate::conformance::{Exchange, Findings, Rule, Seen, Undecidable};

/// The rules, topic by topic.
pub(super) const RULES: &[&[&Rule]] = &[
    clients::RULES,
    form::RULES,
    reported::RULES,
    table::RULES,
    attributes::RULES,
];

/// Rows of the catalogue that no traffic decides.
pub(super) const UNDECIDABLE: &[Undecidable] = &[Undecidable {
    code: "DHCP-018",
    demands: "The ACS compares what the device says of its gateway with what that gateway says of its devices.",
    reason: "The comparison is made inside the ACS, with values that it may have got at any time before: by an Inform of the gateway \
             months ago, by active notification of the table, or from another system. That it does not read ManageableDevice after a \
             change of GatewayInfo does not show that it did not compare, and that it reads it does not show that it does.",
}];

/// Looks at one message; each keeps nothing.
pub(super) const MESSAGES: &[fn(&Seen<'_>, &mut Findings)] = &[];

/// Looks at a request with its answer; each keeps nothing.
pub(super) const EXCHANGES: &[fn(&Exchange<'_>, &mut Findings)] = &[table::refused];

topics! {
    /// What is remembered of one session.
    OfSession {}
}

topics! {
    /// What is remembered of one device.
    OfDevice {
        gateway_info: attributes::GatewayInfo,
        counts: table::Counts,
    }
}

topics! {
    /// What is remembered of the capture.
    OfCapture {
        watch: watch::Watch,
    }
}
