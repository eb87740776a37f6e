//! Where in a message something stands, and the line that stands there, secrets masked.

use std::fmt::Write as _;
use std::ops::Range;

use super::{Excerpt, MASKED, Part, Position};

/// What stands at a mark; `hidden` are the secrets of the text, in order.
pub(crate) fn excerpt(
    part: Part,
    text: &[u8],
    hidden: &[Range<usize>],
    mark: Range<usize>,
) -> Excerpt {
    let window = Window {
        text,
        hidden,
        mark: mark.start..mark.end.clamp(mark.start, text.len().max(mark.start)),
    };
    if part == Part::Datagram && !is_text(text) {
        window.hexadecimal()
    } else {
        window.line()
    }
}

/// Where an offset of a part is: counts from its start each time.
pub(crate) fn position(part: Part, text: &[u8], offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    let line = memchr::memchr_iter(b'\n', before).count() + 1;
    let in_line = before.get(line_start..).unwrap_or_default();
    let column = match std::str::from_utf8(in_line) {
        Ok(in_line) => in_line.chars().count() + 1,
        Err(_) => String::from_utf8_lossy(in_line).chars().count() + 1,
    };
    Position {
        part,
        line: line as u64,
        column: column as u64,
        offset: offset as u64,
    }
}

/// Where an offset is that does not stand before this place: counts from there.
pub(crate) fn position_behind(known: Position, text: &[u8], offset: usize) -> Position {
    let start = usize::try_from(known.offset).unwrap_or(usize::MAX);
    let between = text.get(start..offset).map(std::str::from_utf8);
    // Within a character, or beside bytes that are none, the columns before tell nothing.
    let Some(Ok(between)) = between else {
        return position(known.part, text, offset);
    };
    let last = memchr::memrchr(b'\n', between.as_bytes());
    let lines = last.map_or(0, |last| {
        let before = between.as_bytes().get(..last).unwrap_or_default();
        memchr::memchr_iter(b'\n', before).count() as u64 + 1
    });
    let in_line = last.and_then(|last| between.get(last + 1..));
    let columns = in_line.unwrap_or(between).chars().count() as u64;
    Position {
        line: known.line + lines,
        column: columns + if lines == 0 { known.column } else { 1 },
        offset: offset as u64,
        ..known
    }
}

/// No control characters but those that end and indent lines.
fn is_text(payload: &[u8]) -> bool {
    !payload
        .iter()
        .any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace())
}

/// Some bytes of a text that are meant.
struct Window<'t> {
    text: &'t [u8],
    hidden: &'t [Range<usize>],
    mark: Range<usize>,
}

