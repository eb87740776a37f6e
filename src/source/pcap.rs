//! The classic format: one header, then records. All variants that say what they are in their magic number.

use link::LinkType;

use super::capture_file::{Damage, Record};
use super::resolution::Resolution;
use super::window::Window;

/// How the records of a file lie.
pub(super) struct Records {
    big_endian: bool,
    resolution: Resolution,
    record_header: usize,
    /// Written before or around version 2.3, which swapped the two lengths.
    lengths: Lengths,
    link_type: LinkType,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lengths {
    CapturedFirst,
    OriginalFirst,
    /// Version 2.3 has both; captured is never more than original.
    SmallerIsCaptured,
}

/// What a magic number tells.
#[derive(Clone, Copy)]
pub(super) struct Variant {
    big_endian: bool,
    resolution: Resolution,
    file_header: usize,
    record_header: usize,
}

impl Variant {
    /// The variant whose magic number `first` begins with.
    pub fn of(first: &[u8]) -> Option<Self> {
        let magic = first.first_chunk()?;
        let little = Self::numbered(u32::from_le_bytes(*magic), false);
        little.or_else(|| Self::numbered(u32::from_be_bytes(*magic), true))
    }

    fn numbered(magic: u32, big_endian: bool) -> Option<Self> {
        let (resolution, file_header, record_header) = match magic {
            MAGIC => (Resolution::MICROSECONDS, 24, 16),
            MAGIC_NANOSECONDS | MAGIC_NAVTEL => (Resolution::NANOSECONDS, 24, 16),
            MAGIC_KUZNETZOV => (Resolution::MICROSECONDS, 24, 24),
            MAGIC_IXIA_HARDWARE => (Resolution::NANOSECONDS, 28, 16),
            MAGIC_IXIA_SOFTWARE => (Resolution::MICROSECONDS, 28, 16),
            _ => return None,
        };
        Some(Self {
            big_endian,
            resolution,
            file_header,
            record_header,
        })
    }
}

impl Records {
    /// Reads the file header.
    pub fn open(variant: Variant, window: &mut Window) -> Result<Self, Damage> {
        let missing = window.fill(variant.file_header)?;
        let Some(header) = window.unread().first_chunk::<24>().filter(|_| missing == 0) else {
            return Err(Damage::cut(window.offset(), "the file header", missing));
        };
        let [_, _, _, _, a0, a1, i0, i1, .., l0, l1, l2, l3] = *header;
        let number = |bytes| read_u16(variant.big_endian, bytes);
        let lengths = match (number([a0, a1]), number([i0, i1])) {
            (2, 0..=2) | (543, _) => Lengths::OriginalFirst,
            (2, 3) => Lengths::SmallerIsCaptured,
            _ => Lengths::CapturedFirst,
        };
        let link_type = LinkType(read_u32(variant.big_endian, [l0, l1, l2, l3]) as u16);
        window.consume(variant.file_header);
        let Variant {
            big_endian,
            resolution,
            record_header,
            ..
        } = variant;
        Ok(Self {
            big_endian,
            resolution,
            record_header,
            lengths,
            link_type,
        })
    }

    /// The lower 16 bits of the header's field; above stands the length of a frame check sequence.
    pub fn link_type(&self) -> LinkType {
        self.link_type
    }

    /// Reads the next record, the file's `number`th.
    #[inline]
    pub fn next(&mut self, window: &mut Window, number: u64) -> Result<Option<Record>, Damage> {
        let missing = window.fill(self.record_header)?;
        if missing > 0 {
            let ended = missing == self.record_header;
            return if ended {
                Ok(None)
            } else {
                Err(cut(window, number, missing))
            };
        }
        let Some(
            &[
                s0,
                s1,
                s2,
                s3,
                f0,
                f1,
                f2,
                f3,
                c0,
                c1,
                c2,
                c3,
                o0,
                o1,
                o2,
                o3,
            ],
        ) = window.unread().first_chunk()
        else {
            return Ok(None);
        };
        let number_at = |bytes| read_u32(self.big_endian, bytes);
        let (captured, original_length) =
            self.in_order(number_at([c0, c1, c2, c3]), number_at([o0, o1, o2, o3]));
        let length = captured as usize;
        if length > RECORD_BYTES_MAX {
            return Err(too_long(window, number, captured));
        }
        let missing = window.fill(self.record_header + length)?;
        if missing > 0 {
            return Err(cut(window, number, missing));
        }
        let start = window.consume(self.record_header + length) + self.record_header;
        let time = self
            .resolution
            .time_of_parts(number_at([s0, s1, s2, s3]), number_at([f0, f1, f2, f3]));
        Ok(Some(Record {
            start,
            length,
            original_length,
            time: Some(time),
            link_type: Some(self.link_type),
        }))
    }

