//! The ladder of one session, with what belongs to it.

use std::ops::ControlFlow;

use super::{asked_by, asks_for_files};
use crate::cli::arrows::Arrows;
use crate::cli::cause::Cause;
use crate::cli::select::Count;
use crate::filter::Filter;
use crate::report::text::{Beside, Exchange, Ladder};
use crate::session::{ConnectionRequest, Finding, Output, Session, Transfer};

/// One session, with what belongs to it.
pub(super) struct One<'f> {
    number: u32,
    pub session: Option<Box<Session>>,
    filter: Option<&'f Filter>,
    cause: Cause,
    requests: Vec<ConnectionRequest>,
    transfers: Vec<Transfer>,
    arrows: Option<Arrows<'f>>,
}

impl<'f> One<'f> {
    pub(super) fn new(number: u32, filter: Option<&'f Filter>) -> Self {
        Self {
            number,
            session: None,
            filter,
            cause: Cause::of(number),
            requests: Vec::new(),
            transfers: Vec::new(),
            arrows: filter.map(|filter| Arrows::new(filter, number)),
        }
    }

    pub(super) fn take(&mut self, output: Output) -> ControlFlow<()> {
        match output {
            Output::ConnectionRequest(request) => self.cause.request(*request),
            Output::Datagram(datagram) => {
                if let Some(arrows) = &mut self.arrows {
                    arrows.datagram(&datagram);
                }
                self.cause.datagram(datagram);
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
            Output::Session(_) | Output::Transfer(_) | Output::Tls(_) => {
                return ControlFlow::Continue(());
            }
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
        session.is_some_and(|session| {
            !asks_for_files(session) && judged(session) && self.cause.is_whole(session)
        })
    }

    /// Takes out the arrows that are not selected.
    pub(super) fn select(&mut self) -> Count {
        self.requests = self.cause.requests();
        let all = self.arrows_count();
        if let Some(filter) = self.filter {
            self.cause.binding.retain(|one| filter.datagram(one));
        }
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

    pub(super) fn draw(
        &self,
        ladder: Ladder,
        session: &Session,
        findings: Vec<&Finding>,
    ) -> String {
        let mut out = String::new();
        let beside = Beside {
            binding: Exchange::of(self.cause.binding.iter().map(AsRef::as_ref)),
            requests: self.requests.iter().collect(),
            transfers: self.transfers.iter().collect(),
            findings,
        };
        ladder.session(session, &beside, &mut out);
        out
    }

    fn arrows_count(&self) -> u64 {
        let session = self.session.as_ref().map(|session| session.steps.len());
        let requests = self.requests.iter().map(|request| request.steps.len());
        let transfers = self.transfers.iter().map(|transfer| transfer.steps.len());
        session
            .into_iter()
            .chain(requests)
            .chain(transfers)
            .chain([self.cause.binding.len()])
            .sum::<usize>() as u64
    }
}
