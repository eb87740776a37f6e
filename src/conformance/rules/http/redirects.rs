//! Redirects of the ACS: whether the device goes where it is sent (TR-069 Amendment 3 section 3.4.2).

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;

use super::place::{Place, Unread};
use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Closed, Draft, Findings, Rule, Scope, Seen, Topic};
use crate::session::{Role, Severity, Side, Transport};
use crate::source::{FrameId, Timestamp};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &SAME_POST,
    &FIVE,
    &AT_ANY_TIME,
    &STAYS,
    &TRANSPORT,
    &BODY_IGNORED,
];

/// The same POST goes to the Location.
const SAME_POST: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.2")],
    demands: "On 302 or 307 the device sends the same POST, with the same body, to the URL in Location.",
    why: "Browsers make a GET of a POST on 302, and HTTP libraries do the same unless told otherwise: the second ACS sees a GET \
          without an Inform, answers with a login page or 405, and the device never registers.",
    mend_cpe: "Repeat method and body on 302 as on 307; set the HTTP library to keep POST.",
    bad: "302 Location: http://acs2.example/acs\n\nGET /acs HTTP/1.1\nHost: acs2.example",
    good: "302 Location: http://acs2.example/acs\n\nPOST /acs HTTP/1.1\nHost: acs2.example\n\n<cwmp:Inform>",
    related: &["HTTP-034", "HTTP-047"],
    wireshark: "http.response.code in {302, 307}",
    ..Rule::must("HTTP-030", "same-post-to-location", Scope::Session)
};

/// Five in a row.
const FIVE: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.2")],
    demands: "The device follows at least five redirects in a row.",
    why: "A national load balancer sends to the region, the region to the site, the site to a server: a device that gives up at the \
          second or third never reaches its ACS, while others beside it do.",
    mend_cpe: "Set the limit of the HTTP client to five or more.",
    bad: "302, 302, 302, (closed)",
    good: "302, 302, 302, 302, 302, 200",
    related: &["HTTP-034"],
    wireshark: "http.response.code in {302, 307}",
    of_absence: true,
    ..Rule::must("HTTP-031", "five-redirects", Scope::Session)
};

/// A redirect at any moment.
const AT_ANY_TIME: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.2"), a3("3.7")],
    demands: "The device follows a redirect at any moment of a session, also in answer to its Inform.",
    why: "Redirecting the Inform is how an ACS spreads its devices: one that takes 302 for a failure comes back to the same URL \
          after a wait, is redirected again, and is never managed.",
    mend_cpe: "Handle 302 and 307 in the code that sends every POST, the Inform among them.",
    bad: "POST (Inform)\n302 Location: http://10.0.0.1:7547/b\n(closed)",
    good: "POST (Inform)\n302 Location: http://10.0.0.1:7547/b\nPOST /b (Inform)",
    related: &["HTTP-031", "HTTP-049"],
    wireshark: "http.response.code in {302, 307}",
    of_absence: true,
    ..Rule::must("HTTP-034", "redirect-at-any-time", Scope::Session)
};

/// The rest goes there too.
const STAYS: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.2")],
    demands: "After a redirect the rest of the session goes to the new URL, until another redirect.",
    why: "The session is with the second server now: what goes to the first again is answered with 400, or with another redirect \
          that makes the message arrive twice.",
    mend_cpe: "Keep the redirected URL for the whole session, and no longer.",
    bad: "POST /b (Inform), 200; POST /a (empty)",
    good: "POST /b (Inform), 200; POST /b (empty)",
    related: &["HTTP-030", "HTTP-033"],
    wireshark: "http.response.code in {302, 307} || http.request.method == \"POST\"",
    ..Rule::must("HTTP-047", "rest-of-session-goes-there", Scope::Session)
};

/// The scheme of the target decides.
const TRANSPORT: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.2")],
    demands: "The device speaks TLS to a redirect target whose URL is https, and plain HTTP to one whose URL is http.",
    why: "The Inform, the serial number and the digest of the password go out in clear to a port that waits for a handshake: the \
          server answers 400, and whoever listens on the way has read everything.",
    mend_cpe: "Take the transport from the scheme in Location, not from the connection before.",
    bad: "302 Location: https://10.0.0.1:9443/acs\n\nPOST /acs HTTP/1.1 (in clear, to port 9443)",
    good: "302 Location: https://10.0.0.1:9443/acs\n\nClientHello (to port 9443)",
    related: &["HTTP-039"],
    wireshark: "http.location contains \"https://\"",
    ..Rule::must("HTTP-048", "redirect-scheme-decides", Scope::Session)
};

/// A body on a redirect is nothing.
const BODY_IGNORED: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.2")],
    demands: "The device ignores the body of a redirect.",
    why: "Web servers add a page of HTML to every redirect. A device that gives it to its XML parser ends the session with a \
          parser error, although the Location in the head says all that it needs.",
    mend_cpe: "Read and throw away the body of a 302 or 307, then follow the Location.",
    bad: "302 Location: http://10.0.0.1:7547/b, 154 bytes of HTML\n(closed)",
    good: "302 Location: http://10.0.0.1:7547/b, 154 bytes of HTML\nPOST /b",
    related: &["HTTP-032", "HTTP-034"],
    wireshark: "http.response.code in {302, 307} && http.content_length > 0",
    of_absence: true,
    ..Rule::must("HTTP-049", "redirect-body-ignored", Scope::Session)
};

