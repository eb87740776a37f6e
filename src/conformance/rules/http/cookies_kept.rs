//! Cookies that outlive their session (TR-069 Amendment 3 section 3.4.2).

use std::hash::{BuildHasher, Hasher};

use super::set_cookie::{SetCookie, given};
use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Findings, Rule, Scope, Seen, SessionFacts, Topic};
use crate::session::Side;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&DROPPED];

/// Session cookies end with the session.
const DROPPED: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.2")],
    demands: "The device drops the cookies of a session when the session is over.",
    why: "An Inform with the cookie of the last session leads the load balancer to a server that may be gone, and an ACS that \
          looks the session up by its cookie finds an old one in the wrong state and answers 400 or 500.",
    mend_cpe: "Empty the cookie jar when a session ends, however it ends.",
    bad: "(session over)\nPOST (Inform)\nCookie: sid=1",
    good: "(session over)\nPOST (Inform)\n(no Cookie)",
    related: &["HTTP-027", "HTTP-023"],
    wireshark: "http.cookie && xml",
    ..Rule::must("HTTP-026", "session-cookies-dropped", Scope::Device)
};

/// The session cookies of a device's last session.
#[derive(Debug, Default)]
pub(super) struct Kept {
    hasher: foldhash::quality::RandomState,
    session: Option<u32>,
    /// Hashes of the pairs that the session set, and of those of the session before.
    own: Vec<u64>,
    former: Vec<u64>,
    /// The session was seen to end.
    ended: bool,
}

impl Topic for Kept {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let (true, Some(session)) = (seen.is_cwmp(), seen.message.session) else {
            return;
        };
        let first = self.session != Some(session);
        if first {
            let own = std::mem::take(&mut self.own);
            self.former = if std::mem::take(&mut self.ended) {
                own
            } else {
                Vec::new()
            };
            self.session = Some(session);
        }
        match seen.from() {
            Side::Cpe if first && !self.former.is_empty() && begins(seen) => {
                self.begin(seen, findings);
            }
            Side::Acs => self.answer(seen),
            _ => {}
        }
    }
}

/// The session begins with this message: no challenge that set a cookie may be missing before it.
fn begins(seen: &Seen<'_>) -> bool {
    seen.session.is_some_and(SessionFacts::is_whole)
}

impl Kept {
    fn begin(&self, seen: &Seen<'_>, findings: &mut Findings) {
        let informs = seen
            .envelopes()
            .any(|envelope| envelope.message_name() == Some("Inform"));
        if !informs || seen.replay {
            return;
        }
        let mut name = None;
        for value in seen.message.http.header_all("Cookie") {
            for (own, hash) in given(&value, |value| self.hash(value)) {
                if self.former.contains(&self.mixed(&own, hash)) {
                    name = Some(own);
                }
            }
        }
        if let Some(name) = name {
            let said = format!(
                "the first Inform of the session has the cookie {name} of the session before"
            );
            findings.add(seen.breaks(&DROPPED).header("Cookie").because(said));
        }
    }

    fn answer(&mut self, seen: &Seen<'_>) {
        let http = &seen.message.http;
        self.ended |= matches!(seen.status(), 200..=299) && http.body_bytes == 0 && seen.is_whole();
        for value in http.header_all("Set-Cookie") {
            let now_ns = seen.message.provenance.time.nanoseconds;
            let Some(set) = SetCookie::read(&value, now_ns) else {
                continue;
            };
            let mixed = self.mixed(&set.name, self.hash(&set.value));
            self.own.retain(|one| *one != mixed);
            // What has a lifetime of its own may stay; and so may what cannot be told.
            let of_session = set.lives_on.is_none() && !set.expires_soon;
            if of_session && self.own.len() < COOKIES_MAX {
                self.own.push(mixed);
            }
        }
    }

    fn hash(&self, value: &[u8]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(value);
        hasher.finish()
    }

    fn mixed(&self, name: &str, value: u64) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(name.as_bytes());
        hasher.write_u64(value);
        hasher.finish()
    }
}

/// Cookies of one session that are remembered.
const COOKIES_MAX: usize = 8;
