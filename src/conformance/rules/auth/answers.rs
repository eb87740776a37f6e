//! Digest answers: what a challenge asked for, given back as it should be (RFC 2617; TR-069 Amendment 3 section 3.4.5).
//!
//! In a session the device answers the ACS, in a Connection Request the ACS the device.

use std::hash::{BuildHasher, Hasher};

use http1::auth::{
    Algorithm, Authorization, Challenge, DigestAuthorization, DigestChallenge, UriMatch, uri_match,
};

use crate::conformance::rule::{BOTH, CPE, a3, cite};
use crate::conformance::{Findings, Rule, Scope, Seen, Topic};
use crate::session::{Role, Severity};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&QOP, &COUNT, &URI, &ECHO, &RESPONSE];

/// qop=auth is answered with qop=auth.
const QOP: Rule = Rule {
    blame: BOTH,
    cites: &[a3("3.4.5"), cite("RFC 2617", "3.2.2")],
    demands: "Where a Digest challenge offers qop=auth, the answer has a qop out of the list, a cnonce, and nc in eight hexadecimal \
              digits.",
    why: "Without qop the digest is computed another way, and a server that has left RFC 2069 behind refuses it: 401 again and \
          again although the password is right.",
    mend_cpe: "Answer with qop=auth, nc=00000001 and a cnonce whenever the challenge has qop.",
    mend_acs: "Answer the device's challenge with qop=auth, nc=00000001 and a cnonce whenever it has qop.",
    bad: "Authorization: Digest username=\"u\", realm=\"acs\", nonce=\"5f\", uri=\"/acs\", response=\"...\"",
    good: "Authorization: Digest username=\"u\", realm=\"acs\", nonce=\"5f\", uri=\"/acs\", qop=auth, nc=00000001, cnonce=\"a1\", response=\"...\"",
    related: &["AUTH-006"],
    wireshark: "http.authorization contains \"Digest\" && !(http.authorization contains \"qop\")",
    ..Rule::must("AUTH-005", "qop-auth-answered", Scope::Message)
};

/// nc counts.
const COUNT: Rule = Rule {
    blame: BOTH,
    severity: Some(Severity::Warning),
    cites: &[cite("RFC 2617", "3.2.2")],
    demands: "nc is 00000001 in the first request with a nonce, and one more in each that follows.",
    why: "The count is how a server tells a request from a copy that somebody recorded. One that checks it refuses the second \
          request with the same count, with 401 or without a word, so that only sessions of one message work.",
    mend_cpe: "Count the requests sent with each nonce, and start again at 1 with a new nonce.",
    mend_acs: "Count the requests sent with each nonce, and start again at 1 with a new nonce.",
    bad: "nonce=\"5f\", nc=00000001\nnonce=\"5f\", nc=00000001",
    good: "nonce=\"5f\", nc=00000001\nnonce=\"5f\", nc=00000002",
    related: &["AUTH-005"],
    wireshark: "http.authorization contains \"nc=\"",
    ..Rule::heuristic("AUTH-006", "nonce-count-grows", Scope::Session)
};

/// uri is the target.
const URI: Rule = Rule {
    blame: BOTH,
    severity: Some(Severity::Warning),
    cites: &[cite("RFC 2617", "3.2.2")],
    demands: "The uri of a Digest answer is the target of the request line, or another spelling of it.",
    why: "The uri goes into the hash, so that a recorded answer serves for no other resource: a server that compares the two \
          answers 400 or 401, most often after a redirect or where the ACS URL has a query.",
    mend_cpe: "Compute the digest over the target that is sent, query included.",
    mend_acs: "Compute the digest over the path and query of the ConnectionRequestURL, as sent.",
    bad: "POST /acs HTTP/1.1\nAuthorization: Digest ... uri=\"/\"",
    good: "POST /acs HTTP/1.1\nAuthorization: Digest ... uri=\"/acs\"",
    wireshark: "http.authorization contains \"uri=\"",
    ..Rule::heuristic("AUTH-008", "digest-uri-is-target", Scope::Message)
};

