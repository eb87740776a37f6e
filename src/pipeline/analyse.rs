//! The way of a datum: frame, packet, flow, message, session.

use std::ops::ControlFlow;

use link::{Decoded, Payload};
use tcp::Overlap;

use super::flow::{Findings, Packet};
use super::flows::{Addressed, Flows, Pass};
use super::limits::Limits;
use super::reader::Arrival;
use crate::session::{Assembler, Output, PacketTotals, Summary};
use crate::source::{Capture, Frame, Progress, Timestamp};

/// What an analysis is to do.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Deliver every message too, decoded.
    pub messages: bool,
    /// Stop after so many frames.
    pub frames_max: Option<u64>,
    /// Which bytes count where two segments contradict.
    pub overlap: Overlap,
    /// Every bound.
    pub limits: Limits,
}

/// Reads a capture to its end, delivering what closes on the way; `deliver` may stop it.
///
/// # Errors
/// None of its own: damage of the input stands in [`Capture::problems`], bounds and defects in the summary.
pub fn analyse(
    capture: &mut Capture,
    options: &Options,
    deliver: &mut dyn FnMut(Output) -> ControlFlow<()>,
    progress: &mut dyn FnMut(Progress),
) -> Summary {
    let mut engine = Engine::new(options);
    let mut frames = 0_u64;
    while options.frames_max.is_none_or(|max| frames < max) {
        let Some(frame) = capture.next() else { break };
        engine.frame(&frame);
        frames += 1;
        if engine.deliver(deliver).is_break() {
            break;
        }
        if frames.is_multiple_of(PROGRESS_FRAMES) {
            progress(capture.progress());
        }
    }
    let mut summary = engine.finish(deliver);
    summary.files = capture.facts().to_vec();
    summary
}

/// Everything between a frame and what comes of it.
struct Engine<'a> {
    options: &'a Options,
    packets: PacketTotals,
    defragmenter: link::Defragmenter,
    flows: Flows,
    pass: Pass,
    assembler: Assembler,
    outputs: Vec<Output>,
    next_tick_ns: i64,
    defects: u64,
}

impl<'a> Engine<'a> {
    fn new(options: &'a Options) -> Self {
        Self {
            options,
            packets: PacketTotals::default(),
            defragmenter: link::Defragmenter::new(link::DefragmentLimits::default()),
            flows: Flows::new(options.overlap, options.messages),
            pass: Pass::default(),
            assembler: Assembler::new(options.limits.assemble, options.messages),
            outputs: Vec::new(),
            next_tick_ns: i64::MIN,
            defects: 0,
        }
    }

    fn frame(&mut self, frame: &Frame<'_>) {
        match link::decode(frame.link_type, frame.bytes, frame.original_length) {
            Decoded::Ip(packet) => self.packet(&packet, frame),
            Decoded::NotIp => self.packets.not_ip += 1,
            Decoded::Cut => self.packets.cut += 1,
            Decoded::Malformed(_) => self.packets.malformed += 1,
            Decoded::Unsupported(link_type) => {
                *self
                    .packets
                    .unsupported_link
                    .entry(link_type.name().into_owned())
                    .or_default() += 1;
            }
        }
        let due = frame.time.nanoseconds >= self.next_tick_ns;
        if due || !self.pass.arrivals.is_empty() || !self.flows.closed.is_empty() {
            self.next_tick_ns = frame.time.nanoseconds.saturating_add(TICK_NS);
            self.assemble(frame.time);
        }
    }

    fn packet(&mut self, packet: &link::Packet<'_>, frame: &Frame<'_>) {
        self.packets.ip += 1;
        self.packets.checksum_wrong += u64::from(packet.header_checksum_wrong);
        match &packet.payload {
            Payload::Tcp(tcp) => {
                self.packets.tcp += 1;
                let segment = segment(tcp, frame.id.token(), frame.time.nanoseconds);
                let http = self.tcp(packet, tcp, segment, frame.time);
                if http
                    && !packet.header_checksum_wrong
                    && link::tcp_checksum_valid(packet, tcp) == Some(false)
                {
                    self.packets.checksum_wrong += 1;
                }
            }
            Payload::Udp(_) => self.packets.udp += 1,
            Payload::Fragment(fragment) => {
                self.packets.fragments += 1;
                let whole =
                    self.defragmenter
                        .push(fragment, frame.id.token(), frame.time.nanoseconds);
                if let Some(datagram) = whole {
                    self.datagram(&datagram, frame.time);
                }
            }
            Payload::Other(_) => {}
            Payload::Cut => self.packets.cut += 1,
            Payload::Malformed(_) => self.packets.malformed += 1,
        }
    }

