//! HTTP Connection Requests (TR-069 3.2.2): told from other GETs, their legs put together, tied to the session they set off.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::Arrived;
use super::identity::Url;
use super::queue::Ticket;
use crate::session::credentials::KeptAuthorization;
use crate::session::{
    ConnectionRequest, ConnectionRequestCarrier, ConnectionRequestResult, Credentials, Step,
};
use crate::source::{FrameId, Timestamp};

/// A GET that is a Connection Request, or may turn out to be one.
#[derive(Debug)]
pub(super) struct Wake {
    pub id: u64,
    pub request: ConnectionRequest,
    pub target: String,
    /// Time of its latest request.
    pub time: Timestamp,
    /// Known to be one.
    pub certain: bool,
    /// Requests in it.
    pub legs: u64,
    /// Its messages that wait for a verdict.
    pub tickets: Vec<Ticket>,
    /// Whether the Authorization header of its latest request fits the known user name and password; `None` without one,
    /// or where that cannot be told.
    pub authorized: Option<bool>,
    /// Whether the user name in it is the known one.
    pub user_name_valid: Option<bool>,
    authorization: Option<KeptAuthorization>,
    /// Its latest request has an Authorization header.
    offered: bool,
    /// From when on the device has its time to come, nanoseconds: not while it is in a session.
    pub since_ns: i64,
    /// It comes from where an ACS, or its STUN server, is.
    pub by_acs: bool,
    /// The ConnectionRequestURL that its device had reported when it came.
    pub reported_url: Option<String>,
    /// Its connection closed without an answer, and the capture has both directions of it whole.
    pub silent: bool,
    /// The session that the device was in when it came.
    pub in_session: Option<u32>,
    /// A session of the device that came for something else.
    pub other_session: Option<u32>,
}

impl Wake {
    /// Takes over what its latest request gives as proof.
    pub fn offer(&mut self, arrived: &Arrived, credentials: Option<&Credentials>) {
        self.offered = arrived.http.header("Authorization").is_some();
        let contested = !arrived.provenance.overlaps.is_empty();
        let given = credentials.and_then(|_| KeptAuthorization::of(&arrived.http, contested));
        (self.authorized, self.user_name_valid) = (None, None);
        self.authorization = given;
        self.judge(credentials);
        // A long one is not kept until its device turns out.
        self.authorization
            .take_if(|given| given.bytes() > AUTHORIZATION_BYTES_MAX);
    }

    /// A request of it answers a challenge.
    pub fn answers_challenge(&self) -> bool {
        self.offered
    }

    /// Verifies that proof with what is known of its device; again when the device turns out.
    pub fn judge(&mut self, credentials: Option<&Credentials>) {
        if let (Some(credentials), Some(given)) = (credentials, &self.authorization) {
            let proof = given.judge(credentials, self.request.device.as_deref());
            self.authorized = proof.valid;
            self.user_name_valid = proof.user_name_valid;
        }
    }
}

/// The latest of them, by number.
#[derive(Debug, Default)]
pub(super) struct Wakes {
    last: u64,
    /// Those that found their device in a session, by its number.
    in_sessions: HashMap<u32, Vec<u64>, foldhash::fast::RandomState>,
    wakes: BTreeMap<u64, Box<Wake>>,
    /// Those to one address.
    by_address: BTreeSet<(IpAddr, u64)>,
    /// The challenged ones, by who asked whom for what: the answer to the challenge belongs to them.
    challenged: HashMap<(IpAddr, SocketAddr, String), u64, foldhash::fast::RandomState>,
    /// Those to one port and target, for devices behind a NAT.
    by_target: HashMap<(u16, String), BTreeSet<u64>, foldhash::fast::RandomState>,
}

impl Wakes {
    pub fn by_id(&mut self, id: u64) -> Option<&mut Wake> {
        self.wakes.get_mut(&id).map(Box::as_mut)
    }

    pub fn look(&self, id: u64) -> Option<&Wake> {
        self.wakes.get(&id).map(Box::as_ref)
    }

    pub fn count(&self) -> usize {
        self.wakes.len()
    }

    /// Keeps one whose answer is still to come, though its session is known.
    pub fn keep(&mut self, wake: Box<Wake>) {
        self.wakes.insert(wake.id, wake);
    }

