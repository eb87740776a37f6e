//! Reports that never came (TR-069 Amendment 3 sections A.3.2.8 and A.3.3.2). A transfer may take as long as it takes: only
//! where the capture shows that it is over is its report due.

use super::clock::later;
use super::fetch::CONDITIONAL;
use super::ledger::{Ledger, shown};
use super::operation::{Answer, Operation, Shown, What};
use super::software;
use super::url::Url;
use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Closed, Draft, Exchange, Findings, Rule, Scope};
use crate::session::Severity;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&NO_REPORT, &FORGOTTEN];

/// Status 1 promises a report.
const NO_REPORT: Rule = Rule {
    blame: CPE,
    cites: &[a3("A.3.2.8"), a3("A.3.3.2")],
    demands: "After Status 1 the device reports the outcome by one TransferComplete with the CommandKey of the request.",
    why: "The ACS waits for it: the job stays open although the phone runs the new image, blocks what was planned behind it, and is started \
          again when it times out, so that the phone is flashed twice.",
    mend_cpe: "Store the CommandKey where it survives the new image's first boot, announce 7 TRANSFER COMPLETE and M Download there, and \
               send TransferComplete.",
    bad: "<cwmp:DownloadResponse><Status>1</Status>...\nInform: 1 BOOT, new SoftwareVersion; then sessions without TransferComplete",
    good: "<cwmp:DownloadResponse><Status>1</Status>...\nInform: 1 BOOT, 7 TRANSFER COMPLETE, M Download; <cwmp:TransferComplete>...",
    related: &["CWMP-DL-006", "CWMP-TC-005", "CWMP-TC-009"],
    wireshark: "xml contains \"cwmp:Download\" || xml contains \"TransferComplete\"",
    of_absence: true,
    ..Rule::must("CWMP-DL-005", "report-behind-status-1", Scope::Device)
};

/// The queue outlives a reboot.
const FORGOTTEN: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: CPE,
    versions: "1.1 and later",
    cites: &[a3("A.3.2.8"), a3("A.4.1.5")],
    demands: "A queued transfer survives a reboot of the device: it is carried out or reported as failed.",
    why: "One phone in a hundred is unplugged between the Download in the evening and the upgrade at night. If it forgets the transfer, its \
          job never ends, and the next day it is the one that still runs the old image.",
    mend_cpe: "Store queued transfers in flash with the time they are due; after a boot carry them out, or report a failure.",
    bad: "<DelaySeconds>3600</DelaySeconds>... Status 1\nInform: 1 BOOT ten minutes later, and never a TransferComplete",
    good: "<DelaySeconds>3600</DelaySeconds>... Status 1\nInform: 1 BOOT ten minutes later; an hour later GET /fw.bin and TransferComplete",
    related: &["CWMP-DL-005", "CWMP-DL-008"],
    wireshark: "xml contains \"DelaySeconds\" || xml contains \"1 BOOT\"",
    of_absence: true,
    ..Rule::heuristic("CWMP-DL-019", "queue-survives-reboot", Scope::Device)
};

/// A session ended well: were reports due in it?
pub(super) fn session_ended(ledger: &mut Ledger, closed: &Closed<'_>) {
    let number = closed.session.number;
    let start_ns = closed.session.start.nanoseconds;
    let is_now = number == ledger.visit.number;
    for at in 0..ledger.operations.len() {
        let Some(operation) = ledger.operations.get(at) else {
            return;
        };
        if !awaits(ledger, operation) || operation.session >= number {
            continue;
        }
        let over = is_now && is_over(ledger, operation, start_ns);
        let long_after_ns = later(operation.due_ns(), HOUR_SECONDS + LATE_TOLERANCE_SECONDS);
        let Some(operation) = ledger.operations.get_mut(at) else {
            return;
        };
        if operation.over.is_some_and(|since| since < number) && operation.missed.is_none() {
            operation.missed = Some(shown(closed));
        }
        if over {
            operation.over.get_or_insert(number);
        }
        if start_ns > long_after_ns && operation.long_after.is_none() {
            operation.long_after = Some(shown(closed));
        }
    }
}

