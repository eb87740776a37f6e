//! A rule, as `rules -T json` has it.

use serde::Serialize;

use super::finding::CiteRecord;
use crate::conformance::Rule;

/// One rule of the rule book.
#[derive(Debug, Serialize)]
pub struct RuleRecord {
    code: &'static str,
    name: &'static str,
    severity: &'static str,
    obligation: &'static str,
    /// Who can break it.
    blame: Vec<&'static str>,
    scope: &'static str,
    versions: &'static str,
    demands: &'static str,
    cites: Vec<CiteRecord>,
    /// Of a rule that only forgives: the rules that it keeps quiet or softens.
    guards: &'static [&'static str],
}

impl RuleRecord {
    /// The record of a rule.
    #[must_use]
    pub fn new(rule: &Rule) -> Self {
        Self {
            code: rule.code,
            name: rule.name,
            severity: rule.severity().name(),
            obligation: rule.obligation.name(),
            blame: rule.blame.iter().map(|blame| blame.name()).collect(),
            scope: rule.scope.name(),
            versions: rule.versions,
            demands: rule.demands,
            cites: rule.cites.iter().map(CiteRecord::new).collect(),
            guards: rule.guards,
        }
    }
}
