//! Reads a capture and shows it to the rule book.

use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::sync_channel;
use std::thread;

use super::arguments::inputs;
use super::credentials;
use super::exit::{self, Trouble};
use super::key_files;
use super::output::complain;
use super::reading::{Done, Source};
use crate::conformance::{Checked, Checker, Selection, Setting};
use crate::pipeline::{Options, analyse};
use crate::session::{Masking, Output, Summary};
use crate::source::Capture;

/// What reading came to, and what was found.
pub(super) fn check(
    source: &Source<'_>,
    selection: Selection,
    setting: Setting,
) -> Result<(Done, Checked), Trouble> {
    let judge = Judge::new(source, selection, setting);
    let (done, judge) = judged(judge, &options(source), |options, deliver| {
        source.read_as(options, deliver)
    });
    let mut done = done?;
    let (checked, is_defect) = judge.finish(&done.summary);
    done.codes.extend(is_defect.then_some(exit::DEFECT));
    Ok((done, checked))
}

/// Reads, and judges what is read: in a thread of its own where there are several.
fn judged<T>(
    mut judge: Judge,
    options: &Options,
    read: impl FnOnce(&Options, &mut Deliver<'_>) -> T,
) -> (T, Judge) {
    if options.threads < 2 {
        let read = |deliver: &mut Deliver<'_>| read(options, deliver);
        let done = in_batches(BATCH_BYTES, read, |batch| judge.handle(batch));
        return (done, judge);
    }
    let options = Options {
        threads: options.threads - 1,
        ..options.clone()
    };
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel::<Vec<Output>>(BATCHES_WAITING_MAX);
        let judging = scope.spawn(move || {
            for batch in receiver {
                judge.handle(batch);
            }
            judge
        });
        let read = |deliver: &mut Deliver<'_>| read(&options, deliver);
        // Nobody listens any more where the other thread panicked, which is told below.
        let done = in_batches(BATCH_BYTES_TO_SEND, read, |batch| {
            let _ = sender.send(batch);
        });
        drop(sender);
        let judge = judging.join();
        let judge = judge.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (done, judge)
    })
}

