//! The pages of this family.

use crate::conformance::rule::{BOTH, CPE, a3, cite};
use crate::conformance::{Rule, Scope};
use crate::session::Severity;

/// How a node of a path is written.
pub(super) const NODE: Rule = Rule {
    blame: BOTH,
    cites: &[
        cite("TR-106 Amendment 1", "3.1"),
        cite("TR-106 Amendment 7", "3.1"),
        cite("TR-106 Amendment 7", "3.8"),
    ],
    demands: "A node of a path begins with a letter or an underscore and goes on with letters, digits, underscores and hyphens; \
              an instance has a number from 1, or an alias in brackets where alias-based addressing is on.",
    why: "Instance 0 is what an array index of the firmware looks like from outside: an ACS that counts from 1 never finds the \
          row, and DeleteObject of it is refused. Names with other characters break the path parser of the peer, which takes \
          them for the end of the path or refuses the whole message.",
    mend_cpe: "Add 1 to the index before it becomes part of a path, keep the numbers for as long as the rows exist, and give \
               names that begin with a letter.",
    mend_acs: "Take the paths that the device lists; do not build them from a template with an index from 0, and use aliases \
               only where ManagementServer.AliasBasedAddressing is true.",
    bad: "<Name>Device.IP.Interface.0.Enable</Name>",
    good: "<Name>Device.IP.Interface.1.Enable</Name>",
    related: &["DM-012", "CWMP-GPN-004"],
    wireshark: "xml.cdata contains \".0.\"",
    ..Rule::must("DM-001", "node-of-a-path", Scope::Message)
};

/// How long a path may be.
pub(super) const LENGTH: Rule = Rule {
    blame: BOTH,
    cites: &[cite("TR-106 Amendment 7", "3.3"), a3("A.2.1")],
    demands: "A path has at most 256 characters.",
    why: "Databases of ACSs keep paths in columns of 256 characters: a longer one is cut, two of them become the same, or the \
          import of the whole tree fails.",
    mend_cpe: "Shorten the names of vendor objects, or nest them less deeply.",
    mend_acs: "Do not ask for paths that no device can have; look for a loop in whatever builds them.",
    bad: "<Name>Device.X_001122_Tree.Level.Level.Level. (300 characters)</Name>",
    good: "<Name>Device.X_001122_Tree.Level.</Name>",
    related: &["SOAP-027"],
    wireshark: "xml.cdata matches \"[A-Za-z0-9_.-]{257}\"",
    ..Rule::must("DM-002", "path-too-long", Scope::Message)
};

/// How a vendor's names begin.
pub(super) const VENDOR: Rule = Rule {
    blame: BOTH,
    cites: &[
        cite("TR-106 Amendment 7", "3.3"),
        cite("TR-106 Amendment 1", "3.3"),
    ],
    demands: "A vendor's own name is X_, the vendor, an underscore and the name; the vendor is its OUI or its domain in upper case, \
              with hyphens or underscores for the dots.",
    why: "The prefix is all that keeps the names of two vendors apart. ACSs cut it off by this pattern to find the device's \
          extensions: with small letters or without the second underscore the parameter is filed under another vendor, or as an \
          unknown standard name, and its settings are never offered.",
    mend_cpe: "Rename the objects, or list them under the right name beside the old one: X_001122_Name or X_EXAMPLE-COM_Name.",
    mend_acs: "Write the name as the device lists it.",
    bad: "<Name>Device.X_acme.com_Lamp</Name>",
    good: "<Name>Device.X_ACME-COM_Lamp</Name>",
    related: &["DM-004", "DM-005"],
    wireshark: "xml.cdata contains \".X_\"",
    ..Rule::must("DM-003", "vendor-name", Scope::Message)
};

