//! Recordings while it listens.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use informant::source::{Capture, Input};

use crate::random::Random;
use crate::scene::Scene;
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
        assert_eq!(
            counted_by_others(last).unwrap_or(of_last),
            of_last,
            "{round}"
        );
    }
}

/// A field of each frame that tshark reads of a file; none, visibly, where it is absent.
pub fn seen_by_others(file: &Path, field: &str) -> Option<Vec<String>> {
    let tshark = std::process::Command::new("tshark")
        .args(["-n", "-T", "fields", "-e", field, "-r"])
        .arg(file)
        .output();
    let Ok(output) = tshark else {
        eprintln!("skipped: tshark is absent");
        return None;
    };
    let text = String::from_utf8_lossy(&output.stdout);
    Some(text.lines().map(str::to_owned).collect())
}

/// Frames that tshark reads of a file.
pub fn counted_by_others(file: &Path) -> Option<u64> {
    seen_by_others(file, "frame.number").map(|frames| frames.len() as u64)
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

pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
}

/// The listener is somebody without rights by then.
pub fn open_to_all(folder: &Path) {
    permit(folder, 0o777);
}

pub fn permit(folder: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;

    let mode = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(folder, mode).expect("an own folder");
}
