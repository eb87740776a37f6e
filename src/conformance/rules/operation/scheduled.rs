//! ScheduleInform: a session at the time that was asked for (TR-069 Amendment 3 section A.4.1.2).

use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Closed, Draft, Exchange, Findings, Rule, Scope, Seen, Topic};
use crate::session::{Evidence, Outcome, Severity, Side, Summary};
use crate::source::{FrameId, Timestamp};
use std::sync::Arc;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&AT_ITS_TIME, &ONE_EACH];

/// The Inform comes when it was asked for.
const AT_ITS_TIME: Rule = Rule {
    blame: CPE,
    cites: &[a3("A.4.1.2"), a3("Table 7")],
    demands: "DelaySeconds after a ScheduleInform the device opens a session whose Inform has 3 SCHEDULED and M ScheduleInform with its \
              CommandKey: not before, and soon after.",
    why: "An ACS behind a NAT uses ScheduleInform where it cannot send a Connection Request. If the session does not come, whatever was \
          planned for it waits for the next periodic Inform, often a day.",
    mend_cpe: "Start a timer of DelaySeconds when the request arrives, and queue both events when it ends; begin a session at once, or when \
               the present one has ended.",
    bad: "<cwmp:ScheduleInform><DelaySeconds>60</DelaySeconds><CommandKey>si-1</CommandKey>\nten minutes later: Inform with 2 PERIODIC",
    good: "<cwmp:ScheduleInform><DelaySeconds>60</DelaySeconds><CommandKey>si-1</CommandKey>\na minute later: Inform with 3 SCHEDULED, M ScheduleInform (si-1)",
    related: &["CWMP-SI-003"],
    wireshark: "xml contains \"ScheduleInform\" || xml contains \"3 SCHEDULED\"",
    of_absence: true,
    ..Rule::must("CWMP-SI-002", "scheduled-inform-at-its-time", Scope::Device)
};

/// Each of several is announced.
const ONE_EACH: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.5")],
    demands: "Several ScheduleInform that are due together give an M ScheduleInform each; 3 SCHEDULED stands once in an Inform that reports \
              them.",
    why: "The ACS ties what it wants to do to the CommandKey. A device with one timer for all keeps the last key only, and the other jobs \
          wait for a session that never comes.",
    mend_cpe: "Keep a list of timers with their CommandKeys, and add one M ScheduleInform for each that has run out.",
    bad: "<cwmp:ScheduleInform>... si-1, <cwmp:ScheduleInform>... si-2\nInform: 3 SCHEDULED, M ScheduleInform (si-2)",
    good: "<cwmp:ScheduleInform>... si-1, <cwmp:ScheduleInform>... si-2\nInform: 3 SCHEDULED, M ScheduleInform (si-1), M ScheduleInform (si-2)",
    related: &["CWMP-SI-002"],
    wireshark: "xml contains \"ScheduleInform\"",
    of_absence: true,
    ..Rule::must("CWMP-SI-003", "each-schedule-announced", Scope::Device)
};

/// What a device was asked to call back for.
#[derive(Debug, Default)]
pub struct Schedules {
    device: Option<Arc<str>>,
    orders: Vec<Order>,
    /// The capture holds every session since a 0 BOOTSTRAP.
    complete: bool,
    /// The latest session whose Inform was read.
    read: u32,
    /// The last session did not end as it should.
    failed_before: bool,
}

/// A ScheduleInform that was not refused.
#[derive(Debug)]
struct Order {
    key: Box<str>,
    session: u32,
    asked_ns: i64,
    delay_seconds: u32,
    /// When its M ScheduleInform came.
    told_ns: Option<i64>,
    /// Another one that was due with it was told.
    beside: bool,
    /// Why it may be late or lost.
    excused: bool,
    /// The capture lacks something that may have been it.
    unsure: bool,
    /// A session that ended well, long behind its time.
    missed: Option<(u32, Timestamp, Vec<FrameId>)>,
    issue_1: bool,
    frames: Vec<FrameId>,
}

