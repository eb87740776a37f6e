//! Bytes that the capture lacks, and the connections and sessions that they may belong to.

use super::open::Phase;
use super::{Asked, Assembler};

impl Assembler {
    /// Bytes of a connection are missing from the capture.
    pub fn handle_gap(&mut self, connection: u64) {
        let Some(connection) = self.connection_numbers.get(&connection) else {
            // Nothing has been said there yet, or none of it was HTTP.
            if self.gaps_first.len() >= GAPS_FIRST_MAX {
                self.gaps_first.pop_front();
            }
            self.gaps_first.push_back(connection);
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
        let before = self.gaps_first.len();
        self.gaps_first.retain(|one| *one != connection);
        let gaps = before - self.gaps_first.len();
        if gaps > 0 {
            let state = self.connections.entry(number).or_default();
            state.damaged = true;
            state.gaps = u32::try_from(gaps).unwrap_or(u32::MAX);
        }
        number
    }
}

/// Gaps that are remembered until the first message of their connection.
const GAPS_FIRST_MAX: usize = 64;
