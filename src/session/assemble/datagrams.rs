//! What is said by UDP: STUN that keeps a device's binding, and the UDP Connection Requests that come through it (TR-111
//! part II; TR-069 Amendment 3 annex G), tied to the device and to the session they set off.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use stun::Class;

use super::bindings::Bindings;
use super::leases::Leases;
use super::queue::Ticket;
use super::requested::{LastRequests, forbids};
use super::{Assembler, Output};
use crate::session::address::is_private;
use crate::session::{
    CameOf, ConnectionRequestResult, Datagram, DatagramKind, Reason, Side, Step, UdpAnswer,
};
use crate::source::{FrameId, Timestamp};

/// What is remembered of it.
#[derive(Debug, Default)]
pub(super) struct Udp {
    pub bindings: Bindings,
    /// Connection Requests of which it is not known yet whether a session comes, and those whose copies may still come.
    pub requests: BTreeMap<u64, UdpRequest>,
    last_number: u64,
    /// The latest to one destination with the same `id` and `ts`.
    latest: HashMap<RequestKey, u64, foldhash::fast::RandomState>,
    pub last: LastRequests,
    pub leases: Leases,
}

/// Where a request goes, its `id` and its `ts`: a copy has the same.
type RequestKey = (SocketAddr, Option<u64>, Option<u64>);

/// A UDP Connection Request with its copies.
#[derive(Debug)]
pub(super) struct UdpRequest {
    pub request: stun::ucr::Request,
    pub source: SocketAddr,
    pub destination: SocketAddr,
    pub device: Option<Arc<str>>,
    /// Of the first copy.
    pub time: Timestamp,
    /// From when on the device has its time to come, nanoseconds: not while it is in a session.
    pub since_ns: i64,
    /// Every copy.
    pub steps: Vec<Step>,
    pub frames: Vec<FrameId>,
    tickets: Vec<Ticket>,
    /// What spoke against it when it came.
    pub reasons: Vec<Reason>,
    /// No known password says whether its signature is right.
    pub unverified: bool,
    /// HTTP text that came back from where it went.
    pub answered_in: Vec<FrameId>,
    /// The session that the device was in when it came.
    pub in_session: Option<u32>,
    /// A session of the device that came for something else.
    pub other_session: Option<u32>,
    /// The session that it set off.
    pub session: Option<u32>,
    /// It has been handed out: only copies are to come.
    told: bool,
    /// What came of it, once that is known.
    came_of: Option<Arc<CameOf>>,
}

/// The device of an Inform, and where it is reached.
pub(super) struct Reached<'a> {
    pub device: &'a Arc<str>,
    pub address: IpAddr,
    /// Requests before this time set nothing off.
    pub since_ns: i64,
    /// It has the event `6 CONNECTION REQUEST`.
    pub requested: bool,
}

impl Udp {
    /// The request with these very bytes that went elsewhere a moment ago: a capture on both sides of a NAT shows it twice.
    fn seen_elsewhere(&self, datagram: &Datagram) -> Option<u64> {
        let latest = self.requests.iter().rev().take(SIGHTS);
        let same = |request: &UdpRequest| {
            let since_ns = datagram
                .time
                .nanoseconds
                .saturating_sub(request.time.nanoseconds);
            since_ns <= SIGHT_NS && request.request.bytes() == datagram.payload
        };
        let mut found = latest.filter(|(_, request)| same(request));
        found.next().map(|(number, _)| *number)
    }
}

impl UdpRequest {
    fn key(&self) -> RequestKey {
        let request = &self.request;
        (self.destination, request.id(), request.timestamp_s())
    }
}

