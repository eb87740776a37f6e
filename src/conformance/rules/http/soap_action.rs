//! The SOAPAction header field (TR-069 Amendment 3 section 3.4.1).

use cwmp::Kind;

use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Findings, Rule, Scope, Seen};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&ON_RESPONSE];

/// A response or fault of the device carries an empty SOAPAction.
const ON_RESPONSE: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.1")],
    demands: "A POST that carries a SOAP response or a SOAP fault has a SOAPAction header field without a value, not even quotes.",
    why: "Servers that route by SOAPAction take a quoted or filled value for a request and answer 400 or 500; without the field \
          several SOAP stacks refuse the POST before any CWMP code sees it, and the session ends with no error in the phone's log.",
    mend_cpe: "Send the line `SOAPAction:` with nothing behind the colon whenever the body is a ...Response or a Fault.",
    bad: "POST /acs HTTP/1.1\nSOAPAction: \"\"\n\n<cwmp:RebootResponse/>",
    good: "POST /acs HTTP/1.1\nSOAPAction:\n\n<cwmp:RebootResponse/>",
    wireshark: "http.request.method == \"POST\" && xml",
    ..Rule::must("HTTP-004", "soap-action-on-response", Scope::Message)
};

/// Looks at a POST with a response or fault in it.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    if !seen.is_cwmp() || !seen.is_request() || !seen.is_whole() {
        return;
    }
    let Some(envelope) = seen.envelope() else {
        return;
    };
    if !matches!(envelope.kind(), Kind::Response | Kind::Fault) {
        return;
    }
    let value = seen.message.http.view().header("SOAPAction");
    let said = match value.as_deref().map(<[u8]>::trim_ascii) {
        Some(b"") => return,
        Some(value) => format!("SOAPAction is {}", String::from_utf8_lossy(value)),
        None => "the header field SOAPAction is missing".to_owned(),
    };
    let draft = seen.breaks(&ON_RESPONSE).header("SOAPAction");
    findings.add(draft.because(said));
}
