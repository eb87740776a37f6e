//! `serve` where nobody reads what it says, where it is ended from outside, and where it is killed.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::program::{program, run, text};
use super::serve::phone;
use super::{block_on, inform, post};

/// A program that serves, with all its pipes.
struct Serving {
    child: Child,
    out: ChildStdout,
    err: BufReader<ChildStderr>,
    address: SocketAddr,
}

impl Serving {
    fn begin(folder: &Path, arguments: &[&str]) -> Self {
        let all = [&["serve", "--listen", "127.0.0.1:0"], arguments].concat();
        Self::of(&mut program(folder, &all))
    }

    fn of(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let out = child.stdout.take().expect("a pipe");
        let mut err = BufReader::new(child.stderr.take().expect("a pipe"));
        let address = loop {
            let mut line = String::new();
            assert!(err.read_line(&mut line).expect("text") > 0, "it ended");
            if let Some((_, address)) = line.trim_end().rsplit_once("listening at http://") {
                break address.trim_end_matches('/').parse().expect("an address");
            }
        };
        Self {
            child,
            out,
            err,
            address,
        }
    }

    /// So many sessions, one after the other.
    fn sessions(&self, count: usize) {
        block_on(async {
            for _ in 0..count {
                assert_eq!(phone(self.address).await, "204");
            }
        });
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([name, &id]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// How it ends, within a time; pipes stay as they are.
    fn ended(mut self, within: Duration) -> (ExitStatus, ChildStdout, BufReader<ChildStderr>) {
        let id = self.child.id().to_string();
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || tell.send(self.child.wait()));
        let status = told.recv_timeout(within).unwrap_or_else(|_| {
            let _ = Command::new("kill").args(["-KILL", &id]).status();
            panic!("it does not end within {within:?}")
        });
        (status.expect("it ends"), self.out, self.err)
    }
}

fn sessions_in(folder: &Path, capture: &str) -> usize {
    let list = run(folder, &["list", "-T", "ndjson", capture]);
    assert_eq!(list.status.code(), Some(0), "{}", text(&list.stderr));
    text(&list.stdout).lines().count()
}

#[test]
fn nobody_reads_the_output_and_all_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = ["-T", "ndjson", "--fail-on", "never", "-w", "all.pcapng"];
    let serving = Serving::begin(folder.path(), &options);
    // More than a pipe holds.
    serving.sessions(SESSIONS);
    serving.signal("-INT");
    let began = Instant::now();
    let (status, mut out, mut err) = serving.ended(ENDS_MAX);
    eprintln!("it ended within {:?}", began.elapsed());
    let (mut read, mut said) = (String::new(), String::new());
    out.read_to_string(&mut read).expect("text");
    err.read_to_string(&mut said).expect("text");
    assert_eq!(status.code(), Some(5), "{said}");
    let whole = read.lines().count();
    assert!(
        whole > 0 && said.contains("of the output left out"),
        "{said}"
    );
    assert_eq!(sessions_in(folder.path(), "all.pcapng"), SESSIONS);
}

#[test]
fn nobody_reads_the_complaints_either_and_it_ends_by_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let count = SESSIONS.to_string();
    let options = [
        "--queue",
        "-",
        "--fail-on",
        "never",
        "-w",
        "all.pcapng",
        "-c",
        &count,
    ];
    let mut serving = Serving::begin(folder.path(), &options);
    // Each is complained about; together they are more than a pipe and what waits for it hold.
    let mut input = serving.child.stdin.take().expect("a pipe");
    input
        .write_all(&b"GetParameterValue\n".repeat(10_000))
        .expect("it reads");
    serving.sessions(SESSIONS);
    let (status, _out, mut err) = serving.ended(ENDS_MAX);
    assert_eq!(status.code(), Some(5));
    assert_eq!(sessions_in(folder.path(), "all.pcapng"), SESSIONS);
    let mut said = String::new();
    err.read_to_string(&mut said).expect("text");
    assert!(
        said.contains("standard input:1:1: `GetParameterValue`"),
        "{said}"
    );
}

