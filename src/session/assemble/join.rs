//! Which session a request belongs to.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use super::datagrams::Reached;
use super::facts::{Facts, InformFacts, url};
use super::identity::Url;
use super::open::{Open, Phase};
use super::requested::Unexplained;
use super::wake::{self, Informed};
use super::{Arrived, Assembler, Output, count, forget, peers};
use crate::session::{
    Acs, ConnectionRequestResult, Cpe, Outcome, Session, Side, StepKind, Trigger, TriggerKind,
};

impl Assembler {
    /// The session of an Inform: a new one, unless it answers a challenge or a redirect.
    pub(super) fn session_of_inform(
        &mut self,
        arrived: &Arrived,
        inform: &InformFacts,
        outputs: &mut Vec<Output>,
    ) -> u32 {
        let url = inform
            .connection_request_url
            .as_deref()
            .and_then(Url::parse);
        let session = new_session(self.last_number.saturating_add(1), arrived);
        let device = (!inform.is_anonymous()).then(|| {
            self.devices
                .inform(inform, url.as_ref(), &session, &self.limits)
        });
        self.close_ended(arrived.provenance.connection, outputs);
        let earlier = match &device {
            Some(device) => self.by_device.get(device).copied(),
            None => self.latest_on(arrived.provenance.connection),
        };
        let again = |number: &u32| self.comes_again(*number, arrived, inform);
        if let Some(number) = earlier.filter(again) {
            return number;
        }
        let over = earlier.filter(|number| device.is_some() && self.is_over(*number, arrived));
        if let Some(number) = over {
            // A device has one session at a time (TR-069 3.7.1): another Inform means that the last one is over.
            if let Some(open) = self.open.get_mut(&number) {
                open.superseded = true;
            }
            self.close(number, outputs);
        }
        let number = self.begin(session, false, outputs);
        for code in &inform.events {
            count(&mut self.totals.cwmp.events, code, self.limits.names_max);
        }
        if let Some(device) = device {
            self.by_device.insert(Arc::clone(&device), number);
            self.take_prelude(number, arrived, &device);
            if let Some(open) = self.open.get_mut(&number) {
                open.inform(inform, &device);
            }
            self.tie_wakes(number, arrived, inform, url.as_ref(), &device, outputs);
        } else if let Some(open) = self.open.get_mut(&number) {
            open.session.events.clone_from(&inform.events);
        }
        number
    }

    /// The open session that a request without an Inform continues. One that has ended is continued by nothing.
    pub(super) fn session_of(&mut self, arrived: &Arrived, facts: &Facts) -> Option<u32> {
        let state = self.connections.get(&arrived.provenance.connection);
        let here = state
            .map(|state| state.sessions.as_slice())
            .unwrap_or_default();
        let between = (
            arrived.provenance.source.ip(),
            arrived.provenance.destination,
        );
        let candidates_max = self.limits.candidates_max;
        let mut crowded = false;
        let mut latest = |numbers: &BTreeSet<u32>| {
            crowded |= numbers.len() > candidates_max;
            let latest = numbers.iter().rev().take(candidates_max).copied();
            latest.collect::<Vec<u32>>()
        };
        let by_cookie = facts
            .cookies
            .iter()
            .filter_map(|cookie| self.by_cookie.get(cookie))
            .flat_map(&mut latest);
        let mut candidates: Vec<u32> = by_cookie.collect();
        if let ([only], true) = (here, candidates.is_empty()) {
            return Some(*only).filter(|number| self.runs(*number));
        }
        candidates.extend(here);
        if here.is_empty() {
            candidates.extend(self.waiting.get(&between).into_iter().flat_map(&mut latest));
        }
        candidates.sort_unstable();
        candidates.dedup();
        let scored = candidates
            .into_iter()
            .filter(|number| self.runs(*number))
            .filter_map(|number| {
                let open = self.open.get(&number)?;
                // What the ACS refused goes on nowhere else (TR-069 3.7.1.4 ends it).
                let elsewhere = open.phase == Phase::Refused && !here.contains(&number);
                (!elsewhere).then(|| (self.ties(open, arrived, facts), number))
            });
        let best = scored
            .max()
            .filter(|(ties, _)| *ties > 0)
            .map(|(_, number)| number);
        if crowded {
            self.reached("candidates_max");
        }
        best
    }

