//! Connections of the installed OpenSSL over loopback, recorded on the way and read with what keys there are.
//!
//! The keys are made by the tests. Where no `openssl` is installed, the tests say so and pass.

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use support::{Pieces, Told, read};
use tls::{
    Direction, Fact, KeyLog, LineReader, PrivateKey, PrivateKeyFault, Reason, Sessions, Source,
};

/// A server of OpenSSL that answers lines with the same, reversed.
struct Server {
    child: Child,
    port: u16,
    folder: PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn openssl(arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new("openssl");
    command
        .args(arguments)
        .current_dir(folder)
        .env("OPENSSL_CONF", "/dev/null")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

fn is_installed() -> bool {
    let found = Command::new("openssl").arg("version").output().is_ok();
    if !found {
        eprintln!("skipped: no openssl is installed");
    }
    found
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("tls-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Two key pairs with certificates that they sign themselves.
fn make_keys(folder: &Path) {
    for (kind, parameters) in [
        ("rsa", ["-newkey", "rsa:2048"].as_slice()),
        (
            "ec",
            &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
        ),
    ] {
        let mut arguments = vec![
            "req",
            "-x509",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/O=Test/CN=acs.test",
        ];
        let (key, certificate) = (format!("{kind}.key"), format!("{kind}.pem"));
        arguments.extend(parameters);
        arguments.extend([
            "-addext",
            "subjectAltName=DNS:acs.test,IP:192.0.2.7,IP:2001:db8::7",
        ]);
        arguments.extend(["-keyout", &key, "-out", &certificate]);
        let mut command = openssl(&arguments, folder);
        command.env_remove("OPENSSL_CONF");
        let made = command.status().unwrap();
        assert!(made.success(), "{kind}");
    }
}

impl Server {
    fn start(name: &str, more: &[&str]) -> Self {
        let folder = folder(name);
        make_keys(&folder);
        fs::write(folder.join("plain.cnf"), PLAIN_MASTER_SECRET).unwrap();
        let mut arguments = vec!["s_server", "-accept", "127.0.0.1:0"];
        arguments.extend([
            "-cert", "rsa.pem", "-key", "rsa.key", "-dcert", "ec.pem", "-dkey", "ec.key",
        ]);
        arguments.extend(["-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"]);
        arguments.extend(["-ciphersuites", SUITES_1_3]);
        arguments.extend(if more.is_empty() { &["-rev"] } else { more });
        let mut child = openssl(&arguments, &folder).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| {
                line.strip_prefix("ACCEPT ")?
                    .rsplit(':')
                    .next()?
                    .parse()
                    .ok()
            })
            .expect("the server says where it listens");
        thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            port,
            folder,
        }
    }

    fn private_keys(&self) -> Vec<PrivateKey> {
        let text = fs::read_to_string(self.folder.join("rsa.key")).unwrap();
        PrivateKey::read_pem(&text)
            .into_iter()
            .collect::<Result<_, _>>()
            .unwrap()
    }

    /// One connection, in which each line is said and its answer awaited; None if there is no agreement.
    fn talk(&self, arguments: &[&str], lines: &[&str]) -> Option<Talk> {
        let proxy = Proxy::start(self.port);
        let address = format!("127.0.0.1:{}", proxy.port);
        let log = self.folder.join(format!("{}.keys", proxy.port));
        let mut all = vec!["s_client", "-connect", &address, "-servername", "acs.test"];
        all.extend(["-keylogfile", log.to_str().unwrap()]);
        all.extend(arguments);
        let mut client = openssl(&all, &self.folder);
        if arguments.contains(&NO_EXTENDED_MASTER_SECRET[1]) {
            client.env("OPENSSL_CONF", NO_EXTENDED_MASTER_SECRET[1]);
        }
        let mut client = client.stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = client.stdin.take().unwrap();
        let (said, answers) = mpsc::channel();
        hear(client.stdout.take().unwrap(), said.clone());
        hear(client.stderr.take().unwrap(), said);
        let mut agreed = true;
        for line in lines {
            let silent = line.strip_prefix('?');
            agreed &= silent.is_some() || writeln!(stdin, "{line}").is_ok();
            let awaited: String = match *line {
                "K" | "k" => "KEYUPDATE".to_owned(),
                "R" => "RENEGOTIATING".to_owned(),
                line => silent.map_or_else(|| line.chars().rev().collect(), str::to_owned),
            };
            agreed &= await_line(&answers, &awaited);
            if !agreed {
                break;
            }
        }
        let _ = writeln!(stdin, "Q");
        drop(stdin);
        let _ = client.wait();
        let pieces = proxy.finish();
        agreed.then(|| Talk {
            pieces,
            log: read_log(&fs::read(&log).unwrap_or_default()),
            log_path: log,
        })
    }
}

/// Passes the lines on that are said.
fn hear(from: impl Read + Send + 'static, said: mpsc::Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let _ = said.send(line);
        }
    });
}

