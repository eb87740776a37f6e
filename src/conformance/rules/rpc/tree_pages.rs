//! The pages of the rules on what one session showed of a device's tree.

use crate::conformance::rule::{a3, cite};
use crate::conformance::{Rule, Scope};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &EMPTY,
    &READABLE,
    &WRITABLE,
    &NAME_CODE,
    &NO_ATTRIBUTES,
    &TAKEN,
    &AT_ONCE,
    &ROOM,
    &GONE,
    &DELETE_CODE,
    &HALF,
];

/// A listed object answers NextLevel, though empty.
pub(super) const EMPTY: Rule = Rule {
    cites: &[a3("A.3.2.3")],
    demands: "GetParameterNames with NextLevel true of an object that the device lists is answered with a list, possibly an empty \
              one, never with 9005.",
    why: "An empty table is a normal thing: an ACS that gets 9005 for `PortMapping.` believes that the device has no port \
          mapping at all, and offers none.",
    mend_cpe: "Answer an empty ParameterList with `arrayType` of size 0.",
    bad: "<Name>Device.NAT.PortMapping.</Name>\nParameterPath Device.NAT.PortMapping., NextLevel 1 -> <FaultCode>9005</FaultCode>",
    good: "<Name>Device.NAT.PortMapping.</Name>\nParameterPath Device.NAT.PortMapping., NextLevel 1 -> ParameterInfoStruct[0]",
    related: &["CWMP-GPN-008"],
    wireshark: "xml.cdata == \"9005\"",
    ..Rule::must(
        "CWMP-GPN-005",
        "no-fault-for-an-empty-object",
        Scope::Session,
    )
};

/// What is listed can be read.
pub(super) const READABLE: Rule = Rule {
    cites: &[a3("A.3.2.3")],
    demands: "A parameter that GetParameterNames lists can be read with GetParameterValues.",
    why: "An ACS asks for the values of what was listed, many names at a time: one that cannot be read makes the whole request \
          fail, and no value of the device is known.",
    mend_cpe: "List what exists and nothing else; a parameter without a value has an empty one.",
    bad: "<Name>Device.DeviceInfo.ProvisioningCode</Name>\nGetParameterValues of it -> <FaultCode>9005</FaultCode>",
    good: "<Name>Device.DeviceInfo.ProvisioningCode</Name>\nGetParameterValues of it -> <Value></Value>",
    wireshark: "xml.cdata == \"9005\"",
    ..Rule::must(
        "CWMP-GPN-006",
        "listed-parameter-not-readable",
        Scope::Session,
    )
};

/// Writable tells what can be done.
pub(super) const WRITABLE: Rule = Rule {
    cites: &[a3("A.3.2.3")],
    demands: "Writable in GetParameterNamesResponse tells what the device then does: a writable parameter is not refused with 9008, \
              a writable table or instance not with 9003 or 9005, and one that is not writable is not set.",
    why: "ACS user interfaces grey out what is not writable and write the rest: an operator sees a switch that can never be \
          turned, or cannot reach one that could.",
    mend_cpe: "Derive Writable from the same table that decides on SetParameterValues, AddObject and DeleteObject.",
    bad: "<Name>Device.Time.Enable</Name> <Writable>1</Writable>\nSetParameterValues of it -> 9008",
    good: "<Name>Device.Time.Enable</Name> <Writable>0</Writable>\nSetParameterValues of it -> 9008",
    wireshark: "xml.cdata == \"9008\"",
    ..Rule::must("CWMP-GPN-007", "writable-tells-the-truth", Scope::Session)
};

