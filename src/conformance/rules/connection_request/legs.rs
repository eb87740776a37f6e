//! What ACS and device say to each other over a Connection Request: the GET, its challenge, its answer.

use std::borrow::Cow;
use std::net::IpAddr;

use http1::auth::{Challenge, authorization, challenges};

use super::legs_pages::{
    ACCEPTED_FROM_ANYWHERE, AGAIN_TOO_SOON, BODY_IN_ANSWER, BODY_IN_GET, CHALLENGE_PLAIN,
    NO_DIGEST, RATE, REFUSED_OTHERWISE, RETRY_AFTER, SLOW, SUCCESS_STATUS, TARGET, VERSION,
};
use crate::conformance::{Findings, Seen, Topic};
use crate::session::{Blame, Role, Severity, Side};

/// The Connection Requests of one device, leg by leg.
#[derive(Debug, Default)]
pub struct Legs {
    /// Path and query of the ConnectionRequestURL last reported.
    target: Option<String>,
    /// The ACS of its last session.
    acs: Option<IpAddr>,
    issue_1: bool,
    asked: Option<Get>,
    accepted: Option<Accepted>,
    /// Times of the latest successes, nanoseconds.
    successes_ns: Vec<i64>,
    /// `6 CONNECTION REQUEST` has come since the last success.
    came: bool,
}

/// A GET that waits for its answer.
#[derive(Debug)]
struct Get {
    connection: u64,
    /// How often bytes of the connection were missing by then.
    gaps: u32,
    time_ns: i64,
    /// The scheme of its credentials.
    offered: Option<Offered>,
    /// They were verified with a known password.
    valid: Option<bool>,
    right_target: Option<bool>,
    by_acs: bool,
    body_bytes: u64,
    source: IpAddr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Offered {
    Digest,
    Basic,
    Other,
}

/// The last success with credentials that were verified.
#[derive(Debug)]
struct Accepted {
    from: IpAddr,
}

impl Topic for Legs {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if seen.is_cwmp() {
            self.note_session(seen);
            return;
        }
        if seen.message.role != Role::ConnectionRequest {
            return;
        }
        if seen.is_request() {
            self.get(seen, findings);
        } else if let Some(get) = self.asked.take()
            && get.connection == seen.message.provenance.connection
            && get.gaps == seen.message.gaps_before
            && seen.is_whole()
            && !seen.message.http.view().is_interim()
        {
            self.answer(seen, &get, findings);
        }
    }
}

impl Legs {
    fn note_session(&mut self, seen: &Seen<'_>) {
        if seen.from() != Side::Cpe {
            return;
        }
        self.issue_1 |= seen.is_issue_1();
        let Some(inform) = seen.envelopes().find_map(|envelope| envelope.inform()) else {
            return;
        };
        self.acs = Some(seen.message.provenance.destination.ip());
        self.came |= inform
            .events()
            .iter()
            .any(|event| event.code.trim() == EVENT);
        let mut parameters = inform.parameters();
        let url = parameters.find(|one| one.name().trim().ends_with(".ConnectionRequestURL"));
        if let Some(url) = url.and_then(|url| url.value()) {
            self.target = target_of(&url).map(str::to_owned);
        }
    }

    fn get(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let view = seen.message.http.view();
        let value = view.header("Authorization");
        let offered = value
            .as_deref()
            .map(|value| match authorization(value).what {
                it if it.digest().is_some() => Offered::Digest,
                it if it.basic().is_some() => Offered::Basic,
                _ => Offered::Other,
            });
        let target = String::from_utf8_lossy(view.target()).into_owned();
        let provenance = &seen.message.provenance;
        let get = Get {
            connection: provenance.connection,
            gaps: seen.message.gaps_before,
            time_ns: provenance.time.nanoseconds,
            offered,
            valid: seen.message.authorized,
            right_target: self
                .target
                .as_deref()
                .map(|right| right == relative(&target)),
            by_acs: self.acs == Some(provenance.source.ip()),
            body_bytes: seen.message.http.body_bytes,
            source: provenance.source.ip(),
        };
        let from_acs = get.by_acs || get.valid == Some(true);
        if from_acs && seen.is_whole() {
            if !self.issue_1 && view.version_number() != Some((1, 1)) {
                let version = String::from_utf8_lossy(view.version()).into_owned();
                findings.add(
                    seen.breaks(&VERSION)
                        .because(format!("the version is {version}")),
                );
            }
            if get.right_target == Some(false) && offered.is_some() {
                let right = self.target.as_deref().unwrap_or_default();
                let said = format!("the target is {target}, the device reported {right}");
                findings.add(seen.breaks(&TARGET).because(said));
            }
            if get.body_bytes > 0 {
                let said = format!("the GET has a body of {} bytes", get.body_bytes);
                findings.add(seen.breaks(&BODY_IN_GET).blame(Blame::Acs).because(said));
            }
            self.again(seen, &get, findings);
        }
        self.asked = Some(get);
    }

