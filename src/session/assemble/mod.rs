//! Messages in; sessions, Connection Requests and transfers out. Sans-IO: time is what the messages bring.
//!
//! TR-069's session state machine (section 3.7) exists once, here. What ties messages together is, in this order, the
//! connection, the ACS's cookie, cwmp:ID, and the addresses; an Inform always begins a session, unless it answers a
//! challenge or a redirect of the same device.

mod arrived;
mod attempts;
mod bindings;
mod closing;
mod connection;
mod copies;
mod datagrams;
mod devices;
mod facts;
mod files;
mod gaps;
mod identity;
mod join;
mod learning;
mod leases;
mod limits;
mod open;
mod queue;
mod requested;
mod requests;
mod responses;
mod transfers;
mod wake;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

pub use arrived::{Arrived, Spent};
use connection::{Asked, Connection, Prelude, Probe};
pub use limits::AssembleLimits;
use open::Open;
use queue::Queue;

use super::{
    ConnectionRequest, Credentials, CwmpTotals, Datagram, DatagramTotals, Message, RequestTotals,
    Role, Session, Side, Summary, TlsSeen, TlsTotals, Transfer,
};
use crate::source::Timestamp;

/// What comes out.
#[derive(Debug, Clone)]
pub enum Output {
    /// A session closed; sessions come in closing order.
    Session(Box<Session>),
    /// A message, in time order, where messages are wanted.
    Message(Box<Message>),
    /// A datagram, among the messages in time order.
    Datagram(Box<Datagram>),
    /// A Connection Request, when its session opens or none came.
    ConnectionRequest(Box<ConnectionRequest>),
    /// A file transfer ended.
    Transfer(Box<Transfer>),
    /// It is known of a TLS connection whether it can be read; among the messages in time order.
    Tls(Box<TlsSeen>),
}

impl Output {
    /// Bytes that it takes to hold it, about.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        let more = match self {
            Self::Message(message) => message.held_bytes(),
            Self::Session(session) => (session.rpcs.len() + session.steps.len()) * STEP_BYTES,
            Self::Datagram(datagram) => datagram.payload.len(),
            _ => 0,
        };
        more + OUTPUT_BYTES
    }
}

/// What each output takes beside its texts.
const OUTPUT_BYTES: usize = 1 << 10;
const STEP_BYTES: usize = 256;

/// The state machine.
#[derive(Debug)]
pub struct Assembler {
    limits: AssembleLimits,
    now: Timestamp,
    last_number: u32,
    open: BTreeMap<u32, Open>,
    connections: HashMap<u64, Connection, foldhash::fast::RandomState>,
    /// By the numbers that their messages come with.
    connection_numbers: HashMap<u64, u64, foldhash::fast::RandomState>,
    gaps_first: gaps::GapsFirst,
    last_connection: u64,
    by_cookie: HashMap<String, BTreeSet<u32>, foldhash::fast::RandomState>,
    by_device: HashMap<Arc<str>, u32, foldhash::fast::RandomState>,
    /// Sessions that have lost their last connection and may come back on another.
    waiting: HashMap<Peers, BTreeSet<u32>, foldhash::fast::RandomState>,
    endpoints: HashSet<SocketAddr, foldhash::fast::RandomState>,
    acs_addresses: HashSet<IpAddr, foldhash::fast::RandomState>,
    preludes: HashMap<Peers, Prelude, foldhash::fast::RandomState>,
    devices: devices::Devices,
    wakes: wake::Wakes,
    transfers: transfers::Transfers,
    files: files::Files,
    queue: Queue,
    totals: Totals,
    /// When each open session is to be looked at again, with its number.
    due: BTreeSet<(i64, u32)>,
    next_expiry_ns: i64,
    /// Responses to requests that have not ended, by time, connection and exchange.
    early: BTreeSet<(i64, u64, u64)>,
    spent: Spent,
    /// A time far from `now`, until another frame tells whether the clock was set.
    leap: Option<i64>,
    copies: copies::Copies,
    udp: datagrams::Udp,
    unexplained: VecDeque<requested::Unexplained>,
    attempts: attempts::Attempts,
    idle: closing::Idle,
}

/// A device's address and the endpoint it talks to.
type Peers = (IpAddr, SocketAddr);

