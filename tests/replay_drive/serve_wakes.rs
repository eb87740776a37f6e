//! The ACS for the bench wakes a phone that answers later than it informs.

use std::io::{self, Write};
use std::time::Duration;

use informant::replay::action::{WireEvent, WireEventKind};
use informant::replay::audit::Audit;
use informant::replay::bench::Order;
use informant::replay::drive::ServeEvent;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::serve::{logged, serve};
use super::{block_on, inform, listener, post};

/// Says something, and hears what comes.
async fn ask(stream: &mut TcpStream, body: &str) {
    stream.write_all(&post(body)).await.expect("it reads");
    let mut room = vec![0; 8192];
    let count = stream.read(&mut room).await.expect("it answers");
    assert!(room[..count].starts_with(b"HTTP/1.1 20"));
}

/// An Inform that says where its device is woken.
fn reachable_at(url: impl std::fmt::Display) -> String {
    let value = format!(
        "<ParameterList><ParameterValueStruct><Name>Device.ManagementServer.ConnectionRequestURL</Name>\
         <Value>http://{url}/cr</Value></ParameterValueStruct>"
    );
    inform().replace("<ParameterList>", &value)
}

fn wake() -> Vec<Order> {
    let order = Order::read("connection-request", "q:1", &|_| Ok(Vec::new()));
    vec![order.expect("a right line").expect("an order")]
}

/// A disk that is full when something of this is to be written.
struct FullAt(String);

impl Write for FullAt {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        if line.contains(&self.0) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_connection_request_that_cannot_be_logged_is_not_sent() {
    let (served, heard) = block_on(async {
        let (acs, address) = listener().await;
        let (bell, url) = listener().await;
        let log = Audit::new(Box::new(FullAt(url.to_string())));
        let ends = (None, Duration::from_secs(20));
        let serving = logged(acs, &[], wake(), ends, log);
        let phone = async {
            let mut session = TcpStream::connect(address).await.expect("it listens");
            ask(&mut session, &reachable_at(url)).await;
            ask(&mut session, "").await;
            drop(session);
            let (mut rings, _) = bell.accept().await.expect("it calls");
            let mut heard = Vec::new();
            rings.read_to_end(&mut heard).await.map(|_| heard)
        };
        let ((served, _), heard) = tokio::join!(serving, phone);
        (served, heard)
    });
    assert!(heard.is_ok_and(|heard| heard.is_empty()));
    let failure = served.failure.expect("it ends");
    assert_eq!(failure, "the audit log cannot be written");
}

#[test]
fn an_answer_behind_the_inform_stands_in_the_session_that_was_woken() {
    let (events, url) = block_on(async {
        let (acs, address) = listener().await;
        let (bell, url) = listener().await;
        let serving = serve(acs, &[], wake(), (Some(2), Duration::from_secs(20)));
        let phone = async {
            let inform = reachable_at(url);
            let mut first = TcpStream::connect(address).await.expect("it listens");
            ask(&mut first, &inform).await;
            ask(&mut first, "").await;
            drop(first);
            let (mut rings, _) = bell.accept().await.expect("it calls");
            let mut room = vec![0; 1024];
            let count = rings.read(&mut room).await.expect("it asks");
            assert!(room[..count].starts_with(b"GET /cr "));
            let mut second = TcpStream::connect(address).await.expect("it listens");
            ask(&mut second, &inform).await;
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
            rings.write_all(answer).await.expect("it reads");
            rings.read_to_end(&mut room).await.expect("it ends");
            ask(&mut second, "").await;
        };
        let ((_, events), ()) = tokio::join!(serving, phone);
        (events, url)
    });
    let of_call = |event: &&WireEvent| event.source == url || event.destination == url;
    let mut told = 0;
    for event in &events {
        let (number, recorded) = match event {
            ServeEvent::Session {
                number, recorded, ..
            } => (*number, recorded),
            ServeEvent::Loose(recorded) => (0, recorded),
            ServeEvent::Told(_) => continue,
        };
        let parts = recorded.events.iter().filter(of_call);
        let parts: Vec<_> = parts.map(|it| (it.source == url, &it.kind)).collect();
        if number != 2 {
            assert!(parts.is_empty(), "{number}: {parts:?}");
            continue;
        }
        told += 1;
        let is_whole = matches!(
            parts[..],
            [
                (false, WireEventKind::Open),
                (false, WireEventKind::Bytes(_)),
                (true, WireEventKind::Bytes(_)),
                (false, WireEventKind::End { reset: false }),
            ]
        );
        assert!(is_whole, "{parts:?}");
    }
    assert_eq!(told, 1);
}
