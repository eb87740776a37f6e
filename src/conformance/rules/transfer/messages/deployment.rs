//! Deployment units: ChangeDUState and the reports of what became of it.

use cwmp::Element;

use super::request::names_a_user;
use super::text;
use crate::conformance::rule::{ACS, a3, cite};
use crate::conformance::rules::soap::time;
use crate::conformance::{Findings, Rule, Scope, Seen};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(in crate::conformance::rules) const RULES: &[&Rule] = &[
    &DU_FORM,
    &DU_UUID,
    &DU_VERSION,
    &DU_ENV,
    &DU_SOME,
    &DU_HOUR,
    &DSC_SHAPE,
    &DSC_STATE,
    &DSC_REF,
    &DSC_REASON,
    &ADSC_SHAPE,
];

/// Each operation says by xsi:type which one it is.
pub(in crate::conformance::rules) const DU_FORM: Rule = Rule {
    blame: ACS,
    versions: "1.2 and later",
    cites: &[cite("cwmp-1-2.xsd", "OperationStruct"), a3("A.4.1.10")],
    demands: "Each Operations element carries xsi:type with InstallOpStruct, UpdateOpStruct or UninstallOpStruct \
          in CWMP's namespace; it is no SOAP array.",
    why: "The three operations differ by nothing but this attribute: without it a device that installs and \
          one that uninstalls would both be right, so they refuse it.",
    mend_acs: "Repeat the element Operations with `xsi:type=\"cwmp:InstallOpStruct\"` and its like.",
    bad: "<Operations soapenc:arrayType=\"cwmp:OperationStruct[1]\">",
    good: "<Operations xsi:type=\"cwmp:InstallOpStruct\">",
    wireshark: "xml.tag contains \"<Operations\"",
    ..Rule::must("CWMP-DU-001", "operation-names-its-form", Scope::Message)
};

/// A UUID has its form; Uninstall needs one.
pub(in crate::conformance::rules) const DU_UUID: Rule = Rule {
    blame: ACS,
    versions: "1.2 and later",
    cites: &[cite("cwmp-1-2.xsd", "DeploymentUnitUUID"), a3("A.4.1.10")],
    demands: "A UUID is written as 8, 4, 4, 4 and 12 hexadecimal digits with hyphens between them; Install and \
          Update may leave it out or empty, Uninstall may not.",
    why: "The device finds no deployment unit under a UUID of another form and answers with 9028 or 9003; to \
          uninstall without one it would have to guess.",
    mend_acs: "Write the UUID with its hyphens.",
    bad: "<UUID>0123456789abcdef0123456789abcdef</UUID>",
    good: "<UUID>01234567-89ab-cdef-0123-456789abcdef</UUID>",
    wireshark: "xml.tag contains \"<UUID\"",
    ..Rule::must("CWMP-DU-002", "deployment-unit-uuid", Scope::Message)
};

/// An Update of everything names no version.
const DU_VERSION: Rule = Rule {
    blame: ACS,
    versions: "1.2 and later",
    cites: &[a3("A.4.1.10")],
    demands: "An Update without UUID and URL, which means every deployment unit, has no Version.",
    why: "One version cannot hold for all units: the device refuses the operation, and none is updated.",
    mend_acs: "Leave Version out, or name the unit by its UUID.",
    bad: "<Operations xsi:type=\"cwmp:UpdateOpStruct\"><Version>2.0</Version></Operations>",
    good: "<Operations xsi:type=\"cwmp:UpdateOpStruct\"/>",
    wireshark: "xml.attribute contains \"UpdateOpStruct\"",
    ..Rule::must(
        "CWMP-DU-003",
        "update-of-all-without-version",
        Scope::Message,
    )
};

/// ExecutionEnvRef is the path of an instance.
const DU_ENV: Rule = Rule {
    blame: ACS,
    versions: "1.2 and later",
    cites: &[a3("A.4.1.10")],
    demands: "ExecutionEnvRef, where it is given, is the path of an instance with its number and a dot at the \
          end.",
    why: "The device finds no such environment and answers 9023 for the operation; a forgotten dot is the \
          usual cause.",
    mend_acs: "Write the path with number and dot, or leave it empty to let the device choose.",
    bad: "<ExecutionEnvRef>Device.SoftwareModules.ExecEnv.1</ExecutionEnvRef>",
    good: "<ExecutionEnvRef>Device.SoftwareModules.ExecEnv.1.</ExecutionEnvRef>",
    wireshark: "xml.tag contains \"ExecutionEnvRef\"",
    ..Rule::must("CWMP-DU-004", "execution-environment-path", Scope::Message)
};

