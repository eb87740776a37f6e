//! An interface that goes down, comes back and vanishes, on the screens and beside them, in a namespace of the test's own. Where
//! there are no rights for that, this is said and nothing is tested.

use std::process::Child;

use crate::scene::{Scene, until_it_hears};
use crate::terminal::Session;

fn words<'w>(scene: &'w Scene, arguments: &[&'w str]) -> Vec<&'w str> {
    let program = env!("CARGO_BIN_EXE_informant");
    [&["netns", "exec", scene.name(), program, "live"], arguments].concat()
}

/// A `live` without screens.
fn begin(scene: &Scene, arguments: &[&str]) -> Child {
    let child = std::process::Command::new("ip")
        .args(words(scene, arguments))
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    until_it_hears(child.id());
    child
}

/// The next line of standard error that holds this.
fn await_line(errors: &mut impl std::io::BufRead, wanted: &str) {
    let mut line = String::new();
    while !line.contains(wanted) {
        line.clear();
        let length = errors.read_line(&mut line).expect("text");
        assert!(length > 0, "it ended without {wanted:?}");
    }
}

#[test]
fn the_screens_say_that_an_interface_is_down_until_it_is_up() {
    let Some(scene) = Scene::lay() else { return };
    let mut session = Session::of("ip", &words(&scene, &["-i", "v1", "--tui"]));
    until_it_hears(session.child.id());
    session.await_screen("0 packets");
    scene.ip(&["link", "set", "v1", "down"]);
    session.await_screen("v1 is down");
    // Whatever else is looked at.
    session.strike("?");
    session.await_screen("v1 is down");
    session.strike("q");
    scene.ip(&["link", "set", "v1", "up"]);
    session.await_without("v1 is down");
    scene.ip(&["link", "del", "v1"]);
    session.await_screen("v1 has vanished");
    session.strike("q");
    session.await_text("The interface disappeared");
    let status = session.end();
    assert_eq!(status.code(), Some(5), "{status}");
}

#[test]
fn one_of_two_interfaces_may_go_and_what_comes_of_the_other_is_heard() {
    let Some(scene) = Scene::lay() else { return };
    scene.ip(&["link", "add", "v2", "type", "veth", "peer", "name", "v3"]);
    for side in ["v2", "v3"] {
        scene.ip(&["link", "set", side, "up"]);
    }
    let mut child = begin(&scene, &["-i", "v1", "-i", "v3", "--statistics", "0"]);
    let errors = child.stderr.take().expect("a pipe");
    let mut errors = std::io::BufReader::new(errors);
    scene.ip(&["link", "set", "v0", "down"]);
    await_line(&mut errors, "v1: is down");
    scene.ip(&["link", "set", "v0", "up"]);
    await_line(&mut errors, "v1: is up again");
    scene.ip(&["link", "del", "v1"]);
    await_line(&mut errors, "v1: has vanished");
    scene.ip(&["link", "set", "v3", "down"]);
    await_line(&mut errors, "v3: is down");
    scene.ip(&["link", "del", "v3"]);
    await_line(&mut errors, "v1, v3: The interface disappeared");
    let status = child.wait().expect("it can be waited for");
    assert_eq!(status.code(), Some(5), "{status}");
}
