//! Packets of a capture, written into another file: some left out, in another order, or with secrets between them.

use std::path::Path;

use informant::source::{Capture, Content};

/// Packets as captured.
pub struct Packets {
    pub link_type: u16,
    /// Microseconds, length on the wire, and bytes.
    pub packets: Vec<(u64, u32, Vec<u8>)>,
}

impl Packets {
    pub fn read(path: &Path) -> Self {
        let mut capture = Capture::open(vec![path.to_path_buf().into()]).expect("a capture");
        let mut read = Self {
            link_type: 1,
            packets: Vec::new(),
        };
        while let Some(frame) = capture.next() {
            let Content::Packet {
                link_type,
                original_length,
            } = frame.content
            else {
                continue;
            };
            read.link_type = link_type.0;
            let time_us = frame.time.nanoseconds as u64 / 1000;
            read.packets
                .push((time_us, original_length, frame.bytes.to_vec()));
        }
        read
    }
}

/// A pcap file of microseconds.
pub fn pcap(packets: &Packets) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(0xa1b2_c3d4_u32.to_le_bytes());
    file.extend([2, 0, 4, 0]);
    file.extend([0; 8]);
    file.extend(0x4_0000_u32.to_le_bytes());
    file.extend(u32::from(packets.link_type).to_le_bytes());
    for (time_us, original, bytes) in &packets.packets {
        let numbers = [
            (time_us / 1_000_000) as u32,
            (time_us % 1_000_000) as u32,
            bytes.len() as u32,
            *original,
        ];
        file.extend(numbers.into_iter().flat_map(u32::to_le_bytes));
        file.extend_from_slice(bytes);
    }
    file
}

/// A pcapng file, with key logs before the packets of these numbers (from 0), or behind the last.
pub fn pcapng(packets: &Packets, logs: &[(usize, &[u8])]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut section = 0x1a2b_3c4d_u32.to_le_bytes().to_vec();
    section.extend([1, 0, 0, 0]);
    section.extend([0xff; 8]);
    block(&mut file, 0x0a0d_0d0a, &section);
    let mut interface = packets.link_type.to_le_bytes().to_vec();
    interface.extend([0, 0]);
    interface.extend(0x4_0000_u32.to_le_bytes());
    block(&mut file, 1, &interface);
    let put_logs = |file: &mut Vec<u8>, number: usize| {
        for (_, log) in logs.iter().filter(|(before, _)| *before == number) {
            let mut secrets = 0x544c_534b_u32.to_le_bytes().to_vec();
            secrets.extend((log.len() as u32).to_le_bytes());
            secrets.extend_from_slice(log);
            block(file, 10, &secrets);
        }
    };
    for (number, (time_us, original, bytes)) in packets.packets.iter().enumerate() {
        put_logs(&mut file, number);
        let numbers = [
            0,
            (time_us >> 32) as u32,
            *time_us as u32,
            bytes.len() as u32,
            *original,
        ];
        let mut packet: Vec<u8> = numbers.into_iter().flat_map(u32::to_le_bytes).collect();
        packet.extend_from_slice(bytes);
        block(&mut file, 6, &packet);
    }
    put_logs(&mut file, packets.packets.len());
    file
}

fn block(file: &mut Vec<u8>, kind: u32, body: &[u8]) {
    let length = (body.len().next_multiple_of(4) + 12) as u32;
    file.extend(kind.to_le_bytes());
    file.extend(length.to_le_bytes());
    file.extend_from_slice(body);
    file.resize(file.len().next_multiple_of(4), 0);
    file.extend(length.to_le_bytes());
}
