//! What the rule book says of one session that was served: its bytes as packets, read as any capture is.

use std::io::Cursor;
use std::net::SocketAddr;

use crate::cli::arguments::ServeArguments;
use crate::cli::baseline;
use crate::cli::exit::{self, Trouble};
use crate::cli::{checking, codes, models};
use crate::conformance::{Checked, Selection, Setting};
use crate::session::{
    Blame, ConnectionRequest, Finding, Masking, Outcome, Output, Session, Severity, Summary,
};
use crate::source::{Capture, Synthesis};

/// The rule book, as the command line wants it; frames and sessions are counted over the whole run.
pub(super) struct Judge {
    fails_at: Option<Severity>,
    masking: Masking,
    selection: Selection,
    setting: Setting,
    baseline: Option<baseline::File>,
    sessions: u32,
}

/// One session, looked at.
#[derive(Default)]
pub(super) struct Judged {
    /// One, unless its bytes say otherwise.
    pub(super) sessions: Vec<Session>,
    pub(super) requests: Vec<ConnectionRequest>,
    /// About the device.
    pub(super) checked: Checked,
    pub(super) summary: Summary,
    /// What kept it from being judged.
    pub(super) remark: Option<String>,
    is_defect: bool,
}

impl Judge {
    pub(super) fn new(arguments: &ServeArguments) -> Result<Self, Trouble> {
        let judging = &arguments.judging;
        let mut setting = models::setting(judging)?;
        // There is no file that an excerpt could be looked up in.
        setting.limits.excerpts_max = 0;
        let baseline = arguments.baseline.as_deref();
        Ok(Self {
            fails_at: arguments.fail_on.severity(),
            masking: Masking {
                show_secrets: arguments.writing.show_secrets,
            },
            selection: codes::selection(&judging.select, &judging.ignore)?,
            setting,
            baseline: baseline.map(baseline::read).transpose()?,
            sessions: 0,
        })
    }

    /// Judges what a device said, in a session of this many frames behind others; TLS ended at this address, if it was spoken.
    pub(super) fn judge(
        &mut self,
        frames: Vec<u8>,
        frames_before: u64,
        opened: Option<SocketAddr>,
    ) -> Judged {
        let bytes = [Synthesis::header(), frames].concat();
        let capture = Capture::from_reader("serve.pcapng", Cursor::new(bytes));
        let mut capture = match capture {
            Ok(capture) => capture.counting_behind(frames_before),
            Err(error) => {
                return Judged {
                    is_defect: true,
                    remark: Some(format!("the session cannot be judged: {error}")),
                    ..Judged::default()
                };
            }
        };
        let mut judged = Judged::default();
        let mut show = |output: &Output| match output {
            Output::Session(session) => judged.sessions.push((**session).clone()),
            Output::ConnectionRequest(request) => judged.requests.push((**request).clone()),
            _ => {}
        };
        let (summary, mut checked, is_defect) = checking::showing(
            &mut capture,
            self.selection.clone(),
            self.setting.clone(),
            self.masking,
            self.sessions,
            opened.into_iter().collect(),
            &mut show,
        );
        let mut findings = std::mem::take(&mut checked.findings);
        if let Some(file) = &self.baseline {
            findings = baseline::subtract(file, findings, &self.selection, &summary, None).left;
        }
        findings.retain(|finding| finding.blame == Blame::Cpe);
        checked.findings = findings;
        let sessions = u32::try_from(judged.sessions.len()).unwrap_or(u32::MAX);
        self.sessions = self.sessions.saturating_add(sessions);
        judged.checked = checked;
        judged.summary = summary;
        judged.is_defect = is_defect;
        judged
    }
}

impl Judged {
    /// The exit codes that it asks for.
    pub(super) fn codes(&self, judge: &Judge) -> Vec<u8> {
        let least = judge.fails_at;
        let fails = |finding: &Finding| least.is_some_and(|least| finding.severity >= least);
        let found = self.checked.findings.iter().any(fails);
        let found = found.then_some(exit::FINDINGS);
        let defect = self.is_defect.then_some(exit::DEFECT);
        found.into_iter().chain(defect).collect()
    }

    /// A session whose end does not stand in its bytes was broken off, where the ACS saw all of it.
    pub(super) fn break_off(&mut self) {
        for session in &mut self.sessions {
            if session.outcome == Outcome::Incomplete {
                session.outcome = Outcome::Aborted;
            }
        }
    }

    /// What concerns a session.
    pub(super) fn of(&self, session: u32) -> Vec<&Finding> {
        let concerns = |finding: &&Finding| {
            let mut places = finding.occurrences.iter();
            places.any(|place| place.session == Some(session))
        };
        self.checked.findings.iter().filter(concerns).collect()
    }
}
