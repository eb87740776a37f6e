//! The pages of rules, made of the texts that stand with each rule: for the terminal, for docs/rules, for SARIF.

mod family;
mod markdown;
mod text;

pub use family::{families, title};
pub use markdown::{family_page, index, rule_page, undecidable_page};
pub use text::{Explained, family, table};

use crate::conformance::{self, Rule};
use crate::report::citation;
use crate::session::{Blame, Severity};

/// Who can break it: `cpe, acs`.
fn blamed(rule: &Rule) -> String {
    let sides: Vec<&str> = rule.blame.iter().map(|blame| blame.words()).collect();
    sides.join(", ")
}

/// What to change, with the place where; whoever else is blamed shares the text of the ACS.
fn changes(rule: &Rule) -> Vec<(&'static str, String)> {
    let other = rule
        .blame
        .iter()
        .find(|blame| !matches!(blame, Blame::Cpe | Blame::Acs));
    let elsewhere = match other {
        Some(Blame::Gateway) => "on the gateway",
        Some(Blame::StunServer) => "on the STUN server",
        Some(Blame::DhcpServer) => "on the DHCP server",
        _ => "on the acs",
    };
    let told = [("on the cpe", rule.mend_cpe), (elsewhere, rule.mend_acs)];
    let told = told.into_iter().filter(|(_, what)| !what.is_empty());
    told.map(|(place, what)| (place, without_place(place, what)))
        .collect()
}

/// A text that names its place itself (`On the gateway: put ...`), without it.
fn without_place(place: &str, what: &str) -> String {
    let named = what.split_once(": ");
    let rest = named.filter(|(before, _)| before.eq_ignore_ascii_case(place));
    let Some((_, rest)) = rest else {
        return what.to_owned();
    };
    let mut letters = rest.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// What says so; of profiles it is another document for each vendor.
fn said_by(rule: &Rule) -> String {
    if rule.cites.is_empty() && rule.family() == "PROFILE" {
        return "The document of the device's vendor: each finding names it and the place in it; docs/profiles.md has what the \
                documents say"
            .to_owned();
    }
    let cites: Vec<String> = rule.cites.iter().map(citation::told).collect();
    cites.join("; ")
}

/// Sentences of how much a breach matters, and what softens it.
fn weight(rule: &Rule) -> String {
    let severity = rule.severity();
    let mut words = match severity {
        Severity::Error => "A breach is an error.",
        Severity::Warning => "A breach is a warning.",
        Severity::Info => "A breach is worth a remark (info).",
    }
    .to_owned();
    words.push_str(match conformance::in_issue_1(rule.code) {
        None => " Sessions in the ways of TR-069 Issue 1 (2004) are not judged by it.",
        Some(Severity::Info) if severity > Severity::Info => {
            " In sessions in the ways of TR-069 Issue 1 (2004) it is worth a remark."
        }
        Some(Severity::Warning) if severity > Severity::Warning => {
            " In sessions in the ways of TR-069 Issue 1 (2004) it is a warning."
        }
        Some(_) => "",
    });
    if rule.of_absence {
        words.push_str(
            " It rests on what did not come, or not in between: in a capture with gaps it is a remark.",
        );
    } else if severity > Severity::Info {
        words.push_str(" Where bytes are missing it is a remark.");
    }
    words
}

/// `HTTP-005 name`, for each rule that a reader wants to know of.
fn named(codes: &[&str]) -> Vec<String> {
    let name = |code: &&str| match conformance::rule(code) {
        Some(rule) => format!("{} {}", rule.code, rule.name),
        None => (*code).to_owned(),
    };
    codes.iter().map(name).collect()
}
