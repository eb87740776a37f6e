//! What went on, in figures: a line now and then, a record, a file for Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::links::{self, Links};
use super::page::Page;
use crate::cli::arguments::LiveArguments;
use crate::cli::exit::Trouble;
use crate::cli::output::complain;
use crate::conformance::Checker;
use crate::pipeline::Gauges;
use crate::report::moment::date_and_clock;
#[cfg(feature = "tui")]
use crate::report::text::counted;
use crate::session::{Session, Severity};
use crate::source::{LinkState, Timestamp, Traffic};

/// Counts of the whole run.
pub(in crate::cli) struct Figures {
    traffic: Arc<Traffic>,
    gauges: Arc<Gauges>,
    metrics: Option<PathBuf>,
    quiet: bool,
    period: Option<Duration>,
    shown: Instant,
    written: Instant,
    sessions: BTreeMap<&'static str, u64>,
    rpcs: u64,
    faults: BTreeMap<String, u64>,
    findings: BTreeMap<(&'static str, Severity), u64>,
    /// Sessions have gaps.
    has_gaps: bool,
    /// It was said that the file cannot be written.
    complained: bool,
    links: Links,
}

/// The same, as a line of JSON.
#[derive(Serialize)]
struct Record<'f> {
    record: &'static str,
    time: String,
    packets: u64,
    bytes: u64,
    dropped: u64,
    dropped_by_interface: u64,
    open_flows: u64,
    sessions: u64,
    outcomes: &'f BTreeMap<&'static str, u64>,
    rpcs: u64,
    faults: &'f BTreeMap<String, u64>,
    findings: BTreeMap<&'static str, u64>,
    memory_bytes: Option<u64>,
}

impl Figures {
    pub(in crate::cli) fn new(
        arguments: &LiveArguments,
        traffic: Arc<Traffic>,
        gauges: Arc<Gauges>,
    ) -> Result<Self, Trouble> {
        let figures = Self {
            traffic,
            gauges,
            metrics: arguments.metrics.clone(),
            quiet: arguments.writing.quiet,
            period: (arguments.statistics > 0).then(|| Duration::from_secs(arguments.statistics)),
            shown: Instant::now(),
            written: Instant::now(),
            sessions: BTreeMap::new(),
            rpcs: 0,
            faults: BTreeMap::new(),
            findings: BTreeMap::new(),
            has_gaps: false,
            complained: false,
            links: Links::default(),
        };
        if let Some(path) = &figures.metrics {
            // What cannot be written is told before anything is heard.
            figures.write(path).map_err(|source| Trouble::Output {
                path: path.display().to_string(),
                source,
            })?;
        }
        Ok(figures)
    }

    /// A session has closed: it is told what was dropped while it was open, and counted.
    pub(in crate::cli) fn session(&mut self, session: &mut Session) {
        session.note_dropped(self.dropped_during(session));
        self.has_gaps |= session.gaps > 0;
        *self.sessions.entry(session.outcome.name()).or_default() += 1;
        self.rpcs += session.rpcs.len() as u64;
        for code in session
            .rpcs
            .iter()
            .filter_map(|rpc| rpc.fault_code.as_ref())
        {
            let known = self.faults.len() < FAULT_CODES_MAX || self.faults.contains_key(code);
            let code = if known { code.as_str() } else { "other" };
            *self.faults.entry(code.to_owned()).or_default() += 1;
        }
    }

    /// Nothing has come for a while: what ended before this time is whole.
    pub(in crate::cli) fn quiet_before(&self) -> Option<Timestamp> {
        self.traffic.quiet_before()
    }

    /// Packets were lost on the way here.
    pub(in crate::cli) fn lossy(&self) -> bool {
        self.has_gaps || self.traffic.dropped.load(Ordering::Relaxed) > 0
    }

    /// Packets that were dropped while a session was open: from when its connection may have begun to its end, or until now
    /// where it may have gone on without being heard.
    fn dropped_during(&self, session: &Session) -> u64 {
        let from = Timestamp {
            nanoseconds: session.start.nanoseconds.saturating_sub(CONNECTING_NS),
            ..session.start
        };
        let until = Timestamp {
            nanoseconds: i64::MAX,
            ..session.end
        };
        let ended = session.has_ended_well();
        self.traffic
            .dropped_within(from, if ended { session.end } else { until })
    }

