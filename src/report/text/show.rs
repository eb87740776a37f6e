//! One session decoded: every message with its arguments.

mod datagram;
mod leaves;
mod secured;
mod tree;

use unicode_width::UnicodeWidthStr;

pub use leaves::Leaf;

use super::check::{severity_ink, verdict};
use super::figures;
use super::heading;
use crate::report::arguments::arguments;
use crate::report::escape;
use crate::report::moment;
use crate::report::paint::{Ink, Line, Look, wrapped};
use crate::session::{Evidence, Finding, Masking, Message, Places, Session, Side, TlsConnection};
use crate::source::Timestamp;

/// How much of a message is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Start line, envelope, arguments.
    Decoded,
    /// The header fields too.
    Headers,
    /// The bytes as they went over the wire.
    Raw,
}

/// Writes a session message by message.
#[derive(Debug, Clone, Copy)]
pub struct Show {
    /// The screen.
    pub look: Look,
    /// What is hidden.
    pub masking: Masking,
    /// More than one input file: frames are told with their file.
    pub several_files: bool,
    /// How much.
    pub detail: Detail,
}

impl Show {
    /// The lines above a session.
    pub fn session(&self, session: &Session, out: &mut String) {
        for line in heading::session(session, self.several_files, self.look) {
            line.write(self.look, out);
        }
    }

    /// How much the rule book found in it.
    pub fn verdict(&self, findings: &[&Finding], out: &mut String) {
        let all = findings.iter().copied();
        let worst = all.clone().map(|finding| finding.severity).max();
        let ink = worst.map_or(Ink::Good, severity_ink);
        let mut line = Line::of(Ink::Dim, "findings  ");
        line.push(ink, verdict(all));
        line.write(self.look, out);
    }

    /// The TLS of one of its connections.
    pub fn tls(&self, connection: &TlsConnection, out: &mut String) {
        for line in secured::lines(connection, self.look) {
            line.write(self.look, out);
        }
    }

    /// What the rule book says of a message: what it is the last to show.
    pub fn findings(&self, findings: &[&Finding], message: &Message, out: &mut String) {
        let frames = message.provenance.frames();
        let shows = |finding: &&&Finding| {
            let mut here = finding.occurrences.iter();
            here.any(|one| {
                one.session == message.session
                    && one.frames.last().is_some_and(|last| frames.contains(last))
            })
        };
        for finding in findings.iter().filter(shows).take(FINDINGS_MAX) {
            let words = format!(
                "! {} {} {}: {}",
                finding.severity.name(),
                finding.code,
                finding.blame.words(),
                escape::text(&finding.message_in(message.session, &frames))
            );
            for text in wrapped(&words, self.look.width.saturating_sub(INDENT)) {
                let mut line = Line::new();
                line.pad_to(INDENT)
                    .push(severity_ink(finding.severity), text);
                line.write(self.look, out);
            }
        }
    }

    /// A line above what set the session off.
    pub fn title(&self, words: &str, out: &mut String) {
        out.push('\n');
        for text in wrapped(words, self.look.width) {
            Line::of(Ink::Dim, text).write(self.look, out);
        }
    }

    /// One message, numbered from 1 in its session; without a number where it is no message of the session's own.
    pub fn message(
        &self,
        number: Option<usize>,
        start: Timestamp,
        message: &Message,
        out: &mut String,
    ) {
        out.push('\n');
        self.start_line(number, start, message, out);
        if self.detail == Detail::Raw {
            self.raw(message, out);
        } else {
            if self.detail == Detail::Headers {
                self.headers(&message.http, out);
            }
            self.facts(message, out);
            self.envelopes(message, out);
        }
        self.overlaps(message, out);
        self.anomalies(message, out);
    }

