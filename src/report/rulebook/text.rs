//! `informant rules` and `informant explain` for people.

use super::{blamed, changes, named, said_by, title, weight};
use crate::conformance::{self, Rule, Undecidable};
use crate::report::columns::{Cell, Cells, Column, Columns};
use crate::report::paint::{Ink, Line, Look, wrapped};
use crate::session::Severity;

/// The rules as a table.
#[must_use]
pub fn table(rules: &[&Rule], look: Look) -> String {
    let rows: Vec<Vec<Cell>> = rules.iter().map(|rule| row(rule)).collect();
    let columns = Columns::fitting(&COLUMNS, &rows, 0, look);
    let mut out = String::new();
    columns.heading().write(look, &mut out);
    for row in &rows {
        columns.row(row).write(look, &mut out);
    }
    out
}

/// What belongs to a family, or to all whose codes begin so; `None` where nothing does.
#[must_use]
pub fn family(family: &str, look: Look) -> Option<String> {
    let is_of = |code: &str| {
        code.strip_prefix(family)
            .is_some_and(|rest| rest.starts_with('-'))
    };
    let rules = conformance::rules().iter().copied();
    let rules: Vec<&Rule> = rules.filter(|rule| is_of(rule.code)).collect();
    let rows = conformance::undecidable().into_iter();
    let rows: Vec<&Undecidable> = rows.filter(|row| is_of(row.code)).collect();
    if rules.is_empty() && rows.is_empty() {
        return None;
    }
    let mut out = String::new();
    let mut line = Line::of(Ink::Bold, family);
    line.push(Ink::Plain, "  ").push(Ink::Plain, title(family));
    line.write(look, &mut out);
    if !rules.is_empty() {
        out.push('\n');
        out.push_str(&table(&rules, look));
    }
    if !rows.is_empty() {
        out.push_str("\nno traffic decides\n");
    }
    for row in rows {
        let mut line = Line::of(Ink::Plain, format!("{:<10}  ", row.code));
        line.push(Ink::Dim, row.demands);
        line.cut_to(look.width, look).write(look, &mut out);
    }
    Some(out)
}

fn row(rule: &Rule) -> Vec<Cell> {
    let (ink, severity) = match rule.severity() {
        _ if !rule.guards.is_empty() => (Ink::Good, "forgives"),
        Severity::Error => (Ink::Fault, "error"),
        Severity::Warning => (Ink::Warning, "warning"),
        Severity::Info => (Ink::Dim, "info"),
    };
    vec![
        (Ink::Bold, rule.code.to_owned()),
        (ink, severity.to_owned()),
        (Ink::Plain, blamed(rule)),
        (Ink::Plain, rule.versions.to_owned()),
        (Ink::Plain, rule.name.to_owned()),
    ]
}

