//! What mirror ports wrap around packets, each shown by the smallest frame that has it.

mod wire;

use std::iter::repeat_n;

use link::{
    Decoded, DefragmentLimits, Defragmenter, LinkType, Payload, Protocol, Tunnel, unread_protocol,
};
use wire::{BODY, ethernet, four, join, leads_to_segment, on_udp, outer, packet, six, whole};

#[test]
fn gre_in_all_its_forms() {
    let gre =
        |header: &[u8], inner: &[u8]| ethernet(0x0800, &outer(4, 47, &join(&[header, inner])));
    leads_to_segment(1, &gre(&[0, 0, 0x08, 0], &four()), &[Tunnel::Gre]);
    leads_to_segment(1, &gre(&[0, 0, 0x86, 0xdd], &six()), &[Tunnel::Gre]);
    for (flags, length) in [(0x80, 4), (0x20, 4), (0x10, 4), (0xa0, 8), (0xb0, 12)] {
        let header = [&[flags, 0, 0x08, 0][..], &vec![9; length]].concat();
        leads_to_segment(1, &gre(&header, &four()), &[Tunnel::Gre]);
    }
    let routing = [
        0x40, 0, 8, 0, 0, 0, 0, 0, 8, 0, 0, 4, 1, 2, 3, 4, 0, 0, 0, 0,
    ];
    leads_to_segment(1, &gre(&routing, &four()), &[Tunnel::Gre]);
    leads_to_segment(
        1,
        &gre(&[0, 0, 0x65, 0x58], &ethernet(0x0800, &four())),
        &[Tunnel::Gre],
    );
    let ppp = [
        0x30,
        0x81,
        0x88,
        0x0b,
        0,
        (four().len() + 4) as u8,
        0,
        1,
        0,
        0,
        0,
        1,
        0,
        0,
        0,
        1,
        0xff,
        3,
        0,
        0x21,
    ];
    leads_to_segment(1, &gre(&ppp, &four()), &[Tunnel::Pptp]);
    leads_to_segment(1, &gre(&[0, 0, 0x88, 0x3e], &four()), &[Tunnel::Gre]);
    leads_to_segment(
        1,
        &gre(&[0, 0, 0x88, 0x3e, 0, 0, 0, 0], &four()),
        &[Tunnel::Gre],
    );
    let labelled = join(&[&[0, 0, 0x88, 0x47, 0, 1, 1, 64], &four()]);
    leads_to_segment(229, &outer(6, 47, &labelled), &[Tunnel::Gre, Tunnel::Mpls]);
}

#[test]
fn erspan_of_three_types() {
    let mirrored = ethernet(0x8100, &join(&[&[0, 7, 0x86, 0xdd], &six()]));
    let two = [0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 1, 0, 2, 0, 0, 0, 3];
    let three = [
        0x10, 0, 0x22, 0xeb, 0, 0, 0, 1, 0x20, 1, 0, 2, 0, 0, 0, 3, 0, 0, 0,
    ];
    let headers = [
        vec![0, 0, 0x88, 0xbe],
        two.to_vec(),
        [&three[..], &[0]].concat(),
        [&three[..], &[1], &[5; 8]].concat(),
    ];
    for header in headers {
        let frame = outer(4, 47, &join(&[&header, &mirrored]));
        leads_to_segment(101, &frame, &[Tunnel::Erspan]);
    }
}

#[test]
fn ip_in_ip_in_all_four_pairs_and_other_ip_protocols() {
    for version in [4, 6] {
        leads_to_segment(101, &outer(version, 4, &four()), &[Tunnel::IpInIp]);
        leads_to_segment(101, &outer(version, 41, &six()), &[Tunnel::IpInIp]);
        leads_to_segment(
            101,
            &outer(version, 137, &join(&[&[0, 1, 1, 64], &six()])),
            &[Tunnel::Mpls],
        );
        let ether_ip = join(&[&[0x30, 0], &ethernet(0x0800, &four())]);
        leads_to_segment(101, &outer(version, 97, &ether_ip), &[Tunnel::EtherIp]);
    }
}

