//! `informant flow`: the ladder of one session, or of everything in order.

use std::ops::ControlFlow;

use super::arguments::{FlowArguments, files_and_session};
use super::exit::{self, Trouble};
use super::output::{Sink, complain};
use super::reading::{Source, end};
use super::reorder::Reorder;
use super::screen;
use crate::report::text::Ladder;
use crate::session::{ConnectionRequest, Masking, Output, Session, Transfer};
use crate::source::Timestamp;

pub(super) fn run(arguments: &FlowArguments) -> Result<u8, Trouble> {
    let (paths, number) =
        files_and_session(&arguments.read, &arguments.positional).map_err(Trouble::Usage)?;
    let mut sink = Sink::open(&arguments.writing, &paths)?;
    let source = Source {
        paths: &paths,
        reading: &arguments.reading,
        writing: &arguments.writing,
        messages: false,
        appears: number.is_none() && sink.is_terminal(),
    };
    let ladder = Ladder {
        look: screen::look(&arguments.writing),
        masking: Masking {
            show_secrets: arguments.writing.show_secrets,
        },
        several_files: paths.len() > 1,
    };
    let Some(number) = number else {
        let mut all = All {
            ladder,
            reorder: Reorder::default(),
            loose: Vec::new(),
        };
        let done = source.read(&mut |output| all.take(output, &mut sink))?;
        let _ = all.finish(&mut sink);
        done.remark_on_nothing(&arguments.writing);
        return Ok(end(&done, sink));
    };
    let mut one = One {
        number,
        session: None,
        requests: Vec::new(),
        transfers: Vec::new(),
    };
    let mut done = source.read(&mut |output| one.take(output))?;
    let Some(session) = one.session else {
        complain(&format!(
            "there is no session {number}: the capture holds {}",
            done.summary.cwmp.sessions
        ));
        done.codes.push(exit::USAGE);
        return Ok(exit::first_of(&done.codes));
    };
    let mut out = String::new();
    let requests: Vec<&ConnectionRequest> = one.requests.iter().collect();
    let transfers: Vec<&Transfer> = one.transfers.iter().collect();
    ladder.session(&session, &requests, &transfers, &mut out);
    let _ = sink.text(&out);
    Ok(end(&done, sink))
}

/// One session, with what belongs to it.
struct One {
    number: u32,
    session: Option<Box<Session>>,
    requests: Vec<ConnectionRequest>,
    transfers: Vec<Transfer>,
}

impl One {
    fn take(&mut self, output: Output) -> ControlFlow<()> {
        match output {
            Output::ConnectionRequest(request) if request.session == Some(self.number) => {
                self.requests.push(*request);
            }
            Output::Transfer(transfer) if asked_by(&transfer) == Some(self.number) => {
                self.transfers.push(*transfer);
            }
            Output::Session(session) if session.number == self.number => {
                let enough = !asks_for_files(&session);
                self.session = Some(session);
                if enough {
                    return ControlFlow::Break(());
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// Every session in the order of their numbers, and what belongs to none of them in between.
struct All {
    ladder: Ladder,
    reorder: Reorder<Box<Session>>,
    loose: Vec<Loose>,
}

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

impl All {
    fn take(&mut self, output: Output, sink: &mut Sink) -> ControlFlow<()> {
        match output {
            Output::Session(session) => self.reorder.push(session.number, session),
            Output::ConnectionRequest(request) => self.loose.push(Loose::Request(request)),
            Output::Transfer(transfer) => self.loose.push(Loose::Transfer(transfer)),
            Output::Message(_) => {}
        }
        while let Some(session) = self.reorder.ready() {
            self.session(&session, sink)?;
        }
        if self.loose.len() > LOOSE_MAX {
            let loose = std::mem::take(&mut self.loose);
            self.draw(&loose, sink)?;
        }
        ControlFlow::Continue(())
    }

    fn session(&mut self, session: &Session, sink: &mut Sink) -> ControlFlow<()> {
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
        let requests: Vec<&ConnectionRequest> = own.iter().filter_map(request).collect();
        let transfers: Vec<&Transfer> = own.iter().filter_map(transfer).collect();
        let mut out = String::new();
        self.ladder
            .session(session, &requests, &transfers, &mut out);
        sink.text(&out)
    }

    fn draw(&self, loose: &[Loose], sink: &mut Sink) -> ControlFlow<()> {
        let mut out = String::new();
        for loose in loose {
            match loose {
                Loose::Request(request) => self.ladder.connection_request(request, &mut out),
                Loose::Transfer(transfer) => self.ladder.transfer(transfer, &mut out),
            }
        }
        sink.text(&out)
    }

    fn finish(mut self, sink: &mut Sink) -> ControlFlow<()> {
        let reorder = std::mem::take(&mut self.reorder);
        reorder.remark();
        for session in reorder.rest() {
            self.session(&session, sink)?;
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
