//! What came against what was expected: does it belong to the step, and what differs.

use std::time::Duration;

use cwmp::Kind;

use super::arrival::{Arrival, EMPTY};
use super::progress::CameOf;
use super::run::{Run, difference, in_seconds};
use super::{capture, likeness};
use crate::replay::scenario::{Act, Expect, Role};
use crate::session::{Difference, DifferenceClass, StepResult};

/// Whether a message is what a step expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// It is, though something in it may differ.
    Same,
    /// It is another answer to the same question.
    Instead,
    /// It belongs to no expectation.
    Other,
}

/// Does this message belong to the step?
pub(super) fn fit(expect: &Expect, role: Role, arrival: &Arrival) -> Fit {
    if role == Role::Cpe && is_refusal(expect, arrival) {
        return Fit::Other;
    }
    if arrival.has(&expect.message) {
        return Fit::Same;
    }
    let answers = matches!(arrival.kind(), Kind::Response | Kind::Fault);
    let wants_answer = expect.message == "Fault" || expect.message.ends_with("Response");
    if answers && wants_answer {
        Fit::Instead
    } else {
        Fit::Other
    }
}

/// Another HTTP status than expected, which is none of success.
fn is_refusal(expect: &Expect, arrival: &Arrival) -> bool {
    let status = arrival.http.status();
    !(200..300).contains(&status) && status != wanted_status(expect)
}

fn wanted_status(expect: &Expect) -> u16 {
    let usual = if expect.message == EMPTY { 204 } else { 200 };
    expect.status.unwrap_or(usual)
}

/// The status that the step wants.
pub(super) fn status_wanted(run: &Run) -> u16 {
    match run.scenario.steps.get(run.cursor).map(|step| &step.act) {
        Some(Act::Expect(expect)) => wanted_status(expect),
        _ => 200,
    }
}

/// What a message that belongs to the step differs in. Variables are filled from it.
pub(super) fn judge(run: &mut Run, expect: &Expect, arrival: &Arrival, fit: Fit) -> CameOf {
    let waited = run.waited();
    let mut differences = Vec::new();
    let is_tolerated = expect.tolerate.iter().any(|it| tolerates(it, arrival));
    if fit == Fit::Instead && !is_tolerated {
        differences.push(other_answer(expect, arrival));
    }
    if run.scenario.role == Role::Cpe {
        differences.extend(status(expect, arrival));
    }
    differences.extend(answer_id(&run.asked, arrival));
    differences.extend(late(run, expect, waited));
    if fit == Fit::Same && !is_tolerated {
        differences.extend(likeness::compare(run, expect, arrival));
        capture::all(run, expect, arrival, &mut differences);
    }
    for difference in &mut differences {
        let name = || arrival.name().to_owned();
        difference.message.get_or_insert_with(name);
    }
    let result = match (differences.is_empty(), is_tolerated) {
        (false, _) => StepResult::Differs,
        (true, true) => StepResult::Tolerated,
        (true, false) => StepResult::Passed,
    };
    CameOf {
        result,
        came: (fit == Fit::Instead || is_tolerated).then(|| arrival.what()),
        differences,
    }
}

/// `fault 9007`, `fault`, `status 200`, or the name of a message.
fn tolerates(what: &str, arrival: &Arrival) -> bool {
    let mut words = what.split_whitespace();
    match (words.next(), words.next()) {
        (Some("fault"), None) => arrival.fault_code().is_some(),
        (Some("fault"), Some(code)) => arrival.fault_code().as_deref() == Some(code),
        (Some("status"), Some(status)) => status.parse() == Ok(arrival.http.status()),
        (Some(name), None) => arrival.has(name),
        _ => false,
    }
}

fn other_answer(expect: &Expect, arrival: &Arrival) -> Difference {
    let is_fault = expect.message == "Fault" || arrival.kind() == Kind::Fault;
    let class = if is_fault {
        DifferenceClass::FaultChanged
    } else {
        DifferenceClass::Value
    };
    difference(
        class,
        "",
        Some(expect.message.clone()),
        Some(arrival.what()),
    )
}

fn status(expect: &Expect, arrival: &Arrival) -> Option<Difference> {
    let (wanted, actual) = (wanted_status(expect), arrival.http.status());
    let tolerated = format!("status {actual}");
    let is_fine = wanted == actual || expect.tolerate.contains(&tolerated);
    (!is_fine).then(|| other_status(expect, arrival))
}

fn other_status(expect: &Expect, arrival: &Arrival) -> Difference {
    let wanted = wanted_status(expect).to_string();
    let actual = arrival.http.status().to_string();
    let class = DifferenceClass::Transport;
    difference(class, "status", Some(wanted), Some(actual))
}

/// An answer repeats the ID of its request (TR-069 Amendment 3 section 3.4.2, Table 4). Whether it has one at all is a
/// matter of the recording.
fn answer_id(asked: &[String], arrival: &Arrival) -> Option<Difference> {
    let strange = arrival
        .answer_ids()
        .into_iter()
        .find(|id| !asked.contains(id))?;
    let ours = asked.last()?.clone();
    let place = "Header/ID";
    Some(difference(
        DifferenceClass::Value,
        place,
        Some(ours),
        Some(strange),
    ))
}

fn late(run: &Run, expect: &Expect, waited: Duration) -> Option<Difference> {
    let within = run.speed.patience(expect.within?);
    (waited > within).then(|| {
        let (within, waited) = (in_seconds(within), in_seconds(waited));
        let within = Some(format!("within {within}"));
        difference(
            DifferenceClass::Timing,
            "",
            within,
            Some(format!("after {waited}")),
        )
    })
}

/// What a message is that nothing expects now.
pub(super) fn misfit(run: &Run, arrival: &Arrival) -> Difference {
    let expect = match run.scenario.steps.get(run.cursor).map(|step| &step.act) {
        Some(Act::Expect(expect)) => Some(expect),
        _ => None,
    };
    let mut found = if let Some(expect) = expect
        && run.scenario.role == Role::Cpe
        && is_refusal(expect, arrival)
    {
        other_status(expect, arrival)
    } else {
        let expected = expect.map(|expect| expect.message.clone());
        let class = match expected {
            _ if comes_later(run, arrival) => DifferenceClass::Order,
            Some(_) if arrival.name() == EMPTY => DifferenceClass::Missing,
            _ => DifferenceClass::Extra,
        };
        difference(class, "", expected, Some(arrival.what()))
    };
    found.message = Some(arrival.name().to_owned());
    found
}

/// Does a later step of this session expect it?
fn comes_later(run: &Run, arrival: &Arrival) -> bool {
    let later = run.scenario.steps.iter().skip(run.cursor.saturating_add(1));
    let session = later.take_while(|step| !matches!(step.act, Act::Await(_) | Act::Action(_)));
    let mut expected = session.filter_map(|step| match &step.act {
        Act::Expect(expect) => Some(expect.message.as_str()),
        _ => None,
    });
    arrival.name() != EMPTY && expected.any(|name| arrival.has(name))
}
