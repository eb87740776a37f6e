//! Which findings are drawn under which arrow: under the last that shows them.

use std::collections::{BTreeMap, BTreeSet};

use crate::session::{Finding, Severity, Step};
use crate::source::FrameId;

/// The findings of one session that are still to be drawn.
#[derive(Debug, Default)]
pub(super) struct Marks<'a> {
    by_frame: BTreeMap<FrameId, Vec<usize>>,
    findings: Vec<&'a Finding>,
    drawn: BTreeSet<usize>,
    session: u32,
}

impl<'a> Marks<'a> {
    /// Where each is seen in this session; what is only worth a remark is left to `check`.
    pub(super) fn of(findings: &[&'a Finding], session: u32) -> Self {
        let findings = findings.iter().copied();
        let findings: Vec<&Finding> = findings
            .filter(|finding| finding.severity > Severity::Info)
            .collect();
        let mut by_frame: BTreeMap<FrameId, Vec<usize>> = BTreeMap::new();
        for (at, finding) in findings.iter().enumerate() {
            let here = finding
                .occurrences
                .iter()
                .filter(|one| one.session == Some(session));
            for last in here.filter_map(|one| one.frames.last()) {
                by_frame.entry(*last).or_default().push(at);
            }
        }
        Self {
            by_frame,
            findings,
            drawn: BTreeSet::new(),
            session,
        }
    }

    /// Whose they are.
    pub(super) fn session(&self) -> u32 {
        self.session
    }

    /// What is drawn under this arrow, and how many more there would be.
    pub(super) fn at(&mut self, step: &Step) -> (Vec<&'a Finding>, usize) {
        let mut places: Vec<usize> = Vec::new();
        for frame in &step.frames {
            // A frame may carry several messages: the first of them gets the mark.
            places.extend(self.by_frame.remove(frame).unwrap_or_default());
        }
        places.dedup();
        self.drawn.extend(&places);
        let shown = places.iter().take(MARKS_MAX);
        let shown: Vec<&Finding> = shown
            .filter_map(|at| self.findings.get(*at).copied())
            .collect();
        let more = places.len() - shown.len();
        (shown, more)
    }

    /// What no arrow showed.
    pub(super) fn rest(&self) -> Vec<&'a Finding> {
        let all = self.findings.iter().enumerate();
        let rest = all.filter(|(at, _)| !self.drawn.contains(at));
        rest.map(|(_, finding)| *finding).take(REST_MAX).collect()
    }
}

/// Findings under one arrow.
const MARKS_MAX: usize = 4;
/// Findings under a ladder.
const REST_MAX: usize = 20;
