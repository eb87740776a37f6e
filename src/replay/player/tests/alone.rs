//! The ACS against words given by hand: wrong devices, requests out of turn, silence, the guard.

use super::hand::Hand;
use super::*;
use crate::replay::action::{ConnectionId, Heard};
use crate::replay::template;
use crate::session::{DifferenceClass, StepResult};

fn hand(change: impl FnOnce(&mut Scenario)) -> Hand {
    let mut scenario = scenario(Role::Acs, &plain_session());
    change(&mut scenario);
    Hand::new(Role::Acs, player(scenario, setting(Role::Acs, 1)))
}

/// An Inform of a device with this serial number, as bytes.
pub(crate) fn informing(serial: &str, event: &str) -> String {
    let body = envelope("Inform", &inform(event));
    let body = template::fill(body.as_bytes(), |name| {
        let value = match name {
            "device.oui" => "001565",
            "device.product_class" => "T46 S",
            "device.serial_number" => serial,
            "cwmp.id" => "77",
            _ => "2027-01-15T08:00:00Z",
        };
        Some(value.as_bytes().into())
    });
    post(&String::from_utf8(body.expect("filled")).expect("text"))
}

pub(crate) fn post(body: &str) -> String {
    format!(
        "POST /acs HTTP/1.1\r\nHost: acs\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

pub(crate) const OURS: &str = "0015651234AB";

pub(crate) fn status(said: &[String]) -> Vec<&str> {
    said.iter()
        .map(|text| text.lines().next().unwrap_or_default())
        .collect()
}

#[test]
fn a_wrong_device_gets_nothing_but_the_end_and_the_right_one_is_still_served() {
    let mut hand = hand(|_| {});
    let said = hand.say(1, &informing("STRANGER", "0 BOOTSTRAP"));
    assert_eq!(status(&said), ["HTTP/1.1 403 Forbidden", "close 1"]);
    assert!(!said[0].contains("Envelope"));
    let said = hand.say(2, &informing(OURS, "2 PERIODIC"));
    assert_eq!(status(&said), ["HTTP/1.1 200 OK"]);
    assert!(said[0].contains(">77</cwmp:ID>"));
    let busy = hand.say(3, &informing("STRANGER", "2 PERIODIC"));
    assert_eq!(
        status(&busy),
        ["HTTP/1.1 503 Service Unavailable", "close 3"]
    );
    assert!(busy[0].contains("Retry-After: "));
    let replayed = hand.player.finish();
    assert_eq!(differences(&replayed), []);
    let stranger = "stranger at 192.0.2.9: Inform of 001565-T46%20S-STRANGER";
    assert_eq!(strangers(&replayed), [(stranger, 2)]);
}

#[test]
fn the_device_of_the_command_line_is_the_only_one() {
    let scenario = scenario(Role::Acs, &plain_session());
    let mut setting = setting(Role::Acs, 1);
    setting.device = DeviceIdentity::of_id("001565-T46%20S-OTHER");
    let mut hand = Hand::new(Role::Acs, player(scenario, setting));
    assert_eq!(
        status(&hand.say(1, &informing(OURS, "1 BOOT")))[0],
        "HTTP/1.1 403 Forbidden"
    );
    assert_eq!(
        status(&hand.say(2, &informing("OTHER", "1 BOOT")))[0],
        "HTTP/1.1 200 OK"
    );
}

#[test]
fn silence_ends_within_the_timeout_and_is_named() {
    let mut quiet = hand(|_| {});
    assert_eq!(quiet.wait(seconds(29)), Vec::<String>::new());
    assert_eq!(quiet.wait(seconds(1)), ["done"]);
    let replayed = quiet.player.finish();
    let why = "waited 30 s for Inform, which did not come".to_owned();
    assert_eq!(replayed.verdict, ReplayVerdict::PeerFailed(why));
    assert_eq!(replayed.steps[0].result, StepResult::Failed);
    assert_eq!(replayed.steps[1].result, StepResult::Skipped);

    let mut broken = hand(|_| {});
    broken.say(1, &informing(OURS, "2 PERIODIC"));
    broken.hear(Heard::Closed(ConnectionId(1), "by RST".to_owned()));
    broken.wait(seconds(30));
    let why = "waited 30 s for empty, which did not come: the device closed its connection: by RST";
    let verdict = broken.player.finish().verdict;
    assert_eq!(verdict, ReplayVerdict::PeerFailed(why.to_owned()));
}

#[test]
fn a_wrong_device_does_not_prolong_the_wait() {
    let mut hand = hand(|_| {});
    for _ in 0..10 {
        hand.say(1, &informing("STRANGER", "2 PERIODIC"));
        hand.wait(seconds(3));
    }
    assert!(hand.player.is_done());
    assert!(matches!(
        hand.player.finish().verdict,
        ReplayVerdict::PeerFailed(_)
    ));
}

#[test]
fn requests_out_of_turn_are_refused_politely() {
    let mut hand = hand(|scenario| {
        scenario.steps[1].after = Some(seconds(5));
    });
    let mut speed = setting(Role::Acs, 1);
    speed.speed = Speed::AsRecorded;
    let mut scenario = scenario(Role::Acs, &plain_session());
    scenario.steps[1].after = Some(seconds(5));
    hand.player = player(scenario, speed);
    hand.player.start(Duration::ZERO);
    assert!(hand.say(1, &informing(OURS, "2 PERIODIC")).is_empty());
    assert!(hand.say(1, &post("")).is_empty());
    let said = hand.wait(seconds(5));
    let wanted = [
        "HTTP/1.1 200 OK",
        "HTTP/1.1 503 Service Unavailable",
        "close 1",
    ];
    assert_eq!(status(&said), wanted);
    let found = hand.player.finish().differences;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].class, DifferenceClass::Transport);
}

