//! A connection with a key log, fed by both sides: each direction tells the same in whatever pieces, each thing in its
//! place, and holds no more than the bounds.

use tls::{Connection, Direction, Event, KeyLog, Keys, Limits, LineReader, Recognised, Sessions};

use super::tape::{Tape, pieces};

/// One byte of settings, one that says how each turn is cut, a key log behind its length, then turns: a byte for the
/// direction and whether it is a gap, a length, and the bytes.
pub fn run(data: &[u8]) {
    let mut tape = Tape(data);
    let (settings, seed) = (tape.byte(), tape.byte());
    let length = tape.word();
    let log = read_log(tape.bytes(length.into()), seed);
    let turns = turns(&mut tape);
    let limits = if settings & 1 == 0 {
        Limits::DEFAULT
    } else {
        TIGHT
    };
    for turn in &turns {
        recognised_once_and_for_all(turn.bytes);
    }
    let whole = followed(&turns, &log, limits, |turn| vec![turn]);
    let cut = followed(&turns, &log, limits, |turn| pieces(turn, seed));
    assert_eq!(cut, whole, "in pieces it tells something else");
    let bytes = followed(&turns, &log, limits, |turn| turn.chunks(1).collect());
    assert_eq!(bytes, whole, "byte by byte it tells something else");
}

struct Turn<'a> {
    direction: Direction,
    gap_bytes: u64,
    bytes: &'a [u8],
}

fn turns<'a>(tape: &mut Tape<'a>) -> Vec<Turn<'a>> {
    let mut turns = Vec::new();
    while !tape.is_over() {
        let kind = tape.byte();
        let length = tape.word();
        let is_gap = kind & 2 != 0;
        turns.push(Turn {
            direction: if kind & 1 == 0 {
                Direction::Forward
            } else {
                Direction::Backward
            },
            gap_bytes: if is_gap { length.into() } else { 0 },
            bytes: if is_gap {
                &[]
            } else {
                tape.bytes(length.into())
            },
        });
    }
    turns
}

/// A key log in pieces holds what it holds whole.
fn read_log(text: &[u8], seed: u8) -> KeyLog {
    let mut log = KeyLog::new(16);
    let mut lines = Vec::new();
    let mut reader = LineReader::default();
    reader.take(text, &mut |number, offset, line| {
        lines.push((number, offset, line));
    });
    reader.finish(&mut |number, offset, line| lines.push((number, offset, line)));
    let mut again = Vec::new();
    let mut reader = LineReader::default();
    for piece in pieces(text, seed) {
        reader.take(piece, &mut |number, offset, line| {
            again.push((number, offset, line));
        });
    }
    reader.finish(&mut |number, offset, line| again.push((number, offset, line)));
    assert_eq!(again, lines, "in pieces the key log holds something else");
    for (_, _, line) in lines {
        line.into_iter().for_each(|line| log.insert(line));
    }
    assert!(log.len() <= 16);
    log
}

/// What each direction told.
fn followed<'a>(
    turns: &[Turn<'a>],
    log: &KeyLog,
    limits: Limits,
    cut: impl Fn(&'a [u8]) -> Vec<&'a [u8]>,
) -> [Vec<String>; 2] {
    let mut sessions = Sessions::new(4);
    let mut keys = Keys {
        log,
        private: &[],
        sessions: &mut sessions,
    };
    let mut connection = Connection::new(limits);
    let (mut told, mut fed) = ([Vec::new(), Vec::new()], [0_u64; 2]);
    for turn in turns {
        let side = usize::from(turn.direction == Direction::Backward);
        if turn.gap_bytes > 0 {
            let start = fed[side];
            fed[side] += turn.gap_bytes;
            connection.gap(
                turn.direction,
                start,
                turn.gap_bytes,
                &mut keys,
                &mut |event| {
                    hear(&event, &fed, &mut told);
                },
            );
        }
        for piece in cut(turn.bytes) {
            let start = fed[side];
            fed[side] += piece.len() as u64;
            connection.take(turn.direction, start, piece, &mut keys, &mut |event| {
                hear(&event, &fed, &mut told);
            });
        }
        assert!(
            connection.held_bytes() <= HELD_BYTES_MAX,
            "it holds too much"
        );
    }
    for direction in [Direction::Forward, Direction::Backward] {
        connection.close(direction, &mut keys, &mut |event| {
            hear(&event, &fed, &mut told);
        });
    }
    assert_eq!(connection.needs(), None);
    told
}

/// Where it stands.
fn hear(event: &Event<'_>, fed: &[u64; 2], told: &mut [Vec<String>; 2]) {
    let (direction, offset) = match event {
        Event::Handshake {
            direction, offset, ..
        }
        | Event::Alert {
            direction, offset, ..
        }
        | Event::End { direction, offset } => (*direction, *offset),
        Event::Anomaly(anomaly) => (anomaly.direction, anomaly.offset),
        Event::Plain {
            direction,
            from,
            bytes,
        } => {
            assert!(!bytes.is_empty() && (bytes.len() as u64) < from.end - from.start);
            (*direction, from.end)
        }
        Event::Undecryptable {
            direction,
            from,
            reason,
        } => {
            assert!(from.start < from.end && !reason.to_string().is_empty());
            (*direction, from.start)
        }
    };
    let side = usize::from(direction == Direction::Backward);
    assert!(offset <= fed[side], "{event:?} stands beyond the end");
    told[side].push(format!("{event:?}"));
}

/// No stays no, and enough bytes stay enough.
fn recognised_once_and_for_all(bytes: &[u8]) {
    let mut before = Recognised::NeedMore;
    for length in 0..=bytes.len().min(16) {
        let answer = tls::recognise(&bytes[..length]);
        assert!(before == Recognised::NeedMore || before == answer);
        before = answer;
    }
    assert!(bytes.len() < tls::RECOGNISE_BYTES_MAX || before != Recognised::NeedMore);
}

/// Bounds that a short connection reaches.
const TIGHT: Limits = Limits {
    handshake_bytes_max: 600,
    certificates_max: 1,
    list_max: 4,
    held_bytes_max: 300,
    resync_records_max: 3,
    ..Limits::DEFAULT
};
/// Two open records, two open messages, what is held back of two directions, and room for what is opened.
const HELD_BYTES_MAX: usize = 4 << 20;
