//! Messages on their way out, in time order; some wait until it is known what they belong to, some for an earlier one
//! whose end has not come yet.

use std::collections::BTreeMap;

use crate::session::{Message, Output};

/// A message's place in the queue, its time first; `None` where messages are not wanted.
pub(super) type Ticket = Option<(i64, u64)>;

/// The queue of messages.
#[derive(Debug)]
pub(super) struct Queue {
    wanted: bool,
    arrived: u64,
    messages: BTreeMap<(i64, u64), Queued>,
    /// Nothing earlier than this will arrive, nanoseconds.
    watermark_ns: i64,
    held_max: usize,
    /// Messages that left before their turn, because too many were held.
    pub hurried: u64,
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
            arrived: 0,
            messages: BTreeMap::new(),
            watermark_ns: i64::MIN,
            held_max,
            hurried: 0,
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
        let ticket = (message.provenance.time.nanoseconds, self.arrived);
        self.arrived += 1;
        let message = Box::new(message);
        self.messages.insert(ticket, Queued { message, settled });
        Some(ticket)
    }

    /// Says what a waiting message is, and lets it go.
    pub fn settle(&mut self, ticket: Ticket, change: impl FnOnce(&mut Message)) {
        if let Some(queued) = ticket.and_then(|ticket| self.messages.get_mut(&ticket)) {
            change(&mut queued.message);
            queued.settled = true;
        }
    }

    /// Every message that is still to arrive ends at this time or later.
    pub fn advance(&mut self, watermark_ns: i64) {
        self.watermark_ns = watermark_ns;
    }

    /// Gives out what has nothing unsettled or unfinished before it.
    pub fn release(&mut self, outputs: &mut Vec<Output>) {
        while let Some(first) = self.messages.first_entry() {
            let ready = first.get().settled && first.key().0 < self.watermark_ns;
            if !ready && self.messages.len() <= self.held_max {
                return;
            }
            self.hurried += u64::from(!ready);
            if let Some((_, queued)) = self.messages.pop_first() {
                outputs.push(Output::Message(queued.message));
            }
        }
    }

    /// Gives out everything.
    pub fn finish(&mut self, outputs: &mut Vec<Output>) {
        let messages = std::mem::take(&mut self.messages);
        outputs.extend(
            messages
                .into_values()
                .map(|queued| Output::Message(queued.message)),
        );
    }
}
