//! Tunnels on UDP, each shown by the smallest datagrams that have it; and what only stands on their ports.

mod wire;

use std::process::Command;

use link::{Decoded, LinkType, Payload, Tunnel, decode, unread_protocol};
use proptest::collection::vec;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use proptest::sample::select;
use wire::{
    BODY, datagram, ethernet, four, join, leads_to_segment, on_udp, outer, packet, six, whole,
};

#[test]
fn overlays_on_udp() {
    let inner = ethernet(0x0800, &four());
    for port in [4789, 8472] {
        let vxlan = join(&[&[8, 0, 0, 0, 0, 0, 5, 0], &inner]);
        reaches(&on_udp(port, &vxlan), Tunnel::Vxlan);
    }
    for (next, inner) in [
        (1, four()),
        (2, six()),
        (3, inner.clone()),
        (5, join(&[&[0, 1, 1, 64], &four()])),
    ] {
        let frame = on_udp(4790, &join(&[&[0x0c, 0, 0, next, 0, 0, 5, 0], &inner]));
        reaches(&frame, Tunnel::Vxlan);
    }
    let options = join(&[&[3, 0, 0x65, 0x58, 0, 0, 5, 0], &[0; 12], &inner]);
    reaches(&on_udp(6081, &options), Tunnel::Geneve);
    reaches(
        &on_udp(6081, &join(&[&[0, 0, 0x86, 0xdd, 0, 0, 5, 0], &six()])),
        Tunnel::Geneve,
    );
    let service = join(&[&[0x0c, 0, 0, 4, 0, 0, 5, 0, 0, 2, 1, 3, 0, 0, 1, 1], &inner]);
    reaches(&on_udp(4790, &service), Tunnel::Vxlan);
}

/// The IP packet leads to the one segment, this tunnel first.
fn reaches(frame: &[u8], tunnel: Tunnel) {
    let packet = packet(whole(101, frame));
    assert!(
        matches!(packet.payload, Payload::Tcp(tcp) if tcp.payload == BODY),
        "{tunnel:?}: {packet:?}"
    );
    assert_eq!(packet.tunnels.iter().next(), Some(tunnel));
}

#[test]
fn access_networks_on_udp() {
    let length = |extra: usize| ((four().len() + extra) as u16).to_be_bytes();
    let gtp = |flags: u8, options: &[u8]| {
        join(&[
            &[flags, 255],
            &length(options.len()),
            &[0, 0, 0, 1],
            options,
            &four(),
        ])
    };
    reaches(&on_udp(2152, &gtp(0x30, &[])), Tunnel::GtpU);
    reaches(&on_udp(2152, &gtp(0x32, &[0, 1, 0, 0])), Tunnel::GtpU);
    reaches(
        &on_udp(
            2152,
            &gtp(
                0x34,
                &[0, 0, 0, 0x85, 1, 0, 9, 0x85, 2, 0, 0, 0, 0, 0, 0, 0],
            ),
        ),
        Tunnel::GtpU,
    );
    for header in [
        &[0, 2, 0, 1, 0, 2][..],
        &[0x48, 2, 0, 9, 0, 1, 0, 2, 0, 1, 0, 1],
        &[2, 2, 0, 1, 0, 2, 0, 2, 8, 8],
    ] {
        let frame = on_udp(1701, &join(&[header, &[0xff, 3, 0, 0x21], &four()]));
        reaches(&frame, Tunnel::L2tp);
    }
    reaches(&on_udp(3544, &six()), Tunnel::Teredo);
    let indications = [
        0, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 1, 2, 3, 4, 5, 6,
    ];
    reaches(
        &on_udp(3544, &join(&[&indications, &six()])),
        Tunnel::Teredo,
    );
    let ayiya = join(&[
        &[0x41, 0x52, 0x11, 41, 0, 0, 0, 0],
        &[0; 16],
        &[0; 20],
        &six(),
    ]);
    reaches(&on_udp(5072, &ayiya), Tunnel::Ayiya);
}

#[test]
fn a_tunnel_port_with_something_else_is_a_datagram() {
    for port in PORTS {
        for payload in [
            &b"binding request"[..],
            &[],
            &[8],
            &[0; 64],
            &[0xff; 64],
            BODY,
            // A name looked up, a stream, a call.
            &[
                1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, b'a', b'c', b's', 0, 0, 1, 0, 1,
            ],
            &[0x40, 1, 2, 3, 4, 5, 6, 7, 8, 9],
            &[0x80, 0, 0x12, 0x34, 0, 0, 0, 0xa0, 1, 2, 3, 4, 0x7f, 0x7f],
        ] {
            let frame = on_udp(port, payload);
            let packet = packet(whole(101, &frame));
            assert!(
                matches!(packet.payload, Payload::Udp(udp) if udp.payload == payload),
                "{port}"
            );
            assert!(packet.tunnels.is_empty());
        }
    }
}

