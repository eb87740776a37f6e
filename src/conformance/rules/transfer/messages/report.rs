//! What a device says of transfers: answers, reports, queues.

use cwmp::Element;
use cwmp::schema::Version;

use super::file_type::{self, Direction};
use super::text;
use crate::conformance::rule::{a3, cite};
use crate::conformance::rules::soap::time;
use crate::conformance::{Findings, Rule, Scope, Seen};
use crate::session::Severity;

/// The rules of this topic.
pub(in crate::conformance::rules) const RULES: &[&Rule] = &[
    &DL_ANSWER,
    &TC_SHAPE,
    &TC_CODE,
    &TC_STRING,
    &TC_LONG,
    &TC_TIMES,
    &ATC_SHAPE,
    &ATC_DIRECTION,
    &ATC_FAULT,
    &GQT_SHAPE,
    &GQT_ALL,
];

/// The answer to Download or Upload has Status 0 or 1, and no times for what is not done.
pub(in crate::conformance::rules) const DL_ANSWER: Rule = Rule {
    cites: &[a3("A.3.2.8"), a3("A.4.1.5")],
    demands: "Status of DownloadResponse and UploadResponse is 0 or 1; with Status 1 CompleteTime is the Unknown \
          Time, 0001-01-01T00:00:00Z.",
    why: "An ACS that goes by the times takes the transfer for finished and does not wait for \
          TransferComplete; the new firmware then never shows in its records.",
    mend_cpe: "With Status 1 send 0001-01-01T00:00:00Z in both times.",
    bad: "<Status>1</Status>\n<StartTime>1970-01-01T00:00:00Z</StartTime>\n<CompleteTime>1970-01-01T00:00:00Z</CompleteTime>",
    good: "<Status>1</Status>\n<StartTime>0001-01-01T00:00:00Z</StartTime>\n<CompleteTime>0001-01-01T00:00:00Z</CompleteTime>",
    related: &["SOAP-033"],
    wireshark: "xml.tag contains \"DownloadResponse\" || xml.tag contains \"UploadResponse\"",
    ..Rule::must("CWMP-DL-004", "download-answer", Scope::Message)
};

/// TransferComplete has four arguments.
pub(in crate::conformance::rules) const TC_SHAPE: Rule = Rule {
    cites: &[a3("A.3.3.2"), cite("cwmp-1-2.xsd", "TransferComplete")],
    demands: "TransferComplete has CommandKey, FaultStruct, StartTime and CompleteTime, in this order.",
    why: "The ACS answers 8003, and the device sends the report again with every session without end.",
    mend_cpe: "Write all four, also where the transfer failed or the times are not known.",
    bad: "<FaultStruct>...</FaultStruct>\n<CommandKey>a</CommandKey>",
    good: "<CommandKey>a</CommandKey>\n<FaultStruct>...</FaultStruct>",
    related: &["SOAP-008"],
    wireshark: "xml.tag contains \"TransferComplete>\"",
    ..Rule::must("CWMP-TC-001", "transfer-complete-arguments", Scope::Message)
};

/// The FaultCode of a transfer is one of its list.
const TC_CODE: Rule = Rule {
    cites: &[a3("A.3.3.2"), cite("cwmp-1-2.xsd", "FaultStruct")],
    demands: "FaultCode of TransferComplete is 0 or one of the codes for transfers: 9001, 9002, 9010 to 9012, \
          from 1.1 on also 9014 to 9019 and the vendor's 9800 to 9899, from 1.2 on also 9020.",
    why: "9013 and 9003 belong to the answer to Download, not to the report: an ACS that validates refuses \
          the whole message and the device repeats it for ever.",
    mend_cpe: "Report 9010 for a download and 9011 for an upload that failed, or the narrower code of the list.",
    bad: "<FaultCode>9013</FaultCode>",
    good: "<FaultCode>9010</FaultCode>",
    wireshark: "xml.tag contains \"TransferComplete>\"",
    ..Rule::must("CWMP-TC-002", "transfer-fault-code", Scope::Message)
};

