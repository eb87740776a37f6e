//! `informant messages`: one record for each message.

use std::ops::ControlFlow;

use super::arguments::{MessagesArguments, Records};
use super::exit::Trouble;
use super::list::{item, list_end};
use super::output::Sink;
use super::reading::{Source, end};
use super::screen;
use super::select::{self, Count};
use crate::filter::Filter;
use crate::report::{json, text};
use crate::session::{Datagram, Masking, Output, TlsSeen, Transfer};
use crate::source::Timestamp;

pub(super) fn run(arguments: &MessagesArguments) -> Result<u8, Trouble> {
    let paths = arguments.files.paths();
    let filter = select::parse(
        arguments.filter.as_deref(),
        select::ALL_MESSAGES,
        &arguments.writing,
    )?;
    let mut sink = Sink::open(&arguments.writing, &paths)?;
    let source = Source {
        paths: &paths,
        reading: &arguments.reading,
        writing: &arguments.writing,
        messages: true,
        appears: sink.is_terminal(),
    };
    let masking = Masking {
        show_secrets: arguments.writing.show_secrets,
    };
    let several_files = paths.len() > 1;
    let mut records = Writer {
        format: arguments.format,
        setting: json::Setting {
            several_files,
            masking,
        },
        lines: text::MessageLines {
            look: screen::look(&arguments.writing),
            masking,
            several_files,
        },
        first: true,
        waiting: Vec::new(),
        filter: filter.as_ref(),
        count: Count::default(),
    };
    let done = source.read(&mut |output| records.output(output, &mut sink))?;
    let _ = records.transfers(None, &mut sink);
    if records.format == Records::Json {
        let _ = sink.text(list_end(records.first));
    }
    records.count.remark_on_none(
        filter.as_ref(),
        "messages and transfers",
        &arguments.writing,
    );
    Ok(end(&done, sink))
}

/// Writes messages in the form asked for.
struct Writer<'f> {
    format: Records,
    setting: json::Setting,
    lines: text::MessageLines,
    first: bool,
    /// Transfers that ended, until the messages up to their end are written.
    waiting: Vec<Transfer>,
    filter: Option<&'f Filter>,
    count: Count,
}

impl Writer<'_> {
    fn output(&mut self, output: Output, sink: &mut Sink) -> ControlFlow<()> {
        match output {
            Output::Message(message) => {
                self.transfers(Some(message.provenance.time), sink)?;
                if !self.count.judge(self.filter, &message) {
                    return ControlFlow::Continue(());
                }
                if self.format == Records::Text {
                    return self.lines(sink, |lines, out| lines.message(&message, out));
                }
                self.records(select::records(&message, self.filter, self.setting), sink)
            }
            Output::Transfer(transfer) => {
                self.waiting.push(*transfer);
                ControlFlow::Continue(())
            }
            Output::Datagram(datagram) => {
                self.transfers(Some(datagram.time), sink)?;
                self.datagram(&datagram, sink)
            }
            Output::Tls(seen) => {
                self.transfers(Some(seen.time), sink)?;
                self.tls(&seen, sink)
            }
            Output::Session(_) | Output::ConnectionRequest(_) => ControlFlow::Continue(()),
        }
    }

    fn datagram(&mut self, datagram: &Datagram, sink: &mut Sink) -> ControlFlow<()> {
        let shown = self.filter.is_none_or(|filter| filter.datagram(datagram));
        self.count.note(shown);
        if !shown {
            return ControlFlow::Continue(());
        }
        if self.format == Records::Text {
            return self.lines(sink, |lines, out| lines.datagram(datagram, out));
        }
        let record = json::datagram_record(datagram, self.setting);
        self.records(record.into_iter().collect(), sink)
    }

    fn tls(&mut self, seen: &TlsSeen, sink: &mut Sink) -> ControlFlow<()> {
        let shown = self.filter.is_none_or(|filter| filter.tls(seen));
        self.count.note(shown);
        if !shown {
            return ControlFlow::Continue(());
        }
        if self.format == Records::Text {
            return self.lines(sink, |lines, out| lines.tls(seen, out));
        }
        self.records(vec![json::tls_record(seen, self.setting)], sink)
    }

    /// Transfers that ended before this time, or all.
    fn transfers(&mut self, before: Option<Timestamp>, sink: &mut Sink) -> ControlFlow<()> {
        if self.waiting.is_empty() {
            return ControlFlow::Continue(());
        }
        let is_due = |transfer: &Transfer| before.is_none_or(|before| end_of(transfer) < before);
        let (mut due, later) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition::<Vec<_>, _>(is_due);
        self.waiting = later;
        due.sort_by_key(end_of);
        let filter = self.filter;
        due.retain(|transfer| {
            let shown = filter.is_none_or(|filter| filter.transfer(transfer));
            self.count.note(shown);
            shown
        });
        for transfer in due {
            if self.format == Records::Text {
                self.lines(sink, |lines, out| lines.transfer(&transfer, out))?;
            } else {
                self.records(vec![json::transfer_record(&transfer, self.setting)], sink)?;
            }
        }
        ControlFlow::Continue(())
    }

    fn records(&mut self, records: Vec<json::MessageRecord>, sink: &mut Sink) -> ControlFlow<()> {
        for record in records {
            let first = std::mem::replace(&mut self.first, false);
            sink.text(&item(&json::line(&record), self.format, first))?;
        }
        ControlFlow::Continue(())
    }

    fn lines(
        &mut self,
        sink: &mut Sink,
        write: impl FnOnce(&text::MessageLines, &mut String),
    ) -> ControlFlow<()> {
        let mut out = String::new();
        if std::mem::replace(&mut self.first, false) {
            self.lines.heading(&mut out);
        }
        write(&self.lines, &mut out);
        sink.text(&out)
    }
}

fn end_of(transfer: &Transfer) -> Timestamp {
    transfer.end().unwrap_or_default()
}