    /// A GET joins the Connection Request whose challenge it answers, or begins another; gives its number.
    pub fn ask(&mut self, asked: Asked, certain: bool, step: Step) -> u64 {
        let key = (asked.source.ip(), asked.destination, asked.target.clone());
        let challenged = asked
            .offered
            .then(|| self.challenged.remove(&key))
            .flatten();
        let known = challenged.filter(|id| {
            self.wakes
                .get(id)
                .is_some_and(|wake| wake.request.session.is_none() && wake.legs < LEGS_MAX)
        });
        let id = known.unwrap_or_else(|| self.begin(&asked));
        if let Some(wake) = self.wakes.get_mut(&id) {
            wake.certain |= certain;
            wake.legs += 1;
            wake.time = asked.time;
            wake.since_ns = asked.time.nanoseconds;
            wake.request.status = None;
            wake.request.steps.push(step);
        }
        id
    }

    /// Its answer came.
    pub fn answer(&mut self, id: u64, status: u16, step: Step) {
        let Some(wake) = self.wakes.get_mut(&id) else {
            return;
        };
        wake.request.steps.push(step);
        wake.request.status = Some(status);
        if status == 401 {
            let key = (
                wake.request.source.ip(),
                wake.request.destination,
                wake.target.clone(),
            );
            self.challenged.insert(key, id);
        }
    }

    /// Marks those that this Inform shows to be Connection Requests to its device, and gives the numbers of those that
    /// set off its session: not refused, not older than `since_ns`, not another session's.
    pub fn claim(&mut self, inform: &Informed<'_>, since_ns: i64) -> Vec<u64> {
        let mut claimed = Vec::new();
        let mut challenged = Vec::new();
        for id in self.candidates(inform) {
            let Some(wake) = self.wakes.get_mut(&id) else {
                continue;
            };
            wake.certain = true;
            let granted = wake
                .request
                .status
                .is_none_or(|status| (200..300).contains(&status));
            if wake.since_ns < since_ns {
                continue;
            }
            let lost = wake.by_acs && wake.request.status == Some(401) && !wake.answers_challenge();
            if inform.requested && lost {
                challenged.push(id);
            }
            if !granted {
                continue;
            }
            if inform.requested {
                claimed.push(id);
            } else {
                wake.other_session.get_or_insert(inform.session);
            }
        }
        if claimed.is_empty() {
            // The device came: the answer to its challenge is missing from the capture.
            claimed = challenged;
        }
        claimed
    }

    /// Those that nobody waits for any more: older than `before_ns`, unless the device was in a session that still runs.
    pub fn over(&self, before_ns: i64, runs: impl Fn(u32) -> bool) -> Vec<u64> {
        let over = |wake: &Wake| wake.since_ns < before_ns && !wake.in_session.is_some_and(&runs);
        let wakes = self.wakes.iter().filter(|(_, wake)| over(wake));
        wakes.map(|(id, _)| *id).collect()
    }

    /// Takes out the oldest.
    pub fn pop(&mut self) -> Option<Box<Wake>> {
        let (&id, _) = self.wakes.first_key_value()?;
        self.remove(id)
    }

    /// A device at this address asked for a connection in vain, or spoke on one what nobody can read: for one of those, if any,
    /// where that led to an ACS or, as far as is known, may have.
    pub fn tried(
        &mut self,
        address: IpAddr,
        time_ns: i64,
        to: impl Fn(&ConnectionRequest) -> bool,
    ) {
        let latest = self.by_address.range((address, 0)..=(address, u64::MAX));
        for (_, id) in latest.rev().take(LATEST) {
            if let Some(wake) = self.wakes.get_mut(id).filter(|wake| to(&wake.request)) {
                wake.request.device_tried |= wake.since_ns <= time_ns;
            }
        }
    }

    /// The device of this one was in a session.
    pub fn finds_busy(&mut self, id: u64, session: u32) {
        if let Some(wake) = self.wakes.get_mut(&id) {
            wake.in_session = Some(session);
            self.in_sessions.entry(session).or_default().push(id);
        }
    }

    /// A session is over: the device has its time to come for those that found it in this one.
    pub fn session_closed(&mut self, number: u32, end_ns: i64) {
        for id in self.in_sessions.remove(&number).unwrap_or_default() {
            if let Some(wake) = self.wakes.get_mut(&id) {
                wake.since_ns = wake.since_ns.max(end_ns);
            }
        }
    }

