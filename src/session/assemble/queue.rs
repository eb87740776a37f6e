//! Messages on their way out, in time order; some wait until it is known what they belong to.

use std::collections::VecDeque;

use crate::session::{Message, Output};

/// A message's place in the queue; `None` where messages are not wanted.
pub(super) type Ticket = Option<u64>;

/// The queue of messages.
#[derive(Debug, Default)]
pub(super) struct Queue {
    wanted: bool,
    first: u64,
    messages: VecDeque<Queued>,
    held_max: usize,
}

#[derive(Debug)]
struct Queued {
    message: Box<Message>,
    settled: bool,
}

impl Queue {
    pub fn new(wanted: bool, held_max: usize) -> Self {
        Self {
            wanted,
            first: 0,
            messages: VecDeque::new(),
            held_max,
        }
    }

    /// Whether anybody wants messages.
    pub fn is_wanted(&self) -> bool {
        self.wanted
    }

    /// Adds a message; one that is not settled waits, and what comes after it too.
    pub fn push(&mut self, message: Message, settled: bool) -> Ticket {
        if !self.wanted {
            return None;
        }
        let ticket = self.first + self.messages.len() as u64;
        self.messages.push_back(Queued {
            message: Box::new(message),
            settled,
        });
        Some(ticket)
    }

    /// Says what a waiting message is, and lets it go.
    pub fn settle(&mut self, ticket: Ticket, change: impl FnOnce(&mut Message)) {
        let place = ticket
            .and_then(|ticket| ticket.checked_sub(self.first))
            .and_then(|at| usize::try_from(at).ok());
        if let Some(queued) = place.and_then(|at| self.messages.get_mut(at)) {
            change(&mut queued.message);
            queued.settled = true;
        }
    }

    /// Gives out what has nothing unsettled before it.
    pub fn release(&mut self, outputs: &mut Vec<Output>) {
        while self.messages.front().is_some_and(|queued| queued.settled)
            || self.messages.len() > self.held_max
        {
            let Some(queued) = self.messages.pop_front() else {
                return;
            };
            self.first += 1;
            outputs.push(Output::Message(queued.message));
        }
    }

    /// Gives out everything.
    pub fn finish(&mut self, outputs: &mut Vec<Output>) {
        self.first += self.messages.len() as u64;
        outputs.extend(
            self.messages
                .drain(..)
                .map(|queued| Output::Message(queued.message)),
        );
    }
}