/// What `informant explain` shows.
#[derive(Debug, Clone, Copy)]
pub enum Explained {
    /// A rule.
    Rule(&'static Rule),
    /// A row that no traffic decides.
    Undecidable(&'static Undecidable),
}

impl Explained {
    /// Its page.
    #[must_use]
    pub fn page(self, look: Look) -> String {
        let mut page = Page {
            look,
            out: String::new(),
        };
        match self {
            Self::Rule(rule) => page.rule(rule),
            Self::Undecidable(row) => page.undecidable(row),
        }
        page.out
    }
}

/// A page as it is written from top to bottom.
struct Page {
    look: Look,
    out: String,
}

impl Page {
    fn rule(&mut self, rule: &Rule) {
        let mut line = Line::of(Ink::Bold, rule.code);
        line.push(Ink::Plain, "  ").push(Ink::Bold, rule.name);
        line.write(self.look, &mut self.out);
        let dot = self.look.dot();
        let facts = [
            rule.severity().name().to_owned(),
            rule.obligation.name().to_owned(),
            format!("by {}", blamed(rule)),
            format!("looks at one {}", rule.scope.name()),
            format!("CWMP {}", rule.versions),
            title(rule.family()).to_owned(),
        ];
        for part in wrapped(&facts.join(dot), self.look.width) {
            Line::of(Ink::Dim, part).write(self.look, &mut self.out);
        }
        self.out.push('\n');
        self.text("demands", rule.demands);
        self.text("why", rule.why);
        self.example("bad", rule.bad);
        self.example("good", rule.good);
        for (place, what) in changes(rule) {
            self.text("change", &format!("{place}: {what}"));
        }
        let weight = match rule.guards {
            [] => weight(rule),
            guards => format!(
                "It makes no findings: it keeps quiet, or softens, {}.",
                guards.join(", ")
            ),
        };
        self.text("how much", &weight);
        self.text("says so", &said_by(rule));
        for (at, related) in named(rule.related).iter().enumerate() {
            self.text(if at == 0 { "related" } else { "" }, related);
        }
        self.text("Wireshark", rule.wireshark);
        if rule.guards.is_empty() {
            let command = format!("informant check FILE --select {}", rule.code);
            self.text("check", &command);
        }
    }

    fn undecidable(&mut self, row: &Undecidable) {
        let mut line = Line::of(Ink::Bold, row.code);
        line.push(Ink::Plain, "  no traffic decides it");
        line.write(self.look, &mut self.out);
        self.out.push('\n');
        self.text("demands", row.demands);
        self.text("reason", row.reason);
    }

    fn text(&mut self, word: &str, text: &str) {
        if text.is_empty() {
            return;
        }
        let room = self
            .look
            .width
            .saturating_sub(COLUMN)
            .clamp(ROOM_MIN, ROOM_MAX);
        for (at, part) in wrapped(text, room).into_iter().enumerate() {
            let mut line = Line::of(Ink::Bold, if at == 0 { word } else { "" });
            line.pad_to(COLUMN).push(Ink::Plain, part);
            line.write(self.look, &mut self.out);
        }
    }

    /// Line by line, as it would be sent; what a line has no room for goes on indented.
    fn example(&mut self, word: &str, text: &str) {
        let ink = if word == "bad" { Ink::Fault } else { Ink::Good };
        let width = self.look.width.saturating_sub(COLUMN + BAR);
        let room = width.saturating_sub(FURTHER.len());
        let mut word = word;
        for sent in text.lines() {
            let parts = if sent.chars().count() <= width {
                vec![sent]
            } else {
                folded(sent, room)
            };
            for (at, part) in parts.into_iter().enumerate() {
                let mut line = Line::of(Ink::Bold, std::mem::take(&mut word));
                line.pad_to(COLUMN)
                    .push(Ink::Dim, self.look.art("│ ", "| "))
                    .push(ink, if at == 0 { "" } else { FURTHER })
                    .push(ink, part);
                line.write(self.look, &mut self.out);
            }
        }
    }
}

/// A line of traffic in parts of so many characters: broken at blanks and before tags.
fn folded(sent: &str, room: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = sent;
    while let Some((end, _)) = rest.char_indices().nth(room.max(1)) {
        let (fits, behind) = rest.split_at(end);
        let broken = if behind.starts_with([' ', '<']) {
            end
        } else {
            fits.rfind([' ', '<']).filter(|at| *at > 0).unwrap_or(end)
        };
        let (part, next) = rest.split_at(broken);
        parts.push(part.trim_end());
        rest = next.trim_start();
    }
    parts.push(rest);
    parts
}

const COLUMNS: [Column; 5] = [
    Column::fixed("code", Cells::Text),
    Column::fixed("breach", Cells::Text),
    Column::giving("by", Cells::Text, 2, 12, 8),
    Column::giving("CWMP", Cells::Text, 1, 14, 6),
    Column::giving("name", Cells::Text, 3, 40, 20),
];
/// Where texts begin.
const COLUMN: usize = 12;
const ROOM_MIN: usize = 24;
/// Columns of the bar before an example.
const BAR: usize = 2;
/// Before what goes on with a line.
const FURTHER: &str = "    ";
/// Longer lines are hard to read.
const ROOM_MAX: usize = 100;
