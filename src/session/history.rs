//! What one session was: its RPCs, its steps, its outcome, and what set it off.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::{Cause, DatagramKind, Evidence, Learned, Side, Transport};
use crate::source::{FrameId, Timestamp};

/// One CWMP session (TR-069 3.7), over however many connections it took.
#[derive(Debug, Clone)]
pub struct Session {
    /// Counted from 1 at the session's first request.
    pub number: u32,
    /// Time of the first byte of its first message.
    pub start: Timestamp,
    /// Time of the last byte of its last message.
    pub end: Timestamp,
    /// `OUI[-ProductClass]-SerialNumber`, percent-encoded (TR-069 3.4.4); `None` where no Inform was seen.
    pub device: Option<Arc<str>>,
    /// The device side.
    pub cpe: Cpe,
    /// The ACS side.
    pub acs: Acs,
    /// What carried it.
    pub transport: Transport,
    /// The CWMP namespace of its envelopes, as on the wire.
    pub namespace: Option<String>,
    /// The version both sides settled on: by namespace, or by UseCWMPVersion.
    pub negotiated_version: Option<String>,
    /// TCP connections it used, by number, in order of first use.
    pub connections: Vec<u64>,
    /// EventCodes of its Inform, as on the wire.
    pub events: Vec<String>,
    /// RPCs in the order of their requests.
    pub rpcs: Vec<Rpc>,
    /// Every HTTP message of it, in time order; but on one connection an answer stands behind its question, whatever their times.
    pub steps: Vec<Step>,
    /// How it ended.
    pub outcome: Outcome,
    /// Messages that a gap of the capture touches.
    pub gaps: u32,
    /// Packets that were lost on the way to us while it was open, whosever they were; `None` where nobody counts them.
    pub dropped: Option<u64>,
    /// RetryCount of its Inform.
    pub retry_count: Option<u32>,
    /// Every connection of it had been closed by a peer when it ended.
    pub closed_by_peer: bool,
    /// Who ended its connections while it was followed, in time order, as far as a bound allows.
    pub endings: Vec<Ending>,
    /// It cannot go on any more: time enough has passed since, or its device has begun another. Otherwise the capture ended.
    pub is_over: bool,
    /// What set it off, where the capture tells.
    pub triggered_by: Option<Trigger>,
    /// Values that decide how the device is reached, in time order, as far as a bound allows; none unless they are wanted.
    pub learned: Vec<Learned>,
}

impl Session {
    /// So many packets were lost on the way here while it was open: what seems to be silence may be theirs.
    pub fn note_dropped(&mut self, packets: u64) {
        self.dropped = Some(packets);
        if packets > 0 && self.outcome == Outcome::Aborted && !self.closed_by_peer {
            self.outcome = Outcome::Incomplete;
        }
    }

    /// Whether it ended as it should, so that nothing of it is still to come.
    #[must_use]
    pub fn has_ended_well(&self) -> bool {
        matches!(self.outcome, Outcome::Complete | Outcome::Faulted)
    }
}

/// One side of a connection said that it says no more, or broke it off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// The TCP connection.
    pub connection: u64,
    /// Who.
    pub by: Side,
    /// RST; else FIN.
    pub reset: bool,
    /// When.
    pub time: Timestamp,
    /// The frame.
    pub frame: FrameId,
}

/// The device side of a session.
#[derive(Debug, Clone, Default)]
pub struct Cpe {
    /// Its address as the capture sees it.
    pub address: Option<IpAddr>,
    /// DeviceId.Manufacturer.
    pub manufacturer: Option<String>,
    /// DeviceId.OUI.
    pub oui: Option<String>,
    /// DeviceId.ProductClass.
    pub product_class: Option<String>,
    /// DeviceId.SerialNumber.
    pub serial_number: Option<String>,
    /// DeviceInfo.SoftwareVersion of the Inform's parameters.
    pub software_version: Option<String>,
}

