//! Values stand still while a session lasts, unless the ACS changes them (TR-069 Amendment 3 section 3.7.1.1).

use std::collections::BTreeMap;

use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Exchange, Findings, Rule, Scope, Topic, Traits};
use crate::session::Side;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&STAND_STILL];

/// A configuration does not change under the ACS's hands.
const STAND_STILL: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.1")],
    demands: "While a session lasts, no parameter that can be configured changes by anything but the ACS's own requests.",
    why: "An ACS reads, decides and writes within one session; where a value changes in between it works on what is no longer so, and \
          overwrites what a user has just set.",
    mend_cpe: "Hold changes of the user interface and of other managers back until the session has ended, and report them then.",
    bad: "GetParameterValuesResponse: PeriodicInformInterval 3600\nGetParameterValuesResponse: PeriodicInformInterval 300",
    good: "GetParameterValuesResponse: PeriodicInformInterval 3600\nGetParameterValuesResponse: PeriodicInformInterval 3600",
    related: &["SESS-046"],
    wireshark: "xml contains \"GetParameterValuesResponse\"",
    ..Rule::must("SESS-032", "values-stand-still-in-session", Scope::Session)
};

/// Values read in this session, of parameters that every root has and nothing but configuration changes.
#[derive(Debug, Default)]
pub(super) struct Values {
    read: BTreeMap<String, String>,
}

impl Topic for Values {
    fn exchange(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        if exchange.answer.from() != Side::Cpe {
            return;
        }
        if exchange.method() != "GetParameterValues" {
            // Reading names and attributes changes nothing; all else may.
            if !exchange.method().starts_with("Get") {
                self.read.clear();
            }
            return;
        }
        let whole = exchange
            .answer
            .session
            .is_some_and(crate::conformance::seen::SessionFacts::is_whole);
        if whole {
            self.compare(exchange, findings);
        }
    }
}

impl Values {
    fn compare(&mut self, exchange: &Exchange<'_>, findings: &mut Findings) {
        if !exchange.answer.parameters.traits().has(Traits::CONFIGURED) {
            return;
        }
        for parameter in exchange.answered() {
            let name = parameter.name();
            if !parameter.has(Traits::CONFIGURED) {
                continue;
            }
            let value = parameter.value().unwrap_or_default();
            match self.read.get(name) {
                Some(before) if *before != *value.trim() => {
                    // A URL may hold a password.
                    let said = if name.ends_with("URL") {
                        format!("{name} is another than before")
                    } else {
                        format!("{name} was {before} and is {} now", value.trim())
                    };
                    let draft = exchange.answer.breaks_at(&STAND_STILL, parameter.element());
                    findings.add(draft.path(name).because(said));
                }
                Some(_) => continue,
                None => {}
            }
            if self.read.len() < READ_MAX {
                let value = value.trim().chars().take(VALUE_CHARACTERS).collect();
                self.read.insert(name.to_owned(), value);
            }
        }
    }
}

/// Values remembered of one session: these names under one root, and some to spare.
const READ_MAX: usize = 16;
/// Characters remembered of a value.
const VALUE_CHARACTERS: usize = 256;
