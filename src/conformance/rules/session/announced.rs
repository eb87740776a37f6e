//! What the Inform announces is asked in the same session (TR-069 Amendment 3 section 3.7.1.3 and table 7).

use cwmp::Kind;
use cwmp::schema::{self, Version};

use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Closed, Findings, Informed, Rule, Scope, Seen, Topic};
use crate::session::Side;
use crate::source::FrameId;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&LAST_RESPONSE_COUNTS, &ANNOUNCED_NOT_ASKED];

/// Whether the device is held back is told by the last response alone.
const LAST_RESPONSE_COUNTS: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.3"), a3("Table 4")],
    demands: "Whether the device may ask is told by the last response alone: without a HoldRequests header in it, or without an envelope, \
              it may.",
    why: "A device that stays held after the ACS has let go never makes its report: `7 TRANSFER COMPLETE` comes session after \
          session, and the ACS keeps a download open for ever that ended long ago.",
    mend_cpe: "Take HoldRequests anew from each response: what has no such header, and an empty response, means false.",
    bad: "<HoldRequests>1</HoldRequests> ... InformResponse\nPOST: (empty)\n204 No Content\nPOST: (empty)",
    good: "<HoldRequests>1</HoldRequests> ... InformResponse\nPOST: (empty)\n204 No Content\nPOST: <cwmp:TransferComplete>...",
    related: &["SESS-008", "SESS-012"],
    wireshark: "xml contains \"HoldRequests\"",
    of_absence: true,
    ..Rule::must(
        "SESS-009",
        "hold-requests-of-last-response-counts",
        Scope::Session,
    )
};

/// An event that stands for a call is followed by it.
const ANNOUNCED_NOT_ASKED: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.3"), a3("Table 7")],
    demands: "A device whose Inform announces a call (TransferComplete, RequestDownload and the like) makes it as soon as it may ask, and \
              sends no empty POST before.",
    why: "The empty POST gives the turn away for the whole session: the report is not made, the event comes back in the next Inform, and \
          the ACS never learns whether the firmware was loaded.",
    mend_cpe: "Send the call behind InformResponse, before the first empty POST.",
    bad: "Inform with 7 TRANSFER COMPLETE\n<cwmp:InformResponse>...\nPOST: (empty)\n204 No Content",
    good: "Inform with 7 TRANSFER COMPLETE\n<cwmp:InformResponse>...\nPOST: <cwmp:TransferComplete>...",
    related: &["SESS-009", "SESS-010"],
    wireshark: "xml contains \"7 TRANSFER COMPLETE\"",
    of_absence: true,
    ..Rule::must("SESS-012", "announced-call-is-made", Scope::Session)
};

/// What has been announced and not been asked.
#[derive(Debug, Default)]
pub(super) struct Announced {
    /// By the place in `CALLS`.
    due: u8,
    was_held: bool,
    /// The empty POST that gave the turn away.
    given_away: Option<Box<[FrameId]>>,
}

impl Topic for Announced {
    fn message(&mut self, seen: &Seen<'_>, _findings: &mut Findings) {
        let Some(session) = seen.session.filter(|_| seen.is_cwmp()) else {
            return;
        };
        if seen.from() == Side::Acs {
            let held = |envelope: cwmp::EnvelopeRef<'_>| envelope.hold_requests() == Some(true);
            self.was_held |= seen.envelopes().any(held);
            return;
        }
        for envelope in seen.envelopes() {
            if envelope.message_name() == Some("Inform") {
                self.due = seen.informed().map_or(0, due);
            } else if envelope.kind() == Kind::Request {
                self.due &= !called(envelope.method().unwrap_or_default());
            }
        }
        let may_ask = session.last_response.is_some_and(|last| {
            (200..300).contains(&last.status) && last.requests == 0 && !last.hold_requests
        });
        let empty = seen.message.http.body_bytes == 0;
        if self.due != 0 && empty && may_ask && session.accepted && self.given_away.is_none() {
            self.given_away = Some(seen.message.provenance.frames().into());
        }
    }

    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        let Some(frames) = self.given_away.take() else {
            return;
        };
        let version = closed.facts.version.unwrap_or(Version::V1_0);
        let known = |method: &str| schema::method(method).is_some_and(|one| one.since <= version);
        let left = CALLS
            .iter()
            .enumerate()
            .find(|(at, (_, method))| self.due & 1 << at != 0 && known(method));
        let (Some((_, (event, method))), true) = (left, closed.facts.is_whole()) else {
            return;
        };
        let (rule, said) = if self.was_held {
            (
                &LAST_RESPONSE_COUNTS,
                format!(
                    "{event} is announced, the last response lets go of the device, and an empty POST comes in place of {method}"
                ),
            )
        } else {
            (
                &ANNOUNCED_NOT_ASKED,
                format!("{event} is announced, and an empty POST comes in place of {method}"),
            )
        };
        let draft = closed.breaks(rule).only_in(&frames).rpc(method);
        findings.add(draft.because(said));
    }
}

/// What the events of an Inform announce.
fn due(informed: &Informed<'_>) -> u8 {
    let mut due = 0;
    for event in &informed.events {
        let at = CALLS
            .iter()
            .position(|(code, _)| event.code.trim() == *code);
        due |= at.map_or(0, |at| 1 << at);
    }
    due
}

/// What a call settles.
fn called(method: &str) -> u8 {
    let at = CALLS.iter().position(|(_, call)| *call == method);
    at.map_or(0, |at| 1 << at)
}

/// Events with the calls that they announce (TR-069 Amendment 3 table 7).
const CALLS: [(&str, &str); 6] = [
    ("7 TRANSFER COMPLETE", "TransferComplete"),
    ("9 REQUEST DOWNLOAD", "RequestDownload"),
    (
        "10 AUTONOMOUS TRANSFER COMPLETE",
        "AutonomousTransferComplete",
    ),
    ("11 DU STATE CHANGE COMPLETE", "DUStateChangeComplete"),
    (
        "12 AUTONOMOUS DU STATE CHANGE COMPLETE",
        "AutonomousDUStateChangeComplete",
    ),
    ("5 KICKED", "Kicked"),
];
