//! What `flow` and `show` draw of what wakes a device: bindings, UDP Connection Requests, DHCP.

use std::io::Write;
use std::process::Stdio;

use stun::kind;

use crate::datagrams;
use crate::program::{code, command, informant, json, scratch, stderr, stdout, written};
use crate::wire::{self, Connection, Endpoint};

const CPE: [u8; 4] = [192, 0, 2, 17];
const ACS: [u8; 4] = [203, 0, 113, 10];
const STUN: [u8; 4] = [203, 0, 113, 20];

/// A capture on its way, a millisecond between two frames.
struct Scene {
    bytes: Vec<u8>,
    now_us: u64,
    transaction: u64,
}

impl Scene {
    fn new() -> Self {
        Self {
            bytes: wire::pcap_head(),
            now_us: 1_700_000_000_000_000,
            transaction: 0,
        }
    }

    fn play(&mut self, frames: &[Vec<u8>]) {
        for frame in frames {
            self.now_us += 1000;
            wire::put_record(self.now_us, frame, &mut self.bytes);
        }
    }

    fn wait_s(&mut self, seconds: u64) {
        self.now_us += seconds * 1_000_000;
    }

    /// A keep-alive, and the address that the server saw.
    fn binding(&mut self, mapped: &str) {
        self.transaction += 1;
        let mut transaction = [7; 16];
        transaction[8..].copy_from_slice(&self.transaction.to_be_bytes());
        let request = stun::Builder::new(1, transaction).connection_request_binding();
        let response = stun::Builder::new(0x0101, transaction)
            .address(kind::MAPPED_ADDRESS, mapped.parse().expect("an address"));
        let (cpe, server) = (Endpoint::new(CPE, 5060), Endpoint::new(STUN, 3478));
        self.play(&[
            wire::udp(cpe, server, &request.finish().expect("it is short")),
            wire::udp(server, cpe, &response.finish().expect("it is short")),
        ]);
    }

    /// A UDP Connection Request, twice.
    fn ask(&mut self, id: u64) {
        let draft = stun::ucr::Draft {
            authority: "192.0.2.17:5060",
            timestamp_s: 1_700_000_000,
            id,
            username: "acs",
            cnonce: "c0ffee",
        };
        let (acs, cpe) = (Endpoint::new(ACS, 9000), Endpoint::new(CPE, 5060));
        let frame = wire::udp(acs, cpe, &draft.write(b"secret"));
        self.play(&[frame.clone(), frame]);
    }

    fn session(&mut self, port: u16, event: &str) {
        let response = wire::envelope(
            "1",
            "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>",
        );
        let ends = (Endpoint::new(CPE, port), Endpoint::new(ACS, 7547));
        let mut connection = Connection::new(ends.0, ends.1);
        let mut frames = connection.open();
        let inform = wire::post(&wire::inform("A1", event));
        frames.extend(connection.send(0, &inform, 1400));
        frames.extend(connection.send(1, &wire::reply(&response), 1400));
        frames.extend(connection.send(0, &wire::post(""), 1400));
        frames.extend(connection.send(1, &wire::reply(""), 1400));
        frames.extend(connection.close());
        self.play(&frames);
    }
}

/// A device boots, keeps its binding, and is woken through it; a second request brings nothing.
fn woken() -> Scene {
    let mut scene = Scene::new();
    scene.session(40_000, "1 BOOT");
    for _ in 0..5 {
        scene.wait_s(30);
        scene.binding("192.0.2.99:6000");
    }
    scene.wait_s(4);
    scene.ask(1);
    scene.wait_s(1);
    scene.session(40_001, "6 CONNECTION REQUEST");
    scene.wait_s(20);
    scene.binding("192.0.2.99:6001");
    scene.wait_s(5);
    scene.ask(2);
    scene.wait_s(25);
    scene.binding("192.0.2.99:6001");
    scene.wait_s(60);
    scene.binding("192.0.2.99:6001");
    scene
}

fn page(arguments: &[&str]) -> String {
    page_of(arguments, "80")
}

fn page_of(arguments: &[&str], columns: &str) -> String {
    let output = command().env("COLUMNS", columns).args(arguments).output();
    let Ok(output) = output else {
        panic!("no start")
    };
    assert_eq!(code(&output), 0, "{arguments:?}: {}", stderr(&output));
    stdout(&output)
}

