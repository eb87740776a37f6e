//! One direction of one TCP stream: segments in, ordered bytes out, with gaps and conflicts named.
//!
//! Not a TCP implementation: nothing is acknowledged, nothing is judged, and time is only what the segments bring.

mod contested;
mod reassembler;
mod segment;
mod waiting;

pub use reassembler::Reassembler;
pub use segment::{Conflict, Counters, GapCause, Limits, Mode, Overlap, Segment, Sink};
