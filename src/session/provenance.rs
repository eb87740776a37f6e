//! Where a message came from: the frames that carried it, the connection, the side that spoke.

use std::net::SocketAddr;
use std::sync::Arc;

use super::TlsConnection;
use crate::source::{FrameId, Timestamp};

/// Who spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The device.
    Cpe,
    /// The Auto-Configuration Server.
    Acs,
    /// Anyone else (a file server, a browser), or not known.
    Other,
}

impl Side {
    /// As the JSON writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpe => "cpe",
            Self::Acs => "acs",
            Self::Other => "other",
        }
    }
}

/// Whether the capture holds the whole of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Evidence {
    /// Every byte.
    #[default]
    Complete,
    /// Bytes are missing in the middle.
    Gap,
    /// The snap length, the end of the capture or a bound of ours cut it.
    Truncated,
}

impl Evidence {
    /// As the JSON writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Gap => "gap",
            Self::Truncated => "truncated",
        }
    }
}

/// What carries the HTTP messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Transport {
    /// Plain TCP.
    #[default]
    Http,
    /// TLS.
    Https,
}

impl Transport {
    /// As the JSON writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// From which stream offset on a frame carried the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carried {
    /// Offset of the first byte in the stream.
    pub offset: u64,
    /// The frame that first carried it.
    pub frame: FrameId,
}

/// Bytes of a message that came twice and were not the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverlapConflict {
    /// Bytes from the start of the message to the first that differs.
    pub offset: u64,
    /// Bytes from the first to the last that differs.
    pub length: u64,
    /// What was read: the first of these bytes, at most 64.
    pub kept: Vec<u8>,
    /// What was not read, as many of them; as sent, so that it may hold secrets.
    pub other: Vec<u8>,
    /// The frame that carried what was read.
    pub kept_frame: FrameId,
    /// The frame that carried the other bytes.
    pub other_frame: FrameId,
}

/// The origin of one message.
#[derive(Debug, Clone)]
pub struct Provenance {
    /// The TCP connection, counted from 1 in the order in which first messages arrived.
    pub connection: u64,
    /// Who sent it.
    pub source: SocketAddr,
    /// Who was to receive it.
    pub destination: SocketAddr,
    /// What carried it.
    pub transport: Transport,
    /// The TLS that it was read out of; None for plain TCP, and where TLS ended before the capture.
    pub tls: Option<Arc<TlsConnection>>,
    /// The message's bytes by frame, in stream order.
    pub carried: Vec<Carried>,
    /// Time of its first byte.
    pub started: Timestamp,
    /// Time of its last byte.
    pub time: Timestamp,
    /// Whether the capture holds all of it.
    pub evidence: Evidence,
    /// Where its bytes came twice and were not the same, as far as a bound allows.
    pub overlaps: Vec<OverlapConflict>,
    /// The SYN of its direction is in the capture: nothing was said there before what is known.
    pub from_syn: bool,
}

impl Provenance {
    /// The frames that first carried a byte of the message, ascending, each once.
    #[must_use]
    pub fn frames(&self) -> Vec<FrameId> {
        let mut frames: Vec<FrameId> = self.carried.iter().map(|carried| carried.frame).collect();
        frames.sort_unstable();
        frames.dedup();
        frames
    }

    /// The frame that first carried the byte at this stream offset.
    #[must_use]
    pub fn frame_at(&self, stream_offset: u64) -> Option<FrameId> {
        let after = self
            .carried
            .partition_point(|carried| carried.offset <= stream_offset);
        self.carried
            .get(after.checked_sub(1)?)
            .map(|carried| carried.frame)
    }
}
