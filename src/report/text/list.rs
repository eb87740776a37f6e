//! The table of sessions, one row each, written as sessions come.

use super::figures::tally;
use super::heading::outcome_ink;
use crate::conformance::Counts;
use crate::report::columns::{Cell, Cells, Column, Columns};
use crate::report::escape;
use crate::report::moment;
use crate::report::paint::{Ink, Line, Look};
use crate::session::Session;

/// A table of sessions that grows.
#[derive(Debug)]
pub struct SessionTable {
    look: Look,
    indent: usize,
    columns: Option<Columns>,
    /// The methods do not fit as they are called.
    shortens: bool,
    /// The first rows are all of one device: it stands above its rows, not in each.
    groups: bool,
    /// Rows that wait until there are enough of them to find widths.
    waiting: Vec<Row>,
    /// What stands above the rows written last.
    above: (String, String),
}

#[derive(Debug)]
struct Row {
    date: String,
    device: String,
    /// The methods in their short forms.
    short: String,
    cells: Vec<Cell>,
}

impl SessionTable {
    /// An empty table.
    #[must_use]
    pub fn new(look: Look, indent: usize) -> Self {
        Self {
            look,
            indent,
            columns: None,
            shortens: false,
            groups: false,
            waiting: Vec::new(),
            above: Default::default(),
        }
    }

    /// The same for sessions that come one by one: rows are written at once, with room for what is usual.
    #[must_use]
    pub fn as_they_come(look: Look) -> Self {
        let mut table = Self::new(look, 0);
        let usual: Vec<Cell> = USUAL
            .iter()
            .map(|text| (Ink::Plain, (*text).to_owned()))
            .collect();
        let columns = Columns::fitting(&COLUMNS, std::iter::once(&usual), 0, look);
        table.shortens = columns.cuts(METHODS);
        table.columns = Some(columns);
        table
    }

    /// What stands above the rows.
    pub fn heading(&self, out: &mut String) {
        if let Some(columns) = &self.columns {
            self.write(columns.heading(), out);
        }
    }

    /// Adds a session; what can be written already goes to `out`.
    pub fn push(&mut self, session: &Session, out: &mut String) {
        self.push_checked(session, None, out);
    }

    /// The same, with how many findings concern it, where that is known.
    pub fn push_checked(&mut self, session: &Session, counts: Option<Counts>, out: &mut String) {
        let mut cells = cells(session, self.look);
        cells.insert(FINDINGS, found(counts.unwrap_or_default()));
        self.waiting.push(Row {
            date: moment::date(session.start),
            device: device_of(session),
            short: methods(session, true, self.look),
            cells,
        });
        if self.columns.is_some() || self.waiting.len() >= ROWS_MEASURED {
            self.flush(out);
        }
    }

    /// Writes what is left.
    pub fn finish(&mut self, out: &mut String) {
        if !self.waiting.is_empty() {
            self.flush(out);
        }
    }

    fn flush(&mut self, out: &mut String) {
        let mut rows = std::mem::take(&mut self.waiting);
        if self.columns.is_none() {
            self.groups = rows
                .iter()
                .all(|row| rows.first().is_some_and(|first| first.device == row.device));
        }
        for row in rows.iter_mut().filter(|_| self.groups) {
            if let Some((_, text)) = row.cells.get_mut(DEVICE) {
                text.clear();
            }
        }
        let fitted = self.columns.is_none().then(|| self.fitting(&rows));
        if let Some(columns) = &fitted {
            self.shortens = columns.cuts(METHODS);
        }
        for row in rows.iter_mut().filter(|_| self.shortens) {
            if let Some((_, text)) = row.cells.get_mut(METHODS) {
                text.clone_from(&row.short);
            }
        }
        if fitted.is_some() {
            let columns = self.fitting(&rows);
            self.write(columns.heading(), out);
            self.columns = Some(columns);
        }
        let Some(columns) = self.columns.take() else {
            return;
        };
        for row in rows {
            self.group(&row, out);
            self.write(columns.row(&row.cells), out);
        }
        self.columns = Some(columns);
    }

    fn fitting(&self, rows: &[Row]) -> Columns {
        Columns::fitting(
            &COLUMNS,
            rows.iter().map(|row| &row.cells),
            self.indent,
            self.look,
        )
    }

    /// The date, and in groups the device, wherever they change.
    fn group(&mut self, row: &Row, out: &mut String) {
        let device = if self.groups { row.device.as_str() } else { "" };
        if self.above.0 == row.date && self.above.1 == device {
            return;
        }
        let mut line = Line::of(Ink::Dim, format!("{} UTC", row.date));
        line.push(Ink::Plain, "  ").push(Ink::Cpe, device);
        self.write(
            line.cut_to(self.look.width.saturating_sub(self.indent), self.look),
            out,
        );
        self.above = (row.date.clone(), device.to_owned());
    }

    fn write(&self, line: Line, out: &mut String) {
        let mut indented = Line::new();
        indented.pad_to(self.indent).append(line);
        indented
            .cut_to(self.look.width, self.look)
            .write(self.look, out);
    }
}

