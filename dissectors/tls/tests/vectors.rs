//! Recorded connections with their keys: what comes out whole, in pieces, with gaps, cut off, and damaged.
//!
//! RFC 8448, and one connection for each cipher that OpenSSL no longer offers or that bears its gaps in its own way.

mod support;

use std::collections::HashMap;
use std::fs;
use std::ops::Range;
use std::path::Path;

use proptest::prelude::*;
use support::{Pieces, Told, read, read_within};
use tls::{
    Connection, Direction, Event, Fact, KeyLog, Keys, Limits, LineReader, Needs, Sessions,
    recognise,
};

struct Vector {
    name: String,
    log: KeyLog,
    pieces: Pieces,
}

fn bytes(hex: &str) -> Vec<u8> {
    let value = |place| u8::from_str_radix(&hex[place..place + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(value).collect()
}

fn vector(name: &str) -> Vector {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let text = fs::read_to_string(folder.join(name)).unwrap();
    let mut log = KeyLog::default();
    let mut pieces = Vec::new();
    for line in text.lines() {
        match line.split_once(' ').unwrap() {
            ("key", line) => log.insert(tls::read_line(line.as_bytes()).unwrap().unwrap()),
            (">", hex) => pieces.push((Direction::Forward, bytes(hex))),
            ("<", hex) => pieces.push((Direction::Backward, bytes(hex))),
            _ => {}
        }
    }
    Vector {
        name: name.to_owned(),
        log,
        pieces,
    }
}

fn vectors() -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.len() >= 11);
    names.iter().map(|name| vector(name)).collect()
}

fn read_vector(vector: &Vector) -> Told {
    read(&vector.pieces, &vector.log, &[], &mut Sessions::default())
}

/// The bytes of a direction, all of them.
fn stream(pieces: &Pieces, wanted: Direction) -> Vec<u8> {
    let of = pieces.iter().filter(|(direction, _)| *direction == wanted);
    of.flat_map(|(_, bytes)| bytes.iter().copied()).collect()
}

const TEXTS: [&str; 6] = [
    "one line of text\n",
    "another, longer line of text that fills more than one block\n",
    "x\n",
    "the fourth line\n",
    "and the fifth line of it\n",
    "last\n",
];

#[test]
fn rfc_8448_comes_out_as_published() {
    let vector = vector("rfc8448-3.txt");
    let told = read_vector(&vector);
    let expected: Vec<u8> = (0..50).collect();
    assert_eq!(told.forward, expected);
    assert_eq!(told.backward, expected);
    assert_eq!((told.anomalies, told.lost), (vec![], vec![]));
    assert_eq!(told.ends, [Direction::Forward, Direction::Backward]);
    let forward = stream(&vector.pieces, Direction::Forward);
    let before = forward.len() as u64 - 24;
    assert_eq!(told.plain[0], (Direction::Forward, before - 72..before, 50));
    let hello = told.facts.iter().find_map(|(_, fact)| match fact {
        Fact::ClientHello(hello) => Some(hello),
        _ => None,
    });
    assert_eq!(
        hello.unwrap().server_name.as_deref(),
        Some(b"server".as_slice())
    );
    let certificate = told.facts.iter().find_map(|(_, fact)| match fact {
        Fact::Certificates { chain, .. } => chain.first(),
        _ => None,
    });
    let certificate = certificate.unwrap();
    assert_eq!(
        (certificate.subject.as_str(), certificate.key_bits),
        ("CN=rsa", Some(1024))
    );
    assert_eq!(
        (certificate.not_before_s, certificate.not_after_s),
        (1_469_841_839, 1_785_374_639)
    );
    assert_eq!(certificate.signature_algorithm, "sha256WithRSAEncryption");
}

