//! From a frame to the segments in it: link layer, defragmentation, and the packets' counts.

use std::collections::BTreeMap;

use link::{Decoded, Payload};

use super::flow::Packet;
use super::flows::Addressed;
use crate::session::PacketTotals;
use crate::source::{Frame, Timestamp};

/// The first part of the way; it alone sees every frame.
pub(super) struct Intake {
    pub packets: PacketTotals,
    defragmenter: link::Defragmenter,
    /// What was neither TCP nor UDP, by the protocol that is not read.
    unread: BTreeMap<Option<link::Protocol>, u64>,
    /// Frames so far, over all files.
    pub frames: u64,
    next_tick_ns: i64,
    batch: Batch,
    /// Frames lost to a defect of ours.
    pub defects: u64,
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
    pub fn new() -> Self {
        Self {
            packets: PacketTotals::default(),
            defragmenter: link::Defragmenter::new(link::DefragmentLimits::default()),
            unread: BTreeMap::new(),
            frames: 0,
            next_tick_ns: i64::MIN,
            batch: Batch::default(),
            defects: 0,
        }
    }

    /// Takes one frame apart; its TCP segments go to `give`.
    pub fn frame(&mut self, frame: &Frame<'_>, give: &mut impl FnMut(&Addressed<'_>)) -> Taken {
        self.frames += 1;
        let work = std::panic::AssertUnwindSafe(|| self.take_apart(frame, give));
        if std::panic::catch_unwind(work).is_err() {
            self.defects += 1;
        }
        let tick = frame.time.nanoseconds >= self.next_tick_ns;
        if tick {
            self.next_tick_ns = frame.time.nanoseconds.saturating_add(TICK_NS);
        }
        self.batch.frames += 1;
        self.batch.bytes += frame.bytes.len();
        let boundary = tick || self.batch.frames >= BATCH_FRAMES || self.batch.bytes >= BATCH_BYTES;
        if boundary {
            self.batch = Batch::default();
        }
        Taken { tick, boundary }
    }

    fn take_apart(&mut self, frame: &Frame<'_>, give: &mut impl FnMut(&Addressed<'_>)) {
        match link::decode(frame.link_type, frame.bytes, frame.original_length) {
            Decoded::Ip(packet) => self.packet(&packet, frame, give),
            Decoded::NotIp => {
                self.packets.not_ip += 1;
                self.unread(frame);
            }
            Decoded::Cut => self.packets.cut += 1,
            Decoded::Malformed(_) => self.packets.malformed += 1,
            Decoded::Unsupported(link_type) => {
                let name = link_type.name().into_owned();
                *self.packets.unsupported_link.entry(name).or_default() += 1;
            }
        }
    }

    /// Counts what is passed over under its name.
    fn unread(&mut self, frame: &Frame<'_>) {
        let found = link::unread_protocol(frame.link_type, frame.bytes, frame.original_length);
        let mut protocol = found.map(|(_, protocol)| protocol);
        if self.unread.len() >= UNREAD_PROTOCOLS_MAX && !self.unread.contains_key(&protocol) {
            protocol = None;
        }
        *self.unread.entry(protocol).or_default() += 1;
    }

    /// The packets' counts, whole.
    pub fn totals(&mut self) -> PacketTotals {
        for (protocol, count) in std::mem::take(&mut self.unread) {
            let name = protocol.map_or("other".into(), link::Protocol::name);
            *self.packets.unread.entry(name.into_owned()).or_default() += count;
        }
        std::mem::take(&mut self.packets)
    }

    /// Packets of which fragments never came.
    pub fn fragments_evicted(&self) -> u64 {
        self.defragmenter.evicted()
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
            Payload::Udp(_) => self.packets.udp += 1,
            Payload::Fragment(fragment) => {
                self.packets.fragments += 1;
                let whole =
                    self.defragmenter
                        .push(fragment, frame.id.token(), frame.time.nanoseconds);
                if let Some(datagram) = whole {
                    self.datagram(&datagram, frame.time, give);
                }
            }
            Payload::Other(_) => self.unread(frame),
            Payload::Cut => self.packets.cut += 1,
            Payload::Malformed(_) => self.packets.malformed += 1,
        }
    }

    /// A packet put together from fragments: each frame's bytes go on under its own number.
    fn datagram(
        &mut self,
        datagram: &link::Datagram,
        time: Timestamp,
        give: &mut impl FnMut(&Addressed<'_>),
    ) {
        let packet = datagram.packet();
        match &packet.payload {
            Payload::Tcp(tcp) => {
                self.packets.tcp += 1;
                let whole = addressed(&packet, tcp, 0, time);
                let header = datagram.offset_of(tcp.payload);
                for piece in &datagram.pieces {
                    if let Some(part) = part(&whole, header, piece) {
                        give(&part);
                    }
                }
            }
            Payload::Udp(_) => self.packets.udp += 1,
            Payload::Malformed(_) => self.packets.malformed += 1,
            Payload::Fragment(fragment) => {
                // A fragment inside a fragmented tunnel; every tunnel makes the packet shorter, so this ends.
                let token = datagram.pieces.last().map_or(0, |piece| piece.token);
                let whole = self.defragmenter.push(fragment, token, time.nanoseconds);
                if let Some(datagram) = whole {
                    self.datagram(&datagram, time, give);
                }
            }
            Payload::Other(_) | Payload::Cut => {}
        }
    }
}

/// The part of a segment that one fragment carried; `header` bytes stand before the payload.
fn part<'a>(whole: &Addressed<'a>, header: usize, piece: &link::Piece) -> Option<Addressed<'a>> {
    let all = whole.packet.segment.payload;
    let start = piece.offset as usize;
    let from = start.saturating_sub(header);
    let to = (start + piece.length as usize)
        .saturating_sub(header)
        .min(all.len());
    let last = to >= all.len();
    let payload = all.get(from..to)?;
    if payload.is_empty() && !last {
        return None;
    }
    let segment = tcp::Segment {
        sequence: whole.packet.segment.sequence.wrapping_add(from as u32),
        fin: whole.packet.segment.fin && last,
        payload,
        token: piece.token,
        ..whole.packet.segment
    };
    Some(Addressed {
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
                token,
                time_ns: time.nanoseconds,
            },
            syn,
            acknowledgment: (tcp.flags & ACK != 0).then_some(tcp.acknowledgment),
            digits: time.digits,
        },
        checked: &[],
    }
}

/// How often sessions are told the time.
const TICK_NS: i64 = 1_000_000_000;
/// A batch ends after so many frames,
const BATCH_FRAMES: u32 = 2048;
/// or after so many bytes.
const BATCH_BYTES: usize = 1 << 20;
/// Protocols counted apart; what else is passed over is `other`. Numbers come from the wire.
const UNREAD_PROTOCOLS_MAX: usize = 256;
const FIN: u8 = 1;
const SYN: u8 = 2;
const ACK: u8 = 16;
