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
    /// The session that the device was in when it came.
    pub in_session: Option<u32>,
    /// A session of the device that came for something else.
    pub other_session: Option<u32>,
}

impl Wake {
    /// Takes over what its latest request gives as proof.
    pub fn offer(&mut self, arrived: &Arrived, credentials: Option<&Credentials>) {
        let contested = !arrived.provenance.overlaps.is_empty();
        self.authorization =
            credentials.and_then(|_| KeptAuthorization::of(&arrived.http, contested));
        self.judge(credentials);
    }

    /// A request of it answers a challenge.
    pub fn answers_challenge(&self) -> bool {
        self.legs > 1 || self.authorization.is_some()
    }

    /// Verifies that proof with what is known of its device; again when the device turns out.
    pub fn judge(&mut self, credentials: Option<&Credentials>) {
        let device = self.request.device.as_deref();
        let proof = credentials
            .zip(self.authorization.as_ref())
            .map(|(credentials, given)| given.judge(credentials, device))
            .unwrap_or_default();
        self.authorized = proof.valid;
        self.user_name_valid = proof.user_name_valid;
    }
}

/// The latest of them, by number.
#[derive(Debug, Default)]
pub(super) struct Wakes {
    last: u64,
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
        let known = self.challenged.remove(&key).filter(|id| {
            self.wakes
                .get(id)
                .is_some_and(|wake| wake.request.session.is_none() && wake.legs < LEGS_MAX)
        });
        let id = known.unwrap_or_else(|| self.begin(&asked));
        if let Some(wake) = self.wakes.get_mut(&id) {
            wake.certain |= certain;
            wake.legs += 1;
            wake.time = asked.time;
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
        for id in self.candidates(inform) {
            let Some(wake) = self.wakes.get_mut(&id) else {
                continue;
            };
            wake.certain = true;
            let granted = wake
                .request
                .status
                .is_none_or(|status| (200..300).contains(&status));
            if !granted || wake.time.nanoseconds < since_ns {
                continue;
            }
            if inform.requested {
                claimed.push(id);
            } else {
                wake.other_session.get_or_insert(inform.session);
            }
        }
        claimed
    }

    /// Takes out the next that nobody waits for any more: older than `before_ns`, or over the bound.
    pub fn expire(&mut self, before_ns: i64, wakes_max: usize) -> Option<Box<Wake>> {
        let (&id, wake) = self.wakes.first_key_value()?;
        let waits = wake.time.nanoseconds >= before_ns && self.wakes.len() <= wakes_max;
        if waits { None } else { self.remove(id) }
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

/// A GET as captured.
pub(super) struct Asked {
    pub source: SocketAddr,
    pub destination: SocketAddr,
    pub target: String,
    pub time: Timestamp,
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
