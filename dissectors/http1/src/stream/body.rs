//! In a body: counts it, keeps it, follows its framing over pieces and gaps.

use super::{Event, Keep, Peeked, State, Step, Stream, Transfer};
use crate::anomaly::AnomalyKind;
use crate::chunked::{Chunked, Line, Place};
use crate::framing::{Length, plan};
use crate::head::{HeadView, Span, position};
use crate::inflate::decode;
use crate::message::ChunkSpan;
use crate::{Cut, LimitKind};

impl Stream {
    pub(super) fn begin_body(&mut self) -> Step {
        let open = &mut self.open;
        let plan = plan(
            HeadView::new(&open.head, &self.raw),
            open.method,
            &mut open.anomalies,
        );
        open.encodings = plan.encodings;
        open.unchunked = plan.unchunked;
        self.state = State::Body;
        self.set_length(plan.length);
        if self.is_in_doubt() {
            self.state = State::InDoubt;
        }
        Step::Again
    }

    pub(super) fn set_length(&mut self, length: Length) {
        let open = &mut self.open;
        open.transfer = match length {
            Length::None | Length::Counted(0) => Transfer::None,
            Length::Counted(bytes) => Transfer::Counted(bytes),
            Length::Chunked => Transfer::Chunked(Chunked::new()),
            Length::UntilClose => Transfer::UntilClose,
        };
        open.length = match length {
            Length::Counted(bytes) => Some(bytes),
            _ => None,
        };
        self.reserve();
        if matches!(self.open.transfer, Transfer::None) {
            self.state = State::Whole;
        }
    }

    /// Makes room for a body of known length that is kept; a length is only a claim, so not for all of a long one.
    fn reserve(&mut self) {
        if let (Transfer::Counted(left), Keep::All) = (self.open.transfer, self.open.keep) {
            let most = RESERVED_BYTES_MAX.min(self.limits.message_bytes_max);
            self.raw
                .reserve_exact(usize::try_from(left).unwrap_or(most).min(most));
        }
    }

    /// Goes on behind [`Event::Peek`].
    pub(super) fn resume_body(&mut self) -> Step {
        let open = &mut self.open;
        if open.keep == Keep::Nothing {
            self.raw.truncate(open.head.bytes as usize);
            open.chunks = Vec::new();
        }
        open.peeked = Peeked::Raw(Span::default());
        self.reserve();
        self.state = if self.is_at_end() {
            State::Whole
        } else {
            State::Body
        };
        Step::Again
    }

    fn is_at_end(&self) -> bool {
        matches!(self.open.transfer, Transfer::None | Transfer::Counted(0))
    }

    pub(super) fn read_body(&mut self, input: &mut &[u8]) -> Step {
        if input.is_empty() {
            return Step::More;
        }
        match self.open.transfer {
            Transfer::None => self.state = State::Whole,
            Transfer::UntilClose => {
                let bytes = self.advance(input, self.peek_room());
                return self.data(bytes);
            }
            Transfer::Counted(left) => {
                let take = usize::try_from(left)
                    .unwrap_or(usize::MAX)
                    .min(self.peek_room());
                let bytes = self.advance(input, take);
                self.open.transfer = Transfer::Counted(left.saturating_sub(bytes.len() as u64));
                if self.is_at_end() {
                    self.state = State::Whole;
                }
                return self.data(bytes);
            }
            Transfer::Chunked(chunked) => return self.read_chunked(input, chunked),
        }
        Step::Again
    }

    fn read_chunked(&mut self, input: &mut &[u8], mut chunked: Chunked) -> Step {
        match chunked.place {
            Place::Data(left) => {
                let take = usize::try_from(left)
                    .unwrap_or(usize::MAX)
                    .min(self.peek_room());
                let bytes = self.advance(input, take);
                let left = left.saturating_sub(bytes.len() as u64);
                chunked.place = if left == 0 {
                    Place::DataEnd
                } else {
                    Place::Data(left)
                };
                self.open.transfer = Transfer::Chunked(chunked);
                self.data(bytes)
            }
            Place::DataEnd => self.chunk_end(input, chunked),
            Place::Size | Place::Trailer => {
                if self.line.is_empty()
                    && input.first().is_some_and(|first| chunked.is_absent(*first))
                {
                    return self.not_chunked();
                }
                self.chunk_line(input, chunked)
            }
        }
    }

    /// The line end behind a chunk's data; anything else shows that its size was wrong.
    fn chunk_end(&mut self, input: &mut &[u8], mut chunked: Chunked) -> Step {
        let carriage = !self.line.is_empty();
        match input.first() {
            Some(b'\n') => {
                let at = self.place();
                let end = self.advance(input, 1);
                self.line.extend_from_slice(end);
                if !carriage {
                    self.open.anomalies.add_once(AnomalyKind::BareLineFeed, at);
                }
                self.keep_line();
                chunked.place = Place::Size;
                self.open.transfer = Transfer::Chunked(chunked);
                Step::Again
            }
            Some(b'\r') if !carriage => {
                let end = self.advance(input, 1);
                self.line.extend_from_slice(end);
                Step::Again
            }
            _ => self.broken(AnomalyKind::ChunkEndMissing),
        }
    }

