//! What is under way on one connection: requests that await their responses, and the sessions it carries.

use std::collections::VecDeque;
use std::net::SocketAddr;

use super::Arrived;
use super::facts::Facts;
use super::queue::Ticket;
use crate::session::{Step, Transfer};
use crate::source::Timestamp;

/// What was said on a connection and awaits its response.
#[derive(Debug, Default)]
pub(super) struct Connection {
    pub asked: VecDeque<Asked>,
    /// Open sessions it carried, the latest last.
    pub sessions: Vec<u32>,
    /// A gap may have swallowed a message.
    pub damaged: bool,
    /// Requests that have ended, where they can be counted.
    pub requests: u64,
    /// Responses to requests that have not ended yet.
    pub early: VecDeque<(u64, Box<Arrived>, Facts)>,
}

impl Connection {
    /// A request was sent. Beyond the bound the oldest is given up, as if the capture lacked its response.
    pub fn ask(&mut self, asked: Asked) -> Option<Asked> {
        let given_up = if self.asked.len() >= ASKED_MAX {
            self.asked.pop_front()
        } else {
            None
        };
        self.damaged |= given_up.is_some();
        self.asked.push_back(asked);
        given_up
    }

    /// It carries this session, the latest of those it carries.
    pub fn carry(&mut self, session: u32) {
        self.sessions.retain(|&one| one != session);
        if self.sessions.len() >= SESSIONS_A_CONNECTION_MAX {
            self.sessions.remove(0);
        }
        self.sessions.push(session);
    }
}

/// A request that awaits its response.
#[derive(Debug)]
pub(super) enum Asked {
    /// Of a session.
    Session(u32),
    /// A Connection Request, or what may be one.
    Wake(u64),
    /// A file.
    Transfer(Box<Transfer>),
    /// A POST without a body to nobody known, and its ticket: its response tells.
    Probe(Box<Probe>),
    /// Nothing of ours.
    Other,
}

/// A POST without a body outside any session.
#[derive(Debug)]
pub(super) struct Probe {
    pub step: Step,
    pub ticket: Ticket,
    pub source: SocketAddr,
    pub destination: SocketAddr,
    pub url: Option<String>,
}

/// A challenge that came before any Inform: it belongs to the session that follows.
#[derive(Debug)]
pub(super) struct Prelude {
    pub steps: Vec<Step>,
    pub tickets: Vec<Ticket>,
    pub connection: u64,
    pub started: Timestamp,
}

/// Requests that may await their responses on one connection.
const ASKED_MAX: usize = 1024;
/// Sessions that a proxy's connection may carry at once; the oldest is then found by its cookie alone.
const SESSIONS_A_CONNECTION_MAX: usize = 256;
