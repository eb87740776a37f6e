//! Requests: of a session, a Connection Request, a transfer, or nothing of ours.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use http1::Kind;

use super::facts::{EnvelopeKind, Facts, lossy, url};
use super::identity::Url;
use super::open::Said;
use super::queue::Ticket;
use super::transfers::Expected;
use super::{Arrived, Asked, Assembler, Output, Probe, count, transfers, wake};
use crate::session::{
    Cause, Evidence, Message, Role, Side, StepKind, Transfer, TransferDirection, TransferMethod,
    TransferResult,
};

impl Assembler {
    pub(super) fn request(
        &mut self,
        arrived: Box<Arrived>,
        facts: &Facts,
        outputs: &mut Vec<Output>,
    ) {
        let number = if let Some(inform) = facts.inform() {
            Some(self.session_of_inform(&arrived, inform, outputs))
        } else if facts.envelopes.is_empty() {
            let post = arrived.http.method() == b"POST";
            post.then(|| self.session_of(&arrived, facts)).flatten()
        } else {
            let known = self.session_of(&arrived, facts);
            Some(known.unwrap_or_else(|| self.begin_before(&arrived, outputs)))
        };
        match number {
            Some(number) => {
                let number = self.cut_if_long(number, &arrived, outputs);
                self.cpe_message(number, arrived, facts, outputs);
            }
            None => self.other_request(arrived, facts, outputs),
        }
    }

    /// A request of a session.
    fn cpe_message(
        &mut self,
        number: u32,
        arrived: Box<Arrived>,
        facts: &Facts,
        outputs: &mut Vec<Output>,
    ) {
        self.tally(&arrived, facts);
        self.totals.cwmp.empty_posts += u64::from(facts.empty_post);
        let connection = arrived.provenance.connection;
        self.carry(connection, number);
        let state = self.connections.entry(connection).or_default();
        // CWMP does not pipeline (TR-069 3.4.1): a request before the last one's response means that the capture lacks it.
        let unheard = state
            .asked
            .iter()
            .any(|asked| matches!(asked, Asked::Session(one) if *one == number));
        state.damaged |= unheard;
        self.ask(connection, Asked::Session(number), outputs);
        let mut device = None;
        self.use_connection(number, connection);
        if let Some(open) = self.open.get_mut(&number) {
            open.note_evidence(arrived.provenance.evidence);
            open.damaged |= unheard;
            let step = facts.step(&arrived, Side::Cpe);
            if facts.empty_post {
                open.say_nothing();
            } else {
                let frames = &step.frames;
                open.say(&Said {
                    from: Side::Cpe,
                    envelopes: &facts.envelopes,
                    frames,
                    time: step.time,
                    learned_max: self.limits.learned_max,
                });
            }
            open.step(step);
            device.clone_from(&open.session.device);
        }
        self.emit(arrived, Side::Cpe, Role::Cwmp, true, |message| {
            message.session = Some(number);
            message.device = device;
        });
    }

    fn other_request(&mut self, arrived: Box<Arrived>, facts: &Facts, outputs: &mut Vec<Output>) {
        let http = &arrived.http;
        let upload = matches!(http.method(), b"PUT" | b"POST");
        let target = lossy(http.target());
        let expected = self.transfers.find(&transfers::Asked {
            target: &target,
            host: http.header("Host"),
            source: arrived.provenance.source.ip(),
            destination: arrived.provenance.destination,
            upload,
        });
        if let Some(expected) = expected {
            self.transfer_request(arrived, facts, target, expected, outputs);
        } else if self.is_pipelined(arrived.provenance.connection) {
            self.ask(arrived.provenance.connection, Asked::Other, outputs);
            self.emit(arrived, Side::Other, Role::Other, true, |_| {});
        } else if is_get(http) || self.is_at_a_door(&arrived, facts, &target) {
            self.possible_wake(arrived, facts, target, outputs);
        } else if facts.empty_post || facts.withheld {
            self.probe(arrived, facts, outputs);
        } else {
            self.ask(arrived.provenance.connection, Asked::Other, outputs);
            self.emit(arrived, Side::Other, Role::Other, true, |_| {});
        }
    }

    /// Requests before it on its connection have no answer yet, more than a gap may have swallowed. Nobody asks a device
    /// for a connection so (TR-069 3.2.2: a GET, and again with the answer to its challenge), nor an ACS for a challenge.
    fn is_pipelined(&self, connection: u64) -> bool {
        self.connections.get(&connection).is_some_and(|state| {
            let swallowed = if state.damaged { LEGS_LOST_MAX } else { 0 };
            state.asked.len() > swallowed
        })
    }

