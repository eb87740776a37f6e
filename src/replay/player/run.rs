//! What both roles share while a scenario is played: the place in it, the clock, what is to be done, the verdict.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::arrival::Informs;
use super::progress::{self, CameOf, Progress};
use super::speech::{self, Speech, Unsayable};
use super::values::Values;
use super::{PlayerError, PlayerSetting, Speed, Target};
use crate::replay::action::{Action, ConnectionId, Now};
use crate::replay::scenario::{Act, Auth, Expect, Role, Scenario, Send, Step};
use crate::replay::template;
use crate::session::{Difference, DifferenceClass, ReplayVerdict, Replayed, StepResult};
use crate::source::Timestamp;

/// One run.
pub(super) struct Run {
    pub(super) scenario: Arc<Scenario>,
    name: String,
    pub(super) values: Values,
    pub(super) target: Target,
    /// Role acs: the device of the command line.
    pub(super) served: Option<String>,
    pub(super) speed: Speed,
    /// How long the other side is waited for.
    pub(super) timeout: Duration,
    pub(super) random: Box<dyn FnMut() -> u64>,
    wall_clock: Box<dyn Fn(Now) -> Timestamp>,
    pub(super) actions: VecDeque<Action>,
    pub(super) progress: Progress,
    /// The step that is played.
    pub(super) cursor: usize,
    pub(super) now: Now,
    started: Now,
    /// When the step before was done.
    stepped_at: Now,
    waiting: Option<Waiting>,
    /// When this side has something to do.
    due: Option<Now>,
    woken_for: Option<Now>,
    /// IDs of our requests that may still be answered.
    pub(super) asked: Vec<String>,
    /// IDs of the requests in the last message of the other side.
    pub(super) heard: Vec<String>,
    verdict: Option<ReplayVerdict>,
    state: State,
    /// How the peer broke off a connection, for whoever wonders why nothing more came.
    pub(super) broken_off: Option<String>,
    /// Why the other side was not let in when it last showed credentials.
    pub(super) refused: Option<String>,
    /// Messages that nothing expected.
    pub(super) unexpected: u32,
    /// Role acs: the message just heard belongs to the device that is served.
    pub(super) let_in: bool,
    /// Role acs: the device that the message just heard informs of, where it was let in.
    pub(super) informed: Option<Informs>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Playing,
    /// Nothing more is played; the farewell is to be said.
    Over,
    Done,
}

/// Something of the other side that is waited for.
struct Waiting {
    what: String,
    since: Now,
    until: Now,
}

impl Run {
    pub(super) fn new(
        scenario: Arc<Scenario>,
        name: &str,
        mut setting: PlayerSetting,
    ) -> Result<Self, PlayerError> {
        let values = Values::new(&scenario, &mut setting)?;
        Ok(Self {
            progress: Progress::new(&scenario),
            timeout: setting.timeout.unwrap_or(scenario.defaults.timeout),
            scenario,
            name: name.to_owned(),
            values,
            target: setting.target,
            served: setting.device.map(|device| device.id()),
            speed: setting.speed.checked()?,
            random: setting.random,
            wall_clock: setting.wall_clock,
            actions: VecDeque::new(),
            cursor: 0,
            now: Now::ZERO,
            started: Now::ZERO,
            stepped_at: Now::ZERO,
            waiting: None,
            due: None,
            woken_for: None,
            asked: Vec::new(),
            heard: Vec::new(),
            verdict: None,
            state: State::Playing,
            broken_off: None,
            refused: None,
            unexpected: 0,
            let_in: false,
            informed: None,
        })
    }

    pub(super) fn start(&mut self, now: Now) {
        self.now = now;
        self.started = now;
        self.stepped_at = now;
    }

    /// The time of day.
    pub(super) fn wall(&self) -> Timestamp {
        (self.wall_clock)(self.now)
    }

    /// User and password, filled.
    pub(super) fn account(&self, auth: &Auth) -> Result<(String, String), PlayerError> {
        let filled = |text: &str| {
            let named =
                |name: &str| Some(self.values.named(name, self.wall())?.into_bytes().into());
            let filled = template::fill(text.as_bytes(), named);
            let filled = filled.map_err(|unfilled| PlayerError::AuthUnfilled {
                remedy: self.scenario.remedy(&unfilled.name),
                name: unfilled.name,
            })?;
            Ok(String::from_utf8_lossy(&filled).into_owned())
        };
        Ok((filled(&auth.username)?, filled(&auth.password)?))
    }

