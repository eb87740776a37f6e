//! The first screen: what is in the capture, how its sessions ended, and what to look at next.

mod counts;
mod network;

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::check::{severity_ink, verdict};
use super::figures::{bytes, counted, grouped};
use super::heading::outcome_ink_of;
use super::list::SessionTable;
use super::next::{self, MARGIN, arguments, unmet};
use crate::conformance::Counts;
use crate::report::columns::{Cell, Cells, Column, Columns};
use crate::report::escape;
use crate::report::moment;
use crate::report::paint::{Ink, Line, Look, flowed, wrapped};
use crate::session::{Device, Finding, Masking, Outcome, Session, Summary};
use crate::source::{FileFacts, FileFormat};

/// The first screen of a capture, read from these inputs.
#[must_use]
pub fn summary(
    summary: &Summary,
    paths: &[PathBuf],
    found: Option<&Found<'_>>,
    masking: Masking,
    look: Look,
) -> String {
    let mut screen = Screen {
        summary,
        paths,
        found,
        masking,
        look,
        out: String::new(),
    };
    screen.files();
    screen.network();
    screen.whole_input();
    screen.devices();
    screen.sessions();
    screen.verdict();
    screen.next();
    screen.out
}

/// What the rule book found.
#[derive(Debug, Default)]
pub struct Found<'a> {
    /// Everything that concerns what is shown.
    pub findings: Vec<&'a Finding>,
    /// How much concerns the sessions of the table.
    pub by_session: BTreeMap<u32, Counts>,
}

/// The screen as it is written from top to bottom.
struct Screen<'a> {
    summary: &'a Summary,
    paths: &'a [PathBuf],
    found: Option<&'a Found<'a>>,
    masking: Masking,
    look: Look,
    out: String,
}

