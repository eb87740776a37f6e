//! What a request is answered with: faults where something was not understood, and none for its size.

use cwmp::schema::{self, Direction, Requirement};
use cwmp::{Document, Element, EnvelopeRef, Kind, SOAP};

use super::shape::{Kind as Departs, departures};
use crate::conformance::rule::{BOTH, a3, cite};
use crate::conformance::rules::fault::INCOMPLETE;
use crate::conformance::{Exchange, Findings, Rule, Scope, Seen};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &NOT_UNDERSTOOD,
    &SIZE_OF_REQUEST,
    &SIZE_OF_ANSWER,
    &UNSUPPORTED,
    &ACCEPTED,
];

/// A header that must be understood and is not leads to a fault.
const NOT_UNDERSTOOD: Rule = Rule {
    blame: BOTH,
    cites: &[cite("SOAP 1.1", "4.2.3")],
    demands: "A request with a header that the receiver does not know and that has mustUnderstand=\"1\" is not \
          processed.",
    why: "The sender relies on the header: a receiver that passes it over does something else than it was \
          asked to, and reports success.",
    mend_cpe: "Answer with a fault MustUnderstand.",
    mend_acs: "Answer with a fault MustUnderstand, or with HTTP 400.",
    bad: "request <v:Signed xmlns:v=\"urn:v\" soap:mustUnderstand=\"1\">...\nanswer  <cwmp:RebootResponse/>",
    good: "request <v:Signed xmlns:v=\"urn:v\" soap:mustUnderstand=\"1\">...\nanswer  \
          <faultcode>soap:MustUnderstand</faultcode>",
    wireshark: "xml.attribute contains \"mustUnderstand\"",
    ..Rule::must("SOAP-026", "header-not-understood", Scope::Exchange)
};

/// A request of up to 32768 bytes is not too large.
const SIZE_OF_REQUEST: Rule = Rule {
    blame: BOTH,
    versions: "all but Issue 1",
    cites: &[a3("3.5")],
    demands: "A receiver takes envelopes of up to 32768 bytes without a fault for lack of resources.",
    why: "A device with a smaller buffer refuses long lists with 9004: provisioning that works with ten \
          parameters fails with fifty. The fault may have other reasons.",
    mend_cpe: "Make room for 32768 bytes.",
    mend_acs: "Make room for 32768 bytes; split the request as long as the peer does not.",
    bad: "20 kB SetParameterValues -> <FaultCode>9004</FaultCode>",
    good: "20 kB SetParameterValues -> <Status>0</Status>",
    related: &["SOAP-037"],
    wireshark: "xml.cdata == \"9004\" || xml.cdata == \"8004\"",
    ..Rule::heuristic("SOAP-036", "possible-size-limit", Scope::Exchange)
};

/// A response may have any size.
const SIZE_OF_ANSWER: Rule = Rule {
    severity: Some(Severity::Warning),
    versions: "all but Issue 1",
    cites: &[a3("3.5")],
    demands: "A device does not answer a fault for lack of resources because its response would be large.",
    why: "An ACS that reads the whole tree with one request gets nothing from such a device; it then has to \
          ask piece by piece. The fault may have other reasons.",
    mend_cpe: "Write the response piece by piece (chunked) instead of building it in memory.",
    bad: "GetParameterValues Device. -> <FaultCode>9004</FaultCode>",
    good: "GetParameterValues Device. -> 400 kB GetParameterValuesResponse",
    related: &["SOAP-036"],
    wireshark: "xml.cdata == \"9004\"",
    ..Rule::heuristic("SOAP-037", "possible-limit-of-the-answer", Scope::Exchange)
};

/// An unsupported method is answered with fault 9000 or 8000.
const UNSUPPORTED: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.5")],
    demands: "A request for a method that is not supported is answered with a SOAP fault, 9000 from a device and \
          8000 from an ACS, never with an HTTP error and never with silence.",
    why: "The asking side cannot tell a method that is missing from a server that is down: it repeats the \
          request with every session, and each of them ends in an error.",
    mend_cpe: "Answer every request that is not known with a fault, code 9000.",
    mend_acs: "Answer every request that is not known with HTTP 200 and a fault, code 8000.",
    bad: "<cwmp:ScheduleDownload> ->\nPOST /acs HTTP/1.1\nContent-Length: 0",
    good: "<cwmp:ScheduleDownload> ->\n<FaultCode>9000</FaultCode>",
    related: &["FLT-024"],
    wireshark: "xml.cdata == \"9000\" || http.response.code == 400",
    ..Rule::must(
        "SOAP-044",
        "unsupported-method-answered-with-a-fault",
        Scope::Message,
    )
};

