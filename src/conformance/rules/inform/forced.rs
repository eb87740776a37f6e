//! The parameters that every Inform carries, by the root of the device's data model (TR-069 Amendment 3 Table 34).

use std::sync::OnceLock;

use cwmp::Inform;

use super::informed_of;
use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::rules::soap::document::is_tangled;
use crate::conformance::{Exchange, Findings, Parameter, Rule, Scope, Seen, Topic, Traits};
use crate::model::{ForcedInform, Root, standard};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&ANY, &FIRST, &GATEWAY, &SECOND, &SUMMARY];

const ANY: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 34"), cite("TR-106 Amendment 1", "3.5")],
    demands: "Every Inform has the parameters that its data model forces into it, as far as the device implements them: HardwareVersion, \
              SoftwareVersion, ConnectionRequestURL and ParameterKey under each root, and others by the root.",
    why: "The ACS reads software version, ParameterKey and ConnectionRequestURL from the Inform and nowhere else. Without them it takes the \
          settings for stale and writes them in each session, or cannot call the device.",
    mend_cpe: "Put the forced parameters into every Inform, whatever its events.",
    bad: "<ParameterList soapenc:arrayType=\"cwmp:ParameterValueStruct[0]\"/>",
    good: "Device.DeviceInfo.HardwareVersion, Device.DeviceInfo.SoftwareVersion,\nDevice.ManagementServer.ConnectionRequestURL, Device.ManagementServer.ParameterKey, ...",
    related: &["INF-013", "INF-014", "INF-015"],
    wireshark: "xml.tag contains \":Inform\"",
    ..Rule::must("INF-012", "forced-inform-parameters", Scope::Device)
};

const FIRST: Rule = Rule {
    blame: CPE,
    cites: &[cite("TR-106 Amendment 1", "3.5 Table 4"), a3("Table 34")],
    demands: "Every Inform of a Device:1 has, beside what each root asks for, DeviceSummary and, if the device has it, LAN.IPAddress.",
    why: "DeviceSummary tells the ACS which services and profiles the device has, LAN.IPAddress which address it has behind the gateway. \
          Without one of them a template does not match, or a support desk looks for the phone in vain.",
    mend_cpe: "Put both into every Inform, whatever its events.",
    bad: "Inform of a device with Device.LAN.: no Device.LAN.IPAddress",
    good: "Device.LAN.IPAddress = 10.0.0.2",
    related: &["INF-012", "INF-016"],
    wireshark: "xml.cdata contains \"Device.DeviceSummary\"",
    ..Rule::must("INF-013", "forced-inform-device-1", Scope::Device)
};

const GATEWAY: Rule = Rule {
    blame: CPE,
    cites: &[cite("TR-098 Amendment 1", "2.4.1 Table 3"), a3("Table 34")],
    demands: "Every Inform of an InternetGatewayDevice:1 has, beside what each root asks for, DeviceSummary, SpecVersion, ProvisioningCode and, \
              if it has a WAN connection, ExternalIPAddress of the default one.",
    why: "ProvisioningCode and the WAN address choose the service that a line is given; an ACS that misses them in the Inform assigns the \
          default profile or refuses the device.",
    mend_cpe: "Put all of them into every Inform, whatever its events.",
    bad: "Inform without InternetGatewayDevice.DeviceInfo.ProvisioningCode",
    good: "InternetGatewayDevice.DeviceInfo.ProvisioningCode = (empty, but there)",
    related: &["INF-012", "INF-032"],
    wireshark: "xml.cdata contains \"InternetGatewayDevice.DeviceInfo\"",
    ..Rule::must("INF-014", "forced-inform-gateway", Scope::Device)
};

const SECOND: Rule = Rule {
    blame: CPE,
    cites: &[cite("TR-181 Issue 2", "Device"), a3("Table 34")],
    demands: "Every Inform of a Device:2 has, beside what each root asks for, ProvisioningCode and, where the device has them, \
              RootDataModelVersion (2.4 and later) and AliasBasedAddressing (2.3 and later).",
    why: "RootDataModelVersion is how the ACS tells a Device:2 from a Device:1. Without it the ACS asks for the wrong tree and gets 9005 for \
          each name.",
    mend_cpe: "Put all of them into every Inform, whatever its events.",
    bad: "Inform: Device.IP.Interface.1.IPv4Address.1.IPAddress, no Device.RootDataModelVersion",
    good: "Device.RootDataModelVersion = 2.11",
    related: &["INF-012", "INF-016", "INF-035"],
    wireshark: "xml.cdata contains \"Device.RootDataModelVersion\"",
    ..Rule::must("INF-015", "forced-inform-device-2", Scope::Device)
};