/// ChangeDUState has an operation, and its URLs name no user.
pub(in crate::conformance::rules) const DU_SOME: Rule = Rule {
    blame: ACS,
    versions: "1.2 and later",
    cites: &[a3("A.4.1.10")],
    demands: "ChangeDUState has at least one Operations element, and the URLs of Install and Update have no user \
          name or password in them.",
    why: "Without an operation there is nothing to report: the DUStateChangeComplete that the ACS waits for \
          never comes. A user in a URL makes the operation fail.",
    mend_acs: "Send at least one operation; user and password have elements of their own.",
    bad: "<cwmp:ChangeDUState><CommandKey>a</CommandKey></cwmp:ChangeDUState>",
    good: "<cwmp:ChangeDUState><Operations \
          xsi:type=\"cwmp:InstallOpStruct\">...</Operations><CommandKey>a</CommandKey></cwmp:ChangeDUState>",
    wireshark: "xml.tag contains \"ChangeDUState\"",
    ..Rule::must("CWMP-DU-007", "operations-and-their-urls", Scope::Message)
};

/// An operation of more than an hour has failed.
const DU_HOUR: Rule = Rule {
    versions: "1.2 and later",
    cites: &[a3("A.4.1.10")],
    demands: "An operation that took longer than an hour is reported as failed.",
    why: "The ACS has given the operation up by then and may have ordered it again: a success that comes \
          later counts for the wrong order.",
    mend_cpe: "Give the operation up after an hour, undo it, and report it as failed.",
    bad: "<StartTime>2026-03-02T08:00:00Z</StartTime>\n<CompleteTime>2026-03-02T10:00:00Z</CompleteTime>\n<Fault><FaultCode>0</FaultCode></Fault>",
    good: "<StartTime>2026-03-02T08:00:00Z</StartTime>\n<CompleteTime>2026-03-02T08:10:00Z</CompleteTime>\n<Fault><FaultCode>0</FaultCode></Fault>",
    wireshark: "xml.tag contains \"DUStateChangeComplete\"",
    ..Rule::must(
        "CWMP-DU-009",
        "operation-longer-than-an-hour",
        Scope::Message,
    )
};

/// Results is a repeated element with nine members.
pub(in crate::conformance::rules) const DSC_SHAPE: Rule = Rule {
    versions: "1.2 and later",
    cites: &[cite("cwmp-1-2.xsd", "OpResultStruct"), a3("A.4.2.3")],
    demands: "DUStateChangeComplete has one Results element an operation, each with UUID, DeploymentUnitRef, \
          Version, CurrentState, Resolved, ExecutionUnitRefList, StartTime, CompleteTime and Fault in this order, and \
          CommandKey behind them; it has no SOAP array.",
    why: "The ACS answers 8003 and never learns what became of the order; the device repeats the report.",
    mend_cpe: "Repeat Results once for each operation, without arrayType, with all nine members.",
    bad: "<Results soapenc:arrayType=\"cwmp:OpResultStruct[1]\"><OpResultStruct>",
    good: "<Results><UUID>...</UUID>...</Results>\n<CommandKey>a</CommandKey>",
    wireshark: "xml.tag contains \"DUStateChangeComplete\"",
    ..Rule::must("CWMP-DSC-001", "deployment-results", Scope::Message)
};

/// CurrentState and FaultCode of a result are listed ones.
pub(in crate::conformance::rules) const DSC_STATE: Rule = Rule {
    versions: "1.2 and later",
    cites: &[
        a3("A.4.2.3"),
        cite("cwmp-1-2.xsd", "DeploymentUnitFaultStruct"),
    ],
    demands: "CurrentState is Installed, Uninstalled or Failed; FaultCode is 0, 9001, 9003, 9012, 9013, 9015 to \
          9018, 9022 to 9032, or the vendor's 9800 to 9899.",
    why: "9010 and its like belong to file transfers: an ACS that validates refuses the report, and the \
          device repeats it.",
    mend_cpe: "Use the codes for deployment units.",
    bad: "<CurrentState>Failed</CurrentState>\n...\n<FaultCode>9010</FaultCode>",
    good: "<CurrentState>Failed</CurrentState>\n...\n<FaultCode>9022</FaultCode>",
    wireshark: "xml.tag contains \"DUStateChangeComplete\"",
    ..Rule::must("CWMP-DSC-002", "deployment-state-and-code", Scope::Message)
};

/// References to units end with a dot.
const DSC_REF: Rule = Rule {
    versions: "1.2 and later",
    cites: &[a3("A.4.2.3")],
    demands: "DeploymentUnitRef is the path of an instance and ends with a dot, and so does each path in \
          ExecutionUnitRefList; paths in the values of parameters have no dot there.",
    why: "The ACS reads the unit by this path: without the dot it asks for a parameter, and the device \
          answers 9005.",
    mend_cpe: "Append the dot.",
    bad: "<DeploymentUnitRef>Device.SoftwareModules.DeploymentUnit.1</DeploymentUnitRef>",
    good: "<DeploymentUnitRef>Device.SoftwareModules.DeploymentUnit.1.</DeploymentUnitRef>",
    wireshark: "xml.tag contains \"DeploymentUnitRef\"",
    ..Rule::must(
        "CWMP-DSC-003",
        "deployment-references-end-with-a-dot",
        Scope::Message,
    )
};

