//! The generated stories of what wakes a device: the files are what the generator tells, the analyzer finds what it says of
//! them, and so does tshark.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};

use informant::pipeline::Options;
use informant::session::{Account, Accounts, Credentials, Identity, LearnedBy, Reason};
use serde_json::{Value, json};
use stun::Signature;
use toml::de::DeTable;

use crate::support::{Analysis, analyse_file, analyse_files, captures};
use crate::wakeups::{self, NEAR_MISS, Story};

/// Every one of them, told once.
fn all() -> &'static [Story] {
    static TOLD: OnceLock<Vec<Story>> = OnceLock::new();
    TOLD.get_or_init(wakeups::tell)
}

pub fn is_wakeup(folder: &Path) -> bool {
    all().iter().any(|story| folder.ends_with(story.name))
}

/// The device whose story it is.
pub fn phone_of(folder: &Path) -> Option<String> {
    let story = all().iter().find(|story| folder.ends_with(story.name))?;
    story.truth.devices.first().cloned()
}

/// Writes their files, but for the expected outputs.
pub fn write() {
    for story in all() {
        let folder = captures().join(story.name);
        fs::create_dir_all(&folder).expect("captures/ is writable");
        for (name, bytes) in files(story) {
            fs::write(folder.join(name), bytes).expect("a story's folder is writable");
        }
    }
}

fn files(story: &Story) -> [(&'static str, &[u8]); 3] {
    [
        ("capture.pcapng", &story.pcapng),
        ("NOTES.md", story.notes.as_bytes()),
        ("credentials.toml", story.credentials.as_bytes()),
    ]
}

fn analysed(story: &Story) -> Analysis {
    analyse_file(&captures().join(story.name).join("capture.pcapng"))
}

#[test]
fn the_files_are_what_is_told() {
    crate::stories();
    let mut other = Vec::new();
    for story in all() {
        for (name, bytes) in files(story) {
            let path: PathBuf = captures().join(story.name).join(name);
            if fs::read(&path).ok().as_deref() != Some(bytes) {
                other.push(path.display().to_string());
            }
        }
    }
    assert!(
        other.is_empty(),
        "not what tests/support/wakeups tells (`make bless` writes it):\n{}",
        other.join("\n")
    );
}

#[test]
fn the_analyzer_finds_what_is_told() {
    crate::stories();
    for story in all() {
        let (analysis, truth) = (analysed(story), &story.truth);
        let (summary, name) = (&analysis.summary, story.name);
        assert_eq!(analysis.problems, [""; 0], "{name}");
        assert_eq!(summary.files[0].frames, story.frames, "{name}");
        assert_eq!(summary.packets.checksum_wrong, 0, "{name}");
        assert_eq!(summary.tcp.gaps, 0, "{name}");
        assert_eq!(summary.tcp.connections, truth.connections, "{name}");
        assert_eq!(summary.http_requests, truth.requests, "{name}");
        assert_eq!(summary.http_responses, truth.responses, "{name}");
        let found = &summary.datagrams;
        assert_eq!(
            [
                found.stun,
                found.stun_tr111,
                found.connection_requests,
                found.dhcp,
                found.dhcp_option_125
            ],
            [
                truth.stun,
                truth.stun_tr111,
                truth.udp_connection_requests,
                truth.dhcp,
                truth.dhcp_option_125
            ],
            "{name}"
        );
        let sessions = analysis.sessions.iter();
        let found: Vec<_> = sessions
            .map(|session| {
                let trigger = session.triggered_by.as_ref();
                (
                    session.device.as_deref().unwrap_or_default(),
                    session.events.join(", "),
                    trigger.map_or("", |trigger| trigger.kind.name()),
                    session.outcome.name(),
                )
            })
            .collect();
        let told = truth.devices.iter().zip(&truth.events).zip(&truth.triggers);
        let told: Vec<_> = told
            .map(|((device, events), trigger)| {
                (device.as_str(), events.join(", "), *trigger, "complete")
            })
            .collect();
        assert_eq!(found, told, "{name}");
    }
}

/// The story's Connection Requests by first frame: result, reasons, session. Its passwords are known.
fn verdicts(story: &Story) -> Vec<(u64, &'static str, Vec<&'static str>, Option<u32>)> {
    let table = DeTable::parse(&story.credentials).expect("credentials.toml is TOML");
    let table = table.get_ref();
    let account = |table: &DeTable<'_>, name: &str| {
        let fields = table.get(name).and_then(|value| value.get_ref().as_table());
        let text = |key: &str| Some(fields?.get(key)?.get_ref().as_str()?.to_owned());
        Account {
            user_name: text("user_name"),
            password: text("password"),
        }
    };
    let accounts = |table: &DeTable<'_>| Accounts {
        acs: account(table, "acs"),
        connection_request: account(table, "connection_request"),
        stun: account(table, "stun"),
    };
    let section = |name: &str| table.get(name).and_then(|value| value.get_ref().as_table());
    let default = section("default").map(accounts).unwrap_or_default();
    let devices = section("device").into_iter().flatten();
    let credentials = devices.fold(Credentials::new(default), |all, (device, table)| {
        let table = table.get_ref().as_table().expect("a device is a table");
        all.with_device(device.get_ref(), accounts(table))
    });
    let path = captures().join(story.name).join("capture.pcapng");
    let options = Options {
        credentials: Some(Arc::new(credentials)),
        ..Options::default()
    };
    let found = analyse_files(&[&path], &options).connection_requests;
    let mut found: Vec<_> = found
        .iter()
        .map(|request| {
            let frames = request.steps.iter().flat_map(|step| &step.frames);
            let first = frames.map(|frame| frame.number()).min().unwrap_or_default();
            let reasons = request.reasons.iter().map(Reason::name).collect();
            (first, request.result.name(), reasons, request.session)
        })
        .collect();
    found.sort();
    found
}

