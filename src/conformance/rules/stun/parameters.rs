//! The ten parameters of the extension for UDP Connection Requests (TR-111 section 2.2.4.1 table 6), where they are read and refused.

use super::known::boolean;
use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::{Exchange, Findings, Parameter, Rule, Scope, Seen, Traits};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&PASSWORD, &NOTIFICATION, &AUTHORITY];

const PASSWORD: Rule = Rule {
    blame: CPE,
    cites: &[
        cite("TR-111", "2.2.4.1 table 6 STUNPassword"),
        a3("G.2.1.1"),
    ],
    demands: "STUNPassword reads as an empty string, whatever it is.",
    why: "Whoever may read parameters at the ACS, or finds a trace of a session, has the key with which every Connection Request is \
          authenticated.",
    mend_cpe: "Answer GetParameterValues for STUNPassword with an empty value.",
    bad: "<Name>Device.ManagementServer.STUNPassword</Name><Value>(the password)</Value>",
    good: "<Name>Device.ManagementServer.STUNPassword</Name><Value></Value>",
    related: &[],
    wireshark: "xml contains \"STUNPassword\"",
    ..Rule::must("STUN-045", "stun-password-readable", Scope::Message)
};

const NOTIFICATION: Rule = Rule {
    blame: CPE,
    cites: &[cite("TR-111", "2.2.4.2"), a3("Annex G")],
    demands: "Active and passive notification is accepted for each of the ten parameters of the extension.",
    why: "An ACS that learns addresses by notification sets it on UDPConnectionRequestAddress. Refused with 9009, it never hears of a new \
          mapping, and the device cannot be woken after the first change.",
    mend_cpe: "Accept Notification 1 and 2 for STUN..., NATDetected and UDPConnectionRequestAddress...",
    bad: "SetParameterAttributes: UDPConnectionRequestAddress, Notification 2\nFault 9009",
    good: "SetParameterAttributes: UDPConnectionRequestAddress, Notification 2\nSetParameterAttributesResponse",
    related: &["STUN-040"],
    wireshark: "xml contains \"9009\" || xml contains \"UDPConnectionRequestAddress\"",
    ..Rule::must("STUN-047", "stun-notification-refused", Scope::Exchange)
};

const AUTHORITY: Rule = Rule {
    blame: CPE,
    cites: &[
        cite("TR-111", "2.2.4.1 table 6 UDPConnectionRequestAddress"),
        a3("G.2.1.3"),
    ],
    demands: "UDPConnectionRequestAddress is `host:port`, or the host alone for port 80; no scheme, no path, no user name.",
    why: "The ACS puts it behind `http://` as it stands. With a scheme in front the request goes to a host named `http`, which is to say \
          nowhere, and the log of the ACS shows a request sent.",
    mend_cpe: "Report host and port alone, an IPv6 address in brackets.",
    bad: "UDPConnectionRequestAddress = http://203.0.113.9:40000/",
    good: "UDPConnectionRequestAddress = 203.0.113.9:40000",
    related: &["STUN-039"],
    wireshark: "xml contains \"UDPConnectionRequestAddress\"",
    ..Rule::must("STUN-048", "udp-address-no-authority", Scope::Message)
};

/// Looks at what a device reports.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    let reports = seen.from() == Side::Cpe && seen.is_cwmp() && seen.is_request();
    if !reports || seen.replay || !seen.is_whole() {
        return;
    }
    for (index, envelope) in seen.envelopes().enumerate() {
        if matches!(
            envelope.message_name(),
            Some("Inform" | "GetParameterValuesResponse")
        ) {
            values(seen, seen.parameters.of_envelope(index), findings);
        }
    }
}

