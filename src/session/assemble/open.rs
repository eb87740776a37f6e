//! A session that is still open: what has been said, what is outstanding, whether it may end.

use std::collections::HashMap;
use std::sync::Arc;

use super::facts::{EnvelopeFacts, EnvelopeKind, InformFacts};
use crate::session::{Evidence, Learned, Outcome, Rpc, Session, Side, Step, StepKind};
use crate::source::{FrameId, Timestamp};

/// An open session.
#[derive(Debug)]
pub(super) struct Open {
    pub session: Session,
    /// Cookies that the ACS set in it.
    pub cookies: Vec<String>,
    /// Connections of it that have not closed.
    pub connections_open: Vec<u64>,
    /// RPCs of the ACS that the CPE has not answered, by index.
    outstanding_acs: Vec<usize>,
    /// RPCs of the CPE that the ACS has not answered, by index.
    outstanding_cpe: Vec<usize>,
    pub phase: Phase,
    /// The beginning is not in the capture.
    pub begun_before: bool,
    inform_answered: bool,
    no_more_requests: [bool; 2],
    faulted: bool,
    /// The last response holds the device back from requests (TR-069 Amendment 3 table 4).
    held: bool,
    /// The device has sent an empty POST while it was not held back: it asks nothing more (section 3.7.1.3).
    asks_no_more: bool,
    /// A gap of the capture cut a message, or took one.
    pub damaged: bool,
    /// The last connection was closed by a peer (not by the end of the capture).
    pub closed_by_peer: bool,
    /// Another session of the same device has begun.
    pub superseded: bool,
    /// What the ACS sets, until the device agrees.
    pub setting: Vec<Learned>,
    /// It told more than is kept.
    pub learned_beyond: bool,
    /// When it is looked at again, nanoseconds: its place among those that are due.
    pub due_ns: i64,
}

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Messages go to and fro.
    Running,
    /// The ACS challenged or redirected; the CPE may come again.
    Challenged,
    /// The ACS answered with an HTTP error.
    Refused,
    /// Ended as TR-069 3.7.1.4 has it.
    Ended,
}

/// One message as the session sees it.
pub(super) struct Said<'a> {
    pub from: Side,
    pub envelopes: &'a [EnvelopeFacts],
    pub frames: &'a [FrameId],
    pub time: Timestamp,
    pub learned_max: usize,
}

impl Open {
    pub fn new(session: Session, begun_before: bool) -> Self {
        Self {
            session,
            cookies: Vec::new(),
            connections_open: Vec::new(),
            outstanding_acs: Vec::new(),
            outstanding_cpe: Vec::new(),
            phase: Phase::Running,
            begun_before,
            inform_answered: false,
            no_more_requests: [false, false],
            faulted: false,
            held: false,
            asks_no_more: begun_before,
            damaged: false,
            closed_by_peer: false,
            superseded: false,
            setting: Vec::new(),
            learned_beyond: false,
            due_ns: i64::MAX,
        }
    }

    /// Takes note of how much of a message the capture holds.
    pub fn note_evidence(&mut self, evidence: Evidence) {
        if evidence != Evidence::Complete {
            self.damaged = true;
            self.session.gaps = self.session.gaps.max(u32::from(evidence == Evidence::Gap));
        }
    }

    /// Bytes of one of its connections are missing.
    pub fn note_gap(&mut self) {
        self.damaged = true;
        self.session.gaps = self.session.gaps.saturating_add(1);
    }

    /// The connection carries this session.
    pub fn use_connection(&mut self, connection: u64) {
        if !self.session.connections.contains(&connection) {
            self.session.connections.push(connection);
        }
        if !self.connections_open.contains(&connection) {
            self.connections_open.push(connection);
        }
    }

    /// Takes identity and events from an Inform.
    pub fn inform(&mut self, inform: &InformFacts, device: &Arc<str>) {
        let session = &mut self.session;
        session.device = Some(Arc::clone(device));
        session.cpe.manufacturer.clone_from(&inform.manufacturer);
        session.cpe.oui.clone_from(&inform.oui);
        session.cpe.product_class.clone_from(&inform.product_class);
        session.cpe.serial_number.clone_from(&inform.serial_number);
        session
            .cpe
            .software_version
            .clone_from(&inform.software_version);
        session.events.clone_from(&inform.events);
        session.retry_count = inform.retry_count;
    }

    /// Records a message's envelopes: RPCs asked and answered.
    pub fn say(&mut self, said: &Said<'_>) {
        for envelope in said.envelopes {
            self.note_header(envelope, said.from);
            self.learn(envelope, said, said.learned_max);
            match envelope.kind {
                EnvelopeKind::Request => self.ask(envelope, said),
                EnvelopeKind::Response | EnvelopeKind::Fault => self.answer(envelope, said),
                EnvelopeKind::Empty => {}
            }
        }
        if said.from == Side::Cpe && self.phase != Phase::Running {
            self.phase = Phase::Running;
        }
    }

    /// The CPE sent a request without a body: whatever the ACS asked before stays unanswered, and is not waited for.
    pub fn say_nothing(&mut self) {
        self.asks_no_more |= !self.held;
        self.outstanding_acs.clear();
        self.phase = Phase::Running;
    }

