//! An event that stands for a call is followed by it in the same session (TR-069 Amendment 3 table 7).

use cwmp::Kind;
use cwmp::schema::{self, Version};

use super::table::{self, SINGLE};
use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Closed, Findings, Rule, Scope, Seen, Topic};
use crate::session::{Outcome, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&CALLED];

/// The call is made.
const CALLED: Rule = Rule {
    versions: "all but Issue 1",
    blame: CPE,
    cites: &[a3("Table 7"), a3("3.7.1.3")],
    demands: "5, 7, 9, 10, 11 and 12 in an Inform are followed by their calls in the same session: Kicked, TransferComplete, RequestDownload \
              and so on.",
    why: "The event says only that there is something to tell; what it is stands in the call. The ACS waits for it, the session ends, and the \
          event comes again and again.",
    mend_cpe: "Make the call as soon as the ACS no longer holds the device back, and end the session behind its answer only.",
    bad: "Inform with 7 TRANSFER COMPLETE, InformResponse with HoldRequests 1\n(ACS calls, the device answers)\n204 No Content\n(the device \
          closes)",
    good: "Inform with 7 TRANSFER COMPLETE, InformResponse with HoldRequests 1\n(ACS calls, the device answers)\n204 No Content\nPOST: \
           <cwmp:TransferComplete>...",
    related: &["SESS-012", "SESS-009", "EVT-014"],
    wireshark: "xml contains \"7 TRANSFER COMPLETE\" || xml contains \"9 REQUEST DOWNLOAD\"",
    of_absence: true,
    ..Rule::must("EVT-015", "announced-call-in-same-session", Scope::Session)
};

/// What a session announced and has not called.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// By the number of the event.
    due: u32,
}

impl Topic for Calls {
    fn message(&mut self, seen: &Seen<'_>, _findings: &mut Findings) {
        if seen.from() != Side::Cpe || !seen.is_request() {
            return;
        }
        for envelope in seen.envelopes() {
            if envelope.message_name() == Some("Inform") {
                self.due = 0;
                for event in seen.informed().iter().flat_map(|one| &one.events) {
                    let at = table::place(event.code.trim());
                    let at = at.filter(|at| SINGLE.get(*at).is_some_and(|one| one.call.is_some()));
                    self.due |= at.map_or(0, |at| 1 << at);
                }
            } else if self.due != 0
                && envelope.kind() == Kind::Request
                && let Some(method) = envelope.method()
                && let Some(at) = SINGLE.iter().position(|one| one.call == Some(method))
            {
                self.due &= !(1 << at);
            }
        }
    }

    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        let facts = closed.facts;
        let well = matches!(closed.session.outcome, Outcome::Complete | Outcome::Faulted);
        // In Issue 1 the turn goes to and fro, and nothing shows when the device had it.
        if self.due == 0 || !well || !facts.accepted || !facts.is_whole() || facts.issue_1 {
            return;
        }
        // At its end the last response left the turn to the device.
        let free = facts.last_response.is_some_and(|last| {
            (200..300).contains(&last.status) && !last.hold_requests && last.requests == 0
        });
        if !free && !facts.asks_no_more || closed.session.gaps > 0 {
            return;
        }
        let version = facts.version.unwrap_or(Version::V1_0);
        for (at, one) in SINGLE.iter().enumerate() {
            let call = one.call.filter(|_| self.due & 1 << at != 0);
            let known = |call: &&str| schema::method(call).is_some_and(|one| one.since <= version);
            if let Some(call) = call.filter(known) {
                let said = format!(
                    "{} is announced, and the session ends without {call}",
                    one.code
                );
                findings.add(closed.breaks(&CALLED).rpc(call).because(said));
                return;
            }
        }
    }
}
