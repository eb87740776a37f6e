//! Deployment units: each ChangeDUState and its report (TR-069 Amendment 3 sections A.4.1.10, A.4.2.3 and A.4.2.4).

use cwmp::{Element, EnvelopeRef};

use super::clock::{absolute_ns, later, seconds_between};
use super::ledger::{Ledger, bounded, child, is_seen_whole, shown, some_frames};
use super::operation::{Answer, Shown, named};
use super::refused;
use super::url::Url;
use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Closed, Draft, Exchange, Findings, Gist, Parameters, Rule, Scope, Seen};
use crate::session::Cause;
use crate::source::FrameId;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&REPORT, &SIXTEEN, &AGAIN, &LATE];

/// Each ChangeDUState has one report.
const REPORT: Rule = Rule {
    blame: CPE,
    versions: "1.2 and later",
    cites: &[a3("A.4.1.10"), a3("A.4.2.3")],
    demands: "An accepted ChangeDUState leads to one DUStateChangeComplete with its CommandKey, in a later session, within 24 hours, with at \
              least one result for each operation and in their order.",
    why: "The report is where the ACS learns the UUID, version and reference of each unit. Without a result, or with the results of two \
          operations swapped, it keeps the wrong inventory and later updates or removes the wrong application.",
    mend_cpe: "Collect one result for each operation, in the order of the request, and send DUStateChangeComplete with 11 DU STATE CHANGE \
               COMPLETE and M ChangeDUState when the last one is done, or 24 hours have passed.",
    bad: "<cwmp:ChangeDUState> with two operations\n<cwmp:DUStateChangeComplete> with one <Results>",
    good: "<cwmp:ChangeDUState> with two operations\n<cwmp:DUStateChangeComplete> with two <Results>, in the same order",
    related: &["CWMP-DU-008", "CWMP-ADSC-002"],
    wireshark: "xml contains \"DUState\"",
    of_absence: true,
    ..Rule::must("CWMP-DU-005", "report-of-change-du-state", Scope::Device)
};

/// Sixteen operations fit.
const SIXTEEN: Rule = Rule {
    blame: CPE,
    versions: "1.2 and later",
    cites: &[a3("A.4.1.10")],
    demands: "A ChangeDUState with up to sixteen operations is not answered with 9004.",
    why: "An ACS that fills a new gateway puts its applications into one call; one that has to split it after a fault asks for the same units \
          twice.",
    mend_cpe: "Take at least sixteen operations in one ChangeDUState; report what does not fit on the disk by 9027 in its result.",
    bad: "<Operations xsi:type=\"cwmp:InstallOpStruct\">... twice\n<cwmp:Fault><FaultCode>9004</FaultCode>...",
    good: "<Operations xsi:type=\"cwmp:InstallOpStruct\">... twice\n<cwmp:ChangeDUStateResponse/>",
    related: &["CWMP-DU-005"],
    wireshark: "xml contains \"ChangeDUState\" || xml contains \"9004\"",
    ..Rule::must("CWMP-DU-006", "sixteen-operations-fit", Scope::Exchange)
};

/// A failed operation is the ACS's to repeat.
const AGAIN: Rule = Rule {
    blame: CPE,
    versions: "1.2 and later",
    cites: &[a3("A.4.1.10")],
    demands: "An operation that has been reported as failed is not tried again by the device on its own.",
    why: "The ACS believes the unit is not there and may install another one in its place; the late success leaves two, and nobody is told of \
          the first.",
    mend_cpe: "Retry before the DUStateChangeComplete; drop the operation once its failure is in the report.",
    bad: "<cwmp:DUStateChangeComplete>...<FaultCode>9016</FaultCode>\nGET /app.ipk HTTP/1.1 two minutes later",
    good: "<cwmp:DUStateChangeComplete>...<FaultCode>9016</FaultCode>\na new <cwmp:ChangeDUState>, then GET /app.ipk HTTP/1.1",
    related: &["CWMP-DL-009", "CWMP-DU-005"],
    wireshark: "http.request.method == \"GET\" || xml contains \"DUStateChangeComplete\"",
    ..Rule::must(
        "CWMP-DU-010",
        "no-retry-behind-a-failed-operation",
        Scope::Device,
    )
};

