//! Reads a capture for a command: progress, damage, bounds and defects are told in one place.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;

use super::arguments::{Reading, Writing, inputs};
use super::credentials;
use super::exit::{self, Trouble};
use super::key_files;
use super::output::{Sink, complain};
use super::progress::Bar;
use crate::pipeline::{Options, analyse};
use crate::session::{Output, Summary};
use crate::source::Capture;

/// What reading came to.
pub(super) struct Done {
    /// The counts.
    pub summary: Summary,
    /// Exit codes that apply.
    pub codes: Vec<u8>,
}

impl Done {
    /// Where nothing is shown, somebody may wonder why.
    pub(super) fn remark_on_nothing(&self, writing: &Writing) {
        if self.summary.cwmp.sessions == 0 && !writing.quiet {
            complain("no CWMP session in here");
        }
    }
}

/// Where to read from, and how.
pub(super) struct Source<'a> {
    pub paths: &'a [PathBuf],
    pub reading: &'a Reading,
    pub writing: &'a Writing,
    /// Messages are wanted too.
    pub messages: bool,
    /// Output appears on the screen while reading goes on: no bar is needed, nor room for it.
    pub appears: bool,
}

impl Source<'_> {
    /// Reads to the end, or until `deliver` breaks off. What is wrong is told on standard error.
    pub(super) fn read(
        &self,
        deliver: &mut dyn FnMut(Output) -> ControlFlow<()>,
    ) -> Result<Done, Trouble> {
        self.read_as(&self.reading.options(self.messages), deliver)
    }

    /// Whoever writes what is read goes on while it is read.
    fn grows(&self) -> bool {
        self.paths.iter().any(|path| path.as_os_str() == "-")
    }

    /// The same, where the command has wishes of its own.
    pub(super) fn read_as(
        &self,
        options: &Options,
        deliver: &mut dyn FnMut(Output) -> ControlFlow<()>,
    ) -> Result<Done, Trouble> {
        let file = self.reading.credentials.as_deref();
        let options = &Options {
            credentials: credentials::read(file, self.writing.quiet)?,
            keys: key_files::read(&self.reading.keys, self.grows(), self.writing.quiet)?,
            ..options.clone()
        };
        let mut capture = Capture::open(inputs(self.paths))?;
        let mut bar = Bar::new(!self.writing.quiet && !self.appears);
        let mut over = false;
        let mut summary = analyse(
            &mut capture,
            options,
            &mut |output| {
                // What is left at the end is handed over even to one who has enough.
                over = over || deliver(output).is_break();
                if over {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            },
            &mut |progress| bar.set(progress),
        );
        bar.clear();
        summary.key_files = self.reading.keys.given();
        let codes = remark(&capture, &summary, self.writing.quiet, &mut |words| {
            complain(words);
        });
        Ok(Done { summary, codes })
    }
}

/// Tells what is wrong with what was read; the exit codes that apply.
pub(super) fn remark(
    capture: &Capture,
    summary: &Summary,
    quiet: bool,
    tell: &mut dyn FnMut(&str),
) -> Vec<u8> {
    let mut codes = Vec::new();
    for problem in capture.problems() {
        tell(&problem.to_string());
        codes.push(exit::INPUT);
    }
    codes.extend(remark_on_analysis(summary, quiet, tell));
    codes
}

/// Tells of defects of ours and of bounds that were reached; the exit code that applies.
pub(super) fn remark_on_analysis(
    summary: &Summary,
    quiet: bool,
    tell: &mut dyn FnMut(&str),
) -> Option<u8> {
    if summary.defects > 0 {
        tell(&format!(
            "{} flows were given up because of a defect of informant",
            summary.defects
        ));
    }
    if !quiet {
        remark_on_bounds(&summary.limits_reached, tell);
    }
    (summary.defects > 0).then_some(exit::DEFECT)
}

/// Tells which bounds were reached.
pub(super) fn remark_on_bounds(reached: &BTreeMap<&'static str, u64>, tell: &mut dyn FnMut(&str)) {
    for (name, times) in reached {
        tell(&format!(
            "the bound {name} was reached {times} times: docs/output.md says what that costs"
        ));
    }
}

/// The exit code of a command that has read, and written to `sink`.
pub(super) fn end(done: &Done, sink: Sink) -> u8 {
    let mut codes = done.codes.clone();
    if let Err(trouble) = sink.finish() {
        complain(&trouble.to_string());
        codes.push(trouble.code());
    }
    exit::first_of(&codes)
}