/// 802.11 from the distribution system, with LLC.
fn wireless(control: [u8; 2], inner: &[u8]) -> Vec<u8> {
    join(&[&control, &[0; 22], &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], inner])
}

#[test]
fn what_a_sniffer_sends_on() {
    let tzsp = |kind: u8, protocol: u8, fields: &[u8], frame: &[u8]| {
        on_udp(37008, &join(&[&[1, kind, 0, protocol], fields, frame]))
    };
    let frame = ethernet(0x0800, &four());
    let tagged = ethernet(0x8100, &join(&[&[0, 7, 0x86, 0xdd], &six()]));
    // Nothing; padding; signal and rate of a sensor; its time, and a field that nobody knows.
    for fields in [
        &[1][..],
        &[0, 0, 0, 1],
        &[10, 1, 0xc4, 12, 1, 0x16, 1],
        &[13, 4, 0, 0, 0, 9, 0, 0xee, 0, 0xfe, 3, 1, 1, 1, 1],
    ] {
        for frame in [&frame, &tagged] {
            leads_to_segment(101, &tzsp(0, 1, fields, frame), &[Tunnel::Tzsp]);
            leads_to_segment(101, &tzsp(1, 1, fields, frame), &[Tunnel::Tzsp]);
        }
    }
    let wireless = wireless([8, 2], &four());
    let prism = join(&[&[0, 0, 0, 0x44, 16, 0, 0, 0], &[0; 8], &wireless]);
    let avs = join(&[&[0x80, 0x21, 0x10, 1, 0, 0, 0, 16], &[0; 8], &wireless]);
    for (protocol, frame) in [(18, &wireless), (119, &prism), (127, &avs)] {
        leads_to_segment(101, &tzsp(0, protocol, &[1], frame), &[Tunnel::Tzsp]);
    }
    let from_the_port = [37008_u16, 50000].map(u16::to_be_bytes).concat();
    let mut answer = tzsp(0, 1, &[1], &frame);
    answer.splice(20..24, from_the_port);
    leads_to_segment(101, &answer, &[Tunnel::Tzsp]);
    let unended = [&[7; 600][..], &[1]].concat();
    for other in [
        // Keep-alive, another version, no end, a field beyond the datagram, token ring, nothing behind the fields.
        tzsp(4, 1, &[1], &frame),
        on_udp(37008, &join(&[&[2, 0, 0, 1, 1], &frame])),
        tzsp(0, 1, &[0; 64], &[]),
        tzsp(0, 1, &[13, 255, 1], &frame),
        tzsp(0, 1, &unended, &[]),
        tzsp(0, 2, &[1], &frame),
        tzsp(0, 1, &[1], &[]),
        tzsp(0, 1, &[1], &ethernet(0x0806, &[0; 28])),
    ] {
        stays_a_datagram(&other);
    }
}

fn stays_a_datagram(frame: &[u8]) {
    let packet = packet(whole(101, frame));
    assert!(matches!(packet.payload, Payload::Udp(_)), "{packet:?}");
    assert!(packet.tunnels.is_empty());
    assert_eq!(
        unread_protocol(LinkType(101), frame, frame.len() as u32),
        None
    );
}

#[test]
fn generic_encapsulation_with_and_without_a_header() {
    let gre = join(&[&[0, 0, 0x65, 0x58], &ethernet(0x0800, &four())]);
    for (header, inner, tunnels) in [
        (&[][..], four(), &[Tunnel::Gue][..]),
        (&[], six(), &[Tunnel::Gue]),
        (&[0, 4, 0, 0], four(), &[Tunnel::Gue]),
        (&[0, 41, 0, 0], six(), &[Tunnel::Gue]),
        (
            &[2, 4, 0, 1, 0x80, 0, 0, 0, 0, 9, 0, 9],
            four(),
            &[Tunnel::Gue],
        ),
        (&[0, 47, 0, 0], gre, &[Tunnel::Gue, Tunnel::Gre]),
    ] {
        let payload = join(&[header, &inner]);
        leads_to_segment(101, &on_udp(6080, &payload), tunnels);
        leads_to_segment(101, &outer(6, 17, &datagram(6080, &payload)), tunnels);
    }
    let longer = join(&[&four(), &[0]]);
    for other in [
        // Control, a flag that may mean a fragment, the other version, an unknown protocol, bytes left over, words that lack.
        join(&[&[0x20, 4, 0, 0], &four()]),
        join(&[&[0, 4, 0x10, 0], &four()]),
        join(&[&[0, 41, 0, 0], &four()]),
        join(&[&[0, 6, 0, 0], &four()]),
        join(&[&[0, 4, 0, 0], &longer]),
        longer,
        join(&[&[0x1f, 4, 0, 0], &four()]),
        join(&[&[0x80, 4, 0, 0], &four()]),
    ] {
        stays_a_datagram(&on_udp(6080, &other));
    }
}