/// Redirects to other servers that no request of their session has followed yet: a GET there is noticed.
#[derive(Debug, Default)]
pub(super) struct Turned {
    waiting: VecDeque<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    session: u32,
    device: Option<Arc<str>>,
    cpe: IpAddr,
    to: Place,
    time: Timestamp,
    frames: Vec<FrameId>,
}

impl Topic for Turned {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        match (seen.message.role, seen.is_request(), seen.message.session) {
            (Role::Cwmp, true, Some(session)) if !self.waiting.is_empty() => {
                self.waiting.retain(|one| one.session != session);
            }
            (Role::Cwmp, false, Some(session)) if matches!(seen.status(), 302 | 307) => {
                self.wait(seen, session);
            }
            (Role::Other, true, _) if !self.waiting.is_empty() => self.stranger(seen, findings),
            _ => {}
        }
    }
}

impl Turned {
    fn wait(&mut self, seen: &Seen<'_>, session: u32) {
        let provenance = &seen.message.provenance;
        let location = seen.message.http.header("Location");
        let to = location.and_then(|location| Place::of(&String::from_utf8_lossy(&location)));
        let Some(to) = to.filter(|to| !to.https && !to.is_at(provenance.source)) else {
            return;
        };
        if self.waiting.len() >= WAITING_MAX {
            self.waiting.pop_front();
        }
        self.waiting.push_back(Waiting {
            session,
            device: seen.message.device.clone(),
            cpe: provenance.destination.ip(),
            to,
            time: provenance.time,
            frames: provenance.frames(),
        });
    }

    /// A request that is no POST of a session, to where a session was sent.
    fn stranger(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let provenance = &seen.message.provenance;
        if seen.message.http.method() != b"GET" {
            return;
        }
        let Some(at) = Place::of_request(seen.message) else {
            return;
        };
        let soon = |time: Timestamp| {
            (0..RETRY_NS).contains(&(provenance.started.nanoseconds - time.nanoseconds))
        };
        let found = self.waiting.iter().position(|one| {
            one.cpe == provenance.source.ip()
                && soon(one.time)
                && at.is_on_server_of(&one.to)
                && at.has_target_of(&one.to)
        });
        if let Some(one) = found.and_then(|found| self.waiting.remove(found)) {
            let draft = seen
                .breaks(&SAME_POST)
                .header("")
                .shown_in(&one.frames)
                .because("the redirect is followed with GET");
            findings.add(match &one.device {
                Some(device) => draft.device(device),
                None => draft,
            });
        }
    }
}

/// Where one session has been sent.
#[derive(Debug, Default)]
pub(super) struct Redirects {
    /// Redirects since the last other answer.
    in_a_row: u32,
    pending: Option<Box<Pending>>,
    /// The Location that was followed last.
    there: Option<Place>,
    asked: Option<Asked>,
    forwarded: bool,
}

#[derive(Debug)]
struct Asked {
    at: Unread,
    body: u64,
    retry_count: Option<u32>,
}

/// A redirect that waits to be followed.
#[derive(Debug)]
struct Pending {
    to: Place,
    /// On the server that was asked: within reach, and within sight of the capture.
    near: bool,
    with_body: bool,
    time: Timestamp,
    /// The status.
    status: u16,
    frames: Vec<FrameId>,
    connection: u64,
}

impl Topic for Redirects {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if !seen.is_cwmp() {
            return;
        }
        self.forwarded |= seen.is_forwarded();
        match seen.from() {
            Side::Cpe => self.request(seen, findings),
            Side::Acs => self.response(seen),
            Side::Other => {}
        }
    }

    fn closed(&mut self, closed: &Closed<'_>, findings: &mut Findings) {
        let Some(pending) = self.pending.take() else {
            return;
        };
        let ended_by_cpe = closed
            .session
            .endings
            .iter()
            .any(|ending| ending.connection == pending.connection && ending.by == Side::Cpe);
        if closed.is_whole() && ended_by_cpe && pending.near && !self.forwarded {
            let draft = closed
                .breaks(self.given_up(&pending))
                .only_in(&pending.frames);
            findings.add(self.not_followed(draft, &pending));
        }
    }
}

impl Redirects {
    fn response(&mut self, seen: &Seen<'_>) {
        if seen.message.http.is_interim() {
            return;
        }
        let status = seen.status();
        self.pending = None;
        if !matches!(status, 302 | 307) {
            self.in_a_row = 0;
            return;
        }
        self.in_a_row = self.in_a_row.saturating_add(1);
        let location = seen.message.http.header("Location");
        let to = location.and_then(|location| Place::of(&String::from_utf8_lossy(&location)));
        let (Some(to), true) = (to, seen.is_whole()) else {
            // Where the device goes from here is not known.
            self.there = None;
            return;
        };
        let provenance = &seen.message.provenance;
        let asked = self.asked.as_ref().and_then(|asked| asked.at.read());
        let near = !to.https
            && (asked.is_some_and(|asked| asked.is_on_server_of(&to))
                || to.is_at(provenance.source));
        self.pending = Some(Box::new(Pending {
            near,
            with_body: seen.message.http.body_bytes > 0,
            time: provenance.time,
            status,
            frames: provenance.frames(),
            connection: provenance.connection,
            to,
        }));
    }

