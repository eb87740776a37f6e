//! What DHCP says of devices and their gateways (TR-111 part I; TR-069 Amendment 3 annex F), by client.

use std::collections::{BTreeSet, HashMap};
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
pub(super) struct Leases {
    by_client: HashMap<Arc<str>, Lease, foldhash::fast::RandomState>,
    /// By the time of the latest message.
    by_age: BTreeSet<(i64, Arc<str>)>,
}

#[derive(Debug)]
struct Lease {
    device: Option<Arc<str>>,
    facts: DhcpFacts,
}

/// What a message does to a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// The server grants it: what it says holds from now on.
    Grants,
    /// It is refused, or given back.
    Ends,
    None,
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
    effect: Effect,
}

impl Assembler {
    /// A message of DHCP: ties it to the device that it names, or whose client it is of.
    pub(super) fn lease_message(&mut self, datagram: &mut Datagram) {
        let Some(told) = told(datagram) else { return };
        datagram.from = if told.asks { Side::Cpe } else { Side::Other };
        if self
            .udp
            .leases
            .forget_oldest_for(&told.client, self.limits.leases_max)
        {
            self.reached("leases_max");
        }
        let lease = self.udp.leases.take(told, datagram);
        let address = lease.facts.address;
        let device = lease.device.clone();
        datagram.device = device.or_else(|| self.devices.only_at(address?));
    }
}

impl Leases {
    /// Makes room for a client that is not known yet; true where another had to be forgotten for it.
    fn forget_oldest_for(&mut self, client: &str, leases_max: usize) -> bool {
        let full = self.by_client.len() >= leases_max && !self.by_client.contains_key(client);
        if full && let Some((_, oldest)) = self.by_age.pop_first() {
            self.by_client.remove(&oldest);
        }
        full
    }

    fn take(&mut self, told: Told, datagram: &Datagram) -> &Lease {
        let client: Arc<str> = Arc::from(told.client.as_str());
        let lease = self
            .by_client
            .entry(Arc::clone(&client))
            .or_insert_with(|| Lease::new(&told.client, datagram));
        let before = (lease.facts.time.nanoseconds, Arc::clone(&client));
        self.by_age.remove(&before);
        self.by_age.insert((datagram.time.nanoseconds, client));
        lease.take(told, datagram);
        lease
    }

    /// What is known of each client, with the device that it said it is.
    pub fn into_list(self) -> Vec<(Option<Arc<str>>, DhcpFacts)> {
        let all = self.by_client.into_values();
        let mut all: Vec<_> = all.map(|lease| (lease.device, lease.facts)).collect();
        all.sort_by(|(_, one), (_, other)| {
            (one.time, &one.client).cmp(&(other.time, &other.client))
        });
        all
    }
}

impl Lease {
    fn take(&mut self, told: Told, datagram: &Datagram) {
        let facts = &mut self.facts;
        facts.time = datagram.time;
        if told.asks {
            facts.vendor_class = told.vendor_class.or(facts.vendor_class.take());
        }
        match told.effect {
            Effect::Grants => {
                facts.address = told.address;
                facts.acs_url = told.acs_url;
                facts.gateway = told.gateway;
            }
            Effect::Ends => {
                facts.address = None;
                facts.gateway = None;
            }
            Effect::None => {}
        }
        if let Some(identity) = &told.device {
            facts.announced = true;
            self.device = Some(id_of(identity));
        }
    }

    fn new(client: &str, datagram: &Datagram) -> Self {
        Self {
            device: None,
            facts: DhcpFacts {
                client: client.to_owned(),
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
    use dhcp::v4::MessageType as Type;
    let message = datagram.dhcp_v4()?;
    let forum = message.broadband_forum();
    let specific = message.vendor_specific();
    let url = specific.and_then(|vendor| vendor.discovery.acs_url);
    let effect = match message.message_type() {
        Some(Type::Ack) => Effect::Grants,
        Some(Type::Nak | Type::Decline | Type::Release) => Effect::Ends,
        _ => Effect::None,
    };
    // The answer to INFORM gives no address: the client has one (RFC 2131 section 4.3.5).
    let own = Some(message.header().client_address).filter(|own| !own.is_unspecified());
    let address = message.offered_address().or(own);
    Some(Told {
        client: client_v4(&message)?,
        asks: message.header().is_request(),
        device: forum.as_ref().and_then(|forum| identity(&forum.device)),
        gateway: forum.as_ref().and_then(|forum| identity(&forum.gateway)),
        vendor_class: vendor_class_v4(&message).map(|class| short(&class)),
        acs_url: url
            .filter(|url| url.is_url())
            .map(|url| short(url.value()))
            .or_else(|| url_of(forum.as_ref())),
        address: address.map(IpAddr::V4),
        effect,
    })
}

fn told_v6(datagram: &Datagram) -> Option<Told> {
    use dhcp::v6::MessageType as Type;
    let message = datagram.dhcp_v6()?;
    let forum = message.broadband_forum();
    let kind = message.message_type();
    let answers = matches!(
        kind,
        Some(Type::Advertise | Type::Reply | Type::Reconfigure)
    );
    let effect = match kind {
        Some(Type::Reply) => Effect::Grants,
        Some(Type::Release | Type::Decline) => Effect::Ends,
        _ => Effect::None,
    };
    let mut leased = message
        .identity_associations()
        .flat_map(|association| association.addresses().collect::<Vec<_>>());
    let address = leased.next().map(|leased| IpAddr::V6(leased.address));
    Some(Told {
        client: client_v6(&message)?,
        asks: !answers,
        device: forum.as_ref().and_then(|forum| identity(&forum.device)),
        gateway: forum.as_ref().and_then(|forum| identity(&forum.gateway)),
        vendor_class: vendor_class_v6(&message).map(|class| short(&class)),
        acs_url: url_of(forum.as_ref()),
        address,
        effect,
    })
}

fn url_of(forum: Option<&BroadbandForum<'_>>) -> Option<String> {
    let url = forum?.discovery.acs_url.filter(|url| url.is_url())?;
    Some(short(url.value()))
}

fn identity(said: &dhcp::Identity<'_>) -> Option<Identity> {
    let text = |text: Option<dhcp::Text<'_>>| text.map(|text| short(text.value()));
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

/// Text for a value that is kept of many clients.
fn short(bytes: &[u8]) -> String {
    lossy(bytes.get(..TEXT_BYTES_MAX).unwrap_or(bytes))
}

/// Longest text kept of one value; a DHCP option has no more.
const TEXT_BYTES_MAX: usize = 255;
