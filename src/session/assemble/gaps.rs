//! Bytes that the capture lacks, and the connections and sessions that they may belong to.

use std::collections::HashMap;

use super::open::Phase;
use super::{Asked, Assembler};

impl Assembler {
    /// Bytes of a connection are missing from the capture.
    pub fn handle_gap(&mut self, connection: u64) {
        let Some(connection) = self.connection_numbers.get(&connection) else {
            // Nothing has been said there yet, or none of it was HTTP.
            self.gaps_first.note(connection);
            return;
        };
        let Some(state) = self.connections.get_mut(connection) else {
            return;
        };
        state.damaged = true;
        state.gaps = state.gaps.saturating_add(1);
        for number in &state.sessions {
            let answer_due = |asked: &Asked| matches!(asked, Asked::Session(one) if one == number);
            let answer_due = state.asked.iter().any(answer_due);
            let Some(open) = self.open.get_mut(number) else {
                continue;
            };
            // What ended here before the gap is whole. What went on elsewhere left the gap behind.
            let left_behind = open.session.connections.last() != Some(connection);
            if open.phase != Phase::Ended || answer_due || left_behind {
                open.note_gap();
            }
        }
    }

    /// Connections are counted from 1 in the order in which their first messages arrive.
    pub(super) fn number_connection(&mut self, connection: u64) -> u64 {
        if let Some(number) = self.connection_numbers.get(&connection) {
            return *number;
        }
        self.last_connection += 1;
        let number = self.last_connection;
        self.connection_numbers.insert(connection, number);
        let gaps = self.gaps_first.take(connection);
        if gaps > 0 {
            let state = self.connections.entry(number).or_default();
            state.damaged = true;
            state.gaps = gaps;
        }
        number
    }
}

/// Gaps of connections on which nothing was said yet.
#[derive(Debug, Default)]
pub(super) struct GapsFirst {
    of: HashMap<u64, u32, foldhash::fast::RandomState>,
    /// There were more than are kept: any connection may have had one.
    full: bool,
}

impl GapsFirst {
    fn note(&mut self, connection: u64) {
        if self.of.len() >= GAPS_FIRST_MAX && !self.of.contains_key(&connection) {
            self.full = true;
            return;
        }
        let gaps = self.of.entry(connection).or_default();
        *gaps = gaps.saturating_add(1);
    }

    /// How many a connection had, whose first message is here.
    fn take(&mut self, connection: u64) -> u32 {
        let known = self.of.remove(&connection);
        known.unwrap_or(u32::from(self.full))
    }
}

/// Connections whose gaps are remembered until their first message, 16 bytes each.
const GAPS_FIRST_MAX: usize = 65_536;
