//! ICMP errors: which packet did not arrive. tshark is the oracle over the shared captures.

mod reading;

use std::path::Path;
use std::process::Command;

use etherparse::PacketBuilder;
use link::{Decoded, LinkType, Payload, Unreachable, decode, unread_protocol};
use reading::{frames_of, shared_files};

/// The packet that did not arrive: from port 51000 to port 7547.
fn lost(version: u8, options: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = match version {
        4 => PacketBuilder::ipv4([192, 0, 2, 1], [192, 0, 2, 2], 64),
        _ => PacketBuilder::ipv6([1; 16], [2; 16], 64),
    }
    .tcp(51000, 7547, 1000, 8192)
    .syn()
    .write(&mut bytes, b"");
    assert!(written.is_ok());
    if version == 4 && options {
        bytes[0] = 0x47;
        bytes.splice(20..20, [1; 8]);
    }
    if version == 6 && options {
        // Destination options of eight bytes, then a fragment header of the first fragment.
        let (next, transport) = (bytes[6], bytes.split_off(40));
        bytes[6] = 60;
        bytes.extend([44, 0, 1, 4, 0, 0, 0, 0, next, 0, 0, 1, 0, 0, 0, 7]);
        bytes.extend(transport);
    }
    bytes
}

/// An ICMP error about it, as a raw IP packet.
fn error(version: u8, kind: u8, code: u8, about: &[u8]) -> Vec<u8> {
    let message = [&[kind, code, 0, 0, 0, 0, 0, 0], about].concat();
    let mut bytes = Vec::new();
    if version == 6 {
        bytes.extend([0x60, 0, 0, 0]);
        bytes.extend((message.len() as u16).to_be_bytes());
        bytes.extend([58, 64]);
        bytes.extend([9; 16]);
        bytes.extend([1; 16]);
        bytes.extend(message);
        return bytes;
    }
    let builder = PacketBuilder::ipv4([198, 51, 100, 1], [192, 0, 2, 1], 64);
    let written = builder.write(&mut bytes, etherparse::IpNumber(1), &message);
    assert!(written.is_ok());
    bytes
}

fn told(bytes: &[u8]) -> Option<Unreachable> {
    match decode(LinkType::RAW, bytes, bytes.len() as u32) {
        Decoded::Ip(packet) => match packet.payload {
            Payload::Unreachable(error) => Some(error),
            _ => None,
        },
        _ => None,
    }
}

#[test]
fn an_error_names_the_packet_and_the_reason() {
    for (version, kind, code, says) in [
        (4, 3, 1, "host unreachable"),
        (4, 3, 3, "port unreachable"),
        (4, 3, 13, "administratively prohibited"),
        (4, 3, 200, "destination unreachable"),
        (4, 11, 0, "time to live exceeded"),
        (6, 1, 0, "no route"),
        (6, 1, 1, "administratively prohibited"),
        (6, 1, 4, "port unreachable"),
        (6, 3, 0, "hop limit exceeded"),
    ] {
        for options in [false, true] {
            let frame = error(version, kind, code, &lost(version, options));
            let error = told(&frame).unwrap_or_else(|| panic!("{version} {kind} {code}"));
            assert_eq!(error.says, says);
            assert_eq!((error.protocol, error.source_port), (6, 51000));
            assert_eq!(error.destination_port, 7547);
            let ends = match version {
                4 => ["192.0.2.1", "192.0.2.2"].map(str::to_owned),
                _ => [1_u8, 2].map(|one| std::net::Ipv6Addr::from([one; 16]).to_string()),
            };
            assert_eq!(
                [error.source.to_string(), error.destination.to_string()],
                ends
            );
            // It is counted under the name that it has always had.
            let name = unread_protocol(LinkType::RAW, &frame, frame.len() as u32)
                .map(|(_, protocol)| protocol.name().into_owned());
            let expected = if version == 4 { "icmp" } else { "icmpv6" };
            assert_eq!(name.as_deref(), Some(expected));
        }
    }
}

#[test]
fn what_is_no_such_error_is_not_read() {
    let (echo, later) = (
        error(4, 8, 0, &lost(4, false)),
        error(6, 2, 0, &lost(6, false)),
    );
    assert_eq!(told(&echo), None);
    assert_eq!(told(&later), None, "packet too big");
    let mut fragment = lost(4, false);
    fragment[7] = 5;
    assert_eq!(told(&error(4, 3, 1, &fragment)), None, "a later fragment");
    let mut ping = lost(4, false);
    ping[9] = 1;
    assert_eq!(told(&error(4, 3, 1, &ping)), None, "a ping");
}

