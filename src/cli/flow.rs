//! `informant flow`: the ladder of one session, or of everything in order.

mod all;
mod blocks;
mod leases;
mod loose;
mod one;

use std::path::PathBuf;

use super::arguments::{FlowArguments, files_and_session};
use super::exit::{self, Trouble};
use super::marks::{Marks, end_of};
use super::output::{Sink, complain};
use super::reading::Source;
use super::screen;
use super::select;
use crate::filter::Filter;
use crate::pipeline::Options;
use crate::report::text::Ladder;
use crate::session::{Masking, Session, Transfer};
use all::All;
use one::One;

pub(super) fn run(arguments: &FlowArguments) -> Result<u8, Trouble> {
    let (paths, number) =
        files_and_session(&arguments.read, &arguments.positional).map_err(Trouble::Usage)?;
    let kinds = match number {
        Some(_) => select::MESSAGES,
        None => select::SESSIONS.and(select::LOOSE_DATAGRAMS),
    };
    let filter = select::parse(
        arguments.filter.as_deref(),
        kinds.and(select::LOOSE),
        &arguments.writing,
    )?;
    let ladder = Ladder {
        look: screen::look(&arguments.writing),
        masking: Masking {
            show_secrets: arguments.writing.show_secrets,
        },
        several_files: paths.len() > 1,
    };
    match number {
        Some(number) => one(arguments, &paths, ladder, filter.as_ref(), number),
        None => all(arguments, &paths, ladder, filter.as_ref()),
    }
}

fn all(
    arguments: &FlowArguments,
    paths: &[PathBuf],
    ladder: Ladder,
    filter: Option<&Filter>,
) -> Result<u8, Trouble> {
    let mut source = Source {
        paths,
        reading: &arguments.reading,
        writing: &arguments.writing,
        messages: false,
        appears: false,
    };
    let marks = Marks::read(&arguments.check, filter, &source)?;
    let mut sink = Sink::open(&arguments.writing, paths)?;
    let mut all = All::new(ladder, filter, marks.as_ref());
    source.messages = all.sessions.needs_messages();
    source.appears = sink.is_terminal();
    let done = source.read_as(&options(&source), &mut |output| all.take(output, &mut sink))?;
    let _ = all.finish(&mut sink);
    done.remark_on_nothing(&arguments.writing);
    if all.datagrams == 0 {
        all.sessions
            .count
            .remark_on_none(filter, "sessions", &arguments.writing);
    }
    Ok(end_of(done, marks.as_ref(), sink, arguments.writing.quiet))
}

fn one(
    arguments: &FlowArguments,
    paths: &[PathBuf],
    ladder: Ladder,
    filter: Option<&Filter>,
    number: u32,
) -> Result<u8, Trouble> {
    let source = Source {
        paths,
        reading: &arguments.reading,
        writing: &arguments.writing,
        messages: filter.is_some(),
        appears: false,
    };
    let marks = Marks::read(&arguments.check, None, &source)?;
    let mut sink = Sink::open(&arguments.writing, paths)?;
    let mut one = One::new(number, filter);
    let mut done = source.read_as(&options(&source), &mut |output| one.take(output))?;
    let count = one.select();
    let Some(session) = one.session.take() else {
        complain(&format!(
            "there is no session {number}: the capture holds {}",
            done.summary.cwmp.sessions
        ));
        done.codes.push(exit::USAGE);
        return Ok(exit::first_of(&done.codes));
    };
    count.remark(
        filter,
        &format!("messages of session {number}"),
        &arguments.writing,
    );
    if filter.is_none() || count.shown > 0 {
        let findings = marks.as_ref().map(|marks| marks.of(number));
        let out = one.draw(ladder, &session, findings.unwrap_or_default());
        let _ = sink.text(&out);
    }
    Ok(end_of(done, marks.as_ref(), sink, arguments.writing.quiet))
}

/// Datagrams are drawn too, though nobody wants messages.
fn options(source: &Source<'_>) -> Options {
    Options {
        datagrams: true,
        ..source.reading.options(source.messages)
    }
}

pub(super) fn asked_by(transfer: &Transfer) -> Option<u32> {
    transfer.caused_by.as_ref().map(|cause| cause.session)
}

/// A transfer may still come of it, long after the session.
pub(super) fn asks_for_files(session: &Session) -> bool {
    session
        .rpcs
        .iter()
        .any(|rpc| TRANSFERS.contains(&rpc.method.as_str()))
}

const TRANSFERS: [&str; 4] = ["Download", "Upload", "ScheduleDownload", "RequestDownload"];
