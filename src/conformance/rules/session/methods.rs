//! Who may call what, and one envelope at a time (TR-069 Amendment 3 section 3.6 and annex A.3).

use cwmp::Kind;
use cwmp::schema::{self, Direction};

use crate::conformance::rule::{BOTH, a3};
use crate::conformance::{Findings, Rule, Scope, Seen};
use crate::session::Side;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&ONE_ENVELOPE, &DIRECTION];

/// One envelope in one HTTP message.
const ONE_ENVELOPE: Rule = Rule {
    blame: BOTH,
    cites: &[a3("Table 34"), a3("Table 35")],
    demands: "An HTTP message carries one envelope at most, since MaxEnvelopes is 1 in both directions.",
    why: "Two envelopes are two XML documents in one body: most parsers stop with an error behind the first, and those that do not \
          read it and never see the second, so that one of two requests stays without an answer.",
    mend_cpe: "Send each envelope in a POST of its own.",
    mend_acs: "Send each envelope in a response of its own, the next one in answer to the POST that answers the first.",
    bad: "HTTP/1.1 200 OK\n\n<soap:Envelope>...</soap:Envelope><soap:Envelope>...</soap:Envelope>",
    good: "HTTP/1.1 200 OK\n\n<soap:Envelope>...</soap:Envelope>",
    wireshark: "http && xml.tag == \"</soap:Envelope>\"",
    ..Rule::heuristic("SESS-033", "one-envelope-a-message", Scope::Message)
};

/// Each side calls the methods of the other.
const DIRECTION: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.6"), a3("Table 5"), a3("A.3.2"), a3("A.3.3")],
    demands: "The ACS calls only methods of a device, the device only those of an ACS; GetRPCMethods is called by both.",
    why: "The side that is called has no such method and answers with fault 9000 or 8000 at best; a stack that dispatches by name alone \
          falls into its own client code and may crash there.",
    mend_cpe: "Call Inform, TransferComplete, RequestDownload and the like, nothing that an ACS calls.",
    mend_acs: "Call what a device offers in its GetRPCMethodsResponse; Inform and TransferComplete come from the device alone.",
    bad: "HTTP/1.1 200 OK: <cwmp:Inform>...",
    good: "HTTP/1.1 200 OK: <cwmp:GetParameterValues>...",
    wireshark: "http.response && xml contains \"cwmp:Inform>\"",
    ..Rule::must("SESS-038", "method-of-other-side", Scope::Message)
};

/// Looks at one message.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    let Some(document) = seen.document().filter(|_| seen.is_cwmp()) else {
        return;
    };
    if document.envelopes().len() > 1 && seen.is_whole() {
        let said = format!("the body holds {} envelopes", document.envelopes().len());
        findings.add(seen.breaks(&ONE_ENVELOPE).because(said));
    }
    for envelope in document.envelope_refs() {
        if envelope.kind() != Kind::Request {
            continue;
        }
        let Some(message) = envelope.message() else {
            continue;
        };
        let Some(method) = schema::method(message.name()) else {
            continue;
        };
        let called = match (method.direction, seen.from()) {
            (Direction::ToCpe, Side::Cpe) => "a device calls",
            (Direction::ToAcs, Side::Acs) => "an ACS calls",
            _ => continue,
        };
        let said = format!("{called} {}", method.name);
        let draft = seen.breaks_at(&DIRECTION, message).rpc(method.name);
        findings.add(draft.because(said));
    }
}
