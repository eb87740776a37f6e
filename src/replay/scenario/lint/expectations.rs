//! Expectations that cannot be read: assertions, matchers, places, what is tolerated, messages that nobody says.

use cwmp::schema::{METHODS, message};

use super::{Ground, Spot};
use crate::filter::nearest;
use crate::replay::assertion::{Assertion, Place};
use crate::replay::scenario::problem::{shown, told};
use crate::replay::scenario::sample::text;
use crate::replay::scenario::{Act, Expect, Role};
use crate::session::compare::Matcher;

/// Looks at every step that expects something.
pub(super) fn look(ground: &Ground<'_>) {
    for (index, step) in ground.scenario.steps.iter().enumerate() {
        if let Act::Expect(expect) = &step.act {
            named(ground, expect, index);
            assertions(ground, expect, index);
            matchers(ground, expect, index);
            tolerated(ground, expect, index);
        }
    }
    if ground.scenario.role == Role::Acs && ground.scenario.identity.device.is_none() {
        let what = "no device is named: [identity] device = \"OUI-ProductClass-SerialNumber\" keeps other devices out";
        ground.warning("no-device", &Spot::Toml("identity"), what);
    }
}

fn named(ground: &Ground<'_>, expect: &Expect, index: usize) {
    let name = expect.message.as_str();
    if !is_message(name) {
        let hint = nearest_message(name);
        let hint = hint.map_or_else(String::new, |meant| format!(": did you mean `{meant}`?"));
        let what = format!("TR-069 has no message {}{hint}", shown(name));
        ground.warning("unknown-message", &Spot::Step(index, "expect"), what);
    }
    if expect.status.is_some() && ground.scenario.role == Role::Acs {
        let what = "`status` is that of an answer, and a CPE sends requests";
        ground.warning("status-of-request", &Spot::Step(index, "status"), what);
    }
}

fn is_message(name: &str) -> bool {
    OTHERS.contains(&name) || message(name).is_some()
}

fn nearest_message(name: &str) -> Option<&'static str> {
    let methods = METHODS.iter();
    let known = methods.flat_map(|method| [method.request.element, method.response.element]);
    let known: Vec<&'static str> = known.chain(OTHERS).collect();
    nearest(name, &known)
}

fn matchers(ground: &Ground<'_>, expect: &Expect, index: usize) {
    for (place, written) in &expect.matchers {
        if let Err(error) = text(&ground.scenario, written).parse::<Matcher>() {
            let what = format!("`{}`: {}", shown(place), shown(&error.to_string()));
            ground.error(
                "matcher",
                &Spot::Step(index, &format!("matchers.{place}")),
                what,
            );
        }
    }
}

fn assertions(ground: &Ground<'_>, expect: &Expect, index: usize) {
    for (at, written) in expect.assert.iter().enumerate() {
        if let Err(error) = Assertion::parse(&text(&ground.scenario, written)) {
            let what = format!("the assertion cannot be read: {}", told(&error.to_string()));
            ground.error(
                "assertion",
                &Spot::Step(index, &format!("assert[{at}]")),
                what,
            );
        }
    }
    for (name, place) in &expect.capture {
        if let Err(error) = Place::parse(place) {
            let what = format!("`{}`: {}", shown(name), told(&error.to_string()));
            ground.error(
                "capture",
                &Spot::Step(index, &format!("capture.{name}")),
                what,
            );
        }
    }
}

/// `fault`, `fault 9007`, `status 200`, or the name of a message.
fn tolerated(ground: &Ground<'_>, expect: &Expect, index: usize) {
    for (at, written) in expect.tolerate.iter().enumerate() {
        let is_number =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let fits = match written.trim().split_once(' ') {
            Some(("fault" | "status", number)) => is_number(number.trim()),
            Some(_) => false,
            None => written == "fault" || is_message(written),
        };
        if !fits {
            let what = format!(
                "`{}` is nothing that can be tolerated: `fault 9007`, `fault`, `status 200` or the name of a message",
                shown(written)
            );
            ground.error(
                "tolerate",
                &Spot::Step(index, &format!("tolerate[{at}]")),
                what,
            );
        }
    }
}

/// What a message can be beside those of TR-069: a fault, none, or nothing that can be read.
const OTHERS: [&str; 3] = ["Fault", "empty", "undecodable"];
