//! Scenarios with one thing wrong each, and what is said of it.

use std::collections::BTreeMap;

use super::{Remark, lint};
use crate::session::Severity;

const INFORM: &str = r#"<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:cwmp="urn:dslforum-org:cwmp-1-0"><soap:Header><cwmp:ID soap:mustUnderstand="1">{{cwmp.id}}</cwmp:ID></soap:Header><soap:Body>
<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse></soap:Body></soap:Envelope>"#;

const SET: &str = r#"<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:cwmp="urn:dslforum-org:cwmp-1-0"><soap:Header><cwmp:ID soap:mustUnderstand="1">{{cwmp.id}}</cwmp:ID></soap:Header><soap:Body>
<cwmp:SetParameterValues><ParameterList>
<ParameterValueStruct><Name>Device.X.Password</Name><Value>{{sip_password}}</Value></ParameterValueStruct>
</ParameterList><ParameterKey>{{parameter_key}}</ParameterKey></cwmp:SetParameterValues></soap:Body></soap:Envelope>"#;

const SCENARIO: &str = r#"format = 1
role = "acs"
[identity]
device = "001565-0015651234AB"
[vars]
parameter_key = { fresh = "uuid" }
sip_password = { secret = true, env = "SIP_PASSWORD" }
[safety]
allow = ["set"]
[[step]]
expect = "Inform"
assert = ['event == "1 BOOT"']
capture = { url = 'param "Device.ManagementServer.ConnectionRequestURL"' }
[[step]]
send = "02-InformResponse.xml"
[[step]]
expect = "empty"
[[step]]
send = "04-SetParameterValues.xml"
[[step]]
expect = "SetParameterValuesResponse"
tolerate = ["fault 9007"]
matchers = { Status = "one_of:0|1" }
[[step]]
send = "empty"
[[step]]
action = { connection_request = "{{url}}" }
[[step]]
await = { session_with_event = "6 CONNECTION REQUEST" }
[[step]]
expect = "Inform"
[[step]]
send = "02-InformResponse.xml"
[[step]]
expect = "empty"
[[step]]
send = "empty"
"#;

fn files() -> BTreeMap<String, Vec<u8>> {
    [
        ("02-InformResponse.xml", INFORM),
        ("04-SetParameterValues.xml", SET),
    ]
    .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
    .into()
}

fn linted(toml: &str, files: &BTreeMap<String, Vec<u8>>) -> Vec<Remark> {
    let names: Vec<String> = files.keys().cloned().collect();
    lint(toml, &names, |name| Ok(files.get(name).cloned()))
}

/// Severity, name, step, file and line, and what is said.
fn told(remark: &Remark) -> String {
    let place = remark.place.map_or(0, |(line, _)| line);
    let file = remark.file.as_deref().unwrap_or_default();
    format!(
        "{} {} step {} {file}:{place} {}",
        remark.severity.name(),
        remark.name,
        remark.step.unwrap_or_default(),
        remark.what
    )
}

fn all_told(remarks: &[Remark]) -> Vec<String> {
    remarks.iter().map(told).collect()
}

#[test]
fn nothing_is_wrong_with_a_scenario_that_is_right() {
    assert_eq!(all_told(&linted(SCENARIO, &files())), [""; 0]);
}

/// The scenario with one change gives exactly this remark (the rest of whose text may be left out).
fn changed(instead_of: &str, wrong: &str, expected: &[&str]) {
    assert!(SCENARIO.contains(instead_of), "{instead_of}");
    let toml = SCENARIO.replacen(instead_of, wrong, 1);
    compare(wrong, &linted(&toml, &files()), expected);
}

fn compare(wrong: &str, remarks: &[Remark], expected: &[&str]) {
    let told = all_told(remarks);
    let fits = told.len() == expected.len()
        && told
            .iter()
            .zip(expected)
            .all(|(told, expected)| told.starts_with(expected));
    assert!(fits, "{wrong}\n{told:#?}\n{expected:#?}");
}