    /// A text of the scenario, filled.
    pub(super) fn filled(&self, text: &str) -> Result<String, Unsayable> {
        let named = |name: &str| Some(self.values.named(name, self.wall())?.into_bytes().into());
        let filled = template::fill(text.as_bytes(), named)
            .map_err(|unfilled| Unsayable::Unfilled(unfilled.name))?;
        Ok(String::from_utf8_lossy(&filled).into_owned())
    }

    /// What a step says, its body filled; IDs that are ours are remembered.
    pub(super) fn speech(&mut self, send: &Send) -> Result<Speech, Unsayable> {
        let scenario = Arc::clone(&self.scenario);
        let file = send.file.as_ref().and_then(|file| scenario.files.get(file));
        let template = file.map_or(&[] as &[u8], Vec::as_slice);
        let random = &mut self.random;
        let fresh = || (random() % ID_BELOW).to_string();
        let mut ids = super::ids::Ids::of(template, &self.heard, fresh);
        let wall = self.wall();
        let body = speech::body(template, &mut ids, |name| self.values.named(name, wall))?;
        self.asked.extend(ids.asked);
        let surplus = self.asked.len().saturating_sub(ASKED_MAX);
        self.asked.drain(..surplus);
        Ok(Speech {
            step: Some(self.cursor),
            head: send.head.clone(),
            body,
            chunks: send.chunks.clone(),
            bare_lf: send.bare_lf,
            close_after: send.close_after,
        })
    }

