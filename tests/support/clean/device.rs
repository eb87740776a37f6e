//! A device: who it is, what its parameters hold, and what the calls of the ACS make of them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use super::model::{Described, Root, Seed, Table};
use super::story::Version;
use crate::random::Random;

/// A device and its state.
#[derive(Debug, Clone)]
pub struct Device {
    pub version: Version,
    pub root: Root,
    pub manufacturer: String,
    pub oui: String,
    pub class: String,
    pub serial: String,
    pub address: Ipv4Addr,
    /// Where Connection Requests go: port and path.
    pub door: (u16, String),
    pub password: String,
    /// User name and password of Connection Requests.
    pub knocker: (String, String),
    pub stun: (String, String),
    pub software: String,
    /// Spellings of true and false.
    pub booleans: (&'static str, &'static str),
    pub parameters: BTreeMap<String, Parameter>,
    /// Instances made by AddObject.
    pub instances: BTreeSet<String>,
    /// The numbers given out so far.
    pub numbers: usize,
    /// How far its clock is ahead of UTC.
    pub ahead_minutes: i64,
    pub acs_url: String,
    pub booted_us: u64,
    pub mac: [u8; 6],
    pub described: Option<&'static Described>,
}

/// A parameter.
#[derive(Debug, Clone)]
pub struct Parameter {
    pub kind: &'static str,
    pub writable: bool,
    pub hidden: bool,
    pub value: String,
    pub notification: u8,
    pub access: Vec<String>,
}

impl Device {
    pub fn new(random: &mut Random, number: usize, version: Version, root: Root) -> Self {
        let (manufacturer, oui, class) = MAKERS[number % MAKERS.len()];
        let class = if version == Version::Issue1 {
            "Router"
        } else {
            class
        };
        let serial = format!("{:02X}{:06X}", number % 256, random.below(0xff_ffff));
        let fields = if class.is_empty() {
            vec![oui, &serial]
        } else {
            vec![oui, class, &serial]
        };
        let names: Vec<String> = fields.iter().map(|field| percent_encoded(field)).collect();
        let mut device = Self {
            version,
            root,
            manufacturer: manufacturer.to_owned(),
            oui: oui.to_owned(),
            class: class.to_owned(),
            address: Ipv4Addr::new(203, 0, 113, (number % 200) as u8 + 20),
            door: (7547, format!("/{:08x}", random.next() as u32)),
            password: format!("pw-{:08x}", random.next() as u32),
            knocker: (
                format!("acs-{}", names.join("-")),
                format!("knock-{:06x}", random.below(0xff_ffff)),
            ),
            stun: (
                format!("st{serial}"),
                format!("stun-{:06x}", random.below(0xff_ffff)),
            ),
            serial,
            software: format!("{}.{}.0", random.between(1, 9), random.below(10)),
            booleans: [("1", "0"), ("true", "false")][random.below(2)],
            parameters: BTreeMap::new(),
            instances: BTreeSet::new(),
            numbers: 0,
            ahead_minutes: [60, 120, 0, -300, 330][random.below(5)],
            acs_url: String::new(),
            booted_us: 0,
            mac: [0, 0xd0, 0x9e, 0, 113, (number % 200) as u8 + 20],
            described: None,
        };
        device.reset();
        device
    }

    /// All as it left the factory.
    pub fn reset(&mut self) {
        self.parameters = BTreeMap::new();
        self.instances = BTreeSet::new();
        self.numbers = 0;
        let seeds: Vec<Seed> = match self.described {
            Some(described) => described.seeds.concat(),
            None => self.root.seeds().collect(),
        };
        for seed in seeds {
            let without_summary = self.version == Version::Issue1 && seed.0 == "DeviceSummary";
            if !without_summary {
                self.plant("", seed);
            }
        }
        for name in self.root.active() {
            let path = self.path(name);
            if let Some(parameter) = self.parameters.get_mut(&path) {
                parameter.notification = 2;
            }
        }
        self.find_instances();
    }

    /// Instances of the table that are there from the factory.
    fn find_instances(&mut self) {
        let table = self.path(self.table().path);
        for name in self.parameters.keys() {
            let below = name.strip_prefix(&table).and_then(|it| it.split_once('.'));
            if let Some((number, _)) = below {
                self.instances.insert(format!("{table}{number}."));
                self.numbers = self.numbers.max(number.parse().unwrap_or(0));
            }
        }
    }

