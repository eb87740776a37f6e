//! What wakes a device through a NAT, out of one UDP payload, and back: STUN of RFC 3489 and RFC 5389 with the
//! attributes of TR-111, UDP Connection Requests ([`ucr`]) and lightweight notifications ([`lwn`]).
//!
//! [`recognise`] is for every UDP payload of a mirror port: what is none of the three costs a few compares. [`parse`],
//! [`ucr::parse`] and [`lwn::parse`] never fail on what was recognised: what is bent becomes an [`Anomaly`] with its
//! offset, and the raw bytes stay beside what was read. Keys are arguments: [`Message::verify_integrity`] says by which
//! computation a MESSAGE-INTEGRITY holds, [`ucr::Request::verify`] by which digest a signature does. [`Builder`] and
//! [`ucr::Draft`] are the other direction.
//!
//! It judges nothing, does no I/O and knows no time. Who talks to whom, and what follows, is session logic elsewhere.

mod address;
mod anomaly;
mod builder;
mod credentials;
mod datagram;
mod digest;
mod fingerprint;
mod form;
mod head;
mod integrity;
pub mod kind;
pub mod lwn;
mod message;
mod signature;
mod sniff;
mod span;
pub mod ucr;
mod value;
mod walk;

pub use address::padded_text;
pub use anomaly::{Anomaly, AnomalyKind};
pub use builder::{Builder, Padding, TooLong};
pub use credentials::{Credentials, long_term_key, short_term_key};
pub use datagram::{Datagram, recognise};
pub use digest::Digest;
pub use fingerprint::Fingerprint;
pub use form::{Class, Form, MAGIC_COOKIE, class_of, method_name, method_of, type_name};
pub use head::Header;
pub use integrity::{Integrity, IntegrityMatch, Key, LengthField};
pub use message::{Attribute, Message, parse};
pub use signature::{Signature, SignedText};
pub use span::Span;
pub use value::{ErrorCode, Value};
