//! Names are the keys of the JSON: whatever a record prints, its name finds, and nothing that it does not print.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;

use informant::conformance::{Checked, Checker, Selection, Setting};
use informant::filter::{Filter, Holds, NAMES, Seen};
use informant::pipeline::{Options, analyse};
use informant::session::{Finding, Masking, Message};
use informant::source::{Capture, Input};
use serde_json::Value;

use crate::datagrams;
use crate::parsed;
use crate::support::{Analysis, analyse_file, captures, shared, wire};

/// The stories, and recordings of peers and of DHCP where they are at hand.
fn inputs() -> Vec<PathBuf> {
    let stories = fs::read_dir(captures()).expect("captures/ is there");
    let stories = stories
        .flatten()
        .map(|entry| entry.path().join("capture.pcapng"));
    let mut inputs: Vec<PathBuf> = stories.filter(|path| path.is_file()).collect();
    assert!(inputs.len() >= 4);
    for folder in ["captures/peers", "captures/dhcp"] {
        let Some(folder) = shared(folder) else {
            continue;
        };
        let recordings = fs::read_dir(folder).expect("the recordings are readable");
        let files = recordings.flatten().map(|entry| entry.path());
        inputs.extend(files.filter(|path| path.extension().is_some_and(|end| end == "pcap")));
    }
    inputs.sort();
    inputs
}

/// The records that the binary prints, secrets as they are.
fn printed(command: &str, path: &Path) -> Vec<Value> {
    let run = Command::new(env!("CARGO_BIN_EXE_informant"))
        .args([command, "-T", "ndjson", "--show-secrets"])
        .arg(path)
        .output()
        .expect("the binary runs");
    let text = String::from_utf8(run.stdout).expect("the output is UTF-8");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
        .collect()
}

/// The values of a record by name: arrays are seen through, and what nests arguments is no part of a name.
fn values(record: &Value) -> BTreeMap<String, Vec<Value>> {
    fn collect(path: &str, value: &Value, into: &mut BTreeMap<String, Vec<Value>>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| collect(path, item, into)),
            Value::Object(members) => {
                if path == "reasons" {
                    // Alone it stands for their names.
                    into.entry(path.to_owned())
                        .or_default()
                        .push(members["name"].clone());
                } else if !path.is_empty() {
                    into.entry(path.to_owned()).or_default().push(value.clone());
                }
                for (key, member) in members {
                    let nests =
                        path.starts_with("args") && ["members", "items"].contains(&key.as_str());
                    let path = match (path, nests) {
                        ("", _) => key.clone(),
                        (path, true) => path.to_owned(),
                        (path, false) => format!("{path}.{key}"),
                    };
                    into.entry(path.clone()).or_default();
                    collect(&path, member, into);
                }
            }
            Value::Null => {}
            value => into.entry(path.to_owned()).or_default().push(value.clone()),
        }
    }
    let mut record = record.clone();
    // A header is a pair; the filter has it as one text.
    if let Some(headers) = record.get_mut("headers").and_then(Value::as_array_mut) {
        for header in headers {
            let part = |at: usize| header[at].as_str().unwrap_or_default().to_owned();
            *header = Value::String(format!("{}: {}", part(0), part(1)));
        }
    }
    let mut into = BTreeMap::new();
    collect("", &record, &mut into);
    into
}

/// A value as an operand.
fn operand(value: &Value) -> String {
    match value {
        Value::String(text) => {
            let mut quoted = String::from("\"");
            for character in text.chars() {
                match character {
                    '"' | '\\' => quoted.extend(['\\', character]),
                    '\n' => quoted.push_str("\\n"),
                    _ => quoted.push(character),
                }
            }
            quoted + "\""
        }
        other => other.to_string(),
    }
}

/// The protocols of records that are no datagrams.
const OF_TCP: &[&str] = &["http", "cwmp", "transfer", "tls"];

/// Names whose values are also found under other names, and have no key of their own on some records.
const ALIASES: &[&str] = &[
    "event",
    "rpc",
    "fault_code",
    "parameter",
    "value",
    "oui",
    "product_class",
    "serial_number",
    "manufacturer",
    "software_version",
];

fn is_alias(name: &str) -> bool {
    // What concerns a session has a record of its own.
    let concerns = name == "finding" || name.starts_with("finding.");
    ALIASES.contains(&name) || name.starts_with("device.") || concerns
}

