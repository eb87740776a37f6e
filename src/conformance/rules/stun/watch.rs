//! Reads every STUN message once, keeps what each endpoint of a device did, and shows both to the rules.
//!
//! STUN is everywhere: phones use it for their calls, browsers for theirs. An endpoint is a device's for TR-111 once it sent
//! CONNECTION-REQUEST-BINDING or BINDING-CHANGE; what comes from any other is nobody's business here.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use stun::kind::RESPONSE_ADDRESS;
use stun::{Class, Message};

use super::follow::{id_of, request_of, speaks_tr111, take_answer};
use super::known::Known;
use super::local::Local;
use super::{answer, attributes, change, form, period, ports, reported};
use crate::conformance::{Closed, Exchange, Findings, Topic};
use crate::session::address::is_private;
use crate::session::{Datagram, DatagramKind, Summary};

/// All of it.
#[derive(Debug, Default)]
pub struct Watch {
    locals: HashMap<SocketAddr, Box<Local>, foldhash::fast::RandomState>,
    /// Those at one address, up to a few: where there are more, that is a NAT with many behind it.
    by_ip: HashMap<IpAddr, Vec<SocketAddr>, foldhash::fast::RandomState>,
    /// By the time of the latest request; the first is forgotten first.
    by_age: BTreeSet<(i64, SocketAddr)>,
    /// The endpoint that a device used last.
    of_device: HashMap<Arc<str>, SocketAddr, foldhash::fast::RandomState>,
    known: HashMap<Arc<str>, Box<Known>, foldhash::fast::RandomState>,
    /// In the order in which they became known.
    known_order: VecDeque<Arc<str>>,
    /// The latest requests of anybody, to recognise their second sight on the other side of a NAT.
    sights: VecDeque<Sight>,
    /// Requests from other ports that ask for an answer at the first one.
    probes: VecDeque<Probe>,
    /// Servers that answered a BINDING-CHANGE with 401.
    challenging: HashSet<SocketAddr, foldhash::fast::RandomState>,
    /// Which device the ACS gave a STUNUsername.
    names: HashMap<(Option<IpAddr>, String), Arc<str>, foldhash::fast::RandomState>,
    /// The one that each device was given last.
    name_of: HashMap<Arc<str>, (Option<IpAddr>, String), foldhash::fast::RandomState>,
    /// Sessions in which SetParameterValues was answered with Status 1: what was set may not hold yet.
    pending: VecDeque<u32>,
    /// Devices to which STUNPassword was written in an open session.
    passwords: VecDeque<u32>,
    /// Addresses that DHCP gave, by who asks for them.
    leases: HashMap<Vec<u8>, IpAddr, foldhash::fast::RandomState>,
    moved: VecDeque<ports::Moved>,
    /// Time of the first thing that the capture holds.
    began_ns: Option<i64>,
}

#[derive(Debug)]
struct Sight {
    id: [u8; 16],
    source: SocketAddr,
    time_ns: i64,
}

/// A request from another port whose answer is to go to the first one.
#[derive(Debug)]
pub(super) struct Probe {
    pub id: [u8; 16],
    pub source: SocketAddr,
    pub answered_at: SocketAddr,
    pub frames: Vec<crate::source::FrameId>,
}

/// A request of a device, as rules see it.
pub(super) struct Asked<'a> {
    pub message: &'a Message,
    pub datagram: &'a Datagram,
    pub known: Option<&'a Known>,
    pub began_ns: i64,
}

impl Asked<'_> {
    pub fn time_ns(&self) -> i64 {
        self.datagram.time.nanoseconds
    }
}

