//! Data connections of FTP: where they were agreed, what they carried, and the transfers that wait to hear of it.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};

use ftp::{DataEndpoint, DataMode};

use super::carried;
use crate::session::{DataConnection, Transfer};

/// Data connections that were agreed, each for one transfer.
#[derive(Debug, Default)]
pub(super) struct Channels {
    agreed: BTreeMap<u64, Channel>,
    by_endpoint: HashMap<SocketAddr, u64, foldhash::fast::RandomState>,
    last: u64,
    /// Of connections that fit nothing yet: the line that agrees on one may be read late.
    early: VecDeque<DataConnection>,
    /// Transfers that wait, by when they are given out without it.
    due: BTreeSet<(i64, u64)>,
}

/// A data connection.
#[derive(Debug)]
struct Channel {
    /// Where it was to go: as it was told, and where the side that told it is.
    endpoints: [SocketAddr; 2],
    /// Who was to come there.
    other: IpAddr,
    since_ns: i64,
    data: Option<DataConnection>,
    waiting: Option<(i64, Box<Transfer>)>,
}

type Given = Vec<Box<Transfer>>;

impl Channels {
    /// How many were agreed and not used yet.
    pub fn len(&self) -> usize {
        self.agreed.len()
    }

    /// Forgets the oldest, and gives the transfer that waited for it.
    pub fn give_oldest(&mut self) -> Option<Box<Transfer>> {
        let (&oldest, _) = self.agreed.first_key_value()?;
        self.give(oldest)
    }

    /// A data connection was agreed between client and server; gives its number.
    pub fn agree(
        &mut self,
        endpoint: DataEndpoint,
        (client, server): (SocketAddr, SocketAddr),
        since_ns: i64,
    ) -> u64 {
        let (waits, comes) = match endpoint.mode {
            DataMode::Passive => (server.ip(), client.ip()),
            DataMode::Active => (client.ip(), server.ip()),
        };
        let told = endpoint.address.unwrap_or(waits);
        let endpoints = [told, waits].map(|address| SocketAddr::new(address, endpoint.port));
        self.last += 1;
        for endpoint in endpoints {
            self.by_endpoint.insert(endpoint, self.last);
        }
        let mut channel = Channel {
            endpoints,
            other: comes,
            since_ns,
            data: None,
            waiting: None,
        };
        if let Some(at) = self.early.iter().position(|data| channel.fits(data)) {
            channel.data = self.early.remove(at);
        }
        self.agreed.insert(self.last, channel);
        self.last
    }

    /// One side alone sent bytes on a connection; gives the transfer that waited for it, and says whether another
    /// connection was forgotten for it.
    pub fn carried(&mut self, data: DataConnection, early_max: usize) -> (Given, bool) {
        for end in [data.receiver, data.sender] {
            let Some(&number) = self.by_endpoint.get(&end) else {
                continue;
            };
            let channel = self.agreed.get_mut(&number);
            let Some(channel) = channel.filter(|channel| channel.fits(&data)) else {
                continue;
            };
            channel.data = Some(data);
            if channel.waiting.is_none() {
                return (Vec::new(), false);
            }
            return (self.give(number).into_iter().collect(), false);
        }
        let full = self.early.len() >= early_max;
        if full {
            self.early.pop_front();
        }
        self.early.push_back(data);
        (Vec::new(), full)
    }

    /// The transfer of a data connection has ended; gives it if that was seen, otherwise it waits until `due_ns`.
    pub fn ended(&mut self, number: u64, transfer: Box<Transfer>, due_ns: i64) -> Given {
        let Some(channel) = self.agreed.get_mut(&number) else {
            return vec![transfer];
        };
        channel.waiting = Some((due_ns, transfer));
        if channel.data.is_some() {
            return self.give(number).into_iter().collect();
        }
        self.due.insert((due_ns, number));
        Vec::new()
    }

    /// Forgets a data connection that no transfer waits for.
    pub fn drop_idle(&mut self, number: Option<u64>) {
        let Some(number) = number else { return };
        let idle = self
            .agreed
            .get(&number)
            .is_some_and(|channel| channel.waiting.is_none());
        if idle {
            self.give(number);
        }
    }

    /// Gives the transfers that have waited long enough.
    pub fn expire(&mut self, now_ns: i64) -> Given {
        let mut over = Vec::new();
        while let Some(&(due_ns, number)) = self.due.first()
            && due_ns <= now_ns
        {
            self.due.pop_first();
            over.extend(self.give(number));
        }
        over
    }

    /// The end of the transfer that has waited longest.
    pub fn wait_since_ns(&self) -> i64 {
        let first = self.due.first();
        let first = first.and_then(|(_, number)| self.agreed.get(number)?.waiting.as_ref());
        let end = first.and_then(|(_, transfer)| transfer.end());
        end.map_or(i64::MAX, |end| end.nanoseconds)
    }

    /// Forgets a data connection, and gives the transfer that waited for it, with what it carried.
    fn give(&mut self, number: u64) -> Option<Box<Transfer>> {
        let channel = self.agreed.remove(&number)?;
        for endpoint in channel.endpoints {
            if self.by_endpoint.get(&endpoint) == Some(&number) {
                self.by_endpoint.remove(&endpoint);
            }
        }
        let (due_ns, mut transfer) = channel.waiting?;
        self.due.remove(&(due_ns, number));
        if let Some(data) = channel.data {
            transfer.bytes = Some(data.bytes);
            transfer.missing_bytes = data.missing_bytes;
            let step = carried(
                data.sightings,
                data.bytes,
                data.missing_bytes,
                transfer.direction,
            );
            let at = transfer.steps.partition_point(|one| one.time < step.time);
            transfer.steps.insert(at.max(1), step);
        }
        Some(transfer)
    }
}

impl Channel {
    /// A connection goes where it was agreed, and began after that.
    fn fits(&self, data: &DataConnection) -> bool {
        let ends = [data.receiver, data.sender];
        let [began, _] = data.sightings;
        let places = ends.iter().zip(ends.iter().rev());
        let mut places = places.filter(|(end, _)| self.endpoints.contains(end));
        self.data.is_none()
            && began.time.nanoseconds >= self.since_ns.saturating_sub(SKEW_NS_MAX)
            && places.any(|(_, other)| other.ip() == self.other)
    }
}

/// Nanoseconds that a mirror may deliver two connections skewed.
const SKEW_NS_MAX: i64 = 100_000_000;
