//! Reads every UDP Connection Request and what STUN shows of its way, keeps both until it is known what came of the request,
//! and shows them to the rules.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use stun::Class;
use stun::kind::{CHANGE_REQUEST, RESPONSE_ADDRESS};
use stun::ucr::Name;

use super::asked::{Asked, Proof, Told, Way};
use super::known::{Known, Source};
use super::repeated::{Latest, Past};
use super::{brought, form, repeated, signed, way};
use crate::conformance::{Closed, Exchange, Findings, Seen, Topic};
use crate::session::{
    ConnectionRequest, ConnectionRequestCarrier, Datagram, DatagramKind, Role, Side, Summary,
};

/// All of it.
#[derive(Debug, Default)]
pub struct Watch {
    /// By where devices send from; the first met is forgotten first.
    endpoints: HashMap<SocketAddr, Endpoint, foldhash::fast::RandomState>,
    endpoint_order: VecDeque<SocketAddr>,
    devices: HashMap<Arc<str>, Box<Known>, foldhash::fast::RandomState>,
    device_order: VecDeque<Arc<str>>,
    /// Requests of which it is not known yet what came, the earliest first.
    waiting: VecDeque<Asked>,
    latest: Latest,
    /// Sessions of nobody knows whom: when, and from where.
    strangers: VecDeque<(i64, IpAddr)>,
}

/// An endpoint that keeps a binding by STUN.
#[derive(Debug)]
struct Endpoint {
    device: Option<Arc<str>>,
    /// The server that it asked last, and whether with BINDING-CHANGE.
    asked: SocketAddr,
    changes: bool,
    mapped: Option<SocketAddr>,
    /// The servers that answered.
    servers: Vec<SocketAddr>,
    /// The first answer, and the last to a BINDING-CHANGE.
    first_ns: Option<i64>,
    changed_ns: Option<i64>,
}

impl Topic for Watch {
    fn datagram(&mut self, datagram: &Datagram, findings: &mut Findings) {
        match datagram.kind {
            DatagramKind::Stun => self.stun(datagram),
            DatagramKind::ConnectionRequest => self.ask(datagram, findings),
            _ => {}
        }
    }

    fn message(&mut self, seen: &Seen<'_>, _: &mut Findings) {
        let nobody_waits = self.devices.is_empty() && self.waiting.is_empty();
        if seen.from() == Side::Other || nobody_waits {
            return;
        }
        if seen.message.role == Role::ConnectionRequest {
            // A proof that was found right shows that the known password is the device's.
            if seen.message.authorized == Some(true)
                && let Some(known) = seen
                    .message
                    .device
                    .as_ref()
                    .and_then(|device| self.devices.get_mut(device))
            {
                known.proved = true;
            }
            return;
        }
        if seen.is_cwmp() && seen.is_request() && seen.from() == Side::Cpe {
            self.came(seen);
        }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, _: &mut Findings) {
        if exchange.method() != "SetParameterValues" || exchange.is_fault() {
            return;
        }
        let Some(request) = exchange.request() else {
            return;
        };
        if !request.document().may_hold(b".ConnectionRequest") {
            return;
        }
        let session = exchange.answer.session;
        let device = session.and_then(|session| session.device.clone());
        if let Some(device) = device {
            self.device(&device).set(exchange);
        }
    }

    fn connection_request(&mut self, request: &ConnectionRequest, findings: &mut Findings) {
        if request.carrier == ConnectionRequestCarrier::Http {
            let known = request.device.as_ref();
            let known = known.and_then(|device| self.devices.get_mut(device));
            if let Some(known) = known {
                known.brought.asked_by_http(request.start().nanoseconds);
            }
            return;
        }
        let frame = request.steps.first().and_then(|step| step.frames.first());
        let at = self
            .waiting
            .iter()
            .position(|asked| Some(&asked.frame) == frame);
        if let Some(asked) = at.and_then(|at| self.waiting.remove(at)) {
            self.told(&asked, request, findings);
        }
    }

    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        let session = closed.session;
        let Some(device) = session.device.clone() else {
            return;
        };
        let concerns = |name: &str| {
            name.ends_with(".UDPConnectionRequestAddress")
                || name.ends_with(".ConnectionRequestUsername")
        };
        let told = session.learned.iter().any(|one| concerns(&one.name));
        if !told && !self.devices.contains_key(&device) {
            return;
        }
        let known = self.device(&device);
        known.learn(closed);
        known.brought.close(closed);
        brought::judge(known, &device, session.start.nanoseconds, findings);
    }

    fn finish(&mut self, _: &Summary, findings: &mut Findings) {
        let mut devices: Vec<_> = self.devices.drain().collect();
        devices.sort_by(|one, other| one.0.cmp(&other.0));
        for (device, mut known) in devices {
            brought::judge(&mut known, &device, i64::MAX, findings);
        }
    }
}

