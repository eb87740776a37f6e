//! What networks and TCP stacks may do to the packets of a conversation without changing what was said.

use crate::fragments::fragments;
use crate::random::Random;
use crate::support::wire::{self, ACK, Endpoint, FIN, PSH, SYN};

/// One thing that may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disturbance {
    /// Segments of a few bytes.
    Tiny,
    /// Segments as large as offload makes them.
    Large,
    /// Single packets arrive up to 20 places late.
    Delays,
    /// All packets of one side arrive up to 40 places late, as where two mirrors feed one port.
    Skew,
    /// Packets come twice.
    Repeats,
    /// Bytes are sent again, cut otherwise.
    OtherBounds,
    /// A packet with the last byte sent before, or with none (RFC 9293 section 3.8.4).
    KeepAlives,
    /// The byte of a keep-alive is not what it was.
    Garbage,
    /// A single byte into a closed window (RFC 9293 section 3.8.6.1).
    Probes,
    /// SYN brings the first bytes, accepted or not (RFC 7413).
    SynData,
    /// The first SYN was lost, and sent again with another number.
    OtherStart,
    /// SYN and its answer come twice.
    SynAgain,
    /// FIN comes on the last segment.
    FinWithData,
    /// FIN comes more than once.
    FinAgain,
    /// IP packets in fragments.
    Fragments,
    /// The sequence numbers of both sides begin near their end.
    Wrap,
}

impl Disturbance {
    pub const ALL: [Self; 16] = [
        Self::Tiny,
        Self::Large,
        Self::Delays,
        Self::Skew,
        Self::Repeats,
        Self::OtherBounds,
        Self::KeepAlives,
        Self::Garbage,
        Self::Probes,
        Self::SynData,
        Self::OtherStart,
        Self::SynAgain,
        Self::FinWithData,
        Self::FinAgain,
        Self::Fragments,
        Self::Wrap,
    ];
}

/// What happens in one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weather(pub Vec<Disturbance>);

impl Weather {
    /// Some of everything; what cannot be told apart from another meaning does not come together.
    pub fn some(random: &mut Random) -> Self {
        use Disturbance::{Delays, Garbage, OtherBounds, OtherStart, Skew, Tiny};
        let mut some: Vec<Disturbance> = Disturbance::ALL
            .into_iter()
            .filter(|one| random.chance(if *one == Tiny { 40 } else { 300 }))
            .collect();
        // A garbage byte that overtakes the true one is no keep-alive, but an overlap that contradicts; a first SYN that
        // overtakes the second opens another connection.
        let orderly = |one: &Disturbance| !matches!(one, Delays | Skew | OtherBounds);
        if some.contains(&Garbage) || some.contains(&OtherStart) {
            some.retain(orderly);
        }
        Self(some)
    }

    pub fn has(&self, one: Disturbance) -> bool {
        self.0.contains(&one)
    }

    /// The same without one of its kinds, each in turn.
    pub fn milder(&self) -> Vec<Self> {
        let without = |at| {
            let mut fewer = self.0.clone();
            fewer.remove(at);
            Self(fewer)
        };
        (0..self.0.len()).map(without).collect()
    }
}

/// Frames of this conversation in this weather, in the order in which the capture has them.
pub fn frames(turns: &[(usize, Vec<u8>)], weather: &Weather, random: &mut Random) -> Vec<Vec<u8>> {
    let mut telling = Telling::new(weather, random);
    telling.open(turns);
    for (index, (side, bytes)) in turns.iter().enumerate() {
        telling.turn(*side, bytes, index + 1 == turns.len());
    }
    telling.close();
    telling.captured()
}

struct Packet {
    side: usize,
    flags: u8,
    /// Of its first byte; SYN stands at -1.
    position: i64,
    bytes: Vec<u8>,
    /// Position of the other side.
    acknowledges: i64,
    /// A first sequence number that led to nothing.
    start: Option<u32>,
}

struct Telling<'a> {
    weather: &'a Weather,
    random: &'a mut Random,
    ends: [Endpoint; 2],
    starts: [u32; 2],
    /// With their places.
    packets: Vec<(usize, Packet)>,
    said: [Vec<u8>; 2],
    /// Bytes of the first turn that SYN brought.
    on_syn: usize,
    finished: [bool; 2],
    /// Where the bytes of this turn begin: what was answered is not sent again.
    turn_start: usize,
}

