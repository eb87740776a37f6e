//! A conversation as the packets that would carry it, seen beside the phone, or at its gateway where that has a part.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::clean::story::{Block, Content};
use crate::packet::End;
use crate::scene::{Connection, From, Scene};

/// Who is where on the wire under the capture.
pub struct Wires {
    phone: [u8; 6],
    /// The gateway's address in the LAN and outside, where it is a part of the story.
    pub gateway: Option<Gateway>,
}

#[derive(Clone, Copy)]
pub struct Gateway {
    pub mac: [u8; 6],
    pub inside: Ipv4Addr,
    pub outside: Ipv4Addr,
}

/// What came of it.
pub struct Written {
    pub pcapng: Vec<u8>,
    /// The frames of each block: those that carry it, and those that open and close its connection.
    pub frames: Vec<Vec<u64>>,
    /// The frames that carry its bytes alone.
    pub carried: Vec<Vec<u64>>,
    pub count: u64,
    pub connections: u64,
}

impl Wires {
    pub fn of(phone: [u8; 6]) -> Self {
        Self {
            phone,
            gateway: None,
        }
    }

    fn interfaces(&self) -> &'static [&'static str] {
        match self.gateway {
            None => &["mirror0"],
            Some(_) => &["lan0", "wan0"],
        }
    }

    /// The interface that sees packets between these.
    fn interface(&self, ends: [SocketAddr; 2]) -> u32 {
        let outside = self.gateway.map(|gateway| IpAddr::V4(gateway.outside));
        let seen_outside = ends.iter().any(|end| Some(end.ip()) == outside);
        u32::from(seen_outside)
    }

    fn end(&self, at: SocketAddr, other: SocketAddr) -> End {
        let IpAddr::V4(address) = at.ip() else {
            panic!("these stories know IPv4 alone");
        };
        let (mac, ttl) = match self.gateway {
            _ if address.is_broadcast() => ([0xff; 6], 64),
            Some(gateway) if [gateway.inside, gateway.outside].contains(&address) => {
                (gateway.mac, 64)
            }
            // A router of a story in which no gateway has a part.
            None if at.port() == 67 => (ROUTER_MAC, 64),
            _ if address.is_unspecified() || address.is_private() => (self.phone, 64),
            _ if address.octets()[..3] == PHONES => (self.phone, 64),
            Some(gateway) if self.interface([at, other]) == 0 => (gateway.mac, 64 - HOPS),
            _ => (ROUTER_MAC, 64 - HOPS),
        };
        End {
            mac,
            address,
            port: at.port(),
            ttl,
        }
    }
}

/// Writes the blocks of a conversation, which stand in the order of time.
pub fn write(blocks: &[Block], wires: &Wires) -> Written {
    let start_us = blocks.first().map_or(0, |block| block.time_us);
    let mut writing = Writing {
        wires,
        scene: Scene::of(wires.interfaces(), start_us),
        standing: BTreeMap::new(),
        connections: 0,
    };
    let mut written = Written {
        pcapng: Vec::new(),
        frames: Vec::new(),
        carried: Vec::new(),
        count: 0,
        connections: 0,
    };
    for block in blocks {
        let first = writing.scene.frames() + 1;
        written.carried.push(writing.block(block));
        let last = writing.scene.frames();
        written.frames.push((first..=last).collect());
    }
    written.count = writing.scene.frames();
    written.connections = writing.connections;
    written.pcapng = writing.scene.pcapng(COMMENT);
    written
}

struct Writing<'w> {
    wires: &'w Wires,
    scene: Scene,
    standing: BTreeMap<[SocketAddr; 2], (Connection, SocketAddr)>,
    connections: u64,
}

impl Writing<'_> {
    fn block(&mut self, block: &Block) -> Vec<u64> {
        self.scene.until_us(block.time_us);
        let ends = [block.source, block.destination];
        self.scene.look_at(self.wires.interface(ends));
        match &block.content {
            Content::Datagram(bytes) => {
                let [from, to] = self.ends(ends);
                self.scene.datagram(from, to, bytes);
                vec![self.scene.frames()]
            }
            Content::Message(message) => self.bytes(ends, &message.bytes()),
            Content::Bytes(bytes) => self.bytes(ends, bytes),
            Content::Fin | Content::Reset => {
                self.close(ends);
                Vec::new()
            }
            Content::Quiet => Vec::new(),
        }
    }

    fn ends(&self, [source, destination]: [SocketAddr; 2]) -> [End; 2] {
        [
            self.wires.end(source, destination),
            self.wires.end(destination, source),
        ]
    }

    fn bytes(&mut self, ends: [SocketAddr; 2], bytes: &[u8]) -> Vec<u64> {
        let [client, server] = self.ends(ends);
        if !self.standing.contains_key(&sorted(ends)) {
            let connection = self.scene.connect(client, server);
            self.connections += 1;
            self.standing.insert(sorted(ends), (connection, ends[0]));
        }
        let standing = self.standing.get_mut(&sorted(ends));
        let (connection, opener) = standing.expect("it stands now");
        let from = side(*opener, ends[0]);
        self.scene.send(connection, from, bytes)
    }

    /// Both sides close at the first word of it.
    fn close(&mut self, ends: [SocketAddr; 2]) {
        if let Some((mut connection, opener)) = self.standing.remove(&sorted(ends)) {
            self.scene.close(&mut connection, side(opener, ends[0]));
        }
    }
}

fn sorted(mut ends: [SocketAddr; 2]) -> [SocketAddr; 2] {
    ends.sort();
    ends
}

fn side(opener: SocketAddr, sender: SocketAddr) -> From {
    if opener == sender {
        From::Client
    } else {
        From::Server
    }
}

/// Where phones without a NAT are (RFC 5737).
const PHONES: [u8; 3] = [203, 0, 113];
/// RFC 7042 section 2.1.2: an address for documentation.
const ROUTER_MAC: [u8; 6] = [0x00, 0x00, 0x5e, 0x00, 0x53, 0x01];
/// Routers between the capture and the servers.
const HOPS: u8 = 9;
const COMMENT: &str = "Informant sample: generated, no device was recorded";
