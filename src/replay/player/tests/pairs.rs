//! Whole sessions between the two players: what passes, and what differs in exactly one thing.

use super::stage::{Network, Stage};
use super::*;
use crate::session::{DifferenceClass, StepResult};

/// Both roles of a scene over this network.
pub(crate) fn play(lines: &[Line], network: Network) -> (Replayed, Replayed) {
    against(lines, lines, network)
}

/// The ACS of one scene against the phone of another.
pub(crate) fn against(of_acs: &[Line], of_cpe: &[Line], network: Network) -> (Replayed, Replayed) {
    stage(
        scenario(Role::Acs, of_acs),
        scenario(Role::Cpe, of_cpe),
        network,
    )
    .play()
}

pub(crate) fn stage(of_acs: Scenario, of_cpe: Scenario, network: Network) -> Stage {
    let acs = player(of_acs, setting(Role::Acs, 1));
    let cpe = player(of_cpe, setting(Role::Cpe, 2));
    Stage::new(acs, cpe, network)
}

fn both_pass(lines: &[Line], network: Network) {
    let (acs, cpe) = play(lines, network);
    passed(&acs);
    passed(&cpe);
}

/// Exactly this difference: class, place, expected, actual.
fn one(replayed: &Replayed, class: DifferenceClass, place: &str, expected: &str, actual: &str) {
    assert_eq!(replayed.verdict, ReplayVerdict::Differs, "{replayed:#?}");
    let all = differences(replayed);
    let [found] = all.as_slice() else {
        panic!("not exactly one difference: {all:#?}");
    };
    let told = (
        found.class,
        found.place.as_str(),
        found.expected.as_deref().unwrap_or("-"),
        found.actual.as_deref().unwrap_or("-"),
    );
    assert_eq!(told, (class, place, expected, actual));
}

#[test]
fn a_session_passes_on_both_sides_whatever_the_network_does_to_its_bytes() {
    for piece_bytes in [0, 1, 7, 1000] {
        let network = Network {
            piece_bytes,
            ..Network::default()
        };
        both_pass(&plain_session(), network);
    }
    let (acs, cpe) = play(&plain_session(), Network::default());
    assert_eq!(acs.device.as_deref(), Some("001565-T46%20S-0015651234AB"));
    assert_eq!(cpe.device, acs.device);
    let wanted: Vec<&str> = acs.steps.iter().map(|step| step.wanted.as_str()).collect();
    assert_eq!(
        wanted,
        [
            "expect Inform",
            "send InformResponse",
            "expect empty",
            "send GetParameterValues",
            "expect GetParameterValuesResponse",
            "send empty"
        ]
    );
}

#[test]
fn the_verdict_does_not_depend_on_chance() {
    for seed in 0..100 {
        let acs = player(
            scenario(Role::Acs, &plain_session()),
            setting(Role::Acs, seed),
        );
        let cpe = player(
            scenario(Role::Cpe, &plain_session()),
            setting(Role::Cpe, seed * 7 + 3),
        );
        let (acs, cpe) = Stage::new(acs, cpe, Network::default()).play();
        passed(&acs);
        passed(&cpe);
    }
}

#[test]
fn ids_are_fresh_and_cookies_come_back() {
    let lines = plain_session();
    let scenarios = (scenario(Role::Acs, &lines), scenario(Role::Cpe, &lines));
    let (_, _, written) = stage(scenarios.0, scenarios.1, Network::default()).play_and_read();
    let texts: Vec<&String> = written.iter().map(|(_, text)| text).collect();
    let id = |text: &str| {
        let (_, rest) = text.split_once("mustUnderstand=\"1\">").expect("an ID");
        rest.split_once('<').expect("its end").0.to_owned()
    };
    assert_eq!(id(texts[0]), id(texts[1]));
    assert_eq!(id(texts[3]), id(texts[4]));
    assert_ne!(id(texts[0]), id(texts[3]));
    assert!(!texts[0].contains("Cookie"));
    let (_, set) = texts[1].split_once("Set-Cookie: sid=").expect("a cookie");
    let value = set.split_once(';').expect("its end").0;
    assert!(texts[2].contains(&format!("\r\nCookie: sid={value}\r\n")));
    assert!(texts[2].starts_with("POST /acs HTTP/1.1\r\nHost: 127.0.0.1:7547\r\n"));
    assert!(!texts[2].contains("Authorization"));
}

