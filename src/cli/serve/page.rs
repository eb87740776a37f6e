//! What is shown while it serves, laid out: answers as they come, and each session as it closes.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::judging::Judged;
use super::telling::Closed;
use crate::cli::arguments::{ServeArguments, ServeFormat};
use crate::cli::screen;
use crate::conformance::{Checked, Counts, fingerprint};
use crate::report::paint::Look;
use crate::report::{escape, json, text};
use crate::session::{Finding, Masking, Session};

/// How it is laid out.
pub(super) struct Page {
    look: Look,
    format: ServeFormat,
    is_quiet: bool,
    masking: Masking,
    /// Findings that were told in full: a device that comes every minute has the same ones each time.
    told: HashSet<u64>,
}

impl Page {
    pub(super) fn of(arguments: &ServeArguments) -> Self {
        Self {
            look: screen::look(&arguments.writing),
            format: arguments.format,
            is_quiet: arguments.writing.quiet,
            masking: Masking {
                show_secrets: arguments.writing.show_secrets,
            },
            told: HashSet::new(),
        }
    }

    /// What a device answered; a session's record has no room for it.
    pub(super) fn answer(
        &self,
        device: &str,
        place: &str,
        asked: &str,
        answer: &cwmp::Document,
    ) -> String {
        if self.format == ServeFormat::Ndjson {
            let record = json::AnswerRecord::new(device, place, asked, answer, self.masking);
            return json::line(&record);
        }
        let mut page = format!(
            "{}: {} ({})\n",
            escape::text(device),
            escape::text(asked),
            escape::text(place)
        );
        page.push_str(&text::answered(answer, self.masking));
        page
    }

    /// A session that closed.
    pub(super) fn session(&mut self, judged: &Judged) -> String {
        match self.format {
            ServeFormat::Ndjson => self.lines(judged),
            ServeFormat::Text => self.page(judged),
        }
    }

    /// What there is to say of it on standard error.
    pub(super) fn remarks(&self, session: &Closed, judged: &Judged) -> Vec<String> {
        let Closed { number, device, .. } = session;
        let why = session.why.as_ref().filter(|_| !self.is_quiet);
        let ended = why.map(|why| format!("the session of {device} ended: {why}"));
        let cut = session.is_cut.then(|| {
            format!("the session of {device} is longer than is kept: its end is neither judged nor shown")
        });
        let is_empty = judged.sessions.is_empty();
        let empty = is_empty.then(|| format!("session {number} of {device} cannot be shown"));
        let remarks = [ended, cut, judged.remark.clone(), empty];
        remarks.into_iter().flatten().collect()
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
        let look = self.look;
        let mut page = "\n".to_owned();
        for session in &judged.sessions {
            if self.is_quiet {
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
                let errors = text::counted(counts.error, "error", "errors");
                let warnings = text::counted(counts.warning, "warning", "warnings");
                let remarks = text::counted(counts.info, "remark", "remarks");
                format!("{errors}, {warnings}, {remarks} about the device")
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
            look: self.look,
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
}

/// Findings that are remembered; then all are told again.
const TOLD_MAX: usize = 10_000;
