//! The RPCs on parameters and objects, message by message: what one message alone shows to be wrong.
//!
//! Order, lengths and listed values are found by the walk of `soap::shape`, which tells them under the codes below; the
//! looks here find the rest.

mod methods;

use std::collections::HashSet;

use cwmp::Element;
use cwmp::schema::Version;

use crate::conformance::rule::{ACS, a3, cite};
use crate::conformance::{Exchange, Findings, Rule, Scope, Seen, Traits};
use crate::session::{Severity, Side};

pub(super) use methods::RULES as METHODS;
pub(in crate::conformance::rules) use methods::{GRM_SHAPE, is_entity};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &ADD_NAME,
    &ADD_ANSWER,
    &DEL_NAME,
    &DEL_ANSWER,
    &GPA_NAMES,
    &GPA_NOTIFICATION,
    &GPV_NAMES,
    &GPV_PARTIAL,
    &GPV_FULL,
    &SPA_SHAPE,
    &SPA_NOTIFICATION,
    &SPA_ACCESS,
    &SPV_TWICE,
    &SPV_NAMES,
    &SPV_KEY,
    &SPV_ANSWER,
    &SPV_EMPTY,
];

/// AddObject names a table: a path with a dot at its end and no instance number.
const ADD_NAME: Rule = Rule {
    blame: ACS,
    cites: &[a3("A.3.2.6"), cite("cwmp-1-2.xsd", "ObjectNameType")],
    demands: "ObjectName of AddObject is the path of a table: it ends with a dot, and its last part is no \
          instance number.",
    why: "The device answers 9005 or 9003 and the ACS logs a provisioning error although the table exists; a \
          forgotten dot is the usual cause.",
    mend_acs: "Append the dot to the table's path, and leave out the number that the device has yet to choose.",
    bad: "<ObjectName>Device.NAT.PortMapping</ObjectName>",
    good: "<ObjectName>Device.NAT.PortMapping.</ObjectName>",
    related: &["CWMP-DEL-001"],
    wireshark: "xml.tag contains \"AddObject>\"",
    ..Rule::must("CWMP-ADD-001", "add-object-names-a-table", Scope::Message)
};

/// AddObjectResponse gives a number from 1 on and Status 0 or 1.
pub(in crate::conformance::rules) const ADD_ANSWER: Rule = Rule {
    cites: &[a3("A.3.2.6")],
    demands: "InstanceNumber of AddObjectResponse is at least 1, and Status is 0 or 1.",
    why: "The ACS builds the path of the new instance from this number: `Table.0.` addresses nothing, so \
          every write that follows is answered with 9005.",
    mend_cpe: "Number instances from 1; report an addition that failed by a fault, not by a Status.",
    bad: "<InstanceNumber>0</InstanceNumber>\n<Status>0</Status>",
    good: "<InstanceNumber>1</InstanceNumber>\n<Status>0</Status>",
    wireshark: "xml.tag contains \"AddObjectResponse\"",
    ..Rule::must("CWMP-ADD-002", "add-object-answer", Scope::Message)
};

/// DeleteObject names one instance.
const DEL_NAME: Rule = Rule {
    blame: ACS,
    cites: &[a3("A.3.2.7")],
    demands: "ObjectName of DeleteObject ends with an instance number and a dot.",
    why: "A path without a number would ask for the whole table: devices answer 9005, and the instance \
          stays; the ACS believes its model and the device keep apart from then on.",
    mend_acs: "Name the instance with its number and the dot behind it.",
    bad: "<ObjectName>Device.NAT.PortMapping.</ObjectName>",
    good: "<ObjectName>Device.NAT.PortMapping.3.</ObjectName>",
    related: &["CWMP-ADD-001"],
    wireshark: "xml.tag contains \"DeleteObject>\"",
    ..Rule::must(
        "CWMP-DEL-001",
        "delete-object-names-an-instance",
        Scope::Message,
    )
};

