//! Scenarios as a user has them: the example of the documents, the schema, and what `scenario lint` and `show` say.

#[path = "support/schema.rs"]
mod schema;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use informant::replay::scenario::{self, Scenario, read_directory, write, write_directory};
use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn informant(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_informant"))
        .args(arguments)
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .env_remove("SIP_PASSWORD")
        .output()
        .expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("output is UTF-8")
}

fn schema_of(name: &str) -> Value {
    let path = root().join("docs/schemas").join(format!("{name}.json"));
    let text = fs::read_to_string(&path).expect("the schema is there");
    serde_json::from_str(&text).expect("a schema is JSON")
}

/// The files of the page's example: each is announced by its name.
fn example() -> BTreeMap<String, String> {
    let page = fs::read_to_string(root().join("docs/scenario.md")).expect("the page is there");
    let mut files = BTreeMap::new();
    for part in page.split("his is `").skip(1) {
        let (name, rest) = part.split_once('`').expect("a name");
        let block = rest.split_once("\n```").expect("a block").1;
        let (_, block) = block.split_once('\n').expect("a block has lines");
        let (content, _) = block.split_once("\n```").expect("a block has an end");
        files.insert(name.to_owned(), format!("{content}\n"));
    }
    files
}

/// A directory with the example, changed.
fn directory(change: impl Fn(&str, String) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, content) in example() {
        let content = change(&name, content);
        fs::write(folder.path().join(&name), content).expect("writable");
    }
    folder
}

fn name_of(folder: &tempfile::TempDir) -> String {
    folder.path().to_string_lossy().into_owned()
}

#[test]
fn the_example_of_the_page_lints() {
    assert_eq!(
        example().keys().map(String::as_str).collect::<Vec<_>>(),
        [
            "02-InformResponse.xml",
            "04-SetParameterValues.xml",
            "scenario.toml"
        ]
    );
    let folder = directory(|_, content| content);
    let name = name_of(&folder);
    let run = informant(&["scenario", "lint", &name]);
    assert_eq!(text(&run.stdout), format!("{name}: nothing is wrong\n"));
    assert_eq!(run.status.code(), Some(0));
}

#[test]
fn what_is_wrong_is_told_and_ends_with_two() {
    let folder = directory(|name, content| match name {
        "scenario.toml" => content.replace("sip_password = {", "sip_pasword = {"),
        _ => content,
    });
    let name = name_of(&folder);
    let run = informant(&["scenario", "lint", &name, "/nowhere"]);
    let said = text(&run.stdout);
    assert_eq!(run.status.code(), Some(2), "{said}");
    let expected = format!(
        "{name}/scenario.toml:9:1: warning variable-unused: nothing holds {{{{sip_pasword}}}}\n\
         {name}/04-SetParameterValues.xml:8:30: error placeholder-unfilled (step 4): nothing fills {{{{sip_password}}}}: did you mean {{{{sip_pasword}}}}?\n\
         {name}: 1 error, 1 warning\n\
         /nowhere/scenario.toml: error unreadable: is not there\n\
         /nowhere: 1 error\n"
    );
    assert_eq!(said, expected);
    let run = informant(&["scenario", "lint", &name, "-T", "json"]);
    assert_eq!(run.status.code(), Some(2));
    let document: Value = serde_json::from_slice(&run.stdout).expect("it is JSON");
    let departures = schema::departures(&schema_of("scenario-lint"), &document);
    assert_eq!(departures, [""; 0]);
    let remarks = document["scenarios"][0]["remarks"]
        .as_array()
        .map_or(0, Vec::len);
    assert_eq!(remarks, 2);
    let run = informant(&["scenario", "lint"]);
    assert_eq!(run.status.code(), Some(2));
}

