//! `-Y`: which records of a command are shown.

use std::collections::BTreeMap;

use super::exit::Trouble;
use super::output::complain;
use crate::filter::{Filter, RecordKind, RecordKinds, Seen};
use crate::session::{Output, Session};

/// Reads the expression, and says which of its names can never be true of these records.
pub(super) fn parse(
    expression: Option<&str>,
    kinds: RecordKinds,
) -> Result<Option<Filter>, Trouble> {
    let Some(expression) = expression else {
        return Ok(None);
    };
    let filter = Filter::parse(expression).map_err(|error| Trouble::Usage(error.to_string()))?;
    let needs = kinds.contains(RecordKind::Session) && filter.needs_messages();
    for name in filter.foreign_names(kinds) {
        if !needs || !KNOWN_BY_MESSAGES.contains(&name.as_str()) {
            complain(&format!(
                "-Y: `{name}` is no name of these records, and matches none"
            ));
        }
    }
    Ok(Some(filter))
}

/// Sessions as they close, each with the filter's verdict; without a filter all are shown.
pub(super) struct Sessions<'f> {
    filter: Option<&'f Filter>,
    /// Where the filter asks for what only messages hold.
    seen: Option<Seen<'f>>,
    /// Closed sessions of which messages are still to come.
    held: BTreeMap<u32, Box<Session>>,
}

impl<'f> Sessions<'f> {
    pub(super) fn new(filter: Option<&'f Filter>) -> Self {
        let seen = filter
            .filter(|filter| filter.needs_messages())
            .map(Seen::new);
        Self {
            filter,
            seen,
            held: BTreeMap::new(),
        }
    }

    /// Messages must be delivered too.
    pub(super) fn needs_messages(&self) -> bool {
        self.seen.is_some()
    }

    /// The session that can be judged now, if this output completes one.
    pub(super) fn take(&mut self, output: Output) -> Option<(Box<Session>, bool)> {
        match (output, &mut self.seen) {
            (Output::Session(session), None) => {
                let shown = self.filter.is_none_or(|filter| filter.session(&session));
                Some((session, shown))
            }
            (Output::Session(session), Some(seen)) => {
                if seen.is_whole(&session) {
                    let shown = seen.session(&session);
                    return Some((session, shown));
                }
                self.held.insert(session.number, session);
                None
            }
            (Output::Message(message), Some(seen)) => {
                seen.message(&message);
                let number = message.session?;
                if !seen.is_whole(self.held.get(&number)?) {
                    return None;
                }
                let session = self.held.remove(&number)?;
                let shown = seen.session(&session);
                Some((session, shown))
            }
            _ => None,
        }
    }

    /// Those of which not every message came.
    pub(super) fn rest(&mut self) -> Vec<(Box<Session>, bool)> {
        let held = std::mem::take(&mut self.held).into_values();
        let Some(seen) = &mut self.seen else {
            return Vec::new();
        };
        held.map(|session| {
            let shown = seen.session(&session);
            (session, shown)
        })
        .collect()
    }
}

/// Names of messages that select sessions too.
const KNOWN_BY_MESSAGES: [&str; 2] = ["parameter", "value"];
