//! How a session ends, and who ends it too early (TR-069 Amendment 3 sections 3.7.1.4 and 3.7.2.4).

use cwmp::Kind;

use super::again::TRIED_AGAIN;
use crate::conformance::rule::{ACS, CPE, a3};
use crate::conformance::{Closed, Draft, Findings, LastResponse, Rule, Scope, Seen, Topic};
use crate::session::{Ending, Outcome, Session, Side};
use crate::source::Timestamp;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &CLOSES_BEFORE_EMPTY,
    &CLOSES_TOO_EARLY,
    &REBOOTS_TOO_EARLY,
    &LAST_NOT_EMPTY,
    &NEVER_LET_ASK,
    &ACS_CLOSES,
];

/// Nothing to say is an empty POST, not the end.
const CLOSES_BEFORE_EMPTY: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.3")],
    demands: "A device that has neither an answer nor a request to send sends an empty POST; it does not just close the connection.",
    why: "The ACS speaks only in responses: a device that closes behind InformResponse takes its turn away. The device looks healthy, \
          informs on time, and no task of the ACS ever reaches it.",
    mend_cpe: "Send an empty POST behind InformResponse and behind the answer to your last request, and close after an empty response.",
    bad: "HTTP/1.1 200 OK: <cwmp:InformResponse>...\n(the device closes)",
    good: "HTTP/1.1 200 OK: <cwmp:InformResponse>...\nPOST: (empty)\nHTTP/1.1 204 No Content\n(the device closes)",
    related: &["SESS-015"],
    wireshark: "tcp.flags.fin == 1 && tcp.dstport == 7547",
    of_absence: true,
    ..Rule::must("SESS-013", "empty-post-when-nothing-to-say", Scope::Session)
};

/// The conditions of the end.
const CLOSES_TOO_EARLY: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.4")],
    demands: "The device ends a session only behind an empty response, with an empty POST sent while it was not held back, and nothing left \
              to answer.",
    why: "A request that the device leaves open fails in the ACS with a timeout, and is mostly asked again in each later session; the \
          device itself notes a session that went well.",
    mend_cpe: "Answer what is open, send an empty POST once HoldRequests is false, wait for the empty response, and close then.",
    bad: "HTTP/1.1 200 OK: <cwmp:GetParameterValues>...\n(the device closes)",
    good: "HTTP/1.1 200 OK: <cwmp:GetParameterValues>...\nPOST: <cwmp:GetParameterValuesResponse>...\nHTTP/1.1 204 No Content\n(the device closes)",
    related: &["SESS-013", "SESS-023"],
    wireshark: "tcp.flags.fin == 1 && tcp.dstport == 7547",
    of_absence: true,
    ..Rule::must("SESS-015", "session-ended-too-early", Scope::Session)
};

/// The reboot waits.
const REBOOTS_TOO_EARLY: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.4"), a3("A.3.2.9")],
    demands: "A reboot, reset or restart that a request asks for waits until the session has ended in order.",
    why: "The ACS sees its session break off behind the answer and counts the task as failed; it asks for the same again in the next \
          session, and the device reboots once more.",
    mend_cpe: "Send the answer, go on until the empty response, close, and carry the request out then.",
    bad: "POST: <cwmp:RebootResponse/>\n(the device resets the connection and reboots)",
    good: "POST: <cwmp:RebootResponse/>\nHTTP/1.1 204 No Content\n(the device closes and reboots)",
    related: &["SESS-015", "SESS-031"],
    wireshark: "xml contains \"RebootResponse\" || tcp.flags.reset == 1",
    of_absence: true,
    ..Rule::must("SESS-023", "reboot-waits-for-session-end", Scope::Session)
};

/// The last response is empty.
const LAST_NOT_EMPTY: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.7.2.4")],
    demands: "The last response of a session has no body.",
    why: "The empty response is what tells the device that the session is over; behind a text or a second answer it waits, sends one \
          empty POST after the other, or counts the session as failed and calls again.",
    mend_acs: "Answer `204 No Content` where you have nothing to ask any more, also where a framework would add a text.",
    bad: "POST: (empty)\nHTTP/1.1 200 OK\nContent-Type: text/plain\n\nOK",
    good: "POST: (empty)\nHTTP/1.1 204 No Content",
    related: &["SESS-014"],
    wireshark: "http.response.code == 200 && !xml",
    of_absence: true,
    ..Rule::must("SESS-017", "last-response-empty", Scope::Session)
};

