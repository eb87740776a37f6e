//! How a session uses its TCP connections (TR-069 Amendment 3 sections 3.4.2, 3.4.6 and 3.7.1.4).
//!
//! What a request does is seen when it comes; whether the other side had closed the connection, when the session has closed.

use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Closed, Draft, Findings, Rule, Scope, Seen, Topic};
use crate::session::{Evidence, Message, Session, Side, Step};
use crate::source::Timestamp;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &PIPELINING,
    &ONE_CONNECTION,
    &ANSWER_IN_PLACE,
    &ANSWER_ELSEWHERE,
    &SENT_AGAIN,
    &DEAD_SESSION,
];

/// No pipelining.
const PIPELINING: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.6")],
    demands: "The device sends no request before the whole response to the last one has come.",
    why: "The ACS's answer decides what the next request has to be: an ACS takes the early request for the answer to what it has \
          not sent yet, faults it, or drops it, and from there on both sides are one message apart.",
    mend_cpe: "Send the next POST when the response has been read to its end.",
    bad: "POST (Inform)\nPOST (empty)\n200 (InformResponse)\n204",
    good: "POST (Inform)\n200 (InformResponse)\nPOST (empty)\n204",
    wireshark: "http.request.method == \"POST\"",
    ..Rule::must("HTTP-011", "no-pipelining", Scope::Session)
};

/// One connection.
const ONE_CONNECTION: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.2")],
    demands: "The device uses one TCP connection for the whole session.",
    why: "A connection for every POST makes sessions of many RPCs several times as long, fills the NAT and the load balancer with \
          dead entries, and where the ACS ties the session to the connection, every POST after the first is a stranger's.",
    mend_cpe: "Keep the connection open until the session is over; do not send Connection: close.",
    bad: "10.0.0.2:40112 POST (Inform), FIN\n10.0.0.2:40113 POST (empty)",
    good: "10.0.0.2:40112 POST (Inform)\n10.0.0.2:40112 POST (empty)",
    related: &["HTTP-019"],
    wireshark: "tcp.flags.syn == 1 && tcp.flags.ack == 0",
    ..Rule::should("HTTP-016", "one-connection-a-session", Scope::Session)
};

/// A challenge is answered on its connection.
const ANSWER_IN_PLACE: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.2")],
    demands: "After a 401 without Connection: close the device repeats its request on the same TCP connection.",
    why: "An ACS may tie the nonce, or the session it has begun, to the connection: an answer that comes on another is challenged \
          again, and the device runs from one 401 into the next.",
    mend_cpe: "Send the request with its Authorization on the connection that brought the 401.",
    bad: "40112: POST, 401, FIN\n40113: POST with Authorization",
    good: "40112: POST, 401, POST with Authorization",
    related: &["HTTP-020", "HTTP-016"],
    wireshark: "http.response.code == 401 || http.authorization",
    ..Rule::must("HTTP-019", "answer-challenge-in-place", Scope::Session)
};

/// A connection that is announced to close takes no more.
const ANSWER_ELSEWHERE: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.2")],
    demands: "After a 401 with Connection: close the device answers the challenge on a new connection.",
    why: "The server closes behind its 401: a request sent into the old connection is answered with RST and lost, and the device \
          logs a network error where the password was right.",
    mend_cpe: "Close the connection when a response says Connection: close, and open another for the answer.",
    bad: "401 Unauthorized\nConnection: close\n\nPOST with Authorization (same connection)",
    good: "401 Unauthorized\nConnection: close\n\nFIN; POST with Authorization (new connection)",
    related: &["HTTP-019"],
    wireshark: "http.response.code == 401 && http.connection contains \"close\"",
    ..Rule::must("HTTP-020", "close-after-closing-challenge", Scope::Session)
};

/// Nothing is sent again within the session.
const SENT_AGAIN: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.4")],
    demands: "A request that was never answered is not sent again within the same session.",
    why: "The ACS may have taken the first copy: a TransferComplete that comes twice is booked twice, a second response belongs \
          to no request. Only a new session, with an Inform, lets both sides start from the same point.",
    mend_cpe: "Give the session up, and begin a new one with the same events and RetryCount one higher.",
    bad: "40112: POST TransferComplete, no answer\n40113: POST TransferComplete, same cookie",
    good: "40112: POST TransferComplete, no answer\n40113: POST Inform, RetryCount 1",
    related: &["HTTP-055"],
    wireshark: "http.request.method == \"POST\" && http.cookie",
    of_absence: true,
    ..Rule::must("HTTP-022", "unanswered-is-not-sent-again", Scope::Session)
};

