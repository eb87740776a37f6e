//! A device's binding in a NAT, as its STUN traffic shows it (TR-111 part II; TR-069 Amendment 3 annex G).

use std::net::SocketAddr;
use std::sync::Arc;

use crate::source::Timestamp;

/// One endpoint of a device that asks a STUN server where it is seen from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The device, where known.
    pub device: Option<Arc<str>>,
    /// Where the capture sees it send from.
    pub local: SocketAddr,
    /// The STUN server that it asked last.
    pub server: SocketAddr,
    /// The STUN servers that told it where they see it, and where; the latest last.
    pub views: Vec<StunView>,
    /// Where the server sees it, by its latest answer.
    pub mapped: Option<SocketAddr>,
    /// Changes of that, the earliest first, as far as a bound allows.
    pub moves: Vec<BindingMove>,
    /// How often it changed.
    pub moves_count: u64,
    /// Binding Requests, repeats of one left out.
    pub requests: u64,
    /// Answers to them.
    pub responses: u64,
    /// Requests from another port that had the answer sent to this one (RESPONSE-ADDRESS): how a device finds out for how
    /// long the NAT keeps a binding (TR-069 Amendment 3 section G.2.1.1).
    pub probes: u64,
    /// The shortest and the longest time between two requests, milliseconds.
    pub period_ms: Option<(i64, i64)>,
    /// Time of its first request.
    pub first: Timestamp,
    /// Time of its latest request.
    pub last: Timestamp,
}

/// Where one STUN server sees a device: a NAT may give it another address and port for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StunView {
    /// The server.
    pub server: SocketAddr,
    /// Where it sees the device.
    pub mapped: SocketAddr,
}

/// A NAT gave the device another address or port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BindingMove {
    /// When an answer first showed it.
    pub time: Timestamp,
    /// Where it stood before.
    pub from: SocketAddr,
    /// Where it stands now.
    pub to: SocketAddr,
}

impl Binding {
    /// Whether the answers show a NAT between the device and the server; `None` without an answer.
    ///
    /// A capture behind the NAT sees the device's own address, one before it what the server sees: there nothing is told.
    #[must_use]
    pub fn nat_seen(&self) -> Option<bool> {
        self.mapped.map(|mapped| mapped != self.local)
    }
}
