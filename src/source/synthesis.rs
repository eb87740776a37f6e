//! Packets as they might have been: bytes of connections and datagrams, written as a pcapng that any tool reads.
//!
//! What was said is exact, and so are addresses and times; sequence numbers, segments and acknowledgements are made up, and the
//! file says so. It is no capture: a retransmission or a lost packet does not stand in it.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use super::{Timestamp, written};

/// Makes frames; the numbers of each connection are remembered.
#[derive(Debug, Default)]
pub struct Synthesis {
    /// Next sequence numbers of both ends, by source and destination.
    next: BTreeMap<(SocketAddr, SocketAddr), u32>,
    frames: u64,
}

impl Synthesis {
    /// The beginning of the file: section header and one interface of raw IP with times in nanoseconds.
    #[must_use]
    pub fn header() -> Vec<u8> {
        let mut out = Vec::new();
        written::section(Some(COMMENT), &mut out);
        written::interface(LINK_RAW, 0, &[], &mut out);
        out
    }

    /// Goes on in a file that holds so many frames: a port used again gets other numbers.
    #[must_use]
    pub fn behind(frames: u64) -> Self {
        Self {
            frames,
            ..Self::default()
        }
    }

    /// Frames written so far.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// A connection is made by `from`: three packets.
    pub fn open(&mut self, time: Timestamp, from: SocketAddr, to: SocketAddr, out: &mut Vec<u8>) {
        // Where numbers begin says nothing; that of a port used again has to be another.
        self.next
            .insert((from, to), (self.frames as u32).wrapping_mul(65_537));
        self.next.insert((to, from), 0x8000_0000);
        self.segment(time, from, to, SYN, &[], out);
        self.segment(time, to, from, SYN | ACK, &[], out);
        self.segment(time, from, to, ACK, &[], out);
    }

    /// Bytes of a connection.
    pub fn bytes(
        &mut self,
        time: Timestamp,
        from: SocketAddr,
        to: SocketAddr,
        bytes: &[u8],
        out: &mut Vec<u8>,
    ) {
        for segment in bytes.chunks(SEGMENT_BYTES) {
            self.segment(time, from, to, PSH | ACK, segment, out);
        }
    }

    /// `from` ends its direction, or breaks the connection off.
    pub fn end(
        &mut self,
        time: Timestamp,
        from: SocketAddr,
        to: SocketAddr,
        reset: bool,
        out: &mut Vec<u8>,
    ) {
        let flags = if reset { RST | ACK } else { FIN | ACK };
        self.segment(time, from, to, flags, &[], out);
        if !reset {
            self.segment(time, to, from, ACK, &[], out);
        }
    }

    /// A UDP datagram.
    pub fn datagram(
        &mut self,
        time: Timestamp,
        from: SocketAddr,
        to: SocketAddr,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) {
        let payload = payload.get(..DATAGRAM_BYTES_MAX).unwrap_or(payload);
        let length = (payload.len() + 8) as u16;
        let mut packet = Vec::with_capacity(payload.len() + 8);
        for part in [from.port(), to.port(), length, 0] {
            packet.extend_from_slice(&part.to_be_bytes());
        }
        packet.extend_from_slice(payload);
        self.packet(time, [from.ip(), to.ip()], UDP, packet, 6, out);
    }

    fn segment(
        &mut self,
        time: Timestamp,
        from: SocketAddr,
        to: SocketAddr,
        flags: u8,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) {
        let acknowledged = self.next.get(&(to, from)).copied().unwrap_or_default();
        let next = self.next.entry((from, to)).or_default();
        let sequence = *next;
        let counted = u32::from(flags & (SYN | FIN) != 0);
        *next = sequence
            .wrapping_add(payload.len() as u32)
            .wrapping_add(counted);
        let acknowledged = if flags & ACK == 0 { 0 } else { acknowledged };
        let mut packet = Vec::with_capacity(payload.len() + 20);
        packet.extend_from_slice(&from.port().to_be_bytes());
        packet.extend_from_slice(&to.port().to_be_bytes());
        packet.extend_from_slice(&sequence.to_be_bytes());
        packet.extend_from_slice(&acknowledged.to_be_bytes());
        packet.extend_from_slice(&[0x50, flags, 0xFF, 0xFF, 0, 0, 0, 0]);
        packet.extend_from_slice(payload);
        self.packet(time, [from.ip(), to.ip()], TCP, packet, 16, out);
    }

