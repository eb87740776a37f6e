//! A whole capture file through the whole analysis: the same with one thread as with two, within bounds of any size.

use informant::pipeline::Limits;

use super::analysis::{analyse_bytes, tight};

/// The bytes of a capture file.
pub fn run(data: &[u8]) {
    for limits in [Limits::default(), tight()] {
        let alone = analyse_bytes(data, 1, limits);
        alone.check();
        let shared = analyse_bytes(data, 2, limits);
        shared.check();
        assert!(alone.said() == shared.said(), "threads matter");
    }
}
