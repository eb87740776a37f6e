//! What a connection tells of recorded bytes, gathered.

#![allow(dead_code, reason = "each test binary uses its part")]

pub mod vectors;

use std::ops::Range;

use tls::{
    Anomaly, Connection, Direction, Event, Fact, Keys, Limits, Lookup, PrivateKey, Reason, Sessions,
};

/// Everything that was told.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub forward: Vec<u8>,
    pub backward: Vec<u8>,
    pub facts: Vec<(Direction, Fact)>,
    pub anomalies: Vec<Anomaly>,
    pub lost: Vec<(Direction, Range<u64>, Reason)>,
    pub plain: Vec<(Direction, Range<u64>, usize)>,
    pub ends: Vec<Direction>,
    pub alerts: Vec<(Direction, Option<tls::Alert>)>,
}

impl Told {
    pub fn hear(&mut self, event: Event<'_>) {
        match event {
            Event::Handshake {
                direction, fact, ..
            } => self.facts.push((direction, fact)),
            Event::Plain {
                direction,
                bytes,
                from,
            } => {
                self.plain.push((direction, from, bytes.len()));
                match direction {
                    Direction::Forward => self.forward.extend_from_slice(bytes),
                    Direction::Backward => self.backward.extend_from_slice(bytes),
                }
            }
            Event::Alert {
                direction, alert, ..
            } => self.alerts.push((direction, alert)),
            Event::End { direction, .. } => self.ends.push(direction),
            Event::Anomaly(anomaly) => self.anomalies.push(anomaly),
            Event::Undecryptable {
                direction,
                from,
                reason,
            } => {
                self.lost.push((direction, from, reason));
            }
        }
    }

    pub fn reasons(&self) -> Vec<&'static str> {
        let mut names: Vec<&str> = self
            .lost
            .iter()
            .map(|(_, _, reason)| reason.name())
            .collect();
        names.dedup();
        names
    }
}

/// Bytes of both directions in the order in which they were recorded. Forward is the client's.
pub type Pieces = Vec<(Direction, Vec<u8>)>;

pub fn read(
    pieces: &Pieces,
    log: &dyn Lookup,
    private: &[PrivateKey],
    sessions: &mut Sessions,
) -> Told {
    read_within(pieces, log, private, sessions, Limits::DEFAULT)
}

pub fn read_within(
    pieces: &Pieces,
    log: &dyn Lookup,
    private: &[PrivateKey],
    sessions: &mut Sessions,
    limits: Limits,
) -> Told {
    let mut told = Told::default();
    let mut connection = Connection::new(limits);
    let mut keys = Keys {
        log,
        private,
        sessions,
    };
    let mut offsets = [0_u64; 2];
    for (direction, bytes) in pieces {
        let offset = &mut offsets[usize::from(*direction == Direction::Backward)];
        connection.take(*direction, *offset, bytes, &mut keys, &mut |event| {
            told.hear(event);
        });
        *offset += bytes.len() as u64;
    }
    for direction in [Direction::Forward, Direction::Backward] {
        connection.close(direction, &mut keys, &mut |event| told.hear(event));
    }
    told
}
