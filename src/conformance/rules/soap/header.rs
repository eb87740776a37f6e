//! The headers of CWMP (TR-069 Amendment 3 section 3.5, Table 4).

use cwmp::schema::Version;
use cwmp::{Element, SOAP};

use crate::conformance::rule::{ACS, BOTH, a3, cite};
use crate::conformance::{Findings, Rule, Scope, Seen};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&ID, &HOLD_OF_CPE, &HOLD_OF_ACS, &NO_MORE];

/// cwmp:ID has mustUnderstand="1".
const ID: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.5"), cite("cwmp-1-2.xsd", "ID")],
    demands: "The header cwmp:ID carries the attribute mustUnderstand of SOAP with the value 1.",
    why: "A stack that finds no mustUnderstand may pass the header over: the answer comes without the ID and \
          cannot be matched. `mustUnderstand` without the prefix of SOAP is another attribute.",
    mend_cpe: "Write `<cwmp:ID soap:mustUnderstand=\"1\">`.",
    mend_acs: "Write `<cwmp:ID soap:mustUnderstand=\"1\">`.",
    bad: "<cwmp:ID mustUnderstand=\"1\">1</cwmp:ID>",
    good: "<cwmp:ID soap:mustUnderstand=\"1\">1</cwmp:ID>",
    wireshark: "xml.tag contains \":ID\"",
    ..Rule::must("SOAP-019", "id-must-be-understood", Scope::Message)
};

/// A device never sends HoldRequests.
const HOLD_OF_CPE: Rule = Rule {
    cites: &[a3("3.5")],
    demands: "HoldRequests stands in no envelope of the device.",
    why: "Only the ACS may hold requests back; an ACS that takes the header at its word stops sending and \
          the session stands still.",
    mend_cpe: "Leave the header out.",
    bad: "<cwmp:HoldRequests soap:mustUnderstand=\"1\">0</cwmp:HoldRequests>\n... <cwmp:Inform>",
    good: "<cwmp:ID soap:mustUnderstand=\"1\">1</cwmp:ID>\n... <cwmp:Inform>",
    wireshark: "xml.tag contains \"HoldRequests\"",
    ..Rule::must(
        "SOAP-023",
        "no-hold-requests-from-the-device",
        Scope::Message,
    )
};

/// HoldRequests is a boolean with mustUnderstand="1".
const HOLD_OF_ACS: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.5"), cite("cwmp-1-2.xsd", "HoldRequests")],
    demands: "HoldRequests is 0, 1, true or false and carries mustUnderstand=\"1\" of SOAP.",
    why: "A device that cannot read it goes on sending requests while the ACS waits for it to be silent, or \
          is silent for ever.",
    mend_acs: "Write `<cwmp:HoldRequests soap:mustUnderstand=\"1\">1</cwmp:HoldRequests>`.",
    bad: "<cwmp:HoldRequests>yes</cwmp:HoldRequests>",
    good: "<cwmp:HoldRequests soap:mustUnderstand=\"1\">1</cwmp:HoldRequests>",
    wireshark: "xml.tag contains \"HoldRequests\"",
    ..Rule::must("SOAP-024", "hold-requests-well-formed", Scope::Message)
};

/// NoMoreRequests is of TR-069 Issue 1.
const NO_MORE: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: BOTH,
    cites: &[
        cite("TR-069 Issue 1", "3.5"),
        cite("cwmp-1-0.xsd", "headers"),
    ],
    demands: "NoMoreRequests stands only in messages of TR-069 Issue 1; later versions do not have it.",
    why: "A peer of a later version passes it over, so that it does not do what its sender expects; it is a \
          sign of a stack that was written for Issue 1.",
    mend_cpe: "Leave the header out from Amendment 1 on; an empty POST says the same.",
    mend_acs: "Leave the header out from Amendment 1 on; an empty response says the same.",
    bad: "<cwmp:NoMoreRequests>1</cwmp:NoMoreRequests>",
    good: "<cwmp:ID soap:mustUnderstand=\"1\">1</cwmp:ID>",
    wireshark: "xml.tag contains \"NoMoreRequests\"",
    ..Rule::heuristic("SOAP-025", "no-more-requests-header", Scope::Message)
};

/// Looks at the headers of every envelope.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    if !seen.is_cwmp() || seen.from() == Side::Other || !seen.is_whole() {
        return;
    }
    for envelope in seen.envelopes() {
        let Some(header) = envelope.header() else {
            continue;
        };
        for block in header.children().take(HEADERS_MAX) {
            match block.name() {
                "ID" => id(seen, block, findings),
                "HoldRequests" if seen.from() == Side::Cpe => {
                    let draft = seen.breaks_at(&HOLD_OF_CPE, block);
                    findings.add(draft.because("the device sends HoldRequests"));
                }
                "HoldRequests" => hold(seen, block, findings),
                "NoMoreRequests" => {
                    let of_1_0 = envelope.version_hint() == Some(Version::V1_0);
                    let most = if of_1_0 {
                        Severity::Info
                    } else {
                        Severity::Warning
                    };
                    let draft = seen.breaks_at(&NO_MORE, block).at_most(most);
                    findings.add(draft.because("there is a header NoMoreRequests"));
                }
                _ => {}
            }
        }
    }
}

fn id(seen: &Seen<'_>, block: Element<'_>, findings: &mut Findings) {
    if let Some(odd) = must_understand(block) {
        findings.add(seen.breaks_at(&ID, block).because(odd));
    }
}

fn hold(seen: &Seen<'_>, block: Element<'_>, findings: &mut Findings) {
    let text = block.text();
    let draft = seen.breaks_at(&HOLD_OF_ACS, block);
    if !matches!(text.trim(), "0" | "1" | "true" | "false") {
        findings.add(draft.because(format!("HoldRequests is '{}'", text.trim())));
    } else if let Some(odd) = must_understand(block) {
        findings.add(draft.because(odd));
    }
}

/// What is wrong with mustUnderstand; it has to be that of SOAP and to be 1.
fn must_understand(block: Element<'_>) -> Option<String> {
    let name = block.name();
    let Some(attribute) = block.attribute("mustUnderstand") else {
        return Some(format!("{name} has no mustUnderstand"));
    };
    if attribute.namespace() != Some(SOAP) {
        return Some(format!(
            "mustUnderstand of {name} is not in the namespace of SOAP"
        ));
    }
    let value = attribute.value();
    (value != "1").then(|| format!("mustUnderstand of {name} is '{value}'"))
}

/// Headers looked at in one message; CWMP has six.
const HEADERS_MAX: usize = 64;
