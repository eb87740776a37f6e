//! What came of Connection Requests, and what the capture shows that explains it.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use stun::ucr::{self, Name};

use super::Assembler;
use super::datagrams::UdpRequest;
use super::identity::Url;
use super::open::Phase;
use super::wake::Wake;
use crate::session::address::is_private;
use crate::session::{
    Binding, ConnectionRequest, ConnectionRequestCarrier, ConnectionRequestResult as Result,
    Reason, StunView,
};

/// The latest UDP Connection Request of each device: another one must be later (TR-069 Amendment 3 section G.2.2.1).
#[derive(Debug, Default)]
pub(super) struct LastRequests(HashMap<Arc<str>, Last, foldhash::fast::RandomState>);

/// A session of which it is not known what set it off.
#[derive(Debug)]
pub(super) struct Unexplained {
    pub start_ns: i64,
    pub device: Option<Arc<str>>,
    pub address: IpAddr,
}

#[derive(Debug)]
struct Last {
    timestamp: u64,
    id: Option<u64>,
}

impl Assembler {
    /// The session that a device is in.
    pub(super) fn running(&self, device: &str) -> Option<u32> {
        let number = *self.by_device.get(device)?;
        let open = self.open.get(&number)?;
        let silence_ns = self
            .now
            .nanoseconds
            .saturating_sub(open.session.end.nanoseconds);
        // Its end may be missing from the capture.
        let speaks = !open.damaged && silence_ns <= self.limits.wake_ns_max;
        (speaks && !matches!(open.phase, Phase::Ended | Phase::Refused)).then_some(number)
    }

