//! Which events have to come again, which must not, and which join a retry.

use std::collections::VecDeque;
use std::net::SocketAddr;

use cwmp::schema::Version;

use super::kept_pages::{BOOTSTRAP_AGAIN, BOOTSTRAP_KEPT, COMES_AGAIN, JOINS_RETRY, KNOCK_RETRIED};
use super::ledger::{Delivery, Ledger, Next, ended_well};
use super::table::{self, BOOTSTRAP, CONNECTION_REQUEST, SINGLE};
use crate::conformance::{Draft, Findings, Rule, Seen};
use crate::session::{
    ConnectionRequest, ConnectionRequestCarrier, ConnectionRequestResult, Reason, Severity,
};
use crate::source::FrameId;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &COMES_AGAIN,
    &KNOCK_RETRIED,
    &BOOTSTRAP_KEPT,
    &BOOTSTRAP_AGAIN,
    &JOINS_RETRY,
];

/// A session as the one before another.
#[derive(Debug)]
pub(super) struct Last {
    pub number: u32,
    pub whole: bool,
    pub ended_well: bool,
    /// Where the device posted to.
    pub acs: Option<String>,
    address: Option<SocketAddr>,
    start_ns: i64,
    end_ns: i64,
    frames: Vec<FrameId>,
    issue_1: bool,
    /// What became of its 0 BOOTSTRAP.
    bootstrap: Option<Delivery>,
    /// It asked for what brings another one.
    brings_bootstrap: bool,
    /// It had 6 CONNECTION REQUEST, which was not delivered.
    knocked: bool,
    /// No InformResponse came.
    failed: bool,
    /// The session that it retries.
    retries: Option<Box<Failure>>,
    /// What is due again.
    due: Vec<(String, String)>,
}

/// A session that failed, and was tried again.
#[derive(Debug, Clone)]
struct Failure {
    number: u32,
    end_ns: i64,
    frames: Vec<FrameId>,
}

impl Last {
    /// A session that closed behind `before`.
    pub(super) fn of(next: &Next<'_>, before: Option<&Self>) -> Self {
        let closed = next.closed;
        let session = closed.session;
        let inform = closed.facts.inform.as_ref();
        let mut frames = session
            .steps
            .last()
            .map(|step| step.frames.clone())
            .unwrap_or_default();
        frames.truncate(FRAMES_KEPT);
        let failed = next.whole && next.inform_came_to() == Delivery::Undelivered;
        Self {
            number: session.number,
            whole: next.whole,
            ended_well: ended_well(closed),
            acs: session.acs.url.clone(),
            address: inform.map(|inform| inform.provenance.destination),
            start_ns: session.start.nanoseconds,
            end_ns: session.end.nanoseconds,
            frames,
            issue_1: closed.facts.issue_1,
            bootstrap: next
                .has(BOOTSTRAP)
                .then(|| next.inform_came_to())
                .filter(|_| next.whole),
            brings_bootstrap: next.visit.brings_bootstrap,
            knocked: failed && next.has(CONNECTION_REQUEST),
            failed,
            retries: before
                .filter(|_| next.visit.retries_alone())
                .and_then(Self::failure)
                .map(Box::new),
            due: due(next),
        }
    }

    fn failure(&self) -> Option<Failure> {
        self.failed.then(|| Failure {
            number: self.number,
            end_ns: self.end_ns,
            frames: self.frames.clone(),
        })
    }
}

