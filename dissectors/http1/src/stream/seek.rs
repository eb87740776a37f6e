//! Between messages: looks for the next start line, and counts what belongs to no message.

use super::{Event, Open, State, Step, Stray, Stream};
use crate::anomaly::AnomalyKind;
use crate::head_parse::parse_head;
use crate::recognise::{START_LINE_BYTES_MAX, find_start, is_plausible};
use crate::{Cut, Kind};

impl Stream {
    pub(super) fn seek(&mut self, input: &mut &[u8]) -> Step {
        if self.raw.ends_with(b"\n") {
            // What broke the body before is looked at again.
            return self.start_line();
        }
        if input.is_empty() {
            return Step::More;
        }
        let room = self.start_line_bytes_max().saturating_sub(self.raw.len());
        if room == 0 {
            self.drop_line();
            return Step::Again;
        }
        let window = input.get(..room).unwrap_or(input);
        let end = memchr::memchr(b'\n', window).map(|end| end.saturating_add(1));
        let bytes = self.advance(input, end.unwrap_or(window.len()));
        if self.raw.capacity() == 0 {
            self.raw.reserve_exact(bytes.len().max(MESSAGE_ROOM_BYTES));
        }
        self.raw.extend_from_slice(bytes);
        if end.is_some() {
            self.start_line()
        } else {
            Step::Again
        }
    }

    /// A line that begins as a start line may be as long as a head.
    fn start_line_bytes_max(&self) -> usize {
        let short = START_LINE_BYTES_MAX.min(self.limits.head_bytes_max);
        if self.raw.len() >= short && is_plausible(&self.raw) {
            self.limits.head_bytes_max
        } else {
            short
        }
    }

    /// Judges the whole line in `raw`.
    fn start_line(&mut self) -> Step {
        if self.raw.len() <= 2 && self.raw.trim_ascii().is_empty() && !self.is_astray() {
            self.open.leading = true;
            self.raw.clear();
            return Step::Again;
        }
        match find_start(&self.raw, self.kind, self.used || self.is_astray()) {
            Some(at) => self.begin_head(at),
            None => {
                self.drop_line();
                Step::Again
            }
        }
    }

    /// A start line begins at `at` in `raw`, which ends with it.
    fn begin_head(&mut self, at: usize) -> Step {
        if at > 0 {
            let line = self.raw.split_off(at);
            self.drop_front(line.len());
            self.raw = line;
        }
        self.open.stream_offset = self.offset.saturating_sub(self.raw.len() as u64);
        if self.open.leading && !self.is_astray() {
            self.open.anomalies.add(AnomalyKind::LeadingEmptyLine, 0);
        }
        let plain = self.raw.ends_with(b"\r\n");
        self.state = State::Head {
            line: self.raw.len(),
            plain,
        };
        self.give_stray().map_or(Step::Again, Step::Event)
    }

    /// Bytes of no message were met since the last one.
    fn is_astray(&self) -> bool {
        self.stray.bytes > 0 && !self.stray.given
    }

    /// What is in `raw` belongs to no message.
    fn drop_line(&mut self) {
        self.drop_front(0);
    }

    /// What is in `raw`, which ends this many bytes before the last byte taken, belongs to no message.
    fn drop_front(&mut self, behind: usize) {
        if self.raw.is_empty() {
            return;
        }
        if self.stray.given || self.stray.bytes == 0 {
            let bytes = self.raw.len().saturating_add(behind) as u64;
            self.stray = Stray {
                offset: self.offset.saturating_sub(bytes),
                ..Stray::default()
            };
        }
        self.stray.bytes = self.stray.bytes.saturating_add(self.raw.len() as u64);
        let room = STRAY_BYTES_KEPT.saturating_sub(self.stray.first.len());
        self.stray.first.extend(self.raw.iter().take(room));
        self.raw.clear();
    }

    fn give_stray(&mut self) -> Option<Event> {
        if !self.is_astray() {
            return None;
        }
        self.stray.given = true;
        Some(Event::Stray {
            offset: self.stray.offset,
            bytes: self.stray.bytes,
        })
    }

    /// The stream breaks off before the empty line of a head.
    pub(super) fn cut_head(&mut self, cut: Cut) -> Option<Event> {
        if self.state == State::Seek {
            if self.is_astray() || !is_cut_start(&self.raw, self.kind) {
                if !self.raw.trim_ascii().is_empty() || self.is_astray() {
                    self.drop_line();
                }
                self.raw.clear();
                self.open = Open::new(self.kind, &self.limits);
                return self.give_stray();
            }
            let blank = line_ends(&self.raw);
            self.open.leading |= blank > 0;
            self.raw.drain(..blank);
            self.open.stream_offset = self.offset.saturating_sub(self.raw.len() as u64);
        }
        let headers_max = self.limits.headers_max;
        self.open.head = parse_head(
            &self.raw,
            self.kind,
            false,
            headers_max,
            &mut self.open.anomalies,
        );
        self.open.head.complete = false;
        Some(Event::Message(self.finish(Some(cut))))
    }
}

fn is_cut_start(line: &[u8], kind: Kind) -> bool {
    match kind {
        Kind::Request => find_start(line, kind, false) == Some(0) || is_plausible(line),
        Kind::Response => find_start(line, kind, false) == Some(line_ends(line)),
    }
}

/// CRs at the front that end no line.
fn line_ends(line: &[u8]) -> usize {
    line.iter().take_while(|byte| **byte == b'\r').count()
}

/// Of stray bytes, for whoever wants to see what they are.
const STRAY_BYTES_KEPT: usize = 1024;

/// Room for a message: most are no longer, and this much costs least to come by.
const MESSAGE_ROOM_BYTES: usize = 1000;
