//! The peers' recordings against `truth.json`, which two independent readers agreed on.

mod support;

use std::collections::BTreeMap;

use informant::session::{DatagramKind, Session, StepKind};
use serde_json::{Value, json};
use support::{Analysis, analyse_with_keys, shared};

/// A session in the words of the truth file.
fn session(session: &Session) -> Value {
    let frames = session
        .steps
        .iter()
        .flat_map(|step| step.frames.iter().map(|frame| frame.number()));
    let faults: Vec<&str> = session
        .rpcs
        .iter()
        .filter_map(|rpc| rpc.fault_code.as_deref())
        .collect();
    let messages: Vec<Value> = session
        .steps
        .iter()
        .map(|step| {
            let name = match &step.kind {
                StepKind::Envelopes(envelopes) => envelopes
                    .iter()
                    .map(|(name, _)| name.clone())
                    .collect::<Vec<_>>()
                    .join("+"),
                StepKind::EmptyRequest => "empty".to_owned(),
                _ => step
                    .status
                    .map(|status| status.to_string())
                    .unwrap_or_default(),
            };
            let first = step.frames.first().map(|frame| frame.number());
            let last = step.frames.last().map(|frame| frame.number());
            json!([first, last, step.from.name(), name])
        })
        .collect();
    json!({
        "events": session.events,
        "rpcs": session.rpcs.iter().map(|rpc| rpc.method.as_str()).collect::<Vec<_>>(),
        "faults": faults,
        "outcome": session.outcome.name(),
        "first_frame": frames.clone().min(),
        "last_frame": frames.max(),
        "transport": session.transport.name(),
        "acs_port": session.acs.port,
        "messages": messages,
    })
}

/// The same keys of the truth.
fn expected(session: &Value) -> Value {
    let keys = [
        "events",
        "rpcs",
        "faults",
        "outcome",
        "first_frame",
        "last_frame",
        "transport",
        "acs_port",
        "messages",
    ];
    Value::Object(
        keys.iter()
            .map(|key| ((*key).to_owned(), session[key].clone()))
            .collect(),
    )
}

/// The frames that carried datagrams of one kind.
fn frames(analysis: &Analysis, kind: DatagramKind) -> Vec<u64> {
    let datagrams = analysis.datagrams.iter().filter(|one| one.kind == kind);
    let frames = datagrams.flat_map(|one| &one.frames);
    frames.map(|frame| frame.number()).collect()
}

fn counts(analysis: &Analysis) -> Value {
    let summary = &analysis.summary;
    let statuses = analysis
        .messages
        .iter()
        .filter(|message| message.http.kind() == http1::Kind::Response);
    let mut by_status: BTreeMap<String, u64> = BTreeMap::new();
    for message in statuses.filter(|message| message.http.head_complete()) {
        *by_status
            .entry(message.http.status().to_string())
            .or_default() += 1;
    }
    json!({
        "packets": summary.files[0].frames,
        "tcp_streams": summary.tcp.connections,
        "stray_bytes": summary.http_stray_bytes,
        "requests": summary.http_requests,
        "responses": summary.http_responses,
        "messages": summary.cwmp.messages,
        "faults": summary.cwmp.faults,
        "connection_requests_http": summary.http_connection_requests,
        "stun": summary.datagrams.stun,
        "stun_tr111": summary.datagrams.stun_tr111,
        "udp_connection_requests": summary.datagrams.connection_requests,
        "stun_frames": frames(analysis, DatagramKind::Stun),
        "udp_connection_request_frames": frames(analysis, DatagramKind::ConnectionRequest),
        "empty_posts": summary.cwmp.empty_posts,
        "response_statuses": by_status,
    })
}

#[test]
fn peers_recordings_equal_the_truth() {
    let Some(peers) = shared("captures/peers") else {
        return;
    };
    let truth: Value = serde_json::from_str(
        &std::fs::read_to_string(peers.join("truth.json")).expect("truth.json is readable"),
    )
    .expect("truth.json is JSON");
    let mut compared = 0;
    for (file, truth) in truth.as_object().expect("the truth is an object") {
        let analysis = analyse_with_keys(&peers.join(file));
        let tls = truth.get("tls_connections").cloned().unwrap_or(json!(0));
        assert_eq!(json!(analysis.summary.tls.connections), tls, "{file}");
        let tls = truth.get("tls_decrypted").cloned().unwrap_or(json!(0));
        assert_eq!(json!(analysis.summary.tls.decrypted), tls, "{file}");
        let counts = counts(&analysis);
        let strays = truth["stray_bytes"].as_array();
        let stray = json!(
            strays
                .into_iter()
                .flatten()
                .filter_map(|stray| stray["bytes"].as_u64())
                .sum::<u64>()
        );
        for (key, value) in counts.as_object().expect("counts are an object") {
            let nothing = json!([]);
            let wanted = if key == "stray_bytes" {
                &stray
            } else if truth[key].is_null() && key.ends_with("_frames") {
                &nothing
            } else {
                &truth[key]
            };
            assert_eq!(value, wanted, "{file}: {key}");
        }
        let sessions: Vec<Value> = analysis.sessions.iter().map(session).collect();
        let wanted: Vec<Value> = truth["sessions"]
            .as_array()
            .expect("a list")
            .iter()
            .map(expected)
            .collect();
        for (number, (found, wanted)) in sessions.iter().zip(&wanted).enumerate() {
            assert_eq!(found, wanted, "{file}: session {}", number + 1);
        }
        assert_eq!(sessions.len(), wanted.len(), "{file}: number of sessions");
        compared += 1;
    }
    assert_eq!(compared, 7);
}