/// Its report has not come, and must.
fn awaits(ledger: &Ledger, operation: &Operation) -> bool {
    operation.answer == Answer::Accepted
        && operation.is_open()
        && !operation.told
        && operation.holes == ledger.holes
        && ledger.of_key(&operation.key).count() == 1
}

/// The file is there, and is what runs; or it has been sent.
fn is_over(ledger: &Ledger, operation: &Operation, before_ns: i64) -> bool {
    let done = operation.fetched.as_ref().and_then(|one| one.done_ns);
    if done.is_none_or(|done_ns| done_ns > before_ns) {
        return false;
    }
    operation.what == What::Upload
        || software::has_changed(operation, &ledger.visit)
            && software::is_the_only_image(ledger, operation)
}

/// The capture is over.
pub(super) fn never_came(ledger: &Ledger, findings: &mut Findings) {
    for operation in &ledger.operations {
        if !awaits(ledger, operation) {
            continue;
        }
        if let Some(missed) = &operation.missed {
            no_report(ledger, operation, missed, findings);
        } else if let Some(long_after) = &operation.long_after
            && operation.delay_seconds > 0
            && operation.what != What::ScheduleDownload
            && let Some(rebooted_ns) = operation.rebooted_ns
            && rebooted_ns < operation.due_ns()
        {
            let draft = absent(ledger, operation, &FORGOTTEN, long_after);
            findings.add(draft.because(format!(
                "{} was accepted with DelaySeconds {}, the device started before its time, and no report came within an hour behind it",
                operation.named(),
                operation.delay_seconds
            )));
        }
    }
}

fn no_report(ledger: &Ledger, operation: &Operation, missed: &Shown, findings: &mut Findings) {
    let twin = ledger.operations.iter().any(|other| {
        other.url == operation.url
            && other.what == operation.what
            && other.asked_ns != operation.asked_ns
            && other.report.is_some()
    });
    let rule = if twin {
        &CONDITIONAL
    } else {
        operation.rule(&NO_REPORT)
    };
    let draft = absent(ledger, operation, rule, missed);
    findings.add(draft.because(format!(
        "{} is over by session {}, and session {} ended without a report of it",
        operation.named(),
        operation.over.unwrap_or_default(),
        missed.session
    )));
}

fn absent(ledger: &Ledger, operation: &Operation, rule: &'static Rule, shown: &Shown) -> Draft {
    let mut draft = Draft::of_frames(rule, &shown.frames, shown.time);
    draft.device = ledger.device.clone();
    draft.session = Some(shown.session);
    operation.concern(draft)
}

/// Answered as done: was there a file? Asked only where the same file was seen on its way before.
pub(super) fn done_without(
    ledger: &Ledger,
    at: usize,
    exchange: &Exchange<'_>,
    findings: &mut Findings,
) {
    let Some(operation) = ledger.operations.get(at) else {
        return;
    };
    if operation.answer != Answer::Done || operation.fetched.is_some() {
        return;
    }
    let seen_before = |other: &&Operation| {
        other.url == operation.url
            && other.what == What::Download
            && other.asked_ns < operation.asked_ns
            && other
                .fetched
                .as_ref()
                .is_some_and(|one| one.done_ns.is_some())
    };
    // What an earlier request with this URL still has open may be what was fetched for it.
    let earlier = ledger.operations.iter().filter(seen_before);
    if operation.what == What::Download
        && Url::parse(&operation.url).is_some_and(|url| url.scheme == "http")
        && ledger.of_key(&operation.key).count() == 1
        && earlier.clone().next().is_some()
        && earlier.clone().all(|other| !other.is_open())
        && ledger.holes == operation.holes
    {
        let draft = operation.concern(exchange.breaks(&CONDITIONAL));
        findings.add(draft.because(format!(
            "{} names a URL that was fetched before, and is answered as done without another request for it",
            operation.named()
        )));
    }
}

const HOUR_SECONDS: i64 = 3600;
const LATE_TOLERANCE_SECONDS: i64 = 60;