/// A session in which a message failed is over.
const DEAD_SESSION: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.2"), a3("3.7.1.4")],
    demands: "Where a message could not be sent, or was never answered, the session is over and the device goes on with an Inform.",
    why: "The ACS has lost count of the session when its connection broke, and has often freed it: what the device sends next is \
          answered with 400, or is taken for another session's.",
    mend_cpe: "After a reset or a time-out begin a new session with an Inform, RetryCount one higher.",
    bad: "40112: POST GetParameterValuesResponse, RST\n40113: POST (empty)",
    good: "40112: POST GetParameterValuesResponse, RST\n40113: POST Inform, RetryCount 1",
    related: &["HTTP-022", "HTTP-017"],
    wireshark: "tcp.flags.reset == 1",
    of_absence: true,
    ..Rule::must("HTTP-055", "failed-session-is-over", Scope::Session)
};

/// What one session's connections were used for.
#[derive(Debug, Default)]
pub(super) struct Connections {
    last: Option<Last>,
    /// Answers so far: the capture shows both directions.
    answers: u32,
    forwarded: bool,
    suspects: Vec<Suspect>,
}

/// The last message.
#[derive(Debug, Clone, Copy)]
struct Last {
    connection: u64,
    request: bool,
    status: u16,
    /// The connection is to be closed behind it.
    closing: bool,
    whole: bool,
    time: Timestamp,
    /// Of its body.
    fingerprint: u64,
    /// The request before it asked for the connection to be closed.
    asked_to_close: bool,
}

/// A breach, unless the ending of a connection excuses it.
#[derive(Debug)]
struct Suspect {
    draft: Draft,
    /// The connection that was left.
    left: u64,
    /// The device went on at this time.
    at: Timestamp,
    unless: Excuse,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Excuse {
    /// The ACS ended the connection, or nobody is known to have.
    NotByCpe,
    /// The ACS had said by then, in good order, that it would say no more.
    FinOfAcs,
    /// Not both of two requests were answered: the capture lacks the answer to the first.
    Answered,
    /// None but what the capture lacks.
    None,
}

impl Topic for Connections {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if !seen.is_cwmp() || seen.message.http.is_interim() {
            return;
        }
        self.forwarded |= seen.is_forwarded();
        let message = seen.message;
        let connection = message.provenance.connection;
        let mut next = Last {
            connection,
            request: seen.is_request(),
            status: seen.status(),
            closing: is_closing(message),
            whole: seen.is_whole(),
            time: message.provenance.time,
            fingerprint: if seen.is_request() {
                seen.body_fingerprint()
            } else {
                0
            },
            asked_to_close: false,
        };
        let last = self.last.filter(|last| last.whole && next.whole);
        if seen.is_request() {
            if let Some(last) = last {
                let suspect = if last.connection == connection {
                    same_connection(seen, last, findings)
                } else {
                    self.moved(seen, last, next)
                };
                if let Some(suspect) = suspect
                    && self.suspects.len() < SUSPECTS_MAX
                {
                    self.suspects.push(suspect);
                }
            }
        } else {
            self.answers = self.answers.saturating_add(1);
            next.asked_to_close = last.is_some_and(|last| last.request && last.closing);
        }
        self.last = Some(next);
    }

    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        let session = closed.session;
        let whole = |step: &Step| step.evidence == Evidence::Complete;
        let known = session.gaps == 0 && session.steps.iter().all(whole);
        for suspect in self.suspects.drain(..).filter(|_| known && !self.forwarded) {
            let excused = match suspect.unless {
                Excuse::NotByCpe => !left_by_cpe(session, suspect.left, suspect.at),
                Excuse::FinOfAcs => fin_of_acs(session, suspect.left, suspect.at),
                Excuse::Answered => !is_pipelined(session),
                Excuse::None => false,
            };
            if !excused {
                findings.add(suspect.draft);
            }
        }
    }
}

