//! What can be known to fail before anything is said: steps out of order, files and values that are not there.

use std::collections::BTreeSet;

use super::PlayerError;
use super::run::Run;
use crate::replay::assertion::{Assertion, Place};
use crate::replay::scenario::{Act, Role, Scenario, Send, sample_text};
use crate::replay::template;

/// Are the steps in an order that HTTP allows, and are their files there?
pub(super) fn scenario(scenario: &Scenario) -> Result<(), PlayerError> {
    let mut asked = false;
    for (index, step) in scenario.steps.iter().enumerate() {
        let number = index.saturating_add(1);
        asked = match (&step.act, scenario.role) {
            (Act::Await(_) | Act::Action(_), _) => false,
            (Act::Expect(_), Role::Acs) | (Act::Send(_), Role::Cpe) => true,
            (Act::Send(_), Role::Acs) if !asked => {
                let why = "an ACS says nothing unless a request came before: an `expect` has to stand before this `send`";
                return Err(PlayerError::Order { step: number, why });
            }
            (Act::Expect(_), Role::Cpe) if !asked => {
                let why =
                    "an ACS answers requests alone: a `send` has to stand before this `expect`";
                return Err(PlayerError::Order { step: number, why });
            }
            (Act::Send(_), Role::Acs) | (Act::Expect(_), Role::Cpe) => false,
        };
        files(scenario, number, &step.act)?;
        expectation(scenario, number, &step.act)?;
    }
    Ok(())
}

fn files(scenario: &Scenario, step: usize, act: &Act) -> Result<(), PlayerError> {
    let file = match act {
        Act::Send(send) => send.file.as_ref(),
        Act::Expect(expect) => expect.like.as_ref(),
        Act::Await(_) | Act::Action(_) => None,
    };
    match file {
        Some(file) if !scenario.files.contains_key(file) => {
            let file = file.clone();
            Err(PlayerError::NoFile { step, file })
        }
        _ => Ok(()),
    }
}

fn expectation(scenario: &Scenario, step: usize, act: &Act) -> Result<(), PlayerError> {
    let Act::Expect(expect) = act else {
        return Ok(());
    };
    let unreadable = |why: String| PlayerError::Unreadable { step, why };
    let sample = |written: &str| sample_text(scenario, written);
    let rules = expect.rules(&scenario.defaults, |written| Ok(sample(written)));
    rules.map_err(unreadable)?;
    for place in expect.capture.values() {
        Place::parse(place).map_err(|error| unreadable(error.to_string()))?;
    }
    for written in &expect.assert {
        Assertion::parse(&sample(written)).map_err(|error| unreadable(error.to_string()))?;
    }
    Ok(())
}

/// Is there a value for each placeholder that this side will say?
pub(super) fn values(run: &Run) -> Result<(), PlayerError> {
    let mut captured = BTreeSet::new();
    for (index, step) in run.scenario.steps.iter().enumerate() {
        let is_known = |name: &str| {
            let live = name.starts_with("http.") || name == "cwmp.id";
            live || captured.contains(name) || run.values.promises(name)
        };
        let unfilled = match &step.act {
            Act::Send(send) => of_send(run, send, &is_known),
            Act::Action(action) if run.scenario.role == Role::Acs => action
                .texts()
                .find_map(|text| unfilled(text.as_bytes(), &is_known)),
            _ => None,
        };
        if let Act::Expect(expect) = &step.act {
            captured.extend(expect.capture.keys().map(String::as_str));
        }
        if let Some(name) = unfilled {
            let step = index.saturating_add(1);
            let remedy = run.scenario.remedy(&name);
            return Err(PlayerError::Unfilled { step, name, remedy });
        }
    }
    Ok(())
}

fn of_send(run: &Run, send: &Send, is_known: &dyn Fn(&str) -> bool) -> Option<String> {
    let file = send
        .file
        .as_ref()
        .and_then(|file| run.scenario.files.get(file));
    let in_body = file.and_then(|file| unfilled(file, is_known));
    in_body.or_else(|| unfilled(send.head.as_bytes(), is_known))
}

fn unfilled(template: &[u8], is_known: &dyn Fn(&str) -> bool) -> Option<String> {
    template::names(template)
        .find(|name| !is_known(name))
        .map(str::to_owned)
}