    /// The connection carries this session, the latest of those it carries.
    pub(super) fn carry(&mut self, connection: u64, session: u32) {
        self.idle.forget(connection);
        let state = self.connections.entry(connection).or_default();
        if !state.carry(session, self.limits.sessions_a_connection_max) {
            self.reached("sessions_a_connection_max");
        }
    }

    /// An Inform of the same device ends it, unless it goes on elsewhere: on a connection that is open (the capture may
    /// show a session twice, before and after a NAT, and devices with the same serial number exist).
    fn is_over(&self, number: u32, arrived: &Arrived) -> bool {
        self.open.get(&number).is_some_and(|open| {
            let elsewhere = |connection: &u64| *connection != arrived.provenance.connection;
            // One that has ended goes on nowhere, though its connection may be open still.
            let has_ended = !open.goes_on() || open.phase == Phase::Refused;
            has_ended || !open.connections_open.iter().any(elsewhere)
        })
    }

    /// It is open and has not ended.
    fn runs(&self, number: u32) -> bool {
        self.open.get(&number).is_some_and(Open::goes_on)
    }

    /// The latest session on this connection that has not ended.
    pub(super) fn latest_on(&self, connection: u64) -> Option<u32> {
        let sessions = &self.connections.get(&connection)?.sessions;
        sessions
            .iter()
            .rev()
            .copied()
            .find(|number| self.runs(*number))
    }

    /// Another session begins on this connection: those that have ended there are complete.
    fn close_ended(&mut self, connection: u64, outputs: &mut Vec<Output>) {
        let Some(state) = self.connections.get(&connection) else {
            return;
        };
        let ended: Vec<u32> = state
            .sessions
            .iter()
            .copied()
            .filter(|number| !self.runs(*number))
            .collect();
        for number in ended {
            self.close(number, outputs);
        }
    }

    /// A session whose beginning the capture does not hold.
    pub(super) fn begin_before(&mut self, arrived: &Arrived, outputs: &mut Vec<Output>) -> u32 {
        let session = new_session(self.last_number.saturating_add(1), arrived);
        self.begin(session, true, outputs)
    }

    /// A session of which an ACS's message is seen first.
    pub(super) fn begin_reversed(&mut self, arrived: &Arrived, outputs: &mut Vec<Output>) -> u32 {
        let (source, destination) = (arrived.provenance.source, arrived.provenance.destination);
        let mut session = new_session(self.last_number.saturating_add(1), arrived);
        session.cpe.address = Some(destination.ip());
        session.acs = Acs {
            address: Some(source.ip()),
            port: Some(source.port()),
            url: None,
        };
        self.begin(session, true, outputs)
    }

    fn begin(&mut self, session: Session, begun_before: bool, outputs: &mut Vec<Output>) -> u32 {
        if self.open.len() >= self.limits.sessions_open_max {
            self.reached("sessions_open_max");
            // The one that is due first has been quiet longest, or nearly so.
            if let Some((_, number)) = self.due.first().copied() {
                self.close(number, outputs);
            }
        }
        let number = session.number;
        self.last_number = number;
        if let Some(address) = session.cpe.address.filter(|_| begun_before) {
            self.note_unexplained(Unexplained {
                start_ns: session.start.nanoseconds,
                device: None,
                address,
            });
        }
        self.totals.cwmp.sessions += 1;
        if let Some((_, endpoint)) = peers(&session)
            && self.endpoints.len() < self.limits.devices_max
        {
            self.endpoints.insert(endpoint);
            self.acs_addresses.insert(endpoint.ip());
        }
        self.open.insert(number, Open::new(session, begun_before));
        self.schedule(number);
        number
    }

    /// The connection carries this session, which waits for none any more.
    pub(super) fn use_connection(&mut self, number: u32, connection: u64) {
        let Some(open) = self.open.get_mut(&number) else {
            return;
        };
        if open.connections_open.is_empty()
            && let Some(peers) = peers(&open.session)
        {
            forget(&mut self.waiting, &peers, number);
        }
        open.use_connection(connection);
    }

