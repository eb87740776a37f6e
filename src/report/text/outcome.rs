//! The last lines of `informant replay`: what all runs came to, and what the exit code comes from.

use super::figures::grouped;
use crate::report::escape;
use crate::report::paint::{Ink, Line, Look, wrapped};
use crate::report::runs::Outcome;

/// `passed, exit code 1: the rule book finds 2 errors ...`; with several runs, a line of how many came to what before it.
#[must_use]
pub fn outcome(outcome: &Outcome, look: Look) -> String {
    let mut out = String::new();
    let ink = if outcome.exit_code == 0 {
        Ink::Good
    } else {
        Ink::Fault
    };
    let runs = outcome.played().saturating_add(outcome.not_played);
    if runs > 1 {
        write(
            &format!("{} runs: {}", grouped(runs.into()), tally(outcome)),
            ink,
            look,
            &mut out,
        );
    }
    let verdict = match runs {
        0 => "nothing was played, ".to_owned(),
        1 => format!("{}, ", tally(outcome).trim_start_matches("1 ")),
        _ => String::new(),
    };
    let reasons = outcome.reasons.join("; ");
    let last = format!("{verdict}exit code {}: {reasons}", outcome.exit_code);
    write(&escape::text(&last), ink, look, &mut out);
    out
}

/// `3 passed, 1 differs, 1 not played`.
fn tally(outcome: &Outcome) -> String {
    let verdicts = outcome.verdicts();
    let mut counts: Vec<(u32, &str)> = verdicts.iter().rev().map(|one| (one.0, one.2)).collect();
    counts.push((outcome.not_played, "not played"));
    let told = counts.iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> = told
        .map(|(count, what)| format!("{} {what}", grouped((*count).into())))
        .collect();
    told.join(", ")
}

fn write(text: &str, ink: Ink, look: Look, out: &mut String) {
    for part in wrapped(text, look.width) {
        Line::of(ink, part).write(look, out);
    }
}

#[cfg(test)]
mod tests {
    use super::outcome;
    use crate::report::paint::Look;
    use crate::report::runs::Outcome;

    const LOOK: Look = Look {
        width: 100,
        colour: false,
        unicode: true,
    };

    #[test]
    fn one_run_and_several() {
        let one = Outcome {
            passed: 1,
            exit_code: 1,
            reasons: vec!["the rule book finds 2 errors".to_owned()],
            ..Outcome::default()
        };
        let wanted = "passed, exit code 1: the rule book finds 2 errors\n";
        assert_eq!(outcome(&one, LOOK), wanted);
        let several = Outcome {
            passed: 3,
            differs: 1,
            peer_failed: 1,
            not_played: 2,
            exit_code: 5,
            reasons: vec!["the peer failed in 1 run".to_owned(), "x".to_owned()],
            ..Outcome::default()
        };
        assert_eq!(
            outcome(&several, LOOK),
            "7 runs: 3 passed, 1 differs, 1 peer failed, 2 not played\nexit code 5: the peer failed in 1 run; x\n"
        );
    }
}