#[test]
fn eight_bytes_of_transport_are_enough_and_no_prefix_panics() {
    for version in [4, 6] {
        for options in [false, true] {
            let lost = lost(version, options);
            let header = lost.len() - 20;
            assert!(told(&error(version, 3 - (version & 2), 1, &lost[..header + 8])).is_some());
            for end in 0..lost.len() {
                let frame = error(version, 3 - (version & 2), 1, &lost[..end]);
                assert_eq!(told(&frame).is_some(), end >= header + 4, "{version} {end}");
                let cut = &frame[..end.min(frame.len())];
                let _ = decode(LinkType::RAW, cut, frame.len() as u32);
            }
        }
    }
}

#[test]
fn the_same_as_tshark_reads() {
    let files = shared_files(&["stun", "dhcp", "linktypes", "http-torture"]);
    let mut compared = 0;
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !ERRORS_IN.contains(&name.as_ref()) {
            continue;
        }
        let Some(theirs) = tshark_of(&path) else {
            println!("skipped: tshark is absent");
            return;
        };
        let ours: Vec<String> = (1..)
            .zip(frames_of(&path))
            .filter_map(|(number, frame)| {
                let decoded = decode(frame.link_type, &frame.bytes, frame.original_length);
                let Decoded::Ip(packet) = decoded else {
                    return None;
                };
                match packet.payload {
                    Payload::Unreachable(error) => Some(format!(
                        "{number} {} {} {} {} {}",
                        error.protocol,
                        error.source,
                        error.source_port,
                        error.destination,
                        error.destination_port
                    )),
                    _ => None,
                }
            })
            .collect();
        assert_eq!(ours, theirs, "{name}");
        compared += ours.len();
    }
    assert!(
        compared > 50 || shared_files(&["stun"]).is_empty(),
        "only {compared} errors compared"
    );
}

/// Frame, protocol, and both ends of the packet that did not arrive, where it is TCP or UDP: of the fields that occur
/// several times the innermost counts, which is the last.
fn tshark_of(path: &Path) -> Option<Vec<String>> {
    let mut command = Command::new("tshark");
    command.arg("-r").arg(path).args(["-T", "fields", "-Y"]);
    command.arg("icmp.type in {3,11} or icmpv6.type in {1,3}");
    for field in [
        "frame.number",
        "frame.protocols",
        "ip.src",
        "ip.dst",
        "ipv6.src",
        "ipv6.dst",
        "udp.srcport",
        "udp.dstport",
        "tcp.srcport",
        "tcp.dstport",
    ] {
        command.args(["-e", field]);
    }
    let output = command.output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = text.lines().filter_map(|line| {
        let mut fields = line.split('\t').map(|field| {
            let last = field.rsplit(',').next();
            last.unwrap_or_default().to_owned()
        });
        let mut next = || fields.next().unwrap_or_default();
        let (number, protocols) = (next(), next());
        let (v4, v6) = ([next(), next()], [next(), next()]);
        let (udp, tcp) = ([next(), next()], [next(), next()]);
        let (_, inner) = protocols.rsplit_once(":icmp")?;
        let ends = if inner.contains("ipv6") { v6 } else { v4 };
        let (protocol, ports) = match inner.split(':').find(|one| ["udp", "tcp"].contains(one))? {
            "udp" => (17, udp),
            _ => (6, tcp),
        };
        let [source, destination] = ends;
        let [source_port, destination_port] = ports;
        Some(format!(
            "{number} {protocol} {source} {source_port} {destination} {destination_port}"
        ))
    });
    Some(lines.collect())
}

/// Of the shared captures those with such errors.
const ERRORS_IN: [&str; 8] = [
    "nDPI__default__pcap__stun.pcap",
    "nDPI__default__pcap__stun_signal.pcapng",
    "tcpdump__tests__dhcp-rfc4388.pcap",
    "zeek__tunnels__gtp__gtp_control_prime.pcap",
    "arkime+arkime__tests__pcap__gtp-iphone.pcap",
    "zeek__tunnels__gtp__pdp_ctx_messages.trace",
    "zeek__tunnels__gre-sample.pcap",
    "simsong+tcpflow__tests__test8__image2.pcap",
];