    /// A frame with its IP head and its checksum, which stands at `checksum_at` in the payload.
    fn packet(
        &mut self,
        time: Timestamp,
        [from, to]: [IpAddr; 2],
        protocol: u8,
        mut payload: Vec<u8>,
        checksum_at: usize,
        out: &mut Vec<u8>,
    ) {
        let sum = sum(&pseudo_head(from, to, protocol, payload.len()), 0);
        let checksum = match !fold(self::sum(&payload, sum)) {
            // Zero says that there is none (RFC 768).
            0 if protocol == UDP => 0xFFFF,
            checksum => checksum,
        };
        if let Some(place) = payload.get_mut(checksum_at..checksum_at + 2) {
            place.copy_from_slice(&checksum.to_be_bytes());
        }
        let mut frame = head(from, to, protocol, payload.len(), self.frames);
        frame.extend_from_slice(&payload);
        self.frames = self.frames.saturating_add(1);
        written::packet(0, time, frame.len() as u32, &frame, out);
    }
}

/// The IP head of a packet.
fn head(from: IpAddr, to: IpAddr, protocol: u8, length: usize, number: u64) -> Vec<u8> {
    match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            let mut head = vec![0x45, 0];
            head.extend_from_slice(&((length + 20) as u16).to_be_bytes());
            head.extend_from_slice(&(number as u16).to_be_bytes());
            head.extend_from_slice(&[0x40, 0, 64, protocol, 0, 0]);
            head.extend_from_slice(&from.octets());
            head.extend_from_slice(&to.octets());
            let checksum = !fold(sum(&head, 0));
            if let Some(place) = head.get_mut(10..12) {
                place.copy_from_slice(&checksum.to_be_bytes());
            }
            head
        }
        (from, to) => {
            let mut head = vec![0x60, 0, 0, 0];
            head.extend_from_slice(&(length as u16).to_be_bytes());
            head.extend_from_slice(&[protocol, 64]);
            head.extend_from_slice(&v6(from));
            head.extend_from_slice(&v6(to));
            head
        }
    }
}

/// What goes into a checksum beside the packet (RFC 9293 section 3.1, RFC 8200 section 8.1).
fn pseudo_head(from: IpAddr, to: IpAddr, protocol: u8, length: usize) -> Vec<u8> {
    let mut head = Vec::with_capacity(40);
    match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            head.extend_from_slice(&from.octets());
            head.extend_from_slice(&to.octets());
        }
        (from, to) => {
            head.extend_from_slice(&v6(from));
            head.extend_from_slice(&v6(to));
        }
    }
    head.extend_from_slice(&(length as u32).to_be_bytes());
    head.extend_from_slice(&[0, 0, 0, protocol]);
    head
}

fn v6(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => address.octets(),
    }
}

fn sum(bytes: &[u8], start: u64) -> u64 {
    bytes.chunks(2).fold(start, |sum, pair| {
        let high = u64::from(pair.first().copied().unwrap_or_default());
        let low = u64::from(pair.get(1).copied().unwrap_or_default());
        sum + (high << 8 | low)
    })
}

fn fold(mut sum: u64) -> u16 {
    while sum > 0xFFFF {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    sum as u16
}

/// LINKTYPE_RAW: the version of IP tells the rest.
const LINK_RAW: u16 = 101;
const COMMENT: &str = "A replay by informant. What was said, by whom and when is exact; packets, sequence numbers and \
                       acknowledgements are made up.";
const SEGMENT_BYTES: usize = 1448;
const DATAGRAM_BYTES_MAX: usize = 65_000;
const TCP: u8 = 6;
const UDP: u8 = 17;
const FIN: u8 = 1;
const SYN: u8 = 2;
const RST: u8 = 4;
const PSH: u8 = 8;
const ACK: u8 = 16;
