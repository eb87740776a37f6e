//! Packets out of fragments: any order, overlaps, floods; and the fragments of the shared captures.

mod reading;

use std::net::IpAddr;

use link::{
    Contradiction, Datagram, Decoded, DefragmentLimits, Defragmenter, Fragment, Overlap, Payload,
    Tunnels, decode,
};
use proptest::prelude::*;
use reading::{frames_of, shared_files};

fn fragment(offset: u32, more: bool, payload: &[u8]) -> Fragment<'_> {
    Fragment {
        source: IpAddr::from([192, 0, 2, 1]),
        destination: IpAddr::from([192, 0, 2, 2]),
        identification: 7,
        protocol: 17,
        offset,
        more,
        payload,
        missing: 0,
        tunnels: Tunnels::default(),
    }
}

/// A UDP datagram of 8 + 92 bytes, cut into pieces of 8, 24, 16, 32 and 20 bytes.
fn pieces(datagram: &[u8]) -> Vec<Fragment<'_>> {
    let (mut pieces, mut rest, mut offset) = (Vec::new(), datagram, 0);
    for length in [8, 24, 16, 32, 20] {
        let Some((piece, after)) = rest.split_at_checked(length) else {
            break;
        };
        pieces.push(fragment(offset, !after.is_empty(), piece));
        rest = after;
        offset += length as u32;
    }
    pieces
}

fn datagram() -> Vec<u8> {
    let mut bytes = vec![0x0d, 0x96, 0x0d, 0x96, 0, 100, 0, 0];
    bytes.extend(0..92);
    bytes
}

/// Every order of the numbers below `count`.
fn permutations(count: usize) -> Vec<Vec<usize>> {
    let mut orders = vec![Vec::new()];
    for next in 0..count {
        orders = orders
            .iter()
            .flat_map(|order| {
                (0..=order.len()).map(move |at| {
                    let mut order = order.clone();
                    order.insert(at, next);
                    order
                })
            })
            .collect();
    }
    orders
}

#[test]
fn any_order_gives_the_same_packet_and_names_the_frames() {
    let bytes = datagram();
    let pieces = pieces(&bytes);
    let orders = permutations(pieces.len());
    assert_eq!(orders.len(), 120);
    for order in orders {
        let mut defragmenter = Defragmenter::new(DefragmentLimits::default());
        let given: Vec<Datagram> = order
            .iter()
            .filter_map(|at| defragmenter.push(pieces.get(*at)?, *at as u64, 0))
            .collect();
        let [whole] = given.as_slice() else {
            panic!("{order:?} gave {given:?}")
        };
        assert_eq!(whole.bytes, bytes);
        let tokens: Vec<u64> = whole.pieces.iter().map(|piece| piece.token).collect();
        assert_eq!(tokens, [0, 1, 2, 3, 4]);
        let Payload::Udp(udp) = whole.payload() else {
            panic!("{whole:?}")
        };
        assert_eq!(
            (udp.source_port, udp.payload.len(), udp.missing),
            (3478, 92, 0)
        );
        assert_eq!(
            (
                defragmenter.buffered_bytes(),
                defragmenter.conflicts(),
                whole.conflicts
            ),
            (0, 0, 0)
        );
    }
}

#[test]
fn overlaps_that_agree_are_no_conflict_and_the_first_keeps_its_bytes() {
    let bytes = datagram();
    let part = |from: usize, to: usize| bytes.get(from..to).unwrap_or_default();
    let mut defragmenter = Defragmenter::new(DefragmentLimits::default());
    assert!(
        defragmenter
            .push(&fragment(24, true, part(24, 56)), 1, 0)
            .is_none()
    );
    assert!(
        defragmenter
            .push(&fragment(24, true, part(24, 56)), 2, 0)
            .is_none()
    );
    assert!(
        defragmenter
            .push(&fragment(32, true, part(32, 40)), 3, 0)
            .is_none()
    );
    assert!(
        defragmenter
            .push(&fragment(48, false, part(48, 100)), 4, 0)
            .is_none()
    );
    let Some(whole) = defragmenter.push(&fragment(0, true, part(0, 32)), 5, 0) else {
        panic!()
    };
    assert_eq!(whole.bytes, bytes);
    let places: Vec<_> = whole
        .pieces
        .iter()
        .map(|piece| (piece.offset, piece.length, piece.token))
        .collect();
    assert_eq!(places, [(0, 24, 5), (24, 32, 1), (56, 44, 4)]);
    assert_eq!(
        (
            defragmenter.duplicates(),
            defragmenter.conflicts(),
            whole.conflicts
        ),
        (2, 0, 0)
    );
}