    /// The Inform says the same again, as a challenge, a redirect or fault 8005 wants it. One that comes on another
    /// connection without an answer to the challenge, or with another RetryCount, tries the session again.
    fn comes_again(&self, number: u32, arrived: &Arrived, inform: &InformFacts) -> bool {
        let Some(open) = self.open.get(&number) else {
            return false;
        };
        let session = &open.session;
        if open.phase != Phase::Challenged {
            return false;
        }
        let last = session
            .steps
            .iter()
            .rev()
            .find(|step| step.from == Side::Acs);
        let challenged = last.is_some_and(|step| step.kind == StepKind::Challenge);
        let here = session.connections.contains(&arrived.provenance.connection);
        let answers = arrived.http.header("Authorization").is_some();
        let soon = arrived.provenance.started.milliseconds_since(session.end) <= AT_ONCE_MS;
        let same_try = session.retry_count == inform.retry_count;
        // Other events make it another session, unless it answers the challenge at once where that came: then they are wrong.
        let answers_here = here && challenged && answers && soon && same_try;
        if session.events != inform.events && !answers_here {
            return false;
        }
        if here || !challenged || open.damaged {
            return true;
        }
        same_try && (answers || soon)
    }

    /// How much ties a request to a session; nothing does where others are likelier.
    fn ties(&self, open: &Open, arrived: &Arrived, facts: &Facts) -> u32 {
        let connection = arrived.provenance.connection;
        let cookie = facts
            .cookies
            .iter()
            .any(|cookie| open.cookies.contains(cookie));
        let id = facts.answered_ids().any(|id| open.awaits(id));
        let address = open.session.cpe.address == Some(arrived.provenance.source.ip());
        let carried = open.connections_open.contains(&connection);
        // Addresses alone tie only where the session has lost its connection and waits for the next.
        let waits = address && open.connections_open.is_empty() && open.phase != Phase::Ended;
        u32::from(cookie) * 8 + u32::from(id) * 4 + u32::from(carried) * 2 + u32::from(waits)
    }

    /// A challenge before the Inform, on this connection or between the same two, belongs to the session.
    fn take_prelude(&mut self, number: u32, arrived: &Arrived, device: &Arc<str>) {
        let between = (
            arrived.provenance.source.ip(),
            arrived.provenance.destination,
        );
        let Some(prelude) = self.preludes.remove(&between) else {
            return;
        };
        self.totals.cwmp.empty_posts += prelude
            .steps
            .iter()
            .filter(|step| step.kind == StepKind::EmptyRequest)
            .count() as u64;
        self.use_connection(number, prelude.connection);
        let lives = self.connections.contains_key(&prelude.connection);
        if lives {
            self.carry(prelude.connection, number);
        }
        if let Some(open) = self.open.get_mut(&number) {
            open.session.start = open.session.start.min(prelude.started);
            if !lives {
                open.connections_open
                    .retain(|&one| one != prelude.connection);
            }
            open.session.steps.extend(prelude.steps);
        }
        for ticket in prelude.tickets {
            self.queue.settle(ticket, |message| {
                message.session = Some(number);
                message.device = Some(Arc::clone(device));
                message.role = crate::session::Role::Cwmp;
                message.from = super::requests::side(&message.http);
            });
        }
    }

