//! The key log against tshark: a capture of the bytes on the wire is opened with it.

use std::fs::OpenOptions;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use informant::replay::drive::tls::{
    Calling, CallingSetting, KeyLog, Listening, ListeningSetting, self_signed,
};
use informant::replay::drive::{Clock, Seat};
use informant::session::ReplayVerdict;
use informant::source::Synthesis;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::super::program::asking;
use super::super::{Setting, block_on, listener, play};
use super::{libraries, text};

#[test]
fn tshark_opens_a_capture_with_the_key_log() {
    let folder = tempfile::tempdir().expect("a folder");
    for legacy in [false, true].into_iter().take(libraries().len()) {
        for who in ["acs", "cpe"] {
            let log = folder.path().join(format!("{who}-{legacy}.log"));
            let file = OpenOptions::new().create(true).append(true).open(&log);
            let key_log = KeyLog::new(file.expect("it opens"));
            let capture = folder.path().join("wire.pcapng");
            std::fs::write(&capture, recorded(legacy, who, &key_log)).expect("written");
            assert!(key_log.failure().is_none());
            let option = format!("tls.keylog_file:{}", log.display());
            let opened = Command::new("tshark")
                .arg("-r")
                .arg(&capture)
                .args(["-o", &option, "-d", "tcp.port==1-65535,tls", "-d"])
                .args(["tls.port==1-65535,http", "-T", "fields"])
                .args(["-e", "http.request.method", "-e", "http.response.code"])
                .output();
            let Ok(opened) = opened else {
                eprintln!("skipped: tshark is absent");
                return;
            };
            let rows = text(&opened.stdout);
            let posts = rows.matches("POST").count();
            assert_eq!(posts, 3, "{legacy} {who}: {rows}{}", text(&opened.stderr));
            assert_eq!(rows.matches("20").count(), 3, "{legacy} {who}: {rows}");
        }
    }
}

/// A replay by TLS, as the wire saw it; one of the two logs its keys.
fn recorded(legacy: bool, who: &str, key_log: &KeyLog) -> Vec<u8> {
    let made = self_signed([127, 0, 0, 1].into(), &[], legacy).expect("a certificate");
    let listening = Listening::new(&ListeningSetting {
        identity: made.identity,
        authorities: None,
        key_log: (who == "acs").then(|| key_log.clone()),
        legacy,
        handshake_max: Duration::from_secs(15),
    });
    let calling = Calling::new(&CallingSetting {
        host: "127.0.0.1".to_owned(),
        authorities: None,
        insecure: true,
        identity: None,
        key_log: (who == "cpe").then(|| key_log.clone()),
        legacy,
        handshake_max: Duration::from_secs(15),
    });
    let (acs, cpe) = asking();
    block_on(async {
        let (inner, address) = listener().await;
        let (outer, door) = listener().await;
        let wire = tokio::spawn(wire(outer, address));
        let ours = Seat::Acs {
            listener: inner,
            tls: Some(listening.expect("TLS")),
            wake: None,
            files: None,
            stun: None,
        };
        let theirs = Seat::Cpe {
            acs: door,
            tls: Some(calling.expect("TLS")),
            doorbell: None,
        };
        let setting = || Setting {
            timeout: Duration::from_secs(5),
            ..Setting::default()
        };
        let ((acs, _), (cpe, _)) = tokio::join!(
            play(&acs, ours, address, setting()),
            play(&cpe, theirs, address, setting())
        );
        for played in [acs, cpe] {
            assert_eq!(played.replayed.verdict, ReplayVerdict::Passed);
        }
        wire.await.expect("it went well")
    })
}

/// Passes on what two sides say, and writes it down.
async fn wire(listener: TcpListener, address: SocketAddr) -> Vec<u8> {
    let clock = Clock::start();
    let (mut synthesis, mut out) = (Synthesis::default(), Synthesis::header());
    let (mut near, from) = listener.accept().await.expect("a phone");
    let mut far = TcpStream::connect(address).await.expect("it listens");
    synthesis.open(clock.wall(clock.now()), from, address, &mut out);
    let (mut up, mut down) = (vec![0; 16_384], vec![0; 16_384]);
    loop {
        let (count, upward) = tokio::select! {
            count = near.read(&mut up) => (count.unwrap_or(0), true),
            count = far.read(&mut down) => (count.unwrap_or(0), false),
        };
        if count == 0 {
            return out;
        }
        let now = clock.wall(clock.now());
        let (bytes, to, source, destination) = if upward {
            (&up[..count], &mut far, from, address)
        } else {
            (&down[..count], &mut near, address, from)
        };
        synthesis.bytes(now, source, destination, bytes, &mut out);
        to.write_all(bytes).await.expect("it is heard");
    }
}
