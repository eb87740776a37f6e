//! The table of TCP connections: finds the one a packet belongs to, opens, closes and forgets them within bounds.

use std::collections::{BTreeSet, HashMap};
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, SocketAddr};

use tcp::Overlap;

use super::flow::{Findings, Flow, Packet};
use super::limits::Limits;
use super::outbox::Arrival;
use crate::session::TcpTotals;

/// A segment with the addresses of its packet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Addressed<'a> {
    pub source: (IpAddr, u16),
    pub destination: (IpAddr, u16),
    /// As in the header.
    pub sequence: u32,
    pub flags: u8,
    pub packet: Packet<'a>,
    /// The whole segment for the checksum; empty where it cannot be checked.
    pub checked: &'a [u8],
}

/// All connections.
pub(super) struct Flows {
    index: HashMap<Key, u32, foldhash::fast::RandomState>,
    slots: Vec<Slot>,
    free: Vec<u32>,
    hand: usize,
    held_bytes: usize,
    overlap: Overlap,
    pub totals: TcpTotals,
    /// Where the time order of messages matters: connections with an unfinished one, by the time of its first byte.
    unfinished: Option<BTreeSet<(i64, u32)>>,
    pub defects: u64,
}

/// The unordered pair of endpoints: the lower one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    low: (u128, u16),
    high: (u128, u16),
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(self.low.0);
        state.write_u128(self.high.0);
        state.write_u32(u32::from(self.low.1) << 16 | u32::from(self.high.1));
    }
}

#[derive(Debug)]
struct Slot {
    key: Key,
    number: u64,
    last_ns: i64,
    held_bytes: usize,
    /// Since when a message of it is unfinished, where that is followed.
    unfinished_ns: Option<i64>,
    /// Sequence numbers of the SYNs of both directions.
    syn: [Option<u32>; 2],
    /// Used since the hand last passed.
    referenced: bool,
    state: State,
}

#[derive(Debug)]
enum State {
    Free,
    /// No payload yet.
    Quiet,
    Live(Box<Flow>),
    /// Over; packets that continue it open nothing.
    Over([Option<u32>; 2]),
}

impl Flows {
    /// An empty table; `ordered` says whether [`Flows::watermark_ns`] is needed.
    pub fn new(overlap: Overlap, ordered: bool) -> Self {
        Self {
            index: HashMap::default(),
            slots: Vec::new(),
            free: Vec::new(),
            hand: 0,
            held_bytes: 0,
            overlap,
            totals: TcpTotals::default(),
            unfinished: ordered.then(BTreeSet::new),
            defects: 0,
        }
    }

    /// One segment; says whether its bytes belong to an HTTP connection.
    pub fn segment(&mut self, addressed: &Addressed<'_>, findings: &mut Findings<'_>) -> bool {
        let (key, side) = Key::new(addressed);
        let at = match self.index.get(&key) {
            Some(&at) => self.renewed(at, side, addressed, findings),
            None => self.insert(key, addressed, findings),
        };
        let Some(slot) = self.slots.get_mut(at as usize) else {
            return false;
        };
        slot.last_ns = addressed.packet.segment.time_ns;
        slot.referenced = true;
        if !slot.accept(side, addressed, self.overlap, &mut self.totals) {
            return false;
        }
        self.pass(at, side, addressed, findings)
    }

    /// Every message that is still to come out ends at this time or later.
    pub fn watermark_ns(&self) -> i64 {
        let unfinished = self.unfinished.as_ref().and_then(BTreeSet::first);
        unfinished.map_or(i64::MAX, |(since_ns, _)| *since_ns)
    }

    /// Closes everything: the capture is over.
    pub fn finish(&mut self, findings: &mut Findings<'_>) {
        for at in 0..self.slots.len() {
            self.close(at as u32, http1::End::Capture, findings);
        }
    }