    /// The ACS answered with an empty body: the end, unless something is outstanding (TR-069 3.7.1.4).
    pub fn hear_nothing(&mut self) {
        let answered = self.inform_answered || self.begun_before;
        if answered && self.outstanding_acs.is_empty() && self.outstanding_cpe.is_empty() {
            self.phase = Phase::Ended;
        }
    }

    /// A response that is neither a challenge nor a redirect holds the device back, or does no longer.
    pub fn hold(&mut self, envelopes: &[EnvelopeFacts]) {
        let last = envelopes.last();
        self.held = last.and_then(|last| last.hold_requests).unwrap_or(false);
    }

    /// More may come: it has not ended, or with an empty response to a device that could not say yet that it asks nothing
    /// more (TR-069 Amendment 3 section 3.7.1.4 and figure 4).
    pub fn goes_on(&self) -> bool {
        self.phase != Phase::Ended || !self.asks_no_more
    }

    /// No connection of it is open any more.
    pub fn lost_connections(&mut self, by_peer: bool) {
        self.closed_by_peer = by_peer;
        // Issue 1: both sides may say NoMoreRequests and close without an empty message (TR-069 Issue 1 section 3.7.1.4).
        let silent = self.outstanding_acs.is_empty() && self.outstanding_cpe.is_empty();
        if self.no_more_requests == [true, true]
            && silent
            && self.inform_answered
            && self.phase == Phase::Running
        {
            self.phase = Phase::Ended;
        }
    }

    /// This RPC of the ACS awaits its answer.
    pub fn awaits(&self, id: &str) -> bool {
        self.outstanding_acs
            .iter()
            .filter_map(|&index| self.session.rpcs.get(index))
            .any(|rpc| rpc.id.as_deref() == Some(id))
    }

    /// What came of it, when it closes now.
    pub fn outcome(&self, over: bool) -> Outcome {
        match self.phase {
            _ if self.begun_before || self.damaged => Outcome::Incomplete,
            Phase::Ended if self.faulted => Outcome::Faulted,
            Phase::Ended => Outcome::Complete,
            _ if !over => Outcome::Incomplete,
            Phase::Challenged | Phase::Refused => Outcome::Rejected,
            Phase::Running => Outcome::Aborted,
        }
    }

    /// Adds a step; how many there may be is the caller's business.
    pub fn step(&mut self, step: Step) {
        self.session.end = self.session.end.max(step.time);
        self.session.steps.push(step);
    }

    /// Puts the steps of several connections in time order: one may have waited for bytes while another went on. Those of
    /// one connection keep their order, an answer behind its question, also where the capture has the two sides skewed.
    pub fn order_steps(&mut self) {
        if self.session.connections.len() < 2 {
            return;
        }
        let mut reached: HashMap<u64, Timestamp, foldhash::fast::RandomState> = HashMap::default();
        let steps = std::mem::take(&mut self.session.steps).into_iter();
        let at = |step: Step| {
            let reached = reached.entry(step.connection).or_insert(step.time);
            *reached = step.time.max(*reached);
            (*reached, step)
        };
        let mut steps: Vec<(Timestamp, Step)> = steps.map(at).collect();
        steps.sort_by_key(|(reached, _)| *reached);
        self.session.steps = steps.into_iter().map(|(_, step)| step).collect();
    }

    fn note_header(&mut self, envelope: &EnvelopeFacts, from: Side) {
        let side = usize::from(from == Side::Acs);
        if let Some(no_more) = envelope.no_more_requests {
            self.no_more_requests[side] = no_more;
        }
        if self.session.namespace.is_none() {
            self.session.namespace.clone_from(&envelope.namespace);
        }
        if let Some(version) = &envelope.use_version {
            self.session.negotiated_version = Some(version.clone());
        } else if self.session.negotiated_version.is_none() {
            self.session.negotiated_version = envelope
                .namespace
                .as_deref()
                .and_then(version)
                .map(str::to_owned);
        }
    }

    fn ask(&mut self, envelope: &EnvelopeFacts, said: &Said<'_>) {
        let method = envelope.method.clone().unwrap_or_default();
        // After a challenge, a redirect or 8005 the same request goes out again.
        let again = (said.from == Side::Cpe && self.phase == Phase::Challenged)
            .then(|| self.asked_before(&method, envelope.id.as_deref()))
            .flatten();
        let rpc = Rpc {
            method,
            from: said.from,
            id: envelope.id.clone(),
            request_frames: said.frames.to_vec(),
            request_time: said.time,
            response: None,
            response_frames: Vec::new(),
            fault_code: None,
            elapsed_ms: None,
        };
        if let Some(known) = again.and_then(|index| self.session.rpcs.get_mut(index)) {
            *known = rpc;
            return;
        }
        let index = self.session.rpcs.len();
        self.session.rpcs.push(rpc);
        self.outstanding(said.from).push(index);
    }

