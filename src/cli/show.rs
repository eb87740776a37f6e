//! `informant show`: one session decoded.

use std::ops::ControlFlow;
use std::sync::Arc;

use serde::Serialize;

use super::arguments::{ShowArguments, Shown, files_and_session};
use super::cause::Cause;
use super::exit::{self, Trouble};
use super::marks::{Marks, end_of};
use super::output::{Sink, complain};
use super::reading::Source;
use super::screen;
use super::select::{self, Count};
use crate::filter::Filter;
use crate::report::{Transcript, json, text};
use crate::session::{
    ConnectionRequest, Datagram, Masking, Message, Output, Role, Session, TlsConnection,
};
use crate::source::Timestamp;

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
        select::SPOKEN.and(select::WAKING),
        &arguments.writing,
    )?;
    let source = Source {
        paths: &paths,
        reading: &arguments.reading,
        writing: &arguments.writing,
        messages: true,
        appears: false,
    };
    let is_marked = arguments.format != Shown::Transcript;
    let marks = is_marked.then(|| Marks::read(&arguments.check, None, &source));
    let marks = marks.transpose()?.flatten();
    let mut sink = Sink::open(&arguments.writing, &paths)?;
    let mut found = Found::of(number);
    let mut options = arguments.reading.options(true);
    if arguments.format == Shown::Transcript {
        options.limits.other_body_bytes_max = OTHER_BODY_BYTES_MAX;
    }
    let mut done = source.read_as(&options, &mut |output| found.take(output))?;
    let Some(session) = found.session.take() else {
        complain(&format!(
            "there is no session {number}: the capture holds {}",
            done.summary.cwmp.sessions
        ));
        done.codes.push(exit::USAGE);
        return Ok(exit::first_of(&done.codes));
    };
    let there = found.messages.len();
    let wanted = arguments
        .message
        .map(|number| usize::try_from(number).unwrap_or(usize::MAX));
    if let Some(wanted) = wanted.filter(|wanted| *wanted > there) {
        complain(&format!(
            "there is no message {wanted}: session {number} holds {there}"
        ));
        done.codes.push(exit::USAGE);
        return Ok(exit::first_of(&done.codes));
    }
    found.order();
    let mut count = Count::default();
    let mut chosen = Chosen::of(&mut found, wanted);
    chosen.select(filter.as_ref(), &mut count);
    let what = format!("messages of session {number}");
    count.remark_on_none(filter.as_ref(), &what, &arguments.writing);
    let page = Page {
        arguments,
        filter: filter.as_ref(),
        session: &session,
        several_files: paths.len() > 1,
        marks: marks.as_ref(),
    };
    let _ = page.write(&chosen, &mut sink);
    Ok(end_of(done, marks.as_ref(), sink, arguments.writing.quiet))
}

/// A message, and which of its session it is, from 1.
type Numbered<'a> = (&'a Message, usize);

/// The session that is looked for, its messages, and what set it off.
struct Found {
    number: u32,
    session: Option<Box<Session>>,
    messages: Vec<Message>,
    /// Of the HTTP Connection Requests.
    legs: Vec<Message>,
    cause: Cause,
}

impl Found {
    fn of(number: u32) -> Self {
        Self {
            number,
            session: None,
            messages: Vec::new(),
            legs: Vec::new(),
            cause: Cause::of(number),
        }
    }

    /// Each step of the session is a message of it: when all are there, nothing more is to come.
    fn take(&mut self, output: Output) -> ControlFlow<()> {
        match output {
            Output::Session(session) if session.number == self.number => {
                self.session = Some(session);
            }
            Output::Message(message) if message.session == Some(self.number) => {
                match message.role {
                    Role::Cwmp => self.messages.push(*message),
                    Role::ConnectionRequest => self.legs.push(*message),
                    Role::Transfer | Role::Other => {}
                }
            }
            Output::Datagram(datagram) => self.cause.datagram(datagram),
            Output::ConnectionRequest(request) => self.cause.request(*request),
            _ => return ControlFlow::Continue(()),
        }
        match &self.session {
            Some(session)
                if session.steps.len() == self.messages.len() && self.cause.is_whole(session) =>
            {
                ControlFlow::Break(())
            }
            _ => ControlFlow::Continue(()),
        }
    }

