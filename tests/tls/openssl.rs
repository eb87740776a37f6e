//! Connections of the installed OpenSSL over loopback, with keys that the test makes, written as a capture.
//!
//! Where no `openssl` is installed, the tests say so and pass.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::support::wire::{Connection, Endpoint, capture};
use crate::{informant, text};

/// A server that answers GET with a page, and ends when it is dropped.
struct Server {
    child: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn openssl(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("openssl");
    command
        .args(arguments)
        .current_dir(folder)
        // A system may forbid old versions to all its programs.
        .env("OPENSSL_CONF", "/dev/null")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

fn make_key(folder: &Path) {
    let arguments = [
        "req",
        "-x509",
        "-nodes",
        "-days",
        "30",
        "-newkey",
        "rsa:2048",
        "-subj",
        "/CN=acs.test",
        "-keyout",
        "acs.key",
        "-out",
        "acs.pem",
    ];
    let mut command = openssl(folder, &arguments);
    let made = command.env_remove("OPENSSL_CONF").status();
    let made = made.expect("openssl runs");
    assert!(made.success());
}

impl Server {
    fn start(folder: &Path, more: &[&str]) -> Self {
        let arguments = [
            "s_server",
            "-accept",
            "127.0.0.1:0",
            "-cert",
            "acs.pem",
            "-key",
            "acs.key",
            "-www",
        ];
        let mut child = openssl(folder, &[&arguments, more].concat())
            .spawn()
            .expect("openssl runs");
        let output = child.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let port = lines
            .find_map(|line| {
                line.strip_prefix("ACCEPT ")?
                    .rsplit(':')
                    .next()?
                    .parse()
                    .ok()
            })
            .expect("the server says where it listens");
        thread::spawn(move || lines.for_each(drop));
        Self { child, port }
    }
}

/// What was said, by side.
type Said = Arc<Mutex<Vec<(usize, Vec<u8>)>>>;

/// Passes one connection on to the server and records it; its port.
fn listen_between(server: u16) -> (u16, Said, thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback listens");
    let port = listener.local_addr().expect("an address").port();
    let said = Said::default();
    let recorded = Arc::clone(&said);
    let worker = thread::spawn(move || {
        let (client, _) = listener.accept().expect("the client connects");
        let server = TcpStream::connect(("127.0.0.1", server)).expect("the server listens");
        let back = [&server, &client].map(|one| one.try_clone().expect("a handle"));
        let also = Arc::clone(&recorded);
        let answers = thread::spawn(move || {
            let [from, to] = back;
            pass(1, from, to, &also);
        });
        pass(0, client, server, &recorded);
        answers.join().expect("both sides end");
    });
    (port, said, worker)
}

fn pass(side: usize, mut from: TcpStream, mut to: TcpStream, said: &Said) {
    let patience = Some(Duration::from_secs(20));
    from.set_read_timeout(patience).expect("a bound is set");
    let mut room = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut room) {
        let mut said = said.lock().expect("nobody panics");
        said.push((side, room[..count].to_vec()));
        drop(said);
        if to.write_all(&room[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// One request and its answer, as packets.
fn talk(folder: &Path, server: &Server, more: &[&str]) -> Vec<u8> {
    let (port, said, worker) = listen_between(server.port);
    let address = format!("127.0.0.1:{port}");
    let arguments = ["s_client", "-quiet", "-connect", &address];
    let mut client = openssl(folder, &[&arguments, more].concat())
        .spawn()
        .expect("openssl runs");
    let mut stdin = client.stdin.take().expect("it is piped");
    let asked = stdin.write_all(b"GET /status HTTP/1.0\r\nHost: acs.test\r\n\r\n");
    asked.expect("the client takes it");
    let mut output = client.stdout.take().expect("it is piped");
    output
        .read_to_end(&mut Vec::new())
        .expect("the answer ends");
    drop(stdin);
    client.wait().expect("the client ends");
    worker.join().expect("the connection ends");
    let ends = [[10, 0, 0, 2], [10, 0, 0, 1]].map(|address| Endpoint::new(address, 7547));
    let [client, server] = ends;
    let mut connection = Connection::new(client, server);
    let mut frames = connection.open();
    for (side, bytes) in said.lock().expect("nobody panics").iter() {
        frames.extend(connection.send(*side, bytes, 1400));
    }
    frames.extend(connection.close());
    capture(&frames, 1000)
}

fn records(capture: &Path, key: &str, path: &Path) -> Vec<Value> {
    let run = informant(&[
        "messages",
        "-q",
        "-T",
        "ndjson",
        text(capture),
        key,
        text(path),
    ]);
    assert_eq!(run.code, Some(0), "{}", run.complaints);
    run.records
}

#[test]
fn the_private_key_of_a_server_opens_rsa_key_exchange_and_nothing_else() {
    if Command::new("openssl").arg("version").output().is_err() {
        eprintln!("skipped: no openssl is installed");
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    make_key(folder);
    let suites = [
        "-cipher",
        "AES128-SHA:AES256-GCM-SHA384:ECDHE-RSA-AES128-SHA:@SECLEVEL=0",
    ];
    let server = Server::start(folder, &suites);
    let cells = [
        ("-tls1", "AES128-SHA", "TLS 1.0", true),
        ("-tls1_1", "AES128-SHA", "TLS 1.1", true),
        ("-tls1_2", "AES256-GCM-SHA384", "TLS 1.2", true),
        ("-tls1_2", "ECDHE-RSA-AES128-SHA", "TLS 1.2", false),
    ];
    for (option, suite, version, opens) in cells {
        let suite = format!("{suite}:@SECLEVEL=0");
        let path = folder.join("capture.pcap");
        let packets = talk(folder, &server, &[option, "-cipher", &suite]);
        std::fs::write(&path, packets).expect("a file is written");
        let records = records(&path, "--rsa-key", &folder.join("acs.key"));
        let of = |protocol: &str| -> Vec<&Value> {
            let of = |record: &&Value| record["protocol"] == protocol;
            records.iter().filter(of).collect()
        };
        let [tls] = of("tls")[..] else {
            panic!("{option} {suite}: {records:?}");
        };
        assert_eq!(tls["version"], version, "{suite}");
        assert_eq!(tls["decrypted"], opens, "{option} {suite}: {tls}");
        assert_eq!(tls["certificates"][0]["subject"], "CN=acs.test");
        let said: Vec<_> = of("http")
            .iter()
            .map(|record| (record["target"].clone(), record["status"].clone()))
            .collect();
        let wanted = [
            (Value::from("/status"), Value::Null),
            (Value::Null, Value::from(200)),
        ];
        assert_eq!(
            said,
            if opens { &wanted[..] } else { &[] },
            "{option} {suite}"
        );
    }
}
