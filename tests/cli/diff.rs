//! `informant diff`: exit codes, forms, how sessions are paired, and that a session as text is the session.

use std::path::Path;

use serde_json::Value;

use crate::program::{code, informant, json, scratch, stderr, stdout, written};

fn story(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("captures").join(name).join("capture.pcapng");
    path.to_string_lossy().into_owned()
}

/// The first session of a story as text, which is a capture too.
fn transcript(name: &str) -> String {
    stdout(&informant(&[
        "show",
        &story(name),
        "1",
        "-T",
        "transcript",
        "--show-secrets",
    ]))
}

fn differences(arguments: &[&str]) -> Vec<Value> {
    let output = informant(&[&["diff", "-T", "ndjson"], arguments].concat());
    assert!(code(&output) <= 1, "{}", stderr(&output));
    stdout(&output).lines().map(json).collect()
}

#[test]
fn a_session_as_text_is_the_session() {
    let folder = scratch();
    for name in ["bootstrap-with-provisioning", "fault", "firmware-download"] {
        let text = written(&folder, "same.transcript", transcript(name).as_bytes());
        let (one, other) = (format!("{}#1", story(name)), format!("{text}#1"));
        let output = informant(&["diff", &one, &other]);
        assert_eq!(code(&output), 0, "{name}: {}", stdout(&output));
        assert!(
            stdout(&output).ends_with("same: 1 session is as expected\n"),
            "{name}"
        );
    }
}

#[test]
fn one_changed_value_is_told_in_every_form() {
    let folder = scratch();
    let good = transcript("bootstrap-with-provisioning");
    let bad = good.replacen("<Status>1</Status>", "<Status>0</Status>", 1);
    assert_ne!(good, bad, "the story sets values");
    let good = written(&folder, "good.transcript", good.as_bytes());
    let bad = written(&folder, "bad.transcript", bad.as_bytes());
    let output = informant(&["diff", &good, &bad]);
    assert_eq!(code(&output), 1);
    assert_eq!(stderr(&output), "");
    let page = stdout(&output);
    for wanted in [
        "SetParameterValuesResponse  Status\n",
        "^ expected 1",
        "differs: 1 difference (1 value)",
    ] {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    let records = differences(&[&good, &bad]);
    assert_eq!(records.len(), 1);
    let record = &records[0];
    for (key, wanted) in [
        ("class", "value"),
        ("place", "Status"),
        ("expected", "1"),
        ("actual", "0"),
    ] {
        assert_eq!(record[key], wanted, "{record}");
    }
    let document = json(&stdout(&informant(&["diff", &good, &bad, "-T", "json"])));
    assert_eq!(document["same"], false);
    assert_eq!(&document["pairs"][0]["differences"][0], record);
    for ignored in ["Status", "SetParameterValuesResponse.Status", "*"] {
        let output = informant(&["diff", &good, &bad, "--ignore", ignored]);
        assert_eq!(code(&output), 0, "{ignored}");
        assert!(stdout(&output).contains("passed over: "), "{ignored}");
    }
}

#[test]
fn sessions_are_paired_by_device_and_events() {
    let folder = scratch();
    let both = story("http-request-works");
    let output = informant(&["diff", &both, &both]);
    assert_eq!(code(&output), 0);
    let page = stdout(&output);
    assert!(
        page.ends_with("same: 2 sessions are as expected\n"),
        "{page}"
    );
    // One number: the other is the first that is alike.
    let second = format!("{both}#2");
    let document = json(&stdout(&informant(&["diff", &second, &both, "-T", "json"])));
    assert_eq!(document["pairs"][0]["actual"]["session"], 2);
    assert_eq!(document["same"], true);
    // A session that is gone is missing, and one that is new is extra.
    let first = written(
        &folder,
        "first.transcript",
        transcript("http-request-works").as_bytes(),
    );
    for (arguments, list) in [([&both, &first], "missing"), ([&first, &both], "extra")] {
        let output = informant(&["diff", arguments[0], arguments[1], "-T", "json"]);
        assert_eq!(code(&output), 1);
        let document = json(&stdout(&output));
        assert_eq!(
            document[list].as_array().map(Vec::len),
            Some(1),
            "{document}"
        );
        assert_eq!(document["pairs"][0]["same"], true, "{document}");
    }
}

#[test]
fn a_filter_selects_the_sessions_that_are_compared() {
    let (one, other) = (story("http-request-works"), story("fault"));
    let pairs = |arguments: &[&str]| {
        let output = informant(&[&["diff", &one, &one, "-T", "json"], arguments].concat());
        let document = json(&stdout(&output));
        document["pairs"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(pairs(&[]), 2);
    // By what a session is, and by what only its messages hold.
    for (expression, wanted) in [
        ("session == 2", 1),
        ("events == \"6 CONNECTION REQUEST\"", 1),
        ("rpc == Inform", 2),
        ("parameter ~ /./", 2),
    ] {
        assert_eq!(pairs(&["-Y", expression]), wanted, "{expression}");
        assert_eq!(pairs(&["--filter", expression]), wanted, "{expression}");
    }
    // What it leaves of one capture alone is missing in the other.
    let output = informant(&["diff", &one, &other, "-Y", "outcome == faulted"]);
    assert_eq!(code(&output), 1, "{}", stderr(&output));
    assert!(stderr(&output).contains("-Y selects none of 2 sessions"));
    let second = format!("{one}#2");
    let output = informant(&["diff", &second, &one, "-Y", "session == 1"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("-Y does not select session 2"));
    let output = informant(&["diff", &second, &second, "-Y", "parameter ~ /./"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    for nothing in ["parameter == Nothing", "nothing =="] {
        let output = informant(&["diff", &one, &one, "-Y", nothing]);
        assert_eq!(code(&output), 2, "{nothing}");
    }
}

#[test]
fn secrets_are_hidden() {
    let folder = scratch();
    let good = transcript("bootstrap-with-provisioning");
    let values = good.split("Password</Name><Value").skip(1);
    let secret = values
        .filter_map(|rest| rest.split('>').nth(1)?.split('<').next())
        .find(|secret| !secret.is_empty())
        .expect("the story sets a password")
        .to_owned();
    // As many bytes: the length stands in the head.
    let other = "z".repeat(secret.len());
    let bad = good.replace(&format!(">{secret}<"), &format!(">{other}<"));
    let good = written(&folder, "good.transcript", good.as_bytes());
    let bad = written(&folder, "bad.transcript", bad.as_bytes());
    for format in ["text", "json", "ndjson"] {
        let output = informant(&["diff", &good, &bad, "-T", format]);
        assert_eq!(code(&output), 1, "{format}");
        let page = stdout(&output);
        assert!(page.contains("<masked>"), "{page}");
        assert!(!page.contains(&other) && !page.contains(&secret), "{page}");
    }
    let shown = stdout(&informant(&["diff", &good, &bad, "--show-secrets"]));
    assert!(shown.contains(&other) && shown.contains(&secret), "{shown}");
}

#[test]
fn a_session_that_is_not_there_is_told() {
    let capture = story("fault");
    for word in ["#9", "#0", "#x"] {
        let output = informant(&["diff", &format!("{capture}{word}"), &capture]);
        assert_eq!(code(&output), 2, "{word}");
        assert!(stderr(&output).contains("session"), "{word}");
    }
    assert_eq!(code(&informant(&["diff", &capture, "nowhere.pcap"])), 3);
}