    fn order(&mut self) {
        self.messages.sort_by_key(|message| message.provenance.time);
        self.legs.sort_by_key(|message| message.provenance.time);
    }
}

/// What of it is shown.
struct Chosen<'a> {
    messages: Vec<Numbered<'a>>,
    legs: Vec<&'a Message>,
    datagrams: Vec<&'a Datagram>,
    /// The last exchange of the binding that a UDP Connection Request came through.
    binding: Vec<&'a Datagram>,
    requests: Vec<ConnectionRequest>,
}

impl<'a> Chosen<'a> {
    /// All, or one message of the session, which is shown alone.
    fn of(found: &'a mut Found, wanted: Option<usize>) -> Self {
        let requests = found.cause.requests();
        let mut messages: Vec<Numbered<'_>> = found.messages.iter().zip(1..).collect();
        messages.retain(|(_, number)| wanted.is_none_or(|wanted| wanted == *number));
        let mut chosen = Self {
            messages,
            legs: Vec::new(),
            datagrams: Vec::new(),
            binding: Vec::new(),
            requests,
        };
        if wanted.is_none() {
            chosen.legs = found.legs.iter().collect();
            chosen.datagrams = found.cause.datagrams.iter().map(AsRef::as_ref).collect();
            chosen.binding = found.cause.binding.iter().map(AsRef::as_ref).collect();
        }
        chosen
    }

    fn select(&mut self, filter: Option<&Filter>, count: &mut Count) {
        self.messages
            .retain(|(message, _)| count.judge(filter, message));
        self.legs.retain(|message| count.judge(filter, message));
        for datagrams in [&mut self.datagrams, &mut self.binding] {
            datagrams.retain(|datagram| {
                let shown = filter.is_none_or(|filter| filter.datagram(datagram));
                count.note(shown);
                shown
            });
        }
    }

    /// The TLS that the messages were read out of, each connection once.
    fn secured(&self) -> Vec<Arc<TlsConnection>> {
        let mut known: Vec<Arc<TlsConnection>> = Vec::new();
        for (message, _) in &self.messages {
            if let Some(one) = &message.provenance.tls
                && !known.iter().any(|known| Arc::ptr_eq(known, one))
            {
                known.push(Arc::clone(one));
            }
        }
        known
    }

    fn is_empty(&self) -> bool {
        let before = self.legs.len() + self.datagrams.len() + self.binding.len();
        before + self.messages.len() == 0
    }
}

/// The session on its way out.
struct Page<'a> {
    arguments: &'a ShowArguments,
    filter: Option<&'a Filter>,
    session: &'a Session,
    several_files: bool,
    marks: Option<&'a Marks>,
}