fn await_line(answers: &mpsc::Receiver<String>, awaited: &str) -> bool {
    while let Ok(line) = answers.recv_timeout(Duration::from_secs(10)) {
        if line.contains(awaited) {
            return true;
        }
    }
    false
}

struct Talk {
    pieces: Pieces,
    log: KeyLog,
    log_path: PathBuf,
}

fn read_log(text: &[u8]) -> KeyLog {
    let mut log = KeyLog::default();
    let mut reader = LineReader::default();
    let mut insert =
        |_, _, line: Result<tls::Line, tls::LineFault>| log.insert(line.expect("a whole line"));
    reader.take(text, &mut insert);
    reader.finish(&mut insert);
    log
}

/// Passes one connection on and records it.
struct Proxy {
    port: u16,
    pieces: Arc<Mutex<Pieces>>,
    worker: thread::JoinHandle<()>,
}

impl Proxy {
    fn start(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let pieces = Arc::new(Mutex::new(Vec::new()));
        let recorded = Arc::clone(&pieces);
        let worker = thread::spawn(move || {
            let (client, _) = listener.accept().unwrap();
            let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
            let back = (server.try_clone().unwrap(), client.try_clone().unwrap());
            let also = Arc::clone(&recorded);
            let answers = thread::spawn(move || pass(Direction::Backward, back.0, back.1, &also));
            pass(Direction::Forward, client, server, &recorded);
            answers.join().unwrap();
        });
        Self {
            port,
            pieces,
            worker,
        }
    }

    fn finish(self) -> Pieces {
        self.worker.join().unwrap();
        std::mem::take(&mut self.pieces.lock().unwrap())
    }
}

