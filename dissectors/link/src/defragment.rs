//! IP packets out of their fragments, in any order, within bounds. What was sent first wins an overlap.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use crate::extension;
use crate::ip::Carried;
use crate::transport;
use crate::{Fragment, Packet, Payload};

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

/// Puts IP packets together from their fragments.
#[derive(Debug, Default)]
pub struct Defragmenter {
    limits: DefragmentLimits,
    partial: HashMap<Key, Partial>,
    by_age: BTreeMap<u64, Key>,
    next_serial: u64,
    buffered_bytes: usize,
    evicted: u64,
    conflicts: u64,
    duplicates: u64,
}

impl Defragmenter {
    /// An empty one.
    #[must_use]
    pub fn new(limits: DefragmentLimits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// Takes a fragment, carried by the frame `token` at `time_ns`; gives the packet that it completes.
    pub fn push(&mut self, fragment: &Fragment<'_>, token: u64, time_ns: i64) -> Option<Datagram> {
        self.evict_older_than(time_ns.saturating_sub(self.limits.age_ns_max));
        let key = Key::of(fragment);
        let mut partial = self.take(&key).unwrap_or_else(|| self.begin(time_ns));
        self.count(partial.add(fragment, token));
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
        Partial {
            serial,
            time_ns,
            ..Partial::default()
        }
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
    /// Fragments contradicted each other; `bytes` has what came first.
    pub conflict: bool,
}

impl Datagram {
    /// The packet as decoded.
    #[must_use]
    pub fn packet(&self) -> Packet<'_> {
        Packet {
            source: self.source,
            destination: self.destination,
            payload: self.payload(),
            header_checksum_wrong: false,
        }
    }

    /// Its transport; never a fragment.
    #[must_use]
    pub fn payload(&self) -> Payload<'_> {
        let carried = Carried {
            protocol: self.protocol,
            bytes: &self.bytes,
            missing: self.missing,
        };
        match self.source {
            IpAddr::V4(_) => transport::decode(carried),
            IpAddr::V6(_) => extension::behind_fragments(carried),
        }
    }
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
struct Key {
    source: IpAddr,
    destination: IpAddr,
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

/// A packet in the making. Bytes lie in the order they came, so that one far offset costs no memory.
#[derive(Debug, Default)]
struct Partial {
    serial: u64,
    time_ns: i64,
    stored: Vec<u8>,
    parts: BTreeMap<u32, Part>,
    /// Payload length of the whole packet, as the last fragment tells: as captured, and on the wire.
    end: Option<(u32, u32)>,
    protocol: u8,
    conflict: bool,
}

#[derive(Debug, Clone, Copy)]
struct Part {
    stored_at: usize,
    length: u32,
    token: u64,
}

enum Added {
    New,
    Duplicate,
    Conflict,
}

impl Partial {
    fn add(&mut self, fragment: &Fragment<'_>, token: u64) -> Added {
        let Some(end) = self.checked_end(fragment) else {
            self.conflict = true;
            return Added::Conflict;
        };
        if !fragment.more {
            self.end = Some((end, end.saturating_add(fragment.missing)));
        }
        if fragment.offset == 0 {
            self.protocol = fragment.protocol;
        }
        let (added, conflict) = self.fill(fragment, end, token);
        self.conflict |= conflict;
        match (conflict, added) {
            (true, _) => Added::Conflict,
            (false, 0) if fragment.missing == 0 && fragment.more => Added::Duplicate,
            (false, _) => Added::New,
        }
    }

    /// Where the fragment's captured bytes end; none where that is beyond any packet, or beyond this one's end.
    fn checked_end(&self, fragment: &Fragment<'_>) -> Option<u32> {
        let end = fragment
            .offset
            .checked_add(u32::try_from(fragment.payload.len()).ok()?)?;
        let wire_end = end.checked_add(fragment.missing)?;
        let fits = match self.end {
            Some((_, known)) if fragment.more => wire_end <= known,
            Some((_, known)) => wire_end == known,
            None => fragment.more || self.stored_end() <= wire_end,
        };
        (fits && wire_end <= PAYLOAD_MAX).then_some(end)
    }

    fn stored_end(&self) -> u32 {
        self.parts
            .last_key_value()
            .map_or(0, |(offset, part)| offset.saturating_add(part.length))
    }

    /// Fills the holes between what is there; says how many bytes were new, and whether the others differ.
    fn fill(&mut self, fragment: &Fragment<'_>, end: u32, token: u64) -> (usize, bool) {
        let stored_before = self.stored.len();
        let mut at = fragment.offset;
        let mut conflict = false;
        while at < end {
            let hole_end = match self.parts.range(..=at).next_back() {
                Some((offset, part)) if offset.saturating_add(part.length) > at => {
                    let part_end = offset.saturating_add(part.length).min(end);
                    let held = part.bytes(
                        &self.stored,
                        at.saturating_sub(*offset),
                        part_end.saturating_sub(at),
                    );
                    conflict |= held
                        != slice(
                            fragment.payload,
                            at.saturating_sub(fragment.offset),
                            part_end.saturating_sub(at),
                        );
                    at = part_end;
                    continue;
                }
                _ => self
                    .parts
                    .range(at..)
                    .next()
                    .map_or(end, |(offset, _)| end.min(*offset)),
            };
            let length = hole_end.saturating_sub(at);
            let part = Part {
                stored_at: self.stored.len(),
                length,
                token,
            };
            self.stored.extend_from_slice(slice(
                fragment.payload,
                at.saturating_sub(fragment.offset),
                length,
            ));
            self.parts.insert(at, part);
            at = hole_end;
        }
        (self.stored.len().saturating_sub(stored_before), conflict)
    }

    /// Parts do not overlap, so that their sum tells whether they leave a hole.
    fn is_whole(&self) -> bool {
        let stored_end = self.stored_end();
        let reaches_end = self.end.is_some_and(|(captured, _)| captured <= stored_end);
        reaches_end && stored_end > 0 && stored_end as usize == self.stored.len()
    }

    fn cost(&self) -> usize {
        PARTIAL_COST + self.stored.capacity() + self.parts.len() * PART_COST
    }

    fn into_datagram(self, key: &Key) -> Datagram {
        let mut bytes = Vec::with_capacity(self.stored.len());
        let mut pieces = Vec::with_capacity(self.parts.len());
        for (offset, part) in &self.parts {
            bytes.extend_from_slice(part.bytes(&self.stored, 0, part.length));
            pieces.push(Piece {
                offset: *offset,
                length: part.length,
                token: part.token,
            });
        }
        Datagram {
            source: key.source,
            destination: key.destination,
            protocol: self.protocol,
            bytes,
            missing: self
                .end
                .map_or(0, |(_, wire)| wire.saturating_sub(self.stored_end())),
            pieces,
            conflict: self.conflict,
        }
    }
}

impl Part {
    fn bytes<'a>(&self, stored: &'a [u8], from: u32, length: u32) -> &'a [u8] {
        let part = stored.get(self.stored_at..).unwrap_or_default();
        slice(part, from, length)
    }
}

fn slice(bytes: &[u8], from: u32, length: u32) -> &[u8] {
    let from = from as usize;
    bytes
        .get(from..from.saturating_add(length as usize))
        .unwrap_or_default()
}

/// The largest IP payload: 16 bits of length, without jumbograms, which may not be fragments (RFC 2675 section 3).
const PAYLOAD_MAX: u32 = 65_535;
/// What a packet in the making costs beside its bytes: its places in the two indices.
const PARTIAL_COST: usize = 320;
/// What a part costs beside its bytes: its place in the tree.
const PART_COST: usize = 64;
