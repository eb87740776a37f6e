//! Blocks of pcapng as they are written: little-endian, times in nanoseconds. Reading is elsewhere.

use super::Timestamp;

/// A section begins; any interfaces and packets behind it are its own.
pub(super) fn section(comment: Option<&str>, out: &mut Vec<u8>) {
    let mut body = Vec::new();
    body.extend_from_slice(&BYTE_ORDER.to_le_bytes());
    body.extend_from_slice(&[1, 0, 0, 0]);
    body.extend_from_slice(&u64::MAX.to_le_bytes());
    if let Some(comment) = comment {
        option(OPTION_COMMENT, comment.as_bytes(), &mut body);
        option(0, &[], &mut body);
    }
    block(SECTION, &body, out);
}

/// The next interface of the section; more options may be given, each by its code.
pub(super) fn interface(
    link_type: u16,
    snap_bytes: u32,
    options: &[(u16, &[u8])],
    out: &mut Vec<u8>,
) {
    let mut body = Vec::new();
    body.extend_from_slice(&link_type.to_le_bytes());
    body.extend_from_slice(&[0; 2]);
    body.extend_from_slice(&snap_bytes.to_le_bytes());
    option(OPTION_RESOLUTION, &[9], &mut body);
    for (code, value) in options {
        option(*code, value, &mut body);
    }
    option(0, &[], &mut body);
    block(INTERFACE, &body, out);
}

/// A packet of an interface, counted from 0; so many bytes were on the wire.
pub(super) fn packet(
    interface: u32,
    time: Timestamp,
    original_bytes: u32,
    bytes: &[u8],
    out: &mut Vec<u8>,
) {
    let [high, low] = halves(time);
    let padded = bytes.len().next_multiple_of(4);
    let length = ((padded + 32) as u32).to_le_bytes();
    out.reserve(padded + 32);
    out.extend_from_slice(&PACKET.to_le_bytes());
    out.extend_from_slice(&length);
    for field in [interface, high, low, bytes.len() as u32, original_bytes] {
        out.extend_from_slice(&field.to_le_bytes());
    }
    out.extend_from_slice(bytes);
    out.resize(out.len() + padded - bytes.len(), 0);
    out.extend_from_slice(&length);
}

/// What opens the packets behind it (Decryption Secrets Block).
pub(super) fn secrets(kind: u32, bytes: &[u8], out: &mut Vec<u8>) {
    let mut body = Vec::with_capacity(bytes.len() + 8);
    body.extend_from_slice(&kind.to_le_bytes());
    body.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    body.extend_from_slice(bytes);
    block(SECRETS, &body, out);
}

/// What an interface has received and dropped so far.
#[cfg(feature = "live")]
pub(super) fn statistics(
    interface: u32,
    time: Timestamp,
    received: u64,
    dropped: u64,
    out: &mut Vec<u8>,
) {
    let [high, low] = halves(time);
    let mut body = Vec::new();
    for field in [interface, high, low] {
        body.extend_from_slice(&field.to_le_bytes());
    }
    option(OPTION_RECEIVED, &received.to_le_bytes(), &mut body);
    option(OPTION_DROPPED, &dropped.to_le_bytes(), &mut body);
    option(0, &[], &mut body);
    block(STATISTICS, &body, out);
}

/// How many of the first bytes of blocks are whole ones, where there is room for so many.
#[cfg(feature = "live")]
pub(super) fn whole_blocks(blocks: &[u8], room: u64) -> usize {
    let mut whole = 0;
    while let Some(length) = blocks.get(whole + 4..).and_then(<[u8]>::first_chunk) {
        let end = whole + u32::from_le_bytes(*length) as usize;
        if end as u64 > room || end > blocks.len() || end == whole {
            break;
        }
        whole = end;
    }
    whole
}

fn halves(time: Timestamp) -> [u32; 2] {
    let nanoseconds = u64::try_from(time.nanoseconds).unwrap_or_default();
    [(nanoseconds >> 32) as u32, nanoseconds as u32]
}

fn block(kind: u32, body: &[u8], out: &mut Vec<u8>) {
    let padded = body.len().next_multiple_of(4);
    let length = ((padded + 12) as u32).to_le_bytes();
    out.extend_from_slice(&kind.to_le_bytes());
    out.extend_from_slice(&length);
    out.extend_from_slice(body);
    out.resize(out.len() + padded - body.len(), 0);
    out.extend_from_slice(&length);
}

fn option(code: u16, value: &[u8], out: &mut Vec<u8>) {
    let value = value.get(..OPTION_BYTES_MAX).unwrap_or(value);
    out.extend_from_slice(&code.to_le_bytes());
    out.extend_from_slice(&(value.len() as u16).to_le_bytes());
    out.extend_from_slice(value);
    out.resize(out.len().next_multiple_of(4), 0);
}

/// The name of an interface (if_name).
#[cfg(feature = "live")]
pub(super) const OPTION_NAME: u16 = 2;
/// What was captured there (if_filter), behind one byte that says how it is written.
#[cfg(feature = "live")]
pub(super) const OPTION_FILTER: u16 = 11;
const BYTE_ORDER: u32 = 0x1A2B_3C4D;
const SECTION: u32 = 0x0A0D_0D0A;
const INTERFACE: u32 = 1;
#[cfg(feature = "live")]
const STATISTICS: u32 = 5;
const PACKET: u32 = 6;
const SECRETS: u32 = 10;
const OPTION_COMMENT: u16 = 1;
const OPTION_RESOLUTION: u16 = 9;
#[cfg(feature = "live")]
const OPTION_RECEIVED: u16 = 4;
#[cfg(feature = "live")]
const OPTION_DROPPED: u16 = 5;
const OPTION_BYTES_MAX: usize = 0xFFFF;

#[cfg(all(test, feature = "live"))]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_whole_as_far_as_there_is_room() {
        let mut blocks = Vec::new();
        let mut ends = vec![0];
        section(Some("the first"), &mut blocks);
        ends.push(blocks.len());
        for length in [1, 4, 0] {
            packet(0, Timestamp::default(), 9, &[7; 9][..length], &mut blocks);
            ends.push(blocks.len());
        }
        for room in 0..blocks.len() + 9 {
            let expected = ends.iter().rev().find(|end| **end <= room);
            let whole = whole_blocks(&blocks, room as u64);
            assert_eq!(Some(&whole), expected, "{room}");
        }
    }
}
