//! Where in a message a finding points, and the line that stands there.

use std::ops::Range;

use super::draft::{Draft, Shown};
use crate::session::{Excerpt, Masking, Part, Position};

/// The place and the line; `None` where nothing is marked.
pub(super) fn of(draft: &Draft, _masking: Masking) -> Option<(Position, Option<Excerpt>)> {
    let (part, range) = draft.mark.clone()?;
    let text = match (&draft.shown, part) {
        (Shown::Message(message), Part::Body) => message.soap.as_ref()?.text(),
        (Shown::Message(message), Part::Head) => message.http.view().raw(),
        (Shown::Datagram(payload), Part::Datagram) => payload,
        _ => return None,
    };
    Some((position(part, text, range.start), None))
}

fn position(part: Part, text: &[u8], offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    let line = memchr::memchr_iter(b'\n', before).count() + 1;
    let in_line = before.get(line_start..).unwrap_or_default();
    let column = String::from_utf8_lossy(in_line).chars().count() + 1;
    Position {
        part,
        line: line as u64,
        column: column as u64,
        offset: offset as u64,
    }
}

/// The line of the first header field of this name in a head, or the start line.
pub(super) fn header_line(head: &[u8], name: &str) -> Range<usize> {
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
