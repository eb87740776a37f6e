//! Lines out of the bytes of one side.

use std::fmt;
use std::ops::Range;

/// A line, without its end and without TELNET commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) text: Vec<u8>,
    /// Where it stands in the stream, its end with it.
    pub(crate) span: Range<u64>,
    pub(crate) bare: bool,
    pub(crate) long: bool,
    /// Where each byte of the text stands is one to one, with no TELNET command before it.
    pub(crate) plain: bool,
}

/// The line being read of one side.
#[derive(Clone, Default)]
pub(crate) struct Lines {
    /// Of the next byte.
    offset: u64,
    start: u64,
    held: Vec<u8>,
    /// The last byte of the line so far, held or not.
    last: Option<u8>,
    /// Bytes of the line beyond the limit.
    beyond: bool,
}

impl fmt::Debug for Lines {
    /// Without what is held, which may be a password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = self.held.len();
        write!(
            formatter,
            "Lines {{ offset: {}, held: {held} bytes }}",
            self.offset
        )
    }
}

impl Lines {
    /// Takes bytes up to the end of a line, and gives the line and the rest; without an end all are taken.
    pub(crate) fn take<'b>(&mut self, bytes: &'b [u8], max: usize) -> (Option<Line>, &'b [u8]) {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(bytes.len(), |end| end.saturating_add(1));
        let (line, rest) = bytes.split_at_checked(taken).unwrap_or((bytes, &[]));
        let room = max.saturating_sub(self.held.len());
        self.beyond |= line.len() > room;
        self.held.extend(line.iter().take(room));
        self.offset = self.offset.saturating_add(line.len() as u64);
        let before_end = end.map_or(line, |end| line.get(..end).unwrap_or_default());
        self.last = before_end.last().copied().or(self.last);
        (end.map(|_| self.line()), rest)
    }

    /// Passes over bytes that were lost; the line that they cut is dropped.
    pub(crate) fn skip(&mut self, bytes: u64) {
        self.offset = self.offset.saturating_add(bytes);
        self.start = self.offset;
        self.held.clear();
        self.last = None;
        self.beyond = false;
    }

    /// Bytes of a line that has not ended.
    pub(crate) fn held_bytes(&self) -> usize {
        self.held.len()
    }

    /// Where the next byte stands, if it is the first of a line.
    pub(crate) fn line_start(&self) -> Option<u64> {
        (self.offset == self.start).then_some(self.offset)
    }

    fn line(&mut self) -> Line {
        let long = std::mem::take(&mut self.beyond);
        let bare = self.last.take() != Some(b'\r');
        let span = self.start..self.offset;
        self.start = self.offset;
        let mut text = without_telnet(&self.held);
        let plain = text.len() == self.held.len();
        self.held.clear();
        while matches!(text.last(), Some(b'\r' | b'\n')) {
            text.pop();
        }
        Line {
            text,
            span,
            bare,
            long,
            plain,
        }
    }
}

/// The bytes without commands of TELNET (RFC 854): clients send IP and DM before ABOR (RFC 959 section 4.1.3).
fn without_telnet(bytes: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        if *byte != IAC {
            kept.push(*byte);
            continue;
        }
        match rest.next() {
            Some(&IAC) => kept.push(IAC),
            // WILL, WONT, DO and DONT have an option behind them.
            Some(251..=254) => {
                rest.next();
            }
            _ => {}
        }
    }
    kept
}

/// RFC 854.
const IAC: u8 = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_do_not_matter() {
        let bytes = b"USER a\r\nPASS b\nQU";
        let mut whole = Vec::new();
        let mut lines = Lines::default();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (line, behind) = lines.take(rest, 100);
            whole.extend(line);
            rest = behind;
        }
        let mut pieces = Vec::new();
        let mut lines = Lines::default();
        for byte in bytes {
            pieces.extend(lines.take(&[*byte], 100).0);
        }
        assert_eq!(whole, pieces);
        let spans: Vec<_> = whole
            .iter()
            .map(|line| (line.span.clone(), line.bare))
            .collect();
        assert_eq!(spans, [(0..8, false), (8..15, true)]);
        assert_eq!(lines.held, b"QU");
    }

    #[test]
    fn telnet_is_passed_over() {
        assert_eq!(without_telnet(b"\xff\xf4\xff\xf2ABOR"), b"ABOR");
        assert_eq!(without_telnet(b"\xff\xfb\x01a\xff\xffb\xff"), b"a\xffb");
    }

    #[test]
    fn the_end_of_a_long_line_may_come_in_two_pieces() {
        let mut lines = Lines::default();
        assert_eq!(lines.take(b"abcdef\r", 4).0, None);
        let (line, _) = lines.take(b"\n", 4);
        assert_eq!(line.map(|line| (line.bare, line.long)), Some((false, true)));
    }

    #[test]
    fn a_long_line_is_cut() {
        let mut lines = Lines::default();
        let (line, _) = lines.take(b"abcdef\r\n", 4);
        assert_eq!(
            line.map(|line| (line.text, line.long)),
            Some((b"abcd".to_vec(), true))
        );
    }
}
