//! What comes out of the streams, each with the frame that brought it about, so that several shards' can be put in order.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher};
use std::net::SocketAddr;

use super::allowance::Allowance;
use crate::session::{
    Arrived, Attempt, DataConnection, Datagram, FtpTold, Parting, TftpTold, TlsSeen, UdpAnswer,
    Unreachable,
};
use crate::source::Timestamp;

/// Something that the state machine must hear of.
#[derive(Debug)]
pub(super) struct Event {
    /// The frame that brought it about, counted over all files.
    pub order: u64,
    /// 0 where its own bytes did; where its time alone did, by the number of the shard.
    pub rank: u8,
    /// The time of that frame.
    pub time: Timestamp,
    pub what: Arrival,
}

/// What it is.
#[derive(Debug)]
pub(super) enum Arrival {
    Message(Box<Arrived>),
    Datagram(Box<Datagram>),
    /// A control connection of FTP told something.
    Ftp(Box<FtpTold>),
    /// A connection on which one side alone sent bytes is over.
    Data(Box<DataConnection>),
    /// A transfer by TFTP is over.
    Tftp(Box<TftpTold>),
    /// A transcript tells of the TLS that a connection goes on with.
    TlsTold(Box<crate::session::TlsConnection>),
    /// An attempt to connect came to nothing.
    Attempt(Box<Attempt>),
    /// A datagram of HTTP text that answers.
    UdpAnswer(Box<UdpAnswer>),
    /// An ICMP error says that a packet did not arrive.
    Unreachable(Box<Unreachable>),
    /// It is known of a TLS connection whether it can be read.
    Tls(Box<TlsSeen>),
    /// Bytes of this connection are missing.
    Gap(u64),
    /// One side of a connection has sent FIN, and all before it has been read; or RST.
    Leaving(Box<Parting>),
    /// A connection that carried HTTP closed.
    Closed {
        connection: u64,
        /// A peer ended it, not the capture or a bound of ours.
        by_peer: bool,
        /// Both sides were heard.
        both: bool,
    },
    /// Time passed.
    Tick,
}

/// Takes what comes out of one shard.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    pub events: Vec<Event>,
    pub limits_reached: BTreeMap<&'static str, u64>,
    pub stray_bytes: u64,
    /// What of bodies is wanted by whoever hears of the messages.
    pub bodies: Bodies,
    /// Where TLS ended.
    pub opened: Vec<SocketAddr>,
    /// What compressed bodies may come to.
    pub allowance: Allowance,
    fingerprints: Fingerprints,
    order: u64,
    rank: u8,
    time: Timestamp,
}

/// What messages keep of their bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Bodies {
    /// Nothing.
    #[default]
    None,
    /// What was read as SOAP, and what is no SOAP.
    Read,
    /// That, and the bytes of the wire.
    Raw,
}

impl Bodies {
    /// What these options ask for.
    fn of(options: &super::Options) -> Self {
        match (options.messages, options.raw_bodies) {
            (false, _) => Self::None,
            (true, false) => Self::Read,
            (true, true) => Self::Raw,
        }
    }
}

/// A keyed hash, the same in all shards of an analysis.
pub(super) type Fingerprints = foldhash::quality::RandomState;

impl Outbox {
    /// An empty one.
    pub fn new(options: &super::Options, fingerprints: Fingerprints) -> Self {
        Self {
            bodies: Bodies::of(options),
            opened: options.opened.clone(),
            fingerprints,
            ..Self::default()
        }
    }

    /// What tells one connection from all others, whatever addresses a NAT gives it: its numbers and its first message.
    pub fn fingerprint(&self, bytes: &[u8], sequence: u32, acknowledgment: u32) -> u64 {
        let mut hasher = self.fingerprints.build_hasher();
        hasher.write_u32(sequence);
        hasher.write_u32(acknowledgment);
        hasher.write(bytes);
        hasher.finish()
    }

    /// The time of the frame that is being worked on, with what the capture resolves.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// The time of the frame that is being worked on.
    pub fn time_ns(&self) -> i64 {
        self.time.nanoseconds
    }

    /// What follows is brought about by this frame.
    pub fn at(&mut self, order: u64, time: Timestamp) {
        self.order = order;
        self.time = time;
        self.rank = 0;
    }

    /// What follows is brought about by the time of this frame.
    pub fn at_tick(&mut self, shard: usize, order: u64, time: Timestamp) {
        self.at(order, time);
        self.rank = 1 + shard as u8;
    }

    /// The frame that is being worked on.
    pub fn order(&self) -> u64 {
        self.order
    }

    pub fn push(&mut self, what: Arrival) {
        self.events.push(Event {
            order: self.order,
            rank: self.rank,
            time: self.time,
            what,
        });
    }

    /// Counts a bound that was reached.
    pub fn reached(&mut self, name: &'static str) {
        *self.limits_reached.entry(name).or_default() += 1;
    }
}
