//! A capture file taken apart by a few lines of its own: records, the bytes of each stream in them, and what is lost with
//! some of them. Independent of how the streams are read.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use crate::support::wire::{FIN, RST, SYN};

/// One direction: from where to where.
pub type Direction = (SocketAddr, SocketAddr);

/// A classic pcap in little-endian microseconds, as the peers' recordings are.
pub struct Recording {
    head: Vec<u8>,
    records: Vec<Record>,
}

struct Record {
    time: [u8; 8],
    /// Both lengths, and the frame.
    rest: Vec<u8>,
    place: Option<Place>,
}

impl Record {
    fn time_us(&self) -> u64 {
        let [a, b, c, d, e, f, g, h] = self.time;
        let (seconds, microseconds) = (
            u32::from_le_bytes([a, b, c, d]),
            u32::from_le_bytes([e, f, g, h]),
        );
        u64::from(seconds) * 1_000_000 + u64::from(microseconds)
    }
}

/// Where a frame's bytes stand in their stream.
#[derive(Debug, Clone, Copy)]
struct Place {
    direction: Direction,
    sequence: u32,
    /// Bytes of sequence space: SYN and FIN take one each (RFC 9293 section 3.4).
    length: u32,
    payload: u32,
    flags: u8,
}

impl Recording {
    pub fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).expect("the recording is readable");
        let (head, mut rest) = bytes.split_at(24);
        assert_eq!(head[..4], [0xd4, 0xc3, 0xb2, 0xa1], "{}", path.display());
        let number = |bytes: &[u8]| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        let link_type = link::LinkType(number(&head[20..]) as u16);
        let mut records = Vec::new();
        while !rest.is_empty() {
            let (record, behind) = rest.split_at(16 + number(&rest[8..]) as usize);
            rest = behind;
            records.push(Record {
                time: [0, 1, 2, 3, 4, 5, 6, 7].map(|at| record[at]),
                rest: record[8..].to_vec(),
                place: place(link_type, &record[16..], number(&record[12..])),
            });
        }
        Self {
            head: head.to_vec(),
            records,
        }
    }

    pub fn frames(&self) -> usize {
        self.records.len()
    }

    /// How many records follow this one within so many microseconds.
    pub fn frames_within(&self, at: usize, microseconds: u64) -> usize {
        let start = self.records[at].time_us();
        let behind = self.records[at + 1..].iter();
        behind
            .take_while(|record| record.time_us() < start + microseconds)
            .count()
    }

    /// SYN, or its answer.
    pub fn begins_stream(&self, at: usize) -> bool {
        self.records[at]
            .place
            .is_some_and(|place| place.flags & SYN != 0)
    }

    /// The file with these records (counted from 0), in this order; each with its own time.
    pub fn with(&self, order: &[usize]) -> Vec<u8> {
        self.written(order, |at| at)
    }

    /// The same, with times in the order of the file, as where packets change places before they are captured.
    pub fn with_times_in_order(&self, order: &[usize]) -> Vec<u8> {
        let mut places = 0..;
        self.written(order, |_| places.next().unwrap_or(0))
    }

    fn written(&self, order: &[usize], mut time_of: impl FnMut(usize) -> usize) -> Vec<u8> {
        let mut bytes = self.head.clone();
        for &at in order {
            bytes.extend_from_slice(&self.records[time_of(at)].time);
            bytes.extend_from_slice(&self.records[at].rest);
        }
        bytes
    }

    /// What is lost where only these records are kept.
    pub fn lost(&self, kept: &[usize]) -> Lost<'_> {
        let mut starts = BTreeMap::new();
        for place in self.records.iter().filter_map(|record| record.place) {
            starts.entry(place.direction).or_insert(place.sequence);
        }
        let mut lost = Lost {
            recording: self,
            starts,
            seen: BTreeMap::new(),
            resets: Vec::new(),
        };
        let mut is_kept = vec![false; self.records.len()];
        for &at in kept {
            is_kept[at] = true;
            if let Some(place) = self.records[at].place {
                let (start, end) = lost.range(&place);
                lost.seen
                    .entry(place.direction)
                    .or_default()
                    .push((start, end));
            }
        }
        for ranges in lost.seen.values_mut() {
            ranges.sort_unstable();
            ranges.dedup_by(|next, before| {
                let touches = next.0 <= before.1;
                before.1 = before.1.max(if touches { next.1 } else { before.1 });
                touches
            });
        }
        let resets = self
            .records
            .iter()
            .zip(&is_kept)
            .filter(|(_, kept)| !**kept);
        let resets = resets.filter_map(|(record, _)| record.place);
        lost.resets = resets
            .filter(|place| place.flags & RST != 0)
            .map(|place| place.direction)
            .collect();
        lost
    }
}

