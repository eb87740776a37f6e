//! Connections that the capture shows twice, before and after an address translation: a mirror port on both sides of a
//! NAT, or a host that forwards to a container. The second is no connection of its own, and its sessions are none.

use std::collections::{HashMap, HashSet, VecDeque};
use std::net::SocketAddr;

use super::Arrived;
use super::facts::Facts;

/// What the connections of the last second began with, and those that are copies.
#[derive(Debug, Default)]
pub(super) struct Copies {
    openings: HashMap<u64, Opening, foldhash::fast::RandomState>,
    /// Their fingerprints, in the order of time.
    order: VecDeque<u64>,
    connections: HashSet<u64, foldhash::fast::RandomState>,
    /// Copies so far.
    pub count: u64,
}

#[derive(Debug, Clone, Copy)]
struct Opening {
    source: SocketAddr,
    destination: SocketAddr,
    time_ns: i64,
}

impl Copies {
    /// This message belongs to a connection that was seen already under other addresses.
    pub fn has(&mut self, arrived: &Arrived, facts: &Facts) -> bool {
        let connection = arrived.provenance.connection;
        if let Some(fingerprint) = arrived.opening {
            let opening = Opening {
                source: arrived.provenance.source,
                destination: arrived.provenance.destination,
                time_ns: arrived.provenance.time.nanoseconds,
            };
            if self.opens_again(fingerprint, opening, facts) {
                self.count += 1;
                self.connections.insert(connection);
            }
        }
        self.connections.contains(&connection)
    }

    /// The connection is over.
    pub fn forget(&mut self, connection: u64) {
        self.connections.remove(&connection);
    }

    /// One end is the same and the other another, and it begins with the same bytes at about the same time. Of two
    /// clients of one server that is only said where the bytes tell who they are.
    fn opens_again(&mut self, fingerprint: u64, opening: Opening, facts: &Facts) -> bool {
        while let Some(oldest) = self.order.front()
            && (self.order.len() >= OPENINGS_MAX
                || self.openings.get(oldest).is_none_or(|before| {
                    opening.time_ns.saturating_sub(before.time_ns) > DELAY_NS_MAX
                }))
        {
            self.openings.remove(oldest);
            self.order.pop_front();
        }
        let Some(before) = self.openings.get(&fingerprint) else {
            self.openings.insert(fingerprint, opening);
            self.order.push_back(fingerprint);
            return false;
        };
        let soon = opening.time_ns.abs_diff(before.time_ns) <= DELAY_NS_MAX.unsigned_abs();
        let named = !facts.envelopes.is_empty() || !facts.cookies.is_empty();
        let other_source = before.source.ip() != opening.source.ip()
            && before.destination == opening.destination
            && named;
        let other_destination =
            before.destination != opening.destination && before.source == opening.source;
        soon && (other_source || other_destination)
    }
}

/// Nanoseconds within which a packet passes a NAT and a mirror.
const DELAY_NS_MAX: i64 = 1_000_000_000;
/// First messages remembered at once.
const OPENINGS_MAX: usize = 4096;
