//! Exchanges of DHCP by client, each in one sentence: identity, gateway, ACS URL.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use dhcp::{BroadbandForum, Text};

use super::entry::{Entry, EntryKind, Frames};
use super::limits::{CLIENTS_MAX, EXCHANGES_MAX, WORDS_MAX};
use super::words::{Voice, clock_after, listed};
use crate::report::datagram::{client_v4, client_v6, vendor_class_v4, vendor_class_v6};
use crate::session::wire::identity;
use crate::session::{Datagram, DatagramKind, Device};
use crate::source::Timestamp;

/// All clients.
#[derive(Debug, Default)]
pub(super) struct Clients {
    clients: BTreeMap<String, Client>,
    pub beyond: u64,
}

#[derive(Debug, Default)]
struct Client {
    owner: Option<Arc<str>>,
    exchanges: Vec<Exchange>,
}

/// The messages of one transaction, and those after it that say the same again.
#[derive(Debug, Clone)]
struct Exchange {
    transaction: u32,
    first: Timestamp,
    last: Timestamp,
    /// How often it all came.
    count: u64,
    frames: Frames,
    types: Vec<String>,
    answered: bool,
    facts: Facts,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Facts {
    address: Option<IpAddr>,
    server: Option<IpAddr>,
    vendor_class: Option<String>,
    device: Option<String>,
    gateway: Option<String>,
    acs_url: Option<String>,
    provisioning_code: Option<String>,
    refusal: Option<String>,
}

/// One message.
struct Said {
    client: String,
    transaction: u32,
    kind: String,
    asks: bool,
    facts: Facts,
}

impl Clients {
    /// The next message of DHCP.
    pub fn take(&mut self, datagram: &Datagram) {
        let said = match datagram.kind {
            DatagramKind::DhcpV4 => said_v4(datagram),
            DatagramKind::DhcpV6 => said_v6(datagram),
            _ => None,
        };
        let Some(said) = said else { return };
        if self.clients.len() >= CLIENTS_MAX && !self.clients.contains_key(&said.client) {
            self.beyond += 1;
            return;
        }
        let client = self.clients.entry(said.client.clone()).or_default();
        if datagram.device.is_some() {
            client.owner.clone_from(&datagram.device);
        }
        client.take(said, datagram);
    }

    /// Addresses that the device was given.
    pub fn addresses(&self, device: &Device, others: &[Device]) -> BTreeSet<IpAddr> {
        let own = self
            .of(device, others)
            .flat_map(|(_, client)| &client.exchanges);
        own.filter_map(|exchange| exchange.facts.address).collect()
    }

    pub fn entries(&self, device: &Device, others: &[Device], voice: Voice) -> Vec<Entry> {
        let own = self.of(device, others);
        own.flat_map(|(name, client)| {
            client
                .exchanges
                .iter()
                .map(move |one| one.entry(name, voice))
        })
        .collect()
    }

    /// The clients that are this device.
    fn of<'c>(
        &'c self,
        device: &'c Device,
        others: &'c [Device],
    ) -> impl Iterator<Item = (&'c str, &'c Client)> {
        let known = device.dhcp.as_ref().map(|dhcp| dhcp.client.as_str());
        let named_elsewhere = move |name: &str| {
            let mut others = others.iter().filter(|other| other.device != device.device);
            others.any(|other| other.dhcp.as_ref().is_some_and(|dhcp| dhcp.client == name))
        };
        self.clients.iter().filter_map(move |(name, client)| {
            let own = client.owner.as_ref() == Some(&device.device) || known == Some(name.as_str());
            (own && !named_elsewhere(name)).then_some((name.as_str(), client))
        })
    }
}

