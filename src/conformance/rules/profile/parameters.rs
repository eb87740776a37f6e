//! Parameters: what the document says can be written, and what cannot.

use super::{its_document, profile_of};
use crate::conformance::rule::CPE;
use crate::conformance::{Exchange, Findings, Rule, Scope};
use crate::model::Access;
use crate::model::profile::{Fact, Parameter, Profile};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&WRITTEN, &NOT_WRITTEN, &LISTED];

/// What the document calls read-only is not written.
const WRITTEN: Rule = Rule {
    blame: CPE,
    severity: Some(Severity::Warning),
    demands: "A parameter that the vendor's document calls read-only is not set with success.",
    why: "The value is either dropped without a word, so that the ACS believes in a setting that never took effect, or really changed, \
          and nobody who reads the document expects that.",
    mend_cpe: "Answer 9003 with 9008 for this parameter; if it can be written, have the vendor correct the document.",
    bad: "(an Aastra) SetParameterValues Device.DeviceInfo.ModelName ->\n<Status>0</Status>",
    good: "(an Aastra) SetParameterValues Device.DeviceInfo.ModelName ->\n<FaultCode>9003</FaultCode> ... <FaultCode>9008</FaultCode>",
    related: &["CWMP-SPV-010", "PROFILE-007"],
    wireshark: "xml.tag contains \"SetParameterValues\"",
    ..Rule::heuristic(
        "PROFILE-006",
        "documented-read-only-written",
        Scope::Exchange,
    )
};

/// What the document calls writable is written.
const NOT_WRITTEN: Rule = Rule {
    blame: CPE,
    severity: Some(Severity::Warning),
    demands: "A parameter that the vendor's document says can be set is not refused with 9008, not writable.",
    why: "The provisioning template was made from the document. One refused parameter fails the whole SetParameterValues, so that the \
          phone comes up without any of the settings of that call.",
    mend_cpe: "Load the firmware that the document speaks of, or have the vendor say in which build the parameter can be set; until then \
               leave it out of the template.",
    bad: "(a Grandstream) SetParameterValues Device.LAN.IPPingDiagnostics.Host ->\n<FaultCode>9003</FaultCode> ... <FaultCode>9008</FaultCode>",
    good: "(a Grandstream) SetParameterValues Device.LAN.IPPingDiagnostics.Host ->\n<Status>0</Status>",
    related: &["PROFILE-006", "CWMP-GPN-007"],
    wireshark: "xml.cdata == \"9008\"",
    ..Rule::heuristic(
        "PROFILE-007",
        "documented-writable-refused",
        Scope::Exchange,
    )
};

/// GetParameterNames tells what the document tells.
const LISTED: Rule = Rule {
    blame: CPE,
    severity: Some(Severity::Warning),
    demands: "GetParameterNames and the vendor's document say the same of whether a parameter can be set.",
    why: "An ACS draws its forms from the list: a field that the document calls a setting is grey, or one can be filled in that the \
          phone then refuses.",
    mend_cpe: "Let the list and the document be made from one table; ask the vendor which of the two is right for this firmware.",
    bad: "(an Aastra) <Name>Device.LAN.DNSServers</Name><Writable>0</Writable>",
    good: "(an Aastra) <Name>Device.LAN.DNSServers</Name><Writable>1</Writable>",
    related: &["CWMP-GPN-007", "PROFILE-006", "PROFILE-007"],
    wireshark: "xml.tag contains \"GetParameterNamesResponse\"",
    ..Rule::heuristic(
        "PROFILE-008",
        "writable-against-the-document",
        Scope::Exchange,
    )
};

/// Looks at what was set, refused or listed.
pub(super) fn look(exchange: &Exchange<'_>, findings: &mut Findings) {
    let sets = exchange.method() == "SetParameterValues";
    if !sets && exchange.method() != "GetParameterNames" {
        return;
    }
    let profile = profile_of(exchange.answer.session);
    let Some(profile) = profile.filter(|profile| !profile.parameters.is_empty()) else {
        return;
    };
    if exchange.answer.from() != Side::Cpe {
        return;
    }
    match (sets, exchange.is_fault()) {
        (true, false) => written(exchange, profile, findings),
        (true, true) => refused(exchange, profile, findings),
        (false, false) => listed(exchange, profile, findings),
        (false, true) => {}
    }
}

fn written(exchange: &Exchange<'_>, profile: &'static Profile, findings: &mut Findings) {
    let Some(request) = exchange.request() else {
        return;
    };
    let mut told = 0;
    for parameter in request.parameters() {
        let name = parameter.name();
        if told >= TOLD_MAX {
            return;
        }
        if let Some(fact) = fact_of(profile, &name, Access::ReadOnly) {
            told += 1;
            let said = format!(
                "{name} is set, and {} calls it read-only",
                its_document(profile, fact.at)
            );
            findings.add(exchange.breaks(&WRITTEN).path(&name).because(said));
        }
    }
}

fn refused(exchange: &Exchange<'_>, profile: &'static Profile, findings: &mut Findings) {
    let fault = exchange.response().and_then(|response| response.fault());
    let refused = fault.map(|fault| fault.parameters).unwrap_or_default();
    let refused = refused.iter().filter(|one| one.code.trim() == "9008");
    for one in refused.take(REFUSED_MAX) {
        let name = one.name.trim();
        if let Some(fact) = fact_of(profile, name, Access::ReadWrite) {
            let said = format!(
                "{name} is refused with 9008, and {} says that it can be set",
                its_document(profile, fact.at)
            );
            findings.add(exchange.breaks(&NOT_WRITTEN).path(name).because(said));
        }
    }
}

fn listed(exchange: &Exchange<'_>, profile: &'static Profile, findings: &mut Findings) {
    let Some(response) = exchange.response() else {
        return;
    };
    let mut told = 0;
    for entry in response.parameters() {
        if told >= TOLD_MAX {
            return;
        }
        let writable = entry.element().child("Writable");
        let contrary = match writable
            .as_ref()
            .map(cwmp::Element::text)
            .as_deref()
            .map(str::trim)
        {
            Some("1" | "true") => Access::ReadOnly,
            Some("0" | "false") => Access::ReadWrite,
            _ => continue,
        };
        let name = entry.name();
        let Some(fact) = fact_of(profile, &name, contrary) else {
            continue;
        };
        told += 1;
        let (is, says) = if contrary == Access::ReadOnly {
            ("writable", "calls it read-only")
        } else {
            ("not writable", "says that it can be set")
        };
        let said = format!(
            "{name} is listed as {is}, and {} {says}",
            its_document(profile, fact.at)
        );
        let draft = exchange.answer.breaks_at(&LISTED, entry.element());
        findings.add(draft.rpc(exchange.method()).path(&name).because(said));
    }
}

/// What the document says of a parameter, if it says this.
fn fact_of(
    profile: &'static Profile,
    name: &str,
    access: Access,
) -> Option<&'static Fact<Parameter>> {
    let fact = profile.parameter(name)?;
    (fact.is.access == access).then_some(fact)
}

/// Findings told of one message.
const TOLD_MAX: u32 = 16;
/// Refused parameters of one fault that are looked at.
const REFUSED_MAX: usize = 64;
