//! The RPCs that set something off, message by message: what one message alone shows to be wrong.
//!
//! Order, lengths and listed values are found by the walk of `soap::shape`, which tells them under the codes below; the
//! looks here find the rest.

use cwmp::Element;

use crate::conformance::rule::{ACS, BOTH, a3, cite};
use crate::conformance::rules::soap::time;
use crate::conformance::{Findings, Rule, Scope, Seen};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &RBT_ANSWER,
    &FR_ANSWER,
    &SI_DELAY,
    &KCK_SHAPE,
    &VCH_SHAPE,
    &VCH_OPTIONS,
];

/// RebootResponse is empty.
pub(in crate::conformance::rules) const RBT_ANSWER: Rule = Rule {
    cites: &[a3("A.3.2.9")],
    demands: "RebootResponse has no arguments.",
    why: "An ACS that validates takes the answer for malformed and sends Reboot again in the next session: \
          the device reboots twice.",
    mend_cpe: "Send an empty element.",
    bad: "<cwmp:RebootResponse><Status>0</Status></cwmp:RebootResponse>",
    good: "<cwmp:RebootResponse/>",
    wireshark: "xml.tag contains \"RebootResponse\"",
    ..Rule::must("CWMP-RBT-002", "reboot-answer-empty", Scope::Message)
};

/// FactoryResetResponse is empty, and the reset waits.
pub(in crate::conformance::rules) const FR_ANSWER: Rule = Rule {
    cites: &[a3("A.4.1.6"), a3("Table 56")],
    demands: "FactoryResetResponse has no arguments, and the reset waits until the session has ended successfully.",
    why: "An ACS that validates takes an answer with arguments for malformed; from a device that resets at once it sees an \
          aborted session. Both times it orders the reset again, after the device has been provisioned anew.",
    mend_cpe: "Send an empty element, finish the session as usual, and reset when the ACS has sent its empty response.",
    bad: "<cwmp:FactoryResetResponse><Status>0</Status></cwmp:FactoryResetResponse>",
    good: "<cwmp:FactoryResetResponse/>, 204 No Content; the next Inform has 0 BOOTSTRAP",
    related: &["CWMP-FR-001"],
    wireshark: "xml.tag contains \"FactoryResetResponse\"",
    ..Rule::must(
        "CWMP-FR-002",
        "factory-reset-answers-and-waits",
        Scope::Message,
    )
};

/// DelaySeconds of ScheduleInform is greater than 0.
const SI_DELAY: Rule = Rule {
    blame: ACS,
    cites: &[a3("A.4.1.2")],
    demands: "DelaySeconds of ScheduleInform is greater than 0.",
    why: "Devices answer 0 with 9003, or never call, or begin a session at once while this one is still \
          open.",
    mend_acs: "Send at least 1; to have the device call at once, use a Connection Request.",
    bad: "<DelaySeconds>0</DelaySeconds>",
    good: "<DelaySeconds>10</DelaySeconds>",
    wireshark: "xml.tag contains \"ScheduleInform>\"",
    ..Rule::must("CWMP-SI-001", "schedule-inform-delay", Scope::Message)
};

/// Kicked comes from the device, with its four arguments.
pub(in crate::conformance::rules) const KCK_SHAPE: Rule = Rule {
    blame: BOTH,
    cites: &[a3("A.4.2.1"), cite("cwmp-1-2.xsd", "Kicked")],
    demands: "Kicked is sent by the device alone, with Command, Referer, Arg and Next of at most 32, 64, 256 and \
          1024 characters; the answer holds NextURL of at most 1024.",
    why: "The answer tells the browsers of users where to go: a malformed one leaves them on an error page \
          of the device.",
    mend_cpe: "Write the four arguments in order, and report 5 KICKED in the Inform.",
    mend_acs: "Never send Kicked; answer it with NextURL.",
    bad: "<cwmp:Kicked><Command>a</Command></cwmp:Kicked>",
    good: "<cwmp:Kicked><Command>a</Command><Referer/><Arg/><Next/></cwmp:Kicked>",
    wireshark: "xml.tag contains \"Kicked\"",
    ..Rule::must("CWMP-KCK-001", "kicked-from-the-device", Scope::Message)
};

