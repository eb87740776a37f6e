//! What each client of DHCP said and was told, message after message, and who says who they are (TR-111 section 1.2; TR-069
//! Amendment 3 section F.2).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use super::heard::{Heard, Kind};
use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::{Draft, Findings, Rule, Scope};
use crate::session::{Blame, Identity, Severity, device_id};
use crate::source::FrameId;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&EVERY, &GATEWAY, &UNASKED, &V6, &INFORM];

const EVERY: Rule = Rule {
    blame: CPE,
    cites: &[a3("F.2.2"), cite("TR-111", "1.2.2")],
    demands: "A device that names itself by option 125 does so in every DISCOVER, REQUEST and INFORM.",
    why: "The gateway answers with its own identity only where the request had the device's. A device that names itself in DISCOVER alone \
          gets an ACK without the gateway, and its GatewayInfo stays empty.",
    mend_cpe: "Add option 125 with enterprise 3561 to REQUEST and INFORM as well, also when renewing.",
    bad: "DISCOVER: option 125, 3561 {001122, S1}\nREQUEST: no option 125",
    good: "DISCOVER: option 125, 3561 {001122, S1}\nREQUEST: option 125, 3561 {001122, S1}",
    related: &["DHCP-003"],
    wireshark: "dhcp.option.dhcp == 3 && !(dhcp.option.type == 125)",
    ..Rule::must(
        "DHCP-001",
        "dhcp-identity-not-in-every-request",
        Scope::Device,
    )
};

const GATEWAY: Rule = Rule {
    blame: &[Blame::Gateway],
    cites: &[a3("F.2.1"), cite("TR-111", "1.2.1")],
    demands: "A gateway of TR-111 answers a request that names the device with its own identity, sub-options 4 and 5, in OFFER and ACK.",
    why: "The device tells the ACS which gateway it stands behind by what stands in the last ACK. Named in the OFFER alone, the gateway is \
          forgotten a moment later, and the ACS cannot open a port for Connection Requests.",
    mend_acs: "On the gateway: put ManufacturerOUI and SerialNumber, and ProductClass if there is one, into both.",
    bad: "OFFER: option 125, 3561 {4 = 00D09E, 5 = G1}\nACK: no option 125",
    good: "OFFER: option 125, 3561 {4 = 00D09E, 5 = G1}\nACK: option 125, 3561 {4 = 00D09E, 5 = G1}",
    related: &["DHCP-001", "DHCP-012"],
    wireshark: "dhcp.option.dhcp == 5 && !(dhcp.option.type == 125)",
    ..Rule::must("DHCP-003", "dhcp-gateway-identity-missing", Scope::Device)
};

const UNASKED: Rule = Rule {
    blame: &[Blame::Gateway],
    cites: &[a3("F.2.1"), cite("TR-111", "1.2.1")],
    demands: "The gateway names itself where the request named the device; otherwise nobody asked.",
    why: "Clients that know nothing of it get some forty bytes more in each answer; a few of them drop an answer with an option that they \
          cannot read.",
    mend_acs: "On the gateway: add option 125 only to the answer to a request that has it.",
    bad: "REQUEST: no option 125\nACK: option 125, 3561 {4 = 00D09E, 5 = G1}",
    good: "REQUEST: no option 125\nACK: no option 125",
    related: &["DHCP-003"],
    wireshark: "dhcp.option.dhcp == 5 && dhcp.option.type == 125",
    ..Rule::heuristic("DHCP-004", "dhcp-gateway-identity-unasked", Scope::Device)
};

const V6: Rule = Rule {
    blame: &[Blame::Cpe, Blame::Gateway],
    versions: "1.2 and later",
    cites: &[
        a3("F.2.1"),
        a3("F.2.2"),
        a3("F.2.5"),
        cite("RFC 3315", "22.17"),
    ],
    demands: "In DHCPv6 device and gateway name themselves in option 17 with enterprise 3561: the device in SOLICIT, REQUEST, RENEW and \
              INFORMATION-REQUEST, the gateway in ADVERTISE and REPLY, with codes and lengths of 16 bits.",
    why: "Code copied from DHCPv4 writes codes and lengths of 8 bits; the other side reads one sub-option of some hundred bytes that ends \
          behind the option, and drops it. Over IPv6 the phone then stands behind no gateway.",
    mend_cpe: "Write option 17 with 16-bit codes and lengths, in all four messages.",
    mend_acs: "On the gateway: write option 17 with 16-bit codes and lengths, in ADVERTISE and REPLY.",
    bad: "option 17: 00 00 0d e9  01 06 \"001122\"",
    good: "option 17: 00 00 0d e9  00 01 00 06 \"001122\"",
    related: &["DHCP-001", "DHCP-003", "DHCP-006"],
    wireshark: "dhcpv6.option.type == 17",
    ..Rule::must("DHCP-019", "dhcpv6-identity", Scope::Device)
};

