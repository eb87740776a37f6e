//! Sockets of datagrams: the STUN server's two (role acs), and the one that a device is woken at (role cpe).

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Weak};

use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::replay::action::Now;
use crate::replay::binding::{Account, Acs, Binding, Bound, Heard, Port};
use crate::replay::guard::Permit;

/// A socket of datagrams, with what goes out by a task of its own.
#[derive(Debug)]
pub(super) struct Post {
    socket: Arc<UdpSocket>,
    local: SocketAddr,
    orders: mpsc::Sender<(Vec<u8>, SocketAddr)>,
    task: AbortHandle,
}

impl Post {
    pub(super) async fn at(address: SocketAddr) -> io::Result<Self> {
        let socket = Arc::new(UdpSocket::bind(address).await?);
        let local = socket.local_addr()?;
        let (orders, waiting) = mpsc::channel(WAITING_MAX);
        let task = tokio::spawn(send(Arc::downgrade(&socket), waiting));
        Ok(Self {
            socket,
            local,
            orders,
            task: task.abort_handle(),
        })
    }

    pub(super) fn local(&self) -> SocketAddr {
        self.local
    }

    pub(super) fn socket(&self) -> Arc<UdpSocket> {
        Arc::clone(&self.socket)
    }

    /// Room for one datagram more; nothing where the network takes none, and what would go there is lost as any datagram may be.
    pub(super) fn room(&self) -> Option<Room<'_>> {
        self.orders.try_reserve().ok().map(Room)
    }

    /// The next datagram; nothing of one that is longer than any that is listened to.
    pub(super) async fn next(&self) -> io::Result<(Vec<u8>, SocketAddr)> {
        let mut room = vec![0; DATAGRAM_BYTES_MAX.saturating_add(1)];
        let (count, peer) = self.socket.recv_from(&mut room).await?;
        let whole = if count > DATAGRAM_BYTES_MAX { 0 } else { count };
        room.truncate(whole);
        Ok((room, peer))
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A place in what goes out.
pub(super) struct Room<'p>(mpsc::Permit<'p, (Vec<u8>, SocketAddr)>);

impl Room<'_> {
    /// Sends what the guard let out.
    pub(super) fn send(self, permit: &Permit<'_>, to: SocketAddr) {
        self.0.send((permit.bytes().to_vec(), to));
    }
}

/// The socket is the post's alone: its port is free at once when that goes.
async fn send(socket: Weak<UdpSocket>, mut waiting: mpsc::Receiver<(Vec<u8>, SocketAddr)>) {
    while let Some((bytes, to)) = waiting.recv().await {
        let Some(socket) = socket.upgrade() else {
            return;
        };
        // What the network does not take is lost, as datagrams are.
        let _ = socket.send_to(&bytes, to).await;
    }
}

/// The STUN server beside a played ACS.
#[derive(Debug)]
pub struct StunServer {
    primary: Post,
    secondary: Post,
    pub(super) acs: Acs,
    pub(super) bound: Bound,
}

impl StunServer {
    /// Listens at an address, and for its other port at the next one, or any that is free.
    ///
    /// # Errors
    ///
    /// Where the address is taken or not ours.
    pub async fn at(address: SocketAddr) -> io::Result<Self> {
        let primary = Post::at(address).await?;
        let beside = |port| SocketAddr::new(primary.local.ip(), port);
        let next = primary.local.port().checked_add(1);
        let secondary = match Post::at(beside(next.unwrap_or(0))).await {
            Ok(post) => post,
            Err(_) => Post::at(beside(0)).await?,
        };
        Ok(Self {
            acs: Acs::new(primary.local, secondary.local),
            primary,
            secondary,
            bound: Bound::default(),
        })
    }

    /// Who is known in the run that comes, and whether who tells of a change has to prove it. Bindings stay from run to run.
    pub fn begin(&mut self, account: Option<Account>, challenges: bool) {
        self.acs.knows(account, challenges);
        self.bound = Bound::default();
    }

    /// Where devices ask, and the other port.
    #[must_use]
    pub fn addresses(&self) -> [SocketAddr; 2] {
        [self.primary.local, self.secondary.local]
    }

    /// Bindings that were told, the latest first.
    pub fn bindings(&self) -> impl Iterator<Item = &Binding> {
        self.acs.bindings()
    }

    pub(super) fn post(&self, port: Port) -> &Post {
        match port {
            Port::Primary => &self.primary,
            Port::Secondary => &self.secondary,
        }
    }

    pub(super) async fn next(stun: Option<&Self>) -> io::Result<(Port, Vec<u8>, SocketAddr)> {
        let Some(stun) = stun else {
            return std::future::pending().await;
        };
        tokio::select! {
            came = stun.primary.next() => came.map(|(bytes, peer)| (Port::Primary, bytes, peer)),
            came = stun.secondary.next() => came.map(|(bytes, peer)| (Port::Secondary, bytes, peer)),
        }
    }

    /// Is one more datagram listened to?
    pub(super) fn admits(&mut self, now: Now, from: SocketAddr, is_served: bool) -> bool {
        self.bound.admits(now, from.ip(), is_served)
    }

    pub(super) fn hear(&mut self, at: Port, from: SocketAddr, datagram: &[u8]) -> Heard {
        self.acs.hear(at, from, datagram)
    }
}

/// Longer datagrams are passed over: neither STUN nor a Connection Request has as much to say.
const DATAGRAM_BYTES_MAX: usize = 2048;
/// Datagrams that wait for the network.
const WAITING_MAX: usize = 64;
