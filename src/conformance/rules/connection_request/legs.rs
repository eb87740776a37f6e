//! What ACS and device say to each other over a Connection Request: the GET, its challenge, its answer.

use std::borrow::Cow;
use std::net::IpAddr;

use cwmp::EnvelopeRef;
use http1::auth::{Authorization, Challenge, DigestChallenge};

use super::door::{Door, NAME};
use super::legs_pages::{
    ACCEPTED_FROM_ANYWHERE, AGAIN_TOO_SOON, BODY_IN_ANSWER, BODY_IN_GET, CHALLENGE_PLAIN,
    NO_DIGEST, RATE, REFUSED_OTHERWISE, RETRY_AFTER, SLOW, SUCCESS_STATUS, TARGET, VERSION,
};
use crate::conformance::{Draft, Exchange, Findings, Seen, Topic};
use crate::session::{Blame, ConnectionRequest, Role, Severity, Side};
use crate::source::FrameId;

/// The Connection Requests of one device, leg by leg.
#[derive(Debug, Default)]
pub struct Legs {
    door: Door,
    /// The ACS of its last session.
    acs: Option<IpAddr>,
    issue_1: bool,
    asked: Option<Box<Get>>,
    accepted: Option<Accepted>,
    /// What shows to be an answer to a Connection Request only if a session follows: the latest.
    doubtful: Vec<Doubtful>,
    /// Times of the latest successes, nanoseconds.
    successes_ns: Vec<i64>,
    /// `6 CONNECTION REQUEST` has come since the last success.
    came: bool,
}

/// A request that waits for its answer.
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
    /// GET and HTTP/1.1.
    usual: bool,
    by_acs: bool,
    body_bytes: u64,
    source: IpAddr,
    /// What is told of its sender if it turns out to be the ACS.
    held: Vec<Draft>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Offered {
    Digest,
    Basic,
    Other,
}

/// A finding that waits for what comes of the request.
#[derive(Debug)]
struct Doubtful {
    /// The answer's first frame.
    frame: FrameId,
    draft: Draft,
    /// What it is worth where no session follows.
    otherwise: Option<Severity>,
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
            self.asked = Some(Box::new(self.request(seen, findings)));
        } else if !seen.message.http.is_interim()
            && let Some(get) = self.asked.take()
            && get.connection == seen.message.provenance.connection
            && get.gaps == seen.message.gaps_before
            && seen.is_whole()
        {
            self.answer(seen, *get, findings);
        }
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, _: &mut Findings) {
        if exchange.method() == "GetParameterValues" && !exchange.is_fault() {
            self.door.read(exchange);
        }
        if exchange.method() == "SetParameterValues" && !exchange.is_fault() {
            let request = exchange.request();
            let mut set = request.iter().flat_map(EnvelopeRef::parameters);
            let credential = |name: &str| {
                name.ends_with(".ConnectionRequestPassword")
                    || name.ends_with(".ConnectionRequestUsername")
            };
            if set.any(|one| credential(&one.name())) {
                // What is known of them may hold no longer.
                self.accepted = None;
            }
        }
    }

    fn connection_request(&mut self, request: &ConnectionRequest, findings: &mut Findings) {
        let last = request.steps.last().and_then(|step| step.frames.first());
        let told = |one: &mut Doubtful| Some(&one.frame) == last;
        for one in self.doubtful.extract_if(.., told) {
            match (request.session, one.otherwise) {
                (Some(_), _) => findings.add(one.draft),
                (None, Some(severity)) => findings.add(one.draft.at_most(severity)),
                (None, None) => {}
            }
        }
    }
}

impl Legs {
    fn note_session(&mut self, seen: &Seen<'_>) {
        if seen.from() != Side::Cpe {
            return;
        }
        self.issue_1 |= seen.is_issue_1();
        let Some(inform) = seen.informed() else {
            return;
        };
        self.acs = Some(seen.message.provenance.destination.ip());
        self.came |= inform.has(EVENT);
        let url = inform.parameter_at(NAME);
        if let Some(url) = url.and_then(|url| url.value()) {
            self.door.set(url, seen.message.provenance.time.nanoseconds);
        }
    }

