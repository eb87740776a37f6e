//! Several sessions in one scenario: awaited ones, woken ones; requests held back; redirects; variables.

use super::alone::informing;
use super::hand::Hand;
use super::pairs::{play, stage};
use super::stage::Network;
use super::*;
use crate::replay::action::Heard;
use crate::replay::scenario::{ActionStep, Await, Fresh, OnUnexpected, Via};
use crate::session::{DifferenceClass, StepResult};

fn awaited(event: &str) -> Step {
    Step {
        act: Act::Await(Await {
            session_with_event: Some(event.to_owned()),
            within: seconds(600),
        }),
        after: Some(seconds(120)),
    }
}

fn waking() -> Step {
    Step {
        act: Act::Action(ActionStep::ConnectionRequest {
            url: "{{url}}".to_owned(),
            via: Via::Http,
            username: Some("{{user}}".to_owned()),
            password: Some("{{password}}".to_owned()),
        }),
        after: Some(seconds(120)),
    }
}

/// Two plain sessions with these steps between, the second with this event.
fn two_sessions(role: Role, between: &[Step], event: &str) -> Scenario {
    let mut lines = plain_session();
    let mut second = plain_session();
    second[0] = cpe("Inform", &inform(event));
    lines.extend(second);
    let mut scenario = scenario(role, &lines);
    scenario.steps.splice(6..6, between.iter().cloned());
    if let (Act::Expect(expect), Role::Acs) = (&mut scenario.steps[0].act, role) {
        let place = "param \"Device.ManagementServer.ConnectionRequestURL\"";
        expect.capture.insert("url".to_owned(), place.to_owned());
    }
    scenario
        .vars
        .insert("url".to_owned(), Variable::Captured(None));
    scenario
}

#[test]
fn a_session_with_its_event_is_awaited() {
    let between = [awaited("7 TRANSFER COMPLETE")];
    let of_acs = two_sessions(Role::Acs, &between, "7 TRANSFER COMPLETE");
    let of_cpe = two_sessions(Role::Cpe, &between, "7 TRANSFER COMPLETE");
    let acs = player(of_acs, setting(Role::Acs, 1));
    let mut pace = setting(Role::Cpe, 2);
    pace.speed = Speed::AsRecorded;
    let cpe = player(of_cpe, pace);
    let (acs, cpe) = stage::Stage::new(acs, cpe, Network::default()).play();
    passed(&acs);
    passed(&cpe);
    assert_eq!(cpe.took, seconds(120));
    assert_eq!(acs.steps[6].wanted, "await 7 TRANSFER COMPLETE");
    assert_eq!(acs.steps[6].came.as_deref(), Some("7 TRANSFER COMPLETE"));
}

#[test]
fn a_session_with_another_event_differs_and_none_is_a_failed_peer() {
    let of_acs = two_sessions(Role::Acs, &[awaited("1 BOOT")], "1 BOOT");
    let of_cpe = two_sessions(Role::Cpe, &[awaited("1 BOOT")], "2 PERIODIC");
    let (acs, _) = stage(of_acs.clone(), of_cpe, Network::default()).play();
    let found = differences(&acs);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].class, DifferenceClass::Missing);
    assert_eq!((found[0].place.as_str(), found[0].step), ("Event", Some(7)));
    assert_eq!(found[0].actual.as_deref(), Some("2 PERIODIC"));

    let of_cpe = scenario(Role::Cpe, &plain_session());
    let (acs, cpe) = stage(of_acs, of_cpe, Network::default()).play();
    let why = "waited 600 s for a session with 1 BOOT, which did not come".to_owned();
    assert_eq!(acs.verdict, ReplayVerdict::PeerFailed(why));
    assert_eq!(acs.steps[6].result, StepResult::Failed);
    passed(&cpe);
}

#[test]
fn a_device_is_woken() {
    for between in [
        vec![waking()],
        vec![waking(), awaited("6 CONNECTION REQUEST")],
    ] {
        let of_acs = two_sessions(Role::Acs, &between, "6 CONNECTION REQUEST");
        let of_cpe = two_sessions(Role::Cpe, &between, "6 CONNECTION REQUEST");
        let (acs, cpe) = stage(of_acs, of_cpe, Network::default()).play();
        passed(&acs);
        passed(&cpe);
        assert_eq!(acs.steps[6].wanted, "connection request");
    }
}

#[test]
fn a_woken_device_has_to_say_so() {
    let of_acs = two_sessions(Role::Acs, &[waking()], "6 CONNECTION REQUEST");
    let of_cpe = two_sessions(Role::Cpe, &[waking()], "2 PERIODIC");
    let (acs, _) = stage(of_acs, of_cpe, Network::default()).play();
    let found = differences(&acs);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].expected.as_deref(), Some("6 CONNECTION REQUEST"));
}

