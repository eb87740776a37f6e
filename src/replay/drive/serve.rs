//! Sockets of `informant serve`: many devices at the same time, one loop.
//!
//! As in a replay, the guard is asked last before anything is written, and every wait ends, whatever a peer does.

mod calls;
mod handshakes;
mod recording;
mod rings;

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use http1::Kind;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::Clock;
use super::connection::Wire;
use super::interrupt::Interrupt;
use super::reading::{Came, Reading};
use super::tls::{Listening, Stream};
use super::told::{Tell, Told};
use crate::replay::action::{ConnectionId, WireEvent, WireEventKind};
use crate::replay::audit::{Audit, Entry};
use crate::replay::bench::{Allowed, Bench, BenchAction, BenchTold, Order};
use crate::replay::guard::Guard;
use crate::replay::scenario::Class;
use handshakes::Handshakes;
pub use recording::Recorded;
use recording::{Recordings, Ungiven};
use rings::Rung;

/// What serving needs.
pub struct Serve<'s> {
    /// Where devices connect.
    pub listener: TcpListener,
    /// HTTPS is spoken there.
    pub tls: Option<Listening>,
    /// The ACS.
    pub bench: Bench,
    /// Lines that are typed while it serves.
    pub orders: Option<mpsc::Receiver<Order>>,
    /// The classes that the command line allows; the queue is the operator's own, and allows all.
    pub classes: Vec<Class>,
    /// The devices that the command line names.
    pub allowed: Allowed,
    /// User and password of Connection Requests.
    pub account: Option<(String, String)>,
    /// Told of everything that goes out or comes in.
    pub audit: &'s mut Audit,
    /// Told of what people want to know; it breaks where nobody can be told any more.
    pub on_event: &'s mut dyn FnMut(ServeEvent) -> std::ops::ControlFlow<()>,
    /// Ends behind so many sessions.
    pub sessions_max: Option<u64>,
    /// Ends when so much time has passed.
    pub limit: Option<Duration>,
    /// The clock that the ACS was made with.
    pub clock: Clock,
    /// Ends it before it is enough.
    pub interrupt: Interrupt,
}

/// Something that people want to know.
#[derive(Debug)]
pub enum ServeEvent {
    /// In words, or an answer.
    Told(BenchTold),
    /// A session is over.
    Session {
        /// Counted from 1.
        number: u32,
        /// Whose it was.
        device: String,
        /// Why it ended otherwise than sessions end.
        why: Option<String>,
        /// Its bytes.
        recorded: Recorded,
    },
    /// Bytes that belong to no session.
    Loose(Recorded),
}

/// What came of serving.
#[derive(Debug, Default)]
pub struct Served {
    /// Orders that the guard refused.
    pub refused: u64,
    /// Lines of the queue that nobody was asked.
    pub unasked: usize,
    /// Why it ended before it was to.
    pub failure: Option<String>,
}

/// Serves until it is enough, or it is interrupted.
pub async fn serve(serve: Serve<'_>) -> Served {
    Run::new(serve).all().await
}

struct Run<'s> {
    serve: Serve<'s>,
    connections: BTreeMap<ConnectionId, Connection>,
    /// Those that were ended on our side, until the peer ends them too.
    closing: BTreeMap<ConnectionId, (Wire, Duration)>,
    recordings: Recordings,
    tell: Tell,
    told: mpsc::Receiver<Told>,
    rings: JoinSet<Rung>,
    /// Handshakes of TLS under way: they hold nobody up.
    handshakes: JoinSet<(SocketAddr, Result<Stream, String>)>,
    hands: Handshakes,
    /// Of connections that are accepted, and of Connection Requests.
    next: u64,
    sessions: u64,
    accept_failures: u32,
    served: Served,
    over: bool,
}

struct Connection {
    wire: Wire,
    reading: Reading,
    /// Bytes held since the last whole message.
    unfinished: usize,
    /// The session that its last answer belonged to.
    session: Option<u32>,
    /// What no session was given yet.
    events: Ungiven,
}

enum Next {
    Told(Told),
    Accepted(io::Result<(TcpStream, SocketAddr)>),
    Secured(SocketAddr, Result<Stream, String>),
    Order(Option<Order>),
    Rung(Option<Rung>),
    Timeout,
    Over,
}

