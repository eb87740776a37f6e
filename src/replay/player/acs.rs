//! Role acs: the recorded ACS. Requests come in, each is answered by the `send` that follows its `expect`.
//!
//! One device is served, one session at a time: strangers get nothing but the end of their connection.

mod admission;
mod broken;
mod callers;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::arrival::{Arrival, Informs};
use super::cookies::Jar;
use super::doorkeeper::Doorkeeper;
use super::judge::{self, Fit};
use super::likeness;
use super::progress::CameOf;
use super::run::{Run, difference};
use super::unexpected::{self, Meeting};
use super::{PlayerError, acs_talk};
use crate::replay::action::{Action, ConnectionId, Heard};
use crate::replay::scenario::{Act, ActionStep, Via};
use crate::session::{Difference, DifferenceClass, StepResult};
use callers::{Caller, Origin};

/// The ACS's side of a run.
pub(super) struct Acs {
    pub(super) connections: BTreeMap<ConnectionId, Connection>,
    /// The request that waits for its answer.
    pub(super) pending: Option<Pending>,
    /// The only device that is served; the first that comes where nobody named one.
    device: Option<String>,
    doorkeeper: Option<Doorkeeper>,
    /// Where the last session came from.
    origin: Option<Origin>,
    /// What this session set; the phone has to bring it back.
    pub(super) jar: Jar,
    /// The values made in this session, by name.
    pub(super) made: BTreeMap<String, String>,
    cookies_missed: bool,
    /// The session has shown its credentials.
    authorized: bool,
    /// A session is open.
    pub(super) active: bool,
    /// The event that the next session has to have, and the step that says so.
    event: Option<String>,
    /// The last request that was answered, with the connection that it came on.
    answered: Option<(ConnectionId, Vec<u8>)>,
    /// The request that waits says the same again on another connection.
    repeated: bool,
    /// The Connection Request whose answer is not known yet.
    waking: Option<(usize, Via)>,
}

/// One connection.
#[derive(Debug, Default)]
pub(super) struct Connection {
    /// The other end.
    address: Option<IpAddr>,
    /// A message of the session came on it.
    of_session: bool,
    /// Its requests have shown credentials.
    authorized: bool,
    /// A request came before the one before was answered.
    pub(super) pipelined: bool,
}

/// A request that is to be answered.
pub(super) struct Pending {
    pub(super) connection: ConnectionId,
    pub(super) target: Vec<u8>,
    /// The connection ends behind its answer.
    pub(super) closes: bool,
}

impl Acs {
    pub(super) fn new(run: &Run) -> Result<Self, PlayerError> {
        let set = run.served.clone();
        Ok(Self {
            connections: BTreeMap::new(),
            pending: None,
            device: set.or_else(|| run.scenario.identity.device.clone()),
            doorkeeper: Doorkeeper::new(run)?,
            origin: None,
            jar: Jar::default(),
            made: BTreeMap::new(),
            cookies_missed: false,
            authorized: false,
            active: false,
            event: None,
            answered: None,
            repeated: false,
            waking: None,
        })
    }

    /// The device that is served.
    pub(super) fn device(&self) -> Option<&str> {
        self.device.as_deref()
    }

    pub(super) fn hear(&mut self, run: &mut Run, heard: Heard) {
        match heard {
            Heard::Connected(id, peer) => self.connected(run, id, peer),
            Heard::Message(id, http) => self.message(run, id, http),
            Heard::Closed(id, how) => self.closed(run, id, &how),
            Heard::Woken(status) => self.woken(run, status),
            Heard::Begun(_) | Heard::Refused(..) | Heard::WokenBy(_) => {}
        }
    }

    fn connected(&mut self, run: &mut Run, id: ConnectionId, peer: SocketAddr) {
        if self.connections.len() < CONNECTIONS_MAX {
            let connection = Connection {
                address: Some(peer.ip().to_canonical()),
                ..Connection::default()
            };
            self.connections.insert(id, connection);
        } else {
            run.actions.push_back(Action::Close(id));
        }
    }

