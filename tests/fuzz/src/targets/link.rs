//! Frames of any link type, and the fragments among them.

use link::{Decoded, DefragmentLimits, Defragmenter, LinkType, Packet, Payload};

use super::tape::Tape;

/// Frames one behind the other: one byte for the link type, one for what the snap length cut, two for the length, the bytes.
pub fn run(data: &[u8]) {
    let mut tape = Tape(data);
    let limits = match tape.byte() % 2 {
        0 => DefragmentLimits::default(),
        _ => DefragmentLimits {
            datagrams_max: 2,
            bytes_max: 2048,
            age_ns_max: 3_000,
        },
    };
    let mut defragmenter = Defragmenter::new(limits);
    let mut number = 0;
    while !tape.is_over() {
        let link_type = tape.one_of(&LINK_TYPES);
        let cut = u32::from(tape.byte());
        let length = usize::from(tape.word());
        let bytes = tape.bytes(length);
        number += 1;
        let original_length = u32::try_from(bytes.len()).unwrap_or(u32::MAX) + cut;
        let decoded = link::decode(link_type, bytes, original_length);
        check(&decoded, bytes, cut);
        let _ = link::unread_protocol(link_type, bytes, original_length);
        if let Decoded::Ip(packet) = &decoded {
            defragment(packet, number, 0, &mut defragmenter);
            assert!(
                defragmenter.buffered_bytes() <= limits.bytes_max,
                "{} bytes held of at most {}",
                defragmenter.buffered_bytes(),
                limits.bytes_max
            );
        }
    }
}

/// A packet put together may be a fragment again, in a tunnel; that comes to an end.
fn defragment(packet: &Packet<'_>, number: u64, depth: u32, defragmenter: &mut Defragmenter) {
    assert!(depth <= 16, "fragments in fragments without end");
    let Payload::Fragment(fragment) = &packet.payload else {
        return;
    };
    let time_ns = 1_000 * i64::try_from(number).unwrap_or(i64::MAX / 1_000);
    let Some(datagram) = defragmenter.push(fragment, number, time_ns) else {
        return;
    };
    check_datagram(&datagram, number);
    defragment(&datagram.packet(), number, depth + 1, defragmenter);
}

/// What is lent lies in the frame, and no part is longer than the wire was.
fn check(decoded: &Decoded<'_>, frame: &[u8], cut: u32) {
    let Decoded::Ip(packet) = decoded else {
        return;
    };
    let (payload, missing) = match &packet.payload {
        Payload::Tcp(tcp) => {
            inside(tcp.segment, frame);
            inside(tcp.payload, tcp.segment);
            let _ = link::tcp_checksum_valid(packet, tcp);
            (tcp.payload, tcp.missing)
        }
        Payload::Udp(udp) => (udp.payload, udp.missing),
        Payload::Fragment(fragment) => (fragment.payload, fragment.missing),
        _ => return,
    };
    inside(payload, frame);
    // A length that a header declares may be any; with what is there it is still one of an IP packet.
    assert!(
        payload.len().saturating_add(missing as usize)
            <= frame.len().max(WIRE_BYTES_MAX) + cut as usize
    );
}

fn inside(part: &[u8], whole: &[u8]) {
    let (part, whole) = (part.as_ptr_range(), whole.as_ptr_range());
    assert!(
        part.start == part.end || whole.start <= part.start && part.end <= whole.end,
        "a part that is not of its frame"
    );
}

/// The pieces cover the packet without hole or overlap, and name frames that came.
fn check_datagram(datagram: &link::Datagram, newest: u64) {
    let mut end = 0;
    for piece in &datagram.pieces {
        assert_eq!(piece.offset, end, "pieces follow each other");
        assert!((1..=newest).contains(&piece.token));
        end += piece.length;
    }
    assert_eq!(end as usize, datagram.bytes.len());
    let packet = datagram.packet();
    match &packet.payload {
        Payload::Tcp(tcp) => inside(tcp.payload, &datagram.bytes),
        Payload::Udp(udp) => inside(udp.payload, &datagram.bytes),
        Payload::Fragment(fragment) => inside(fragment.payload, &datagram.bytes),
        _ => {}
    }
}

/// The largest payload that an IP header can declare.
const WIRE_BYTES_MAX: usize = 0xFFFF;
/// Every link type that is read, and one that is not.
pub const LINK_TYPES: [LinkType; 29] = [
    LinkType::ETHERNET,
    LinkType::NULL,
    LinkType::SLIP,
    LinkType::PPP,
    LinkType::FDDI,
    LinkType::RAW_12,
    LinkType::RAW_14,
    LinkType::PPP_HDLC,
    LinkType::PPP_ETHER,
    LinkType::RAW,
    LinkType::C_HDLC,
    LinkType::IEEE802_11,
    LinkType::FRAME_RELAY,
    LinkType::LOOP,
    LinkType::LINUX_SLL,
    LinkType::IEEE802_11_PRISM,
    LinkType::IEEE802_11_RADIOTAP,
    LinkType::IEEE802_11_AVS,
    LinkType::PPP_PPPD,
    LinkType::PPI,
    LinkType::IPV4,
    LinkType::IPV6,
    LinkType::NFLOG,
    LinkType::PKTAP,
    LinkType::LINUX_SLL2,
    LinkType(147),
    LinkType(0xFFFF),
    LinkType(3),
    LinkType(195),
];
