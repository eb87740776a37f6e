//! What FTP and TFTP tell of files that move, as it goes into the state machine: facts with their frames, no judgement.

use std::net::SocketAddr;

use crate::source::{FrameId, Timestamp};

/// What a control connection of FTP told.
#[derive(Debug)]
pub struct FtpTold {
    /// The connection, by any number that is its own; they grow.
    pub connection: u64,
    /// Who opened it.
    pub client: SocketAddr,
    /// Who answers.
    pub server: SocketAddr,
    /// What it told.
    pub told: Told,
}

/// Something that a control connection told.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "an event is what is told nearly always, and all goes in one box"
)]
pub enum Told {
    /// Lines of it.
    Event {
        /// What they say.
        kind: ftp::EventKind,
        /// The line that told it.
        line: Stretch,
        /// Of a transfer, the line that asked for it.
        command: Option<Stretch>,
    },
    /// Nothing more comes.
    Closed,
}

/// A line or a datagram: its frames, and the time of its last byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// The frames that carried it.
    pub frames: Vec<FrameId>,
    /// Time of the last of them.
    pub time: Timestamp,
}

/// A frame and its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sighting {
    /// Which.
    pub frame: FrameId,
    /// When.
    pub time: Timestamp,
}

/// A side of a TCP connection ends it: by FIN, where what it said before is read, or by RST.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parting {
    /// The connection, by the number that its messages come with.
    pub connection: u64,
    /// Who ends it.
    pub by: SocketAddr,
    /// RST, not FIN.
    pub reset: bool,
    /// The frame and its time.
    pub seen: Sighting,
}

/// A TCP connection on which one side alone sent bytes, as a data connection of FTP is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataConnection {
    /// Who sent.
    pub sender: SocketAddr,
    /// Who did not.
    pub receiver: SocketAddr,
    /// Bytes that went over the wire, as the sequence numbers tell.
    pub bytes: u64,
    /// Of these, bytes that the capture lacks; `None` where its beginning or its end was not seen.
    pub missing_bytes: Option<u64>,
    /// The first frame with bytes, and the last.
    pub sightings: [Sighting; 2],
}

/// A transfer by TFTP that is over, or given up.
#[derive(Debug)]
pub struct TftpTold {
    /// What it was.
    pub transfer: tftp::Transfer,
    /// Its request.
    pub request: Stretch,
    /// The first frame with a block, and the last.
    pub data: Option<[Sighting; 2]>,
    /// Its last datagram, where that ended it.
    pub end: Option<Stretch>,
}
