//! `informant summary`, also without a command.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::arguments::{Document, SummaryArguments};
use super::exit::Trouble;
use super::later;
use super::marks::{Marks, end_of};
use super::output::{Sink, complain};
use super::reading::Source;
use super::screen;
use super::select::{self, Sessions};
use super::tally::Tally;
use crate::conformance::Counts;
use crate::report::{json, text};
use crate::session::{Masking, Outcome, Session, Summary};

/// `is_implied` where no command was given, and the first file may be meant as one.
pub(super) fn run(arguments: &SummaryArguments, is_implied: bool) -> Result<u8, Trouble> {
    let paths = arguments.files.paths();
    if is_implied {
        later::refuse(arguments.files.files.first().map(|file| file.as_os_str()))?;
    }
    let filter = select::parse(
        arguments.filter.as_deref(),
        select::SESSIONS,
        &arguments.writing,
    )?;
    let mut source = Source {
        paths: &paths,
        reading: &arguments.reading,
        writing: &arguments.writing,
        messages: false,
        appears: false,
    };
    let marks = Marks::read(&arguments.check, filter.as_ref(), &source);
    if marks.is_err() && is_implied {
        hint(&paths);
    }
    let marks = marks?;
    let marks = marks.as_ref();
    let mut sessions = Sessions::new(filter.as_ref(), marks);
    let mut sink = Sink::open(&arguments.writing, &paths)?;
    source.messages = sessions.needs_messages();
    let limits = arguments.reading.options(false).limits.assemble;
    let mut picked = Picked::new(filter.as_ref().map(|_| Tally::new(limits)));
    let read = source.read(&mut |output| {
        picked.push(sessions.take(output));
        ControlFlow::Continue(())
    });
    if is_implied {
        hint(&paths);
    }
    let mut done = read?;
    for judged in sessions.rest() {
        picked.push(Some(judged));
    }
    let selected = picked.selected.take();
    picked.finish(&mut done.summary);
    let found = marks.map(|marks| found(marks, selected.as_ref(), &done.summary));
    let count = sessions.count;
    count.remark_on_none(filter.as_ref(), COUNTED, &arguments.writing);
    let masking = Masking {
        show_secrets: arguments.writing.show_secrets,
    };
    let _ = match arguments.format {
        Document::Text => sink.text(&text::summary(
            &done.summary,
            &paths,
            found.as_ref(),
            masking,
            screen::look(&arguments.writing),
        )),
        Document::Json => {
            let counts = found
                .as_ref()
                .map(|found| Counts::of(found.findings.iter().copied()));
            let record = json::SummaryRecord::new(&done.summary, &paths).with_findings(counts);
            sink.with(|writer| json::write(&record, json::Layout::Indented, writer))
        }
    };
    Ok(end_of(done, marks, sink, arguments.writing.quiet))
}

/// What concerns the sessions that are counted, and those of the table.
fn found<'m>(
    marks: &'m Marks,
    selected: Option<&BTreeSet<u32>>,
    summary: &Summary,
) -> text::Found<'m> {
    let shown = summary.sessions.iter().map(|session| session.number);
    text::Found {
        findings: marks.of_all(selected),
        by_session: shown.map(|number| (number, marks.counts(number))).collect(),
    }
}

/// A mistyped command looks like a file that is not there.
fn hint(paths: &[PathBuf]) {
    let Some(word) = paths.first().and_then(|path| path.to_str()) else {
        return;
    };
    let is_word = !word.is_empty()
        && word
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    if is_word && word != "-" && !Path::new(word).exists() {
        complain(&format!(
            "'{word}' is no command either: see informant --help"
        ));
    }
}

/// The sessions of the first screen: the first ones, and the first that went wrong.
#[derive(Debug, Default)]
struct Picked {
    /// The numbers of the sessions that a filter selects.
    selected: Option<BTreeSet<u32>>,
    /// Where a filter leaves sessions out.
    tally: Option<Tally>,
    first: BTreeMap<u32, Session>,
    odd: BTreeMap<u32, Session>,
}

impl Picked {
    fn new(tally: Option<Tally>) -> Self {
        Self {
            selected: tally.as_ref().map(|_| BTreeSet::new()),
            tally,
            ..Self::default()
        }
    }

    fn push(&mut self, judged: Option<(Box<Session>, bool)>) {
        let Some((mut session, true)) = judged else {
            return;
        };
        if let Some(tally) = &mut self.tally {
            tally.session(&session);
        }
        if let Some(selected) = &mut self.selected {
            selected.insert(session.number);
        }
        session.steps = Vec::new();
        if session.outcome != Outcome::Complete {
            keep(&mut self.odd, &session, ODD_MAX);
        }
        keep(&mut self.first, &session, SESSIONS_MAX);
    }

    fn finish(mut self, summary: &mut Summary) {
        if let Some(tally) = self.tally.take() {
            tally.replace(summary);
        }
        summary.sessions = self.into_sessions();
    }

    fn into_sessions(mut self) -> Vec<Session> {
        let room = SESSIONS_MAX.saturating_sub(
            self.odd
                .keys()
                .filter(|number| !self.first.contains_key(number))
                .count(),
        );
        while self.first.len() > room {
            let Some(last) = self
                .first
                .keys()
                .rev()
                .find(|number| !self.odd.contains_key(number))
                .copied()
            else {
                break;
            };
            self.first.remove(&last);
        }
        self.first.append(&mut self.odd);
        self.first.into_values().collect()
    }
}

/// Keeps the sessions with the smallest numbers.
fn keep(sessions: &mut BTreeMap<u32, Session>, session: &Session, max: usize) {
    let full = sessions.len() >= max;
    if full
        && sessions
            .last_key_value()
            .is_some_and(|(&last, _)| last < session.number)
    {
        return;
    }
    sessions.insert(session.number, session.clone());
    if sessions.len() > max {
        sessions.pop_last();
    }
}

/// What a filter selects, and what it leaves as it is.
const COUNTED: &str = "sessions; files, packets, TCP and HTTP are counted as a whole";
/// Rows of the table on the first screen.
const SESSIONS_MAX: usize = 12;
/// Of these, sessions that went wrong.
const ODD_MAX: usize = 8;
