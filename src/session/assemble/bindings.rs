//! The bindings that devices keep open by STUN, followed over time.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use stun::Class;
use stun::kind::RESPONSE_ADDRESS;

use crate::session::{Binding, BindingMove, Datagram, StunView};
use crate::source::Timestamp;

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    /// By where the device sends from; boxed, as much of the table is free.
    followed: HashMap<SocketAddr, Box<Followed>, foldhash::fast::RandomState>,
    /// By the time of the latest request.
    by_age: BTreeSet<(i64, SocketAddr)>,
    /// Where the device sends from, by where a server saw it, now or before.
    by_mapped: HashMap<SocketAddr, SocketAddr, foldhash::fast::RandomState>,
    /// The latest of each device, of those that are kept for Connection Requests.
    of_device: HashMap<Arc<str>, SocketAddr, foldhash::fast::RandomState>,
    /// Whose STUNUsername it is, if it is one device's alone.
    by_user_name: HashMap<Vec<u8>, Option<Arc<str>>, foldhash::fast::RandomState>,
    /// Where those bindings are kept.
    servers: HashSet<IpAddr, foldhash::fast::RandomState>,
}

#[derive(Debug)]
struct Followed {
    binding: Binding,
    /// Fingerprints of the transactions of its latest requests, the latest last: other answers are of a probe.
    asked: [u64; TRANSACTIONS_MAX],
    /// It is kept for Connection Requests: it says so itself (CONNECTION-REQUEST-BINDING), or its device does.
    wakes: bool,
    user_name: Option<Vec<u8>>,
    /// Time of its latest keep-alive.
    kept: Option<Timestamp>,
    /// Time of the latest error response to it.
    refused: Option<Timestamp>,
    /// Where the server saw it, now and before.
    seen_at: VecDeque<SocketAddr>,
}

impl Bindings {
    /// A Binding Request; false where another binding had to be forgotten for it.
    pub fn request(
        &mut self,
        message: &stun::Message,
        datagram: &Datagram,
        certain: Option<Arc<str>>,
        bindings_max: usize,
    ) -> bool {
        if let Some(answered_at) = message.address(RESPONSE_ADDRESS)
            && answered_at != datagram.source
        {
            let local = self.by_mapped.get(&answered_at).unwrap_or(&answered_at);
            if let Some(followed) = self.followed.get_mut(local) {
                followed.binding.probes += 1;
                return true;
            }
        }
        let mut room = true;
        if !self.followed.contains_key(&datagram.source) {
            room = self.followed.len() < bindings_max;
            if !room {
                self.forget_oldest();
            }
            let followed = Box::new(Followed::new(datagram));
            self.followed.insert(datagram.source, followed);
            if message.is_tr111() {
                self.servers.insert(datagram.destination.ip());
            }
        }
        let Some(followed) = self.followed.get_mut(&datagram.source) else {
            return room;
        };
        self.by_age
            .remove(&(followed.binding.last.nanoseconds, datagram.source));
        followed.request(message, datagram);
        self.by_age
            .insert((followed.binding.last.nanoseconds, datagram.source));
        let user_name = followed.user_name.as_ref();
        let by_name = user_name.and_then(|name| self.by_user_name.get(name).cloned().flatten());
        if let Some(device) = certain.or(by_name) {
            self.tie(datagram.source, &device);
        }
        room
    }

    /// Forgets the binding that was used longest ago.
    fn forget_oldest(&mut self) {
        let Some((_, local)) = self.by_age.pop_first() else {
            return;
        };
        let Some(followed) = self.followed.remove(&local) else {
            return;
        };
        for seen_at in &followed.seen_at {
            if self.by_mapped.get(seen_at) == Some(&local) {
                self.by_mapped.remove(seen_at);
            }
        }
        if let Some(device) = &followed.binding.device
            && self.of_device.get(device) == Some(&local)
        {
            self.of_device.remove(device);
        }
        if let Some(name) = &followed.user_name {
            self.by_user_name.remove(name);
        }
    }

    /// The answer to one.
    pub fn response(&mut self, message: &stun::Message, datagram: &Datagram, moves_max: usize) {
        let Some(followed) = self.followed.get_mut(&datagram.destination) else {
            return;
        };
        let Some(mapped) = followed.response(message, datagram, moves_max) else {
            return;
        };
        if followed.seen_at.back() == Some(&mapped) {
            return;
        }
        followed.seen_at.retain(|before| *before != mapped);
        // Room for one at a time: of most it stays one.
        followed.seen_at.reserve_exact(1);
        followed.seen_at.push_back(mapped);
        let local = datagram.destination;
        let oldest = (followed.seen_at.len() > moves_max).then(|| followed.seen_at.pop_front());
        if let Some(oldest) = oldest.flatten()
            && self.by_mapped.get(&oldest) == Some(&local)
        {
            self.by_mapped.remove(&oldest);
        }
        self.by_mapped.insert(mapped, local);
    }

    /// The endpoint is this device's. A phone asks other servers for its calls, from other ports: those bindings wake
    /// nobody.
    fn tie(&mut self, local: SocketAddr, device: &Arc<str>) {
        let Some(followed) = self.followed.get_mut(&local) else {
            return;
        };
        followed.binding.device = Some(Arc::clone(device));
        if !followed.wakes {
            return;
        }
        let user_name = followed.user_name.clone();
        self.of_device.insert(Arc::clone(device), local);
        let room = self.by_user_name.len() <= self.followed.len();
        if let Some(name) = user_name.filter(|_| room) {
            let known = self.by_user_name.entry(name);
            let known = known.or_insert_with(|| Some(Arc::clone(device)));
            // Many operators give all devices the same name.
            if known.as_ref() != Some(device) {
                *known = None;
            }
        }
    }

