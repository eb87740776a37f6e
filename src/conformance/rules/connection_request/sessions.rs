//! The sessions that Connection Requests bring, and those that they must not bring.

use std::collections::VecDeque;
use std::sync::Arc;

use super::legs::{EVENT, THIRTY_SECONDS_NS};
use super::sessions_pages::{
    ANSWER_FIRST, IN_SESSION, NOT_AFTER_503, NOT_UNAUTHENTICATED, ONE_SESSION, UNSEEN_REQUEST,
    WITHIN_THIRTY_SECONDS,
};
use crate::conformance::{Closed, Draft, Findings, Rule, Seen, Topic};
use crate::session::{
    ConnectionRequest, ConnectionRequestCarrier, ConnectionRequestResult as Result, Evidence,
    Outcome as End, Reason, Severity, Side, StepKind, Summary,
};
use crate::source::{FrameId, Timestamp};

/// The latest Connection Requests and sessions of one device.
#[derive(Debug, Default)]
pub struct Sessions {
    requests: VecDeque<Request>,
    sessions: VecDeque<Came>,
    /// Sessions that a start of the device began: it has forgotten what it had agreed to.
    starts: VecDeque<u32>,
    first_ns: Option<i64>,
    issue_1: bool,
}

#[derive(Debug)]
struct Request {
    carrier: ConnectionRequestCarrier,
    /// The last answer, or the last copy of a datagram.
    end_ns: i64,
    frames: Vec<FrameId>,
    outcome: Outcome,
    /// The session that it set off.
    session: Option<u32>,
    whole: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Agreed,
    Busy,
    /// Its credentials were refused.
    Refused,
    /// It was challenged, and the capture shows no answer to the challenge.
    Unanswered,
    Unknown,
}

/// A session that came.
#[derive(Debug)]
struct Came {
    number: u32,
    device: Option<Arc<str>>,
    start: Timestamp,
    end_ns: i64,
    /// It came with `6 CONNECTION REQUEST`, for the first time.
    asked: bool,
    /// And with nothing else.
    alone: bool,
    judged: bool,
    frames: Vec<FrameId>,
    /// The capture holds all of it.
    whole: bool,
    /// It ended as it should.
    done: bool,
}

impl Topic for Sessions {
    fn message(&mut self, seen: &Seen<'_>, _: &mut Findings) {
        let Some(session) = seen.session.filter(|_| seen.from() == Side::Cpe) else {
            return;
        };
        let Some(inform) = seen.informed() else {
            return;
        };
        if inform.has_any(&["0 BOOTSTRAP", "1 BOOT"]) {
            push(&mut self.starts, session.number, SESSIONS_MAX);
        }
    }

    fn connection_request(&mut self, request: &ConnectionRequest, findings: &mut Findings) {
        let steps = &request.steps;
        let Some(end_ns) = steps.iter().map(|step| step.time.nanoseconds).max() else {
            return;
        };
        let one = Request {
            carrier: request.carrier,
            end_ns,
            frames: steps.iter().flat_map(|step| step.frames.clone()).collect(),
            outcome: outcome(request),
            session: request.session,
            whole: steps.iter().all(|step| step.evidence == Evidence::Complete),
        };
        if request.carrier == ConnectionRequestCarrier::Http && !self.issue_1 {
            self.brought_nothing(request, findings);
        }
        push(&mut self.requests, one, REQUESTS_MAX);
    }

    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        let session = closed.session;
        self.issue_1 |= closed.facts.issue_1;
        self.first_ns = self.first_ns.or(Some(session.start.nanoseconds));
        self.judge_before(session.start.nanoseconds, findings);
        push(&mut self.sessions, came(closed), SESSIONS_MAX);
    }

    fn finish(&mut self, _summary: &Summary, findings: &mut Findings) {
        self.judge_before(i64::MAX, findings);
    }
}

/// Adds to the latest.
fn push<T>(latest: &mut VecDeque<T>, one: T, most: usize) {
    if latest.len() >= most {
        latest.pop_front();
    }
    // Of most devices there is one or two.
    latest.reserve_exact(1);
    latest.push_back(one);
}

fn outcome(request: &ConnectionRequest) -> Outcome {
    if request.carrier == ConnectionRequestCarrier::Udp {
        return match request.result {
            Result::Session => Outcome::Agreed,
            _ => Outcome::Unknown,
        };
    }
    match request.status {
        Some(200..=299) => Outcome::Agreed,
        // Where the ACS asked and the device came, the answer to its challenge is missing from the capture.
        _ if request.session.is_some() => Outcome::Unknown,
        Some(503) => Outcome::Busy,
        Some(401) if request.reasons.contains(&Reason::CredentialsRefused) => Outcome::Refused,
        Some(401) => Outcome::Unanswered,
        _ => Outcome::Unknown,
    }
}

