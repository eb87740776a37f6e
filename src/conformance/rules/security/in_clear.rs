//! Secrets in clear (TR-069 Amendment 3 section 3.3).

use cwmp::Kind;

use super::super::http::intermediary::stays_on_host;
use crate::conformance::rule::{ACS, a3};
use crate::conformance::{Findings, Rule, Scope, Seen};
use crate::session::{Masking, Side, Transport};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&PASSWORD];

/// A password is set over plain HTTP.
const PASSWORD: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.3")],
    demands: "Passwords are not set over a connection that is not encrypted.",
    why: "SetParameterValues carries the value as it is: whoever mirrors one port on the way has the SIP account of the line, or \
          the password by which the device will log in from now on.",
    mend_acs: "Serve the ACS over TLS, and redirect devices there before anything secret is set.",
    bad: "http: SetParameterValues ManagementServer.Password",
    good: "https: SetParameterValues ManagementServer.Password",
    related: &["AUTH-001"],
    wireshark: "http.response && xml.cdata contains \"Password\"",
    ..Rule::heuristic("SEC-001", "password-set-in-clear", Scope::Message)
};

/// Looks at a SetParameterValues in clear.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    let message = seen.message;
    if !seen.is_cwmp()
        || seen.from() != Side::Acs
        || message.provenance.transport != Transport::Http
    {
        return;
    }
    if stays_on_host(message) {
        return;
    }
    for envelope in seen.envelopes() {
        if envelope.kind() != Kind::Request || envelope.method() != Some("SetParameterValues") {
            continue;
        }
        for parameter in envelope.parameters() {
            let name = parameter.name();
            let given = parameter.value().is_some_and(|value| !value.is_empty());
            if given && Masking::default().hides(&name) {
                let draft = seen.breaks_at(&PASSWORD, parameter.element()).path(&name);
                findings.add(draft.because(format!("the value of {name} is sent in clear")));
            }
        }
    }
}
