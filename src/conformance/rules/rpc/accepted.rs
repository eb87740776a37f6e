//! Values that an ACS sets, held against the standard data models, and what the device says of them.

use cwmp::{Parameter, ParameterFault};

use crate::conformance::Parameter as Reported;
use crate::conformance::rule::{ACS, a3, cite};
use crate::conformance::standing::{Standing, base_named, other_type, same_family, told, words};
use crate::conformance::{Draft, Exchange, Findings, Rule, Scope, Seen, Topic};
use crate::model::{self, Misfit};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&FORBIDDEN, &TYPE, &TYPE_ACCEPTED];

/// A value that the data model forbids is refused with 9007.
const FORBIDDEN: Rule = Rule {
    versions: "all but Issue 1",
    cites: &[a3("A.3.2.1"), a3("A.5")],
    demands: "A value that the device's data model forbids is refused with SetParameterValuesFault 9007 for that \
          parameter.",
    why: "The device keeps a setting that cannot work and falls back to another in silence, while the ACS shows \
          the one it set.",
    mend_cpe: "Check ranges, lengths and listed values before anything is applied; answer 9003 with 9007 for the \
          parameter.",
    bad: "Device.ManagementServer.PeriodicInformInterval = 0 -> <Status>0</Status>",
    good: "Device.ManagementServer.PeriodicInformInterval = 0 -> <FaultCode>9003</FaultCode> with\n\
          <SetParameterValuesFault>...<FaultCode>9007</FaultCode>",
    related: &["FLT-028", "CWMP-SPV-012"],
    wireshark: "xml.tag contains \"SetParameterValues>\"",
    ..Rule::must("CWMP-SPV-011", "forbidden-value-accepted", Scope::Exchange)
};

/// A value is set with the type of its parameter.
const TYPE: Rule = Rule {
    versions: "all but Issue 1",
    severity: Some(Severity::Warning),
    blame: ACS,
    cites: &[a3("A.3.2.1"), a3("A.5"), cite("TR-106 Amendment 1", "2.4")],
    demands: "The xsi:type of a value in SetParameterValues is the type that the data model gives the parameter.",
    why: "Devices refuse the whole request with 9006 for that one parameter, so that a template that works with \
          one model of device fails on the next.",
    mend_acs: "Take the type from the data model, or from what the device reports in GetParameterValuesResponse.",
    bad: "<Name>Device.ManagementServer.PeriodicInformEnable</Name>\n<Value xsi:type=\"xsd:string\">true</Value>",
    good: "<Name>Device.ManagementServer.PeriodicInformEnable</Name>\n<Value xsi:type=\"xsd:boolean\">true</Value>",
    related: &["CWMP-SPV-015", "CWMP-GPV-009"],
    wireshark: "xml.cdata == \"9006\"",
    ..Rule::heuristic("CWMP-SPV-012", "value-set-with-its-type", Scope::Exchange)
};

/// Another type is refused with 9006.
const TYPE_ACCEPTED: Rule = Rule {
    versions: "all but Issue 1",
    cites: &[a3("A.5")],
    demands: "A value of a type that does not fit its parameter is refused with SetParameterValuesFault 9006.",
    why: "A device that takes any text for any type stores what it cannot use, and an ACS tested against it \
          fails with the next device.",
    mend_cpe: "Answer 9003 with 9006 for a value of another type.",
    bad: "boolean parameter = <Value xsi:type=\"xsd:string\">yes</Value> -> <Status>0</Status>",
    good: "boolean parameter = <Value xsi:type=\"xsd:string\">yes</Value> ->\n\
          <SetParameterValuesFault>...<FaultCode>9006</FaultCode>",
    related: &["CWMP-SPV-012"],
    wireshark: "xml.cdata == \"9006\"",
    ..Rule::heuristic("CWMP-SPV-015", "other-type-accepted", Scope::Exchange)
};

/// What one device says of types.
#[derive(Debug, Default)]
pub(super) struct Accepted {
    /// It reports values as another type than the data model's: whoever writes learned that from it.
    reports_others: bool,
    /// Values that were looked at for that.
    looked_at: u32,
}

impl Topic for Accepted {
    fn message(&mut self, seen: &Seen<'_>, _findings: &mut Findings) {
        let informs = seen.from() == Side::Cpe && !seen.replay && seen.inform().is_some();
        if informs && seen.is_cwmp() && seen.is_whole() {
            self.learn(seen.parameters.all());
        }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        let method = exchange.method();
        match (method, exchange.answer.from()) {
            ("GetParameterValues", Side::Cpe) => {
                self.learn(exchange.answered());
            }
            ("SetParameterValues", Side::Cpe) if !exchange.answer.is_issue_1() => {
                set(exchange, self.reports_others, findings);
            }
            _ => {}
        }
    }
}

