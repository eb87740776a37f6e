//! The pages of the rules on attributes of parameters.

use crate::conformance::rule::{a3, cite};
use crate::conformance::{Rule, Scope};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &KEPT, &LAST, &DENIED, &AT_FIRST, &NOTHING, &READ_ONLY, &FORCED, &ENTITY, &THEN_ONLY, &REBOOT,
    &INHERITED, &NEW,
];

/// What was set is read back.
pub(super) const KEPT: Rule = Rule {
    versions: "all but Issue 1",
    cites: &[a3("A.3.2.4")],
    demands: "After SetParameterAttributesResponse GetParameterAttributes shows what was set.",
    why: "The ACS believes to be told of changes, and never is: a new address of the line or a failed registration shows up days \
          later, when a customer calls.",
    mend_cpe: "Store each attribute whose Change flag is true before the response is sent.",
    bad: "SetParameterAttributes Notification 2 -> response\nGetParameterAttributes -> Notification 0",
    good: "SetParameterAttributes Notification 2 -> response\nGetParameterAttributes -> Notification 2",
    related: &["CWMP-SPA-005", "CWMP-SPA-014"],
    wireshark: "xml.tag contains \"GetParameterAttributesResponse\"",
    ..Rule::must("CWMP-SPA-004", "attributes-read-back", Scope::Session)
};

/// The last entry of a request counts.
pub(super) const LAST: Rule = Rule {
    versions: "all but Issue 1",
    cites: &[a3("A.3.2.4")],
    demands: "Where several entries of one SetParameterAttributes cover a parameter, the last one counts.",
    why: "An ACS switches a whole branch off and one parameter of it on in the same request: in another order nothing is on, and \
          the one change it waits for is never told.",
    mend_cpe: "Apply the entries in the order of the list.",
    bad: "Device.DeviceInfo. = 0, Device.DeviceInfo.ProvisioningCode = 2\n-> Notification 0",
    good: "Device.DeviceInfo. = 0, Device.DeviceInfo.ProvisioningCode = 2\n-> Notification 2",
    related: &["CWMP-SPA-004"],
    wireshark: "xml.tag contains \"SetParameterAttributes>\"",
    ..Rule::must("CWMP-SPA-005", "last-attribute-counts", Scope::Session)
};

/// 9009 refuses active notification where the model allows it.
pub(super) const DENIED: Rule = Rule {
    versions: "1.1 and later",
    cites: &[a3("A.3.2.4"), cite("TR-106 Amendment 1", "3.6")],
    demands: "9009 answers SetParameterAttributes only where it asks for active notification of a parameter for which the data model \
              lets the device refuse it.",
    why: "The ACS gives up on notifications for this model of device and polls instead: each device then calls every few minutes.",
    mend_cpe: "Accept passive notification of everything, and active notification of all that the data model does not mark.",
    bad: "Device.DeviceInfo.ProvisioningCode, Notification 1 -> <FaultCode>9009</FaultCode>",
    good: "Device.DeviceInfo.ProvisioningCode, Notification 1 -> <cwmp:SetParameterAttributesResponse/>",
    related: &["FLT-019", "CWMP-SPA-011"],
    wireshark: "xml.cdata == \"9009\"",
    ..Rule::must(
        "CWMP-SPA-006",
        "notification-wrongly-denied",
        Scope::Exchange,
    )
};

/// Nothing is on before the ACS asks.
pub(super) const AT_FIRST: Rule = Rule {
    versions: "all but Issue 1",
    severity: Some(crate::session::Severity::Info),
    cites: &[a3("A.3.2.4")],
    demands: "Until an ACS sets it, Notification of a parameter is off, unless the data model says otherwise.",
    why: "A device that tells of what nobody asked for calls at each change of a counter: some thousand of them keep an ACS busy \
          with nothing.",
    mend_cpe: "Ship the device with Notification 0 wherever the data model does not force it on.",
    bad: "0 BOOTSTRAP\nGetParameterAttributes Device.DeviceInfo.UpTime -> Notification 1",
    good: "0 BOOTSTRAP\nGetParameterAttributes Device.DeviceInfo.UpTime -> Notification 0",
    related: &["CWMP-ADD-009"],
    wireshark: "xml.tag contains \"GetParameterAttributesResponse\"",
    ..Rule::should("CWMP-SPA-008", "notification-off-at-first", Scope::Session)
};

