//! Transfers of a capture, told apart by their endpoints.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;

use crate::packet::Packet;
use crate::request::Request;
use crate::transfer::Transfer;
use crate::{Limits, Side};

/// A UDP datagram.
#[derive(Clone, Copy, Debug)]
pub struct Datagram<'a> {
    /// Where it came from.
    pub from: SocketAddr,
    /// Where it went.
    pub to: SocketAddr,
    /// Its payload, as the capture kept it.
    pub payload: &'a [u8],
    /// Its payload's length on the wire.
    pub wire_bytes: usize,
    /// Its time in nanoseconds, on any clock that the caller keeps to.
    pub now_ns: u64,
}

/// What a datagram was to a [`Tracker`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A request opened a transfer.
    Began(Box<Transfer>),
    /// One more of a transfer.
    Went {
        /// [`Transfer::number`]
        number: u64,
        /// Who sent it.
        side: Side,
    },
    /// It ended its transfer: the last acknowledgement, or an ERROR.
    Ended(Box<Transfer>),
}

/// Transfers as they go on: datagrams in, in order of time; what they were out.
#[derive(Debug)]
pub struct Tracker {
    limits: Limits,
    /// By the client's endpoint, which asks for one file at a time.
    transfers: HashMap<SocketAddr, Transfer>,
    /// Which client has which transfer, oldest first.
    by_number: BTreeMap<u64, SocketAddr>,
    numbers: u64,
    /// Transfers that were ended by something else than their own datagrams.
    given_up: Vec<Transfer>,
    crowded: u64,
}

impl Tracker {
    /// No transfer yet.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            transfers: HashMap::new(),
            by_number: BTreeMap::new(),
            numbers: 0,
            given_up: Vec::new(),
            crowded: 0,
        }
    }

    /// Takes any UDP datagram; none where it is of no transfer.
    ///
    /// Transfers that a request ended, since it comes from the same endpoint or is one too many, are [`Tracker::given_up`].
    #[inline]
    pub fn push(&mut self, datagram: &Datagram<'_>) -> Option<Seen> {
        match datagram.payload {
            [0, 1 | 2, ..] => self.request(datagram),
            [0, 3..=6, ..] if !self.transfers.is_empty() => self.follow(datagram),
            _ => None,
        }
    }

    /// Transfers that ended without their own last datagram since this was asked last.
    pub fn given_up(&mut self) -> Vec<Transfer> {
        std::mem::take(&mut self.given_up)
    }

    /// Gives up transfers that nothing was heard of for [`Limits::idle_ns_max`].
    pub fn expire(&mut self, now_ns: u64) -> Vec<Transfer> {
        let oldest_ns = now_ns.saturating_sub(self.limits.idle_ns_max);
        let idle = self
            .transfers
            .values()
            .filter(|transfer| transfer.last_ns < oldest_ns);
        let mut numbers: Vec<u64> = idle.map(|transfer| transfer.number).collect();
        numbers.sort_unstable();
        for number in numbers {
            self.give_up(number);
        }
        self.given_up()
    }

    /// How often a request was one too many, so that the oldest transfer was given up.
    pub fn crowded(&self) -> u64 {
        self.crowded
    }

    /// Ends what is left, at the end of the capture.
    pub fn finish(&mut self) -> Vec<Transfer> {
        let numbers: Vec<u64> = self.by_number.keys().copied().collect();
        for number in numbers {
            self.give_up(number);
        }
        self.given_up()
    }

    fn request(&mut self, datagram: &Datagram<'_>) -> Option<Seen> {
        let request = Request::parse(datagram.payload)?;
        if let Some(open) = self.transfers.get_mut(&datagram.from) {
            if open.repeats(datagram.to, &request) {
                open.retransmissions = open.retransmissions.saturating_add(1);
                open.last_ns = datagram.now_ns;
                let number = open.number;
                return Some(Seen::Went {
                    number,
                    side: Side::Client,
                });
            }
            let number = open.number;
            self.give_up(number);
        }
        while self.transfers.len() >= self.limits.transfers_max.max(1) {
            let oldest = *self.by_number.keys().next()?;
            self.crowded = self.crowded.saturating_add(1);
            self.give_up(oldest);
        }
        let number = self.numbers;
        self.numbers = number.saturating_add(1);
        let (client, server) = (datagram.from, datagram.to);
        let transfer = Transfer::new(number, client, server, &request, datagram.now_ns);
        self.by_number.insert(number, client);
        self.transfers.insert(client, transfer.clone());
        Some(Seen::Began(Box::new(transfer)))
    }

    fn follow(&mut self, datagram: &Datagram<'_>) -> Option<Seen> {
        let (from, to) = (datagram.from, datagram.to);
        let client = if self.transfers.contains_key(&to) {
            to
        } else {
            from
        };
        let transfer = self.transfers.get_mut(&client)?;
        let packet = Packet::parse(datagram.payload, datagram.wire_bytes)?;
        let side = transfer.side_of(from, to)?;
        let was_over = transfer.is_over();
        transfer.take(side, &packet, datagram.now_ns);
        if transfer.is_over() && !was_over {
            return Some(Seen::Ended(Box::new(transfer.clone())));
        }
        let number = transfer.number;
        Some(Seen::Went { number, side })
    }

    /// Forgets a transfer; one that was told as ended is not told again.
    fn give_up(&mut self, number: u64) {
        let client = self.by_number.remove(&number);
        let transfer = client.and_then(|client| self.transfers.remove(&client));
        self.given_up
            .extend(transfer.filter(|transfer| !transfer.is_over()));
    }
}