impl Page<'_> {
    fn write(&self, chosen: &Chosen<'_>, sink: &mut Sink) -> ControlFlow<()> {
        let masking = Masking {
            show_secrets: self.arguments.writing.show_secrets,
        };
        match self.arguments.format {
            Shown::Transcript => self.transcript(chosen, masking, sink),
            Shown::Json => self.json(chosen, masking, sink),
            Shown::Text if chosen.is_empty() && self.filter.is_some() => ControlFlow::Continue(()),
            Shown::Text => self.text(chosen, masking, sink),
        }
    }

    /// What belongs to the session, in the order of time.
    fn json(&self, chosen: &Chosen<'_>, masking: Masking, sink: &mut Sink) -> ControlFlow<()> {
        let setting = json::Setting {
            several_files: self.several_files,
            masking,
        };
        let messages = chosen.messages.iter().map(|(message, _)| *message);
        let messages = chosen.legs.iter().copied().chain(messages).map(|message| {
            let records = select::records(message, self.filter, setting);
            (message.provenance.time, records)
        });
        let datagrams = chosen.datagrams.iter().map(|datagram| {
            let record = json::datagram_record(datagram, setting);
            (datagram.time, record.into_iter().collect())
        });
        let mut timed: Vec<(Timestamp, Vec<json::MessageRecord>)> =
            datagrams.chain(messages).collect();
        timed.sort_by_key(|(time, _)| *time);
        let document = SessionDocument {
            session: json::SessionRecord::new(self.session, setting)
                .with_findings(self.marks.map(|marks| marks.counts(self.session.number))),
            messages: timed.into_iter().flat_map(|(_, records)| records).collect(),
        };
        sink.with(|writer| json::write(&document, json::Layout::Indented, writer))
    }

    fn text(&self, chosen: &Chosen<'_>, masking: Masking, sink: &mut Sink) -> ControlFlow<()> {
        let detail = match (self.arguments.raw, self.arguments.verbose) {
            (true, _) => text::Detail::Raw,
            (false, true) => text::Detail::Headers,
            (false, false) => text::Detail::Decoded,
        };
        let show = text::Show {
            look: screen::look(&self.arguments.writing),
            masking,
            several_files: self.several_files,
            detail,
        };
        let start = self.session.start;
        let mut out = String::new();
        show.session(self.session, &mut out);
        let findings = self.marks.map(|marks| marks.of(self.session.number));
        if let Some(findings) = &findings {
            show.verdict(findings, &mut out);
        }
        for connection in chosen.secured() {
            show.tls(&connection, &mut out);
        }
        let findings = findings.unwrap_or_default();
        if !chosen.binding.is_empty() {
            show.title("the binding before it", &mut out);
        }
        for datagram in &chosen.binding {
            show.datagram(start, datagram, &mut out);
        }
        let legs = chosen.legs.len() + chosen.datagrams.len();
        for request in chosen.requests.iter().filter(|_| legs > 0) {
            show.title(&text::sentence(request, masking), &mut out);
        }
        for datagram in &chosen.datagrams {
            show.datagram(start, datagram, &mut out);
        }
        for message in &chosen.legs {
            show.message(None, start, message, &mut out);
            show.findings(&findings, message, &mut out);
        }
        if legs > 0 && !chosen.messages.is_empty() {
            show.title("the session", &mut out);
        }
        for (message, number) in &chosen.messages {
            show.message(Some(*number), start, message, &mut out);
            show.findings(&findings, message, &mut out);
            sink.text(&std::mem::take(&mut out))?;
        }
        sink.text(&out)
    }

    /// A session of which only some messages are shown has no end.
    fn transcript(
        &self,
        chosen: &Chosen<'_>,
        masking: Masking,
        sink: &mut Sink,
    ) -> ControlFlow<()> {
        let mut out = String::new();
        let messages = chosen.messages.iter();
        let mut messages: Vec<&Message> = messages.map(|(message, _)| *message).collect();
        messages.sort_by_key(|message| message.provenance.started);
        let all = messages.iter().copied();
        let datagrams = &chosen.datagrams;
        let mut transcript = Transcript::begin(self.session, datagrams, all, masking, &mut out);
        for message in &messages {
            transcript.message(message, &mut out);
            sink.text(&std::mem::take(&mut out))?;
        }
        if messages.len() == self.session.steps.len() {
            transcript.end(self.session, &mut out);
        }
        sink.text(&out)
    }
}

/// The document of `show -T json`.
#[derive(Serialize)]
struct SessionDocument {
    session: json::SessionRecord,
    messages: Vec<json::MessageRecord>,
}

/// Bodies that are no SOAP stand in a transcript up to this length: pages that a server sends, not files.
const OTHER_BODY_BYTES_MAX: u64 = 1 << 20;
