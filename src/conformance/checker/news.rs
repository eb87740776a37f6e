//! What the checker tells while the capture goes on.

use std::collections::BTreeMap;

use super::{Checked, Checker};
use crate::conformance::Counts;
use crate::session::{Finding, Severity};
use crate::source::Timestamp;

impl Checker {
    /// What was found since this was last asked: as it stands now, since nobody knows what is still to come. Where packets
    /// were lost, what something absent says is no more than a remark.
    #[must_use]
    pub fn news(&mut self, lossy: bool) -> Vec<Finding> {
        self.findings.news(lossy)
    }

    /// It is so late, and nothing of what ended before is still to come.
    pub fn advance(&mut self, now: Timestamp) {
        self.close_before(now.nanoseconds);
    }

    /// How often each rule was broken so far.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<(&'static str, Severity), u64> {
        self.findings.counts()
    }

    /// The same checker, which tells at any time what occurs in which session.
    #[must_use]
    pub fn following_sessions(mut self) -> Self {
        self.findings.follow_sessions();
        self
    }

    /// Sessions in which something occurred since this was last asked.
    #[must_use]
    pub fn met(&mut self) -> Vec<u32> {
        self.findings.met()
    }

    /// How much occurs in a session so far.
    #[must_use]
    pub fn counts_of(&self, session: u32) -> Counts {
        self.findings.counts_of(session)
    }

    /// What occurs in a session so far, or in all, as it stands now.
    #[must_use]
    pub fn so_far(&mut self, session: Option<u32>, lossy: bool) -> Checked {
        let findings = self.findings.so_far(session, lossy);
        let places = (0..findings.len()).collect();
        Checked {
            findings,
            by_session: session
                .map(|session| (session, places))
                .into_iter()
                .collect(),
            something: self.something,
            ..Checked::default()
        }
    }

    /// Nobody asks for this session any more.
    pub fn forget_session(&mut self, session: u32) {
        self.findings.forget_session(session);
    }
}
