//! Fills the list from interfaces: sessions as they close, findings as they arise. Packets do not wait for the screens: what
//! these do not take is kept until they do.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::desk::Alarm;
use super::heard::Heard;
use super::loader::{Rows, bounded};
use super::run::{Stage, turn};
use super::shared::Shared;
use crate::cli::arguments::LiveArguments;
use crate::cli::exit::{self, Trouble};
use crate::cli::live::figures::Figures;
use crate::cli::live::{Opened, last_word, remark};
use crate::cli::output::complain;
use crate::conformance::Checker;
use crate::pipeline::{Options, analyse};
use crate::report::escape;
use crate::session::{Output, Session, Summary};
use crate::source::Live;
use crate::tui::{Counts, News, Row};

/// Runs the screens over what is opened.
pub(in crate::cli) fn run(arguments: &LiveArguments, opened: Opened) -> Result<u8, Trouble> {
    let heard = Arc::new(Heard::judged_by(opened.checker));
    let shared = Shared::over_interfaces(arguments, Arc::clone(&heard), opened.live.files());
    let stop = Arc::new(AtomicBool::new(false));
    let live = opened.live.until(Arc::clone(&stop), arguments.duration());
    let mut options = opened.options;
    options.limits.other_body_bytes_max = OTHER_BODY_BYTES_MAX;
    let listener: RefCell<Option<JoinHandle<()>>> = RefCell::default();
    let stage = Stage {
        title: escape::text(&arguments.interface.join(", ")).into_owned(),
        is_live: true,
        filter: arguments.filter.as_deref(),
    };
    let codes = turn(
        shared,
        &stage,
        |shared, _| {
            let listening = Listening {
                shared: Arc::clone(shared),
                heard,
                figures: opened.figures,
                rows: Rows::default(),
                waiting: Waiting::default(),
                told: None,
                is_defect: false,
            };
            let thread = std::thread::spawn(move || listening.run(live, &options));
            listener.replace(Some(thread));
        },
        &mut || {
            stop.store(true, Ordering::Relaxed);
            // A defect of ours has told the screens.
            let _ = listener.take().map(JoinHandle::join);
        },
    )?;
    Ok(exit::first_of(&codes))
}

/// Who listens.
struct Listening {
    shared: Arc<Shared>,
    heard: Arc<Heard>,
    figures: Figures,
    rows: Rows,
    waiting: Waiting,
    /// When the figures were last shown.
    told: Option<Instant>,
    /// A rule failed: the rest is not judged.
    is_defect: bool,
}

/// News that the screens had no room for.
#[derive(Default)]
struct Waiting {
    rows: Vec<Row>,
    found: Vec<(u32, Counts)>,
    /// Rows that were not shown for want of room.
    omitted: u64,
}

impl Waiting {
    /// Takes note of the sessions in which more was found.
    fn find(&mut self, checker: &mut Checker, heard: &Heard) {
        let room = FOUND_WAITING_MAX.saturating_sub(self.found.len());
        let met = checker.met();
        heard.meet(&met);
        for session in met.into_iter().take(room) {
            let counts = bounded(checker.counts_of(session));
            self.found.push((session, counts));
        }
    }
}

impl Listening {
    fn run(self, mut live: Live, options: &Options) {
        let _alarm = Alarm(Arc::clone(&self.shared));
        let listening = RefCell::new(self);
        let mut deliver = |output| {
            listening.borrow_mut().take(output);
            ControlFlow::Continue(())
        };
        let mut pulse = |_| listening.borrow_mut().pulse();
        let summary = analyse(&mut live, options, &mut deliver, &mut pulse);
        live.close();
        listening.into_inner().finish(&live, &summary);
    }

    fn take(&mut self, mut output: Output) {
        if let Output::Session(session) = &mut output {
            self.figures.session(session);
            self.heard.set_lossy(self.figures.lossy());
        }
        let shown = output.clone();
        self.have_judged(|checker| checker.handle(shown));
        if let Output::Session(session) = &output {
            self.show(session);
        }
        let gone = self.heard.keep(output);
        if let Some(checker) = self.heard.checker().as_mut() {
            for session in gone {
                checker.forget_session(session);
            }
        }
    }

