//! A Connection Request, over HTTP (TR-069 3.2.2) or UDP (TR-111 part II), with what came of it and why nothing did.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::{Step, StepKind};
use crate::source::{FrameId, Timestamp};

/// A Connection Request: over HTTP with its challenge and the answer to it, over UDP with its copies.
#[derive(Debug, Clone)]
pub struct ConnectionRequest {
    /// The device it was sent to, where known.
    pub device: Option<Arc<str>>,
    /// How it came.
    pub carrier: ConnectionRequestCarrier,
    /// Who asked.
    pub source: SocketAddr,
    /// Where to.
    pub destination: SocketAddr,
    /// Requests and answers in time order; of UDP every copy.
    pub steps: Vec<Step>,
    /// The final HTTP status; `None` where nothing whole came back.
    pub status: Option<u16>,
    /// The session it set off.
    pub session: Option<u32>,
    /// What came of it.
    pub result: ConnectionRequestResult,
    /// What the capture shows that explains the result, the weightiest first.
    pub reasons: Vec<Reason>,
    /// Frames of HTTP text that came back by UDP, where nothing has to come, as far as a bound allows.
    pub answered_in: Vec<FrameId>,
    /// The device tried to reach an ACS afterwards, and nothing answered; or it spoke where nobody can read it.
    pub device_tried: bool,
    /// It is signed (TR-069 Amendment 3 section G.2.2.3), and no known password says whether rightly.
    pub unverified: bool,
}

/// What carries a Connection Request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConnectionRequestCarrier {
    /// HTTP GET (TR-069 Amendment 3 section 3.2.2).
    Http,
    /// A datagram (TR-069 Amendment 3 annex G).
    Udp,
}

impl ConnectionRequestCarrier {
    /// As the JSON writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Udp => "udp",
        }
    }
}

/// What came of a Connection Request, and what explains it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CameOf {
    /// What came of it.
    pub result: ConnectionRequestResult,
    /// What the capture shows that explains it, the weightiest first.
    pub reasons: Vec<Reason>,
    /// The first frame of its last HTTP message; `None` over UDP.
    pub last_leg: Option<FrameId>,
}

/// What came of a Connection Request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConnectionRequestResult {
    /// The device opened a session for it.
    Session,
    /// The device agreed with 200 or 204, and no session came.
    NoSession,
    /// The device, or what stands before it, refused.
    Refused,
    /// The device said that it is busy: 503.
    Busy,
    /// It went where the device listens, and no session came.
    Ignored,
    /// Nothing shows that it reached the device.
    NeverArrived,
    /// The capture does not hold enough to tell.
    Undetermined,
}

impl ConnectionRequestResult {
    /// As the JSON writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::NoSession => "no_session",
            Self::Refused => "refused",
            Self::Busy => "busy",
            Self::Ignored => "ignored",
            Self::NeverArrived => "never_arrived",
            Self::Undetermined => "undetermined",
        }
    }
}

/// Something that explains why a Connection Request went as it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The target is not that of the ConnectionRequestURL last reported.
    WrongUrl {
        /// What the device reported.
        reported: String,
    },
    /// It did not go to where the device's binding stands, or to the address last reported.
    WrongAddress {
        /// Where the device can be reached.
        expected: SocketAddr,
    },
    /// It did not come from the address and port of the STUN server, through which alone a NAT may let it in (TR-069
    /// Amendment 3 section G.2.2.3).
    WrongSource {
        /// The STUN server that the device talks to.
        expected: SocketAddr,
    },
    /// No keep-alive went through the binding for so long that the NAT may have dropped it.
    BindingExpired {
        /// Milliseconds since the last Binding Request.
        silence_ms: i64,
    },
    /// Its `ts` is not greater than that of a request before it (TR-069 Amendment 3 section G.2.2.1).
    StaleTimestamp {
        /// The greatest `ts` before.
        previous: String,
    },
    /// Its `id` was used before.
    RepeatedId,
    /// The signature does not match the password.
    BadSignature,
    /// The user name is not the device's.
    WrongUser,
    /// What it authenticates with does not match the password.
    BadCredentials,
    /// Nobody came back with an answer to the device's challenge.
    ChallengeUnanswered,
    /// The challenge was answered, and the device challenged again.
    CredentialsRefused,
    /// The datagram bends the form of TR-069 Amendment 3 section G.2.2.3.
    BentForm {
        /// Its departures, as `anomalies` names them.
        anomalies: Vec<&'static str>,
    },
    /// The device was in a session already.
    InSession {
        /// Which.
        session: u32,
    },
    /// The device's TCP refused the connection.
    Reset,
    /// A router or the device said by ICMP that it cannot be reached.
    Unreachable {
        /// ICMP type and code in words.
        says: &'static str,
        /// Who says so.
        by: IpAddr,
    },
    /// Nothing came back.
    NoAnswer,
    /// Any other HTTP status.
    Status {
        /// The status.
        status: u16,
    },
    /// The device came, but without `6 CONNECTION REQUEST`.
    OtherEvent {
        /// The session that did come.
        session: u32,
    },
    /// The capture ends before the device had to come.
    CaptureEnds {
        /// Milliseconds that it goes on for.
        after_ms: i64,
    },
    /// Bytes of it are missing from the capture.
    Gap,
}

impl Reason {
    /// As the JSON writes it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::WrongUrl { .. } => "wrong_url",
            Self::WrongAddress { .. } => "wrong_address",
            Self::WrongSource { .. } => "wrong_source",
            Self::BindingExpired { .. } => "binding_expired",
            Self::StaleTimestamp { .. } => "stale_timestamp",
            Self::RepeatedId => "repeated_id",
            Self::BadSignature => "bad_signature",
            Self::WrongUser => "wrong_user",
            Self::BadCredentials => "bad_credentials",
            Self::ChallengeUnanswered => "challenge_unanswered",
            Self::CredentialsRefused => "credentials_refused",
            Self::BentForm { .. } => "bent_form",
            Self::InSession { .. } => "in_session",
            Self::Reset => "reset",
            Self::Unreachable { .. } => "unreachable",
            Self::NoAnswer => "no_answer",
            Self::Status { .. } => "status",
            Self::OtherEvent { .. } => "other_event",
            Self::CaptureEnds { .. } => "capture_ends",
            Self::Gap => "gap",
        }
    }
}

impl ConnectionRequest {
    /// What came of it, to be told with each of its messages.
    #[must_use]
    pub fn came_of(&self) -> Arc<CameOf> {
        Arc::new(CameOf {
            result: self.result,
            reasons: self.reasons.clone(),
            last_leg: self.last_leg(),
        })
    }

    fn last_leg(&self) -> Option<FrameId> {
        let of_http = |step: &&Step| {
            !matches!(
                step.kind,
                StepKind::Datagram(..)
                    | StepKind::Attempt { .. }
                    | StepKind::Reset
                    | StepKind::Unreachable(..)
            )
        };
        let last = self.steps.iter().rev().find(of_http)?;
        last.frames.first().copied()
    }

    /// When it was sent first.
    #[must_use]
    pub fn start(&self) -> Timestamp {
        let first = self.steps.iter().map(|step| step.time).min();
        first.unwrap_or_default()
    }
}
