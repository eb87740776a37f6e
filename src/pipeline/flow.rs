//! One TCP connection: two directions, each put in order and read as HTTP where it is HTTP.

use std::collections::VecDeque;
use std::net::SocketAddr;

use tcp::{Counters, Mode, Overlap, Reassembler};

use super::limits::Limits;
use super::outbox::Outbox;
use super::reader::{Exchange, Feed, Held, Reader};

/// A connection that carries bytes.
#[derive(Debug)]
pub(super) struct Flow {
    endpoints: [SocketAddr; 2],
    number: u64,
    exchange: Exchange,
    directions: [Direction; 2],
}

/// One direction of it.
#[derive(Debug)]
struct Direction {
    tcp: Reassembler,
    reader: Reader,
    /// What waits for bytes of the other side that it acknowledged.
    held: VecDeque<Held>,
}

/// What one packet brings to its connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packet<'a> {
    pub segment: tcp::Segment<'a>,
    pub syn: bool,
    pub acknowledgment: Option<u32>,
    pub digits: u8,
}

/// Where the work on a packet puts what it finds.
pub(super) struct Findings<'a> {
    pub limits: &'a Limits,
    pub outbox: &'a mut Outbox,
}

impl Flow {
    pub fn new(number: u64, endpoints: [SocketAddr; 2], overlap: Overlap) -> Self {
        let direction = || Direction {
            tcp: Reassembler::new(overlap),
            reader: Reader::default(),
            held: VecDeque::new(),
        };
        Self {
            endpoints,
            number,
            exchange: Exchange::default(),
            directions: [direction(), direction()],
        }
    }

    /// SYN was seen in this direction.
    pub fn syn(&mut self, side: usize, sequence: u32) {
        if let Some(direction) = self.directions.get_mut(side) {
            if direction.tcp.syn(sequence) {
                self.exchange.begin();
            }
            direction.reader.begin();
        }
    }

    /// The sequence number expected next in this direction.
    pub fn next_sequence(&self, side: usize) -> Option<u32> {
        self.directions.get(side)?.tcp.next_sequence()
    }

    /// One packet of direction `side`.
    ///
    /// What a side says after it acknowledged bytes is read after those bytes: where the capture has them later, or
    /// lacks them, it waits until they are there or given up. So an answer never comes before its question.
    pub fn packet(&mut self, side: usize, packet: &Packet<'_>, findings: &mut Findings<'_>) {
        let limits = findings.limits;
        if let Some(acknowledgment) = packet.acknowledgment {
            let (tcp, mut feed) = self.split(1 - side, None, packet.digits, findings);
            tcp.acknowledged(
                acknowledgment,
                packet.segment.time_ns,
                &limits.tcp,
                &mut feed,
            );
        }
        let segment = &packet.segment;
        if !segment.payload.is_empty() || segment.fin || segment.missing > 0 {
            let (tcp, mut feed) = self.split(side, packet.acknowledgment, packet.digits, findings);
            let floating = !tcp.is_anchored();
            tcp.segment(segment, &limits.tcp, &mut feed);
            if floating && !tcp.is_anchored() && Reader::begins_message(segment.payload) {
                tcp.anchor_at(segment.sequence, &limits.tcp, &mut feed);
            }
        }
        self.release(findings);
    }

    /// Bytes of the other side that this side has acknowledged have not been read yet.
    fn is_early(&self, side: usize, acknowledgment: u32) -> bool {
        let [this, other] = [&self.directions[side & 1], &self.directions[1 - (side & 1)]];
        if this.reader.is_foreign() || other.reader.is_foreign() {
            return false;
        }
        let read = other
            .held
            .front()
            .map_or(other.tcp.offset(), |held| held.offset);
        other
            .tcp
            .acknowledged_offset(acknowledgment)
            .is_some_and(|offset| offset > read)
    }

    /// Reads what is held and whose turn has come.
    fn release(&mut self, findings: &mut Findings<'_>) {
        let (mut side, mut blocked) = (0, 0);
        while blocked < 2 {
            let held = &self.directions[side].held;
            let ready = held.front().is_some_and(|first| {
                let early = first
                    .acknowledgment
                    .is_some_and(|acknowledgment| self.is_early(side, acknowledgment));
                !early || held.len() > HELD_MAX
            });
            if ready {
                self.release_first(side, findings);
                blocked = 0;
            } else {
                side = 1 - side;
                blocked += 1;
            }
        }
        for side in 0..2 {
            self.drop_if_foreign(side);
        }
    }