    /// Takes one out.
    pub fn remove(&mut self, id: u64) -> Option<Box<Wake>> {
        let wake = self.wakes.remove(&id)?;
        let destination = wake.request.destination;
        self.by_address.remove(&(destination.ip(), id));
        let key = (wake.request.source.ip(), destination, wake.target.clone());
        if self.challenged.get(&key) == Some(&id) {
            self.challenged.remove(&key);
        }
        let key = (destination.port(), wake.target.clone());
        if let Some(ids) = self.by_target.get_mut(&key) {
            ids.remove(&id);
            if ids.is_empty() {
                self.by_target.remove(&key);
            }
        }
        Some(wake)
    }

    fn begin(&mut self, asked: &Asked) -> u64 {
        self.last += 1;
        let id = self.last;
        self.by_address.insert((asked.destination.ip(), id));
        let key = (asked.destination.port(), asked.target.clone());
        self.by_target.entry(key).or_default().insert(id);
        let request = ConnectionRequest {
            device: None,
            carrier: ConnectionRequestCarrier::Http,
            source: asked.source,
            destination: asked.destination,
            steps: Vec::new(),
            status: None,
            session: None,
            result: ConnectionRequestResult::Undetermined,
            reasons: Vec::new(),
            answered_in: Vec::new(),
            device_tried: false,
            unverified: false,
        };
        let wake = Wake {
            id,
            request,
            target: asked.target.clone(),
            time: asked.time,
            certain: false,
            legs: 0,
            tickets: Vec::new(),
            authorized: None,
            user_name_valid: None,
            authorization: None,
            offered: false,
            since_ns: asked.time.nanoseconds,
            silent: false,
            reported_url: None,
            by_acs: false,
            in_session: None,
            other_session: None,
        };
        self.wakes.insert(id, Box::new(wake));
        id
    }

    /// Those that may have been meant for the device of this Inform. Behind a NAT its address is another one: then a
    /// GET for the right port and target counts, if all such went to one address.
    fn candidates(&self, inform: &Informed<'_>) -> Vec<u64> {
        let host = inform
            .url
            .and_then(|url| url.host.parse().ok())
            .filter(|host| *host != inform.address);
        let addresses = [Some(inform.address), host].into_iter().flatten();
        let here: Vec<u64> = addresses
            .flat_map(|address| {
                self.by_address
                    .range((address, 0)..=(address, u64::MAX))
                    .rev()
                    .take(LATEST)
            })
            .map(|(_, id)| *id)
            .filter(|id| self.wakes.get(id).is_some_and(|wake| inform.fits(wake)))
            .collect();
        let here = self.of_one_device(here, inform);
        let Some(url) = inform.url.filter(|_| here.is_empty() && inform.requested) else {
            return here;
        };
        let Some(ids) = self.by_target.get(&(url.port, url.target.clone())) else {
            return here;
        };
        let open = || {
            ids.iter()
                .rev()
                .take(LATEST)
                .filter_map(|id| self.wakes.get(id))
                .filter(|wake| inform.may_be_meant(wake))
        };
        let Some(first) = open().next() else {
            return here;
        };
        let one = open()
            .take(LEGS_MAX as usize)
            .all(|wake| wake.request.destination == first.request.destination);
        if one {
            let mut ids: Vec<u64> = open().map(|wake| wake.id).collect();
            ids.reverse();
            ids
        } else {
            here
        }
    }
}

impl Wakes {
    /// Where GETs went to several ports of one address, which forwards them to several devices, those to the device's own
    /// port alone.
    fn of_one_device(&self, mut here: Vec<u64>, inform: &Informed<'_>) -> Vec<u64> {
        let to = |id: &u64| self.wakes.get(id).map(|wake| wake.request.destination);
        let first = here.first().and_then(to);
        if here.iter().any(|id| to(id) != first) {
            let own = inform.url.map(|url| url.port);
            here.retain(|id| to(id).map(|destination| destination.port()) == own);
        }
        here
    }
}

/// A GET as captured.
pub(super) struct Asked {
    pub source: SocketAddr,
    pub destination: SocketAddr,
    pub target: String,
    pub time: Timestamp,
    /// It has an Authorization header.
    pub offered: bool,
}

/// What an Inform tells of where its device is asked to connect.
pub(super) struct Informed<'a> {
    pub address: IpAddr,
    pub url: Option<&'a Url>,
    pub device: &'a Arc<str>,
    /// It has the event `6 CONNECTION REQUEST`.
    pub requested: bool,
    /// The session that it begins.
    pub session: u32,
}

