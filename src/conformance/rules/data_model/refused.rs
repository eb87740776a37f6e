//! Names that an ACS writes and the device refuses as unknown: those that no device can have.

use super::names::{is_long, odd_node, shortened, wrong_vendor};
use super::pages::{LENGTH, NODE, VENDOR};
use crate::conformance::standing::{Standing, told as model};
use crate::conformance::{Draft, Exchange, Findings, Rule};
use crate::session::{Blame, Severity, Side};

/// Looks at a refusal. Names that a device takes are its own: it is told of them where it lists them.
pub(super) fn look(exchange: &Exchange<'_>, findings: &mut Findings) {
    if exchange.answer.from() != Side::Cpe || !exchange.is_fault() {
        return;
    }
    let mut told = 0;
    for name in &refused_names(exchange) {
        let because = |why: String| format!("{why}, and is refused");
        let finding = if is_long(name) {
            let why = format!("the path has {} characters", name.chars().count());
            Some((&LENGTH, shortened(name), Severity::Error, because(why)))
        } else if let Some(odd) = odd_node(name) {
            let model = model(&exchange.answer);
            let most = Standing::of(model, name)
                .and_then(|standing| odd.severity(&exchange.answer, model, &standing));
            most.map(|most| (&NODE, name.as_str(), most, because(odd.words(name))))
        } else {
            wrong_vendor(name).map(|(prefix, why)| {
                let why = because(why.words(prefix));
                (&VENDOR, prefix, Severity::Warning, why)
            })
        };
        if let Some((rule, path, most, why)) = finding {
            findings.add(of_request(exchange, rule, path, &why).at_most(most));
            told += 1;
        }
        if told >= TOLD_MAX {
            return;
        }
    }
}

/// The beginning of a finding about the request.
pub(in crate::conformance::rules) fn of_request(
    exchange: &Exchange<'_>,
    rule: &'static Rule,
    path: &str,
    why: &str,
) -> Draft {
    Draft::of_message(rule, &exchange.asked.message, exchange.answer.session)
        .blame(Blame::Acs)
        .rpc(exchange.method())
        .path(path)
        .because(why)
        .shown_in(&exchange.answer.message.provenance.frames())
}

/// Names of the request that the device says it does not have, the first few of them: of several in one GetParameterValues,
/// any may be the one.
pub(in crate::conformance::rules) fn refused_names(exchange: &Exchange<'_>) -> Vec<String> {
    let (Some(request), Some(response)) = (exchange.request(), exchange.response()) else {
        return Vec::new();
    };
    let Some(fault) = response.fault() else {
        return Vec::new();
    };
    let entries = fault.parameters.iter();
    let named: Vec<String> = entries
        .filter(|entry| entry.code.trim() == UNKNOWN)
        .map(|entry| entry.name.trim().to_owned())
        .take(NAMES_MAX)
        .collect();
    if !named.is_empty() {
        return named;
    }
    if fault.code_number() != Some(9005) {
        return Vec::new();
    }
    let Some(message) = request.message() else {
        return Vec::new();
    };
    match message.name() {
        "GetParameterValues" | "GetParameterAttributes" => {
            let list = message.child("ParameterNames");
            let names = list.into_iter().flat_map(|list| list.children());
            let names = names.map(|name| name.text().trim().to_owned());
            names.take(NAMES_MAX).collect()
        }
        "SetParameterValues" | "SetParameterAttributes" => {
            let names = request
                .parameters()
                .map(|parameter| parameter.name().into_owned());
            names.take(NAMES_MAX).collect()
        }
        "GetParameterNames" => one(message.child("ParameterPath")),
        "AddObject" | "DeleteObject" => one(message.child("ObjectName")),
        _ => Vec::new(),
    }
}

fn one(element: Option<cwmp::Element<'_>>) -> Vec<String> {
    let text = element.map(|element| element.text().trim().to_owned());
    text.into_iter().collect()
}

/// Invalid parameter name.
const UNKNOWN: &str = "9005";
/// Names of one refused request that are looked at.
const NAMES_MAX: usize = 256;
/// Names of one refused request that are told.
const TOLD_MAX: u32 = 16;
