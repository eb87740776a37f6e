//! Values in, bytes out: every form in which sessions are shown. Nothing here reads a capture or knows a file.

mod arguments;
mod citation;
mod columns;
mod datagram;
pub mod escape;
pub mod json;
mod moment;
pub mod paint;
mod story;
pub mod text;
mod transcript;

pub use story::{Choice, Entry, EntryKind, Frames, Standing, Story, Teller, Wanted};
pub use transcript::Transcript;
