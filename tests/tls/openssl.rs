//! Connections of the installed OpenSSL over loopback, with keys that the test makes, written as a capture.
//!
//! Where no `openssl` is installed, the tests say so and pass.

#[path = "../../dissectors/tls/tests/support/loopback.rs"]
mod loopback;

use std::io::{Read, Write};
use std::path::Path;

use loopback::{Between, Listening, Said, is_installed, make_key, openssl};
use serde_json::Value;

use crate::support::wire::{Connection, Endpoint, capture};
use crate::{informant, text};

/// A server of these suites, with a key that is made in the folder.
fn serve(folder: &Path, suites: &str) -> Listening {
    let subject = ["-newkey", "rsa:2048", "-subj", "/CN=acs.test"];
    make_key(folder, "acs", &subject);
    let arguments = ["-cert", "acs.pem", "-key", "acs.key", "-www"];
    Listening::start(folder, &[&arguments[..], &["-cipher", suites]].concat())
}

/// One request and its answer.
fn talk(folder: &Path, server: &Listening, more: &[&str]) -> Said {
    let between = Between::start(server.port);
    let address = format!("127.0.0.1:{}", between.port);
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
    between.finish()
}

/// What was said as a capture.
fn packets(said: &Said) -> Vec<u8> {
    let ends = [[10, 0, 0, 2], [10, 0, 0, 1]].map(|address| Endpoint::new(address, 7547));
    let [client, server] = ends;
    let mut connection = Connection::new(client, server);
    let mut frames = connection.open();
    for (direction, bytes) in said {
        let side = usize::from(*direction == tls::Direction::Backward);
        frames.extend(connection.send(side, bytes, 1400));
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
    if !is_installed() {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let suites = "AES128-SHA:AES256-GCM-SHA384:ECDHE-RSA-AES128-SHA:@SECLEVEL=0";
    let server = serve(folder, suites);
    let cells = [
        ("-tls1", "AES128-SHA", "TLS 1.0", true),
        ("-tls1_1", "AES128-SHA", "TLS 1.1", true),
        ("-tls1_2", "AES256-GCM-SHA384", "TLS 1.2", true),
        ("-tls1_2", "ECDHE-RSA-AES128-SHA", "TLS 1.2", false),
    ];
    for (option, suite, version, opens) in cells {
        let suite = format!("{suite}:@SECLEVEL=0");
        let path = folder.join("capture.pcap");
        let said = talk(folder, &server, &[option, "-cipher", &suite]);
        std::fs::write(&path, packets(&said)).expect("a file is written");
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

#[test]
fn what_a_proxy_is_asked_to_connect_to_is_read() {
    if !is_installed() {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let suites = "AES128-GCM-SHA256:@SECLEVEL=0";
    let server = serve(folder, suites);
    let tls = talk(folder, &server, &["-tls1_2", "-cipher", suites]);
    let connect = b"CONNECT acs.test:443 HTTP/1.1\r\nHost: acs.test:443\r\n\r\n";
    let granted = b"HTTP/1.1 200 Connection established\r\n\r\n";
    let refused = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
    for (answer, wanted) in [(&granted[..], vec![200, 200]), (refused, vec![403])] {
        let mut said: Said = vec![
            (tls::Direction::Forward, connect.to_vec()),
            (tls::Direction::Backward, answer.to_vec()),
        ];
        said.extend(tls.iter().cloned());
        let path = folder.join("connect.pcap");
        std::fs::write(&path, packets(&said)).expect("a file is written");
        let records = records(&path, "--rsa-key", &folder.join("acs.key"));
        let statuses: Vec<u64> = records
            .iter()
            .filter_map(|record| record["status"].as_u64())
            .collect();
        assert_eq!(statuses, wanted, "{records:?}");
        let opened = records.iter().filter(|record| record["decrypted"] == true);
        assert_eq!(opened.count(), wanted.len() - 1);
    }
}