fn pass(direction: Direction, mut from: TcpStream, mut to: TcpStream, recorded: &Mutex<Pieces>) {
    from.set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let mut room = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut room) {
        recorded
            .lock()
            .unwrap()
            .push((direction, room[..count].to_vec()));
        if to.write_all(&room[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
    let _ = from.shutdown(Shutdown::Read);
}

/// What the lines are as the application says them.
fn said(lines: &[&str], reversed: bool) -> Vec<u8> {
    let mut all = String::new();
    for line in lines.iter().filter(|line| line.len() > 1) {
        let line: String = if reversed {
            line.chars().rev().collect()
        } else {
            (*line).to_owned()
        };
        all += &line;
        all.push('\n');
    }
    all.into_bytes()
}

fn assert_whole(told: &Told, lines: &[&str], cell: &str) {
    assert_eq!(told.forward, said(lines, false), "{cell}: {told:#?}");
    assert_eq!(told.backward, said(lines, true), "{cell}: {told:#?}");
    assert_eq!(told.anomalies, [], "{cell}");
    assert_eq!(told.lost, [], "{cell}");
    assert!(told.ends.contains(&Direction::Forward), "{cell}");
}

fn sources(told: &Told) -> Vec<Source> {
    let source = |(_, fact): &(Direction, Fact)| match fact {
        Fact::Readable(source) => Some(*source),
        _ => None,
    };
    told.facts.iter().filter_map(source).collect()
}

const PLAIN_MASTER_SECRET: &str = "openssl_conf = all\n[all]\nssl_conf = tls\n[tls]\nsystem_default = plain\n\
    [plain]\nOptions = -ExtendedMasterSecret\n";
const LINES: [&str; 3] = [
    "the first line",
    "another, somewhat longer line of text",
    "the end",
];
const SUITES_1_3: &str = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:\
    TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256";
/// Version, and the suites that are tried in it.
const CELLS: [(&str, &[&str]); 4] = [
    ("-tls1", SUITES_1_0),
    ("-tls1_1", SUITES_1_0),
    ("-tls1_2", SUITES_1_2),
    (
        "-tls1_3",
        &[
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_AES_128_CCM_SHA256",
            "TLS_AES_128_CCM_8_SHA256",
        ],
    ),
];
const SUITES_1_0: &[&str] = &[
    "AES128-SHA",
    "AES256-SHA",
    "DHE-RSA-AES128-SHA",
    "ECDHE-RSA-AES256-SHA",
    "ECDHE-ECDSA-AES128-SHA",
    "NULL-SHA",
    "NULL-MD5",
];
const SUITES_1_2: &[&str] = &[
    "AES128-SHA",
    "AES256-SHA",
    "AES128-SHA256",
    "AES256-SHA256",
    "AES128-GCM-SHA256",
    "AES256-GCM-SHA384",
    "AES128-CCM",
    "AES256-CCM",
    "AES128-CCM8",
    "AES256-CCM8",
    "NULL-SHA256",
    "DHE-RSA-AES128-SHA256",
    "DHE-RSA-AES256-GCM-SHA384",
    "DHE-RSA-CHACHA20-POLY1305",
    "ECDHE-RSA-AES128-SHA256",
    "ECDHE-RSA-AES256-SHA384",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-CHACHA20-POLY1305",
    "ECDHE-ECDSA-AES256-SHA384",
    "ECDHE-ECDSA-AES128-CCM",
    "ECDHE-ECDSA-AES256-CCM8",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
];

/// How sessions come to be resumed, and whether the MAC is over the plain text.
const WAYS: [(&str, &[&str]); 4] = [
    ("ticket", &[]),
    ("session id", &["-no_ticket"]),
    ("no extended master secret", &NO_EXTENDED_MASTER_SECRET),
    ("MAC before encryption", &["-no_etm"]),
];

/// An option without effect for a client, whose value names the configuration it is started with.
const NO_EXTENDED_MASTER_SECRET: [&str; 2] = ["-name", "plain.cnf"];

#[test]
fn every_version_suite_and_way_is_read() {
    if !is_installed() {
        return;
    }
    let server = Server::start("matrix", &[]);
    let private = server.private_keys();
    let mut cells = [0_usize; 5];
    for (version, suites) in CELLS {
        for suite in suites {
            for (way, more) in WAYS {
                read_cell(&server, &private, (version, suite, way), more, &mut cells);
            }
        }
    }
    let [fresh_log, fresh_key, resumed_log, resumed_seen, refused] = cells;
    eprintln!(
        "cells: key log {fresh_log}, RSA key {fresh_key}, resumed with key log {resumed_log}, \
         resumed after what was seen {resumed_seen}, refused as they must be {refused}"
    );
    assert!(fresh_log >= 100 && fresh_key >= 40 && resumed_log >= 100 && resumed_seen >= 40);
}

/// A fresh connection and one that resumes it, each with every kind of key.
fn read_cell(
    server: &Server,
    private: &[PrivateKey],
    (version, suite, way): (&str, &str, &str),
    more: &[&str],
    cells: &mut [usize; 5],
) {
    let is_1_3 = version == "-tls1_3";
    let cell = format!("{version} {suite} {way}");
    let level = format!("{suite}:@SECLEVEL=0");
    let mut arguments = vec![version, "-sess_out", "session"];
    arguments.extend(if is_1_3 {
        ["-ciphersuites", suite]
    } else {
        ["-cipher", &level]
    });
    arguments.extend(more);
    let fresh = server
        .talk(&arguments, &LINES)
        .unwrap_or_else(|| panic!("{cell} is not agreed"));
    arguments.truncate(1);
    arguments.extend(["-sess_in", "session"]);
    arguments.extend(if is_1_3 {
        ["-ciphersuites", suite]
    } else {
        ["-cipher", &level]
    });
    arguments.extend(more);
    let resumed = server
        .talk(&arguments, &LINES)
        .unwrap_or_else(|| panic!("{cell} is not resumed"));

    let told = read(&fresh.pieces, &fresh.log, &[], &mut Sessions::default());
    assert_whole(&told, &LINES, &cell);
    assert_eq!(sources(&told), [Source::KeyLog; 2], "{cell}");
    cells[0] += 1;
    let told = read(&resumed.pieces, &resumed.log, &[], &mut Sessions::default());
    assert_whole(&told, &LINES, &format!("{cell} resumed"));
    cells[2] += 1;

    let mut sessions = Sessions::default();
    let told = read(&fresh.pieces, &(), private, &mut sessions);
    let exchanges_by_rsa = !is_1_3 && !suite.contains("DHE");
    if !exchanges_by_rsa {
        assert_eq!(told.reasons(), ["no-secret"], "{cell}");
        assert!(
            told.forward.is_empty() && told.backward.is_empty(),
            "{cell}"
        );
        cells[4] += 1;
        return;
    }
    assert_whole(&told, &LINES, &format!("{cell} by RSA key"));
    assert_eq!(sources(&told), [Source::PrivateKey; 2], "{cell}");
    cells[1] += 1;
    let told = read(&resumed.pieces, &(), &[], &mut sessions);
    let is_resumed = told.facts.iter().any(|(_, fact)| *fact == Fact::Resumed);
    assert!(is_resumed, "{cell}");
    assert_whole(
        &told,
        &LINES,
        &format!("{cell} resumed after what was seen"),
    );
    assert_eq!(sources(&told), [Source::Session; 2], "{cell}");
    cells[3] += 1;
    let told = read(&resumed.pieces, &(), private, &mut Sessions::default());
    assert_eq!(told.reasons(), ["resumed-unseen"], "{cell}");
    cells[4] += 1;
}

#[test]
fn keys_are_updated_and_hellos_retried() {
    if !is_installed() {
        return;
    }
    let server = Server::start("update", &["-rev", "-groups", "P-384"]);
    let lines = ["before", "K", "between", "k", "behind"];
    let arguments = ["-tls1_3", "-groups", "X25519:P-384"];
    let talk = server.talk(&arguments, &lines).expect("agreed");
    let told = read(&talk.pieces, &talk.log, &[], &mut Sessions::default());
    assert_whole(&told, &lines, "key update");
    let updates = told
        .facts
        .iter()
        .filter(|(_, fact)| *fact == Fact::KeyUpdate)
        .count();
    assert!(updates >= 3, "{updates}");
    let retried = |(_, fact): &(Direction, Fact)| matches!(fact, Fact::HelloRetryRequest(_));
    assert!(told.facts.iter().any(retried));
}

#[test]
fn certificates_are_told() {
    if !is_installed() {
        return;
    }
    let server = Server::start("certificates", &["-rev", "-verify", "1"]);
    for (version, suite, kind) in [
        ("-tls1_2", "ECDHE-RSA-AES128-GCM-SHA256", "RSA"),
        ("-tls1_3", "ECDHE-ECDSA-AES128-GCM-SHA256", "EC prime256v1"),
    ] {
        let signature = if kind == "RSA" {
            "RSA-PSS+SHA256:ECDSA+SHA256"
        } else {
            "ECDSA+SHA256:RSA-PSS+SHA256"
        };
        let arguments = [
            version, "-cipher", suite, "-sigalgs", signature, "-cert", "ec.pem", "-key", "ec.key",
        ];
        let talk = server.talk(&arguments, &LINES).expect("agreed");
        let told = read(&talk.pieces, &talk.log, &[], &mut Sessions::default());
        let chains: Vec<_> = told
            .facts
            .iter()
            .filter_map(|(direction, fact)| match fact {
                Fact::Certificates { chain, count: 1 } => Some((*direction, &chain[0])),
                _ => None,
            })
            .collect();
        let (direction, certificate) = chains[0];
        assert_eq!(direction, Direction::Backward);
        assert_eq!(certificate.subject, "O=Test, CN=acs.test");
        assert!(certificate.is_self_signed);
        assert_eq!(certificate.key_kind, kind);
        assert_eq!(
            certificate.key_bits,
            Some(if kind == "RSA" { 2048 } else { 256 })
        );
        assert_eq!(certificate.alternative_names.len(), 3);
        assert_eq!(
            certificate.not_after_s - certificate.not_before_s,
            30 * 86400
        );
        assert!(
            told.facts
                .contains(&(Direction::Backward, Fact::CertificateRequest))
        );
        assert_eq!(
            chains.get(1).map(|(direction, _)| *direction),
            Some(Direction::Forward),
            "{version}"
        );
    }
}

#[test]
fn early_data_is_read_or_told() {
    if !is_installed() {
        return;
    }
    let mut server = Server::start("early", &["-early_data"]);
    let mut says = server.child.stdin.take().unwrap();
    fs::write(server.folder.join("early"), "said early\n").unwrap();
    writeln!(says, "ready, with a ticket").unwrap();
    let ticket = server.talk(&["-tls1_3", "-sess_out", "session"], &["?ready"]);
    assert!(ticket.is_some());
    let arguments = ["-tls1_3", "-sess_in", "session", "-early_data", "early"];
    writeln!(says, "ready for more").unwrap();
    let talk = server.talk(&arguments, &["?ready"]).expect("agreed");
    let told = read(&talk.pieces, &talk.log, &[], &mut Sessions::default());
    assert_eq!(told.forward, b"said early\n");
    assert_eq!((&told.anomalies, &told.lost), (&vec![], &vec![]));

    let text = fs::read_to_string(&talk.log_path).unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.starts_with("CLIENT_EARLY"));
    let log = read_log(lines.collect::<Vec<_>>().join("\n").as_bytes());
    let told = read(&talk.pieces, &log, &[], &mut Sessions::default());
    assert!(told.forward.is_empty());
    assert_eq!(told.reasons(), ["early-data"]);
    assert!(
        told.ends.contains(&Direction::Forward),
        "what follows is read"
    );
}

#[test]
fn private_keys_of_every_form_are_read_or_told() {
    if !is_installed() {
        return;
    }
    let folder = folder("forms");
    make_keys(&folder);
    let convert = |arguments: &[&str]| {
        let output = openssl(arguments, &folder).output().unwrap();
        let read = PrivateKey::read_pem(&String::from_utf8(output.stdout).unwrap());
        read.into_iter().next().unwrap().map(drop)
    };
    assert_eq!(convert(&["pkey", "-in", "rsa.key"]), Ok(()));
    assert_eq!(convert(&["rsa", "-in", "rsa.key", "-traditional"]), Ok(()));
    let enciphered = ["pkey", "-in", "rsa.key", "-aes128", "-passout", "pass:word"];
    assert_eq!(convert(&enciphered), Err(PrivateKeyFault::Enciphered));
    assert_eq!(
        convert(&["pkey", "-in", "ec.key"]),
        Err(PrivateKeyFault::NotRsa)
    );
    assert_eq!(
        convert(&["ec", "-in", "ec.key"]),
        Err(PrivateKeyFault::NotRsa)
    );
    assert_eq!(
        convert(&["x509", "-in", "rsa.pem"]),
        Err(PrivateKeyFault::Absent)
    );
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_key_of_another_server_is_told() {
    if !is_installed() {
        return;
    }
    let server = Server::start("other", &[]);
    let other = folder("another");
    make_keys(&other);
    let text = fs::read_to_string(other.join("rsa.key")).unwrap();
    fs::remove_dir_all(&other).unwrap();
    let private: Vec<PrivateKey> = PrivateKey::read_pem(&text)
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let talk = server
        .talk(&["-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"], &LINES)
        .expect("agreed");
    let told = read(&talk.pieces, &(), &private, &mut Sessions::default());
    let text = told.lost[0].2.to_string();
    assert!(
        text.ends_with("and the RSA key given is not that of the server's certificate"),
        "{text}"
    );
    assert!(told.forward.is_empty());
    assert!(matches!(told.lost[0].2, Reason::NoSecret { .. }));
}
