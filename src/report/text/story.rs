//! A device's story as people read it, and send it on: where the device stands, then a paragraph for each entry.

use unicode_width::UnicodeWidthStr;

use super::figures::frames_within;
use crate::report::moment;
use crate::report::paint::{Ink, Line, Look, wrapped};
use crate::report::{Entry, EntryKind, Story, escape};
use crate::session::{ConnectionRequestResult, Device};

/// The story of a device.
#[must_use]
pub fn story(device: &Device, story: &Story, several_files: bool, look: Look) -> String {
    let mut out = String::new();
    let title = escape::text(&device.device).into_owned();
    for line in wrapped(&title, look.width) {
        Line::of(Ink::Bold, line).write(look, &mut out);
    }
    for line in &story.standing {
        let label = labelled(line.label, Ink::Dim);
        paragraph(&label, &line.text, "", Ink::Plain, look, &mut out);
    }
    let label = labelled("verdict", Ink::Bold);
    paragraph(&label, &story.verdict, "", Ink::Plain, look, &mut out);
    let mut date = String::new();
    for entry in &story.entries {
        let today = moment::date(entry.time);
        if today != date {
            out.push('\n');
            Line::of(Ink::Dim, format!("{today} UTC")).write(look, &mut out);
            date = today;
        }
        let mut before = Line::new();
        before
            .pad_to(INDENT)
            .push(Ink::Dim, moment::clock(entry.time, 3));
        before.pad_to(CLOCK_COLUMNS);
        let frames = shown_in(entry, several_files, look);
        paragraph(&before, &entry.text, &frames, ink_of(entry), look, &mut out);
    }
    out
}

fn labelled(label: &str, ink: Ink) -> Line {
    let mut line = Line::new();
    line.pad_to(INDENT).push(ink, label).pad_to(LABEL_COLUMNS);
    line
}

/// Text behind what stands before it, its lines below each other; what stands behind it stays in one piece.
fn paragraph(before: &Line, text: &str, behind: &str, ink: Ink, look: Look, out: &mut String) {
    let margin = before.width();
    let room = look.width.saturating_sub(margin).max(TEXT_COLUMNS_MIN);
    let mut parts = wrapped(text, room);
    let last = parts.last().map_or(0, |last| last.width());
    let apart = !behind.is_empty() && last + 1 + behind.width() > room;
    if apart {
        parts.push(String::new());
    }
    let end = parts.len();
    for (at, part) in parts.into_iter().enumerate() {
        let mut line = if at == 0 { before.clone() } else { Line::new() };
        line.pad_to(margin).push(ink, part);
        if at + 1 == end && !behind.is_empty() {
            line.push(Ink::Plain, if apart { "" } else { " " });
            line.push(Ink::Dim, behind);
        }
        line.cut_to(look.width, look).write(look, out);
    }
}

/// `(frames 3-5)`.
fn shown_in(entry: &Entry, several_files: bool, look: Look) -> String {
    let listed = entry.frames.listed();
    if listed.is_empty() {
        return String::new();
    }
    let word = if entry.frames.count() == 1 {
        "frame"
    } else {
        "frames"
    };
    // Where not all are kept, those between the first and the last are not known.
    let columns = if entry.frames.count() > listed.len() as u64 {
        0
    } else {
        FRAMES_COLUMNS
    };
    let frames = if columns == 0 {
        ends(entry, several_files, look)
    } else {
        frames_within(&listed, several_files, columns, look)
    };
    format!("({word} {frames})")
}

/// `3…470`: the first frame and the last.
fn ends(entry: &Entry, several_files: bool, look: Look) -> String {
    let listed = entry.frames.listed();
    let end = |frame| super::figures::frames(&[frame], several_files);
    match (listed.first(), listed.last()) {
        (Some(first), Some(last)) => format!("{}{}{}", end(*first), look.ellipsis(), end(*last)),
        _ => String::new(),
    }
}

fn ink_of(entry: &Entry) -> Ink {
    match (entry.kind, entry.result) {
        (_, Some(ConnectionRequestResult::Session)) => Ink::Good,
        (_, Some(_)) | (EntryKind::BindingMoved, _) => Ink::Warning,
        (EntryKind::Remark, _) => Ink::Dim,
        _ => Ink::Plain,
    }
}

const INDENT: usize = 2;
/// Where the text of an entry begins: behind `  12:00:01.250  `.
const CLOCK_COLUMNS: usize = 16;
/// Where the text behind a label begins.
const LABEL_COLUMNS: usize = 11;
/// Columns for text, however narrow the screen.
const TEXT_COLUMNS_MIN: usize = 20;
/// Columns for the frames of one entry.
const FRAMES_COLUMNS: usize = 24;
