//! What goes between a player, which knows no sockets, and whoever has them.

use std::net::SocketAddr;
use std::time::Duration;

use super::scenario::Via;

/// A time of the run: since it began. The clock is in `drive.rs`.
pub type Now = Duration;

/// A connection of the run, counted from 1 by whoever opens it: the player those of role cpe, the driver those it accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// What the player wants done, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Connect to the ACS (role cpe), at the address of the command line and no other.
    Connect(ConnectionId),
    /// Write these bytes, if the guard lets them pass.
    Send {
        /// Where.
        connection: ConnectionId,
        /// A whole HTTP message.
        bytes: Vec<u8>,
        /// The step of the scenario that it belongs to, counted from 0; none for what every peer is told (a challenge, the
        /// end of a session).
        step: Option<usize>,
    },
    /// Close a connection, after what was sent.
    Close(ConnectionId),
    /// Wake the device (role acs).
    ConnectionRequest {
        /// The step that wants it.
        step: usize,
        /// The URL, filled in; `host:port` for UDP.
        url: String,
        /// How.
        via: Via,
        /// User and password.
        account: Option<(String, String)>,
        /// By UDP: how often it goes, and how long after each other.
        copies: (u32, Duration),
    },
    /// Let connections in for a Connection Request (role cpe), until one came.
    Listen {
        /// The step that waits for it.
        step: usize,
        /// How.
        via: Via,
    },
    /// Call `handle_timeout` at this time; replaces the one before.
    WakeAt(Now),
    /// Nothing more will come: the run is over.
    Done,
}

/// What a driver tells the player.
#[derive(Debug)]
pub enum Heard {
    /// A connection stands, with its other end: accepted, or asked for by [`Action::Connect`].
    Connected(ConnectionId, SocketAddr),
    /// The first bytes of a message, which is not whole yet (role cpe).
    Begun(ConnectionId),
    /// A whole HTTP message (a request in role acs, a response in role cpe).
    Message(ConnectionId, Box<http1::Message>),
    /// The other side closed or broke it off, with what it said of a message begun.
    Closed(ConnectionId, String),
    /// A connection could not be made.
    Refused(ConnectionId, String),
    /// The Connection Request was answered: its HTTP status; nothing for UDP; or why it was not.
    Woken(Result<Option<u16>, String>),
    /// A Connection Request came in (role cpe), and was accepted.
    WokenBy(SocketAddr),
}

/// Bytes that went over the wire, for whoever records or judges them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireEvent {
    /// When.
    pub time: Now,
    /// Which connection; datagrams have their own numbers.
    pub connection: ConnectionId,
    /// Who sent it.
    pub source: SocketAddr,
    /// To whom.
    pub destination: SocketAddr,
    /// What.
    pub kind: WireEventKind,
}

impl WireEvent {
    /// What it holds: its bytes, and what it takes beside them, since a peer may send single ones.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        let bytes = match &self.kind {
            WireEventKind::Bytes(bytes) | WireEventKind::Datagram(bytes) => bytes.len(),
            WireEventKind::Open | WireEventKind::End { .. } => 0,
        };
        bytes.saturating_add(size_of::<Self>())
    }
}

/// What went over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WireEventKind {
    /// The connection was made by the source.
    Open,
    /// Bytes of a stream, plain also where TLS carried them.
    Bytes(Vec<u8>),
    /// The source ended its direction; `reset` where it broke it off.
    End {
        /// By RST.
        reset: bool,
    },
    /// A datagram.
    Datagram(Vec<u8>),
}