const INFORM: Rule = Rule {
    cites: &[a3("F.2.4"), cite("TR-111", "1.2.4")],
    demands: "A device with an address of its own names itself by INFORM alone, without DISCOVER and REQUEST before it.",
    why: "Phones with static addresses are common in offices; their lone INFORM is no fault in the order of messages.",
    related: &["DHCP-001"],
    ..Rule::guard("DHCP-023", "dhcp-inform-alone", &["DHCP-001"])
};

/// All clients and the gateways among the servers.
#[derive(Debug, Default)]
pub(super) struct Clients {
    by_client: HashMap<Vec<u8>, Box<Client>, foldhash::fast::RandomState>,
    /// Servers that named themselves once.
    gateways: HashSet<Vec<u8>, foldhash::fast::RandomState>,
    /// Clients by the address that they have, by who they say they are, and by who their gateway is.
    by_address: HashMap<IpAddr, Vec<u8>, foldhash::fast::RandomState>,
    by_device: HashMap<Arc<str>, Vec<u8>, foldhash::fast::RandomState>,
    by_gateway: BTreeMap<Arc<str>, Vec<Vec<u8>>>,
}

/// What is known of one client.
#[derive(Debug, Default)]
pub(super) struct Client {
    /// Who it says it is, and its class when it said so.
    pub device: Option<Identity>,
    pub id: Option<Arc<str>>,
    class: Option<Vec<u8>>,
    identified_in: Option<u32>,
    /// It announces TR-069.
    pub announces: bool,
    /// Its last question, and whether that named it; and when it came.
    asked: Option<(u32, bool)>,
    asked_ns: Option<i64>,
    /// An OFFER that lacks what the ACK behind it may have.
    offered: Option<(Vec<u8>, u32, Vec<FrameId>)>,
    pub address: Option<IpAddr>,
    /// What the last ACK said of the gateway; `None` where it had no block of enterprise 3561.
    pub gateway: Option<Identity>,
    pub acked_ns: Option<i64>,
    pub lease_s: Option<i64>,
    pub frames: Vec<FrameId>,
    pub released: Option<(i64, Vec<FrameId>)>,
    /// The device asks by another client too, an interface or a version of DHCP of its own.
    pub several: bool,
    /// Its gateway's table listed it once.
    pub listed: bool,
}

impl Clients {
    /// Looks at a message, and takes it into account.
    pub fn look(&mut self, heard: &Heard<'_>, findings: &mut Findings) {
        if !self.by_client.contains_key(&heard.client) {
            if self.by_client.len() >= CLIENTS_MAX || heard.client.is_empty() {
                return;
            }
            self.by_client.insert(heard.client.clone(), Box::default());
        }
        let known_gateway = self.gateways.contains(&heard.server);
        let Some(client) = self.by_client.get_mut(&heard.client) else {
            return;
        };
        match heard.kind {
            Kind::Asks => asks(client, heard, findings),
            Kind::Offers | Kind::Grants => answers(client, heard, known_gateway, findings),
            Kind::Releases => {
                client.released = Some((heard.time_ns(), heard.datagram.frames.clone()));
                return;
            }
            Kind::Other => return,
        }
        if matches!(heard.kind, Kind::Offers | Kind::Grants)
            && heard.has_gateway()
            && self.gateways.len() < CLIENTS_MAX
        {
            self.gateways.insert(heard.server.clone());
        }
        self.index(heard);
    }

