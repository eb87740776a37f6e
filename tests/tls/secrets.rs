//! Secrets that stand in the capture itself, or come while it is read.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::altered::{Packets, pcapng};
use crate::{messages, recorded, text};

#[test]
fn secrets_that_stand_in_the_capture_open_it_as_a_key_log_does() {
    let Some((capture, keys)) = recorded() else {
        return;
    };
    let wanted = messages(&[text(&capture), "--keylog", text(&keys)]);
    let opened = |protocol: &str| {
        let of = |record: &&Value| record["protocol"] == protocol;
        wanted.iter().filter(of).count()
    };
    assert_eq!(
        (opened("http"), opened("cwmp"), opened("tls")),
        (80, 47, 13)
    );
    let concerning = |record: &Value| record["protocol"] == "tls" && !record["session"].is_null();
    assert!(
        wanted.iter().any(concerning),
        "sessions of what came in TLS"
    );
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = std::fs::read(&keys).expect("the key log is readable");
    let packets = Packets::read(&capture);
    let own = folder.path().join("own.pcapng");
    std::fs::write(&own, pcapng(&packets, &[(0, &log)])).expect("a file is written");
    assert_eq!(messages(&[text(&own)]), wanted);
    let injected = folder.path().join("injected.pcapng");
    let run = Command::new("editcap")
        .arg("--inject-secrets")
        .arg(format!("tls,{}", text(&keys)))
        .args([&capture, &injected])
        .status();
    match run {
        Ok(status) => {
            assert!(status.success(), "editcap");
            assert_eq!(messages(&[text(&injected)]), wanted);
        }
        Err(_) => eprintln!("skipped: editcap is absent"),
    }
}

/// Read from a pipe, whether secrets are known does not depend on how far another thread has read ahead.
#[test]
fn secrets_count_from_the_packet_behind_them_whatever_the_threads() {
    let Some((capture, keys)) = recorded() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = std::fs::read(&keys).expect("the key log is readable");
    let packets = Packets::read(&capture);
    let late = folder.path().join("late.pcapng");
    std::fs::write(&late, pcapng(&packets, &[(200, &log)])).expect("a file is written");
    let with = |threads: &str| piped(&late, &["--threads", threads]);
    let alone = with("1");
    assert_eq!(alone, with("4"));
    let mut decrypted: BTreeMap<bool, u32> = BTreeMap::new();
    for record in alone.iter().filter(|record| record["protocol"] == "tls") {
        *decrypted.entry(record["decrypted"] == true).or_default() += 1;
    }
    assert!(
        decrypted[&true] > 0 && decrypted[&false] > 0,
        "{decrypted:?}"
    );
}

/// Records of messages of a capture that comes through standard input.
fn piped(capture: &Path, more: &[&str]) -> Vec<Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_informant"))
        .args([&["messages", "-q", "-T", "ndjson", "-"], more].concat())
        .stdin(std::fs::File::open(capture).expect("the capture is readable"))
        .output()
        .expect("the binary runs");
    let lines = String::from_utf8(output.stdout).expect("the output is UTF-8");
    let record = |line| serde_json::from_str(line).expect("a record");
    lines.lines().map(record).collect()
}

/// A file can be read twice.
#[test]
fn secrets_of_a_file_open_what_stands_before_them() {
    let Some((capture, keys)) = recorded() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = std::fs::read(&keys).expect("the key log is readable");
    let packets = Packets::read(&capture);
    let wanted = messages(&[text(&capture), "--keylog", text(&keys)]);
    let twice = [
        (200, log.as_slice()),
        (packets.packets.len(), log.as_slice()),
    ];
    for logs in [&twice[1..], &twice[..]] {
        let behind = folder.path().join("behind.pcapng");
        std::fs::write(&behind, pcapng(&packets, logs)).expect("a file is written");
        for threads in ["1", "4"] {
            assert_eq!(messages(&[text(&behind), "--threads", threads]), wanted);
        }
    }
}

/// What is said by HTTP, and what is in it.
fn said(records: Vec<Value>) -> Vec<Value> {
    let of_http = |record: &Value| record["protocol"] == "http" || record["protocol"] == "cwmp";
    records.into_iter().filter(of_http).collect()
}

/// Tools that record secrets as they are made write them where they come, often behind the first data.
#[test]
fn secrets_between_packets_open_what_waits_for_them() {
    let Some((capture, keys)) = recorded() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = std::fs::read(&keys).expect("the key log is readable");
    let packets = Packets::read(&capture);
    let between = folder.path().join("between.pcapng");
    let logs: [(usize, &[u8]); 2] = [(1, b"# more to come\n"), (17, &log)];
    std::fs::write(&between, pcapng(&packets, &logs)).expect("a file is written");
    let wanted = said(messages(&[text(&capture), "--keylog", text(&keys)]));
    for threads in ["1", "4"] {
        let found = said(piped(&between, &["--threads", threads]));
        assert_eq!(found, wanted, "{threads} threads");
    }
}

#[test]
fn a_key_log_grows_while_standard_input_is_read() {
    let Some((capture, keys)) = recorded() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let growing = folder.path().join("growing.keys");
    std::fs::write(&growing, b"").expect("a file is written");
    let mut run = Command::new(env!("CARGO_BIN_EXE_informant"))
        .args([
            "messages",
            "-q",
            "-T",
            "ndjson",
            "-",
            "--keylog",
            text(&growing),
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let file = std::fs::read(&capture).expect("the capture is readable");
    // The first data of the first connection is in them, and not its end.
    let packets = Packets::read(&capture).packets;
    let before: usize = packets[..18]
        .iter()
        .map(|(.., bytes)| 16 + bytes.len())
        .sum();
    let (first, rest) = file.split_at(24 + before);
    let mut stdin = run.stdin.take().expect("it is piped");
    stdin.write_all(first).expect("it is read");
    std::fs::copy(&keys, &growing).expect("a file is written");
    stdin.write_all(rest).expect("it is read");
    drop(stdin);
    let output = run.wait_with_output().expect("it ends");
    let lines = String::from_utf8(output.stdout).expect("the output is UTF-8");
    let records = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("a record"));
    let wanted = said(messages(&[text(&capture), "--keylog", text(&keys)]));
    assert_eq!(said(records.collect()), wanted);
}