#[test]
fn labels_lead_to_ip_or_to_ethernet() {
    let labels = [0, 1, 0, 64, 0, 2, 1, 64];
    for inner in [four(), six()] {
        leads_to_segment(
            1,
            &ethernet(0x8847, &join(&[&labels, &inner])),
            &[Tunnel::Mpls],
        );
    }
    let wire = |first: u8, control: &[u8]| {
        let mut inner = ethernet(0x0800, &four());
        inner.splice(0..1, [first]);
        ethernet(0x8847, &join(&[&labels, control, &inner]))
    };
    for (first, control) in [
        (0, &[][..]),
        (0x44, &[]),
        (0x60, &[]),
        (0xfe, &[]),
        (0, &[0; 4]),
        (0x40, &[0, 0, 0, 9]),
    ] {
        let frame = wire(first, control);
        let found = packet(whole(1, &frame));
        assert!(
            matches!(found.payload, Payload::Tcp(_)),
            "{first} {control:?}"
        );
        assert_eq!(
            found.tunnels.iter().collect::<Vec<_>>(),
            [Tunnel::Pseudowire]
        );
    }
    let channel = ethernet(0x8847, &join(&[&labels, &[0x10, 0, 0, 0x21, 0, 0, 0, 0]]));
    assert!(matches!(whole(1, &channel), Decoded::NotIp));
}

#[test]
fn nothing_is_nested_deeper_than_eight() {
    let nested = |depth: usize| repeat_n((), depth).fold(four(), |inner, ()| outer(4, 4, &inner));
    leads_to_segment(101, &nested(8), &[Tunnel::IpInIp; 8]);
    too_deep(101, &nested(9), Some(4), "ip_in_ip");
    too_deep(101, &nested(40), Some(4), "ip_in_ip");
    let vxlan = |inner: &[u8]| {
        let frame = ethernet(0x0800, inner);
        on_udp(4789, &join(&[&[8, 0, 0, 0, 0, 0, 5, 0], &frame]))
    };
    let nested = |depth: usize| repeat_n((), depth).fold(four(), |inner, ()| vxlan(&inner));
    leads_to_segment(101, &nested(8), &[Tunnel::Vxlan; 8]);
    too_deep(101, &nested(9), Some(17), "vxlan");
    too_deep(101, &nested(300), Some(17), "vxlan");
    let gre = |inner: &[u8]| outer(4, 47, &join(&[&[0, 0, 8, 0], inner]));
    let nested = |depth: usize| repeat_n((), depth).fold(four(), |inner, ()| gre(&inner));
    leads_to_segment(101, &nested(8), &[Tunnel::Gre; 8]);
    too_deep(101, &nested(9), Some(47), "gre");
    let frames = repeat_n((), 4000).fold(four(), |inner, ()| {
        join(&[&[0; 4], &[2; 12], &[0x88, 0xe7], &inner])
    });
    too_deep(1, &ethernet(0x88e7, &frames), None, "mac_in_mac");
    let some = frames.get(..600).unwrap_or_default();
    let in_datagram = on_udp(
        4789,
        &join(&[&[8, 0, 0, 0, 0, 0, 5, 0], &ethernet(0x88e7, some)]),
    );
    let left = packet(whole(101, &in_datagram)).payload;
    assert!(matches!(left, Payload::Other(17)), "{left:?}");
    let tags: Vec<u8> = repeat_n([0, 7, 0x81, 0], 10_000).flatten().collect();
    assert!(matches!(
        whole(1, &ethernet(0x8100, &tags)),
        Decoded::Malformed(_)
    ));
    let snaps: Vec<u8> = repeat_n([0xaa, 0xaa, 3, 0, 0, 0, 0x81, 0, 0, 7, 3, 0], 5_000)
        .flatten()
        .collect();
    assert!(!matches!(
        whole(1, &ethernet(0x0300, &snaps)),
        Decoded::Ip(_)
    ));
}

/// Nine tunnels or more are passed over under one name; the packet that stays is the one with eight around it, if any.
fn too_deep(link_type: u16, frame: &[u8], protocol: Option<u8>, tunnel: &str) {
    match (whole(link_type, frame), protocol) {
        (Decoded::NotIp, None) => {}
        (Decoded::Ip(packet), Some(protocol)) => {
            assert!(matches!(packet.payload, Payload::Other(number) if number == protocol));
            assert_eq!(packet.tunnels.len(), link::Tunnels::MAX);
        }
        (other, _) => panic!("{other:?}"),
    }
    let found = unread_protocol(LinkType(link_type), frame, frame.len() as u32);
    let found = found.map(|(tunnels, protocol)| (tunnels.to_string(), protocol.name()));
    let tunnels = [tunnel; 8].join("/");
    assert_eq!(found, Some((tunnels, "more_than_8_tunnels".into())));
}

