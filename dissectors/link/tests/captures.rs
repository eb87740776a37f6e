//! Every frame of the shared captures: no panic whatever is cut off, and the same fields as etherparse reads.

mod reading;

use etherparse::{LaxNetSlice, LaxSlicedPacket, TransportSlice};
use link::{Decoded, LinkType, Packet, Payload, decode, tcp_checksum_valid};
use reading::{Captured, frames_of, shared_files};

#[test]
fn no_frame_and_no_prefix_of_one_panics() {
    for path in shared_files(&["linktypes", "http-torture"]) {
        for frame in frames_of(&path).iter().take(40) {
            for end in 0..=frame.bytes.len().min(200) {
                let prefix = frame.bytes.get(..end).unwrap_or_default();
                read_every_field(&decode(frame.link_type, prefix, frame.original_length));
                read_every_field(&decode(frame.link_type, prefix, end as u32));
            }
        }
    }
}

#[test]
fn any_bytes_under_any_link_type_do_not_panic() {
    for path in shared_files(&["linktypes"]) {
        for frame in frames_of(&path).iter().take(20) {
            for link_type in LINK_TYPES {
                read_every_field(&decode(
                    LinkType(link_type),
                    &frame.bytes,
                    frame.original_length,
                ));
            }
        }
    }
}

/// Every link type that is read, and one that is not.
const LINK_TYPES: [u16; 24] = [
    0, 1, 8, 9, 10, 12, 14, 50, 51, 101, 104, 105, 107, 108, 113, 119, 127, 163, 166, 192, 228,
    229, 239, 258,
];

fn read_every_field(decoded: &Decoded<'_>) {
    let text = format!("{decoded:?}");
    assert!(!text.is_empty());
    if let Decoded::Ip(packet) = decoded
        && let Payload::Tcp(tcp) = &packet.payload
    {
        assert_eq!(tcp_checksum_valid(packet, tcp).is_none(), tcp.missing > 0);
    }
}

#[test]
fn fields_equal_what_etherparse_reads() {
    let mut compared = 0;
    for path in shared_files(&["linktypes", "http-torture", "peers", "pcapng-suite"]) {
        for (number, frame) in (1..).zip(frames_of(&path)) {
            let Some(theirs) = etherparse_of(&frame) else {
                continue;
            };
            let ours = decode(frame.link_type, &frame.bytes, frame.original_length);
            if matches!(&ours, Decoded::Ip(packet) if !packet.tunnels.is_empty()) {
                // Theirs stays with the outermost packet; tests/tunnels.rs has a reader that does not.
                continue;
            }
            let ours = summary(&ours);
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            match DIFFERENT.iter().find(|(file, _)| *file == name) {
                Some((_, why)) => {
                    assert_ne!(ours, Some(theirs), "{name} frame {number}: no longer {why}");
                }
                None => assert_eq!(ours, Some(theirs), "{name} frame {number}"),
            }
            compared += 1;
        }
    }
    assert!(
        compared > 10_000 || shared_files(&["peers"]).is_empty(),
        "only {compared} frames compared"
    );
}

/// Where the two readers mean different things, and what ours does.
const DIFFERENT: [(&str, &str); 5] = [
    (
        "zeek__chksums__ip6-hoa-tcp-good-chksum.pcap",
        "from the home address",
    ),
    (
        "zeek__chksums__ip6-route0-tcp-bad-chksum.pcap",
        "to the final destination",
    ),
    (
        "zeek__chksums__ip6-route0-udp-good-chksum.pcap",
        "to the final destination",
    ),
    ("zeek__ipv6-hbh-routing0.trace", "to the final destination"),
    (
        "tcpdump__tests__macsec-short-longer.pcap",
        "leaving MACsec closed",
    ),
];

/// Addresses, ports, sequence number, payload: what both readers say of a packet.
#[derive(Debug, PartialEq, Eq)]
struct Summary {
    ends: String,
    transport: &'static str,
    ports: (u16, u16),
    numbers: (u32, u32, u16),
    payload: Vec<u8>,
}

