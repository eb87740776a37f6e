//! IP packets out of their fragments, in any order, within bounds; what is sent twice is held against what came before.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use crate::extension;
use crate::ip::Carried;
use crate::partial::{Added, Partial};
use crate::rest::Path;
use crate::tunnel::ip_protocol::{self, Upper};
use crate::{Fragment, Packet, Payload, Protocol, Tunnels};

/// What a [`Defragmenter`] may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefragmentLimits {
    /// Packets in the making.
    pub datagrams_max: usize,
    /// Bytes held for them, bookkeeping included.
    pub bytes_max: usize,
    /// Age of a packet's first seen fragment, nanoseconds of capture time.
    pub age_ns_max: i64,
}

impl Default for DefragmentLimits {
    /// 4,096 packets, 4 MiB (what Linux allows itself), 30 s (as Linux; RFC 8200 section 4.5 says 60 s, but 16 bits of
    /// identification come round sooner on a busy link).
    fn default() -> Self {
        Self {
            datagrams_max: 4096,
            bytes_max: 4 << 20,
            age_ns_max: 30_000_000_000,
        }
    }
}

/// Which bytes count where two fragments contradict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overlap {
    /// Those that were captured first.
    #[default]
    First,
    /// Those that were captured last, until the packet is whole.
    Last,
}

/// Puts IP packets together from their fragments.
#[derive(Debug, Default)]
pub struct Defragmenter {
    limits: DefragmentLimits,
    overlap: Overlap,
    partial: HashMap<Key, Partial>,
    by_age: BTreeMap<u64, Key>,
    next_serial: u64,
    buffered_bytes: usize,
    evicted: u64,
    conflicts: u64,
    duplicates: u64,
}

impl Defragmenter {
    /// An empty one; where fragments contradict, what came first counts.
    #[must_use]
    pub fn new(limits: DefragmentLimits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// The same with another policy for fragments that contradict.
    #[must_use]
    pub fn with_overlap(mut self, overlap: Overlap) -> Self {
        self.overlap = overlap;
        self
    }

    /// Takes a fragment, carried by the frame `token` at `time_ns`; gives the packet that it completes.
    pub fn push(&mut self, fragment: &Fragment<'_>, token: u64, time_ns: i64) -> Option<Datagram> {
        self.evict_older_than(time_ns.saturating_sub(self.limits.age_ns_max));
        let key = Key::of(fragment);
        let mut partial = self.take(&key).unwrap_or_else(|| self.begin(time_ns));
        self.count(partial.add(fragment, token, self.overlap));
        if partial.is_whole() {
            return Some(partial.into_datagram(&key));
        }
        self.put_back(key, partial);
        self.evict_over_limits();
        None
    }

    /// Packets given up before they were whole: too old, or too much held.
    #[must_use]
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Fragments that contradict an earlier one of the same packet.
    #[must_use]
    pub fn conflicts(&self) -> u64 {
        self.conflicts
    }

    /// Fragments that only repeat what was there.
    #[must_use]
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Bytes held for packets in the making, bookkeeping included.
    #[must_use]
    pub fn buffered_bytes(&self) -> usize {
        self.buffered_bytes
    }

    fn begin(&mut self, time_ns: i64) -> Partial {
        let serial = self.next_serial;
        self.next_serial += 1;
        Partial::new(serial, time_ns)
    }

    fn take(&mut self, key: &Key) -> Option<Partial> {
        let partial = self.partial.remove(key)?;
        self.by_age.remove(&partial.serial);
        self.buffered_bytes = self.buffered_bytes.saturating_sub(partial.cost());
        Some(partial)
    }

    fn put_back(&mut self, key: Key, partial: Partial) {
        self.buffered_bytes += partial.cost();
        self.by_age.insert(partial.serial, key);
        self.partial.insert(key, partial);
    }

    fn count(&mut self, added: Added) {
        match added {
            Added::New => {}
            Added::Duplicate => self.duplicates += 1,
            Added::Conflict => self.conflicts += 1,
        }
    }

    fn evict_older_than(&mut self, time_ns: i64) {
        while let Some(key) = self.oldest() {
            if self
                .partial
                .get(&key)
                .is_some_and(|partial| partial.time_ns >= time_ns)
            {
                return;
            }
            self.evict(&key);
        }
    }

    fn evict_over_limits(&mut self) {
        while self.partial.len() > self.limits.datagrams_max
            || self.buffered_bytes > self.limits.bytes_max
        {
            let Some(key) = self.oldest() else { return };
            self.evict(&key);
        }
    }

    fn oldest(&self) -> Option<Key> {
        self.by_age.first_key_value().map(|(_, key)| *key)
    }

    fn evict(&mut self, key: &Key) {
        self.take(key);
        self.evicted += 1;
    }
}

/// An IP packet put together from fragments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datagram {
    /// Source address.
    pub source: IpAddr,
    /// Destination address.
    pub destination: IpAddr,
    /// What `bytes` begins with, by its IP number.
    pub protocol: u8,
    /// The packet's payload.
    pub bytes: Vec<u8>,
    /// Payload bytes that the snap length cut off the last fragment.
    pub missing: u32,
    /// Which frame carried which bytes, in order, without overlap.
    pub pieces: Vec<Piece>,
    /// Fragments that contradicted an earlier one.
    pub conflicts: u64,
    /// The versions that do not count, as far as a bound allows; `bytes` has those that do.
    pub contradictions: Vec<Contradiction>,
    /// What its fragments were wrapped in; where they differ, what the one was that stood in most.
    pub tunnels: Tunnels,
}

