//! The control connection of FTP (RFC 959), followed far enough to name each transfer.
//!
//! [`recognise`] says whether first bytes begin one. A [`Control`] takes the ordered bytes of both sides, in whatever
//! pieces, and tells of logins, of data connections, and of transfers with their file, direction, size and result. Every
//! event says where in its stream the line stands that caused it. A password is in no event: the place of it is.
//! It is not a reader of data connections: their bytes are the caller's to count. Nothing here judges, waits, logs or reads
//! a clock, and no input makes it panic.

mod anomaly;
mod command;
mod control;
mod endpoint;
mod event;
mod limits;
mod line;
mod recognise;
mod reply;

pub use anomaly::{Anomaly, AnomalyKind};
pub use control::Control;
pub use endpoint::{DataEndpoint, DataMode};
pub use event::{Event, EventKind, LoginResult, Outcome, Transfer, TransferKind, TransferResult};
pub use limits::Limits;
pub use recognise::{Recognised, recognise, recognise_midway};

/// Who of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Who opened the connection and sends commands.
    Client,
    /// Who answers.
    Server,
}
