//! `informant show`: one session decoded.

use std::ops::ControlFlow;

use serde::Serialize;

use super::arguments::{Document, ShowArguments, files_and_session};
use super::exit::{self, Trouble};
use super::output::{Sink, complain};
use super::reading::{Source, end};
use super::screen;
use crate::report::{json, text};
use crate::session::{Masking, Message, Output, Role, Session};

pub(super) fn run(arguments: &ShowArguments) -> Result<u8, Trouble> {
    let (paths, number) =
        files_and_session(&arguments.read, &arguments.positional).map_err(Trouble::Usage)?;
    let Some(number) = number else {
        return Err(Trouble::Usage(
            "which session? Give its number, as `informant list` shows it".to_owned(),
        ));
    };
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
    let mut done = source.read(&mut |output| found.take(output))?;
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
    let messages = found
        .messages
        .iter()
        .zip(1..)
        .filter(|(_, number)| wanted.is_none_or(|wanted| wanted == *number));
    let _ = write(arguments, &session, messages, paths.len() > 1, &mut sink);
    Ok(end(&done, sink))
}

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

fn write<'a>(
    arguments: &ShowArguments,
    session: &Session,
    messages: impl Iterator<Item = (&'a Message, usize)>,
    several_files: bool,
    sink: &mut Sink,
) -> ControlFlow<()> {
    let masking = Masking {
        show_secrets: arguments.writing.show_secrets,
    };
    if arguments.format == Document::Json {
        let setting = json::Setting {
            several_files,
            masking,
        };
        let document = Shown {
            session: json::SessionRecord::new(session, setting),
            messages: messages
                .flat_map(|(message, _)| json::records(message, setting))
                .collect(),
        };
        return sink.with(|writer| json::write(&document, json::Layout::Indented, writer));
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
        show.message(number, session.start, message, &mut out);
        sink.text(&std::mem::take(&mut out))?;
    }
    sink.text(&out)
}

/// The document of `show -T json`.
#[derive(Serialize)]
struct Shown {
    session: json::SessionRecord,
    messages: Vec<json::MessageRecord>,
}
