//! What is shown while it serves: answers as they come, and each session as it closes.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::ops::ControlFlow;

use super::judging::Judged;
use crate::cli::arguments::{ServeArguments, ServeFormat};
use crate::cli::exit::Trouble;
use crate::cli::output::{Sink, complain};
use crate::cli::screen;
use crate::conformance::{Checked, Counts, fingerprint};
use crate::report::{escape, json, text};
use crate::session::{Finding, Masking, Session};

/// The output.
pub(super) struct Page<'a> {
    arguments: &'a ServeArguments,
    sink: Sink,
    masking: Masking,
    /// Findings that were told in full: a device that comes every minute has the same ones each time.
    told: HashSet<u64>,
}

impl<'a> Page<'a> {
    pub(super) fn open(arguments: &'a ServeArguments) -> Result<Self, Trouble> {
        Ok(Self {
            arguments,
            sink: Sink::open(&arguments.writing, &[])?,
            masking: Masking {
                show_secrets: arguments.writing.show_secrets,
            },
            told: HashSet::new(),
        })
    }

    /// What a device answered; a session's record has no room for it.
    pub(super) fn answer(
        &mut self,
        device: &str,
        place: &str,
        asked: &str,
        answer: &cwmp::Document,
    ) -> ControlFlow<()> {
        if self.arguments.format == ServeFormat::Ndjson {
            return ControlFlow::Continue(());
        }
        let mut page = format!(
            "{}: {} ({})\n",
            escape::text(device),
            escape::text(asked),
            escape::text(place)
        );
        page.push_str(&text::answered(answer, self.masking));
        self.write(&page)
    }

    /// A session that closed.
    pub(super) fn session(
        &mut self,
        number: u32,
        device: &str,
        why: Option<&str>,
        is_cut: bool,
        judged: &Judged,
    ) -> ControlFlow<()> {
        if let Some(why) = why.filter(|_| !self.arguments.writing.quiet) {
            complain(&format!("the session of {device} ended: {why}"));
        }
        if is_cut {
            complain(&format!(
                "the session of {device} is longer than is kept: its end is neither judged nor shown"
            ));
        }
        if judged.sessions.is_empty() {
            complain(&format!("session {number} of {device} cannot be shown"));
        }
        let page = match self.arguments.format {
            ServeFormat::Ndjson => self.lines(judged),
            ServeFormat::Text => self.page(judged),
        };
        self.write(&page)
    }

    fn lines(&self, judged: &Judged) -> String {
        let setting = json::Setting {
            several_files: false,
            masking: self.masking,
        };
        let mut lines = Vec::new();
        for session in &judged.sessions {
            let counts = Counts::of(judged.of(session.number));
            let record = json::SessionRecord::new(session, setting).with_findings(Some(counts));
            json::append_line(&record, &mut lines);
        }
        for finding in &judged.checked.findings {
            let record = json::FindingRecord::new(finding, setting, &judged.summary.files);
            json::append_line(&record, &mut lines);
        }
        String::from_utf8(lines).unwrap_or_default()
    }

    fn page(&mut self, judged: &Judged) -> String {
        let look = screen::look(&self.arguments.writing);
        let mut page = "\n".to_owned();
        for session in &judged.sessions {
            if self.arguments.writing.quiet {
                let mut table = text::SessionTable::new(look, 0);
                let counts = Counts::of(judged.of(session.number));
                table.push_checked(session, Some(counts), &mut page);
                table.finish(&mut page);
            } else {
                self.ladder(session, judged, &mut page);
            }
        }
        let new = self.untold(&judged.checked.findings);
        let again = judged.checked.findings.len().saturating_sub(new.len());
        let checked = Checked {
            findings: new,
            ..Checked::default()
        };
        let check = text::Check {
            checked: &checked,
            summary: &judged.summary,
            paths: &[],
            accepted: 0,
            look,
        };
        page.push_str(&check.found());
        if let Some(last) = judged.sessions.last() {
            let counts = Counts::of(&judged.checked.findings);
            let said = if counts == Counts::default() {
                "nothing found about the device".to_owned()
            } else {
                let told = [
                    text::counted(counts.error, "error", "errors"),
                    text::counted(counts.warning, "warning", "warnings"),
                    text::counted(counts.info, "remark", "remarks"),
                ];
                format!("{} about the device", told.join(", "))
            };
            let before = match again {
                0 => String::new(),
                again => format!(", {again} of them as before"),
            };
            let (number, outcome) = (last.number, last.outcome.name());
            let _ = writeln!(page, "session {number}: {outcome}, {said}{before}");
        }
        page
    }

    /// Those that were not told before, about this device in these words.
    fn untold(&mut self, findings: &[Finding]) -> Vec<Finding> {
        if self.told.len() > TOLD_MAX {
            self.told.clear();
        }
        let is_new = |finding: &&Finding| {
            let (code, device) = (finding.code, finding.device.as_deref().unwrap_or_default());
            let key = format!("{code} {device} {}", finding.message);
            self.told.insert(fingerprint(key.as_bytes()))
        };
        findings.iter().filter(is_new).cloned().collect()
    }

    fn ladder(&self, session: &Session, judged: &Judged, page: &mut String) {
        let ladder = text::Ladder {
            look: screen::look(&self.arguments.writing),
            masking: self.masking,
            several_files: false,
        };
        let its = judged.requests.iter();
        let beside = text::Beside {
            binding: None,
            requests: its
                .filter(|request| request.session == Some(session.number))
                .collect(),
            transfers: Vec::new(),
            findings: judged.of(session.number),
        };
        ladder.session(session, &beside, page);
    }

    /// At once: somebody may be reading along through a pipe.
    fn write(&mut self, page: &str) -> ControlFlow<()> {
        self.sink.with(|writer| {
            writer.write_all(page.as_bytes())?;
            writer.flush()
        })
    }

    pub(super) fn finish(self) -> Option<u8> {
        self.sink.finish().err().map(|trouble| {
            complain(&trouble.to_string());
            trouble.code()
        })
    }
}

/// Findings that are remembered; then all are told again.
const TOLD_MAX: usize = 10_000;
