//! What an analysis holds while it runs, for whoever watches it from another thread.

use std::sync::atomic::{AtomicU64, Ordering};

/// Told once a second of the capture's time.
#[derive(Debug, Default)]
pub struct Gauges {
    flows: AtomicU64,
}

impl Gauges {
    /// TCP connections that are followed.
    #[must_use]
    pub fn flows(&self) -> u64 {
        self.flows.load(Ordering::Relaxed)
    }

    /// One share of them has grown or shrunk.
    pub(super) fn flows_were(&self, before: u64, now: u64) {
        // Wraps where it shrinks, and so comes out right.
        self.flows
            .fetch_add(now.wrapping_sub(before), Ordering::Relaxed);
    }
}
