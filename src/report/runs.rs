//! What `informant replay` has played, as values for every form of output: each run, and what all of them came to.

use crate::session::{ReplayVerdict, Replayed};
use crate::source::Timestamp;

/// One run of a scenario among all that are played.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// What came of it.
    pub replayed: &'a Replayed,
    /// Counted from 1, over all scenarios.
    pub number: u32,
    /// How many runs are wanted.
    pub of: u32,
    /// When it began.
    pub began: Timestamp,
    /// The last frame that belongs to it, in the capture of all runs.
    pub last_frame: u64,
}

/// What all runs came to, and what the program leaves with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Runs that passed.
    pub passed: u32,
    /// Runs in which something differs.
    pub differs: u32,
    /// Runs in which the peer or the network failed.
    pub peer_failed: u32,
    /// Runs in which the guard refused something.
    pub refused: u32,
    /// Runs that were wanted and did not take place.
    pub not_played: u32,
    /// What the program leaves with.
    pub exit_code: u8,
    /// Why, in sentences without a full stop, the first what the code comes from.
    pub reasons: Vec<String>,
}

impl Run<'_> {
    /// ` run 2 of 5`; nothing where there is only one.
    #[must_use]
    pub fn place(&self) -> String {
        match self.of {
            0 | 1 => String::new(),
            of => format!(" run {} of {of}", self.number),
        }
    }
}

impl Outcome {
    /// Counts a run.
    pub fn count(&mut self, verdict: &ReplayVerdict) {
        let count = match verdict {
            ReplayVerdict::Passed => &mut self.passed,
            ReplayVerdict::Differs => &mut self.differs,
            ReplayVerdict::PeerFailed(_) => &mut self.peer_failed,
            ReplayVerdict::Refused(_) => &mut self.refused,
        };
        *count = count.saturating_add(1);
    }

    /// How many of each verdict there are, the worst first, each as the JSON writes it and in words.
    #[must_use]
    pub fn verdicts(&self) -> [(u32, &'static str, &'static str); 4] {
        [
            (self.refused, "refused", "refused"),
            (self.peer_failed, "peer_failed", "peer failed"),
            (self.differs, "differs", "differs"),
            (self.passed, "passed", "passed"),
        ]
    }

    /// The worst of all runs, as the JSON writes it; nothing where none took place.
    #[must_use]
    pub fn verdict(&self) -> Option<&'static str> {
        let verdicts = self.verdicts();
        let mut there = verdicts.iter().filter(|(count, ..)| *count > 0);
        there.next().map(|(_, name, _)| *name)
    }

    /// Runs that took place.
    #[must_use]
    pub fn played(&self) -> u32 {
        self.verdicts()
            .iter()
            .fold(0, |sum, (count, ..)| sum.saturating_add(*count))
    }
}