/// A transfer that worked has no FaultString.
const TC_STRING: Rule = Rule {
    cites: &[a3("A.3.3.2")],
    demands: "FaultString is empty where FaultCode is 0.",
    why: "Operators filter their lists of failed transfers by a text that is there: a successful one with \
          `OK` in it stands among the failures.",
    mend_cpe: "Send an empty FaultString with FaultCode 0.",
    bad: "<FaultCode>0</FaultCode>\n<FaultString>OK</FaultString>",
    good: "<FaultCode>0</FaultCode>\n<FaultString/>",
    wireshark: "xml.cdata == \"OK\"",
    ..Rule::should("CWMP-TC-003", "fault-string-of-success", Scope::Message)
};

/// FaultString is there and has at most 256 characters.
pub(in crate::conformance::rules) const TC_LONG: Rule = Rule {
    cites: &[cite("cwmp-1-2.xsd", "FaultStruct")],
    demands: "FaultStruct of TransferComplete has a FaultString, possibly empty, of at most 256 characters.",
    why: "An ACS with a column of that size refuses or cuts the report; one that validates answers 8003 to a \
          FaultStruct without it, and the device repeats it.",
    mend_cpe: "Always write the element, and cut the text at 256 characters.",
    bad: "<FaultStruct><FaultCode>0</FaultCode></FaultStruct>",
    good: "<FaultStruct><FaultCode>0</FaultCode><FaultString/></FaultStruct>",
    wireshark: "xml.tag contains \"TransferComplete>\"",
    ..Rule::must("CWMP-TC-004", "transfer-fault-string", Scope::Message)
};

/// The times of a transfer are in UTC, or since boot, or unknown.
pub(in crate::conformance::rules) const TC_TIMES: Rule = Rule {
    versions: "all but Issue 1",
    cites: &[a3("A.3.3.2"), a3("A.2.1")],
    demands: "StartTime and CompleteTime of TransferComplete are in UTC, or times since boot, or the Unknown \
          Time.",
    why: "Lists of transfers mix devices of several zones: with local times an upgrade seems to end before \
          it was ordered.",
    mend_cpe: "Convert to UTC and write `Z`.",
    bad: "<CompleteTime>2026-03-02T09:00:00+01:00</CompleteTime>",
    good: "<CompleteTime>2026-03-02T08:00:00Z</CompleteTime>",
    related: &["SOAP-031"],
    wireshark: "xml.tag contains \"TransferComplete>\"",
    ..Rule::must("CWMP-TC-007", "transfer-times-in-utc", Scope::Message)
};

/// AutonomousTransferComplete has nine arguments.
pub(in crate::conformance::rules) const ATC_SHAPE: Rule = Rule {
    versions: "1.1 and later",
    cites: &[
        a3("A.3.3.3"),
        cite("cwmp-1-2.xsd", "AutonomousTransferComplete"),
    ],
    demands: "AutonomousTransferComplete has AnnounceURL, TransferURL, IsDownload, FileType, FileSize, \
          TargetFileName, FaultStruct, StartTime and CompleteTime, in this order, and no CommandKey.",
    why: "Nobody ordered the transfer, so there is no key: an ACS that validates answers 8003, and the \
          device repeats the report with every session.",
    mend_cpe: "Write the nine arguments, empty where there is nothing to say.",
    bad: "<cwmp:AutonomousTransferComplete>\n  <CommandKey/>",
    good: "<cwmp:AutonomousTransferComplete>\n  <AnnounceURL/>",
    wireshark: "xml.tag contains \"AutonomousTransferComplete>\"",
    ..Rule::must(
        "CWMP-ATC-001",
        "autonomous-transfer-arguments",
        Scope::Message,
    )
};

/// IsDownload fits the FileType.
const ATC_DIRECTION: Rule = Rule {
    versions: "1.1 and later",
    cites: &[a3("A.3.3.3")],
    demands: "A file type of downloads goes with IsDownload true, one of uploads with false.",
    why: "The ACS files a log that the device sent among the firmware that it received, or the reverse.",
    mend_cpe: "Take the FileType from the table with the direction of the transfer.",
    bad: "<IsDownload>0</IsDownload>\n<FileType>1 Firmware Upgrade Image</FileType>",
    good: "<IsDownload>1</IsDownload>\n<FileType>1 Firmware Upgrade Image</FileType>",
    wireshark: "xml.tag contains \"AutonomousTransferComplete>\"",
    ..Rule::must(
        "CWMP-ATC-002",
        "file-type-against-direction",
        Scope::Message,
    )
};

