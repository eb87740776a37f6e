//! Real messages with a few bytes changed: no panic, and what could be read is written and read again the same.

use crate::vectors::vectors;
use cwmp::{Hints, Limits, Rpc, Style, parse, write};

#[test]
fn changed_messages_are_read_and_stay_the_same_once_written() {
    let mut random = Random(69);
    for vector in vectors()
        .into_iter()
        .filter(|vector| vector.body.len() < 8_000)
    {
        for _ in 0..20 {
            let mut body = vector.xml();
            for _ in 0..=random.below(4) {
                random.change(&mut body);
            }
            let rpcs = read(body.clone());
            let written = write(&rpcs, &Style::default());
            assert_eq!(
                read(written),
                rpcs,
                "{}: {}",
                vector.path,
                String::from_utf8_lossy(&body)
            );
        }
    }
}

fn read(body: Vec<u8>) -> Vec<Rpc> {
    let document = parse(body, &Hints::default(), &Limits::default());
    let length = document.text().len();
    let mut rpcs = Vec::new();
    for envelope in document.envelope_refs() {
        assert!(
            envelope
                .schema_anomalies()
                .iter()
                .all(|anomaly| anomaly.offset <= length)
        );
        rpcs.push(envelope.to_rpc());
    }
    assert!(
        document
            .anomalies()
            .iter()
            .all(|anomaly| anomaly.offset <= length)
    );
    rpcs
}

/// A small generator, the same on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound.max(1)
    }

    /// Overwrites, removes, inserts or repeats at a random place.
    fn change(&mut self, body: &mut Vec<u8>) {
        let at = self.below(body.len());
        let byte = INTERESTING
            .get(self.below(INTERESTING.len()))
            .copied()
            .unwrap_or_default();
        let end = (at + self.below(40)).min(body.len());
        match self.below(5) {
            0 => drop(body.drain(at..end)),
            1 => body.insert(at, byte),
            2 => body.truncate(at),
            3 => body.extend_from_within(at..end),
            _ => {
                if let Some(place) = body.get_mut(at) {
                    *place = byte;
                }
            }
        }
    }
}

const INTERESTING: &[u8] = b"<>/:=\"'&;!?-[] \t\r\n\0\x01\xC3\xFFax";
