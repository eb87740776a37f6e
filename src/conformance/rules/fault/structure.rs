//! How a fault is built: SOAP's part of it and CWMP's.

use cwmp::{Element, EnvelopeRef, Kind};

use crate::conformance::rule::{BOTH, a3, cite};
use crate::conformance::{Findings, Rule, Scope, Seen};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &STRUCTURE,
    &SOAP_CODE,
    &STRING,
    &DETAIL,
    &SEQUENCE,
    &SOAP_LEVEL,
];

/// A fault has faultcode, faultstring and detail.
const STRUCTURE: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.5"), cite("SOAP 1.1", "4.4")],
    demands: "A fault holds faultcode, faultstring and detail, each in no namespace and directly within Fault.",
    why: "A SOAP stack looks for exactly these names: with `soap:faultcode`, or with detail inside \
          faultstring, it reports a fault without a code, and the ACS shows \"unknown error\".",
    mend_cpe: "Write `<faultcode>`, `<faultstring>` and `<detail>` side by side, without prefixes.",
    mend_acs: "Write `<faultcode>`, `<faultstring>` and `<detail>` side by side, without prefixes.",
    bad: "<soap:Fault>\n  <soap:faultcode>Client</soap:faultcode>",
    good: "<soap:Fault>\n  <faultcode>Client</faultcode>\n  <faultstring>CWMP fault</faultstring>\n  \
          <detail>...</detail>\n</soap:Fault>",
    related: &["FLT-005"],
    wireshark: "xml.tag contains \":Fault\"",
    ..Rule::must("FLT-001", "fault-structure", Scope::Message)
};

/// faultcode is Client or Server.
const SOAP_CODE: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.5"), cite("SOAP 1.1", "4.4.1")],
    demands: "faultcode is Client or Server, with or without the prefix of SOAP.",
    why: "Stacks that turn the fault into an exception choose its class by this word: a CWMP code in its \
          place ends as a parse error, and the real reason is lost.",
    mend_cpe: "Write `Client` or `Server`; the code of CWMP belongs into FaultCode.",
    mend_acs: "Write `Client` or `Server`; the code of CWMP belongs into FaultCode.",
    bad: "<faultcode>9005</faultcode>",
    good: "<faultcode>Client</faultcode>",
    related: &["FLT-003"],
    wireshark: "xml.tag == \"<faultcode>\"",
    ..Rule::must("FLT-002", "faultcode-client-or-server", Scope::Message)
};

/// faultstring is CWMP fault.
const STRING: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.5")],
    demands: "faultstring contains the words CWMP fault, spelled so.",
    why: "Some peers tell a fault of CWMP from one of the SOAP stack by these words, and treat the second as \
          a broken connection: they end the session instead of going on.",
    mend_cpe: "Write `CWMP fault`; the reason belongs into FaultString.",
    mend_acs: "Write `CWMP fault`; the reason belongs into FaultString.",
    bad: "<faultstring>Invalid arguments</faultstring>",
    good: "<faultstring>CWMP fault</faultstring>",
    wireshark: "xml.tag == \"<faultstring>\" && !(xml.cdata contains \"CWMP fault\")",
    ..Rule::must("FLT-004", "faultstring-cwmp-fault", Scope::Message)
};

/// detail holds a cwmp:Fault.
const DETAIL: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.5")],
    demands: "detail holds an element Fault in the namespace of CWMP.",
    why: "FaultCode is looked for within cwmp:Fault: directly in detail, or without the namespace, it is not \
          found, and the ACS does not know that the name was wrong and not the value.",
    mend_cpe: "Wrap FaultCode and FaultString into `<cwmp:Fault>`.",
    mend_acs: "Wrap FaultCode and FaultString into `<cwmp:Fault>`.",
    bad: "<detail><FaultCode>9005</FaultCode></detail>",
    good: "<detail><cwmp:Fault><FaultCode>9005</FaultCode><FaultString>Invalid parameter \
          name</FaultString></cwmp:Fault></detail>",
    related: &["FLT-001"],
    wireshark: "xml.tag == \"<detail>\"",
    ..Rule::must("FLT-005", "cwmp-fault-in-detail", Scope::Message)
};

