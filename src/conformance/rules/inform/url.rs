//! ConnectionRequestURL as the Inform reports it: its form, its path, the address in it; and who else reports the same.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use super::informed_of;
use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::{Findings, Parameter, Rule, Scope, Seen, Topic, fingerprint};
use crate::session::address::is_private;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&FORM, &RANDOM_PATH, &BEHIND_NAT, &OTHER_NAME];

const FORM: Rule = Rule {
    blame: CPE,
    cites: &[
        a3("3.2.2"),
        cite("TR-181 Issue 2", "ManagementServer.ConnectionRequestURL"),
    ],
    demands: "ConnectionRequestURL is an absolute URL with the scheme http and a host, an IPv6 address in brackets; it is empty only where \
              Connection Requests over HTTP are disabled.",
    why: "The ACS takes it as it stands. Without scheme or host it has nowhere to connect to, and the phone is reached only with its \
          next periodic Inform.",
    mend_cpe: "Report http://address:port/path with the address of the interface that the session goes out from.",
    bad: "<Value xsi:type=\"xsd:string\">10.0.0.2:7547/f81d4fae</Value>",
    good: "<Value xsi:type=\"xsd:string\">http://10.0.0.2:7547/f81d4fae</Value>",
    related: &["CR-002", "INF-024", "INF-025"],
    wireshark: "xml.cdata contains \"ConnectionRequestURL\"",
    ..Rule::must("INF-023", "connection-request-url-form", Scope::Message)
};

const RANDOM_PATH: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.2")],
    demands: "The path of ConnectionRequestURL is random and each device has its own.",
    why: "The path keeps strangers out before any password is asked for. Scanners of port 7547 try `/` first and make devices open \
          sessions, or attack the small web server behind it.",
    mend_cpe: "Draw a random path once, at the first start, and keep it.",
    bad: "http://10.0.0.2:7547/",
    good: "http://10.0.0.2:7547/f81d4fae7dec11d0",
    related: &["INF-023"],
    wireshark: "xml.cdata contains \":7547/\"",
    ..Rule::should("INF-024", "connection-request-path-random", Scope::Device)
};

const BEHIND_NAT: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.2"), a3("Annex G")],
    demands: "The host of ConnectionRequestURL is reachable for the ACS: a device that comes from a public address does not report a \
              private one.",
    why: "There is a NAT between device and ACS. Connection Requests over HTTP go to a private address in the ACS's own network, or nowhere; \
          changes arrive with the next periodic Inform.",
    mend_cpe: "Switch on STUN (annex G) or XMPP, or report the public address where a port is forwarded.",
    mend_acs: "Enable STUN on the device, or shorten PeriodicInformInterval.",
    bad: "Inform from 203.0.113.7\nConnectionRequestURL http://192.168.1.20:7547/x7f",
    good: "Inform from 203.0.113.7\nConnectionRequestURL http://203.0.113.7:7547/x7f",
    related: &["FIELD-014"],
    wireshark: "xml.cdata contains \"http://192.168.\" || xml.cdata contains \"http://10.\"",
    ..Rule::heuristic(
        "INF-025",
        "connection-request-url-behind-nat",
        Scope::Message,
    )
};

const OTHER_NAME: Rule = Rule {
    blame: CPE,
    severity: Some(crate::session::Severity::Warning),
    versions: "1.2 and later",
    cites: &[a3("Table 36")],
    demands: "OUI, ProductClass and SerialNumber of a device never change; another name is another device, which begins with 0 BOOTSTRAP.",
    why: "After an upgrade that renames the product the ACS sees a stranger: the old device is reported lost, the new one has no settings, \
          and both answer to one ConnectionRequestURL.",
    mend_cpe: "Keep the three values over every upgrade; where one has to change, send 0 BOOTSTRAP with the first Inform under the new name.",
    bad: "001122-Phone-S1  ConnectionRequestURL http://203.0.113.7:7547/f81d4fae\n001122-Phone2-S1 1 BOOT  ConnectionRequestURL http://203.0.113.7:7547/f81d4fae",
    good: "001122-Phone2-S1 0 BOOTSTRAP  ConnectionRequestURL http://203.0.113.7:7547/f81d4fae",
    related: &["INF-026"],
    wireshark: "xml.cdata contains \"ConnectionRequestURL\"",
    ..Rule::heuristic("INF-007", "device-under-another-name", Scope::Device)
};