    /// What speaks against a UDP Connection Request as it comes.
    pub(super) fn against(&mut self, request: &mut UdpRequest) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let device = request.device.as_deref();
        let binding = device.and_then(|device| self.udp.bindings.of(device));
        let reported = device.and_then(|device| self.devices.reported_udp(device));
        let astray = wrong_address(request, binding, reported);
        reasons.extend(astray.filter(|_| !self.goes_to_device(request)));
        let no_nat = device.and_then(|device| self.devices.nat_detected(device)) == Some(false);
        // Where the capture shows the device under the address that the server sees, it may have been taken before the NAT.
        let may_be_natted = binding.filter(|binding| !no_nat || binding.nat_seen() == Some(true));
        if let Some(binding) = may_be_natted {
            reasons.extend(wrong_source(request, binding));
            reasons.extend(expired(request, binding));
        }
        let credentials = self.queue.credentials.as_deref();
        let verdict = credentials
            .map(|credentials| credentials.udp_request(&request.request, device))
            .unwrap_or_default();
        request.unverified = verdict.signature_valid.is_none();
        if verdict.signature_valid == Some(false) {
            reasons.push(Reason::BadSignature);
        }
        if verdict.user_name_valid == Some(false) {
            reasons.push(Reason::WrongUser);
        }
        if let Some(device) = &request.device {
            let valid = reasons.is_empty();
            let room = self.limits.devices_max;
            reasons.extend(self.udp.last.next(device, &request.request, valid, room));
        }
        let bent = request.request.anomalies.iter().take(ANOMALIES_SHOWN);
        let anomalies: Vec<_> = bent.map(|anomaly| anomaly.kind.name()).collect();
        if !anomalies.is_empty() {
            reasons.push(Reason::BentForm { anomalies });
        }
        reasons
    }

    /// A UDP Connection Request with what came of it.
    pub(super) fn told(&self, request: &UdpRequest) -> ConnectionRequest {
        let (result, reasons) = self.udp_result(request);
        ConnectionRequest {
            device: request.device.clone(),
            carrier: ConnectionRequestCarrier::Udp,
            source: request.source,
            destination: request.destination,
            steps: request.steps.clone(),
            status: None,
            session: request.session,
            result,
            reasons,
            answered_in: request.answered_in.clone(),
            device_tried: false,
            unverified: request.unverified,
        }
    }

    fn udp_result(&self, request: &UdpRequest) -> (Result, Vec<Reason>) {
        if request.session.is_some() {
            let reasons = request.reasons.iter().filter(|reason| forbids(reason));
            return (Result::Session, reasons.cloned().collect());
        }
        let mut reasons = request.reasons.clone();
        let misses = |reason: &Reason| {
            matches!(
                reason,
                Reason::WrongAddress { .. }
                    | Reason::WrongSource { .. }
                    | Reason::BindingExpired { .. }
            )
        };
        let astray = reasons.iter().any(misses) && !self.reached_device(request);
        let says = reasons.iter().find_map(|reason| match reason {
            // The address of a NAT is the NAT's own too.
            Reason::Unreachable { by, .. } => {
                Some(*by == request.destination.ip() && !self.may_be_natted(request))
            }
            _ => None,
        });
        if let Some(session) = request.in_session {
            reasons.push(Reason::InSession { session });
        }
        if let Some(session) = request.other_session {
            reasons.push(Reason::OtherEvent { session });
        }
        let result = if says == Some(true) {
            Result::Refused
        } else if says.is_some() || astray {
            Result::NeverArrived
        } else if request.device.is_some() {
            Result::Ignored
        } else {
            Result::Undetermined
        };
        (
            self.unless_cut(result, &mut reasons, request.since_ns),
            reasons,
        )
    }

    /// Nothing shows that there is no NAT before the device.
    fn may_be_natted(&self, request: &UdpRequest) -> bool {
        let device = request.device.as_deref();
        let binding = device.and_then(|device| self.udp.bindings.of(device));
        let reported = device.and_then(|device| self.devices.nat_detected(device));
        let seen = binding.and_then(Binding::nat_seen) == Some(true);
        seen || reported.unwrap_or_else(|| !is_private(request.destination.ip()))
    }

    /// The capture shows the request where the device itself stands, behind every NAT.
    fn reached_device(&self, request: &UdpRequest) -> bool {
        let binding = request
            .device
            .as_deref()
            .and_then(|device| self.udp.bindings.of(device));
        let bound = binding.is_some_and(|binding| {
            request.destination == binding.local && binding.nat_seen() == Some(true)
        });
        bound || self.goes_to_device(request)
    }

    /// It goes to the device's own address, which no NAT gives to others.
    fn goes_to_device(&self, request: &UdpRequest) -> bool {
        let address = request.destination.ip();
        let device = request.device.as_deref();
        let own = device.and_then(|device| self.devices.address_of(device));
        is_private(address) && own == Some(address)
    }

    /// A session came that nothing is known to have set off, or whose beginning the capture lacks: the request may have.
    fn unless_missed(
        &self,
        result: Result,
        reasons: &mut Vec<Reason>,
        device: Option<&str>,
        since_ns: i64,
    ) -> Result {
        let blames = matches!(
            result,
            Result::NoSession | Result::Ignored | Result::NeverArrived | Result::Refused
        );
        let until_ns = since_ns.saturating_add(self.limits.wake_ns_max);
        let address = device.and_then(|device| self.devices.address_of(device));
        let missed = self.unexplained.iter().any(|session| {
            let same = match &session.device {
                Some(other) => Some(&**other) == device,
                None => Some(session.address) == address,
            };
            same && (since_ns..=until_ns).contains(&session.start_ns)
        });
        if !(blames && missed) {
            return result;
        }
        reasons.push(Reason::Gap);
        Result::Undetermined
    }

    /// Takes note of a session that nothing is known to have set off, though its device was asked; or of one without its
    /// Inform.
    pub(super) fn note_unexplained(&mut self, session: Unexplained) {
        if self.unexplained.len() >= UNEXPLAINED_MAX {
            self.unexplained.pop_front();
        }
        self.unexplained.push_back(session);
    }

    /// Nothing is certain where the capture ends before the device had to come.
    fn unless_ended(&self, result: Result, reasons: &mut Vec<Reason>, since_ns: i64) -> Result {
        let waited_ns = self.now.nanoseconds.saturating_sub(since_ns);
        if waited_ns >= self.limits.wake_ns_max {
            return result;
        }
        reasons.push(Reason::CaptureEnds {
            after_ms: waited_ns / 1_000_000,
        });
        Result::Undetermined
    }

    /// The same, but for what nothing that follows can change.
    fn unless_cut(&self, result: Result, reasons: &mut Vec<Reason>, since_ns: i64) -> Result {
        match result {
            Result::NeverArrived | Result::Refused => result,
            result => self.unless_ended(result, reasons, since_ns),
        }
    }

    /// Says of an HTTP Connection Request what came of it.
    pub(super) fn judge_wake(&self, wake: &mut Wake) {
        if wake.request.session.is_some() {
            wake.request.result = Result::Session;
            return;
        }
        let mut reasons = Vec::new();
        let result = self.http_result(wake, &mut reasons);
        if let Some(session) = wake.in_session {
            reasons.push(Reason::InSession { session });
        }
        if let Some(session) = wake.other_session {
            reasons.push(Reason::OtherEvent { session });
        }
        let device = wake.request.device.as_deref();
        let result = self.unless_missed(result, &mut reasons, device, wake.since_ns);
        wake.request.result = match result {
            Result::NoSession => self.unless_cut(result, &mut reasons, wake.since_ns),
            result => result,
        };
        wake.request.reasons = reasons;
    }

    fn http_result(&self, wake: &Wake, reasons: &mut Vec<Reason>) -> Result {
        reasons.extend(wrong_url(wake));
        if wake.user_name_valid == Some(false) {
            reasons.push(Reason::WrongUser);
        }
        if wake.authorized == Some(false) {
            reasons.push(Reason::BadCredentials);
        }
        match wake.request.status {
            Some(200..=299) => Result::NoSession,
            Some(503) => Result::Busy,
            Some(401) => {
                if wake.answers_challenge() {
                    reasons.push(Reason::CredentialsRefused);
                    return Result::Refused;
                }
                reasons.push(Reason::ChallengeUnanswered);
                if !wake.by_acs {
                    // Whoever never says who he is may be a browser or a scanner.
                    return Result::Undetermined;
                }
                self.unless_ended(Result::Refused, reasons, wake.since_ns)
            }
            Some(status) => {
                reasons.push(Reason::Status { status });
                Result::Refused
            }
            None if wake.silent => {
                reasons.push(Reason::NoAnswer);
                self.unless_cut(Result::Ignored, reasons, wake.since_ns)
            }
            // What the device said to it may be missing from the capture.
            None => {
                reasons.push(Reason::Gap);
                Result::Undetermined
            }
        }
    }
}

