//! Link layers, lengths and cuts, each shown by the smallest frame that has it.

use etherparse::{IpNumber, PacketBuilder, PacketBuilderStep, ip_number};
use link::{Decoded, LinkType, Packet, Payload, Tcp, Udp, decode};

const SOURCE: [u8; 4] = [192, 0, 2, 1];
const DESTINATION: [u8; 4] = [192, 0, 2, 2];
const BODY: &[u8] = b"POST /acs HTTP/1.1\r\n";

fn ip_packet(version: u8) -> Vec<u8> {
    let builder = match version {
        4 => PacketBuilder::ipv4(SOURCE, DESTINATION, 64),
        _ => PacketBuilder::ipv6([1; 16], [2; 16], 64),
    };
    written(builder)
}

fn written(builder: PacketBuilderStep<etherparse::IpHeaders>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = builder
        .tcp(51000, 7547, 1000, 8192)
        .ack(2000)
        .write(&mut bytes, BODY);
    assert!(written.is_ok());
    bytes
}

fn behind(header: &[u8], packet: &[u8]) -> Vec<u8> {
    [header, packet].concat()
}

fn ip(decoded: Decoded<'_>) -> Packet<'_> {
    match decoded {
        Decoded::Ip(packet) => packet,
        other => panic!("not IP: {other:?}"),
    }
}

fn tcp<'a>(decoded: Decoded<'a>) -> Tcp<'a> {
    match ip(decoded).payload {
        Payload::Tcp(tcp) => tcp,
        other => panic!("not TCP: {other:?}"),
    }
}

fn udp<'a>(decoded: Decoded<'a>) -> Udp<'a> {
    match ip(decoded).payload {
        Payload::Udp(udp) => udp,
        other => panic!("not UDP: {other:?}"),
    }
}

fn whole(link_type: u16, bytes: &[u8]) -> Decoded<'_> {
    decode(LinkType(link_type), bytes, bytes.len() as u32)
}

fn ethernet(ether_type: [u8; 2], packet: &[u8]) -> Vec<u8> {
    [&[0x02; 12][..], &ether_type, packet].concat()
}

#[test]
fn every_link_layer_leads_to_the_same_segment() {
    let (four, six) = (ip_packet(4), ip_packet(6));
    let sll = |arphrd: u16, protocol: u16| {
        let [a, b, c, d] = [arphrd.to_be_bytes(), protocol.to_be_bytes()].concat()[..] else {
            panic!()
        };
        vec![0, 0, a, b, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, c, d]
    };
    let sll2 = |protocol: u16| {
        let [a, b] = protocol.to_be_bytes();
        vec![a, b, 0, 0, 0, 0, 0, 2, 2, 7, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0]
    };
    let pppoe = |protocol: &[u8]| [&[0x11, 0, 0, 1, 0, 62][..], protocol].concat();
    let frames = [
        (1, ethernet([0x08, 0x00], &four)),
        (1, ethernet([0x86, 0xdd], &six)),
        (
            1,
            ethernet([0x81, 0x00], &behind(&[0, 7, 0x08, 0x00], &four)),
        ),
        (
            1,
            ethernet(
                [0x88, 0xa8],
                &behind(&[0, 7, 0x81, 0x00, 0, 8, 0x86, 0xdd], &six),
            ),
        ),
        (
            1,
            ethernet(
                [0x91, 0x00],
                &behind(&[0, 7, 0x91, 0x00, 0, 8, 0x08, 0x00], &four),
            ),
        ),
        (
            1,
            ethernet([0x88, 0x64], &behind(&pppoe(&[0x00, 0x21]), &four)),
        ),
        (
            1,
            ethernet([0x88, 0x64], &behind(&pppoe(&[0x00, 0x57]), &six)),
        ),
        (1, ethernet([0x88, 0x64], &behind(&pppoe(&[0x21]), &four))),
        (113, behind(&sll(1, 0x0800), &four)),
        (113, behind(&sll(512, 0x0800), &four)),
        (113, behind(&sll(65534, 0x86dd), &six)),
        (
            113,
            behind(&sll(1, 0x8100), &behind(&[0, 7, 0x08, 0x00], &four)),
        ),
        (276, behind(&sll2(0x0800), &four)),
        (276, behind(&sll2(0x86dd), &six)),
        (0, behind(&[2, 0, 0, 0], &four)),
        (0, behind(&[0, 0, 0, 2], &four)),
        (108, behind(&[0, 0, 0, 2], &four)),
        (108, behind(&[2, 0, 0, 0], &four)),
        (0, behind(&[0x0f, 0, 0x08, 0], &four)),
    ];
    let families = [10_u32, 23, 24, 28, 30];
    let loops = families.iter().flat_map(|family| {
        [
            (0, behind(&family.to_le_bytes(), &six)),
            (108, behind(&family.to_be_bytes(), &six)),
        ]
    });
    let raw = [12, 14, 101]
        .iter()
        .flat_map(|dlt| [(*dlt, four.clone()), (*dlt, six.clone())]);
    let raw_one = [(228, four.clone()), (229, six.clone())];
    for (link_type, frame) in frames.into_iter().chain(loops).chain(raw).chain(raw_one) {
        let tcp = tcp(whole(link_type, &frame));
        assert_eq!(
            (tcp.payload, tcp.source_port, tcp.destination_port),
            (BODY, 51000, 7547)
        );
        assert_eq!(
            (tcp.sequence, tcp.acknowledgment, tcp.flags, tcp.window),
            (1000, 2000, 0x10, 8192)
        );
        assert_eq!(tcp.missing, 0);
    }
}

