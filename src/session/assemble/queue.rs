//! Messages on their way out, in time order; some wait until it is known what they belong to, some for an earlier one
//! whose end has not come yet.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;

use crate::session::{Credentials, Datagram, Message, Output, TlsSeen};

/// A message's place in the queue, its time first; `None` where messages are not wanted.
pub(super) type Ticket = Option<(i64, u64)>;

/// The queue of messages.
#[derive(Debug)]
pub(super) struct Queue {
    wanted: bool,
    datagrams_wanted: bool,
    arrived: u64,
    messages: BTreeMap<(i64, u64), Queued>,
    /// Whoever wants messages wants each as soon as it is known what it belongs to.
    hasty: bool,
    /// Of TLS connections of which no message has come so far: their ends, and where they wait.
    secured: HashMap<[SocketAddr; 2], Ticket, foldhash::fast::RandomState>,
    /// Those that may go out at once.
    ready: Vec<What>,
    /// Nothing earlier than this will arrive, nanoseconds.
    watermark_ns: i64,
    held_max: usize,
    held_bytes: usize,
    held_bytes_max: usize,
    /// Messages that left before their turn, because too many were held.
    pub hurried: u64,
    /// What they are verified with on their way out: only then is it known whose they are.
    pub credentials: Option<Arc<Credentials>>,
}

#[derive(Debug)]
struct Queued {
    what: What,
    settled: bool,
    bytes: usize,
    /// What is told of the TLS in which a message came, where that is the first that came in it.
    tls: Ticket,
}

#[derive(Debug)]
enum What {
    Message(Box<Message>),
    Datagram(Box<Datagram>),
    Tls(Box<TlsSeen>),
}

impl Queue {
    pub fn new(wanted: bool, held_max: usize, held_bytes_max: usize) -> Self {
        Self {
            wanted,
            datagrams_wanted: wanted,
            arrived: 0,
            messages: BTreeMap::new(),
            hasty: false,
            secured: HashMap::default(),
            ready: Vec::new(),
            watermark_ns: i64::MIN,
            held_max,
            held_bytes: 0,
            held_bytes_max,
            hurried: 0,
            credentials: None,
        }
    }

    /// Messages and datagrams are wanted as soon as it is known what they belong to: in the order in which they ended, but for
    /// those that wait.
    pub fn hurry(&mut self) {
        self.hasty = true;
    }

    /// Whether what concerns a known device goes out although its consequence is not known yet.
    pub fn is_hasty(&self) -> bool {
        self.hasty
    }

    /// Whether anybody wants messages.
    pub fn is_wanted(&self) -> bool {
        self.wanted
    }

    /// Datagrams are wanted, with messages or without.
    pub fn want_datagrams(&mut self, datagrams: bool) {
        self.datagrams_wanted = self.wanted || datagrams;
    }

    /// Adds a message; one that is not settled waits, and what comes after it too.
    pub fn push(&mut self, message: Message, settled: bool) -> Ticket {
        if !self.wanted {
            return None;
        }
        if self.hasty && settled {
            self.ready.push(What::Message(Box::new(message)));
            return None;
        }
        let time_ns = message.provenance.time.nanoseconds;
        let bytes = message.held_bytes();
        let provenance = &message.provenance;
        let secured = provenance.tls.is_some() && !self.secured.is_empty();
        let ends = ends(provenance.source, provenance.destination);
        let tls = secured
            .then(|| self.secured.remove(&ends))
            .flatten()
            .flatten();
        if settled && tls.is_some() {
            self.settle_tls(tls, message.session, message.device.clone());
        }
        let what = What::Message(Box::new(message));
        self.insert(
            time_ns,
            Queued {
                what,
                settled,
                bytes,
                tls,
            },
        )
    }

    /// What is told of a connection concerns what its first message does.
    fn settle_tls(&mut self, tls: Ticket, session: Option<u32>, device: Option<Arc<str>>) {
        if let Some(queued) = tls.and_then(|ticket| self.messages.get_mut(&ticket)) {
            if let What::Tls(seen) = &mut queued.what {
                seen.session = session;
                seen.device = device;
            }
            queued.settled = true;
        }
    }

    /// Adds a datagram likewise.
    pub fn push_datagram(&mut self, datagram: Box<Datagram>, settled: bool) -> Ticket {
        if !self.datagrams_wanted {
            return None;
        }
        if self.hasty && settled {
            self.ready.push(What::Datagram(datagram));
            return None;
        }
        let time_ns = datagram.time.nanoseconds;
        let bytes = datagram.payload.len() + DATAGRAM_BYTES;
        let what = What::Datagram(datagram);
        self.insert(
            time_ns,
            Queued {
                what,
                settled,
                bytes,
                tls: None,
            },
        )
    }