impl Window<'_> {
    /// The line in which the mark begins, as far as the window reaches.
    fn line(&self) -> Excerpt {
        let line = self.bounds_of_line();
        let marked = self.mark.start.min(line.end)
            ..(self.mark.end.min(line.end)).min(self.mark.start.saturating_add(MARKED_BYTES_MAX));
        let (mut from, mut to) = (line.start, line.end);
        if line.len() > LINE_BYTES_MAX {
            from = marked.start.saturating_sub(BEFORE_BYTES).max(from);
            to = marked.end.saturating_add(AFTER_BYTES).min(to);
            // What is cut inside of a character is cut before or behind it.
            while from < marked.start && self.continues_character(from) {
                from += 1;
            }
            while to > marked.end && self.continues_character(to) {
                to -= 1;
            }
        }
        let mut excerpt = Excerpt {
            text: String::new(),
            marked: 0..0,
            cut_left: from > line.start,
            cut_right: to < line.end,
        };
        self.write(from..to, &marked, &mut excerpt);
        excerpt
    }

    fn bounds_of_line(&self) -> Range<usize> {
        let before = self.text.get(..self.mark.start).unwrap_or_default();
        let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let rest = self.text.get(self.mark.start..).unwrap_or_default();
        let end = self.mark.start + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = self.text.get(start..end).unwrap_or_default();
        start..end - usize::from(line.ends_with(b"\r"))
    }

    fn continues_character(&self, at: usize) -> bool {
        let byte = self.text.get(at);
        byte.is_some_and(|byte| byte & 0xC0 == 0x80) && self.hidden_at(at).is_none()
    }

    fn hidden_at(&self, at: usize) -> Option<&Range<usize>> {
        let first = self.hidden.partition_point(|hidden| hidden.end <= at);
        self.hidden.get(first).filter(|hidden| hidden.start <= at)
    }

    /// Where the next secret begins, or what ends the piece that begins here: an end of the mark.
    fn end_of_piece(&self, at: usize, to: usize, marked: &Range<usize>) -> usize {
        let next = self.hidden.partition_point(|hidden| hidden.start <= at);
        let next = self.hidden.get(next).map_or(to, |hidden| hidden.start);
        let points = [next, marked.start, marked.end];
        let behind = points.into_iter().filter(|point| *point > at);
        behind.fold(to, usize::min)
    }

    /// Writes a range; a mark that begins or ends inside of a secret takes in all that stands for it.
    fn write(&self, range: Range<usize>, marked: &Range<usize>, excerpt: &mut Excerpt) {
        let (mut start, mut end) = (None, None);
        let mut at = range.start;
        while at < range.end {
            let begun = excerpt.text.len();
            let piece = match self.hidden_at(at) {
                Some(hidden) => {
                    excerpt.text.push_str(MASKED);
                    at..hidden.end.min(range.end)
                }
                None => {
                    let piece = at..self.end_of_piece(at, range.end, marked);
                    push(
                        self.text.get(piece.clone()).unwrap_or_default(),
                        &mut excerpt.text,
                    );
                    piece
                }
            };
            if piece.contains(&marked.start) {
                start = Some(begun);
            }
            if marked.end > piece.start && marked.end <= piece.end {
                end = Some(excerpt.text.len());
            }
            at = piece.end;
        }
        let start = start.unwrap_or(excerpt.text.len());
        excerpt.marked = start..end.unwrap_or(start).max(start);
    }

    /// Some bytes of what is no text, two digits each.
    fn hexadecimal(&self) -> Excerpt {
        let from = self.mark.start.saturating_sub(HEXADECIMAL_BEFORE);
        let to = self.text.len().min(from + HEXADECIMAL_BYTES_MAX);
        let mut excerpt = Excerpt {
            text: String::new(),
            marked: 0..0,
            cut_left: from > 0,
            cut_right: to < self.text.len(),
        };
        for at in from..to {
            let between = if at == from { "" } else { " " };
            excerpt.text.push_str(between);
            if at == self.mark.start {
                excerpt.marked = excerpt.text.len()..excerpt.text.len();
            }
            match self.hidden_at(at) {
                Some(_) => excerpt.text.push_str("**"),
                // Writing to a String cannot fail.
                None => _ = write!(excerpt.text, "{:02x}", self.text.get(at).unwrap_or(&0)),
            }
            if self.mark.contains(&at) {
                excerpt.marked.end = excerpt.text.len();
            }
        }
        excerpt
    }
}

/// Bytes as text; what is none as `\xNN`.
fn push(bytes: &[u8], out: &mut String) {
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
}

/// The line of the first header field of this name in a head, or the start line.
pub(crate) fn header_line(head: &[u8], name: &str) -> Range<usize> {
    let mut start = 0;
    let mut first = 0..0;
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        let end = start + line.trim_ascii_end().len();
        if start == 0 {
            first = 0..end;
        }
        let named = line
            .get(..name.len())
            .is_some_and(|field| field.eq_ignore_ascii_case(name.as_bytes()))
            && line
                .get(name.len()..)
                .is_some_and(|rest| rest.trim_ascii_start().starts_with(b":"));
        if named {
            return start..end;
        }
        start += line.len();
    }
    first
}

/// Shorter lines are shown whole.
const LINE_BYTES_MAX: usize = 160;
/// Of a longer one, in front of the mark.
const BEFORE_BYTES: usize = 40;
/// Of a longer mark, only the beginning is shown.
const MARKED_BYTES_MAX: usize = 100;
/// Behind the mark.
const AFTER_BYTES: usize = 40;
/// Of bytes that are no text, in front of the mark.
const HEXADECIMAL_BEFORE: usize = 4;
/// Of these, altogether.
const HEXADECIMAL_BYTES_MAX: usize = 20;

#[cfg(test)]
mod tests {
    use super::{Excerpt, Part, Window, position, position_behind};
    use crate::session::Masking;

    /// The excerpt of a mark, with the mark in brackets.
    fn shown(part: Part, text: &[u8], mark: std::ops::Range<usize>) -> String {
        let hidden = Masking::default().hidden(part, text);
        let window = Window {
            text,
            hidden: &hidden,
            mark,
        };
        bracketed(&window.line())
    }