/// Codes of GetParameterNames.
pub(super) const NAME_CODE: Rule = Rule {
    versions: "1.1 and later, and 1.0 of Amendment 1",
    cites: &[a3("A.3.2.3")],
    demands: "GetParameterNames is refused with 9005 where the path does not exist, and with 9003 where it is a parameter and \
              NextLevel is true.",
    why: "By 9005 an ACS learns to drop the name from its picture of the device; by any other code it takes its own request for \
          broken, or tries again in each session.",
    mend_cpe: "Look the path up first and answer 9005 where it is not there; then check NextLevel and answer 9003.",
    bad: "DeleteObject Device.NAT.PortMapping.1. -> Status 0\nGetParameterNames of it -> <FaultCode>9003</FaultCode>",
    good: "DeleteObject Device.NAT.PortMapping.1. -> Status 0\nGetParameterNames of it -> <FaultCode>9005</FaultCode>",
    related: &["FLT-016", "FLT-017"],
    wireshark: "xml.tag contains \"GetParameterNames>\"",
    ..Rule::must("CWMP-GPN-008", "code-of-refused-names", Scope::Session)
};

/// A partial path without parameters has no attributes, which is no fault.
pub(super) const NO_ATTRIBUTES: Rule = Rule {
    cites: &[a3("A.3.2.5")],
    demands: "GetParameterAttributes of an object that the device lists is answered with a list, possibly an empty one, never with \
              9005.",
    why: "The ACS asks for several paths at once to check its notifications; one empty table makes it lose the answer for all of \
          them.",
    mend_cpe: "Answer an empty ParameterList where nothing is below the path.",
    bad: "<Name>Device.NAT.PortMapping.</Name>\nGetParameterAttributes of it -> <FaultCode>9005</FaultCode>",
    good: "<Name>Device.NAT.PortMapping.</Name>\nGetParameterAttributes of it -> ParameterAttributeStruct[0]",
    related: &["CWMP-GPN-005"],
    wireshark: "xml.cdata == \"9005\"",
    ..Rule::must("CWMP-GPA-002", "no-attributes-is-no-fault", Scope::Session)
};

/// AddObject gives a number that is free.
pub(super) const TAKEN: Rule = Rule {
    cites: &[a3("A.3.2.6")],
    demands: "The number that AddObject gives belongs to no other instance, and stays with the new one until it is deleted, over \
              reboots too.",
    why: "The ACS writes its new values to the number it was given: with one in use it overwrites somebody else's WLAN or port \
          mapping; with one that wanders it writes to nothing.",
    mend_cpe: "Take a number that no instance has, and store it with the instance.",
    bad: "<Name>Device.NAT.PortMapping.1.</Name>\nAddObject Device.NAT.PortMapping. -> <InstanceNumber>1</InstanceNumber>",
    good: "<Name>Device.NAT.PortMapping.1.</Name>\nAddObject Device.NAT.PortMapping. -> <InstanceNumber>2</InstanceNumber>",
    related: &["CWMP-ADD-004", "CWMP-ADD-010"],
    wireshark: "xml.tag contains \"InstanceNumber\"",
    ..Rule::must("CWMP-ADD-003", "instance-number-is-its-own", Scope::Session)
};

/// A new instance can be used at once.
pub(super) const AT_ONCE: Rule = Rule {
    cites: &[a3("A.3.2.6")],
    demands: "After AddObjectResponse the new instance can be read, written and deleted at once, with Status 1 too.",
    why: "An ACS adds an instance and fills it in the same session: where the device answers 9005 until a reboot, an empty \
          instance remains, and each further session adds another.",
    mend_cpe: "Enter the instance into the tree before AddObjectResponse is sent.",
    bad: "AddObject Device.NAT.PortMapping. -> <InstanceNumber>3</InstanceNumber>\nGetParameterValues Device.NAT.PortMapping.3. -> 9005",
    good: "AddObject Device.NAT.PortMapping. -> <InstanceNumber>3</InstanceNumber>\nGetParameterValues Device.NAT.PortMapping.3. -> values",
    wireshark: "xml.cdata == \"9005\"",
    ..Rule::must(
        "CWMP-ADD-005",
        "new-instance-usable-at-once",
        Scope::Session,
    )
};

