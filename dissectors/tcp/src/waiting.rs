//! Segments that came before the bytes they follow, in stream order, without overlaps.

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

/// The pieces that wait, sorted by position.
#[derive(Debug, Clone, Default)]
pub(crate) struct Waiting {
    pieces: Vec<Piece>,
    bytes: usize,
}

impl Waiting {
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

    pub fn first(&self) -> Option<&Piece> {
        self.pieces.first()
    }

    /// Time of the piece that waits longest.
    pub fn since_ns(&self) -> Option<i64> {
        self.pieces.iter().map(|piece| piece.time_ns).min()
    }

    /// Where the last piece ends.
    pub fn end(&self) -> Option<i64> {
        self.pieces.last().map(Piece::end)
    }

    /// Takes the first piece if it begins at or before `position`.
    pub fn take_until(&mut self, position: i64) -> Option<Piece> {
        if self.pieces.first()?.position > position {
            return None;
        }
        let piece = self.pieces.remove(0);
        self.bytes -= piece.bytes.len();
        Some(piece)
    }

    /// Drops everything before `position`.
    pub fn discard_before(&mut self, position: i64) {
        self.pieces.retain(|piece| piece.end() > position);
        if let Some(first) = self.pieces.first_mut() {
            first.trim_front(position);
        }
        self.recount();
    }

    /// Moves every piece by `distance`.
    pub fn shift(&mut self, distance: i64) {
        for piece in &mut self.pieces {
            piece.position += distance;
        }
    }

    pub fn clear(&mut self) {
        self.pieces = Vec::new();
        self.bytes = 0;
    }

    /// Adds a piece; where bytes are there already, `policy` says which stay, and `contested` keeps those that differ.
    pub fn insert(&mut self, piece: Piece, policy: Overlap, contested: &mut Contested) -> Inserted {
        let mut met = Inserted::default();
        if self.end().is_none_or(|end| piece.position >= end) {
            met.new = piece.length > 0;
            self.bytes += piece.bytes.len();
            self.pieces.push(piece);
            return met;
        }
        met.late = true;
        for held in &self.pieces {
            let (from, to) = (
                held.position.max(piece.position),
                held.end().min(piece.end()),
            );
            if from < to {
                met.repeated = true;
                met.conflict |= contest(held, &piece, from..to, policy, contested);
            }
        }
        match policy {
            Overlap::First => self.fill_holes(&piece, &mut met),
            Overlap::Last => self.replace(piece, &mut met),
        }
        met.late &= met.new;
        self.recount();
        met
    }

    /// Keeps what is held and takes of `piece` only what is new.
    fn fill_holes(&mut self, piece: &Piece, met: &mut Inserted) {
        let mut added = Vec::new();
        let mut position = piece.position;
        for held in self
            .pieces
            .iter()
            .filter(|held| held.end() > piece.position)
        {
            if held.position >= piece.end() {
                break;
            }
            if held.position > position {
                added.push(part(piece, position, held.position));
            }
            position = position.max(held.end());
        }
        if position < piece.end() {
            added.push(part(piece, position, piece.end()));
        }
        met.new = !added.is_empty();
        self.pieces.extend(added);
        self.pieces.sort_by_key(|piece| piece.position);
    }

    /// Takes all of `piece` and keeps of the held ones what it does not cover.
    fn replace(&mut self, piece: Piece, met: &mut Inserted) {
        let mut kept = Vec::with_capacity(self.pieces.len() + 2);
        let mut covered = 0;
        for held in self.pieces.drain(..) {
            let common = held.end().min(piece.end()) - held.position.max(piece.position);
            if common <= 0 {
                kept.push(held);
                continue;
            }
            covered += common;
            if held.position < piece.position {
                kept.push(part(&held, held.position, piece.position));
            }
            if held.end() > piece.end() {
                kept.push(part(&held, piece.end(), held.end()));
            }
        }
        met.new = covered < piece.length;
        kept.push(piece);
        kept.sort_by_key(|piece| piece.position);
        self.pieces = kept;
    }

    fn recount(&mut self) {
        self.bytes = self.pieces.iter().map(|piece| piece.bytes.len()).sum();
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
