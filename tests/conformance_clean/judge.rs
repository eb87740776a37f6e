//! A whole check of a story in memory.

#![allow(dead_code, reason = "each test uses its part")]

use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use informant::conformance::{Checked, Checker, Selection, Setting};
use informant::pipeline::{Options, analyse};
use informant::session::{Account, Accounts, Credentials, Finding, Masking, Output, Summary};
use informant::source::Capture;

use crate::clean::story::Story;

/// What a check came to, and what it was of.
pub struct Judged {
    pub findings: Vec<Finding>,
    pub summary: Summary,
    /// The outcome of each session, in order.
    pub outcomes: Vec<(u32, &'static str)>,
    pub problems: Vec<String>,
}

/// Checks a story, told as a transcript.
pub fn of_story(story: &Story) -> Judged {
    of_bytes(story.transcript().into_bytes(), story)
}

/// Checks a capture of a story.
pub fn of_bytes(bytes: Vec<u8>, story: &Story) -> Judged {
    set(bytes, story, Setting::default())
}

/// The same with what the check is told.
pub fn set(bytes: Vec<u8>, story: &Story, setting: Setting) -> Judged {
    let mut capture =
        Capture::from_reader("memory", Cursor::new(bytes)).expect("the bytes are a capture");
    let options = Options {
        messages: true,
        datagrams: true,
        credentials: Some(Arc::new(credentials(story))),
        ..Options::default()
    }
    .learning();
    let mut checker = Checker::new(setting, Selection::default(), Masking::default());
    let mut outcomes = Vec::new();
    let mut deliver = |output| {
        if let Output::Session(session) = &output {
            outcomes.push((session.number, session.outcome.name()));
        }
        checker.handle(output);
        ControlFlow::Continue(())
    };
    let summary = analyse(&mut capture, &options, &mut deliver, &mut |_| {});
    let Checked { findings, .. } = checker.finish(&summary);
    outcomes.sort_unstable();
    Judged {
        findings,
        summary,
        outcomes,
        problems: capture.problems().iter().map(ToString::to_string).collect(),
    }
}

pub fn credentials(story: &Story) -> Credentials {
    let account = |(user_name, password): &(String, String)| Account {
        user_name: Some(user_name.clone()),
        password: Some(password.clone()),
    };
    let mut credentials = Credentials::default();
    for accounts in &story.accounts {
        let known = Accounts {
            acs: account(&accounts.acs),
            connection_request: account(&accounts.connection_request),
            stun: account(&accounts.stun),
        };
        credentials = credentials.with_device(&accounts.device, known);
    }
    credentials
}

/// A finding on one line.
pub fn told(finding: &Finding) -> String {
    let frames = finding.frames();
    format!(
        "{} {} {} x{} session {:?} block {}: {}",
        finding.code,
        finding.blame.name(),
        finding.severity.name(),
        finding.count,
        finding.session(),
        frames.first().map_or(0, |frame| frame.number()),
        finding.message
    )
}

/// Where `KEEP` wants transcripts.
pub fn keep(name: &str, story: &Story) {
    if let Some(folder) = std::env::var_os("KEEP").map(PathBuf::from) {
        let path = folder.join(format!("{name}.transcript"));
        std::fs::write(path, story.transcript()).expect("room for a transcript");
    }
}
