//! What `informant check` says of the project's own captures: what is generated breaks nothing but what it means to, and of
//! what was recorded every error and warning is known. In every form it is the same with any number of threads.

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use support::{captures, is_told, shared};

/// An error or a warning that a capture is meant to give.
struct Meant {
    story: &'static str,
    code: &'static str,
    blame: &'static str,
    /// Why it stands in the capture.
    because: &'static str,
}

const fn meant(
    story: &'static str,
    code: &'static str,
    blame: &'static str,
    because: &'static str,
) -> Meant {
    Meant {
        story,
        code,
        blame,
        because,
    }
}

fn stories() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(captures()).expect("captures/ is there");
    let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    folders.retain(|path| path.join("capture.pcapng").is_file() && !is_told(path));
    folders.sort();
    assert!(folders.len() >= 28, "{folders:?}");
    folders
}

/// What `informant check` writes, run inside a folder; with the story's passwords where it has some.
fn check(folder: &Path, file: &str, form: &str, threads: &str) -> Vec<u8> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_informant"));
    command.current_dir(folder).env("COLUMNS", "100");
    command.args(["check", file, "-q", "--fail-on", "never"]);
    command.args(["-T", form, "--threads", threads]);
    if folder.join("credentials.toml").is_file() {
        command.args(["--credentials", "credentials.toml"]);
    }
    let run = command.output().expect("the binary runs");
    let complaints = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{}: {complaints}", folder.display());
    run.stdout
}

/// Errors and warnings of a story: code and side.
fn found(folder: &Path) -> BTreeSet<(String, String)> {
    let printed = check(folder, "capture.pcapng", "ndjson", "1");
    let printed = String::from_utf8(printed).expect("the output is UTF-8");
    let records = printed.lines().map(|line| {
        let record: Value = serde_json::from_str(line).expect("a record is JSON");
        record
    });
    let text = |record: &Value, key: &str| record[key].as_str().unwrap_or_default().to_owned();
    records
        .filter(|record| record["severity"] != "info")
        .map(|record| (text(&record, "code"), text(&record, "blame")))
        .collect()
}

#[test]
fn captures_break_what_they_mean_to_and_nothing_else() {
    let mut other = Vec::new();
    for folder in stories() {
        let found = found(&folder);
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let meant = MEANT.iter().filter(|meant| meant.story == name);
        let meant: BTreeSet<(String, String)> = meant
            .map(|meant| (meant.code.to_owned(), meant.blame.to_owned()))
            .collect();
        for (code, blame) in found.difference(&meant) {
            other.push(format!("{name}: {code} {blame} is found and not meant"));
        }
        for (code, blame) in meant.difference(&found) {
            other.push(format!("{name}: {code} {blame} is meant and not found"));
        }
    }
    assert!(other.is_empty(), "{}", other.join("\n"));
}

#[test]
fn what_is_meant_is_said_once_and_why() {
    let known: BTreeSet<String> = stories()
        .iter()
        .filter_map(|folder| Some(folder.file_name()?.to_string_lossy().into_owned()))
        .collect();
    let mut before = BTreeSet::new();
    for meant in &MEANT {
        let Meant {
            story,
            code,
            blame,
            because,
        } = meant;
        assert!(known.contains(*story), "{story} is no capture");
        assert!(before.insert((story, code, blame)), "{story} {code} twice");
        assert!(because.len() > 20, "{story} {code}: {because}");
        assert!(informant::conformance::rule(code).is_some(), "{code}");
    }
}

const FORMS: [&str; 6] = ["text", "json", "ndjson", "junit", "sarif", "github"];

#[test]
fn every_form_is_the_same_with_any_number_of_threads() {
    let stories = [
        "bootstrap-with-provisioning",
        "fault",
        "firmware-download",
        "gateway-association",
        "udp-request-works",
    ];
    let mut files: Vec<(PathBuf, String)> = stories
        .iter()
        .map(|story| (captures().join(story), "capture.pcapng".to_owned()))
        .collect();
    if let Some(peers) = shared("captures/peers") {
        files.push((peers, LARGER.to_owned()));
    }
    for (folder, file) in files {
        for form in FORMS {
            let alone = check(&folder, &file, form, "1");
            assert!(!alone.is_empty(), "{file} {form}");
            for threads in ["2", "4"] {
                assert!(
                    check(&folder, &file, form, threads) == alone,
                    "{}/{file}: -T {form} is another with --threads {threads}",
                    folder.display()
                );
            }
        }
    }
}

/// A recording of many connections.
const LARGER: &str = "genieacs-sim_genieacs.pcap";

