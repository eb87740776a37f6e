//! What Issue 1 asks of its own ways: several envelopes, the order of answers, NoMoreRequests, its events (TR-069 Issue 1
//! sections 3.4 to 3.7).

use std::collections::VecDeque;

use cwmp::Kind;

use crate::conformance::rule::{BOTH, CPE, cite};
use crate::conformance::{Findings, Rule, Scope, Seen, Topic};
use crate::session::{Severity, Side};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &TOO_MANY,
    &OUT_OF_ORDER,
    &NO_MORE,
    &MANY_EVENTS,
    &LATER_EVENT,
];

/// MaxEnvelopes of the receiver.
const TOO_MANY: Rule = Rule {
    blame: BOTH,
    versions: "1.0 (Issue 1)",
    cites: &[
        cite("TR-069 Issue 1", "3.4.1"),
        cite("TR-069 Issue 1", "3.7.1.1"),
        cite("TR-069 Issue 1", "Tables 31 and 32"),
    ],
    demands: "In Issue 1 an HTTP message may hold several envelopes, as many as MaxEnvelopes of the receiver allows (0 is any number); that of \
              the Inform holds one.",
    why: "The receiver has room for so many and drops the rest: a request among them stays without an answer until a timer ends the \
          session.",
    mend_cpe: "Count envelopes against MaxEnvelopes of InformResponse.",
    mend_acs: "Count envelopes against MaxEnvelopes of the Inform.",
    bad: "Inform: <MaxEnvelopes>3</MaxEnvelopes>\nHTTP/1.1 200 OK with 4 envelopes",
    good: "Inform: <MaxEnvelopes>3</MaxEnvelopes>\nHTTP/1.1 200 OK with 3 envelopes",
    related: &["SESS-033", "I1-003"],
    wireshark: "xml contains \"MaxEnvelopes\"",
    ..Rule::heuristic("I1-002", "more-envelopes-than-announced", Scope::Message)
};

/// Answers come in the order of the requests.
const OUT_OF_ORDER: Rule = Rule {
    blame: BOTH,
    versions: "1.0 (Issue 1)",
    cites: &[
        cite("TR-069 Issue 1", "3.7.1.2"),
        cite("TR-069 Issue 1", "3.7.2.3"),
    ],
    demands: "In Issue 1 several requests may be open at once, and are answered in the order in which they came.",
    why: "A side that sends answers as they get ready is matched wrongly by one that counts on the order: values of one request are taken \
          for those of another.",
    mend_cpe: "Keep the answers back until those before them have gone out.",
    mend_acs: "Keep the answers back until those before them have gone out.",
    bad: "requests: ID 1 GetParameterNames, ID 2 GetParameterValues\nanswers: ID 2, ID 1",
    good: "requests: ID 1 GetParameterNames, ID 2 GetParameterValues\nanswers: ID 1, ID 2",
    related: &["SESS-036", "SESS-037"],
    wireshark: "xml contains \"NoMoreRequests\"",
    ..Rule::heuristic("I1-003", "answers-in-order-of-requests", Scope::Session)
};

/// NoMoreRequests is a promise.
const NO_MORE: Rule = Rule {
    blame: BOTH,
    versions: "1.0 (Issue 1)",
    cites: &[cite("TR-069 Issue 1", "Table 3")],
    demands: "A side that has said NoMoreRequests sends no request any more in that session, and repeats the header in its later envelopes.",
    why: "The other side ends the session as soon as it has nothing to say itself: the late request gets no answer, and looks like a \
          failure of the network.",
    mend_cpe: "Set NoMoreRequests with your last request at the earliest.",
    mend_acs: "Set NoMoreRequests with your last request at the earliest.",
    bad: "<cwmp:NoMoreRequests>1</cwmp:NoMoreRequests>\n(next message of the same side:) <cwmp:GetParameterValues>",
    good: "<cwmp:NoMoreRequests>1</cwmp:NoMoreRequests>\n(next message of the same side:) <cwmp:TransferCompleteResponse/>",
    related: &["SESS-010"],
    wireshark: "xml contains \"NoMoreRequests\"",
    ..Rule::must("I1-004", "request-after-no-more-requests", Scope::Session)
};

/// Sixteen events.
const MANY_EVENTS: Rule = Rule {
    blame: CPE,
    versions: "1.0 (Issue 1)",
    cites: &[
        cite("TR-069 Issue 1", "Table 31"),
        cite("cwmp-1-0.xsd", "EventList"),
    ],
    demands: "In Issue 1 an Inform has sixteen events at most; Amendment 1 made it 64.",
    why: "An ACS of that time has an array of sixteen and may drop the rest, or the Inform.",
    mend_cpe: "Send the oldest sixteen first, and the others in the next session.",
    bad: "<Event soapenc:arrayType=\"cwmp:EventStruct[17]\">",
    good: "<Event soapenc:arrayType=\"cwmp:EventStruct[16]\">",
    wireshark: "xml contains \"EventStruct[\"",
    ..Rule::heuristic("I1-009", "more-than-16-events", Scope::Message)
};

