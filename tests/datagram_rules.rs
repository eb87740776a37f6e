//! The rules about datagrams against what they must not accuse: real captures, stories told as right, test vectors, and clean
//! fixtures of which one datagram is missing.

#[path = "support/fixture.rs"]
mod fixture;
mod support;

use std::fs;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use fixture::{Fixture, Variant};
use informant::conformance::{Checker, Selection, Setting};
use informant::pipeline::{Options, analyse};
use informant::session::{Finding, Masking, Severity};
use informant::source::{Capture, Input};

fn findings(path: &Path, families: &[&str]) -> Vec<Finding> {
    let mut capture = Capture::open(vec![Input::Path(path.to_path_buf())]).expect("a capture");
    let options = Options {
        messages: true,
        datagrams: true,
        ..Options::default()
    }
    .learning();
    let selection = Selection {
        select: families.iter().map(|one| (*one).to_owned()).collect(),
        ignore: Vec::new(),
    };
    let mut checker = Checker::new(Setting::default(), selection, Masking::default());
    let mut deliver = |output| {
        checker.handle(output);
        ControlFlow::Continue(())
    };
    let summary = analyse(&mut capture, &options, &mut deliver, &mut |_| {});
    checker.finish(&summary).findings
}

/// Whose rules no story of `captures/` breaks.
const FAMILIES: &[&str] = &["STUN", "DHCP", "LWN"];

fn of_text(transcript: &str) -> Vec<Finding> {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(transcript.as_bytes()).expect("room for it");
    findings(file.path(), &["STUN", "DHCP", "LWN", "UCR"])
}

fn told(path: &Path, found: &[Finding]) -> String {
    let lines = found.iter().map(|one| {
        let frames: Vec<u64> = one.frames().iter().map(|frame| frame.number()).collect();
        format!(
            "{}: {} {frames:?} {}\n",
            path.display(),
            one.code,
            one.message
        )
    });
    lines.collect()
}

fn below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(below(&path, ending));
        } else if path.to_string_lossy().contains(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// What the generator of these stories says of them is right, but for the requests that they are about.
#[test]
fn stories_keep_the_rules() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let stories = below(&folder, "capture.pcap");
    assert!(stories.len() >= 28, "{} stories", stories.len());
    let wrong: String = stories
        .iter()
        .map(|path| told(path, &findings(path, FAMILIES)))
        .collect();
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// STUN of calls and browsers, DHCP of PCs, and one device with STUN of TR-111 that does it right.
#[test]
fn real_captures_are_accused_of_nothing() {
    let Some(captures) = support::shared("captures") else {
        return;
    };
    let mut seen = 0;
    let mut wrong = String::new();
    for folder in ["stun", "dhcp", "peers"] {
        for path in below(&captures.join(folder), ".pcap") {
            seen += 1;
            wrong += &told(&path, &findings(&path, FAMILIES));
        }
    }
    assert!(seen >= 30, "{seen} captures");
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn vectors_are_judged_as_they_are_named() {
    let Some(vectors) = support::shared("spec/test_vectors.json") else {
        return;
    };
    let text = fs::read_to_string(vectors).expect("the vectors");
    let vectors: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let vectors = &vectors["stun_binding_request_hex_tid_000102..0f"];
    let expected = [
        ("keepalive_no_username", ""),
        ("keepalive_username", ""),
        ("binding_change", ""),
        ("binding_change_mi_rfc3489", ""),
        ("bad_crb_19_bytes", "STUN-006"),
        ("bad_crb_nul_pad", "STUN-006"),
        ("bad_change_without_crb", "STUN-008"),
    ];
    for (name, code) in expected {
        let vector = &vectors[name];
        let hex = vector.as_str().or(vector["hex"].as_str());
        let hex = hex.expect("a vector");
        let transcript = format!(
            "# informant transcript 1\n\n>> 10.0.0.2:36000 > 198.51.100.1:3478 @1.0 udp\n{hex}\n"
        );
        let found = of_text(&transcript);
        let codes: Vec<&str> = found.iter().map(|one| one.code).collect();
        assert_eq!(codes.join(" "), code, "{name}");
    }
}

/// A datagram that the capture lost makes no error, whichever it is.
#[test]
fn a_lost_datagram_makes_no_error() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules");
    let mut wrong = String::new();
    let mut lost = 0;
    for family in ["stun", "dhcp", "udp_request"] {
        for path in below(&folder.join(family), ".fixture") {
            let text = fs::read_to_string(&path).expect("a fixture");
            let fixture = Fixture::read(&text).expect("a fixture");
            if fixture.capture(Variant::Clean).is_some() {
                continue;
            }
            let transcript = fixture.transcript(Variant::Clean).expect("a transcript");
            if fixture
                .expected_clean
                .iter()
                .any(|one| one.severity.as_deref() == Some("error"))
            {
                continue;
            }
            let blocks: Vec<&str> = transcript.split("\n>> ").collect();
            for (at, _) in blocks
                .iter()
                .enumerate()
                .filter(|(_, block)| is_datagram(block))
            {
                let mut kept = blocks.clone();
                kept.remove(at);
                let found = of_text(&kept.join("\n>> "));
                lost += 1;
                let errors: Vec<Finding> = found
                    .into_iter()
                    .filter(|one| one.severity == Severity::Error)
                    .collect();
                wrong += &told(&path, &errors);
            }
        }
    }
    assert!(lost > 300, "{lost} datagrams");
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn is_datagram(block: &str) -> bool {
    block
        .lines()
        .next()
        .is_some_and(|line| line.ends_with(" udp"))
}