/// What has been counted.
#[derive(Debug, Default)]
struct Totals {
    http_requests: u64,
    http_responses: u64,
    cwmp: CwmpTotals,
    connection_requests: u64,
    requests: RequestTotals,
    datagrams: DatagramTotals,
    transfers: u64,
    tls: TlsTotals,
    outcomes: BTreeMap<&'static str, u64>,
    limits_reached: BTreeMap<&'static str, u64>,
}

impl Assembler {
    /// Numbers its sessions from behind this number.
    #[must_use]
    pub fn numbering_behind(mut self, number: u32) -> Self {
        self.last_number = number;
        self
    }

    /// An assembler that has seen nothing; `messages` says whether [`Output::Message`] is wanted.
    #[must_use]
    pub fn new(limits: AssembleLimits, messages: bool) -> Self {
        Self {
            limits,
            now: Timestamp::default(),
            last_number: 0,
            open: BTreeMap::new(),
            connections: HashMap::default(),
            connection_numbers: HashMap::default(),
            gaps_first: gaps::GapsFirst::default(),
            last_connection: 0,
            by_cookie: HashMap::default(),
            by_device: HashMap::default(),
            waiting: HashMap::default(),
            endpoints: HashSet::default(),
            acs_addresses: HashSet::default(),
            preludes: HashMap::default(),
            devices: devices::Devices::default(),
            wakes: wake::Wakes::default(),
            transfers: transfers::Transfers::default(),
            files: files::Files::default(),
            queue: Queue::new(
                messages,
                limits.messages_held_max,
                limits.messages_held_bytes_max,
            ),
            totals: Totals::default(),
            due: BTreeSet::new(),
            next_expiry_ns: i64::MIN,
            early: BTreeSet::new(),
            spent: Spent::default(),
            leap: None,
            copies: copies::Copies::default(),
            udp: datagrams::Udp::default(),
            unexplained: VecDeque::new(),
            attempts: attempts::Attempts::default(),
            idle: closing::Idle::default(),
        }
    }

    /// Says whether [`Output::Datagram`] is wanted though messages are not.
    #[must_use]
    pub fn with_datagrams(mut self, datagrams: bool) -> Self {
        self.queue.want_datagrams(datagrams);
        self
    }

    /// Says whether messages and datagrams are wanted as soon as it is known what they belong to, not in time order.
    #[must_use]
    pub fn in_haste(mut self, haste: bool) -> Self {
        if haste {
            self.queue.hurry();
        }
        self
    }

    /// Says which user names and passwords are known, so that what proves them is verified.
    #[must_use]
    pub fn with_credentials(mut self, credentials: Option<Arc<Credentials>>) -> Self {
        self.queue.credentials = credentials;
        self
    }

    /// What is left of messages; to be cleared or taken away from time to time.
    pub fn spent(&mut self) -> &mut Spent {
        &mut self.spent
    }

    /// The next message of the capture.
    pub fn handle_message(&mut self, mut arrived: Box<Arrived>, outputs: &mut Vec<Output>) {
        arrived.provenance.connection = self.number_connection(arrived.provenance.connection);
        let facts = std::mem::take(&mut arrived.facts);
        let request = arrived.http.kind() == http1::Kind::Request;
        if arrived.http.head_complete() {
            let count = if request {
                &mut self.totals.http_requests
            } else {
                &mut self.totals.http_responses
            };
            *count += 1;
        }
        for name in &facts.reached {
            self.reached(name);
        }
        if self.copies.has(&arrived, &facts, self.limits.openings_max) {
            self.emit(arrived, Side::Other, Role::Other, true, |_| {});
            self.spent.facts.push(facts);
            self.queue.release(outputs);
            return;
        }
        let connection = arrived.provenance.connection;
        match (request, arrived.exchange) {
            (true, exchange) => {
                self.request(arrived, &facts, outputs);
                self.spent.facts.push(facts);
                self.answer_early(connection, exchange, outputs);
            }
            (false, Some(exchange)) if self.is_early(connection, exchange) => {
                let time_ns = arrived.provenance.time.nanoseconds;
                self.early.insert((time_ns, connection, exchange));
                let state = self.connections.entry(connection).or_default();
                state.early.push_back((exchange, arrived, facts));
            }
            (false, _) => {
                self.response(arrived, &facts, outputs);
                self.spent.facts.push(facts);
            }
        }
        self.leave(connection);
        self.queue.release(outputs);
    }