    fn closed(&mut self, run: &mut Run, id: ConnectionId, how: &str) {
        let connection = self.connections.remove(&id);
        let was_served = connection.is_some_and(|it| it.of_session);
        let unanswered = self.pending.take_if(|pending| pending.connection == id);
        let how = match how {
            "" => "the device closed its connection".to_owned(),
            how => format!("the device closed its connection: {how}"),
        };
        if unanswered.is_some() && !run.is_over() {
            run.peer_failed(format!("{how}, before it was answered"));
        } else if self.active && was_served {
            run.broken_off = Some(how);
        }
    }

    /// The Connection Request was answered; its session may be there before.
    fn woken(&mut self, run: &mut Run, answered: Result<Option<u16>, String>) {
        let Some((step, via)) = self.waking.take() else {
            return;
        };
        let actual = match answered {
            Ok(Some(200..=299)) => return,
            _ if via == Via::Udp => return,
            Ok(None) => "no answer".to_owned(),
            Ok(Some(status)) => status.to_string(),
            Err(why) => format!("no answer: {why}"),
        };
        let class = DifferenceClass::Transport;
        let found = difference(
            class,
            "status",
            Some("200 or 204".to_owned()),
            Some(actual.clone()),
        );
        let of = CameOf {
            result: StepResult::Differs,
            came: Some(actual),
            differences: vec![found],
        };
        run.progress.done(step, run.now, of);
    }

    fn message(&mut self, run: &mut Run, id: ConnectionId, http: Box<http1::Message>) {
        if http.kind() != http1::Kind::Request || !self.may_speak(run, id) {
            return;
        }
        if !Arrival::is_whole(&http) {
            self.came_in_part(run, id);
            return;
        }
        let arrival = Arrival::new(http);
        let pending = Pending {
            connection: id,
            target: arrival.http.target().to_vec(),
            closes: arrival.closes(),
        };
        if arrival.http.method() != b"POST" {
            self.turn_away(run, &pending, &arrival, acs_talk::not_allowed());
            return;
        }
        let informs = arrival.informs();
        match self.caller(run, id, &arrival, informs.as_ref()) {
            Caller::Served => run.let_in = true,
            Caller::Unasked => {
                self.ask(run, &pending);
                return;
            }
            Caller::Stranger => {
                let farewell = self.farewell(informs.is_some());
                self.turn_away(run, &pending, &arrival, farewell);
                return;
            }
        }
        if !self.is_authorized(run, &pending, &arrival) {
            return;
        }
        if self.pending.is_some() {
            let what = "a request on another connection before the one before was answered";
            self.note(run, what);
            self.reply(run, &pending, acs_talk::busy());
            return;
        }
        self.repeated = self.is_repeated(&pending, &arrival);
        if self.is_broken_inform(id, &arrival, informs.as_ref()) {
            self.belongs(&pending, false);
            self.pending = Some(pending);
            let found = self.brokenness(&arrival, informs.as_ref());
            self.meet(run, &arrival, found);
            return;
        }
        if let Some(informs) = &informs {
            self.device.get_or_insert_with(|| informs.device.clone());
            if !self.active {
                self.begin_session();
            }
        }
        self.belongs(&pending, informs.is_some());
        run.informed.clone_from(&informs);
        self.look_for_cookies(run, &arrival);
        self.pending = Some(pending);
        self.take(run, &arrival, informs.as_ref());
    }

    fn came_in_part(&self, run: &mut Run, id: ConnectionId) {
        if self.connections.get(&id).is_some_and(|it| it.of_session) {
            run.peer_failed("a request of the device did not come whole".to_owned());
        } else {
            run.actions.push_back(Action::Close(id));
        }
    }

