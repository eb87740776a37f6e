//! What a device does with a request: a session, none, one too many, an answer (TR-069 Amendment 3 section G.2.1.4).

use std::collections::VecDeque;
use std::sync::Arc;

use stun::AnomalyKind;
use stun::ucr::Name;

use super::asked::{Place, Proof, Told};
use super::brought_pages::{COMES, FORGETS, IGNORES, ONCE, SILENT};
use super::form::off_by_s;
use super::known::Known;
use super::repeated::last_taken;
use super::way::is_whole;
use crate::conformance::{Closed, Draft, Findings, Rule};
use crate::session::{ConnectionRequestResult, Outcome, Reason, Severity};
use crate::source::{FrameId, Timestamp};

/// The latest sessions of a device with `6 CONNECTION REQUEST`, and what may have brought them.
#[derive(Debug, Default)]
pub(super) struct Brought {
    sessions: VecDeque<Came>,
    served: VecDeque<Served>,
    /// When it was asked over HTTP.
    http_ns: VecDeque<i64>,
}

/// A session that came with the event.
#[derive(Debug)]
struct Came {
    number: u32,
    start: Timestamp,
    end_ns: i64,
    /// It ended well, so that nothing of it is tried again.
    complete: bool,
    whole: bool,
    retry: bool,
    frames: Vec<FrameId>,
    judged: bool,
}

/// A request that brought a session.
#[derive(Debug)]
struct Served {
    session: u32,
    first_ns: i64,
    end_ns: i64,
    copies: usize,
    frames: Vec<FrameId>,
    place: Place,
    /// Why it ought to have been ignored.
    refused: Option<(String, Severity)>,
}

impl Brought {
    /// A Connection Request over HTTP.
    pub fn asked_by_http(&mut self, time_ns: i64) {
        push(&mut self.http_ns, time_ns);
    }

    /// A request that brought a session.
    pub fn serve(&mut self, told: &Told<'_>) {
        let Some(session) = told.result.session else {
            return;
        };
        let steps = told.result.steps.iter();
        let served = Served {
            session,
            first_ns: told.asked.time_ns,
            end_ns: told.end_ns(),
            copies: told.copies(),
            frames: steps.flat_map(|step| step.frames.clone()).collect(),
            place: told.place(),
            refused: refused(told),
        };
        push(&mut self.served, served);
    }

    /// A session is over.
    pub fn close(&mut self, closed: &Closed<'_>) {
        let session = closed.session;
        let Some(inform) = &closed.facts.inform else {
            return;
        };
        if !session.events.iter().any(|event| event.trim() == EVENT) {
            return;
        }
        let came = Came {
            number: session.number,
            start: session.start,
            end_ns: session.end.nanoseconds,
            complete: matches!(session.outcome, Outcome::Complete | Outcome::Faulted),
            whole: closed.facts.is_whole(),
            retry: session.retry_count.is_some_and(|count| count > 0),
            frames: inform.provenance.frames(),
            judged: false,
        };
        push(&mut self.sessions, came);
    }
}

/// The device must not come for it, and why.
fn refused(told: &Told<'_>) -> Option<(String, Severity)> {
    if told.asked.differs || !is_whole(told) {
        return None;
    }
    let request = &told.asked.request;
    let say = |said: &str, most| Some((said.to_owned(), most));
    if let Proof::Wrong { certain } = told.proof() {
        return if certain {
            say("its signature fits no known password", Severity::Error)
        } else {
            say(
                "its signature does not fit the given password, unless that is not the device's",
                Severity::Warning,
            )
        };
    }
    match told.user_name() {
        Some(Err(Some(_))) => return say("its un is another", Severity::Error),
        Some(Err(None)) => {
            return say(
                "its un is not the given one, unless that is not the device's",
                Severity::Warning,
            );
        }
        _ => {}
    }
    let mut anomalies = request.anomalies.iter();
    if anomalies.any(|anomaly| anomaly.kind == AnomalyKind::MethodOdd) {
        return say("its method is not GET", Severity::Error);
    }
    let absent = |name: &Name| request.parameter(*name).is_none();
    if let Some(name) = Name::ALL.iter().find(|name| absent(name)) {
        return say(&format!("it has no {}", name.as_str()), Severity::Error);
    }
    let last = last_taken(told)?;
    if last.ts.is_some() && told.ts() <= last.ts {
        return say(
            "its ts is not later than that of the one before",
            Severity::Error,
        );
    }
    let id = request.value(Name::Id)?;
    (last.id.as_deref() == Some(&*id)).then(|| {
        let said = "its id is that of the one before".to_owned();
        (said, Severity::Error)
    })
}

