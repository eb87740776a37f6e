//! Requests that fail because the ACS has another idea of the data model than the standard.

use crate::conformance::rule::{ACS, a3, cite};
use crate::conformance::rules::data_model::{of_request, refused_names};
use crate::conformance::standing::{Standing, told};
use crate::conformance::{Exchange, Findings, Rule, Scope};
use crate::model::Found;
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&READ_ONLY, &MISSPELT];

const READ_ONLY: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: ACS,
    cites: &[a3("A.3.2.1"), cite("TR-106 Amendment 7", "3.2")],
    demands: "An ACS does not set what the data model calls read-only.",
    why: "The device refuses the whole SetParameterValues with 9003 and names the parameter with 9008: none of the other values is \
          set either. The template that holds the parameter fails for every device that keeps to the data model, and works only \
          with those that ignore what they cannot write.",
    mend_acs: "Take the parameter out of the template; write what GetParameterNames lists as Writable.",
    bad: "SetParameterValues Device.DeviceInfo.UpTime, Device.Time.NTPServer1 ->\n<FaultCode>9003</FaultCode> with 9008 for \
          Device.DeviceInfo.UpTime",
    good: "SetParameterValues Device.Time.NTPServer1 -> <Status>0</Status>",
    related: &["DM-014", "CWMP-SPV-010"],
    wireshark: "xml.cdata == \"9008\"",
    ..Rule::heuristic("FIELD-020", "read-only-parameter-set", Scope::Exchange)
};

const MISSPELT: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: ACS,
    cites: &[cite("TR-106 Amendment 7", "3.3")],
    demands: "An ACS writes standard names as the data model does.",
    why: "The device refuses the whole request with 9005, and of a GetParameterValues for many names the fault does not say which one \
          it was. The name looks right to the eye: another case, a letter too many, an instance number left out.",
    mend_acs: "Correct the name in the template; take names from the data model's file or from GetParameterNames.",
    bad: "GetParameterValues Device.DeviceInfo.SoftwareVersions -> <FaultCode>9005</FaultCode>",
    good: "GetParameterValues Device.DeviceInfo.SoftwareVersion -> <GetParameterValuesResponse>",
    related: &["DM-012", "FIELD-010"],
    wireshark: "xml.cdata == \"9005\"",
    ..Rule::heuristic("FIELD-021", "misspelt-name-refused", Scope::Exchange)
};

/// Looks at a refusal.
pub(super) fn look(exchange: &Exchange<'_>, findings: &mut Findings) {
    if exchange.answer.from() != Side::Cpe || !exchange.is_fault() {
        return;
    }
    if exchange.method() == "SetParameterValues" {
        read_only(exchange, findings);
    }
    let model = told(&exchange.answer);
    let mut found = 0;
    for name in &refused_names(exchange) {
        let Some(standing) = Standing::of(model, name) else {
            continue;
        };
        if !matches!(standing.find(name), Found::Unknown { .. }) {
            continue;
        }
        let Some(meant) = standing.nearest(name) else {
            continue;
        };
        let why = format!("no data model has {name}, and {meant} may be meant");
        findings.add(of_request(exchange, &MISSPELT, name, &why));
        found += 1;
        if found >= TOLD_MAX {
            return;
        }
    }
}

/// Parameters that the device says cannot be written, and that the data model calls read-only too.
fn read_only(exchange: &Exchange<'_>, findings: &mut Findings) {
    let Some(fault) = exchange.response().and_then(|response| response.fault()) else {
        return;
    };
    let model = told(&exchange.answer);
    let mut asked = exchange
        .request()
        .into_iter()
        .flat_map(|request| request.parameters());
    // Alone, it takes no other value with it.
    let most = if asked.nth(1).is_some() {
        Severity::Warning
    } else {
        Severity::Info
    };
    let refused = fault.parameters.iter();
    let refused = refused.filter(|entry| entry.code.trim() == NOT_WRITABLE);
    for entry in refused.take(TOLD_MAX) {
        let name = entry.name.trim();
        let standing = Standing::of(model, name);
        let is_read_only = standing.is_some_and(|standing| {
            let known = standing.parameter(name);
            known.is_some_and(|known| standing.is_read_only(&known, name))
        });
        if is_read_only {
            let why = format!("{name} is read-only in the data model, and is set");
            findings.add(of_request(exchange, &READ_ONLY, name, &why).at_most(most));
        }
    }
}

/// Attempt to set a parameter that cannot be written.
const NOT_WRITABLE: &str = "9008";
/// Names of one request that are told.
const TOLD_MAX: usize = 16;
