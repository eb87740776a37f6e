//! What a connection has to say.

use std::ops::Range;

use crate::{Alert, Anomaly, Certificate, ClientHello, Reason, ServerHello};

/// One of the two streams of a connection; which is the client's is learned from its hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// The one the caller calls so.
    Forward,
    /// The other.
    Backward,
}

impl Direction {
    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Forward => Self::Backward,
            Self::Backward => Self::Forward,
        }
    }
}

/// What a [`crate::Connection`] tells. Offsets are places in the stream of the direction.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// Something was learned of the handshake.
    Handshake {
        /// Who said it.
        direction: Direction,
        /// Of the message, or of the record that ends it where that is enciphered.
        offset: u64,
        /// What.
        fact: Fact,
    },
    /// Plain bytes of the application, in order.
    Plain {
        /// Who sent them.
        direction: Direction,
        /// The content of one record.
        bytes: &'a [u8],
        /// The record they came from, with its head.
        from: Range<u64>,
    },
    /// An alert; None where it is enciphered and cannot be read.
    Alert {
        /// Who sent it.
        direction: Direction,
        /// Of its record.
        offset: u64,
        /// What it says.
        alert: Option<Alert>,
    },
    /// The sender has said that no more will follow (close_notify).
    End {
        /// Who.
        direction: Direction,
        /// Of the record that says so.
        offset: u64,
    },
    /// Something was odd.
    Anomaly(Anomaly),
    /// Bytes of the application may stand here that do not come out: plain bytes are missing at this point.
    Undecryptable {
        /// Of which direction.
        direction: Direction,
        /// Where: one record, or what a gap made unreadable.
        from: Range<u64>,
        /// Why.
        reason: Reason,
    },
}

/// What is learned of a handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// What the client offers.
    ClientHello(Box<ClientHello>),
    /// What the server picked.
    ServerHello(Box<ServerHello>),
    /// The server asks for another hello.
    HelloRetryRequest(Box<ServerHello>),
    /// TLS 1.3: what the server adds once it is enciphered.
    EncryptedExtensions {
        /// The protocol above TLS.
        alpn: Option<Vec<u8>>,
        /// Data before its answer is taken.
        early_data: bool,
    },
    /// A chain as sent, that of the sender first.
    Certificates {
        /// Those that can be read, up to the bound.
        chain: Vec<Certificate>,
        /// How many were sent.
        count: usize,
    },
    /// The server asks for a certificate.
    CertificateRequest,
    /// The server gives a ticket to resume with.
    Ticket {
        /// Seconds for which it holds.
        lifetime_s: u32,
        /// Its length.
        bytes: usize,
    },
    /// This direction goes on with new keys (RFC 8446 section 4.6.3).
    KeyUpdate,
    /// The sender has finished its handshake, and this could be read.
    Finished,
    /// A session is resumed.
    Resumed,
    /// Records of this direction can be read from here on.
    Readable(Source),
    /// Another message, by its type.
    Other(u8),
}

/// Where the secret comes from that opens records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A line of the key log.
    KeyLog,
    /// The private key of the server.
    PrivateKey,
    /// A handshake that was seen earlier.
    Session,
}
