//! The page of `informant diff`: sessions in pairs, what differs in each, and what was passed over.

use super::differences::{Differences, counts, ignored};
use super::figures::{counted, grouped};
use super::next;
use crate::report::compared::{Compared, Labelled, Pair};
use crate::report::escape;
use crate::report::paint::{Ink, Line, Look};
use crate::session::{Difference, Masking};

/// The page.
#[must_use]
pub fn compared(compared: &Compared<'_>, masking: Masking, look: Look) -> String {
    let mut out = String::new();
    for pair in compared.pairs {
        of_pair(pair, masking, look, &mut out);
    }
    for (lone, word) in [(compared.missing, "missing"), (compared.extra, "extra")] {
        for labelled in lone {
            let mut line = Line::of(Ink::Fault, word);
            line.push(Ink::Plain, "  session  ");
            line.append(label(labelled));
            line.cut_to(look.width, look).write(look, &mut out);
        }
    }
    if !(compared.missing.is_empty() && compared.extra.is_empty()) {
        out.push('\n');
    }
    verdict(compared, look, &mut out);
    out
}

fn of_pair(pair: &Pair<'_>, masking: Masking, look: Look, out: &mut String) {
    for (word, labelled) in [("expected", &pair.expected), ("actual", &pair.actual)] {
        let mut line = Line::of(Ink::Dim, word);
        line.pad_to(LABEL_COLUMN).append(label(labelled));
        line.cut_to(look.width, look).write(look, out);
    }
    out.push('\n');
    let page = Differences {
        unit: "message",
        look,
        masking,
    };
    page.write(&pair.comparison.differences, out);
    if pair.comparison.omitted > 0 {
        let more = format!(
            "and {} more",
            counted(pair.comparison.omitted, "difference", "differences")
        );
        Line::of(Ink::Warning, more).write(look, out);
    }
    ignored(&pair.comparison.ignored, look, out);
    if !pair.comparison.ignored.is_empty() {
        out.push('\n');
    }
}

/// `good.pcap session 3  001565-0001  1 BOOT`.
fn label(labelled: &Labelled<'_>) -> Line {
    let session = labelled.session;
    let mut line = Line::of(Ink::Bold, escape::bytes(labelled.file).into_owned());
    line.push(Ink::Plain, format!(" session {}", session.number));
    let device = session.device.as_deref().unwrap_or("no device known");
    line.push(Ink::Plain, format!("  {}", escape::text(device)));
    let events = session.events.join(", ");
    line.push(Ink::Dim, format!("  {}", escape::text(&events)));
    line
}

fn verdict(compared: &Compared<'_>, look: Look, out: &mut String) {
    let pairs = compared.pairs;
    let differences: Vec<&Difference> = pairs
        .iter()
        .flat_map(|pair| &pair.comparison.differences)
        .collect();
    let omitted: u64 = pairs.iter().map(|pair| pair.comparison.omitted).sum();
    if compared.is_same() {
        let sessions = counted(pairs.len() as u64, "session is", "sessions are");
        Line::of(Ink::Good, format!("same: {sessions} as expected")).write(look, out);
        return;
    }
    let lone = compared.missing.len() + compared.extra.len();
    let mut parts = Vec::new();
    if !differences.is_empty() {
        let all = counted(
            omitted.saturating_add(differences.len() as u64),
            "difference",
            "differences",
        );
        parts.push(format!("{all} ({})", counts(&differences)));
    }
    if lone > 0 {
        parts.push(format!(
            "{} without a counterpart",
            counted(lone as u64, "session", "sessions")
        ));
    }
    if compared.left_out > 0 {
        parts.push(format!("{} pairs not compared", grouped(compared.left_out)));
    }
    Line::of(Ink::Fault, format!("differs: {}", parts.join(", ")))
        .cut_to(look.width, look)
        .write(look, out);
    if let Some(pair) = pairs
        .iter()
        .find(|pair| !pair.comparison.differences.is_empty())
    {
        out.push('\n');
        next::write(&commands(pair), look, out);
    }
}

/// Both sessions as they are, and how to pass over what may differ.
fn commands(pair: &Pair<'_>) -> Vec<(String, &'static str)> {
    let show = |labelled: &Labelled<'_>| {
        let file = next::quoted(labelled.file);
        format!("informant show {file} {}", labelled.session.number)
    };
    let mut commands = vec![
        (show(&pair.expected), "what was expected"),
        (show(&pair.actual), "what came"),
    ];
    let place = pair
        .comparison
        .differences
        .iter()
        .find(|one| !one.place.is_empty());
    if let Some(difference) = place {
        let file = |labelled: &Labelled<'_>| {
            format!(
                "{}#{}",
                next::quoted(labelled.file),
                labelled.session.number
            )
        };
        let place = next::quoted(difference.place.as_bytes());
        let (expected, actual) = (file(&pair.expected), file(&pair.actual));
        let command = format!("informant diff {expected} {actual} --ignore {place}");
        commands.push((command, "pass over a place that may differ"));
    }
    commands
}

/// Where what a session is begins.
const LABEL_COLUMN: usize = 10;
