//! An ACS that closes a connection just as the next request goes out.

use std::time::Duration;

use informant::replay::drive::Seat;
use informant::replay::scenario::Role;
use informant::session::ReplayVerdict;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::{INFORM_RESPONSE, Setting, block_on, expect, inform, listener, play, scenario, send};

async fn read_until(stream: &mut TcpStream, end: &str) {
    let mut got = Vec::new();
    let mut room = [0; 4096];
    while !String::from_utf8_lossy(&got).contains(end) {
        let count = stream.read(&mut room).await.expect("a request");
        assert!(count > 0, "{}", String::from_utf8_lossy(&got));
        got.extend_from_slice(&room[..count]);
    }
}

/// Answers the Inform, hears the next request, closes, and answers that request when it comes again.
async fn closes_between(listener: TcpListener) {
    let (mut first, _) = listener.accept().await.expect("loopback");
    read_until(&mut first, "</soap:Envelope>").await;
    let body = INFORM_RESPONSE.replace("{{cwmp.id}}", "1");
    let length = body.len();
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}");
    first.write_all(answer.as_bytes()).await.expect("sent");
    read_until(&mut first, "Content-Length: 0\r\n\r\n").await;
    drop(first);
    let (mut second, _) = listener.accept().await.expect("loopback");
    read_until(&mut second, "Content-Length: 0\r\n\r\n").await;
    let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
    second.write_all(answer).await.expect("sent");
    let _ = second.read(&mut [0; 16]).await;
}

#[test]
fn a_request_that_was_not_heard_is_said_again() {
    let head =
        "POST {{http.target}} HTTP/1.1\nHost: {{http.host}}\nContent-Length: {{http.length}}";
    let steps = vec![
        send(Some("01.xml"), head, Vec::new()),
        expect("InformResponse"),
        send(None, head, Vec::new()),
        expect("empty"),
    ];
    let mut cpe = scenario(Role::Cpe, steps);
    cpe.files.insert("01.xml".to_owned(), inform().into_bytes());
    block_on(async {
        let (listener, address) = listener().await;
        let acs = tokio::spawn(closes_between(listener));
        let seat = Seat::Cpe {
            acs: address,
            tls: None,
            doorbell: None,
        };
        let patient = Setting {
            timeout: Duration::from_secs(10),
            ..Setting::default()
        };
        let (played, _) = play(&cpe, seat, address, patient).await;
        acs.abort();
        let verdict = played.replayed.verdict;
        assert_eq!(verdict, ReplayVerdict::Passed);
    });
}
