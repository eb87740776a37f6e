//! Arrays and type attributes: what their rules say. `shape` finds the breaches, `specific` puts them to the rules.

use crate::conformance::rule::{BOTH, a3, cite};
use crate::conformance::{Rule, Scope};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &NO_ARRAY_TYPE,
    &ITEM_COUNT,
    &UNPLAIN_COUNT,
    &ITEM_TYPE,
    &ITEM_NAME,
    &NO_XSI_TYPE,
    &UNKNOWN_XSI_TYPE,
    &NEEDLESS_XSI_TYPE,
    &ARRAY_XSI_TYPE,
];

/// An array carries arrayType.
pub(in crate::conformance::rules) const NO_ARRAY_TYPE: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.5"), cite("cwmp-1-2.xsd", "soapenc:arrayType")],
    demands: "Each array carries the attribute arrayType in the namespace of SOAP encoding.",
    why: "SOAP toolkits decide by this attribute that an element is an array: without it, or in another \
          namespace, they read a structure with one member and drop the rest of the list.",
    mend_cpe: "Write `soapenc:arrayType=\"TYPE[n]\"` with the prefix bound to \
          http://schemas.xmlsoap.org/soap/encoding/.",
    mend_acs: "Write `soapenc:arrayType=\"TYPE[n]\"` with the prefix bound to \
          http://schemas.xmlsoap.org/soap/encoding/.",
    bad: "<ParameterNames>\n  <string>Device.X</string>\n</ParameterNames>",
    good: "<ParameterNames soapenc:arrayType=\"xsd:string[1]\">\n  \
          <string>Device.X</string>\n</ParameterNames>",
    wireshark: "xml.tag == \"<ParameterList>\" || xml.tag == \"<ParameterNames>\" || xml.tag == \"<Event>\"",
    ..Rule::must("SOAP-009", "array-without-array-type", Scope::Message)
};

/// arrayType counts the members that are there.
pub(in crate::conformance::rules) const ITEM_COUNT: Rule = Rule {
    blame: BOTH,
    cites: &[cite("SOAP 1.1", "5.4.2"), a3("3.5")],
    demands: "The number in arrayType is the number of members that follow.",
    why: "A receiver that allocates by the number reads past the last member or leaves members unread; which \
          of the two is right nobody can tell from the message.",
    mend_cpe: "Count the members when the list is complete, and write the number then.",
    mend_acs: "Count the members when the list is complete, and write the number then.",
    bad: "<ParameterNames soapenc:arrayType=\"xsd:string[2]\">\n  \
          <string>Device.X</string>\n</ParameterNames>",
    good: "<ParameterNames soapenc:arrayType=\"xsd:string[1]\">\n  \
          <string>Device.X</string>\n</ParameterNames>",
    wireshark: "xml.attribute contains \"arrayType\"",
    ..Rule::must("SOAP-010", "array-count-differs", Scope::Message)
};

/// arrayType without a plain count is tolerated by many.
pub(in crate::conformance::rules) const UNPLAIN_COUNT: Rule = Rule {
    blame: BOTH,
    cites: &[cite("SOAP 1.1", "5.1")],
    demands: "arrayType gives the number of members in brackets, without blanks.",
    why: "An empty pair of brackets is allowed and says nothing of the number; blanks in them are not in the \
          grammar. Most peers cope, some read the number as 0 and see an empty list.",
    mend_cpe: "Write the number of members, `TYPE[3]`.",
    mend_acs: "Write the number of members, `TYPE[3]`.",
    bad: "<ParameterNames soapenc:arrayType=\"xsd:string[ 1 ]\">",
    good: "<ParameterNames soapenc:arrayType=\"xsd:string[1]\">",
    related: &["SOAP-010"],
    wireshark: "xml.attribute contains \"[]\" || xml.attribute contains \"[ \"",
    ..Rule::heuristic("SOAP-011", "array-count-left-out", Scope::Message)
};

/// arrayType names the type of the members.
pub(in crate::conformance::rules) const ITEM_TYPE: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.5")],
    demands: "arrayType names the type of the members as the schema has it, with a declared prefix: CWMP's for \
          structures, that of XML Schema or SOAP encoding for plain types.",
    why: "A toolkit that resolves the name finds no such type and refuses the whole message, usually with a \
          SOAP fault of its own that names a line of generated code.",
    mend_cpe: "Write `cwmp:ParameterValueStruct[n]`, `cwmp:EventStruct[n]`, `xsd:string[n]` with prefixes that \
          are declared.",
    mend_acs: "Write `cwmp:ParameterValueStruct[n]`, `xsd:string[n]` with prefixes that are declared.",
    bad: "<ParameterList soapenc:arrayType=\"ParameterValueStruct[1]\">",
    good: "<ParameterList soapenc:arrayType=\"cwmp:ParameterValueStruct[1]\">",
    wireshark: "xml.attribute contains \"arrayType\"",
    ..Rule::must("SOAP-012", "array-of-another-type", Scope::Message)
};

