//! What goes into a reassembler and what comes out: segments, bounds, gaps, counters.

/// Bounds of one direction.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes that may wait for earlier ones before the hole is given up.
    pub waiting_bytes_max: usize,
    /// Pieces that may wait so.
    pub waiting_pieces_max: usize,
    /// Bytes that may wait mid-stream before the lowest of them is taken for the beginning.
    pub floating_bytes_max: usize,
    /// Pieces that may wait so: reordering seldom goes further.
    pub floating_pieces_max: usize,
    /// Packets of the connection that may pass after the other side acknowledged missing bytes, before the hole is given up: mirrors deliver the two directions skewed.
    pub skew_packets_max: u32,
    /// Nanoseconds that may pass so; the hole is given up when both bounds are passed.
    pub skew_ns_max: i64,
    /// Nanoseconds that a hole may last whatever passes, and where nothing is acknowledged (one direction only was captured).
    pub hole_ns_max: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            waiting_bytes_max: 1 << 20,
            waiting_pieces_max: 1024,
            floating_bytes_max: 64 << 10,
            floating_pieces_max: 64,
            skew_packets_max: 64,
            skew_ns_max: 100_000_000,
            hole_ns_max: 20_000_000_000,
        }
    }
}

/// Which bytes count where two segments contradict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overlap {
    /// Those that were captured first.
    #[default]
    First,
    /// Those that were captured last, as far as they have not been given out.
    Last,
}

/// What the reassembler does with the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Gives them out in order.
    #[default]
    Deliver,
    /// Follows the sequence numbers alone, for the counters.
    Count,
}

/// One segment.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    /// Sequence number of the first payload byte.
    pub sequence: u32,
    /// FIN is set.
    pub fin: bool,
    /// Payload as captured.
    pub payload: &'a [u8],
    /// Payload bytes that the snap length cut off the end.
    pub missing: u32,
    /// What its packet acknowledges of the other direction; handed back with the bytes.
    pub acknowledgment: Option<u32>,
    /// The frame, as the caller names it.
    pub token: u64,
    /// Time of the frame, nanoseconds.
    pub time_ns: i64,
}

/// Why bytes are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapCause {
    /// The capture does not hold their segment.
    Lost,
    /// The snap length cut their segment.
    SnapLength,
}

/// Bytes that came twice and were not the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conflict<'a> {
    /// Offset in the stream of the first byte that differs, as far as the bytes that do not count are held: 64 of a segment.
    pub offset: u64,
    /// Bytes from the first to the last that differs, as far as they are held.
    pub length: u64,
    /// What counts: the first of these bytes, at most 64.
    pub kept: &'a [u8],
    /// What does not count, as many of them.
    pub other: &'a [u8],
    /// The frame of those that count; none where they were given out before.
    pub kept_token: Option<u64>,
    /// The frame of the others.
    pub other_token: u64,
}

/// Takes what comes out, in stream order.
pub trait Sink {
    /// What comes next waited for earlier bytes: its packet acknowledged this of the other direction.
    fn waited(&mut self, acknowledgment: Option<u32>) {
        let _ = acknowledgment;
    }
    /// The next bytes, and the frame that first carried them.
    fn bytes(&mut self, offset: u64, bytes: &[u8], token: u64, time_ns: i64);
    /// Other bytes came for a place of the stream: told before the bytes there are given out, or when they come again.
    fn conflict(&mut self, conflict: &Conflict<'_>) {
        let _ = conflict;
    }
    /// `missing` bytes at `offset` are not in the capture.
    fn gap(&mut self, offset: u64, missing: u64, cause: GapCause);
    /// The sender closed; nothing follows.
    fn fin(&mut self, offset: u64, token: u64, time_ns: i64);
    /// Repeated bytes are known not to be those that were given out, though these are at hand no more.
    fn differs(&self, offset: u64, again: &[u8]) -> bool {
        let _ = (offset, again);
        false
    }
    /// Bytes given out before, from `offset` on, as far as they are still at hand: repeated ones are held against them.
    fn remembered(&self, offset: u64, length: usize) -> Option<&[u8]> {
        let _ = (offset, length);
        None
    }
}

/// What one direction came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Payload bytes, each counted once.
    pub payload_bytes: u64,
    /// Segments that repeat bytes.
    pub retransmissions: u64,
    /// Segments that bring new bytes after higher ones were seen.
    pub out_of_order: u64,
    /// Segments that repeat bytes differently.
    pub overlap_conflicts: u64,
    /// Holes.
    pub gaps: u64,
    /// Bytes in them.
    pub gap_bytes: u64,
    /// Keep-alives and zero-window probes that brought nothing.
    pub keep_alives: u64,
    /// Holes given up because too much waited behind them.
    pub waiting_limit: u64,
}