#[test]
fn a_connection_request_goes_to_the_captured_url_and_its_refusal_differs() {
    let of_acs = two_sessions(Role::Acs, &[waking()], "6 CONNECTION REQUEST");
    let mut steps = of_acs.clone();
    steps.steps.truncate(2);
    steps.steps.push(waking());
    let mut hand = Hand::new(Role::Acs, player(steps, setting(Role::Acs, 1)));
    let said = hand.say(1, &informing("0015651234AB", "2 PERIODIC"));
    assert!(
        said.contains(&"wake http://192.0.2.9/cr".to_owned()),
        "{said:?}"
    );

    let mut hand = Hand::new(Role::Acs, player(of_acs, setting(Role::Acs, 1)));
    assert_eq!(hand.hear(Heard::Woken(Ok(Some(503)))), Vec::<String>::new());
    assert!(!hand.player.is_done());
}

fn held_session() -> (Vec<Line>, Vec<Line>) {
    let report = "<CommandKey>k</CommandKey>";
    let mut of_cpe = plain_session();
    of_cpe.insert(2, cpe("TransferComplete", report));
    of_cpe.insert(3, acs("TransferCompleteResponse", ""));
    let mut of_acs = vec![
        cpe("Inform", &inform("2 PERIODIC")),
        acs("InformResponse", "<MaxEnvelopes>1</MaxEnvelopes>"),
        cpe("empty", ""),
        acs("GetRPCMethods", ""),
        cpe("GetRPCMethodsResponse", ""),
        acs("empty", ""),
    ];
    for line in &mut of_acs {
        if let Some(body) = &mut line.body {
            let held =
                "<cwmp:HoldRequests soap:mustUnderstand=\"1\">1</cwmp:HoldRequests></soap:Header>";
            if line.message == "InformResponse" {
                *body = body.replace("</soap:Header>", held);
            } else if line.message == "GetRPCMethods" {
                *body = body.replace("</soap:Header>", &held.replace(">1<", ">0<"));
            }
        }
        line.change = |step| {
            if let Act::Expect(expect) = &mut step.act {
                expect.like = None;
            }
        };
    }
    of_acs.extend(of_cpe[2..].iter().cloned());
    (of_acs, of_cpe)
}

#[test]
fn a_phone_holds_its_requests_back() {
    let (of_acs, of_cpe) = held_session();
    let (_, cpe) = pairs::against(&of_acs, &of_cpe, Network::default());
    let found = differences(&cpe);
    assert!(
        found.iter().any(|it| it.place == "Header/HoldRequests"),
        "{found:#?}"
    );
    assert_eq!(cpe.steps[2].result, StepResult::Differs);

    let mut patient = scenario(Role::Cpe, &of_cpe);
    patient.defaults.on_unexpected = OnUnexpected::Answer;
    let (acs, cpe) = stage(scenario(Role::Acs, &of_acs), patient, Network::default()).play();
    passed(&acs);
    assert_eq!(cpe.verdict, ReplayVerdict::Differs);
    assert!(
        cpe.steps
            .iter()
            .all(|step| step.result != StepResult::Skipped),
        "{cpe:#?}"
    );
}

#[test]
fn redirects_are_followed_to_the_same_place_alone() {
    let moved = "HTTP/1.1 302 Found\nLocation: {{http.location}}\nContent-Length: 0";
    let mut lines = vec![
        cpe("Inform", &inform("2 PERIODIC")),
        acs("empty", "").head(moved, 302),
    ];
    lines.extend(plain_session());
    let (played_acs, played_cpe) = play(&lines, Network::default());
    passed(&played_acs);
    passed(&played_cpe);

    for (location, target) in [
        ("http://127.0.0.1:7547/other?a", "/other?a"),
        ("/third", "/third"),
        ("http://192.0.2.66/evil", "/acs"),
        ("//192.0.2.66/evil", "/acs"),
        ("http://127.0.0.1:7547.evil/x", "/acs"),
    ] {
        let mut hand = Hand::new(
            Role::Cpe,
            player(scenario(Role::Cpe, &lines), setting(Role::Cpe, 1)),
        );
        assert_eq!(hand.done(), ["connect 1"]);
        hand.connect(1);
        let said = hand.say(
            1,
            &format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"),
        );
        let again = said.last().expect("it comes again");
        assert!(
            again.starts_with(&format!(
                "POST {target} HTTP/1.1\r\nHost: 127.0.0.1:7547\r\n"
            )),
            "{location}: {again}"
        );
    }
}

#[test]
fn variables_are_made_captured_and_said() {
    let mut lines = plain_session();
    lines[3] = acs(
        "GetParameterValues",
        "<ParameterNames><string>{{url}}</string></ParameterNames>",
    );
    let mut of_acs = scenario(Role::Acs, &lines);
    if let Act::Expect(expect) = &mut of_acs.steps[0].act {
        let place = "param \"Device.ManagementServer.ConnectionRequestURL\"";
        expect.capture.insert("url".to_owned(), place.to_owned());
    }
    of_acs
        .vars
        .insert("url".to_owned(), Variable::Captured(None));
    let mut of_cpe = scenario(Role::Cpe, &lines);
    of_cpe.vars.insert("url".to_owned(), given("recorded"));
    of_cpe
        .vars
        .insert("key".to_owned(), Variable::Fresh(Fresh::Uuid));
    let (acs, cpe, written) = stage(of_acs, of_cpe, Network::default()).play_and_read();
    passed(&acs);
    assert!(
        written[3]
            .1
            .contains("<string>http://192.0.2.9/cr</string>")
    );
    let found = differences(&cpe);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].expected.as_deref(), Some("recorded"));
}