impl Topic for Watch {
    fn datagram(&mut self, datagram: &Datagram, findings: &mut Findings) {
        let began_ns = *self.began_ns.get_or_insert(datagram.time.nanoseconds);
        match datagram.kind {
            DatagramKind::Stun => {}
            DatagramKind::DhcpV4 => {
                self.lease(datagram);
                return;
            }
            _ => return,
        }
        let Some(message) = datagram.stun() else {
            return;
        };
        match message.class() {
            Class::Request | Class::Indication => {
                self.request(&message, datagram, began_ns, findings);
            }
            Class::Response | Class::ErrorResponse => self.response(&message, datagram, findings),
        }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, _: &mut Findings) {
        if exchange.method() != "SetParameterValues" || exchange.is_fault() {
            return;
        }
        let Some(session) = exchange.answer.message.session else {
            return;
        };
        let status = exchange
            .response()
            .and_then(|response| response.message()?.child("Status"));
        if status.is_some_and(|status| status.text().trim() == "1") {
            remember(&mut self.pending, session, OPEN_MAX);
        }
        let Some(request) = exchange.request() else {
            return;
        };
        let sets_password = || {
            request.parameters().any(|parameter| {
                parameter.name().ends_with(".ManagementServer.STUNPassword")
                    && parameter.value().is_some_and(|value| !value.is_empty())
            })
        };
        if request.document().may_hold(b"STUNPassword") && sets_password() {
            remember(&mut self.passwords, session, OPEN_MAX);
        }
    }

    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        let start_ns = closed.session.start.nanoseconds;
        self.began_ns.get_or_insert(start_ns);
        let Some(device) = closed.session.device.clone() else {
            return;
        };
        let starts = closed.session.events.iter().any(|event| {
            let code = event.trim();
            code.starts_with("0 ") || code.starts_with("1 ")
        });
        if closed.session.learned.is_empty() && !starts {
            return;
        }
        self.tie_alone(closed, &device);
        self.moved_in(closed, findings);
        let number = closed.session.number;
        let pending = take(&mut self.pending, number);
        let password = take(&mut self.passwords, number);
        if !self.known.contains_key(&device) {
            self.make_room_for_device(&device);
        }
        let mut known = self.known.remove(&device).unwrap_or_default();
        let local = self.of_device.get(&device).copied();
        let told = reported::address_told(closed).filter(|told| local != Some(*told));
        let elsewhere = told.is_some_and(|told| self.locals.contains_key(&told));
        let local = local.and_then(|local| self.locals.get_mut(&local));
        if let Some(local) = local {
            if local.device.as_ref() == Some(&device) {
                period::session(local, start_ns, starts, findings);
                reported::look(closed, local, &known, elsewhere, findings);
            }
        } else {
            reported::look_alone(closed, &known, findings);
        }
        self.unique(closed, &device, findings);
        known.learn(closed, pending, password, starts);
        self.known.insert(device, known);
    }

    fn finish(&mut self, summary: &Summary, findings: &mut Findings) {
        let mut locals: Vec<&mut Box<Local>> = self.locals.values_mut().collect();
        locals.sort_by_key(|local| local.address);
        let _ = summary;
        for local in locals {
            let known = local
                .device
                .as_ref()
                .and_then(|device| self.known.get(device));
            period::release(local, i64::MAX, findings);
            ports::never_probed(local, known.map(Box::as_ref), findings);
        }
    }
}

impl Watch {
    fn request(
        &mut self,
        message: &Message,
        datagram: &Datagram,
        began_ns: i64,
        findings: &mut Findings,
    ) {
        let source = datagram.source;
        if !self.locals.contains_key(&source) {
            if self.probe(message, datagram, findings) {
                return;
            }
            if !speaks_tr111(message) {
                self.remember_sight(message, datagram);
                // A device that is known, with an attribute that is almost TR-111's.
                if datagram.device.is_some() && message.has_connection_request_binding() {
                    attributes::odd_binding(message, datagram, findings);
                }
                return;
            }
            let echo = self.is_echo(message, datagram);
            self.make_room();
            self.locals
                .insert(source, Box::new(Local::new(datagram, echo)));
            self.by_age.insert((datagram.time.nanoseconds, source));
            let there = self.by_ip.entry(source.ip()).or_default();
            if there.len() < AT_ONE_ADDRESS_MAX {
                there.push(source);
            }
        }
        self.remember_sight(message, datagram);
        let Some(local) = self.locals.get_mut(&source) else {
            return;
        };
        if local.echo {
            return;
        }
        self.by_age.remove(&(local.last_ns, source));
        self.by_age.insert((datagram.time.nanoseconds, source));
        if let Some(device) = &datagram.device {
            local.device = Some(Arc::clone(device));
            self.of_device.insert(Arc::clone(device), source);
        }
        let known = local
            .device
            .as_ref()
            .and_then(|device| self.known.get(device));
        let asked = Asked {
            message,
            datagram,
            known: known.map(Box::as_ref),
            began_ns,
        };
        request_of(local, &asked, findings);
        self.two_ports(datagram, findings);
    }