impl<'a> Telling<'a> {
    fn new(weather: &'a Weather, random: &'a mut Random) -> Self {
        let start = |random: &mut Random| {
            if weather.has(Disturbance::Wrap) {
                u32::MAX - random.below(3000) as u32
            } else {
                random.next() as u32
            }
        };
        Self {
            weather,
            ends: [
                Endpoint::new([10, 1, 2, 3], 40_000),
                Endpoint::new([203, 0, 113, 10], 7547),
            ],
            starts: [start(random), start(random)],
            random,
            packets: Vec::new(),
            said: [Vec::new(), Vec::new()],
            on_syn: 0,
            finished: [false; 2],
            turn_start: 0,
        }
    }

    fn open(&mut self, turns: &[(usize, Vec<u8>)]) {
        let first = turns.iter().find(|(side, _)| *side == 0);
        let bytes = first.map(|(_, bytes)| bytes.as_slice()).unwrap_or_default();
        let with_data = self.weather.has(Disturbance::SynData);
        let on_syn = if with_data {
            self.random.between(1, bytes.len().min(1400))
        } else {
            0
        };
        if self.weather.has(Disturbance::OtherStart) {
            let other = self.random.next() as u32;
            self.put(Packet {
                start: Some(other),
                ..self.packet(0, SYN, -1, b"")
            });
        }
        let accepted = self.random.chance(500);
        self.on_syn = if accepted { on_syn } else { 0 };
        self.put(self.packet(0, SYN, -1, &bytes[..on_syn]));
        self.said[0].extend_from_slice(&bytes[..self.on_syn]);
        self.put(self.packet(1, SYN | ACK, -1, b""));
        if self.weather.has(Disturbance::SynAgain) {
            self.put_later(8, self.packet(0, SYN, -1, &bytes[..on_syn]));
            self.put_later(8, self.packet(1, SYN | ACK, -1, b""));
        }
        self.acknowledge(0);
    }

    fn turn(&mut self, side: usize, bytes: &[u8], last: bool) {
        let on_syn = if side == 0 {
            std::mem::take(&mut self.on_syn)
        } else {
            0
        };
        self.turn_start = self.said[side].len() - on_syn;
        let mut rest = &bytes[on_syn..];
        while !rest.is_empty() {
            let (part, behind) = rest.split_at(self.segment_length().min(rest.len()));
            let position = self.said[side].len();
            if self.weather.has(Disturbance::Probes) && self.random.chance(100) {
                self.put(self.packet(side, ACK, position as i64, &part[..1]));
                self.acknowledge(1 - side);
            }
            self.said[side].extend_from_slice(part);
            let closes = last && behind.is_empty() && self.weather.has(Disturbance::FinWithData);
            let flags = if closes { ACK | PSH | FIN } else { ACK | PSH };
            self.finished[side] |= closes;
            self.put(self.packet(side, flags, position as i64, part));
            self.disturb(side, position);
            rest = behind;
        }
        if self.random.chance(500) {
            self.acknowledge(1 - side);
        }
    }

    fn segment_length(&mut self) -> usize {
        if self.weather.has(Disturbance::Tiny) {
            self.random.between(1, 8)
        } else if self.weather.has(Disturbance::Large) {
            self.random.between(500, 20_000)
        } else {
            self.random.between(40, 1448)
        }
    }

    /// What may follow the segment at this position.
    fn disturb(&mut self, side: usize, position: usize) {
        let end = self.said[side].len();
        if self.weather.has(Disturbance::Repeats) && self.random.chance(150) {
            let again = self.said[side][position..].to_vec();
            self.put_later(20, self.packet(side, ACK, position as i64, &again));
        }
        if self.weather.has(Disturbance::OtherBounds) && self.random.chance(150) {
            let from = self.random.between(self.turn_start, end - 1);
            let to = self.random.between(from + 1, end);
            let again = self.said[side][from..to].to_vec();
            self.put_later(20, self.packet(side, ACK, from as i64, &again));
        }
        if self.weather.has(Disturbance::KeepAlives) && self.random.chance(100) {
            self.keep_alive(side);
            if self.random.chance(300) {
                self.keep_alive(1 - side);
            }
        }
    }