#[test]
fn access_points_and_their_controller() {
    let capwap = |words: u8, native: u8, flags: u8, options: &[u8], frame: &[u8]| {
        let head = [0, words << 3, 0x40 | 1 << 1 | native, flags, 0, 0, 0, 0];
        on_udp(5247, &join(&[&head, options, frame]))
    };
    let frame = ethernet(0x86dd, &six());
    let radio = [6, 1, 2, 3, 4, 5, 6, 0];
    for (words, flags, options) in [(2, 0, &[][..]), (4, 0x10, &radio), (4, 0x30, &radio)] {
        let given = capwap(words, 0, flags, options, &frame);
        leads_to_segment(101, &given, &[Tunnel::Capwap]);
        for control in [[8, 2], [8, 1], [2, 8], [1, 8]] {
            let native = capwap(words, 1, flags, options, &wireless(control, &four()));
            leads_to_segment(101, &native, &[Tunnel::Capwap]);
        }
        let quality = join(&[
            &[2, 0x88],
            &[0; 24],
            &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0],
            &four(),
        ]);
        let native = capwap(words, 1, flags, options, &quality);
        leads_to_segment(101, &native, &[Tunnel::Capwap]);
    }
    let encrypted = on_udp(5247, &join(&[&[1, 0, 0, 0, 0x17, 0xfe, 0xfd], &frame]));
    for other in [
        encrypted,
        capwap(2, 0, 0x80, &[], &frame),
        capwap(2, 0, 0x08, &[], &frame),
        capwap(1, 0, 0, &[], &frame),
        capwap(31, 0, 0, &[], &frame),
        capwap(2, 1, 0, &[], &frame),
        capwap(2, 1, 0, &[], &wireless([0x80, 0], &four())),
        capwap(2, 1, 0, &[], &wireless([8, 0x42], &four())),
    ] {
        stays_a_datagram(&other);
    }
}

#[test]
fn the_third_version_of_l2tp_is_read_where_a_frame_is_found() {
    let frames = [
        ethernet(0x0800, &four()),
        ethernet(0x86dd, &six()),
        ethernet(0x8100, &join(&[&[0, 7, 0x08, 0], &four()])),
        ethernet(0x88a8, &join(&[&[0, 7, 0x81, 0, 0, 8, 0x86, 0xdd], &six()])),
    ];
    let fronts = [
        &[][..],
        &[0; 4],
        &[9; 8],
        &[0x45, 0, 0, 0, 8, 0, 8, 0, 0x40, 0, 0, 7],
    ];
    for (frame, front) in frames
        .iter()
        .flat_map(|frame| fronts.map(|front| (frame, front)))
    {
        let payload = join(&[&[0, 0, 0, 5], front, frame]);
        for version in [4, 6] {
            leads_to_segment(101, &outer(version, 115, &payload), &[Tunnel::L2tp]);
        }
        let on_port = on_udp(1701, &join(&[&[0, 3, 0, 0], &payload]));
        leads_to_segment(101, &on_port, &[Tunnel::L2tp]);
    }
    let unread = |payload: &[u8]| {
        let frame = outer(4, 115, payload);
        assert!(matches!(
            packet(whole(101, &frame)).payload,
            Payload::Other(115)
        ));
        let found = unread_protocol(LinkType(101), &frame, frame.len() as u32);
        found.map(|(tunnels, protocol)| (tunnels.is_empty(), protocol.name().into_owned()))
    };
    let named = |name: &str| Some((true, name.to_owned()));
    let control = [0, 0, 0, 0, 0xc8, 3, 0, 12, 0, 0, 0, 1, 0, 0, 0, 0];
    assert_eq!(unread(&control), named("l2tp_control"));
    assert_eq!(unread(&[0, 0, 0, 7, 1, 2, 3]), named("l2tp_payload"));
    assert_eq!(unread(&[7; 80]), named("l2tp_payload"));
}

