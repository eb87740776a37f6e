//! Whose turn it is: every request is answered by the next message, and a device that may not ask does not (TR-069
//! Amendment 3 sections 3.7.1.2, 3.7.1.3 and 3.7.2.2).

use cwmp::schema::Version;
use cwmp::{EnvelopeRef, Kind};

use crate::conformance::rule::{ACS, BOTH, CPE, a3};
use crate::conformance::{Draft, Findings, LastResponse, Rule, Scope, Seen, Topic};
use crate::session::Side;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &ACS_ANSWERS,
    &CPE_ANSWERS,
    &ASKS_OUT_OF_TURN,
    &ASKS_WHILE_HELD,
    &ASKS_AFTER_EMPTY,
    &EMPTY_WHILE_HELD,
    &EMPTY_ENVELOPE,
    &OTHER_RESPONSE,
    &UNASKED_RESPONSE,
];

/// The ACS answers a request of the device in the very next response.
const ACS_ANSWERS: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.7.2.2"), a3("Table 8")],
    demands: "The HTTP response to a POST with a request of the device (TransferComplete, RequestDownload, GetRPCMethods and the like) \
              holds the answer to it or a fault, before the ACS asks anything itself.",
    why: "The device counts the request as unanswered and may not end the session; most give up after a while, open the next session \
          with the same `7 TRANSFER COMPLETE` again, and so report one and the same transfer for ever.",
    mend_acs: "Put TransferCompleteResponse (or a Fault) into the response to that very POST; ask your own questions in the response \
               to the next one.",
    bad: "POST: <cwmp:TransferComplete>...\nHTTP/1.1 204 No Content",
    good: "POST: <cwmp:TransferComplete>...\nHTTP/1.1 200 OK: <cwmp:TransferCompleteResponse/>",
    related: &["SESS-004"],
    wireshark: "http.response.code == 204",
    ..Rule::must("SESS-005", "acs-answers-in-next-response", Scope::Session)
};

/// The device answers a request of the ACS in its very next POST.
const CPE_ANSWERS: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.2"), a3("Table 6")],
    demands: "The POST after a response that holds a request of the ACS carries the answer to it or a fault.",
    why: "The ACS waits for that answer and nothing else: it logs a timeout or an internal error for the task, or takes the empty POST \
          for the end of the session, and the setting never reaches the phone.",
    mend_cpe: "Answer first, with a Fault (9000 for a method you lack, 9002 for a failure of your own) where there is nothing better; \
               send requests of your own only behind a response without one.",
    bad: "HTTP/1.1 200 OK: <cwmp:GetParameterValues>...\nPOST: (empty)",
    good: "HTTP/1.1 200 OK: <cwmp:GetParameterValues>...\nPOST: <cwmp:GetParameterValuesResponse>...",
    related: &["SESS-007"],
    wireshark: "http.request.method == \"POST\" && http.content_length == 0",
    ..Rule::must("SESS-006", "cpe-answers-in-next-post", Scope::Session)
};

/// No request of the device while one of the ACS is open.
const ASKS_OUT_OF_TURN: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.3")],
    demands: "The device sends a request of its own only if the last message of the ACS held none.",
    why: "An ACS that waits for GetParameterValuesResponse and finds TransferComplete in its place mostly fails its task and often the \
          whole session with 400 or 500; the phone then retries with a rising RetryCount.",
    mend_cpe: "Keep requests of your own until the ACS's question is answered; the empty or answering message behind it gives you \
               the turn.",
    bad: "HTTP/1.1 200 OK: <cwmp:GetParameterValues>...\nPOST: <cwmp:TransferComplete>...",
    good: "HTTP/1.1 200 OK: <cwmp:GetParameterValues>...\nPOST: <cwmp:GetParameterValuesResponse>...",
    related: &["SESS-006", "SESS-008"],
    wireshark: "http.request.method == \"POST\" && xml contains \"TransferComplete\"",
    ..Rule::must("SESS-007", "cpe-asks-out-of-turn", Scope::Session)
};