/// Inside a vendor's object.
pub(super) const VENDOR_OBJECT: Rule = Rule {
    cites: &[cite("TR-106 Amendment 7", "3.3")],
    demands: "Names inside a vendor's object need no prefix of their own.",
    why: "The prefix of the object says whose names these are. No data model is asked for them, and no form is demanded of them.",
    bad: "<Name>Device.Lamp.Colour</Name>",
    good: "<Name>Device.X_001122_Lamp.Colour</Name>",
    related: &["DM-003", "DM-012"],
    ..Rule::guard(
        "DM-004",
        "names-inside-a-vendor-object",
        &["DM-003", "DM-012"],
    )
};

/// A vendor's words in an enumeration.
pub(super) const VENDOR_VALUE: Rule = Rule {
    blame: BOTH,
    cites: &[cite("TR-106 Amendment 7", "3.3")],
    demands: "A vendor's own word in an enumeration is X_, the vendor in upper case, an underscore and the word, 31 characters at most.",
    why: "An ACS accepts words that it does not know only in this form. Another is refused or shown as an error of the device, and \
          one that is too long is cut to something else.",
    mend_cpe: "Write the word as X_001122_Word, with the vendor in upper case.",
    mend_acs: "Set the word as the device reports it.",
    bad: "<Name>Device.Time.Status</Name>\n<Value xsi:type=\"xsd:string\">X_acme_Drifting</Value>",
    good: "<Name>Device.Time.Status</Name>\n<Value xsi:type=\"xsd:string\">X_ACME-COM_Drifting</Value>",
    related: &["DM-003", "DM-013"],
    wireshark: "xml.cdata matches \"^X_\"",
    ..Rule::must("DM-005", "vendor-word-in-an-enumeration", Scope::Message)
};

/// How a list is written.
pub(super) const LIST: Rule = Rule {
    blame: BOTH,
    cites: &[
        cite("TR-106 Amendment 7", "3.2.3"),
        cite("TR-106 Amendment 1", "3.2"),
    ],
    demands: "A list in a value is written with one comma between two items, blanks around it allowed, and none at its end.",
    why: "A comma at the end is an empty item more: the peer refuses the value with 9007, or asks a DNS server with an empty \
          address. Items that blanks separate are one item to the peer, which is then no address.",
    mend_cpe: "Write the comma between items, not behind each.",
    mend_acs: "Join the items with commas; leave none at the end and use no blanks or semicolons instead.",
    bad: "<Name>Device.DHCPv4.Server.Pool.1.DNSServers</Name>\n<Value xsi:type=\"xsd:string\">192.0.2.1,192.0.2.2,</Value>",
    good: "<Name>Device.DHCPv4.Server.Pool.1.DNSServers</Name>\n<Value xsi:type=\"xsd:string\">192.0.2.1,192.0.2.2</Value>",
    related: &["CWMP-GPV-009"],
    wireshark: "xml.cdata matches \",$\"",
    ..Rule::must("DM-006", "list-with-commas", Scope::Message)
};

/// A path in a value.
pub(super) const PATH_DOT: Rule = Rule {
    blame: CPE,
    cites: &[cite("TR-106 Amendment 7", "3.2.4")],
    demands: "A value that a device reports, and that is the path of an object, has no dot at its end.",
    why: "The ACS compares the text with the paths that it knows, or appends a dot itself: with two of them it finds nothing and \
          shows the interface as gone.",
    mend_cpe: "Leave the dot off the paths in values; in names of objects it stays.",
    bad: "<Name>Device.NAT.PortMapping.1.Interface</Name>\n<Value xsi:type=\"xsd:string\">Device.IP.Interface.1.</Value>",
    good: "<Name>Device.NAT.PortMapping.1.Interface</Name>\n<Value xsi:type=\"xsd:string\">Device.IP.Interface.1</Value>",
    related: &["CWMP-SPV-014"],
    wireshark: "xml.cdata matches \"^(Device|InternetGatewayDevice)[.].*[.]$\"",
    ..Rule::must("DM-007", "path-value-with-a-dot", Scope::Message)
};

