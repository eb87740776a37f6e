//! Bytes of one direction that came twice and were not the same, until the message is whole that they stand in.

use std::collections::VecDeque;

use crate::session::OverlapConflict;
use crate::source::FrameId;

/// What was told of one direction and belongs to no message yet.
#[derive(Debug, Default)]
pub(super) struct Overlaps {
    pending: VecDeque<Pending>,
}

/// One contradiction.
#[derive(Debug)]
struct Pending {
    /// Offset in the stream.
    offset: u64,
    length: u64,
    kept: Vec<u8>,
    other: Vec<u8>,
    /// Nothing where the bytes were read before.
    kept_frame: Option<FrameId>,
    other_frame: FrameId,
}

impl Overlaps {
    /// Keeps a contradiction, and of all of them the last `max`; false where one had to go.
    pub fn note(&mut self, conflict: &tcp::Conflict<'_>, max: usize) -> bool {
        self.pending.push_back(Pending {
            offset: conflict.offset,
            length: conflict.length,
            kept: conflict.kept.to_vec(),
            other: conflict.other.to_vec(),
            kept_frame: conflict.kept_token.map(FrameId::from_token),
            other_frame: FrameId::from_token(conflict.other_token),
        });
        let fits = self.pending.len() <= max;
        if !fits {
            self.pending.pop_front();
        }
        fits
    }

    /// Those of the message from `start` to `end`; what lies before its end is forgotten. `carrier` knows which frame
    /// carried what was read.
    pub fn take(
        &mut self,
        start: u64,
        end: u64,
        carrier: impl Fn(u64) -> Option<FrameId>,
    ) -> Vec<OverlapConflict> {
        if self.pending.is_empty() {
            return Vec::new();
        }
        let mut taken: Vec<OverlapConflict> = self
            .pending
            .iter()
            .filter_map(|pending| pending.within(start, end, &carrier))
            .collect();
        taken.sort_by_key(|overlap| (overlap.offset, overlap.other_frame));
        self.forget_before(end);
        taken
    }

    /// Forgets what ends before this offset of the stream.
    pub fn forget_before(&mut self, offset: u64) {
        self.pending.retain(|pending| pending.end() > offset);
        if self.pending.is_empty() {
            self.pending = VecDeque::new();
        }
    }

    pub fn held_bytes(&self) -> usize {
        if self.pending.is_empty() {
            return 0;
        }
        let bytes = |pending: &Pending| {
            size_of::<Pending>() + pending.kept.capacity() + pending.other.capacity()
        };
        self.pending.iter().map(bytes).sum()
    }
}

impl Pending {
    fn end(&self) -> u64 {
        self.offset.saturating_add(self.length)
    }

    /// The part of it that stands in the message from `start` to `end`.
    fn within(
        &self,
        start: u64,
        end: u64,
        carrier: &impl Fn(u64) -> Option<FrameId>,
    ) -> Option<OverlapConflict> {
        let (from, to) = (self.offset.max(start), self.end().min(end));
        let length = to.checked_sub(from).filter(|length| *length > 0)?;
        let part = |bytes: &[u8]| -> Vec<u8> {
            let skipped = usize::try_from(from - self.offset).unwrap_or(usize::MAX);
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            bytes.iter().skip(skipped).take(length).copied().collect()
        };
        Some(OverlapConflict {
            offset: from - start,
            length,
            kept: part(&self.kept),
            other: part(&self.other),
            kept_frame: self.kept_frame.or_else(|| carrier(from))?,
            other_frame: self.other_frame,
        })
    }
}
