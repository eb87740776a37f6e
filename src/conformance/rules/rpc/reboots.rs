//! Reboots that an ACS asks for where the device knows by itself when it has to restart.

use crate::conformance::rule::{ACS, a3};
use crate::conformance::{Exchange, Findings, Rule, Scope, Seen, Topic};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&REBOOT];

/// The ACS leaves it to the device to restart after a change.
const REBOOT: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: ACS,
    cites: &[a3("A.3.2.1"), a3("A.3.2.6"), a3("A.3.2.7"), a3("A.3.2.9")],
    demands: "The ACS does not send Reboot because it changed parameters or objects, or started a download: the \
          device restarts by itself where that is needed.",
    why: "Every change drops calls and connections, although most devices take it without a restart; a Reboot behind \
          a Download may even cut the transfer off.",
    mend_acs: "Go by Status: at 1 the device restarts when the session has ended; send Reboot for trouble-shooting \
          only.",
    bad: "SetParameterValues -> <Status>0</Status>\nReboot",
    good: "SetParameterValues -> <Status>0</Status>\nHTTP/1.1 204 No Content",
    wireshark: "xml.tag contains \":Reboot>\"",
    ..Rule::should("CWMP-SPV-009", "reboot-after-a-change", Scope::Session)
};

/// What one session changed.
#[derive(Debug, Default)]
pub(super) struct Reboots {
    /// The method that last changed something.
    changed: Option<&'static str>,
    told: bool,
}

impl Topic for Reboots {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(method) = self.changed else {
            return;
        };
        if self.told || !seen.is_cwmp() || seen.from() != Side::Acs || !seen.is_whole() {
            return;
        }
        let reboots = |name: Option<&str>| name == Some("Reboot");
        if let Some(envelope) = seen
            .envelopes()
            .find(|envelope| reboots(envelope.message_name()))
            && let Some(message) = envelope.message()
        {
            self.told = true;
            let draft = seen.breaks_at(&REBOOT, message).rpc("Reboot");
            findings.add(draft.because(format!("Reboot follows {method} in the same session")));
        }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, _findings: &mut Findings) {
        let method = CHANGES.iter().find(|method| **method == exchange.method());
        if let Some(method) = method
            && exchange.answer.from() == Side::Cpe
            && !exchange.is_fault()
        {
            self.changed = Some(method);
        }
    }
}

const CHANGES: [&str; 4] = [
    "SetParameterValues",
    "AddObject",
    "DeleteObject",
    "Download",
];