/// Aliases.
pub(super) const ALIAS: Rule = Rule {
    blame: BOTH,
    versions: "1.3 and later",
    cites: &[
        cite("TR-106 Amendment 7", "3.8.1"),
        cite("TR-181 Issue 2", "dataType Alias"),
    ],
    demands: "An Alias has 1 to 64 letters, digits, underscores and hyphens and begins with a letter; one that the device has \
              chosen begins with cpe-.",
    why: "The alias becomes part of paths, in brackets. A device that gives an alias without cpe- may take the very name that the \
          ACS is about to give to another row, and AddObject then fails; a digit in front makes a row [1abc] that half of all \
          parsers take for a number.",
    mend_cpe: "Name rows that you create cpe-1, cpe-2 and so on; refuse any other form with 9007.",
    mend_acs: "Give aliases that begin with a letter, but not with cpe-.",
    bad: "<Name>Device.NAT.PortMapping.1.Alias</Name>\n<Value xsi:type=\"xsd:string\">1abc</Value>",
    good: "<Name>Device.NAT.PortMapping.1.Alias</Name>\n<Value xsi:type=\"xsd:string\">cpe-1</Value>",
    related: &["DM-001"],
    wireshark: "xml.cdata contains \".Alias\"",
    ..Rule::must("DM-008", "form-of-an-alias", Scope::Message)
};

/// The length of a string of which nothing says how long it may be.
pub(super) const DEFAULT_LENGTH: Rule = Rule {
    blame: CPE,
    cites: &[cite("TR-106 Amendment 7", "3.2.6"), a3("A.2.1")],
    demands: "A string has at most 16 characters where neither its type nor its description says anything of its length.",
    why: "An ACS that makes its database from the data model has a column of 16 characters here, and cuts or refuses what is longer.",
    mend_cpe: "Shorten the value where that costs nothing.",
    mend_acs: "Make room for longer values: descriptions often imply a length that the model's table does not have.",
    bad: "<Name>Device.Syslog.Filter.1.PatternMatch</Name>\n<Value xsi:type=\"xsd:string\">a text of more than 16</Value>",
    good: "<Name>Device.Syslog.Filter.1.PatternMatch</Name>\n<Value xsi:type=\"xsd:string\">a short text</Value>",
    related: &["CWMP-GPV-009"],
    ..Rule::heuristic("DM-009", "string-of-default-length", Scope::Message)
};

/// The grammar of DeviceSummary.
pub(super) const SUMMARY: Rule = Rule {
    blame: CPE,
    cites: &[cite("TR-106 Amendment 1", "3.7")],
    demands: "DeviceSummary names the root with its version, empty brackets and its profiles in parentheses, then, after commas, \
              each service with its version, the number of its instances in brackets and its profiles.",
    why: "The ACS chooses the data model of the device by this text. If it cannot read it, it takes none or the oldest one, and \
          offers no voice service although the device has one.",
    mend_cpe: "Put empty brackets behind the version of the root, the number of instances in brackets behind that of a service, and the \
               profiles in parentheses behind each.",
    mend_acs: "Where it cannot be read, ask GetParameterNames for the root object and its Services.",
    bad: "<Name>Device.DeviceSummary</Name>\n<Value xsi:type=\"xsd:string\">Device:1.0(Baseline:1)</Value>",
    good: "<Name>Device.DeviceSummary</Name>\n<Value xsi:type=\"xsd:string\">Device:1.0[](Baseline:1)</Value>",
    related: &["INF-012"],
    wireshark: "xml.cdata contains \"DeviceSummary\"",
    ..Rule::must("DM-010", "grammar-of-devicesummary", Scope::Message)
};

