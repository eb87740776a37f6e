//! One device's story: what a capture shows of it in time order, in sentences that an engineer can send on. Outputs in,
//! entries out; it says no more than the packets show, and blames nobody for what they don't.

mod bindings;
mod chapter;
mod entry;
mod gateway;
mod keeping;
mod leases;
mod limits;
mod reported;
mod requests;
mod sessions;
mod standing;
mod wanted;
mod words;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bindings::{Endpoint, Endpoints};
use chapter::Chapter;
pub use entry::{Entry, EntryKind, Frames};
use gateway::{Mapping, Others, Telling};
use keeping::Seen;
use leases::Clients;
use requests::RequestNote;
use standing::Ground;
pub use standing::Standing;
use wanted::Fit;
pub use wanted::{Choice, Wanted};
use words::{Voice, host_of};

use crate::session::address::udp_address;

use crate::report::text::figures::counted;
use crate::session::{DatagramKind, Device, Masking, Output};

/// Listens to an analysis, and tells the story of one device at its end.
#[derive(Debug)]
pub struct Teller {
    wanted: Wanted,
    voice: Voice,
    /// Devices that may be meant.
    chapters: BTreeMap<Arc<str>, Chapter>,
    fits: BTreeMap<Fit, usize>,
    endpoints: Endpoints,
    clients: Clients,
    /// Connection Requests of which nobody knows whom they were for.
    loose: VecDeque<RequestNote>,
    others: Others,
}

/// A device's story.
#[derive(Debug, Clone)]
pub struct Story {
    /// Where it stands.
    pub standing: Vec<Standing>,
    /// What came of the attempts to reach it, in one sentence.
    pub verdict: String,
    /// What happened, in time order.
    pub entries: Vec<Entry>,
}

impl Teller {
    /// Listens for the device that this text means.
    #[must_use]
    pub fn new(wanted: &str, masking: Masking) -> Self {
        Self {
            wanted: Wanted::new(wanted),
            voice: Voice { masking },
            chapters: BTreeMap::new(),
            fits: BTreeMap::new(),
            endpoints: Endpoints::default(),
            clients: Clients::default(),
            loose: VecDeque::new(),
            others: Others::default(),
        }
    }

    /// The next output of the analysis; datagrams are wanted, messages are not.
    pub fn take(&mut self, output: &Output) {
        let voice = self.voice;
        match output {
            Output::Session(session) => {
                self.others.take(session);
                if let Some(chapter) = self.chapter(session.device.as_ref()) {
                    chapter.session(session);
                }
            }
            Output::ConnectionRequest(request) if request.device.is_none() => {
                if self.loose.len() >= limits::LOOSE_MAX {
                    self.loose.pop_front();
                }
                self.loose.push_back(RequestNote::of(request, voice));
            }
            Output::ConnectionRequest(request) => {
                if let Some(chapter) = self.chapter(request.device.as_ref()) {
                    chapter.request(request, voice);
                }
            }
            Output::Transfer(transfer) => {
                if let Some(chapter) = self.chapter(transfer.device.as_ref()) {
                    chapter.transfer(transfer, voice);
                }
            }
            Output::Datagram(datagram) => match datagram.kind {
                DatagramKind::Stun => {
                    let own = self.chapter(datagram.device.as_ref()).is_some();
                    self.endpoints.take(datagram, own);
                }
                DatagramKind::DhcpV4 | DatagramKind::DhcpV6 => self.clients.take(datagram),
                DatagramKind::LightweightNotification => {
                    if let Some(chapter) = self.chapter(datagram.device.as_ref()) {
                        chapter.notification(datagram, voice);
                    }
                }
                DatagramKind::ConnectionRequest => {}
            },
            Output::Message(_) | Output::Tls(_) => {}
        }
    }

    /// The device that is meant, among those of the capture.
    #[must_use]
    pub fn choose<'d>(&self, devices: &'d [Device]) -> Choice<'d> {
        self.wanted.among(devices)
    }

    /// Its story.
    #[must_use]
    pub fn tell(mut self, device: &Device, devices: &[Device]) -> Story {
        let voice = self.voice;
        let chapter = self.chapters.remove(&device.device).unwrap_or_default();
        let others = others_of(device, devices);
        let lost = self.endpoints.beyond + self.clients.beyond;
        let endpoints = own_endpoints(std::mem::take(&mut self.endpoints), device, &others);
        let seen = Seen::of(&endpoints);
        let mut entries = self.clients.entries(device, devices, voice);
        for endpoint in &endpoints {
            let before = keeping::before(endpoint, &endpoints);
            entries.extend(keeping::entries(endpoint, before, &seen, &chapter.told));
        }
        entries.extend(chapter.told.entries(&seen, voice));
        let inside = self.inside(device, devices, &endpoints);
        let telling = self.others.tell(device, devices, &inside, voice);
        let adopted: Vec<&RequestNote> = self
            .loose
            .iter()
            .filter(|request| is_for(request.destination, device, &others, &seen))
            .collect();
        let requests: Vec<&RequestNote> = chapter.requests.iter().chain(adopted).collect();
        entries.extend(of_requests(&requests, &chapter, &telling, device));
        entries.extend(of_sessions(&chapter, &requests, device, voice));
        entries.extend(chapter.entries());
        let ground = Ground {
            device,
            seen: &seen,
            gateways: &telling.gateways,
            mappings: &telling.mappings,
            voice,
        };
        let standing = ground.lines();
        entries.extend(telling.entries);
        let verdict = standing::verdict(&chapter, &requests);
        Story {
            standing,
            verdict,
            entries: in_order(entries, chapter.beyond(), lost),
        }
    }

    /// The notes of a device that may be the one that is meant.
    fn chapter(&mut self, device: Option<&Arc<str>>) -> Option<&mut Chapter> {
        let device = device?;
        if !self.chapters.contains_key(device) {
            let fit = self.wanted.fit(device)?;
            let known = self.fits.entry(fit).or_default();
            if *known >= limits::CANDIDATES_MAX {
                return None;
            }
            *known += 1;
            self.chapters.insert(Arc::clone(device), Chapter::default());
        }
        self.chapters.get_mut(device)
    }

    /// Addresses that the device has on its own side of a NAT.
    fn inside(
        &self,
        device: &Device,
        devices: &[Device],
        endpoints: &[Endpoint],
    ) -> BTreeSet<IpAddr> {
        let mut inside = self.clients.addresses(device, devices);
        let url = device.connection_request_url.as_deref();
        inside.extend(url.and_then(host_of).map(|(host, _)| host));
        inside.extend(endpoints.iter().map(|endpoint| endpoint.local.ip()));
        inside.extend(device.dhcp.as_ref().and_then(|dhcp| dhcp.address));
        inside
    }
}