/// DeleteObjectResponse has Status 0 or 1.
pub(in crate::conformance::rules) const DEL_ANSWER: Rule = Rule {
    cites: &[a3("A.3.2.7")],
    demands: "Status of DeleteObjectResponse is 0 or 1.",
    why: "Another number tells the ACS neither that the instance is gone nor that it goes with the next \
          reboot; many treat it as a failure and delete again.",
    mend_cpe: "Answer 0 when the instance is gone, 1 when it goes with a reboot, and a fault when it stays.",
    bad: "<Status>2</Status>",
    good: "<Status>0</Status>",
    wireshark: "xml.tag contains \"DeleteObjectResponse\"",
    ..Rule::must("CWMP-DEL-004", "delete-object-status", Scope::Message)
};

/// GetParameterAttributesResponse names parameters, never objects.
const GPA_NAMES: Rule = Rule {
    cites: &[a3("A.3.2.5")],
    demands: "Each Name in GetParameterAttributesResponse is the full name of a parameter.",
    why: "Attributes belong to parameters: an ACS that stores them by name keeps an entry no parameter \
          answers to, and its view of the notifications is wrong.",
    mend_cpe: "List the parameters below a partial path one by one.",
    bad: "<Name>Device.DeviceInfo.</Name>",
    good: "<Name>Device.DeviceInfo.SoftwareVersion</Name>",
    related: &["CWMP-GPV-005"],
    wireshark: "xml.tag contains \"GetParameterAttributesResponse\"",
    ..Rule::must("CWMP-GPA-001", "attributes-of-full-names", Scope::Message)
};

/// A reported Notification is one of those its version has.
pub(in crate::conformance::rules) const GPA_NOTIFICATION: Rule = Rule {
    cites: &[a3("A.3.2.5"), cite("cwmp-1-4.xsd", "Notification")],
    demands: "Notification in GetParameterAttributesResponse is 0, 1 or 2, and from CWMP 1.4 on at most 6.",
    why: "The ACS cannot tell whether the device will report a change of the parameter, and a validating one \
          drops the whole answer.",
    mend_cpe: "Report 0 (off), 1 (passive) or 2 (active).",
    bad: "<Notification>9</Notification>",
    good: "<Notification>2</Notification>",
    related: &["CWMP-SPA-002"],
    ..Rule::must("CWMP-GPA-003", "notification-reported", Scope::Message)
};

/// ParameterNames has a member, and none is too long.
pub(in crate::conformance::rules) const GPV_NAMES: Rule = Rule {
    blame: ACS,
    cites: &[a3("A.3.2.2"), cite("cwmp-1-2.xsd", "ParameterNames")],
    demands: "ParameterNames of GetParameterValues has at least one member, and each has at most 256 characters.",
    why: "An empty list asks for nothing: devices answer with an empty list, with everything they have, or \
          with 9003, and the ACS waits for values that do not come.",
    mend_acs: "Ask for at least one name; the empty string asks for everything.",
    bad: "<ParameterNames soapenc:arrayType=\"xsd:string[0]\"/>",
    good: "<ParameterNames soapenc:arrayType=\"xsd:string[1]\">\n  \
          <string>Device.</string>\n</ParameterNames>",
    wireshark: "xml.attribute contains \"string[0]\"",
    ..Rule::must("CWMP-GPV-001", "parameter-names-asked-for", Scope::Message)
};

/// A partial path ends with a dot.
const GPV_PARTIAL: Rule = Rule {
    blame: ACS,
    cites: &[a3("A.3.2.2")],
    demands: "The name of an object in GetParameterValues ends with a dot; without it, it is the name of a \
          parameter.",
    why: "The device has no parameter of that name and answers 9005 for the whole request, all other names \
          in it included.",
    mend_acs: "Append the dot to the paths of objects and instances.",
    bad: "<string>Device.DeviceInfo</string>",
    good: "<string>Device.DeviceInfo.</string>",
    wireshark: "xml.cdata == \"Device.DeviceInfo\" || xml.cdata == \"Device.ManagementServer\"",
    ..Rule::must(
        "CWMP-GPV-002",
        "object-asked-for-without-dot",
        Scope::Message,
    )
};

