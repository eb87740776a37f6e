//! One line for every message, in time order.

use super::figures;
use crate::report::escape;
use crate::report::moment;
use crate::report::paint::{Ink, Line, Look};
use crate::session::{Masking, Message, Side, Transfer};
use crate::source::Timestamp;

/// Writes messages as lines.
#[derive(Debug, Clone, Copy)]
pub struct MessageLines {
    /// The screen.
    pub look: Look,
    /// What is hidden.
    pub masking: Masking,
    /// More than one input file: frames are told with their file.
    pub several_files: bool,
}

impl MessageLines {
    /// The headings.
    pub fn heading(&self, out: &mut String) {
        let mut line = Line::new();
        line.push(Ink::Dim, "time UTC")
            .pad_to(FRAMES_AT)
            .push(Ink::Dim, "frames")
            .pad_to(FROM_AT)
            .push(Ink::Dim, "from");
        line.pad_to(PROTOCOL_AT)
            .push(Ink::Dim, "what")
            .pad_to(SESSION_AT)
            .push(Ink::Dim, "#")
            .pad_to(WHAT_AT);
        line.write(self.look, out);
    }

    /// An HTTP message, and the envelopes in it.
    pub fn message(&self, message: &Message, out: &mut String) {
        let frames = figures::frames(&message.provenance.frames(), self.several_files);
        let http = &message.http;
        let mut what = Line::new();
        if http.kind() == http1::Kind::Request {
            let target = self.masking.target(http.target());
            what.push(
                Ink::Plain,
                format!(
                    "{} {}",
                    escape::bytes(http.method()),
                    escape::bytes(&target)
                ),
            );
        } else {
            let ink = if http.status() >= 400 {
                Ink::Fault
            } else {
                Ink::Plain
            };
            what.push(
                ink,
                format!("{} {}", http.status(), escape::bytes(http.reason()))
                    .trim_end()
                    .to_owned(),
            );
        }
        if http.body_bytes > 0 {
            what.push(
                Ink::Dim,
                format!("  {}", figures::counted(http.body_bytes, "byte", "bytes")),
            );
        }
        if !http.body_complete {
            what.push(Ink::Warning, "  cut");
        }
        odd(http.anomalies.len(), &mut what);
        self.line(
            message.provenance.time,
            &frames,
            message.from,
            "http",
            message.session,
            what,
            out,
        );
        let Some(document) = &message.soap else {
            return;
        };
        for (at, envelope) in document.envelope_refs().enumerate() {
            let mut what = self.envelope(envelope);
            if at == 0 {
                odd(document.anomalies().len(), &mut what);
            }
            self.line(
                message.provenance.time,
                &frames,
                message.from,
                "cwmp",
                message.session,
                what,
                out,
            );
        }
        if document.envelopes().is_empty() {
            let mut what = Line::new();
            what.push(Ink::Fault, "unreadable body");
            self.line(
                message.provenance.time,
                &frames,
                message.from,
                "cwmp",
                message.session,
                what,
                out,
            );
        }
    }

    /// A file that moved.
    pub fn transfer(&self, transfer: &Transfer, out: &mut String) {
        let (Some(first), Some(last)) = (transfer.steps.first(), transfer.steps.last()) else {
            return;
        };
        let frames: Vec<_> = transfer
            .steps
            .iter()
            .flat_map(|step| step.frames.iter().copied())
            .collect();
        let name = self.masking.target(transfer.name.as_bytes());
        let mut what = Line::new();
        what.push(
            Ink::Plain,
            format!("{} {}", transfer.direction.name(), escape::bytes(&name)),
        );
        what.push(
            Ink::Dim,
            format!("  {}", figures::counted(transfer.bytes, "byte", "bytes")),
        );
        let session = transfer.caused_by.as_ref().map(|cause| cause.session);
        self.line(
            last.time,
            &figures::frames(&frames, self.several_files),
            first.from,
            "file",
            session,
            what,
            out,
        );
    }

    #[allow(clippy::too_many_arguments, reason = "the columns of a line")]
    fn line(
        &self,
        time: Timestamp,
        frames: &str,
        from: Side,
        protocol: &str,
        session: Option<u32>,
        what: Line,
        out: &mut String,
    ) {
        let ink = match from {
            Side::Cpe => Ink::Cpe,
            Side::Acs => Ink::Acs,
            Side::Other => Ink::Dim,
        };
        let mut line = Line::new();
        line.push(Ink::Dim, moment::clock(time, 6))
            .pad_to(FRAMES_AT)
            .push(Ink::Dim, frames)
            .push(Ink::Plain, " ");
        line.pad_to(FROM_AT)
            .push(ink, from.name())
            .pad_to(PROTOCOL_AT)
            .push(Ink::Dim, protocol)
            .pad_to(SESSION_AT);
        if let Some(session) = session {
            line.push(Ink::Bold, session.to_string());
        }
        line.push(Ink::Plain, " ").pad_to(WHAT_AT).append(what);
        line.cut_to(self.look.width, self.look)
            .write(self.look, out);
    }

    fn envelope(&self, envelope: cwmp::EnvelopeRef<'_>) -> Line {
        let mut what = Line::new();
        let name = envelope
            .message_name()
            .map_or("empty body".into(), escape::text);
        let is_fault = envelope.kind() == cwmp::Kind::Fault;
        what.push(if is_fault { Ink::Fault } else { Ink::Plain }, name);
        if let Some(fault) = envelope.fault() {
            let words: Vec<String> = [fault.code, fault.string].into_iter().flatten().collect();
            what.push(Ink::Fault, format!(" {}", escape::text(&words.join(" "))));
        }
        if let Some(inform) = envelope
            .message()
            .filter(|message| message.is_named("Inform"))
            .and_then(|_| envelope.inform())
        {
            let events: Vec<_> = inform
                .events()
                .into_iter()
                .map(|event| event.code)
                .collect();
            what.push(
                Ink::Plain,
                format!("  {}", escape::text(&events.join(", "))),
            );
        }
        if let Some(transfer) = envelope.transfer_request() {
            what.push(
                Ink::Plain,
                format!("  {}", escape::text(&self.masking.text(&transfer.url))),
            );
        }
        if let Some(id) = envelope.id() {
            what.push(Ink::Dim, format!("  id {}", escape::text(&id)));
        }
        what
    }
}

fn odd(anomalies: usize, what: &mut Line) {
    if anomalies > 0 {
        what.push(
            Ink::Warning,
            format!(
                "  {}",
                figures::counted(anomalies as u64, "anomaly", "anomalies")
            ),
        );
    }
}

const FRAMES_AT: usize = 17;
const FROM_AT: usize = 27;
const PROTOCOL_AT: usize = 34;
const SESSION_AT: usize = 40;
const WHAT_AT: usize = 45;