/// Events whose call was made without an answer, or not made since the session broke off.
fn due(next: &Next<'_>) -> Vec<(String, String)> {
    let facts = next.closed.facts;
    if !next.whole || !facts.accepted || next.has(BOOTSTRAP) {
        return Vec::new();
    }
    let version = facts.version.unwrap_or(Version::V1_0);
    let mut due: Vec<(String, String)> = Vec::new();
    for (number, call) in [(7, "TransferComplete"), (11, "DUStateChangeComplete")] {
        let told = next.told();
        let confirmed = next.visit.confirmed.iter();
        let of_call = told.iter().filter(|one| one.kind.call() == Some(call));
        let confirmed = confirmed.filter(|one| &*one.method == call).count();
        let before = due.len();
        // A report under a wrong key is none that is missing.
        if tried(next, call) && confirmed < of_call.clone().count() && !facts.issue_1 {
            let left = of_call.filter(|one| next.came_to(one) == Delivery::Undelivered);
            let left = left.take(DUE_MAX);
            due.extend(left.map(|one| (format!("M {}", one.kind.method()), one.key.to_string())));
        }
        let alone = confirmed == 0 && tried(next, call);
        if (due.len() > before || alone) && has_number(next, number) {
            due.extend(
                SINGLE
                    .get(number)
                    .map(|one| (one.code.to_owned(), String::new())),
            );
        }
    }
    for number in [10, 12] {
        let single = SINGLE.get(number).filter(|one| one.since <= version);
        let call = single.and_then(|one| one.call).unwrap_or_default();
        let any = next.visit.confirmed.iter().any(|one| &*one.method == call);
        if !any && tried(next, call) && has_number(next, number) {
            due.extend(single.map(|one| (one.code.to_owned(), String::new())));
        }
    }
    due
}

/// The call was made, or the session broke off: a device that ends it well without the call is another's business (EVT-015).
fn tried(next: &Next<'_>, call: &str) -> bool {
    let made = next
        .closed
        .session
        .rpcs
        .iter()
        .any(|rpc| rpc.method == call);
    made || !ended_well(next.closed)
}

fn has_number(next: &Next<'_>, number: usize) -> bool {
    let mut events = next.events.iter();
    events.any(|(code, _)| table::place(code) == Some(number))
}

/// Connection Requests to one device.
#[derive(Debug, Default)]
pub(super) struct Knocks {
    /// When they were over, the latest last.
    ends_ns: VecDeque<i64>,
}

/// A Connection Request is over, and what came of it is known.
pub(super) fn knocked(ledger: &mut Ledger, request: &ConnectionRequest, findings: &mut Findings) {
    let end = request.steps.iter().map(|step| step.time.nanoseconds).max();
    let Some(end_ns) = end else {
        return;
    };
    joins_retry(ledger, request, end_ns, findings);
    let ends_ns = &mut ledger.knocks.ends_ns;
    if ends_ns.len() >= KNOCKS_MAX {
        ends_ns.pop_front();
    }
    ends_ns.push_back(end_ns);
}

/// The device agreed to it between a session that failed and its retry.
fn joins_retry(ledger: &Ledger, request: &ConnectionRequest, end_ns: i64, findings: &mut Findings) {
    if request.carrier != ConnectionRequestCarrier::Http
        || !matches!(request.status, Some(200 | 204))
        || request.result != ConnectionRequestResult::NoSession
    {
        return;
    }
    let came = request.reasons.iter().find_map(|reason| match reason {
        Reason::OtherEvent { session } => Some(*session),
        _ => None,
    });
    let (Some(last), Some(came)) = (&ledger.last, came) else {
        return;
    };
    let failure = if last.number == came {
        last.retries.as_deref().cloned()
    } else {
        let visit = ledger.noted(came).filter(|visit| visit.retries_alone());
        visit.and_then(|_| last.failure())
    };
    if let Some(failure) = failure.filter(|failure| end_ns > failure.end_ns) {
        let draft = Draft::of_connection_request(&JOINS_RETRY, request).shown_in(&failure.frames);
        findings.add(draft.because(format!(
            "the device agreed to a Connection Request after session {} had failed, and session {came} retries it without {CONNECTION_REQUEST}",
            failure.number
        )));
    }
}

