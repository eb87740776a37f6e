//! The beginning of a session: the Inform, its answer, and nothing before that is there (TR-069 Amendment 3 sections 3.7.1.1
//! and 3.7.2.1).

use cwmp::{AnomalyKind, Kind};

use super::turns::is_unreadable;
use crate::conformance::rule::{ACS, CPE, a3};
use crate::conformance::{Findings, Rule, Scope, Seen, Topic};
use crate::session::Side;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &ANSWER_TO_INFORM,
    &NOTHING_BEFORE,
    &NOTHING_AFTER_FAULT,
    &NOTHING_AFTER_BROKEN,
];

/// The ACS answers the Inform.
const ANSWER_TO_INFORM: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.7.2.1"), a3("3.7.2.2")],
    demands: "The HTTP response to an Inform holds InformResponse or a fault, or is an HTTP error, a challenge or a redirect.",
    why: "Without InformResponse the session is not open: the device drops what came in its place, closes, and calls again with a \
          rising RetryCount, so that the ACS's log shows Informs and never a task that is carried out.",
    mend_acs: "Answer each Inform with InformResponse; requests come in the response to the POST behind it.",
    bad: "POST: <cwmp:Inform>...\nHTTP/1.1 200 OK: <cwmp:GetParameterValues>...",
    good: "POST: <cwmp:Inform>...\nHTTP/1.1 200 OK: <cwmp:InformResponse>...",
    related: &["SESS-005", "SESS-044"],
    wireshark: "http.response.code == 204",
    ..Rule::must("SESS-004", "acs-answers-inform", Scope::Session)
};

/// Nothing but the Inform before its answer.
const NOTHING_BEFORE: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.1")],
    demands: "Until InformResponse has come, the device sends nothing but the Inform, also in answer to a challenge or a redirect.",
    why: "The ACS does not know yet who calls, or has said no: it answers the stray POST with 400 or 500 or takes it for another \
          device's session, and events that the device believes delivered are lost.",
    mend_cpe: "Answer a challenge or redirect with the Inform itself; give the session up after an HTTP error, and retry with Inform.",
    bad: "POST: <cwmp:Inform>...\nHTTP/1.1 401 Unauthorized\nPOST with Authorization: (empty)",
    good: "POST: <cwmp:Inform>...\nHTTP/1.1 401 Unauthorized\nPOST with Authorization: <cwmp:Inform>...",
    related: &["SESS-004"],
    wireshark: "http.request.method == \"POST\" && http.content_length == 0",
    of_absence: true,
    ..Rule::must(
        "SESS-044",
        "nothing-but-inform-before-inform-response",
        Scope::Session,
    )
};

/// A fault to the Inform ends the session.
const NOTHING_AFTER_FAULT: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.4")],
    demands: "After a fault other than 8005 in answer to its Inform the device ends the session and tries again with an Inform later.",
    why: "The ACS has closed the session on its side; what follows gets 400 or 500, and the device that counts it as a session that \
          worked drops the events it should report again.",
    mend_cpe: "Close the connection after the fault, keep the events, and retry as after any failed session.",
    bad: "HTTP/1.1 200 OK: <FaultCode>8003</FaultCode>\nPOST: (empty)",
    good: "HTTP/1.1 200 OK: <FaultCode>8003</FaultCode>\n(the device closes; after the retry interval:)\nPOST: <cwmp:Inform>...",
    related: &["SESS-020"],
    wireshark: "xml contains \"FaultCode\"",
    ..Rule::must("SESS-021", "fault-to-inform-ends-session", Scope::Session)
};

/// What cannot be read ends the session.
const NOTHING_AFTER_BROKEN: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.4")],
    demands: "After a response that is no well-formed XML, no SOAP, or a fault without a fault code, the device gives the session up.",
    why: "A device that goes on after an answer it cannot have understood hides the ACS's defect: its report counts as delivered, \
          and what the ACS meant to say is lost without a trace on either side.",
    mend_cpe: "End the session as failed when a body cannot be parsed, and retry with an Inform.",
    bad: "HTTP/1.1 200 OK\nContent-Type: text/html\n\n<html>Gateway error</html>\nPOST: (empty)",
    good: "HTTP/1.1 200 OK\nContent-Type: text/html\n\n<html>Gateway error</html>\n(the device closes and retries)",
    related: &["SESS-017"],
    wireshark: "http.response.code == 200 && !xml",
    ..Rule::must(
        "SESS-043",
        "unreadable-response-ends-session",
        Scope::Session,
    )
};

