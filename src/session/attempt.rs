//! What TCP and ICMP tell of a connection that never came about. Whether it was to be a Connection Request is decided in
//! assembly.

use std::net::{IpAddr, SocketAddr};

use super::Sighting;
use crate::source::{FrameId, Timestamp};

/// An attempt to connect by TCP: one side's SYNs, and what became of them.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Who sent them.
    pub source: SocketAddr,
    /// Where to.
    pub destination: SocketAddr,
    /// The first SYN.
    pub first: Sighting,
    /// The last SYN.
    pub last: Sighting,
    /// SYNs that were not told yet, each sending counted.
    pub syns: u32,
    /// How it ended.
    pub end: AttemptEnd,
}

/// How an attempt to connect ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptEnd {
    /// The other side's RST.
    Reset(Sighting),
    /// Nothing came back so far.
    Silence,
    /// An answer came after all: what was told of it before is to be forgotten.
    Answered,
}

/// A datagram of HTTP text that answers something, as it stands there: of SSDP, or of a device that answers a UDP Connection
/// Request.
#[derive(Debug, Clone)]
pub struct UdpAnswer {
    /// Who answers.
    pub source: SocketAddr,
    /// Whom.
    pub destination: SocketAddr,
    /// The frames that carried it.
    pub frames: Vec<FrameId>,
    /// When it was captured.
    pub time: Timestamp,
}

/// An ICMP error: a packet that did not arrive.
#[derive(Debug, Clone)]
pub struct Unreachable {
    /// The packet was a UDP datagram, else a TCP segment.
    pub udp: bool,
    /// Who sent the packet.
    pub source: SocketAddr,
    /// Where to.
    pub destination: SocketAddr,
    /// Who sent the error.
    pub by: IpAddr,
    /// ICMP type and code in words.
    pub says: &'static str,
    /// The frames that carried the error.
    pub frames: Vec<FrameId>,
    /// When it was captured.
    pub time: Timestamp,
}
