//! Frames in, closed sessions out: the only room that joins dissectors.

mod analyse;
mod collector;
mod crew;
#[cfg(test)]
mod defect;
mod flow;
mod flows;
mod intake;
mod limits;
mod options;
mod outbox;
mod reader;
mod shard;

pub use analyse::analyse;
pub use limits::Limits;
pub use options::Options;
pub use tcp::Overlap;