#[test]
fn a_tunnel_too_many_has_its_name_in_fragments_too() {
    let gre = join(&[&[0, 0, 8, 0], &four()]);
    let (first, last) = gre.split_at(48);
    let mut defragmenter = Defragmenter::new(DefragmentLimits::default());
    let mut named = Vec::new();
    for part in [fragment(4, 0, true, first), fragment(4, 48, false, last)] {
        let frame = repeat_n((), 8).fold(part, |inner, ()| outer(4, 4, &inner));
        let Payload::Fragment(fragment) = packet(whole(101, &frame)).payload else {
            panic!("no fragment")
        };
        let Some(datagram) = defragmenter.push(&fragment, 1, 0) else {
            continue;
        };
        assert!(matches!(datagram.payload(), Payload::Other(47)));
        named.extend(datagram.unread_protocol());
    }
    let [(tunnels, protocol)] = named[..] else {
        panic!("{named:?}")
    };
    assert_eq!(tunnels.len(), link::Tunnels::MAX);
    assert_eq!(protocol.name(), "more_than_8_tunnels");
}

#[test]
fn tags_and_links_that_are_seldom_seen() {
    let snap = |inner: &[u8]| join(&[&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], inner]);
    let with_length = ethernet(snap(&four()).len() as u16, &snap(&four()));
    let wireless =
        |control: [u8; 2], header: usize| join(&[&control, &vec![0; header - 2], &snap(&four())]);
    let radiotap = |frame: &[u8]| join(&[&[0, 0, 8, 0, 0, 0, 0, 0], frame]);
    let padded = join(&[&[0x88, 1], &[0; 24], &[0; 2], &snap(&four())]);
    let aggregate = join(&[
        &[0x88, 1],
        &[0; 22],
        &[0x80, 0],
        &[2; 12],
        &[0, 60],
        &snap(&four()),
    ]);
    let nflog = join(&[
        &[
            2, 0, 0, 0, 8, 0, 1, 0, 8, 0, 0, 0, 5, 0, 10, 0, 0, 0, 0, 0, 64, 0, 9, 0,
        ],
        &four(),
    ]);
    let frames = [
        (1, with_length),
        (1, ethernet(0x893f, &join(&[&[0; 6], &[8, 0], &four()]))),
        (
            1,
            ethernet(0x8926, &join(&[&[0; 4], &[0x86, 0xdd], &six()])),
        ),
        (9, join(&[&[0xff, 3, 0, 0x21], &four()])),
        (9, join(&[&[0, 0x57], &six()])),
        (9, join(&[&[0x21], &four()])),
        (50, join(&[&[0xff, 3, 0, 0x57], &six()])),
        (50, join(&[&[0x0f, 0, 8, 0], &four()])),
        (51, join(&[&[0x11, 0, 0, 1, 0, 62, 0, 0x21], &four()])),
        (104, join(&[&[0x8f, 0, 0x86, 0xdd], &six()])),
        (166, join(&[&[1, 0xff, 3, 0, 0x21], &four()])),
        (8, join(&[&[0; 16], &four()])),
        (10, join(&[&[0x50], &[2; 12], &snap(&four())])),
        (107, join(&[&[0x18, 0x41, 3, 0xcc], &four()])),
        (
            107,
            join(&[&[0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 0x86, 0xdd], &six()]),
        ),
        (105, wireless([8, 1], 24)),
        (105, wireless([8, 3], 30)),
        (105, wireless([0x88, 1], 26)),
        (105, wireless([0x88, 0x81], 30)),
        (105, padded),
        (105, aggregate),
        (127, radiotap(&wireless([8, 1], 24))),
        (
            119,
            join(&[
                &[0, 0, 0, 0x44, 16, 0, 0, 0],
                &[0; 8],
                &wireless([8, 1], 24),
            ]),
        ),
        (
            119,
            join(&[
                &[0x80, 0x21, 0x10, 1, 0, 0, 0, 16],
                &[0; 8],
                &wireless([8, 1], 24),
            ]),
        ),
        (
            192,
            join(&[&[0, 0, 8, 0, 105, 0, 0, 0], &wireless([8, 1], 24)]),
        ),
        (
            258,
            join(&[
                &[12, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0],
                &ethernet(0x0800, &four()),
            ]),
        ),
        (239, nflog),
    ];
    for (link_type, frame) in frames {
        leads_to_segment(link_type, &frame, &[]);
    }
    let inner = ethernet(0x0800, &four());
    let backbone = ethernet(0x88e7, &join(&[&[0; 4], &inner]));
    leads_to_segment(1, &backbone, &[Tunnel::MacInMac]);
    leads_to_segment(
        1,
        &ethernet(0x8903, &join(&[&[0; 2], &inner])),
        &[Tunnel::MacInMac],
    );
}

