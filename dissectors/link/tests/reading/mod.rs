//! The plainest reader of capture files that these tests can do with: little-endian pcap, pcapng enhanced packets.

use std::path::{Path, PathBuf};
use std::process::Command;

use link::LinkType;

/// One frame of a file.
pub struct Captured {
    /// Its link layer.
    pub link_type: LinkType,
    /// Its length on the wire.
    pub original_length: u32,
    /// What was captured of it.
    pub bytes: Vec<u8>,
}

/// The capture files in these folders of the shared captures, sorted; none, and a line about it, where they are absent.
pub fn shared_files(folders: &[&str]) -> Vec<PathBuf> {
    let shared = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/captures"
    ));
    if !shared.exists() {
        println!("skipped: ../shared is absent");
        return Vec::new();
    }
    let folders = folders
        .iter()
        .filter_map(|folder| std::fs::read_dir(shared.join(folder)).ok());
    let mut files: Vec<PathBuf> = folders
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    files
}

/// The frames of one file, up to the first thing that this reader does not know.
pub fn frames_of(path: &Path) -> Vec<Captured> {
    let bytes = if path.extension().is_some_and(|extension| extension == "gz") {
        let gzip = Command::new("gzip").arg("-dc").arg(path).output();
        gzip.map(|output| output.stdout).unwrap_or_default()
    } else {
        std::fs::read(path).unwrap_or_default()
    };
    match u32_at(&bytes, 0) {
        Some(0xa1b2_c3d4 | 0xa1b2_3c4d) => pcap(&bytes).unwrap_or_default(),
        Some(0x0a0d_0d0a) => pcapng(&bytes),
        _ => Vec::new(),
    }
}

fn pcap(bytes: &[u8]) -> Option<Vec<Captured>> {
    let link_type = LinkType(u32_at(bytes, 20)? as u16);
    let mut frames = Vec::new();
    let mut at = 24;
    while let (Some(captured), Some(original_length)) =
        (u32_at(bytes, at + 8), u32_at(bytes, at + 12))
    {
        let Some(frame) = bytes.get(at + 16..at + 16 + captured as usize) else {
            break;
        };
        frames.push(Captured {
            link_type,
            original_length,
            bytes: frame.to_vec(),
        });
        at += 16 + captured as usize;
    }
    Some(frames)
}

fn pcapng(bytes: &[u8]) -> Vec<Captured> {
    let (mut frames, mut interfaces, mut at) = (Vec::new(), Vec::new(), 0);
    while let (Some(kind), Some(length @ 12..)) = (u32_at(bytes, at), u32_at(bytes, at + 4)) {
        match kind {
            0x0a0d_0d0a if u32_at(bytes, at + 8) != Some(0x1a2b_3c4d) => break,
            1 => interfaces.push(LinkType(u32_at(bytes, at + 8).unwrap_or_default() as u16)),
            6 => frames.extend(enhanced_packet(bytes, at, &interfaces)),
            _ => {}
        }
        at += length as usize;
    }
    frames
}

fn enhanced_packet(bytes: &[u8], at: usize, interfaces: &[LinkType]) -> Option<Captured> {
    let link_type = *interfaces.get(u32_at(bytes, at + 8)? as usize)?;
    let captured = u32_at(bytes, at + 20)? as usize;
    let original_length = u32_at(bytes, at + 24)?;
    let frame = bytes.get(at + 28..at + 28 + captured)?;
    Some(Captured {
        link_type,
        original_length,
        bytes: frame.to_vec(),
    })
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let word = bytes.get(at..at + 4)?.first_chunk()?;
    Some(u32::from_le_bytes(*word))
}
