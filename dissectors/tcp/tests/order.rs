//! Segmentation does not matter: whatever happens to the segments on their way, the same bytes come out.

use proptest::prelude::*;
use tcp::{GapCause, Limits, Overlap, Reassembler, Segment, Sink};

/// What came out.
#[derive(Debug, Default, PartialEq, Eq)]
struct Taken {
    bytes: Vec<u8>,
    gaps: Vec<(u64, u64, GapCause)>,
    finished: bool,
    /// The frame of every byte.
    tokens: Vec<u64>,
}

impl Sink for Taken {
    fn bytes(&mut self, offset: u64, bytes: &[u8], token: u64, _time_ns: i64) {
        let skipped: u64 = self.gaps.iter().map(|(_, missing, _)| missing).sum();
        assert_eq!(
            offset,
            self.bytes.len() as u64 + skipped,
            "offsets follow each other"
        );
        self.bytes.extend_from_slice(bytes);
        self.tokens.extend(std::iter::repeat_n(token, bytes.len()));
    }

    fn gap(&mut self, offset: u64, missing: u64, cause: GapCause) {
        self.gaps.push((offset, missing, cause));
    }

    fn fin(&mut self, _offset: u64, _token: u64, _time_ns: i64) {
        assert!(!self.finished, "one end only");
        self.finished = true;
    }

    fn remembered(&self, offset: u64, length: usize) -> Option<&[u8]> {
        let start = usize::try_from(offset).ok()?;
        self.bytes.get(start..start + length)
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
        time_ns: token as i64 * 1000,
    }
}

/// A stream that began with SYN at `initial`.
fn begun(initial: u32, overlap: Overlap) -> Reassembler {
    let mut reassembler = Reassembler::new(overlap);
    reassembler.syn(initial);
    reassembler
}

fn feed(reassembler: &mut Reassembler, taken: &mut Taken, segments: &[(u32, &[u8])]) {
    for (token, (sequence, payload)) in segments.iter().enumerate() {
        reassembler.segment(
            &segment(*sequence, payload, token as u64 + 1),
            &Limits::default(),
            taken,
        );
    }
}

#[test]
fn in_order() {
    let (mut reassembler, mut taken) = (begun(99, Overlap::First), Taken::default());
    feed(
        &mut reassembler,
        &mut taken,
        &[(100, b"abc"), (103, b"def")],
    );
    assert_eq!(taken.bytes, b"abcdef");
    assert_eq!(taken.tokens, [1, 1, 1, 2, 2, 2]);
    assert_eq!(reassembler.counters().payload_bytes, 6);
}

#[test]
fn late_segments_are_put_in_place_and_counted() {
    let (mut reassembler, mut taken) = (begun(99, Overlap::First), Taken::default());
    feed(
        &mut reassembler,
        &mut taken,
        &[(103, b"def"), (106, b"ghi"), (100, b"abc")],
    );
    assert_eq!(taken.bytes, b"abcdefghi");
    assert_eq!(reassembler.counters().out_of_order, 1);
    assert_eq!(reassembler.counters().retransmissions, 0);
}

#[test]
fn repeats_are_dropped_and_counted() {
    let (mut reassembler, mut taken) = (begun(99, Overlap::First), Taken::default());
    feed(
        &mut reassembler,
        &mut taken,
        &[(100, b"abc"), (100, b"abc"), (101, b"bcdef"), (106, b"g")],
    );
    assert_eq!(taken.bytes, b"abcdefg");
    let counters = reassembler.counters();
    assert_eq!(
        (
            counters.retransmissions,
            counters.overlap_conflicts,
            counters.payload_bytes
        ),
        (2, 0, 7)
    );
}

