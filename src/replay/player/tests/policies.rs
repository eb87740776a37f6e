//! Messages that no step expects, under each policy.

use super::pairs::stage;
use super::stage::Network;
use super::*;
use crate::replay::scenario::OnUnexpected;
use crate::session::{DifferenceClass, StepResult};

/// A phone that reports a transfer between, which no recording has.
fn with_report() -> Vec<Line> {
    let mut lines = plain_session();
    let report = "<CommandKey>k</CommandKey><FaultStruct><FaultCode>0</FaultCode><FaultString></FaultString></FaultStruct>";
    lines.insert(2, cpe("TransferComplete", report));
    lines.insert(3, acs("TransferCompleteResponse", ""));
    lines
}

fn against(policy: OnUnexpected, of_cpe: &[Line]) -> (Replayed, Replayed, Vec<(bool, String)>) {
    let mut of_acs = scenario(Role::Acs, &plain_session());
    of_acs.defaults.on_unexpected = policy;
    stage(of_acs, scenario(Role::Cpe, of_cpe), Network::default()).play_and_read()
}

#[test]
fn fail_ends_the_session_with_nothing() {
    let (acs, cpe, written) = against(OnUnexpected::Fail, &with_report());
    assert_eq!(acs.verdict, ReplayVerdict::Differs);
    let found = differences(&acs);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].class, DifferenceClass::Extra);
    assert_eq!(found[0].step, Some(3));
    assert_eq!(found[0].expected.as_deref(), Some("empty"));
    assert_eq!(found[0].actual.as_deref(), Some("TransferComplete"));
    assert_eq!(
        written.last(),
        Some(&(true, "HTTP/1.1 204 No Content\r\n\r\n".to_owned()))
    );
    assert_eq!(acs.steps[3].result, StepResult::Skipped);
    assert_eq!(cpe.verdict, ReplayVerdict::Differs);
    assert_eq!(differences(&cpe)[0].class, DifferenceClass::Missing);
}

#[test]
fn answer_is_noted_and_the_session_goes_on() {
    let (acs, cpe, written) = against(OnUnexpected::Answer, &with_report());
    assert_eq!(acs.verdict, ReplayVerdict::Differs);
    assert_eq!(acs.differences.len(), 1);
    assert_eq!(acs.differences[0].step, None);
    assert!(
        acs.steps
            .iter()
            .all(|step| step.result == StepResult::Passed),
        "{acs:#?}"
    );
    assert!(written[3].1.contains("TransferCompleteResponse"));
    passed(&cpe);
}

#[test]
fn fault_is_noted_and_the_session_goes_on() {
    let (acs, cpe, written) = against(OnUnexpected::Fault, &with_report());
    assert_eq!(acs.differences.len(), 1);
    assert!(
        acs.steps
            .iter()
            .all(|step| step.result == StepResult::Passed)
    );
    assert!(
        written[3].1.contains("<FaultCode>8000</FaultCode>"),
        "{}",
        written[3].1
    );
    let found = differences(&cpe);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].class, DifferenceClass::FaultChanged);
}

#[test]
fn ignore_passes_over_it() {
    let mut of_cpe = with_report();
    of_cpe[3] = acs("empty", "");
    let (acs, cpe, _) = against(OnUnexpected::Ignore, &of_cpe);
    passed(&acs);
    assert!(
        acs.ignored
            .contains(&("message TransferComplete".to_owned(), 1)),
        "{:?}",
        acs.ignored
    );
    passed(&cpe);
}