impl<'s> Run<'s> {
    fn new(serve: Serve<'s>) -> Self {
        let (tell, told) = mpsc::channel(TOLD_MAX);
        Self {
            serve,
            connections: BTreeMap::new(),
            closing: BTreeMap::new(),
            recordings: Recordings::default(),
            tell,
            told,
            rings: JoinSet::new(),
            handshakes: JoinSet::new(),
            hands: Handshakes::default(),
            next: 1,
            sessions: 0,
            accept_failures: 0,
            served: Served::default(),
            over: false,
        }
    }

    async fn all(mut self) -> Served {
        self.act();
        while !self.over {
            let next = self.next().await;
            self.handle(next);
            self.act();
        }
        self.serve.bench.stop(self.serve.clock.now());
        self.act();
        self.end_rings();
        while let Some(loose) = self.recordings.oldest() {
            self.event(ServeEvent::Loose(loose));
        }
        self.tell_of_failures();
        self.served.unasked = self.serve.bench.waiting();
        let verdict = if self.served.refused > 0 {
            "refused"
        } else {
            "passed"
        };
        self.note(Entry::End { verdict });
        self.served
    }

    async fn next(&mut self) -> Next {
        let clock = self.serve.clock;
        let wakes_at = self.serve.bench.wakes_at();
        let limit = self.serve.limit;
        tokio::select! {
            Some(told) = self.told.recv() => Next::Told(told),
            accepted = self.serve.listener.accept() => Next::Accepted(accepted),
            order = typed(self.serve.orders.as_mut()) => Next::Order(order),
            Some(rung) = self.rings.join_next() => Next::Rung(rung.ok()),
            Some(Ok((peer, stream))) = self.handshakes.join_next() => Next::Secured(peer, stream),
            () = clock.until(wakes_at) => Next::Timeout,
            () = clock.until(limit) => Next::Over,
            () = self.serve.interrupt.wanted() => Next::Over,
        }
    }

    fn handle(&mut self, next: Next) {
        let now = self.serve.clock.now();
        self.closing.retain(|_, (_, until)| *until > now);
        match next {
            Next::Told(told) => self.hear(told),
            Next::Rung(None) => {}
            Next::Accepted(Ok((stream, peer))) => {
                self.accept_failures = 0;
                self.accept(stream, peer);
            }
            Next::Secured(peer, stream) => self.secured(peer, stream),
            Next::Accepted(Err(error)) => {
                self.accept_failures = self.accept_failures.saturating_add(1);
                if self.accept_failures > ACCEPT_FAILURES_MAX {
                    self.fail(&format!("connections cannot be accepted any more: {error}"));
                }
            }
            Next::Order(Some(order)) => self.serve.bench.enqueue(now, order),
            Next::Order(None) => self.serve.orders = None,
            Next::Rung(Some(rung)) => self.rung(rung),
            Next::Timeout => self.serve.bench.handle_timeout(now),
            Next::Over => self.over = true,
        }
    }

    fn hear(&mut self, told: Told) {
        match told {
            Told::Bytes(id, bytes) => self.bytes(id, bytes),
            Told::Ended(id, error) => self.ended(id, error.is_some()),
            Told::Aside(aside) => self.aside(aside),
            _ => {}
        }
    }

    /// A device connected.
    fn accept(&mut self, tcp: TcpStream, peer: SocketAddr) {
        // Small messages go out at once; where that cannot be had, they go out a little later.
        let _ = tcp.set_nodelay(true);
        match self.serve.tls.clone() {
            None => self.begin(Stream::plain(tcp)),
            Some(tls) => self.shake_hands(tls, tcp, peer),
        }
    }

    /// A connection stands, over whatever carries it.
    fn begin(&mut self, stream: Stream) {
        let Some(ends) = stream.addresses() else {
            return;
        };
        let now = self.serve.clock.now();
        let id = self.number();
        let wire = Wire::begin(id, stream, ends, &self.tell);
        let mut events = Ungiven::default();
        events.push(wire.event(now, id, false, WireEventKind::Open));
        let connection = Connection {
            wire,
            reading: Reading::new(Kind::Request),
            unfinished: 0,
            session: None,
            events,
        };
        let [_, peer] = ends;
        self.connections.insert(id, connection);
        self.serve.bench.connected(now, id, peer);
    }

