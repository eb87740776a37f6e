//! `informant live`: the same analysis while it happens.

pub(in crate::cli) mod figures;
mod links;
mod output;
mod page;
mod privilege;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use figures::Figures;
use output::Stream;
use page::Page;

use super::arguments::LiveArguments;
use super::exit::{self, Trouble};
use super::output::complain;
use super::reading::{remark_on_analysis, remark_on_bounds};
use super::select::{self, Sessions};
use super::{codes, credentials, key_files, models};
use crate::conformance::Checker;
use crate::filter::Filter;
use crate::pipeline::{Gauges, Options, analyse};
use crate::report::escape;
use crate::session::{Masking, Output, Summary};
use crate::source::{Interfaces, Live, LiveError, LiveOptions, Recorder, Rotation, Timestamp};

pub(super) fn run(arguments: &LiveArguments) -> Result<u8, Trouble> {
    if arguments.list {
        return list();
    }
    if arguments.tui {
        return screens(arguments);
    }
    let filter = filter(arguments)?;
    let opened = Opened::with(arguments)?;
    let signals = Signals::heard(arguments.writing.output.is_some())?;
    let live = opened
        .live
        .until(Arc::clone(&signals.stop), arguments.duration());
    let stream = Stream::open(&arguments.writing, Arc::clone(&signals.reopen))?;
    let watch = Watch {
        sessions: Sessions::new(filter.as_ref(), None),
        figures: opened.figures,
        page: Page::new(arguments, stream),
        checker: opened.checker,
        quiet: arguments.writing.quiet,
        is_defect: false,
        bounds_told: BTreeSet::new(),
    };
    privilege::give_up(arguments, recorded(arguments, &live))?;
    let options = Options {
        messages: watch.checker.is_some() || watch.sessions.needs_messages(),
        raw_bodies: false,
        ..opened.options
    };
    Ok(watch.run(live, &options, &signals.stop))
}

/// The same on the whole terminal.
#[cfg(feature = "tui")]
fn screens(arguments: &LiveArguments) -> Result<u8, Trouble> {
    let filter = arguments.filter.as_deref();
    select::parse(filter, select::SESSIONS, &arguments.writing)?;
    super::tui::can_be_shown("without --tui this command writes text")?;
    let opened = Opened::with(arguments)?;
    privilege::give_up(arguments, recorded(arguments, &opened.live))?;
    super::tui::listening::run(arguments, opened)
}

/// A build without the screens says so.
#[cfg(not(feature = "tui"))]
fn screens(_: &LiveArguments) -> Result<u8, Trouble> {
    Err(super::tui::not_in_this_build())
}

/// Everything that needs rights, and what judges and counts.
pub(in crate::cli) struct Opened {
    pub live: Live,
    pub figures: Figures,
    pub checker: Option<Checker>,
    /// Messages with all they hold, where they are wanted.
    pub options: Options,
}

impl Opened {
    fn with(arguments: &LiveArguments) -> Result<Self, Trouble> {
        if arguments.recorded_bytes_max().is_some() && arguments.write.is_none() {
            return Err(Trouble::Usage(
                "-a filesize: is of what -w records".to_owned(),
            ));
        }
        let turns = |rotation: Rotation| {
            rotation.file_bytes_max.is_some() || rotation.duration_max.is_some()
        };
        if !arguments.rotation().is_none_or(turns) {
            return Err(Trouble::Usage(
                "-b files: keeps so many files of a ring; filesize: or duration: says when one is full"
                    .to_owned(),
            ));
        }
        let checker = checker(arguments)?;
        let quiet = arguments.writing.quiet;
        let credentials = credentials::read(arguments.reading.credentials.as_deref(), quiet)?;
        let keys = key_files::read(&arguments.reading.keys, true, quiet)?;
        let live = Live::open(&listening(arguments)).map_err(trouble)?;
        let live = recording(live, arguments)?;
        let gauges = Arc::new(Gauges::default());
        let reading = match &checker {
            Some(_) => arguments.reading.beside_rules(),
            None => arguments.reading.clone(),
        };
        let options = Options {
            in_order: false,
            datagrams: checker.is_some(),
            credentials,
            keys,
            gauges: Some(Arc::clone(&gauges)),
            ..reading.options(true)
        };
        Ok(Self {
            figures: Figures::new(arguments, live.traffic(), gauges)?,
            live,
            options: if checker.is_some() {
                options.learning()
            } else {
                options
            },
            checker,
        })
    }
}

/// Who takes in what comes.
struct Watch<'a> {
    sessions: Sessions<'a>,
    figures: Figures,
    page: Page<'a>,
    checker: Option<Checker>,
    quiet: bool,
    /// A rule failed: the rest is not judged.
    is_defect: bool,
    /// Bounds that were told of.
    bounds_told: BTreeSet<&'static str>,
}

