//! Records out of bytes, and where they begin again behind a gap.

use super::{Connection, Context};
use crate::hello::read_ssl2_hello;
use crate::keys::cipher::Sealed;
use crate::{AnomalyKind, Direction, Reason, Version};

/// A whole record at its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    pub(super) offset: u64,
    pub(super) sealed: Sealed<'a>,
}

impl Record<'_> {
    pub(super) fn range(&self) -> std::ops::Range<u64> {
        self.offset
            ..self
                .offset
                .saturating_add(HEAD_BYTES as u64 + self.sealed.body.len() as u64)
    }
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    Done,
    /// It has to wait.
    Blocked,
}

/// Bytes of the record that begins here, with its head, if that much can be told.
pub(super) fn record_bytes(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [high @ 0x80..=0xff, low, ..] => {
            Some(usize::from(u16::from_be_bytes([high & 0x7f, *low])) + 2)
        }
        [_, _, _, high, low, ..] => {
            Some(usize::from(u16::from_be_bytes([*high, *low])) + HEAD_BYTES)
        }
        _ => None,
    }
}

impl Connection {
    /// Works through one record or a part of one; how many bytes that were, None if it waits.
    pub(super) fn step(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        context: &mut Context<'_, '_>,
    ) -> Option<usize> {
        let side = self.side_mut(direction);
        if let Some(reason) = side.foreign {
            let from = side.front;
            context.lost(
                direction,
                from..from.saturating_add(bytes.len() as u64),
                reason,
            );
            return Some(bytes.len());
        }
        if side.skip_bytes > 0 {
            let count = usize::try_from(side.skip_bytes)
                .unwrap_or(usize::MAX)
                .min(bytes.len());
            side.skip_bytes = side.skip_bytes.saturating_sub(count as u64);
            return Some(count);
        }
        if side.lost_from.is_some() {
            return self.seek(direction, bytes, context);
        }
        if side.records == 0 && bytes.first().is_some_and(|first| *first >= 0x80) {
            return self.ssl2(direction, bytes, context);
        }
        self.next_record(direction, bytes, context)
    }

    fn next_record(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        context: &mut Context<'_, '_>,
    ) -> Option<usize> {
        let front = self.side(direction).front;
        if !is_head(bytes) {
            context.anomaly(AnomalyKind::NotARecord, direction, front);
            self.lose_place(direction, front);
            return Some(0);
        }
        let whole = record_bytes(bytes)?;
        let record = record(bytes, front, whole)?;
        self.one_record(direction, record, context).then_some(whole)
    }

    /// Works through a record; false if it waits.
    fn one_record(
        &mut self,
        direction: Direction,
        record: Record<'_>,
        context: &mut Context<'_, '_>,
    ) -> bool {
        let was_sealed = self.side(direction).is_sealed;
        let flow = self.on_record(direction, record, context);
        if flow == Flow::Done {
            // A record that waits is looked at again: what is odd about it is told once.
            let sealed = record.sealed;
            if sealed.body.is_empty() && sealed.kind != 23 {
                context.anomaly(AnomalyKind::EmptyRecord, direction, record.offset);
            }
            if sealed.kind == 20 && !was_sealed && sealed.body != [1] {
                context.anomaly(AnomalyKind::ChangeCipherSpecOdd, direction, record.offset);
            }
            let side = self.side_mut(direction);
            side.records = side.records.saturating_add(1);
        }
        flow == Flow::Done
    }

    /// Where records begin is not known from here on.
    fn lose_place(&mut self, direction: Direction, from: u64) {
        let side = self.side_mut(direction);
        side.lost_from.get_or_insert(from);
        side.miscounted = true;
        side.messages.lose();
        for generation in &mut side.generations {
            generation.cipher.gap();
        }
        self.agreement.lose_transcript();
    }

    /// Bytes are missing up to `end`.
    pub(super) fn miss(&mut self, direction: Direction, end: u64, context: &mut Context<'_, '_>) {
        let side = self.side_mut(direction);
        let next = side.next_offset();
        let missing = end.saturating_sub(next);
        let in_record = side.skip_bytes > 0 && missing <= side.skip_bytes;
        if in_record {
            side.skip_bytes = side.skip_bytes.saturating_sub(missing);
            side.front = end;
            return;
        }
        let skipped_to = next.saturating_add(side.skip_bytes);
        side.skip_bytes = 0;
        let whole = record_bytes(&side.buffer).filter(|_| side.lost_from.is_none());
        let record_end = whole.map(|whole| side.front.saturating_add(whole as u64));
        match record_end {
            Some(record_end) if end <= record_end && is_head(&side.buffer) => {
                self.lose_record(direction, record_end, context);
                let side = self.side_mut(direction);
                side.skip_bytes = record_end.saturating_sub(end);
            }
            _ => {
                let from = side.front.min(skipped_to);
                self.lose_place(direction, from);
            }
        }
        let side = self.side_mut(direction);
        side.buffer.clear();
        side.front = end;
    }

