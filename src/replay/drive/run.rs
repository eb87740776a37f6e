//! One run: the player, its connections, and what happens next.

mod binding;
mod handshakes;
mod hearing;
mod unserved;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use http1::Kind;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::connection::Wire;
use super::reading::Reading;
use super::tls::Stream;
use super::told::{Tell, Told};
use super::{Clock, Doorbell, Drive, FileServer, Played, Reachable, Seat, StunServer};
use crate::replay::action::{Action, ConnectionId, Heard, WireEvent, WireEventKind};
use crate::replay::audit::Entry;
use crate::replay::binding::Port;
use crate::replay::player::Player;
use crate::replay::scenario::Class;
use crate::session::{ReplayVerdict, Replayed, Secured};
use binding::{Notes, Ring, Ringing};
use handshakes::Handshakes;
use unserved::Unserved;

/// A run under way.
pub(super) struct Run<'d> {
    player: Player,
    drive: Drive<'d>,
    connections: BTreeMap<ConnectionId, Connection>,
    /// Those that were ended on our side, until the peer ends them too.
    closing: BTreeMap<ConnectionId, Wire>,
    handshakes: Handshakes,
    tell: Tell,
    told: mpsc::Receiver<Told>,
    /// Connections on their way, and Connection Requests; they end with the run.
    tasks: JoinSet<()>,
    wake_at: Option<Duration>,
    /// Role acs: what UDP Connection Requests need to know of each other, and of bindings.
    ringing: Ringing,
    /// For people, when the run is over.
    notes: Notes,
    /// Of connections that are accepted.
    next: u64,
    /// Of Connection Requests and what answers them.
    next_aside: u64,
    peer: Option<SocketAddr>,
    /// Role acs: the device that is served, and where it informs from: it may go on over other connections.
    served: Option<(IpAddr, String)>,
    /// Role acs: where its last Inform says that it is woken.
    reachable: Option<Reachable>,
    /// By the step's place: the class of what was sent.
    classes: BTreeMap<usize, Class>,
    bytes_in: u64,
    bytes_beside: u64,
    accept_failures: u32,
    /// Why the run ends before its player does.
    stopped: Option<String>,
    interrupted: bool,
    /// Role acs: connections on which nothing was said that belongs to the device that is served.
    strangers: BTreeSet<ConnectionId>,
    unserved: Unserved,
}

struct Connection {
    wire: Wire,
    reading: Reading,
    /// What TLS came to.
    secured: Option<Secured>,
    /// The device that is served, where it informed on it.
    device: Option<String>,
}

/// What happens next.
enum Next {
    Told(Told),
    Accepted(io::Result<(TcpStream, SocketAddr)>),
    AskedForFile(io::Result<(TcpStream, SocketAddr)>),
    Rung(io::Result<(TcpStream, SocketAddr)>),
    Datagram(io::Result<(Vec<u8>, SocketAddr)>),
    Stun(io::Result<(Port, Vec<u8>, SocketAddr)>),
    KeepBinding,
    Wake,
    Late,
    Interrupted,
}

impl<'d> Run<'d> {
    pub(super) fn new(player: Player, drive: Drive<'d>) -> Self {
        let (tell, told) = mpsc::channel(TOLD_MAX);
        Self {
            player,
            drive,
            connections: BTreeMap::new(),
            closing: BTreeMap::new(),
            handshakes: Handshakes::default(),
            tell,
            told,
            tasks: JoinSet::new(),
            wake_at: None,
            ringing: Ringing::default(),
            notes: Notes::default(),
            next: 1,
            next_aside: ASIDE_FIRST,
            peer: None,
            served: None,
            reachable: None,
            classes: BTreeMap::new(),
            bytes_in: 0,
            bytes_beside: 0,
            accept_failures: 0,
            stopped: None,
            interrupted: false,
            strangers: BTreeSet::new(),
            unserved: Unserved::default(),
        }
    }

    pub(super) async fn play(mut self, seat: &mut Seat) -> Played {
        self.find_binding(seat).await;
        if self.stopped.is_none() {
            self.player.start(self.drive.clock.now());
        }
        while self.stopped.is_none() && self.act(seat) && self.stopped.is_none() {
            let next = self.next(seat).await;
            self.handle(next, seat);
        }
        self.part(seat).await;
        self.finish(seat)
    }

