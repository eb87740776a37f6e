//! What follows a fault of the ACS to a request: the very same again after 8005, and never again in this session after any
//! other (TR-069 Amendment 3 sections 3.7.1.4 and 3.7.1.6).

use std::hash::{Hash as _, Hasher as _};

use cwmp::{Element, EnvelopeRef, Kind};

use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Exchange, Findings, Rule, Scope, Seen, Topic, fingerprint_of_parts};
use crate::session::{Message, Severity, Side};
use crate::source::FrameId;

/// The rules of this topic; [`TRIED_AGAIN`] is also broken by how a session ends.
pub(super) const RULES: &[&Rule] = &[&SAME_AGAIN, &TRIED_AGAIN];

/// Fault 8005 asks for the identical request.
const SAME_AGAIN: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.6")],
    demands: "After fault 8005 (retry request) the next POST of the same session repeats the request unchanged.",
    why: "An ACS says 8005 when it could not work on the request just now, mostly because another node holds the device's record; it \
          expects the same message at once. A device that closes, or comes with another RetryCount, starts over and meets the same \
          lock again.",
    mend_cpe: "Keep the request until it is answered, and send the same body again in the next POST; CurrentTime alone may change.",
    bad: "POST: <cwmp:Inform>...<RetryCount>0</RetryCount>\n<FaultCode>8005</FaultCode>\nPOST: <cwmp:Inform>...<RetryCount>1</RetryCount>",
    good: "POST: <cwmp:Inform>...<RetryCount>0</RetryCount>\n<FaultCode>8005</FaultCode>\nPOST: <cwmp:Inform>...<RetryCount>0</RetryCount>",
    related: &["SESS-022"],
    wireshark: "xml contains \"8005\"",
    ..Rule::must("SESS-020", "request-repeated-after-8005", Scope::Session)
};

/// Any other fault to a request is final for the session, and does not end it.
pub(super) const TRIED_AGAIN: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.4"), a3("3.7.1.6")],
    demands: "After a fault other than 8005 to a request that is no Inform, the session goes on, and that request is not repeated in it.",
    why: "The ACS has refused and will again: a device that insists loops until a timer ends the session, and one that closes takes the \
          ACS's own tasks with it. Its log then shows a fault and an aborted session each time a transfer is reported.",
    mend_cpe: "Note the fault, go on with the session to its end, and report again in the next session where the event allows it.",
    bad: "POST: <cwmp:TransferComplete>...\n<FaultCode>8002</FaultCode>\n(the device closes)",
    good: "POST: <cwmp:TransferComplete>...\n<FaultCode>8002</FaultCode>\nPOST: (empty)\nHTTP/1.1 204 No Content",
    related: &["SESS-020"],
    wireshark: "xml contains \"FaultCode\"",
    ..Rule::must("SESS-022", "refused-request-not-repeated", Scope::Session)
};

/// Requests that the ACS has refused.
#[derive(Debug, Default)]
pub(super) struct Again {
    /// It has to come again.
    due: Option<Box<Due>>,
    /// These must not.
    refused: Vec<u64>,
}

/// A request as it has to come again.
#[derive(Debug)]
struct Due {
    method: String,
    id: Option<u64>,
    retries: Option<u32>,
    meaning: u64,
    frames: Vec<FrameId>,
}

impl Due {
    fn of(message: &Message) -> Option<Self> {
        let request = message.soap.as_ref()?.envelope(0)?;
        let method = request.method().unwrap_or_default();
        Some(Self {
            method: method.chars().take(METHOD_CHARACTERS).collect(),
            id: id(&request),
            retries: retries(&request),
            meaning: meaning(&request),
            frames: message.provenance.frames(),
        })
    }
}

impl Topic for Again {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if seen.from() != Side::Cpe || !seen.is_cwmp() || seen.replay {
            return;
        }
        if self.due.is_none() && self.refused.is_empty() || !seen.is_whole() {
            return;
        }
        let whole = seen
            .session
            .is_some_and(crate::conformance::seen::SessionFacts::is_whole);
        if let Some(due) = self.due.take().filter(|_| whole) {
            repeats(seen, &due, findings);
        }
        let request = seen.envelope().filter(|one| one.kind() == Kind::Request);
        if let Some(request) = request.filter(|_| whole)
            && self.refused.contains(&meaning(&request))
        {
            let method = request.method().unwrap_or_default();
            let said = format!("{method} is the same that the ACS has refused in this session");
            findings.add(seen.breaks(&TRIED_AGAIN).because(said));
        }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, _findings: &mut Findings) {
        if exchange.answer.from() != Side::Acs || !exchange.is_fault() {
            return;
        }
        match exchange.fault_code() {
            Some(8005) => self.due = Due::of(&exchange.asked.message).map(Box::new),
            Some(_) if exchange.method() != "Inform" && self.refused.len() < REFUSED_MAX => {
                let request = exchange.request();
                self.refused
                    .extend(request.map(|request| meaning(&request)));
            }
            _ => {}
        }
    }
}

/// The POST behind fault 8005.
fn repeats(seen: &Seen<'_>, due: &Due, findings: &mut Findings) {
    let method = due.method.as_str();
    let draft = || {
        let draft = seen.breaks(&SAME_AGAIN).rpc(method);
        draft.shown_in(&due.frames)
    };
    let is_same = |name: &str| name.chars().take(METHOD_CHARACTERS).eq(method.chars());
    let again = seen
        .envelope()
        .filter(|one| one.kind() == Kind::Request && one.method().is_some_and(is_same));
    let Some(again) = again else {
        let name = seen.envelope().and_then(|envelope| envelope.message_name());
        let said = format!("{} comes instead", name.unwrap_or("an empty POST"));
        findings.add(draft().because(said));
        return;
    };
    if due.meaning != meaning(&again) {
        let said = match (due.retries, retries(&again)) {
            (Some(one), Some(other)) if one != other => {
                format!("RetryCount was {one} and is {other} now")
            }
            _ => format!("the body of {method} is another than before"),
        };
        findings.add(draft().because(said));
    } else if due.id != id(&again) {
        let said = "cwmp:ID is another than before";
        findings.add(draft().at_most(Severity::Warning).because(said));
    }
}

/// A number for `cwmp:ID`.
fn id(envelope: &EnvelopeRef<'_>) -> Option<u64> {
    let mut hasher = fingerprint_of_parts();
    envelope.id()?.hash(&mut hasher);
    Some(hasher.finish())
}

fn retries(envelope: &EnvelopeRef<'_>) -> Option<u32> {
    envelope.inform()?.retry_count()
}

/// What a request says, whatever white space and prefixes it is written with; the time it was sent at is no part of it.
fn meaning(request: &EnvelopeRef<'_>) -> u64 {
    let mut hasher = fingerprint_of_parts();
    let Some(message) = request.message() else {
        return hasher.finish();
    };
    let is_time = |element: &Element<'_>| element.is_named("CurrentTime");
    message.name().hash(&mut hasher);
    for element in message.descendants().filter(|element| !is_time(element)) {
        element.name().hash(&mut hasher);
        if element.is_leaf() {
            element.text().trim().hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// Refused requests remembered of one session.
const REFUSED_MAX: usize = 16;
/// Characters of a method that are remembered.
const METHOD_CHARACTERS: usize = 256;