#[test]
fn connections_may_be_many_and_may_close() {
    let mut lines = plain_session();
    for line in &mut lines {
        line.change = |step| {
            if let Act::Send(send) = &mut step.act {
                send.new_connection = true;
            }
        };
    }
    both_pass(&lines, Network::default());
    let network = Network {
        close_behind: Some(1),
        ..Network::default()
    };
    both_pass(&plain_session(), network);
    for line in &mut lines {
        line.change = |step| {
            if let Act::Send(send) = &mut step.act
                && send.head.starts_with("HTTP")
            {
                send.head.push_str("\nConnection: close");
                send.close_after = true;
            }
        };
    }
    both_pass(&lines, Network::default());
}

#[test]
fn chunks_and_bare_line_feeds_are_said_as_recorded() {
    let mut lines = plain_session();
    for line in &mut lines {
        line.change = |step| {
            if let Act::Send(send) = &mut step.act
                && send.file.is_some()
            {
                send.head = send.head.replace(
                    "Content-Length: {{http.length}}",
                    "Transfer-Encoding: chunked",
                );
                send.chunks = vec![100, 17];
            } else if let Act::Send(send) = &mut step.act {
                send.bare_lf = true;
            }
        };
    }
    let network = Network {
        piece_bytes: 3,
        ..Network::default()
    };
    both_pass(&lines, network);
}

#[test]
fn a_changed_value_is_exactly_that_difference() {
    let mut changed = plain_session();
    changed[4] = cpe(
        "GetParameterValuesResponse",
        &parameters(&[("Device.X", "2")]),
    );
    let (of_acs, of_cpe) = against(&plain_session(), &changed, Network::default());
    one(
        &of_acs,
        DifferenceClass::Value,
        "ParameterList/Device.X/Value",
        "1",
        "2",
    );
    assert_eq!(of_acs.steps[4].result, StepResult::Differs);
    assert_eq!(of_acs.steps[5].result, StepResult::Passed);
    passed(&of_cpe);

    let mut changed = plain_session();
    changed[1] = acs("InformResponse", "<MaxEnvelopes>2</MaxEnvelopes>");
    let (of_acs, of_cpe) = against(&changed, &plain_session(), Network::default());
    passed(&of_acs);
    one(&of_cpe, DifferenceClass::Value, "MaxEnvelopes", "1", "2");
}

#[test]
fn a_missing_parameter_is_exactly_that_difference() {
    let mut whole = plain_session();
    let two = [("Device.X", "1"), ("Device.Y", "1")];
    whole[4] = cpe("GetParameterValuesResponse", &parameters(&two));
    let (acs, _) = against(&whole, &plain_session(), Network::default());
    assert_eq!(acs.verdict, ReplayVerdict::Differs);
    let found = differences(&acs);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].class, DifferenceClass::Missing);
    assert!(found[0].place.contains("Device.Y"), "{}", found[0].place);
}

#[test]
fn a_fault_in_the_place_of_an_answer_is_that_difference_unless_it_is_tolerated() {
    let mut changed = plain_session();
    changed[4] = cpe("Fault", "9005");
    let (played, other) = against(&plain_session(), &changed, Network::default());
    let class = DifferenceClass::FaultChanged;
    one(
        &played,
        class,
        "",
        "GetParameterValuesResponse",
        "Fault 9005",
    );
    passed(&other);

    let mut tolerant = plain_session();
    tolerant[4].change = |step| {
        if let Act::Expect(expect) = &mut step.act {
            expect.tolerate = vec!["fault 9005".to_owned()];
        }
    };
    let (acs, _) = against(&tolerant, &changed, Network::default());
    passed(&acs);
    assert_eq!(acs.steps[4].result, StepResult::Tolerated);
    assert_eq!(acs.steps[4].came.as_deref(), Some("Fault 9005"));
    changed[4] = cpe("Fault", "9002");
    let (acs, _) = against(&tolerant, &changed, Network::default());
    one(&acs, class, "", "GetParameterValuesResponse", "Fault 9002");
}