/// No request of the device while HoldRequests holds it back.
const ASKS_WHILE_HELD: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.3"), a3("Table 4"), a3("Table 6")],
    demands: "While HoldRequests is true in the last envelope of the ACS, the device answers or sends an empty POST, and asks nothing.",
    why: "An ACS sets HoldRequests because it is not ready for questions, mostly while it still looks the device up; what comes all \
          the same is answered with fault 8005 or 8002, or ends the session, and the report in it is lost until the next one.",
    mend_cpe: "Read HoldRequests of every envelope: while it is 1 or true, send an empty POST where nothing is to be answered.",
    bad: "<cwmp:HoldRequests>1</cwmp:HoldRequests> ... <cwmp:InformResponse>\nPOST: <cwmp:TransferComplete>...",
    good: "<cwmp:HoldRequests>1</cwmp:HoldRequests> ... <cwmp:InformResponse>\nPOST: (empty)",
    related: &["SESS-009", "SESS-011"],
    wireshark: "xml contains \"HoldRequests\"",
    ..Rule::must("SESS-008", "cpe-asks-while-held", Scope::Session)
};

/// No request of the device after an empty POST that was not held.
pub(super) const ASKS_AFTER_EMPTY: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.3")],
    demands: "A device that has sent an empty POST while HoldRequests was false asks nothing more in that session.",
    why: "The empty POST tells the ACS that the device is done; it plans the rest of the session on it, may have answered 204 already, \
          and several answer a late TransferComplete with an error or close the connection.",
    mend_cpe: "Send every request of your own before the first empty POST; what comes up later opens the next session.",
    bad: "POST: (empty)\nHTTP/1.1 204 No Content\nPOST: <cwmp:TransferComplete>...",
    good: "POST: <cwmp:TransferComplete>...\nHTTP/1.1 200 OK: <cwmp:TransferCompleteResponse/>\nPOST: (empty)",
    related: &["SESS-011", "SESS-016"],
    wireshark: "http.request.method == \"POST\" && http.content_length == 0",
    ..Rule::must("SESS-010", "cpe-asks-after-empty-post", Scope::Session)
};

/// An empty POST of a device that is held back forfeits nothing.
const EMPTY_WHILE_HELD: Rule = Rule {
    cites: &[a3("3.7.1.3"), a3("Figure 4")],
    demands: "An empty POST that a device sends because HoldRequests holds it back does not take away its right to ask later.",
    why: "While it is held back the device has nothing else to send, so that such a POST says nothing of what it still has to ask.",
    related: &["SESS-008", "SESS-010"],
    wireshark: "xml contains \"HoldRequests\"",
    ..Rule::guard(
        "SESS-011",
        "empty-post-while-held-forfeits-nothing",
        &["SESS-010"],
    )
};

/// Nothing to say is an empty response, not an empty envelope.
const EMPTY_ENVELOPE: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.7.2.3")],
    demands: "An ACS that has neither an answer nor a request sends a response without a body, not an envelope with an empty Body.",
    why: "A device looks for a message in every body it gets: it fails on the empty Body, gives the session up as broken and tries \
          again, or waits for more and runs into its timeout.",
    mend_acs: "Answer `204 No Content` where there is nothing to say.",
    bad: "HTTP/1.1 200 OK\n\n<soap:Envelope><soap:Body/></soap:Envelope>",
    good: "HTTP/1.1 204 No Content",
    related: &["SESS-017"],
    wireshark: "http.response.code == 200 && xml",
    ..Rule::must("SESS-014", "acs-sends-empty-envelope", Scope::Session)
};

/// A response is that of the method asked for.
const OTHER_RESPONSE: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.5")],
    demands: "The answer to a request is named as the method with `Response` behind it, or is a Fault.",
    why: "The side that asked looks for the name; it drops or refuses what is called otherwise, the task hangs or fails, though the \
          other side believes it has answered.",
    mend_cpe: "Name the answer after the request: AddObject is answered by AddObjectResponse.",
    mend_acs: "Name the answer after the request: TransferComplete is answered by TransferCompleteResponse.",
    bad: "HTTP/1.1 200 OK: <cwmp:AddObject>...\nPOST: <cwmp:SetParameterValuesResponse>...",
    good: "HTTP/1.1 200 OK: <cwmp:AddObject>...\nPOST: <cwmp:AddObjectResponse>...",
    related: &["SESS-037"],
    wireshark: "xml contains \"Response\"",
    ..Rule::must("SESS-036", "response-of-other-method", Scope::Session)
};

