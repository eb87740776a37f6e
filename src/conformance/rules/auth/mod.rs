//! Authentication of sessions (TR-069 3.4.4, 3.4.5; RFC 2617).

mod accounts;
mod answers;
mod challenges;
mod common_name;
mod in_clear;
pub(super) mod nonces;
mod over_tls;
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
    over_tls::RULES,
    common_name::RULES,
];

/// Rows of the catalogue that no traffic decides.
pub(super) const UNDECIDABLE: &[Undecidable] = &[];

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
        over_tls: over_tls::OverTls,
        common_name: common_name::CommonName,
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
        generic: over_tls::Generic,
    }
}
