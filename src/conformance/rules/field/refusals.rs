//! Requests that a device refuses, or never answers, although nothing is wrong with them.

use cwmp::{EnvelopeRef, Fault, Kind};

use crate::conformance::rule::{ACS, CPE, a3};
use crate::conformance::standing::{Standing, told, type_of};
use crate::conformance::{Asked, Closed, Exchange, Findings, Rule, Scope, Topic};
use crate::model::{Base, Facts};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&BOOLEAN, &WHOLE_TREE, &BATCH, &DOWNLOAD];

const BOOLEAN: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: CPE,
    demands: "A device takes all four spellings of a boolean: 1, 0, true and false.",
    why: "The device compares the text with \"1\" and \"0\" (or with \"true\" and \"false\") and refuses the other spelling with 9003, \
          9006 or 9007. The same setting works from one ACS and fails from another, which spells booleans the other way.",
    mend_cpe: "Read 1 and true as true, 0 and false as false (XML Schema Part 2 section 3.2.2).",
    mend_acs: "Until the device is mended, send the spelling that the device itself uses in GetParameterValuesResponse.",
    bad: "<Value xsi:type=\"xsd:boolean\">true</Value>\n\n<FaultCode>9007</FaultCode>",
    good: "<Value xsi:type=\"xsd:boolean\">true</Value>\n\n<SetParameterValuesResponse><Status>0</Status>",
    related: &["SOAP-029"],
    wireshark: "xml.cdata contains \"9007\" || xml.cdata contains \"9006\"",
    ..Rule::heuristic("FIELD-008", "boolean-spelling-refused", Scope::Exchange)
};

const WHOLE_TREE: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: CPE,
    demands: "A device answers GetParameterNames for the empty path and for NextLevel=false.",
    why: "An ACS explores a new device this way. The device runs out of memory or time while it lists everything, refuses the empty \
          path, or falls silent; the ACS shows an empty data model and cannot set anything it has not got hard-coded.",
    mend_cpe: "Write the answer out piece by piece instead of building it in memory; take the empty path as the root.",
    mend_acs: "Explore level by level with NextLevel=true from the root object's name.",
    bad: "<GetParameterNames><ParameterPath/><NextLevel>0</NextLevel>\n\n<FaultCode>9004</FaultCode>",
    good: "<GetParameterNames><ParameterPath/><NextLevel>0</NextLevel>\n\n<GetParameterNamesResponse>...",
    related: &["CWMP-GPN-001"],
    wireshark: "xml.tag contains \"GetParameterNames\"",
    ..Rule::heuristic("FIELD-009", "whole-tree-not-listed", Scope::Exchange)
};

const BATCH: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: ACS,
    demands: "An ACS asks in one GetParameterValues only for names that this device has.",
    why: "One unknown name makes the device refuse the whole call with 9005, as it has to: none of the other values comes, and the \
          fault does not say which name it was. A page of the ACS that asks for twenty parameters at once then stays empty for \
          every device that lacks one of them.",
    mend_acs: "Ask GetParameterNames first, or ask again for each half when 9005 comes, and remember what this firmware lacks.",
    bad: "<GetParameterValues> 20 names\n\n<FaultCode>9005</FaultCode>",
    good: "<GetParameterValues> the names that GetParameterNames listed",
    related: &["CWMP-GPV-006", "FIELD-021"],
    wireshark: "xml.cdata contains \"9005\"",
    ..Rule::heuristic("FIELD-010", "one-name-fails-the-batch", Scope::Exchange)
};

const DOWNLOAD: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: CPE,
    demands: "A device takes a Download whose optional arguments are empty.",
    cites: &[a3("A.3.2.8")],
    why: "FileSize 0, an empty TargetFileName, SuccessURL or Username are what most ACSs send. A device that wants them filled \
          refuses the Download with 9003 or 9000, and firmware updates fail for this model alone. Where 9000 answers, or a FileType \
          that few devices take is asked for, that may be the reason instead: it is then a remark.",
    mend_cpe: "Take 0 and empty texts as \"not given\" (TR-069 Amendment 3 table 30).",
    related: &["CWMP-DL-001", "PROFILE-004"],
    mend_acs: "Until the device is mended, fill in FileSize and TargetFileName for this model.",
    bad: "<Download>... <FileSize>0</FileSize><TargetFileName/>...\n\n<FaultCode>9003</FaultCode>",
    good: "<Download>... <FileSize>0</FileSize><TargetFileName/>...\n\n<DownloadResponse><Status>1</Status>",
    wireshark: "xml.tag contains \"Download\"",
    ..Rule::heuristic("FIELD-012", "empty-arguments-refused", Scope::Exchange)
};

/// Looks at a fault of the device.
pub(super) fn look(exchange: &Exchange<'_>, findings: &mut Findings) {
    if exchange.answer.from() != Side::Cpe || !exchange.is_fault() {
        return;
    }
    let (Some(request), Some(fault)) = (
        exchange.request(),
        exchange.response().and_then(|response| response.fault()),
    ) else {
        return;
    };
    match exchange.method() {
        "SetParameterValues" => booleans(exchange, &request, &fault, findings),
        "GetParameterNames" => names(exchange, &request, &fault, findings),
        "GetParameterValues" => batch(exchange, &request, &fault, findings),
        "Download" => download(exchange, &request, &fault, findings),
        _ => {}
    }
}

