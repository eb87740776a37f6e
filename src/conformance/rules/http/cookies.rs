//! The cookies of a session: whether the device sends back what the ACS set (TR-069 Amendment 3 section 3.4.2; RFC 2965).
//!
//! Values are kept as keyed hashes alone.

use std::hash::{BuildHasher, Hasher};

use super::place::{Place, Unread};
use super::set_cookie::{SetCookie, given};
use crate::conformance::rule::{ACS, CPE, a3, cite};
use crate::conformance::{Findings, Rule, Scope, Seen, Topic};
use crate::session::{Severity, Side, Transport};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &RETURNED,
    &ALL_RETURNED,
    &REPLACED,
    &OF_THE_SESSION,
    &AFTER_REDIRECT,
    &PATH_COVERS,
];

/// Cookies come back.
const RETURNED: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.2")],
    demands: "The device sends the cookies that the ACS has set with every later request of the session.",
    why: "Behind a load balancer the cookie is what leads every POST to the same server: without it the second POST reaches one \
          that has never heard of the session, and is answered with 400, 403 or a new challenge. An answer that goes astray so is lost: \
          the device has set the values, and the ACS does not know it, or asks again for ever.",
    mend_cpe: "Keep the cookies of each response until the session ends, and send them in the Cookie header field.",
    mend_acs: "Where the device cannot be changed, lead all requests of a TCP connection, or of an address, to the same server, and find \
               the session by its connection; read back what may have been set.",
    bad: "200 OK\nSet-Cookie: JSESSIONID=1\n\nPOST /acs HTTP/1.1\n(no Cookie)",
    good: "200 OK\nSet-Cookie: JSESSIONID=1\n\nPOST /acs HTTP/1.1\nCookie: JSESSIONID=1",
    related: &["HTTP-024", "HTTP-025", "HTTP-028"],
    wireshark: "http.set_cookie || (http.request.method == \"POST\" && !http.cookie)",
    ..Rule::must("HTTP-023", "cookies-returned", Scope::Session)
};

/// Several cookies come back.
const ALL_RETURNED: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.2")],
    demands: "The device keeps several cookies at once, 512 bytes of them at least, and returns them all.",
    why: "An ACS behind a load balancer sets two: one for the server, one for the session. A device with room for one sends back \
          the last, and half of its sessions fail, depending on which server it lands on.",
    mend_cpe: "Keep a list of cookies by name and path, and send all that match in one Cookie header field.",
    bad: "Set-Cookie: lb=2\nSet-Cookie: sid=7\n\nPOST\nCookie: sid=7",
    good: "Set-Cookie: lb=2\nSet-Cookie: sid=7\n\nPOST\nCookie: lb=2; sid=7",
    related: &["HTTP-023"],
    wireshark: "http.set_cookie || http.cookie",
    ..Rule::must("HTTP-024", "all-cookies-returned", Scope::Session)
};

/// A new value replaces the old one.
const REPLACED: Rule = Rule {
    blame: CPE,
    severity: Some(Severity::Warning),
    cites: &[
        cite("RFC 2965", "3.3"),
        cite("RFC 6265", "5.3"),
        a3("3.4.2"),
    ],
    demands: "A cookie that is set again has the new value from then on, and one that was deleted is sent no more.",
    why: "An ACS that gives the session a new id after the login, as servers do against session fixation, knows the old one no \
          longer: every later POST is a stranger's.",
    mend_cpe: "Replace the value when a Set-Cookie with the same name and path comes; delete on Max-Age=0.",
    bad: "Set-Cookie: sid=1 ... Set-Cookie: sid=2\n\nPOST\nCookie: sid=1",
    good: "Set-Cookie: sid=1 ... Set-Cookie: sid=2\n\nPOST\nCookie: sid=2",
    related: &["HTTP-023"],
    wireshark: "http.set_cookie || http.cookie",
    ..Rule::heuristic("HTTP-025", "cookie-replaced", Scope::Session)
};

/// The ACS's cookies live as long as the session.
const OF_THE_SESSION: Rule = Rule {
    blame: ACS,
    cites: &[a3("3.4.2")],
    demands: "The ACS sets cookies for the session alone, without a lifetime of their own.",
    why: "A device drops its cookies when the session ends, or else comes back days later with the id of a session that is long \
          over: an ACS that trusts the lifetime it gave finds neither what it expects.",
    mend_acs: "Set session cookies without Max-Age and Expires.",
    bad: "Set-Cookie: sid=1; Max-Age=86400",
    good: "Set-Cookie: sid=1",
    related: &["HTTP-026"],
    wireshark: "http.set_cookie contains \"Max-Age\" || http.set_cookie contains \"xpires\"",
    ..Rule::should("HTTP-027", "cookies-of-the-session", Scope::Session)
};

