//! The devices seen so far, and where each can be reached.

use std::collections::HashMap;
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
    index: HashMap<Arc<str>, usize, foldhash::fast::RandomState>,
    devices: Vec<Device>,
    /// Where each is, beside `devices`: its address, and where it is reached by UDP.
    devices_at: Vec<(Option<IpAddr>, Option<SocketAddr>)>,
    /// Where each listens, beside `devices`: at its address, and at that of its ConnectionRequestURL.
    places: Vec<Vec<Place>>,
    /// Who listens there, the latest last.
    listening: HashMap<Place, Vec<Arc<str>>, foldhash::fast::RandomState>,
    /// Who listens at this address and port, whatever the path.
    listening_at: HashMap<(IpAddr, u16), Option<Arc<str>>, foldhash::fast::RandomState>,
    /// Who said to listen there for UDP Connection Requests.
    at_udp: HashMap<SocketAddr, Arc<str>, foldhash::fast::RandomState>,
    /// Who is at this address, if it is one alone.
    at_address: HashMap<IpAddr, Option<Arc<str>>, foldhash::fast::RandomState>,
    /// Informs of devices beyond the bound.
    pub beyond: u64,
    /// Devices that gave way to later ones at the same place.
    pub crowded: u64,
}

/// Where a device listens for Connection Requests: address, port and path.
type Place = (IpAddr, u16, Arc<str>);

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
            if let Some(device) = self.devices.get_mut(at) {
                device.manufacturer.clone_from(&inform.manufacturer);
                if inform.software_version.is_some() {
                    device.software_version.clone_from(&inform.software_version);
                }
            }
            let id = self
                .devices
                .get(at)
                .map_or_else(|| Arc::from(id), |device| Arc::clone(&device.device));
            self.place(&id, inform, session);
            self.listen(&id, inform, url, session, limits.listeners_max);
            return id;
        }
        let id: Arc<str> = Arc::from(id);
        if self.devices.len() >= limits.devices_max {
            self.beyond += 1;
            return id;
        }
        self.index.insert(Arc::clone(&id), self.devices.len());
        self.places.push(Vec::new());
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
        self.place(&id, inform, session);
        self.listen(&id, inform, url, session, limits.listeners_max);
        id
    }

    /// Counts a session that closed.
    pub fn closed(&mut self, session: &Session, addresses_max: usize) {
        let Some(device) = session.device.as_ref().and_then(|id| self.index.get(id)) else {
            return;
        };
        let Some(device) = self.devices.get_mut(*device) else {
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
        if let Some(address) = session.cpe.address
            && !device.addresses.contains(&address)
            && device.addresses.len() < addresses_max
        {
            device.addresses.push(address);
        }
        if let Some(url) = &session.acs.url
            && !device.acs_urls.contains(url)
            && device.acs_urls.len() < addresses_max
        {
            device.acs_urls.push(url.clone());
        }
    }

    /// The device that reported this as its UDPConnectionRequestAddress.
    pub fn at_udp(&self, endpoint: SocketAddr) -> Option<Arc<str>> {
        self.at_udp.get(&endpoint).cloned()
    }

    /// The device at this address, if no other was seen there.
    pub fn only_at(&self, address: IpAddr) -> Option<Arc<str>> {
        self.at_address.get(&address).cloned().flatten()
    }

    /// Takes note of where a device is.
    fn place(&mut self, id: &Arc<str>, inform: &InformFacts, session: &Session) {
        let at = self.index.get(id).copied();
        if let Some(device) = at.and_then(|at| self.devices.get_mut(at))
            && inform.udp_connection_request_address.is_some()
        {
            device
                .udp_connection_request_address
                .clone_from(&inform.udp_connection_request_address);
        }
        if let Some(device) = at.and_then(|at| self.devices.get_mut(at)) {
            device.nat_detected = inform.nat_detected.or(device.nat_detected);
        }
        let moved = at
            .and_then(|at| self.devices_at.get_mut(at))
            .and_then(|whereabouts| {
                let before = *whereabouts;
                whereabouts.0 = session.cpe.address.or(before.0);
                whereabouts.1 = inform.udp_address().or(before.1);
                (before != *whereabouts).then_some(before)
            });
        // A NAT gives what a device has left to the next one.
        if let Some((address, endpoint)) = moved {
            self.leave(
                id,
                address.filter(|one| Some(*one) != session.cpe.address),
                endpoint,
            );
        }
        if let Some(endpoint) = inform.udp_address() {
            self.at_udp.insert(endpoint, Arc::clone(id));
        }
        if let Some(address) = session.cpe.address {
            let at = self.at_address.entry(address);
            let only = at.or_insert_with(|| Some(Arc::clone(id)));
            if only.as_ref() != Some(id) {
                *only = None;
            }
        }
    }

    /// The device that listens for Connection Requests at this address and port, whatever its path; if it is one alone.
    pub fn listener_at(&self, address: IpAddr, port: u16) -> Option<Arc<str>> {
        self.listening_at.get(&(address, port)).cloned().flatten()
    }

    /// Some device listens for Connection Requests there, whatever its path.
    pub fn listens_at(&self, place: SocketAddr) -> bool {
        self.listening_at.contains_key(&(place.ip(), place.port()))
    }

    /// The ConnectionRequestURL that a device reported last.
    pub fn connection_request_url(&self, device: &str) -> Option<&str> {
        let device = self.devices.get(*self.index.get(device)?)?;
        device.connection_request_url.as_deref()
    }

    /// NATDetected as a device reported it last.
    pub fn nat_detected(&self, device: &str) -> Option<bool> {
        self.devices.get(*self.index.get(device)?)?.nat_detected
    }

    /// The UDPConnectionRequestAddress that a device reported last.
    pub fn reported_udp(&self, device: &str) -> Option<SocketAddr> {
        let device = self.devices.get(*self.index.get(device)?)?;
        udp_address(device.udp_connection_request_address.as_deref()?)
    }

    /// Where a device was at its latest Inform.
    pub fn address_of(&self, device: &str) -> Option<IpAddr> {
        self.devices_at.get(*self.index.get(device)?)?.0
    }

    /// The device has been there before.
    fn leave(&mut self, id: &Arc<str>, address: Option<IpAddr>, endpoint: Option<SocketAddr>) {
        if let Some(address) = address
            && self.at_address.get(&address).and_then(Option::as_ref) == Some(id)
        {
            self.at_address.remove(&address);
        }
        if let Some(endpoint) = endpoint
            && self.at_udp.get(&endpoint) == Some(id)
        {
            self.at_udp.remove(&endpoint);
        }
    }

    /// The device that listens for Connection Requests there: `None` where nobody does, and within where several do.
    pub fn listener(&self, address: IpAddr, port: u16, target: &str) -> Option<Option<Arc<str>>> {
        let listening = self.listening.get(&(address, port, Arc::from(target)))?;
        match listening.as_slice() {
            [] => None,
            [only] => Some(Some(Arc::clone(only))),
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
            if let Some(device) = at.and_then(|at| self.devices.get_mut(at)) {
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
            if let Some(known) = at.and_then(|at| self.devices.get_mut(*at)) {
                binding.device = device;
                known.bindings.push(binding);
            }
        }
        self.devices
    }

    fn listen(
        &mut self,
        id: &Arc<str>,
        inform: &InformFacts,
        url: Option<&Url>,
        session: &Session,
        listeners_max: usize,
    ) {
        let (Some(url), Some(address)) = (url, session.cpe.address) else {
            return;
        };
        let Some(&at) = self.index.get(id) else {
            return;
        };
        let (Some(device), Some(places)) = (self.devices.get_mut(at), self.places.get_mut(at))
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
        let at = [Some(address), named.filter(|named| *named != address)];
        let now: Vec<Place> = at
            .into_iter()
            .flatten()
            .map(|address| (address, url.port, Arc::clone(&target)))
            .collect();
        // Some devices change the path at every boot: the one before listens no more.
        for before in std::mem::replace(places, now.clone()) {
            if let Some(listening) = self.listening.get_mut(&before) {
                listening.retain(|one| one != id);
                if listening.is_empty() {
                    self.listening.remove(&before);
                }
            }
            let at = (before.0, before.1);
            if self.listening_at.get(&at).and_then(Option::as_ref) == Some(id) {
                self.listening_at.remove(&at);
            }
        }
        for (address, port, _) in &now {
            let at = self.listening_at.entry((*address, *port));
            let only = at.or_insert_with(|| Some(Arc::clone(id)));
            if only.as_ref() != Some(id) {
                *only = None;
            }
        }
        let mut crowded = false;
        for place in now {
            let listening = self.listening.entry(place).or_default();
            if listening.len() >= listeners_max {
                crowded = true;
                listening.remove(0);
            }
            listening.push(Arc::clone(id));
        }
        self.crowded += u64::from(crowded);
    }
}
