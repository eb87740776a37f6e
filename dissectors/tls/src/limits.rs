//! What one connection may cost: every bound of this crate, as arguments.

/// The bounds of one [`crate::Connection`].
///
/// Reaching one is told ([`crate::AnomalyKind`] or [`crate::Reason`]), never silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one handshake message, certificate chain and all, and of what is kept of a handshake for its hash.
    pub handshake_bytes_max: usize,
    /// Certificates of a chain that are read; the others are counted.
    pub certificates_max: usize,
    /// Names, suites and extensions that are listed of one message.
    pub list_max: usize,
    /// Ciphertext of one direction that is held back until the other direction has told what is needed to read it.
    pub held_bytes_max: usize,
    /// The same, while [`crate::Connection::needs`] asks for a secret; 0 where all secrets are there from the start.
    pub late_secret_bytes_max: usize,
    /// Records whose sequence numbers are tried behind a gap.
    pub resync_records_max: u64,
    /// Bytes that are deciphered in vain before a connection is given up.
    pub vain_bytes_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Limits {
    /// What an ordinary connection never reaches.
    pub const DEFAULT: Self = Self {
        handshake_bytes_max: 256 * 1024,
        certificates_max: 16,
        list_max: 256,
        held_bytes_max: 256 * 1024,
        late_secret_bytes_max: 0,
        resync_records_max: 64,
        vain_bytes_max: 16 * 1024 * 1024,
    };
}
