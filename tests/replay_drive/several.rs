//! Several scenarios of one run: what is known of a device goes from one to the next.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Stdio;
use std::time::Duration;

use informant::replay::scenario::{Act, ActionStep, Role, Scenario, Step, Variable, Via};

use super::program::{asking, listening, program, run, text, written};
use super::{INFORM_RESPONSE, block_on, expect, inform, listener, post, scenario, send};

/// An ACS that serves a session, after it woke the device.
fn serves(wakes: bool) -> Scenario {
    let head = "HTTP/1.1 200 OK\nContent-Type: text/xml\nContent-Length: {{http.length}}";
    let mut steps = vec![
        expect("Inform"),
        send(Some("01.xml"), head, Vec::new()),
        expect("empty"),
        send(None, "HTTP/1.1 204 No Content", Vec::new()),
    ];
    let wake = ActionStep::ConnectionRequest {
        url: "{{connection_request_url}}".to_owned(),
        via: Via::Http,
        username: None,
        password: None,
    };
    if wakes {
        let act = Act::Action(wake);
        steps.insert(0, Step { act, after: None });
    }
    let mut scenario = scenario(Role::Acs, steps);
    scenario.identity.device = Some("001565-T46-1".to_owned());
    let response = INFORM_RESPONSE.as_bytes().to_vec();
    scenario.files.insert("01.xml".to_owned(), response);
    let captured = Variable::Captured(None);
    scenario.vars = [("connection_request_url".to_owned(), captured)].into();
    scenario
}

/// Reads until these words.
fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let patience = Some(Duration::from_secs(20));
    stream.set_read_timeout(patience).expect("a timeout");
    let mut got = Vec::new();
    let mut room = [0; 4096];
    while !String::from_utf8_lossy(&got).contains(end) {
        let count = stream.read(&mut room).expect("an answer");
        assert!(count > 0, "{}", String::from_utf8_lossy(&got));
        got.extend_from_slice(&room[..count]);
    }
    String::from_utf8_lossy(&got).into_owned()
}

/// Who rings, within some time.
fn rung(bell: &TcpListener) -> TcpStream {
    let bell = bell.try_clone().expect("a socket");
    let ring = block_on(async {
        let bell = tokio::net::TcpListener::from_std(bell).expect("a socket");
        let ring = tokio::time::timeout(Duration::from_secs(20), bell.accept()).await;
        let (ring, _) = ring.expect("in time").expect("a Connection Request");
        ring.into_std().expect("a socket")
    });
    ring.set_nonblocking(false).expect("a socket");
    ring
}

/// A session of the phone, which says that it is woken at this address.
fn session(acs: SocketAddr, event: &str, woken_at: SocketAddr) {
    let url = format!(
        "<ParameterList><ParameterValueStruct><Name>Device.ManagementServer.ConnectionRequestURL</Name>\
         <Value>http://{woken_at}/ring</Value></ParameterValueStruct></ParameterList>"
    );
    let inform = inform().replace("1 BOOT", event);
    let inform = inform.replace("<ParameterList></ParameterList>", &url);
    let mut stream = TcpStream::connect(acs).expect("loopback");
    stream.write_all(&post(&inform)).expect("sent");
    read_until(&mut stream, "</soap:Envelope>");
    stream.write_all(&post("")).expect("sent");
    read_until(&mut stream, "204 No Content");
}

#[test]
fn a_scenario_begins_by_waking_the_device_of_the_one_before() {
    let folder = tempfile::tempdir().expect("a folder");
    written(folder.path(), "first", &serves(false));
    written(folder.path(), "second", &serves(true));
    let (bell, _) = block_on(listener());
    let bell = bell.into_std().expect("a socket");
    let woken_at = bell.local_addr().expect("an address");
    let arguments = ["replay", "acs", "first", "second", "second"];
    let setting = ["--listen", "127.0.0.1:0", "--fail-on", "never"];
    let mut child = program(folder.path(), &[&arguments[..], &setting].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let url = listening(&mut child);
    let acs = url.trim_start_matches("http://").trim_end_matches('/');
    let acs: SocketAddr = acs.parse().expect("an address");
    session(acs, "1 BOOT", woken_at);
    for _ in 0..2 {
        let mut ring = rung(&bell);
        assert!(read_until(&mut ring, "\r\n\r\n").starts_with("GET /ring HTTP/1.1\r\n"));
        ring.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            .expect("sent");
        session(acs, "6 CONNECTION REQUEST", woken_at);
    }
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
}

#[test]
fn a_phone_that_listens_is_played_again_at_the_same_port() {
    let folder = tempfile::tempdir().expect("a folder");
    let (acs, mut cpe) = asking();
    let told = inform().replace(
        "<ParameterList></ParameterList>",
        "<ParameterList><ParameterValueStruct><Name>Device.ManagementServer.ConnectionRequestURL</Name>\
         <Value>{{connection_request_url}}</Value></ParameterValueStruct></ParameterList>",
    );
    cpe.files.insert("01.xml".to_owned(), told.into_bytes());
    let captured = Variable::Captured(None);
    cpe.vars = [("connection_request_url".to_owned(), captured)].into();
    written(folder.path(), "acs", &acs);
    written(folder.path(), "cpe", &cpe);
    let ours = ["replay", "acs", "acs", "--listen", "127.0.0.1:0"];
    let setting = ["--loop", "3", "--fail-on", "never"];
    let mut child = program(
        folder.path(),
        &[&ours[..], &setting, &["-w", "acs.pcapng"]].concat(),
    )
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .expect("the program runs");
    let url = listening(&mut child);
    let theirs = [
        "replay",
        "cpe",
        "cpe",
        "--device",
        "001565-T46-1",
        "--acs-url",
        &url,
        "--audit",
        "cpe.ndjson",
    ];
    let phone = run(
        folder.path(),
        &[&theirs[..], &setting, &["--listen", "127.0.0.1:0"]].concat(),
    );
    let output = child.wait_with_output().expect("it ends");
    let said = text(&phone.stdout) + &text(&phone.stderr);
    assert_eq!(phone.status.code(), Some(0), "{said}");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    let capture = std::fs::read(folder.path().join("acs.pcapng")).expect("a capture");
    let capture = String::from_utf8_lossy(&capture);
    let urls: Vec<&str> = capture
        .split("ConnectionRequestURL</Name>")
        .skip(1)
        .filter_map(|behind| behind.split("</Value>").next())
        .collect();
    assert_eq!(urls.len(), 3, "{urls:?}");
    assert!(urls.iter().all(|url| *url == urls[0]), "{urls:?}");
    let (_, path) = urls[0].rsplit_once('/').expect("a path");
    assert_eq!(path.len(), 16, "nobody guesses it: {path}");
}
