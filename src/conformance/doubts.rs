//! Where the capture lacks something of a device, so that the sessions beside it may not be what they seem.
//!
//! A leg of a session that lost a frame cannot always be joined to the rest of it, and becomes a session of its own. What is
//! left looks whole, and is not: a cookie, a challenge or an Inform that belongs to it stands in the other one. What a session
//! lacks itself is the business of the rules ([`Closed::is_whole`], [`SessionFacts::is_whole`]).
//!
//! [`SessionFacts::is_whole`]: super::SessionFacts::is_whole

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use super::Closed;
use crate::session::{Evidence, Finding, Message, Outcome, Session, Step};

/// What the capture lacks, and of whom.
#[derive(Debug, Default)]
pub(crate) struct Doubts {
    of_device: HashMap<Arc<str>, Vec<Torn>, foldhash::fast::RandomState>,
    /// Of whom is not known.
    of_address: HashMap<IpAddr, Vec<Torn>, foldhash::fast::RandomState>,
    /// The address that a device had last.
    addresses: HashMap<Arc<str>, IpAddr, foldhash::fast::RandomState>,
    /// Beginning and end of sessions that took long.
    long: HashMap<u32, (i64, i64), foldhash::fast::RandomState>,
    kept: usize,
    /// More was missing than is kept: nothing is certain any more.
    full: bool,
    /// What is asked is always about what has just been: the older half makes room.
    forgets: bool,
}

/// A session, or a message of none, of which something is missing.
#[derive(Debug, Clone, Copy)]
struct Torn {
    session: Option<u32>,
    start_ns: i64,
    end_ns: i64,
    /// Bytes are missing; else it may be the capture that begins or ends there, unless it has gaps.
    surely: bool,
}

impl Doubts {
    /// A session is over.
    pub(super) fn note_session(&mut self, closed: &Closed<'_>) {
        let session = closed.session;
        let address = session.cpe.address;
        if let (Some(device), Some(address)) = (&session.device, address)
            && self.addresses.get(device) != Some(&address)
            && (self.addresses.len() < DOUBTS_MAX || self.addresses.contains_key(device))
        {
            self.addresses.insert(Arc::clone(device), address);
        }
        let (start_ns, end_ns) = (session.start.nanoseconds, session.end.nanoseconds);
        if end_ns.saturating_sub(start_ns) > BESIDE_NS && self.long.len() < DOUBTS_MAX {
            self.long.insert(session.number, (start_ns, end_ns));
        }
        let torn_step = |step: &Step| step.evidence != Evidence::Complete;
        let dropped = session.dropped > Some(0);
        let surely = dropped || session.gaps > 0 || session.steps.iter().any(torn_step);
        let left_open = goes_on_elsewhere(session);
        let whole = closed.facts.is_whole() && session.outcome != Outcome::Incomplete;
        if whole && !surely && !left_open {
            return;
        }
        // On several connections it may be known too late for the rules that something is missing between them.
        // And of what was dropped nobody knows whether it was of this session.
        let joined = dropped || left_open || session.connections.len() > 1 && surely;
        let torn = Torn {
            session: (!joined).then_some(session.number),
            start_ns,
            end_ns,
            surely,
        };
        match (&session.device, address) {
            (Some(device), _) => self.keep_of_device(device, torn),
            (None, Some(address)) => self.keep_of_address(address, torn),
            (None, None) => {}
        }
    }

    /// A message of no session.
    pub(super) fn note_stray(&mut self, message: &Message) {
        let provenance = &message.provenance;
        if message.gaps_before == 0 && provenance.evidence == Evidence::Complete {
            return;
        }
        let torn = Torn {
            session: None,
            start_ns: provenance.started.nanoseconds,
            end_ns: provenance.time.nanoseconds,
            surely: true,
        };
        match &message.device {
            Some(device) => self.keep_of_device(device, torn),
            None => {
                self.keep_of_address(provenance.source.ip(), torn);
                self.keep_of_address(provenance.destination.ip(), torn);
            }
        }
    }

    fn keep_of_device(&mut self, device: &Arc<str>, torn: Torn) {
        if self.has_room() {
            let kept = self.of_device.entry(Arc::clone(device)).or_default();
            kept.push(torn);
        }
    }

    fn keep_of_address(&mut self, address: IpAddr, torn: Torn) {
        if self.has_room() {
            self.of_address.entry(address).or_default().push(torn);
        }
    }

    /// From now on it is asked only about what has just been.
    pub(super) fn forget_the_old(&mut self) {
        self.forgets = true;
    }

