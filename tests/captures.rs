//! The stories under `captures/`: each capture with the outputs expected of it, its notes, and what others count in it.
//! `BLESS=1` rewrites the expected outputs, and what is generated.

#[path = "support/digest.rs"]
mod digest;
#[path = "captures/generated.rs"]
mod generated;
#[path = "support/packet.rs"]
mod packet;
#[path = "support/phone.rs"]
mod phone;
#[path = "support/scene.rs"]
mod scene;
mod support;
#[path = "support/wakeups/mod.rs"]
mod wakeups;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use informant::session::{Session, Side, StepKind};
use serde_json::Value;
use support::{analyse_file, captures};

/// The story that is generated.
const GENERATED: &str = "bootstrap-with-provisioning";
/// What every story shows; others may stand beside them.
const EXPECTED: [&str; 6] = [
    "expected.devices.txt",
    "expected.flow.txt",
    "expected.list.ndjson",
    "expected.messages.ndjson",
    "expected.summary.txt",
    "expected.summary.json",
];

/// Of these, what a story has to show: the many generated ones of what wakes a device go without a summary.
fn expected(folder: &Path) -> &'static [&'static str] {
    if generated::is_wakeup(folder) {
        &EXPECTED[..4]
    } else {
        &EXPECTED[1..]
    }
}

/// The folders under `captures/`, the generated capture fresh where blessing is asked for.
fn stories() -> Vec<PathBuf> {
    static TOLD: Once = Once::new();
    TOLD.call_once(|| {
        if blesses() {
            let file = captures().join(GENERATED).join("capture.pcapng");
            fs::write(file, phone::tell().pcapng).expect("the generated capture is writable");
            generated::write();
        }
    });
    let entries = fs::read_dir(captures()).expect("captures/ is there");
    let mut folders: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        // Those with their truth beside them are tests/stories.rs's.
        .filter(|path| path.is_dir() && !support::is_told(path))
        .collect();
    folders.sort();
    assert!(folders.len() >= 4, "stories are missing");
    folders
}

fn blesses() -> bool {
    std::env::var_os("BLESS").is_some_and(|value| value != "0" && !value.is_empty())
}

/// What the binary prints, run inside the story's folder.
fn informant(folder: &Path, arguments: &[&str]) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_informant"))
        .args(arguments)
        .current_dir(folder)
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .expect("the binary runs");
    let complaints = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{arguments:?}: {complaints}");
    assert_eq!(complaints, "", "{arguments:?} in {}", folder.display());
    String::from_utf8(run.stdout).expect("the output is UTF-8")
}

/// The arguments that a file of expected output stands for: `expected.COMMAND[.SESSION].(txt|json|ndjson)`.
fn arguments_of(folder: &Path, name: &str) -> Vec<String> {
    let words: Vec<&str> = name.split('.').skip(1).collect();
    let (form, words) = words.split_last().expect("a form ends the name");
    let (command, session) = words.split_first().expect("a command follows");
    let mut arguments = vec![(*command).to_owned(), "capture.pcapng".to_owned()];
    if let (&"devices", Some(phone)) = (command, generated::phone_of(folder)) {
        // Git keeps no mode that would hide the passwords: nothing is to be said of that.
        let known = ["--credentials", "credentials.toml", "-q"].map(str::to_owned);
        arguments.push(phone);
        arguments.extend(known);
    }
    arguments.extend(session.iter().map(|number| (*number).to_owned()));
    if *form != "txt" {
        arguments.extend(["-T".to_owned(), (*form).to_owned()]);
    }
    arguments
}

#[test]
fn every_story_prints_what_is_expected() {
    let mut different = Vec::new();
    for folder in stories() {
        let mut names: Vec<String> = fs::read_dir(&folder)
            .expect("a story is readable")
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| name.starts_with("expected."))
            .collect();
        if blesses() {
            names.extend(expected(&folder).iter().copied().map(str::to_owned));
        }
        names.sort();
        names.dedup();
        for name in expected(&folder) {
            assert!(
                names.iter().any(|there| there == name),
                "{}: {name} is missing; BLESS=1 writes it",
                folder.display()
            );
        }
        for name in names {
            let arguments = arguments_of(&folder, &name);
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let printed = informant(&folder, &arguments);
            let path = folder.join(&name);
            if blesses() {
                fs::write(&path, &printed).expect("expected output is writable");
            } else if fs::read_to_string(&path).expect("expected output is readable") != printed {
                different.push(format!("{}: {arguments:?}", path.display()));
            }
        }
    }
    assert!(
        different.is_empty(),
        "these print something else now (`make bless` takes it over, git shows it):\n{}",
        different.join("\n")
    );
}

#[test]
fn every_story_says_where_it_comes_from() {
    for folder in stories() {
        let notes = fs::read_to_string(folder.join("NOTES.md")).expect("a story has notes");
        for heading in ["# ", "## Origin", "## Licence", "## What to look at"] {
            assert!(
                notes.lines().any(|line| line.starts_with(heading)),
                "{}/NOTES.md has no heading {heading:?}",
                folder.display()
            );
        }
    }
}

