//! A plain ACS for the bench, without sockets and without a clock: it answers every allowed device, asks what the queue holds, and
//! ends the session.
//!
//! It is told what was heard and what time it is, and says what to do next. What it wants written passes the guard first:
//! whoever has the sockets asks it, and tells [`Bench::refused`] where it says no. Nothing is ever asked twice on its own.

mod allowed;
mod call;
mod memory;
mod order;
mod queue;
mod session;
mod talk;
#[cfg(test)]
mod tests;
mod tongue;
mod words;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

pub use allowed::Allowed;
use memory::Memory;
pub use order::{Order, Problem, Wanted};
use queue::Queue;
use session::{Session, State};

use super::action::{ConnectionId, Now};
use super::player::doorkeeper::{Doorkeeper, Tries};
use super::player::{DeviceIdentity, PlayerError};
use super::scenario::{Auth, AuthScheme};
use crate::source::Timestamp;

/// The ACS.
pub struct Bench {
    setting: BenchSetting,
    auth: Option<Auth>,
    queue: Queue,
    /// Who lets in those of an address, while they come.
    doorkeepers: Memory<IpAddr, Doorkeeper>,
    connections: BTreeMap<ConnectionId, Connection>,
    /// Those that are open, and those that linger until their connections end.
    sessions: BTreeMap<u32, Session>,
    sessions_begun: u32,
    /// Where the devices of this run are reached.
    known: Memory<String, Reached>,
    /// Devices that are being woken.
    waking: BTreeSet<String>,
    actions: VecDeque<BenchAction>,
    now: Now,
}

/// What the ACS is told at its beginning.
pub struct BenchSetting {
    /// Which devices are served.
    pub allowed: Allowed,
    /// What devices have to show; nothing where there is none.
    pub account: Option<BenchAccount>,
    /// How long a device may be silent within a session, or a connection without one.
    pub silence: Duration,
    /// Random numbers, fit for nonces.
    pub random: Box<dyn FnMut() -> u64>,
    /// The time of day at a time of the run.
    pub wall_clock: Box<dyn Fn(Now) -> Timestamp>,
}

/// What devices have to show.
#[derive(Clone)]
pub struct BenchAccount {
    /// Digest or Basic.
    pub scheme: AuthScheme,
    /// The user.
    pub user: String,
    /// The password.
    pub password: String,
}

/// What the ACS wants done, in order.
#[derive(Debug)]
pub enum BenchAction {
    /// Write these bytes, if the guard lets them pass.
    Send {
        /// Where.
        connection: ConnectionId,
        /// A whole HTTP response.
        bytes: Vec<u8>,
        /// The session that it belongs to; none for who is sent away or has yet to show who it is.
        session: Option<u32>,
        /// The device that the session is of.
        device: Option<String>,
        /// The device that the connection's last Inform named; that of the session where it had none.
        met: Option<String>,
    },
    /// Close a connection, after what was sent.
    Close(ConnectionId),
    /// Send a Connection Request.
    Wake {
        /// To whom.
        device: String,
        /// As its last Inform told it.
        url: String,
        /// Where that Inform came from: no other host is woken.
        from: IpAddr,
    },
    /// A session is over, and its connections too.
    Ended {
        /// Its number, counted from 1.
        session: u32,
        /// Whose it was.
        device: String,
        /// Why it ended otherwise than sessions end.
        why: Option<String>,
    },
    /// Something that people want to know.
    Tell(BenchTold),
}

/// What people want to know.
#[derive(Debug)]
pub enum BenchTold {
    /// Progress, in words.
    Said(String),
    /// A result, in words: what was wanted did not come about.
    Noted(String),
    /// An order or an answer was refused by the guard, and dropped.
    Refused {
        /// The line of an order.
        place: String,
        /// What and why.
        why: String,
    },
    /// A device answered an order.
    Answer {
        /// Who.
        device: String,
        /// The order's line.
        place: String,
        /// What was asked.
        asked: String,
        /// What came.
        answer: Box<cwmp::Document>,
    },
}

/// One connection.
#[derive(Debug)]
struct Connection {
    peer: SocketAddr,
    /// Its requests have shown credentials.
    authorized: bool,
    /// How often it was asked for them, and wrong.
    tries: Tries,
    /// The session that its last message belongs to.
    session: Option<u32>,
    /// The device that its last Inform named, served or not.
    informed: Option<String>,
    /// When its last whole message came.
    last: Now,
}

/// Where a device is reached.
#[derive(Debug)]
struct Reached {
    url: Option<String>,
    from: IpAddr,
}

impl Bench {
    /// An ACS that nobody has called yet.
    ///
    /// # Errors
    ///
    /// Where the account cannot be asked for.
    pub fn new(setting: BenchSetting) -> Result<Self, PlayerError> {
        let auth = setting.account.as_ref().map(challenge_of);
        if let (Some(auth), Some(account)) = (&auth, &setting.account) {
            let (user, password) = (account.user.clone(), account.password.clone());
            Doorkeeper::of(auth.clone(), user, password)?;
        }
        Ok(Self {
            queue: Queue::led_by(setting.allowed.only()),
            auth,
            setting,
            doorkeepers: Memory::of(DOORKEEPERS_MAX),
            connections: BTreeMap::new(),
            sessions: BTreeMap::new(),
            sessions_begun: 0,
            known: Memory::of(KNOWN_MAX),
            waking: BTreeSet::new(),
            actions: VecDeque::new(),
            now: Now::ZERO,
        })
    }

