//! What the messages of sessions have shown of the names that only messages know (`parameter`, `value`).

use std::collections::BTreeMap;

use super::Filter;
use super::expression::Leaf;
use super::values::EnvelopeRecord;
use crate::session::{Finding, Message, Role, Session};

/// Selects sessions by what their messages hold too.
///
/// Show it every message; a session is judged when it is whole, or when nothing more is to come. What is kept of an open
/// session is one bit for each such test of the expression.
#[derive(Debug)]
pub struct Seen<'f> {
    filter: &'f Filter,
    leaves: Vec<&'f Leaf>,
    sessions: BTreeMap<u32, Traces>,
}

/// What one session's messages have shown.
#[derive(Debug)]
struct Traces {
    messages: usize,
    /// By the leaf's slot: a message passed its test.
    passed: Vec<bool>,
}

impl<'f> Seen<'f> {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(filter: &'f Filter) -> Self {
        let mut leaves = Vec::new();
        filter.expression.leaves(&mut |leaf| {
            if leaf.slot.is_some() {
                leaves.push(leaf);
            }
        });
        Self {
            filter,
            leaves,
            sessions: BTreeMap::new(),
        }
    }

    /// A message, in any order.
    pub fn message(&mut self, message: &Message) {
        let Some(number) = message.session.filter(|_| message.role == Role::Cwmp) else {
            return;
        };
        if self.leaves.is_empty() {
            return;
        }
        let traces = self.sessions.entry(number).or_insert_with(|| Traces {
            messages: 0,
            passed: vec![false; self.leaves.len()],
        });
        traces.messages += 1;
        for (leaf, passed) in self.leaves.iter().zip(&mut traces.passed) {
            *passed = *passed || EnvelopeRecord::all(message).any(|record| leaf.holds(&record));
        }
    }

    /// Whether every message of a closed session has been seen, or none need be; its steps must still be there.
    #[must_use]
    pub fn is_whole(&self, session: &Session) -> bool {
        let seen = self.sessions.get(&session.number);
        self.leaves.is_empty() || seen.map_or(0, |traces| traces.messages) >= session.steps.len()
    }

    /// Whether a session is selected; what was kept of it is given up.
    pub fn session(&mut self, session: &Session) -> bool {
        self.session_with(session, None)
    }

    /// The same, with the findings that concern it, where they are known.
    pub fn session_with(&mut self, session: &Session, findings: Option<&[&Finding]>) -> bool {
        let traces = self.sessions.remove(&session.number);
        let passed = traces.map(|traces| traces.passed).unwrap_or_default();
        self.filter.expression.holds(&|leaf| match leaf.slot {
            Some(slot) => passed.get(slot).copied().unwrap_or(false),
            None => leaf.holds_with(session, findings),
        })
    }
}
