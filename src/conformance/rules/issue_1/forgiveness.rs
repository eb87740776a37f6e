//! What Issue 1 is forgiven, by the codes of the rules: the rows of `rows` and of `ways` as one table.

use crate::session::Severity;

/// How much a breach of this rule may matter in a session of Issue 1; `None` where it is no breach at all.
pub(super) fn most(code: &str) -> Option<Severity> {
    let is = |codes: &[&str]| codes.contains(&code);
    if is(SILENT) {
        None
    } else if is(REMARKS) {
        Some(Severity::Info)
    } else if is(WARNINGS) {
        Some(Severity::Warning)
    } else {
        Some(Severity::Error)
    }
}

/// No breach in Issue 1.
const SILENT: &[&str] = &[
    "AUTH-014",
    "AUTH-015",
    "AUTH-016",
    "CR-004",
    "CR-005",
    "CR-006",
    "CR-007",
    "CR-008",
    "CR-009",
    "CR-010",
    "CR-011",
    "CR-012",
    "CR-013",
    "CR-014",
    "CR-016",
    "CWMP-ADD-005",
    "CWMP-ADD-006",
    "CWMP-ADD-007",
    "CWMP-DEL-002",
    "CWMP-DEL-003",
    "CWMP-DEL-005",
    "CWMP-DL-004",
    "CWMP-DL-008",
    "CWMP-DL-009",
    "CWMP-DL-010",
    "CWMP-DL-012",
    "CWMP-FR-001",
    "CWMP-GPA-002",
    "CWMP-GRM-002",
    "CWMP-SPA-006",
    "CWMP-SPA-008",
    "CWMP-SPA-010",
    "CWMP-SPA-011",
    "CWMP-SPA-012",
    "CWMP-SPA-013",
    "CWMP-SPV-001",
    "CWMP-SPV-005",
    "CWMP-SPV-007",
    "CWMP-SPV-011",
    "CWMP-SPV-013",
    "CWMP-TC-006",
    "CWMP-TC-007",
    "CWMP-UL-002",
    "CWMP-UL-003",
    "CWMP-UL-004",
    "EVT-008",
    "EVT-009",
    "EVT-011",
    "FLT-003",
    "FLT-017",
    "FLT-018",
    "FLT-019",
    "FLT-020",
    "FLT-021",
    "FLT-022",
    "HTTP-004",
    "HTTP-041",
    "INF-002",
    "INF-003",
    "INF-010",
    "INF-014",
    "INF-019",
    "INF-020",
    "SESS-004",
    "SESS-005",
    "SESS-006",
    "SESS-007",
    "SESS-010",
    "SESS-012",
    "SESS-013",
    "SESS-014",
    "SESS-015",
    "SESS-016",
    "SESS-017",
    "SESS-020",
    "SESS-022",
    "SESS-027",
    "SESS-028",
    "SESS-033",
    "SESS-036",
    "SESS-037",
    "SOAP-016",
    "SOAP-018",
    "SOAP-030",
    "SOAP-031",
    "SOAP-032",
    "SOAP-033",
    "SOAP-036",
    "SOAP-037",
];
/// Worth a remark in Issue 1.
const REMARKS: &[&str] = &[
    "CR-001",
    "CWMP-GPN-001",
    "CWMP-GPN-002",
    "CWMP-GPN-003",
    "CWMP-GPN-004",
    "CWMP-GPN-005",
    "CWMP-GPN-007",
    "CWMP-GPN-008",
    "CWMP-GPN-009",
    "EVT-006",
    "HTTP-039",
    "SOAP-005",
];
/// A warning at most in Issue 1.
const WARNINGS: &[&str] = &[
    "AUTH-005", "AUTH-007", "AUTH-012", "AUTH-013", "FLT-010", "HTTP-006", "HTTP-007", "HTTP-008",
    "HTTP-009", "HTTP-011", "HTTP-017", "HTTP-019", "HTTP-020", "HTTP-024", "HTTP-028", "HTTP-030",
    "HTTP-031", "HTTP-032", "HTTP-033", "HTTP-034", "HTTP-035", "HTTP-036", "SESS-021", "SESS-024",
    "SESS-025", "SESS-026", "SOAP-008", "SOAP-009",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_forgives_what_it_names() {
        // HoldRequests of the last envelope is how it is read, and forgives no breach.
        let read = ["SESS-008"];
        for row in super::super::rows::RULES {
            for code in row.guards.iter().filter(|code| !read.contains(code)) {
                assert!(most(code) < Some(Severity::Error), "{} {code}", row.code);
            }
        }
    }

    #[test]
    fn nothing_is_forgiven_that_no_row_names() {
        // Several envelopes and requests that overlap (rows I1-002 and I1-003, which also demand).
        let ways = [
            "SESS-006", "SESS-007", "SESS-033", "SESS-036", "SESS-037", "INF-002", "INF-003",
        ];
        let rows = super::super::rows::RULES;
        for code in [SILENT, REMARKS, WARNINGS].into_iter().flatten() {
            let named = rows.iter().any(|row| row.guards.contains(code));
            assert!(named || ways.contains(code), "{code}");
        }
    }
}
