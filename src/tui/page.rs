//! A page that can be leafed through: lines, and the places in them that lead on or can be copied.

use super::Line;

/// What is shown of one thing: a ladder, a message, a story.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// What it is of, safe to print.
    pub title: String,
    /// All of it.
    pub lines: Vec<Line>,
    /// Places in it, by line, ascending.
    pub stops: Vec<Stop>,
    /// The cursor goes from stop to stop, not from line to line.
    pub jumps: bool,
    /// The line that is looked at first.
    pub first: usize,
}

/// A line that leads on, or from which something can be copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Which line, from 0.
    pub line: usize,
    /// Where it leads.
    pub target: Option<Target>,
    /// What can be copied there.
    pub yank: Yank,
}

/// Where a line leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A message, by its place among those of the session that can be shown.
    Message {
        /// The session.
        session: u32,
        /// The place, from 0.
        at: usize,
    },
    /// A rule, by its code.
    Rule(String),
    /// A session's ladder.
    Session(u32),
}

/// What can be copied of a line; safe to print.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Yank {
    /// The value that stands there.
    pub value: Option<String>,
    /// Its path.
    pub path: Option<String>,
    /// A display filter that selects what is like it.
    pub filter: Option<String>,
}

impl Page {
    /// The stop of a line; where the line has none, the nearest above it.
    #[must_use]
    pub fn stop_at(&self, line: usize) -> Option<&Stop> {
        let behind = self.stops.partition_point(|stop| stop.line <= line);
        self.stops.get(behind.checked_sub(1)?)
    }

    /// The stop of exactly this line, or of the arrow or finding that it belongs to where the cursor jumps.
    #[must_use]
    pub fn stop_of(&self, line: usize) -> Option<&Stop> {
        let start = self.start_of(line);
        self.stop_at(start)
            .filter(|stop| self.jumps || stop.line == start)
    }

    /// All of a line that was too long for the screen, from any part of it.
    #[must_use]
    pub fn whole_line(&self, line: usize) -> Option<String> {
        let behind = self.lines.get(self.start_of(line)..)?;
        let first = behind.first()?.own_text();
        let others = behind.iter().skip(1).take_while(|line| line.continues());
        Some(others.fold(first, |text, line| text + &line.own_text()))
    }

    /// Where the line begins that this one goes on.
    fn start_of(&self, line: usize) -> usize {
        let before = self
            .lines
            .iter()
            .take(line + 1)
            .rposition(|line| !line.continues());
        before.unwrap_or(line)
    }
}
