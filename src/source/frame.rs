//! The plain facts of a capture: a frame, its time, the file it stands in. No reading here.

use std::sync::Arc;

use link::LinkType;

use super::capture_file::Secret;
use super::transcript::Block;

/// One captured frame, or one block of a transcript; its bytes are borrowed from the reader's buffer.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// Which frame of which file.
    pub id: FrameId,
    /// When it was captured.
    pub time: Timestamp,
    /// What its bytes are.
    pub content: Content<'a>,
    /// What was captured of it.
    pub bytes: &'a [u8],
    /// The buffer in which these bytes lie, for whoever wants to keep them without a copy.
    pub buffer: Option<&'a Buffer>,
    /// Decryption secrets that the capture has shown up to this frame, in the order met.
    pub secrets: &'a [Secret],
}

/// A stretch of a capture file.
pub type Buffer = Arc<Vec<u8>>;

impl Frame<'_> {
    /// Link layer and length on the wire, where it is a packet.
    #[must_use]
    pub fn packet(&self) -> Option<(LinkType, u32)> {
        match self.content {
            Content::Packet {
                link_type,
                original_length,
            } => Some((link_type, original_length)),
            Content::Block(_) => None,
        }
    }
}

/// What the bytes of a frame are.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// A packet as captured.
    Packet {
        /// The link layer its bytes begin with.
        link_type: LinkType,
        /// Length on the wire, in bytes; more than there are where the snap length cut it.
        original_length: u32,
    },
    /// Payload without packets around it: a block of a transcript.
    Block(&'a Block),
}

/// A frame's place: the file (from 0) and the number in it (from 1, as Wireshark counts).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameId(u64);

impl FrameId {
    /// The frame `number` (from 1) of the file `file` (from 0).
    #[must_use]
    pub fn new(file: u16, number: u64) -> Self {
        Self(u64::from(file) << 48 | number & NUMBER_MASK)
    }

    /// The file, counted from 0 in the order given on the command line.
    #[must_use]
    pub fn file(self) -> u16 {
        (self.0 >> 48) as u16
    }

    /// The frame's number in its file, counted from 1.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0 & NUMBER_MASK
    }

    /// As one number, for dissectors that only carry it along.
    #[must_use]
    pub fn token(self) -> u64 {
        self.0
    }

    /// Back from [`FrameId::token`].
    #[must_use]
    pub fn from_token(token: u64) -> Self {
        Self(token)
    }
}

/// A moment in the capture: nanoseconds since 1970 in UTC, and how many decimals of a second the file really has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp {
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    pub nanoseconds: i64,
    /// Decimals of a second that the capture resolves, 0 to 9.
    pub digits: u8,
}

impl Timestamp {
    /// Milliseconds from `earlier` to here; negative where the clock ran back.
    #[must_use]
    pub fn milliseconds_since(self, earlier: Self) -> f64 {
        self.nanoseconds.saturating_sub(earlier.nanoseconds) as f64 / 1e6
    }
}

/// The container a capture file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// The classic libpcap format, any variant.
    Pcap,
    /// The block format.
    Pcapng,
    /// The readable text of docs/transcript.md.
    Transcript,
}

impl FileFormat {
    /// As the JSON writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pcap => "pcap",
            Self::Pcapng => "pcapng",
            Self::Transcript => "transcript",
        }
    }
}

/// What is known of one input file, as far as it has been read.
#[derive(Debug, Clone, Default)]
pub struct FileFacts {
    /// The path as given; `-` for standard input.
    pub path: String,
    /// The container; `None` until its first bytes are read.
    pub format: Option<FileFormat>,
    /// The compression around it (`gzip`, `zstd`), if any.
    pub compression: Option<&'static str>,
    /// Link types in the order they appeared; a transcript has none.
    pub link_types: Vec<LinkType>,
    /// Frames read; of a transcript its blocks.
    pub frames: u64,
    /// Captured bytes of all frames; of a transcript the payload.
    pub bytes: u64,
    /// Frames that the snap length cut.
    pub frames_cut: u64,
    /// Time of the earliest frame.
    pub first: Option<Timestamp>,
    /// Time of the latest frame.
    pub last: Option<Timestamp>,
    /// Packets dropped, as far as the file itself tells (pcapng interface statistics).
    pub dropped: Option<u64>,
    /// The file ended inside a record or was corrupt from some offset on.
    pub truncated: bool,
    /// Comments of the file, its interfaces and its packets (pcapng), up to a bound.
    pub comments: Vec<String>,
}

const NUMBER_MASK: u64 = (1 << 48) - 1;