#[test]
fn a_keep_alive_is_no_retransmission() {
    let (mut reassembler, mut taken) = (begun(99, Overlap::First), Taken::default());
    feed(
        &mut reassembler,
        &mut taken,
        &[(100, b"abc"), (102, b"\0"), (103, b"d")],
    );
    assert_eq!(taken.bytes, b"abcd");
    let counters = reassembler.counters();
    assert_eq!((counters.keep_alives, counters.retransmissions), (1, 0));
}

#[test]
fn contradicting_repeats_are_conflicts_and_the_policy_decides() {
    for (overlap, wanted) in [(Overlap::First, b"abcdef"), (Overlap::Last, b"abcXXX")] {
        let (mut reassembler, mut taken) = (begun(99, overlap), Taken::default());
        feed(
            &mut reassembler,
            &mut taken,
            &[(103, b"def"), (103, b"XXX"), (100, b"abc")],
        );
        assert_eq!(&taken.bytes, wanted);
        assert_eq!(reassembler.counters().overlap_conflicts, 1);
    }
    // What was given out stays, whatever the policy.
    let (mut reassembler, mut taken) = (begun(99, Overlap::Last), Taken::default());
    feed(
        &mut reassembler,
        &mut taken,
        &[(100, b"abc"), (100, b"XbcY")],
    );
    assert_eq!(taken.bytes, b"abcY");
    assert_eq!(reassembler.counters().overlap_conflicts, 1);
}

#[test]
fn a_hole_is_given_up_once_it_was_acknowledged_and_the_skew_is_over() {
    let limits = Limits::default();
    let (mut reassembler, mut taken) = (begun(99, Overlap::First), Taken::default());
    reassembler.segment(&segment(100, b"abc", 1), &limits, &mut taken);
    reassembler.segment(&segment(106, b"ghi", 2), &limits, &mut taken);
    reassembler.acknowledged(109, 3_000, &limits, &mut taken);
    assert!(
        taken.gaps.is_empty(),
        "within the mirror's skew the bytes may still come"
    );
    reassembler.acknowledged(109, 200_000_000, &limits, &mut taken);
    assert!(taken.gaps.is_empty(), "within 64 packets as well");
    for packet in 0..64 {
        reassembler.acknowledged(109, 200_000_000 + packet, &limits, &mut taken);
    }
    assert_eq!(taken.gaps, [(3, 3, GapCause::Lost)]);
    assert_eq!(taken.bytes, b"abcghi");
}

#[test]
fn data_that_is_acknowledged_before_it_is_captured_makes_no_gap() {
    let limits = Limits::default();
    let (mut reassembler, mut taken) = (begun(99, Overlap::First), Taken::default());
    for packet in 0..60 {
        reassembler.acknowledged(106, packet * 1000, &limits, &mut taken);
    }
    reassembler.segment(&segment(100, b"abcdef", 1), &limits, &mut taken);
    assert_eq!(
        (taken.bytes.as_slice(), taken.gaps.len()),
        (b"abcdef".as_slice(), 0)
    );
}

#[test]
fn the_acknowledgment_of_a_fin_that_was_not_captured_is_no_hole() {
    let limits = Limits::default();
    let (mut reassembler, mut taken) = (begun(99, Overlap::First), Taken::default());
    reassembler.segment(&segment(100, b"abc", 1), &limits, &mut taken);
    for packet in 0..200 {
        reassembler.acknowledged(104, packet * 10_000_000, &limits, &mut taken);
    }
    reassembler.flush(&limits, &mut taken);
    assert!(taken.gaps.is_empty());
}

#[test]
fn what_the_snap_length_cut_is_a_gap_of_its_own_kind() {
    let (mut reassembler, mut taken) = (begun(99, Overlap::First), Taken::default());
    let cut = Segment {
        missing: 2,
        ..segment(100, b"abc", 1)
    };
    reassembler.segment(&cut, &Limits::default(), &mut taken);
    reassembler.segment(&segment(105, b"fg", 2), &Limits::default(), &mut taken);
    assert_eq!(taken.gaps, [(3, 2, GapCause::SnapLength)]);
    assert_eq!(taken.bytes, b"abcfg");
}

