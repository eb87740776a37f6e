//! Fills the list: reads the capture once for its sessions, whose rows appear as they close, then once more for findings.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::shared::{Judged, Shared, percent};
use crate::cli::marks::Marks;
use crate::cli::output::complain;
use crate::cli::reading::{Source, remark};
use crate::cli::{checking, exit, models};
use crate::conformance;
use crate::report::escape;
use crate::report::text::SessionWords;
use crate::session::{Output, Session};
use crate::tui::{Counts, News, Row};

/// Reads everything; breaks where the screens have ended.
pub(super) fn load(shared: &Shared) -> ControlFlow<()> {
    sessions(shared)?;
    let judged = if shared.is_checked {
        judge(shared)
    } else {
        None
    };
    let counts = judged.as_ref().map(counts);
    shared.set_judged(judged);
    match counts {
        Some(counts) => shared.tell(News::Judged(counts)),
        None => ControlFlow::Continue(()),
    }
}

fn sessions(shared: &Shared) -> ControlFlow<()> {
    let rows = std::cell::RefCell::new(Arriving::at(shared));
    let mut last = None;
    let read = shared.read_files(
        &shared.options(false, false),
        &mut |output| match output {
            Output::Session(session) => rows.borrow_mut().push(&session),
            _ => ControlFlow::Continue(()),
        },
        &mut |progress| {
            let percent = percent(progress);
            // Where the screens have ended, the next row finds out.
            let _ = rows.borrow_mut().flush();
            if percent != last {
                last = percent;
                let _ = shared.tell(News::Progress(percent));
            }
        },
    );
    rows.borrow_mut().flush()?;
    let mut tell = |words: &str| {
        complain(words);
        let _ = shared.tell(News::Remark(escape::text(words).into_owned()));
    };
    match read {
        Ok((capture, summary)) => {
            let firsts = capture.facts().iter().filter_map(|facts| facts.first);
            shared.set_read(firsts.min(), capture.marks());
            let codes = remark(&capture, &summary, shared.writing.quiet, &mut tell);
            shared.add_codes(&codes);
        }
        Err(trouble) => {
            tell(&trouble.to_string());
            shared.add_codes(&[trouble.code()]);
        }
    }
    shared.tell(News::Whole)
}

/// Rows on their way to the screens.
struct Arriving<'s> {
    shared: &'s Shared,
    waiting: Vec<Row>,
    rows: Rows,
}

impl<'s> Arriving<'s> {
    fn at(shared: &'s Shared) -> Self {
        Self {
            shared,
            waiting: Vec::new(),
            rows: Rows::default(),
        }
    }

    fn push(&mut self, session: &Session) -> ControlFlow<()> {
        self.shared.index.note(session);
        let row = self.rows.row(session, self.shared);
        self.waiting.push(row);
        if self.waiting.len() < ROWS_AT_ONCE {
            return ControlFlow::Continue(());
        }
        self.flush()
    }

    fn flush(&mut self) -> ControlFlow<()> {
        if self.waiting.is_empty() {
            return ControlFlow::Continue(());
        }
        self.shared
            .tell(News::Rows(std::mem::take(&mut self.waiting)))
    }
}

/// Makes rows.
#[derive(Default)]
pub(super) struct Rows {
    /// Texts that many rows have in common.
    known: HashSet<Arc<str>>,
}

impl Rows {
    /// The row of a session.
    pub(super) fn row(&mut self, session: &Session, shared: &Shared) -> Row {
        let words = SessionWords::of(session, shared.look(WORDS_WIDTH));
        Row {
            session: session.number,
            date: self.shared_text(words.date),
            clock: words.clock.into_boxed_str(),
            device: self.shared_text(words.device),
            events: self.shared_text(words.events),
            methods: self.shared_text(words.methods),
            methods_short: self.shared_text(words.methods_short),
            outcome: session.outcome,
            faults: self.shared_text(words.faults),
            took: words.took.into_boxed_str(),
            is_torn: session.gaps > 0 || session.dropped > Some(0),
            counts: None,
        }
    }

    fn shared_text(&mut self, text: String) -> Arc<str> {
        if let Some(known) = self.known.get(text.as_str()) {
            return Arc::clone(known);
        }
        let text: Arc<str> = text.into();
        if self.known.len() < KNOWN_MAX {
            self.known.insert(Arc::clone(&text));
        }
        text
    }
}

/// What the rule book finds; nothing where it cannot look.
fn judge(shared: &Shared) -> Option<Judged> {
    let source = Source {
        paths: &shared.paths,
        reading: &shared.reading,
        writing: &shared.writing,
        messages: true,
        appears: true,
    };
    let setting = models::of_files(&shared.models);
    let checked = setting.and_then(|setting| checking::beside(&source, setting));
    match checked {
        Ok((summary, checked, is_defect)) => {
            shared.add_codes(if is_defect { &[exit::DEFECT] } else { &[] });
            let marks = Marks::of_checked(checked, is_defect);
            Some(Judged { marks, summary })
        }
        Err(trouble) => {
            complain(&trouble.to_string());
            None
        }
    }
}

/// Errors and warnings of the sessions that have any.
fn counts(judged: &Judged) -> Vec<(u32, Counts)> {
    let sessions = judged.marks.checked().by_session.keys();
    let counts = sessions.map(|session| (*session, bounded(judged.marks.counts(*session))));
    counts.collect()
}

/// What a row tells of them.
pub(super) fn bounded(counts: conformance::Counts) -> Counts {
    let bounded = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    Counts {
        errors: bounded(counts.error),
        warnings: bounded(counts.warning),
    }
}

/// Rows that are told at once.
const ROWS_AT_ONCE: usize = 256;
/// Texts remembered to be shared.
const KNOWN_MAX: usize = 1 << 18;
/// Words of rows do not depend on the screen.
const WORDS_WIDTH: usize = 80;
