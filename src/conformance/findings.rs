//! Where rules put what they find; the same breach of the same side of the same device becomes one finding.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::draft::Draft;
use super::{CheckLimits, Rule, excerpt, forgiven, overlaps};
use crate::session::{Blame, Evidence, Finding, Masking, Occurrence, Severity, Summary};

/// What was found so far.
#[derive(Debug, Default)]
pub struct Findings {
    limits: CheckLimits,
    selection: Selection,
    masking: Masking,
    fresh: Vec<Draft>,
    by_key: HashMap<Key, usize, foldhash::fast::RandomState>,
    /// Paths met of one breach of one side of one device.
    paths: HashMap<Breach, usize, foldhash::fast::RandomState>,
    found: Vec<(Finding, &'static Rule)>,
    limits_reached: BTreeMap<&'static str, u64>,
    of_session: HashMap<u32, Counts, foldhash::fast::RandomState>,
}

/// Findings by severity; occurrences are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Errors.
    pub error: u64,
    /// Warnings.
    pub warning: u64,
    /// Remarks.
    pub info: u64,
}

impl Counts {
    /// Adds findings of one severity.
    pub fn add(&mut self, severity: Severity, count: u64) {
        let counted = match severity {
            Severity::Error => &mut self.error,
            Severity::Warning => &mut self.warning,
            Severity::Info => &mut self.info,
        };
        *counted += count;
    }
}

/// Which rules are wanted; codes or the beginnings of codes (`HTTP`, `CWMP-DL`).
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Only these; all where empty.
    pub select: Vec<String>,
    /// Not these.
    pub ignore: Vec<String>,
}

impl Selection {
    /// Whether a rule is wanted.
    #[must_use]
    pub fn wants(&self, code: &str) -> bool {
        let named = |names: &[String]| names.iter().any(|name| is_of(code, name));
        (self.select.is_empty() || named(&self.select)) && !named(&self.ignore)
    }
}

