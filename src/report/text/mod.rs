//! The text forms: what people read, and show each other.

mod figures;
mod heading;
mod ladder;
mod list;
mod messages;
mod show;
mod summary;

pub use ladder::Ladder;
pub use list::SessionTable;
pub use messages::MessageLines;
pub use show::{Detail, Show};
pub use summary::summary;