    /// What to do next; to be asked until there is nothing.
    pub fn poll_action(&mut self) -> Option<BenchAction> {
        self.actions.pop_front()
    }

    /// One more line of the queue.
    pub fn enqueue(&mut self, now: Now, order: Order) {
        self.now = now;
        let place = order.place.clone();
        if self.waits_behind_others(&order) {
            self.say(format!(
                "{place}: it waits for the lines before it, which are asked in the next session"
            ));
        }
        if !self.queue.push(order) {
            self.note(format!(
                "{place}: the queue is full, and the line is dropped"
            ));
        }
        self.wake();
    }

    /// Lines that were not asked yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// A connection was accepted.
    pub fn connected(&mut self, now: Now, id: ConnectionId, peer: SocketAddr) {
        self.now = now;
        if self.connections.len() >= CONNECTIONS_MAX {
            self.actions.push_back(BenchAction::Close(id));
            return;
        }
        let connection = Connection {
            peer,
            authorized: false,
            tries: Tries::default(),
            session: None,
            informed: None,
            last: now,
        };
        self.connections.insert(id, connection);
    }

    /// The device closed a connection, or it broke.
    pub fn closed(&mut self, now: Now, id: ConnectionId) {
        self.now = now;
        self.connections.remove(&id);
        self.leave(id);
        self.finish_those_over();
    }

    /// When [`Self::handle_timeout`] is to be called.
    #[must_use]
    pub fn wakes_at(&self) -> Option<Now> {
        let sessions = self
            .sessions
            .values()
            .map(|it| it.ends_at(self.setting.silence));
        let connections = self.connections.values();
        let connections = connections.map(|it| it.last.saturating_add(self.setting.silence));
        sessions.chain(connections).min()
    }

    /// Time has come to [`Self::wakes_at`], or later.
    pub fn handle_timeout(&mut self, now: Now) {
        self.now = now;
        let silence = self.setting.silence;
        let late = self
            .sessions
            .values()
            .filter(|it| it.ends_at(silence) <= now);
        let late: Vec<(u32, bool)> = late
            .map(|it| (it.number, it.state == State::Open))
            .collect();
        for (number, is_open) in late {
            if is_open {
                let has_left = self
                    .sessions
                    .get(&number)
                    .is_some_and(|it| it.left.is_some());
                let why = if has_left {
                    "the device closed its connection before the end".to_owned()
                } else {
                    format!("nothing came for {} s", silence.as_secs_f64())
                };
                self.end(number, Some(why));
            }
            self.close_those_of(number);
        }
        let silent = self.connections.iter();
        let silent = silent.filter(|(_, it)| it.last.saturating_add(silence) <= now);
        let silent: Vec<ConnectionId> = silent.map(|(id, _)| *id).collect();
        silent.into_iter().for_each(|id| self.close(id));
        self.finish_those_over();
    }

    /// What was to be sent was not let out: it is dropped, and the session that it belongs to ends.
    pub fn refused(
        &mut self,
        now: Now,
        connection: ConnectionId,
        session: Option<u32>,
        why: String,
    ) {
        self.now = now;
        let open = session.and_then(|number| self.sessions.get_mut(&number));
        let open = open.filter(|it| it.state == State::Open);
        let number = open.as_ref().map(|it| it.number);
        let asked = open.and_then(Session::take_just_asked);
        let place = asked.map_or_else(|| AN_ANSWER.to_owned(), |asked| asked.order.place);
        self.tell(BenchTold::Refused { place, why });
        match number {
            Some(number) => self.go_in_peace(number, connection),
            None => {
                self.close(connection);
                self.finish_those_over();
            }
        }
    }

    /// Ends a session with nothing in the place of what was refused; what was to be closed behind it still is.
    fn go_in_peace(&mut self, number: u32, connection: ConnectionId) {
        let closes = |it: &BenchAction| matches!(it, BenchAction::Close(id) if *id == connection);
        let closed = self.actions.iter().any(closes);
        self.actions.retain(|action| !closes(action));
        self.say_goodbye(number, connection);
        if closed {
            self.actions.push_back(BenchAction::Close(connection));
            self.finish_those_over();
        }
    }

    /// What came of [`BenchAction::Wake`].
    pub fn woken(&mut self, now: Now, device: &str, came: Result<u16, String>) {
        self.now = now;
        self.waking.remove(device);
        match came {
            Ok(status @ 200..=299) => self.say(format!("{device} was woken ({status})")),
            Ok(status) => self.note(format!("{device} was not woken: it answered {status}")),
            Err(why) => self.note(format!("{device} was not woken: {why}")),
        }
        self.wake();
    }