/// GetParameterValuesResponse names parameters, never objects.
const GPV_FULL: Rule = Rule {
    cites: &[a3("A.3.2.2")],
    demands: "Each Name in GetParameterValuesResponse is the full name of a parameter, without a dot at its end.",
    why: "An object has no value: the ACS stores an entry that no parameter answers to, and a later write to \
          it fails with 9005.",
    mend_cpe: "List the parameters below a partial path, and leave the objects themselves out.",
    bad: "<Name>Device.DeviceInfo.</Name>\n<Value xsi:type=\"xsd:string\"></Value>",
    good: "<Name>Device.DeviceInfo.SoftwareVersion</Name>\n<Value xsi:type=\"xsd:string\">2.5.1</Value>",
    related: &["CWMP-GPA-001"],
    wireshark: "xml.tag contains \"GetParameterValuesResponse\"",
    ..Rule::must("CWMP-GPV-005", "values-of-full-names", Scope::Message)
};

/// SetParameterAttributesStruct has all five members.
pub(in crate::conformance::rules) const SPA_SHAPE: Rule = Rule {
    blame: ACS,
    cites: &[
        a3("A.3.2.4"),
        cite("cwmp-1-2.xsd", "SetParameterAttributesStruct"),
    ],
    demands: "SetParameterAttributesStruct has Name, NotificationChange, Notification, AccessListChange and \
          AccessList, in this order, also where a change is not asked for.",
    why: "Devices answer 9003 to the whole request, so that no notification is set: the ACS then never hears \
          of changes it subscribed to.",
    mend_acs: "Write all five members; the two Change flags say which of them count.",
    bad: "<Name>Device.X</Name>\n<NotificationChange>1</NotificationChange>\n<Notification>2</Notification>",
    good: "<Name>Device.X</Name>\n<NotificationChange>1</NotificationChange>\n<Notification>2</Notification>\n<AccessListChange>0</AccessListChange>\n<AccessList \
          soapenc:arrayType=\"xsd:string[0]\"/>",
    wireshark: "xml.tag contains \"SetParameterAttributesStruct\"",
    ..Rule::must("CWMP-SPA-001", "attribute-struct-complete", Scope::Message)
};

/// Notification is 0, 1 or 2; CWMP 1.4 has more.
pub(in crate::conformance::rules) const SPA_NOTIFICATION: Rule = Rule {
    blame: ACS,
    cites: &[a3("A.3.2.4"), cite("cwmp-1-4.xsd", "Notification")],
    demands: "Notification in SetParameterAttributes is 0, 1 or 2; the values 3 to 6 need a device that \
          announced CWMP 1.4.",
    why: "The device answers 9003 for the whole request, also where NotificationChange is false, and none of \
          its notifications is set.",
    mend_acs: "Send 0, 1 or 2, unless SupportedCWMPVersions of the Inform names 1.4.",
    bad: "<Notification>7</Notification>",
    good: "<Notification>2</Notification>",
    related: &["CWMP-GPA-003"],
    wireshark: "xml.tag contains \"<Notification\"",
    ..Rule::must("CWMP-SPA-002", "notification-asked-for", Scope::Message)
};

/// AccessList names Subscriber or a vendor's entity.
pub(in crate::conformance::rules) const SPA_ACCESS: Rule = Rule {
    blame: ACS,
    cites: &[a3("A.3.2.4")],
    demands: "Each member of AccessList is Subscriber or the name of a vendor, X_VENDOR_Name.",
    why: "The device refuses the request with 9003, or takes the unknown name for nobody and locks the user \
          out of the setting.",
    mend_acs: "Write `Subscriber`, or leave the list empty to lock everybody but the ACS out.",
    bad: "<AccessList soapenc:arrayType=\"xsd:string[1]\"><string>LAN</string></AccessList>",
    good: "<AccessList soapenc:arrayType=\"xsd:string[1]\"><string>Subscriber</string></AccessList>",
    wireshark: "xml.tag contains \"AccessList\"",
    ..Rule::must("CWMP-SPA-003", "access-list-entity", Scope::Message)
};

