//! TLS and SSL out of the ordered bytes of both directions of one connection: what was agreed, and the plain bytes where
//! key material is given.
//!
//! [`recognise`] says whether first bytes begin TLS. A [`Connection`] takes bytes and gaps of either direction in whatever
//! pieces they come, and tells [`Event`]s: hellos, certificates, alerts, plain bytes with the place of the record they came
//! from, and for what stays enciphered the [`Reason`]. Secrets come from a [`KeyLog`], from [`PrivateKey`]s of servers, and
//! from earlier handshakes ([`Sessions`]). No record is passed on whose authentication fails. Nothing here judges, waits,
//! logs or reads a clock, and no input makes it panic.
//! It is no TLS implementation: it verifies no certificate, and speaks to nobody. The words client and server are those of
//! the protocol: the client is who says hello first.

mod alert;
mod anomaly;
mod certificate;
mod connection;
mod event;
mod hello;
mod keys;
mod limits;
mod octets;
mod reason;
mod recognise;
mod secrets;
mod suite;
mod version;

pub use alert::Alert;
pub use anomaly::{Anomaly, AnomalyKind};
pub use certificate::{AlternativeName, Certificate};
pub use connection::{Connection, Needs};
pub use event::{Direction, Event, Fact, Source};
pub use hello::{ClientHello, ServerHello};
pub use limits::Limits;
pub use reason::{Help, Reason};
pub use recognise::{RECOGNISE_BYTES_MAX, Recognised, recognise, recognise_midway};
pub use secrets::{
    KeyLog, Keys, Label, Line, LineFault, LineReader, Lookup, PrivateKey, PrivateKeyFault, Secret,
    Sessions, read_line,
};
pub use suite::Suite;
pub use version::Version;
