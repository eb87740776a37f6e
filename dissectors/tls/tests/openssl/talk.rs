//! A server of OpenSSL that answers lines with the same, reversed, and what its clients say.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tls::{Direction, Fact, KeyLog, LineReader, PrivateKey, Source};

use crate::loopback::{Between, Listening, make_key, openssl};
use crate::support::{Pieces, Told};

/// The server, with keys of its own.
pub struct Server {
    pub listening: Listening,
    pub folder: PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

pub fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("tls-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Two key pairs with certificates that they sign themselves.
pub fn make_keys(folder: &Path) {
    let about = [
        "-subj",
        "/O=Test/CN=acs.test",
        "-addext",
        "subjectAltName=DNS:acs.test,IP:192.0.2.7,IP:2001:db8::7",
    ];
    let ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
    make_key(
        folder,
        "rsa",
        &[&["-newkey", "rsa:2048"], &about[..]].concat(),
    );
    make_key(folder, "ec", &[&ec, &about[..]].concat());
}

impl Server {
    pub fn start(name: &str, more: &[&str]) -> Self {
        let folder = folder(name);
        make_keys(&folder);
        fs::write(folder.join("plain.cnf"), PLAIN_MASTER_SECRET).unwrap();
        let mut arguments = vec!["-cert", "rsa.pem", "-key", "rsa.key"];
        arguments.extend(["-dcert", "ec.pem", "-dkey", "ec.key"]);
        arguments.extend(["-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"]);
        arguments.extend(["-ciphersuites", SUITES_1_3]);
        arguments.extend(if more.is_empty() { &["-rev"] } else { more });
        let listening = Listening::start(&folder, &arguments);
        Self { listening, folder }
    }

    pub fn private_keys(&self) -> Vec<PrivateKey> {
        let text = fs::read_to_string(self.folder.join("rsa.key")).unwrap();
        PrivateKey::read_pem(&text)
            .into_iter()
            .collect::<Result<_, _>>()
            .unwrap()
    }

    /// One connection, in which each line is said and its answer awaited; None if there is no agreement.
    pub fn talk(&self, arguments: &[&str], lines: &[&str]) -> Option<Talk> {
        let between = Between::start(self.listening.port);
        let address = format!("127.0.0.1:{}", between.port);
        let log = self.folder.join(format!("{}.keys", between.port));
        let mut all = vec!["s_client", "-connect", &address, "-servername", "acs.test"];
        all.extend(["-keylogfile", log.to_str().unwrap()]);
        all.extend(arguments);
        let mut client = openssl(&self.folder, &all);
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
            // In one piece: a command is known only where its line comes whole.
            let whole = format!("{line}\n");
            agreed &= silent.is_some() || stdin.write_all(whole.as_bytes()).is_ok();
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
        let pieces = between.finish();
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

pub struct Talk {
    pub pieces: Pieces,
    pub log: KeyLog,
    pub log_path: PathBuf,
}

pub fn read_log(text: &[u8]) -> KeyLog {
    let mut log = KeyLog::default();
    let mut reader = LineReader::default();
    let mut insert =
        |_, _, line: Result<tls::Line, tls::LineFault>| log.insert(line.expect("a whole line"));
    reader.take(text, &mut insert);
    reader.finish(&mut insert);
    log
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

pub fn assert_whole(told: &Told, lines: &[&str], cell: &str) {
    assert_eq!(told.forward, said(lines, false), "{cell}: {told:#?}");
    assert_eq!(told.backward, said(lines, true), "{cell}: {told:#?}");
    assert_eq!(told.anomalies, [], "{cell}");
    assert_eq!(told.lost, [], "{cell}");
    assert!(told.ends.contains(&Direction::Forward), "{cell}");
}

pub fn sources(told: &Told) -> Vec<Source> {
    let source = |(_, fact): &(Direction, Fact)| match fact {
        Fact::Readable(source) => Some(*source),
        _ => None,
    };
    told.facts.iter().filter_map(source).collect()
}

const PLAIN_MASTER_SECRET: &str = "openssl_conf = all\n[all]\nssl_conf = tls\n[tls]\nsystem_default = plain\n\
    [plain]\nOptions = -ExtendedMasterSecret\n";
pub const LINES: [&str; 3] = [
    "the first line",
    "another, somewhat longer line of text",
    "the end",
];
const SUITES_1_3: &str = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:\
    TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256";
/// An option without effect for a client, whose value names the configuration it is started with.
pub const NO_EXTENDED_MASTER_SECRET: [&str; 2] = ["-name", "plain.cnf"];