    fn number(&mut self) -> ConnectionId {
        let id = ConnectionId(self.next);
        self.next = self.next.saturating_add(1);
        id
    }

    fn bytes(&mut self, id: ConnectionId, bytes: Vec<u8>) {
        let now = self.serve.clock.now();
        let held: usize = self.connections.values().map(|it| it.unfinished).sum();
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        let came = if held.saturating_add(bytes.len()) > HELD_BYTES_MAX {
            Err("all devices together sent more than is held".to_owned())
        } else {
            connection.reading.take(&bytes)
        };
        let event = WireEventKind::Bytes(bytes);
        let event = connection.wire.event(now, id, false, event);
        let more = connection.events.push(event);
        connection.unfinished = connection.unfinished.saturating_add(more);
        match came {
            Ok(came) => came.into_iter().for_each(|came| self.came(id, came)),
            Err(why) => {
                let peer = self.connections.get(&id).map(|it| it.wire.peer);
                let peer = peer.map_or_else(String::new, |peer| peer.to_string());
                let said = BenchTold::Noted(format!("{peer}: {why}"));
                self.event(ServeEvent::Told(said));
                self.close(id);
                self.serve.bench.closed(now, id);
            }
        }
    }

    fn came(&mut self, id: ConnectionId, came: Came) {
        let now = self.serve.clock.now();
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        match came {
            Came::Message(message) => {
                connection.unfinished = 0;
                let peer = connection.wire.peer;
                self.note(Entry::In {
                    peer,
                    what: "http",
                    bytes: &message.raw,
                });
                self.serve.bench.message(now, id, message);
                // Before the next message of the same bytes is heard.
                self.act();
            }
            Came::AsksToGoOn => {
                let guard = self.guard(None, None);
                self.send(id, GO_ON, None, &guard);
            }
        }
    }

    fn ended(&mut self, id: ConnectionId, reset: bool) {
        if self.closing.remove(&id).is_some() {
            return;
        }
        let now = self.serve.clock.now();
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        let end = connection
            .wire
            .event(now, id, false, WireEventKind::End { reset });
        connection.events.push(end);
        // What was begun and not ended is nothing that could be answered.
        if let Ok(Some(last)) = connection.reading.end(reset) {
            self.came(id, last);
        }
        self.close(id);
        self.serve.bench.closed(now, id);
    }

    /// Does what the ACS wants.
    fn act(&mut self) {
        while let Some(action) = self.serve.bench.poll_action() {
            match action {
                BenchAction::Send {
                    connection,
                    bytes,
                    session,
                    device,
                    met,
                } => {
                    let guard = self.guard(device.as_deref(), met.as_deref());
                    let of = session.zip(device.as_deref());
                    self.send(connection, &bytes, of, &guard);
                }
                BenchAction::Close(id) => self.close(id),
                BenchAction::Wake { .. } if self.serve.audit.has_failed() => {}
                BenchAction::Wake { device, url, from } => self.ring(device, &url, from),
                BenchAction::Tell(told) => {
                    if matches!(told, BenchTold::Refused { .. }) {
                        self.served.refused = self.served.refused.saturating_add(1);
                    }
                    self.event(ServeEvent::Told(told));
                }
                BenchAction::Ended {
                    session,
                    device,
                    why,
                } => {
                    let recorded = self.recordings.end(session);
                    self.sessions = self.sessions.saturating_add(1);
                    self.over |= self
                        .serve
                        .sessions_max
                        .is_some_and(|max| self.sessions >= max);
                    self.event(ServeEvent::Session {
                        number: session,
                        device,
                        why,
                        recorded,
                    });
                }
            }
        }
        if self.serve.audit.has_failed() {
            self.fail("the audit log cannot be written");
        }
    }

