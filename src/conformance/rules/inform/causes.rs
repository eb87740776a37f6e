//! The events of an Inform name every cause of the session (TR-069 Amendment 3 Table 34).

use std::collections::VecDeque;

use super::informed_of;
use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Draft, Exchange, Findings, Rule, Scope, Seen, Topic};
use crate::session::{
    ConnectionRequest, ConnectionRequestCarrier, ConnectionRequestResult as Result, Evidence,
    Reason, Role, Severity, Side,
};
use crate::source::FrameId;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&NO_EVENT, &ALL_CAUSES];

const NO_EVENT: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 34")],
    demands: "Event is empty only if no standard cause applies, or if a retry has nothing undelivered left.",
    why: "The ACS cannot tell why the device comes. Most run their periodic work, some refuse the Inform; an answer to a Connection Request \
          goes unnoticed, and the ACS asks again.",
    mend_cpe: "Name the cause: 6 CONNECTION REQUEST, 1 BOOT, 2 PERIODIC, or an event of the vendor's own (X OUI ...).",
    bad: "<Event soapenc:arrayType=\"cwmp:EventStruct[0]\"/>",
    good: "<EventStruct><EventCode>6 CONNECTION REQUEST</EventCode><CommandKey/></EventStruct>",
    related: &["INF-034"],
    wireshark: "xml.cdata contains \"EventStruct[0]\"",
    ..Rule::must("INF-009", "inform-without-event", Scope::Device)
};

const ALL_CAUSES: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 34"), a3("3.2.2")],
    demands: "Event lists every cause of the session that is known when the session begins.",
    why: "An ACS that waits for 6 CONNECTION REQUEST takes a session with 2 PERIODIC alone for a coincidence: it leaves its work for the \
          next session, or counts the Connection Request as failed and sends another.",
    mend_cpe: "Collect the events when the Inform is written, not when the first timer fires, and add 6 CONNECTION REQUEST for a request \
               that has been agreed to.",
    bad: "GET /f81d4fae  200 OK\n(3 s later) Inform 2 PERIODIC\nInform 6 CONNECTION REQUEST",
    good: "GET /f81d4fae  200 OK\n(3 s later) Inform 2 PERIODIC, 6 CONNECTION REQUEST",
    related: &["CR-008", "INF-009"],
    wireshark: "xml.tag contains \"<EventCode\" || http.request.method == \"GET\"",
    ..Rule::must("INF-034", "all-causes-in-event", Scope::Device)
};

/// What may be the cause of a device's next session, and its latest Informs.
#[derive(Debug, Default)]
pub struct Causes {
    /// The connection of a Connection Request with credentials that waits for its answer.
    asked: Option<u64>,
    /// When the device last agreed to one, and has not come for it.
    agreed: Option<(i64, Vec<FrameId>)>,
    /// A Reboot or FactoryReset was agreed to.
    restarts: bool,
    informs: VecDeque<Came>,
}

#[derive(Debug)]
struct Came {
    session: u32,
    start_ns: i64,
    frames: Vec<FrameId>,
    events: String,
    has_event: bool,
}

