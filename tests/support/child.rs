//! The program as a child that reads a capture from its standard input, so that its memory can be looked at.

use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::wire;

/// A running analysis.
pub struct Feed {
    child: Child,
    buffer: Vec<u8>,
    time_us: u64,
    begun: Instant,
}

/// What a run came to.
#[derive(Debug)]
pub struct Run {
    pub took: Duration,
    /// The highest resident memory, bytes; 0 where the system does not tell.
    pub memory_bytes: u64,
    pub summary: serde_json::Value,
}

impl Feed {
    pub fn new(arguments: &[&str]) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_informant"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        Self {
            child,
            buffer: wire::pcap_head(),
            time_us: 1_700_000_000_000_000,
            begun: Instant::now(),
        }
    }

    pub fn frames(&mut self, frames: impl IntoIterator<Item = Vec<u8>>) {
        for frame in frames {
            self.frame(&frame);
        }
    }

    pub fn frame(&mut self, frame: &[u8]) {
        self.time_us += 10;
        wire::put_record(self.time_us, frame, &mut self.buffer);
        if self.buffer.len() > 1 << 18 {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let input = self.child.stdin.as_mut().expect("standard input is piped");
        input.write_all(&self.buffer).expect("the binary reads");
        self.buffer.clear();
    }

    /// Ends the capture and waits for the summary in JSON.
    pub fn finish(mut self) -> Run {
        // Only what lies further back than a pipe and a window hold has surely been read.
        let idle = wire::tcp(
            wire::Endpoint::new([192, 0, 2, 1], 9),
            wire::Endpoint::new([192, 0, 2, 2], 9),
            1,
            1,
            wire::ACK,
            &[0; 1400],
        );
        for _ in 0..1_000 {
            self.frame(&idle);
        }
        self.flush();
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let highest = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = highest.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
        drop(self.child.stdin.take());
        let output = self.child.wait_with_output().expect("the binary ends");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        Run {
            took: self.begun.elapsed(),
            memory_bytes: kib.unwrap_or(0) << 10,
            summary: serde_json::from_slice(&output.stdout).expect("the summary is JSON"),
        }
    }
}
