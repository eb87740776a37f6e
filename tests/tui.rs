//! The screens in a real terminal: the binary in a pseudo terminal, whose other end reads, types and hangs up.
#![cfg(all(unix, feature = "tui"))]

#[path = "support/terminal.rs"]
mod terminal;

#[cfg(all(feature = "live", target_os = "linux"))]
#[path = "tui/interface.rs"]
mod interface;
#[path = "tui/multiplexed.rs"]
mod multiplexed;
#[cfg(all(feature = "live", target_os = "linux"))]
#[expect(dead_code, reason = "tests of live use the rest")]
#[path = "live/scene.rs"]
mod scene;

use std::path::PathBuf;

use terminal::Session;

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
    let status = session.end();
    assert!(status.success(), "{status}");
}

#[test]
fn it_ends_within_a_second_when_the_terminal_is_gone() {
    let mut session = Session::begin(&["tui", &capture()]);
    session.await_text("JINGBO");
    session.pty = None;
    let status = session.end();
    assert_eq!(status.code(), Some(5), "{status}");
}

#[test]
fn a_hangup_that_leaves_the_terminal_leaves_it_clean() {
    let mut session = Session::begin(&["tui", &capture()]);
    session.await_text("JINGBO");
    session.signal("-HUP");
    let status = session.end_cleanly();
    assert_eq!(status.code(), Some(5), "{status}");
}

#[test]
fn it_ends_when_it_is_asked_to() {
    let mut session = Session::begin(&["tui", &capture()]);
    session.await_text("JINGBO");
    session.signal("-TERM");
    let status = session.end_cleanly();
    assert!(status.success(), "{status}");
}

#[test]
fn who_stops_it_gets_the_terminal_and_who_has_it_go_on_the_screens() {
    let mut session = Session::begin(&["tui", &capture()]);
    session.await_text("JINGBO");
    session.strike("\x1a");
    session.await_text("\x1b[?1049l");
    // Nobody has it go on here, so that it does so by itself.
    session.await_text("\x1b[?1049h");
    session.await_text("JINGBO");
    session.signal("-STOP");
    session.signal("-CONT");
    session.await_text("\x1b[?1049h");
    session.await_text("JINGBO");
    session.strike("q");
    let status = session.end_cleanly();
    assert!(status.success(), "{status}");
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
