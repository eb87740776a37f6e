//! STUN traffic by endpoint, in stretches: how often, to which server, where that sees it, and what changed.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;

use stun::Class;
use stun::kind::RESPONSE_ADDRESS;

use super::entry::Frames;
use super::limits::{ENDPOINTS_MAX, OWN_ENDPOINTS_MAX, RUNS_MAX};
use crate::session::Datagram;
use crate::source::{FrameId, Timestamp};

/// Every endpoint that sent STUN requests.
#[derive(Debug, Default)]
pub(super) struct Endpoints {
    endpoints: BTreeMap<SocketAddr, Endpoint>,
    /// Where a server saw an endpoint.
    by_mapped: BTreeMap<SocketAddr, SocketAddr>,
    own: usize,
    /// Datagrams of endpoints beyond the bound.
    pub beyond: u64,
}

/// One of them.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub local: SocketAddr,
    /// Whose it was when it spoke last.
    pub owner: Option<Arc<str>>,
    pub runs: Vec<Run>,
    pub probes: Option<Probes>,
    /// The request that waits for its answer.
    pending: Option<Asked>,
    /// Transactions of the latest requests.
    known: VecDeque<Vec<u8>>,
    /// Transactions of the latest probes.
    probing: VecDeque<Vec<u8>>,
}

/// A stretch of requests to one server, which sees them come from one place.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub server: SocketAddr,
    pub mapped: Option<SocketAddr>,
    /// Where the server saw it before, if that is what ended the stretch before.
    pub moved_from: Option<SocketAddr>,
    /// The silence before it, milliseconds, if that ended the stretch before.
    pub silence_ms: Option<f64>,
    pub first: Timestamp,
    pub last: Timestamp,
    /// When an answer first showed where it is mapped.
    pub mapped_at: Option<Timestamp>,
    pub requests: u64,
    pub indications: u64,
    pub answers: u64,
    /// Answers 401: the server wants MESSAGE-INTEGRITY.
    pub challenges: u64,
    /// The last other error.
    pub error: Option<u16>,
    /// Requests with CONNECTION-REQUEST-BINDING.
    pub tr111: u64,
    /// Requests with BINDING-CHANGE.
    pub changes: u64,
    /// MESSAGE-INTEGRITY that does not fit the known password.
    pub misfits: u64,
    pub period_ms: Option<(f64, f64)>,
    pub frames: Frames,
    /// Other addresses that the server saw later, beyond the stretches told.
    pub moves_beyond: u64,
    round: Timestamp,
}

/// Requests from another port whose answer was to come to this one.
#[derive(Debug, Clone)]
pub(super) struct Probes {
    pub from: SocketAddr,
    pub first: Timestamp,
    pub last: Timestamp,
    pub count: u64,
    pub answers: u64,
    pub frames: Frames,
}

#[derive(Debug)]
struct Asked {
    transaction: Vec<u8>,
    time: Timestamp,
    server: SocketAddr,
    frames: Vec<FrameId>,
    indication: bool,
    tr111: bool,
    change: bool,
    misfit: bool,
}

impl Endpoints {
    /// The next STUN message; `is_own` says whether its device is one that is followed.
    pub fn take(&mut self, datagram: &Datagram, is_own: bool) {
        let Some(message) = datagram.stun() else {
            return;
        };
        match message.class() {
            Class::Request | Class::Indication => self.request(&message, datagram, is_own),
            Class::Response | Class::ErrorResponse => self.answer(&message, datagram),
        }
    }

    /// By where they send from.
    pub fn into_list(self) -> Vec<Endpoint> {
        let mut all: Vec<Endpoint> = self.endpoints.into_values().collect();
        all.iter_mut().for_each(Endpoint::settle);
        all
    }