impl Client {
    fn take(&mut self, said: Said, datagram: &Datagram) {
        let goes_on = self
            .exchanges
            .last()
            .is_some_and(|last| last.transaction == said.transaction);
        if !goes_on {
            self.fold();
            let full = self.exchanges.len() >= EXCHANGES_MAX;
            match self.exchanges.last_mut() {
                // What came before it was told already.
                Some(last) if full => last.transaction = said.transaction,
                _ => self
                    .exchanges
                    .push(Exchange::new(said.transaction, datagram)),
            }
        }
        if let Some(exchange) = self.exchanges.last_mut() {
            exchange.take(said, datagram);
        }
    }

    /// The last exchange says what the one before said: they are one.
    fn fold(&mut self) {
        let [.., before, last] = self.exchanges.as_slice() else {
            return;
        };
        let renewed = last.facts.same_lease(&before.facts);
        if let (true, Some(last)) = (renewed, self.exchanges.len().checked_sub(1)) {
            let last = self.exchanges.remove(last);
            if let Some(before) = self.exchanges.last_mut() {
                before.count += last.count;
                before.last = last.last;
                before.frames.add(&last.frames.listed());
            }
        }
    }
}

impl Facts {
    /// A renewal leaves out what the first exchange said; what it does say is the same.
    fn same_lease(&self, before: &Self) -> bool {
        let same = |one: &Option<String>, other: &Option<String>| one.is_none() || one == other;
        self.address == before.address
            && self.refusal == before.refusal
            && same(&self.device, &before.device)
            && same(&self.gateway, &before.gateway)
            && same(&self.acs_url, &before.acs_url)
            && same(&self.provisioning_code, &before.provisioning_code)
    }

    fn add(&mut self, other: Self) {
        self.address = other.address.or(self.address);
        self.server = other.server.or(self.server);
        self.vendor_class = self.vendor_class.take().or(other.vendor_class);
        self.device = other.device.or(self.device.take());
        self.gateway = other.gateway.or(self.gateway.take());
        self.acs_url = other.acs_url.or(self.acs_url.take());
        self.provisioning_code = other.provisioning_code.or(self.provisioning_code.take());
        self.refusal = other.refusal.or(self.refusal.take());
    }
}

impl Exchange {
    fn new(transaction: u32, datagram: &Datagram) -> Self {
        Self {
            transaction,
            first: datagram.time,
            last: datagram.time,
            count: 1,
            frames: Frames::default(),
            types: Vec::new(),
            answered: false,
            facts: Facts::default(),
        }
    }

    fn take(&mut self, said: Said, datagram: &Datagram) {
        self.last = datagram.time;
        self.frames.add(&datagram.frames);
        self.answered |= !said.asks;
        if !self.types.contains(&said.kind) && self.types.len() < WORDS_MAX {
            self.types.push(said.kind);
        }
        self.facts.add(said.facts);
    }

    fn entry(&self, client: &str, voice: Voice) -> Entry {
        let facts = &self.facts;
        let mut text = format!(
            "DHCP as {} ({})",
            voice.say(client),
            voice.say(&listed(&self.types))
        );
        if let Some(address) = facts.address {
            text.push_str(&format!(": gets {address}"));
            if let Some(server) = facts.server {
                text.push_str(&format!(" from {server}"));
            }
        }
        if let Some(class) = &facts.vendor_class {
            text.push_str(&format!("; vendor class {}", voice.say(class)));
        }
        text.push_str(&self.association(voice));
        if let Some(url) = &facts.acs_url {
            text.push_str(&format!("; ACS URL {}", voice.say(url)));
        }
        if let Some(code) = &facts.provisioning_code {
            text.push_str(&format!("; provisioning code {}", voice.say(code)));
        }
        if let Some(refusal) = &facts.refusal {
            text.push_str(&format!("; the server says: {}", voice.say(refusal)));
        }
        if !self.answered {
            text.push_str("; the capture holds no answer");
        }
        if self.count > 1 {
            let again = self.count - 1;
            text.push_str(&format!(
                "; the same {again} more until {}",
                clock_after(self.first, self.last)
            ));
        }
        Entry::new(self.first, EntryKind::Dhcp, self.frames.clone(), text)
    }

