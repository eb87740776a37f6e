//! What hostile or damaged input may not do: end the run, take memory without bound, change what is whole.

mod support;

use std::fs;
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use informant::pipeline::{Limits, Options};
use informant::session::{Outcome, Session};
use proptest::prelude::*;
use support::wire::{self, Connection, Endpoint};
use support::{Analysis, analyse_file, analyse_files, shared};

const ACS: [u8; 4] = [203, 0, 113, 10];

fn binary() -> Command {
    Command::new(env!("CARGO_BIN_EXE_informant"))
}

fn acs() -> Endpoint {
    Endpoint::new(ACS, 7547)
}

fn cpe(number: u32) -> Endpoint {
    let [_, b, c, d] = number.to_be_bytes();
    Endpoint::new([10, b, c, d], 40_000)
}

/// Analyses a capture that stands in memory.
fn analyse_bytes(bytes: &[u8]) -> Analysis {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    fs::write(file.path(), bytes).expect("the capture is written");
    analyse_file(file.path())
}

/// The sessions that had ended, in every detail but what a longer capture adds.
fn ended(analysis: &Analysis) -> Vec<String> {
    let over = |outcome| matches!(outcome, Outcome::Complete | Outcome::Faulted);
    let sessions = analysis
        .sessions
        .iter()
        .filter(|session| over(session.outcome));
    // The end of its connection comes after the session's.
    let alike = |session: &Session| Session {
        closed_by_peer: true,
        endings: Vec::new(),
        is_over: true,
        ..session.clone()
    };
    sessions
        .map(|session| format!("{:?}", alike(session)))
        .collect()
}

/// The first frames of a recording as pcap and as pcapng, and where each record ends.
fn two_sessions() -> [(Vec<u8>, Vec<usize>); 2] {
    let mut frames = wire::session(cpe(1), acs(), "A1", 700);
    frames.extend(wire::session(cpe(2), acs(), "A2", 1448));
    let (mut pcap, mut pcapng) = (wire::pcap_head(), wire::pcapng_head());
    let (mut pcap_ends, mut pcapng_ends) = (vec![pcap.len()], vec![pcapng.len()]);
    for (index, frame) in frames.iter().enumerate() {
        let time_us = 1_700_000_000_000_000 + index as u64 * 1000;
        wire::put_record(time_us, frame, &mut pcap);
        pcap_ends.push(pcap.len());
        put_enhanced_packet(time_us, frame, &mut pcapng);
        pcapng_ends.push(pcapng.len());
    }
    [(pcap, pcap_ends), (pcapng, pcapng_ends)]
}

fn put_enhanced_packet(time_us: u64, frame: &[u8], into: &mut Vec<u8>) {
    let padded = frame.len().next_multiple_of(4);
    let total = (32 + padded) as u32;
    let length = frame.len() as u32;
    for word in [
        6,
        total,
        0,
        (time_us >> 32) as u32,
        time_us as u32,
        length,
        length,
    ] {
        into.extend(word.to_le_bytes());
    }
    into.extend_from_slice(frame);
    into.resize(into.len() + padded - frame.len(), 0);
    into.extend(total.to_le_bytes());
}

#[test]
fn every_prefix_of_a_capture_gives_what_was_whole_before_the_cut() {
    for (bytes, ends) in two_sessions() {
        let whole = ended(&analyse_bytes(&bytes));
        assert_eq!(whole.len(), 2);
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        for length in (ends[0]..bytes.len()).rev() {
            // The file shrinks byte by byte.
            if length == bytes.len() - 1 {
                fs::write(file.path(), &bytes[..length]).expect("the capture is written");
            }
            file.as_file()
                .set_len(length as u64)
                .expect("the file is cut");
            let analysis = analyse_file(file.path());
            let frames = ends.iter().filter(|end| **end <= length).count() as u64 - 1;
            assert_eq!(analysis.summary.files[0].frames, frames, "{length} bytes");
            let at_boundary = ends.contains(&length);
            assert_eq!(
                analysis.problems.is_empty(),
                at_boundary,
                "{length} bytes: {:?}",
                analysis.problems
            );
            let before = ended(&analysis);
            assert!(whole.starts_with(&before), "{length} bytes: {before:?}");
        }
    }
}

