//! Bytes that are missing: how long they are waited for, and what is too far away to be true.

use super::{Anchor, Overdue, Reassembler, WINDOW_BYTES};
use crate::segment::{GapCause, Limits, Sink};
use crate::waiting::Piece;

impl Reassembler {
    /// Bytes are known to be missing: the other side acknowledged them, or later ones wait.
    #[must_use]
    pub fn is_lacking(&self) -> bool {
        // One past everything seen is the acknowledgment of a FIN, captured or not.
        let acknowledged = |position: i64| position > self.next_position + 1;
        self.anchor == Anchor::Fixed
            && (!self.waiting.is_empty() || self.acknowledged.is_some_and(acknowledged))
    }

    /// The stream's length, once FIN was seen and the start is known, and how many of its bytes the capture lacks so far.
    #[must_use]
    pub fn extent(&self) -> Option<(u64, u64)> {
        let end = u64::try_from(self.fin_position?).ok()?;
        let seen = self
            .counters
            .payload_bytes
            .saturating_add(self.waiting.length());
        self.is_anchored()
            .then_some((end, end.saturating_sub(seen)))
    }

    /// Since when bytes have been missing.
    #[must_use]
    pub fn overdue_since_ns(&self) -> Option<i64> {
        self.overdue.map(|overdue| overdue.since_ns)
    }

    /// So many of the next bytes are known to be missing, and no segment will bring them: a transcript says so.
    pub fn lost<S: Sink>(&mut self, missing: u32, sink: &mut S) {
        if self.anchor == Anchor::Fixed {
            self.pass_missing(i64::from(missing), GapCause::Lost, sink);
            self.drain(sink);
        }
    }

    /// Time has passed, without a packet of this connection: what is missing for too long is given up.
    pub fn expire<S: Sink>(&mut self, time_ns: i64, limits: &Limits, sink: &mut S) {
        let Some(since_ns) = self.overdue_since_ns() else {
            return;
        };
        if time_ns.saturating_sub(since_ns) <= limits.hole_ns_max {
            return;
        }
        if self.is_lacking() {
            self.give_up(sink);
        }
        self.overdue = self.is_lacking().then_some(Overdue {
            packets: 0,
            since_ns: time_ns,
        });
    }

    /// A hole is given up once the other side has acknowledged it and the mirror's skew is used up, or when it is old.
    pub(super) fn check_overdue<S: Sink>(&mut self, time_ns: i64, limits: &Limits, sink: &mut S) {
        let first = self.waiting.first().map(|piece| piece.position);
        let acknowledged = self.acknowledged.filter(|&position| {
            // One past everything seen is the acknowledgment of a FIN, captured or not.
            position > self.next_position + i64::from(first.is_none())
        });
        if first.is_none() && acknowledged.is_none() {
            self.overdue = None;
            return;
        }
        let overdue = self.overdue.get_or_insert(Overdue {
            packets: 0,
            since_ns: time_ns,
        });
        overdue.packets = overdue.packets.saturating_add(1);
        let age = time_ns.saturating_sub(overdue.since_ns);
        let skewed = overdue.packets > limits.skew_packets_max && age > limits.skew_ns_max;
        let old = overdue.packets > 1 && age > limits.hole_ns_max;
        let give_up = old || skewed && acknowledged.is_some();
        if give_up {
            self.give_up(sink);
        }
    }

    /// The first hole is not waited for any longer.
    pub(super) fn give_up<S: Sink>(&mut self, sink: &mut S) {
        let first = self.waiting.first().map(|piece| piece.position);
        if let Some(target) = first.or(self.acknowledged) {
            self.skip_to(target, sink);
            self.overdue = None;
            self.drain(sink);
        }
    }

    /// Gives up the bytes before `position`.
    pub(super) fn skip_to<S: Sink>(&mut self, position: i64, sink: &mut S) {
        if position > self.next_position {
            self.gap(position - self.next_position, GapCause::Lost, sink);
        }
    }

    /// No peer would take it: it is further ahead than any window (RFC 9293 section 3.10.7.4), and no others agree with
    /// it, as they would if so much were missing.
    pub(super) fn is_stray(&mut self, sequence: u32, position: i64) -> bool {
        if position <= self.next_position + WINDOW_BYTES {
            return false;
        }
        let agreeing = match self.far {
            Some((before, count))
                if i64::from(sequence.wrapping_sub(before) as i32).abs() <= WINDOW_BYTES =>
            {
                count + 1
            }
            _ => 1,
        };
        let stray = agreeing < FAR_SEGMENTS_MIN;
        self.far = stray.then_some((sequence, agreeing));
        stray
    }

    /// Bytes that the snap length cut, or that are known to be lost, are a gap at once: no retransmission will be longer.
    pub(super) fn pass_missing<S: Sink>(&mut self, missing: i64, cause: GapCause, sink: &mut S) {
        let before = |piece: &Piece| missing.min(piece.position - self.next_position);
        let known = self.waiting.first().map_or(missing, before);
        if known > 0 {
            self.gap(known, cause, sink);
        }
    }
}

/// Segments beyond every window that agree with each other before they are believed.
const FAR_SEGMENTS_MIN: u8 = 3;