    /// Who device and gateway say they are (TR-111 part I).
    fn association(&self, voice: Voice) -> String {
        match (&self.facts.device, &self.facts.gateway) {
            (Some(device), Some(gateway)) => format!(
                "; option 125 says that it is {}, and of the gateway that it is {}",
                voice.say(device),
                voice.say(gateway)
            ),
            (Some(device), None) if self.answered => format!(
                "; option 125 says that it is {}; the answer names no gateway",
                voice.say(device)
            ),
            (Some(device), None) => format!("; option 125 says that it is {}", voice.say(device)),
            (None, Some(gateway)) => {
                format!(
                    "; option 125 says of the gateway that it is {}",
                    voice.say(gateway)
                )
            }
            (None, None) => String::new(),
        }
    }
}

fn said_v4(datagram: &Datagram) -> Option<Said> {
    let message = datagram.dhcp_v4()?;
    let asks = message.header().is_request();
    let kind = message.message_type().map(dhcp::v4::MessageType::name);
    let forum = message.broadband_forum();
    let specific = message.vendor_specific().map(|vendor| vendor.discovery);
    let specific = specific.unwrap_or_default();
    let granted = message.message_type() == Some(dhcp::v4::MessageType::Ack);
    let mut facts = forum_facts(forum.as_ref());
    facts.address = message
        .offered_address()
        .filter(|_| granted)
        .map(IpAddr::V4);
    facts.server = message.server_id().filter(|_| !asks).map(IpAddr::V4);
    facts.vendor_class = vendor_class_v4(&message)
        .filter(|_| asks)
        .map(|class| lossy(&class));
    let url = specific.acs_url.filter(|url| url.is_url());
    facts.acs_url = url.map(text).or(facts.acs_url);
    facts.provisioning_code = specific
        .provisioning_code
        .map(text)
        .or(facts.provisioning_code);
    facts.refusal = message.message_text().filter(|_| !asks).map(text);
    Some(Said {
        client: client_v4(&message)?,
        transaction: message.header().transaction_id,
        kind: kind.unwrap_or("bootp").to_owned(),
        asks,
        facts,
    })
}

fn said_v6(datagram: &Datagram) -> Option<Said> {
    use dhcp::v6::MessageType as Type;
    let message = datagram.dhcp_v6()?;
    let kind = message.message_type()?;
    let asks = !matches!(kind, Type::Advertise | Type::Reply | Type::Reconfigure);
    let forum = message.broadband_forum();
    let mut facts = forum_facts(forum.as_ref());
    facts.vendor_class = vendor_class_v6(&message)
        .filter(|_| asks)
        .map(|class| lossy(&class));
    Some(Said {
        client: client_v6(&message)?,
        transaction: message.transaction_id(),
        kind: kind.name().to_owned(),
        asks,
        facts,
    })
}

fn forum_facts(forum: Option<&BroadbandForum<'_>>) -> Facts {
    let Some(forum) = forum else {
        return Facts::default();
    };
    let who = |who: &dhcp::Identity<'_>| (!who.is_empty()).then(|| lossy(&identity(who)));
    let url = forum.discovery.acs_url.filter(|url| url.is_url());
    Facts {
        device: who(&forum.device),
        gateway: who(&forum.gateway),
        acs_url: url.map(text),
        provisioning_code: forum.discovery.provisioning_code.map(text),
        ..Facts::default()
    }
}

fn text(text: Text<'_>) -> String {
    lossy(text.value())
}

fn lossy(bytes: &[u8]) -> String {
    let kept = bytes.get(..TEXT_BYTES_MAX).unwrap_or(bytes);
    String::from_utf8_lossy(kept).into_owned()
}

/// Bytes kept of one text.
const TEXT_BYTES_MAX: usize = 512;
