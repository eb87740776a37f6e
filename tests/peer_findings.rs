//! What is found in the traffic of others: every error and warning of each recording and message in `../shared/captures` is
//! listed in `tests/peer_findings/*.tsv` with what its bytes really hold, so that a rule that begins to accuse the innocent
//! shows.
//!
//! `BLESS=1 cargo test --test peer_findings` writes rows and counts anew. It keeps reasons and invents none: a row without one
//! fails until somebody has looked at the bytes. `KEEP=FOLDER` keeps the transcripts that stand for single messages, so that
//! `informant show` and `check` read them.

#[path = "peer_findings/bare.rs"]
mod bare;
mod support;
#[path = "peer_findings/table.rs"]
mod table;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use informant::conformance::{Checker, Selection, Setting};
use informant::pipeline::{Options, analyse};
use informant::session::{Finding, Masking, Severity};
use informant::source::{Capture, Input};
use table::{Row, Table};

#[test]
fn the_peers_recordings() {
    hold("peers", recording);
}

#[test]
fn a_recording_from_elsewhere() {
    hold("cwmp-pcap", recording);
}

#[test]
fn messages_from_elsewhere() {
    hold("cwmp-xml", bare_message);
}

/// Captures of anything but CWMP accuse nobody.
#[test]
fn traffic_of_others_is_left_alone() {
    let folders = [
        "dhcp",
        "http-torture",
        "linktypes",
        "pcapng-suite",
        "stun",
        "tls",
    ];
    let (mut accused, mut captures) = (String::new(), 0);
    for folder in folders {
        let Some(folder) = support::shared(&format!("captures/{folder}")) else {
            return;
        };
        for path in files_below(&folder) {
            let Some(found) = recording(&path) else {
                continue;
            };
            captures += 1;
            let serious = found
                .iter()
                .filter(|finding| finding.severity >= Severity::Warning);
            for Finding { code, message, .. } in serious {
                let _ = writeln!(accused, "  {}: {code} {message}", path.display());
            }
        }
    }
    assert!(captures >= 500, "only {captures} captures");
    assert!(accused.is_empty(), "\n{accused}");
}

/// Holds what is found in the files of a folder against its table.
fn hold(name: &str, judge: fn(&Path) -> Option<Vec<Finding>>) {
    let Some(folder) = support::shared(&format!("captures/{name}")) else {
        return;
    };
    let mut found = Table::default();
    for path in files_below(&folder) {
        let file = path.strip_prefix(&folder).unwrap_or(&path);
        let file = file.to_string_lossy();
        for finding in judge(&path).unwrap_or_default() {
            if finding.severity >= Severity::Warning {
                found.add(&file, &finding);
            }
        }
    }
    let listed = listed(name);
    found.take_reasons(&listed);
    if std::env::var_os("BLESS").is_some() {
        fs::write(table(name), found.written()).expect("room for the table");
    } else {
        let differences = listed.differences(&found);
        assert!(
            differences.is_empty(),
            "{name}.tsv and what is found now (BLESS=1 writes the rows; look at the bytes and give the reason):\n{differences}"
        );
    }
    let unexplained = found.unexplained();
    assert!(
        unexplained.is_empty(),
        "{name}.tsv: nobody has said what the bytes hold:\n{unexplained}"
    );
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// A capture; keys and the list of what is known of the captures are none.
fn recording(path: &Path) -> Option<Vec<Finding>> {
    let ending = path.extension()?.to_str()?;
    let is_capture = ["pcap", "pcapng", "trace"].contains(&ending);
    is_capture.then(|| findings(path).0)
}

/// One message, in a session of which the capture has nothing else.
fn bare_message(path: &Path) -> Option<Vec<Finding>> {
    let transcript = bare::transcript(&fs::read(path).ok()?)?;
    if let Some(folder) = std::env::var_os("KEEP") {
        let name = path.file_name()?.to_string_lossy().into_owned() + ".transcript";
        fs::write(Path::new(&folder).join(name), &transcript).expect("room for a transcript");
    }
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(transcript.as_bytes()).expect("room for it");
    let (found, problems) = findings(file.path());
    assert!(problems.is_empty(), "{}: {problems:?}", path.display());
    Some(found)
}

/// What is found, and what is wrong with the file.
fn findings(path: &Path) -> (Vec<Finding>, Vec<String>) {
    let input = Input::Path(path.to_path_buf());
    let mut capture = match Capture::open(vec![input]) {
        Ok(capture) => capture,
        Err(wrong) => return (Vec::new(), vec![wrong.to_string()]),
    };
    let options = Options {
        messages: true,
        in_order: false,
        raw_bodies: false,
        datagrams: true,
        ..Options::default()
    }
    .learning();
    let mut checker = Checker::new(Setting::default(), Selection::default(), Masking::default());
    let mut deliver = |output| {
        checker.handle(output);
        ControlFlow::Continue(())
    };
    let summary = analyse(&mut capture, &options, &mut deliver, &mut |_| {});
    let problems = capture.problems().iter().map(ToString::to_string).collect();
    (checker.finish(&summary).findings, problems)
}

/// What `../shared/README.md` says of the peers is found, under these codes.
#[test]
fn breaches_that_are_known_of_the_peers_are_found() {
    let rows = listed("peers");
    let missing: Vec<_> = KNOWN
        .iter()
        .filter(|(file, code, blame, _)| !any(&rows, file, code, blame))
        .collect();
    assert!(missing.is_empty(), "not in peers.tsv: {missing:#?}");
}

/// What `../shared/README.md` says of the peers besides, and no document forbids.
#[test]
fn oddities_that_break_nothing_are_left_alone() {
    let rows = listed("peers");
    let accused: Vec<_> = INNOCENT
        .iter()
        .filter(|(file, code, blame, _)| any(&rows, file, code, blame))
        .collect();
    assert!(accused.is_empty(), "in peers.tsv: {accused:#?}");
}

/// Whoever collected the messages noted what is odd about each (`MANIFEST.tsv`); a rule says the same of it.
#[test]
fn what_the_collector_noted_of_a_message_is_found() {
    let Some(captures) = support::shared("captures") else {
        return;
    };
    let manifest = fs::read_to_string(captures.join("MANIFEST.tsv")).expect("the manifest");
    let rows = listed("cwmp-xml");
    let mut wrong = String::new();
    let mut looked_at = 0;
    for line in manifest.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let (Some(path), Some(notes)) = (fields.first(), fields.get(7)) else {
            continue;
        };
        let Some(file) = path.strip_prefix("cwmp-xml/") else {
            continue;
        };
        // NoMoreRequests says Issue 1, in which a time needs no zone.
        let issue_1 = notes.contains("hdr:NoMoreRequests");
        for note in notes.split([' ', ';']) {
            let noted = NOTED.iter().find(|(begin, _)| note.starts_with(begin));
            let Some((begin, codes)) = noted else {
                continue;
            };
            looked_at += 1;
            let expected = !(issue_1 && *begin == "CurrentTime-no-tz");
            let is = |row: &Row| row.file == file && codes.contains(&row.code.as_str());
            if rows.rows().any(is) != expected {
                let _ = writeln!(wrong, "  {file}: {note}, {codes:?} expected: {expected}");
            }
        }
    }
    assert!(looked_at >= 50, "only {looked_at} notes are known here");
    assert!(wrong.is_empty(), "cwmp-xml.tsv:\n{wrong}");
}

