//! What a device told of how it is reached, and what the ACS set of that, against what the packets show.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use super::entry::{Entry, EntryKind, Frames};
use super::keeping::Seen;
use super::limits::NOTES_MAX;
use super::words::{Voice, host_of, short_name};
use crate::session::address::{is_private, udp_address};
use crate::session::{Identity, Learned, LearnedBy, Session};
use crate::source::Timestamp;

/// The values of one device, as they changed.
#[derive(Debug, Default)]
pub(super) struct Told {
    values: Vec<Value>,
    /// The latest by name, and who told it.
    latest: BTreeMap<(String, bool), String>,
    pub beyond: u64,
}

/// A value that is new.
#[derive(Debug, Clone)]
struct Value {
    session: u32,
    /// Where the session came from.
    address: Option<IpAddr>,
    learned: Learned,
    before: Option<String>,
}

/// Whether the ACS was told where the binding stands now.
pub(super) enum Telling {
    /// In this session.
    In { session: u32, time: Timestamp },
    /// Not in what was captured.
    Never,
    /// The device reports no such address at all.
    Unknown,
}

impl Told {
    /// Takes what a session tells that is new.
    pub fn take(&mut self, session: &Session) {
        for learned in &session.learned {
            let set = learned.how == LearnedBy::Set;
            let before = self.latest.get(&(learned.name.clone(), set));
            if before == Some(&learned.value) {
                // The UDP address is told again where it changed back and forth.
                continue;
            }
            let before = before.cloned();
            if self.values.len() >= NOTES_MAX {
                self.beyond += 1;
                continue;
            }
            self.latest
                .insert((learned.name.clone(), set), learned.value.clone());
            self.values.push(Value {
                session: session.number,
                address: session.cpe.address,
                learned: learned.clone(),
                before,
            });
        }
    }

    /// The first report of this address after it came up.
    pub fn telling(&self, to: SocketAddr, at: Timestamp) -> Telling {
        let mut reports = self.values.iter().filter(|value| {
            value.learned.how != LearnedBy::Set && short_name(&value.learned.name) == UDP_ADDRESS
        });
        let told = |value: &&Value| {
            value.learned.time >= at && udp_address(&value.learned.value) == Some(to)
        };
        match reports.clone().find(told) {
            Some(value) => Telling::In {
                session: value.session,
                time: value.learned.time,
            },
            None if reports.next().is_some() => Telling::Never,
            None => Telling::Unknown,
        }
    }

    /// Entries, one for what one message told.
    pub fn entries(&self, seen: &Seen, voice: Voice) -> Vec<Entry> {
        let mut values: Vec<&Value> = self.values.iter().collect();
        values.sort_by_key(|value| (value.learned.time, value.session, value.learned.how));
        let alike = |one: &&Value, other: &&Value| {
            (one.learned.time, one.session, one.learned.how)
                == (other.learned.time, other.session, other.learned.how)
        };
        let groups = values.chunk_by(alike);
        groups
            .filter_map(|group| entry(group, seen, voice))
            .collect()
    }
}

fn entry(group: &[&Value], seen: &Seen, voice: Voice) -> Option<Entry> {
    let first = group.first()?;
    let (session, how) = (first.session, first.learned.how);
    let mut parts: Vec<String> = Vec::new();
    parts.extend(gateway(group, voice));
    let shown: Vec<&&Value> = group.iter().filter(|value| is_told(value)).collect();
    for value in shown.iter().take(VALUES_SHOWN) {
        parts.push(told(value, seen, voice));
    }
    if let Some(more) = shown
        .len()
        .checked_sub(VALUES_SHOWN)
        .filter(|more| *more > 0)
    {
        parts.push(format!("and {more} more"));
    }
    if parts.is_empty() {
        return None;
    }
    let (kind, verb) = match how {
        LearnedBy::Set => (EntryKind::Set, "the ACS sets"),
        LearnedBy::Inform => (EntryKind::Reported, "reports"),
        LearnedBy::Read => (EntryKind::Reported, "answers"),
    };
    let text = format!("{verb} in session {session}: {}", parts.join("; "));
    let frames = Frames::of(first.learned.frames.iter());
    Some(Entry::new(first.learned.time, kind, frames, text).of_session(session))
}