#[test]
fn a_cut_capture_ends_with_exit_code_3_and_a_place() {
    let [(pcap, ends), _] = two_sessions();
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let cut = ends[ends.len() / 2] + 7;
    fs::write(file.path(), &pcap[..cut]).expect("the capture is written");
    let run = binary()
        .arg("list")
        .arg(file.path())
        .output()
        .expect("the binary runs");
    assert_eq!(run.status.code(), Some(3));
    let message = String::from_utf8_lossy(&run.stderr).into_owned();
    let name = file
        .path()
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    assert!(message.contains(&name), "{message}");
    assert!(
        message.contains(&ends[ends.len() / 2].to_string()),
        "the offset of the cut record is named: {message}"
    );
    assert!(
        String::from_utf8_lossy(&run.stdout).contains("A1"),
        "what was whole is printed"
    );
}

/// What is said of a message, without what segmentation may change: the frames and their times.
fn decoded(analysis: &Analysis) -> Vec<(Vec<u8>, Option<String>, Option<u32>)> {
    let soap = |message: &informant::session::Message| {
        message
            .soap
            .as_ref()
            .map(|document| String::from_utf8_lossy(document.text()).into_owned())
    };
    analysis
        .messages
        .iter()
        .map(|message| (message.http.raw.clone(), soap(message), message.session))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// The way the packets took does not show in what was decoded.
    #[test]
    fn segmentation_does_not_matter(
        segment in 1_usize..1448,
        moves in proptest::collection::vec((0_usize..400, 1_usize..4), 0..20),
        repeats in proptest::collection::vec(0_usize..400, 0..10),
    ) {
        let mut plain = Connection::new(cpe(7), acs());
        let mut frames = plain.open();
        // Sides speak in turn; only the segments of one message change places.
        let response = wire::envelope("1", "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>");
        let turns = [
            (0, wire::post(&wire::inform("S1", "1 BOOT"))),
            (1, wire::reply(&response)),
            (0, wire::post("")),
            (1, wire::reply("")),
        ];
        for (side, bytes) in turns {
            let mut segments = plain.send(side, &bytes, segment);
            for (at, by) in &moves {
                let at = at % segments.len();
                let to = (at + by).min(segments.len() - 1);
                segments[at..=to].rotate_left(1);
            }
            for at in &repeats {
                let at = at % segments.len();
                let again = segments[at].clone();
                segments.push(again);
            }
            frames.extend(segments);
        }
        frames.extend(plain.close());
        let moved = analyse_bytes(&wire::capture(&frames, 10));
        let reference = analyse_bytes(&wire::capture(&wire::session(cpe(7), acs(), "S1", 1448), 10));
        let texts = |analysis: &Analysis| decoded(analysis).into_iter().map(|(raw, _, session)| (raw.len(), session)).collect::<Vec<_>>();
        prop_assert_eq!(moved.messages.len(), 4);
        prop_assert_eq!(texts(&moved).len(), texts(&reference).len());
        prop_assert_eq!(moved.summary.tcp.gaps, 0);
        prop_assert_eq!(moved.sessions[0].outcome, Outcome::Complete);
        let bodies: Vec<Vec<u8>> = decoded(&moved).into_iter().map(|(raw, _, _)| raw).collect();
        prop_assert_eq!(&bodies[0], &wire::post(&wire::inform("S1", "1 BOOT")));
        prop_assert_eq!(&bodies[1], &wire::reply(&response));
    }
}