/// Reads, and gives out what is to be judged at once. Reading and judging are two large pieces of code: taking turns at each
/// message, they would push each other out of the processor's memory.
fn in_batches<T>(
    bytes_max: usize,
    read: impl FnOnce(&mut Deliver<'_>) -> T,
    mut give: impl FnMut(Vec<Output>),
) -> T {
    let mut batch = Vec::new();
    let mut bytes = 0;
    let done = read(&mut |output| {
        bytes += output.held_bytes();
        batch.push(output);
        if batch.len() >= BATCH_OUTPUTS || bytes >= bytes_max {
            bytes = 0;
            give(std::mem::take(&mut batch));
        }
        ControlFlow::Continue(())
    });
    give(batch);
    done
}

/// What is found, and whether a defect of ours ended the check, without a word on what else there is to say of the input:
/// whoever reads it again says that.
pub(super) fn quietly(
    source: &Source<'_>,
    mut setting: Setting,
) -> Result<(Checked, bool), Trouble> {
    // What stands there is shown by `check` alone.
    setting.limits.excerpts_max = 0;
    let (_, checked, is_defect) = beside(source, setting)?;
    Ok((checked, is_defect))
}

/// The same with what stands there, and what was read.
pub(super) fn beside(
    source: &Source<'_>,
    setting: Setting,
) -> Result<(Summary, Checked, bool), Trouble> {
    let mut judge = Judge::new(source, Selection::default(), setting);
    if let Some(checker) = judge.checker.take() {
        judge.checker = Some(checker.by_session());
    }
    let credentials = credentials::read(source.reading.credentials.as_deref(), true)?;
    let options = Options {
        credentials,
        keys: key_files::read(&source.reading.keys, false, true)?,
        ..options(source)
    };
    let mut capture = Capture::open(inputs(source.paths))?;
    let (summary, judge) = judged(judge, &options, |options, deliver| {
        analyse(&mut capture, options, deliver, &mut |_| {})
    });
    let (checked, is_defect) = judge.finish(&summary);
    Ok((summary, checked, is_defect))
}

/// Takes what is read, one after the other.
type Deliver<'a> = dyn FnMut(Output) -> ControlFlow<()> + 'a;

/// What is found in a capture that is at hand; what goes to or comes from the addresses in `opened` went over TLS.
pub(super) fn of_capture(
    capture: &mut Capture,
    selection: Selection,
    setting: Setting,
    masking: Masking,
    opened: Vec<SocketAddr>,
) -> (Summary, Checked, bool) {
    showing(capture, selection, setting, masking, 0, opened, &mut |_| {})
}

/// The same, and whoever else wants to is shown what is read; sessions are numbered from behind `sessions_before`.
pub(super) fn showing(
    capture: &mut Capture,
    selection: Selection,
    setting: Setting,
    masking: Masking,
    sessions_before: u32,
    opened: Vec<SocketAddr>,
    show: &mut dyn FnMut(&Output),
) -> (Summary, Checked, bool) {
    let mut judge = Judge {
        checker: Some(Checker::new(setting, selection, masking)),
        is_defect: false,
    };
    let options = Options {
        messages: true,
        datagrams: true,
        sessions_before,
        opened,
        ..Options::default()
    };
    let mut deliver = |output| {
        show(&output);
        judge.handle([output]);
        ControlFlow::Continue(())
    };
    let summary = analyse(capture, &options.learning(), &mut deliver, &mut |_| {});
    let (checked, is_defect) = judge.finish(&summary);
    let is_defect = is_defect || summary.defects > 0;
    (summary, checked, is_defect)
}

/// Rules look at everything.
fn options(source: &Source<'_>) -> Options {
    Options {
        messages: true,
        in_order: false,
        raw_bodies: false,
        datagrams: true,
        ..source.reading.beside_rules().options(true)
    }
    .learning()
}

/// The checker; a defect in a rule ends the check, and nothing else.
struct Judge {
    checker: Option<Checker>,
    is_defect: bool,
}

impl Judge {
    fn new(source: &Source<'_>, selection: Selection, mut setting: Setting) -> Self {
        setting.limits = source.reading.of_rules(setting.limits);
        let masking = Masking {
            show_secrets: source.writing.show_secrets,
        };
        Self {
            checker: Some(Checker::new(setting, selection, masking)),
            is_defect: false,
        }
    }

    fn handle(&mut self, outputs: impl IntoIterator<Item = Output>) {
        if let Some(checker) = self.checker.as_mut().filter(|_| !self.is_defect) {
            let handled = catch_unwind(AssertUnwindSafe(|| {
                outputs
                    .into_iter()
                    .for_each(|output| checker.handle(output));
            }));
            self.is_defect = handled.is_err();
        }
    }

    /// What was found until a defect stays: what rules remembered by then is lost.
    fn finish(self, summary: &Summary) -> (Checked, bool) {
        let Some(checker) = self.checker else {
            return (Checked::default(), self.is_defect);
        };
        if !self.is_defect {
            let finished = catch_unwind(AssertUnwindSafe(|| checker.finish(summary)));
            if let Ok(checked) = finished {
                return (checked, false);
            }
            complain("the check is given up: nothing is known of findings");
            return (Checked::default(), true);
        }
        complain("the check is given up: what came later is not judged");
        (checker.give_up(summary), true)
    }
}

/// Some fifty sessions: by then each part of the code has been read once for many.
const BATCH_OUTPUTS: usize = 512;
/// What they may hold, about, beside the last of them: where one thread does everything, and where several batches are under way.
const BATCH_BYTES: usize = 4 << 20;
const BATCH_BYTES_TO_SEND: usize = 1 << 20;
/// Batches on their way to the thread that judges.
const BATCHES_WAITING_MAX: usize = 2;
