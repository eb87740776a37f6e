//! Which frames of a replay are of connections that were not served: what the rule book finds in them is about somebody else.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::replay::action::ConnectionId;
use crate::session::Finding;

/// The frames of strangers.
#[derive(Debug, Default)]
pub(super) struct Strangers {
    /// Whose frames the run under way has, as far as the last of each turn.
    turns: Vec<(ConnectionId, u64)>,
    /// Those of strangers, of all runs, in order.
    frames: Vec<RangeInclusive<u64>>,
    /// Frames of the runs before.
    before: u64,
}

impl Strangers {
    /// Something of this connection was recorded, and so many frames there are now.
    pub(super) fn note(&mut self, connection: ConnectionId, frames: u64) {
        match self.turns.last_mut() {
            Some((last, until)) if *last == connection => *until = frames,
            _ => self.turns.push((connection, frames)),
        }
    }

    /// A run is over, with these connections that were not served.
    pub(super) fn over(&mut self, strangers: &BTreeSet<ConnectionId>) {
        for (connection, until) in std::mem::take(&mut self.turns) {
            if strangers.contains(&connection) {
                self.frames.push(self.before.saturating_add(1)..=until);
            }
            self.before = until;
        }
    }

    /// Was it seen nowhere but among strangers?
    pub(super) fn have_all_of(&self, finding: &Finding) -> bool {
        let mut frames = finding.occurrences.iter().flat_map(|it| &*it.frames);
        let is_known = finding.occurrences.iter().any(|it| !it.frames.is_empty());
        is_known && frames.all(|frame| self.have(frame.number()))
    }

    fn have(&self, frame: u64) -> bool {
        let at = self.frames.partition_point(|range| *range.end() < frame);
        self.frames.get(at).is_some_and(|it| it.contains(&frame))
    }
}

#[cfg(test)]
mod tests {
    use super::{ConnectionId, Strangers};

    #[test]
    fn frames_of_strangers_are_known_over_several_runs() {
        let mut strangers = Strangers::default();
        for (connection, frames) in [(1, 3), (1, 5), (2, 6), (1, 7)] {
            strangers.note(ConnectionId(connection), frames);
        }
        strangers.over(&[ConnectionId(1)].into());
        for (connection, frames) in [(1, 8), (2, 10), (3, 11)] {
            strangers.note(ConnectionId(connection), frames);
        }
        strangers.over(&[ConnectionId(2), ConnectionId(3)].into());
        let have: Vec<u64> = (0..13).filter(|frame| strangers.have(*frame)).collect();
        assert_eq!(have, [1, 2, 3, 4, 5, 7, 9, 10, 11]);
    }
}
