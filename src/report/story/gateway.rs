//! A device's gateway (TR-111 part I): its sessions, its row of the device, the ports that it maps to the device.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

use super::entry::{Entry, EntryKind, Frames};
use super::limits::{OTHERS_MAX, WORDS_MAX};
use super::sessions::SessionNote;
use super::words::{Voice, host_of};
use crate::session::{Device, Identity, Learned, LearnedBy, Session};
use crate::source::Timestamp;

/// Sessions of devices that may be somebody's gateway.
#[derive(Debug, Default)]
pub(super) struct Others {
    notes: VecDeque<Other>,
}

#[derive(Debug)]
struct Other {
    note: SessionNote,
    rows: Vec<Row>,
    mappings: Vec<Mapping>,
}

/// A row of ManageableDevice.
#[derive(Debug, Clone)]
struct Row {
    path: String,
    identity: Identity,
    time: Timestamp,
    frames: Frames,
}

/// A row of PortMapping.
#[derive(Debug, Clone)]
pub(super) struct Mapping {
    path: String,
    external_port: Option<u16>,
    internal_port: Option<u16>,
    client: Option<String>,
    protocol: Option<String>,
    enabled: Option<bool>,
    set: bool,
    pub time: Timestamp,
    frames: Frames,
}

/// What is told of a device's gateway.
#[derive(Debug, Default)]
pub(super) struct Telling {
    pub entries: Vec<Entry>,
    pub mappings: Vec<Mapping>,
    /// Devices of the capture that are its gateway.
    pub gateways: BTreeSet<Arc<str>>,
}

impl Others {
    /// A session of a device that is not the one asked for, or may be another's gateway all the same.
    pub fn take(&mut self, session: &Session) {
        if self.notes.len() >= OTHERS_MAX {
            // Those that name devices or map ports stay longest.
            let plain = self
                .notes
                .iter()
                .position(|other| other.rows.is_empty() && other.mappings.is_empty());
            self.notes.remove(plain.unwrap_or(0));
        }
        self.notes.push_back(Other {
            note: SessionNote::of(session),
            rows: rows(&session.learned),
            mappings: mappings(&session.learned),
        });
    }

    /// What of it belongs to the device, which lives at these addresses.
    pub fn tell(
        &self,
        device: &Device,
        devices: &[Device],
        inside: &BTreeSet<IpAddr>,
        voice: Voice,
    ) -> Telling {
        let mut telling = Telling {
            gateways: self.gateways(device, devices),
            ..Telling::default()
        };
        let others = self.notes.iter();
        let own = others.filter(|other| {
            let device = other.note.device.as_ref();
            device.is_some_and(|id| telling.gateways.contains(id))
        });
        let own: Vec<&Other> = own.collect();
        for other in own {
            let gateway = other.note.device.as_deref().unwrap_or_default();
            telling.entries.push(
                other
                    .note
                    .entry_of_gateway(gateway, &device.acs_urls, voice),
            );
            let number = other.note.number;
            let rows = other.rows.iter().filter(|row| is_it(&row.identity, device));
            for row in rows {
                telling
                    .entries
                    .push(row.entry(gateway, voice).of_session(number));
            }
            for mapping in &other.mappings {
                if mapping.concerns(device, inside) {
                    telling
                        .entries
                        .push(mapping.entry(gateway, voice).of_session(number));
                    telling.mappings.push(mapping.clone());
                }
            }
        }
        telling
    }

    /// Devices that it, or DHCP, names as its gateway, and those that list it.
    fn gateways(&self, device: &Device, devices: &[Device]) -> BTreeSet<Arc<str>> {
        let told_by_dhcp = device.dhcp.as_ref().and_then(|dhcp| dhcp.gateway.as_ref());
        let named: Vec<&Identity> = device.gateway.iter().chain(told_by_dhcp).collect();
        let named = devices
            .iter()
            .filter(|other| named.iter().any(|identity| is_it(identity, other)));
        let listing = self.notes.iter().filter_map(|other| {
            let lists = other.rows.iter().any(|row| is_it(&row.identity, device));
            other.note.device.clone().filter(|_| lists)
        });
        let named = named.map(|other| Arc::clone(&other.device));
        let all = named.chain(listing);
        all.filter(|id| *id != device.device).collect()
    }
}

/// The identity is this device's: what both tell of it is the same, and that is enough to tell it from others.
pub(super) fn is_it(identity: &Identity, device: &Device) -> bool {
    let same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
    let class = identity.product_class.as_deref().unwrap_or_default();
    same(&identity.serial_number, &device.serial_number)
        && same(&identity.oui, &device.oui)
        && (class.is_empty() || device.product_class.as_deref() == Some(class))
}

impl Row {
    fn entry(&self, gateway: &str, voice: Voice) -> Entry {
        let identity = super::words::identity(&self.identity).unwrap_or_default();
        let text = format!(
            "its gateway {} lists it as {}: {}",
            voice.say(gateway),
            voice.say(&self.path),
            voice.say(&identity)
        );
        Entry::new(
            self.time,
            EntryKind::ManageableDevice,
            self.frames.clone(),
            text,
        )
    }
}