/// 9 REQUEST DOWNLOAD is younger.
const LATER_EVENT: Rule = Rule {
    blame: CPE,
    versions: "1.0 (Issue 1)",
    cites: &[
        cite("TR-069 Issue 1", "Table 35"),
        cite("cwmp-1-0.xsd", "EventCodeType"),
    ],
    demands: "The events of Issue 1 are 0 to 8, M with a method, and X with an OUI; 9 REQUEST DOWNLOAD came with Amendment 1.",
    why: "A device that otherwise has the ways of Issue 1 is a mixture: an ACS that goes by its ways may ignore the event.",
    mend_cpe: "Expect no reaction to 9 REQUEST DOWNLOAD from an ACS of Issue 1.",
    bad: "<EventCode>9 REQUEST DOWNLOAD</EventCode> with <MaxEnvelopes>0</MaxEnvelopes>",
    good: "<EventCode>9 REQUEST DOWNLOAD</EventCode> with <MaxEnvelopes>1</MaxEnvelopes>",
    wireshark: "xml contains \"9 REQUEST DOWNLOAD\"",
    ..Rule::heuristic("I1-011", "event-later-than-issue-1", Scope::Message)
};

/// Looks at one message.
pub(super) fn look(seen: &Seen<'_>, findings: &mut Findings) {
    if !seen.is_issue_1() || seen.from() != Side::Cpe {
        return;
    }
    let Some(inform) = seen.envelope().and_then(|envelope| envelope.inform()) else {
        return;
    };
    let events = inform.events();
    if events.len() > EVENTS_MAX {
        let said = format!("the Inform has {} events", events.len());
        findings.add(seen.breaks_at(&MANY_EVENTS, inform.element()).because(said));
    }
    if events
        .iter()
        .any(|event| event.code.trim() == "9 REQUEST DOWNLOAD")
    {
        let said = "9 REQUEST DOWNLOAD comes from a device with the ways of Issue 1";
        findings.add(seen.breaks_at(&LATER_EVENT, inform.element()).because(said));
    }
}

/// What both sides of a session have said of envelopes and requests; device first.
#[derive(Debug, Default)]
pub(super) struct Ways {
    most: [Option<u32>; 2],
    no_more: [bool; 2],
    /// IDs of requests that wait for their answer, in order, by who asked.
    open: [VecDeque<String>; 2],
}

impl Topic for Ways {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(session) = seen.session.filter(|_| seen.is_cwmp()) else {
            return;
        };
        let Some(document) = seen.document().filter(|_| !seen.replay) else {
            return;
        };
        let (own, other) = if seen.from() == Side::Acs {
            (1, 0)
        } else {
            (0, 1)
        };
        if session.issue_1 && session.is_whole() && seen.is_whole() {
            self.count(seen, document.envelopes().len(), other, findings);
            self.order(seen, own, other, findings);
        }
        self.promise(seen, own, findings);
    }
}

impl Ways {
    fn count(&mut self, seen: &Seen<'_>, count: usize, other: usize, findings: &mut Findings) {
        let most = self
            .most
            .get(other)
            .copied()
            .flatten()
            .filter(|most| *most > 0);
        let informs = seen
            .envelopes()
            .any(|one| one.message_name() == Some("Inform"));
        let most = if informs { Some(1) } else { most };
        if let Some(most) = most.filter(|most| count > *most as usize) {
            let said = format!("the body holds {count} envelopes, {most} is the most");
            findings.add(seen.breaks(&TOO_MANY).because(said));
        }
        let own = 1 - other;
        for envelope in seen.envelopes() {
            let message = envelope.message();
            let most = message.and_then(|message| message.child("MaxEnvelopes"));
            let most = most.and_then(|most| most.text().trim().parse().ok());
            if let Some(place) = self.most.get_mut(own) {
                *place = most.or(*place);
            }
        }
    }

    fn order(&mut self, seen: &Seen<'_>, own: usize, other: usize, findings: &mut Findings) {
        for envelope in seen.envelopes() {
            let Some(id) = envelope.id() else { continue };
            match envelope.kind() {
                Kind::Request => {
                    if let Some(open) = self.open.get_mut(own).filter(|open| open.len() < OPEN_MAX)
                    {
                        open.push_back(id.into_owned());
                    }
                }
                Kind::Response | Kind::Fault => {
                    let Some(open) = self.open.get_mut(other) else {
                        continue;
                    };
                    let place = open.iter().position(|one| *one == *id);
                    if let Some(place) = place {
                        open.remove(place);
                    }
                    if place.is_some_and(|place| place > 0) {
                        let said = format!(
                            "the answer with ID {id} comes before that to an earlier request"
                        );
                        findings.add(
                            seen.breaks_at(&OUT_OF_ORDER, envelope.element())
                                .because(said),
                        );
                    }
                }
                Kind::Empty => {}
            }
        }
    }

    fn promise(&mut self, seen: &Seen<'_>, own: usize, findings: &mut Findings) {
        let Some(promised) = self.no_more.get_mut(own) else {
            return;
        };
        for envelope in seen.envelopes() {
            let place = envelope.message().unwrap_or(envelope.element());
            if *promised && envelope.kind() == Kind::Request {
                let said = format!(
                    "{} comes after NoMoreRequests",
                    envelope.message_name().unwrap_or_default()
                );
                findings.add(seen.breaks_at(&NO_MORE, place).because(said));
            } else if *promised && envelope.no_more_requests() != Some(true) {
                let said = "the envelope does not repeat NoMoreRequests";
                let draft = seen.breaks_at(&NO_MORE, envelope.element());
                findings.add(draft.at_most(Severity::Info).because(said));
            }
            *promised |= envelope.no_more_requests() == Some(true);
        }
    }
}

/// Events of an Inform of Issue 1.
const EVENTS_MAX: usize = 16;
/// Open requests of one side that are remembered.
const OPEN_MAX: usize = 64;
