//! The devices seen so far, and where each can be reached.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::facts::{InformFacts, boolean};
use super::identity::{Url, device_id};
use super::learning;
use super::limits::AssembleLimits;
use crate::session::address::{is_private, udp_address};
use crate::session::{Binding, Device, DhcpFacts, Session};

/// Devices in order of appearance.
#[derive(Debug, Default)]
pub(super) struct Devices {
    /// Their numbers: where each stands in `devices`.
    index: HashMap<Arc<str>, u32, foldhash::fast::RandomState>,
    devices: Vec<Device>,
    /// Where each is, beside `devices`: its address, and where it is reached by UDP.
    devices_at: Vec<(Option<IpAddr>, Option<SocketAddr>)>,
    /// Where each listens, beside `devices`: at its address, and at that of its ConnectionRequestURL.
    places: Vec<[Option<Place>; 2]>,
    /// Who listens there.
    listening: HashMap<Place, Listeners, foldhash::fast::RandomState>,
    /// Who listens at this address and port, whatever the path.
    listening_at: HashMap<(IpAddr, u16), Option<u32>, foldhash::fast::RandomState>,
    /// Who said to listen there for UDP Connection Requests.
    at_udp: HashMap<SocketAddr, u32, foldhash::fast::RandomState>,
    /// Who is at this address, if it is one alone.
    at_address: HashMap<IpAddr, Option<u32>, foldhash::fast::RandomState>,
    /// Informs of devices beyond the bound.
    pub beyond: u64,
    /// Devices that gave way to later ones at the same place.
    pub crowded: u64,
}

/// Where a device listens for Connection Requests: address, port and path.
type Place = (IpAddr, u16, Arc<str>);

/// Who listens at one place, the latest last: mostly one alone.
#[derive(Debug)]
enum Listeners {
    One(u32),
    Several(Box<[u32]>),
}

impl Listeners {
    fn all(&self) -> &[u32] {
        match self {
            Self::One(only) => std::slice::from_ref(only),
            Self::Several(all) => all,
        }
    }
}

impl Devices {
    /// Takes note of an Inform and gives the device's id.
    pub fn inform(
        &mut self,
        inform: &InformFacts,
        url: Option<&Url>,
        session: &Session,
        limits: &AssembleLimits,
    ) -> Arc<str> {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        let id = device_id(
            &text(&inform.oui),
            &text(&inform.product_class),
            &text(&inform.serial_number),
        );
        if let Some(&at) = self.index.get(id.as_str()) {
            let known = self.devices.get_mut(at as usize).map(|device| {
                device.manufacturer.clone_from(&inform.manufacturer);
                if inform.software_version.is_some() {
                    device.software_version.clone_from(&inform.software_version);
                }
                Arc::clone(&device.device)
            });
            self.place(at, inform, session);
            self.listen(at, inform, url, session, limits.listeners_max);
            return known.unwrap_or_else(|| Arc::from(id));
        }
        let id: Arc<str> = Arc::from(id);
        if self.devices.len() >= limits.devices_max {
            self.beyond += 1;
            return id;
        }
        let at = self.devices.len() as u32;
        self.index.insert(Arc::clone(&id), at);
        self.places.push([None, None]);
        self.devices_at.push((None, None));
        self.devices.push(Device {
            device: Arc::clone(&id),
            manufacturer: inform.manufacturer.clone(),
            oui: inform.oui.clone(),
            product_class: inform.product_class.clone(),
            serial_number: inform.serial_number.clone(),
            software_version: inform.software_version.clone(),
            addresses: Vec::new(),
            acs_urls: Vec::new(),
            connection_request_url: None,
            udp_connection_request_address: None,
            nat_detected: None,
            gateway: None,
            dhcp: None,
            bindings: Vec::new(),
            sessions: 0,
            first: session.start,
            last: session.end,
        });
        self.place(at, inform, session);
        self.listen(at, inform, url, session, limits.listeners_max);
        id
    }

    /// What is known of a device.
    fn known(&self, device: &str) -> Option<&Device> {
        self.devices.get(*self.index.get(device)? as usize)
    }

    /// The id of the device with this number.
    fn id(&self, number: u32) -> Option<Arc<str>> {
        let device = self.devices.get(number as usize)?;
        Some(Arc::clone(&device.device))
    }