/// No parameter is set twice in one request.
const SPV_TWICE: Rule = Rule {
    blame: ACS,
    cites: &[a3("A.3.2.1")],
    demands: "No name stands twice in the ParameterList of SetParameterValues.",
    why: "A conforming device refuses the whole request with 9003 and changes nothing; another takes the \
          last value, or the first.",
    mend_acs: "Merge the changes before the request is built: the last value of a name wins in the ACS, not on \
          the device.",
    bad: "<Name>Device.X</Name><Value xsi:type=\"xsd:int\">1</Value>\n...\n<Name>Device.X</Name><Value \
          xsi:type=\"xsd:int\">2</Value>",
    good: "<Name>Device.X</Name><Value xsi:type=\"xsd:int\">2</Value>",
    wireshark: "xml.tag contains \"SetParameterValues>\"",
    ..Rule::must("CWMP-SPV-001", "parameter-set-twice", Scope::Message)
};

/// SetParameterValues names parameters.
pub(in crate::conformance::rules) const SPV_NAMES: Rule = Rule {
    blame: ACS,
    cites: &[a3("A.3.2.1")],
    demands: "Each Name in SetParameterValues is the full path of a parameter, without a dot at its end, of at \
          most 256 characters.",
    why: "An object takes no value: the device answers 9003 with 9005 for that name, and nothing of the \
          request is applied.",
    mend_acs: "Name the parameters themselves.",
    bad: "<Name>Device.ManagementServer.</Name>",
    good: "<Name>Device.ManagementServer.URL</Name>",
    wireshark: "xml.tag contains \"SetParameterValues>\"",
    ..Rule::must("CWMP-SPV-002", "values-set-by-full-name", Scope::Message)
};

/// SetParameterValues carries a ParameterKey.
pub(in crate::conformance::rules) const SPV_KEY: Rule = Rule {
    blame: ACS,
    cites: &[a3("A.3.2.1"), cite("cwmp-1-2.xsd", "ParameterKeyType")],
    demands: "SetParameterValues has the argument ParameterKey behind ParameterList, possibly empty, of at most \
          32 characters.",
    why: "Devices answer 9003 for a missing argument, and nothing is set; the error text rarely says which \
          argument it was.",
    mend_acs: "Write `<ParameterKey></ParameterKey>` where no key is kept.",
    bad: "<cwmp:SetParameterValues>\n  <ParameterList ...>...</ParameterList>\n</cwmp:SetParameterValues>",
    good: "<cwmp:SetParameterValues>\n  <ParameterList ...>...</ParameterList>\n  \
          <ParameterKey/>\n</cwmp:SetParameterValues>",
    wireshark: "xml.tag contains \"SetParameterValues>\"",
    ..Rule::must("CWMP-SPV-003", "parameter-key-present", Scope::Message)
};

/// SetParameterValuesResponse has Status 0 or 1.
pub(in crate::conformance::rules) const SPV_ANSWER: Rule = Rule {
    cites: &[a3("A.3.2.1")],
    demands: "Status of SetParameterValuesResponse is 0 or 1.",
    why: "Another number says neither that the values hold now nor that they hold after a reboot; the ACS \
          retries or marks the device as failed.",
    mend_cpe: "Answer 0 when all values hold, 1 when a reboot is needed, and a fault when one was refused.",
    bad: "<Status>2</Status>",
    good: "<Status>0</Status>",
    wireshark: "xml.tag contains \"SetParameterValuesResponse\"",
    ..Rule::must(
        "CWMP-SPV-004",
        "set-parameter-values-status",
        Scope::Message,
    )
};

