//! The list of sessions: where the cursor stands, what is marked, which columns are shown.

use super::keys::{Motion, top_for};
use super::rows::{Row, Rows};

/// The list.
#[derive(Debug, Default)]
pub(super) struct List {
    pub rows: Rows,
    /// Place of the cursor among the rows shown.
    pub at: usize,
    /// The first row on the screen.
    pub top: usize,
    /// Sessions that are marked, in the order of marking.
    pub marked: Vec<u32>,
    /// Columns that are not shown, by their place.
    pub hidden: [bool; COLUMNS],
}

/// Columns that can be hidden: start, device, events, RPCs, outcome, faults, findings, time.
pub(super) const COLUMNS: usize = 8;
/// Their titles.
pub(super) const TITLES: [&str; COLUMNS] = [
    "start", "device", "events", "RPCs", "outcome", "faults", "findings", "took",
];

impl List {
    /// The session under the cursor.
    pub(super) fn row(&self) -> Option<&Row> {
        self.rows.at(self.at)
    }

    pub(super) fn push(&mut self, rows: Vec<Row>) {
        let under = self.row().map(|row| row.session);
        let (at_before, count) = (self.at, self.rows.len());
        for row in rows {
            self.rows.push(row);
        }
        // What comes in before the cursor does not move it to another session.
        if let Some(session) = under.filter(|_| count > 0) {
            self.at = self.rows.near(session);
            self.top += self.at.saturating_sub(at_before);
        }
    }

    pub(super) fn go(&mut self, motion: Motion, height: usize) {
        self.at = motion.from(self.at, self.rows.len(), height);
        self.top = top_for(self.top, self.at, height);
    }

    /// The cursor where this session is, or would be.
    pub(super) fn go_to(&mut self, session: Option<u32>, height: usize) {
        let place = session.map_or(0, |session| self.rows.near(session));
        self.at = place.min(self.rows.len().saturating_sub(1));
        self.top = top_for(self.top, self.at, height).min(self.at);
    }

    /// Marks the session under the cursor, or takes its mark away.
    pub(super) fn mark(&mut self) {
        let Some(session) = self.row().map(|row| row.session) else {
            return;
        };
        let before = self.marked.len();
        self.marked.retain(|one| *one != session);
        if self.marked.len() == before {
            self.marked.push(session);
        }
    }

    /// The next row that shows this text, or the one before; around the end where need be.
    pub(super) fn find(&self, lower: &str, backwards: bool) -> Option<usize> {
        let count = self.rows.len();
        let step = |distance: usize| {
            if backwards {
                (self.at + count - distance) % count
            } else {
                (self.at + distance) % count
            }
        };
        let holds = |place: &usize| self.rows.at(*place).is_some_and(|row| row.holds(lower));
        (1..=count).map(step).find(holds)
    }
}
