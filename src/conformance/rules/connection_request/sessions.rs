//! The sessions that Connection Requests bring, and those that they must not bring.

use std::collections::VecDeque;
use std::sync::Arc;

use super::legs::{EVENT, THIRTY_SECONDS_NS};
use super::sessions_pages::{
    ANSWER_FIRST, IN_SESSION, NOT_AFTER_503, NOT_UNAUTHENTICATED, ONE_SESSION, UNSEEN_REQUEST,
    WITHIN_THIRTY_SECONDS,
};
use crate::conformance::{Closed, Draft, Findings, Rule, Topic};
use crate::session::{
    ConnectionRequest, ConnectionRequestCarrier, ConnectionRequestResult as Result, Evidence,
    Reason, Session, Severity, Side, Summary,
};
use crate::source::{FrameId, Timestamp};

/// The latest Connection Requests and sessions of one device.
#[derive(Debug, Default)]
pub struct Sessions {
    requests: VecDeque<Request>,
    sessions: VecDeque<Came>,
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
    whole: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Agreed,
    Busy,
    Unauthenticated,
    Unknown,
}

/// A session that came with `6 CONNECTION REQUEST`.
#[derive(Debug)]
struct Came {
    number: u32,
    device: Option<Arc<str>>,
    start: Timestamp,
    start_ns: i64,
    end_ns: i64,
    judged: bool,
    frames: Vec<FrameId>,
    complete: bool,
}

impl Topic for Sessions {
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
            whole: steps.iter().all(|step| step.evidence == Evidence::Complete),
        };
        if request.carrier == ConnectionRequestCarrier::Http && !self.issue_1 {
            self.brought_nothing(request, findings);
            self.answered_late(request, &one, findings);
        }
        self.requests.push_back(one);
        if self.requests.len() > REQUESTS_MAX {
            self.requests.pop_front();
        }
    }

    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        let session = closed.session;
        self.issue_1 |= closed.facts.issue_1;
        self.first_ns = self.first_ns.or(Some(session.start.nanoseconds));
        self.judge_before(session.start.nanoseconds, findings);
        let Some(came) = came(closed) else {
            return;
        };
        self.sessions.push_back(came);
        if self.sessions.len() > SESSIONS_MAX {
            self.sessions.pop_front();
        }
    }

    fn finish(&mut self, _summary: &Summary, findings: &mut Findings) {
        self.judge_before(i64::MAX, findings);
    }
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
        Some(503) => Outcome::Busy,
        Some(401 | 403) => Outcome::Unauthenticated,
        _ => Outcome::Unknown,
    }
}

fn came(closed: &Closed<'_>) -> Option<Came> {
    let session = closed.session;
    let inform = closed.facts.inform.as_ref()?;
    let has = session.events.iter().any(|event| event.trim() == EVENT);
    has.then(|| Came {
        number: session.number,
        device: session.device.clone(),
        start: session.start,
        start_ns: session.start.nanoseconds,
        end_ns: session.end.nanoseconds,
        judged: false,
        frames: inform.provenance.frames(),
        complete: closed.facts.is_whole(),
    })
}

