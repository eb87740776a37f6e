//! Connections end: what they awaited is given up, and their sessions may come back on others.

use super::open::Phase;
use super::{Asked, Assembler, Output, peers};
use crate::session::{Ending, Parting, Side};

impl Assembler {
    /// A connection closed: `by_peer` where FIN or RST ended it, not the end of the capture or a bound; `both` where both
    /// sides were heard.
    pub fn handle_close(
        &mut self,
        connection: u64,
        by_peer: bool,
        both: bool,
        outputs: &mut Vec<Output>,
    ) {
        let Some(connection) = self.connection_numbers.remove(&connection) else {
            return;
        };
        self.copies.forget(connection);
        let early = self
            .connections
            .get_mut(&connection)
            .map(|state| std::mem::take(&mut state.early));
        for (number, arrived, facts) in early.into_iter().flatten() {
            let time_ns = arrived.provenance.time.nanoseconds;
            self.early.remove(&(time_ns, connection, number));
            self.response(arrived, &facts, outputs);
            self.spent.facts.push(facts);
        }
        let Some(state) = self.connections.remove(&connection) else {
            return;
        };
        let silent = by_peer && both && !state.damaged;
        for asked in state.asked {
            if let Asked::Wake(id) = asked
                && let Some(wake) = self.wakes.by_id(id)
            {
                wake.silent = silent;
            }
            self.unanswered(asked, outputs);
        }
        for number in state.sessions {
            self.part(number, connection, by_peer);
            let over = self
                .open
                .get(&number)
                .is_some_and(|open| open.connections_open.is_empty() && open.phase == Phase::Ended);
            if over {
                self.close(number, outputs);
            }
        }
        self.queue.release(outputs);
    }

    /// One side of a connection has sent FIN or RST. Behind FIN, once nothing is awaited there, a session goes on upon
    /// another (RFC 9112 section 9.6), however late the other side ends its direction.
    pub fn handle_leaving(&mut self, parting: &Parting) {
        let Some(connection) = self.connection_numbers.get(&parting.connection).copied() else {
            return;
        };
        self.note_ending(connection, parting);
        if parting.reset {
            return;
        }
        if let Some(state) = self.connections.get_mut(&connection) {
            state.left = true;
        }
        self.leave(connection);
    }

    /// Takes note of who ends a connection, for the sessions that it carries.
    fn note_ending(&mut self, connection: u64, parting: &Parting) {
        let Some(state) = self.connections.get(&connection) else {
            return;
        };
        for number in &state.sessions {
            let Some(open) = self.open.get_mut(number) else {
                continue;
            };
            let session = &mut open.session;
            if session.endings.len() >= ENDINGS_MAX {
                continue;
            }
            let acs = session.acs.address.zip(session.acs.port);
            let is_acs = acs == Some((parting.by.ip(), parting.by.port()));
            // A redirect may have led to another ACS.
            let is_cpe = session.cpe.address == Some(parting.by.ip()) && !is_acs;
            session.endings.push(Ending {
                connection,
                by: if is_cpe { Side::Cpe } else { Side::Acs },
                reset: parting.reset,
                time: parting.seen.time,
                frame: parting.seen.frame,
            });
        }
    }

    /// What has been left, and awaits nothing, carries no session on.
    pub(super) fn leave(&mut self, connection: u64) {
        let state = self.connections.get(&connection);
        let left =
            state.filter(|state| state.left && state.asked.is_empty() && state.early.is_empty());
        for number in left.map_or_else(Vec::new, |state| state.sessions.clone()) {
            if self
                .open
                .get(&number)
                .is_some_and(|open| open.phase != Phase::Ended)
            {
                self.part(number, connection, true);
            }
        }
    }

    /// The session has this connection no longer; without one it may come back on another.
    fn part(&mut self, number: u32, connection: u64, by_peer: bool) {
        let Some(open) = self.open.get_mut(&number) else {
            return;
        };
        open.connections_open.retain(|&one| one != connection);
        if !open.connections_open.is_empty() {
            return;
        }
        open.lost_connections(by_peer);
        if let Some(peers) = peers(&open.session) {
            self.waiting.entry(peers).or_default().insert(number);
        }
        self.schedule(number);
    }
}

/// Endings kept of one session: two for each of its connections, and most have one or two.
const ENDINGS_MAX: usize = 64;
