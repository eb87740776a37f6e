//! Recorded connections with their keys: what comes out whole, in pieces, in another order, and cut off.
//!
//! RFC 8448, and one connection for each cipher that OpenSSL no longer offers or that bears its gaps in its own way.

mod support;

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use support::vectors::{read_vector, stream, vector, vectors};
use support::{Pieces, Told, read, read_within};
use tls::{
    Connection, Direction, Fact, KeyLog, Keys, Limits, LineReader, Needs, Sessions, recognise,
};

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