    /// What no Connection Request should be (another method than GET, or one with a body), where a device listens for them
    /// and from whom one is expected: an ACS, or somebody who gives credentials. Scanners try everything.
    fn is_at_a_door(&self, arrived: &Arrived, facts: &Facts, target: &str) -> bool {
        let (source, destination) = (arrived.provenance.source, arrived.provenance.destination);
        self.devices.listens_at(destination)
            && arrived.http.head_complete()
            && facts.envelopes.is_empty()
            && !facts.withheld
            && (self.is_acs(source.ip()) || arrived.http.header("Authorization").is_some())
            && self
                .devices
                .listener(destination.ip(), destination.port(), target)
                .is_some()
    }

    fn transfer_request(
        &mut self,
        arrived: Box<Arrived>,
        facts: &Facts,
        name: String,
        expected: Expected,
        outputs: &mut Vec<Output>,
    ) {
        let bytes = if expected.direction == TransferDirection::Upload {
            arrived.http.body_bytes
        } else {
            0
        };
        let transfer = Box::new(Transfer {
            device: expected.device.clone(),
            source: arrived.provenance.source,
            destination: arrived.provenance.destination,
            method: TransferMethod::Http,
            direction: expected.direction,
            name,
            bytes: Some(bytes),
            missing_bytes: None,
            announced_bytes: None,
            result: TransferResult::Unanswered,
            code: None,
            reason: None,
            caused_by: Some(expected.cause.clone()),
            steps: vec![facts.step(&arrived, Side::Cpe)],
        });
        self.ask(
            arrived.provenance.connection,
            Asked::Transfer(transfer),
            outputs,
        );
        self.emit(arrived, Side::Cpe, Role::Transfer, true, |message| {
            message.device = expected.device;
            message.session = Some(expected.cause.session);
            message.caused_by = Some(expected.cause);
        });
    }

    /// A GET that nobody asked for: a Connection Request if a device is known to listen there, or one turns out to.
    fn possible_wake(
        &mut self,
        arrived: Box<Arrived>,
        facts: &Facts,
        target: String,
        outputs: &mut Vec<Output>,
    ) {
        // A proxy is asked in absolute form (RFC 9112 section 3.2.2): the same place by another spelling.
        let target = match Url::parse(&target) {
            Some(absolute) => absolute.target,
            None => target,
        };
        let provenance = &arrived.provenance;
        let destination = provenance.destination;
        let device = self
            .devices
            .listener(destination.ip(), destination.port(), &target)
            .or_else(|| {
                let elsewhere = self.listener_of_acs(provenance.source.ip(), destination);
                elsewhere.map(Some)
            });
        let listens = device.is_some();
        let device = device.flatten();
        let by_acs = self.is_acs(provenance.source.ip());
        let running = device.as_ref().and_then(|device| self.running(device));
        let reported = device
            .as_ref()
            .and_then(|device| self.devices.connection_request_url(device))
            .map(str::to_owned);
        let asked = wake::Asked {
            source: provenance.source,
            destination,
            target,
            time: provenance.time,
            offered: arrived.http.header("Authorization").is_some(),
        };
        let mut step = facts.step(&arrived, Side::Acs);
        // Whatever its method and body are, it is no request of a session.
        let method = lossy(arrived.http.method());
        step.kind = StepKind::Request(method, lossy(arrived.http.target()));
        let id = self.wakes.ask(asked, listens, step);
        let mut certain = false;
        let credentials = self.queue.credentials.as_deref();
        if let Some(wake) = self.wakes.by_id(id) {
            certain = wake.certain;
            if device.is_some() {
                wake.request.device.clone_from(&device);
                wake.reported_url = reported;
            }
            wake.by_acs = by_acs;
            wake.offer(&arrived, credentials);
        }
        if let Some(session) = running {
            self.wakes.finds_busy(id, session);
        }
        if self.wakes.count() > self.limits.wakes_max {
            self.reached("wakes_max");
            if let Some(wake) = self.wakes.pop() {
                self.give_wake(wake, outputs);
            }
        }
        self.ask(arrived.provenance.connection, Asked::Wake(id), outputs);
        // Even a certain one waits, unless in haste: its session is not known yet.
        let settled = certain && self.queue.is_hasty();
        let from = if certain { Side::Acs } else { Side::Other };
        let role = if certain {
            Role::ConnectionRequest
        } else {
            Role::Other
        };
        let ticket = self.emit(arrived, from, role, settled, |message| {
            message.device = device;
        });
        if let Some(wake) = self.wakes.by_id(id) {
            wake.tickets.push(ticket);
        }
    }

    /// An ACS, or its STUN server, is at this address.
    pub(super) fn is_acs(&self, address: IpAddr) -> bool {
        self.acs_addresses.contains(&address) || self.udp.bindings.is_server(address)
    }

    /// The device that listens there, though for another path, where an ACS asks: the path may be one of before.
    pub(super) fn listener_of_acs(
        &self,
        asks: IpAddr,
        destination: SocketAddr,
    ) -> Option<Arc<str>> {
        self.is_acs(asks).then(|| {
            self.devices
                .listener_at(destination.ip(), destination.port())
        })?
    }