impl Informed<'_> {
    /// The GET went to this device's address and what it asks for is what the device listens for.
    fn fits(&self, wake: &Wake) -> bool {
        let port = wake.request.destination.port();
        let right = match self.url {
            // A port forwarding may change the port, not the path.
            Some(url) => url.target == wake.target && (url.port == port || self.requested),
            None => self.requested,
        };
        self.may_be_meant(wake) && right
    }

    fn may_be_meant(&self, wake: &Wake) -> bool {
        wake.request.session.is_none()
            && wake
                .request
                .device
                .as_ref()
                .is_none_or(|device| device == self.device)
    }
}

/// The frames of all legs.
pub(super) fn frames<'a>(wakes: impl Iterator<Item = &'a Wake>) -> Vec<FrameId> {
    let steps = wakes.flat_map(|wake| &wake.request.steps);
    let mut frames: Vec<FrameId> = steps.flat_map(|step| step.frames.iter().copied()).collect();
    frames.sort_unstable();
    frames.dedup();
    frames
}

/// Of many GETs to one address, the latest are looked at.
const LATEST: usize = 64;
/// Requests that one Connection Request may take: a challenge, stale nonces; more is another.
const LEGS_MAX: u64 = 16;
/// Bytes of a proof that is kept, with its target: more than any that servers send.
const AUTHORIZATION_BYTES_MAX: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Account, Accounts, Evidence, Provenance, Side, Transport};

    const ACS: &str = "203.0.113.10:5000";
    const CPE: &str = "192.0.2.17:30005";

    fn at(address: &str) -> SocketAddr {
        address.parse().expect("an address")
    }

    /// A GET with this header field, as it arrives.
    fn arrived(field: &str) -> Arrived {
        let bytes = format!("GET /cr HTTP/1.1\r\nHost: {CPE}\r\n{field}\r\n");
        let mut stream = http1::Stream::new(http1::Kind::Request, http1::Limits::default(), 0);
        let mut input = bytes.as_bytes();
        let http = loop {
            match stream.next(&mut input) {
                Some(http1::Event::Message(message)) => break message,
                Some(_) => {}
                None => panic!("a whole message"),
            }
        };
        let provenance = Provenance {
            connection: 1,
            source: at(ACS),
            destination: at(CPE),
            transport: Transport::Http,
            tls: None,
            carried: Vec::new(),
            started: Timestamp::default(),
            time: Timestamp::default(),
            evidence: Evidence::Complete,
            overlaps: Vec::new(),
            from_syn: true,
        };
        Arrived::new(
            http,
            None,
            provenance,
            &super::super::AssembleLimits::default(),
        )
    }

    fn asked(wakes: &mut Wakes) -> u64 {
        let asked = Asked {
            source: at(ACS),
            destination: at(CPE),
            target: "/cr".to_owned(),
            time: Timestamp::default(),
            offered: true,
        };
        let first = arrived("");
        wakes.ask(asked, false, first.facts.step(&first, Side::Acs))
    }

    #[test]
    fn the_latest_leg_is_verified_and_again_when_its_device_turns_out() {
        let account = |password: &str| Accounts {
            connection_request: Account {
                user_name: Some("acs".to_owned()),
                password: Some(password.to_owned()),
            },
            ..Accounts::default()
        };
        let known = Credentials::new(account("default"))
            .with_device("0-1", account("one"))
            .with_device("0-2", account("two"));
        let mut wakes = Wakes::default();
        let id = asked(&mut wakes);
        let wake = wakes.by_id(id).expect("it was asked");
        let verdict = |wake: &Wake| (wake.authorized, wake.user_name_valid);

        wake.offer(&arrived(""), Some(&known));
        assert_eq!(verdict(wake), (None, None));
        // acs:two
        let given = arrived("Authorization: Basic YWNzOnR3bw==\r\n");
        wake.offer(&given, None);
        assert_eq!(verdict(wake), (None, None));
        wake.offer(&given, Some(&known));
        assert_eq!(verdict(wake), (None, Some(true)), "the name of all");
        wake.request.device = Some("0-2".into());
        wake.judge(Some(&known));
        assert_eq!(verdict(wake), (Some(true), Some(true)));
        wake.request.device = Some("0-1".into());
        wake.judge(Some(&known));
        assert_eq!(verdict(wake), (Some(false), Some(true)));
        wake.offer(&arrived(""), Some(&known));
        assert_eq!(verdict(wake), (None, None));
    }
}
