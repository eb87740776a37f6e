//! What the device does with a challenge of the ACS (TR-069 Amendment 3 sections 3.4.4, 3.4.5, 3.7 and 3.7.1.4).

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use cwmp::Inform;
use http1::auth::{Authorization, Challenge};

use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Findings, Informed, Rule, Scope, Seen, Topic};
use crate::session::{Message, Side};
use crate::source::{FrameId, Timestamp};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &SECOND_ENDS,
    &EVERY_REQUEST,
    &SAME_INFORM,
    &BEFORE_CHALLENGE,
];

/// A second 401 ends the session.
const SECOND_ENDS: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.4")],
    demands: "A second 401, after the device has answered the first, ends the session.",
    why: "The password is wrong and will be so the next time: a device that goes on trying at once fires its Inform at the ACS a \
          hundred times a second, and the ACS, or the firewall before it, locks the whole address out.",
    mend_cpe: "End the session, and try again after the waits of the retry rules with RetryCount one higher.",
    bad: "POST, 401, POST with Authorization, 401, POST with Authorization, 401 ...",
    good: "POST, 401, POST with Authorization, 401, (closed)",
    related: &["HTTP-038"],
    wireshark: "http.response.code == 401",
    ..Rule::must("AUTH-011", "second-401-ends-session", Scope::Session)
};

/// Authorization in all that follows.
const EVERY_REQUEST: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.4")],
    demands: "After a challenge the device sends Authorization with all later requests on that connection.",
    why: "Each POST without it is challenged and sent twice: the session takes twice the time and twice the bytes, and an ACS that \
          checks only the Inform has every other message from a stranger.",
    mend_cpe: "Keep the challenge for the life of the connection and compute an Authorization for every POST.",
    bad: "POST, 401, POST with Authorization, 200\nPOST, 401, POST with Authorization, 200",
    good: "POST, 401, POST with Authorization, 200\nPOST with Authorization, 200",
    wireshark: "http.request.method == \"POST\" && !http.authorization",
    ..Rule::should("AUTH-012", "authorization-in-every-request", Scope::Session)
};

/// The same Inform again.
const SAME_INFORM: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7")],
    demands: "An Inform that was answered with 401 is sent again as it was: the same device, events, RetryCount and parameters.",
    why: "The challenge is part of the transport, not a failed session: a RetryCount that grows with it tells the operator of \
          failures that never were, and an event that is gone from the second copy is never delivered.",
    mend_cpe: "Build the Inform once, and repeat it with Authorization.",
    bad: "Inform RetryCount 0, 401, Inform RetryCount 1",
    good: "Inform RetryCount 0, 401, Inform RetryCount 0",
    related: &["HTTP-030"],
    wireshark: "http.response.code == 401",
    ..Rule::should("AUTH-018", "same-inform-after-401", Scope::Session)
};

/// Authorization before any challenge.
const BEFORE_CHALLENGE: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.5")],
    demands: "The first request of a session has no Authorization with the nonce of an older session.",
    why: "It saves a round trip, and is allowed. But an ACS that takes the old nonce takes a copy of the request as well, whoever \
          sends it; and one that does not must mark its 401 as stale, or the device ends the session.",
    mend_cpe: "Wait for the challenge on connections that are not encrypted.",
    bad: "(new session) POST with Authorization: Digest nonce=\"5f\" (of the session before)",
    good: "(new session) POST, 401 with a new nonce, POST with Authorization",
    related: &["SEC-003"],
    wireshark: "http.authorization contains \"Digest\" && xml",
    ..Rule::heuristic("AUTH-019", "authorization-before-challenge", Scope::Session)
};

/// Challenges of one session.
#[derive(Debug, Default)]
pub(super) struct Retries {
    hasher: foldhash::quality::RandomState,
    /// What the last 401 asked with: hashes of its nonces; empty for Basic.
    challenge: Option<Vec<u64>>,
    /// The credentials of the last request: the hash of a nonce, or `None` for Basic.
    offered: Option<Option<u64>>,
    /// The connection on which a challenge was answered.
    answered_on: Option<u64>,
    /// The second 401.
    refused: Option<Box<Refused>>,
    /// The Inform that waits for its answer.
    inform: Option<Arc<Message>>,
    challenged: bool,
}

#[derive(Debug)]
struct Refused {
    time: Timestamp,
    connection: u64,
    retry_count: Option<u32>,
    frames: Vec<FrameId>,
}

impl Topic for Retries {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if !seen.is_cwmp() || seen.message.http.is_interim() {
            return;
        }
        match seen.from() {
            Side::Cpe => self.request(seen, findings),
            Side::Acs => self.response(seen),
            Side::Other => {}
        }
    }
}

impl Retries {
    fn request(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let informed = seen.informed_first();
        let retry_count = informed.and_then(|informed| informed.retry_count);
        if let Some(refused) = self.refused.take() {
            loops(seen, &refused, retry_count, findings);
        }
        let connection = seen.message.provenance.connection;
        self.offered = self.credentials(seen);
        let challenged = std::mem::take(&mut self.challenged);
        if self.offered.is_none() && self.answered_on == Some(connection) && seen.is_whole() {
            let draft = seen.breaks(&EVERY_REQUEST).header("");
            findings.add(
                draft.because("a request behind the answer to a challenge has no Authorization"),
            );
        }
        if self.offered.is_some() && self.challenge.is_some() {
            self.answered_on = Some(connection);
        }
        self.before_challenge(seen, findings);
        let Some(informed) = informed else {
            self.inform = None;
            return;
        };
        let whole = seen.is_whole();
        if let Some(before) = self
            .inform
            .take()
            .filter(|_| challenged && whole && self.offered.is_some())
            && let Some(document) = &before.soap
            // Most repeat it byte for byte.
            && seen.document().is_some_and(|now| now.text() != document.text())
            && let Some(was) = document.envelope(0).and_then(|envelope| envelope.inform())
            && let Some(said) = differs(&was, informed)
        {
            let draft = seen.breaks(&SAME_INFORM).shown_by(&before);
            findings.add(draft.because(said));
        }
        self.inform = whole.then(|| Arc::clone(seen.message));
    }

