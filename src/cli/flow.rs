//! `informant flow`: the ladder of one session, or of everything in order.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;

use super::arguments::{FlowArguments, files_and_session};
use super::arrows::Arrows;
use super::exit::{self, Trouble};
use super::output::{Sink, complain};
use super::reading::{Source, end};
use super::reorder::Reorder;
use super::screen;
use super::select::{self, Count, Sessions};
use crate::filter::Filter;
use crate::report::text::Ladder;
use crate::session::{ConnectionRequest, Masking, Output, Session, Transfer};
use crate::source::Timestamp;

pub(super) fn run(arguments: &FlowArguments) -> Result<u8, Trouble> {
    let (paths, number) =
        files_and_session(&arguments.read, &arguments.positional).map_err(Trouble::Usage)?;
    let kinds = match number {
        Some(_) => select::MESSAGES,
        None => select::SESSIONS,
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
    let mut sink = Sink::open(&arguments.writing, paths)?;
    let sessions = Sessions::new(filter);
    let source = Source {
        paths,
        reading: &arguments.reading,
        writing: &arguments.writing,
        messages: sessions.needs_messages(),
        appears: sink.is_terminal(),
    };
    let mut all = All {
        ladder,
        filter,
        sessions,
        reorder: Reorder::default(),
        loose: Vec::new(),
        drawn: BTreeMap::new(),
    };
    let done = source.read(&mut |output| all.take(output, &mut sink))?;
    let _ = all.finish(&mut sink);
    done.remark_on_nothing(&arguments.writing);
    all.sessions
        .count
        .remark_on_none(filter, "sessions", &arguments.writing);
    Ok(end(&done, sink))
}

fn one(
    arguments: &FlowArguments,
    paths: &[PathBuf],
    ladder: Ladder,
    filter: Option<&Filter>,
    number: u32,
) -> Result<u8, Trouble> {
    let mut sink = Sink::open(&arguments.writing, paths)?;
    let source = Source {
        paths,
        reading: &arguments.reading,
        writing: &arguments.writing,
        messages: filter.is_some(),
        appears: false,
    };
    let mut one = One {
        number,
        session: None,
        requests: Vec::new(),
        transfers: Vec::new(),
        arrows: filter.map(|filter| Arrows::new(filter, number)),
    };
    let mut done = source.read(&mut |output| one.take(output))?;
    let count = one.select();
    let Some(session) = one.session else {
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
        let mut out = String::new();
        let requests: Vec<&ConnectionRequest> = one.requests.iter().collect();
        let transfers: Vec<&Transfer> = one.transfers.iter().collect();
        ladder.session(&session, &requests, &transfers, &mut out);
        let _ = sink.text(&out);
    }
    Ok(end(&done, sink))
}

/// One session, with what belongs to it.
struct One<'f> {
    number: u32,
    session: Option<Box<Session>>,
    requests: Vec<ConnectionRequest>,
    transfers: Vec<Transfer>,
    arrows: Option<Arrows<'f>>,
}

impl One<'_> {
    fn take(&mut self, output: Output) -> ControlFlow<()> {
        match output {
            Output::ConnectionRequest(request) if request.session == Some(self.number) => {
                self.requests.push(*request);
            }
            Output::Transfer(transfer) if asked_by(&transfer) == Some(self.number) => {
                self.transfers.push(*transfer);
            }
            Output::Session(session) if session.number == self.number => {
                self.session = Some(session);
            }
            Output::Message(message) => {
                if let Some(arrows) = &mut self.arrows {
                    arrows.message(&message);
                }
            }
            _ => return ControlFlow::Continue(()),
        }
        if self.is_whole() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// Nothing more is to come of it, nor of its messages where they are judged.
    fn is_whole(&self) -> bool {
        let judged = |session: &Session| {
            let arrows = self.arrows.as_ref();
            arrows.is_none_or(|arrows| arrows.judged >= session.steps.len())
        };
        let session = self.session.as_deref();
        session.is_some_and(|session| !asks_for_files(session) && judged(session))
    }

    /// Takes out the arrows that are not selected.
    fn select(&mut self) -> Count {
        let all = self.arrows_count();
        if let Some(arrows) = &mut self.arrows {
            if let Some(session) = &mut self.session {
                arrows.of_session(session);
            }
            self.requests
                .retain_mut(|request| arrows.of_request(request));
            self.transfers
                .retain_mut(|transfer| arrows.of_transfer(transfer));
        }
        Count {
            shown: self.arrows_count(),
            all,
        }
    }

    fn arrows_count(&self) -> u64 {
        let session = self.session.as_ref().map(|session| session.steps.len());
        let requests = self.requests.iter().map(|request| request.steps.len());
        let transfers = self.transfers.iter().map(|transfer| transfer.steps.len());
        session
            .into_iter()
            .chain(requests)
            .chain(transfers)
            .sum::<usize>() as u64
    }
}

/// Every selected session in the order of their numbers, and what belongs to none of them in between.
struct All<'f> {
    ladder: Ladder,
    filter: Option<&'f Filter>,
    sessions: Sessions<'f>,
    reorder: Reorder<Judged>,
    loose: Vec<Loose>,
    /// Of the latest sessions, where there is a filter, whether they were drawn: what still comes of them goes with them.
    drawn: BTreeMap<u32, bool>,
}

