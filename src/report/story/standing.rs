//! Where a device stands: who it is, how it can be reached, what came of attempts to reach it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::chapter::Chapter;
use super::gateway::Mapping;
use super::keeping::Seen;
use super::reported::{nat_against_packets, url_against_packets};
use super::requests::RequestNote;
use super::words::{Voice, identity, listed};
use crate::report::moment;
use crate::report::text::figures::counted;
use crate::session::address::udp_address;
use crate::session::{ConnectionRequestResult as Result, Device};

/// One line of it.
#[derive(Debug, Clone)]
pub struct Standing {
    /// What it is of, in one word.
    pub label: &'static str,
    /// The sentence, safe to print and free of secrets.
    pub text: String,
}

/// What the lines are made of.
pub(super) struct Ground<'a> {
    pub device: &'a Device,
    pub seen: &'a Seen,
    pub gateways: &'a BTreeSet<Arc<str>>,
    pub mappings: &'a [Mapping],
    pub voice: Voice,
}

impl Ground<'_> {
    pub fn lines(&self) -> Vec<Standing> {
        let lines = [
            ("device", self.who()),
            ("ACS", self.acs()),
            ("seen", Some(self.span())),
            ("by HTTP", self.by_http()),
            ("by UDP", self.by_udp()),
            ("NAT", self.nat()),
            ("gateway", self.gateway()),
        ];
        let lines = lines.into_iter();
        lines
            .filter_map(|(label, text)| text.map(|text| Standing { label, text }))
            .collect()
    }

    fn who(&self) -> Option<String> {
        let device = self.device;
        let product: Vec<&str> = [&device.manufacturer, &device.product_class]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        let mut parts = vec![self.voice.say(&product.join(" "))];
        if let Some(version) = &device.software_version {
            parts.push(format!("software {}", self.voice.say(version)));
        }
        let addresses = device.addresses.iter().map(ToString::to_string);
        let addresses: Vec<String> = addresses.collect();
        if !addresses.is_empty() {
            parts.push(format!("at {}", listed(&addresses)));
        }
        parts.retain(|part| !part.is_empty());
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    fn acs(&self) -> Option<String> {
        let urls: Vec<String> = self
            .device
            .acs_urls
            .iter()
            .map(|url| self.voice.say(url))
            .collect();
        (!urls.is_empty()).then(|| listed(&urls))
    }

    fn span(&self) -> String {
        let device = self.device;
        format!(
            "{}, {} to {} UTC",
            counted(u64::from(device.sessions), "session", "sessions"),
            moment::date_and_clock(device.first, 3),
            moment::date_and_clock(device.last, 3)
        )
    }

    fn by_http(&self) -> Option<String> {
        let url = self.device.connection_request_url.as_deref()?;
        let address = self.device.addresses.last().copied();
        let mut text = format!(
            "{} (ConnectionRequestURL){}",
            self.voice.say(url),
            url_against_packets(url, address)
        );
        let ports = self.mappings.iter().filter_map(Mapping::external_port);
        let ports: BTreeSet<u16> = ports.collect();
        for port in ports {
            text.push_str(&format!("; port {port} of its gateway is mapped to it"));
        }
        Some(text)
    }

    fn by_udp(&self) -> Option<String> {
        let seen = self.seen.at(self.device_end());
        let address = self.device.udp_connection_request_address.as_deref();
        let Some(address) = address.filter(|address| !address.is_empty()) else {
            let mapped = seen?;
            return Some(format!(
                "the STUN server saw it at {mapped} last; it reports no UDPConnectionRequestAddress"
            ));
        };
        let mut text = format!("{} (UDPConnectionRequestAddress)", self.voice.say(address));
        match (seen, udp_address(address)) {
            (Some(mapped), Some(reported)) if mapped == reported => {
                text.push_str(", where the STUN server saw it last");
            }
            (Some(mapped), _) => {
                text.push_str(&format!(", but the STUN server saw it at {mapped} last"));
            }
            (None, _) => text.push_str("; no STUN of it is in the capture"),
        }
        Some(text)
    }

    fn nat(&self) -> Option<String> {
        let detected = self.device.nat_detected;
        let against = nat_against_packets(detected, self.seen, self.device_end());
        let seen = self.seen.behind_nat(self.device_end());
        match (detected, seen) {
            (Some(true), Some((local, mapped))) => Some(format!(
                "NATDetected true; the packets show it: {local} is {mapped} to the STUN server"
            )),
            (Some(true), None) if self.seen.only_outside(self.device_end()) => Some(
                "NATDetected true; the capture sees it where the STUN server does, so that a NAT can only be on the \
                 device's side of the capture"
                    .to_owned(),
            ),
            (Some(detected), _) => Some(format!("NATDetected {detected}{against}")),
            (None, Some((local, mapped))) => Some(format!(
                "{local} is {mapped} to the STUN server; it reports no NATDetected"
            )),
            (None, None) => None,
        }
    }

    fn gateway(&self) -> Option<String> {
        let here = |id: &str| {
            let text = self.voice.say(id);
            format!("{text}, with sessions of its own in the capture")
        };
        if !self.gateways.is_empty() {
            let ids: Vec<String> = self.gateways.iter().map(|id| here(id)).collect();
            return Some(ids.join("; "));
        }
        let dhcp = self
            .device
            .dhcp
            .as_ref()
            .and_then(|dhcp| dhcp.gateway.as_ref());
        let named = self.device.gateway.as_ref().or(dhcp)?;
        let name = identity(named)?;
        Some(format!(
            "{}; no session of it is in the capture",
            self.voice.say(&name)
        ))
    }

    /// After all that was seen.
    fn device_end(&self) -> crate::source::Timestamp {
        crate::source::Timestamp {
            nanoseconds: i64::MAX,
            ..self.device.last
        }
    }
}