    /// The device says that it is reached there.
    pub fn tie_mapped(&mut self, mapped: SocketAddr, device: &Arc<str>) {
        let local = self.by_mapped.get(&mapped).copied().unwrap_or(mapped);
        if let Some(followed) = self.followed.get_mut(&local) {
            followed.wakes = true;
        }
        self.tie(local, device);
    }

    /// A device talks to a STUN server at this address.
    pub fn is_server(&self, address: IpAddr) -> bool {
        self.servers.contains(&address)
    }

    /// The device that sends from there, or is seen there by a server.
    pub fn device_at(&self, endpoint: SocketAddr) -> Option<Arc<str>> {
        let local = self.by_mapped.get(&endpoint).unwrap_or(&endpoint);
        self.followed.get(local)?.binding.device.clone()
    }

    /// The binding of a device that was used last.
    pub fn of(&self, device: &str) -> Option<&Binding> {
        let local = self.of_device.get(device)?;
        self.followed.get(local).map(|followed| &followed.binding)
    }

    /// Where the binding stands that a request goes through, or would have to: by where its device sends from.
    pub fn standing(&self, device: Option<&str>, destination: SocketAddr) -> Option<SocketAddr> {
        let own = device.and_then(|device| self.of_device.get(device));
        own.or_else(|| self.by_mapped.get(&destination)).copied()
    }

    /// All of them, the earliest first.
    pub fn into_list(self) -> Vec<Binding> {
        let all = self.followed.into_values();
        let mut all: Vec<Binding> = all.map(|followed| followed.binding).collect();
        all.sort_by_key(|binding| (binding.first, binding.local));
        all
    }
}

impl Followed {
    fn new(datagram: &Datagram) -> Self {
        let binding = Binding {
            device: datagram.device.clone(),
            local: datagram.source,
            server: datagram.destination,
            views: Vec::new(),
            mapped: None,
            moves: Vec::new(),
            moves_count: 0,
            requests: 0,
            responses: 0,
            probes: 0,
            period_ms: None,
            first: datagram.time,
            last: datagram.time,
        };
        Self {
            binding,
            asked: [0; TRANSACTIONS_MAX],
            wakes: false,
            user_name: None,
            kept: None,
            refused: None,
            seen_at: VecDeque::new(),
        }
    }

    fn request(&mut self, message: &stun::Message, datagram: &Datagram) {
        self.wakes |= message.is_tr111();
        if let Some(name) = message
            .username()
            .filter(|name| name.len() <= NAME_BYTES_MAX)
        {
            self.user_name = Some(name.to_vec());
        }
        let transaction = fingerprint(message);
        if self.asked.contains(&transaction) {
            return;
        }
        // The answer to a challenge, and what tells of a new address, come besides.
        let since =
            |before: Timestamp| datagram.time.nanoseconds.saturating_sub(before.nanoseconds);
        let again = self
            .refused
            .is_some_and(|refused| since(refused) < AGAIN_NS_MAX);
        let keeps = !again && !message.has_binding_change();
        let kept = if keeps {
            self.kept.replace(datagram.time)
        } else {
            None
        };
        let binding = &mut self.binding;
        if let Some(kept) = kept {
            let period_ms = since(kept) / 1_000_000;
            let (shortest, longest) = binding.period_ms.unwrap_or((period_ms, period_ms));
            binding.period_ms = Some((shortest.min(period_ms), longest.max(period_ms)));
        }
        binding.requests += 1;
        binding.server = datagram.destination;
        binding.last = datagram.time;
        self.asked.rotate_left(1);
        self.asked[TRANSACTIONS_MAX - 1] = transaction;
    }

    /// Gives where the server sees it.
    fn response(
        &mut self,
        message: &stun::Message,
        datagram: &Datagram,
        moves_max: usize,
    ) -> Option<SocketAddr> {
        if !self.asked.contains(&fingerprint(message)) {
            return None;
        }
        if message.class() == Class::ErrorResponse {
            self.refused = Some(datagram.time);
        }
        let binding = &mut self.binding;
        binding.responses += 1;
        let mapped = message.mapped_address()?;
        // What CHANGE-REQUEST asks for comes from elsewhere.
        let server = datagram.source;
        if server == binding.server {
            binding.views.retain(|view| view.server != server);
            if binding.views.len() >= SERVERS_MAX {
                binding.views.remove(0);
            }
            binding.views.reserve_exact(1);
            binding.views.push(StunView { server, mapped });
        }
        let before = binding.mapped.replace(mapped);
        if let Some(from) = before.filter(|from| *from != mapped) {
            binding.moves_count += 1;
            if binding.moves.len() < moves_max {
                binding.moves.push(BindingMove {
                    time: datagram.time,
                    from,
                    to: mapped,
                });
            }
        }
        Some(mapped)
    }
}

/// What tells a transaction from the few others of its endpoint: never 0.
fn fingerprint(message: &stun::Message) -> u64 {
    let bytes = message.transaction_id().iter();
    // FNV-1a: whoever makes two alike on purpose deceives nobody but himself.
    bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    }) | 1
}

/// Nanoseconds within which an answer to a challenge comes.
const AGAIN_NS_MAX: i64 = 10_000_000_000;
/// STUN servers of one binding.
const SERVERS_MAX: usize = 4;
/// Bytes of a USERNAME (RFC 5389 section 15.3: fewer than 513).
const NAME_BYTES_MAX: usize = 512;
/// Transactions that may be under way: requests of one are repeated for about ten seconds (RFC 3489 section 9.3).
const TRANSACTIONS_MAX: usize = 4;