#[test]
fn data_is_read_without_the_secrets_of_the_handshake() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let text = fs::read_to_string(folder.join("rfc8448-3.txt")).unwrap();
    let mut log = KeyLog::default();
    for line in text.lines().filter_map(|line| line.strip_prefix("key ")) {
        if line.contains("TRAFFIC_SECRET_0") {
            log.insert(tls::read_line(line.as_bytes()).unwrap().unwrap());
        }
    }
    let pieces = vector("rfc8448-3.txt").pieces;
    let told = read(&pieces, &log, &[], &mut Sessions::default());
    let expected: Vec<u8> = (0..50).collect();
    assert_eq!((&told.forward, &told.backward), (&expected, &expected));
    assert_eq!((told.reasons(), told.lost.len()), (vec!["no-secret"], 2));
}

#[test]
fn every_vector_is_read_whole() {
    for vector in vectors()
        .iter()
        .filter(|vector| vector.name.starts_with("tls1"))
    {
        let told = read_vector(vector);
        let reversed: String = TEXTS
            .iter()
            .map(|text| text.chars().rev().collect::<String>())
            .collect();
        assert_eq!(told.forward, TEXTS.concat().into_bytes(), "{}", vector.name);
        assert_eq!(told.backward, reversed.into_bytes(), "{}", vector.name);
        assert_eq!(
            (&told.anomalies, &told.lost),
            (&vec![], &vec![]),
            "{}",
            vector.name
        );
        assert_eq!(told.ends.len(), 2, "{}", vector.name);
    }
}

#[test]
fn pieces_do_not_matter() {
    for vector in vectors() {
        let whole = read_vector(&vector);
        let single: Pieces = vector
            .pieces
            .iter()
            .flat_map(|(direction, bytes)| bytes.iter().map(|byte| (*direction, vec![*byte])))
            .collect();
        let told = read(&single, &vector.log, &[], &mut Sessions::default());
        assert_eq!(told, whole, "{}", vector.name);
    }
}

#[test]
fn the_order_of_directions_does_not_matter() {
    for vector in vectors() {
        let whole = read_vector(&vector);
        for first in [Direction::Forward, Direction::Backward] {
            let pieces = vec![
                (first, stream(&vector.pieces, first)),
                (first.other(), stream(&vector.pieces, first.other())),
            ];
            let told = read(&pieces, &vector.log, &[], &mut Sessions::default());
            let name = &vector.name;
            assert_eq!(
                (told.forward, told.backward),
                (whole.forward.clone(), whole.backward.clone()),
                "{name}"
            );
            assert_eq!((told.anomalies, told.lost), (vec![], vec![]), "{name}");
        }
    }
}

#[test]
fn first_bytes_are_recognised() {
    for vector in vectors() {
        assert_eq!(recognise(&vector.pieces[0].1), tls::Recognised::Hello);
    }
}

#[test]
fn every_prefix_tells_no_more_than_the_whole() {
    for vector in vectors() {
        let whole = read_vector(&vector);
        for (place, (direction, piece)) in vector.pieces.iter().enumerate() {
            for cut in 0..piece.len() {
                let mut pieces = vector.pieces[..place].to_vec();
                pieces.push((*direction, piece[..cut].to_vec()));
                let told = read(&pieces, &vector.log, &[], &mut Sessions::default());
                assert!(whole.forward.starts_with(&told.forward), "{}", vector.name);
                assert!(
                    whole.backward.starts_with(&told.backward),
                    "{}",
                    vector.name
                );
            }
        }
    }
}

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

#[test]
fn a_secret_of_another_connection_does_not_fit() {
    let one = vector("tls12-aes128gcm.txt");
    let hello = read_vector(&one)
        .facts
        .into_iter()
        .find_map(|(_, fact)| match fact {
            Fact::ClientHello(hello) => Some(hello.random),
            _ => None,
        });
    let mut log = KeyLog::default();
    log.insert(tls::Line {
        label: tls::Label::ClientRandom,
        name: hello.unwrap(),
        secret: tls::Secret::new(&[7; 48]),
    });
    let told = read(&one.pieces, &log, &[], &mut Sessions::default());
    assert_eq!(told.reasons(), ["wrong-secret"]);
    assert_eq!(told.anomalies.len(), 2);
    assert!(told.forward.is_empty());
}