    /// A second request so soon after one that the device agreed to.
    fn again(&self, seen: &Seen<'_>, get: &Get, findings: &mut Findings) {
        let last_ns = self.successes_ns.last().copied().filter(|_| !self.came);
        if let (Some(last_ns), Some(_)) = (last_ns, get.offered)
            && (0..THIRTY_SECONDS_NS).contains(&get.time_ns.saturating_sub(last_ns))
        {
            let said = format!(
                "the device agreed to another {} s before",
                (get.time_ns - last_ns) / 1_000_000_000
            );
            findings.add(seen.breaks(&AGAIN_TOO_SOON).blame(Blame::Acs).because(said));
        }
    }

    fn answer(&mut self, seen: &Seen<'_>, get: &Get, findings: &mut Findings) {
        match seen.status() {
            401 => challenged(seen, get, findings),
            200 | 204 => self.agreed(seen, get, findings),
            503 => {
                if seen.message.http.view().header("Retry-After").is_some() {
                    let draft = seen.breaks(&RETRY_AFTER).header("Retry-After");
                    findings.add(draft.because("503 has a Retry-After"));
                }
            }
            201..=299 if get.offered == Some(Offered::Digest) && !self.issue_1 => {
                let said = format!("the status of success is {}", seen.status());
                findings.add(seen.breaks(&SUCCESS_STATUS).because(said));
            }
            status => self.refused(seen, get, status, findings),
        }
    }

    fn agreed(&mut self, seen: &Seen<'_>, get: &Get, findings: &mut Findings) {
        if !self.issue_1 {
            match get.offered {
                None => {
                    let said = "the device agrees without having asked for credentials";
                    findings.add(seen.breaks(&NO_DIGEST).because(said));
                }
                Some(Offered::Basic) => {
                    let said = "the device takes Basic credentials";
                    findings.add(seen.breaks(&NO_DIGEST).because(said));
                }
                Some(_) => {}
            }
            if seen.message.http.body_bytes > 0 && get.offered.is_some() {
                let said = format!(
                    "the answer has a body of {} bytes",
                    seen.message.http.body_bytes
                );
                findings.add(seen.breaks(&BODY_IN_ANSWER).because(said));
            }
        }
        let took_ns = seen
            .message
            .provenance
            .time
            .nanoseconds
            .saturating_sub(get.time_ns);
        if took_ns > SLOW_NS {
            let said = format!("the answer takes {} s", took_ns / 1_000_000_000);
            findings.add(seen.breaks(&SLOW).because(said));
        }
        if get.valid == Some(true) {
            self.accepted = Some(Accepted { from: get.source });
        }
        self.came = false;
        self.rate(seen, findings);
    }

    fn rate(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        let now_ns = seen.message.provenance.time.nanoseconds;
        self.successes_ns
            .retain(|time_ns| now_ns.saturating_sub(*time_ns) < MINUTE_NS);
        if self.successes_ns.len() < RATE_MAX {
            self.successes_ns.push(now_ns);
            return;
        }
        self.successes_ns.remove(0);
        self.successes_ns.push(now_ns);
        let said =
            format!("more than {RATE_MAX} Connection Requests are agreed to within a minute");
        findings.add(seen.breaks(&RATE).at_most(Severity::Info).because(said));
    }

