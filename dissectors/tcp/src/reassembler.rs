//! Puts the segments of one direction in order.

use crate::contested::{Contested, contradicts};
mod holes;

use crate::segment::{Counters, GapCause, Limits, Mode, Overlap, Segment, Sink};
use crate::waiting::{Inserted, Piece, Waiting};

/// One direction of one stream.
///
/// Positions are counted from the anchor: the byte after SYN, or, where the capture begins mid-stream, the byte that
/// the caller anchors at. Until then everything waits, since the first segments may be out of order themselves.
#[derive(Debug, Clone)]
pub struct Reassembler {
    next_sequence: u32,
    next_position: i64,
    anchor: Anchor,
    mode: Mode,
    overlap: Overlap,
    waiting: Waiting,
    contested: Contested,
    acknowledged: Option<i64>,
    overdue: Option<Overdue>,
    /// The last segment beyond any window, and how many agreed so far.
    far: Option<(u32, u8)>,
    fin_position: Option<i64>,
    fin_origin: FinOrigin,
    counters: Counters,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Anchor {
    Nothing,
    Floating,
    Fixed,
    Finished,
}

/// The packet that FIN came with.
#[derive(Debug, Clone, Copy, Default)]
struct FinOrigin {
    token: u64,
    time_ns: i64,
    acknowledgment: Option<u32>,
}

/// Since when bytes are known to be missing.
#[derive(Debug, Clone, Copy)]
struct Overdue {
    packets: u32,
    since_ns: i64,
}

impl Reassembler {
    /// A direction of which nothing is known.
    #[must_use]
    pub fn new(overlap: Overlap) -> Self {
        Self {
            next_sequence: 0,
            next_position: 0,
            anchor: Anchor::Nothing,
            mode: Mode::Deliver,
            overlap,
            waiting: Waiting::default(),
            contested: Contested::default(),
            acknowledged: None,
            overdue: None,
            far: None,
            fin_position: None,
            fin_origin: FinOrigin::default(),
            counters: Counters::default(),
        }
    }

    /// The counters so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Offset of the next byte to be given out.
    #[must_use]
    pub fn offset(&self) -> u64 {
        u64::try_from(self.next_position).unwrap_or(0)
    }

    /// Bytes that wait for earlier ones.
    #[must_use]
    pub fn buffered_bytes(&self) -> usize {
        self.waiting.buffered_bytes() + self.contested.buffered_bytes()
    }

    /// What all that waits costs, in bytes.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.buffered_bytes() + self.waiting.count() * Waiting::PIECE_BYTES
    }

    /// Time of the earliest segment that waits for earlier bytes.
    #[must_use]
    pub fn waiting_since_ns(&self) -> Option<i64> {
        self.waiting.since_ns()
    }

    /// The start of the stream is known.
    #[must_use]
    pub fn is_anchored(&self) -> bool {
        matches!(self.anchor, Anchor::Fixed | Anchor::Finished)
    }

