//! `devices`: the table, the records, and one device's story, through the binary and through the library.

#[path = "support/memory.rs"]
mod memory;
mod support;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::{Command, Output as Ran};

use informant::pipeline::{Options, analyse};
use informant::report::{Choice, Entry, EntryKind, Story, Teller, Wanted};
use informant::session::{ConnectionRequestResult, Device, Masking, Output};
use informant::source::{Capture, Input};
use serde_json::Value;
use stun::kind;
use support::wire::{self, Connection, Endpoint};
use support::{captures, shared};

const CPE: [u8; 4] = [192, 168, 1, 20];
const ACS: [u8; 4] = [203, 0, 113, 10];
const STUN: [u8; 4] = [203, 0, 113, 20];
const ID: &str = "00D09E-X3-A1";

/// Frames with their times.
struct Scene {
    bytes: Vec<u8>,
    now_us: u64,
    transaction: u64,
    port: u16,
}

impl Scene {
    fn new() -> Self {
        Self {
            bytes: wire::pcap_head(),
            now_us: 1_700_000_000_000_000,
            transaction: 0,
            port: 40_000,
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

    /// A Binding Request from this port, and the server's answer where it gives one.
    fn binding(&mut self, port: u16, mapped: Option<&str>) {
        self.transaction += 1;
        let mut transaction = [7; 16];
        transaction[..8].copy_from_slice(&self.transaction.to_be_bytes());
        let request = stun::Builder::new(1, transaction)
            .connection_request_binding()
            .finish()
            .expect("it is short");
        let (cpe, server) = (Endpoint::new(CPE, port), Endpoint::new(STUN, 3478));
        self.play(&[wire::udp(cpe, server, &request)]);
        if let Some(mapped) = mapped {
            let response = stun::Builder::new(0x0101, transaction)
                .address(kind::MAPPED_ADDRESS, mapped.parse().expect("an address"))
                .finish()
                .expect("it is short");
            self.play(&[wire::udp(server, cpe, &response)]);
        }
    }

    /// A UDP Connection Request from the STUN server, in so many copies.
    fn ask(&mut self, port: u16, id: u64, copies: usize) {
        let draft = stun::ucr::Draft {
            authority: "192.168.1.20:5060",
            timestamp_s: 1_700_000_000 + id,
            id,
            username: "acs",
            cnonce: "c0ffee",
        };
        let (server, cpe) = (Endpoint::new(STUN, 3478), Endpoint::new(CPE, port));
        let frame = wire::udp(server, cpe, &draft.write(b"secret"));
        self.play(&vec![frame; copies]);
    }

    /// A whole session with this event, whose Inform reports these values.
    fn session(&mut self, serial_number: &str, event: &str, values: &[(&str, &str)]) {
        let values: String = values
            .iter()
            .map(|(name, value)| {
                format!(
                    "<ParameterValueStruct><Name>Device.{name}</Name><Value>{value}</Value></ParameterValueStruct>"
                )
            })
            .collect();
        let inform = wire::inform(serial_number, event)
            .replace("</ParameterList>", &format!("{values}</ParameterList>"));
        let response = wire::envelope(
            "1",
            "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>",
        );
        self.port += 1;
        let ends = (Endpoint::new(CPE, self.port), Endpoint::new(ACS, 7547));
        let mut connection = Connection::new(ends.0, ends.1);
        let mut frames = connection.open();
        frames.extend(connection.send(0, &wire::post(&inform), 1400));
        frames.extend(connection.send(1, &wire::reply(&response), 1400));
        frames.extend(connection.send(0, &wire::post(""), 1400));
        frames.extend(connection.send(1, &wire::reply(""), 1400));
        frames.extend(connection.close());
        self.play(&frames);
    }

    /// The story of the one device that this text means.
    fn story(self, wanted: &str) -> Story {
        let capture = Capture::from_reader("memory", std::io::Cursor::new(self.bytes));
        told(capture.expect("it is a capture"), wanted, 1).1
    }
}

fn told(mut capture: Capture, wanted: &str, threads: usize) -> (Device, Story) {
    let options = Options {
        datagrams: true,
        threads,
        ..Options::default()
    }
    .learning();
    let mut teller = Teller::new(wanted, Masking::default());
    let mut take = |output: Output| {
        teller.take(&output);
        ControlFlow::Continue(())
    };
    let summary = analyse(&mut capture, &options, &mut take, &mut |_| {});
    let Choice::One(device) = teller.choose(&summary.devices) else {
        panic!("'{wanted}' means no one device");
    };
    (device.clone(), teller.tell(device, &summary.devices))
}

fn of_kind(story: &Story, kind: EntryKind) -> Vec<&Entry> {
    let entries = story.entries.iter();
    entries.filter(|entry| entry.kind == kind).collect()
}

fn texts(story: &Story, kind: EntryKind) -> Vec<&str> {
    let entries = of_kind(story, kind).into_iter();
    entries.map(|entry| entry.text.as_str()).collect()
}

fn informant(arguments: &[&str], width: &str) -> Ran {
    Command::new(env!("CARGO_BIN_EXE_informant"))
        .args(arguments)
        .env("COLUMNS", width)
        .env("NO_COLOR", "1")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .expect("the binary runs")
}

fn printed(arguments: &[&str], width: &str) -> String {
    let run = informant(arguments, width);
    let complaint = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{arguments:?}: {complaint}");
    String::from_utf8(run.stdout).expect("the output is UTF-8")
}

fn capture_of(story: &str) -> String {
    let path = captures().join(story).join("capture.pcapng");
    path.to_str().expect("paths are UTF-8").to_owned()
}

#[test]
fn a_binding_that_moves_and_the_acs_is_told_later() {
    let mut scene = Scene::new();
    let reported = "ManagementServer.UDPConnectionRequestAddress";
    scene.binding(5060, Some("198.51.100.7:40112"));
    scene.session("A1", "1 BOOT", &[(reported, "198.51.100.7:40112")]);
    for _ in 0..10 {
        scene.wait_s(30);
        scene.binding(5060, Some("198.51.100.7:40112"));
    }
    scene.wait_s(30);
    scene.binding(5060, Some("198.51.100.7:40177"));
    scene.wait_s(2);
    scene.session("A1", "4 VALUE CHANGE", &[(reported, "198.51.100.7:40177")]);
    let story = scene.story(ID);
    let bindings = texts(&story, EntryKind::Binding);
    assert!(
        bindings[0].starts_with(
            "sends STUN Binding Requests from 192.168.1.20:5060 to 203.0.113.20:3478 every 30 s (11 of them until"
        ) && bindings[0].ends_with("the server sees it at 198.51.100.7:40112: there is a NAT"),
        "{bindings:?}"
    );
    assert_eq!(
        texts(&story, EntryKind::BindingMoved),
        [
            "another port: the STUN server now sees it at 198.51.100.7:40177 instead of port 40112; it tells the ACS in \
             session 2, 2.00 s later"
        ]
    );
    let reports = texts(&story, EntryKind::Reported);
    assert_eq!(reports.len(), 2);
    assert!(
        reports[1]
            .contains("40177 (198.51.100.7:40112 before), which is where the STUN server sees it")
    );
}

#[test]
fn a_move_that_nobody_is_told_of_and_a_device_that_denies_its_nat() {
    let mut scene = Scene::new();
    let values = [
        (
            "ManagementServer.UDPConnectionRequestAddress",
            "198.51.100.7:40112",
        ),
        ("ManagementServer.NATDetected", "0"),
    ];
    scene.binding(5060, Some("198.51.100.7:40112"));
    scene.session("A1", "1 BOOT", &values);
    scene.wait_s(30);
    scene.binding(5060, Some("198.51.100.9:40112"));
    scene.wait_s(30);
    scene.session("A1", "2 PERIODIC", &values);
    let story = scene.story("a1");
    assert_eq!(
        texts(&story, EntryKind::BindingMoved),
        [
            "another address: the STUN server now sees it at 198.51.100.9:40112 instead of 198.51.100.7:40112; no \
             session in the capture tells the ACS"
        ]
    );
    let reports = texts(&story, EntryKind::Reported);
    assert_eq!(reports.len(), 1, "what stays the same is told once");
    assert!(
        reports[0].contains(
            "NATDetected 0, but the STUN server sees 192.168.1.20:5060 at 198.51.100.7:40112"
        ),
        "{reports:?}"
    );
    let line = |label| {
        let lines = story.standing.iter();
        lines
            .clone()
            .find(|line| line.label == label)
            .map(|line| line.text.clone())
    };
    let by_udp = line("by UDP").expect("it says so");
    assert!(
        by_udp.ends_with("but the STUN server saw it at 198.51.100.9:40112 last"),
        "{by_udp}"
    );
}

#[test]
fn a_connection_request_and_the_session_that_it_brings() {
    let mut scene = Scene::new();
    scene.binding(5060, Some("198.51.100.7:40112"));
    scene.session(
        "A1",
        "1 BOOT",
        &[(
            "ManagementServer.UDPConnectionRequestAddress",
            "198.51.100.7:40112",
        )],
    );
    scene.wait_s(10);
    scene.ask(5060, 1, 3);
    scene.wait_s(1);
    scene.session("A1", "6 CONNECTION REQUEST", &[]);
    scene.wait_s(10);
    scene.ask(5060, 2, 1);
    scene.wait_s(60);
    scene.session("A1", "6 CONNECTION REQUEST", &[]);
    let story = scene.story(ID);
    assert_eq!(
        texts(&story, EntryKind::ConnectionRequest),
        [
            "UDP Connection Request from 203.0.113.20:3478 to 192.168.1.20:5060, in three copies: session 2 came 1.01 s \
             later with 6 CONNECTION REQUEST",
            "UDP Connection Request from 203.0.113.20:3478 to 192.168.1.20:5060: no session came for it, and the capture \
             shows no reason; --credentials would tell whether its signature is right",
        ]
    );
    let sessions = texts(&story, EntryKind::Session);
    assert!(
        sessions[1].contains("set off by the UDP Connection Request of 22:13:"),
        "{sessions:?}"
    );
    assert!(
        sessions[2].starts_with(
            "opens session 3 with 6 CONNECTION REQUEST: no Connection Request that could have set it off is in the \
             capture"
        ),
        "{sessions:?}"
    );
    assert_eq!(
        story.verdict,
        "2 Connection Requests: 1 brought a session; 1 did not: the capture shows no reason; --credentials would \
         tell whether its signature is right; 1 session says 6 CONNECTION REQUEST without one in the capture"
    );
}

#[test]
fn silence_and_missing_answers_are_told_as_such() {
    let mut scene = Scene::new();
    scene.session("A1", "1 BOOT", &[]);
    scene.binding(5060, None);
    scene.wait_s(30);
    scene.binding(5060, None);
    scene.wait_s(3600);
    scene.binding(5060, Some("198.51.100.7:40112"));
    let story = scene.story(ID);
    let bindings = texts(&story, EntryKind::Binding);
    assert_eq!(bindings.len(), 2);
    assert!(
        bindings[0].ends_with("; the capture holds no answer"),
        "{bindings:?}"
    );
    assert!(
        bindings[1].starts_with("after 1 h 00 min of silence sends a STUN Binding Request"),
        "{bindings:?}"
    );
}

#[test]
fn a_hundred_thousand_bindings_are_few_entries() {
    let mut scene = Scene::new();
    scene.session("A1", "1 BOOT", &[]);
    for round in 0..100_000_u64 {
        scene.now_us += 10_000_000;
        let mapped = format!("198.51.100.7:{}", 1024 + round % 2);
        scene.binding(
            5060,
            Some(if round < 99_000 {
                "198.51.100.7:1024"
            } else {
                &mapped
            }),
        );
    }
    let story = scene.story(ID);
    let bindings = of_kind(&story, EntryKind::Binding);
    assert!(story.entries.len() < 200, "{}", story.entries.len());
    assert!(
        bindings[0]
            .text
            .contains("(99,001 of them until 2023-11-26 09:16:48.011)"),
        "another day is told with its date: {}",
        bindings[0].text
    );
    assert!(bindings[0].frames.listed().len() <= 16);
    assert!(bindings[0].frames.count() >= 198_000);
    let more = story
        .entries
        .iter()
        .any(|entry| entry.text.contains("its address changed 9"));
    assert!(more, "moves beyond the bound are counted");
}

#[test]
fn every_endpoint_another_is_bounded_and_said() {
    let mut scene = Scene::new();
    scene.session("A1", "1 BOOT", &[]);
    for port in 1024..6000 {
        scene.binding(port, Some("198.51.100.7:40112"));
    }
    let story = scene.story(ID);
    let remarks = texts(&story, EntryKind::Remark);
    assert!(
        remarks
            .iter()
            .any(|text| text.contains("came from more endpoints than are followed")),
        "{remarks:?}"
    );
    assert!(story.entries.len() <= 4100);
}

#[test]
fn threads_change_nothing() {
    let mut paths: Vec<PathBuf> = [
        "udp-request-works",
        "udp-request-stale",
        "gateway-association",
    ]
    .map(|story| captures().join(story).join("capture.pcapng"))
    .to_vec();
    let ids = ["0015650A1B31", "0015650A1B34", "0004135E6F41", "JINGBO"];
    paths.extend(shared("captures/peers/orange_perlcwmp_stun.pcap"));
    for (path, id) in paths.iter().zip(ids) {
        let tell = |threads| {
            let capture = Capture::open(vec![Input::Path(path.clone())]).expect("it opens");
            format!("{:?}", told(capture, id, threads))
        };
        let alone = tell(1);
        for threads in 2..=8 {
            assert_eq!(tell(threads), alone, "{} with {threads}", path.display());
        }
    }
}

#[test]
fn a_recording_of_real_programs() {
    let Some(path) = shared("captures/peers/orange_perlcwmp_stun.pcap") else {
        return;
    };
    let capture = Capture::open(vec![Input::Path(path)]).expect("it opens");
    let (device, story) = told(capture, "JINGBO", 1);
    assert_eq!((device.sessions, device.bindings.len()), (4, 2));
    // In the end its requests come from another port.
    let moved = texts(&story, EntryKind::BindingMoved);
    assert_eq!(moved.len(), 1);
    assert!(moved[0].contains("BINDING-CHANGE"), "{moved:?}");
    let results: Vec<_> = of_kind(&story, EntryKind::ConnectionRequest)
        .into_iter()
        .map(|entry| entry.result.map(ConnectionRequestResult::name))
        .collect();
    assert_eq!(
        results,
        [
            Some("session"),
            Some("refused"),
            Some("busy"),
            Some("undetermined")
        ]
    );
}

#[test]
fn the_gateway_belongs_to_the_phones_story() {
    let file = capture_of("gateway-association");
    let text = printed(&["devices", &file, "00:04:13:5e:6f:41", "-T", "json"], "80");
    let record: Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(record["gateway"]["serial_number"], "00D09E5B7A07");
    assert_eq!(record["dhcp"]["address"], "192.168.1.20");
    let story = record["story"].as_array().expect("it has a story");
    let kinds: Vec<&str> = story
        .iter()
        .filter_map(|entry| entry["kind"].as_str())
        .collect();
    assert_eq!(
        kinds,
        [
            "dhcp",
            "session",
            "reported",
            "gateway",
            "manageable_device",
            "port_mapping",
            "connection_request",
            "session"
        ]
    );
    assert_eq!(story[3]["session"], 2);
    assert_eq!(story[6]["result"], "session");
    // The gateway's own story has none of the phone's sessions.
    let text = printed(&["devices", &file, "HomeGate", "-T", "json"], "80");
    let record: Value = serde_json::from_str(&text).expect("it is JSON");
    let story = record["story"].as_array().expect("it has a story");
    assert!(
        story
            .iter()
            .all(|entry| entry["session"].is_null() || entry["session"] == 2)
    );
}

#[test]
fn which_device_is_meant() {
    let file = capture_of("gateway-association");
    for (wanted, code, says) in [
        ("0004135E6F41", 0, ""),
        (
            "00",
            2,
            "may be any of 2 devices: 000413-snom320-0004135E6F41, 00D09E-",
        ),
        (
            "0004135E6F42",
            2,
            "no device of the capture has '0004135E6F42' in its id: 000413-snom320-",
        ),
        ("no\u{1b}[31m", 2, "has 'no\\x1b[31m' in its id"),
    ] {
        let run = informant(&["devices", &file, wanted], "80");
        let complaint = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(code), "{wanted}: {complaint}");
        assert!(complaint.contains(says), "{wanted}: {complaint}");
        assert_eq!(run.stdout.is_empty(), code != 0);
    }
    let run = informant(&["devices", &file, "HomeGate", "-Y", "sessions > 1"], "80");
    assert_eq!(run.status.code(), Some(2));
    let chosen = Wanted::new("x").among(&[]);
    assert!(matches!(chosen, Choice::None(near) if near.is_empty()));
}

#[test]
fn the_list_and_its_filter() {
    let files = [
        "gateway-association",
        "udp-request-works",
        "http-request-refused",
    ]
    .map(capture_of);
    let [one, two, three] = &files;
    let lines = |more: &[&str]| -> Vec<Value> {
        let mut arguments = vec!["devices", "-T", "ndjson", one, two, three];
        arguments.extend(more);
        let text = printed(&arguments, "80");
        let lines = text.lines();
        lines
            .map(|line| serde_json::from_str(line).expect("it is JSON"))
            .collect()
    };
    let all = lines(&[]);
    assert_eq!(all.len(), 4);
    let counts: Vec<_> = all
        .iter()
        .map(|device| {
            let requests = &device["connection_requests"];
            (
                requests["sent"].as_u64(),
                requests["session"].as_u64(),
                requests["refused"].as_u64(),
            )
        })
        .collect();
    assert!(counts.contains(&(Some(1), Some(0), Some(1))), "{counts:?}");
    assert!(counts.contains(&(Some(1), Some(1), Some(0))), "{counts:?}");
    let two = lines(&["-Y", "sessions == 2"]);
    assert_eq!(two.len(), 2);
    let list = printed(&["devices", "-T", "json", one], "80");
    let list: Value = serde_json::from_str(&list).expect("it is JSON");
    assert_eq!(list.as_array().map(Vec::len), Some(2));
    let none = informant(&["devices", one, "-Y", "sessions > 9"], "80");
    assert!(none.stdout.is_empty());
    assert!(String::from_utf8_lossy(&none.stderr).contains("-Y selects none of 2 devices"));
}

#[test]
fn every_width_is_kept() {
    let story = capture_of("gateway-association");
    let works = capture_of("udp-request-works");
    for width in ["60", "61", "79", "80", "100", "120", "200"] {
        let columns: usize = width.parse().expect("a number");
        for arguments in [
            vec!["devices", story.as_str(), works.as_str()],
            vec!["devices", story.as_str(), "0004135E6F41"],
            vec!["devices", works.as_str(), "0015650A1B31"],
        ] {
            let text = printed(&arguments, width);
            for line in text.lines() {
                assert!(line.chars().count() <= columns, "{width}: {line}");
            }
        }
    }
}

#[test]
fn what_the_wire_says_is_escaped_and_masked() {
    let mut scene = Scene::new();
    let values = [
        (
            "ManagementServer.ConnectionRequestURL",
            "http://user:SEKRET@192.168.1.20:7547/&#x202e;x",
        ),
        ("GatewayInfo.SerialNumber", "&#x202e;gate"),
        ("GatewayInfo.ManufacturerOUI", "00D09E"),
    ];
    scene.session("A1", "1 BOOT", &values);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("hostile.pcap");
    std::fs::write(&path, &scene.bytes).expect("it is writable");
    let file = path.to_str().expect("paths are UTF-8");
    for arguments in [
        vec!["devices", file],
        vec!["devices", file, "-T", "json"],
        vec!["devices", file, ID],
        vec!["devices", file, ID, "-T", "json"],
    ] {
        let text = printed(&arguments, "200");
        assert!(!text.contains("SEKRET"), "{arguments:?}: {text}");
        assert!(!text.contains('\u{202e}'), "{arguments:?}: {text}");
        assert!(text.contains("A1"));
    }
    let shown = printed(&["devices", file, ID, "--show-secrets"], "200");
    assert!(shown.contains("SEKRET"));
}

#[test]
fn standard_input_will_do() {
    let path = captures().join("http-request-works/capture.pcapng");
    let input = std::fs::File::open(&path).expect("it is there");
    let run = Command::new(env!("CARGO_BIN_EXE_informant"))
        .args(["devices", "-", "0015650A1B21"])
        .stdin(input)
        .output()
        .expect("the binary runs");
    assert!(run.status.success());
    assert!(String::from_utf8_lossy(&run.stdout).contains("and it brought a session"));
}
