//! What a device does after a session that failed: when it tries again, with what RetryCount, with which events (TR-069
//! Amendment 3 sections 3.2.1.1 and 3.7.1.5, table 34).

use cwmp::Inform;
use cwmp::schema::Version;

use super::left_open::LeftOpen;
use super::told;
use crate::conformance::rule::{CPE, a3};
use crate::conformance::{Closed, Draft, Exchange, Findings, Rule, Scope, Seen, Topic};
use crate::session::{ConnectionRequest, Datagram, Outcome, Session, Severity, Side};
use crate::source::{FrameId, Timestamp};

/// The rules of this topic.
pub(super) const RULES: &[&Rule] = &[
    &TOO_SOON,
    &INDEX_RESET,
    &COUNT_LOST_BY_BOOT,
    &COUNT_AFTER_FAILURE,
    &COUNT_RISES,
    &EVENTS_KEPT,
    &NO_RETRY,
];

/// The interval before a retry.
const TOO_SOON: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.1.1"), a3("Table 3")],
    demands: "A failed session is tried again after a random delay that grows with each failure: 5 to 10 seconds, then 10 to 20, up to \
              2560 to 5120; from 1.2 on CWMPRetryMinimumWaitInterval and CWMPRetryIntervalMultiplier set the first delay and the growth.",
    why: "After an outage of the ACS thousands of phones that retry at once knock it down again the moment it is back.",
    mend_cpe: "Draw the delay at random: 5 to 10 s after the first failure since the boot, twice that with each further one, and 2560 to 5120 s from the tenth on.",
    bad: "0.0 s: HTTP/1.1 503 to the Inform\n2.0 s: POST: <cwmp:Inform> with RetryCount 1",
    good: "0.0 s: HTTP/1.1 503 to the Inform\n7.3 s: POST: <cwmp:Inform> with RetryCount 1",
    related: &["SESS-025", "SESS-045"],
    wireshark: "xml contains \"<RetryCount>\"",
    ..Rule::must("SESS-024", "retry-too-soon", Scope::Device)
};

/// A new event hastens one retry, and starts nothing anew.
const INDEX_RESET: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.1.1")],
    demands: "A new event may bring the next retry forward; the delay after that one goes on growing as before.",
    why: "A device whose events start the delays anew retries every few seconds as long as events come, which is just when many do.",
    mend_cpe: "Keep the number of failures when an event brings a retry forward; only a success or a reboot clears it.",
    bad: "retry 3 comes early for 6 CONNECTION REQUEST\n6 s later: retry 4",
    good: "retry 3 comes early for 6 CONNECTION REQUEST\n55 s later: retry 4",
    related: &["SESS-024"],
    wireshark: "xml contains \"<RetryCount>\"",
    ..Rule::heuristic("SESS-025", "retry-interval-starts-anew", Scope::Device)
};

/// A reboot keeps RetryCount.
const COUNT_LOST_BY_BOOT: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.1.1"), a3("Table 34")],
    demands: "A reboot starts the retry intervals anew, but RetryCount keeps counting until a session succeeds.",
    why: "RetryCount 0 tells the ACS that the last session went well: a phone that reboots out of trouble again and again looks \
          healthy in every report.",
    mend_cpe: "Keep RetryCount where a reboot does not lose it, and clear it when a session has ended well.",
    bad: "HTTP/1.1 503 to the Inform\nInform with 1 BOOT, <RetryCount>0</RetryCount>",
    good: "HTTP/1.1 503 to the Inform\nInform with 1 BOOT, <RetryCount>1</RetryCount>",
    related: &["SESS-027"],
    wireshark: "xml contains \"1 BOOT\" && xml contains \"<RetryCount>\"",
    of_absence: true,
    ..Rule::must("SESS-026", "retry-count-kept-over-reboot", Scope::Device)
};

/// RetryCount after a failure.
pub(super) const COUNT_AFTER_FAILURE: Rule = Rule {
    blame: CPE,
    cites: &[a3("Table 34")],
    demands: "RetryCount is zero if the session before succeeded, and only then.",
    why: "It is the one number by which an ACS sees that a device could not reach it: where it stays 0, outages go unnoticed, and an \
          alarm on rising counts never comes.",
    mend_cpe: "Count each session that fails, whatever the cause, and clear the count when one succeeds.",
    bad: "HTTP/1.1 503 to the Inform\nInform with <RetryCount>0</RetryCount>",
    good: "HTTP/1.1 503 to the Inform\nInform with <RetryCount>1</RetryCount>",
    related: &["SESS-026", "SESS-028"],
    wireshark: "xml contains \"<RetryCount>0\"",
    of_absence: true,
    ..Rule::must(
        "SESS-027",
        "retry-count-zero-only-after-success",
        Scope::Device,
    )
};

