//! Running the program, and the captures to run it on.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

pub fn informant(arguments: &[&str]) -> Output {
    match command().args(arguments).output() {
        Ok(output) => output,
        Err(error) => panic!("the program does not start: {error}"),
    }
}

pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_informant"));
    command
        .env_clear()
        .env("LC_ALL", "C.UTF-8")
        .env("COLUMNS", "80")
        .env("TERM", "xterm-256color");
    command
}

pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

pub fn stdout(output: &Output) -> String {
    match String::from_utf8(output.stdout.clone()) {
        Ok(text) => text,
        Err(error) => panic!("standard output is no UTF-8: {error}"),
    }
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Recordings of independent peers, and the project's own captures; those that are there.
pub fn captures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["captures", "../shared/captures/peers"] {
        let before = found.len();
        collect(&root.join(folder), &mut found);
        if found.len() == before {
            println!("skipped: no captures in {folder}");
        }
    }
    found.sort();
    found
}

pub fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = path.to_string_lossy().into_owned();
        // Those with their truth beside them are tests/stories.rs's.
        if path.join("truth.json").is_file() {
            continue;
        }
        if path.is_dir() {
            collect(&path, found);
        } else if [".pcap", ".pcapng", ".pcap.gz", ".pcapng.gz"]
            .iter()
            .any(|end| name.ends_with(end))
        {
            found.push(path);
        }
    }
}

/// Every form of output there is, for a capture with these sessions.
pub fn all_forms(capture: &str, sessions: usize) -> Vec<Vec<String>> {
    let mut forms: Vec<Vec<String>> = [
        "summary",
        "summary -T json",
        "list",
        "list -T json",
        "list -T ndjson",
        "flow",
        "messages",
        "messages -T json",
        "messages -T ndjson",
        "devices",
        "devices -T ndjson",
        "check --fail-on never",
        "check --fail-on never -T json",
        "check --fail-on never -T ndjson",
        "check --fail-on never -T junit",
        "check --fail-on never -T sarif",
        "check --fail-on never -T github",
    ]
    .iter()
    .map(|form| {
        form.split(' ')
            .map(str::to_owned)
            .chain([capture.to_owned()])
            .collect()
    })
    .collect();
    let devices = stdout(&informant(&["devices", "-T", "ndjson", "-q", capture]));
    for record in devices.lines().take(4).map(json) {
        let id = record["device"].as_str().unwrap_or_default().to_owned();
        for form in ["devices", "devices -T json"] {
            let mut form: Vec<String> = form.split(' ').map(str::to_owned).collect();
            form.extend([capture.to_owned(), id.clone()]);
            forms.push(form);
        }
    }
    for session in 1..=sessions.min(8) {
        for form in [
            "flow",
            "show",
            "show -v",
            "show --raw",
            "show -T json",
            "show -T transcript",
        ] {
            let mut form: Vec<String> = form.split(' ').map(str::to_owned).collect();
            form.extend([capture.to_owned(), session.to_string()]);
            forms.push(form);
        }
    }
    forms
}

pub fn sessions_of(capture: &str) -> usize {
    stdout(&informant(&["list", "-T", "ndjson", capture]))
        .lines()
        .count()
}

pub fn run(form: &[String]) -> Output {
    informant(&form.iter().map(String::as_str).collect::<Vec<_>>())
}

pub fn json(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => panic!("no JSON: {error}: {text}"),
    }
}

pub fn scratch() -> tempfile::TempDir {
    match tempfile::tempdir() {
        Ok(folder) => folder,
        Err(error) => panic!("no folder for temporary files: {error}"),
    }
}

pub fn written(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> String {
    let path = folder.path().join(name);
    if let Err(error) = std::fs::write(&path, bytes) {
        panic!("{}: {error}", path.display());
    }
    path.to_string_lossy().into_owned()
}

pub fn peer(name: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/captures/peers")
        .join(name);
    if !path.exists() {
        println!("skipped: ../shared is absent");
        return None;
    }
    Some(path.to_string_lossy().into_owned())
}
