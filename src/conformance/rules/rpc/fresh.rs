//! The values of an instance that AddObject made, read before anything was written.

use super::asked;
use super::attributes_refused::known;
use crate::conformance::rule::a3;
use crate::conformance::{Exchange, Findings, Rule, Scope, Topic};
use crate::model::{Base, DefaultKind, Parameter, Version};
use crate::session::Side;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&DEFAULT];

/// A new instance has the values of the data model.
const DEFAULT: Rule = Rule {
    cites: &[a3("A.3.2.6")],
    demands: "The parameters of an instance that AddObject made have the default values of the data model.",
    why: "An ACS writes only what it wants otherwise: an instance that is enabled from the start forwards a port, or registers a \
          line, before it is configured.",
    mend_cpe: "Fill a new instance with the defaults of the data model, Enable with false first of all.",
    bad: "AddObject Device.NAT.PortMapping. -> 3\nDevice.NAT.PortMapping.3.Enable = true",
    good: "AddObject Device.NAT.PortMapping. -> 3\nDevice.NAT.PortMapping.3.Enable = false",
    related: &["CWMP-ADD-009"],
    wireshark: "xml.tag contains \"AddObject\"",
    ..Rule::must("CWMP-ADD-008", "values-of-a-new-instance", Scope::Session)
};

/// Instances that one session added, and did not touch since.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    added: Vec<String>,
}

impl Topic for Fresh {
    fn exchange(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        if exchange.answer.from() != Side::Cpe || exchange.is_fault() {
            return;
        }
        let damaged = exchange.answer.session.is_none_or(|facts| facts.damaged);
        match exchange.method() {
            "AddObject" => {
                let (Some(request), Some(response)) = (exchange.request(), exchange.response())
                else {
                    return;
                };
                // What is added below an instance may change it, and so may another instance beside it.
                self.added.clear();
                self.added
                    .extend(asked::added(&request, &response).filter(|_| !damaged));
            }
            "SetParameterValues" | "DeleteObject" => self.added.clear(),
            "GetParameterValues" if !self.added.is_empty() && !damaged => {
                self.values(exchange, findings);
            }
            _ => {}
        }
    }
}

impl Fresh {
    fn values(&self, exchange: &Exchange<'_>, findings: &mut Findings) {
        let response = exchange.response();
        let claim = exchange.answer.session.and_then(|facts| facts.claim);
        let version = claim.and_then(|claim| claim.version);
        let parameters = response.iter().flat_map(cwmp::EnvelopeRef::parameters);
        let mut told = 0;
        for parameter in parameters {
            let name = parameter.name();
            if !self.added.iter().any(|added| name.starts_with(added)) {
                continue;
            }
            let (Some(value), Some(facts)) = (parameter.value(), known(&name)) else {
                continue;
            };
            let Some(default) =
                default(&facts, version).filter(|default| !is_same(&facts, default, &value))
            else {
                continue;
            };
            let default = if default.is_empty() { "empty" } else { default };
            let draft = exchange.breaks(&DEFAULT).path(&name);
            findings.add(draft.because(format!(
                "{name} of the new instance is not {default}, as the data model has it"
            )));
            told += 1;
            if told >= TOLD_MAX {
                return;
            }
        }
    }
}

/// The value that the data model gives a new instance, in the version that the device told and in every later one, or else in
/// every version; `None` for what the device fills.
fn default<'m>(parameter: &Parameter<'m>, told: Option<Version>) -> Option<&'m str> {
    let newest = parameter.newest();
    let left_out = parameter.name() == "Alias"
        || newest.syntax.reference.is_some()
        || newest.syntax.list.is_some()
        || parameter.may_be_secret();
    if left_out
        || parameter
            .editions()
            .iter()
            .any(|edition| edition.facts.access.is_read_only())
    {
        return None;
    }
    let default = newest.default.as_ref()?;
    let agreed = |facts: &crate::model::Facts| {
        facts
            .default
            .as_ref()
            .is_some_and(|one| one.kind == DefaultKind::Object && one.value == default.value)
    };
    let told = told.filter(|_| {
        let document = parameter.document();
        document.is_some_and(|document| !document.is_service)
    });
    let all = match told {
        Some(told) => {
            let mut later = parameter.editions().iter();
            agreed(parameter.at(told))
                && later.all(|edition| edition.from <= told || agreed(&edition.facts))
        }
        None => parameter.always(agreed),
    };
    all.then_some(&*default.value)
}

fn is_same(parameter: &Parameter<'_>, default: &str, value: &str) -> bool {
    let (default, value) = (default.trim(), value.trim());
    let truth = |text: &str| match text {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    };
    match parameter.newest().syntax.base {
        Base::Boolean => truth(&default.to_ascii_lowercase()) == truth(&value.to_ascii_lowercase()),
        Base::Int | Base::UnsignedInt | Base::Long | Base::UnsignedLong => {
            let number = |text: &str| text.parse::<i128>().ok();
            number(default).is_none() || number(default) == number(value)
        }
        Base::String => default == value || default == "<Empty>" && value.is_empty(),
        _ => true,
    }
}

/// Values told of one answer.
const TOLD_MAX: u32 = 5;
