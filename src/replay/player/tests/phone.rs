//! The phone against words given by hand: answers before their request, ends of connections.

use super::hand::Hand;
use super::*;
use crate::replay::action::{ConnectionId, Heard};
use crate::replay::template;
use crate::session::{DifferenceClass, StepResult};

fn phone(change: impl FnOnce(&mut Scenario)) -> Hand {
    let mut scenario = scenario(Role::Cpe, &plain_session());
    change(&mut scenario);
    let mut hand = Hand::new(Role::Cpe, player(scenario, setting(Role::Cpe, 2)));
    hand.done();
    hand
}

/// An answer of the ACS to what the phone said last.
fn answer(to: &str, message: &str, arguments: &str) -> String {
    let id = to.split_once("mustUnderstand=\"1\">");
    let id = id.and_then(|(_, rest)| rest.split_once('<'));
    let id = id.map_or("1", |(id, _)| id);
    let body = envelope(message, arguments);
    let body = template::fill(body.as_bytes(), |_| Some(id.as_bytes().into()));
    let body = String::from_utf8(body.expect("filled")).expect("text");
    format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn inform_response(to: &str) -> String {
    answer(to, "InformResponse", "<MaxEnvelopes>1</MaxEnvelopes>")
}

fn asks() -> String {
    let names = "<ParameterNames><string>Device.X</string></ParameterNames>";
    answer("", "GetParameterValues", names)
}

/// What came too early is told, and the run ends.
fn is_early(hand: Hand) {
    let replayed = hand.player.finish();
    let found = differences(&replayed);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].class, DifferenceClass::Transport);
    let expected = found[0].expected.as_deref();
    assert_eq!(expected, Some("an answer behind its request"));
}

fn informing(hand: &mut Hand) -> String {
    let said = hand.connect(1);
    said.into_iter().next_back().unwrap_or_default()
}

#[test]
fn two_answers_at_once_answer_one_request() {
    let mut hand = phone(|_| {});
    let said = informing(&mut hand);
    let said = hand.say(1, &(inform_response(&said) + &asks()));
    assert_eq!(said.last().map(String::as_str), Some("done"));
    assert!(
        !said
            .iter()
            .any(|it| it.contains("GetParameterValuesResponse"))
    );
    is_early(hand);
}

#[test]
fn an_answer_that_began_before_its_request_is_none() {
    let mut hand = phone(|_| {});
    let said = informing(&mut hand);
    let mut stream = stage::stream(true);
    let both = inform_response(&said) + &asks()[..20];
    for message in stage::messages(&mut stream, both.as_bytes()) {
        let heard = Heard::Message(ConnectionId(1), Box::new(message));
        hand.player.handle(hand.now, heard);
    }
    hand.hear(Heard::Begun(ConnectionId(1)));
    for message in stage::messages(&mut stream, &asks().as_bytes()[20..]) {
        hand.hear(Heard::Message(ConnectionId(1), Box::new(message)));
    }
    is_early(hand);
}

#[test]
fn an_answer_that_begins_behind_its_request_is_one() {
    let mut hand = phone(|_| {});
    let said = informing(&mut hand);
    hand.hear(Heard::Begun(ConnectionId(1)));
    hand.say(1, &inform_response(&said));
    hand.hear(Heard::Begun(ConnectionId(1)));
    let said = hand.say(1, &asks());
    assert!(said[0].contains("GetParameterValuesResponse"), "{said:?}");
}

#[test]
fn an_answer_in_a_pause_is_none() {
    let mut lines = plain_session();
    lines[2].change = |step| step.after = Some(seconds(10));
    let mut pace = setting(Role::Cpe, 2);
    pace.speed = Speed::AsRecorded;
    let mut hand = Hand::new(Role::Cpe, player(scenario(Role::Cpe, &lines), pace));
    hand.done();
    let said = informing(&mut hand);
    hand.say(1, &inform_response(&said));
    hand.wait(seconds(5));
    hand.say(1, &asks());
    is_early(hand);
}

#[test]
fn an_acs_that_is_tired_of_waiting_is_asked_again_elsewhere() {
    let tired = "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    // As it is read: before the next request, beside it, and behind it.
    let mut hand = phone(|_| {});
    let said = informing(&mut hand);
    let said = hand.say(1, &(inform_response(&said) + tired));
    assert_eq!(said, ["close 1", "connect 2"]);
    assert!(hand.connect(2)[0].ends_with("Content-Length: 0\r\n\r\n"));
    let said = hand.say(2, &asks());
    assert!(said[0].contains("GetParameterValuesResponse"), "{said:?}");
    let said = hand.say(2, tired);
    assert_eq!(said, ["close 2", "connect 3"]);
    let again = hand.connect(3);
    assert!(again[0].contains("GetParameterValuesResponse"), "{again:?}");
    // Not for ever.
    assert_eq!(hand.say(3, tired), ["close 3", "done"]);
}

#[test]
fn a_fault_in_the_place_of_the_inform_response_ends_the_session() {
    for code in ["8002", "8005"] {
        let mut hand = phone(|_| {});
        let said = informing(&mut hand);
        let said = hand.say(1, &answer(&said, "Fault", code));
        assert_eq!(said, ["close 1", "done"], "{code}");
        let replayed = hand.player.finish();
        let found = differences(&replayed);
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(found[0].class, DifferenceClass::FaultChanged);
        assert_eq!(replayed.steps[2].result, StepResult::Skipped);
    }
    // Where it is tolerated the steps go on as they stand there, and may hold the Inform again.
    let mut hand = phone(|scenario| {
        let again = scenario.steps[0..2].to_vec();
        scenario.steps.splice(2..2, again);
        if let Act::Expect(expect) = &mut scenario.steps[1].act {
            expect.tolerate = vec!["fault 8005".to_owned()];
        }
    });
    let said = informing(&mut hand);
    let again = hand.say(1, &answer(&said, "Fault", "8005"));
    assert!(again[0].contains("<cwmp:Inform>"), "{again:?}");
    let said = hand.say(1, &inform_response(&again[0]));
    assert!(said[0].ends_with("Content-Length: 0\r\n\r\n"), "{said:?}");
}