/// The first Inform behind a 0 BOOTSTRAP that did not arrive.
pub(super) fn informed(ledger: &mut Ledger, seen: &Seen<'_>, findings: &mut Findings) {
    let (Some(facts), Some(last)) = (seen.session, &mut ledger.last) else {
        return;
    };
    if last.bootstrap != Some(Delivery::Undelivered)
        || facts.number <= last.number
        || !facts.from_its_start
        || !seen.is_whole()
    {
        return;
    }
    let Some(inform) = seen.inform() else {
        return;
    };
    last.bootstrap = None;
    let mut events = inform.events().into_iter();
    let again = events.any(|event| event.code.trim() == BOOTSTRAP);
    if again || Some(seen.message.provenance.destination) != last.address {
        return;
    }
    let list = inform.element().child("Event");
    let draft = seen.breaks_at(&BOOTSTRAP_KEPT, list.unwrap_or(inform.element()));
    findings.add(draft.shown_in(&last.frames).because(format!(
        "0 BOOTSTRAP got no InformResponse in session {}, and is missing now",
        last.number
    )));
}

/// Judges a session that closed by the one before it.
pub(super) fn judge(ledger: &Ledger, next: &Next<'_>, findings: &mut Findings) {
    let Some(last) = &ledger.last else {
        return;
    };
    if !next.closed.facts.from_its_start || last.acs != next.closed.session.acs.url {
        return;
    }
    if next.has(BOOTSTRAP) {
        bootstrap_again(last, next, findings);
        return;
    }
    comes_again(last, next, findings);
    knock_retried(ledger, last, next, findings);
}

fn bootstrap_again(last: &Last, next: &Next<'_>, findings: &mut Findings) {
    if last.bootstrap == Some(Delivery::Delivered) && !last.brings_bootstrap {
        let draft = next.breaks(&BOOTSTRAP_AGAIN).shown_in(&last.frames);
        findings.add(draft.because(format!(
            "0 BOOTSTRAP was delivered in session {}, and comes again in the next one",
            last.number
        )));
    }
}

fn comes_again(last: &Last, next: &Next<'_>, findings: &mut Findings) {
    if next.is_full() {
        return;
    }
    let is_there = |(code, key): &(String, String)| {
        let numbered = table::place(code).is_some();
        let mut events = next.events.iter();
        events.any(|(one, other)| one == code && (numbered || other.trim() == key))
    };
    let mut missing = last.due.iter().filter(|event| !is_there(event));
    if let Some((code, key)) = missing.next_back() {
        let key = if key.is_empty() {
            String::new()
        } else {
            format!(" ({key})")
        };
        let mut draft = next.breaks(&COMES_AGAIN).shown_in(&last.frames);
        draft.issue_1 |= last.issue_1;
        findings.add(draft.because(format!(
            "{code}{key} in session {} got no response to its call, and is missing in the next Inform",
            last.number
        )));
    }
}

fn knock_retried(ledger: &Ledger, last: &Last, next: &Next<'_>, findings: &mut Findings) {
    let retried = next
        .closed
        .session
        .retry_count
        .is_some_and(|count| count > 0);
    if !last.knocked || !retried || !next.has(CONNECTION_REQUEST) {
        return;
    }
    let start_ns = next.closed.session.start.nanoseconds;
    let ends_ns = &ledger.knocks.ends_ns;
    if ends_ns
        .iter()
        .any(|end_ns| (last.start_ns..=start_ns).contains(end_ns))
    {
        return;
    }
    let before = last.start_ns.saturating_sub(LEG_NS)..last.start_ns;
    let leg_shown = ends_ns.iter().any(|end_ns| before.contains(end_ns));
    let draft = next.breaks(&KNOCK_RETRIED).shown_in(&last.frames);
    let draft = draft.because(format!(
        "{CONNECTION_REQUEST} of session {} comes again in its retry",
        last.number
    ));
    // Without the Connection Requests themselves, another one may have come.
    findings.add(if leg_shown {
        draft
    } else {
        draft.at_most(Severity::Info)
    });
}

const FRAMES_KEPT: usize = 4;
/// Events of one kind that are due again.
const DUE_MAX: usize = 8;
/// Connection Requests of one device that are remembered.
const KNOCKS_MAX: usize = 16;
/// How long before its session a Connection Request may be.
const LEG_NS: i64 = 60 * 1_000_000_000;
