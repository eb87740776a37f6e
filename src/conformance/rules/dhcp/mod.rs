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
pub(super) const UNDECIDABLE: &[Undecidable] = &[NEW_URL, CROSS_CHECK];

const NEW_URL: Undecidable = Undecidable {
    code: "DHCP-027",
    demands: "A device that got its ACS URL by DHCP and cannot reach the ACS at any of its addresses for 300 seconds asks DHCP again; one \
              with an empty URL asks DHCP before any contact.",
    reason: "When the 300 seconds begin is the device's own knowledge: it is out of reach of its ACS also where no name is resolved, no \
             route is there or no neighbour answers, and then sends no SYN that a capture could show. Which addresses its ACS has, its \
             resolver alone knows, and that a URL is empty shows nowhere before the first contact. A renewal of the lease, on any \
             interface and by either version of DHCP, asks for the URL as well.",
};

const CROSS_CHECK: Undecidable = Undecidable {
    code: "DHCP-018",
    demands: "The ACS compares what the device says of its gateway with what that gateway says of its devices.",
    reason: "The comparison is made inside the ACS, with values that it may have got at any time before: by an Inform of the gateway \
             months ago, by active notification of the table, or from another system. That it does not read ManageableDevice after a \
             change of GatewayInfo does not show that it did not compare, and that it reads it does not show that it does.",
};

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
