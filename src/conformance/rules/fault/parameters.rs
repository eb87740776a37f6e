//! Faults of single parameters: SetParameterValuesFault, and what has to be refused.

use std::collections::HashSet;

use cwmp::schema::Version;
use cwmp::{Kind, ParameterFault};

use crate::conformance::rule::{a3, cite};
use crate::conformance::{Exchange, Findings, Rule, Scope, Seen};
use crate::session::Side;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &ONLY_SPV,
    &PRIMARY,
    &FULL_PATH,
    &ENTRY_CODE,
    &ENTRY_9004,
    &TWICE,
    &FORBIDDEN,
];

/// SetParameterValuesFault answers SetParameterValues alone.
const ONLY_SPV: Rule = Rule {
    cites: &[a3("3.5")],
    demands: "A fault holds SetParameterValuesFault only where it answers SetParameterValues.",
    why: "An ACS reads the list as values that were refused, and marks parameters it never wrote as failed.",
    mend_cpe: "Leave the list out of faults to other methods.",
    bad: "GetParameterValues -> <SetParameterValuesFault>",
    good: "GetParameterValues -> <FaultCode>9005</FaultCode>",
    wireshark: "xml.tag contains \"SetParameterValuesFault\"",
    ..Rule::must(
        "FLT-011",
        "parameter-faults-of-set-parameter-values",
        Scope::Exchange,
    )
};

/// Refused values: 9003, and one entry a parameter.
const PRIMARY: Rule = Rule {
    cites: &[a3("A.3.2.1")],
    demands: "A SetParameterValues that is refused for its parameters is answered with 9003 and one \
          SetParameterValuesFault for each of them.",
    why: "With 9007 as the code of the whole request and no list, the ACS knows that one of a hundred values \
          was wrong, and not which.",
    mend_cpe: "Answer 9003, and put the code of each parameter into its SetParameterValuesFault.",
    bad: "<FaultCode>9007</FaultCode>",
    good: "<FaultCode>9003</FaultCode>\n<SetParameterValuesFault>...<FaultCode>9007</FaultCode></SetParameterValuesFault>",
    wireshark: "xml.cdata == \"9005\" || xml.cdata == \"9006\" || xml.cdata == \"9007\" || xml.cdata == \"9008\"",
    ..Rule::must("FLT-012", "refused-values-are-9003", Scope::Exchange)
};

/// ParameterName of a refused value is a full path.
const FULL_PATH: Rule = Rule {
    cites: &[a3("3.5"), a3("A.3.2.1")],
    demands: "ParameterName in SetParameterValuesFault is the full path of a parameter.",
    why: "The ACS cannot put a short name down to the value that it wrote, and shows the whole request as \
          failed.",
    mend_cpe: "Repeat the Name of the request.",
    bad: "<ParameterName>PeriodicInformInterval</ParameterName>",
    good: "<ParameterName>Device.ManagementServer.PeriodicInformInterval</ParameterName>",
    wireshark: "xml.tag contains \"ParameterName\"",
    ..Rule::must("FLT-013", "parameter-fault-by-full-path", Scope::Exchange)
};

/// Codes of refused values are 9005 to 9008.
const ENTRY_CODE: Rule = Rule {
    cites: &[a3("3.5"), a3("A.5")],
    demands: "FaultCode in SetParameterValuesFault is 9005 to 9008, or 9001 or 9002.",
    why: "Examples in Issue 1 and Amendments 1 and 2 show 9012, which is a code of file transfers; the ACS \
          has no text for it here.",
    mend_cpe: "Use 9005 (name), 9006 (type), 9007 (value) or 9008 (not writable).",
    bad: "<SetParameterValuesFault>...<FaultCode>9012</FaultCode>",
    good: "<SetParameterValuesFault>...<FaultCode>9007</FaultCode>",
    related: &["FLT-015"],
    wireshark: "xml.tag contains \"SetParameterValuesFault\"",
    ..Rule::heuristic("FLT-014", "code-of-a-refused-value", Scope::Message)
};

/// 9004 flags no parameter.
const ENTRY_9004: Rule = Rule {
    cites: &[a3("A.5")],
    demands: "FaultCode in SetParameterValuesFault is not 9004.",
    why: "Lack of resources concerns the request: the ACS would look for an error in a value that is right.",
    mend_cpe: "Use 9004 as the code of the whole fault, or 9007 for the value.",
    bad: "<SetParameterValuesFault>...<FaultCode>9004</FaultCode>",
    good: "<FaultCode>9004</FaultCode>",
    related: &["FLT-014"],
    wireshark: "xml.tag contains \"SetParameterValuesFault\"",
    ..Rule::must(
        "FLT-015",
        "resources-are-no-fault-of-a-value",
        Scope::Message,
    )
};

/// A name twice in one request is refused.
const TWICE: Rule = Rule {
    versions: "1.1 and later",
    cites: &[a3("A.3.2.1")],
    demands: "SetParameterValues with a name that stands twice is answered with 9003.",
    why: "A device that takes one of the two values decides for the ACS which; the ACS believes the other \
          one.",
    mend_cpe: "Compare the names before anything is applied, and answer 9003.",
    bad: "Device.X = 1, Device.X = 2 -> <Status>0</Status>",
    good: "Device.X = 1, Device.X = 2 -> <FaultCode>9003</FaultCode>",
    related: &["CWMP-SPV-001"],
    wireshark: "xml.tag contains \"SetParameterValues>\"",
    ..Rule::must("FLT-018", "name-twice-is-refused", Scope::Exchange)
};

