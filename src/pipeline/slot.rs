//! One entry of the table of connections: what is known of it before its first byte and after its last.

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, SocketAddr};

use tcp::Overlap;

use super::attempt::Asking;
use super::flow::{Flow, Packet, Start};
use super::flows::Addressed;
use super::limits::Limits;
use crate::session::TcpTotals;

/// A connection, as far as it goes.
#[derive(Debug)]
pub(super) struct Slot {
    pub key: Key,
    pub number: u64,
    pub last_ns: i64,
    pub held_bytes: usize,
    /// Since when a message of it is unfinished, where that is followed.
    pub unfinished_ns: Option<i64>,
    /// When something that waits in it is to be given up.
    pub due_ns: Option<i64>,
    /// Sequence numbers of the SYNs of both directions.
    pub syn: [Option<u32>; 2],
    /// Another SYN of one side: which of the two was meant is told by what follows. Alone it ends no
    /// connection: it may be forged (RFC 5961 section 4).
    pub rival: Option<Rival>,
    /// Where both directions begin, as the other side's handshake tells it.
    pub start: [Option<Start>; 2],
    /// What its SYNs have come to.
    pub asking: Asking,
    /// It was reset, but bytes that were acknowledged before have not come yet.
    pub reset: bool,
    /// Used since the hand last passed.
    pub referenced: bool,
    pub state: State,
}

/// A second SYN of one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rival {
    side: usize,
    sequence: u32,
    /// It answers the SYN that the other side's bytes begin with.
    answers: bool,
    /// It is a SYN alone, not what answers one.
    opens: bool,
}

/// How far it has come.
#[derive(Debug)]
pub(super) enum State {
    Free,
    /// No payload yet.
    Quiet,
    Live(Box<Flow>),
    /// Over; packets that continue it open nothing.
    Over([Option<u32>; 2]),
}

/// The unordered pair of endpoints: the lower one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    /// In bytes: as numbers they would make every entry of the table half as long again.
    low: [u8; 16],
    high: [u8; 16],
    /// Theirs, in this order.
    ports: [u16; 2],
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [low, high] = self.ports;
        state.write_u128(u128::from_ne_bytes(self.low));
        state.write_u128(u128::from_ne_bytes(self.high));
        state.write_u32(u32::from(low) << 16 | u32::from(high));
    }
}

