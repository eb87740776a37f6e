//! What goes on at interfaces, for threads that only look: counters, when packets were lost, and which interfaces are up.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::losses::Losses;
use super::{LinkState, now};
use crate::source::frame::Timestamp;

/// What goes on, in numbers that any thread may look at.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Packets read.
    pub packets: AtomicU64,
    /// Their bytes as captured.
    pub bytes: AtomicU64,
    /// Packets that the kernel had no room for.
    pub dropped: AtomicU64,
    /// Packets that an interface or its driver dropped.
    pub dropped_by_interface: AtomicU64,
    losses: Mutex<Losses>,
    /// Whether each interface is up.
    links: Mutex<Vec<(String, LinkState)>>,
    /// Since when nothing came, in nanoseconds since 1970; 0 where something did.
    quiet_since_ns: AtomicI64,
}

impl Traffic {
    /// Packets that were dropped, by whomever, while any of this time passed; whose they were nobody knows.
    #[must_use]
    pub fn dropped_within(&self, from: Timestamp, until: Timestamp) -> u64 {
        let losses = self.losses.lock().unwrap_or_else(PoisonError::into_inner);
        losses.within(from, until)
    }

    /// Whether each interface is up, where that can be told.
    #[must_use]
    pub fn links(&self) -> Vec<(String, LinkState)> {
        let links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        links.clone()
    }

    /// So many packets were dropped between two looks at the counters.
    pub(super) fn note_lost(&self, since: Timestamp, until: Timestamp, packets: u64) {
        let mut losses = self.losses.lock().unwrap_or_else(PoisonError::into_inner);
        losses.note(since, until, packets);
    }

    /// Each interface is so now.
    pub(super) fn note_links(&self, links: Vec<(String, LinkState)>) {
        *self.links.lock().unwrap_or_else(PoisonError::into_inner) = links;
    }

    /// Something has come.
    pub(super) fn note_packet(&self) {
        self.quiet_since_ns.store(0, Ordering::Relaxed);
    }

    /// Nothing came by this time.
    pub(super) fn note_quiet(&self, time: Timestamp) {
        if self.quiet_since_ns.load(Ordering::Relaxed) == 0 {
            self.quiet_since_ns
                .store(time.nanoseconds, Ordering::Relaxed);
        }
    }

    /// Nothing has come for a while: what is on its way to whoever asks ended before this time.
    #[must_use]
    pub fn quiet_before(&self) -> Option<Timestamp> {
        let since_ns = self.quiet_since_ns.load(Ordering::Relaxed);
        let mut time = now();
        time.nanoseconds -= SETTLING_NS;
        (since_ns > 0 && since_ns < time.nanoseconds).then_some(time)
    }
}

/// By then whatever came has been looked at.
const SETTLING_NS: i64 = 2_000_000_000;
