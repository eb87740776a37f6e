//! Where frames come from: capture files, standard input, several files as one capture.
//!
//! A [`Capture`] reads pcap, pcapng and transcripts, plain or compressed, in one pass and in bounded memory, and lends
//! one [`Frame`] at a time. It looks at no byte inside a frame.

mod capture;
mod capture_file;
mod error;
mod extract;
mod frame;
mod frames;
mod input;
#[cfg(feature = "live")]
mod live;
mod marks;
mod pcap;
mod pcapng;
#[cfg(feature = "live")]
mod recorded;
#[cfg(feature = "live")]
mod recorder;
mod resolution;
mod synthesis;
mod transcript;
mod window;
mod written;

pub use capture::{Capture, Progress};
pub use capture_file::Secret;
pub use error::SourceError;
pub use extract::Extract;
pub use frame::{Buffer, Content, FileFacts, FileFormat, Frame, FrameId, Timestamp};
pub use frames::{Frames, Next};
pub use input::Input;
#[cfg(feature = "live")]
pub use live::{Interfaces, LinkState, Live, LiveError, LiveOptions, Traffic};
pub use marks::Mark;
#[cfg(feature = "live")]
pub use recorded::Recorded;
#[cfg(feature = "live")]
pub use recorder::{Recorder, Rotation};
pub use synthesis::Synthesis;
pub use transcript::{Block, BlockKind, Coding, Payload, Speaker, Tls, Writer};