/// What the device changed by itself is told within a day.
const LATE: Rule = Rule {
    blame: CPE,
    versions: "1.2 and later",
    cites: &[a3("A.4.2.4")],
    demands: "A change of deployment units that the ACS did not ask for is reported within 24 hours of its completion.",
    why: "Until then the ACS works with the wrong inventory: it updates what the user has removed, and its ChangeDUState fails with 9028 or \
          9029.",
    mend_cpe: "Open a session with 12 AUTONOMOUS DU STATE CHANGE COMPLETE when a local change is done, at the latest a day later.",
    bad: "2026-03-04T08:00:00Z <cwmp:AutonomousDUStateChangeComplete>...<CompleteTime>2026-03-02T07:00:00Z</CompleteTime>",
    good: "2026-03-02T08:00:00Z <cwmp:AutonomousDUStateChangeComplete>...<CompleteTime>2026-03-02T07:00:00Z</CompleteTime>",
    related: &["CWMP-DU-005"],
    wireshark: "xml contains \"AutonomousDUStateChangeComplete\"",
    ..Rule::must(
        "CWMP-ADSC-002",
        "autonomous-change-reported-within-a-day",
        Scope::Device,
    )
};

/// A ChangeDUState.
#[derive(Debug)]
pub struct Change {
    pub key: Box<str>,
    session: u32,
    asked_ns: i64,
    /// Operations of the request, all of them.
    count: usize,
    /// URL and UUID of each, as far as they are kept, and whether it has credentials.
    units: Vec<Unit>,
    answer: Answer,
    /// The session of its report, and when.
    report: Option<(u32, i64)>,
    /// A result of it was a failure.
    failed: bool,
    told: bool,
    pub dropped: bool,
    holes: u32,
    missed: Option<Shown>,
    issue_1: bool,
    frames: Vec<FrameId>,
}

#[derive(Debug)]
struct Unit {
    url: Box<str>,
    uuid: Box<str>,
    credentials: bool,
}

impl Change {
    /// One of its operations names this URL.
    pub(super) fn names(&self, url: &str) -> bool {
        self.units.iter().any(|unit| &*unit.url == url)
    }

    /// Completes a finding about it.
    pub(super) fn concern(&self, draft: Draft) -> Draft {
        let mut draft = draft.rpc("ChangeDUState").shown_in(&self.frames);
        draft.issue_1 |= self.issue_1;
        draft
    }
}

/// The ACS asks for changes.
pub(super) fn asked(ledger: &mut Ledger, seen: &Seen<'_>, envelope: &EnvelopeRef<'_>) {
    let Some(message) = envelope.message() else {
        return;
    };
    let operations = || entries(message, "Operations");
    if ledger.changes.len() >= CHANGES_MAX {
        ledger.changes.remove(0);
        ledger.unsure();
    }
    ledger.changes.push(Change {
        key: bounded(&child(message, "CommandKey")),
        session: ledger.visit.number,
        asked_ns: seen.message.provenance.time.nanoseconds,
        count: operations().count(),
        units: operations().take(UNITS_MAX).map(unit).collect(),
        answer: Answer::Unknown,
        report: None,
        failed: false,
        told: false,
        dropped: false,
        holes: ledger.holes,
        missed: None,
        issue_1: seen.is_issue_1(),
        frames: some_frames(seen),
    });
}

fn unit(operation: Element<'_>) -> Unit {
    Unit {
        url: bounded(child(operation, "URL").trim()),
        uuid: bounded(child(operation, "UUID").trim()),
        credentials: !child(operation, "Username").is_empty()
            || !child(operation, "Password").is_empty(),
    }
}

/// The device answered.
pub(super) fn answered(ledger: &mut Ledger, exchange: &Exchange<'_>) {
    let asked_ns = exchange.asked.message.provenance.time.nanoseconds;
    let time_ns = exchange.answer.message.provenance.time.nanoseconds;
    let mut changes = ledger.changes.iter_mut();
    if let Some(change) = changes.rfind(|change| change.asked_ns == asked_ns) {
        change.answer = if exchange.is_fault() {
            Answer::Refused { time_ns }
        } else {
            Answer::Accepted
        };
    }
}

/// Looks at a ChangeDUState that was refused for its size.
pub(super) fn look(exchange: &Exchange<'_>, findings: &mut Findings) {
    if exchange.method() != "ChangeDUState" || exchange.fault_code() != Some(9004) {
        return;
    }
    let message = exchange.request().and_then(|request| request.message());
    let count = message.map_or(0, |message| entries(message, "Operations").count());
    if (1..=OPERATIONS_AT_LEAST).contains(&count) {
        let draft = exchange.breaks(&SIXTEEN);
        findings.add(draft.because(format!(
            "a ChangeDUState with {count} operations was answered with 9004"
        )));
    }
}

