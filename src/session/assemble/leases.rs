//! What DHCP says of devices and their gateways (TR-111 part I; TR-069 Amendment 3 annex F), by client.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use dhcp::BroadbandForum;

use super::Assembler;
use super::facts::lossy;
use super::identity::device_id;
use crate::session::wire::{client_v4, client_v6, vendor_class_v4, vendor_class_v6};
use crate::session::{Datagram, DatagramKind, DhcpFacts, Identity, Side};

/// All clients of DHCP.
#[derive(Debug, Default)]
pub(super) struct Leases(HashMap<String, Lease, foldhash::fast::RandomState>);

#[derive(Debug)]
struct Lease {
    device: Option<Arc<str>>,
    facts: DhcpFacts,
}

/// One message in a few words.
struct Told {
    client: String,
    /// The client speaks.
    asks: bool,
    device: Option<Identity>,
    gateway: Option<Identity>,
    vendor_class: Option<String>,
    acs_url: Option<String>,
    address: Option<IpAddr>,
}

impl Assembler {
    /// A message of DHCP: ties it to the device that it names, or whose client it is of.
    pub(super) fn lease_message(&mut self, datagram: &mut Datagram) {
        let Some(told) = told(datagram) else { return };
        datagram.from = if told.asks { Side::Cpe } else { Side::Other };
        let room = self.udp.leases.0.len() < self.limits.leases_max;
        if !room && !self.udp.leases.0.contains_key(&told.client) {
            self.reached("leases_max");
            datagram.device = told.device.as_ref().map(id_of);
            return;
        }
        let lease = self.udp.leases.take(told, datagram);
        let address = lease.facts.address;
        let device = lease.device.clone();
        datagram.device = device.or_else(|| self.devices.only_at(address?));
    }
}

impl Leases {
    fn take(&mut self, told: Told, datagram: &Datagram) -> &Lease {
        let lease = self
            .0
            .entry(told.client.clone())
            .or_insert_with(|| Lease::new(told.client, datagram));
        let facts = &mut lease.facts;
        facts.time = datagram.time;
        facts.address = told.address.or(facts.address);
        if told.asks {
            facts.vendor_class = told.vendor_class.or(facts.vendor_class.take());
        }
        facts.acs_url = told.acs_url.or(facts.acs_url.take());
        facts.gateway = told.gateway.or(facts.gateway.take());
        if let Some(identity) = &told.device {
            facts.announced = true;
            lease.device = Some(id_of(identity));
        }
        lease
    }

    /// What is known of each client, with the device that it said it is.
    pub fn into_list(self) -> Vec<(Option<Arc<str>>, DhcpFacts)> {
        let all = self.0.into_values();
        let mut all: Vec<_> = all.map(|lease| (lease.device, lease.facts)).collect();
        all.sort_by(|(_, one), (_, other)| {
            (one.time, &one.client).cmp(&(other.time, &other.client))
        });
        all
    }
}

impl Lease {
    fn new(client: String, datagram: &Datagram) -> Self {
        Self {
            device: None,
            facts: DhcpFacts {
                client,
                address: None,
                vendor_class: None,
                announced: false,
                acs_url: None,
                gateway: None,
                time: datagram.time,
            },
        }
    }
}

fn told(datagram: &Datagram) -> Option<Told> {
    if datagram.kind == DatagramKind::DhcpV6 {
        told_v6(datagram)
    } else {
        told_v4(datagram)
    }
}

fn told_v4(datagram: &Datagram) -> Option<Told> {
    let message = datagram.dhcp_v4()?;
    let forum = message.broadband_forum();
    let specific = message.vendor_specific();
    let url = specific.and_then(|vendor| vendor.discovery.acs_url);
    let granted = message.message_type() == Some(dhcp::v4::MessageType::Ack);
    let address = message.offered_address().filter(|_| granted);
    Some(Told {
        client: client_v4(&message)?,
        asks: message.header().is_request(),
        device: forum.as_ref().and_then(|forum| identity(&forum.device)),
        gateway: forum.as_ref().and_then(|forum| identity(&forum.gateway)),
        vendor_class: vendor_class_v4(&message).map(|class| lossy(&class)),
        acs_url: url
            .filter(|url| url.is_url())
            .map(|url| lossy(url.value()))
            .or_else(|| url_of(forum.as_ref())),
        address: address.map(IpAddr::V4),
    })
}

fn told_v6(datagram: &Datagram) -> Option<Told> {
    use dhcp::v6::MessageType as Type;
    let message = datagram.dhcp_v6()?;
    let forum = message.broadband_forum();
    let answers = matches!(
        message.message_type(),
        Some(Type::Advertise | Type::Reply | Type::Reconfigure)
    );
    Some(Told {
        client: client_v6(&message)?,
        asks: !answers,
        device: forum.as_ref().and_then(|forum| identity(&forum.device)),
        gateway: forum.as_ref().and_then(|forum| identity(&forum.gateway)),
        vendor_class: vendor_class_v6(&message).map(|class| lossy(&class)),
        acs_url: url_of(forum.as_ref()),
        address: None,
    })
}

fn url_of(forum: Option<&BroadbandForum<'_>>) -> Option<String> {
    let url = forum?.discovery.acs_url.filter(|url| url.is_url())?;
    Some(lossy(url.value()))
}

fn identity(said: &dhcp::Identity<'_>) -> Option<Identity> {
    let text = |text: Option<dhcp::Text<'_>>| text.map(|text| lossy(text.value()));
    (!said.is_empty()).then(|| Identity {
        oui: text(said.manufacturer_oui),
        serial_number: text(said.serial_number),
        product_class: text(said.product_class),
    })
}

fn id_of(identity: &Identity) -> Arc<str> {
    let text = |part: &Option<String>| part.clone().unwrap_or_default();
    let id = device_id(
        &text(&identity.oui),
        &text(&identity.product_class),
        &text(&identity.serial_number),
    );
    Arc::from(id)
}
