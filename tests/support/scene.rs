//! Packets of conversations that never took place: TCP, UDP and ICMP with their times, written as pcapng. The same calls
//! give the same bytes; this file knows nothing of the analyzer it is to be read by.

#![allow(dead_code, reason = "each test uses its part")]

use super::packet::{self, ACK, End, FIN, PUSH, RST, SYN};

/// A capture in the making, as a mirror port beside the client would see it.
pub struct Scene {
    frames: Vec<Frame>,
    now_us: u64,
    jitter: u32,
    /// Where frames are seen, by its place in `interfaces`.
    interface: u32,
    interfaces: Vec<&'static str>,
    vlan: Option<u8>,
}

struct Frame {
    time_us: u64,
    interface: u32,
    bytes: Vec<u8>,
}

/// A TCP connection that stands.
pub struct Connection {
    ends: [End; 2],
    sequences: [u32; 2],
}

/// Who sends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum From {
    Client,
    Server,
}

impl Scene {
    /// An empty capture whose clock stands at so many microseconds since 1970.
    pub fn new(now_us: u64) -> Self {
        Self {
            frames: Vec::new(),
            now_us,
            jitter: 1,
            interface: 0,
            interfaces: vec!["mirror0"],
            vlan: Some(VOICE_VLAN),
        }
    }