/// A request that breaks the schema is not answered with success.
const ACCEPTED: Rule = Rule {
    blame: BOTH,
    cites: &[cite("TR-069 Amendment 2", "A.2.2"), a3("A.2.2"), a3("3.5")],
    demands: "A request with arguments in the wrong order or of the wrong type is answered with a fault, not \
          with a response.",
    why: "The responder guessed what was meant: the next device guesses otherwise, and the sender never \
          learns of its error.",
    mend_cpe: "Check the arguments against the schema before anything is done, and answer 9003.",
    mend_acs: "Check the arguments against the schema before anything is done, and answer 8003.",
    bad: "<NextLevel>True</NextLevel> -> <cwmp:GetParameterNamesResponse>",
    good: "<NextLevel>True</NextLevel> -> <FaultCode>9003</FaultCode>",
    related: &["FLT-026", "SOAP-008"],
    wireshark: "xml.cdata == \"9003\" || xml.cdata == \"8003\"",
    ..Rule::must("SOAP-045", "broken-request-accepted", Scope::Exchange)
};

/// Looks at a request with its answer.
pub(super) fn exchange(exchange: &Exchange<'_>, findings: &mut Findings) {
    let Some(request) = exchange.request() else {
        return;
    };
    if exchange.is_fault() {
        size(exchange, &request, findings);
        wrong_fault(exchange, findings);
        return;
    }
    not_understood(exchange, &request, findings);
    broken(exchange, &request, findings);
}

/// A header of another namespace that has to be understood, without an actor, and the request was carried out.
fn not_understood(exchange: &Exchange<'_>, request: &EnvelopeRef<'_>, findings: &mut Findings) {
    let headers = request
        .header()
        .into_iter()
        .flat_map(|header| header.children());
    let is_set = |block: &Element<'_>, name: &str| {
        let mut attributes = block.attributes();
        attributes.any(|attribute| {
            attribute.name() == name
                && attribute.namespace() == Some(SOAP)
                && (name == "actor" || attribute.value() == "1")
        })
    };
    let foreign = |block: &Element<'_>| {
        let namespace = block.namespace();
        namespace.is_some_and(|namespace| !namespace.starts_with("urn:dslforum-org:cwmp"))
            && !schema::HEADERS.contains(&block.name())
    };
    let mut unknown = headers.take(HEADERS_MAX).filter(|block| {
        foreign(block) && is_set(block, "mustUnderstand") && !is_set(block, "actor")
    });
    if let Some(block) = unknown.next() {
        let draft = exchange.breaks(&NOT_UNDERSTOOD);
        findings.add(draft.because(format!(
            "the request has the header {} that must be understood, and is carried out",
            block.name()
        )));
    }
}

/// A request whose arguments are missing, misplaced or of the wrong type. What is surplus may be passed over.
fn broken(exchange: &Exchange<'_>, request: &EnvelopeRef<'_>, findings: &mut Findings) {
    let version = exchange.answer.version();
    if exchange.asked.shapely == Some(version) || super::document::is_tangled(request.document()) {
        return;
    }
    let found = departures(request, version);
    if found.is_empty() {
        return;
    }
    let missing = found
        .iter()
        .find(|departure| departure.kind == Departs::Missing);
    let wrong = found.iter().find(|departure| {
        matches!(
            departure.kind,
            Departs::OutOfOrder | Departs::Number | Departs::Boolean
        )
    });
    let (rule, departure) = match (missing, wrong) {
        (Some(missing), _) => (&INCOMPLETE, missing),
        (None, Some(wrong)) => (&ACCEPTED, wrong),
        (None, None) => return,
    };
    let said = super::specific::because(departure);
    let draft = exchange.breaks(rule);
    findings.add(draft.because(format!("the request is carried out, although {said}")));
}

/// A lack of resources that the sizes do not explain.
fn size(exchange: &Exchange<'_>, request: &EnvelopeRef<'_>, findings: &mut Findings) {
    if exchange.answer.is_issue_1() || !matches!(exchange.fault_code(), Some(8004 | 9004)) {
        return;
    }
    let names = request
        .message()
        .and_then(|message| message.child("ParameterNames"))
        .map(|list| list.children().count());
    let reads = match exchange.method() {
        "GetParameterValues" | "GetParameterAttributes" => names.is_some_and(|names| names <= FEW),
        "GetParameterNames" => true,
        _ => false,
    };
    if reads {
        let draft = exchange.breaks(&SIZE_OF_ANSWER);
        findings.add(draft.because("a short request to read is answered with 9004"));
        return;
    }
    let bytes = bytes(request.document());
    let list = request
        .message()
        .and_then(|message| message.child("ParameterList"));
    let entries = list.map_or(0, |list| list.children().count());
    if bytes <= ENVELOPE_BYTES && !MAY_BE_FULL.contains(&exchange.method()) && entries <= MANY {
        let draft = exchange.breaks(&SIZE_OF_REQUEST);
        let code = exchange.fault_code().unwrap_or_default();
        findings.add(draft.because(format!(
            "a request of {bytes} bytes is answered with {code}"
        )));
    }
}