    /// The run is over: what is open is over too.
    pub fn stop(&mut self, now: Now) {
        self.now = now;
        let open: Vec<u32> = self.sessions.keys().copied().collect();
        for number in open {
            self.end(number, Some(RUN_OVER.to_owned()));
        }
        let all: Vec<ConnectionId> = self.connections.keys().copied().collect();
        all.into_iter().for_each(|id| self.close(id));
        self.finish_those_over();
    }

    /// Is it to wake a device that is there and has no session, though something else is asked first?
    fn waits_behind_others(&self, order: &Order) -> bool {
        let is_idle = self.known.keys().next().is_some() && self.sessions.is_empty();
        is_idle && order.wanted == Wanted::ConnectionRequest && self.queue.has_before(order)
    }

    /// Wakes devices whose next order says so, and that have no session.
    fn wake(&mut self) {
        let idle: Vec<String> = self.known.keys().cloned().collect();
        for device in idle {
            let is_busy = self.sessions.values().any(|it| it.device == device);
            if is_busy || self.waking.contains(&device) {
                continue;
            }
            let Some(order) = self.queue.wake_for(&device) else {
                continue;
            };
            match self.known.get(&device) {
                Some(Reached {
                    url: Some(url),
                    from,
                }) => {
                    let (url, from) = (url.clone(), *from);
                    self.waking.insert(device.clone());
                    self.actions
                        .push_back(BenchAction::Wake { device, url, from });
                }
                _ => self.note(format!(
                    "{}: {device} told no Connection Request URL, and cannot be woken",
                    order.place
                )),
            }
        }
    }

    /// A session is over; it lingers until its connections are closed.
    fn end(&mut self, number: u32, why: Option<String>) {
        let now = self.now;
        let Some(session) = self.sessions.get_mut(&number) else {
            return;
        };
        if session.state != State::Open {
            return;
        }
        session.state = State::Over(now);
        session.why = why;
        let unanswered = session.asked.take();
        if let Some(asked) = unanswered {
            let device = session.device.clone();
            self.note(format!(
                "{}: {device} did not answer {}",
                asked.order.place,
                asked.order.name()
            ));
        }
    }

    /// A connection is gone: a session that was on it has none.
    fn leave(&mut self, id: ConnectionId) {
        let now = self.now;
        let sessions = self.sessions.values_mut();
        for session in sessions.filter(|it| it.connection == id) {
            session.left.get_or_insert(now);
        }
    }

    fn close(&mut self, id: ConnectionId) {
        if self.connections.remove(&id).is_some() {
            self.leave(id);
            self.actions.push_back(BenchAction::Close(id));
        }
    }

    fn close_those_of(&mut self, number: u32) {
        let of = self.connections.iter();
        let of = of.filter(|(_, connection)| connection.session == Some(number));
        let of: Vec<ConnectionId> = of.map(|(id, _)| *id).collect();
        of.into_iter().for_each(|id| self.close(id));
    }

    /// Tells of the sessions that have nothing left to linger for.
    fn finish_those_over(&mut self) {
        let has_connection = |number: u32| {
            let mut all = self.connections.values();
            all.any(|connection| connection.session == Some(number))
        };
        let over = self.sessions.values().filter(|it| it.state != State::Open);
        let over: Vec<u32> = over
            .map(|it| it.number)
            .filter(|number| !has_connection(*number))
            .collect();
        for number in over {
            if let Some(session) = self.sessions.remove(&number) {
                self.actions.push_back(BenchAction::Ended {
                    session: number,
                    device: session.device,
                    why: session.why,
                });
            }
        }
        self.wake();
    }

    fn say(&mut self, words: String) {
        self.tell(BenchTold::Said(words));
    }

    fn note(&mut self, words: String) {
        self.tell(BenchTold::Noted(words));
    }

    fn tell(&mut self, told: BenchTold) {
        self.actions.push_back(BenchAction::Tell(told));
    }

    fn wall(&self) -> Timestamp {
        (self.setting.wall_clock)(self.now)
    }
}

/// MD5 and `auth`: what every device can (TR-069 Amendment 3 section 3.4.4).
fn challenge_of(account: &BenchAccount) -> Auth {
    let is_digest = account.scheme == AuthScheme::Digest;
    Auth {
        scheme: account.scheme,
        realm: REALM.to_owned(),
        algorithm: is_digest.then(|| "MD5".to_owned()),
        qop: is_digest.then(|| "auth".to_owned()),
        username: String::new(),
        password: String::new(),
        challenge_head: None,
        challenge_body: None,
    }
}

/// Why a session ended that its device would have gone on with.
pub const RUN_OVER: &str = "the run was over";
const REALM: &str = "informant";
/// The place of what no line of the queue wanted.
const AN_ANSWER: &str = "an answer of ours";
/// Devices whose address is remembered.
const KNOWN_MAX: usize = 1024;
/// Addresses whose nonces are remembered.
const DOORKEEPERS_MAX: usize = 256;
/// At the same time; others are turned away.
const CONNECTIONS_MAX: usize = 256;
