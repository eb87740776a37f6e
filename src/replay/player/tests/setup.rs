//! What is refused before anything is said.

use super::*;
use crate::replay::scenario::Via;

fn refused(role: Role, change: impl FnOnce(&mut Scenario, &mut PlayerSetting)) -> String {
    let mut scenario = scenario(role, &plain_session());
    let mut setting = setting(role, 1);
    change(&mut scenario, &mut setting);
    match Player::new(Arc::new(scenario), "test", setting) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_scenario_that_cannot_be_played_says_why() {
    assert_eq!(refused(Role::Acs, |_, _| {}), "");
    assert_eq!(refused(Role::Cpe, |_, _| {}), "");
    let why = refused(Role::Acs, |scenario, _| {
        let body = envelope("InformResponse", "{{unknown}}");
        scenario
            .files
            .insert("01-InformResponse.xml".to_owned(), body.into_bytes());
    });
    assert!(
        why.starts_with("step 2: the placeholder {{unknown}} has no value"),
        "{why}"
    );
    let why = refused(Role::Acs, |scenario, _| {
        scenario.files.remove("01-InformResponse.xml");
    });
    assert_eq!(why, "step 2: there is no file 01-InformResponse.xml");
    let why = refused(Role::Acs, |scenario, _| drop(scenario.steps.remove(0)));
    assert!(
        why.starts_with("step 1: an ACS says nothing unless a request came before"),
        "{why}"
    );
    let why = refused(Role::Cpe, |scenario, _| drop(scenario.steps.remove(0)));
    assert!(
        why.starts_with("step 1: an ACS answers requests alone"),
        "{why}"
    );
    for speed in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let why = refused(Role::Acs, |_, setting| setting.speed = Speed::Times(speed));
        assert!(why.contains("is none"), "{why}");
    }
    let why = refused(Role::Acs, |scenario, _| {
        if let Act::Expect(expect) = &mut scenario.steps[0].act {
            expect
                .matchers
                .insert("Event".to_owned(), "regex:(".to_owned());
        }
    });
    assert!(why.starts_with("step 1: "), "{why}");
}

#[test]
fn a_secret_is_wanted_where_its_scenario_says() {
    let told = |env: Option<&str>, file: Option<&str>| {
        refused(Role::Acs, |scenario, _| {
            let body = envelope("InformResponse", "{{unknown}}").into_bytes();
            let name = "01-InformResponse.xml".to_owned();
            scenario.files.insert(name, body);
            let secret = Variable::Secret {
                env: env.map(str::to_owned),
                file: file.map(str::to_owned),
            };
            scenario.vars.insert("unknown".to_owned(), secret);
        })
    };
    for (why, wanted) in [
        (told(Some("HUSH"), None), "the environment variable HUSH"),
        (told(None, Some("hush.txt")), "the file hush.txt"),
    ] {
        let what = "step 2: the placeholder {{unknown}} has no value; give it in";
        let all = format!("{what} {wanted}, or give it with --set unknown=VALUE");
        assert_eq!(why, all);
    }
}

#[test]
fn secrets_and_addresses_have_to_be_given() {
    let why = refused(Role::Acs, |scenario, setting| {
        setting.values.remove("password");
        scenario.auth = Some(auth(AuthScheme::Digest, None, None));
    });
    assert!(
        why.starts_with("[auth]: the placeholder {{password}} has no value"),
        "{why}"
    );
    let why = refused(Role::Acs, |scenario, _| {
        scenario.auth = Some(auth(AuthScheme::Digest, Some("ROT13"), None));
    });
    assert_eq!(why, "[auth]: the algorithm ROT13 is not known");
    let why = refused(Role::Acs, |scenario, _| {
        let act = Act::Action(crate::replay::scenario::ActionStep::ConnectionRequest {
            url: "{{url}}".to_owned(),
            via: Via::Http,
            username: None,
            password: None,
        });
        scenario.vars.insert(
            "url".to_owned(),
            Variable::Captured(Some("http://recorded/".to_owned())),
        );
        scenario.steps.insert(0, Step { act, after: None });
    });
    assert!(
        why.starts_with("step 1: the placeholder {{url}} has no value"),
        "{why}"
    );
}

#[test]
fn a_phone_is_somebody_and_the_recorded_one_only_where_that_is_allowed() {
    let why = refused(Role::Cpe, |_, setting| setting.device = None);
    assert!(why.starts_with("role cpe needs a device to be"), "{why}");
    let allowed = |_: &mut Scenario, setting: &mut PlayerSetting| {
        setting.device = None;
        setting.impersonate_recorded = true;
    };
    assert_eq!(refused(Role::Cpe, allowed), "");
    let why = refused(Role::Cpe, |scenario, setting| {
        allowed(scenario, setting);
        scenario.identity.device = None;
    });
    assert!(
        why.starts_with("the scenario does not say which device"),
        "{why}"
    );
}

#[test]
fn device_ids_are_read_as_they_are_written() {
    for device in [device(), DeviceIdentity::of_id("00D09E-1").expect("an id")] {
        let read = DeviceIdentity::of_id(&device.id()).expect("an id");
        assert_eq!(read.id(), device.id());
        assert_eq!(read.serial_number, device.serial_number);
    }
    for odd in [
        "", "-", "a", "a-", "-b", "a-b-c-d", "a-%4", "a-%ff", "a-%zz",
    ] {
        assert_eq!(DeviceIdentity::of_id(odd), None, "{odd}");
    }
}

#[test]
fn targets_are_written_as_urls() {
    let target = |https, host: &str, port| Target {
        https,
        host: host.to_owned(),
        port,
        path: "/a?b".to_owned(),
    };
    assert_eq!(target(false, "acs", 80).url(), "http://acs/a?b");
    assert_eq!(target(true, "acs", 443).url(), "https://acs/a?b");
    assert_eq!(target(true, "[::1]", 7547).url(), "https://[::1]:7547/a?b");
}
