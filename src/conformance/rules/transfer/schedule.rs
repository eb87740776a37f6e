//! ScheduleDownload: its time windows, and the session that reports it (TR-069 Amendment 3 section A.4.1.8).

use super::clock::{TOLERANCE_SECONDS, absolute_ns, seconds_between};
use super::delivery::Told;
use super::ledger::Ledger;
use super::operation::{Answer, Operation, What};
use super::software;
use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Findings, Rule, Scope, Seen};
use crate::session::Severity;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&LATER_SESSION, &FINISHED_OUTSIDE, &APPLIED_OUTSIDE];

/// It is reported in another session, and announced there.
const LATER_SESSION: Rule = Rule {
    blame: CPE,
    versions: "1.2 and later",
    cites: &[a3("A.4.1.8"), a3("Table 7")],
    demands: "A ScheduleDownload is reported in a later session than its own, whose Inform has 7 TRANSFER COMPLETE and M ScheduleDownload \
              with its CommandKey.",
    why: "The ACS starts the handling of scheduled jobs by these events. A report that comes without them, or while the session of the \
          request still runs, meets a job that is not yet stored and is logged as unknown.",
    mend_cpe: "Queue the report with both events and open a session for it.",
    bad: "<cwmp:ScheduleDownloadResponse/>\n<cwmp:TransferComplete><CommandKey>night-1</CommandKey>... in the same session",
    good: "Inform: 7 TRANSFER COMPLETE, M ScheduleDownload (night-1)\n<cwmp:TransferComplete><CommandKey>night-1</CommandKey>...",
    related: &["CWMP-DL-005", "CWMP-SDL-004"],
    wireshark: "xml contains \"ScheduleDownload\"",
    ..Rule::must(
        "CWMP-SDL-003",
        "scheduled-download-reported-in-a-later-session",
        Scope::Device,
    )
};

/// What was not done in time has failed.
const FINISHED_OUTSIDE: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: CPE,
    versions: "1.2 and later",
    cites: &[a3("A.4.1.8"), a3("Table 84")],
    demands: "A ScheduleDownload that did not finish within its windows is reported as failed, by fault 9020 where no other fits.",
    why: "The operator promised that nothing happens outside the window. A success with a time outside of it means that phones were \
          upgraded during the day, or that the device's clock is off: both want looking at.",
    mend_cpe: "Stop at the end of the last window and report FaultCode 9020; check the clock that CompleteTime is taken from.",
    bad: "<WindowStart>3600</WindowStart><WindowEnd>7200</WindowEnd> asked at 08:00\n<FaultCode>0</FaultCode>... <CompleteTime>2026-03-02T11:30:00Z</CompleteTime>",
    good: "<WindowStart>3600</WindowStart><WindowEnd>7200</WindowEnd> asked at 08:00\n<FaultCode>9020</FaultCode>...",
    related: &["CWMP-SDL-006", "CWMP-SDL-003"],
    wireshark: "xml contains \"ScheduleDownload\" || xml contains \"TransferComplete\"",
    ..Rule::heuristic(
        "CWMP-SDL-004",
        "scheduled-download-finished-in-its-window",
        Scope::Device,
    )
};

/// Nothing is applied outside the windows.
const APPLIED_OUTSIDE: Rule = Rule {
    blame: CPE,
    versions: "1.2 and later",
    cites: &[a3("A.4.1.8")],
    demands: "The file of a ScheduleDownload is applied within one of its windows only, and fetched outside them only if service does not \
              suffer.",
    why: "The window is when nobody is on the phone. A device that reboots into the new image before it opens cuts calls, which is what \
          ScheduleDownload was chosen to prevent.",
    mend_cpe: "Keep the fetched image aside until WindowStart, counted from the ScheduleDownload, and apply it between WindowStart and \
               WindowEnd.",
    bad: "<WindowStart>7200</WindowStart><WindowEnd>10800</WindowEnd> asked at 08:00\nInform at 08:10: 1 BOOT, new SoftwareVersion",
    good: "<WindowStart>7200</WindowStart><WindowEnd>10800</WindowEnd> asked at 08:00\nInform at 10:20: 1 BOOT, new SoftwareVersion",
    related: &["CWMP-SDL-004", "CWMP-SDL-007"],
    wireshark: "xml contains \"TimeWindowList\" || xml contains \"1 BOOT\"",
    ..Rule::must(
        "CWMP-SDL-006",
        "scheduled-download-applied-in-its-window",
        Scope::Device,
    )
};

