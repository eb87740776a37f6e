//! `informant check`: what breaks the rules, by whom, where.

use std::ops::ControlFlow;
use std::path::PathBuf;

use super::arguments::{CheckArguments, Findings};
use super::baseline;
use super::checking;
use super::codes;
use super::exit::{self, Trouble};
use super::models;
use super::output::{Sink, complain};
use super::reading::{Done, Source, end, remark_on_bounds};
use super::screen;
use super::select::{self, Count};
use crate::conformance::{Accepted, Checked, Subtracted};
use crate::report::{self, Junit, Sarif, json, text};
use crate::session::{Finding, Masking, Severity};

pub(super) fn run(arguments: &CheckArguments) -> Result<u8, Trouble> {
    let selection = codes::selection(&arguments.judging.select, &arguments.judging.ignore)?;
    let filter = select::parse(
        arguments.filter.as_deref(),
        select::FINDINGS,
        &arguments.writing,
    )?;
    let mut setting = models::setting(&arguments.judging)?;
    if !matches!(arguments.format, Findings::Text | Findings::Sarif) {
        // Nobody sees them there.
        setting.limits.excerpts_max = 0;
    }
    let paths = arguments.files.paths();
    let mut sink = Sink::open(&arguments.writing, &paths)?;
    let source = Source {
        paths: &paths,
        reading: &arguments.reading,
        writing: &arguments.writing,
        messages: true,
        appears: false,
    };
    let baseline = arguments
        .baseline
        .as_deref()
        .map(baseline::read)
        .transpose()?;
    let (mut done, mut checked) = checking::check(&source, selection.clone(), setting)?;
    let accepting = baseline.as_ref().map(|file| {
        let findings = std::mem::take(&mut checked.findings);
        let mut subtracted =
            baseline::subtract(file, findings, &selection, &done.summary, arguments.today);
        if !baseline::is_all(&checked, &done) {
            subtracted.stale.clear();
        }
        checked.findings = std::mem::take(&mut subtracted.left);
        Accepting { file, subtracted }
    });
    let mut count = Count::default();
    checked.findings.retain(|finding| {
        let shown = filter.as_ref().is_none_or(|filter| filter.finding(finding));
        count.note(shown);
        shown
    });
    count.remark_on_none(filter.as_ref(), "findings", &arguments.writing);
    let output = Output {
        arguments,
        paths: &paths,
        done: &done,
        checked: &checked,
        accepting: accepting.as_ref(),
    };
    let _ = output.write(&mut sink);
    remark(arguments, &checked, accepting.as_ref());
    done.codes.extend(code(arguments, &checked));
    // The program is over with this: thousands of findings need not be given back one by one.
    std::mem::forget(checked);
    Ok(end(&done, sink))
}

/// The exit code that the findings ask for.
fn code(arguments: &CheckArguments, checked: &Checked) -> Option<u8> {
    let least = arguments.fail_on.severity();
    let fails = |severity: Severity| least.is_some_and(|least| severity >= least);
    if checked.findings.iter().any(|one| fails(one.severity)) {
        return Some(exit::FINDINGS);
    }
    if checked.beyond.is_some_and(fails) {
        // It decides the exit code: also where no remarks are wanted.
        if let Some(words) = report::beyond(checked) {
            complain(&words);
        }
        return Some(exit::FINDINGS);
    }
    (!checked.something).then_some(exit::NOTHING)
}

fn remark(arguments: &CheckArguments, checked: &Checked, accepting: Option<&Accepting<'_>>) {
    if !checked.something {
        complain("nothing to check: no CWMP, STUN or DHCP of a device in here");
    }
    if arguments.writing.quiet {
        return;
    }
    remark_on_bounds(&checked.limits_reached, &mut |words| complain(words));
    if let (Some(accepting), Some(path)) = (accepting, &arguments.baseline) {
        baseline::remark_on(accepting.file, path, &accepting.subtracted);
    }
}

/// What a baseline left out.
struct Accepting<'f> {
    file: &'f baseline::File,
    subtracted: Subtracted,
}

impl Accepting<'_> {
    fn entries(&self) -> &[Accepted] {
        &self.file.baseline.entries
    }

    /// Each with the reason that its entry gives.
    fn findings(&self) -> Vec<(Finding, String)> {
        let accepted = self.subtracted.accepted.iter();
        let reason = |at: &usize| self.entries().get(*at).map(|entry| entry.reason.clone());
        accepted
            .map(|(finding, at)| (finding.clone(), reason(at).unwrap_or_default()))
            .collect()
    }
}

/// What is written, and as what.
struct Output<'a> {
    arguments: &'a CheckArguments,
    paths: &'a [PathBuf],
    done: &'a Done,
    checked: &'a Checked,
    accepting: Option<&'a Accepting<'a>>,
}

impl Output<'_> {
    fn write(&self, sink: &mut Sink) -> ControlFlow<()> {
        let files = &self.done.summary.files;
        let setting = json::Setting {
            several_files: self.paths.len() > 1,
            masking: Masking {
                show_secrets: self.arguments.writing.show_secrets,
            },
        };
        match self.arguments.format {
            Findings::Text => sink.with(|writer| self.page().write(writer)),
            Findings::Json => {
                let mut record = json::CheckRecord::new(self.checked, setting, files);
                if let Some(accepting) = self.accepting {
                    record = record.with_baseline(accepting.entries(), &accepting.subtracted);
                }
                sink.with(|writer| json::write(&record, json::Layout::Indented, writer))
            }
            Findings::Ndjson => {
                let mut line = Vec::new();
                for finding in &self.checked.findings {
                    line.clear();
                    json::append_line(
                        &json::FindingRecord::new(finding, setting, files),
                        &mut line,
                    );
                    sink.with(|writer| writer.write_all(&line))?;
                }
                ControlFlow::Continue(())
            }
            Findings::Junit => sink.text(&self.junit()),
            Findings::Sarif => {
                let accepted = self.accepting.map(Accepting::findings);
                let sarif = Sarif {
                    checked: self.checked,
                    accepted: accepted.as_deref(),
                    files,
                    paths: self.paths,
                    whole: self.done.codes.is_empty(),
                };
                let log = sarif.log();
                sink.with(|writer| json::write(&log, json::Layout::Indented, writer))
            }
            Findings::Github => sink.text(&report::github(self.checked, self.paths)),
        }
    }

    fn page(&self) -> text::Check<'_> {
        let used = self.accepting.map(|accepting| &accepting.subtracted.used);
        text::Check {
            checked: self.checked,
            summary: &self.done.summary,
            paths: self.paths,
            accepted: used.map_or(0, |used| used.iter().sum()),
            look: screen::look(&self.arguments.writing),
        }
    }

    fn junit(&self) -> String {
        let junit = Junit {
            checked: self.checked,
            summary: &self.done.summary,
            paths: self.paths,
            fails: self.arguments.fail_on.severity(),
        };
        junit.document()
    }
}
