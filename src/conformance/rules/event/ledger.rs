//! What a device was asked to do, which events it announced for that, and which of them arrived.
//!
//! Sessions are judged when they close, in the order of their numbers. An event is delivered where the capture shows that the
//! device knows: the answer came, the device went on behind it, and the session ended as it should.

use cwmp::Kind as EnvelopeKind;

use super::table::{BOOT, BOOTSTRAP, EVENTS_MAX, Kind};
use super::{asked, kept};
use crate::conformance::{
    Closed, Draft, Exchange, Findings, Gist, Parameters, Rule, Seen, Topic, is_whole,
};
use crate::session::{ConnectionRequest, Evidence, Outcome, Role, Side};
use crate::source::FrameId;

/// Operations and events of one device.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Sessions that run, the earliest first.
    visits: Vec<Visit>,
    /// What was asked for and not delivered, the earliest first.
    pub(super) operations: Vec<Operation>,
    /// What was delivered, the latest last.
    pub(super) delivered: Vec<Told>,
    /// Announced by the last Inform with one, and not delivered.
    pub(super) undelivered: Vec<Told>,
    /// The capture holds each session since a 0 BOOTSTRAP.
    pub(super) complete: bool,
    /// The session before.
    pub(super) last: Option<Box<kept::Last>>,
    pub(super) knocks: kept::Knocks,
}

/// What one session holds for the ledger.
#[derive(Debug, Default)]
pub(super) struct Visit {
    pub number: u32,
    /// What the ACS asks for.
    asked: Vec<Operation>,
    /// The calls of the device that were answered.
    pub confirmed: Vec<Confirmed>,
    /// The device went on behind InformResponse.
    pub went_on: bool,
    /// FactoryReset, or another URL: the next 0 BOOTSTRAP has its cause.
    pub brings_bootstrap: bool,
    /// RetryCount is above 0.
    retries: bool,
    /// 0 BOOTSTRAP or 1 BOOT.
    restarts: bool,
    /// More was asked or answered than is kept.
    crowded: bool,
}

/// A call of the device that has its response.
#[derive(Debug)]
pub(super) struct Confirmed {
    pub method: Box<str>,
    pub key: Box<str>,
    /// The device went on behind it.
    pub seen: bool,
}

/// A request whose end is told with an M event.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    pub kind: Kind,
    pub key: Box<str>,
    pub session: u32,
    /// The device agreed, and something is to follow.
    pub open: bool,
    pub frames: Vec<FrameId>,
}

/// An M event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub kind: Kind,
    pub key: Box<str>,
    pub session: u32,
}

impl Topic for Ledger {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(facts) = seen.session.filter(|_| seen.message.role == Role::Cwmp) else {
            return;
        };
        match seen.from() {
            Side::Cpe if seen.is_request() => {
                kept::informed(self, seen, findings);
                let accepted = facts.accepted && !seen.replay;
                let visit = self.visit(facts.number);
                visit.informed(seen);
                visit.went_on |= accepted;
                for one in &mut visit.confirmed {
                    one.seen = true;
                }
            }
            Side::Acs => {
                let visit = self.visit(facts.number);
                for envelope in seen.envelopes() {
                    if envelope.kind() == EnvelopeKind::Request {
                        visit.ask(seen, &envelope);
                    }
                }
            }
            _ => {}
        }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, _findings: &mut Findings) {
        let Some(number) = exchange.answer.message.session else {
            return;
        };
        if exchange.asked.message.from == Side::Acs {
            if let Some(kind) = Kind::of_method(exchange.method()) {
                self.visit(number).answered(kind, exchange);
            }
            return;
        }
        if exchange.is_fault() || exchange.method() == "Inform" {
            return;
        }
        let visit = self.visit(number);
        if visit.confirmed.len() >= KEPT_MAX {
            visit.crowded = true;
            return;
        }
        visit.confirmed.push(Confirmed {
            method: exchange.method().into(),
            key: key_of(exchange.request()),
            seen: false,
        });
    }

    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        let number = closed.session.number;
        let at = self.visits.iter().position(|visit| visit.number == number);
        // More sessions ran at the same time than are kept: what this one held is not known any more.
        let forgotten = || Visit {
            crowded: true,
            ..Visit::default()
        };
        let visit = at.map_or_else(forgotten, |at| self.visits.remove(at));
        let whole = is_seen_whole(closed) && !visit.crowded;
        let inform = closed.facts.inform.as_ref();
        let next = inform.filter(|inform| is_whole(inform)).map(|_| Next {
            closed,
            visit: &visit,
            whole,
            events: events(closed),
        });
        if let Some(next) = next.filter(|next| next.events.len() <= LOOKED_AT_MAX) {
            asked::judge(self, &next, findings);
            kept::judge(self, &next, findings);
            self.complete |= next.has(BOOTSTRAP) && closed.facts.from_its_start;
            self.take_in(&next);
            let last = kept::Last::of(&next, self.last.as_deref());
            self.last = Some(Box::new(last));
        } else {
            self.complete = false;
            self.last = None;
        }
        self.complete &= whole;
        self.note_operations(visit);
    }

    fn connection_request(&mut self, request: &ConnectionRequest, findings: &mut Findings) {
        kept::knocked(self, request, findings);
    }
}

