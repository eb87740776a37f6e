//! Writes a transcript; whatever the bytes are, reading gives them back.

use std::fmt::Write as _;

use super::block::{Block, BlockKind, Speaker};
use super::content::{AUTO, Coding, before_auto, is_length};
use super::heading::{GAP_BYTES_MAX, SECOND_NS};
use super::read::FIRST_LINE;
use super::text::escape;
use crate::source::Timestamp;

/// Writes one transcript into a text that its caller holds.
#[derive(Debug, Clone, Copy)]
pub struct Writer {
    started: Timestamp,
}

/// What a block carries.
#[derive(Debug, Clone, Copy)]
pub struct Payload<'a> {
    /// Head and body; the body without the codings and the framing below.
    pub bytes: &'a [u8],
    /// Codings that reading applies to the body.
    pub codings: &'a [Coding],
    /// Reading sends the body as one chunk.
    pub chunked: bool,
    /// Reading fills in the length of the body.
    pub length_auto: bool,
}

impl<'a> Payload<'a> {
    /// Bytes as they are.
    #[must_use]
    pub fn exact(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            codings: &[],
            chunked: false,
            length_auto: false,
        }
    }

    /// Whether codings, framing and length can be left to the reader: a head of lines that end in CR LF, and an empty one.
    #[must_use]
    pub fn has_plain_head(head: &[u8]) -> bool {
        head_end(head) == Some(head.len())
    }
}

impl Writer {
    /// Begins a transcript whose earliest time is `started`.
    #[must_use]
    pub fn new(started: Timestamp, out: &mut String) -> Self {
        let time = jiff::Timestamp::from_nanosecond(i128::from(started.nanoseconds))
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let time = jiff::fmt::temporal::DateTimePrinter::new()
            .precision(Some(started.digits.min(9)))
            .timestamp_to_string(&time);
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(out, "{FIRST_LINE}\n# started {time}");
        Self { started }
    }

    /// A remark on what follows.
    pub fn comment(self, text: &str, out: &mut String) {
        for line in text.lines() {
            out.push_str("# ");
            escape(line.as_bytes(), out);
            out.push('\n');
        }
    }

    /// One block; a gap of more bytes than a block can tell becomes several.
    pub fn block(self, block: &Block, time: Timestamp, payload: &Payload<'_>, out: &mut String) {
        let head = head_end(payload.bytes);
        self.heading(block, time, out);
        match block.kind {
            BlockKind::Stream => {
                if head.is_none() {
                    out.push_str(" raw");
                }
                for coding in payload.codings {
                    let _ = write!(out, " {}", coding.name());
                }
                if payload.chunked {
                    out.push_str(" chunked");
                }
                out.push('\n');
                let (head, body) = payload
                    .bytes
                    .split_at_checked(head.unwrap_or(0))
                    .unwrap_or_default();
                write_head(head, payload.length_auto, out);
                write_body(body, out);
            }
            BlockKind::Datagram => {
                out.push_str(" udp\n");
                write_hexadecimal(payload.bytes, out);
            }
            BlockKind::Tls => {
                out.push_str(" tls\n");
                for line in payload.bytes.split(|&byte| byte == b'\n') {
                    if !line.is_empty() {
                        escape(line, out);
                        out.push('\n');
                    }
                }
            }
            BlockKind::Gap(None) => out.push_str(" gap\n"),
            BlockKind::Gap(Some(missing)) => {
                let _ = writeln!(out, " gap {}", missing.clamp(1, GAP_BYTES_MAX));
            }
            BlockKind::Fin => out.push_str(" fin\n"),
            BlockKind::Reset => out.push_str(" rst\n"),
            BlockKind::Quiet => out.push_str(" quiet\n"),
        }
    }

    fn heading(self, block: &Block, time: Timestamp, out: &mut String) {
        let arrow = match block.speaker {
            Speaker::Cpe => ">>",
            Speaker::Acs => "<<",
        };
        let (source, destination) = (block.source, block.destination);
        let _ = write!(out, "{arrow} {source} > {destination} @");
        self.seconds(time, out);
        if block.since.nanoseconds < time.nanoseconds {
            out.push_str(" since ");
            self.seconds(block.since, out);
        }
    }

    /// Seconds from the start, with the decimals that the time has.
    fn seconds(self, time: Timestamp, out: &mut String) {
        let digits = time.digits.min(9);
        let unit = 10_i64.pow(u32::from(9 - digits));
        let cut = |time: Timestamp| time.nanoseconds.div_euclid(unit);
        let ticks = cut(time).saturating_sub(cut(self.started)).max(0);
        let second = SECOND_NS / unit;
        let _ = write!(out, "{}", ticks / second);
        if digits > 0 {
            let _ = write!(
                out,
                ".{:0width$}",
                ticks % second,
                width = usize::from(digits)
            );
        }
    }
}

/// Where a head ends that can be written line by line.
fn head_end(bytes: &[u8]) -> Option<usize> {
    let at = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    (at > 0 && !bytes.starts_with(b"\r\n")).then_some(at + 4)
}

/// The lines of a head, and the empty one.
fn write_head(head: &[u8], length_auto: bool, out: &mut String) {
    let mut rest = head;
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let (line, behind) = rest.split_at(end);
        rest = behind.get(2..).unwrap_or_default();
        if length_auto && is_length(line) {
            let name = line.split(|&byte| byte == b':').next();
            escape(name.unwrap_or_default(), out);
            out.push_str(": ");
            out.push_str(AUTO);
        } else {
            escape(line, out);
            let sent = before_auto(line).and_then(|_| out.rfind(AUTO));
            if let Some(at) = sent {
                // What was sent says so itself, and is not to be filled in.
                out.replace_range(at..=at, "\\x61");
            }
        }
        out.push('\n');
    }
}

/// The lines of a body; the last line end is the format's, one of the body is an escape.
fn write_body(body: &[u8], out: &mut String) {
    let (body, end) = match body.strip_suffix(b"\n") {
        Some(body) => (body, "\\n"),
        None => (body, ""),
    };
    if body.is_empty() && end.is_empty() {
        return;
    }
    let mut first = true;
    for line in body.split(|&byte| byte == b'\n') {
        if !std::mem::take(&mut first) {
            out.push('\n');
        }
        escape(line, out);
    }
    out.push_str(end);
    out.push('\n');
}

fn write_hexadecimal(bytes: &[u8], out: &mut String) {
    for line in bytes.chunks(HEXADECIMAL_BYTES) {
        for (at, byte) in line.iter().enumerate() {
            let blank = if at > 0 { " " } else { "" };
            let _ = write!(out, "{blank}{byte:02x}");
        }
        out.push('\n');
    }
}

/// Bytes of a datagram in one line.
const HEXADECIMAL_BYTES: usize = 16;
