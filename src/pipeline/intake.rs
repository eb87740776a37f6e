//! From a frame to the segments in it: link layer, defragmentation, and the packets' counts.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use link::{Decoded, Payload};

use super::blocks::{Blocks, Placed};
use super::flow::Packet;
use super::flows::Addressed;
use super::keys::Found;
use super::options::Options;
use super::outbox::{Arrival, Event};
use super::tftp;
use super::tls_told;
use crate::session::{
    Datagram, DatagramKind, PacketTotals, Side, UdpAnswer, Unreachable, Verified,
};
use crate::source::{Block, BlockKind, Content, Frame, FrameId, Timestamp};

/// The first part of the way; it alone sees every frame.
pub(super) struct Intake {
    pub packets: PacketTotals,
    defragmenter: link::Defragmenter,
    /// Fragments of TCP segments that contradict others of their packet.
    pub segment_conflicts: u64,
    blocks: Blocks,
    pub tftp: tftp::Transfers,
    /// The time of the last frame.
    now: Timestamp,
    /// What was neither TCP nor UDP, by the protocol that is not read.
    unread: BTreeMap<Option<link::Protocol>, u64>,
    /// Frames so far, over all files.
    pub frames: u64,
    next_tick_ns: i64,
    batch: Batch,
    batch_bytes_max: usize,
    /// Frames lost to a defect of ours.
    pub defects: u64,
    /// Secrets of the capture, and how many of its blocks were taken.
    found: Arc<Found>,
    secrets: usize,
    /// What datagrams say, in order.
    pub events: Vec<Event>,
}

/// How much has come in since the last boundary.
#[derive(Debug, Default)]
struct Batch {
    frames: u32,
    bytes: usize,
}

/// What a frame means beside its segments.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    /// Sessions should be told the time.
    pub tick: bool,
    /// A batch ends with this frame: what is ready goes out.
    pub boundary: bool,
}

impl Intake {
    pub fn new(options: &Options, found: Arc<Found>) -> Self {
        let overlap = match options.overlap {
            tcp::Overlap::First => link::Overlap::First,
            tcp::Overlap::Last => link::Overlap::Last,
        };
        let limits = link::DefragmentLimits::default();
        Self {
            packets: PacketTotals::default(),
            defragmenter: link::Defragmenter::new(limits).with_overlap(overlap),
            segment_conflicts: 0,
            blocks: Blocks::default(),
            tftp: tftp::Transfers::new(options.limits.tftp),
            now: Timestamp::default(),
            unread: BTreeMap::new(),
            frames: 0,
            next_tick_ns: i64::MIN,
            batch: Batch::default(),
            batch_bytes_max: if options.messages {
                BATCH_BYTES_OF_MESSAGES
            } else {
                BATCH_BYTES
            },
            defects: 0,
            found,
            secrets: 0,
            events: Vec::new(),
        }
    }