fn place(link_type: link::LinkType, frame: &[u8], original_length: u32) -> Option<Place> {
    let link::Decoded::Ip(packet) = link::decode(link_type, frame, original_length) else {
        return None;
    };
    let link::Payload::Tcp(tcp) = packet.payload else {
        return None;
    };
    let payload = tcp.payload.len() as u32;
    let marks = u32::from(tcp.flags & SYN != 0) + u32::from(tcp.flags & FIN != 0);
    let end = |address: IpAddr, port| SocketAddr::new(address, port);
    Some(Place {
        direction: (
            end(packet.source, tcp.source_port),
            end(packet.destination, tcp.destination_port),
        ),
        sequence: tcp.sequence,
        length: payload + marks,
        payload,
        flags: tcp.flags,
    })
}

/// The bytes that are in a recording and not in what was kept of it.
pub struct Lost<'a> {
    recording: &'a Recording,
    starts: BTreeMap<Direction, u32>,
    /// Ranges of each stream that were kept, sorted and apart.
    seen: BTreeMap<Direction, Vec<(i64, i64)>>,
    resets: Vec<Direction>,
}

impl Lost<'_> {
    fn range(&self, place: &Place) -> (i64, i64) {
        let first = self.starts.get(&place.direction).copied().unwrap_or(0);
        let start = i64::from(place.sequence.wrapping_sub(first) as i32);
        (start, start + i64::from(place.length))
    }

    fn is_seen(&self, direction: &Direction, start: i64, end: i64) -> bool {
        let ranges = self
            .seen
            .get(direction)
            .map(Vec::as_slice)
            .unwrap_or_default();
        start >= end || ranges.iter().any(|(from, to)| *from <= start && end <= *to)
    }

    fn place(&self, frame: u64) -> Option<Place> {
        self.recording
            .records
            .get(usize::try_from(frame).ok()?.checked_sub(1)?)?
            .place
    }

    /// Bytes that this frame (counted from 1) carried are lost: neither it nor a repetition is there.
    pub fn touches(&self, frame: u64) -> bool {
        self.place(frame).is_some_and(|place| {
            let (start, end) = self.range(&place);
            !self.is_seen(&place.direction, start, end)
        })
    }

    /// Something between the first byte of this frame and the end of its stream is lost.
    pub fn touches_from(&self, frame: u64) -> bool {
        self.place(frame).is_some_and(|place| {
            let (start, _) = self.range(&place);
            self.frames_of(&place.direction).any(|other| {
                let (_, end) = self.range(&other);
                end > start && !self.is_seen(&place.direction, start.max(self.range(&other).0), end)
            })
        })
    }

    /// Payload before this frame in its stream is lost.
    pub fn payload_before(&self, frame: u64) -> bool {
        self.place(frame).is_some_and(|place| {
            let (start, _) = self.range(&place);
            self.frames_of(&place.direction).any(|other| {
                let (from, to) = self.range(&other);
                other.payload > 0 && to <= start && !self.is_seen(&place.direction, from, to)
            })
        })
    }

    /// How a connection of this frame ended is lost: a FIN of either side, or an RST.
    pub fn touches_end(&self, frame: u64) -> bool {
        self.place(frame).is_some_and(|place| {
            let back = (place.direction.1, place.direction.0);
            [place.direction, back].iter().any(|direction| {
                self.resets.contains(direction)
                    || self.frames_of(direction).any(|other| {
                        let (from, to) = self.range(&other);
                        other.flags & FIN != 0 && !self.is_seen(direction, to - 1, to) && from < to
                    })
            })
        })
    }

    fn frames_of(&self, direction: &Direction) -> impl Iterator<Item = Place> {
        let records = self.recording.records.iter();
        records
            .filter_map(|record| record.place)
            .filter(move |place| place.direction == *direction)
    }
}
