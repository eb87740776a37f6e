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
    /// How often bytes of it were missing.
    pub gaps: u32,
    /// One side has sent FIN: nothing more is asked here.
    pub left: bool,
    /// Requests that have ended, where they can be counted.
    pub requests: u64,
    /// Responses to requests that have not ended yet.
    pub early: VecDeque<(u64, Box<Arrived>, Facts)>,
}

impl Connection {
    /// A request was sent. Beyond the bound the oldest is given up, as if the capture lacked its response.
    pub fn ask(&mut self, asked: Asked, waiting_max: usize) -> Option<Asked> {
        let given_up = if self.asked.len() >= waiting_max {
            self.asked.pop_front()
        } else {
            None
        };
        self.damaged |= given_up.is_some();
        self.asked.push_back(asked);
        given_up
    }

    /// It carries this session, the latest of those it carries; false where the oldest had to be forgotten.
    pub fn carry(&mut self, session: u32, sessions_max: usize) -> bool {
        self.sessions.retain(|&one| one != session);
        let room = self.sessions.len() < sessions_max;
        if !room {
            self.sessions.remove(0);
        }
        self.sessions.push(session);
        room
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