#[test]
fn who_reads_late_is_told_what_is_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut serving = Serving::begin(folder.path(), &["--queue", "-", "--fail-on", "never"]);
    let mut input = serving.child.stdin.take().expect("a pipe");
    input
        .write_all(&b"GetParameterValue\n".repeat(10_000))
        .expect("it reads");
    // It reads the last line too before it hears that there are no more.
    drop(input);
    serving.sessions(1);
    let mut err = serving.err;
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for line in err.by_ref().lines().map_while(Result::ok) {
            if line.contains("left out") {
                let _ = tell.send(line);
            }
        }
    });
    // A device that says what is no HTTP is told of.
    let said = (0..1000).find_map(|_| {
        let mut stream = std::net::TcpStream::connect(serving.address).expect("it listens");
        stream.write_all(b"\x01\x02\r\n\r\n").expect("it reads");
        let _ = stream.read_to_end(&mut Vec::new());
        told.recv_timeout(Duration::from_millis(20)).ok()
    });
    serving.child.kill().expect("it runs");
    serving.child.wait().expect("it ends");
    assert!(said.expect("it is told").contains("lines of this left out"));
}

#[test]
fn a_session_that_is_over_outlives_a_kill() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = ["-T", "ndjson", "--fail-on", "never", "-w", "all.pcapng"];
    let serving = Serving::begin(folder.path(), &options);
    serving.sessions(3);
    let mut lines = BufReader::new(serving.out);
    for _ in 0..3 {
        loop {
            let mut line = String::new();
            assert!(lines.read_line(&mut line).expect("text") > 0, "it ended");
            if line.contains("\"record\":\"session\"") {
                break;
            }
        }
    }
    let mut child = serving.child;
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    assert_eq!(sessions_in(folder.path(), "all.pcapng"), 3);
}

#[test]
fn signals_that_end_programs_end_it_as_the_keyboard_does() {
    for name in super::program::ending_signals() {
        let folder = tempfile::tempdir().expect("a folder");
        let options = ["--fail-on", "never", "-w", "all.pcapng", "-o", "all.txt"];
        let serving = Serving::begin(folder.path(), &options);
        serving.sessions(1);
        serving.signal(name);
        let (status, ..) = serving.ended(ENDS_MAX);
        assert_eq!(status.code(), Some(0), "{name}");
        assert_eq!(sessions_in(folder.path(), "all.pcapng"), 1, "{name}");
        let page = std::fs::read_to_string(folder.path().join("all.txt")).expect("it is whole");
        assert!(page.contains("session 1: complete"), "{name}: {page}");
    }
}

#[test]
fn a_terminal_that_goes_ends_nothing_under_nohup() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = env!("CARGO_BIN_EXE_informant");
    let script =
        format!("trap '' HUP; exec '{program}' serve --listen 127.0.0.1:0 --fail-on never");
    let mut command = Command::new("sh");
    let serving = Serving::of(command.args(["-c", &script]).current_dir(folder.path()));
    serving.signal("-HUP");
    serving.sessions(1);
    serving.signal("-TERM");
    let (status, ..) = serving.ended(ENDS_MAX);
    assert_eq!(status.code(), Some(0));
}

#[test]
fn a_log_that_nobody_reads_ends_it_and_nothing_leaves_unlogged() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = folder.path().join("log");
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo runs").success());
    let reader = std::thread::spawn(move || std::fs::File::open(pipe).expect("a reader"));
    let options = [
        "--audit",
        "log",
        "--fail-on",
        "never",
        "-w",
        "all.pcapng",
        "-o",
        "all.txt",
    ];
    let serving = Serving::begin(folder.path(), &options);
    let reader = reader.join().expect("it came");
    let heard = block_on(async {
        // The log of some hundred sessions is more than a pipe holds.
        for heard in 0..1000 {
            let mut stream = TcpStream::connect(serving.address)
                .await
                .expect("it listens");
            stream.write_all(&post(&inform())).await.expect("it reads");
            if stream.read(&mut [0; 64]).await.is_ok_and(|count| count > 0) {
                continue;
            }
            return heard;
        }
        panic!("it goes on unlogged")
    });
    let (status, _, mut err) = serving.ended(ENDS_MAX);
    let mut said = String::new();
    err.read_to_string(&mut said).expect("text");
    assert_eq!(status.code(), Some(5), "{said}");
    assert!(
        said.contains("log: cannot be written: nobody reads this pipe"),
        "{said}"
    );
    drop(reader);
    // The Inform that was not answered stands there too.
    let sessions = sessions_in(folder.path(), "all.pcapng");
    assert!(
        (heard..=heard + 1).contains(&sessions),
        "{sessions} of {heard}"
    );
}

/// Their pages are more than a pipe holds, and their records too.
const SESSIONS: usize = 200;
/// About a second, on a machine that has other things to do as well.
const ENDS_MAX: Duration = Duration::from_secs(10);
