//! `informant baseline`, and `check --baseline`.

use std::fs;
use std::path::Path;

use crate::check::transcript;
use crate::program::{code, informant, json, scratch, stderr, stdout, written};

const SELECT: [&str; 2] = ["--select", "HTTP-004"];

fn baseline(command: &str, capture: &str, file: &str) -> String {
    let arguments = ["baseline", command, capture, "-b", file];
    let output = informant(&[&arguments[..], &SELECT].concat());
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    stderr(&output)
}

fn check(capture: &str, file: &str, more: &[&str]) -> (i32, String, String) {
    let arguments = ["check", capture, "--baseline", file];
    let output = informant(&[&arguments[..], &SELECT, more].concat());
    (code(&output), stdout(&output), stderr(&output))
}

fn read(file: &str) -> String {
    fs::read_to_string(file).unwrap_or_default()
}

#[test]
fn what_is_accepted_is_left_out_up_to_its_count() {
    let folder = scratch();
    let one = written(&folder, "one.transcript", transcript(&["\"\""]).as_bytes());
    let two = written(
        &folder,
        "two.transcript",
        transcript(&["\"\"", "\"\""]).as_bytes(),
    );
    let clean = written(&folder, "clean.transcript", transcript(&[""]).as_bytes());
    let file = folder
        .path()
        .join("known.toml")
        .to_string_lossy()
        .into_owned();
    baseline("create", &one, &file);
    assert!(read(&file).contains("rule = \"HTTP-004\" # soap-action-on-response"));
    assert!(!read(&file).contains("frame") && !read(&file).contains("session"));
    let (exit, page, told) = check(&one, &file, &[]);
    assert_eq!((exit, told.as_str()), (0, ""), "{page}");
    assert!(
        page.contains("cpe 0, acs 0") && page.contains("1 occurrence left out"),
        "{page}"
    );
    // Once more than accepted.
    let (exit, page, _) = check(&two, &file, &["-T", "ndjson"]);
    let finding = json(&page);
    assert_eq!(
        (exit, &finding["count"], &finding["accepted"]),
        (1, &2.into(), &1.into())
    );
    // Nothing of it left: stale.
    let (exit, document, told) = check(&clean, &file, &["-T", "json"]);
    assert_eq!(exit, 0);
    let text = read(&file);
    let line = text.lines().position(|line| line == "[[accepted]]");
    let place = format!("known.toml:{}: stale", line.unwrap_or(0) + 1);
    assert!(told.contains(&place), "{told}");
    assert_eq!(json(&document)["baseline"]["stale"][0]["rule"], "HTTP-004");
    // A rule that is not asked for is not stale.
    let output = informant(&["check", &clean, "--baseline", &file, "--select", "STUN"]);
    assert_eq!(stderr(&output), "");
    // What a baseline accepts is in SARIF all the same.
    let (_, log, _) = check(&one, &file, &["-T", "sarif"]);
    let result = &json(&log)["runs"][0]["results"][0];
    assert_eq!(result["baselineState"], "unchanged");
    assert_eq!(result["suppressions"][0]["kind"], "external");
    let again = informant(&["baseline", "create", &one, "-b", &file]);
    assert_eq!(code(&again), 2, "it is not written over");
}

#[test]
fn an_update_keeps_what_people_wrote() {
    let folder = scratch();
    let one = written(&folder, "one.transcript", transcript(&["\"\""]).as_bytes());
    let two = written(
        &folder,
        "two.transcript",
        transcript(&["\"\"", "\"\""]).as_bytes(),
    );
    let clean = written(&folder, "clean.transcript", transcript(&[""]).as_bytes());
    let mine = "# ours\nversion = 1\n\n# the phone of the lab\n[[accepted]]\ncount = 1 # once\nrule = 'http-004'\n\
                device = \"*\" \nreason = \"\"\"known,\n[[accepted]]\nby us\"\"\"\n";
    let file = written(&folder, "known.toml", mine.as_bytes());
    baseline("update", &one, &file);
    assert_eq!(read(&file), mine, "nothing is new");
    baseline("update", &two, &file);
    assert_eq!(read(&file), mine.replace("count = 1 #", "count = 2 #"));
    let narrow = mine.replace("device = \"*\"", "blame = \"acs\"");
    let file = written(&folder, "narrow.toml", narrow.as_bytes());
    baseline("update", &one, &file);
    assert!(
        read(&file).starts_with(&narrow)
            && read(&file).contains("blame = \"cpe\"\ndevice = \"001122-Phone-S1\"\ncount = 1\n"),
        "{}",
        read(&file)
    );
    // A header inside of a text: rather nothing than the wrong thing.
    let output = informant(&["baseline", "prune", &clean, "-b", &file]);
    assert_eq!(code(&output), 2);
    assert!(
        stderr(&output).contains("cannot be changed"),
        "{}",
        stderr(&output)
    );
    let plain = "# heading\nversion = 1\n\n# stays\n[[accepted]]\nrule = \"HTTP-004\"\nblame = \"cpe\"\ncount = 1\n\n\
                 # goes\n[[accepted]]\nrule = \"HTTP-004\"\nblame = \"acs\"\ncount = 1\n\n\
                 # stays too\n[[accepted]]\nrule = \"HTTP-004\"\ndevice = \"FFFFFF-*\"\ncount = 7\n";
    let file = written(&folder, "plain.toml", plain.as_bytes());
    baseline("prune", &one, &file);
    let kept = plain.replace(
        "# goes\n[[accepted]]\nrule = \"HTTP-004\"\nblame = \"acs\"\ncount = 1\n\n",
        "",
    );
    assert_eq!(read(&file), kept);
}

