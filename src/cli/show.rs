//! `informant show`: one session decoded.

use std::ops::ControlFlow;

use serde::Serialize;

use super::arguments::{ShowArguments, Shown, files_and_session};
use super::exit::{self, Trouble};
use super::output::{Sink, complain};
use super::reading::{Source, end};
use super::screen;
use super::select::{self, Count};
use crate::filter::Filter;
use crate::report::{Transcript, json, text};
use crate::session::{Masking, Message, Output, Role, Session};

pub(super) fn run(arguments: &ShowArguments) -> Result<u8, Trouble> {
    let (paths, number) =
        files_and_session(&arguments.read, &arguments.positional).map_err(Trouble::Usage)?;
    let Some(number) = number else {
        return Err(Trouble::Usage(
            "which session? Give its number, as `informant list` shows it".to_owned(),
        ));
    };
    let filter = select::parse(
        arguments.filter.as_deref(),
        select::SPOKEN,
        &arguments.writing,
    )?;
    let mut sink = Sink::open(&arguments.writing, &paths)?;
    let source = Source {
        paths: &paths,
        reading: &arguments.reading,
        writing: &arguments.writing,
        messages: true,
        appears: false,
    };
    let mut found = Found {
        number,
        session: None,
        messages: Vec::new(),
    };
    let mut options = arguments.reading.options(true);
    if arguments.format == Shown::Transcript {
        options.limits.other_body_bytes_max = OTHER_BODY_BYTES_MAX;
    }
    let mut done = source.read_as(&options, &mut |output| found.take(output))?;
    let Some(session) = found.session else {
        complain(&format!(
            "there is no session {number}: the capture holds {}",
            done.summary.cwmp.sessions
        ));
        done.codes.push(exit::USAGE);
        return Ok(exit::first_of(&done.codes));
    };
    found
        .messages
        .sort_by_key(|message| message.provenance.time);
    let wanted = match arguments
        .message
        .map(|number| usize::try_from(number).unwrap_or(usize::MAX))
    {
        Some(wanted) if wanted > found.messages.len() => {
            let there = found.messages.len();
            complain(&format!(
                "there is no message {wanted}: session {number} holds {there}"
            ));
            done.codes.push(exit::USAGE);
            return Ok(exit::first_of(&done.codes));
        }
        wanted => wanted,
    };
    let mut count = Count::default();
    let mut messages: Vec<Numbered<'_>> = found.messages.iter().zip(1..).collect();
    messages.retain(|(_, number)| wanted.is_none_or(|wanted| wanted == *number));
    messages.retain(|(message, _)| count.judge(filter.as_ref(), message));
    let what = format!("messages of session {number}");
    count.remark_on_none(filter.as_ref(), &what, &arguments.writing);
    let filter = filter.as_ref();
    let _ = write(
        arguments,
        filter,
        &session,
        &messages,
        paths.len() > 1,
        &mut sink,
    );
    Ok(end(&done, sink))
}

/// A message, and which of its session it is, from 1.
type Numbered<'a> = (&'a Message, usize);

/// The session that is looked for, and its messages.
struct Found {
    number: u32,
    session: Option<Box<Session>>,
    messages: Vec<Message>,
}

impl Found {
    /// Each step of the session is a message of it: when all are there, nothing more is to come.
    fn take(&mut self, output: Output) -> ControlFlow<()> {
        match output {
            Output::Session(session) if session.number == self.number => {
                self.session = Some(session);
            }
            Output::Message(message)
                if message.session == Some(self.number) && message.role == Role::Cwmp =>
            {
                self.messages.push(*message);
            }
            _ => return ControlFlow::Continue(()),
        }
        match &self.session {
            Some(session) if session.steps.len() == self.messages.len() => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    }
}

fn write(
    arguments: &ShowArguments,
    filter: Option<&Filter>,
    session: &Session,
    messages: &[Numbered<'_>],
    several_files: bool,
    sink: &mut Sink,
) -> ControlFlow<()> {
    let masking = Masking {
        show_secrets: arguments.writing.show_secrets,
    };
    if arguments.format == Shown::Transcript {
        return write_transcript(session, messages, masking, sink);
    }
    if arguments.format == Shown::Json {
        let setting = json::Setting {
            several_files,
            masking,
        };
        let document = SessionDocument {
            session: json::SessionRecord::new(session, setting),
            messages: messages
                .iter()
                .flat_map(|(message, _)| select::records(message, filter, setting))
                .collect(),
        };
        return sink.with(|writer| json::write(&document, json::Layout::Indented, writer));
    }
    if messages.is_empty() && filter.is_some() {
        return ControlFlow::Continue(());
    }
    let detail = match (arguments.raw, arguments.verbose) {
        (true, _) => text::Detail::Raw,
        (false, true) => text::Detail::Headers,
        (false, false) => text::Detail::Decoded,
    };
    let show = text::Show {
        look: screen::look(&arguments.writing),
        masking,
        several_files,
        detail,
    };
    let mut out = String::new();
    show.session(session, &mut out);
    for (message, number) in messages {
        show.message(*number, session.start, message, &mut out);
        sink.text(&std::mem::take(&mut out))?;
    }
    sink.text(&out)
}

/// A session of which only some messages are shown has no end.
fn write_transcript(
    session: &Session,
    messages: &[Numbered<'_>],
    masking: Masking,
    sink: &mut Sink,
) -> ControlFlow<()> {
    let mut out = String::new();
    let mut messages: Vec<&Message> = messages.iter().map(|(message, _)| *message).collect();
    messages.sort_by_key(|message| message.provenance.started);
    let all = messages.iter().copied();
    let mut transcript = Transcript::begin(session, all, masking, &mut out);
    for message in &messages {
        transcript.message(message, &mut out);
        sink.text(&std::mem::take(&mut out))?;
    }
    if messages.len() == session.steps.len() {
        transcript.end(session, &mut out);
    }
    sink.text(&out)
}

/// The document of `show -T json`.
#[derive(Serialize)]
struct SessionDocument {
    session: json::SessionRecord,
    messages: Vec<json::MessageRecord>,
}

/// Bodies that are no SOAP stand in a transcript up to this length: pages that a server sends, not files.
const OTHER_BODY_BYTES_MAX: u64 = 1 << 20;