    /// The step that is to be played; nothing where the run is over, as it is behind the last one.
    pub(super) fn next_step<'s>(&mut self, scenario: &'s Scenario) -> Option<&'s Step> {
        let step = scenario.steps.get(self.cursor);
        if step.is_none() {
            self.over();
        }
        step.filter(|_| !self.is_over())
    }

    /// Waits for what a step expects.
    pub(super) fn wait_for_expected(&mut self, expect: &Expect) {
        let patience = expect.within.unwrap_or_default().max(self.timeout);
        self.wait_for(patience, || expect.message.clone());
    }

    /// Waits for the other side, unless it already does.
    pub(super) fn wait_for(&mut self, patience: Duration, what: impl FnOnce() -> String) {
        if self.waiting.is_none() {
            let patience = self.speed.patience(patience);
            self.waiting = Some(Waiting {
                what: what(),
                since: self.now,
                until: self.now.saturating_add(patience),
            });
        }
    }

    /// How long the other side has been waited for.
    pub(super) fn waited(&self) -> Duration {
        let since = self.waiting.as_ref().map_or(self.stepped_at, |it| it.since);
        self.now.saturating_sub(since)
    }

    /// Has the pause before this step passed? Otherwise it is waited for.
    pub(super) fn is_due(&mut self, after: Option<Duration>) -> bool {
        let pause = self.speed.pause(after.unwrap_or_default());
        let due = self.stepped_at.saturating_add(pause);
        self.due = Some(due);
        self.now >= due
    }

    /// This side has nothing to do.
    pub(super) fn not_due(&mut self) {
        self.due = None;
    }

    /// It was called as it asked for, and asks again where it was too early.
    pub(super) fn woke(&mut self) {
        self.woken_for = None;
    }

    /// Asks to be called when the next thing is to be done.
    pub(super) fn wake(&mut self) {
        let until = self.waiting.as_ref().map(|waiting| waiting.until);
        let next = self.due.into_iter().chain(until).min();
        if let Some(next) = next
            && self.woken_for != Some(next)
        {
            self.actions.push_back(Action::WakeAt(next));
        }
        self.woken_for = next;
    }

    /// Has the other side been waited for long enough?
    pub(super) fn is_overdue(&self) -> bool {
        let waiting = self.waiting.as_ref();
        waiting.is_some_and(|waiting| waiting.until <= self.now)
    }

    /// The other side said nothing in time.
    pub(super) fn give_up(&mut self) {
        let Some(waiting) = self.waiting.take() else {
            return;
        };
        let waited = in_seconds(self.now.saturating_sub(waiting.since));
        let why = match self.refused.as_ref().or(self.broken_off.as_ref()) {
            Some(how) => format!(": {how}"),
            None => String::new(),
        };
        self.peer_failed(format!(
            "waited {waited} for {}, which did not come{why}",
            waiting.what
        ));
    }

    /// Is there something to be sent on this connection?
    pub(super) fn is_unsent(&self, id: ConnectionId) -> bool {
        self.actions.iter().any(|action| is_sent_on(action, id))
    }

    /// Nothing more is sent on this connection.
    pub(super) fn unsend(&mut self, id: ConnectionId) {
        self.actions.retain(|action| !is_sent_on(action, id));
    }

    /// The step is done.
    pub(super) fn step_done(&mut self, of: CameOf) {
        self.progress.done(self.cursor, self.now, of);
        self.cursor = self.cursor.saturating_add(1);
        self.stepped_at = self.now;
        self.waiting = None;
        self.due = None;
        self.broken_off = None;
    }

    /// Goes on with a later step; those between are not reached.
    pub(super) fn go_to(&mut self, step: usize) {
        self.cursor = step;
        self.stepped_at = self.now;
        self.waiting = None;
        self.due = None;
    }

    /// The names of the messages that a `send` says.
    pub(super) fn said(&self, step: usize) -> String {
        match self.scenario.steps.get(step).map(|step| &step.act) {
            Some(Act::Send(send)) => progress::said(&self.scenario, send.file.as_deref()),
            _ => String::new(),
        }
    }

    /// The step differs, and nothing more is played.
    pub(super) fn fail(&mut self, came: Option<String>, difference: Difference) {
        let of = CameOf {
            result: StepResult::Differs,
            came,
            differences: vec![difference],
        };
        self.progress.done(self.cursor, self.now, of);
        self.end(ReplayVerdict::Differs);
    }

    /// Something of ours cannot be said.
    pub(super) fn cannot_say(&mut self, why: &Unsayable) {
        let difference = difference(DifferenceClass::Missing, "", None, Some(why.to_string()));
        self.fail(None, difference);
    }

    /// The peer or the network failed.
    pub(super) fn peer_failed(&mut self, how: String) {
        let of = CameOf {
            result: StepResult::Failed,
            came: Some(how.clone()),
            differences: Vec::new(),
        };
        if self.cursor < self.progress.steps.len() {
            self.progress.done(self.cursor, self.now, of);
        }
        self.end(ReplayVerdict::PeerFailed(how));
    }

    /// The guard said no.
    pub(super) fn refuse(&mut self, step: Option<usize>, why: String) {
        let of = CameOf {
            result: StepResult::Refused,
            came: None,
            differences: Vec::new(),
        };
        self.progress
            .done(step.unwrap_or(self.cursor), self.now, of);
        self.verdict = Some(ReplayVerdict::Refused(why));
    }

    /// All steps are played.
    pub(super) fn over(&mut self) {
        if self.state == State::Playing {
            self.state = State::Over;
        }
    }

    fn end(&mut self, verdict: ReplayVerdict) {
        self.verdict.get_or_insert(verdict);
        self.over();
    }

    pub(super) fn is_over(&self) -> bool {
        self.state != State::Playing
    }

    pub(super) fn has_peer_failed(&self) -> bool {
        matches!(self.verdict, Some(ReplayVerdict::PeerFailed(_)))
    }

    pub(super) fn was_refused(&self) -> bool {
        matches!(self.verdict, Some(ReplayVerdict::Refused(_)))
    }

    pub(super) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    pub(super) fn done(&mut self) {
        if self.state != State::Done {
            self.state = State::Done;
            self.actions.push_back(Action::Done);
        }
    }

    pub(super) fn finish(self, device: Option<String>) -> Replayed {
        let verdict = match self.verdict {
            Some(verdict) => verdict,
            None if self.state == State::Playing => {
                ReplayVerdict::PeerFailed("the run was ended before its last step".to_owned())
            }
            None if self.progress.is_clean() => ReplayVerdict::Passed,
            None => ReplayVerdict::Differs,
        };
        Replayed {
            scenario: self.name,
            role: match self.scenario.role {
                Role::Acs => "acs",
                Role::Cpe => "cpe",
            },
            device,
            peer: None,
            took: self.now.saturating_sub(self.started),
            steps: self.progress.steps,
            differences: self.progress.differences,
            ignored: self.progress.ignored.into_iter().collect(),
            verdict,
            tls: None,
        }
    }
}

fn is_sent_on(action: &Action, id: ConnectionId) -> bool {
    matches!(action, Action::Send { connection, .. } if *connection == id)
}

/// A difference without a place in a body.
pub(super) fn difference(
    class: DifferenceClass,
    place: &str,
    expected: Option<String>,
    actual: Option<String>,
) -> Difference {
    Difference {
        class,
        step: None,
        message: None,
        place: place.to_owned(),
        expected,
        actual,
        is_secret: false,
        is_wording: false,
        position: None,
        excerpt: None,
    }
}

/// `30 s`, `1.25 s`.
pub(super) fn in_seconds(time: Duration) -> String {
    let text = format!("{:.3}", time.as_secs_f64());
    format!("{} s", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Our IDs are lower: nine digits fit whatever an agent keeps them in.
const ID_BELOW: u64 = 1_000_000_000;
/// IDs of ours remembered.
const ASKED_MAX: usize = 64;
