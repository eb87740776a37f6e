//! TransferComplete against what was asked for: each belongs to one open transfer (TR-069 Amendment 3 section A.3.3.2).

use super::ledger::{Ledger, bounded};
use super::operation::{Answer, Operation, Report, What};
use super::{cancel, refused, schedule, start};
use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Exchange, Findings, Rule, Scope, Seen};
use crate::session::Severity;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&AFTER_STATUS_0, &UNKNOWN_KEY, &TWICE, &WRONG_DIRECTION];

/// What is done is not reported.
pub(super) const AFTER_STATUS_0: Rule = Rule {
    blame: CPE,
    cites: &[a3("A.3.3.2"), a3("A.3.2.8")],
    demands: "A download that was answered with Status 0 or a fault is not reported by TransferComplete.",
    why: "The ACS has closed the job with the DownloadResponse. The second report is for a job that it does not know any more: it \
          shows up as an unknown transfer, or counts as a second upgrade in its statistics.",
    mend_cpe: "Answer Status 0 only when the file is applied already, and queue no TransferComplete then; otherwise answer Status 1.",
    bad: "<cwmp:DownloadResponse><Status>0</Status>...\n<cwmp:TransferComplete><CommandKey>fw-7</CommandKey>...",
    good: "<cwmp:DownloadResponse><Status>1</Status>...\n<cwmp:TransferComplete><CommandKey>fw-7</CommandKey>...",
    related: &["CWMP-DL-005", "CWMP-TC-005"],
    wireshark: "xml contains \"DownloadResponse\" || xml contains \"TransferComplete\"",
    ..Rule::must("CWMP-DL-006", "no-report-after-status-0", Scope::Device)
};

/// The key is that of a transfer.
pub(super) const UNKNOWN_KEY: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 38")],
    demands: "The CommandKey of a TransferComplete is that of the Download, Upload or ScheduleDownload that it reports.",
    why: "The key is all that ties the report to the job. With another one, often the URL, a file name or the ParameterKey, the ACS \
          drops the report and the upgrade stays open until it times out, although the phone runs the new image.",
    mend_cpe: "Store the CommandKey of the request with the queued transfer, over reboots, and send it back unchanged.",
    bad: "<cwmp:Download><CommandKey>fw-7</CommandKey>...\n<cwmp:TransferComplete><CommandKey>image.bin</CommandKey>...",
    good: "<cwmp:Download><CommandKey>fw-7</CommandKey>...\n<cwmp:TransferComplete><CommandKey>fw-7</CommandKey>...",
    related: &["CWMP-DL-006", "CWMP-TC-006"],
    wireshark: "xml contains \"TransferComplete\"",
    of_absence: true,
    ..Rule::must(
        "CWMP-TC-005",
        "report-with-the-key-of-its-request",
        Scope::Device,
    )
};

/// Once is enough.
pub(super) const TWICE: Rule = Rule {
    blame: CPE,
    cites: &[a3("A.3.2.8"), a3("A.3.3.2"), a3("3.7.1.6")],
    demands: "Each transfer is reported by one TransferComplete; it is sent again only where it was not answered or answered with a fault.",
    why: "The second report finds no job. Some ACSs take it for the report of the next job with the same key and mark an upgrade as \
          done that has not begun; others answer a fault, after which the phone repeats it in every session.",
    mend_cpe: "Remove the report and its M event from the queue when TransferCompleteResponse has come, and store that at once.",
    bad: "<cwmp:TransferComplete><CommandKey>fw-7</CommandKey>...\n<cwmp:TransferCompleteResponse/>\n<cwmp:TransferComplete><CommandKey>fw-7</CommandKey>...",
    good: "<cwmp:TransferComplete><CommandKey>fw-7</CommandKey>...\n<cwmp:TransferCompleteResponse/>",
    related: &["CWMP-TC-005", "CWMP-TC-009"],
    wireshark: "xml contains \"TransferComplete\"",
    of_absence: true,
    ..Rule::must("CWMP-TC-006", "one-report-a-transfer", Scope::Device)
};

/// Codes of downloads are not those of uploads.
const WRONG_DIRECTION: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: CPE,
    cites: &[a3("Table 84")],
    demands: "FaultCode 9011 reports a failed upload, 9010 and 9014 to 9020 a failed download, and 9020 one that missed its time windows.",
    why: "Those who read the job log look in the wrong place: 9010 on a log upload sends them to the firmware server.",
    mend_cpe: "Report a failed Upload with 9011, a failed Download with 9010 or the exact one of 9014 to 9019.",
    bad: "<cwmp:Upload><CommandKey>log-1</CommandKey>...\n<cwmp:TransferComplete><CommandKey>log-1</CommandKey><FaultStruct><FaultCode>9010</FaultCode>...",
    good: "<cwmp:Upload><CommandKey>log-1</CommandKey>...\n<cwmp:TransferComplete><CommandKey>log-1</CommandKey><FaultStruct><FaultCode>9011</FaultCode>...",
    related: &["CWMP-UL-004"],
    wireshark: "xml contains \"TransferComplete\"",
    ..Rule::heuristic(
        "CWMP-TC-008",
        "fault-code-of-the-other-direction",
        Scope::Device,
    )
};

/// What a TransferComplete says.
pub(super) struct Told<'a> {
    /// The message that said it.
    pub seen: Seen<'a>,
    pub key: Box<str>,
    pub element: cwmp::Element<'a>,
    pub code: u32,
    pub start: String,
    pub complete: String,
}

