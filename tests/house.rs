//! The house: which room may use which, and what may stand at the top. Read from the sources, so that an arrow that
//! runs upward fails here before anybody builds on it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each room may use: other rooms of `src/`, and dissectors.
const ROOMS: [(&str, &[&str], &[&str]); 9] = [
    ("source", &[], &["link", "tls"]),
    ("session", &["source"], ALL_DISSECTORS),
    ("model", &[], &["cwmp"]),
    ("pipeline", &["source", "session"], ALL_DISSECTORS),
    ("filter", &["session", "model", "source"], ALL_DISSECTORS),
    (
        "replay",
        &["session", "source", "filter"],
        &["http1", "cwmp", "stun"],
    ),
    (
        "conformance",
        &["session", "model", "source"],
        ALL_DISSECTORS,
    ),
    (
        "report",
        &["session", "model", "source", "conformance"],
        ALL_DISSECTORS,
    ),
    (
        "tui",
        &["session", "model", "source", "report"],
        ALL_DISSECTORS,
    ),
];
const ALL_DISSECTORS: &[&str] = &[
    "link", "tcp", "tls", "http1", "cwmp", "stun", "dhcp", "ftp", "tftp",
];

/// Libraries that one room alone may use.
const OWNED: [(&str, &[&str]); 16] = [
    ("pcap", &["source"]),
    ("pcap_parser", &["source"]),
    ("flate2", &["source"]),
    ("zstd", &["source"]),
    ("clap", &["cli"]),
    ("ratatui", &["tui"]),
    ("indicatif", &["cli"]),
    ("toml", &["cli", "replay"]),
    ("quick_xml", &["model"]),
    ("tokio", &["replay", "cli"]),
    ("tokio_rustls", &["replay"]),
    ("rustls", &["replay"]),
    ("rustls_native_certs", &["replay"]),
    ("rcgen", &["replay"]),
    ("openssl", &["replay"]),
    ("tokio_openssl", &["replay"]),
];

/// Names that may stand at the top of the repository.
const TOP: [&str; 9] = [
    "Cargo.toml",
    "Cargo.lock",
    "LICENSE",
    "Makefile",
    "README.md",
    "captures",
    "dissectors",
    "docs",
    "src",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else {
        return found;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The code of a file: without comments and without the text of strings.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a source file is readable");
    let mut code = String::with_capacity(text.len());
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default();
        let mut parts = line.split('"');
        code.push_str(parts.next().unwrap_or_default());
        for (index, part) in parts.enumerate() {
            if index % 2 == 1 {
                code.push_str(part);
            }
        }
        code.push('\n');
    }
    code
}

/// The first path segments that follow `start` in the code, each a whole word.
fn words_after(code: &str, start: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for (at, _) in code.match_indices(start) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|character| {
            character.is_alphanumeric() || character == '_' || character == ':'
        }) {
            continue;
        }
        let rest = &code[at + start.len()..];
        let names = if let Some(list) = rest.strip_prefix('{') {
            list.split('}').next().unwrap_or_default()
        } else {
            rest
        };
        let many = rest.starts_with('{');
        for name in names.split(',').take(if many { usize::MAX } else { 1 }) {
            let word: String = name
                .trim()
                .chars()
                .take_while(|character| character.is_alphanumeric() || *character == '_')
                .collect();
            words.insert(word);
        }
    }
    words
}

fn uses_library(code: &str, library: &str) -> bool {
    let path = format!("{library}::");
    let imported = format!("use {library};");
    code.match_indices(&path).any(|(at, _)| {
        !code[..at]
            .chars()
            .next_back()
            .is_some_and(|before| before.is_alphanumeric() || before == '_' || before == ':')
    }) || code.contains(&imported)
}

#[test]
fn arrows_between_rooms_run_downward() {
    let rooms: Vec<&str> = ROOMS
        .iter()
        .map(|(room, _, _)| *room)
        .chain(["cli"])
        .collect();
    let mut upward = Vec::new();
    for (room, allowed, dissectors) in ROOMS {
        for path in sources(&root().join("src").join(room)) {
            let code = code(&path);
            for used in words_after(&code, "crate::") {
                if rooms.contains(&used.as_str())
                    && used != room
                    && !allowed.contains(&used.as_str())
                {
                    upward.push(format!("{} uses {used}", path.display()));
                }
            }
            for dissector in ALL_DISSECTORS {
                if uses_library(&code, dissector) && !dissectors.contains(dissector) {
                    upward.push(format!("{} uses dissector {dissector}", path.display()));
                }
            }
        }
    }
    assert!(
        upward.is_empty(),
        "forbidden arrows:\n{}",
        upward.join("\n")
    );
}

#[test]
fn every_room_stands_in_the_house() {
    let known: BTreeSet<&str> = ROOMS
        .iter()
        .map(|(room, _, _)| *room)
        .chain(["cli"])
        .collect();
    for entry in fs::read_dir(root().join("src"))
        .expect("src is there")
        .flatten()
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            assert!(
                known.contains(name.as_str()),
                "src/{name} is no room of the house"
            );
        } else {
            assert!(
                ["lib.rs", "main.rs"].contains(&name.as_str()),
                "src/{name} stands outside the rooms"
            );
        }
    }
}