impl Watch<'_> {
    /// Listens until it is over; the exit code.
    fn run(self, mut live: Live, options: &Options, stop: &AtomicBool) -> u8 {
        let watch = RefCell::new(self);
        let mut deliver = |output| {
            let mut watch = watch.borrow_mut();
            watch.take(output);
            watch.page.flow()
        };
        let mut pulse = |_| {
            let mut watch = watch.borrow_mut();
            watch.pulse();
            if watch.page.flow().is_break() {
                stop.store(true, Ordering::Relaxed);
            }
        };
        let summary = analyse(&mut live, options, &mut deliver, &mut pulse);
        live.close();
        watch.into_inner().finish(&live, &summary)
    }

    fn take(&mut self, output: Output) {
        let closed = match output {
            Output::Session(mut session) => {
                self.figures.session(&mut session);
                if self.checker.is_some() {
                    self.judge(Output::Session(session.clone()));
                }
                self.sessions.take(Output::Session(session))
            }
            Output::Message(message) => {
                let closed = self.sessions.of_message(&message);
                self.judge(Output::Message(message));
                closed
            }
            other => {
                self.judge(other);
                None
            }
        };
        if let Some((session, true)) = closed {
            self.page.session(&session);
        }
    }

    fn judge(&mut self, output: Output) {
        self.have_judged(|checker| checker.handle(output));
    }

    /// Shows something to the rule book, and what it finds.
    fn have_judged(&mut self, show: impl FnOnce(&mut Checker)) {
        let Some(checker) = &mut self.checker else {
            return;
        };
        if self.is_defect {
            return;
        }
        let handled = catch_unwind(AssertUnwindSafe(|| show(checker)));
        self.is_defect = handled.is_err();
        let news = checker.news(self.figures.lossy());
        self.page.findings(news);
    }

    fn pulse(&mut self) {
        self.page.rotate();
        self.figures.tell_links(&mut |words| complain(words));
        if let Some(time) = self.figures.quiet_before() {
            self.have_judged(|checker| checker.advance(time));
        }
        if self.figures.tick(self.checker.as_ref()) {
            self.figures.show(&mut self.page);
            self.remark_on_bounds();
        }
    }

    /// Tells of a bound of the rule book when it is first reached: from then on not everything is found.
    fn remark_on_bounds(&mut self) {
        let Some(checker) = self.checker.as_ref().filter(|_| !self.quiet) else {
            return;
        };
        let mut reached = checker.limits_reached();
        reached.retain(|name, _| self.bounds_told.insert(name));
        remark_on_bounds(&reached, &mut |words| complain(words));
    }

    fn finish(mut self, live: &Live, summary: &Summary) -> u8 {
        for (session, _) in self.sessions.rest().into_iter().filter(|(_, shown)| *shown) {
            self.page.session(&session);
        }
        let mut codes = Vec::new();
        if let Some(mut checker) = self.checker {
            let lossy = self.figures.lossy() || summary.tcp.gaps > 0;
            self.page.findings(checker.news(lossy));
            // What waited for an earlier session, or says that something never came.
            codes.extend(last_word(&mut checker, summary, self.is_defect));
            self.page.findings(checker.news(lossy));
            self.figures.count(&checker);
            if !self.quiet {
                remark_on_bounds(&checker.limits_reached(), &mut |words| complain(words));
            }
        }
        self.figures.tell_links(&mut |words| complain(words));
        self.figures.show(&mut self.page);
        self.figures.finish();
        codes.extend(self.page.finish());
        let mut tell = |words: &str| complain(words);
        codes.extend(remark(live, summary, self.quiet, &mut tell));
        exit::first_of(&codes)
    }
}

/// Has the rules say their last word, unless one has failed; the exit code that applies then.
pub(in crate::cli) fn last_word(
    checker: &mut Checker,
    summary: &Summary,
    is_defect: bool,
) -> Option<u8> {
    let mut ends = || catch_unwind(AssertUnwindSafe(|| checker.end(summary)));
    if !is_defect && ends().is_ok() {
        return None;
    }
    complain("the check is given up: what came later is not judged");
    Some(exit::DEFECT)
}

/// Tells why it ended, and what was not looked at; the exit codes that apply.
pub(in crate::cli) fn remark(
    live: &Live,
    summary: &Summary,
    quiet: bool,
    tell: &mut dyn FnMut(&str),
) -> Vec<u8> {
    let mut codes = Vec::new();
    if let Some(problem) = live.problem() {
        tell(&problem.to_string());
        codes.push(exit::FAILURE);
    } else if live.has_lost() {
        // That was said when it happened.
        codes.push(exit::FAILURE);
    }
    codes.extend(remark_on_analysis(summary, quiet, tell));
    codes
}