#[test]
fn a_phone_answers_what_it_was_not_asked_in_the_recording() {
    for (policy, answer) in [
        (OnUnexpected::Answer, "GetRPCMethodsResponse"),
        (OnUnexpected::Fault, "<FaultCode>9000</FaultCode>"),
    ] {
        let mut of_acs = plain_session();
        of_acs.insert(3, acs("GetRPCMethods", ""));
        let response = if policy == OnUnexpected::Answer {
            "GetRPCMethodsResponse"
        } else {
            "Fault"
        };
        let mut heard = cpe(response, "9000");
        heard.change = |step| {
            if let Act::Expect(expect) = &mut step.act {
                expect.like = None;
            }
        };
        of_acs.insert(4, heard);
        let mut of_cpe = scenario(Role::Cpe, &plain_session());
        of_cpe.defaults.on_unexpected = policy;
        let of_acs = scenario(Role::Acs, &of_acs);
        let (acs, cpe, written) = stage(of_acs, of_cpe, Network::default()).play_and_read();
        passed(&acs);
        assert_eq!(cpe.differences.len(), 1, "{cpe:#?}");
        assert!(
            cpe.steps
                .iter()
                .all(|step| step.result == StepResult::Passed)
        );
        assert!(written[4].1.contains(answer), "{}", written[4].1);
    }
}

#[test]
fn a_wrong_order_is_told_as_one() {
    let mut two = plain_session();
    two.splice(
        5..5,
        [
            acs(
                "GetParameterNames",
                "<ParameterPath>D.</ParameterPath><NextLevel>0</NextLevel>",
            ),
            cpe(
                "GetParameterNamesResponse",
                "<ParameterList></ParameterList>",
            ),
        ],
    );
    let mut other = two.clone();
    other.swap(3, 5);
    other.swap(4, 6);
    let (_, played) = pairs::against(&other, &two, Network::default());
    let found = differences(&played);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].class, DifferenceClass::Order);
    assert_eq!(found[0].actual.as_deref(), Some("GetParameterNames"));
}

#[test]
fn a_peer_that_says_one_thing_for_ever_is_left() {
    let mut of_cpe = plain_session();
    for _ in 0..120 {
        of_cpe.insert(2, acs("GetRPCMethodsResponse", ""));
        of_cpe.insert(2, cpe("GetRPCMethods", ""));
    }
    let (acs, _, written) = against(OnUnexpected::Answer, &of_cpe);
    assert_eq!(acs.verdict, ReplayVerdict::Differs);
    assert!(written.len() < 210, "{}", written.len());
}

#[test]
fn what_is_asserted_has_to_hold() {
    for (assertion, holds) in [
        ("param \"Device.X\" == \"1\"", true),
        ("param \"Device.X\" == \"{{wanted}}\"", true),
        ("param \"Device.X\" == \"2\"", false),
    ] {
        let mut of_acs = scenario(Role::Acs, &plain_session());
        of_acs.vars.insert("wanted".to_owned(), given("1"));
        if let Act::Expect(expect) = &mut of_acs.steps[4].act {
            expect.assert.push(assertion.to_owned());
        }
        let of_cpe = scenario(Role::Cpe, &plain_session());
        let (acs, _) = stage(of_acs, of_cpe, Network::default()).play();
        let found = differences(&acs);
        assert_eq!(found.is_empty(), holds, "{assertion}: {found:#?}");
        assert!(holds || found.len() == 1 && found[0].step == Some(5));
    }
}

#[test]
fn matchers_hold_the_values_of_the_run() {
    for (matcher, wanted, holds) in [
        ("exact:{{wanted}}", "1", true),
        ("exact:{{wanted}}", "2", false),
        ("range:{{wanted}}..{{wanted}}", "1", true),
    ] {
        let mut of_acs = scenario(Role::Acs, &plain_session());
        of_acs.vars.insert("wanted".to_owned(), given(wanted));
        if let Act::Expect(expect) = &mut of_acs.steps[4].act {
            let place = "ParameterList/Device.X";
            expect.matchers.insert(place.to_owned(), matcher.to_owned());
        }
        let of_cpe = scenario(Role::Cpe, &plain_session());
        let (acs, _) = stage(of_acs, of_cpe, Network::default()).play();
        let found = differences(&acs);
        assert_eq!(found.is_empty(), holds, "{matcher}: {found:#?}");
    }
}
