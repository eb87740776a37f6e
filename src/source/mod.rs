//! Where frames come from: capture files, standard input, several files as one capture.
//!
//! A [`Capture`] reads pcap, pcapng and transcripts, plain or compressed, in one pass and in bounded memory, and lends
//! one [`Frame`] at a time. It looks at no byte inside a frame.

mod capture;
mod capture_file;
mod error;
mod extract;
mod frame;
mod input;
mod pcap;
mod pcapng;
mod resolution;
mod synthesis;
mod transcript;
mod window;

pub use capture::{Capture, Progress};
pub use capture_file::Secret;
pub use error::SourceError;
pub use extract::Extract;
pub use frame::{Buffer, Content, FileFacts, FileFormat, Frame, FrameId, Timestamp};
pub use input::Input;
pub use synthesis::Synthesis;
pub use transcript::{Block, BlockKind, Coding, Payload, Speaker, Writer};
