//! The bindings of every device on their way to the page: one ladder for what was said between two events of a device.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use crate::report::text;
use crate::session::{Datagram, Side};

/// A ladder under way for each device.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    open: HashMap<Owner, (u64, text::Bindings)>,
    /// By the numbers of the ladders, which count up.
    order: BTreeMap<u64, Owner>,
    last: u64,
}

/// Whose bindings: the device's where it is known, else those of an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Owner {
    Device(Arc<str>),
    Address(IpAddr),
}

impl Owner {
    /// Of what goes to or comes from a device.
    pub(super) fn of(datagram: &Datagram) -> Self {
        let from_device = datagram.step().from == Side::Cpe;
        let end = if from_device {
            datagram.source
        } else {
            datagram.destination
        };
        let device = datagram.device.clone();
        device.map_or(Self::Address(end.ip()), Self::Device)
    }
}

impl Blocks {
    /// Adds a STUN message, and gives out what is full or crowded out.
    pub(super) fn add(&mut self, datagram: &Datagram) -> Option<text::Bindings> {
        let owner = Owner::of(datagram);
        if !self.open.contains_key(&owner) {
            self.last += 1;
            self.order.insert(self.last, owner.clone());
        }
        let last = self.last;
        let fresh = || (last, text::Bindings::default());
        let (_, open) = self.open.entry(owner.clone()).or_insert_with(fresh);
        open.add(datagram);
        if open.is_full() || open.is_empty() {
            return self.close(&owner);
        }
        if self.order.len() > BLOCKS_MAX {
            let oldest = self.order.first_key_value()?.1.clone();
            return self.close(&oldest);
        }
        None
    }

    /// Something else happened to this device: what comes then is for another ladder.
    pub(super) fn close(&mut self, owner: &Owner) -> Option<text::Bindings> {
        let (number, block) = self.open.remove(owner)?;
        self.order.remove(&number);
        (!block.is_empty()).then_some(block)
    }

    /// What is left.
    pub(super) fn rest(&mut self) -> Vec<text::Bindings> {
        let owners: Vec<Owner> = self.order.values().cloned().collect();
        let blocks = owners.iter().filter_map(|owner| self.close(owner));
        blocks.collect()
    }
}

/// Ladders under way.
const BLOCKS_MAX: usize = 10_000;