impl Sessions {
    /// It was agreed to, and no session came; or one without the event.
    fn brought_nothing(&self, request: &ConnectionRequest, findings: &mut Findings) {
        if request.result != Result::NoSession {
            return;
        }
        let unsure = request
            .reasons
            .iter()
            .any(|reason| matches!(reason, Reason::Gap | Reason::CaptureEnds { .. }));
        if unsure {
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

    /// The session began before the answer that agrees to it.
    fn answered_late(&self, request: &ConnectionRequest, one: &Request, findings: &mut Findings) {
        let session = self
            .sessions
            .iter()
            .find(|came| Some(came.number) == request.session);
        if let Some(came) = session
            && one.outcome == Outcome::Agreed
            && one.end_ns > came.start_ns.saturating_add(SKEW_NS)
        {
            let late_ms = (one.end_ns - came.start_ns) / 1_000_000;
            let said = format!(
                "session {} begins {late_ms} ms before the answer",
                came.number
            );
            let draft = Draft::of_connection_request(&ANSWER_FIRST, request);
            findings.add(draft.shown_in(&came.frames).because(said));
        }
    }

    /// Judges the sessions that came, once all requests before them are known.
    fn judge_before(&mut self, now_ns: i64, findings: &mut Findings) {
        let mut sessions = std::mem::take(&mut self.sessions);
        for at in 0..sessions.len() {
            let earlier = at.checked_sub(1).and_then(|at| sessions.get(at));
            let due = sessions.get(at).is_some_and(|came| {
                !came.judged && now_ns.saturating_sub(came.end_ns) > THIRTY_SECONDS_NS
            });
            if let (true, Some(came)) = (due, sessions.get(at)) {
                self.judge(came, earlier, findings);
            }
            if let (true, Some(came)) = (due, sessions.get_mut(at)) {
                came.judged = true;
            }
        }
        self.sessions = sessions;
    }

    fn judge(&self, came: &Came, earlier: Option<&Came>, findings: &mut Findings) {
        let since_ns = came.start_ns.saturating_sub(THIRTY_SECONDS_NS + SKEW_NS);
        // What came during an earlier session is served behind it (TR-069 Amendment 3 section 3.2.2.1).
        let since_ns = match earlier {
            Some(earlier) if earlier.end_ns >= since_ns => since_ns.min(earlier.start_ns),
            _ => since_ns,
        };
        let before: Vec<&Request> = self
            .requests
            .iter()
            .filter(|one| (since_ns..=came.start_ns.saturating_add(SKEW_NS)).contains(&one.end_ns))
            .collect();
        let begun = self.first_ns.is_some_and(|first_ns| first_ns < since_ns);
        if before.is_empty() {
            if begun && came.complete {
                let said = format!("{EVENT}, and no Connection Request within 30 s before");
                findings.add(self.draft(&UNSEEN_REQUEST, came).because(said));
            }
            return;
        }
        if !came.complete || self.issue_1 || before.iter().any(|one| !one.whole) {
            return;
        }
        let is_http = |one: &&Request| one.carrier == ConnectionRequestCarrier::Http;
        if !before.iter().all(is_http) {
            return;
        }
        let frames: Vec<FrameId> = before.iter().flat_map(|one| one.frames.clone()).collect();
        let all = |outcome: Outcome| before.iter().all(|one| one.outcome == outcome);
        if all(Outcome::Unauthenticated) {
            let said =
                format!("{EVENT}, and every Connection Request before it failed authentication");
            let draft = self.draft(&NOT_UNAUTHENTICATED, came).shown_in(&frames);
            findings.add(draft.because(said));
        } else if all(Outcome::Busy) {
            let said =
                format!("{EVENT}, and every Connection Request before it was answered with 503");
            let draft = self.draft(&NOT_AFTER_503, came).shown_in(&frames);
            findings.add(draft.because(said));
        } else if let Some(earlier) = earlier {
            self.twice(came, earlier, &before, findings);
        }
    }

    /// Two sessions for requests that were all agreed to before the first of them.
    fn twice(&self, came: &Came, earlier: &Came, before: &[&Request], findings: &mut Findings) {
        let agreed = || before.iter().filter(|one| one.outcome == Outcome::Agreed);
        let all_earlier =
            agreed().all(|one| one.end_ns <= earlier.start_ns.saturating_add(SKEW_NS));
        if agreed().count() > 1 && all_earlier && earlier.complete {
            let said = format!(
                "sessions {} and {} both come with {EVENT}, for requests that were agreed to before the first",
                earlier.number, came.number
            );
            let draft = self.draft(&ONE_SESSION, came).shown_in(&earlier.frames);
            findings.add(draft.because(said));
        }
    }

    fn draft(&self, rule: &'static Rule, came: &Came) -> Draft {
        let draft = Draft::of_frames(rule, &came.frames, came.start).session(came.number);
        match &came.device {
            Some(device) => draft.device(device),
            None => draft,
        }
    }
}

/// A session that was broken off as a Connection Request came in.
#[derive(Debug, Default)]
pub struct BrokenOff {
    asked_ns: Option<(i64, Vec<FrameId>)>,
}

impl Topic for BrokenOff {
    fn connection_request(&mut self, request: &ConnectionRequest, _findings: &mut Findings) {
        if let Some(step) = request.steps.first() {
            self.asked_ns = Some((step.time.nanoseconds, step.frames.clone()));
        }
    }

    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        let session = closed.session;
        let Some((asked_ns, frames)) = &self.asked_ns else {
            return;
        };
        if session.gaps > 0 || session.outcome != crate::session::Outcome::Aborted {
            return;
        }
        if broken_by_cpe(session, *asked_ns) {
            let draft = closed.breaks(&IN_SESSION).shown_in(frames);
            findings.add(
                draft.because("the device breaks its session off when a Connection Request comes"),
            );
        }
    }
}

/// The device ended the session's last connection right after this time, during the session.
fn broken_by_cpe(session: &Session, asked_ns: i64) -> bool {
    let during = (session.start.nanoseconds..=session.end.nanoseconds).contains(&asked_ns);
    let ending = session.endings.first();
    during
        && ending.is_some_and(|ending| {
            let after_ns = ending.time.nanoseconds.saturating_sub(asked_ns);
            ending.by == Side::Cpe && (0..SOON_NS).contains(&after_ns)
        })
}

/// Requests and sessions remembered of one device.
const REQUESTS_MAX: usize = 16;
const SESSIONS_MAX: usize = 4;
/// Two connections may be captured in another order than they were sent.
const SKEW_NS: i64 = 100_000_000;
/// What is done at once.
const SOON_NS: i64 = 2_000_000_000;
