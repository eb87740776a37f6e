//! Segments that came before the bytes they follow, in stream order, without overlaps.

use std::collections::VecDeque;
use std::ops::Range;

use crate::Overlap;
use crate::contested::{Contested, difference};

/// A piece of the stream that waits for earlier bytes.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    /// Position of its first byte.
    pub position: i64,
    /// Its length; `bytes` is empty where only lengths are followed.
    pub length: i64,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Bytes after it that the snap length cut off.
    pub missing: i64,
    /// What its packet acknowledged.
    pub acknowledgment: Option<u32>,
    /// The frame, as the caller names it.
    pub token: u64,
    /// Time of the frame.
    pub time_ns: i64,
}

impl Piece {
    pub fn end(&self) -> i64 {
        self.position + self.length
    }

    /// Drops the bytes before `position`.
    pub fn trim_front(&mut self, position: i64) {
        let cut = (position - self.position).clamp(0, self.length);
        let drop = usize::try_from(cut).unwrap_or(0).min(self.bytes.len());
        self.bytes.drain(..drop);
        self.position += cut;
        self.length -= cut;
    }

    /// The bytes from `from` to `to`, where they are held.
    fn slice(&self, from: i64, to: i64) -> Option<&[u8]> {
        let start = usize::try_from(from - self.position).ok()?;
        let end = usize::try_from(to - self.position).ok()?;
        self.bytes.get(start..end)
    }
}

/// What an insertion met.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Inserted {
    /// Some of its bytes were there already.
    pub repeated: bool,
    /// Some of those were not the same.
    pub conflict: bool,
    /// Some of its bytes were new.
    pub new: bool,
    /// It brought new bytes below bytes already held.
    pub late: bool,
}

/// The pieces that wait, sorted by position and by end: none reaches into the next.
#[derive(Debug, Clone, Default)]
pub(crate) struct Waiting {
    pieces: VecDeque<Piece>,
    bytes: usize,
}

impl Waiting {
    /// What a piece costs beside its bytes.
    pub const PIECE_BYTES: usize = size_of::<Piece>() + 32;

    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    pub fn count(&self) -> usize {
        self.pieces.len()
    }

    /// Bytes held.
    pub fn buffered_bytes(&self) -> usize {
        self.bytes
    }

    /// Bytes that wait, held or only counted.
    pub fn length(&self) -> u64 {
        let lengths = self.pieces.iter().map(|piece| piece.length.unsigned_abs());
        lengths.fold(0, u64::saturating_add)
    }

    pub fn first(&self) -> Option<&Piece> {
        self.pieces.front()
    }

    /// Time of the piece that waits longest.
    pub fn since_ns(&self) -> Option<i64> {
        self.pieces.iter().map(|piece| piece.time_ns).min()
    }

    /// Where the last piece ends.
    pub fn end(&self) -> Option<i64> {
        self.pieces.back().map(Piece::end)
    }

    /// Takes the first piece if it begins at or before `position`.
    pub fn take_until(&mut self, position: i64) -> Option<Piece> {
        if self.pieces.front()?.position > position {
            return None;
        }
        let piece = self.pieces.pop_front()?;
        self.bytes = self.bytes.saturating_sub(piece.bytes.len());
        Some(piece)
    }

    /// Drops everything before `position`.
    pub fn discard_before(&mut self, position: i64) {
        self.pieces.retain(|piece| piece.end() > position);
        if let Some(first) = self.pieces.front_mut() {
            first.trim_front(position);
        }
        self.bytes = self.pieces.iter().map(|piece| piece.bytes.len()).sum();
    }

    /// Moves every piece by `distance`.
    pub fn shift(&mut self, distance: i64) {
        for piece in &mut self.pieces {
            piece.position += distance;
        }
    }

    pub fn clear(&mut self) {
        self.pieces = VecDeque::new();
        self.bytes = 0;
    }

    /// Adds a piece; where bytes are there already, `policy` says which stay, and `contested` keeps those that differ.
    pub fn insert(&mut self, piece: Piece, policy: Overlap, contested: &mut Contested) -> Inserted {
        let mut met = Inserted::default();
        if self.end().is_none_or(|end| piece.position >= end) {
            met.new = piece.length > 0;
            self.put(self.pieces.len(), piece);
            return met;
        }
        let touched = self.touched(&piece);
        for held in self.pieces.range(touched.clone()) {
            let (from, to) = (
                held.position.max(piece.position),
                held.end().min(piece.end()),
            );
            if from < to {
                met.repeated = true;
                met.conflict |= contest(held, &piece, from..to, policy, contested);
            }
        }
        met.new = match policy {
            Overlap::First => self.fill_holes(piece, touched),
            Overlap::Last => self.replace(piece, touched),
        };
        met.late = met.new;
        met
    }