    /// Does what the player wants; false where the run is over.
    fn act(&mut self, seat: &mut Seat) -> bool {
        while let Some(action) = self.player.poll_action() {
            match action {
                Action::Connect(id) => self.connect(id, seat),
                Action::Send {
                    connection,
                    bytes,
                    step,
                } => self.send(connection, &bytes, step, seat),
                Action::Close(id) => self.close(id),
                Action::ConnectionRequest {
                    step,
                    url,
                    via,
                    account,
                    copies,
                } => {
                    let ring = Ring {
                        step,
                        url,
                        via,
                        account,
                        copies,
                    };
                    self.wake_device(ring, seat);
                }
                Action::Listen { via, .. } => {
                    if let Seat::Cpe {
                        doorbell: Some(doorbell),
                        ..
                    } = seat
                        && let Some(peer) = doorbell.listen(via)
                    {
                        let now = self.drive.clock.now();
                        self.player.handle(now, Heard::WokenBy(peer));
                    }
                }
                Action::WakeAt(at) => self.wake_at = Some(at),
                Action::Done => return false,
            }
            if self.drive.audit.has_failed() {
                self.stop("the audit log cannot be written");
                return false;
            }
        }
        !self.player.is_done()
    }

    fn stop(&mut self, why: &str) {
        self.stopped.get_or_insert_with(|| why.to_owned());
    }

    fn connect(&mut self, id: ConnectionId, seat: &Seat) {
        if let Seat::Cpe { acs, tls, .. } = seat {
            self.call(id, *acs, tls.clone());
        }
    }

    /// The last thing before the socket: the guard is asked, the log is written, and only then anything goes out.
    fn send(&mut self, id: ConnectionId, bytes: &[u8], step: Option<usize>, seat: &mut Seat) {
        let now = self.drive.clock.now();
        let Some(connection) = self.connections.get(&id) else {
            return;
        };
        let Drive {
            guard,
            audit,
            clock,
            name,
            ..
        } = &mut self.drive;
        let from_there = self.served.as_ref().filter(|(address, _)| {
            connection.device.is_none() && *address == connection.wire.peer.ip()
        });
        let device = from_there.map(|(_, device)| device);
        guard.meets(connection.device.as_ref().or(device).map(String::as_str));
        let permit = guard.permit(bytes);
        let (classified, refused) = match &permit {
            Ok(permit) => (permit.classified(), None),
            Err(refusal) => (&refusal.classified, Some(refusal.why.as_str())),
        };
        if let Some(step) = step {
            self.classes.insert(step, classified.class);
        }
        let entry = Entry::Out {
            peer: connection.wire.peer,
            step: step.map(|step| step.saturating_add(1)),
            classified,
            bytes,
            refused,
        };
        audit.note(clock.wall(now), name, entry);
        match permit {
            Err(refusal) => self
                .player
                .refused(now, Some(id), step, refusal.to_string()),
            Ok(_) if audit.has_failed() => {}
            Ok(permit) => {
                if let (
                    Seat::Acs {
                        files: Some(files), ..
                    },
                    Class::Disrupt | Class::Destroy,
                ) = (seat, permit.classified().class)
                {
                    files.open();
                }
                let sent = WireEventKind::Bytes(bytes.to_vec());
                let sent = connection.wire.event(now, id, true, sent);
                connection.wire.write(&permit);
                self.went(id, sent);
            }
        }
    }

    /// Ends our direction; what the peer still says is noted and not heard.
    fn close(&mut self, id: ConnectionId) {
        let Some(Connection { wire, .. }) = self.connections.remove(&id) else {
            return;
        };
        wire.end();
        let end = WireEventKind::End { reset: false };
        let now = self.drive.clock.now();
        let end = wire.event(now, id, true, end);
        self.went(id, end);
        if self.closing.len() >= CONNECTIONS_MAX
            && let Some((oldest, _)) = self.closing.pop_first()
        {
            self.forget(oldest);
        }
        self.closing.insert(id, wire);
    }

    fn aside(&mut self) -> ConnectionId {
        let id = ConnectionId(self.next_aside);
        self.next_aside = self.next_aside.saturating_add(1);
        id
    }

    /// Waits for what happens next: something always does, at the limit at the latest.
    async fn next(&mut self, seat: &Seat) -> Next {
        let clock: Clock = self.drive.clock;
        let limit = self.drive.limit;
        if clock.now() >= limit {
            return Next::Late;
        }
        let (listener, files, doorbell) = match seat {
            Seat::Acs {
                listener, files, ..
            } => (Some(listener), files.as_ref(), None),
            Seat::Cpe { doorbell, .. } => (None, None, doorbell.as_ref()),
        };
        let stun = match seat {
            Seat::Acs { stun, .. } => stun.as_ref(),
            Seat::Cpe { .. } => None,
        };
        let keeper = doorbell.and_then(|doorbell| doorbell.keeper.as_ref());
        let keep_at = keeper.map(|keeper| keeper.cpe.due());
        tokio::select! {
            Some(told) = self.told.recv() => Next::Told(told),
            accepted = accept(listener) => Next::Accepted(accepted),
            asked = accept(files.map(FileServer::listener)) => Next::AskedForFile(asked),
            rung = accept(doorbell.and_then(Doorbell::listener)) => Next::Rung(rung),
            datagram = Doorbell::datagram(doorbell) => Next::Datagram(datagram),
            asked = StunServer::next(stun) => Next::Stun(asked),
            () = clock.until(keep_at) => Next::KeepBinding,
            () = clock.until(self.wake_at) => Next::Wake,
            () = clock.until(Some(limit)) => Next::Late,
            () = self.drive.interrupt.wanted() => Next::Interrupted,
        }
    }