/// Holds what one record prints against what the filter finds in it.
fn hold(record: &Value, selects: &dyn Fn(&Filter) -> bool, known: &mut Known) {
    let values = values(record);
    for (name, values) in &values {
        let Some(entry) = NAMES.iter().find(|entry| entry.name == name) else {
            panic!("`{name}` is printed and has no place in the table");
        };
        for value in values {
            let expression = match value {
                Value::Object(_) => {
                    assert_eq!(entry.holds, Holds::Group, "{name}");
                    name.clone()
                }
                value => {
                    assert_ne!(entry.holds, Holds::Group, "{name}");
                    format!("{name} == {}", operand(value))
                }
            };
            if expression.len() > 8192
                || !known.asked.insert((expression.clone(), record.to_string()))
            {
                continue;
            }
            assert!(selects(&parsed(&expression)), "{expression} of {record}");
            known.found += 1;
        }
    }
    for (name, filter) in &known.exist {
        // Frames of files, and of whole sessions, are there to be found also where they are not printed.
        if is_alias(name)
            || name.contains("frame")
            || name.contains("NAME")
            || name.contains("PATH")
        {
            continue;
        }
        let is_printed = values.get(*name).is_some_and(|values| !values.is_empty());
        assert_eq!(selects(filter), is_printed, "{name} of {record}");
    }
}

struct Known {
    exist: Vec<(&'static str, Filter)>,
    asked: BTreeSet<(String, String)>,
    found: usize,
}

impl Known {
    fn new() -> Self {
        let exist = NAMES.iter().map(|name| (name.name, parsed(name.name)));
        Self {
            exist: exist.collect(),
            asked: BTreeSet::new(),
            found: 0,
        }
    }
}

#[test]
fn every_value_that_a_session_prints_is_found() {
    let mut known = Known::new();
    for path in inputs() {
        let analysis = analyse_file(&path);
        let records = printed("list", &path);
        assert_eq!(records.len(), analysis.sessions.len(), "{}", path.display());
        let checked = checked(&path);
        for (record, session) in records.iter().zip(&analysis.sessions) {
            let places = checked.by_session.get(&session.number);
            let places = places.map(Vec::as_slice).unwrap_or_default();
            let findings = places.iter().map(|at| &checked.findings[*at]);
            let findings: Vec<&Finding> = findings.collect();
            let selects = |filter: &Filter| filter.session_with(session, Some(&findings));
            hold(record, &selects, &mut known);
        }
    }
    assert!(
        known.found > 200,
        "only {} values were printed",
        known.found
    );
}

/// What the rule book finds, secrets as they are.
fn checked(path: &Path) -> Checked {
    let options = Options {
        messages: true,
        in_order: false,
        datagrams: true,
        ..Options::default()
    }
    .learning();
    let masking = Masking { show_secrets: true };
    let checker = Checker::new(Setting::default(), Selection::default(), masking);
    let mut checker = checker.by_session();
    let input = Input::Path(path.to_path_buf());
    let mut capture = Capture::open(vec![input]).expect("the capture opens");
    let mut deliver = |output| {
        checker.handle(output);
        ControlFlow::Continue(())
    };
    let summary = analyse(&mut capture, &options, &mut deliver, &mut |_| {});
    checker.finish(&summary)
}

#[test]
fn every_value_that_a_finding_prints_is_found() {
    let mut known = Known::new();
    for path in inputs() {
        let findings = checked(&path).findings;
        let records = printed("check", &path);
        assert_eq!(records.len(), findings.len(), "{}", path.display());
        for (record, finding) in records.iter().zip(&findings) {
            hold(record, &|filter| filter.finding(finding), &mut known);
        }
    }
    assert!(known.found > 50, "only {} values", known.found);
}

#[test]
fn every_value_that_a_message_prints_is_found() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let every_kind = folder.path().join("datagrams.pcap");
    let frames = datagrams::frames(b"a\xffb", "secret");
    fs::write(&every_kind, wire::capture(&frames, 1000)).expect("it is writable");
    let mut known = Known::new();
    for path in inputs().into_iter().chain([every_kind]) {
        let analysis = analyse_file(&path);
        let mut records = printed("messages", &path);
        let of_datagrams = records
            .extract_if(.., |record| {
                !OF_TCP.contains(&record["protocol"].as_str().unwrap_or(""))
            })
            .collect::<Vec<Value>>();
        assert_eq!(of_datagrams.len(), analysis.datagrams.len());
        for (record, datagram) in of_datagrams.iter().zip(&analysis.datagrams) {
            hold(record, &|filter| filter.datagram(datagram), &mut known);
        }
        let of_tls: Vec<Value> = records
            .extract_if(.., |record| record["protocol"] == "tls")
            .collect();
        assert_eq!(of_tls.len(), analysis.tls.len());
        for (record, seen) in of_tls.iter().zip(&analysis.tls) {
            hold(record, &|filter| filter.tls(seen), &mut known);
        }
        let of_transfers: Vec<Value> = records
            .extract_if(.., |record| record["protocol"] == "transfer")
            .collect();
        let mut messages: Vec<(&Message, usize)> = Vec::new();
        for message in &analysis.messages {
            let count = parsed("record").message_records(message).count();
            messages.extend((0..count).map(|at| (message, at)));
        }
        assert_eq!(records.len(), messages.len(), "{}", path.display());
        for (record, (message, at)) in records.iter().zip(messages) {
            let selects = |filter: &Filter| filter.message_records(message).nth(at) == Some(true);
            hold(record, &selects, &mut known);
        }
        assert_eq!(of_transfers.len(), analysis.transfers.len());
        for record in &of_transfers {
            let selects = |filter: &Filter| {
                let mut transfers = analysis.transfers.iter();
                let destination = record["destination"].as_str();
                let name = record["name"].as_str();
                transfers.any(|transfer| {
                    Some(transfer.destination.to_string().as_str()) == destination
                        && Some(transfer.name.as_str()) == name
                        && filter.transfer(transfer)
                })
            };
            hold(record, &selects, &mut known);
        }
    }
    assert!(
        known.found > 2000,
        "only {} values were printed",
        known.found
    );
}