/// AutonomousTransferComplete has the codes and times of TransferComplete.
pub(in crate::conformance::rules) const ATC_FAULT: Rule = Rule {
    versions: "1.1 and later",
    cites: &[a3("A.3.3.3")],
    demands: "FaultStruct, StartTime and CompleteTime of AutonomousTransferComplete keep to what holds for \
          TransferComplete.",
    why: "An ACS reads both reports with the same code: a fault code of no list makes it refuse the message, \
          and the device repeats it.",
    mend_cpe: "Use the codes of TransferComplete, an empty FaultString with code 0, and times in UTC.",
    bad: "<FaultCode>9013</FaultCode>",
    good: "<FaultCode>9010</FaultCode>",
    related: &["CWMP-TC-002", "CWMP-TC-003", "CWMP-TC-004", "CWMP-TC-007"],
    wireshark: "xml.tag contains \"AutonomousTransferComplete>\"",
    ..Rule::must("CWMP-ATC-004", "autonomous-transfer-fault", Scope::Message)
};

/// Queued transfers: at most 16, in state 1, 2 or 3.
pub(in crate::conformance::rules) const GQT_SHAPE: Rule = Rule {
    cites: &[a3("A.4.1.1"), a3("A.4.1.7")],
    demands: "The list of queued transfers has at most 16 entries, and the State of each is 1, 2 or 3.",
    why: "An ACS that reads any other state cannot tell whether it may cancel the transfer or has to wait \
          for it.",
    mend_cpe: "Send 1 (not begun), 2 (running) or 3 (finished), and leave out what goes beyond 16.",
    bad: "<State>0</State>",
    good: "<State>1</State>",
    wireshark: "xml.tag contains \"QueuedTransfersResponse\"",
    ..Rule::must("CWMP-GQT-001", "queued-transfers", Scope::Message)
};

/// Entries of GetAllQueuedTransfers have six members, and a type that fits the direction.
pub(in crate::conformance::rules) const GQT_ALL: Rule = Rule {
    versions: "1.1 and later",
    cites: &[
        a3("A.4.1.7"),
        cite("cwmp-1-2.xsd", "AllQueuedTransferStruct"),
    ],
    demands: "An entry of GetAllQueuedTransfersResponse has CommandKey, State, IsDownload, FileType, FileSize \
          and TargetFileName, and its FileType fits IsDownload.",
    why: "The ACS cannot tell which transfer waits, and cancels the wrong one or none.",
    mend_cpe: "Write all six members; CommandKey is empty for a transfer nobody ordered.",
    bad: "<IsDownload>0</IsDownload>\n<FileType>1 Firmware Upgrade Image</FileType>",
    good: "<IsDownload>1</IsDownload>\n<FileType>1 Firmware Upgrade Image</FileType>",
    related: &["CWMP-ATC-002"],
    wireshark: "xml.tag contains \"GetAllQueuedTransfersResponse\"",
    ..Rule::must("CWMP-GQT-002", "all-queued-transfers", Scope::Message)
};

/// Looks at what a device says.
pub(super) fn look(seen: &Seen<'_>, message: Element<'_>, findings: &mut Findings) {
    match message.name() {
        "DownloadResponse" | "UploadResponse" => answer(seen, message, findings),
        "TransferComplete" => {
            fault(seen, message, [&TC_CODE, &TC_STRING], findings);
            order(seen, message, &TC_TIMES, findings);
        }
        "AutonomousTransferComplete" => {
            fault(seen, message, [&ATC_FAULT, &ATC_FAULT], findings);
            order(seen, message, &ATC_FAULT, findings);
            direction(seen, message, &ATC_DIRECTION, findings);
        }
        "GetAllQueuedTransfersResponse" => {
            let list = message.child("TransferList");
            let entries = list.into_iter().flat_map(|list| list.children());
            for entry in entries.take(ENTRIES_MAX) {
                direction(seen, entry, &GQT_ALL, findings);
            }
        }
        _ => {}
    }
}