    #[inline]
    fn in_order(&self, first: u32, second: u32) -> (u32, u32) {
        match self.lengths {
            Lengths::CapturedFirst => (first, second),
            Lengths::SmallerIsCaptured if first <= second => (first, second),
            Lengths::SmallerIsCaptured | Lengths::OriginalFirst => (second, first),
        }
    }
}

#[cold]
fn cut(window: &Window, number: u64, missing: usize) -> Damage {
    Damage::cut(window.offset(), &format!("record {number}"), missing)
}

#[cold]
fn too_long(window: &Window, number: u64, captured: u32) -> Damage {
    let what =
        format!("record {number} says it holds {captured} bytes ({RECORD_BYTES_MAX} at most)");
    Damage::Corrupt {
        offset: window.offset(),
        what,
    }
}

#[inline]
fn read_u32(big_endian: bool, bytes: [u8; 4]) -> u32 {
    if big_endian {
        u32::from_be_bytes(bytes)
    } else {
        u32::from_le_bytes(bytes)
    }
}

fn read_u16(big_endian: bool, bytes: [u8; 2]) -> u16 {
    if big_endian {
        u16::from_be_bytes(bytes)
    } else {
        u16::from_le_bytes(bytes)
    }
}

/// The most that one record or block may make us hold; the largest packet that offloading makes is a twentieth.
pub(super) const RECORD_BYTES_MAX: usize = 16 << 20;

const MAGIC: u32 = 0xa1b2_c3d4;
const MAGIC_NANOSECONDS: u32 = 0xa1b2_3c4d;
/// Alexey Kuznetzov's libpcap: eight more bytes a record (interface, protocol, direction).
const MAGIC_KUZNETZOV: u32 = 0xa1b2_cd34;
const MAGIC_NAVTEL: u32 = 0xa12b_3c4d;
/// Ixia's lcap: the size of all records follows the file header.
const MAGIC_IXIA_HARDWARE: u32 = 0x1c00_01ac;
const MAGIC_IXIA_SOFTWARE: u32 = 0x1c00_01ab;

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::source::{Capture, Timestamp};

    /// A file of one frame with the bytes 1, 2, 3, of 9 on the wire, at 7 s and 5 ticks.
    fn file(magic: u32, minor: u16, link_type: u32, field: fn(u32) -> [u8; 4]) -> Vec<u8> {
        let (extra_header, extra_record) = match magic {
            MAGIC_IXIA_HARDWARE | MAGIC_IXIA_SOFTWARE => (4, 0),
            MAGIC_KUZNETZOV => (0, 8),
            _ => (0, 0),
        };
        let version = match field(1) {
            [0, ..] => 2 << 16 | u32::from(minor),
            _ => u32::from(minor) << 16 | 2,
        };
        let lengths = if minor < 3 { [9, 3] } else { [3, 9] };
        let header = [magic, version, 0, 0, 262_144, link_type]
            .map(field)
            .concat();
        let record = [7, 5, lengths[0], lengths[1]].map(field).concat();
        [
            header,
            vec![0; extra_header],
            record,
            vec![0; extra_record],
            vec![1, 2, 3],
        ]
        .concat()
    }

    #[test]
    fn every_variant_in_either_byte_order_gives_its_frame() {
        let (micro, nano) = ((5_000, 6), (5, 9));
        let variants = [
            (MAGIC, micro),
            (MAGIC_NANOSECONDS, nano),
            (MAGIC_KUZNETZOV, micro),
            (MAGIC_NAVTEL, nano),
            (MAGIC_IXIA_HARDWARE, nano),
            (MAGIC_IXIA_SOFTWARE, micro),
        ];
        for (magic, (nanoseconds, digits)) in variants {
            for (minor, field) in [
                (4, u32::to_le_bytes as fn(u32) -> [u8; 4]),
                (4, u32::to_be_bytes),
                (3, u32::to_le_bytes),
                (2, u32::to_be_bytes),
            ] {
                let bytes = file(magic, minor, 0x5400_0001, field);
                let Ok(mut capture) = Capture::from_reader("capture", Cursor::new(bytes)) else {
                    panic!("{magic:x} is not recognised");
                };
                let Some(frame) = capture.next() else {
                    panic!("{magic:x} has no frame")
                };
                assert_eq!(
                    frame.time,
                    Timestamp {
                        nanoseconds: 7_000_000_000 + nanoseconds,
                        digits
                    }
                );
                assert_eq!(frame.bytes, [1, 2, 3]);
                assert_eq!(
                    (frame.packet(), frame.id.number()),
                    (Some((LinkType::ETHERNET, 9)), 1)
                );
                assert!(capture.next().is_none() && capture.problems().is_empty());
                assert_eq!(
                    capture.facts().first().map(|facts| facts.frames_cut),
                    Some(1)
                );
            }
        }
    }
}
