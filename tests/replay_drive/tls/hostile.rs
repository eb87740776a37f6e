//! Peers of HTTPS that mean no good: every run ends in time, its report is whole, and says what they did.

use std::time::{Duration, Instant};

use informant::replay::drive::Seat;
use informant::replay::drive::tls::{
    Calling, CallingSetting, Identity, Listening, ListeningSetting, self_signed,
};
use informant::session::{ReplayVerdict, Replayed};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::super::{
    Setting, acs_that_sends, block_on, envelope, expect, inform, listener, play, post, scenario,
    send,
};
use informant::replay::scenario::{Role, Scenario};

/// What a peer does where TLS is expected.
#[derive(Debug, Clone, Copy)]
enum Malice {
    Silence,
    SilenceAfterHello,
    Garbage,
    PlainHttp,
    Reset,
    ResetAfterHello,
    Closes,
    OldHello,
    HugeHello,
}

const ALL: [Malice; 9] = [
    Malice::Silence,
    Malice::SilenceAfterHello,
    Malice::Garbage,
    Malice::PlainHttp,
    Malice::Reset,
    Malice::ResetAfterHello,
    Malice::Closes,
    Malice::OldHello,
    Malice::HugeHello,
];

impl Malice {
    /// What it is told as, of a phone.
    fn told(self) -> &'static str {
        match self {
            Self::Silence => "nothing came",
            Self::SilenceAfterHello | Self::HugeHello => "within the handshake",
            Self::Garbage => "sent bytes that are no TLS",
            Self::PlainHttp => "spoke plain HTTP",
            Self::Reset | Self::Closes => "ended the connection before the TLS handshake",
            Self::ResetAfterHello => "the phone",
            Self::OldHello => "the phone offered TLS 1.0 only",
        }
    }

    async fn act(self, mut stream: TcpStream, plain: &[u8]) {
        let first: &[u8] = match self {
            Self::Silence | Self::Reset | Self::Closes => b"",
            Self::SilenceAfterHello | Self::ResetAfterHello => &HELLO[..60],
            Self::Garbage => b"\0\x01\x02 nothing of the kind\r\n\r\n",
            Self::PlainHttp => plain,
            Self::OldHello => OLD_HELLO,
            // It says that 16 MiB follow.
            Self::HugeHello => b"\x16\x03\x01\x40\0\x01\xff\xff\xff\x03\x03",
        };
        let _ = stream.write_all(first).await;
        match self {
            Self::Reset | Self::ResetAfterHello => {
                let _ = stream.set_zero_linger();
            }
            Self::Closes => {}
            Self::HugeHello => while stream.write_all(&[0; 1024]).await.is_ok() {},
            _ => until_closed(&mut stream).await,
        }
    }
}

async fn until_closed(stream: &mut TcpStream) {
    let mut room = [0; 1024];
    while let Ok(1..) = stream.read(&mut room).await {}
}

/// A ClientHello of TLS 1.3 as far as its session id; enough for whoever waits for the rest.
const HELLO: &[u8] = &{
    let mut hello = [0_u8; 76];
    let head = [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3];
    let mut at = 0;
    while at < head.len() {
        hello[at] = head[at];
        at += 1;
    }
    hello
};
/// The ClientHello of a phone that speaks TLS 1.0 with AES128-SHA and nothing else (RFC 2246 section 7.4.1.2).
const OLD_HELLO: &[u8] = &[
    0x16, 3, 1, 0, 45, 1, 0, 0, 41, 3, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
    17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 0, 0, 2, 0, 0x2F, 1, 0,
];

fn identity() -> Identity {
    self_signed([127, 0, 0, 1].into(), &[], false)
        .expect("a certificate")
        .identity
}

fn listening(legacy: bool) -> Listening {
    Listening::new(&ListeningSetting {
        identity: identity(),
        authorities: None,
        key_log: None,
        legacy,
        handshake_max: Duration::from_secs(15),
    })
    .expect("TLS")
}

fn calling(legacy: bool) -> Calling {
    Calling::new(&CallingSetting {
        host: "127.0.0.1".to_owned(),
        authorities: None,
        insecure: true,
        identity: None,
        key_log: None,
        legacy,
        handshake_max: Duration::from_millis(500),
    })
    .expect("TLS")
}

fn libraries() -> &'static [bool] {
    if cfg!(feature = "legacy-tls") {
        &[false, true]
    } else {
        &[false]
    }
}

fn acs() -> Scenario {
    let body = envelope("<cwmp:GetRPCMethods></cwmp:GetRPCMethods>");
    acs_that_sends(body.as_bytes(), Vec::new())
}

fn phone() -> Scenario {
    let head =
        "POST {{http.target}} HTTP/1.1\nHost: {{http.host}}\nContent-Length: {{http.length}}";
    let mut phone = scenario(
        Role::Cpe,
        vec![
            send(Some("01.xml"), head, Vec::new()),
            expect("InformResponse"),
        ],
    );
    phone
        .files
        .insert("01.xml".to_owned(), inform().into_bytes());
    phone
}

fn seat(listener: TcpListener, tls: Option<Listening>) -> Seat {
    Seat::Acs {
        listener,
        tls,
        wake: None,
        files: None,
        stun: None,
    }
}

fn reason(replayed: &Replayed) -> &str {
    match &replayed.verdict {
        ReplayVerdict::PeerFailed(why) => why,
        verdict => panic!("{verdict:?}"),
    }
}

/// What a run may take beside what it waits for.
const IN_TIME: Duration = Duration::from_secs(8);