    /// Counts a session that closed.
    pub fn closed(&mut self, session: &Session, addresses_max: usize) {
        let Some(device) = session.device.as_ref().and_then(|id| self.index.get(id)) else {
            return;
        };
        let Some(device) = self.devices.get_mut(*device as usize) else {
            return;
        };
        device.sessions += 1;
        device.gateway = learning::gateway(session).or(device.gateway.take());
        if let Some(address) = learning::reported(session, "UDPConnectionRequestAddress") {
            device.udp_connection_request_address = Some(address.to_owned());
        }
        let detected = learning::reported(session, "NATDetected").and_then(boolean);
        device.nat_detected = detected.or(device.nat_detected);
        device.last = device.last.max(session.end);
        // Room for one at a time: of most devices it stays one.
        if let Some(address) = session.cpe.address
            && !device.addresses.contains(&address)
            && device.addresses.len() < addresses_max
        {
            device.addresses.reserve_exact(1);
            device.addresses.push(address);
        }
        if let Some(url) = &session.acs.url
            && !device.acs_urls.contains(url)
            && device.acs_urls.len() < addresses_max
        {
            device.acs_urls.reserve_exact(1);
            device.acs_urls.push(url.clone());
        }
    }

    /// The device that reported this as its UDPConnectionRequestAddress.
    pub fn at_udp(&self, endpoint: SocketAddr) -> Option<Arc<str>> {
        self.id(*self.at_udp.get(&endpoint)?)
    }

    /// The device at this address, if no other was seen there.
    pub fn only_at(&self, address: IpAddr) -> Option<Arc<str>> {
        self.id((*self.at_address.get(&address)?)?)
    }

    /// Takes note of where a device is.
    fn place(&mut self, at: u32, inform: &InformFacts, session: &Session) {
        if let Some(device) = self.devices.get_mut(at as usize) {
            if inform.udp_connection_request_address.is_some() {
                device
                    .udp_connection_request_address
                    .clone_from(&inform.udp_connection_request_address);
            }
            device.nat_detected = inform.nat_detected.or(device.nat_detected);
        }
        let moved = self
            .devices_at
            .get_mut(at as usize)
            .and_then(|whereabouts| {
                let before = *whereabouts;
                whereabouts.0 = session.cpe.address.or(before.0);
                whereabouts.1 = inform.udp_address().or(before.1);
                (before != *whereabouts).then_some(before)
            });
        // A NAT gives what a device has left to the next one.
        if let Some((address, endpoint)) = moved {
            self.leave(
                at,
                address.filter(|one| Some(*one) != session.cpe.address),
                endpoint,
            );
        }
        if let Some(endpoint) = inform.udp_address() {
            self.at_udp.insert(endpoint, at);
        }
        if let Some(address) = session.cpe.address {
            let only = self.at_address.entry(address).or_insert(Some(at));
            if *only != Some(at) {
                *only = None;
            }
        }
    }

    /// The device that listens for Connection Requests at this address and port, whatever its path; if it is one alone.
    pub fn listener_at(&self, address: IpAddr, port: u16) -> Option<Arc<str>> {
        self.id((*self.listening_at.get(&(address, port))?)?)
    }

    /// Some device listens for Connection Requests there, whatever its path.
    pub fn listens_at(&self, place: SocketAddr) -> bool {
        self.listening_at.contains_key(&(place.ip(), place.port()))
    }

    /// The ConnectionRequestURL that a device reported last.
    pub fn connection_request_url(&self, device: &str) -> Option<&str> {
        self.known(device)?.connection_request_url.as_deref()
    }

    /// NATDetected as a device reported it last.
    pub fn nat_detected(&self, device: &str) -> Option<bool> {
        self.known(device)?.nat_detected
    }

    /// The UDPConnectionRequestAddress that a device reported last.
    pub fn reported_udp(&self, device: &str) -> Option<SocketAddr> {
        udp_address(
            self.known(device)?
                .udp_connection_request_address
                .as_deref()?,
        )
    }

    /// Where a device was at its latest Inform.
    pub fn address_of(&self, device: &str) -> Option<IpAddr> {
        self.devices_at.get(*self.index.get(device)? as usize)?.0
    }

