//! What is not read is counted under its name, never silently dropped.

mod support;

use support::wire;

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
