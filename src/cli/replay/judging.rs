//! What the rule book says of what was played: all runs as one capture, read as any is.

use clap::ValueEnum as _;
use std::net::SocketAddr;

use super::recording::Recording;
use super::strangers::Strangers;
use crate::cli::arguments::Playing;
use crate::cli::baseline;
use crate::cli::exit::{self, Trouble};
use crate::cli::output::complain;
use crate::cli::{checking, codes, models};
use crate::conformance::{Checked, Counts, Selection, Setting};
use crate::replay::scenario::Role;
use crate::report::text;
use crate::session::{Blame, Masking, Summary};

/// The rule book, as the command line wants it.
pub(super) struct Judge<'a> {
    playing: &'a Playing,
    selection: Selection,
    setting: Setting,
    baseline: Option<baseline::File>,
}

/// What was found.
#[derive(Default)]
pub(super) struct Judged {
    /// About the other side, those aside that the baseline accepts.
    pub(super) checked: Checked,
    pub(super) summary: Summary,
    /// Who the other side is.
    side: &'static str,
    is_defect: bool,
    is_cut: bool,
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

    /// Judges what the other side said, in all runs; TLS ended at this address, if it was spoken.
    pub(super) fn judge(
        &self,
        role: Role,
        recording: Recording,
        strangers: &Strangers,
        opened: Option<SocketAddr>,
    ) -> Judged {
        let is_cut = recording.is_cut();
        let other = match role {
            Role::Acs => Blame::Cpe,
            Role::Cpe => Blame::Acs,
        };
        let mut capture = match recording.capture() {
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
        findings.retain(|finding| finding.blame == other);
        findings.retain(|finding| !strangers.have_all_of(finding));
        checked.findings = findings;
        Judged {
            checked,
            summary,
            side: other.words(),
            is_defect,
            is_cut,
        }
    }
}

impl Judged {
    /// The exit codes that it asks for, and why.
    pub(super) fn causes(&self, playing: &Playing) -> Vec<(u8, String)> {
        let mut causes = Vec::new();
        if self.is_defect {
            let why = "a defect of informant: not all is judged that was said";
            causes.push((exit::DEFECT, why.to_owned()));
        }
        if self.counts(playing) {
            causes.push((exit::FINDINGS, self.words(playing)));
        }
        if self.is_cut {
            let why =
                "the rule book has not read all that was said: -w records it for `informant check`";
            causes.push((exit::INPUT, why.to_owned()));
        }
        causes
    }

    /// Is there a finding that `--fail-on` counts?
    fn counts(&self, playing: &Playing) -> bool {
        let least = playing.fail_on.severity();
        let mut findings = self.checked.findings.iter();
        findings.any(|finding| least.is_some_and(|least| finding.severity >= least))
    }

    /// `the rule book finds 2 errors in what the cpe said, which --fail-on error counts`.
    pub(super) fn words(&self, playing: &Playing) -> String {
        let findings = &self.checked.findings;
        if findings.is_empty() {
            return format!("the rule book finds nothing in what the {} said", self.side);
        }
        let told = text::told(Counts::of(findings));
        let least = playing.fail_on.to_possible_value();
        let least = least.as_ref().map_or("", |value| value.get_name());
        let counts = if self.counts(playing) {
            "counts"
        } else {
            "does not count"
        };
        format!(
            "the rule book finds {told} in what the {} said, which --fail-on {least} {counts}",
            self.side
        )
    }
}
