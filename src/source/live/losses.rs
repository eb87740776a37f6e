//! When the kernel had no room for packets: whose they were nobody knows, but which sessions were open then.

use std::collections::VecDeque;

use crate::source::Timestamp;

/// Times in which packets were dropped, the latest; those long ago are told in one.
#[derive(Debug, Default)]
pub(super) struct Losses {
    stretches: VecDeque<Stretch>,
}

/// From one look at the counters to the next, and how many packets were dropped between them.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    from_ns: i64,
    until_ns: i64,
    packets: u64,
}

impl Losses {
    /// So many packets were dropped between two looks at the counters.
    pub(super) fn note(&mut self, from: Timestamp, until: Timestamp, packets: u64) {
        self.stretches.push_back(Stretch {
            from_ns: from.nanoseconds,
            until_ns: until.nanoseconds,
            packets,
        });
        if self.stretches.len() > STRETCHES_MAX
            && let Some(oldest) = self.stretches.pop_front()
            && let Some(next) = self.stretches.front_mut()
        {
            next.from_ns = next.from_ns.min(oldest.from_ns);
            next.packets += oldest.packets;
        }
    }

    /// Packets that were dropped while any of this time passed.
    pub(super) fn within(&self, from: Timestamp, until: Timestamp) -> u64 {
        let stretches = self.stretches.iter();
        let touched = stretches.filter(|stretch| {
            stretch.until_ns >= from.nanoseconds && stretch.from_ns <= until.nanoseconds
        });
        touched.map(|stretch| stretch.packets).sum()
    }
}

/// Some minutes of a capture that loses packets all the time.
const STRETCHES_MAX: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp {
            nanoseconds: seconds * 1_000_000_000,
            digits: 9,
        }
    }

    #[test]
    fn what_was_open_then_is_touched_and_nothing_else() {
        let mut losses = Losses::default();
        losses.note(at(10), at(11), 5);
        losses.note(at(20), at(21), 7);
        let within = |from, until| losses.within(at(from), at(until));
        assert_eq!(within(1, 9), 0);
        assert_eq!(within(1, 10), 5);
        assert_eq!(within(10, 10), 5);
        assert_eq!(within(12, 19), 0);
        assert_eq!(within(1, 30), 12);
        assert_eq!(within(22, 30), 0);
    }

    #[test]
    fn what_is_long_ago_is_not_forgotten() {
        let mut losses = Losses::default();
        let count = STRETCHES_MAX as i64 + 100;
        for second in 0..count {
            losses.note(at(2 * second), at(2 * second + 1), 1);
        }
        assert_eq!(losses.stretches.len(), STRETCHES_MAX);
        assert_eq!(losses.within(at(0), at(2 * count)), count as u64);
        assert_eq!(losses.within(at(5), at(5)), 101);
    }
}