#[test]
fn a_port_that_two_tunnels_could_have_is_read_from_both_ends() {
    // An answer of an L2TP server to a port that somebody else's tunnel has.
    let l2tp = join(&[&[0, 2, 0, 1, 0, 2, 0, 0x21], &four()]);
    for other in PORTS {
        let mut frame = on_udp(other, &l2tp);
        frame.splice(20..22, 1701_u16.to_be_bytes());
        leads_to_segment_of(&frame, Tunnel::L2tp, other);
    }
}

fn leads_to_segment_of(frame: &[u8], tunnel: Tunnel, port: u16) {
    let found = packet(whole(101, frame));
    assert!(
        matches!(found.payload, Payload::Tcp(_)),
        "{port}: {found:?}"
    );
    assert_eq!(found.tunnels.iter().collect::<Vec<_>>(), [tunnel], "{port}");
}

/// What Wireshark's dissectors say of the innermost packet: its source, and the port and the raw number of its segment.
#[test]
fn wireshark_finds_the_same_segments() {
    let ours = |frames: &[Vec<u8>]| -> Vec<String> {
        let packets = frames.iter().map(|frame| packet(whole(101, frame)));
        packets
            .map(|packet| match packet.payload {
                Payload::Tcp(tcp) => {
                    format!("{} {} {}", packet.source, tcp.source_port, tcp.sequence)
                }
                other => format!("{other:?}"),
            })
            .collect()
    };
    // What two ends agree upon, and frames of CAPWAP do not tell, its options do: bytes swapped as by default; no cookie.
    for (swapped, cookie, sublayer) in [
        ("TRUE", "None", "None"),
        ("FALSE", "8 Byte Cookie", "Default L2-Specific"),
    ] {
        let control = if swapped == "TRUE" { [2, 8] } else { [8, 2] };
        let frames = frames_for_wireshark(control, cookie != "None");
        let options = [
            format!("capwap.swap_fc:{swapped}"),
            format!("l2tp.cookie_size:{cookie}"),
            format!("l2tp.l2_specific:{sublayer}"),
        ];
        let Some(theirs) = wireshark_of(swapped, &frames, &options) else {
            println!("skipped: tshark is absent");
            return;
        };
        assert_eq!(theirs, ours(&frames), "{options:?}");
    }
}

fn frames_for_wireshark(frame_control: [u8; 2], with_cookie: bool) -> Vec<Vec<u8>> {
    let frame = ethernet(0x8100, &join(&[&[0, 7, 0x86, 0xdd], &six()]));
    let plain = ethernet(0x0800, &four());
    let mut cookie = vec![0, 0, 0, 5];
    if with_cookie {
        cookie.extend([1; 8]);
        cookie.extend([0x40, 0, 0, 7]);
    }
    let native = wireless(frame_control, &four());
    let avs = join(&[
        &[0x80, 0x21, 0x10, 1, 0, 0, 0, 64],
        &[0; 56],
        &wireless([8, 2], &four()),
    ]);
    vec![
        on_udp(37008, &join(&[&[1, 0, 0, 1, 1], &plain])),
        on_udp(37008, &join(&[&[1, 1, 0, 1, 10, 1, 0xc4, 0, 0, 1], &frame])),
        on_udp(
            37008,
            &join(&[&[1, 0, 0, 18, 41, 2, 0, 99, 1], &wireless([8, 2], &four())]),
        ),
        on_udp(37008, &join(&[&[1, 0, 0, 127, 1], &avs])),
        on_udp(5247, &join(&[&[0, 0x10, 0x42, 0, 0, 0, 0, 0], &plain])),
        on_udp(
            5247,
            &join(&[
                &[0, 0x20, 0x42, 0x10, 0, 0, 0, 0, 6, 1, 2, 3, 4, 5, 6, 0],
                &frame,
            ]),
        ),
        on_udp(5247, &join(&[&[0, 0x10, 0x43, 0, 0, 0, 0, 0], &native])),
        on_udp(6080, &four()),
        on_udp(6080, &six()),
        on_udp(
            1701,
            &join(&[&[0, 2, 0, 1, 0, 2, 0xff, 3, 0, 0x21], &four()]),
        ),
        on_udp(
            1701,
            &join(&[&[0x48, 2, 0, 94, 0, 1, 0, 2, 0, 1, 0, 1, 0, 0x57], &six()]),
        ),
        outer(4, 115, &join(&[&cookie, &frame])),
        outer(6, 115, &join(&[&cookie, &plain])),
        on_udp(1701, &join(&[&[0, 3, 0, 0], &cookie, &plain])),
    ]
}