    /// The last RPC of the CPE, if it is this one: an Inform may come again with another cwmp:ID.
    fn asked_before(&self, method: &str, id: Option<&str>) -> Option<usize> {
        let index = self
            .session
            .rpcs
            .iter()
            .rposition(|rpc| rpc.from == Side::Cpe)?;
        let rpc = self.session.rpcs.get(index)?;
        let same = rpc.method == method && (method == "Inform" || rpc.id.as_deref() == id);
        (same && rpc.response.is_none()).then_some(index)
    }

    /// An answer of the CPE that goes out again after a challenge.
    fn answered_before(&self, envelope: &EnvelopeFacts) -> Option<usize> {
        let index = self
            .session
            .rpcs
            .iter()
            .rposition(|rpc| rpc.from == Side::Acs && rpc.response.is_some())?;
        let rpc = self.session.rpcs.get(index)?;
        (rpc.response == envelope.name && rpc.id == envelope.id).then_some(index)
    }

    /// Finds the RPC that an answer belongs to: by cwmp:ID, else by name, else a Fault answers the latest.
    fn answer(&mut self, envelope: &EnvelopeFacts, said: &Said<'_>) {
        self.faulted |= envelope.kind == EnvelopeKind::Fault;
        let asker = if said.from == Side::Cpe {
            Side::Acs
        } else {
            Side::Cpe
        };
        let rpcs = &self.session.rpcs;
        let waiting = if asker == Side::Acs {
            &self.outstanding_acs
        } else {
            &self.outstanding_cpe
        };
        let find = |fits: &dyn Fn(&Rpc) -> bool| {
            waiting
                .iter()
                .rposition(|&index| rpcs.get(index).is_some_and(fits))
        };
        let named = |rpc: &Rpc| {
            envelope
                .method
                .as_deref()
                .is_none_or(|method| rpc.method == method)
        };
        let place = find(&|rpc| rpc.id.is_some() && rpc.id == envelope.id && named(rpc))
            .or_else(|| envelope.method.is_some().then(|| find(&named)).flatten())
            .or_else(|| {
                (envelope.kind == EnvelopeKind::Fault)
                    .then(|| waiting.len().checked_sub(1))
                    .flatten()
            });
        let again = (said.from == Side::Cpe && self.phase == Phase::Challenged)
            .then(|| self.answered_before(envelope))
            .flatten();
        let index = match (place, again) {
            (Some(place), _) => self.outstanding(asker).remove(place),
            (None, Some(again)) => again,
            (None, None) => self.unasked(envelope, asker, said.time),
        };
        if let Some(rpc) = self.session.rpcs.get_mut(index) {
            rpc.response.clone_from(&envelope.name);
            rpc.response_frames = said.frames.to_vec();
            rpc.fault_code.clone_from(&envelope.fault_code);
            rpc.elapsed_ms = (!rpc.request_frames.is_empty())
                .then(|| said.time.milliseconds_since(rpc.request_time));
            if asker == Side::Cpe && rpc.method == "Inform" {
                let code = envelope.fault_code.as_deref().map(str::trim);
                self.hear_inform_answer(envelope.kind, code);
            }
        }
    }

    /// A fault answers the Inform: 8005 asks for it again, in the same session; any other ends the session (TR-069
    /// Amendment 3 sections 3.7.1.1 and A.5.2).
    fn hear_inform_answer(&mut self, kind: EnvelopeKind, code: Option<&str>) {
        match (kind, code) {
            (EnvelopeKind::Fault, Some("8005")) => self.phase = Phase::Challenged,
            (EnvelopeKind::Fault, _) => self.phase = Phase::Refused,
            _ => self.inform_answered = true,
        }
    }

    /// An answer whose question the capture does not hold.
    fn unasked(&mut self, envelope: &EnvelopeFacts, asker: Side, time: Timestamp) -> usize {
        self.session.rpcs.push(Rpc {
            method: envelope.method.clone().unwrap_or_default(),
            from: asker,
            id: envelope.id.clone(),
            request_frames: Vec::new(),
            request_time: time,
            response: None,
            response_frames: Vec::new(),
            fault_code: None,
            elapsed_ms: None,
        });
        self.session.rpcs.len() - 1
    }

    fn outstanding(&mut self, asker: Side) -> &mut Vec<usize> {
        if asker == Side::Acs {
            &mut self.outstanding_acs
        } else {
            &mut self.outstanding_cpe
        }
    }
}

/// The version that a CWMP namespace stands for, as far as it stands for one.
fn version(namespace: &str) -> Option<&str> {
    let version = namespace.strip_prefix("urn:dslforum-org:cwmp-")?;
    VERSIONS
        .iter()
        .find(|(suffix, _)| *suffix == version)
        .map(|(_, version)| *version)
}

/// Whether a step shows that the ACS refused.
pub(super) fn phase_after(kind: &StepKind) -> Option<Phase> {
    match kind {
        StepKind::Challenge | StepKind::Redirect(_) => Some(Phase::Challenged),
        StepKind::HttpError => Some(Phase::Refused),
        _ => None,
    }
}

const VERSIONS: [(&str, &str); 5] = [
    ("1-0", "1.0"),
    ("1-1", "1.1"),
    ("1-2", "1.2"),
    ("1-3", "1.3"),
    ("1-4", "1.4"),
];
