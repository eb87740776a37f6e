//! `-Y` on every command against the same taken out of the whole JSON by hand: nothing of the filter has a part in that.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::support::{captures, is_told, shared};

/// An expression, and the same question put to a record.
type Asked = (&'static str, fn(&Value) -> bool);

const OF_SESSIONS: &[Asked] = &[
    ("outcome != complete", |session| {
        session["outcome"] != "complete"
    }),
    ("fault_code in {9000..9019}", |session| {
        let code = |rpc: &Value| rpc["fault_code"].as_str()?.parse::<u32>().ok();
        rpcs(session)
            .filter_map(code)
            .any(|code| (9000..=9019).contains(&code))
    }),
    (
        "!(rpc == GetParameterValues) && events ~ /^[0-4] /",
        |session| {
            let mut events = session["events"].as_array().into_iter().flatten();
            let begins = |event: &Value| {
                event.as_str().is_some_and(|event| {
                    event.as_bytes().get(1) == Some(&b' ')
                        && ('0'..='4').any(|digit| event.starts_with(digit))
                })
            };
            !rpcs(session).any(|rpc| rpc["method"] == "GetParameterValues") && events.any(begins)
        },
    ),
    ("duration_ms >= 100 || rpcs.from == acs", |session| {
        session["duration_ms"]
            .as_f64()
            .is_some_and(|took| took >= 100.0)
            || rpcs(session).any(|rpc| rpc["from"] == "acs")
    }),
    ("acs.port != 7547 and connections > 1", |session| {
        session["acs"]["port"]
            .as_u64()
            .is_some_and(|port| port != 7547)
            && session["connections"].as_u64() > Some(1)
    }),
    ("device glob \"*-*-*\" && session in {2, 4..6}", |session| {
        session["device"]
            .as_str()
            .is_some_and(|device| device.matches('-').count() >= 2)
            && [2, 4, 5, 6].contains(&session["session"].as_u64().unwrap_or(0))
    }),
    ("session", |_| true),
    ("session > 1000000", |_| false),
];

const OF_MESSAGES: &[Asked] = &[
    ("status >= 400", |record| {
        record["status"].as_u64() >= Some(400)
    }),
    (
        "protocol == cwmp && kind == request && from == acs",
        |record| {
            record["protocol"] == "cwmp" && record["kind"] == "request" && record["from"] == "acs"
        },
    ),
    ("body_bytes > 1000 && from == cpe", |record| {
        record["body_bytes"].as_u64() > Some(1000) && record["from"] == "cpe"
    }),
    (
        "headers.content-type contains xml && frames <= 40",
        |record| {
            let mut headers = record["headers"].as_array().into_iter().flatten();
            let is_xml = |header: &Value| {
                let part = |at: usize| header[at].as_str().unwrap_or_default();
                part(0).eq_ignore_ascii_case("content-type") && part(1).contains("xml")
            };
            let mut frames = record["frames"].as_array().into_iter().flatten();
            headers.any(is_xml) && frames.any(|frame| frame.as_u64() <= Some(40))
        },
    ),
    ("!(session == 1) && message != Inform", |record| {
        let message = record["message"].as_str();
        record["session"] != 1 && message.is_some_and(|message| message != "Inform")
    }),
    ("body_complete == false or anomalies", |record| {
        record["body_complete"] == false
            || record["anomalies"]
                .as_array()
                .is_some_and(|list| !list.is_empty())
    }),
    (
        "result == refused || reasons in {wrong_source, capture_ends}",
        |record| {
            let mut reasons = record["reasons"].as_array().into_iter().flatten();
            let named = |reason: &Value| {
                reason["name"] == "wrong_source" || reason["name"] == "capture_ends"
            };
            record["result"] == "refused" || reasons.any(named)
        },
    ),
    (
        "direction == download || role == connection_request",
        |record| record["direction"] == "download" || record["role"] == "connection_request",
    ),
];

fn rpcs(session: &Value) -> impl Iterator<Item = &Value> {
    session["rpcs"].as_array().into_iter().flatten()
}

/// The captures without their truth beside them, which tests/stories.rs looks at, and the peers' recordings where they are at hand.
fn inputs() -> Vec<PathBuf> {
    let mut inputs = Vec::new();
    for folder in [Some(captures()), shared("captures/peers")]
        .into_iter()
        .flatten()
    {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let story = path.join("capture.pcapng");
            if story.is_file() && !is_told(&path) {
                inputs.push(story);
            } else if path.extension().is_some_and(|end| end == "pcap") {
                inputs.push(path);
            }
        }
    }
    assert!(inputs.len() >= 6);
    inputs.sort();
    inputs
}