    /// Hands the packet to its flow. A defect of ours ends that flow and no other.
    fn pass(
        &mut self,
        at: u32,
        side: usize,
        addressed: &Addressed<'_>,
        findings: &mut Findings<'_>,
    ) -> bool {
        let Some(slot) = self.slots.get_mut(at as usize) else {
            return false;
        };
        let State::Live(flow) = &mut slot.state else {
            return false;
        };
        let work = std::panic::AssertUnwindSafe(|| {
            #[cfg(test)]
            super::defect::strike(addressed.packet.segment.token);
            flow.packet(side, &addressed.packet, findings);
        });
        if std::panic::catch_unwind(work).is_err() {
            self.defects += 1;
            self.abandon(at, findings);
            return false;
        }
        let http = flow.is_http();
        let held = flow.held_bytes();
        self.held_bytes = (self.held_bytes + held).saturating_sub(slot.held_bytes);
        slot.held_bytes = held;
        let finished = flow.is_finished();
        if let Some(unfinished) = &mut self.unfinished {
            slot.note_unfinished(at, unfinished);
        }
        if addressed.flags & RST != 0 && self.plausible_reset(at, side, addressed) {
            self.close(at, http1::End::Reset, findings);
        } else if finished {
            self.close(at, http1::End::Fin, findings);
        } else if self.held_bytes > findings.limits.held_bytes_max {
            self.relieve(at, findings);
        }
        http
    }

    /// A reset counts where its sequence number is near the expected one; others are forged or stray.
    fn plausible_reset(&self, at: u32, side: usize, addressed: &Addressed<'_>) -> bool {
        let Some(Slot {
            state: State::Live(flow),
            ..
        }) = self.slots.get(at as usize)
        else {
            return true;
        };
        flow.next_sequence(side)
            .is_none_or(|next| near(next, addressed.sequence))
    }

    /// The slot of a known pair of endpoints, closed and opened again where the ports are reused.
    fn renewed(
        &mut self,
        at: u32,
        side: usize,
        addressed: &Addressed<'_>,
        findings: &mut Findings<'_>,
    ) -> u32 {
        let Some(slot) = self.slots.get(at as usize) else {
            return at;
        };
        if !slot.is_reused(side, addressed, findings.limits) {
            return at;
        }
        let key = slot.key;
        self.close(at, http1::End::Capture, findings);
        self.release(at);
        self.insert(key, addressed, findings)
    }

    fn insert(&mut self, key: Key, addressed: &Addressed<'_>, findings: &mut Findings<'_>) -> u32 {
        let time_ns = addressed.packet.segment.time_ns;
        self.sweep(2, time_ns, findings);
        if self.index.len() >= findings.limits.flows_max {
            findings.outbox.reached("flows_max");
            self.evict(findings);
        }
        self.totals.connections += 1;
        let slot = Slot {
            key,
            number: findings.outbox.order(),
            last_ns: time_ns,
            held_bytes: 0,
            unfinished_ns: None,
            syn: [None, None],
            referenced: true,
            state: State::Quiet,
        };
        let at = if let Some(at) = self.free.pop() {
            if let Some(free) = self.slots.get_mut(at as usize) {
                *free = slot;
            }
            at
        } else {
            self.slots.push(slot);
            (self.slots.len() - 1) as u32
        };
        self.index.insert(key, at);
        at
    }

    /// Moves the hand on by `steps` slots and forgets those whose time is over: as slots are looked at as fast as
    /// they are taken, what is idle never piles up.
    fn sweep(&mut self, steps: usize, now_ns: i64, findings: &mut Findings<'_>) {
        for _ in 0..steps.min(self.slots.len()) {
            let at = self.step_hand();
            let Some(slot) = self.slots.get_mut(at as usize) else {
                return;
            };
            slot.referenced = false;
            let idle = now_ns.saturating_sub(slot.last_ns);
            let over = match slot.state {
                State::Free => false,
                State::Over(_) | State::Quiet => idle > findings.limits.flow_closed_ns_max,
                State::Live(_) => idle > findings.limits.flow_idle_ns_max,
            };
            if over {
                self.close(at, http1::End::Capture, findings);
                self.release(at);
            }
        }
    }

    /// Forgets one slot: the first that was not used since the hand last passed. Connections without a byte go before
    /// those that carry something, so that a flood of SYNs ends no session; the search for one is bounded.
    fn evict(&mut self, findings: &mut Findings<'_>) {
        let mut victim = None;
        for step in 0..self.slots.len() * 2 {
            let at = self.step_hand();
            let Some(slot) = self.slots.get_mut(at as usize) else {
                return;
            };
            match slot.state {
                State::Quiet | State::Over(_) => {
                    if !std::mem::take(&mut slot.referenced) {
                        victim = Some(at);
                        break;
                    }
                }
                State::Live(_) if victim.is_none() && !std::mem::take(&mut slot.referenced) => {
                    victim = Some(at);
                }
                State::Live(_) | State::Free => {}
            }
            if step >= EVICTION_STEPS && victim.is_some() {
                break;
            }
        }
        if let Some(at) = victim {
            self.close(at, http1::End::Capture, findings);
            self.release(at);
        }
    }