    /// An empty capture of these interfaces, without a VLAN.
    pub fn of(interfaces: &[&'static str], now_us: u64) -> Self {
        Self {
            interfaces: interfaces.to_vec(),
            vlan: None,
            ..Self::new(now_us)
        }
    }

    /// What follows is seen at this interface.
    pub fn look_at(&mut self, interface: u32) {
        self.interface = interface;
    }

    /// Sets the clock, which never goes back.
    pub fn until_us(&mut self, time_us: u64) {
        self.now_us = self.now_us.max(time_us);
    }

    /// What its clock shows.
    pub fn now_us(&self) -> u64 {
        self.now_us
    }

    /// Lets about so much time pass.
    pub fn wait_us(&mut self, about_us: u64) {
        // A small linear congruential generator: clocks in step would look made.
        self.jitter = self
            .jitter
            .wrapping_mul(1_664_525)
            .wrapping_add(1_013_904_223);
        self.now_us += about_us + about_us * u64::from(self.jitter >> 24) / 1024;
    }

    /// How many frames there are.
    pub fn frames(&self) -> u64 {
        self.frames.len() as u64
    }

    /// The three-way handshake.
    pub fn connect(&mut self, client: End, server: End) -> Connection {
        let mut connection = Connection::new(client, server);
        self.segment(&mut connection, From::Client, SYN, &[]);
        self.wait_us(ROUND_TRIP_US);
        self.segment(&mut connection, From::Server, SYN | ACK, &[]);
        self.wait_us(90);
        self.segment(&mut connection, From::Client, ACK, &[]);
        connection
    }

    /// A SYN that meets silence, sent again after 1, 3 and 7 s.
    pub fn knock(&mut self, client: End, server: End) {
        let start_us = self.now_us;
        for after_us in [0, 1_003_000, 3_019_000, 7_051_000] {
            self.until_us(start_us + after_us);
            self.segment(&mut Connection::new(client, server), From::Client, SYN, &[]);
        }
    }

    /// A SYN that the other side's TCP answers with RST.
    pub fn refuse(&mut self, client: End, server: End) {
        let mut connection = Connection::new(client, server);
        self.segment(&mut connection, From::Client, SYN, &[]);
        self.wait_us(700);
        // RFC 9293 section 3.10.7.1: to a segment without ACK the sequence number is zero.
        connection.sequences[1] = 0;
        self.segment(&mut connection, From::Server, RST | ACK, &[]);
    }

    /// A datagram; gives its IP packet.
    pub fn datagram(&mut self, source: End, destination: End, payload: &[u8]) -> Vec<u8> {
        let udp = packet::udp(source, destination, payload);
        let identification = self.identification();
        let ip = packet::ipv4(source, destination, packet::UDP, identification, &udp);
        self.push(source, destination, &ip);
        ip
    }

    /// ICMP's word that a packet could not be delivered.
    pub fn unreachable(&mut self, reporter: End, told: End, code: u8, undelivered: &[u8]) {
        let icmp = packet::unreachable(code, undelivered);
        let identification = self.identification();
        let ip = packet::ipv4(reporter, told, packet::ICMP, identification, &icmp);
        self.push(reporter, told, &ip);
    }

    /// Sends bytes, in as many segments as they need, and has them acknowledged; tells the frames that carry them.
    pub fn send(&mut self, connection: &mut Connection, from: From, bytes: &[u8]) -> Vec<u64> {
        self.wait_us(if from == From::Client {
            250
        } else {
            ROUND_TRIP_US
        });
        let mut carried = Vec::new();
        let segments = bytes.chunks(SEGMENT_BYTES).count();
        for (index, part) in bytes.chunks(SEGMENT_BYTES).enumerate() {
            let last = index + 1 == segments;
            let flags = if last { ACK | PUSH } else { ACK };
            self.segment(connection, from, flags, part);
            carried.push(self.frames());
            self.wait_us(40);
            // RFC 9293 section 3.8.6.3: at least every second full segment is acknowledged.
            if last || index % 2 == 1 {
                if from == From::Client {
                    self.wait_us(ROUND_TRIP_US / 2);
                }
                self.segment(connection, from.other(), ACK, &[]);
                self.wait_us(60);
            }
        }
        carried
    }

    /// Both sides close, `first` before the other.
    pub fn close(&mut self, connection: &mut Connection, first: From) {
        self.wait_us(1_000);
        self.segment(connection, first, FIN | ACK, &[]);
        self.wait_us(ROUND_TRIP_US);
        self.segment(connection, first.other(), FIN | ACK, &[]);
        self.wait_us(200);
        self.segment(connection, first, ACK, &[]);
    }

    /// The capture as a pcapng file.
    pub fn pcapng(&self, comment: &str) -> Vec<u8> {
        let mut section = Vec::new();
        section.extend_from_slice(&0x1a2b_3c4d_u32.to_le_bytes());
        section.extend_from_slice(&[1, 0, 0, 0]);
        section.extend_from_slice(&(-1_i64).to_le_bytes());
        option(&mut section, 1, comment.as_bytes());
        option(&mut section, 0, &[]);
        let mut file = Vec::new();
        block(&mut file, 0x0a0d_0d0a, &section);
        for name in &self.interfaces {
            let mut interface = vec![1, 0, 0, 0];
            interface.extend_from_slice(&262_144_u32.to_le_bytes());
            option(&mut interface, 2, name.as_bytes());
            option(&mut interface, 9, &[6]);
            option(&mut interface, 0, &[]);
            block(&mut file, 1, &interface);
        }
        for Frame {
            time_us,
            interface,
            bytes,
        } in &self.frames
        {
            let mut packet = interface.to_le_bytes().to_vec();
            packet.extend_from_slice(&((time_us >> 32) as u32).to_le_bytes());
            packet.extend_from_slice(&(*time_us as u32).to_le_bytes());
            packet.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
            packet.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
            packet.extend_from_slice(bytes);
            block(&mut file, 6, &packet);
        }
        file
    }

    fn segment(&mut self, connection: &mut Connection, from: From, flags: u8, payload: &[u8]) {
        let (source, destination) = connection.ends_from(from);
        let [mut sequence, mut acknowledged] = connection.sequences;
        if from == From::Server {
            std::mem::swap(&mut sequence, &mut acknowledged);
        }
        if flags & ACK == 0 {
            acknowledged = 0;
        }
        let numbers = [sequence, acknowledged];
        let tcp = packet::tcp(source, destination, numbers, flags, payload);
        let identification = self.identification();
        let ip = packet::ipv4(source, destination, packet::TCP, identification, &tcp);
        self.push(source, destination, &ip);
        let consumed = payload.len() as u32 + u32::from(flags & (SYN | FIN) != 0);
        let own = &mut connection.sequences[usize::from(from == From::Server)];
        *own = own.wrapping_add(consumed);
    }

    fn identification(&self) -> u16 {
        self.frames.len() as u16
    }

    fn push(&mut self, source: End, destination: End, packet: &[u8]) {
        self.frames.push(Frame {
            time_us: self.now_us,
            interface: self.interface,
            bytes: packet::ethernet(source, destination, self.vlan, packet),
        });
    }
}

impl Connection {
    fn new(client: End, server: End) -> Self {
        let first = u32::from(client.port).wrapping_mul(2_654_435_761);
        Self {
            ends: [client, server],
            sequences: [first, first.rotate_left(13)],
        }
    }

    fn ends_from(&self, from: From) -> (End, End) {
        let [client, server] = self.ends;
        match from {
            From::Client => (client, server),
            From::Server => (server, client),
        }
    }
}

impl From {
    fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

fn block(file: &mut Vec<u8>, kind: u32, body: &[u8]) {
    let padded = body.len().next_multiple_of(4);
    let total = (padded as u32 + 12).to_le_bytes();
    file.extend_from_slice(&kind.to_le_bytes());
    file.extend_from_slice(&total);
    file.extend_from_slice(body);
    file.resize(file.len() + padded - body.len(), 0);
    file.extend_from_slice(&total);
}

fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    body.extend_from_slice(&code.to_le_bytes());
    body.extend_from_slice(&(value.len() as u16).to_le_bytes());
    body.extend_from_slice(value);
    body.resize(body.len().next_multiple_of(4), 0);
}

/// Between the mirror port and the server, and back.
const ROUND_TRIP_US: u64 = 11_000;
/// Payload bytes of a segment: Ethernet's 1500 without the two headers.
const SEGMENT_BYTES: usize = 1_460;
/// Phones are often put into a VLAN of their own.
const VOICE_VLAN: u8 = 100;
