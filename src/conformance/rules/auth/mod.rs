//! Authentication of sessions (TR-069 3.4.4, 3.4.5; RFC 2617).

mod accounts;
mod answers;
mod challenges;
mod in_clear;
pub(super) mod nonces;
mod retries;
mod user_name;

use crate::conformance::topic::topics;
use crate::conformance::{Exchange, Findings, Rule, Seen, Undecidable};

/// The rules, topic by topic.
pub(super) const RULES: &[&[&Rule]] = &[
    challenges::RULES,
    in_clear::RULES,
    answers::RULES,
    retries::RULES,
    nonces::RULES,
    user_name::RULES,
    accounts::RULES,
];

/// Rows of the catalogue that no traffic decides.
pub(super) const UNDECIDABLE: &[Undecidable] = &[
    Undecidable {
        code: "AUTH-020",
        demands: "Over TLS without a client certificate the ACS authenticates the device by HTTP Basic or Digest.",
        reason: "Whether the client sent a certificate stands in the TLS handshake alone, which is not read.",
    },
    Undecidable {
        code: "AUTH-022",
        demands: "Where the client certificate is the same for many devices the ACS authenticates them by HTTP too.",
        reason: "The certificate stands in the TLS handshake alone, which is not read.",
    },
    Undecidable {
        code: "AUTH-023",
        demands: "A client certificate of one device alone has the user name's format as its common name.",
        reason: "The certificate stands in the TLS handshake alone, which is not read.",
    },
];

/// Looks at one message; each keeps nothing.
pub(super) const MESSAGES: &[fn(&Seen<'_>, &mut Findings)] = &[challenges::look];

/// Looks at a request with its answer; each keeps nothing.
pub(super) const EXCHANGES: &[fn(&Exchange<'_>, &mut Findings)] = &[];

topics! {
    /// What is remembered of one session.
    OfSession {
        in_clear: in_clear::InClear,
        retries: retries::Retries,
        user_name: user_name::UserName,
    }
}

topics! {
    /// What is remembered of one device.
    OfDevice {
        answers: answers::Answers,
        challenged: accounts::Challenged,
    }
}

topics! {
    /// What is remembered of the capture.
    OfCapture {
        nonces: nonces::Nonces,
        passwords: accounts::Passwords,
    }
}
