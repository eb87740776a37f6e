//! The end of a device's connections: after the session, before it, and for want of patience (TR-069 Amendment 3 sections
//! 3.2.1, 3.4.2 and 3.7).

use std::collections::VecDeque;

use super::intermediary::is_forwarded;
use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Closed, Draft, Findings, Rule, Scope, Seen, Topic};
use crate::session::{Evidence, Outcome, Session, Severity, Side, Step, StepKind, Summary};
use crate::source::Timestamp;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&GOES_ON, &CLOSES, &PATIENCE];

/// A clean close is no end.
const GOES_ON: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.2")],
    demands: "Where the ACS closes the connection cleanly behind a response and the session is not over, the device goes on in a new \
              connection with the next request, not with a new Inform.",
    why: "Web servers close a connection after so many requests or seconds. A device that takes that for a failure never gets \
          through a long session: it informs, hears the first RPCs, is closed, and informs again.",
    mend_cpe: "Open another connection, send the cookies, and go on with the request that was next.",
    bad: "200 (GetParameterValues), FIN\nnew connection: POST (Inform, RetryCount 1)",
    good: "200 (GetParameterValues), FIN\nnew connection: POST (GetParameterValuesResponse)",
    related: &["HTTP-016", "HTTP-055"],
    wireshark: "tcp.flags.fin == 1",
    of_absence: true,
    ..Rule::must("HTTP-017", "session-survives-clean-close", Scope::Session)
};

/// The connection ends with the session.
const CLOSES: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.2"), a3("3.7"), a3("3.2.1")],
    demands: "The device closes the TCP connection when the session is over.",
    why: "Ten thousand idle connections are ten thousand sockets of the ACS and as many places in the NAT: the ACS runs out of \
          them, and a session that begins on an old connection finds it gone half of the time.",
    mend_cpe: "Close the socket after the empty response that ends the session, and after a failure.",
    bad: "204 No Content\n(minutes later, same connection) POST (Inform)",
    good: "204 No Content\nFIN",
    wireshark: "http.response.code == 204 || tcp.flags.fin == 1",
    of_absence: true,
    ..Rule::must("HTTP-018", "connection-closed-with-session", Scope::Session)
};

/// Thirty seconds.
const PATIENCE: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.2"), a3("3.7.1.4")],
    demands: "The device waits at least 30 seconds for the answer to a request before it gives the session up.",
    why: "An ACS that is busy, after a power cut in a whole town for example, answers late. Devices that give up after 5 or 10 \
          seconds and begin anew make it busier: the answer comes to a connection that is closed, again and again.",
    mend_cpe: "Set the time-out of the HTTP client to 30 seconds or more, for connecting and for the response.",
    bad: "POST (Inform)\n(10 s) FIN",
    good: "POST (Inform)\n(35 s) FIN",
    related: &["HTTP-055"],
    wireshark: "tcp.flags.fin == 1 || tcp.flags.reset == 1",
    of_absence: true,
    ..Rule::must("HTTP-021", "patience-of-30-seconds", Scope::Session)
};

/// How a device's last session ended.
#[derive(Debug, Default)]
pub(super) struct Over {
    /// The session that spoke last, and its connection.
    last: Option<(u32, u64)>,
    /// It is over, as its answers tell.
    ended: bool,
    /// It has set a cookie.
    cookie: bool,
    forwarded: bool,
    /// The ACS closed this session's connection cleanly, before its end.
    cut: Option<Timestamp>,
    /// It gave up early, unless it had to boot.
    impatient: Option<Box<Draft>>,
}

impl Topic for Over {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let (true, Some(session)) = (seen.is_cwmp(), seen.message.session) else {
            return;
        };
        let connection = seen.message.provenance.connection;
        let fresh = self.last.is_none_or(|(last, _)| last != session);
        self.forwarded |= seen.is_forwarded();
        if fresh {
            let same = self.last.is_some_and(|(_, last)| last == connection);
            if same && self.ended && !self.forwarded && seen.is_request() && seen.is_whole() {
                let draft = seen.breaks(&CLOSES).header("");
                findings.add(draft.because(
                    "a new session begins on the connection of the one before, which was over",
                ));
            }
            self.cookie = false;
        }
        self.last = Some((session, connection));
        if seen.from() == Side::Acs && !seen.message.http.is_interim() {
            let empty = seen.message.http.body_bytes == 0 && seen.is_whole();
            self.ended = empty && matches!(seen.status(), 200..=299);
            self.cookie |= seen.message.http.header("Set-Cookie").is_some();
        } else {
            self.ended = false;
        }
    }

    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        let session = closed.session;
        let boots = session
            .events
            .iter()
            .any(|event| matches!(event.trim(), "0 BOOTSTRAP" | "1 BOOT"));
        if let Some(draft) = self.impatient.take()
            && !boots
        {
            findings.add(*draft);
        }
        if let Some(cut) = self.cut.take() {
            restarted(closed, cut, boots, findings);
        }
        let known = session.gaps == 0
            && !self.forwarded
            && session
                .steps
                .iter()
                .all(|step| step.evidence == Evidence::Complete);
        if known && !closed.facts.issue_1 {
            self.cut = cut_cleanly(session).filter(|_| self.cookie);
        }
        if known {
            self.impatient = impatient(closed).map(Box::new);
        }
    }

    fn finish(&mut self, _: &Summary, findings: &mut Findings) {
        // Whether it had to boot is not known.
        if let Some(draft) = self.impatient.take() {
            findings.add(draft.at_most(Severity::Info));
        }
    }
}