fn filter(arguments: &LiveArguments) -> Result<Option<Filter>, Trouble> {
    let filter = select::parse(
        arguments.filter.as_deref(),
        select::SESSIONS,
        &arguments.writing,
    )?;
    if filter.as_ref().is_some_and(Filter::needs_findings) {
        return Err(Trouble::Usage(
            "-Y cannot ask for findings here: a session is shown before everything is known of it"
                .to_owned(),
        ));
    }
    Ok(filter)
}

/// The interfaces there are.
fn list() -> Result<u8, Trouble> {
    let mut page = String::new();
    for interface in Interfaces::list().map_err(Trouble::Peer)? {
        let addresses: Vec<String> = interface
            .addresses
            .iter()
            .map(ToString::to_string)
            .collect();
        let state = if interface.up { "up" } else { "down" };
        let rest = [
            addresses.join(" "),
            interface.description.unwrap_or_default(),
        ];
        let rest: Vec<&str> = rest
            .iter()
            .map(String::as_str)
            .filter(|text| !text.is_empty())
            .collect();
        let line = format!("{:<16} {state:<5} {}", interface.name, rest.join("  "));
        page.push_str(escape::text(line.trim_end()).as_ref());
        page.push('\n');
    }
    let mut sink = super::output::Sink::stdout();
    let _ = sink.text(&page);
    sink.finish()?;
    Ok(exit::FINE)
}

fn listening(arguments: &LiveArguments) -> LiveOptions {
    LiveOptions {
        interfaces: arguments.interface.clone(),
        filter: arguments.capture_filter.clone(),
        snap_bytes: arguments.snap_length,
        buffer_bytes: arguments.buffer << 20,
        promiscuous: !arguments.no_promiscuous,
    }
}

pub(in crate::cli) fn checker(arguments: &LiveArguments) -> Result<Option<Checker>, Trouble> {
    if !arguments.check && !arguments.tui {
        return Ok(None);
    }
    let judging = &arguments.judging;
    let mut setting = models::setting(judging)?;
    setting.limits = arguments.reading.of_rules(setting.limits);
    // There may be no file that an excerpt could be looked up in.
    setting.limits.excerpts_max = 0;
    if !arguments.tui {
        // A finding is told when it is first met, and its later places never.
        setting.limits.occurrences_max = 1;
    }
    let selection = codes::selection(&judging.select, &judging.ignore)?;
    let masking = Masking {
        show_secrets: arguments.writing.show_secrets,
    };
    Ok(Some(Checker::new(setting, selection, masking)))
}

fn recording(live: Live, arguments: &LiveArguments) -> Result<Live, Trouble> {
    let Some(path) = &arguments.write else {
        return Ok(live);
    };
    let recorder = Recorder::create(
        path,
        arguments.rotation(),
        live.heard(),
        arguments.snap_length,
        arguments.capture_filter.clone(),
        now(),
    );
    let recorder = recorder.map_err(|source| Trouble::Output {
        path: path.display().to_string(),
        source,
    })?;
    Ok(live.recording(recorder.ending_after(arguments.recorded_bytes_max())))
}

/// The file that is written, where it is of a ring and will be removed one day, or is read by the screens.
fn recorded<'l>(arguments: &LiveArguments, live: &'l Live) -> Option<&'l Path> {
    live.recorded()
        .filter(|_| arguments.tui || !arguments.ring.is_empty())
}

fn now() -> Timestamp {
    Timestamp {
        nanoseconds: i64::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap_or_default(),
        digits: 9,
    }
}

fn trouble(error: LiveError) -> Trouble {
    match error {
        LiveError::Filter { .. } => Trouble::Usage(error.to_string()),
        other => Trouble::Peer(other.to_string()),
    }
}

/// What the program is told from outside.
struct Signals {
    stop: Arc<AtomicBool>,
    reopen: Arc<AtomicBool>,
}

impl Signals {
    /// SIGHUP begins a file anew, and where there is none the terminal has gone.
    fn heard(writes_file: bool) -> Result<Self, Trouble> {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        use signal_hook::flag;

        let signals = Self {
            stop: Arc::default(),
            reopen: Arc::default(),
        };
        let both = [SIGINT, SIGTERM].into_iter().map(|signal| {
            // Who asks twice does not want to wait.
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&signals.stop))?;
            flag::register(signal, Arc::clone(&signals.stop))
        });
        let hung = if writes_file {
            &signals.reopen
        } else {
            &signals.stop
        };
        let hung = flag::register(SIGHUP, Arc::clone(hung));
        let all = both.chain(std::iter::once(hung));
        all.collect::<Result<Vec<_>, _>>()
            .map_err(|error| Trouble::Peer(format!("signals cannot be heard: {error}")))?;
        Ok(signals)
    }
}
