//! `informant check`: what breaks the rules, by whom, where.

use std::ops::ControlFlow;
use std::path::PathBuf;

use super::arguments::{CheckArguments, Findings};
use super::checking;
use super::codes;
use super::exit::{self, Trouble};
use super::output::{Sink, complain};
use super::reading::{Done, Source, end};
use super::screen;
use super::select::{self, Count};
use crate::conformance::Checked;
use crate::report::{json, text};
use crate::session::{Finding, Masking};

pub(super) fn run(arguments: &CheckArguments) -> Result<u8, Trouble> {
    let selection = codes::selection(&arguments.judging.select, &arguments.judging.ignore)?;
    let filter = select::parse(
        arguments.filter.as_deref(),
        select::FINDINGS,
        &arguments.writing,
    )?;
    let paths = arguments.files.paths();
    let mut sink = Sink::open(&arguments.writing, &paths)?;
    let source = Source {
        paths: &paths,
        reading: &arguments.reading,
        writing: &arguments.writing,
        messages: true,
        appears: false,
    };
    let (mut done, mut checked) = checking::check(&source, selection)?;
    let mut count = Count::default();
    checked.findings.retain(|finding| {
        let shown = filter.as_ref().is_none_or(|filter| filter.finding(finding));
        count.note(shown);
        shown
    });
    count.remark_on_none(filter.as_ref(), "findings", &arguments.writing);
    let _ = write(arguments, &paths, &done, &checked, &mut sink);
    remark(arguments, &checked);
    done.codes.extend(code(arguments, &checked));
    Ok(end(&done, sink))
}

/// The exit code that the findings ask for.
fn code(arguments: &CheckArguments, checked: &Checked) -> Option<u8> {
    let fails = |finding: &Finding| {
        let least = arguments.fail_on.severity();
        least.is_some_and(|least| finding.severity >= least)
    };
    if checked.findings.iter().any(fails) {
        return Some(exit::FINDINGS);
    }
    (!checked.something).then_some(exit::NOTHING)
}

fn remark(arguments: &CheckArguments, checked: &Checked) {
    if !checked.something {
        complain("nothing to check: no CWMP, STUN or DHCP of a device in here");
    }
    if arguments.writing.quiet {
        return;
    }
    for (name, times) in &checked.limits_reached {
        complain(&format!(
            "the bound {name} was reached {times} times: docs/output.md says what that costs"
        ));
    }
}

fn write(
    arguments: &CheckArguments,
    paths: &[PathBuf],
    done: &Done,
    checked: &Checked,
    sink: &mut Sink,
) -> ControlFlow<()> {
    let setting = json::Setting {
        several_files: paths.len() > 1,
        masking: Masking {
            show_secrets: arguments.writing.show_secrets,
        },
    };
    let files = &done.summary.files;
    match arguments.format {
        Findings::Text => {
            let check = text::Check {
                checked,
                summary: &done.summary,
                paths,
                accepted: 0,
                look: screen::look(&arguments.writing),
            };
            sink.text(&check.page())
        }
        Findings::Json => {
            let record = json::CheckRecord::new(checked, setting, files);
            sink.with(|writer| json::write(&record, json::Layout::Indented, writer))
        }
        Findings::Ndjson => {
            for finding in &checked.findings {
                let record = json::FindingRecord::new(finding, setting, files);
                sink.text(&json::line(&record))?;
            }
            ControlFlow::Continue(())
        }
    }
}
