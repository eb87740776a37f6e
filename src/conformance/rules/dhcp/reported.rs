//! What DHCP said of devices and gateways, held against what they tell the ACS (TR-111 section 1.2; TR-069 Amendment 3 annex F).

use std::collections::HashMap;
use std::net::IpAddr;

use super::clients::{Client, Clients, owned};
use super::heard::Heard;
use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::{Closed, Findings, Rule, Scope, Seen};
use crate::session::address::is_private;
use crate::session::{Blame, Cpe, Identity, Learned, LearnedBy, Severity};
use crate::source::FrameId;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&DEVICE, &GATEWAY, &INFO, &RELEASED, &NUL_KEPT];

const DEVICE: Rule = Rule {
    blame: CPE,
    cites: &[cite("TR-111", "1.2.5 table 1"), a3("F.2.5")],
    demands: "Sub-options 1 to 3 have the values of ManufacturerOUI, SerialNumber and ProductClass in the device's Inform.",
    why: "The ACS joins the gateway's table with its own list of devices by these three. A serial number with separators in DHCP and \
          without in the Inform makes two devices of one, and the phone's gateway is never found.",
    mend_cpe: "Fill option 125 from the same values as DeviceId.",
    bad: "option 125: 2 = 00:04:13:5E:6F:41\nInform: SerialNumber = 0004135E6F41",
    good: "option 125: 2 = 0004135E6F41\nInform: SerialNumber = 0004135E6F41",
    related: &["DHCP-002", "DHCP-008"],
    wireshark: "dhcp.option.type == 125 || xml contains \"DeviceId\"",
    ..Rule::must("DHCP-010", "dhcp-identity-not-the-informs", Scope::Device)
};

const GATEWAY: Rule = Rule {
    blame: &[Blame::Gateway],
    cites: &[cite("TR-111", "1.2.5 table 1"), a3("F.2.5")],
    demands: "Sub-options 4 to 6 have the values of ManufacturerOUI, SerialNumber and ProductClass in the gateway's own Inform.",
    why: "The phone reports its gateway by these values. Where they differ from the gateway's Inform, the ACS looks for a gateway that it \
          does not have, and opens no port on the one it has.",
    mend_acs: "On the gateway: fill option 125 from the same values as DeviceId.",
    bad: "option 125: 5 = G-1\nthe gateway's Inform: SerialNumber = G1",
    good: "option 125: 5 = G1\nthe gateway's Inform: SerialNumber = G1",
    related: &["DHCP-010", "DHCP-012"],
    wireshark: "dhcp.option.type == 125 || xml contains \"DeviceId\"",
    ..Rule::must("DHCP-011", "dhcp-gateway-not-the-informs", Scope::Device)
};

const INFO: Rule = Rule {
    blame: CPE,
    cites: &[cite("TR-111", "1.2.2"), a3("F.2.2")],
    demands: "GatewayInfo has what the last ACK said of the gateway; what it did not say is empty.",
    why: "A phone that was moved to another house and still names the gateway of the first has its Connection Requests sent through a \
          stranger's gateway.",
    mend_cpe: "Set all three values from each ACK, and clear what it does not have.",
    bad: "ACK: 4 = 00D09E, 5 = G2\nGatewayInfo.SerialNumber = G1",
    good: "ACK: 4 = 00D09E, 5 = G2\nGatewayInfo.SerialNumber = G2",
    related: &["DHCP-003", "DHCP-014"],
    wireshark: "dhcp.option.type == 125 || xml contains \"GatewayInfo\"",
    ..Rule::must("DHCP-012", "gateway-info-not-the-acks", Scope::Device)
};

const RELEASED: Rule = Rule {
    blame: CPE,
    severity: Some(Severity::Warning),
    cites: &[cite("TR-111", "1.2.2"), a3("F.2.2")],
    demands: "When the device gives its lease back, GatewayInfo becomes empty.",
    why: "On a new network whose gateway says nothing, the old values stay, and the ACS keeps the phone at a gateway it has left.",
    mend_cpe: "Clear GatewayInfo with the lease.",
    bad: "RELEASE\nGatewayInfo.SerialNumber = G1        a minute later",
    good: "RELEASE\nGatewayInfo.SerialNumber =",
    related: &["DHCP-012"],
    wireshark: "dhcp.option.dhcp == 7 || xml contains \"GatewayInfo\"",
    of_absence: true,
    ..Rule::must("DHCP-014", "gateway-info-after-release", Scope::Device)
};

