//! Connection Requests that leave no message: SYNs to where a device listens that nothing answers, that RST answers, or of
//! which ICMP says that they did not arrive. Of traffic to anywhere else nothing is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::{Assembler, Output};
use crate::session::{
    Attempt, AttemptEnd, ConnectionRequest, ConnectionRequestCarrier,
    ConnectionRequestResult as Result, Evidence, Reason, Side, Step, StepKind, Unreachable,
};
use crate::source::{FrameId, Timestamp};

/// Those of which more may come, by who asks and where.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    pending: BTreeMap<Way, Pending>,
    /// By the time of what came last.
    by_age: BTreeSet<(i64, Way)>,
}

/// Who asks, whatever the port, and where: a server that tries again does so from another port.
type Way = (IpAddr, SocketAddr);

/// A Connection Request in the making.
#[derive(Debug)]
struct Pending {
    device: Arc<str>,
    parts: Vec<Part>,
    last_ns: i64,
    /// The session that the device was in when it refused.
    in_session: Option<u32>,
}

/// A step of it, and of which connection.
#[derive(Debug)]
struct Part {
    source: SocketAddr,
    step: Step,
}

impl Assembler {
    /// An attempt to connect came to nothing, or to something after all.
    pub fn handle_attempt(&mut self, attempt: &Attempt, outputs: &mut Vec<Output>) {
        let (source, destination) = (attempt.source, attempt.destination);
        let way = (source.ip(), destination);
        if attempt.end == AttemptEnd::Answered {
            return self.attempts.forget(way, source);
        }
        let known = self.endpoints.contains(&destination);
        let time_ns = attempt.last.time.nanoseconds;
        // An ACS is where Connection Requests come from, too.
        self.wakes.tried(source.ip(), time_ns, |wake| {
            known || wake.source.ip() == destination.ip()
        });
        let Some(device) = self.listener_of_acs(source.ip(), destination) else {
            return;
        };
        let (in_session, reset, last) = match attempt.end {
            AttemptEnd::Reset(reset) => (self.running(&device), Some(reset), reset.time),
            AttemptEnd::Silence | AttemptEnd::Answered => (None, None, attempt.last.time),
        };
        let pending = self.pending(way, device, last.nanoseconds, outputs);
        pending.in_session = pending.in_session.or(in_session);
        pending.asked(attempt);
        if let Some(reset) = reset {
            let step = step(reset.time, Side::Cpe, StepKind::Reset, vec![reset.frame]);
            pending.parts.push(Part { source, step });
        }
    }

    /// An ICMP error came.
    pub fn handle_unreachable(&mut self, error: Unreachable, outputs: &mut Vec<Output>) {
        if error.udp {
            return self.udp_unreachable(error);
        }
        let (source, destination) = (error.source, error.destination);
        let Some(device) = self.listener_of_acs(source.ip(), destination) else {
            return;
        };
        let way = (source.ip(), destination);
        let pending = self.pending(way, device, error.time.nanoseconds, outputs);
        let step = error_step(error);
        pending.parts.push(Part { source, step });
    }

    /// The UDP Connection Request that it says of that it did not arrive.
    fn udp_unreachable(&mut self, error: Unreachable) {
        let mut latest = self.udp.requests.values_mut().rev().take(LATEST);
        let Some(request) = latest.find(|request| {
            let last = request.steps.iter().map(|step| step.time.nanoseconds).max();
            let since_ns = error
                .time
                .nanoseconds
                .saturating_sub(last.unwrap_or(i64::MIN));
            // What comes later is about something else that went the same way.
            (request.source, request.destination) == (error.source, error.destination)
                && since_ns <= ERROR_NS_MAX
        }) else {
            return;
        };
        let known = |reason: &Reason| matches!(reason, Reason::Unreachable { .. });
        if !request.reasons.iter().any(known) {
            let reason = Reason::Unreachable {
                says: error.says,
                by: error.by,
            };
            request.reasons.insert(0, reason);
            request.steps.push(error_step(error));
        }
    }

    /// The Connection Request that this belongs to: the one before, unless it is long ago or has many parts.
    fn pending(
        &mut self,
        way: Way,
        device: Arc<str>,
        time_ns: i64,
        outputs: &mut Vec<Output>,
    ) -> &mut Pending {
        let over = self.attempts.pending.get(&way).is_some_and(|pending| {
            pending.parts.len() >= PARTS_MAX
                || time_ns.saturating_sub(pending.last_ns) > TOGETHER_NS
                || pending.device != device
        });
        if over {
            self.give_attempts(way, outputs);
        }
        let room = self.attempts.pending.len() < self.limits.wakes_max;
        if !room
            && !self.attempts.pending.contains_key(&way)
            && let Some((_, oldest)) = self.attempts.by_age.first().copied()
        {
            self.reached("wakes_max");
            self.give_attempts(oldest, outputs);
        }
        let attempts = &mut self.attempts;
        let pending = attempts.pending.entry(way).or_insert_with(|| Pending {
            device,
            parts: Vec::new(),
            last_ns: i64::MIN,
            in_session: None,
        });
        attempts.by_age.remove(&(pending.last_ns, way));
        pending.last_ns = pending.last_ns.max(time_ns);
        attempts.by_age.insert((pending.last_ns, way));
        pending
    }

    /// Gives out those that nothing more belongs to.
    pub(super) fn expire_attempts(&mut self, now_ns: i64, outputs: &mut Vec<Output>) {
        while let Some((last_ns, way)) = self.attempts.by_age.first().copied()
            && (now_ns == i64::MAX || now_ns.saturating_sub(last_ns) > TOGETHER_NS)
        {
            self.give_attempts(way, outputs);
        }
    }

