//! What was found so far, while the capture goes on: it is told as it stands, since nobody knows what is still to come.

use std::collections::BTreeMap;

use super::{Counts, Findings, Found, forgive_late, weigh};
use crate::session::{Finding, Severity};

/// What was told already, and what is to be told.
#[derive(Debug, Default)]
pub(super) struct News {
    /// How many findings were told.
    told: usize,
    /// Sessions in which something new occurred; only where somebody asks.
    met: Option<Vec<u32>>,
    /// How often each rule was broken by what is no longer held.
    before: BTreeMap<(&'static str, Severity), u64>,
}

impl News {
    /// Something occurred in a session that had not before.
    pub(super) fn met(&mut self, session: u32) {
        if let Some(met) = &mut self.met {
            met.push(session);
        }
    }
}

impl Findings {
    /// What was found since this was last asked.
    pub(in crate::conformance) fn news(&mut self, lossy: bool) -> Vec<Finding> {
        self.doubts.forget_the_old();
        if self.news.told == self.found.len() {
            return Vec::new();
        }
        self.doubts.sort();
        let new = self.found.get(self.news.told..).unwrap_or_default();
        self.news.told = self.found.len();
        let one = |found: &Found| self.as_it_stands(found, lossy);
        let new = new.iter().filter_map(one).collect();
        if !self.has_room() && self.by_session.is_none() {
            self.begin_anew();
        }
        new
    }

    /// All is told, and nobody asks for it again: what comes has room, and what was told long ago may be told once more.
    fn begin_anew(&mut self) {
        self.news.before = self.counts();
        self.news.told = 0;
        self.found.clear();
        self.by_key.clear();
        self.paths.clear();
        self.issue_1_sessions.clear();
        self.occurrence_frames = 0;
    }

    /// How often each rule was broken so far.
    pub(in crate::conformance) fn counts(&self) -> BTreeMap<(&'static str, Severity), u64> {
        let mut counts = self.news.before.clone();
        for Found { finding, .. } in &self.found {
            *counts.entry((finding.code, finding.severity)).or_default() += finding.count;
        }
        counts
    }

    /// Bounds that were reached, with how often.
    pub(in crate::conformance) fn limits_reached(&self) -> BTreeMap<&'static str, u64> {
        self.limits_reached.clone()
    }

    /// From now on, notes which findings occur in which session, and tells in which there are more.
    pub(in crate::conformance) fn follow_sessions(&mut self) {
        self.by_session();
        self.doubts.forget_the_old();
        self.news.met = Some(Vec::new());
    }

    /// Sessions in which something occurred since this was last asked.
    pub(in crate::conformance) fn met(&mut self) -> Vec<u32> {
        let met = self.news.met.as_mut();
        met.map(std::mem::take).unwrap_or_default()
    }

    /// What occurs in a session; everything without one.
    pub(in crate::conformance) fn so_far(
        &mut self,
        session: Option<u32>,
        lossy: bool,
    ) -> Vec<Finding> {
        self.doubts.sort();
        let one = |found: &Found| self.as_it_stands(found, lossy);
        match session {
            None => self.found.iter().filter_map(one).collect(),
            Some(session) => self.of_session(session).filter_map(one).collect(),
        }
    }

    /// How much occurs in a session.
    pub(in crate::conformance) fn counts_of(&self, session: u32) -> Counts {
        Counts::of(self.of_session(session).map(|found| &found.finding))
    }

    /// Nobody asks for this session any more.
    pub(in crate::conformance) fn forget_session(&mut self, session: u32) {
        if let Some(by_session) = &mut self.by_session {
            let pairs = by_session.range((session, 0)..=(session, u32::MAX));
            let pairs: Vec<(u32, u32)> = pairs.copied().collect();
            for pair in pairs {
                by_session.remove(&pair);
            }
        }
    }

    fn of_session(&self, session: u32) -> impl Iterator<Item = &Found> {
        let pairs = self.by_session.iter();
        let pairs = pairs.flat_map(move |pairs| pairs.range((session, 0)..=(session, u32::MAX)));
        pairs.filter_map(|(_, at)| self.found.get(*at as usize))
    }

    fn as_it_stands(&self, found: &Found, lossy: bool) -> Option<Finding> {
        let mut finding = found.finding.clone();
        weigh(&mut finding, found.rule, &self.doubts, lossy);
        forgive_late(&mut finding, &self.issue_1_sessions).then_some(finding)
    }
}
