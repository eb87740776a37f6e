//! Numbers, lists of frames and counted names in few words.

use std::fmt::Write as _;

use crate::report::paint::{Ink, Line, Look, cut_end};
use crate::session::{Transfer, TransferMethod};
use crate::source::FrameId;

/// `1,234,567`.
pub(in crate::report) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 gap`, `2 gaps`.
#[must_use]
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        grouped(number),
        if number == 1 { one } else { many }
    )
}

/// `309.3 kB`, in steps of a thousand.
pub(in crate::report) fn bytes(number: u64) -> String {
    let (mut value, mut unit) = (number as f64, 0);
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let name = UNITS.get(unit).unwrap_or(&"B");
    if unit == 0 {
        format!("{number} {name}")
    } else {
        format!("{value:.1} {name}")
    }
}

/// What of a file went over the wire, as `told` says it, and how far the capture tells.
pub(super) fn size(transfer: &Transfer, ink: Ink, told: impl Fn(u64) -> String) -> Line {
    let Some(all) = transfer.bytes else {
        let announced = transfer
            .announced_bytes
            .map(|all| format!(", {} announced", told(all)));
        let words = format!("size not seen{}", announced.unwrap_or_default());
        return Line::of(Ink::Warning, words);
    };
    let mut line = Line::of(ink, told(all));
    match transfer.missing_bytes {
        Some(missing @ 1..) => {
            line.push(Ink::Warning, format!(" ({} not captured)", told(missing)));
        }
        None if transfer.method != TransferMethod::Http => {
            line.push(Ink::Warning, " or more");
        }
        _ => {}
    }
    line
}

/// `4-6, 9`: runs of frame numbers; with several files `2:4-6`.
pub(super) fn frames(frames: &[FrameId], several_files: bool) -> String {
    runs_within(frames, several_files, usize::MAX).unwrap_or_default()
}

/// All runs, unless that is longer.
fn runs_within(frames: &[FrameId], several_files: bool, columns: usize) -> Option<String> {
    let mut told = String::with_capacity(columns.min(RUNS_BYTES_USUAL));
    let follows = |one: &FrameId, next: &FrameId| {
        one.file() == next.file() && next.number() == one.number() + 1
    };
    for run in frames.chunk_by(follows) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else {
            continue;
        };
        if !told.is_empty() {
            told.push(',');
        }
        frame(first, several_files, &mut told);
        if run.len() > 1 {
            // Writing to a String cannot fail.
            let _ = write!(told, "-{}", last.number());
        }
        if told.len() > columns {
            return None;
        }
    }
    Some(told)
}

fn frame(frame: &FrameId, several_files: bool, told: &mut String) {
    // Writing to a String cannot fail.
    if several_files {
        let _ = write!(told, "{}:", u32::from(frame.file()) + 1);
    }
    let _ = write!(told, "{}", frame.number());
}

/// As [`frames`], or where that is too long only the first and the last: `4…96`.
pub(super) fn frames_within(
    list: &[FrameId],
    several_files: bool,
    columns: usize,
    look: Look,
) -> String {
    if let Some(all) = runs_within(list, several_files, columns) {
        return all;
    }
    let (Some(first), Some(last)) = (list.first(), list.last()) else {
        return String::new();
    };
    let mut told = String::with_capacity(RUNS_BYTES_USUAL);
    frame(first, several_files, &mut told);
    told.push_str(look.ellipsis());
    frame(last, several_files, &mut told);
    cut_end(&told, columns, look)
}

/// `Inform, GetParameterValues ×6`: names with how often, in order of first appearance.
pub(in crate::report) fn tally<'a>(
    names: impl IntoIterator<Item = &'a str>,
    times: &str,
) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for name in names {
        match counts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
    let entry = |(name, count): &(&str, usize)| match count {
        1 => (*name).to_owned(),
        _ => format!("{name} {times}{count}"),
    };
    counts.iter().map(entry).collect::<Vec<_>>().join(", ")
}

/// Bytes of most lists of frames.
const RUNS_BYTES_USUAL: usize = 32;
const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];

#[cfg(test)]
mod tests {
    use super::{bytes, counted, frames, grouped, tally};
    use crate::source::FrameId;

    #[test]
    fn numbers() {
        assert_eq!(
            [0, 7, 999, 1000, 1_234_567].map(grouped),
            ["0", "7", "999", "1,000", "1,234,567"]
        );
        assert_eq!(counted(1, "gap", "gaps"), "1 gap");
        assert_eq!(counted(1200, "gap", "gaps"), "1,200 gaps");
        assert_eq!(
            [0, 999, 1000, 999_950, 2_660_000_000].map(bytes),
            ["0 B", "999 B", "1.0 kB", "1.0 MB", "2.7 GB"]
        );
    }

    #[test]
    fn frame_runs() {
        let of = |numbers: &[(u16, u64)]| {
            numbers
                .iter()
                .map(|&(file, number)| FrameId::new(file, number))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            frames(&of(&[(0, 4), (0, 5), (0, 6), (0, 9)]), false),
            "4-6,9"
        );
        assert_eq!(frames(&of(&[(0, 4), (1, 5), (1, 6)]), true), "1:4,2:5-6");
        assert_eq!(frames(&[], false), "");
    }

    #[test]
    fn tallies() {
        assert_eq!(tally(["a", "b", "a", "c"], "×"), "a ×2, b, c");
    }
}
