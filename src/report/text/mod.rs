//! The text forms: what people read, and show each other.

mod figures;
mod heading;
mod ladder;
mod list;
mod messages;
mod show;
mod summary;
mod wakeups;

pub use ladder::{Beside, Bindings, Exchange, Ladder};
pub use list::SessionTable;
pub use messages::MessageLines;
pub use show::{Detail, Show};
pub use summary::summary;
pub use wakeups::sentence;