/// A code is that code, or of that family.
fn is_of(code: &str, name: &str) -> bool {
    code.strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

type Breach = (&'static str, Severity, Blame, Option<Arc<str>>);
type Key = (Breach, Option<String>, Option<String>);

impl Findings {
    pub(super) fn new(limits: CheckLimits, selection: Selection, masking: Masking) -> Self {
        Self {
            limits,
            selection,
            masking,
            ..Self::default()
        }
    }

    /// Adds what was seen. What the session's ways forgive is not kept.
    pub fn add(&mut self, mut draft: Draft) {
        if draft.issue_1 {
            let Some(most) = forgiven::in_issue_1(draft.rule.code) else {
                return;
            };
            draft.severity = draft.severity.min(most);
        }
        if draft.evidence != Evidence::Complete {
            draft.severity = Severity::Info;
        }
        if self.selection.wants(draft.rule.code) {
            self.fresh.push(draft);
        }
    }

    /// Takes in what the last message, or the last session that closed, gave.
    pub(super) fn settle(&mut self) {
        if self.fresh.is_empty() {
            return;
        }
        let mut fresh = std::mem::take(&mut self.fresh);
        overlaps::told_once(&mut fresh);
        for draft in fresh.drain(..) {
            self.take(draft);
        }
        self.fresh = fresh;
    }

    fn take(&mut self, draft: Draft) {
        if let Some(session) = draft.session {
            let counts = self.of_session.entry(session).or_default();
            counts.add(draft.severity, 1);
        }
        let breach = (
            draft.rule.code,
            draft.severity,
            draft.blame,
            draft.device.clone(),
        );
        let path = draft.path.as_deref().map(general);
        let key = (breach, draft.rpc.clone(), path);
        if let Some(&at) = self.by_key.get(&key) {
            self.again(at, draft);
            return;
        }
        let (breach, ..) = &key;
        let paths = self.paths.entry(breach.clone()).or_default();
        *paths += 1;
        if *paths > self.limits.paths_max
            && let Some(at) = self.found.iter().rposition(|(finding, _)| {
                (
                    finding.code,
                    finding.severity,
                    finding.blame,
                    finding.device.clone(),
                ) == *breach
            })
        {
            // Looked for once: from now on this path has a place of its own.
            self.by_key.insert(key, at);
            self.reached("paths_max");
            self.again(at, draft);
            return;
        }
        if self.found.len() >= self.limits.findings_max {
            self.reached("findings_max");
            return;
        }
        let path = key.2.clone();
        self.by_key.insert(key, self.found.len());
        let rule = draft.rule;
        self.found.push((self.finding(draft, path), rule));
    }

    fn again(&mut self, at: usize, draft: Draft) {
        let Some((finding, _)) = self.found.get_mut(at) else {
            return;
        };
        finding.count += 1;
        finding.evidence = finding.evidence.max(draft.evidence);
        if finding.occurrences.len() < self.limits.occurrences_max {
            finding.occurrences.push(occurrence(&draft));
        }
    }

    fn finding(&self, draft: Draft, path: Option<String>) -> Finding {
        let (position, excerpt) = excerpt::of(&draft, self.masking).unzip();
        Finding {
            code: draft.rule.code,
            name: draft.rule.name,
            severity: draft.severity,
            obligation: draft.rule.obligation,
            blame: draft.blame,
            position,
            excerpt: excerpt.flatten(),
            count: 1,
            occurrences: vec![occurrence(&draft)],
            evidence: draft.evidence,
            cites: draft.rule.cites,
            message: draft.message,
            device: draft.device,
            rpc: draft.rpc,
            path,
            foretold_by: draft.foretold_by,
            setting: draft.setting,
        }
    }

    fn reached(&mut self, name: &'static str) {
        *self.limits_reached.entry(name).or_default() += 1;
    }

    /// What a session gave so far; it is forgotten.
    pub(super) fn of_session(&mut self, session: u32) -> Counts {
        self.of_session.remove(&session).unwrap_or_default()
    }

    /// Everything, by device, side, weight and place. What says that something never came is no more than a remark where the
    /// capture has gaps.
    pub(super) fn finish(
        mut self,
        summary: &Summary,
    ) -> (Vec<Finding>, BTreeMap<&'static str, u64>) {
        self.settle();
        let lossy = summary.tcp.gaps > 0;
        let mut found: Vec<Finding> = self
            .found
            .into_iter()
            .map(|(mut finding, rule)| {
                if lossy && rule.of_absence {
                    finding.severity = Severity::Info;
                    finding.evidence = finding.evidence.max(Evidence::Gap);
                }
                finding
            })
            .collect();
        found.sort_by(|one, other| order(one).cmp(&order(other)));
        (found, self.limits_reached)
    }
}

fn occurrence(draft: &Draft) -> Occurrence {
    Occurrence {
        session: draft.session,
        frames: draft.frames.clone(),
        time: draft.time,
    }
}

/// A path with `{i}` for instance numbers.
fn general(path: &str) -> String {
    let is_number = |node: &str| !node.is_empty() && node.bytes().all(|byte| byte.is_ascii_digit());
    let nodes = path.split('.');
    let nodes: Vec<&str> = nodes
        .map(|node| if is_number(node) { "{i}" } else { node })
        .collect();
    nodes.join(".")
}

type Place<'f> = (
    Option<&'f str>,
    Blame,
    std::cmp::Reverse<Severity>,
    &'f [crate::source::FrameId],
    &'static str,
    (Option<&'f str>, Option<&'f str>),
);

fn order(finding: &Finding) -> Place<'_> {
    (
        finding.device.as_deref(),
        finding.blame,
        std::cmp::Reverse(finding.severity),
        finding.frames(),
        finding.code,
        (finding.rpc.as_deref(), finding.path.as_deref()),
    )
}
