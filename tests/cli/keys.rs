//! The keys of the JSON records, as the page that scripts depend on has them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::program::{informant, json, peer, stdout};

#[test]
fn keys_of_summary_and_list() {
    let Some(capture) = peer("genieacs-sim_genieacs.pcap") else {
        return;
    };
    let summary = json(&stdout(&informant(&["summary", "-T", "json", &capture])));
    assert_keys(
        &summary,
        "files packets tcp http cwmp stun udp_connection_requests http_connection_requests dhcp tls devices findings limits_reached",
    );
    assert_keys(
        &summary["files"][0],
        "path format link_types frames bytes first last truncated",
    );
    assert_keys(
        &summary["packets"],
        "ip tcp udp fragments fragment_conflicts malformed unsupported_link unsupported_link_types unread_protocols",
    );
    assert_keys(
        &summary["tcp"],
        "connections gaps retransmissions out_of_order overlap_conflicts copies",
    );
    assert_keys(&summary["http"], "requests responses stray_bytes");
    assert_keys(
        &summary["cwmp"],
        "sessions messages empty_posts faults undecodable",
    );
    assert_keys(
        &summary["devices"][0],
        "device oui serial_number product_class manufacturer addresses sessions",
    );
    assert_keys(&summary["tls"], "connections decrypted undecrypted");
    assert_keys(&summary["findings"], "error warning info");
    let unchecked = informant(&["summary", "-T", "json", "--check=never", &capture]);
    assert!(
        json(&stdout(&unchecked))["findings"].is_null(),
        "not checked: null, never 0"
    );
    assert_keys(&summary["stun"], "messages tr111");
    assert_keys(&summary["dhcp"], "messages option_125");
    assert!(summary["udp_connection_requests"].is_u64());
    assert!(summary["limits_reached"].is_object());
    let rows = stdout(&informant(&["list", "-T", "ndjson", &capture]));
    assert_eq!(rows.lines().count(), 8);
    for row in rows.lines().map(json) {
        assert_keys(&row, SESSION);
        assert_keys(
            &row["cpe"],
            "address manufacturer oui product_class serial_number software_version",
        );
        assert_keys(&row["acs"], "address port url");
        for rpc in row["rpcs"].as_array().into_iter().flatten() {
            assert_keys(
                rpc,
                "method from id request_frames response response_frames fault_code elapsed_ms",
            );
        }
        if !row["triggered_by"].is_null() {
            assert_keys(&row["triggered_by"], "kind frames");
        }
        assert_keys(&row["findings"], "error warning info");
    }
    let list = json(&stdout(&informant(&["list", "-T", "json", &capture])));
    let lines: Vec<Value> = rows.lines().map(json).collect();
    assert_eq!(
        list,
        Value::Array(lines),
        "json is the list of the ndjson records"
    );
}

#[test]
fn keys_of_messages_and_show() {
    let Some(capture) = peer("genieacs-sim_genieacs.pcap") else {
        return;
    };
    let rows = stdout(&informant(&["messages", "-T", "ndjson", &capture]));
    let mut seen = BTreeSet::new();
    let mut before = String::new();
    for row in rows.lines().map(json) {
        let protocol = row["protocol"].as_str().unwrap_or_default().to_owned();
        let own = match protocol.as_str() {
            "http" => {
                "kind method target status version headers body_bytes body_complete connection role authorization result reasons overlaps"
            }
            "cwmp" => "message method kind id namespace hold_requests no_more_requests args fault",
            "transfer" => {
                "method direction name bytes announced_bytes missing_bytes result code reason caused_by"
            }
            other => panic!("protocol {other}"),
        };
        assert_keys(&row, &format!("{COMMON} {own}"));
        assert_eq!(row["record"], "message");
        let time = row["time"].as_str().unwrap_or_default().to_owned();
        assert!(before <= time, "in time order: {before}, {time}");
        before = time;
        seen.insert(protocol);
    }
    assert_eq!(seen, ["cwmp", "http", "transfer"].map(str::to_owned).into());
    assert_eq!(
        json(&stdout(&informant(&["messages", "-T", "json", &capture])))
            .as_array()
            .map(Vec::len),
        Some(rows.lines().count())
    );
    let shown = json(&stdout(&informant(&["show", "-T", "json", &capture, "7"])));
    assert_keys(&shown, "session messages");
    assert_keys(&shown["session"], SESSION);
    let of_session: Vec<Value> = rows
        .lines()
        .map(json)
        .filter(|row| {
            row["session"] == 7 && row["role"] != "transfer" && row["protocol"] != "transfer"
        })
        .collect();
    assert_eq!(shown["messages"], Value::Array(of_session));
    let fault = shown["messages"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|message| !message["fault"].is_null());
    let Some(fault) = fault else {
        panic!("session 7 holds a fault")
    };
    assert_keys(
        &fault["fault"],
        "soap_code soap_string code string parameters",
    );
    assert_eq!(fault["fault"]["code"], "9000");
}

#[test]
fn several_files_name_the_file_of_every_frame() {
    let (Some(one), Some(two)) = (
        peer("netcwmp_perlcwmp.pcap"),
        peer("easycwmp_genieacs.pcap"),
    ) else {
        return;
    };
    let rows = stdout(&informant(&["list", "-T", "ndjson", &one, &two]));
    for row in rows.lines().map(json) {
        for rpc in row["rpcs"].as_array().into_iter().flatten() {
            for (frames, files) in [
                ("request_frames", "request_frame_files"),
                ("response_frames", "response_frame_files"),
            ] {
                assert_eq!(
                    rpc[frames].as_array().map(Vec::len),
                    rpc[files].as_array().map(Vec::len)
                );
            }
        }
    }
    let rows = stdout(&informant(&["messages", "-T", "ndjson", &one, &two]));
    let files: BTreeSet<u64> = rows
        .lines()
        .map(json)
        .filter_map(|row| row["frame_files"][0].as_u64())
        .collect();
    assert_eq!(files, BTreeSet::from([1, 2]));
}

const SESSION: &str = "record session start duration_ms device cpe acs transport namespace negotiated_version connections events rpcs outcome gaps retry_count triggered_by findings";
const COMMON: &str = "record protocol time frames from source destination session device anomalies";

fn assert_keys(value: &Value, expected: &str) {
    let mut keys: Vec<&str> = value
        .as_object()
        .into_iter()
        .flat_map(|object| object.keys().map(String::as_str))
        .collect();
    let mut expected: Vec<&str> = expected.split(' ').collect();
    keys.sort_unstable();
    expected.sort_unstable();
    assert_eq!(keys, expected);
}
