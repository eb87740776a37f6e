//! What the program reports of several runs: numbers, names, times, and what the exit code comes from.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::Value;

use super::expect;
use super::program::{asking, listening, program, run, text, written};

/// Plays the ACS as it is wanted, and a phone against it so many times.
fn against_a_phone(folder: &Path, wanted: &[&str], times: &str) -> Output {
    let acs = [&["replay", "acs", "--listen", "127.0.0.1:0"], wanted].concat();
    let mut child = program(folder, &acs)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let url = listening(&mut child);
    let phone = [
        "replay",
        "cpe",
        "cpe",
        "--device",
        "001565-T46-1",
        "--audit",
        "cpe.ndjson",
        "--loop",
        times,
        "--acs-url",
        &url,
    ];
    run(folder, &phone);
    child.wait_with_output().expect("it ends")
}

/// Scenarios that pass, a phone, and one scenario that differs.
fn scenarios() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let (acs, cpe) = asking();
    let mut other = acs.clone();
    other.steps[4] = expect("SetParameterValuesResponse");
    written(folder.path(), "acs", &acs);
    written(folder.path(), "other", &other);
    written(folder.path(), "cpe", &cpe);
    folder
}

/// Code, and session and frames of every occurrence.
fn places(findings: &[Value]) -> BTreeSet<(String, String)> {
    let cpe = findings.iter().filter(|finding| finding["blame"] == "cpe");
    cpe.map(|it| (it["code"].to_string(), it["occurrences"].to_string()))
        .collect()
}

#[test]
fn numbers_of_several_runs_are_those_of_the_capture_that_is_written() {
    let folder = scenarios();
    let wanted = [
        "acs",
        "other",
        "--loop",
        "2",
        "-T",
        "json",
        "-w",
        "all.pcapng",
    ];
    let output = against_a_phone(folder.path(), &wanted, "4");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let findings = report["findings"].as_array().expect("a list");
    let check = ["check", "all.pcapng", "-T", "ndjson", "--fail-on", "never"];
    let checked = text(&run(folder.path(), &check).stdout);
    let checked: Vec<Value> = checked
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(places(findings), places(&checked));
    let sessions: BTreeSet<u64> = findings
        .iter()
        .flat_map(|finding| finding["occurrences"].as_array().expect("a list"))
        .filter_map(|one| one["session"].as_u64())
        .collect();
    assert_eq!(sessions, BTreeSet::from([1, 2, 3, 4]), "{report:#}");
    let runs: Vec<&Value> = report["replays"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|run| &run["verdict"])
        .collect();
    assert_eq!(runs, ["passed", "differs", "passed", "differs"]);
    assert_eq!(report["verdict"], "differs");
    assert_eq!(report["runs"]["passed"], 2);
    assert_eq!(
        report["exit_code"].as_i64(),
        output.status.code().map(i64::from)
    );
}

#[test]
fn a_suite_for_each_run_and_a_finding_where_it_was_seen_first() {
    let folder = scenarios();
    let wanted = ["acs", "--loop", "3", "-T", "junit"];
    let output = against_a_phone(folder.path(), &wanted, "3");
    let told = text(&output.stdout);
    let document = roxmltree::Document::parse(&told).expect("XML");
    let suites = document
        .descendants()
        .filter(|it| it.has_tag_name("testsuite"));
    let mut cases = BTreeSet::new();
    let names: Vec<&str> = suites
        .inspect(|suite| {
            for case in suite.children().filter(|it| it.has_tag_name("testcase")) {
                let name = (case.attribute("classname"), case.attribute("name"));
                assert!(cases.insert(name), "{name:?}: {told}");
            }
        })
        .filter_map(|suite| suite.attribute("name"))
        .collect();
    let named = |number| format!("replay acs acs run {number} of 3");
    assert_eq!(names, [named(1), named(2), named(3)]);
    let found = cases
        .iter()
        .filter(|(_, name)| name.is_some_and(|it| it.starts_with("finding ")));
    let of: BTreeSet<_> = found.map(|(suite, _)| *suite).collect();
    assert!(of.contains(&Some("replay acs acs run 1 of 3")), "{told}");
}

#[test]
fn the_last_line_says_what_the_exit_code_comes_from() {
    let folder = scenarios();
    for (wanted, runs, code, last, before) in [
        (
            &["acs"][..],
            "1",
            1,
            "passed, exit code 1: the rule book finds ",
            None,
        ),
        (
            &["acs", "--fail-on", "never"],
            "1",
            0,
            "passed, exit code 0: all is as recorded, and the rule book finds ",
            None,
        ),
        (
            &["acs", "other", "--select", "SEC"],
            "2",
            1,
            "exit code 1: something is not as recorded in 1 of 2 runs",
            Some("2 runs: 1 passed, 1 differs"),
        ),
    ] {
        let output = against_a_phone(folder.path(), wanted, runs);
        let page = text(&output.stdout);
        assert_eq!(output.status.code(), Some(code), "{page}");
        let at = page.rfind(last).unwrap_or_else(|| panic!("{last}: {page}"));
        // Wrapped lines belong to the last.
        assert!(page[at..].lines().count() <= 3, "{page}");
        if let Some(before) = before {
            assert!(page.contains(before), "{page}");
        }
    }
}