/// Cookies follow a redirect.
const AFTER_REDIRECT: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.4.2")],
    demands: "After a redirect to another host the device sends the cookies of the session there too, whatever their domain.",
    why: "The cookie tells the second server which session it takes over: without it the redirected Inform is a new session to \
          it, and what the first server had begun is lost.",
    mend_cpe: "Do not check the domain of session cookies after a redirect of the ACS.",
    bad: "302 Location: http://acs2.example/\nSet-Cookie: sid=1\n\nPOST to acs2.example without Cookie",
    good: "302 Location: http://acs2.example/\nSet-Cookie: sid=1\n\nPOST to acs2.example with Cookie: sid=1",
    related: &["HTTP-023", "HTTP-030"],
    wireshark: "http.response.code in {302, 307} || http.cookie",
    ..Rule::must("HTTP-028", "cookies-follow-redirect", Scope::Session)
};

/// The path of a cookie covers the ACS URL.
const PATH_COVERS: Rule = Rule {
    blame: ACS,
    cites: &[cite("RFC 6265", "5.1.4")],
    demands: "The Path of a cookie covers the path that the device posts to.",
    why: "A device that goes by the rules sends such a cookie to no request of the session, so the ACS never gets it back; one \
          that ignores paths works, and hides the mistake from whoever tests with it.",
    mend_acs: "Set Path to the path of the ACS URL or to /, mind what a proxy in front cuts off.",
    bad: "POST /acs HTTP/1.1 ... Set-Cookie: sid=1; Path=/cwmp",
    good: "POST /acs HTTP/1.1 ... Set-Cookie: sid=1; Path=/",
    related: &["HTTP-023"],
    wireshark: "http.set_cookie contains \"ath=\"",
    ..Rule::heuristic("HTTP-029", "cookie-path-covers-acs-url", Scope::Session)
};

/// What is in one session's jar.
#[derive(Debug, Default)]
pub(super) struct Cookies {
    hasher: foldhash::quality::RandomState,
    jar: Vec<Kept>,
    /// The jar, or a value, went beyond what a device has to keep.
    full: bool,
    /// Where the last request went, as on the wire and as read.
    wire: Option<Unread>,
    asked: Option<Place>,
    /// The host that the session began at is left.
    moved: bool,
}

#[derive(Debug)]
struct Kept {
    name: String,
    path: Option<String>,
    /// Hashes of the value and of those before it.
    value: u64,
    former: Vec<u64>,
    bytes: usize,
    alive: bool,
    /// Whether it has to come back cannot be told.
    doubtful: bool,
    /// It comes back over TLS alone.
    secure: bool,
    /// Nanoseconds.
    set_ns: i64,
}

impl Topic for Cookies {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if !seen.is_cwmp() || !seen.message.http.head_complete() {
            return;
        }
        match seen.from() {
            Side::Cpe => self.request(seen, findings),
            Side::Acs => self.response(seen, findings),
            Side::Other => {}
        }
    }
}

impl Cookies {
    fn request(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let same = |wire: &Unread| wire.is_of(seen.message);
        if !self.wire.as_ref().is_some_and(same) {
            let wire = Unread::of_request(seen.message);
            let at = wire.read();
            if let (Some(before), Some(now)) = (&self.asked, &at) {
                self.moved |= !before.is_on_server_of(now);
            }
            (self.wire, self.asked) = (Some(wire), at);
        }
        if seen.is_whole() && !self.jar.is_empty() && !self.full {
            self.compare(seen, findings);
        }
    }

    fn compare(&self, seen: &Seen<'_>, findings: &mut Findings) {
        let path = self.asked.as_ref().map_or("/", |at| path_of(&at.target));
        let given: Vec<(String, u64)> = seen
            .message
            .http
            .header_all("Cookie")
            .flat_map(|value| given(&value, |value| self.hash(value)))
            .take(GIVEN_MAX)
            .collect();
        let began_ns = seen.message.provenance.started.nanoseconds;
        let in_clear = seen.message.provenance.transport == Transport::Http;
        let due = |kept: &&Kept| {
            let here = kept.covers(path) && !(kept.secure && in_clear);
            kept.alive && !kept.doubtful && kept.set_ns < began_ns && here
        };
        let mut missing = self
            .jar
            .iter()
            .filter(due)
            .filter(|kept| !given.iter().any(|(name, _)| *name == kept.name));
        if let Some(first) = missing.next() {
            let others = self.jar.iter().filter(due).count() > missing.count() + 1;
            let rule = match (self.moved, others) {
                (true, _) => &AFTER_REDIRECT,
                (false, true) => &ALL_RETURNED,
                (false, false) => &RETURNED,
            };
            let said = format!("the cookie {} is not returned", first.name);
            findings.add(seen.breaks(rule).header("Cookie").because(said));
            return;
        }
        for (name, value) in &given {
            let of_name = || self.jar.iter().filter(|kept| kept.name == *name);
            let known = of_name().any(|kept| kept.alive && kept.value == *value);
            let old = of_name().find(|kept| {
                let dead = !kept.alive && kept.value == *value;
                kept.set_ns < began_ns && !kept.doubtful && (dead || kept.former.contains(value))
            });
            if let Some(old) = old.filter(|_| !known) {
                let said = if old.alive {
                    format!("the cookie {name} has a value that another has replaced")
                } else {
                    format!("the cookie {name} was deleted, and is sent")
                };
                findings.add(seen.breaks(&REPLACED).header("Cookie").because(said));
            }
        }
    }