    fn request(&self, seen: &Seen<'_>, findings: &mut Findings) -> Get {
        let view = seen.message.http.view();
        let offered = seen.authorization().map(|what| match what {
            Authorization::Digest(_) => Offered::Digest,
            Authorization::Basic(_) => Offered::Basic,
            Authorization::Other(_) => Offered::Other,
        });
        let provenance = &seen.message.provenance;
        let time_ns = provenance.time.nanoseconds;
        let usual = view.method() == b"GET" && view.version_number() == Some((1, 1));
        let mut get = Get {
            connection: provenance.connection,
            gaps: seen.message.gaps_before,
            time_ns,
            offered,
            valid: seen.message.authorized,
            right_target: self
                .door
                .is(&String::from_utf8_lossy(view.target()), time_ns),
            usual,
            by_acs: self.acs == Some(provenance.source.ip()),
            body_bytes: seen.message.http.body_bytes,
            source: provenance.source.ip(),
            held: Vec::new(),
        };
        if seen.is_whole() {
            self.look(seen, &mut get);
            if get.by_acs || get.valid == Some(true) {
                self.again(seen, &get, findings);
                let sure = |draft: &mut Draft| draft.rule.code != TARGET.code;
                get.held
                    .extract_if(.., sure)
                    .for_each(|draft| findings.add(draft));
            }
        }
        get
    }

    /// What is wrong with a request, if its sender is the ACS.
    fn look(&self, seen: &Seen<'_>, get: &mut Get) {
        if get.right_target == Some(false) {
            get.held.extend(self.elsewhere(seen, get));
            return;
        }
        if !get.usual && !self.issue_1 && get.right_target.is_some() {
            let view = seen.message.http.view();
            let said = format!(
                "the request is {} with {}",
                String::from_utf8_lossy(view.method()),
                String::from_utf8_lossy(view.version())
            );
            get.held.push(seen.breaks(&VERSION).because(said));
        }
        if get.body_bytes > 0 {
            let said = format!("the request has a body of {} bytes", get.body_bytes);
            let draft = seen.breaks(&BODY_IN_GET).blame(Blame::Acs);
            get.held.push(draft.because(said));
        }
    }

