//! The latest STUN exchange of every binding, so that a UDP Connection Request can be shown with what stood when it came.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::rc::Rc;

use crate::session::{Datagram, DatagramKind};

/// What was said last of each binding.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    /// By where the device speaks from.
    exchanges: HashMap<SocketAddr, Vec<Rc<Datagram>>>,
    /// The oldest binding first.
    order: VecDeque<SocketAddr>,
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
        let client = request.binding.unwrap_or(request.destination);
        self.exchanges.get(&client).cloned().unwrap_or_default()
    }

    fn request(&mut self, datagram: &Rc<Datagram>, message: &stun::Message) -> bool {
        let client = datagram.source;
        let known = self.exchanges.contains_key(&client);
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
        let exchange = self.exchanges.entry(client).or_default();
        if !goes_on(exchange, message) {
            exchange.clear();
        }
        if exchange.len() < DATAGRAMS_MAX {
            exchange.push(Rc::clone(datagram));
        }
        true
    }

    fn answer(&mut self, datagram: &Rc<Datagram>, message: &stun::Message) -> bool {
        let client = datagram.destination;
        let Some(exchange) = self.exchanges.get_mut(&client) else {
            return datagram.device.is_some();
        };
        if goes_on(exchange, message) && exchange.len() < DATAGRAMS_MAX {
            exchange.push(Rc::clone(datagram));
        }
        true
    }

    /// Forgets the oldest binding where there are too many.
    fn make_room(&mut self) {
        if self.order.len() < BINDINGS_MAX {
            return;
        }
        if let Some(oldest) = self.order.pop_front() {
            self.exchanges.remove(&oldest);
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
