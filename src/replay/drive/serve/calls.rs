//! Connection Requests under way: each connection of one is kept until it is whole, whatever its device says in the meantime.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::recording::{Recorded, Ungiven};
use crate::replay::action::{ConnectionId, Now, WireEvent, WireEventKind};

/// Those under way.
#[derive(Debug, Default)]
pub(super) struct Calls {
    under_way: BTreeMap<ConnectionId, Call>,
}

/// A connection of a Connection Request, from its beginning to its end.
#[derive(Debug)]
pub(super) struct Called {
    pub(super) device: String,
    pub(super) from: IpAddr,
    /// A session of its device ended meanwhile.
    pub(super) is_late: bool,
    pub(super) recorded: Recorded,
}

#[derive(Debug)]
struct Call {
    device: String,
    from: IpAddr,
    /// Of the connection that is open.
    events: Ungiven,
    is_cut: bool,
    is_late: bool,
}

impl Calls {
    /// A device is to be woken at its host.
    pub(super) fn begin(&mut self, id: ConnectionId, device: &str, from: IpAddr) {
        let call = Call {
            device: device.to_owned(),
            from,
            events: Ungiven::default(),
            is_cut: false,
            is_late: false,
        };
        self.under_way.insert(id, call);
    }

    /// Takes a part; gives back the connection that it ends.
    pub(super) fn take(&mut self, event: WireEvent) -> Option<Called> {
        let call = self.under_way.get_mut(&event.connection)?;
        let is_end = matches!(event.kind, WireEventKind::End { .. });
        if call.events.is_much() && !is_end {
            call.is_cut = true;
            return None;
        }
        call.events.push(event);
        is_end.then(|| call.whole()).flatten()
    }

    /// A Connection Request is over; gives back the connection that nobody ended, with our end of it.
    pub(super) fn end(&mut self, id: ConnectionId, now: Now) -> Option<Called> {
        let mut call = self.under_way.remove(&id)?;
        let opened = call.events.first()?;
        let end = WireEvent {
            time: now,
            kind: WireEventKind::End { reset: false },
            ..opened.clone()
        };
        call.events.push(end);
        call.whole()
    }

    /// A session of a device is over: what still comes of waking it is no longer part of it.
    pub(super) fn are_late(&mut self, device: &str) {
        let all = self.under_way.values_mut();
        for call in all.filter(|call| call.device == device) {
            call.is_late |= call.events.first().is_some();
        }
    }

    /// Those that were not told to be over.
    pub(super) fn ids(&self) -> Vec<ConnectionId> {
        self.under_way.keys().copied().collect()
    }
}

impl Call {
    fn whole(&mut self) -> Option<Called> {
        let events = self.events.take();
        if events.is_empty() {
            return None;
        }
        Some(Called {
            device: self.device.clone(),
            from: self.from,
            is_late: std::mem::take(&mut self.is_late),
            recorded: Recorded::of(events, std::mem::take(&mut self.is_cut)),
        })
    }
}