impl Slot {
    /// Takes note of SYN and the first payload; says whether the packet goes on to a live flow.
    pub fn accept(
        &mut self,
        side: usize,
        addressed: &Addressed<'_>,
        overlap: Overlap,
        totals: &mut TcpTotals,
    ) -> bool {
        let packet = &addressed.packet;
        if !self.learn_syn(side, addressed, totals) {
            return false;
        }
        self.learn_start(side, packet);
        if let State::Quiet = &self.state {
            let nothing_missing = packet.segment.missing == 0 && packet.lost == 0;
            if packet.segment.payload.is_empty()
                && nothing_missing
                && !self.ends_late(side, addressed)
            {
                if self.is_reset(side, addressed) {
                    self.state = State::Over([None, None]);
                }
                return false;
            }
            let mut flow = Flow::new(self.number, self.key.endpoints(), overlap);
            for (side, sequence) in self.syn.into_iter().enumerate() {
                match (sequence, self.start[side]) {
                    (Some(sequence), _) => flow.syn(side, sequence),
                    (None, Some(start)) => flow.starts_at(side, start),
                    (None, None) => {}
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

    /// Takes note of a SYN, and of which of two was meant; says whether the packet is one of this connection.
    fn learn_syn(
        &mut self,
        side: usize,
        addressed: &Addressed<'_>,
        totals: &mut TcpTotals,
    ) -> bool {
        let sequence = addressed.sequence;
        let quiet = matches!(self.state, State::Quiet);
        if addressed.packet.syn {
            match self.syn[side].filter(|known| *known != sequence) {
                Some(known) if quiet => {
                    self.rival = Some(Rival {
                        side,
                        sequence: known,
                        answers: false,
                        opens: addressed.flags & ACK == 0,
                    });
                    totals.connections += u64::from(addressed.flags & ACK == 0);
                }
                _ if self.rival.is_some_and(|rival| rival.is(side, sequence)) => return false,
                _ => {}
            }
            self.syn[side] = Some(sequence);
        }
        if let (true, Some(rival)) = (quiet, self.rival)
            && rival.goes_on(side, addressed)
        {
            self.syn[rival.side] = Some(rival.sequence);
        }
        true
    }

    /// A reset before the first byte: of who has sent SYN, or the answer to one (RFC 9293 section 3.10.7). Any other is
    /// forged, or ends an older connection between the same ports.
    fn is_reset(&self, side: usize, addressed: &Addressed<'_>) -> bool {
        let is_behind = |side: usize, number: Option<u32>| {
            let start = self.syn[side].map(|sequence| sequence.wrapping_add(1));
            start.is_some() && start == number
        };
        addressed.flags & RST != 0
            && (is_behind(side, Some(addressed.sequence))
                || is_behind(side ^ 1, addressed.packet.segment.acknowledgment))
    }

    /// FIN or RST, and bytes before it that the capture still has to bring, or lacks.
    fn ends_late(&self, side: usize, addressed: &Addressed<'_>) -> bool {
        let passed = |side: usize, next: u32| {
            self.syn[side].is_some_and(|sequence| behind(next, sequence.wrapping_add(1)))
        };
        let acknowledged = addressed.packet.segment.acknowledgment;
        addressed.flags & (FIN | RST) != 0
            && (passed(side, addressed.sequence)
                || acknowledged.is_some_and(|acknowledged| passed(side ^ 1, acknowledged)))
    }

    /// What answers a SYN, and what follows an own SYN, acknowledges the other side's: where that comes later or never,
    /// its first byte is known all the same (RFC 9293 section 3.5).
    fn learn_start(&mut self, side: usize, packet: &Packet<'_>) {
        let Some(acknowledgment) = packet.segment.acknowledgment else {
            return;
        };
        let (other, Some(sequence)) = (side ^ 1, self.syn[side]) else {
            return;
        };
        if self.syn[other].is_some() {
            return;
        }
        let certain = packet.syn || packet.segment.sequence == sequence.wrapping_add(1);
        let better = self.start[other].is_none_or(|start| {
            !start.certain && (certain || behind(start.sequence, acknowledgment))
        });
        if better {
            let start = Start {
                sequence: acknowledgment,
                asks: packet.syn,
                certain,
            };
            self.start[other] = Some(start);
            if let State::Live(flow) = &mut self.state {
                flow.starts_at(other, start);
            }
        }
    }

    /// Keeps `unfinished` in step with the connection.
    pub fn note_unfinished(&mut self, at: u32, unfinished: &mut BTreeSet<(i64, u32)>) {
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

    /// Keeps `due` in step with the connection.
    pub fn note_due(&mut self, at: u32, limits: &Limits, due: &mut BTreeSet<(i64, u32)>) {
        let due_ns = match &self.state {
            State::Live(flow) => flow.due_ns(limits),
            _ => None,
        };
        if due_ns == self.due_ns {
            return;
        }
        if let Some(before) = self.due_ns {
            due.remove(&(before, at));
        }
        if let Some(due_ns) = due_ns {
            due.insert((due_ns, at));
        }
        self.due_ns = due_ns;
    }

    /// This SYN is not the one that the connection began with.
    fn is_other_start(&self, flow: &Flow, side: usize, sequence: u32) -> bool {
        match self.syn[side] {
            Some(known) => known != sequence,
            None => !flow.expects(side, sequence.wrapping_add(1)),
        }
    }

    /// The SYNs of a new connection between the same endpoints, as far as they came before this packet, which belongs to it.
    pub fn reuse(
        &mut self,
        side: usize,
        addressed: &Addressed<'_>,
        limits: &Limits,
    ) -> Option<[Option<u32>; 2]> {
        let mut syn = [None, None];
        if let (State::Live(flow), Some(rival)) = (&mut self.state, self.rival)
            && rival.goes_on(side, addressed)
            && (addressed.packet.syn
                || !flow.expects(rival.side, rival.sequence.wrapping_add(1))
                || rival.opens && side == rival.side && flow.is_elsewhere(side, addressed.sequence))
        {
            if !rival.answers {
                syn[rival.side] = Some(rival.sequence);
                return Some(syn);
            }
            if flow.begin_again(rival.side, rival.sequence) {
                self.syn[rival.side] = Some(rival.sequence);
                self.rival = None;
            }
            return None;
        }
        if self.opens_another(side, addressed, limits) {
            return Some(syn);
        }
        if let State::Live(flow) = &self.state
            && addressed.packet.syn
            && self.is_other_start(flow, side, addressed.sequence)
        {
            let start = self.syn[side ^ 1].map(|sequence| sequence.wrapping_add(1));
            let answered = addressed.packet.segment.acknowledgment;
            self.rival = Some(Rival {
                side,
                sequence: addressed.sequence,
                answers: answered.is_some() && answered == start,
                opens: addressed.flags & ACK == 0,
            });
        }
        None
    }

    /// This packet alone tells that its connection is a new one.
    fn opens_another(&self, side: usize, addressed: &Addressed<'_>, limits: &Limits) -> bool {
        let segment = &addressed.packet.segment;
        let opens = addressed.packet.syn && addressed.flags & ACK == 0;
        match &self.state {
            State::Free => true,
            State::Quiet => false,
            // With data on SYN (RFC 7413) nobody waits for the answer; but over what still goes on it may be forged.
            State::Live(flow) => {
                opens
                    && !segment.payload.is_empty()
                    && flow.has_ended(side)
                    && self.is_other_start(flow, side, addressed.sequence)
            }
            State::Over(next) => {
                let late = addressed
                    .packet
                    .segment
                    .time_ns
                    .saturating_sub(self.last_ns)
                    > limits.flow_closed_ns_max;
                let carries = !segment.payload.is_empty();
                // No host uses the number of a connection that has just ended again (RFC 9293 section 3.4.1): a copy of it.
                let carried = next.iter().any(Option::is_some);
                let copy = !late && carried && self.syn[side] == Some(addressed.sequence);
                opens && !copy
                    || carries
                        && (late || next[side].is_some_and(|next| !near(next, addressed.sequence)))
            }
        }
    }
}

impl Rival {
    fn is(self, side: usize, sequence: u32) -> bool {
        (self.side, self.sequence) == (side, sequence)
    }

    /// What a side sends goes on from it, or answers it.
    fn goes_on(self, side: usize, addressed: &Addressed<'_>) -> bool {
        let next = self.sequence.wrapping_add(1);
        if side == self.side {
            !addressed.packet.syn && addressed.sequence == next
        } else {
            addressed.packet.segment.acknowledgment == Some(next)
        }
    }
}

impl Key {
    /// The key of a segment and which of its endpoints speaks.
    pub fn new(addressed: &Addressed<'_>) -> (Self, usize) {
        let source = (wide(addressed.source.0), addressed.source.1);
        let destination = (wide(addressed.destination.0), addressed.destination.1);
        let side = usize::from(source > destination);
        let (low, high) = if side == 0 {
            (source, destination)
        } else {
            (destination, source)
        };
        let key = Self {
            low: low.0.to_ne_bytes(),
            high: high.0.to_ne_bytes(),
            ports: [low.1, high.1],
        };
        (key, side)
    }

    pub fn endpoints(self) -> [SocketAddr; 2] {
        let [low, high] = self.ports;
        [(self.low, low), (self.high, high)]
            .map(|(address, port)| SocketAddr::new(narrow(u128::from_ne_bytes(address)), port))
    }
}

/// Both families in one width; IPv4 as mapped addresses (RFC 4291 section 2.5.5.2).
pub(super) fn wide(address: IpAddr) -> u128 {
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
pub(super) fn near(expected: u32, sequence: u32) -> bool {
    expected
        .wrapping_sub(sequence)
        .min(sequence.wrapping_sub(expected))
        <= WINDOW
}

/// `sequence` stands before `mark`.
fn behind(mark: u32, sequence: u32) -> bool {
    (1..WINDOW).contains(&mark.wrapping_sub(sequence))
}

const WINDOW: u32 = 1 << 24;
pub(super) const FIN: u8 = 1;
pub(super) const SYN: u8 = 2;
pub(super) const RST: u8 = 4;
pub(super) const ACK: u8 = 16;