    /// Puts the client where others look for it.
    fn index(&mut self, heard: &Heard<'_>) {
        let Some(client) = self.by_client.get_mut(&heard.client) else {
            return;
        };
        if let Some(id) = client.id.clone() {
            let other = self
                .by_device
                .get(&id)
                .is_some_and(|other| *other != heard.client);
            client.several |= other;
            self.by_device.insert(id, heard.client.clone());
        }
        if heard.kind != Kind::Grants {
            return;
        }
        if let Some(address) = client.address {
            self.by_address.insert(address, heard.client.clone());
        }
        if let Some(gateway) = client.gateway.as_ref().and_then(id_of) {
            if self.by_gateway.len() >= CLIENTS_MAX && !self.by_gateway.contains_key(&gateway) {
                return;
            }
            let there = self.by_gateway.entry(gateway).or_default();
            if there.len() < BEHIND_ONE_MAX && !there.contains(&heard.client) {
                there.push(heard.client.clone());
            }
        }
    }

    /// Whether this client announced TR-069.
    pub fn announced(&self, client: &[u8]) -> bool {
        self.by_client
            .get(client)
            .is_some_and(|client| client.announces)
    }

    /// The client that says that it is this device.
    pub fn of_device(&self, device: &str) -> Option<&Client> {
        let client = self.by_device.get(device)?;
        self.by_client.get(client).map(Box::as_ref)
    }

    /// The client that has this address.
    pub fn at(&self, address: IpAddr) -> Option<&Client> {
        let client = self.by_client.get(self.by_address.get(&address)?)?;
        (client.address == Some(address)).then_some(client)
    }

    /// The clients that this gateway named itself to.
    pub fn behind(&mut self, gateway: &str, mut to: impl FnMut(&mut Client)) {
        let there = self.by_gateway.get(gateway);
        for client in there.into_iter().flatten() {
            // One that has moved on belongs to the gateway that granted its lease last.
            let here = |client: &&mut Box<Client>| {
                let last = client.gateway.as_ref().and_then(id_of);
                last.as_deref() == Some(gateway)
            };
            if let Some(client) = self.by_client.get_mut(client).filter(here) {
                to(client);
            }
        }
    }
}

impl Client {
    /// It asked since its last ACK: the answer may be missing from the capture.
    pub fn waits(&self) -> bool {
        self.asked_ns > self.acked_ns
    }

    /// Its lease holds then, as far as the ACK tells.
    pub fn holds_at(&self, time_ns: i64) -> bool {
        let lease_ns = self
            .lease_s
            .unwrap_or(LEASE_S)
            .saturating_mul(1_000_000_000);
        self.acked_ns
            .is_some_and(|acked_ns| (0..lease_ns).contains(&time_ns.saturating_sub(acked_ns)))
    }
}

fn asks(client: &mut Client, heard: &Heard<'_>, findings: &mut Findings) {
    let has = heard.has_device();
    client.announces |= heard
        .class
        .as_ref()
        .is_some_and(|class| super::form::announces(class));
    if has {
        let forum = heard.forum.as_ref();
        let device = forum.map(|forum| owned(&forum.device));
        client.id = device.as_ref().and_then(id_of);
        client.device = device;
        client.class.clone_from(&heard.class);
        client.identified_in = Some(heard.transaction);
    } else if client.device.is_some() {
        forgotten(client, heard, findings);
    }
    if heard.v6 && heard.misfit {
        let said = format!(
            "the codes and lengths of option 17 in {} do not fill it",
            heard.name
        );
        let draft = Draft::of_datagram(&V6, heard.datagram).blame(Blame::Cpe);
        findings.add(draft.payload(heard.place.clone()).because(said));
    }
    client.asked = Some((heard.transaction, has));
    client.asked_ns = Some(heard.time_ns());
}

/// DHCP-001: a client that named itself before does not.
fn forgotten(client: &Client, heard: &Heard<'_>, findings: &mut Findings) {
    let same_exchange = client.identified_in == Some(heard.transaction);
    // A boot loader asks with the same hardware address and knows nothing of this.
    if !same_exchange && client.class != heard.class {
        return;
    }
    let sure = same_exchange || client.class.is_some();
    let most = if sure {
        Severity::Error
    } else {
        Severity::Warning
    };
    let (rule, option) = if heard.v6 { (&V6, 17) } else { (&EVERY, 125) };
    let said = format!(
        "{} has no device in option {option}, which the client's messages before had",
        heard.name
    );
    let mut draft = Draft::of_datagram(rule, heard.datagram).blame(Blame::Cpe);
    if let Some(device) = &client.id {
        draft = draft.device(device);
    }
    findings.add(draft.at_most(most).because(said));
}

