//! The list of sessions: title, headings, and the rows that are on the screen.

use super::{Canvas, columns_of, cut_end, cut_start};
use crate::session::Outcome;
use crate::tui::App;
use crate::tui::line::{Ink, Line};
use crate::tui::list::{COLUMNS, TITLES};
use crate::tui::rows::{Counts, Row};

/// Draws it; how many rows were laid out.
pub(super) fn draw(app: &App, canvas: &mut Canvas<'_>) -> usize {
    title(app, canvas);
    let widths = Widths::of(app, canvas.width());
    canvas.line(1, &widths.headings(), 0, false);
    let mut laid_out = 0;
    let (top, height) = (app.list.top, app.list_height());
    for place in top..top.saturating_add(height) {
        let Some(row) = app.list.rows.at(place) else {
            break;
        };
        let is_marked = app.list.marked.contains(&row.session);
        let line = widths.row(row, is_marked);
        canvas.line(place - top + 2, &line, 0, place == app.list.at);
        laid_out += 1;
    }
    if app.list.rows.len() == 0 && height > 0 {
        canvas.line(2, &Line::of(Ink::Dim, nothing(app)), 0, false);
    }
    laid_out
}

/// Why the list is empty.
fn nothing(app: &App) -> &'static str {
    match (app.reading.is_whole, app.filter.expression.is_empty()) {
        (_, false) if app.filter.ticket.is_some() => "no session selected so far",
        (_, false) => "the filter selects no session: F9 takes it away",
        (true, true) => "no CWMP session in here",
        (false, true) => "no session so far",
    }
}

/// What is looked at, how many sessions there are, and where the cursor stands.
fn title(app: &App, canvas: &mut Canvas<'_>) {
    let rows = &app.list.rows;
    let mut right = String::new();
    if rows.len() < rows.all() {
        right = format!("{} of ", rows.len());
    }
    let all = rows.all();
    let word = if all == 1 { "session" } else { "sessions" };
    right.push_str(&format!("{all} {word}"));
    if rows.omitted > 0 {
        right.push_str(&format!(", {} beyond the bound rows_max", rows.omitted));
    }
    if !app.reading.is_whole {
        right.push_str(&match app.reading.percent {
            Some(percent) => format!(", {percent}% read"),
            None if app.opening.is_live => ", listening".to_owned(),
            None => ", reading".to_owned(),
        });
    }
    let left = format!("informant  {}", app.opening.title);
    canvas.bar(0, &ends(&left, &right, canvas.width(), app));
}

/// Words at both ends of a row.
pub(super) fn ends(left: &str, right: &str, width: usize, app: &App) -> Line {
    let right = cut_end(right, width, ellipsis(app));
    let room = width.saturating_sub(columns_of(&right) + 2);
    let left = cut_end(left, room, ellipsis(app));
    let gap = width.saturating_sub(columns_of(&left) + columns_of(&right));
    Line::of(Ink::Bold, format!("{left}{}{right}", " ".repeat(gap)))
}

/// Marks that something was left out.
pub(super) fn ellipsis(app: &App) -> &'static str {
    if app.opening.unicode { "…" } else { ".." }
}

/// How wide the columns are; none where one is hidden or has no room.
struct Widths {
    number: usize,
    columns: [usize; COLUMNS],
    is_wide: bool,
    ellipsis: &'static str,
}

impl Widths {
    fn of(app: &App, width: usize) -> Self {
        let last = app.list.rows.at(app.list.rows.len().saturating_sub(1));
        let last = last.map_or(0, |row| row.session);
        let number = last.to_string().len().max(3);
        let is_wide = width >= WIDE;
        let mut columns = if is_wide { ROOMY } else { NARROW };
        for (column, hidden) in columns.iter_mut().zip(app.list.hidden) {
            *column = if hidden { 0 } else { *column };
        }
        let mut widths = Self {
            number,
            columns,
            is_wide,
            ellipsis: ellipsis(app),
        };
        widths.share(width);
        widths
    }

    /// What is left over goes to what gives; what is missing is taken from it.
    fn share(&mut self, width: usize) {
        let gutters = self.columns.iter().filter(|column| **column > 0).count();
        let taken = 1 + self.number + gutters + self.columns.iter().sum::<usize>();
        if let Some(missing) = taken.checked_sub(width).filter(|missing| *missing > 0) {
            let mut missing = missing;
            for (place, least) in GIVING {
                let Some(column) = self.columns.get_mut(place) else {
                    continue;
                };
                let given = missing.min(column.saturating_sub(least));
                *column -= given;
                missing -= given;
            }
            return;
        }
        let mut free = width.saturating_sub(taken);
        for (place, parts) in [(EVENTS, 3), (DEVICE, 2), (METHODS, 1)] {
            if let Some(column) = self.columns.get_mut(place).filter(|column| **column > 0) {
                let share = free / parts;
                *column += share;
                free -= share;
            }
        }
    }