/// What the challenge gave comes back.
const ECHO: Rule = Rule {
    blame: BOTH,
    severity: Some(Severity::Warning),
    cites: &[cite("RFC 2617", "3.2.2")],
    demands: "The answer to a Digest challenge has its nonce, its realm and, where it has one, its opaque, unchanged.",
    why: "The server finds its challenge again by them: with an old nonce, a realm of the device's own or no opaque the answer \
          belongs to nothing, and is refused whatever the password.",
    mend_cpe: "Copy nonce, realm and opaque from the challenge byte for byte.",
    mend_acs: "Copy nonce, realm and opaque from the device's challenge byte for byte.",
    bad: "WWW-Authenticate: Digest realm=\"acs\", nonce=\"5f\", opaque=\"77\"\nAuthorization: Digest realm=\"acs\", nonce=\"5f\", ... (no opaque)",
    good: "WWW-Authenticate: Digest realm=\"acs\", nonce=\"5f\", opaque=\"77\"\nAuthorization: Digest realm=\"acs\", nonce=\"5f\", opaque=\"77\", ...",
    wireshark: "http.www_authenticate || http.authorization",
    ..Rule::heuristic("AUTH-009", "challenge-echoed", Scope::Message)
};

/// The response can be computed again.
const RESPONSE: Rule = Rule {
    blame: CPE,
    severity: Some(Severity::Warning),
    cites: &[cite("RFC 2617", "3.2.2")],
    demands: "The response of a Digest answer is what the known password gives.",
    why: "Either the password is another one than is believed, or the device computes the digest in a way of its own: MD5-sess, a \
          quoted qop, a uri with the host in it. The ACS says 401 for both.",
    mend_cpe: "Compare the device's password; then compute the three hashes of RFC 2617 section 3.2.2 (HA1 of user, realm and password, HA2 of method and uri, and the response) by hand with the values on the wire.",
    bad: "Authorization: Digest ... response=\"(of another password)\"",
    good: "Authorization: Digest ... response=\"(of the known password)\"",
    related: &["AUTH-005", "AUTH-008"],
    wireshark: "http.authorization contains \"response=\"",
    ..Rule::heuristic("AUTH-010", "digest-response-verifies", Scope::Message)
};

/// The last challenges of both sides of a device, and what their nonces were used for.
#[derive(Debug, Default)]
pub(super) struct Answers {
    hasher: foldhash::quality::RandomState,
    /// In sessions, and in Connection Requests.
    asked: [Option<Box<Asked>>; 2],
    nonces: Vec<Nonce>,
    issue_1: bool,
    forwarded: bool,
}

/// The last 401 that was seen.
#[derive(Debug)]
struct Asked {
    /// Its challenges of Digest, in their order.
    challenges: Vec<Offer>,
    /// Nothing has been said behind it.
    fresh: bool,
    session: Option<u32>,
    connection: u64,
    /// How often bytes of the connection were missing by then.
    gaps: u32,
    time_ns: i64,
}

/// A challenge of Digest, as far as its answer has to fit it.
#[derive(Debug)]
struct Offer {
    realm: Option<Box<[u8]>>,
    nonce: Option<Box<[u8]>>,
    opaque: Option<Box<[u8]>>,
    algorithm: Option<Algorithm>,
    qops: Vec<Box<[u8]>>,
}

impl Offer {
    fn of(challenge: &DigestChallenge<'_>) -> Self {
        let text = |parameter| text_of(parameter).map(|text| text.into_owned().into());
        Self {
            realm: text(&challenge.realm),
            nonce: text(&challenge.nonce),
            opaque: text(&challenge.opaque),
            algorithm: challenge.algorithm(),
            qops: challenge.qops().take(QOPS_MAX).map(Box::from).collect(),
        }
    }

    fn offers(&self, qop: &[u8]) -> bool {
        self.qops.iter().any(|one| one.eq_ignore_ascii_case(qop))
    }

    fn has_nonce_of(&self, digest: &DigestAuthorization<'_>) -> bool {
        self.nonce.as_deref() == text_of(&digest.nonce).as_deref()
    }
}

#[derive(Debug)]
struct Nonce {
    hash: u64,
    count: u32,
    /// Of the body that came with it last.
    body: u64,
    /// The capture has its challenge.
    from_challenge: bool,
}

impl Asked {
    /// The request may answer this challenge, and no other that the capture lacks: it comes next on the same connection, or on
    /// another one soon after and in the same session.
    fn is_meant_by(&self, request: &Seen<'_>) -> bool {
        let provenance = &request.message.provenance;
        if self.connection == provenance.connection {
            return self.gaps == request.message.gaps_before;
        }
        let waited_ns = provenance.time.nanoseconds.saturating_sub(self.time_ns);
        self.session == request.message.session
            && request.message.gaps_before == 0
            && waited_ns < ANSWERED_WITHIN_NS
    }
}