    /// The places of the pieces that this one reaches into; where there is none, its own place.
    fn touched(&self, piece: &Piece) -> Range<usize> {
        let from = self
            .pieces
            .partition_point(|held| held.end() <= piece.position);
        let to = self
            .pieces
            .partition_point(|held| held.position < piece.end());
        from..to.max(from)
    }

    /// Keeps what is held and takes of `piece` only what is new: whether there is any.
    fn fill_holes(&mut self, piece: Piece, touched: Range<usize>) -> bool {
        let (mut at, touched) = (touched.start, touched.len());
        if touched == 0 {
            let new = piece.length > 0;
            if new {
                self.put(at, piece);
            }
            return new;
        }
        // A hole lies between two segments, and is gone when it is filled: parts are put in no more often than segments came.
        let (mut position, mut new) = (piece.position, false);
        for _ in 0..touched {
            let Some(held) = self.pieces.get(at) else {
                break;
            };
            let (begin, end) = (held.position, held.end());
            if begin > position {
                self.put(at, part(&piece, position, begin));
                (at, new) = (at + 1, true);
            }
            (at, position) = (at + 1, end);
        }
        if position < piece.end() {
            self.put(at, part(&piece, position, piece.end()));
            new = true;
        }
        new
    }

    /// Takes all of `piece` and keeps of the held ones what it does not cover: whether any of it is new.
    fn replace(&mut self, piece: Piece, touched: Range<usize>) -> bool {
        let mut at = touched.start;
        if piece.length == 0 {
            self.put_lacking(at, piece);
            return false;
        }
        let (begin, end) = (piece.position, piece.end());
        let held: Vec<Piece> = self.pieces.drain(touched).collect();
        let mut new = piece.length;
        for held in &held {
            self.bytes = self.bytes.saturating_sub(held.bytes.len());
            new -= held.end().min(end) - held.position.max(begin);
        }
        let before = held.first().filter(|held| held.position < begin);
        let before = before.map(|held| part(held, held.position, begin));
        let behind = held.iter().filter_map(|held| match held.end() - end {
            _ if held.length == 0 => Some(lacking(held, end)),
            1.. => Some(part(held, end, held.end())),
            _ => None,
        });
        for piece in before.into_iter().chain([piece]).chain(behind) {
            self.put(at, piece);
            at += 1;
        }
        new > 0
    }

    /// A piece of which the snap length left no byte: where others are held, what it lacks is behind them.
    fn put_lacking(&mut self, at: usize, piece: Piece) {
        let over = self.pieces.get(at);
        let Some(held) = over.filter(|held| held.position <= piece.position) else {
            self.put(at, piece);
            return;
        };
        let piece = lacking(&piece, held.end());
        let at = self
            .pieces
            .partition_point(|held| held.end() <= piece.position);
        self.put(at, piece);
    }

    fn put(&mut self, at: usize, piece: Piece) {
        self.bytes += piece.bytes.len();
        self.pieces.insert(at, piece);
    }
}

/// Holds the same part of two pieces against each other, and keeps the version that does not count.
fn contest(
    held: &Piece,
    new: &Piece,
    part: Range<i64>,
    policy: Overlap,
    contested: &mut Contested,
) -> bool {
    let (Some(old_bytes), Some(new_bytes)) = (
        held.slice(part.start, part.end),
        new.slice(part.start, part.end),
    ) else {
        return false;
    };
    let Some((from, length)) = difference(old_bytes, new_bytes) else {
        return false;
    };
    let (bytes, token) = match policy {
        Overlap::First => (new_bytes, new.token),
        Overlap::Last => (old_bytes, held.token),
    };
    let bytes = bytes.get(from..from + length).unwrap_or_default();
    contested.note(part.start + from as i64, length as i64, bytes, token);
    true
}

/// The part of `piece` from `from` to `to`, holding no more than its own bytes.
fn part(piece: &Piece, from: i64, to: i64) -> Piece {
    Piece {
        position: from,
        length: to - from,
        bytes: piece
            .slice(from, to)
            .map(<[u8]>::to_vec)
            .unwrap_or_default(),
        missing: if to == piece.end() { piece.missing } else { 0 },
        acknowledgment: piece.acknowledgment,
        token: piece.token,
        time_ns: piece.time_ns,
    }
}

/// What `piece`, of which no byte is held, lacks behind `position`.
fn lacking(piece: &Piece, position: i64) -> Piece {
    Piece {
        position,
        missing: (piece.end() + piece.missing - position).max(0),
        ..piece.clone()
    }
}