    /// The device has been there before.
    fn leave(&mut self, at: u32, address: Option<IpAddr>, endpoint: Option<SocketAddr>) {
        if let Some(address) = address
            && self.at_address.get(&address) == Some(&Some(at))
        {
            self.at_address.remove(&address);
        }
        if let Some(endpoint) = endpoint
            && self.at_udp.get(&endpoint) == Some(&at)
        {
            self.at_udp.remove(&endpoint);
        }
    }

    /// The device that listens for Connection Requests there: `None` where nobody does, and within where several do.
    pub fn listener(&self, address: IpAddr, port: u16, target: &str) -> Option<Option<Arc<str>>> {
        let listening = self.listening.get(&(address, port, Arc::from(target)))?;
        match listening.all() {
            [] => None,
            [only] => Some(self.id(*only)),
            // Behind a NAT many claim the same: which of them was meant is told by what follows.
            _ => Some(None),
        }
    }

    /// All of them, with their bindings and with what DHCP says.
    pub fn into_list(
        mut self,
        bindings: Vec<Binding>,
        leases: Vec<(Option<Arc<str>>, DhcpFacts)>,
    ) -> Vec<Device> {
        for (device, facts) in leases {
            let device = device.or_else(|| self.only_at(facts.address?));
            let at = device.and_then(|device| self.index.get(&device).copied());
            if let Some(device) = at.and_then(|at| self.devices.get_mut(at as usize)) {
                device.dhcp = Some(Box::new(facts));
            }
        }
        for mut binding in bindings {
            let mapped = binding.mapped;
            let device = binding.device.take();
            let device = device
                .or_else(|| self.at_udp(mapped.unwrap_or(binding.local)))
                .or_else(|| {
                    let own = is_private(binding.local.ip());
                    own.then(|| self.only_at(binding.local.ip()))?
                });
            let at = device.as_ref().and_then(|device| self.index.get(device));
            if let Some(known) = at.and_then(|at| self.devices.get_mut(*at as usize)) {
                binding.device = device;
                known.bindings.push(binding);
            }
        }
        self.devices
    }

    fn listen(
        &mut self,
        at: u32,
        inform: &InformFacts,
        url: Option<&Url>,
        session: &Session,
        listeners_max: usize,
    ) {
        let (Some(url), Some(address)) = (url, session.cpe.address) else {
            return;
        };
        let place = at as usize;
        let (Some(device), Some(places)) =
            (self.devices.get_mut(place), self.places.get_mut(place))
        else {
            return;
        };
        let same = device.connection_request_url == inform.connection_request_url;
        if same && device.addresses.contains(&address) {
            return;
        }
        device
            .connection_request_url
            .clone_from(&inform.connection_request_url);
        let named = url.address().map(|named| named.ip());
        let target: Arc<str> = Arc::from(url.target.as_str());
        let now = [Some(address), named.filter(|named| *named != address)];
        let now = now.map(|address| Some((address?, url.port, Arc::clone(&target))));
        let before = std::mem::replace(places, now.clone());
        // Some devices change the path at every boot: the one before listens no more.
        for place in before.into_iter().flatten() {
            self.no_longer(at, place);
        }
        for (address, port, _) in now.iter().flatten() {
            let only = self.listening_at.entry((*address, *port));
            let only = only.or_insert(Some(at));
            if *only != Some(at) {
                *only = None;
            }
        }
        let mut crowded = false;
        for place in now.into_iter().flatten() {
            match self.listening.entry(place) {
                Entry::Vacant(nobody) => drop(nobody.insert(Listeners::One(at))),
                Entry::Occupied(mut listening) => {
                    let all = listening.get().all();
                    let beyond = all.len() >= listeners_max;
                    crowded |= beyond;
                    let latest = all.iter().skip(usize::from(beyond)).chain([&at]);
                    let latest = latest.copied().collect();
                    listening.insert(Listeners::Several(latest));
                }
            }
        }
        self.crowded += u64::from(crowded);
    }

    /// A device has listened there before.
    fn no_longer(&mut self, at: u32, place: Place) {
        let only = (place.0, place.1);
        if let Entry::Occupied(mut listening) = self.listening.entry(place) {
            let rest = listening.get().all().iter().copied();
            let rest: Box<[u32]> = rest.filter(|one| *one != at).collect();
            if rest.is_empty() {
                listening.remove();
            } else {
                listening.insert(Listeners::Several(rest));
            }
        }
        if self.listening_at.get(&only) == Some(&Some(at)) {
            self.listening_at.remove(&only);
        }
    }
}
