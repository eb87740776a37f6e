//! Frames in, closed sessions out: the only room that joins dissectors.

mod allowance;
mod analyse;
mod attempt;
mod blocks;
mod collector;
mod crew;
#[cfg(test)]
mod defect;
mod dialogue;
mod exchange;
mod flow;
mod flows;
mod gauges;
mod intake;
mod keys;
mod limits;
mod options;
mod outbox;
mod overlaps;
mod piece;
mod reader;
mod sealed;
mod shard;
mod slot;
mod tftp;
mod tls_told;

pub use analyse::analyse;
pub use gauges::Gauges;
pub use keys::KeyMaterial;
pub use limits::Limits;
pub use options::Options;
pub use tcp::Overlap;