    fn request(&mut self, message: &stun::Message, datagram: &Datagram, is_own: bool) {
        if let Some(at) = message.address(RESPONSE_ADDRESS)
            && at != datagram.source
        {
            let local = self.by_mapped.get(&at).unwrap_or(&at);
            if let Some(endpoint) = self.endpoints.get_mut(local) {
                endpoint.probe(message, datagram);
                return;
            }
        }
        let local = datagram.source;
        if !self.endpoints.contains_key(&local) {
            let room =
                self.endpoints.len() < ENDPOINTS_MAX || is_own && self.own < OWN_ENDPOINTS_MAX;
            if !room {
                self.beyond += 1;
                return;
            }
            self.own += usize::from(is_own);
            self.endpoints.insert(local, Endpoint::new(local));
        }
        if let Some(endpoint) = self.endpoints.get_mut(&local) {
            if datagram.device.is_some() {
                endpoint.owner.clone_from(&datagram.device);
            }
            endpoint.request(message, datagram);
        }
    }

    fn answer(&mut self, message: &stun::Message, datagram: &Datagram) {
        let local = datagram.destination;
        let Some(endpoint) = self.endpoints.get_mut(&local) else {
            return;
        };
        if let Some(mapped) = endpoint.answer(message, datagram)
            && (self.by_mapped.len() < MAPPED_MAX || self.by_mapped.contains_key(&mapped))
        {
            self.by_mapped.insert(mapped, local);
        }
    }
}

impl Endpoint {
    fn new(local: SocketAddr) -> Self {
        Self {
            local,
            owner: None,
            runs: Vec::new(),
            probes: None,
            pending: None,
            known: VecDeque::new(),
            probing: VecDeque::new(),
        }
    }

    fn request(&mut self, message: &stun::Message, datagram: &Datagram) {
        let transaction = message.transaction_id().to_vec();
        if self.known.contains(&transaction) {
            match &mut self.pending {
                Some(pending) if pending.transaction == transaction => {
                    pending.frames.extend(&datagram.frames);
                    pending.frames.truncate(super::limits::FRAMES_MAX);
                }
                _ => self.count(|run| run.frames.add(&datagram.frames)),
            }
            return;
        }
        self.settle();
        remember(&mut self.known, transaction.clone());
        let integrity = datagram.verified.integrity;
        self.pending = Some(Asked {
            transaction,
            time: datagram.time,
            server: datagram.destination,
            frames: datagram.frames.clone(),
            indication: message.class() == Class::Indication,
            tr111: message.has_connection_request_binding(),
            change: message.has_binding_change(),
            misfit: integrity.is_some_and(|integrity| integrity.valid == Some(false)),
        });
    }

    /// Gives where the server sees it.
    fn answer(&mut self, message: &stun::Message, datagram: &Datagram) -> Option<SocketAddr> {
        let transaction = message.transaction_id();
        if let Some(probes) = &mut self.probes
            && self.probing.iter().any(|known| known == transaction)
        {
            probes.answers += 1;
            probes.frames.add(&datagram.frames);
            return None;
        }
        if !self.known.iter().any(|known| known == transaction) {
            return None;
        }
        let mapped = message.mapped_address();
        let moved = mapped.is_some_and(|mapped| {
            let before = self.runs.last().and_then(|run| run.mapped);
            before.is_some_and(|before| before != mapped)
        });
        match self.pending.take() {
            Some(pending) if pending.transaction == transaction => self.enter(&pending, moved),
            other => self.pending = other,
        }
        let code = message.error_code().map(|code| code.code());
        self.count(|run| {
            run.answers += 1;
            run.frames.add(&datagram.frames);
            match code {
                Some(401) => run.challenges += 1,
                Some(code) => run.error = Some(code),
                None => {}
            }
            if let Some(mapped) = mapped {
                if run.mapped.is_none() {
                    run.mapped_at = Some(datagram.time);
                }
                run.mapped = Some(mapped);
            }
        });
        mapped
    }

    /// The request that still waits is counted as it is.
    fn settle(&mut self) {
        if let Some(pending) = self.pending.take() {
            self.enter(&pending, false);
        }
    }

