//! New software: success is what runs (TR-069 Amendment 3 sections A.3.2.8 and A.4.1.8).

use super::clock::later;
use super::ledger::{Ledger, Visit};
use super::operation::{Answer, Operation, What};
use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Draft, Findings, Rule, Scope, Seen};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&BEFORE_IT_RUNS, &IN_ITS_SESSION, &SCHEDULED];

/// Success of an image is reported when it runs.
const BEFORE_IT_RUNS: Rule = Rule {
    blame: CPE,
    cites: &[a3("A.3.2.8")],
    demands: "The success of an image that replaces the device's software is reported only when it runs: SoftwareVersion is the new one in \
              that session.",
    why: "The ACS takes FaultCode 0 for a finished upgrade and goes on: it writes settings for the new version to the old one, or marks a \
          phone as upgraded whose flash failed afterwards and which still runs the old image.",
    mend_cpe: "Store the report, apply the image, reboot, and send TransferComplete from the new image.",
    bad: "Inform with SoftwareVersion 1.0; TransferComplete with FaultCode 0\nthe next Inform: 1 BOOT, SoftwareVersion 2.0",
    good: "Inform: 1 BOOT, 7 TRANSFER COMPLETE, SoftwareVersion 2.0; TransferComplete with FaultCode 0",
    related: &["CWMP-DL-011", "CWMP-SDL-007"],
    wireshark: "xml contains \"TransferComplete\" || xml contains \"SoftwareVersion\"",
    ..Rule::must("CWMP-DL-010", "success-when-the-image-runs", Scope::Device)
};

/// What needs a reboot is not done before it.
const IN_ITS_SESSION: Rule = Rule {
    blame: CPE,
    cites: &[a3("A.3.2.8")],
    demands: "If the device has to reboot to apply a file, it answers Status 1 and reports success in a later session.",
    why: "With Status 0 the ACS closes the job and may start the next one, a configuration or a second image, into the reboot that it does \
          not know of; what it sends then is lost.",
    mend_cpe: "Answer Status 1, reboot, and report by TransferComplete from the new image.",
    bad: "<cwmp:DownloadResponse><Status>0</Status>...\nthe next Inform: 1 BOOT, another SoftwareVersion",
    good: "<cwmp:DownloadResponse><Status>1</Status>...\nthe next Inform: 1 BOOT, 7 TRANSFER COMPLETE, another SoftwareVersion",
    related: &["CWMP-DL-010"],
    wireshark: "xml contains \"DownloadResponse\" || xml contains \"1 BOOT\"",
    ..Rule::must("CWMP-DL-011", "success-behind-the-reboot", Scope::Device)
};

/// The same for a scheduled image.
const SCHEDULED: Rule = Rule {
    versions: "1.2 and later",
    cites: &[a3("A.4.1.8")],
    demands: "The success of a scheduled image that replaces the device's software is reported only when it runs.",
    bad: "Inform: 7 TRANSFER COMPLETE, M ScheduleDownload, SoftwareVersion 1.0; TransferComplete with FaultCode 0\nthe next Inform: 1 BOOT, SoftwareVersion 2.0",
    good: "Inform: 1 BOOT, 7 TRANSFER COMPLETE, M ScheduleDownload, SoftwareVersion 2.0; TransferComplete with FaultCode 0",
    related: &["CWMP-DL-010", "CWMP-SDL-006"],
    ..renamed(
        BEFORE_IT_RUNS,
        "CWMP-SDL-007",
        "scheduled-success-when-the-image-runs",
    )
};

const fn renamed(rule: Rule, code: &'static str, name: &'static str) -> Rule {
    Rule { code, name, ..rule }
}

/// An Inform: which software runs now?
pub(super) fn informed(ledger: &mut Ledger, seen: &Seen<'_>, findings: &mut Findings) {
    if !ledger.visit.boot || ledger.visit.version.is_none() {
        return;
    }
    let judged = ledger.operations.iter().filter(|one| {
        one.image && !one.software_seen && !one.dropped && one.session != ledger.visit.number
    });
    for operation in judged {
        // Without the beginning, an older image may be what is applied.
        let known = ledger.complete || operation.fetched.is_some();
        if known && operation.holes == ledger.holes && is_the_only_image(ledger, operation) {
            judge(ledger, operation, seen, findings);
        }
    }
    // A boot later than the first tells nothing of them.
    for operation in &mut ledger.operations {
        let reported = operation.report.is_some() || operation.answer == Answer::Done;
        operation.software_seen |= reported;
    }
}

fn judge(ledger: &Ledger, operation: &Operation, seen: &Seen<'_>, findings: &mut Findings) {
    let visit = &ledger.visit;
    if !has_changed(operation, visit) {
        return;
    }
    let (told_ns, session, version) = match (&operation.report, operation.answer) {
        (Some(report), _) if !report.failed => (report.time_ns, report.session, &report.version),
        (None, Answer::Done) => (operation.asked_ns, operation.session, &operation.version),
        _ => return,
    };
    let autonomous = ledger.autonomous_ns.is_some_and(|time| time > told_ns);
    let long_ago = visit.started_ns > later(told_ns, DAY_SECONDS);
    if *version != operation.version || autonomous || long_ago {
        return;
    }
    let rule = match operation.what {
        What::ScheduleDownload => &SCHEDULED,
        // A reboot that the ACS asked for is its own.
        _ if session == operation.session && visit.rebooted_by_acs => return,
        _ if session == operation.session => &IN_ITS_SESSION,
        _ => &BEFORE_IT_RUNS,
    };
    let draft = operation.concern(at_version(seen, rule));
    findings.add(draft.because(format!(
        "{} was a success in session {session} with SoftwareVersion {}, and the device starts with {} now",
        operation.named(),
        operation.version.as_deref().unwrap_or_default(),
        visit.version.as_deref().unwrap_or_default()
    )));
}

/// The device runs another version than when it was asked.
pub(super) fn has_changed(operation: &Operation, visit: &Visit) -> bool {
    match (&operation.version, &visit.version) {
        (Some(before), Some(now)) => before != now,
        _ => false,
    }
}

/// No other image may be what changed the version.
pub(super) fn is_the_only_image(ledger: &Ledger, operation: &Operation) -> bool {
    let images = ledger.operations.iter().filter(|other| {
        other.image
            && !other.software_seen
            && !other.dropped
            && !matches!(other.answer, Answer::Refused { .. })
    });
    operation.image && images.count() == usize::from(!operation.software_seen)
}

/// A finding about an Inform, with a mark on its SoftwareVersion.
pub(super) fn at_version(seen: &Seen<'_>, rule: &'static Rule) -> Draft {
    let inform = seen.inform();
    let parameter = inform.and_then(|inform| inform.parameter("DeviceInfo.SoftwareVersion"));
    match parameter.and_then(|parameter| parameter.value_element()) {
        Some(value) => seen.breaks_at(rule, value),
        None => seen.breaks(rule),
    }
}

/// Later, software may have changed for reasons of its own.
const DAY_SECONDS: i64 = 24 * 3600;