/// What an input is asked: one half of it all, and the next input the other.
fn questions(of: &'static [Asked], input: usize) -> impl Iterator<Item = &'static Asked> {
    let numbered = of.iter().enumerate();
    let own = numbered.filter(move |(at, _)| (at + input).is_multiple_of(2));
    own.map(|(_, asked)| asked)
}

fn run(path: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_informant"));
    command.env("LC_ALL", "C").env("COLUMNS", "100");
    let output = command
        .arg(arguments[0])
        .arg(path)
        .args(&arguments[1..])
        .output();
    let output = output.expect("the binary runs");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{} {arguments:?}: {complaint}",
        path.display()
    );
    output
}

fn printed(path: &Path, arguments: &[&str]) -> String {
    String::from_utf8(run(path, arguments).stdout).expect("the output is UTF-8")
}

fn document(path: &Path, arguments: &[&str]) -> Value {
    serde_json::from_str(&printed(path, arguments)).expect("the output is JSON")
}

fn parsed(line: &str) -> Value {
    serde_json::from_str(line).expect("a line is JSON")
}

/// Numbers of the sessions that are selected, by hand.
fn chosen(sessions: &str, asked: fn(&Value) -> bool) -> BTreeSet<u64> {
    let sessions = sessions.lines().map(parsed).filter(asked);
    sessions
        .filter_map(|session| session["session"].as_u64())
        .collect()
}

/// Lists the records of `command` with each expression, and holds them against all of them with a sieve.
fn hold_records(command: &str, asked: &'static [Asked]) -> usize {
    let mut selected = 0;
    for (input, path) in inputs().into_iter().enumerate() {
        let all = printed(&path, &[command, "-T", "ndjson"]);
        for (at, (expression, asked)) in questions(asked, input).enumerate() {
            let lines = all.split_inclusive('\n');
            let by_hand: String = lines.filter(|line| asked(&parsed(line))).collect();
            let what = format!("{expression} of {}", path.display());
            // Every other one as a list.
            if (at + input / 2).is_multiple_of(2) {
                let list = document(&path, &[command, "-T", "json", "-Y", expression]);
                let by_hand: Vec<Value> = by_hand.lines().map(parsed).collect();
                assert_eq!(list, Value::Array(by_hand), "{what}");
            } else {
                let lines = printed(&path, &[command, "-T", "ndjson", "-Y", expression]);
                assert_eq!(lines, by_hand, "{what}");
            }
            selected += by_hand.lines().count();
        }
    }
    selected
}

#[test]
fn list_selects_what_a_sieve_over_its_json_leaves() {
    assert!(hold_records("list", OF_SESSIONS) > 30);
}

#[test]
fn messages_selects_what_a_sieve_over_its_json_leaves() {
    assert!(hold_records("messages", OF_MESSAGES) > 30);
}

