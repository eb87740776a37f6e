//! DHCP exchanges that concern a device: datagrams of one client and one transaction.

use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use crate::session::{Datagram, DatagramKind, wire};

/// Exchanges under way.
#[derive(Debug, Default)]
pub(super) struct Leases {
    open: HashMap<Key, Vec<Rc<Datagram>>>,
    /// The exchange that began first is first.
    order: VecDeque<Key>,
}

/// Which exchange: the version, its number, and the client.
type Key = (bool, u32, String);

/// An exchange that is over.
#[derive(Debug)]
pub(super) struct Lease {
    /// DHCPv4 or DHCPv6.
    pub kind: DatagramKind,
    /// The client as it calls itself.
    pub client: String,
    pub datagrams: Vec<Rc<Datagram>>,
}

impl Leases {
    /// Takes a datagram in, and gives out what is over, if it is anything to a device.
    pub(super) fn take(&mut self, datagram: Rc<Datagram>) -> Vec<Lease> {
        let now = datagram.time;
        let Some(key) = key(&datagram) else {
            return Vec::new();
        };
        if let Some(open) = self.open.get_mut(&key) {
            if open.len() < DATAGRAMS_MAX {
                open.push(datagram);
            }
        } else {
            self.order.push_back(key.clone());
            self.open.insert(key, vec![datagram]);
        }
        let mut over = Vec::new();
        while let Some(first) = self.order.front() {
            let last = self.open.get(first).and_then(|open| open.last());
            let waits = last.is_some_and(|last| {
                now.milliseconds_since(last.time) < SILENCE_MS && self.order.len() <= OPEN_MAX
            });
            if waits {
                break;
            }
            over.extend(self.first());
        }
        over
    }

    /// What is left.
    pub(super) fn rest(&mut self) -> Vec<Lease> {
        let mut over = Vec::new();
        while !self.order.is_empty() {
            over.extend(self.first());
        }
        over
    }

    fn first(&mut self) -> Option<Lease> {
        let key = self.order.pop_front()?;
        let datagrams = self.open.remove(&key)?;
        let (v6, _, client) = key;
        let kind = if v6 {
            DatagramKind::DhcpV6
        } else {
            DatagramKind::DhcpV4
        };
        let matters = datagrams.iter().any(|datagram| concerns(datagram));
        matters.then_some(Lease {
            kind,
            client,
            datagrams,
        })
    }
}

fn key(datagram: &Datagram) -> Option<Key> {
    if let Some(message) = datagram.dhcp_v4() {
        let client = wire::client_v4(&message).unwrap_or_default();
        return Some((false, message.header().transaction_id, client));
    }
    let message = datagram.dhcp_v6()?;
    let client = wire::client_v6(&message).unwrap_or_default();
    Some((true, message.transaction_id(), client))
}

/// It says who device or gateway is, where the ACS is, or that TR-069 is spoken; or a device is known to send it.
fn concerns(datagram: &Datagram) -> bool {
    if datagram.device.is_some() {
        return true;
    }
    if let Some(message) = datagram.dhcp_v4() {
        let url = message
            .vendor_specific()
            .and_then(|vendor| vendor.discovery.acs_url);
        return message.broadband_forum().is_some()
            || message.announces_tr069()
            || url.is_some_and(dhcp::Text::is_url);
    }
    datagram
        .dhcp_v6()
        .is_some_and(|message| message.broadband_forum().is_some() || message.announces_tr069())
}

/// Milliseconds of silence that end an exchange.
const SILENCE_MS: f64 = 10_000.0;
/// Exchanges under way.
const OPEN_MAX: usize = 1_000;
/// Datagrams of one exchange.
const DATAGRAMS_MAX: usize = 16;
