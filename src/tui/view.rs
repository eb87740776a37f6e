//! A page on the screen: where it is looked at.

use super::keys::{Motion, top_for};
use super::{Page, Stop, What};

/// A page, and the place in it.
#[derive(Debug, Clone, Default)]
pub(super) struct View {
    /// What it is of; none for help.
    pub what: Option<What>,
    pub page: Page,
    /// Columns for which it was made.
    pub width: u16,
    /// The line with the cursor.
    pub at: usize,
    /// The first line on the screen.
    pub top: usize,
    /// Columns that are out of sight at the left.
    pub left: usize,
}

impl View {
    pub(super) fn new(what: Option<What>, page: Page, width: u16, height: usize) -> Self {
        let mut view = Self {
            what,
            page,
            width,
            ..Self::default()
        };
        view.at = view.first();
        if view.page.first > 0 {
            view.at = view.page.first;
            view.top = top_for(0, view.at + height / 2, height).min(view.top_max(height));
        }
        view
    }

    /// The same place in a page that was made anew.
    pub(super) fn renew(&mut self, what: What, page: Page, width: u16, height: usize) {
        let of = |view: &Self| {
            let behind = view.page.stops.partition_point(|stop| stop.line <= view.at);
            behind.checked_sub(1)
        };
        let is_same = self.what.as_ref() == Some(&what);
        let stop = of(self).filter(|_| is_same && page.jumps);
        let (at, top, left) = (self.at, self.top, self.left);
        *self = Self::new(Some(what), page, width, height);
        if !is_same {
            return;
        }
        let stop = stop.and_then(|at| self.page.stops.get(at));
        self.at = stop.map_or(at, |stop| stop.line);
        self.at = self.at.min(self.page.lines.len().saturating_sub(1));
        self.left = left;
        self.top = top_for(top, self.at, height).min(self.top_max(height));
    }

    /// The stop that the cursor stands at.
    pub(super) fn stop(&self) -> Option<&Stop> {
        self.page.stop_at(self.at)
    }

    pub(super) fn go(&mut self, motion: Motion, height: usize) {
        match motion {
            Motion::Left => self.left = self.left.saturating_sub(SIDEWAYS),
            Motion::Right => self.left = (self.left + SIDEWAYS).min(self.left_max()),
            Motion::Up | Motion::Down if self.page.jumps => self.jump(motion, height),
            Motion::First if self.page.jumps => {
                (self.at, self.top) = (self.first(), 0);
            }
            _ => {
                self.at = motion.from(self.at, self.page.lines.len(), height);
                if self.page.jumps {
                    self.at = self.page.stop_at(self.at).map_or(self.at, |stop| stop.line);
                }
                self.show(self.at, height);
            }
        }
    }

    /// To this line.
    pub(super) fn show(&mut self, line: usize, height: usize) {
        self.at = line.min(self.page.lines.len().saturating_sub(1));
        self.top = top_for(self.top, self.at, height);
        if self.is_last_stop() && self.page.jumps {
            self.top = self.top.max((self.at + 1).saturating_sub(height / 2));
            self.top = self.top.min(self.top_max(height).max(self.lowest(height)));
        }
    }

    fn lowest(&self, height: usize) -> usize {
        (self.at + 1).saturating_sub(height.max(1))
    }

    /// To the next stop; where it is too far away to see both, the page moves on.
    fn jump(&mut self, motion: Motion, height: usize) {
        let stops = &self.page.stops;
        let next = if motion == Motion::Down {
            let behind = stops.partition_point(|stop| stop.line <= self.at);
            let next = stops.get(behind).map(|stop| stop.line);
            next.filter(|line| *line < self.top + height + height / 2)
        } else {
            let before = stops.partition_point(|stop| stop.line < self.at);
            let next = before.checked_sub(1).and_then(|at| stops.get(at));
            let next = next.map(|stop| stop.line);
            next.filter(|line| line + height / 2 >= self.top)
        };
        match (next, motion) {
            (Some(line), _) => self.show(line, height),
            (None, Motion::Down) => self.top = (self.top + 1).min(self.top_max(height)),
            (None, _) => self.top = self.top.saturating_sub(1),
        }
    }

    fn first(&self) -> usize {
        let first = self.page.stops.first().filter(|_| self.page.jumps);
        first.map_or(0, |stop| stop.line)
    }

    fn is_last_stop(&self) -> bool {
        let last = self.page.stops.last();
        last.is_some_and(|last| last.line == self.at)
    }

    pub(super) fn top_max(&self, height: usize) -> usize {
        self.page.lines.len().saturating_sub(height)
    }

    fn left_max(&self) -> usize {
        let lines = self.page.lines.iter();
        let widest = lines.map(super::Line::width).max().unwrap_or(0);
        widest.saturating_sub(SIDEWAYS)
    }

    /// The next line behind the cursor, or before it, that holds this text; around the end where need be.
    pub(super) fn find(&self, lower: &str, backwards: bool) -> Option<usize> {
        let count = self.page.lines.len();
        let step = |distance: usize| {
            if backwards {
                (self.at + count - distance % count.max(1)) % count.max(1)
            } else {
                (self.at + distance) % count.max(1)
            }
        };
        let holds = |line: &usize| {
            let line = self.page.lines.get(*line);
            line.is_some_and(|line| line.holds(lower))
        };
        (1..=count).map(step).find(holds)
    }
}

/// Columns that the page moves sideways at once.
const SIDEWAYS: usize = 16;
