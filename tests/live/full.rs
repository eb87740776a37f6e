//! Disks that are full: it is told, what was written can be read, and what was heard stands.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use informant::source::{Capture, Input};

use crate::recording::{counted_by_others, readable, whole};
use crate::scene::{Scene, program, wait_until};
use crate::sessions::{listed, path, sessions};
use crate::support::captures;

#[test]
fn a_recording_ends_behind_its_last_packet_that_found_room() {
    let Some(scene) = Scene::lay() else { return };
    let Some(disk) = Disk::of_kib(64) else { return };
    let file = captures().join("bootstrap-with-provisioning/capture.pcapng");
    let recorded = disk.seen_from_outside("recorded.pcapng");
    let inside = disk.place("recorded.pcapng");
    let listener = scene.hear_by(disk.command(&scene), &["-i", "v1", "-w", path(&inside)]);
    let sent = scene.send(&file);
    wait_until("the first are recorded", || readable(&recorded) == sent);
    let used = std::fs::metadata(&recorded).expect("it is there").len();
    let second = captures().join("firmware-download/capture.pcapng");
    scene.send(&second);
    let heard = listener.result();
    assert_eq!(heard.status.code(), Some(5), "{}", heard.errors);
    let words = format!(
        "informant: {}: cannot be written: No space left on device",
        inside.display()
    );
    assert!(heard.errors.contains(&words), "{}", heard.errors);
    assert!(heard.errors.contains("make room"), "{}", heard.errors);
    let frames = whole(&recorded);
    assert_eq!(frames, sent + fitting(&second, (64 << 10) - used));
    assert!(frames > sent, "{frames}");
    assert_eq!(counted_by_others(&recorded).unwrap_or(frames), frames);
    let offline = sessions(listed(&file));
    let live = sessions(heard.records);
    assert_eq!(live[..offline.len()], offline);
}

/// Frames of a file that find room in another pcapng: each takes 32 bytes and itself, in fours.
fn fitting(file: &Path, room: u64) -> u64 {
    let mut capture = Capture::open(vec![Input::Path(file.to_owned())]).expect("a capture");
    let (mut bytes, mut frames) = (0, 0);
    while let Some(frame) = capture.next() {
        bytes += 32 + frame.bytes.len().next_multiple_of(4) as u64;
        frames += u64::from(bytes <= room);
    }
    frames
}

#[test]
fn a_recording_that_has_no_room_to_begin_is_told_before_anything_is_heard() {
    let Some(scene) = Scene::lay() else { return };
    let Some(disk) = Disk::of_kib(4) else { return };
    std::fs::write(disk.seen_from_outside("other"), [0; 4096]).expect("room");
    for option in ["-w", "--metrics"] {
        let inside = disk.place("new");
        let arguments = ["-i", "v1", option, path(&inside)];
        let heard = scene.refused(disk.command(&scene), &arguments);
        assert_eq!(heard.status.code(), Some(5), "{}", heard.errors);
        let words = format!("{}: cannot be written: No space left", inside.display());
        assert!(heard.errors.contains(&words), "{}", heard.errors);
    }
}

#[test]
fn an_output_that_finds_no_room_ends_it() {
    let Some(scene) = Scene::lay() else { return };
    let Some(disk) = Disk::of_kib(4) else { return };
    let output = disk.place("out.ndjson");
    let arguments = ["-i", "v1", "-o", path(&output)];
    let listener = scene.hear_by(disk.command(&scene), &arguments);
    let provisioning = captures().join("bootstrap-with-provisioning/capture.pcapng");
    scene.send(&provisioning);
    scene.send(&captures().join("firmware-download/capture.pcapng"));
    let heard = listener.result();
    assert_eq!(heard.status.code(), Some(5), "{}", heard.errors);
    let words = format!("{}: cannot be written: No space left", output.display());
    assert!(heard.errors.contains(&words), "{}", heard.errors);
    let text = std::fs::read_to_string(disk.seen_from_outside("out.ndjson"));
    let text = text.expect("it is there");
    assert!(text.ends_with('\n'), "whole records: {text}");
    let record = |line| serde_json::from_str(line).expect("a record");
    let live = sessions(text.lines().map(record).collect());
    let offline = sessions(listed(&provisioning));
    assert_eq!(live[..offline.len()], offline);
}

#[test]
fn figures_that_find_no_room_are_told_once_and_do_not_end_it() {
    let Some(scene) = Scene::lay() else { return };
    let Some(disk) = Disk::of_kib(8) else { return };
    let metrics = disk.place("metrics");
    let arguments = ["-i", "v1", "--metrics", path(&metrics)];
    let listener = scene.hear_by(disk.command(&scene), &arguments);
    std::fs::write(disk.seen_from_outside("other"), [0; 4096]).expect("room");
    let before = std::fs::read(disk.seen_from_outside("metrics")).expect("figures");
    let heard = listener.end();
    assert!(heard.status.success(), "{}", heard.errors);
    let words = format!("{}: cannot be written: No space left", metrics.display());
    assert_eq!(heard.errors.matches(&words).count(), 1, "{}", heard.errors);
    let left = std::fs::read(disk.seen_from_outside("metrics")).expect("figures");
    assert_eq!(left, before, "the last that were whole");
}

/// A small disk that only its own processes see.
struct Disk {
    folder: tempfile::TempDir,
    /// Keeps it there.
    holder: Child,
}

impl Disk {
    /// None, visibly, where there is no such thing.
    fn of_kib(size: u32) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let script = format!(
            "mount -t tmpfs -o size={size}k,mode=777 none \"$0\" && echo mounted && exec cat"
        );
        let mut command = Command::new("unshare");
        let command = command
            .args(["--mount", "sh", "-c", &script])
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let holder = command.spawn().ok();
        let mut disk = holder.map(|holder| Self { folder, holder });
        let said = disk.as_mut().and_then(|disk| disk.holder.stdout.take());
        let line = said.map(|said| BufReader::new(said).lines().next());
        if !matches!(line, Some(Some(Ok(_)))) {
            eprintln!("skipped: no small disk can be mounted here (unshare and tmpfs are needed)");
            return None;
        }
        disk
    }

    /// What becomes the program, in the namespace of a scene and where the disk is seen.
    fn command(&self, scene: &Scene) -> Command {
        let mut command = scene.within(Path::new("nsenter"));
        let holder = self.holder.id().to_string();
        command
            .args(["--mount", "--target", &holder])
            .arg(program());
        command
    }

    fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn seen_from_outside(&self, name: &str) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.holder.id()));
        let place = self.place(name);
        root.join(place.strip_prefix("/").expect("a whole path"))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}
