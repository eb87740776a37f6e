//! One TCP connection: two directions, each put in order and read as HTTP where it is HTTP.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use tcp::{Counters, Mode, Overlap, Reassembler};

use super::limits::Limits;
use super::reader::{Arrival, Exchange, Feed, Reader};

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
    pub arrivals: &'a mut Vec<Arrival>,
    pub limits_reached: &'a mut BTreeMap<&'static str, u64>,
    pub stray_bytes: &'a mut u64,
}

impl Findings<'_> {
    /// Counts a bound that was reached.
    pub fn reached(&mut self, name: &'static str) {
        *self.limits_reached.entry(name).or_default() += 1;
    }
}

impl Flow {
    pub fn new(number: u64, endpoints: [SocketAddr; 2], overlap: Overlap) -> Self {
        let direction = || Direction {
            tcp: Reassembler::new(overlap),
            reader: Reader::default(),
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
            direction.tcp.syn(sequence);
            direction.reader.begin();
        }
    }

    /// The sequence number expected next in this direction.
    pub fn next_sequence(&self, side: usize) -> Option<u32> {
        self.directions.get(side)?.tcp.next_sequence()
    }

    /// One packet of direction `side`.
    pub fn packet(&mut self, side: usize, packet: &Packet<'_>, findings: &mut Findings<'_>) {
        let limits = findings.limits;
        if let Some(acknowledgment) = packet.acknowledgment {
            let (tcp, mut feed) = self.split(1 - side, packet.digits, findings);
            tcp.acknowledged(
                acknowledgment,
                packet.segment.time_ns,
                &limits.tcp,
                &mut feed,
            );
        }
        if packet.segment.payload.is_empty() && !packet.segment.fin && packet.segment.missing == 0 {
            return;
        }
        let (tcp, mut feed) = self.split(side, packet.digits, findings);
        let floating = !tcp.is_anchored();
        tcp.segment(&packet.segment, &limits.tcp, &mut feed);
        if floating && !tcp.is_anchored() && Reader::begins_message(packet.segment.payload) {
            tcp.anchor_at(packet.segment.sequence, &limits.tcp, &mut feed);
        }
        self.drop_if_foreign(side);
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
            let (tcp, mut feed) = self.split(side, 0, findings);
            tcp.flush(&limits.tcp, &mut feed);
            feed.end(how);
        }
    }

    /// Time of the first byte of the earliest message that is not whole yet.
    pub fn open_since_ns(&self) -> Option<i64> {
        self.directions
            .iter()
            .filter(|direction| !direction.reader.is_foreign())
            .flat_map(|direction| {
                [
                    direction.reader.open_since_ns(),
                    direction.tcp.waiting_since_ns(),
                ]
            })
            .flatten()
            .min()
    }

    /// Bytes held for messages that are not whole.
    pub fn held_bytes(&self) -> usize {
        self.directions
            .iter()
            .map(|direction| direction.tcp.buffered_bytes() + direction.reader.held_bytes())
            .sum()
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
        digits: u8,
        findings: &'a mut Findings<'_>,
    ) -> (&'a mut Reassembler, Feed<'a>) {
        let side = side & 1;
        self.exchange.digits = self.exchange.digits.max(digits);
        let [first, second] = &mut self.directions;
        let direction = if side == 0 { first } else { second };
        let feed = Feed {
            reader: &mut direction.reader,
            exchange: &mut self.exchange,
            connection: self.number,
            source: self.endpoints[side],
            destination: self.endpoints[1 - side],
            limits: findings.limits,
            arrivals: findings.arrivals,
            limits_reached: findings.limits_reached,
            stray_bytes: findings.stray_bytes,
        };
        (&mut direction.tcp, feed)
    }
}
