//! What is written is read as the same, and looks the same each time.

use std::collections::BTreeMap;
use std::time::Duration;

use ::stun::Form;
use proptest::prelude::*;

use super::super::{
    Act, ActionStep, Auth, AuthScheme, Await, Class, Defaults, Expect, Fresh, Identity,
    OnUnexpected, Role, Safety, Scenario, Send, Source, Step, Stun, TOML, Variable, Via, parse,
    write,
};
use super::{EXAMPLE, parsed};

fn reread(scenario: &Scenario) -> Scenario {
    let files: BTreeMap<String, Vec<u8>> = write(scenario).into_iter().collect();
    let toml = String::from_utf8(files[TOML].clone()).expect("TOML is text");
    let file = |name: &str| Ok(files.get(name).cloned());
    parse(&toml, file).unwrap_or_else(|problem| panic!("{problem}\n{toml}"))
}

#[test]
fn the_example_is_written_as_it_is_laid_out() {
    let scenario = parsed(EXAMPLE).expect("it is well-formed");
    assert_eq!(reread(&scenario), scenario);
    let written = write(&scenario);
    assert_eq!(written, write(&scenario));
    assert_eq!(
        written
            .iter()
            .map(|(name, _)| name.as_str())
            .collect::<Vec<_>>(),
        [TOML, "02-SetParameterValues.xml"]
    );
    let toml = String::from_utf8_lossy(&written[0].1);
    let expected = r#"# What every key means: docs/scenario.md. What is wrong with it: informant scenario lint.
format = 1
role = "acs"
source = { sha256 = "...", session = 3 }

[identity]
device = "001565-0015651234AB"

[vars]
# Secrets are not written here: they come from the environment or from a file.
parameter_key = { fresh = "uuid" }
sip_password = { secret = true, env = "SIP_PASSWORD" }

[safety]
# Classes of RPCs beyond reading; the command line has to allow them too.
allow = ["set"]

[defaults]
timeout_s = 30
on_unexpected = "fail"
unordered = ["ParameterList"]
time_tolerance_s = 60

[[step]]
expect = "Inform"
assert = [
  'event contains "1 BOOT"',
  'param "Device.DeviceInfo.SoftwareVersion" matches /^2\./',
]
capture = { connection_request_url = 'param "Device.ManagementServer.ConnectionRequestURL"' }

[[step]]
send = "02-SetParameterValues.xml"
head = '''
HTTP/1.1 200 OK
Content-Type: text/xml; charset=utf-8
Content-Length: {{http.length}}
'''

[[step]]
expect = "SetParameterValuesResponse"
assert = ["status in [0, 1]"]
tolerate = ["fault 9007"]
within_s = 5

[[step]]
await = { session_with_event = "M Download", within_s = 600 }

[[step]]
action = { connection_request = "{{connection_request_url}}", via = "http" }
"#;
    assert_eq!(toml, expected);
}

/// Text of any kind, more often with what TOML has to escape.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9 {}./_-]{0,24}",
        "['\"\\\\a\n\r\t\u{1b}\u{202e}é😀#=\\[\\]]{0,12}",
        any::<String>(),
    ]
}

fn any_texts() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(any_text(), 0..4)
}

fn any_texts_by_name() -> impl Strategy<Value = BTreeMap<String, String>> {
    prop::collection::btree_map(any_text(), any_text(), 0..4)
}

fn any_duration() -> impl Strategy<Value = Duration> {
    prop_oneof![
        (0u64..100_000).prop_map(Duration::from_millis),
        (0u64..2_000_000_000_000_000).prop_map(Duration::from_nanos),
    ]
}

fn any_head() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        prop::collection::vec("[ -~]{0,20}|['\"\\\\\t\u{1b}é]{0,9}", 1..5).prop_map(|lines| {
            let mut head = lines.join("\n");
            head.push('\n');
            head
        }),
    ]
}

fn any_name() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9_][a-zA-Z0-9._-]{0,12}[a-zA-Z0-9_-]"
}

fn any_expect() -> impl Strategy<Value = Expect> {
    let lists = (any_texts(), any_texts(), any_texts(), any_texts_by_name());
    let capture = prop::collection::btree_map("[a-z_0-9]{1,9}", any_text(), 0..4);
    let rest = (
        prop::option::of(100u16..600),
        prop::option::of(any_name()),
        prop::option::of(any_duration()),
    );
    ("[a-zA-Z]{1,20}", lists, capture, rest).prop_map(|(message, lists, capture, rest)| Expect {
        message,
        status: rest.0,
        like: rest.1,
        assert: lists.0,
        tolerate: lists.1,
        ignore: lists.2,
        matchers: lists.3,
        capture,
        within: rest.2,
    })
}

fn any_act() -> impl Strategy<Value = Act> {
    let send = (
        prop::option::of(any_name()),
        any_head(),
        prop::collection::vec(1usize..100_000, 0..3),
        any::<[bool; 3]>(),
    );
    let send = send.prop_map(|(file, head, chunks, flags)| {
        Act::Send(Send {
            file,
            head,
            chunks,
            bare_lf: flags[0],
            new_connection: flags[1],
            close_after: flags[2],
        })
    });
    let awaited = (prop::option::of(any_text()), any_duration());
    let awaited = awaited.prop_map(|(session_with_event, within)| {
        Act::Await(Await {
            session_with_event,
            within,
        })
    });
    let optional = || prop::option::of(any_text());
    let via = prop::sample::select(vec![Via::Http, Via::Udp]);
    let action = (any_text(), via, optional(), optional());
    let action = action.prop_map(|(url, via, username, password)| {
        Act::Action(ActionStep::ConnectionRequest {
            url,
            via,
            username,
            password,
        })
    });
    prop_oneof![any_expect().prop_map(Act::Expect), send, awaited, action]
}

