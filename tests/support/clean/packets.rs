//! A story as the packets that would carry it.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use super::story::{Block, Content, Story};
use crate::support::wire::{self, ACK, Endpoint, FIN, PSH, RST, SYN};

/// A frame with its time.
pub type Frame = (u64, Vec<u8>);

/// Every frame of a story, in order.
pub fn frames(story: &Story) -> Vec<Frame> {
    let mut wires = Wires::default();
    for block in &story.blocks {
        wires.block(block);
    }
    let mut frames = wires.frames;
    frames.sort_by_key(|(time_us, _)| *time_us);
    frames
}

/// The frames as a capture.
pub fn capture<'a>(frames: impl IntoIterator<Item = &'a Frame>) -> Vec<u8> {
    let mut bytes = wire::pcap_head();
    for (time_us, frame) in frames {
        wire::put_record(*time_us, frame, &mut bytes);
    }
    bytes
}

#[derive(Default)]
struct Wires {
    frames: Vec<Frame>,
    /// The next sequence numbers of client and server, and who has closed.
    standing: BTreeMap<[SocketAddr; 2], Standing>,
}

struct Standing {
    next: [u32; 2],
    closed: [bool; 2],
}

impl Wires {
    fn block(&mut self, block: &Block) {
        let (from, to) = (block.source, block.destination);
        let mut time_us = block.time_us;
        if let Content::Datagram(bytes) = &block.content {
            self.frames.push((time_us, udp(from, to, bytes)));
            return;
        }
        if matches!(block.content, Content::Quiet) {
            return;
        }
        if !self.standing.contains_key(&[from, to]) && !self.standing.contains_key(&[to, from]) {
            self.open(from, to, time_us.saturating_sub(3_000));
        }
        let reversed = self.standing.contains_key(&[to, from]);
        let key = if reversed { [to, from] } else { [from, to] };
        let side = usize::from(reversed);
        let Some(standing) = self.standing.get_mut(&key) else {
            return;
        };
        let ends = [endpoint(from), endpoint(to)];
        match &block.content {
            Content::Message(message) => {
                for part in message.bytes().chunks(1_448) {
                    let [next, other] = [standing.next[side], standing.next[1 - side]];
                    let frame = wire::tcp(ends[0], ends[1], next, other, ACK | PSH, part);
                    self.frames.push((time_us, frame));
                    standing.next[side] = next.wrapping_add(part.len() as u32);
                    let acknowledged = standing.next[side];
                    let frame = wire::tcp(ends[1], ends[0], other, acknowledged, ACK, b"");
                    self.frames.push((time_us + 60, frame));
                    time_us += 120;
                }
            }
            Content::Fin | Content::Reset => {
                let reset = matches!(block.content, Content::Reset);
                let flags = if reset { RST | ACK } else { FIN | ACK };
                let [next, other] = [standing.next[side], standing.next[1 - side]];
                let frame = wire::tcp(ends[0], ends[1], next, other, flags, b"");
                self.frames.push((time_us, frame));
                standing.next[side] = next.wrapping_add(1);
                standing.closed[side] = true;
                if reset || standing.closed == [true; 2] {
                    self.standing.remove(&key);
                }
            }
            Content::Datagram(_) | Content::Bytes(_) | Content::Quiet => {}
        }
    }

    fn open(&mut self, from: SocketAddr, to: SocketAddr, time_us: u64) {
        let ends = [endpoint(from), endpoint(to)];
        let first = u32::from(from.port()).wrapping_mul(2_654_435_761);
        let other = first.rotate_left(13);
        let [after, behind] = [first.wrapping_add(1), other.wrapping_add(1)];
        let frames = [
            wire::tcp(ends[0], ends[1], first, 0, SYN, b""),
            wire::tcp(ends[1], ends[0], other, after, SYN | ACK, b""),
            wire::tcp(ends[0], ends[1], after, behind, ACK, b""),
        ];
        for (at, frame) in frames.into_iter().enumerate() {
            self.frames.push((time_us + at as u64 * 900, frame));
        }
        let standing = Standing {
            next: [after, behind],
            closed: [false; 2],
        };
        self.standing.insert([from, to], standing);
    }
}

fn endpoint(at: SocketAddr) -> Endpoint {
    Endpoint::new(octets(at), at.port())
}

fn octets(at: SocketAddr) -> [u8; 4] {
    match at.ip() {
        IpAddr::V4(address) => address.octets(),
        IpAddr::V6(_) => [0; 4],
    }
}

/// A datagram in IPv4 in Ethernet; its own checksum is left at 0.
fn udp(from: SocketAddr, to: SocketAddr, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0];
    frame.extend(((28 + payload.len()) as u16).to_be_bytes());
    frame.extend([0, 0, 0x40, 0, 64, 17, 0, 0]);
    frame.extend(octets(from));
    frame.extend(octets(to));
    frame.extend(from.port().to_be_bytes());
    frame.extend(to.port().to_be_bytes());
    frame.extend(((8 + payload.len()) as u16).to_be_bytes());
    frame.extend([0, 0]);
    frame.extend_from_slice(payload);
    frame
}