/// Of the recorded ones all that is found, looked at by hand; of the generated ones what they are about.
const MEANT: [Meant; 64] = [
    meant(
        "tls-1.0-old-phone",
        "FIELD-023",
        "acs",
        "a throw-away certificate that issued itself",
    ),
    meant(
        "tls-1.0-old-phone",
        "INF-010",
        "cpe",
        "as in the generated story: the hour without its offset",
    ),
    meant(
        "tls-1.2-resumed",
        "FIELD-023",
        "acs",
        "a throw-away certificate that issued itself",
    ),
    meant(
        "tls-1.2-resumed",
        "INF-010",
        "cpe",
        "as in the generated story: the hour without its offset",
    ),
    meant(
        "tls-1.2-resumed",
        "CWMP-SPV-009",
        "acs",
        "as in the generated story: Reboot behind Status 1",
    ),
    meant(
        "tls-1.2-resumed",
        "FIELD-021",
        "acs",
        "as in the generated story: a name that the phone does not have",
    ),
    meant(
        "tls-1.3-provisioning",
        "FIELD-023",
        "acs",
        "a throw-away certificate that issued itself",
    ),
    meant(
        "tls-1.3-provisioning",
        "INF-010",
        "cpe",
        "as in the generated story: the hour without its offset",
    ),
    meant(
        "tls-1.3-provisioning",
        "CWMP-SPV-009",
        "acs",
        "as in the generated story: Reboot behind Status 1",
    ),
    meant(
        "tls-1.3-provisioning",
        "FIELD-021",
        "acs",
        "as in the generated story: a name that the phone does not have",
    ),
    meant(
        "tls-certificate-refused",
        "INF-010",
        "cpe",
        "as in the generated story: the hour without its offset",
    ),
    meant(
        "bootstrap-with-provisioning",
        "INF-010",
        "cpe",
        "made so: the phone writes the hour without its offset",
    ),
    meant(
        "bootstrap-with-provisioning",
        "CWMP-SPV-009",
        "acs",
        "made so: Status 1 already makes the phone restart",
    ),
    meant(
        "bootstrap-with-provisioning",
        "FIELD-021",
        "acs",
        "its subject: the ACS sets a name that the phone does not have",
    ),
    meant(
        "compressed-behind-a-proxy",
        "EVT-001",
        "cpe",
        "recorded: the client writes `1 Boot`",
    ),
    meant(
        "compressed-behind-a-proxy",
        "INF-010",
        "cpe",
        "recorded: the client writes the hour without its offset",
    ),
    meant(
        "compressed-behind-a-proxy",
        "AUTH-014",
        "cpe",
        "recorded: the user name was made up for the recording",
    ),
    meant(
        "connection-request",
        "HTTP-007",
        "cpe",
        "recorded: easycwmp sends Content-Type with its empty POST",
    ),
    meant(
        "connection-request",
        "INF-014",
        "cpe",
        "recorded: easycwmp's Inform has no DeviceSummary",
    ),
    meant(
        "connection-request",
        "INF-024",
        "cpe",
        "recorded: easycwmp listens at `/`",
    ),
    meant(
        "connection-request",
        "SOAP-041",
        "cpe",
        "recorded: easycwmp gives Polish letters back as they came",
    ),
    meant(
        "connection-request",
        "SOAP-041",
        "acs",
        "recorded: GenieACS writes Polish letters as they are",
    ),
    meant(
        "fault",
        "HTTP-004",
        "cpe",
        "recorded: tr069agent sends no SOAPAction at all",
    ),
    meant(
        "fault",
        "HTTP-005",
        "cpe",
        "recorded: tr069agent sends no SOAPAction at all",
    ),
    meant(
        "fault",
        "SOAP-012",
        "cpe",
        "recorded: tr069agent writes string[14] without a prefix",
    ),
    meant(
        "fault",
        "SOAP-012",
        "acs",
        "recorded: perl-cwmp names a type that is not there",
    ),
    meant(
        "fault",
        "SOAP-019",
        "acs",
        "recorded: perl-cwmp writes mustUnderstand without SOAP's prefix",
    ),
    meant(
        "fault",
        "SOAP-009",
        "acs",
        "recorded: perl-cwmp writes arrayType without its prefix",
    ),
    meant(
        "fault",
        "CWMP-GPV-009",
        "cpe",
        "recorded: tr069agent has STUNServerPort as int",
    ),
    meant(
        "firmware-download",
        "HTTP-004",
        "cpe",
        "recorded: genieacs-sim sends no SOAPAction at all",
    ),
    meant(
        "firmware-download",
        "HTTP-005",
        "cpe",
        "recorded: genieacs-sim sends no SOAPAction at all",
    ),
    meant(
        "firmware-download",
        "HTTP-007",
        "cpe",
        "recorded: genieacs-sim sends Content-Type with its empty POST",
    ),
    meant(
        "firmware-download",
        "HTTP-026",
        "cpe",
        "recorded: genieacs-sim keeps the cookies of the session before",
    ),
    meant(
        "firmware-download",
        "SOAP-010",
        "cpe",
        "recorded: genieacs-sim counts 16 parameters and writes 7",
    ),
    meant(
        "firmware-download",
        "FLT-024",
        "cpe",
        "recorded: genieacs-sim answers Reboot with 9000",
    ),
    meant(
        "firmware-download",
        "CR-004",
        "cpe",
        "recorded: genieacs-sim asks a Connection Request for nothing",
    ),
    meant(
        "firmware-download",
        "CWMP-TC-001",
        "cpe",
        "recorded: genieacs-sim writes FaultStruct behind the times",
    ),
    meant(
        "firmware-download",
        "AUTH-014",
        "cpe",
        "recorded: the user name is the sample's own",
    ),
    meant(
        "firmware-download",
        "INF-014",
        "cpe",
        "recorded: genieacs-sim's Inform has no DeviceSummary",
    ),
    meant(
        "firmware-download",
        "INF-024",
        "cpe",
        "recorded: genieacs-sim listens at `/`",
    ),
    meant(
        "firmware-download",
        "SOAP-045",
        "acs",
        "recorded: GenieACS takes that TransferComplete",
    ),
    meant(
        "firmware-download",
        "CWMP-SPV-009",
        "acs",
        "recorded: the ACS was told to send Reboot behind DeleteObject",
    ),
    meant(
        "http-request-bare-lf",
        "CR-004",
        "cpe",
        "its subject: a phone that challenges with Basic",
    ),
    meant(
        "http-request-never-arrived",
        "FIELD-014",
        "cpe",
        "its subject: an address that no NAT lets through",
    ),
    meant(
        "http-request-no-session",
        "CR-008",
        "cpe",
        "its subject: a phone that agrees and does not come",
    ),
    meant(
        "refused-by-the-acs",
        "CR-004",
        "cpe",
        "recorded: genieacs-sim asks a Connection Request for nothing",
    ),
    meant(
        "refused-by-the-acs",
        "HTTP-005",
        "cpe",
        "recorded: genieacs-sim sends no SOAPAction at all",
    ),
    meant(
        "refused-by-the-acs",
        "AUTH-014",
        "cpe",
        "recorded: the user name is the sample's own",
    ),
    meant(
        "refused-by-the-acs",
        "FIELD-019",
        "cpe",
        "its subject: Content-Length counts characters",
    ),
    meant(
        "refused-by-the-acs",
        "INF-024",
        "cpe",
        "recorded: genieacs-sim listens at `/`",
    ),
    meant(
        "udp-request-wrong-source",
        "FIELD-015",
        "acs",
        "its subject: a request from another port than the STUN server's",
    ),
    meant(
        "fault",
        "DM-010",
        "cpe",
        "recorded: the placeholder `myDeviceSummary` of tr069agent",
    ),
    meant(
        "udp-request-bad-signature",
        "UCR-010",
        "acs",
        "its subject: signed with the password of before, then for another user",
    ),
    meant(
        "udp-request-bad-signature",
        "UCR-011",
        "acs",
        "its subject: signed with the password of before, then for another user",
    ),
    meant(
        "udp-request-busy",
        "UCR-018",
        "cpe",
        "its subject: no session follows the one in which it came",
    ),
    meant(
        "udp-request-ignored",
        "UCR-018",
        "cpe",
        "its subject: the phone does nothing",
    ),
    meant(
        "udp-request-near-miss",
        "UCR-004",
        "acs",
        "its subject: a path before the query",
    ),
    meant(
        "udp-request-near-miss",
        "UCR-008",
        "acs",
        "its subject: ts in milliseconds",
    ),
    meant(
        "udp-request-near-miss",
        "UCR-011",
        "acs",
        "its subject: signed with HMAC-SHA256",
    ),
    meant(
        "udp-request-near-miss",
        "UCR-021",
        "acs",
        "its subject: a request without Host",
    ),
    meant(
        "udp-request-other-event",
        "UCR-018",
        "cpe",
        "its subject: the session says 2 PERIODIC alone",
    ),
    meant(
        "udp-request-port-closed",
        "UCR-022",
        "cpe",
        "its subject: nothing listens at the port",
    ),
    meant(
        "udp-request-stale",
        "UCR-013",
        "acs",
        "its subject: an id and a time of before",
    ),
    meant(
        "udp-request-wrong-source",
        "UCR-016",
        "acs",
        "its subject: another address than the STUN server's",
    ),
];
