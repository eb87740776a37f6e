//! The index of sessions: a small row for each, in the order of their numbers; those that a filter selects; those marked.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::session::Outcome;

/// One session in the list; every text is safe to print.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its number.
    pub session: u32,
    /// The day it began.
    pub date: Arc<str>,
    /// The time it began.
    pub clock: Box<str>,
    /// Its device.
    pub device: Arc<str>,
    /// What it was opened for.
    pub events: Arc<str>,
    /// The methods called.
    pub methods: Arc<str>,
    /// The same in short forms.
    pub methods_short: Arc<str>,
    /// How it ended.
    pub outcome: Outcome,
    /// Fault codes.
    pub faults: Arc<str>,
    /// How long it took.
    pub took: Box<str>,
    /// Something of it may be missing: a gap of the capture touches it, or packets were lost while it was open.
    pub is_torn: bool,
    /// What the rule book found, once it has judged.
    pub counts: Option<Counts>,
}

/// How many findings concern a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Errors.
    pub errors: u32,
    /// Warnings.
    pub warnings: u32,
}

impl Counts {
    /// `2E 1W`.
    pub(super) fn words(self) -> String {
        match (self.errors, self.warnings) {
            (0, 0) => String::new(),
            (errors, 0) => format!("{errors}E"),
            (0, warnings) => format!("{warnings}W"),
            (errors, warnings) => format!("{errors}E {warnings}W"),
        }
    }
}

impl Row {
    /// Whether what it shows holds this text.
    pub(super) fn holds(&self, lower: &str) -> bool {
        let texts = [
            &*self.device,
            &*self.events,
            &*self.methods,
            &*self.methods_short,
            &*self.faults,
            self.outcome.name(),
            &*self.clock,
        ];
        texts.iter().any(|text| text.to_lowercase().contains(lower))
            || self.session.to_string() == lower
    }
}

/// Rows, and which of them are shown.
#[derive(Debug, Default)]
pub(super) struct Rows {
    all: Vec<Row>,
    /// Numbers of the sessions that a filter selects, ascending; none where all are shown.
    selected: Option<Vec<u32>>,
    /// Numbers that it selects and that have no row yet.
    awaited: BTreeSet<u32>,
    /// Rows beyond the bound.
    pub omitted: u64,
}

impl Rows {
    /// Adds a session, in its place.
    pub(super) fn push(&mut self, row: Row) {
        if self.all.len() >= ROWS_MAX {
            self.omitted += 1;
            return;
        }
        let place = match self.all.last() {
            Some(last) if last.session >= row.session => {
                self.all.partition_point(|one| one.session < row.session)
            }
            _ => self.all.len(),
        };
        let session = row.session;
        self.all.insert(place, row);
        if self.awaited.remove(&session) {
            self.select(&[session]);
        }
    }

    /// How many are shown.
    pub(super) fn len(&self) -> usize {
        self.selected.as_ref().map_or(self.all.len(), Vec::len)
    }

    /// How many there are.
    pub(super) fn all(&self) -> usize {
        self.all.len()
    }

    /// The one at this place among those shown.
    pub(super) fn at(&self, place: usize) -> Option<&Row> {
        match &self.selected {
            None => self.all.get(place),
            Some(selected) => self.of_session(*selected.get(place)?),
        }
    }

    /// The one with this number.
    pub(super) fn of_session(&self, session: u32) -> Option<&Row> {
        let place = self.place(session)?;
        self.all.get(place)
    }

    fn place(&self, session: u32) -> Option<usize> {
        let place = self.all.binary_search_by_key(&session, |row| row.session);
        place.ok()
    }

    /// The place of a session among those shown, or where it would be.
    pub(super) fn near(&self, session: u32) -> usize {
        match &self.selected {
            None => self.all.partition_point(|row| row.session < session),
            Some(selected) => selected.partition_point(|one| *one < session),
        }
    }

    /// From now on only what is selected is shown; nothing is yet.
    pub(super) fn select_none(&mut self) {
        self.selected = Some(Vec::new());
        self.awaited.clear();
    }

    /// More of what is selected; a session that has no row yet is shown when it has.
    pub(super) fn select(&mut self, sessions: &[u32]) {
        let sessions = sessions.iter().copied();
        let (known, awaited): (Vec<u32>, Vec<u32>) =
            sessions.partition(|session| self.place(*session).is_some());
        if self.omitted == 0 {
            self.awaited.extend(awaited);
        }
        let Some(selected) = &mut self.selected else {
            return;
        };
        let is_behind = selected.last() < known.first();
        selected.extend(known);
        if !is_behind || !selected.is_sorted() {
            selected.sort_unstable();
            selected.dedup();
        }
    }

    /// These are selected no longer.
    pub(super) fn deselect(&mut self, sessions: &[u32]) {
        let sessions: BTreeSet<u32> = sessions.iter().copied().collect();
        self.awaited.retain(|one| !sessions.contains(one));
        if let Some(selected) = &mut self.selected {
            selected.retain(|one| !sessions.contains(one));
        }
    }

    /// All are shown.
    pub(super) fn select_all(&mut self) {
        self.selected = None;
        self.awaited.clear();
    }

    /// What the rule book found; what it does not name has nothing.
    pub(super) fn judge(&mut self, counts: &[(u32, Counts)]) {
        for row in &mut self.all {
            row.counts = Some(Counts::default());
        }
        self.found(counts);
    }

    /// The same of these alone.
    pub(super) fn found(&mut self, counts: &[(u32, Counts)]) {
        for (session, counts) in counts {
            let place = self.place(*session);
            if let Some(row) = place.and_then(|place| self.all.get_mut(place)) {
                row.counts = Some(*counts);
            }
        }
    }
}

/// Rows kept: some 200 bytes each. What is beyond is counted and said on the screen.
const ROWS_MAX: usize = 2_000_000;
