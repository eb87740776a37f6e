//! Captures of others: what comes out beside what tshark makes of them with the same key log.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::shared;
use crate::{informant, text};

/// Frames in which tshark sees HTTP messages end, requests and responses.
fn of_tshark(capture: &Path, keys: &Path) -> Option<[Vec<u64>; 2]> {
    let frames = |filter: &str| {
        let output = Command::new("tshark")
            .arg("-r")
            .arg(capture)
            .args(["-o", "tcp.reassemble_out_of_order:TRUE", "-o"])
            .arg(format!("tls.keylog_file:{}", text(keys)))
            .args(["-Y", filter, "-T", "fields", "-e", "frame.number"])
            .output()
            .ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Some(text.lines().filter_map(|line| line.parse().ok()).collect())
    };
    let tls = |kind: &str| format!("tls && http.{kind}");
    Some([frames(&tls("request"))?, frames(&tls("response"))?])
}

fn of_informant(capture: &Path, keys: &Path) -> [Vec<u64>; 2] {
    let arguments = [
        "messages",
        "-q",
        "-T",
        "ndjson",
        text(capture),
        "--keylog",
        text(keys),
    ];
    let run = informant(&arguments);
    assert!(
        matches!(run.code, Some(0 | 3)),
        "{}: {}",
        text(capture),
        run.complaints
    );
    let secured = run
        .records
        .iter()
        .filter(|record| record["protocol"] == "tls" && record["decrypted"] == true)
        .flat_map(|record| [record["source"].clone(), record["destination"].clone()])
        .collect::<Vec<_>>();
    ["request", "response"].map(|kind| {
        let of_kind = run.records.iter().filter(|record| {
            record["protocol"] == "http"
                && record["kind"] == kind
                && record["body_complete"] == true
                && secured.contains(&record["source"])
                && secured.contains(&record["destination"])
        });
        let last = |record: &serde_json::Value| record["frames"].as_array()?.last()?.as_u64();
        let mut frames: Vec<u64> = of_kind.filter_map(last).collect();
        frames.sort_unstable();
        frames
    })
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder is readable")
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    files
}

#[test]
fn captures_with_keys_give_the_messages_that_tshark_sees() {
    let Some(folder) = shared("captures/tls") else {
        return;
    };
    let is_log = |path: &&PathBuf| {
        let end = path.extension().and_then(|end| end.to_str());
        matches!(end, Some("keys" | "dat" | "txt"))
    };
    let all = files(&folder);
    let mut log = Vec::new();
    for path in all.iter().filter(is_log) {
        log.extend(fs::read(path).expect("a key log is readable"));
        log.push(b'\n');
    }
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let keys = scratch.path().join("all.keys");
    fs::write(&keys, log).expect("a file is written");
    let (mut read, mut messages) = (0, 0);
    for capture in all.iter().filter(|path| !is_log(path)) {
        let found = of_informant(capture, &keys);
        read += 1;
        let Some(wanted) = of_tshark(capture, &keys) else {
            eprintln!("skipped: tshark is absent");
            continue;
        };
        messages += wanted.iter().map(Vec::len).sum::<usize>();
        assert_eq!(found, wanted, "{}", text(capture));
    }
    assert!(read > 40, "{read}");
    eprintln!("{read} captures, {messages} messages");
}