/// A page for everybody: it may be the web server's own, whose port and path the Connection Requests share.
fn is_page(request: &ConnectionRequest) -> bool {
    let steps = &request.steps;
    let challenged = steps.iter().any(|step| step.kind == StepKind::Challenge);
    !challenged && steps.last().is_some_and(|step| step.body_bytes > 0)
}

fn came(closed: &Closed<'_>) -> Came {
    let session = closed.session;
    let mut events = session.events.iter().map(|event| event.trim());
    let has = events.clone().any(|event| event == EVENT);
    // A session that is tried again brings the event again.
    let asked = has && session.retry_count.is_none_or(|count| count == 0);
    let inform = closed.facts.inform.as_ref().filter(|_| asked);
    Came {
        number: session.number,
        device: session.device.clone(),
        start: session.start,
        end_ns: session.end.nanoseconds,
        asked: inform.is_some(),
        alone: events.all(|event| event == EVENT),
        judged: false,
        frames: inform.map_or_else(Vec::new, |inform| inform.provenance.frames()),
        whole: closed.facts.is_whole(),
        done: matches!(session.outcome, End::Complete | End::Faulted),
    }
}

impl Sessions {
    /// It was agreed to, and no session came; or one without the event.
    fn brought_nothing(&self, request: &ConnectionRequest, findings: &mut Findings) {
        if request.result != Result::NoSession || request.device_tried {
            return;
        }
        let unsure = request
            .reasons
            .iter()
            .any(|reason| matches!(reason, Reason::Gap | Reason::CaptureEnds { .. }));
        if unsure || is_page(request) {
            return;
        }
        let in_session = request.reasons.iter().find_map(|reason| match reason {
            Reason::InSession { session } => Some(*session),
            _ => None,
        });
        let other = request.reasons.iter().find_map(|reason| match reason {
            Reason::OtherEvent { session } => Some(*session),
            _ => None,
        });
        if other.is_some_and(|session| self.starts.contains(&session)) {
            return;
        }
        let draft = match (in_session, other) {
            (Some(session), _) => Draft::of_connection_request(&IN_SESSION, request)
                .at_most(Severity::Warning)
                .because(format!(
                    "the device agrees during session {session}, and none with {EVENT} follows it"
                )),
            (None, Some(session)) => Draft::of_connection_request(&WITHIN_THIRTY_SECONDS, request)
                .because(format!("session {session} follows, without {EVENT}")),
            (None, None) => Draft::of_connection_request(&WITHIN_THIRTY_SECONDS, request)
                .because("the device agrees, and no session follows within 30 s"),
        };
        findings.add(draft);
    }

    /// Judges the sessions that came, once all requests before them are known.
    fn judge_before(&mut self, now_ns: i64, findings: &mut Findings) {
        let mut sessions = std::mem::take(&mut self.sessions);
        for at in 0..sessions.len() {
            let (before, from) = sessions.make_contiguous().split_at(at);
            let Some(came) = from.first() else { continue };
            let due = now_ns.saturating_sub(came.end_ns) > THIRTY_SECONDS_NS;
            if due && came.asked && !came.judged {
                self.judge(came, before, findings);
            }
            if let (true, Some(came)) = (due, sessions.get_mut(at)) {
                came.judged = true;
            }
        }
        self.sessions = sessions;
    }

    fn judge(&self, came: &Came, sessions: &[Came], findings: &mut Findings) {
        let start_ns = came.start.nanoseconds;
        let earlier = sessions.iter().rev().find(|earlier| earlier.asked);
        if came.whole && !self.issue_1 {
            self.answered_late(came, findings);
            if earlier.is_some_and(|earlier| self.twice(came, earlier, findings)) {
                return;
            }
        }
        let since_ns = since_ns(came, sessions);
        let mut before = self.between(since_ns, start_ns.saturating_add(SKEW_NS));
        let own = |one: &&Request| one.session == Some(came.number);
        before.extend(self.requests.iter().filter(own));
        let begun = self.first_ns.is_some_and(|first_ns| first_ns < since_ns);
        if before.is_empty() {
            if begun && came.whole {
                let said = format!("{EVENT}, and no Connection Request within 30 s before");
                findings.add(self.draft(&UNSEEN_REQUEST, came).because(said));
            }
            return;
        }
        if came.whole && !self.issue_1 && before.iter().all(|one| one.whole) {
            self.refused(came, &before, findings);
        }
    }

    /// The requests that were answered within this time.
    fn between(&self, since_ns: i64, until_ns: i64) -> Vec<&Request> {
        let requests = self.requests.iter();
        requests
            .filter(|one| (since_ns..=until_ns).contains(&one.end_ns))
            .collect()
    }

