//! What the rule book finds in a capture, for commands that show sessions: they read the capture twice.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::arguments::{Check, CheckWhen};
use super::checking;
use super::exit::{self, Trouble};
use super::models;
use super::output::{Sink, complain};
use super::reading::{Done, Source, end, remark_on_bounds};
use crate::conformance::{Checked, Counts};
use crate::filter::Filter;
use crate::session::Finding;

/// The findings, and which concern which session.
#[derive(Debug)]
pub(super) struct Marks {
    checked: Checked,
    /// A defect of ours ended the check.
    is_defect: bool,
}

impl Marks {
    /// Reads the capture for its findings, where that is asked for, or where it costs little.
    pub(super) fn read(
        check: &Check,
        filter: Option<&Filter>,
        source: &Source<'_>,
    ) -> Result<Option<Self>, Trouble> {
        let is_asked = filter.is_some_and(Filter::needs_findings);
        match check.check {
            CheckWhen::Never if is_asked => {
                return Err(Trouble::Usage(
                    "-Y asks for findings, and --check=never for none".to_owned(),
                ));
            }
            CheckWhen::Never => return Ok(None),
            CheckWhen::Always => {}
            CheckWhen::Auto if is_asked || is_little(source.paths) => {}
            CheckWhen::Auto => return Ok(None),
        }
        if let Some(path) = source.paths.iter().find(|path| !can_be_read_twice(path)) {
            return match check.check {
                CheckWhen::Auto if !is_asked => Ok(None),
                _ => Err(Trouble::Usage(format!(
                    "{}: can be read only once: findings beside sessions need a file (`informant check` does not)",
                    path.display()
                ))),
            };
        }
        let (checked, is_defect) =
            checking::quietly(source, models::of_files(&check.models.data_models)?)?;
        Ok(Some(Self { checked, is_defect }))
    }

    /// Of what was found already.
    #[cfg(feature = "tui")]
    pub(super) fn of_checked(checked: Checked, is_defect: bool) -> Self {
        Self { checked, is_defect }
    }

    /// Everything that was found.
    #[cfg(feature = "tui")]
    pub(super) fn checked(&self) -> &Checked {
        &self.checked
    }

    /// What concerns a session.
    pub(super) fn of(&self, session: u32) -> Vec<&Finding> {
        let places = self.checked.by_session.get(&session);
        let places = places.map(Vec::as_slice).unwrap_or_default();
        let findings = places
            .iter()
            .filter_map(|at| self.checked.findings.get(*at));
        findings.collect()
    }

    /// How much concerns a session.
    pub(super) fn counts(&self, session: u32) -> Counts {
        Counts::of(self.of(session))
    }

    /// What concerns any of these sessions; everything where no session is left out.
    pub(super) fn of_all(&self, sessions: Option<&BTreeSet<u32>>) -> Vec<&Finding> {
        let Some(sessions) = sessions else {
            return self.checked.findings.iter().collect();
        };
        let places = sessions
            .iter()
            .filter_map(|one| self.checked.by_session.get(one));
        let places: BTreeSet<usize> = places.flatten().copied().collect();
        let findings = places
            .iter()
            .filter_map(|at| self.checked.findings.get(*at));
        findings.collect()
    }

    /// Says so where not everything was judged.
    fn remark(&self, quiet: bool) {
        if !quiet {
            remark_on_bounds(&self.checked.limits_reached, &mut |words| complain(words));
        }
    }
}

/// The exit code of a command that has shown findings beside what it read.
pub(super) fn end_of(mut done: Done, marks: Option<&Marks>, sink: Sink, quiet: bool) -> u8 {
    if let Some(marks) = marks {
        marks.remark(quiet);
        done.codes.extend(marks.is_defect.then_some(exit::DEFECT));
    }
    end(&done, sink)
}

/// So little that judging it is not felt.
fn is_little(paths: &[PathBuf]) -> bool {
    let sizes = paths
        .iter()
        .map(|path| std::fs::metadata(path).map_or(u64::MAX, |file| file.len()));
    sizes.fold(0_u64, u64::saturating_add) <= BYTES_MAX
}

/// A pipe gives its bytes once.
pub(super) fn can_be_read_twice(path: &std::path::Path) -> bool {
    path.as_os_str() != "-" && std::fs::metadata(path).is_ok_and(|file| file.is_file())
}

/// Bytes of all files, as they lie on the disk: a few tenths of a second.
const BYTES_MAX: u64 = 32 << 20;
