//! One direction of a connection: where its bytes stand, and what opens its records.

use std::collections::VecDeque;

use super::messages::Messages;
use super::records::record_bytes;
use crate::keys::cipher::Cipher;
use crate::{Reason, Source};

/// One direction.
#[derive(Debug, Default)]
pub(super) struct Side {
    begun: bool,
    /// Offset of the first byte of `buffer`.
    pub(super) front: u64,
    /// The open record, or what is held back.
    pub(super) buffer: Vec<u8>,
    pub(super) blocked: Option<Blocked>,
    /// Nothing is waited for any more.
    pub(super) impatient: bool,
    /// Bytes of a damaged record that are still to come.
    pub(super) skip_bytes: u64,
    /// Where records begin is not known, from this offset on.
    pub(super) lost_from: Option<u64>,
    /// How many records went by is not known.
    pub(super) miscounted: bool,
    /// Records seen.
    pub(super) records: u64,
    pub(super) messages: Messages,
    /// Records are enciphered from here on.
    pub(super) is_sealed: bool,
    /// What opens the next record, and what may open those behind it.
    pub(super) generations: VecDeque<Generation>,
    /// Why nothing does.
    pub(super) reason: Option<Reason>,
    /// Bytes deciphered in vain.
    pub(super) vain_bytes: u64,
    /// The rest is of a protocol nobody reads.
    pub(super) foreign: Option<Reason>,
    /// TLS 1.3: whose records are over.
    pub(super) left: Option<Phase>,
    /// The last record could not have been opened for want of the one before it.
    pub(super) was_unready: bool,
    /// Was a record opened?
    pub(super) is_readable: bool,
    /// Room for opened records.
    pub(super) room: Vec<u8>,
}

/// What a direction waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blocked {
    /// What the other direction says.
    Other,
    /// A secret.
    Secret,
}

/// Which records a cipher opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// TLS 1.3: before the server's answer.
    Early,
    /// TLS 1.3: up to Finished.
    Handshake,
    /// All others.
    Application,
}

/// A cipher and how many records it opened.
#[derive(Debug)]
pub(super) struct Generation {
    pub(super) phase: Phase,
    pub(super) cipher: Cipher,
    pub(super) sequence: u64,
    /// It has opened a record: the secret fits.
    pub(super) fits: bool,
    /// TLS 1.3: what the next is derived from.
    pub(super) secret: Vec<u8>,
    /// Where the secret was found.
    pub(super) source: Source,
}

impl Generation {
    pub(super) fn new(phase: Phase, cipher: Cipher, secret: Vec<u8>, source: Source) -> Self {
        Self {
            phase,
            cipher,
            sequence: 0,
            fits: false,
            secret,
            source,
        }
    }
}

impl Side {
    /// The offset of the next byte; the first call sets it.
    pub(super) fn begin(&mut self, offset: u64) -> u64 {
        if !self.begun {
            self.begun = true;
            self.front = offset;
        }
        self.next_offset()
    }

    pub(super) fn next_offset(&self) -> u64 {
        self.front.saturating_add(self.buffer.len() as u64)
    }

    pub(super) fn held_bytes(&self) -> usize {
        self.buffer.capacity() + self.messages.held_bytes() + self.room.capacity()
    }

    /// Keeps no room that a connection does not need that may be quiet for long.
    pub(super) fn rest(&mut self) {
        self.room = Vec::new();
        if self.buffer.is_empty() {
            self.buffer = Vec::new();
        }
    }

    /// How many more bytes make the open record whole.
    pub(super) fn wanted_bytes(&self) -> usize {
        let whole = record_bytes(&self.buffer).unwrap_or(5);
        let whole = if self.lost_from.is_some() {
            SEEK_BYTES
        } else {
            whole
        };
        whole.saturating_sub(self.buffer.len())
    }

    /// What opens records is not known, for this reason.
    pub(super) fn seal_without_keys(&mut self, reason: Reason) {
        self.is_sealed = true;
        self.generations.clear();
        self.reason = Some(reason);
    }

    /// Records are opened by this from here on.
    pub(super) fn seal_with(&mut self, generation: Generation) {
        self.is_sealed = true;
        self.reason = None;
        self.generations.clear();
        self.generations.push_back(generation);
    }
}

/// The longest record, and the head of the next.
const SEEK_BYTES: usize = 18 * 1024 + 512;
