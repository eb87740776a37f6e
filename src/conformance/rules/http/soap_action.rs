//! The SOAPAction header field (TR-069 Amendment 3 section 3.4.1).

use cwmp::Kind;

use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::{Findings, Rule, Scope, Seen};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&ON_RESPONSE, &ON_REQUEST, &ON_EMPTY];

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
    related: &["HTTP-005", "HTTP-006"],
    wireshark: "http.request.method == \"POST\" && xml",
    ..Rule::must("HTTP-004", "soap-action-on-response", Scope::Message)
};

/// A request of the device has a SOAPAction.
const ON_REQUEST: Rule = Rule {
    blame: CPE,
    cites: &[cite("SOAP 1.1", "6.1.1"), a3("3.4.1")],
    demands: "A POST that carries a SOAP request, such as an Inform, has a SOAPAction header field; its value is free.",
    why: "Application servers with a SOAP stack in front of the ACS look for the field to tell SOAP from other POSTs: without it \
          the Inform is answered with 400 or 415, and the device is never seen at all.",
    mend_cpe: "Add `SOAPAction: \"\"` to every POST whose body is a request of the device.",
    bad: "POST /acs HTTP/1.1\nContent-Type: text/xml\n\n<cwmp:Inform>",
    good: "POST /acs HTTP/1.1\nContent-Type: text/xml\nSOAPAction: \"\"\n\n<cwmp:Inform>",
    related: &["HTTP-004"],
    wireshark: "http.request.method == \"POST\" && xml && !http.request.line contains \"SOAPAction\"",
    ..Rule::must("HTTP-005", "soap-action-on-request", Scope::Message)
};

/// An empty POST has none.
const ON_EMPTY: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.1")],
    demands: "An empty POST has no SOAPAction header field.",
    why: "A SOAP stack that finds the field expects an envelope: it answers the empty request, which hands the turn to the ACS, \
          with 400 or 500, and the session ends before the ACS has said anything.",
    mend_cpe: "Leave SOAPAction out where Content-Length is 0.",
    bad: "POST /acs HTTP/1.1\nSOAPAction:\nContent-Length: 0",
    good: "POST /acs HTTP/1.1\nContent-Length: 0",
    related: &["HTTP-004", "HTTP-007"],
    wireshark: "http.request.method == \"POST\" && http.content_length == 0 && http.request.line contains \"SOAPAction\"",
    ..Rule::must("HTTP-006", "no-soap-action-on-empty", Scope::Message)
};

/// Looks at a POST of the device.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    if !seen.is_cwmp() || !seen.is_request() || !seen.is_whole() {
        return;
    }
    if is_empty_post(seen) {
        if seen.message.http.header("SOAPAction").is_some() {
            let draft = seen.breaks(&ON_EMPTY).header("SOAPAction");
            findings.add(draft.because("an empty POST has the header field SOAPAction"));
        }
        return;
    }
    match seen.envelope().map(|envelope| envelope.kind()) {
        Some(Kind::Response | Kind::Fault) => on_response(seen, findings),
        Some(Kind::Request) if seen.message.http.header("SOAPAction").is_none() => {
            let draft = seen.breaks(&ON_REQUEST).header("SOAPAction");
            findings.add(draft.because("the header field SOAPAction is missing"));
        }
        _ => {}
    }
}

fn on_response(seen: &Seen<'_>, findings: &mut Findings) {
    let value = seen.message.http.view().header("SOAPAction");
    let said = match value.as_deref().map(<[u8]>::trim_ascii) {
        Some(b"") => return,
        Some(value) => format!("SOAPAction is {}", String::from_utf8_lossy(value)),
        None => "the header field SOAPAction is missing".to_owned(),
    };
    let draft = seen.breaks(&ON_RESPONSE).header("SOAPAction");
    findings.add(draft.because(said));
}

/// A POST of a session without a byte of body.
pub(super) fn is_empty_post(seen: &Seen<'_>) -> bool {
    let http = &seen.message.http;
    seen.is_cwmp()
        && seen.is_request()
        && http.method() == b"POST"
        && http.body_bytes == 0
        && http.body_complete
}
