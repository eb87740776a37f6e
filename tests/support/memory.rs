//! A whole analysis of a capture that stands in memory.

use std::io::{Cursor, Read};

use informant::pipeline::Options;
use informant::source::Capture;

use crate::support::{Analysis, gather};

/// Analyses bytes as a capture file, messages and all.
#[allow(dead_code, reason = "each test uses its part")]
pub fn analyse_bytes(bytes: Vec<u8>) -> Analysis {
    analyse_with(
        Cursor::new(bytes),
        &Options {
            messages: true,
            ..Options::default()
        },
    )
}

/// Analyses what a reader gives.
pub fn analyse_with(reader: impl Read + Send + 'static, options: &Options) -> Analysis {
    let capture = Capture::from_reader("memory", reader).expect("the bytes are a capture");
    gather(capture, options)
}
