//! Several interfaces at once, and all of them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::recording::{readable, seen_by_others};
use crate::scene::{Scene, wait_until};
use crate::sessions::{listed, path, sessions};
use crate::support::captures;

#[test]
fn two_directions_on_two_interfaces_are_one_conversation() {
    let Some(scene) = Scene::lay() else { return };
    scene.cable(["w0", "w1"]);
    let folder = tempfile::tempdir().expect("a folder");
    let recorded = folder.path().join("recorded.pcapng");
    let listener = scene.hear(&["-i", "v1", "-i", "w1", "-w", path(&recorded)]);
    let sent = scene.send_into(&["v0", "w0"], &provisioning());
    wait_until("every packet is recorded", || readable(&recorded) == sent);
    let heard = listener.end();
    assert!(heard.status.success(), "{}", heard.errors);
    let live = whatever_the_frames(heard.records);
    assert_eq!(live, whatever_the_frames(listed(&provisioning())));
    assert_eq!(live, whatever_the_frames(listed(&recorded)), "as recorded");
    assert!(!live.is_empty());
    if let Some(names) = seen_by_others(&recorded, "frame.interface_name") {
        let mut frames = BTreeMap::new();
        for name in names {
            *frames.entry(name).or_insert(0) += 1;
        }
        // By addresses of Ethernet, as the file has them.
        let expected = [("v1", 55), ("w1", 41)].map(|(name, count)| (name.to_owned(), count));
        assert_eq!(frames, expected.into());
    }
}

#[test]
fn one_of_several_that_vanishes_is_told_by_its_name() {
    let Some(scene) = Scene::lay() else { return };
    scene.cable(["w0", "w1"]);
    let folder = tempfile::tempdir().expect("a folder");
    let recorded = folder.path().join("recorded.pcapng");
    let mut listener = scene.hear(&["-i", "w1,v1", "-w", path(&recorded)]);
    let sent = scene.send(&provisioning());
    wait_until("every packet is recorded", || readable(&recorded) == sent);
    scene.ip(&["link", "del", "w1"]);
    listener.until_it_says("w1: ");
    let heard = listener.end();
    assert_eq!(heard.status.code(), Some(5), "{}", heard.errors);
    assert!(!heard.errors.contains("v1: "), "{}", heard.errors);
    let live = sessions(heard.records);
    assert_eq!(live, sessions(listed(&provisioning())), "what came stands");
}

#[test]
fn all_interfaces_at_once_are_heard_without_their_ethernet() {
    let Some(scene) = Scene::lay() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let recorded = folder.path().join("recorded.pcapng");
    let arguments = ["-i", "any", "-f", "inbound", "-w", path(&recorded)];
    let listener = scene.hear(&arguments);
    let sent = scene.send(&provisioning());
    wait_until("every packet is recorded", || readable(&recorded) == sent);
    // It is there whatever comes and goes.
    scene.ip(&["link", "del", "v1"]);
    scene.cable(["w0", "w1"]);
    let more = scene.send_into(&["w0"], &captures().join("fault/capture.pcapng"));
    wait_until("new ones too", || readable(&recorded) == sent + more);
    let heard = listener.end();
    assert!(heard.status.success(), "{}", heard.errors);
    let live = sessions(heard.records);
    let offline = sessions(listed(&provisioning()));
    assert!(!offline.is_empty());
    assert_eq!(live[..offline.len()], offline);
    assert!(live.len() > offline.len(), "{live:?}");
    assert_eq!(live, sessions(listed(&recorded)), "as recorded");
    let facts = informant::source::Capture::open(vec![recorded.into()]);
    let links = facts.expect("a capture").facts()[0].link_types.clone();
    let cooked = [link::LinkType::LINUX_SLL, link::LinkType::LINUX_SLL2];
    assert!(links.iter().all(|link| cooked.contains(link)), "{links:?}");
}

#[test]
fn packets_that_both_ends_of_a_cable_show_count_once() {
    let Some(scene) = Scene::lay() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let recorded = folder.path().join("recorded.pcapng");
    let listener = scene.hear(&["-i", "any", "-w", path(&recorded)]);
    let sent = scene.send(&provisioning());
    wait_until("all is recorded", || readable(&recorded) == 2 * sent);
    let live = whatever_the_frames(listener.end().records);
    assert_eq!(live, whatever_the_frames(listed(&provisioning())));
}

/// Sessions without the numbers of their frames.
fn whatever_the_frames(records: Vec<Value>) -> Vec<Value> {
    let mut sessions = sessions(records);
    for session in &mut sessions {
        forget_frames(session);
    }
    sessions
}

fn forget_frames(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !name.ends_with("frames"));
            members.values_mut().for_each(forget_frames);
        }
        Value::Array(elements) => elements.iter_mut().for_each(forget_frames),
        _ => {}
    }
}

fn provisioning() -> PathBuf {
    captures().join(PROVISIONING)
}

const PROVISIONING: &str = "bootstrap-with-provisioning/capture.pcapng";
