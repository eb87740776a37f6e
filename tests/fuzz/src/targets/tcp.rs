//! A script of segments, acknowledgments and time for one direction, in any order, with contradicting versions of its bytes.

use tcp::{Conflict, Counters, GapCause, Limits, Overlap, Reassembler, Segment, Sink};

use super::tape::Tape;

/// One byte of settings, four for the first sequence number, then steps of a kind byte and its arguments.
pub fn run(data: &[u8]) {
    let mut tape = Tape(data);
    let settings = tape.byte();
    let script = Script {
        overlap: if settings & 1 == 0 {
            Overlap::First
        } else {
            Overlap::Last
        },
        limits: if settings & 2 == 0 {
            Limits::default()
        } else {
            TIGHT
        },
        begun: settings & 4 == 0,
        initial: tape.double_word(),
        steps: tape.0,
    };
    let (counted, sent_bytes) = script.play(false);
    // Whoever only counts comes to the same figures, as far as they do not depend on the bytes themselves, nor on
    // bounds of bytes, since none are held.
    let (only_counted, _) = script.play(true);
    if settings & 2 == 0 && sent_bytes < script.limits.floating_bytes_max {
        let bare = |counters: Counters| Counters {
            overlap_conflicts: 0,
            ..counters
        };
        assert_eq!(bare(counted), bare(only_counted), "counting alone differs");
    }
}

struct Script<'a> {
    overlap: Overlap,
    limits: Limits,
    begun: bool,
    initial: u32,
    steps: &'a [u8],
}

impl Script<'_> {
    /// What was counted, and how many payload bytes were sent.
    fn play(&self, count_only: bool) -> (Counters, usize) {
        let mut reassembler = Reassembler::new(self.overlap);
        if count_only {
            reassembler.count_only();
        }
        if self.begun {
            reassembler.syn(self.initial.wrapping_sub(1));
        }
        let mut stage = Stage::new(self, reassembler);
        let mut tape = Tape(self.steps);
        while !tape.is_over() && stage.sent.len() < STEPS_MAX {
            stage.step(&mut tape, self);
        }
        stage.reassembler.flush(&self.limits, &mut stage.taken);
        stage.check();
        assert!(stage.reassembler.buffered_bytes() == 0 || !stage.reassembler.is_anchored());
        let sent_bytes = stage.sent.iter().map(|(_, payload)| payload.len()).sum();
        (stage.reassembler.counters(), sent_bytes)
    }
}

/// A reassembler at work, and what is known of the stream without it.
struct Stage {
    reassembler: Reassembler,
    taken: Taken,
    /// Sequence number and payload of every segment; its token is its place.
    sent: Vec<(u32, Vec<u8>)>,
    time_ns: i64,
    buffered_bytes_max: usize,
}

impl Stage {
    fn new(script: &Script<'_>, reassembler: Reassembler) -> Self {
        Self {
            reassembler,
            taken: Taken::default(),
            sent: Vec::new(),
            time_ns: 0,
            buffered_bytes_max: script
                .limits
                .waiting_bytes_max
                .max(script.limits.floating_bytes_max)
                + CONTESTED_BYTES_MAX,
        }
    }

    fn step(&mut self, tape: &mut Tape<'_>, script: &Script<'_>) {
        let kind = tape.byte();
        match kind % 16 {
            0 => self.time_ns += i64::from(tape.word()) * 100_000,
            1 if kind & 0x10 == 0 => self.time_ns -= i64::from(tape.word()) * 100_000,
            1 => self
                .reassembler
                .lost(u32::from(tape.byte()), &mut self.taken),
            2 | 3 => {
                let sequence = script.initial.wrapping_add(u32::from(tape.word()));
                self.reassembler.acknowledged(
                    sequence,
                    self.time_ns,
                    &script.limits,
                    &mut self.taken,
                );
            }
            4 => {
                let sequence = script.initial.wrapping_add(u32::from(tape.word()));
                self.reassembler
                    .anchor_at(sequence, &script.limits, &mut self.taken);
            }
            5 => self
                .reassembler
                .anchor_lowest(&script.limits, &mut self.taken),
            6 => drop(self.reassembler.syn(tape.double_word())),
            7 => {
                let sequence = tape.double_word();
                self.segment(sequence, kind, tape, script);
            }
            8 | 9 => {
                // The next in order, where that is known.
                let next = self.reassembler.next_sequence().unwrap_or(script.initial);
                self.segment(next, kind, tape, script);
            }
            _ => {
                let sequence = script.initial.wrapping_add(u32::from(tape.word()));
                self.segment(sequence, kind, tape, script);
            }
        }
        self.check();
    }

    fn segment(&mut self, sequence: u32, kind: u8, tape: &mut Tape<'_>, script: &Script<'_>) {
        let length = u32::from(tape.byte()) * if kind & 0x10 == 0 { 1 } else { 6 };
        // Versions of the same bytes: most segments agree, some do not.
        let version = tape.byte() % 3;
        let payload: Vec<u8> = (0..length)
            .map(|at| content(sequence.wrapping_add(at), version))
            .collect();
        let token = self.sent.len() as u64;
        self.sent.push((sequence, payload.clone()));
        let segment = Segment {
            sequence,
            fin: kind & 0x20 != 0,
            payload: &payload,
            missing: if kind & 0x40 == 0 {
                0
            } else {
                u32::from(tape.byte())
            },
            acknowledgment: None,
            token,
            time_ns: self.time_ns,
        };
        self.reassembler
            .segment(&segment, &script.limits, &mut self.taken);
        assert!(
            self.reassembler.buffered_bytes() <= self.buffered_bytes_max,
            "{} bytes wait",
            self.reassembler.buffered_bytes()
        );
    }