/// The device reports.
pub(super) fn reported(ledger: &mut Ledger, exchange: &Exchange<'_>, findings: &mut Findings) {
    let message = exchange.request().and_then(|request| request.message());
    let Some(message) = message else {
        return;
    };
    let key = bounded(&child(message, "CommandKey"));
    for change in ledger.changes.iter_mut().filter(|change| change.key == key) {
        change.told = true;
    }
    if exchange.is_fault() {
        refused::change(ledger, exchange, findings);
        return;
    }
    let of_key = ledger.changes.iter().filter(|change| change.key == key);
    if of_key.count() != 1 {
        return;
    }
    let seen = Seen {
        message: &exchange.asked.message,
        parameters: Parameters::none(),
        gist: Gist::none(),
        ..exchange.answer
    };
    let number = ledger.visit.number;
    let complete = ledger.complete;
    let Some(change) = ledger.changes.iter_mut().find(|change| change.key == key) else {
        return;
    };
    if let Some(said) = wrong(change, message, number, complete) {
        let draft = seen.breaks_at(&REPORT, message);
        let draft = change.concern(draft).rpc("DUStateChangeComplete");
        findings.add(draft.because(format!("{} {said}", named("ChangeDUState", &key))));
    }
    let now_ns = seen.message.provenance.time.nanoseconds;
    change.report.get_or_insert((number, now_ns));
    let codes = results(message).map(|result| {
        let fault = result.child("Fault").or(result.child("FaultStruct"));
        fault.map(|fault| child(fault, "FaultCode").trim().to_owned())
    });
    change.failed |= codes
        .flatten()
        .any(|code| !matches!(code.as_str(), "" | "0"));
}

fn results(message: Element<'_>) -> impl Iterator<Item = Element<'_>> {
    entries(message, "Results")
}

/// Operations and Results are repeated elements; some wrap them in an array all the same.
fn entries<'a>(message: Element<'a>, name: &'static str) -> impl Iterator<Item = Element<'a>> {
    let lists = message.children().filter(move |child| child.is_named(name));
    lists.flat_map(|one| {
        let is_entry = one.is_leaf() || one.child("UUID").is_some() || one.child("URL").is_some();
        let within = (!is_entry).then(|| one.children());
        is_entry
            .then_some(one)
            .into_iter()
            .chain(within.into_iter().flatten())
    })
}

/// What is wrong with a report of it.
fn wrong(change: &Change, message: Element<'_>, number: u32, complete: bool) -> Option<String> {
    if change.answer != Answer::Accepted || change.dropped {
        return None;
    }
    if let Some((session, _)) = change.report.filter(|_| complete) {
        return Some(format!("was reported in session {session} already"));
    }
    if change.session == number && complete {
        return Some("is reported in the session of its request".to_owned());
    }
    let count = results(message).count();
    let of_change = |result: Element<'_>| {
        let uuid = child(result, "UUID");
        let mut units = change.units.iter();
        units.any(|unit| !unit.uuid.is_empty() && unit.uuid.eq_ignore_ascii_case(uuid.trim()))
    };
    let is_its_own = complete || results(message).take(UNITS_MAX).any(of_change);
    if is_its_own && count < change.count {
        return Some(format!(
            "has {} operations, and {count} results",
            change.count
        ));
    }
    out_of_order(change, message).map(|uuid| format!("has its result for {uuid} out of order"))
}

/// The first result that stands before one of an earlier operation; told by UUIDs that occur once.
fn out_of_order(change: &Change, message: Element<'_>) -> Option<String> {
    let mut furthest = 0;
    for result in results(message).take(UNITS_MAX) {
        let uuid = child(result, "UUID");
        let uuid = uuid.trim();
        let mut places = change
            .units
            .iter()
            .enumerate()
            .filter(|(_, unit)| !uuid.is_empty() && unit.uuid.eq_ignore_ascii_case(uuid));
        let (Some((at, _)), None) = (places.next(), places.next()) else {
            continue;
        };
        if at < furthest {
            return Some(uuid.chars().take(UUID_CHARACTERS).collect());
        }
        furthest = at;
    }
    None
}

