//! The page of `informant check`: findings by device and side, each with the place it points at, and a verdict.

mod block;
pub(super) mod excerpt;
mod verdict;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use super::figures::{counted, grouped};
use super::next::{self, MARGIN, arguments, unmet};
use crate::conformance::{Checked, Counts};
use crate::report::escape;
use crate::report::paint::{Ink, Line, Look, wrapped};
use crate::session::{Blame, Finding, Severity, Summary};
use crate::source::FrameId;
use block::{Block, OfRules};

pub use verdict::{told, verdict};

/// What the page is made of.
#[derive(Debug, Clone, Copy)]
pub struct Check<'a> {
    /// What was found.
    pub checked: &'a Checked,
    /// What was read.
    pub summary: &'a Summary,
    /// From where.
    pub paths: &'a [PathBuf],
    /// Findings that a baseline accepts.
    pub accepted: u64,
    /// What the screen can show.
    pub look: Look,
}

impl Check<'_> {
    /// The page.
    #[must_use]
    pub fn page(&self) -> String {
        let mut page = Vec::new();
        // Writing to memory cannot fail, and what is written is text.
        let _ = self.write(&mut page);
        String::from_utf8(page).unwrap_or_default()
    }

    /// Writes the page, one side of one device after the other.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write(&self, writer: &mut dyn Write) -> io::Result<()> {
        let findings = &self.checked.findings;
        let mut rules = OfRules::default();
        let mut out = String::new();
        for group in findings.chunk_by(|one, other| owner(one) == owner(other)) {
            out.clear();
            self.group(group, &mut rules, &mut out);
            writer.write_all(out.as_bytes())?;
        }
        out.clear();
        self.verdicts(&mut out);
        for fact in unmet(self.summary, self.paths) {
            self.fact(&fact, &mut out);
        }
        self.bounds(&mut out);
        self.next(&mut out);
        writer.write_all(out.as_bytes())
    }

    /// The findings alone, without a verdict on what was read.
    #[must_use]
    pub fn found(&self) -> String {
        let mut rules = OfRules::default();
        let mut out = String::new();
        let findings = &self.checked.findings;
        for group in findings.chunk_by(|one, other| owner(one) == owner(other)) {
            self.group(group, &mut rules, &mut out);
        }
        out
    }

    /// What one side of one device did.
    fn group(&self, findings: &[Finding], rules: &mut OfRules, out: &mut String) {
        let Some(first) = findings.first() else {
            return;
        };
        self.owner(first, Counts::of(findings))
            .write(self.look, out);
        out.push('\n');
        // The same breach in several RPCs or at several paths is told once.
        let mut places: BTreeMap<(&str, Severity), usize> = BTreeMap::new();
        let mut told: Vec<(&Finding, Vec<&Finding>)> = Vec::new();
        for finding in findings {
            let place = *places
                .entry((finding.code, finding.severity))
                .or_insert(told.len());
            match told.get_mut(place) {
                Some((_, further)) => further.push(finding),
                None => told.push((finding, Vec::new())),
            }
        }
        for (first, further) in told {
            let block = Block {
                first,
                further,
                files: &self.summary.files,
                several_files: self.paths.len() > 1,
                look: self.look,
            };
            block.write(rules, out);
            out.push('\n');
        }
    }

    fn owner(&self, finding: &Finding, counts: Counts) -> Line {
        let ink = match finding.blame {
            Blame::Acs => Ink::Acs,
            Blame::Cpe => Ink::Cpe,
            _ => Ink::Bold,
        };
        let mut line = Line::of(ink, finding.blame.words());
        line.push(Ink::Plain, "  ");
        let (with, device) = match &finding.device {
            Some(device) => ("", escape::text(device)),
            None => ("", "no device known".into()),
        };
        let with = if finding.blame == Blame::Cpe {
            with
        } else {
            "with "
        };
        line.push(Ink::Plain, with).push(Ink::Bold, device);
        let count = told(counts);
        let line = line.cut_to(self.look.width.saturating_sub(count.len() + 2), self.look);
        let mut whole = line;
        whole
            .pad_to(self.look.width.saturating_sub(count.len()))
            .push(severity_ink(worst(counts)), count);
        whole
    }

    fn verdicts(&self, out: &mut String) {
        let findings = &self.checked.findings;
        let mut lines = Vec::new();
        let devices = findings.chunk_by(|one, other| one.device == other.device);
        let devices: Vec<&[Finding]> = devices.collect();
        for group in devices.iter().take(DEVICES_MAX) {
            let device = group.first().and_then(|finding| finding.device.as_deref());
            lines.push((
                device.map_or("no device known".into(), escape::text),
                verdict(*group),
            ));
        }
        let omitted = devices.len().saturating_sub(DEVICES_MAX);
        if omitted > 0 {
            lines.push((
                format!("and {} more", grouped(omitted as u64)).into(),
                String::new(),
            ));
        }
        if devices.len() > 1 || devices.is_empty() {
            lines.push((self.looked_at().into(), verdict(findings)));
        }
        let widest = lines
            .iter()
            .map(|(who, _)| Line::of(Ink::Plain, who.as_ref()).width());
        let column = MARGIN + widest.max().unwrap_or(0).min(self.look.width / 2) + 2;
        for (at, (who, verdict)) in lines.into_iter().enumerate() {
            let mut line = Line::of(Ink::Bold, if at == 0 { "verdict" } else { "" });
            line.pad_to(MARGIN).push(Ink::Plain, who);
            if column + verdict.len() <= self.look.width {
                let mut line = line.cut_to(column.saturating_sub(2), self.look);
                line.pad_to(column).push(Ink::Bold, verdict);
                line.write(self.look, out);
                continue;
            }
            line.cut_to(self.look.width, self.look)
                .write(self.look, out);
            for part in wrapped(&verdict, self.look.width.saturating_sub(MARGIN)) {
                let mut line = Line::new();
                line.pad_to(MARGIN).push(Ink::Bold, part);
                line.write(self.look, out);
            }
        }
        if self.accepted > 0 {
            let words = counted(self.accepted, "occurrence", "occurrences");
            self.fact(&format!("{words} left out: the baseline accepts them"), out);
        }
    }

    fn looked_at(&self) -> String {
        let sessions = self.summary.cwmp.sessions;
        let devices = self.summary.devices.len() as u64;
        format!(
            "{}, {}",
            counted(devices, "device", "devices"),
            counted(sessions, "session", "sessions")
        )
    }

    fn bounds(&self, out: &mut String) {
        for (name, times) in &self.checked.limits_reached {
            let times = counted(*times, "time", "times");
            self.fact(&format!("the bound {name} was reached {times}"), out);
        }
    }

    fn fact(&self, text: &str, out: &mut String) {
        for part in wrapped(text, self.look.width.saturating_sub(MARGIN)) {
            let mut line = Line::new();
            line.pad_to(MARGIN).push(Ink::Warning, part);
            line.write(self.look, out);
        }
    }

    fn next(&self, out: &mut String) {
        let findings = &self.checked.findings;
        // What the device's document announces is no news.
        let weight = |finding: &Finding| (finding.foretold_by.is_none(), finding.severity);
        let heaviest = findings.iter().map(weight).max();
        let Some(finding) = findings
            .iter()
            .find(|finding| Some(weight(finding)) == heaviest)
        else {
            return;
        };
        let (one, many) = arguments(self.paths, self.summary);
        let mut commands = vec![(
            format!("informant explain {}", finding.code),
            "why, and what to change",
        )];
        if let Some(session) = finding.session() {
            commands.push((
                format!("informant flow {one} {session}"),
                "where it happened",
            ));
        }
        commands.push((
            format!("informant check {many} -T ndjson"),
            "every finding, for scripts",
        ));
        out.push('\n');
        next::write(&commands, self.look, out);
    }
}