const NUL_KEPT: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.1")],
    demands: "A NUL at the end of a discovery value is accepted, and is no part of the value.",
    why: "Some DHCP servers send it. A phone that keeps it asks the ACS for `/acs%00` and gets 404 from every request, while the URL looks \
          right on its web page.",
    mend_cpe: "Cut the value at a NUL before using it as ManagementServer.URL.",
    bad: "option 43: 1 = http://acs.example.org/acs\\0\nPOST /acs%00 HTTP/1.1",
    good: "option 43: 1 = http://acs.example.org/acs\\0\nPOST /acs HTTP/1.1",
    related: &["DHCP-021"],
    wireshark: "http.request.uri contains \"%00\"",
    ..Rule::must("DHCP-028", "dhcp-nul-kept-in-the-url", Scope::Device)
};

/// What servers said of themselves, by their address.
#[derive(Debug, Default)]
pub(super) struct Gateways {
    by_address: HashMap<IpAddr, (Identity, Vec<FrameId>), foldhash::fast::RandomState>,
}

impl Gateways {
    pub fn note(&mut self, heard: &Heard<'_>) {
        if !heard.has_gateway() {
            return;
        }
        let server = std::str::from_utf8(&heard.server).ok();
        let address = server.and_then(|text| text.parse().ok());
        let address = address.unwrap_or_else(|| heard.datagram.source.ip());
        let room = self.by_address.len() < GATEWAYS_MAX || self.by_address.contains_key(&address);
        if let Some(forum) = heard.forum.as_ref().filter(|_| room) {
            let frames = heard.datagram.frames.clone();
            self.by_address
                .insert(address, (owned(&forum.gateway), frames));
        }
    }
}

/// Looks at a session.
pub(super) fn look(
    clients: &Clients,
    gateways: &Gateways,
    closed: &Closed<'_>,
    findings: &mut Findings,
) {
    let session = closed.session;
    let Some(device) = &session.device else {
        return;
    };
    let at = session.cpe.address;
    let there = at.and_then(|address| clients.at(address));
    let start_ns = session.start.nanoseconds;
    let here = there.filter(|client| client.holds_at(start_ns));
    // A device that names itself in DHCP has a client of its own.
    let here = here.filter(|_| {
        clients.of_device(device).is_none() || there.and_then(|one| one.id.as_ref()) == Some(device)
    });
    if let Some(client) = here
        && let Some(said) = &client.device
        && client.id.as_ref() != Some(device)
    {
        let differs = difference(said, &session.cpe);
        tell(closed, &DEVICE, differs, &client.frames, findings);
    }
    if let Some((said, frames)) = at.and_then(|address| gateways.by_address.get(&address)) {
        let differs = difference(said, &session.cpe);
        tell(closed, &GATEWAY, differs, frames, findings);
    }
    // Behind a public address may be a NAT, and others behind that.
    let alone = at.is_some_and(is_private);
    let nameless = here.filter(|client| alone && client.device.is_none());
    let own = clients.of_device(device).or(nameless);
    if let Some(client) = own {
        info(client, closed, findings);
    }
}

/// What one identity says otherwise than the other, and whether the rest shows that both mean one device.
fn difference(said: &Identity, told: &Cpe) -> Option<(String, bool)> {
    let fields = [
        ("ManufacturerOUI", &said.oui, &told.oui),
        ("SerialNumber", &said.serial_number, &told.serial_number),
        ("ProductClass", &said.product_class, &told.product_class),
    ];
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let cut = |value: &Option<String>| text(value).trim_end_matches('\0').to_owned();
    let differing: Vec<_> = fields
        .iter()
        .filter(|(_, said, told)| cut(said) != text(told))
        .collect();
    let (name, said_so, told_so) = differing.first()?;
    let words = format!(
        "{name} is {} in DHCP and {} in the Inform",
        quoted(said_so),
        quoted(told_so)
    );
    Some((words, differing.len() == 1))
}

