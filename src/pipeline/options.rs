//! What an analysis is asked to do.

use tcp::Overlap;

use super::limits::Limits;

/// What an analysis is to do.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Deliver every message too, decoded.
    pub messages: bool,
    /// Deliver every datagram that concerns a device; with `messages` they come too.
    pub datagrams: bool,
    /// Stop after so many frames.
    pub frames_max: Option<u64>,
    /// Which bytes count where two segments, or two fragments of a packet, contradict.
    pub overlap: Overlap,
    /// Threads that read connections; with 1 everything runs in the caller's. The outcome is the same.
    pub threads: usize,
    /// Every bound.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            messages: false,
            datagrams: false,
            frames_max: None,
            overlap: Overlap::First,
            threads: 1,
            limits: Limits::default(),
        }
    }
}
