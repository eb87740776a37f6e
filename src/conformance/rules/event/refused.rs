//! An ACS that refuses an Inform for an event which it does not know.

use super::ledger::{events, is_seen_whole};
use super::table::{self, Kind};
use crate::conformance::rule::{ACS, a3};
use crate::conformance::{Closed, Draft, Findings, Rule, Scope, Topic};
use crate::session::{Session, Severity, Side, Summary};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&IGNORES];

/// Unknown events are ignored.
const IGNORES: Rule = Rule {
    blame: ACS,
    versions: "1.0 (Amendment 1) and later",
    cites: &[a3("3.7.2.1")],
    demands: "An ACS ignores events that it does not know, and takes the Inform for the others.",
    why: "One vendor's event, and the device is locked out: it repeats its Inform with the same list, and is refused each time.",
    mend_acs: "Skip events without a rule of their own; answer InformResponse.",
    bad: "Inform with 2 PERIODIC, X 001122 Foo\n<FaultCode>8003</FaultCode>",
    good: "Inform with 2 PERIODIC, X 001122 Foo\n<cwmp:InformResponse>...",
    related: &["EVT-003"],
    wireshark: "xml contains \"8003\"",
    ..Rule::must("EVT-022", "acs-ignores-unknown-events", Scope::Device)
};

/// An Inform that was refused, and may have been for such an event.
#[derive(Debug, Default)]
pub struct Refused {
    waits: Option<Box<Waits>>,
}

#[derive(Debug)]
struct Waits {
    draft: Draft,
    unknown: String,
    /// The other events, in order.
    others: Vec<(String, String)>,
}

impl Topic for Refused {
    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        if let Some(waits) = self.waits.take() {
            let same = waits.others == events(closed) && closed.facts.accepted;
            waits.settle(same && is_seen_whole(closed), findings);
        }
        if is_refused(closed.session) && is_seen_whole(closed) {
            self.note(closed);
        }
    }

    fn finish(&mut self, _summary: &Summary, findings: &mut Findings) {
        if let Some(waits) = self.waits.take() {
            waits.settle(false, findings);
        }
    }
}

impl Refused {
    fn note(&mut self, closed: &Closed<'_>) {
        let mut events = events(closed);
        if events.len() > EVENTS_MAX {
            return;
        }
        let own = |(code, _): &(String, String)| code.starts_with("X ") || code.starts_with("M X_");
        let Some((unknown, _)) = events.iter().find(|event| own(event)).cloned() else {
            return;
        };
        events.retain(|event| !own(event));
        let known = |(code, _): &(String, String)| {
            table::place(code).is_some() || Kind::of_event(code).is_some()
        };
        // A misspelt one is a reason of its own.
        if events.iter().all(known) {
            self.waits = Some(Box::new(Waits {
                draft: closed.breaks(&IGNORES).rpc("Inform"),
                unknown,
                others: events,
            }));
        }
    }
}

impl Waits {
    fn settle(self, taken_without: bool, findings: &mut Findings) {
        let unknown = self.unknown;
        let draft = self.draft;
        findings.add(if taken_without {
            draft.because(format!(
                "the Inform with '{unknown}' got fault 8003, and is taken without it"
            ))
        } else {
            // 8003 has other causes too.
            draft
                .at_most(Severity::Info)
                .because(format!("the Inform with '{unknown}' got fault 8003"))
        });
    }
}

/// The Inform was answered with fault 8003.
fn is_refused(session: &Session) -> bool {
    session.rpcs.iter().any(|rpc| {
        rpc.method == "Inform"
            && rpc.from == Side::Cpe
            && rpc.fault_code.as_deref().map(str::trim) == Some("8003")
    })
}

const EVENTS_MAX: usize = 64;