/// The device tries the session again that the ACS had closed a connection of.
fn restarted(closed: &Closed<'_>, cut: Timestamp, boots: bool, findings: &mut Findings) {
    let session = closed.session;
    let soon = session.start.nanoseconds.saturating_sub(cut.nanoseconds) < SOON_NS;
    let tries_again = session.retry_count.is_some_and(|count| count > 0);
    let Some(first) = session.steps.first() else {
        return;
    };
    if soon && tries_again && !boots && closed.facts.from_its_start {
        let draft = closed.breaks(&GOES_ON).only_in(&first.frames);
        findings.add(draft.because(format!(
            "the ACS closed the connection behind a whole response, and the device begins anew with RetryCount {}",
            session.retry_count.unwrap_or_default()
        )));
    }
}

/// The last message, interim responses left out.
fn last_step(session: &Session) -> Option<&Step> {
    session
        .steps
        .iter()
        .rev()
        .find(|step| step.status.is_none_or(|status| status >= 200))
}

/// The ACS had the device's turn come, and closed the connection with FIN.
fn cut_cleanly(session: &Session) -> Option<Timestamp> {
    let last = last_step(session)?;
    let turn = last.from == Side::Acs
        && last.status == Some(200)
        && matches!(&last.kind, StepKind::Envelopes(envelopes)
            if envelopes.iter().all(|(name, _)| name != "Fault"));
    let first = session
        .endings
        .iter()
        .find(|ending| ending.connection == last.connection)?;
    let clean = first.by == Side::Acs && !first.reset && session.outcome == Outcome::Aborted;
    (turn && clean).then_some(first.time)
}

/// The device ended the connection while it waited for an answer.
fn impatient(closed: &Closed<'_>) -> Option<Draft> {
    let session = closed.session;
    let last = last_step(session)?;
    if last.from != Side::Cpe {
        return None;
    }
    let first = session
        .endings
        .iter()
        .find(|ending| ending.connection == last.connection)?;
    let waited_ns = first.time.nanoseconds.saturating_sub(last.time.nanoseconds);
    // A client that says with its FIN that it asks no more may go on reading.
    let reads_on = !first.reset && waited_ns < HALF_CLOSE_NS;
    // Where the clock of the capture was set back, no time has a length.
    if first.by != Side::Cpe || reads_on || !(0..PATIENCE_NS).contains(&waited_ns) {
        return None;
    }
    let draft = closed.breaks(&PATIENCE).only_in(&last.frames);
    let seconds = waited_ns as f64 / 1e9;
    Some(draft.because(format!(
        "the device closed the connection after waiting {seconds:.1} s for an answer"
    )))
}

/// Sessions whose connection stays open, as far as they are followed.
#[derive(Debug, Default)]
pub(super) struct Idle {
    latest: Timestamp,
    /// The capture shows how connections end.
    endings: bool,
    /// The latest sessions that ended, their connections not.
    open: VecDeque<Waiting>,
}

/// A session whose connection was open when it was closed here.
#[derive(Debug)]
struct Waiting {
    session: u32,
    draft: Draft,
    /// Something else was said meanwhile, much later.
    late: bool,
}

impl Topic for Idle {
    fn message(&mut self, seen: &Seen<'_>, _: &mut Findings) {
        self.latest = self.latest.max(seen.message.provenance.time);
    }

    fn closed(&mut self, closed: &Closed<'_>, _: &mut Findings) {
        let session = closed.session;
        let over = matches!(session.outcome, Outcome::Complete | Outcome::Faulted);
        let idle_ns = self
            .latest
            .nanoseconds
            .saturating_sub(session.end.nanoseconds);
        // A proxy keeps its own connections.
        let inform = closed.facts.inform.as_deref();
        let direct = inform.is_some_and(|inform| !is_forwarded(inform));
        if over && direct && self.endings && session.endings.is_empty() && session.gaps == 0 {
            if self.open.len() >= OPEN_MAX {
                self.open.pop_front();
            }
            self.open.push_back(Waiting {
                session: session.number,
                draft: closed.breaks(&CLOSES),
                late: idle_ns >= PATIENCE_NS,
            });
        }
        self.endings |= !session.endings.is_empty();
    }

    fn finish(&mut self, summary: &Summary, findings: &mut Findings) {
        for one in self.open.drain(..) {
            let open_ns = summary.left_open.get(&one.session).copied();
            if let Some(open_ns) = open_ns.filter(|open_ns| *open_ns > IDLE_NS) {
                let seconds = open_ns / 1_000_000_000;
                let said = format!(
                    "the connection is still open {seconds} s after the end of the session, where the capture ends"
                );
                findings.add(one.draft.because(said));
            } else if one.late {
                let said = "the connection was still open 30 s after the end of the session";
                findings.add(one.draft.at_most(Severity::Info).because(said));
            }
        }
    }
}

/// Sessions remembered whose connections are open: the latest.
const OPEN_MAX: usize = 1024;
/// Nanoseconds after which an idle connection is no matter of a slow close any more.
const IDLE_NS: i64 = 60_000_000_000;
/// Nanoseconds that a device has to wait, less what the clocks of captures differ.
const PATIENCE_NS: i64 = 29_500_000_000;
/// Nanoseconds; so soon after its request no client has lost its patience.
const HALF_CLOSE_NS: i64 = 1_000_000_000;
/// Nanoseconds within which a session is the next try of another: the first wait is 5 to 10 s, the third 20 to 40 s.
const SOON_NS: i64 = 60_000_000_000;
