//! TFTP (RFC 1350) with its options (RFC 2347 to 2349, RFC 7440): datagrams read, transfers followed.
//!
//! [`Packet::parse`] reads one UDP payload; [`Request::parse`] alone is strict enough for any port. A [`Tracker`] takes the
//! datagrams of a capture and says which belong to a transfer, and of each transfer the file, direction, size and result.
//! Nothing here judges, waits, logs or reads a clock, and no input makes it panic. It is not a client or a server, and keeps
//! no contents of files.

mod limits;
mod packet;
mod request;
mod tracker;
mod transfer;

pub use limits::Limits;
pub use packet::{Packet, error_name};
pub use request::{Direction, Mode, Options, Request, RequestOption};
pub use tracker::{Datagram, Seen, Tracker};
pub use transfer::{Outcome, Side, Transfer, TransferError};