#[test]
fn what_is_missing_is_said() {
    for (name, words) in [
        (
            "tls12-aes128gcm.txt",
            "ECDHE_RSA keeps an RSA key from helping",
        ),
        (
            "tls13-chacha20.txt",
            "TLS 1.3 keeps an RSA key from helping",
        ),
        ("tls10-3des.txt", "and no RSA key of the server"),
    ] {
        let told = read(&vector(name).pieces, &(), &[], &mut Sessions::default());
        let text = told.lost[0].2.to_string();
        assert!(
            text.starts_with("no key log line for client random "),
            "{text}"
        );
        assert!(text.contains(words), "{text}");
        assert!(told.plain.is_empty());
    }
}

#[test]
fn a_connection_without_its_beginning_is_told() {
    let mut vector = vector("tls12-aes128gcm.txt");
    vector.pieces.drain(..6);
    let told = read_vector(&vector);
    assert!(
        told.reasons().contains(&"handshake-unseen"),
        "{:?}",
        told.reasons()
    );
    assert!(told.plain.is_empty());
}

#[test]
fn secrets_that_come_late_are_waited_for() {
    let late = Limits {
        late_secret_bytes_max: 1 << 16,
        ..Limits::DEFAULT
    };
    for vector in vectors() {
        let whole = read_vector(&vector);
        let mut told = Told::default();
        let mut connection = Connection::new(late);
        let mut sessions = Sessions::default();
        let mut keys = Keys {
            log: &(),
            private: &[],
            sessions: &mut sessions,
        };
        let mut offsets: HashMap<Direction, u64> = HashMap::new();
        for (direction, bytes) in &vector.pieces {
            let offset = offsets.entry(*direction).or_default();
            connection.take(*direction, *offset, bytes, &mut keys, &mut |event| {
                told.hear(event);
            });
            *offset += bytes.len() as u64;
        }
        assert!(told.plain.is_empty());
        assert!(
            matches!(connection.needs(), Some(Needs { .. })),
            "{}",
            vector.name
        );
        keys.log = &vector.log;
        connection.retry(&mut keys, &mut |event| told.hear(event));
        assert_eq!(connection.needs(), None);
        assert_eq!(
            (told.forward, told.backward),
            (whole.forward, whole.backward),
            "{}",
            vector.name
        );
    }
}

#[test]
fn what_is_held_back_is_bounded() {
    let vector = vector("tls13-chacha20.txt");
    let limits = Limits {
        held_bytes_max: 100,
        ..Limits::DEFAULT
    };
    let forward = vec![(
        Direction::Forward,
        stream(&vector.pieces, Direction::Forward),
    )];
    let told = read_within(&forward, &vector.log, &[], &mut Sessions::default(), limits);
    assert_eq!(told.reasons(), ["handshake-incomplete"]);
}

#[test]
fn a_hello_in_the_form_of_ssl_2_is_read() {
    let mut hello = vec![0x80, 31, 1, 3, 1, 0, 6, 0, 0, 0, 16, 0, 0, 0x2f, 7, 0, 0xc0];
    hello.extend(1..=16);
    assert_eq!(recognise(&hello), tls::Recognised::Hello);
    let pieces = vec![(Direction::Forward, hello)];
    let told = read(&pieces, &(), &[], &mut Sessions::default());
    let [(Direction::Forward, Fact::ClientHello(hello))] = told.facts.as_slice() else {
        panic!("{told:?}");
    };
    assert!(hello.is_ssl2_form);
    assert_eq!(hello.legacy_version, Some(tls::Version::TLS10));
    assert_eq!(hello.suites, [tls::Suite(0x2f)]);
    assert_eq!(hello.random[14..18], [0, 0, 1, 2]);
}

#[test]
fn key_logs_are_read_in_pieces() {
    let text = format!(
        "# x\r\nCLIENT_RANDOM {} {}\r\n",
        "ab".repeat(32),
        "cd".repeat(48)
    );
    let mut places = Vec::new();
    let mut reader = LineReader::default();
    for piece in text.as_bytes().chunks(7) {
        reader.take(piece, &mut |number, offset, line| {
            places.push((number, offset, line.is_ok()));
        });
    }
    assert_eq!(places, [(2, 5, true)]);
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
