//! Every frame of the shared captures: the innermost TCP segment is the one that Wireshark's dissectors find.

mod reading;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use link::{Decoded, DefragmentLimits, Defragmenter, Packet, Payload, decode};
use reading::{frames_of, shared_files};
use serde_json::{Value, json};

/// Of each frame that has one, the innermost TCP segment's source and destination, by frame number.
type Segments = BTreeMap<u64, (String, String)>;

#[test]
fn the_innermost_segment_is_the_one_that_wireshark_finds() {
    let files: Vec<PathBuf> = shared_files(&["linktypes", "http-torture"])
        .into_iter()
        .filter(|path| !frames_of(path).is_empty())
        .collect();
    let Some(theirs) = wireshark_of(&files) else {
        println!("skipped: sharkd, which comes with tshark, is absent");
        return;
    };
    let (mut segments, mut different) = (0, Vec::new());
    for (path, theirs) in files.iter().zip(theirs) {
        let ours = segments_of(path);
        segments += theirs.len();
        different.extend(differences(&name_of(path), &ours, &theirs));
    }
    let (explained, different): (Vec<_>, Vec<_>) =
        different.into_iter().partition(|line| is_explained(line));
    assert!(different.is_empty(), "{}", different.join("\n"));
    for (file, _) in EXPLAINED {
        let stands = explained.iter().any(|line| line.starts_with(file));
        assert!(stands || files.is_empty(), "{file}: no longer different");
    }
    assert!(
        segments > 20_000 || files.is_empty(),
        "only {segments} segments compared"
    );
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn is_explained(line: &str) -> bool {
    EXPLAINED.iter().any(|(file, _)| line.starts_with(file))
}

/// Where the two differ, with the reason why ours is what stands on the wire.
const EXPLAINED: [(&str, &str); 11] = [
    (
        "PcapPlusPlus__ExamplesTest__pcap_examples__tcp-reassembly.pcap frame 66:",
        "a UDP datagram, sFlow, which quotes the first bytes of a segment",
    ),
    (
        "simsong+tcpflow__tests__simson.pcap",
        "40 bytes captured, 6 of the TCP header: no sequence number, so no segment",
    ),
    (
        "suricata-verify__decode-too-small__test.pcap frame 5:",
        "an IPv6 packet whose payload length leaves no room for ports",
    ),
    (
        "tcpdump__tests__bgp_pmsi_tunnel-oobr.pcap frame 1:",
        "the first fragment of a packet of which no other comes (more fragments is set)",
    ),
    (
        "tcpdump__tests__bigtcp-ipv4-geneve-ipv4.pcap frame 1:",
        "lengths of 0, as a host writes them that sends more than 65535 bytes at once",
    ),
    (
        "tcpdump__tests__bigtcp-ipv4-vxlan-ipv6.pcap frame 1:",
        "lengths of 0, likewise",
    ),
    (
        "tcpdump__tests__bigtcp-ipv6-geneve-ipv4.pcap frame 1:",
        "lengths of 0, likewise",
    ),
    (
        "tcpdump__tests__bigtcp-ipv6-geneve-ipv6.pcap frame 1:",
        "lengths of 0, likewise",
    ),
    (
        "tcpdump__tests__bigtcp-ipv6-vxlan-ipv4.pcap frame 1:",
        "lengths of 0, likewise",
    ),
    (
        "zeek__chksums__ip6-hoa-tcp-good-chksum.pcap frame 1:",
        "from the home address, with which the checksum is right (RFC 6275 section 11.3.1)",
    ),
    (
        "zeek__chksums__ip6-route0-tcp-bad-chksum.pcap frame 1:",
        "to the last hop of the routing header (RFC 8200 section 8.1)",
    ),
];

/// One line for each frame that the two see differently.
fn differences(name: &str, ours: &Segments, theirs: &Segments) -> Vec<String> {
    let numbers = ours
        .keys()
        .chain(theirs.keys().filter(|number| !ours.contains_key(number)));
    numbers
        .filter(|number| ours.get(number) != theirs.get(number))
        .map(|number| {
            format!(
                "{name} frame {number}: {:?}, not {:?}",
                ours.get(number),
                theirs.get(number)
            )
        })
        .collect()
}

fn segments_of(path: &Path) -> Segments {
    let mut defragmenter = Defragmenter::new(DefragmentLimits::default());
    let mut segments = Segments::new();
    for (number, frame) in (1..).zip(frames_of(path)) {
        if let Decoded::Ip(packet) = decode(frame.link_type, &frame.bytes, frame.original_length) {
            segments.extend(segment_of(&packet, &mut defragmenter, number));
        }
    }
    segments
}

/// The segment in a packet, or in the packet that it completes.
fn segment_of(
    packet: &Packet<'_>,
    defragmenter: &mut Defragmenter,
    number: u64,
) -> Option<(u64, (String, String))> {
    match &packet.payload {
        Payload::Tcp(tcp) => {
            let source = format!("{} {}", packet.source, tcp.source_port);
            let destination = format!("{} {}", packet.destination, tcp.destination_port);
            Some((number, (source, destination)))
        }
        Payload::Fragment(fragment) => {
            let whole = defragmenter.push(fragment, number, 0)?;
            segment_of(&whole.packet(), defragmenter, number)
        }
        _ => None,
    }
}

/// What the dissectors behind tshark say of every file; none where they are not installed.
fn wireshark_of(files: &[PathBuf]) -> Option<Vec<Segments>> {
    std::thread::scope(|scope| {
        let halves: Vec<_> = files
            .chunks(files.len().div_ceil(2).max(1))
            // It gives back no memory, so that it begins anew now and then.
            .map(|half| scope.spawn(|| half.chunks(16).map(sharkd_of).collect::<Option<Vec<_>>>()))
            .collect();
        let halves = halves.into_iter().map(|half| half.join().ok()?);
        let halves: Option<Vec<_>> = halves.collect();
        Some(halves?.into_iter().flatten().flatten().collect())
    })
}

/// Asks sharkd, the daemon that tshark's package has beside it: one start for many files.
fn sharkd_of(files: &[PathBuf]) -> Option<Vec<Segments>> {
    let mut sharkd = Command::new("sharkd")
        .arg("-")
        .env("WIRESHARK_CONFIG_DIR", "/nonexistent")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut input = sharkd.stdin.take()?;
    let mut lines = BufReader::new(sharkd.stdout.take()?).lines();
    let mut all = Vec::new();
    for (id, file) in (2..).zip(files) {
        // It does not answer a file that ends inside a frame, though it reads it: the other answer alone counts.
        let file = file.canonicalize().ok()?;
        let load = json!({"jsonrpc": "2.0", "id": 1, "method": "load", "params": {"file": file}});
        let frames = json!({"jsonrpc": "2.0", "id": id, "method": "frames", "params": columns()});
        writeln!(input, "{load}\n{frames}").ok()?;
        let answers = lines.by_ref().map_while(Result::ok);
        let mut answers = answers.filter_map(|line| serde_json::from_str::<Value>(&line).ok());
        let answer = answers.find(|answer| answer.get("id") == Some(&json!(id)))?;
        all.push(segments_in(&answer));
    }
    drop(input);
    sharkd.wait().ok()?;
    Some(all)
}

/// The protocols of a frame, and of each field the last, which is the innermost.
fn columns() -> Value {
    json!({
        "column0": "frame.protocols:1",
        "column1": "ip.src:-1", "column2": "ip.dst:-1",
        "column3": "ipv6.src:-1", "column4": "ipv6.dst:-1",
        "column5": "tcp.srcport:-1", "column6": "tcp.dstport:-1",
    })
}

fn segments_in(frames: &Value) -> Segments {
    let frames = frames.pointer("/result").and_then(Value::as_array);
    frames
        .into_iter()
        .flatten()
        .filter_map(segment_in)
        .collect()
}

/// A segment that stands in an ICMP message is a quotation.
fn segment_in(frame: &Value) -> Option<(u64, (String, String))> {
    let number = frame.get("num")?.as_u64()?;
    let column = |at: usize| frame.pointer(&format!("/c/{at}"))?.as_str();
    let protocols: Vec<&str> = column(0)?.split(':').collect();
    let transport = protocols.iter().position(|protocol| *protocol == "tcp")?;
    let layers = protocols.get(..transport)?;
    if layers.iter().any(|layer| layer.starts_with("icmp")) {
        return None;
    }
    let ip = layers
        .iter()
        .rfind(|layer| matches!(**layer, "ip" | "ipv6"))?;
    let (source, destination) = if *ip == "ip" { (1, 2) } else { (3, 4) };
    let (source, destination) = (column(source)?, column(destination)?);
    let ends = (
        format!("{source} {}", column(5)?),
        format!("{destination} {}", column(6)?),
    );
    Some((number, ends))
}