/// Every device but this one.
fn others_of<'d>(device: &Device, devices: &'d [Device]) -> Vec<&'d Device> {
    let others = devices.iter();
    others
        .filter(|other| other.device != device.device)
        .collect()
}

/// The endpoints that turned out to be the device's.
fn own_endpoints(endpoints: Endpoints, device: &Device, others: &[&Device]) -> Vec<Endpoint> {
    let own: BTreeSet<SocketAddr> = device
        .bindings
        .iter()
        .map(|binding| binding.local)
        .collect();
    let bindings = others.iter().flat_map(|other| &other.bindings);
    let foreign: BTreeSet<SocketAddr> = bindings.map(|binding| binding.local).collect();
    let addresses = others.iter().flat_map(|other| &other.addresses);
    let foreign_addresses: BTreeSet<&IpAddr> = addresses.collect();
    let mut endpoints = endpoints.into_list();
    endpoints.retain(|endpoint| {
        let local = endpoint.local;
        if own.contains(&local) || foreign.contains(&local) {
            return own.contains(&local);
        }
        match &endpoint.owner {
            Some(owner) => *owner == device.device,
            None => {
                endpoint.runs.iter().any(|run| run.tr111 > 0)
                    && device.addresses.contains(&local.ip())
                    && !foreign_addresses.contains(&local.ip())
            }
        }
    });
    endpoints
}

/// A request to this address was for this device, and can have been for no other.
fn is_for(to: SocketAddr, device: &Device, others: &[&Device], seen: &Seen) -> bool {
    let claims = |device: &Device| {
        let url = device.connection_request_url.as_deref().and_then(host_of);
        let udp = device.udp_connection_request_address.as_deref();
        url == Some((to.ip(), to.port())) || udp.and_then(udp_address) == Some(to)
    };
    (claims(device) || seen.has(to)) && !others.iter().any(|other| claims(other))
}

fn of_requests(
    requests: &[&RequestNote],
    chapter: &Chapter,
    telling: &Telling,
    device: &Device,
) -> Vec<Entry> {
    let requests = requests.iter();
    requests
        .map(|request| {
            let session = request.session.and_then(|number| chapter.numbered(number));
            let mapping = telling.mappings.iter().rev().find(|mapping: &&Mapping| {
                mapping.external_port() == Some(request.destination.port())
                    && mapping.time <= request.time
                    && device.addresses.contains(&request.destination.ip())
            });
            request.entry(session, mapping)
        })
        .collect()
}

fn of_sessions(
    chapter: &Chapter,
    requests: &[&RequestNote],
    device: &Device,
    voice: Voice,
) -> Vec<Entry> {
    let mut by_session: BTreeMap<u32, &RequestNote> = BTreeMap::new();
    for request in requests {
        if let Some(number) = request.session {
            by_session.entry(number).or_insert(request);
        }
    }
    // The URL stands above all of it where there is only one.
    let acs = match device.acs_urls.as_slice() {
        [only] => Some(only.as_str()),
        _ => None,
    };
    let sessions = chapter.sessions.iter();
    sessions
        .map(|session| session.entry(by_session.get(&session.number).copied(), acs, voice))
        .collect()
}

/// Entries in the order of time, as many as are told.
fn in_order(mut entries: Vec<Entry>, beyond: u64, lost: u64) -> Vec<Entry> {
    entries.sort_by_key(|entry| (entry.time, entry.kind));
    let cut = entries.len().saturating_sub(limits::ENTRIES_MAX) as u64;
    entries.truncate(limits::ENTRIES_MAX);
    let last = entries.last().map(|entry| entry.time).unwrap_or_default();
    let mut remark = |text: String| {
        let frames = Frames::default();
        entries.push(Entry::new(last, EntryKind::Remark, frames, text));
    };
    if beyond + cut > 0 {
        let more = counted(beyond + cut, "entry is", "entries are");
        remark(format!(
            "{more} left out here: a story has room for the first ones only"
        ));
    }
    if lost > 0 {
        let more = counted(lost, "datagram", "datagrams");
        remark(format!(
            "{more} of STUN and DHCP came from more endpoints than are followed, and may belong here"
        ));
    }
    entries
}
