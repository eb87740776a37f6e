//! What every thread behind the screens has in common: which files, how they are read, and what the rule book found in them.

use std::net::IpAddr;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::mpsc::SyncSender;
#[cfg(feature = "live")]
use std::sync::mpsc::TrySendError;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

#[cfg(feature = "live")]
use super::heard::Heard;
use super::index::{Index, Place};
use super::sifted::Sifted;
use super::{Trouble, TuiArguments};
#[cfg(feature = "live")]
use crate::cli::arguments::LiveArguments;
use crate::cli::arguments::{CheckWhen, Reading, Writing, inputs};
use crate::cli::marks::Marks;
use crate::cli::screen;
use crate::pipeline::{Options, analyse};
use crate::report::paint::Look;
use crate::session::{Credentials, Masking, Output, Summary};
#[cfg(feature = "live")]
use crate::source::Recorded;
use crate::source::{Capture, Mark, Progress, Timestamp};
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
    /// Where sessions lie in the files.
    pub index: Index,
    /// When the files begin, once they are read.
    first: Mutex<Option<Timestamp>>,
    /// Places in the file from which it can be read.
    marks: Mutex<Arc<[Mark]>>,
    /// What interfaces gave, where no file is looked at.
    #[cfg(feature = "live")]
    heard: Option<Arc<Heard>>,
    /// The files in which that is recorded.
    #[cfg(feature = "live")]
    pub recorded: Option<Recorded>,
    /// Frames are told with their files.
    several_files: bool,
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
            reading: arguments.reading.clone(),
            unicode: screen::look(&writing).unicode,
            writing,
            models: arguments.check.models.data_models.clone(),
            several_files: paths.len() > 1,
            paths,
            is_checked: arguments.check.check != CheckWhen::Never,
            credentials,
            judged: Mutex::default(),
            has_judged: Condvar::new(),
            codes: Mutex::default(),
            index: Index::default(),
            first: Mutex::default(),
            marks: Mutex::new(Arc::from([])),
            #[cfg(feature = "live")]
            heard: None,
            #[cfg(feature = "live")]
            recorded: None,
            inbox: None,
        }
    }

    /// The same of interfaces; where they are recorded, that holds the packets.
    #[cfg(feature = "live")]
    pub(super) fn over_interfaces(
        arguments: &LiveArguments,
        heard: Arc<Heard>,
        recorded: Option<Recorded>,
    ) -> Self {
        let writing = Writing {
            output: None,
            ..arguments.writing
        };
        Self {
            paths: Vec::new(),
            several_files: !arguments.ring.is_empty(),
            recorded,
            reading: arguments.reading.clone(),
            unicode: screen::look(&writing).unicode,
            writing,
            models: Vec::new(),
            is_checked: true,
            credentials: None,
            judged: Mutex::default(),
            has_judged: Condvar::new(),
            codes: Mutex::default(),
            index: Index::default(),
            first: Mutex::default(),
            marks: Mutex::new(Arc::from([])),
            heard: Some(heard),
            inbox: None,
        }
    }

    /// What interfaces gave, where no file is looked at.
    #[cfg(feature = "live")]
    pub(super) fn heard(&self) -> Option<&Heard> {
        self.heard.as_deref()
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
        self.several_files
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

    /// Reads what is looked at, until whoever takes what comes out has enough.
    pub(super) fn read(
        &self,
        options: &Options,
        deliver: &mut dyn FnMut(Output) -> ControlFlow<()>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Summary, Trouble> {
        #[cfg(feature = "live")]
        if let Some(heard) = &self.heard {
            return Ok(heard.read(None, options, deliver));
        }
        let (_, summary) = self.read_files(options, deliver, progress)?;
        Ok(summary)
    }

    /// The same for whoever wants nothing of other sessions than this one; there may be more all the same.
    pub(super) fn read_of(
        &self,
        session: u32,
        options: &Options,
        deliver: &mut dyn FnMut(Output) -> ControlFlow<()>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Summary, Trouble> {
        #[cfg(feature = "live")]
        if let Some(heard) = &self.heard {
            return Ok(heard.read(Some(session), options, deliver));
        }
        let Some(passage) = self.passage(session)? else {
            return self.read(options, deliver, progress);
        };
        let options = Options {
            sessions_before: passage.sessions_before,
            ..options.clone()
        };
        let capture = self.capture(Some(passage.begin))?;
        let capture = Sifted::new(capture, passage.address);
        let (_, summary) = read(capture, &options, deliver, progress);
        Ok(summary)
    }

    /// The part of the files that is enough for a session, where that is known and found to hold it as the whole does.
    fn passage(&self, session: u32) -> Result<Option<Passage>, Trouble> {
        let Some(place) = self.index.place(session) else {
            return Ok(None);
        };
        for (begin, address) in place.passages() {
            if address.is_none() && self.begins_behind(begin) {
                return Ok(None);
            }
            let passage = self.passage_from(begin, address, session, place)?;
            if passage.is_some() {
                return Ok(passage);
            }
        }
        Ok(None)
    }

    /// The same of what is read from this time on.
    fn passage_from(
        &self,
        begin: Timestamp,
        address: Option<IpAddr>,
        session: u32,
        place: Place,
    ) -> Result<Option<Passage>, Trouble> {
        let mut found = None;
        let mut deliver = |output| match output {
            Output::Session(one) if place.is(&one) => {
                found = Some(one.number);
                ControlFlow::Break(())
            }
            _ => ControlFlow::Continue(()),
        };
        let options = self.options(false, false);
        let capture = Sifted::new(self.capture(Some(begin))?, address).until(place.is_over());
        read(capture, &options, &mut deliver, &mut |_| {});
        let before = found.and_then(|number: u32| session.checked_sub(number));
        Ok(before.map(|sessions_before| Passage {
            begin,
            address,
            sessions_before,
        }))
    }

    /// Nothing would be left out before this time.
    fn begins_behind(&self, time: Timestamp) -> bool {
        let first = locked(&self.first);
        first.is_none_or(|first| time <= first)
    }

    /// The files, or what is in them from this time on.
    fn capture(&self, begin: Option<Timestamp>) -> Result<Capture, Trouble> {
        let capture = Capture::open(inputs(&self.paths))?;
        Ok(match begin {
            Some(begin) if self.begins_behind(begin) => capture,
            Some(begin) => {
                let marks = Arc::clone(&locked(&self.marks));
                capture.from_mark_before(&marks, begin).from_behind(begin)
            }
            None => capture,
        })
    }

    /// The files are read: when they begin, and from where they can be read again.
    pub(super) fn set_read(&self, first: Option<Timestamp>, marks: &[Mark]) {
        *locked(&self.marks) = Arc::from(marks);
        *locked(&self.first) = first;
    }

    /// The same of files alone, with what is wrong with them.
    pub(super) fn read_files(
        &self,
        options: &Options,
        deliver: &mut dyn FnMut(Output) -> ControlFlow<()>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(Capture, Summary), Trouble> {
        let capture = Sifted::new(self.capture(None)?.marking(), None);
        let (capture, summary) = read(capture, options, deliver, progress);
        Ok((capture.into_capture(), summary))
    }

    /// Tells the screens; breaks where there are none any more.
    pub(super) fn tell(&self, news: News) -> ControlFlow<()> {
        self.send(Event::News(news))
    }

    /// Tells the screens where they have room; otherwise it comes back.
    #[cfg(feature = "live")]
    pub(super) fn offer(&self, news: News) -> Result<(), News> {
        let Some(inbox) = &self.inbox else {
            return Ok(());
        };
        match inbox.try_send(Event::News(news)) {
            Err(TrySendError::Full(Event::News(news))) => Err(news),
            // Where the screens have ended, nobody misses it.
            _ => Ok(()),
        }
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

    /// What the rule book found in a session or in all, if it has judged by now.
    pub(super) fn judged(&self, session: Option<u32>) -> Option<Arc<Judged>> {
        #[cfg(feature = "live")]
        if let Some(heard) = &self.heard {
            return heard.judged(session).map(Arc::new);
        }
        let _ = session;
        match &*locked(&self.judged) {
            Verdict::Found(judged) => Some(Arc::clone(judged)),
            Verdict::Awaited | Verdict::None => None,
        }
    }

    /// The same, but waits until it has judged, or nobody waits any more.
    pub(super) fn await_judged(
        &self,
        session: Option<u32>,
        is_wanted: &dyn Fn() -> bool,
    ) -> Option<Arc<Judged>> {
        let mut judged = locked(&self.judged);
        while matches!(&*judged, Verdict::Awaited) && is_wanted() && !self.is_live() {
            let waited = self.has_judged.wait_timeout(judged, PATIENCE);
            judged = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(judged);
        self.judged(session)
    }

    /// Whether interfaces are looked at, and no file.
    pub(super) fn is_live(&self) -> bool {
        #[cfg(feature = "live")]
        let is_live = self.heard.is_some();
        #[cfg(not(feature = "live"))]
        let is_live = false;
        is_live
    }
}

/// A part of the files that is read as if nothing stood before it.
#[derive(Clone, Copy)]
struct Passage {
    begin: Timestamp,
    /// Of which address alone.
    address: Option<IpAddr>,
    /// Sessions that are numbered before the first in it.
    sessions_before: u32,
}

/// Reads a capture, until whoever takes what comes out has enough.
fn read(
    mut capture: Sifted,
    options: &Options,
    deliver: &mut dyn FnMut(Output) -> ControlFlow<()>,
    progress: &mut dyn FnMut(Progress),
) -> (Sifted, Summary) {
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
    (capture, summary)
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