#[test]
fn a_scenario_is_shown() {
    let folder = directory(|_, content| content);
    let name = name_of(&folder);
    let run = informant(&["scenario", "show", &name]);
    let said = text(&run.stdout);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    for line in [
        "plays the acs, 12 steps",
        "device   001565-T46S-0015651234AB",
        "allows   set",
        "secret   sip_password from SIP_PASSWORD, which is not set",
        "1  cpe   expect Inform",
        "4  acs   send SetParameterValues ",
        " set    04-SetParameterValues.xml; secret sip_passw",
        "5  cpe   expect SetParameterValuesResponse",
        "tolerates fault 9007; within 5 s",
        "7        connection request, http",
        "8        await session, 6 CONNECTION REQUEST",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    let run = informant(&["scenario", "show", &name, "-T", "json"]);
    let document: Value = serde_json::from_slice(&run.stdout).expect("it is JSON");
    let departures = schema::departures(&schema_of("scenario-show"), &document);
    assert_eq!(departures, [""; 0]);
    assert_eq!(document["steps"][3]["class"], "set");
    assert_eq!(document["steps"][3]["secrets"][0], "sip_password");
    assert_eq!(document["secrets"][0]["present"], false);
    let run = informant(&["scenario", "show", "/nowhere"]);
    assert_eq!(run.status.code(), Some(2));
    let said = text(&run.stderr);
    assert!(
        said.contains("/nowhere: scenario.toml: is not there"),
        "{said}"
    );
}

/// TOML as JSON has it.
fn json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(text.clone().into_owned()),
        DeValue::Integer(number) => {
            let number = i64::from_str_radix(number.as_str(), number.radix());
            Value::from(number.expect("a number that JSON has too"))
        }
        DeValue::Float(number) => Value::from(number.as_str().parse::<f64>().expect("a number")),
        DeValue::Boolean(flag) => Value::Bool(*flag),
        DeValue::Datetime(time) => Value::String(time.to_string()),
        DeValue::Array(list) => list.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(table) => object(table),
    }
}

fn object(table: &DeTable<'_>) -> Value {
    let members = table
        .iter()
        .map(|(key, value)| (key.get_ref().clone().into_owned(), json(value.get_ref())));
    Value::Object(members.collect::<Map<String, Value>>())
}

fn departures(toml: &str) -> Vec<String> {
    let table = DeTable::parse(toml).expect("it is TOML");
    schema::departures(&schema_of("scenario"), &object(table.get_ref()))
}

fn written(scenario: &Scenario) -> String {
    let (_, toml) = write(scenario).swap_remove(0);
    text(&toml)
}

/// Every key that a scenario can have.
const EVERYTHING: &str = r#"
format = 1
role = "cpe"
source = { sha256 = "ab", sessions = [3, 4] }
[identity]
device = "001565-0015651234AB"
acs_path = "/acs"
[auth]
scheme = "digest"
realm = "r"
algorithm = "SHA-256"
qop = "auth"
username = "{{user}}"
password = "{{password}}"
challenge_head = "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: {{http.challenge}}\n"
challenge_body = "401.html"
[stun]
username = "{{user}}"
password = "{{password}}"
form = "rfc5389"
challenge = true
keep_alive_s = 20
copies = 2
copy_after_ms = 7.5
[vars]
user = "phone"
"device.manufacturer" = "Acme"
same = { value = "phone" }
password = { secret = true, env = "PASSWORD", file = "password.txt" }
key = { fresh = "now" }
later = { captured = true }
known = { captured = "x" }
[safety]
allow = ["set", "disrupt", "destroy"]
[defaults]
timeout_s = 0.5
on_unexpected = "answer"
unordered = []
ignore = ["Inform.CurrentTime"]
time_tolerance_s = 1
[[step]]
send = "empty"
head = "POST / HTTP/1.1\n"
chunks = [16, 7]
bare_lf = true
new_connection = true
close_after = true
after_ms = 1.5
[[step]]
expect = "empty"
status = 302
like = "a.xml"
assert = ["status == 302"]
tolerate = ["status 307", "fault"]
ignore = ["A"]
within_s = 3
[step.matchers]
"ParameterList/*.UpTime" = "any"
CommandKey = "glob:*"
[step.capture]
later = "CommandKey"
known = "cwmp.id"
[[step]]
await = { session_with_event = "6 CONNECTION REQUEST", within_s = 5 }
[[step]]
action = { connection_request = "127.0.0.1:7547", via = "udp", username = "u", password = "{{password}}" }
"#;

#[test]
fn what_is_read_and_written_keeps_to_the_schema() {
    let example = example()["scenario.toml"].clone();
    for toml in [EVERYTHING, &example] {
        assert_eq!(departures(toml), [""; 0], "{toml}");
        let read = scenario::parse(toml, |_| Ok(Some(Vec::new()))).expect("it is well-formed");
        let again = written(&read);
        assert_eq!(departures(&again), [""; 0], "{again}");
        let reread = scenario::parse(&again, |_| Ok(Some(Vec::new())));
        assert_eq!(reread, Ok(read));
    }
}