    fn before_challenge(&self, seen: &Seen<'_>, findings: &mut Findings) {
        let first = seen
            .session
            .is_some_and(|session| session.messages == 1 && session.from_its_start);
        let digest = matches!(self.offered, Some(Some(_)));
        if first && digest && self.challenge.is_none() && seen.message.provenance.from_syn {
            let draft = seen.breaks(&BEFORE_CHALLENGE).header("Authorization");
            findings.add(draft.because(
                "the first request of the session has an Authorization, before any challenge",
            ));
        }
    }

    fn response(&mut self, seen: &Seen<'_>) {
        if seen.status() != 401 {
            self.inform = None;
            self.challenged = false;
            if matches!(seen.status(), 200..=399) {
                // The answer was taken: what is challenged from here on is another request, or another server's.
                self.challenge = None;
            }
            return;
        }
        self.challenged = true;
        let (mut nonces, mut stale) = (Vec::new(), false);
        for digest in seen.challenges().iter().filter_map(Challenge::digest) {
            stale |= digest.is_stale();
            if let Some(nonce) = digest.nonce.as_ref().filter(|_| nonces.len() < NONCES_MAX) {
                nonces.push(self.hash(&nonce.text()));
            }
        }
        let before = self.challenge.replace(nonces);
        let answered = match (before, self.offered) {
            (Some(before), Some(Some(nonce))) => before.contains(&nonce),
            (Some(_), Some(None)) => true,
            _ => false,
        };
        let inform = self.inform.as_ref();
        self.refused = (answered && !stale && seen.is_whole()).then(|| {
            Box::new(Refused {
                time: seen.message.provenance.time,
                connection: seen.message.provenance.connection,
                retry_count: inform.and_then(|message| {
                    message.soap.as_ref()?.envelope(0)?.inform()?.retry_count()
                }),
                frames: seen.message.provenance.frames(),
            })
        });
    }

    /// The nonce that a request answers, hashed; `None` within for Basic.
    fn credentials(&self, seen: &Seen<'_>) -> Option<Option<u64>> {
        match seen.authorization()? {
            Authorization::Digest(digest) => {
                Some(digest.nonce.as_ref().map(|nonce| self.hash(&nonce.text())))
            }
            Authorization::Basic(_) => Some(None),
            Authorization::Other(_) => None,
        }
    }

    fn hash(&self, nonce: &[u8]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(nonce);
        hasher.finish()
    }
}

/// A request behind the second 401, unless it is a new attempt.
fn loops(seen: &Seen<'_>, refused: &Refused, retry_count: Option<u32>, findings: &mut Findings) {
    let provenance = &seen.message.provenance;
    let started_ns = provenance.started.nanoseconds;
    let wait_ns = started_ns.saturating_sub(refused.time.nanoseconds);
    let anew = retry_count.is_some() && retry_count != refused.retry_count;
    let waited = provenance.connection != refused.connection && wait_ns >= RETRY_NS;
    if !anew && !waited && wait_ns >= 0 && seen.is_whole() {
        let draft = seen
            .breaks(&SECOND_ENDS)
            .header("")
            .shown_in(&refused.frames);
        findings.add(draft.because("the session goes on after the second 401"));
    }
}

/// In what an Inform is another than before.
fn differs(before: &Inform<'_>, now: &Informed<'_>) -> Option<String> {
    let count = before.retry_count();
    if count != now.retry_count {
        let shown = |count: Option<u32>| count.map_or_else(String::new, |count| count.to_string());
        return Some(format!(
            "RetryCount was {} and is {}",
            shown(count),
            shown(now.retry_count)
        ));
    }
    let (one, two) = (before.device_id(), now.inform.device_id());
    let same = one.oui == two.oui
        && one.product_class == two.product_class
        && one.serial_number == two.serial_number;
    if !same {
        return Some("DeviceId is another than before the challenge".to_owned());
    }
    let events = before.events();
    let other = |(one, two): (&cwmp::Event<'_>, &cwmp::Event<'_>)| {
        one.code != two.code || one.command_key != two.command_key
    };
    if events.len() != now.events.len() || events.iter().zip(&now.events).any(other) {
        return Some("the events are others than before the challenge".to_owned());
    }
    // A clock or a counter may have moved on, and of their order nothing is said.
    let before: BTreeSet<_> = before.parameters().map(|one| one.name()).collect();
    let now: BTreeSet<_> = now
        .parameters
        .iter()
        .map(|one| Cow::from(one.name()))
        .collect();
    if let Some(gone) = before.difference(&now).next() {
        return Some(format!("{gone} was there before the challenge"));
    }
    let new = now.difference(&before).next()?;
    Some(format!("{new} was not there before the challenge"))
}

/// Nonces of one response.
const NONCES_MAX: usize = 4;
/// The shortest wait before a session is tried again (TR-069 Amendment 3 section 3.2.1.1), less a little.
const RETRY_NS: i64 = 4_500_000_000;