/// UCR-017.
pub(super) fn answered(told: &Told<'_>, findings: &mut Findings) {
    if told.result.answered_in.is_empty() {
        return;
    }
    let draft = told.breaks(&SILENT).shown_in(&told.result.answered_in);
    findings.add(draft.because("HTTP text comes back by UDP"));
}

/// UCR-018 and UCR-027: no session came.
pub(super) fn nothing_came(told: &Told<'_>, missed: bool, findings: &mut Findings) {
    if told.result.result != ConnectionRequestResult::Ignored || missed || excused(told) {
        return;
    }
    let Some(apart_s) = off_by_s(&told.asked.request, told.asked.time_ns) else {
        return;
    };
    let in_session = told.result.reasons.iter().find_map(|reason| match reason {
        Reason::InSession { session } => Some(*session),
        _ => None,
    });
    let other = told.result.reasons.iter().find_map(|reason| match reason {
        Reason::OtherEvent { session } => Some(*session),
        _ => None,
    });
    let named = matches!(told.user_name(), Some(Ok(())));
    let here = told.place() == Place::Behind && named && apart_s.abs() <= CLOCKS_S;
    if here && in_session.is_none() && blocked(told, findings) {
        return;
    }
    let sure = here && in_session.is_none();
    let said = match (in_session, other) {
        (Some(session), _) => {
            format!("it comes during session {session}, and none with {EVENT} follows")
        }
        (None, Some(session)) => format!("session {session} follows, without {EVENT}"),
        (None, None) => "no session follows within 30 s, and the signature is right".to_owned(),
    };
    let most = if sure {
        Severity::Error
    } else {
        Severity::Warning
    };
    findings.add(told.breaks(&COMES).at_most(most).because(said));
}

/// Something explains that the device does not come.
fn excused(told: &Told<'_>) -> bool {
    let (known, time_ns) = (told.known, told.asked.time_ns);
    let explains = |reason: &Reason| {
        !matches!(
            reason,
            Reason::InSession { .. } | Reason::OtherEvent { .. } | Reason::BentForm { .. }
        )
    };
    if told.result.reasons.iter().any(explains) || told.is_bent() || told.asked.differs {
        return true;
    }
    // Without the password nobody knows whether the device has to come.
    let invalid = !matches!(told.proof(), Proof::Right(_))
        || matches!(told.user_name(), Some(Err(_)))
        || !is_whole(told);
    let apart_s = off_by_s(&told.asked.request, time_ns);
    if invalid || apart_s.is_none_or(|apart_s| apart_s.abs() > WINDOW_S) {
        return true;
    }
    let stale = last_taken(told).is_some_and(|last| told.ts() <= last.ts);
    let since_ns = time_ns.saturating_sub(THIRTY_SECONDS_NS);
    let lately = |at_ns: &i64| (since_ns..=time_ns).contains(at_ns);
    let crowded = known
        .past
        .iter()
        .any(|past| !past.wrong && lately(&past.time_ns))
        || known.brought.http_ns.iter().any(lately);
    let starts = known.started_within(time_ns.saturating_sub(START_NS), i64::MAX);
    let lost = told.place() == Place::Unknown
        && told.asked.way.is_none()
        && !known
            .reported_at(time_ns)
            .contains(&told.result.destination);
    stale || crowded || starts || lost
}

/// UCR-027: one that was rejected before had a greater `ts`.
fn blocked(told: &Told<'_>, findings: &mut Findings) -> bool {
    let ts = told.ts();
    let mut past = told.known.past.iter().rev();
    let rejected = past.find(|past| {
        past.wrong && past.session.is_none() && past.ts > ts && past.time_ns < told.asked.time_ns
    });
    let Some(rejected) = rejected else {
        return false;
    };
    let said = "no session follows within 30 s; a request with a wrong signature and a greater ts came before";
    let draft = told.breaks(&FORGETS).shown_in(&rejected.frames);
    findings.add(draft.because(said));
    true
}

/// Judges the sessions that came, once all that was asked before them has been told.
pub(super) fn judge(known: &mut Known, device: &Arc<str>, now_ns: i64, findings: &mut Findings) {
    let due = |came: &Came| !came.judged && now_ns.saturating_sub(came.end_ns) > THIRTY_SECONDS_NS;
    for at in 0..known.brought.sessions.len() {
        let brought = &known.brought;
        let Some(came) = brought.sessions.get(at).filter(|came| due(came)) else {
            continue;
        };
        let draft = |rule: &'static Rule| {
            Draft::of_frames(rule, &came.frames, came.start)
                .session(came.number)
                .device(device)
        };
        invalid(known, came, &draft, findings);
        let earlier = brought.sessions.iter().take(at).next_back();
        if let Some(earlier) = earlier {
            twice(known, came, earlier, &draft, findings);
        }
        if let Some(came) = known.brought.sessions.get_mut(at) {
            came.judged = true;
        }
    }
}