/// RetryCount rises.
const COUNT_RISES: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.1.1"), a3("Table 34")],
    demands: "RetryCount goes up with each session that fails, and stays as it is where the Inform is repeated within one session.",
    why: "A count that stands still hides how long a device has been failing; one that rises with each challenge looks like an outage \
          that there never was.",
    mend_cpe: "Add one for each failed session; send the very same Inform again behind a challenge or redirect.",
    bad: "Inform with <RetryCount>1</RetryCount>, answered 503\nInform with <RetryCount>1</RetryCount>",
    good: "Inform with <RetryCount>1</RetryCount>, answered 503\nInform with <RetryCount>2</RetryCount>",
    related: &["SESS-027"],
    wireshark: "xml contains \"<RetryCount>\"",
    of_absence: true,
    ..Rule::must("SESS-028", "retry-count-rises", Scope::Device)
};

/// Events that were not delivered come again.
const EVENTS_KEPT: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.7.1.5"), a3("Table 7")],
    demands: "Events of an Inform that no InformResponse answered are in the very next Inform again, but for those that the device may \
              drop.",
    why: "The ACS never hears of what happened: a boot, a changed value or a periodic report is lost, and what hangs on it (a \
          configuration for a device that was reset, say) is not done.",
    mend_cpe: "Take events from the list when InformResponse has come, not when the Inform was sent.",
    bad: "Inform with 2 PERIODIC, answered 503\nInform with 4 VALUE CHANGE",
    good: "Inform with 2 PERIODIC, answered 503\nInform with 2 PERIODIC, 4 VALUE CHANGE",
    related: &["SESS-027"],
    wireshark: "xml contains \"<EventCode>\"",
    of_absence: true,
    ..Rule::must("SESS-039", "undelivered-events-come-again", Scope::Device)
};

/// It is tried again at all.
const NO_RETRY: Rule = Rule {
    blame: CPE,
    cites: &[a3("3.2.1.1"), a3("3.7.1.4")],
    demands: "A session that failed is tried again.",
    why: "One 503 from an ACS that restarts, and the device is gone until somebody turns it off and on, or until its next periodic \
          Inform a day later.",
    mend_cpe: "Retry after growing random delays (SESS-024) without end; a limit on attempts leaves the device alone for good.",
    bad: "HTTP/1.1 503 to the Inform\n(STUN goes on for an hour, no Inform)",
    good: "HTTP/1.1 503 to the Inform\n7.3 s: POST: <cwmp:Inform> with RetryCount 1",
    related: &["SESS-024"],
    wireshark: "http.response.code >= 500",
    of_absence: true,
    ..Rule::must("SESS-045", "failed-session-tried-again", Scope::Device)
};

/// What the last session of a device came to, and how often it has failed.
#[derive(Debug, Default)]
pub(super) struct Retries {
    /// The session whose Inform was seen last, and its RetryCount.
    current: u32,
    count: Option<u32>,
    said: Timestamp,
    last: Last,
    /// Sessions that have failed one after the other, where all of them are known.
    failures: Option<u32>,
    /// An event brought the last retry forward.
    hastened: bool,
    minimum_wait_s: Option<f64>,
    multiplier: Option<f64>,
}

/// What came of a session, as the device saw it.
#[derive(Debug, Default)]
enum Last {
    #[default]
    Unknown,
    Succeeded(Box<[FrameId]>),
    Failed(Box<Failed>),
    LeftOpen(Box<LeftOpen>),
}

#[derive(Debug)]
struct Failed {
    ended: Timestamp,
    why: String,
    frames: Vec<FrameId>,
    events: Vec<(String, String)>,
    count: Option<u32>,
    accepted: bool,
    version: Option<Version>,
}