fn booleans(
    exchange: &Exchange<'_>,
    request: &EnvelopeRef<'_>,
    fault: &Fault,
    findings: &mut Findings,
) {
    let model = told(&exchange.answer);
    let named = fault
        .parameters
        .iter()
        .filter(|one| matches!(one.code.trim(), "9003" | "9006" | "9007"));
    for one in named.take(NAMED_MAX) {
        let parameter = request
            .parameters()
            .into_iter()
            .find(|parameter| parameter.name().trim() == one.name.trim());
        let Some(parameter) = parameter else {
            continue;
        };
        let kind = parameter.xsi_type().unwrap_or_default();
        let value = parameter.value().unwrap_or_default();
        if !kind.ends_with("boolean") || !matches!(value.trim(), "true" | "false" | "0" | "1") {
            continue;
        }
        // What is no boolean is refused for being sent as one.
        let name = one.name.trim();
        let known = Standing::of(model, name).and_then(|standing| standing.parameter(name));
        let may_be_boolean =
            |facts: &Facts| matches!(type_of(facts), Base::Boolean | Base::Unknown);
        if known.is_some_and(|known| known.always(|facts| !may_be_boolean(facts))) {
            continue;
        }
        let draft = exchange.breaks(&BOOLEAN).path(name);
        findings.add(draft.because(format!(
            "{} refuses the boolean {}",
            one.code.trim(),
            value.trim()
        )));
    }
}

fn names(
    exchange: &Exchange<'_>,
    request: &EnvelopeRef<'_>,
    fault: &Fault,
    findings: &mut Findings,
) {
    let Some(what) = whole_tree(request) else {
        return;
    };
    // 9005 says that there is no such object; that may be so.
    if matches!(fault.code_number(), Some(9000..=9004)) {
        let code = fault.code.as_deref().unwrap_or_default();
        findings.add(
            exchange
                .breaks(&WHOLE_TREE)
                .because(format!("{code} answers {what}")),
        );
    }
}

/// GetParameterNames for everything, or for all below an object.
fn whole_tree(request: &EnvelopeRef<'_>) -> Option<&'static str> {
    let args = request.args();
    let path = args.named("ParameterPath")?.text()?;
    let next_level = args.named("NextLevel")?.text()?;
    let all_below = matches!(next_level.trim(), "0" | "false");
    match (path.trim(), all_below) {
        ("", _) => Some("GetParameterNames for the empty path"),
        (path, true) if path.ends_with('.') => Some("GetParameterNames with NextLevel false"),
        _ => None,
    }
}

fn batch(
    exchange: &Exchange<'_>,
    request: &EnvelopeRef<'_>,
    fault: &Fault,
    findings: &mut Findings,
) {
    let names = request.args().named("ParameterNames");
    let count = names.map_or(0, |names| names.element().children().count());
    if count > 1 && fault.code_number() == Some(9005) {
        let draft = exchange.breaks(&BATCH);
        findings.add(draft.because(format!(
            "9005 answers a request for {count} names: none is read"
        )));
    }
}

fn download(
    exchange: &Exchange<'_>,
    request: &EnvelopeRef<'_>,
    fault: &Fault,
    findings: &mut Findings,
) {
    if !matches!(fault.code_number(), Some(9000 | 9003)) {
        return;
    }
    let args = request.args();
    let is_empty = |name: &str| {
        let text = args.named(name).and_then(|arg| arg.text());
        text.is_some_and(|text| matches!(text.trim(), "" | "0"))
    };
    let empty: Vec<&str> = OPTIONAL.into_iter().filter(|name| is_empty(name)).collect();
    if empty.is_empty() {
        return;
    }
    // 9000 says that there is no Download at all, and 9003 may be about a file that the device does not take.
    let file = args.named("FileType").and_then(|arg| arg.text());
    let usual = file.is_some_and(|file| USUAL.contains(&file.trim()));
    let most = if fault.code_number() == Some(9003) && usual {
        Severity::Warning
    } else {
        Severity::Info
    };
    let code = fault.code.as_deref().unwrap_or_default();
    let are = if empty.len() == 1 { "is" } else { "are" };
    let said = format!(
        "{code} refuses a Download in which {} {are} empty or 0",
        empty.join(", ")
    );
    findings.add(exchange.breaks(&DOWNLOAD).at_most(most).because(said));
}

/// Requests for the whole tree that the device falls silent upon.
#[derive(Debug, Default)]
pub struct Unanswered;

impl Topic for Unanswered {
    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        if !closed.is_whole() {
            return;
        }
        let what = closed.facts.asked_by_acs.iter().find_map(|asked| {
            let request = request_of(asked)?;
            (asked.method == "GetParameterNames").then(|| whole_tree(&request))?
        });
        if let Some(what) = what {
            let draft = closed.breaks(&WHOLE_TREE).rpc("GetParameterNames");
            findings.add(draft.because(format!(
                "the device never answers {what}, and the session ends"
            )));
        }
    }
}

fn request_of(asked: &Asked) -> Option<EnvelopeRef<'_>> {
    let envelope = asked.message.soap.as_ref()?.envelope(asked.envelope)?;
    (envelope.kind() == Kind::Request).then_some(envelope)
}

/// Parameters of one fault that are looked up; a fault that names more is not about spelling.
const NAMED_MAX: usize = 16;
/// Files that every device with Download takes, or that most do.
const USUAL: [&str; 2] = ["1 Firmware Upgrade Image", "3 Vendor Configuration File"];
/// Arguments of Download that may be empty.
const OPTIONAL: [&str; 6] = [
    "FileSize",
    "TargetFileName",
    "SuccessURL",
    "FailureURL",
    "Username",
    "CommandKey",
];
