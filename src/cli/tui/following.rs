//! Which sessions a display filter selects of what is heard: told as they close, as long as somebody waits for it. Where it
//! asks for findings, a session is looked at again when more is found in it, and may be selected no longer.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use super::desk::Wanted;
use super::heard::Heard;
use super::shared::Shared;
use crate::cli::select::Sessions;
use crate::filter::Filter;
use crate::session::Output;
use crate::tui::News;

/// Tells which sessions are selected.
///
/// # Errors
///
/// None: what is heard can be read at any time.
pub(super) fn follow(
    shared: &Shared,
    heard: &Heard,
    wanted: &Wanted,
    filter: &Filter,
) -> Result<(), String> {
    let mut is_whole = false;
    let mut tell = |news: Vec<News>| {
        for news in news {
            shared.tell(news)?;
        }
        if !std::mem::replace(&mut is_whole, true) {
            shared.tell(News::SelectedSoFar(wanted.ticket))?;
        }
        ControlFlow::Continue(())
    };
    // Whoever does not want it any more is told nothing more.
    let _ = if filter.needs_findings() {
        judged(heard, wanted, filter, &mut tell)
    } else {
        closed(heard, wanted, filter, &mut tell)
    };
    Ok(())
}

/// Sessions as they close.
fn closed(
    heard: &Heard,
    wanted: &Wanted,
    filter: &Filter,
    tell: &mut dyn FnMut(Vec<News>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut sessions = Sessions::new(Some(filter), None);
    let mut count = 0;
    while wanted.is_still() {
        let (outputs, all) = heard.behind(count);
        count = all;
        let closed = outputs.iter().filter_map(|output| match &**output {
            Output::Message(message) => sessions.of_message(message),
            Output::Session(session) => sessions.take(Output::Session(session.clone())),
            _ => None,
        });
        let found = closed.filter(|(_, is_selected)| *is_selected);
        let found = found.map(|(session, _)| session.number).collect();
        tell(vec![News::Selected(wanted.ticket, found)])?;
        heard.wait(count)?;
    }
    ControlFlow::Continue(())
}

/// Sessions as they close and as more is found in them, now and then.
fn judged(
    heard: &Heard,
    wanted: &Wanted,
    filter: &Filter,
    tell: &mut dyn FnMut(Vec<News>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let mut verdicts = Verdicts::default();
    let mut is_over = false;
    while wanted.is_still() {
        let (selected, deselected) = verdicts.renew(heard, filter);
        tell(vec![
            News::Selected(wanted.ticket, selected),
            News::Deselected(wanted.ticket, deselected),
        ])?;
        if is_over {
            break;
        }
        // What was found last is looked at once more.
        is_over = heard.pause().is_break();
    }
    ControlFlow::Continue(())
}

/// What the filter says of the sessions that are held.
#[derive(Default)]
pub(super) struct Verdicts {
    selected: BTreeSet<u32>,
    /// Sessions of which not every message came by then.
    open: BTreeSet<u32>,
    /// What had come when this was last asked.
    count: u64,
}

impl Verdicts {
    /// Looks at what is new and at sessions in which more was found: which are selected now, and which no longer.
    pub(super) fn renew(&mut self, heard: &Heard, filter: &Filter) -> (Vec<u32>, Vec<u32>) {
        let met = heard.met();
        let (_, all) = heard.behind(u64::MAX);
        if all == self.count && met.is_empty() {
            return Default::default();
        }
        let (outputs, all) = heard.behind(0);
        let new = usize::try_from(all - self.count).unwrap_or(usize::MAX);
        let known = outputs.len().saturating_sub(new);
        self.count = all;
        let mut due = met;
        for output in outputs.iter().skip(known) {
            match &**output {
                Output::Session(session) => {
                    due.insert(session.number);
                }
                Output::Message(message) => {
                    due.extend(message.session.filter(|one| self.open.contains(one)));
                }
                _ => {}
            }
        }
        let mut changed = (Vec::new(), Vec::new());
        for (session, outputs) in of_sessions(&outputs, &due, &mut self.selected, &mut self.open) {
            self.judge(heard, filter, session, &outputs, &mut changed);
        }
        changed
    }

    /// Looks at one session, where it has closed.
    fn judge(
        &mut self,
        heard: &Heard,
        filter: &Filter,
        session: u32,
        outputs: &[&Output],
        (selected, deselected): &mut (Vec<u32>, Vec<u32>),
    ) {
        let judged = heard.judged(Some(session));
        let mut sessions = Sessions::new(Some(filter), judged.as_ref().map(|one| &one.marks));
        let mut verdict = None;
        for output in outputs {
            let taken = match output {
                Output::Message(message) => sessions.of_message(message),
                other => sessions.take(Output::clone(other)),
            };
            verdict = taken.or(verdict);
        }
        let is_open = verdict.is_none();
        let verdict = verdict.or_else(|| sessions.rest().pop());
        let Some((_, is_selected)) = verdict else {
            return;
        };
        if is_open {
            self.open.insert(session);
        } else {
            self.open.remove(&session);
        }
        if is_selected && self.selected.insert(session) {
            selected.push(session);
        } else if !is_selected && self.selected.remove(&session) {
            deselected.push(session);
        }
    }
}

/// What there is of these sessions; what is held of none any more is forgotten.
fn of_sessions<'o>(
    outputs: &'o [Arc<Output>],
    due: &BTreeSet<u32>,
    selected: &mut BTreeSet<u32>,
    open: &mut BTreeSet<u32>,
) -> BTreeMap<u32, Vec<&'o Output>> {
    let mut held = BTreeSet::new();
    let mut found: BTreeMap<u32, Vec<&Output>> = BTreeMap::new();
    for output in outputs {
        let session = match &**output {
            Output::Session(session) => {
                held.insert(session.number);
                Some(session.number)
            }
            Output::Message(message) => message.session,
            _ => None,
        };
        if let Some(session) = session.filter(|one| due.contains(one)) {
            found.entry(session).or_default().push(output);
        }
    }
    selected.retain(|one| held.contains(one));
    open.retain(|one| held.contains(one));
    found
}