/// An Inform: the device runs something else than when it was asked.
pub(super) fn informed(ledger: &mut Ledger, seen: &Seen<'_>, findings: &mut Findings) {
    if !ledger.visit.boot {
        return;
    }
    let now_ns = ledger.visit.started_ns;
    let found = ledger.operations.iter().find(|operation| {
        operation.what == What::ScheduleDownload
            && operation.image
            && operation.answer == Answer::Accepted
            && operation.report.is_none()
            && (ledger.complete || operation.fetched.is_some())
            && operation.holes == ledger.holes
            && software::has_changed(operation, &ledger.visit)
            && software::is_the_only_image(ledger, operation)
    });
    let Some(operation) = found else {
        return;
    };
    let after = seconds_between(operation.asked_ns, now_ns);
    // Behind the last window the device may have started long ago without reaching its ACS.
    if is_between(&operation.windows, after) {
        let draft = software::at_version(seen, &APPLIED_OUTSIDE);
        findings.add(operation.concern(draft).because(format!(
            "{after} s behind the request the device runs another SoftwareVersion, and {} names windows of {}",
            operation.named(),
            words(&operation.windows)
        )));
    }
}

/// Before the first window, or behind one and before the next, boot included.
fn is_between(windows: &[(u32, u32)], after: i64) -> bool {
    let next = windows
        .iter()
        .map(|(start, _)| i64::from(*start))
        .filter(|start| after < start - TOLERANCE_SECONDS)
        .min();
    let within = windows.iter().any(|(start, end)| {
        let (start, end) = (i64::from(*start), i64::from(*end));
        after >= start - TOLERANCE_SECONDS && after <= end + BOOT_SECONDS
    });
    next.is_some() && !within
}

/// The file is asked for: outside the windows that is worth a remark.
pub(super) fn fetched(operation: &Operation, seen: &Seen<'_>, findings: &mut Findings) {
    if operation.what != What::ScheduleDownload || operation.windows.is_empty() {
        return;
    }
    let now_ns = seen.message.provenance.time.nanoseconds;
    let after = seconds_between(operation.asked_ns, now_ns);
    if is_within(&operation.windows, after) {
        return;
    }
    let draft = operation.concern(seen.breaks(&APPLIED_OUTSIDE));
    findings.add(draft.at_most(Severity::Info).because(format!(
        "the file of {} is asked for {after} s behind the request, and its windows are {}",
        operation.named(),
        words(&operation.windows)
    )));
}

fn is_within(windows: &[(u32, u32)], after: i64) -> bool {
    windows.iter().any(|(start, end)| {
        after >= i64::from(*start) - TOLERANCE_SECONDS
            && after <= i64::from(*end) + TOLERANCE_SECONDS
    })
}

/// `3600-7200 s`
fn words(windows: &[(u32, u32)]) -> String {
    let each = windows
        .iter()
        .map(|(start, end)| format!("{start}-{end} s"));
    each.collect::<Vec<_>>().join(" and ")
}

/// A report of it.
pub(super) fn reported(
    ledger: &Ledger,
    operation: &Operation,
    told: &Told<'_>,
    findings: &mut Findings,
) {
    if operation.what != What::ScheduleDownload {
        return;
    }
    // Without the beginning, an older transfer with this key may be what is reported.
    if ledger.complete {
        announced(ledger, operation, told, findings);
    }
    let complete_ns = absolute_ns(&told.complete).filter(|_| ledger.visit.clock_agrees);
    let Some(complete_ns) = complete_ns.filter(|time| *time >= operation.asked_ns) else {
        return;
    };
    let after = seconds_between(operation.asked_ns, complete_ns);
    if told.code == 0 && !operation.windows.is_empty() && !is_within(&operation.windows, after) {
        let parent = told.element.parent().unwrap_or(told.element);
        let element = parent.child("CompleteTime").unwrap_or(told.element);
        let draft = told.seen.breaks_at(&FINISHED_OUTSIDE, element);
        findings.add(operation.concern(draft).because(format!(
            "{} succeeded {after} s behind its request, and its windows are {}",
            operation.named(),
            words(&operation.windows)
        )));
    }
}

fn announced(ledger: &Ledger, operation: &Operation, told: &Told<'_>, findings: &mut Findings) {
    let facts = told.seen.session;
    let Some(facts) = facts.filter(|facts| facts.whole_inform().is_some()) else {
        return;
    };
    let events = facts.events();
    let has = |code: &str, key: Option<&str>| {
        events
            .iter()
            .any(|event| event.0.trim() == code && key.is_none_or(|key| event.1 == key))
    };
    let said = if operation.session == ledger.visit.number {
        "is reported in the session of its request"
    } else if events.len() >= EVENTS_MAX {
        return;
    } else if !has("7 TRANSFER COMPLETE", None) {
        "is reported in a session without 7 TRANSFER COMPLETE"
    } else if !has("M ScheduleDownload", Some(&operation.key)) {
        "is reported in a session without its M ScheduleDownload"
    } else {
        return;
    };
    let draft = told.seen.breaks_at(&LATER_SESSION, told.element);
    findings.add(
        operation
            .concern(draft)
            .because(format!("{} {said}", operation.named())),
    );
}

/// How long a device may take to start and report to its ACS.
const BOOT_SECONDS: i64 = 1800;
/// A full list leaves the oldest M events out (TR-069 Amendment 3 section A.3.3.1).
const EVENTS_MAX: usize = 64;
