//! Who is asked what next: orders in the order of their lines.
//!
//! A line that names no device is for the leader: the only device that the command line names, or the first that informs. So
//! a queue never falls apart between two phones.

use std::collections::VecDeque;

use super::order::{Order, Wanted};

/// Orders that wait.
#[derive(Debug, Default)]
pub(super) struct Queue {
    orders: VecDeque<Order>,
    leader: Option<String>,
}

impl Queue {
    pub(super) fn led_by(leader: Option<&str>) -> Self {
        Self {
            orders: VecDeque::new(),
            leader: leader.map(str::to_owned),
        }
    }

    /// A device has come; whether it leads from now on.
    pub(super) fn meets(&mut self, device: &str) -> bool {
        let leads = self.leader.is_none();
        self.leader.get_or_insert_with(|| device.to_owned());
        leads
    }

    /// False where no more are taken.
    pub(super) fn push(&mut self, order: Order) -> bool {
        let has_room = self.orders.len() < ORDERS_MAX;
        if has_room {
            self.orders.push_back(order);
        }
        has_room
    }

    /// The next RPC for a device; none where it is to be woken first.
    pub(super) fn rpc_for(&mut self, device: &str) -> Option<Order> {
        let at = self.next_for(device)?;
        let order = self.orders.get(at)?;
        if order.wanted == Wanted::ConnectionRequest {
            return None;
        }
        self.orders.remove(at)
    }

    /// The call to connect that is next for a device, if that is what is next.
    pub(super) fn wake_for(&mut self, device: &str) -> Option<Order> {
        let at = self.next_for(device)?;
        let order = self.orders.get(at)?;
        if order.wanted != Wanted::ConnectionRequest {
            return None;
        }
        self.orders.remove(at)
    }

    /// Does a line wait that is asked before this one?
    pub(super) fn has_before(&self, order: &Order) -> bool {
        let mut orders = self.orders.iter();
        orders.any(|it| it.device == order.device)
    }

    pub(super) fn len(&self) -> usize {
        self.orders.len()
    }

    fn next_for(&self, device: &str) -> Option<usize> {
        let leads = self.leader.as_deref() == Some(device);
        self.orders.iter().position(|order| match &order.device {
            Some(aimed) => aimed == device,
            None => leads,
        })
    }
}

/// Lines that wait: somebody may type, or pipe, more than any device is asked.
const ORDERS_MAX: usize = 100_000;
