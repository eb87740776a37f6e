//! How long one side waits for the other within a session (TR-069 Amendment 3 section 3.7.2.4).

use crate::conformance::rule::{ACS, CPE, a3, cite};
use crate::conformance::{Exchange, Findings, Rule, Scope, Seen, Topic};
use crate::session::Side;
use crate::source::Timestamp;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&EXPIRED_EARLY, &EXPIRED_ANNOUNCED, &SLOW_ANSWER];

/// The ACS keeps a session for thirty seconds.
const EXPIRED_EARLY: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.7.2.4")],
    demands: "The ACS waits at least 30 seconds for the next POST of an unfinished session before it lets the session expire.",
    why: "A phone that reads flash or a long parameter tree needs seconds for an answer; an ACS with a shorter timer answers it with \
          `400 session expired`, and the task fails each time on exactly the slow devices.",
    mend_acs: "Set the session timer (in the ACS and in every load balancer and cache of sessions before it) to 30 seconds or more.",
    bad: "HTTP/1.1 200 OK: <cwmp:GetParameterNames>...\n(12 seconds)\nPOST: <cwmp:GetParameterNamesResponse>...\nHTTP/1.1 400 session expired",
    good: "HTTP/1.1 200 OK: <cwmp:GetParameterNames>...\n(12 seconds)\nPOST: <cwmp:GetParameterNamesResponse>...\nHTTP/1.1 204 No Content",
    related: &["SESS-040", "SESS-041"],
    wireshark: "http.response.code == 400",
    ..Rule::must("SESS-034", "acs-timeout-at-least-30-s", Scope::Session)
};

/// A device may announce that it needs longer.
const EXPIRED_ANNOUNCED: Rule = Rule {
    blame: ACS,
    versions: "1.3 and later",
    cites: &[
        cite("cwmp-1-3.xsd", "SessionTimeout"),
        cite("TR-069 Amendment 4", "3.5"),
    ],
    demands: "Where the Inform announces SessionTimeout, the ACS keeps the session for that many seconds without a POST.",
    why: "The device has said that its answers take long; an ACS that keeps to its own timer all the same loses every long answer of it.",
    mend_acs: "Read SessionTimeout from the Inform's header and set the session's timer to it.",
    bad: "<cwmp:SessionTimeout>120</cwmp:SessionTimeout>\n(60 seconds without a POST)\nHTTP/1.1 400 session expired",
    good: "<cwmp:SessionTimeout>120</cwmp:SessionTimeout>\n(60 seconds without a POST)\nHTTP/1.1 204 No Content",
    related: &["SESS-034"],
    wireshark: "xml contains \"SessionTimeout\"",
    ..Rule::heuristic("SESS-040", "acs-heeds-session-timeout", Scope::Session)
};

/// An answer within the time that an ACS waits.
const SLOW_ANSWER: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.2.4")],
    demands: "The answer to a request of the ACS comes within 30 seconds, the time that every ACS waits.",
    why: "An ACS may end the session after 30 seconds without a POST: the task is then logged as timed out although the device has \
          carried it out, or the device computes the whole tree once more in the next session.",
    mend_cpe: "Answer sooner; where that cannot be, announce SessionTimeout in the Inform (1.3 and later).",
    mend_acs: "Ask for less at once: a subtree in place of the whole tree, NextLevel true.",
    bad: "HTTP/1.1 200 OK: <cwmp:GetParameterNames>...\n(90 seconds)\nPOST: <cwmp:GetParameterNamesResponse>...",
    good: "HTTP/1.1 200 OK: <cwmp:GetParameterNames>...\n(2 seconds)\nPOST: <cwmp:GetParameterNamesResponse>...",
    related: &["SESS-034"],
    wireshark: "http.request.method == \"POST\" && http.prev_request_in",
    ..Rule::heuristic("SESS-041", "answer-within-30-s", Scope::Exchange)
};

/// A device's own answers: an answer that took longer than every ACS waits.
pub(super) fn exchange(exchange: &Exchange<'_>, findings: &mut Findings) {
    if exchange.answer.from() != Side::Cpe {
        return;
    }
    let asked = exchange.asked.message.provenance.time;
    let seconds = exchange
        .answer
        .message
        .provenance
        .started
        .milliseconds_since(asked)
        / 1000.0;
    if seconds <= WAIT_SECONDS || seconds <= announced(&exchange.answer) {
        return;
    }
    let said = format!("the answer to {} took {seconds:.0} s", exchange.method());
    findings.add(exchange.breaks(&SLOW_ANSWER).because(said));
}

/// When the ACS spoke last, and how long the device thought.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    answered: Option<Timestamp>,
    thought_seconds: Option<f64>,
    /// The ACS has set a cookie.
    cookie_set: bool,
    /// The last POST came without any.
    cookie_missing: bool,
}

impl Topic for Waiting {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if !seen.is_cwmp() {
            return;
        }
        let provenance = &seen.message.provenance;
        if seen.from() == Side::Cpe {
            let thought = self.answered.take();
            self.thought_seconds =
                thought.map(|then| provenance.started.milliseconds_since(then) / 1000.0);
            self.cookie_missing = self.cookie_set && seen.message.http.header("Cookie").is_none();
            return;
        }
        // Without its cookie nobody knows the session: that is the device's doing.
        if seen.status() == 400
            && !self.cookie_missing
            && let Some(seconds) = self.thought_seconds
        {
            expired(seen, seconds, findings);
        }
        self.answered = Some(provenance.time);
        self.cookie_set |= seen.message.http.header("Set-Cookie").is_some();
    }
}

/// A refusal that says that the session has expired.
fn expired(seen: &Seen<'_>, seconds: f64, findings: &mut Findings) {
    let open = seen
        .session
        .is_some_and(|session| session.is_whole() && session.accepted);
    if !open || !seen.is_whole() || seconds < 0.0 || !says_expired(seen) {
        return;
    }
    let said = format!("the session expired {seconds:.0} s after the last response");
    if seconds < WAIT_SECONDS {
        findings.add(seen.breaks(&EXPIRED_EARLY).because(said));
    } else if seconds < announced(seen) {
        let said = format!("{said}; SessionTimeout announced {:.0} s", announced(seen));
        findings.add(seen.breaks(&EXPIRED_ANNOUNCED).because(said));
    }
}

/// Reason phrase or body speak of an end by time.
fn says_expired(seen: &Seen<'_>) -> bool {
    let body = seen.message.http.body();
    let body = body.get(..TEXT_BYTES).unwrap_or(body);
    [seen.message.http.view().reason(), body]
        .into_iter()
        .any(|text| {
            let text = text.to_ascii_lowercase();
            EXPIRED
                .iter()
                .any(|word| memchr::memmem::find(&text, word.as_bytes()).is_some())
        })
}

/// SessionTimeout of the Inform, in seconds; 0 without one.
fn announced(seen: &Seen<'_>) -> f64 {
    let inform = seen.session.and_then(|session| session.inform.as_ref());
    let envelope = inform
        .and_then(|inform| inform.soap.as_ref())
        .and_then(|document| document.envelope(0));
    envelope
        .and_then(|envelope| envelope.session_timeout())
        .map_or(0.0, f64::from)
}

/// The least time that an ACS waits.
const WAIT_SECONDS: f64 = 30.0;
/// Bytes of a refusal that are read.
const TEXT_BYTES: usize = 2048;
/// What a refusal says where time is the cause.
const EXPIRED: [&str; 4] = ["expired", "timed out", "timeout", "no longer valid"];
