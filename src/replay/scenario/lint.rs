//! What would go wrong when a scenario is played, found without a peer.
//!
//! An error says that it cannot be played as it stands, or must not be kept so; a warning that it hardly does what is wanted. It
//! reads no file itself, and knows nothing of the command line.

mod bodies;
mod expectations;
mod heads;
mod order;
mod placeholders;
mod recorded;
mod secrets;

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::problem::{Problem, shown, told};
use super::read::{ABSENT, Taking, Written, read, served_files};
use super::{Scenario, TOML, Variable};
use crate::session::Severity;

/// Something that is wrong with a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// An error or a warning.
    pub severity: Severity,
    /// Its name, in lower case with hyphens: `placeholder-unfilled`.
    pub name: &'static str,
    /// The step, counted from 1.
    pub step: Option<u32>,
    /// The file; none where the directory itself is meant.
    pub file: Option<String>,
    /// Line and column in it, from 1.
    pub place: Option<(u32, u32)>,
    /// What is wrong, and what to do; safe to print.
    pub what: String,
}

/// All that is wrong with a scenario: its TOML, the names of the files beside it, and what these hold (nothing where one is not
/// there, or why it cannot be read).
pub fn lint(
    toml: &str,
    names: &[String],
    file: impl FnMut(&str) -> Result<Option<Vec<u8>>, String>,
) -> Vec<Remark> {
    let written = match read(toml) {
        Ok(written) => written,
        Err(problem) => return vec![unreadable(problem)],
    };
    if !written.problems.is_empty() {
        // What could not be read is missing everywhere else: only this is told.
        return written.problems.into_iter().map(unreadable).collect();
    }
    let mut ground = Ground {
        scenario: written.scenario.clone(),
        written: &written,
        toml,
        remarks: RefCell::default(),
    };
    ground.take_files(file);
    ground.unused_files(names);
    placeholders::look(&ground);
    secrets::look(&ground);
    let bent = heads::look(&ground);
    let said = bodies::look(&ground, &bent);
    expectations::look(&ground);
    recorded::look(&ground);
    order::look(&ground, &said);
    ground.finish()
}

/// The remark that a problem is.
pub(super) fn unreadable(problem: Problem) -> Remark {
    Remark {
        severity: Severity::Error,
        name: "unreadable",
        step: None,
        file: problem.file,
        place: problem.place,
        what: problem.what,
    }
}

/// What is looked at, and what was found.
struct Ground<'a> {
    scenario: Scenario,
    written: &'a Written,
    toml: &'a str,
    remarks: RefCell<Vec<Remark>>,
}

/// Where something stands.
enum Spot<'a> {
    /// A value of the TOML, by its path.
    Toml(&'a str),
    /// A value of a step, counted from 0, by its key.
    Step(usize, &'a str),
    /// A byte of a step's file.
    File(usize, &'a str, usize),
}

impl<'a> Spot<'a> {
    /// Of a path of the TOML: the step that it leads into, if it does.
    fn of_path(path: &'a str) -> Self {
        let of_step = || {
            let (number, key) = path.strip_prefix("step[")?.split_once("].")?;
            Some(Self::Step(number.parse().ok()?, key))
        };
        of_step().unwrap_or(Self::Toml(path))
    }
}

impl Ground<'_> {
    fn error(&self, name: &'static str, spot: &Spot<'_>, what: impl Into<String>) {
        self.note(Severity::Error, name, spot, what.into());
    }

    fn warning(&self, name: &'static str, spot: &Spot<'_>, what: impl Into<String>) {
        self.note(Severity::Warning, name, spot, what.into());
    }

    fn note(&self, severity: Severity, name: &'static str, spot: &Spot<'_>, what: String) {
        if self.is_full() {
            return;
        }
        let toml = |path: &str| {
            let at = self.written.place(path);
            let place = super::problem::place(self.toml.as_bytes(), at);
            (TOML.to_owned(), Some(place))
        };
        let number = |index: usize| u32::try_from(index.saturating_add(1)).ok();
        let (step, (file, place)) = match spot {
            Spot::Toml(path) => (None, toml(path)),
            Spot::Step(index, "") => (number(*index), toml(&format!("step[{index}]"))),
            Spot::Step(index, key) => (number(*index), toml(&format!("step[{index}].{key}"))),
            Spot::File(index, name, at) => {
                let text = self
                    .scenario
                    .files
                    .get(*name)
                    .map_or(&[][..], Vec::as_slice);
                let place = super::problem::place(text, *at);
                (number(*index), ((*name).to_owned(), Some(place)))
            }
        };
        self.remarks.borrow_mut().push(Remark {
            severity,
            name,
            step,
            file: Some(file),
            place,
            what,
        });
    }

    /// Takes the files that are named, and remarks on those that are not there.
    fn take_files(&mut self, file: impl FnMut(&str) -> Result<Option<Vec<u8>>, String>) {
        let named = self.scenario.named_files();
        let mut taking = Taking::new(file);
        let mut missing = BTreeSet::new();
        for (name, path) in &named {
            if missing.contains(name) {
                continue;
            }
            let trouble = match taking.take(name) {
                Ok(true) => continue,
                Ok(false) => ("file-missing", format!("{name}: {ABSENT}")),
                Err(what) => ("file-unreadable", told(&what)),
            };
            missing.insert(name);
            self.error(trouble.0, &Spot::of_path(path), trouble.1);
        }
        for (name, path) in served_files(&taking.files, &named) {
            // None stands there for an Upload.
            if let Err(what) = taking.take(&name) {
                self.error("file-unreadable", &Spot::of_path(&path), told(&what));
            }
        }
        self.scenario.files = taking.files;
    }

    /// No more is kept.
    fn is_full(&self) -> bool {
        self.remarks.borrow().len() >= REMARKS_MAX
    }

    fn unused_files(&self, names: &[String]) {
        let secrets = self.scenario.vars.values();
        let secrets: Vec<&String> = secrets
            .filter_map(|variable| match variable {
                Variable::Secret { file, .. } => file.as_ref(),
                _ => None,
            })
            .collect();
        for name in names {
            if !self.scenario.files.contains_key(name) && !secrets.contains(&name) && name != TOML {
                let what = "no step names this file: it is never sent nor compared";
                let remark = Remark {
                    severity: Severity::Warning,
                    name: "file-unused",
                    step: None,
                    file: Some(shown(name)),
                    place: None,
                    what: what.to_owned(),
                };
                self.remarks.borrow_mut().push(remark);
            }
        }
    }

    /// In the order of the steps, what belongs to none first.
    fn finish(self) -> Vec<Remark> {
        let mut remarks = self.remarks.into_inner();
        remarks.sort_by(|one, other| {
            let key = |remark: &Remark| {
                (
                    remark.step,
                    remark.file.as_deref() != Some(TOML),
                    remark.place,
                )
            };
            key(one).cmp(&key(other))
        });
        remarks.dedup();
        remarks
    }
}

/// Remarks on one scenario; whoever has so many mends those first.
const REMARKS_MAX: usize = 1000;

#[cfg(test)]
mod tests;
