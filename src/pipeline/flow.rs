//! One TCP connection: two directions, each put in order and read as HTTP where it is HTTP.

use std::collections::VecDeque;
use std::net::SocketAddr;

use tcp::{Counters, Mode, Overlap, Reassembler};

use super::exchange::Exchange;
use super::keys::Keyring;
use super::limits::Limits;
use super::outbox::Outbox;
use super::reader::{Feed, Held, Reader};
use super::slot::near;
use crate::session::{DataConnection, Sighting};
use crate::source::{FrameId, Timestamp};

/// A connection that carries bytes.
#[derive(Debug)]
pub(super) struct Flow {
    endpoints: [SocketAddr; 2],
    number: u64,
    exchange: Exchange,
    directions: [Direction; 2],
    /// Frame and time of the first payload and of the last.
    carried: Option<[(u64, i64); 2]>,
    /// It has been told that one side alone sends.
    told: bool,
}

/// One direction of it.
#[derive(Debug)]
struct Direction {
    tcp: Reassembler,
    reader: Reader,
    /// Where it begins, as the other side's handshake tells it: until its own packets are seen.
    start: Option<Start>,
    /// What waits for bytes of the other side that it acknowledged.
    held: VecDeque<Held>,
    /// Its SYN was seen, or the answer to it.
    begun: bool,
}

/// Where a direction begins whose own SYN was not seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    /// The number of its first byte.
    pub sequence: u32,
    /// It opened the connection.
    pub asks: bool,
    /// It begins nowhere else; otherwise not behind this.
    pub certain: bool,
}

/// What one packet brings to its connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packet<'a> {
    pub segment: tcp::Segment<'a>,
    pub syn: bool,
    /// Other bytes were taken in place of these, in the fragments of one packet: they are told and not read.
    pub contradicted: bool,
    /// Bytes that are known to be missing in front of the segment.
    pub lost: u32,
    pub digits: u8,
}

/// Where the work on a packet puts what it finds.
pub(super) struct Findings<'a> {
    pub limits: &'a Limits,
    pub outbox: &'a mut Outbox,
    /// Opens TLS.
    pub keyring: &'a mut Keyring,
    /// Reads bodies.
    pub parser: &'a mut cwmp::Parser,
}

impl Flow {
    pub fn new(number: u64, endpoints: [SocketAddr; 2], overlap: Overlap) -> Self {
        let direction = || Direction {
            tcp: Reassembler::new(overlap),
            reader: Reader::default(),
            start: None,
            held: VecDeque::new(),
            begun: false,
        };
        Self {
            endpoints,
            number,
            exchange: Exchange::default(),
            directions: [direction(), direction()],
            carried: None,
            told: false,
        }
    }

    /// SYN was seen in this direction.
    pub fn syn(&mut self, side: usize, sequence: u32) {
        if let Some(direction) = self.directions.get_mut(side) {
            if direction.tcp.syn(sequence) {
                self.exchange.begin();
            }
            direction.begun = true;
            direction.reader.begin();
        }
    }

    /// Another SYN counts, as long as no byte of this direction was seen.
    pub fn begin_again(&mut self, side: usize, sequence: u32) -> bool {
        self.directions
            .get_mut(side)
            .is_some_and(|direction| direction.tcp.begin_again(sequence))
    }

    /// The other side's handshake tells where this direction begins.
    pub fn starts_at(&mut self, side: usize, start: Start) {
        if let Some(direction) = self.directions.get_mut(side) {
            direction.start = Some(start);
        }
    }

    /// Bytes with this number may be the next in this direction.
    pub fn expects(&self, side: usize, sequence: u32) -> bool {
        self.next_sequence(side)
            .is_none_or(|next| near(next, sequence))
    }

    /// What this direction sends does not go on where it has come to: it has ended, or bytes are missing before it.
    pub fn is_elsewhere(&self, side: usize, sequence: u32) -> bool {
        let ended = self.has_ended(side);
        self.next_sequence(side).is_some_and(|next| {
            ended && next != sequence || (1..1 << 31).contains(&sequence.wrapping_sub(next))
        })
    }

