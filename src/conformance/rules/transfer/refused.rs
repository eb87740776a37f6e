//! Reports that the ACS does not take: who starts transfers takes their reports, and what was not taken comes again
//! (TR-069 Amendment 3 sections 3.6, A.3.3.2, 3.7.1.6).

use super::delivery::Told;
use super::ledger::{FRAMES_KEPT, Ledger, ended_well, is_seen_whole};
use super::operation::named;
use crate::conformance::rule::{ACS, CPE, a3};
use crate::conformance::{Closed, Exchange, Findings, Rule, Scope};
use crate::source::FrameId;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&REPORT_REFUSED, &CHANGE_REFUSED, &NOT_REPEATED];

/// An ACS that starts transfers knows TransferComplete.
const REPORT_REFUSED: Rule = Rule {
    blame: ACS,
    cites: &[a3("Table 5")],
    demands: "An ACS that sends Download, ScheduleDownload or Upload takes TransferComplete.",
    why: "The device must deliver its report before the transfer is over for it: it comes back with 7 TRANSFER COMPLETE in every \
          session, and its queue of three transfers fills up with reports that nobody takes.",
    mend_acs: "Implement TransferComplete and answer TransferCompleteResponse, whatever becomes of the report.",
    bad: "<cwmp:TransferComplete>...\n<cwmp:Fault><FaultCode>8000</FaultCode>...",
    good: "<cwmp:TransferComplete>...\n<cwmp:TransferCompleteResponse/>",
    related: &["CWMP-TC-009", "CWMP-DU-008"],
    wireshark: "xml contains \"8000\"",
    ..Rule::must("CWMP-DL-014", "acs-takes-transfer-complete", Scope::Device)
};

/// An ACS that changes deployment units knows DUStateChangeComplete.
const CHANGE_REFUSED: Rule = Rule {
    blame: ACS,
    versions: "1.2 and later",
    cites: &[a3("Table 5")],
    demands: "An ACS that sends ChangeDUState takes DUStateChangeComplete.",
    why: "The device repeats the report with 11 DU STATE CHANGE COMPLETE in every session, and the ACS never learns the UUIDs of \
          what was installed, so that it can neither update nor remove it.",
    mend_acs: "Implement DUStateChangeComplete and answer DUStateChangeCompleteResponse.",
    bad: "<cwmp:DUStateChangeComplete>...\n<cwmp:Fault><FaultCode>8000</FaultCode>...",
    good: "<cwmp:DUStateChangeComplete>...\n<cwmp:DUStateChangeCompleteResponse/>",
    related: &["CWMP-DL-014"],
    wireshark: "xml contains \"8000\"",
    ..Rule::must(
        "CWMP-DU-008",
        "acs-takes-du-state-change-complete",
        Scope::Device,
    )
};

/// What was not taken is sent again, in the next session.
const NOT_REPEATED: Rule = Rule {
    blame: CPE,
    cites: &[a3("A.3.3.2"), a3("3.7.1.5"), a3("3.7.1.6")],
    demands: "A TransferComplete that was answered with a fault other than 8005, or not at all, is sent again in the next session and \
              not in the same one.",
    why: "A phone that drops the report leaves the job open at the ACS for ever, one short outage of its database is enough; one that \
          repeats it at once in the same session goes round in a loop with an ACS that refuses it.",
    mend_cpe: "Keep the report and its events until TransferCompleteResponse has come; after a fault other than 8005 go on with the \
               session and send both again in the next one.",
    bad: "<cwmp:TransferComplete>... answered with fault 8002\nthe next Inform: 2 PERIODIC, no TransferComplete",
    good: "<cwmp:TransferComplete>... answered with fault 8002\nthe next Inform: 7 TRANSFER COMPLETE, M Download; TransferComplete",
    related: &["CWMP-TC-006", "CWMP-DL-014"],
    wireshark: "xml contains \"TransferComplete\" || xml contains \"cwmp:Fault\"",
    of_absence: true,
    ..Rule::must("CWMP-TC-009", "report-repeated-until-taken", Scope::Device)
};

/// A TransferComplete that the ACS did not take.
#[derive(Debug)]
pub struct Untaken {
    key: Box<str>,
    session: u32,
    /// FaultCode; `None` where no answer came.
    code: Option<u32>,
    issue_1: bool,
    frames: Vec<FrameId>,
}

