//! What the rule book says of a replay: its bytes as packets, read as any capture is.

use std::fs::File;
use std::io::{BufWriter, Cursor, Write as _};
use std::net::SocketAddr;

use crate::cli::arguments::Playing;
use crate::cli::baseline;
use crate::cli::exit::{self, Trouble};
use crate::cli::output::complain;
use crate::cli::{checking, codes, models};
use crate::conformance::{Checked, Selection, Setting};
use crate::replay::action::{WireEvent, WireEventKind};
use crate::replay::drive::Clock;
use crate::replay::scenario::Role;
use crate::session::{Blame, Finding, Masking, Summary};
use crate::source::{Capture, Synthesis};

/// The packets of one run.
pub(super) struct Frames {
    clock: Clock,
    synthesis: Synthesis,
    out: Vec<u8>,
}

impl Frames {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            synthesis: Synthesis::default(),
            out: Vec::new(),
        }
    }

    pub(super) fn note(&mut self, event: &WireEvent) {
        let time = self.clock.wall(event.time);
        let (from, to) = (event.source, event.destination);
        let (synthesis, out) = (&mut self.synthesis, &mut self.out);
        match &event.kind {
            WireEventKind::Open => synthesis.open(time, from, to, out),
            WireEventKind::Bytes(bytes) => synthesis.bytes(time, from, to, bytes, out),
            WireEventKind::End { reset } => synthesis.end(time, from, to, *reset, out),
            WireEventKind::Datagram(bytes) => synthesis.datagram(time, from, to, bytes, out),
        }
    }

    /// The blocks of a pcapng behind its header.
    pub(super) fn finish(self) -> Vec<u8> {
        self.out
    }
}

/// `-w`: all runs as one capture.
pub(super) struct Recording {
    file: Option<BufWriter<File>>,
    path: String,
    failed: bool,
}

impl Recording {
    pub(super) fn open(playing: &Playing) -> Result<Self, Trouble> {
        let path = playing.write.as_ref();
        let name = path
            .map(|path| path.display().to_string())
            .unwrap_or_default();
        let file = path.map(File::create).transpose();
        let file = file.map_err(|source| Trouble::Output {
            path: name.clone(),
            source,
        })?;
        if file.is_some() && !playing.writing.quiet {
            complain(&format!(
                "{name}: packets are never masked, secrets stand in them"
            ));
        }
        let mut recording = Self {
            file: file.map(BufWriter::new),
            path: name,
            failed: false,
        };
        recording.append(&Synthesis::header());
        Ok(recording)
    }

    pub(super) fn append(&mut self, blocks: &[u8]) {
        if let Some(file) = self.file.as_mut().filter(|_| !self.failed) {
            let written = file.write_all(blocks).and_then(|()| file.flush());
            self.note(written);
        }
    }

    pub(super) fn finish(&self) -> Option<u8> {
        self.failed.then_some(exit::FAILURE)
    }

    fn note(&mut self, written: std::io::Result<()>) {
        if let Err(source) = written {
            let path = self.path.clone();
            complain(&Trouble::Output { path, source }.to_string());
            self.failed = true;
        }
    }
}

/// The rule book, as the command line wants it.
pub(super) struct Judge<'a> {
    playing: &'a Playing,
    selection: Selection,
    setting: Setting,
    baseline: Option<baseline::File>,
}

/// What was found of one run.
#[derive(Default)]
pub(super) struct Judged {
    /// About the other side, those aside that the baseline accepts.
    pub(super) checked: Checked,
    pub(super) summary: Summary,
    is_defect: bool,
}

impl<'a> Judge<'a> {
    pub(super) fn new(playing: &'a Playing) -> Result<Self, Trouble> {
        let judging = &playing.judging;
        let mut setting = models::setting(judging)?;
        // There is no file yet that an excerpt could be looked up in.
        setting.limits.excerpts_max = 0;
        Ok(Self {
            playing,
            selection: codes::selection(&judging.select, &judging.ignore)?,
            setting,
            baseline: playing
                .baseline
                .as_deref()
                .map(baseline::read)
                .transpose()?,
        })
    }

    /// Judges what the other side said; TLS ended at this address, if it was spoken.
    pub(super) fn judge(&self, role: Role, frames: Vec<u8>, opened: Option<SocketAddr>) -> Judged {
        let mut bytes = Synthesis::header();
        bytes.extend_from_slice(&frames);
        drop(frames);
        let capture = Capture::from_reader("replay.pcapng", Cursor::new(bytes));
        let mut capture = match capture {
            Ok(capture) => capture,
            Err(error) => {
                complain(&format!("the replay cannot be judged: {error}"));
                return Judged {
                    is_defect: true,
                    ..Judged::default()
                };
            }
        };
        let masking = Masking {
            show_secrets: self.playing.writing.show_secrets,
        };
        let (summary, mut checked, is_defect) = checking::of_capture(
            &mut capture,
            self.selection.clone(),
            self.setting.clone(),
            masking,
            opened.into_iter().collect(),
        );
        let mut findings = std::mem::take(&mut checked.findings);
        if let Some(file) = &self.baseline {
            findings = baseline::subtract(file, findings, &self.selection, &summary, None).left;
        }
        let other = match role {
            Role::Acs => Blame::Cpe,
            Role::Cpe => Blame::Acs,
        };
        findings.retain(|finding| finding.blame == other);
        checked.findings = findings;
        Judged {
            checked,
            summary,
            is_defect,
        }
    }
}

impl Judged {
    /// The exit codes that it asks for.
    pub(super) fn codes(&self, playing: &Playing) -> Vec<u8> {
        let least = playing.fail_on.severity();
        let fails = |finding: &Finding| least.is_some_and(|least| finding.severity >= least);
        let found = self
            .checked
            .findings
            .iter()
            .any(fails)
            .then_some(exit::FINDINGS);
        let defect = self.is_defect.then_some(exit::DEFECT);
        found.into_iter().chain(defect).collect()
    }
}