impl Watch {
    /// The first copy of a request, or another one.
    fn ask(&mut self, datagram: &Datagram, findings: &mut Findings) {
        let Some(request) = datagram.connection_request() else {
            return;
        };
        form::look(datagram, &request, findings);
        let differs = self.latest.look(datagram, &request, findings);
        if differs {
            let same = |asked: &&mut Asked| {
                [Name::Timestamp, Name::Id]
                    .into_iter()
                    .all(|name| asked.request.value(name) == request.value(name))
            };
            if let Some(first) = self.waiting.iter_mut().rev().find(same) {
                first.differs = true;
            }
        }
        let Some(frame) = datagram.frames.first().copied() else {
            return;
        };
        if datagram.copy_of.is_some() || request.bytes().len() > BYTES_MAX {
            return;
        }
        let endpoint = datagram.binding.and_then(|local| {
            let endpoint = self.endpoints.get(&local)?;
            Some((local, endpoint))
        });
        if self.waiting.len() >= WAITING_MAX {
            self.waiting.pop_front();
        }
        self.waiting.push_back(Asked {
            frame,
            request: Box::new(request),
            time_ns: datagram.time.nanoseconds,
            verified: datagram.verified,
            way: endpoint.map(|(local, endpoint)| Way {
                local,
                mapped: endpoint.mapped,
                servers: endpoint.servers.clone(),
            }),
            differs,
        });
    }

    /// It is known what came of a request.
    fn told(&mut self, asked: &Asked, request: &ConnectionRequest, findings: &mut Findings) {
        let Some(device) = request.device.clone() else {
            let known = Known::default();
            let told = Told {
                asked,
                result: request,
                known: &known,
            };
            signed::look(&told, findings);
            way::look(&told, findings);
            brought::answered(&told, findings);
            return;
        };
        let missed = self.missed(asked, request);
        let mut known = std::mem::take(self.device(&device));
        let told = Told {
            asked,
            result: request,
            known: &known,
        };
        signed::look(&told, findings);
        repeated::later(&told, findings);
        way::look(&told, findings);
        brought::answered(&told, findings);
        brought::nothing_came(&told, missed, findings);
        let proof = told.proof();
        let was_taken_with_another = told.was_taken_with_another();
        let past = repeated::past(&told, matches!(proof, Proof::Wrong { .. }));
        let mut served = std::mem::take(&mut known.brought);
        served.serve(&Told {
            asked,
            result: request,
            known: &known,
        });
        known.brought = served;
        known.proved |= matches!(proof, Proof::Right(_));
        known.doubted |= was_taken_with_another;
        keep(&mut known.past, past);
        brought::judge(&mut known, &device, asked.time_ns, findings);
        *self.device(&device) = known;
    }

    /// A session of nobody knows whom came from where the device is: it may be this device's.
    fn missed(&self, asked: &Asked, request: &ConnectionRequest) -> bool {
        let end_ns = request.steps.iter().map(|step| step.time.nanoseconds);
        let until_ns = end_ns
            .max()
            .unwrap_or(asked.time_ns)
            .saturating_add(SOON_NS);
        let here = |ip: IpAddr| {
            let way = asked.way.as_ref();
            ip == request.destination.ip() || way.is_some_and(|way| way.local.ip() == ip)
        };
        let mut strangers = self.strangers.iter();
        strangers.any(|(time_ns, ip)| (asked.time_ns..=until_ns).contains(time_ns) && here(*ip))
    }

    /// A request of a device to its ACS.
    fn came(&mut self, seen: &Seen<'_>) {
        let provenance = &seen.message.provenance;
        let time_ns = provenance.time.nanoseconds;
        let device = seen.session.and_then(|session| session.device.as_ref());
        let Some(device) = device else {
            if !self.waiting.is_empty() {
                if self.strangers.len() >= STRANGERS_MAX {
                    self.strangers.pop_front();
                }
                self.strangers.push_back((time_ns, provenance.source.ip()));
            }
            return;
        };
        let Some(known) = self.devices.get_mut(device) else {
            return;
        };
        let inform = seen.inform();
        let events = inform.map(|inform| inform.events()).unwrap_or_default();
        let has = |code: &str| {
            events
                .iter()
                .any(|event| event.code.trim().starts_with(code))
        };
        if has("0 ") || has("1 ") {
            known.started(time_ns, has("0 "));
        }
    }