    fn release_first(&mut self, side: usize, findings: &mut Findings<'_>) {
        if let Some(held) = self.directions[side & 1].held.pop_front() {
            let (_, mut feed) = self.split(side, None, 0, findings);
            feed.pass(held);
        }
    }

    /// Both directions have sent FIN.
    pub fn is_finished(&self) -> bool {
        self.directions
            .iter()
            .all(|direction| direction.tcp.is_finished())
    }

    /// Nothing more will come: everything that waits is given out.
    pub fn close(&mut self, how: http1::End, findings: &mut Findings<'_>) {
        let limits = findings.limits;
        for side in 0..2 {
            let (tcp, mut feed) = self.split(side, None, 0, findings);
            tcp.flush(&limits.tcp, &mut feed);
            self.release(findings);
        }
        // What waits for bytes that never came is read all the same, the older first.
        while let Some(side) = self.longest_held() {
            self.release_first(side, findings);
            self.release(findings);
        }
        for side in 0..2 {
            let (_, mut feed) = self.split(side, None, 0, findings);
            feed.end(how);
        }
    }

    /// The direction of which something has been held longest.
    fn longest_held(&self) -> Option<usize> {
        let since = |side: usize| {
            self.directions[side]
                .held
                .front()
                .map(|held| (held.time_ns, side))
        };
        [since(0), since(1)]
            .into_iter()
            .flatten()
            .min()
            .map(|(_, side)| side)
    }

    /// Time of the first byte of the earliest message that is not whole yet.
    pub fn open_since_ns(&self) -> Option<i64> {
        self.directions
            .iter()
            .filter(|direction| direction.reader.is_http())
            .flat_map(|direction| {
                [
                    direction.reader.open_since_ns(),
                    direction.tcp.waiting_since_ns(),
                ]
            })
            .flatten()
            .chain(
                self.directions
                    .iter()
                    .flat_map(|direction| &direction.held)
                    .map(|held| held.time_ns),
            )
            .min()
    }

    /// Bytes held for messages that are not whole.
    pub fn held_bytes(&self) -> usize {
        let held = |direction: &Direction| direction.held.iter().map(Held::bytes).sum::<usize>();
        let bytes = |direction: &Direction| {
            direction.tcp.buffered_bytes() + direction.reader.held_bytes() + held(direction)
        };
        self.directions.iter().map(bytes).sum::<usize>() + size_of::<Self>()
    }

    /// The counters of both directions.
    pub fn counters(&self) -> [Counters; 2] {
        [
            self.directions[0].tcp.counters(),
            self.directions[1].tcp.counters(),
        ]
    }

    /// The HTTP reader of a direction has begun.
    pub fn is_http(&self) -> bool {
        self.directions
            .iter()
            .any(|direction| direction.reader.is_http())
    }

    fn drop_if_foreign(&mut self, side: usize) {
        if let Some(direction) = self.directions.get_mut(side)
            && direction.reader.is_foreign()
            && direction.tcp.mode() == Mode::Deliver
        {
            direction.tcp.count_only();
        }
    }

    /// The order of one direction, and where its bytes go.
    fn split<'a>(
        &'a mut self,
        side: usize,
        acknowledgment: Option<u32>,
        digits: u8,
        findings: &'a mut Findings<'_>,
    ) -> (&'a mut Reassembler, Feed<'a>) {
        let side = side & 1;
        let early =
            acknowledgment.is_some_and(|acknowledgment| self.is_early(side, acknowledgment));
        self.exchange.digits = self.exchange.digits.max(digits);
        let [first, second] = &mut self.directions;
        let direction = if side == 0 { first } else { second };
        let feed = Feed {
            reader: &mut direction.reader,
            early,
            acknowledgment,
            held: &mut direction.held,
            exchange: &mut self.exchange,
            connection: self.number,
            source: self.endpoints[side],
            destination: self.endpoints[1 - side],
            limits: findings.limits,
            outbox: findings.outbox,
        };
        (&mut direction.tcp, feed)
    }
}

/// Pieces that may be held in one direction; the mirror's skew is bounded by 64 packets.
const HELD_MAX: usize = 128;
