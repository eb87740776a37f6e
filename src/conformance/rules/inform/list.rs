//! The names in ParameterList: each once, all full paths under one root.

use std::collections::HashMap;

use super::informed_of;
use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::{Findings, Rule, Scope, Seen, fingerprint};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&ONCE, &ONE_ROOT, &LAST_VALUE];

const ONCE: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 34")],
    demands: "A parameter stands once in ParameterList.",
    why: "The device joins two lists, that of every Inform and that of changes, without looking. An ACS that files the list in a table \
          with unique names refuses the Inform, others keep whichever came last.",
    mend_cpe: "Add a changed parameter only where it is not in the list yet.",
    bad: "<Name>Device.ManagementServer.ParameterKey</Name> ... <Name>Device.ManagementServer.ParameterKey</Name>",
    good: "<Name>Device.ManagementServer.ParameterKey</Name>",
    related: &["INF-030"],
    wireshark: "xml.tag contains \":Inform\"",
    ..Rule::heuristic("INF-017", "inform-parameter-twice", Scope::Message)
};

const ONE_ROOT: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 34"), cite("TR-106 Amendment 7", "3.1")],
    demands: "ParameterList of Inform has full parameter names under one root, Device. or InternetGatewayDevice.; a parameter's name does \
              not end with a dot.",
    why: "The ACS decides by the root which data model the device has. A name it cannot place is dropped with a warning at best; a mixture \
          makes it pick the wrong templates.",
    mend_cpe: "Report full paths of parameters under the root that the device implements; vendor trees begin with X_.",
    bad: "<Name>InternetGatewayDevice.DeviceInfo.</Name>",
    good: "<Name>InternetGatewayDevice.DeviceInfo.SoftwareVersion</Name>",
    related: &["INF-012"],
    wireshark: "xml.tag contains \":Inform\"",
    ..Rule::must("INF-018", "inform-names-under-one-root", Scope::Message)
};

const LAST_VALUE: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 34")],
    demands: "A parameter that changed several times since the last Inform stands in ParameterList once, with its last value.",
    why: "The ACS cannot know which of the two values holds; the order of the list means nothing, and many take the first.",
    mend_cpe: "Queue the names of changed parameters, not their values, and read the values when the Inform is written.",
    bad: "Inform 4 VALUE CHANGE\nDevice.LAN.IPAddress = 10.0.0.2\nDevice.LAN.IPAddress = 10.0.0.9",
    good: "Inform 4 VALUE CHANGE\nDevice.LAN.IPAddress = 10.0.0.9",
    related: &["INF-017"],
    wireshark: "xml.cdata contains \"4 VALUE CHANGE\"",
    ..Rule::must("INF-030", "changed-parameter-once", Scope::Message)
};

/// Looks at an Inform.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    let Some(informed) = informed_of(seen) else {
        return;
    };
    let inform = informed.inform;
    let mut met: HashMap<u64, u64, foldhash::fast::RandomState> = HashMap::default();
    let mut root: Option<&str> = None;
    let mut value_change = None;
    for parameter in informed.parameters {
        let name = parameter.name();
        if name.is_empty() {
            continue;
        }
        let value = parameter.value().unwrap_or_default();
        let value = fingerprint(value.trim().as_bytes());
        if let Some(before) = met.insert(parameter.key(), value) {
            let changed = *value_change
                .get_or_insert_with(|| super::events_of(&inform).iter().any(|one| one == CHANGE));
            let draft = if before != value && changed {
                let said = format!("{name} stands twice in ParameterList, with different values");
                seen.breaks_at(&LAST_VALUE, parameter.element())
                    .because(said)
            } else {
                let said = format!("{name} stands twice in ParameterList");
                seen.breaks_at(&ONCE, parameter.element()).because(said)
            };
            findings.add(draft.path(name));
        }
        if let Some(said) = misplaced(name, &mut root) {
            let draft = seen.breaks_at(&ONE_ROOT, parameter.element());
            findings.add(draft.path(name).because(said));
        }
    }
}

/// What is wrong with a name, after the root of those before it.
fn misplaced(name: &str, root: &mut Option<&'static str>) -> Option<String> {
    let first = name.split('.').next().unwrap_or_default();
    if first.starts_with("X_") {
        return None;
    }
    let known = ["Device", "InternetGatewayDevice"];
    let Some(own) = known.into_iter().find(|known| *known == first) else {
        return Some(format!("{name} begins with no root"));
    };
    let other = root.is_some_and(|root| root != own);
    root.get_or_insert(own);
    if other {
        Some(format!("{name} stands beside parameters of another root"))
    } else if name.ends_with('.') || name == own {
        Some(format!("{name} is no parameter's name"))
    } else {
        None
    }
}

const CHANGE: &str = "4 VALUE CHANGE";
