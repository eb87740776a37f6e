//! Messages in; sessions, Connection Requests and transfers out. Sans-IO: time is what the messages bring.
//!
//! TR-069's session state machine (section 3.7) exists once, here. What ties messages together is, in this order, the
//! connection, the ACS's cookie, cwmp:ID, and the addresses; an Inform always begins a session, unless it answers a
//! challenge or a redirect of the same device.

mod devices;
mod facts;
mod identity;
mod join;
mod limits;
mod open;
mod queue;
mod requests;
mod responses;
mod transfers;
mod wake;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::net::{IpAddr, SocketAddr};

use facts::Facts;
pub use limits::AssembleLimits;
use open::{Open, Phase};
use queue::{Queue, Ticket};

use super::{
    ConnectionRequest, CwmpTotals, Message, Provenance, Role, Session, Side, Step, Summary,
    Transfer,
};
use crate::source::Timestamp;

/// An HTTP message as it arrives, whole or as far as the capture holds it.
#[derive(Debug)]
pub struct Arrived {
    /// The HTTP message.
    pub http: http1::Message,
    /// Its body, where it is SOAP.
    pub soap: Option<cwmp::Document>,
    /// Frames, times, addresses.
    pub provenance: Provenance,
}

/// What comes out.
#[derive(Debug)]
pub enum Output {
    /// A session closed; sessions come in closing order.
    Session(Box<Session>),
    /// A message, in time order, where messages are wanted.
    Message(Box<Message>),
    /// A Connection Request, when its session opens or none came.
    ConnectionRequest(Box<ConnectionRequest>),
    /// A file transfer ended.
    Transfer(Box<Transfer>),
}

/// The state machine.
#[derive(Debug)]
pub struct Assembler {
    limits: AssembleLimits,
    now: Timestamp,
    last_number: u32,
    open: BTreeMap<u32, Open>,
    connections: HashMap<u64, Connection, foldhash::fast::RandomState>,
    by_cookie: HashMap<String, Vec<u32>, foldhash::fast::RandomState>,
    by_device: HashMap<std::sync::Arc<str>, u32, foldhash::fast::RandomState>,
    by_peers: HashMap<Peers, Vec<u32>, foldhash::fast::RandomState>,
    endpoints: HashSet<SocketAddr, foldhash::fast::RandomState>,
    preludes: HashMap<Peers, Prelude, foldhash::fast::RandomState>,
    devices: devices::Devices,
    wakes: wake::Wakes,
    transfers: transfers::Transfers,
    queue: Queue,
    totals: Totals,
    next_check_ns: i64,
}

/// A device's address and the endpoint it talks to.
type Peers = (IpAddr, SocketAddr);

/// What was said on a connection and awaits its response.
#[derive(Debug, Default)]
struct Connection {
    asked: VecDeque<Asked>,
    /// Open sessions it carried, the latest last.
    sessions: Vec<u32>,
    /// A gap may have swallowed a message.
    damaged: bool,
}

/// A request that awaits its response.
#[derive(Debug)]
enum Asked {
    /// Of a session.
    Session(u32),
    /// A Connection Request, or what may be one.
    Wake(u64),
    /// A file.
    Transfer(Box<Transfer>),
    /// A POST without a body to nobody known, and its ticket: its response tells.
    Probe(Box<Probe>),
    /// Nothing of ours.
    Other,
}

/// A POST without a body outside any session.
#[derive(Debug)]
struct Probe {
    step: Step,
    ticket: Ticket,
    source: SocketAddr,
    destination: SocketAddr,
    url: Option<String>,
}

/// A challenge that came before any Inform: it belongs to the session that follows.
#[derive(Debug)]
struct Prelude {
    steps: Vec<Step>,
    tickets: Vec<Ticket>,
    connection: u64,
    started: Timestamp,
}

/// What has been counted.
#[derive(Debug, Default)]
struct Totals {
    http_requests: u64,
    http_responses: u64,
    cwmp: CwmpTotals,
    connection_requests: u64,
    transfers: u64,
    outcomes: BTreeMap<&'static str, u64>,
    limits_reached: BTreeMap<&'static str, u64>,
}

