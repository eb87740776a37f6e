//! How far a run has come: each step with what came of it.

use std::collections::BTreeMap;

use super::arrival::{EMPTY, UNDECODABLE};
use crate::replay::action::Now;
use crate::replay::scenario::{Act, ActionStep, Role, Scenario};
use crate::session::{Difference, ReplayStep, Side, StepResult};

/// Steps and what differs beside them.
pub(super) struct Progress {
    pub(super) steps: Vec<ReplayStep>,
    pub(super) differences: Vec<Difference>,
    pub(super) ignored: BTreeMap<String, u32>,
}

/// What came of a step.
#[derive(Debug)]
pub(super) struct CameOf {
    pub(super) result: StepResult,
    pub(super) came: Option<String>,
    pub(super) differences: Vec<Difference>,
}

impl CameOf {
    pub(super) fn passed() -> Self {
        Self {
            result: StepResult::Passed,
            came: None,
            differences: Vec::new(),
        }
    }
}

impl Progress {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let steps = scenario.steps.iter().enumerate();
        let steps = steps.map(|(index, step)| ReplayStep {
            number: number(index),
            wanted: wanted(scenario, &step.act),
            from: speaker(scenario.role, &step.act),
            class: None,
            came: None,
            result: StepResult::Skipped,
            at: None,
            differences: Vec::new(),
        });
        Self {
            steps: steps.collect(),
            differences: Vec::new(),
            ignored: BTreeMap::new(),
        }
    }

    /// A step is done; what was noted of it before stays.
    pub(super) fn done(&mut self, index: usize, at: Now, of: CameOf) {
        let Some(step) = self.steps.get_mut(index) else {
            return;
        };
        let is_first = step.result == StepResult::Skipped;
        if is_first || of.result != StepResult::Passed {
            step.result = of.result;
        }
        if !of.differences.is_empty() && step.result == StepResult::Passed {
            step.result = StepResult::Differs;
        }
        step.came = of.came.or(step.came.take());
        step.at = Some(at);
        for difference in of.differences {
            self.differs(Some(index), difference);
        }
    }

    /// Notes a difference of a step, or of none.
    pub(super) fn differs(&mut self, index: Option<usize>, mut difference: Difference) {
        difference.step = index.map(number);
        let step = index.and_then(|index| self.steps.get_mut(index));
        let list = match step {
            Some(step) => &mut step.differences,
            None => &mut self.differences,
        };
        if list.len() < DIFFERENCES_MAX {
            list.push(difference);
        } else {
            *self
                .ignored
                .entry("further differences".to_owned())
                .or_default() += 1;
        }
    }

    /// Notes a difference of a step that is not done.
    pub(super) fn note(&mut self, index: usize, difference: Difference) {
        if let Some(step) = self.steps.get_mut(index) {
            step.result = StepResult::Differs;
        }
        self.differs(Some(index), difference);
    }

    pub(super) fn ignore(&mut self, what: &str, times: u32) {
        if self.ignored.contains_key(what) || self.ignored.len() < IGNORED_MAX {
            let count = self.ignored.entry(what.to_owned()).or_default();
            *count = count.saturating_add(times);
        }
    }

    /// Did every step pass, and nothing else come?
    pub(super) fn is_clean(&self) -> bool {
        let is_clean = |step: &ReplayStep| {
            let is_right = matches!(step.result, StepResult::Passed | StepResult::Tolerated);
            is_right && step.differences.is_empty()
        };
        self.differences.is_empty() && self.steps.iter().all(is_clean)
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1)
}

fn wanted(scenario: &Scenario, act: &Act) -> String {
    match act {
        Act::Expect(expect) => match expect.status {
            Some(status) => format!("expect {} (HTTP {status})", expect.message),
            None => format!("expect {}", expect.message),
        },
        Act::Send(send) => format!("send {}", said(scenario, send.file.as_deref())),
        Act::Await(awaited) => match &awaited.session_with_event {
            Some(event) => format!("await {event}"),
            None => "await a session".to_owned(),
        },
        Act::Action(ActionStep::ConnectionRequest { .. }) => "connection request".to_owned(),
    }
}

/// The names of the messages in a file.
pub(super) fn said(scenario: &Scenario, file: Option<&str>) -> String {
    let Some(body) = file.and_then(|file| scenario.files.get(file)) else {
        return EMPTY.to_owned();
    };
    let hints = cwmp::Hints::default();
    let document = cwmp::parse(body.clone(), &hints, &cwmp::Limits::default());
    let names: Vec<&str> = document
        .envelope_refs()
        .take(NAMES_MAX)
        .map(|envelope| envelope.message_name().unwrap_or(EMPTY))
        .collect();
    if names.is_empty() {
        return UNDECODABLE.to_owned();
    }
    names.join(", ")
}

fn speaker(role: Role, act: &Act) -> Option<Side> {
    let (us, them) = match role {
        Role::Acs => (Side::Acs, Side::Cpe),
        Role::Cpe => (Side::Cpe, Side::Acs),
    };
    match act {
        Act::Expect(_) => Some(them),
        Act::Send(_) => Some(us),
        Act::Await(_) | Act::Action(_) => None,
    }
}

/// Differences kept of one step, and of none.
const DIFFERENCES_MAX: usize = 1000;
/// Different things that were left out of comparisons.
const IGNORED_MAX: usize = 1000;
/// Messages named of one file.
const NAMES_MAX: usize = 16;