#[test]
fn a_gzip_bomb_costs_little_and_is_noticed() {
    let bomb = gzip_of_spaces(&wire::envelope("1", "<a>"), 1 << 30);
    assert!(bomb.len() < 6 << 20, "the bomb is small: {}", bomb.len());
    let mut message = format!(
        "POST /acs HTTP/1.1\r\nHost: acs\r\nContent-Type: text/xml\r\nSOAPAction: \"\"\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        bomb.len()
    )
    .into_bytes();
    message.extend_from_slice(&bomb);
    let mut connection = Connection::new(cpe(3), acs());
    let mut frames = connection.open();
    frames.extend(connection.send(0, &message, 1448));
    frames.extend(connection.close());
    let capture = wire::capture(&frames, 10);
    let begun = Instant::now();
    let analysis = analyse_bytes(&capture);
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );
    let anomalies: Vec<&str> = analysis
        .messages
        .iter()
        .flat_map(|message| &message.http.anomalies)
        .map(|anomaly| anomaly.kind.name())
        .collect();
    let held = analysis
        .messages
        .iter()
        .map(|message| message.http.body().len())
        .max();
    assert!(held.is_some_and(|bytes| bytes <= 18 << 20), "{held:?}");
    assert!(!anomalies.is_empty(), "the bomb is noticed");
}

/// An envelope that goes on with so many spaces: it looks like SOAP, so that it is kept and decoded.
fn gzip_of_spaces(start: &str, length: usize) -> Vec<u8> {
    let start = start.split("</a>").next().unwrap_or_default();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder
        .write_all(start.as_bytes())
        .expect("text compresses");
    let spaces = vec![b' '; 1 << 20];
    for _ in 0..length / spaces.len() {
        encoder.write_all(&spaces).expect("spaces compress");
    }
    encoder.finish().expect("spaces compress")
}

#[test]
fn deep_and_wide_xml_costs_no_more_than_its_size() {
    let deep = wire::envelope(
        "1",
        &format!("{}{}", "<a>".repeat(200_000), "</a>".repeat(200_000)),
    );
    let wide = wire::envelope("1", &"<a b=\"c\"/>".repeat(150_000));
    let entities = format!(
        "<!DOCTYPE a [<!ENTITY x \"{}\"><!ENTITY y \"&x;&x;&x;&x;\">]>{}",
        "z".repeat(1000),
        wire::envelope("1", "<cwmp:GetRPCMethods>&y;</cwmp:GetRPCMethods>")
    );
    for (name, body) in [("deep", deep), ("wide", wide), ("entities", entities)] {
        let mut connection = Connection::new(cpe(4), acs());
        let mut frames = connection.open();
        frames.extend(connection.send(0, &wire::post(&body), 1448));
        frames.extend(connection.close());
        let begun = Instant::now();
        let analysis = analyse_bytes(&wire::capture(&frames, 10));
        assert!(
            begun.elapsed() < Duration::from_secs(5),
            "{name}: {:?}",
            begun.elapsed()
        );
        let documents: Vec<_> = analysis
            .messages
            .iter()
            .filter_map(|message| message.soap.as_ref())
            .collect();
        assert_eq!(documents.len(), 1, "{name}");
        let text: usize = documents[0]
            .elements()
            .map(|element| element.text().len())
            .max()
            .unwrap_or(0);
        assert!(text < 5000, "{name}: no entity is expanded, {text}");
        if name != "wide" {
            assert!(!documents[0].anomalies().is_empty(), "{name} is noticed");
        }
    }
}

/// Writes frames to a running analysis.
struct Feed {
    child: Child,
    buffer: Vec<u8>,
    time_us: u64,
}

impl Feed {
    fn new(arguments: &[&str]) -> Self {
        let child = binary()
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        Self {
            child,
            buffer: wire::pcap_head(),
            time_us: 1_700_000_000_000_000,
        }
    }

