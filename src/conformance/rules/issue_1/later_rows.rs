//! What Issue 1 is forgiven: the later rows.

use crate::conformance::Rule;
use crate::conformance::rule::cite;

/// Row I1-018.
pub(super) const ROW_018: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[
        cite("TR-069 Issue 1", "3.7.1.3"),
        cite("TR-069 Issue 1", "3.7.1.4"),
        cite("TR-069 Issue 1", "3.7.2.4"),
    ],
    demands: "In Issue 1 an empty POST tells of that moment only; a device may ask again later, unless it has said \
          NoMoreRequests.",
    why: "That an empty POST gives up the turn for the whole session came with Amendment 1.",
    related: &[],
    wireshark: "http.request.method == \"POST\" && http.content_length == 0",
    ..Rule::guard(
        "I1-018",
        "issue-1-empty-post-forfeits-nothing",
        &["SESS-010", "SESS-012", "SESS-015", "SESS-016"],
    )
};

/// Row I1-019.
pub(super) const ROW_019: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[cite("TR-069 Issue 1", "3.1")],
    demands: "A device of Issue 1 without SSL may speak plain HTTP to an ACS whose URL says https.",
    why: "SSL was an option then, and the same URL was given to devices with and without it.",
    related: &[],
    wireshark: "http.request.method == \"POST\"",
    ..Rule::guard(
        "I1-019",
        "issue-1-http-for-https",
        &["HTTP-039", "HTTP-041"],
    )
};

/// Row I1-020.
pub(super) const ROW_020: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[cite("TR-069 Issue 1", "3.4.4")],
    demands: "Issue 1 recommends OUI-SERIAL for the user name, without product class and without escapes.",
    why: "The form with three parts and percent signs came with Amendment 1.",
    related: &[],
    wireshark: "http.authorization",
    ..Rule::guard(
        "I1-020",
        "issue-1-user-name",
        &["AUTH-014", "AUTH-015", "AUTH-016"],
    )
};

/// Row I1-021.
pub(super) const ROW_021: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[cite("TR-069 Issue 1", "A.5.3")],
    demands: "Issue 1 wants a method that the ACS refused tried again, with growing delays.",
    why: "Amendment 1 turned this round: there the same request must not come again in that session.",
    related: &[],
    wireshark: "xml contains \"FaultCode\"",
    ..Rule::guard(
        "I1-021",
        "issue-1-refused-request-retried",
        &["SESS-020", "SESS-022"],
    )
};

/// Row I1-022.
pub(super) const ROW_022: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[cite("TR-069 Issue 1", "A.3.2")],
    demands: "Issue 1 does not ask for a fault on NextLevel with a parameter, on a name twice, on a full queue, on a file too \
          large or on a user in a URL, nor for 9009.",
    why: "These duties came with Amendments 1 and 2.",
    related: &[],
    wireshark: "xml contains \"FaultCode\"",
    ..Rule::guard(
        "I1-022",
        "issue-1-faults-not-yet-there",
        &[
            "FLT-017",
            "FLT-018",
            "FLT-019",
            "FLT-020",
            "FLT-021",
            "FLT-022",
            "CWMP-SPV-001",
        ],
    )
};

/// Row I1-023.
pub(super) const ROW_023: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[cite("TR-069 Issue 1", "3.7.2.1")],
    demands: "An ACS of Issue 1 may put requests beside InformResponse into one response, as far as MaxEnvelopes of the device \
          allows.",
    why: "It saves an exchange; later devices read the first envelope only.",
    related: &[],
    wireshark: "xml contains \"InformResponse\"",
    ..Rule::guard(
        "I1-023",
        "issue-1-requests-with-inform-response",
        &["SESS-004", "SESS-005", "SESS-014"],
    )
};

/// Row I1-024.
pub(super) const ROW_024: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[cite("TR-069 Issue 1", "Table 6")],
    demands: "Issue 1 writes a time since the start as 0000-00-02T03:04:05, an unknown one as 0000-00-00T00:00:00, and has no \
          rule for the zone.",
    why: "Neither form is an XML Schema dateTime; the year 0001 came with Amendment 1.",
    related: &[],
    wireshark: "xml contains \"0000-00-\"",
    ..Rule::guard(
        "I1-024",
        "issue-1-times",
        &["SOAP-030", "SOAP-031", "SOAP-032", "SOAP-033"],
    )
};

/// Row I1-025.
pub(super) const ROW_025: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[cite("TR-069 Issue 1", "Table 35")],
    demands: "In Issue 1 no event needs another beside it, and a CommandKey may come with any.",
    why: "That 1, 3 and 7 go with their M events came with Amendment 1.",
    related: &[],
    wireshark: "xml contains \"<EventCode>\"",
    ..Rule::guard(
        "I1-025",
        "issue-1-events-alone",
        &["EVT-006", "EVT-008", "EVT-009", "EVT-011"],
    )
};

/// Row I1-026.
pub(super) const ROW_026: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[cite("TR-069 Issue 1", "A.3.3.1")],
    demands: "An Inform of Issue 1 with 4 VALUE CHANGE may hold further parameters, and the event is due for notified and \
          marked parameters only.",
    why: "The strict list of what may and must be told came later.",
    related: &[],
    wireshark: "xml contains \"4 VALUE CHANGE\"",
    ..Rule::guard(
        "I1-026",
        "issue-1-inform-parameters-free",
        &["INF-019", "INF-020"],
    )
};