/// How far the opening has come.
#[derive(Debug, Default)]
pub(super) struct Opening {
    asked: bool,
    state: State,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    /// All is as it should be.
    #[default]
    Sound,
    /// The ACS answered the Inform with something else, and was told of it.
    Unanswered,
    /// A fault other than 8005 answered the Inform.
    Refused(String),
    /// The last response cannot be read.
    Broken(&'static str),
    /// It has been told, or cannot be.
    Told,
}

impl Topic for Opening {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(session) = seen.session else { return };
        if !seen.is_cwmp() || !session.is_whole() || self.state == State::Told {
            return;
        }
        if seen.from() == Side::Cpe {
            self.post(seen, findings);
        } else if !matches!(seen.status(), 100..=199 | 300..=399 | 401 | 407) {
            self.response(seen, findings);
        }
    }
}

impl Opening {
    fn post(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        self.asked = seen
            .envelopes()
            .any(|envelope| envelope.message_name() == Some("Inform"));
        if self.asked {
            return;
        }
        let what = what(seen);
        let accepted = seen.session.is_some_and(|session| session.accepted);
        let (rule, said) = match &self.state {
            State::Refused(code) => (
                &NOTHING_AFTER_FAULT,
                format!("{what} comes after fault {code} to the Inform"),
            ),
            State::Broken(why) => (
                &NOTHING_AFTER_BROKEN,
                format!("{what} comes after a response that {why}"),
            ),
            State::Sound if !accepted => (
                &NOTHING_BEFORE,
                format!("{what} comes before any InformResponse"),
            ),
            State::Sound | State::Unanswered | State::Told => return,
        };
        findings.add(seen.breaks(rule).because(said));
        self.state = State::Told;
    }

    fn response(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if !seen.is_whole() {
            self.state = State::Told;
            return;
        }
        let success = (200..300).contains(&seen.status());
        self.state = match broken(seen) {
            Some(why) if success => State::Broken(why),
            _ => State::Sound,
        };
        if std::mem::take(&mut self.asked) {
            self.answer(seen, success, findings);
        }
    }

    /// What came in answer to the Inform.
    fn answer(&mut self, seen: &Seen<'_>, success: bool, findings: &mut Findings) {
        if self.state != State::Sound {
            return;
        }
        for envelope in seen.envelopes() {
            if envelope.message_name() == Some("InformResponse") {
                return;
            }
            if let Some(fault) = envelope.fault() {
                let code = fault.code.unwrap_or_default();
                if code.trim() != "8005" {
                    self.state =
                        State::Refused(code.trim().chars().take(CODE_CHARACTERS).collect());
                }
                return;
            }
        }
        if success && !is_unreadable(seen) {
            let said = match seen.envelope().and_then(|envelope| envelope.message_name()) {
                Some(name) => format!("{name} comes in answer to the Inform"),
                None => format!("the response {} to the Inform is empty", seen.status()),
            };
            findings.add(seen.breaks(&ANSWER_TO_INFORM).because(said));
            self.state = State::Unanswered;
        }
    }
}

/// A request of the device in a few words.
fn what(seen: &Seen<'_>) -> String {
    match seen.envelope().and_then(|envelope| envelope.message_name()) {
        Some(name) => name.to_owned(),
        None => "an empty POST".to_owned(),
    }
}

/// Why nobody can read this body, where that is beyond doubt.
fn broken(seen: &Seen<'_>) -> Option<&'static str> {
    let http = &seen.message.http;
    if http.body_bytes == 0 {
        return None;
    }
    let Some(document) = seen.document() else {
        return http
            .header("Content-Encoding")
            .is_none()
            .then_some("is no SOAP");
    };
    let malformed = |kind: AnomalyKind| MALFORMED.contains(&kind);
    if document
        .anomalies()
        .iter()
        .any(|anomaly| malformed(anomaly.kind))
    {
        return Some("is no well-formed XML");
    }
    let codeless = document.envelope_refs().any(|envelope| {
        envelope.kind() == Kind::Fault && envelope.fault().is_some_and(|fault| fault.code.is_none())
    });
    codeless.then_some("holds a fault without FaultCode")
}

/// What no parser of XML accepts, whatever it forgives.
const MALFORMED: &[AnomalyKind] = &[
    AnomalyKind::UnexpectedEndTag,
    AnomalyKind::UnclosedElement,
    AnomalyKind::UnclosedRoot,
    AnomalyKind::UnterminatedMarkup,
    AnomalyKind::BareLessThan,
    AnomalyKind::NoElement,
];
/// Characters kept of a fault code.
const CODE_CHARACTERS: usize = 16;