    fn headings(&self) -> Line {
        let cells = TITLES.map(|title| (Ink::Dim, title.to_owned()));
        let number = (Ink::Dim, "#".to_owned());
        self.line(' ', number, cells)
    }

    fn row(&self, row: &Row, is_marked: bool) -> Line {
        let device = self.columns.get(DEVICE).copied().unwrap_or_default();
        let room = self.columns.get(METHODS).copied().unwrap_or_default();
        let methods = if columns_of(&row.methods) <= room {
            &row.methods
        } else {
            &row.methods_short
        };
        let clock = if self.is_wide {
            &row.clock
        } else {
            row.clock.split('.').next().unwrap_or_default()
        };
        let counts = row.counts.unwrap_or_default();
        let cells = [
            (Ink::Dim, clock.to_owned()),
            (Ink::Cpe, cut_start(&row.device, device, self.ellipsis)),
            (Ink::Plain, self.events(&row.events)),
            (Ink::Plain, methods.to_string()),
            (outcome_ink(row.outcome), outcome(row)),
            (Ink::Fault, row.faults.to_string()),
            (counts_ink(counts), counts.words()),
            (Ink::Dim, row.took.to_string()),
        ];
        let number = (Ink::Bold, row.session.to_string());
        self.line(if is_marked { '*' } else { ' ' }, number, cells)
    }

    /// `1 BOOT`; only its code on a narrow screen.
    fn events(&self, events: &str) -> String {
        if self.is_wide {
            return events.to_owned();
        }
        let code = |event: &str| match event.split_once(' ') {
            Some((code, _)) if code.bytes().all(|byte| byte.is_ascii_digit()) => code.to_owned(),
            _ => event.to_owned(),
        };
        let codes: Vec<String> = events.split(", ").map(code).collect();
        codes.join(",")
    }

    fn line(&self, mark: char, number: (Ink, String), cells: [(Ink, String); COLUMNS]) -> Line {
        let mut line = Line::of(Ink::Warning, mark.to_string());
        let columns = [self.number].into_iter().chain(self.columns);
        let cells = [number].into_iter().chain(cells);
        for (place, (width, (ink, text))) in columns.zip(cells).enumerate() {
            if width == 0 {
                continue;
            }
            let text = cut_end(&text, width, self.ellipsis);
            let missing = " ".repeat(width.saturating_sub(columns_of(&text)));
            if place == 0 || place == COLUMNS {
                line.push(Ink::Plain, missing).push(ink, text);
            } else {
                line.push(ink, text).push(Ink::Plain, missing);
            }
            line.push(Ink::Plain, " ");
        }
        line
    }
}

/// How it ended; a gap of the capture is told with it.
fn outcome(row: &Row) -> String {
    let name = row.outcome.name();
    if row.is_torn && row.outcome != Outcome::Incomplete {
        format!("{name}!")
    } else {
        name.to_owned()
    }
}

fn outcome_ink(outcome: Outcome) -> Ink {
    match outcome {
        Outcome::Complete => Ink::Good,
        Outcome::Faulted | Outcome::Rejected | Outcome::Aborted => Ink::Fault,
        Outcome::Incomplete => Ink::Warning,
    }
}

fn counts_ink(counts: Counts) -> Ink {
    if counts.errors > 0 {
        Ink::Fault
    } else {
        Ink::Warning
    }
}

/// Columns of a screen with room for whole event names and milliseconds.
const WIDE: usize = 110;
const DEVICE: usize = 1;
const EVENTS: usize = 2;
const METHODS: usize = 3;
/// Columns before the rest is shared: start, device, events, RPCs, outcome, faults, findings, took.
const NARROW: [usize; COLUMNS] = [8, 14, 6, 11, 10, 6, 8, 6];
const ROOMY: [usize; COLUMNS] = [12, 22, 18, 20, 11, 8, 8, 8];
/// What gives way on a small screen, first come first, down to so many columns.
const GIVING: [(usize, usize); 8] = [
    (METHODS, 8),
    (DEVICE, 8),
    (6, 5),
    (7, 0),
    (5, 0),
    (EVENTS, 0),
    (0, 0),
    (METHODS, 0),
];