impl Datagram {
    /// The packet as decoded; where it is a tunnel, the packet in it.
    ///
    /// That one may be a fragment of another, for the [`Defragmenter`] again. It stands deeper than every fragment of this
    /// packet, and so does whatever it completes: this comes to an end after [`Tunnels::MAX`] packets.
    #[must_use]
    pub fn packet(&self) -> Packet<'_> {
        self.read(None)
    }

    /// What stands where [`Self::packet`] ends at [`Payload::Other`], with the tunnels around it; nothing for any other.
    #[must_use]
    pub fn unread_protocol(&self) -> Option<(Tunnels, Protocol)> {
        let noted = Cell::new(None);
        let packet = self.read(Some(&noted));
        match packet.payload {
            Payload::Other(number) => noted.get().or(Some((packet.tunnels, Protocol::Ip(number)))),
            Payload::Unreachable(error) => Some((packet.tunnels, Protocol::Ip(error.icmp))),
            _ => None,
        }
    }

    fn read<'a>(&'a self, noted: Option<&'a Cell<Option<(Tunnels, Protocol)>>>) -> Packet<'a> {
        let carried = Carried {
            protocol: self.protocol,
            bytes: &self.bytes,
            missing: self.missing,
            path: Path {
                tunnels: self.tunnels,
                noted,
            },
        };
        let upper = match self.source {
            IpAddr::V4(_) => ip_protocol::upper(carried),
            IpAddr::V6(_) => extension::behind_fragments(carried),
        };
        match upper {
            Upper::Inner(packet) => packet,
            Upper::Payload(payload) => Packet {
                source: self.source,
                destination: self.destination,
                payload,
                header_checksum_wrong: false,
                tunnels: self.tunnels,
            },
        }
    }

    /// What [`Self::packet`] carries; a fragment only where that packet stood in a tunnel.
    #[must_use]
    pub fn payload(&self) -> Payload<'_> {
        self.packet().payload
    }

    /// Where in `bytes` a part of them begins, such as the payload of a segment; the end for what is no part of them.
    ///
    /// In a tunnel the payload need not reach to the end: a trailer may follow it.
    #[must_use]
    pub fn offset_of(&self, part: &[u8]) -> usize {
        let offset = part
            .as_ptr()
            .addr()
            .wrapping_sub(self.bytes.as_ptr().addr());
        offset.min(self.bytes.len())
    }
}

/// Bytes of a fragment that stand in no [`Datagram`], because another fragment has others in their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// Where they would begin in `Datagram::bytes`.
    pub offset: u32,
    /// How many there were, from the first to the last that differs.
    pub length: u32,
    /// The first of them, at most 64.
    pub bytes: Vec<u8>,
    /// The frame, as given to [`Defragmenter::push`].
    pub token: u64,
}

/// Bytes of a [`Datagram`] that one frame carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Where they begin in `Datagram::bytes`.
    pub offset: u32,
    /// How many.
    pub length: u32,
    /// The frame, as given to [`Defragmenter::push`].
    pub token: u64,
}

/// RFC 791 section 2.3: addresses, protocol, identification; RFC 8200 section 4.5: without the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub source: IpAddr,
    pub destination: IpAddr,
    identification: u32,
    protocol: u8,
}

impl Key {
    fn of(fragment: &Fragment<'_>) -> Self {
        Self {
            source: fragment.source,
            destination: fragment.destination,
            identification: fragment.identification,
            protocol: if fragment.source.is_ipv4() {
                fragment.protocol
            } else {
                0
            },
        }
    }
}