#[test]
fn each_connection_request_is_told_with_its_result_and_reasons() {
    crate::stories();
    let mut other = Vec::new();
    for story in all() {
        let told = story.truth.verdicts.iter();
        let told: Vec<_> = told
            .map(|told| (told.frame, told.result, told.reasons.to_vec(), told.session))
            .collect();
        let found = verdicts(story);
        if found != told {
            other.push(format!(
                "{}\n  told  {told:?}\n  found {found:?}",
                story.name
            ));
        }
    }
    assert!(other.is_empty(), "{}", other.join("\n"));
}

/// The records of its messages, with its passwords known.
fn records(story: &Story, threads: &str, expression: &str) -> Vec<Value> {
    let folder = captures().join(story.name);
    let form = ["messages", "-q", "-T", "ndjson", "--threads", threads];
    let rest = ["--credentials", "credentials.toml", "-Y", expression];
    let arguments = [&form[..], &rest, &["capture.pcapng"]].concat();
    let printed = crate::informant(&folder, &arguments);
    let lines = printed.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("a record is JSON"))
        .collect()
}

/// What is part of a Connection Request.
const LEGS: &str = "role == connection_request || protocol == udp_connection_request";

fn first_frame(record: &Value) -> u64 {
    let frames = record["frames"].as_array().into_iter().flatten();
    frames.filter_map(Value::as_u64).min().unwrap_or_default()
}

