//! What came of a replay: its steps, what differed, and the verdict. Values for reports; `replay` makes them.

use std::net::SocketAddr;
use std::time::Duration;

use super::{Excerpt, Position};

/// One scenario, played.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    /// The scenario's directory name.
    pub scenario: String,
    /// The side that was played: `acs` or `cpe`.
    pub role: &'static str,
    /// The device that said who it is, or that was played.
    pub device: Option<String>,
    /// The other side.
    pub peer: Option<SocketAddr>,
    /// From the beginning of the run to its end.
    pub took: Duration,
    /// All steps of the scenario, in order, also those that were not reached.
    pub steps: Vec<ReplayStep>,
    /// Differences that belong to no step: messages that nothing expected.
    pub differences: Vec<Difference>,
    /// What was left out of the comparison, and how often: `cwmp:ID`, `Inform.CurrentTime`.
    pub ignored: Vec<(String, u32)>,
    /// Whether it went as recorded.
    pub verdict: ReplayVerdict,
    /// What came of TLS; nothing where HTTP went plain and nobody tried anything else.
    pub tls: Option<ReplayedTls>,
}

/// TLS of a replay.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReplayedTls {
    /// Of the connection that last carried a message; nothing where none did.
    pub secured: Option<Secured>,
    /// Connections that came to nothing, the same of one address once.
    pub failures: Vec<TlsFailure>,
}

/// A connection over TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secured {
    /// `TLS 1.2`.
    pub version: String,
    /// As IANA names it: `TLS_AES_128_GCM_SHA256`.
    pub cipher_suite: String,
    /// Whether the other side's certificate was verified.
    pub verified: bool,
}

/// A connection that was to go over TLS, and did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFailure {
    /// With whom: the first of those with this address.
    pub peer: SocketAddr,
    /// Why.
    pub reason: String,
    /// How often.
    pub count: u32,
}

/// A step, played.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplayStep {
    /// Counted from 1.
    pub number: u32,
    /// What the scenario wants: `expect Inform`, `send SetParameterValues`, `await M Download`, `connection request`.
    pub wanted: String,
    /// Who speaks in it; nobody where it is no message.
    pub from: Option<super::Side>,
    /// The harm class of what is sent: `read`, `set`, `disrupt`, `destroy`.
    pub class: Option<&'static str>,
    /// What came: `SetParameterValuesResponse`, `Fault 9007`, `connection closed`; nothing for what was sent as wanted.
    pub came: Option<String>,
    /// How it went.
    pub result: StepResult,
    /// When it was done, since the run began.
    pub at: Option<Duration>,
    /// What differs.
    pub differences: Vec<Difference>,
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepResult {
    /// As wanted.
    Passed,
    /// Something differs.
    Differs,
    /// What came differs, and the scenario tolerates it.
    Tolerated,
    /// The guard did not let it out.
    Refused,
    /// The peer or the network failed.
    Failed,
    /// Not reached.
    Skipped,
}

/// Whether a replay went as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplayVerdict {
    /// Every step passed.
    Passed,
    /// Something differs.
    Differs,
    /// The peer or the network failed, and how: no verdict about what it says.
    PeerFailed(String),
    /// The guard refused, and why: nothing of it was sent.
    Refused(String),
}

/// One thing that is not as recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// What kind.
    pub class: DifferenceClass,
    /// The step, or the message of the session, counted from 1.
    pub step: Option<u32>,
    /// The element in the SOAP body, or what else the message is: `empty`.
    pub message: Option<String>,
    /// Where in the message: `ParameterList/Device.X/Value`, `Status`, `header SOAPAction`; empty for the whole.
    pub place: String,
    /// What was recorded, or what has to hold.
    pub expected: Option<String>,
    /// What came.
    pub actual: Option<String>,
    /// Both are secrets: outputs mask them.
    pub is_secret: bool,
    /// Both are words of ours about what came, and no values: nothing in them is a secret.
    pub is_wording: bool,
    /// Where it stands in the body that came.
    pub position: Option<Position>,
    /// That part of the body, for whoever draws it.
    pub excerpt: Option<Box<Excerpt>>,
}

/// The kinds of differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DifferenceClass {
    /// Another value.
    Value,
    /// The same things in another order.
    Order,
    /// Something recorded did not come.
    Missing,
    /// Something came that was not recorded.
    Extra,
    /// A fault in the place of an answer, an answer in the place of a fault, or another fault code.
    FaultChanged,
    /// HTTP: status, headers that matter, framing, connections.
    Transport,
    /// Too late, or out of the pace that was asked for.
    Timing,
}

impl DifferenceClass {
    /// As the JSON writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Order => "order",
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::FaultChanged => "fault_changed",
            Self::Transport => "transport",
            Self::Timing => "timing",
        }
    }
}

impl StepResult {
    /// As the JSON writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Differs => "differs",
            Self::Tolerated => "tolerated",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

impl ReplayVerdict {
    /// As the JSON writes it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Differs => "differs",
            Self::PeerFailed(_) => "peer_failed",
            Self::Refused(_) => "refused",
        }
    }
}