    /// The device came though it had refused each of the requests.
    fn refused(&self, came: &Came, before: &[&Request], findings: &mut Findings) {
        let outcomes = || before.iter().map(|one| one.outcome);
        if outcomes().any(|outcome| matches!(outcome, Outcome::Agreed | Outcome::Unknown)) {
            return;
        }
        let frames: Vec<FrameId> = before.iter().flat_map(|one| one.frames.clone()).collect();
        let has = |outcome: Outcome| outcomes().any(|one| one == outcome);
        let draft = if has(Outcome::Busy) {
            let said =
                format!("{EVENT}, and every Connection Request before it was answered with 503");
            self.draft(&NOT_AFTER_503, came).because(said)
        } else {
            let said =
                format!("{EVENT}, and every Connection Request before it failed authentication");
            self.draft(&NOT_UNAUTHENTICATED, came).because(said)
        };
        let draft = draft.shown_in(&frames);
        // The answer to the challenge may have gone another way than past this capture.
        findings.add(if has(Outcome::Unanswered) {
            draft.at_most(Severity::Warning)
        } else {
            draft
        });
    }

    /// The session began before the answer that agrees to the only request for it.
    fn answered_late(&self, came: &Came, findings: &mut Findings) {
        let start_ns = came.start.nanoseconds;
        let mut asked = self
            .requests
            .iter()
            .filter(|one| one.session == Some(came.number));
        let (Some(one), None) = (asked.next(), asked.next()) else {
            return;
        };
        let late_ms = one.end_ns.saturating_sub(start_ns) / 1_000_000;
        if one.carrier == ConnectionRequestCarrier::Http
            && one.outcome == Outcome::Agreed
            && one.whole
            && came.alone
            && one.end_ns > start_ns.saturating_add(SKEW_NS)
        {
            let said = format!("the session begins {late_ms} ms before the answer");
            let draft = self.draft(&ANSWER_FIRST, came).shown_in(&one.frames);
            findings.add(draft.because(said));
        }
    }

    /// Two sessions for requests that were all agreed to before the first of them.
    fn twice(&self, came: &Came, earlier: &Came, findings: &mut Findings) -> bool {
        let first_ns = earlier.start.nanoseconds;
        let before = self.between(first_ns.saturating_sub(THIRTY_SECONDS_NS), first_ns);
        let agreed = |one: &&&Request| {
            one.outcome == Outcome::Agreed && one.carrier == ConnectionRequestCarrier::Http
        };
        let agreed: Vec<&&Request> = before.iter().filter(agreed).collect();
        let since_ns = agreed.iter().map(|one| one.end_ns).max();
        let Some(since_ns) = since_ns.filter(|_| agreed.len() > 1) else {
            return false;
        };
        let until_ns = came.start.nanoseconds.saturating_add(SKEW_NS);
        let more = self.between(since_ns.saturating_add(1), until_ns);
        let soon = came.start.nanoseconds.saturating_sub(earlier.end_ns) < THIRTY_SECONDS_NS;
        let whole = earlier.whole && before.iter().all(|one| one.whole);
        if !more.is_empty() || !soon || !whole || !earlier.done {
            return false;
        }
        let said = format!(
            "sessions {} and {} both come with {EVENT}, for requests that were agreed to before the first",
            earlier.number, came.number
        );
        let draft = self.draft(&ONE_SESSION, came).shown_in(&earlier.frames);
        let draft = draft.because(said);
        // The connection of the first may have been under way, which makes the last request one within a session.
        let under_way = first_ns.saturating_sub(since_ns) < SETTING_UP_NS;
        findings.add(if under_way {
            draft.at_most(Severity::Warning)
        } else {
            draft
        });
        true
    }

    fn draft(&self, rule: &'static Rule, came: &Came) -> Draft {
        let draft = Draft::of_frames(rule, &came.frames, came.start).session(came.number);
        match &came.device {
            Some(device) => draft.device(device),
            None => draft,
        }
    }
}

/// From when on a Connection Request may have brought this session. What came during an earlier one is served behind it (TR-069
/// Amendment 3 section 3.2.2.1).
fn since_ns(came: &Came, sessions: &[Came]) -> i64 {
    let mut since_ns = came
        .start
        .nanoseconds
        .saturating_sub(THIRTY_SECONDS_NS + SKEW_NS);
    for earlier in sessions.iter().rev() {
        if earlier.end_ns < since_ns {
            break;
        }
        since_ns = since_ns.min(earlier.start.nanoseconds);
        if earlier.asked {
            break;
        }
    }
    since_ns
}

/// Requests and sessions remembered of one device.
const REQUESTS_MAX: usize = 16;
const SESSIONS_MAX: usize = 8;
/// Two connections may be captured in another order than they were sent.
const SKEW_NS: i64 = 100_000_000;
/// How long a device may take to set a connection up.
const SETTING_UP_NS: i64 = 1_000_000_000;
