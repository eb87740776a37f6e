//! HTTP Connection Requests (TR-069 3.2.2).

mod broken_off;
mod door;
mod legs;
mod legs_pages;
mod sessions;
mod sessions_pages;
mod url;

use crate::conformance::topic::topics;
use crate::conformance::{Exchange, Findings, Rule, Seen, Undecidable};

/// The rules, topic by topic.
pub(super) const RULES: &[&[&Rule]] = &[legs_pages::RULES, sessions_pages::RULES, url::RULES];

/// Rows of the catalogue that no traffic decides.
pub(super) const UNDECIDABLE: &[Undecidable] = &[Undecidable {
    code: "CR-020",
    demands: "A Connection Request over XMPP is a connectionRequest element in its own namespace, with username and password.",
    reason: "XMPP runs inside TLS between the device and its XMPP server (TR-069 Amendment 5 annex K requires it), and its stream is \
             not decoded: neither the stanza nor its password is to be seen.",
}];

/// Looks at one message; each keeps nothing.
pub(super) const MESSAGES: &[fn(&Seen<'_>, &mut Findings)] = &[];

/// Looks at a request with its answer; each keeps nothing.
pub(super) const EXCHANGES: &[fn(&Exchange<'_>, &mut Findings)] = &[];

topics! {
    /// What is remembered of one session.
    OfSession {}
}

topics! {
    /// What is remembered of one device.
    OfDevice {
        legs: legs::Legs,
        sessions: sessions::Sessions,
        broken_off: broken_off::BrokenOff,
        url: url::Url,
    }
}

topics! {
    /// What is remembered of the capture.
    OfCapture {}
}
