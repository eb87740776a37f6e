//! `informant list`: one row for each session.

use std::ops::ControlFlow;

use super::arguments::{ListArguments, Records};
use super::exit::Trouble;
use super::marks::{Marks, end_of};
use super::output::Sink;
use super::reading::Source;
use super::reorder::Reorder;
use super::screen;
use super::select::{self, Sessions};
use crate::report::{json, text};
use crate::session::{Masking, Session};

pub(super) fn run(arguments: &ListArguments) -> Result<u8, Trouble> {
    let paths = arguments.files.paths();
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
    let marks = Marks::read(&arguments.check, filter.as_ref(), &source)?;
    let marks = marks.as_ref();
    let mut sessions = Sessions::new(filter.as_ref(), marks);
    let mut sink = Sink::open(&arguments.writing, &paths)?;
    source.messages = sessions.needs_messages();
    source.appears = sink.is_terminal();
    let masking = Masking {
        show_secrets: arguments.writing.show_secrets,
    };
    let mut rows = Rows {
        format: arguments.format,
        setting: json::Setting {
            several_files: paths.len() > 1,
            masking,
        },
        table: text::SessionTable::new(screen::look(&arguments.writing), 0),
        first: true,
        marks,
    };
    let mut reorder = Reorder::default();
    let done = source.read(&mut |output| {
        let Some((session, shown)) = sessions.take(output) else {
            return ControlFlow::Continue(());
        };
        push(&mut reorder, session, shown);
        while let Some(session) = reorder.ready() {
            rows.shown(session.as_deref(), &mut sink)?;
        }
        ControlFlow::Continue(())
    })?;
    for (session, shown) in sessions.rest() {
        push(&mut reorder, session, shown);
    }
    reorder.remark();
    let _ = reorder
        .rest()
        .try_for_each(|session| rows.shown(session.as_deref(), &mut sink));
    let _ = rows.finish(&mut sink);
    done.remark_on_nothing(&arguments.writing);
    sessions
        .count
        .remark_on_none(filter.as_ref(), "sessions", &arguments.writing);
    Ok(end_of(done, marks, sink, arguments.writing.quiet))
}

/// Puts a session in its place; one that the filter left out keeps it free.
fn push(reorder: &mut Reorder<Option<Box<Session>>>, mut session: Box<Session>, shown: bool) {
    session.steps = Vec::new();
    reorder.push(session.number, shown.then_some(session));
}

/// Writes rows in the form asked for.
struct Rows<'m> {
    format: Records,
    setting: json::Setting,
    table: text::SessionTable,
    first: bool,
    marks: Option<&'m Marks>,
}

impl Rows<'_> {
    /// A session, unless the filter left it out.
    fn shown(&mut self, session: Option<&Session>, sink: &mut Sink) -> ControlFlow<()> {
        session.map_or(ControlFlow::Continue(()), |session| {
            self.session(session, sink)
        })
    }

    fn session(&mut self, session: &Session, sink: &mut Sink) -> ControlFlow<()> {
        let counts = self.marks.map(|marks| marks.counts(session.number));
        if self.format == Records::Text {
            let mut out = String::new();
            self.table.push_checked(session, counts, &mut out);
            return sink.text(&out);
        }
        let record = json::SessionRecord::new(session, self.setting).with_findings(counts);
        let record = json::line(&record);
        let first = std::mem::replace(&mut self.first, false);
        sink.text(&item(&record, self.format, first))
    }

    fn finish(&mut self, sink: &mut Sink) -> ControlFlow<()> {
        let mut out = String::new();
        match self.format {
            Records::Text => self.table.finish(&mut out),
            Records::Json => out.push_str(list_end(self.first)),
            Records::Ndjson => {}
        }
        sink.text(&out)
    }
}

/// A record as a line of ndjson, or as an item of a JSON list that is written as it grows.
pub(super) fn item(record: &str, format: Records, first: bool) -> String {
    match format {
        Records::Json => format!("{}{}", if first { "[" } else { ",\n " }, record.trim_end()),
        Records::Text | Records::Ndjson => record.to_owned(),
    }
}

/// What ends a JSON list; `empty` where nothing was written of it.
pub(super) fn list_end(empty: bool) -> &'static str {
    if empty { "[]\n" } else { "]\n" }
}
