//! Who is not served: it changes nothing of what is told of the device that is.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use informant::replay::action::WireEventKind;
use informant::replay::drive::Seat;
use informant::session::ReplayVerdict;

use tokio::io::AsyncWriteExt as _;

use super::program::{asking, listening, program, run, written};
use super::{Setting, block_on, inform, listener, play, play_acs, post};

/// Says this on a connection of its own, and reads the answer.
fn say(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).expect("loopback");
    let patience = Some(Duration::from_secs(10));
    stream.set_read_timeout(patience).expect("a timeout");
    stream.write_all(bytes).expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

/// What the program tells of the device, where these words of strangers come first.
fn told(folder: &Path, strangers: &[Vec<u8>]) -> serde_json::Value {
    let arguments = [
        "--listen",
        "127.0.0.1:0",
        "--fail-on",
        "never",
        "-T",
        "json",
    ];
    let mut child = program(
        folder,
        &[&["replay", "acs", "acs"], &arguments[..]].concat(),
    )
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .expect("the program runs");
    let url = listening(&mut child);
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    for words in strangers {
        let answer = say(address.parse().expect("an address"), words);
        assert!(answer.starts_with("HTTP/1.1 40"), "{answer}");
        assert!(!answer.contains("Envelope"), "{answer}");
    }
    let mine = ["--device", "001565-T46-1", "--audit", "cpe.ndjson"];
    let there = ["--acs-url", &url, "--fail-on", "never"];
    let phone = run(
        folder,
        &[&["replay", "cpe", "cpe"], &mine[..], &there].concat(),
    );
    assert_eq!(phone.status.code(), Some(0));
    let served = child.wait_with_output().expect("it ends");
    assert_eq!(served.status.code(), Some(0));
    serde_json::from_slice(&served.stdout).expect("JSON")
}

fn codes(told: &serde_json::Value) -> Vec<&str> {
    let findings = told["findings"].as_array().expect("findings");
    let codes = findings
        .iter()
        .filter_map(|finding| finding["code"].as_str());
    codes.collect()
}

#[test]
fn the_rule_book_counts_nothing_that_a_stranger_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut acs, cpe) = asking();
    acs.identity.device = Some("001565-T46-1".to_owned());
    written(folder.path(), "acs", &acs);
    written(folder.path(), "cpe", &cpe);
    let other = inform().replace(">1</SerialNumber>", ">2</SerialNumber>");
    let faulty = other.replace("<RetryCount>0</RetryCount>", "<RetryCount>x</RetryCount>");
    let strangers = [
        post(&faulty),
        post("<Envelope>"),
        post(""),
        b"GET /acs HTTP/1.1\r\nHost: acs\r\n\r\n".to_vec(),
    ];
    let alone = told(folder.path(), &[]);
    let among = told(folder.path(), &strangers);
    assert_eq!(codes(&alone), codes(&among));
    let replay = &among["replays"][0];
    assert_eq!(replay["verdict"], "passed");
    assert_eq!(replay["differences"], serde_json::json!([]));
    let ignored = replay["ignored"].to_string();
    assert!(
        ignored.contains("stranger at 127.0.0.1: Inform of 001565-T46-2"),
        "{ignored}"
    );
}

#[test]
fn connections_on_which_nothing_is_said_do_not_keep_the_device_out() {
    let (acs, cpe) = asking();
    block_on(async {
        let (listener, address) = listener().await;
        let mut silent = Vec::new();
        for _ in 0..100 {
            silent.push(TcpStream::connect(address).expect("loopback"));
        }
        let patient = || Setting {
            timeout: Duration::from_secs(10),
            ..Setting::default()
        };
        let seat = Seat::Cpe {
            acs: address,
            tls: None,
            doorbell: None,
        };
        let ((served, _), (phone, _)) = tokio::join!(
            play_acs(&acs, listener, patient()),
            play(&cpe, seat, address, patient())
        );
        let verdict = served.replayed.verdict;
        assert_eq!(verdict, ReplayVerdict::Passed);
        assert_eq!(phone.replayed.verdict, ReplayVerdict::Passed);
    });
}

#[test]
fn strangers_that_say_more_than_a_run_holds_do_not_end_it() {
    let (acs, cpe) = asking();
    block_on(async {
        let (listener, address) = listener().await;
        let patient = || Setting {
            timeout: Duration::from_secs(60),
            limit: Duration::from_secs(120),
            ..Setting::default()
        };
        let flood = async {
            let mut said = 0;
            while said < 280 * 1024 * 1024 {
                said += endless(address).await;
            }
            let seat = Seat::Cpe {
                acs: address,
                tls: None,
                doorbell: None,
            };
            play(&cpe, seat, address, patient()).await
        };
        let ((served, events), (phone, _)) =
            tokio::join!(play_acs(&acs, listener, patient()), flood);
        assert_eq!(served.replayed.verdict, ReplayVerdict::Passed);
        assert_eq!(phone.replayed.verdict, ReplayVerdict::Passed);
        let kept: usize = events
            .iter()
            .map(|event| match &event.kind {
                WireEventKind::Bytes(bytes) => bytes.len(),
                _ => 0,
            })
            .sum();
        assert!(kept < 70 * 1024 * 1024, "{kept}");
        // All that the device said is there.
        let opened = events.iter().filter(|event| {
            event.kind == WireEventKind::Open && !served.strangers.contains(&event.connection)
        });
        assert_eq!(opened.count(), 1);
    });
}

/// One message without an end, until nobody hears it any more; its bytes.
async fn endless(address: SocketAddr) -> usize {
    let mut stream = tokio::net::TcpStream::connect(address)
        .await
        .expect("loopback");
    let head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut said = 0;
    let chunk: Vec<u8> = [&b"10000\r\n"[..], &[b'a'; 0x10000], b"\r\n"].concat();
    let mut piece = &head[..];
    while stream.write_all(piece).await.is_ok() {
        said += piece.len();
        piece = &chunk;
    }
    said
}