    /// Are these the same words again, after their connection broke off?
    fn is_repeated(&mut self, pending: &Pending, arrival: &Arrival) -> bool {
        let body = arrival.http.body();
        let is_repeated = self.answered.as_ref().is_some_and(|(connection, said)| {
            let is_gone = !self.connections.contains_key(connection);
            is_gone && *connection != pending.connection && said == body
        });
        self.answered = Some((pending.connection, body.to_vec()));
        is_repeated
    }

    /// A request that comes before the one before on its connection was answered gets its answer behind that one.
    fn may_speak(&mut self, run: &mut Run, id: ConnectionId) -> bool {
        // What comes behind the last answer of a connection is not heard (RFC 9112 section 9.6).
        let Some(connection) = self.connections.get_mut(&id) else {
            return false;
        };
        let waits = self.pending.as_ref().is_some_and(|it| it.connection == id);
        if waits && !connection.pipelined {
            connection.pipelined = true;
            self.note(run, "a request before the one before was answered");
        }
        !waits
    }

    fn note(&self, run: &mut Run, what: &str) {
        let expected = Some("one request at a time".to_owned());
        let found = difference(
            DifferenceClass::Transport,
            "",
            expected,
            Some(what.to_owned()),
        );
        run.progress.differs(None, found);
    }

    fn begin_session(&mut self) {
        self.active = true;
        for connection in self.connections.values_mut() {
            connection.of_session = false;
        }
        self.jar = Jar::default();
        self.made.clear();
        self.cookies_missed = false;
        if let Some(doorkeeper) = &mut self.doorkeeper {
            doorkeeper.begin();
        }
    }

    /// A phone brings back what was set (TR-069 Amendment 3 section 3.4.1); told once a session.
    fn look_for_cookies(&mut self, run: &mut Run, arrival: &Arrival) {
        if self.cookies_missed {
            return;
        }
        let missing = self.jar.missing(&arrival.http, run.target.https);
        if missing.is_empty() {
            return;
        }
        if let Some(pattern) = likeness::ignoring(run, arrival.name(), COOKIE) {
            let pattern = pattern.to_owned();
            run.progress.ignore(&pattern, 1);
            return;
        }
        for (name, has_other) in missing {
            self.cookies_missed = true;
            let expected = Some(format!("cookie {name} as it was set"));
            let actual = has_other.then(|| format!("cookie {name} with another value"));
            let class = DifferenceClass::Transport;
            let mut found = difference(class, COOKIE, expected, actual);
            found.is_wording = true;
            found.message = Some(arrival.name().to_owned());
            run.progress.differs(Some(run.cursor), found);
        }
    }

    /// Takes a request to its step.
    fn take(&mut self, run: &mut Run, arrival: &Arrival, informs: Option<&Informs>) {
        // Its words and their ID are those of before: it cannot be the next of its kind. An Inform may be, behind a redirect.
        if self.repeated && informs.is_none() && !arrival.http.body().is_empty() {
            lost(run, arrival);
            return;
        }
        run.heard = arrival.request_ids();
        let scenario = Arc::clone(&run.scenario);
        let act = |run: &Run| scenario.steps.get(run.cursor).map(|step| &step.act);
        if let Some(Act::Await(awaited)) = act(run) {
            let event = awaited.session_with_event.as_deref();
            if let Some(found) = event_differs(event, informs) {
                self.meet(run, arrival, found);
                return;
            }
            let events = informs.map(|informs| informs.events.join(", "));
            run.step_done(CameOf {
                came: events,
                ..CameOf::passed()
            });
        }
        let Some(Act::Expect(expect)) = act(run) else {
            let found = judge::misfit(run, arrival);
            self.meet(run, arrival, found);
            return;
        };
        let fit = judge::fit(expect, scenario.role, arrival);
        let event = self.event.as_deref();
        let found = match fit {
            Fit::Other => Some(judge::misfit(run, arrival)),
            _ if event.is_some() => event_differs(event, informs),
            _ => None,
        };
        if let Some(found) = found {
            self.meet(run, arrival, found);
            return;
        }
        if informs.is_some() {
            self.event = None;
        }
        let came_of = judge::judge(run, expect, arrival, fit);
        run.step_done(came_of);
    }

