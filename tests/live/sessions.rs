//! Sessions of packets that come over a cable.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::recording::readable as frames;
use crate::scene::{Heard, Scene, wait_until};
use crate::support::{captures, shared};

#[test]
fn what_is_heard_is_what_a_file_of_the_same_packets_holds() {
    let Some(scene) = Scene::lay() else { return };
    let mut files = vec![captures().join("bootstrap-with-provisioning/capture.pcapng")];
    files.extend(peers());
    let folder = tempfile::tempdir().expect("a folder");
    for file in files {
        let recorded = folder.path().join("recorded.pcapng");
        let listener = scene.listen(&["-w", path(&recorded)]);
        let sent = scene.send(&file);
        wait_until("every packet is recorded", || frames(&recorded) == sent);
        let heard = listener.end();
        assert!(heard.status.success(), "{}", heard.errors);
        assert!(
            heard.errors.contains("0 dropped by the kernel"),
            "{}",
            heard.errors
        );
        let live = sessions(heard.records);
        assert_eq!(live, sessions(listed(&file)), "{}", file.display());
        assert_eq!(
            live,
            sessions(listed(&recorded)),
            "{}: as recorded",
            file.display()
        );
        assert!(!live.is_empty(), "{}", file.display());
    }
}

#[test]
fn findings_come_as_they_arise() {
    let Some(scene) = Scene::lay() else { return };
    let Some(folder) = shared("captures/peers") else {
        return;
    };
    let file = folder.join("genieacs-sim_genieacs.pcap");
    let listener = scene.listen(&["--check", "-c", &frames(&file).to_string()]);
    scene.send(&file);
    let heard = listener.result();
    let mut live = codes(&heard.records);
    let mut offline = codes(&ran(&[
        "check",
        "--fail-on",
        "never",
        "-T",
        "ndjson",
        path(&file),
    ]));
    // The clock of the capture is not that of this moment.
    for codes in [&mut live, &mut offline] {
        codes.retain(|(code, _)| code != "INF-011" && !code.starts_with("FIELD"));
    }
    assert!(!offline.is_empty());
    assert_eq!(live, offline);
}

#[test]
fn an_interface_that_goes_ends_it_and_one_that_sleeps_does_not() {
    let Some(scene) = Scene::lay() else { return };
    let file = captures().join("bootstrap-with-provisioning/capture.pcapng");
    let listener = scene.listen(&[]);
    scene.ip(&["link", "set", "v1", "down"]);
    scene.ip(&["link", "set", "v1", "up"]);
    scene.send(&file);
    scene.ip(&["link", "del", "v1"]);
    let heard = listener.result();
    assert_eq!(heard.status.code(), Some(5), "{}", heard.errors);
    assert!(heard.errors.contains("v1: "), "{}", heard.errors);
    let live = sessions(heard.records);
    assert_eq!(live, sessions(listed(&file)), "what came before stands");
}

fn peers() -> Vec<PathBuf> {
    let Some(folder) = shared("captures/peers") else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "pcap")
        })
        .filter(|path| !sessions(listed(path)).is_empty())
        .collect();
    files.sort();
    files
}

pub fn listed(file: &Path) -> Vec<Value> {
    ran(&["list", "--check=never", "-T", "ndjson", path(file)])
}

fn ran(arguments: &[&str]) -> Vec<Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_informant"))
        .args(arguments)
        .output()
        .expect("the program runs");
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

/// Sessions in the order of their numbers, without their times and what was dropped meanwhile: nothing was.
pub fn sessions(records: Vec<Value>) -> Vec<Value> {
    let mut sessions: Vec<Value> = records
        .into_iter()
        .filter(|record| record["record"] == "session")
        .collect();
    sessions.sort_by_key(|session| session["session"].as_u64());
    for session in &mut sessions {
        let dropped = session
            .as_object_mut()
            .and_then(|record| record.remove("dropped"));
        assert!(dropped.is_none_or(|dropped| dropped == 0));
        for key in ["start", "duration_ms", "findings"] {
            session[key] = Value::Null;
        }
        for rpc in session["rpcs"].as_array_mut().expect("a list") {
            rpc["elapsed_ms"] = Value::Null;
        }
    }
    sessions
}

/// Codes and sides, each once.
fn codes(records: &[Value]) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut codes: Vec<(String, String)> = records
        .iter()
        .filter(|record| record["record"] == "finding")
        .map(|record| (text(&record["code"]), text(&record["blame"])))
        .collect();
    codes.sort();
    codes.dedup();
    codes
}

pub fn path(path: &Path) -> &str {
    path.to_str().expect("a path in Unicode")
}

impl Heard {
    /// Records of one kind.
    pub fn of(&self, kind: &str) -> Vec<&Value> {
        let records = self.records.iter();
        records.filter(|record| record["record"] == kind).collect()
    }
}