#[test]
fn a_segment_cut_to_nothing_among_those_that_wait_hides_none_of_them() {
    let (mut reassembler, mut taken) = (begun(99, Overlap::Last), Taken::default());
    let cut = Segment {
        missing: 6,
        ..segment(104, b"", 2)
    };
    for segment in [
        segment(103, b"def", 1),
        cut,
        segment(104, b"EF", 3),
        segment(100, b"abc", 4),
    ] {
        reassembler.segment(&segment, &Limits::default(), &mut taken);
    }
    assert_eq!(taken.bytes, b"abcdEF");
    assert_eq!(taken.tokens, [4, 4, 4, 1, 3, 3]);
    assert_eq!(taken.gaps, [(6, 4, GapCause::SnapLength)]);
    assert_eq!(reassembler.counters().retransmissions, 1);
    assert_eq!(reassembler.buffered_bytes(), 0);
}

#[test]
fn too_much_behind_a_hole_gives_it_up() {
    let limits = Limits {
        waiting_bytes_max: 10,
        ..Limits::default()
    };
    let (mut reassembler, mut taken) = (begun(99, Overlap::First), Taken::default());
    reassembler.segment(&segment(200, b"0123456789", 1), &limits, &mut taken);
    assert!(taken.gaps.is_empty());
    reassembler.segment(&segment(210, b"x", 2), &limits, &mut taken);
    assert_eq!(taken.gaps, [(0, 100, GapCause::Lost)]);
    assert_eq!(reassembler.counters().waiting_limit, 1);
    assert_eq!(reassembler.buffered_bytes(), 0);
}

#[test]
fn mid_stream_waits_for_its_anchor() {
    let limits = Limits::default();
    let (mut reassembler, mut taken) = (Reassembler::new(Overlap::First), Taken::default());
    reassembler.segment(&segment(103, b"def", 1), &limits, &mut taken);
    reassembler.segment(&segment(100, b"abc", 2), &limits, &mut taken);
    assert!(taken.bytes.is_empty());
    reassembler.acknowledged(106, 5, &limits, &mut taken);
    assert_eq!(taken.bytes, b"abcdef");
    let (mut reassembler, mut taken) = (Reassembler::new(Overlap::First), Taken::default());
    reassembler.segment(&segment(97, b"xyz", 1), &limits, &mut taken);
    reassembler.segment(&segment(100, b"POST", 2), &limits, &mut taken);
    reassembler.anchor_at(100, &limits, &mut taken);
    assert_eq!(taken.bytes, b"POST");
}

#[test]
fn fin_waits_for_the_bytes_before_it() {
    let limits = Limits::default();
    let (mut reassembler, mut taken) = (begun(99, Overlap::First), Taken::default());
    let fin = Segment {
        fin: true,
        ..segment(103, b"def", 1)
    };
    reassembler.segment(&fin, &limits, &mut taken);
    assert!(!taken.finished);
    reassembler.segment(&segment(100, b"abc", 2), &limits, &mut taken);
    assert!(taken.finished && reassembler.is_finished());
    assert_eq!(taken.bytes, b"abcdef");
}

#[test]
fn fin_alone_waits_for_the_bytes_before_it() {
    let limits = Limits::default();
    let (mut reassembler, mut taken) = (begun(99, Overlap::First), Taken::default());
    let fin = Segment {
        fin: true,
        ..segment(103, b"", 1)
    };
    reassembler.segment(&fin, &limits, &mut taken);
    reassembler.segment(&segment(100, b"abc", 2), &limits, &mut taken);
    assert!(taken.finished && reassembler.is_finished());
}