/// FaultCode, FaultString, SetParameterValuesFault.
const SEQUENCE: Rule = Rule {
    blame: BOTH,
    cites: &[cite("cwmp-1-2.xsd", "Fault")],
    demands: "cwmp:Fault holds FaultCode, then FaultString if it has one, then the SetParameterValuesFault \
          elements.",
    why: "A parser built from the schema stops at the first element out of order: the code is lost, or the \
          list of parameters in error.",
    mend_cpe: "Write the three in this order.",
    mend_acs: "Write FaultCode before FaultString.",
    bad: "<FaultString>Invalid</FaultString>\n<FaultCode>9003</FaultCode>",
    good: "<FaultCode>9003</FaultCode>\n<FaultString>Invalid</FaultString>",
    wireshark: "xml.tag == \"<FaultCode>\"",
    ..Rule::must("FLT-006", "cwmp-fault-in-order", Scope::Message)
};

/// A fault of SOAP itself has no detail.
const SOAP_LEVEL: Rule = Rule {
    blame: BOTH,
    cites: &[cite("SOAP 1.1", "4.4.1")],
    demands: "A fault VersionMismatch or MustUnderstand is one of SOAP, not of CWMP: it has no detail and no \
          code of CWMP.",
    why: "SOAP 1.1 forbids detail where the body was not processed, so that a fault for a header that was \
          not understood is right without it.",
    ..Rule::guard("FLT-025", "faults-of-soap-itself", &["FLT-001", "FLT-005"])
};

/// Looks at every fault.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    if !seen.is_cwmp() || seen.from() == Side::Other || !seen.is_whole() {
        return;
    }
    for envelope in seen.envelopes() {
        if envelope.kind() == Kind::Fault
            && let Some(fault) = envelope.message()
        {
            structure(seen, fault, findings);
            if !of_soap_itself(&envelope) {
                string(seen, fault, findings);
                sequence(seen, fault, findings);
            }
        }
    }
}

/// VersionMismatch and MustUnderstand are faults of SOAP: nothing of the body was processed, so there is no detail.
pub(in crate::conformance::rules) fn of_soap_itself(envelope: &EnvelopeRef<'_>) -> bool {
    let code = envelope.fault().and_then(|fault| fault.soap_code);
    code.is_some_and(|code| {
        let local = code.trim().rsplit(':').next().unwrap_or_default();
        let first = local.split('.').next().unwrap_or_default();
        matches!(first, "VersionMismatch" | "MustUnderstand")
    })
}

fn structure(seen: &Seen<'_>, fault: Element<'_>, findings: &mut Findings) {
    let code = fault.child("faultcode");
    let word = code.map(|code| code.text().trim().to_owned());
    let local = word
        .as_deref()
        .map(|word| word.rsplit(':').next().unwrap_or_default());
    let first = local.map(|local| local.split('.').next().unwrap_or_default());
    let of_soap = matches!(first, Some("VersionMismatch" | "MustUnderstand"));
    parts(seen, fault, of_soap, findings);
    if let (Some(element), Some(local), Some(first)) = (code, local, first) {
        let draft = seen.breaks_at(&SOAP_CODE, element);
        if !matches!(
            first,
            "Client" | "Server" | "VersionMismatch" | "MustUnderstand"
        ) {
            findings.add(draft.because(format!("faultcode is '{local}'")));
        } else if first != local {
            let draft = draft.at_most(Severity::Info);
            findings.add(draft.because(format!("faultcode has a part of its own: {local}")));
        }
    }
    let Some(detail) = fault.child("detail").filter(|_| !of_soap) else {
        return;
    };
    let is_ours = |child: &Element<'_>| {
        let namespace = child.namespace();
        child.is_named("Fault")
            && namespace.is_some_and(|uri| uri.starts_with("urn:dslforum-org:cwmp"))
    };
    let children = detail.children();
    let draft = seen.breaks_at(&DETAIL, detail);
    if !children.clone().any(|child| is_ours(&child)) {
        let first = children.clone().next().map(|child| child.name());
        let because = match (detail.child("Fault"), first) {
            (Some(_), _) => "the Fault in detail is not in the namespace of CWMP".to_owned(),
            (None, Some(first)) => format!("detail holds {first} and no cwmp:Fault"),
            (None, None) => "detail is empty".to_owned(),
        };
        findings.add(draft.because(because));
    } else if let Some(other) = children.into_iter().find(|child| !is_ours(child)) {
        let draft = draft.at_most(Severity::Info);
        findings.add(draft.because(format!("detail holds {} too", other.name())));
    }
}