    fn keep_alive(&mut self, side: usize) {
        let last = self.said[side].last().copied().unwrap_or(0);
        let byte = if self.weather.has(Disturbance::Garbage) {
            last ^ 0x55
        } else {
            last
        };
        let byte = [byte];
        // Where nothing was said, the byte stands where SYN stood.
        let empty = self.random.chance(500)
            || self.said[side].is_empty() && !self.weather.has(Disturbance::Garbage);
        let bytes: &[u8] = if empty { b"" } else { &byte };
        let position = self.said[side].len() as i64 - 1;
        self.put(self.packet(side, ACK, position, bytes));
        self.acknowledge(1 - side);
    }

    fn close(&mut self) {
        let first = self.random.below(2);
        for side in [first, 1 - first] {
            let end = self.said[side].len() as i64;
            let again = self.weather.has(Disturbance::FinAgain);
            if !self.finished[side] {
                self.put(self.packet(side, FIN | ACK, end, b""));
                self.finished[side] = true;
            }
            if again {
                self.put_later(10, self.packet(side, FIN | ACK, end, b""));
            }
        }
        self.acknowledge(first);
    }

    fn acknowledge(&mut self, side: usize) {
        let position = self.said[side].len() as i64 + i64::from(self.finished[side]);
        self.put(self.packet(side, ACK, position, b""));
    }

    fn packet(&self, side: usize, flags: u8, position: i64, bytes: &[u8]) -> Packet {
        let other = 1 - side;
        Packet {
            side,
            flags,
            position,
            bytes: bytes.to_vec(),
            acknowledges: self.said[other].len() as i64 + i64::from(self.finished[other]),
            start: None,
        }
    }

    fn put(&mut self, packet: Packet) {
        self.put_at(self.packets.len(), packet);
    }

    fn put_later(&mut self, places_max: usize, packet: Packet) {
        let later = self.random.between(1, places_max);
        self.put_at(self.packets.len() + later, packet);
    }

    fn put_at(&mut self, place: usize, packet: Packet) {
        // Without the handshake nobody could tell where the stream begins.
        let movable = self.weather.has(Disturbance::Delays) && packet.flags & SYN == 0;
        let late = movable && self.random.chance(150);
        let place = place + if late { self.random.between(1, 20) } else { 0 };
        self.packets.push((place, packet));
    }

    /// The packets in their order, as frames.
    fn captured(mut self) -> Vec<Vec<u8>> {
        if self.weather.has(Disturbance::Skew) {
            let (side, places) = (self.random.below(2), self.random.between(1, 40));
            for (place, packet) in &mut self.packets {
                *place += if packet.side == side { places } else { 0 };
            }
        }
        let mut packets = std::mem::take(&mut self.packets);
        packets.sort_by_key(|(place, _)| *place);
        let mut captured = Vec::with_capacity(packets.len());
        for (index, (_, packet)) in packets.iter().enumerate() {
            let frame = self.frame(packet);
            if self.weather.has(Disturbance::Fragments) && self.random.chance(100) {
                captured.extend(self.in_fragments(&frame, index as u16));
            } else {
                captured.push(frame);
            }
        }
        captured
    }

    fn frame(&self, packet: &Packet) -> Vec<u8> {
        let number =
            |start: u32, position: i64| start.wrapping_add(1).wrapping_add(position as u32);
        let start = packet.start.unwrap_or(self.starts[packet.side]);
        let acknowledged = if packet.flags & ACK == 0 {
            0
        } else {
            number(self.starts[1 - packet.side], packet.acknowledges)
        };
        wire::tcp(
            self.ends[packet.side],
            self.ends[1 - packet.side],
            number(start, packet.position),
            acknowledged,
            packet.flags,
            &packet.bytes,
        )
    }

    fn in_fragments(&mut self, frame: &[u8], identification: u16) -> Vec<Vec<u8>> {
        let length = frame.len() - 34;
        let mut cuts: Vec<usize> = (0..self.random.between(1, 3))
            .map(|_| self.random.between(1, length / 8) * 8)
            .collect();
        cuts.sort_unstable();
        cuts.dedup();
        let mut cut = fragments(frame, identification, &cuts);
        let by = self.random.below(cut.len());
        cut.rotate_left(by);
        cut
    }
}
