//! What came against the recorded message of a step: `session::compare`, with what the scenario says of places.

use std::borrow::Cow;

use super::arrival::Arrival;
use super::run::{Run, difference};
use crate::replay::assertion::Assertion;
use crate::replay::scenario::{Act, Expect, Role};
use crate::replay::template;
use crate::session::compare::{self, Said};
use crate::session::{Difference, DifferenceClass, Side};

/// Compares what came with the recorded message, where the step names one, and with what has to hold.
pub(super) fn compare(run: &mut Run, expect: &Expect, arrival: &Arrival) -> Vec<Difference> {
    let actual = Said {
        http: Some(&arrival.http),
        status: None,
        soap: arrival.soap.as_ref(),
        from: speaker(run.scenario.role),
        at: Some(run.wall()),
    };
    let mut differences = with_recorded(run, expect, &actual);
    differences.extend(
        expect
            .assert
            .iter()
            .filter_map(|it| asserted(run, it, &actual)),
    );
    differences
}

/// What has to hold, with the values of this run.
fn asserted(run: &Run, written: &str, actual: &Said<'_>) -> Option<Difference> {
    let filled = run.filled(written).map_err(|why| why.to_string());
    let read = filled.and_then(|it| Assertion::parse(&it).map_err(|why| why.to_string()));
    match read {
        Ok(assertion) => assertion.difference(actual),
        Err(why) => {
            let expected = Some(written.to_owned());
            let class = DifferenceClass::Missing;
            Some(difference(class, "assert", expected, Some(why)))
        }
    }
}

fn speaker(role: Role) -> Side {
    match role {
        Role::Acs => Side::Cpe,
        Role::Cpe => Side::Acs,
    }
}

fn with_recorded(run: &mut Run, expect: &Expect, actual: &Said<'_>) -> Vec<Difference> {
    let scenario = std::sync::Arc::clone(&run.scenario);
    let like = expect
        .like
        .as_ref()
        .and_then(|file| scenario.files.get(file));
    let value = |written: &str| run.filled(written).map_err(|why| why.to_string());
    let rules = match expect.rules(&scenario.defaults, value) {
        Ok(rules) => rules,
        Err(why) => {
            let class = DifferenceClass::Missing;
            return vec![difference(class, "", None, Some(why))];
        }
    };
    let document = like.map(|like| {
        let like = filled(run, expect, like);
        cwmp::parse(like, &cwmp::Hints::default(), &cwmp::Limits::default())
    });
    let Some(document) = document else {
        return Vec::new();
    };
    let expected = Said {
        http: None,
        status: None,
        soap: Some(&document),
        from: actual.from,
        at: None,
    };
    let found = compare::messages(&expected, actual, &rules);
    for (what, times) in &found.ignored {
        run.progress.ignore(what, *times);
    }
    if found.omitted > 0 {
        let times = u32::try_from(found.omitted).unwrap_or(u32::MAX);
        run.progress.ignore("further differences", times);
    }
    found.differences
}

/// What the defaults, or the step that waits, pass this place of a message over by.
pub(super) fn ignoring<'r>(run: &'r Run, message: &str, place: &str) -> Option<&'r str> {
    let scenario = &run.scenario;
    let mut waiting = scenario.steps.iter().skip(run.cursor);
    let of_step = waiting.find_map(|step| match &step.act {
        Act::Expect(expect) => Some(&expect.ignore),
        _ => None,
    });
    let patterns = scenario.defaults.ignore.iter();
    let mut patterns = patterns.chain(of_step.into_iter().flatten());
    patterns
        .find(|pattern| compare::is_place(pattern, message, place))
        .map(String::as_str)
}

/// The recorded message with the values of this run. What is not known yet, is secret or changes by itself stays a
/// placeholder, which takes anything.
fn filled(run: &Run, expect: &Expect, like: &[u8]) -> Vec<u8> {
    let wall = run.wall();
    let filled = template::fill(like, |name| {
        let is_open = name.starts_with("cwmp.")
            || expect.capture.contains_key(name)
            || run.values.is_open(name);
        let value = if is_open {
            None
        } else {
            run.values.named(name, wall)
        };
        Some(Cow::Owned(match value {
            Some(value) => template::xml(&value).into_bytes(),
            None => format!("{{{{{name}}}}}").into_bytes(),
        }))
    });
    filled.unwrap_or_default()
}
