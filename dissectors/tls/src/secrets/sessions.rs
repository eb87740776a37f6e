//! Master secrets of handshakes that were seen, by session id and ticket, for handshakes that resume them.

use std::collections::{HashMap, VecDeque};

use crate::keys::digest;
use crate::suite::Hash;

/// Master secrets by what resumes them, bounded: the oldest make room.
#[derive(Debug)]
pub struct Sessions {
    known: HashMap<[u8; 32], Resumable>,
    order: VecDeque<[u8; 32]>,
    sessions_max: usize,
}

/// A session that may be resumed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Resumable {
    pub(crate) master: Vec<u8>,
}

impl std::fmt::Debug for Resumable {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Resumable")
    }
}

impl Default for Sessions {
    fn default() -> Self {
        Self::new(SESSIONS_MAX)
    }
}

impl Sessions {
    /// A store of so many sessions.
    pub fn new(sessions_max: usize) -> Self {
        Self {
            known: HashMap::new(),
            order: VecDeque::new(),
            sessions_max: sessions_max.max(1),
        }
    }

    pub(crate) fn insert(&mut self, key: [u8; 32], session: Resumable) {
        if self.known.insert(key, session).is_some() {
            return;
        }
        self.order.push_back(key);
        if self.order.len() > self.sessions_max
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    pub(crate) fn find(&self, key: &[u8; 32]) -> Option<&Resumable> {
        self.known.get(key)
    }
}

/// Under which a session id or a ticket is kept.
pub(crate) fn ticket_key(ticket: &[u8]) -> [u8; 32] {
    super::padded(&digest(Hash::Sha256, &[ticket]))
}

/// In some 2 MB.
const SESSIONS_MAX: usize = 16 * 1024;