    /// The open record will not be whole; where it ends is known.
    fn lose_record(&mut self, direction: Direction, end: u64, context: &mut Context<'_, '_>) {
        let is_tls13 = self.agreement.is_tls13();
        let side = self.side_mut(direction);
        let from = side.front;
        let kind = side.buffer.first().copied();
        let body = end.saturating_sub(from).saturating_sub(HEAD_BYTES as u64);
        side.messages.lose();
        side.records = side.records.saturating_add(1);
        if let Some(generation) = side.generations.front_mut() {
            generation.sequence = generation.sequence.saturating_add(1);
            generation
                .cipher
                .miss(usize::try_from(body).unwrap_or(usize::MAX));
        }
        let is_sealed = side.is_sealed;
        // It may have been what begins encryption, or new keys.
        side.miscounted |= !is_sealed || is_tls13;
        if !is_sealed {
            self.agreement.lose_transcript();
        }
        if kind == Some(23) {
            context.lost(direction, from..end, Reason::Gap);
        }
    }

    /// Looks for a record behind a gap: one that opens, or that another follows.
    fn seek(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        context: &mut Context<'_, '_>,
    ) -> Option<usize> {
        let version = self.agreement.record_version();
        let fits = |bytes: &[u8]| {
            let stood = bytes.get(1..3).unwrap_or_default();
            is_head(bytes) && version.is_none_or(|known| known.to_be_bytes().starts_with(stood))
        };
        if !fits(bytes) {
            let next = (1..bytes.len()).find(|at| bytes.get(*at..).is_some_and(fits));
            return Some(next.unwrap_or(bytes.len()));
        }
        let front = self.side(direction).front;
        let whole = record_bytes(bytes)?;
        if whole <= HEAD_BYTES {
            return Some(1);
        }
        let record = record(bytes, front, whole)?;
        let behind = bytes.get(whole..).unwrap_or_default();
        let opens = self.opens(direction, record);
        if opens || (behind.len() >= HEAD_BYTES && fits(behind)) {
            self.found_place(direction, front, context);
            return Some(0);
        }
        // A head alone is too little; what follows will tell.
        if behind.len() < HEAD_BYTES && fits(behind) {
            None
        } else {
            Some(1)
        }
    }

    fn found_place(&mut self, direction: Direction, offset: u64, context: &mut Context<'_, '_>) {
        if let Some(from) = self.side_mut(direction).lost_from.take() {
            context.lost(direction, from..offset, Reason::Gap);
            context.anomaly(AnomalyKind::Resynchronised, direction, offset);
        }
    }

    /// The stream has ended.
    pub(super) fn finish(&mut self, direction: Direction, context: &mut Context<'_, '_>) {
        let side = self.side_mut(direction);
        let end = side.next_offset();
        if let Some(from) = side.lost_from.take() {
            context.lost(direction, from..end, Reason::Gap);
        } else if !side.buffer.is_empty() || side.skip_bytes > 0 {
            let front = side.front;
            let kind = side.buffer.first().copied();
            context.anomaly(AnomalyKind::RecordTruncated, direction, front);
            if kind == Some(23) {
                context.lost(direction, front..end, Reason::Gap);
            }
        } else if side.messages.is_open() && !side.is_sealed {
            context.anomaly(AnomalyKind::HandshakeTruncated, direction, end);
        }
        let side = self.side_mut(direction);
        side.front = end;
        side.buffer = Vec::new();
        side.skip_bytes = 0;
    }

    /// A hello in the form of SSLv2, or SSLv2 itself.
    fn ssl2(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        context: &mut Context<'_, '_>,
    ) -> Option<usize> {
        let whole = record_bytes(bytes)?;
        let kind = *bytes.get(2)?;
        let front = self.side(direction).front;
        let answers = kind == 4 && self.agreement.is_ssl2_form() && !self.is_client(direction);
        if answers {
            let reason = Reason::VersionUnsupported(Version::SSL2);
            self.side_mut(direction).foreign = Some(reason);
            self.side_mut(direction.other()).foreign = Some(reason);
            return Some(0);
        }
        if kind != 1 || whole > SSL2_HELLO_BYTES_MAX {
            context.anomaly(AnomalyKind::NotARecord, direction, front);
            self.lose_place(direction, front);
            return Some(1);
        }
        let body = bytes.get(2..whole)?;
        match read_ssl2_hello(body, &self.limits) {
            Some(hello) => self.on_client_hello(direction, front, hello, body, context),
            None => context.anomaly(AnomalyKind::NotARecord, direction, front),
        }
        let side = self.side_mut(direction);
        side.records = 1;
        Some(whole)
    }
}

fn record(bytes: &[u8], offset: u64, whole: usize) -> Option<Record<'_>> {
    let [kind, major, minor, ..] = bytes else {
        return None;
    };
    let sealed = Sealed {
        kind: *kind,
        version: u16::from_be_bytes([*major, *minor]),
        body: bytes.get(HEAD_BYTES..whole)?,
    };
    Some(Record { offset, sealed })
}

/// May a record begin here, as far as bytes are there?
fn is_head(bytes: &[u8]) -> bool {
    let fits =
        |place: usize, allowed: fn(u8) -> bool| bytes.get(place).copied().is_none_or(allowed);
    let length = record_bytes(bytes).filter(|_| bytes.len() >= HEAD_BYTES);
    fits(0, |kind| (20..=24).contains(&kind))
        && fits(1, |major| major == 3)
        && fits(2, |minor| minor <= 4)
        && length.is_none_or(|length| length <= RECORD_BYTES_MAX)
}

/// Type, version, length.
const HEAD_BYTES: usize = 5;
/// 2^14 bytes of content, and 2048 that protection may add (RFC 5246 section 6.2.3).
const RECORD_BYTES_MAX: usize = HEAD_BYTES + (1 << 14) + 2048;
/// No client offers more.
const SSL2_HELLO_BYTES_MAX: usize = 4096;