/// What `summary` says of the sessions is counted from their records by hand; what it says of packets is that of the whole.
#[test]
fn summary_counts_the_selected_sessions_alone() {
    let mut partial = 0;
    for (input, path) in inputs().into_iter().enumerate() {
        let whole = document(&path, &["summary", "-T", "json"]);
        let sessions = printed(&path, &["list", "-T", "ndjson"]);
        let messages = printed(&path, &["messages", "-T", "ndjson"]);
        for (expression, asked) in questions(OF_SESSIONS, input) {
            let chosen = chosen(&sessions, *asked);
            let mut summary = document(&path, &["summary", "-T", "json", "-Y", expression]);
            // A finding may concern several sessions: how many there are cannot be counted from these records.
            let findings = summary["findings"].take();
            assert!(findings["error"].as_u64() <= whole["findings"]["error"].as_u64());
            let mut by_hand = whole.clone();
            by_hand["cwmp"] = counted(&messages, &chosen, &whole);
            by_hand["findings"] = Value::Null;
            by_hand["devices"] = devices(&sessions, &chosen, &whole);
            assert_eq!(summary, by_hand, "{expression} of {}", path.display());
            partial += usize::from(!chosen.is_empty() && chosen.len() < sessions.lines().count());
        }
    }
    assert!(
        partial > 8,
        "only {partial} expressions select some sessions and not all"
    );
}

/// CWMP in numbers, of these sessions.
fn counted(messages: &str, chosen: &BTreeSet<u64>, whole: &Value) -> Value {
    let of_these = |record: &Value| {
        let session = record["session"].as_u64();
        session.is_some_and(|session| chosen.contains(&session))
    };
    let (mut names, mut faults) = (BTreeMap::new(), BTreeMap::new());
    let mut empty_posts = 0;
    for record in messages.lines().map(parsed).filter(of_these) {
        if let Some(name) = record["message"].as_str() {
            *names.entry(name.to_owned()).or_insert(0_u64) += 1;
        }
        if record["kind"] == "fault" {
            let code = record["fault"]["code"].as_str().unwrap_or("none");
            *faults.entry(code.to_owned()).or_insert(0_u64) += 1;
        }
        let is_empty = record["method"] == "POST" && record["body_bytes"] == 0;
        if is_empty && record["role"] == "cwmp" && record["body_complete"] == true {
            empty_posts += 1;
        }
    }
    assert_eq!(
        whole["cwmp"]["undecodable"], 0,
        "none of these captures holds such a body"
    );
    json!({
        "sessions": chosen.len(), "messages": names, "faults": faults, "empty_posts": empty_posts, "undecodable": 0,
    })
}

/// The devices of these sessions, with their addresses in the order of the whole.
fn devices(sessions: &str, chosen: &BTreeSet<u64>, whole: &Value) -> Value {
    let sessions: Vec<Value> = sessions.lines().map(parsed).collect();
    let mut devices = whole["devices"].as_array().cloned().unwrap_or_default();
    for device in &mut devices {
        let own = sessions.iter().filter(|session| {
            session["device"] == device["device"]
                && session["session"]
                    .as_u64()
                    .is_some_and(|session| chosen.contains(&session))
        });
        let own: Vec<&Value> = own.collect();
        device["sessions"] = own.len().into();
        if let Some(addresses) = device["addresses"].as_array_mut() {
            addresses.retain(|address| {
                own.iter()
                    .any(|session| session["cpe"]["address"] == *address)
            });
        }
        if let Some(latest) = own.last() {
            device["manufacturer"] = latest["cpe"]["manufacturer"].clone();
        }
    }
    devices.retain(|device| device["sessions"] != 0);
    Value::Array(devices)
}

/// `flow` without a session draws those that `list` lists.
#[test]
fn flow_draws_the_sessions_that_list_lists() {
    for (input, path) in inputs().into_iter().enumerate() {
        let sessions = printed(&path, &["list", "-T", "ndjson"]);
        for (expression, asked) in questions(OF_SESSIONS, input) {
            let drawn = printed(&path, &["flow", "-Y", expression]);
            let number = |line: &str| {
                line.strip_prefix("session ")?
                    .split(' ')
                    .next()?
                    .parse::<u64>()
                    .ok()
            };
            let drawn: BTreeSet<u64> = drawn.lines().filter_map(number).collect();
            assert_eq!(
                drawn,
                chosen(&sessions, *asked),
                "{expression} of {}",
                path.display()
            );
        }
    }
}

