//! What the names of parameters mean: looked up once for each name of a capture, and handed to every rule with its parameter.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use super::fingerprint;
use super::glance::Glance;
use super::standing::{Standing, Told};
use crate::model::{Base, Facts, Found, Root, is_vendor_path, standard};

/// Names met so far, for devices that say the same of their data model.
#[derive(Debug, Default)]
pub(super) struct Names {
    all: Vec<Met>,
    /// Where among all, by the fingerprint of the name and what the device says.
    places: HashMap<u64, usize, foldhash::fast::RandomState>,
    /// The place of the name that was asked for last.
    last: usize,
}

/// A name that was met.
#[derive(Debug)]
struct Met {
    /// As it is written, unless it is too long to be kept.
    name: Option<Box<str>>,
    named: Arc<Named>,
    /// The place of the name that came behind this one last: lists come in the same order, device by device.
    followed_by: usize,
}

/// What is known of one name.
#[derive(Debug)]
pub(super) struct Named {
    /// The data model by which it is judged; `None` where it begins at no root.
    pub(super) standing: Option<Standing>,
    /// What that model says of it.
    pub(super) found: Found<'static>,
    /// What the device says of its data model, as a number.
    told: u64,
    /// The fingerprint of the name.
    pub(super) key: u64,
    /// The fingerprint of the path above it, with its dot.
    pub(super) holder: u64,
    /// It is a plain setting, or one of which no data model says so; `None` where it reads otherwise than it is set, or may.
    pub(super) plain: Option<bool>,
    /// What a value has to be for nothing to be wrong in it.
    pub(super) glance: Glance,
    /// How it ends, and what stands in it.
    pub(super) traits: Traits,
    /// The kinds of lists in which nothing was wrong in it, a bit each.
    right: AtomicU8,
    /// Its entry that was judged last, by the fingerprint, if it was right.
    judged: AtomicU64,
}

impl Names {
    /// What is known of a name.
    pub(super) fn of(&mut self, told: Told, name: &str) -> Arc<Named> {
        let number = told.number();
        let likely = self.all.get(self.last).map_or(0, |last| last.followed_by);
        let is_it = |met: &&Met| met.named.told == number && met.name.as_deref() == Some(name);
        if let Some(met) = self.all.get(likely).filter(is_it) {
            self.last = likely;
            return Arc::clone(&met.named);
        }
        let place = self.place(told, number, name);
        if let Some(before) = self.all.get_mut(self.last) {
            before.followed_by = place;
        }
        self.last = place;
        match self.all.get(place) {
            Some(met) => Arc::clone(&met.named),
            None => Arc::new(Named::of(told, name)),
        }
    }

    /// Its place among all.
    fn place(&mut self, told: Told, number: u64, name: &str) -> usize {
        let key = fingerprint(name.as_bytes()) ^ number;
        if let Some(place) = self.places.get(&key) {
            return *place;
        }
        if self.all.len() >= NAMES_MAX {
            *self = Self::default();
        }
        let place = self.all.len();
        self.places.insert(key, place);
        self.all.push(Met {
            name: (name.len() <= NAME_BYTES_MAX).then(|| name.into()),
            named: Arc::new(Named::of(told, name)),
            followed_by: place,
        });
        place
    }
}

impl Named {
    fn of(told: Told, name: &str) -> Self {
        let standing = Standing::of(told, name);
        let found = match standing {
            Some(standing) => standing.find(name),
            None => Found::Unknown { known_bytes: 0 },
        };
        let holder = name.rfind('.').and_then(|dot| name.get(..=dot));
        Self {
            standing,
            found,
            told: told.number(),
            key: fingerprint(name.as_bytes()),
            holder: fingerprint(holder.unwrap_or_default().as_bytes()),
            plain: plain(standing, name),
            glance: glance(standing, found, name),
            traits: Traits::of(name),
            right: AtomicU8::new(0),
            judged: AtomicU64::new(UNJUDGED),
        }
    }

    /// Whether this entry of it was right, where the one that was judged last tells.
    pub(super) fn was_right(&self, entry: u64) -> Option<bool> {
        match self.judged.load(Ordering::Relaxed) {
            WRONG => Some(false),
            judged => (judged == entry).then_some(true),
        }
    }

