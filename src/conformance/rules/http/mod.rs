//! HTTP: start lines, headers, framing, connections, cookies, redirects (TR-069 3.4).

mod certificate;
mod coding;
pub(super) mod connections;
mod content_type;
mod cookies;
mod cookies_kept;
mod errors;
mod files;
mod framing;
pub(super) mod handshake;
mod https;
pub(super) mod intermediary;
mod next_session;
mod over;
mod place;
mod redirects;
mod request_line;
mod set_cookie;
mod soap_action;
mod status;

use crate::conformance::topic::topics;
use crate::conformance::{Exchange, Findings, Rule, Seen, Undecidable};

/// The rules, topic by topic.
pub(super) const RULES: &[&[&Rule]] = &[
    request_line::RULES,
    content_type::RULES,
    soap_action::RULES,
    status::RULES,
    framing::RULES,
    connections::RULES,
    over::RULES,
    cookies::RULES,
    cookies_kept::RULES,
    redirects::RULES,
    errors::RULES,
    https::RULES,
    files::RULES,
    next_session::RULES,
    coding::RULES,
    handshake::RULES,
    certificate::RULES,
];

/// Rows of the catalogue that no traffic decides.
pub(super) const UNDECIDABLE: &[Undecidable] = &[
    Undecidable {
        code: "HTTP-053",
        demands: "DNS answers are not used beyond their time to live unless no server can be reached.",
        reason: "One would have to see every DNS answer that the device got, with its time to live: DNS is not read, and the \
                 device may ask its own cache, the gateway, or a server over TLS. A session tells the address that was used, and \
                 nothing of where it came from.",
    },
    Undecidable {
        code: "HTTP-054",
        demands: "Of several addresses of the ACS the device takes one at random, keeps it while it works, and tries another when it \
                  fails.",
        reason: "One would have to know all addresses that DNS gave for the name: DNS is not read. Connections that fail show one \
                 address; whether there was another, whether all were tried, and whether the choice was random they do not.",
    },
];

/// Looks at one message; each keeps nothing.
pub(super) const MESSAGES: &[fn(&Seen<'_>, &mut Findings)] = &[
    request_line::look,
    content_type::look,
    soap_action::look,
    status::look,
    framing::look,
];

/// Looks at a request with its answer; each keeps nothing.
pub(super) const EXCHANGES: &[fn(&Exchange<'_>, &mut Findings)] = &[];

topics! {
    /// What is remembered of one session.
    OfSession {
        stray: framing::Stray,
        connections: connections::Connections,
        cookies: cookies::Cookies,
        redirects: redirects::Redirects,
        errors: errors::Errors,
        interim: coding::Interim,
        agreed: handshake::Agreed,
        name: certificate::Name,
    }
}

topics! {
    /// What is remembered of one device.
    OfDevice {
        cookies_kept: cookies_kept::Kept,
        over: over::Over,
        https: https::Https,
        shared: files::Shared,
        beginnings: next_session::Beginnings,
        compression: coding::Compression,
    }
}

topics! {
    /// What is remembered of the capture.
    OfCapture {
        idle: over::Idle,
        turned: redirects::Turned,
    }
}