/// Row I1-027.
pub(super) const ROW_027: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[cite("TR-069 Issue 1", "3.5")],
    demands: "Issue 1 says nothing of types, of the year of the schema's namespaces or of sizes, and its own example has \
          arrayType in the envelope's namespace.",
    why: "Stacks of 2004 write exactly as the example did.",
    related: &[],
    wireshark: "xml contains \"arrayType\"",
    ..Rule::guard(
        "I1-027",
        "issue-1-types-free",
        &["SOAP-009", "SOAP-016", "SOAP-018", "SOAP-036", "SOAP-037"],
    )
};

/// Row I1-028.
pub(super) const ROW_028: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[cite("TR-069 Issue 1", "A.3.2.3")],
    demands: "GetParameterNames of Issue 1 lists full names of parameters that begin with the path, or with NextLevel the \
          partial paths of the next level, and never the path itself.",
    why: "The later text lists objects too; a device of Issue 1 that leaves them out has read its own text.",
    related: &[],
    wireshark: "xml contains \"GetParameterNames\"",
    ..Rule::guard(
        "I1-028",
        "issue-1-get-parameter-names",
        &[
            "CWMP-GPN-001",
            "CWMP-GPN-002",
            "CWMP-GPN-003",
            "CWMP-GPN-004",
            "CWMP-GPN-005",
            "CWMP-GPN-007",
            "CWMP-GPN-008",
            "CWMP-GPN-009",
        ],
    )
};

/// Row I1-029.
pub(super) const ROW_029: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[
        cite("TR-069 Issue 1", "A.3.2.1"),
        cite("TR-069 Issue 1", "A.3.2.6"),
        cite("TR-069 Issue 1", "A.3.2.7"),
    ],
    demands: "Issue 1 has no rule on names twice, on empty lists, on when ParameterKey changes, or on showing values and \
          instances that take effect later.",
    why: "These duties came with Amendment 1 and later.",
    related: &[],
    wireshark: "xml contains \"SetParameterValues\"",
    ..Rule::guard(
        "I1-029",
        "issue-1-set-and-objects",
        &[
            "CWMP-SPV-001",
            "CWMP-SPV-005",
            "CWMP-SPV-007",
            "CWMP-SPV-011",
            "CWMP-SPV-013",
            "CWMP-ADD-005",
            "CWMP-ADD-006",
            "CWMP-ADD-007",
            "CWMP-DEL-002",
            "CWMP-DEL-003",
            "CWMP-DEL-005",
        ],
    )
};

/// Row I1-030.
pub(super) const ROW_030: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[cite("TR-069 Issue 1", "A.3.2.4")],
    demands: "A device of Issue 1 may refuse notification for any parameter that it finds unsuitable, and knows no attribute \
          that is always active.",
    why: "That a device must accept active notification, and for which parameters it stands firm, came later.",
    related: &[],
    wireshark: "xml contains \"SetParameterAttributes\"",
    ..Rule::guard(
        "I1-030",
        "issue-1-notification-refused",
        &[
            "CWMP-SPA-006",
            "CWMP-SPA-008",
            "CWMP-SPA-010",
            "CWMP-SPA-011",
            "CWMP-SPA-012",
            "CWMP-SPA-013",
            "CWMP-GPA-002",
        ],
    )
};

/// Row I1-031.
pub(super) const ROW_031: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[
        cite("TR-069 Issue 1", "A.3.2.8"),
        cite("TR-069 Issue 1", "A.3.3.2"),
        cite("TR-069 Issue 1", "A.4.1.5"),
    ],
    demands: "Transfers of Issue 1 have no unknown time, no queue of three, no hour to begin in and no PUT, and their faults \
          are fewer.",
    why: "These duties came with Amendments 1 to 3.",
    related: &[],
    wireshark: "xml contains \"TransferComplete\"",
    ..Rule::guard(
        "I1-031",
        "issue-1-transfers",
        &[
            "CWMP-DL-004",
            "CWMP-DL-008",
            "CWMP-DL-009",
            "CWMP-DL-010",
            "CWMP-DL-012",
            "CWMP-UL-002",
            "CWMP-UL-003",
            "CWMP-UL-004",
            "CWMP-TC-006",
            "CWMP-TC-007",
        ],
    )
};

/// Row I1-032.
pub(super) const ROW_032: Rule = Rule {
    versions: "1.0 (Issue 1)",
    cites: &[
        cite("TR-069 Issue 1", "A.3.1.1"),
        cite("TR-069 Issue 1", "Table 35"),
    ],
    demands: "An ACS of Issue 1 need not list Inform among its methods, and a factory reset brings no 0 BOOTSTRAP.",
    why: "BOOTSTRAP stood for the first installation and for another ACS URL alone.",
    related: &[],
    wireshark: "xml contains \"GetRPCMethods\"",
    ..Rule::guard(
        "I1-032",
        "issue-1-boot-and-methods",
        &["CWMP-GRM-002", "EVT-008", "EVT-009", "CWMP-FR-001"],
    )
};