/// The members of an array bear the name of their type.
pub(in crate::conformance::rules) const ITEM_NAME: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.5")],
    demands: "The members of an array are elements named after their type: ParameterValueStruct, EventStruct, \
          string, base64.",
    why: "SOAP itself allows any name, CWMP does not: receivers that pick members by name see an empty list \
          and answer with success or 9003, depending on the list.",
    mend_cpe: "Name the members as the schema does.",
    mend_acs: "Name the members as the schema does; generators that write `<item>` need to be told.",
    bad: "<ParameterNames soapenc:arrayType=\"xsd:string[1]\">\n  <item>Device.X</item>\n</ParameterNames>",
    good: "<ParameterNames soapenc:arrayType=\"xsd:string[1]\">\n  \
          <string>Device.X</string>\n</ParameterNames>",
    wireshark: "xml.tag contains \"<item\"",
    ..Rule::must("SOAP-013", "array-member-misnamed", Scope::Message)
};

/// A parameter's value names its type.
pub(in crate::conformance::rules) const NO_XSI_TYPE: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.5"), a3("A.2.1")],
    demands: "Each Value of a parameter carries xsi:type.",
    why: "The schema leaves the type of a value open, so the attribute is the only place that tells it: \
          devices answer 9006 to a value without it, and an ACS stores a number as text.",
    mend_cpe: "Write `xsi:type=\"xsd:...\"` on every Value, with xsi bound to the instance namespace of XML \
          Schema.",
    mend_acs: "Write `xsi:type=\"xsd:...\"` on every Value, with xsi bound to the instance namespace of XML \
          Schema.",
    bad: "<Name>Device.X</Name>\n<Value>1</Value>",
    good: "<Name>Device.X</Name>\n<Value xsi:type=\"xsd:boolean\">1</Value>",
    wireshark: "xml.tag == \"<Value>\"",
    ..Rule::must("SOAP-014", "value-without-type", Scope::Message)
};

/// xsi:type names a simple type.
pub(in crate::conformance::rules) const UNKNOWN_XSI_TYPE: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.5"), a3("A.2.1"), cite("SOAP 1.1", "5")],
    demands: "xsi:type names a simple type of XML Schema, SOAP encoding or CWMP, with a prefix that is declared \
          where it stands.",
    why: "A name that resolves to nothing is worth as much as none: strict parsers refuse the message, \
          others fall back to string, and the value arrives as text where a number is expected.",
    mend_cpe: "Write the plain type name behind a declared prefix: `xsd:string`, never `string` or \
          `xsd:string(64)`.",
    mend_acs: "Write the plain type name behind a declared prefix: `xsd:string`, never `string` or \
          `xsd:string(64)`.",
    bad: "<Value xsi:type=\"string\">a</Value>",
    good: "<Value xsi:type=\"xsd:string\">a</Value>",
    wireshark: "xml.attribute contains \"type=\" && !(xml.attribute contains \":\")",
    ..Rule::must("SOAP-015", "value-of-unknown-type", Scope::Message)
};

/// xsi:type stands where the schema names the type, and is that one.
pub(in crate::conformance::rules) const NEEDLESS_XSI_TYPE: Rule = Rule {
    blame: BOTH,
    versions: "all but Issue 1",
    cites: &[a3("3.5")],
    demands: "Outside of Value, xsi:type may stand only on elements whose type the schema names, and then it is \
          that type.",
    why: "Most arguments have a nameless type that is narrower than xsd:string: a validating parser sees \
          another type than the schema demands and refuses the message. SOAP toolkits write the attribute on everything \
          unless they are told not to.",
    mend_cpe: "Switch off type attributes in the SOAP toolkit, but for the Value of parameters.",
    mend_acs: "Switch off type attributes in the SOAP toolkit, but for the Value of parameters.",
    bad: "<OUI xsi:type=\"xsd:string\">001122</OUI>",
    good: "<OUI>001122</OUI>",
    related: &["SOAP-017"],
    wireshark: "xml.tag contains \"<Name \" || xml.tag contains \"<OUI \"",
    ..Rule::must("SOAP-016", "type-on-a-typed-argument", Scope::Message)
};

/// Arrays with xsi:type Array are common and tolerated.
pub(in crate::conformance::rules) const ARRAY_XSI_TYPE: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.5")],
    demands: "An array does without `xsi:type=\"soapenc:Array\"`, because the schema names another type for it \
          or none.",
    why: "Nearly every SOAP toolkit writes it and nearly every peer takes it; a parser that validates by the \
          schema is the exception, and then it is the cause.",
    mend_cpe: "Leave the attribute out where the toolkit allows it.",
    mend_acs: "Leave the attribute out where the toolkit allows it.",
    bad: "<Event xsi:type=\"soapenc:Array\" soapenc:arrayType=\"cwmp:EventStruct[1]\">",
    good: "<Event soapenc:arrayType=\"cwmp:EventStruct[1]\">",
    related: &["SOAP-016"],
    wireshark: "xml.attribute contains \":Array\"",
    ..Rule::heuristic("SOAP-017", "type-array-on-an-array", Scope::Message)
};
