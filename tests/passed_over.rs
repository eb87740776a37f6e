//! What is not read is counted under its name, never silently dropped.

#[path = "support/fragments.rs"]
mod fragments;
mod support;

use support::wire::{self, Endpoint};

#[test]
fn protocols_and_link_types_that_are_not_read_have_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let ethernet = folder.path().join("ethernet.pcap");
    let mut bytes = wire::pcap_head();
    for (at, ether_type) in [0x0806_u16, 0x88cc, 0x0806, 0x1234].into_iter().enumerate() {
        let mut frame = vec![0; 12];
        frame.extend(ether_type.to_be_bytes());
        frame.extend([0; 46]);
        wire::put_record(at as u64, &frame, &mut bytes);
    }
    std::fs::write(&ethernet, &bytes).expect("written");
    let summary = support::analyse_file(&ethernet).summary;
    let named: Vec<_> = summary
        .packets
        .unread
        .iter()
        .map(|(name, count)| (name.as_str(), *count))
        .collect();
    assert_eq!(named, [("arp", 2), ("ether_type_0x1234", 1), ("lldp", 1)]);
    assert_eq!(summary.packets.not_ip, 4);

    let unknown = folder.path().join("unknown.pcap");
    // 147 is the first of those reserved for private use (LINKTYPE_USER0).
    bytes.splice(20..24, 147_u32.to_le_bytes());
    std::fs::write(&unknown, &bytes).expect("written");
    let packets = support::analyse_file(&unknown).summary.packets;
    let links: Vec<_> = packets.unsupported_link.into_iter().collect();
    assert_eq!(links, [("linktype_147".to_owned(), 4)]);
}

#[test]
fn the_names_of_a_hostile_capture_are_bounded() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("many.pcap");
    let mut bytes = wire::pcap_head();
    for ether_type in 0x9100_u16..0xa000 {
        let mut frame = vec![0; 12];
        frame.extend(ether_type.to_be_bytes());
        frame.extend([0; 46]);
        wire::put_record(u64::from(ether_type), &frame, &mut bytes);
    }
    std::fs::write(&path, &bytes).expect("written");
    let unread = support::analyse_file(&path).summary.packets.unread;
    assert!(unread.len() <= 257, "{} names", unread.len());
    assert!(unread["other"] > 3_000, "{unread:?}");
}

#[test]
fn the_link_types_of_a_hostile_capture_are_bounded() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("many.pcapng");
    let mut bytes = Vec::new();
    let mut block = |kind: u32, body: &[u8]| {
        let length = (body.len() as u32 + 12).to_le_bytes();
        bytes.extend([&kind.to_le_bytes()[..], &length, body, &length].concat());
    };
    // A section's header: byte order, version 1.0, unknown length.
    let length = u64::MAX.to_le_bytes();
    block(
        0x0a0d_0d0a,
        &[&0x1a2b_3c4d_u32.to_le_bytes()[..], &[1, 0, 0, 0], &length].concat(),
    );
    for interface in 0..1_000_u16 {
        let link_type = 20_000 + interface;
        let mut description = [0; 8];
        description[..2].copy_from_slice(&link_type.to_le_bytes());
        block(1, &description);
        // Interface, time in two halves, lengths captured and on the wire, the frame.
        let mut packet = [0; 24];
        packet[..2].copy_from_slice(&interface.to_le_bytes());
        packet[12] = 4;
        packet[16] = 4;
        block(6, &packet);
    }
    std::fs::write(&path, &bytes).expect("written");
    let links = support::analyse_file(&path)
        .summary
        .packets
        .unsupported_link;
    assert_eq!(links.values().sum::<u64>(), 1_000);
    assert!(links.len() <= 257, "{} names", links.len());
    assert!(links["other"] > 700, "{links:?}");
}

#[test]
fn what_comes_in_fragments_has_the_same_names() {
    let end = |last| Endpoint::new([192, 0, 2, last], 0);
    let mut frame = wire::tcp(end(1), end(2), 0, 0, 0, b"");
    // GRE with ARP in it, OSPF, IP in IP with ESP in it, and what has no name.
    let mut inner = frame[14..34].to_vec();
    inner[2..4].copy_from_slice(&60_u16.to_be_bytes());
    inner[9] = 50;
    inner.extend([0; 40]);
    let mut gre = vec![0, 0, 8, 6];
    gre.extend([0; 28]);
    let packets = [(47, gre), (89, vec![2; 48]), (4, inner), (253, vec![0; 48])];
    let (mut whole, mut parts) = (Vec::new(), Vec::new());
    for (number, (protocol, payload)) in (1..).zip(packets) {
        frame[23] = protocol;
        whole.push(fragments::fragment(&frame, number, 0, &payload, false));
        let (first, last) = payload.split_at(16);
        parts.push(fragments::fragment(&frame, number, 0, first, true));
        parts.push(fragments::fragment(&frame, number, 16, last, false));
    }
    let folder = tempfile::tempdir().expect("a folder");
    for (name, frames) in [("whole.pcap", whole), ("parts.pcap", parts)] {
        let path = folder.path().join(name);
        std::fs::write(&path, wire::capture(&frames, 100)).expect("written");
        let unread = support::analyse_file(&path).summary.packets.unread;
        let named: Vec<_> = unread
            .iter()
            .map(|(name, count)| (name.as_str(), *count))
            .collect();
        let expected = [("arp", 1), ("esp", 1), ("ip_protocol_253", 1), ("ospf", 1)];
        assert_eq!(named, expected, "{name}");
    }
}