impl Assembler {
    /// An assembler that has seen nothing; `messages` says whether [`Output::Message`] is wanted.
    #[must_use]
    pub fn new(limits: AssembleLimits, messages: bool) -> Self {
        Self {
            limits,
            now: Timestamp::default(),
            last_number: 0,
            open: BTreeMap::new(),
            connections: HashMap::default(),
            by_cookie: HashMap::default(),
            by_device: HashMap::default(),
            by_peers: HashMap::default(),
            endpoints: HashSet::default(),
            preludes: HashMap::default(),
            devices: devices::Devices::default(),
            wakes: wake::Wakes::default(),
            transfers: transfers::Transfers::default(),
            queue: Queue::new(messages, limits.messages_held_max),
            totals: Totals::default(),
            next_check_ns: i64::MIN,
        }
    }

    /// The next message of the capture.
    pub fn handle_message(&mut self, arrived: Arrived, outputs: &mut Vec<Output>) {
        self.now = self.now.max(arrived.provenance.time);
        let facts = Facts::of(&arrived);
        let request = arrived.http.kind() == http1::Kind::Request;
        if arrived.http.head_complete() {
            let count = if request {
                &mut self.totals.http_requests
            } else {
                &mut self.totals.http_responses
            };
            *count += 1;
        }
        if request {
            self.request(arrived, &facts, outputs);
        } else {
            self.response(arrived, &facts, outputs);
        }
        self.queue.release(outputs);
    }

    /// Bytes of a connection are missing from the capture.
    pub fn handle_gap(&mut self, connection: u64) {
        let Some(state) = self.connections.get_mut(&connection) else {
            return;
        };
        state.damaged = true;
        for number in &state.sessions {
            if let Some(open) = self.open.get_mut(number) {
                open.note_gap();
            }
        }
    }

    /// Every message that is still to arrive ends at this time or later: those before it may go out.
    pub fn handle_watermark(&mut self, watermark_ns: i64, outputs: &mut Vec<Output>) {
        self.queue.advance(watermark_ns);
        self.queue.release(outputs);
    }

    /// A connection closed: `by_peer` where FIN or RST ended it, not the end of the capture or a bound.
    pub fn handle_close(
        &mut self,
        connection: u64,
        time: Timestamp,
        by_peer: bool,
        outputs: &mut Vec<Output>,
    ) {
        self.now = self.now.max(time);
        let Some(state) = self.connections.remove(&connection) else {
            return;
        };
        for asked in state.asked {
            self.unanswered(asked, outputs);
        }
        for number in state.sessions {
            let Some(open) = self.open.get_mut(&number) else {
                continue;
            };
            open.connections_open.retain(|&one| one != connection);
            if !open.connections_open.is_empty() {
                continue;
            }
            open.lost_connections(by_peer);
            if open.phase == Phase::Ended {
                self.close(number, outputs);
            } else {
                let due = self
                    .now
                    .nanoseconds
                    .saturating_add(self.limits.rejoin_ns_max);
                self.next_check_ns = self.next_check_ns.min(due);
            }
        }
        self.queue.release(outputs);
    }

    /// Time has passed: what waited too long is given up.
    pub fn handle_time(&mut self, now: Timestamp, outputs: &mut Vec<Output>) {
        self.now = self.now.max(now);
        if self.now.nanoseconds < self.next_check_ns {
            return;
        }
        let limits = self.limits;
        let mut next = i64::MAX;
        let mut over = Vec::new();
        for (&number, open) in &self.open {
            let patience = if open.connections_open.is_empty() {
                limits.rejoin_ns_max
            } else {
                limits.silence_ns_max
            };
            let due = open.session.end.nanoseconds.saturating_add(patience);
            if due <= self.now.nanoseconds {
                over.push(number);
            } else {
                next = next.min(due);
            }
        }
        for number in over {
            self.close(number, outputs);
        }
        self.expire(outputs);
        // New sessions and wakes come with patience of their own: at the earliest then is there more to do.
        let soonest = self
            .now
            .nanoseconds
            .saturating_add(limits.rejoin_ns_max.min(limits.wake_ns_max));
        self.next_check_ns = next.min(soonest);
        self.queue.release(outputs);
    }