/// Vouchers are members named base64 that decode.
pub(in crate::conformance::rules) const VCH_SHAPE: Rule = Rule {
    blame: ACS,
    cites: &[a3("A.4.1.3"), cite("cwmp-1-2.xsd", "VoucherList")],
    demands: "VoucherList has at least one member named base64, and each decodes.",
    why: "A voucher is signed XML: one wrong character breaks the signature, the device answers 9003, and \
          the option stays off.",
    mend_acs: "Encode each voucher by the standard alphabet with padding.",
    bad: "<VoucherList soapenc:arrayType=\"soapenc:base64[1]\"><base64>YWJjZA</base64></VoucherList>",
    good: "<VoucherList soapenc:arrayType=\"soapenc:base64[1]\"><base64>YWJjZA==</base64></VoucherList>",
    wireshark: "xml.tag contains \"VoucherList\"",
    ..Rule::must("CWMP-VCH-001", "vouchers-in-base64", Scope::Message)
};

/// Options have listed states and modes, and dates only where they expire.
pub(in crate::conformance::rules) const VCH_OPTIONS: Rule = Rule {
    cites: &[a3("A.4.1.4")],
    demands: "State of an option is 0 to 3 and Mode 0 to 2; unless Mode is 1, StartDate and ExpirationDate are \
          the Unknown Time.",
    why: "The ACS shows an option as expired, or renews it, by dates that mean nothing.",
    mend_cpe: "Send 0001-01-01T00:00:00Z in both dates of an option that does not expire.",
    bad: "<Mode>0</Mode>\n<StartDate>2026-01-01T00:00:00Z</StartDate>",
    good: "<Mode>0</Mode>\n<StartDate>0001-01-01T00:00:00Z</StartDate>",
    wireshark: "xml.tag contains \"OptionStruct\"",
    ..Rule::must("CWMP-VCH-002", "option-state-and-dates", Scope::Message)
};

/// Looks at the messages that set something off.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    if !seen.is_cwmp() || !seen.is_whole() {
        return;
    }
    for message in seen.envelopes().filter_map(|envelope| envelope.message()) {
        match (seen.from(), message.name()) {
            (Side::Acs, "ScheduleInform") => delay(seen, message, findings),
            (Side::Acs, "Kicked") => {
                let draft = seen.breaks_at(&KCK_SHAPE, message);
                findings.add(draft.because("the ACS sends Kicked"));
            }
            (Side::Cpe, "Kicked") => unannounced(seen, message, findings),
            (Side::Cpe, "GetOptionsResponse") => options(seen, message, findings),
            _ => {}
        }
    }
}

fn delay(seen: &Seen<'_>, message: Element<'_>, findings: &mut Findings) {
    let Some(delay) = message.child("DelaySeconds") else {
        return;
    };
    if delay.text().trim().parse() == Ok(0_u32) {
        let draft = seen.breaks_at(&SI_DELAY, delay);
        findings.add(draft.because("DelaySeconds is 0"));
    }
}

/// A user may click while a session for another reason is open.
fn unannounced(seen: &Seen<'_>, message: Element<'_>, findings: &mut Findings) {
    let Some(facts) = seen.session.filter(|facts| facts.is_whole()) else {
        return;
    };
    let events = facts.events();
    if !events.iter().any(|(code, _)| code.trim() == "5 KICKED") {
        let draft = seen.breaks_at(&KCK_SHAPE, message).at_most(Severity::Info);
        findings.add(draft.because("Kicked comes in a session without the event 5 KICKED"));
    }
}

/// Dates of an option that does not expire are not known. TR-069 Issue 1 has no such rule.
fn options(seen: &Seen<'_>, message: Element<'_>, findings: &mut Findings) {
    if seen.is_issue_1() {
        return;
    }
    let list = message.child("OptionList");
    let entries = list.into_iter().flat_map(|list| list.children());
    for option in entries.take(OPTIONS_MAX) {
        let mode = option.child("Mode");
        let mode = mode.and_then(|mode| mode.text().trim().parse::<u32>().ok());
        if mode.is_none_or(|mode| mode == EXPIRES) {
            continue;
        }
        for name in ["StartDate", "ExpirationDate"] {
            let Some(date) = option.child(name) else {
                continue;
            };
            let text = date.text();
            if time::read(text.as_bytes()).is_some_and(|stamp| !stamp.is_unknown()) {
                let draft = seen.breaks_at(&VCH_OPTIONS, date);
                findings.add(draft.because(format!(
                    "an option that does not expire has {name} {}",
                    text.trim()
                )));
            }
        }
    }
}

/// The mode of an option that expires.
const EXPIRES: u32 = 1;
/// Options looked at in one answer.
const OPTIONS_MAX: usize = 64;
