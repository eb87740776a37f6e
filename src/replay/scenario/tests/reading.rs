//! What the TOML may say, and what is said of what it may not.

use std::time::Duration;

use super::super::{
    Act, ActionStep, AuthScheme, Await, Class, Expect, Fresh, OnUnexpected, Role, STEPS_MAX,
    Variable, Via, parse, plain_head, read,
};
use super::{EXAMPLE, parsed};

#[test]
fn the_example_is_read() {
    let scenario = parsed(EXAMPLE).expect("it is well-formed");
    assert_eq!(scenario.role, Role::Acs);
    assert_eq!(scenario.source.map(|source| source.sessions), Some(vec![3]));
    assert_eq!(
        scenario.identity.device.as_deref(),
        Some("001565-0015651234AB")
    );
    assert_eq!(scenario.vars["parameter_key"], Variable::Fresh(Fresh::Uuid));
    assert_eq!(
        scenario.vars["sip_password"],
        Variable::Secret {
            env: Some("SIP_PASSWORD".to_owned()),
            file: None
        }
    );
    assert_eq!(scenario.safety.allow, [Class::Set]);
    assert_eq!(scenario.defaults.timeout, Duration::from_secs(30));
    let acts: Vec<Act> = scenario.steps.into_iter().map(|step| step.act).collect();
    let [
        Act::Expect(inform),
        Act::Send(set),
        Act::Expect(response),
        awaited,
        action,
    ] = acts.as_slice()
    else {
        panic!("{acts:?}");
    };
    assert_eq!(
        (inform.message.as_str(), inform.assert.len()),
        ("Inform", 2)
    );
    assert_eq!(
        inform.capture["connection_request_url"],
        "param \"Device.ManagementServer.ConnectionRequestURL\""
    );
    assert_eq!(set.file.as_deref(), Some("02-SetParameterValues.xml"));
    assert_eq!(set.head, plain_head(Role::Acs, true));
    let expected = Expect {
        message: "SetParameterValuesResponse".to_owned(),
        assert: vec!["status in [0, 1]".to_owned()],
        tolerate: vec!["fault 9007".to_owned()],
        within: Some(Duration::from_secs(5)),
        ..Expect::default()
    };
    assert_eq!(*response, expected);
    let event = Some("M Download".to_owned());
    let within = Duration::from_secs(600);
    assert_eq!(
        *awaited,
        Act::Await(Await {
            session_with_event: event,
            within
        })
    );
    let request = ActionStep::ConnectionRequest {
        url: "{{connection_request_url}}".to_owned(),
        via: Via::Http,
        username: None,
        password: None,
    };
    assert_eq!(*action, Act::Action(request));
    assert_eq!(
        scenario.files.keys().collect::<Vec<_>>(),
        ["02-SetParameterValues.xml"]
    );
}

#[test]
fn tables_may_be_written_in_line_or_out() {
    let inline = parsed(EXAMPLE).expect("it is well-formed");
    let written_out = EXAMPLE
        .replace(
            "source = { sha256 = \"...\", session = 3 }",
            "source.sha256 = \"...\"\nsource.sessions = [3]",
        )
        .replace(
            "parameter_key = { fresh = \"uuid\" }\n",
            "parameter_key.fresh = \"uuid\"\n",
        )
        .replace(
            "await = { session_with_event = \"M Download\", within_s = 600 }",
            "[step.await]\nsession_with_event = \"M Download\"\nwithin_s = 600.0",
        )
        .replace("via = \"http\" }", "via = \"http\", }");
    assert_eq!(parsed(&written_out).expect("so is this"), inline);
    let by_udp = EXAMPLE.replace("via = \"http\"", "via = \"udp\"");
    assert_ne!(parsed(&by_udp).expect("and this"), inline);
}

#[test]
fn everything_that_a_scenario_may_say() {
    let toml = r#"
format = 1
role = "cpe"
source = { sha256 = "ab", sessions = [3, 4] }
[identity]
acs_path = "/acs"
[auth]
scheme = "basic"
realm = "r"
algorithm = "SHA-256"
qop = "auth"
username = "{{user}}"
password = "{{password}}"
challenge_head = "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: {{http.challenge}}"
challenge_body = "401.html"
[vars]
plain = "text"
same = { value = "text" }
later = { captured = true }
known = { captured = "x" }
[defaults]
timeout_s = 0.5
on_unexpected = "answer"
unordered = []
ignore = ["Inform.CurrentTime"]
time_tolerance_s = 1
[[step]]
send = "empty"
head = '''
POST {{http.target}} HTTP/1.1
Content-Length: 0
'''
chunks = [0x10, 7]
bare_lf = true
new_connection = true
close_after = true
after_ms = 1.5
[[step]]
expect = "empty"
status = 302
like = "a.xml"
ignore = ["A"]
matchers = { "ParameterList/*.UpTime" = "any" }
"#;
    let scenario = parsed(toml).expect("it is well-formed");
    let auth = scenario.auth.expect("it has credentials");
    assert_eq!(auth.scheme, AuthScheme::Basic);
    assert!(
        auth.challenge_head
            .is_some_and(|head| head.ends_with("}}\n"))
    );
    assert_eq!(scenario.vars["plain"], scenario.vars["same"]);
    assert_eq!(scenario.vars["later"], Variable::Captured(None));
    assert_eq!(scenario.defaults.on_unexpected, OnUnexpected::Answer);
    assert_eq!(scenario.defaults.unordered, [""; 0]);
    assert_eq!(scenario.steps[0].after, Some(Duration::from_micros(1500)));
    let Act::Send(send) = &scenario.steps[0].act else {
        panic!("it is sent");
    };
    assert_eq!(send.file, None);
    assert_eq!(send.chunks, [16, 7]);
    assert!(send.bare_lf && send.new_connection && send.close_after);
    assert_eq!(
        send.head,
        "POST {{http.target}} HTTP/1.1\nContent-Length: 0\n"
    );
    let Act::Expect(expect) = &scenario.steps[1].act else {
        panic!("it is expected");
    };
    assert_eq!((expect.status, expect.matchers.len()), (Some(302), 1));
    assert_eq!(
        scenario.files.keys().collect::<Vec<_>>(),
        ["401.html", "a.xml"]
    );
}

