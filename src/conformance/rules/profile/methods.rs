//! Methods: those that the document has, and those that it has not.

use cwmp::schema::{self, Direction, Requirement};

use super::{its_document, profile_of};
use crate::conformance::rule::{ACS, CPE};
use crate::conformance::{Exchange, Findings, Rule, Scope};
use crate::model::profile::Profile;
use crate::session::{Blame, Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&REFUSED, &NOT_LISTED, &NOT_DOCUMENTED];

/// A method of the document is supported.
const REFUSED: Rule = Rule {
    blame: CPE,
    severity: Some(Severity::Warning),
    demands: "A device does not answer 9000, method not supported, to a method that its vendor's document says it has.",
    why: "Somebody built the ACS's scripts from that document: the backup by Upload or the wake-up by ScheduleInform was tested on one \
          firmware and fails on the next, and the fault says nothing of why. Mostly this build leaves the method out, or wants it \
          switched on first.",
    mend_cpe: "Load the firmware that the document speaks of, or ask the vendor in which build the method came or went; until then \
               leave it out of the ACS's scripts for this model.",
    bad: "(a Yealink) ScheduleInform ->\n<FaultCode>9000</FaultCode>",
    good: "(a Yealink) ScheduleInform ->\n<cwmp:ScheduleInformResponse/>",
    related: &["CWMP-GRM-005", "FLT-024", "PROFILE-003"],
    wireshark: "xml.cdata == \"9000\"",
    ..Rule::heuristic("PROFILE-001", "documented-method-refused", Scope::Exchange)
};

/// A method of the document is in the list of methods.
const NOT_LISTED: Rule = Rule {
    blame: CPE,
    severity: Some(Severity::Warning),
    demands: "A device lists, in answer to GetRPCMethods, every method that its vendor's document says it has.",
    why: "An ACS goes by the list: a phone that can upload its configuration and does not say so is shown without a backup button, and \
          the operator who has read the document looks for the fault in the ACS.",
    mend_cpe: "Load the firmware that the document speaks of; otherwise tell the ACS by hand what this model can do, or cannot.",
    bad: "(a Grandstream) <MethodList>... Reboot, Download</MethodList>",
    good: "(a Grandstream) <MethodList>... Reboot, Download, Upload,\nScheduleInform, FactoryReset</MethodList>",
    related: &["CWMP-GRM-003", "CWMP-GRM-006"],
    wireshark: "xml.tag contains \"GetRPCMethodsResponse\"",
    ..Rule::heuristic(
        "PROFILE-002",
        "documented-method-not-listed",
        Scope::Exchange,
    )
};

/// What the document does not have is refused.
const NOT_DOCUMENTED: Rule = Rule {
    blame: ACS,
    severity: Some(Severity::Warning),
    demands: "An ACS does not call a method of a device that the vendor's document says, or lets see, it does not have.",
    why: "The fault is no defect: the document foretells it. The ACS's script was written for another vendor's device, and the same task \
          fails on every phone of this one, in every session in which it is tried again.",
    mend_acs: "Ask GetRPCMethods once for each model and firmware, and do the task in another way where the method is missing \
               (ScheduleInform by a Connection Request, GetAllQueuedTransfers by waiting for TransferComplete).",
    bad: "(a Grandstream) GetAllQueuedTransfers ->\n<FaultCode>9000</FaultCode>",
    good: "(a Grandstream) GetRPCMethods ->\n<MethodList>... without GetAllQueuedTransfers</MethodList>",
    related: &["PROFILE-001", "CWMP-GRM-005"],
    wireshark: "xml.cdata == \"9000\"",
    ..Rule::heuristic("PROFILE-003", "undocumented-method-called", Scope::Exchange)
};

/// Looks at faults 9000, and at lists of methods.
pub(super) fn look(exchange: &Exchange<'_>, findings: &mut Findings) {
    let Some(profile) = profile_of(exchange.answer.session) else {
        return;
    };
    if exchange.answer.from() != Side::Cpe {
        return;
    }
    if exchange.is_fault() {
        if exchange.fault_code() == Some(9000) {
            refused(exchange, profile, findings);
        }
    } else if exchange.method() == "GetRPCMethods" {
        listed(exchange, profile, findings);
    }
}

fn refused(exchange: &Exchange<'_>, profile: &'static Profile, findings: &mut Findings) {
    // A namespace that the device does not know explains the fault without its document.
    let request = exchange.request().and_then(|request| request.message());
    let namespace = request.and_then(|message| message.namespace());
    if !namespace.is_some_and(|name| name.starts_with("urn:dslforum-org:cwmp-")) {
        return;
    }
    let name = exchange.method();
    let known = profile.method(name);
    match known {
        Some(fact) if fact.is.supported && fact.is.name == name => {
            // FLT-024 tells of those that every device has to support.
            if !is_required(name) {
                let said = format!(
                    "{name} is answered with 9000, and {} has it",
                    its_document(profile, fact.at)
                );
                findings.add(exchange.breaks(&REFUSED).because(said));
            }
        }
        // An empty name, or one that the document alone uses.
        Some(fact) if fact.is.supported => {}
        Some(fact) => {
            let said = format!(
                "{name} is answered with 9000, as {} says: its devices do not have it",
                its_document(profile, fact.at)
            );
            foretold(exchange, profile, said, Severity::Warning, findings);
        }
        None => {
            let to_cpe =
                schema::method(name).is_some_and(|method| method.direction != Direction::ToAcs);
            let at = profile.methods.facts.first().map(|fact| fact.at);
            if let (true, true, Some(at)) = (to_cpe, profile.methods.whole, at) {
                let said = format!(
                    "{name} is answered with 9000, and {} does not list it",
                    its_document(profile, at)
                );
                foretold(exchange, profile, said, Severity::Info, findings);
            }
        }
    }
}

fn foretold(
    exchange: &Exchange<'_>,
    profile: &'static Profile,
    said: String,
    most: Severity,
    findings: &mut Findings,
) {
    let draft = exchange.breaks(&NOT_DOCUMENTED).because(said).at_most(most);
    findings.add(draft.foretold_by(profile.document).blame(Blame::Acs));
}

fn listed(exchange: &Exchange<'_>, profile: &'static Profile, findings: &mut Findings) {
    let list = exchange
        .response()
        .and_then(|response| response.message()?.child("MethodList"));
    let Some(list) = list else {
        return;
    };
    let lacks = |name: &str| {
        let mut names = list.children().take(METHODS_MAX);
        names.all(|method| method.text().trim() != name)
    };
    // CWMP-GRM-003 tells of those that every device has to list.
    let missing = profile.methods.facts.iter().filter(|fact| {
        let name = fact.is.name;
        fact.is.supported && schema::method(name).is_some() && !is_required(name) && lacks(name)
    });
    let missing: Vec<_> = missing.collect();
    let Some(first) = missing.first() else {
        return;
    };
    let names: Vec<&str> = missing.iter().map(|fact| fact.is.name).collect();
    let said = format!(
        "the list lacks {}, which {} has",
        names.join(", "),
        its_document(profile, first.at)
    );
    let draft = exchange.answer.breaks_at(&NOT_LISTED, list);
    findings.add(draft.rpc("GetRPCMethods").because(said));
}

/// Every device has to have it (TR-069 Amendment 3, Table 5).
fn is_required(name: &str) -> bool {
    let requirement = schema::method(name).and_then(|method| method.requirement.first());
    requirement == Some(&Requirement::Required)
}

/// Methods of a list that are looked at; CWMP has 27.
const METHODS_MAX: usize = 256;
