//! From a block of a transcript to the segments it stands for: each connection from its first byte on, everything in
//! order, nothing acknowledged. No packet is made up: only what a reader of streams needs to know.

use std::collections::HashMap;
use std::net::SocketAddr;

use super::flow::Packet;
use super::flows::Addressed;
use crate::source::{Block, BlockKind, Timestamp};

/// The connections that the blocks so far have spoken of.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    connections: HashMap<Endpoints, Connection, foldhash::fast::RandomState>,
    /// Connections begun.
    begun: u32,
    /// Blocks so far.
    blocks: u64,
    /// Connections that the bound gave up: what they go on with begins another.
    pub forgotten: u64,
}

/// Both ends, the lower one first.
type Endpoints = (SocketAddr, SocketAddr);

#[derive(Debug, Clone, Copy)]
struct Connection {
    /// The sequence numbers that come next in both directions, that of the lower end first.
    next: [u32; 2],
    closed: [bool; 2],
    /// The block that spoke of it last.
    used: u64,
}

/// A block with its place and time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed<'a> {
    pub block: &'a Block,
    pub time: Timestamp,
    pub token: u64,
    pub bytes: &'a [u8],
}

impl Blocks {
    /// Gives the segments of one block. A datagram has none, and neither has silence.
    pub fn take(&mut self, placed: &Placed<'_>, give: &mut impl FnMut(&Addressed<'_>)) {
        self.blocks += 1;
        let block = placed.block;
        if matches!(
            block.kind,
            BlockKind::Datagram | BlockKind::Quiet | BlockKind::Tls
        ) {
            return;
        }
        let side = usize::from(block.source > block.destination);
        let endpoints = if side == 0 {
            (block.source, block.destination)
        } else {
            (block.destination, block.source)
        };
        let known = self.connections.get(&endpoints).copied();
        // What a side says after its end begins another connection.
        let connection = known.filter(|connection| !connection.closed[side]);
        let begins = connection.is_none();
        let mut connection = connection.unwrap_or_else(|| self.begin(placed, give));
        if begins && placed.bytes.starts_with(b"HTTP/") {
            // An answer at the beginning: the request, and what came before it, is not there.
            give(&lost(placed, true, connection.next[1 - side], 1));
            connection.next[1 - side] = connection.next[1 - side].wrapping_add(1);
        }
        connection.used = self.blocks;
        let over = speak(placed, side, &mut connection, give);
        if over {
            self.connections.remove(&endpoints);
        } else {
            self.connections.insert(endpoints, connection);
        }
    }

    /// A connection begins as with SYN and its answer, so that both directions are read from their first byte on.
    fn begin(&mut self, placed: &Placed<'_>, give: &mut impl FnMut(&Addressed<'_>)) -> Connection {
        self.make_room();
        self.begun = self.begun.wrapping_add(1);
        // Never the number that the last connection between the same ends began with.
        let initial = self.begun.wrapping_shl(16);
        for answer in [false, true] {
            let flags = if answer { SYN | ACK } else { SYN };
            let mut handshake = segment(placed, answer, initial, flags);
            handshake.packet.segment.acknowledgment = answer.then_some(initial.wrapping_add(1));
            give(&handshake);
        }
        Connection {
            next: [initial.wrapping_add(1); 2],
            closed: [false; 2],
            used: self.blocks,
        }
    }

    /// Forgets those of the older half.
    fn make_room(&mut self) {
        if self.connections.len() < CONNECTIONS_MAX {
            return;
        }
        let mut uses: Vec<u64> = self.connections.values().map(|one| one.used).collect();
        let (_, middle, _) = uses.select_nth_unstable(CONNECTIONS_MAX / 2);
        let before = self.connections.len();
        self.connections.retain(|_, one| one.used > *middle);
        self.forgotten += (before - self.connections.len()) as u64;
    }
}

/// What one side says, or what becomes of its direction; true where the connection is over.
fn speak(
    placed: &Placed<'_>,
    side: usize,
    connection: &mut Connection,
    give: &mut impl FnMut(&Addressed<'_>),
) -> bool {
    let next = &mut connection.next[side];
    match placed.block.kind {
        BlockKind::Stream => {
            // The first byte has a time of its own.
            let alone = usize::from(placed.block.since.nanoseconds < placed.time.nanoseconds);
            let first = placed.bytes.split_at_checked(alone);
            let (first, rest) = first.unwrap_or((placed.bytes, &[]));
            for (bytes, time) in [(first, placed.block.since), (rest, placed.time)] {
                if !bytes.is_empty() {
                    let mut piece = segment(placed, false, *next, 0);
                    piece.packet.segment.payload = bytes;
                    piece.packet.segment.time_ns = time.nanoseconds;
                    give(&piece);
                    *next = next.wrapping_add(bytes.len() as u32);
                }
            }
        }
        BlockKind::Gap(missing) => {
            let missing = missing.unwrap_or(1);
            give(&lost(placed, false, *next, missing));
            *next = next.wrapping_add(missing);
        }
        BlockKind::Fin => {
            give(&segment(placed, false, *next, FIN));
            connection.closed[side] = true;
        }
        BlockKind::Reset => {
            give(&segment(placed, false, *next, RST));
            connection.closed = [true; 2];
        }
        BlockKind::Datagram | BlockKind::Quiet | BlockKind::Tls => {}
    }
    connection.closed == [true; 2]
}

/// Bytes that are missing; `answer` as below.
fn lost<'a>(placed: &Placed<'_>, answer: bool, sequence: u32, missing: u32) -> Addressed<'a> {
    let mut gap = segment(placed, answer, sequence, 0);
    gap.packet.lost = missing;
    gap
}

/// A segment without payload; `answer` turns it round.
fn segment<'a>(placed: &Placed<'_>, answer: bool, sequence: u32, flags: u8) -> Addressed<'a> {
    let (source, destination) = if answer {
        (placed.block.destination, placed.block.source)
    } else {
        (placed.block.source, placed.block.destination)
    };
    let syn = flags & SYN != 0;
    Addressed {
        source: (source.ip(), source.port()),
        destination: (destination.ip(), destination.port()),
        sequence,
        flags,
        packet: Packet {
            segment: tcp::Segment {
                sequence: sequence.wrapping_add(u32::from(syn)),
                fin: flags & FIN != 0,
                payload: &[],
                missing: 0,
                acknowledgment: None,
                token: placed.token,
                time_ns: placed.time.nanoseconds,
            },
            syn,
            contradicted: false,
            lost: 0,
            digits: placed.time.digits,
        },
        checked: &[],
    }
}

/// Connections remembered at once; the analysis follows few more.
const CONNECTIONS_MAX: usize = 1 << 16;
const FIN: u8 = 1;
const SYN: u8 = 2;
const RST: u8 = 4;
const ACK: u8 = 16;