fn answers(client: &mut Client, heard: &Heard<'_>, known_gateway: bool, findings: &mut Findings) {
    let asked = client
        .asked
        .filter(|(transaction, _)| *transaction == heard.transaction);
    let named = asked.is_some_and(|(_, named)| named);
    let rule = if heard.v6 { &V6 } else { &GATEWAY };
    let draft = |rule| {
        let draft = Draft::of_datagram(rule, heard.datagram).blame(Blame::Gateway);
        match &client.id {
            Some(device) => draft.device(device),
            None => draft,
        }
    };
    let lacks = lacking(heard);
    if named
        && known_gateway
        && let Some(lacks) = &lacks
    {
        let said = format!(
            "{} answers a request that names the device, without {lacks}",
            heard.name
        );
        findings.add(draft(rule).because(said));
    } else if named && heard.has_gateway() && lacks.is_none() {
        // Only now it shows that this server is a gateway of that kind.
        if let Some((server, transaction, frames)) = &client.offered
            && *server == heard.server
            && *transaction == heard.transaction
        {
            let said = format!(
                "the offer before this {} does not name the gateway",
                heard.name
            );
            findings.add(draft(rule).only_in(frames).because(said));
        }
    }
    if asked.is_some() && !named && heard.has_gateway() {
        let said = format!(
            "{} names the gateway, and the request did not name a device",
            heard.name
        );
        findings.add(draft(&UNASKED).payload(heard.place.clone()).because(said));
    }
    if heard.v6 && heard.misfit {
        let said = format!(
            "the codes and lengths of option 17 in {} do not fill it",
            heard.name
        );
        findings.add(draft(&V6).payload(heard.place.clone()).because(said));
    }
    if heard.kind == Kind::Offers {
        let lacks = named && lacks.is_some();
        client.offered = lacks.then(|| {
            let frames = heard.datagram.frames.clone();
            (heard.server.clone(), heard.transaction, frames)
        });
        return;
    }
    client.offered = None;
    client.address = heard.address.or(client.address);
    client.gateway = heard.forum.as_ref().map(|forum| owned(&forum.gateway));
    client.acked_ns = Some(heard.time_ns());
    client.lease_s = heard.lease_s;
    client.frames = heard.datagram.frames.clone();
    client.released = None;
}

/// What an answer lacks of the gateway's identity.
fn lacking(heard: &Heard<'_>) -> Option<String> {
    let Some(forum) = heard
        .forum
        .as_ref()
        .filter(|forum| !forum.gateway.is_empty())
    else {
        return Some("the gateway".to_owned());
    };
    let fields = [
        (
            forum.gateway.manufacturer_oui,
            "the gateway's ManufacturerOUI",
        ),
        (forum.gateway.serial_number, "the gateway's SerialNumber"),
    ];
    let missing = fields.into_iter().find(|(text, _)| text.is_none());
    missing.map(|(_, name)| name.to_owned())
}

pub(super) fn owned(said: &dhcp::Identity<'_>) -> Identity {
    let text = |text: Option<dhcp::Text<'_>>| {
        text.map(|text| text.text().chars().take(TEXT_MAX).collect::<String>())
    };
    Identity {
        oui: text(said.manufacturer_oui),
        serial_number: text(said.serial_number),
        product_class: text(said.product_class),
    }
}

/// The id that an Inform of the same identity has; `None` where OUI or serial number is missing.
pub(super) fn id_of(identity: &Identity) -> Option<Arc<str>> {
    let (oui, serial) = (identity.oui.as_ref()?, identity.serial_number.as_ref()?);
    let class = identity.product_class.as_deref().unwrap_or_default();
    Some(Arc::from(device_id(oui, class, serial)))
}

/// Seconds that a lease holds where the ACK does not say.
const LEASE_S: i64 = 86_400;
/// Clients followed.
const CLIENTS_MAX: usize = 16_384;
/// Clients that one gateway has.
const BEHIND_ONE_MAX: usize = 256;
/// Characters kept of one value.
const TEXT_MAX: usize = 255;
