//! GetOptions: the option that was asked for, or each once (TR-069 Amendment 3 section A.4.1.4).

use std::collections::HashSet;

use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Exchange, Findings, Rule, Scope};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&AS_ASKED];

/// The options that were asked for, and no others.
const AS_ASKED: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 50"), a3("Table 51")],
    demands: "GetOptions with a name is answered with that option alone, with an empty name by one entry for each option.",
    why: "An ACS that takes the first entry of the answer for the option it named shows a licence as active that the device does not have.",
    mend_cpe: "Filter the list by OptionName where it is not empty, answer a fault for an unknown one, and list no option twice.",
    bad: "<cwmp:GetOptions><OptionName>VoIP</OptionName>\n<OptionList> with VoIP, Firewall and QoS",
    good: "<cwmp:GetOptions><OptionName>VoIP</OptionName>\n<OptionList> with VoIP",
    wireshark: "xml contains \"GetOptions\"",
    ..Rule::should("CWMP-VCH-003", "options-as-asked", Scope::Exchange)
};

/// Looks at GetOptions with its answer.
pub(super) fn look(exchange: &Exchange<'_>, findings: &mut Findings) {
    if exchange.method() != "GetOptions" || exchange.is_fault() {
        return;
    }
    let request = exchange.request().and_then(|request| request.message());
    let name = request.and_then(|request| request.child("OptionName"));
    let Some(name) = name.map(|name| name.text().trim().to_owned()) else {
        return;
    };
    let answer = exchange.response().and_then(|answer| answer.message());
    let list = answer.and_then(|answer| answer.child("OptionList"));
    let Some(list) = list else {
        return;
    };
    let options = list.children().map(|option| {
        let name = option.child("OptionName");
        let text = name.map(|name| name.text().trim().to_owned());
        (option, text.unwrap_or_default())
    });
    let mut seen = HashSet::new();
    let mut count = 0;
    for (option, one) in options {
        count += 1;
        let said = if !name.is_empty() && one != name {
            format!("the option {name} was asked for, and {one} is listed")
        } else if seen.insert(one.clone()) {
            continue;
        } else {
            format!("the option {one} is listed twice")
        };
        let draft = exchange.answer.breaks_at(&AS_ASKED, option);
        let draft = draft.shown_by(&exchange.asked.message).rpc("GetOptions");
        findings.add(draft.because(said));
        return;
    }
    if count == 0 && !name.is_empty() {
        let draft = exchange.breaks(&AS_ASKED);
        findings.add(draft.because(format!(
            "the option {name} was asked for, and the answer lists none and is no fault"
        )));
    }
}