    /// FIN was given out.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.anchor == Anchor::Finished
    }

    /// The sequence number that the next in-order segment has.
    #[must_use]
    pub fn next_sequence(&self) -> Option<u32> {
        self.is_anchored().then_some(self.next_sequence)
    }

    /// The sequence number of the stream's first byte.
    #[must_use]
    pub fn first_sequence(&self) -> Option<u32> {
        self.is_anchored()
            .then(|| self.next_sequence.wrapping_sub(self.next_position as u32))
    }

    /// From now on only the counters matter.
    pub fn count_only(&mut self) {
        self.mode = Mode::Count;
        self.contested.clear();
    }

    /// Whether only the counters are kept.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// SYN with this sequence number: the stream begins at the byte after it. False where its beginning was known.
    pub fn syn(&mut self, sequence: u32) -> bool {
        if self.is_anchored() {
            return false;
        }
        let start = sequence.wrapping_add(1);
        if self.anchor == Anchor::Floating {
            self.rebase(self.position(start));
        }
        self.next_sequence = start;
        self.next_position = 0;
        self.anchor = Anchor::Fixed;
        true
    }

    /// Another SYN than the one before was meant: the stream begins behind it, unless some of its bytes have come.
    pub fn begin_again(&mut self, sequence: u32) -> bool {
        let untouched = self.anchor == Anchor::Fixed && self.next_position == 0;
        let begins = untouched && self.waiting.first().is_none();
        if begins {
            self.next_sequence = sequence.wrapping_add(1);
            (self.acknowledged, self.overdue, self.far) = (None, None, None);
        }
        begins
    }

    /// Mid-stream: the stream begins at this sequence number; what waits before it is dropped.
    pub fn anchor_at<S: Sink>(&mut self, sequence: u32, limits: &Limits, sink: &mut S) {
        if self.is_anchored() {
            return;
        }
        if self.anchor == Anchor::Floating {
            self.rebase(self.position(sequence));
        }
        self.next_sequence = sequence;
        self.next_position = 0;
        self.anchor = Anchor::Fixed;
        self.drain(sink);
        self.settle(limits, sink);
    }

    /// Mid-stream: the stream begins at the lowest byte seen.
    pub fn anchor_lowest<S: Sink>(&mut self, limits: &Limits, sink: &mut S) {
        if let (Anchor::Floating, Some(lowest)) = (
            self.anchor,
            self.waiting.first().map(|piece| piece.position),
        ) {
            let sequence = self.sequence(lowest);
            self.anchor_at(sequence, limits, sink);
        }
    }

    /// The offset up to which this acknowledgment of the other side says that bytes arrived, the one for FIN left out;
    /// `None` where it is no acknowledgment of this stream.
    #[must_use]
    pub fn acknowledged_offset(&self, acknowledged: u32) -> Option<u64> {
        let ahead = i64::from(acknowledged.wrapping_sub(self.next_sequence) as i32);
        if !self.is_anchored() || ahead > WINDOW_BYTES {
            return None;
        }
        let fin = i64::from(self.anchor == Anchor::Finished && ahead > 0);
        u64::try_from(self.next_position + ahead - fin).ok()
    }

    /// The next segment as captured.
    pub fn segment<S: Sink>(&mut self, segment: &Segment<'_>, limits: &Limits, sink: &mut S) {
        if segment.sequence == self.next_sequence
            && self.anchor == Anchor::Fixed
            && self.waiting.is_empty()
            && segment.missing == 0
            && !segment.fin
            && self.fin_position.is_none()
        {
            // The path nearly every segment takes.
            if !segment.payload.is_empty() {
                self.give(
                    segment.payload,
                    segment.payload.len() as i64,
                    segment.token,
                    segment.time_ns,
                    sink,
                );
                self.overdue = None;
            }
            return;
        }
        self.odd_segment(segment, limits, sink);
    }

    /// A segment of which other bytes were taken before it came here: they are not read, but told when their place is.
    pub fn contradicted(&mut self, segment: &Segment<'_>) {
        if self.mode != Mode::Deliver || self.anchor == Anchor::Finished {
            return;
        }
        self.float_at(segment.sequence);
        let position = self.position(segment.sequence);
        if self.anchor == Anchor::Fixed && self.is_stray(segment.sequence, position) {
            return;
        }
        let length = segment.payload.len() as i64 + i64::from(segment.missing);
        self.contested
            .note(position, length, segment.payload, segment.token);
    }

    /// The other side acknowledged everything before this sequence number.
    pub fn acknowledged<S: Sink>(
        &mut self,
        sequence: u32,
        time_ns: i64,
        limits: &Limits,
        sink: &mut S,
    ) {
        match self.anchor {
            Anchor::Fixed if sequence == self.next_sequence && self.overdue.is_none() => {}
            Anchor::Fixed => {
                let position = self.position(sequence);
                if position <= self.next_position && self.waiting.is_empty()
                    || position > self.next_position + WINDOW_BYTES
                {
                    return;
                }
                if self.acknowledged.is_none_or(|known| position > known) {
                    self.acknowledged = Some(position);
                }
                self.check_overdue(time_ns, limits, sink);
            }
            Anchor::Floating => {
                // Acknowledged bytes have arrived, so has everything before them.
                let position = self.position(sequence);
                if self
                    .waiting
                    .first()
                    .is_some_and(|piece| position >= piece.end())
                {
                    self.anchor_lowest(limits, sink);
                }
            }
            Anchor::Nothing | Anchor::Finished => {}
        }
    }

    /// Nothing more will come: holes are given up, what waits is given out.
    pub fn flush<S: Sink>(&mut self, limits: &Limits, sink: &mut S) {
        self.anchor_lowest(limits, sink);
        if self.anchor != Anchor::Fixed {
            return;
        }
        while let Some(position) = self.waiting.first().map(|piece| piece.position) {
            self.skip_to(position, sink);
            self.drain(sink);
        }
        if let Some(fin) = self.fin_position {
            self.skip_to(fin, sink);
        }
        self.finish_if_due(sink);
    }

    fn odd_segment<S: Sink>(&mut self, segment: &Segment<'_>, limits: &Limits, sink: &mut S) {
        let mut segment = *segment;
        if segment.payload.is_empty() && segment.missing == 0 && !segment.fin
            || self.anchor == Anchor::Finished
        {
            if self.anchor == Anchor::Finished && !segment.payload.is_empty() {
                self.counters.retransmissions += 1;
            }
            return;
        }
        self.float_at(segment.sequence);
        let position = self.position(segment.sequence);
        if self.anchor == Anchor::Fixed && self.is_stray(segment.sequence, position) {
            return;
        }
        if segment.fin && self.fin_position.is_none() {
            let end = position + segment.payload.len() as i64 + i64::from(segment.missing);
            if self.anchor == Anchor::Floating || end >= self.next_position {
                self.fin_position = Some(end);
                self.fin_origin = FinOrigin {
                    token: segment.token,
                    time_ns: segment.time_ns,
                    acknowledgment: segment.acknowledgment,
                };
            }
        }
        segment.fin = false;
        if !segment.payload.is_empty() || segment.missing > 0 {
            self.place(&segment, position, sink);
        }
        if self.anchor == Anchor::Fixed {
            self.finish_if_due(sink);
        }
        if self.anchor == Anchor::Fixed {
            self.check_overdue(segment.time_ns, limits, sink);
        }
        self.settle(limits, sink);
    }

    /// Nothing is known yet: positions count from this sequence number until the beginning is known.
    fn float_at(&mut self, sequence: u32) {
        if self.anchor == Anchor::Nothing {
            self.anchor = Anchor::Floating;
            self.next_sequence = sequence;
            self.next_position = 0;
        }
    }

    /// Gives out, keeps or drops the bytes of a segment at `position`.
    fn place<S: Sink>(&mut self, segment: &Segment<'_>, position: i64, sink: &mut S) {
        let length = segment.payload.len() as i64;
        let end = position + length;
        let mut payload = segment.payload;
        let mut start = position;
        if self.anchor == Anchor::Fixed && position < self.next_position {
            let old = self.next_position.min(end) - position;
            let new = end + i64::from(segment.missing) > self.next_position;
            if !new && length <= 1 && end == self.next_position {
                self.counters.keep_alives += 1;
                return;
            }
            self.counters.retransmissions += 1;
            self.hold_against(segment, position, old, sink);
            if !new {
                return;
            }
            payload = payload
                .get(usize::try_from(old).unwrap_or(0)..)
                .unwrap_or_default();
            start = position + old;
        } else if self.anchor == Anchor::Fixed
            && position == self.next_position
            && !self.waiting.is_empty()
        {
            self.counters.out_of_order += 1;
        }
        let missing = i64::from(segment.missing);
        if self.anchor == Anchor::Fixed && start == self.next_position {
            // Bytes that wait and are covered by this segment: the earlier ones count.
            self.give_over_waiting(payload, missing, segment, sink);
            return;
        }
        let met = self.wait(start, payload, segment);
        self.counters.retransmissions += u64::from(met.repeated);
        self.counters.out_of_order +=
            u64::from(met.late && !met.repeated && self.anchor == Anchor::Fixed);
        self.overdue.get_or_insert(Overdue {
            packets: 0,
            since_ns: segment.time_ns,
        });
    }

    /// Puts bytes among those that wait for earlier ones.
    fn wait(&mut self, position: i64, payload: &[u8], segment: &Segment<'_>) -> Inserted {
        let keep = self.mode == Mode::Deliver;
        let piece = Piece {
            position,
            length: payload.len() as i64,
            bytes: if keep { payload.to_vec() } else { Vec::new() },
            missing: i64::from(segment.missing),
            acknowledgment: segment.acknowledgment,
            token: segment.token,
            time_ns: segment.time_ns,
        };
        let contested = &mut self.contested;
        let met = self.waiting.insert(piece, self.overlap, contested);
        self.counters.overlap_conflicts += u64::from(met.conflict && keep);
        met
    }

    /// Gives out an in-order segment behind which others wait, which it may overlap.
    fn give_over_waiting<S: Sink>(
        &mut self,
        payload: &[u8],
        missing: i64,
        segment: &Segment<'_>,
        sink: &mut S,
    ) {
        let overlaps = self
            .waiting
            .first()
            .is_some_and(|piece| piece.position < self.next_position + payload.len() as i64);
        if overlaps {
            self.wait(self.next_position, payload, segment);
        } else {
            self.give(
                payload,
                payload.len() as i64,
                segment.token,
                segment.time_ns,
                sink,
            );
            self.pass_missing(missing, GapCause::SnapLength, sink);
        }
        self.drain(sink);
        self.overdue = (!self.waiting.is_empty()).then_some(Overdue {
            packets: 0,
            since_ns: segment.time_ns,
        });
    }

    /// Compares repeated bytes with what was given out, as far as the sink remembers it.
    fn hold_against<S: Sink>(
        &mut self,
        segment: &Segment<'_>,
        position: i64,
        old: i64,
        sink: &mut S,
    ) {
        let skipped = usize::try_from(-position).unwrap_or(0);
        let repeated = usize::try_from(old).unwrap_or(0);
        if let (Some(repeated), Ok(offset)) = (
            segment.payload.get(skipped..repeated),
            u64::try_from(position.max(0)),
        ) && contradicts(offset, repeated, segment.token, sink)
        {
            self.counters.overlap_conflicts += 1;
        }
    }

    fn give<S: Sink>(&mut self, bytes: &[u8], length: i64, token: u64, time_ns: i64, sink: &mut S) {
        let offset = self.offset();
        if !self.contested.is_empty() {
            self.contested.tell(self.next_position, bytes, token, sink);
        }
        self.advance(length);
        self.counters.payload_bytes = self
            .counters
            .payload_bytes
            .saturating_add(length.unsigned_abs());
        if self.mode == Mode::Deliver && !bytes.is_empty() {
            sink.bytes(offset, bytes, token, time_ns);
        }
    }

    fn gap<S: Sink>(&mut self, missing: i64, cause: GapCause, sink: &mut S) {
        let offset = self.offset();
        self.counters.gaps += 1;
        self.counters.gap_bytes = self
            .counters
            .gap_bytes
            .saturating_add(missing.unsigned_abs());
        self.advance(missing);
        self.contested.discard_before(self.next_position);
        if self.mode == Mode::Deliver {
            sink.gap(offset, missing.unsigned_abs(), cause);
        }
    }

    fn advance(&mut self, length: i64) {
        self.next_position += length;
        self.next_sequence = self.next_sequence.wrapping_add(length as u32);
    }

    /// Gives out what waits, as far as it follows without a hole.
    fn drain<S: Sink>(&mut self, sink: &mut S) {
        while let Some(mut piece) = self.waiting.take_until(self.next_position) {
            let end = piece.end() + piece.missing;
            piece.trim_front(self.next_position);
            sink.waited(piece.acknowledgment);
            if piece.length > 0 {
                self.give(&piece.bytes, piece.length, piece.token, piece.time_ns, sink);
            }
            let missing = (end - self.next_position).min(piece.missing);
            self.pass_missing(missing, GapCause::SnapLength, sink);
        }
        self.finish_if_due(sink);
    }

    /// Keeps what waits within its bounds.
    fn settle<S: Sink>(&mut self, limits: &Limits, sink: &mut S) {
        if self.anchor == Anchor::Floating
            && (self.waiting.buffered_bytes() > limits.floating_bytes_max
                || self.waiting.count() > limits.floating_pieces_max)
        {
            self.anchor_lowest(limits, sink);
            return;
        }
        while self.waiting.buffered_bytes() > limits.waiting_bytes_max
            || self.waiting.count() > limits.waiting_pieces_max
        {
            self.counters.waiting_limit += 1;
            let Some(position) = self.waiting.first().map(|piece| piece.position) else {
                return;
            };
            self.skip_to(position, sink);
            self.drain(sink);
        }
    }

    fn finish_if_due<S: Sink>(&mut self, sink: &mut S) {
        if self.anchor == Anchor::Fixed
            && self
                .fin_position
                .is_some_and(|fin| fin <= self.next_position)
        {
            self.anchor = Anchor::Finished;
            self.waiting.clear();
            self.contested.clear();
            let origin = self.fin_origin;
            sink.waited(origin.acknowledgment);
            sink.fin(self.offset(), origin.token, origin.time_ns);
        }
    }

    /// Where a sequence number stands, by the distance to the next expected one (RFC 9293 section 3.4).
    fn position(&self, sequence: u32) -> i64 {
        self.next_position + i64::from(sequence.wrapping_sub(self.next_sequence) as i32)
    }

    fn sequence(&self, position: i64) -> u32 {
        self.next_sequence
            .wrapping_add((position - self.next_position) as u32)
    }

    /// Counts positions from `start` on; what waits before it is dropped.
    fn rebase(&mut self, start: i64) {
        self.waiting.discard_before(start);
        self.waiting.shift(-start);
        self.contested.rebase(start);
        self.fin_position = self.fin_position.map(|position| position - start);
        self.acknowledged = None;
        self.overdue = None;
    }
}

/// The largest window that is to be expected, with some room (RFC 7323 section 2.3 allows 1 GiB, nobody uses it).
const WINDOW_BYTES: i64 = 1 << 24;