#[test]
fn the_generated_capture_is_as_it_is_told() {
    let told = phone::tell();
    let folder = captures().join(GENERATED);
    assert!(stories().contains(&folder));
    let kept = fs::read(folder.join("capture.pcapng")).expect("the generated capture is there");
    assert!(
        kept == told.pcapng,
        "{GENERATED}/capture.pcapng is not what tests/support/phone.rs tells; `make bless` writes it"
    );
    let analysis = analyse_file(&folder.join("capture.pcapng"));
    let (summary, truth) = (&analysis.summary, &told.truth);
    assert_eq!(analysis.problems, [""; 0]);
    assert_eq!(summary.files[0].frames, truth.frames);
    assert_eq!(summary.packets.checksum_wrong, 0);
    assert_eq!(summary.tcp.connections, truth.connections);
    assert_eq!(summary.tcp.retransmissions, 0);
    assert_eq!(summary.http_requests, truth.requests);
    assert_eq!(summary.http_responses, truth.responses);
    assert_eq!(summary.cwmp.empty_posts, truth.empty_posts);
    assert_eq!(summary.cwmp.messages, truth.messages);
    let events: Vec<_> = analysis
        .sessions
        .iter()
        .map(|session| &session.events)
        .collect();
    assert_eq!(events, truth.events.iter().collect::<Vec<_>>());
    let outcomes: Vec<_> = analysis
        .sessions
        .iter()
        .map(|session| session.outcome.name())
        .collect();
    assert_eq!(outcomes, truth.outcomes);
    let envelopes: Vec<_> = analysis.sessions.iter().flat_map(envelopes).collect();
    assert_eq!(envelopes, truth.envelopes);
}

/// The envelopes of a session with the frames that carry them.
fn envelopes(session: &Session) -> Vec<(String, Vec<u64>)> {
    let steps = session.steps.iter().filter_map(|step| match &step.kind {
        StepKind::Envelopes(envelopes) => {
            let frames = step.frames.iter().map(|frame| frame.number()).collect();
            assert_ne!(step.from, Side::Other);
            envelopes.first().map(|(name, _)| (name.clone(), frames))
        }
        _ => None,
    });
    steps.collect()
}

#[test]
fn no_secret_of_the_generated_story_is_printed() {
    let told = phone::tell();
    let folder = captures().join(GENERATED);
    assert!(stories().contains(&folder));
    let commands: [&[&str]; 12] = [
        &["summary", "capture.pcapng"],
        &["summary", "capture.pcapng", "-T", "json"],
        &["list", "capture.pcapng"],
        &["list", "capture.pcapng", "-T", "ndjson"],
        &["flow", "capture.pcapng"],
        &["show", "capture.pcapng", "1", "-v"],
        &["show", "capture.pcapng", "1", "--raw"],
        &["show", "capture.pcapng", "2", "-T", "json"],
        &["messages", "capture.pcapng"],
        &["messages", "capture.pcapng", "-T", "ndjson"],
        &["devices", "capture.pcapng", "-T", "json"],
        &["devices", "capture.pcapng", "000B82005346"],
    ];
    let mut shown_when_asked_for = 0;
    for command in commands {
        let printed = informant(&folder, command);
        for secret in &told.truth.secrets {
            assert!(!printed.contains(secret), "{command:?} prints {secret}");
        }
        let asked: Vec<&str> = command.iter().copied().chain(["--show-secrets"]).collect();
        let printed = informant(&folder, &asked);
        shown_when_asked_for += usize::from(printed.contains(&told.truth.secrets[0]));
    }
    assert!(
        shown_when_asked_for >= 3,
        "the SIP password is not even there when asked for"
    );
}

#[test]
fn tshark_counts_the_same_http_messages() {
    if Command::new("tshark").arg("--version").output().is_err() {
        eprintln!("skipped: tshark is absent");
        return;
    }
    // Those of what wakes a device are read by tshark in one go, in `generated`.
    let stories = stories().into_iter();
    for folder in stories.filter(|folder| !generated::is_wakeup(folder)) {
        let text = informant(&folder, &["summary", "capture.pcapng", "-T", "json"]);
        let summary: Value = serde_json::from_str(&text).expect("the summary is JSON");
        for (key, filter) in [("requests", "http.request"), ("responses", "http.response")] {
            let counted = tshark(&folder, filter);
            assert_eq!(summary["http"][key], counted, "{}: {key}", folder.display());
        }
        let frames = &summary["files"][0]["frames"];
        assert_eq!(
            *frames,
            tshark(&folder, "frame"),
            "{}: frames",
            folder.display()
        );
        assert_eq!(summary["tcp"]["gaps"], 0);
        assert_eq!(
            summary["tcp"]["connections"],
            tshark(&folder, "tcp.flags.syn==1 && tcp.flags.ack==0")
        );
    }
}

/// How many frames the filter matches.
fn tshark(folder: &Path, filter: &str) -> usize {
    let run = Command::new("tshark")
        .args([
            "-n",
            "-r",
            "capture.pcapng",
            "-Y",
            filter,
            "-T",
            "fields",
            "-e",
            "frame.number",
        ])
        .current_dir(folder)
        .output()
        .expect("tshark runs");
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    String::from_utf8_lossy(&run.stdout).lines().count()
}
