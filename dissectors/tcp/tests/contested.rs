//! Bytes that come twice and are not the same: both versions are told, each with its frame.

use proptest::prelude::*;
use tcp::{Conflict, GapCause, Limits, Overlap, Reassembler, Segment, Sink};

/// What came out.
#[derive(Debug, Default)]
struct Taken {
    bytes: Vec<u8>,
    tokens: Vec<u64>,
    conflicts: Vec<Told>,
}

/// A conflict: offset, length, the bytes that count with their frame, the others with theirs.
type Told = (u64, u64, Vec<u8>, Option<u64>, Vec<u8>, u64);

impl Sink for Taken {
    fn bytes(&mut self, _offset: u64, bytes: &[u8], token: u64, _time_ns: i64) {
        self.bytes.extend_from_slice(bytes);
        self.tokens.extend(std::iter::repeat_n(token, bytes.len()));
    }

    fn gap(&mut self, _offset: u64, missing: u64, _cause: GapCause) {
        let missing = usize::try_from(missing).unwrap_or(0);
        self.bytes.extend(std::iter::repeat_n(b'?', missing));
        self.tokens.extend(std::iter::repeat_n(0, missing));
    }

    fn fin(&mut self, _offset: u64, _token: u64, _time_ns: i64) {}

    fn remembered(&self, offset: u64, length: usize) -> Option<&[u8]> {
        let start = usize::try_from(offset).ok()?;
        self.bytes.get(start..start + length)
    }

    fn conflict(&mut self, conflict: &Conflict<'_>) {
        self.conflicts.push((
            conflict.offset,
            conflict.length,
            conflict.kept.to_vec(),
            conflict.kept_token,
            conflict.other.to_vec(),
            conflict.other_token,
        ));
    }
}

fn segment(sequence: u32, payload: &[u8], token: u64) -> Segment<'_> {
    Segment {
        sequence,
        fin: false,
        payload,
        missing: 0,
        acknowledgment: None,
        token,
        time_ns: 0,
    }
}

/// What comes of these segments, numbered from 1, in a stream whose first byte has the number 100.
fn read(overlap: Overlap, segments: &[(u32, &[u8])]) -> Taken {
    let (mut reassembler, mut taken) = (Reassembler::new(overlap), Taken::default());
    reassembler.syn(99);
    for (token, (sequence, payload)) in (1..).zip(segments) {
        let segment = segment(*sequence, payload, token);
        reassembler.segment(&segment, &Limits::default(), &mut taken);
    }
    reassembler.flush(&Limits::default(), &mut taken);
    assert_eq!(reassembler.buffered_bytes(), 0);
    taken
}

fn told(offset: u64, kept: &[u8], kept_token: Option<u64>, other: &[u8], other_token: u64) -> Told {
    let (kept, other) = (kept.to_vec(), other.to_vec());
    (
        offset,
        other.len() as u64,
        kept,
        kept_token,
        other,
        other_token,
    )
}

#[test]
fn both_versions_of_what_waits_are_told_with_their_frames() {
    let segments: &[(u32, &[u8])] = &[(103, b"defg"), (103, b"dXYg"), (100, b"abc")];
    let first = read(Overlap::First, segments);
    assert_eq!(first.bytes, b"abcdefg");
    assert_eq!(first.conflicts, [told(4, b"ef", Some(1), b"XY", 2)]);
    let last = read(Overlap::Last, segments);
    assert_eq!(last.bytes, b"abcdXYg");
    assert_eq!(last.conflicts, [told(4, b"XY", Some(2), b"ef", 1)]);
}

#[test]
fn a_segment_that_fills_the_hole_and_contradicts_what_waits_behind_it() {
    let segments: &[(u32, &[u8])] = &[(103, b"def"), (100, b"abcXe")];
    let first = read(Overlap::First, segments);
    assert_eq!(first.bytes, b"abcdef");
    assert_eq!(first.conflicts, [told(3, b"d", Some(1), b"X", 2)]);
    let last = read(Overlap::Last, segments);
    assert_eq!(last.bytes, b"abcXef");
    assert_eq!(last.conflicts, [told(3, b"X", Some(2), b"d", 1)]);
}

#[test]
fn what_was_given_out_stays_and_the_frame_of_its_bytes_is_the_sinks_to_know() {
    for overlap in [Overlap::First, Overlap::Last] {
        let taken = read(overlap, &[(100, b"abcdef"), (101, b"bXd"), (106, b"g")]);
        assert_eq!(taken.bytes, b"abcdefg");
        assert_eq!(taken.conflicts, [told(2, b"c", None, b"X", 2)]);
    }
}

#[test]
fn a_version_over_several_pieces_is_told_piece_by_piece() {
    // One frame contradicts two others, whose bytes both count.
    let taken = read(
        Overlap::First,
        &[(103, b"de"), (105, b"fg"), (103, b"1234"), (100, b"abc")],
    );
    assert_eq!(taken.bytes, b"abcdefg");
    let expected = [
        told(3, b"de", Some(1), b"12", 3),
        told(5, b"fg", Some(2), b"34", 3),
    ];
    assert_eq!(taken.conflicts, expected);
}

#[test]
fn a_part_of_a_version_is_told_from_its_first_to_its_last_difference() {
    // What differs is from c to j; the pieces that are read part it where both agree.
    let taken = read(
        Overlap::First,
        &[
            (102, b"cdef"),
            (106, b"ghij"),
            (102, b"XdefghiX"),
            (100, b"ab"),
        ],
    );
    assert_eq!(taken.bytes, b"abcdefghij");
    let expected = [
        told(2, b"c", Some(1), b"X", 3),
        told(9, b"j", Some(2), b"X", 3),
    ];
    assert_eq!(taken.conflicts, expected);
}