    /// Puts a request into the stretch that it belongs to.
    fn enter(&mut self, asked: &Asked, moved: bool) {
        let silence = self.runs.last().and_then(|run| run.ended_by(asked.time));
        let other = self
            .runs
            .last()
            .is_none_or(|run| run.server != asked.server);
        if other || moved || silence.is_some() {
            let from = self.runs.last().and_then(|run| run.mapped);
            if self.runs.len() < RUNS_MAX {
                let mut run = Run::new(asked);
                run.silence_ms = silence;
                run.moved_from = from.filter(|_| moved);
                self.runs.push(run);
            } else if let Some(last) = self.runs.last_mut() {
                last.moves_beyond += u64::from(moved);
                last.server = asked.server;
            }
        }
        self.count(|run| run.add(asked));
    }

    fn count(&mut self, note: impl FnOnce(&mut Run)) {
        if let Some(run) = self.runs.last_mut() {
            note(run);
        }
    }

    fn probe(&mut self, message: &stun::Message, datagram: &Datagram) {
        let probes = self.probes.get_or_insert_with(|| Probes {
            from: datagram.source,
            first: datagram.time,
            last: datagram.time,
            count: 0,
            answers: 0,
            frames: Frames::default(),
        });
        probes.last = datagram.time;
        probes.frames.add(&datagram.frames);
        let transaction = message.transaction_id().to_vec();
        if !self.probing.contains(&transaction) {
            probes.count += 1;
            remember(&mut self.probing, transaction);
        }
    }
}

impl Run {
    fn new(asked: &Asked) -> Self {
        Self {
            server: asked.server,
            mapped: None,
            moved_from: None,
            silence_ms: None,
            first: asked.time,
            last: asked.time,
            mapped_at: None,
            requests: 0,
            indications: 0,
            answers: 0,
            challenges: 0,
            error: None,
            tr111: 0,
            changes: 0,
            misfits: 0,
            period_ms: None,
            frames: Frames::default(),
            moves_beyond: 0,
            round: asked.time,
        }
    }

    fn add(&mut self, asked: &Asked) {
        let since_ms = asked.time.milliseconds_since(self.round);
        // Requests that follow at once answer a challenge; what tells of a change is no keep-alive either.
        if since_ms >= ROUND_MS && !asked.change {
            let (shortest, longest) = self.period_ms.unwrap_or((since_ms, since_ms));
            self.period_ms = Some((shortest.min(since_ms), longest.max(since_ms)));
            self.round = asked.time;
        }
        self.requests += 1;
        self.indications += u64::from(asked.indication);
        self.tr111 += u64::from(asked.tr111);
        self.changes += u64::from(asked.change);
        self.misfits += u64::from(asked.misfit);
        self.last = asked.time;
        self.frames.add(&asked.frames);
    }

    /// A request at this time comes after a silence that is none of its keep-alives, milliseconds.
    fn ended_by(&self, time: Timestamp) -> Option<f64> {
        let silence_ms = time.milliseconds_since(self.last);
        let usual_ms = self.period_ms.map_or(0.0, |(_, longest)| longest);
        (silence_ms > (usual_ms * 2.0).max(SILENCE_MS)).then_some(silence_ms)
    }

    /// Requests that the capture shows no answer to.
    pub fn unanswered(&self) -> u64 {
        self.requests
            .saturating_sub(self.indications)
            .saturating_sub(self.answers)
    }
}

fn remember(transactions: &mut VecDeque<Vec<u8>>, transaction: Vec<u8>) {
    if transactions.len() >= TRANSACTIONS_MAX {
        transactions.pop_front();
    }
    transactions.push_back(transaction);
}

/// Transactions that may be under way: requests of one are repeated for about ten seconds (RFC 3489 section 9.3).
const TRANSACTIONS_MAX: usize = 8;
/// Addresses at which servers saw endpoints.
const MAPPED_MAX: usize = 2 * ENDPOINTS_MAX;
/// Milliseconds within which requests belong to one round.
const ROUND_MS: f64 = 1000.0;
/// Milliseconds of silence in which a NAT may well keep a binding (RFC 4787 section 4.3 recommends five minutes).
const SILENCE_MS: f64 = 300_000.0;