fn values(seen: &Seen<'_>, parameters: &[Parameter<'_>], findings: &mut Findings) {
    let wanted = Traits::STUN_PASSWORD.and(Traits::UDP_ADDRESS);
    if !seen.parameters.traits().has(wanted) {
        return;
    }
    let mut off = None;
    for parameter in parameters {
        let name = parameter.name();
        if !parameter.has(wanted) {
            continue;
        }
        let wanted =
            own(name).filter(|own| matches!(*own, "STUNPassword" | "UDPConnectionRequestAddress"));
        let (Some(own), Some(value)) = (wanted, parameter.value()) else {
            continue;
        };
        let at = parameter
            .value_element()
            .unwrap_or_else(|| parameter.element());
        if own == "STUNPassword" {
            if !value.is_empty() {
                let draft = seen.breaks_at(&PASSWORD, at).path(name);
                findings.add(draft.because("STUNPassword is reported with a value"));
            }
            continue;
        }
        let value = value.trim();
        let draft = || seen.breaks_at(&AUTHORITY, at).path(name);
        if value.is_empty() {
            // Where STUN is not in use, the device may have nothing to say.
            if !*off.get_or_insert_with(|| is_off(parameters)) {
                let said = "UDPConnectionRequestAddress is empty, so that no Connection Request can come by UDP";
                findings.add(draft().at_most(Severity::Info).because(said));
            }
        } else if let Some(wrong) = no_authority(value) {
            findings
                .add(draft().because(format!("UDPConnectionRequestAddress is {value}: {wrong}")));
        }
    }
}

/// STUNEnable is among them, and false.
fn is_off(parameters: &[Parameter<'_>]) -> bool {
    parameters.iter().any(|one| {
        let is_switch = own(one.name()) == Some("STUNEnable");
        is_switch
            && one
                .value()
                .is_some_and(|value| boolean(value) == Some(false))
    })
}

/// What keeps a text from being `host[:port]`.
fn no_authority(value: &str) -> Option<&'static str> {
    if value.contains("://") {
        return Some("it has a scheme");
    }
    if value.contains('@') {
        return Some("it has a user name");
    }
    if value.contains(['/', '?', '#']) {
        return Some("it has a path");
    }
    if value.contains(char::is_whitespace) {
        return Some("it has blanks");
    }
    let (host, port) = match value.strip_prefix('[') {
        Some(rest) => {
            let Some((host, behind)) = rest.split_once(']') else {
                return Some("its bracket is not closed");
            };
            if host.parse::<std::net::Ipv6Addr>().is_err() {
                return Some("what stands in brackets is no IPv6 address");
            }
            (
                host,
                behind
                    .strip_prefix(':')
                    .or((!behind.is_empty()).then_some("")),
            )
        }
        None if value.matches(':').count() > 1 => {
            return Some("an IPv6 address stands in brackets");
        }
        None => match value.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (value, None),
        },
    };
    if host.is_empty() {
        return Some("it has no host");
    }
    match port.map(str::parse::<u16>) {
        Some(Err(_)) => Some("its port is no number up to 65535"),
        _ => None,
    }
}

/// Looks at the answer to SetParameterAttributes.
pub(super) fn refused(exchange: &Exchange<'_>, findings: &mut Findings) {
    if exchange.method() != "SetParameterAttributes" || exchange.fault_code() != Some(9009) {
        return;
    }
    let Some(request) = exchange.request() else {
        return;
    };
    let mut first = None;
    // 9009 does not say which of several it is about.
    for parameter in request.parameters() {
        let name = parameter.name();
        if !own(&name).is_some_and(|own| TABLE_6.contains(&own)) {
            return;
        }
        first.get_or_insert(name);
    }
    if let Some(name) = first {
        let said = format!("notification on {name} is refused with 9009");
        findings.add(exchange.breaks(&NOTIFICATION).path(&name).because(said));
    }
}

/// The name behind ManagementServer.
fn own(name: &str) -> Option<&str> {
    let (_, path) = name.split_once('.')?;
    path.strip_prefix("ManagementServer.")
}

/// TR-111 section 2.2.4.1 table 6.
const TABLE_6: [&str; 10] = [
    "UDPConnectionRequestAddress",
    "UDPConnectionRequestAddressNotificationLimit",
    "STUNEnable",
    "STUNServerAddress",
    "STUNServerPort",
    "STUNUsername",
    "STUNPassword",
    "STUNMaximumKeepAlivePeriod",
    "STUNMinimumKeepAlivePeriod",
    "NATDetected",
];
