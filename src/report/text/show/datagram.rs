//! A datagram decoded: every attribute of STUN, every parameter of a UDP Connection Request.

use unicode_width::UnicodeWidthStr;

use super::{ANOMALIES_MAX, Detail, NUMBERS_END, Show, figures, indented, line_end};
use crate::report::datagram::{attribute_value, hexadecimal};
use crate::report::escape;
use crate::report::moment;
use crate::report::paint::{Ink, Line};
use crate::session::{Datagram, DatagramKind, MASKED, Side, StepKind};
use crate::source::Timestamp;

impl Show {
    /// A datagram that set a session off, or that stood before what did. It has no number.
    pub fn datagram(&self, start: Timestamp, datagram: &Datagram, out: &mut String) {
        out.push('\n');
        self.datagram_line(start, datagram, out);
        if self.detail == Detail::Raw {
            self.raw_datagram(datagram, out);
            return;
        }
        self.ends(datagram, out);
        match datagram.kind {
            DatagramKind::Stun => self.stun(datagram, out),
            DatagramKind::ConnectionRequest => self.request(datagram, out),
            DatagramKind::LightweightNotification | DatagramKind::DhcpV4 | DatagramKind::DhcpV6 => {
                let detail = datagram.step().detail.unwrap_or_default();
                self.pairs(&[("says".to_owned(), self.text(&detail))], out);
            }
        }
    }

    fn datagram_line(&self, start: Timestamp, datagram: &Datagram, out: &mut String) {
        let step = datagram.step();
        let (arrow, plain, ink) = match (step.from, datagram.kind) {
            (Side::Cpe, DatagramKind::Stun) => {
                ("cpe → stun server", "cpe -> stun server", Ink::Cpe)
            }
            (_, DatagramKind::Stun) => ("stun server → cpe", "stun server -> cpe", Ink::Plain),
            (Side::Cpe, _) => ("cpe → other", "cpe -> other", Ink::Cpe),
            (Side::Acs, _) => ("acs → cpe", "acs -> cpe", Ink::Acs),
            (Side::Other, _) => ("other → cpe", "other -> cpe", Ink::Plain),
        };
        let words = match &step.kind {
            StepKind::Datagram(_, words) => escape::text(words).into_owned(),
            _ => String::new(),
        };
        let frames = figures::frames(&datagram.frames, self.several_files);
        let word = if datagram.frames.len() == 1 {
            "frame"
        } else {
            "frames"
        };
        let mut line = Line::new();
        line.pad_to(NUMBERS_END);
        line.push(Ink::Dim, moment::offset(start, datagram.time, 6))
            .push(Ink::Plain, "  ")
            .push(ink, self.look.art(arrow, plain))
            .push(Ink::Plain, "  ")
            .push(Ink::Bold, words)
            .push(Ink::Dim, format!("  {word} {frames}"));
        if datagram.payload.len() < datagram.wire_bytes {
            line.push(Ink::Warning, "  cut");
        }
        line.write(self.look, out);
    }

    /// Between which ends, and how long it is.
    fn ends(&self, datagram: &Datagram, out: &mut String) {
        let bytes = figures::counted(datagram.wire_bytes as u64, "byte", "bytes");
        let arrow = self.look.art("→", "->");
        let (source, destination) = (datagram.source, datagram.destination);
        let mut line = indented(1);
        line.push(
            Ink::Dim,
            format!("{source} {arrow} {destination}{}{bytes}", self.look.dot()),
        );
        line.write(self.look, out);
    }

    fn stun(&self, datagram: &Datagram, out: &mut String) {
        let Some(message) = datagram.stun() else {
            return;
        };
        let mut pairs = vec![(
            "transaction".to_owned(),
            hexadecimal(message.transaction_id()),
        )];
        for attribute in &message.attributes {
            let name = message.name_of(attribute);
            let name = name.map_or_else(|| format!("{:#06x}", attribute.kind), str::to_owned);
            let secret = attribute.kind == stun::kind::PASSWORD && !self.masking.show_secrets;
            let value = if secret {
                MASKED.to_owned()
            } else {
                self.bytes(&attribute_value(&message, attribute))
            };
            pairs.push((name, value));
        }
        self.pairs(&pairs, out);
        self.odd(&message.anomalies, out);
    }

