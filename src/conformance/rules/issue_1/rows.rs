//! What Issue 1 is forgiven: each row with the rules that it keeps quiet or softens in a session with its ways.

use super::later_rows::{
    ROW_018, ROW_019, ROW_020, ROW_021, ROW_022, ROW_023, ROW_024, ROW_025, ROW_026, ROW_027,
    ROW_028, ROW_029, ROW_030, ROW_031, ROW_032,
};
use crate::conformance::Rule;
use crate::conformance::rule::cite;
use crate::session::Severity;

/// The rules of this topic: none makes a finding.
pub(super) const RULES: &[&Rule] = &[
    &ROW_001, &ROW_005, &ROW_006, &ROW_007, &ROW_008, &ROW_010, &ROW_012, &ROW_013, &ROW_014,
    &ROW_015, &ROW_016, &ROW_017, &ROW_018, &ROW_019, &ROW_020, &ROW_021, &ROW_022, &ROW_023,
    &ROW_024, &ROW_025, &ROW_026, &ROW_027, &ROW_028, &ROW_029, &ROW_030, &ROW_031, &ROW_032,
];

/// How much a breach of this rule may matter in a session of Issue 1; `None` where it is no breach at all.
pub(super) fn forgiven(code: &str) -> Option<Severity> {
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

/// Row I1-001.
const ROW_001: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[
        cite("TR-069 Issue 1", "3.4.1"),
        cite("TR-069 Issue 1", "3.5"),
        cite("TR-069 Issue 1", "Table 31"),
    ],
    demands: "Issue 1 (2004) and Amendment 1 (2006) share a namespace; NoMoreRequests, another MaxEnvelopes than 1, several \
          envelopes in one body and times of the year 0000 tell Issue 1.",
    why: "Many strict rules came with Amendment 1: judged by them, a device or an ACS of 2004 would be accused of what \
          nobody had forbidden. CurrentTime that ends in Z tells nothing, since a later device may be in UTC.",
    related: &[],
    wireshark: "xml contains \"NoMoreRequests\" || xml contains \"MaxEnvelopes\"",
    ..Rule::guard(
        "I1-001",
        "issue-1-told-by-its-ways",
        &["SESS-010", "SESS-012", "SESS-033", "INF-002"],
    )
};

/// Row I1-005.
const ROW_005: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[cite("TR-069 Issue 1", "3.7.1.4")],
    demands: "Where the ACS has said NoMoreRequests, a device of Issue 1 may end the session without an empty response.",
    why: "Both sides know that nothing more comes: the closing exchange of empty messages came with Amendment 1.",
    related: &[],
    wireshark: "xml contains \"NoMoreRequests\"",
    ..Rule::guard(
        "I1-005",
        "issue-1-no-more-requests-ends",
        &["SESS-013", "SESS-015", "SESS-017"],
    )
};

/// Row I1-006.
const ROW_006: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[cite("TR-069 Issue 1", "Table 3")],
    demands: "Issue 1 lets an ACS send an envelope with a HoldRequests header and an empty Body, only to hold the device back \
          or to let it go.",
    why: "It is the one way that Issue 1 has to change HoldRequests without a request; later devices find no message in \
          it.",
    related: &[],
    wireshark: "xml contains \"HoldRequests\"",
    ..Rule::guard(
        "I1-006",
        "issue-1-empty-envelope-holds",
        &["SOAP-005", "SESS-014"],
    )
};

/// Row I1-007.
const ROW_007: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[cite("TR-069 Issue 1", "3.7.1.3")],
    demands: "Where a response holds several envelopes, HoldRequests of the last one counts.",
    why: "The ACS may hold the device back for the first answer and let it go with the second; read from the first, a \
          device that does right looks out of turn.",
    related: &[],
    wireshark: "xml contains \"HoldRequests\"",
    ..Rule::guard("I1-007", "issue-1-last-envelope-holds", &["SESS-008"])
};

/// Row I1-008.
const ROW_008: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[cite("TR-069 Issue 1", "Table 31")],
    demands: "CurrentTime was UTC in Issue 1 and is local time with its offset since; Z is right in both.",
    why: "A device that sends UTC is right by Issue 1, and by every later text if that is its zone.",
    related: &[],
    wireshark: "xml contains \"<CurrentTime>\"",
    ..Rule::guard("I1-008", "issue-1-current-time-in-utc", &["INF-010"])
};

/// Row I1-010.
const ROW_010: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[cite("TR-069 Issue 1", "Table 31")],
    demands: "RetryCount of Issue 1 counts Informs that failed and starts anew at each InformResponse; it says nothing of \
          sessions.",
    why: "A session that broke behind InformResponse leaves it at 0, which later texts forbid.",
    related: &[],
    wireshark: "xml contains \"<RetryCount>\"",
    ..Rule::guard(
        "I1-010",
        "issue-1-retry-count-counts-informs",
        &["SESS-027", "SESS-028"],
    )
};