/// What a row says of a session, safe to print, for whoever lays out rows of their own.
#[derive(Debug, Clone)]
pub struct SessionWords {
    /// The day it began.
    pub date: String,
    /// The time it began, with milliseconds.
    pub clock: String,
    /// Its device.
    pub device: String,
    /// Its events, joined by a comma and a blank.
    pub events: String,
    /// The methods called.
    pub methods: String,
    /// The same in short forms, without the Inform that opens every session.
    pub methods_short: String,
    /// Fault codes.
    pub faults: String,
    /// How long it took.
    pub took: String,
}

impl SessionWords {
    /// Of this session.
    #[must_use]
    pub fn of(session: &Session, look: Look) -> Self {
        Self {
            date: moment::date(session.start),
            clock: moment::clock(session.start, 3),
            device: device_of(session),
            events: escape::text(&session.events.join(", ")).into_owned(),
            methods: methods(session, false, look),
            methods_short: methods(session, true, look),
            faults: faults(session, look),
            took: took(session),
        }
    }
}

/// How it ended, with a mark where packets were dropped while it was open.
fn outcome(session: &Session) -> String {
    let mark = if session.dropped > Some(0) { "!" } else { "" };
    format!("{}{mark}", session.outcome.name())
}

fn faults(session: &Session, look: Look) -> String {
    let codes = session.rpcs.iter();
    let codes = codes.filter_map(|rpc| rpc.fault_code.as_deref());
    escape::text(&tally(codes, look.times())).into_owned()
}

fn took(session: &Session) -> String {
    moment::duration(session.end.milliseconds_since(session.start))
}

fn device_of(session: &Session) -> String {
    session
        .device
        .as_deref()
        .map_or_else(|| "unknown".to_owned(), |id| escape::text(id).into_owned())
}

fn cells(session: &Session, look: Look) -> Vec<Cell> {
    let events: Vec<&str> = session
        .events
        .iter()
        .map(|event| event_in(event, look))
        .collect();
    let digits = if look.width >= WIDE { 3 } else { 0 };
    vec![
        (Ink::Bold, session.number.to_string()),
        (Ink::Dim, moment::clock(session.start, digits)),
        (Ink::Cpe, device_of(session)),
        (
            Ink::Plain,
            escape::text(&events.join(if look.width >= WIDE { ", " } else { "," })).into_owned(),
        ),
        (Ink::Plain, methods(session, false, look)),
        (outcome_ink(session.outcome), outcome(session)),
        (Ink::Fault, faults(session, look)),
        (Ink::Dim, took(session)),
    ]
}

/// `2E 1W`: errors and warnings; what is only worth a remark is not told here.
fn found(counts: Counts) -> Cell {
    let part = |count: u64, letter| (count > 0).then(|| format!("{count}{letter}"));
    let parts = [part(counts.error, 'E'), part(counts.warning, 'W')];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let ink = if counts.error > 0 {
        Ink::Fault
    } else {
        Ink::Warning
    };
    (ink, parts.join(" "))
}

/// `1 BOOT`; only its code on a narrow screen.
fn event_in(event: &str, look: Look) -> &str {
    match event.split_once(' ') {
        Some((code, _)) if look.width < WIDE && code.bytes().all(|byte| byte.is_ascii_digit()) => {
            code
        }
        _ => event,
    }
}

/// The methods called; in short without the Inform that opens every session, and the long names as people abbreviate them.
fn methods(session: &Session, short: bool, look: Look) -> String {
    let named = |name| {
        SHORT
            .iter()
            .find(|(long, _)| *long == name)
            .map_or(name, |(_, short)| *short)
    };
    let opens =
        session.rpcs.len() > 1 && session.rpcs.first().is_some_and(|rpc| rpc.method == INFORM);
    let names = session
        .rpcs
        .iter()
        .map(|rpc| rpc.method.as_str())
        .skip(usize::from(short && opens));
    escape::text(&tally(
        names.map(|name| if short { named(name) } else { name }),
        look.times(),
    ))
    .into_owned()
}

const COLUMNS: [Column; 9] = [
    Column::fixed("#", Cells::Number),
    Column::fixed("start", Cells::Text),
    Column::giving("device", Cells::Identifier, 2, 14, 8),
    Column::giving("events", Cells::Text, 1, 10, 6),
    Column::giving("RPCs", Cells::Text, 3, 17, 8),
    Column::fixed("outcome", Cells::Text),
    Column::giving("faults", Cells::Text, 4, 8, 8),
    Column::fixed("findings", Cells::Text),
    Column::fixed("took", Cells::Number),
];

/// A row as it often is.
const USUAL: [&str; 9] = [
    "1234",
    "23:59:59",
    "A1B2C3-Phone-0011223344",
    "2,4",
    "Inform GetParameterValues",
    "incomplete!",
    "9005",
    "",
    "12.3 s",
];

/// Which of them tells the device, which the methods.
const DEVICE: usize = 2;
const METHODS: usize = 4;
/// And which the findings.
const FINDINGS: usize = 7;

/// How TR-069 people abbreviate the long names of methods.
const SHORT: [(&str, &str); 5] = [
    ("GetParameterAttributes", "GPA"),
    ("GetParameterNames", "GPN"),
    ("GetParameterValues", "GPV"),
    ("SetParameterAttributes", "SPA"),
    ("SetParameterValues", "SPV"),
];

/// Columns of a screen that has room for whole event names and for milliseconds.
const WIDE: usize = 110;
const INFORM: &str = "Inform";
/// Rows whose content says how wide the columns are.
const ROWS_MEASURED: usize = 200;
