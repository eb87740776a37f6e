//! Secrets that stand in the capture itself, or come while it is read.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::altered::{Packets, pcapng};
use crate::{messages, recorded, text};

/// The shared capture over TLS and its key log, to write captures of its packets with secrets among them.
struct Bench {
    folder: TempDir,
    capture: PathBuf,
    keys: PathBuf,
    log: Vec<u8>,
    packets: Packets,
}

impl Bench {
    fn of_recorded() -> Option<Self> {
        let (capture, keys) = recorded()?;
        Some(Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
            log: std::fs::read(&keys).expect("the key log is readable"),
            packets: Packets::read(&capture),
            capture,
            keys,
        })
    }

    /// A capture with these secrets, each behind so many packets.
    fn with_secrets(&self, logs: &[(usize, &[u8])]) -> PathBuf {
        let path = self.folder.path().join("secrets.pcapng");
        std::fs::write(&path, pcapng(&self.packets, logs)).expect("a file is written");
        path
    }

    /// What the key log opens.
    fn opened(&self) -> Vec<Value> {
        messages(&[text(&self.capture), "--keylog", text(&self.keys)])
    }
}

#[test]
fn secrets_that_stand_in_the_capture_open_it_as_a_key_log_does() {
    let Some(bench) = Bench::of_recorded() else {
        return;
    };
    let wanted = bench.opened();
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
    let own = bench.with_secrets(&[(0, &bench.log)]);
    assert_eq!(messages(&[text(&own)]), wanted);
    let injected = bench.folder.path().join("injected.pcapng");
    let run = Command::new("editcap")
        .arg("--inject-secrets")
        .arg(format!("tls,{}", text(&bench.keys)))
        .args([&bench.capture, &injected])
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
    let Some(bench) = Bench::of_recorded() else {
        return;
    };
    let late = bench.with_secrets(&[(200, &bench.log)]);
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
    records(&output)
}

fn records(output: &Output) -> Vec<Value> {
    let lines = str::from_utf8(&output.stdout).expect("the output is UTF-8");
    let record = |line| serde_json::from_str(line).expect("a record");
    lines.lines().map(record).collect()
}

/// A file can be read twice.
#[test]
fn secrets_of_a_file_open_what_stands_before_them() {
    let Some(bench) = Bench::of_recorded() else {
        return;
    };
    let wanted = bench.opened();
    let log = bench.log.as_slice();
    let twice = [(200, log), (bench.packets.packets.len(), log)];
    for logs in [&twice[1..], &twice[..]] {
        let behind = bench.with_secrets(logs);
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
    let Some(bench) = Bench::of_recorded() else {
        return;
    };
    let between = bench.with_secrets(&[(1, b"# more to come\n"), (17, &bench.log)]);
    let wanted = said(bench.opened());
    for threads in ["1", "4"] {
        let found = said(piped(&between, &["--threads", threads]));
        assert_eq!(found, wanted, "{threads} threads");
    }
}

#[test]
fn a_key_log_grows_while_standard_input_is_read() {
    let Some(bench) = Bench::of_recorded() else {
        return;
    };
    let growing = bench.folder.path().join("growing.keys");
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
    let file = std::fs::read(&bench.capture).expect("the capture is readable");
    // The first data of the first connection is in them, and not its end.
    let before: usize = bench.packets.packets[..18]
        .iter()
        .map(|(.., bytes)| 16 + bytes.len())
        .sum();
    let (first, rest) = file.split_at(24 + before);
    let mut stdin = run.stdin.take().expect("it is piped");
    stdin.write_all(first).expect("it is read");
    std::fs::copy(&bench.keys, &growing).expect("a file is written");
    stdin.write_all(rest).expect("it is read");
    drop(stdin);
    let output = run.wait_with_output().expect("it ends");
    let wanted = said(bench.opened());
    assert_eq!(said(records(&output)), wanted);
}
