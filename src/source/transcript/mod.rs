//! Transcripts: exchanges as readable text, read block by block and written (docs/transcript.md). A transcript holds
//! payload and no packets; what the payload says is not this room's business.

mod block;
mod content;
mod heading;
mod read;
mod text;
mod tls;
mod write;

pub use block::{Block, BlockKind, Speaker};
pub use content::Coding;
pub(super) use heading::Trouble;
pub(super) use read::{Blocks, begins_with};
pub use tls::Tls;
pub use write::{Payload, Writer};
