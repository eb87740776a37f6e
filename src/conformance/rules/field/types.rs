//! Types that exist in XML Schema, but not in any data model.

use cwmp::SCHEMA;

use crate::conformance::rule::BOTH;
use crate::conformance::{Findings, Rule, Scope, Seen};
use crate::session::Severity;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&FOREIGN];

const FOREIGN: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: BOTH,
    demands: "A parameter value has a type that data models use: string, int, unsignedInt, long, unsignedLong, decimal, boolean, dateTime, base64 or hexBinary.",
    why: "`xsd:bool`, `xsd:integer` or `xsd:unsigned` come from a hand-written table. A lenient peer takes the text as it is; a \
          strict one refuses the whole SetParameterValues with 9006, or drops a whole GetParameterValuesResponse for one value.",
    mend_cpe: "Send the type of the data model: xsd:boolean, xsd:int, xsd:unsignedInt.",
    mend_acs: "Send the type that the device itself gave in GetParameterValuesResponse.",
    bad: "<Value xsi:type=\"xsd:bool\">1</Value>",
    good: "<Value xsi:type=\"xsd:boolean\">1</Value>",
    related: &["SOAP-015"],
    wireshark: "xml.attribute contains \"xsd:bool\"",
    ..Rule::heuristic("FIELD-017", "type-of-no-data-model", Scope::Message)
};

/// Looks at the values of a message; only the first type of that kind is told.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    if !seen.is_cwmp() || !seen.is_whole() {
        return;
    }
    for (index, envelope) in seen.envelopes().enumerate() {
        if !matches!(
            envelope.message_name(),
            Some("Inform" | "SetParameterValues" | "GetParameterValuesResponse")
        ) {
            continue;
        }
        for parameter in seen
            .parameters
            .of_envelope(index)
            .iter()
            .take(LOOKED_AT_MAX)
        {
            let Some(value) = parameter.value_element() else {
                continue;
            };
            let Some(attribute) = value.attribute("type") else {
                continue;
            };
            let raw = attribute.raw_value();
            let at = memchr::memchr(b':', raw);
            let local = at.map_or(raw, |at| raw.get(at + 1..).unwrap_or_default());
            if USED.contains(&local) {
                continue;
            }
            let prefix = at.and_then(|at| std::str::from_utf8(raw.get(..at)?).ok());
            let namespace = value.namespace_of_prefix(prefix.unwrap_or_default());
            if !FOREIGN_NAMES.contains(&local) || namespace.is_some_and(|uri| uri != SCHEMA) {
                continue;
            }
            let kind = String::from_utf8_lossy(raw.get(..SAID_MAX).unwrap_or(raw)).into_owned();
            let draft = seen.breaks_at(&FOREIGN, value).path(parameter.name());
            findings.add(draft.because(format!("xsi:type is {kind}")));
            return;
        }
    }
}

/// Values of one message that are looked at: a device that gets types wrong does so among its first.
const LOOKED_AT_MAX: usize = 64;
/// Bytes of a type that a sentence shows.
const SAID_MAX: usize = 64;
/// Types of data models (TR-106 Amendment 1 section 2.1, and decimal of TR-181 Issue 2), with the array and base64 types of SOAP.
const USED: [&[u8]; 13] = [
    b"string",
    b"int",
    b"unsignedInt",
    b"long",
    b"unsignedLong",
    b"boolean",
    b"dateTime",
    b"decimal",
    b"base64",
    b"base64Binary",
    b"hexBinary",
    b"anySimpleType",
    b"Array",
];
/// Types that devices are known to send instead.
const FOREIGN_NAMES: [&[u8]; 19] = [
    b"bool",
    b"integer",
    b"unsigned",
    b"uint",
    b"uint32",
    b"unsignedint",
    b"unsignedinteger",
    b"short",
    b"unsignedShort",
    b"byte",
    b"unsignedByte",
    b"positiveInteger",
    b"nonNegativeInteger",
    b"float",
    b"double",
    b"datetime",
    b"date",
    b"String",
    b"anyURI",
];
