//! What usually comes with an event: AutonomousTransferComplete and RequestDownload (TR-069 Amendment 3 Table 7).

use cwmp::Kind;

use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Findings, Rule, Scope, Seen};
use crate::session::Side;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&AUTONOMOUS, &REQUEST];

/// An autonomous transfer is announced.
const AUTONOMOUS: Rule = Rule {
    blame: CPE,
    versions: "1.1 and later",
    cites: &[a3("Table 7"), a3("3.7.1.5")],
    demands: "An AutonomousTransferComplete usually comes in a session whose Inform has 10 AUTONOMOUS TRANSFER COMPLETE.",
    why: "An ACS that decides by the events of the Inform what to prepare does not expect the call. It is right where the transfer ended \
          while a session for another reason was open.",
    mend_cpe: "Put 10 AUTONOMOUS TRANSFER COMPLETE into the Inform when a transfer of the device's own is waiting to be reported.",
    bad: "Inform: 2 PERIODIC\n<cwmp:AutonomousTransferComplete>...",
    good: "Inform: 10 AUTONOMOUS TRANSFER COMPLETE\n<cwmp:AutonomousTransferComplete>...",
    wireshark: "xml contains \"AutonomousTransferComplete\"",
    ..Rule::heuristic(
        "CWMP-ATC-003",
        "autonomous-transfer-announced",
        Scope::Session,
    )
};

/// A wish for a file is announced.
const REQUEST: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 7"), a3("3.7.1.5")],
    demands: "A RequestDownload usually comes in a session whose Inform has 9 REQUEST DOWNLOAD.",
    why: "An ACS that decides by the events of the Inform what to prepare does not expect the call, and answers that it has nothing.",
    mend_cpe: "Put 9 REQUEST DOWNLOAD into the Inform when the device opens a session to ask for a file.",
    bad: "Inform: 2 PERIODIC\n<cwmp:RequestDownload><FileType>2 Web Content</FileType>...",
    good: "Inform: 9 REQUEST DOWNLOAD\n<cwmp:RequestDownload><FileType>2 Web Content</FileType>...",
    wireshark: "xml contains \"RequestDownload\"",
    ..Rule::heuristic("CWMP-RD-002", "request-download-announced", Scope::Session)
};

/// Looks at a request of the device.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    if seen.from() != Side::Cpe || !seen.is_request() || !seen.is_cwmp() || seen.replay {
        return;
    }
    for envelope in seen.envelopes() {
        let (rule, event) = match envelope.message_name() {
            Some("AutonomousTransferComplete") => (&AUTONOMOUS, "10 AUTONOMOUS TRANSFER COMPLETE"),
            Some("RequestDownload") => (&REQUEST, "9 REQUEST DOWNLOAD"),
            _ => continue,
        };
        let facts = seen.session.filter(|facts| facts.whole_inform().is_some());
        let (Some(facts), Some(message)) = (facts, envelope.message()) else {
            continue;
        };
        let events = facts.events();
        let announced = events.iter().any(|(code, _)| code.trim() == event);
        if envelope.kind() == Kind::Request && !announced && seen.is_whole() {
            let draft = seen.breaks_at(rule, message);
            findings.add(draft.because(format!("the Inform of this session has no {event}")));
        }
    }
}