/// No response that nobody asked for.
const UNASKED_RESPONSE: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.4.1"), a3("3.7")],
    demands: "A response is sent only where a request of the other side waits for it.",
    why: "It takes the place of what was due there: the other side cannot match it, and mostly ends the session or falls out of step \
          with every later message.",
    mend_cpe: "Answer a request once; send an empty POST where nothing is open.",
    mend_acs: "Answer a request once; send `204 No Content` or a request where nothing is open.",
    bad: "POST: (empty)\nHTTP/1.1 200 OK: <cwmp:InformResponse>...",
    good: "POST: (empty)\nHTTP/1.1 204 No Content",
    related: &["SESS-036"],
    wireshark: "xml contains \"Response\"",
    ..Rule::must("SESS-037", "response-nobody-asked-for", Scope::Session)
};

/// What was asked last, and what was said last.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// Methods that the device's last POST asked for, not answered yet.
    asked_by_cpe: Vec<String>,
    /// Methods that the ACS's last response asked for, not answered yet.
    asked_by_acs: Vec<String>,
    /// The ACS has told the device to say its last request again.
    again: bool,
    /// A message could not be read: whose turn it is is not known any more.
    lost: bool,
}

impl Topic for Turns {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(session) = seen.session else { return };
        if !seen.is_cwmp() || self.lost {
            return;
        }
        if !session.is_whole() || is_unreadable(seen) {
            self.lost = true;
        } else if seen.from() == Side::Cpe {
            self.post(seen, findings);
        } else {
            self.response(seen, findings);
        }
    }
}

impl Turns {
    fn post(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let open = std::mem::take(&mut self.asked_by_acs);
        self.asked_by_cpe = asked_in(seen);
        let last = seen.session.and_then(|session| session.last_response);
        let Some(last) = last.filter(|_| !seen.replay) else {
            return;
        };
        if !(200..300).contains(&last.status) || is_inform(seen) {
            return;
        }
        let asks = seen.envelopes().find(|one| one.kind() == Kind::Request);
        // Of several envelopes in one response, which are the ACS's doing, a device that answers one is not silent.
        let answers = |one: EnvelopeRef<'_>| matches!(one.kind(), Kind::Response | Kind::Fault);
        let open = answer(seen, open, findings).filter(|_| !seen.envelopes().any(answers));
        // HoldRequests binds in Issue 1 as well, where a request may come before an answer.
        let out_of_turn = open.is_some() || last.requests > 0;
        if let Some(asks) = asks
            && last.hold_requests
            && !self.again
            && (!out_of_turn || seen.is_issue_1())
        {
            let name = asks.message_name().unwrap_or_default();
            let said = format!("{name} comes though HoldRequests was true in the last response");
            findings.add(asking(seen, &ASKS_WHILE_HELD, asks).rpc(name).because(said));
        } else if let Some(method) = open {
            Self::leaves_open(seen, &method, asks, findings);
        } else if let Some(asks) = asks {
            may_ask(seen, asks, last, findings);
        }
    }

    /// A request of the ACS has no answer here.
    fn leaves_open(
        seen: &Seen<'_>,
        method: &str,
        asks: Option<EnvelopeRef<'_>>,
        findings: &mut Findings,
    ) {
        let said = match asks.and_then(|envelope| envelope.message_name()) {
            Some(name) => format!("{name} comes where the answer to {method} was due"),
            None => format!("the POST after {method} is empty"),
        };
        findings.add(seen.breaks(&CPE_ANSWERS).rpc(method).because(said.clone()));
        if asks.is_some() {
            findings.add(seen.breaks(&ASKS_OUT_OF_TURN).rpc(method).because(said));
        }
    }

    fn response(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let status = seen.status();
        if (100..200).contains(&status) || matches!(status, 300..=399 | 401 | 407) {
            return;
        }
        self.again = said_again(seen);
        self.asked_by_acs = asked_in(seen);
        let open = std::mem::take(&mut self.asked_by_cpe);
        if !(200..300).contains(&status) {
            return;
        }
        if let [method] = &open[..]
            && method == "Inform"
        {
            return;
        }
        let asked = !open.is_empty();
        if let Some(method) = answer(seen, open, findings) {
            let instead = seen.envelope().and_then(|envelope| envelope.message_name());
            let said = match instead {
                Some(name) => format!("{name} comes where the answer to {method} was due"),
                None => format!("the response to {method} says nothing"),
            };
            findings.add(seen.breaks(&ACS_ANSWERS).rpc(&method).because(said));
        } else if !asked && let Some(empty) = empty_envelope(seen) {
            let said = "the envelope has nothing in its Body";
            findings.add(
                seen.breaks_at(&EMPTY_ENVELOPE, empty.element())
                    .because(said),
            );
        }
    }
}

