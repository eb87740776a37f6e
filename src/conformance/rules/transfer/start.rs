//! When a transfer begins: not within the session where DelaySeconds forbids it, at its time, and within the hour
//! (TR-069 Amendment 3 Table 30).

use super::clock::{TOLERANCE_SECONDS, absolute_ns, later, seconds_between};
use super::delivery::Told;
use super::ledger::Ledger;
use super::operation::{Answer, Operation, What};
use super::url::Url;
use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Draft, Findings, Rule, Scope};
use crate::session::Severity;
use crate::source::Timestamp;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&WITHIN_SESSION, &OFF_TIME];

/// DelaySeconds above 0 keeps the transfer out of the session.
pub(super) const WITHIN_SESSION: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 30"), a3("A.3.2.8")],
    demands: "Where DelaySeconds is above 0, and for a multicast URL always, the file is not fetched before the session has ended.",
    why: "The ACS spreads a thousand upgrades over an hour by DelaySeconds; phones that fetch at once bring the file server down, and \
          one that applies the image in the session drops the session and the calls on it.",
    mend_cpe: "Queue the transfer when DelaySeconds is above 0 and start its timer; answer Status 1.",
    bad: "<cwmp:Download>...<DelaySeconds>300</DelaySeconds>\nGET /fw.bin HTTP/1.1 while the session still runs",
    good: "<cwmp:Download>...<DelaySeconds>300</DelaySeconds>\nGET /fw.bin HTTP/1.1 five minutes later",
    related: &["CWMP-DL-008", "CWMP-UL-004"],
    wireshark: "http.request.method == \"GET\" || xml contains \"DelaySeconds\"",
    ..Rule::must(
        "CWMP-DL-007",
        "no-delayed-transfer-within-the-session",
        Scope::Device,
    )
};

/// At its time, at most an hour behind it.
pub(super) const OFF_TIME: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 30")],
    demands: "A transfer begins DelaySeconds after its request, at most an hour later, or else fails and is reported as failed.",
    why: "Maintenance windows are planned with DelaySeconds. An image that is fetched too early reboots phones in working hours; one \
          that comes hours late, and is reported as success, does so on the next morning.",
    mend_cpe: "Start the timer when the Download arrives; give up and report a failure if the transfer has not begun an hour after it \
               ran out.",
    bad: "08:00 <cwmp:Download>...<DelaySeconds>3600</DelaySeconds>\n08:05 GET /fw.bin HTTP/1.1",
    good: "08:00 <cwmp:Download>...<DelaySeconds>3600</DelaySeconds>\n09:00 GET /fw.bin HTTP/1.1",
    related: &["CWMP-DL-007", "CWMP-DL-019", "CWMP-UL-004"],
    wireshark: "http.request.method == \"GET\" || xml contains \"DelaySeconds\"",
    ..Rule::must("CWMP-DL-008", "transfer-at-its-time", Scope::Device)
};

/// The session in which some were asked for has ended: what was fetched before that is known now.
pub(super) fn session_ended(ledger: &Ledger, number: u32, findings: &mut Findings) {
    for operation in &ledger.operations {
        if operation.session == number {
            fetched(ledger, operation, findings);
        }
    }
}