impl Connections {
    /// The device goes on upon another connection.
    fn moved(&self, seen: &Seen<'_>, last: Last, next: Last) -> Option<Suspect> {
        let at = seen.message.provenance.started;
        let suspect = |rule, said: &str, unless| Suspect {
            draft: seen.breaks(rule).because(said),
            left: last.connection,
            at,
            unless,
        };
        if last.request {
            return self.after_silence(seen, last, next);
        }
        Some(match last.status {
            300..=399 => return None,
            // One without credentials begins anew.
            401 if !last.closing && seen.authorization().is_some() => suspect(
                &ANSWER_IN_PLACE,
                "the challenge is answered on a new connection though it did not announce the end of the old one",
                Excuse::NotByCpe,
            ),
            400..=599 => return None,
            _ if last.asked_to_close => suspect(
                &ONE_CONNECTION,
                "the device asked for the connection to be closed, and goes on upon another",
                Excuse::None,
            ),
            _ if last.closing => return None,
            _ => suspect(
                &ONE_CONNECTION,
                "the device closed the connection, and goes on upon another",
                Excuse::NotByCpe,
            ),
        })
    }

    /// The last request has no answer.
    fn after_silence(&self, seen: &Seen<'_>, last: Last, next: Last) -> Option<Suspect> {
        let envelope = seen.envelope();
        let informs = envelope.is_some_and(|envelope| envelope.message_name() == Some("Inform"));
        if self.answers == 0 || informs {
            return None;
        }
        let again = envelope.is_some() && last.fingerprint == next.fingerprint;
        let (rule, said) = if again {
            (
                &SENT_AGAIN,
                "the request that was not answered is sent again on another connection",
            )
        } else {
            (
                &DEAD_SESSION,
                "the last request was not answered, and the session goes on upon another connection",
            )
        };
        Some(Suspect {
            draft: seen.breaks(rule).because(said),
            left: last.connection,
            at: last.time,
            unless: Excuse::FinOfAcs,
        })
    }
}

fn same_connection(seen: &Seen<'_>, last: Last, findings: &mut Findings) -> Option<Suspect> {
    let provenance = &seen.message.provenance;
    // A request that was under way before the challenge came knew nothing of it.
    let knew = provenance.started > last.time;
    if !last.request && last.status == 401 && last.closing && knew && !seen.is_forwarded() {
        let draft = seen.breaks(&ANSWER_ELSEWHERE).header("Authorization");
        findings.add(draft.because(
            "the challenge announced the end of the connection, and the answer comes on it all the same",
        ));
    }
    last.request.then(|| Suspect {
        draft: seen
            .breaks(&PIPELINING)
            .because("the request was sent before the answer to the one before it"),
        left: last.connection,
        at: provenance.started,
        unless: Excuse::Answered,
    })
}

/// The device was the first to end this connection.
fn left_by_cpe(session: &Session, connection: u64, at: Timestamp) -> bool {
    let first = session
        .endings
        .iter()
        .find(|ending| ending.connection == connection);
    first.is_some_and(|first| first.by == Side::Cpe || first.time.nanoseconds > at.nanoseconds)
}

/// The ACS had ended this connection with FIN by then, or did so while the request was on its way.
fn fin_of_acs(session: &Session, connection: u64, at: Timestamp) -> bool {
    let on_its_way = at.nanoseconds.saturating_add(ON_ITS_WAY_NS);
    session.endings.iter().any(|ending| {
        ending.connection == connection
            && ending.by == Side::Acs
            && !ending.reset
            && ending.time.nanoseconds <= on_its_way
    })
}

/// Somewhere two requests stand before two answers on one connection.
fn is_pipelined(session: &Session) -> bool {
    let (mut first, mut waiting): (Option<&Step>, Option<&Step>) = (None, None);
    let mut answered = 0_u32;
    for step in &session.steps {
        if step.status.is_some_and(|status| status < 200) {
            continue;
        }
        let here = waiting.filter(|waiting| waiting.connection == step.connection);
        if step.from == Side::Cpe {
            (first, waiting, answered) = (here, Some(step), 0);
        } else if first.is_some() && here.is_some() {
            answered += 1;
            if answered == 2 {
                return true;
            }
        } else {
            waiting = None;
        }
    }
    false
}

/// HTTP/1.0, or Connection: close (RFC 2616 section 14.10).
pub(in crate::conformance::rules) fn is_closing(message: &Message) -> bool {
    let mut closes = message.http.version_number() == Some((1, 0));
    for value in message.http.header_all("Connection") {
        for word in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
            closes |= word.eq_ignore_ascii_case(b"close");
            if word.eq_ignore_ascii_case(b"keep-alive") {
                closes = false;
            }
        }
    }
    closes
}

/// A session has no reason for more; further ones say the same.
const SUSPECTS_MAX: usize = 16;
/// A request and the end of its connection may pass each other.
const ON_ITS_WAY_NS: i64 = 500_000_000;
