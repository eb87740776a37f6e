//! A capture of UDP datagrams, for tshark to read.

use std::io;
use std::path::Path;

/// A datagram between two ports; of IPv6 where said.
pub struct Sent {
    pub ipv6: bool,
    pub ports: (u16, u16),
    pub payload: Vec<u8>,
}

/// Writes them as raw IP, one a second.
pub fn write(path: &Path, sent: &[Sent]) -> io::Result<()> {
    let mut out = Vec::new();
    for word in [0xa1b2_c3d4u32, 0x0002_0004, 0, 0, 0x0004_0000, 101] {
        out.extend(word.to_be_bytes());
    }
    for (second, one) in (1u32..).zip(sent) {
        let packet = ip(one);
        let length = packet.len() as u32;
        for word in [second, 0, length, length] {
            out.extend(word.to_be_bytes());
        }
        out.extend(packet);
    }
    std::fs::write(path, out)
}

fn ip(sent: &Sent) -> Vec<u8> {
    let mut udp = Vec::new();
    let length = (sent.payload.len() + 8) as u16;
    for word in [sent.ports.0, sent.ports.1, length, 0] {
        udp.extend(word.to_be_bytes());
    }
    udp.extend(&sent.payload);
    let mut out = Vec::new();
    if sent.ipv6 {
        out.extend([0x60, 0, 0, 0]);
        out.extend(length.to_be_bytes());
        out.extend([17, 64]);
        out.extend([[0xfe, 0x80], [0, 1]].concat());
        out.extend([0; 12]);
        out.extend([[0xfe, 0x80], [0, 2]].concat());
        out.extend([0; 12]);
    } else {
        out.extend([0x45, 0]);
        out.extend((length + 20).to_be_bytes());
        out.extend([0, 0, 0, 0, 64, 17, 0, 0]);
        out.extend([192, 0, 2, 1, 192, 0, 2, 2]);
    }
    out.extend(udp);
    out
}