/// A session, and whether it is drawn.
type Judged = (Box<Session>, bool);

/// What is drawn with its session where that is still to come, else on its own.
enum Loose {
    Request(Box<ConnectionRequest>),
    Transfer(Box<Transfer>),
}

impl Loose {
    fn session(&self) -> Option<u32> {
        match self {
            Self::Request(request) => request.session,
            Self::Transfer(transfer) => asked_by(transfer),
        }
    }

    fn start(&self) -> Option<Timestamp> {
        let steps = match self {
            Self::Request(request) => &request.steps,
            Self::Transfer(transfer) => &transfer.steps,
        };
        steps.first().map(|step| step.time)
    }
}

impl All<'_> {
    fn take(&mut self, output: Output, sink: &mut Sink) -> ControlFlow<()> {
        match output {
            Output::ConnectionRequest(request) => self.loose.push(Loose::Request(request)),
            Output::Transfer(transfer) => self.loose.push(Loose::Transfer(transfer)),
            output => {
                if let Some(judged) = self.sessions.take(output) {
                    self.push(judged);
                }
            }
        }
        while let Some(judged) = self.reorder.ready() {
            self.session(&judged, sink)?;
        }
        if self.loose.len() > LOOSE_MAX {
            let loose = std::mem::take(&mut self.loose);
            self.draw(&loose, sink)?;
        }
        ControlFlow::Continue(())
    }

    /// Puts a session in its place; one that the filter left out only keeps it.
    fn push(&mut self, (mut session, shown): Judged) {
        if !shown {
            session.steps = Vec::new();
        }
        self.reorder.push(session.number, (session, shown));
    }

    fn session(&mut self, (session, shown): &Judged, sink: &mut Sink) -> ControlFlow<()> {
        let (mut before, mut own, mut later) = (Vec::new(), Vec::new(), Vec::new());
        for loose in self.loose.drain(..) {
            match loose.session() {
                Some(number) if number == session.number => own.push(loose),
                Some(number) if number > session.number => later.push(loose),
                _ if loose.start().is_none_or(|start| start <= session.start) => before.push(loose),
                _ => later.push(loose),
            }
        }
        self.loose = later;
        self.draw(&before, sink)?;
        if self.filter.is_some() {
            self.drawn.insert(session.number, *shown);
        }
        if self.drawn.len() > LOOSE_MAX {
            self.drawn.pop_first();
        }
        if !shown {
            return ControlFlow::Continue(());
        }
        let requests: Vec<&ConnectionRequest> = own.iter().filter_map(request).collect();
        let transfers: Vec<&Transfer> = own.iter().filter_map(transfer).collect();
        let mut out = String::new();
        self.ladder
            .session(session, &requests, &transfers, &mut out);
        sink.text(&out)
    }

    fn draw(&self, loose: &[Loose], sink: &mut Sink) -> ControlFlow<()> {
        let mut out = String::new();
        for loose in loose.iter().filter(|loose| self.is_selected(loose)) {
            match loose {
                Loose::Request(request) => self.ladder.connection_request(request, &mut out),
                Loose::Transfer(transfer) => self.ladder.transfer(transfer, &mut out),
            }
        }
        sink.text(&out)
    }

    /// What is drawn on its own goes with its session; where none is known, it is a record by itself.
    fn is_selected(&self, loose: &Loose) -> bool {
        let Some(filter) = self.filter else {
            return true;
        };
        let of_session = loose.session().and_then(|number| self.drawn.get(&number));
        match (of_session, loose) {
            (Some(drawn), _) => *drawn,
            (None, Loose::Request(request)) => filter.connection_request(request),
            (None, Loose::Transfer(transfer)) => filter.transfer(transfer),
        }
    }

    fn finish(&mut self, sink: &mut Sink) -> ControlFlow<()> {
        for judged in self.sessions.rest() {
            self.push(judged);
        }
        let reorder = std::mem::take(&mut self.reorder);
        reorder.remark();
        for judged in reorder.rest() {
            self.session(&judged, sink)?;
        }
        let loose = std::mem::take(&mut self.loose);
        self.draw(&loose, sink)
    }
}

fn request(loose: &Loose) -> Option<&ConnectionRequest> {
    match loose {
        Loose::Request(request) => Some(request),
        Loose::Transfer(_) => None,
    }
}

fn transfer(loose: &Loose) -> Option<&Transfer> {
    match loose {
        Loose::Transfer(transfer) => Some(transfer),
        Loose::Request(_) => None,
    }
}

fn asked_by(transfer: &Transfer) -> Option<u32> {
    transfer.caused_by.as_ref().map(|cause| cause.session)
}

/// A transfer may still come of it, long after the session.
fn asks_for_files(session: &Session) -> bool {
    session
        .rpcs
        .iter()
        .any(|rpc| TRANSFERS.contains(&rpc.method.as_str()))
}

const TRANSFERS: [&str; 4] = ["Download", "Upload", "ScheduleDownload", "RequestDownload"];

/// Connection Requests and transfers that may wait for their session; beyond that they are drawn on their own.
const LOOSE_MAX: usize = 10_000;
