//! Breaches of the order of sessions, and of versions.

use super::{Kind, acs, as_told, cpe};
use crate::bases;
use crate::clean::story::Content;
use crate::clean::story::Version::{V1_0, V1_1, V1_2, V1_3, V1_4};

const FAULT_8003: &str = "<soap:Fault><faultcode>soap:Client</faultcode>\
    <faultstring>CWMP fault</faultstring><detail><cwmp:Fault>\
    <FaultCode>8003</FaultCode><FaultString>Invalid arguments</FaultString>\
    </cwmp:Fault></detail></soap:Fault>";
const ACCEPTED: &str = "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes>\
             </cwmp:InformResponse>";

pub const KINDS: &[Kind] = &[
    cpe(
        "SESS-001",
        "a session that begins with an empty POST",
        bases::plain,
        |story| {
            story.remove(-1, "Inform")
                && story.remove(-1, "401")
                && story.remove(-1, "InformResponse")
                && story.unset(-1, "*", "Authorization")
                && story.unset(-1, "*", "Cookie")
        },
    )
    .also(&[
        ("SESS-044", "no InformResponse came before"),
        ("AUTH-001", "so no challenge either"),
        ("HTTP-055", "it may be the rest of a session that broke"),
    ]),
    cpe("SESS-002", "a second Inform", bases::informs_twice, as_told),
    cpe(
        "SESS-003",
        "two sessions at once",
        bases::two_at_once,
        as_told,
    ),
    acs(
        "SESS-004",
        "a request in answer to an Inform",
        bases::plain,
        |story| story.remove(-1, "InformResponse") && story.remove(-1, "empty"),
    )
    .also(&[("SESS-044", "the device answers all the same")]),
    acs(
        "SESS-005",
        "204 in answer to TransferComplete",
        bases::configuration,
        |story| story.hollow(0, "TransferCompleteResponse", "204 No Content"),
    ),
    cpe(
        "SESS-006",
        "a request where an answer is due",
        bases::asks_when_asked,
        as_told,
    )
    .also(&[("SESS-010", "it comes behind an empty POST")]),
    cpe(
        "SESS-008",
        "a request while it is held",
        bases::configuration,
        |story| {
            story.add_header(
                -1,
                "InformResponse",
                "<cwmp:HoldRequests soap:mustUnderstand=\"1\">\
                 1</cwmp:HoldRequests>",
            )
        },
    ),
    cpe(
        "SESS-010",
        "a request behind an empty POST",
        bases::reports_late,
        as_told,
    )
    .also(&[
        ("SESS-012", "the empty POST came too early"),
        ("SESS-016", "a POST after the end"),
        ("SESS-001", "the rest may look like a session of its own"),
    ]),
    cpe(
        "SESS-012",
        "no TransferComplete",
        bases::configuration,
        |story| story.remove(0, "TransferComplete") && story.remove(0, "TransferCompleteResponse"),
    )
    .also(&[("CWMP-DL-005", "the transfer is never reported")]),
    cpe(
        "SESS-015",
        "the end behind InformResponse",
        bases::plain,
        |story| story.stop_behind(-1, "InformResponse") && story.go_on(60),
    )
    .also(&[("SESS-045", "no retry follows")]),
    acs("SESS-014", "an empty envelope", bases::plain, |story| {
        let body = story.body(-1, "GetParameterValues");
        let start = body.find("<soap:Body>").map_or(0, |at| at + 11);
        let end = body.find("</soap:Body>").unwrap_or(body.len());
        let empty = format!("{}{}", &body[..start], &body[end..]);
        story.fill(-1, "204", &empty)
    })
    .also(&[
        ("SOAP-005", "nothing is in its body"),
        ("SESS-015", "the device ends behind it"),
        ("SESS-017", "the last answer is not empty"),
    ]),
    cpe(
        "SESS-016",
        "an empty POST too many",
        bases::plain,
        |story| {
            let empty = story
                .blocks
                .iter()
                .rfind(|block| block.what == "empty")
                .cloned();
            let answer = story
                .blocks
                .iter()
                .rfind(|block| block.what == "204")
                .cloned();
            let (Some(mut empty), Some(mut answer)) = (empty, answer) else {
                return false;
            };
            empty.time_us = answer.time_us + 1_000;
            answer.time_us += 2_000;
            let at = story
                .blocks
                .iter()
                .rposition(|block| block.what == "204")
                .unwrap_or(0);
            story.blocks.insert(at + 1, empty);
            story.blocks.insert(at + 2, answer);
            story.recount(-1);
            true
        },
    )
    .also(&[("SESS-001", "it may look like a session of its own")]),
    acs("SESS-019", "the ACS hangs up", bases::plain, |story| {
        let done = story.stop_behind(-1, "InformResponse");
        let fins: Vec<usize> = story.places("fin");
        let [.., first, second] = fins.as_slice() else {
            return false;
        };
        let (first, second) = (*first, *second);
        let (one, other) = (story.blocks[first].time_us, story.blocks[second].time_us);
        story.blocks[first].time_us = other + 1_000;
        story.blocks[second].time_us = one;
        story.blocks.swap(first, second);
        done && story.go_on(60)
    })
    .also(&[("SESS-045", "no retry follows")]),
    cpe(
        "SESS-020",
        "another Inform after 8005",
        bases::again,
        |story| {
            let at = story.places("Inform").last().copied();
            let Some(Content::Message(message)) = at.map(|at| &mut story.blocks[at].content) else {
                return false;
            };
            message.replace("<RetryCount>0<", "<RetryCount>1<")
        },
    ),
    cpe("SESS-021", "on it goes after 8003", bases::plain, |story| {
        story.cut(-1, "InformResponse", "cwmp:UseCWMPVersion");
        story.swap(-1, "InformResponse", ACCEPTED, FAULT_8003)
    })
    .also(&[("SESS-044", "no InformResponse came")]),
    cpe(
        "SESS-022",
        "the end behind a fault",
        bases::refused_report,
        |story| story.stop_behind(3, "Fault"),
    )
    .also(&[
        ("SESS-015", "the session was not over"),
        ("SESS-027", "it has failed"),
    ]),
    cpe(
        "SESS-022",
        "the report again behind a fault",
        bases::refused_report,
        |story| {
            let again = story
                .blocks
                .iter()
                .find(|block| block.what == "TransferComplete")
                .cloned();
            let fault = story
                .blocks
                .iter()
                .find(|block| block.what == "Fault")
                .cloned();
            let at = story.place("Fault");
            let (Some(mut again), Some(mut fault), Some(at)) = (again, fault, at) else {
                return false;
            };
            again.time_us = fault.time_us + 1_000;
            fault.time_us += 2_000;
            story.blocks.insert(at + 1, again);
            story.blocks.insert(at + 2, fault);
            story.recount(3);
            true
        },
    ),
    cpe(
        "SESS-023",
        "the reboot in the middle",
        bases::reboot,
        |story| story.stop_behind(2, "RebootResponse"),
    )
    .also(&[
        ("SESS-015", "the session was not over"),
        ("SESS-027", "it has failed"),
    ]),
    cpe(
        "SESS-024",
        "a retry after two seconds",
        bases::busy_acs,
        |story| {
            let failed = story
                .blocks
                .iter()
                .rfind(|block| block.what == "503")
                .map(|block| block.time_us);
            let first = story
                .blocks
                .iter()
                .find(|block| block.session == 3)
                .map(|block| block.time_us);
            let (Some(failed), Some(first)) = (failed, first) else {
                return false;
            };
            let wait_ms = (first - failed) as i64 / 1_000;
            story.shift(3, 2_000 - wait_ms)
        },
    ),
    cpe(
        "SESS-026",
        "RetryCount 0 after a boot",
        bases::boots_after_failure,
        |story| story.retext(-1, "Inform", "RetryCount", "0"),
    ),
    cpe(
        "SESS-027",
        "RetryCount 0 after 503",
        bases::busy_acs,
        |story| story.retext(-1, "Inform", "RetryCount", "0"),
    ),
    cpe(
        "SESS-028",
        "RetryCount stays at 1",
        bases::busy_acs_twice,
        |story| story.retext(-1, "Inform", "RetryCount", "1"),
    ),
    cpe(
        "SESS-029",
        "a value change of the ACS's own",
        bases::tells_back,
        as_told,
    ),
    cpe(
        "SESS-030",
        "a period of 400 s in place of 600",
        bases::plain,
        |story| {
            story.shift(-1, -200_000) && {
                let now = story.text(-1, "Inform", "CurrentTime");
                !now.is_empty()
            }
        },
    ),
    cpe(
        "SESS-031",
        "no boot after a reboot",
        bases::reboot,
        |story| {
            story.rename_event(3, "1 BOOT", "4 VALUE CHANGE") && story.drop_event(3, "M Reboot")
        },
    )
    .also(&[
        ("CWMP-RBT-001", "nor its M event"),
        ("INF-021", "no value has changed"),
        ("SESS-029", "no value has changed"),
        ("INF-034", "the reboot is a cause"),
        ("SESS-039", "M Reboot is due"),
    ]),
    cpe(
        "SESS-032",
        "a value that changes in the session",
        bases::tools,
        |story| {
            let at = story.places("GetParameterValuesResponse").last().copied();
            let Some(Content::Message(message)) = at.map(|at| &mut story.blocks[at].content) else {
                return false;
            };
            message.replace(">true<", ">false<")
        },
    ),
    acs(
        "SESS-033",
        "two envelopes in a body",
        bases::plain,
        |story| {
            let body = story.body(-1, "GetParameterValues");
            story.fill(-1, "GetParameterValues", &format!("{body}{body}"))
        },
    )
    .from(V1_1)
    .also(&[
        ("SOAP-001", "two roots are not XML"),
        ("I1-002", "as in Issue 1"),
        ("SESS-043", "the device answers"),
        ("SOAP-022", "one ID twice"),
        ("SESS-006", "one of two is answered"),
    ]),
    cpe(
        "SESS-036",
        "the answer to another call",
        bases::instances,
        |story| {
            story.each(0, "AddObjectResponse", |message| {
                message.replace("<InstanceNumber>1</InstanceNumber>", "");
                message.replace("AddObjectResponse", "DeleteObjectResponse")
            })
        },
    )
    .also(&[
        ("SESS-006", "it is no answer"),
        ("CWMP-ADD-003", "the instance comes from nowhere"),
        ("CWMP-DEL-003", "its name is unknown"),
    ]),
    acs(
        "SESS-037",
        "a second InformResponse",
        bases::plain,
        |story| {
            let body = story.body(-1, "InformResponse");
            story.fill(-1, "204", &body)
        },
    )
    .also(&[
        ("SESS-014", "it answers no request"),
        ("SESS-015", "the device ends behind it"),
        ("SESS-017", "the last answer is not empty"),
        ("SOAP-020", "its ID is old"),
    ]),
    acs(
        "SESS-038",
        "a method of the device from the ACS",
        bases::wrong_way,
        as_told,
    )
    .also(&[("CWMP-KCK-001", "Kicked is the device's")]),
    cpe(
        "SESS-039",
        "an event that is lost",
        bases::busy_acs,
        |story| story.rename_event(-1, "2 PERIODIC", "8 DIAGNOSTICS COMPLETE"),
    )
    .also(&[
        ("EVT-020", "no test was asked for"),
        ("EVT-027", "the retry drops what was undelivered"),
    ]),
    cpe("SESS-041", "45 s for an answer", bases::plain, |story| {
        story.delay_behind(-1, "GetParameterValues", 45_000)
    })
    .to(V1_2),
    cpe(
        "SESS-042",
        "no BOOTSTRAP at the new URL",
        bases::url,
        |story| story.rename_event(-1, "0 BOOTSTRAP", "1 BOOT"),
    ),
    cpe(
        "SESS-043",
        "on it goes after broken XML",
        bases::plain,
        |story| story.swap(-1, "InformResponse", "</soap:Envelope>", ""),
    )
    .also(&[
        ("SOAP-001", "the ACS's XML is broken"),
        ("SESS-044", "no InformResponse came"),
    ]),
    cpe(
        "SESS-044",
        "on it goes after an empty answer to the Inform",
        bases::plain,
        |story| story.hollow(-1, "InformResponse", "204 No Content"),
    )
    .also(&[
        ("SESS-004", "the ACS does not answer the Inform"),
        ("SESS-005", "the ACS does not answer the Inform"),
    ]),
    cpe("SESS-045", "no retry", bases::never_again, as_told),
    acs(
        "VER-001",
        "a namespace that does not exist",
        bases::plain,
        |story| {
            story.swap(
                -1,
                "InformResponse",
                "urn:dslforum-org:cwmp-1-",
                "urn:dslforum-org:cwmp-2-",
            )
        },
    )
    .also(&[
        ("SOAP-006", "its elements are not CWMP's"),
        ("SESS-004", "it is no InformResponse"),
        ("SESS-044", "nor for the device"),
        ("SOAP-020", "its ID is none"),
        ("VER-004", "it is not 1.0"),
        ("SESS-005", "it is no InformResponse"),
        ("SESS-014", "it is nothing"),
    ]),
    acs(
        "VER-002",
        "a colon in the namespace",
        bases::plain,
        |story| {
            story.swap(
                -1,
                "InformResponse",
                "urn:dslforum-org:cwmp-1",
                "urn:dslforum-org:cwmp:1",
            )
        },
    )
    .also(&[
        ("VER-001", "that namespace does not exist"),
        ("VER-004", "nor is it 1.0"),
    ]),
    acs("VER-004", "1.2 in answer to 1.0", bases::plain, |story| {
        story.swap(-1, "InformResponse", "cwmp-1-0", "cwmp-1-2")
    })
    .to(V1_0),
    cpe(
        "VER-005",
        "on it goes in its own version",
        bases::plain,
        |story| {
            let from = story.version.namespace();
            story.swap(-1, "InformResponse", from, "urn:dslforum-org:cwmp-1-0")
                && story.swap(-1, "GetParameterValues", from, "urn:dslforum-org:cwmp-1-0")
        },
    )
    .from(V1_1)
    .to(V1_3),
    acs(
        "VER-006",
        "a method that is too young",
        bases::too_young,
        as_told,
    )
    .to(V1_0),
    cpe(
        "VER-006",
        "an event that is too young",
        bases::plain,
        |story| story.add_event(-1, "13 WAKEUP", ""),
    )
    .to(V1_0)
    .also(&[("EVT-002", "it is not of this version")]),
    cpe(
        "VER-007",
        "SupportedCWMPVersions elsewhere",
        bases::configuration,
        |story| {
            story.add_header(
                0,
                "TransferComplete",
                "<cwmp:SupportedCWMPVersions soap:mustUnderstand=\"0\">\
                 1.0,1.4</cwmp:SupportedCWMPVersions>",
            )
        },
    )
    .from(V1_4),
    cpe("VER-007", "a list with semicolons", bases::plain, |story| {
        story.swap(0, "Inform", ">1.0,1.1,1.2,1.3,1.4<", ">1.0;1.4<")
    })
    .from(V1_4)
    .also(&[("VER-008", "so 1.4 was not offered")]),
    cpe("VER-007", "mustUnderstand 1 on it", bases::plain, |story| {
        story.swap(
            -1,
            "Inform",
            "SupportedCWMPVersions soap:mustUnderstand=\"0\"",
            "SupportedCWMPVersions soap:mustUnderstand=\"1\"",
        )
    })
    .from(V1_4),
    acs(
        "VER-008",
        "a version that was not offered",
        bases::plain,
        |story| story.swap(-1, "InformResponse", ">1.4</cwmp:Use", ">1.5</cwmp:Use"),
    )
    .from(V1_4),
    acs(
        "VER-008",
        "mustUnderstand 0 on UseCWMPVersion",
        bases::plain,
        |story| {
            story.swap(
                -1,
                "InformResponse",
                "UseCWMPVersion soap:mustUnderstand=\"1\"",
                "UseCWMPVersion soap:mustUnderstand=\"0\"",
            )
        },
    )
    .from(V1_4),
    acs("VER-008", "UseCWMPVersion unasked", bases::plain, |story| {
        story.add_header(
            -1,
            "InformResponse",
            "<cwmp:UseCWMPVersion soap:mustUnderstand=\"1\">\
             1.2</cwmp:UseCWMPVersion>",
        )
    })
    .from(V1_3)
    .to(V1_3),
    acs(
        "VER-008",
        "UseCWMPVersion in a request",
        bases::plain,
        |story| {
            story.add_header(
                -1,
                "GetParameterValues",
                "<cwmp:UseCWMPVersion soap:mustUnderstand=\"1\">\
                 1.4</cwmp:UseCWMPVersion>",
            )
        },
    )
    .from(V1_4),
    cpe(
        "VER-012",
        "a SessionTimeout of 20 s",
        bases::plain,
        |story| {
            story.swap(
                -1,
                "Inform",
                ">60</cwmp:SessionTimeout>",
                ">20</cwmp:SessionTimeout>",
            )
        },
    )
    .from(V1_3),
    cpe(
        "VER-012",
        "a SessionTimeout in words",
        bases::plain,
        |story| {
            story.swap(
                -1,
                "Inform",
                ">60</cwmp:SessionTimeout>",
                ">one minute</cwmp:SessionTimeout>",
            )
        },
    )
    .from(V1_3),
    acs(
        "VER-012",
        "SessionTimeout from the ACS",
        bases::plain,
        |story| {
            story.add_header(
                -1,
                "InformResponse",
                "<cwmp:SessionTimeout soap:mustUnderstand=\"0\">\
                 60</cwmp:SessionTimeout>",
            )
        },
    )
    .from(V1_3),
    cpe(
        "VER-012",
        "mustUnderstand 1 on SessionTimeout",
        bases::plain,
        |story| {
            story.swap(
                -1,
                "Inform",
                "SessionTimeout soap:mustUnderstand=\"0\"",
                "SessionTimeout soap:mustUnderstand=\"1\"",
            )
        },
    )
    .from(V1_3),
    acs(
        "VER-014",
        "a method that the namespace does not know",
        bases::too_young_for_1_1,
        as_told,
    )
    .from(V1_1)
    .to(V1_1),
];