/// `show` shows the records themselves, and in text the messages under their own numbers.
#[test]
fn show_selects_messages_as_a_sieve_over_its_json_does() {
    let (mut some, mut none) = (0, 0);
    for (input, path) in inputs().into_iter().enumerate() {
        let sessions = printed(&path, &["list", "-T", "ndjson"]);
        for number in (1..=sessions.lines().count())
            .take(2)
            .map(|number| number.to_string())
        {
            let whole = document(&path, &["show", &number, "-T", "json"]);
            let of_sessions = |asked: &&Asked| !asked.0.contains("direction");
            for (expression, asked) in questions(OF_MESSAGES, input).filter(of_sessions) {
                let by_hand = of_messages(&whole, *asked);
                let shown = document(&path, &["show", &number, "-T", "json", "-Y", expression]);
                let records: Vec<Value> = by_hand.values().flatten().cloned().collect();
                let what = format!("{expression} of session {number} of {}", path.display());
                assert_eq!(
                    shown,
                    json!({"session": whole["session"], "messages": records}),
                    "{what}"
                );
                let text = printed(&path, &["show", &number, "-Y", expression]);
                assert_eq!(
                    numbers(&text),
                    numbered(&by_hand).collect::<Vec<_>>(),
                    "{what}"
                );
                some += usize::from(!by_hand.is_empty());
                none += usize::from(by_hand.is_empty() && text.is_empty());
            }
        }
    }
    assert!(
        some > 20 && none > 4,
        "{some} selections, {none} empty ones"
    );
}

/// The selected records of a session by the number of their message: an HTTP message of the session begins each. What set
/// it off has no number, and stands under 0.
fn of_messages(document: &Value, asked: fn(&Value) -> bool) -> BTreeMap<usize, Vec<Value>> {
    let mut number = 0;
    let mut selected: BTreeMap<usize, Vec<Value>> = BTreeMap::new();
    for record in document["messages"].as_array().into_iter().flatten() {
        let own = record["protocol"] != "http" || record["role"] == "cwmp";
        number += usize::from(record["protocol"] == "http" && own);
        if asked(record) {
            let number = if own { number } else { 0 };
            selected.entry(number).or_default().push(record.clone());
        }
    }
    selected
}

/// The numbers of the session's own messages.
fn numbered(selected: &BTreeMap<usize, Vec<Value>>) -> impl Iterator<Item = usize> {
    selected.keys().copied().filter(|number| *number > 0)
}

/// Numbers of the messages in the text of `show`.
fn numbers(text: &str) -> Vec<usize> {
    let number = |line: &str| line.strip_prefix('[')?.split(']').next()?.parse().ok();
    text.lines().filter_map(number).collect()
}

/// One arrow for each selected message; here no gap adds any.
#[test]
fn the_ladder_of_a_session_has_the_arrows_of_selected_messages() {
    let mut drawn = 0;
    for (input, path) in inputs().into_iter().enumerate() {
        if printed(&path, &["list", "-T", "ndjson"]).is_empty() {
            continue;
        }
        let whole = document(&path, &["show", "1", "-T", "json"]);
        if whole["session"]["gaps"] != 0 {
            continue;
        }
        let of_sessions = |asked: &&Asked| !asked.0.contains("direction");
        for (expression, asked) in questions(OF_MESSAGES, input).filter(of_sessions) {
            let ladder = printed(&path, &["flow", "1", "-Y", expression]);
            let is_arrow = |line: &&str| line.contains(">|") || line.contains("|<");
            // Connection Requests stand above the captions of their ladders.
            let (requests, own) = ladder.split_once(" session .").unwrap_or(("", &ladder));
            let arrows = own.lines().filter(is_arrow).count();
            let by_hand = numbered(&of_messages(&whole, *asked)).count();
            assert_eq!(
                arrows,
                by_hand,
                "{expression} of {}: {requests}{own}",
                path.display()
            );
            drawn += arrows;
        }
    }
    assert!(drawn > 20, "only {drawn} arrows");
}