#[test]
fn every_key_of_a_device_is_a_name() {
    let path = captures().join("fault/capture.pcapng");
    let run = Command::new(env!("CARGO_BIN_EXE_informant"))
        .args(["summary", "-T", "json"])
        .arg(&path)
        .output()
        .expect("the binary runs");
    let summary: Value = serde_json::from_slice(&run.stdout).expect("the output is JSON");
    let analysis = analyse_file(&path);
    let devices = summary["devices"].as_array().expect("devices are listed");
    assert!(!devices.is_empty());
    for (record, device) in devices.iter().zip(&analysis.summary.devices) {
        for (name, values) in values(record) {
            for value in values {
                let expression = format!("{name} == {}", operand(&value));
                assert!(parsed(&expression).device(device), "{expression}");
            }
        }
    }
}

/// A story of known content: what is selected is what its JSON says.
#[test]
fn sessions_and_messages_of_a_story_are_selected() {
    let path = captures().join("bootstrap-with-provisioning/capture.pcapng");
    let analysis = analyse_file(&path);
    for (expression, sessions) in [
        ("events == \"0 BOOTSTRAP\"", vec![1]),
        ("outcome == faulted", vec![1]),
        ("rpc == SetParameterValues && fault_code", vec![1]),
        ("!fault_code", vec![2, 3]),
        ("rpc == Inform", vec![1, 2, 3]),
        (
            "parameter ~ /RegistrationPeriod$/ && outcome == complete",
            vec![2],
        ),
        ("parameter glob \"*.Line.1.*\"", vec![1, 2, 3]),
        ("value == Registering || value == Disabled", vec![1, 2]),
        ("!parameter", vec![]),
    ] {
        assert_eq!(selected(&analysis, expression), sessions, "{expression}");
    }
    let count = |expression: &str| {
        let filter = parsed(expression);
        let messages = analysis.messages.iter();
        messages
            .flat_map(|message| filter.message_records(message).collect::<Vec<_>>())
            .filter(|is| *is)
            .count()
    };
    let cwmp = &analysis.summary.cwmp;
    let informs = usize::try_from(cwmp.messages["Inform"]).expect("few");
    assert_eq!(count("message == Inform"), informs);
    assert_eq!(count("rpc == Inform && kind == request"), informs);
    assert_eq!(
        count("protocol == http && kind == request"),
        usize::try_from(analysis.summary.http_requests).expect("few")
    );
    assert_eq!(
        count("kind == fault"),
        usize::try_from(cwmp.faults.values().sum::<u64>()).expect("few")
    );
    assert_eq!(count("args.Event.EventStruct.EventCode"), informs);
    assert_eq!(
        count("args.DeviceId.SerialNumber && args.DeviceId.OUI"),
        informs
    );
    assert_eq!(
        count(
            "HEADERS.host || protocol == cwmp"
                .replace("HEADERS", "headers")
                .as_str()
        ),
        count("protocol == cwmp || headers.HOST")
    );
    assert!(count("headers.soapaction") > 0);
    assert!(count("status == 401") > 0);
    assert_eq!(
        count("status == 401"),
        count("protocol == http && headers.WWW-Authenticate")
    );
}

