//! Two sessions beside each other: their messages in two columns, and below what differs in them.

use super::lines;
use crate::cli::tui::desk::Wanted;
use crate::cli::tui::opened::open;
use crate::cli::tui::shared::Shared;
use crate::report::paint::{Look, cut_end};
use crate::report::{Compared, Labelled, Pair, escape, text};
use crate::session::compare::{CompareRules, Said, sessions};
use crate::session::{Session, Side};
use crate::tui::{Ink, Line, Page};

/// The page.
///
/// # Errors
///
/// Where one of them cannot be read.
pub(super) fn page(
    shared: &Shared,
    wanted: &Wanted,
    first: u32,
    second: u32,
    look: Look,
) -> Result<Page, String> {
    let expected = open(shared, wanted, first)?;
    let actual = open(shared, wanted, second)?;
    let rules = CompareRules {
        fresh_keys: true,
        masking: shared.masking(),
        ..CompareRules::default()
    };
    let left: Vec<Said<'_>> = expected.messages().map(Said::from).collect();
    let right: Vec<Said<'_>> = actual.messages().map(Said::from).collect();
    let comparison = sessions(&left, &right, &rules);
    let file = shared.paths.first().and_then(|path| path.file_name());
    let file = file.map(std::ffi::OsStr::as_encoded_bytes);
    let file = file.unwrap_or_default();
    let pair = Pair {
        expected: Labelled {
            file,
            session: &expected.session,
        },
        actual: Labelled {
            file,
            session: &actual.session,
        },
        comparison: &comparison,
    };
    let compared = Compared {
        pairs: &[pair],
        missing: &[],
        extra: &[],
        left_out: 0,
    };
    let mut page = Page {
        title: format!(
            "session {first} ({} messages) beside session {second} ({} messages)",
            left.len(),
            right.len()
        ),
        lines: beside(&expected.session, &actual.session, look),
        ..Page::default()
    };
    page.lines.push(Line::default());
    let page_of_text = text::compared(&compared, shared.masking(), look);
    page.lines.extend(lines(&page_of_text));
    Ok(page)
}

/// What both said, in two columns; what both have in common stands in one row.
fn beside(left: &Session, right: &Session, look: Look) -> Vec<Line> {
    let half = look.width.saturating_sub(3) / 2;
    let heading = |session: &Session| {
        let device = session.device.as_deref().unwrap_or("unknown device");
        format!("session {}  {}", session.number, escape::text(device))
    };
    let mut lines = vec![row(
        (Ink::Bold, &heading(left)),
        ' ',
        (Ink::Bold, &heading(right)),
        half,
        look,
    )];
    let (said, came) = (words(left), words(right));
    for (one, other) in aligned(&said, &came) {
        lines.push(laid(
            one.map_or("", String::as_str),
            other.map_or("", String::as_str),
            half,
            look,
        ));
    }
    let (ended, came) = (left.outcome.name(), right.outcome.name());
    lines.push(laid(ended, came, half, look));
    lines
}

/// A row that says whether both are the same.
fn laid(one: &str, other: &str, half: usize, look: Look) -> Line {
    let (mark, ink) = if one == other {
        (' ', Ink::Plain)
    } else {
        ('!', Ink::Warning)
    };
    row((ink, one), mark, (ink, other), half, look)
}

fn row(left: (Ink, &str), mark: char, right: (Ink, &str), half: usize, look: Look) -> Line {
    let mut line = Line::of(left.0, cut_end(left.1, half, look));
    let missing = half.saturating_sub(line.width());
    line.push(Ink::Plain, " ".repeat(missing));
    line.push(Ink::Warning, format!(" {mark} "));
    line.push(right.0, cut_end(right.1, half, look));
    line
}

/// Each message of a session in a few words.
fn words(session: &Session) -> Vec<String> {
    let called = session.rpcs.iter().map(|rpc| {
        let side = match rpc.from {
            Side::Cpe => "cpe",
            Side::Acs => "acs",
            Side::Other => "other",
        };
        let fault = rpc.fault_code.as_deref();
        let fault = fault.map_or_else(String::new, |code| format!(" fault {code}"));
        escape::text(&format!("{side}  {}{fault}", rpc.method)).into_owned()
    });
    called.collect()
}

/// Both lists with what is the same in one row: the longest common part of them, as far as a bound allows.
fn aligned<'a>(
    left: &'a [String],
    right: &'a [String],
) -> Vec<(Option<&'a String>, Option<&'a String>)> {
    let mut rows = Vec::new();
    let (mut one, mut other) = (0, 0);
    while one < left.len() || other < right.len() {
        let (here, there) = (left.get(one), right.get(other));
        if here == there {
            rows.push((here, there));
            (one, other) = (one + 1, other + 1);
            continue;
        }
        let ahead = |list: &'a [String], from: usize, wanted: Option<&String>| {
            let list = list.get(from..).unwrap_or_default();
            let mut near = list.iter().take(AHEAD_MAX);
            wanted.and_then(|wanted| near.position(|word| word == wanted))
        };
        match (ahead(right, other, here), ahead(left, one, there)) {
            (Some(skipped), behind) if behind.is_none_or(|behind| skipped <= behind) => {
                rows.extend(
                    right
                        .iter()
                        .skip(other)
                        .take(skipped)
                        .map(|word| (None, Some(word))),
                );
                other += skipped;
            }
            (_, Some(skipped)) => {
                rows.extend(
                    left.iter()
                        .skip(one)
                        .take(skipped)
                        .map(|word| (Some(word), None)),
                );
                one += skipped;
            }
            _ => {
                rows.push((here, there));
                (one, other) = (one + 1, other + 1);
            }
        }
    }
    rows
}

/// How far ahead the same is looked for.
const AHEAD_MAX: usize = 64;
