//! What is read of TLS: with the secrets of a key log, of the capture itself, or of a private key, and as much of it as there
//! is where packets are lost.

#[path = "tls/altered.rs"]
mod altered;
#[path = "tls/corpora.rs"]
mod corpora;
#[path = "tls/loss.rs"]
mod loss;
#[path = "tls/openssl.rs"]
mod openssl;
#[path = "support/random.rs"]
mod random;
mod support;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use altered::{Packets, pcap, pcapng};
use serde_json::Value;
use support::shared;

/// What one run of the binary prints: its records, its exit code, and what it complains of.
pub(crate) struct Run {
    pub(crate) records: Vec<Value>,
    pub(crate) text: String,
    pub(crate) complaints: String,
    pub(crate) code: Option<i32>,
}

/// Runs the binary; records are read where it prints any.
pub(crate) fn informant(arguments: &[&str]) -> Run {
    let run = Command::new(env!("CARGO_BIN_EXE_informant"))
        .args(arguments)
        .env("NO_COLOR", "1")
        .output()
        .expect("the binary runs");
    let text = String::from_utf8(run.stdout).expect("the output is UTF-8");
    let records = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    Run {
        records,
        text,
        complaints: String::from_utf8_lossy(&run.stderr).into_owned(),
        code: run.status.code(),
    }
}

/// The shared capture of a session over TLS 1.3, and its key log.
pub(crate) fn recorded() -> Option<(PathBuf, PathBuf)> {
    let peers = shared("captures/peers")?;
    let name = "anlix-sim_genieacs_https";
    let files = [".pcap", ".keys"].map(|end| peers.join(format!("{name}{end}")));
    let [capture, keys] = files;
    Some((capture, keys))
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// Messages without what differs between files of the same packets.
fn messages(arguments: &[&str]) -> Vec<Value> {
    let run = informant(&[&["messages", "-q", "-T", "ndjson"], arguments].concat());
    assert_eq!(run.code, Some(0), "{}", run.complaints);
    run.records
}

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

/// Whether secrets are known does not depend on how far another thread has read ahead.
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
    let with = |threads: &str| messages(&[text(&late), "--threads", threads]);
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
        let found = said(messages(&[text(&between), "--threads", threads]));
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

#[test]
fn a_connection_without_keys_is_described() {
    let Some((capture, _)) = recorded() else {
        return;
    };
    let described = messages(&[text(&capture), "-Y", "protocol == tls"]);
    assert_eq!(described.len(), 13);
    for record in &described {
        assert_eq!(record["version"], "TLS 1.3");
        assert_eq!(record["cipher_suite"], "TLS_AES_256_GCM_SHA384");
        assert_eq!(record["server_name"], "localhost");
        assert_eq!(record["decrypted"], false);
        assert_eq!(record["reason"], "no-secret");
    }
    let summary = informant(&["summary", "-T", "json", text(&capture)]);
    let summary: Value = serde_json::from_str(&summary.text).expect("one document");
    assert_eq!(summary["tls"]["connections"], 13);
    assert_eq!(summary["tls"]["decrypted"], 0);
}

/// They are there to be copied: without the keys they would show something else.
#[test]
fn the_commands_that_go_on_have_the_keys() {
    let Some((capture, keys)) = recorded() else {
        return;
    };
    let wanted = format!("informant flow --keylog {} {}", text(&keys), text(&capture));
    for command in ["summary", "check"] {
        let run = informant(&[command, text(&capture), "--keylog", text(&keys)]);
        assert!(run.text.contains(&wanted), "{}", run.text);
    }
}

#[test]
fn what_is_wrong_with_a_key_file_is_told_by_its_line() {
    let Some((capture, keys)) = recorded() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("a file is written");
        path
    };
    let good = std::fs::read(&keys).expect("the key log is readable");
    let list = |option: &str, path: &Path| informant(&["list", text(&capture), option, text(path)]);
    let wrong = list("--keylog", &file("wrong.keys", b"# first\nhello there\n"));
    assert_eq!(wrong.code, Some(2));
    assert!(
        wrong.complaints.contains("wrong.keys:2: "),
        "{}",
        wrong.complaints
    );
    assert!(!wrong.complaints.contains("hello"), "{}", wrong.complaints);
    let partly = list(
        "--keylog",
        &file("partly.keys", &[b"junk\n".as_slice(), &good].concat()),
    );
    assert_eq!(partly.code, Some(0));
    assert!(
        partly.complaints.contains("partly.keys:1: "),
        "{}",
        partly.complaints
    );
    let absent = list("--keylog", &folder.path().join("absent.keys"));
    assert_eq!(absent.code, Some(2));
    let no_key = list("--rsa-key", &file("no.key", b"nothing\n"));
    assert_eq!(no_key.code, Some(2));
    assert!(
        no_key.complaints.contains("there is no private key"),
        "{}",
        no_key.complaints
    );
}

/// Beyond what memory is meant for, a key log stays in its file.
#[test]
fn a_large_key_log_opens_the_same() {
    let Some((capture, keys)) = recorded() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let large = folder.path().join("large.keys");
    let mut log = Vec::new();
    let mut random = random::Random::new(1);
    let line = |random: &mut random::Random| {
        let mut digits = |count: usize| -> String {
            (0..count / 16)
                .map(|_| format!("{:016x}", random.next()))
                .collect()
        };
        format!("CLIENT_RANDOM {} {}\n", digits(64), digits(96))
    };
    let good = std::fs::read(&keys).expect("the key log is readable");
    for _ in 0..100_000 {
        log.extend_from_slice(line(&mut random).as_bytes());
    }
    log.extend_from_slice(&good);
    while log.len() < 33 << 20 {
        log.extend_from_slice(line(&mut random).as_bytes());
    }
    std::fs::write(&large, &log).expect("a file is written");
    let wanted = messages(&[text(&capture), "--keylog", text(&keys)]);
    assert_eq!(
        messages(&[text(&capture), "--keylog", text(&large)]),
        wanted
    );
    let twice = [
        text(&capture),
        "--keylog",
        "/dev/null",
        "--keylog",
        text(&large),
    ];
    assert_eq!(messages(&twice), wanted);
}

/// The same packets in another file, so that the altered ones below are known to be written well.
#[test]
fn a_copy_of_a_capture_reads_the_same() {
    let Some((capture, keys)) = recorded() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let copy = folder.path().join("copy.pcap");
    std::fs::write(&copy, pcap(&Packets::read(&capture))).expect("a file is written");
    let with = |path: &Path| messages(&[text(path), "--keylog", text(&keys)]);
    assert_eq!(with(&copy), with(&capture));
}