    fn frame(&mut self, frame: &[u8], step_us: u64) {
        self.time_us += step_us;
        wire::put_record(self.time_us, frame, &mut self.buffer);
        if self.buffer.len() > 1 << 18 {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let input = self.child.stdin.as_mut().expect("standard input is piped");
        input.write_all(&self.buffer).expect("the binary reads");
        self.buffer.clear();
    }

    /// The highest resident memory so far, in bytes, and what the summary says at the end.
    fn finish(mut self) -> (u64, serde_json::Value) {
        self.flush();
        let status =
            fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmHWM:"))
            .unwrap_or_default();
        let kib: u64 = line
            .split_whitespace()
            .nth(1)
            .and_then(|number| number.parse().ok())
            .unwrap_or(0);
        drop(self.child.stdin.take());
        let output = self.child.wait_with_output().expect("the binary ends");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        (
            kib << 10,
            serde_json::from_slice(&output.stdout).expect("the summary is JSON"),
        )
    }
}

/// Memory after so many sessions of one device.
fn memory_after_sessions(sessions: u32) -> u64 {
    let mut feed = Feed::new(&["summary", "-T", "json", "-"]);
    for number in 0..sessions {
        let client = Endpoint::new([10, 0, 0, 1], 1024 + (number % 60_000) as u16);
        for frame in wire::session(client, acs(), "ONE", 1448) {
            feed.frame(&frame, 1000);
        }
    }
    let (memory, summary) = feed.finish();
    assert_eq!(summary["cwmp"]["sessions"], sessions);
    memory
}

#[test]
fn memory_does_not_follow_what_has_been_read() {
    let (few, many) = (memory_after_sessions(20_000), memory_after_sessions(54_000));
    eprintln!(
        "{} KiB after 20,000 sessions, {} KiB after 54,000",
        few >> 10,
        many >> 10
    );
    assert!(many < 256 << 20, "{many}");
    assert!(many.saturating_sub(few) < 34_000 * 200, "{few} then {many}");
}

#[test]
fn a_hundred_thousand_open_connections_stay_within_a_gibibyte() {
    let mut feed = Feed::new(&["summary", "-T", "json", "-"]);
    let message = wire::post(&wire::inform("S", "2 PERIODIC"));
    for number in 0..100_000 {
        let mut connection = Connection::new(cpe(number), acs());
        for frame in connection
            .open()
            .iter()
            .chain(&connection.send(0, &message[..600], 1448))
        {
            feed.frame(frame, 1);
        }
    }
    let (memory, summary) = feed.finish();
    eprintln!(
        "{} MiB for 100,000 connections with half a message each",
        memory >> 20
    );
    assert!(memory < 1 << 30, "{memory}");
    assert_eq!(summary["tcp"]["connections"], 100_000);
    assert_eq!(summary["http"]["requests"], 100_000, "every head was whole");
}

#[test]
fn ten_million_half_open_connections_end_no_session() {
    let mut feed = Feed::new(&["summary", "-T", "json", "-"]);
    let session = wire::session(cpe(1), acs(), "GENUINE", 1448);
    let mut syn = wire::tcp(cpe(2), acs(), 1, 0, wire::SYN, b"");
    let flood_a_frame = 10_000_000 / session.len() as u32;
    for (index, frame) in session.iter().enumerate() {
        feed.frame(frame, 1);
        for number in 0..flood_a_frame {
            // The source address changes with every packet.
            let address = (index as u32 * flood_a_frame + number).to_be_bytes();
            syn[26..30].copy_from_slice(&[11, address[1], address[2], address[3]]);
            syn[34..36].copy_from_slice(&(1024 + u16::from(address[0])).to_be_bytes());
            feed.frame(&syn, 0);
        }
    }
    let (memory, summary) = feed.finish();
    eprintln!("{} MiB for ten million SYNs", memory >> 20);
    assert!(memory < 256 << 20, "{memory}");
    assert_eq!(summary["cwmp"]["sessions"], 1);
    assert_eq!(summary["cwmp"]["messages"]["Inform"], 1);
    assert!(
        summary["limits_reached"]["flows_max"].as_u64() > Some(1_000_000),
        "the bound is reported: {summary}"
    );
}

/// Writes the capture of one kind of attack.
type Writer<'a> = &'a dyn Fn(&mut Feed);

/// What once took time that grew with the square of the input, or memory without a bound.
#[test]
fn many_of_a_kind_cost_no_more_than_their_number() {
    let acs = acs();
    // An outage of the ACS: each device informs and is reset.
    let outage = |feed: &mut Feed| {
        for number in 0..60_000 {
            let mut connection = Connection::new(cpe(number), acs);
            let message = wire::post(&wire::inform(&format!("S{number}"), "2 PERIODIC"));
            feed.frame(&connection.send(0, &message, 1448)[0], 1000);
            feed.frame(
                &wire::tcp(
                    connection.client,
                    acs,
                    connection.next[0],
                    9000,
                    wire::RST,
                    b"",
                ),
                0,
            );
        }
    };
    // A proxy that never closes its connection to the ACS.
    let proxy = |feed: &mut Feed| {
        let mut connection = Connection::new(cpe(1), acs);
        let frames = connection.open();
        frames.iter().for_each(|frame| feed.frame(frame, 100));
        let response = wire::envelope(
            "1",
            "<cwmp:InformResponse><MaxEnvelopes>1</MaxEnvelopes></cwmp:InformResponse>",
        );
        for number in 0..16_000 {
            let inform = wire::post(&wire::inform(&format!("S{number}"), "2 PERIODIC"));
            for (side, message) in [
                (0, inform),
                (1, wire::reply(&response)),
                (0, wire::post("")),
                (1, wire::reply("")),
            ] {
                for frame in connection.send(side, &message, 1448) {
                    feed.frame(&frame, 500);
                }
            }
        }
    };
    // GETs that nobody answers, all at once.
    let gets = |feed: &mut Feed| {
        for number in 0..100_000 {
            let mut connection = Connection::new(cpe(number), Endpoint::new([198, 51, 100, 7], 80));
            let get = format!("GET /{number} HTTP/1.1\r\nHost: x\r\n\r\n");
            feed.frame(&connection.send(0, get.as_bytes(), 1448)[0], 0);
        }
    };
    // One-byte segments, and one that covers them.
    let pieces = |feed: &mut Feed| {
        let (byte, all) = (vec![0x17], vec![0x17; 60_000]);
        for number in 0..100 {
            for piece in 0..500 {
                feed.frame(
                    &wire::tcp(cpe(number), acs, 100_000 + piece * 100, 1, wire::ACK, &byte),
                    1,
                );
            }
            feed.frame(&wire::tcp(cpe(number), acs, 100_000, 1, wire::ACK, &all), 1);
        }
    };
    let kinds: [(&str, Writer<'_>); 4] = [
        ("outage", &outage),
        ("proxy", &proxy),
        ("gets", &gets),
        ("pieces", &pieces),
    ];
    for (name, write) in kinds {
        let begun = Instant::now();
        let mut feed = Feed::new(&["summary", "-T", "json", "-q", "-"]);
        write(&mut feed);
        let (memory, _) = feed.finish();
        eprintln!(
            "{name}: {} ms, {} MiB",
            begun.elapsed().as_millis(),
            memory >> 20
        );
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{name}: {:?}",
            begun.elapsed()
        );
        assert!(memory < 300 << 20, "{name}: {memory}");
    }
}

#[test]
fn max_mem_is_respected_and_said() {
    let mut feed = Feed::new(&["summary", "-T", "json", "--max-mem", "32MB", "-"]);
    let message = wire::post(&wire::inform("S", &"x".repeat(60_000)));
    for number in 0..3_000 {
        let mut connection = Connection::new(cpe(number), acs());
        for frame in connection
            .open()
            .iter()
            .chain(&connection.send(0, &message[..50_000], 1448))
        {
            feed.frame(frame, 1);
        }
    }
    let (memory, summary) = feed.finish();
    eprintln!("{} MiB under --max-mem 32MB", memory >> 20);
    // The rest is the program itself, with the libraries of TLS, and what the allocator keeps.
    assert!(memory < 52 << 20, "{memory}");
    assert!(
        summary["limits_reached"]["held_bytes_max"].as_u64() > Some(0),
        "{summary}"
    );
}

/// What so many devices send that inform once each.
fn informs(devices: u32) -> impl Iterator<Item = Vec<u8>> {
    (0..devices).flat_map(|number| {
        let message = wire::post(&wire::inform(&format!("S{number}"), "2 PERIODIC"));
        let mut connection = Connection::new(cpe(number), acs());
        let (open, sent) = (connection.open(), connection.send(0, &message, 1448));
        [open, sent, connection.close()].concat()
    })
}

#[test]
fn max_mem_holds_for_what_rules_remember_too() {
    let options = "-T json -q --fail-on never --threads 1 --max-mem 16M -";
    let arguments: Vec<&str> = ["check"].into_iter().chain(options.split(' ')).collect();
    let mut feed = Feed::new(&arguments);
    for frame in informs(6_000) {
        feed.frame(&frame, 100);
    }
    let (memory, checked) = feed.finish();
    eprintln!("{} MiB under --max-mem 16M", memory >> 20);
    // 80 MiB without it.
    assert!(memory < 56 << 20, "{memory}");
    let reached = &checked["limits_reached"];
    for bound in ["devices_followed_max", "findings_max"] {
        assert!(reached[bound].as_u64() > Some(0), "{reached}");
    }
}

/// Where not all findings could be kept, nobody knows that there are none, or what an entry is there for.
#[test]
fn what_did_not_fit_counts_as_found_and_makes_nothing_stale() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (capture, known) = (place("c.pcap"), place("known.toml"));
    let mut bytes = wire::pcap_head();
    for (frame, time_us) in informs(3_000).zip((1_700_000_000_000_000..).step_by(100)) {
        wire::put_record(time_us, &frame, &mut bytes);
    }
    fs::write(&capture, bytes).expect("the folder takes it");
    let run = |form: &str, more: &[&str]| {
        let mut command = binary();
        command.args(form.split(' ')).arg(&capture).args(more);
        let output = command.output().expect("the binary runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), said)
    };
    let text = || fs::read_to_string(&known).unwrap_or_default();
    let (code, said) = run("baseline create", &["-b", &known]);
    assert_eq!(code, Some(0), "{said}");
    let before = text();
    let judged = ["-q", "--fail-on", "info", "--baseline", &known];
    assert_eq!(run("check", &judged), (Some(0), String::new()));
    let (code, said) = run("check --max-mem 16M", &judged);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("the bound findings_max"), "{said}");
    let (_, said) = run("check --max-mem 16M", &["--baseline", &known]);
    assert!(!said.contains("stale"), "{said}");
    for (form, expected) in [
        ("junit", "name=\"findings_max\""),
        ("sarif", "toolExecutionNotifications"),
        (
            "github",
            "::warning title=informant::the bound findings_max",
        ),
    ] {
        let mut command = binary();
        command.args(["check", "--max-mem", "16M", "-T", form]);
        let output = command.arg(&capture).args(judged).output();
        let output = output.expect("the binary runs").stdout;
        let output = String::from_utf8_lossy(&output);
        assert!(output.contains(expected), "{form}: {output:.2000}");
        assert!(!output.contains("no finding\""), "{form}");
    }
    let (code, said) = run("baseline prune --max-mem 16M", &["-b", &known]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("only what has expired is dropped"), "{said}");
    assert!(text() == before);
    // Nor where the input is cut.
    let bytes = fs::read(&capture).expect("it is there");
    fs::write(&capture, &bytes[..bytes.len() / 2]).expect("the folder takes it");
    let (code, said) = run("baseline prune", &["-b", &known]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("only what has expired is dropped"), "{said}");
    assert!(text() == before);
}

#[test]
fn bounds_are_what_they_are_said_to_be() {
    let limits = Limits::default();
    assert!(limits.within_memory(64 << 20).held_bytes_max <= 32 << 20);
    let Some(peers) = shared("captures/peers") else {
        return;
    };
    let file = peers.join("genieacs-sim_genieacs.pcap");
    let small = Options {
        limits: limits.within_memory(16 << 20),
        ..Options::default()
    };
    let (wide, narrow) = (
        analyse_files(&[&file], &Options::default()),
        analyse_files(&[&file], &small),
    );
    assert_eq!(ended(&wide), ended(&narrow), "what fits is not touched");
}
