//! The rule book: every rule under its code, sorted.

use std::sync::OnceLock;

use super::{Rule, Undecidable, rules as families};

/// Every rule, by code.
#[must_use]
pub fn rules() -> &'static [&'static Rule] {
    static SORTED: OnceLock<Vec<&'static Rule>> = OnceLock::new();
    SORTED.get_or_init(|| {
        let topics = families::RULES.iter().copied().flatten();
        let mut all: Vec<&Rule> = topics.copied().flatten().copied().collect();
        all.sort_by_key(|rule| rule.code);
        all
    })
}

/// The rule with this code, in any case.
#[must_use]
pub fn rule(code: &str) -> Option<&'static Rule> {
    let rules = rules();
    if let Ok(at) = rules.binary_search_by_key(&code, |rule| rule.code) {
        return rules.get(at).copied();
    }
    rules
        .iter()
        .copied()
        .find(|rule| rule.code.eq_ignore_ascii_case(code))
}

/// Every row of the catalogue of requirements that no traffic decides, by code.
#[must_use]
pub fn undecidable() -> Vec<&'static Undecidable> {
    let mut all: Vec<&Undecidable> = families::UNDECIDABLE.iter().copied().flatten().collect();
    all.sort_by_key(|row| row.code);
    all
}