    /// Takes one frame apart; its TCP segments go to `give`.
    pub fn frame(&mut self, frame: &Frame<'_>, give: &mut impl FnMut(&Addressed<'_>)) -> Taken {
        if let Some(fresh @ [_, ..]) = frame.secrets.get(self.secrets..) {
            self.found.learn(self.frames, fresh);
            self.secrets = frame.secrets.len();
        }
        self.frames += 1;
        self.now = frame.time;
        let work = std::panic::AssertUnwindSafe(|| self.take_apart(frame, give));
        if std::panic::catch_unwind(work).is_err() {
            self.defects += 1;
        }
        let ahead_ns = self.next_tick_ns.saturating_sub(frame.time.nanoseconds);
        // Also when the clock was set back: the next tick would be long in coming.
        let tick = ahead_ns <= 0 || ahead_ns > 60 * TICK_NS;
        if tick {
            self.next_tick_ns = frame.time.nanoseconds.saturating_add(TICK_NS);
            self.tftp.expire(frame.time);
            self.tell_of_tftp();
        }
        self.batch.frames += 1;
        self.batch.bytes += frame.bytes.len();
        let boundary =
            tick || self.batch.frames >= BATCH_FRAMES || self.batch.bytes >= self.batch_bytes_max;
        if boundary {
            self.batch = Batch::default();
        }
        Taken { tick, boundary }
    }

    /// No frame has come for a while: what is ready goes out, and sessions are told the time.
    pub fn tick(&mut self, now: Timestamp) -> Taken {
        self.now = self.now.max(now);
        self.next_tick_ns = now.nanoseconds.saturating_add(TICK_NS);
        self.tftp.expire(now);
        self.tell_of_tftp();
        self.batch = Batch::default();
        Taken {
            tick: true,
            boundary: true,
        }
    }

    fn take_apart(&mut self, frame: &Frame<'_>, give: &mut impl FnMut(&Addressed<'_>)) {
        let (link_type, original_length) = match frame.content {
            Content::Packet {
                link_type,
                original_length,
            } => (link_type, original_length),
            Content::Block(block) => {
                self.packets.udp += u64::from(block.kind == BlockKind::Datagram);
                if block.kind == BlockKind::Datagram {
                    let ends = (block.source, block.destination);
                    self.said(ends, frame.bytes, 0, frame.time, || vec![frame.id]);
                }
                if block.kind == BlockKind::Tls {
                    self.told_of_tls(block, frame);
                }
                let placed = Placed {
                    block,
                    time: frame.time,
                    token: frame.id.token(),
                    bytes: frame.bytes,
                };
                return self.blocks.take(&placed, give);
            }
        };
        match link::decode(link_type, frame.bytes, original_length) {
            Decoded::Ip(packet) => self.packet(&packet, frame, give),
            Decoded::NotIp => {
                self.packets.not_ip += 1;
                self.unread(unread_protocol(frame));
            }
            Decoded::Cut => self.packets.cut += 1,
            Decoded::Malformed(_) => self.packets.malformed += 1,
            Decoded::Unsupported(link_type) => self.unsupported(link_type),
        }
    }

    /// A transcript tells of the TLS of a connection.
    fn told_of_tls(&mut self, block: &Block, frame: &Frame<'_>) {
        self.events
            .extend(tls_told::read(block, frame).map(|told| Event {
                order: self.frames.saturating_sub(1),
                rank: 0,
                time: frame.time,
                what: Arrival::TlsTold(Box::new(told)),
            }));
    }

    /// Counts a frame of a link type that is not read under its name.
    fn unsupported(&mut self, link_type: link::LinkType) {
        let names = &mut self.packets.unsupported_link;
        let mut name = link_type.name();
        if names.len() >= UNREAD_NAMES_MAX && !names.contains_key(name.as_ref()) {
            name = OTHER.into();
        }
        *names.entry(name.into_owned()).or_default() += 1;
    }

    /// Counts what is passed over under its name.
    fn unread(&mut self, mut protocol: Option<link::Protocol>) {
        if self.unread.len() >= UNREAD_NAMES_MAX && !self.unread.contains_key(&protocol) {
            protocol = None;
        }
        *self.unread.entry(protocol).or_default() += 1;
    }

    /// A datagram, which may concern a device; on a mirror port nearly none does.
    fn said(
        &mut self,
        (source, destination): (SocketAddr, SocketAddr),
        payload: &[u8],
        missing: u32,
        time: Timestamp,
        frames: impl Fn() -> Vec<FrameId>,
    ) {
        let wire_bytes = payload.len().saturating_add(missing as usize);
        let datagram = tftp::Datagram {
            ends: (source, destination),
            payload,
            wire_bytes,
            time,
        };
        if self.tftp.take(&datagram, &frames) {
            return self.tell_of_tftp();
        }
        let ports = [source.port(), destination.port()];
        let Some(kind) = DatagramKind::of(payload, wire_bytes, ports) else {
            if payload.starts_with(b"HTTP/") {
                self.answered((source, destination), time, frames());
            }
            return;
        };
        let datagram = Datagram {
            kind,
            payload: payload.to_vec(),
            wire_bytes,
            frames: frames(),
            source,
            destination,
            time,
            from: Side::Other,
            session: None,
            device: None,
            copy_of: None,
            binding: None,
            came_of: None,
            verified: Verified::default(),
        };
        self.events.push(Event {
            order: self.frames.saturating_sub(1),
            rank: 0,
            time,
            what: Arrival::Datagram(Box::new(datagram)),
        });
    }

    /// HTTP text that answers by UDP: it may be a device's answer to a Connection Request.
    fn answered(
        &mut self,
        (source, destination): (SocketAddr, SocketAddr),
        time: Timestamp,
        frames: Vec<FrameId>,
    ) {
        let answer = UdpAnswer {
            source,
            destination,
            frames,
            time,
        };
        self.events.push(Event {
            order: self.frames.saturating_sub(1),
            rank: 0,
            time,
            what: Arrival::UdpAnswer(Box::new(answer)),
        });
    }

    /// Hands on the transfers by TFTP that are over.
    fn tell_of_tftp(&mut self) {
        let order = self.frames.saturating_sub(1);
        let time = self.now;
        self.events.extend(self.tftp.told().map(|told| Event {
            order,
            rank: 0,
            time,
            what: Arrival::Tftp(Box::new(told)),
        }));
    }

    /// What ends with the capture.
    pub fn rest(&mut self) -> Vec<Event> {
        self.tftp.finish();
        self.tell_of_tftp();
        std::mem::take(&mut self.events)
    }

    /// A packet did not arrive, as an ICMP error says.
    fn unreachable(
        &mut self,
        error: &link::Unreachable,
        by: IpAddr,
        time: Timestamp,
        frames: Vec<FrameId>,
    ) {
        let unreachable = Unreachable {
            udp: error.protocol == UDP,
            source: SocketAddr::new(error.source, error.source_port),
            destination: SocketAddr::new(error.destination, error.destination_port),
            by,
            says: error.says,
            frames,
            time,
        };
        self.events.push(Event {
            order: self.frames.saturating_sub(1),
            rank: 0,
            time,
            what: Arrival::Unreachable(Box::new(unreachable)),
        });
    }

    /// The packets' counts, whole.
    pub fn totals(&mut self) -> PacketTotals {
        for (protocol, count) in std::mem::take(&mut self.unread) {
            let name = protocol.map_or(OTHER.into(), link::Protocol::name);
            *self.packets.unread.entry(name.into_owned()).or_default() += count;
        }
        let conflicts = self.defragmenter.conflicts();
        self.packets.fragment_conflicts = conflicts.saturating_sub(self.segment_conflicts);
        std::mem::take(&mut self.packets)
    }

    /// Packets of which fragments never came.
    pub fn fragments_evicted(&self) -> u64 {
        self.defragmenter.evicted()
    }

    /// Connections of transcripts that were given up before their end.
    pub fn blocks_forgotten(&self) -> u64 {
        self.blocks.forgotten
    }

    fn packet(
        &mut self,
        packet: &link::Packet<'_>,
        frame: &Frame<'_>,
        give: &mut impl FnMut(&Addressed<'_>),
    ) {
        self.packets.ip += 1;
        self.packets.checksum_wrong += u64::from(packet.header_checksum_wrong);
        match &packet.payload {
            Payload::Tcp(tcp) => {
                self.packets.tcp += 1;
                let checkable = !packet.header_checksum_wrong && tcp.missing == 0;
                let addressed = Addressed {
                    checked: if checkable { tcp.segment } else { &[] },
                    ..addressed(packet, tcp, frame.id.token(), frame.time)
                };
                give(&addressed);
            }
            Payload::Udp(udp) => {
                self.packets.udp += 1;
                self.said(
                    ends(packet, udp),
                    udp.payload,
                    udp.missing,
                    frame.time,
                    || vec![frame.id],
                );
            }
            Payload::Fragment(fragment) => {
                self.packets.fragments += 1;
                let whole =
                    self.defragmenter
                        .push(fragment, frame.id.token(), frame.time.nanoseconds);
                self.datagrams(whole, frame.time, give);
            }
            Payload::Unreachable(error) => {
                self.unread(unread_protocol(frame));
                self.unreachable(error, packet.source, frame.time, vec![frame.id]);
            }
            Payload::Other(_) => self.unread(unread_protocol(frame)),
            Payload::Cut => self.packets.cut += 1,
            Payload::Malformed(_) => self.packets.malformed += 1,
        }
    }

    /// A packet put together from fragments, and those that it completes one after another by a fragment in a tunnel.
    ///
    /// Each stands at least one tunnel deeper than the one before, so that no more than [`link::Tunnels::MAX`] follow.
    fn datagrams(
        &mut self,
        mut whole: Option<link::Datagram>,
        time: Timestamp,
        give: &mut impl FnMut(&Addressed<'_>),
    ) {
        while let Some(datagram) = whole {
            whole = self.datagram(&datagram, time, give);
        }
    }

    /// A packet put together from fragments: each frame's bytes go on under its own number. Gives the packet that is whole
    /// with it.
    fn datagram(
        &mut self,
        datagram: &link::Datagram,
        time: Timestamp,
        give: &mut impl FnMut(&Addressed<'_>),
    ) -> Option<link::Datagram> {
        let packet = datagram.packet();
        match &packet.payload {
            Payload::Tcp(tcp) => {
                self.packets.tcp += 1;
                let whole = addressed(&packet, tcp, 0, time);
                let header = datagram.offset_of(tcp.payload);
                self.segment_conflicts += datagram.conflicts;
                for contradiction in &datagram.contradictions {
                    if let Some(other) = other_version(&whole, header, contradiction) {
                        give(&other);
                    }
                }
                for piece in &datagram.pieces {
                    if let Some(part) = part(&whole, header, piece) {
                        give(&part);
                    }
                }
            }
            Payload::Udp(udp) => {
                self.packets.udp += 1;
                let frame = |piece: &link::Piece| FrameId::from_token(piece.token);
                let frames = || datagram.pieces.iter().map(frame).collect();
                self.said(ends(&packet, udp), udp.payload, udp.missing, time, frames);
            }
            Payload::Malformed(_) => self.packets.malformed += 1,
            Payload::Fragment(fragment) => {
                let token = datagram.pieces.last().map_or(0, |piece| piece.token);
                return self.defragmenter.push(fragment, token, time.nanoseconds);
            }
            Payload::Unreachable(error) => {
                self.unread(datagram.unread_protocol().map(|(_, protocol)| protocol));
                let frame = |piece: &link::Piece| FrameId::from_token(piece.token);
                let frames = datagram.pieces.iter().map(frame).collect();
                self.unreachable(error, packet.source, time, frames);
            }
            Payload::Other(_) => {
                self.unread(datagram.unread_protocol().map(|(_, protocol)| protocol));
            }
            Payload::Cut => self.packets.cut += 1,
        }
        None
    }
}

/// The addresses of a datagram.
fn ends(packet: &link::Packet<'_>, udp: &link::Udp<'_>) -> (SocketAddr, SocketAddr) {
    (
        SocketAddr::new(packet.source, udp.source_port),
        SocketAddr::new(packet.destination, udp.destination_port),
    )
}

/// What is passed over in a frame.
fn unread_protocol(frame: &Frame<'_>) -> Option<link::Protocol> {
    let (link_type, original_length) = frame.packet()?;
    let found = link::unread_protocol(link_type, frame.bytes, original_length);
    found.map(|(_, protocol)| protocol)
}

/// The part of a segment that a fragment would have carried, had not another one come with other bytes in its place.
///
/// What differs before or behind the segment's payload, as in the trailer of a tunnel, is no part of it.
fn other_version<'a>(
    whole: &Addressed<'a>,
    header: usize,
    contradiction: &'a link::Contradiction,
) -> Option<Addressed<'a>> {
    let start = contradiction.offset as usize;
    let (from, in_header) = (start.saturating_sub(header), header.saturating_sub(start));
    let room = whole.packet.segment.payload.len().checked_sub(from)?;
    let length = (contradiction.length as usize)
        .checked_sub(in_header)?
        .min(room);
    let payload = contradiction.bytes.get(in_header..)?;
    let payload = payload.get(..length).unwrap_or(payload);
    let segment = tcp::Segment {
        sequence: whole.packet.segment.sequence.wrapping_add(from as u32),
        fin: false,
        payload,
        missing: length.saturating_sub(payload.len()) as u32,
        token: contradiction.token,
        ..whole.packet.segment
    };
    let packet = Packet {
        segment,
        contradicted: true,
        ..whole.packet
    };
    let flags = whole.flags & !(FIN | RST);
    (!payload.is_empty()).then_some(Addressed {
        flags,
        packet,
        ..*whole
    })
}

