//! The screens over what is heard, in a real terminal.

use crate::scene::{Scene, until_it_hears};
use crate::support::captures;
use crate::terminal::Session;

/// The screens over `v1`, once it hears.
fn begin(scene: &Scene, arguments: &[&str]) -> Session {
    let program = env!("CARGO_BIN_EXE_informant");
    let words = [
        "netns",
        "exec",
        scene.name(),
        program,
        "live",
        "-i",
        "v1",
        "--tui",
    ];
    let session = Session::of("ip", &[&words[..], arguments].concat());
    until_it_hears(session.child.id());
    session
}

#[test]
fn sessions_appear_as_they_close_and_can_be_opened() {
    let Some(scene) = Scene::lay() else { return };
    let mut session = begin(&scene, &[]);
    session.await_screen("listening");
    scene.send(&captures().join("fault/capture.pcapng"));
    session.await_screen("faulted");
    session.strike("\r");
    session.await_screen("InformResponse");
    session.strike("q");
    // A filter goes on with what comes.
    session.strike("foutcome == complete\r");
    session.await_screen("0 of 1 session");
    scene.send(&captures().join("bootstrap-with-provisioning/capture.pcapng"));
    session.await_screen("2 of 4 sessions");
    session.strike("q");
    let status = session.end_cleanly();
    assert!(status.success(), "{status}");
}

#[test]
fn a_terminal_that_goes_ends_it_and_the_recording_is_whole() {
    let Some(scene) = Scene::lay() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("recorded.pcapng");
    let mut session = begin(&scene, &["-w", file.to_str().expect("a path")]);
    session.await_screen("listening");
    let sent = scene.send(&captures().join("fault/capture.pcapng"));
    session.await_screen("faulted");
    session.pty = None;
    let status = session.end();
    assert_eq!(status.code(), Some(5), "{status}");
    assert_eq!(crate::recording::whole(&file), sent);
}
