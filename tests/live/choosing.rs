//! What is listened to, what of it is read, and for how long.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::recording::{files, open_to_all, readable, whole};
use crate::scene::{Scene, program, wait_until};
use crate::sessions::{listed, path, sessions};
use crate::support::captures;

#[test]
fn what_the_capture_filter_leaves_out_is_not_read() {
    let Some(scene) = Scene::lay() else { return };
    let file = captures().join("udp-request-works/capture.pcapng");
    let folder = tempfile::tempdir().expect("a folder");
    let recorded = folder.path().join("recorded.pcapng");
    for (filter, is_heard) in [("udp", false), ("tcp", true)] {
        let selected = selected(&file, filter);
        let count = selected.to_string();
        let arguments = ["-f", filter, "-c", &count, "-w", path(&recorded)];
        let listener = scene.begin(&arguments);
        let sent = scene.send(&file);
        assert!(selected > 0 && selected < sent);
        let heard = listener.result();
        assert!(heard.status.success(), "{}", heard.errors);
        let figures = heard.of("statistics");
        let last = figures.last().expect("the last figures");
        assert_eq!(last["packets"], selected, "{filter}");
        assert_eq!(whole(&recorded), selected, "{filter}");
        let live = sessions(heard.records);
        assert_eq!(live, sessions(listed(&recorded)), "{filter}");
        assert_eq!(!live.is_empty(), is_heard, "{filter}");
    }
}

/// Frames of a file that libpcap selects.
fn selected(file: &Path, filter: &str) -> u64 {
    let mut capture = pcap::Capture::from_file(file).expect("a capture");
    capture.filter(filter, true).expect("a filter");
    std::iter::from_fn(|| capture.next_packet().ok().map(|_| 1)).sum()
}

#[test]
fn a_capture_filter_that_is_none_is_told_in_the_words_of_libpcap() {
    let Some(scene) = Scene::lay() else { return };
    for filter in ["tcp prot 7547", "ether[", "vlan and mpls and 7"] {
        let heard = scene.refused(scene.within(&program()), &["-i", "v1", "-f", filter]);
        assert_eq!(heard.status.code(), Some(2), "{filter}: {}", heard.errors);
        let dead = pcap::Capture::dead(pcap::Linktype::ETHERNET).expect("a handle");
        let words = dead.compile(filter, true).map(|_| ());
        let Err(pcap::Error::PcapError(words)) = words else {
            panic!("{filter}: {words:?}");
        };
        let expected = format!("informant: -f '{filter}': {words}\n");
        assert_eq!(heard.errors, expected, "{filter}");
    }
}

#[test]
fn interfaces_are_listed_with_their_states_and_addresses() {
    let Some(scene) = Scene::lay() else { return };
    scene.ip(&["addr", "add", "192.0.2.1/24", "dev", "v1"]);
    scene.ip(&["link", "set", "v0", "down"]);
    let mut command = scene.within(&program());
    let output = command
        .args(["live", "-D"])
        .output()
        .expect("the program runs");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("text");
    let words = |name: &str| -> Vec<String> {
        let mut lines = text.lines().map(str::split_whitespace);
        let line = lines.find(|line| line.clone().next() == Some(name));
        let line = line.unwrap_or_else(|| panic!("{name}: {text}"));
        line.skip(1).map(str::to_owned).collect()
    };
    assert_eq!(words("v0"), ["down"]);
    assert_eq!(words("v1"), ["up", "192.0.2.1"]);
    assert_eq!(words("any")[0], "up");
}

#[test]
fn it_ends_after_so_many_packets_though_more_come() {
    let Some(scene) = Scene::lay() else { return };
    let file = captures().join("fault/capture.pcapng");
    let folder = tempfile::tempdir().expect("a folder");
    let recorded = folder.path().join("recorded.pcapng");
    let listener = scene.begin(&["-c", "40", "-w", path(&recorded)]);
    assert!(scene.send(&file) > 40);
    let heard = listener.result();
    assert!(heard.status.success(), "{}", heard.errors);
    let figures = heard.of("statistics");
    assert_eq!(figures.last().expect("the last figures")["packets"], 40);
    assert_eq!(whole(&recorded), 40);
}

#[test]
fn it_ends_after_so_long() {
    let Some(scene) = Scene::lay() else { return };
    let begun = Instant::now();
    let heard = scene.begin(&["-a", "duration:0.4"]).result();
    assert!(heard.status.success(), "{}", heard.errors);
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(400), "{took:?}");
    assert_eq!(heard.of("statistics").len(), 1);
}

#[test]
fn it_ends_after_so_many_bytes_of_a_recording() {
    let Some(scene) = Scene::lay() else { return };
    let file = captures().join("fault/capture.pcapng");
    let folder = tempfile::tempdir().expect("a folder");
    open_to_all(folder.path());
    let recorded = folder.path().join("recorded.pcapng");
    let longest = std::fs::metadata(&file).expect("a file").len();
    for more in [&[][..], &["-b", "filesize:4kB"]] {
        let arguments = ["-a", "filesize:9kB", "-w", path(&recorded)];
        let listener = scene.begin(&[&arguments, more].concat());
        let sent = scene.send(&file);
        let heard = listener.result();
        assert!(heard.status.success(), "{}", heard.errors);
        let files = files(folder.path());
        let frames: u64 = files.iter().map(|file| whole(file)).sum();
        assert!(frames > 0 && frames < sent, "{frames}");
        let size = |file| std::fs::metadata(file).expect("a file").len();
        let bytes: u64 = files.iter().map(size).sum();
        assert!((9_000..longest / 2).contains(&bytes), "{bytes}");
        assert_eq!(files.len() > 1, !more.is_empty(), "{files:?}");
        for file in files {
            std::fs::remove_file(file).expect("an own file");
        }
    }
    let arguments = ["-i", "v1", "-a", "filesize:9kB"];
    let heard = scene.refused(scene.within(&program()), &arguments);
    assert_eq!(heard.status.code(), Some(2), "{}", heard.errors);
}

#[test]
fn a_file_of_a_ring_is_full_after_so_long() {
    let Some(scene) = Scene::lay() else { return };
    let file = captures().join("compressed-behind-a-proxy/capture.pcapng");
    let folder = tempfile::tempdir().expect("a folder");
    open_to_all(folder.path());
    let ring = folder.path().join("ring.pcapng");
    let listener = scene.begin(&["-w", path(&ring), "-b", "duration:0.2"]);
    let mut sent = 0;
    wait_until("a third file begins", || {
        sent += scene.send(&file);
        files(folder.path()).len() >= 3
    });
    let listed = || files(folder.path());
    let count = || listed().iter().map(|file| readable(file)).sum::<u64>();
    wait_until("every packet is recorded", || count() == sent);
    assert!(listener.end().status.success());
    assert_eq!(listed().iter().map(|file| whole(file)).sum::<u64>(), sent);
    let name = |file: &Path| file.file_name().expect("a name").to_owned();
    for (number, file) in (1..).zip(listed()) {
        let name = name(&file).into_string().expect("text");
        assert!(name.starts_with(&format!("ring_{number:05}_")), "{name}");
    }
}
