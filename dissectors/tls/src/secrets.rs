//! Key material: secrets of a key log, private keys, and master secrets learned on the way, each bounded.

mod key_log;
mod line;
mod private_key;
mod sessions;

use std::fmt;

pub use key_log::KeyLog;
pub use line::{Label, Line, LineFault, LineReader, read_line};
pub use private_key::{PrivateKey, PrivateKeyFault};
pub use sessions::Sessions;
pub(crate) use sessions::{Resumable, ticket_key};

/// A secret. Its bytes are never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<[u8]>);

impl Secret {
    /// A secret of these bytes.
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secret({} bytes)", self.0.len())
    }
}

/// Where secrets are looked up: [`KeyLog`], or an index of the caller's over a file too large for memory.
pub trait Lookup {
    /// The secret of this kind that the log has under this name.
    ///
    /// The name is a client random; of [`Label::Rsa`] the first eight bytes of the enciphered premaster secret, of
    /// [`Label::Session`] a session id, either followed by zeros.
    fn secret(&self, label: Label, name: &[u8; 32]) -> Option<Secret>;
}

/// No key log.
impl Lookup for () {
    fn secret(&self, _: Label, _: &[u8; 32]) -> Option<Secret> {
        None
    }
}

/// All key material that a connection may use.
pub struct Keys<'a> {
    /// Secrets of a key log.
    pub log: &'a dyn Lookup,
    /// Private keys of servers.
    pub private: &'a [PrivateKey],
    /// Master secrets of earlier handshakes, to be resumed; new ones are added.
    pub sessions: &'a mut Sessions,
}

impl fmt::Debug for Keys<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Keys")
    }
}

/// A name of up to 32 bytes, followed by zeros.
pub(crate) fn padded(name: &[u8]) -> [u8; 32] {
    let mut padded = [0; 32];
    for (to, from) in padded.iter_mut().zip(name) {
        *to = *from;
    }
    padded
}
