//! What `messages` says of UDP datagrams: on recordings of independent peers, whose truth stands beside them or comes from
//! tshark, and on a capture with every kind.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::datagrams;
use crate::program::{code, command, informant, json, scratch, stderr, stdout, written};
use crate::wire;

/// A file or folder of the shared captures, or a visible skip.
fn shared(part: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/captures")
        .join(part);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: ../shared is absent");
    None
}

/// A capture with every kind of datagram.
fn every_kind(text: &[u8], secret: &str) -> Vec<u8> {
    wire::capture(&datagrams::frames(text, secret), 1000)
}

/// The records that an expression selects.
fn records(capture: &str, expression: &str) -> Vec<Value> {
    let output = informant(&["messages", "-T", "ndjson", "-Y", expression, capture]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    stdout(&output).lines().map(json).collect()
}

fn frames(capture: &str, expression: &str) -> Value {
    let records = records(capture, expression);
    let frames = records
        .iter()
        .flat_map(|record| record["frames"].as_array());
    frames.flatten().cloned().collect()
}

#[test]
fn stun_and_connection_requests_are_those_of_the_truth() {
    let Some(truth) = shared("peers/truth.json") else {
        return;
    };
    let truth = json(&std::fs::read_to_string(truth).unwrap_or_default());
    let mut compared = 0;
    for (name, truth) in truth.as_object().into_iter().flatten() {
        if truth["stun_frames"].is_null() {
            continue;
        }
        let Some(path) = shared("peers").map(|folder| folder.join(name)) else {
            return;
        };
        let path = path.to_string_lossy().into_owned();
        for (expression, key) in [
            ("protocol == stun", "stun_frames"),
            ("attributes.type == \"0xc001\"", "stun_c001_frames"),
            ("attributes.name == BINDING-CHANGE", "stun_c002_frames"),
            (
                "protocol == udp_connection_request",
                "udp_connection_request_frames",
            ),
        ] {
            let expected = match &truth[key] {
                Value::Null => Value::Array(Vec::new()),
                frames => frames.clone(),
            };
            assert_eq!(frames(&path, expression), expected, "{name}: {expression}");
            compared += expected.as_array().map_or(0, Vec::len);
        }
        let forms = truth["stun_forms"].as_object().into_iter().flatten();
        for (form, count) in forms {
            let found = records(&path, &format!("form == {form}")).len();
            assert_eq!(Some(found as u64), count.as_u64(), "{name}: {form}");
        }
        let distinct = records(&path, "protocol == udp_connection_request && !copy_of").len();
        let expected = truth["udp_connection_requests_distinct"].as_u64();
        assert_eq!(distinct as u64, expected.unwrap_or(0), "{name}");
    }
    assert!(compared > 30, "only {compared} frames were compared");
}

#[test]
fn a_connection_request_is_told_with_its_copies() {
    let Some(path) = shared("peers/orange_perlcwmp_stun.pcap") else {
        return;
    };
    let path = path.to_string_lossy().into_owned();
    let requests = records(&path, "protocol == udp_connection_request");
    let copies: Vec<&Value> = requests.iter().map(|request| &request["copy_of"]).collect();
    assert_eq!(copies, [&Value::Null, &Value::from(207), &Value::from(207)]);
    assert_eq!(requests[0]["un"], "cruser");
    let signature = requests[0]["sig"].as_str().unwrap_or_default();
    assert!(
        signature.len() == 40 && signature != "<masked>",
        "a digest is no secret"
    );
    let output = informant(&["messages", "-Y", "copy_of", &path]);
    let text = stdout(&output);
    assert_eq!(text.matches("copy of 207").count(), 2, "{text}");
    // With several files the frame has its file beside it.
    let output = informant(&["messages", "-T", "ndjson", "-Y", "copy_of", &path, &path]);
    let text = stdout(&output);
    let both = text.lines().map(json);
    assert!(both.clone().count() >= 4);
    both.for_each(|record| assert!(record["copy_of_frame_file"].is_u64(), "{record}"));
}

/// tshark's names of the types, and its hardware addresses and DUIDs.
#[test]
fn dhcp_is_as_tshark_has_it() {
    let mut compared = 0;
    for name in [
        "PcapPlusPlus__Packet++Test__PacketExamples__Dhcp4.pcap",
        "tcpdump__tests__dhcp-rfc4388.pcap",
        "tcpdump__tests__dhcpv4v6-rfc5970-rfc8572.pcap",
        "suricata-verify__dhcp-eve-extended-option-60__input.pcap",
    ] {
        let Some(path) = shared(&format!("dhcp/{name}")) else {
            return;
        };
        let Some(expected) = dissected(&path) else {
            return;
        };
        let path = path.to_string_lossy().into_owned();
        let found = records(&path, "protocol == dhcp");
        assert_eq!(found.len(), expected.len(), "{name}");
        for record in found {
            let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
            let ours = [text("type"), text("client"), text("vendor_class")];
            let frame = record["frames"][0].as_u64().unwrap_or_default();
            assert_eq!(Some(&ours), expected.get(&frame), "{name} {frame}");
            compared += 1;
        }
    }
    assert!(compared > 30, "only {compared} messages were compared");
    if let Some(path) = shared("dhcp/PcapPlusPlus__Packet++Test__PacketExamples__Dhcp4.pcap") {
        let path = path.to_string_lossy().into_owned();
        let gateway = "option_125.gateway.oui == \"002682\" && option_125.enterprise == 3561";
        assert_eq!(frames(&path, gateway), json("[1]"));
        assert_eq!(frames(&path, "option_125.device"), json("[]"));
    }
}

/// Type, client and vendor class by frame.
fn dissected(path: &Path) -> Option<BTreeMap<u64, [String; 3]>> {
    let fields = [
        "frame.number",
        "dhcp.option.dhcp",
        "dhcpv6.msgtype",
        "dhcp.hw.mac_addr",
        "dhcpv6.duid.bytes",
        "dhcp.option.vendor_class_id",
        "dhcpv6.vendorclass.data",
    ];
    let run = Command::new("tshark")
        .args([
            "-Y",
            "(dhcp or dhcpv6) and !icmp and !_ws.malformed",
            "-T",
            "fields",
            "-E",
            "occurrence=f",
            "-r",
        ])
        .arg(path)
        .args(fields.iter().flat_map(|field| ["-e", field]))
        .output();
    let Ok(run) = run else {
        println!("skipped: tshark is absent");
        return None;
    };
    let text = String::from_utf8_lossy(&run.stdout).into_owned();
    let mut by_frame = BTreeMap::new();
    for line in text.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let cell = |at: usize| cells.get(at).copied().unwrap_or_default();
        let one_of = |four: usize, six: usize| match cell(four) {
            "" => cell(six).to_owned(),
            four => four.to_owned(),
        };
        let kind = match cell(1) {
            "" => named(V6_TYPES, cell(2)),
            four => named(V4_TYPES, four),
        };
        // A lease query need not name a client.
        let client = one_of(3, 4).replace("00:00:00:00:00:00", "");
        let told = [kind, client, one_of(5, 6)];
        by_frame.insert(cell(0).parse().unwrap_or(0), told);
    }
    Some(by_frame)
}

