//! `informant live`: the same analysis while it happens.

mod figures;
mod output;
mod privilege;

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use figures::Figures;
use output::Stream;

use super::arguments::{LiveArguments, LiveFormat};
use super::exit::{self, Trouble};
use super::output::complain;
use super::select::{self, Sessions};
use super::{codes, credentials, key_files, models, screen};
use crate::conformance::{Checked, Checker};
use crate::filter::Filter;
use crate::pipeline::{Gauges, Options, analyse};
use crate::report::{escape, json, text};
use crate::session::{Finding, Masking, Output, Session, Summary};
use crate::source::{Interfaces, Live, LiveError, LiveOptions, Recorder, Timestamp};

pub(super) fn run(arguments: &LiveArguments) -> Result<u8, Trouble> {
    if arguments.list {
        return list();
    }
    let filter = filter(arguments)?;
    let checker = checker(arguments)?;
    let credentials = credentials::read(
        arguments.reading.credentials.as_deref(),
        arguments.writing.quiet,
    )?;
    let keys = key_files::read(&arguments.reading.keys, true, arguments.writing.quiet)?;
    let live = Live::open(&listening(arguments)).map_err(trouble)?;
    let live = recording(live, arguments)?;
    let signals = Signals::heard(arguments.writing.output.is_some())?;
    let live = live.until(Arc::clone(&signals.stop), arguments.duration());
    let stream = Stream::open(&arguments.writing, Arc::clone(&signals.reopen))?;
    let gauges = Arc::new(Gauges::default());
    let watch = Watch {
        sessions: Sessions::new(filter.as_ref(), None),
        figures: Figures::new(arguments, live.traffic(), Arc::clone(&gauges))?,
        page: Page::new(arguments, stream),
        checker,
    };
    privilege::give_up(arguments)?;
    let options = Options {
        credentials,
        keys,
        gauges: Some(gauges),
        ..watch.options(arguments)
    };
    Ok(watch.run(live, &options, &signals.stop))
}

/// Who takes in what comes.
struct Watch<'a> {
    sessions: Sessions<'a>,
    figures: Figures,
    page: Page<'a>,
    checker: Option<Checker>,
}

impl Watch<'_> {
    /// What is to be delivered.
    fn options(&self, arguments: &LiveArguments) -> Options {
        let checks = self.checker.is_some();
        let options = Options {
            messages: checks || self.sessions.needs_messages(),
            in_order: false,
            raw_bodies: false,
            datagrams: checks,
            ..arguments.reading.options(false)
        };
        if checks { options.learning() } else { options }
    }

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
            Output::Session(session) => {
                self.figures.session(&session);
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
        let Some(checker) = &mut self.checker else {
            return;
        };
        checker.handle(output);
        let news = checker.news(self.figures.lossy());
        self.page.findings(news);
    }

    fn pulse(&mut self) {
        self.figures.tick(self.checker.as_ref(), &mut self.page);
    }

    fn finish(mut self, live: &Live, summary: &Summary) -> u8 {
        for (session, _) in self.sessions.rest().into_iter().filter(|(_, shown)| *shown) {
            self.page.session(&session);
        }
        if let Some(checker) = self.checker {
            self.figures.count(&checker);
            self.page.rest(checker, summary);
        }
        self.figures.finish(summary, &mut self.page);
        let mut codes = Vec::from_iter(self.page.finish());
        if let Some(problem) = live.problem() {
            complain(&problem.to_string());
            codes.push(exit::FAILURE);
        }
        if summary.defects > 0 {
            complain(&format!(
                "{} flows were given up because of a defect of informant",
                summary.defects
            ));
            codes.push(exit::DEFECT);
        }
        exit::first_of(&codes)
    }
}

fn filter(arguments: &LiveArguments) -> Result<Option<Filter>, Trouble> {
    if arguments.recorded_bytes_max().is_some() && arguments.write.is_none() {
        return Err(Trouble::Usage(
            "-a filesize: is of what -w records".to_owned(),
        ));
    }
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

fn checker(arguments: &LiveArguments) -> Result<Option<Checker>, Trouble> {
    if !arguments.check {
        return Ok(None);
    }
    let judging = &arguments.judging;
    let mut setting = models::setting(judging)?;
    // There may be no file that an excerpt could be looked up in.
    setting.limits.excerpts_max = 0;
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

/// What is shown.
pub(in crate::cli) struct Page<'a> {
    arguments: &'a LiveArguments,
    stream: Stream,
    table: text::SessionTable,
    setting: json::Setting,
    headed: bool,
}

impl<'a> Page<'a> {
    fn new(arguments: &'a LiveArguments, stream: Stream) -> Self {
        Self {
            arguments,
            stream,
            table: text::SessionTable::as_they_come(screen::look(&arguments.writing)),
            setting: json::Setting {
                several_files: !arguments.ring.is_empty(),
                masking: Masking {
                    show_secrets: arguments.writing.show_secrets,
                },
            },
            headed: false,
        }
    }

    /// Whether anybody still reads.
    fn flow(&self) -> ControlFlow<()> {
        self.stream.flow()
    }

    fn session(&mut self, session: &Session) {
        if self.arguments.format == LiveFormat::Ndjson {
            let record = json::SessionRecord::new(session, self.setting);
            return self.stream.write(&json::line(&record));
        }
        let mut rows = String::new();
        if !std::mem::replace(&mut self.headed, true) {
            self.table.heading(&mut rows);
        }
        self.table.push(session, &mut rows);
        self.stream.write(&rows);
    }

    fn findings(&mut self, findings: Vec<Finding>) {
        if findings.is_empty() {
            return;
        }
        if self.arguments.format == LiveFormat::Ndjson {
            for finding in &findings {
                let record = json::FindingRecord::new(finding, self.setting, &[]);
                self.stream.write(&json::line(&record));
            }
            return;
        }
        let checked = Checked {
            findings,
            ..Checked::default()
        };
        let page = text::Check {
            checked: &checked,
            summary: &Summary::default(),
            paths: &[],
            accepted: 0,
            look: screen::look(&self.arguments.writing),
        };
        self.stream.write(&page.found());
    }

    /// A line of JSON, where that is the form.
    fn record(&mut self, record: &impl serde::Serialize) {
        if self.arguments.format == LiveFormat::Ndjson {
            self.stream.write(&json::line(record));
        }
    }

    /// What only the end shows.
    fn rest(&mut self, mut checker: Checker, summary: &Summary) {
        let news = checker.news(summary.tcp.gaps > 0);
        self.findings(news);
        let checked = checker.finish(summary);
        for (name, times) in &checked.limits_reached {
            complain(&format!(
                "the bound {name} was reached {times} times: docs/output.md says what that costs"
            ));
        }
        // What waited for an earlier session, or says that something never came.
        self.findings(checked.findings);
    }

    fn finish(self) -> Option<u8> {
        self.stream.finish()
    }
}

/// From one look at the clock to the next.
const PERIOD: Duration = Duration::from_secs(5);

/// Whether so much time has passed; then it begins anew.
fn is_due(since: &mut Instant, period: Duration) -> bool {
    let due = since.elapsed() >= period;
    if due {
        *since = Instant::now();
    }
    due
}