/// A device that is held back to the end.
const NEVER_LET_ASK: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.7.2.2")],
    demands: "An ACS that uses HoldRequests lets go of it before the session ends, so that the device can ask what it has to.",
    why: "The device has reports to give and never gets the turn: events such as `7 TRANSFER COMPLETE` come again in each session, \
          and its queue fills.",
    mend_acs: "Clear HoldRequests as soon as the device may speak, and end sessions with an empty response.",
    bad: "<cwmp:HoldRequests>1</cwmp:HoldRequests> in every envelope\n(the ACS closes)",
    good: "<cwmp:HoldRequests>1</cwmp:HoldRequests> ... <cwmp:InformResponse>\nPOST: (empty)\nHTTP/1.1 204 No Content",
    related: &["SESS-008", "SESS-019"],
    wireshark: "xml contains \"HoldRequests\"",
    of_absence: true,
    ..Rule::heuristic("SESS-018", "acs-never-lets-device-ask", Scope::Session)
};

/// The device closes, not the ACS.
const ACS_CLOSES: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.7.2.4")],
    demands: "An ACS leaves it to the device to close a session that is under way.",
    why: "The device finds a dead connection where it has to send its next message; it counts a failed session and calls again, mostly \
          a few seconds later and with all its events once more.",
    mend_acs: "Let the device close; raise the keep-alive timeout of the web server and of every proxy above 30 seconds.",
    bad: "HTTP/1.1 200 OK: <cwmp:InformResponse>...\n(the ACS closes)",
    good: "HTTP/1.1 200 OK: <cwmp:InformResponse>...\nPOST: (empty)\nHTTP/1.1 204 No Content\n(the device closes)",
    related: &["SESS-015"],
    wireshark: "tcp.flags.fin == 1 && tcp.srcport == 7547",
    of_absence: true,
    ..Rule::heuristic("SESS-019", "acs-closes-live-session", Scope::Session)
};

/// What the last messages leave behind for the end.
#[derive(Debug, Default)]
pub(super) struct Ends {
    /// The ACS asked for the end itself, or its last response may be no good answer: nobody is blamed for leaving.
    excused: bool,
    /// The last response is a fault to a request of the device.
    fault: bool,
    /// A response after the Inform left the device free to ask.
    ever_free: bool,
    /// An answer that comes before a reboot, by its name.
    reboots: Option<&'static str>,
    /// When the device spoke last.
    posted: Timestamp,
    /// It asked something then.
    asked: bool,
}

impl Topic for Ends {
    fn message(&mut self, seen: &Seen<'_>, _findings: &mut Findings) {
        if !seen.is_cwmp() {
            return;
        }
        if seen.from() == Side::Cpe {
            self.posted = seen.message.provenance.time;
            self.asked = seen
                .envelopes()
                .any(|envelope| envelope.kind() == Kind::Request);
            self.note_reboot(seen);
        } else if !seen.message.http.is_interim() {
            self.excused = excuses(seen);
            self.fault = seen.envelopes().any(|envelope| envelope.fault().is_some());
            let last = seen.envelopes().last();
            let held = last.and_then(|last| last.hold_requests()).unwrap_or(false);
            let challenged = matches!(seen.status(), 300..=399 | 401 | 407);
            self.ever_free |= !held && !challenged;
        }
    }

    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        let (session, facts) = (closed.session, closed.facts);
        let Some(last) = facts.last_response else {
            return;
        };
        let over = closed.is_whole() && session.is_over && facts.accepted;
        if !over || !(200..300).contains(&last.status) {
            return;
        }
        let Some(closing) = last_closing(session) else {
            return;
        };
        let says_nothing = last.requests == 0 && !last.empty && !self.asked;
        if ended(closed, last) || facts.replay_due {
            return;
        }
        if facts.asks_no_more && !facts.answer_due && says_nothing {
            let said = "the last response has a body, and no request in it";
            findings.add(closed.breaks(&LAST_NOT_EMPTY).because(said));
        } else if closing.by == Side::Acs {
            self.acs_closed(closed, closing, findings);
        } else {
            self.cpe_closed(closed, last, closing, findings);
        }
    }
}

impl Ends {
    fn note_reboot(&mut self, seen: &Seen<'_>) {
        for envelope in seen.envelopes() {
            let Some(message) = envelope.message() else {
                continue;
            };
            let status = || message.child("Status").map(|status| status.text());
            let named = |name: &&&str| message.is_named(name);
            let deferred = || status().is_some_and(|status| status.trim() == "1");
            let at_once = AT_ONCE.iter().find(named);
            let reboots = at_once.or_else(|| DEFERRED.iter().find(named).filter(|_| deferred()));
            self.reboots = reboots.copied().or(self.reboots);
        }
    }

    fn acs_closed(&self, closed: &Closed<'_>, closing: &Ending, findings: &mut Findings) {
        let idle_ms = closing.time.milliseconds_since(self.posted);
        if self.excused || idle_ms >= PATIENCE_MS {
            return;
        }
        let (rule, said) = if self.ever_free {
            (
                &ACS_CLOSES,
                "the ACS closes the connection of a session that has not ended",
            )
        } else {
            (
                &NEVER_LET_ASK,
                "every envelope has HoldRequests, and the ACS closes",
            )
        };
        let draft = shown(closed.breaks(rule), closing);
        findings.add(draft.because(said));
    }

