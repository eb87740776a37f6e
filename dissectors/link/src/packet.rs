//! What stands in a frame: an IP packet and its transport.

use std::net::IpAddr;

use crate::{LinkType, Tunnels, Unreachable};

/// The outcome of one frame.
#[derive(Debug, Clone)]
pub enum Decoded<'a> {
    /// An IP packet.
    Ip(Packet<'a>),
    /// Whole and understood, but no IP in it (ARP, LLDP, PPP control, ...).
    NotIp,
    /// The snap length cut it before its headers were whole.
    Cut,
    /// Its headers contradict themselves.
    Malformed(&'static str),
    /// A link type that is not read.
    Unsupported(LinkType),
}

/// An IP packet; of packets inside one another, the innermost.
#[derive(Debug, Clone)]
pub struct Packet<'a> {
    /// Source address; where an IPv6 option names the home address, that.
    pub source: IpAddr,
    /// Destination address; where an IPv6 routing header names the final destination, that.
    pub destination: IpAddr,
    /// What it carries.
    pub payload: Payload<'a>,
    /// The IPv4 header checksum is wrong (never so for IPv6).
    pub header_checksum_wrong: bool,
    /// What it was wrapped in.
    pub tunnels: Tunnels,
}

/// What an IP packet carries.
#[derive(Debug, Clone)]
pub enum Payload<'a> {
    /// A TCP segment.
    Tcp(Tcp<'a>),
    /// A UDP datagram.
    Udp(Udp<'a>),
    /// A fragment of a larger packet: for the [`crate::Defragmenter`].
    Fragment(Fragment<'a>),
    /// An ICMP error that says which packet did not arrive; any other ICMP is `Other`.
    Unreachable(Unreachable),
    /// Another protocol, by its IP number; a tunnel's, where no IP packet is in it, or one more than are read (UDP's too).
    Other(u8),
    /// The snap length cut it inside the transport header, or inside a tunnel's headers.
    Cut,
    /// The transport header contradicts itself, or a tunnel's headers do.
    Malformed(&'static str),
}

/// A TCP segment.
#[derive(Debug, Clone, Copy)]
pub struct Tcp<'a> {
    /// Source port.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
    /// Sequence number of the first payload byte (of SYN, where set).
    pub sequence: u32,
    /// Acknowledgment number; meaningless without the ACK flag.
    pub acknowledgment: u32,
    /// CWR ECE URG ACK PSH RST SYN FIN, FIN lowest.
    pub flags: u8,
    /// Window as it stands in the header, unscaled.
    pub window: u16,
    /// Payload as captured.
    pub payload: &'a [u8],
    /// Payload bytes that the snap length cut off the end.
    pub missing: u32,
    /// The whole segment, header first, for the checksum.
    pub segment: &'a [u8],
}

/// A UDP datagram.
#[derive(Debug, Clone, Copy)]
pub struct Udp<'a> {
    /// Source port.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
    /// Payload as captured.
    pub payload: &'a [u8],
    /// Payload bytes that the snap length cut off the end.
    pub missing: u32,
}

/// A fragment of an IP packet.
#[derive(Debug, Clone, Copy)]
pub struct Fragment<'a> {
    /// Source address.
    pub source: IpAddr,
    /// Destination address.
    pub destination: IpAddr,
    /// Identification, 16 bits for IPv4, 32 for IPv6.
    pub identification: u32,
    /// Protocol of the whole packet's payload.
    pub protocol: u8,
    /// Offset of `payload` in the whole packet's payload, bytes.
    pub offset: u32,
    /// More fragments follow.
    pub more: bool,
    /// This fragment's bytes as captured.
    pub payload: &'a [u8],
    /// Bytes that the snap length cut off the end.
    pub missing: u32,
    /// What the fragment was wrapped in.
    pub tunnels: Tunnels,
}
