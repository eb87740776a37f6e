//! Transfers by TFTP among all datagrams: which datagrams are theirs, and with which frames each transfer began and ended.

use std::collections::HashMap;
use std::net::SocketAddr;

use tftp::{Seen, Tracker};

use crate::session::{Sighting, Stretch, TftpTold};
use crate::source::{FrameId, Timestamp};

/// The transfers that go on.
#[derive(Debug)]
pub(super) struct Transfers {
    tracker: Tracker,
    /// By the tracker's number.
    sightings: HashMap<u64, Sightings, foldhash::fast::RandomState>,
    told: Vec<TftpTold>,
}

/// What was seen of one.
#[derive(Debug)]
struct Sightings {
    request: Stretch,
    data: Option<[Sighting; 2]>,
}

/// A datagram, with what asks for its frames.
pub(super) struct Datagram<'a> {
    pub ends: (SocketAddr, SocketAddr),
    pub payload: &'a [u8],
    pub wire_bytes: usize,
    pub time: Timestamp,
}

impl Transfers {
    /// None yet.
    pub fn new(limits: tftp::Limits) -> Self {
        Self {
            tracker: Tracker::new(limits),
            sightings: HashMap::default(),
            told: Vec::new(),
        }
    }

    /// The next datagram; says whether it is of a transfer. Of all others hardly more than two bytes are looked at.
    #[inline]
    pub fn take(&mut self, datagram: &Datagram<'_>, frames: impl FnOnce() -> Vec<FrameId>) -> bool {
        if !matches!(datagram.payload, [0, 1..=6, ..]) {
            return false;
        }
        let seen = self.tracker.push(&tftp::Datagram {
            from: datagram.ends.0,
            to: datagram.ends.1,
            payload: datagram.payload,
            wire_bytes: datagram.wire_bytes,
            now_ns: nanoseconds(datagram.time),
        });
        let is_one = seen.is_some();
        if let Some(seen) = seen {
            let stretch = Stretch {
                frames: frames(),
                time: datagram.time,
            };
            self.seen(seen, stretch, datagram.payload);
        }
        is_one
    }

    /// Time has passed: what nothing was heard of for long is given up.
    pub fn expire(&mut self, now: Timestamp) {
        let transfers = self.tracker.expire(nanoseconds(now));
        self.give_up(transfers);
    }

    /// The capture is over.
    pub fn finish(&mut self) {
        let transfers = self.tracker.finish();
        self.give_up(transfers);
    }

    /// What has ended since this was asked last.
    pub fn told(&mut self) -> std::vec::Drain<'_, TftpTold> {
        self.told.drain(..)
    }

    /// How often one had to give way to another.
    pub fn crowded(&self) -> u64 {
        self.tracker.crowded()
    }

    fn seen(&mut self, seen: Seen, stretch: Stretch, payload: &[u8]) {
        let given_up = self.tracker.given_up();
        self.give_up(given_up);
        match seen {
            Seen::Began(transfer) => {
                let request = stretch;
                let data = None;
                let sightings = Sightings { request, data };
                self.sightings.insert(transfer.number, sightings);
            }
            Seen::Went { number, .. } => self.note(number, &stretch, payload),
            Seen::Ended(transfer) => {
                self.note(transfer.number, &stretch, payload);
                if let Some(sightings) = self.sightings.remove(&transfer.number) {
                    self.told.push(TftpTold {
                        transfer: *transfer,
                        request: sightings.request,
                        data: sightings.data,
                        end: Some(stretch),
                    });
                }
            }
        }
    }

    /// Takes note of a block's frames.
    fn note(&mut self, number: u64, stretch: &Stretch, payload: &[u8]) {
        let (Some(sightings), [0, DATA, ..]) = (self.sightings.get_mut(&number), payload) else {
            return;
        };
        let (Some(&first), Some(&last)) = (stretch.frames.first(), stretch.frames.last()) else {
            return;
        };
        let sighting = |frame| Sighting {
            frame,
            time: stretch.time,
        };
        let began = sightings.data.map_or(sighting(first), |[began, _]| began);
        sightings.data = Some([began, sighting(last)]);
    }

    fn give_up(&mut self, transfers: Vec<tftp::Transfer>) {
        for transfer in transfers {
            if let Some(sightings) = self.sightings.remove(&transfer.number) {
                self.told.push(TftpTold {
                    transfer,
                    request: sightings.request,
                    data: sightings.data,
                    end: None,
                });
            }
        }
    }
}

/// On the tracker's clock, which knows nothing before 1970.
fn nanoseconds(time: Timestamp) -> u64 {
    u64::try_from(time.nanoseconds).unwrap_or_default()
}

/// RFC 1350 section 5.
const DATA: u8 = 3;