    /// Adds what is told of a TLS connection, for whoever wants messages.
    pub fn push_tls(&mut self, seen: Box<TlsSeen>) {
        if !self.wanted {
            return;
        }
        if self.hasty {
            self.ready.push(What::Tls(seen));
            return;
        }
        let time_ns = seen.time.nanoseconds;
        let decrypted = seen.connection.decrypted;
        let ends = ends(seen.connection.client, seen.connection.server);
        let queued = Queued {
            what: What::Tls(seen),
            settled: !decrypted,
            bytes: TLS_BYTES,
            tls: None,
        };
        let ticket = self.insert(time_ns, queued);
        if decrypted {
            self.secured.insert(ends, ticket);
        }
    }

    fn insert(&mut self, time_ns: i64, queued: Queued) -> Ticket {
        let ticket = (time_ns, self.arrived);
        self.arrived += 1;
        self.held_bytes += queued.bytes;
        self.messages.insert(ticket, queued);
        Some(ticket)
    }

    /// Says what a waiting message is, and lets it go.
    pub fn settle(&mut self, ticket: Ticket, change: impl FnOnce(&mut Message)) {
        if let Some(queued) = ticket.and_then(|ticket| self.messages.get_mut(&ticket)) {
            let mut concerns = None;
            if let What::Message(message) = &mut queued.what {
                change(message);
                concerns = queued
                    .tls
                    .map(|_| (message.session, message.device.clone()));
            }
            queued.settled = true;
            let tls = queued.tls;
            if let Some((session, device)) = concerns {
                self.settle_tls(tls, session, device);
            }
        }
        self.let_go(ticket);
    }

    /// The same for a datagram.
    pub fn settle_datagram(&mut self, ticket: Ticket, change: impl FnOnce(&mut Datagram)) {
        if let Some(queued) = ticket.and_then(|ticket| self.messages.get_mut(&ticket)) {
            if let What::Datagram(datagram) = &mut queued.what {
                change(datagram);
            }
            queued.settled = true;
        }
        self.let_go(ticket);
    }

    /// What waited for nothing but this goes out.
    fn let_go(&mut self, ticket: Ticket) {
        if self.hasty
            && let Some(queued) = ticket.and_then(|ticket| self.messages.remove(&ticket))
        {
            self.held_bytes -= queued.bytes;
            self.ready.push(queued.what);
        }
    }

    /// Every message that is still to arrive ends at this time or later.
    pub fn advance(&mut self, watermark_ns: i64) {
        self.watermark_ns = watermark_ns;
    }

    /// Gives out what has nothing unsettled or unfinished before it.
    pub fn release(&mut self, outputs: &mut Vec<Output>) {
        let credentials = self.credentials.as_deref();
        outputs.extend(
            self.ready
                .drain(..)
                .map(|what| what.into_output(credentials)),
        );
        while let Some((ticket, first)) = self.messages.first_key_value() {
            // Of the first message in TLS nothing came until now: it has none.
            let alone = first
                .what
                .secured()
                .filter(|ends| self.secured.get(ends) == Some(&Some(*ticket)));
            let settled = first.settled || alone.is_some();
            let ready = !self.hasty && settled && ticket.0 < self.watermark_ns;
            let over = self.messages.len() > self.held_max || self.held_bytes > self.held_bytes_max;
            if !ready && !over {
                return;
            }
            self.hurried += u64::from(!ready);
            if let Some(ends) = alone {
                self.secured.remove(&ends);
            }
            if let Some((_, queued)) = self.messages.pop_first() {
                self.held_bytes -= queued.bytes;
                outputs.push(queued.what.into_output(self.credentials.as_deref()));
            }
        }
    }

    /// Gives out everything.
    pub fn finish(&mut self, outputs: &mut Vec<Output>) {
        self.release(outputs);
        self.held_bytes = 0;
        let messages = std::mem::take(&mut self.messages);
        outputs.extend(
            messages
                .into_values()
                .map(|queued| queued.what.into_output(self.credentials.as_deref())),
        );
    }
}

impl What {
    /// The ends of a TLS connection that is told.
    fn secured(&self) -> Option<[SocketAddr; 2]> {
        match self {
            Self::Tls(seen) => Some(ends(seen.connection.client, seen.connection.server)),
            Self::Message(_) | Self::Datagram(_) => None,
        }
    }

    fn into_output(self, credentials: Option<&Credentials>) -> Output {
        match self {
            Self::Message(mut message) => {
                message.authorized =
                    credentials.and_then(|credentials| message.check_authorization(credentials));
                Output::Message(message)
            }
            Self::Datagram(mut datagram) => {
                if let Some(credentials) = credentials {
                    datagram.verify(credentials);
                }
                Output::Datagram(datagram)
            }
            Self::Tls(seen) => Output::Tls(seen),
        }
    }
}

/// The lower one first.
fn ends(one: SocketAddr, other: SocketAddr) -> [SocketAddr; 2] {
    [one.min(other), one.max(other)]
}

/// Bytes of what is told of a TLS connection, about: a chain of certificates, read, is most of it.
const TLS_BYTES: usize = 8 << 10;
/// Bytes of a datagram beside what it carries.
const DATAGRAM_BYTES: usize = 1024;
