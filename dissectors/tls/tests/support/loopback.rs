//! The installed OpenSSL: commands, keys that a test makes, a server on loopback, and a connection recorded on its way to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tls::Direction;

/// What was said, in the order in which it came by. Forward is the client's.
pub type Said = Vec<(Direction, Vec<u8>)>;

/// Is there any? Otherwise it is said that a test is skipped.
pub fn is_installed() -> bool {
    let found = Command::new("openssl").arg("version").output().is_ok();
    if !found {
        eprintln!("skipped: no openssl is installed");
    }
    found
}

/// OpenSSL in a folder, without what the system forbids all its programs.
pub fn openssl(folder: &Path, arguments: &[&str]) -> Command {
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

/// `NAME.key` and `NAME.pem`, which it signs itself; `parameters` say of which kind, and what else stands in it.
pub fn make_key(folder: &Path, name: &str, parameters: &[&str]) {
    let (key, certificate) = (format!("{name}.key"), format!("{name}.pem"));
    let mut arguments = vec!["req", "-x509", "-nodes", "-days", "30"];
    arguments.extend(parameters);
    arguments.extend(["-keyout", &key, "-out", &certificate]);
    let mut command = openssl(folder, &arguments);
    // Certificates need what the system's configuration says of them.
    command.env_remove("OPENSSL_CONF");
    let made = command.status().expect("openssl runs");
    assert!(made.success(), "{name}");
}

/// A server that ends when it is dropped.
pub struct Listening {
    pub child: Child,
    pub port: u16,
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Listening {
    /// Starts it on a port of loopback; what it prints later is passed over.
    pub fn start(folder: &Path, arguments: &[&str]) -> Self {
        let all = [&["s_server", "-accept", "127.0.0.1:0"], arguments].concat();
        let mut child = openssl(folder, &all).spawn().expect("openssl runs");
        let output = child.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let port = lines.find_map(|line| {
            let address = line.strip_prefix("ACCEPT ")?;
            address.rsplit(':').next()?.parse().ok()
        });
        thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            port: port.expect("the server says where it listens"),
        }
    }
}

/// Passes one connection on and records it.
pub struct Between {
    pub port: u16,
    pieces: Arc<Mutex<Said>>,
    worker: thread::JoinHandle<()>,
}

impl Between {
    /// Listens for it, in front of the server at this port.
    pub fn start(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback listens");
        let port = listener.local_addr().expect("an address").port();
        let pieces = Arc::new(Mutex::new(Vec::new()));
        let recorded = Arc::clone(&pieces);
        let worker = thread::spawn(move || {
            let (client, _) = listener.accept().expect("the client connects");
            let server = TcpStream::connect(("127.0.0.1", server)).expect("the server listens");
            let [from, to] = [&server, &client].map(|one| one.try_clone().expect("a handle"));
            let also = Arc::clone(&recorded);
            let answers = thread::spawn(move || pass(Direction::Backward, from, to, &also));
            pass(Direction::Forward, client, server, &recorded);
            answers.join().expect("both directions end");
        });
        Self {
            port,
            pieces,
            worker,
        }
    }

    /// Waits for the end of the connection; what was said.
    pub fn finish(self) -> Said {
        self.worker.join().expect("the connection ends");
        std::mem::take(&mut self.pieces.lock().expect("nobody panics"))
    }
}

fn pass(direction: Direction, mut from: TcpStream, mut to: TcpStream, recorded: &Mutex<Said>) {
    let patience = Some(Duration::from_secs(20));
    from.set_read_timeout(patience).expect("a bound is set");
    let mut room = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut room) {
        let mut recorded = recorded.lock().expect("nobody panics");
        recorded.push((direction, room[..count].to_vec()));
        drop(recorded);
        if to.write_all(&room[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
    let _ = from.shutdown(Shutdown::Read);
}