impl Ledger {
    /// The notes on a session that runs.
    fn visit(&mut self, number: u32) -> &mut Visit {
        let at = self.visits.iter().position(|visit| visit.number == number);
        let at = at.unwrap_or_else(|| {
            if self.visits.len() >= VISITS_MAX {
                self.visits.remove(0);
                self.complete = false;
            }
            // One at a time, of a device that does as it should.
            self.visits.reserve_exact(1);
            self.visits.push(Visit {
                number,
                ..Visit::default()
            });
            self.visits.len() - 1
        });
        &mut self.visits[at]
    }

    /// The notes on a session that runs, if there are any.
    pub(super) fn noted(&self, number: u32) -> Option<&Visit> {
        self.visits.iter().find(|visit| visit.number == number)
    }

    /// What the M events of a session became.
    fn take_in(&mut self, next: &Next<'_>) {
        let bootstrap = next.has(BOOTSTRAP);
        self.undelivered.clear();
        for told in next.told() {
            match next.came_to(&told) {
                Delivery::Delivered => {
                    let at = self.operations.iter().position(|one| told.is_of(one));
                    if let Some(at) = at {
                        self.operations.remove(at);
                    }
                    if self.delivered.len() >= KEPT_MAX {
                        self.delivered.remove(0);
                    }
                    self.delivered.reserve_exact(1);
                    self.delivered.push(told);
                }
                Delivery::Undelivered if next.whole && !bootstrap => self.undelivered.push(told),
                Delivery::Undelivered | Delivery::Unknown => {}
            }
        }
    }

    fn note_operations(&mut self, visit: Visit) {
        for operation in visit.asked {
            if self.operations.len() >= KEPT_MAX {
                self.operations.remove(0);
                self.complete = false;
            }
            self.operations.push(operation);
        }
    }

    /// Operations that one session asked for.
    pub(super) fn of_session(&self, number: u32, kind: Kind) -> impl Iterator<Item = &Operation> {
        self.operations
            .iter()
            .filter(move |one| one.session == number && one.kind == kind && one.open)
    }
}

impl Visit {
    fn informed(&mut self, seen: &Seen<'_>) {
        let Some(inform) = seen.informed() else {
            return;
        };
        self.retries = inform.retry_count.is_some_and(|count| count > 0);
        self.restarts = inform.has_any(&[BOOTSTRAP, BOOT]);
    }

    /// It is a retry, and no restart lies between.
    pub(super) fn retries_alone(&self) -> bool {
        self.retries && !self.restarts
    }

    fn ask(&mut self, seen: &Seen<'_>, envelope: &cwmp::EnvelopeRef<'_>) {
        let method = envelope.method().unwrap_or_default();
        self.brings_bootstrap |= method == "FactoryReset"
            || method == "SetParameterValues"
                && envelope
                    .parameters()
                    .any(|parameter| parameter.name().ends_with(".ManagementServer.URL"));
        let Some(kind) = Kind::of_method(method) else {
            return;
        };
        if self.asked.len() >= KEPT_MAX {
            self.crowded = true;
            return;
        }
        let mut frames = seen.message.provenance.frames();
        frames.truncate(FRAMES_KEPT);
        self.asked.push(Operation {
            kind,
            key: key_of(Some(*envelope)),
            session: self.number,
            open: false,
            frames,
        });
    }

    /// The device answered what was asked.
    fn answered(&mut self, kind: Kind, exchange: &Exchange<'_>) {
        let key = key_of(exchange.request());
        let waits = |one: &Operation| one.kind == kind && one.key == key && !one.open;
        let Some(at) = self.asked.iter().position(waits) else {
            return;
        };
        if exchange.is_fault() {
            self.asked.remove(at);
            return;
        }
        let message = exchange.response().and_then(|response| response.message());
        let status = message.and_then(|message| message.child("Status"));
        let done = status.is_some_and(|status| status.text().trim() == "0");
        if let Some(operation) = self.asked.get_mut(at) {
            operation.open = !done;
        }
    }
}

impl Told {
    fn is_of(&self, operation: &Operation) -> bool {
        self.kind == operation.kind && self.key == operation.key
    }
}