    /// Gives up held bytes until they are within bounds, those of quiet connections first, of `current` last.
    fn relieve(&mut self, current: u32, findings: &mut Findings<'_>) {
        findings.outbox.reached("held_bytes_max");
        for _ in 0..self.slots.len() * 2 {
            if self.held_bytes <= findings.limits.held_bytes_max / 4 * 3 {
                return;
            }
            let at = self.step_hand();
            let Some(slot) = self.slots.get_mut(at as usize) else {
                return;
            };
            if at == current || slot.held_bytes == 0 || std::mem::take(&mut slot.referenced) {
                continue;
            }
            self.close(at, http1::End::Capture, findings);
        }
        if self.held_bytes > findings.limits.held_bytes_max {
            self.close(current, http1::End::Capture, findings);
        }
    }

    fn step_hand(&mut self) -> u32 {
        self.hand = if self.hand + 1 < self.slots.len() {
            self.hand + 1
        } else {
            0
        };
        self.hand as u32
    }

    /// Gives out what a connection still holds and remembers only that it is over.
    fn close(&mut self, at: u32, how: http1::End, findings: &mut Findings<'_>) {
        let Some(slot) = self.slots.get_mut(at as usize) else {
            return;
        };
        let State::Live(flow) = &mut slot.state else {
            return;
        };
        let work = std::panic::AssertUnwindSafe(|| flow.close(how, findings));
        if std::panic::catch_unwind(work).is_err() {
            self.defects += 1;
        }
        let next = [flow.next_sequence(0), flow.next_sequence(1)];
        for counters in flow.counters() {
            self.totals.payload_bytes += counters.payload_bytes;
            self.totals.retransmissions += counters.retransmissions;
            self.totals.out_of_order += counters.out_of_order;
            self.totals.overlap_conflicts += counters.overlap_conflicts;
            self.totals.gaps += counters.gaps;
            self.totals.gap_bytes += counters.gap_bytes;
            if counters.waiting_limit > 0 {
                findings.outbox.reached("tcp.waiting_max");
            }
        }
        if flow.is_http() {
            findings.outbox.push(Arrival::Closed {
                connection: slot.number,
                time_ns: slot.last_ns,
                by_peer: matches!(how, http1::End::Fin | http1::End::Reset),
            });
        }
        self.held_bytes = self.held_bytes.saturating_sub(slot.held_bytes);
        slot.held_bytes = 0;
        slot.state = State::Over(next);
        if let Some(unfinished) = &mut self.unfinished {
            slot.note_unfinished(at, unfinished);
        }
    }

    /// Gives a connection up without touching what it holds.
    fn abandon(&mut self, at: u32, findings: &mut Findings<'_>) {
        if let Some(slot) = self.slots.get_mut(at as usize) {
            self.held_bytes = self.held_bytes.saturating_sub(slot.held_bytes);
            slot.held_bytes = 0;
            slot.state = State::Over([None, None]);
            if let Some(unfinished) = &mut self.unfinished {
                slot.note_unfinished(at, unfinished);
            }
            findings.outbox.push(Arrival::Closed {
                connection: slot.number,
                time_ns: slot.last_ns,
                by_peer: false,
            });
        }
    }

    fn release(&mut self, at: u32) {
        if let Some(slot) = self.slots.get_mut(at as usize)
            && !matches!(slot.state, State::Free)
        {
            self.index.remove(&slot.key);
            slot.state = State::Free;
            self.free.push(at);
        }
    }
}

impl Slot {
    /// Takes note of SYN and the first payload; says whether the packet goes on to a live flow.
    fn accept(
        &mut self,
        side: usize,
        addressed: &Addressed<'_>,
        overlap: Overlap,
        totals: &mut TcpTotals,
    ) -> bool {
        let packet = &addressed.packet;
        if packet.syn {
            self.syn[side] = Some(addressed.sequence);
        }
        if let State::Quiet = &self.state {
            if packet.segment.payload.is_empty() && packet.segment.missing == 0 {
                if addressed.flags & RST != 0 {
                    self.state = State::Over([None, None]);
                }
                return false;
            }
            let mut flow = Flow::new(self.number, self.key.endpoints(), overlap);
            for (side, sequence) in self.syn.into_iter().enumerate() {
                if let Some(sequence) = sequence {
                    flow.syn(side, sequence);
                }
            }
            totals.midstream += u64::from(self.syn == [None, None]);
            self.state = State::Live(Box::new(flow));
            return true;
        }
        if packet.syn
            && let State::Live(flow) = &mut self.state
        {
            flow.syn(side, addressed.sequence);
        }
        matches!(self.state, State::Live(_))
    }