/// A refused request sets nothing.
pub(super) const NOTHING: Rule = Rule {
    versions: "all but Issue 1",
    cites: &[a3("A.3.2.4")],
    demands: "A SetParameterAttributes that is answered with a fault sets no attribute at all.",
    why: "The ACS repeats the request without the name that was refused, or drops it: what the device set all the same, nobody \
          knows of.",
    mend_cpe: "Check all entries before the first is applied.",
    bad: "Notification 0\nSetParameterAttributes 2 -> 9005\nNotification 2",
    good: "Notification 0\nSetParameterAttributes 2 -> 9005\nNotification 0",
    related: &["CWMP-SPA-004"],
    wireshark: "xml.tag contains \"SetParameterAttributes>\"",
    ..Rule::must(
        "CWMP-SPA-009",
        "refused-attributes-set-nothing",
        Scope::Session,
    )
};

/// Read-only parameters have an AccessList too.
pub(super) const READ_ONLY: Rule = Rule {
    versions: "1.1 and later",
    cites: &[a3("A.3.2.4")],
    demands: "A change of AccessList is accepted for a parameter that the ACS cannot set.",
    why: "An ACS that locks a branch names all of its parameters: the read-only ones make the whole request fail, and the user \
          keeps the right to change the rest.",
    mend_cpe: "Do not look at Writable when attributes are set.",
    bad: "Device.DeviceInfo.UpTime, AccessListChange 1 -> <FaultCode>9008</FaultCode>",
    good: "Device.DeviceInfo.UpTime, AccessListChange 1 -> <cwmp:SetParameterAttributesResponse/>",
    wireshark: "xml.tag contains \"AccessListChange\"",
    ..Rule::must(
        "CWMP-SPA-010",
        "access-list-of-read-only-parameter",
        Scope::Exchange,
    )
};

/// Notification that cannot be switched off is ignored, not refused.
pub(super) const FORCED: Rule = Rule {
    versions: "1.1 and later",
    cites: &[a3("A.3.2.4")],
    demands: "Another Notification for a parameter whose active notification is always on is ignored, not refused.",
    why: "An ACS that sets a whole branch to passive loses all of it for the one parameter that cannot be changed.",
    mend_cpe: "Answer with success and leave the notification on.",
    bad: "Device.DeviceInfo.SoftwareVersion, Notification 0 -> <FaultCode>9009</FaultCode>",
    good: "Device.DeviceInfo.SoftwareVersion, Notification 0 -> <cwmp:SetParameterAttributesResponse/>",
    related: &["CWMP-SPA-006"],
    wireshark: "xml.cdata == \"9009\"",
    ..Rule::must(
        "CWMP-SPA-011",
        "forced-notification-ignored",
        Scope::Exchange,
    )
};

/// Entities that the device does not know are ignored.
pub(super) const ENTITY: Rule = Rule {
    versions: "1.1 and later",
    cites: &[a3("A.3.2.4")],
    demands: "An entity of AccessList that the device does not know is ignored, not refused.",
    why: "An ACS that serves several makes of device sends one list to all of them: the others stay unlocked.",
    mend_cpe: "Pass over names that begin with `X_` and are not yours.",
    bad: "<AccessList><string>X_ACME_User</string></AccessList> -> <FaultCode>9003</FaultCode>",
    good: "<AccessList><string>X_ACME_User</string></AccessList> -> <cwmp:SetParameterAttributesResponse/>",
    related: &["CWMP-SPA-003"],
    wireshark: "xml.cdata contains \"X_\" && xml.tag contains \"AccessList\"",
    ..Rule::must("CWMP-SPA-012", "unknown-entity-ignored", Scope::Exchange)
};

