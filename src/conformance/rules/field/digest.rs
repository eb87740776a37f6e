//! Digest answers that lack what their `qop` needs.

use crate::conformance::rule::BOTH;
use crate::conformance::{Findings, Rule, Scope, Seen};
use crate::session::{Blame, Role, Severity};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&INCOMPLETE];

const INCOMPLETE: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: BOTH,
    demands: "A Digest answer names a qop that exists and, with one, carries cnonce and nc.",
    why: "A script fills in `qop=undefined` or `qop=null` where the challenge offered none, or leaves cnonce and nc out. Strict \
          servers answer 401 for ever or 400; the password is right all the time, so that people go on resetting it.",
    mend_cpe: "Leave qop, cnonce and nc out together where the challenge offers no qop; send all three where it offers `auth`.",
    mend_acs: "The same for Connection Requests, where the ACS is the client.",
    bad: "Authorization: Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"/\", qop=undefined, response=\"...\"",
    good: "Authorization: Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"/\", qop=auth, nc=00000001, cnonce=\"0a4f113b\", response=\"...\"",
    related: &["AUTH-005"],
    wireshark: "http.authorization contains \"Digest\"",
    ..Rule::heuristic("FIELD-005", "digest-incomplete", Scope::Message)
};

/// Looks at a request with credentials.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    if !seen.is_request() || !matches!(seen.message.role, Role::Cwmp | Role::ConnectionRequest) {
        return;
    }
    let Some(digest) = seen.authorization().and_then(|what| what.digest()) else {
        return;
    };
    let Some(qop) = &digest.qop else {
        return;
    };
    let qop = qop.text();
    let shown = String::from_utf8_lossy(qop.get(..SAID_MAX).unwrap_or(&qop));
    let said = if !qop.eq_ignore_ascii_case(b"auth") && !qop.eq_ignore_ascii_case(b"auth-int") {
        format!("qop is {shown}")
    } else if digest.cnonce.is_none() || digest.nc.is_none() {
        let missing = match (&digest.cnonce, &digest.nc) {
            (None, None) => "cnonce and nc are",
            (None, _) => "cnonce is",
            _ => "nc is",
        };
        format!("qop is {shown}, and {missing} missing")
    } else {
        return;
    };
    let draft = seen
        .breaks(&INCOMPLETE)
        .header("Authorization")
        .because(said);
    let draft = if seen.message.role == Role::ConnectionRequest {
        draft.blame(Blame::Acs)
    } else {
        draft
    };
    findings.add(draft);
}

/// Bytes of a qop that a sentence shows.
const SAID_MAX: usize = 64;
