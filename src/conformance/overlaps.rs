//! Rules that state the same fact: one breach deserves one finding, under the more specific code.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use super::draft::Draft;
use crate::session::Finding;
use crate::source::FrameId;

/// Of the findings of one moment, leaves out those that a more specific one tells too.
pub(super) fn told_once(fresh: &mut Vec<Draft>) {
    if fresh.len() < 2
        || !fresh
            .iter()
            .any(|draft| !specific(draft.rule.code).is_empty())
    {
        return;
    }
    let mut told: Vec<(&'static str, Option<u32>)> = fresh
        .iter()
        .map(|draft| (draft.rule.code, draft.session))
        .collect();
    told.sort_unstable();
    told.dedup();
    fresh.retain(|draft| {
        let more_specific = specific(draft.rule.code)
            .iter()
            .any(|specific| told.binary_search(&(*specific, draft.session)).is_ok());
        !more_specific
    });
}

/// Where the end of the capture has shown something more specific than a session before it.
#[derive(Debug, Default)]
pub(super) struct ToldLate(HashSet<(&'static str, Option<Arc<str>>, FrameId)>);

impl ToldLate {
    /// Of all findings.
    pub(super) fn of<'f>(findings: impl Iterator<Item = &'f Finding>) -> Self {
        let mut told = Self::default();
        for finding in findings {
            let general = SAME_REQUEST.iter().find(|(code, _)| *code == finding.code);
            let Some((_, general)) = general else {
                continue;
            };
            let first = finding.occurrences.iter().map(|one| one.frames.first());
            let places = first.flatten();
            told.0
                .extend(places.map(|first| (*general, finding.device.clone(), *first)));
        }
        told
    }

    /// Each request that this finding is about has a more specific one.
    pub(super) fn tells(&self, finding: &Finding) -> bool {
        let is_told = |first: &FrameId| {
            let place = (finding.code, finding.device.clone(), *first);
            self.0.contains(&place)
        };
        let is_general = SAME_REQUEST.iter().any(|(_, code)| *code == finding.code);
        let mut places = finding.occurrences.iter().map(|one| one.frames.first());
        is_general && places.all(|first| first.is_some_and(is_told))
    }
}

/// What is more specific than a code.
fn specific(code: &str) -> &'static [&'static str] {
    static BY_GENERAL: OnceLock<ByGeneral> = OnceLock::new();
    let by_general = BY_GENERAL.get_or_init(|| {
        let mut by_general = ByGeneral::default();
        for (specific, general) in SAME_FACT {
            by_general.entry(*general).or_default().push(*specific);
        }
        by_general
    });
    by_general.get(code).map(Vec::as_slice).unwrap_or_default()
}

type ByGeneral = HashMap<&'static str, Vec<&'static str>, foldhash::fast::RandomState>;

/// The more specific code, and the general one that is not told beside it.
const SAME_FACT: &[(&str, &str)] = &[
    ("AUTH-018", "SESS-028"),
    ("CR-002", "INF-023"),
    ("CWMP-ADD-007", "INF-022"),
    ("CWMP-CT-002", "FLT-009"),
    ("CWMP-DEL-003", "FLT-016"),
    ("CWMP-DIAG-003", "CWMP-GPV-009"),
    ("CWMP-DL-004", "SOAP-033"),
    ("CWMP-DL-015", "HTTP-050"),
    ("CWMP-DL-016", "HTTP-050"),
    ("CWMP-DL-017", "HTTP-051"),
    ("CWMP-GPN-006", "FIELD-010"),
    ("CWMP-GPN-006", "FIELD-021"),
    ("CWMP-GPN-007", "FIELD-020"),
    ("CWMP-GPN-008", "FIELD-009"),
    ("CWMP-GPN-008", "FLT-016"),
    ("CWMP-GPN-008", "FLT-017"),
    ("CWMP-GPV-006", "CWMP-GPV-003"),
    ("CWMP-SPA-007", "INF-033"),
    ("CWMP-SPV-007", "INF-022"),
    ("CWMP-SPV-010", "CWMP-GPN-007"),
    ("CWMP-TC-002", "VER-006"),
    ("CWMP-TC-009", "EVT-014"),
    ("CWMP-TC-009", "SESS-022"),
    ("DHCP-017", "CWMP-GPV-010"),
    ("DHCP-025", "CWMP-SPA-006"),
    ("EVT-014", "SESS-039"),
    ("EVT-018", "SESS-039"),
    ("EVT-019", "CWMP-RBT-001"),
    ("EVT-027", "CR-008"),
    ("EVT-027", "INF-034"),
    ("FIELD-019", "SOAP-001"),
    ("FLT-008", "VER-006"),
    ("FLT-018", "CWMP-SPV-001"),
    ("FLT-028", "CWMP-SPV-011"),
    ("INF-022", "CWMP-DEL-005"),
    ("INF-026", "SESS-042"),
    ("SESS-007", "SESS-006"),
    ("SESS-009", "EVT-015"),
    ("SESS-012", "EVT-015"),
    ("SESS-013", "SESS-015"),
    ("SESS-014", "SOAP-005"),
    ("SESS-031", "CWMP-RBT-001"),
    ("SESS-035", "HTTP-018"),
    ("SESS-046", "CR-021"),
    ("SESS-046", "INF-020"),
    ("SOAP-015", "FIELD-017"),
    ("SOAP-044", "SESS-006"),
    ("STUN-045", "CWMP-GPV-008"),
    ("STUN-047", "CWMP-SPA-006"),
];

/// The same, where the specific one waits for the end of the capture; both show the request first.
const SAME_REQUEST: &[(&str, &str)] = &[
    ("CWMP-DL-005", "FIELD-013"),
    ("CWMP-DL-018", "FIELD-013"),
    ("CWMP-UL-004", "FIELD-013"),
];
