//! Packets to put into one another, and what they must lead to.

use etherparse::{IpNumber, PacketBuilder};
use link::{Decoded, LinkType, Packet, Payload, Tunnel, decode};

pub const BODY: &[u8] = b"POST /acs HTTP/1.1\r\n";

pub fn four() -> Vec<u8> {
    let mut bytes = Vec::new();
    let builder = PacketBuilder::ipv4([192, 0, 2, 1], [192, 0, 2, 2], 64);
    let builder = builder.tcp(51000, 7547, 1000, 8192);
    assert!(builder.write(&mut bytes, BODY).is_ok());
    bytes
}

pub fn six() -> Vec<u8> {
    let mut bytes = Vec::new();
    let builder = PacketBuilder::ipv6([1; 16], [2; 16], 64).tcp(51000, 7547, 1000, 8192);
    assert!(builder.write(&mut bytes, BODY).is_ok());
    bytes
}

pub fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

pub fn ethernet(ether_type: u16, inner: &[u8]) -> Vec<u8> {
    join(&[&[0x02; 12], &ether_type.to_be_bytes(), inner])
}

/// An IP packet of the given version around the payload of the given protocol.
pub fn outer(version: u8, protocol: u8, payload: &[u8]) -> Vec<u8> {
    if version == 6 {
        let length = (payload.len() as u16).to_be_bytes();
        return join(&[
            &[0x60, 0, 0, 0],
            &length,
            &[protocol, 64],
            &[7; 32],
            payload,
        ]);
    }
    let mut bytes = Vec::new();
    let builder = PacketBuilder::ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64);
    assert!(
        builder
            .write(&mut bytes, IpNumber(protocol), payload)
            .is_ok()
    );
    bytes
}

pub fn datagram(port: u16, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u16 + 8).to_be_bytes();
    join(&[
        &50000_u16.to_be_bytes(),
        &port.to_be_bytes(),
        &length,
        &[0, 0],
        payload,
    ])
}

pub fn on_udp(port: u16, payload: &[u8]) -> Vec<u8> {
    outer(4, 17, &datagram(port, payload))
}

pub fn whole(link_type: u16, bytes: &[u8]) -> Decoded<'_> {
    decode(LinkType(link_type), bytes, bytes.len() as u32)
}

pub fn packet(decoded: Decoded<'_>) -> Packet<'_> {
    match decoded {
        Decoded::Ip(packet) => packet,
        other => panic!("not IP: {other:?}"),
    }
}

/// The frame leads to the one segment, through these tunnels; and every prefix of it ends somewhere.
pub fn leads_to_segment(link_type: u16, frame: &[u8], tunnels: &[Tunnel]) {
    let packet = packet(whole(link_type, frame));
    let Payload::Tcp(tcp) = packet.payload else {
        panic!("{tunnels:?}: {:?}", packet.payload)
    };
    assert_eq!(
        (tcp.payload, tcp.source_port, tcp.missing),
        (BODY, 51000, 0)
    );
    assert!(
        [
            "192.0.2.1".to_owned(),
            "101:101:101:101:101:101:101:101".to_owned()
        ]
        .contains(&packet.source.to_string())
    );
    assert_eq!(packet.tunnels.iter().collect::<Vec<_>>(), tunnels);
    for end in 0..frame.len() {
        let cut = frame.get(..end).unwrap_or_default();
        let decoded = decode(LinkType(link_type), cut, frame.len() as u32);
        assert!(
            !matches!(decoded, Decoded::Malformed(_) | Decoded::NotIp),
            "{tunnels:?} {end}: {decoded:?}"
        );
    }
}
