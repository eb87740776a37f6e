//! The table of sessions, one row each, written as sessions come.

use super::figures::tally;
use super::heading::outcome_ink;
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
    /// Rows that wait until there are enough of them to find widths.
    waiting: Vec<(String, Vec<Cell>)>,
    date: String,
}

impl SessionTable {
    /// An empty table.
    #[must_use]
    pub fn new(look: Look, indent: usize) -> Self {
        Self {
            look,
            indent,
            columns: None,
            waiting: Vec::new(),
            date: String::new(),
        }
    }

    /// Adds a session; what can be written already goes to `out`.
    pub fn push(&mut self, session: &Session, out: &mut String) {
        self.waiting
            .push((moment::date(session.start), row(session, self.look)));
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
        let rows = std::mem::take(&mut self.waiting);
        let columns = match self.columns.take() {
            Some(columns) => columns,
            None => {
                let columns = Columns::fitting(
                    &COLUMNS,
                    rows.iter().map(|(_, row)| row),
                    self.indent,
                    self.look,
                );
                self.write(columns.heading(), out);
                columns
            }
        };
        for (date, row) in rows {
            if date != self.date {
                let mut line = Line::new();
                line.push(Ink::Dim, format!("{date} UTC"));
                self.write(line, out);
                self.date = date;
            }
            self.write(columns.row(&row), out);
        }
        self.columns = Some(columns);
    }

    fn write(&self, line: Line, out: &mut String) {
        let mut indented = Line::new();
        indented.pad_to(self.indent).append(line);
        indented.write(self.look, out);
    }
}

fn row(session: &Session, look: Look) -> Vec<Cell> {
    let events: Vec<&str> = session
        .events
        .iter()
        .map(|event| event_in(event, look))
        .collect();
    let device = session.device.as_deref().unwrap_or("unknown");
    let faults = tally(
        session
            .rpcs
            .iter()
            .filter_map(|rpc| rpc.fault_code.as_deref()),
        look.times(),
    );
    let digits = if look.width >= WIDE { 3 } else { 0 };
    vec![
        (Ink::Bold, session.number.to_string()),
        (Ink::Dim, moment::clock(session.start, digits)),
        (Ink::Cpe, escape::text(device).into_owned()),
        (
            Ink::Plain,
            escape::text(&events.join(if look.width >= WIDE { ", " } else { "," })).into_owned(),
        ),
        (Ink::Plain, escape::text(&rpcs(session, look)).into_owned()),
        (
            outcome_ink(session.outcome),
            session.outcome.name().to_owned(),
        ),
        (Ink::Fault, escape::text(&faults).into_owned()),
        (
            Ink::Dim,
            moment::duration(session.end.milliseconds_since(session.start)),
        ),
    ]
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

/// The methods called; on a narrow screen without the Inform that opens the session, and the long ones in their usual short form.
fn rpcs(session: &Session, look: Look) -> String {
    let narrow = look.width < WIDE;
    let names = session.rpcs.iter().map(|rpc| rpc.method.as_str());
    let skipped = usize::from(
        narrow
            && session.rpcs.len() > 1
            && session
                .rpcs
                .first()
                .is_some_and(|rpc| rpc.method == "Inform"),
    );
    let short = |name| {
        SHORT
            .iter()
            .find(|(long, _)| *long == name)
            .map_or(name, |(_, short)| *short)
    };
    tally(
        names.skip(skipped).map(|name| {
            if look.width < WIDEST {
                short(name)
            } else {
                name
            }
        }),
        look.times(),
    )
}

const COLUMNS: [Column; 8] = [
    Column {
        title: "#",
        least: 1,
        gives: 0,
        cells: Cells::Number,
    },
    Column {
        title: "start",
        least: 8,
        gives: 0,
        cells: Cells::Text,
    },
    Column {
        title: "device",
        least: 10,
        gives: 1,
        cells: Cells::Identifier,
    },
    Column {
        title: "events",
        least: 8,
        gives: 2,
        cells: Cells::Text,
    },
    Column {
        title: "RPCs",
        least: 16,
        gives: 3,
        cells: Cells::Text,
    },
    Column {
        title: "outcome",
        least: 8,
        gives: 0,
        cells: Cells::Text,
    },
    Column {
        title: "faults",
        least: 4,
        gives: 4,
        cells: Cells::Text,
    },
    Column {
        title: "duration",
        least: 6,
        gives: 0,
        cells: Cells::Number,
    },
];

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
/// Columns of a screen that has room for whole method names.
const WIDEST: usize = 130;
/// Rows whose content says how wide the columns are.
const ROWS_MEASURED: usize = 200;