#[test]
fn an_entry_is_of_its_method() {
    let folder = scratch();
    let capture = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/captures/bootstrap-with-provisioning/capture.pcapng"
    );
    let file = folder.path().join("known.toml");
    let file = file.to_string_lossy();
    let select = ["--select", "CWMP-SPV-009"];
    let run = |arguments: &[&str]| informant(&[arguments, &select].concat());
    assert_eq!(code(&run(&["baseline", "create", capture, "-b", &file])), 0);
    let known = read(&file);
    assert!(known.contains("rpc = \"Reboot\"\n"), "{known}");
    let check = [
        "check",
        capture,
        "--baseline",
        &file,
        "--fail-on",
        "warning",
    ];
    assert_eq!(code(&run(&check)), 0);
    fs::write(&*file, known.replace("\"Reboot\"", "\"Download\"")).expect("a file");
    assert_eq!(code(&run(&check)), 1);
}

#[test]
fn entries_expire_by_the_day_of_the_capture() {
    let folder = scratch();
    // Transcripts of fixtures begin on 2026-03-02.
    let one = written(&folder, "one.transcript", transcript(&["\"\""]).as_bytes());
    for (day, today, exit) in [
        ("2026-03-01", None, 1),
        ("2026-03-02", None, 0),
        ("2026-03-02", Some("2026-03-03"), 1),
        ("2026-03-01", Some("2026-02-28"), 0),
    ] {
        let text = format!("[[accepted]]\nrule = \"HTTP-004\"\ncount = 9\nexpires = {day}\n");
        let file = written(&folder, "known.toml", text.as_bytes());
        let today = today.map(|today| ["--today", today]);
        let (code, _, told) = check(&one, &file, today.as_ref().map_or(&[], |today| &today[..]));
        assert_eq!(code, exit, "{day} {today:?}");
        assert_eq!(told.contains("known.toml:1: expired"), exit == 1, "{told}");
    }
}

#[test]
fn a_flaw_is_told_by_its_line() {
    let folder = scratch();
    let one = written(&folder, "one.transcript", transcript(&["\"\""]).as_bytes());
    for (text, line, told) in [
        ("version = 2\n", 1, "only version 1"),
        ("version = 1\n[[acepted]]\n", 2, "did you mean `accepted`?"),
        ("[accepted]\n", 1, "entries begin with [[accepted]]"),
        ("[[accepted]]\nrule = \"HTTP-004\"\n", 1, "needs a `count`"),
        ("\n[[accepted]]\ncount = 1\n", 2, "needs a `rule`"),
        (
            "[[accepted]]\nrule = \"HTTP-004\"\ncount = 0\n",
            3,
            "a number from 1",
        ),
        (
            "[[accepted]]\nrule = \"HTTP-004\"\ncount = \"1\"\n",
            3,
            "a number from 1",
        ),
        (
            "[[accepted]]\nrule = \"http\"\ncount = 1\n",
            2,
            "not a family",
        ),
        ("[[accepted]]\nrule = \"htpt\"\ncount = 1\n", 2, "no rule"),
        ("[[accepted]]\nrule = 4\n", 2, "stands in quotes"),
        ("[[accepted]]\nblame = \"me\"\n", 2, "one of cpe, acs"),
        (
            "[[accepted]]\nexpires = \"2027-01-01\"\n",
            2,
            "without quotes",
        ),
        ("[[accepted]]\nexpires = 2027-02-30\n", 2, ""),
        ("[[accepted]]\nresaon = \"\"\n", 2, "did you mean `reason`?"),
        ("[[accepted\n", 1, "no TOML"),
    ] {
        let file = written(&folder, "bad.toml", text.as_bytes());
        let (code, _, complaint) = check(&one, &file, &[]);
        assert_eq!(code, 2, "{text}");
        let place = format!("bad.toml:{line}: ");
        assert!(
            complaint.contains(&place) && complaint.contains(told),
            "{text}: {complaint}"
        );
        assert_eq!(read(&file), text, "{}", Path::new(&file).display());
    }
}

#[test]
fn nothing_is_said_to_be_written_that_was_not() {
    let folder = scratch();
    let one = written(&folder, "one.transcript", transcript(&["\"\""]).as_bytes());
    let nowhere = folder.path().join("nowhere").join("known.toml");
    let output = informant(&["baseline", "create", &one, "-b", &nowhere.to_string_lossy()]);
    let told = stderr(&output);
    assert_eq!(code(&output), 5, "{told}");
    assert!(
        told.contains("cannot be written") && !told.contains("entries written"),
        "{told}"
    );
}