/// `2 Connection Requests: 1 brought a session, 1 did not: ...`
pub(super) fn verdict(chapter: &Chapter, requests: &[&RequestNote]) -> String {
    let all = requests.len() as u64;
    let of = |wanted: &dyn Fn(&RequestNote) -> bool| -> Vec<&RequestNote> {
        let some = requests.iter().copied();
        some.filter(|request| wanted(request)).collect()
    };
    let brought = of(&|request| request.result == Result::Session).len() as u64;
    let open = of(&|request| request.result == Result::Undetermined);
    let failed = of(&|request| !matches!(request.result, Result::Session | Result::Undetermined));
    let mut text = match (all, brought) {
        (0, _) => "no Connection Request to it is in the capture".to_owned(),
        (1, 1) => "1 Connection Request, and it brought a session".to_owned(),
        (all, brought) if all == brought => {
            format!("{all} Connection Requests, and each brought a session")
        }
        (1, _) => format!("1 Connection Request, {}", falls_short(&failed, &open)),
        (all, 0) if open.is_empty() => format!(
            "{all} Connection Requests, and none brought a session{}",
            explained(&failed)
        ),
        (all, brought) => format!(
            "{all} Connection Requests: {}",
            parts(brought, &failed, &open).join("; ")
        ),
    };
    let unseen = chapter
        .sessions
        .iter()
        .filter(|session| session.has_unseen_cause());
    let unseen = unseen.count() as u64;
    if unseen > 0 {
        let say = if unseen == 1 { "says" } else { "say" };
        text.push_str(&format!(
            "; {} {say} 6 CONNECTION REQUEST without one in the capture",
            counted(unseen, "session", "sessions")
        ));
    }
    text
}

/// The only one brought none, or it is not known whether it did.
fn falls_short(failed: &[&RequestNote], open: &[&RequestNote]) -> String {
    if failed.is_empty() {
        format!(
            "and the capture does not tell what came of it{}",
            explained(open)
        )
    } else {
        format!("and no session came for it{}", explained(failed))
    }
}

/// `1 brought a session`, `2 did not: ...`.
fn parts(brought: u64, failed: &[&RequestNote], open: &[&RequestNote]) -> Vec<String> {
    let mut parts = Vec::new();
    if brought > 0 {
        parts.push(format!("{brought} brought a session"));
    }
    if !failed.is_empty() {
        parts.push(format!("{} did not{}", failed.len(), explained(failed)));
    }
    if !open.is_empty() {
        let explained = explained(open);
        parts.push(format!(
            "of {} the capture does not tell{explained}",
            open.len()
        ));
    }
    parts
}

/// `: ` and what explains them, each once.
fn explained(requests: &[&RequestNote]) -> String {
    let mut said: Vec<(String, usize)> = Vec::new();
    for why in requests.iter().filter_map(|request| request.explained()) {
        match said.iter_mut().find(|(known, _)| *known == why) {
            Some((_, count)) => *count += 1,
            None => said.push((why, 1)),
        }
    }
    let more = said.len().saturating_sub(EXPLAINED_MAX);
    let mut words: Vec<String> = said
        .into_iter()
        .take(EXPLAINED_MAX)
        .map(|(why, count)| match count {
            1 => why,
            count => format!("{why} ({count} times)"),
        })
        .collect();
    if more > 0 {
        words.push(format!("{more} more ways"));
    }
    match words.as_slice() {
        [] => String::new(),
        words => format!(": {}", words.join("; another: ")),
    }
}

/// Different explanations told.
const EXPLAINED_MAX: usize = 4;
