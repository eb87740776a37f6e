//! What the program prints of each story is what stands beside it; and tshark reads the same captures.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::devices::{Story, Telling};
use crate::support::captures;

/// The files of expected output, and the arguments that give them.
const EXPECTED: [(&str, &[&str]); 5] = [
    (
        "expected.list.ndjson",
        &["list", "capture.pcapng", "-T", "ndjson"],
    ),
    ("expected.flow.txt", &["flow", "capture.pcapng"]),
    (
        "expected.devices.txt",
        &["devices", "capture.pcapng", "DEVICE"],
    ),
    ("expected.check.txt", &["check", "capture.pcapng"]),
    ("expected.broken.check.txt", &["check", "broken.pcapng"]),
];

/// What the program prints, run inside the story's folder.
fn printed(story: &Story, arguments: &[&str]) -> String {
    let device = &story.whole.truth.sessions[0].device;
    let named = arguments.iter().map(|argument| match *argument {
        "DEVICE" => device.as_str(),
        argument => argument,
    });
    let profile = story.vendor.told_profile();
    let profile = profile.filter(|_| arguments.first() == Some(&"check"));
    let run = Command::new(env!("CARGO_BIN_EXE_informant"))
        .args(named)
        .args(profile.map(|name| format!("--profile={name}")))
        // Git keeps no mode that would hide the passwords: nothing is to be said of that.
        .args(["--credentials", "credentials.toml", "-q"])
        .current_dir(captures().join(&story.folder))
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .expect("the program runs");
    let complaints = String::from_utf8_lossy(&run.stderr);
    assert_eq!(complaints, "", "{}", story.folder);
    // 1 says that there are findings.
    assert!(matches!(run.status.code(), Some(0 | 1)), "{}", story.folder);
    String::from_utf8(run.stdout).expect("the output is UTF-8")
}

#[test]
fn every_story_prints_what_is_expected() {
    crate::blessed();
    let runs: Vec<(&Story, &str, &[&str])> = crate::all()
        .iter()
        .flat_map(|story| EXPECTED.map(|(name, arguments)| (story, name, arguments)))
        .collect();
    let next = AtomicUsize::new(0);
    let look = || {
        let mut different = Vec::new();
        while let Some((story, name, arguments)) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let printed = printed(story, arguments);
            let path = captures().join(&story.folder).join(name);
            if crate::blesses() {
                fs::write(&path, &printed).expect("expected output is writable");
            } else if fs::read_to_string(&path).ok().as_ref() != Some(&printed) {
                different.push(path.display().to_string());
            }
        }
        different
    };
    let different: Vec<String> = std::thread::scope(|scope| {
        let lookers = [scope.spawn(look), scope.spawn(look)];
        let found = lookers.map(|looker| looker.join().expect("nobody failed"));
        found.concat()
    });
    assert!(
        different.is_empty(),
        "these print something else now (`make bless` takes it over, git shows it):\n{}",
        different.join("\n")
    );
}

/// What tshark says of each frame.
const FIELDS: [&str; 7] = [
    "frame.number",
    "_ws.malformed",
    "http.request",
    "http.response",
    "stun.type",
    "classicstun.type",
    "dhcp.option.dhcp",
];

#[test]
fn tshark_decodes_whole_stories() {
    decoded(|story| &story.whole);
}

#[test]
fn tshark_decodes_broken_stories() {
    decoded(|story| &story.broken);
}

fn decoded(telling: impl Fn(&Story) -> &Telling) {
    let folder = tempfile::tempdir().expect("a folder for a while");
    let path = folder.path().join("all.pcapng");
    // Sections of a pcapng file may follow each other, so that tshark starts once.
    let stories = crate::all().iter();
    let sections: Vec<&[u8]> = stories.map(|story| &telling(story).pcapng[..]).collect();
    fs::write(&path, sections.concat()).expect("it is writable");
    let Some(text) = read_by_tshark(&path) else {
        return;
    };
    let mut rows = text.lines().map(|row| row.split('\t').collect::<Vec<_>>());
    for story in crate::all() {
        let telling = telling(story);
        let of_it: Vec<_> = rows.by_ref().take(telling.truth.frames as usize).collect();
        agree(&story.folder, telling, &of_it);
    }
    assert!(
        rows.next().is_none(),
        "tshark sees more frames than are told"
    );
}

/// The fields of every frame, tabs between them; a visible skip where there is no tshark.
fn read_by_tshark(path: &Path) -> Option<String> {
    let mut command = Command::new("tshark");
    command.args(["-n", "-r"]).arg(path).args(["-T", "fields"]);
    for field in FIELDS {
        command.args(["-e", field]);
    }
    let Ok(run) = command.output() else {
        eprintln!("skipped: tshark is absent");
        return None;
    };
    let complaints = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{complaints}");
    Some(String::from_utf8_lossy(&run.stdout).into_owned())
}

fn agree(name: &str, telling: &Telling, rows: &[Vec<&str>]) {
    let count = |at: usize| {
        let filled = rows
            .iter()
            .filter(|row| row.get(at).is_some_and(|it| !it.is_empty()));
        filled.count() as u64
    };
    let truth = &telling.truth;
    assert_eq!(count(0), truth.frames, "{name}: frames");
    assert_eq!(count(1), 0, "{name}: malformed frames");
    assert_eq!(count(2), truth.requests, "{name}: requests");
    assert_eq!(count(3), truth.responses, "{name}: responses");
    assert_eq!(count(4) + count(5), truth.stun, "{name}: STUN");
    assert_eq!(count(6), truth.dhcp, "{name}: DHCP");
}