/// Status 1: the times are not known yet; StartTime may be, where the file is fetched and waits to be applied.
fn answer(seen: &Seen<'_>, message: Element<'_>, findings: &mut Findings) {
    if seen.is_issue_1() || text(message, "Status").trim() != "1" {
        return;
    }
    for (name, at_most) in [
        ("CompleteTime", Severity::Error),
        ("StartTime", Severity::Warning),
    ] {
        let Some(element) = message.child(name) else {
            continue;
        };
        let time = element.text();
        let time = time.trim();
        if time::read(time.as_bytes()).is_some_and(|stamp| stamp.is_unknown()) {
            continue;
        }
        let shown = if time.is_empty() { "empty" } else { time };
        let draft = seen.breaks_at(&DL_ANSWER, element).at_most(at_most);
        findings.add(draft.because(format!("with Status 1, {name} is {shown}")));
    }
}

/// The code of a report, and its words.
fn fault(
    seen: &Seen<'_>,
    message: Element<'_>,
    [code_rule, string_rule]: [&'static Rule; 2],
    findings: &mut Findings,
) {
    let Some(fault) = message.child("FaultStruct") else {
        return;
    };
    let Some(element) = fault.child("FaultCode") else {
        return;
    };
    let Ok(code) = element.text().trim().parse::<u32>() else {
        return;
    };
    let draft = seen.breaks_at(code_rule, element);
    let because = format!("FaultCode is {code}");
    match listed(code, seen.version(), seen.is_issue_1()) {
        Listed::Yes => {}
        Listed::Later => findings.add(draft.at_most(Severity::Warning).because(because)),
        Listed::No => findings.add(draft.because(because)),
    }
    let string = text(fault, "FaultString");
    if code == 0 && !string.trim().is_empty() {
        let draft = seen
            .breaks_at(string_rule, fault)
            .at_most(Severity::Warning);
        findings.add(draft.because("FaultCode is 0, and FaultString is not empty"));
    }
}

/// Whether a code may stand in a report.
enum Listed {
    Yes,
    /// Kept for a later version, or forgiven.
    Later,
    No,
}

/// The codes of a transfer by version; what Issue 1 says of vendor codes its list leaves out.
fn listed(code: u32, version: Version, issue_1: bool) -> Listed {
    match code {
        0 | 9001 | 9002 | 9010..=9012 => Listed::Yes,
        9014..=9019 if version >= Version::V1_1 => Listed::Yes,
        9020 if version >= Version::V1_2 => Listed::Yes,
        9800..=9899 if version >= Version::V1_1 => Listed::Yes,
        9800..=9899 if issue_1 => Listed::Later,
        9020..=9799 if version == Version::V1_1 => Listed::Later,
        9033..=9799 if version >= Version::V1_2 => Listed::Later,
        _ => Listed::No,
    }
}

/// A transfer does not end before it begins; the clock may have been set in between.
fn order(seen: &Seen<'_>, message: Element<'_>, rule: &'static Rule, findings: &mut Findings) {
    if seen.is_issue_1() {
        return;
    }
    let stamp = |name| time::read(text(message, name).as_bytes()).filter(time::Stamp::is_absolute);
    if let (Some(start), Some(complete)) = (stamp("StartTime"), stamp("CompleteTime"))
        && start.seconds() > complete.seconds()
    {
        let draft = seen.breaks_at(rule, message).at_most(Severity::Warning);
        findings.add(draft.because("StartTime is later than CompleteTime"));
    }
}

fn direction(seen: &Seen<'_>, holder: Element<'_>, rule: &'static Rule, findings: &mut Findings) {
    let Some(element) = holder.child("FileType") else {
        return;
    };
    let file_type = element.text();
    let file_type = file_type.trim();
    let says = match text(holder, "IsDownload").trim() {
        "1" | "true" => Direction::Download,
        "0" | "false" => Direction::Upload,
        _ => return,
    };
    let draft = seen.breaks_at(rule, element);
    match file_type::direction(file_type, seen.version()) {
        Some(Direction::Either) => {}
        Some(may) if may == says => {}
        Some(_) => findings.add(draft.because(format!(
            "IsDownload is {}, and FileType is '{file_type}'",
            says == Direction::Download
        ))),
        None => findings.add(draft.at_most(Severity::Warning).because(format!(
            "FileType '{file_type}' is of no version known here"
        ))),
    }
}

/// Entries of a queue that are looked at; it holds at most 16.
const ENTRIES_MAX: usize = 64;