    /// This entry of it was judged now.
    pub(super) fn note_judged(&self, entry: u64, right: bool) {
        let judged = if right { entry } else { WRONG };
        self.judged.store(judged, Ordering::Relaxed);
    }

    /// It was right in a list of this kind.
    pub(super) fn is_right(&self, list: u8) -> bool {
        self.right.load(Ordering::Relaxed) & list != 0
    }

    /// It is right in a list of this kind.
    pub(super) fn note_right(&self, list: u8) {
        self.right.fetch_or(list, Ordering::Relaxed);
    }
}

fn glance(standing: Option<Standing>, found: Found<'static>, name: &str) -> Glance {
    let given = standing.and_then(|standing| standing.given_alone(name));
    match found {
        Found::Parameter(known)
            if standing.is_some_and(|standing| standing.is_hidden(&known, name)) =>
        {
            Glance::Never
        }
        Found::Parameter(_) => Glance::of(found),
        _ if given.is_some() => Glance::Never,
        _ => Glance::Anything,
    }
}

/// Whether a parameter is a plain setting of the data model; `None` where it reads otherwise than it is set, or may.
pub(super) fn plain(standing: Option<Standing>, name: &str) -> Option<bool> {
    let last = name.rsplit('.').next().unwrap_or(name);
    let moves = MOVING.contains(&last) || SECRET.iter().any(|secret| last.ends_with(secret));
    if moves || is_vendor_path(name) {
        return None;
    }
    let Some(known) = standing?.parameter(name) else {
        return Some(false);
    };
    let plain = |facts: &Facts| {
        let settable =
            !facts.access.is_read_only() && !facts.hidden && !facts.command && !facts.secured;
        settable && facts.syntax.base != Base::DateTime
    };
    known.always(plain).then_some(true)
}

/// What rules look for in a name; a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traits(u32);

impl Traits {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// An instance is named by its alias.
    pub const ALIASED: Self = Self(1);
    /// `Max...`, the most of something.
    pub const LIMIT: Self = Self(1 << 1);
    /// A row of InformParameter.
    pub const INFORM_ROW: Self = Self(1 << 2);
    /// The name of an object, or none at all.
    pub const OBJECT: Self = Self(1 << 3);
    /// Of `ManagementServer`.
    pub const MANAGED: Self = Self(1 << 4);
    /// Of `DeviceInfo`.
    pub const IDENTITY: Self = Self(1 << 5);
    /// Of `StandbyPolicy`.
    pub const STANDBY: Self = Self(1 << 6);
    /// `DiagnosticsState`.
    pub const STATE: Self = Self(1 << 7);
    /// `ManagementServer.ParameterKey`.
    pub const PARAMETER_KEY: Self = Self(1 << 8);
    /// An alias.
    pub const ALIAS: Self = Self(1 << 9);
    /// `...NumberOfEntries`.
    pub const COUNTER: Self = Self(1 << 10);
    /// `STUNPassword`.
    pub const STUN_PASSWORD: Self = Self(1 << 11);
    /// `UDPConnectionRequestAddress`.
    pub const UDP_ADDRESS: Self = Self(1 << 12);
    /// What is configured and never measured: how and when to inform, and where.
    pub const CONFIGURED: Self = Self(1 << 13);
    /// `DeviceSummary`.
    pub const SUMMARY: Self = Self(1 << 14);
    /// `RootDataModelVersion`.
    pub const ROOT_VERSION: Self = Self(1 << 15);
    /// `ExternalIPAddress` of a connection.
    pub const EXTERNAL_ADDRESS: Self = Self(1 << 16);
    /// `DeviceInfo.SpecVersion`.
    pub const SPEC_VERSION: Self = Self(1 << 17);
    /// `DeviceInfo.HardwareVersion`.
    pub const HARDWARE_VERSION: Self = Self(1 << 18);
    /// `DeviceInfo.SoftwareVersion`.
    pub const SOFTWARE_VERSION: Self = Self(1 << 19);
    /// `DeviceInfo.ProvisioningCode`.
    pub const PROVISIONING_CODE: Self = Self(1 << 20);
    /// `ManagementServer.ConnectionRequestURL`.
    pub const REQUEST_URL: Self = Self(1 << 21);
    /// `ManagementServer.AliasBasedAddressing`.
    pub const ALIAS_BASED: Self = Self(1 << 22);
    /// `LAN.IPAddress`.
    pub const LAN_ADDRESS: Self = Self(1 << 23);
    /// A parameter of `Device:2` alone.
    pub const SECOND: Self = Self(1 << 24);

