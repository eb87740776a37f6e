//! Nonces over connections: whether each gets its own, and whether an old one still opens the door (TR-069 Amendment 3
//! section 3.4.5).
//!
//! Kept are keyed hashes; two values that share one among so few are not to be feared.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hasher};

use http1::auth::{Authorization, Challenge};

use super::super::http::connections::is_closing;
use crate::conformance::rule::{ACS, BOTH, a3};
use crate::conformance::{Findings, Rule, Scope, Seen, Topic};
use crate::session::{Role, Side, Transport};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&FRESH];
/// The rule of this topic that belongs to another family.
pub(in crate::conformance::rules) const SECURITY_RULES: &[&Rule] = &[&REPLAY];

/// A nonce for each connection.
const FRESH: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.4.5")],
    demands: "The server makes a new nonce, and the client a new cnonce, for each TCP connection.",
    why: "A nonce that is the same for everybody and for ever makes Digest as weak as Basic: one recorded request, sent again, \
          logs in. Small servers have it fixed in their code, and nobody notices because all sessions work.",
    mend_cpe: "Draw a random cnonce for each connection; as the server of Connection Requests, a random nonce for each.",
    mend_acs: "Draw a random nonce for each connection; as the client of Connection Requests, a random cnonce for each.",
    bad: "connection 1: nonce=\"5f\"\nconnection 2: nonce=\"5f\"",
    good: "connection 1: nonce=\"5f\"\nconnection 2: nonce=\"c4\"",
    related: &["SEC-003"],
    wireshark: "http.www_authenticate contains \"nonce\" || http.authorization contains \"cnonce\"",
    ..Rule::should("AUTH-013", "fresh-nonce-each-connection", Scope::Device)
};

/// An old nonce is taken.
const REPLAY: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.4.5")],
    demands: "On connections that are not encrypted the ACS takes no nonce that it gave on another connection.",
    why: "Whoever recorded one session can play its first request again on a connection of their own: the ACS answers as to the \
          device, and hands out what it has for it.",
    mend_acs: "Tie each nonce to its connection, and answer an old one with 401 and stale=true.",
    bad: "connection 1: 401 nonce=\"5f\"\nconnection 2: POST with nonce=\"5f\", 200",
    good: "connection 1: 401 nonce=\"5f\"\nconnection 2: POST with nonce=\"5f\", 401 stale=true, nonce=\"c4\"",
    related: &["AUTH-013", "AUTH-019"],
    wireshark: "http.authorization contains \"nonce\"",
    ..Rule::heuristic("SEC-003", "old-nonce-accepted", Scope::Message)
};

/// Where nonces have been seen.
#[derive(Debug, Default)]
pub(super) struct Nonces {
    hasher: foldhash::quality::RandomState,
    places: HashMap<u64, Place, foldhash::fast::RandomState>,
    /// The oldest is forgotten first.
    order: VecDeque<u64>,
    /// Requests with a nonce of another connection, that wait for their answer, by connection.
    offered: VecDeque<u64>,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    connection: u64,
    /// The connection was to be closed behind the challenge.
    closing: bool,
}

impl Topic for Nonces {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if !matches!(seen.message.role, Role::Cwmp | Role::ConnectionRequest) || !seen.is_whole() {
            return;
        }
        if seen.is_request() {
            self.request(seen, findings);
        } else if !seen.message.http.is_interim() {
            self.response(seen, findings);
        }
    }
}

impl Nonces {
    fn response(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let connection = seen.message.provenance.connection;
        let waiting = self
            .offered
            .iter()
            .position(|offered| *offered == connection);
        let offered = waiting.and_then(|at| self.offered.remove(at));
        if offered.is_some() && matches!(seen.status(), 200..=299) {
            findings.add(seen.breaks(&REPLAY).because(
                "the request was accepted with a nonce that was given on another connection",
            ));
        }
        if seen.status() != 401 || seen.from() == Side::Other {
            return;
        }
        let closing = is_closing(seen.message);
        for digest in seen.challenges().iter().filter_map(Challenge::digest) {
            let Some(nonce) = &digest.nonce else {
                continue;
            };
            let hash = self.hash(&[b"nonce", &nonce.text()]);
            let place = Place {
                connection,
                closing,
            };
            let before = self.note(hash, place);
            if before.is_some_and(|before| before.connection != connection && !before.closing) {
                let draft = seen.breaks(&FRESH).header("WWW-Authenticate");
                findings.add(draft.because("the challenge has the nonce of another connection"));
            }
        }
    }

    fn request(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(Authorization::Digest(digest)) = seen.authorization() else {
            return;
        };
        let connection = seen.message.provenance.connection;
        let place = Place {
            connection,
            closing: false,
        };
        let by_device = seen.is_cwmp();
        if let Some(nonce) = digest.nonce.as_ref().filter(|_| by_device) {
            let hash = self.hash(&[b"nonce", &nonce.text()]);
            let given = self.places.get(&hash).copied();
            let clear = seen.message.provenance.transport == Transport::Http;
            if given.is_some_and(|given| given.connection != connection && !given.closing)
                && clear
                && !seen.is_forwarded()
            {
                self.offered.retain(|offered| *offered != connection);
                self.offered.push_back(connection);
                if self.offered.len() > OFFERED_MAX {
                    self.offered.pop_front();
                }
            }
        }
        // The key of a -sess algorithm is made with the first cnonce.
        let lasting = digest
            .algorithm()
            .is_some_and(|algorithm| algorithm.session);
        let client = seen.message.device.clone();
        let (Some(cnonce), Some(client), false) = (&digest.cnonce, client, lasting) else {
            return;
        };
        let cnonce = cnonce.text();
        if cnonce.is_empty() {
            return;
        }
        let role: &[u8] = if by_device { b"cwmp" } else { b"request" };
        let hash = self.hash(&[role, client.as_bytes(), &cnonce]);
        if self
            .note(hash, place)
            .is_some_and(|before| before.connection != connection)
        {
            let draft = seen.breaks(&FRESH).header("Authorization");
            findings.add(draft.because("the cnonce was used on another connection"));
        }
    }

    /// Remembers where a value was seen last; gives where it was before.
    fn note(&mut self, hash: u64, place: Place) -> Option<Place> {
        let before = self.places.insert(hash, place);
        if before.is_none() {
            self.order.push_back(hash);
            if self.order.len() > NONCES_MAX
                && let Some(oldest) = self.order.pop_front()
            {
                self.places.remove(&oldest);
            }
        }
        before
    }

    fn hash(&self, parts: &[&[u8]]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        for part in parts {
            hasher.write_usize(part.len());
            hasher.write(part);
        }
        hasher.finish()
    }
}

/// Values remembered at once, of all devices.
const NONCES_MAX: usize = 1 << 16;
/// Requests that wait for their answer.
const OFFERED_MAX: usize = 256;
