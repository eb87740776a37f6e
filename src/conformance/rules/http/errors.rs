//! HTTP errors: when the ACS has to give one, and what the device does after one (TR-069 Amendment 3 sections 3.7.1.4, 3.7.2.4).

use cwmp::{AnomalyKind, Kind};

use crate::conformance::rule::{ACS, CPE, a3};
use crate::conformance::rules::fault::structure::of_soap_itself;
use crate::conformance::{Findings, Rule, Scope, Seen, Topic};
use crate::session::Side;
use crate::source::FrameId;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&BROKEN_IS_400, &ERROR_ENDS];

/// What cannot be read is answered with 400.
const BROKEN_IS_400: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.7.2.4")],
    demands: "The ACS answers XML that is not well-formed, and a fault without a CWMP fault in it, with 400, and the session is over.",
    why: "An ACS that goes on as if nothing had happened believes that its RPC was carried out, and the device believes that its \
          answer was understood: the two differ from then on, and no log says why.",
    mend_acs: "Answer what the parser refuses with `400 Bad Request`, and end the session.",
    bad: "POST <soap:Envelope><soap:Body> (cut)\n\n204 No Content",
    good: "POST <soap:Envelope><soap:Body> (cut)\n\n400 Bad Request",
    related: &["HTTP-037"],
    wireshark: "_ws.expert.message contains \"XML\" || http.response.code == 400",
    ..Rule::must("HTTP-036", "broken-xml-is-400", Scope::Session)
};

/// An error ends the session.
const ERROR_ENDS: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.4")],
    demands: "A response with 4xx or 5xx that HTTP itself does not resolve ends the session, and the device sends nothing more of it.",
    why: "The ACS has thrown the session away. What follows is answered with another error, and while the device goes on trying \
          it does not begin the new session, with its RetryCount, that the ACS waits for.",
    mend_cpe: "End the session on such a status, wait as the retry rules say, and begin with an Inform.",
    bad: "POST (GetParameterValuesResponse)\n500 Internal Server Error\nPOST (empty)",
    good: "POST (GetParameterValuesResponse)\n500 Internal Server Error\n(closed)",
    related: &["AUTH-011"],
    wireshark: "http.response.code >= 400",
    ..Rule::must("HTTP-038", "http-error-ends-session", Scope::Session)
};

/// The last message of a session that was odd.
#[derive(Debug, Default)]
pub(super) struct Errors {
    /// The last request could not be read.
    broken: Option<(&'static str, Vec<FrameId>)>,
    /// The status that ended the session, its connection and frames.
    refused: Option<(u16, Vec<FrameId>)>,
}

impl Topic for Errors {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if !seen.is_cwmp() || seen.message.http.is_interim() {
            return;
        }
        match seen.from() {
            Side::Cpe => self.request(seen, findings),
            Side::Acs => self.response(seen, findings),
            Side::Other => {}
        }
    }
}

impl Errors {
    fn request(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let informs = seen
            .envelopes()
            .any(|envelope| envelope.message_name() == Some("Inform"));
        if let Some((status, frames)) = self.refused.take()
            && !informs
        {
            let draft = seen.breaks(&ERROR_ENDS).header("").shown_in(&frames);
            findings.add(draft.because(format!("the session goes on after the status {status}")));
        }
        let broken = if seen.is_whole() { broken(seen) } else { None };
        self.broken = broken.map(|what| (what, seen.message.provenance.frames()));
    }

    fn response(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let status = seen.status();
        let broken = self.broken.take().filter(|_| seen.is_whole());
        if let Some((what, frames)) = broken
            && matches!(status, 200..=299)
        {
            let draft = seen.breaks(&BROKEN_IS_400).header("").shown_in(&frames);
            findings.add(draft.because(format!("{what} is answered with {status}")));
        }
        // HTTP resolves 401 and 407 by credentials, 413 and 417 by another form, 408 by trying again.
        let refused = matches!(status, 400 | 402..=406 | 409..=412 | 414..=416 | 418..=599);
        self.refused = refused.then(|| (status, seen.message.provenance.frames()));
    }
}

/// What of a request no reader of XML and no reader of CWMP takes.
fn broken(seen: &Seen<'_>) -> Option<&'static str> {
    let document = seen.document()?;
    if document
        .anomalies()
        .iter()
        .any(|anomaly| is_fatal(anomaly.kind))
    {
        return Some("XML that is not well-formed");
    }
    let faults = |envelope: &cwmp::EnvelopeRef<'_>| {
        envelope.kind() == Kind::Fault
            && !of_soap_itself(envelope)
            && envelope
                .fault()
                .is_some_and(|fault| fault.code_number().is_none())
    };
    seen.envelopes()
        .any(|envelope| faults(&envelope))
        .then_some("a fault without a FaultCode")
}

/// No parser of XML 1.0 goes on.
fn is_fatal(kind: AnomalyKind) -> bool {
    matches!(
        kind,
        AnomalyKind::UnclosedRoot
            | AnomalyKind::UnclosedElement
            | AnomalyKind::UnexpectedEndTag
            | AnomalyKind::MismatchedEndTag
            | AnomalyKind::UnterminatedMarkup
            | AnomalyKind::BareAmpersand
            | AnomalyKind::BareLessThan
            | AnomalyKind::LessThanInAttribute
            | AnomalyKind::AttributeWithoutValue
            | AnomalyKind::UnquotedAttribute
            | AnomalyKind::AttributesNotSeparated
            | AnomalyKind::DuplicateAttribute
            | AnomalyKind::InvalidName
            | AnomalyKind::TextAfterRoot
            | AnomalyKind::NoElement
    )
}
