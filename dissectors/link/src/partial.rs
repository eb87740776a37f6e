//! One IP packet in the making: its fragments as they came, and whether they leave a hole.

use std::collections::BTreeMap;

use crate::defragment::{Datagram, Key, Piece};
use crate::{Fragment, Tunnels};

/// A packet in the making. Bytes lie in the order they came, so that one far offset costs no memory.
#[derive(Debug, Default)]
pub(crate) struct Partial {
    pub serial: u64,
    pub time_ns: i64,
    stored: Vec<u8>,
    parts: BTreeMap<u32, Part>,
    /// Payload length of the whole packet, as the last fragment tells: as captured, and on the wire.
    end: Option<(u32, u32)>,
    protocol: u8,
    conflict: bool,
    tunnels: Tunnels,
}

#[derive(Debug, Clone, Copy)]
struct Part {
    stored_at: usize,
    length: u32,
    token: u64,
}

/// What a fragment brought.
pub(crate) enum Added {
    New,
    Duplicate,
    Conflict,
}

impl Partial {
    pub fn new(serial: u64, time_ns: i64, tunnels: Tunnels) -> Self {
        Self {
            serial,
            time_ns,
            tunnels,
            ..Self::default()
        }
    }

    pub fn add(&mut self, fragment: &Fragment<'_>, token: u64) -> Added {
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
    pub fn is_whole(&self) -> bool {
        let stored_end = self.stored_end();
        let reaches_end = self.end.is_some_and(|(captured, _)| captured <= stored_end);
        reaches_end && stored_end > 0 && stored_end as usize == self.stored.len()
    }

    pub fn cost(&self) -> usize {
        PARTIAL_COST + self.stored.capacity() + self.parts.len() * PART_COST
    }

    pub fn into_datagram(self, key: &Key) -> Datagram {
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
            tunnels: self.tunnels,
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
