//! One session read again for its pages, with its messages, and what belongs to it.

use std::ops::ControlFlow;
use std::rc::Rc;

use super::desk::Wanted;
use super::shared::{Shared, percent};
use crate::cli::cause::Cause;
use crate::cli::flow::{asked_by, asks_for_files};
use crate::session::{ConnectionRequest, Datagram, Message, Output, Role, Session, Transfer};
use crate::source::Timestamp;
use crate::tui::News;

/// A session with everything that is shown of it.
pub(super) struct Opened {
    pub session: Box<Session>,
    /// What can be shown one by one, in the order of time.
    pub items: Vec<Item>,
    pub requests: Vec<ConnectionRequest>,
    pub transfers: Vec<Transfer>,
    /// The last exchange of the binding that a UDP Connection Request came through.
    pub binding: Vec<Rc<Datagram>>,
    /// Messages that were not kept.
    pub left_out: u64,
}

impl Opened {
    /// The session's own messages.
    pub(super) fn messages(&self) -> impl Iterator<Item = &Message> {
        self.items.iter().filter_map(|item| match item {
            Item::Message(message, Some(_)) => Some(&**message),
            _ => None,
        })
    }
}

/// Something that was said.
pub(super) enum Item {
    /// An HTTP message; of the session's own with its number, from 1.
    Message(Box<Message>, Option<usize>),
    /// A datagram.
    Datagram(Rc<Datagram>),
}

impl Item {
    /// The datagram, where it is one.
    #[cfg(feature = "live")]
    pub(super) fn datagram(&self) -> Option<&Datagram> {
        match self {
            Self::Datagram(datagram) => Some(datagram),
            Self::Message(..) => None,
        }
    }

    pub(super) fn time(&self) -> Timestamp {
        match self {
            Self::Message(message, _) => message.provenance.time,
            Self::Datagram(datagram) => datagram.time,
        }
    }
}

/// Reads the session with this number.
///
/// # Errors
///
/// Where the capture cannot be read, holds no such session, or nobody waits any more.
pub(super) fn open(shared: &Shared, wanted: &Wanted, number: u32) -> Result<Opened, String> {
    let mut gathered = Gathered {
        number,
        session: None,
        messages: Vec::new(),
        own: 0,
        left_out: 0,
        bytes: 0,
        cause: Cause::of(number),
        transfers: Vec::new(),
    };
    reading(shared, wanted, number, &mut |output| gathered.take(output))?;
    gathered.opened().ok_or_else(|| missing(shared, number))
}

/// Reads what is looked at, or so much of it as is enough for a session, while anybody waits.
fn reading(
    shared: &Shared,
    wanted: &Wanted,
    session: u32,
    take: &mut dyn FnMut(Output) -> ControlFlow<()>,
) -> Result<crate::session::Summary, String> {
    let mut options = shared.options(true, true);
    options.limits.other_body_bytes_max = OTHER_BODY_BYTES_MAX;
    let mut last = None;
    let read = shared.read_of(
        session,
        &options,
        &mut |output| {
            if wanted.is_still() {
                take(output)
            } else {
                ControlFlow::Break(())
            }
        },
        &mut |progress| {
            let percent = percent(progress);
            if percent != last {
                last = percent;
                let share = percent.unwrap_or_default();
                let _ = shared.tell(News::Share(wanted.ticket, share));
            }
        },
    );
    let summary = read.map_err(|trouble| trouble.to_string())?;
    if wanted.is_still() {
        Ok(summary)
    } else {
        Err("nobody waits any more".to_owned())
    }
}

/// Why there is no such session.
fn missing(shared: &Shared, number: u32) -> String {
    if shared.is_live() {
        format!("session {number} was too long ago to be held in memory")
    } else {
        format!("the capture holds no session {number}")
    }
}

/// What has been found of it so far.
struct Gathered {
    number: u32,
    session: Option<Box<Session>>,
    messages: Vec<Message>,
    /// Messages of the session itself, kept or not.
    own: usize,
    left_out: u64,
    bytes: usize,
    cause: Cause,
    transfers: Vec<Transfer>,
}

impl Gathered {
    fn take(&mut self, output: Output) -> ControlFlow<()> {
        match output {
            Output::Session(session) if session.number == self.number => {
                self.session = Some(session);
            }
            Output::Message(message) if message.session == Some(self.number) => self.keep(*message),
            Output::Datagram(datagram) => self.cause.datagram(datagram),
            Output::ConnectionRequest(request) => self.cause.request(*request),
            Output::Transfer(transfer) if asked_by(&transfer) == Some(self.number) => {
                self.transfers.push(*transfer);
            }
            _ => return ControlFlow::Continue(()),
        }
        let is_whole = self.session.as_ref().is_some_and(|session| {
            !asks_for_files(session)
                && session.steps.len() == self.own
                && self.cause.is_whole(session)
        });
        if is_whole {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn keep(&mut self, message: Message) {
        match message.role {
            Role::Cwmp => self.own += 1,
            Role::ConnectionRequest => {}
            Role::Transfer | Role::Other => return,
        }
        self.bytes = self.bytes.saturating_add(message.held_bytes());
        if self.bytes > BYTES_MAX {
            self.left_out += 1;
        } else {
            self.messages.push(message);
        }
    }

    fn opened(mut self) -> Option<Opened> {
        let session = self.session.take()?;
        // Where interfaces are looked at, what came long ago is forgotten.
        let gone = session.steps.len().saturating_sub(self.own) as u64;
        self.messages.sort_by_key(|message| message.provenance.time);
        let mut number = 0;
        let messages = self.messages.into_iter().map(|message| {
            let is_own = message.role == Role::Cwmp;
            number += usize::from(is_own);
            Item::Message(Box::new(message), is_own.then_some(number))
        });
        let binding = self.cause.binding.iter().cloned();
        let datagrams = binding.chain(self.cause.datagrams.iter().cloned());
        let mut items: Vec<Item> = datagrams.map(Item::Datagram).chain(messages).collect();
        items.sort_by_key(Item::time);
        Some(Opened {
            session,
            items,
            requests: self.cause.requests(),
            transfers: self.transfers,
            binding: self.cause.binding,
            left_out: self.left_out + gone,
        })
    }
}

/// Bytes of one session's messages that are kept.
const BYTES_MAX: usize = 512 << 20;
/// Bodies that are no SOAP are shown up to this length.
const OTHER_BODY_BYTES_MAX: u64 = 1 << 20;
