//! The rows that forgive: why, by what text, and which rules they keep quiet or soften (`forgiveness` is the table).

use crate::conformance::Rule;
use crate::conformance::rule::cite;

/// The rules of this topic: none makes a finding.
pub(super) const RULES: &[&Rule] = &[
    &ROW_001, &ROW_005, &ROW_006, &ROW_007, &ROW_008, &ROW_010, &ROW_012, &ROW_013, &ROW_014,
    &ROW_015, &ROW_016, &ROW_017, &ROW_018, &ROW_019, &ROW_020, &ROW_021, &ROW_022, &ROW_023,
    &ROW_024, &ROW_025, &ROW_026, &ROW_027, &ROW_028, &ROW_029, &ROW_030, &ROW_031, &ROW_032,
];

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
        &["SESS-010", "SESS-033", "INF-002"],
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

/// Row I1-018.
const ROW_018: Rule = Rule {
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
const ROW_019: Rule = Rule {
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
const ROW_020: Rule = Rule {
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
const ROW_021: Rule = Rule {
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
const ROW_022: Rule = Rule {
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
const ROW_023: Rule = Rule {
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
const ROW_024: Rule = Rule {
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
const ROW_025: Rule = Rule {
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
const ROW_026: Rule = Rule {
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
const ROW_027: Rule = Rule {
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
const ROW_028: Rule = Rule {
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
const ROW_029: Rule = Rule {
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
const ROW_030: Rule = Rule {
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
const ROW_031: Rule = Rule {
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
const ROW_032: Rule = Rule {
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
