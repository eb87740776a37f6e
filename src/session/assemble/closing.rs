//! Connections end: what they awaited is given up, and their sessions may come back on others.

use std::collections::{BTreeMap, HashMap};

use super::open::{Open, Phase};
use super::{Asked, Assembler, Output, peers};
use crate::session::{Ending, Parting, Side};

/// Connections that nobody has closed though their sessions have ended: the session, and when it ended in nanoseconds.
#[derive(Debug, Default)]
pub(super) struct Idle(HashMap<u64, (u32, i64), foldhash::fast::RandomState>);

impl Idle {
    /// It is closed, or used again.
    pub fn forget(&mut self, connection: u64) {
        if !self.0.is_empty() {
            self.0.remove(&connection);
        }
    }

    /// The sessions whose connections are open at the end of the capture, and for how long. Beyond `followed_ns` a connection
    /// is followed no longer.
    pub fn at_end(&self, now_ns: i64, followed_ns: i64) -> BTreeMap<u32, i64> {
        let open = self.0.values();
        let since = open.map(|(session, end_ns)| (*session, now_ns.saturating_sub(*end_ns)));
        since
            .filter(|(_, idle_ns)| *idle_ns < followed_ns)
            .collect()
    }
}

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
        let end_ns = self.idle.0.get(&connection).map(|(_, end_ns)| *end_ns);
        let followed_ns = self.limits.silence_ns_max;
        if by_peer
            || end_ns
                .is_some_and(|end_ns| self.now.nanoseconds.saturating_sub(end_ns) >= followed_ns)
        {
            self.idle.forget(connection);
        }
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
            // The end of the capture closes nothing.
            let idle = self
                .open
                .get(&number)
                .filter(|_| !by_peer)
                .and_then(idle_of);
            if self.idle.0.len() < self.limits.sessions_open_max {
                self.idle.0.extend(idle);
            }
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
        self.idle.forget(connection);
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

    /// When silence ends a session: it may come back on another connection for a while; on an open one it may think
    /// longer, unless it has ended. It may have been silent for long when the connection was lost.
    pub(super) fn over_at_ns(&self, open: &Open) -> i64 {
        // A connection that was lost from sight, not closed, may still be in use.
        let closed = open.connections_open.is_empty() && open.closed_by_peer;
        let waits = closed || open.phase == Phase::Ended;
        let patience_ns = if waits {
            self.limits.rejoin_ns_max
        } else {
            self.limits.silence_ns_max
        };
        let mut since_ns = open.session.end.nanoseconds;
        if let Some(ending) = open.session.endings.last().filter(|_| closed) {
            since_ns = since_ns.max(ending.time.nanoseconds);
        }
        since_ns.saturating_add(patience_ns)
    }

    /// Puts a session in its place among those that are due. Activity alone moves nothing: it is looked at when due.
    pub(super) fn schedule(&mut self, number: u32) {
        let Some(due_ns) = self.open.get(&number).map(|open| self.over_at_ns(open)) else {
            return;
        };
        if let Some(open) = self.open.get_mut(&number) {
            self.due.remove(&(open.due_ns, number));
            open.due_ns = due_ns;
            self.due.insert((due_ns, number));
        }
    }

    /// Takes note of the connection of a session that has ended, where nobody has closed it yet.
    pub(super) fn note_idle(&mut self, open: &Open) {
        if self.idle.0.len() < self.limits.sessions_open_max {
            self.idle.0.extend(idle_of(open));
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

/// The connection of a session that has ended, if nobody has closed it, with the session and when that ended.
fn idle_of(open: &Open) -> Option<(u64, (u32, i64))> {
    let session = &open.session;
    let ended = open.phase == Phase::Ended && !open.damaged && session.endings.is_empty();
    let last = session.steps.last().filter(|_| ended)?;
    let idle = (session.number, session.end.nanoseconds);
    let is_open = open.connections_open.contains(&last.connection);
    is_open.then_some((last.connection, idle))
}

/// Endings kept of one session: two for each of its connections, and most have one or two.
const ENDINGS_MAX: usize = 64;