impl Topic for Retries {
    fn message(&mut self, seen: &Seen<'_>, findings: &mut Findings) {
        if seen.from() != Side::Cpe {
            return;
        }
        let Some(session) = seen.session else {
            // It answers a Connection Request, or fetches a file.
            self.lives(
                seen.message.provenance.time,
                || seen.breaks(&NO_RETRY),
                findings,
            );
            return;
        };
        let Some(inform) = seen.envelope().and_then(|envelope| envelope.inform()) else {
            return;
        };
        if session.number == self.current {
            self.said_again(seen, &inform, findings);
            return;
        }
        let last = std::mem::take(&mut self.last);
        if session.from_its_start && seen.is_whole() {
            match &last {
                Last::Failed(failed) => self.retries(seen, &inform, failed, findings),
                Last::Succeeded(frames) => after_success(seen, &inform, frames, findings),
                Last::LeftOpen(left) => left.retried(seen, &inform, findings),
                Last::Unknown => {}
            }
        }
        self.current = session.number;
        self.said = seen.message.provenance.time;
        self.count = inform.retry_count();
    }

    fn exchange(&mut self, exchange: &Exchange<'_>, _findings: &mut Findings) {
        told::each(exchange, "CWMPRetry", |name, value, _| {
            self.learn(name, value);
        });
    }

    fn closed(&mut self, closed: &Closed<'_>, _findings: &mut Findings) {
        if closed.session.number < self.current {
            return;
        }
        self.last = came_to(closed);
        self.failures = match &self.last {
            Last::Failed(failed) if failed.count == Some(0) => Some(1),
            Last::Failed(_) => self.failures.map(|failures| failures.saturating_add(1)),
            Last::Succeeded(_) => Some(0),
            Last::LeftOpen(_) | Last::Unknown => None,
        };
    }

    fn datagram(&mut self, datagram: &Datagram, findings: &mut Findings) {
        if datagram.from == Side::Cpe {
            self.lives(
                datagram.time,
                || Draft::of_datagram(&NO_RETRY, datagram),
                findings,
            );
        }
    }

    fn connection_request(&mut self, request: &ConnectionRequest, findings: &mut Findings) {
        if request.status.is_some() {
            let draft = || Draft::of_connection_request(&NO_RETRY, request);
            self.lives(request.start(), draft, findings);
        }
    }
}

impl Retries {
    /// The Inform of one session once more.
    fn said_again(&self, seen: &Seen<'_>, inform: &Inform<'_>, findings: &mut Findings) {
        let (Some(first), Some(now)) = (self.count, inform.retry_count()) else {
            return;
        };
        // Behind a longer pause it may be another attempt.
        let started = seen.message.provenance.started;
        let at_once = started.milliseconds_since(self.said) < AT_ONCE_MS;
        if seen.replay && first != now && at_once && seen.is_whole() {
            let said = format!(
                "RetryCount was {first} before the challenge or redirect, and is {now} behind it"
            );
            findings.add(seen.breaks(&COUNT_RISES).because(said));
        }
    }

    /// The first Inform after a session that failed.
    fn retries(
        &mut self,
        seen: &Seen<'_>,
        inform: &Inform<'_>,
        failed: &Failed,
        findings: &mut Findings,
    ) {
        let events = events(inform);
        let has = |code: &str| events.iter().any(|(one, _)| one == code);
        if has("0 BOOTSTRAP") {
            return;
        }
        let boot = has("1 BOOT");
        counts(seen, inform, failed, boot, findings);
        if !failed.accepted && events.len() < EVENTS_MAX {
            keeps(seen, failed, &events, boot, findings);
        }
        if !boot {
            self.waits(seen, failed, &events, findings);
        }
    }

    /// The delay before a retry.
    fn waits(
        &mut self,
        seen: &Seen<'_>,
        failed: &Failed,
        events: &[(String, String)],
        findings: &mut Findings,
    ) {
        let index = self.failures.unwrap_or(1).clamp(1, INDEX_MAX);
        let (least_s, _) = self.range_s(index);
        let delay_s = seen
            .message
            .provenance
            .started
            .milliseconds_since(failed.ended)
            / 1000.0;
        let soon = (0.0..least_s * TOLERANCE - SLACK_S).contains(&delay_s);
        let new = events.iter().any(|event| !failed.events.contains(event));
        let recurs = events.iter().any(|(code, _)| recurs(code));
        let hastened = std::mem::replace(&mut self.hastened, soon && (new || recurs));
        if !soon || new || recurs {
            return;
        }
        let said = format!(
            "the retry comes {delay_s:.1} s after the failure, {least_s:.0} s would be the least"
        );
        let rule = if hastened && index > 1 {
            &INDEX_RESET
        } else {
            &TOO_SOON
        };
        let mut draft = seen.breaks(rule).shown_in(&failed.frames).because(said);
        if self.is_set_unseen(failed.version) {
            draft = draft.at_most(Severity::Warning);
        }
        findings.add(draft);
    }