/// One root.
pub(super) const MIXED: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: CPE,
    cites: &[
        cite("TR-106 Amendment 7", "2.1.1"),
        cite("TR-098 Amendment 1", "2.4"),
    ],
    demands: "A device has one root object, Device. or InternetGatewayDevice., and does not change it without new software.",
    why: "The ACS has chosen a data model by the root of the Inform. What stands below the other root is set by nobody, or twice \
          with different values; after a change of root, every template for the device names parameters that are gone.",
    mend_cpe: "Show one tree. If both are kept for older ACSs, let a setting choose, and show the chosen one in everything.",
    mend_acs: "Choose the data model anew at each 0 BOOTSTRAP and 1 BOOT with a new SoftwareVersion.",
    bad: "Inform: InternetGatewayDevice.DeviceInfo.SoftwareVersion\nGetParameterValuesResponse: Device.DeviceInfo.UpTime",
    good: "Inform: InternetGatewayDevice.DeviceInfo.SoftwareVersion\nGetParameterValuesResponse: InternetGatewayDevice.DeviceInfo.UpTime",
    related: &["INF-018"],
    wireshark: "xml.cdata contains \"InternetGatewayDevice.\" || xml.cdata contains \"Device.\"",
    ..Rule::heuristic("DM-011", "two-roots", Scope::Session)
};

/// Names that no model has.
pub(super) const UNKNOWN: Rule = Rule {
    blame: CPE,
    cites: &[
        cite("TR-106 Amendment 7", "3.3"),
        cite("TR-181 Issue 2", "Device:2"),
        cite("TR-098 Amendment 1", "InternetGatewayDevice:1"),
        cite("TR-104", "VoiceService:1"),
    ],
    demands: "A name without a vendor's prefix is one of the standard data model, in the version that the device claims.",
    why: "An ACS finds parameters by their standard names: a slip such as SoftwareVersions leaves the field empty on its pages, and \
          whatever is built on it, such as the decision to upgrade, works for every other device. Names of a newer version than \
          DeviceSummary claims may never be asked for.",
    mend_cpe: "Correct the name; give names of your own the prefix X_ and your vendor identifier; claim the version whose names you use.",
    mend_acs: "Take what the device lists, and look for the value under the name that it uses.",
    bad: "<Name>Device.DeviceInfo.SoftwareVersions</Name>",
    good: "<Name>Device.DeviceInfo.SoftwareVersion</Name>",
    related: &["DM-003", "DM-015", "FIELD-021"],
    ..Rule::heuristic("DM-012", "unknown-standard-name", Scope::Message)
};

/// Words of an enumeration.
pub(super) const ENUMERATION: Rule = Rule {
    blame: CPE,
    cites: &[
        cite("TR-106 Amendment 7", "3.2"),
        cite("TR-106 Amendment 1", "2.4"),
    ],
    demands: "A value of an enumeration is one of those that the data model lists, in its spelling, or a vendor's own with X_.",
    why: "ACSs compare the text: `up` is not `Up`, and a line that works is shown as down. A word that nobody knows becomes an \
          empty field, or stops a provisioning flow that waits for Enabled.",
    mend_cpe: "Write the word as the data model does, upper and lower case included; write one of your own as X_001122_Word.",
    mend_acs: "Until the device is mended, map its word to the one of the data model.",
    bad: "<Name>Device.Time.Status</Name>\n<Value xsi:type=\"xsd:string\">SYNCHRONIZED</Value>",
    good: "<Name>Device.Time.Status</Name>\n<Value xsi:type=\"xsd:string\">Synchronized</Value>",
    related: &["DM-005", "CWMP-GPV-009"],
    wireshark: "xml.tag contains \"GetParameterValuesResponse\"",
    ..Rule::must("DM-013", "value-outside-the-enumeration", Scope::Message)
};