    fn meet(&mut self, run: &mut Run, arrival: &Arrival, found: Difference) {
        if self.repeated {
            lost(run, arrival);
            return;
        }
        if let Meeting::Answer(body) = unexpected::meet(run, arrival, found) {
            self.active = !body.is_empty();
            let speech = acs_talk::plain(body);
            self.answer(run, speech);
        }
    }

    /// Does what is to be done until something has to be waited for.
    pub(super) fn advance(&mut self, run: &mut Run) {
        let scenario = Arc::clone(&run.scenario);
        while let Some(step) = run.next_step(&scenario) {
            match &step.act {
                Act::Expect(expect) => {
                    // What came before was not answered in the recording either.
                    self.pending = None;
                    run.wait_for_expected(expect);
                    return;
                }
                Act::Send(send) => {
                    if !run.is_due(step.after) {
                        return;
                    }
                    self.say(run, send);
                }
                Act::Await(awaited) => {
                    self.end_session(run);
                    run.wait_for(awaited.within, || match &awaited.session_with_event {
                        Some(event) => format!("a session with {event}"),
                        None => "another session".to_owned(),
                    });
                    return;
                }
                Act::Action(action) => {
                    self.end_session(run);
                    if !run.is_due(step.after) {
                        return;
                    }
                    self.wake(run, action);
                }
            }
        }
    }

    /// Wakes the device: the session that comes next is to be of it.
    fn wake(&mut self, run: &mut Run, action: &ActionStep) {
        let ActionStep::ConnectionRequest {
            url,
            via,
            username,
            password,
        } = action;
        let filled = (|| {
            let account = match (username, password) {
                (Some(user), Some(password)) => Some((run.filled(user)?, run.filled(password)?)),
                (Some(user), None) => Some((run.filled(user)?, String::new())),
                (None, _) => None,
            };
            Ok((run.filled(url)?, account))
        })();
        match filled {
            Ok((url, account)) => {
                let (step, via) = (run.cursor, *via);
                let stun = run.scenario.stun.clone().unwrap_or_default();
                run.actions.push_back(Action::ConnectionRequest {
                    step,
                    url,
                    via,
                    account,
                    copies: (stun.copies, stun.copy_after),
                });
                self.waking = Some((step, via));
                let awaits = run.scenario.steps.get(step.saturating_add(1));
                let awaits = awaits.is_some_and(|step| matches!(step.act, Act::Await(_)));
                self.event = (!awaits).then(|| CONNECTION_REQUEST.to_owned());
                run.step_done(CameOf::passed());
            }
            Err(why) => run.cannot_say(&why),
        }
    }
}

/// What was answered got lost on the way; it is not said again, since it may be more than a question.
fn lost(run: &mut Run, arrival: &Arrival) {
    let what = arrival.what();
    run.peer_failed(format!(
        "the device said {what} again on another connection: its answer did not reach it"
    ));
}

/// A session that begins has to begin with this event.
fn event_differs(event: Option<&str>, informs: Option<&Informs>) -> Option<Difference> {
    let class = DifferenceClass::Missing;
    let Some(informs) = informs else {
        let expected = Some("Inform".to_owned());
        return Some(difference(class, "", expected, None));
    };
    let event = event?;
    let is_there = informs.events.iter().any(|it| it == event);
    (!is_there).then(|| {
        let actual = Some(informs.events.join(", "));
        difference(class, "Event", Some(event.to_owned()), actual)
    })
}

/// What a woken device says (TR-069 Amendment 3 section 3.7.1.5, Table 6).
const CONNECTION_REQUEST: &str = "6 CONNECTION REQUEST";
/// Where a cookie that does not come back is told.
pub(super) const COOKIE: &str = "header Cookie";
/// Connections open at once; further ones are closed as they come.
const CONNECTIONS_MAX: usize = 64;
