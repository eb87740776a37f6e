//! What is answered to a request of a device.

use std::collections::BTreeSet;
use std::net::IpAddr;

use cwmp::Kind;

use super::session::{Asked, Session, State};
use super::tongue::Tongue;
use super::{Bench, BenchAction, BenchTold, Reached};
use crate::replay::action::{ConnectionId, Now};
use crate::replay::player::acs_talk;
use crate::replay::player::arrival::{Arrival, Informs};
use crate::replay::player::cookies::{self, Jar};
use crate::replay::player::courtesy::{self, Manner};
use crate::replay::player::doorkeeper::{Door, Doorkeeper};
use crate::replay::player::speech::Speech;
use crate::replay::scenario::Role;

/// The request that is answered.
struct Line {
    connection: ConnectionId,
    target: Vec<u8>,
    /// The connection ends behind its answer.
    closes: bool,
    /// HTTP/1.0 that wants to go on has to be told so.
    told_to_keep: bool,
}

impl Bench {
    /// A whole request came.
    pub fn message(&mut self, now: Now, id: ConnectionId, http: Box<http1::Message>) {
        self.now = now;
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        connection.last = now;
        let mut arrival = Arrival::new(http);
        let closes = arrival.closes();
        let line = Line {
            connection: id,
            target: arrival.http.target().to_vec(),
            closes,
            told_to_keep: !closes && arrival.http.version_number() < Some((1, 1)),
        };
        if arrival.http.method() != b"POST" {
            self.answer(&line, acs_talk::not_allowed(), None);
            return;
        }
        let informs = arrival.informs();
        if let Some(informs) = &informs {
            self.informed(id, informs);
            if !self.admits(&line, informs) {
                return;
            }
        }
        let session = self.session_of(id, &arrival);
        let session = session.filter(|number| self.is_of_its_device(id, *number));
        if !self.lets_in(&line, &arrival, session.is_some()) {
            return;
        }
        match (informs, session) {
            (Some(informs), _) => self.inform(&line, &arrival, &informs),
            (None, Some(number)) => self.talk(&line, &mut arrival, number),
            (None, None) => {
                let what = arrival.what();
                self.note(format!("{what} belongs to no session, and is sent away"));
                self.answer(&line, acs_talk::not_served(), None);
            }
        }
    }

