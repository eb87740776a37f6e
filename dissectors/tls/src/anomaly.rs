//! What was odd about a connection: a kind and a place, no judgement.

use crate::Direction;

/// What was bent, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Anomaly {
    /// What was bent.
    pub kind: AnomalyKind,
    /// In whose bytes.
    pub direction: Direction,
    /// Offset in the stream of that direction: of the record concerned, or of the message where it is plain.
    pub offset: u64,
}

macro_rules! anomaly_kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)*) => {
        /// The ways in which a connection can bend what is agreed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum AnomalyKind {
            $($(#[$doc])* $kind,)*
        }

        impl AnomalyKind {
            /// Every kind, in the order of their definition.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The kind for output, lower case with hyphens: `record-unauthentic`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }
        }
    };
}

anomaly_kinds! {
    /// Bytes that begin no record (RFC 8446 section 5.1).
    NotARecord = "not-a-record",
    /// A record longer than its version allows; it is read if it can be (RFC 8446 section 5.2).
    RecordTooLong = "record-too-long",
    /// A record of handshake, alert or change cipher spec without content (RFC 8446 section 5.1).
    EmptyRecord = "empty-record",
    /// The versions of records differ once the version is agreed.
    RecordVersion = "record-version",
    /// A record whose authentication fails: damaged, or a secret that does not fit. It is not passed on.
    RecordUnauthentic = "record-unauthentic",
    /// The stream ended inside a record.
    RecordTruncated = "record-truncated",
    /// A change cipher spec that is not the one byte 1 (RFC 5246 section 7.1).
    ChangeCipherSpecOdd = "change-cipher-spec-odd",
    /// A change cipher spec where nothing was agreed that it could begin.
    ChangeCipherSpecEarly = "change-cipher-spec-early",
    /// An alert that is not two bytes long (RFC 8446 section 6).
    AlertOdd = "alert-odd",
    /// A handshake message that ends before what it announces.
    HandshakeTruncated = "handshake-truncated",
    /// A handshake message with bytes behind its end.
    HandshakeTrailingBytes = "handshake-trailing-bytes",
    /// A handshake message beyond the bound; it is passed over.
    HandshakeTooLong = "handshake-too-long",
    /// A handshake message of a type nobody here knows (RFC 8446 section 4).
    HandshakeUnknown = "handshake-unknown",
    /// A hello from the side it does not belong to, or a second one where none may be.
    HelloUnexpected = "hello-unexpected",
    /// The server picked what the client had not offered: version, suite or compression.
    NotOffered = "not-offered",
    /// An extension stands twice in one message (RFC 8446 section 4.2).
    ExtensionRepeated = "extension-repeated",
    /// An extension whose content cannot be read.
    ExtensionOdd = "extension-odd",
    /// A certificate that cannot be read.
    CertificateOdd = "certificate-odd",
    /// A certificate chain in which one does not certify the one before it (RFC 5246 section 7.4.2).
    ChainOutOfOrder = "chain-out-of-order",
    /// A certificate chain beyond the bound.
    ChainTooLong = "chain-too-long",
    /// Plain application data before encryption began.
    PlainApplicationData = "plain-application-data",
    /// Records were lost in a gap, and the reading goes on behind it.
    Resynchronised = "resynchronised",
}