impl Screen<'_> {
    fn files(&mut self) {
        for (at, file) in self.summary.files.iter().enumerate().take(FILES_MAX) {
            let mut line = Line::new();
            line.push(Ink::Bold, name_of(file, self.paths.get(at)));
            if file.truncated {
                line.push(Ink::Fault, "  cut short or damaged");
            }
            self.line(line);
            let compression = file
                .compression
                .map_or_else(String::new, |compression| format!(" in {compression}"));
            let format = file.format.map_or("not read", |format| format.name());
            let links: Vec<_> = file
                .link_types
                .iter()
                .map(|link_type| link_type.name())
                .collect();
            let mut facts = vec![format!("{format}{compression}")];
            facts.extend((!links.is_empty()).then(|| links.join(" + ")));
            facts.push(if is_transcript(file) {
                counted(file.frames, "block", "blocks")
            } else {
                counted(file.frames, "frame", "frames")
            });
            facts.push(bytes(file.bytes));
            if let (Some(first), Some(last)) = (file.first, file.last) {
                facts.push(moment::duration(last.milliseconds_since(first)));
            }
            facts.extend(
                (file.frames_cut > 0)
                    .then(|| format!("{} cut by the snap length", grouped(file.frames_cut))),
            );
            self.facts(&facts);
            self.span(file);
        }
        if let Some(more) = self
            .summary
            .files
            .len()
            .checked_sub(FILES_MAX)
            .filter(|&more| more > 0)
        {
            self.facts(&[format!("and {more} more files")]);
        }
    }

    fn span(&mut self, file: &FileFacts) {
        let (Some(first), Some(last)) = (file.first, file.last) else {
            return;
        };
        let end = if moment::date(first) == moment::date(last) {
            moment::clock(last, 3)
        } else {
            moment::date_and_clock(last, 3)
        };
        let drops = match file.dropped {
            None if is_transcript(file) => "a transcript holds no packets".to_owned(),
            Some(0) => "no packet dropped".to_owned(),
            Some(dropped) => format!("{} dropped", counted(dropped, "packet", "packets")),
            None => "drops not recorded".to_owned(),
        };
        let ink = if file.dropped.unwrap_or(0) > 0 {
            Ink::Warning
        } else {
            Ink::Plain
        };
        self.inked(&[
            (
                Ink::Plain,
                format!("{} to {end} UTC", moment::date_and_clock(first, 3)),
            ),
            (ink, drops),
        ]);
    }

    fn devices(&mut self) {
        let devices = &self.summary.devices;
        if devices.is_empty() {
            return;
        }
        self.title(&counted(devices.len() as u64, "device", "devices"));
        let rows: Vec<Vec<Cell>> = devices.iter().take(DEVICES_MAX).map(device_row).collect();
        let look = self.look;
        let columns = Columns::fitting(&DEVICE_COLUMNS, &rows, INDENT, look);
        self.cut(columns.heading());
        rows.iter().for_each(|row| self.cut(columns.row(row)));
        self.more(devices.len(), DEVICES_MAX, "devices");
        let mut urls: Vec<&str> = Vec::new();
        for url in devices.iter().flat_map(|device| &device.acs_urls) {
            if !urls.contains(&url.as_str()) && urls.len() < ACS_MAX {
                urls.push(url);
            }
        }
        for url in urls {
            let mut line = Line::new();
            line.push(Ink::Dim, "ACS ")
                .push(Ink::Acs, escape::text(&self.masking.text(url)).into_owned());
            self.cut(line);
        }
    }

    fn sessions(&mut self) {
        let (cwmp, look) = (&self.summary.cwmp, self.look);
        let nothing = match self.summary.sessions_all {
            Some(_) => cwmp.sessions == 0,
            None => self.summary.http_requests + self.summary.http_responses == 0,
        };
        if nothing {
            return;
        }
        self.title(&match self.summary.sessions_all {
            Some(all) => format!(
                "{} of {}",
                grouped(cwmp.sessions),
                counted(all, "session", "sessions")
            ),
            None => counted(cwmp.sessions, "session", "sessions"),
        });
        self.facts(&self.counts());
        self.methods();
        if self.summary.sessions.is_empty() {
            return;
        }
        let mut table = SessionTable::new(look, INDENT);
        for session in &self.summary.sessions {
            let counts = self
                .found
                .map(|found| found.by_session.get(&session.number));
            table.push_checked(session, counts.flatten().copied(), &mut self.out);
        }
        table.finish(&mut self.out);
        let shown = self.summary.sessions.len() as u64;
        if cwmp.sessions > shown {
            let more = grouped(cwmp.sessions - shown);
            let same = self.summary.sessions_all.map_or("", |_| ", with this -Y");
            self.facts(&[format!("and {more} more: informant list{same}")]);
        }
    }

    /// What was called, most often first; the answers follow from it.
    fn methods(&mut self) {
        let messages = &self.summary.cwmp.messages;
        let mut methods: Vec<_> = messages
            .iter()
            .filter(|(name, _)| !name.ends_with("Response"))
            .collect();
        methods.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let times = self.look.times();
        let named = |(name, count): &(&String, &u64)| {
            let ink = if *name == "Fault" {
                Ink::Fault
            } else {
                Ink::Plain
            };
            (
                ink,
                format!("{} {times}{}", escape::text(name), grouped(**count)),
            )
        };
        let mut facts: Vec<_> = methods.iter().take(METHODS_MAX).map(named).collect();
        if methods.len() > METHODS_MAX {
            facts.push((
                Ink::Dim,
                format!("and {} more", methods.len() - METHODS_MAX),
            ));
        }
        if !facts.is_empty() {
            self.inked(&facts);
        }
    }

    fn verdict(&mut self) {
        let mut line = Line::new();
        line.push(Ink::Bold, "verdict").push(Ink::Plain, "  ");
        let order = [
            Outcome::Complete,
            Outcome::Faulted,
            Outcome::Rejected,
            Outcome::Aborted,
            Outcome::Incomplete,
        ];
        let mut first = true;
        for name in order.map(Outcome::name) {
            let Some(number) = self
                .summary
                .outcomes
                .get(name)
                .filter(|&&number| number > 0)
            else {
                continue;
            };
            line.push(Ink::Plain, if first { "" } else { ", " })
                .push(outcome_ink_of(name), format!("{} {name}", grouped(*number)));
            first = false;
        }
        if first {
            line.push(Ink::Plain, self.verdict_on_none());
        }
        let times = self.look.times();
        let fault = |(code, number): (&String, &u64)| match number {
            1 => escape::text(code).into_owned(),
            _ => format!("{} {times}{}", escape::text(code), grouped(*number)),
        };
        let faults: Vec<String> = self
            .summary
            .cwmp
            .faults
            .iter()
            .take(FAULTS_MAX)
            .map(fault)
            .collect();
        let mut parts = vec![line];
        if !faults.is_empty() {
            parts.push(Line::of(
                Ink::Fault,
                format!("faults {}", faults.join(", ")),
            ));
        }
        self.out.push('\n');
        let lines = flowed(parts, 0, self.look);
        for (at, line) in lines.into_iter().enumerate() {
            let mut whole = Line::new();
            whole.pad_to(if at == 0 { 0 } else { MARGIN }).append(line);
            self.line(whole.cut_to(self.look.width, self.look));
        }
        let is_empty = |found: &&Found<'_>| found.findings.is_empty();
        let sessions = self.summary.cwmp.sessions;
        if let Some(found) = self.found.filter(|found| sessions > 0 || !is_empty(found)) {
            self.found(found);
        }
        for fact in unmet(self.summary, self.paths) {
            for part in wrapped(&fact, self.look.width.saturating_sub(MARGIN)) {
                let mut line = Line::new();
                line.pad_to(MARGIN).push(Ink::Warning, part);
                self.line(line);
            }
        }
    }

    fn found(&mut self, found: &Found<'_>) {
        let findings = found.findings.iter().copied();
        let worst = findings.clone().map(|finding| finding.severity).max();
        let ink = match worst {
            Some(severity) => severity_ink(severity),
            None => Ink::Good,
        };
        for part in wrapped(&verdict(findings), self.look.width.saturating_sub(MARGIN)) {
            let mut line = Line::new();
            line.pad_to(MARGIN).push(ink, part);
            self.line(line);
        }
    }

    /// Commands that go on from here, with the file and a session worth a look.
    fn next(&mut self) {
        if self.summary.cwmp.sessions == 0 {
            return;
        }
        let (one, many) = arguments(self.paths, self.summary);
        let mut commands = Vec::new();
        if let Some(session) = interesting(&self.summary.sessions) {
            let why = match session.outcome {
                Outcome::Complete => "ladder of a session",
                Outcome::Faulted => "ladder of a faulted session",
                Outcome::Rejected => "ladder of a rejected session",
                Outcome::Aborted => "ladder of an aborted session",
                Outcome::Incomplete => "ladder of an incomplete one",
            };
            commands.push((format!("informant flow {one} {}", session.number), why));
            commands.push((
                format!("informant show {one} {}", session.number),
                "its messages, decoded",
            ));
        }
        if self.found.is_none_or(|found| !found.findings.is_empty()) {
            commands.push((format!("informant check {many}"), "what breaks the rules"));
        }
        commands.push((format!("informant list {many}"), "all sessions"));
        commands.push((
            format!("informant messages {many} -T ndjson"),
            "every message, for scripts",
        ));
        self.out.push('\n');
        next::write(&commands, self.look, &mut self.out);
    }

    fn title(&mut self, text: &str) {
        self.out.push('\n');
        let mut line = Line::new();
        line.push(Ink::Bold, text);
        self.line(line);
    }

    fn more(&mut self, all: usize, shown: usize, what: &str) {
        if all > shown {
            self.facts(&[format!("and {} more {what}", grouped((all - shown) as u64))]);
        }
    }

    fn facts(&mut self, facts: &[String]) {
        let inked: Vec<(Ink, String)> = facts
            .iter()
            .map(|fact| (Ink::Plain, fact.clone()))
            .collect();
        self.inked(&inked);
    }

    fn inked(&mut self, facts: &[(Ink, String)]) {
        let facts = facts
            .iter()
            .map(|(ink, fact)| Line::of(*ink, fact.as_str()));
        for line in flowed(facts, INDENT, self.look) {
            self.line(line);
        }
    }

    /// What comes from the wire is no wider than the screen.
    fn cut(&mut self, line: Line) {
        let mut indented = Line::new();
        indented.pad_to(INDENT).append(line);
        self.line(indented.cut_to(self.look.width, self.look));
    }

    /// Commands may be longer than the screen: they are there to be copied whole.
    fn line(&mut self, line: Line) {
        line.write(self.look, &mut self.out);
    }
}