/// The name of a number; numbers are counted from 1.
fn named(names: &[&str], number: &str) -> String {
    let number: usize = number.parse().unwrap_or(0);
    let name = number.checked_sub(1).and_then(|at| names.get(at));
    name.copied().unwrap_or_default().to_owned()
}

#[test]
fn every_kind_has_its_line_and_fits_the_screen() {
    let folder = scratch();
    let capture = written(&folder, "a.pcap", &every_kind(b"text", "secret"));
    for columns in ["50", "80", "200"] {
        let output = command()
            .env("COLUMNS", columns)
            .args(["messages", &capture])
            .output();
        let Ok(output) = output else {
            panic!("no start")
        };
        let text = stdout(&output);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 1 + datagrams::frames(b"", "").len(), "{text}");
        let room: usize = columns.parse().unwrap_or(80);
        assert!(
            lines.iter().all(|line| line.chars().count() <= room),
            "{text}"
        );
        let wanted: &[&str] = match columns {
            "50" => &["Binding Request", "UDP Connection Request", "DHCP ACK"],
            "80" => &["stun ", "ucr ", "lwn ", "dhcp ", "copy of 6"],
            _ => &[
                "Binding Request  TR-111, binding change",
                "Binding Response  mapped 192.0.2.2:34567",
                "Binding Error Response  420 text",
                "Shared Secret Response",
                "Binding Indication",
                "UDP Connection Request id 7 ts 1700000000",
                "UDP Connection Request copy of 6  id 7 ts 1700000000",
                "Lightweight Notification  00D09E-X1-123  2 parameters",
                "DHCP DISCOVER  option 125 device 00D09E-X1-text",
                "DHCP ACK  option 125 gateway 00D09E-X1-text http://user:<masked>@acs.example.net/",
                "option 43 http://user:<masked>@acs.example.net/",
                "DHCPv6 SOLICIT  option 17 device 00D09E-text",
            ],
        };
        for wanted in wanted {
            assert!(text.contains(wanted), "{columns}: {wanted}\n{text}");
        }
    }
}