/// A failed operation has a code, one that worked has none.
const DSC_REASON: Rule = Rule {
    versions: "1.2 and later",
    cites: &[a3("A.4.2.3")],
    demands: "FaultCode of a result is 0 exactly where the operation worked.",
    why: "`Failed` with code 0 leaves the operator without a reason, and an ACS that goes by the code alone \
          counts it as success.",
    mend_cpe: "Report a code other than 0 with Failed, and 0 with everything else.",
    bad: "<CurrentState>Failed</CurrentState>\n...\n<FaultCode>0</FaultCode>",
    good: "<CurrentState>Failed</CurrentState>\n...\n<FaultCode>9001</FaultCode>",
    wireshark: "xml.tag contains \"DUStateChangeComplete\"",
    ..Rule::must(
        "CWMP-DSC-004",
        "failed-deployment-without-reason",
        Scope::Message,
    )
};

/// Autonomous results say what was done.
pub(in crate::conformance::rules) const ADSC_SHAPE: Rule = Rule {
    versions: "1.2 and later",
    cites: &[a3("A.4.2.4"), cite("cwmp-1-2.xsd", "AutonOpResultStruct")],
    demands: "Results of AutonomousDUStateChangeComplete have the nine members of DUStateChangeComplete and then \
          OperationPerformed, which is Install, Update or Uninstall.",
    why: "Nobody ordered the change, so the report alone says what it was; without it the ACS's inventory \
          differs from the device.",
    mend_cpe: "Write OperationPerformed as the last member.",
    bad: "<Fault>...</Fault>\n</Results>",
    good: "<Fault>...</Fault>\n<OperationPerformed>Install</OperationPerformed>\n</Results>",
    wireshark: "xml.tag contains \"AutonomousDUStateChangeComplete\"",
    ..Rule::must(
        "CWMP-ADSC-001",
        "autonomous-deployment-results",
        Scope::Message,
    )
};

/// Looks at an order and at a report.
pub(super) fn look(seen: &Seen<'_>, message: Element<'_>, findings: &mut Findings) {
    let elements = |name: &'static str| {
        let children = message.children();
        children
            .filter(move |child| child.is_named(name))
            .take(RESULTS_MAX)
    };
    match (seen.from(), message.name()) {
        (Side::Acs, "ChangeDUState") => {
            for operation in elements("Operations") {
                order(seen, operation, findings);
            }
        }
        (Side::Cpe, "DUStateChangeComplete") => {
            for result in elements("Results") {
                code(seen, result, &DSC_STATE, findings);
                references(seen, result, findings);
                reason(seen, result, findings);
                hour(seen, result, findings);
            }
        }
        (Side::Cpe, "AutonomousDUStateChangeComplete") => {
            for result in elements("Results") {
                code(seen, result, &ADSC_SHAPE, findings);
                performed(seen, result, findings);
            }
        }
        _ => {}
    }
}

fn order(seen: &Seen<'_>, operation: Element<'_>, findings: &mut Findings) {
    let declared = operation.xsi_type();
    let form = declared.map(|declared| declared.value().into_owned());
    let form = form
        .as_deref()
        .and_then(|form| form.trim().rsplit(':').next());
    let uuid = text(operation, "UUID");
    let uuid = uuid.trim();
    let empty_allowed = form != Some("UninstallOpStruct");
    let is_there = operation.child("UUID").is_some();
    if is_there && !(uuid.is_empty() && empty_allowed) && !is_uuid(uuid) {
        let draft = seen.breaks_at(&DU_UUID, operation.child("UUID").unwrap_or(operation));
        findings.add(draft.because(format!("UUID is '{uuid}'")));
    }
    let (url, version) = (text(operation, "URL"), text(operation, "Version"));
    if form == Some("UpdateOpStruct")
        && uuid.is_empty()
        && url.trim().is_empty()
        && !version.trim().is_empty()
    {
        let draft = seen.breaks_at(&DU_VERSION, operation);
        findings.add(draft.because(format!(
            "an Update without UUID and URL names version {}",
            version.trim()
        )));
    }
    let environment = text(operation, "ExecutionEnvRef");
    if !environment.trim().is_empty() && !is_instance_path(environment.trim()) {
        let draft = seen.breaks_at(&DU_ENV, operation);
        findings.add(draft.because(format!("ExecutionEnvRef is {}", environment.trim())));
    }
    if names_a_user(url.trim()) {
        let draft = seen.breaks_at(&DU_SOME, operation);
        findings.add(draft.because("the URL of an operation names a user"));
    }
}