/// Names of users say nothing of the way to a device; GatewayInfo is told as a whole.
fn is_told(value: &Value) -> bool {
    let name = short_name(&value.learned.name);
    !name.starts_with("GatewayInfo.") && name != "Username"
}

/// `ConnectionRequestURL http://192.168.1.20:7547/, while its session comes from 203.0.113.26: ...`
fn told(value: &Value, seen: &Seen, voice: Voice) -> String {
    let learned = &value.learned;
    let name = short_name(&learned.name);
    let mut text = format!(
        "{} {}",
        voice.say(&name),
        voice.value(&learned.name, &learned.value)
    );
    if let Some(before) = &value.before {
        text.push_str(&format!(" ({} before)", voice.value(&learned.name, before)));
    }
    if learned.how != LearnedBy::Set {
        text.push_str(&against_packets(&name, value, seen));
    }
    text
}

/// What the packets show of that value.
fn against_packets(name: &str, value: &Value, seen: &Seen) -> String {
    let time = value.learned.time;
    match name {
        UDP_ADDRESS => {
            let Some(reported) = udp_address(&value.learned.value) else {
                return String::new();
            };
            match seen.at(time) {
                Some(mapped) if mapped == reported => {
                    ", which is where the STUN server sees it".to_owned()
                }
                Some(mapped) => format!(", but the STUN server sees it at {mapped}"),
                None => String::new(),
            }
        }
        NAT_DETECTED => nat_against_packets(boolean(&value.learned.value), seen, time),
        URL => url_against_packets(&value.learned.value, value.address),
        _ => String::new(),
    }
}

/// What the packets show of NATDetected.
pub(super) fn nat_against_packets(detected: Option<bool>, seen: &Seen, time: Timestamp) -> String {
    match (detected, seen.behind_nat(time)) {
        (Some(false), Some((local, mapped))) => {
            format!(", but the STUN server sees {local} at {mapped}")
        }
        _ => String::new(),
    }
}

/// What the addresses of its packets show of its ConnectionRequestURL.
pub(super) fn url_against_packets(url: &str, address: Option<IpAddr>) -> String {
    match (host_of(url), address) {
        (Some((host, _)), Some(address)) if host != address && is_private(host) => format!(
            ", a private address, while its sessions come from {address}: there is a NAT or a proxy between"
        ),
        (Some((host, _)), Some(address)) if host != address => {
            format!(", while its sessions come from {address}")
        }
        _ => String::new(),
    }
}

/// `its gateway is 00D09E-HomeGate-00D09E5B7A07 (GatewayInfo)`.
fn gateway(group: &[&Value], voice: Voice) -> Option<String> {
    let mut named = Identity::default();
    let mut any = false;
    for value in group {
        let Some((_, field)) = value.learned.name.split_once("GatewayInfo.") else {
            continue;
        };
        any = true;
        let text = Some(value.learned.value.clone()).filter(|text| !text.is_empty());
        match field {
            "ManufacturerOUI" => named.oui = text,
            "SerialNumber" => named.serial_number = text,
            "ProductClass" => named.product_class = text,
            _ => {}
        }
    }
    let name = super::words::identity(&named);
    any.then(|| match name {
        Some(name) => format!("its gateway is {} (GatewayInfo)", voice.say(&name)),
        None => "GatewayInfo is empty: it knows no gateway".to_owned(),
    })
}

pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.trim() {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

const UDP_ADDRESS: &str = "UDPConnectionRequestAddress";
const NAT_DETECTED: &str = "NATDetected";
const URL: &str = "ConnectionRequestURL";
/// Values of one message that are told.
const VALUES_SHOWN: usize = 12;
