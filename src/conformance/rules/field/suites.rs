//! Cipher suites that keep no secret.

use tls::Suite;

use crate::conformance::rule::BOTH;
use crate::conformance::rules::http::handshake::{Handshakes, forbids_rc4, is_rc4, picked_by};
use crate::conformance::rules::http::intermediary::stays_on_host;
use crate::conformance::{Findings, Rule, Scope, Seen, Topic};
use crate::session::Severity;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&WEAK];

const WEAK: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: BOTH,
    demands: "The suite of TLS enciphers, with a cipher that is not broken, and proves who the ACS is.",
    why: "With NULL the session is in clear for all that its URL begins with https; EXPORT, DES and RC4 are read with a rented computer; \
          with an anonymous suite anybody on the way is the ACS. Libraries drop these suites with an update, and phones that offer nothing \
          else get a handshake_failure alert from that day on.",
    mend_cpe: "Offer ECDHE with AES-GCM, and none of NULL, EXPORT, anonymous, DES and RC4.",
    mend_acs: "Take NULL, EXPORT, anonymous, DES and RC4 out of the suites of the server.",
    bad: "ServerHello: TLS 1.0, TLS_RSA_WITH_DES_CBC_SHA",
    good: "ServerHello: TLS 1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    related: &["HTTP-040", "HTTP-041", "FIELD-025"],
    wireshark: "tls.handshake.type == 2 && tls.handshake.ciphersuite < 0x001c",
    ..Rule::heuristic("FIELD-024", "weak-cipher-suite", Scope::Session)
};

/// Looks at the suite.
#[derive(Debug, Default)]
pub struct Suites {
    handshakes: Handshakes,
}

impl Topic for Suites {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(tls) = self.handshakes.next_agreed(seen) else {
            return;
        };
        let Some((suite, weakness)) = tls.suite.and_then(|suite| Some((suite, weakness(suite)?)))
        else {
            return;
        };
        if forbids_rc4(tls, seen) {
            return;
        }
        let draft = seen.breaks(&WEAK).blame(picked_by(tls, is_weak));
        let draft = draft.shown_in(tls.answer_frame.as_slice());
        let draft = if stays_on_host(seen.message) {
            draft.at_most(Severity::Info)
        } else {
            draft
        };
        findings.add(draft.because(format!("the two sides agree on {suite}, which {weakness}")));
    }
}

fn is_weak(suite: Suite) -> bool {
    weakness(suite).is_some()
}

/// By its name, as IANA has it.
fn weakness(suite: Suite) -> Option<&'static str> {
    let name = suite.to_string();
    let has = |part: &str| name.contains(part);
    if has("_WITH_NULL_") {
        Some("enciphers nothing")
    } else if has("_EXPORT_") {
        Some("has a key of 56 bits at most")
    } else if has("_anon_") {
        Some("proves nobody")
    } else if has("_WITH_DES_") {
        Some("has a key of 56 bits")
    } else if is_rc4(suite) {
        Some("has the broken cipher RC4")
    } else {
        None
    }
}
