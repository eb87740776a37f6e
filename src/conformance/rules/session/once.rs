//! One Inform a session, one session a device (TR-069 Amendment 3 sections 3.7 and 3.7.1.1).

use std::net::SocketAddr;

use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Findings, Rule, Scope, Seen, SessionFacts, Topic, fingerprint};
use crate::session::{Severity, Side};
use crate::source::{FrameId, Timestamp};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&ONE_INFORM, &ONE_SESSION, &IDLE];

/// One Inform in a session.
const ONE_INFORM: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7"), a3("3.7.1.6")],
    demands: "A session holds one Inform; the same one may come again only behind a challenge, a redirect or fault 8005.",
    why: "The ACS starts over where it was in the middle of its tasks: what it had asked is forgotten or asked twice, and some answer the \
          second Inform with an error.",
    mend_cpe: "End the session before you begin another: answer what is open, send the empty POST, take the empty response, close.",
    bad: "POST: <cwmp:Inform>...\n<cwmp:InformResponse>...\nPOST (same cookie): <cwmp:Inform>...",
    good: "POST: <cwmp:Inform>...\n<cwmp:InformResponse>...\nPOST (same cookie): (empty)",
    related: &["SESS-003", "SESS-020"],
    wireshark: "http.request.method == \"POST\" && xml contains \"<cwmp:Inform>\"",
    of_absence: true,
    ..Rule::must("SESS-002", "one-inform-a-session", Scope::Session)
};

/// One session at a time.
const ONE_SESSION: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7")],
    demands: "A device has one session with its ACS at a time.",
    why: "The ACS keeps one session for a device and ends or mixes up the other: answers reach the wrong task, and one of the two ends \
          with an error. Two devices with one serial number look the same, and do the same harm.",
    mend_cpe: "Queue an event while a session runs, and open the next one behind its end; give each device a serial number of its own.",
    bad: "connection 1: <cwmp:Inform>... <cwmp:InformResponse>\nconnection 2: <cwmp:Inform>...\nconnection 1: POST: (empty)",
    good: "connection 1: <cwmp:Inform>... 204 No Content\nconnection 2: <cwmp:Inform>...",
    related: &["SESS-002"],
    wireshark: "http.request.method == \"POST\" && xml contains \"<cwmp:Inform>\"",
    of_absence: true,
    ..Rule::must("SESS-003", "one-session-at-a-time", Scope::Device)
};

/// No connection is kept for later.
const IDLE: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.1")],
    demands: "A device keeps no connection to its ACS open while nothing is to be said on it.",
    why: "Each idle phone holds a socket of the ACS and an entry in every NAT on the way; when the NAT has forgotten it, the next Inform \
          goes into nothing, and the device waits for its timeout.",
    mend_cpe: "Close the connection when the session is over, and open another for the next one.",
    bad: "204 No Content\n(five minutes)\nthe same connection: POST: <cwmp:Inform>...",
    good: "204 No Content\n(the device closes)\n(five minutes)\na new connection: POST: <cwmp:Inform>...",
    wireshark: "xml contains \"<cwmp:Inform>\"",
    of_absence: true,
    ..Rule::must("SESS-035", "idle-connection-kept", Scope::Session)
};

/// The session of a device that began last, and the one before.
#[derive(Debug, Default)]
pub(super) struct Once {
    last: Option<Box<Begun>>,
}

#[derive(Debug)]
struct Begun {
    session: u32,
    from: SocketAddr,
    to: SocketAddr,
    connection: u64,
    cookie: Option<u64>,
    inform: Vec<FrameId>,
    count: Option<u32>,
    begun: Timestamp,
    said: Timestamp,
    /// It has ended in order.
    ended: bool,
    state: State,
}

/// Whether an Inform may come now.
#[derive(Debug, PartialEq, Eq)]
enum State {
    /// The Inform has no answer yet, or none that opens the session.
    Opening,
    /// In its midst; the ACS has had its say.
    Open,
    /// Over, refused, or not to be told.
    Over,
}

impl Topic for Once {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(session) = seen.session.filter(|_| seen.is_cwmp()) else {
            return;
        };
        if seen.from() == Side::Acs {
            self.response(seen, session);
            return;
        }
        let informs = seen
            .envelopes()
            .any(|envelope| envelope.message_name() == Some("Inform"));
        let ours = self
            .last
            .as_ref()
            .is_some_and(|last| last.session == session.number);
        if informs && !ours {
            self.begins(seen, session, findings);
        } else if ours {
            self.goes_on(seen, session, informs, findings);
        } else {
            self.is_older(seen, session, findings);
        }
    }
}

