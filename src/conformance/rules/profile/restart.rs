//! What an ACS asks for behind Reboot or FactoryReset in the same session, where the document says that it is cancelled.

use cwmp::Kind;

use super::{its_document, profile_of};
use crate::conformance::rule::{ACS, cite};
use crate::conformance::{Exchange, Findings, Rule, Scope, Seen, Topic};
use crate::model::profile::Way;
use crate::session::{Blame, Severity, Side};
use crate::source::FrameId;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&CANCELLED];

/// A restart is the last call.
const CANCELLED: Rule = Rule {
    blame: ACS,
    severity: Some(Severity::Warning),
    cites: &[cite(
        "Grandstream TR-069 Guide (October 31, 2023)",
        "RPC METHODS, Important Notes",
    )],
    demands: "Where the vendor's document says that Reboot and FactoryReset cancel the other methods of a session, they are its last call.",
    why: "The standard has the device restart behind the session; these devices restart at once. What the ACS asks for behind the \
          Reboot is lost, often without a fault: the session breaks off, the ACS repeats all of it, Reboot included, and the phone \
          restarts again and again.",
    mend_acs: "Send Reboot or FactoryReset as the last request of the session, and everything else before it or in the session behind \
               the restart.",
    bad: "(a Grandstream) <cwmp:RebootResponse/>\nHTTP/1.1 200 OK: <cwmp:SetParameterValues>",
    good: "(a Grandstream) <cwmp:RebootResponse/>\nHTTP/1.1 204 No Content",
    related: &["SESS-023", "CWMP-RBT-001"],
    wireshark: "xml.tag contains \"RebootResponse\" || xml.tag contains \"FactoryResetResponse\"",
    ..Rule::heuristic("PROFILE-009", "calls-behind-a-restart", Scope::Session)
};

/// The restart that a session's device has agreed to.
#[derive(Debug, Default)]
pub(super) struct Restart {
    agreed: Option<Box<Agreed>>,
}

#[derive(Debug)]
struct Agreed {
    method: &'static str,
    frames: Vec<FrameId>,
}

impl Topic for Restart {
    fn exchange(&mut self, exchange: &Exchange<'_>, _findings: &mut Findings) {
        let method = match exchange.method() {
            "Reboot" => "Reboot",
            "FactoryReset" => "FactoryReset",
            _ => return,
        };
        let cancels = profile_of(exchange.answer.session)
            .is_some_and(|profile| profile.way(Way::RestartCancelsOthers).is_some());
        if cancels && exchange.answer.from() == Side::Cpe && !exchange.is_fault() {
            let frames = exchange.answer.message.provenance.frames();
            self.agreed = Some(Box::new(Agreed { method, frames }));
        }
    }

    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(agreed) = &self.agreed else {
            return;
        };
        let Some(profile) = profile_of(seen.session) else {
            return;
        };
        if seen.from() != Side::Acs || !seen.is_whole() {
            return;
        }
        let asks = seen.envelopes().find(|one| one.kind() == Kind::Request);
        let (Some(asks), Some(way)) = (asks, profile.way(Way::RestartCancelsOthers)) else {
            return;
        };
        let name = asks.method().unwrap_or("a request");
        let said = format!(
            "{name} comes behind {} in the same session, and {} says that it is cancelled",
            agreed.method,
            its_document(profile, way.at)
        );
        let draft = seen.breaks(&CANCELLED).because(said).rpc(name);
        let draft = draft.shown_in(&agreed.frames).foretold_by(profile.document);
        findings.add(draft.blame(Blame::Acs));
    }
}