    /// STUN-010: another port of the same address is in use at the same time.
    fn two_ports(&mut self, datagram: &Datagram, findings: &mut Findings) {
        let source = datagram.source;
        let Some(there) = self.by_ip.get(&source.ip()) else {
            return;
        };
        let [one, two] = there[..] else {
            return;
        };
        let other = if one == source { two } else { one };
        let Some(other) = self.locals.get(&other).filter(|other| !other.echo) else {
            return;
        };
        let (address, marked_ns, first_ns) = (other.address, other.marked_ns, other.first_ns);
        let other_device = other.device.clone();
        let Some(local) = self.locals.get_mut(&source) else {
            return;
        };
        if local.two_ports_told || other_device != local.device {
            return;
        }
        let known = local
            .device
            .as_ref()
            .and_then(|device| self.known.get(device));
        let other = ports::Other {
            address,
            marked_ns,
            first_ns,
        };
        ports::two(local, &other, known.map(Box::as_ref), datagram, findings);
    }

    /// The one endpoint at an address; `None` where there are several.
    fn alone_at(&self, ip: IpAddr) -> Option<SocketAddr> {
        let there = self.by_ip.get(&ip)?;
        if there.len() >= AT_ONE_ADDRESS_MAX {
            return None;
        }
        let own = |at: &&SocketAddr| self.locals.get(*at).is_some_and(|local| !local.echo);
        let mut there = there.iter().filter(own);
        match (there.next(), there.next()) {
            (Some(one), None) => Some(*one),
            _ => None,
        }
    }

    /// A request from a port that is no device's for TR-111, with the answer sent to one that is: false where it is none.
    fn probe(&mut self, message: &Message, datagram: &Datagram, findings: &mut Findings) -> bool {
        let Some(answered_at) = message.address(RESPONSE_ADDRESS) else {
            return false;
        };
        if answered_at == datagram.source {
            return false;
        }
        let there = self.by_ip.get(&datagram.source.ip());
        let was_at = |at: &&SocketAddr| {
            let local = self.locals.get(*at);
            local.is_some_and(|local| !local.echo && local.was_near(answered_at))
        };
        let found = there.into_iter().flatten().find(was_at).copied();
        let Some(local) = found.and_then(|at| self.locals.get_mut(&at)) else {
            return false;
        };
        local.probes = local.probes.saturating_add(1);
        ports::probe(local, message, datagram, answered_at, findings);
        if self.probes.len() >= SIGHTS_MAX {
            self.probes.pop_front();
        }
        self.probes.push_back(Probe {
            id: id_of(message),
            source: datagram.source,
            answered_at,
            frames: datagram.frames.clone(),
        });
        true
    }

    fn response(&mut self, message: &Message, datagram: &Datagram, findings: &mut Findings) {
        let id = id_of(message);
        if let Some(probe) = self.probes.iter().find(|probe| probe.id == id) {
            answer::of_probe(probe, message, datagram, findings);
            return;
        }
        let Some(local) = self.locals.get_mut(&datagram.destination) else {
            return;
        };
        if local.echo {
            return;
        }
        let Some(at) = local.transactions.iter().position(|one| one.id == id) else {
            // Its request is missing from the capture: so may others be.
            local.unseen_ns = Some(datagram.time.nanoseconds);
            return;
        };
        let known = local
            .device
            .as_ref()
            .and_then(|device| self.known.get(device));
        form::look(message, datagram, findings);
        let challenging = &mut self.challenging;
        answer::look(local, at, message, datagram, challenging, findings);
        change::answered(
            local,
            at,
            message,
            datagram,
            known.map(Box::as_ref),
            findings,
        );
        take_answer(local, at, message, datagram);
    }

    fn is_echo(&self, message: &Message, datagram: &Datagram) -> bool {
        let id = id_of(message);
        self.sights.iter().any(|sight| {
            sight.id == id
                && sight.source != datagram.source
                && datagram.time.nanoseconds.saturating_sub(sight.time_ns) < ECHO_NS
        })
    }

    fn remember_sight(&mut self, message: &Message, datagram: &Datagram) {
        if self.sights.len() >= SIGHTS_MAX {
            self.sights.pop_front();
        }
        self.sights.push_back(Sight {
            id: id_of(message),
            source: datagram.source,
            time_ns: datagram.time.nanoseconds,
        });
    }

    fn make_room(&mut self) {
        if self.locals.len() >= LOCALS_MAX
            && let Some((_, oldest)) = self.by_age.pop_first()
            && let Some(local) = self.locals.remove(&oldest)
        {
            if let Some(there) = self.by_ip.get_mut(&oldest.ip()) {
                there.retain(|at| *at != oldest);
                if there.is_empty() {
                    self.by_ip.remove(&oldest.ip());
                }
            }
            if let Some(device) = &local.device
                && self.of_device.get(device) == Some(&oldest)
            {
                self.of_device.remove(device);
            }
        }
    }

