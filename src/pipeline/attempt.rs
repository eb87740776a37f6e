//! Connections that come to nothing: SYNs that no answer follows, or RST alone. Bounded, whatever the flood.

use std::collections::VecDeque;

use super::flow::Findings;
use super::flows::Addressed;
use super::outbox::Arrival;
use super::slot::{ACK, FIN, Key, RST, SYN};
use crate::session::{Attempt, AttemptEnd, Sighting};
use crate::source::{FrameId, Timestamp};

/// What one side's SYNs have come to, as long as nothing answers them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asking {
    first: Seen,
    last: Seen,
    /// Those that were not told yet.
    syns: u32,
    /// Decimals of a second that the capture resolves.
    digits: u8,
    /// Who sent them.
    side: u8,
    /// It was told that they failed.
    told: bool,
    /// Something else was seen: this is no attempt that failed.
    over: bool,
}

/// A packet's token, and its time.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    token: u64,
    time_ns: i64,
}

/// What a packet means to an attempt.
pub(super) enum Heard {
    Nothing,
    /// It begins: somebody has to look whether an answer comes.
    Begins,
    /// What was told of it was wrong: an answer came after all.
    Answered,
}

impl Asking {
    /// Takes note of a packet of a connection that carries nothing yet.
    ///
    /// Whatever is neither a SYN of who asks nor a reset of who is asked shows that the other side has answered, though
    /// the capture may not hold it: where it begins in between, or shows one direction alone.
    pub fn hear(&mut self, side: usize, addressed: &Addressed<'_>) -> Heard {
        if self.over {
            return Heard::Nothing;
        }
        let segment = &addressed.packet.segment;
        let plain = addressed.flags & (SYN | ACK | RST | FIN) == SYN;
        let empty =
            segment.payload.is_empty() && segment.missing == 0 && addressed.packet.lost == 0;
        let same = self.syns == 0 && !self.told || usize::from(self.side) == side;
        if !(plain && empty && same) {
            self.over = true;
            return if self.told {
                Heard::Answered
            } else {
                Heard::Nothing
            };
        }
        let seen = Seen {
            token: segment.token,
            time_ns: segment.time_ns,
        };
        if self.syns == 0 {
            self.first = seen;
            self.last = seen;
            self.side = side as u8;
        } else if seen.time_ns.saturating_sub(self.last.time_ns) < COPY_NS {
            return Heard::Nothing;
        }
        self.digits = self.digits.max(addressed.packet.digits);
        self.last = seen;
        self.syns = self.syns.saturating_add(1);
        if self.syns == 1 {
            Heard::Begins
        } else {
            Heard::Nothing
        }
    }

    /// The other side refused.
    pub fn is_refused_by(&self, side: usize) -> bool {
        !self.over && (self.syns > 0 || self.told) && usize::from(self.side) != side
    }

    /// It is known to be none that failed.
    pub fn give_up(&mut self) {
        self.over = true;
    }

    /// The time of the last SYN, where none was answered and they were not told yet.
    pub fn silent_since_ns(&self) -> Option<i64> {
        (!self.over && self.syns > 0).then_some(self.last.time_ns)
    }

    /// The same attempt goes on after it was refused.
    pub fn again(self) -> Self {
        Self {
            syns: 0,
            over: false,
            ..self
        }
    }

    fn tell(&mut self, key: Key, end: AttemptEnd) -> Attempt {
        let [low, high] = key.endpoints();
        let (source, destination) = if self.side == 0 {
            (low, high)
        } else {
            (high, low)
        };
        self.told = true;
        Attempt {
            source,
            destination,
            first: self.sighting(self.first),
            last: self.sighting(self.last),
            syns: std::mem::take(&mut self.syns),
            end,
        }
    }

    fn sighting(&self, seen: Seen) -> Sighting {
        Sighting {
            frame: FrameId::from_token(seen.token),
            time: Timestamp {
                nanoseconds: seen.time_ns,
                digits: self.digits,
            },
        }
    }
}

/// Those that wait for an answer, and how many of them were told since the last tick.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    /// In the order in which somebody looks at them.
    waiting: VecDeque<Waiting>,
    told: usize,
}

/// A connection that waits, by its slot and its number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waiting {
    pub at: u32,
    pub number: u64,
    pub since_ns: i64,
}

impl Attempts {
    /// Looks at it later; where too many wait already, when its slot is forgotten.
    pub fn wait(&mut self, waiting: Waiting, half_open_max: usize) {
        if self.waiting.len() < half_open_max {
            self.waiting.push_back(waiting);
        }
    }

    /// The next of those that have waited since before this time.
    pub fn next(&mut self, before_ns: i64) -> Option<Waiting> {
        let due = self.waiting.front()?.since_ns < before_ns;
        due.then(|| self.waiting.pop_front()).flatten()
    }

    /// A second has passed.
    pub fn tick(&mut self) {
        self.told = 0;
    }

    /// Tells of one, as far as the bound allows.
    pub fn tell(
        &mut self,
        asking: &mut Asking,
        key: Key,
        end: AttemptEnd,
        findings: &mut Findings<'_>,
    ) {
        let attempt = asking.tell(key, end);
        if self.told >= findings.limits.attempts_a_tick_max {
            findings.outbox.reached("attempts_a_tick_max");
            return;
        }
        self.told += 1;
        findings.outbox.push(Arrival::Attempt(Box::new(attempt)));
    }
}

/// Nanoseconds within which the same SYN is a copy, as of a mirror that sees two VLANs: no host repeats it so soon (RFC
/// 6298 section 2: a second).
const COPY_NS: i64 = 100_000_000;