#[test]
fn the_schema_and_the_reader_refuse_the_same() {
    for (instead_of, wrong) in [
        ("format = 1", "format = 2"),
        ("format = 1", ""),
        ("role = \"cpe\"", "role = \"server\""),
        ("role = \"cpe\"", "role = \"cpe\"\nname = \"x\""),
        ("scheme = \"digest\"", "scheme = \"ntlm\""),
        ("username = \"{{user}}\"", ""),
        ("sha256 = \"ab\", ", ""),
        ("form = \"rfc5389\"", "form = \"rfc8489\""),
        ("keep_alive_s = 20", "keep_alive_s = 0"),
        ("copies = 2", "copies = 100"),
        ("copies = 2", "copy = 2"),
        ("[3, 4]", "[0]"),
        ("{ fresh = \"now\" }", "{ fresh = \"later\" }"),
        ("{ fresh = \"now\" }", "{ value = \"a\", fresh = \"now\" }"),
        ("{ fresh = \"now\" }", "7"),
        ("secret = true", "secret = false"),
        ("\"destroy\"]", "\"read\"]"),
        ("timeout_s = 0.5", "timeout_s = -1"),
        ("timeout_s = 0.5", "timeout_s = \"1\""),
        ("on_unexpected = \"answer\"", "on_unexpected = \"shrug\""),
        ("ignore = [\"A\"]", "ignore = [1]"),
        ("status = 302", "status = 99"),
        ("chunks = [16, 7]", "chunks = [0]"),
        ("bare_lf = true", "bare_lf = 1"),
        ("expect = \"empty\"", "expect = \"empty\"\nsend = \"empty\""),
        ("send = \"empty\"", ""),
        ("via = \"udp\"", "via = \"tcp\""),
        ("connection_request = \"127.0.0.1:7547\", ", ""),
        ("known = \"cwmp.id\"", "known = 7"),
    ] {
        assert!(EVERYTHING.contains(instead_of), "{instead_of}");
        let toml = EVERYTHING.replacen(instead_of, wrong, 1);
        assert_ne!(departures(&toml), [""; 0], "{wrong}");
        let read = scenario::parse(&toml, |_| Ok(Some(Vec::new())));
        assert!(read.is_err(), "{wrong}");
    }
}

#[test]
fn every_key_of_the_schema_is_explained() {
    let page = fs::read_to_string(root().join("docs/scenario.md")).expect("the page is there");
    let mut keys = Vec::new();
    names(&schema_of("scenario"), &mut keys);
    assert!(keys.len() > 50, "{keys:?}");
    let silent: Vec<&String> = keys
        .iter()
        .filter(|key| !page.contains(key.as_str()))
        .collect();
    assert!(silent.is_empty(), "not in docs/scenario.md: {silent:?}");
    let explained = EVERYTHING.to_owned();
    let missing: Vec<&String> = keys
        .iter()
        .filter(|key| !explained.contains(key.as_str()) && *key != "session")
        .collect();
    assert!(missing.is_empty(), "not tried here: {missing:?}");
}

/// The keys that a schema names.
fn names(schema: &Value, keys: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            if let Some(properties) = members.get("properties").and_then(Value::as_object) {
                keys.extend(properties.keys().cloned());
            }
            members.values().for_each(|member| names(member, keys));
        }
        Value::Array(members) => members.iter().for_each(|member| names(member, keys)),
        _ => {}
    }
}

#[test]
fn a_directory_is_written_and_read_again() {
    let folder = directory(|_, content| content);
    let read = read_directory(folder.path()).expect("it is a scenario");
    let other = folder.path().join("again");
    write_directory(&other, &read, false).expect("nothing is in the way");
    assert_eq!(read_directory(&other).as_ref(), Ok(&read));
    let bytes = |path: &Path| fs::read(path.join("scenario.toml")).expect("readable");
    let first = bytes(&other);
    write_directory(&other, &read, true).expect("it may");
    assert_eq!(bytes(&other), first);
    let name = other.to_string_lossy().into_owned();
    let run = informant(&["scenario", "lint", &name]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stdout));
}
