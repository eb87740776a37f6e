//! What breaks the rules, in one session or in all, each finding leading to its rule.

use super::lines;
use crate::cli::tui::shared::{Judged, Shared};
use crate::conformance::{self, Checked};
use crate::report::paint::Look;
use crate::report::text::Check;
use crate::tui::{Ink, Line, Page, Stop, Target, Yank};

/// The page.
pub(super) fn page(shared: &Shared, judged: &Judged, session: Option<u32>, look: Look) -> Page {
    let found = match session {
        None => judged.marks.checked().findings.clone(),
        Some(session) => judged.marks.of(session).into_iter().cloned().collect(),
    };
    let title = match session {
        None => "findings".to_owned(),
        Some(session) => format!("findings of session {session}"),
    };
    let checked = Checked {
        findings: found,
        ..Checked::default()
    };
    let check = Check {
        checked: &checked,
        summary: &judged.summary,
        paths: &shared.paths,
        accepted: 0,
        look,
    };
    let mut lines = lines(&check.found());
    let stops: Vec<Stop> = lines.iter().enumerate().filter_map(stop).collect();
    if lines.is_empty() {
        lines.push(Line::of(Ink::Good, "nothing breaks the rules here"));
    }
    Page {
        title,
        lines,
        jumps: !stops.is_empty(),
        stops,
        first: 0,
    }
}

/// The line that begins a finding leads to its rule, the one below to the session in which it is shown.
fn stop((line, text): (usize, &Line)) -> Option<Stop> {
    let text = text.text();
    rule(line, &text).or_else(|| place(line, &text))
}

/// It has the weight and the code.
fn rule(line: usize, text: &str) -> Option<Stop> {
    let (weight, rest) = text.split_once(' ')?;
    let code = rest.split_whitespace().next()?;
    let mut rules = conformance::rules().iter();
    let is_known = ["error", "warning", "info"].contains(&weight);
    rules.find(|rule| is_known && rule.code == code)?;
    Some(Stop {
        line,
        target: Some(Target::Rule(code.to_owned())),
        yank: Yank {
            value: Some(code.to_owned()),
            path: None,
            filter: Some(format!("finding.code == {code}")),
        },
    })
}

/// `  --> frames 4-5, session 1, Inform, body line 12`.
fn place(line: usize, text: &str) -> Option<Stop> {
    // Behind these two stands what the wire said.
    let mut parts = text.strip_prefix("  --> ")?.split(", ").take(2);
    let session = parts.find_map(|part| part.strip_prefix("session "));
    let session: u32 = session?.parse().ok()?;
    Some(Stop {
        line,
        target: Some(Target::Session(session)),
        yank: Yank {
            value: Some(text.trim_start_matches([' ', '-', '>']).to_owned()),
            path: None,
            filter: Some(format!("session == {session}")),
        },
    })
}
