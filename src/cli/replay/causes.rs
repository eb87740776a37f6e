//! What the exit code of a replay comes from, in words.

use super::judging::Judged;
use crate::cli::arguments::Playing;
use crate::cli::exit;
use crate::report::Outcome;

/// Exit codes that something asks for, each with what it is.
#[derive(Debug, Default)]
pub(super) struct Causes {
    list: Vec<(u8, String)>,
}

impl Causes {
    pub(super) fn add(&mut self, code: u8, why: impl Into<String>) {
        self.list.push((code, why.into()));
    }

    /// The code to leave with: it and its reasons go into the outcome, what it comes from first.
    pub(super) fn settle(
        mut self,
        judged: &Judged,
        playing: &Playing,
        outcome: &mut Outcome,
    ) -> u8 {
        for (count, code, what) in [
            (
                outcome.refused,
                exit::REFUSED,
                "the guard refused what the scenario wants",
            ),
            (
                outcome.peer_failed,
                exit::FAILURE,
                "the other side or the network failed",
            ),
            (
                outcome.differs,
                exit::FINDINGS,
                "something is not as recorded",
            ),
        ] {
            if count > 0 {
                self.add(code, format!("{what}{}", in_runs(count, outcome)));
            }
        }
        self.list.extend(judged.causes(playing));
        self.list.sort_by_key(|(code, _)| exit::rank(*code));
        self.list.dedup();
        let code = self.list.first().map_or(exit::FINE, |(code, _)| *code);
        outcome.exit_code = code;
        outcome.reasons = self.list.into_iter().map(|(_, why)| why).collect();
        if outcome.reasons.is_empty() {
            outcome.reasons = vec![format!("all is as recorded, and {}", judged.words(playing))];
        }
        code
    }
}

/// ` in 2 of 5 runs`; nothing where there is only one.
fn in_runs(count: u32, outcome: &Outcome) -> String {
    match outcome.played() {
        0 | 1 => String::new(),
        all => format!(" in {count} of {all} runs"),
    }
}