/// The part of a segment that one fragment carried; `header` bytes stand before the payload.
///
/// What ends the segment (the bytes that the snap length cut off, FIN, RST) is the part's that has its last byte.
fn part<'a>(whole: &Addressed<'a>, header: usize, piece: &link::Piece) -> Option<Addressed<'a>> {
    let all = whole.packet.segment.payload;
    let start = piece.offset as usize;
    let end = start + piece.length as usize;
    let from = start.saturating_sub(header);
    let to = end.saturating_sub(header).min(all.len());
    let last = (start + 1..=end).contains(&(header + all.len()));
    let payload = all.get(from..to)?;
    if payload.is_empty() && !last {
        return None;
    }
    let segment = tcp::Segment {
        sequence: whole.packet.segment.sequence.wrapping_add(from as u32),
        fin: whole.packet.segment.fin && last,
        payload,
        missing: if last {
            whole.packet.segment.missing
        } else {
            0
        },
        token: piece.token,
        ..whole.packet.segment
    };
    let ends = if last { 0 } else { FIN | RST };
    Some(Addressed {
        flags: whole.flags & !ends,
        packet: Packet {
            segment,
            ..whole.packet
        },
        ..*whole
    })
}

fn addressed<'a>(
    packet: &link::Packet<'_>,
    tcp: &link::Tcp<'a>,
    token: u64,
    time: Timestamp,
) -> Addressed<'a> {
    let syn = tcp.flags & SYN != 0;
    Addressed {
        source: (packet.source, tcp.source_port),
        destination: (packet.destination, tcp.destination_port),
        sequence: tcp.sequence,
        flags: tcp.flags,
        packet: Packet {
            segment: tcp::Segment {
                // Data on SYN (RFC 7413) begins one after the sequence number, which SYN itself takes.
                sequence: tcp.sequence.wrapping_add(u32::from(syn)),
                fin: tcp.flags & FIN != 0,
                payload: tcp.payload,
                missing: tcp.missing,
                acknowledgment: (tcp.flags & ACK != 0).then_some(tcp.acknowledgment),
                token,
                time_ns: time.nanoseconds,
            },
            syn,
            contradicted: false,
            lost: 0,
            digits: time.digits,
        },
        checked: &[],
    }
}

/// How often sessions are told the time.
const TICK_NS: i64 = 1_000_000_000;
/// A batch ends after so many frames,
const BATCH_FRAMES: u32 = 4096;
/// or after so many bytes.
const BATCH_BYTES: usize = 512 << 10;
/// Where messages are wanted with their bodies: compressed ones come to many times as much.
const BATCH_BYTES_OF_MESSAGES: usize = 128 << 10;
/// Protocols counted apart, and link types; what else is passed over is `other`. Numbers come from the wire.
const UNREAD_NAMES_MAX: usize = 256;
const OTHER: &str = "other";
/// UDP among the IP protocols.
const UDP: u8 = 17;
const FIN: u8 = 1;
const SYN: u8 = 2;
const RST: u8 = 4;
const ACK: u8 = 16;