fn summary(decoded: &Decoded<'_>) -> Option<Summary> {
    let Decoded::Ip(packet) = decoded else {
        return None;
    };
    let ends = format!("{} {}", packet.source, packet.destination);
    match &packet.payload {
        Payload::Tcp(tcp) => Some(Summary {
            ends,
            transport: "tcp",
            ports: (tcp.source_port, tcp.destination_port),
            numbers: (tcp.sequence, tcp.acknowledgment, tcp.window),
            payload: tcp.payload.to_vec(),
        }),
        Payload::Udp(udp) => Some(Summary {
            ends,
            transport: "udp",
            ports: (udp.source_port, udp.destination_port),
            numbers: (0, 0, 0),
            payload: udp.payload.to_vec(),
        }),
        _ => None,
    }
}

/// What etherparse reads, where it reads a transport behind plain IP headers.
fn etherparse_of(frame: &Captured) -> Option<Summary> {
    let bytes = frame.bytes.as_slice();
    let sliced = match frame.link_type.0 {
        1 => LaxSlicedPacket::from_ethernet(bytes).ok()?,
        12 | 14 | 101 | 228 | 229 => LaxSlicedPacket::from_ip(bytes).ok()?,
        0 | 108 => LaxSlicedPacket::from_ip(bytes.get(4..)?).ok()?,
        113 => LaxSlicedPacket::from_ether_type(ether_type(bytes, 14)?, bytes.get(16..)?),
        276 => LaxSlicedPacket::from_ether_type(ether_type(bytes, 0)?, bytes.get(20..)?),
        _ => return None,
    };
    let ends = match sliced.net.as_ref()? {
        LaxNetSlice::Ipv4(ip) => format!(
            "{} {}",
            ip.header().source_addr(),
            ip.header().destination_addr()
        ),
        LaxNetSlice::Ipv6(ip) => format!(
            "{} {}",
            ip.header().source_addr(),
            ip.header().destination_addr()
        ),
        LaxNetSlice::Arp(_) => return None,
    };
    match sliced.transport? {
        TransportSlice::Tcp(tcp) => Some(Summary {
            ends,
            transport: "tcp",
            ports: (tcp.source_port(), tcp.destination_port()),
            numbers: (
                tcp.sequence_number(),
                tcp.acknowledgment_number(),
                tcp.window_size(),
            ),
            payload: tcp.payload().to_vec(),
        }),
        TransportSlice::Udp(udp) => Some(Summary {
            ends,
            transport: "udp",
            ports: (udp.source_port(), udp.destination_port()),
            numbers: (0, 0, 0),
            payload: udp.payload().to_vec(),
        }),
        _ => None,
    }
}

fn ether_type(bytes: &[u8], at: usize) -> Option<etherparse::EtherType> {
    let bytes: [u8; 2] = bytes.get(at..at + 2)?.try_into().ok()?;
    Some(etherparse::EtherType(u16::from_be_bytes(bytes)))
}

#[test]
fn checksums_are_right_and_wrong_where_the_file_names_say_so() {
    let mut seen = 0;
    for path in shared_files(&["http-torture"]) {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if !name.contains("tcp-good-chksum") && !name.contains("tcp-bad-chksum") {
            continue;
        }
        for frame in frames_of(&path) {
            let decoded = decode(frame.link_type, &frame.bytes, frame.original_length);
            let Decoded::Ip(packet) = &decoded else {
                panic!("{name}: {decoded:?}")
            };
            assert_eq!(checksum_of(packet), Some(name.contains("good")), "{name}");
            seen += 1;
        }
    }
    assert!(
        seen >= 4 || shared_files(&["peers"]).is_empty(),
        "only {seen} checksums seen"
    );
}

fn checksum_of(packet: &Packet<'_>) -> Option<bool> {
    match &packet.payload {
        Payload::Tcp(tcp) => tcp_checksum_valid(packet, tcp),
        _ => None,
    }
}