    /// The last thing before the socket: the guard is asked, the log is written, and only then anything goes out.
    fn send(&mut self, id: ConnectionId, bytes: &[u8], of: Option<(u32, &str)>, guard: &Guard) {
        let session = of.map(|(session, _)| session);
        let now = self.serve.clock.now();
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        let permit = guard.permit(bytes);
        let (classified, refused) = match &permit {
            Ok(permit) => (permit.classified(), None),
            Err(refusal) => (&refusal.classified, Some(refusal.why.as_str())),
        };
        let entry = Entry::Out {
            peer: connection.wire.peer,
            step: None,
            classified,
            bytes,
            refused,
        };
        let wall = self.serve.clock.wall(now);
        self.serve.audit.note(wall, NAME, entry);
        match permit {
            Err(refusal) => {
                let why = refusal.to_string();
                self.serve.bench.refused(now, id, session, why);
            }
            Ok(_) if self.serve.audit.has_failed() => {}
            Ok(permit) => {
                let event = WireEventKind::Bytes(bytes.to_vec());
                connection
                    .events
                    .push(connection.wire.event(now, id, true, event));
                connection.wire.write(&permit);
                connection.session = session.or(connection.session);
                let from = connection.wire.peer.ip();
                if let Some((session, device)) = of {
                    let events = connection.events.take();
                    let at = connection.wire.local;
                    if !self.recordings.has(session) {
                        self.recordings.begin(session, device, from, now);
                    }
                    self.recordings.give(session, events);
                    self.recordings.reached(session, at);
                } else if connection.events.is_much() {
                    let events = connection.events.take();
                    self.keep_loose(from, events);
                }
            }
        }
    }

    /// What may go to a device: a class that can destroy one, only where the command line names it in full.
    fn guard(&self, device: Option<&str>, met: Option<&str>) -> Guard {
        let named = device.filter(|device| self.serve.allowed.names(device));
        let mut guard = Guard::new(&ALL, &self.serve.classes, named);
        guard.meets(met);
        guard
    }

    /// Ends our direction; what the peer still says is not heard.
    fn close(&mut self, id: ConnectionId) {
        let now = self.serve.clock.now();
        let Some(Connection {
            wire,
            session,
            mut events,
            ..
        }) = self.connections.remove(&id)
        else {
            return;
        };
        wire.end();
        events.push(wire.event(now, id, true, WireEventKind::End { reset: false }));
        let from = wire.peer.ip();
        match session.filter(|session| self.recordings.has(*session)) {
            Some(session) => self.recordings.give(session, events.take()),
            None => self.keep_loose(from, events.take()),
        }
        if self.closing.len() >= CLOSING_MAX {
            self.closing.pop_first();
        }
        self.closing
            .insert(id, (wire, now.saturating_add(PART_MAX)));
    }

    /// Keeps what belongs to no session, and tells of what is kept no longer.
    fn keep_loose(&mut self, from: IpAddr, events: Vec<WireEvent>) {
        let now = self.serve.clock.now();
        for loose in self.recordings.keep(from, now, events) {
            self.event(ServeEvent::Loose(loose));
        }
    }

    fn note(&mut self, entry: Entry<'_>) {
        let wall = self.serve.clock.wall(self.serve.clock.now());
        self.serve.audit.note(wall, NAME, entry);
    }

    fn event(&mut self, event: ServeEvent) {
        self.over |= (self.serve.on_event)(event).is_break();
    }

    fn fail(&mut self, why: &str) {
        self.served.failure.get_or_insert_with(|| why.to_owned());
        self.over = true;
    }
}

async fn typed(orders: Option<&mut mpsc::Receiver<Order>>) -> Option<Order> {
    match orders {
        Some(orders) => orders.recv().await,
        None => std::future::pending().await,
    }
}

/// What the audit log calls it.
const NAME: &str = "serve";
const GO_ON: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
/// Pieces of bytes that wait.
const TOLD_MAX: usize = 8;
const ALL: [Class; 4] = [Class::Read, Class::Set, Class::Disrupt, Class::Destroy];
/// In a row: a listener that fails as often is gone.
const ACCEPT_FAILURES_MAX: u32 = 1000;
/// Of messages that are not whole yet, over all connections.
const HELD_BYTES_MAX: usize = 64 * 1024 * 1024;
const CLOSING_MAX: usize = 256;
/// For a peer to end what we ended.
const PART_MAX: Duration = Duration::from_secs(2);