fn quoted(value: &Option<String>) -> String {
    match value {
        Some(value) => format!("\"{}\"", value.replace('\0', "\\0")),
        None => "missing".to_owned(),
    }
}

/// Where one of three values differs, it is the same device; where more do, another may have the address.
fn tell(
    closed: &Closed<'_>,
    rule: &'static Rule,
    difference: Option<(String, bool)>,
    frames: &[FrameId],
    findings: &mut Findings,
) {
    let Some((words, same)) = difference.filter(|(_, same)| *same) else {
        return;
    };
    let most = if same {
        Severity::Error
    } else {
        Severity::Info
    };
    let inform = closed.session.steps.first().map(|step| step.frames.clone());
    let draft = closed.breaks(rule).only_in(&inform.unwrap_or_default());
    findings.add(draft.shown_in(frames).at_most(most).because(words));
}

/// DHCP-012 and DHCP-014.
fn info(client: &Client, closed: &Closed<'_>, findings: &mut Findings) {
    let start_ns = closed.session.start.nanoseconds;
    let reported = closed
        .session
        .learned
        .iter()
        .filter(|one| one.how != LearnedBy::Set);
    for learned in reported {
        let Some((_, field)) = learned.name.split_once(".GatewayInfo.") else {
            continue;
        };
        if let Some((released_ns, frames)) = &client.released {
            if *released_ns < start_ns.saturating_sub(SETTLE_NS) && !learned.value.is_empty() {
                let said = format!(
                    "{field} is {} after the lease was given back",
                    learned.value
                );
                findings.add(about(closed, &RELEASED, learned, frames).because(said));
            }
            continue;
        }
        let settled_ns = start_ns.saturating_sub(SETTLE_NS);
        if client
            .acked_ns
            .is_none_or(|acked_ns| acked_ns >= settled_ns)
        {
            continue;
        }
        let told = client.gateway.as_ref();
        let expected = told.and_then(|gateway| match field {
            "ManufacturerOUI" => gateway.oui.as_deref(),
            "SerialNumber" => gateway.serial_number.as_deref(),
            "ProductClass" => gateway.product_class.as_deref(),
            _ => Some(learned.value.as_str()),
        });
        let expected = expected.unwrap_or_default().trim_end_matches('\0');
        if expected == learned.value || !FIELDS.contains(&field) {
            continue;
        }
        // Another interface may have another gateway.
        let named = told.is_some_and(|gateway| *gateway != Identity::default());
        let sure = named && !client.several && !client.waits();
        // Empty it is also where the lease was given back, which the capture may lack.
        let most = match (sure, learned.value.is_empty()) {
            (true, false) => Severity::Error,
            (true, true) => Severity::Warning,
            (false, _) => Severity::Info,
        };
        let said = format!(
            "{field} is \"{}\", and the last ACK said \"{expected}\"",
            learned.value
        );
        let draft = about(closed, &INFO, learned, &client.frames);
        findings.add(draft.at_most(most).because(said));
    }
}

fn about(
    closed: &Closed<'_>,
    rule: &'static Rule,
    learned: &Learned,
    frames: &[FrameId],
) -> crate::conformance::Draft {
    let draft = closed.breaks(rule).only_in(&learned.frames);
    draft.shown_in(frames).path(&learned.name)
}

/// DHCP-028: a request of a device that was given an ACS URL with a NUL.
pub(super) fn url_with_nul(seen: &Seen<'_>, findings: &mut Findings) {
    let target = seen.message.http.view().target();
    if target.ends_with(b"%00") || target.ends_with(&[0]) {
        let said = format!("the target is {}", String::from_utf8_lossy(target));
        findings.add(seen.breaks(&NUL_KEPT).head(0..target.len()).because(said));
    }
}

const FIELDS: [&str; 3] = ["ManufacturerOUI", "SerialNumber", "ProductClass"];
/// Gateways remembered.
const GATEWAYS_MAX: usize = 4_096;
/// Nanoseconds for a device to take an ACK in.
const SETTLE_NS: i64 = 2_000_000_000;
