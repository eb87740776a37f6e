//! Lightweight notifications of one device, with what its sessions told of them: whether they are in use, and which parameters
//! they may tell.

use std::collections::HashMap;

use super::datagram;
use crate::conformance::rule::{CPE, cite};
use crate::conformance::{Closed, Draft, Exchange, Findings, Rule, Scope, Topic};
use crate::session::Datagram;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&ATTRIBUTES, &IN_USE];

const ATTRIBUTES: Rule = Rule {
    blame: CPE,
    versions: "1.4",
    cites: &[cite("cwmp-1-4.xsd", "SetParameterAttributesStruct")],
    demands: "A lightweight notification tells parameters whose Notification attribute is 3, 4, 5 or 6.",
    why: "An ACS that set active notification waits for a session with `4 VALUE CHANGE`; a datagram in its place may be lost, and is \
          often not looked at.",
    mend_cpe: "Send by datagram what has one of these four, and open a session for what has 2.",
    bad: "SetParameterAttributes: Device.IP.Interface.1.Status, Notification 2\nNotification: Device.IP.Interface.1.Status",
    good: "SetParameterAttributes: Device.IP.Interface.1.Status, Notification 3\nNotification: Device.IP.Interface.1.Status",
    related: &["LWN-006"],
    wireshark: "udp contains \"lwnotif-1-0\"",
    ..Rule::heuristic(
        "LWN-003",
        "lightweight-notification-attribute",
        Scope::Device,
    )
};

const IN_USE: Rule = Rule {
    blame: CPE,
    versions: "1.4 with Device:2.7 and later",
    cites: &[cite(
        "TR-181 Issue 2",
        "ManagementServer.LightweightNotificationProtocolsUsed",
    )],
    demands: "While LightweightNotificationProtocolsUsed is empty, the device sends no lightweight notification.",
    why: "The ACS has not chosen a protocol and listens to none: whatever is told by datagram is lost, and the device believes it told.",
    mend_cpe: "Send lightweight notifications only by the protocols in that list.",
    bad: "LightweightNotificationProtocolsUsed =\nNotification by UDP",
    good: "LightweightNotificationProtocolsUsed = UDP\nNotification by UDP",
    related: &["LWN-001"],
    wireshark: "udp contains \"lwnotif-1-0\"",
    ..Rule::must(
        "LWN-006",
        "lightweight-notification-not-in-use",
        Scope::Device,
    )
};

/// What is known of one device.
#[derive(Debug, Default)]
pub struct Values {
    /// UDPLightweightNotificationPort.
    pub(super) port: Option<u16>,
    /// ManagementServer.Username.
    pub(super) user_name: Option<String>,
    /// LightweightNotificationProtocolsUsed.
    protocols: Option<String>,
    /// Notification of parameters, by their path, as last set or read.
    attributes: HashMap<String, u8, foldhash::fast::RandomState>,
}

impl Topic for Values {
    fn datagram(&mut self, datagram: &Datagram, findings: &mut Findings) {
        let Some(told) = datagram.lightweight_notification() else {
            return;
        };
        datagram::look(&told, datagram, self, findings);
        if self.protocols.as_deref() == Some("") {
            let said =
                "a notification comes by UDP, and LightweightNotificationProtocolsUsed is empty";
            findings.add(Draft::of_datagram(&IN_USE, datagram).because(said));
        }
        for parameter in &told.parameters {
            let known = self.attributes.get(parameter.name.value.trim());
            if let Some(known) = known.filter(|known| !(3..=6).contains(*known)) {
                let at = parameter.name.offset;
                let said = format!("Notification of {} is {known}", parameter.name.value);
                let draft =
                    Draft::of_datagram(&ATTRIBUTES, datagram).payload(at..at.saturating_add(1));
                findings.add(draft.path(parameter.name.value.trim()).because(said));
            }
        }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, _: &mut Findings) {
        if exchange.is_fault() {
            return;
        }
        let envelope = match exchange.method() {
            "SetParameterAttributes" => exchange.request(),
            "GetParameterAttributes" => exchange.response(),
            _ => return,
        };
        for parameter in envelope.iter().flat_map(cwmp::EnvelopeRef::parameters) {
            let element = parameter.element();
            let unchanged = element
                .child("NotificationChange")
                .is_some_and(|change| matches!(change.text().trim(), "0" | "false"));
            let value = element.child("Notification").map(|value| value.text());
            let Some(value) = value
                .and_then(|value| value.trim().parse().ok())
                .filter(|_| !unchanged)
            else {
                continue;
            };
            let name = parameter.name();
            if name.is_empty() || name.ends_with('.') {
                // All below it: what was known of them holds no more.
                self.attributes
                    .retain(|known, _| !known.starts_with(&*name));
            } else if name.len() <= NAME_BYTES_MAX
                && (self.attributes.len() < ATTRIBUTES_MAX || self.attributes.contains_key(&*name))
            {
                self.attributes.insert(name.into_owned(), value);
            }
        }
    }

    fn closed(&mut self, closed: &Closed<'_>, _: &mut Findings) {
        for learned in &closed.session.learned {
            let path = learned.name.split_once('.').map_or("", |(_, path)| path);
            match path.strip_prefix("ManagementServer.") {
                Some("UDPLightweightNotificationPort") => {
                    self.port = learned.value.trim().parse().ok().filter(|port| *port != 0);
                }
                Some("Username") => self.user_name = Some(learned.value.trim().to_owned()),
                Some("LightweightNotificationProtocolsUsed") => {
                    self.protocols = Some(learned.value.trim().to_owned());
                }
                _ => {}
            }
        }
    }
}

/// The same for notifications of nobody known.
#[derive(Debug, Default)]
pub struct Unknown {
    values: Values,
}

impl Topic for Unknown {
    fn datagram(&mut self, datagram: &Datagram, findings: &mut Findings) {
        if datagram.device.is_none()
            && let Some(told) = datagram.lightweight_notification()
        {
            datagram::look(&told, datagram, &self.values, findings);
        }
    }
}

/// Parameters whose attribute is remembered of one device.
const ATTRIBUTES_MAX: usize = 256;
/// Names of parameters have at most 256 characters.
const NAME_BYTES_MAX: usize = 1_024;
