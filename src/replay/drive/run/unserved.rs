//! What those say who are not served, or not yet: bounded by connection and for all of them, so that nobody but the device can say
//! so much that a run ends.

use std::collections::BTreeMap;

use super::Run;
use crate::replay::action::{ConnectionId, WireEvent};

/// What is known of it.
#[derive(Default)]
pub(super) struct Unserved {
    /// Of all that was told to whoever records the run.
    told_bytes: usize,
    /// Of all that waits for whether its connection turns out to be the device's.
    held_bytes: usize,
    connections: BTreeMap<ConnectionId, Said>,
}

/// By one connection.
#[derive(Default)]
struct Said {
    bytes: usize,
    held: Vec<WireEvent>,
    held_bytes: usize,
}

impl Unserved {
    /// So much more came; whether its connection may go on.
    fn came(&mut self, id: ConnectionId, bytes: usize) -> bool {
        let said = self.connections.entry(id).or_default();
        said.bytes = said.bytes.saturating_add(bytes);
        said.bytes <= CONNECTION_BYTES_MAX
    }

    /// Gives it back where it is to be told at once. Beyond the bound of that it waits, and beyond the bound of that it is dropped.
    fn take(&mut self, id: ConnectionId, event: WireEvent) -> Option<WireEvent> {
        let length = event.held_bytes();
        let said = self.connections.entry(id).or_default();
        let told = self.told_bytes.saturating_add(length);
        if said.held.is_empty() && told <= TOLD_BYTES_MAX {
            self.told_bytes = told;
            return Some(event);
        }
        let held = self.held_bytes.saturating_add(length);
        if held <= HELD_BYTES_MAX {
            self.held_bytes = held;
            said.held_bytes = said.held_bytes.saturating_add(length);
            said.held.push(event);
        }
        None
    }

    /// A connection ended, or turned out to be the device's: how much came on it, and what waited.
    fn leave(&mut self, id: ConnectionId) -> (usize, Vec<WireEvent>) {
        let said = self.connections.remove(&id).unwrap_or_default();
        self.held_bytes = self.held_bytes.saturating_sub(said.held_bytes);
        (said.bytes, said.held)
    }
}

impl Run<'_> {
    /// Something went over a connection: it is told to whoever records the run.
    pub(super) fn went(&mut self, id: ConnectionId, event: WireEvent) {
        let is_unserved = self.strangers.contains(&id);
        let told = if is_unserved {
            self.unserved.take(id, event)
        } else {
            Some(event)
        };
        if let Some(event) = told {
            (self.drive.on_event)(event);
        }
    }

    /// Whether there is room for so many bytes more of a connection. Only the device ends a run by saying too much; anybody else
    /// ends a connection.
    pub(super) fn has_room(&mut self, id: ConnectionId, bytes: usize) -> bool {
        if self.strangers.contains(&id) {
            return self.unserved.came(id, bytes);
        }
        self.bytes_in = self.bytes_in.saturating_add(bytes as u64);
        if self.bytes_in > BYTES_IN_MAX {
            self.stop("the peer sent more than 256 MiB");
        }
        self.bytes_in <= BYTES_IN_MAX
    }

    /// A connection is the device's.
    pub(super) fn let_in(&mut self, id: ConnectionId) {
        if self.strangers.remove(&id) {
            let (bytes, held) = self.unserved.leave(id);
            held.into_iter().for_each(|event| self.went(id, event));
            self.has_room(id, bytes);
        }
    }

    /// A connection ended; what waited on it is dropped, for it was none of the device's.
    pub(super) fn forget(&mut self, id: ConnectionId) {
        self.unserved.leave(id);
    }
}

/// Of all that the device says in one run.
const BYTES_IN_MAX: u64 = 256 * 1024 * 1024;
/// Of a connection on which nothing was said that belongs to the device: more than the longest message.
const CONNECTION_BYTES_MAX: usize = 24 * 1024 * 1024;
/// Of all such connections, told to whoever records the run.
const TOLD_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Of all such connections, waiting.
const HELD_BYTES_MAX: usize = 64 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::action::{Now, WireEventKind};

    fn event(bytes: usize) -> WireEvent {
        let here = std::net::SocketAddr::from(([127, 0, 0, 1], 1));
        WireEvent {
            time: Now::ZERO,
            connection: ConnectionId(1),
            source: here,
            destination: here,
            kind: WireEventKind::Bytes(vec![0; bytes]),
        }
    }

    #[test]
    fn what_strangers_say_is_told_held_and_then_dropped() {
        let mut unserved = Unserved::default();
        let told = (0..1000).filter(|_| unserved.take(ConnectionId(1), event(1 << 20)).is_some());
        assert_eq!(told.count(), 63);
        let (_, held) = unserved.leave(ConnectionId(1));
        assert_eq!(held.len(), 63);
        assert_eq!(unserved.held_bytes, 0);
        // The next one may turn out to be the device.
        assert!(unserved.take(ConnectionId(2), event(1 << 20)).is_none());
        assert_eq!(unserved.leave(ConnectionId(2)).1.len(), 1);
    }

    #[test]
    fn a_connection_has_a_bound_of_its_own() {
        let mut unserved = Unserved::default();
        assert!(unserved.came(ConnectionId(1), CONNECTION_BYTES_MAX));
        assert!(!unserved.came(ConnectionId(1), 1));
        assert!(unserved.came(ConnectionId(2), 1));
        assert_eq!(unserved.leave(ConnectionId(1)).0, CONNECTION_BYTES_MAX + 1);
        assert!(unserved.came(ConnectionId(1), 1));
    }
}