/// Result and reasons told of the Connection Request that a message is part of.
fn told_of(story: &Story, record: &Value) -> (&'static str, &'static [&'static str]) {
    let copied = record["copy_of"].as_u64();
    let frame = copied.unwrap_or_else(|| first_frame(record));
    let mut before = story.truth.verdicts.iter().rev();
    let told = before.find(|told| told.frame <= frame);
    let told = told.expect("a message is part of what is told");
    (told.result, told.reasons)
}

#[test]
fn each_message_of_a_connection_request_says_what_came_of_it() {
    crate::stories();
    let mut held = 0;
    for story in all() {
        for record in records(story, "1", LEGS) {
            let (result, explained) = told_of(story, &record);
            let reasons = record["reasons"].as_array().into_iter().flatten();
            let names: Vec<_> = reasons
                .filter_map(|reason| reason["name"].as_str())
                .collect();
            let found = (record["result"].as_str(), &names[..]);
            assert_eq!(found, (Some(result), explained), "{record}");
            held += 1;
        }
        for record in records(story, "1", "role != connection_request") {
            let none = (&Value::Null, &Value::Array(Vec::new()));
            assert_eq!((&record["result"], &record["reasons"]), none, "{record}");
        }
    }
    assert!(held > 50, "only {held} messages are held against the truth");
}

#[test]
fn messages_are_selected_by_what_came_of_them() {
    crate::stories();
    let (mut results, mut reasons) = (0, 0);
    for story in all() {
        let legs = records(story, "8", LEGS);
        for (expression, count) in [
            ("result == never_arrived", &mut results),
            ("reasons == wrong_source", &mut reasons),
        ] {
            let found = records(story, "1", expression);
            assert_eq!(found, records(story, "8", expression), "{}", story.name);
            let wanted = expression.rsplit(' ').next().unwrap_or_default();
            let mut legs = legs.clone();
            legs.retain(|record| {
                let (result, reasons) = told_of(story, record);
                result == wanted || reasons.contains(&wanted)
            });
            assert_eq!(found, legs, "{}: {expression}", story.name);
            *count += found.len();
        }
    }
    assert!(results > reasons && reasons > 0, "{results}, {reasons}");
}

#[test]
fn a_reason_says_what_it_rests_on() {
    crate::stories();
    for (story, expression, reason) in [
        (
            "udp-request-wrong-source",
            "reasons.expected == \"198.51.100.20:3478\"",
            json!({"name": "wrong_source", "expected": "198.51.100.20:3478"}),
        ),
        (
            "udp-request-stale",
            "reasons.previous == 1774945842",
            json!({"name": "stale_timestamp", "previous": "1774945842"}),
        ),
        (
            "udp-request-unreachable",
            "reasons.says == \"host unreachable\"",
            json!({"name": "unreachable", "says": "host unreachable", "by": "203.0.113.1"}),
        ),
        (
            "http-request-busy",
            "reasons.session == 1",
            json!({"name": "in_session", "session": 1}),
        ),
    ] {
        let story = all().iter().find(|one| one.name == story);
        let found = records(story.expect("it is told"), "1", expression);
        assert!(!found.is_empty(), "{expression}");
        for record in found {
            assert_eq!(record["reasons"][0], reason, "{record}");
        }
    }
}

#[test]
fn the_screen_says_it_once() {
    crate::stories();
    for (story, said) in [
        (
            "http-request-refused",
            "401 Unauthorized  refused: what it authenticates with does not match the password; \
             the challenge was answered, and the device challenged again",
        ),
        (
            "udp-request-busy",
            "no session came: the device was in session 2",
        ),
    ] {
        let folder = captures().join(story);
        let run = Command::new(env!("CARGO_BIN_EXE_informant"))
            .args(["messages", "-q", "--credentials", "credentials.toml"])
            .arg("capture.pcapng")
            .current_dir(folder)
            .env("COLUMNS", "250")
            .output()
            .expect("the binary runs");
        let text = String::from_utf8_lossy(&run.stdout);
        let lines = text.lines().filter(|line| line.ends_with(said));
        assert_eq!(lines.count(), 1, "{text}");
    }
}

#[test]
fn a_session_is_shown_with_what_came_of_its_request() {
    crate::stories();
    let folder = captures().join("udp-request-works");
    let printed = crate::informant(&folder, &["show", "capture.pcapng", "2", "-T", "json"]);
    let document: Value = serde_json::from_str(&printed).expect("the output is JSON");
    let messages = document["messages"].as_array().into_iter().flatten();
    let results: Vec<_> = messages
        .filter(|record| record["protocol"] == "udp_connection_request")
        .map(|record| {
            (
                &record["result"],
                record["reasons"].as_array().map(Vec::len),
            )
        })
        .collect();
    assert_eq!(results, [(&json!("session"), Some(0)); 3]);
}

#[test]
fn no_secret_is_printed() {
    // While the expected outputs are written there is nothing to look into.
    if crate::blesses() {
        return;
    }
    for story in all() {
        let folder = captures().join(story.name);
        for name in ["devices.txt", "flow.txt", "list.ndjson", "messages.ndjson"] {
            let printed = fs::read_to_string(folder.join(format!("expected.{name}")))
                .expect("expected output is readable");
            for secret in &story.truth.secrets {
                assert!(
                    !printed.contains(secret.as_str()),
                    "{}: {name} prints {secret}",
                    story.name
                );
            }
        }
    }
}

#[test]
fn the_near_miss_is_signed_with_the_phones_password() {
    let request = stun::ucr::parse(NEAR_MISS, NEAR_MISS.len()).expect("it is almost a request");
    let verdict = request.verify(b"ring-alder-3C4D39");
    assert!(
        matches!(verdict, Signature::Match { .. }),
        "{verdict:?} of {:?}",
        request.anomalies
    );
}

/// What tshark says of each frame.
const FIELDS: [&str; 12] = [
    "frame.number",
    "_ws.malformed",
    "ip.checksum.status",
    "tcp.checksum.status",
    "udp.checksum.status",
    "icmp.checksum.status",
    "tcp.flags",
    "http.request",
    "http.response",
    "stun.type",
    "classicstun.type",
    "dhcp.option.dhcp",
];

#[test]
fn tshark_decodes_them_all() {
    crate::stories();
    let folder = tempfile::tempdir().expect("a folder for a while");
    let path = folder.path().join("all.pcapng");
    // Sections of a pcapng file may follow each other, so that tshark starts once.
    let sections: Vec<&[u8]> = all().iter().map(|story| &story.pcapng[..]).collect();
    fs::write(&path, sections.concat()).expect("it is writable");
    let mut command = Command::new("tshark");
    command.args(["-n", "-r"]).arg(&path).args(["-T", "fields"]);
    for option in ["ip", "tcp", "udp"] {
        command.args(["-o", &format!("{option}.check_checksum:TRUE")]);
    }
    for field in FIELDS {
        command.args(["-e", field]);
    }
    let Ok(run) = command.output() else {
        eprintln!("skipped: tshark is absent");
        return;
    };
    let complaints = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{complaints}");
    let text = String::from_utf8_lossy(&run.stdout);
    let mut rows = text.lines().map(|row| row.split('\t').collect::<Vec<_>>());
    for story in all() {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for row in rows.by_ref().take(story.frames as usize) {
            for (field, value) in FIELDS.iter().zip(&row) {
                *counts.entry(field).or_default() += u64::from(!value.is_empty());
                if field.ends_with("checksum.status") && !value.is_empty() {
                    // Of ICMP the packet inside is checked too.
                    assert!(
                        value.split(',').all(|status| status == "1"),
                        "{}: frame {}: {field} {value}",
                        story.name,
                        row[0]
                    );
                }
            }
        }
        let truth = &story.truth;
        // tshark 4.0 reads each part of an option for itself (RFC 3396 section 5 has them joined).
        let malformed = counts["_ws.malformed"];
        assert_eq!(malformed, truth.dhcp_split, "{}", story.name);
        assert_eq!(counts["frame.number"], story.frames, "{}", story.name);
        assert_eq!(counts["http.request"], truth.requests, "{}", story.name);
        assert_eq!(counts["http.response"], truth.responses, "{}", story.name);
        let stun = counts["stun.type"] + counts["classicstun.type"];
        assert_eq!(stun, truth.stun, "{}", story.name);
        assert_eq!(counts["dhcp.option.dhcp"], truth.dhcp, "{}", story.name);
    }
    assert!(
        rows.next().is_none(),
        "tshark sees more frames than are told"
    );
}

#[test]
fn a_gateway_its_rows_and_its_port_mappings_are_learned() {
    crate::stories();
    let path = captures().join("gateway-association/capture.pcapng");
    let options = Options {
        messages: true,
        ..Options::default()
    };
    let analysis = analyse_files(&[&path], &options.learning());
    let gateway = Identity {
        oui: Some("00D09E".to_owned()),
        serial_number: Some("00D09E5B7A07".to_owned()),
        product_class: Some("HomeGate".to_owned()),
    };
    let phone = &analysis.summary.devices[0];
    let dhcp = phone.dhcp.as_deref().expect("option 125 names the phone");
    assert_eq!(phone.gateway.as_ref(), Some(&gateway));
    assert_eq!(dhcp.gateway.as_ref(), Some(&gateway));
    assert_eq!(dhcp.client, "00:04:13:5e:6f:41");
    assert_eq!(dhcp.address, "192.168.1.20".parse().ok());
    assert_eq!(
        dhcp.acs_url.as_deref(),
        Some("http://acs.example.net:7547/cwmp")
    );
    assert_eq!(analysis.summary.devices[1].dhcp, None);
    let of_phone = analysis.datagrams.iter();
    assert!(
        of_phone
            .into_iter()
            .all(|datagram| datagram.device.as_deref() == Some(&*phone.device))
    );
    let learned = |how, end: &str| {
        let mut all = analysis.sessions[1].learned.iter();
        let found = all.find(|one| one.how == how && one.name.ends_with(end));
        found.map(|one| one.value.as_str())
    };
    let row = "ManageableDevice.1.SerialNumber";
    assert_eq!(learned(LearnedBy::Read, row), Some("0004135E6F41"));
    let mapping = "PortMapping.1.InternalClient";
    assert_eq!(learned(LearnedBy::Set, mapping), Some("192.168.1.20"));
    let mapping = "PortMapping.1.ExternalPort";
    assert_eq!(learned(LearnedBy::Set, mapping), Some("7548"));
}