/// Looks at an Inform.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    let Some(parameter) = url_of(seen) else {
        return;
    };
    let (Some(value), Some(element)) = (parameter.value(), parameter.value_element()) else {
        return;
    };
    let url = value.trim();
    let name = parameter.name();
    // An empty one says that there is none, which later models allow.
    if url.is_empty() {
        return;
    }
    let said = match Parts::of(url) {
        Err(said) => Some((&FORM, said.to_owned())),
        Ok(parts) if matches!(parts.path, "" | "/") => Some((
            &RANDOM_PATH,
            "the path of ConnectionRequestURL is empty".to_owned(),
        )),
        Ok(_) => None,
    };
    if let Some((rule, said)) = said {
        let draft = seen.breaks_at(rule, element).path(name);
        findings.add(draft.because(said));
    }
    let host: Option<IpAddr> = Parts::of(url)
        .ok()
        .and_then(|parts| parts.host.parse().ok());
    let source = seen.message.provenance.source.ip();
    if let Some(host) = host.filter(|host| is_private(*host) && !is_private(source)) {
        let said = format!("ConnectionRequestURL has {host}, the Inform comes from {source}");
        let draft = seen.breaks_at(&BEHIND_NAT, element).path(name);
        findings.add(draft.because(said));
    }
}

fn url_of<'a>(seen: &Seen<'a>) -> Option<&'a Parameter<'a>> {
    informed_of(seen)?.parameter("ManagementServer.ConnectionRequestURL")
}

/// Host and path of an http URL.
struct Parts<'u> {
    host: &'u str,
    path: &'u str,
}

impl<'u> Parts<'u> {
    fn of(url: &'u str) -> Result<Self, &'static str> {
        let Some((scheme, rest)) = url.split_once("://") else {
            return Err("ConnectionRequestURL is no absolute URL");
        };
        if !scheme.eq_ignore_ascii_case("http") {
            return Err("the scheme of ConnectionRequestURL is not http");
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let authority = authority.rsplit('@').next().unwrap_or(authority);
        let host = match authority.strip_prefix('[') {
            Some(literal) => literal.split(']').next().unwrap_or_default(),
            None if authority.matches(':').count() > 1 => {
                return Err("the IPv6 address in ConnectionRequestURL has no brackets");
            }
            None => authority.split(':').next().unwrap_or_default(),
        };
        if host.is_empty() {
            return Err("ConnectionRequestURL has no host");
        }
        Ok(Self { host, path })
    }
}

/// Which device reported which URL, and which path.
#[derive(Debug, Default)]
pub struct Reported {
    /// The last device of each URL with a public address in it.
    by_url: HashMap<u64, Arc<str>, foldhash::fast::RandomState>,
    by_path: HashMap<u64, Sharers, foldhash::fast::RandomState>,
}

/// The first devices that reported a path.
#[derive(Debug, Default)]
struct Sharers {
    devices: Vec<u64>,
    told: bool,
}

impl Topic for Reported {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(device) = seen.session.and_then(|session| session.device.as_ref()) else {
            return;
        };
        let Some(parameter) = url_of(seen) else {
            return;
        };
        let value = parameter.value().unwrap_or_default();
        let Ok(parts) = Parts::of(value.trim()) else {
            return;
        };
        if matches!(parts.path, "" | "/") {
            return;
        }
        self.share(seen, parameter, parts.path, device, findings);
        let is_public = |host: IpAddr| !is_private(host);
        if parts.host.parse().is_ok_and(is_public) {
            self.rename(seen, parameter, value.trim(), device, findings);
        }
    }
}

impl Reported {
    fn share(
        &mut self,
        seen: &Seen<'_>,
        parameter: &Parameter<'_>,
        path: &str,
        device: &Arc<str>,
        findings: &mut Findings,
    ) {
        let key = fingerprint(path.as_bytes());
        if self.by_path.len() >= URLS_MAX && !self.by_path.contains_key(&key) {
            return;
        }
        let sharers = self.by_path.entry(key).or_default();
        let own = fingerprint(device.as_bytes());
        if sharers.told || sharers.devices.contains(&own) {
            return;
        }
        sharers.devices.push(own);
        if sharers.devices.len() < SHARERS {
            return;
        }
        sharers.told = true;
        let said = format!("{SHARERS} devices report the same path in ConnectionRequestURL");
        let element = parameter.value_element().unwrap_or(parameter.element());
        let draft = seen.breaks_at(&RANDOM_PATH, element);
        findings.add(draft.path(parameter.name()).because(said));
    }

    fn rename(
        &mut self,
        seen: &Seen<'_>,
        parameter: &Parameter<'_>,
        url: &str,
        device: &Arc<str>,
        findings: &mut Findings,
    ) {
        let key = fingerprint(url.as_bytes());
        if self.by_url.len() >= URLS_MAX && !self.by_url.contains_key(&key) {
            return;
        }
        let before = self.by_url.insert(key, Arc::clone(device));
        let Some(before) = before.filter(|before| before != device) else {
            return;
        };
        let bootstrap = informed_of(seen).is_some_and(|inform| inform.has("0 BOOTSTRAP"));
        if !bootstrap {
            let said = format!(
                "{device} reports the ConnectionRequestURL that {before} had, and not 0 BOOTSTRAP"
            );
            let element = parameter.value_element().unwrap_or(parameter.element());
            findings.add(seen.breaks_at(&OTHER_NAME, element).because(said));
        }
    }
}

/// URLs and paths remembered.
const URLS_MAX: usize = 16_384;
/// Devices with one path that are no accident: two may be one unit and its replacement.
const SHARERS: usize = 3;
