//! `informant check`: exit codes, forms, what is selected, and that threads make no difference.

use serde_json::Value;

use crate::beside::beside;
use crate::fixture::{Fixture, Variant};
use crate::program::{captures, code, informant, json, scratch, stderr, stdout, written};
use crate::wire;

/// A session in which the phone breaks HTTP-004 once for each SOAPAction.
pub fn transcript(actions: &[&str]) -> String {
    let mut body = String::from("%open event=\"2 PERIODIC\"\n%empty\n");
    for (at, action) in actions.iter().enumerate() {
        body.push_str(&format!(
            "%acs id={at}\n<cwmp:Reboot><CommandKey></CommandKey></cwmp:Reboot>\n\n\
             %cpe id={at} action='{action}'\n<cwmp:RebootResponse/>\n\n"
        ));
    }
    body.push_str("%no_content\n%close\n");
    let fixture = Fixture::read(&format!("expect HTTP-004 cpe\n\n---\n{body}"));
    match fixture.and_then(|fixture| fixture.transcript(Variant::Breach)) {
        Ok(transcript) => transcript,
        Err(wrong) => panic!("{wrong}"),
    }
}

#[test]
fn exit_codes_of_a_check() {
    let folder = scratch();
    let breach = written(
        &folder,
        "breach.transcript",
        transcript(&["\"\""]).as_bytes(),
    );
    let clean = written(&folder, "clean.transcript", transcript(&[""]).as_bytes());
    let nothing = written(&folder, "nothing.pcap", &wire::capture(&[], 1000));
    for (arguments, expected) in [
        (vec![breach.as_str()], 1),
        (vec![&breach, "--fail-on", "never"], 0),
        (vec![&breach, "--fail-on", "warning"], 1),
        (vec![&breach, "--ignore", "HTTP-004"], 0),
        (vec![&breach, "--ignore", "STUN", "--ignore", "http"], 0),
        (vec![&breach, "--select", "HTTP,STUN"], 1),
        (vec![&breach, "--select", "soap-action-on-response"], 1),
        (vec![&breach, "-Y", "blame == acs"], 0),
        (
            vec![&breach, "-Y", "severity >= error && code == HTTP-004"],
            1,
        ),
        (vec![&clean], 0),
        (vec![&nothing], 4),
        (vec![&clean, &nothing], 0),
    ] {
        let select: &[&str] = match arguments.contains(&"--select") || arguments.contains(&"STUN") {
            true => &[],
            false => &["--select", "HTTP-004"],
        };
        let output = informant(&[&["check"], &arguments[..], select].concat());
        assert_eq!(
            code(&output),
            expected,
            "{arguments:?}: {}",
            stderr(&output)
        );
    }
    let output = informant(&["check", &nothing, "-q"]);
    assert!(stderr(&output).contains("nothing to check"));
    for nothing in ["", " , "] {
        let output = informant(&["check", &breach, "--select", nothing]);
        assert_eq!(output.status.code(), Some(2), "'{nothing}'");
    }
    let unknown = informant(&["check", &breach, "--select", "HTPP-004"]);
    assert!(
        stderr(&unknown).contains("did you mean HTTP-004?"),
        "{}",
        stderr(&unknown)
    );
}

#[test]
fn a_finding_is_shown_where_it_is() {
    let folder = scratch();
    let breach = written(
        &folder,
        "a.transcript",
        transcript(&["\"\"", "\"x\""]).as_bytes(),
    );
    let select = ["--select", "HTTP-004", "--fail-on", "never"];
    let run = |more: &[&str]| informant(&[&["check", &breach], &select[..], more].concat());
    let page = stdout(&run(&[]));
    for part in [
        "error HTTP-004  soap-action-on-response\n",
        "│ SOAPAction: \"\"",
        "│ ^^^^^^^^^^^^^^ SOAPAction is \"\"",
        "TR-069 Amendment 3 section 3.4.1",
        "= change    Send the line",
        "= seen      2 times; again in block",
        "cpe 1 error, acs 0",
        "informant explain HTTP-004",
    ] {
        assert!(page.contains(part), "{part} in\n{page}");
    }
    let lines = stdout(&run(&["-T", "ndjson"]));
    let finding = json(&lines);
    assert_eq!(finding["record"], "finding");
    assert_eq!(
        (&finding["code"], &finding["blame"]),
        (&Value::from("HTTP-004"), &Value::from("cpe"))
    );
    assert_eq!(finding["count"], 2);
    assert_eq!(finding["occurrences"].as_array().map(Vec::len), Some(2));
    assert_eq!(finding["position"]["part"], "head");
    assert_eq!(
        finding["wireshark"],
        Value::Null,
        "a transcript has no frames"
    );
    let document = json(&stdout(&run(&["-T", "json"])));
    assert_eq!(document["findings"][0], finding);
    assert_eq!(document["totals"]["cpe"]["error"], 1);
    assert_eq!(document["baseline"], Value::Null);
    let file = folder.path().join("out.json");
    let output = run(&["-T", "json", "-o", &file.to_string_lossy()]);
    assert_eq!(stdout(&output), "");
    let read = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(json(&read), document);
}