    fn handle(&mut self, next: Next, seat: &mut Seat) {
        let now = self.drive.clock.now();
        match (next, seat) {
            (Next::Told(told), _) => self.hear(now, told),
            (Next::Accepted(Ok((stream, peer))), Seat::Acs { tls, .. }) => {
                self.accept(now, stream, peer, tls.clone());
            }
            (
                Next::AskedForFile(Ok((stream, peer))),
                Seat::Acs {
                    files: Some(files), ..
                },
            ) => {
                files.serve(stream, peer, self.aside(), &self.tell);
            }
            (
                Next::Rung(Ok((stream, peer))),
                Seat::Cpe {
                    doorbell: Some(doorbell),
                    ..
                },
            ) => {
                let guard = self.drive.guard.clone();
                doorbell.answer(stream, peer, self.aside(), guard, &self.tell);
            }
            (
                Next::Datagram(Ok((datagram, peer))),
                Seat::Cpe {
                    doorbell: Some(doorbell),
                    ..
                },
            ) => {
                self.datagram(now, doorbell, datagram, peer);
            }
            (
                Next::Stun(Ok((port, datagram, peer))),
                Seat::Acs {
                    stun: Some(stun),
                    wake,
                    ..
                },
            ) => {
                self.asked_for_binding(now, (stun, wake.as_ref()), (port, datagram, peer));
            }
            (
                Next::KeepBinding,
                Seat::Cpe {
                    doorbell: Some(doorbell),
                    ..
                },
            ) => {
                self.keep_binding(now, doorbell);
            }
            (Next::Wake, _) => {
                self.wake_at = None;
                self.player.handle_timeout(now);
            }
            (Next::Late, _) => {
                let seconds = self.drive.limit.as_secs_f64();
                self.stop(&format!("it was not over after {seconds:.0} s"));
            }
            (Next::Interrupted, _) => {
                self.interrupted = true;
                self.stop("it was interrupted");
            }
            _ => {
                self.accept_failures = self.accept_failures.saturating_add(1);
                if self.accept_failures > ACCEPT_FAILURES_MAX {
                    self.stop("connections cannot be accepted any more");
                }
            }
        }
    }

    fn accept(
        &mut self,
        now: Duration,
        tcp: TcpStream,
        peer: SocketAddr,
        tls: Option<super::tls::Listening>,
    ) {
        let under_way = self.handshakes.under_way();
        let held = self.connections.len().saturating_add(under_way);
        if held >= CONNECTIONS_MAX && !self.make_room(now) {
            return;
        }
        let id = ConnectionId(self.next);
        self.next = self.next.saturating_add(1);
        self.strangers.insert(id);
        // Small messages go out at once; where that cannot be had, they go out a little later.
        let _ = tcp.set_nodelay(true);
        match tls {
            None => self.begin(now, id, Stream::plain(tcp), Kind::Request),
            Some(tls) => self.shake_hands(id, tls, tcp, peer),
        }
    }

    /// Who holds many connections and says nothing on them does not keep the device out.
    fn make_room(&mut self, now: Duration) -> bool {
        let mut silent = self.connections.keys();
        let silent = silent.find(|id| self.strangers.contains(id)).copied();
        let handshake = self.handshakes.oldest();
        let Some(id) = silent.into_iter().chain(handshake).min() else {
            return false;
        };
        if handshake == Some(id) {
            self.handshakes.break_off(now, id);
            return true;
        }
        self.close(id);
        self.player.handle(now, Heard::Closed(id, String::new()));
        true
    }

    /// A connection stands; the other side says messages of this kind.
    fn begin(&mut self, now: Duration, id: ConnectionId, stream: Stream, hears: Kind) {
        let Some([local, peer]) = stream.addresses() else {
            self.player
                .handle(now, Heard::Refused(id, "it was gone at once".to_owned()));
            return;
        };
        let secured = stream.secured().cloned();
        let wire = Wire::begin(id, stream, [local, peer], &self.tell);
        let opened_by_us = hears == Kind::Response;
        let open = wire.event(now, id, opened_by_us, WireEventKind::Open);
        self.went(id, open);
        if !opened_by_us {
            self.drive.guard.own(&local.to_string());
        }
        self.peer.get_or_insert(peer);
        let connection = Connection {
            wire,
            reading: Reading::new(hears),
            secured,
            device: None,
        };
        self.connections.insert(id, connection);
        self.player.handle(now, Heard::Connected(id, peer));
    }

