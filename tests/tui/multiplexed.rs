//! The screens in tmux, as people have them: what stands in its pane is what `tests/tui/` holds. Where there is no tmux, this is
//! said and nothing is tested.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// A pane of a server of its own; it ends with the value.
struct Pane {
    socket: String,
}

impl Pane {
    /// The screens over a story, in 80 columns and 24 rows.
    fn open(story: &str) -> Option<Self> {
        let pane = Self {
            socket: format!("informant-{}-{story}", std::process::id()),
        };
        let capture = root().join("captures").join(story).join("capture.pcapng");
        let shown = format!(
            "LC_ALL=C.UTF-8 {} tui {}; echo ended with $?; read forever",
            env!("CARGO_BIN_EXE_informant"),
            capture.display()
        );
        let size = ["-x", "80", "-y", "24"];
        let started = Command::new("tmux")
            .args(["-L", &pane.socket, "-f", "/dev/null", "new-session", "-d"])
            .args(size)
            .args(["sh", "-c", &shown])
            .env("LC_ALL", "C.UTF-8")
            .status();
        if !started.is_ok_and(|status| status.success()) {
            eprintln!("skipped: there is no tmux here");
            return None;
        }
        // No row for tmux itself.
        pane.tmux(&["set-option", "-g", "status", "off"]);
        pane.resize(80, 24);
        Some(pane)
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let output = Command::new("tmux")
            .args(["-L", &self.socket])
            .args(arguments)
            .output()
            .expect("tmux runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn strike(&self, keys: &str) {
        let keys: Vec<&str> = keys.split_whitespace().collect();
        self.tmux(&[&["send-keys"][..], &keys].concat());
    }

    fn resize(&self, columns: u16, rows: u16) {
        let (columns, rows) = (columns.to_string(), rows.to_string());
        self.tmux(&["resize-window", "-x", &columns, "-y", &rows]);
    }

    /// Waits until the pane holds what an expectation does.
    fn await_screen(&self, name: &str) {
        let file = root().join("tests/tui").join(format!("{name}.txt"));
        let expected = std::fs::read_to_string(file).expect("the expectation is there");
        let expected = expected
            .split("---\n")
            .next()
            .unwrap_or_default()
            .trim_end();
        self.await_that(name, |screen| screen.trim_end() == expected);
    }

    fn await_that(&self, what: &str, is_so: impl Fn(&str) -> bool) {
        let before = Instant::now();
        loop {
            let screen = self.tmux(&["capture-pane", "-p"]);
            if is_so(&screen) {
                return;
            }
            assert!(before.elapsed() < PATIENCE, "no {what}:\n{screen}");
        }
    }
}

impl Drop for Pane {
    fn drop(&mut self) {
        self.tmux(&["kill-server"]);
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn panes_hold_what_is_expected() {
    let Some(pane) = Pane::open("fault") else {
        return;
    };
    pane.await_that("list", |screen| screen.contains("faulted"));
    for (keys, screen) in [
        ("Enter", "ladder-80"),
        ("j j j j Enter", "message-tree-80"),
        ("Tab", "message-xml-80"),
        ("q q F8", "findings-80"),
        ("Enter", "rule-80"),
        ("q q F1", "help-80"),
    ] {
        pane.strike(keys);
        pane.await_screen(screen);
    }
    pane.strike("q q");
    pane.await_that("end", |screen| screen.contains("ended with 0"));
}

#[test]
fn a_storm_of_sizes_leaves_the_screen_whole() {
    let story = "bootstrap-with-provisioning";
    let Some(pane) = Pane::open(story) else {
        return;
    };
    pane.await_screen("list-80");
    for round in 0..40_u16 {
        pane.resize(20 + round * 37 % 200, 5 + round * 13 % 60);
        if round % 5 == 0 {
            pane.strike(if round % 2 == 0 { "Enter" } else { "q" });
        }
    }
    pane.strike("Escape Escape Escape Escape Escape Escape g");
    pane.resize(80, 24);
    pane.strike("C-l");
    pane.await_that("list", |screen| {
        screen.contains("3 sessions") && screen.contains("F1 help F2 save F3 find F4 story")
    });
    pane.strike("j k");
    pane.await_screen("list-80");
}

/// A defect, not a slow machine, is what lets it pass.
const PATIENCE: Duration = Duration::from_secs(60);