/// A request of the device where nothing else was due.
fn may_ask(seen: &Seen<'_>, asks: EnvelopeRef<'_>, last: LastResponse, findings: &mut Findings) {
    let name = asks.message_name().unwrap_or_default();
    if last.requests > 0 {
        let said = format!("{name} comes together with the answer that was due");
        findings.add(
            asking(seen, &ASKS_OUT_OF_TURN, asks)
                .rpc(name)
                .because(said),
        );
    } else if seen.session.is_some_and(|session| session.asks_no_more) && !last.hold_requests {
        let said = format!("{name} comes after an empty POST of this session");
        findings.add(
            asking(seen, &ASKS_AFTER_EMPTY, asks)
                .rpc(name)
                .because(said),
        );
    }
}

/// The beginning of a finding about a request.
fn asking(seen: &Seen<'_>, rule: &'static Rule, asks: EnvelopeRef<'_>) -> Draft {
    match asks.message() {
        Some(message) => seen.breaks_at(rule, message),
        None => seen.breaks(rule),
    }
}

/// Puts the answers in a message beside what is open: those of other methods, and those that nothing waits for, are found.
/// Gives the request that none of them answers.
fn answer(seen: &Seen<'_>, mut open: Vec<String>, findings: &mut Findings) -> Option<String> {
    for envelope in seen.envelopes() {
        let Some(message) = envelope.message() else {
            continue;
        };
        match envelope.kind() {
            Kind::Fault if !open.is_empty() => drop(open.remove(0)),
            Kind::Response => {
                let method = envelope.method().unwrap_or_default();
                if let Some(at) = open.iter().position(|one| one == method) {
                    open.remove(at);
                } else if open.is_empty() {
                    let said = format!("{} answers no request", message.name());
                    findings.add(seen.breaks_at(&UNASKED_RESPONSE, message).because(said));
                } else {
                    let asked = open.remove(0);
                    let said = format!("{} comes in answer to {asked}", message.name());
                    findings.add(
                        seen.breaks_at(&OTHER_RESPONSE, message)
                            .rpc(&asked)
                            .because(said),
                    );
                }
            }
            _ => {}
        }
    }
    open.into_iter().next()
}

/// Methods asked for in a message.
fn asked_in(seen: &Seen<'_>) -> Vec<String> {
    let asked = seen.envelopes().filter(|one| one.kind() == Kind::Request);
    let methods = asked.filter_map(|envelope| envelope.method());
    methods.take(ASKED_MAX).map(str::to_owned).collect()
}

/// Fault 8005: the device says its last request again.
fn said_again(seen: &Seen<'_>) -> bool {
    seen.envelopes().any(|envelope| {
        let fault = envelope.fault();
        fault.is_some_and(|fault| fault.code_number() == Some(8005))
    })
}

/// An envelope without a message; in 1.0 one with HoldRequests may be empty (TR-069 Issue 1 table 3).
fn empty_envelope<'a>(seen: &Seen<'a>) -> Option<EnvelopeRef<'a>> {
    let holds = |envelope: &EnvelopeRef<'_>| {
        envelope.version_hint() == Some(Version::V1_0) && envelope.hold_requests().is_some()
    };
    seen.envelopes()
        .find(|envelope| envelope.kind() == Kind::Empty && !holds(envelope))
}

fn is_inform(seen: &Seen<'_>) -> bool {
    seen.envelopes()
        .any(|envelope| envelope.message_name() == Some("Inform"))
}

/// It has a body, and no envelope is found in it; or the capture does not hold all of it.
pub(super) fn is_unreadable(seen: &Seen<'_>) -> bool {
    !seen.is_whole()
        || seen.message.http.body_bytes > 0 && seen.status() < 300 && seen.envelope().is_none()
}

/// Requests of one message that are kept; Issue 1 allows several.
const ASKED_MAX: usize = 64;