#[test]
fn slips_in_the_toml() {
    for (instead_of, wrong, expected) in [
        (
            "expect = \"empty\"",
            "expcet = \"empty\"",
            &[
                "error unreadable step 0 scenario.toml:17 `expcet` is no key of a step: did you mean `expect`?",
            ][..],
        ),
        (
            "send = \"04-SetParameterValues.xml\"",
            "send = \"04-SetParameterValue.xml\"",
            &[
                "warning variable-unused step 0 scenario.toml:6 nothing holds {{parameter_key}}",
                "warning variable-unused step 0 scenario.toml:7 nothing holds {{sip_password}}",
                "warning file-unused step 0 04-SetParameterValues.xml:0 no step names this file",
                "error file-missing step 4 scenario.toml:19 04-SetParameterValue.xml: is not there",
                "warning answer-without-request step 5",
            ],
        ),
        (
            "[\"set\"]",
            "[]",
            &["warning class-not-allowed step 4 scenario.toml:19 "],
        ),
        (
            "[\"set\"]",
            "[\"set\", \"destroy\"]",
            &[
                "warning allow-unused step 0 scenario.toml:9 nothing here is of the class `destroy`: take it out",
            ],
        ),
        (
            "device =",
            "acs_path =",
            &["warning no-device step 0 scenario.toml:3 no device is named"],
        ),
    ] {
        changed(instead_of, wrong, expected);
    }
}

#[test]
fn placeholders_that_nothing_fills() {
    for (instead_of, wrong, expected) in [
        (
            "parameter_key = {",
            "parameter_keys = {",
            &[
                "warning variable-unused step 0 scenario.toml:6 nothing holds {{parameter_keys}}",
                "error placeholder-unfilled step 4 04-SetParameterValues.xml:4 nothing fills {{parameter_key}}: did you mean {{parameter_keys}}?",
            ][..],
        ),
        (
            "parameter_key = { fresh = \"uuid\" }",
            "parameter_key = { captured = true }",
            &[
                "error placeholder-unfilled step 4 04-SetParameterValues.xml:4 {{parameter_key}} is to be captured, and no step has `capture = { parameter_key = ... }`",
            ],
        ),
        (
            "parameter_key = { fresh = \"uuid\" }\n",
            "",
            &[
                "error placeholder-unfilled step 4 04-SetParameterValues.xml:4 nothing fills {{parameter_key}}: [vars] does not have it",
            ],
        ),
        (
            "tolerate = [\"fault 9007\"]",
            "tolerate = [\"fault 9007\"]\ncapture = { later = \"Status\" }",
            &[],
        ),
        (
            "[[step]]\nexpect = \"Inform\"\nassert",
            "[[step]]\naction = { connection_request = \"{{url}}\" }\n[[step]]\nawait = {}\n[[step]]\nexpect = \"Inform\"\nassert",
            &[
                "warning placeholder-filled-later step 1 scenario.toml:11 {{url}} is filled only by step 3: until then --connection-request has to give it",
            ],
        ),
        (
            "sip_password = {",
            "spare = \"x\"\nsip_password = {",
            &["warning variable-unused step 0 scenario.toml:7 nothing holds {{spare}}"],
        ),
        (
            "capture = { url =",
            "capture = { sip_password = \"CommandKey\", url =",
            &[
                "warning captured-over step 1 scenario.toml:13 `sip_password` is captured here, and [vars] says that it is a secret",
            ],
        ),
        (
            "send = \"empty\"",
            "send = \"empty\"\nhead = \"HTTP/1.1 204 No Content\\nX: {{http.lenght}}\\nY: {{cwmp.id}}\\nZ: {{device.oui}}\"",
            &[
                "error placeholder-unfilled step 6 scenario.toml:26 nothing fills {{http.lenght}}: did you mean {{http.length}}?",
                "error placeholder-unfilled step 6 scenario.toml:26 nothing fills {{cwmp.id}}: it stands in bodies alone",
                "error placeholder-unfilled step 6 scenario.toml:26 nothing fills {{device.oui}}: it is known in role cpe alone",
            ],
        ),
    ] {
        changed(instead_of, wrong, expected);
    }
}