    /// An empty POST outside any session: some devices fetch a challenge so, and a capture may begin with one.
    fn probe(&mut self, arrived: Box<Arrived>, facts: &Facts, outputs: &mut Vec<Output>) {
        let step = facts.step(&arrived, Side::Cpe);
        let (source, destination) = (arrived.provenance.source, arrived.provenance.destination);
        let connection = arrived.provenance.connection;
        let url = url(&arrived);
        let ticket = self.emit(arrived, Side::Other, Role::Other, false, |_| {});
        let probe = Probe {
            step,
            ticket,
            source,
            destination,
            url,
        };
        self.ask(connection, Asked::Probe(Box::new(probe)), outputs);
    }

    fn ask(&mut self, connection: u64, asked: Asked, outputs: &mut Vec<Output>) {
        let state = self.connections.entry(connection).or_default();
        let given_up = state.ask(asked, self.limits.requests_waiting_max);
        if let Some(given_up) = given_up {
            self.reached("requests_waiting_max");
            self.unanswered(given_up, outputs);
        }
    }

    /// A session that goes on for ever is cut into pieces.
    fn cut_if_long(&mut self, number: u32, arrived: &Arrived, outputs: &mut Vec<Output>) -> u32 {
        let long = self.open.get(&number).is_some_and(|open| {
            open.session.steps.len().max(open.session.rpcs.len()) >= self.limits.steps_max
        });
        if !long {
            return number;
        }
        self.reached("steps_max");
        self.close(number, outputs);
        self.begin_before(arrived, outputs)
    }

    /// Counts what a CWMP message holds.
    pub(super) fn tally(&mut self, arrived: &Arrived, facts: &Facts) {
        let names_max = self.limits.names_max;
        let totals = &mut self.totals.cwmp;
        totals.xml_bytes += facts.xml_bytes;
        totals.undecodable +=
            u64::from(facts.undecodable && arrived.provenance.evidence == Evidence::Complete);
        for envelope in &facts.envelopes {
            if let Some(name) = &envelope.name {
                count(&mut totals.messages, name, names_max);
            }
            if envelope.kind == EnvelopeKind::Fault {
                let code = envelope.fault_code.as_deref().unwrap_or("none");
                count(&mut totals.faults, code, names_max);
            }
            totals.parameter_values += envelope.parameter_values;
        }
    }

    /// Expects the files that an ACS's message asks for.
    pub(super) fn expect_transfers(&mut self, number: u32, facts: &Facts) {
        let session = self.open.get(&number).map(|open| &open.session);
        let device = session.and_then(|session| session.device.clone());
        let address = session.and_then(|session| session.cpe.address);
        for transfer in facts
            .envelopes
            .iter()
            .flat_map(|envelope| &envelope.transfers)
        {
            let direction = if transfer.upload {
                TransferDirection::Upload
            } else {
                TransferDirection::Download
            };
            let expected = Expected {
                path: transfers::path_of(&transfer.url).into(),
                url: transfer.url.clone(),
                at: transfer.url.address(),
                direction,
                device: device.clone(),
                cause: Cause {
                    session: number,
                    command_key: transfer.command_key.clone(),
                },
                time_ns: self.now.nanoseconds,
                address,
                used: 0,
            };
            if !self.transfers.expect(expected, self.limits.transfers_max) {
                self.reached("transfers_max");
            }
        }
    }

    /// Hands a message on, where messages are wanted.
    pub(super) fn emit(
        &mut self,
        arrived: Box<Arrived>,
        from: Side,
        role: Role,
        settled: bool,
        complete: impl FnOnce(&mut Message),
    ) -> Ticket {
        if !self.queue.is_wanted() {
            self.spent.messages.push(arrived);
            return None;
        }
        let Arrived {
            http,
            soap,
            provenance,
            exchange,
            ..
        } = *arrived;
        let gaps = self.connections.get(&provenance.connection);
        let mut message = Message {
            exchange,
            opens_connection: http.kind() == Kind::Request && exchange == Some(0),
            gaps_before: gaps.map_or(0, |connection| connection.gaps),
            http,
            soap,
            provenance,
            from,
            role,
            session: None,
            device: None,
            came_of: None,
            authorized: None,
            caused_by: None,
        };
        complete(&mut message);
        self.queue.push(message, settled)
    }
}

/// Answers to a Connection Request that a capture may lack, and it still is one.
const LEGS_LOST_MAX: usize = 4;

/// As a Connection Request should be.
fn is_get(http: &http1::Message) -> bool {
    http.method() == b"GET" && http.head_complete() && http.body_bytes == 0
}

/// Who speaks in a session's message.
pub(super) fn side(http: &http1::Message) -> Side {
    if http.kind() == Kind::Request {
        Side::Cpe
    } else {
        Side::Acs
    }
}
