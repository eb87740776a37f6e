//! Responses: each belongs to what its request belonged to.

use super::facts::{EnvelopeKind, Facts};
use super::open::{Phase, Said, phase_after};
use super::{Arrived, Asked, Assembler, Output, Prelude, Probe};
use crate::session::{Role, Side, StepKind, Transfer, TransferDirection, TransferResult};

impl Assembler {
    pub(super) fn response(
        &mut self,
        arrived: Box<Arrived>,
        facts: &Facts,
        outputs: &mut Vec<Output>,
    ) {
        match self.asked(&arrived, outputs) {
            Some(Asked::Session(number)) => self.acs_message(number, arrived, facts),
            Some(Asked::Wake(id)) => self.wake_answer(id, arrived, facts, outputs),
            Some(Asked::Transfer(transfer)) => {
                self.transfer_answer(transfer, arrived, facts, outputs);
            }
            Some(Asked::Probe(probe)) => self.probe_answer(*probe, arrived, facts, outputs),
            Some(Asked::Other) => {
                self.emit(arrived, Side::Other, Role::Other, true, |_| {});
            }
            None => self.unasked(arrived, facts, outputs),
        }
    }

    /// What this response answers: the oldest request without one, or where a gap may have taken a response, the latest.
    fn asked(&mut self, arrived: &Arrived, outputs: &mut Vec<Output>) -> Option<Asked> {
        let state = self.connections.get_mut(&arrived.provenance.connection)?;
        let mut given_up = std::collections::VecDeque::new();
        if state.damaged && state.asked.len() > 1 {
            let latest = state.asked.pop_back();
            given_up = std::mem::replace(&mut state.asked, latest.into_iter().collect());
            state.damaged = false;
        }
        let asked = if arrived.http.is_interim() {
            match state.asked.front() {
                Some(Asked::Session(number)) => Some(Asked::Session(*number)),
                _ => Some(Asked::Other),
            }
        } else {
            state.asked.pop_front()
        };
        for asked in given_up {
            self.unanswered(asked, outputs);
        }
        asked
    }

    /// A response of the ACS in a session.
    fn acs_message(&mut self, number: u32, arrived: Box<Arrived>, facts: &Facts) {
        self.tally(&arrived, facts);
        self.expect_transfers(number, facts);
        let mut device = None;
        let (mut cookies, mut crowded) = (Vec::new(), false);
        if let Some(open) = self.open.get_mut(&number) {
            open.note_evidence(arrived.provenance.evidence);
            let step = facts.step(&arrived, Side::Acs);
            let frames = &step.frames;
            open.say(&Said {
                from: Side::Acs,
                envelopes: &facts.envelopes,
                frames,
                time: step.time,
                learned_max: self.limits.learned_max,
            });
            if !arrived.http.is_interim() && phase_after(&step.kind) != Some(Phase::Challenged) {
                open.hold(&facts.envelopes);
            }
            if step.kind == StepKind::EmptyResponse && !arrived.http.is_interim() {
                open.hear_nothing();
            }
            // An HTTP error that carries a SOAP Fault refuses as well.
            let refused = arrived.http.status() >= 400 && open.phase == Phase::Running;
            if let Some(phase) = phase_after(&step.kind).or(refused.then_some(Phase::Refused)) {
                open.phase = phase;
            }
            for cookie in &facts.cookies {
                if open.cookies.contains(cookie) {
                    continue;
                }
                if open.cookies.len() >= self.limits.cookies_a_session_max {
                    crowded = true;
                    break;
                }
                open.cookies.push(cookie.clone());
                cookies.push(cookie.clone());
            }
            open.step(step);
            device.clone_from(&open.session.device);
        }
        if crowded {
            self.reached("cookies_a_session_max");
        }
        for cookie in cookies {
            self.by_cookie.entry(cookie).or_default().insert(number);
        }
        // One that comes when its session was closed belongs to none any more.
        let session = self.open.contains_key(&number).then_some(number);
        self.emit(arrived, Side::Acs, Role::Cwmp, true, |message| {
            message.session = session;
            message.device = device;
        });
    }

    /// The answer to a GET that is, or may be, a Connection Request.
    fn wake_answer(
        &mut self,
        id: u64,
        arrived: Box<Arrived>,
        facts: &Facts,
        outputs: &mut Vec<Output>,
    ) {
        let status = arrived.http.status();
        self.wakes
            .answer(id, status, facts.step(&arrived, Side::Cpe));
        let Some(wake) = self.wakes.look(id) else {
            // It was given up: nothing came of it in time.
            self.emit(arrived, Side::Other, Role::Other, true, |_| {});
            return;
        };
        // A device answers with no or little text (TR-069 3.2.2): a page or a picture is no answer of one.
        let plausible = matches!(status, 200 | 204 | 401 | 403 | 404 | 503)
            && arrived.http.body_bytes <= ANSWER_BYTES_MAX;
        let (certain, device, session) = (
            wake.certain,
            wake.request.device.clone(),
            wake.request.session,
        );
        let from = if certain { Side::Cpe } else { Side::Other };
        let role = if certain {
            Role::ConnectionRequest
        } else {
            Role::Other
        };
        let complete = session.is_some() && status != 401;
        let awaits = session.is_none() && (certain || plausible);
        let waits = awaits && !(certain && self.queue.is_hasty());
        let ticket = self.emit(arrived, from, role, !waits, |message| {
            message.device = device;
            message.session = session;
        });
        if let (Some(wake), true) = (self.wakes.by_id(id), waits) {
            wake.tickets.push(ticket);
        }
        if (complete || !awaits && session.is_none())
            && let Some(wake) = self.wakes.remove(id)
        {
            self.give_wake(wake, outputs);
        }
    }