    /// Shows something to the rule book; where it finds something, that is told.
    fn have_judged(&mut self, show: impl FnOnce(&mut Checker)) {
        let mut checker = self.heard.checker();
        let Some(checker) = checker.as_mut().filter(|_| !self.is_defect) else {
            return;
        };
        let handled = catch_unwind(AssertUnwindSafe(|| show(checker)));
        self.is_defect = handled.is_err();
        self.waiting.find(checker, &self.heard);
    }

    fn show(&mut self, session: &Session) {
        if self.waiting.rows.len() >= ROWS_WAITING_MAX {
            self.waiting.omitted += 1;
            return;
        }
        let mut row = self.rows.row(session, &self.shared);
        let checker = self.heard.checker();
        row.counts = checker
            .as_ref()
            .map(|one| bounded(one.counts_of(session.number)));
        self.waiting.rows.push(row);
    }

    fn pulse(&mut self) {
        if let Some(time) = self.figures.quiet_before() {
            self.have_judged(|checker| checker.advance(time));
        }
        let checker = self.heard.checker();
        self.figures.tick(checker.as_ref());
        drop(checker);
        let shared = &self.shared;
        self.figures.tell_links(&mut |words| {
            complain(words);
            let _ = shared.offer(News::Remark(escape::text(words).into_owned()));
        });
        self.tell();
        let is_due = self.told.is_none_or(|told| told.elapsed() >= PERIOD);
        if is_due {
            self.told = Some(Instant::now());
            let _ = self.shared.offer(News::Heard(self.figures.short_line()));
            let _ = self.shared.offer(News::Links(self.figures.links()));
        }
    }

    /// Tells the screens what waits, as far as they have room.
    fn tell(&mut self) {
        if !self.waiting.rows.is_empty() {
            let rows = std::mem::take(&mut self.waiting.rows);
            if let Err(News::Rows(rows)) = self.shared.offer(News::Rows(rows)) {
                self.waiting.rows = rows;
                return;
            }
        }
        if !self.waiting.found.is_empty() {
            let found = std::mem::take(&mut self.waiting.found);
            if let Err(News::Found(found)) = self.shared.offer(News::Found(found)) {
                self.waiting.found = found;
            }
        }
    }

    fn finish(mut self, live: &Live, summary: &Summary) {
        let mut codes = Vec::new();
        if let Some(checker) = self.heard.checker().as_mut() {
            codes.extend(last_word(checker, summary, self.is_defect));
            self.waiting.find(checker, &self.heard);
            self.figures.count(checker);
        }
        self.figures.finish();
        self.heard.end();
        let shared = &self.shared;
        let quiet = shared.writing.quiet;
        let mut tell = |words: &str| {
            complain(words);
            let _ = shared.tell(News::Remark(escape::text(words).into_owned()));
        };
        self.figures.tell_links(&mut tell);
        codes.extend(remark(live, summary, quiet, &mut tell));
        if self.waiting.omitted > 0 {
            tell(&format!(
                "{} sessions came faster than they could be shown",
                self.waiting.omitted
            ));
        }
        shared.add_codes(&codes);
        let _ = shared.tell(News::Rows(std::mem::take(&mut self.waiting.rows)));
        let _ = shared.tell(News::Found(std::mem::take(&mut self.waiting.found)));
        let _ = shared.tell(News::Heard(self.figures.short_line()));
        let _ = shared.tell(News::Links(self.figures.links()));
        if !quiet {
            complain(&self.figures.line());
        }
        let _ = shared.tell(News::Whole);
    }
}

/// From one look at the figures to the next.
const PERIOD: Duration = Duration::from_millis(500);
/// Rows that wait for screens which do not take them: their terminal stands still.
const ROWS_WAITING_MAX: usize = 100_000;
/// The same of sessions in which more was found.
const FOUND_WAITING_MAX: usize = 1_000_000;
/// Bodies that are no SOAP are shown up to this length.
const OTHER_BODY_BYTES_MAX: u64 = 64 << 10;
