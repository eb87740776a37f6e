//! Reads a capture and shows it to the rule book.

use std::ops::ControlFlow;

use super::exit::Trouble;
use super::reading::{Done, Source};
use crate::conformance::{Checked, Checker, Selection, Setting};
use crate::pipeline::Options;
use crate::session::Masking;

/// What reading came to, and what was found.
pub(super) fn check(source: &Source<'_>, selection: Selection) -> Result<(Done, Checked), Trouble> {
    let masking = Masking {
        show_secrets: source.writing.show_secrets,
    };
    let mut checker = Checker::new(Setting::default(), selection, masking);
    let done = source.read_as(&options(source), &mut |output| {
        checker.handle(output);
        ControlFlow::Continue(())
    })?;
    let checked = checker.finish(&done.summary);
    Ok((done, checked))
}

/// Rules look at everything.
pub(super) fn options(source: &Source<'_>) -> Options {
    Options {
        messages: true,
        in_order: false,
        raw_bodies: false,
        datagrams: true,
        ..source.reading.options(true)
    }
    .learning()
}
