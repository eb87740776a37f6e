//! The built-in file server: what stands in the place of recorded URLs.

use std::net::SocketAddr;

use informant::replay::drive::{FileServer, Seat};
use informant::replay::guard::Guard;
use informant::replay::scenario::{Class, Scenario};
use informant::session::ReplayVerdict;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Setting, acs_that_sends, block_on, envelope, inform, listener, play, post};

const FIRMWARE: &[u8] = b"\x7fELF and the rest of it";

fn downloads() -> Scenario {
    let body = envelope(
        "<cwmp:Download><CommandKey>k</CommandKey><FileType>1 Firmware Upgrade Image</FileType>\
         <URL>{{file.1.url}}</URL><Username></Username><Password></Password><FileSize>0</FileSize>\
         <TargetFileName></TargetFileName><DelaySeconds>0</DelaySeconds><SuccessURL></SuccessURL>\
         <FailureURL>{{file.2.url}}</FailureURL></cwmp:Download>",
    );
    let mut scenario = acs_that_sends(body.as_bytes(), Vec::new());
    scenario
        .files
        .insert("file.1".to_owned(), FIRMWARE.to_vec());
    scenario.safety.allow = vec![Class::Destroy];
    scenario
}

pub async fn exchange(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.expect("loopback");
    stream.write_all(request).await.expect("sent");
    stream.shutdown().await.expect("ended");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("read");
    answer
}

/// Address and path of an URL.
pub fn parts(url: &str) -> (SocketAddr, &str) {
    let rest = url.strip_prefix("http://").expect("HTTP");
    let at = rest.find('/').expect("a path");
    let (authority, path) = rest.split_at(at);
    (authority.parse().expect("an address"), path)
}

/// A phone that fetches what a Download names, and sends something to where it may not find anything.
async fn phone(address: SocketAddr) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let mut stream = TcpStream::connect(address).await.expect("loopback");
    let mut got = Vec::new();
    let mut room = vec![0; 4096];
    let empty = b"POST /acs HTTP/1.1\r\nHost: acs\r\nContent-Length: 0\r\n\r\n".to_vec();
    for (request, until) in [(post(&inform()), "InformResponse>"), (empty, "Download>")] {
        stream.write_all(&request).await.expect("sent");
        let end = format!("</cwmp:{until}</soap:Body></soap:Envelope>");
        while !String::from_utf8_lossy(&got).contains(&end) {
            match stream.read(&mut room).await.expect("read") {
                0 => return (got, Vec::new(), Vec::new()),
                count => got.extend_from_slice(&room[..count]),
            }
        }
    }
    let text = String::from_utf8_lossy(&got).into_owned();
    let between = |start: &str, end: &str| {
        let behind = text.split(start).nth(1).expect("the element");
        behind.split(end).next().expect("its end").to_owned()
    };
    let url = between("<URL>", "</URL>");
    let (server, path) = parts(&url);
    let get = format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
    let file = exchange(server, get.as_bytes()).await;
    let other = between("<FailureURL>", "</FailureURL>");
    let (server, path) = parts(&other);
    let get = format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
    let none = exchange(server, get.as_bytes()).await;
    let put = format!("PUT {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nlog");
    let put = exchange(server, put.as_bytes()).await;
    (file, none, put)
}

#[test]
fn a_download_comes_from_here_and_what_is_not_recorded_is_not_made_up() {
    let scenario = downloads();
    let (played, (file, none, put)) = block_on(async {
        let (listener, address) = listener().await;
        let files = FileServer::of(&scenario, address.ip())
            .await
            .expect("loopback");
        let files = files.expect("the scenario names files");
        let setting = Setting {
            guard: Guard::new(&[Class::Destroy], &[Class::Destroy], Some("001565-T46-1")),
            files: files.urls().expect("an address"),
            ..Setting::default()
        };
        let seat = Seat::Acs {
            listener,
            tls: None,
            wake: None,
            files: Some(files),
            stun: None,
        };
        let ((played, _), got) =
            tokio::join!(play(&scenario, seat, address, setting), phone(address));
        (played, got)
    });
    // The phone went without an answer to the Download.
    assert!(matches!(
        played.replayed.verdict,
        ReplayVerdict::PeerFailed(_)
    ));
    assert_eq!(played.replayed.steps[3].class, Some("destroy"));
    assert!(file.starts_with(b"HTTP/1.1 200 ") && file.ends_with(FIRMWARE));
    assert!(
        none.starts_with(b"HTTP/1.1 404 "),
        "{}",
        String::from_utf8_lossy(&none)
    );
    assert!(put.starts_with(b"HTTP/1.1 201 "));
}

#[test]
fn a_file_server_is_closed_until_a_download_was_let_out() {
    let scenario = downloads();
    let (played, answer) = block_on(async {
        let (listener, address) = listener().await;
        let files = FileServer::of(&scenario, address.ip())
            .await
            .expect("loopback");
        let files = files.expect("the scenario names files");
        let urls = files.urls().expect("an address");
        let url = urls["file.1.url"].clone();
        let setting = Setting {
            files: urls,
            ..Setting::default()
        };
        let seat = Seat::Acs {
            listener,
            tls: None,
            wake: None,
            files: Some(files),
            stun: None,
        };
        let early = async move {
            let (server, path) = parts(&url);
            let get = format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
            exchange(server, get.as_bytes()).await
        };
        let ((played, _), answer) = tokio::join!(play(&scenario, seat, address, setting), early);
        (played, answer)
    });
    assert!(matches!(
        played.replayed.verdict,
        ReplayVerdict::PeerFailed(_)
    ));
    assert!(answer.starts_with(b"HTTP/1.1 404 "));
}
