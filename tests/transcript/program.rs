//! Transcripts on the command line: everywhere a capture is taken, and written by `show`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn informant(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_informant"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the program runs")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("the output is text")
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn sample(name: &str) -> String {
    let path = root(&format!("tests/transcripts/{name}.transcript"));
    path.display().to_string()
}

#[test]
fn every_command_takes_a_transcript() {
    let bootstrap = sample("bootstrap");
    for arguments in [
        &["summary", &bootstrap][..],
        &[&bootstrap],
        &["list", "-r", &bootstrap],
        &["flow", &bootstrap, "1"],
        &["messages", &bootstrap],
        &["show", &bootstrap, "1", "--raw"],
    ] {
        let output = informant(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(complaint(&output).is_empty() && !output.stdout.is_empty());
    }
    let summary = out(&informant(&["summary", &bootstrap, "-T", "json"]));
    let summary: serde_json::Value = serde_json::from_str(&summary).expect("JSON");
    let file = &summary["files"][0];
    assert_eq!(file["format"], "transcript");
    assert_eq!(file["link_types"], serde_json::json!([]));
    assert_eq!(file["frames"], 8);
}

#[test]
fn damage_is_told_and_what_was_whole_is_printed() {
    let malformed = sample("malformed");
    let output = informant(&["messages", "-T", "ndjson", &malformed]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(out(&output).lines().count(), 1);
    assert!(complaint(&output).contains("malformed.transcript: line 7: "));
}

#[test]
fn standard_input_and_several_files_of_both_kinds() {
    let text = std::fs::read(sample("fault")).expect("the sample is readable");
    let mut child = Command::new(env!("CARGO_BIN_EXE_informant"))
        .args(["list", "-T", "ndjson", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut input = child.stdin.take().expect("standard input is a pipe");
    input.write_all(&text).expect("the program reads");
    drop(input);
    let piped = child.wait_with_output().expect("the program ends");
    assert!(out(&piped).contains("\"fault_code\":\"9003\""));

    // In time order: the fault is of the morning before, the recording of the day after.
    let story = root("captures/fault/capture.pcapng").display().to_string();
    let (fault, bootstrap) = (sample("fault"), sample("bootstrap"));
    let output = informant(&["list", "-T", "ndjson", &story, &bootstrap, &fault]);
    assert_eq!(output.status.code(), Some(0));
    let devices: Vec<String> = out(&output)
        .lines()
        .map(|line| {
            let record: serde_json::Value = serde_json::from_str(line).expect("JSON");
            let file = &record["rpcs"][0]["request_frame_files"][0];
            format!("{} {file}", record["device"].as_str().unwrap_or_default())
        })
        .collect();
    assert_eq!(
        devices,
        [
            "001122-Box-T2 3",
            "001122-Phone-T1 2",
            "0016AE-TR69Generic-JINGBO 1"
        ]
    );
}

#[test]
fn show_writes_what_every_command_reads() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("session.transcript");
    let path = path.display().to_string();
    let story = root("captures/bootstrap-with-provisioning/capture.pcapng");
    let story = story.display().to_string();
    let output = informant(&["show", &story, "1", "-T", "transcript", "-o", &path]);
    assert_eq!(
        (output.status.code(), complaint(&output)),
        (Some(0), String::new())
    );
    let rpcs = |path: &str| -> Vec<String> {
        let session = out(&informant(&["list", "-T", "ndjson", path]));
        let first = session.lines().next().unwrap_or_default();
        let record: serde_json::Value = serde_json::from_str(first).expect("JSON");
        let rpcs = record["rpcs"].as_array().cloned().unwrap_or_default();
        rpcs.iter()
            .map(|rpc| format!("{} {} {}", rpc["method"], rpc["id"], rpc["elapsed_ms"]))
            .collect()
    };
    assert!(rpcs(&path).len() > 2);
    assert_eq!(rpcs(&path), rpcs(&story));
    let text = std::fs::read_to_string(&path).expect("the transcript was written");
    assert!(text.contains("# secrets are masked\n") && text.contains("&lt;masked&gt;"));

    let one = informant(&["show", &story, "1", "-T", "transcript", "--message", "2"]);
    let blocks = |text: &str| {
        let lines = text.lines();
        lines
            .filter(|line| line.starts_with(">>") || line.starts_with("<<"))
            .count()
    };
    assert_eq!(blocks(&out(&one)), 2);
    assert!(out(&one).contains(" gap\n"), "its request is not there");
    let help = out(&informant(&["help", "show"]));
    assert!(help.contains("- transcript:"), "{help}");
}