    fn give_attempts(&mut self, way: Way, outputs: &mut Vec<Output>) {
        let Some(mut pending) = self.attempts.remove(way) else {
            return;
        };
        pending.drop_strays();
        let first = pending.parts.first();
        let Some((source, since_ns)) = first.map(|part| (part.source, part.step.time.nanoseconds))
        else {
            return;
        };
        let waited_ns = self.now.nanoseconds.saturating_sub(since_ns);
        let (result, reasons) = pending.judge(way.1.ip(), waited_ns);
        let request = ConnectionRequest {
            device: Some(pending.device),
            carrier: ConnectionRequestCarrier::Http,
            source,
            destination: way.1,
            steps: pending.parts.into_iter().map(|part| part.step).collect(),
            status: None,
            session: None,
            result,
            reasons,
            answered_in: Vec::new(),
            device_tried: false,
            unverified: false,
        };
        self.give_request(request, outputs);
    }
}

impl Attempts {
    fn remove(&mut self, way: Way) -> Option<Pending> {
        let pending = self.pending.remove(&way)?;
        self.by_age.remove(&(pending.last_ns, way));
        Some(pending)
    }

    /// The connection from this port came about.
    fn forget(&mut self, way: Way, source: SocketAddr) {
        if let Some(pending) = self.pending.get_mut(&way) {
            pending.parts.retain(|part| part.source != source);
            if pending.parts.is_empty() {
                self.remove(way);
            }
        }
    }
}

impl Pending {
    /// Its SYNs: a step, unless they repeat those of the step before.
    fn asked(&mut self, attempt: &Attempt) {
        if attempt.syns == 0 {
            return;
        }
        let source = attempt.source;
        let mut own = self.parts.iter_mut().filter(|part| part.source == source);
        if let Some(part) = own.rfind(|part| !matches!(part.step.kind, StepKind::Unreachable(..)))
            && let StepKind::Attempt { syns } = &mut part.step.kind
        {
            *syns = syns.saturating_add(attempt.syns);
            part.step.frames.truncate(1);
            part.step.frames.push(attempt.last.frame);
            return;
        }
        let kind = StepKind::Attempt { syns: attempt.syns };
        let mut frames = vec![attempt.first.frame, attempt.last.frame];
        frames.dedup();
        let step = step(attempt.first.time, Side::Acs, kind, frames);
        self.parts.push(Part { source, step });
    }

    /// Puts its parts in order, without the ICMP errors that say something of other connections: those that came about.
    fn drop_strays(&mut self) {
        let tried: BTreeSet<SocketAddr> = self
            .parts
            .iter()
            .filter(|part| !matches!(part.step.kind, StepKind::Unreachable(..)))
            .map(|part| part.source)
            .collect();
        self.parts.retain(|part| tried.contains(&part.source));
        self.parts.sort_by_key(|part| part.step.time.nanoseconds);
    }

    /// What came of it in this time, and what explains it: an answer weighs more than what somebody on the way says.
    fn judge(&self, to: IpAddr, waited_ns: i64) -> (Result, Vec<Reason>) {
        let kinds = || self.parts.iter().map(|part| &part.step.kind);
        let refused = kinds().any(|kind| *kind == StepKind::Reset);
        let says = kinds().rev().find_map(|kind| match kind {
            StepKind::Unreachable(says, by) => Some((*says, *by)),
            _ => None,
        });
        let mut reasons = Vec::new();
        reasons.extend(refused.then_some(Reason::Reset));
        let by_device = says.is_some_and(|(_, by)| by == to);
        reasons.extend(says.map(|(says, by)| Reason::Unreachable { says, by }));
        let silent = reasons.is_empty();
        let result = match (refused, silent) {
            (true, _) => Result::Refused,
            (false, true) if waited_ns < ANSWER_NS_MAX => {
                let after_ms = waited_ns / 1_000_000;
                reasons.push(Reason::CaptureEnds { after_ms });
                Result::Undetermined
            }
            (false, true) => {
                reasons.push(Reason::NoAnswer);
                Result::NeverArrived
            }
            (false, false) if by_device => Result::Refused,
            (false, false) => Result::NeverArrived,
        };
        let in_session = self.in_session;
        reasons.extend(in_session.map(|session| Reason::InSession { session }));
        (result, reasons)
    }
}

fn error_step(error: Unreachable) -> Step {
    let kind = StepKind::Unreachable(error.says, error.by);
    step(error.time, Side::Other, kind, error.frames)
}

fn step(time: Timestamp, from: Side, kind: StepKind, frames: Vec<FrameId>) -> Step {
    Step {
        time,
        from,
        kind,
        frames,
        connection: 0,
        status: None,
        evidence: Evidence::Complete,
        contested: false,
        hold_requests: None,
        body_bytes: 0,
        detail: None,
    }
}

/// Nanoseconds between two attempts that belong together: hosts repeat SYN after 32 s at the most before they give up.
const TOGETHER_NS: i64 = 60_000_000_000;
/// Nanoseconds within which a device may answer, as RFC 1122 section 4.2.3.1 has it for the first SYN.
const ANSWER_NS_MAX: i64 = 3_000_000_000;
/// Steps of one Connection Request; more are another.
const PARTS_MAX: usize = 64;
/// Nanoseconds within which an ICMP error comes back.
const ERROR_NS_MAX: i64 = 5_000_000_000;
/// Of many UDP Connection Requests the latest are looked at.
const LATEST: usize = 64;