#[test]
fn secrets_are_masked_and_shown_when_asked_for() {
    let folder = scratch();
    let capture = written(&folder, "a.pcap", &every_kind(b"text", "SEKRET"));
    // The bytes of option 43 are printed as digits.
    let is_shown = |text: &str| text.contains("SEKRET") || text.contains("53454b524554");
    for form in ["text", "json", "ndjson"] {
        let printed = |extra: &str| {
            let form = ["messages", "-T", form, extra, &capture];
            match command().env("COLUMNS", "200").args(form).output() {
                Ok(output) => stdout(&output),
                Err(error) => panic!("no start: {error}"),
            }
        };
        let hidden = printed("-n");
        let line = hidden.lines().find(|line| is_shown(line));
        assert_eq!(line, None, "{form}");
        assert!(is_shown(&printed("--show-secrets")), "{form}");
    }
    let masked = |expression: &str, pointer: &str| {
        let records = records(&capture, expression);
        assert!(!records.is_empty(), "{expression}");
        for record in records {
            let value = record.pointer(pointer).and_then(Value::as_str);
            assert_eq!(value, Some("<masked>"), "{expression}: {record}");
        }
    };
    masked("attributes.name == PASSWORD", "/attributes/1/value");
    masked("option_43.form == bars", "/option_43/raw");
    masked(
        "protocol == lightweight_notification",
        "/parameters/0/value",
    );
    // Secrets are compared as they were sent.
    assert_eq!(records(&capture, "attributes.value == SEKRET").len(), 1);
    assert_eq!(records(&capture, "parameters.value == SEKRET").len(), 1);
    let plain = records(&capture, "option_43.form == opaque");
    let plain: Vec<&Value> = plain
        .iter()
        .map(|record| &record["option_43"]["raw"])
        .collect();
    assert_eq!(
        plain,
        ["<masked>", "010aff"],
        "only what has bars may be a password"
    );
}

