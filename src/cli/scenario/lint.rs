//! `informant scenario lint`: remarks a line each, as editors and compilers write them, or as JSON.

use std::path::Path;

use serde::Serialize;

use crate::cli::arguments::{Document, ScenarioLintArguments};
use crate::cli::exit::{self, Trouble};
use crate::cli::output::Sink;
use crate::cli::screen;
use crate::replay::scenario::{Remark, lint_directory};
use crate::report::json::{self, Layout};
use crate::report::paint::{Ink, Line, Look};
use crate::report::{escape, text};
use crate::session::Severity;

pub(super) fn run(arguments: &ScenarioLintArguments) -> Result<u8, Trouble> {
    let linted: Vec<Linted> = arguments
        .scenarios
        .iter()
        .map(|path| Linted::new(path, &lint_directory(path)))
        .collect();
    let mut sink = Sink::open(&arguments.writing, &[])?;
    let _ = match arguments.format {
        Document::Text => sink.text(&text(&linted, screen::look(&arguments.writing))),
        Document::Json => {
            let document = Lints { scenarios: &linted };
            sink.with(|writer| json::write(&document, Layout::Indented, writer))
        }
    };
    sink.finish()?;
    let is_wrong = linted.iter().any(|linted| linted.errors > 0);
    Ok(if is_wrong { exit::USAGE } else { exit::FINE })
}

#[derive(Serialize)]
struct Lints<'a> {
    scenarios: &'a [Linted],
}

/// One scenario, as the JSON has it.
#[derive(Serialize)]
struct Linted {
    scenario: String,
    errors: usize,
    warnings: usize,
    remarks: Vec<RemarkRecord>,
}

#[derive(Serialize)]
struct RemarkRecord {
    severity: &'static str,
    name: &'static str,
    step: Option<u32>,
    file: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
    message: String,
}

impl Linted {
    fn new(path: &Path, remarks: &[Remark]) -> Self {
        let count = |severity| {
            let of_it = remarks.iter().filter(|remark| remark.severity == severity);
            of_it.count()
        };
        Self {
            scenario: path.to_string_lossy().into_owned(),
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            remarks: remarks.iter().map(RemarkRecord::new).collect(),
        }
    }
}

impl RemarkRecord {
    fn new(remark: &Remark) -> Self {
        Self {
            severity: remark.severity.name(),
            name: remark.name,
            step: remark.step,
            file: remark.file.clone(),
            line: remark.place.map(|(line, _)| line),
            column: remark.place.map(|(_, column)| column),
            message: remark.what.clone(),
        }
    }

    /// `DIR/scenario.toml:21:8: error placeholder-unfilled (step 2): ...`.
    fn lines(&self, scenario: &str, look: Look, out: &mut String) {
        let mut line = Line::new();
        line.push(Ink::Plain, scenario);
        if let Some(file) = &self.file {
            let slash = if scenario.ends_with('/') { "" } else { "/" };
            line.push(Ink::Plain, format!("{slash}{}", escape::text(file)));
        }
        if let (Some(row), Some(column)) = (self.line, self.column) {
            line.push(Ink::Plain, format!(":{row}:{column}"));
        }
        let ink = if self.severity == Severity::Error.name() {
            Ink::Fault
        } else {
            Ink::Warning
        };
        line.push(Ink::Plain, ": ");
        line.push(ink, format!("{} {}", self.severity, self.name));
        if let Some(step) = self.step {
            line.push(Ink::Dim, format!(" (step {step})"));
        }
        let mut told = self.message.lines();
        let first = told.next().unwrap_or_default();
        line.push(Ink::Plain, format!(": {}", escape::text(first)));
        line.write(look, out);
        for more in told {
            Line::of(Ink::Plain, format!("    {}", escape::text(more))).write(look, out);
        }
    }
}

fn text(linted: &[Linted], look: Look) -> String {
    let mut out = String::new();
    for scenario in linted {
        let name = escape::text(&scenario.scenario).into_owned();
        for remark in &scenario.remarks {
            remark.lines(&name, look, &mut out);
        }
        let many = |count: usize, one: &str, many: &str| {
            text::counted(u64::try_from(count).unwrap_or(u64::MAX), one, many)
        };
        let errors = many(scenario.errors, "error", "errors");
        let warnings = many(scenario.warnings, "warning", "warnings");
        let (ink, verdict) = match (scenario.errors, scenario.warnings) {
            (0, 0) => (Ink::Good, "nothing is wrong".to_owned()),
            (0, _) => (Ink::Warning, warnings),
            (_, 0) => (Ink::Fault, errors),
            _ => (Ink::Fault, format!("{errors}, {warnings}")),
        };
        let mut line = Line::of(Ink::Plain, format!("{name}: "));
        line.push(ink, verdict);
        line.write(look, &mut out);
    }
    out
}
