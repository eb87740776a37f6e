//! One connection: bytes and gaps of both directions in, events out.
//!
//! A direction whose next record needs what the other has not said yet is held back, within bounds; else nothing is kept
//! but the open record and the open handshake message.

mod agreement;
mod handshake;
mod messages;
mod opening;
mod records;
mod sealed;
mod side;

use crate::{Anomaly, AnomalyKind, Direction, Event, Fact, Keys, Limits, Reason};
use agreement::Agreement;
use side::{Blocked, Side};

/// One connection.
#[derive(Debug)]
pub struct Connection {
    limits: Limits,
    forward: Side,
    backward: Side,
    /// Whose hello came first.
    client: Option<Direction>,
    agreement: Agreement,
}

/// A secret that is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Needs {
    /// Under which a key log would have it.
    pub client_random: [u8; 32],
}

/// What comes with every call: key material, and who listens.
struct Context<'a, 'k> {
    keys: &'a mut Keys<'k>,
    out: &'a mut dyn FnMut(Event<'_>),
}

impl Context<'_, '_> {
    fn anomaly(&mut self, kind: AnomalyKind, direction: Direction, offset: u64) {
        (self.out)(Event::Anomaly(Anomaly {
            kind,
            direction,
            offset,
        }));
    }

    fn fact(&mut self, direction: Direction, offset: u64, fact: Fact) {
        (self.out)(Event::Handshake {
            direction,
            offset,
            fact,
        });
    }

    fn lost(&mut self, direction: Direction, from: std::ops::Range<u64>, reason: Reason) {
        if !from.is_empty() {
            (self.out)(Event::Undecryptable {
                direction,
                from,
                reason,
            });
        }
    }
}

