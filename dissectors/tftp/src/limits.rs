//! What following transfers may cost: every bound of this crate, as arguments.

/// The bounds of one [`crate::Tracker`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Transfers that are followed at once; a request beyond ends the oldest.
    pub transfers_max: usize,
    /// Nanoseconds without a datagram behind which a transfer is over. Servers give up far earlier: the interval of
    /// RFC 2349 is 255 s at most, five times that in practice never.
    pub idle_ns_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            transfers_max: 1024,
            idle_ns_max: 300_000_000_000,
        }
    }
}
