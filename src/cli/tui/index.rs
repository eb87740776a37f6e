//! Where sessions lie in the files, so that one of a large capture is read again without what comes before it.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::session::{Session, TriggerKind};
use crate::source::{FrameId, Timestamp};

/// Where sessions lie, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Index {
    places: Mutex<Vec<Place>>,
}

/// Where one lies, and what is found there if it is read rightly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    session: u32,
    /// Its first frame.
    first: FrameId,
    /// When it began.
    start: Timestamp,
    /// When it ended.
    end: Timestamp,
    /// Whose it is.
    address: Option<IpAddr>,
    steps: u32,
    gaps: u32,
}

impl Place {
    /// Nothing where it says that more belongs to it than stands around it.
    fn of(session: &Session) -> Option<Self> {
        let first = session.steps.first()?.frames.first()?;
        let trigger = session.triggered_by.as_ref();
        let was_asked = trigger.is_some_and(|trigger| {
            use TriggerKind::{HttpConnectionRequest, UdpConnectionRequest};
            matches!(trigger.kind, HttpConnectionRequest | UdpConnectionRequest)
        });
        // Connections are told apart by how many there were before.
        let stands_alone = !was_asked && session.connections.len() == 1;
        stands_alone.then_some(Self {
            session: session.number,
            first: *first,
            start: session.start,
            end: session.end,
            address: session.cpe.address,
            steps: u32::try_from(session.steps.len()).ok()?,
            gaps: session.gaps,
        })
    }

    /// From when on to read, and of which address alone, so that the session's connection is in it: the first is the least,
    /// and may be too little.
    pub(super) fn passages(&self) -> impl Iterator<Item = (Timestamp, Option<IpAddr>)> {
        let (start, address) = (self.start, self.address);
        let passages = [
            (SHORTLY_NS, address),
            (BEFORE_NS, address),
            (BEFORE_NS, None),
        ];
        passages.into_iter().map(move |(before_ns, address)| {
            let nanoseconds = start.nanoseconds.saturating_sub(before_ns);
            let begin = Timestamp {
                nanoseconds,
                ..start
            };
            (begin, address)
        })
    }

    /// By then all of it was said, and a little time has passed.
    pub(super) fn is_over(&self) -> Timestamp {
        Timestamp {
            nanoseconds: self.end.nanoseconds.saturating_add(SHORTLY_NS),
            ..self.end
        }
    }

    /// Whether this is the session, whatever number it has now.
    pub(super) fn is(&self, session: &Session) -> bool {
        Self::of(session).is_some_and(|place| {
            let (session, end) = (self.session, self.end);
            *self
                == Self {
                    session,
                    end,
                    ..place
                }
        })
    }
}

impl Index {
    /// A session was read.
    pub(super) fn note(&self, session: &Session) {
        let Some(place) = Place::of(session) else {
            return;
        };
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if places.len() >= PLACES_MAX {
            return;
        }
        let at = places.partition_point(|one| one.session < place.session);
        places.insert(at, place);
    }

    /// Where a session lies, where that is known.
    pub(super) fn place(&self, session: u32) -> Option<Place> {
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let at = places.binary_search_by_key(&session, |place| place.session);
        places.get(at.ok()?).copied()
    }
}

/// Nanoseconds before a session in which its connection begins, mostly.
const SHORTLY_NS: i64 = 1_000_000_000;
/// The same of one that stood for longer.
const BEFORE_NS: i64 = 30_000_000_000;
/// Sessions of which it is known where they lie: 80 bytes each.
const PLACES_MAX: usize = 2_000_000;
