//! What is shown while it runs: rows and findings for people, or a record on each line.

use std::ops::ControlFlow;

use super::output::Stream;
use crate::cli::arguments::{LiveArguments, LiveFormat};
use crate::cli::screen;
use crate::conformance::Checked;
use crate::report::{json, text};
use crate::session::{Finding, Masking, Session, Summary};

/// What is shown.
pub(super) struct Page<'a> {
    arguments: &'a LiveArguments,
    stream: Stream,
    table: text::SessionTable,
    setting: json::Setting,
    headed: bool,
}

impl<'a> Page<'a> {
    pub(super) fn new(arguments: &'a LiveArguments, stream: Stream) -> Self {
        Self {
            arguments,
            stream,
            table: text::SessionTable::as_they_come(screen::look(&arguments.writing)),
            setting: json::Setting {
                several_files: !arguments.ring.is_empty(),
                masking: Masking {
                    show_secrets: arguments.writing.show_secrets,
                },
            },
            headed: false,
        }
    }

    /// Whether anybody still reads.
    pub(super) fn flow(&self) -> ControlFlow<()> {
        self.stream.flow()
    }

    /// Begins the file of the output anew, where that was asked for.
    pub(super) fn rotate(&mut self) {
        self.stream.rotate();
    }

    pub(super) fn session(&mut self, session: &Session) {
        if self.arguments.format == LiveFormat::Ndjson {
            let record = json::SessionRecord::new(session, self.setting);
            return self.stream.write(&json::line(&record));
        }
        let mut rows = String::new();
        if !std::mem::replace(&mut self.headed, true) {
            self.table.heading(&mut rows);
        }
        self.table.push(session, &mut rows);
        self.stream.write(&rows);
    }

    pub(super) fn findings(&mut self, findings: Vec<Finding>) {
        if findings.is_empty() {
            return;
        }
        if self.arguments.format == LiveFormat::Ndjson {
            for finding in &findings {
                let record = json::FindingRecord::new(finding, self.setting, &[]);
                self.stream.write(&json::line(&record));
            }
            return;
        }
        let checked = Checked {
            findings,
            ..Checked::default()
        };
        let page = text::Check {
            checked: &checked,
            summary: &Summary::default(),
            paths: &[],
            accepted: 0,
            look: screen::look(&self.arguments.writing),
        };
        self.stream.write(&page.found());
    }

    /// A line of JSON, where that is the form.
    pub(super) fn record(&mut self, record: &impl serde::Serialize) {
        if self.arguments.format == LiveFormat::Ndjson {
            self.stream.write(&json::line(record));
        }
    }

    pub(super) fn finish(self) -> Option<u8> {
        self.stream.finish()
    }
}