impl Topic for Answers {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let channel = match seen.message.role {
            Role::Cwmp => 0,
            Role::ConnectionRequest => 1,
            Role::Transfer | Role::Other => return,
        };
        if seen.is_cwmp() {
            self.issue_1 = seen.is_issue_1();
            self.forwarded |= seen.is_forwarded();
        }
        if !seen.message.http.head_complete() || seen.message.http.is_interim() {
            return;
        }
        if seen.is_request() {
            self.request(channel, seen, findings);
        } else if seen.status() == 401 {
            self.challenge(channel, seen);
        }
    }
}

impl Answers {
    fn challenge(&mut self, channel: usize, seen: &Seen<'_>) {
        let digests = seen.challenges().iter().filter_map(Challenge::digest);
        let digests = digests.filter(|digest| digest.range.len() <= CHALLENGE_BYTES_MAX);
        let challenges: Vec<Offer> = digests.take(CHALLENGES_MAX).map(Offer::of).collect();
        for nonce in challenges.iter().filter_map(|one| one.nonce.as_deref()) {
            let hash = self.hash(nonce);
            // A nonce that is given out again is counted anew.
            self.nonces.retain(|known| known.hash != hash);
            self.remember(Nonce {
                hash,
                count: 0,
                body: 0,
                from_challenge: seen.is_whole(),
            });
        }
        if let Some(place) = self.asked.get_mut(channel) {
            *place = Some(Box::new(Asked {
                challenges,
                fresh: true,
                session: seen.message.session,
                connection: seen.message.provenance.connection,
                gaps: seen.message.gaps_before,
                time_ns: seen.message.provenance.time.nanoseconds,
            }));
        }
    }

    fn request(&mut self, channel: usize, seen: &Seen<'_>, findings: &mut Findings) {
        let asked = self.asked.get_mut(channel).and_then(Option::as_mut);
        let fresh = asked.is_some_and(|asked| {
            let fresh = std::mem::take(&mut asked.fresh);
            fresh && asked.is_meant_by(seen)
        });
        let Some(Authorization::Digest(digest)) = seen.authorization() else {
            return;
        };
        self.uri(seen, digest, findings);
        if seen.message.authorized == Some(false) && seen.is_cwmp() && seen.is_whole() {
            let draft = seen.breaks(&RESPONSE).header("Authorization");
            findings
                .add(draft.because("the response does not fit the known user name and password"));
        }
        let asked = self.asked.get(channel).and_then(Option::as_ref);
        if let Some(offer) = asked.and_then(|asked| meant(&asked.challenges, digest)) {
            self.qop(seen, digest, offer, findings);
            if fresh {
                echo(seen, digest, offer, findings);
            }
        }
        self.count(seen, digest, findings);
    }

    fn uri(&self, seen: &Seen<'_>, digest: &DigestAuthorization<'_>, findings: &mut Findings) {
        let Some(uri) = text_of(&digest.uri) else {
            return;
        };
        let target = seen.message.http.target();
        if !matches!(
            uri_match(&uri, target),
            UriMatch::Other | UriMatch::QueryMissing
        ) {
            return;
        }
        let said = format!(
            "uri is {}, and the target {}",
            String::from_utf8_lossy(&uri),
            String::from_utf8_lossy(target)
        );
        let draft = seen.breaks(&URI).header("Authorization").because(said);
        findings.add(if self.forwarded {
            draft.at_most(Severity::Info)
        } else {
            draft
        });
    }

    fn qop(
        &self,
        seen: &Seen<'_>,
        digest: &DigestAuthorization<'_>,
        offer: &Offer,
        findings: &mut Findings,
    ) {
        if !offer.offers(b"auth") || !offer.has_nonce_of(digest) || self.issue_1 {
            return;
        }
        let draft = || seen.breaks(&QOP).header("Authorization");
        let Some(qop) = text_of(&digest.qop) else {
            let said = "the challenge offers qop=auth, and the answer has no qop";
            findings.add(draft().because(said));
            return;
        };
        if !offer.offers(&qop) {
            let said = format!("the qop {} was not offered", String::from_utf8_lossy(&qop));
            findings.add(draft().because(said));
            return;
        }
        if digest.cnonce.is_none() {
            findings.add(draft().because("the answer has no cnonce"));
            return;
        }
        let Some(nc) = text_of(&digest.nc) else {
            findings.add(draft().because("the answer has no nc"));
            return;
        };
        let digits = nc.len() == NC_DIGITS && nc.iter().all(u8::is_ascii_hexdigit);
        if !digits {
            let said = format!("nc is {}", String::from_utf8_lossy(&nc));
            findings.add(draft().because(said));
        } else if nc.iter().any(u8::is_ascii_uppercase) {
            let said = format!("nc is {}, in upper case", String::from_utf8_lossy(&nc));
            findings.add(draft().because(said).at_most(Severity::Info));
        }
    }