    /// Takes in what STUN shows of an endpoint that is kept for Connection Requests.
    fn stun(&mut self, datagram: &Datagram) {
        let [first, second, ..] = datagram.payload[..] else {
            return;
        };
        match stun::class_of(u16::from_be_bytes([first, second])) {
            Class::Request => self.stun_request(datagram),
            Class::Response => self.stun_response(datagram),
            _ => {}
        }
    }

    fn stun_request(&mut self, datagram: &Datagram) {
        let source = datagram.source;
        let known = self.endpoints.contains_key(&source);
        if !known && memchr::memmem::find(&datagram.payload, MARK).is_none() {
            return;
        }
        let Some(message) = datagram.stun() else {
            return;
        };
        // The answers to these come from elsewhere, or go elsewhere.
        if message.has(CHANGE_REQUEST) || message.has(RESPONSE_ADDRESS) {
            return;
        }
        if !known {
            if self.endpoints.len() >= ENDPOINTS_MAX
                && let Some(oldest) = self.endpoint_order.pop_front()
            {
                self.endpoints.remove(&oldest);
            }
            self.endpoint_order.push_back(source);
        }
        let endpoint = self.endpoints.entry(source).or_insert_with(|| Endpoint {
            device: None,
            asked: datagram.destination,
            changes: false,
            mapped: None,
            servers: Vec::new(),
            first_ns: None,
            changed_ns: None,
        });
        endpoint.asked = datagram.destination;
        endpoint.changes = message.has_binding_change();
        if datagram.device.is_some() {
            endpoint.device.clone_from(&datagram.device);
        }
    }

    fn stun_response(&mut self, datagram: &Datagram) {
        let local = datagram.destination;
        let Some(endpoint) = self.endpoints.get_mut(&local) else {
            return;
        };
        let server = datagram.source;
        let mapped = datagram.stun().and_then(|message| message.mapped_address());
        let Some(mapped) = mapped.filter(|_| server == endpoint.asked) else {
            return;
        };
        endpoint.mapped = Some(mapped);
        if !endpoint.servers.contains(&server) {
            if endpoint.servers.len() >= SERVERS_MAX {
                endpoint.servers.remove(0);
            }
            endpoint.servers.push(server);
        }
        let time_ns = datagram.time.nanoseconds;
        let first_ns = *endpoint.first_ns.get_or_insert(time_ns);
        if endpoint.changes {
            endpoint.changed_ns = Some(time_ns);
        }
        let changed_ns = endpoint.changed_ns;
        if let Some(device) = endpoint.device.clone().filter(|_| mapped == local) {
            self.device(&device).bound(Source {
                address: local,
                server,
                first_ns,
                last_ns: time_ns,
                changed_ns,
            });
        }
    }

    fn device(&mut self, device: &Arc<str>) -> &mut Known {
        if !self.devices.contains_key(device) {
            if self.devices.len() >= DEVICES_MAX
                && let Some(oldest) = self.device_order.pop_front()
            {
                self.devices.remove(&oldest);
            }
            self.device_order.push_back(Arc::clone(device));
        }
        self.devices.entry(Arc::clone(device)).or_default()
    }
}

fn keep(list: &mut VecDeque<Past>, one: Past) {
    if list.len() >= PAST_MAX {
        list.pop_front();
    }
    list.push_back(one);
}

/// What a Binding Request of TR-111 has in it.
const MARK: &[u8] = b"dslforum.org/TR-111";
/// Endpoints and devices followed.
const ENDPOINTS_MAX: usize = 16_384;
const DEVICES_MAX: usize = 16_384;
/// Servers of one endpoint.
const SERVERS_MAX: usize = 4;
/// Requests that wait for their result, and bytes of one.
const WAITING_MAX: usize = 1_024;
const BYTES_MAX: usize = 2_048;
/// Requests remembered of one device.
const PAST_MAX: usize = 16;
/// Messages of sessions of nobody knows whom.
const STRANGERS_MAX: usize = 64;
/// Nanoseconds within which a session comes.
const SOON_NS: i64 = 35_000_000_000;
