//! Notification of GatewayInfo: active by default, and again with every new ACS URL (TR-111 section 1.2.2).

use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::{Closed, Exchange, Findings, Rule, Scope, Topic};
use crate::session::{LearnedBy, Severity};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&DEFAULT, &AGAIN];

const DEFAULT: Rule = Rule {
    blame: CPE,
    cites: &[cite("TR-111", "1.2.2"), a3("F.2.2")],
    demands: "The values of GatewayInfo have active notification unless the ACS changed that: a new gateway leads to an Inform with `4 VALUE CHANGE`.",
    why: "The ACS learns from it that a phone moved behind another gateway. Without it the phone is in the ACS's list at the old gateway \
          until the next periodic Inform, and Connection Requests go there.",
    mend_cpe: "Let the three parameters of GatewayInfo begin with Notification 2, and inform the ACS when one changes.",
    bad: "Inform: 0 BOOTSTRAP\nGetParameterAttributesResponse: GatewayInfo.SerialNumber, Notification 0",
    good: "Inform: 0 BOOTSTRAP\nGetParameterAttributesResponse: GatewayInfo.SerialNumber, Notification 2",
    related: &["DHCP-012", "DHCP-026"],
    wireshark: "xml contains \"GatewayInfo\"",
    ..Rule::must("DHCP-013", "gateway-info-not-notified", Scope::Device)
};

const AGAIN: Rule = Rule {
    blame: CPE,
    cites: &[cite("TR-111", "1.2.2"), a3("F.2.2")],
    demands: "When the ACS URL is set or changed, notification of GatewayInfo becomes active again.",
    why: "What the old ACS switched off, the new one does not know of: it waits for a notification that never comes, and takes the phone's \
          gateway for unchanged.",
    mend_cpe: "Reset the notification attribute of GatewayInfo to 2 whenever ManagementServer.URL is written.",
    bad: "SetParameterValues: ManagementServer.URL\nGetParameterAttributesResponse: GatewayInfo.SerialNumber, Notification 0",
    good: "SetParameterValues: ManagementServer.URL\nGetParameterAttributesResponse: GatewayInfo.SerialNumber, Notification 2",
    related: &["DHCP-013"],
    wireshark: "xml contains \"GatewayInfo\"",
    ..Rule::must(
        "DHCP-026",
        "gateway-info-notification-not-reset",
        Scope::Device,
    )
};

/// What is known of one device's GatewayInfo.
#[derive(Debug, Default)]
pub struct GatewayInfo {
    since: Option<Since>,
    /// The values as last told: OUI, serial number, product class.
    values: [Option<String>; 3],
}

/// Since when nobody has changed the attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Since {
    Bootstrap,
    Url,
}

impl Topic for GatewayInfo {
    fn exchange(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        if exchange.is_fault() {
            return;
        }
        match exchange.method() {
            "SetParameterAttributes" => self.set(exchange),
            "SetParameterValues" => {
                let Some(request) = exchange.request() else {
                    return;
                };
                let sets = || request.parameters().any(|one| is_url(&one.name()));
                if request.document().may_hold(b"ManagementServer.URL") && sets() {
                    self.since = Some(Since::Url);
                }
            }
            "GetParameterAttributes" => self.told(exchange, findings),
            "Inform" => self.informed(exchange),
            _ => {}
        }
    }

    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        let events = &closed.session.events;
        let has = |code: &str| events.iter().any(|event| event.trim().starts_with(code));
        if !closed.facts.is_whole() {
            self.since = None;
        }
        let silent = !has("4 ") && !has("0 ");
        for learned in &closed.session.learned {
            let is_meant = |field: &&str| {
                let object = learned.name.strip_suffix(*field);
                object.is_some_and(|object| object.ends_with(".GatewayInfo."))
            };
            let Some(at) = FIELDS.iter().position(is_meant) else {
                continue;
            };
            let field = FIELDS[at];
            if learned.how == LearnedBy::Set {
                continue;
            }
            let before = self.values[at].replace(learned.value.clone());
            let Some(before) = before.filter(|before| *before != learned.value) else {
                continue;
            };
            if silent && self.since.is_some() && closed.is_whole() {
                let said = format!(
                    "{field} was \"{before}\" and is \"{}\", and no Inform with 4 VALUE CHANGE says so",
                    learned.value
                );
                let draft = closed.breaks(&DEFAULT).only_in(&learned.frames);
                let draft = draft.path(&learned.name).at_most(Severity::Warning);
                findings.add(draft.because(said));
            }
        }
    }
}

impl GatewayInfo {
    fn informed(&mut self, exchange: &Exchange<'_>) {
        let Some(inform) = exchange.request().and_then(|request| request.inform()) else {
            return;
        };
        let bootstraps = |event: &cwmp::Event<'_>| event.code.trim() == "0 BOOTSTRAP";
        if self.since.is_none() && inform.events().iter().any(bootstraps) {
            self.since = Some(Since::Bootstrap);
        }
    }

    /// The ACS sets attributes of GatewayInfo, or of all that is above it.
    fn set(&mut self, exchange: &Exchange<'_>) {
        let Some(request) = exchange.request() else {
            return;
        };
        let covers = |name: &str| {
            let path = name.split_once('.').map_or("", |(_, path)| path);
            path.is_empty() || path.starts_with("GatewayInfo")
        };
        if self.since.is_some() && request.parameters().any(|one| covers(&one.name())) {
            self.since = None;
        }
    }

    fn told(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        let (Some(since), Some(response)) = (self.since, exchange.response()) else {
            return;
        };
        // What the ACS set may be in what is missing.
        if exchange.answer.session.is_none_or(|facts| facts.damaged) {
            return;
        }
        if !response.document().may_hold(b"GatewayInfo") {
            return;
        }
        let rule = match since {
            Since::Bootstrap => &DEFAULT,
            Since::Url => &AGAIN,
        };
        for parameter in response.parameters() {
            let name = parameter.name();
            let own = name
                .split_once('.')
                .and_then(|(_, path)| path.strip_prefix("GatewayInfo."));
            let Some(notification) = parameter.element().child("Notification") else {
                continue;
            };
            let value = notification.text();
            let value = value.trim();
            if own.is_some_and(|own| FIELDS.contains(&own)) && value != "2" {
                let said = format!("Notification of {name} is {value}");
                let draft = exchange.breaks(rule).path(&name);
                let place = notification.offset()..notification.end();
                findings.add(draft.body(place).because(said));
            }
        }
    }
}

fn is_url(name: &str) -> bool {
    let path = name.split_once('.').map_or("", |(_, path)| path);
    path == "ManagementServer.URL"
}

const FIELDS: [&str; 3] = ["ManufacturerOUI", "SerialNumber", "ProductClass"];