#[test]
fn an_acs_ends_in_time_whatever_comes_in_the_place_of_tls() {
    for legacy in libraries() {
        for malice in ALL {
            let began = Instant::now();
            let replayed = block_on(async {
                let (listener, address) = listener().await;
                let peer = tokio::spawn(async move {
                    let stream = TcpStream::connect(address).await.expect("it listens");
                    malice.act(stream, &post(&inform())).await;
                });
                let seat = seat(listener, Some(listening(*legacy)));
                let (played, _) = play(&acs(), seat, address, Setting::default()).await;
                peer.abort();
                played.replayed
            });
            let why = reason(&replayed);
            let is_old_for_us = matches!(malice, Malice::OldHello) && *legacy;
            if !is_old_for_us {
                assert!(why.contains(malice.told()), "{malice:?} {legacy}: {why}");
                let tls = replayed.tls.as_ref().expect("it is HTTPS");
                assert_eq!(tls.failures.len(), 1, "{malice:?} {legacy}: {tls:?}");
            }
            assert!(
                began.elapsed() < IN_TIME,
                "{malice:?}: {:?}",
                began.elapsed()
            );
            assert_eq!(replayed.steps.len(), 6, "{malice:?}: the report is whole");
        }
    }
}

#[test]
fn silent_peers_hold_up_nobody() {
    for legacy in libraries() {
        let replayed = block_on(async {
            let (listener, address) = listener().await;
            let mut silent = Vec::new();
            for malice in [Malice::Silence, Malice::SilenceAfterHello].repeat(50) {
                let stream = TcpStream::connect(address).await.expect("it listens");
                silent.push(tokio::spawn(async move {
                    malice.act(stream, b"").await;
                }));
            }
            let setting = || Setting {
                timeout: Duration::from_secs(5),
                ..Setting::default()
            };
            let (acs, phone) = (acs(), phone());
            let theirs = Seat::Cpe {
                acs: address,
                tls: Some(calling(false)),
                doorbell: None,
            };
            let ours = seat(listener, Some(listening(*legacy)));
            let device = Setting {
                impersonates: false,
                ..setting()
            };
            let ours = play(&acs, ours, address, setting());
            let both = tokio::select! {
                _ = ours => None,
                (played, _) = play(&phone, theirs, address, device) => Some(played.replayed),
            };
            silent.iter().for_each(tokio::task::JoinHandle::abort);
            both
        });
        let replayed = replayed.expect("the phone is served while others are silent");
        assert_eq!(replayed.verdict, ReplayVerdict::Passed, "{legacy}");
    }
}

#[test]
fn a_phone_ends_in_time_whatever_comes_in_the_place_of_tls() {
    let http = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    for legacy in libraries() {
        for malice in ALL {
            let began = Instant::now();
            let replayed = block_on(async {
                let (listener, address) = listener().await;
                let peer = tokio::spawn(async move {
                    let (stream, _) = listener.accept().await.expect("a phone");
                    malice.act(stream, http).await;
                });
                let seat = Seat::Cpe {
                    acs: address,
                    tls: Some(calling(*legacy)),
                    doorbell: None,
                };
                let (played, _) = play(&phone(), seat, address, Setting::default()).await;
                peer.abort();
                played.replayed
            });
            let why = reason(&replayed);
            match malice {
                Malice::PlainHttp => assert!(why.contains("the ACS spoke plain HTTP"), "{why}"),
                Malice::Garbage => assert!(why.contains("no TLS"), "{why}"),
                Malice::Silence => {
                    assert!(
                        why.contains("said nothing") || why.contains("nothing came"),
                        "{why}"
                    );
                }
                _ => assert!(
                    why.contains("TLS") || why.contains("reset"),
                    "{malice:?}: {why}"
                ),
            }
            assert!(
                began.elapsed() < IN_TIME,
                "{malice:?}: {:?}",
                began.elapsed()
            );
            assert_eq!(replayed.steps.len(), 2, "{malice:?}: the report is whole");
        }
    }
}

#[test]
fn tls_where_plain_http_is_expected_is_told() {
    let replayed = block_on(async {
        let (listener, address) = listener().await;
        let theirs = Seat::Cpe {
            acs: address,
            tls: Some(calling(false)),
            doorbell: None,
        };
        let phone = phone();
        let ours = seat(listener, None);
        let acs = acs();
        let ours = play(&acs, ours, address, Setting::default());
        let theirs = play(&phone, theirs, address, Setting::default());
        let ((acs, _), (phone, _)) = tokio::join!(ours, theirs);
        assert!(
            reason(&phone.replayed).contains("TLS"),
            "{:?}",
            phone.replayed.verdict
        );
        acs.replayed
    });
    assert!(
        reason(&replayed).contains("it speaks TLS"),
        "{:?}",
        replayed.verdict
    );
    assert_eq!(replayed.tls.map(|tls| tls.failures.len()), Some(1));
}

#[test]
fn plain_http_to_an_acs_of_https_is_told_to_the_phone_too() {
    let replayed = block_on(async {
        let (listener, address) = listener().await;
        let theirs = Seat::Cpe {
            acs: address,
            tls: None,
            doorbell: None,
        };
        let (phone, acs) = (phone(), acs());
        let ours = play(
            &acs,
            seat(listener, Some(listening(false))),
            address,
            Setting::default(),
        );
        let theirs = play(&phone, theirs, address, Setting::default());
        let ((acs, _), (phone, _)) = tokio::join!(ours, theirs);
        assert!(
            reason(&acs.replayed).contains("spoke plain HTTP"),
            "{:?}",
            acs.replayed.verdict
        );
        phone.replayed
    });
    assert!(
        reason(&replayed).contains("it speaks TLS"),
        "{:?}",
        replayed.verdict
    );
}
