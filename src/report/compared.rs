//! What `informant diff` has found, as a value for every form of output.

use crate::session::Session;
use crate::session::compare::Comparison;

/// Sessions of two captures beside each other.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// Sessions that stand for each other.
    pub pairs: &'a [Pair<'a>],
    /// Expected sessions that have no counterpart.
    pub missing: &'a [Labelled<'a>],
    /// Sessions that came and have none.
    pub extra: &'a [Labelled<'a>],
    /// Pairs that a bound left no room for.
    pub left_out: u64,
}

/// Two sessions, and what differs.
#[derive(Debug, Clone, Copy)]
pub struct Pair<'a> {
    /// What was expected.
    pub expected: Labelled<'a>,
    /// What came.
    pub actual: Labelled<'a>,
    /// What differs.
    pub comparison: &'a Comparison,
}

/// A session, and the file that holds it.
#[derive(Debug, Clone, Copy)]
pub struct Labelled<'a> {
    /// The bytes of its path.
    pub file: &'a [u8],
    /// The session.
    pub session: &'a Session,
}

impl Compared<'_> {
    /// Nothing differs.
    #[must_use]
    pub fn is_same(&self) -> bool {
        let is_same = |pair: &Pair<'_>| pair.comparison.differences.is_empty();
        self.missing.is_empty()
            && self.extra.is_empty()
            && self.left_out == 0
            && self.pairs.iter().all(is_same)
    }
}