#[test]
fn what_is_filled_later_is_told_with_the_step() {
    let toml = SCENARIO
        .replace("parameter_key = { fresh = \"uuid\" }\n", "")
        .replace(
            "tolerate =",
            "capture = { parameter_key = \"cwmp.id\" }\ntolerate =",
        );
    let expected = "error placeholder-filled-later step 4 04-SetParameterValues.xml:4 {{parameter_key}} is filled only by step 5";
    compare("later", &linted(&toml, &files()), &[expected]);
}

#[test]
fn heads_that_no_peer_could_read() {
    for (head, expected) in [
        ("HTTP/1.1 200 OK\nContent-Length: {{http.length}}", &[][..]),
        (
            "HTTP/1.1 200 OK\nContent-Length: 512",
            &["error fixed-length step 4"],
        ),
        (
            "HTTP/1.1 200 OK\nContent-Type: text/xml",
            &["error no-length step 4"],
        ),
        (
            "HTTP/1.1 200 OK\nTransfer-Encoding: chunked",
            &["error no-chunks step 4"],
        ),
        (
            "POST / HTTP/1.1\nContent-Length: {{http.length}}",
            &["error start-line step 4"],
        ),
        (
            "HTTP/1.1 200 OK\nContent-Length: {{http.length}}\n\nX: y",
            &["error blank-line step 4"],
        ),
        (
            "HTTP/1.1 200 OK\nno colon\nContent-Length: {{http.length}}",
            &["error header-line step 4"],
        ),
        (
            "HTTP/1.1 200 OK\nSet-Cookie: session=abc\nContent-Length: {{http.length}}",
            &["warning secret-in-clear step 4"],
        ),
        ("", &["error no-head step 4"]),
    ] {
        let toml = SCENARIO.replace(
            "send = \"04-SetParameterValues.xml\"",
            &format!("send = \"04-SetParameterValues.xml\"\nhead = '''\n{head}'''"),
        );
        compare(head, &linted(&toml, &files()), expected);
    }
    changed(
        "send = \"04-SetParameterValues.xml\"",
        "send = \"04-SetParameterValues.xml\"\nchunks = [64]",
        &[
            "error no-chunks step 4 scenario.toml:20 there are `chunks`, and the head has no line `Transfer-Encoding: chunked`",
        ],
    );
}

#[test]
fn bodies_that_are_no_messages() {
    let with = |body: &str| {
        let mut files = files();
        files.insert(
            "04-SetParameterValues.xml".to_owned(),
            body.as_bytes().to_vec(),
        );
        linted(SCENARIO, &files)
    };
    let of_body = |body: &str| -> Vec<Remark> {
        let ignored = ["variable-unused", "allow-unused", "class-not-allowed"];
        let order = ["another-answer", "answer-without-request"];
        with(body)
            .into_iter()
            .filter(|remark| !ignored.contains(&remark.name) && !order.contains(&remark.name))
            .collect()
    };
    compare(
        "text",
        &of_body("hello"),
        &["error no-envelope step 4 04-SetParameterValues.xml:1"],
    );
    compare(
        "an unknown method",
        &of_body(&SET.replace("SetParameterValues", "X_00D09E_Explode")),
        &[
            "warning unknown-method step 4 04-SetParameterValues.xml:2 TR-069 has no method X_00D09E_Explode: it counts as `destroy`",
        ],
    );
    compare(
        "another side",
        &of_body(&SET.replace("SetParameterValues", "TransferComplete")),
        &[
            "warning wrong-side step 4 04-SetParameterValues.xml:2 the side `acs` does not send TransferComplete",
        ],
    );
    compare(
        "an ampersand",
        &of_body(&SET.replace("Device.X", "Device & X")),
        &["warning bent-body step 4 04-SetParameterValues.xml:3"],
    );
    compare(
        "an ID",
        &of_body(&SET.replace("{{cwmp.id}}", "7")),
        &["warning fixed-id step 4 04-SetParameterValues.xml:1"],
    );
    let classes: Vec<String> = all_told(&with(&SET.replace("SetParameterValues", "FactoryReset")))
        .into_iter()
        .filter(|told| told.contains("class-not-allowed"))
        .collect();
    assert_eq!(classes.len(), 1, "{classes:?}");
    assert!(
        classes[0].contains("[safety] allow = [\"destroy\"]"),
        "{classes:?}"
    );
}