/// The pairs of Name and Value in the arguments that a record prints.
fn pairs(argument: &Value, into: &mut Vec<(String, Option<String>)>) {
    let members = argument["members"].as_array().into_iter().flatten();
    let text = |wanted: &str| {
        let mut members = members.clone();
        let member = members.find(|member| member["name"] == wanted)?;
        member["value"].as_str().map(str::to_owned)
    };
    if let Some(name) = text("Name") {
        into.push((name, text("Value")));
    }
    for inner in ["members", "items"] {
        let inner = argument[inner].as_array().into_iter().flatten();
        inner.for_each(|argument| pairs(argument, into));
    }
}

#[test]
fn parameters_and_values_select_their_messages_and_their_sessions() {
    let mut compared = 0;
    for path in inputs() {
        let analysis = analyse_file(&path);
        let filter = parsed("parameter");
        let mut seen = Seen::new(&filter);
        analysis
            .messages
            .iter()
            .for_each(|message| seen.message(message));
        for session in &analysis.sessions {
            assert!(
                seen.is_whole(session),
                "{} {}",
                path.display(),
                session.number
            );
        }
        for record in printed("messages", &path) {
            let mut printed = Vec::new();
            let args = record["args"].as_array().into_iter().flatten();
            let list = args.filter(|argument| argument["name"] == "ParameterList");
            list.for_each(|list| pairs(list, &mut printed));
            // A few of each message are as good as all.
            for (name, value) in printed.iter().take(3) {
                let mut expression = format!("parameter == {}", quoted(name));
                if let Some(value) = value {
                    expression += &format!(" && value == {}", quoted(value));
                }
                expression += &format!(" && session == {}", record["session"]);
                let filter = parsed(&expression);
                let frame = record["frames"][0].as_u64();
                let mut messages = analysis.messages.iter();
                let its_own = |message: &&Message| {
                    message.provenance.frames().first().map(|id| id.number()) == frame
                };
                assert!(
                    messages.any(|message| its_own(&message) && filter.message(message)),
                    "{filter}"
                );
                let session = record["session"]
                    .as_u64()
                    .and_then(|number| u32::try_from(number).ok());
                assert_eq!(selected(&analysis, &expression), Vec::from_iter(session));
                compared += 1;
            }
        }
    }
    assert!(compared > 20, "only {compared} parameters were printed");
}

fn quoted(text: &str) -> String {
    operand(&Value::String(text.to_owned()))
}

/// Numbers of the sessions that are selected once their messages have been seen.
fn selected(analysis: &Analysis, expression: &str) -> Vec<u32> {
    let filter = parsed(expression);
    let mut seen = Seen::new(&filter);
    analysis
        .messages
        .iter()
        .for_each(|message| seen.message(message));
    let mut numbers = Vec::new();
    for session in &analysis.sessions {
        assert!(
            seen.is_whole(session),
            "every message of a session is its step"
        );
        if seen.session(session) {
            numbers.push(session.number);
        }
    }
    numbers
}

/// The device of a message is known by its id alone; its parts are those of the session's Inform.
#[test]
fn parts_of_a_device_are_those_of_its_inform() {
    let mut compared = 0;
    for path in inputs() {
        let analysis = analyse_file(&path);
        for session in &analysis.sessions {
            for (name, part) in [
                ("device.oui", &session.cpe.oui),
                ("device.product_class", &session.cpe.product_class),
                ("device.serial_number", &session.cpe.serial_number),
            ] {
                let Some(part) = part.as_deref().filter(|part| !part.is_empty()) else {
                    continue;
                };
                let filter = parsed(&format!(
                    "{name} == {}",
                    operand(&Value::String(part.to_owned()))
                ));
                let mut messages = analysis.messages.iter();
                let of_session = |message: &&Message| message.session == Some(session.number);
                assert!(
                    messages
                        .by_ref()
                        .filter(of_session)
                        .all(|message| filter.message(message)),
                    "{filter}"
                );
                assert!(filter.session(session));
                compared += 1;
            }
        }
    }
    assert!(compared > 0);
}

#[test]
fn connection_requests_are_selected() {
    let analysis = analyse_file(&captures().join("connection-request/capture.pcapng"));
    assert!(!analysis.connection_requests.is_empty());
    for request in &analysis.connection_requests {
        for (expression, expected) in [
            (
                "role == connection_request && protocol == http && method == GET",
                true,
            ),
            (
                "status == 401",
                request.steps.iter().any(|step| step.status == Some(401)),
            ),
            ("session", request.session.is_some()),
            ("from == acs", true),
            ("rpc", false),
        ] {
            assert_eq!(
                parsed(expression).connection_request(request),
                expected,
                "{expression}"
            );
        }
        let to = format!("destination == \"{}\" && frames", request.destination);
        assert!(parsed(&to).connection_request(request));
    }
}
