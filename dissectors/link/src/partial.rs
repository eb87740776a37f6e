//! One IP packet in the making: its fragments as they came, and whether they leave a hole.

use std::collections::BTreeMap;

use crate::defragment::{Contradiction, Datagram, Key, Overlap, Piece};
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
    /// As the fragment that comes first in the packet tells.
    protocol: Option<u8>,
    conflicts: u64,
    contradictions: Vec<Contradiction>,
    /// The most that any of its fragments was wrapped in.
    tunnels: Tunnels,
}

#[derive(Debug, Clone, Copy)]
struct Part {
    stored_at: usize,
    length: u32,
    token: u64,
}

/// Where a fragment and a part differ.
struct Difference {
    /// Where the part begins.
    part: u32,
    at: u32,
    length: u32,
}

/// What a fragment brought.
pub(crate) enum Added {
    New,
    Duplicate,
    Conflict,
}

impl Partial {
    pub fn new(serial: u64, time_ns: i64) -> Self {
        Self {
            serial,
            time_ns,
            ..Self::default()
        }
    }

    /// Takes a fragment; where it contradicts what is there, `overlap` says which bytes count.
    pub fn add(&mut self, fragment: &Fragment<'_>, token: u64, overlap: Overlap) -> Added {
        let Some(end) = self.checked_end(fragment) else {
            self.conflicts += 1;
            return Added::Conflict;
        };
        if fragment.tunnels.len() > self.tunnels.len() {
            self.tunnels = fragment.tunnels;
        }
        if !fragment.more {
            self.end = Some((end, end.saturating_add(fragment.missing)));
        }
        if fragment.offset == 0 && (self.protocol.is_none() || overlap == Overlap::Last) {
            self.protocol = Some(fragment.protocol);
        }
        let conflict = self.contradict(fragment, end, token, overlap);
        let added = self.fill(fragment, end, token);
        self.conflicts += u64::from(conflict);
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

    /// Holds a fragment against what is there, and keeps the version that does not count; false where they agree.
    fn contradict(
        &mut self,
        fragment: &Fragment<'_>,
        end: u32,
        token: u64,
        overlap: Overlap,
    ) -> bool {
        let first = self.parts.range(..fragment.offset).next_back();
        let from = first.map_or(fragment.offset, |(offset, _)| *offset);
        let differing: Vec<Difference> = self
            .parts
            .range(from..end)
            .filter_map(|(offset, part)| self.difference(*offset, *part, fragment, end))
            .collect();
        for difference in &differing {
            let new = slice(
                fragment.payload,
                difference.at.saturating_sub(fragment.offset),
                difference.length,
            );
            match overlap {
                Overlap::First => self.note(difference.at, new, token),
                Overlap::Last => self.replace(difference, new, token),
            }
        }
        !differing.is_empty()
    }

    /// From the first to the last byte in which a part and a fragment differ.
    fn difference(
        &self,
        offset: u32,
        part: Part,
        fragment: &Fragment<'_>,
        end: u32,
    ) -> Option<Difference> {
        let from = offset.max(fragment.offset);
        let to = offset.saturating_add(part.length).min(end);
        let length = to.checked_sub(from)?;
        let held = part.bytes(&self.stored, from.saturating_sub(offset), length);
        let new = slice(
            fragment.payload,
            from.saturating_sub(fragment.offset),
            length,
        );
        let differs = |(held, new): (&u8, &u8)| held != new;
        let before = held.iter().zip(new).position(differs)?;
        let behind = held.iter().zip(new).rev().position(differs)?;
        let length = held.len().checked_sub(before)?.checked_sub(behind)?;
        Some(Difference {
            part: offset,
            at: from.saturating_add(u32::try_from(before).ok()?),
            length: u32::try_from(length).ok()?,
        })
    }

    /// Puts the newer bytes in the place of a part's; what stood there is noted.
    fn replace(&mut self, difference: &Difference, new: &[u8], token: u64) {
        let Some(part) = self.parts.get(&difference.part).copied() else {
            return;
        };
        let before = difference.at.saturating_sub(difference.part);
        let old = part.bytes(&self.stored, before, difference.length).to_vec();
        self.note(difference.at, &old, part.token);
        let [_, changed, behind] = part.cut(before, difference.length);
        let stored = self.stored.get_mut(changed.stored_at..);
        for (held, new) in stored.unwrap_or_default().iter_mut().zip(new) {
            *held = *new;
        }
        let end = difference.at.saturating_add(difference.length);
        if before > 0
            && let Some(part) = self.parts.get_mut(&difference.part)
        {
            part.length = before;
        }
        self.parts.insert(difference.at, Part { token, ..changed });
        if behind.length > 0 {
            self.parts.insert(end, behind);
        }
    }

    /// Keeps the version that does not count, within bounds.
    fn note(&mut self, offset: u32, bytes: &[u8], token: u64) {
        if self.contradictions.len() < CONTRADICTIONS_MAX {
            self.contradictions.push(Contradiction {
                offset,
                length: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
                bytes: bytes.iter().take(VERSION_BYTES_MAX).copied().collect(),
                token,
            });
        }
    }

    /// Fills the holes between what is there; says how many bytes were new.
    fn fill(&mut self, fragment: &Fragment<'_>, end: u32, token: u64) -> usize {
        let stored_before = self.stored.len();
        let mut at = fragment.offset;
        while at < end {
            let hole_end = match self.parts.range(..=at).next_back() {
                Some((offset, part)) if offset.saturating_add(part.length) > at => {
                    at = offset.saturating_add(part.length);
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
        self.stored.len().saturating_sub(stored_before)
    }

    /// Parts do not overlap, so that their sum tells whether they leave a hole.
    pub fn is_whole(&self) -> bool {
        let stored_end = self.stored_end();
        let reaches_end = self.end.is_some_and(|(captured, _)| captured <= stored_end);
        reaches_end && stored_end > 0 && stored_end as usize == self.stored.len()
    }

    pub fn cost(&self) -> usize {
        PARTIAL_COST
            + self.stored.capacity()
            + self.parts.len() * PART_COST
            + self.contradictions.len() * (size_of::<Contradiction>() + VERSION_BYTES_MAX)
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
            protocol: self.protocol.unwrap_or_default(),
            bytes,
            missing: self
                .end
                .map_or(0, |(_, wire)| wire.saturating_sub(self.stored_end())),
            pieces,
            conflicts: self.conflicts,
            contradictions: self.contradictions,
            tunnels: self.tunnels,
        }
    }
}

impl Part {
    /// What lies before `from`, the `length` bytes from there on, and what lies behind them.
    fn cut(self, from: u32, length: u32) -> [Self; 3] {
        let part = |from: u32, length: u32| Self {
            stored_at: self.stored_at.saturating_add(from as usize),
            length,
            token: self.token,
        };
        let end = from.saturating_add(length);
        [
            part(0, from),
            part(from, length),
            part(end, self.length.saturating_sub(end)),
        ]
    }

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
/// Contradictions of one packet whose bytes are kept; further ones are counted.
const CONTRADICTIONS_MAX: usize = 16;
/// Bytes kept of a version that does not count: enough to see what was meant.
const VERSION_BYTES_MAX: usize = 64;