    /// It is known of a TLS connection whether it can be read.
    pub fn handle_tls(&mut self, seen: Box<TlsSeen>, outputs: &mut Vec<Output>) {
        self.totals.tls.add(&seen);
        if !seen.connection.decrypted {
            // It may be the session that a Connection Request asked for.
            let client = seen.connection.client.ip();
            self.wakes.tried(client, seen.time.nanoseconds, |_| true);
        }
        self.queue.push_tls(seen);
        self.queue.release(outputs);
    }

    /// The request that this response answers has not ended yet: a challenge to the head of a large POST, or `100
    /// Continue`.
    fn is_early(&mut self, connection: u64, exchange: u64) -> bool {
        let Some(state) = self.connections.get(&connection) else {
            return true;
        };
        if exchange < state.requests {
            return false;
        }
        let room = state.early.len() < self.limits.responses_waiting_max;
        if !room {
            self.reached("responses_waiting_max");
        }
        room
    }

    /// A request has ended: what answered it before comes now.
    fn answer_early(&mut self, connection: u64, exchange: Option<u64>, outputs: &mut Vec<Output>) {
        let Some(state) = self.connections.get_mut(&connection) else {
            return;
        };
        // Where requests can no longer be counted, no response is told to be early, and none waits on.
        state.requests = exchange.map_or(u64::MAX, |exchange| exchange + 1);
        while let Some(state) = self.connections.get_mut(&connection)
            && state
                .early
                .front()
                .is_some_and(|(number, ..)| *number < state.requests)
            && let Some((number, arrived, facts)) = state.early.pop_front()
        {
            let time_ns = arrived.provenance.time.nanoseconds;
            self.early.remove(&(time_ns, connection, number));
            self.response(arrived, &facts, outputs);
            self.spent.facts.push(facts);
        }
    }

    /// The clock of the capture. It may be set while the capture runs, and single frames may bear any time: a leap counts
    /// once another frame agrees with it.
    pub fn advance(&mut self, time: Timestamp) {
        let leap_ns = time.nanoseconds.saturating_sub(self.now.nanoseconds);
        let agreed = self.leap.is_some_and(|before| {
            before != time.nanoseconds && before.abs_diff(time.nanoseconds) <= AHEAD_NS_MAX as u64
        });
        if self.now == Timestamp::default() || (0..=AHEAD_NS_MAX).contains(&leap_ns) || agreed {
            self.now = time;
            self.leap = None;
            self.next_expiry_ns = self
                .next_expiry_ns
                .min(time.nanoseconds.saturating_add(EXPIRY_NS));
        } else if !(-BEHIND_NS_MAX..0).contains(&leap_ns) {
            self.leap = Some(time.nanoseconds);
        }
    }

    /// Every message that is still to arrive ends at this time or later: those before it may go out.
    pub fn handle_watermark(&mut self, watermark_ns: i64, outputs: &mut Vec<Output>) {
        // Nor may those that come after a response which waits for the end of its request.
        let waits_ns = self
            .early
            .first()
            .map_or(i64::MAX, |(time_ns, ..)| *time_ns);
        let waits_ns = waits_ns.min(self.files_wait_since_ns());
        self.queue.advance(watermark_ns.min(waits_ns));
        self.queue.release(outputs);
    }

    /// Time has passed: what waited too long is given up.
    pub fn handle_time(&mut self, now: Timestamp, outputs: &mut Vec<Output>) {
        self.advance(now);
        let now_ns = self.now.nanoseconds;
        while let Some(&(due_ns, number)) = self.due.first()
            && due_ns <= now_ns
        {
            let over = self
                .open
                .get(&number)
                .is_none_or(|open| self.over_at_ns(open) <= now_ns);
            if over {
                self.due.remove(&(due_ns, number));
                self.close(number, outputs);
            } else {
                self.schedule(number);
            }
        }
        if now_ns >= self.next_expiry_ns {
            self.next_expiry_ns = now_ns.saturating_add(EXPIRY_NS);
            self.expire(outputs);
            self.queue.release(outputs);
        }
    }