    /// FIN was seen in this direction, and all before it.
    pub fn has_ended(&self, side: usize) -> bool {
        let direction = self.directions.get(side);
        direction.is_some_and(|direction| direction.tcp.is_finished())
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
        self.exchange.digits = self.exchange.digits.max(packet.digits);
        self.anchor(side);
        if let Some(acknowledgment) = packet.segment.acknowledgment {
            let (tcp, mut feed) = self.split(1 - side, None, findings);
            tcp.acknowledged(
                acknowledgment,
                packet.segment.time_ns,
                &limits.tcp,
                &mut feed,
            );
        }
        if packet.contradicted {
            return self.directions[side & 1].tcp.contradicted(&packet.segment);
        }
        if packet.lost > 0 {
            let (tcp, mut feed) = self.split(side, None, findings);
            tcp.lost(packet.lost, &mut feed);
        }
        let segment = &packet.segment;
        if !segment.payload.is_empty() {
            let sighting = (segment.token, segment.time_ns);
            let first = self.carried.map_or(sighting, |[first, _]| first);
            self.carried = Some([first, sighting]);
        }
        if !segment.payload.is_empty() || segment.fin || segment.missing > 0 {
            let (tcp, mut feed) = self.split(side, segment.acknowledgment, findings);
            let floating = !tcp.is_anchored();
            tcp.segment(segment, &limits.tcp, &mut feed);
            if floating && !tcp.is_anchored() && Reader::begins_message(segment.payload) {
                tcp.anchor_at(segment.sequence, &limits.tcp, &mut feed);
            }
        }
        self.release(segment.time_ns, findings);
    }

    /// When something that waits is to be given up, should no packet of this connection come.
    pub fn due_ns(&self, limits: &Limits) -> Option<i64> {
        let due = |side: usize| {
            let [this, other] = [&self.directions[side & 1], &self.directions[1 - (side & 1)]];
            let held = this.held.front().filter(|_| !other.tcp.is_anchored());
            let held_ns = held.map(|held| held.time_ns.saturating_add(limits.tcp.skew_ns_max));
            let hole_ns = (!this.reader.is_foreign())
                .then(|| this.tcp.overdue_since_ns())
                .flatten()
                .map(|since_ns| since_ns.saturating_add(limits.tcp.hole_ns_max));
            [held_ns, hole_ns]
        };
        [due(0), due(1)].into_iter().flatten().flatten().min()
    }

    /// Time has passed: gives that up.
    pub fn expire(&mut self, now_ns: i64, findings: &mut Findings<'_>) {
        let limits = findings.limits;
        for side in 0..2 {
            let (tcp, mut feed) = self.split(side, None, findings);
            tcp.expire(now_ns, &limits.tcp, &mut feed);
        }
        self.release(now_ns, findings);
    }

    /// The first packet of a direction whose handshake was not seen, but the other side's answer to it.
    fn anchor(&mut self, side: usize) {
        if let Some(start) = self.directions[side & 1].start.take()
            && !self.directions[side & 1].tcp.is_anchored()
            && start.certain
        {
            self.syn(side, start.sequence.wrapping_sub(1));
        }
    }

    /// Reads what is held and whose turn has come.
    fn release(&mut self, now_ns: i64, findings: &mut Findings<'_>) {
        let (mut side, mut blocked, mut beyond) = (0, 0, 0);
        while blocked < 2 {
            let [this, other] = [&self.directions[side & 1], &self.directions[1 - (side & 1)]];
            let ready = this.held.front().is_some_and(|first| {
                let early = first.acknowledgment.is_some_and(|acknowledgment| {
                    !this.reader.is_foreign() && other.read().is_before(acknowledgment)
                });
                // Of a direction that was not captured nothing tells that its bytes are missing but time.
                let silent = !other.tcp.is_anchored()
                    && now_ns.saturating_sub(first.time_ns) > findings.limits.tcp.skew_ns_max;
                let crowded = early && !silent && this.held.len() > findings.limits.held_pieces_max;
                beyond += u64::from(crowded);
                !early || silent || crowded
            });
            if ready {
                self.release_first(side, findings);
                blocked = 0;
            } else {
                side = 1 - side;
                blocked += 1;
            }
        }
        if beyond > 0 {
            findings.outbox.reached("held_pieces_max");
        }
        self.read_opened(findings);
        for side in 0..2 {
            self.drop_if_foreign(side);
        }
    }

