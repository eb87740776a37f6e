//! The screens in a real terminal: the binary in a pseudo terminal, whose other end reads, types and hangs up.
#![cfg(all(unix, feature = "tui"))]

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};

/// The program, and the other end of its terminal until it hangs up.
struct Session {
    child: Child,
    pty: Option<Pty>,
    /// What was written to the terminal and not awaited yet.
    seen: Vec<u8>,
}

impl Session {
    fn begin(arguments: &[&str]) -> Self {
        let (pty, pts) = open().expect("a pseudo terminal can be opened");
        pty.resize(Size::new(24, 80)).expect("it can have a size");
        let child = Command::new(env!("CARGO_BIN_EXE_informant"))
            .args(arguments)
            .env("LC_ALL", "C.UTF-8")
            .env("TERM", "xterm-256color")
            .spawn(pts)
            .expect("the binary runs");
        Self {
            child,
            pty: Some(pty),
            seen: Vec::new(),
        }
    }

    fn strike(&mut self, keys: &str) {
        let pty = self.pty.as_mut().expect("it has not hung up");
        pty.write_all(keys.as_bytes()).expect("keys can be struck");
    }

    /// Reads until this has been written to the terminal, behind what was awaited before. Something is written several
    /// times a second, so that no reading lasts.
    fn await_text(&mut self, wanted: &str) {
        let before = Instant::now();
        loop {
            let at = find(&self.seen, wanted.as_bytes());
            if let Some(at) = at {
                self.seen.drain(..at + wanted.len());
                return;
            }
            let mut buffer = [0; 4096];
            let pty = self.pty.as_mut().expect("it has not hung up");
            let length = pty.read(&mut buffer).unwrap_or(0);
            self.seen.extend_from_slice(&buffer[..length]);
            let seen = String::from_utf8_lossy(&self.seen);
            assert!(
                length > 0,
                "the terminal was left before {wanted:?}: {seen:?}"
            );
            assert!(before.elapsed() < PATIENCE, "no {wanted:?} in {seen:?}");
        }
    }

    /// How it ended, and how long that took.
    fn end(child: &mut Child) -> (ExitStatus, Duration) {
        let before = Instant::now();
        loop {
            if let Some(status) = child.try_wait().expect("it can be waited for") {
                return (status, before.elapsed());
            }
            assert!(before.elapsed() < PATIENCE, "it does not end");
            std::thread::yield_now();
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // One that has ended cannot be killed any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|part| part == wanted)
}

fn capture() -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let capture = root.join("captures/fault/capture.pcapng");
    capture.to_string_lossy().into_owned()
}

#[test]
fn the_terminal_is_left_as_it_was() {
    let mut session = Session::begin(&["tui", &capture()]);
    session.await_text("\x1b[?1049h");
    session.await_text("informant");
    session.await_text("JINGBO");
    session.strike("\r");
    session.await_text("Inform");
    session.strike("qq");
    session.await_text("\x1b[?1049l");
    session.await_text("\x1b[?25h");
    let (status, took) = Session::end(&mut session.child);
    assert!(status.success(), "{status}");
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[test]
fn it_ends_within_a_second_when_the_terminal_is_gone() {
    let mut session = Session::begin(&["tui", &capture()]);
    session.await_text("JINGBO");
    session.pty = None;
    let (status, took) = Session::end(&mut session.child);
    assert_eq!(status.code(), Some(5), "{status}");
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[test]
fn a_hangup_that_leaves_the_terminal_leaves_it_clean() {
    let mut session = Session::begin(&["tui", &capture()]);
    session.await_text("JINGBO");
    let hung_up = std::process::Command::new("kill")
        .args(["-HUP", &session.child.id().to_string()])
        .status();
    assert!(hung_up.is_ok_and(|status| status.success()));
    session.await_text("\x1b[?1049l");
    let (status, took) = Session::end(&mut session.child);
    assert_eq!(status.code(), Some(5), "{status}");
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[test]
fn it_ends_when_it_is_asked_to() {
    let mut session = Session::begin(&["tui", &capture()]);
    session.await_text("JINGBO");
    let asked = std::process::Command::new("kill")
        .args(["-TERM", &session.child.id().to_string()])
        .status();
    assert!(asked.is_ok_and(|status| status.success()));
    session.await_text("\x1b[?1049l");
    let (status, took) = Session::end(&mut session.child);
    assert!(status.success(), "{status}");
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[test]
fn without_a_terminal_it_says_so() {
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_informant"))
        .args(["tui", &capture()])
        .output()
        .expect("the binary runs");
    assert_eq!(run.status.code(), Some(2));
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(said.contains("the screens need a terminal"), "{said}");
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_informant"))
        .args(["tui", "-"])
        .output()
        .expect("the binary runs");
    assert_eq!(run.status.code(), Some(2));
}

/// A defect, not a slow machine, is what lets it pass.
const PATIENCE: Duration = Duration::from_secs(60);
