//! What it writes while it listens goes on when files are moved away, as logrotate(8) does it.

use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::recording::{files, open_to_all, permit};
use crate::scene::{Scene, wait_until};
use crate::sessions::{listed, path};
use crate::support::captures;

#[test]
fn what_root_made_is_gone_on_with_in_a_folder_like_tmp() {
    let Some(scene) = Scene::lay() else { return };
    let file = captures().join("bootstrap-with-provisioning/capture.pcapng");
    let folder = tempfile::tempdir().expect("a folder");
    permit(folder.path(), 0o1777);
    let place = |name: &str| path(&folder.path().join(name)).to_owned();
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
    let counts = |record: &Value| record["packets"] == sent;
    wait_until("all is counted", || {
        records(Path::new(&output)).iter().any(counts)
    });
    let heard = listener.end();
    assert!(heard.status.success(), "{}", heard.errors);
    assert!(!heard.errors.contains("cannot be"), "{}", heard.errors);
    let text = std::fs::read_to_string(&metrics).expect("the figures");
    let counted = format!("informant_packets_total {sent}\n");
    assert!(text.contains(&counted), "{text}");
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
    let listener = scene.begin(&["-o", path(&output), "--statistics", "0"]);
    std::fs::rename(&output, folder.path().join("old.ndjson")).expect("an own file");
    listener.signal("-HUP");
    wait_until("the file is there again", || output.is_file());
    assert!(listener.end().status.success());
}

/// `create MODE OWNER` of logrotate: the next file is there before the signal is.
#[test]
fn nothing_is_lost_when_another_makes_the_next_output() {
    let Some(scene) = Scene::lay() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    open_to_all(folder.path());
    let output = folder.path().join("out.ndjson");
    let mut listener = scene.listen(&["-o", path(&output)]);
    let owner = std::fs::metadata(&output).expect("the output");
    let owner = std::os::unix::fs::MetadataExt::uid(&owner);
    assert_ne!(owner, 0);
    let mut expected = 0;
    let mut send = |name: &str, into: &Path| {
        let file = captures().join(name).join("capture.pcapng");
        scene.send(&file);
        expected += listed(&file).len();
        wait_until(name, || sessions(into).len() + before(into) == expected);
    };
    send("bootstrap-with-provisioning", &output);
    let makers = [(0o600, owner), (0o666, 0)];
    let names = [
        ["fault", "http-request-works"],
        ["udp-request-works", "firmware-download"],
    ];
    for (number, ((mode, owner), [before, behind])) in makers.into_iter().zip(names).enumerate() {
        let moved = turn(&output, number, mode, owner);
        send(before, &moved);
        listener.signal("-HUP");
        wait_until("the next one is written", || !records(&output).is_empty());
        send(behind, &output);
    }
    // Root's own cannot be opened any more.
    let moved = turn(&output, 2, 0o600, 0);
    listener.signal("-HUP");
    listener.until_it_says("out.ndjson: cannot be opened again: Permission denied");
    send("compressed-behind-a-proxy", &moved);
    assert!(listener.end().status.success());
    assert_eq!(records(&output).len(), 0);
    let all = files(folder.path());
    let mut numbers: Vec<u64> = all.iter().flat_map(|file| sessions(file)).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=expected as u64).collect::<Vec<_>>());
}

/// Moves the output away, and makes the next one; where the former is now.
fn turn(output: &Path, number: usize, mode: u32, owner: u32) -> PathBuf {
    let moved = output.with_extension(format!("{number}.ndjson"));
    std::fs::rename(output, &moved).expect("an own folder");
    std::fs::write(output, "").expect("an own folder");
    permit(output, mode);
    chown(output, Some(owner), None).expect("rights");
    moved
}

/// Sessions in the files that were moved away before this one.
fn before(output: &Path) -> usize {
    let folder = output.parent().expect("a folder");
    let older = files(folder)
        .into_iter()
        .filter(|file| file < &output.to_owned());
    older.map(|file| sessions(&file).len()).sum()
}

#[test]
fn figures_are_written_anew_whoever_replaced_them() {
    let Some(scene) = Scene::lay() else { return };
    let file = captures().join("fault/capture.pcapng");
    let folder = tempfile::tempdir().expect("a folder");
    open_to_all(folder.path());
    let metrics = folder.path().join("metrics");
    let listener = scene.begin(&["--metrics", path(&metrics)]);
    assert!(metrics.is_file(), "from the beginning");
    std::fs::remove_file(&metrics).expect("an own folder");
    std::fs::write(&metrics, "of another").expect("an own folder");
    permit(&metrics, 0o600);
    let sent = scene.send(&file);
    scene.ip(&["link", "del", "v1"]);
    let heard = listener.result();
    assert!(!heard.errors.contains("cannot be"), "{}", heard.errors);
    let text = std::fs::read_to_string(&metrics).expect("the figures");
    assert!(
        text.contains(&format!("informant_packets_total {sent}\n")),
        "{text}"
    );
    assert_eq!(files(folder.path()), [metrics]);
}

/// Numbers of the sessions that an output tells of.
fn sessions(output: &Path) -> Vec<u64> {
    let records = records(output).into_iter();
    records
        .filter_map(|record| record["session"].as_u64())
        .collect()
}

/// What stands in an output so far: every line is whole.
fn records(output: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(output).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
    let record = |line| serde_json::from_str(line).expect("a record");
    whole.lines().map(record).collect()
}