    fn cpe_closed(
        &self,
        closed: &Closed<'_>,
        last: LastResponse,
        closing: &Ending,
        findings: &mut Findings,
    ) {
        let facts = closed.facts;
        let waited_ms = closing.time.milliseconds_since(self.posted);
        // Whoever gives up while an answer is due breaks HTTP-021, but for a reboot.
        let gave_up = facts.answer_due && (waited_ms >= PATIENCE_MS || self.reboots.is_none());
        let told = last.empty && facts.asks_no_more;
        if self.excused || gave_up || told {
            return;
        }
        let how = if closing.reset { "resets" } else { "closes" };
        let asked = facts.asked_by_acs.back().map(|asked| asked.method.as_str());
        let (rule, said) = match (self.reboots, asked) {
            // It has gone away to restart, and takes with it what was asked behind.
            (Some(name), Some(method)) if last.requests > 0 && AT_ONCE.contains(&name) => (
                &REBOOTS_TOO_EARLY,
                format!("the device {how} the connection after {name}, and leaves {method} open"),
            ),
            (Some(name), None) => (
                &REBOOTS_TOO_EARLY,
                format!(
                    "the device {how} the connection after {name}, and the session has not ended"
                ),
            ),
            _ if self.fault => (
                &TRIED_AGAIN,
                format!("the device {how} the connection behind the fault"),
            ),
            (_, Some(method)) if last.requests > 0 => (
                &CLOSES_TOO_EARLY,
                format!("the device {how} the connection and leaves {method} open"),
            ),
            _ if last.empty => (
                &CLOSES_TOO_EARLY,
                format!("the device {how} without an empty POST since HoldRequests let go of it"),
            ),
            _ => (
                &CLOSES_BEFORE_EMPTY,
                format!("the device {how} the connection in place of an empty POST"),
            ),
        };
        let draft = shown(closed.breaks(rule), closing);
        let draft = match asked.filter(|_| last.requests > 0) {
            Some(method) => draft.rpc(method),
            None => draft,
        };
        findings.add(draft.because(said));
    }
}

/// All conditions of the end hold.
fn ended(closed: &Closed<'_>, last: LastResponse) -> bool {
    let facts = closed.facts;
    let nothing_open = facts.asked_by_acs.is_empty() && facts.asked_by_cpe.is_empty();
    let by_issue_1 =
        facts.issue_1 && matches!(closed.session.outcome, Outcome::Complete | Outcome::Faulted);
    by_issue_1 || last.empty && facts.asks_no_more && nothing_open && !facts.answer_due
}

/// Who closed the connection on which the session spoke last.
fn last_closing(session: &Session) -> Option<&Ending> {
    let connection = session.steps.last()?.connection;
    session
        .endings
        .iter()
        .find(|closing| closing.connection == connection)
}

/// With the frame that closes.
fn shown(draft: Draft, closing: &Ending) -> Draft {
    draft.shown_in(&[closing.frame])
}

/// The ACS wants the connection closed, fails, or says what may not be understood.
fn excuses(seen: &Seen<'_>) -> bool {
    let http = &seen.message.http;
    let closes = http.header_all("Connection").any(|value| {
        let mut parts = value.windows(5);
        parts.any(|part| part.eq_ignore_ascii_case(b"close"))
    });
    let old = http.view().version_number() < Some((1, 1));
    let bent = seen
        .document()
        .is_some_and(|document| !document.anomalies().is_empty());
    let foreign = http.body_bytes > 0 && seen.document().is_none();
    closes || old || bent || foreign || other_id(seen)
}

/// The answer has another ID than the request.
fn other_id(seen: &Seen<'_>) -> bool {
    let asked = seen.session.and_then(|session| session.inform.as_ref());
    let inform = asked
        .and_then(|inform| inform.soap.as_ref())
        .and_then(|document| document.envelope(0));
    seen.envelopes().any(|envelope| {
        envelope.message_name() == Some("InformResponse")
            && inform.is_some_and(|inform| inform.id() != envelope.id())
    })
}

/// How long both sides wait at least before they may give up.
const PATIENCE_MS: f64 = 30_000.0;
/// Answers behind which the device restarts.
const AT_ONCE: [&str; 2] = ["RebootResponse", "FactoryResetResponse"];
/// Answers behind which it does where their Status is 1.
const DEFERRED: [&str; 4] = [
    "DownloadResponse",
    "SetParameterValuesResponse",
    "AddObjectResponse",
    "DeleteObjectResponse",
];