fn wrong_url(wake: &Wake) -> Option<Reason> {
    let reported = wake.reported_url.as_deref()?;
    let url = Url::parse(reported)?;
    (url.target != wake.target).then(|| Reason::WrongUrl {
        reported: reported.to_owned(),
    })
}

/// A device must not come for it (TR-069 Amendment 3 section G.2.2.1).
pub(super) fn forbids(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::BadSignature
            | Reason::WrongUser
            | Reason::StaleTimestamp { .. }
            | Reason::RepeatedId
    )
}

/// It goes neither where the server last saw the device, nor where the device itself is seen, nor where it says it is.
fn wrong_address(
    request: &UdpRequest,
    binding: Option<&Binding>,
    reported: Option<SocketAddr>,
) -> Option<Reason> {
    let to = request.destination;
    let own = binding.is_some_and(|binding| binding.local == to);
    let seen_by = |binding: &Binding| {
        let mut views = binding.views.iter().rev();
        let same = views.find(|view| view.server == request.source);
        same.map(|view| view.mapped).or(binding.mapped)
    };
    let expected = binding.and_then(seen_by).or(reported)?;
    (!own && to != expected).then_some(Reason::WrongAddress { expected })
}

/// Through a NAT only the server's own address and port may come in (TR-069 Amendment 3 section G.2.2.3).
fn wrong_source(request: &UdpRequest, binding: &Binding) -> Option<Reason> {
    let known = |view: &StunView| view.server == request.source;
    (!binding.views.is_empty() && !binding.views.iter().any(known)).then_some(Reason::WrongSource {
        expected: binding.server,
    })
}

/// The device was silent for far longer than it used to be, and than NATs keep a binding (RFC 4787 section 4.3: no less
/// than two minutes, five recommended).
fn expired(request: &UdpRequest, binding: &Binding) -> Option<Reason> {
    let silence_ms = request.time.milliseconds_since(binding.last) as i64;
    let usual_ms = binding.period_ms.map_or(0, |(_, longest)| longest);
    let long = silence_ms > usual_ms.saturating_mul(2).max(NAT_KEEPS_MS);
    long.then_some(Reason::BindingExpired { silence_ms })
}

impl LastRequests {
    /// A device that has started has forgotten what came before.
    pub fn forget(&mut self, device: &str) {
        self.0.remove(device);
    }

    /// Compares a request with the one before; one that counts takes its place.
    fn next(
        &mut self,
        device: &Arc<str>,
        request: &ucr::Request,
        valid: bool,
        devices_max: usize,
    ) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let timestamp = request.value(Name::Timestamp);
        let timestamp = timestamp
            .as_deref()
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let Some(timestamp) = timestamp.and_then(|digits| digits.parse().ok()) else {
            return reasons;
        };
        let id = request.id();
        if let Some(last) = self.0.get(device) {
            if timestamp <= last.timestamp {
                let previous = last.timestamp.to_string();
                reasons.push(Reason::StaleTimestamp { previous });
            }
            if id.is_some() && id == last.id {
                reasons.push(Reason::RepeatedId);
            }
        }
        let room = self.0.len() < devices_max || self.0.contains_key(device);
        if valid && reasons.is_empty() && room {
            self.0.insert(Arc::clone(device), Last { timestamp, id });
        }
        reasons
    }
}

/// Departures from the form that are named.
const ANOMALIES_SHOWN: usize = 4;
/// Milliseconds for which a NAT may well keep a binding in silence.
const NAT_KEEPS_MS: i64 = 300_000;
/// Sessions remembered of which it is not known what set them off: the latest.
const UNEXPLAINED_MAX: usize = 256;
