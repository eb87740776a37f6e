//! The pages of the rules about values that change, or do not, between Informs.

use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::{Rule, Scope};
use crate::session::Severity;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &ONLY_CHANGED,
    &UNTOLD,
    &NOTHING_CHANGED,
    &GATEWAY,
    &PASSIVE,
    &SECOND,
];

pub(super) const ONLY_CHANGED: Rule = Rule {
    blame: CPE,
    versions: "all but Issue 1",
    cites: &[a3("Table 34")],
    demands: "With 4 VALUE CHANGE, ParameterList has the parameters of every Inform, and those with notification that changed; no others.",
    why: "The ACS takes every parameter in the list for a change that somebody made at the phone. It starts its reaction (a ticket, \
          provisioning again) for values that nobody asked to be told of.",
    mend_cpe: "List a parameter with 4 VALUE CHANGE only if its Notification is on.",
    bad: "SetParameterAttributes: Device.Time.LocalTimeZone, Notification 0\nInform 4 VALUE CHANGE: Device.Time.LocalTimeZone",
    good: "SetParameterAttributes: Device.Time.LocalTimeZone, Notification 2\nInform 4 VALUE CHANGE: Device.Time.LocalTimeZone",
    related: &["INF-020", "INF-033"],
    wireshark: "xml.cdata contains \"4 VALUE CHANGE\"",
    ..Rule::must("INF-019", "value-change-lists-only-changes", Scope::Device)
};

pub(super) const UNTOLD: Rule = Rule {
    blame: CPE,
    severity: Some(Severity::Warning),
    cites: &[a3("Table 34"), a3("Table 7")],
    demands: "An Inform whose ParameterList has a value that changed since the last successful Inform, and not by the ACS, has \
              4 VALUE CHANGE.",
    why: "An ACS reads ParameterList for changes only when the event says that there are some. A new address or version that comes with \
          2 PERIODIC alone stays unnoticed.",
    mend_cpe: "Compare each value of the list with that of the last Inform that was answered, and add 4 VALUE CHANGE.",
    bad: "Inform 2 PERIODIC  Device.LAN.IPAddress = 10.0.0.2\nInform 2 PERIODIC  Device.LAN.IPAddress = 10.0.0.9",
    good: "Inform 2 PERIODIC  Device.LAN.IPAddress = 10.0.0.2\nInform 2 PERIODIC, 4 VALUE CHANGE  Device.LAN.IPAddress = 10.0.0.9",
    related: &["INF-032", "INF-035", "CR-021"],
    wireshark: "xml.tag contains \":Inform\"",
    of_absence: true,
    ..Rule::heuristic("INF-020", "change-without-value-change", Scope::Device)
};

pub(super) const NOTHING_CHANGED: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 34"), a3("Table 7")],
    demands: "4 VALUE CHANGE comes only if something has changed.",
    why: "A device that sends the event each time, with the same values, opens sessions for nothing and hides the one that counts. One \
          such Inform proves nothing: the value may have changed and returned.",
    mend_cpe: "Clear the flag when the Inform is answered; compare new values with old ones before setting it.",
    bad: "Inform 4 VALUE CHANGE  Device.LAN.IPAddress = 10.0.0.2\nInform 4 VALUE CHANGE  Device.LAN.IPAddress = 10.0.0.2",
    good: "Inform 4 VALUE CHANGE  Device.LAN.IPAddress = 10.0.0.2\nInform 2 PERIODIC  Device.LAN.IPAddress = 10.0.0.2",
    related: &["INF-020"],
    wireshark: "xml.cdata contains \"4 VALUE CHANGE\"",
    ..Rule::heuristic("INF-021", "value-change-of-nothing", Scope::Device)
};

pub(super) const GATEWAY: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: CPE,
    cites: &[cite("TR-098 Amendment 1", "2.4.1 Table 4"), a3("Table 22")],
    demands: "A gateway tells each change of SoftwareVersion, ProvisioningCode and ExternalIPAddress of the default WAN connection with \
              4 VALUE CHANGE, whatever notification is set.",
    why: "After a line reconnects the ACS keeps the old WAN address: support tools and Connection Requests go to another customer's line \
          until the next periodic Inform is read by somebody.",
    mend_cpe: "Treat these parameters as actively notified always; refuse to switch it off.",
    bad: "Inform 2 PERIODIC  ...WANPPPConnection.1.ExternalIPAddress = 198.51.100.7\nInform 2 PERIODIC  ...ExternalIPAddress = 198.51.100.9",
    good: "Inform 4 VALUE CHANGE  ...WANPPPConnection.1.ExternalIPAddress = 198.51.100.9",
    related: &["INF-020", "CR-021"],
    wireshark: "xml.cdata contains \"ExternalIPAddress\"",
    of_absence: true,
    ..Rule::must("INF-032", "gateway-forced-notification", Scope::Device)
};

pub(super) const PASSIVE: Rule = Rule {
    blame: CPE,
    cites: &[
        a3("Table 34"),
        a3("Table 22"),
        cite("TR-069 Amendment 2", "Table 34"),
    ],
    demands: "A parameter with passive or active notification that changed otherwise than by the ACS is in the following Informs until one \
              succeeds.",
    why: "The operator has switched notification on and relies on it: a setting that a user changed at the phone stays unknown, and is \
          overwritten without a word at the next provisioning.",
    mend_cpe: "Queue changes of parameters with Notification 1 or 2, and empty the queue only on InformResponse.",
    bad: "SetParameterAttributes: Device.Time.LocalTimeZone, Notification 1\n(read: CET, later read: GMT)\nInform 2 PERIODIC, without LocalTimeZone",
    good: "Inform 2 PERIODIC, 4 VALUE CHANGE  Device.Time.LocalTimeZone = GMT",
    related: &["INF-019", "INF-020"],
    wireshark: "xml.tag contains \":SetParameterAttributes\"",
    of_absence: true,
    ..Rule::must("INF-033", "notified-change-not-listed", Scope::Device)
};

pub(super) const SECOND: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: CPE,
    cites: &[
        cite("TR-181 Issue 2", "DeviceInfo.SoftwareVersion"),
        cite("TR-181 Issue 2", "DeviceInfo.ProvisioningCode"),
        a3("Table 22"),
    ],
    demands: "A Device:2 tells each change of SoftwareVersion and ProvisioningCode with 4 VALUE CHANGE, whatever notification is set.",
    why: "ProvisioningCode chooses the service. Where DHCP or a user changes it and the ACS is not told, the phone runs with the old \
          service and the new code.",
    mend_cpe: "Treat both as actively notified always; refuse to switch it off.",
    bad: "Inform 2 PERIODIC  Device.DeviceInfo.ProvisioningCode = A\nInform 2 PERIODIC  Device.DeviceInfo.ProvisioningCode = B",
    good: "Inform 4 VALUE CHANGE  Device.DeviceInfo.ProvisioningCode = B",
    related: &["INF-020"],
    wireshark: "xml.cdata contains \"DeviceInfo.ProvisioningCode\"",
    of_absence: true,
    ..Rule::must("INF-035", "device-2-forced-notification", Scope::Device)
};