/// A value the data model forbids is refused.
const FORBIDDEN: Rule = Rule {
    versions: "1.1 and later",
    cites: &[a3("A.3.2.1"), cite("TR-106 Amendment 1", "2.4")],
    demands: "A value that the data model forbids is answered with a fault that flags the parameter with 9007.",
    why: "The device keeps a setting that cannot work: with a PeriodicInformInterval of 0 it calls without \
          pause, or never again.",
    mend_cpe: "Check the value against its range, and answer 9003 with 9007 for the parameter.",
    bad: "PeriodicInformInterval = 0 -> <Status>0</Status>",
    good: "PeriodicInformInterval = 0 -> <FaultCode>9003</FaultCode>",
    wireshark: "xml.cdata contains \"PeriodicInformInterval\"",
    ..Rule::must("FLT-028", "forbidden-value-refused", Scope::Exchange)
};

/// Looks at the entries of a device's fault.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    if !seen.is_cwmp() || seen.from() != Side::Cpe || !seen.is_whole() {
        return;
    }
    for envelope in seen.envelopes() {
        if envelope.kind() != Kind::Fault {
            continue;
        }
        let (Some(element), Some(fault)) = (envelope.message(), envelope.fault()) else {
            continue;
        };
        for entry in fault.parameters.iter().take(ENTRIES_MAX) {
            let Ok(code) = entry.code.trim().parse::<u32>() else {
                continue;
            };
            let rule = match code {
                9004 => &ENTRY_9004,
                9001 | 9002 | 9005..=9008 | 9800..=9899 => continue,
                _ => &ENTRY_CODE,
            };
            let path = entry.name.trim();
            let draft = seen
                .breaks_at(rule, element)
                .rpc("SetParameterValues")
                .path(path);
            findings.add(draft.because(format!("{path} is refused with {code}")));
        }
    }
}

/// Looks at a fault with its request, and at a success that should have been one.
pub(super) fn exchange(exchange: &Exchange<'_>, findings: &mut Findings) {
    if exchange.answer.from() != Side::Cpe {
        return;
    }
    let of_spv = exchange.method() == "SetParameterValues";
    let fault = exchange.response().and_then(|response| response.fault());
    let Some(fault) = fault else {
        if of_spv && exchange.answer.version() >= Version::V1_1 && !exchange.is_fault() {
            accepted(exchange, findings);
        }
        return;
    };
    let code = fault.code_number();
    if !of_spv {
        if !fault.parameters.is_empty() {
            let draft = exchange.breaks(&ONLY_SPV);
            findings.add(draft.because(format!(
                "a fault to {} holds SetParameterValuesFault",
                exchange.method()
            )));
        }
        return;
    }
    let primary = match code {
        Some(9003) => None,
        Some(code @ 9005..=9008) => Some(format!("the code of the whole fault is {code}")),
        Some(code) if !fault.parameters.is_empty() => {
            Some(format!("values are refused, and the code is {code}"))
        }
        _ => None,
    };
    if let Some(primary) = primary {
        findings.add(exchange.breaks(&PRIMARY).because(primary));
    }
    full_paths(exchange, &fault.parameters, findings);
}

/// The specification's own example wraps the name in line breaks.
fn full_paths(exchange: &Exchange<'_>, entries: &[ParameterFault], findings: &mut Findings) {
    for entry in entries.iter().take(ENTRIES_MAX) {
        let name = entry.name.trim();
        let root = ROOTS.iter().any(|root| name.starts_with(root));
        if root && !name.ends_with('.') || is_asked(exchange, name) {
            continue;
        }
        let shown: String = name.chars().take(SHOWN_MAX).collect();
        let draft = exchange.breaks(&FULL_PATH).path(name);
        findings.add(draft.because(format!("ParameterName is '{shown}'")));
    }
}

/// The request has the name just so: what is refused has no other.
fn is_asked(exchange: &Exchange<'_>, name: &str) -> bool {
    let request = exchange.request();
    request.is_some_and(|request| {
        let mut some = request.parameters().take(ASKED_MAX);
        some.any(|one| one.name() == name)
    })
}

/// A name twice, or a value of which every data model says that it cannot be.
fn accepted(exchange: &Exchange<'_>, findings: &mut Findings) {
    let Some(request) = exchange.request() else {
        return;
    };
    let mut met: HashSet<&[u8], foldhash::fast::RandomState> = HashSet::default();
    let mut twice = None;
    for parameter in request.parameters() {
        let Some(name) = parameter.element().child("Name") else {
            continue;
        };
        if !met.insert(name.content()) && twice.is_none() {
            twice = Some(parameter.name());
        }
        if name
            .content()
            .ends_with(b".ManagementServer.PeriodicInformInterval")
            && parameter.value().is_some_and(|value| value.trim() == "0")
        {
            let path = parameter.name();
            let draft = exchange.breaks(&FORBIDDEN).path(&path);
            findings.add(draft.because(format!("{path} is set to 0")));
        }
    }
    if let Some(name) = twice {
        let draft = exchange.breaks(&TWICE).path(&name);
        findings.add(draft.because(format!("{name} stands twice, and the request succeeds")));
    }
}

/// The roots of data models.
const ROOTS: [&str; 2] = ["Device.", "InternetGatewayDevice."];
/// Entries looked at in one fault.
const ENTRIES_MAX: usize = 256;
/// Names of one request among which one is looked for.
const ASKED_MAX: usize = 256;
/// Characters of a name that is none.
const SHOWN_MAX: usize = 80;