impl Connection {
    /// A connection of which nothing was seen.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            forward: Side::default(),
            backward: Side::default(),
            client: None,
            agreement: Agreement::default(),
        }
    }

    /// Takes the next bytes of a direction. What it had before is passed over; what is skipped is a gap.
    pub fn take(
        &mut self,
        direction: Direction,
        offset: u64,
        bytes: &[u8],
        keys: &mut Keys<'_>,
        on_event: &mut dyn FnMut(Event<'_>),
    ) {
        let next = self.side_mut(direction).begin(offset);
        if offset > next {
            self.gap(direction, next, offset - next, keys, on_event);
        }
        let old = usize::try_from(next.saturating_sub(offset)).unwrap_or(usize::MAX);
        let fresh = bytes.get(old..).unwrap_or_default();
        let mut context = Context {
            keys,
            out: on_event,
        };
        self.feed(direction, fresh, &mut context);
        self.resume(&mut context);
        self.keep_bounds(direction, &mut context);
        for side in [&mut self.forward, &mut self.backward] {
            side.rest();
        }
    }

    /// Bytes of a direction are missing, and will not come.
    pub fn gap(
        &mut self,
        direction: Direction,
        offset: u64,
        length: u64,
        keys: &mut Keys<'_>,
        on_event: &mut dyn FnMut(Event<'_>),
    ) {
        let mut context = Context {
            keys,
            out: on_event,
        };
        let next = self.side_mut(direction).begin(offset);
        let end = offset.saturating_add(length);
        if end <= next {
            return;
        }
        self.give_up(direction, &mut context);
        self.miss(direction, end, &mut context);
        self.resume(&mut context);
    }

    /// A direction has ended: what it held back is told as it stands.
    pub fn close(
        &mut self,
        direction: Direction,
        keys: &mut Keys<'_>,
        on_event: &mut dyn FnMut(Event<'_>),
    ) {
        let mut context = Context {
            keys,
            out: on_event,
        };
        self.give_up(direction, &mut context);
        self.finish(direction, &mut context);
        self.resume(&mut context);
    }

    /// Tries again what waits for a secret: more of them may be there.
    pub fn retry(&mut self, keys: &mut Keys<'_>, on_event: &mut dyn FnMut(Event<'_>)) {
        self.resume(&mut Context {
            keys,
            out: on_event,
        });
    }

    /// Which secret is waited for, with [`Limits::late_secret_bytes_max`] bytes of patience.
    pub fn needs(&self) -> Option<Needs> {
        let waits = [&self.forward, &self.backward]
            .into_iter()
            .any(|side| side.blocked == Some(Blocked::Secret));
        let client_random = self.agreement.client_random().filter(|_| waits)?;
        Some(Needs { client_random })
    }

    /// Which direction is the client's, once a hello was seen.
    pub fn client(&self) -> Option<Direction> {
        self.client
    }

    /// Up to which offset a direction has been worked through: what stands before it is not asked for again.
    pub fn worked_through(&self, direction: Direction) -> u64 {
        self.side(direction).front
    }

    /// Bytes held in memory for this connection: open records, what is held back, and the open handshake.
    pub fn held_bytes(&self) -> usize {
        self.forward.held_bytes() + self.backward.held_bytes() + self.agreement.held_bytes()
    }

    fn side(&self, direction: Direction) -> &Side {
        match direction {
            Direction::Forward => &self.forward,
            Direction::Backward => &self.backward,
        }
    }

    fn side_mut(&mut self, direction: Direction) -> &mut Side {
        match direction {
            Direction::Forward => &mut self.forward,
            Direction::Backward => &mut self.backward,
        }
    }

    fn is_client(&self, direction: Direction) -> bool {
        self.client == Some(direction)
    }

    /// Works through fresh bytes: where they stand if nothing is held, else behind what is held.
    fn feed(&mut self, direction: Direction, mut input: &[u8], context: &mut Context<'_, '_>) {
        while !input.is_empty() {
            let side = self.side_mut(direction);
            if side.blocked.is_some() {
                side.buffer.extend_from_slice(input);
                input = &[];
            } else if side.buffer.is_empty() {
                let used = self.run(direction, input, context);
                let rest = input.get(used..).unwrap_or_default();
                self.side_mut(direction).buffer.extend_from_slice(rest);
                input = &[];
            } else {
                let count = side.wanted_bytes().clamp(1, input.len());
                let (front, rest) = input.split_at(count);
                side.buffer.extend_from_slice(front);
                input = rest;
                self.run_held(direction, context);
            }
        }
    }

    /// Works through what is held.
    fn run_held(&mut self, direction: Direction, context: &mut Context<'_, '_>) {
        let mut held = std::mem::take(&mut self.side_mut(direction).buffer);
        let used = self.run(direction, &held, context);
        held.drain(..used.min(held.len()));
        self.side_mut(direction).buffer = held;
    }

    /// Works through whole records at the front; how many bytes that were.
    fn run(&mut self, direction: Direction, bytes: &[u8], context: &mut Context<'_, '_>) -> usize {
        let mut used = 0_usize;
        self.side_mut(direction).blocked = None;
        while let Some(rest) = bytes.get(used..).filter(|rest| !rest.is_empty()) {
            let Some(count) = self.step(direction, rest, context) else {
                break;
            };
            used = used.saturating_add(count);
            let side = self.side_mut(direction);
            side.front = side.front.saturating_add(count as u64);
        }
        used
    }

    /// Gives up waiting once too much is held back.
    fn keep_bounds(&mut self, direction: Direction, context: &mut Context<'_, '_>) {
        let side = self.side(direction);
        let max = match side.blocked {
            None => return,
            Some(Blocked::Other) => self.limits.held_bytes_max,
            Some(Blocked::Secret) => self.limits.late_secret_bytes_max,
        };
        if side.buffer.len() > max {
            self.give_up(direction, context);
            self.resume(context);
        }
    }

    /// Works through what waits, without waiting any more.
    fn give_up(&mut self, direction: Direction, context: &mut Context<'_, '_>) {
        if self.side(direction).blocked.is_some() {
            self.side_mut(direction).impatient = true;
            self.run_held(direction, context);
        }
    }

    /// Tries what waits again, as long as that brings something.
    fn resume(&mut self, context: &mut Context<'_, '_>) {
        for direction in [Direction::Forward, Direction::Backward, Direction::Forward] {
            if self.side(direction).blocked.is_some() {
                self.run_held(direction, context);
            }
        }
    }
}