#[test]
fn what_is_no_post_is_refused() {
    let mut hand = hand(|_| {});
    let said = hand.say(1, "GET / HTTP/1.1\r\nHost: acs\r\n\r\n");
    assert_eq!(
        status(&said),
        ["HTTP/1.1 405 Method Not Allowed", "close 1"]
    );
    assert!(!hand.player.is_done());
}

#[test]
fn a_cookie_that_does_not_come_back_is_told_once() {
    let mut hand = hand(|_| {});
    hand.say(1, &informing(OURS, "2 PERIODIC"));
    hand.say(1, &post(""));
    let body = envelope(
        "GetParameterValuesResponse",
        &parameters(&[("Device.X", "1")]),
    );
    hand.say(1, &post(&body));
    let replayed = hand.player.finish();
    let cookies: Vec<Difference> = differences(&replayed)
        .into_iter()
        .filter(|found| found.place == "header Cookie")
        .collect();
    assert_eq!(cookies.len(), 1);
    assert_eq!(cookies[0].step, Some(3));
    assert_eq!(
        cookies[0].expected.as_deref(),
        Some("cookie sid as it was set")
    );
}

#[test]
fn an_answer_to_another_question_is_seen_by_its_id() {
    let mut hand = hand(|scenario| {
        for step in &mut scenario.steps {
            if let Act::Send(send) = &mut step.act {
                send.head = send
                    .head
                    .replace("\nSet-Cookie: sid={{http.set_cookie}}; Path=/", "");
            }
        }
    });
    hand.say(1, &informing(OURS, "2 PERIODIC"));
    hand.say(1, &post(""));
    let body = envelope(
        "GetParameterValuesResponse",
        &parameters(&[("Device.X", "1")]),
    );
    hand.say(1, &post(&body.replace("{{cwmp.id}}", "nobody's")));
    let found = differences(&hand.player.finish());
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].place, "Header/ID");
    assert_eq!(found[0].actual.as_deref(), Some("nobody's"));
}

#[test]
fn what_the_guard_refuses_ends_the_run() {
    let mut hand = hand(|_| {});
    hand.say(1, &informing(OURS, "2 PERIODIC"));
    hand.say(1, &post(""));
    let why = "set is not allowed".to_owned();
    let connection = Some(ConnectionId(1));
    hand.player.refused(seconds(1), connection, Some(3), why);
    // Its session ends as any does.
    let said = ["HTTP/1.1 204 No Content\r\n\r\n", "close 1", "done"];
    assert_eq!(hand.done(), said);
    let replayed = hand.player.finish();
    let verdict = ReplayVerdict::Refused("set is not allowed".to_owned());
    assert_eq!(replayed.verdict, verdict);
    assert_eq!(replayed.steps[3].result, StepResult::Refused);
}

#[test]
fn many_connections_are_not_kept() {
    let mut hand = hand(|_| {});
    let closed: Vec<String> = (1..=200).flat_map(|id| hand.connect(id)).collect();
    assert_eq!(closed.len(), 200 - 64);
    assert_eq!(closed[0], "close 65");
}

#[test]
fn a_refusal_of_the_last_step_is_one() {
    let mut hand = hand(|scenario| scenario.steps.truncate(2));
    let said = hand.say(1, &informing(OURS, "2 PERIODIC"));
    assert!(said.iter().any(|it| it == "done"), "{said:?}");
    let connection = Some(ConnectionId(1));
    let why = "it leads away".to_owned();
    hand.player
        .refused(seconds(1), connection, Some(1), why.clone());
    let replayed = hand.player.finish();
    assert_eq!(replayed.verdict, ReplayVerdict::Refused(why));
    assert_eq!(replayed.steps[1].result, StepResult::Refused);
}

/// A device that says all of the plain session, and never brings its cookie.
fn without_cookie(change: impl FnOnce(&mut Scenario)) -> (Vec<Difference>, Vec<(String, u32)>) {
    let mut hand = hand(change);
    hand.say(1, &informing(OURS, "2 PERIODIC"));
    hand.say(1, &post(""));
    let replayed = hand.player.finish();
    (differences(&replayed), replayed.ignored)
}

fn of_cookies(found: &[Difference]) -> usize {
    let of_cookies = |it: &&Difference| it.place == "header Cookie";
    found.iter().filter(of_cookies).count()
}

#[test]
fn a_cookie_that_is_ignored_is_not_waited_for() {
    assert_eq!(of_cookies(&without_cookie(|_| {}).0), 1);
    let all: fn(&mut Scenario) = |scenario| {
        let ignore = &mut scenario.defaults.ignore;
        ignore.push("header Cookie".to_owned());
    };
    let one: fn(&mut Scenario) = |scenario| {
        if let Act::Expect(expect) = &mut scenario.steps[2].act {
            expect.ignore.push("header Cookie".to_owned());
        }
    };
    for change in [all, one] {
        let (found, ignored) = without_cookie(change);
        assert_eq!(of_cookies(&found), 0, "{found:#?}");
        assert!(
            ignored.contains(&("header Cookie".to_owned(), 1)),
            "{ignored:?}"
        );
    }
}

#[test]
fn a_device_whose_cookie_is_ignored_may_go_on_on_another_connection() {
    let mut hand = hand(|scenario| {
        let ignore = &mut scenario.defaults.ignore;
        ignore.push("header Cookie".to_owned());
    });
    hand.say(1, &informing(OURS, "2 PERIODIC"));
    let said = hand.say(2, &post(""));
    assert_eq!(status(&said), ["HTTP/1.1 200 OK"]);
}