fn code(seen: &Seen<'_>, result: Element<'_>, rule: &'static Rule, findings: &mut Findings) {
    let Some(element) = result
        .child("Fault")
        .and_then(|fault| fault.child("FaultCode"))
    else {
        return;
    };
    let Ok(code) = element.text().trim().parse::<u32>() else {
        return;
    };
    let draft = seen
        .breaks_at(rule, element)
        .because(format!("FaultCode is {code}"));
    match code {
        0 | 9001 | 9003 | 9012 | 9013 | 9015..=9018 | 9022..=9032 | 9800..=9899 => {}
        9033..=9799 => findings.add(draft.at_most(Severity::Warning)),
        _ => findings.add(draft),
    }
}

fn references(seen: &Seen<'_>, result: Element<'_>, findings: &mut Findings) {
    let failed = text(result, "CurrentState").trim() == "Failed";
    let unit = text(result, "DeploymentUnitRef");
    let unit = unit.trim();
    let draft = || seen.breaks_at(&DSC_REF, result);
    if !(failed && unit.is_empty())
        && result.child("DeploymentUnitRef").is_some()
        && !is_instance_path(unit)
    {
        let shown = if unit.is_empty() { "empty" } else { unit };
        findings.add(draft().because(format!("DeploymentUnitRef is {shown}")));
    }
    let list = text(result, "ExecutionUnitRefList");
    let mut items = list.split(',').map(str::trim);
    if let Some(item) = items.find(|item| !item.is_empty() && !item.ends_with('.')) {
        findings.add(draft().because(format!("ExecutionUnitRefList holds {item}")));
    }
}

fn reason(seen: &Seen<'_>, result: Element<'_>, findings: &mut Findings) {
    let fault = result.child("Fault");
    let code = fault.map(|fault| text(fault, "FaultCode").trim().to_owned());
    let state = text(result, "CurrentState");
    let draft = seen.breaks_at(&DSC_REASON, result);
    let (draft, because) = match (state.trim(), code.as_deref()) {
        ("Failed", Some("0")) => (
            draft,
            "CurrentState is Failed, and FaultCode is 0".to_owned(),
        ),
        ("Uninstalled", Some(code)) if code != "0" => (
            draft.at_most(Severity::Warning),
            format!("CurrentState is Uninstalled, and FaultCode is {code}"),
        ),
        _ => return,
    };
    findings.add(draft.because(because));
}

/// Both times have to be of one kind to be compared.
fn hour(seen: &Seen<'_>, result: Element<'_>, findings: &mut Findings) {
    let stamp = |name| time::read(text(result, name).as_bytes());
    let (Some(start), Some(complete)) = (stamp("StartTime"), stamp("CompleteTime")) else {
        return;
    };
    let comparable = (start.is_absolute() && complete.is_absolute())
        || (start.is_relative() && complete.is_relative());
    let fault = result.child("Fault");
    let worked = fault.is_some_and(|fault| text(fault, "FaultCode").trim() == "0");
    let took_s = complete.seconds() - start.seconds();
    if comparable && worked && took_s > HOUR_S {
        let draft = seen.breaks_at(&DU_HOUR, result);
        findings.add(draft.because(format!("an operation took {took_s} s, and FaultCode is 0")));
    }
}

fn performed(seen: &Seen<'_>, result: Element<'_>, findings: &mut Findings) {
    let Some(element) = result.child("OperationPerformed") else {
        return;
    };
    let performed = element.text();
    let performed = performed.trim();
    if !["Install", "Update", "Uninstall"].contains(&performed) {
        let draft = seen
            .breaks_at(&ADSC_SHAPE, element)
            .at_most(Severity::Warning);
        findings.add(draft.because(format!("OperationPerformed is '{performed}'")));
    }
}

/// The path of an instance: a number or an alias in brackets, and a dot behind it.
fn is_instance_path(path: &str) -> bool {
    let Some((above, last)) = path
        .strip_suffix('.')
        .and_then(|path| path.rsplit_once('.'))
    else {
        return false;
    };
    let number = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    let alias = last.len() > 2 && last.starts_with('[') && last.ends_with(']');
    !above.is_empty() && (number || alias)
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let hex = |group: &&str| group.bytes().all(|byte| byte.is_ascii_hexdigit());
    groups.iter().map(|group| group.len()).eq(UUID_GROUPS) && groups.iter().all(hex)
}

/// Hexadecimal digits between the hyphens of a UUID.
const UUID_GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
/// An operation has an hour.
const HOUR_S: i64 = 3600;
/// Operations and results looked at.
const RESULTS_MAX: usize = 64;