#[test]
fn counting_alone_counts_the_same() {
    let segments: &[(u32, &[u8])] = &[
        (103, b"def"),
        (100, b"abc"),
        (100, b"abc"),
        (110, b"k"),
        (106, b"ghij"),
    ];
    let (mut full, mut taken) = (begun(99, Overlap::First), Taken::default());
    feed(&mut full, &mut taken, segments);
    let (mut counting, mut nothing) = (begun(99, Overlap::First), Taken::default());
    counting.count_only();
    feed(&mut counting, &mut nothing, segments);
    assert_eq!(full.counters(), counting.counters());
    assert!(nothing.bytes.is_empty());
    assert_eq!(counting.buffered_bytes(), 0);
}

/// What a network does to the segments of a stream, all of it harmless.
#[derive(Debug, Clone)]
struct Journey {
    bytes: Vec<u8>,
    initial: u32,
    /// Lengths of the segments, used in turn.
    lengths: Vec<usize>,
    /// Moves a segment back by so many places.
    delays: Vec<usize>,
    /// Repeats of ranges (start, length), after so many segments.
    repeats: Vec<(usize, usize, usize)>,
    keep_alives: Vec<usize>,
}

fn journey() -> impl Strategy<Value = Journey> {
    (
        proptest::collection::vec(any::<u8>(), 1..2000),
        // Near the wrap more often than not.
        prop_oneof![any::<u32>(), (u32::MAX - 1500)..=u32::MAX],
        proptest::collection::vec(1_usize..300, 1..10),
        proptest::collection::vec(0_usize..6, 1..10),
        proptest::collection::vec((0_usize..2000, 1_usize..400, 0_usize..40), 0..6),
        proptest::collection::vec(0_usize..40, 0..4),
    )
        .prop_map(
            |(bytes, initial, lengths, delays, repeats, keep_alives)| Journey {
                bytes,
                initial,
                lengths,
                delays,
                repeats,
                keep_alives,
            },
        )
}