impl Mapping {
    /// It leads to the device.
    fn concerns(&self, device: &Device, inside: &BTreeSet<IpAddr>) -> bool {
        let client = self
            .client
            .as_deref()
            .and_then(|client| client.trim().parse().ok());
        let url = device.connection_request_url.as_deref();
        let port = url.and_then(host_of).map(|(_, port)| port);
        match client {
            Some(client) => inside.contains(&client),
            None => self.external_port.is_some() && self.external_port == port,
        }
    }

    fn entry(&self, gateway: &str, voice: Voice) -> Entry {
        let port = |port: Option<u16>| port.map_or_else(|| "?".to_owned(), |port| port.to_string());
        let protocol = self
            .protocol
            .as_deref()
            .map_or_else(String::new, |protocol| {
                format!(" ({})", voice.say(protocol))
            });
        let client = self.client.as_deref().unwrap_or("?");
        let who = if self.set {
            "the ACS has"
        } else {
            "the ACS reads that"
        };
        let verb = if self.set { "map" } else { "maps" };
        let off = if self.enabled == Some(false) {
            ", not enabled"
        } else {
            ""
        };
        let text = format!(
            "{who} its gateway {} {verb} port {}{protocol} to {}:{}, {}{off}",
            voice.say(gateway),
            port(self.external_port),
            voice.say(client),
            port(self.internal_port),
            voice.say(&self.path),
        );
        Entry::new(self.time, EntryKind::PortMapping, self.frames.clone(), text)
    }

    /// The port that it opens.
    pub fn external_port(&self) -> Option<u16> {
        self.external_port
    }

    /// `through its gateway's port mapping to 192.168.1.20:7547`.
    pub fn passage(&self) -> String {
        let port = self
            .internal_port
            .map_or_else(String::new, |port| format!(":{port}"));
        let client = self
            .client
            .as_deref()
            .and_then(|client| client.trim().parse::<IpAddr>().ok());
        let to = client.map_or_else(String::new, |client| format!(" to {client}{port}"));
        format!("the port that its gateway maps{to}")
    }
}

/// The values of a session by the table row that they stand in, as `ManageableDevice.1`.
fn by_row<'l>(
    learned: &'l [Learned],
    table: &str,
) -> BTreeMap<String, Vec<(&'l str, &'l Learned)>> {
    let mut rows: BTreeMap<String, Vec<(&str, &Learned)>> = BTreeMap::new();
    for one in learned {
        let Some((before, rest)) = one.name.split_once(table) else {
            continue;
        };
        let Some((instance, field)) = rest.split_once('.') else {
            continue;
        };
        let path = format!("{before}{table}{instance}");
        if rows.len() < ROWS_MAX || rows.contains_key(&path) {
            rows.entry(path).or_default().push((field, one));
        }
    }
    rows
}

fn rows(learned: &[Learned]) -> Vec<Row> {
    let rows = by_row(learned, "ManageableDevice.").into_iter();
    rows.filter_map(|(path, fields)| {
        let value = |name: &str| {
            let found = fields.iter().rev().find(|(field, _)| *field == name);
            found.map(|(_, learned)| learned.value.clone())
        };
        let identity = Identity {
            oui: value("ManufacturerOUI"),
            serial_number: value("SerialNumber"),
            product_class: value("ProductClass"),
        };
        let (_, first) = fields.first()?;
        Some(Row {
            path: tail(&path, "ManageableDevice."),
            identity,
            time: first.time,
            frames: Frames::of(first.frames.iter().take(WORDS_MAX)),
        })
    })
    .collect()
}

fn mappings(learned: &[Learned]) -> Vec<Mapping> {
    let rows = by_row(learned, "PortMapping.").into_iter();
    rows.filter_map(|(path, fields)| {
        let value = |name: &str| {
            let found = fields.iter().rev().find(|(field, _)| *field == name);
            found.map(|(_, learned)| learned.value.clone())
        };
        let number = |name: &str| value(name)?.trim().parse().ok();
        let (_, first) = fields.first()?;
        let enabled = value("PortMappingEnabled").or_else(|| value("Enable"));
        Some(Mapping {
            path: tail(&path, "PortMapping."),
            external_port: number("ExternalPort"),
            internal_port: number("InternalPort"),
            client: value("InternalClient"),
            protocol: value("PortMappingProtocol").or_else(|| value("Protocol")),
            enabled: enabled.and_then(|text| super::reported::boolean(&text)),
            set: first.how == LearnedBy::Set,
            time: first.time,
            frames: Frames::of(first.frames.iter().take(WORDS_MAX)),
        })
    })
    .collect()
}

/// `PortMapping.1` of the whole path.
fn tail(path: &str, table: &str) -> String {
    let at = path.find(table).unwrap_or_default();
    path.get(at..).unwrap_or(path).to_owned()
}

/// Rows of one table looked at in one session.
const ROWS_MAX: usize = 64;
