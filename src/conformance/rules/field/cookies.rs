//! A session cookie of an earlier session, sent to an ACS that does not know it any more.

use std::collections::VecDeque;

use crate::conformance::rule::CPE;
use crate::conformance::rules::soap::document::is_well_formed;
use crate::conformance::{Findings, Rule, Scope, Seen, SessionFacts, Topic, fingerprint};
use crate::session::Severity;

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[&STALE_COOKIE];

const STALE_COOKIE: Rule = Rule {
    severity: Some(Severity::Warning),
    blame: CPE,
    demands: "A session begins without the cookie of an earlier one, or the ACS takes no notice of it.",
    why: "The device keeps the cookie jar of its last session. An ACS that finds the old session gone answers 4xx or 5xx, or goes \
          on in the wrong session; the phone retries with the same cookie and stays out until it is restarted, which empties the jar.",
    mend_cpe: "Empty the cookie jar when a session ends, whether it ended well or not.",
    mend_acs: "Take an Inform as the beginning of a session whatever cookie comes with it.",
    bad: "POST /acs HTTP/1.1\nCookie: session=of-yesterday\n\n<cwmp:Inform>...\n\nHTTP/1.1 400 Bad Request",
    good: "POST /acs HTTP/1.1\n\n<cwmp:Inform>...\n\nHTTP/1.1 200 OK\nSet-Cookie: session=of-today",
    related: &["HTTP-026", "HTTP-027"],
    wireshark: "http.cookie && http.request.method == \"POST\"",
    ..Rule::heuristic("FIELD-001", "stale-cookie-refused", Scope::Device)
};

/// Cookies that a device was given, by session.
#[derive(Debug, Default)]
pub struct Cookies {
    /// Fingerprints of `name=value` with the session that set them, the latest last.
    given: VecDeque<(u64, u32)>,
    /// The session whose last request carried a cookie of an earlier session.
    stale: Option<(u32, u32)>,
}

impl Topic for Cookies {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let Some(session) = seen.message.session.filter(|_| seen.is_cwmp()) else {
            return;
        };
        if seen.is_request() {
            // XML that cannot be read is refused for that.
            let readable = seen.document().is_none_or(is_well_formed);
            self.stale = self
                .earlier(seen, session)
                .filter(|_| readable)
                .map(|earlier| (session, earlier));
            return;
        }
        // What is missing of the session may have set the cookie again.
        let whole = seen.session.is_some_and(SessionFacts::is_whole);
        let refused = whole && matches!(seen.status(), 400 | 402..=406 | 408..=599);
        if let Some((_, earlier)) = self
            .stale
            .take()
            .filter(|(of, _)| *of == session && refused)
        {
            let draft = seen.breaks(&STALE_COOKIE).because(format!(
                "status {} answers a request with the cookie of session {earlier}",
                seen.status()
            ));
            findings.add(draft);
        }
        for header in seen.message.http.view().header_all("Set-Cookie") {
            let pair = header
                .split(|byte| *byte == b';')
                .next()
                .unwrap_or_default();
            self.given
                .push_back((fingerprint(pair.trim_ascii()), session));
            if self.given.len() > COOKIES_MAX {
                self.given.pop_front();
            }
        }
    }
}

impl Cookies {
    /// The earlier session whose cookie this request carries, unless this session was given the same.
    fn earlier(&self, seen: &Seen<'_>, session: u32) -> Option<u32> {
        let view = seen.message.http.view();
        let value = view.header("Cookie").filter(|_| !self.given.is_empty())?;
        let known = value.split(|byte| *byte == b';').find_map(|pair| {
            let pair = fingerprint(pair.trim_ascii());
            let mut given = self.given.iter().rev().filter(|(one, _)| *one == pair);
            given.next().map(|(_, of)| *of)
        });
        known.filter(|of| *of < session)
    }
}

/// Cookies remembered of one device: those of some sessions, most of which set one or two.
const COOKIES_MAX: usize = 16;
