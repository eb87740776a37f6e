//! One run: the player, its connections, and what happens next.

mod handshakes;
mod hearing;

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::time::Duration;

use http1::Kind;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::connection::Wire;
use super::reading::Reading;
use super::tls::Stream;
use super::told::{Tell, Told};
use super::{Clock, Doorbell, Drive, FileServer, Played, Seat, WakeUrl, address, waking};
use crate::replay::action::{Action, ConnectionId, Heard, WireEvent, WireEventKind};
use crate::replay::audit::Entry;
use crate::replay::player::Player;
use crate::replay::scenario::{Class, Via};
use crate::session::{ReplayVerdict, Replayed, Secured};
use handshakes::Handshakes;

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
    /// Of connections that are accepted.
    next: u64,
    /// Of Connection Requests and what answers them.
    next_aside: u64,
    peer: Option<SocketAddr>,
    /// Role acs: the device that is served, and where it informs from: it may go on over other connections.
    served: Option<(IpAddr, String)>,
    /// By the step's place: the class of what was sent.
    classes: BTreeMap<usize, Class>,
    bytes_in: u64,
    accept_failures: u32,
    /// Why the run ends before its player does.
    stopped: Option<String>,
    interrupted: bool,
    /// Ends at the first Ctrl-C since the run began.
    interrupt: Pin<Box<dyn Future<Output = io::Result<()>>>>,
}

struct Connection {
    wire: Wire,
    reading: Reading,
    /// What TLS came to.
    secured: Option<Secured>,
    /// The device that informed on it.
    device: Option<String>,
}

/// What happens next.
enum Next {
    Told(Told),
    Accepted(io::Result<(TcpStream, SocketAddr)>),
    AskedForFile(io::Result<(TcpStream, SocketAddr)>),
    Rung(io::Result<(TcpStream, SocketAddr)>),
    Datagram(io::Result<(Vec<u8>, SocketAddr)>),
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
            next: 1,
            next_aside: ASIDE_FIRST,
            peer: None,
            served: None,
            classes: BTreeMap::new(),
            bytes_in: 0,
            accept_failures: 0,
            stopped: None,
            interrupted: false,
            interrupt: Box::pin(tokio::signal::ctrl_c()),
        }
    }

    pub(super) async fn play(mut self, seat: &mut Seat) -> Played {
        self.player.start(self.drive.clock.now());
        while self.act(seat) && self.stopped.is_none() {
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
                } => self.wake_device(step, &url, via, account, seat),
                Action::Listen { via, .. } => {
                    if let Seat::Cpe {
                        doorbell: Some(doorbell),
                        ..
                    } = seat
                    {
                        doorbell.listen(via);
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
            on_event,
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
                on_event(connection.wire.event(
                    now,
                    id,
                    true,
                    WireEventKind::Bytes(bytes.to_vec()),
                ));
                connection.wire.write(&permit);
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
        (self.drive.on_event)(wire.event(now, id, true, end));
        if self.closing.len() >= CONNECTIONS_MAX {
            self.closing.pop_first();
        }
        self.closing.insert(id, wire);
    }

    fn wake_device(
        &mut self,
        step: usize,
        url: &str,
        via: Via,
        account: Option<(String, String)>,
        seat: &Seat,
    ) {
        let Seat::Acs { wake, .. } = seat else {
            return;
        };
        let live: Option<IpAddr> = self.peer.map(|peer| peer.ip());
        match address::allowed(url, wake.as_ref(), live, via == Via::Udp) {
            Ok(to) => self.ring(to, via, account),
            Err(why) => {
                let now = self.drive.clock.now();
                let wanted = "connection_request";
                let entry = Entry::Refused { wanted, why: &why };
                let wall = self.drive.clock.wall(now);
                self.drive.audit.note(wall, self.drive.name, entry);
                self.player.refused(now, None, Some(step), why);
            }
        }
    }

    fn ring(&mut self, to: WakeUrl, via: Via, account: Option<(String, String)>) {
        let bell = waking::Bell {
            to,
            account,
            connection: self.aside(),
            guard: self.drive.guard.clone(),
            tell: self.tell.clone(),
            wall: self.drive.clock.wall(self.drive.clock.now()),
        };
        match via {
            Via::Http => self.tasks.spawn(bell.by_http()),
            Via::Udp => self.tasks.spawn(bell.by_udp()),
        };
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
        tokio::select! {
            Some(told) = self.told.recv() => Next::Told(told),
            accepted = accept(listener) => Next::Accepted(accepted),
            asked = accept(files.map(FileServer::listener)) => Next::AskedForFile(asked),
            rung = accept(doorbell.and_then(Doorbell::listener)) => Next::Rung(rung),
            datagram = Doorbell::datagram(doorbell) => Next::Datagram(datagram),
            () = clock.until(self.wake_at) => Next::Wake,
            () = clock.until(Some(limit)) => Next::Late,
            Ok(()) = &mut self.interrupt => Next::Interrupted,
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
                files.serve(stream, peer, &self.tell);
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
                self.stop("it was interrupted at the keyboard");
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
        if self
            .connections
            .len()
            .saturating_add(self.handshakes.under_way())
            >= CONNECTIONS_MAX
        {
            return;
        }
        let id = ConnectionId(self.next);
        self.next = self.next.saturating_add(1);
        // Small messages go out at once; where that cannot be had, they go out a little later.
        let _ = tcp.set_nodelay(true);
        match tls {
            None => self.begin(now, id, Stream::plain(tcp), Kind::Request),
            Some(tls) => self.shake_hands(id, tls, tcp, peer),
        }
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
        (self.drive.on_event)(wire.event(now, id, opened_by_us, WireEventKind::Open));
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
        self.player.handle(now, Heard::Connected(id));
    }

    /// Ends all connections, and waits a little for the peer to end them too.
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
        let until = self.drive.clock.now().saturating_add(PART_MAX);
        while !self.closing.is_empty() {
            tokio::select! {
                Some(told) = self.told.recv() => {
                    let now = self.drive.clock.now();
                    match told {
                        Told::Bytes(id, bytes) => self.bytes(now, id, bytes),
                        Told::Ended(id, error) => self.ended(now, id, error),
                        Told::Aside(_) | Told::File(_) => self.hear(now, told),
                        _ => {}
                    }
                }
                () = self.drive.clock.until(Some(until)) => break,
            }
            if self.drive.clock.now() >= until {
                break;
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
        handshakes.tell(seat.is_https(), &mut replayed);
        let Drive {
            audit, clock, name, ..
        } = self.drive;
        let verdict = replayed.verdict.name();
        audit.note(clock.wall(clock.now()), name, Entry::End { verdict });
        Played {
            replayed,
            interrupted: self.interrupted,
        }
    }
}

impl Wire {
    /// Something that went over it, from us or to us.
    fn event(
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