impl Order {
    fn due_ns(&self) -> i64 {
        let delay_ns = i64::from(self.delay_seconds).saturating_mul(SECOND_NS);
        self.asked_ns.saturating_add(delay_ns)
    }

    /// It ought to have come by then.
    fn is_late(&self, time_ns: i64) -> bool {
        time_ns > self.due_ns().saturating_add(SOON_SECONDS * SECOND_NS)
    }

    fn is_early(&self, time_ns: i64) -> bool {
        time_ns < self.due_ns().saturating_sub(EARLY_SECONDS * SECOND_NS)
    }
}

impl Topic for Schedules {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(facts) = seen.session else {
            return;
        };
        if seen.from() != Side::Cpe || facts.number <= self.read || !seen.is_request() {
            return;
        }
        if facts.whole_inform().is_some() && seen.is_whole() {
            self.read = facts.number;
            self.informed(seen, findings);
        }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, _findings: &mut Findings) {
        if exchange.method() != "ScheduleInform" || exchange.is_fault() {
            return;
        }
        let message = exchange.request().and_then(|request| request.message());
        let session = exchange.answer.message.session;
        let (Some(message), Some(session)) = (message, session) else {
            return;
        };
        let text = |name| {
            let child = message.child(name);
            child.map(|child| child.text()).unwrap_or_default()
        };
        let Ok(delay_seconds) = text("DelaySeconds").trim().parse() else {
            return;
        };
        if exchange.asked.message.from != Side::Acs || self.orders.len() >= ORDERS_MAX {
            return;
        }
        self.device.clone_from(&exchange.answer.message.device);
        let mut frames = exchange.asked.message.provenance.frames();
        frames.truncate(FRAMES_KEPT);
        self.orders.push(Order {
            key: text("CommandKey")
                .chars()
                .take(KEY_CHARACTERS)
                .collect::<String>()
                .into(),
            session,
            asked_ns: exchange.asked.message.provenance.time.nanoseconds,
            delay_seconds,
            told_ns: None,
            beside: false,
            excused: false,
            unsure: false,
            missed: None,
            issue_1: exchange.answer.is_issue_1(),
            frames,
        });
    }

    fn closed(&mut self, closed: &Closed<'_>, _findings: &mut Findings) {
        let session = closed.session;
        let well = matches!(session.outcome, Outcome::Complete | Outcome::Faulted);
        let steps = session.steps.iter();
        let whole = closed.facts.is_whole()
            && session.gaps == 0
            && steps
                .clone()
                .all(|step| step.evidence == Evidence::Complete);
        self.complete &= whole;
        self.failed_before = !well;
        let (start_ns, end_ns) = (session.start.nanoseconds, session.end.nanoseconds);
        for order in &mut self.orders {
            let open_then = start_ns <= order.due_ns() && order.due_ns() <= end_ns;
            order.excused |= open_then || !well;
            order.unsure |= !whole;
            if order.told_ns.is_none()
                && order.missed.is_none()
                && well
                && order.session != session.number
                && order.is_late(start_ns)
            {
                let last = session.steps.last();
                order.missed = Some((
                    session.number,
                    last.map_or(session.end, |step| step.time),
                    last.map(|step| step.frames.clone()).unwrap_or_default(),
                ));
            }
        }
        self.orders
            .retain(|order| order.told_ns.is_none() || !order.is_late(end_ns));
    }

    fn finish(&mut self, summary: &Summary, findings: &mut Findings) {
        if summary.tcp.gaps > 0 {
            return;
        }
        for order in &self.orders {
            let twins = self.orders.iter().filter(|other| other.key == order.key);
            if let Some(missed) = &order.missed
                && order.told_ns.is_none()
                && !order.unsure
                && twins.count() == 1
            {
                self.never_came(order, missed, findings);
            }
        }
    }
}