    fn has_room(&mut self) -> bool {
        if self.forgets && self.kept >= DOUBTS_MAX {
            self.forget_half();
        }
        self.full |= self.kept >= DOUBTS_MAX;
        self.kept += usize::from(!self.full);
        !self.full
    }

    fn forget_half(&mut self) {
        let lists = self.of_device.values().chain(self.of_address.values());
        let mut ends: Vec<i64> = lists.flatten().map(|torn| torn.end_ns).collect();
        let middle = ends.len() / 2;
        if middle == 0 {
            return;
        }
        let (_, &mut before_ns, _) = ends.select_nth_unstable(middle);
        let stays = |torn: &Torn| torn.end_ns > before_ns;
        self.of_device.retain(|_, list| {
            list.retain(stays);
            !list.is_empty()
        });
        self.of_address.retain(|_, list| {
            list.retain(stays);
            !list.is_empty()
        });
        self.long.retain(|_, (_, end_ns)| *end_ns > before_ns);
        let lists = self.of_device.values().chain(self.of_address.values());
        self.kept = lists.map(Vec::len).sum();
    }

    /// All is noted: from now on it is asked.
    pub(super) fn sort(&mut self) {
        let of_device = self.of_device.values_mut();
        for torn in of_device.chain(self.of_address.values_mut()) {
            torn.sort_unstable_by_key(|torn| torn.start_ns);
        }
    }

    /// Every place of a finding is beside something else of the device of which something is missing.
    pub(super) fn cover(&self, finding: &Finding, lossy: bool) -> bool {
        if self.full && lossy {
            return true;
        }
        let Some(device) = &finding.device else {
            return false;
        };
        let of_device = self.of_device.get(device);
        let of_address = self
            .addresses
            .get(device)
            .and_then(|address| self.of_address.get(address));
        finding.occurrences.iter().all(|occurrence| {
            let lists = of_device.into_iter().chain(of_address);
            let time_ns = occurrence.time.nanoseconds;
            let long = occurrence
                .session
                .and_then(|session| self.long.get(&session));
            let during = long.copied().unwrap_or((time_ns, time_ns));
            let mut beside = lists.flat_map(|torn| beside(torn, during));
            beside.any(|torn| {
                (lossy || torn.surely)
                    && (torn.session.is_none() || torn.session != occurrence.session)
            })
        })
    }
}

/// It went on upon another connection while nothing showed that the one before had ended: what was last said there may be
/// missing, and with it the end.
fn goes_on_elsewhere(session: &Session) -> bool {
    let ended = |connection: &u64| {
        let mut endings = session.endings.iter();
        endings.any(|ending| ending.connection == *connection)
    };
    let before = session.connections.split_last();
    before.is_some_and(|(_, before)| !before.iter().all(ended))
}

/// What is torn about this time, of a list in the order of the beginnings.
fn beside(torn: &[Torn], (start_ns, end_ns): (i64, i64)) -> impl Iterator<Item = &Torn> {
    let until_ns = end_ns.saturating_add(BESIDE_NS);
    let until = torn.partition_point(|torn| torn.start_ns <= until_ns);
    let before = torn.get(..until).unwrap_or_default();
    let since_ns = start_ns.saturating_sub(BESIDE_NS);
    let latest = before.iter().rev().take(LOOKED_AT_MAX);
    latest.filter(move |torn| torn.end_ns >= since_ns)
}

/// So far apart are legs of one session, or a session and its retry.
const BESIDE_NS: i64 = 30_000_000_000;
/// Torn sessions and messages that are kept, and addresses of devices.
const DOUBTS_MAX: usize = 65_536;
/// Torn ones before a time that are looked at: so many sessions of one device do not run at once.
const LOOKED_AT_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn torn(end_ns: i64) -> Torn {
        Torn {
            session: None,
            start_ns: end_ns - 1,
            end_ns,
            surely: true,
        }
    }

    #[test]
    fn who_is_asked_at_once_forgets_what_is_long_ago_and_is_never_full() {
        let mut doubts = Doubts::default();
        let mut lasting = Doubts::default();
        doubts.forget_the_old();
        let count = 3 * DOUBTS_MAX as i64;
        for end_ns in 0..count {
            let device: Arc<str> = format!("device {}", end_ns % 100).into();
            doubts.keep_of_device(&device, torn(end_ns));
            lasting.keep_of_device(&device, torn(end_ns));
        }
        assert!(!doubts.full && doubts.kept <= DOUBTS_MAX);
        let ends = doubts.of_device.values().flatten().map(|torn| torn.end_ns);
        assert_eq!(ends.max(), Some(count - 1));
        assert!(lasting.full);
        assert_eq!(lasting.kept, DOUBTS_MAX);
    }
}