/// An empty ParameterList is legal.
const SPV_EMPTY: Rule = Rule {
    cites: &[a3("A.3.2.1")],
    demands: "The ACS may send SetParameterValues with an empty ParameterList to set the ParameterKey alone, and \
          the device takes it.",
    why: "Some ACS mark a finished provisioning so: where the device answers 9003, the ACS begins the \
          provisioning again with every session.",
    mend_cpe: "Accept an empty list: store the ParameterKey and answer Status 0.",
    bad: "<ParameterList soapenc:arrayType=\"cwmp:ParameterValueStruct[0]\"/>\n-> \
          <FaultCode>9003</FaultCode>",
    good: "<ParameterList soapenc:arrayType=\"cwmp:ParameterValueStruct[0]\"/>\n-> <Status>0</Status>",
    wireshark: "xml.attribute contains \"ParameterValueStruct[0]\"",
    ..Rule::may("CWMP-SPV-013", "empty-parameter-list", Scope::Exchange)
};

/// Looks at the messages that read and write parameters and objects.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    if !seen.is_cwmp() || !seen.is_whole() {
        return;
    }
    for envelope in seen.envelopes() {
        let Some(message) = envelope.message() else {
            continue;
        };
        match (seen.from(), message.name()) {
            (Side::Acs, "AddObject" | "DeleteObject") => object(seen, message, findings),
            (Side::Cpe, "GetParameterValuesResponse") => full(seen, message, &GPV_FULL, findings),
            (Side::Cpe, "GetParameterAttributesResponse") => {
                full(seen, message, &GPA_NAMES, findings);
            }
            (Side::Acs, "SetParameterValues") => {
                full(seen, message, &SPV_NAMES, findings);
                twice(seen, message, findings);
            }
            (Side::Acs, "GetParameterValues") => partial(seen, message, findings),
            (Side::Acs, "SetParameterAttributes") => lightweight(seen, message, findings),
            (_, "GetRPCMethodsResponse") => methods::look(seen, &envelope, message, findings),
            _ => {}
        }
    }
}

/// AddObject names a table, DeleteObject an instance.
fn object(seen: &Seen<'_>, message: Element<'_>, findings: &mut Findings) {
    let Some(name) = message.child("ObjectName") else {
        return;
    };
    // A path within an element of its own is the wrong shape (SOAP-008); of the path that says nothing.
    if name.children().next().is_some() {
        return;
    }
    let path = name.text();
    let path = path.trim();
    let last = path
        .strip_suffix('.')
        .map(|path| path.rsplit('.').next().unwrap_or_default());
    let alias = seen.version() >= Version::V1_2;
    let instance = last.is_some_and(|last| is_instance(last, alias));
    let (rule, why) = match (message.is_named("AddObject"), last) {
        (true, None) => (&ADD_NAME, "does not end with a dot"),
        (true, Some(last)) if is_instance(last, false) => {
            (&ADD_NAME, "ends with an instance number")
        }
        (false, None) => (&DEL_NAME, "does not end with a dot"),
        (false, Some(_)) if !instance => (&DEL_NAME, "does not end with an instance number"),
        _ => return,
    };
    let draft = seen.breaks_at(rule, name).path(path);
    let shown = if path.is_empty() {
        "is empty and"
    } else {
        path
    };
    findings.add(draft.because(format!("ObjectName {shown} {why}")));
}

/// An instance number, or an alias in brackets (CWMP 1.3 and later, which share the namespace of 1.2).
fn is_instance(node: &str, alias: bool) -> bool {
    let number = !node.is_empty() && node.bytes().all(|byte| byte.is_ascii_digit());
    number || (alias && node.len() > 2 && node.starts_with('[') && node.ends_with(']'))
}

