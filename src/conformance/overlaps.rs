//! Rules that state the same fact: one breach deserves one finding, under the more specific code.

use super::draft::Draft;

/// Of the findings of one moment, leaves out those that a more specific one tells too.
pub(super) fn told_once(fresh: &mut Vec<Draft>) {
    if fresh.len() < 2 {
        return;
    }
    let told: Vec<(&'static str, Option<u32>)> = fresh
        .iter()
        .map(|draft| (draft.rule.code, draft.session))
        .collect();
    fresh.retain(|draft| {
        let code = draft.rule.code;
        let more_specific = SAME_FACT
            .iter()
            .filter(|(_, general)| *general == code)
            .any(|(specific, _)| told.contains(&(*specific, draft.session)));
        !more_specific
    });
}

/// The more specific code, and the general one that is not told beside it.
const SAME_FACT: &[(&str, &str)] = &[
    ("CWMP-DIAG-003", "CWMP-GPV-009"),
    ("CWMP-DL-004", "SOAP-033"),
    ("CWMP-TC-009", "SESS-022"),
    ("EVT-014", "SESS-039"),
    ("FIELD-019", "SOAP-001"),
    ("FLT-018", "CWMP-SPV-001"),
    ("SESS-007", "SESS-006"),
    ("SESS-009", "EVT-015"),
    ("SESS-012", "EVT-015"),
    ("SESS-013", "SESS-015"),
    ("SESS-014", "SOAP-005"),
    ("SESS-031", "CWMP-RBT-001"),
    ("SESS-035", "HTTP-018"),
    ("SESS-046", "CR-021"),
    ("SESS-046", "INF-020"),
    ("AUTH-018", "SESS-028"),
    ("FLT-008", "VER-006"),
    ("SOAP-015", "FIELD-017"),
    ("FLT-028", "CWMP-SPV-011"),
    ("STUN-045", "CWMP-GPV-008"),
    ("CWMP-GPV-006", "CWMP-GPV-003"),
    ("CWMP-SPV-007", "INF-022"),
    ("SOAP-044", "SESS-006"),
    ("CWMP-CT-002", "FLT-009"),
    ("CWMP-DL-015", "HTTP-050"),
    ("CWMP-DL-016", "HTTP-050"),
    ("CWMP-DL-017", "HTTP-051"),
];