    fn chunk_line(&mut self, input: &mut &[u8], mut chunked: Chunked) -> Step {
        let room = CHUNK_LINE_BYTES_MAX.saturating_sub(self.line.len());
        let window = input.get(..room).unwrap_or(input);
        let end = memchr::memchr(b'\n', window).map(|end| end.saturating_add(1));
        let bytes = self.advance(input, end.unwrap_or(window.len()));
        self.line.extend_from_slice(bytes);
        if end.is_none() {
            let full = self.line.len() >= CHUNK_LINE_BYTES_MAX;
            return if full {
                self.broken(AnomalyKind::ChunkSizeOdd)
            } else {
                Step::More
            };
        }
        let line = chunked.line(&self.line, self.kind);
        self.open.transfer = Transfer::Chunked(chunked);
        match line {
            Line::Fine(odd) => {
                if let Some(kind) = odd {
                    self.open.anomalies.add_once(kind, self.line_place());
                }
                self.keep_line();
                if chunked.place == Place::Trailer && self.open.trailer.is_none() {
                    self.open.trailer = Some(self.raw.len());
                }
                Step::Again
            }
            Line::End(odd) => {
                if let Some(kind) = odd {
                    self.open.anomalies.add(kind, self.line_place());
                }
                self.open.trailer_end = Some(self.raw.len());
                self.keep_line();
                self.state = State::Whole;
                Step::Again
            }
            Line::NextMessage => self.end_before_line(),
            Line::Broken(kind) => self.broken(kind),
        }
    }

    /// The line at hand is a start line: the body ended without its empty line.
    fn end_before_line(&mut self) -> Step {
        self.open
            .anomalies
            .add(AnomalyKind::ChunkedEndMissing, self.line_place());
        self.open.trailer_end = Some(self.raw.len());
        let line = std::mem::take(&mut self.line);
        let message = self.finish_before(line.len(), None);
        self.raw = line;
        Step::Event(Event::Message(message))
    }

    /// The framing is lost at the line at hand: it is looked at again, as what may begin the next message.
    fn broken(&mut self, kind: AnomalyKind) -> Step {
        self.open.anomalies.add(kind, self.line_place());
        let line = std::mem::take(&mut self.line);
        let at = self.offset.saturating_sub(line.len() as u64);
        let message = self.finish_before(line.len(), Some(Cut::Framing { stream_offset: at }));
        self.raw = line;
        Step::Event(Event::Message(message))
    }

    /// Chunked was announced, and the first byte shows that it is not there.
    pub(super) fn not_chunked(&mut self) -> Step {
        self.open
            .anomalies
            .add(AnomalyKind::ChunkedNotApplied, self.place());
        match self.open.unchunked {
            Length::None | Length::Counted(0) => self.broken(AnomalyKind::ChunkSizeOdd),
            length => {
                self.set_length(length);
                Step::Again
            }
        }
    }

    /// Bytes from the start of the message to the next byte.
    fn place(&self) -> usize {
        usize::try_from(self.offset.saturating_sub(self.open.stream_offset)).unwrap_or(usize::MAX)
    }

    /// Bytes from the start of the message to the line of framing at hand.
    fn line_place(&self) -> usize {
        self.place().saturating_sub(self.line.len())
    }