    fn start_line(
        &self,
        number: Option<usize>,
        start: Timestamp,
        message: &Message,
        out: &mut String,
    ) {
        let http = &message.http;
        let ink = match message.from {
            Side::Cpe => Ink::Cpe,
            Side::Acs => Ink::Acs,
            Side::Other => Ink::Plain,
        };
        let arrow = match message.from {
            Side::Cpe => self.look.art("cpe → acs", "cpe -> acs"),
            Side::Acs => self.look.art("acs → cpe", "acs -> cpe"),
            Side::Other => "other",
        };
        let mut line = Line::new();
        if let Some(number) = number {
            line.push(Ink::Bold, format!("[{number}]"));
        }
        line.pad_to(NUMBERS_END);
        line.push(Ink::Dim, moment::offset(start, message.provenance.time, 6))
            .push(Ink::Plain, "  ")
            .push(ink, arrow);
        line.push(Ink::Plain, "  ");
        if http.kind() == http1::Kind::Request {
            let target = self.masking.target(http.target());
            let words = [
                escape::bytes(http.method()),
                escape::bytes(&target),
                escape::bytes(http.version()),
            ];
            line.push(Ink::Bold, words.join(" ").trim_end().to_owned());
        } else {
            let status = format!(
                "{} {} {}",
                escape::bytes(http.version()),
                http.status(),
                escape::bytes(http.reason())
            );
            line.push(
                if http.status() >= 400 {
                    Ink::Fault
                } else {
                    Ink::Bold
                },
                status.trim_end().to_owned(),
            );
        }
        let frames = message.provenance.frames();
        let word = if frames.len() == 1 { "frame" } else { "frames" };
        line.push(
            Ink::Dim,
            format!("  {word} {}", figures::frames(&frames, self.several_files)),
        );
        match message.provenance.evidence {
            Evidence::Complete => {}
            Evidence::Gap => _ = line.push(Ink::Warning, "  bytes missing"),
            Evidence::Truncated => _ = line.push(Ink::Warning, "  cut"),
        }
        line.write(self.look, out);
    }

    fn headers(&self, http: &http1::Message, out: &mut String) {
        for header in http.headers() {
            let value = self.masking.header(header.name, &header.value);
            let mut line = indented(1);
            line.push(Ink::Dim, format!("{}:", escape::bytes(header.name)));
            line.push(Ink::Plain, format!(" {}", escape::bytes(&value)));
            line.write(self.look, out);
        }
    }

    /// What of the framing matters without reading headers.
    fn facts(&self, message: &Message, out: &mut String) {
        let http = &message.http;
        let mut facts = Vec::new();
        if http.body_bytes > 0 || http.kind() == http1::Kind::Response {
            facts.push(match http.body_bytes {
                0 => "no body".to_owned(),
                bytes => figures::counted(bytes, "byte", "bytes"),
            });
        }
        for name in ["Content-Type", "Content-Encoding", "Transfer-Encoding"] {
            facts.extend(
                http.header(name)
                    .filter(|_| http.body_bytes > 0)
                    .map(|value| escape::bytes(&value).into_owned()),
            );
        }
        if facts.is_empty() {
            facts.push("no body".to_owned());
        }
        let mut line = indented(1);
        line.push(Ink::Dim, facts.join(self.look.dot()));
        self.authorization(message, &mut line);
        line.write(self.look, out);
    }

    /// Whether a known password bears out who is there; nothing where nobody can tell.
    fn authorization(&self, message: &Message, line: &mut Line) {
        let Some(valid) = message.authorized else {
            return;
        };
        let Some(given) = message.authorization() else {
            return;
        };
        let user_name = given.user_name.unwrap_or_default();
        let user_name = self.masking.text(&user_name);
        let (ink, word) = if valid {
            (Ink::Good, "ok")
        } else {
            (Ink::Fault, "wrong")
        };
        let scheme = given.scheme.name();
        line.push(Ink::Dim, self.look.dot());
        line.push(ink, format!("{scheme} {word}"));
        line.push(Ink::Dim, format!(" ({})", escape::text(&user_name)));
    }

    fn envelopes(&self, message: &Message, out: &mut String) {
        let Some(document) = &message.soap else {
            return;
        };
        if document.envelopes().is_empty() {
            let mut line = indented(1);
            line.push(
                Ink::Fault,
                "no envelope can be read in this body; see it with --raw",
            );
            line.write(self.look, out);
        }
        let places = self.masking.places(document.text());
        for envelope in document.envelope_refs() {
            self.envelope(envelope, &places, message.from, out);
        }
    }

