//! Sessions of recordings, written as transcripts and read again: the same but for frames.

use std::path::PathBuf;

use informant::pipeline::{Limits, Options};
use informant::report::json::{SessionRecord, Setting, records};
use informant::session::{Masking, Message, Session};
use serde_json::{Value, json};

use crate::support::{Analysis, analyse_files, captures, generated, shared};
use crate::{HIDDEN, SHOWN, messages, read, read_as, written};

/// A session and its messages as JSON has them, without what only packets have.
fn told(analysis: &Analysis, session: &Session, masking: Masking) -> Value {
    let setting = Setting {
        several_files: false,
        masking,
    };
    let messages: Vec<Value> = messages(analysis, session)
        .into_iter()
        .flat_map(|message| records(message, setting))
        .map(|record| serde_json::to_value(record).expect("a record is JSON"))
        .collect();
    let session = SessionRecord::new(session, setting);
    let mut told = json!({"session": session, "messages": messages});
    strip(&mut told, masking);
    told
}

/// Takes out frames, numbers that count what else is in a capture, and what masking and coding change: lengths, anomalies,
/// the user name that Basic hides with its password.
fn strip(value: &mut Value, masking: Masking) {
    match value {
        Value::Object(keys) => {
            keys.retain(|key, value| {
                let packets = key.ends_with("frames") || key == "triggered_by";
                let counted = key == "connection" || key == "session" && value.is_number();
                let hidden = ["anomalies", "user_name"].contains(&key.as_str());
                let changed = key == "body_bytes" || hidden && !masking.show_secrets;
                !packets && !counted && !changed
            });
            keys.values_mut().for_each(|value| strip(value, masking));
        }
        Value::Array(items) => {
            items.retain(|item| {
                item.get(0)
                    .and_then(Value::as_str)
                    .is_none_or(|name| !name.eq_ignore_ascii_case("Content-Length"))
            });
            items.iter_mut().for_each(|item| strip(item, masking));
        }
        _ => {}
    }
}

fn is_coded(message: &Message) -> bool {
    message.http.header("Content-Encoding").is_some()
}

/// Every recording that has sessions in it.
fn recordings() -> Vec<PathBuf> {
    let stories = std::fs::read_dir(captures()).expect("captures is readable");
    let mut paths: Vec<PathBuf> = stories
        .flatten()
        .map(|story| story.path().join("capture.pcapng"))
        .collect();
    if let Some(peers) = shared("captures/peers") {
        let peers = std::fs::read_dir(peers).expect("peers is readable");
        paths.extend(peers.flatten().map(|entry| entry.path()));
    }
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "pcap" || extension == "pcapng")
    });
    paths.sort();
    paths
}

#[test]
fn a_recorded_session_is_the_same_as_a_transcript() {
    let options = Options {
        messages: true,
        limits: Limits {
            other_body_bytes_max: 1 << 20,
            ..Limits::default()
        },
        ..Options::default()
    };
    let mut compared = 0;
    for path in recordings() {
        let recorded = analyse_files(&[&path], &options);
        for session in &recorded.sessions {
            for masking in [SHOWN, HIDDEN] {
                let text = written(&recorded, session, masking);
                let again = read(&text);
                let name = format!("{} session {}", path.display(), session.number);
                assert_eq!(again.problems, [""; 0], "{name}");
                let [only] = again.sessions.as_slice() else {
                    panic!("{name}: {} sessions", again.sessions.len());
                };
                let (wanted, found) = (
                    told(&recorded, session, masking),
                    told(&again, only, masking),
                );
                assert_eq!(found, wanted, "{name}\n{text}");
                assert_eq!(text, written(&recorded, session, masking));
                if masking == SHOWN {
                    same_bytes(
                        &messages(&recorded, session),
                        &messages(&again, only),
                        &name,
                    );
                    // What is written of what was read is what was read.
                    let blocks =
                        |text: &str| text.split_once("\n>>").map(|(_, blocks)| blocks.to_owned());
                    assert_eq!(
                        blocks(&written(&again, only, masking)),
                        blocks(&text),
                        "{name}"
                    );
                }
                compared += 1;
            }
        }
    }
    assert!(compared >= 20, "{compared}");
}

