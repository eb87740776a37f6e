//! Which events go together, which come once, and which have a CommandKey.

use cwmp::schema::Version;

use super::list::List;
use super::table::{self, EVENTS_MAX, SINGLE};
use crate::conformance::rule::{CPE, a3, cite};
use crate::conformance::{Findings, Rule, Scope};
use crate::session::Severity;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &ONCE,
    &KEY_EMPTY,
    &SCHEDULED,
    &TRANSFER,
    &DEPLOYMENT,
    &REBOOT,
    &HEARTBEAT,
    &KICKED,
];

/// A numbered event stands for all of its kind.
const ONCE: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.5"), a3("Table 7")],
    demands: "An event with a number occurs once in the list, however often it happened since the last session.",
    why: "An ACS that works through the list does its work twice: two 0 BOOTSTRAP provision the device twice, and the second run meets the \
          objects that the first has added.",
    mend_cpe: "Keep one flag for each numbered event, and a list for M events only.",
    bad: "<EventCode>2 PERIODIC</EventCode> <EventCode>2 PERIODIC</EventCode>",
    good: "<EventCode>2 PERIODIC</EventCode>",
    related: &["EVT-019"],
    wireshark: "xml contains \"<EventCode>\"",
    ..Rule::must("EVT-005", "single-event-once", Scope::Message)
};

/// Only M events have a CommandKey.
const KEY_EMPTY: Rule = Rule {
    blame: CPE,
    versions: "1.0 (Amendment 1) and later",
    cites: &[a3("Table 37")],
    demands: "CommandKey is empty but for the M events.",
    why: "An ACS that looks for its key takes the first event that has it: `7 TRANSFER COMPLETE` with the key and `M Download` with the same \
          close a job twice, and on `1 BOOT` an old key closes the wrong one.",
    mend_cpe: "Write the key into the M event, and an empty CommandKey into all events with a number.",
    bad: "<EventCode>1 BOOT</EventCode><CommandKey>rb-1</CommandKey>",
    good: "<EventCode>1 BOOT</EventCode><CommandKey></CommandKey>\n<EventCode>M Reboot</EventCode><CommandKey>rb-1</CommandKey>",
    related: &["EVT-007", "I1-025"],
    wireshark: "xml contains \"<CommandKey>\" && xml contains \"Inform\"",
    ..Rule::must("EVT-006", "command-key-on-m-events-only", Scope::Message)
};

/// 3 SCHEDULED and M ScheduleInform.
const SCHEDULED: Rule = Rule {
    blame: CPE,
    versions: "1.0 (Amendment 1) and later",
    cites: &[a3("Table 7"), a3("A.3.3.1")],
    demands: "3 SCHEDULED and M ScheduleInform come together.",
    why: "The key in M ScheduleInform tells the ACS which of its jobs is due. With 3 SCHEDULED alone it does not know what it wanted, and the \
          session ends with nothing done.",
    mend_cpe: "Add both to the list when a timer of ScheduleInform runs out.",
    bad: "<EventCode>3 SCHEDULED</EventCode>",
    good: "<EventCode>3 SCHEDULED</EventCode>\n<EventCode>M ScheduleInform</EventCode><CommandKey>si-1</CommandKey>",
    related: &["CWMP-SI-003", "I1-025"],
    wireshark: "xml contains \"3 SCHEDULED\" || xml contains \"M ScheduleInform\"",
    ..Rule::must("EVT-008", "scheduled-with-its-m-event", Scope::Message)
};

