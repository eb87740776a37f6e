//! Recordings while it listens.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use informant::source::{Capture, Input};

use crate::random::Random;
use crate::scene::{Scene, wait_until};
use crate::schema::departures;
use crate::support::captures;

#[test]
fn every_file_of_a_ring_is_whole_also_when_its_writer_is_killed() {
    let Some(scene) = Scene::lay() else { return };
    let file = captures().join("bootstrap-with-provisioning/capture.pcapng");
    // More by INFORMANT_TEST_ROUNDS.
    let rounds = std::env::var("INFORMANT_TEST_ROUNDS").ok();
    let rounds = rounds.and_then(|rounds| rounds.parse().ok()).unwrap_or(10);
    let mut random = Random::new(69);
    for round in 0..rounds {
        let folder = tempfile::tempdir().expect("a folder");
        open_to_all(folder.path());
        let ring = folder.path().join("ring.pcapng");
        let ring = ring.to_str().expect("a path");
        let listener = scene.listen(&["-w", ring, "-b", "filesize:8kB,files:5"]);
        let moment = random.below(200_000) as u64;
        let sent: u64 = std::thread::scope(|scope| {
            let sender = scope.spawn(|| (0..3).map(|_| scene.send(&file)).sum());
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_micros(moment) {
                std::thread::yield_now();
            }
            listener.signal("-KILL");
            sender.join().expect("the sender ends")
        });
        let _ = listener.result();
        let files = files(folder.path());
        assert!(!files.is_empty() && files.len() <= 5, "{files:?}");
        let (last, closed) = files.split_last().expect("one at least");
        let read: u64 = closed.iter().map(|file| whole(file)).sum();
        let of_last = readable(last);
        assert!(read + of_last <= sent);
        assert_eq!(of_others(last).unwrap_or(of_last), of_last, "{round}");
    }
}

/// Frames that tshark reads of a file, where it is there.
fn of_others(file: &Path) -> Option<u64> {
    let tshark = std::process::Command::new("tshark")
        .args(["-n", "-T", "fields", "-e", "frame.number", "-r"])
        .arg(file)
        .output();
    let output = tshark.ok()?;
    Some(String::from_utf8_lossy(&output.stdout).lines().count() as u64)
}

#[test]
fn it_ends_by_itself_and_its_figures_are_right() {
    let Some(scene) = Scene::lay() else { return };
    let file = captures().join("bootstrap-with-provisioning/capture.pcapng");
    let folder = tempfile::tempdir().expect("a folder");
    open_to_all(folder.path());
    let metrics = folder.path().join("metrics");
    let sent = whole(&file);
    let arguments = [
        "-c",
        &sent.to_string(),
        "--metrics",
        metrics.to_str().expect("a path"),
    ];
    let listener = scene.listen(&arguments);
    assert_eq!(scene.send(&file), sent);
    let heard = listener.result();
    assert!(heard.status.success(), "{}", heard.errors);
    let figures = heard.of("statistics");
    let last = figures.last().expect("the last figures");
    let schema = std::fs::read_to_string("docs/schemas/statistics.json").expect("the schema");
    let schema = serde_json::from_str(&schema).expect("JSON");
    assert_eq!(departures(&schema, last), [""; 0]);
    assert_eq!(last["packets"].as_u64(), Some(sent));
    assert_eq!(last["dropped"].as_u64(), Some(0));
    let sessions = heard.of("session").len() as u64;
    assert!(sessions > 0);
    assert_eq!(last["sessions"].as_u64(), Some(sessions));
    let text = std::fs::read_to_string(metrics).expect("the figures");
    assert!(
        text.contains(&format!("informant_packets_total {sent}\n")),
        "{text}"
    );
    assert!(
        text.contains("# TYPE informant_sessions_total counter\n"),
        "{text}"
    );
}

#[test]
fn what_root_made_is_gone_on_with_in_a_folder_like_tmp() {
    let Some(scene) = Scene::lay() else { return };
    let file = captures().join("bootstrap-with-provisioning/capture.pcapng");
    let folder = tempfile::tempdir().expect("a folder");
    permit(folder.path(), 0o1777);
    let place = |name: &str| {
        folder
            .path()
            .join(name)
            .to_str()
            .expect("a path")
            .to_owned()
    };
    let (metrics, ring, output) = (place("metrics"), place("ring.pcapng"), place("out.ndjson"));
    let arguments = [
        "--metrics",
        &metrics,
        "-w",
        &ring,
        "-b",
        "filesize:8kB,files:2",
        "-o",
        &output,
    ];
    let listener = scene.listen(&arguments);
    // As logrotate's `copytruncate` has it: the name stays.
    listener.signal("-HUP");
    let sent = scene.send(&file);
    listener.signal("-HUP");
    wait_until("all is counted", || {
        let text = std::fs::read_to_string(&metrics).unwrap_or_default();
        text.contains(&format!("informant_packets_total {sent}\n"))
    });
    let heard = listener.end();
    assert!(heard.status.success(), "{}", heard.errors);
    assert!(!heard.errors.contains("cannot be"), "{}", heard.errors);
    let names = files(folder.path()).into_iter();
    let kept = names.filter(|path| path.extension().is_some_and(|one| one == "pcapng"));
    assert_eq!(kept.count(), 2);
}

#[test]
fn a_moved_output_begins_anew_before_anything_comes() {
    let Some(scene) = Scene::lay() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    open_to_all(folder.path());
    let output = folder.path().join("out.ndjson");
    let listener = scene.begin(&["-o", output.to_str().expect("a path"), "--statistics", "0"]);
    std::fs::rename(&output, folder.path().join("old.ndjson")).expect("an own file");
    listener.signal("-HUP");
    wait_until("the file is there again", || output.is_file());
    assert!(listener.end().status.success());
}

/// Frames of a file that can be read to its end.
pub fn whole(file: &Path) -> u64 {
    let (frames, problems) = read(file);
    assert!(problems.is_empty(), "{problems:?}");
    frames
}

/// Frames of a file whose last block may be cut: the system breaks off writing for who is killed.
pub fn readable(file: &Path) -> u64 {
    let (frames, problems) = read(file);
    let is_cut =
        |problem: &String| problem.contains("cut short inside") || problem.contains("is empty");
    assert!(problems.iter().all(is_cut), "{problems:?}");
    frames
}

fn read(file: &Path) -> (u64, Vec<String>) {
    let mut capture = Capture::open(vec![Input::Path(file.to_owned())]).expect("a capture");
    while capture.next().is_some() {}
    let problems = capture.problems().iter().map(ToString::to_string).collect();
    (
        capture.facts().iter().map(|facts| facts.frames).sum(),
        problems,
    )
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
}

/// The listener is somebody without rights by then.
fn open_to_all(folder: &Path) {
    permit(folder, 0o777);
}

fn permit(folder: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;

    let mode = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(folder, mode).expect("an own folder");
}