impl Once {
    fn begins(&mut self, seen: &Seen<'_>, session: &SessionFacts, findings: &mut Findings) {
        let provenance = &seen.message.provenance;
        let count = retry_count(seen);
        if let Some(last) = &self.last
            && last.state == State::Open
            && session.number > last.session
            && !session.issue_1
            && seen.is_whole()
        {
            let same_connection = last.connection == provenance.connection;
            let same_cookie = last.cookie.is_some() && cookie(seen) == last.cookie;
            let soon = provenance.started.milliseconds_since(last.said) < PATIENCE_MS;
            // With a higher RetryCount the device says that the session has failed, for whatever reason.
            let counted = count > last.count;
            let starts = seen.session.is_some_and(|session| {
                session
                    .events()
                    .iter()
                    .any(|(code, _)| code.trim().starts_with("1 "))
            });
            if soon && !counted && !starts && (same_connection || same_cookie) {
                let how = if same_connection {
                    "connection"
                } else {
                    "cookie"
                };
                let said =
                    format!("the session on this {how} has not ended, and an Inform comes again");
                findings.add(
                    seen.breaks(&ONE_INFORM)
                        .shown_in(&last.inform)
                        .because(said),
                );
            }
        }
        if let Some(last) = &self.last
            && last.ended
            && last.connection == provenance.connection
            && session.number > last.session
        {
            // A proxy keeps its own connections, for any device.
            let proxied = PROXIES
                .iter()
                .any(|name| seen.message.http.header(name).is_some());
            let idle_s = provenance.started.milliseconds_since(last.said) / 1000.0;
            if !proxied && idle_s > IDLE_S && seen.is_whole() {
                let said = format!("the connection was kept for {idle_s:.0} s after the session");
                findings.add(seen.breaks(&IDLE).because(said));
            }
        }
        self.last = Some(Box::new(Begun {
            ended: false,
            session: session.number,
            from: provenance.source,
            to: provenance.destination,
            connection: provenance.connection,
            cookie: None,
            inform: provenance.frames(),
            count,
            begun: provenance.time,
            said: provenance.time,
            state: State::Opening,
        }));
    }

    /// A message of the session that began last.
    fn goes_on(
        &mut self,
        seen: &Seen<'_>,
        session: &SessionFacts,
        informs: bool,
        findings: &mut Findings,
    ) {
        let Some(last) = &mut self.last else { return };
        if informs && session.accepted && session.is_whole() && retry_count(seen) == last.count {
            // A challenge came between, which may have made the device begin anew.
            let said = "an Inform comes again after InformResponse";
            let draft = seen
                .breaks(&ONE_INFORM)
                .shown_in(&last.inform)
                .because(said);
            findings.add(draft.at_most(Severity::Warning));
        }
        let provenance = &seen.message.provenance;
        last.said = provenance.time;
        last.connection = provenance.connection;
        last.cookie = cookie(seen).or(last.cookie);
        if last.state == State::Open {
            // Its answer is awaited: what comes before is not to be told.
            last.state = State::Over;
        }
    }

    /// A message of another session than that which began last.
    fn is_older(&self, seen: &Seen<'_>, session: &SessionFacts, findings: &mut Findings) {
        let Some(last) = &self.last else { return };
        let provenance = &seen.message.provenance;
        // The same messages before and behind a NAT come from two addresses.
        let same = last.from.ip() == provenance.source.ip() && last.to == provenance.destination;
        let later = provenance.started > last.begun;
        if session.number < last.session && same && later && session.is_whole() && seen.is_whole() {
            let said = format!(
                "a message of session {} comes after the Inform of session {}",
                session.number, last.session
            );
            findings.add(
                seen.breaks(&ONE_SESSION)
                    .shown_in(&last.inform)
                    .because(said),
            );
        }
    }

    fn response(&mut self, seen: &Seen<'_>, session: &SessionFacts) {
        let Some(last) = &mut self.last else { return };
        if last.session != session.number || seen.message.http.is_interim() {
            return;
        }
        let status = seen.status();
        let informed = seen
            .envelopes()
            .any(|envelope| envelope.message_name() == Some("InformResponse"));
        let broken = seen
            .document()
            .is_none_or(|document| !document.anomalies().is_empty());
        let nothing_open = session.asked_by_acs.is_empty() && session.asked_by_cpe.is_empty();
        let empty = (200..300).contains(&status) && seen.message.http.body_bytes == 0;
        last.ended = empty && nothing_open && session.asks_no_more && seen.is_whole();
        last.state = match status {
            200..=299 if seen.message.http.body_bytes == 0 => State::Over,
            200..=299 if !session.is_whole() || !seen.is_whole() || broken => State::Over,
            200..=299 if session.accepted || informed => State::Open,
            _ => State::Over,
        };
    }
}

fn retry_count(seen: &Seen<'_>) -> Option<u32> {
    seen.informed_first()?.retry_count
}

/// The request's cookies, as far as they are the same.
fn cookie(seen: &Seen<'_>) -> Option<u64> {
    let cookie = seen.message.http.header("Cookie")?;
    Some(fingerprint(cookie.trim_ascii()))
}

/// How long a connection may be open without use before that is more than slowness, in seconds.
const IDLE_S: f64 = 90.0;
/// Headers that a proxy adds.
const PROXIES: [&str; 3] = ["Via", "Forwarded", "X-Forwarded-For"];
/// How long a session lasts at least where nothing is said.
const PATIENCE_MS: f64 = 30_000.0;