/// 7 TRANSFER COMPLETE and the M event of the transfer.
const TRANSFER: Rule = Rule {
    blame: CPE,
    versions: "1.0 (Amendment 1) and later",
    cites: &[a3("Table 7"), a3("3.7.1.5"), a3("A.3.3.1")],
    demands: "7 TRANSFER COMPLETE comes with M Download, M ScheduleDownload or M Upload, and none of these without it.",
    why: "Some ACS take the transfer to its end by 7 TRANSFER COMPLETE, others by the M event with its key: each half alone leaves the job \
          open with the other kind.",
    mend_cpe: "Add both when a transfer ends, and keep both until TransferCompleteResponse has come.",
    bad: "<EventCode>7 TRANSFER COMPLETE</EventCode>",
    good: "<EventCode>7 TRANSFER COMPLETE</EventCode>\n<EventCode>M Download</EventCode><CommandKey>dl-1</CommandKey>",
    related: &["EVT-014", "EVT-015", "I1-025"],
    wireshark: "xml contains \"7 TRANSFER COMPLETE\" || xml contains \"M Download\"",
    ..Rule::must(
        "EVT-009",
        "transfer-complete-with-its-m-event",
        Scope::Message,
    )
};

/// 11 DU STATE CHANGE COMPLETE and M ChangeDUState.
const DEPLOYMENT: Rule = Rule {
    blame: CPE,
    versions: "1.2 and later",
    cites: &[a3("Table 7")],
    demands: "11 DU STATE CHANGE COMPLETE and M ChangeDUState come together.",
    why: "Without the M event the ACS does not know which of its changes has ended; without the numbered one it does not expect the report \
          that follows.",
    mend_cpe: "Add both when the operations of a ChangeDUState have ended.",
    bad: "<EventCode>11 DU STATE CHANGE COMPLETE</EventCode>",
    good: "<EventCode>11 DU STATE CHANGE COMPLETE</EventCode>\n<EventCode>M ChangeDUState</EventCode><CommandKey>du-1</CommandKey>",
    related: &["EVT-015"],
    wireshark: "xml contains \"11 DU STATE\" || xml contains \"M ChangeDUState\"",
    ..Rule::must(
        "EVT-010",
        "du-state-change-with-its-m-event",
        Scope::Message,
    )
};

/// M Reboot is a boot.
const REBOOT: Rule = Rule {
    blame: CPE,
    versions: "1.0 (Amendment 1) and later",
    cites: &[a3("3.7.1.5"), a3("A.3.2.9")],
    demands: "M Reboot comes with 1 BOOT.",
    why: "What an ACS does for each start (read the software version, set what is not stored) hangs on 1 BOOT: with M Reboot alone it is \
          left out after just those starts that the ACS itself asked for.",
    mend_cpe: "Put 1 BOOT into the first Inform after each start, M Reboot beside it where an ACS asked.",
    bad: "<EventCode>M Reboot</EventCode><CommandKey>rb-1</CommandKey>",
    good: "<EventCode>1 BOOT</EventCode>\n<EventCode>M Reboot</EventCode><CommandKey>rb-1</CommandKey>",
    related: &["CWMP-RBT-001", "SESS-031", "I1-025"],
    wireshark: "xml contains \"M Reboot\"",
    ..Rule::must("EVT-011", "m-reboot-with-boot", Scope::Message)
};

/// A heartbeat is nothing but that.
const HEARTBEAT: Rule = Rule {
    blame: CPE,
    versions: "1.4 and later",
    cites: &[
        cite("TR-069 Amendment 6", "Annex O"),
        cite("TR-181 Issue 2", "HeartbeatPolicy"),
    ],
    demands: "14 HEARTBEAT comes alone.",
    why: "A heartbeat tells a watching ACS that the device lives. Mixed with other events it goes where those go, and the watch reports a \
          device as lost that has just been there.",
    mend_cpe: "Report what else has happened in a session of its own.",
    bad: "<EventCode>14 HEARTBEAT</EventCode>\n<EventCode>4 VALUE CHANGE</EventCode>",
    good: "<EventCode>14 HEARTBEAT</EventCode>",
    related: &["EVT-002"],
    wireshark: "xml contains \"14 HEARTBEAT\"",
    ..Rule::heuristic("EVT-024", "heartbeat-alone", Scope::Message)
};

