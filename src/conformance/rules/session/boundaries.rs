//! Where a session begins on its connection, and what comes behind its end (TR-069 Amendment 3 sections 3.7 and 3.7.1.4).

use std::collections::BTreeMap;
use std::sync::Arc;

use cwmp::Kind;

use super::turns::ASKS_AFTER_EMPTY;
use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Findings, Rule, Scope, Seen, SessionFacts, Topic};
use crate::session::{Datagram, Severity, Side};
use crate::source::FrameId;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&INFORM_FIRST, &NOTHING_AFTER_END];

/// A session begins with Inform.
const INFORM_FIRST: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7")],
    demands: "The first POST of a session carries the Inform.",
    why: "Before the Inform the ACS does not know who calls: it answers an empty POST with 204 or an error, and the device takes that \
          for a session without tasks; it looks managed and is not.",
    mend_cpe: "Send the Inform as the first POST of each session, also where only a challenge is wanted.",
    bad: "(a new connection)\nPOST: (empty)\nHTTP/1.1 204 No Content",
    good: "(a new connection)\nPOST: <cwmp:Inform>...\nHTTP/1.1 200 OK: <cwmp:InformResponse>...",
    related: &["SESS-044"],
    wireshark: "http.request.method == \"POST\" && http.content_length == 0",
    of_absence: true,
    ..Rule::must("SESS-001", "session-begins-with-inform", Scope::Session)
};

/// A session that is over is over.
const NOTHING_AFTER_END: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.4")],
    demands: "When the ACS has answered with an empty response, and the device has nothing to ask or answer, the device ends the session.",
    why: "Empty POST and 204 go round in circles: the device never comes to its reboot or download, its next Inform is late, and a few \
          hundred such devices keep an ACS busy with nothing.",
    mend_cpe: "Close behind the empty response once you have sent an empty POST while HoldRequests was false.",
    bad: "POST: (empty)\nHTTP/1.1 204 No Content\nPOST: (empty)\nHTTP/1.1 204 No Content",
    good: "POST: (empty)\nHTTP/1.1 204 No Content\n(the device closes)",
    related: &["SESS-010", "SESS-015"],
    wireshark: "http.response.code == 204",
    of_absence: true,
    ..Rule::must("SESS-016", "session-ends-at-empty-response", Scope::Session)
};

/// What the connections of the capture have come to.
#[derive(Debug, Default)]
pub(super) struct Boundaries {
    /// The first message of the capture; what comes soon behind it may go on with what was before.
    since_ns: Option<i64>,
    /// Sessions that are over, by the connection of their last message.
    over: BTreeMap<u64, Over>,
    /// First POSTs of connections without an Inform, until they are answered, by connection.
    opened: BTreeMap<u64, Opened>,
}

/// A session that is over.
#[derive(Debug)]
struct Over {
    device: Option<Arc<str>>,
    gaps: u32,
}

/// The first POST of a connection.
#[derive(Debug)]
struct Opened {
    /// The name of its message, where it has one.
    name: Option<String>,
    frames: Vec<FrameId>,
}

impl Topic for Boundaries {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let time_ns = seen.message.provenance.time.nanoseconds;
        let since_ns = *self.since_ns.get_or_insert(time_ns);
        let Some(session) = seen.session.filter(|_| seen.is_cwmp()) else {
            return;
        };
        if seen.from() == Side::Acs {
            self.response(seen, session, findings);
        } else if informs(seen) {
            self.over.remove(&seen.message.provenance.connection);
        } else if session.inform.is_none() && !self.goes_on(seen, findings) {
            let known = time_ns.saturating_sub(since_ns) > BEFORE_NS;
            self.opens(seen, session, known);
        }
    }

    fn datagram(&mut self, datagram: &Datagram, _findings: &mut Findings) {
        self.since_ns.get_or_insert(datagram.time.nanoseconds);
    }
}

impl Boundaries {
    /// A POST behind the end of a session on the same connection; says whether it is one.
    fn goes_on(&mut self, seen: &Seen<'_>, findings: &mut Findings) -> bool {
        let connection = seen.message.provenance.connection;
        let Some(over) = self.over.get(&connection) else {
            return false;
        };
        if over.gaps != seen.message.gaps_before || !seen.is_whole() {
            self.over.remove(&connection);
            return true;
        }
        let first = seen.envelope();
        let name = first.and_then(|envelope| envelope.message_name());
        let said = format!(
            "{} comes after the empty response that ends the session",
            name.unwrap_or("an empty POST")
        );
        let asks = first.is_some_and(|envelope| envelope.kind() == Kind::Request);
        let rule = if asks {
            &ASKS_AFTER_EMPTY
        } else {
            &NOTHING_AFTER_END
        };
        let mut draft = seen.breaks(rule).because(said);
        if let Some(device) = &over.device {
            draft = draft.device(device);
        }
        findings.add(draft);
        true
    }

    /// The first POST of a connection, and it carries no Inform. One with a cookie goes on with a session of before, which
    /// the capture may lack; so may any in the capture's first minute.
    fn opens(&mut self, seen: &Seen<'_>, session: &SessionFacts, known: bool) {
        let message = seen.message;
        let first = message.opens_connection && session.messages == 1 && seen.is_whole();
        if !first || !known || message.http.header("Cookie").is_some() {
            return;
        }
        if self.opened.len() >= OPENED_MAX {
            self.opened.pop_first();
        }
        let connection = message.provenance.connection;
        let name = seen.envelope().and_then(|envelope| envelope.message_name());
        let opened = Opened {
            name: name.map(|name| name.chars().take(NAME_CHARACTERS).collect()),
            frames: message.provenance.frames(),
        };
        self.opened.insert(connection, opened);
    }

    fn response(&mut self, seen: &Seen<'_>, session: &SessionFacts, findings: &mut Findings) {
        let connection = seen.message.provenance.connection;
        if let Some(opened) = self.opened.remove(&connection) {
            let what = opened.name.as_deref().unwrap_or("an empty POST");
            let said = format!("{what} is the first of a connection that no session goes on with");
            let draft = seen.breaks(&INFORM_FIRST).only_in(&opened.frames);
            let draft = draft.because(said);
            // Some fetch a challenge so: the session itself begins with the Inform behind it.
            findings.add(if seen.status() == 401 {
                draft.at_most(Severity::Warning)
            } else {
                draft
            });
        }
        let nothing_open = session.asked_by_acs.is_empty() && session.asked_by_cpe.is_empty();
        let empty = seen.message.http.body_bytes == 0 && (200..300).contains(&seen.status());
        let ends = empty && session.asks_no_more && session.accepted && nothing_open;
        if ends && seen.is_whole() && session.is_whole() && !session.issue_1 {
            if self.over.len() >= OVER_MAX {
                self.over.pop_first();
            }
            let over = Over {
                device: session.device.clone(),
                gaps: seen.message.gaps_before,
            };
            self.over.insert(connection, over);
        }
    }
}

fn informs(seen: &Seen<'_>) -> bool {
    seen.envelopes()
        .any(|envelope| envelope.message_name() == Some("Inform"))
}

/// Nanoseconds from the beginning of the capture in which a connection may go on with a session of before.
const BEFORE_NS: i64 = 60_000_000_000;
/// Connections whose session is over, remembered at once: those of later numbers are in use.
const OVER_MAX: usize = 4096;
/// Connections that began without an Inform and wait for their first response.
const OPENED_MAX: usize = 256;
/// Characters remembered of the name of a message.
const NAME_CHARACTERS: usize = 256;