impl Accepted {
    /// Takes in names and the types of their values.
    fn learn(&mut self, told: &[Reported<'_>]) {
        if self.reports_others || self.looked_at >= LOOKED_AT_MAX {
            return;
        }
        for parameter in told.iter().take(LEARNED_MAX) {
            self.looked_at = self.looked_at.saturating_add(1);
            if let Some((_, known)) = parameter.known() {
                self.reports_others |= other_type(&known, parameter.base()).is_some();
            }
        }
    }
}

/// Looks at what was set, and at the answer.
fn set(exchange: &Exchange<'_>, learned: bool, findings: &mut Findings) {
    let (Some(request), Some(response)) = (exchange.request(), exchange.response()) else {
        return;
    };
    let fault = response.fault();
    let entries = fault.as_ref().map(|fault| fault.parameters.as_slice());
    let model = told(&exchange.answer);
    let mut told = 0;
    for parameter in request.parameters().take(PARAMETERS_MAX) {
        let name = parameter.name();
        let known = Standing::of(model, &name)
            .and_then(|standing| Some((standing, standing.parameter(&name)?)));
        let Some((standing, known)) = known else {
            continue;
        };
        let answer = Answer::to(&name, entries);
        let set = Set {
            parameter,
            standing,
            known,
            answer,
            learned,
        };
        told +=
            usize::from(set.kind(exchange, findings)) + usize::from(set.value(exchange, findings));
        if told >= TOLD_MAX {
            return;
        }
    }
}

/// What the device says of one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Accepted,
    /// Refused for itself, with this code.
    Refused(u32),
    /// The request was refused, for whatever else.
    Unknown,
}

impl Answer {
    fn to(name: &str, entries: Option<&[ParameterFault]>) -> Self {
        let Some(entries) = entries else {
            return Self::Accepted;
        };
        let mut entries = entries.iter().take(ENTRIES_MAX);
        let entry = entries.find(|entry| entry.name.trim() == name);
        let code = entry.and_then(|entry| entry.code.trim().parse().ok());
        code.map_or(Self::Unknown, Self::Refused)
    }
}

/// One value that was set.
struct Set<'a> {
    parameter: Parameter<'a>,
    standing: Standing,
    known: model::Parameter<'static>,
    answer: Answer,
    /// The device itself reports values as other types.
    learned: bool,
}

impl Set<'_> {
    /// Another type than the data model's. Whoever learned it from the device's own answers is right to use it.
    fn kind(&self, exchange: &Exchange<'_>, findings: &mut Findings) -> bool {
        let Some(xsi_type) = self.parameter.xsi_type() else {
            return false;
        };
        let Some((expected, set)) = other_type(&self.known, base_named(&xsi_type)) else {
            return false;
        };
        let taken = same_family(expected, set) && self.answer != Answer::Refused(9006);
        let most = if self.learned || taken {
            Severity::Info
        } else {
            Severity::Warning
        };
        let name = self.parameter.name();
        let (expected_name, set_name) = (expected.name(), set.name());
        let seen = exchange.asked;
        let draft = Draft::of_message(&TYPE, &seen.message, exchange.answer.session);
        let draft = draft.rpc(exchange.method()).path(&name).at_most(most);
        let draft = match self.parameter.value_element() {
            Some(value) => draft.body(value.offset()..value.content_offset()),
            None => draft,
        };
        findings.add(draft.because(format!(
            "{name} is set as {set_name}, and is of type {expected_name}"
        )));
        if same_family(expected, set) {
            return true;
        }
        let because = match self.answer {
            Answer::Accepted => {
                format!("{name} is of type {expected_name}, and {set_name} is accepted")
            }
            Answer::Refused(code @ 9007) => {
                format!("{name} is of type {expected_name}, and {set_name} is refused with {code}")
            }
            _ => return true,
        };
        findings.add(exchange.breaks(&TYPE_ACCEPTED).path(&name).because(because));
        true
    }

    /// A value that every known version of the data model forbids. Longer texts a device may well take.
    fn value(&self, exchange: &Exchange<'_>, findings: &mut Findings) -> bool {
        let value = self.parameter.value().unwrap_or_default();
        let value = value.trim();
        // What is wrong with a diagnostic is told of the diagnostic.
        if value.is_empty() || self.known.name() == "DiagnosticsState" {
            return false;
        }
        let misfit = match self.standing.misfit(&self.known, value) {
            Some(misfit @ (Misfit::OutOfRange(_) | Misfit::NotEnumerated { .. })) => misfit,
            _ => return false,
        };
        let name = self.parameter.name();
        let most = match self.answer {
            Answer::Accepted => Severity::Error,
            Answer::Refused(code @ (9005 | 9006 | 9008)) => {
                // Its type may be wrong too, and it may not be there, or not be writable.
                let other = self.parameter.xsi_type();
                let other = other
                    .is_some_and(|other| other_type(&self.known, base_named(&other)).is_some());
                if code != 9006 || other {
                    return false;
                }
                Severity::Warning
            }
            _ => return false,
        };
        let what = if most == Severity::Error {
            "is accepted"
        } else {
            "is not refused with 9007"
        };
        let because = format!(
            "the value of {name} {}, and {what}",
            words(&misfit, &self.known)
        );
        findings.add(
            exchange
                .breaks(&FORBIDDEN)
                .path(&name)
                .at_most(most)
                .because(because),
        );
        true
    }
}

/// Parameters of one request that are looked at.
const PARAMETERS_MAX: usize = 4_096;
/// Entries of a fault that are looked at for each of them.
const ENTRIES_MAX: usize = 64;
/// Findings told of one request.
const TOLD_MAX: usize = 16;
/// Values of one answer that are looked at for their types.
const LEARNED_MAX: usize = 64;
/// Values of one device that are looked at for their types.
const LOOKED_AT_MAX: u32 = 1_024;