/// 5 KICKED is old.
const KICKED: Rule = Rule {
    blame: CPE,
    versions: "1.2 and later",
    cites: &[a3("Table 7")],
    demands: "5 KICKED is deprecated from 1.2 on, with the method Kicked that it announces.",
    why: "Hardly any ACS has Kicked any more: it answers the call with 8000, and the page that waits for it never comes.",
    mend_cpe: "Do without it in new software; what the user starts at the device can be told by a vendor's event.",
    bad: "xmlns:cwmp=\"urn:dslforum-org:cwmp-1-2\"\n<EventCode>5 KICKED</EventCode>",
    good: "xmlns:cwmp=\"urn:dslforum-org:cwmp-1-2\"\n<EventCode>X 00D09E Kicked</EventCode>",
    related: &["EVT-015", "CWMP-KCK-001"],
    wireshark: "xml contains \"5 KICKED\"",
    ..Rule::heuristic("EVT-025", "kicked-is-deprecated", Scope::Message)
};

/// Judges a list.
pub(super) fn judge(list: &List<'_>, findings: &mut Findings) {
    let mut present = 0_u32;
    let mut twice = 0_u32;
    for entry in &list.events {
        let Some(at) = table::place(entry.code()) else {
            continue;
        };
        let bit = 1 << at;
        if present & bit != 0 && twice & bit == 0 {
            let said = format!("{} occurs more than once", entry.code());
            findings.add(list.breaks(&ONCE, entry).because(said));
            twice |= bit;
        }
        if !entry.key.trim().is_empty() && present & bit == 0 {
            let key = entry.place.child("CommandKey").unwrap_or(entry.place);
            let said = format!("{} has the CommandKey '{}'", entry.code(), entry.key);
            findings.add(list.seen.breaks_at(&KEY_EMPTY, key).because(said));
        }
        present |= bit;
    }
    pairs(list, findings);
    if present & 1 << HEARTBEAT_PLACE != 0 && list.events.len() > 1 {
        let said = format!(
            "14 HEARTBEAT comes with {} other events",
            list.events.len() - 1
        );
        findings.add(list.breaks_as_a_whole(&HEARTBEAT).because(said));
    }
    let spoken = list.envelope.version_hint();
    if present & 1 << KICKED_PLACE != 0 && spoken >= Some(Version::V1_2) {
        let said = "5 KICKED comes in the namespace of 1.2";
        findings.add(list.breaks_as_a_whole(&KICKED).because(said));
    }
}

fn pairs(list: &List<'_>, findings: &mut Findings) {
    for (rule, number, partners, both_ways) in PAIRS {
        let Some(single) = SINGLE.get(*number) else {
            continue;
        };
        if list
            .envelope
            .version_hint()
            .is_some_and(|spoken| spoken < single.since)
        {
            continue;
        }
        let partner = partners.iter().find(|partner| list.has(partner));
        let said = match (list.has(single.code), partner) {
            (true, None) if *both_ways => {
                format!("{} comes without {}", single.code, partners.join(" or "))
            }
            (false, Some(partner)) => format!("{partner} comes without {}", single.code),
            _ => continue,
        };
        let draft = list.breaks_as_a_whole(rule).because(said);
        findings.add(if list.events.len() >= EVENTS_MAX {
            draft.at_most(Severity::Info)
        } else {
            draft
        });
    }
}

/// A rule, the number of its event, the M events that go with it, and whether that one needs them too.
type Pair = (&'static Rule, usize, &'static [&'static str], bool);

const PAIRS: &[Pair] = &[
    (&SCHEDULED, 3, &["M ScheduleInform"], true),
    (
        &TRANSFER,
        7,
        &["M Download", "M Upload", "M ScheduleDownload"],
        true,
    ),
    (&DEPLOYMENT, 11, &["M ChangeDUState"], true),
    (&REBOOT, 1, &["M Reboot"], false),
];
const HEARTBEAT_PLACE: usize = 14;
const KICKED_PLACE: usize = 5;