    /// The capture is over: everything is closed, and counted.
    pub fn finish(mut self, outputs: &mut Vec<Output>, summary: &mut Summary) {
        // Nothing came any more that could agree with the last frame's time.
        self.now.nanoseconds = self.now.nanoseconds.max(self.leap.unwrap_or(i64::MIN));
        let connections: BTreeMap<u64, Connection> =
            std::mem::take(&mut self.connections).into_iter().collect();
        for asked in connections
            .into_values()
            .flat_map(|connection| connection.asked)
        {
            self.unanswered(asked, outputs);
        }
        for number in self.open.keys().copied().collect::<Vec<_>>() {
            self.close(number, outputs);
        }
        self.expire_udp_requests(i64::MAX, outputs);
        self.expire_files(i64::MAX, outputs);
        self.expire_attempts(i64::MAX, outputs);
        while let Some(wake) = self.wakes.pop() {
            self.give_wake(wake, outputs);
        }
        self.queue.finish(outputs);
        for (name, count) in [
            ("messages_held_max", self.queue.hurried),
            ("devices_max", self.devices.beyond),
            ("listeners_max", self.devices.crowded),
            ("openings_max", self.copies.forgotten),
        ] {
            if count > 0 {
                self.totals.limits_reached.insert(name, count);
            }
        }
        summary.left_open = self
            .idle
            .at_end(self.now.nanoseconds, self.limits.silence_ns_max);
        summary.http_requests = self.totals.http_requests;
        summary.http_responses = self.totals.http_responses;
        summary.tcp.copies = self.copies.count;
        summary.cwmp = self.totals.cwmp;
        summary.http_connection_requests = self.totals.connection_requests;
        summary.requests = self.totals.requests;
        summary.datagrams = self.totals.datagrams;
        summary.transfers = self.totals.transfers;
        summary.tls = self.totals.tls;
        summary.outcomes = self.totals.outcomes;
        summary.limits_reached = self.totals.limits_reached;
        summary.devices = self
            .devices
            .into_list(self.udp.bindings.into_list(), self.udp.leases.into_list());
    }

    /// Closes a session: nothing more belongs to it.
    fn close(&mut self, number: u32, outputs: &mut Vec<Output>) {
        let Some(mut open) = self.open.remove(&number) else {
            return;
        };
        open.order_steps();
        if open.learned_beyond {
            self.reached("learned_max");
        }
        self.due.remove(&(open.due_ns, number));
        for connection in &open.session.connections {
            if let Some(state) = self.connections.get_mut(connection) {
                state.sessions.retain(|&one| one != number);
            }
        }
        for cookie in &open.cookies {
            forget(&mut self.by_cookie, cookie, number);
        }
        if let Some(peers) = peers(&open.session) {
            forget(&mut self.waiting, &peers, number);
        }
        if let Some(device) = &open.session.device
            && self.by_device.get(device) == Some(&number)
        {
            self.by_device.remove(device);
        }
        let silent = self.over_at_ns(&open) <= self.now.nanoseconds;
        let closed_by_peer = open.connections_open.is_empty() && open.closed_by_peer;
        self.note_idle(&open);
        let over = closed_by_peer || silent || open.superseded;
        let outcome = open.outcome(over);
        let mut session = Box::new(open.session);
        session.closed_by_peer = closed_by_peer;
        session.is_over = silent || open.superseded;
        session.outcome = outcome;
        *self.totals.outcomes.entry(outcome.name()).or_default() += 1;
        self.devices.closed(&session, self.limits.addresses_max);
        self.wakes.session_closed(number, session.end.nanoseconds);
        self.close_udp_requests(number, session.end, outputs);
        outputs.push(Output::Session(session));
    }

    /// Gives up Connection Requests, transfers and preludes that nothing came of.
    fn expire(&mut self, outputs: &mut Vec<Output>) {
        let now_ns = self.now.nanoseconds;
        let before_ns = now_ns.saturating_sub(self.limits.wake_ns_max);
        let open = &self.open;
        let over = self
            .wakes
            .over(before_ns, |number| open.contains_key(&number));
        for id in over {
            if let Some(wake) = self.wakes.remove(id) {
                self.give_wake(wake, outputs);
            }
        }
        self.expire_udp_requests(before_ns, outputs);
        self.expire_files(now_ns, outputs);
        self.expire_attempts(now_ns, outputs);
        self.transfers
            .expire(now_ns.saturating_sub(self.limits.transfer_ns_max));
        self.forget_preludes(now_ns.saturating_sub(self.limits.rejoin_ns_max));
    }