const SUMMARY: Rule = Rule {
    blame: CPE,
    cites: &[cite("TR-181 Issue 2", "Device")],
    demands: "DeviceSummary belongs to Device:1; a Device:2 has none.",
    why: "An ACS takes whichever it looks at first and believes in the wrong data model. Firmware made of an older one often keeps the \
          parameter.",
    mend_cpe: "Leave DeviceSummary out of a Device:2 tree.",
    bad: "Device.DeviceSummary = Device:1.0[] (Baseline:1)\nDevice.RootDataModelVersion = 2.11",
    good: "Device.RootDataModelVersion = 2.11",
    related: &["INF-013", "INF-015"],
    wireshark: "xml.cdata contains \"Device.DeviceSummary\"",
    ..Rule::heuristic("INF-016", "device-summary-in-device-2", Scope::Device)
};

/// What the device has shown of its data model.
#[derive(Debug, Default)]
pub struct Forced {
    /// Names of [`NAMES`] that it has told, a bit each.
    proven: u16,
    /// It has told objects that Device:2 alone has.
    second: bool,
    /// It has told DeviceSummary or RootDataModelVersion in an Inform; the latest decides.
    root: Option<Root>,
}

impl Topic for Forced {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(informed) = informed_of(seen) else {
            return;
        };
        let inform = informed.inform;
        // A heartbeat carries what it likes (TR-069 Amendment 5 section 3.7.1.5).
        if super::events_of(&inform)
            .iter()
            .any(|one| one == "14 HEARTBEAT")
        {
            return;
        }
        let told = Told::of(informed.parameters);
        self.settle(seen, &told, findings);
        // Where the XML breaks off, nobody knows what was to follow.
        let cut = seen.document().is_none_or(is_tangled);
        for (bit, name) in NAMES.iter().enumerate() {
            if !cut && told.names & (1 << bit) == 0 {
                self.missing(seen, &inform, &told, (bit, name), findings);
            }
        }
        self.proven |= told.names;
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, _findings: &mut Findings) {
        let reads = matches!(
            exchange.method(),
            "GetParameterValues" | "GetParameterNames"
        );
        if !reads || exchange.is_fault() || exchange.answer.from() != Side::Cpe {
            return;
        }
        let traits = exchange.answer.parameters.traits();
        for (bit, name) in NAMES.iter().enumerate() {
            if traits.has(name.told_by) {
                self.proven |= 1 << bit;
            }
        }
    }
}

impl Forced {
    /// Which model the device has, as far as it tells.
    fn settle(&mut self, seen: &Seen<'_>, told: &Told, findings: &mut Findings) {
        self.second |= told.second;
        if told.root == Some(Root::InternetGatewayDevice1) {
            self.root = told.root;
            return;
        }
        let has = |name: usize| told.names & (1 << name) != 0;
        let (summary, version) = (has(SUMMARY_BIT), has(VERSION_BIT));
        if summary && (version || self.second) {
            let beside = if version {
                "RootDataModelVersion"
            } else {
                "objects of Device:2"
            };
            let draft = seen.breaks(&SUMMARY).path("Device.DeviceSummary");
            findings.add(draft.because(format!("DeviceSummary stands beside {beside}")));
            self.root = Some(Root::DeviceUnknown);
        } else if summary {
            self.root = Some(Root::Device1);
        } else if version || self.second {
            self.root = Some(Root::Device2);
        } else if self
            .root
            .is_none_or(|root| root == Root::InternetGatewayDevice1)
        {
            self.root = told.root;
        }
    }

    fn missing(
        &self,
        seen: &Seen<'_>,
        inform: &Inform<'_>,
        told: &Told,
        (bit, name): (usize, &Name),
        findings: &mut Findings,
    ) {
        let root = self.root.unwrap_or(Root::DeviceUnknown);
        if !wants(root, bit) {
            return;
        }
        let proven = self.proven & (1 << bit) != 0;
        let severity = match name.need {
            Need::Baseline => Severity::Error,
            Need::Usual if proven => Severity::Error,
            Need::Usual => Severity::Warning,
            Need::IfShown if proven && bit == CONNECTION_BIT => Severity::Warning,
            Need::IfShown if proven => Severity::Error,
            Need::IfShown => return,
        };
        let common = wants(Root::InternetGatewayDevice1, bit) && wants(Root::DeviceUnknown, bit);
        let rule = match root {
            _ if common => &ANY,
            Root::InternetGatewayDevice1 => &GATEWAY,
            Root::Device1 => &FIRST,
            Root::Device2 => &SECOND,
            Root::DeviceUnknown => &ANY,
        };
        let list = inform.element().child("ParameterList");
        let draft = match list {
            Some(list) => seen.breaks_at(rule, list),
            None => seen.breaks(rule),
        };
        let full = format!("{}.{}", root.name(), name.path);
        let said = match told.root {
            _ if bit == CONNECTION_BIT => {
                "ParameterList has no ExternalIPAddress of a WAN connection".to_owned()
            }
            Some(_) => format!("{full} is missing from ParameterList"),
            None => format!("ParameterList has no {}", name.path),
        };
        findings.add(draft.path(&full).at_most(severity).because(said));
    }
}