    /// Time may have passed; whether it is time to show them.
    pub(in crate::cli) fn tick(&mut self, checker: Option<&Checker>) -> bool {
        let shows = self
            .period
            .is_some_and(|period| is_due(&mut self.shown, period));
        let writes = self.metrics.is_some() && is_due(&mut self.written, PERIOD);
        if let (true, Some(checker)) = (shows || writes, checker) {
            self.count(checker);
        }
        if writes {
            self.keep();
        }
        shows
    }

    /// How often each rule was broken.
    pub(in crate::cli) fn count(&mut self, checker: &Checker) {
        self.findings = checker.counts();
    }

    /// The last word.
    pub(in crate::cli) fn finish(&mut self) {
        if self.metrics.is_some() {
            self.keep();
        }
    }

    pub(super) fn show(&self, page: &mut Page<'_>) {
        page.record(&self.record());
        if !self.quiet {
            let mut line = self.line();
            let links = self.links();
            if !links.is_empty() {
                let _ = write!(line, "; {links}");
            }
            complain(&line);
        }
    }

    /// Tells of interfaces that went down, came back or vanished since this was last asked, and when.
    pub(in crate::cli) fn tell_links(&mut self, tell: &mut dyn FnMut(&str)) {
        let told = self.links.changes(&self.traffic.links(), self.quiet);
        for words in told {
            tell(&format!("{words}, {} UTC", date_and_clock(super::now(), 0)));
        }
    }

    /// Interfaces that are not up now, in words that are safe to print.
    pub(in crate::cli) fn links(&self) -> String {
        links::words(&self.traffic.links())
    }

    /// In words.
    pub(in crate::cli) fn line(&self) -> String {
        let [packets, bytes, dropped, by_interface] = self.counters();
        let sessions: u64 = self.sessions.values().sum();
        let faults: u64 = self.faults.values().sum();
        let mut line = format!("{packets} packets, {bytes} bytes, {dropped} dropped by the kernel");
        if by_interface > 0 {
            let _ = write!(line, ", {by_interface} by the interface");
        }
        let _ = write!(
            line,
            "; {}, {}, {}",
            numbered(sessions, "session"),
            numbered(self.rpcs, "RPC"),
            numbered(faults, "fault")
        );
        if let Some(memory) = memory_bytes() {
            let _ = write!(line, "; {} MiB", memory >> 20);
        }
        line
    }

    /// The same for a row of a terminal that says elsewhere how many sessions there are: what was lost comes first.
    #[cfg(feature = "tui")]
    pub(in crate::cli) fn short_line(&self) -> String {
        let [packets, _, dropped, by_interface] = self.counters();
        let faults: u64 = self.faults.values().sum();
        let mut line = format!(
            "{}, {} dropped; {}, {}",
            counted(packets, "packet", "packets"),
            dropped + by_interface,
            counted(self.rpcs, "RPC", "RPCs"),
            counted(faults, "fault", "faults")
        );
        if let Some(memory) = memory_bytes() {
            let _ = write!(line, "; {} MiB", memory >> 20);
        }
        line
    }

    fn counters(&self) -> [u64; 4] {
        [
            &self.traffic.packets,
            &self.traffic.bytes,
            &self.traffic.dropped,
            &self.traffic.dropped_by_interface,
        ]
        .map(|counter| counter.load(Ordering::Relaxed))
    }