    /// A packet put together from fragments: each frame's bytes go on under its own number.
    fn datagram(&mut self, datagram: &link::Datagram, time: Timestamp) {
        let packet = datagram.packet();
        match &packet.payload {
            Payload::Tcp(tcp) => {
                self.packets.tcp += 1;
                let whole = segment(tcp, 0, time.nanoseconds);
                let header = datagram.bytes.len().saturating_sub(tcp.payload.len());
                for piece in &datagram.pieces {
                    let from = (piece.offset as usize).saturating_sub(header);
                    let to = (piece.offset as usize + piece.length as usize).saturating_sub(header);
                    let last = to >= tcp.payload.len();
                    let Some(payload) = tcp.payload.get(from..to.min(tcp.payload.len())) else {
                        continue;
                    };
                    if payload.is_empty() && !last {
                        continue;
                    }
                    let segment = tcp::Segment {
                        sequence: whole.sequence.wrapping_add(from as u32),
                        fin: whole.fin && last,
                        payload,
                        token: piece.token,
                        ..whole
                    };
                    self.tcp(&packet, tcp, segment, time);
                }
            }
            Payload::Udp(_) => self.packets.udp += 1,
            Payload::Malformed(_) => self.packets.malformed += 1,
            Payload::Fragment(_) | Payload::Other(_) | Payload::Cut => {}
        }
    }

    fn tcp(
        &mut self,
        packet: &link::Packet<'_>,
        tcp: &link::Tcp<'_>,
        segment: tcp::Segment<'_>,
        time: Timestamp,
    ) -> bool {
        let addressed = Addressed {
            source: packet.source,
            destination: packet.destination,
            tcp,
            packet: Packet {
                segment,
                syn: tcp.flags & SYN != 0,
                acknowledgment: (tcp.flags & ACK != 0).then_some(tcp.acknowledgment),
                digits: time.digits,
            },
        };
        let mut findings = Findings {
            limits: &self.options.limits,
            arrivals: &mut self.pass.arrivals,
            limits_reached: &mut self.pass.limits_reached,
            stray_bytes: &mut self.pass.stray_bytes,
        };
        self.flows.segment(&addressed, &mut findings)
    }

    /// Hands on what the flows gave out. A defect of ours in the state machine costs one message.
    fn assemble(&mut self, now: Timestamp) {
        for arrival in self.pass.arrivals.drain(..) {
            self.defects += u64::from(!arrive(&mut self.assembler, arrival, &mut self.outputs));
        }
        for closed in self.flows.closed.drain(..) {
            let time = Timestamp {
                nanoseconds: closed.time_ns,
                digits: now.digits,
            };
            self.assembler
                .handle_close(closed.connection, time, closed.by_peer, &mut self.outputs);
        }
        self.assembler.handle_time(now, &mut self.outputs);
        if self.options.messages {
            let watermark_ns = self.flows.watermark_ns(now.nanoseconds);
            self.assembler
                .handle_watermark(watermark_ns, &mut self.outputs);
        }
    }

    fn deliver(&mut self, deliver: &mut dyn FnMut(Output) -> ControlFlow<()>) -> ControlFlow<()> {
        self.outputs.drain(..).try_for_each(deliver)
    }

    fn finish(mut self, deliver: &mut dyn FnMut(Output) -> ControlFlow<()>) -> Summary {
        let mut findings = Findings {
            limits: &self.options.limits,
            arrivals: &mut self.pass.arrivals,
            limits_reached: &mut self.pass.limits_reached,
            stray_bytes: &mut self.pass.stray_bytes,
        };
        self.flows.finish(&mut findings);
        let mut summary = Summary::default();
        let mut outputs = std::mem::take(&mut self.outputs);
        for arrival in self.pass.arrivals.drain(..) {
            self.defects += u64::from(!arrive(&mut self.assembler, arrival, &mut outputs));
        }
        self.assembler.finish(&mut outputs, &mut summary);
        let _ = outputs.into_iter().try_for_each(deliver);
        if self.defragmenter.evicted() > 0 {
            summary
                .limits_reached
                .insert("fragments", self.defragmenter.evicted());
        }
        for (name, count) in self.pass.limits_reached {
            *summary.limits_reached.entry(name).or_default() += count;
        }
        summary.http_stray_bytes = self.pass.stray_bytes;
        summary.packets = self.packets;
        summary.tcp = self.flows.totals;
        summary.defects = self.flows.defects + self.defects;
        summary
    }
}

/// Hands one arrival on; false where a defect of ours cost it.
fn arrive(assembler: &mut Assembler, arrival: Arrival, outputs: &mut Vec<Output>) -> bool {
    let work = std::panic::AssertUnwindSafe(|| match arrival {
        Arrival::Message(message) => assembler.handle_message(*message, outputs),
        Arrival::Gap(connection) => assembler.handle_gap(connection),
    });
    std::panic::catch_unwind(work).is_ok()
}

fn segment<'a>(tcp: &link::Tcp<'a>, token: u64, time_ns: i64) -> tcp::Segment<'a> {
    // Data on SYN (RFC 7413) begins one after the sequence number, which SYN itself takes.
    let syn = u32::from(tcp.flags & SYN != 0);
    tcp::Segment {
        sequence: tcp.sequence.wrapping_add(syn),
        fin: tcp.flags & FIN != 0,
        payload: tcp.payload,
        missing: tcp.missing,
        token,
        time_ns,
    }
}

/// How often sessions are told the time where nothing else happens.
const TICK_NS: i64 = 1_000_000_000;
const PROGRESS_FRAMES: u64 = 8192;
const FIN: u8 = 1;
const SYN: u8 = 2;
const ACK: u8 = 16;
