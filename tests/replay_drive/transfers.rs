//! Files on their way while a session goes on: they stand in the capture of the run, and no peer makes them last for ever.

use std::io::Cursor;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use informant::pipeline::Options;
use informant::replay::action::{WireEvent, WireEventKind};
use informant::replay::drive::{FileServer, Played, Seat};
use informant::replay::guard::Guard;
use informant::replay::scenario::{Class, Role, Scenario};
use informant::session::{ReplayVerdict, TransferDirection, TransferResult};
use informant::source::{Capture, Synthesis, Timestamp};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::files::{exchange, parts};
use super::support::{Analysis, gather};
use super::{Setting, acs_that_sends, block_on, envelope, expect, inform, listener, play, post};

/// What a phone does with the URL that it is given.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Get,
    Put,
    Post,
    EndlessPut,
    EndlessChunks,
    OneByteAtATime,
    NeverReads,
}

impl Way {
    fn is_upload(self) -> bool {
        !matches!(self, Self::Get | Self::NeverReads)
    }

    /// How the session with the RPC goes on.
    fn answers(self) -> bool {
        matches!(self, Self::Get | Self::Put | Self::Post)
    }
}

/// An ACS that has a file fetched, or brought.
fn scenario(way: Way, bytes: usize) -> Scenario {
    let (method, class) = if way.is_upload() {
        ("Upload", Class::Disrupt)
    } else {
        ("Download", Class::Destroy)
    };
    let body = envelope(&format!(
        "<cwmp:{method}><CommandKey>key-7</CommandKey><FileType>2 Vendor Log File</FileType><URL>{{{{file.1.url}}}}</URL>\
         <Username></Username><Password></Password><DelaySeconds>0</DelaySeconds></cwmp:{method}>"
    ));
    let mut scenario = acs_that_sends(body.as_bytes(), Vec::new());
    scenario.steps[4] = expect(&format!("{method}Response"));
    scenario
        .files
        .insert("file.1".to_owned(), vec![b'f'; bytes]);
    scenario.safety.allow = vec![class];
    assert_eq!(scenario.role, Role::Acs);
    scenario
}

/// Reads until this stands in what came.
async fn until(stream: &mut TcpStream, end: &str) -> String {
    let mut got = Vec::new();
    let mut room = vec![0; 4096];
    while !String::from_utf8_lossy(&got).contains(end) {
        match stream.read(&mut room).await {
            Ok(0) | Err(_) => break,
            Ok(count) => got.extend_from_slice(&room[..count]),
        }
    }
    String::from_utf8_lossy(&got).into_owned()
}

/// A phone that does what it is told, in its own way.
async fn phone(address: SocketAddr, way: Way) {
    let mut stream = TcpStream::connect(address).await.expect("loopback");
    stream.write_all(&post(&inform())).await.expect("sent");
    until(&mut stream, "</soap:Envelope>").await;
    let empty = b"POST /acs HTTP/1.1\r\nHost: acs\r\nContent-Length: 0\r\n\r\n";
    stream.write_all(empty).await.expect("sent");
    let asked = until(&mut stream, "</soap:Envelope>").await;
    let behind = asked.split("<URL>").nth(1).expect("a URL");
    let url = behind.split("</URL>").next().expect("its end").to_owned();
    transfer(&url, way).await;
    if !way.answers() {
        return std::future::pending().await;
    }
    let method = if way.is_upload() {
        "Upload"
    } else {
        "Download"
    };
    let done = envelope(&format!(
        "<cwmp:{method}Response><Status>0</Status><StartTime>2026-01-01T00:00:00Z</StartTime>\
         <CompleteTime>2026-01-01T00:00:01Z</CompleteTime></cwmp:{method}Response>"
    ));
    let id = asked.split("mustUnderstand=\"1\">").nth(1).expect("an ID");
    let id = id.split('<').next().expect("its end");
    let done = post(&done.replace("{{cwmp.id}}", id));
    stream.write_all(&done).await.expect("sent");
    until(&mut stream, "HTTP/1.1 204").await;
}