/// The device tells of changes of its own.
pub(super) fn autonomous(ledger: &mut Ledger, exchange: &Exchange<'_>, findings: &mut Findings) {
    let visit = &ledger.visit;
    // A report that could not be delivered earlier is late for a reason.
    let excused = visit.retries > 0 || ledger.failed_before || ledger.change_untaken;
    ledger.change_untaken = exchange.is_fault();
    let message = exchange.request().and_then(|request| request.message());
    let (Some(message), Some(since_ns)) = (message, ledger.since_ns) else {
        return;
    };
    if excused || exchange.is_fault() || !ledger.visit.clock_agrees {
        return;
    }
    let seen = Seen {
        message: &exchange.asked.message,
        parameters: Parameters::none(),
        ..exchange.answer
    };
    let now_ns = seen.message.provenance.time.nanoseconds;
    for result in results(message) {
        let Some(time) = result.child("CompleteTime") else {
            continue;
        };
        // Earlier attempts may lie before the capture.
        let complete_ns = absolute_ns(&time.text()).filter(|time| *time > since_ns);
        if complete_ns.is_some_and(|complete| now_ns > later(complete, DAY_SECONDS + 60)) {
            let draft = seen.breaks_at(&LATE, time);
            let draft = draft.rpc("AutonomousDUStateChangeComplete");
            findings.add(draft.because(format!(
                "a change that was complete at {} is reported {} h later",
                time.text(),
                seconds_between(complete_ns.unwrap_or(now_ns), now_ns) / 3600
            )));
            return;
        }
    }
}

/// A session ended well: were reports due?
pub(super) fn session_ended(ledger: &mut Ledger, closed: &Closed<'_>) {
    if !is_seen_whole(closed) {
        return;
    }
    for change in &mut ledger.changes {
        let due_ns = later(change.asked_ns, DAY_SECONDS + 600);
        if closed.session.start.nanoseconds > due_ns && change.missed.is_none() {
            change.missed = Some(shown(closed));
        }
    }
}

/// The capture is over.
pub(super) fn never_came(ledger: &Ledger, findings: &mut Findings) {
    for change in &ledger.changes {
        let twins = ledger
            .changes
            .iter()
            .filter(|other| other.key == change.key);
        if change.answer != Answer::Accepted
            || change.told
            || change.dropped
            || change.holes != ledger.holes
            || twins.count() != 1
        {
            continue;
        }
        let Some(missed) = &change.missed else {
            continue;
        };
        let mut draft = Draft::of_frames(&REPORT, &missed.frames, missed.time);
        draft.device = ledger.device.clone();
        draft.session = Some(missed.session);
        findings.add(change.concern(draft).because(format!(
            "{} was accepted more than 24 h ago, and is not reported",
            named("ChangeDUState", &change.key)
        )));
    }
}

/// The change, and the URL in it, that a request for a file carries out.
pub(super) fn of_file<'l>(
    ledger: &'l Ledger,
    cause: &Cause,
    target: &str,
) -> Option<(&'l Change, Url)> {
    let mut changes = ledger.changes.iter();
    let change = changes
        .find(|change| change.session == cause.session && *change.key == *cause.command_key)?;
    let urls = change.units.iter().filter_map(|unit| Url::parse(&unit.url));
    let url = urls.rev().find(|url| target.ends_with(&url.target))?;
    Some((change, url))
}

/// The change that gave no credentials for any of its files.
pub(super) fn without_credentials<'l>(ledger: &'l Ledger, cause: &Cause) -> Option<&'l Change> {
    ledger.changes.iter().find(|change| {
        let with_url = |unit: &&Unit| !unit.url.is_empty();
        change.session == cause.session
            && *change.key == *cause.command_key
            && change.units.iter().any(|unit| with_url(&unit))
            && change
                .units
                .iter()
                .filter(with_url)
                .all(|unit| !unit.credentials && !unit.url.contains('@'))
    })
}

/// A file is asked for: once more, behind the report of its failure?
pub(super) fn fetched_again(
    ledger: &Ledger,
    change: &Change,
    url: &Url,
    seen: &Seen<'_>,
    findings: &mut Findings,
) {
    let now_ns = seen.message.provenance.started.nanoseconds;
    let over = change.report.is_some_and(|(_, time_ns)| time_ns < now_ns) && change.failed;
    if !over || change.holes != ledger.holes {
        return;
    }
    let same = |text: &str| Url::parse(text).as_ref() == Some(url);
    let elsewhere = ledger.operations.iter().any(|other| same(&other.url))
        || ledger.changes.iter().any(|other| {
            other.asked_ns != change.asked_ns && other.units.iter().any(|unit| same(&unit.url))
        });
    // Where several operations were asked for, this one may be among those that succeeded.
    if !elsewhere && change.count == 1 {
        let draft = change.concern(seen.breaks(&AGAIN));
        findings.add(draft.because(format!(
            "{} has been reported as failed, and its file is asked for again",
            named("ChangeDUState", &change.key)
        )));
    }
}

/// ChangeDUState kept of one device.
const CHANGES_MAX: usize = 8;
/// Operations kept of one; a device need take sixteen.
const UNITS_MAX: usize = 64;
const OPERATIONS_AT_LEAST: usize = 16;
const UUID_CHARACTERS: usize = 36;
const DAY_SECONDS: i64 = 24 * 3600;