/// The scenario with one thing wrong, and what is said of it.
fn flaw(instead_of: &str, wrong: &str) -> String {
    assert!(EXAMPLE.contains(instead_of), "{instead_of}");
    let toml = EXAMPLE.replacen(instead_of, wrong, 1);
    match parsed(&toml) {
        Ok(_) => panic!("nothing is wrong with {wrong}"),
        Err(problem) => problem.to_string(),
    }
}

#[test]
fn slips_are_told_with_line_column_and_remedy() {
    for (instead_of, wrong, words) in SLIPS {
        let said = flaw(instead_of, wrong);
        assert!(said.contains(words), "{wrong}: {said}");
        assert!(said.starts_with("scenario.toml:"), "{said}");
    }
}

#[test]
fn all_that_is_wrong_is_told_in_order() {
    let toml = EXAMPLE
        .replace("device =", "devise =")
        .replace("\"uuid\"", "\"guid\"")
        .replace("within_s = 5\n", "within = 5\n");
    let written = read(&toml).expect("it is TOML");
    let lines: Vec<u32> = written
        .problems
        .iter()
        .filter_map(|problem| Some(problem.place?.0))
        .collect();
    assert_eq!(lines, [6, 8, 26]);
    let endless = format!(
        "format = 1\nrole = \"acs\"\n{}",
        "[[step]]\nx = 1\n".repeat(500)
    );
    let problems = read(&endless).expect("it is TOML").problems;
    assert_eq!(problems.len(), 101);
    assert!(problems[100].what.contains("more is wrong"));
}

#[test]
fn too_much_is_refused() {
    let many = "[[step]]\nsend = \"empty\"\n".repeat(STEPS_MAX + 1);
    let toml = format!("format = 1\nrole = \"acs\"\n{many}");
    let said = parsed(&toml).expect_err("too many steps").to_string();
    assert!(said.contains("at most 10000 steps"), "{said}");
    let long = format!("{EXAMPLE}#{}", " ".repeat(16 << 20));
    let said = parsed(&long).expect_err("too long").to_string();
    assert!(said.contains("larger than 16 MiB"), "{said}");
    let huge = |_: &str| Ok(Some(vec![0; (256 << 20) + 1]));
    let said = parse(EXAMPLE, huge).expect_err("too large").to_string();
    assert!(
        said.contains("scenario.toml:21:8: 02-SetParameterValues.xml: the messages of a scenario are larger than 256 MiB"),
        "{said}"
    );
}

#[test]
fn a_file_that_is_not_there_is_told_with_its_step() {
    let absent = |_: &str| Ok(None);
    let said = parse(EXAMPLE, absent)
        .expect_err("it is absent")
        .to_string();
    assert_eq!(
        said,
        "scenario.toml:21:8: 02-SetParameterValues.xml: is not there"
    );
}

#[test]
fn nothing_of_the_file_reaches_a_terminal_as_it_is() {
    for toml in [
        "\"a\\u001b[31m\" = 1",
        "format = 1\nrole = \"\\u001b\"",
        "format = 1\nrole = \"acs\"\n[vars]\n\"\\u202e\" = \"\"",
        "\u{1b}",
        "format = 1\nrole = \"acs\"\n[[step]]\nsend = \"\\u001b\"",
        "format = 1\nrole = \"acs\"\n[[step]]\nexpect = \"A\"\n[step.capture]\n\"\\u001b\" = \"\"",
    ] {
        let told = match read(toml) {
            Ok(written) => written.problems,
            Err(problem) => vec![problem],
        };
        assert!(!told.is_empty());
        for problem in told {
            let said = problem.to_string();
            assert!(!said.contains(['\u{1b}', '\u{202e}']), "{said:?}");
        }
    }
}

