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
#[path = "tls/secrets.rs"]
mod secrets;
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use altered::{Packets, pcap};
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
pub(crate) fn messages(arguments: &[&str]) -> Vec<Value> {
    let run = informant(&[&["messages", "-q", "-T", "ndjson"], arguments].concat());
    assert_eq!(run.code, Some(0), "{}", run.complaints);
    run.records
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

#[test]
fn a_connection_that_was_joined_behind_its_hello_is_described() {
    let Some((capture, keys)) = recorded() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let late = folder.path().join("late.pcap");
    let mut packets = Packets::read(&capture);
    // The first data of the first connection is in them, and not its end.
    packets.packets.drain(..18);
    std::fs::write(&late, pcap(&packets)).expect("a file is written");
    let described = messages(&[
        text(&late),
        "--keylog",
        text(&keys),
        "-Y",
        "protocol == tls",
    ]);
    assert_eq!(described.len(), 13);
    let unseen: Vec<&Value> = described
        .iter()
        .filter(|record| record["reason"] == "handshake-unseen")
        .collect();
    let [joined] = unseen[..] else {
        panic!("{described:?}");
    };
    assert_eq!(joined["version"], Value::Null);
    assert_eq!(joined["decrypted"], false);
    assert!(!joined["frames"].as_array().expect("a list").is_empty());
    let run = informant(&[
        "messages",
        text(&late),
        "-Y",
        "reason == \"handshake-unseen\"",
    ]);
    assert!(run.text.contains("joined in the middle"), "{}", run.text);
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
fn a_decrypted_session_is_told_as_a_transcript_that_is_read_again() {
    let Some((capture, keys)) = recorded() else {
        return;
    };
    let session = |arguments: &[&str]| {
        let run = informant(&[&["list", "-T", "ndjson"], arguments].concat());
        assert_eq!(run.code, Some(0), "{}", run.complaints);
        run.records
    };
    let wanted = session(&[
        text(&capture),
        "--keylog",
        text(&keys),
        "-Y",
        "session == 2",
    ]);
    let keyed = [text(&capture), "2", "--keylog", text(&keys)];
    let told = informant(&[&["show", "-q", "-T", "transcript"], &keyed[..]].concat());
    assert!(told.text.contains("POST / HTTP/1.1"), "{}", told.complaints);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("session.transcript");
    std::fs::write(&path, &told.text).expect("a file is written");
    let found = session(&[text(&path)]);
    let ([found], [wanted]) = (&found[..], &wanted[..]) else {
        panic!("{found:?} beside {wanted:?}");
    };
    assert_eq!(found["transport"], "https");
    for key in ["device", "events", "outcome", "transport", "namespace"] {
        assert_eq!(found[key], wanted[key], "{key}");
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
    // Of two secrets of the same name the later counts.
    let wrong = String::from_utf8_lossy(&good).replace(['4', '5', '6'], "7");
    let names = String::from_utf8_lossy(&good).into_owned();
    for (wrong, good) in wrong.lines().zip(names.lines()) {
        let [label, name, ..] = good.split(' ').collect::<Vec<_>>()[..] else {
            continue;
        };
        let secret = wrong.rsplit(' ').next().unwrap_or_default();
        log.extend_from_slice(format!("{label} {name} {secret}\n").as_bytes());
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
