//! What went over the wire, by session: bytes of a connection are given to the session that they turn out to be of.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::calls::{Called, Calls};
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
    /// Whose it is, where a session is.
    device: Option<String>,
    bytes: usize,
    opened: BTreeSet<(ConnectionId, [SocketAddr; 2])>,
}

/// What a connection has said and heard since it was given to a session, or to those without one.
#[derive(Debug, Default)]
pub(super) struct Ungiven {
    events: Vec<WireEvent>,
    bytes: usize,
}

/// Sessions on their way, and what has no session yet.
#[derive(Debug, Default)]
pub(super) struct Recordings {
    open: BTreeMap<u32, Recorded>,
    /// Of connections that ended before they had a session: a challenge, a Connection Request.
    loose: VecDeque<Loose>,
    /// Connection Requests under way.
    calls: Calls,
}

#[derive(Debug)]
struct Loose {
    from: IpAddr,
    /// The only device that it can be of, where it is of one.
    device: Option<String>,
    at: Now,
    recorded: Recorded,
}

impl Recorded {
    pub(super) fn of(events: Vec<WireEvent>, is_cut: bool) -> Self {
        let mut recorded = Self {
            is_cut,
            ..Self::default()
        };
        recorded.take(events);
        recorded
    }

    /// Adds what a connection has said and heard; a connection that was there before begins here for whoever reads it.
    pub(super) fn take(&mut self, events: Vec<WireEvent>) {
        for event in events {
            self.bytes = self.bytes.saturating_add(event.held_bytes());
            let has_room = self.bytes <= BYTES_MAX && self.events.len() < EVENTS_MAX;
            if !has_room {
                self.is_cut = true;
                return;
            }
            let mut ends = [event.source, event.destination];
            ends.sort_unstable();
            // A Connection Request that is challenged goes over two connections.
            let is_new = self.opened.insert((event.connection, ends));
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

    /// Adds what was recorded elsewhere.
    fn absorb(&mut self, other: Self) {
        self.is_cut |= other.is_cut;
        self.take(other.events);
    }

    /// Notes that there was more, where there was: no room is left for it.
    fn leave(&mut self, events: &[WireEvent]) {
        self.is_cut |= !events.is_empty();
    }

    fn in_order(mut self) -> Self {
        self.events.sort_by_key(|event| event.time);
        self
    }
}

impl Ungiven {
    /// Adds something; how many bytes it holds.
    pub(super) fn push(&mut self, event: WireEvent) -> usize {
        let held = event.held_bytes();
        self.bytes = self.bytes.saturating_add(held);
        self.events.push(event);
        held
    }

    /// Takes all of it out.
    pub(super) fn take(&mut self) -> Vec<WireEvent> {
        std::mem::take(self).events
    }

    /// What came first.
    pub(super) fn first(&self) -> Option<&WireEvent> {
        self.events.first()
    }

    /// Is it more than a connection may keep for a session that may never come?
    pub(super) fn is_much(&self) -> bool {
        self.bytes > UNGIVEN_BYTES_MAX
    }
}

impl Recordings {
    /// A session begins: it gets what came from its address just before, and the Connection Request that woke it.
    pub(super) fn begin(&mut self, session: u32, device: &str, from: IpAddr, now: Now) {
        let mut begun = Recorded {
            device: Some(device.to_owned()),
            ..Recorded::default()
        };
        let since = now.saturating_sub(BEFORE_MAX);
        let its = |loose: &Loose| {
            let is_of_it = loose.device.as_ref().is_none_or(|it| it == device);
            is_of_it && loose.from == from && loose.at >= since
        };
        while let Some(at) = self.loose.iter().position(its) {
            let before = self.loose.remove(at);
            begun.absorb(before.map(|it| it.recorded).unwrap_or_default());
        }
        self.open.insert(session, begun);
    }

    /// Gives events to a session that has begun.
    pub(super) fn give(&mut self, session: u32, events: Vec<WireEvent>) {
        let held: usize = self.open.values().map(|it| it.bytes).sum();
        if let Some(recorded) = self.open.get_mut(&session) {
            if held < OPEN_BYTES_MAX {
                recorded.take(events);
            } else {
                recorded.leave(&events);
            }
        }
    }

    /// The device of a session came to this address.
    pub(super) fn reached(&mut self, session: u32, at: SocketAddr) {
        if let Some(recorded) = self.open.get_mut(&session) {
            recorded.reached.get_or_insert(at);
        }
    }

    /// Connection Requests under way.
    pub(super) fn calls(&mut self) -> &mut Calls {
        &mut self.calls
    }

    /// Puts a connection of a Connection Request, whole now, to the session that it woke, or keeps it for the one that it wakes;
    /// gives back what is kept no longer. The session may have begun before its device answered, and may even be over.
    pub(super) fn called(&mut self, called: Called, at: Now) -> Vec<Recorded> {
        let Called {
            device,
            from,
            is_late,
            recorded,
        } = called;
        let mut open = self.open.values_mut().rev();
        let woken = open.find(|it| it.device.as_ref() == Some(&device));
        if let Some(woken) = woken {
            woken.absorb(recorded);
            return Vec::new();
        }
        if is_late {
            return vec![recorded];
        }
        self.keep_recorded(Loose {
            from,
            device: Some(device),
            at,
            recorded,
        })
    }

    /// Keeps what belongs to no session; gives back what is kept no longer.
    pub(super) fn keep(&mut self, from: IpAddr, at: Now, events: Vec<WireEvent>) -> Vec<Recorded> {
        let is_end = |event: &WireEvent| matches!(event.kind, WireEventKind::End { .. });
        // The end of what was told before is no connection of its own.
        if events.iter().all(is_end) {
            return Vec::new();
        }
        let recorded = Recorded::of(events, false);
        self.keep_recorded(Loose {
            from,
            device: None,
            at,
            recorded,
        })
    }

    fn keep_recorded(&mut self, loose: Loose) -> Vec<Recorded> {
        self.loose.push_back(loose);
        let mut gone = Vec::new();
        while self.is_much() {
            gone.extend(self.oldest());
        }
        gone
    }

    fn is_much(&self) -> bool {
        let bytes: usize = self.loose.iter().map(|it| it.recorded.bytes).sum();
        self.loose.len() > LOOSE_MAX || bytes > LOOSE_BYTES_MAX
    }

    /// The oldest of what belongs to no session.
    pub(super) fn oldest(&mut self) -> Option<Recorded> {
        self.loose.pop_front().map(|it| it.recorded.in_order())
    }

    /// A session is over.
    pub(super) fn end(&mut self, session: u32) -> Recorded {
        let recorded = self.open.remove(&session).unwrap_or_default();
        if let Some(device) = &recorded.device {
            self.calls.are_late(device);
        }
        recorded.in_order()
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
/// Of one connection, before a session has it: a device that is asked for its password says the same once or twice before.
const UNGIVEN_BYTES_MAX: usize = 64 * 1024;
/// Of all sessions under way together: many that are long do not take all memory.
const OPEN_BYTES_MAX: usize = 256 * 1024 * 1024;
/// How long before its Inform a connection may belong to a session.
const BEFORE_MAX: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn event(bytes: usize) -> WireEvent {
        WireEvent {
            time: Now::ZERO,
            connection: ConnectionId(1),
            source: (PEER, 1).into(),
            destination: (PEER, 2).into(),
            kind: WireEventKind::Bytes(vec![0; bytes]),
        }
    }

    #[test]
    fn what_belongs_to_no_session_stays_within_its_bound() {
        let mut recordings = Recordings::default();
        for _ in 0..4 {
            let gone = recordings.keep(PEER, Now::ZERO, vec![event(LOOSE_BYTES_MAX / 5)]);
            assert!(gone.is_empty());
        }
        let gone = recordings.keep(PEER, Now::ZERO, vec![event(LOOSE_BYTES_MAX - 1024)]);
        assert_eq!((gone.len(), recordings.loose.len()), (4, 1));
        let gone = recordings.keep(PEER, Now::ZERO, vec![event(LOOSE_BYTES_MAX)]);
        assert_eq!((gone.len(), recordings.loose.len()), (2, 0));
    }

    /// A connection of a Connection Request that we make, each part at its second.
    fn part(second: u64, ours: bool, kind: WireEventKind) -> WireEvent {
        let (us, them) = ((PEER, 50_000).into(), (PEER, 7547).into());
        let (source, destination) = if ours { (us, them) } else { (them, us) };
        WireEvent {
            time: Now::from_secs(second),
            connection: ConnectionId(9),
            source,
            destination,
            kind,
        }
    }

    /// Asked at second 1; answered at second 3 and ended, if it is.
    fn parts() -> [WireEvent; 4] {
        let bytes = |what: &[u8]| WireEventKind::Bytes(what.to_vec());
        [
            part(1, true, WireEventKind::Open),
            part(1, true, bytes(b"GET")),
            part(3, false, bytes(b"200")),
            part(3, true, WireEventKind::End { reset: false }),
        ]
    }

    fn hear(recordings: &mut Recordings, event: WireEvent) -> Vec<Recorded> {
        let at = event.time;
        let called = recordings.calls().take(event);
        called.map_or_else(Vec::new, |called| recordings.called(called, at))
    }

    #[test]
    fn an_answer_behind_the_inform_is_of_the_session_that_was_woken() {
        let mut recordings = Recordings::default();
        recordings.calls().begin(ConnectionId(9), "A-1", PEER);
        let [open, get, answer, end] = parts();
        for event in [open, get] {
            assert!(hear(&mut recordings, event).is_empty());
        }
        for (session, device) in [(1, "A-1"), (2, "A-2")] {
            recordings.begin(session, device, PEER, Now::from_secs(2));
            let mut inform = event(6);
            inform.time = Now::from_secs(2);
            recordings.give(session, vec![inform]);
        }
        for event in [answer, end] {
            assert!(hear(&mut recordings, event).is_empty());
        }
        assert!(recordings.calls().end(ConnectionId(9), Now::ZERO).is_none());
        let woken = recordings.end(1).events;
        let of_call: Vec<WireEvent> = woken
            .iter()
            .filter(|it| it.connection == ConnectionId(9))
            .cloned()
            .collect();
        assert_eq!(of_call, parts());
        assert!(woken.is_sorted_by_key(|it| it.time));
        let other = recordings.end(2).events;
        assert!(other.iter().all(|it| it.connection == ConnectionId(1)));
    }

    #[test]
    fn an_answer_behind_the_session_keeps_its_connection_whole() {
        let mut recordings = Recordings::default();
        recordings.calls().begin(ConnectionId(9), "A-1", PEER);
        let [open, get, ..] = parts();
        for event in [open.clone(), get.clone()] {
            assert!(hear(&mut recordings, event).is_empty());
        }
        recordings.begin(1, "A-1", PEER, Now::from_secs(2));
        assert!(recordings.end(1).events.is_empty());
        let called = recordings
            .calls()
            .end(ConnectionId(9), Now::from_secs(3))
            .expect("it was open");
        let gone = recordings.called(called, Now::from_secs(3));
        let [.., end] = parts();
        assert_eq!(gone[0].events, [open, get, end]);
        // Nothing of it is left for the next.
        recordings.begin(2, "A-1", PEER, Now::from_secs(4));
        assert!(recordings.end(2).events.is_empty());
    }

    #[test]
    fn a_challenged_request_is_two_connections_of_the_session_that_comes() {
        let mut recordings = Recordings::default();
        recordings.calls().begin(ConnectionId(9), "A-1", PEER);
        let again = parts().map(|mut event| {
            let other = |end: &mut SocketAddr| {
                if end.port() == 50_000 {
                    end.set_port(50_001);
                }
            };
            other(&mut event.source);
            other(&mut event.destination);
            event
        });
        let both = [parts(), again].concat();
        for event in both.clone() {
            assert!(hear(&mut recordings, event).is_empty());
        }
        recordings.begin(1, "A-2", PEER, Now::from_secs(4));
        recordings.begin(2, "A-1", PEER, Now::from_secs(4));
        assert!(recordings.end(1).events.is_empty(), "of another device");
        let mut recorded = recordings.end(2).events;
        recorded.sort_by_key(|it| (it.source.port().max(it.destination.port()), it.time));
        assert_eq!(recorded, both);
    }

    #[test]
    fn single_bytes_hold_more_than_bytes() {
        let mut ungiven = Ungiven::default();
        let mut count = 0;
        while !ungiven.is_much() {
            assert!(ungiven.push(event(1)) > 1);
            count += 1;
        }
        assert!(
            count < UNGIVEN_BYTES_MAX / size_of::<WireEvent>() + 1,
            "{count}"
        );
        assert_eq!(ungiven.take().len(), count);
        assert!(!ungiven.is_much());
    }

    #[test]
    fn long_sessions_stay_within_their_bound_together() {
        let mut recordings = Recordings::default();
        let sessions = 2 * u32::try_from(OPEN_BYTES_MAX / BYTES_MAX).expect("few");
        for session in 0..sessions {
            let events = vec![event(BYTES_MAX - 1024)];
            recordings.begin(session, "A-1", PEER, Now::ZERO);
            recordings.give(session, events);
        }
        let held: usize = recordings.open.values().map(|it| it.bytes).sum();
        assert!(held < OPEN_BYTES_MAX + BYTES_MAX, "{held}");
        assert!(recordings.end(sessions - 1).is_cut && !recordings.end(0).is_cut);
    }
}