    fn envelope(
        &self,
        envelope: cwmp::EnvelopeRef<'_>,
        places: &Places,
        from: Side,
        out: &mut String,
    ) {
        let ink = match envelope.kind() {
            cwmp::Kind::Fault => Ink::Fault,
            _ if from == Side::Acs => Ink::Acs,
            _ => Ink::Cpe,
        };
        let mut line = indented(1);
        line.push(
            ink,
            envelope
                .message_name()
                .map_or("empty Body".into(), escape::text),
        );
        let namespace = envelope
            .cwmp_namespace()
            .map(|uri| uri.rsplit(':').next().unwrap_or(uri).into());
        let headers = [
            ("ID", envelope.id()),
            ("HoldRequests", envelope.header_text("HoldRequests")),
            ("NoMoreRequests", envelope.header_text("NoMoreRequests")),
            ("SessionTimeout", envelope.header_text("SessionTimeout")),
            ("SupportedCWMPVersions", envelope.supported_versions()),
            ("UseCWMPVersion", envelope.use_version()),
            ("namespace", namespace),
        ];
        for (name, value) in headers {
            if let Some(value) = value {
                line.push(Ink::Dim, format!("  {name} "))
                    .push(Ink::Plain, self.text(&value));
            }
        }
        line.write(self.look, out);
        match envelope.fault() {
            Some(fault) => self.fault(&fault, out),
            None => self.content(envelope, places, out),
        }
    }

    fn content(&self, envelope: cwmp::EnvelopeRef<'_>, places: &Places, out: &mut String) {
        if let Some(cwmp::Value::Mixed(element)) = envelope.value() {
            let (start, content) = (element.content_offset(), element.content());
            let shown = places.shown(start..start + content.len(), content);
            self.lines(&shown, 2, out);
            return;
        }
        self.tree(&arguments(envelope.args(), places), 2, out);
    }

    /// Wire text without its secrets, safe to print.
    fn text(&self, text: &str) -> String {
        escape::text(&self.masking.text(text)).into_owned()
    }

    fn fault(&self, fault: &cwmp::Fault, out: &mut String) {
        let text = |part: &Option<String>| {
            part.as_deref()
                .map_or_else(String::new, |part| self.text(part))
        };
        let mut line = indented(2);
        line.push(
            Ink::Fault,
            format!("{} {}", text(&fault.code), text(&fault.string))
                .trim()
                .to_owned(),
        );
        line.push(
            Ink::Dim,
            format!(
                "  SOAP {} {}",
                text(&fault.soap_code),
                text(&fault.soap_string)
            )
            .trim_end()
            .to_owned(),
        );
        line.write(self.look, out);
        let widest = fault
            .parameters
            .iter()
            .map(|parameter| escape::text(&parameter.name).width())
            .max()
            .unwrap_or(0);
        for parameter in &fault.parameters {
            let mut line = indented(2);
            line.push(Ink::Plain, escape::text(&parameter.name).into_owned())
                .pad_to(line_end(2, widest));
            let words = self
                .masking
                .fault_string(&parameter.name, &parameter.string);
            line.push(
                Ink::Fault,
                format!("  {} {}", self.text(&parameter.code), escape::text(&words)),
            );
            line.write(self.look, out);
        }
    }

    /// The message as it was sent; a body that was coded is decoded, since its secrets could not be hidden otherwise.
    fn raw(&self, message: &Message, out: &mut String) {
        let http = &message.http;
        let head = http.view().raw();
        let wire = http.raw.get(head.len()..).unwrap_or_default();
        self.lines(&self.masking.head(head), 1, out);
        let decoded = message
            .soap
            .as_ref()
            .map_or(http.body(), |document| document.text());
        if wire == decoded && !self.masking.show_secrets && is_opaque(message, wire) {
            let bytes = figures::counted(http.body_bytes, "byte", "bytes");
            let mut line = indented(1);
            line.push(
                Ink::Dim,
                format!("({bytes} in which no secret could be masked; with --show-secrets they are shown)"),
            );
            line.write(self.look, out);
        } else if self.masking.show_secrets || wire == decoded {
            self.lines(&self.masking.body(wire), 1, out);
        } else {
            let mut line = indented(1);
            let bytes = figures::counted(http.body_bytes, "byte", "bytes");
            line.push(
                Ink::Dim,
                format!(
                    "({bytes} on the wire, decoded here; the bytes themselves with --show-secrets)"
                ),
            );
            line.write(self.look, out);
            self.lines(&self.masking.body(decoded), 1, out);
        }
        if !http.body_kept {
            let mut line = indented(1);
            line.push(
                Ink::Dim,
                format!(
                    "({} of body, not kept)",
                    figures::counted(http.body_bytes, "byte", "bytes")
                ),
            );
            line.write(self.look, out);
        }
    }