    fn count(
        &mut self,
        seen: &Seen<'_>,
        digest: &DigestAuthorization<'_>,
        findings: &mut Findings,
    ) {
        let (Some(nonce), Some(count)) = (text_of(&digest.nonce), digest.nonce_count()) else {
            return;
        };
        if !seen.is_whole() || self.forwarded {
            return;
        }
        let hash = self.hash(&nonce);
        let body = seen.body_fingerprint();
        let Some(known) = self.nonces.iter_mut().find(|known| known.hash == hash) else {
            self.remember(Nonce {
                hash,
                count,
                body,
                from_challenge: false,
            });
            return;
        };
        let lossy = seen.session.is_some_and(|session| session.damaged);
        let draft = || seen.breaks(&COUNT).header("Authorization");
        if known.count == count && known.body == body {
            return;
        }
        if count <= known.count {
            let said = if count == known.count {
                format!("nc is {count:08x} for the second time")
            } else {
                format!("nc is {count:08x} behind {:08x}", known.count)
            };
            findings.add(draft().because(said));
        } else if known.from_challenge && !lossy && count != known.count.saturating_add(1) {
            let said = format!("nc is {count:08x} behind {:08x}", known.count);
            findings.add(draft().because(said).at_most(Severity::Info));
        }
        (known.count, known.body) = (count, body);
    }

    fn remember(&mut self, nonce: Nonce) {
        if self.nonces.len() >= NONCES_MAX {
            self.nonces.remove(0);
        }
        self.nonces.reserve_exact(1);
        self.nonces.push(nonce);
    }

    fn hash(&self, nonce: &[u8]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(nonce);
        hasher.finish()
    }
}

/// Of several challenges, the one that the answer means.
fn meant<'o>(all: &'o [Offer], digest: &DigestAuthorization<'_>) -> Option<&'o Offer> {
    let algorithm = digest.algorithm();
    let alike = || all.iter().filter(|one| one.algorithm == algorithm);
    alike()
        .find(|one| one.has_nonce_of(digest))
        .or_else(|| alike().next())
        .or_else(|| all.first())
}

fn echo(seen: &Seen<'_>, digest: &DigestAuthorization<'_>, offer: &Offer, findings: &mut Findings) {
    let differs = |mine, theirs: &Option<Box<[u8]>>| {
        text_of(mine).unwrap_or_default() != theirs.as_deref().unwrap_or_default()
    };
    let opaque = text_of(&digest.opaque);
    let said = match (opaque.as_deref(), offer.opaque.as_deref()) {
        _ if differs(&digest.realm, &offer.realm) => "the realm is not that of the challenge",
        _ if differs(&digest.nonce, &offer.nonce) => "the nonce is not that of the challenge",
        (None, Some(wanted)) if !wanted.is_empty() => {
            "the challenge has an opaque, and the answer has none"
        }
        (Some(given), Some(wanted)) if given != wanted => "opaque is not that of the challenge",
        _ => return,
    };
    findings.add(seen.breaks(&ECHO).header("Authorization").because(said));
}

fn text_of<'a>(
    parameter: &Option<http1::auth::Parameter<'a>>,
) -> Option<std::borrow::Cow<'a, [u8]>> {
    parameter.as_ref().map(http1::auth::Parameter::text)
}

/// Challenges of one response that are remembered.
const CHALLENGES_MAX: usize = 8;
/// Qualities of protection of one that are remembered.
const QOPS_MAX: usize = 16;
/// Bytes of one that is remembered.
const CHALLENGE_BYTES_MAX: usize = 2048;
/// Nonces of one device whose uses are counted.
const NONCES_MAX: usize = 8;
/// So soon a challenge is answered on another connection, nanoseconds.
const ANSWERED_WITHIN_NS: i64 = 30_000_000_000;
/// RFC 2617 section 3.2.2.
const NC_DIGITS: usize = 8;