/// One line for each frame; none where tshark is not installed.
fn wireshark_of(name: &str, frames: &[Vec<u8>], options: &[String]) -> Option<Vec<String>> {
    let mut bytes = [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 0xffff, 101]
        .map(u32::to_le_bytes)
        .concat();
    for frame in frames {
        let length = frame.len() as u32;
        bytes.extend([0, 0, length, length].map(u32::to_le_bytes).concat());
        bytes.extend(frame);
    }
    let path = std::env::temp_dir().join(format!("link-{name}-{}.pcap", std::process::id()));
    std::fs::write(&path, bytes).ok()?;
    let fields =
        "-T fields -E occurrence=l -E separator=; -e ip.src -e ipv6.src -e frame.protocols";
    let output = Command::new("tshark")
        .env("WIRESHARK_CONFIG_DIR", "/nonexistent")
        .arg("-r")
        .arg(&path)
        .args(fields.split(' '))
        .args(["-e", "tcp.srcport", "-e", "tcp.seq_raw"])
        .args(["-d", "udp.port==6080,ip", "-d", "l2tp.pw_type==0,eth"])
        .args(options.iter().flat_map(|option| ["-o", option]))
        .output();
    std::fs::remove_file(&path).ok()?;
    let text = String::from_utf8(output.ok()?.stdout).ok()?;
    Some(text.lines().map(innermost).collect())
}

/// The last of the two kinds of address counts whose protocol stands deeper.
fn innermost(line: &str) -> String {
    let fields: Vec<&str> = line.split(';').collect();
    let [four, six, protocols, port, number] = fields[..] else {
        return line.to_owned();
    };
    let mut protocols = protocols.rsplit(':');
    let deepest = protocols.find(|protocol| matches!(*protocol, "ip" | "ipv6"));
    let source = if deepest == Some("ip") { four } else { six };
    format!("{source} {port} {number}")
}

proptest! {
    #[test]
    fn any_bytes_on_a_tunnel_port_are_a_datagram_or_lead_to_a_packet(
        port in select(&PORTS[..]),
        head in select(&HEADS[..]),
        bytes in vec(any::<u8>(), 0..200),
        lost in 0..100_usize,
    ) {
        let frame = on_udp(port, &join(&[head, &bytes]));
        let whole_length = frame.len() as u32;
        let end = frame.len().saturating_sub(lost.min(bytes.len()));
        let cut = frame.get(..end).unwrap_or_default();
        let Decoded::Ip(packet) = decode(LinkType::RAW, cut, whole_length) else {
            panic!("{port}")
        };
        match packet.payload {
            Payload::Udp(udp) if packet.tunnels.is_empty() => {
                let length = udp.payload.len() + udp.missing as usize;
                prop_assert_eq!(length, head.len() + bytes.len());
            }
            Payload::Malformed(what) => prop_assert!(false, "{}: {}", port, what),
            payload => prop_assert!(!packet.tunnels.is_empty(), "{}: {:?}", port, payload),
        }
    }

    #[test]
    fn arbitrary_bytes_are_taken_for_no_tunnel(
        port in select(&[1701, 5247, 6080, 37008][..]),
        bytes in vec(any::<u8>(), 0..1400),
    ) {
        let frame = on_udp(port, &bytes);
        prop_assert!(packet(whole(101, &frame)).tunnels.is_empty(), "{port}");
    }
}

/// Every port of a tunnel.
const PORTS: [u16; 12] = [
    1701, 2152, 3544, 4789, 4790, 5072, 5247, 6080, 6081, 6635, 8472, 37008,
];
/// How tunnels begin, so that arbitrary bytes come further in.
const HEADS: [&[u8]; 12] = [
    &[],
    &[1, 0, 0, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 8, 0],
    &[1, 0, 0, 18, 1, 8, 2],
    &[1, 0, 0, 119, 1],
    &[1, 0, 0, 127, 1, 0x80, 0x21, 0x10, 1, 0, 0, 0],
    &[1, 1, 0, 1],
    &[0, 0x10, 0x42, 0, 0, 0, 0, 0],
    &[0, 0x10, 0x43, 0, 0, 0, 0, 0, 2, 8],
    &[0, 47, 0, 0, 0, 0],
    &[0, 3, 0, 0, 0, 0, 0, 1],
    &[0, 2, 0, 1, 0, 1, 0, 0x21],
    &[0x45, 0, 0, 40],
];