/// The ACS side of a session.
#[derive(Debug, Clone, Default)]
pub struct Acs {
    /// Its address as the capture sees it.
    pub address: Option<IpAddr>,
    /// Its port.
    pub port: Option<u16>,
    /// The URL that the device posts to, from Host and target.
    pub url: Option<String>,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// As TR-069 3.7.1.4 wants it.
    Complete,
    /// So too, with an RPC fault inside.
    Faulted,
    /// The ACS refused: HTTP error, or a challenge left unanswered.
    Rejected,
    /// Cut by FIN, RST or silence before its end.
    Aborted,
    /// The capture does not hold all of it.
    Incomplete,
}

impl Outcome {
    /// As the JSON writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Faulted => "faulted",
            Self::Rejected => "rejected",
            Self::Aborted => "aborted",
            Self::Incomplete => "incomplete",
        }
    }
}

/// One RPC: its request and what answered it.
#[derive(Debug, Clone)]
pub struct Rpc {
    /// Name of the method, as on the wire.
    pub method: String,
    /// Who asked.
    pub from: Side,
    /// cwmp:ID of the request.
    pub id: Option<String>,
    /// Frames of the request (of its last sending, where a challenge made it go out again).
    pub request_frames: Vec<FrameId>,
    /// Time of the request's last byte.
    pub request_time: Timestamp,
    /// Element name of the answer (`InformResponse`, `Fault`).
    pub response: Option<String>,
    /// Frames of the answer.
    pub response_frames: Vec<FrameId>,
    /// FaultCode, where the answer is a Fault.
    pub fault_code: Option<String>,
    /// From the request's last byte to the answer's last byte, milliseconds.
    pub elapsed_ms: Option<f64>,
}

/// One HTTP message of a session, as the ladder draws it.
#[derive(Debug, Clone)]
pub struct Step {
    /// Time of the message's last byte.
    pub time: Timestamp,
    /// Who spoke.
    pub from: Side,
    /// What it was.
    pub kind: StepKind,
    /// Frames that carried it.
    pub frames: Vec<FrameId>,
    /// The TCP connection.
    pub connection: u64,
    /// The HTTP status, for a response; the code of a STUN error.
    pub status: Option<u16>,
    /// Whether the capture holds all of it.
    pub evidence: Evidence,
    /// Some of its bytes came twice and were not the same.
    pub contested: bool,
    /// HoldRequests of its header, where present.
    pub hold_requests: Option<bool>,
    /// Bytes of the body on the wire.
    pub body_bytes: u64,
    /// What it says in a few words: event codes, parameter paths with counts, file names, fault strings; wire text, to be escaped by whoever prints it, and no secret.
    pub detail: Option<String>,
}

/// What a step was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepKind {
    /// Envelopes, by element name and FaultCode (one, but for Issue 1).
    Envelopes(Vec<(String, Option<String>)>),
    /// A request without a body.
    EmptyRequest,
    /// A response without a body.
    EmptyResponse,
    /// 401 or 407.
    Challenge,
    /// 3xx, and where to.
    Redirect(Option<String>),
    /// Any other HTTP error.
    HttpError,
    /// A body that holds no readable envelope.
    Undecodable,
    /// A request that is not a POST (Connection Requests, transfers), by method and target.
    Request(String, String),
    /// A response to such a request.
    Response,
    /// A datagram, and what it is in a few words.
    Datagram(DatagramKind, String),
    /// A line of FTP or a datagram of TFTP, in its own words.
    Said(String),
    /// One that says no.
    Refused(String),
    /// A file on its way, as far as the capture shows it: by FTP or TFTP, with its first and its last frame.
    Data,
    /// SYNs that ask for a connection which never came about.
    Attempt {
        /// How often.
        syns: u32,
    },
    /// RST in answer to them.
    Reset,
    /// An ICMP error: type and code in words, and who says it.
    Unreachable(&'static str, IpAddr),
}

/// What set a session off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// What it was.
    pub kind: TriggerKind,
    /// The frames that show it.
    pub frames: Vec<FrameId>,
}

