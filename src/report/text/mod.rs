//! The text forms: what people read, and show each other.

mod answered;
mod check;
mod compared;
mod devices;
mod differences;
pub(super) mod figures;
mod heading;
mod ladder;
mod list;
mod messages;
mod next;
mod note;
mod outcome;
mod replayed;
mod replayed_tls;
mod show;
mod story;
mod summary;
mod wakeups;

pub use answered::answered;
pub use check::{Check, told, verdict};
pub(super) use check::{block, frames_told};
pub use compared::compared;
pub use devices::devices;
pub(super) use differences::{counts, difference_lines, shown};
pub use figures::counted;
pub use ladder::{Anchor, Anchored, Beside, Bindings, Exchange, Ladder};
pub use list::{SessionTable, SessionWords};
pub use messages::MessageLines;
pub use outcome::outcome;
pub use replayed::replayed;
#[cfg(test)]
pub(super) use replayed::tests::sample as sample_replay;
pub(super) use replayed_tls::tls_lines;
pub use show::{Detail, Leaf, Show};
pub use story::story;
pub use summary::{Found, summary};
pub use wakeups::sentence;
pub(super) use wakeups::{reasons, result};