    fn release_first(&mut self, side: usize, findings: &mut Findings<'_>) {
        if let Some(held) = self.directions[side & 1].held.pop_front() {
            let (_, mut feed) = self.split(side, None, findings);
            feed.pass(held);
        }
    }

    /// Both directions have sent FIN.
    pub fn is_finished(&self) -> bool {
        self.directions
            .iter()
            .all(|direction| direction.tcp.is_finished())
    }

    /// Bytes that were acknowledged, or that others follow, have not come yet.
    pub fn is_lacking(&self) -> bool {
        self.directions
            .iter()
            .any(|direction| direction.tcp.is_lacking())
    }

    /// Nothing more will come: everything that waits is given out.
    pub fn close(&mut self, how: http1::End, findings: &mut Findings<'_>) {
        let limits = findings.limits;
        for side in 0..2 {
            let (tcp, mut feed) = self.split(side, None, findings);
            tcp.flush(&limits.tcp, &mut feed);
            self.release(i64::MIN, findings);
        }
        // What waits for bytes that never came is read all the same, the older first.
        while let Some(side) = self.longest_held() {
            self.release_first(side, findings);
            self.release(i64::MIN, findings);
        }
        self.close_sealed(findings);
        for side in 0..2 {
            let (_, mut feed) = self.split(side, None, findings);
            feed.end(how);
        }
        let (_, mut feed) = self.split(0, None, findings);
        feed.end_dialogue();
    }

    /// What it came to where one side alone has sent bytes, and no message of HTTP: perhaps a data connection of FTP. Told
    /// once: when that side has ended and all it sent is there, when both have ended, or when all is `over`.
    pub fn one_way(&mut self, over: bool) -> Option<DataConnection> {
        if self.told || self.is_http() || self.exchange.dialogue.is_some() {
            return None;
        }
        let side = self.only_sender()?;
        let (direction, other) = (&self.directions[side], &self.directions[1 - side]);
        let extent = direction.tcp.extent();
        let finished = direction.tcp.is_finished();
        if !over && !finished && (extent.is_none() || other.tcp.extent().is_none()) {
            return None;
        }
        let (bytes, missing_bytes) = match extent {
            Some((bytes, missing)) => (bytes, direction.begun.then_some(missing)),
            None => (sent(direction), None),
        };
        let sighting = |(token, nanoseconds)| Sighting {
            frame: FrameId::from_token(token),
            time: Timestamp {
                nanoseconds,
                digits: self.exchange.digits,
            },
        };
        let data = DataConnection {
            sender: self.endpoints[side],
            receiver: self.endpoints[1 - side],
            bytes,
            missing_bytes,
            sightings: self.carried?.map(sighting),
        };
        self.told = true;
        Some(data)
    }

