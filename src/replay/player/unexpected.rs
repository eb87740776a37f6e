//! A message that no step expects, met as `on_unexpected` has it.

use super::arrival::Arrival;
use super::courtesy::{self, Manner};
use super::run::Run;
use crate::replay::scenario::OnUnexpected;
use crate::session::Difference;

/// What to do with it.
pub(super) enum Meeting {
    /// Nothing: the run is over.
    Over,
    /// Answer with this body; an empty one where there is nothing to say.
    Answer(Vec<u8>),
}

/// Notes the message, and says how it is answered.
pub(super) fn meet(run: &mut Run, arrival: &Arrival, difference: Difference) -> Meeting {
    run.unexpected = run.unexpected.saturating_add(1);
    let policy = run.scenario.defaults.on_unexpected;
    if policy == OnUnexpected::Fail || run.unexpected > UNEXPECTED_MAX {
        run.fail(Some(arrival.what()), difference);
        return Meeting::Over;
    }
    if policy == OnUnexpected::Ignore {
        run.progress
            .ignore(&format!("message {}", arrival.name()), 1);
        return Meeting::Answer(Vec::new());
    }
    run.progress.differs(None, difference);
    let manner = match policy {
        OnUnexpected::Fault => Manner::Fault,
        _ => Manner::Plain,
    };
    let body = courtesy::answer(run.scenario.role, manner, arrival);
    Meeting::Answer(body.unwrap_or_default())
}

/// Unexpected messages of one run before it fails: a peer that says one thing for ever gets no answer for ever.
const UNEXPECTED_MAX: u32 = 100;
