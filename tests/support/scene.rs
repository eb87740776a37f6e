//! Packets of conversations that never took place: HTTP over TCP, IPv4, 802.1Q and Ethernet, written as pcapng. The
//! same calls give the same bytes; this file knows nothing of the analyzer it is to be read by.

use std::net::Ipv4Addr;

/// A capture in the making, as a mirror port beside the client would see it.
pub struct Scene {
    frames: Vec<(u64, Vec<u8>)>,
    now_us: u64,
    jitter: u32,
}

/// One end of a connection.
#[derive(Clone, Copy)]
pub struct End {
    pub mac: [u8; 6],
    pub address: Ipv4Addr,
    pub port: u16,
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
        }
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
        let first = u32::from(client.port).wrapping_mul(2_654_435_761);
        let mut connection = Connection {
            ends: [client, server],
            sequences: [first, first.rotate_left(13)],
        };
        self.segment(&mut connection, From::Client, SYN, &[]);
        self.wait_us(ROUND_TRIP_US);
        self.segment(&mut connection, From::Server, SYN | ACK, &[]);
        self.wait_us(90);
        self.segment(&mut connection, From::Client, ACK, &[]);
        connection
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
        let mut interface = vec![1, 0, 0, 0];
        interface.extend_from_slice(&262_144_u32.to_le_bytes());
        option(&mut interface, 2, b"mirror0");
        option(&mut interface, 9, &[6]);
        option(&mut interface, 0, &[]);
        let mut file = Vec::new();
        block(&mut file, 0x0a0d_0d0a, &section);
        block(&mut file, 1, &interface);
        for (time_us, bytes) in &self.frames {
            let mut packet = vec![0; 4];
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
        let tcp = tcp(
            source,
            destination,
            [sequence, acknowledged],
            flags,
            payload,
        );
        let ip = ipv4(source, destination, self.frames.len() as u16, &tcp);
        let mut frame = Vec::new();
        frame.extend_from_slice(&destination.mac);
        frame.extend_from_slice(&source.mac);
        frame.extend_from_slice(&[0x81, 0x00, 0x00, VOICE_VLAN, 0x08, 0x00]);
        frame.extend_from_slice(&ip);
        frame.resize(frame.len().max(FRAME_BYTES_MIN), 0);
        self.frames.push((self.now_us, frame));
        let consumed = payload.len() as u32 + u32::from(flags & (SYN | FIN) != 0);
        let own = &mut connection.sequences[usize::from(from == From::Server)];
        *own = own.wrapping_add(consumed);
    }
}

impl Connection {
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

fn tcp(source: End, destination: End, numbers: [u32; 2], flags: u8, payload: &[u8]) -> Vec<u8> {
    let options: &[u8] = if flags & SYN != 0 {
        &[2, 4, 5, 0xb4]
    } else {
        &[]
    };
    let mut segment = Vec::new();
    segment.extend_from_slice(&source.port.to_be_bytes());
    segment.extend_from_slice(&destination.port.to_be_bytes());
    for number in numbers {
        segment.extend_from_slice(&number.to_be_bytes());
    }
    segment.push((((20 + options.len()) / 4) << 4) as u8);
    segment.push(flags);
    segment.extend_from_slice(&64_240_u16.to_be_bytes());
    segment.extend_from_slice(&[0; 4]);
    segment.extend_from_slice(options);
    segment.extend_from_slice(payload);
    let mut pseudo = Vec::new();
    pseudo.extend_from_slice(&source.address.octets());
    pseudo.extend_from_slice(&destination.address.octets());
    pseudo.extend_from_slice(&[0, 6]);
    pseudo.extend_from_slice(&(segment.len() as u16).to_be_bytes());
    pseudo.extend_from_slice(&segment);
    segment[16..18].copy_from_slice(&checksum(&pseudo).to_be_bytes());
    segment
}

fn ipv4(source: End, destination: End, identification: u16, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x45, 0];
    packet.extend_from_slice(&(20 + payload.len() as u16).to_be_bytes());
    packet.extend_from_slice(&identification.to_be_bytes());
    packet.extend_from_slice(&[0x40, 0, 64, 6, 0, 0]);
    packet.extend_from_slice(&source.address.octets());
    packet.extend_from_slice(&destination.address.octets());
    let sum = checksum(&packet);
    packet[10..12].copy_from_slice(&sum.to_be_bytes());
    packet.extend_from_slice(payload);
    packet
}

/// RFC 1071.
fn checksum(bytes: &[u8]) -> u16 {
    let mut sum: u32 = bytes
        .chunks(2)
        .map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0)))
        .sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
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

const FIN: u8 = 1;
const SYN: u8 = 2;
const PUSH: u8 = 8;
const ACK: u8 = 16;
/// Between the mirror port and the server, and back.
const ROUND_TRIP_US: u64 = 11_000;
/// Payload bytes of a segment: Ethernet's 1500 without the two headers.
const SEGMENT_BYTES: usize = 1_460;
/// Bytes of the shortest Ethernet frame, without its check sequence.
const FRAME_BYTES_MIN: usize = 60;
/// Phones are often put into a VLAN of their own.
const VOICE_VLAN: u8 = 100;