/// A TransferComplete is sent, whatever comes of it.
pub(super) fn sent(ledger: &mut Ledger, told: &Told<'_>, findings: &mut Findings) {
    let number = ledger.visit.number;
    let again = |one: &Untaken| one.key == told.key && one.session == number;
    let faulted = ledger.untaken.iter().find(|one| again(one));
    if let Some(code) = faulted.and_then(|one| one.code)
        && code != RETRY
        && ledger.of_key(&told.key).count() == 1
    {
        let draft = told.seen.breaks_at(&NOT_REPEATED, told.element);
        findings.add(draft.because(format!(
            "{} comes again in the session in which it was answered with {code}",
            named("TransferComplete", &told.key)
        )));
    }
    ledger.untaken.retain(|one| one.key != told.key);
}

/// The ACS answered it with a fault.
pub(super) fn report(
    ledger: &mut Ledger,
    exchange: &Exchange<'_>,
    told: &Told<'_>,
    findings: &mut Findings,
) {
    let code = exchange.fault_code();
    if code == Some(METHOD_NOT_SUPPORTED) && !ledger.operations.is_empty() {
        let draft = exchange.breaks(&REPORT_REFUSED);
        findings
            .add(draft.because("the ACS asked for transfers, and does not know TransferComplete"));
    }
    if code.is_some() && ledger.untaken.len() < UNTAKEN_MAX {
        ledger.untaken.push(Untaken {
            key: told.key.clone(),
            session: ledger.visit.number,
            code,
            issue_1: told.seen.is_issue_1(),
            frames: super::ledger::some_frames(&told.seen),
        });
    }
}

/// The ACS answered DUStateChangeComplete with a fault.
pub(super) fn change(ledger: &Ledger, exchange: &Exchange<'_>, findings: &mut Findings) {
    if exchange.fault_code() == Some(METHOD_NOT_SUPPORTED) && !ledger.changes.is_empty() {
        let draft = exchange.breaks(&CHANGE_REFUSED);
        findings.add(
            draft.because("the ACS asked for changes, and does not know DUStateChangeComplete"),
        );
    }
}

/// The next session is where the report belongs.
pub(super) fn session_ended(ledger: &mut Ledger, closed: &Closed<'_>, findings: &mut Findings) {
    let number = closed.session.number;
    let whole = is_seen_whole(closed);
    if !whole {
        ledger.untaken.clear();
        return;
    }
    if !ended_well(closed.session) {
        unanswered(ledger, closed);
        return;
    }
    let mut untaken = std::mem::take(&mut ledger.untaken);
    untaken.retain(|one| {
        if one.session >= number {
            return true;
        }
        let mut draft = closed.breaks(&NOT_REPEATED).shown_in(&one.frames);
        draft = draft.rpc("TransferComplete");
        draft.issue_1 |= one.issue_1;
        let answer = one.code.map_or_else(
            || "got no answer".to_owned(),
            |code| format!("was answered with {code}"),
        );
        findings.add(draft.because(format!(
            "{} {answer} in session {}, and does not come again in session {number}",
            named("TransferComplete", &one.key),
            one.session
        )));
        false
    });
    ledger.untaken = untaken;
}

/// The session broke off with a TransferComplete that waits for its answer.
fn unanswered(ledger: &mut Ledger, closed: &Closed<'_>) {
    for asked in &closed.facts.asked_by_cpe {
        let envelope = asked.message.soap.as_ref();
        let envelope = envelope.and_then(|document| document.envelope(asked.envelope));
        let report = envelope.and_then(|envelope| envelope.transfer_complete());
        let Some(report) = report.filter(|_| asked.method == "TransferComplete") else {
            continue;
        };
        let key = super::ledger::bounded(&report.command_key);
        for operation in &mut ledger.operations {
            operation.told |= operation.key == key;
        }
        ledger.untaken.retain(|one| one.key != key);
        // A session that has begun since may have sent it again already.
        let is_latest = ledger.visit.number == closed.session.number;
        if is_latest && ledger.untaken.len() < UNTAKEN_MAX {
            let mut frames = asked.message.provenance.frames();
            frames.truncate(FRAMES_KEPT);
            ledger.untaken.push(Untaken {
                key,
                session: closed.session.number,
                code: None,
                issue_1: closed.facts.issue_1,
                frames,
            });
        }
    }
}

/// FaultCode 8005: send it again at once.
const RETRY: u32 = 8005;
/// FaultCode 8000.
const METHOD_NOT_SUPPORTED: u32 = 8000;
/// Reports that wait to be sent again; a device queues three transfers.
const UNTAKEN_MAX: usize = 8;