#[test]
fn what_is_not_read_has_a_name() {
    let arp = ethernet(0x0806, &[0; 28]);
    let vxlan = on_udp(4789, &join(&[&[8, 0, 0, 0, 0, 0, 5, 0], &arp]));
    let named = |link_type: u16, frame: &[u8]| {
        let found = unread_protocol(LinkType(link_type), frame, frame.len() as u32);
        found.map(|(tunnels, protocol)| (tunnels.to_string(), protocol))
    };
    assert_eq!(
        named(1, &arp),
        Some((String::new(), Protocol::EtherType(0x0806)))
    );
    let gre = outer(4, 47, &join(&[&[0, 0, 0x65, 0x58], &arp]));
    assert_eq!(
        named(101, &gre),
        Some(("gre".to_owned(), Protocol::EtherType(0x0806)))
    );
    assert!(matches!(
        packet(whole(101, &gre)).payload,
        Payload::Other(47)
    ));
    assert!(matches!(
        packet(whole(101, &vxlan)).payload,
        Payload::Udp(_)
    ));
    let icmp = outer(4, 4, &outer(4, 1, &[0; 8]));
    assert_eq!(
        named(101, &icmp),
        Some(("ip_in_ip".to_owned(), Protocol::Ip(1)))
    );
    assert_eq!(
        named(105, &[8, 0x41, 0, 0]),
        Some((String::new(), Protocol::Named("ieee802_11_encrypted")))
    );
    assert_eq!(named(101, &four()), None);
}

#[test]
fn a_tunnel_in_fragments_is_opened_once_it_is_whole() {
    for (version, payload) in [
        (
            4,
            join(&[&[0, 0, 0x65, 0x58], &ethernet(0x0800, &four()), &[0; 7]]),
        ),
        (
            6,
            join(&[&[0, 0, 0x65, 0x58], &ethernet(0x86dd, &six()), &[0; 7]]),
        ),
    ] {
        let mut defragmenter = Defragmenter::new(DefragmentLimits::default());
        let (first, last) = payload.split_at(48);
        let mut found = 0;
        for (offset, more, part) in [(0, true, first), (48, false, last)] {
            let frame = fragment(version, offset, more, part);
            let Payload::Fragment(fragment) = packet(whole(101, &frame)).payload else {
                panic!("no fragment")
            };
            let Some(datagram) = defragmenter.push(&fragment, 1, 0) else {
                continue;
            };
            let packet = datagram.packet();
            assert_eq!(packet.tunnels.to_string(), "gre");
            let Payload::Tcp(tcp) = packet.payload else {
                panic!("{packet:?}")
            };
            assert_eq!(tcp.payload, BODY);
            assert_eq!(
                datagram.offset_of(tcp.payload),
                payload.len() - 7 - BODY.len()
            );
            found += 1;
        }
        assert_eq!(found, 1);
    }
}

fn fragment(version: u8, offset: u16, more: bool, part: &[u8]) -> Vec<u8> {
    if version == 6 {
        let [high, low] = (offset | u16::from(more)).to_be_bytes();
        return outer(6, 44, &join(&[&[47, 0, high, low, 0, 0, 0, 9], part]));
    }
    let mut bytes = outer(4, 47, part);
    let [high, low] = ((offset / 8) | (u16::from(more) << 13)).to_be_bytes();
    bytes.splice(6..8, [high, low]);
    bytes
}

#[test]
fn tunnels_are_counted_through_fragments_whichever_comes_first() {
    let inner = fragment(4, 0, true, &[0; 64]);
    let frame = outer(4, 4, &inner);
    let found = packet(whole(101, &frame));
    let Payload::Fragment(first) = found.payload else {
        panic!("{found:?}")
    };
    assert_eq!(first.tunnels.to_string(), "ip_in_ip");
    let last = fragment(4, 64, false, &four());
    let Payload::Fragment(last) = packet(whole(101, &last)).payload else {
        panic!()
    };
    assert!(last.tunnels.is_empty());
    for [one, other] in [[&first, &last], [&last, &first]] {
        let mut defragmenter = Defragmenter::new(DefragmentLimits::default());
        assert!(defragmenter.push(one, 1, 0).is_none());
        let whole = defragmenter.push(other, 2, 0);
        assert_eq!(
            whole.map(|whole| whole.tunnels.to_string()).as_deref(),
            Some("ip_in_ip")
        );
    }
}