#[test]
fn secrets_in_clear_are_errors() {
    let mut files = files();
    let clear = SET.replace("{{sip_password}}", "hunter2");
    files.insert("04-SetParameterValues.xml".to_owned(), clear.into_bytes());
    let remarks = linted(SCENARIO, &files);
    compare(
        "in a message",
        &remarks,
        &[
            "warning variable-unused",
            "error secret-in-clear step 4 04-SetParameterValues.xml:3 the value of Device.X.Password is a secret",
        ],
    );
    assert!(!all_told(&remarks).concat().contains("hunter2"));
    changed(
        "{ secret = true, env = \"SIP_PASSWORD\" }",
        "\"hunter2\"",
        &[
            "error secret-in-clear step 0 scenario.toml:7 `sip_password` looks like a secret, and is written in clear: { secret = true, env = \"SIP_PASSWORD\" } keeps it out",
        ],
    );
    changed(
        "{ secret = true, env = \"SIP_PASSWORD\" }",
        "{ secret = true }",
        &["error secret-without-source step 0 scenario.toml:7"],
    );
    changed(
        "[safety]",
        "[auth]\nscheme = \"digest\"\nusername = \"acs\"\npassword = \"hunter2\"\n[safety]",
        &["error secret-in-clear step 0 scenario.toml:11 the password is written in clear"],
    );
    changed(
        "[safety]",
        "[auth]\nscheme = \"digest\"\nusername = \"acs\"\npassword = \"{{sip_password}}\"\n[safety]",
        &[],
    );
}

#[test]
fn variables_of_the_protocol_are_no_secrets() {
    for name in [
        "command_key",
        "parameter_key",
        "instance_number",
        "acs_username",
        "connection_request_url",
    ] {
        let toml = format!(
            "{}\n",
            SCENARIO.replace("[safety]", &format!("{name}_2 = \"x\"\n[safety]"))
        );
        let names: Vec<&str> = linted(&toml, &files())
            .iter()
            .map(|remark| remark.name)
            .collect();
        assert_eq!(names, ["variable-unused"], "{name}");
    }
}

#[test]
fn expectations_that_cannot_be_read() {
    for (instead_of, wrong, expected) in [
        (
            "expect = \"SetParameterValuesResponse\"",
            "expect = \"SetParameterValueResponse\"",
            &[
                "warning another-answer step 5 scenario.toml:20 SetParameterValueResponse is no answer to SetParameterValues",
                "warning unknown-message step 5 scenario.toml:21 TR-069 has no message SetParameterValueResponse: did you mean `SetParameterValuesResponse`?",
            ][..],
        ),
        (
            "'event == \"1 BOOT\"'",
            "'event =='",
            &["error assertion step 1 scenario.toml:12 the assertion cannot be read:"],
        ),
        (
            "'param \"Device.ManagementServer.ConnectionRequestURL\"'",
            "'param Device'",
            &["error capture step 1 scenario.toml:13 `url`:"],
        ),
        (
            "\"one_of:0|1\"",
            "\"onof:0|1\"",
            &["error matcher step 5 scenario.toml:23 `Status`:"],
        ),
        (
            "\"fault 9007\"",
            "\"faults\"",
            &["error tolerate step 5 scenario.toml:22 `faults` is nothing that can be tolerated"],
        ),
        (
            "expect = \"empty\"",
            "expect = \"empty\"\nstatus = 200",
            &["warning status-of-request step 3 scenario.toml:18"],
        ),
        (
            "expect = \"empty\"",
            "expect = \"empty\"\nlike = \"02-InformResponse.xml\"",
            &[
                "warning like-another step 3 scenario.toml:18 the step expects empty, and is compared with InformResponse",
            ],
        ),
    ] {
        changed(instead_of, wrong, expected);
    }
}