    /// Keeps `unfinished` in step with the connection.
    fn note_unfinished(&mut self, at: u32, unfinished: &mut BTreeSet<(i64, u32)>) {
        let since_ns = match &self.state {
            State::Live(flow) => flow.open_since_ns(),
            _ => None,
        };
        if since_ns == self.unfinished_ns {
            return;
        }
        if let Some(before) = self.unfinished_ns {
            unfinished.remove(&(before, at));
        }
        if let Some(since_ns) = since_ns {
            unfinished.insert((since_ns, at));
        }
        self.unfinished_ns = since_ns;
    }

    /// This SYN is not the one that the connection began with.
    fn is_other_start(&self, flow: &Flow, side: usize, sequence: u32) -> bool {
        let expected = || flow.next_sequence(side);
        match self.syn[side] {
            Some(known) => known != sequence,
            None => expected().is_some_and(|next| !near(next, sequence.wrapping_add(1))),
        }
    }

    /// The packet belongs to a new connection between the same endpoints.
    fn is_reused(&self, side: usize, addressed: &Addressed<'_>, limits: &Limits) -> bool {
        let segment = &addressed.packet.segment;
        let opens = addressed.packet.syn && addressed.flags & ACK == 0;
        match &self.state {
            State::Free => true,
            State::Quiet => {
                opens && self.syn[side].is_some_and(|known| known != addressed.sequence)
            }
            State::Live(flow) => opens && self.is_other_start(flow, side, addressed.sequence),
            State::Over(next) => {
                let late = addressed
                    .packet
                    .segment
                    .time_ns
                    .saturating_sub(self.last_ns)
                    > limits.flow_closed_ns_max;
                let carries = !segment.payload.is_empty();
                opens
                    || carries
                        && (late || next[side].is_some_and(|next| !near(next, addressed.sequence)))
            }
        }
    }
}

impl Key {
    /// The key of a segment and which of its endpoints speaks.
    fn new(addressed: &Addressed<'_>) -> (Self, usize) {
        let source = (wide(addressed.source.0), addressed.source.1);
        let destination = (wide(addressed.destination.0), addressed.destination.1);
        if source <= destination {
            (
                Self {
                    low: source,
                    high: destination,
                },
                0,
            )
        } else {
            (
                Self {
                    low: destination,
                    high: source,
                },
                1,
            )
        }
    }

    fn endpoints(self) -> [SocketAddr; 2] {
        [self.low, self.high].map(|(address, port)| SocketAddr::new(narrow(address), port))
    }
}

/// Which of `shards` the traffic between two addresses belongs to, whichever of them speaks.
pub(super) fn shard(one: IpAddr, other: IpAddr, shards: usize) -> usize {
    let mixed = wide(one) ^ wide(other);
    let folded = (mixed as u64) ^ ((mixed >> 64) as u64);
    // Fibonacci hashing: neighbouring addresses spread over the upper bits.
    let spread = folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    spread as usize % shards.max(1)
}

/// Both families in one width; IPv4 as mapped addresses (RFC 4291 section 2.5.5.2).
fn wide(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn narrow(address: u128) -> IpAddr {
    let address = std::net::Ipv6Addr::from_bits(address);
    address
        .to_ipv4_mapped()
        .map_or(IpAddr::V6(address), IpAddr::V4)
}

/// Within the largest window of RFC 7323 without the scale's extremes: the same connection.
fn near(expected: u32, sequence: u32) -> bool {
    expected
        .wrapping_sub(sequence)
        .min(sequence.wrapping_sub(expected))
        <= WINDOW
}

/// Slots looked at for a connection without a byte before one with bytes is given up.
const EVICTION_STEPS: usize = 64;
const WINDOW: u32 = 1 << 24;
const RST: u8 = 4;
const ACK: u8 = 16;