/// A partial path covers what exists when it is set.
pub(super) const THEN_ONLY: Rule = Rule {
    versions: "1.1 and later",
    cites: &[a3("A.3.2.4"), a3("A.3.2.6")],
    demands: "Attributes set for a partial path hold for the instances that exist then, not for those added later.",
    why: "The device reports changes of instances that the ACS never subscribed to, and calls for each of them.",
    mend_cpe: "Store attributes with the parameters, not with the path they were set by.",
    bad: "Device.NAT. = 2\nAddObject -> 3\nPortMapping.3.Enable: Notification 2",
    good: "Device.NAT. = 2\nAddObject -> 3\nPortMapping.3.Enable: Notification 0",
    related: &["CWMP-ADD-009"],
    wireshark: "xml.tag contains \"AddObject\" || xml.tag contains \"GetParameterAttributesResponse\"",
    ..Rule::must(
        "CWMP-SPA-013",
        "attributes-of-later-instances",
        Scope::Device,
    )
};

/// Attributes survive a reboot.
pub(super) const REBOOT: Rule = Rule {
    versions: "all but Issue 1",
    cites: &[a3("A.3.2.4")],
    demands: "Attributes keep their values over reboots, and nobody but the ACS changes them.",
    why: "After a power cut all notifications are off and the ACS does not know: changes are no longer told, though everything \
          looks well.",
    mend_cpe: "Keep attributes in non-volatile memory.",
    bad: "Notification 2\n1 BOOT\nNotification 0",
    good: "Notification 2\n1 BOOT\nNotification 2",
    related: &["CWMP-SPA-004"],
    wireshark: "xml.tag contains \"GetParameterAttributesResponse\"",
    ..Rule::must("CWMP-SPA-014", "attributes-survive-reboots", Scope::Device)
};

/// Attributes go with the instance.
pub(super) const INHERITED: Rule = Rule {
    versions: "1.2 and later",
    cites: &[a3("A.3.2.4")],
    demands: "Attributes go with a deleted instance: one that gets its number later has those of a new instance.",
    why: "The device reports changes of an instance that the ACS has just made and not subscribed to.",
    mend_cpe: "Delete the attributes with the instance.",
    bad: "PortMapping.1.Enable: Notification 2\nDeleteObject PortMapping.1.\nAddObject -> 1\nPortMapping.1.Enable: Notification 2",
    good: "PortMapping.1.Enable: Notification 2\nDeleteObject PortMapping.1.\nAddObject -> 1\nPortMapping.1.Enable: Notification 0",
    related: &["CWMP-ADD-009"],
    wireshark: "xml.tag contains \"DeleteObject\" || xml.tag contains \"AddObject\"",
    ..Rule::must(
        "CWMP-SPA-015",
        "attributes-go-with-the-instance",
        Scope::Device,
    )
};

/// A new instance has the attributes of the data model.
pub(super) const NEW: Rule = Rule {
    versions: "all but Issue 1",
    cites: &[a3("A.3.2.6")],
    demands: "The parameters of an instance that AddObject made have Notification off, or what the data model has, and an AccessList with \
              all entities.",
    why: "The device calls for each change of an instance that nobody watches, or keeps the user from settings that nobody locked.",
    mend_cpe: "Give new instances Notification 0 and the AccessList `Subscriber`.",
    bad: "AddObject Device.NAT.PortMapping. -> 3\nPortMapping.3.Enable: Notification 1",
    good: "AddObject Device.NAT.PortMapping. -> 3\nPortMapping.3.Enable: Notification 0",
    related: &["CWMP-SPA-013", "CWMP-SPA-015"],
    wireshark: "xml.tag contains \"GetParameterAttributesResponse\"",
    ..Rule::must(
        "CWMP-ADD-009",
        "attributes-of-a-new-instance",
        Scope::Session,
    )
};
