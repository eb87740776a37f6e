//! Bytes that came twice and were not the same: the version that does not count is kept until the other is given out.
//! Which of them counts is decided elsewhere.

use crate::segment::{Conflict, Sink};

/// The versions that do not count, of bytes that were not given out yet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Contested {
    versions: Vec<Version>,
}

/// Other bytes for a place of the stream.
#[derive(Debug, Clone)]
struct Version {
    position: i64,
    /// From the first to the last byte that differs.
    length: i64,
    /// The first of them.
    bytes: Vec<u8>,
    /// The frame that carried them.
    token: u64,
}

impl Contested {
    pub fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }

    /// Bytes held.
    pub fn buffered_bytes(&self) -> usize {
        self.versions.len() * (size_of::<Version>() + BYTES_MAX)
    }

    /// Keeps a version of `length` bytes, of which `bytes` are the first; beyond the bound nothing.
    pub fn note(&mut self, position: i64, length: i64, bytes: &[u8], token: u64) {
        if length > 0 && self.versions.len() < VERSIONS_MAX {
            self.versions.push(Version {
                position,
                length,
                bytes: bytes.iter().take(BYTES_MAX).copied().collect(),
                token,
            });
        }
    }

    /// These bytes are about to be given out: whatever contradicts them is told.
    pub fn tell<S: Sink>(&mut self, position: i64, bytes: &[u8], token: u64, sink: &mut S) {
        for version in &self.versions {
            version.tell(position, bytes, token, sink);
        }
        self.discard_before(position.saturating_add(bytes.len() as i64));
    }

    /// Drops everything before `position`.
    pub fn discard_before(&mut self, position: i64) {
        self.versions.retain_mut(|version| {
            let cut = (position - version.position).clamp(0, version.length);
            let bytes = usize::try_from(cut).unwrap_or(usize::MAX);
            version.bytes.drain(..bytes.min(version.bytes.len()));
            version.position += cut;
            version.length -= cut;
            version.length > 0
        });
        if self.versions.is_empty() {
            self.clear();
        }
    }

    /// Counts positions from `start` on, and drops what was before it.
    pub fn rebase(&mut self, start: i64) {
        self.discard_before(start);
        for version in &mut self.versions {
            version.position -= start;
        }
    }

    pub fn clear(&mut self) {
        self.versions = Vec::new();
    }
}

impl Version {
    fn tell<S: Sink>(&self, position: i64, bytes: &[u8], token: u64, sink: &mut S) {
        let from = self.position.max(position);
        let end = position.saturating_add(bytes.len() as i64);
        let length = (self.position.saturating_add(self.length)).min(end) - from;
        let (Ok(offset), Ok(skipped), Ok(before)) = (
            u64::try_from(from),
            usize::try_from(from - self.position),
            usize::try_from(from - position),
        ) else {
            return;
        };
        if length <= 0 {
            return;
        }
        let all = usize::try_from(length).unwrap_or(usize::MAX);
        let other = self.bytes.get(skipped..).unwrap_or_default();
        let other = other.get(..all).unwrap_or(other);
        let kept = bytes.get(before..).unwrap_or_default();
        let kept = kept.get(..other.len()).unwrap_or(kept);
        // A part of what differed may agree, and what was replaced twice may have come back as it was.
        let whole = other.len() == all;
        let (skipped, differing) = match difference(kept, other) {
            None if whole => return,
            None => (0, all),
            Some((skipped, differing)) if whole => (skipped, differing),
            Some((skipped, _)) => (skipped, all.saturating_sub(skipped)),
        };
        let part = |bytes: &[u8]| -> Vec<u8> {
            let bytes = bytes.iter().skip(skipped).take(differing);
            bytes.copied().collect()
        };
        sink.conflict(&Conflict {
            offset: offset.saturating_add(skipped as u64),
            length: differing as u64,
            kept: &part(kept),
            other: &part(other),
            kept_token: Some(token),
            other_token: self.token,
        });
    }
}

/// From the first to the last byte in which two versions of the same length differ: where that begins, and how much it is.
pub(crate) fn difference(one: &[u8], other: &[u8]) -> Option<(usize, usize)> {
    let differs = |(one, other): (&u8, &u8)| one != other;
    let before = one.iter().zip(other).position(differs)?;
    let behind = one.iter().zip(other).rev().position(differs)?;
    let length = one.len().min(other.len());
    Some((before, length.checked_sub(before + behind)?))
}

/// Bytes that were given out before came again: tells it where they are not what the sink remembers.
pub(crate) fn contradicts<S: Sink>(offset: u64, again: &[u8], token: u64, sink: &mut S) -> bool {
    let Some(before) = sink.remembered(offset, again.len()) else {
        return sink.differs(offset, again);
    };
    let Some((from, length)) = difference(before, again) else {
        return false;
    };
    let version = |bytes: &[u8]| -> Vec<u8> {
        let bytes = bytes.iter().skip(from).take(length.min(BYTES_MAX));
        bytes.copied().collect()
    };
    let [kept, other] = [before, again].map(version);
    sink.conflict(&Conflict {
        offset: offset.saturating_add(from as u64),
        length: length as u64,
        kept: &kept,
        other: &other,
        kept_token: None,
        other_token: token,
    });
    true
}

/// Versions kept of one direction; further contradictions are only counted.
const VERSIONS_MAX: usize = 64;
/// Bytes kept of a version: enough to see what was meant.
const BYTES_MAX: usize = 64;
