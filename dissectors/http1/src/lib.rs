//! HTTP/1.x messages out of the ordered bytes of one direction of one connection, and back.
//!
//! [`recognise`] says whether first bytes begin an HTTP message, [`handshake`] whether a proxy has its say before it, a
//! [`Stream`] cuts messages out of bytes in whatever pieces they come, and [`Fields`] writes a message from its parts;
//! [`auth`] reads, checks and writes what asks for credentials and what gives them. Raw bytes stay beside the tolerant
//! parse; what was odd about them is an [`Anomaly`] with its place. Nothing here judges, waits, logs or reads a clock, and
//! no input makes it panic.
//! It is not a server or a client: pairing requests with responses is the caller's work.

mod anomaly;
pub mod auth;
mod chunked;
mod fields;
mod framing;
mod head;
mod head_parse;
mod inflate;
mod limits;
mod message;
mod preface;
mod recognise;
mod stream;

pub use anomaly::{Anomaly, AnomalyKind};
pub use fields::{BodyFields, ChunkFields, Fields, HeaderField, StartLineFields};
pub use head::{Head, HeadView, Header};
pub use limits::{LimitKind, Limits};
pub use message::{Cut, End, Framing, Message};
pub use preface::{HANDSHAKE_BYTES_MAX, Handshake, handshake};
pub use recognise::{Kind, Recognised, recognise};
pub use stream::{Event, Keep, RequestMethod, Stream};