#[test]
fn orders_that_no_session_has() {
    let inform = "[[step]]\nexpect = \"Inform\"\n[[step]]\nsend = \"02-InformResponse.xml\"\n";
    let empties = "[[step]]\nexpect = \"empty\"\n[[step]]\nsend = \"empty\"\n";
    let set = "[[step]]\nsend = \"04-SetParameterValues.xml\"\n";
    let inform_alone = "[[step]]\nexpect = \"Inform\"\n";
    let awaited = "[[step]]\nawait = {}\n";
    let top = SCENARIO.split("[[step]]").next().unwrap_or_default();
    for (steps, expected) in [
        (format!("{inform}{empties}"), &[][..]),
        (format!("{inform}{empties}{awaited}{inform}{empties}"), &[]),
        (
            format!("{inform}{empties}{inform}{empties}"),
            &[
                "error unreachable step 5 scenario.toml:18 the session ends with step 4: this step and all up to step 8 are never reached",
            ],
        ),
        (
            empties.to_owned(),
            &[
                "error session-without-inform step 1 scenario.toml:10 a session begins with the Inform of the CPE, not with empty",
            ],
        ),
        (
            format!(
                "{inform_alone}{set}[[step]]\nexpect = \"SetParameterValuesResponse\"\n[[step]]\nsend = \"empty\"\n"
            ),
            &[
                "warning request-before-inform-response step 2",
                "warning request-unanswered step 4",
                "warning session-open step 4",
            ],
        ),
        (
            format!("{set}{inform}{empties}"),
            &[
                "error answer-without-request step 1 scenario.toml:10 an ACS answers requests alone",
                "warning request-before-inform-response step 1",
                "warning request-unanswered step 4",
            ],
        ),
        (
            format!("{inform_alone}{inform}{empties}"),
            &["warning request-unanswered step 2 scenario.toml:12 the CPE sends a second request"],
        ),
        (
            format!("{inform}{inform}{empties}"),
            &["warning second-inform step 3"],
        ),
        (inform.to_owned(), &["warning session-open step 2"]),
        (
            format!("{inform}{awaited}{inform}{empties}"),
            &["warning session-open step 3"],
        ),
        (
            format!("{inform}{empties}{awaited}"),
            &["warning session-open step 5"],
        ),
        (
            format!("{inform}[[step]]\nexpect = \"empty\"\n{set}{empties}"),
            &[
                "warning request-unanswered step 5 scenario.toml:18 the ACS asked SetParameterValues, and gets nothing",
            ],
        ),
        (
            format!(
                "{inform_alone}[[step]]\nsend = \"empty\"\nhead = \"HTTP/1.1 307 Temporary Redirect\\nLocation: {{{{http.location}}}}\"\n{inform}{empties}"
            ),
            &[],
        ),
        (
            format!(
                "{inform_alone}[[step]]\nsend = \"empty\"\nhead = \"HTTP/1.1 503 Service Unavailable\"\n"
            ),
            &[],
        ),
        ("step = []\n".to_owned(), &["error no-steps"]),
    ] {
        let toml = if steps.starts_with("step") {
            top.replace("role =", &format!("{steps}role ="))
        } else {
            format!("{top}{steps}")
        };
        let remarks: Vec<Remark> = linted(&toml, &files())
            .into_iter()
            .filter(|remark| remark.step.is_some() || remark.name == "no-steps")
            .collect();
        compare(&steps, &remarks, expected);
    }
}

#[test]
fn files_that_the_server_gives_out_are_used() {
    let download = SET
        .replace("SetParameterValues", "Download")
        .replace("{{parameter_key}}", "{{file.1.url}}");
    let mut files = files();
    files.insert(
        "04-SetParameterValues.xml".to_owned(),
        download.into_bytes(),
    );
    files.insert("file.1".to_owned(), b"a firmware".to_vec());
    files.insert("file.2".to_owned(), b"nobody asks for it".to_vec());
    let unused: Vec<Option<String>> = linted(SCENARIO, &files)
        .into_iter()
        .filter(|remark| remark.name == "file-unused")
        .map(|remark| remark.file)
        .collect();
    assert_eq!(unused, [Some("file.2".to_owned())]);
}

#[test]
fn a_file_that_cannot_be_read_is_told() {
    let remarks = lint(SCENARIO, &[], |_| Err("is a link".to_owned()));
    let of_files = remarks
        .iter()
        .filter(|remark| remark.name == "file-unreadable");
    assert_eq!(of_files.count(), 2);
    assert!(
        remarks
            .iter()
            .any(|remark| remark.severity == Severity::Error)
    );
}