#[test]
fn of_overlaps_that_contradict_one_version_is_read_and_the_other_kept() {
    let bytes = datagram();
    let part = |from: usize, to: usize| bytes.get(from..to).unwrap_or_default();
    for (overlap, read, other, tokens) in [
        (Overlap::First, part(40, 48), [0xee; 8].as_slice(), [1, 2]),
        (Overlap::Last, [0xee; 8].as_slice(), part(40, 48), [2, 1]),
    ] {
        let limits = DefragmentLimits::default();
        let mut defragmenter = Defragmenter::new(limits).with_overlap(overlap);
        for (number, fragment) in [
            (1, fragment(0, true, part(0, 48))),
            (2, fragment(40, true, &[0xee; 16])),
        ] {
            assert!(defragmenter.push(&fragment, number, 0).is_none());
        }
        let Some(whole) = defragmenter.push(&fragment(56, false, part(56, 100)), 3, 0) else {
            panic!()
        };
        assert_eq!(whole.bytes.get(..40), bytes.get(..40));
        assert_eq!(whole.bytes.get(40..48), Some(read));
        assert_eq!(whole.bytes.get(48..56), Some(&[0xee; 8][..]));
        assert_eq!((whole.conflicts, defragmenter.conflicts()), (1, 1));
        let kept = Contradiction {
            offset: 40,
            length: 8,
            bytes: other.to_vec(),
            token: tokens[1],
        };
        assert_eq!(whole.contradictions, [kept]);
        assert_eq!(token_at(&whole, 40), Some(tokens[0]));
    }
}

/// The frame that carried a byte of the packet.
fn token_at(datagram: &Datagram, offset: u32) -> Option<u64> {
    let mut pieces = datagram.pieces.iter();
    let piece = pieces.find(|piece| (piece.offset..piece.offset + piece.length).contains(&offset));
    piece.map(|piece| piece.token)
}

#[test]
fn what_is_kept_of_contradictions_is_bounded_and_all_are_counted() {
    let mut defragmenter =
        Defragmenter::new(DefragmentLimits::default()).with_overlap(Overlap::Last);
    for round in 0..200 {
        let bytes = [round; 512];
        assert!(
            defragmenter
                .push(&fragment(0, true, &bytes), u64::from(round), 0)
                .is_none()
        );
    }
    let Some(whole) = defragmenter.push(&fragment(512, false, &[0; 8]), 200, 0) else {
        panic!()
    };
    assert_eq!((whole.conflicts, whole.contradictions.len()), (199, 16));
    let kept = |one: &Contradiction| one.bytes.len() == 64 && one.length == 512;
    assert!(whole.contradictions.iter().all(kept));
    assert_eq!(whole.bytes.first(), Some(&199));
}

#[test]
fn ends_that_contradict_and_ends_beyond_any_packet_are_refused() {
    let mut defragmenter = Defragmenter::new(DefragmentLimits::default());
    assert!(
        defragmenter
            .push(&fragment(80, false, &[1; 20]), 1, 0)
            .is_none()
    );
    assert!(
        defragmenter
            .push(&fragment(96, false, &[1; 20]), 2, 0)
            .is_none()
    );
    assert!(
        defragmenter
            .push(&fragment(96, true, &[1; 24]), 3, 0)
            .is_none()
    );
    assert!(
        defragmenter
            .push(&fragment(65_528, true, &[1; 24]), 4, 0)
            .is_none()
    );
    assert_eq!(defragmenter.conflicts(), 3);
    let Some(whole) = defragmenter.push(&fragment(0, true, &[2; 80]), 5, 0) else {
        panic!()
    };
    assert_eq!((whole.bytes.len(), whole.conflicts), (100, 3));
}

#[test]
fn a_last_fragment_that_the_snap_length_cut_leaves_bytes_missing() {
    let bytes = datagram();
    let part = |from: usize, to: usize| bytes.get(from..to).unwrap_or_default();
    let mut defragmenter = Defragmenter::new(DefragmentLimits::default());
    let cut = Fragment {
        missing: 44,
        ..fragment(40, false, part(40, 56))
    };
    assert!(defragmenter.push(&cut, 1, 0).is_none());
    let Some(whole) = defragmenter.push(&fragment(0, true, part(0, 40)), 2, 0) else {
        panic!()
    };
    assert_eq!((whole.bytes.len(), whole.missing), (56, 44));
    let Payload::Udp(udp) = whole.payload() else {
        panic!("{whole:?}")
    };
    assert_eq!((udp.payload.len(), udp.missing), (48, 44));
}

#[test]
fn a_flood_stays_within_its_bounds_and_is_counted() {
    let limits = DefragmentLimits {
        datagrams_max: 100,
        bytes_max: 100_000,
        age_ns_max: 1_000,
    };
    let mut defragmenter = Defragmenter::new(limits);
    for identification in 0..50_000 {
        let fragment = Fragment {
            identification,
            ..fragment(1480, true, &[0; 1480])
        };
        assert!(defragmenter.push(&fragment, 0, 0).is_none());
        assert!(defragmenter.buffered_bytes() <= limits.bytes_max);
    }
    assert!(defragmenter.evicted() >= 49_900);
    let held = defragmenter.evicted();
    assert!(
        defragmenter
            .push(&fragment(0, true, &[0; 8]), 0, 1_001)
            .is_none()
    );
    assert!(defragmenter.evicted() > held, "old ones go with time");
    assert!(defragmenter.buffered_bytes() < 1_000);
}

