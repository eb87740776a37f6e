//! Link layers and tunnels down to IP, IP itself, and defragmentation. Judges nothing, keeps no clock.

mod checksum;
mod decode;
mod defragment;
mod extension;
mod frame;
mod icmp;
mod ip;
mod link_type;
mod packet;
mod partial;
mod protocol;
mod rest;
mod transport;
mod tunnel;
mod tunnels;

pub use checksum::{segment_checksum_valid, tcp_checksum_valid};
pub use decode::decode;
pub use defragment::{Contradiction, Datagram, DefragmentLimits, Defragmenter, Overlap, Piece};
pub use icmp::Unreachable;
pub use link_type::LinkType;
pub use packet::{Decoded, Fragment, Packet, Payload, Tcp, Udp};
pub use protocol::{Protocol, unread_protocol};
pub use tunnels::{Tunnel, Tunnels};