    /// Finds the Connection Requests that brought this session.
    fn tie_wakes(
        &mut self,
        number: u32,
        arrived: &Arrived,
        inform: &InformFacts,
        url: Option<&Url>,
        device: &Arc<str>,
        outputs: &mut Vec<Output>,
    ) {
        let requested = inform
            .events
            .iter()
            .any(|code| code.trim_start().starts_with("6 "));
        let informed = Informed {
            address: arrived.provenance.source.ip(),
            url,
            device,
            requested,
            session: number,
        };
        let since = arrived
            .provenance
            .time
            .nanoseconds
            .saturating_sub(self.limits.wake_ns_max);
        let starts = |code: &String| {
            let code = code.trim_start();
            code.starts_with("0 ") || code.starts_with("1 ")
        };
        if inform.events.iter().any(starts) {
            self.udp.last.forget(device);
        }
        let claimed = self.wakes.claim(&informed, since);
        let mut trigger = trigger_by_event(inform, arrived);
        let reached = Reached {
            device,
            address: arrived.provenance.source.ip(),
            since_ns: since,
            requested,
        };
        let frames = self.claim_udp_requests(&reached, inform.udp_address(), number);
        if requested {
            let wakes = claimed.iter().filter_map(|id| self.wakes.look(*id));
            trigger = (!claimed.is_empty()).then(|| Trigger {
                kind: TriggerKind::HttpConnectionRequest,
                frames: wake::frames(wakes),
            });
            if trigger.is_none() && !frames.is_empty() {
                trigger = Some(Trigger {
                    kind: TriggerKind::UdpConnectionRequest,
                    frames,
                });
            }
        }
        for id in claimed {
            self.claim_wake(id, number, device, outputs);
        }
        if requested && trigger.is_none() {
            self.note_unexplained(Unexplained {
                start_ns: arrived.provenance.time.nanoseconds,
                device: Some(Arc::clone(device)),
                address: arrived.provenance.source.ip(),
            });
        }
        if let Some(open) = self.open.get_mut(&number) {
            open.session.triggered_by = trigger;
        }
    }

    /// This Connection Request set off this session; it goes out when its answer is there too.
    fn claim_wake(&mut self, id: u64, number: u32, device: &Arc<str>, outputs: &mut Vec<Output>) {
        let Some(mut wake) = self.wakes.remove(id) else {
            return;
        };
        wake.request.device = Some(Arc::clone(device));
        wake.request.session = Some(number);
        wake.judge(self.queue.credentials.as_deref());
        if wake.request.status.is_some() {
            self.give_wake(wake, outputs);
        } else {
            wake.request.result = ConnectionRequestResult::Session;
            self.settle_wake(&mut wake);
            self.wakes.keep(wake);
        }
    }
}

fn new_session(number: u32, arrived: &Arrived) -> Session {
    let provenance = &arrived.provenance;
    let destination: SocketAddr = provenance.destination;
    Session {
        number,
        start: provenance.started,
        end: provenance.time,
        device: None,
        cpe: Cpe {
            address: Some(provenance.source.ip()),
            ..Cpe::default()
        },
        acs: Acs {
            address: Some(destination.ip()),
            port: Some(destination.port()),
            url: url(arrived),
        },
        transport: provenance.transport,
        namespace: None,
        negotiated_version: None,
        connections: Vec::new(),
        events: Vec::new(),
        rpcs: Vec::new(),
        steps: Vec::new(),
        outcome: Outcome::Incomplete,
        gaps: 0,
        dropped: None,
        retry_count: None,
        closed_by_peer: false,
        endings: Vec::new(),
        is_over: false,
        triggered_by: None,
        learned: Vec::new(),
    }
}

/// What the EventCodes say set the session off (TR-069 Amendment 3 table 7); a Connection Request must be seen itself.
fn trigger_by_event(inform: &InformFacts, arrived: &Arrived) -> Option<Trigger> {
    let has = |start: &str| {
        inform
            .events
            .iter()
            .any(|code| code.trim_start().starts_with(start))
    };
    let (_, kind) = EVENT_TRIGGERS.iter().find(|(start, _)| has(start))?;
    Some(Trigger {
        kind: *kind,
        frames: arrived.provenance.frames(),
    })
}

/// Milliseconds after a challenge within which no device has waited to try again (TR-069 3.2.1.1: 5 s at least).
const AT_ONCE_MS: f64 = 2000.0;
/// EventCodes by how much they tell of the cause: several may come together.
const EVENT_TRIGGERS: [(&str, TriggerKind); 11] = [
    ("0 ", TriggerKind::Bootstrap),
    ("7 ", TriggerKind::TransferComplete),
    ("M Download", TriggerKind::TransferComplete),
    ("M Upload", TriggerKind::TransferComplete),
    ("10 ", TriggerKind::TransferComplete),
    ("8 ", TriggerKind::Diagnostics),
    ("3 ", TriggerKind::Scheduled),
    ("M ScheduleInform", TriggerKind::Scheduled),
    ("1 ", TriggerKind::Boot),
    ("2 ", TriggerKind::Periodic),
    ("4 ", TriggerKind::ValueChange),
];