    /// Ends all connections, waits a little for the peer to end them too and for copies of Connection Requests to go, and lets
    /// it finish a file that it has begun.
    async fn part(&mut self, seat: &mut Seat) {
        let open: Vec<ConnectionId> = self.connections.keys().copied().collect();
        open.into_iter().for_each(|id| self.close(id));
        if let Seat::Cpe {
            doorbell: Some(doorbell),
            ..
        } = seat
        {
            doorbell.rest();
        }
        self.tasks.abort_all();
        let files = match seat {
            Seat::Acs { files, .. } => files.as_ref(),
            Seat::Cpe { .. } => None,
        };
        let parted = self.drive.clock.now().saturating_add(PART_MAX);
        loop {
            let is_busy = self.stopped.is_none() && files.is_some_and(FileServer::is_busy);
            let until = if is_busy { self.drive.limit } else { parted };
            let now = self.drive.clock.now();
            if now >= until && is_busy {
                self.stop("a file's transfer was not over in time");
            }
            let is_over =
                self.closing.is_empty() && !self.ringing.is_under_way() && self.told.is_empty();
            if now >= until || (is_over && !is_busy) {
                break;
            }
            tokio::select! {
                Some(_) = self.ringing.tasks.join_next() => {}
                Some(told) = self.told.recv() => {
                    let now = self.drive.clock.now();
                    match told {
                        Told::Bytes(id, bytes) => self.bytes(now, id, bytes),
                        Told::Ended(id, error) => self.ended(now, id, error),
                        Told::Aside(_) | Told::Passed(_) | Told::File(_) => self.hear(now, told),
                        _ => {}
                    }
                }
                () = FileServer::over(files) => {}
                () = self.drive.interrupt.wanted(), if !self.interrupted => {
                    self.interrupted = true;
                    self.stop("it was interrupted");
                }
                () = self.drive.clock.until(Some(until)) => {}
            }
        }
        // What was done by now is noted.
        while let Ok(told) = self.told.try_recv() {
            if let Told::Aside(_) | Told::Passed(_) | Told::File(_) = told {
                self.hear(self.drive.clock.now(), told);
            }
        }
    }

    fn finish(mut self, seat: &Seat) -> Played {
        let handshakes = std::mem::take(&mut self.handshakes);
        let mut replayed: Replayed = self.player.finish();
        replayed.peer = self.peer;
        for (place, class) in &self.classes {
            if let Some(step) = replayed.steps.get_mut(*place) {
                step.class = Some(class.name());
            }
        }
        if self.stopped.is_some() {
            replayed.took = self.drive.clock.now();
        }
        if let Some(why) = self.stopped
            && !matches!(replayed.verdict, ReplayVerdict::Refused(_))
        {
            replayed.verdict = ReplayVerdict::PeerFailed(why);
        }
        handshakes.tell(self.drive.clock.now(), seat.is_https(), &mut replayed);
        let Drive {
            audit, clock, name, ..
        } = self.drive;
        let verdict = replayed.verdict.name();
        audit.note(clock.wall(clock.now()), name, Entry::End { verdict });
        Played {
            replayed,
            interrupted: self.interrupted,
            strangers: self.strangers,
            notes: self.notes.finish(),
            reachable: self.reachable,
        }
    }
}

impl Wire {
    /// Something that went over it, from us or to us.
    pub(super) fn event(
        &self,
        time: Duration,
        id: ConnectionId,
        ours: bool,
        kind: WireEventKind,
    ) -> WireEvent {
        let (source, destination) = if ours {
            (self.local, self.peer)
        } else {
            (self.peer, self.local)
        };
        WireEvent {
            time,
            connection: id,
            source,
            destination,
            kind,
        }
    }
}

async fn accept(listener: Option<&tokio::net::TcpListener>) -> io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

/// Pieces of bytes that wait for the player.
const TOLD_MAX: usize = 8;
/// A device has one session, mostly on one connection; others at the same time are turned away.
const CONNECTIONS_MAX: usize = 32;
/// In one run: a listener that fails as often is gone.
const ACCEPT_FAILURES_MAX: u32 = 1000;
const CONNECT_MAX: Duration = Duration::from_secs(30);
/// For the peer to end what we ended.
const PART_MAX: Duration = Duration::from_millis(500);
/// The number of the first connection that is none of the player's.
const ASIDE_FIRST: u64 = 1 << 32;