    fn of(name: &str) -> Self {
        let mut traits = Self::NONE;
        let ends = ENDS.iter().filter(|(end, _)| name.ends_with(end));
        let within = WITHIN.iter().filter(|(part, _)| name.contains(part));
        for (_, found) in ends.chain(within) {
            traits = traits.and(*found);
        }
        let path = name.split_once('.').map_or("", |(_, path)| path);
        if path.starts_with("ManagementServer.") {
            traits = traits.and(Self::MANAGED);
        }
        if path.starts_with("DeviceInfo.") {
            traits = traits.and(Self::IDENTITY);
        }
        let leaf = name.rsplit('.').next().unwrap_or(name);
        if leaf.is_empty() {
            traits = traits.and(Self::OBJECT);
        }
        if leaf.starts_with("Max") {
            traits = traits.and(Self::LIMIT);
        }
        let is_of = |root| matches!(standard(root).find(name), Found::Parameter(_));
        let is_device = Root::of_path(name) == Some(Root::DeviceUnknown);
        if is_device && !is_of(Root::Device1) && is_of(Root::Device2) {
            traits = traits.and(Self::SECOND);
        }
        traits
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Something of the other is in it.
    #[must_use]
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// What stands anywhere in names, with what it means.
const WITHIN: [(&str, Traits); 3] = [
    (".StandbyPolicy.", Traits::STANDBY),
    (".InformParameter.", Traits::INFORM_ROW),
    ("[", Traits::ALIASED),
];
/// Ends of names, with what they mean.
const ENDS: [(&str, Traits); 23] = [
    (".DiagnosticsState", Traits::STATE),
    (".ManagementServer.ParameterKey", Traits::PARAMETER_KEY),
    (".Alias", Traits::ALIAS),
    ("NumberOfEntries", Traits::COUNTER),
    ("STUNPassword", Traits::STUN_PASSWORD),
    ("UDPConnectionRequestAddress", Traits::UDP_ADDRESS),
    (".ManagementServer.PeriodicInformEnable", Traits::CONFIGURED),
    (
        ".ManagementServer.PeriodicInformInterval",
        Traits::CONFIGURED,
    ),
    (".ManagementServer.PeriodicInformTime", Traits::CONFIGURED),
    (".ManagementServer.UpgradesManaged", Traits::CONFIGURED),
    (".ManagementServer.URL", Traits::CONFIGURED),
    (".ManagementServer.STUNEnable", Traits::CONFIGURED),
    (".DeviceInfo.ProvisioningCode", Traits::CONFIGURED),
    ("Device.DeviceSummary", Traits::SUMMARY),
    ("Device.RootDataModelVersion", Traits::ROOT_VERSION),
    (".ExternalIPAddress", Traits::EXTERNAL_ADDRESS),
    (".DeviceInfo.SpecVersion", Traits::SPEC_VERSION),
    (".DeviceInfo.HardwareVersion", Traits::HARDWARE_VERSION),
    (".DeviceInfo.SoftwareVersion", Traits::SOFTWARE_VERSION),
    (".DeviceInfo.ProvisioningCode", Traits::PROVISIONING_CODE),
    (
        ".ManagementServer.ConnectionRequestURL",
        Traits::REQUEST_URL,
    ),
    (
        ".ManagementServer.AliasBasedAddressing",
        Traits::ALIAS_BASED,
    ),
    ("Device.LAN.IPAddress", Traits::LAN_ADDRESS),
];
/// Settings that a device moves by itself, or that start something.
const MOVING: [&str; 25] = [
    "DiagnosticsState",
    "Channel",
    "OperatingChannelBandwidth",
    "TransmitPower",
    "IPAddress",
    "ExternalIPAddress",
    "SubnetMask",
    "DefaultGateway",
    "IPRouters",
    "DNSServers",
    "DNSServer",
    "RemoteIPAddress",
    "MaxMTUSize",
    "MaxMRUSize",
    "Username",
    "Reset",
    "ForceSample",
    "RequestedState",
    "ReportEndTime",
    "Alias",
    "Origin",
    "State",
    // A command, which always reads as false (TR-104, TR-098).
    "ResetStatistics",
    // Time that is left (TR-181, TR-098).
    "LeaseDuration",
    "PortMappingLeaseDuration",
];
/// Names of what may be hidden whatever a data model says.
const SECRET: [&str; 6] = [
    "Password",
    "Passphrase",
    "PassPhrase",
    "Key",
    "Secret",
    "PIN",
];
/// No entry was judged yet.
const UNJUDGED: u64 = 0;
/// The entry judged last was wrong: the next is judged, too, without looking for it among those that were right.
const WRONG: u64 = 1;
/// Names remembered, some hundred bytes each; then they are forgotten.
const NAMES_MAX: usize = 16_384;
/// The longest name that is kept to be compared: a path has 256 characters at most (TR-069 Amendment 3 Table 11).
const NAME_BYTES_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use super::{NAME_BYTES_MAX, Names, Told, Traits, fingerprint};

    #[test]
    fn a_name_is_itself_whatever_came_before_it() {
        let long = format!("Device.{}", "a".repeat(NAME_BYTES_MAX));
        let told = Told {
            claim: None,
            given: None,
        };
        let mut names = Names::default();
        let order = ["", "Device.A", &long, "", &long, "Device.A", "Device.B"];
        for name in order.iter().chain(order.iter().rev()).cycle().take(50) {
            let named = names.of(told, name);
            assert_eq!(named.key, fingerprint(name.as_bytes()), "{name}");
            assert_eq!(named.traits, Traits::of(name));
        }
        assert_eq!(names.all.len(), 4);
    }

    #[test]
    fn an_entry_is_as_it_was_judged_last() {
        let told = Told {
            claim: None,
            given: None,
        };
        let named = Names::default().of(told, "Device.A");
        assert_eq!(named.was_right(7), None);
        named.note_judged(7, true);
        assert_eq!((named.was_right(7), named.was_right(8)), (Some(true), None));
        named.note_judged(8, false);
        assert_eq!(named.was_right(7), Some(false));
    }

    #[test]
    fn no_two_traits_are_one() {
        let all = [
            Traits::ALIASED,
            Traits::LIMIT,
            Traits::INFORM_ROW,
            Traits::OBJECT,
            Traits::MANAGED,
            Traits::IDENTITY,
            Traits::STANDBY,
            Traits::STATE,
            Traits::PARAMETER_KEY,
            Traits::ALIAS,
            Traits::COUNTER,
            Traits::STUN_PASSWORD,
            Traits::UDP_ADDRESS,
            Traits::CONFIGURED,
            Traits::SUMMARY,
            Traits::ROOT_VERSION,
            Traits::EXTERNAL_ADDRESS,
            Traits::SPEC_VERSION,
            Traits::HARDWARE_VERSION,
            Traits::SOFTWARE_VERSION,
            Traits::PROVISIONING_CODE,
            Traits::REQUEST_URL,
            Traits::ALIAS_BASED,
            Traits::LAN_ADDRESS,
            Traits::SECOND,
        ];
        let together = all.iter().fold(Traits::NONE, |sum, one| sum.and(*one));
        assert_eq!(together.0.count_ones() as usize, all.len());
    }

    #[test]
    fn names_have_the_traits_that_rules_look_for() {
        let has = |name: &str, traits: Traits| Traits::of(name).has(traits);
        assert!(has(
            "Device.ManagementServer.InformParameter.1.Enable",
            Traits::INFORM_ROW
        ));
        assert!(!has("Device.ManagementServer.URL", Traits::INFORM_ROW));
        assert!(has("Device.QoS.MaxQueueEntries", Traits::LIMIT));
        assert!(has("Device.WiFi.SSID.1.SSID", Traits::SECOND));
        assert!(!has("Device.DeviceInfo.SoftwareVersion", Traits::SECOND));
        assert!(has("Device.WiFi.", Traits::OBJECT));
        assert!(has("", Traits::OBJECT));
        assert!(has("Device.Hosts.Host.[cpe-1].Active", Traits::ALIASED));
        assert!(!has("Device.DeviceInfo.SerialNumber", Traits::OBJECT));
    }
}
