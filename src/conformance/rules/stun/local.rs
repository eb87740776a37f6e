//! What is kept of one endpoint that a device uses for TR-111. Judges nothing.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::conformance::Draft;
use crate::session::Datagram;
use crate::source::FrameId;

/// Where a device sends its Binding Requests from, as the capture sees it.
#[derive(Debug)]
pub(super) struct Local {
    pub address: SocketAddr,
    pub device: Option<Arc<str>>,
    /// The server that it asked last, and since when.
    pub server: SocketAddr,
    pub server_since_ns: i64,
    /// The other address of that server, as it tells: what is asked there is asked to learn what kind of NAT there is (RFC 3489
    /// section 10.1).
    pub changed: Option<SocketAddr>,
    /// The capture shows here again what it shows elsewhere, on the other side of a NAT.
    pub echo: bool,
    pub first_ns: i64,
    pub last_ns: i64,
    /// Time of the latest request with CONNECTION-REQUEST-BINDING.
    pub marked_ns: i64,
    /// Requests without repeats, and answers.
    pub requests: u32,
    pub responses: u32,
    /// Requests from other ports that had their answer sent here.
    pub probes: u32,
    /// The latest requests, the latest last.
    pub transactions: VecDeque<Transaction>,
    /// Where the server sees it, now and before, the latest last.
    pub mapped: VecDeque<Mapped>,
    /// The latest answer that the device had to discard: what it said, when.
    pub rejected: Option<(SocketAddr, i64, Vec<FrameId>)>,
    /// Time and number of the answers with 401.
    pub challenged_ns: Option<i64>,
    pub challenges: u32,
    /// A 401 to a request without MESSAGE-INTEGRITY that has not been followed by one with it.
    pub owes: Option<(i64, Vec<FrameId>)>,
    /// Time of an answer whose request the capture lacks.
    pub unseen_ns: Option<i64>,
    /// A request had a USERNAME that is not empty.
    pub named: bool,
    /// A request with MESSAGE-INTEGRITY was answered, or came after a 401.
    pub sealed: bool,
    /// Requests in a row with MESSAGE-INTEGRITY that nobody asked for.
    pub unasked_seals: u32,
    pub two_ports_told: bool,
    pub period: Period,
    pub change: Change,
}

/// One request with its repeats.
#[derive(Debug)]
pub(super) struct Transaction {
    pub id: [u8; 16],
    /// Fingerprint of all its bytes.
    pub hash: u64,
    pub first_ns: i64,
    pub last_ns: i64,
    /// How often it was sent.
    pub sent: u32,
    /// It has BINDING-CHANGE, MESSAGE-INTEGRITY.
    pub changes: bool,
    pub sealed: bool,
    /// Its MESSAGE-INTEGRITY fits the known password.
    pub integrity: Option<bool>,
    /// It has the magic cookie of RFC 5389.
    pub modern: bool,
    pub server: SocketAddr,
    pub answer: Option<Answer>,
    pub frames: Vec<FrameId>,
}

/// What answered a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Granted,
    Refused,
}

/// Where the server sees an endpoint.
#[derive(Debug)]
pub(super) struct Mapped {
    pub address: SocketAddr,
    pub since_ns: i64,
    /// The latest answer that says so.
    pub until_ns: i64,
    pub frames: Vec<FrameId>,
}

/// How often it asks.
#[derive(Debug, Default)]
pub(super) struct Period {
    /// The latest keep-alive.
    pub last_ns: Option<i64>,
    pub frames: Vec<FrameId>,
    /// Intervals in a row that were too long, and that are longer than NATs wait.
    pub long: u32,
    pub slow: u32,
    /// What was too early, and when, until it is known that the device has not just started.
    pub held: Vec<(i64, Draft)>,
}

/// What BINDING-CHANGE is due for, and what came of the last.
#[derive(Debug, Default)]
pub(super) struct Change {
    /// An answer showed a change, and no BINDING-CHANGE has followed.
    pub due: Option<Due>,
    /// Something since the last BINDING-CHANGE calls for another one: a start, a new server, a new mapping, 401.
    pub called_for: bool,
    /// BINDING-CHANGE in a row that nothing calls for.
    pub uncalled: u32,
    /// Time of the latest.
    pub last_ns: Option<i64>,
    pub seen: u32,
}

/// A BINDING-CHANGE that has to come.
#[derive(Debug)]
pub(super) struct Due {
    pub since_ns: i64,
    pub from: Option<SocketAddr>,
    pub to: SocketAddr,
    pub frames: Vec<FrameId>,
}

impl Local {
    pub fn new(datagram: &Datagram, echo: bool) -> Self {
        let time_ns = datagram.time.nanoseconds;
        Self {
            address: datagram.source,
            device: datagram.device.clone(),
            server: datagram.destination,
            server_since_ns: time_ns,
            echo,
            first_ns: time_ns,
            last_ns: time_ns,
            marked_ns: time_ns,
            requests: 0,
            responses: 0,
            probes: 0,
            transactions: VecDeque::new(),
            mapped: VecDeque::new(),
            rejected: None,
            challenged_ns: None,
            challenges: 0,
            owes: None,
            unseen_ns: None,
            named: false,
            sealed: false,
            unasked_seals: 0,
            two_ports_told: false,
            changed: None,
            period: Period::default(),
            change: Change::default(),
        }
    }

    /// An answer says where the server sees it.
    pub fn map(&mut self, address: SocketAddr, time_ns: i64, frames: &[FrameId]) {
        if let Some(now) = self.mapped.back_mut()
            && now.address == address
        {
            now.until_ns = time_ns;
            now.frames = frames.to_vec();
            return;
        }
        if self.mapped.len() >= MAPPED_MAX {
            self.mapped.pop_front();
        }
        self.mapped.push_back(Mapped {
            address,
            since_ns: time_ns,
            until_ns: time_ns,
            frames: frames.to_vec(),
        });
    }

    /// Where the server sees it now.
    pub fn mapped_now(&self) -> Option<SocketAddr> {
        self.mapped.back().map(|mapped| mapped.address)
    }

    /// A NAT stands between the capture and the server: the device is certainly behind it.
    pub fn is_translated(&self) -> bool {
        self.mapped_now()
            .is_some_and(|mapped| mapped != self.address)
    }

    /// It is, or was, seen there, or at another port of where it is seen now.
    pub fn was_near(&self, address: SocketAddr) -> bool {
        self.address == address
            || self.mapped.iter().any(|mapped| mapped.address == address)
            || self
                .mapped_now()
                .is_some_and(|mapped| mapped.ip() == address.ip())
    }

    /// A 401 came in the last seconds.
    pub fn challenged_lately(&self, time_ns: i64) -> bool {
        self.challenged_ns
            .is_some_and(|challenged| time_ns.saturating_sub(challenged) <= AGAIN_NS)
    }

    /// An answer to a request that the capture lacks came since.
    pub fn lost_since(&self, time_ns: i64) -> bool {
        self.unseen_ns.is_some_and(|unseen| unseen >= time_ns)
    }
}

/// Mappings kept of one endpoint.
const MAPPED_MAX: usize = 4;
/// Nanoseconds within which a request answers a 401 (rule STUN-013).
pub(super) const AGAIN_NS: i64 = 10_000_000_000;