    /// The side of which bytes were seen, where none of the other were.
    fn only_sender(&self) -> Option<usize> {
        let is_sender = |direction: &Direction| {
            let waits = direction.tcp.waiting_since_ns().is_some();
            waits || sent(direction) > 0
        };
        match [&self.directions[0], &self.directions[1]].map(is_sender) {
            [true, false] => Some(0),
            [false, true] => Some(1),
            _ => None,
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
            .filter(|direction| direction.reader.may_be_http())
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
            .chain(
                self.exchange
                    .sealed
                    .iter()
                    .filter_map(|sealed| sealed.open_since_ns()),
            )
            .min()
    }

    /// Bytes held for messages that are not whole.
    pub fn held_bytes(&self) -> usize {
        let held = |direction: &Direction| direction.held.iter().map(Held::bytes).sum::<usize>();
        let bytes = |direction: &Direction| {
            direction.tcp.held_bytes() + direction.reader.held_bytes() + held(direction)
        };
        let dialogue = self.exchange.dialogue.as_ref();
        let sealed = self.exchange.sealed.as_ref();
        self.directions.iter().map(bytes).sum::<usize>()
            + dialogue.map_or(0, |dialogue| dialogue.held_bytes())
            + sealed.map_or(0, |sealed| sealed.held_bytes())
            + size_of::<Self>()
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

    /// Reads what came out of TLS; where nothing of it can be read, the connection is none of ours from here on.
    fn read_opened(&mut self, findings: &mut Findings<'_>) {
        let Some(sealed) = &mut self.exchange.sealed else {
            return;
        };
        let hopeless = sealed.is_hopeless();
        if sealed.is_beyond() {
            findings.outbox.reached("tls_vain_bytes_max");
        }
        let (opened, plain) = sealed.take_opened();
        for one in &opened {
            let (_, mut feed) = self.split(one.side, one.acknowledgment, findings);
            feed.pass_opened(&one.what, &plain);
        }
        if let Some(sealed) = &mut self.exchange.sealed {
            sealed.recycle(opened, plain);
        }
        let foreign = |direction: &Direction| direction.reader.is_foreign();
        if hopeless || self.directions.iter().all(foreign) {
            for side in 0..2 {
                let (_, mut feed) = self.split(side, None, findings);
                feed.leave_sealed();
            }
            self.exchange.sealed = None;
        }
    }

    /// Nothing more comes: what TLS held back is read, and what there is to tell of it is told.
    fn close_sealed(&mut self, findings: &mut Findings<'_>) {
        for side in 0..2 {
            let (_, mut feed) = self.split(side, None, findings);
            feed.close_sealed();
        }
        self.read_opened(findings);
        let (_, mut feed) = self.split(0, None, findings);
        feed.tell_sealed(true);
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
        findings: &'a mut Findings<'_>,
    ) -> (&'a mut Reassembler, Feed<'a>) {
        let side = side & 1;
        let [first, second] = &mut self.directions;
        let (direction, other) = if side == 0 {
            (first, &*second)
        } else {
            (second, &*first)
        };
        let feed = Feed {
            reader: &mut direction.reader,
            side,
            acknowledgment,
            first_sequence: direction.tcp.first_sequence(),
            other: other.read(),
            held: &mut direction.held,
            exchange: &mut self.exchange,
            connection: self.number,
            source: self.endpoints[side],
            destination: self.endpoints[1 - side],
            limits: findings.limits,
            outbox: findings.outbox,
            keyring: findings.keyring,
            parser: findings.parser,
        };
        (&mut direction.tcp, feed)
    }
}

impl Direction {
    /// How far it has been read.
    fn read(&self) -> Read<'_> {
        Read {
            tcp: (!self.reader.is_foreign()).then_some(&self.tcp),
            start: self.start,
            offset: self
                .held
                .front()
                .map_or(self.tcp.offset(), |held| held.offset),
        }
    }
}

/// Bytes that went over the wire, captured or known to be missing.
fn sent(direction: &Direction) -> u64 {
    let counters = direction.tcp.counters();
    counters.payload_bytes.saturating_add(counters.gap_bytes)
}

/// How far a direction has been read, as the other side needs to know it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Read<'a> {
    /// Nothing where nobody waits for it.
    tcp: Option<&'a Reassembler>,
    start: Option<Start>,
    offset: u64,
}

impl Read<'_> {
    /// Bytes that this acknowledges have not been read yet.
    pub fn is_before(&self, acknowledgment: u32) -> bool {
        let Some(tcp) = self.tcp else {
            return false;
        };
        match (tcp.acknowledged_offset(acknowledgment), self.start) {
            (Some(offset), _) => offset > self.offset,
            // A server says nothing before it was asked, be it with data on SYN.
            (None, Some(start)) if start.asks => true,
            (None, Some(start)) => {
                (1..WINDOW).contains(&acknowledgment.wrapping_sub(start.sequence))
            }
            (None, None) => false,
        }
    }
}

/// The largest distance that is an acknowledgment of the same connection.
const WINDOW: u32 = 1 << 24;