/// UCR-019: every request that may have brought it was invalid.
fn invalid(
    known: &Known,
    came: &Came,
    draft: &dyn Fn(&'static Rule) -> Draft,
    findings: &mut Findings,
) {
    let served = || {
        let all = known.brought.served.iter();
        all.filter(|served| served.session == came.number)
    };
    let start_ns = came.start.nanoseconds;
    let begin_ns = start_ns.saturating_sub(2 * THIRTY_SECONDS_NS);
    let soon = |served: &Served| start_ns.saturating_sub(served.end_ns) <= THIRTY_SECONDS_NS;
    let (Some(first), true) = (served().next(), served().all(soon)) else {
        return;
    };
    let refused = served().all(|served| served.refused.is_some());
    let asked = known.brought.asked_within(begin_ns, start_ns);
    let starts = known.started_within(begin_ns, came.end_ns);
    if !refused || asked || starts || !came.whole {
        return;
    }
    let Some((why, most)) = &first.refused else {
        return;
    };
    // Anywhere else a request may go past the capture.
    let most = if first.place == Place::Behind {
        *most
    } else {
        Severity::Warning
    };
    let said = format!("{EVENT} follows a request that is not valid: {why}");
    let draft = draft(&IGNORES).shown_in(&first.frames);
    findings.add(draft.at_most(most).because(said));
}

/// UCR-024: nothing but the copies of the request before it has asked for it.
fn twice(
    known: &Known,
    came: &Came,
    earlier: &Came,
    draft: &dyn Fn(&'static Rule) -> Draft,
    findings: &mut Findings,
) {
    let (start_ns, brought) = (came.start.nanoseconds, &known.brought);
    let own = brought.served.iter().any(|one| one.session == came.number);
    let mut first = brought.served.iter();
    let first = first.find(|served| served.session == earlier.number && served.copies > 1);
    let (Some(first), false) = (first, own) else {
        return;
    };
    let since_ns = first.first_ns.saturating_sub(THIRTY_SECONDS_NS);
    let apart_ns = start_ns.saturating_sub(earlier.end_ns);
    let sound = earlier.complete && earlier.whole && came.whole && !came.retry;
    let others = known.past.iter().any(|past| {
        past.session != Some(earlier.number) && (since_ns..=start_ns).contains(&past.time_ns)
    });
    let asked = others || brought.asked_within(since_ns, start_ns);
    let starts = known.started_within(since_ns, came.end_ns);
    if !sound || asked || starts || !(0..=TWICE_NS).contains(&apart_ns) {
        return;
    }
    let most = if first.place == Place::Behind {
        Severity::Error
    } else {
        Severity::Warning
    };
    let said = format!(
        "sessions {} and {} both come with {EVENT}, for {} copies of one request",
        earlier.number, came.number, first.copies
    );
    let draft = draft(&ONCE)
        .shown_in(&earlier.frames)
        .shown_in(&first.frames);
    findings.add(draft.at_most(most).because(said));
}

impl Brought {
    fn asked_within(&self, since_ns: i64, until_ns: i64) -> bool {
        let mut times = self.http_ns.iter();
        times.any(|time_ns| (since_ns..=until_ns).contains(time_ns))
    }
}

fn push<T>(list: &mut VecDeque<T>, one: T) {
    if list.len() >= KEPT_MAX {
        list.pop_front();
    }
    list.push_back(one);
}

/// The event of an Inform that follows a Connection Request.
const EVENT: &str = "6 CONNECTION REQUEST";
/// Nanoseconds within which the device has to come (TR-069 Amendment 3 section 3.2.2).
const THIRTY_SECONDS_NS: i64 = 30_000_000_000;
/// Nanoseconds between two sessions that one request may have brought.
const TWICE_NS: i64 = 60_000_000_000;
/// Nanoseconds that a device takes to start.
const START_NS: i64 = 120_000_000_000;
/// Seconds that a device's clock may be off; and that it may be off so that a device need not come.
const CLOCKS_S: i64 = 60;
const WINDOW_S: i64 = 300;
/// Sessions, requests and times remembered of one device.
const KEPT_MAX: usize = 8;