    fn lines(&self, text: &[u8], depth: usize, out: &mut String) {
        for part in text.split_inclusive(|&byte| byte == b'\n') {
            let part = part.strip_suffix(b"\n").unwrap_or(part);
            let (part, end) = part
                .strip_suffix(b"\r")
                .map_or((part, ""), |part| (part, "\\x0d"));
            let mut line = indented(depth);
            line.push(Ink::Plain, escape::bytes(part).into_owned())
                .push(Ink::Dim, end);
            line.write(self.look, out);
        }
    }

    /// Both versions of what came twice and was not the same.
    fn overlaps(&self, message: &Message, out: &mut String) {
        let overlaps = &message.provenance.overlaps;
        for (overlap, [kept, other]) in overlaps.iter().zip(self.masking.overlaps(message)) {
            let frame = |frame| figures::frames(&[frame], self.several_files);
            let mut line = indented(1);
            line.push(
                Ink::Warning,
                format!(
                    "! {} at byte {} of the message came with other content too",
                    figures::counted(overlap.length, "byte", "bytes"),
                    overlap.offset
                ),
            );
            line.write(self.look, out);
            for (frame, bytes, what) in [
                (frame(overlap.kept_frame), kept, "read"),
                (frame(overlap.other_frame), other, "not read"),
            ] {
                let mut line = indented(2);
                line.push(Ink::Dim, format!("frame {frame}, {what}: "))
                    .push(Ink::Plain, escape::bytes(&bytes));
                line.write(self.look, out);
            }
        }
    }

    fn anomalies(&self, message: &Message, out: &mut String) {
        let http = message
            .http
            .anomalies
            .iter()
            .map(|odd| format!("{} at byte {} of the message", odd.kind.name(), odd.offset));
        let mut lines: Vec<String> = http.take(ANOMALIES_MAX).collect();
        let mut all = message.http.anomalies.len() + message.http.anomalies_dropped as usize;
        if let Some(document) = &message.soap {
            all += document.anomalies().len() + document.anomalies_omitted();
            for odd in document
                .anomalies()
                .iter()
                .take(ANOMALIES_MAX - lines.len())
            {
                let place = document.position(odd.offset);
                let (line, column, offset) = (place.line, place.column, odd.offset);
                lines.push(format!(
                    "{} at line {line}, column {column} of the body (byte {offset})",
                    odd.kind.name()
                ));
            }
        }
        if all > lines.len() {
            lines.push(format!(
                "and {} more",
                figures::counted((all - lines.len()) as u64, "anomaly", "anomalies")
            ));
        }
        for text in lines {
            let mut line = indented(1);
            line.push(Ink::Warning, "! ").push(Ink::Warning, text);
            line.write(self.look, out);
        }
    }
}

fn indented(depth: usize) -> Line {
    let mut line = Line::new();
    line.pad_to(depth * INDENT);
    line
}

fn line_end(depth: usize, width: usize) -> usize {
    depth * INDENT + width
}

/// Neither SOAP nor text: what is in it, and what of that is secret, nobody can say.
fn is_opaque(message: &Message, body: &[u8]) -> bool {
    let control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    message.soap.is_none() && body.iter().any(control)
}

/// Columns of a message's number.
const NUMBERS_END: usize = 5;
/// Findings under one message.
const FINDINGS_MAX: usize = 20;
const INDENT: usize = 3;
/// Anomalies told of one message.
const ANOMALIES_MAX: usize = 40;
