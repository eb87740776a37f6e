//! Frames in, closed sessions out: the only room that joins dissectors.

mod analyse;
#[cfg(test)]
mod defect;
mod flow;
mod flows;
mod limits;
mod reader;

pub use analyse::{Options, analyse};
pub use limits::Limits;
pub use tcp::Overlap;
