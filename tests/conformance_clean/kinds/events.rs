//! Breaches in events.

use super::{Kind, cpe};
use crate::bases;
use crate::clean::story::Version::{V1_0, V1_1, V1_2};

pub const KINDS: &[Kind] = &[
    cpe("EVT-001", "2 PERIODICAL", bases::plain, |story| {
        story.rename_event(-1, "2 PERIODIC", "2 PERIODICAL")
    })
    .also(&[("SESS-030", "the period is missed")]),
    cpe("EVT-001", "two blanks", bases::plain, |story| {
        story.rename_event(1, "1 BOOT", "1  BOOT")
    }),
    cpe("EVT-001", "small letters", bases::reboot, |story| {
        story.rename_event(3, "1 BOOT", "1 Boot")
    })
    .also(&[
        ("EVT-011", "so there is no 1 BOOT"),
        ("SESS-031", "so there is no 1 BOOT"),
        ("CWMP-RBT-001", "so there is no 1 BOOT"),
        ("INF-034", "so there is no 1 BOOT"),
    ]),
    cpe(
        "EVT-002",
        "10 AUTONOMOUS TRANSFER COMPLETE in 1.0",
        bases::plain,
        |story| story.add_event(-1, "10 AUTONOMOUS TRANSFER COMPLETE", ""),
    )
    .to(V1_0)
    .also(&[
        ("VER-006", "it is too young"),
        ("EVT-015", "its call is missing"),
        ("SESS-012", "its call is missing"),
        ("EVT-001", "the table of 1.0 has it not"),
    ]),
    cpe(
        "EVT-002",
        "11 DU STATE CHANGE COMPLETE in 1.1",
        bases::plain,
        |story| story.add_event(-1, "11 DU STATE CHANGE COMPLETE", ""),
    )
    .from(V1_1)
    .to(V1_1)
    .also(&[
        ("VER-014", "it is too young"),
        ("EVT-010", "M ChangeDUState is missing"),
        ("EVT-015", "its call is missing"),
        ("SESS-012", "its call is missing"),
        ("EVT-001", "the table of 1.1 has it not"),
    ]),
    cpe(
        "EVT-003",
        "a domain in small letters",
        bases::plain,
        |story| story.add_event(-1, "X acme.com Foo", ""),
    ),
    cpe("EVT-003", "a domain before 1.2", bases::plain, |story| {
        story.add_event(-1, "X ACME-COM Foo", "")
    })
    .to(V1_1),
    cpe(
        "EVT-004",
        "a blank in a vendor's method",
        bases::plain,
        |story| story.add_event(-1, "M X_00D09E Do", ""),
    ),
    cpe("EVT-005", "PERIODIC twice", bases::plain, |story| {
        story.add_event(-1, "2 PERIODIC", "")
    }),
    cpe("EVT-006", "a key on 2 PERIODIC", bases::plain, |story| {
        story.swap(
            -1,
            "Inform",
            "<CommandKey></CommandKey>",
            "<CommandKey>k</CommandKey>",
        )
    }),
    cpe(
        "EVT-007",
        "another key on M Reboot",
        bases::reboot,
        |story| {
            let key = story.text(0, "Reboot", "CommandKey");
            story.swap(3, "Inform", &key, "other")
        },
    )
    .also(&[
        ("CWMP-RBT-001", "the key does not fit"),
        ("EVT-012", "nobody asked for that one"),
        ("SESS-039", "the right one is due"),
        ("EVT-019", "the right one is missing"),
    ]),
    cpe(
        "EVT-007",
        "another key on M ScheduleInform",
        bases::schedule,
        |story| {
            let key = story.text(0, "ScheduleInform", "CommandKey");
            story.swap(-1, "Inform", &key, "other")
        },
    )
    .also(&[
        ("CWMP-SI-002", "the right one is missing"),
        ("EVT-012", "nobody asked for that one"),
    ]),
    cpe("EVT-008", "3 SCHEDULED alone", bases::schedule, |story| {
        story.drop_event(-1, "M ScheduleInform")
    })
    .also(&[
        ("CWMP-SI-002", "its M event is missing"),
        ("CWMP-SI-003", "its M event is missing"),
    ]),
    cpe(
        "EVT-008",
        "M ScheduleInform alone",
        bases::schedule,
        |story| story.drop_event(-1, "3 SCHEDULED"),
    )
    .also(&[
        ("CWMP-SI-002", "3 SCHEDULED is missing"),
        ("CWMP-SI-003", "3 SCHEDULED is missing"),
    ]),
    cpe(
        "EVT-009",
        "7 TRANSFER COMPLETE alone",
        bases::configuration,
        |story| story.drop_event(-1, "M Download"),
    ),
    cpe(
        "EVT-009",
        "M Download alone",
        bases::configuration,
        |story| story.drop_event(-1, "7 TRANSFER COMPLETE"),
    ),
    cpe("EVT-009", "M Upload alone", bases::upload, |story| {
        story.drop_event(-1, "7 TRANSFER COMPLETE")
    }),
    cpe(
        "EVT-010",
        "11 DU STATE CHANGE COMPLETE alone",
        bases::deployment,
        |story| story.drop_event(-1, "M ChangeDUState"),
    )
    .from(V1_2)
    .on(crate::clean::model::Root::Device2),
    cpe("EVT-011", "M Reboot alone", bases::reboot, |story| {
        story.drop_event(3, "1 BOOT")
    })
    .also(&[
        ("CWMP-RBT-001", "1 BOOT is missing"),
        ("SESS-031", "1 BOOT is missing"),
        ("INF-034", "the reboot is a cause"),
    ]),
    cpe(
        "EVT-012",
        "an M event that nobody asked for",
        bases::plain,
        |story| story.add_event(-1, "M Reboot", "ghost") && story.add_event(-1, "1 BOOT", ""),
    )
    .also(&[("SESS-030", "after a boot the period may begin anew")]),
    cpe("EVT-013", "M Reboot again", bases::reboot, |story| {
        let key = story.text(0, "Reboot", "CommandKey");
        story.add_event(-1, "M Reboot", &key) && story.add_event(-1, "1 BOOT", "")
    })
    .also(&[("EVT-012", "nobody asked again")]),
    cpe(
        "EVT-014",
        "7 TRANSFER COMPLETE is dropped after a fault",
        bases::refused_report,
        |story| {
            story.drop_event(-1, "M Download")
                && story.rename_event(-1, "7 TRANSFER COMPLETE", "8 DIAGNOSTICS COMPLETE")
        },
    )
    .also(&[
        ("EVT-020", "no test was asked for"),
        ("SESS-039", "the events are undelivered"),
    ]),
    cpe(
        "EVT-015",
        "9 REQUEST DOWNLOAD without its call",
        bases::request_download,
        |story| story.remove(2, "RequestDownload") && story.remove(2, "RequestDownloadResponse"),
    ),
    cpe(
        "EVT-015",
        "5 KICKED without its call",
        bases::kicked,
        |story| story.remove(0, "Kicked") && story.remove(0, "KickedResponse"),
    )
    .to(V1_1),
    cpe(
        "EVT-015",
        "10 AUTONOMOUS TRANSFER COMPLETE without its call",
        bases::autonomous,
        |story| {
            story.remove(0, "AutonomousTransferComplete")
                && story.remove(0, "AutonomousTransferCompleteResponse")
        },
    )
    .from(V1_1),
    cpe(
        "EVT-015",
        "12 AUTONOMOUS DU STATE CHANGE COMPLETE without its call",
        bases::own_deployment,
        |story| {
            story.remove(0, "AutonomousDUStateChangeComplete")
                && story.remove(0, "AutonomousDUStateChangeCompleteResponse")
        },
    )
    .from(V1_2)
    .on(crate::clean::model::Root::Device2),
    cpe(
        "EVT-016",
        "6 CONNECTION REQUEST in a retry",
        bases::busy_acs,
        |story| {
            story.add_event(2, "6 CONNECTION REQUEST", "")
                && story.add_event(3, "6 CONNECTION REQUEST", "")
        },
    )
    .also(&[("CR-019", "nobody knocked"), ("CR-009", "nobody knocked")]),
    cpe(
        "EVT-018",
        "no BOOTSTRAP after one that failed",
        bases::second_bootstrap,
        |story| story.drop_event(2, "0 BOOTSTRAP"),
    )
    .also(&[
        ("SESS-039", "it was undelivered"),
        ("EVT-027", "it was undelivered"),
    ]),
    cpe(
        "EVT-019",
        "one M Reboot for two",
        bases::two_reboots,
        |story| story.drop_member(3, "Inform", "EventStruct", ">r2<"),
    )
    .also(&[
        ("CWMP-RBT-001", "one is missing"),
        ("SESS-039", "one is missing"),
        ("INF-034", "one is missing"),
    ]),
    cpe(
        "EVT-020",
        "8 DIAGNOSTICS COMPLETE, and nobody asked",
        bases::plain,
        |story| story.add_event(-1, "8 DIAGNOSTICS COMPLETE", ""),
    ),
    cpe("EVT-025", "5 KICKED in 1.2", bases::plain, |story| {
        story.add_event(-1, "5 KICKED", "")
    })
    .from(V1_2)
    .also(&[
        ("EVT-015", "its call is missing"),
        ("SESS-012", "its call is missing"),
    ]),
    cpe("EVT-026", "BOOTSTRAP each time", bases::plain, |story| {
        story.add_event(2, "0 BOOTSTRAP", "") && story.add_event(3, "0 BOOTSTRAP", "")
    })
    .also(&[
        ("SESS-030", "the period may begin anew"),
        ("INF-022", "the key should be empty"),
        ("EVT-013", "it was delivered"),
    ]),
    cpe("CWMP-RBT-001", "no M Reboot", bases::reboot, |story| {
        story.drop_event(3, "M Reboot")
    })
    .also(&[
        ("SESS-039", "it is due"),
        ("INF-034", "it is due"),
        ("EVT-019", "one is missing"),
    ]),
    cpe(
        "CWMP-RBT-002",
        "a Status in RebootResponse",
        bases::reboot,
        |story| {
            story.swap(
                0,
                "RebootResponse",
                "<cwmp:RebootResponse>",
                "<cwmp:RebootResponse><Status>0</Status>",
            )
        },
    )
    .also(&[("SOAP-008", "the schema has none")]),
];