    fn refused(&self, seen: &Seen<'_>, get: &Get, status: u16, findings: &mut Findings) {
        if get.offered != Some(Offered::Digest) || self.issue_1 {
            return;
        }
        let elsewhere = self
            .accepted
            .as_ref()
            .filter(|accepted| get.valid == Some(true) && accepted.from != get.source);
        if let Some(accepted) = elsewhere {
            let said = format!(
                "status {status} for {}, with credentials that {} was served with",
                get.source, accepted.from
            );
            findings.add(seen.breaks(&ACCEPTED_FROM_ANYWHERE).because(said));
        } else if get.body_bytes > 0 && (400..500).contains(&status) {
            let said = format!("status {status} answers a GET with a body");
            findings.add(seen.breaks(&BODY_IN_GET).blame(Blame::Cpe).because(said));
        } else if get.right_target == Some(true) {
            let said = format!("status {status} refuses a Connection Request");
            let draft = seen.breaks(&REFUSED_OTHERWISE).because(said);
            match get.valid {
                Some(true) => findings.add(draft),
                None if status == 403 || status >= 500 => {
                    findings.add(draft.at_most(Severity::Warning));
                }
                _ => {}
            }
        }
    }
}

/// The device's challenge.
fn challenged(seen: &Seen<'_>, get: &Get, findings: &mut Findings) {
    if get.offered.is_some() {
        return;
    }
    let (mut digest, mut basic, mut plain) = (false, false, None);
    let view = seen.message.http.view();
    for value in view.header_all("WWW-Authenticate") {
        for challenge in challenges(&value).what {
            match challenge {
                Challenge::Digest(one) => {
                    digest = true;
                    let md5 = one
                        .algorithm
                        .as_ref()
                        .is_none_or(|algorithm| algorithm.text().eq_ignore_ascii_case(b"MD5"));
                    if !one.offers(b"auth") {
                        plain = Some(Cow::Borrowed("the Digest challenge offers no qop auth"));
                    } else if !md5 {
                        let name = one.algorithm.as_ref().map(|name| name.text().into_owned());
                        let name = name.unwrap_or_default();
                        plain = Some(Cow::Owned(format!(
                            "the Digest challenge wants {}",
                            String::from_utf8_lossy(&name)
                        )));
                    } else {
                        plain = None;
                    }
                }
                Challenge::Basic(_) => basic = true,
                Challenge::Other(_) => {}
            }
        }
    }
    let draft = || seen.breaks(&NO_DIGEST).header("WWW-Authenticate");
    match (digest, basic) {
        (false, true) => findings.add(draft().because("the challenge offers Basic alone")),
        (true, true) => {
            let said = "the challenge offers Basic beside Digest";
            findings.add(draft().at_most(Severity::Warning).because(said));
        }
        (false, false) => findings.add(draft().because("the challenge offers no Digest")),
        (true, false) => {}
    }
    if let Some(said) = plain {
        let draft = seen.breaks(&CHALLENGE_PLAIN).header("WWW-Authenticate");
        findings.add(draft.because(said));
    }
}

/// Path and query of an http URL; the empty path is `/`.
pub(super) fn target_of(url: &str) -> Option<&str> {
    let (_, rest) = url.trim().split_once("://")?;
    Some(rest.find(['/', '?']).map_or("/", |at| &rest[at..]))
}

/// A target in absolute form as path and query.
fn relative(target: &str) -> &str {
    let absolute = target.contains("://").then(|| target_of(target)).flatten();
    match absolute.unwrap_or(target) {
        "" => "/",
        target => target,
    }
}

/// The event of an Inform that follows a Connection Request.
pub(super) const EVENT: &str = "6 CONNECTION REQUEST";
/// Nanoseconds within which the device has to come, and the ACS to wait (TR-069 Amendment 3 section 3.2.2).
pub(super) const THIRTY_SECONDS_NS: i64 = 30_000_000_000;
const MINUTE_NS: i64 = 60_000_000_000;
/// An answer that takes longer has waited for something.
const SLOW_NS: i64 = 5_000_000_000;
/// Successes within a minute that no ACS needs.
const RATE_MAX: usize = 10;
