//! Which sessions a display filter selects: the capture is read for it, and what is selected is told as it is found.

use std::ops::ControlFlow;

use super::desk::Wanted;
#[cfg(feature = "live")]
use super::following;
use super::shared::{Shared, percent};
use crate::cli::select::Sessions;
use crate::filter::Filter;
use crate::tui::News;

/// Tells which sessions are selected.
///
/// # Errors
///
/// Where the capture cannot be read, or nobody looks for findings.
pub(super) fn select(shared: &Shared, wanted: &Wanted, expression: &str) -> Result<(), String> {
    let filter = Filter::parse(expression).map_err(|error| error.message())?;
    #[cfg(feature = "live")]
    if let Some(heard) = shared.heard() {
        return following::follow(shared, heard, wanted, &filter);
    }
    let judged = if filter.needs_findings() {
        if !shared.is_checked {
            return Err("the filter asks for findings, and --check=never for none".to_owned());
        }
        shared.await_judged(None, &|| wanted.is_still())
    } else {
        None
    };
    let marks = judged.as_ref().map(|judged| &judged.marks);
    let sessions = std::cell::RefCell::new(Sessions::new(Some(&filter), marks));
    let needs_messages = sessions.borrow().needs_messages();
    let mut found = Vec::new();
    let mut last = None;
    let read = shared.read(
        &shared.options(needs_messages, false),
        &mut |output| {
            if !wanted.is_still() {
                return ControlFlow::Break(());
            }
            if let Some((session, true)) = sessions.borrow_mut().take(output) {
                found.push(session.number);
            }
            if found.len() >= FOUND_AT_ONCE {
                return shared.tell(News::Selected(wanted.ticket, std::mem::take(&mut found)));
            }
            ControlFlow::Continue(())
        },
        &mut |progress| {
            let percent = percent(progress);
            if percent != last {
                last = percent;
                let share = percent.unwrap_or_default();
                let _ = shared.tell(News::Share(wanted.ticket, share));
            }
        },
    );
    let rest = sessions.borrow_mut().rest();
    let rest = rest.into_iter().filter(|(_, is_selected)| *is_selected);
    found.extend(rest.map(|(session, _)| session.number));
    let _ = shared.tell(News::Selected(wanted.ticket, found));
    read.map(|_| ()).map_err(|trouble| trouble.to_string())
}

/// Sessions that are told at once.
const FOUND_AT_ONCE: usize = 256;
