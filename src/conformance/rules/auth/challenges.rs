//! What a 401 asks for (RFC 2617; TR-069 Amendment 3 section 3.4.5), from the ACS, and from the device for Connection Requests.

use http1::auth::{Challenge, DigestChallenge, Hash};

use crate::conformance::rule::{BOTH, a3, cite};
use crate::conformance::{Findings, Rule, Scope, Seen};
use crate::session::{Role, Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&CHALLENGED, &COMPLETE, &ALGORITHM];

/// A 401 says how.
const CHALLENGED: Rule = Rule {
    blame: BOTH,
    severity: Some(Severity::Warning),
    cites: &[cite("RFC 2616", "10.4.2"), cite("RFC 2616", "14.47")],
    demands: "A response with 401 has at least one WWW-Authenticate header field.",
    why: "Without the field the other side cannot know which scheme, realm and nonce to use: it gives up, and reports a wrong \
          password where none was ever asked for.",
    mend_cpe: "Send WWW-Authenticate with a Digest challenge in every 401 to a Connection Request; 403 says that none will help.",
    mend_acs: "Send WWW-Authenticate with every 401; 403 says that no credentials will help.",
    bad: "HTTP/1.1 401 Unauthorized\nContent-Length: 0",
    good: "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Digest realm=\"acs\", nonce=\"5f\", qop=\"auth\"",
    wireshark: "http.response.code == 401 && !http.www_authenticate",
    ..Rule::heuristic("AUTH-003", "challenge-in-401", Scope::Message)
};

/// Realm and nonce.
const COMPLETE: Rule = Rule {
    blame: BOTH,
    severity: Some(Severity::Warning),
    cites: &[cite("RFC 2617", "3.2.1")],
    demands: "A Digest challenge has a realm and a nonce.",
    why: "Both go into the hash. A client that puts in nothing for the one that is missing and a server that puts in its own \
          never come to the same digest: every password is wrong.",
    mend_cpe: "Write realm and nonce into the challenge, both in quotes.",
    mend_acs: "Write realm and nonce into the challenge, both in quotes.",
    bad: "WWW-Authenticate: Digest realm=\"acs\", qop=\"auth\"",
    good: "WWW-Authenticate: Digest realm=\"acs\", nonce=\"5f\", qop=\"auth\"",
    related: &["AUTH-003"],
    wireshark: "http.www_authenticate contains \"Digest\" && !(http.www_authenticate contains \"nonce=\")",
    ..Rule::heuristic("AUTH-004", "challenge-has-realm-and-nonce", Scope::Message)
};

/// An algorithm that the other side knows.
const ALGORITHM: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.4.5")],
    demands: "Among the algorithms of a Digest challenge is one that the other side has to know: MD5 or MD5-sess from the ACS, MD5 from \
              the device.",
    why: "Most devices and many ACSs know MD5 alone. To one that is offered only SHA-256 the challenge says nothing: it answers \
          with MD5 all the same and is refused, or does not answer at all.",
    mend_cpe: "Offer MD5 for Connection Requests, beside others if wanted.",
    mend_acs: "Offer MD5 beside the stronger algorithm, each in a WWW-Authenticate of its own.",
    bad: "WWW-Authenticate: Digest realm=\"acs\", nonce=\"5f\", algorithm=SHA-512",
    good: "WWW-Authenticate: Digest realm=\"acs\", nonce=\"5f\", algorithm=MD5",
    related: &["AUTH-021"],
    wireshark: "http.www_authenticate contains \"SHA\"",
    ..Rule::heuristic("AUTH-007", "known-digest-algorithm", Scope::Message)
};

/// Looks at a 401 of the ACS or of a device.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    let by_device = seen.message.role == Role::ConnectionRequest && seen.from() == Side::Cpe;
    if seen.is_request() || seen.status() != 401 || !(seen.is_cwmp() || by_device) {
        return;
    }
    if !seen.message.http.head_complete() {
        return;
    }
    if seen.message.http.header("WWW-Authenticate").is_none() {
        let draft = seen.breaks(&CHALLENGED).header("");
        findings.add(draft.because("the response with 401 has no WWW-Authenticate"));
        return;
    }
    let all = seen.challenges();
    let digests = || all.iter().filter_map(Challenge::digest);
    for digest in digests() {
        if let Some(said) = lacks(digest) {
            let draft = seen.breaks(&COMPLETE).header("WWW-Authenticate");
            findings.add(draft.because(said));
            return;
        }
    }
    let basic = all.iter().any(|challenge| challenge.basic().is_some());
    let known = digests().any(|digest| {
        digest
            .algorithm()
            .is_some_and(|one| one.hash == Hash::Md5 && !(by_device && one.session))
    });
    if let Some(first) = digests().next().filter(|_| !known && !basic) {
        let name = first.algorithm.as_ref().map(http1::auth::Parameter::text);
        let said = format!(
            "the challenge offers {} alone",
            String::from_utf8_lossy(name.as_deref().unwrap_or(b"MD5"))
        );
        findings.add(
            seen.breaks(&ALGORITHM)
                .header("WWW-Authenticate")
                .because(said),
        );
    }
}

fn lacks(digest: &DigestChallenge<'_>) -> Option<&'static str> {
    if digest.nonce.is_none() {
        Some("the Digest challenge has no nonce")
    } else if digest.realm.is_none() {
        Some("the Digest challenge has no realm")
    } else {
        None
    }
}
