//! Recorded connections that are damaged: what comes out of a record is what was in it, or nothing.

mod support;

use std::collections::HashMap;
use std::ops::Range;

use proptest::prelude::*;
use support::vectors::{Vector, read_vector, vectors};
use support::{Told, read};
use tls::{Connection, Direction, Event, Keys, Limits, Sessions};

/// Reads a vector of which these bytes of a direction are missing.
fn read_with_gap(vector: &Vector, side: Direction, missing: Range<u64>) -> Told {
    let mut told = Told::default();
    let mut connection = Connection::new(Limits::DEFAULT);
    let mut sessions = Sessions::default();
    let mut keys = Keys {
        log: &vector.log,
        private: &[],
        sessions: &mut sessions,
    };
    let mut offsets = HashMap::new();
    for (direction, bytes) in &vector.pieces {
        let offset: &mut u64 = offsets.entry(*direction).or_default();
        for (place, byte) in (*offset..).zip(bytes) {
            if *direction != side || !missing.contains(&place) {
                connection.take(*direction, place, &[*byte], &mut keys, &mut |event| {
                    told.hear(event);
                });
            } else if place + 1 == missing.end {
                connection.gap(
                    side,
                    missing.start,
                    missing.end - missing.start,
                    &mut keys,
                    &mut |event| told.hear(event),
                );
            }
        }
        *offset += bytes.len() as u64;
    }
    for direction in [Direction::Forward, Direction::Backward] {
        connection.close(direction, &mut keys, &mut |event| told.hear(event));
    }
    told
}

#[test]
fn a_gap_in_a_record_loses_that_record() {
    for vector in vectors() {
        let whole = read_vector(&vector);
        let records: Vec<_> = whole
            .plain
            .iter()
            .filter(|(direction, ..)| *direction == Direction::Forward)
            .collect();
        let chained = vector.name.starts_with("tls10-") && !vector.name.contains("rc4");
        for (place, (_, from, _)) in records.iter().enumerate() {
            let told = read_with_gap(&vector, Direction::Forward, from.start + 7..from.end - 3);
            let kept = told
                .plain
                .iter()
                .filter(|(direction, ..)| *direction == Direction::Forward)
                .count();
            let behind = usize::from(chained && place + 1 < records.len());
            assert_eq!(
                kept + 1 + behind,
                records.len(),
                "{} {place} {told:#?}",
                vector.name
            );
            assert_eq!(told.backward, whole.backward, "{}", vector.name);
            assert_eq!(
                told.lost[0],
                (Direction::Forward, from.clone(), tls::Reason::Gap),
                "{}",
                vector.name
            );
        }
    }
}

#[test]
fn a_gap_over_records_is_got_over_where_that_is_safe() {
    for vector in vectors() {
        let whole = read_vector(&vector);
        let truth = by_record(&whole);
        let records: Vec<_> = whole
            .plain
            .iter()
            .filter(|(direction, ..)| *direction == Direction::Forward)
            .collect();
        let [_, (_, second, _), (_, third, _), .., (_, last, _)] = records.as_slice() else {
            continue;
        };
        let told = read_with_gap(&vector, Direction::Forward, second.start + 9..third.end - 2);
        for (record, plain) in by_record(&told) {
            assert_eq!(truth.get(&record), Some(&plain), "{}", vector.name);
        }
        let came = told.plain.iter().any(|(_, from, _)| from == last);
        assert_eq!(
            came,
            !vector.name.contains("rc4"),
            "{} {told:#?}",
            vector.name
        );
        if !came {
            assert!(
                told.reasons().contains(&"after-gap"),
                "{:?}",
                told.reasons()
            );
        }
    }
}

#[test]
fn a_damaged_record_is_told_and_not_passed_on() {
    for vector in vectors() {
        let whole = read_vector(&vector);
        let (_, from, _) = whole
            .plain
            .iter()
            .find(|(direction, ..)| *direction == Direction::Forward)
            .unwrap();
        let mut pieces = vector.pieces.clone();
        let mut offset = 0;
        for (_, bytes) in pieces
            .iter_mut()
            .filter(|(direction, _)| *direction == Direction::Forward)
        {
            let place = (from.end - 1).wrapping_sub(offset) as usize;
            offset += bytes.len() as u64;
            if let Some(byte) = bytes.get_mut(place) {
                *byte ^= 0x40;
            }
        }
        let told = read(&pieces, &vector.log, &[], &mut Sessions::default());
        let kinds: Vec<_> = told
            .anomalies
            .iter()
            .map(|anomaly| anomaly.kind.name())
            .collect();
        assert!(
            kinds.contains(&"record-unauthentic"),
            "{}: {kinds:?}",
            vector.name
        );
        assert!(told.plain.iter().all(|(_, place, _)| place != from));
        assert_eq!(told.backward, whole.backward);
    }
}