#[test]
fn another_status_is_that_difference() {
    let mut changed = plain_session();
    changed[5] = acs("empty", "").head("HTTP/1.1 200 OK\nContent-Length: 0", 200);
    let (acs, cpe) = against(&changed, &plain_session(), Network::default());
    passed(&acs);
    one(&cpe, DifferenceClass::Transport, "status", "204", "200");
    let (acs, cpe) = play(&changed, Network::default());
    passed(&acs);
    passed(&cpe);
}

#[test]
fn a_late_answer_is_a_matter_of_time() {
    let mut slow = plain_session();
    slow[4].change = |step| step.after = Some(seconds(7));
    let mut strict = plain_session();
    strict[4].change = |step| {
        if let Act::Expect(expect) = &mut step.act {
            expect.within = Some(seconds(5));
        }
    };
    let acs = player(scenario(Role::Acs, &strict), setting(Role::Acs, 1));
    let mut pace = setting(Role::Cpe, 2);
    pace.speed = Speed::AsRecorded;
    let cpe = player(scenario(Role::Cpe, &slow), pace);
    let (acs, cpe) = Stage::new(acs, cpe, Network::default()).play();
    one(&acs, DifferenceClass::Timing, "", "within 5 s", "after 7 s");
    passed(&cpe);
    assert_eq!(cpe.took, seconds(7));
}

#[test]
fn speed_divides_the_pauses() {
    for (speed, took) in [
        (Speed::AsRecorded, seconds(12)),
        (Speed::Times(4.0), seconds(3)),
        (Speed::Times(0.5), seconds(24)),
        (Speed::Max, Duration::ZERO),
    ] {
        let mut lines = plain_session();
        lines[2].change = |step| step.after = Some(seconds(10));
        lines[3].change = |step| step.after = Some(seconds(2));
        let mut settings = (setting(Role::Acs, 1), setting(Role::Cpe, 2));
        (settings.0.speed, settings.1.speed) = (speed, speed);
        let acs = player(scenario(Role::Acs, &lines), settings.0);
        let cpe = player(scenario(Role::Cpe, &lines), settings.1);
        let (acs, cpe) = Stage::new(acs, cpe, Network::default()).play();
        passed(&acs);
        assert_eq!((acs.took, cpe.took), (took, took), "{speed:?}");
    }
}

#[test]
fn a_cut_gives_the_same_verdict_or_that_the_peer_failed() {
    let same_or_failed = |network: Network| {
        let (acs, cpe) = play(&plain_session(), network);
        for replayed in [&acs, &cpe] {
            let verdict = &replayed.verdict;
            let is_same = matches!(
                verdict,
                ReplayVerdict::Passed | ReplayVerdict::PeerFailed(_)
            );
            assert!(is_same, "{network:?}: {replayed:#?}");
        }
        cpe.verdict
    };
    for message in 1..=6 {
        let cut = Network {
            cut_at: Some(message),
            ..Network::default()
        };
        assert!(matches!(same_or_failed(cut), ReplayVerdict::PeerFailed(_)));
        let lost = Network {
            lost_at: Some(message),
            ..Network::default()
        };
        // A request that did not come through is said again, but not the first on its connection; an answer is not.
        let verdict = same_or_failed(lost);
        assert_eq!(
            verdict == ReplayVerdict::Passed,
            matches!(message, 3 | 5),
            "{message}: {verdict:?}"
        );
    }
}