/// The parts that SOAP wants, directly within the fault and in no namespace.
fn parts(seen: &Seen<'_>, fault: Element<'_>, of_soap: bool, findings: &mut Findings) {
    for name in ["faultcode", "faultstring", "detail"] {
        let because = match fault.child(name) {
            Some(part) if part.is_qualified() => format!("{name} is in a namespace"),
            Some(_) => continue,
            None if name == "detail" && of_soap => continue,
            None => match fault.descendants().find(|element| element.is_named(name)) {
                Some(element) => format!(
                    "{name} stands within {}",
                    element
                        .parent()
                        .map_or("another element", |parent| parent.name())
                ),
                None => format!("{name} is missing"),
            },
        };
        findings.add(seen.breaks_at(&STRUCTURE, fault).because(because));
        return;
    }
}

fn string(seen: &Seen<'_>, fault: Element<'_>, findings: &mut Findings) {
    let Some(element) = fault.child("faultstring") else {
        return;
    };
    let text = element.text();
    let text = text.trim();
    if text == EXPECTED {
        return;
    }
    let mut draft = seen.breaks_at(&STRING, element);
    if text.contains(EXPECTED) {
        draft = draft.at_most(Severity::Info);
    }
    let shown: String = text.chars().take(SHOWN_MAX).collect();
    findings.add(draft.because(format!("faultstring is '{shown}'")));
}

/// The order within cwmp:Fault, and within each entry of it.
fn sequence(seen: &Seen<'_>, fault: Element<'_>, findings: &mut Findings) {
    let Some(ours) = fault
        .child("detail")
        .and_then(|detail| detail.child("Fault"))
    else {
        return;
    };
    let order = |holder: Element<'_>, names: &[&str]| -> Option<String> {
        let mut furthest = 0;
        for child in holder.children() {
            let Some(at) = names.iter().position(|name| child.is_named(name)) else {
                return Some(format!("{} holds {}", holder.name(), child.name()));
            };
            if at < furthest {
                return Some(format!(
                    "{} stands behind what it should precede",
                    child.name()
                ));
            }
            furthest = at;
        }
        None
    };
    let entries = ours
        .children()
        .filter(|child| child.is_named(ENTRY))
        .take(ENTRIES_MAX);
    let odd = if ours.child("FaultCode").is_none() {
        Some("FaultCode is missing".to_owned())
    } else {
        order(ours, &["FaultCode", "FaultString", ENTRY]).or_else(|| {
            let names = ["ParameterName", "FaultCode", "FaultString"];
            let mut odd = entries.filter_map(|entry| order(entry, &names));
            odd.next()
        })
    };
    if let Some(odd) = odd {
        findings.add(seen.breaks_at(&SEQUENCE, ours).because(odd));
    }
}

const EXPECTED: &str = "CWMP fault";
const ENTRY: &str = "SetParameterValuesFault";
/// Characters of a faultstring that are told.
const SHOWN_MAX: usize = 60;
/// Entries whose order is looked at.
const ENTRIES_MAX: usize = 256;