/// The plain bytes by the record they come from.
fn by_record(told: &Told) -> HashMap<(Direction, Range<u64>), Vec<u8>> {
    let mut places = HashMap::new();
    let mut records = HashMap::new();
    for (direction, from, length) in &told.plain {
        let place: &mut usize = places.entry(*direction).or_default();
        let all = if *direction == Direction::Forward {
            &told.forward
        } else {
            &told.backward
        };
        records.insert(
            (*direction, from.clone()),
            all[*place..*place + length].to_vec(),
        );
        *place += length;
    }
    records
}

/// Anybody on the way can write a plain record between the others.
#[test]
fn what_is_slipped_in_is_told_and_ends_nothing() {
    let close = [21, 3, 3, 0, 2, 1, 0].as_slice();
    let update = &[22, 3, 3, 0, 5, 24, 0, 0, 1, 0];
    let vectors = vectors();
    let enciphered = vectors.iter().filter(|one| one.name.contains("13"));
    for (vector, slipped) in enciphered.flat_map(|one| [(one, close), (one, update)]) {
        let whole = read_vector(vector);
        let mut pieces = vector.pieces.clone();
        let last = pieces
            .iter()
            .rposition(|(direction, _)| *direction == Direction::Backward);
        pieces.insert(last.unwrap(), (Direction::Backward, slipped.to_vec()));
        let told = read(&pieces, &vector.log, &[], &mut Sessions::default());
        let name = &vector.name;
        assert_eq!(told.backward, whole.backward, "{name}");
        assert_eq!(told.ends, whole.ends, "{name}");
        let kinds: Vec<&str> = told.anomalies.iter().map(|odd| odd.kind.name()).collect();
        assert_eq!(kinds, ["record-unauthentic"], "{name}");
    }
}

/// Something that happens to recorded bytes.
#[derive(Clone, Debug)]
enum Damage {
    Flip(prop::sample::Index, u8),
    Gap(prop::sample::Index, u8),
    Swap(prop::sample::Index),
    Repeat(prop::sample::Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        (any::<prop::sample::Index>(), 1..=255_u8)
            .prop_map(|(place, mask)| Damage::Flip(place, mask)),
        (any::<prop::sample::Index>(), any::<u8>())
            .prop_map(|(place, length)| Damage::Gap(place, length)),
        any::<prop::sample::Index>().prop_map(Damage::Swap),
        any::<prop::sample::Index>().prop_map(Damage::Repeat),
    ]
}

proptest! {
    /// Whatever happens to the bytes, what comes out of a record is what was in it, or nothing.
    #[test]
    fn nothing_wrong_comes_out(
        which in 0..11_usize,
        damages in prop::collection::vec(damage(), 1..5),
        piece_bytes in 1..600_usize,
    ) {
        let vector = &vectors()[which];
        let truth: Vec<Vec<u8>> = by_record(&read_vector(vector)).into_values().collect();
        let mut pieces: Vec<(Direction, u64, Vec<u8>)> = Vec::new();
        let mut offsets: HashMap<Direction, u64> = HashMap::new();
        for (direction, bytes) in &vector.pieces {
            for piece in bytes.chunks(piece_bytes) {
                let offset = offsets.entry(*direction).or_default();
                pieces.push((*direction, *offset, piece.to_vec()));
                *offset += piece.len() as u64;
            }
        }
        for damage in &damages {
            let count = pieces.len();
            match damage {
                Damage::Flip(place, mask) => {
                    let bytes = &mut pieces[place.index(count)].2;
                    let at = place.index(bytes.len());
                    bytes[at] ^= mask;
                }
                Damage::Gap(place, length) => {
                    let bytes = &mut pieces[place.index(count)].2;
                    let keep = bytes.len().saturating_sub(usize::from(*length)).max(1);
                    bytes.truncate(keep);
                }
                Damage::Swap(place) => pieces.swap(place.index(count), (place.index(count) + 1) % count),
                Damage::Repeat(place) => pieces.push(pieces[place.index(count)].clone()),
            }
        }
        let mut connection = Connection::new(Limits::DEFAULT);
        let mut sessions = Sessions::default();
        let mut keys = Keys { log: &vector.log, private: &[], sessions: &mut sessions };
        let mut wrong = Vec::new();
        let mut hear = |event: Event<'_>| if let Event::Plain { bytes, .. } = event && !truth.iter().any(|plain| plain == bytes) {
            wrong.push(bytes.to_vec());
        };
        for (direction, offset, bytes) in &pieces {
            connection.take(*direction, *offset, bytes, &mut keys, &mut hear);
        }
        connection.close(Direction::Forward, &mut keys, &mut hear);
        connection.close(Direction::Backward, &mut keys, &mut hear);
        prop_assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400), server in prop::collection::vec(any::<u8>(), 0..400)) {
        let framed = [&[22, 3, 3, (bytes.len() >> 8) as u8, bytes.len() as u8], bytes.as_slice()].concat();
        let pieces = vec![(Direction::Forward, framed), (Direction::Backward, server), (Direction::Forward, bytes)];
        let told = read(&pieces, &(), &[], &mut Sessions::default());
        prop_assert!(told.plain.is_empty());
    }
}
