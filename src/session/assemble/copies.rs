//! Connections that the capture shows twice, before and after an address translation: a mirror port on both sides of a
//! NAT, or a host that forwards to a container. The second is no connection of its own, and its sessions are none.

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::SocketAddr;

use super::Arrived;
use super::facts::Facts;

/// What the connections of the last moments began with, and those that are copies.
#[derive(Debug, Default)]
pub(super) struct Copies {
    /// By the fingerprint of their first message.
    openings: HashMap<u64, Opening, foldhash::fast::RandomState>,
    /// Their fingerprints, in the order of time.
    order: VecDeque<u64>,
    connections: HashSet<u64, foldhash::fast::RandomState>,
    /// Copies so far.
    pub count: u64,
    /// First messages that had to be forgotten too early.
    pub forgotten: u64,
}

/// The first message of a connection.
#[derive(Debug, Clone, Copy)]
struct Opening {
    source: SocketAddr,
    destination: SocketAddr,
    time_ns: i64,
}

impl Copies {
    /// This message belongs to a connection that was seen already under other addresses.
    pub fn has(&mut self, arrived: &Arrived, facts: &Facts, openings_max: usize) -> bool {
        let connection = arrived.provenance.connection;
        let opening = Opening {
            source: arrived.provenance.source,
            destination: arrived.provenance.destination,
            time_ns: arrived.provenance.time.nanoseconds,
        };
        // What the bytes tell of who sends them.
        let named = !facts.envelopes.is_empty() || !facts.cookies.is_empty();
        if let Some(fingerprint) = arrived.opening
            && self.opens_again(fingerprint, opening, named, openings_max)
        {
            self.count += 1;
            self.connections.insert(connection);
        }
        self.connections.contains(&connection)
    }

    /// The connection is over.
    pub fn forget(&mut self, connection: u64) {
        self.connections.remove(&connection);
    }

    /// A connection began with the same bytes under the same numbers, which a NAT does not change, at about this time;
    /// and one of its ends was the same. Captures made by hand number all connections alike: of two clients of one
    /// server nothing is said unless the bytes tell who they are.
    fn opens_again(
        &mut self,
        fingerprint: u64,
        opening: Opening,
        named: bool,
        openings_max: usize,
    ) -> bool {
        let age_ns = |before: &Opening| opening.time_ns.abs_diff(before.time_ns);
        while let Some(oldest) = self.order.front()
            && (self.order.len() >= openings_max
                || self
                    .openings
                    .get(oldest)
                    .is_none_or(|before| age_ns(before) > DELAY_NS_MAX))
        {
            let young = self
                .openings
                .remove(oldest)
                .is_some_and(|before| age_ns(&before) <= DELAY_NS_MAX);
            self.forgotten += u64::from(young);
            self.order.pop_front();
        }
        let Some(before) = self.openings.get(&fingerprint) else {
            self.openings.insert(fingerprint, opening);
            self.order.push_back(fingerprint);
            return false;
        };
        let other_source = before.source.ip() != opening.source.ip()
            && before.destination == opening.destination
            && named;
        let other_destination =
            before.destination != opening.destination && before.source == opening.source;
        age_ns(before) <= DELAY_NS_MAX && (other_source || other_destination)
    }
}

/// Nanoseconds within which a packet passes a NAT and a mirror.
const DELAY_NS_MAX: u64 = 100_000_000;