/// What a note of the manifest begins with, and the rules of which one has to say so.
const NOTED: &[(&str, &[&str])] = &[
    ("no-arrayType:", &["SOAP-009"]),
    ("arrayType-ns=", &["SOAP-009"]),
    ("arrayType[", &["SOAP-010"]),
    ("Value-no-xsi:type", &["SOAP-014"]),
    ("PVS-no-Value", &["SOAP-008", "SOAP-043"]),
    ("OUI=", &["INF-004"]),
    (
        "CurrentTime-no-tz",
        &["INF-010", "SOAP-030", "SOAP-031", "SOAP-033"],
    ),
];

fn table(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peer_findings");
    folder.join(format!("{name}.tsv"))
}

fn listed(name: &str) -> Table {
    Table::read(&fs::read_to_string(table(name)).unwrap_or_default())
}

fn any(rows: &Table, file: &str, code: &str, blame: &str) -> bool {
    let is = |row: &Row| row.file.starts_with(file) && row.code == code && row.blame == blame;
    rows.rows().any(is)
}

/// File, code, side, and what is known.
type Known = (&'static str, &'static str, &'static str, &'static str);

const KNOWN: &[Known] = &[
    (
        "genieacs-sim",
        "FIELD-019",
        "cpe",
        "Content-Length counts characters, and a body that is not ASCII is cut",
    ),
    (
        "genieacs-sim",
        "HTTP-026",
        "cpe",
        "an Inform has the cookie of the session before",
    ),
    (
        "genieacs-sim",
        "FLT-024",
        "cpe",
        "Fault 9000 to a method that every device has",
    ),
    (
        "netcwmp",
        "SOAP-019",
        "acs",
        "a prefix that is declared nowhere, of mustUnderstand",
    ),
    ("netcwmp", "SOAP-006", "acs", "Reboot in no namespace"),
    (
        "netcwmp",
        "SESS-006",
        "cpe",
        "a request that it cannot read is answered with an empty POST",
    ),
    (
        "netcwmp",
        "SOAP-018",
        "cpe",
        "the namespaces of XML Schema are those of 1999",
    ),
    ("netcwmp", "INF-010", "cpe", "a dateTime without zone"),
    ("netcwmp", "FLT-001", "cpe", "detail within faultstring"),
    (
        "mhils",
        "EVT-001",
        "cpe",
        "the event '1 Boot', in the wrong case",
    ),
];

const INNOCENT: &[Known] = &[
    (
        "easycwmp",
        "HTTP-005",
        "cpe",
        "SOAPAction of a request is empty: its value is free",
    ),
    (
        "easycwmp",
        "HTTP-004",
        "cpe",
        "SOAPAction of a response is empty, as it should be",
    ),
    (
        "easycwmp",
        "INF-009",
        "cpe",
        "an Event list without members, for no known cause",
    ),
    (
        "orange",
        "SOAP-010",
        "cpe",
        "EventStruct[02] counts two members",
    ),
    (
        "orange",
        "HTTP-001",
        "cpe",
        "heads that FIN cuts are incomplete, and nobody's fault",
    ),
    (
        "netcwmp",
        "FLT-011",
        "cpe",
        "each request has the ID 1: a fault belongs to the latest, not to the one that was passed over",
    ),
    (
        "genieacs-sim",
        "FIELD-001",
        "cpe",
        "the Inform that was refused had no end: its cookie was not the cause",
    ),
];