/// Names that end with a dot, or are none at all.
fn full(seen: &Seen<'_>, message: Element<'_>, rule: &'static Rule, findings: &mut Findings) {
    if !seen.parameters.traits().has(Traits::OBJECT) {
        return;
    }
    let Some(list) = message.child("ParameterList") else {
        return;
    };
    let mut told = 0;
    for entry in list.children() {
        let Some(name) = entry.child("Name") else {
            continue;
        };
        let text = name.content().trim_ascii_end();
        if text.last().is_some_and(|last| *last != b'.') {
            continue;
        }
        let path = name.text();
        let path = path.trim();
        let because = if path.is_empty() {
            "a Name is empty".to_owned()
        } else {
            format!("{path} is the name of an object")
        };
        findings.add(seen.breaks_at(rule, name).path(path).because(because));
        told += 1;
        if told >= TOLD_MAX {
            return;
        }
    }
}

/// A name that stands twice. TR-069 Issue 1 has no such rule.
fn twice(seen: &Seen<'_>, message: Element<'_>, findings: &mut Findings) {
    if seen.is_issue_1() {
        return;
    }
    let list = message.child("ParameterList");
    let entries = list.into_iter().flat_map(|list| list.children());
    let mut met: HashSet<&[u8], foldhash::fast::RandomState> = HashSet::default();
    for name in entries.filter_map(|entry| entry.child("Name")) {
        if !met.insert(name.content()) {
            let path = name.text();
            let draft = seen.breaks_at(&SPV_TWICE, name).path(path.trim());
            findings.add(draft.because(format!("{} stands twice", path.trim())));
            return;
        }
    }
}

/// A name without a dot that can only be that of an object: a root, an instance, or an object of every data model.
fn partial(seen: &Seen<'_>, message: Element<'_>, findings: &mut Findings) {
    let Some(list) = message.child("ParameterNames") else {
        return;
    };
    for name in list.children() {
        let path = name.text();
        let path = path.trim();
        let is_object = path.rsplit_once('.').map_or_else(
            || ROOTS.contains(&path),
            |(above, last)| {
                is_instance(last, false) || (ROOTS.contains(&above) && OBJECTS.contains(&last))
            },
        );
        if is_object {
            let draft = seen.breaks_at(&GPV_PARTIAL, name).path(path);
            findings.add(draft.because(format!("{path} is an object and has no dot at its end")));
            return;
        }
    }
}

/// Notifications that only CWMP 1.4 has, asked of a device that may have it: 1.2 to 1.4 share one namespace.
fn lightweight(seen: &Seen<'_>, message: Element<'_>, findings: &mut Findings) {
    if !matches!(seen.version(), Version::V1_2 | Version::V1_3) {
        return;
    }
    let list = message.child("ParameterList");
    let mut entries = list.into_iter().flat_map(|list| list.children());
    let found = entries.find_map(|entry| {
        let notification = entry.child("Notification")?;
        let asked: u32 = notification.text().trim().parse().ok()?;
        (3..=6).contains(&asked).then_some((notification, asked))
    });
    if let Some((notification, asked)) = found {
        let draft = seen.breaks_at(&SPA_NOTIFICATION, notification);
        findings.add(draft.at_most(Severity::Info).because(format!(
            "Notification {asked} needs CWMP 1.4, which the device did not announce"
        )));
    }
}

/// Looks at what a device answers to an empty list.
pub(super) fn exchange(exchange: &Exchange<'_>, findings: &mut Findings) {
    if exchange.method() != "SetParameterValues" || exchange.answer.is_issue_1() {
        return;
    }
    let list = exchange
        .request()
        .and_then(|request| request.message()?.child("ParameterList"));
    let is_empty = list.is_some_and(|list| list.children().next().is_none());
    if is_empty && exchange.fault_code() == Some(9003) {
        let draft = exchange.breaks(&SPV_EMPTY);
        findings.add(draft.because("an empty ParameterList is answered with 9003"));
    }
}

/// Findings of one kind told of one message; a list of a hundred thousand has the same fault throughout.
const TOLD_MAX: usize = 16;
/// The objects at the top of all data models.
const ROOTS: [&str; 2] = ["Device", "InternetGatewayDevice"];
/// Objects that every data model has directly below its root.
const OBJECTS: [&str; 2] = ["DeviceInfo", "ManagementServer"];