/// What can set a session off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TriggerKind {
    /// An HTTP Connection Request (TR-069 3.2.2).
    HttpConnectionRequest,
    /// A UDP Connection Request (TR-111 part II).
    UdpConnectionRequest,
    /// The device started: `1 BOOT`.
    Boot,
    /// The periodic timer: `2 PERIODIC`.
    Periodic,
    /// A parameter changed: `4 VALUE CHANGE`.
    ValueChange,
    /// A transfer ended: `7 TRANSFER COMPLETE` and its M events.
    TransferComplete,
    /// ScheduleInform: `3 SCHEDULED` and `M ScheduleInform`.
    Scheduled,
    /// Diagnostics ended: `8 DIAGNOSTICS COMPLETE`.
    Diagnostics,
    /// First contact: `0 BOOTSTRAP`.
    Bootstrap,
}

impl TriggerKind {
    /// As the JSON writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::HttpConnectionRequest => "http_connection_request",
            Self::UdpConnectionRequest => "udp_connection_request",
            Self::Boot => "boot",
            Self::Periodic => "periodic",
            Self::ValueChange => "value_change",
            Self::TransferComplete => "transfer_complete",
            Self::Scheduled => "scheduled",
            Self::Diagnostics => "diagnostics",
            Self::Bootstrap => "bootstrap",
        }
    }
}

/// A file transfer over HTTP, FTP or TFTP.
#[derive(Debug, Clone)]
pub struct Transfer {
    /// The device that fetched or sent the file, where known.
    pub device: Option<Arc<str>>,
    /// Who opened the connection, or asked for the file.
    pub source: SocketAddr,
    /// The file server, where it was asked.
    pub destination: SocketAddr,
    /// What carried it.
    pub method: TransferMethod,
    /// Which way the file went, seen from the device.
    pub direction: TransferDirection,
    /// The target or file as on the wire; with FTP behind the directory that the device had gone to.
    pub name: String,
    /// Bytes of the file that went over the wire; `None` where the capture does not hold the data connection.
    pub bytes: Option<u64>,
    /// Of these, bytes that the capture lacks, as the numbers of segments and blocks tell; `None` where they do not.
    pub missing_bytes: Option<u64>,
    /// The size of the file, where the side that has it told.
    pub announced_bytes: Option<u64>,
    /// What came of it.
    pub result: TransferResult,
    /// Final HTTP status, last reply code of FTP, error code of TFTP.
    pub code: Option<u16>,
    /// The words that came with the code, of FTP and TFTP; wire text, to be masked and escaped by whoever prints it.
    pub reason: Option<String>,
    /// The RPC that asked for it.
    pub caused_by: Option<Cause>,
    /// Requests and answers in time order.
    pub steps: Vec<Step>,
}

impl Transfer {
    /// Time of its last byte.
    #[must_use]
    pub fn end(&self) -> Option<Timestamp> {
        self.steps.iter().map(|step| step.time).max()
    }
}

/// What carried a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TransferMethod {
    /// HTTP/1.x.
    Http,
    /// FTP (RFC 959).
    Ftp,
    /// TFTP (RFC 1350).
    Tftp,
}

impl TransferMethod {
    /// As the JSON writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Ftp => "ftp",
            Self::Tftp => "tftp",
        }
    }
}

/// What came of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TransferResult {
    /// HTTP 2xx; FTP 2yz; the last block of TFTP acknowledged.
    Complete,
    /// Any other status of HTTP; FTP 4yz or 5yz, also to a login or directory on the way to the file; TFTP's ERROR.
    Failed,
    /// It began, and the capture holds no end of it.
    Cut,
    /// Nothing answered it.
    Unanswered,
}

impl TransferResult {
    /// As the JSON writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::Cut => "cut",
            Self::Unanswered => "unanswered",
        }
    }
}

/// Which way a file went, seen from the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferDirection {
    /// To the device.
    Download,
    /// From the device.
    Upload,
}

impl TransferDirection {
    /// As the JSON writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Download => "download",
            Self::Upload => "upload",
        }
    }
}