impl Topic for Causes {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if seen.message.role == Role::ConnectionRequest {
            self.leg(seen);
            return;
        }
        let Some(inform) = informed_of(seen) else {
            return;
        };
        let start_ns = seen.message.provenance.started.nanoseconds;
        if inform.events.is_empty() && inform.retry_count == Some(0) {
            let list = inform.inform.element().child("Event");
            let draft = match list {
                Some(list) => seen.breaks_at(&NO_EVENT, list),
                None => seen.breaks(&NO_EVENT),
            };
            findings.add(self.without_event(draft, start_ns));
        }
        let has_event = inform.has(EVENT);
        if has_event {
            self.agreed = None;
        }
        self.restarts = false;
        let Some(session) = seen
            .message
            .session
            .filter(|_| seen.message.opens_connection)
        else {
            return;
        };
        if self.informs.len() >= INFORMS_MAX {
            self.informs.pop_front();
        }
        let mut frames = seen.message.provenance.frames();
        frames.truncate(FRAMES_KEPT);
        // One that beats is for the heartbeat alone (TR-069 Amendment 5 section 3.7.1.5).
        let exempt = inform.has("14 HEARTBEAT");
        let events = inform.events.iter().take(EVENTS_TOLD);
        let named: Vec<&str> = events.map(|event| event.code.trim()).collect();
        // Most devices come once or twice.
        self.informs.reserve_exact(1);
        self.informs.push_back(Came {
            session,
            start_ns,
            frames,
            events: named.join(", "),
            has_event: has_event || exempt,
        });
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, _findings: &mut Findings) {
        let restarts = matches!(exchange.method(), "Reboot" | "FactoryReset");
        self.restarts |= restarts && !exchange.is_fault() && exchange.answer.from() == Side::Cpe;
    }

    fn connection_request(&mut self, request: &ConnectionRequest, findings: &mut Findings) {
        let agreed = matches!(request.status, Some(200 | 204))
            && request.carrier == ConnectionRequestCarrier::Http
            && request.result == Result::Session;
        let whole = request
            .steps
            .iter()
            .all(|step| step.evidence == Evidence::Complete);
        let gap = request
            .reasons
            .iter()
            .any(|reason| matches!(reason, Reason::Gap));
        let end = request.steps.iter().map(|step| step.time.nanoseconds).max();
        let (Some(end_ns), Some(session)) = (end, request.session) else {
            return;
        };
        if !agreed || !whole || gap {
            return;
        }
        let earlier = self.informs.iter().find(|came| {
            came.session < session
                && !came.has_event
                && came.start_ns > end_ns.saturating_add(KNOWN_AFTER_NS)
        });
        if let Some(came) = earlier {
            let said = format!(
                "the device agreed to a Connection Request {} s before, its next Inform has {} alone, and {EVENT} comes with session {session}",
                came.start_ns.saturating_sub(end_ns) / 1_000_000_000,
                came.events
            );
            let draft = Draft::of_connection_request(&ALL_CAUSES, request).session(came.session);
            findings.add(draft.shown_in(&came.frames).rpc("Inform").because(said));
        }
    }
}

impl Causes {
    fn leg(&mut self, seen: &Seen<'_>) {
        let connection = seen.message.provenance.connection;
        if seen.is_request() {
            let credentials = seen.authorization().is_some();
            self.asked = credentials.then_some(connection);
        } else if self.asked.take() == Some(connection) && matches!(seen.status(), 200 | 204) {
            let provenance = &seen.message.provenance;
            let mut frames = provenance.frames();
            frames.truncate(FRAMES_KEPT);
            self.agreed = Some((provenance.time.nanoseconds, frames));
        }
    }

    /// Only a cause that the capture shows makes an empty list a breach.
    fn without_event(&self, draft: Draft, start_ns: i64) -> Draft {
        if let Some((agreed_ns, frames)) = &self.agreed {
            let after_ns = start_ns.saturating_sub(*agreed_ns);
            if (KNOWN_AFTER_NS..WITHIN_NS).contains(&after_ns) {
                let said = "Event is empty, and the device has just agreed to a Connection Request";
                return draft.shown_in(frames).because(said);
            }
        }
        if self.restarts {
            let said = "Event is empty, and the device was told to restart in the session before";
            return draft.because(said);
        }
        let said = "Event is empty, and RetryCount is 0";
        draft.at_most(Severity::Info).because(said)
    }
}

const EVENT: &str = "6 CONNECTION REQUEST";
/// An Inform that begins so long after the answer was written with the request known.
const KNOWN_AFTER_NS: i64 = 1_000_000_000;
/// The device comes within this time (TR-069 Amendment 3 section 3.2.2).
const WITHIN_NS: i64 = 30_000_000_000;
const INFORMS_MAX: usize = 8;
const EVENTS_TOLD: usize = 4;
const FRAMES_KEPT: usize = 4;