#[test]
fn findings_stand_beside_sessions() {
    let folder = scratch();
    let breach = written(&folder, "a.transcript", transcript(&["\"\""]).as_bytes());
    let run = |arguments: &[&str]| stdout(&informant(arguments));
    assert!(run(&["flow", &breach]).contains("! HTTP-004 SOAPAction is \"\""));
    assert!(run(&["flow", &breach, "1"]).contains("! HTTP-004 SOAPAction is \"\""));
    assert!(!run(&["flow", &breach, "1", "--check=never"]).contains("HTTP-004"));
    assert!(run(&["show", &breach, "1"]).contains("! error HTTP-004 cpe: SOAPAction is \"\""));
    assert!(run(&["summary", &breach]).contains("cpe 1 error, acs 0"));
    assert!(run(&["list", &breach]).contains("1E"));
    let row = json(&run(&["list", "-T", "ndjson", &breach]));
    assert_eq!(row["findings"]["error"], 1);
    let unchecked = json(&run(&["list", "-T", "ndjson", "--check=never", &breach]));
    assert_eq!(unchecked["findings"], Value::Null);
    for (filter, rows) in [
        ("findings.error > 0", 1),
        ("finding.severity >= warning && finding.code == HTTP-004", 1),
        ("finding.blame == acs", 0),
        ("!(finding.code == HTTP-004)", 0),
        ("findings.warning > 5", 0),
    ] {
        let selected = run(&["list", "-q", "-T", "ndjson", &breach, "-Y", filter]);
        assert_eq!(selected.lines().count(), rows, "{filter}");
    }
}

#[test]
fn threads_make_no_difference() {
    beside(&captures(), |capture| {
        let capture = capture.to_string_lossy().into_owned();
        let run = |threads: &str| {
            let form = ["--threads", threads, "check", &capture, "-q", "-T", "json"];
            stdout(&informant(&form))
        };
        assert_eq!(run("1"), run("2"), "{capture}");
    });
}

#[test]
fn threads_make_no_difference_to_what_is_judged_in_several_batches() {
    let captures = captures();
    let paths: Vec<_> = captures.iter().map(|path| path.to_string_lossy()).collect();
    let run = |words: &[&str], threads: &str| {
        let form = [words, &["-q", "--threads", threads]].concat();
        let all = form.into_iter().chain(paths.iter().map(AsRef::as_ref));
        stdout(&informant(&all.collect::<Vec<_>>()))
    };
    let messages = run(&["messages", "-T", "ndjson"], "1").lines().count();
    assert!(messages > 2 * 512, "batches hold 512: {messages}");
    let alone = run(&["check", "-T", "json"], "1");
    for threads in ["2", "3"] {
        // Not with assert_eq, which would print pages.
        assert!(alone == run(&["check", "-T", "json"], threads), "{threads}");
    }
}

#[test]
fn rules_and_explain() {
    let table = stdout(&informant(&["rules"]));
    assert!(
        table
            .lines()
            .any(|line| line.starts_with("HTTP-004") && line.ends_with("soap-action-on-response"))
    );
    let page = stdout(&informant(&["explain", "http-004"]));
    for part in [
        "demands",
        "why",
        "bad",
        "good",
        "change",
        "how much",
        "says so",
        "Wireshark",
    ] {
        assert!(
            page.lines().any(|line| line.starts_with(part)),
            "{part} in\n{page}"
        );
    }
    assert_eq!(
        page,
        stdout(&informant(&["explain", "soap-action-on-response"]))
    );
    let family = stdout(&informant(&["explain", "HTTP"]));
    assert!(family.starts_with("HTTP  ") && family.contains("HTTP-004"));
    let unknown = informant(&["explain", "HTTP-0004"]);
    assert_eq!(code(&unknown), 2);
    assert!(
        stderr(&unknown).contains("did you mean HTTP-004?"),
        "{}",
        stderr(&unknown)
    );
}
