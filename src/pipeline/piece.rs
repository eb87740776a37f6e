//! The bytes of a stream that were read last: a segment that repeats them with others in their place is noticed although
//! their message is gone.

use super::outbox::Outbox;

/// Some bytes of the stream, as far as that tells them from others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    offset: u64,
    length: usize,
    fingerprint: u64,
}

impl Piece {
    pub fn new(offset: u64, bytes: &[u8], outbox: &Outbox) -> Self {
        Self {
            offset,
            length: bytes.len(),
            fingerprint: outbox.fingerprint(bytes, 0, 0),
        }
    }

    /// These bytes take the place of the piece, and are others.
    pub fn differs(&self, offset: u64, again: &[u8], outbox: &Outbox) -> bool {
        let same = self
            .offset
            .checked_sub(offset)
            .and_then(|from| usize::try_from(from).ok())
            .and_then(|from| again.get(from..from.checked_add(self.length)?));
        same.is_some_and(|same| outbox.fingerprint(same, 0, 0) != self.fingerprint)
    }
}