fn bytes(document: &Document) -> usize {
    document.text().len()
}

/// A method that no version of CWMP has and no vendor's: the one thing that can be said of it is that it is not supported.
fn wrong_fault(exchange: &Exchange<'_>, findings: &mut Findings) {
    let method = exchange.method();
    let unknown = schema::method(method).is_none() && !method.starts_with("X_");
    let Some(code) = exchange.fault_code().filter(|_| unknown) else {
        return;
    };
    let cwmp = exchange
        .request()
        .and_then(|request| request.message()?.namespace());
    if cwmp.is_none_or(|namespace| !namespace.starts_with("urn:dslforum-org:cwmp")) {
        return;
    }
    if code != NOT_SUPPORTED_BY_CPE && code != NOT_SUPPORTED_BY_ACS {
        let draft = exchange.breaks(&UNSUPPORTED);
        findings.add(draft.because(format!(
            "{method}, which nobody knows, is answered with {code}"
        )));
    }
}

/// Looks at a message that does not answer the request before it.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    let Some(facts) = seen.session else {
        return;
    };
    if !seen.is_cwmp() || !seen.is_whole() || seen.replay || facts.damaged || seen.is_issue_1() {
        return;
    }
    let answers =
        |envelope: EnvelopeRef<'_>| matches!(envelope.kind(), Kind::Response | Kind::Fault);
    if seen.envelopes().any(answers) {
        return;
    }
    match seen.from() {
        Side::Cpe => {
            // What the ACS asks out of its turn need not be answered.
            let asked = facts.accepted
                && facts.asked_by_cpe.is_empty()
                && facts.last_response.is_some_and(|last| last.requests == 1);
            let Some(last) = facts.asked_by_acs.back().filter(|_| asked) else {
                return;
            };
            let is_empty = seen.message.http.body_bytes == 0;
            let informs = seen.envelopes().any(|envelope| envelope.inform().is_some());
            if may_lack(&last.method, false) && !informs {
                let what = if is_empty {
                    "an empty POST"
                } else {
                    "another message"
                };
                let draft = seen
                    .breaks(&UNSUPPORTED)
                    .rpc(&last.method)
                    .shown_by(&last.message);
                findings.add(draft.because(format!("{} is answered with {what}", last.method)));
            }
        }
        Side::Acs => {
            let Some(last) = facts.asked_by_cpe.back() else {
                return;
            };
            let status = seen.status();
            let error = matches!(status, 400..=499 | 501) && !DENIALS.contains(&status);
            let request = last.message.soap.as_ref();
            let request = request.and_then(|document| document.envelope(last.envelope));
            let fine = |request: EnvelopeRef<'_>| {
                request.document().anomalies().is_empty()
                    && departures(&request, seen.version()).is_empty()
            };
            if error && may_lack(&last.method, true) && request.is_some_and(fine) {
                let draft = seen
                    .breaks(&UNSUPPORTED)
                    .rpc(&last.method)
                    .shown_by(&last.message);
                findings.add(draft.because(format!(
                    "{} is answered with HTTP status {status}",
                    last.method
                )));
            }
        }
        Side::Other => {}
    }
}

/// A method that a device, or an ACS, need not support.
fn may_lack(method: &str, of_acs: bool) -> bool {
    let Some(known) = schema::method(method) else {
        return true;
    };
    let place = match (known.direction, of_acs) {
        (_, false) => 0,
        (Direction::Both, true) => 3,
        (_, true) => 1,
    };
    known.requirement.get(place) != Some(&Requirement::Required)
}

/// Headers looked at in one message; CWMP has six.
const HEADERS_MAX: usize = 64;
/// What every receiver has to take (TR-069 Amendment 3 section 3.5).
const ENVELOPE_BYTES: usize = 32_768;
/// Methods that a full table or queue refuses, however small the request.
const MAY_BE_FULL: [&str; 5] = [
    "AddObject",
    "Download",
    "Upload",
    "ScheduleDownload",
    "ChangeDUState",
];
/// Names in a request that is short.
const FEW: usize = 16;
/// Entries of a list that may rightly be too many for a receiver.
const MANY: usize = 100;
const NOT_SUPPORTED_BY_CPE: u32 = 9000;
const NOT_SUPPORTED_BY_ACS: u32 = 8000;
/// What an ACS denies the whole session with, the statuses of proxies, and what is said of Expect alone.
const DENIALS: [u16; 7] = [401, 403, 404, 407, 408, 417, 429];