    /// Gives up the challenges that came before this time.
    fn forget_preludes(&mut self, before_ns: i64) {
        let queue = &mut self.queue;
        self.preludes.retain(|_, prelude| {
            let keep = prelude.started.nanoseconds >= before_ns;
            if !keep {
                for ticket in prelude.tickets.drain(..) {
                    queue.settle(ticket, |_| {});
                }
            }
            keep
        });
    }

    /// A request whose response never came.
    fn unanswered(&mut self, asked: Asked, outputs: &mut Vec<Output>) {
        match asked {
            Asked::Transfer(transfer) => {
                self.totals.transfers += 1;
                outputs.push(Output::Transfer(transfer));
            }
            Asked::Probe(probe) => self.queue.settle(probe.ticket, |_| {}),
            Asked::Session(_) | Asked::Wake(_) | Asked::Other => {}
        }
    }

    /// A Connection Request is complete, or what looked like one is not.
    fn give_wake(&mut self, mut wake: Box<wake::Wake>, outputs: &mut Vec<Output>) {
        if wake.certain {
            self.judge_wake(&mut wake);
        }
        self.settle_wake(&mut wake);
        if wake.certain {
            self.totals.connection_requests += wake.legs;
            self.give_request(wake.request, outputs);
        }
    }

    /// Counts a Connection Request of which all is known, and gives it out.
    fn give_request(&mut self, request: ConnectionRequest, outputs: &mut Vec<Output>) {
        self.totals.requests.note(&request);
        outputs.push(Output::ConnectionRequest(Box::new(request)));
    }

    /// Its messages wait no longer.
    fn settle_wake(&mut self, wake: &mut wake::Wake) {
        let came_of = wake.request.came_of();
        for ticket in wake.tickets.drain(..) {
            self.queue.settle(ticket, |message| {
                if wake.certain {
                    message.came_of = Some(Arc::clone(&came_of));
                    message.role = Role::ConnectionRequest;
                    message.device.clone_from(&wake.request.device);
                    message.session = wake.request.session;
                    message.from = match message.http.kind() {
                        http1::Kind::Request => Side::Acs,
                        http1::Kind::Response => Side::Cpe,
                    };
                }
            });
        }
    }

    /// Counts a bound that was reached.
    fn reached(&mut self, name: &'static str) {
        *self.totals.limits_reached.entry(name).or_default() += 1;
    }
}

/// The addresses of a session's two sides.
fn peers(session: &Session) -> Option<Peers> {
    Some((
        session.cpe.address?,
        SocketAddr::new(session.acs.address?, session.acs.port?),
    ))
}

fn forget<K: std::hash::Hash + Eq>(
    index: &mut HashMap<K, BTreeSet<u32>, foldhash::fast::RandomState>,
    key: &K,
    number: u32,
) {
    if let Some(numbers) = index.get_mut(key) {
        numbers.remove(&number);
        if numbers.is_empty() {
            index.remove(key);
        }
    }
}

/// Counts a name from the wire, as long as there are not too many different ones.
fn count(names: &mut BTreeMap<String, u64>, name: &str, names_max: usize) {
    let end = name
        .char_indices()
        .nth(NAME_CHARACTERS_MAX)
        .map_or(name.len(), |(at, _)| at);
    let name = name.get(..end).unwrap_or_default();
    if let Some(known) = names.get_mut(name) {
        *known += 1;
    } else if names.len() < names_max {
        names.insert(name.to_owned(), 1);
    } else {
        *names.entry("...".to_owned()).or_default() += 1;
    }
}

/// Nanoseconds that a capture may be silent before the time of its next frame is doubted.
const AHEAD_NS_MAX: i64 = 60_000_000_000;
/// Nanoseconds that frames may be out of order.
const BEHIND_NS_MAX: i64 = 10_000_000_000;
/// How often what nothing came of is looked for.
const EXPIRY_NS: i64 = 1_000_000_000;
/// Names counted are cut to this length.
const NAME_CHARACTERS_MAX: usize = 128;