impl Assembler {
    /// The next datagram of the capture.
    pub fn handle_datagram(&mut self, mut datagram: Box<Datagram>, outputs: &mut Vec<Output>) {
        match datagram.kind {
            DatagramKind::Stun => self.binding_message(&mut datagram),
            DatagramKind::ConnectionRequest => {
                self.udp_request(datagram, outputs);
                return;
            }
            DatagramKind::LightweightNotification => {
                self.totals.datagrams.lightweight_notifications += 1;
                datagram.from = Side::Cpe;
                datagram.device = self.device_at(datagram.source);
            }
            DatagramKind::DhcpV4 | DatagramKind::DhcpV6 => {
                self.totals.datagrams.dhcp += 1;
                self.totals.datagrams.dhcp_option_125 += u64::from(announces(&datagram));
                self.lease_message(&mut datagram);
            }
        }
        self.queue.push_datagram(datagram, true);
        self.queue.release(outputs);
    }

    fn binding_message(&mut self, datagram: &mut Datagram) {
        let Some(message) = datagram.stun() else {
            return;
        };
        self.totals.datagrams.stun += 1;
        self.totals.datagrams.stun_tr111 += u64::from(message.is_tr111());
        if message.class() == Class::Request || message.class() == Class::Indication {
            datagram.device = self.device_at(datagram.source);
            if datagram.device.is_none() && !message.is_tr111() {
                return;
            }
            datagram.from = Side::Cpe;
            let bindings_max = self.limits.bindings_max;
            let certain = self.certainly_at(datagram.source);
            let bindings = &mut self.udp.bindings;
            if !bindings.request(&message, datagram, certain, bindings_max) {
                self.reached("bindings_max");
            }
            // Its user name may have told whose it is.
            if datagram.device.is_none() {
                datagram.device = self.udp.bindings.device_at(datagram.source);
            }
        } else {
            let moves_max = self.limits.addresses_max;
            self.udp.bindings.response(&message, datagram, moves_max);
            datagram.device = self.device_at(datagram.destination);
        }
    }

    fn udp_request(&mut self, mut datagram: Box<Datagram>, outputs: &mut Vec<Output>) {
        let Some(request) = datagram.connection_request() else {
            return;
        };
        self.totals.datagrams.connection_requests += 1;
        datagram.from = Side::Acs;
        let destination = datagram.destination;
        datagram.device = self.device_at(destination);
        let bindings = &self.udp.bindings;
        datagram.binding = bindings.standing(datagram.device.as_deref(), destination);
        let key = (destination, request.id(), request.timestamp_s());
        let latest = self.udp.latest.get(&key).copied();
        let latest = latest.or_else(|| self.udp.seen_elsewhere(&datagram));
        let known = latest.and_then(|number| self.udp.requests.get_mut(&number));
        let known = known.filter(|known| known.request.is_copy_of(&request));
        if let Some(known) = known {
            datagram.copy_of = known.frames.first().copied();
            datagram.session = known.session;
            known.since_ns = known.since_ns.max(datagram.time.nanoseconds);
            datagram.came_of.clone_from(&known.came_of);
            let many = known.steps.len() >= self.limits.copies_a_request_max;
            if !many && !known.told {
                known.frames.extend(datagram.frames.iter().copied());
                known.steps.push(datagram.step());
            }
            let hasty = self.queue.is_hasty() && known.device.is_some();
            let settled = hasty || many || known.session.is_some() || known.told;
            let ticket = self.queue.push_datagram(datagram, settled);
            if !settled {
                known.tickets.push(ticket);
            }
            if many {
                self.reached("copies_a_request_max");
            }
            self.queue.release(outputs);
        } else {
            self.first_copy(datagram, request, key);
            self.queue.release(outputs);
        }
        if self.udp.requests.len() > self.limits.wakes_max {
            self.reached("wakes_max");
            if let Some((_, first)) = self.udp.requests.pop_first() {
                self.give_udp_request(first, outputs);
            }
        }
    }