/// A session that closed, as the one behind another.
pub(super) struct Next<'n> {
    pub closed: &'n Closed<'n>,
    pub visit: &'n Visit,
    /// The capture holds all of it.
    pub whole: bool,
    /// Codes without blanks around them, and their keys.
    pub events: Vec<(String, String)>,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivery {
    /// The device knows that it arrived.
    Delivered,
    /// Its answer came not.
    Undelivered,
    /// It was answered, and the device may not have heard it.
    Unknown,
}

impl Next<'_> {
    pub(super) fn number(&self) -> u32 {
        self.closed.session.number
    }

    pub(super) fn has(&self, code: &str) -> bool {
        self.events.iter().any(|(one, _)| one == code)
    }

    /// It may have left M events out.
    pub(super) fn is_full(&self) -> bool {
        self.events.len() >= EVENTS_MAX
    }

    /// Its M events of what an ACS can ask for.
    pub(super) fn told(&self) -> Vec<Told> {
        let told = self.events.iter().filter_map(|(code, key)| {
            Some(Told {
                kind: Kind::of_event(code)?,
                key: bounded(key),
                session: self.number(),
            })
        });
        told.collect()
    }

    /// What became of an event that InformResponse delivers.
    pub(super) fn inform_came_to(&self) -> Delivery {
        let went_on = self.visit.went_on && ended_well(self.closed);
        match (self.closed.facts.accepted, went_on) {
            (true, true) => Delivery::Delivered,
            (true, false) => Delivery::Unknown,
            (false, _) => Delivery::Undelivered,
        }
    }

    /// What became of an M event.
    pub(super) fn came_to(&self, told: &Told) -> Delivery {
        let Some(call) = told.kind.call() else {
            return self.inform_came_to();
        };
        let mut confirmed = self.visit.confirmed.iter();
        let confirmed = confirmed.find(|one| &*one.method == call && one.key == told.key);
        confirmed.map_or(Delivery::Undelivered, |one| {
            if one.seen && ended_well(self.closed) {
                Delivery::Delivered
            } else {
                Delivery::Unknown
            }
        })
    }

    /// The beginning of a finding about its Inform.
    pub(super) fn breaks(&self, rule: &'static Rule) -> Draft {
        let Some(message) = &self.closed.facts.inform else {
            return self.closed.breaks(rule);
        };
        let seen = Seen {
            message,
            session: Some(self.closed.facts),
            setting: self.closed.setting,
            replay: false,
            parameters: Parameters::none(),
            gist: Gist::none(),
        };
        let inform = seen.inform();
        let list = inform.and_then(|inform| inform.element().child("Event"));
        match list {
            Some(list) => seen.breaks_at(rule, list),
            None => seen.breaks(rule),
        }
    }
}

/// The capture holds all that a session said.
pub(super) fn is_seen_whole(closed: &Closed<'_>) -> bool {
    let session = closed.session;
    closed.facts.is_whole()
        && session.gaps == 0
        && (ended_well(closed) || session.closed_by_peer)
        && session
            .steps
            .iter()
            .all(|step| step.evidence == Evidence::Complete)
}

/// A session ended as it should.
pub(super) fn ended_well(closed: &Closed<'_>) -> bool {
    matches!(closed.session.outcome, Outcome::Complete | Outcome::Faulted)
}

/// The events of a session's Inform, without blanks around the codes.
pub(super) fn events(closed: &Closed<'_>) -> Vec<(String, String)> {
    let mut events = closed.facts.events();
    for (code, key) in &mut events {
        if code.trim().len() < code.len() || code.len() > TEXT_CHARACTERS {
            *code = code.trim().chars().take(TEXT_CHARACTERS).collect();
        }
        if key.len() > TEXT_CHARACTERS {
            *key = key.chars().take(TEXT_CHARACTERS).collect();
        }
    }
    events
}

fn key_of(envelope: Option<cwmp::EnvelopeRef<'_>>) -> Box<str> {
    let message = envelope.and_then(|envelope| envelope.message());
    let key = message.and_then(|message| message.child("CommandKey"));
    key.map(|key| bounded(&key.text())).unwrap_or_default()
}

fn bounded(key: &str) -> Box<str> {
    key.trim()
        .chars()
        .take(KEY_CHARACTERS)
        .collect::<String>()
        .into()
}

/// Sessions of one device that run at the same time.
const VISITS_MAX: usize = 4;
/// Operations, calls and deliveries that are remembered.
const KEPT_MAX: usize = 64;
/// Events of an Inform beyond which nothing is made of it.
const LOOKED_AT_MAX: usize = 128;
/// Characters of a code or a key that are looked at: more than either may have.
const TEXT_CHARACTERS: usize = 128;
const FRAMES_KEPT: usize = 4;
/// A CommandKey has at most 32 characters.
const KEY_CHARACTERS: usize = 64;
