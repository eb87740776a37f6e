//! What traffic in the ways of TR-069 Issue 1 (2004) is forgiven: the rows I1 of the catalogue as one table.

use super::rules;
use crate::session::Severity;

/// How much a breach of this rule may matter in a session of Issue 1; `None` where it is no breach at all.
#[must_use]
pub fn in_issue_1(code: &str) -> Option<Severity> {
    rules::forgiven_in_issue_1(code)
}
