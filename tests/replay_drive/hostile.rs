//! Peers that mean no good: every run ends in time, whatever they do.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use informant::session::ReplayVerdict;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{
    Setting, acs_that_sends, block_on, envelope, inform, listener, play, play_acs, post, scenario,
};
use informant::replay::drive::Seat;
use informant::replay::scenario::Role;

/// What a peer does with its connection.
#[derive(Debug, Clone, Copy)]
pub enum Malice {
    Silence,
    EndlessHead,
    EndlessChunks,
    EndlessLength,
    Garbage,
    Tls,
    OneByteAtATime,
    NeverReads,
    ResetAfter(usize),
    CloseAfter(usize),
    ManyConnections,
}

pub async fn misbehave(address: SocketAddr, malice: Malice) {
    let Ok(mut stream) = TcpStream::connect(address).await else {
        return;
    };
    let message = post(&inform());
    match malice {
        Malice::Silence => until_closed(&mut stream).await,
        Malice::EndlessHead => {
            endless(&mut stream, b"POST / HTTP/1.1\r\nX: ", b"aaaaaaaaaaaaaaaa").await;
        }
        Malice::EndlessChunks => {
            let head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
            endless(&mut stream, head, b"8\r\naaaaaaaa\r\n").await;
        }
        Malice::EndlessLength => {
            let head = b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n";
            endless(&mut stream, head, &[b'a'; 65_536]).await;
        }
        Malice::Garbage => endless(&mut stream, b"\0\x01\x02", &[b'\n'; 1024]).await,
        Malice::Tls => {
            let _ = stream
                .write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
                .await;
            until_closed(&mut stream).await;
        }
        Malice::OneByteAtATime => {
            let mut pace = tokio::time::interval(Duration::from_millis(20));
            for byte in message {
                pace.tick().await;
                if stream.write_all(&[byte]).await.is_err() {
                    return;
                }
            }
        }
        Malice::NeverReads => {
            let _ = stream.write_all(&message).await;
            std::future::pending::<()>().await;
        }
        Malice::ResetAfter(bytes) => {
            let _ = stream.write_all(&message[..bytes.min(message.len())]).await;
            let _ = stream.set_zero_linger();
        }
        Malice::CloseAfter(bytes) => {
            let _ = stream.write_all(&message[..bytes.min(message.len())]).await;
        }
        Malice::ManyConnections => {
            let mut all = Vec::new();
            for _ in 0..200 {
                match TcpStream::connect(address).await {
                    Ok(stream) => all.push(stream),
                    Err(_) => break,
                }
            }
            until_closed(&mut stream).await;
        }
    }
}

async fn until_closed(stream: &mut TcpStream) {
    let mut room = [0; 1024];
    while let Ok(1..) = stream.read(&mut room).await {}
}

async fn endless(stream: &mut TcpStream, begin: &[u8], again: &[u8]) {
    let piece = again.repeat(4096 / again.len().min(4096) + 1);
    let mut next = begin;
    while stream.write_all(next).await.is_ok() {
        next = &piece;
    }
}

pub fn all() -> Vec<Malice> {
    let mut all = vec![
        Malice::Silence,
        Malice::EndlessHead,
        Malice::EndlessChunks,
        Malice::EndlessLength,
        Malice::Garbage,
        Malice::Tls,
        Malice::OneByteAtATime,
        Malice::NeverReads,
        Malice::ManyConnections,
    ];
    let length = post(&inform()).len();
    for at in [0, 1, 10, 60, length - 1, length] {
        all.push(Malice::ResetAfter(at));
        all.push(Malice::CloseAfter(at));
    }
    all
}

/// What a run may take: its step's timeout, the parting, and what a busy machine adds.
const IN_TIME: Duration = Duration::from_secs(8);

