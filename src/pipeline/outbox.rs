//! What comes out of the streams, each with the frame that brought it about, so that several shards' can be put in order.

use std::collections::BTreeMap;

use super::allowance::Allowance;
use crate::session::Arrived;
use crate::source::Timestamp;

/// Something that the state machine must hear of.
#[derive(Debug)]
pub(super) struct Event {
    /// The frame that brought it about, counted over all files.
    pub order: u64,
    /// The time of that frame.
    pub time: Timestamp,
    pub what: Arrival,
}

/// What it is.
#[derive(Debug)]
pub(super) enum Arrival {
    Message(Box<Arrived>),
    /// Bytes of this connection are missing.
    Gap(u64),
    /// A connection that carried HTTP closed.
    Closed {
        connection: u64,
        /// A peer ended it, not the capture or a bound of ours.
        by_peer: bool,
    },
    /// Time passed.
    Tick,
}

/// Takes what comes out of one shard.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    pub events: Vec<Event>,
    pub limits_reached: BTreeMap<&'static str, u64>,
    pub stray_bytes: u64,
    /// Bodies are wanted by whoever hears of the messages.
    pub bodies: bool,
    /// What compressed bodies may come to.
    pub allowance: Allowance,
    order: u64,
    time: Timestamp,
}

impl Outbox {
    /// An empty one; `bodies` says whether messages keep theirs.
    pub fn new(bodies: bool) -> Self {
        Self {
            bodies,
            ..Self::default()
        }
    }

    /// What follows is brought about by this frame.
    pub fn at(&mut self, order: u64, time: Timestamp) {
        self.order = order;
        self.time = time;
    }

    /// The frame that is being worked on.
    pub fn order(&self) -> u64 {
        self.order
    }

    pub fn push(&mut self, what: Arrival) {
        self.events.push(Event {
            order: self.order,
            time: self.time,
            what,
        });
    }

    /// Counts a bound that was reached.
    pub fn reached(&mut self, name: &'static str) {
        *self.limits_reached.entry(name).or_default() += 1;
    }
}