/// What one Inform tells of the model.
#[derive(Debug, Default)]
struct Told {
    names: u16,
    root: Option<Root>,
    second: bool,
}

impl Told {
    fn of(parameters: &[Parameter<'_>]) -> Self {
        let mut told = Self::default();
        for parameter in parameters {
            let name = parameter.name();
            let Some((_, path)) = name.split_once('.') else {
                continue;
            };
            told.root = told.root.or_else(|| Root::of_path(name));
            let known = NAMES.iter().position(|one| one.is(path));
            if let Some(bit) = known {
                told.names |= 1 << bit;
            } else {
                told.second |= parameter.has(Traits::SECOND);
            }
        }
        told
    }
}

/// One parameter, without its root.
struct Name {
    path: &'static str,
    /// Names that show that the device has it.
    told_by: Traits,
    need: Need,
}

/// When its absence is a breach.
#[derive(Clone, Copy)]
enum Need {
    /// The baseline profile of each root that forces it has it.
    Baseline,
    /// A breach for certain if the device has shown it.
    Usual,
    /// Only if the device has shown it.
    IfShown,
}

impl Name {
    fn is(&self, path: &str) -> bool {
        if self.path == CONNECTION {
            return path.starts_with("WANDevice.") && path.ends_with(".ExternalIPAddress");
        }
        self.path == path
    }
}

/// Whether a root forces a parameter into the Inform; of a root that is not known, whether both do.
fn wants(root: Root, bit: usize) -> bool {
    static WANTED: OnceLock<[u16; 3]> = OnceLock::new();
    let [gateway, first, second] = WANTED.get_or_init(|| {
        [Root::InternetGatewayDevice1, Root::Device1, Root::Device2].map(forced_by)
    });
    let wanted = match root {
        Root::InternetGatewayDevice1 => *gateway,
        Root::Device1 => *first,
        Root::Device2 => *second,
        Root::DeviceUnknown => *first & *second,
    };
    wanted & (1 << bit) != 0
}

/// What the standard model of a root forces, as bits of [`NAMES`].
fn forced_by(root: Root) -> u16 {
    let forced = standard(root).parameters().filter(|parameter| {
        let mut editions = parameter.editions().iter();
        editions.any(|edition| edition.facts.forced_inform != ForcedInform::No)
    });
    let mut bits = 0;
    for parameter in forced {
        let path = parameter.path();
        let path = path.split_once('.').map_or("", |(_, path)| path);
        if let Some(bit) = NAMES.iter().position(|name| name.is(path)) {
            bits |= 1 << bit;
        }
    }
    bits
}

const fn name(path: &'static str, told_by: Traits, need: Need) -> Name {
    Name {
        path,
        told_by,
        need,
    }
}

const SUMMARY_BIT: usize = 0;
const VERSION_BIT: usize = 1;
const CONNECTION_BIT: usize = 2;
const CONNECTION: &str =
    "WANDevice.{i}.WANConnectionDevice.{i}.WANIPConnection.{i}.ExternalIPAddress";
/// What some root forces into the Inform.
const NAMES: [Name; 11] = [
    // InternetGatewayDevice:1.0 had none.
    name("DeviceSummary", Traits::SUMMARY, Need::Usual),
    name("RootDataModelVersion", Traits::ROOT_VERSION, Need::IfShown),
    // Of any one connection: which is the default is seldom known.
    name(CONNECTION, Traits::EXTERNAL_ADDRESS, Need::IfShown),
    name("DeviceInfo.SpecVersion", Traits::SPEC_VERSION, Need::Usual),
    name(
        "DeviceInfo.HardwareVersion",
        Traits::HARDWARE_VERSION,
        Need::Usual,
    ),
    name(
        "DeviceInfo.SoftwareVersion",
        Traits::SOFTWARE_VERSION,
        Need::Usual,
    ),
    name(
        "DeviceInfo.ProvisioningCode",
        Traits::PROVISIONING_CODE,
        Need::Usual,
    ),
    name(
        "ManagementServer.ConnectionRequestURL",
        Traits::REQUEST_URL,
        Need::Baseline,
    ),
    name(
        "ManagementServer.ParameterKey",
        Traits::PARAMETER_KEY,
        Need::Baseline,
    ),
    name(
        "ManagementServer.AliasBasedAddressing",
        Traits::ALIAS_BASED,
        Need::IfShown,
    ),
    name("LAN.IPAddress", Traits::LAN_ADDRESS, Need::IfShown),
];