    pub fn table(&self) -> &'static Table {
        self.described
            .map_or_else(|| self.root.table(), |described| described.table)
    }

    /// What every Inform carries (forced Inform parameters).
    pub fn forced(&self) -> &'static [&'static str] {
        self.described
            .map_or_else(|| self.root.forced(), |described| described.forced)
    }

    pub fn plant(&mut self, under: &str, (name, kind, access, value): Seed) {
        let parameter = Parameter {
            kind,
            writable: access != 'r',
            hidden: access == 'h',
            value: self.filled(value),
            notification: 0,
            // Before the ACS changes it, all entities may write (TR-069 Amendment 3 section A.3.2.4).
            access: vec!["Subscriber".to_owned()],
        };
        let path = self.path(&format!("{under}{name}"));
        self.parameters.insert(path, parameter);
    }

    fn filled(&self, value: &str) -> String {
        let [a, b, c, _] = self.address.octets();
        match value {
            "{manufacturer}" => self.manufacturer.clone(),
            "{oui}" => self.oui.clone(),
            "{model}" => self.described.map_or("M1", |own| own.model).to_owned(),
            "{class}" => self.class.clone(),
            "{serial}" => self.serial.clone(),
            "{hardware}" => self.described.map_or("H1", |own| own.hardware).to_owned(),
            "{software}" => self.software.clone(),
            "{uptime}" => "0".to_owned(),
            "{acs}" => self.acs_url.clone(),
            "{user}" => self.user_name(),
            "{knocker}" => self.knocker.0.clone(),
            "{stun}" => self.stun.0.clone(),
            "{door}" => self.door_url(),
            "{true}" => self.booleans.0.to_owned(),
            "{false}" => self.booleans.1.to_owned(),
            "{address}" => self.address.to_string(),
            "{socket}" => format!("{}:{UDP_PORT}", self.address),
            "{router}" => format!("{a}.{b}.{c}.1"),
            "{mac}" => self.mac.map(|byte| format!("{byte:02X}")).join(":"),
            _ => value.to_owned(),
        }
    }

    pub fn path(&self, name: &str) -> String {
        format!("{}{name}", self.root.name())
    }

    /// OUI-ProductClass-SerialNumber (TR-069 Amendment 2 section 3.4.4).
    pub fn user_name(&self) -> String {
        let serial = percent_encoded(&self.serial);
        if self.class.is_empty() {
            format!("{}-{serial}", self.oui)
        } else {
            format!("{}-{}-{serial}", self.oui, percent_encoded(&self.class))
        }
    }

    pub fn door_url(&self) -> String {
        format!("http://{}:{}{}", self.address, self.door.0, self.door.1)
    }

    /// What a parameter, named behind its root, holds.
    pub fn value(&self, name: &str) -> &str {
        let parameter = self.parameters.get(&self.path(name));
        parameter.map_or("", |parameter| parameter.value.as_str())
    }

    pub fn is_true(&self, name: &str) -> bool {
        self.value(name) == self.booleans.0
    }

    pub fn boolean(&self, value: bool) -> &'static str {
        if value {
            self.booleans.0
        } else {
            self.booleans.1
        }
    }

    /// Sets a parameter, named behind its root, whoever does so.
    pub fn set(&mut self, name: &str, value: &str) {
        let path = self.path(name);
        let parameter = self.parameters.get_mut(&path);
        parameter.expect("the parameter is there").value = value.to_owned();
    }

    /// The parameters at or below these paths, in their order.
    pub fn below(&self, paths: &[&str]) -> Vec<(String, &Parameter)> {
        let mut found = Vec::new();
        for path in paths {
            if path.ends_with('.') || path.is_empty() {
                let under = self.parameters.iter();
                let under = under.filter(|(name, _)| name.starts_with(path));
                found.extend(under.map(|(name, parameter)| (name.clone(), parameter)));
            } else if let Some(parameter) = self.parameters.get(*path) {
                found.push(((*path).to_owned(), parameter));
            }
        }
        found
    }

    /// Every object with whether AddObject or DeleteObject may be used on it.
    pub fn objects(&self) -> BTreeMap<String, bool> {
        let mut objects = BTreeMap::new();
        for path in self.parameters.keys() {
            for (at, _) in path.match_indices('.') {
                let object = path[..=at].to_owned();
                let writable = self.instances.contains(&object);
                objects.insert(object, writable);
            }
        }
        objects.insert(self.path(self.table().path), true);
        objects
    }

    /// What GetParameterNames tells: names with whether they may be written.
    pub fn names(&self, path: &str, next_level: bool) -> Vec<(String, bool)> {
        let parameters = self.parameters.iter();
        let parameters = parameters.map(|(name, parameter)| (name.clone(), parameter.writable));
        let mut all: BTreeMap<String, bool> = self.objects();
        all.extend(parameters);
        let chosen = all.into_iter().filter(|(name, _)| {
            let Some(rest) = name.strip_prefix(path) else {
                return false;
            };
            let level = rest.trim_end_matches('.');
            !next_level || (!level.is_empty() && !level.contains('.'))
        });
        chosen.collect()
    }

    /// Makes an instance; its number.
    pub fn add(&mut self) -> usize {
        self.numbers += 1;
        let table = self.table();
        let under = format!("{}{}.", table.path, self.numbers);
        for seed in table.holds {
            self.plant(&under, *seed);
        }
        self.instances.insert(self.path(&under));
        self.set(table.count, &self.instances.len().to_string());
        self.numbers
    }

    /// Removes an instance.
    pub fn remove(&mut self, object: &str) {
        self.parameters.retain(|name, _| !name.starts_with(object));
        self.instances.remove(object);
        let count = self.table().count;
        self.set(count, &self.instances.len().to_string());
    }

    /// How long it has been running, put where it is read.
    pub fn age(&mut self, now_us: u64) {
        let seconds = now_us.saturating_sub(self.booted_us) / 1_000_000;
        self.set("DeviceInfo.UpTime", &seconds.to_string());
    }
}

/// All but letters, digits and underscore is escaped (TR-069 Amendment 2 section 3.4.4).
pub fn percent_encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'_' {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Where the device listens for Connection Requests over UDP.
pub const UDP_PORT: u16 = 34_567;
const MAKERS: &[(&str, &str, &str)] = &[
    ("ACME", "00D09E", "X3"),
    ("Example Networks", "0002B3", "Set-Top-Box"),
    ("Beispiel GmbH", "00040E", ""),
    ("Example Phones", "000B82", "Phone 7"),
];