    /// Another path than that of the device. Without a password that verifies who asks, it may be something else on the
    /// device's own web server.
    fn elsewhere(&self, seen: &Seen<'_>, get: &Get) -> Option<Draft> {
        let sure = match (get.offered, get.valid) {
            (Some(_), Some(true)) => true,
            (Some(Offered::Digest), None) => false,
            _ => return None,
        };
        let view = seen.message.http.view();
        let said = format!(
            "the target is {}, the device reported {}",
            String::from_utf8_lossy(view.target()),
            self.door.target().unwrap_or_default()
        );
        let draft = seen.breaks(&TARGET).because(said);
        Some(if sure {
            draft
        } else {
            draft.at_most(Severity::Warning)
        })
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

    fn answer(&mut self, seen: &Seen<'_>, mut get: Get, findings: &mut Findings) {
        let status = seen.status();
        if get.right_target == Some(false) {
            // A page shows that something else was meant.
            let refused = matches!(status, 400..=499) || seen.message.http.body_bytes == 0;
            let known = get.by_acs || get.valid == Some(true);
            for draft in get.held.drain(..).filter(|_| known && refused) {
                findings.add(draft);
            }
            return;
        }
        match status {
            401 => challenged(seen, &get, findings),
            200 | 204 => self.agreed(seen, get, findings),
            503 => {
                if seen.message.http.header("Retry-After").is_some() {
                    let draft = seen.breaks(&RETRY_AFTER).header("Retry-After");
                    findings.add(draft.because("503 has a Retry-After"));
                }
            }
            201..=299 if get.offered == Some(Offered::Digest) => {
                let said = format!("the status of success is {status}");
                let draft = seen.breaks(&SUCCESS_STATUS).because(said);
                if get.valid == Some(true) {
                    findings.add(draft);
                } else {
                    self.doubt(seen, draft, None);
                }
            }
            _ => self.refused(seen, &get, status, findings),
        }
    }

    fn doubt(&mut self, seen: &Seen<'_>, draft: Draft, otherwise: Option<Severity>) {
        let Some(frame) = seen.message.provenance.frames().first().copied() else {
            return;
        };
        if self.doubtful.len() >= DOUBTFUL_MAX {
            self.doubtful.remove(0);
        }
        self.doubtful.push(Doubtful {
            frame,
            draft,
            otherwise,
        });
    }

    fn agreed(&mut self, seen: &Seen<'_>, mut get: Get, findings: &mut Findings) {
        // Whoever the device lets in is its ACS.
        if get.offered == Some(Offered::Digest) {
            get.held.drain(..).for_each(|draft| findings.add(draft));
        }
        self.unproven(seen, &get, findings);
        let body_bytes = seen.message.http.body_bytes;
        if body_bytes > 0 && get.offered.is_some() {
            let said = format!("the answer has a body of {body_bytes} bytes");
            findings.add(seen.breaks(&BODY_IN_ANSWER).because(said));
        }
        let now_ns = seen.message.provenance.time.nanoseconds;
        let took_ns = now_ns.saturating_sub(get.time_ns);
        if took_ns > SLOW_NS && get.offered.is_some() {
            let said = format!("the answer takes {} s", took_ns / 1_000_000_000);
            findings.add(seen.breaks(&SLOW).because(said));
        }
        if get.valid == Some(true) {
            self.accepted = Some(Accepted { from: get.source });
        }
        self.came = false;
        self.rate(seen, findings);
    }

    /// It agrees to credentials that prove nothing.
    fn unproven(&mut self, seen: &Seen<'_>, get: &Get, findings: &mut Findings) {
        let draft = seen.breaks(&NO_DIGEST);
        match get.offered {
            None => {
                let said = "the device agrees without having asked for credentials";
                let draft = draft.because(said);
                // A page may be its web server's, whose port and path the Connection Requests share.
                if seen.message.http.body_bytes > 0 {
                    self.doubt(seen, draft, Some(Severity::Warning));
                } else {
                    findings.add(draft);
                }
            }
            Some(Offered::Basic) => {
                findings.add(draft.because("the device takes Basic credentials"));
            }
            // The known password is right, as an earlier request shows, unless it was changed meanwhile.
            Some(Offered::Digest) if get.valid == Some(false) && self.accepted.is_some() => {
                let said = "the device agrees to a response that the known password does not give";
                findings.add(draft.at_most(Severity::Warning).because(said));
            }
            Some(_) => {}
        }
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
        // What is no Connection Request as it should be may be refused as such.
        if get.offered != Some(Offered::Digest) || get.right_target != Some(true) || !get.usual {
            return;
        }
        if get.body_bytes > 0 {
            if (400..500).contains(&status) {
                let said = format!("status {status} answers a request with a body");
                findings.add(seen.breaks(&BODY_IN_GET).blame(Blame::Cpe).because(said));
            }
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
            return;
        }
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

/// The device's challenge.
fn challenged(seen: &Seen<'_>, get: &Get, findings: &mut Findings) {
    if get.offered.is_some() {
        return;
    }
    let (mut digest, mut basic, mut fit) = (false, false, false);
    let mut unfit = None;
    for challenge in seen.challenges() {
        match challenge {
            Challenge::Digest(one) => {
                digest = true;
                let why = why_unfit(one);
                fit |= why.is_none();
                unfit = unfit.or(why);
            }
            Challenge::Basic(_) => basic = true,
            Challenge::Other(_) => {}
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
    if let Some(said) = unfit.filter(|_| !fit) {
        let draft = seen.breaks(&CHALLENGE_PLAIN).header("WWW-Authenticate");
        findings.add(draft.because(said));
    }
}

/// What a Digest challenge lacks that every ACS can answer.
fn why_unfit(challenge: &DigestChallenge<'_>) -> Option<Cow<'static, str>> {
    if !challenge.offers(b"auth") {
        return Some(Cow::Borrowed("the Digest challenge offers no qop auth"));
    }
    let name = challenge.algorithm.as_ref()?.text().into_owned();
    (!name.eq_ignore_ascii_case(b"MD5")).then(|| {
        let name = String::from_utf8_lossy(&name);
        Cow::Owned(format!("the Digest challenge wants {name}"))
    })
}

/// The event of an Inform that follows a Connection Request.
pub(super) const EVENT: &str = "6 CONNECTION REQUEST";
/// Nanoseconds within which the device has to come, and the ACS to wait (TR-069 Amendment 3 section 3.2.2).
pub(super) const THIRTY_SECONDS_NS: i64 = 30_000_000_000;
const MINUTE_NS: i64 = 60_000_000_000;
/// An answer that takes longer has waited for something.
const SLOW_NS: i64 = 5_000_000_000;
/// Findings of one device that wait.
const DOUBTFUL_MAX: usize = 4;
/// Successes within a minute that no ACS needs.
const RATE_MAX: usize = 10;