    fn transfer_answer(
        &mut self,
        mut transfer: Box<Transfer>,
        arrived: Box<Arrived>,
        facts: &Facts,
        outputs: &mut Vec<Output>,
    ) {
        let status = arrived.http.status();
        transfer.code = Some(status);
        transfer.result = match status {
            200..=299 => TransferResult::Complete,
            _ => TransferResult::Failed,
        };
        if transfer.direction == TransferDirection::Download {
            transfer.bytes = Some(arrived.http.body_bytes);
        }
        transfer.steps.push(facts.step(&arrived, Side::Other));
        let (device, cause) = (transfer.device.clone(), transfer.caused_by.clone());
        self.emit(arrived, Side::Other, Role::Transfer, true, |message| {
            message.device = device;
            message.session = cause.as_ref().map(|cause| cause.session);
            message.caused_by = cause;
        });
        self.totals.transfers += 1;
        outputs.push(Output::Transfer(transfer));
    }

    /// The answer to an empty POST outside any session: CWMP makes it one, a challenge may begin one.
    fn probe_answer(
        &mut self,
        probe: Probe,
        arrived: Box<Arrived>,
        facts: &Facts,
        outputs: &mut Vec<Output>,
    ) {
        let acs = self.endpoints.contains(&probe.destination);
        let challenge = arrived.http.status() == 401;
        let cwmp = facts
            .envelopes
            .iter()
            .any(|envelope| envelope.kind != EnvelopeKind::Empty);
        let ended =
            acs && matches!(arrived.http.status(), 200 | 204) && arrived.http.body_bytes == 0;
        if cwmp || ended {
            self.late_session(probe, arrived, facts, outputs);
        } else if challenge {
            let key = (probe.source.ip(), probe.destination);
            let connection = arrived.provenance.connection;
            let step = facts.step(&arrived, Side::Acs);
            let ticket = self.emit(arrived, Side::Other, Role::Other, false, |_| {});
            if let Some(old) = self.preludes.remove(&key) {
                for ticket in old.tickets {
                    self.queue.settle(ticket, |_| {});
                }
            }
            let prelude = Prelude {
                started: probe.step.time,
                steps: vec![probe.step, step],
                tickets: vec![probe.ticket, ticket],
                connection,
            };
            if self.preludes.len() >= self.limits.preludes_max {
                self.reached("preludes_max");
                self.forget_preludes(i64::MAX);
            }
            self.preludes.insert(key, prelude);
        } else {
            self.queue.settle(probe.ticket, |_| {});
            self.emit(arrived, Side::Other, Role::Other, true, |_| {});
        }
    }

    /// A session that the capture joined at an empty POST, as its answer shows.
    fn late_session(
        &mut self,
        probe: Probe,
        arrived: Box<Arrived>,
        facts: &Facts,
        outputs: &mut Vec<Output>,
    ) {
        let number = self.begin_reversed(&arrived, outputs);
        let connection = arrived.provenance.connection;
        self.carry(connection, number);
        self.use_connection(number, connection);
        if let Some(open) = self.open.get_mut(&number) {
            open.session.start = probe.step.time;
            open.session.acs.url = probe.url;
            open.session.steps.push(probe.step);
        }
        self.totals.cwmp.empty_posts += 1;
        self.queue.settle(probe.ticket, |message| {
            message.session = Some(number);
            message.role = Role::Cwmp;
            message.from = Side::Cpe;
        });
        self.acs_message(number, arrived, facts);
    }

    /// A response whose request the capture does not hold.
    fn unasked(&mut self, arrived: Box<Arrived>, facts: &Facts, outputs: &mut Vec<Output>) {
        let connection = arrived.provenance.connection;
        let known = self.latest_on(connection);
        if let Some(number) = known {
            if let Some(open) = self.open.get_mut(&number) {
                open.damaged = true;
            }
            self.acs_message(number, arrived, facts);
        } else if facts.envelopes.is_empty() {
            self.emit(arrived, Side::Other, Role::Other, true, |_| {});
        } else {
            let number = self.begin_reversed(&arrived, outputs);
            self.carry(connection, number);
            self.use_connection(number, connection);
            self.acs_message(number, arrived, facts);
        }
    }
}

/// Bytes that the answer to a Connection Request may have.
const ANSWER_BYTES_MAX: u64 = 4096;