#[test]
fn an_acs_ends_in_time_whatever_the_phone_does() {
    let body = envelope("<cwmp:GetRPCMethods></cwmp:GetRPCMethods>");
    let scenario = acs_that_sends(body.as_bytes(), Vec::new());
    for malice in all() {
        let began = Instant::now();
        let played = block_on(async {
            let (listener, address) = listener().await;
            let phone = tokio::spawn(misbehave(address, malice));
            let (played, _) = play_acs(&scenario, listener, Setting::default()).await;
            phone.abort();
            played
        });
        let verdict = &played.replayed.verdict;
        assert!(
            matches!(verdict, ReplayVerdict::PeerFailed(_)),
            "{malice:?}: {verdict:?}"
        );
        assert!(
            began.elapsed() < IN_TIME,
            "{malice:?}: {:?}",
            began.elapsed()
        );
        assert_eq!(
            played.replayed.steps.len(),
            scenario.steps.len(),
            "{malice:?}: the report is whole"
        );
    }
}

#[test]
fn the_limit_ends_what_no_step_ends() {
    let body = envelope("<cwmp:GetRPCMethods></cwmp:GetRPCMethods>");
    let scenario = acs_that_sends(body.as_bytes(), Vec::new());
    let played = block_on(async {
        let (listener, address) = listener().await;
        let phone = tokio::spawn(misbehave(address, Malice::Silence));
        let setting = Setting {
            timeout: Duration::from_secs(3600),
            limit: Duration::from_millis(200),
            ..Setting::default()
        };
        let (played, _) = play_acs(&scenario, listener, setting).await;
        phone.abort();
        played
    });
    assert!(matches!(
        played.replayed.verdict,
        ReplayVerdict::PeerFailed(_)
    ));
}

#[test]
fn a_phone_ends_in_time_whatever_the_acs_does() {
    let head =
        "POST {{http.target}} HTTP/1.1\nHost: {{http.host}}\nContent-Length: {{http.length}}";
    let mut phone = scenario(
        Role::Cpe,
        vec![
            super::send(Some("01.xml"), head, Vec::new()),
            super::expect("InformResponse"),
            super::send(None, &head.replace("{{http.length}}", "0"), Vec::new()),
            super::expect("empty"),
        ],
    );
    phone
        .files
        .insert("01.xml".to_owned(), inform().into_bytes());
    let answers: [&[u8]; 6] = [
        b"",
        b"HTTP/1.1 200 OK\r\nX: ",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\naaaaaaaa\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n",
        b"SSH-2.0-x\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ];
    for answer in answers {
        for endless_after in [false, true] {
            let began = Instant::now();
            let played = block_on(async {
                let (listener, address) = listener().await;
                let acs = tokio::spawn(async move {
                    let Ok((mut stream, _)) = listener.accept().await else {
                        return;
                    };
                    let _ = stream.write_all(answer).await;
                    if endless_after {
                        let piece = if answer.is_empty() { b"\r\n" } else { answer };
                        endless(&mut stream, b"", piece).await;
                    } else {
                        until_closed(&mut stream).await;
                    }
                });
                let seat = Seat::Cpe {
                    acs: address,
                    tls: None,
                    doorbell: None,
                };
                let (played, _) = play(&phone, seat, address, Setting::default()).await;
                acs.abort();
                played
            });
            let verdict = &played.replayed.verdict;
            let what = String::from_utf8_lossy(answer);
            assert!(
                matches!(verdict, ReplayVerdict::PeerFailed(_)),
                "{what}: {verdict:?}"
            );
            assert!(began.elapsed() < IN_TIME, "{what}: {:?}", began.elapsed());
        }
    }
}

#[test]
fn an_acs_that_is_not_there_is_a_failure_of_the_peer() {
    let head =
        "POST {{http.target}} HTTP/1.1\nHost: {{http.host}}\nContent-Length: {{http.length}}";
    let mut phone = scenario(
        Role::Cpe,
        vec![
            super::send(Some("01.xml"), head, Vec::new()),
            super::expect("InformResponse"),
        ],
    );
    phone
        .files
        .insert("01.xml".to_owned(), inform().into_bytes());
    let played = block_on(async {
        let (listener, address) = listener().await;
        drop(listener);
        let seat = Seat::Cpe {
            acs: address,
            tls: None,
            doorbell: None,
        };
        play(&phone, seat, address, Setting::default()).await.0
    });
    assert!(matches!(
        played.replayed.verdict,
        ReplayVerdict::PeerFailed(_)
    ));
}
