//! `informant serve` by HTTPS, and those whose handshakes fail.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::Duration;

use super::super::program::{listening, program};

#[test]
fn what_fails_again_and_again_is_told_once_and_at_the_end_with_its_number() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = program(
        folder.path(),
        &[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--tls-self-signed",
            "--autostop",
            "duration:4",
        ],
    )
    .stdout(Stdio::null())
    .stderr(Stdio::piped())
    .spawn()
    .expect("the program runs");
    let url = listening(&mut child);
    let address = url.trim_start_matches("https://").trim_end_matches('/');
    for _ in 0..5 {
        let mut stream = TcpStream::connect(address).expect("loopback");
        let patience = Some(Duration::from_secs(10));
        stream.set_read_timeout(patience).expect("a timeout");
        stream
            .write_all(b"POST / HTTP/1.1\r\nHost: a\r\n\r\n")
            .expect("sent");
        // Until it is closed.
        let _ = stream.read_to_end(&mut Vec::new());
    }
    child.wait().expect("it ends");
    let audit = std::fs::read_to_string(folder.path().join("informant-audit.ndjson"));
    let audit = audit.expect("an audit log");
    let told: Vec<&str> = audit
        .lines()
        .filter(|line| line.contains("spoke plain HTTP"))
        .collect();
    assert_eq!(told.len(), 2, "{audit}");
    assert!(told[1].contains("(4 more)"), "{audit}");
}