    /// The shortest and the longest delay of table 3, in seconds.
    fn range_s(&self, index: u32) -> (f64, f64) {
        let first = self.minimum_wait_s.unwrap_or(MINIMUM_WAIT_S);
        let growth = self.multiplier.unwrap_or(MULTIPLIER) / 1000.0;
        let power = i32::try_from(index.clamp(1, INDEX_MAX)).unwrap_or(1);
        (first * growth.powi(power - 1), first * growth.powi(power))
    }

    /// Two parameters may set the interval, and the capture does not show them.
    fn is_set_unseen(&self, version: Option<Version>) -> bool {
        let known = self.minimum_wait_s.is_some() && self.multiplier.is_some();
        !known && version.is_none_or(|version| version >= Version::V1_2)
    }

    fn learn(&mut self, name: &str, value: &str) {
        let value = value.parse::<u32>().ok().map(f64::from);
        match name {
            "CWMPRetryMinimumWaitInterval" => self.minimum_wait_s = value.or(self.minimum_wait_s),
            "CWMPRetryIntervalMultiplier" => self.multiplier = value.or(self.multiplier),
            _ => {}
        }
    }

    /// The device shows that it is there; had it to have tried again by now?
    fn lives(&mut self, time: Timestamp, draft: impl FnOnce() -> Draft, findings: &mut Findings) {
        let Last::Failed(failed) = &self.last else {
            return;
        };
        let index = self.failures.unwrap_or(INDEX_MAX).clamp(1, INDEX_MAX);
        let (_, most_s) = self.range_s(index);
        let silent_s = time.milliseconds_since(failed.ended) / 1000.0;
        if silent_s <= most_s * 2.0 + GRACE_S {
            return;
        }
        let said = format!("{silent_s:.0} s after {} no Inform has come", failed.why);
        let mut draft = draft()
            .shown_in(&failed.frames)
            .blame(crate::session::Blame::Cpe);
        if self.failures != Some(1) || self.is_set_unseen(failed.version) {
            draft = draft.at_most(Severity::Warning);
        }
        findings.add(draft.because(said));
        self.last = Last::Unknown;
    }
}

/// RetryCount of a retry.
fn counts(
    seen: &Seen<'_>,
    inform: &Inform<'_>,
    failed: &Failed,
    boot: bool,
    findings: &mut Findings,
) {
    let (rule, said) = match (inform.retry_count(), failed.count) {
        (Some(0), _) if boot => (
            &COUNT_LOST_BY_BOOT,
            format!(
                "RetryCount is 0 after a reboot, and {} came before it",
                failed.why
            ),
        ),
        (Some(0), _) => (
            &COUNT_AFTER_FAILURE,
            format!("RetryCount is 0 after {}", failed.why),
        ),
        (Some(now), Some(before)) if now <= before => (
            &COUNT_RISES,
            format!(
                "RetryCount is {now} after {}, and was {before} before",
                failed.why
            ),
        ),
        _ => return,
    };
    findings.add(seen.breaks(rule).shown_in(&failed.frames).because(said));
}

/// Events that no InformResponse confirmed.
fn keeps(
    seen: &Seen<'_>,
    failed: &Failed,
    events: &[(String, String)],
    boot: bool,
    findings: &mut Findings,
) {
    let mut lost = failed
        .events
        .iter()
        .filter(|event| !events.contains(event) && !may_drop(&event.0, boot));
    if let Some((code, _)) = lost.next() {
        let more = match lost.count() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let said = format!(
            "{code}{more} was not delivered for {}, and is missing now",
            failed.why
        );
        findings.add(
            seen.breaks(&EVENTS_KEPT)
                .shown_in(&failed.frames)
                .because(said),
        );
    }
}

fn after_success(
    seen: &Seen<'_>,
    inform: &Inform<'_>,
    frames: &[FrameId],
    findings: &mut Findings,
) {
    let bootstrap = inform
        .events()
        .iter()
        .any(|event| event.code.trim() == "0 BOOTSTRAP");
    if let Some(count) = inform
        .retry_count()
        .filter(|count| *count > 0 && !bootstrap)
    {
        let said = format!("RetryCount is {count} though the session before ended in order");
        let draft = seen
            .breaks(&COUNT_AFTER_FAILURE)
            .shown_in(frames)
            .because(said);
        findings.add(draft.at_most(Severity::Info));
    }
}

