//! What went over the wire, by session: bytes of a connection are given to the session that they turn out to be of.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::replay::action::{ConnectionId, Now, WireEvent, WireEventKind};

/// The bytes of one session, or of what belongs to none.
#[derive(Debug, Default)]
pub struct Recorded {
    /// In the order of time.
    pub events: Vec<WireEvent>,
    /// There was more than is kept.
    pub is_cut: bool,
    /// Where its device connected; a Connection Request, which may come first, went the other way.
    pub reached: Option<SocketAddr>,
    bytes: usize,
    opened: BTreeSet<ConnectionId>,
}

/// Sessions on their way, and what has no session yet.
#[derive(Debug, Default)]
pub(super) struct Recordings {
    open: BTreeMap<u32, Recorded>,
    /// Of connections that ended before they had a session: a challenge, a Connection Request.
    loose: VecDeque<Loose>,
}

#[derive(Debug)]
struct Loose {
    from: IpAddr,
    at: Now,
    recorded: Recorded,
}

impl Recorded {
    /// Adds what a connection has said and heard; a connection that was there before begins here for whoever reads it.
    pub(super) fn take(&mut self, events: Vec<WireEvent>) {
        for event in events {
            let length = match &event.kind {
                WireEventKind::Bytes(bytes) | WireEventKind::Datagram(bytes) => bytes.len(),
                WireEventKind::Open | WireEventKind::End { .. } => 0,
            };
            self.bytes = self.bytes.saturating_add(length);
            let has_room = self.bytes <= BYTES_MAX && self.events.len() < EVENTS_MAX;
            if !has_room {
                self.is_cut = true;
                return;
            }
            let is_new = self.opened.insert(event.connection);
            if !is_new && event.kind == WireEventKind::Open {
                continue;
            }
            if is_new && !matches!(event.kind, WireEventKind::Open | WireEventKind::Datagram(_)) {
                self.events.push(WireEvent {
                    kind: WireEventKind::Open,
                    ..event.clone()
                });
            }
            self.events.push(event);
        }
    }

    fn in_order(mut self) -> Self {
        self.events.sort_by_key(|event| event.time);
        self
    }
}

impl Recordings {
    /// Gives events to a session; one that begins gets what came from its address just before.
    pub(super) fn give(&mut self, session: u32, from: IpAddr, now: Now, events: Vec<WireEvent>) {
        if !self.open.contains_key(&session) {
            let mut begun = Recorded::default();
            let since = now.saturating_sub(BEFORE_MAX);
            let its = |loose: &Loose| loose.from == from && loose.at >= since;
            while let Some(at) = self.loose.iter().position(its) {
                let before = self.loose.remove(at);
                begun.take(before.map(|it| it.recorded.events).unwrap_or_default());
            }
            self.open.insert(session, begun);
        }
        if let Some(recorded) = self.open.get_mut(&session) {
            recorded.take(events);
        }
    }

    /// The device of a session came to this address.
    pub(super) fn reached(&mut self, session: u32, at: SocketAddr) {
        if let Some(recorded) = self.open.get_mut(&session) {
            recorded.reached.get_or_insert(at);
        }
    }

    /// Keeps what belongs to no session; gives back what is kept no longer.
    pub(super) fn keep(
        &mut self,
        from: IpAddr,
        at: Now,
        events: Vec<WireEvent>,
    ) -> Option<Recorded> {
        if events.is_empty() {
            return None;
        }
        let mut recorded = Recorded::default();
        recorded.take(events);
        self.loose.push_back(Loose { from, at, recorded });
        let bytes: usize = self.loose.iter().map(|it| it.recorded.bytes).sum();
        let is_much = self.loose.len() > LOOSE_MAX || bytes > LOOSE_BYTES_MAX;
        is_much.then(|| self.oldest()).flatten()
    }

    /// The oldest of what belongs to no session.
    pub(super) fn oldest(&mut self) -> Option<Recorded> {
        self.loose.pop_front().map(|it| it.recorded.in_order())
    }

    /// A session is over.
    pub(super) fn end(&mut self, session: u32) -> Recorded {
        self.open.remove(&session).unwrap_or_default().in_order()
    }

    /// Is a session being recorded?
    pub(super) fn has(&self, session: u32) -> bool {
        self.open.contains_key(&session)
    }
}

/// Of one session; what comes later is neither judged nor written.
const BYTES_MAX: usize = 32 * 1024 * 1024;
/// Of one session: a peer may send single bytes.
const EVENTS_MAX: usize = 200_000;
/// Connections without a session, and parts of Connection Requests.
const LOOSE_MAX: usize = 256;
/// Of all of them.
const LOOSE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How long before its Inform a connection may belong to a session.
const BEFORE_MAX: Duration = Duration::from_secs(30);
