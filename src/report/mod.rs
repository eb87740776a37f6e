//! Values in, bytes out: every form in which sessions are shown. Nothing here reads a capture or knows a file.

mod arguments;
mod beyond;
mod citation;
pub mod columns;
mod compared;
mod datagram;
pub mod escape;
mod github;
pub mod json;
pub mod junit;
pub mod moment;
pub mod paint;
pub mod rulebook;
mod runs;
mod sarif;
mod story;
pub mod text;
mod transcript;

pub use beyond::beyond;
pub use compared::{Compared, Labelled, Pair};
pub use github::github;
pub use junit::Junit;
pub use runs::{Outcome, Run};
pub use sarif::{Sarif, SarifLog};
pub use story::{Choice, Entry, EntryKind, Frames, Standing, Story, Teller, Wanted};
pub use transcript::Transcript;
