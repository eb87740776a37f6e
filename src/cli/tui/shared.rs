//! What every thread behind the screens has in common: which files, how they are read, and what the rule book found in them.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Trouble, TuiArguments};
use crate::cli::arguments::{CheckWhen, Reading, Writing, inputs};
use crate::cli::marks::Marks;
use crate::cli::screen;
use crate::pipeline::{Options, analyse};
use crate::report::paint::Look;
use crate::session::{Credentials, Masking, Output, Summary};
use crate::source::{Capture, Progress};
use crate::tui::News;
use crate::tui::terminal::{Ending, Event};

/// What is looked at.
pub(super) struct Shared {
    pub paths: Vec<PathBuf>,
    pub reading: Reading,
    pub writing: Writing,
    /// Files that `--data-model` names.
    pub models: Vec<PathBuf>,
    /// Whether the rule book is to judge.
    pub is_checked: bool,
    credentials: Option<Arc<Credentials>>,
    unicode: bool,
    judged: Mutex<Verdict>,
    has_judged: Condvar,
    codes: Mutex<Vec<u8>>,
    inbox: Option<SyncSender<Event>>,
}

/// What the rule book found.
pub(super) struct Judged {
    pub marks: Marks,
    pub summary: Summary,
}

/// How far it has come.
#[derive(Default)]
enum Verdict {
    #[default]
    Awaited,
    None,
    Found(Arc<Judged>),
}

impl Shared {
    pub(super) fn new(
        arguments: &TuiArguments,
        paths: Vec<PathBuf>,
        writing: Writing,
        credentials: Option<Arc<Credentials>>,
    ) -> Self {
        Self {
            paths,
            reading: arguments.reading.clone(),
            unicode: screen::look(&writing).unicode,
            writing,
            models: arguments.check.models.data_models.clone(),
            is_checked: arguments.check.check != CheckWhen::Never,
            credentials,
            judged: Mutex::default(),
            has_judged: Condvar::new(),
            codes: Mutex::default(),
            inbox: None,
        }
    }

    /// The same for many threads, which tell their news to this inbox.
    pub(super) fn telling(mut self, inbox: SyncSender<Event>) -> Arc<Self> {
        self.inbox = Some(inbox);
        Arc::new(self)
    }

    /// Whatever the locale of whoever runs the tests.
    #[cfg(test)]
    pub(super) fn show_unicode(&mut self) {
        self.unicode = true;
    }

    pub(super) fn masking(&self) -> Masking {
        Masking {
            show_secrets: self.writing.show_secrets,
        }
    }

    pub(super) fn several_files(&self) -> bool {
        self.paths.len() > 1
    }

    /// What a page may look like; its colours are read back as inks.
    pub(super) fn look(&self, width: usize) -> Look {
        Look {
            width: width.clamp(WIDTH_MIN, WIDTH_MAX),
            colour: true,
            unicode: self.unicode,
        }
    }

    /// How the files are read.
    pub(super) fn options(&self, messages: bool, datagrams: bool) -> Options {
        Options {
            datagrams,
            credentials: self.credentials.clone(),
            ..self.reading.options(messages)
        }
    }

    /// Reads the files, until whoever takes what comes out has enough.
    pub(super) fn read(
        &self,
        options: &Options,
        deliver: &mut dyn FnMut(Output) -> ControlFlow<()>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(Capture, Summary), Trouble> {
        let mut capture = Capture::open(inputs(&self.paths))?;
        let mut is_over = false;
        let summary = analyse(
            &mut capture,
            options,
            &mut |output| {
                // What is left at the end is handed over even to one who has enough.
                is_over = is_over || deliver(output).is_break();
                if is_over {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            },
            progress,
        );
        Ok((capture, summary))
    }

    /// Tells the screens; breaks where there are none any more.
    pub(super) fn tell(&self, news: News) -> ControlFlow<()> {
        self.send(Event::News(news))
    }

    /// Ends the screens: a defect of ours leaves them without what they wait for.
    pub(super) fn give_up(&self) {
        let _ = self.send(Event::End(Ending::Defect));
    }

    fn send(&self, event: Event) -> ControlFlow<()> {
        let sent = self.inbox.as_ref().map(|inbox| inbox.send(event));
        match sent {
            Some(Ok(())) => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        }
    }

    pub(super) fn add_codes(&self, codes: &[u8]) {
        locked(&self.codes).extend(codes);
    }

    pub(super) fn codes(&self) -> Vec<u8> {
        locked(&self.codes).clone()
    }

    /// The rule book has judged, or will not.
    pub(super) fn set_judged(&self, judged: Option<Judged>) {
        *locked(&self.judged) = match judged {
            Some(judged) => Verdict::Found(Arc::new(judged)),
            None => Verdict::None,
        };
        self.has_judged.notify_all();
    }

    /// What the rule book found, if it has judged by now.
    pub(super) fn judged(&self) -> Option<Arc<Judged>> {
        match &*locked(&self.judged) {
            Verdict::Found(judged) => Some(Arc::clone(judged)),
            Verdict::Awaited | Verdict::None => None,
        }
    }

    /// The same, but waits until it has judged, or nobody waits any more.
    pub(super) fn await_judged(&self, is_wanted: &dyn Fn() -> bool) -> Option<Arc<Judged>> {
        let mut judged = locked(&self.judged);
        while matches!(&*judged, Verdict::Awaited) && is_wanted() {
            let waited = self.has_judged.wait_timeout(judged, PATIENCE);
            judged = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(judged);
        self.judged()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How much has been read, in percent.
pub(super) fn percent(progress: Progress) -> Option<u8> {
    let total = progress.total_bytes.filter(|total| *total > 0)?;
    let percent = progress.read_bytes.saturating_mul(100) / total;
    Some(percent.min(100) as u8)
}

/// How long one waits before asking whether the answer is still wanted.
const PATIENCE: Duration = Duration::from_millis(100);
/// Columns for which pages are made.
const WIDTH_MIN: usize = 40;
const WIDTH_MAX: usize = 400;