#[test]
fn what_is_no_ip_is_said_to_be_none() {
    for ether_type in [
        [0x08, 0x06],
        [0x88, 0xcc],
        [0x88, 0x63],
        [0x00, 0x26],
        [0x88, 0xe5],
    ] {
        let frame = ethernet(ether_type, &[0; 46]);
        assert!(matches!(whole(1, &frame), Decoded::NotIp), "{ether_type:?}");
    }
    let lcp = ethernet([0x88, 0x64], &[0x11, 0, 0, 1, 0, 4, 0xc0, 0x21, 9, 0]);
    assert!(matches!(whole(1, &lcp), Decoded::NotIp));
    assert!(matches!(
        whole(147, &lcp),
        Decoded::Unsupported(LinkType(147))
    ));
    let netlink = [
        &[0, 4, 0x03, 0x38][..],
        &[0; 10],
        &[0x08, 0x00],
        &ip_packet(4),
    ]
    .concat();
    assert!(matches!(whole(113, &netlink), Decoded::NotIp));
}

#[test]
fn an_ethernet_trailer_is_not_payload() {
    let mut frame = ethernet([0x08, 0x00], &ip_packet(4));
    frame.extend([0; 18]);
    assert_eq!(tcp(whole(1, &frame)).payload, BODY);
    let mut frame = ethernet([0x86, 0xdd], &ip_packet(6));
    frame.extend([0; 18]);
    assert_eq!(tcp(whole(1, &frame)).payload, BODY);
}

#[test]
fn a_length_of_zero_takes_what_was_captured() {
    let mut frame = ethernet([0x08, 0x00], &ip_packet(4));
    frame.splice(16..18, [0, 0]);
    assert_eq!(tcp(whole(1, &frame)).payload, BODY);
    let cut = decode(LinkType::ETHERNET, &frame, frame.len() as u32 + 70_000);
    assert_eq!(tcp(cut).missing, 70_000);
    let mut frame = ethernet([0x86, 0xdd], &ip_packet(6));
    frame.splice(18..20, [0, 0]);
    assert_eq!(tcp(whole(1, &frame)).payload, BODY);
}

#[test]
fn every_cut_says_how_much_is_missing() {
    for (version, ip_header) in [(4, 20), (6, 40)] {
        let ether_type = if version == 4 {
            [0x08, 0x00]
        } else {
            [0x86, 0xdd]
        };
        let frame = ethernet(ether_type, &ip_packet(version));
        for end in 0..frame.len() {
            let cut = frame.get(..end).unwrap_or_default();
            let decoded = decode(LinkType::ETHERNET, cut, frame.len() as u32);
            if end < 14 + ip_header {
                assert!(matches!(decoded, Decoded::Cut), "{end}: {decoded:?}");
            } else if end < 14 + ip_header + 20 {
                assert!(matches!(ip(decoded).payload, Payload::Cut), "{end}");
            } else {
                let tcp = tcp(decoded);
                assert_eq!(tcp.missing as usize, frame.len() - end);
                assert_eq!(tcp.payload.len() + tcp.missing as usize, BODY.len());
            }
        }
    }
}