#[test]
fn one_packet_of_very_many_fragments_stays_within_its_bounds() {
    let mut defragmenter = Defragmenter::new(DefragmentLimits::default());
    for round in 0..20_u32 {
        for at in (0..8190).rev() {
            let fragment = Fragment {
                identification: round,
                ..fragment(at * 8, true, &[0; 1])
            };
            assert!(defragmenter.push(&fragment, 0, 0).is_none());
        }
    }
    assert!(defragmenter.buffered_bytes() <= DefragmentLimits::default().bytes_max);
}

#[test]
fn fragments_of_the_shared_captures_give_whole_packets() {
    let (mut fragments, mut whole, mut transports) = (0, 0, 0);
    for path in shared_files(&["linktypes", "http-torture", "pcapng-suite"]) {
        let mut defragmenter = Defragmenter::new(DefragmentLimits::default());
        for (number, frame) in (1..).zip(frames_of(&path)) {
            let decoded = decode(frame.link_type, &frame.bytes, frame.original_length);
            let Decoded::Ip(packet) = decoded else {
                continue;
            };
            let Payload::Fragment(fragment) = packet.payload else {
                continue;
            };
            fragments += 1;
            if let Some(datagram) = defragmenter.push(&fragment, number, 0) {
                whole += 1;
                transports += usize::from(!matches!(datagram.payload(), Payload::Malformed(_)));
            }
        }
    }
    println!("{fragments} fragments, {whole} packets, {transports} of them with a transport");
    assert!(whole > 0 || fragments == 0);
}

proptest! {
    #[test]
    fn any_fragments_at_all_stay_bounded_and_consistent(
        given in prop::collection::vec((0_u32..40, any::<bool>(), prop::collection::vec(0_u8..2, 0..40), 0_u32..3), 0..60)
    ) {
        let limits = DefragmentLimits { datagrams_max: 4, bytes_max: 2_000, age_ns_max: 10 };
        let mut defragmenter = Defragmenter::new(limits);
        for (token, (offset, more, payload, missing)) in (0..).zip(&given) {
            let fragment = Fragment { missing: *missing, ..fragment(offset * 8, *more, payload) };
            if let Some(whole) = defragmenter.push(&fragment, token, 0) {
                let covered: u32 = whole.pieces.iter().map(|piece| piece.length).sum();
                prop_assert_eq!(covered as usize, whole.bytes.len());
                for piece in &whole.pieces {
                    let (from, _, _, _) = &given[piece.token as usize];
                    let (_, _, payload, _) = &given[piece.token as usize];
                    let at = (piece.offset - from * 8) as usize;
                    let held = &whole.bytes[piece.offset as usize..][..piece.length as usize];
                    prop_assert_eq!(held, &payload[at..at + piece.length as usize]);
                }
            }
            prop_assert!(defragmenter.buffered_bytes() <= limits.bytes_max);
        }
    }

    #[test]
    fn every_byte_is_of_the_fragment_that_the_policy_names(
        given in prop::collection::vec((0_u32..30, prop::collection::vec(0_u8..2, 1..60)), 0..12),
        last in any::<bool>(),
    ) {
        let overlap = if last { Overlap::Last } else { Overlap::First };
        let mut defragmenter = Defragmenter::new(DefragmentLimits::default()).with_overlap(overlap);
        let mut fragments: Vec<(u32, Vec<u8>)> = given.iter().map(|(at, payload)| (at * 8, payload.clone())).collect();
        // One that fills every hole, where it overrules none of the others.
        let filler = (0, vec![7; 400]);
        fragments.insert(if last { 0 } else { fragments.len() }, filler);
        let mut expected: Vec<Option<u8>> = vec![None; 400];
        let mut conflicts = 0;
        for (token, (offset, payload)) in (0..).zip(&fragments) {
            prop_assert!(defragmenter.push(&fragment(*offset, true, payload), token, 0).is_none());
            let mut differs = false;
            for (place, new) in expected.iter_mut().skip(*offset as usize).zip(payload) {
                differs |= place.is_some_and(|held| held != *new);
                if last || place.is_none() {
                    *place = Some(*new);
                }
            }
            conflicts += u64::from(differs);
        }
        let Some(whole) = defragmenter.push(&fragment(400, false, &[9; 8]), 99, 0) else {
            panic!("a hole is left")
        };
        let read: Vec<Option<u8>> = whole.bytes.iter().take(400).copied().map(Some).collect();
        prop_assert_eq!(read, expected);
        prop_assert_eq!(whole.conflicts, conflicts);
        for one in &whole.contradictions {
            let (offset, payload) = &fragments[one.token as usize];
            let from = (one.offset - offset) as usize;
            prop_assert_eq!(&payload[from..from + one.bytes.len()], one.bytes.as_slice());
            prop_assert!(one.bytes.len() == 64.min(one.length as usize));
        }
        prop_assert_eq!(whole.contradictions.is_empty(), conflicts == 0);
    }
}
