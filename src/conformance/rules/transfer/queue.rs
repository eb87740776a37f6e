//! The queue: three places at least, and what is listed of it (TR-069 Amendment 3 sections A.3.2.8, A.4.1.1 and A.4.1.7).

use super::ledger::{Ledger, bounded, child};
use super::operation::{Answer, What};
use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Exchange, Findings, Rule, Scope};
use crate::session::Severity;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&TOO_SHORT, &LIST];

/// Three transfers fit.
pub(super) const TOO_SHORT: Rule = Rule {
    blame: CPE,
    cites: &[a3("A.3.2.8"), a3("A.4.1.5"), a3("A.4.1.8")],
    demands: "The device can queue at least three transfers: it does not answer a Download with 9004 while fewer are open.",
    why: "An ACS sends firmware, configuration and ring tones in one session. A device with a queue of one refuses the second with \
          `Resources exceeded`, and a new phone comes up with the image but without its configuration.",
    mend_cpe: "Make the queue of transfers at least three long, stored over reboots.",
    bad: "<cwmp:DownloadResponse><Status>1</Status>...\nthe next <cwmp:Download>: <cwmp:Fault><FaultCode>9004</FaultCode>...",
    good: "<cwmp:DownloadResponse><Status>1</Status>...\nthe next <cwmp:Download>: <cwmp:DownloadResponse><Status>1</Status>...",
    related: &["CWMP-GQT-003", "CWMP-UL-004"],
    wireshark: "xml contains \"9004\"",
    ..Rule::must("CWMP-DL-012", "queue-of-three-transfers", Scope::Device)
};

/// What is open is listed.
const LIST: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: CPE,
    cites: &[a3("A.4.1.1"), a3("A.4.1.7")],
    demands: "The list of queued transfers holds those that were asked for and are not over, and no others.",
    why: "An ACS that finds its job missing from the list asks for the transfer again, and the phone fetches the image twice; one that finds \
          a key it never gave cannot tell what the device is busy with.",
    mend_cpe: "List each transfer from DownloadResponse to TransferCompleteResponse, with the CommandKey of its request.",
    bad: "<cwmp:DownloadResponse><Status>1</Status>... for fw-7, DelaySeconds 600\n<cwmp:GetQueuedTransfersResponse><TransferList soapenc:arrayType=\"cwmp:QueuedTransferStruct[0]\"/>...",
    good: "<cwmp:GetQueuedTransfersResponse>...<QueuedTransferStruct><CommandKey>fw-7</CommandKey><State>1</State>...",
    related: &["CWMP-DL-012"],
    wireshark: "xml contains \"QueuedTransfers\"",
    ..Rule::heuristic("CWMP-GQT-003", "queue-lists-what-is-open", Scope::Device)
};

/// A transfer was refused.
pub(super) fn refused(ledger: &Ledger, exchange: &Exchange<'_>, findings: &mut Findings) {
    if exchange.fault_code() != Some(RESOURCES_EXCEEDED) {
        return;
    }
    let number = ledger.visit.number;
    let since = ledger.listed.filter(|(session, _)| *session == number);
    let open = ledger.operations.iter().filter(|one| one.is_open());
    let open = match since {
        // What the list said, and what has come since.
        Some((_, listed)) => listed + open.filter(|one| one.session == number).count(),
        None if ledger.complete => open.count() + ledger.changes.len(),
        None => return,
    };
    let asked_ns = exchange.asked.message.provenance.time.nanoseconds;
    let Some(operation) = ledger
        .operations
        .iter()
        .rfind(|one| one.asked_ns == asked_ns)
    else {
        return;
    };
    if open >= PLACES {
        return;
    }
    let draft = operation.concern(exchange.breaks(operation.rule(&TOO_SHORT)));
    let draft = draft.because(format!(
        "{} was answered with 9004 while {open} transfers are open",
        operation.named()
    ));
    // The file itself may be too large.
    findings.add(if operation.size_told {
        draft.at_most(Severity::Warning)
    } else {
        draft
    });
}

/// The device lists its queue.
pub(super) fn listed(ledger: &mut Ledger, exchange: &Exchange<'_>, findings: &mut Findings) {
    let message = exchange.response().and_then(|response| response.message());
    let Some(message) = message.filter(|_| !exchange.is_fault()) else {
        return;
    };
    let all = exchange.method() == "GetAllQueuedTransfers";
    let list = message.child("TransferList");
    let entries = list.iter().flat_map(cwmp::Element::children);
    let keys: Vec<Box<str>> = entries
        .take(ENTRIES_MAX)
        .map(|entry| bounded(&child(entry, "CommandKey")))
        .collect();
    if all {
        ledger.listed = Some((ledger.visit.number, keys.len()));
    }
    if keys.len() >= ENTRIES_MAX {
        return;
    }
    unlisted(ledger, exchange, all, &keys, findings);
    let known = |key: &str| ledger.of_key(key).next().is_some();
    let facts = exchange.answer.session;
    if !ledger.complete || facts.is_none_or(|facts| facts.damaged) {
        return;
    }
    let unknown = keys.iter().find(|key| !key.is_empty() && !known(key));
    if let Some(key) = unknown {
        let draft = exchange.breaks(&LIST);
        findings.add(draft.because(format!(
            "a transfer with the CommandKey '{key}' is listed, and none was asked for"
        )));
    }
}

/// Open, and not in the list: over, or forgotten.
fn unlisted(
    ledger: &mut Ledger,
    exchange: &Exchange<'_>,
    all: bool,
    keys: &[Box<str>],
    findings: &mut Findings,
) {
    let number = ledger.visit.number;
    for operation in &mut ledger.operations {
        let covered = all || operation.what != What::ScheduleDownload;
        if !covered
            || operation.answer != Answer::Accepted
            || !operation.is_open()
            || keys.contains(&operation.key)
        {
            continue;
        }
        if operation.session != number {
            operation.over.get_or_insert(number);
        } else if operation.delay_seconds > 0 {
            let draft = operation
                .concern(exchange.breaks(&LIST))
                .rpc(exchange.method());
            findings.add(draft.because(format!(
                "{} has been accepted in this session with DelaySeconds {}, and is not listed",
                operation.named(),
                operation.delay_seconds
            )));
        }
    }
}

/// FaultCode 9004.
const RESOURCES_EXCEEDED: u32 = 9004;
/// Transfers that any device can queue.
const PLACES: usize = 3;
/// Entries that a list may have (TR-069 Amendment 3 Table 59).
const ENTRIES_MAX: usize = 16;