#[test]
fn what_came_back_as_it_was_is_no_contradiction_of_itself() {
    let taken = read(
        Overlap::Last,
        &[(103, b"def"), (103, b"XXX"), (103, b"def"), (100, b"abc")],
    );
    assert_eq!(taken.bytes, b"abcdef");
    assert_eq!(taken.conflicts, [told(3, b"def", Some(3), b"XXX", 2)]);
}

#[test]
fn contradictions_before_the_beginning_is_known_have_the_right_place() {
    let (mut reassembler, mut taken) = (Reassembler::new(Overlap::First), Taken::default());
    let limits = Limits::default();
    for (token, (sequence, payload)) in (1..).zip([(106, "ghi"), (106, "gXi"), (103, "def")]) {
        let segment = segment(sequence, payload.as_bytes(), token);
        reassembler.segment(&segment, &limits, &mut taken);
    }
    assert!(taken.conflicts.is_empty());
    reassembler.syn(99);
    reassembler.segment(&segment(100, b"abc", 4), &limits, &mut taken);
    assert_eq!(taken.bytes, b"abcdefghi");
    assert_eq!(taken.conflicts, [told(7, b"h", Some(1), b"X", 2)]);
}

#[test]
fn bytes_that_lost_before_they_came_are_told_and_never_read() {
    let (mut reassembler, mut taken) = (Reassembler::new(Overlap::Last), Taken::default());
    let limits = Limits::default();
    reassembler.syn(99);
    let lost = Segment {
        missing: 100,
        ..segment(102, b"XY", 7)
    };
    reassembler.contradicted(&lost);
    assert!(taken.conflicts.is_empty() && taken.bytes.is_empty());
    reassembler.segment(&segment(100, b"abcdef", 8), &limits, &mut taken);
    assert_eq!(taken.bytes, b"abcdef");
    let expected = (2, 4, b"cd".to_vec(), Some(8), b"XY".to_vec(), 7);
    assert_eq!(taken.conflicts, [expected]);
    assert_eq!(
        reassembler.counters().overlap_conflicts,
        0,
        "counted where it was decided"
    );
}

#[test]
fn what_is_kept_is_bounded_and_everything_counted() {
    let (mut reassembler, mut taken) = (Reassembler::new(Overlap::First), Taken::default());
    let limits = Limits::default();
    reassembler.syn(99);
    reassembler.segment(&segment(101, &[1; 1000], 0), &limits, &mut taken);
    let before = reassembler.buffered_bytes();
    for token in 1..=500 {
        reassembler.segment(&segment(101, &[2; 1000], token), &limits, &mut taken);
    }
    assert!(reassembler.buffered_bytes() - before < 10_000);
    reassembler.segment(&segment(100, &[0], 501), &limits, &mut taken);
    assert_eq!(reassembler.counters().overlap_conflicts, 500);
    assert_eq!(taken.conflicts.len(), 64);
    for (offset, length, kept, _, other, _) in &taken.conflicts {
        assert_eq!((*offset, *length), (1, 1000));
        assert_eq!(
            (kept.as_slice(), other.as_slice()),
            (&[1; 64][..], &[2; 64][..])
        );
    }
}

#[test]
fn what_stands_in_a_gap_is_forgotten() {
    let (mut reassembler, mut taken) = (Reassembler::new(Overlap::First), Taken::default());
    let limits = Limits::default();
    reassembler.syn(99);
    reassembler.contradicted(&segment(100, b"XY", 1));
    reassembler.lost(10, &mut taken);
    reassembler.segment(&segment(110, b"ab", 2), &limits, &mut taken);
    assert!(taken.conflicts.is_empty());
    assert_eq!(reassembler.buffered_bytes(), 0);
}

proptest! {
    /// Segments of two kinds of bytes contradict each other all the time: each byte that was sent and not read is told,
    /// with a frame that carried it, and what is told is true.
    #[test]
    fn every_byte_that_was_not_read_is_told(
        segments in prop::collection::vec((1_u32..60, prop::collection::vec(0_u8..2, 1..30)), 1..12),
        last in any::<bool>(),
    ) {
        let overlap = if last { Overlap::Last } else { Overlap::First };
        let mut all: Vec<(u32, &[u8])> = segments.iter().map(|(at, payload)| (100 + at, payload.as_slice())).collect();
        // The first byte comes last, so that everything waits for it.
        all.push((100, b"\0"));
        let taken = read(overlap, &all);
        let mut places = std::collections::BTreeSet::new();
        for (offset, length, kept, kept_token, other, other_token) in &taken.conflicts {
            let at = *offset as usize;
            prop_assert_ne!(kept.first(), other.first());
            prop_assert_ne!(kept.last(), other.last());
            prop_assert_eq!(*length as usize, other.len());
            prop_assert_eq!(kept.as_slice(), &taken.bytes[at..at + kept.len()]);
            prop_assert!(taken.tokens[at..at + kept.len()].iter().all(|token| Some(*token) == *kept_token));
            let (sequence, payload) = all[*other_token as usize - 1];
            let from = at - (sequence - 100) as usize;
            prop_assert_eq!(other.as_slice(), &payload[from..from + other.len()]);
            places.extend((at..).zip(other.iter().copied()));
        }
        for (sequence, payload) in &all {
            for (at, byte) in ((*sequence - 100) as usize..).zip(payload.iter().copied()) {
                let is_read = taken.bytes[at] == byte;
                prop_assert!(is_read || places.contains(&(at, byte)), "byte {} of {}", at, sequence);
            }
        }
    }
}