    fn bracketed(excerpt: &Excerpt) -> String {
        let mut text = excerpt.text.clone();
        text.insert(excerpt.marked.end, ']');
        text.insert(excerpt.marked.start, '[');
        let left = if excerpt.cut_left { "<" } else { "" };
        let right = if excerpt.cut_right { ">" } else { "" };
        format!("{left}{text}{right}")
    }

    /// The mark on the first place where this stands.
    fn at(part: Part, text: &str, marked: &str) -> String {
        let start = text.find(marked).unwrap_or(text.len());
        shown(part, text.as_bytes(), start..start + marked.len())
    }

    #[test]
    fn a_place_behind_another_is_where_it_is_from_the_start() {
        for text in [
            &b"one\ntwo\r\n\nthree"[..],
            "gr\u{fc}n\n\u{20ac}\u{20ac}".as_bytes(),
            b"a\xffb\n\xc3\n\xbc\xe2\x82",
        ] {
            for start in 0..=text.len() {
                let known = position(Part::Body, text, start);
                for offset in start..=text.len() {
                    let place = position_behind(known, text, offset);
                    assert_eq!(
                        place,
                        position(Part::Body, text, offset),
                        "{start} {offset}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_line_of_the_mark() {
        assert_eq!(at(Part::Body, "a\n<b c>\r\nd", "b"), "<[b] c>");
        assert_eq!(at(Part::Body, "one\ntwo\nthree", "two\nth"), "[two]");
        assert_eq!(shown(Part::Body, b"one\ntwo", 7..7), "two[]");
        assert_eq!(shown(Part::Body, b"", 0..0), "[]");
        assert_eq!(shown(Part::Body, b"a\xffb\xc3", 1..2), "a[\\xff]b\\xc3");
    }

    #[test]
    fn a_long_line_is_shown_around_its_mark() {
        let text = format!("{}MARK{}", "ü".repeat(500_000), "é".repeat(500_000));
        let shown = at(Part::Body, &text, "MARK");
        assert!(shown.starts_with("<ü") && shown.ends_with("é>"), "{shown}");
        assert!(shown.contains("ü[MARK]é"), "{shown}");
        assert!(shown.chars().count() < 100, "{shown}");
        let shown = at(Part::Body, &text, &"é".repeat(300));
        assert!(shown.chars().count() < 150, "{shown}");
    }

    #[test]
    fn secrets_are_masked_and_marks_in_them_take_them_in() {
        let body = "<ParameterValueStruct><Name>A.Password</Name><Value>hunter2</Value></ParameterValueStruct>";
        let whole = "<ParameterValueStruct><Name>A.Password</Name><Value>[<masked>]</Value></ParameterValueStruct>";
        assert_eq!(at(Part::Body, body, "hunter2"), whole);
        assert_eq!(at(Part::Body, body, "nter"), whole);
        assert_eq!(
            at(Part::Body, body, "<Value>hunt"),
            "<ParameterValueStruct><Name>A.Password</Name>[<Value><masked>]</Value></ParameterValueStruct>"
        );
        assert_eq!(
            at(Part::Body, body, "ter2</V"),
            "<ParameterValueStruct><Name>A.Password</Name><Value>[<masked></V]alue></ParameterValueStruct>"
        );
        let head = "POST / HTTP/1.1\r\nAuthorization: Basic Y3BlOnNlY3JldA==\r\nCookie: session=abc\r\n\r\n";
        assert_eq!(
            at(Part::Head, head, "Authorization: Basic Y3BlOnNlY3JldA=="),
            "[Authorization: Basic <masked>]"
        );
        assert_eq!(at(Part::Head, head, "=abc"), "Cookie: session[=<masked>]");
        let body = format!("<Password>{}</Password>", "s3cr3t ".repeat(100_000));
        let shown = at(Part::Body, &body, "</Password>");
        assert_eq!(shown, "<<masked>[</Password>]");
    }

    #[test]
    fn what_is_no_text_is_shown_in_digits() {
        let payload: Vec<u8> = (0..40).collect();
        let window = Window {
            text: &payload,
            hidden: std::slice::from_ref(&(9..11)),
            mark: 8..10,
        };
        assert_eq!(
            bracketed(&window.hexadecimal()),
            "<04 05 06 07 [08 **] ** 0b 0c 0d 0e 0f 10 11 12 13 14 15 16 17>"
        );
    }
}