/// What went over the wire is the same to the byte, unless it was compressed anew.
fn same_bytes(recorded: &[&Message], again: &[&Message], name: &str) {
    for (recorded, again) in recorded.iter().zip(again) {
        if !is_coded(recorded) {
            let (recorded, again) = (&recorded.http.raw, &again.http.raw);
            assert_eq!(
                again.escape_ascii().to_string(),
                recorded.escape_ascii().to_string(),
                "{name}"
            );
        }
        let text = |message: &Message| {
            message
                .soap
                .as_ref()
                .map(|document| document.text().to_vec())
        };
        assert_eq!(text(again), text(recorded), "{name}");
    }
}

#[test]
fn a_transcript_is_the_same_with_any_number_of_threads() {
    let mut all = String::new();
    for path in recordings() {
        let options = Options {
            messages: true,
            ..Options::default()
        };
        let recorded = analyse_files(&[&path], &options);
        for session in &recorded.sessions {
            all.push_str(&written(&recorded, session, SHOWN));
        }
    }
    let with = |threads| {
        let options = Options {
            messages: true,
            threads,
            ..Options::default()
        };
        let analysis = read_as(all.as_bytes(), &options);
        let messages: Vec<String> = analysis
            .messages
            .iter()
            .map(|message| format!("{:?} {:?}", message.provenance, message.session))
            .collect();
        format!(
            "{:?} {:?} {messages:?}",
            analysis.summary, analysis.sessions
        )
    };
    let alone = with(1);
    for threads in [2, 3, 8] {
        assert!(alone == with(threads), "{threads} threads");
    }
}

/// A capture without one in fifty of its frames.
fn with_loss(capture: &[u8]) -> Vec<u8> {
    let (header, mut rest) = capture.split_at(24);
    let mut out = header.to_vec();
    let mut frame = 0_u32;
    while let Some(length) = rest.get(8..12) {
        let length = u32::from_le_bytes([length[0], length[1], length[2], length[3]]) as usize;
        let (record, behind) = rest.split_at(16 + length);
        frame += 1;
        if frame.wrapping_mul(0x9e37_79b9) >> 24 >= 5 {
            out.extend_from_slice(record);
        }
        rest = behind;
    }
    out
}

#[test]
fn sessions_with_loss_are_the_same_but_for_the_count_of_gaps() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("generated.pcap");
    let arguments = [
        "--sessions",
        "40",
        "--cwmp-share",
        "0.9",
        "--chunked",
        "0.3",
        "--gzip",
        "0.2",
        "--fault",
        "0.1",
        "--midstream",
        "0.1",
        "--gpv-max",
        "8000",
    ];
    if !generated(&path, &arguments) {
        return;
    }
    let whole = std::fs::read(&path).expect("the capture is readable");
    let options = Options {
        messages: true,
        ..Options::default()
    };
    let recorded = read_as(&with_loss(&whole), &options);
    let damaged = recorded.sessions.iter().filter(|session| session.gaps > 0);
    assert!(damaged.count() >= 8 && recorded.sessions.len() >= 35);
    for session in &recorded.sessions {
        // A message that came when its session was over is no step of it.
        if messages(&recorded, session).len() != session.steps.len() {
            continue;
        }
        for masking in [SHOWN, HIDDEN] {
            let text = written(&recorded, session, masking);
            let again = read(&text);
            assert_eq!(
                (again.problems.len(), again.sessions.len()),
                (0, 1),
                "{text}"
            );
            let [mut wanted, mut found] = [(&recorded, session), (&again, &again.sessions[0])]
                .map(|(analysis, session)| told(analysis, session, masking));
            for told in [&mut wanted, &mut found] {
                let gaps = &mut told["session"]["gaps"];
                *gaps = json!(gaps.as_u64() > Some(0));
            }
            assert_eq!(found, wanted, "session {}\n{text}", session.number);
        }
    }
}