#[test]
fn a_session_stands_below_the_request_and_the_binding_that_brought_it() {
    let folder = scratch();
    let capture = written(&folder, "a.pcap", &woken().bytes);
    let drawn = page(&["flow", &capture, "2"]);
    let order = [
        "set off by a UDP Connection Request",
        "STUN 192.0.2.17:5060 with 203.0.113.20:3478",
        "STUN Binding Request",
        "mapped 192.0.2.99:6000",
        "UDP Connection Request, sent twice",
        "ts 1700000000, id 1, un acs, cn c0ffee",
        "UDP Connection Request (copy)",
        " session ",
        "Inform  6 CONNECTION REQUEST",
        "complete",
    ];
    in_order(&drawn, &order);
}

/// Each of the words stands behind the one before.
fn in_order(text: &str, words: &[&str]) {
    let mut rest = text;
    for word in words {
        let Some(at) = rest.find(word) else {
            panic!("{word} is not there, or too early:\n{text}");
        };
        rest = &rest[at + word.len()..];
    }
}

#[test]
fn everything_in_the_order_of_time_and_keep_alives_folded() {
    let folder = scratch();
    let capture = written(&folder, "a.pcap", &woken().bytes);
    let drawn = page_of(&["flow", &capture], "120");
    let order = [
        "session 1 ",
        "STUN bindings\n00D09E-X3-A1 · 2023-11-14 22:13:50.",
        "5 exchanges",
        "4 more as in frames ",
        ", every 30.0 s, mapped 192.0.2.99:6000",
        "session 2 ",
        "mapped 192.0.2.99:6000",
        "UDP Connection Request, sent twice",
        "Inform  6 CONNECTION REQUEST",
        "STUN bindings\n",
        "mapped 192.0.2.99:6001",
        "no session",
        "mapped 192.0.2.99:6001",
        "id 2",
        "STUN bindings\n",
        "1 more as in frames ",
        ", after 1 min 00 s, mapped 192.0.2.99:6001",
    ];
    in_order(&drawn, &order);
    assert_eq!(drawn.matches("id 1,").count(), 1, "{drawn}");
    assert_eq!(drawn.matches("id 2,").count(), 1, "{drawn}");
    for columns in ["60", "80", "100", "120", "200"] {
        let drawn = page_of(&["flow", &capture], columns);
        let room = columns.parse().unwrap_or(80);
        for line in drawn.lines() {
            assert!(line.chars().count() <= room, "{columns}: {line}\n{drawn}");
        }
    }
}

#[test]
fn a_moved_binding_and_a_pause_begin_anew() {
    let mut scene = Scene::new();
    for mapped in ["192.0.2.99:6000", "192.0.2.99:7000", "192.0.2.99:6000"] {
        for _ in 0..10 {
            scene.wait_s(30);
            scene.binding(mapped);
        }
    }
    scene.wait_s(600);
    scene.binding("192.0.2.99:6000");
    let folder = scratch();
    let capture = written(&folder, "a.pcap", &scene.bytes);
    let drawn = page_of(&["flow", &capture], "120");
    in_order(
        &drawn,
        &[
            "31 exchanges",
            "mapped 192.0.2.99:6000",
            "9 more",
            "mapped 192.0.2.99:7000",
            "9 more",
            "mapped 192.0.2.99:6000",
            "9 more",
            "+1470.",
            "STUN Binding Request",
        ],
    );
    assert_eq!(drawn.matches("STUN Binding Request").count(), 4, "{drawn}");
}