    fn request(&self, datagram: &Datagram, out: &mut String) {
        let Some(request) = datagram.connection_request() else {
            return;
        };
        let mut line = indented(1);
        let target = self.masking.target(request.raw(request.target.all));
        let words = [
            escape::bytes(request.raw(request.method)),
            escape::bytes(&target),
            escape::bytes(request.raw(request.version)),
        ];
        line.push(Ink::Acs, words.join(" ").trim_end().to_owned());
        line.write(self.look, out);
        let parameters = request.parameters.iter().map(|parameter| {
            let [name, value] = [parameter.name, parameter.value]
                .map(|span| stun::ucr::percent_decoded(request.raw(span), true));
            let secret = self.masking.hides(&String::from_utf8_lossy(&name));
            let value = if secret {
                MASKED.to_owned()
            } else {
                self.bytes(&value)
            };
            (escape::bytes(&name).into_owned(), value)
        });
        let mut pairs: Vec<(String, String)> = parameters.collect();
        if self.detail == Detail::Headers {
            pairs.extend(request.headers.iter().map(|header| {
                let (name, value) = (request.raw(header.name), request.raw(header.value));
                let value = self.masking.header(name, value);
                let name = format!("{}:", escape::bytes(name));
                (name, escape::bytes(&value).into_owned())
            }));
        }
        self.pairs(&pairs, out);
        self.odd(&request.anomalies, out);
    }

    /// Names and values, which are safe to print.
    fn pairs(&self, pairs: &[(String, String)], out: &mut String) {
        let widest = pairs.iter().map(|(name, _)| name.width()).max();
        let widest = widest.unwrap_or(0).min(NAMES_MAX);
        for (name, value) in pairs {
            let mut line = indented(2);
            line.push(Ink::Dim, name.as_str())
                .pad_to(line_end(2, widest) + 2)
                .push(Ink::Plain, value.as_str());
            line.write(self.look, out);
        }
    }

    fn odd(&self, anomalies: &[stun::Anomaly], out: &mut String) {
        for odd in anomalies.iter().take(ANOMALIES_MAX) {
            let mut line = indented(1);
            let words = format!(
                "! {} at byte {} of the datagram",
                odd.kind.name(),
                odd.offset
            );
            line.push(Ink::Warning, words);
            line.write(self.look, out);
        }
    }

    /// As it was sent: text as text, anything else in hexadecimal digits.
    fn raw_datagram(&self, datagram: &Datagram, out: &mut String) {
        if datagram.kind == DatagramKind::ConnectionRequest {
            self.lines(&self.masking.head(&datagram.payload), 1, out);
            return;
        }
        let secret = datagram
            .stun()
            .is_none_or(|message| message.has(stun::kind::PASSWORD));
        if secret && !self.masking.show_secrets {
            let mut line = indented(1);
            let bytes = figures::counted(datagram.wire_bytes as u64, "byte", "bytes");
            line.push(
                Ink::Dim,
                format!("({bytes} in which no secret could be masked; with --show-secrets they are shown)"),
            );
            line.write(self.look, out);
            return;
        }
        for row in datagram.payload.chunks(ROW_BYTES) {
            let mut line = indented(1);
            line.push(Ink::Plain, hexadecimal(row));
            line.write(self.look, out);
        }
    }

    /// Bytes from the wire without secrets, safe to print.
    fn bytes(&self, bytes: &[u8]) -> String {
        let (text, _) = escape::lossy(bytes);
        self.text(&text)
    }
}

/// Names longer than this move their values.
const NAMES_MAX: usize = 32;
/// Bytes in one line.
const ROW_BYTES: usize = 32;
