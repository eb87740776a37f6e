//! CancelTransfer: what is cancelled is not reported (TR-069 Amendment 3 section A.4.1.9).

use super::clock::{TOLERANCE_SECONDS, absolute_ns, later};
use super::delivery::Told;
use super::ledger::{Ledger, bounded, child};
use super::operation::Answer;
use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Exchange, Findings, Rule, Scope};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&REPORTED, &CODE, &WENT_ON];

/// No report of what was cancelled.
const REPORTED: Rule = Rule {
    blame: CPE,
    versions: "1.2 and later",
    cites: &[a3("A.4.1.9")],
    demands: "After CancelTransferResponse no TransferComplete comes for the transfers with that CommandKey.",
    why: "The ACS has withdrawn the image, often because it is broken, and a report says that the phone has it all the same.",
    mend_cpe: "Remove the transfer and its pending events from the queue before answering CancelTransfer; if it is too late, answer 9021.",
    bad: "<cwmp:CancelTransfer><CommandKey>fw-7</CommandKey>... <cwmp:CancelTransferResponse/>\n<cwmp:TransferComplete><CommandKey>fw-7</CommandKey>... begun behind it",
    good: "<cwmp:CancelTransfer><CommandKey>fw-7</CommandKey>... <cwmp:CancelTransferResponse/>\nnothing more of fw-7",
    related: &["CWMP-CT-003", "CWMP-CT-002"],
    wireshark: "xml contains \"CancelTransfer\" || xml contains \"TransferComplete\"",
    ..Rule::must(
        "CWMP-CT-001",
        "no-report-of-a-cancelled-transfer",
        Scope::Device,
    )
};

/// Faults of CancelTransfer.
const CODE: Rule = Rule {
    blame: CPE,
    versions: "1.2 and later",
    cites: &[a3("A.4.1.9")],
    demands: "A CancelTransfer with an unknown CommandKey is answered without a fault, and with 9021 where the transfer cannot be cancelled \
              any more; 9000, 9001, 9004 and vendor codes are the only others.",
    why: "An ACS cancels to be sure, also what has ended long ago. A 9003 or 9005 for an unknown key makes it believe that the transfer still \
          runs, and it tries to cancel in every session.",
    mend_cpe: "Answer CancelTransferResponse for a key that names nothing, and 9021 for a transfer that is being applied.",
    bad: "<cwmp:CancelTransfer><CommandKey>old</CommandKey>\n<cwmp:Fault><FaultCode>9005</FaultCode>...",
    good: "<cwmp:CancelTransfer><CommandKey>old</CommandKey>\n<cwmp:CancelTransferResponse/>",
    related: &["CWMP-CT-001"],
    wireshark: "xml contains \"CancelTransfer\"",
    ..Rule::must(
        "CWMP-CT-002",
        "fault-codes-of-cancel-transfer",
        Scope::Exchange,
    )
};

/// All with this key, or 9021.
const WENT_ON: Rule = Rule {
    blame: CPE,
    versions: "1.2 and later",
    cites: &[a3("A.4.1.9")],
    demands: "A CancelTransfer concerns every transfer with its CommandKey; if one of them cannot be cancelled, the answer is 9021.",
    why: "The ACS was told that nothing is left, and a transfer that ran at that moment ends an hour later with a reboot.",
    mend_cpe: "Check all transfers with the key before answering; answer 9021 if one is past the point where it can be stopped.",
    bad: "10:00 GET /fw.bin, 10:05 <cwmp:CancelTransferResponse/>\n<cwmp:TransferComplete>...<StartTime>10:00</StartTime><CompleteTime>10:20</CompleteTime>",
    good: "10:00 GET /fw.bin, 10:05 <cwmp:Fault><FaultCode>9021</FaultCode>...\n<cwmp:TransferComplete>...",
    related: &["CWMP-CT-001"],
    wireshark: "xml contains \"CancelTransfer\" || xml contains \"TransferComplete\"",
    ..Rule::must(
        "CWMP-CT-003",
        "cancel-concerns-all-of-its-key",
        Scope::Device,
    )
};

/// Looks at a CancelTransfer that was answered with a fault.
pub(super) fn look(exchange: &Exchange<'_>, findings: &mut Findings) {
    if exchange.method() != "CancelTransfer" || !exchange.is_fault() {
        return;
    }
    let Some(code) = exchange.fault_code() else {
        return;
    };
    if !matches!(code, 9000 | 9001 | 9004 | 9021 | 9800..=9899) {
        let draft = exchange.breaks(&CODE);
        findings.add(draft.because(format!("CancelTransfer was answered with {code}")));
    }
}

/// A CancelTransfer was answered.
pub(super) fn cancelled(ledger: &mut Ledger, exchange: &Exchange<'_>) {
    let message = exchange.request().and_then(|request| request.message());
    let Some(message) = message.filter(|_| !exchange.is_fault()) else {
        return;
    };
    let key = bounded(&child(message, "CommandKey"));
    let now_ns = exchange.answer.message.provenance.time.nanoseconds;
    for operation in &mut ledger.operations {
        let open = matches!(operation.answer, Answer::Accepted | Answer::Unknown);
        if operation.key == key && open && operation.report.is_none() {
            operation.cancelled_ns.get_or_insert(now_ns);
        }
    }
}

/// A report: of something that was cancelled?
pub(super) fn reported(ledger: &Ledger, told: &Told<'_>, findings: &mut Findings) {
    let mut of_key = ledger.of_key(&told.key);
    let (Some(operation), None) = (of_key.next(), of_key.next()) else {
        return;
    };
    let Some(cancelled_ns) = operation
        .cancelled_ns
        .filter(|_| operation.report.is_none())
    else {
        return;
    };
    let later_ns = later(cancelled_ns, TOLERANCE_SECONDS);
    let agrees = ledger.visit.clock_agrees && operation.clock_agreed;
    let of_clock = |text: &str| absolute_ns(text).filter(|_| agrees);
    let complete_ns = of_clock(&told.complete);
    let fetched_ns = operation.fetched.as_ref().map(|fetched| fetched.first_ns);
    let begun_ns = fetched_ns.or(of_clock(&told.start));
    let (rule, said) = match (begun_ns, complete_ns) {
        (_, Some(complete_ns)) if complete_ns <= later_ns => return,
        (Some(begun_ns), _) if begun_ns > later_ns => (&REPORTED, "began behind that"),
        (Some(_), Some(_)) => (&WENT_ON, "ran then, and went on"),
        _ => return,
    };
    let draft = told.seen.breaks_at(rule, told.element);
    let draft = operation.concern(draft).rpc("TransferComplete");
    findings.add(draft.because(format!(
        "{} was cancelled without a fault, {said}, and is reported",
        operation.named()
    )));
}