/// A full table is 9004.
pub(super) const ROOM: Rule = Rule {
    severity: Some(crate::session::Severity::Warning),
    versions: "1.1 and later",
    cites: &[a3("A.3.2.6")],
    demands: "AddObject to a table that has as many instances as it may is answered with 9004.",
    why: "By 9004 the ACS knows that it has to delete something first; by 9003 it reports a bug of its own, and an operator looks \
          for it in the wrong place.",
    mend_cpe: "Answer 9004 when the table is full.",
    bad: "AddObject to a full table -> <FaultCode>9003</FaultCode>",
    good: "AddObject to a full table -> <FaultCode>9004</FaultCode>",
    wireshark: "xml.tag contains \"AddObject>\"",
    ..Rule::heuristic("CWMP-ADD-006", "full-table-is-9004", Scope::Session)
};

/// What was deleted is gone, and the rest keeps its numbers.
pub(super) const GONE: Rule = Rule {
    cites: &[a3("A.3.2.7")],
    demands: "After DeleteObjectResponse the instance is neither listed nor read nor written in that session, with Status 1 too, and \
              all others keep their numbers.",
    why: "A device that closes the gap gives the next instance the number of the deleted one: the ACS's next write changes the \
          wrong account, line or port mapping.",
    mend_cpe: "Remove the instance from the tree before the answer, and never renumber.",
    bad: "PortMapping.1., PortMapping.2.\nDeleteObject PortMapping.1. -> Status 0\nPortMapping.1.",
    good: "PortMapping.1., PortMapping.2.\nDeleteObject PortMapping.1. -> Status 0\nPortMapping.2.",
    related: &["CWMP-ADD-003", "CWMP-DEL-006"],
    wireshark: "xml.tag contains \"DeleteObject\"",
    ..Rule::must("CWMP-DEL-002", "deleted-instance-is-gone", Scope::Session)
};

/// DeleteObject of what is no instance is 9005.
pub(super) const DELETE_CODE: Rule = Rule {
    cites: &[a3("A.3.2.7")],
    demands: "DeleteObject of an instance that does not exist, or of what is no instance, is answered with 9005.",
    why: "9005 tells an ACS that there is nothing left to delete, which is what it wants; by another code, or by success, it \
          keeps an instance in its books, or drops a wrong one.",
    mend_cpe: "Look the instance up first, and answer 9005 where it is not there.",
    bad: "DeleteObject Device.NAT.PortMapping.1. -> Status 0\nDeleteObject Device.NAT.PortMapping.1. -> Status 0",
    good: "DeleteObject Device.NAT.PortMapping.1. -> Status 0\nDeleteObject Device.NAT.PortMapping.1. -> <FaultCode>9005</FaultCode>",
    related: &["FLT-016", "CWMP-DEL-001"],
    wireshark: "xml.tag contains \"DeleteObject\"",
    ..Rule::must("CWMP-DEL-003", "delete-of-nothing-is-9005", Scope::Session)
};

/// A refused DeleteObject deletes nothing.
pub(super) const HALF: Rule = Rule {
    cites: &[a3("A.3.2.7"), cite("TR-069 Amendment 1", "A.3.2.7")],
    demands: "A DeleteObject that is answered with a fault deletes nothing of the instance.",
    why: "The ACS believes the instance to be whole and goes on writing to it: half of it is answered with 9005, and nothing but \
          a factory reset mends it.",
    mend_cpe: "Check that all can be deleted before anything is.",
    bad: "DeleteObject Device.NAT.PortMapping.1. -> 9001\nGetParameterNames Device.NAT.PortMapping. -> nothing",
    good: "DeleteObject Device.NAT.PortMapping.1. -> 9001\nGetParameterNames Device.NAT.PortMapping. -> Device.NAT.PortMapping.1.",
    related: &["CWMP-DEL-002"],
    wireshark: "xml.tag contains \"DeleteObject\"",
    ..Rule::must(
        "CWMP-DEL-006",
        "refused-delete-deletes-nothing",
        Scope::Session,
    )
};