    /// An endpoint that nobody has named is the device's that is alone at its address, where no NAT gives that to several.
    fn tie_alone(&mut self, closed: &Closed<'_>, device: &Arc<str>) {
        let Some(ip) = closed.session.cpe.address else {
            return;
        };
        if self.of_device.contains_key(device) || !is_private(ip) {
            return;
        }
        let alone = self.alone_at(ip);
        if let Some(local) = alone.and_then(|at| self.locals.get_mut(&at))
            && local.device.is_none()
        {
            local.device = Some(Arc::clone(device));
            self.of_device.insert(Arc::clone(device), local.address);
        }
    }

    /// STUN-041: one STUNUsername for two devices.
    fn unique(&mut self, closed: &Closed<'_>, device: &Arc<str>, findings: &mut Findings) {
        let Some(name) = reported::user_name_set(closed) else {
            return;
        };
        let key = (closed.session.acs.address, name.value.clone());
        // What a device was called before is free for others.
        if let Some(before) = self.name_of.remove(device)
            && before != key
            && self.names.get(&before) == Some(device)
        {
            self.names.remove(&before);
        }
        if self.name_of.len() < NAMES_MAX {
            self.name_of.insert(Arc::clone(device), key.clone());
        }
        let Some(other) = self.names.get(&key) else {
            if self.names.len() < NAMES_MAX {
                self.names.insert(key, Arc::clone(device));
            }
            return;
        };
        if other == device {
            return;
        }
        let challenged = [other, device].iter().any(|one| {
            let local = self.of_device.get(*one).and_then(|at| self.locals.get(at));
            local.is_some_and(|local| self.challenging.contains(&local.server))
        });
        reported::shared_name(closed, other, name, challenged, findings);
    }

    fn make_room_for_device(&mut self, device: &Arc<str>) {
        if self.known_order.len() >= DEVICES_MAX
            && let Some(oldest) = self.known_order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.known_order.push_back(Arc::clone(device));
    }

    /// STUN-042: a host got another address by DHCP.
    fn lease(&mut self, datagram: &Datagram) {
        let Some(message) = datagram.dhcp_v4() else {
            return;
        };
        if message.message_type() != Some(dhcp::v4::MessageType::Ack) {
            return;
        }
        let client = message.header().hardware_address().to_vec();
        let Some(given) = message.offered_address().map(IpAddr::V4) else {
            return;
        };
        if self.leases.len() >= LOCALS_MAX && !self.leases.contains_key(&client) {
            return;
        }
        let Some(before) = self.leases.insert(client, given) else {
            return;
        };
        if before == given {
            return;
        }
        let alone = self.alone_at(before);
        let Some(local) = alone.and_then(|at| self.locals.get(&at)) else {
            return;
        };
        if let Some(device) = &local.device {
            if self.moved.len() >= SIGHTS_MAX {
                self.moved.pop_front();
            }
            self.moved.push_back(ports::Moved {
                device: Arc::clone(device),
                to: given,
                time_ns: datagram.time.nanoseconds,
                frames: datagram.frames.clone(),
            });
        }
    }

    fn moved_in(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        if self.moved.is_empty() {
            return;
        }
        let (by_ip, known) = (&self.by_ip, &self.known);
        self.moved.retain(|moved| {
            let known = known.get(&moved.device).map(Box::as_ref);
            !by_ip.contains_key(&moved.to) && ports::still_waits(moved, closed, known, findings)
        });
    }
}

fn remember(list: &mut VecDeque<u32>, session: u32, max: usize) {
    if list.contains(&session) {
        return;
    }
    if list.len() >= max {
        list.pop_front();
    }
    list.push_back(session);
}

fn take(list: &mut VecDeque<u32>, session: u32) -> bool {
    let at = list.iter().position(|one| *one == session);
    at.and_then(|at| list.remove(at)).is_some()
}

/// Endpoints followed; the one silent for longest is forgotten. A box of them costs about 1 KB.
const LOCALS_MAX: usize = 16_384;
/// Endpoints told apart at one address.
const AT_ONE_ADDRESS_MAX: usize = 32;
/// Devices whose values are remembered.
const DEVICES_MAX: usize = 16_384;
/// User names that an ACS gave.
const NAMES_MAX: usize = 65_536;
/// Open sessions that set something with Status 1, or a password.
const OPEN_MAX: usize = 256;
/// Requests remembered to recognise their second sight, and probes whose answer may come.
const SIGHTS_MAX: usize = 64;
/// Nanoseconds between the two sights of one request.
const ECHO_NS: i64 = 2_000_000_000;