async fn transfer(url: &str, way: Way) {
    let (server, path) = parts(url);
    let request = match way {
        Way::Get | Way::NeverReads => format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"),
        Way::Put => {
            format!("PUT {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nlog of mine")
        }
        Way::Post => {
            format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nlog of mine")
        }
        Way::EndlessPut => {
            format!("PUT {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 1073741824\r\n\r\n")
        }
        Way::EndlessChunks => {
            format!("PUT {path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        }
        Way::OneByteAtATime => {
            format!("PUT {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
        }
    };
    if way.answers() {
        exchange(server, request.as_bytes()).await;
        return;
    }
    let mut stream = TcpStream::connect(server).await.expect("loopback");
    stream.write_all(request.as_bytes()).await.expect("sent");
    tokio::spawn(async move {
        let piece = match way {
            Way::EndlessChunks => b"1000\r\n"
                .iter()
                .copied()
                .chain([b'a'; 4096])
                .chain(*b"\r\n")
                .collect(),
            Way::OneByteAtATime => vec![b'a'],
            _ => vec![b'a'; 65_536],
        };
        let mut pace = tokio::time::interval(Duration::from_millis(20));
        while way != Way::NeverReads && stream.write_all(&piece).await.is_ok() {
            if way == Way::OneByteAtATime {
                pace.tick().await;
            }
        }
        // Not read, and not closed.
        std::future::pending::<()>().await;
        drop(stream);
    });
}

fn played(way: Way, bytes: usize) -> (Played, Vec<WireEvent>) {
    let scenario = scenario(way, bytes);
    block_on(async {
        let (listener, address) = listener().await;
        let files = FileServer::of(&scenario, address.ip())
            .await
            .expect("loopback");
        let setting = Setting {
            guard: Guard::new(
                &scenario.safety.allow,
                &scenario.safety.allow,
                Some("001565-T46-1"),
            ),
            files: files.as_ref().expect("files").urls().expect("an address"),
            limit: Duration::from_secs(1),
            timeout: Duration::from_millis(300),
            ..Setting::default()
        };
        let seat = Seat::Acs {
            tls: None,
            listener,
            wake: None,
            files,
            stun: None,
        };
        let phone = tokio::spawn(phone(address, way));
        let played = play(&scenario, seat, address, setting).await;
        phone.abort();
        played
    })
}

/// What is read in the events as a capture, as `-w` writes it.
pub fn analysis(events: &[WireEvent]) -> Analysis {
    let capture = Capture::from_reader("replay.pcapng", Cursor::new(capture(events)));
    let options = Options {
        messages: true,
        datagrams: true,
        ..Options::default()
    };
    gather(capture.expect("a capture"), &options)
}

fn capture(events: &[WireEvent]) -> Vec<u8> {
    let (mut synthesis, mut out) = (Synthesis::default(), Synthesis::header());
    for event in events {
        let time = Timestamp {
            nanoseconds: 1_800_000_000_000_000_000 + event.time.as_nanos() as i64,
            digits: 9,
        };
        let (from, to, out) = (event.source, event.destination, &mut out);
        match &event.kind {
            WireEventKind::Open => synthesis.open(time, from, to, out),
            WireEventKind::Bytes(bytes) => synthesis.bytes(time, from, to, bytes, out),
            WireEventKind::End { reset } => synthesis.end(time, from, to, *reset, out),
            WireEventKind::Datagram(bytes) => synthesis.datagram(time, from, to, bytes, out),
        }
    }
    out
}

#[test]
fn a_transfer_stands_in_the_capture_and_belongs_to_what_asked_for_it() {
    for (way, bytes) in [(Way::Get, 5_000_000), (Way::Put, 11), (Way::Post, 11)] {
        let (played, events) = played(way, bytes);
        let verdict = &played.replayed.verdict;
        assert_eq!(
            *verdict,
            ReplayVerdict::Passed,
            "{way:?} {:#?}",
            played.replayed
        );
        let analysis = analysis(&events);
        let [transfer] = analysis.transfers.as_slice() else {
            panic!("{way:?}: {} transfers", analysis.transfers.len());
        };
        let cause = transfer.caused_by.as_ref().expect("the RPC");
        let direction = if way.is_upload() {
            TransferDirection::Upload
        } else {
            TransferDirection::Download
        };
        assert_eq!(transfer.direction, direction, "{way:?}");
        assert_eq!(transfer.bytes, Some(bytes as u64), "{way:?}");
        assert_eq!(transfer.result, TransferResult::Complete, "{way:?}");
        assert_eq!(
            (cause.session, &*cause.command_key),
            (1, "key-7"),
            "{way:?}"
        );
    }
}

#[test]
fn a_transfer_without_end_is_a_failure_of_the_peer() {
    for way in [
        Way::EndlessPut,
        Way::EndlessChunks,
        Way::OneByteAtATime,
        Way::NeverReads,
    ] {
        let began = Instant::now();
        // More than the system takes in without a reader.
        let (played, events) = played(way, 32 << 20);
        let verdict = &played.replayed.verdict;
        assert!(
            matches!(verdict, ReplayVerdict::PeerFailed(_)),
            "{way:?}: {verdict:?}"
        );
        assert!(
            began.elapsed() < Duration::from_secs(8),
            "{way:?}: {:?}",
            began.elapsed()
        );
        let noted = events.iter().map(|event| match &event.kind {
            WireEventKind::Bytes(bytes) => bytes.len(),
            _ => 0,
        });
        let noted: usize = noted.sum();
        assert!(noted < 24 << 20, "{way:?}: {noted} bytes are noted");
    }
}

#[test]
fn a_file_that_is_on_its_way_comes_to_its_end() {
    // The session is over at once; the device fetches on at its leisure.
    let mut scenario = scenario(Way::Get, 16_000_000);
    scenario.steps[4] = expect("DownloadResponse");
    let (played, fetched) = block_on(async {
        let (listener, address) = listener().await;
        let files = FileServer::of(&scenario, address.ip())
            .await
            .expect("loopback");
        let setting = Setting {
            guard: Guard::new(&[Class::Destroy], &[Class::Destroy], Some("001565-T46-1")),
            files: files.as_ref().expect("files").urls().expect("an address"),
            ..Setting::default()
        };
        let url = setting.files["file.1.url"].clone();
        let seat = Seat::Acs {
            tls: None,
            listener,
            wake: None,
            files,
            stun: None,
        };
        let fetches = async {
            let mut stream = TcpStream::connect(address).await.expect("loopback");
            stream.write_all(&post(&inform())).await.expect("sent");
            until(&mut stream, "</soap:Envelope>").await;
            let empty = b"POST /acs HTTP/1.1\r\nHost: acs\r\nContent-Length: 0\r\n\r\n";
            stream.write_all(empty).await.expect("sent");
            let asked = until(&mut stream, "</soap:Envelope>").await;
            let (server, path) = parts(&url);
            let mut file = TcpStream::connect(server).await.expect("loopback");
            let get = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            file.write_all(get.as_bytes()).await.expect("sent");
            let mut first = [0; 100];
            file.read_exact(&mut first).await.expect("its beginning");
            let id = asked.split("mustUnderstand=\"1\">").nth(1).expect("an ID");
            let id = id.split('<').next().expect("its end");
            let done = envelope(
                "<cwmp:DownloadResponse><Status>1</Status><StartTime>0001-01-01T00:00:00Z</StartTime>\
                 <CompleteTime>0001-01-01T00:00:00Z</CompleteTime></cwmp:DownloadResponse>",
            );
            let done = post(&done.replace("{{cwmp.id}}", id));
            stream.write_all(&done).await.expect("sent");
            until(&mut stream, "HTTP/1.1 204").await;
            drop(stream);
            tokio::time::timeout(Duration::from_secs(5), async {
                let mut all = first.len();
                let mut room = vec![0; 65_536];
                while let Ok(count @ 1..) = file.read(&mut room).await {
                    all += count;
                }
                all
            })
            .await
        };
        let ((played, _), fetched) = tokio::join!(play(&scenario, seat, address, setting), fetches);
        (played, fetched)
    });
    assert_eq!(played.replayed.verdict, ReplayVerdict::Passed);
    let fetched = fetched.expect("the connection ends");
    assert!(fetched > 16_000_000, "{fetched} bytes of it came");
}