#[test]
fn a_header_that_was_never_whole_is_malformed() {
    let frame = ethernet([0x08, 0x00], &ip_packet(4));
    for end in (0..34).filter(|end| *end != 14) {
        let short = frame.get(..end).unwrap_or_default();
        assert!(matches!(whole(1, short), Decoded::Malformed(_)), "{end}");
    }
    let changed = |at: usize, value: u8| {
        let mut frame = frame.clone();
        frame.splice(at..=at, [value]);
        frame
    };
    assert!(matches!(
        whole(1, &changed(14, 0x55)),
        Decoded::Malformed(_)
    ));
    assert!(matches!(
        whole(1, &changed(14, 0x44)),
        Decoded::Malformed(_)
    ));
    assert!(matches!(whole(1, &changed(17, 19)), Decoded::Malformed(_)));
    assert!(matches!(
        ip(whole(1, &changed(17, 39))).payload,
        Payload::Malformed(_)
    ));
    assert!(matches!(
        ip(whole(1, &changed(46, 0x40))).payload,
        Payload::Malformed(_)
    ));
    assert!(matches!(
        ip(whole(1, &changed(46, 0xf0))).payload,
        Payload::Malformed(_)
    ));
    assert!(ip(whole(1, &changed(24, 0))).header_checksum_wrong);
    assert!(!ip(whole(1, &frame)).header_checksum_wrong);
}

#[test]
fn options_that_the_snap_length_cut_still_tell_where_the_payload_lies() {
    let mut frame = Vec::new();
    let builder = PacketBuilder::ethernet2([1; 6], [2; 6]).ipv4(SOURCE, DESTINATION, 64);
    let builder = builder.tcp(1, 2, 3, 4).options_raw(&[1; 12]);
    assert!(builder.is_ok_and(|builder| builder.write(&mut frame, BODY).is_ok()));
    let cut = frame.get(..54).unwrap_or_default();
    let tcp = tcp(decode(LinkType::ETHERNET, cut, frame.len() as u32));
    assert_eq!((tcp.payload.len(), tcp.missing as usize), (0, BODY.len()));
}

#[test]
fn extension_headers_in_any_number_are_passed_over() {
    let segment = ip_packet(6).get(40..).unwrap_or_default().to_vec();
    let tcp_number = ip_number::TCP.0;
    let generic = |next: u8| vec![next, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let authentication = |next: u8| [&[next, 4, 0, 0][..], &[7; 20]].concat();
    let atomic_fragment = |next: u8| vec![next, 0, 0, 0, 0, 0, 0, 9];
    let routing = |next: u8| vec![next, 0, 4, 0, 0, 0, 0, 0];
    let chain = [
        generic(43),
        routing(44),
        atomic_fragment(60),
        generic(51),
        authentication(135),
        generic(139),
        generic(tcp_number),
    ];
    let packet = version_6(0, &[chain.concat(), segment].concat());
    assert_eq!(tcp(whole(229, &packet)).payload, BODY);
    for end in 40..packet.len() - BODY.len() {
        let cut = packet.get(..end).unwrap_or_default();
        let of_cut = ip(decode(LinkType::IPV6, cut, packet.len() as u32)).payload;
        assert!(matches!(of_cut, Payload::Cut), "{end}: {of_cut:?}");
    }
}

fn version_6(next_header: u8, payload: &[u8]) -> Vec<u8> {
    let [high, low] = (payload.len() as u16).to_be_bytes();
    [
        &[0x60, 0, 0, 0, high, low, next_header, 64][..],
        &[1; 16],
        &[2; 16],
        payload,
    ]
    .concat()
}

#[test]
fn an_authentication_header_in_version_4_is_passed_over() {
    let segment = ip_packet(4).get(20..).unwrap_or_default().to_vec();
    let payload = [&[6, 4, 0, 0][..], &[7; 20], &segment].concat();
    let mut packet = Vec::new();
    let builder = PacketBuilder::ipv4(SOURCE, DESTINATION, 64);
    assert!(builder.write(&mut packet, IpNumber(51), &payload).is_ok());
    assert_eq!(tcp(whole(101, &packet)).payload, BODY);
}

#[test]
fn a_udp_length_bounds_the_payload() {
    let mut packet = Vec::new();
    let builder = PacketBuilder::ipv4(SOURCE, DESTINATION, 64).udp(3478, 3478);
    assert!(builder.write(&mut packet, b"binding request").is_ok());
    assert_eq!(udp(whole(101, &packet)).payload, b"binding request");
    let cut = packet.get(..30).unwrap_or_default();
    let of_cut = udp(decode(LinkType::RAW, cut, packet.len() as u32));
    assert_eq!((of_cut.payload, of_cut.missing), (&b"bi"[..], 13));
    for (length, payload) in [
        (0, Some(&b"binding request"[..])),
        (15, Some(b"binding")),
        (200, Some(b"binding request")),
        (7, None),
    ] {
        packet.splice(25..26, [length]);
        match (ip(whole(101, &packet)).payload, payload) {
            (Payload::Udp(udp), Some(payload)) => {
                assert_eq!((udp.payload, udp.missing), (payload, 0));
            }
            (Payload::Malformed(_), None) => {}
            other => panic!("{length}: {other:?}"),
        }
    }
}