/// One finding on its own.
pub(in crate::report) fn block(
    finding: &Finding,
    summary: &Summary,
    several_files: bool,
    look: Look,
) -> String {
    let mut out = String::new();
    let block = Block {
        first: finding,
        further: Vec::new(),
        files: &summary.files,
        several_files,
        look,
    };
    block.write(&mut OfRules::default(), &mut out);
    out
}

/// `frames 4-5`, as long as there are any.
pub(in crate::report) fn frames_told(frames: &[FrameId]) -> Option<String> {
    let look = Look {
        width: 80,
        colour: false,
        unicode: true,
    };
    let list = super::figures::frames_within(frames, false, 40, look);
    match frames {
        [] => None,
        [_] => Some(format!("frame {list}")),
        _ => Some(format!("frames {list}")),
    }
}

fn owner(finding: &Finding) -> (Option<&str>, Blame) {
    (finding.device.as_deref(), finding.blame)
}

fn worst(counts: Counts) -> Severity {
    match counts {
        Counts { error: 1.., .. } => Severity::Error,
        Counts { warning: 1.., .. } => Severity::Warning,
        _ => Severity::Info,
    }
}

/// How a finding is inked.
pub(super) fn severity_ink(severity: Severity) -> Ink {
    match severity {
        Severity::Error => Ink::Fault,
        Severity::Warning => Ink::Warning,
        Severity::Info => Ink::Dim,
    }
}

/// Devices that have a verdict of their own.
const DEVICES_MAX: usize = 20;