/// The file was asked for, for the first time, and the end of the session is known.
pub(super) fn fetched(ledger: &Ledger, operation: &Operation, findings: &mut Findings) {
    let (Some(fetched), Some(end_ns)) = (&operation.fetched, operation.session_end_ns) else {
        return;
    };
    if operation.what == What::ScheduleDownload || !alone(ledger, operation) {
        return;
    }
    let Some(url) = Url::parse(&operation.url) else {
        return;
    };
    let within = fetched.first_ns <= end_ns;
    let after = seconds_between(operation.asked_ns, fetched.first_ns);
    let early = i64::from(operation.delay_seconds) > after + FETCH_TOLERANCE_SECONDS;
    let (rule, said) = if within && (operation.delay_seconds > 0 || url.is_multicast()) {
        (&WITHIN_SESSION, "within the session")
    } else if early && !url.is_multicast() && !within {
        (&OFF_TIME, "before its time")
    } else {
        return;
    };
    let time = Timestamp {
        nanoseconds: fetched.first_ns,
        digits: 6,
    };
    let mut draft = Draft::of_frames(operation.rule(rule), &fetched.frames, time);
    draft.device = ledger.device.clone();
    draft.session = Some(operation.session);
    // A device may fetch its configuration for reasons of its own.
    if operation.configuration {
        draft = draft.at_most(Severity::Warning);
    }
    findings.add(operation.concern(draft).because(format!(
        "{} has DelaySeconds {}, and its file is asked for {said}, {after} s behind the request",
        operation.named(),
        operation.delay_seconds
    )));
}

/// A report tells when it began.
pub(super) fn reported(
    ledger: &Ledger,
    operation: &Operation,
    told: &Told<'_>,
    findings: &mut Findings,
) {
    if operation.what == What::ScheduleDownload
        || operation.answer != Answer::Accepted
        || told.code != 0
    {
        return;
    }
    let Some(url) = Url::parse(&operation.url) else {
        return;
    };
    let visit = &ledger.visit;
    let agrees = visit.clock_agrees && operation.clock_agreed;
    let start_ns = absolute_ns(&told.start).filter(|_| agrees);
    let is_its_own = ledger.complete
        || operation.fetched.is_some()
        || start_ns.is_some_and(|start_ns| start_ns >= operation.asked_ns);
    if !is_its_own {
        return;
    }
    if operation.session == visit.number {
        let delayed = operation.delay_seconds > 0 || url.is_multicast();
        // What was seen of the file tells the same.
        if delayed && operation.fetched.is_none() {
            let draft = told
                .seen
                .breaks_at(operation.rule(&WITHIN_SESSION), told.element);
            findings.add(operation.concern(draft).because(format!(
                "{} has DelaySeconds {}, and its success is reported within the session",
                operation.named(),
                operation.delay_seconds
            )));
        }
        return;
    }
    if !url.is_multicast() {
        off_time(operation, told, start_ns, findings);
    }
}

fn off_time(
    operation: &Operation,
    told: &Told<'_>,
    start_ns: Option<i64>,
    findings: &mut Findings,
) {
    let seen_ns = operation.fetched.as_ref().map(|fetched| fetched.first_ns);
    let Some(begun_ns) = seen_ns.or(start_ns) else {
        return;
    };
    let due_ns = operation.due_ns();
    let early = seen_ns.is_none()
        && operation.rebooted_ns.is_none()
        && begun_ns < later(due_ns, -TOLERANCE_SECONDS);
    let late = begun_ns > later(due_ns, HOUR_SECONDS + LATE_TOLERANCE_SECONDS)
        && operation.rebooted_ns.is_none();
    if !early && !late {
        return;
    }
    let after = seconds_between(operation.asked_ns, begun_ns);
    let draft = told.seen.breaks_at(operation.rule(&OFF_TIME), told.element);
    findings.add(operation.concern(draft).because(format!(
        "{} has DelaySeconds {}, and began {after} s behind the request",
        operation.named(),
        operation.delay_seconds
    )));
}

/// No other operation may be what asks for its file.
pub(super) fn alone(ledger: &Ledger, operation: &Operation) -> bool {
    let operations = ledger.operations.iter();
    let same = operations.filter(|other| other.url == operation.url && !other.dropped);
    same.count() == 1
        && !ledger
            .changes
            .iter()
            .any(|change| change.names(&operation.url))
}

/// A request that the capture saw leave, against a timer that began when the Download arrived.
const FETCH_TOLERANCE_SECONDS: i64 = 5;
const HOUR_SECONDS: i64 = 3600;
const LATE_TOLERANCE_SECONDS: i64 = 60;