    /// Keeps which device a connection speaks for.
    fn informed(&mut self, id: ConnectionId, informs: &Informs) {
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.informed = Some(informs.device.clone());
        }
    }

    /// Is a session of the device that a connection speaks for? One that had no Inform may go on for any.
    fn is_of_its_device(&self, id: ConnectionId, number: u32) -> bool {
        let informed = self.connections.get(&id).map(|it| it.informed.as_ref());
        let session = self.sessions.get(&number);
        session.zip(informed).is_some_and(|(session, informed)| {
            informed.is_none_or(|informed| *informed == session.device)
        })
    }

    /// The open session of a message: by its cookie, by its connection, or by its address where that has no other. An address
    /// alone says nothing where credentials are wanted.
    fn session_of(&self, id: ConnectionId, arrival: &Arrival) -> Option<u32> {
        let connection = self.connections.get(&id)?;
        let ip = connection.peer.ip();
        let open = || {
            let all = self.sessions.values();
            all.filter(|it| it.state == State::Open && it.address == ip)
        };
        let http = &arrival.http;
        let by_cookie = open().find(|it| it.jar.is_brought(http, false));
        if let Some(session) = by_cookie {
            return Some(session.number);
        }
        let own = connection
            .session
            .filter(|number| open().any(|it| it.number == *number));
        if own.is_some() || http.header("Cookie").is_some() || self.auth.is_some() {
            return own;
        }
        // Some devices bring no cookie, and some open a connection for each message.
        let mut lone = open().filter(|it| !self.connections.contains_key(&it.connection));
        let only = lone.next()?;
        lone.next().is_none().then_some(only.number)
    }

    /// Is this device served? Others get the end of their session and nothing else.
    fn admits(&mut self, line: &Line, informs: &Informs) -> bool {
        let is_served = self.setting.allowed.admits(&informs.device);
        if !is_served {
            self.note(format!(
                "{} is not served: --device does not name it",
                informs.device
            ));
            self.answer(line, acs_talk::not_served(), None);
        }
        is_served
    }

    /// Has it shown credentials, where they are wanted? A connection shows them once, and so does a session. Nonces are those of
    /// an address, since some devices answer a challenge on another connection; wrong ones are counted by connection, so that
    /// no device keeps out another behind the same address.
    fn lets_in(&mut self, line: &Line, arrival: &Arrival, in_session: bool) -> bool {
        let (Some(auth), Some(account)) = (&self.auth, &self.setting.account) else {
            return true;
        };
        let Some(connection) = self.connections.get_mut(&line.connection) else {
            return false;
        };
        let has_shown = arrival.http.header("Authorization").is_some();
        if !has_shown && (connection.authorized || in_session) {
            return true;
        }
        let peer = connection.peer;
        let fresh = || {
            let (user, password) = (account.user.clone(), account.password.clone());
            Doorkeeper::of(auth.clone(), user, password).ok()
        };
        let in_use: BTreeSet<IpAddr> = self.sessions.values().map(|it| it.address).collect();
        let is_new = self.doorkeepers.get(&peer.ip()).is_none();
        let Some(keeper) = self
            .doorkeepers
            .entry(peer.ip(), fresh, |ip| in_use.contains(ip))
        else {
            return false;
        };
        let door = keeper.check_in_with(&arrival.http, &mut connection.tries);
        connection.authorized = door == Door::Open;
        match door {
            Door::Open => true,
            Door::Ask { stale, wrong } => {
                let value = keeper.challenge(stale, &mut self.setting.random);
                if let Some(why) = wrong {
                    self.note(format!("{peer} is asked again: {why}"));
                } else if is_new {
                    // Once for each address: of some devices nothing more is ever heard.
                    self.say(format!("{} is asked who it is", peer.ip()));
                }
                let speech = courtesy::response("401 Unauthorized", "", Vec::new());
                self.send(line, &speech, vec![("WWW-Authenticate", value)], None);
                false
            }
            Door::Shut(why) => {
                self.note(format!("{peer} is sent away: {why}"));
                self.answer(line, acs_talk::not_served(), None);
                false
            }
        }
    }

    /// A session begins; an older one of the same device ends with it.
    fn inform(&mut self, line: &Line, arrival: &Arrival, informs: &Informs) {
        let older = self
            .sessions
            .values()
            .find(|it| it.device == informs.device);
        if let Some(number) = older.map(|it| it.number) {
            self.end(number, Some("the device began another".to_owned()));
            if let Some(connection) = self.connections.get_mut(&line.connection) {
                connection.session = None;
            }
            self.close_those_of(number);
            self.finish_those_over();
        }
        self.leave_others(line.connection, &informs.device);
        let Some(from) = self
            .connections
            .get(&line.connection)
            .map(|it| it.peer.ip())
        else {
            return;
        };
        let Some(envelope) = arrival.envelope() else {
            return;
        };
        if self.sessions.len() >= SESSIONS_MAX {
            self.answer(line, acs_talk::busy(), None);
            return;
        }
        self.remember(&informs.device, &envelope, from);
        let tongue = Tongue::of(&envelope);
        self.sessions_begun = self.sessions_begun.saturating_add(1);
        let number = self.sessions_begun;
        let session = Session {
            number,
            device: informs.device.clone(),
            address: from,
            jar: Jar::default(),
            tongue,
            connection: line.connection,
            state: State::Open,
            asked: None,
            began: self.now,
            last: self.now,
            left: None,
            messages: 0,
            why: None,
        };
        self.sessions.insert(number, session);
        if self.queue.meets(&informs.device) && self.queue.len() > 0 {
            self.say(format!(
                "lines that name no device are for {}",
                informs.device
            ));
        }
        self.courtesy(line, arrival, number, true);
    }

    /// A connection speaks for another device from now on: sessions that have no other connection end.
    fn leave_others(&mut self, id: ConnectionId, device: &str) {
        let own = self.connections.get(&id).and_then(|it| it.session);
        let elsewhere = |number: u32| {
            let mut others = self.connections.iter().filter(|(other, _)| **other != id);
            others.any(|(_, it)| it.session == Some(number))
        };
        let sessions = self.sessions.values();
        let left = sessions
            .filter(|it| it.device != device && (it.connection == id || own == Some(it.number)));
        let left: Vec<u32> = left
            .map(|it| it.number)
            .filter(|number| !elsewhere(*number))
            .collect();
        for number in left {
            let why = format!("its connection went on with {device}");
            self.end(number, Some(why));
        }
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.session = None;
        }
        self.finish_those_over();
    }

    fn remember(&mut self, device: &str, envelope: &cwmp::EnvelopeRef<'_>, from: IpAddr) {
        let parameters = envelope.parameters();
        let url = parameters
            .take(PARAMETERS_MAX)
            .find(|it| it.name().ends_with(CONNECTION_REQUEST_URL))
            .and_then(|it| Some(it.value()?.trim().to_owned()));
        let url = url.filter(|url| url.len() <= URL_BYTES_MAX);
        let in_use: BTreeSet<String> = self.sessions.values().map(|it| it.device.clone()).collect();
        let is_in_use = |device: &String| in_use.contains(device) || self.waking.contains(device);
        let reached = Reached { url, from };
        self.known.insert(device.to_owned(), reached, is_in_use);
    }

    /// A message of an open session.
    fn talk(&mut self, line: &Line, arrival: &mut Arrival, number: u32) {
        if let Some(connection) = self.connections.get_mut(&line.connection) {
            connection.session = Some(number);
        }
        let Some(session) = self.sessions.get_mut(&number) else {
            return;
        };
        session.last = self.now;
        session.left = None;
        session.connection = line.connection;
        session.messages = session.messages.saturating_add(1);
        if session.messages > MESSAGES_MAX {
            self.end(
                number,
                Some(format!("it had more than {MESSAGES_MAX} messages")),
            );
            self.answer(line, acs_talk::not_served(), Some(number));
            return;
        }
        if arrival.http.body().trim_ascii().is_empty() {
            self.unanswered(number);
            self.go_on(line, number);
            return;
        }
        match arrival.kind() {
            Kind::Request => self.courtesy(line, arrival, number, false),
            Kind::Response | Kind::Fault => {
                self.answered(arrival, number);
                self.go_on(line, number);
            }
            Kind::Empty => {
                self.end(number, Some("a body could not be read".to_owned()));
                let mut speech = courtesy::response("400 Bad Request", "", Vec::new());
                speech.close_after = true;
                self.answer(line, speech, Some(number));
            }
        }
    }

    /// Answers what a device asks; a method that no ACS has gets fault 8000.
    fn courtesy(&mut self, line: &Line, arrival: &Arrival, number: u32, begins: bool) {
        let Some(rpc) = courtesy::rpc(Role::Acs, Manner::Plain, arrival) else {
            self.end(number, Some("a message could not be answered".to_owned()));
            self.answer(line, acs_talk::not_served(), Some(number));
            return;
        };
        let Some(session) = self.sessions.get(&number) else {
            return;
        };
        let speech = acs_talk::plain(session.tongue.write(rpc));
        let mut further = Vec::new();
        if begins {
            let value = cookies::fresh(&mut self.setting.random);
            further.push((
                "Set-Cookie",
                format!("session={value}; Path=/").into_bytes(),
            ));
        }
        self.send(line, &speech, further, Some(number));
    }

    /// Tells an answer to what was asked.
    fn answered(&mut self, arrival: &mut Arrival, number: u32) {
        let Some(session) = self.sessions.get_mut(&number) else {
            return;
        };
        let device = session.device.clone();
        let Some(Asked { id, order, .. }) = session.asked.take() else {
            let what = arrival.what();
            self.say(format!("{device}: {what} answers nothing that was asked"));
            return;
        };
        if arrival.answer_ids().first() != Some(&id) {
            let place = &order.place;
            self.say(format!(
                "{place}: {device} answers with another cwmp:ID than it was asked with"
            ));
        }
        let Some(answer) = arrival.soap.take() else {
            return;
        };
        let asked = order.name();
        self.tell(BenchTold::Answer {
            device,
            place: order.place,
            asked,
            answer: Box::new(answer),
        });
    }

    /// A device that says nothing to a request has not answered it; it is not asked again.
    fn unanswered(&mut self, number: u32) {
        let session = self.sessions.get_mut(&number);
        let asked = session.and_then(|it| Some((it.asked.take()?, it.device.clone())));
        if let Some((asked, device)) = asked {
            let (place, name) = (&asked.order.place, asked.order.name());
            self.note(format!("{place}: {device} said nothing to {name}"));
        }
    }

    /// Asks what is next, or ends the session.
    fn go_on(&mut self, line: &Line, number: u32) {
        let Some(session) = self.sessions.get_mut(&number) else {
            return;
        };
        let Some(order) = self.queue.rpc_for(&session.device) else {
            self.end(number, None);
            self.answer(line, acs_talk::plain(Vec::new()), Some(number));
            return;
        };
        let id = format!("{:08x}", (self.setting.random)() >> 32);
        let body = session.tongue.request(&order.wanted, &id);
        // A hand-written envelope may have an ID of its own.
        let id = written_id(&body).unwrap_or(id);
        let behind = session.messages;
        session.asked = Some(Asked { id, order, behind });
        self.answer(line, acs_talk::plain(body), Some(number));
    }

    /// Ends a session with nothing, on a connection that waits.
    pub(super) fn say_goodbye(&mut self, number: u32, connection: ConnectionId) {
        let line = Line {
            connection,
            target: Vec::new(),
            closes: false,
            told_to_keep: false,
        };
        self.end(number, None);
        self.answer(&line, acs_talk::plain(Vec::new()), Some(number));
    }

    fn answer(&mut self, line: &Line, speech: Speech, session: Option<u32>) {
        self.send(line, &speech, Vec::new(), session);
    }

    fn send(
        &mut self,
        line: &Line,
        speech: &Speech,
        mut further: Vec<(&str, Vec<u8>)>,
        number: Option<u32>,
    ) {
        if let Some(connection) = self.connections.get_mut(&line.connection) {
            connection.session = number.or(connection.session);
        }
        if line.closes && !speech.close_after {
            further.push(("Connection", b"close".to_vec()));
        } else if line.told_to_keep {
            further.push(("Connection", b"keep-alive".to_vec()));
        }
        let wall = self.wall();
        let bytes = match speech.write(|_| None, |_, _| None, &further) {
            Ok(bytes) => bytes,
            Err(why) => {
                self.say(format!("an answer cannot be written: {why}"));
                self.close(line.connection);
                return;
            }
        };
        let session = number.and_then(|number| self.sessions.get_mut(&number));
        let device = session.map(|session| {
            session.jar.take_own(&bytes, &line.target, wall);
            session.device.clone()
        });
        let session = device.as_ref().and(number);
        let connection = self.connections.get(&line.connection);
        let informed = connection.and_then(|it| it.informed.clone());
        let met = informed.or_else(|| device.clone());
        self.actions.push_back(BenchAction::Send {
            connection: line.connection,
            bytes,
            session,
            device,
            met,
        });
        if line.closes || speech.close_after {
            self.close(line.connection);
            self.finish_those_over();
        }
    }
}

fn written_id(body: &[u8]) -> Option<String> {
    let hints = cwmp::Hints::default();
    let document = cwmp::parse(body.to_vec(), &hints, &cwmp::Limits::default());
    let id = document.envelope(0)?.id()?.into_owned();
    Some(id)
}

/// The parameter of TR-098 and TR-181, whatever its root.
const CONNECTION_REQUEST_URL: &str = ".ManagementServer.ConnectionRequestURL";
/// Parameters of an Inform that are looked at.
const PARAMETERS_MAX: usize = 4096;
/// TR-069 has 256 characters.
const URL_BYTES_MAX: usize = 2048;
/// At the same time; others are told to come back.
const SESSIONS_MAX: usize = 128;
/// Requests of one device in one session.
const MESSAGES_MAX: u32 = 10_000;
