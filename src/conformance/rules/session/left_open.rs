//! A session that ended behind a request of the ACS: it may go on in a new connection, and has not succeeded else (TR-069
//! Amendment 3 section 3.4.2 and table 34).

use cwmp::Inform;

use super::retries::COUNT_AFTER_FAILURE;
use crate::conformance::{Closed, Findings, Seen};
use crate::session::{Outcome, Side};
use crate::source::{FrameId, Timestamp};

/// The ACS closed behind a request of its own.
#[derive(Debug)]
pub(super) struct LeftOpen {
    ended: Timestamp,
    method: String,
    frames: Vec<FrameId>,
}

impl LeftOpen {
    /// The ACS asked something, and closed the connection cleanly before it was answered.
    pub fn of(closed: &Closed<'_>) -> Option<Self> {
        let (session, facts) = (closed.session, closed.facts);
        let last = session.steps.last()?;
        let asked = facts.asked_by_acs.back().filter(|_| !facts.issue_1)?;
        let closing = session
            .endings
            .iter()
            .find(|closing| closing.connection == last.connection)?;
        let clean = closing.by == Side::Acs && !closing.reset;
        let aborted = session.is_over && session.outcome == Outcome::Aborted;
        let is_last = last.from == Side::Acs && last.status == Some(200);
        (clean && aborted && is_last).then(|| Self {
            ended: session.end,
            method: asked.method.chars().take(METHOD_CHARACTERS).collect(),
            frames: last.frames.clone(),
        })
    }

    /// The next session begins: soon, and of the same boot, it tries again what this one left.
    pub fn retried(&self, seen: &Seen<'_>, inform: &Inform<'_>, findings: &mut Findings) {
        let events = inform.events();
        let mut codes = events.iter().map(|event| event.code.trim());
        let boots = codes.any(|code| matches!(code, "0 BOOTSTRAP" | "1 BOOT"));
        let started = seen.message.provenance.started;
        let soon = (0.0..SOON_MS).contains(&started.milliseconds_since(self.ended));
        if inform.retry_count() == Some(0) && soon && !boots {
            let draft = seen.breaks(&COUNT_AFTER_FAILURE).shown_in(&self.frames);
            let method = &self.method;
            findings.add(draft.because(format!(
                "RetryCount is 0 after a session that ended before {method} was answered"
            )));
        }
    }
}

/// Milliseconds in which a session is the next try of another.
const SOON_MS: f64 = 60_000.0;
/// Characters remembered of a method.
const METHOD_CHARACTERS: usize = 256;