#[test]
fn line_ends_of_another_system_change_nothing() {
    let toml = "format = 1\nrole = \"acs\"\n[[step]]\nsend = \"empty\"\nhead = '''\nHTTP/1.1 204 No Content\nX: y\n'''\n";
    let elsewhere = toml.replace('\n', "\r\n");
    assert_eq!(
        parsed(&elsewhere).expect("it is well-formed"),
        parsed(toml).expect("so is this")
    );
}

/// What of the example is put otherwise, how, and what the message says.
const SLIPS: &[(&str, &str, &str)] = &[
    (
        "format = 1",
        "format = 2",
        "scenario.toml:2:10: only format 1",
    ),
    (
        "format = 1",
        "",
        "scenario.toml:1:1: a scenario needs `format`",
    ),
    ("format = 1", "fromat = 1", "did you mean `format`?"),
    (
        "role = \"acs\"",
        "role = \"asc\"",
        "3:8: `role` is one of `acs`, `cpe`: did you mean `acs`?",
    ),
    ("role = \"acs\"", "", "needs `role`"),
    (
        "[identity]",
        "[identiy]",
        "`identiy` is no key of the file: did you mean `identity`?",
    ),
    (
        "device =",
        "devise =",
        "6:1: `devise` is no key of [identity]: did you mean `device`?",
    ),
    (
        "session = 3",
        "session = 0",
        "`session` is a whole number from 1",
    ),
    ("session = 3", "session = 3, sessions = [4]", "not both"),
    (
        "fresh = \"uuid\"",
        "fresh = \"guid\"",
        "`fresh` is one of `uuid`, `now`, `hex`",
    ),
    (
        "{ fresh = \"uuid\" }",
        "7",
        "8:17: the variable `parameter_key` is a text in quotes, or one of",
    ),
    (
        "{ fresh = \"uuid\" }",
        "{ fresh = \"uuid\", value = \"\" }",
        "is one of",
    ),
    (
        "{ fresh = \"uuid\" }",
        "{ value = \"\", env = \"A\" }",
        "these are for `secret = true`",
    ),
    (
        "parameter_key =",
        "\"http.length\" =",
        "`http.length` is no name of a variable: of those with a dot",
    ),
    (
        "parameter_key =",
        "\"parameter key\" =",
        "`parameter key` is no name of a variable",
    ),
    (
        "secret = true, env",
        "secret = true, file = \"../x\", env",
        "under a plain name",
    ),
    ("[\"set\"]", "[\"sett\"]", "did you mean `set`?"),
    ("[\"set\"]", "[\"read\"]", "`read` is always allowed"),
    (
        "[\"set\"]",
        "\"set\"",
        "`allow` is a list of classes: [\"set\"], and this is a string",
    ),
    (
        "timeout_s = 30",
        "timeout_s = -1",
        "`timeout_s` is a number of seconds, such as 5 or 0.25",
    ),
    ("timeout_s = 30", "timeout_s = 1e99", "at most 31 days"),
    ("timeout_s = 30", "timeout_s = 99999999", "at most 31 days"),
    (
        "timeout_s = 30",
        "timeout = 30",
        "did you mean `timeout_s`?",
    ),
    ("\"fail\"", "\"fial\"", "did you mean `fail`?"),
    (
        "expect = \"Inform\"",
        "expcet = \"Inform\"",
        "did you mean `expect`?",
    ),
    (
        "expect = \"Inform\"",
        "expect = 1",
        "`expect` is a text in quotes, and this is an integer",
    ),
    (
        "expect = \"Inform\"",
        "expect = \"Inform\"\nsend = \"empty\"",
        "are two steps",
    ),
    (
        "expect = \"Inform\"",
        "expect = \"Inform\"\nhead = \"\"",
        "18:1: `head` is a key of `send`, and this step is `expect`",
    ),
    (
        "tolerate =",
        "tolerat =",
        "`tolerat` is no key of a step that is `expect`: did you mean `tolerate`?",
    ),
    ("[\"fault 9007\"]", "[9007]", "a list of texts"),
    (
        "within_s = 5\n",
        "within_s = \"5\"\n",
        "`within_s` is a number of seconds",
    ),
    (
        "\"02-SetParameterValues.xml\"",
        "\"../02.xml\"",
        "no folders",
    ),
    (
        "\"02-SetParameterValues.xml\"",
        "\"scenario.toml\"",
        "is the scenario itself",
    ),
    (
        "session_with_event =",
        "event =",
        "`event` is no key of `await`",
    ),
    (
        "await = {",
        "await = 7 #",
        "`await` is a table, and this is an integer",
    ),
    (
        "connection_request =",
        "conection_request =",
        "did you mean `connection_request`?",
    ),
    (
        "via = \"http\"",
        "via = \"tcp\"",
        "`via` is one of `http`, `udp`",
    ),
    ("role = \"acs\"", "role = acs", "3:8: this is no TOML"),
    (
        "role = \"acs\"",
        "role = \"acs\"\nrole = \"acs\"",
        "duplicate key",
    ),
];