#[test]
fn dissectors_are_pure() {
    let mut impure = Vec::new();
    for entry in fs::read_dir(root().join("dissectors"))
        .expect("dissectors are there")
        .flatten()
    {
        let crate_folder = entry.path();
        let own = entry.file_name().to_string_lossy().into_owned();
        assert!(
            ALL_DISSECTORS.contains(&own.as_str()),
            "dissectors/{own} is not in the house"
        );
        let manifest = fs::read_to_string(crate_folder.join("Cargo.toml"))
            .expect("a dissector has a manifest");
        for other in ALL_DISSECTORS.iter().filter(|other| **other != own) {
            assert!(
                !manifest.contains(&format!("informant-{other}")),
                "{own} depends on {other}"
            );
        }
        for path in sources(&crate_folder.join("src")) {
            let text = code(&path);
            let body = text
                .split("#[cfg(test)]\nmod tests")
                .next()
                .unwrap_or_default();
            for forbidden in [
                "std::fs",
                "std::env",
                "std::process",
                "Instant::now",
                "SystemTime",
                "println!",
                "eprintln!",
                "print!(",
                "TcpStream",
                "UdpSocket",
                "todo!",
                "unimplemented!",
                ".unwrap()",
                ".expect(",
            ] {
                if body.contains(forbidden) && !path.ends_with("tests.rs") {
                    impure.push(format!("{} has {forbidden}", path.display()));
                }
            }
        }
    }
    assert!(impure.is_empty(), "{}", impure.join("\n"));
}

#[test]
fn libraries_stay_in_their_rooms() {
    let mut strays = Vec::new();
    for path in sources(&root().join("src")) {
        let code = code(&path);
        let room = path
            .strip_prefix(root().join("src"))
            .ok()
            .and_then(|inside| inside.components().next());
        let room = room
            .map(|part| part.as_os_str().to_string_lossy().into_owned())
            .unwrap_or_default();
        for (library, rooms) in OWNED {
            if uses_library(&code, library) && !rooms.contains(&room.as_str()) {
                strays.push(format!("{} uses {library}", path.display()));
            }
        }
    }
    assert!(strays.is_empty(), "{}", strays.join("\n"));
}

#[test]
fn only_the_clock_of_source_and_the_edge_is_read() {
    for path in sources(&root().join("src")) {
        let text = code(&path);
        let body = text
            .split("#[cfg(test)]\nmod tests")
            .next()
            .unwrap_or_default();
        let inside = path
            .strip_prefix(root().join("src"))
            .expect("a file of src")
            .to_string_lossy()
            .into_owned();
        let may = inside.starts_with("source/")
            || inside.starts_with("cli/")
            || inside == "replay/drive.rs";
        let reads = body.contains("Instant::now")
            || body.contains("SystemTime::now")
            || body.contains("Timestamp::now");
        assert!(may || !reads, "src/{inside} reads a clock");
    }
}

#[test]
fn nothing_else_stands_at_the_top() {
    for entry in fs::read_dir(root())
        .expect("the project is readable")
        .flatten()
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        let known = TOP.contains(&name.as_str())
            || ["tests", "target"].contains(&name.as_str())
            || name.starts_with('.');
        assert!(known, "{name} stands at the top of the house");
    }
}

#[test]
fn no_file_is_longer_than_six_hundred_lines() {
    let mut long = Vec::new();
    for folder in ["src", "dissectors"] {
        for path in sources(&root().join(folder)) {
            let lines = fs::read_to_string(&path)
                .expect("a source file is readable")
                .lines()
                .count();
            let tests = path.ends_with("tests.rs") || path.iter().any(|part| part == "tests");
            if lines > 600 && !tests {
                long.push(format!("{}: {lines}", path.display()));
            }
        }
    }
    assert!(long.is_empty(), "split these:\n{}", long.join("\n"));
}

#[test]
fn panics_are_argued() {
    // Outside the dissectors an invariant may be relied on, if its message says which.
    let mut bare = Vec::new();
    for path in sources(&root().join("src")) {
        let text = code(&path);
        let body = text
            .split("#[cfg(test)]\nmod tests")
            .next()
            .unwrap_or_default();
        if body.contains(".unwrap()") || body.contains("todo!") || body.contains("unimplemented!") {
            bare.push(path.display().to_string());
        }
    }
    assert!(
        bare.is_empty(),
        "unwrap without a reason in:\n{}",
        bare.join("\n")
    );
}

#[test]
fn every_bound_that_is_reported_is_explained() {
    let page = fs::read_to_string(root().join("docs/output.md")).expect("the page is there");
    let rooms = ["src/pipeline", "src/session/assemble"].map(|room| root().join(room));
    let mut told = BTreeSet::new();
    for path in rooms.iter().flat_map(|room| sources(room)) {
        let text = fs::read_to_string(&path).expect("a source file is readable");
        let literals = text.split('"').skip(1).step_by(2);
        let names = literals.filter(|literal| {
            literal.ends_with("_max")
                && literal
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'.' | b'1'))
        });
        told.extend(names.map(str::to_owned));
    }
    assert!(told.len() > 20, "{told:?}");
    let silent: Vec<&String> = told
        .iter()
        .filter(|name| !page.contains(&format!("| `{name}` |")))
        .collect();
    assert!(silent.is_empty(), "not in docs/output.md: {silent:?}");
}
