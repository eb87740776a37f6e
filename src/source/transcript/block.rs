//! A block: what one side sent, or what became of its direction. No text here, and no bytes: they stand beside it.

use std::net::SocketAddr;

use crate::source::Timestamp;

/// One block of a transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Who speaks.
    pub speaker: Speaker,
    /// The speaker's address.
    pub source: SocketAddr,
    /// The other side's.
    pub destination: SocketAddr,
    /// Time of the first byte; the frame's own time is that of the last.
    pub since: Timestamp,
    /// What the block is.
    pub kind: BlockKind,
}

/// Who speaks in a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The device: `>>`.
    Cpe,
    /// The ACS: `<<`.
    Acs,
}

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockKind {
    /// Bytes of a TCP connection.
    Stream,
    /// A UDP datagram.
    Datagram,
    /// Bytes are missing here; how many, where it is known.
    Gap(Option<u32>),
    /// The speaker closed its direction.
    Fin,
    /// The speaker gave the connection up.
    Reset,
    /// Nothing was said until now.
    Quiet,
    /// What the connection says from here on is said inside TLS, of which the content tells.
    Tls,
}

impl BlockKind {
    /// Whether lines of content stand below the block line.
    #[must_use]
    pub fn has_content(self) -> bool {
        matches!(self, Self::Stream | Self::Datagram | Self::Tls)
    }
}
