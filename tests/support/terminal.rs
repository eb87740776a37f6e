//! A program in a pseudo terminal, whose other end reads, types and hangs up.

use std::io::{Read, Write};
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};

/// The program, and the other end of its terminal until it hangs up.
pub struct Session {
    pub child: Child,
    pub pty: Option<Pty>,
    /// What was written to the terminal and not awaited yet.
    seen: Vec<u8>,
}

#[allow(dead_code, reason = "each test uses its part")]
impl Session {
    pub fn begin(arguments: &[&str]) -> Self {
        Self::of(env!("CARGO_BIN_EXE_informant"), arguments)
    }

    /// Of any program.
    pub fn of(program: &str, arguments: &[&str]) -> Self {
        let (pty, pts) = open().expect("a pseudo terminal can be opened");
        pty.resize(Size::new(24, 80)).expect("it can have a size");
        let child = Command::new(program)
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

    pub fn strike(&mut self, keys: &str) {
        let pty = self.pty.as_mut().expect("it has not hung up");
        pty.write_all(keys.as_bytes()).expect("keys can be struck");
    }

    /// Reads until this has been written to the terminal, behind what was awaited before. Something is written several
    /// times a second, so that no reading lasts.
    pub fn await_text(&mut self, wanted: &str) {
        let before = Instant::now();
        loop {
            let at = find(&self.seen, wanted.as_bytes());
            if let Some(at) = at {
                self.seen.drain(..at + wanted.len());
                return;
            }
            let length = self.read();
            let seen = String::from_utf8_lossy(&self.seen);
            assert!(
                length > 0,
                "the terminal was left before {wanted:?}: {seen:?}"
            );
            assert!(before.elapsed() < PATIENCE, "no {wanted:?} in {seen:?}");
        }
    }

    /// The same of a screen that is drawn anew until it holds this: otherwise only what changes is written.
    pub fn await_screen(&mut self, wanted: &str) {
        let mut before = Instant::now();
        let begun = before;
        while find(&self.seen, wanted.as_bytes()).is_none() {
            if before.elapsed() > Duration::from_millis(300) {
                before = Instant::now();
                self.strike("\x0c");
            }
            self.read();
            let seen = String::from_utf8_lossy(&self.seen);
            assert!(begun.elapsed() < PATIENCE, "no {wanted:?} in {seen:?}");
        }
        self.seen.clear();
    }

    /// Draws it anew until a screen does not hold this any more.
    pub fn await_without(&mut self, unwanted: &str) {
        let begun = Instant::now();
        loop {
            self.seen.clear();
            self.strike("\x0c");
            let drawn = Instant::now();
            while drawn.elapsed() < Duration::from_millis(300) {
                self.read();
            }
            if !self.seen.is_empty() && find(&self.seen, unwanted.as_bytes()).is_none() {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "still {unwanted:?}");
        }
    }

    fn read(&mut self) -> usize {
        let mut buffer = [0; 4096];
        let pty = self.pty.as_mut().expect("it has not hung up");
        let length = pty.read(&mut buffer).unwrap_or(0);
        self.seen.extend_from_slice(&buffer[..length]);
        length
    }

    /// How it ended, and how long that took.
    pub fn end(child: &mut Child) -> (ExitStatus, Duration) {
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

/// A defect, not a slow machine, is what lets it pass.
const PATIENCE: Duration = Duration::from_secs(60);