    pub(super) fn keep_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        self.keep_wire(&line);
        self.line = line;
        self.line.clear();
    }

    /// Takes bytes of the body, without framing.
    fn data(&mut self, bytes: &[u8]) -> Step {
        self.open.body_bytes = self.open.body_bytes.saturating_add(bytes.len() as u64);
        if self.is_keeping() {
            let start = self.raw.len();
            self.keep_wire(bytes);
            if matches!(self.open.transfer, Transfer::Chunked(_)) {
                self.note_chunk(start);
            }
            // A bound that ends keeping ends peeking, wherever in the bytes at hand it was reached.
            if let Keep::Peek(wanted) = self.open.keep
                && !self.open.stopped
                && self.peek(wanted)
            {
                self.open.keep = Keep::Nothing;
                self.state = State::PeekGiven;
                return Step::Event(Event::Peek);
            }
        }
        Step::Again
    }

    fn is_keeping(&self) -> bool {
        self.open.keep != Keep::Nothing && !self.open.stopped
    }

    pub(super) fn keep_wire(&mut self, bytes: &[u8]) {
        if !self.is_keeping() {
            return;
        }
        let kept = self.raw.len().saturating_sub(self.open.head.bytes as usize);
        let room = self.limits.message_bytes_max.saturating_sub(kept);
        self.raw
            .extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        if bytes.len() > room {
            self.stop(Cut::Limit(LimitKind::MessageBytes));
        }
    }

    fn stop(&mut self, cut: Cut) {
        self.open.stopped = true;
        self.open.cut.get_or_insert(cut);
    }

    /// Notes the data kept from `start` on.
    fn note_chunk(&mut self, start: usize) {
        let (start, end) = (position(start), position(self.raw.len()));
        let last = self.open.chunks.last_mut();
        let before = match last {
            Some(last) if last.data.end == start => {
                last.data.end = end;
                return;
            }
            Some(last) => last
                .before
                .saturating_add(last.data.end.saturating_sub(last.data.start)),
            None => 0,
        };
        if self.open.chunks.len() >= self.limits.chunks_max {
            self.raw.truncate(start as usize);
            self.stop(Cut::Limit(LimitKind::Chunks));
        } else if start < end {
            self.open.chunks.push(ChunkSpan {
                before,
                data: Span { start, end },
            });
        }
    }

    /// Bytes of the body that may be taken before the next look at its front.
    fn peek_room(&self) -> usize {
        let Keep::Peek(wanted) = self.open.keep else {
            return usize::MAX;
        };
        if self.open.stopped {
            return usize::MAX;
        }
        let until = if self.open.encodings.is_identity() {
            wanted.max(1) as u64
        } else {
            self.open.peek_at
        };
        usize::try_from(until.saturating_sub(self.open.body_bytes))
            .unwrap_or(usize::MAX)
            .max(1)
    }

    /// Are as many decoded bytes at hand? Then [`Stream::peeked`] has them.
    fn peek(&mut self, wanted: usize) -> bool {
        let wanted = wanted.max(1);
        if self.open.encodings.is_identity() {
            return self.open.body_bytes >= wanted as u64 && self.show(wanted);
        }
        if self.open.body_bytes < self.open.peek_at {
            return false;
        }
        self.open.peek_at = self.open.peek_at.saturating_mul(2);
        let decoded = decode(&self.body_kept(), self.open.encodings, &self.limits, wanted);
        match decoded.bytes {
            Some(bytes) if bytes.len() >= wanted => self.open.peeked = Peeked::Own(bytes),
            Some(_) => return false,
            None => return self.open.body_bytes >= wanted as u64 && self.show(wanted),
        }
        true
    }

    /// Shows the first bytes of the body as sent.
    fn show(&mut self, wanted: usize) -> bool {
        let start = self.open.head.bytes as usize;
        self.open.peeked = if self.open.chunks.len() > 1 {
            let mut bytes = self.body_kept().into_owned();
            bytes.truncate(wanted);
            Peeked::Own(bytes)
        } else {
            let start = self
                .open
                .chunks
                .first()
                .map_or(start, |chunk| chunk.data.start as usize);
            Peeked::Raw(Span::new(start, start.saturating_add(wanted)))
        };
        true
    }

    /// Counts data over a gap, as far as its length is known.
    pub(super) fn over_gap(&mut self, cut: Cut, missing: Option<u64>) -> Option<Event> {
        self.settle();
        match self.state {
            State::Seek | State::Head { .. } => return self.cut_head(cut),
            State::Whole => return Some(Event::Message(self.finish(None))),
            State::TunnelFound => return self.end(crate::End::Capture),
            State::Tunnel => return None,
            State::HeadGiven | State::InDoubt | State::PeekGiven | State::Body => {}
        }
        let left = match self.open.transfer {
            Transfer::UntilClose => {
                self.stop(cut);
                return None;
            }
            Transfer::Counted(left) => left,
            Transfer::Chunked(Chunked {
                place: Place::Data(left),
                ..
            }) => left,
            _ => 0,
        };
        match missing.and_then(|missing| left.checked_sub(missing)) {
            Some(left) => {
                self.offset = self.offset.saturating_add(missing.unwrap_or(0));
                self.skip_to(left, cut)
            }
            None => {
                self.keep_line();
                Some(Event::Message(self.finish(Some(cut))))
            }
        }
    }

    /// `left` bytes of the data at hand are behind the gap.
    fn skip_to(&mut self, left: u64, cut: Cut) -> Option<Event> {
        self.stop(cut);
        match &mut self.open.transfer {
            Transfer::Chunked(chunked) if left == 0 => chunked.place = Place::DataEnd,
            Transfer::Chunked(chunked) => chunked.place = Place::Data(left),
            transfer => *transfer = Transfer::Counted(left),
        }
        self.is_at_end().then(|| Event::Message(self.finish(None)))
    }
}

/// Taken at once for a body of known length; more as it comes.
const RESERVED_BYTES_MAX: usize = 64 * 1024;
/// No line of chunked framing is longer.
const CHUNK_LINE_BYTES_MAX: usize = 16 * 1024;
