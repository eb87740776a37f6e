//! Arguments: their namespace, order and length, and the look that feeds every rule on the shape of a message.

use cwmp::EnvelopeRef;
use cwmp::schema::Version;

use super::shape::{Departure, Kind, departures};
use super::specific::{Judged, judge};
use crate::conformance::rule::{BOTH, a3, cite};
use crate::conformance::{Findings, Rule, Scope, Seen};
use crate::session::Side;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&QUALIFIED, &SEQUENCE, &TOO_LONG, &BLANKS, &WRONG_CASE];

/// Arguments stand in no namespace.
pub(super) const QUALIFIED: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.5"), cite("cwmp-1-2.xsd", "elementFormDefault")],
    demands: "The elements within an RPC element have no namespace: no prefix, and no default namespace that \
          reaches them.",
    why: "A parser that is built from the schema looks for an argument without a namespace and finds none: \
          the peer answers 9003 or 8003, or takes every argument for missing.",
    mend_cpe: "Declare the CWMP namespace with a prefix, give that prefix to the RPC element and the headers \
          alone, and declare no default namespace.",
    mend_acs: "Declare the CWMP namespace with a prefix, give that prefix to the RPC element and the headers \
          alone, and declare no default namespace.",
    bad: "<cwmp:Reboot>\n  <cwmp:CommandKey>a</cwmp:CommandKey>\n</cwmp:Reboot>",
    good: "<cwmp:Reboot>\n  <CommandKey>a</CommandKey>\n</cwmp:Reboot>",
    related: &["SOAP-006"],
    wireshark: "xml.tag contains \"<cwmp:CommandKey\" || xml.tag contains \"<cwmp:ParameterList\"",
    ..Rule::must("SOAP-007", "qualified-argument", Scope::Message)
};

/// Arguments stand in the order of the schema, all that are required and none besides.
pub(super) const SEQUENCE: Rule = Rule {
    blame: BOTH,
    cites: &[cite("TR-069 Amendment 2", "A.2.2"), a3("A.2.2"), a3("A.6")],
    demands: "The arguments of an RPC stand in the order of the schema; each required one is there, once, and no \
          other is.",
    why: "A generated parser stops at the first element it does not expect, and everything behind it is \
          lost: the peer answers 9003 or 8003, or works with empty values that nobody sent.",
    mend_cpe: "Write every required argument in the order of the table in Annex A, also where its value is empty, \
          and nothing else.",
    mend_acs: "Write every required argument in the order of the table in Annex A, also where its value is empty, \
          and nothing else.",
    bad: "<cwmp:AddObject>\n  <ParameterKey/>\n  \
          <ObjectName>Device.NAT.PortMapping.</ObjectName>\n</cwmp:AddObject>",
    good: "<cwmp:AddObject>\n  <ObjectName>Device.NAT.PortMapping.</ObjectName>\n  \
          <ParameterKey/>\n</cwmp:AddObject>",
    related: &["SOAP-043"],
    ..Rule::must("SOAP-008", "arguments-as-in-the-schema", Scope::Message)
};

/// A string is no longer than its argument allows.
pub(super) const TOO_LONG: Rule = Rule {
    blame: BOTH,
    cites: &[a3("A.2.1"), cite("cwmp-1-2.xsd", "maxLength")],
    demands: "A string argument has no more characters than its type allows.",
    why: "Devices keep these strings in buffers of exactly that size: a longer one is refused with 9003, or \
          cut in silence, and a cut CommandKey never matches again.",
    mend_cpe: "Cut or refuse the value before it is sent; count characters, not bytes.",
    mend_acs: "Keep to the limit in the database column that the value comes from; count characters, not bytes.",
    bad: "<CommandKey>0123456789012345678901234567890123</CommandKey>",
    good: "<CommandKey>01234567890123456789012345678901</CommandKey>",
    ..Rule::must("SOAP-027", "argument-too-long", Scope::Message)
};

/// Blanks around a string belong to it.
pub(super) const BLANKS: Rule = Rule {
    blame: BOTH,
    cites: &[cite("cwmp-1-2.xsd", "xs:string")],
    demands: "A string argument begins and ends with its value; a blank or line break around it is part of the \
          value.",
    why: "XML Schema keeps the blanks of a string: a peer that compares ` 1 BOOT` or a CommandKey with a \
          line break in it finds no match, while most log files do not show the difference.",
    mend_cpe: "Write the value directly between the tags; do not let a pretty-printer touch leaf elements.",
    mend_acs: "Write the value directly between the tags; do not let a pretty-printer touch leaf elements.",
    bad: "<CommandKey>\n  a\n</CommandKey>",
    good: "<CommandKey>a</CommandKey>",
    ..Rule::heuristic("SOAP-042", "blanks-around-a-string", Scope::Message)
};

/// Element names are case-sensitive.
pub(super) const WRONG_CASE: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.5"), cite("cwmp-1-2.xsd", "ParameterValueStruct")],
    demands: "Element names are spelled as in the schema, upper and lower case included.",
    why: "XML knows no other way to compare names: to the peer the element does not exist, and the argument \
          is missing. An example in Amendments 2 and 3 itself has `name` and `value` in lower case and has misled \
          several implementers.",
    mend_cpe: "Spell the names as the schema does: `Name`, `Value`.",
    mend_acs: "Spell the names as the schema does: `Name`, `Value`.",
    bad: "<ParameterValueStruct><name>Device.X</name><value \
          xsi:type=\"xsd:string\">a</value></ParameterValueStruct>",
    good: "<ParameterValueStruct><Name>Device.X</Name><Value \
          xsi:type=\"xsd:string\">a</Value></ParameterValueStruct>",
    related: &["SOAP-008"],
    wireshark: "xml.tag == \"<name>\" || xml.tag contains \"<value \"",
    ..Rule::must("SOAP-043", "element-name-in-wrong-case", Scope::Message)
};

/// Looks at every argument of every message of a session.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    if !seen.is_cwmp() || seen.from() == Side::Other || !seen.is_whole() {
        return;
    }
    let Some(document) = seen.document() else {
        return;
    };
    if super::document::is_tangled(document) {
        return;
    }
    let version = seen.version();
    let mut is_shapely = true;
    for envelope in seen.envelopes() {
        for departure in departures(&envelope, version) {
            is_shapely = false;
            tell(seen, &envelope, version, &departure, findings);
        }
    }
    if is_shapely {
        seen.gist.note_shapely(version);
    }
}

#[cold]
fn tell(
    seen: &Seen<'_>,
    envelope: &EnvelopeRef<'_>,
    version: Version,
    departure: &Departure<'_>,
    findings: &mut Findings,
) {
    let Some(Judged {
        rule,
        at_most,
        because,
    }) = judge(seen, envelope, version, departure)
    else {
        return;
    };
    let mut draft = seen.breaks_at(rule, departure.element).because(because);
    if let Some(at_most) = at_most {
        draft = draft.at_most(at_most);
    }
    if let Some(method) = envelope.method() {
        draft = draft.rpc(method);
    }
    if let Some(path) = path_of(departure).filter(|_| !departure.kind.is_told_once()) {
        draft = draft.path(&path);
    }
    findings.add(draft);
}

/// The parameter that an element of a list entry belongs to.
pub(super) fn path_of(departure: &Departure<'_>) -> Option<String> {
    let entry = match departure.kind {
        Kind::Missing => departure.element,
        _ => departure.element.parent()?,
    };
    let name = entry.child("Name")?;
    let is_entry =
        entry.name().starts_with("Parameter") || entry.is_named("SetParameterAttributesStruct");
    is_entry.then(|| name.text().trim().to_owned())
}