    fn first_copy(
        &mut self,
        datagram: Box<Datagram>,
        request: stun::ucr::Request,
        key: RequestKey,
    ) {
        let device = datagram.device.clone();
        let in_session = device.as_ref().and_then(|device| self.running(device));
        let mut one = UdpRequest {
            source: datagram.source,
            destination: datagram.destination,
            device,
            time: datagram.time,
            since_ns: datagram.time.nanoseconds,
            steps: vec![datagram.step()],
            frames: datagram.frames.clone(),
            tickets: Vec::new(),
            reasons: Vec::new(),
            unverified: false,
            answered_in: Vec::new(),
            in_session,
            other_session: None,
            session: None,
            told: false,
            came_of: None,
            request,
        };
        one.reasons = self.against(&mut one);
        let settled = self.queue.is_hasty() && one.device.is_some();
        let ticket = self.queue.push_datagram(datagram, settled);
        one.tickets.push(ticket);
        self.udp.last_number += 1;
        let number = self.udp.last_number;
        self.udp.latest.insert(key, number);
        self.udp.requests.insert(number, one);
    }

    /// HTTP text came by UDP: an answer to the latest request that went the other way, if there is one.
    pub fn handle_udp_answer(&mut self, answer: &UdpAnswer) {
        let mut latest = self.udp.requests.values_mut().rev().take(SIGHTS);
        let asked = latest.find(|request| {
            let since_ns = answer
                .time
                .nanoseconds
                .saturating_sub(request.time.nanoseconds);
            (request.destination, request.source) == (answer.source, answer.destination)
                && (0..=ANSWER_NS).contains(&since_ns)
        });
        if let Some(request) = asked.filter(|request| request.answered_in.len() < ANSWERS_MAX) {
            request.answered_in.extend(answer.frames.iter().copied());
        }
    }

    /// The device of which it is certain that it sends from there: it named this endpoint, or it is alone at an address that
    /// no NAT gives to several.
    fn certainly_at(&self, endpoint: SocketAddr) -> Option<Arc<str>> {
        let own = || {
            let alone = self.devices.only_at(endpoint.ip());
            alone.filter(|_| is_private(endpoint.ip()))
        };
        self.devices.at_udp(endpoint).or_else(own)
    }

    /// The device that sends from there, or listens there.
    fn device_at(&self, endpoint: SocketAddr) -> Option<Arc<str>> {
        self.devices
            .at_udp(endpoint)
            .or_else(|| self.udp.bindings.device_at(endpoint))
            .or_else(|| self.probably_at(endpoint))
    }

    /// The device that is alone at this address; but not where a NAT may have others behind it, and it is known to be
    /// reached at another port.
    fn probably_at(&self, endpoint: SocketAddr) -> Option<Arc<str>> {
        let alone = self.devices.only_at(endpoint.ip())?;
        let reported = self.devices.reported_udp(&alone);
        let elsewhere = reported.is_some_and(|reported| reported != endpoint);
        (is_private(endpoint.ip()) || !elsewhere).then_some(alone)
    }

    /// Takes the requests that set this device's session off, and gives their frames.
    pub(super) fn claim_udp_requests(
        &mut self,
        reached: &Reached<'_>,
        listens: Option<SocketAddr>,
        session: u32,
    ) -> Vec<FrameId> {
        if let Some(listens) = listens {
            self.udp.bindings.tie_mapped(listens, reached.device);
        }
        let mut frames = Vec::new();
        let meant = |request: &UdpRequest| {
            let ours = match &request.device {
                Some(device) => device == reached.device,
                // At an address that the device shares with others behind a NAT, only its own port is its.
                None => {
                    let address = request.destination.ip() == reached.address;
                    let shared = listens.is_some_and(|listens| listens.ip() == reached.address);
                    Some(request.destination) == listens || address && !shared
                }
            };
            ours && request.session.is_none() && request.since_ns >= reached.since_ns
        };
        // Where one of them may have brought the session, those that must not have did not.
        let fits = |request: &UdpRequest| !request.reasons.iter().any(forbids);
        let fitting = self
            .udp
            .requests
            .values()
            .any(|one| meant(one) && fits(one));
        for request in self.udp.requests.values_mut() {
            if !meant(request) || fitting && !fits(request) {
                continue;
            }
            if !reached.requested {
                request.other_session.get_or_insert(session);
                continue;
            }
            request.session = Some(session);
            request.device = Some(Arc::clone(reached.device));
            frames.extend(request.frames.iter().copied());
            let reasons = request.reasons.iter().filter(|reason| forbids(reason));
            let came_of = Arc::new(CameOf {
                result: ConnectionRequestResult::Session,
                reasons: reasons.cloned().collect(),
                last_leg: None,
            });
            request.came_of = Some(Arc::clone(&came_of));
            for ticket in request.tickets.drain(..) {
                self.queue.settle_datagram(ticket, |datagram| {
                    datagram.session = Some(session);
                    datagram.device = Some(Arc::clone(reached.device));
                    datagram.came_of = Some(Arc::clone(&came_of));
                });
            }
        }
        frames.sort_unstable();
        frames
    }

