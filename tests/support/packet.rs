//! The bytes of packets: TCP, UDP and ICMP in IPv4, in Ethernet with or without 802.1Q, all lengths and checksums right.

#![allow(dead_code, reason = "each test uses its part")]

use std::net::Ipv4Addr;

/// Where packets come from or go to, as the wire under the capture shows it.
#[derive(Clone, Copy)]
pub struct End {
    pub mac: [u8; 6],
    pub address: Ipv4Addr,
    pub port: u16,
    /// Time to live of what it sends, as it passes here.
    pub ttl: u8,
}

pub fn ethernet(source: End, destination: End, vlan: Option<u8>, packet: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    frame.extend_from_slice(&destination.mac);
    frame.extend_from_slice(&source.mac);
    if let Some(vlan) = vlan {
        frame.extend_from_slice(&[0x81, 0x00, 0x00, vlan]);
    }
    frame.extend_from_slice(&[0x08, 0x00]);
    frame.extend_from_slice(packet);
    frame.resize(frame.len().max(FRAME_BYTES_MIN), 0);
    frame
}

pub fn ipv4(
    source: End,
    destination: End,
    protocol: u8,
    identification: u16,
    payload: &[u8],
) -> Vec<u8> {
    let mut packet = vec![0x45, 0];
    packet.extend_from_slice(&(20 + payload.len() as u16).to_be_bytes());
    packet.extend_from_slice(&identification.to_be_bytes());
    packet.extend_from_slice(&[0x40, 0, source.ttl, protocol, 0, 0]);
    packet.extend_from_slice(&source.address.octets());
    packet.extend_from_slice(&destination.address.octets());
    let sum = checksum(&packet);
    packet[10..12].copy_from_slice(&sum.to_be_bytes());
    packet.extend_from_slice(payload);
    packet
}

pub fn tcp(source: End, destination: End, numbers: [u32; 2], flags: u8, payload: &[u8]) -> Vec<u8> {
    let options: &[u8] = if flags & SYN != 0 {
        &[2, 4, 5, 0xb4]
    } else {
        &[]
    };
    let window: u16 = if flags & RST != 0 { 0 } else { 64_240 };
    let mut segment = Vec::new();
    segment.extend_from_slice(&source.port.to_be_bytes());
    segment.extend_from_slice(&destination.port.to_be_bytes());
    for number in numbers {
        segment.extend_from_slice(&number.to_be_bytes());
    }
    segment.push((((20 + options.len()) / 4) << 4) as u8);
    segment.push(flags);
    segment.extend_from_slice(&window.to_be_bytes());
    segment.extend_from_slice(&[0; 4]);
    segment.extend_from_slice(options);
    segment.extend_from_slice(payload);
    let sum = sum_under(source, destination, TCP, &segment);
    segment[16..18].copy_from_slice(&sum.to_be_bytes());
    segment
}

pub fn udp(source: End, destination: End, payload: &[u8]) -> Vec<u8> {
    let mut datagram = Vec::new();
    datagram.extend_from_slice(&source.port.to_be_bytes());
    datagram.extend_from_slice(&destination.port.to_be_bytes());
    datagram.extend_from_slice(&(8 + payload.len() as u16).to_be_bytes());
    datagram.extend_from_slice(&[0; 2]);
    datagram.extend_from_slice(payload);
    // RFC 768: a sum of zero is sent as all ones.
    let sum = match sum_under(source, destination, UDP, &datagram) {
        0 => 0xffff,
        sum => sum,
    };
    datagram[6..8].copy_from_slice(&sum.to_be_bytes());
    datagram
}

/// Destination unreachable (RFC 792), with the undelivered packet as it stood where it could go no further.
pub fn unreachable(code: u8, undelivered: &[u8]) -> Vec<u8> {
    let mut inner = undelivered.to_vec();
    inner[8] -= HOPS;
    inner[10..12].fill(0);
    let sum = checksum(&inner[..20]);
    inner[10..12].copy_from_slice(&sum.to_be_bytes());
    let mut message = vec![3, code, 0, 0, 0, 0, 0, 0];
    message.extend_from_slice(&inner);
    let sum = checksum(&message);
    message[2..4].copy_from_slice(&sum.to_be_bytes());
    message
}

/// The checksum over pseudo-header and segment (RFC 9293 section 3.1, RFC 768).
fn sum_under(source: End, destination: End, protocol: u8, segment: &[u8]) -> u16 {
    let mut pseudo = Vec::new();
    pseudo.extend_from_slice(&source.address.octets());
    pseudo.extend_from_slice(&destination.address.octets());
    pseudo.extend_from_slice(&[0, protocol]);
    pseudo.extend_from_slice(&(segment.len() as u16).to_be_bytes());
    pseudo.extend_from_slice(segment);
    checksum(&pseudo)
}

/// RFC 1071.
fn checksum(bytes: &[u8]) -> u16 {
    let mut sum: u32 = bytes
        .chunks(2)
        .map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0)))
        .sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

pub const FIN: u8 = 1;
pub const SYN: u8 = 2;
pub const RST: u8 = 4;
pub const PUSH: u8 = 8;
pub const ACK: u8 = 16;
pub const ICMP: u8 = 1;
pub const TCP: u8 = 6;
pub const UDP: u8 = 17;
/// Routers that an undelivered packet had behind it.
const HOPS: u8 = 11;
/// Bytes of the shortest Ethernet frame, without its check sequence.
const FRAME_BYTES_MIN: usize = 60;