fn is_transcript(file: &FileFacts) -> bool {
    file.format == Some(FileFormat::Transcript)
}

fn name_of(file: &FileFacts, path: Option<&PathBuf>) -> String {
    let bytes = path.map_or(file.path.as_bytes(), |path| {
        path.as_os_str().as_encoded_bytes()
    });
    match bytes {
        b"-" => "standard input".to_owned(),
        bytes => escape::bytes(bytes).into_owned(),
    }
}

fn device_row(device: &Device) -> Vec<Cell> {
    let product: Vec<&str> = [&device.manufacturer, &device.product_class]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let addresses: Vec<String> = device.addresses.iter().map(ToString::to_string).collect();
    vec![
        (Ink::Cpe, escape::text(&device.device).into_owned()),
        (Ink::Plain, escape::text(&product.join(" ")).into_owned()),
        (
            Ink::Plain,
            device
                .software_version
                .as_deref()
                .map(escape::text)
                .unwrap_or_default()
                .into_owned(),
        ),
        (Ink::Plain, addresses.join(", ")),
        (Ink::Plain, device.sessions.to_string()),
    ]
}

/// The session to look at first: one that went wrong, else the one that did most.
fn interesting(sessions: &[Session]) -> Option<&Session> {
    let order = [
        Outcome::Faulted,
        Outcome::Rejected,
        Outcome::Aborted,
        Outcome::Incomplete,
    ];
    order
        .iter()
        .find_map(|&outcome| sessions.iter().find(|session| session.outcome == outcome))
        .or_else(|| {
            sessions
                .iter()
                .rev()
                .max_by_key(|session| session.rpcs.len())
        })
}

const DEVICE_COLUMNS: [Column; 5] = [
    Column::giving("device", Cells::Identifier, 1, 20, 12),
    Column::giving("product", Cells::Text, 4, 14, 8),
    Column::giving("software", Cells::Text, 2, 14, 8),
    Column::giving("address", Cells::Text, 3, 15, 9),
    Column::fixed("sessions", Cells::Number),
];

const INDENT: usize = 2;
const FILES_MAX: usize = 4;
const DEVICES_MAX: usize = 8;
const ACS_MAX: usize = 4;
const FAULTS_MAX: usize = 8;
const METHODS_MAX: usize = 12;