impl Journey {
    /// The segments as they arrive: offset and length.
    fn segments(&self) -> Vec<(usize, usize)> {
        let mut segments = Vec::new();
        let mut offset = 0;
        for length in self.lengths.iter().cycle() {
            if offset >= self.bytes.len() {
                break;
            }
            let length = (*length).min(self.bytes.len() - offset);
            segments.push((offset, length));
            offset += length;
        }
        // A segment arrives up to five places late, as on paths that reorder; more is loss for a while.
        let mut late: Vec<(usize, (usize, usize))> = Vec::new();
        for (index, (segment, delay)) in segments
            .into_iter()
            .zip(self.delays.iter().cycle())
            .enumerate()
        {
            late.push((index + delay, segment));
        }
        late.sort_by_key(|(place, _)| *place);
        let mut segments: Vec<(usize, usize)> =
            late.into_iter().map(|(_, segment)| segment).collect();
        for (start, length, after) in &self.repeats {
            let start = start % self.bytes.len();
            let length = (*length).min(self.bytes.len() - start);
            segments.insert(after % (segments.len() + 1), (start, length));
        }
        segments
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_on_the_way_the_same_bytes_come_out(journey in journey(), last in any::<bool>()) {
        let overlap = if last { Overlap::Last } else { Overlap::First };
        let limits = Limits::default();
        let (mut reassembler, mut taken) = (begun(journey.initial, overlap), Taken::default());
        let first = journey.initial.wrapping_add(1);
        for (token, (offset, length)) in journey.segments().into_iter().enumerate() {
            let payload = &journey.bytes[offset..offset + length];
            let sequence = first.wrapping_add(offset as u32);
            reassembler.segment(&segment(sequence, payload, token as u64), &limits, &mut taken);
            if journey.keep_alives.contains(&token) {
                let next = first.wrapping_add(reassembler.offset() as u32);
                reassembler.segment(&segment(next.wrapping_sub(1), b"", 0), &limits, &mut taken);
                if let Some(byte) = taken.bytes.last().copied() {
                    reassembler.segment(&segment(next.wrapping_sub(1), &[byte], 0), &limits, &mut taken);
                }
            }
        }
        prop_assert_eq!(&taken.bytes, &journey.bytes);
        prop_assert!(taken.gaps.is_empty());
        prop_assert_eq!(reassembler.counters().overlap_conflicts, 0);
        prop_assert_eq!(reassembler.counters().payload_bytes, journey.bytes.len() as u64);
        prop_assert_eq!(reassembler.buffered_bytes(), 0);
    }

    #[test]
    fn arbitrary_segments_never_panic_and_stay_bounded(
        segments in proptest::collection::vec((any::<u32>(), 0_usize..200, any::<bool>(), 0_u32..100, any::<u32>()), 0..60),
        syn in any::<Option<u32>>(),
    ) {
        let limits = Limits { waiting_bytes_max: 1000, ..Limits::default() };
        let mut reassembler = Reassembler::new(Overlap::Last);
        let mut taken = Untold;
        if let Some(syn) = syn {
            reassembler.syn(syn);
        }
        let payload = [7; 200];
        for (token, (sequence, length, fin, missing, acknowledged)) in segments.into_iter().enumerate() {
            let time_ns = token as i64 * 50_000_000;
            let segment = Segment { sequence, fin, payload: &payload[..length], missing, acknowledgment: None, token: 0, time_ns };
            reassembler.segment(&segment, &limits, &mut taken);
            reassembler.acknowledged(acknowledged, time_ns, &limits, &mut taken);
            prop_assert!(reassembler.buffered_bytes() <= 1000);
        }
        reassembler.flush(&limits, &mut taken);
        prop_assert_eq!(reassembler.buffered_bytes(), 0);
    }
}

/// Takes everything and keeps nothing.
struct Untold;

impl Sink for Untold {
    fn bytes(&mut self, _: u64, _: &[u8], _: u64, _: i64) {}
    fn gap(&mut self, _: u64, _: u64, _: GapCause) {}
    fn fin(&mut self, _: u64, _: u64, _: i64) {}
}

#[test]
fn what_is_known_to_be_missing_is_a_gap_at_once() {
    let (mut reassembler, mut taken) = (begun(99, Overlap::First), Taken::default());
    feed(&mut reassembler, &mut taken, &[(100, b"abc")]);
    reassembler.lost(5, &mut taken);
    feed(&mut reassembler, &mut taken, &[(108, b"def")]);
    assert_eq!(taken.bytes, b"abcdef");
    assert_eq!(taken.gaps, [(3, 5, GapCause::Lost)]);
    // What waits was not lost: only the bytes before it are.
    feed(&mut reassembler, &mut taken, &[(113, b"ghi")]);
    reassembler.lost(100, &mut taken);
    assert_eq!(taken.bytes, b"abcdefghi");
    assert_eq!(
        taken.gaps,
        [(3, 5, GapCause::Lost), (11, 2, GapCause::Lost)]
    );
    let counters = reassembler.counters();
    assert_eq!((counters.gaps, counters.gap_bytes), (2, 7));
    // Of a stream that has not begun, nothing is known.
    Reassembler::new(Overlap::First).lost(1, &mut taken);
    assert_eq!(taken.gaps.len(), 2);
}

#[test]
fn nothing_comes_behind_the_end() {
    let limits = Limits::default();
    let (mut reassembler, mut taken) = (begun(99, Overlap::First), Taken::default());
    reassembler.segment(&segment(100, b"abc", 1), &limits, &mut taken);
    // An acknowledgment of bytes that never were, then FIN: the hole is none.
    reassembler.acknowledged(200, 0, &limits, &mut taken);
    let fin = Segment {
        fin: true,
        time_ns: 10 * limits.hole_ns_max,
        ..segment(103, b"", 2)
    };
    reassembler.segment(&fin, &limits, &mut taken);
    assert!(taken.finished && taken.gaps.is_empty(), "{taken:?}");
    assert_eq!(reassembler.counters().gaps, 0);
}
