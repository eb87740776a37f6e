//! The latest STUN exchange of every binding, so that a UDP Connection Request can be shown with what stood when it came.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use crate::session::{Datagram, DatagramKind};

/// What was said last of each binding.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    /// By where the device speaks from.
    bindings: HashMap<SocketAddr, Binding>,
    by_device: HashMap<Arc<str>, SocketAddr>,
    by_mapped: HashMap<SocketAddr, SocketAddr>,
    /// The oldest binding first.
    order: VecDeque<SocketAddr>,
}

/// One binding.
#[derive(Debug)]
struct Binding {
    exchange: Vec<Rc<Datagram>>,
    device: Option<Arc<str>>,
    mapped: Option<SocketAddr>,
}

impl Bindings {
    /// Takes note of a STUN message; true where it concerns a device, or TR-111.
    pub(super) fn note(&mut self, datagram: &Rc<Datagram>) -> bool {
        let Some(message) = datagram
            .stun()
            .filter(|_| datagram.kind == DatagramKind::Stun)
        else {
            return false;
        };
        if message.class() == stun::Class::Request {
            self.request(datagram, &message)
        } else {
            self.answer(datagram, &message)
        }
    }

    /// The exchange that was the last of the binding when this request came.
    pub(super) fn before(&self, request: &Datagram) -> Vec<Rc<Datagram>> {
        let device = request.device.as_ref();
        let client = device.and_then(|device| self.by_device.get(device));
        let client = client
            .or_else(|| self.by_mapped.get(&request.destination))
            .unwrap_or(&request.destination);
        let binding = self.bindings.get(client);
        binding.map_or_else(Vec::new, |binding| binding.exchange.clone())
    }

    fn request(&mut self, datagram: &Rc<Datagram>, message: &stun::Message) -> bool {
        let client = datagram.source;
        let known = self.bindings.contains_key(&client);
        if !known && datagram.device.is_none() && !message.is_tr111() {
            return false;
        }
        // From its second port a device asks whether the binding of the first still stands (TR-069 Amendment 3 section
        // G.2.1.2).
        if message.has(stun::kind::RESPONSE_ADDRESS) {
            return true;
        }
        if !known {
            self.make_room();
            self.order.push_back(client);
        }
        let binding = self.bindings.entry(client).or_insert_with(|| Binding {
            exchange: Vec::new(),
            device: None,
            mapped: None,
        });
        if !goes_on(&binding.exchange, message) {
            binding.exchange.clear();
        }
        if binding.exchange.len() < DATAGRAMS_MAX {
            binding.exchange.push(Rc::clone(datagram));
        }
        if let Some(device) = &datagram.device {
            if let Some(before) = binding.device.replace(Arc::clone(device))
                && before != *device
                && self.by_device.get(&before) == Some(&client)
            {
                self.by_device.remove(&before);
            }
            self.by_device.insert(Arc::clone(device), client);
        }
        true
    }

    fn answer(&mut self, datagram: &Rc<Datagram>, message: &stun::Message) -> bool {
        let client = datagram.destination;
        let Some(binding) = self.bindings.get_mut(&client) else {
            return datagram.device.is_some();
        };
        if goes_on(&binding.exchange, message) && binding.exchange.len() < DATAGRAMS_MAX {
            binding.exchange.push(Rc::clone(datagram));
            if let Some(mapped) = message.mapped_address() {
                if let Some(before) = binding.mapped.replace(mapped)
                    && before != mapped
                    && self.by_mapped.get(&before) == Some(&client)
                {
                    self.by_mapped.remove(&before);
                }
                self.by_mapped.insert(mapped, client);
            }
        }
        true
    }

    /// Forgets the oldest binding where there are too many.
    fn make_room(&mut self) {
        if self.order.len() < BINDINGS_MAX {
            return;
        }
        let Some(oldest) = self.order.pop_front() else {
            return;
        };
        let Some(binding) = self.bindings.remove(&oldest) else {
            return;
        };
        if let Some(device) = binding.device
            && self.by_device.get(&device) == Some(&oldest)
        {
            self.by_device.remove(&device);
        }
        if let Some(mapped) = binding.mapped
            && self.by_mapped.get(&mapped) == Some(&oldest)
        {
            self.by_mapped.remove(&mapped);
        }
    }
}

/// The message belongs to the exchange.
fn goes_on(exchange: &[Rc<Datagram>], message: &stun::Message) -> bool {
    let first = exchange.first().and_then(|first| first.stun());
    first.is_some_and(|first| first.transaction_id() == message.transaction_id())
}

/// Bindings remembered.
const BINDINGS_MAX: usize = 10_000;
/// Datagrams of one exchange: a request may be sent nine times (RFC 3489 section 9.3).
const DATAGRAMS_MAX: usize = 10;