fn any_variable() -> impl Strategy<Value = Variable> {
    prop_oneof![
        any_text().prop_map(Variable::Value),
        prop::sample::select(vec![Fresh::Uuid, Fresh::Now, Fresh::Hex]).prop_map(Variable::Fresh),
        (prop::option::of(any_text()), prop::option::of(any_name()))
            .prop_map(|(env, file)| Variable::Secret { env, file }),
        prop::option::of(any_text()).prop_map(Variable::Captured),
    ]
}

fn any_auth() -> impl Strategy<Value = Auth> {
    let scheme = prop::sample::select(vec![AuthScheme::Digest, AuthScheme::Basic]);
    let optional = || prop::option::of(any_text());
    let challenge = (prop::option::of(any_head()), prop::option::of(any_name()));
    (
        scheme,
        any_text(),
        optional(),
        optional(),
        any_text(),
        any_text(),
        challenge,
    )
        .prop_map(
            |(scheme, realm, algorithm, qop, username, password, challenge)| Auth {
                scheme,
                realm,
                algorithm,
                qop,
                username,
                password,
                challenge_head: challenge.0,
                challenge_body: challenge.1,
            },
        )
}

fn any_stun() -> impl Strategy<Value = Stun> {
    let optional = || prop::option::of(any_text());
    let form = prop::sample::select(vec![Form::Rfc3489, Form::Rfc5389]);
    let numbers = (1u64..1000, 1u32..=16, any_duration());
    (optional(), optional(), form, any::<bool>(), numbers).prop_map(
        |(username, password, form, challenge, (keep_alive_s, copies, copy_after))| Stun {
            username,
            password,
            form,
            challenge,
            keep_alive: Duration::from_secs(keep_alive_s),
            copies,
            copy_after,
        },
    )
}

fn any_defaults() -> impl Strategy<Value = Defaults> {
    let on_unexpected = prop::sample::select(vec![
        OnUnexpected::Fail,
        OnUnexpected::Fault,
        OnUnexpected::Answer,
        OnUnexpected::Ignore,
    ]);
    (
        any_duration(),
        on_unexpected,
        any_texts(),
        any_texts(),
        any_duration(),
    )
        .prop_map(
            |(timeout, on_unexpected, unordered, ignore, time_tolerance)| Defaults {
                timeout,
                on_unexpected,
                unordered,
                ignore,
                time_tolerance,
            },
        )
}

fn any_scenario() -> impl Strategy<Value = Scenario> {
    let allow = vec![Class::Set, Class::Disrupt, Class::Destroy];
    let head = (
        prop::sample::select(vec![Role::Acs, Role::Cpe]),
        prop::option::of((any_text(), prop::collection::vec(1u32.., 0..4))),
        (prop::option::of(any_text()), prop::option::of(any_text())),
        (prop::option::of(any_auth()), prop::option::of(any_stun())),
        prop::sample::subsequence(allow, 0..=3),
    );
    let vars = prop::collection::btree_map("[a-zA-Z0-9_]{1,12}", any_variable(), 0..5);
    let step = (any_act(), prop::option::of(any_duration()));
    let step = step.prop_map(|(act, after)| Step { act, after });
    let steps = prop::collection::vec(step, 0..6);
    let body = prop::collection::vec(any::<u8>(), 0..40);
    (head, vars, any_defaults(), steps, body).prop_map(|(head, vars, defaults, steps, body)| {
        let (role, source, (device, acs_path), (auth, stun), allow) = head;
        let mut scenario = Scenario {
            role,
            source: source.map(|(sha256, sessions)| Source { sha256, sessions }),
            identity: Identity { device, acs_path },
            auth,
            stun,
            vars,
            safety: Safety { allow },
            defaults,
            steps,
            files: BTreeMap::new(),
        };
        let named = scenario.named_files().into_iter();
        scenario.files = named.map(|(name, _)| (name, body.clone())).collect();
        // A file of this name would be taken for a message without a body.
        scenario.files.remove("empty");
        scenario
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_the_same(scenario in any_scenario()) {
        let has_empty = scenario.named_files().iter().any(|(name, _)| name == "empty");
        prop_assume!(!has_empty);
        prop_assert_eq!(reread(&scenario), scenario.clone());
        prop_assert_eq!(write(&scenario), write(&scenario.clone()));
    }

    #[test]
    fn no_text_makes_the_reader_panic(toml in any_text(), place in 0usize..2000) {
        let _ = parsed(&toml);
        let at = (0..=place.min(EXAMPLE.len())).rev().find(|at| EXAMPLE.is_char_boundary(*at));
        let (before, after) = EXAMPLE.split_at(at.unwrap_or(0));
        let _ = parsed(&format!("{before}{toml}{after}"));
        let _ = parsed(before);
    }
}