    fn response(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let now_ns = seen.message.provenance.time.nanoseconds;
        for value in seen.message.http.header_all("Set-Cookie") {
            let Some(set) = SetCookie::read(&value, now_ns) else {
                continue;
            };
            self.judge(seen, &set, findings);
            self.keep(&set, seen.message.provenance.transport, now_ns);
        }
    }

    fn judge(&self, seen: &Seen<'_>, set: &SetCookie, findings: &mut Findings) {
        if set.lives_on == Some(true) {
            let said = format!("the cookie {} has a lifetime of its own", set.name);
            let draft = seen
                .breaks(&OF_THE_SESSION)
                .header("Set-Cookie")
                .because(said);
            let foreign = BALANCERS.iter().any(|start| set.name.starts_with(start));
            findings.add(if foreign {
                draft.at_most(Severity::Info)
            } else {
                draft
            });
        }
        if let (Some(path), Some(asked)) = (&set.path, &self.asked)
            && set.lives_on != Some(false)
            && !is_within(path, path_of(&asked.target))
            && !asked.target.starts_with(path.as_str())
        {
            let said = format!(
                "the cookie {} has the Path {path}, and the device posts to {}",
                set.name,
                path_of(&asked.target)
            );
            findings.add(seen.breaks(&PATH_COVERS).header("Set-Cookie").because(said));
        }
    }

    fn keep(&mut self, set: &SetCookie, transport: Transport, now_ns: i64) {
        let value = self.hash(&set.value);
        let default_path = self.asked.as_ref().map(|asked| folder_of(&asked.target));
        let path = set.path.clone().or(default_path);
        let host = self.asked.as_ref().map(|asked| asked.host.as_str());
        let doubtful = set.expires_soon
            || set.secure && transport == Transport::Http
            || set
                .domain
                .as_deref()
                .is_some_and(|domain| host.is_none_or(|host| !host.ends_with(domain)));
        let alive = set.lives_on != Some(false);
        let same = self
            .jar
            .iter_mut()
            .find(|kept| kept.name == set.name && kept.path == path);
        if let Some(kept) = same {
            if kept.value != value {
                if kept.former.len() < FORMER_MAX {
                    kept.former.push(kept.value);
                }
                kept.value = value;
            }
            kept.former.retain(|former| *former != value);
            (kept.alive, kept.doubtful, kept.set_ns) = (alive, doubtful, now_ns);
            (kept.bytes, kept.secure) = (set.bytes, set.secure);
        } else if alive && self.jar.len() < JAR_MAX {
            self.jar.push(Kept {
                name: set.name.clone(),
                path,
                value,
                former: Vec::new(),
                bytes: set.bytes,
                alive,
                doubtful,
                secure: set.secure,
                set_ns: now_ns,
            });
        } else if alive {
            self.full = true;
        }
        let bytes: usize = self
            .jar
            .iter()
            .filter(|kept| kept.alive)
            .map(|kept| kept.bytes)
            .sum();
        self.full |= bytes > JAR_BYTES_MAX;
    }

    fn hash(&self, value: &[u8]) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(value);
        hasher.finish()
    }
}

impl Kept {
    fn covers(&self, path: &str) -> bool {
        self.path.as_deref().is_some_and(|own| is_within(own, path))
    }
}

/// A target without its query.
fn path_of(target: &str) -> &str {
    target.split('?').next().unwrap_or_default()
}

/// The default path of a cookie (RFC 6265 section 5.1.4).
fn folder_of(target: &str) -> String {
    let path = path_of(target);
    match path.rfind('/') {
        None | Some(0) => "/".to_owned(),
        Some(at) => path.get(..at).unwrap_or("/").to_owned(),
    }
}

/// RFC 6265 section 5.1.4.
fn is_within(own: &str, path: &str) -> bool {
    path.strip_prefix(own)
        .is_some_and(|rest| rest.is_empty() || own.ends_with('/') || rest.starts_with('/'))
}

/// Bytes of cookies that every device has room for (TR-069 Amendment 3 section 3.4.2).
const JAR_BYTES_MAX: usize = 512;
/// Cookies of so many bytes are fewer.
const JAR_MAX: usize = 32;
/// Values that a session's cookie may have had before.
const FORMER_MAX: usize = 8;
/// Cookies of one request that are looked at.
const GIVEN_MAX: usize = 64;
/// What load balancers add.
const BALANCERS: [&str; 8] = [
    "AWSALB",
    "AWSELB",
    "BIGip",
    "SERVERID",
    "visid_incap",
    "incap_ses",
    "__cf",
    "TS01",
];