    /// A session closes: the requests that set it off go out with it, and the device has its time to come for those that
    /// found it in this one.
    pub(super) fn close_udp_requests(
        &mut self,
        number: u32,
        end: Timestamp,
        outputs: &mut Vec<Output>,
    ) {
        let mut told = Vec::new();
        for (&at, request) in &mut self.udp.requests {
            if request.in_session == Some(number) {
                request.since_ns = request.since_ns.max(end.nanoseconds);
            }
            if request.session == Some(number) && !std::mem::replace(&mut request.told, true) {
                told.push(at);
            }
        }
        for at in told {
            if let Some(request) = self.udp.requests.get(&at) {
                let told = self.told(request);
                self.give_request(told, outputs);
            }
        }
    }

    /// Gives up the requests that came before this time: no session came of them.
    pub(super) fn expire_udp_requests(&mut self, before_ns: i64, outputs: &mut Vec<Output>) {
        let waits = |assembler: &Self, request: &UdpRequest| {
            let busy = request
                .in_session
                .or(request.session.filter(|_| !request.told));
            request.since_ns >= before_ns
                || before_ns < i64::MAX && busy.is_some_and(|one| assembler.open.contains_key(&one))
        };
        let requests = self.udp.requests.iter();
        let over = requests.filter(|(_, request)| !waits(self, request));
        for number in over.map(|(number, _)| *number).collect::<Vec<_>>() {
            if let Some(request) = self.udp.requests.remove(&number) {
                self.give_udp_request(request, outputs);
            }
        }
    }

    fn give_udp_request(&mut self, mut request: UdpRequest, outputs: &mut Vec<Output>) {
        let key = request.key();
        let latest = self.udp.latest.get(&key).copied();
        if latest.is_some_and(|number| !self.udp.requests.contains_key(&number)) {
            self.udp.latest.remove(&key);
        }
        let told = self.told(&request);
        let came_of = told.came_of();
        for ticket in std::mem::take(&mut request.tickets) {
            self.queue.settle_datagram(ticket, |datagram| {
                datagram.came_of = Some(Arc::clone(&came_of));
            });
        }
        if !request.told {
            self.give_request(told, outputs);
        }
        self.queue.release(outputs);
    }
}

/// The Broadband Forum's sub-options are in it.
fn announces(datagram: &Datagram) -> bool {
    let v4 = datagram
        .dhcp_v4()
        .is_some_and(|message| message.broadband_forum().is_some());
    v4 || datagram
        .dhcp_v6()
        .is_some_and(|message| message.broadband_forum().is_some())
}

/// Requests looked through for one that is seen twice, and nanoseconds between its two sights.
const SIGHTS: usize = 8;
const SIGHT_NS: i64 = 1_000_000_000;
/// Nanoseconds within which HTTP text answers a request, and frames of it that are kept.
const ANSWER_NS: i64 = 10_000_000_000;
const ANSWERS_MAX: usize = 8;