#[test]
fn show_decodes_what_set_a_session_off() {
    let folder = scratch();
    let capture = written(&folder, "a.pcap", &woken().bytes);
    let shown = page(&["show", &capture, "2"]);
    let order = [
        "the binding before it",
        "cpe → stun server  STUN Binding Request  frame",
        "CONNECTION-REQUEST-BINDING",
        "dslforum.org/TR-111",
        "stun server → cpe  STUN Binding Response",
        "MAPPED-ADDRESS",
        "192.0.2.99:6000",
        "UDP Connection Request, sent twice",
        "acs → cpe  UDP Connection Request  frame",
        "203.0.113.10:9000 → 192.0.2.17:5060",
        "GET http://192.0.2.17:5060?ts=1700000000&id=1",
        "ts   1700000000",
        "un   acs",
        "UDP Connection Request (copy)",
        "the session",
        "[1]  +0.000000",
        "[4]",
    ];
    in_order(&shown, &order);
    let plain = page(&["show", &capture, "2", "--message", "1"]);
    assert!(!plain.contains("STUN") && plain.contains("[1]"), "{plain}");
    let headers = page(&["show", &capture, "2", "-v"]);
    in_order(&headers, &["Host:", "192.0.2.17:5060"]);
    let raw = page(&["show", &capture, "2", "--raw"]);
    in_order(
        &raw,
        &["00010018", "GET http://192.0.2.17:5060?ts=1700000000"],
    );
    let document = json(&page(&["show", &capture, "2", "-T", "json"]));
    let protocols: Vec<&str> = document["messages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|record| record["protocol"].as_str())
        .collect();
    assert_eq!(
        protocols[..3],
        ["udp_connection_request", "udp_connection_request", "http"]
    );
    assert_eq!(document["messages"][0]["session"], 2);
}

#[test]
fn the_legs_of_an_http_request_are_shown() {
    let capture = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/captures/connection-request/capture.pcapng"
    );
    let shown = page(&["show", capture, "1"]);
    in_order(
        &shown,
        &[
            "Connection Request, answered 200",
            "acs → cpe  GET / HTTP/1.1  frame 4",
            "cpe → acs  HTTP/1.1 401 Unauthorized  frame 6",
            "cpe → acs  HTTP/1.1 200 OK  frame 16",
            "the session",
            "[1]  +0.000000  cpe → acs  POST / HTTP/1.1  frame 24",
        ],
    );
    let other = page(&["show", capture, "2"]);
    assert!(!other.contains("Connection Request, "), "{other}");
}

#[test]
fn a_filter_leaves_the_datagrams_that_it_selects() {
    let folder = scratch();
    let capture = written(&folder, "a.pcap", &woken().bytes);
    let with = |form: &[&str], expression: &str| {
        let output = informant(&[form, &["-q", "-Y", expression, &capture]].concat());
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        stdout(&output)
    };
    let one = |expression: &str| {
        let output = informant(&["flow", &capture, "2", "-q", "-Y", expression]);
        stdout(&output)
    };
    let drawn = one("protocol == stun");
    assert!(drawn.contains("STUN Binding Request") && !drawn.contains("Inform "));
    assert!(!drawn.contains("id 1,"), "{drawn}");
    let drawn = one("protocol == udp_connection_request");
    assert!(
        drawn.contains("id 1,") && !drawn.contains("Binding"),
        "{drawn}"
    );
    assert!(
        drawn.contains("(copy)") && !drawn.contains("Inform "),
        "{drawn}"
    );
    let drawn = one("id == 1 && !copy_of");
    assert!(
        drawn.contains("id 1,") && !drawn.contains("(copy)"),
        "{drawn}"
    );
    assert_eq!(one("method == PUT"), "");
    let all = with(&["flow"], "protocol == stun");
    assert!(
        all.contains("STUN bindings") && !all.contains("session 1"),
        "{all}"
    );
    let all = with(&["flow"], "session == 1");
    assert!(all.contains("session 1") && !all.contains("STUN"), "{all}");
    let shown = informant(&["show", &capture, "2", "-Y", "ts == 1700000000"]);
    assert_eq!(stderr(&shown), "");
    let shown = stdout(&shown);
    assert!(
        shown.contains("id   1") && !shown.contains("[1]"),
        "{shown}"
    );
}

#[test]
fn a_transcript_of_a_woken_session_reads_back_with_its_trigger() {
    let folder = scratch();
    let capture = written(&folder, "a.pcap", &woken().bytes);
    let transcript = page(&["show", &capture, "2", "-T", "transcript"]);
    in_order(
        &transcript,
        &[
            "# informant transcript 1\n",
            "\n<< 203.0.113.10:9000 > 192.0.2.17:5060 @0.000000 udp\n47 45 54 20",
            "(copy)",
            " udp\n",
            "\n>> 192.0.2.17:40001",
        ],
    );
    let path = written(&folder, "a.transcript", transcript.as_bytes());
    let listed = json(&page(&["list", "-T", "json", &path]));
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    let trigger = &listed[0]["triggered_by"];
    assert_eq!(trigger["kind"], "udp_connection_request");
    assert_eq!(trigger["frames"], serde_json::json!([1, 2]));
    assert_eq!(listed[0]["outcome"], "complete");
    let again = page(&["show", &path, "1", "-T", "transcript"]);
    let blocks = |text: &str| text.split_once("\n\n").map(|(_, blocks)| blocks.to_owned());
    assert_eq!(blocks(&again), blocks(&transcript));
}