/// Row I1-012.
const ROW_012: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[cite("TR-069 Issue 1", "3.2.2")],
    demands: "A Connection Request of Issue 1 is any HTTP GET; Digest is recommended only, and neither status nor body nor \
          limits are told.",
    why: "A phone of that time answers 200 with a page, or asks for Basic, and wakes up all the same.",
    related: &[],
    wireshark: "http.request.method == \"GET\"",
    ..Rule::guard(
        "I1-012",
        "issue-1-connection-request",
        &[
            "CR-001", "CR-004", "CR-005", "CR-006", "CR-007", "CR-008", "CR-009", "CR-010",
            "CR-011", "CR-012", "CR-013", "CR-014", "CR-016",
        ],
    )
};

/// Row I1-013.
const ROW_013: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[
        cite("TR-069 Issue 1", "3.5"),
        cite("TR-069 Issue 1", "A.2.2"),
    ],
    demands: "Receivers of Issue 1 ignore elements and attributes that they do not know; a wrong list of arguments is the \
          sender's slip all the same.",
    why: "The namespace of 1.0 has been in use with small additions of vendors for twenty years, and whoever ignores them \
          gets on well.",
    related: &[],
    wireshark: "xml contains \"cwmp-1-0\"",
    ..Rule::guard("I1-013", "issue-1-unknown-elements-ignored", &["SOAP-008"])
};

/// Row I1-014.
const ROW_014: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[cite("TR-069 Issue 1", "Table 33")],
    demands: "The parameters that Issue 1 has in every Inform do not include DeviceSummary.",
    why: "DeviceSummary came with the data models of 2005; a gateway of Issue 1 cannot have it.",
    related: &[],
    wireshark: "xml contains \"DeviceSummary\"",
    ..Rule::guard("I1-014", "issue-1-no-device-summary", &["INF-014"])
};

/// Row I1-015.
const ROW_015: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[cite("TR-069 Issue 1", "Tables 58 and 59")],
    demands: "Issue 1 does not say which fault codes are the client's and which the server's.",
    why: "A faultcode that disagrees with the later tables was free to choose then.",
    related: &[],
    wireshark: "xml contains \"faultcode\"",
    ..Rule::guard("I1-015", "issue-1-no-fault-types", &["FLT-003"])
};

/// Row I1-016.
const ROW_016: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[
        cite("TR-069 Issue 1", "3.2.1"),
        cite("TR-069 Issue 1", "3.4"),
        cite("TR-069 Issue 1", "3.7"),
    ],
    demands: "Redirects, 204, status 200 for faults, empty headers, one connection, no pipelining, cookies, qop, 400 for what \
          is malformed, 8005 and the table of retry intervals came with Amendment 1.",
    why: "SOAP 1.1 even asks for 500 with a fault, so that an ACS of Issue 1 that sends it does right; what broke no text \
          is a warning, for it still gives trouble with later peers.",
    related: &[],
    wireshark: "xml contains \"cwmp-1-0\"",
    ..Rule::guard(
        "I1-016",
        "issue-1-before-amendment-1",
        &[
            "HTTP-006", "HTTP-007", "HTTP-008", "HTTP-009", "HTTP-011", "HTTP-017", "HTTP-019",
            "HTTP-020", "HTTP-024", "HTTP-028", "HTTP-030", "HTTP-031", "HTTP-032", "HTTP-033",
            "HTTP-034", "HTTP-035", "HTTP-036", "AUTH-005", "AUTH-007", "AUTH-012", "AUTH-013",
            "SESS-020", "SESS-021", "SESS-024", "SESS-025", "SESS-026", "FLT-010",
        ],
    )
};

/// Row I1-017.
const ROW_017: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[cite("TR-069 Issue 1", "3.4.1")],
    demands: "In Issue 1 only a body with several envelopes has a SOAPAction without a value.",
    why: "A device of that time that sends its responses with a quoted SOAPAction keeps to SOAP 1.1.",
    related: &[],
    wireshark: "http.request.method == \"POST\"",
    ..Rule::guard("I1-017", "issue-1-soap-action", &["HTTP-004"])
};

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
        for row in RULES {
            for code in row.guards.iter().filter(|code| !read.contains(code)) {
                assert!(
                    forgiven(code) < Some(Severity::Error),
                    "{} {code}",
                    row.code
                );
            }
        }
    }

    #[test]
    fn nothing_is_forgiven_that_no_row_names() {
        // Several envelopes, and requests that overlap (rows I1-002 and I1-003, which also demand).
        let ways = [
            "SESS-006", "SESS-007", "SESS-033", "SESS-036", "SESS-037", "INF-002", "INF-003",
        ];
        for code in [SILENT, REMARKS, WARNINGS].into_iter().flatten() {
            let named = RULES.iter().any(|row| row.guards.contains(code));
            assert!(named || ways.contains(code), "{code}");
        }
    }
}
