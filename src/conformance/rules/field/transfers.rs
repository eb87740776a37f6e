//! A transfer whose end is never reported.

use crate::conformance::rule::CPE;
use crate::conformance::rules::field::GIVES_UP_AFTER;
use crate::conformance::{Closed, Exchange, Findings, Rule, Scope, Topic, fingerprint};
use crate::session::{Blame, Severity, Side, Transfer, TransferResult};
use crate::source::FrameId;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&NEVER_REPORTED];

const NEVER_REPORTED: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: CPE,
    demands: "A transfer that was accepted with Status 1 ends with TransferComplete.",
    why: "The ACS waits for TransferComplete before it does anything else with the device: the update stays \"in progress\" for ever, \
          further tasks queue up behind it, and the operator cannot tell a phone that failed to reach the file server from one \
          that is running the new firmware already.",
    mend_cpe: "Keep CommandKey and result over the restart, and report in the first session after it, failures too.",
    mend_acs: "Give up waiting after a time, and compare SoftwareVersion in the next Inform.",
    bad: "Download -> Status 1\n(file fetched)\nInform 2 PERIODIC\nInform 2 PERIODIC\nInform 2 PERIODIC",
    good: "Download -> Status 1\n(file fetched)\nInform 7 TRANSFER COMPLETE, M Download\nTransferComplete",
    related: &["CWMP-DL-005", "CWMP-TC-009"],
    wireshark: "xml.tag contains \"TransferComplete\" || xml.tag contains \"DownloadResponse\"",
    of_absence: true,
    ..Rule::heuristic("FIELD-013", "transfer-complete-never-comes", Scope::Device)
};

/// Transfers under way.
#[derive(Debug, Default)]
pub struct Transfers {
    open: Vec<Open>,
}

#[derive(Debug)]
struct Open {
    method: &'static str,
    /// The fingerprint of its CommandKey.
    key: u64,
    session: u32,
    /// Of the request.
    frames: Vec<FrameId>,
    /// Nothing is late before then.
    due_ns: i64,
    fetched: Option<TransferResult>,
    sessions_since: u32,
}

impl Topic for Transfers {
    fn exchange(&mut self, exchange: &Exchange<'_>, _findings: &mut Findings) {
        let Some(session) = exchange.answer.message.session else {
            return;
        };
        match (exchange.answer.from(), exchange.method()) {
            (Side::Cpe, "Download") => self.accepted(exchange, "Download", session),
            (Side::Cpe, "Upload") => self.accepted(exchange, "Upload", session),
            (Side::Cpe, "CancelTransfer" | "FactoryReset") => self.open.clear(),
            (Side::Acs, "TransferComplete") => {
                let request = exchange.request();
                let report = request.and_then(|request| request.transfer_complete());
                let key = report.map(|report| fingerprint(report.command_key.as_bytes()));
                let at = self.open.iter().position(|open| Some(open.key) == key);
                // A report with another key may still be meant for one of these.
                match at {
                    Some(at) => drop(self.open.remove(at)),
                    None => self.open.clear(),
                }
            }
            _ => {}
        }
    }

    fn transfer(&mut self, transfer: &Transfer, _findings: &mut Findings) {
        if let Some(cause) = &transfer.caused_by {
            let key = fingerprint(cause.command_key.as_bytes());
            for open in &mut self.open {
                if open.session == cause.session && open.key == key {
                    open.fetched = Some(transfer.result);
                }
            }
        }
    }

    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        let session = closed.session;
        let bootstrap = session.events.iter().any(|event| event.starts_with("0 "));
        if bootstrap || session.gaps > 0 {
            self.open.clear();
            return;
        }
        let start_ns = session.start.nanoseconds;
        self.open.retain_mut(|open| {
            if session.number <= open.session || start_ns < open.due_ns || !closed.facts.accepted {
                return true;
            }
            open.sessions_since += 1;
            if open.sessions_since < GIVES_UP_AFTER {
                return true;
            }
            let file = match open.fetched {
                Some(TransferResult::Complete) => "its file was transferred",
                Some(_) => "its file was not transferred whole",
                None => "its file was not seen to be transferred",
            };
            let draft = closed.breaks(&NEVER_REPORTED).blame(Blame::Cpe).rpc(open.method);
            let draft = draft.shown_in(&open.frames);
            findings.add(draft.because(format!(
                "{} of session {} was accepted with Status 1, {file}, and {GIVES_UP_AFTER} sessions later no TransferComplete has come",
                open.method, open.session
            )));
            false
        });
    }
}

impl Transfers {
    fn accepted(&mut self, exchange: &Exchange<'_>, method: &'static str, session: u32) {
        let (Some(request), Some(response)) = (exchange.request(), exchange.response()) else {
            return;
        };
        let status = response.args().named("Status").and_then(|arg| arg.text());
        if exchange.is_fault() || status.is_none_or(|status| status.trim() != "1") {
            return;
        }
        let args = request.args();
        let delay = args.named("DelaySeconds").and_then(|arg| arg.text());
        let delay_s: i64 = delay
            .and_then(|delay| delay.trim().parse().ok())
            .unwrap_or(0);
        let now_ns = exchange.answer.message.provenance.time.nanoseconds;
        // A transfer may begin an hour late (TR-069 Amendment 3 section A.3.2.8).
        let wait_ns = delay_s.saturating_add(3600).saturating_mul(1_000_000_000);
        if self.open.len() >= OPEN_MAX {
            self.open.remove(0);
        }
        let key = args.named("CommandKey").and_then(|arg| arg.text());
        let mut frames = exchange.asked.message.provenance.frames();
        frames.truncate(FRAMES_KEPT);
        self.open.push(Open {
            method,
            key: fingerprint(key.unwrap_or_default().as_bytes()),
            session,
            frames,
            due_ns: now_ns.saturating_add(wait_ns),
            fetched: None,
            sessions_since: 0,
        });
    }
}

/// Transfers followed of one device: it has to queue three (TR-069 Amendment 3 section A.3.2.8).
const OPEN_MAX: usize = 8;
const FRAMES_KEPT: usize = 4;