    /// Every byte given out stands at its place in the segment that is said to have brought it.
    fn check(&mut self) {
        let Some(next) = self.reassembler.next_sequence() else {
            assert!(
                self.taken.deliveries.is_empty(),
                "given out without a start"
            );
            return;
        };
        let start = next.wrapping_sub(self.reassembler.offset() as u32);
        for (offset, bytes, token) in self.taken.deliveries.drain(..) {
            let (sequence, payload) = &self.sent[usize::try_from(token).unwrap_or(usize::MAX)];
            let at = start.wrapping_add(offset as u32).wrapping_sub(*sequence) as usize;
            assert_eq!(
                payload.get(at..at + bytes.len()),
                Some(bytes.as_slice()),
                "bytes at {offset} that segment {token} did not bring"
            );
        }
        let counters = self.reassembler.counters();
        if self.reassembler.mode() == tcp::Mode::Deliver {
            assert_eq!(self.taken.next, self.reassembler.offset());
            assert_eq!(counters.payload_bytes, self.taken.bytes.len() as u64);
            assert_eq!(counters.gap_bytes, self.taken.gap_bytes);
            assert_eq!(counters.gaps, self.taken.gaps);
        } else {
            assert!(self.taken.deliveries.is_empty() && self.reassembler.buffered_bytes() == 0);
        }
        assert_eq!(self.taken.finished, self.reassembler.is_finished());
    }
}

/// The byte that stands at a sequence number, in one of its versions.
fn content(sequence: u32, version: u8) -> u8 {
    let mixed = sequence.wrapping_mul(0x9E37_79B9) >> 24;
    (mixed as u8).wrapping_add(version / 2)
}

/// Takes down what comes out; offsets have to follow each other.
#[derive(Default)]
struct Taken {
    /// Where the next byte is to stand.
    next: u64,
    bytes: Vec<u8>,
    gaps: u64,
    gap_bytes: u64,
    /// What was given out since the last look, and whose it is said to be; both versions of what is contested too.
    deliveries: Vec<(u64, Vec<u8>, u64)>,
    finished: bool,
}

impl Sink for Taken {
    fn bytes(&mut self, offset: u64, bytes: &[u8], token: u64, _time_ns: i64) {
        assert!(!self.finished, "bytes behind the end");
        assert!(!bytes.is_empty(), "nothing was given out");
        assert_eq!(offset, self.next, "offsets follow each other");
        self.next += bytes.len() as u64;
        self.bytes.extend_from_slice(bytes);
        self.deliveries.push((offset, bytes.to_vec(), token));
    }

    fn conflict(&mut self, conflict: &Conflict<'_>) {
        let (kept, other) = (conflict.kept, conflict.other);
        assert!(kept.len() == other.len() && kept.len() as u64 <= conflict.length);
        // Of a longer one the difference may stand behind the bytes that are shown.
        assert!(
            kept != other || (kept.len() as u64) < conflict.length,
            "no conflict at {}",
            conflict.offset
        );
        let versions = [
            (kept, conflict.kept_token),
            (other, Some(conflict.other_token)),
        ];
        for (bytes, token) in versions {
            if let Some(token) = token {
                self.deliveries
                    .push((conflict.offset, bytes.to_vec(), token));
            }
        }
    }

    fn gap(&mut self, offset: u64, missing: u64, _cause: GapCause) {
        assert!(!self.finished, "a gap behind the end");
        assert!(missing > 0, "a gap of nothing");
        assert_eq!(offset, self.next, "offsets follow each other");
        self.next += missing;
        self.gaps += 1;
        self.gap_bytes += missing;
    }

    fn fin(&mut self, offset: u64, _token: u64, _time_ns: i64) {
        assert!(!self.finished, "one end only");
        let _ = offset;
        self.finished = true;
    }

    fn remembered(&self, offset: u64, length: usize) -> Option<&[u8]> {
        // What was given out without a gap before it, as a message that is open has it.
        let start = usize::try_from(offset).ok().filter(|_| self.gaps == 0)?;
        self.bytes.get(start..start.checked_add(length)?)
    }
}

/// Bounds that a short script reaches.
const TIGHT: Limits = Limits {
    waiting_bytes_max: 1_024,
    waiting_pieces_max: 6,
    floating_bytes_max: 512,
    floating_pieces_max: 4,
    skew_packets_max: 4,
    skew_ns_max: 100_000_000,
    hole_ns_max: 3_000_000_000,
};
/// Versions of bytes that contradict each other are kept within a bound of their own.
const CONTESTED_BYTES_MAX: usize = 16 << 10;
/// Segments of one script: what waits is held against each newcomer.
const STEPS_MAX: usize = 400;
