//! One line for every message, in time order.

use super::figures;
use crate::report::escape;
use crate::report::moment;
use crate::report::paint::{Ink, Line, Look};
use crate::session::{Masking, Message, Side, Transfer};
use crate::source::{FrameId, Timestamp};

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
        let place = Place {
            time: message.provenance.time,
            frames: self.frames(&message.provenance.frames()),
            from: message.from,
            session: message.session,
        };
        self.line(&place, "http", self.http(&message.http), out);
        let Some(document) = &message.soap else {
            return;
        };
        for (at, envelope) in document.envelope_refs().enumerate() {
            let mut what = self.envelope(envelope);
            if at == 0 {
                odd(document.anomalies().len(), &mut what);
            }
            self.line(&place, "cwmp", what, out);
        }
        if document.envelopes().is_empty() {
            self.line(&place, "cwmp", Line::of(Ink::Fault, "unreadable body"), out);
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
        let place = Place {
            time: last.time,
            frames: self.frames(&frames),
            from: first.from,
            session: transfer.caused_by.as_ref().map(|cause| cause.session),
        };
        self.line(&place, "file", what, out);
    }

    fn http(&self, http: &http1::Message) -> Line {
        let mut what = if http.kind() == http1::Kind::Request {
            let target = self.masking.target(http.target());
            Line::of(
                Ink::Plain,
                [escape::bytes(http.method()), escape::bytes(&target)].join(" "),
            )
        } else {
            let ink = if http.status() >= 400 {
                Ink::Fault
            } else {
                Ink::Plain
            };
            let words = format!("{} {}", http.status(), escape::bytes(http.reason()));
            Line::of(ink, words.trim_end())
        };
        if http.body_bytes > 0 {
            let bytes = figures::counted(http.body_bytes, "byte", "bytes");
            what.push(Ink::Dim, format!("  {bytes}"));
        }
        if !http.body_complete {
            what.push(Ink::Warning, "  cut");
        }
        odd(http.anomalies.len(), &mut what);
        what
    }

    fn frames(&self, frames: &[FrameId]) -> String {
        let room = FROM_AT - FRAMES_AT - 1;
        figures::frames_within(frames, self.several_files, room, self.look)
    }

    fn line(&self, place: &Place, protocol: &str, what: Line, out: &mut String) {
        let ink = match place.from {
            Side::Cpe => Ink::Cpe,
            Side::Acs => Ink::Acs,
            Side::Other => Ink::Dim,
        };
        let mut line = Line::of(Ink::Dim, moment::clock(place.time, 6));
        line.pad_to(FRAMES_AT)
            .push(Ink::Dim, place.frames.as_str())
            .push(Ink::Plain, " ");
        line.pad_to(FROM_AT).push(ink, place.from.name());
        line.pad_to(PROTOCOL_AT)
            .push(Ink::Dim, protocol)
            .pad_to(SESSION_AT);
        if let Some(session) = place.session {
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

/// What stands before what a message is.
struct Place {
    time: Timestamp,
    frames: String,
    from: Side,
    session: Option<u32>,
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