#[test]
fn nothing_unescaped_reaches_a_terminal() {
    let folder = scratch();
    let nasty = b"x\x1b[31m\x07\x7f\xc2\x9b2J\xe2\x80\xae\xe2\x80\xa8\xff\xfe\x01";
    let capture = written(&folder, "a.pcap", &every_kind(nasty, "secret"));
    for form in ["text", "json", "ndjson"] {
        for extra in ["-n", "--show-secrets"] {
            let output = informant(&["messages", "-T", form, extra, &capture]);
            assert_eq!(code(&output), 0, "{}", stderr(&output));
            let text = stdout(&output);
            let harmful = |character: &char| {
                character.is_control() && *character != '\n'
                    || "\u{202e}\u{2028}".contains(*character)
            };
            assert_eq!(text.chars().find(harmful), None, "{form}: {text:?}");
        }
    }
    let software = records(&capture, "attributes.name == SOFTWARE");
    let value = software[0]["attributes"][1]["value"].as_str();
    assert_eq!(
        value,
        Some("x\u{1b}[31m\u{7}\u{7f}\u{9b}2J\u{202e}\u{2028}\\xff\\xfe\u{1}")
    );
    assert_eq!(software[0]["lossy"], true);
    for kind in [
        "stun",
        "udp_connection_request",
        "lightweight_notification",
        "dhcp",
    ] {
        let lossy = records(&capture, &format!("protocol == {kind} && lossy"));
        assert!(!lossy.is_empty(), "{kind}");
        assert!(lossy.iter().all(|record| record["lossy"] == true));
    }
}

#[test]
fn threads_change_nothing() {
    let folder = scratch();
    let mut captures = vec![written(&folder, "a.pcap", &every_kind(b"text", "secret"))];
    if let Some(path) = shared("peers/orange_perlcwmp_stun.pcap") {
        captures.push(path.to_string_lossy().into_owned());
    }
    for capture in captures {
        let with = |threads: &str| {
            let form = ["messages", "-T", "ndjson", "--threads", threads, &capture];
            stdout(&informant(&form))
        };
        let alone = with("1");
        assert!(alone.contains("\"protocol\":\"stun\""));
        assert_eq!(alone, with("4"), "{capture}");
        let times: Vec<String> = alone
            .lines()
            .map(|line| json(line)["time"].as_str().unwrap_or_default().to_owned())
            .collect();
        assert!(times.is_sorted(), "{capture}: {times:?}");
    }
}

#[test]
fn what_is_selected_by_kind() {
    let folder = scratch();
    let capture = written(&folder, "a.pcap", &every_kind(b"text", "secret"));
    for (expression, count) in [
        ("protocol == stun", 5),
        ("class == error_response && method == Binding", 1),
        (
            "method == \"Shared Secret\" && integrity.present == true",
            1,
        ),
        ("mapped_address == \"192.0.2.2:34567\"", 1),
        ("transaction_id == \"6162636465666768696a6b6c\"", 3),
        ("form == rfc3489", 2),
        ("protocol == udp_connection_request", 3),
        ("id == 7", 2),
        ("copy_of == 6", 1),
        ("ts in {1700000000..1700000002}", 4),
        ("protocol == lightweight_notification && oui == 00D09E", 1),
        ("parameter glob \"*.Password\"", 1),
        ("protocol == dhcp", 7),
        ("type == ack && option_43.acs_url ~ /acs.example/", 3),
        ("vendor_class contains dslforum.org", 1),
        ("option_125.gateway.serial_number == text", 5),
        (
            "option_125.discovery.acs_url && client == \"00:d0:9e:01:02:03\"",
            5,
        ),
        ("type == solicit && option_125.device.oui == 00D09E", 1),
        ("protocol == http", 0),
    ] {
        assert_eq!(records(&capture, expression).len(), count, "{expression}");
    }
}

const V4_TYPES: &[&str] = &[
    "discover",
    "offer",
    "request",
    "decline",
    "ack",
    "nak",
    "release",
    "inform",
    "force-renew",
    "lease-query",
    "lease-unassigned",
    "lease-unknown",
    "lease-active",
];
const V6_TYPES: &[&str] = &[
    "solicit",
    "advertise",
    "request",
    "confirm",
    "renew",
    "rebind",
    "reply",
    "release",
    "decline",
    "reconfigure",
    "information-request",
];