    /// The capture is over: everything is closed, and counted.
    pub fn finish(mut self, outputs: &mut Vec<Output>, summary: &mut Summary) {
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
        for wake in self.wakes.expire(i64::MAX, 0) {
            self.give_wake(wake, None, outputs);
        }
        self.queue.finish(outputs);
        if self.queue.hurried > 0 {
            self.totals
                .limits_reached
                .insert("messages_held_max", self.queue.hurried);
        }
        if self.devices.beyond > 0 {
            self.totals
                .limits_reached
                .insert("devices_max", self.devices.beyond);
        }
        summary.http_requests = self.totals.http_requests;
        summary.http_responses = self.totals.http_responses;
        summary.cwmp = self.totals.cwmp;
        summary.http_connection_requests = self.totals.connection_requests;
        summary.http_transfers = self.totals.transfers;
        summary.outcomes = self.totals.outcomes;
        summary.limits_reached = self.totals.limits_reached;
        summary.devices = self.devices.into_list();
    }

    /// Closes a session: nothing more belongs to it.
    fn close(&mut self, number: u32, outputs: &mut Vec<Output>) {
        let Some(open) = self.open.remove(&number) else {
            return;
        };
        for connection in &open.connections_open {
            if let Some(state) = self.connections.get_mut(connection) {
                state.sessions.retain(|&one| one != number);
            }
        }
        for cookie in &open.cookies {
            forget(&mut self.by_cookie, cookie, number);
        }
        if let Some(peers) = peers(&open.session) {
            forget(&mut self.by_peers, &peers, number);
        }
        if let Some(device) = &open.session.device
            && self.by_device.get(device) == Some(&number)
        {
            self.by_device.remove(device);
        }
        let silent = self
            .now
            .nanoseconds
            .saturating_sub(open.session.end.nanoseconds)
            >= self.limits.rejoin_ns_max;
        let over =
            open.connections_open.is_empty() && open.closed_by_peer || silent || open.superseded;
        let outcome = open.outcome(over);
        let mut session = Box::new(open.session);
        session.outcome = outcome;
        *self.totals.outcomes.entry(outcome.name()).or_default() += 1;
        self.devices.closed(&session, self.limits.addresses_max);
        outputs.push(Output::Session(session));
    }

    /// Gives up Connection Requests, transfers and preludes that nothing came of.
    fn expire(&mut self, outputs: &mut Vec<Output>) {
        let now_ns = self.now.nanoseconds;
        for wake in self.wakes.expire(
            now_ns.saturating_sub(self.limits.wake_ns_max),
            self.limits.wakes_max,
        ) {
            self.give_wake(wake, None, outputs);
        }
        self.transfers
            .expire(now_ns.saturating_sub(self.limits.transfer_ns_max));
        let before = now_ns.saturating_sub(self.limits.rejoin_ns_max);
        let queue = &mut self.queue;
        self.preludes.retain(|_, prelude| {
            let keep = prelude.started.nanoseconds >= before;
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
    fn give_wake(&mut self, mut wake: wake::Wake, session: Option<u32>, outputs: &mut Vec<Output>) {
        let certain = wake.certain;
        let device = wake.request.device.clone();
        for ticket in wake.tickets.drain(..) {
            self.queue.settle(ticket, |message| {
                if certain {
                    message.role = Role::ConnectionRequest;
                    message.device.clone_from(&device);
                    message.session = session;
                    message.from = if message.http.kind() == http1::Kind::Request {
                        Side::Acs
                    } else {
                        Side::Cpe
                    };
                }
            });
        }
        if certain {
            self.totals.connection_requests += wake.legs;
            wake.request.session = session;
            outputs.push(Output::ConnectionRequest(Box::new(wake.request)));
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
    index: &mut HashMap<K, Vec<u32>, foldhash::fast::RandomState>,
    key: &K,
    number: u32,
) {
    if let Some(numbers) = index.get_mut(key) {
        numbers.retain(|&one| one != number);
        if numbers.is_empty() {
            index.remove(key);
        }
    }
}

/// Counts a name from the wire, as long as there are not too many different ones.
fn count(names: &mut BTreeMap<String, u64>, name: &str, names_max: usize) {
    if let Some(known) = names.get_mut(name) {
        *known += 1;
    } else if names.len() < names_max {
        names.insert(name.chars().take(NAME_CHARACTERS_MAX).collect(), 1);
    } else {
        *names.entry("...".to_owned()).or_default() += 1;
    }
}

/// Names counted are cut to this length.
const NAME_CHARACTERS_MAX: usize = 128;