/// A TransferComplete that was answered.
pub(super) fn reported(ledger: &mut Ledger, exchange: &Exchange<'_>, findings: &mut Findings) {
    let seen = Seen {
        message: &exchange.asked.message,
        ..exchange.answer
    };
    let Some(told) = told(exchange, seen) else {
        return;
    };
    for operation in &mut ledger.operations {
        operation.told |= operation.key == told.key;
    }
    refused::sent(ledger, &told, findings);
    if exchange.is_fault() {
        refused::report(ledger, exchange, &told, findings);
        return;
    }
    cancel::reported(ledger, &told, findings);
    let unreported = ledger
        .operations
        .iter()
        .position(|operation| operation.key == told.key && can_be_reported(operation));
    let Some(at) = unreported else {
        nothing_to_report(ledger, &told, findings);
        return;
    };
    // Of several with this key nobody knows which is meant.
    if ledger.of_key(&told.key).count() == 1
        && let Some(operation) = ledger.operations.get(at)
    {
        wrong_direction(operation, &told, findings);
        start::reported(ledger, operation, &told, findings);
        schedule::reported(ledger, operation, &told, findings);
    }
    let report = report(ledger, &told);
    if let Some(operation) = ledger.operations.get_mut(at) {
        operation.report = Some(report);
    }
}

fn told<'a>(exchange: &Exchange<'a>, seen: Seen<'a>) -> Option<Told<'a>> {
    let envelope = exchange.request()?;
    let report = envelope.transfer_complete()?;
    let element = envelope.message()?;
    Some(Told {
        seen,
        key: bounded(&report.command_key),
        element: element.child("CommandKey").unwrap_or(element),
        code: report.fault_code.trim().parse().unwrap_or(0),
        start: report.start_time.into_owned(),
        complete: report.complete_time.into_owned(),
    })
}

fn report(ledger: &Ledger, told: &Told<'_>) -> Report {
    Report {
        session: ledger.visit.number,
        connection: told.seen.message.provenance.connection,
        time_ns: told.seen.message.provenance.time.nanoseconds,
        failed: told.code != 0,
        version: ledger.visit.version.clone(),
        times: (bounded(&told.start), bounded(&told.complete)),
        confirmed: false,
    }
}

/// A report of it would be right, or may be.
fn can_be_reported(operation: &Operation) -> bool {
    matches!(operation.answer, Answer::Accepted | Answer::Unknown) && operation.report.is_none()
}

/// No open transfer has this key: it was never asked for, or is over.
fn nothing_to_report(ledger: &mut Ledger, told: &Told<'_>, findings: &mut Findings) {
    let reported = ledger.of_key(&told.key).filter_map(|operation| {
        let report = operation.report.as_ref()?;
        Some((operation, report))
    });
    if let Some((operation, report)) = reported.last() {
        twice(ledger, operation, report, told, findings);
        return;
    }
    if ledger.of_key(&told.key).next().is_none() {
        // Whatever it reports, a report has come.
        for operation in &mut ledger.operations {
            operation.told = true;
        }
    }
    if !ledger.complete || is_cut(ledger, &told.key) {
        return;
    }
    let Some(operation) = ledger.of_key(&told.key).last() else {
        let draft = told.seen.breaks_at(&UNKNOWN_KEY, told.element);
        let draft = if ledger.visit.brings_older {
            draft.at_most(Severity::Info)
        } else {
            draft
        };
        findings.add(draft.because(format!(
            "no transfer was asked for with the CommandKey '{}'",
            told.key
        )));
        return;
    };
    let rule = operation.rule(&AFTER_STATUS_0);
    let answer = match operation.answer {
        Answer::Done => "Status 0",
        _ => "a fault",
    };
    let draft = told.seen.breaks_at(rule, told.element);
    findings.add(operation.concern(draft).because(format!(
        "{} was answered with {answer}, and is reported all the same",
        operation.named()
    )));
}

/// The ACS gave a longer key than the schema allows, and the device kept what it allows.
fn is_cut(ledger: &Ledger, key: &str) -> bool {
    let mut operations = ledger.operations.iter();
    operations.any(|one| one.key.len() > KEY_CHARACTERS && one.key.starts_with(key))
}

fn twice(
    ledger: &Ledger,
    operation: &Operation,
    report: &Report,
    told: &Told<'_>,
    findings: &mut Findings,
) {
    let same_connection = report.connection == told.seen.message.provenance.connection;
    if !report.confirmed && !same_connection {
        // The answer to the first may have been lost.
        return;
    }
    // An older request with this key may be what is reported, unless the two tell the same times of a clock.
    let same = super::clock::absolute_ns(&report.times.1).is_some()
        && (&*report.times.0, &*report.times.1) == (told.start.as_str(), told.complete.as_str());
    if !ledger.complete && !same {
        return;
    }
    let draft = told.seen.breaks_at(&TWICE, told.element);
    let draft = operation.concern(draft).rpc("TransferComplete");
    findings.add(draft.because(format!(
        "{} was reported in session {} already, and the report was answered",
        operation.named(),
        report.session
    )));
}

fn wrong_direction(operation: &Operation, told: &Told<'_>, findings: &mut Findings) {
    let is_other = match operation.what {
        What::Upload => matches!(told.code, 9010 | 9014..=9020),
        What::Download => matches!(told.code, 9011 | 9020),
        What::ScheduleDownload => told.code == 9011,
    };
    if !is_other {
        return;
    }
    let element = told.element.parent().unwrap_or(told.element);
    let code = element
        .child("FaultStruct")
        .and_then(|fault| fault.child("FaultCode"));
    let draft = told
        .seen
        .breaks_at(&WRONG_DIRECTION, code.unwrap_or(told.element));
    findings.add(operation.concern(draft).because(format!(
        "{} failed with {}",
        operation.named(),
        told.code
    )));
}

/// A CommandKey has at most 32 characters.
const KEY_CHARACTERS: usize = 32;