#[test]
fn every_kind_is_drawn_without_secrets_and_escaped() {
    let folder = scratch();
    let nasty = b"x\x1b[31m\x07\x7f\xc2\x9b2J\xe2\x80\xae\xe2\x80\xa8\xff\xfe\x01";
    for text in [&b"text"[..], nasty] {
        let bytes = wire::capture(&datagrams::frames(text, "SEKRET"), 1000);
        let capture = written(&folder, "a.pcap", &bytes);
        for columns in ["60", "200"] {
            let drawn = page_of(&["flow", "-q", &capture], columns);
            let harmful = |character: &char| {
                character.is_control() && *character != '\n'
                    || "\u{202e}\u{2028}".contains(*character)
            };
            assert_eq!(drawn.chars().find(harmful), None, "{drawn:?}");
            assert!(!drawn.contains("SEKRET"), "{drawn}");
            for words in [
                "STUN bindings",
                "STUN Binding Request",
                "UDP Connection Request, ",
                "lightweight notification",
                "DHCP Discover",
                "DHCP Ack",
                "DHCPv6 Solicit",
            ] {
                assert!(drawn.contains(words), "{words}\n{drawn}");
            }
            let url = drawn.contains("ACS http://user:<masked>@acs.example.net/");
            assert!(url || columns == "60", "{drawn}");
        }
    }
}

/// Every STUN message and every UDP Connection Request that the truth of this recording counts has its arrow.
#[test]
fn a_recording_is_drawn_whole() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures/peers");
    let (Ok(truth), name) = (
        std::fs::read_to_string(folder.join("truth.json")),
        "orange_perlcwmp_stun.pcap",
    ) else {
        println!("skipped: ../shared is absent");
        return;
    };
    let truth = &json(&truth)[name];
    let capture = folder.join(name).to_string_lossy().into_owned();
    let drawn = page_of(&["flow", &capture], "160");
    // What stands in a ladder of bindings; the last exchange stands once more above the Connection Request.
    let ladders = drawn
        .split("\n\n")
        .filter(|ladder| ladder.contains("stun server"));
    let arrows: usize = ladders
        .map(|ladder| {
            ladder.matches("─ STUN Binding Request").count()
                + ladder.matches("STUN Binding Response ").count()
        })
        .sum();
    assert_eq!(Some(arrows as u64), truth["stun"].as_u64(), "{drawn}");
    let requests = drawn
        .lines()
        .filter(|line| line.contains("◀") && line.contains("UDP Connection Request"));
    let requests = requests.count() as u64;
    assert_eq!(Some(requests), truth["udp_connection_requests"].as_u64());
    for threads in ["1", "2", "4"] {
        let again = page_of(&["flow", "--threads", threads, &capture], "160");
        assert!(again == drawn, "{threads} threads");
    }
}

#[test]
fn a_long_run_of_bindings_stays_small() {
    let spawned = command()
        .args(["flow", "-q", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = spawned else {
        panic!("no start")
    };
    let mut scene = Scene::new();
    let Some(mut input) = child.stdin.take() else {
        panic!("no input")
    };
    scene.session(40_000, "1 BOOT");
    for round in 0..BINDINGS {
        if round == BINDINGS / 2 {
            scene.wait_s(40_000);
        }
        scene.wait_s(25);
        scene.binding("192.0.2.99:6000");
        if scene.bytes.len() > 1 << 18 {
            assert!(input.write_all(&scene.bytes).is_ok());
            scene.bytes.clear();
        }
    }
    assert!(input.write_all(&scene.bytes).is_ok());
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
    drop(input);
    let Ok(output) = child.wait_with_output() else {
        panic!("no end")
    };
    let drawn = stdout(&output);
    assert!(drawn.lines().count() < 40, "{drawn}");
    in_order(&drawn, &["100,000 exchanges", "49,999 more", "49,999 more"]);
    let status = status.unwrap_or_default();
    let highest = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = highest.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    let mib = kib.unwrap_or(0) >> 10;
    println!("{mib} MiB");
    assert!(mib < 100, "{mib} MiB");
}

const BINDINGS: u64 = 100_000;
