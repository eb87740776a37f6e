//! Method, version and Host of a message (TR-069 Amendment 3 sections 3.4 and 3.4.1).

use crate::conformance::rule::{BOTH, CPE, a3, cite};
use crate::conformance::{Findings, Rule, Scope, Seen};
use crate::session::{Role, Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&VERSION, &METHOD, &HOST];

/// CWMP runs over HTTP/1.1.
const VERSION: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.4")],
    demands: "Requests and responses of a CWMP session have HTTP/1.1 in their first line.",
    why: "With HTTP/1.0 the connection closes after every answer unless both sides agree otherwise, so a session becomes a row of \
          connections: each costs a handshake, Digest starts anew, and an ACS that ties its session to the connection loses it.",
    mend_cpe: "Send HTTP/1.1 in the request line, with a Host header field, and keep the connection open.",
    mend_acs: "Answer with HTTP/1.1. Where a proxy in front speaks 1.0 to the ACS, set its upstream version to 1.1.",
    bad: "POST /acs HTTP/1.0\nHost: acs.example",
    good: "POST /acs HTTP/1.1\nHost: acs.example",
    wireshark: "http.request.version == \"HTTP/1.0\" || http.response.version == \"HTTP/1.0\"",
    ..Rule::must("HTTP-001", "http-1-1", Scope::Message)
};

/// What carries an envelope is a POST.
const METHOD: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.1"), a3("3.7")],
    demands: "Every HTTP request of a CWMP session is a POST.",
    why: "A GET or PUT with a SOAP body reaches the static-file handler of most web servers: the device gets 404 or 405, or the \
          body is thrown away and the ACS sees an empty request where the device believes that it answered.",
    mend_cpe: "Send envelopes, and the empty request that asks for more, with POST.",
    bad: "PUT /acs HTTP/1.1\nContent-Type: text/xml\n\n<soap:Envelope>...",
    good: "POST /acs HTTP/1.1\nContent-Type: text/xml\n\n<soap:Envelope>...",
    related: &["HTTP-050"],
    wireshark: "http.request.method != \"POST\" && xml",
    ..Rule::must("HTTP-002", "session-by-post", Scope::Message)
};

/// One Host.
const HOST: Rule = Rule {
    blame: BOTH,
    severity: Some(Severity::Warning),
    cites: &[cite("RFC 2616", "14.23")],
    demands: "An HTTP/1.1 request has exactly one Host header field.",
    why: "A server that has more than one name cannot tell which is meant and answers 400 before any CWMP code runs; a proxy that \
          picks one of two Host fields and a server that picks the other send the request astray.",
    mend_cpe: "Send one Host header field with the host, and the port where it is not 80 (443), of the ACS URL.",
    mend_acs: "Send one Host header field with the host and port of the ConnectionRequestURL.",
    bad: "POST /acs HTTP/1.1\nContent-Length: 0",
    good: "POST /acs HTTP/1.1\nHost: acs.example:7547\nContent-Length: 0",
    wireshark: "http.request.version == \"HTTP/1.1\" && !http.host",
    ..Rule::heuristic("HTTP-012", "one-host-header", Scope::Message)
};

/// Looks at the first line and the Host of a message.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    let message = seen.message;
    if message.role == Role::Other || !message.http.head_complete() {
        return;
    }
    let version = message.http.version_number();
    if seen.is_cwmp() && version.is_some_and(|version| version != (1, 1)) {
        old_version(seen, findings);
    }
    if !seen.is_request() {
        return;
    }
    let post = message.http.method() == b"POST";
    if seen.is_cwmp() && seen.from() == Side::Cpe && !post && seen.envelope().is_some() {
        let method = String::from_utf8_lossy(message.http.method()).into_owned();
        let draft = seen.breaks(&METHOD).head(0..message.http.method().len());
        findings.add(draft.because(format!("an envelope is sent with {method}")));
    }
    if version == Some((1, 1)) {
        host(seen, findings);
    }
}

fn old_version(seen: &Seen<'_>, findings: &mut Findings) {
    let version = String::from_utf8_lossy(seen.message.http.version()).into_owned();
    let draft = seen
        .breaks(&VERSION)
        .header("")
        .because(format!("the version is {version}"));
    // The version is that of the last hop.
    let draft = if seen.is_forwarded() {
        draft.at_most(Severity::Info)
    } else {
        draft
    };
    findings.add(draft);
}

fn host(seen: &Seen<'_>, findings: &mut Findings) {
    if seen.from() == Side::Other {
        return;
    }
    let count = seen.message.http.header_all("Host").count();
    if count != 1 {
        let said = match count {
            0 => "the request has no Host header field".to_owned(),
            count => format!("the request has {count} Host header fields"),
        };
        findings.add(seen.breaks(&HOST).header("Host").because(said));
    }
}