impl Schedules {
    fn informed(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(facts) = seen.session else {
            return;
        };
        let events = facts.events();
        let has = |code: &str| events.iter().any(|(one, _)| one.trim() == code);
        if has("0 BOOTSTRAP") {
            self.orders.clear();
            self.complete = facts.from_its_start;
            return;
        }
        if self.orders.is_empty() {
            return;
        }
        if has("1 BOOT") {
            for order in &mut self.orders {
                order.excused = true;
            }
        }
        let inform = seen.informed();
        let retried = inform.is_none_or(|inform| inform.retry_count != Some(0));
        let now_ns = seen.message.provenance.started.nanoseconds;
        for (code, key) in &events {
            if code.trim() == "M ScheduleInform" {
                self.told(key.trim(), now_ns, retried, seen, findings);
            }
        }
    }

    /// An Inform has M ScheduleInform with this key.
    fn told(
        &mut self,
        key: &str,
        now_ns: i64,
        retried: bool,
        seen: &Seen<'_>,
        findings: &mut Findings,
    ) {
        let waiting = self
            .orders
            .iter_mut()
            .filter(|order| order.told_ns.is_none() && order.key.trim() == key);
        let Some(order) = waiting.min_by_key(|order| order.due_ns()) else {
            return;
        };
        order.told_ns = Some(now_ns);
        let due_ns = order.due_ns();
        let after = now_ns.saturating_sub(order.asked_ns) / SECOND_NS;
        let said = format!(
            "the ScheduleInform '{}' with DelaySeconds {} is followed by its Inform after {after} s",
            order.key, order.delay_seconds
        );
        // Without the beginning, an older one with this key may be what is told.
        let early = order.is_early(now_ns) && self.complete;
        let late = order.is_late(now_ns) && !order.unsure;
        let (frames, issue_1) = (order.frames.clone(), order.issue_1);
        let excused = late && (order.excused || retried || self.failed_before);
        for other in &mut self.orders {
            other.beside |= other.due_ns().abs_diff(due_ns) <= TOGETHER_NS;
        }
        // Where the clock of the capture was set back, no time has a length.
        if !early && !late || after < 0 {
            return;
        }
        let mut draft = seen.breaks(&AT_ITS_TIME).shown_in(&frames);
        draft.issue_1 |= issue_1;
        let draft = draft.rpc("ScheduleInform").because(said);
        findings.add(if excused {
            draft.at_most(Severity::Warning)
        } else {
            draft
        });
    }

    fn never_came(
        &self,
        order: &Order,
        missed: &(u32, Timestamp, Vec<FrameId>),
        findings: &mut Findings,
    ) {
        let (session, time, frames) = missed;
        let rule = if order.beside {
            &ONE_EACH
        } else {
            &AT_ITS_TIME
        };
        let mut draft = Draft::of_frames(rule, frames, *time).shown_in(&order.frames);
        draft.device.clone_from(&self.device);
        draft.session = Some(*session);
        draft.issue_1 |= order.issue_1;
        let draft = draft.rpc("ScheduleInform").because(format!(
            "the ScheduleInform '{}' with DelaySeconds {} is followed by no M ScheduleInform, and session {session} began {} s behind it",
            order.key,
            order.delay_seconds,
            time.nanoseconds.saturating_sub(order.asked_ns) / SECOND_NS
        ));
        findings.add(if order.excused {
            draft.at_most(Severity::Warning)
        } else {
            draft
        });
    }
}

/// ScheduleInform of one device that wait for their time.
const ORDERS_MAX: usize = 32;
const FRAMES_KEPT: usize = 4;
/// A CommandKey has at most 32 characters.
const KEY_CHARACTERS: usize = 64;
const SECOND_NS: i64 = 1_000_000_000;
/// How soon behind its time.
const SOON_SECONDS: i64 = 60;
/// The timer began when the request arrived.
const EARLY_SECONDS: i64 = 5;
/// Due at the same time.
const TOGETHER_NS: u64 = 60 * SECOND_NS as u64;