    fn record(&self) -> Record<'_> {
        let [packets, bytes, dropped, dropped_by_interface] = self.counters();
        let mut findings = BTreeMap::new();
        for ((_, severity), count) in &self.findings {
            *findings.entry(severity.name()).or_default() += count;
        }
        Record {
            record: "statistics",
            time: jiff::Timestamp::now().to_string(),
            packets,
            bytes,
            dropped,
            dropped_by_interface,
            open_flows: self.gauges.flows(),
            sessions: self.sessions.values().sum(),
            outcomes: &self.sessions,
            rpcs: self.rpcs,
            faults: &self.faults,
            findings,
            memory_bytes: memory_bytes(),
        }
    }

    /// Writes the file; that it cannot be written is said once.
    fn keep(&mut self) {
        let Some(path) = &self.metrics else {
            return;
        };
        match self.write(path) {
            Ok(()) => self.complained = false,
            Err(_) if self.complained => {}
            Err(error) => {
                complain(&format!("{}: cannot be written: {error}", path.display()));
                self.complained = true;
            }
        }
    }

    /// A reader finds either the file of before or this one.
    fn write(&self, path: &Path) -> std::io::Result<()> {
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        let written = std::fs::write(&partial, self.exposition())
            .and_then(|()| std::fs::rename(&partial, path));
        if written.is_err() {
            // Nothing is left behind where there may be no room.
            let _ = std::fs::remove_file(&partial);
        }
        written
    }

    /// The text form of Prometheus, version 0.0.4.
    fn exposition(&self) -> String {
        let [packets, bytes, dropped, by_interface] = self.counters();
        let mut text = String::new();
        for (name, help, value) in [
            ("packets", "Packets read.", packets),
            ("bytes", "Their bytes as captured.", bytes),
            (
                "kernel_dropped",
                "Packets the kernel had no room for.",
                dropped,
            ),
            (
                "interface_dropped",
                "Packets an interface dropped.",
                by_interface,
            ),
            ("rpcs", "RPCs of closed sessions.", self.rpcs),
        ] {
            counter(&mut text, name, help, [(String::new(), value)]);
        }
        let held = [
            (
                "open_flows",
                "TCP connections that are held: those followed, and those that ended, until they have been silent for long enough.",
                Some(self.gauges.flows()),
            ),
            ("memory_bytes", "Resident memory.", memory_bytes()),
        ];
        for (name, help, value) in held {
            let value = value.map(|value| (String::new(), value));
            family(&mut text, name, "gauge", help, value);
        }
        let links = self.traffic.links().into_iter();
        let links = links.filter(|(_, state)| *state != LinkState::Unknown);
        let links = links.map(|(name, state)| {
            let label = format!("{{interface=\"{}\"}}", name.escape_default());
            (label, u64::from(state == LinkState::Up))
        });
        let help = "Whether an interface is up.";
        family(&mut text, "interface_up", "gauge", help, links);
        let sessions = self.sessions.iter();
        let sessions =
            sessions.map(|(outcome, count)| (format!("{{outcome=\"{outcome}\"}}"), *count));
        counter(&mut text, "sessions", "Closed sessions.", sessions);
        let faults = self.faults.iter().map(|(code, count)| {
            // The code is the wire's.
            (format!("{{code=\"{}\"}}", code.escape_default()), *count)
        });
        counter(&mut text, "faults", "RPCs answered by a Fault.", faults);
        let findings = self.findings.iter().map(|((code, severity), count)| {
            let severity = severity.name();
            (
                format!("{{rule=\"{code}\",severity=\"{severity}\"}}"),
                *count,
            )
        });
        counter(&mut text, "findings", "Breaches of rules.", findings);
        text
    }
}

fn counter(
    text: &mut String,
    name: &str,
    help: &str,
    values: impl IntoIterator<Item = (String, u64)>,
) {
    family(text, &format!("{name}_total"), "counter", help, values);
}

/// One metric with its values; none where there are none.
fn family(
    text: &mut String,
    name: &str,
    kind: &str,
    help: &str,
    values: impl IntoIterator<Item = (String, u64)>,
) {
    let mut values = values.into_iter().peekable();
    if values.peek().is_none() {
        return;
    }
    let _ = writeln!(
        text,
        "# HELP informant_{name} {help}\n# TYPE informant_{name} {kind}"
    );
    for (labels, value) in values {
        let _ = writeln!(text, "informant_{name}{labels} {value}");
    }
}

/// Whether so much time has passed; then it begins anew.
fn is_due(since: &mut Instant, period: Duration) -> bool {
    let due = since.elapsed() >= period;
    if due {
        *since = Instant::now();
    }
    due
}

/// `1 fault`, `1234 faults`: without marks between the digits, which scripts would stumble over.
fn numbered(number: u64, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}

/// Resident memory, where the system tells it (proc(5)).
fn memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes << 10)
}

/// From one writing of the file to the next.
const PERIOD: Duration = Duration::from_secs(5);
/// A connection stands no longer before its first message, mostly.
const CONNECTING_NS: i64 = 1_000_000_000;
/// Codes come from the wire: the rest is counted as `other`.
const FAULT_CODES_MAX: usize = 64;
