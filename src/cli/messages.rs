//! `informant messages`: one record for each message.

use std::ops::ControlFlow;

use super::arguments::{MessagesArguments, Records};
use super::exit::Trouble;
use super::list::{item, list_end};
use super::output::Sink;
use super::reading::{Source, end};
use super::screen;
use crate::report::{json, text};
use crate::session::{Masking, Output};

pub(super) fn run(arguments: &MessagesArguments) -> Result<u8, Trouble> {
    let paths = arguments.files.paths();
    let mut sink = Sink::open(&arguments.writing, &paths)?;
    let source = Source { paths: &paths, reading: &arguments.reading, writing: &arguments.writing, messages: true, appears: sink.is_terminal() };
    let masking = Masking { show_secrets: arguments.writing.show_secrets };
    let several_files = paths.len() > 1;
    let mut records = Writer {
        format: arguments.format,
        setting: json::Setting { several_files, masking },
        lines: text::MessageLines { look: screen::look(&arguments.writing), masking, several_files },
        first: true,
    };
    let done = source.read(&mut |output| records.output(&output, &mut sink))?;
    if records.format == Records::Json {
        let _ = sink.text(list_end(records.first));
    }
    Ok(end(&done, sink))
}

/// Writes messages in the form asked for.
struct Writer {
    format: Records,
    setting: json::Setting,
    lines: text::MessageLines,
    first: bool,
}

impl Writer {
    fn output(&mut self, output: &Output, sink: &mut Sink) -> ControlFlow<()> {
        let records = match output {
            Output::Message(message) if self.format == Records::Text => {
                return self.lines(sink, |lines, out| lines.message(message, out));
            }
            Output::Transfer(transfer) if self.format == Records::Text => {
                return self.lines(sink, |lines, out| lines.transfer(transfer, out));
            }
            Output::Message(message) => json::records(message, self.setting),
            Output::Transfer(transfer) => vec![json::transfer_record(transfer, self.setting)],
            Output::Session(_) | Output::ConnectionRequest(_) => return ControlFlow::Continue(()),
        };
        for record in records {
            let first = std::mem::replace(&mut self.first, false);
            sink.text(&item(&json::line(&record), self.format, first))?;
        }
        ControlFlow::Continue(())
    }

    fn lines(&mut self, sink: &mut Sink, write: impl FnOnce(&text::MessageLines, &mut String)) -> ControlFlow<()> {
        let mut out = String::new();
        if std::mem::replace(&mut self.first, false) {
            self.lines.heading(&mut out);
        }
        write(&self.lines, &mut out);
        sink.text(&out)
    }
}