    fn request(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let informed = seen.informed_first();
        let asked = Asked {
            at: Unread::of_request(seen.message),
            body: seen.body_fingerprint(),
            retry_count: informed.and_then(|informed| informed.retry_count),
        };
        let before = self.asked.take();
        let pending = self.pending.take();
        if pending.is_some() || self.there.is_some() {
            let whole = seen.is_whole() && !self.forwarded;
            match (pending, before, asked.at.read()) {
                (Some(pending), Some(before), Some(at)) if whole => {
                    self.follow(seen, *pending, &before, &asked, &at, findings);
                }
                (None, _, Some(at)) if whole => self.stay(seen, &at, findings),
                _ => self.there = None,
            }
        }
        self.asked = Some(asked);
    }

    /// The request behind a redirect.
    fn follow(
        &mut self,
        seen: &Seen<'_>,
        pending: Pending,
        before: &Asked,
        asked: &Asked,
        at: &Place,
        findings: &mut Findings,
    ) {
        let wait_ns = seen.message.provenance.started.nanoseconds - pending.time.nanoseconds;
        let back = *at != pending.to && before.at.read().as_ref() == Some(at);
        let retries = asked.retry_count.is_some() && asked.retry_count != before.retry_count;
        if back && (retries || wait_ns > RETRY_NS) {
            if pending.near {
                let draft = seen
                    .breaks(self.given_up(&pending))
                    .shown_in(&pending.frames);
                findings.add(self.not_followed(draft, &pending));
            }
            self.there = None;
            self.in_a_row = 0;
            return;
        }
        let clear = seen.message.provenance.transport == Transport::Http;
        let there = at.is_on_server_of(&pending.to)
            || seen.message.provenance.destination.port() == pending.to.port
                && at.host == pending.to.host;
        if pending.to.https && clear {
            if there {
                let said = format!(
                    "the Location is https, and the device speaks plain HTTP to port {}",
                    pending.to.port
                );
                findings.add(
                    seen.breaks(&TRANSPORT)
                        .shown_in(&pending.frames)
                        .because(said),
                );
            }
            return;
        }
        let post = seen.message.http.method() == b"POST";
        let said = if !post {
            format!(
                "the redirect is followed with {}",
                String::from_utf8_lossy(seen.message.http.method())
            )
        } else if !at.is_on_server_of(&pending.to) || !at.has_target_of(&pending.to) {
            format!("the request goes to {}:{}{}", at.host, at.port, at.target)
        } else if asked.body != before.body {
            "the redirected request has another body".to_owned()
        } else {
            self.there = Some(pending.to);
            return;
        };
        let draft = seen.breaks(&SAME_POST).header("").shown_in(&pending.frames);
        let draft = draft.because(said);
        // An Inform made anew has another CurrentTime, and hardly anybody minds.
        let anew = post && asked.retry_count.is_some() && !retries;
        findings.add(if anew && at.has_target_of(&pending.to) {
            draft.at_most(Severity::Warning)
        } else {
            draft
        });
        self.there = None;
    }

    /// A later request of the session.
    fn stay(&mut self, seen: &Seen<'_>, at: &Place, findings: &mut Findings) {
        let Some(there) = &self.there else {
            return;
        };
        if !at.is_on_server_of(there) || !at.has_target_of(there) {
            let said = format!(
                "the request goes to {}:{}{}, and the session had been redirected to {}:{}{}",
                at.host, at.port, at.target, there.host, there.port, there.target
            );
            findings.add(seen.breaks(&STAYS).header("").because(said));
            self.there = None;
        }
    }

    /// Which duty it is that the device did not fulfil.
    fn given_up(&self, pending: &Pending) -> &'static Rule {
        if pending.with_body {
            &BODY_IGNORED
        } else if self.in_a_row > 1 {
            &FIVE
        } else {
            &AT_ANY_TIME
        }
    }

    fn not_followed(&self, draft: Draft, pending: &Pending) -> Draft {
        let draft = draft.because(format!(
            "the redirect with {} to {}:{}{}, the {}. in a row, is not followed",
            pending.status, pending.to.host, pending.to.port, pending.to.target, self.in_a_row
        ));
        if self.in_a_row > REDIRECTS_MIN {
            draft.at_most(Severity::Info)
        } else {
            draft
        }
    }
}

/// Redirects of all sessions that wait to be followed.
const WAITING_MAX: usize = 256;
/// Redirects in a row that every device follows.
const REDIRECTS_MIN: u32 = 5;
/// The shortest wait before a session is tried again (TR-069 Amendment 3 section 3.2.1.1), less a little.
const RETRY_NS: i64 = 4_500_000_000;