/// What came of a session, where the device could see it beyond doubt.
fn came_to(closed: &Closed<'_>) -> Last {
    let (session, facts) = (closed.session, closed.facts);
    let whole = facts.is_whole() && session.gaps == 0;
    let frames = session.steps.last().map(|step| step.frames.clone());
    let (Some(last), true) = (session.steps.last(), whole) else {
        return Last::Unknown;
    };
    let frames = frames.unwrap_or_default();
    let status = last.status.unwrap_or_default();
    let why = match status {
        // What expects too much is sent again otherwise, at once (RFC 7231 section 5.1.1).
        400.. if !matches!(status, 401 | 407 | 417) => Some(format!("the status {status}")),
        _ => refused(session).or_else(|| left_alone(closed)),
    };
    if let Some(why) = why {
        return Last::Failed(Box::new(Failed {
            ended: session.end,
            why,
            frames,
            events: bounded(facts.events()),
            count: session.retry_count,
            accepted: facts.accepted,
            version: facts.version,
        }));
    }
    if let Some(left) = LeftOpen::of(closed) {
        return Last::LeftOpen(Box::new(left));
    }
    let ended = matches!(session.outcome, Outcome::Complete | Outcome::Faulted);
    let empty = facts.last_response.is_some_and(|last| last.empty);
    if ended && empty && facts.asks_no_more && facts.accepted {
        return Last::Succeeded(frames.into());
    }
    Last::Unknown
}

/// The session's last message is a fault to its Inform.
fn refused(session: &Session) -> Option<String> {
    let last = session.rpcs.last()?;
    let code = last.fault_code.as_deref()?.trim();
    let refused = last.method == "Inform" && last.from == Side::Cpe && code != "8005";
    let is_last = last.response_frames == session.steps.last()?.frames;
    (refused && is_last).then(|| format!("fault {code}"))
}

/// The ACS closed and left the last POST without an answer.
fn left_alone(closed: &Closed<'_>) -> Option<String> {
    let session = closed.session;
    let last = session.steps.last()?;
    let closing = session
        .endings
        .iter()
        .find(|closing| closing.connection == last.connection)?;
    let left = closed.facts.answer_due && session.is_over && closing.by == Side::Acs;
    left.then(|| "the ACS closed without an answer".to_owned())
}

fn events(inform: &Inform<'_>) -> Vec<(String, String)> {
    let events = inform.events().into_iter();
    let events = events.map(|event| (event.code.trim().to_owned(), event.command_key.into_owned()));
    bounded(events.collect())
}

fn bounded(mut events: Vec<(String, String)>) -> Vec<(String, String)> {
    events.truncate(EVENTS_MAX);
    for (code, key) in &mut events {
        *code = cut(code.trim());
        *key = cut(key);
    }
    events
}

/// A code or a key, as far as it is remembered.
fn cut(text: &str) -> String {
    text.chars().take(TEXT_CHARACTERS).collect()
}

/// The same event may have happened once more: an Inform that has it may come at any time.
fn recurs(code: &str) -> bool {
    let once = [
        "0 BOOTSTRAP",
        "1 BOOT",
        "2 PERIODIC",
        "3 SCHEDULED",
        "7 TRANSFER COMPLETE",
    ];
    !once.contains(&code) && !code.starts_with("M ")
}

/// Events that a device need not repeat (TR-069 Amendment 3 table 7).
fn may_drop(code: &str, boot: bool) -> bool {
    let own = ["5 ", "6 ", "9 ", "X ", "M X_"];
    let by_boot = ["1 ", "4 ", "8 "];
    let starts = |starts: &[&str]| starts.iter().any(|start| code.starts_with(start));
    starts(&own) || boot && starts(&by_boot)
}

/// The first delay in seconds, and its growth in thousandths, where no parameter sets them (TR-069 Amendment 3 table 3).
const MINIMUM_WAIT_S: f64 = 5.0;
const MULTIPLIER: f64 = 2000.0;
/// Retries after which the delay grows no more.
const INDEX_MAX: u32 = 10;
/// How much sooner than it should be a retry may come, for clocks that differ and a failure that the device saw earlier.
const TOLERANCE: f64 = 0.9;
const SLACK_S: f64 = 0.5;
/// Seconds of grace beyond the longest delay.
const GRACE_S: f64 = 60.0;
/// Within this time an Inform behind a challenge is the same once more: no retry comes so soon.
const AT_ONCE_MS: f64 = 4000.0;
/// Events that an Inform may hold.
const EVENTS_MAX: usize = 64;
/// Characters remembered of a code or a key: more than either may have.
const TEXT_CHARACTERS: usize = 128;
