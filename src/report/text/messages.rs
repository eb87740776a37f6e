//! One line for every message, in time order.

mod datagrams;
mod tls;

use super::figures;
use super::wakeups;
use crate::report::escape;
use crate::report::moment;
use crate::report::paint::{Ink, Line, Look};
use crate::session::{Masking, Message, Side, Transfer, TransferMethod, TransferResult};
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
        let at = self.columns();
        let mut line = Line::new();
        line.push(Ink::Dim, "time UTC");
        if let Some(frames) = at.frames {
            line.pad_to(frames).push(Ink::Dim, "frames");
        }
        line.pad_to(at.from).push(Ink::Dim, "from");
        if let Some(protocol) = at.protocol {
            line.pad_to(protocol).push(Ink::Dim, "what");
        }
        line.pad_to(at.session).push(Ink::Dim, "#");
        line.cut_to(self.look.width, self.look)
            .write(self.look, out);
    }

    fn columns(&self) -> &'static Columns {
        if self.look.width < WIDE {
            &NARROW
        } else {
            &COLUMNS
        }
    }

    /// An HTTP message, and the envelopes in it.
    pub fn message(&self, message: &Message, out: &mut String) {
        let place = Place {
            time: message.provenance.time,
            frames: self.frames(&message.provenance.frames()),
            from: message.from,
            session: message.session,
        };
        let mut what = self.http(message);
        contested(message.provenance.overlaps.len(), &mut what);
        came_of(wakeups::behind_leg(message, self.masking), &mut what);
        self.line(&place, "http", what, out);
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
        if transfer.method != TransferMethod::Http {
            let method = transfer.method.name().to_uppercase();
            what.push(Ink::Plain, format!(" by {method}"));
            self.result(transfer, &mut what);
        }
        if transfer.bytes != Some(0) || transfer.method == TransferMethod::Http {
            what.push(Ink::Plain, "  ")
                .append(figures::size(transfer, Ink::Dim, |bytes| {
                    figures::counted(bytes, "byte", "bytes")
                }));
        }
        let place = Place {
            time: last.time,
            frames: self.frames(&frames),
            from: first.from,
            session: transfer.caused_by.as_ref().map(|cause| cause.session),
        };
        self.line(&place, "file", what, out);
    }

    /// What came of a transfer that is not complete; of HTTP the answer tells.
    fn result(&self, transfer: &Transfer, what: &mut Line) {
        if transfer.result == TransferResult::Complete {
            return;
        }
        let code = transfer.code.map(|code| format!(" {code}"));
        let reason = transfer.reason.as_deref();
        let reason = reason.map(|reason| format!(" {}", escape::text(&self.masking.text(reason))));
        let words = [Some(transfer.result.name().to_owned()), code, reason];
        let words: String = words.into_iter().flatten().collect();
        what.push(Ink::Fault, format!("  {words}"));
    }

    fn http(&self, message: &Message) -> Line {
        let http = &message.http;
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
        if let Some(given) = message.authorization() {
            proven(given.scheme.name(), given.valid, &mut what);
        }
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
        let at = self.columns();
        let room = at.frames.map_or(0, |frames| at.from - frames - 1);
        figures::frames_within(frames, self.several_files, room, self.look)
    }

    fn line(&self, place: &Place, protocol: &str, what: Line, out: &mut String) {
        let ink = match place.from {
            Side::Cpe => Ink::Cpe,
            Side::Acs => Ink::Acs,
            Side::Other => Ink::Dim,
        };
        let at = self.columns();
        let mut line = Line::of(Ink::Dim, moment::clock(place.time, at.digits));
        if let Some(frames) = at.frames {
            line.pad_to(frames)
                .push(Ink::Dim, place.frames.as_str())
                .push(Ink::Plain, " ");
        }
        line.pad_to(at.from).push(ink, place.from.name());
        if let Some(column) = at.protocol {
            line.pad_to(column).push(Ink::Dim, protocol);
        }
        line.pad_to(at.session);
        if let Some(session) = place.session {
            line.push(Ink::Bold, session.to_string());
        }
        line.push(Ink::Plain, " ").pad_to(at.what).append(what);
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
            let words = words.join(" ");
            let words = self.masking.text(&words);
            what.push(Ink::Fault, format!(" {}", escape::text(&words)));
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
            what.push(
                Ink::Dim,
                format!("  id {}", escape::text(&self.masking.text(&id))),
            );
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

/// Whether a known password bears it out; nothing where nobody can tell.
fn proven(name: &str, valid: Option<bool>, what: &mut Line) {
    match valid {
        Some(true) => _ = what.push(Ink::Good, format!("  {name} ok")),
        Some(false) => _ = what.push(Ink::Fault, format!("  {name} wrong")),
        None => {}
    }
}

/// What came of a Connection Request, where that is to be said.
fn came_of(words: Option<String>, what: &mut Line) {
    if let Some(words) = words {
        what.push(Ink::Dim, format!("  {words}"));
    }
}

fn contested(overlaps: usize, what: &mut Line) {
    if overlaps > 0 {
        let overlaps = figures::counted(overlaps as u64, "overlap", "overlaps");
        what.push(Ink::Warning, format!("  {overlaps}"));
    }
}

/// Where columns begin; a narrow screen has no room for some.
struct Columns {
    digits: u8,
    frames: Option<usize>,
    from: usize,
    protocol: Option<usize>,
    session: usize,
    what: usize,
}

const COLUMNS: Columns = Columns {
    digits: 6,
    frames: Some(17),
    from: 27,
    protocol: Some(34),
    session: 40,
    what: 45,
};
const NARROW: Columns = Columns {
    digits: 3,
    frames: None,
    from: 13,
    protocol: None,
    session: 19,
    what: 23,
};
/// Columns of a screen that has room for all of them.
const WIDE: usize = 60;