/// Writable beyond the model.
pub(super) const READ_ONLY: Rule = Rule {
    blame: CPE,
    cites: &[a3("A.3.2.3"), cite("TR-106 Amendment 7", "3.2")],
    demands: "What the data model calls read-only is not listed as writable; a device may allow less than the model, not more.",
    why: "The ACS offers the field for editing. SetParameterValues then fails with 9008, or succeeds and changes what the device \
          itself keeps, such as a serial number or a counter.",
    mend_cpe: "Set Writable from the data model's access, not to true throughout.",
    mend_acs: "Offer for editing only what both the device and the data model call writable.",
    bad: "<Name>Device.DeviceInfo.SerialNumber</Name><Writable>1</Writable>",
    good: "<Name>Device.DeviceInfo.SerialNumber</Name><Writable>0</Writable>",
    related: &["CWMP-GPN-007", "FIELD-020"],
    wireshark: "xml.tag contains \"GetParameterNamesResponse\"",
    ..Rule::heuristic("DM-014", "read-only-listed-as-writable", Scope::Message)
};

/// Where the voice service stands.
pub(super) const SERVICE_PLACE: Rule = Rule {
    blame: CPE,
    cites: &[cite("TR-104", "3"), cite("TR-106 Amendment 1", "2.2")],
    demands: "VoiceService stands below Device.Services. or InternetGatewayDevice.Services.",
    why: "An ACS sets SIP accounts at the standard place. On this phone they do not exist there: provisioning ends with 9005, and \
          the phone stays without its line until somebody writes a template for it alone.",
    mend_cpe: "Show the service below Services.; where the old place has to remain, show both.",
    mend_acs: "Until the device is mended, keep a template of its own for it.",
    bad: "<Name>Device.VoiceService.1.VoiceProfile.1.Line.1.Enable</Name>",
    good: "<Name>Device.Services.VoiceService.1.VoiceProfile.1.Line.1.Enable</Name>",
    related: &["DM-012"],
    wireshark: "xml.cdata contains \".VoiceService.\"",
    ..Rule::heuristic("DM-015", "voice-service-outside-services", Scope::Message)
};

/// MAC addresses.
pub(super) const MAC: Rule = Rule {
    blame: CPE,
    cites: &[cite("TR-106 Amendment 1", "3.2")],
    demands: "A MAC address is six pairs of hexadecimal digits with colons between them, or empty.",
    why: "ACSs search devices and match hosts by the text of the address: without colons or with hyphens none is found, and the \
          same machine appears twice.",
    mend_cpe: "Write 00:11:22:33:44:55, in upper or lower case; leave the value empty where there is no address.",
    bad: "<Name>Device.LAN.MACAddress</Name>\n<Value xsi:type=\"xsd:string\">001122334455</Value>",
    good: "<Name>Device.LAN.MACAddress</Name>\n<Value xsi:type=\"xsd:string\">00:11:22:33:44:55</Value>",
    wireshark: "xml.cdata contains \"MACAddress\"",
    ..Rule::must("DM-016", "form-of-a-mac-address", Scope::Message)
};

/// Addresses that are not there.
pub(super) const UNSPECIFIED: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: CPE,
    cites: &[cite("TR-106 Amendment 1", "3.2")],
    demands: "An IP address or mask that is not there is empty, unless its definition gives 0.0.0.0 a meaning.",
    why: "The ACS takes 0.0.0.0 for an address: it shows a line without connection as connected, hands the address out as gateway or \
          DNS server, or raises an alarm for two devices with the same address.",
    mend_cpe: "Report an empty string while there is no address.",
    mend_acs: "Take 0.0.0.0 as no address.",
    bad: "<Name>Device.LAN.DefaultGateway</Name>\n<Value xsi:type=\"xsd:string\">0.0.0.0</Value>",
    good: "<Name>Device.LAN.DefaultGateway</Name>\n<Value xsi:type=\"xsd:string\"></Value>",
    wireshark: "xml.cdata == \"0.0.0.0\"",
    ..Rule::heuristic("DM-017", "no-address-as-zeros", Scope::Message)
};
