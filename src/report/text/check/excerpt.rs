//! A line of a message with something underlined in it, as a compiler shows its source.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::report::escape::is_unsafe;
use crate::report::paint::{Ink, Line, Look, wrapped};
use crate::session::Excerpt;

/// The line, what is meant underlined, and below it what is to be said of it.
pub(in crate::report::text) fn underlined(
    excerpt: &Excerpt,
    gutter: &str,
    message: &str,
    ink: Ink,
    look: Look,
) -> Vec<Line> {
    let margin = gutter.len().max(GUTTER_MIN);
    let bar = look.art(" │ ", " | ");
    let begin = |number: &str| {
        let mut line = Line::of(Ink::Dim, format!("{number:>margin$}"));
        line.push(Ink::Dim, bar);
        line
    };
    let room = look
        .width
        .saturating_sub(margin + bar.width())
        .max(ROOM_MIN);
    let cells = cells(excerpt, look);
    let shown = Shown::within(&cells, excerpt, room, look);
    let mut source = begin(gutter);
    source.append(shown.line);
    let mut under = begin("");
    under.push(Ink::Plain, " ".repeat(shown.before));
    under.push(ink, "^".repeat(shown.marked.max(1)));
    let mut lines = vec![begin(""), source];
    let message = crate::report::escape::text(message);
    let beside = under.width() + 1 + message.width();
    if beside <= look.width {
        under.push(ink, format!(" {message}"));
        lines.push(under);
    } else {
        lines.push(under);
        for part in wrapped(&message, room) {
            let mut line = begin("");
            line.push(ink, part);
            lines.push(line);
        }
    }
    lines.push(begin(""));
    lines
}

/// A character as it is printed.
struct Cell {
    /// Where it stands in the excerpt.
    at: usize,
    character: char,
    /// What stands for it, where it is not printed as it is.
    spelt: Option<String>,
    width: usize,
    is_marked: bool,
}

/// Every character safe to print; a tab that indents is blanks.
fn cells(excerpt: &Excerpt, look: Look) -> Vec<Cell> {
    let mut indents = !excerpt.cut_left;
    let characters = excerpt.text.char_indices();
    let cells = characters.map(|(at, character)| {
        indents &= character.is_ascii_whitespace();
        let spelt = match character {
            '\t' if indents => Some("  ".to_owned()),
            '\t' => Some("\\t".to_owned()),
            other if is_unsafe(other) || !(look.unicode || other.is_ascii()) => {
                let mut bytes = [0; 4];
                let bytes = other.encode_utf8(&mut bytes).bytes();
                Some(bytes.map(|byte| format!("\\x{byte:02x}")).collect())
            }
            _ => None,
        };
        let width = match &spelt {
            Some(spelt) => spelt.len(),
            None => character.width().unwrap_or(0),
        };
        Cell {
            at,
            character,
            spelt,
            width,
            is_marked: excerpt.marked.contains(&at),
        }
    });
    cells.collect()
}

/// As much of the line as there is room for.
struct Shown {
    line: Line,
    /// Columns in front of the mark.
    before: usize,
    /// Columns of the mark.
    marked: usize,
}

impl Shown {
    fn within(cells: &[Cell], excerpt: &Excerpt, room: usize, look: Look) -> Self {
        let ellipsis = look.ellipsis();
        let room = room.saturating_sub(2 * ellipsis.width());
        let mark = cells.partition_point(|cell| cell.at < excerpt.marked.start);
        let width = |cells: &[Cell]| cells.iter().map(|cell| cell.width).sum::<usize>();
        let mut first = 0;
        if width(cells) > room {
            let mut lead = width(cells.get(..mark).unwrap_or_default());
            while lead > room / 3 {
                lead -= cells.get(first).map_or(0, |cell| cell.width);
                first += 1;
            }
        }
        let mut taken = 0;
        let rest = cells.get(first..).unwrap_or_default();
        let fits = rest.iter().take_while(|cell| {
            taken += cell.width;
            taken <= room
        });
        let last = first + fits.count();
        let shown = cells.get(first..last).unwrap_or_default();
        let (cut_left, cut_right) = (
            excerpt.cut_left || first > 0,
            excerpt.cut_right || last < cells.len(),
        );
        let mut line = Line::new();
        line.push(Ink::Dim, if cut_left { ellipsis } else { "" });
        let mut text = String::with_capacity(shown.len());
        for cell in shown {
            match &cell.spelt {
                Some(spelt) => text.push_str(spelt),
                None => text.push(cell.character),
            }
        }
        line.push(Ink::Plain, text);
        line.push(Ink::Dim, if cut_right { ellipsis } else { "" });
        let lead = cells.get(first..mark.max(first)).unwrap_or_default();
        let marked = shown.iter().filter(|cell| cell.is_marked);
        Self {
            line,
            before: width(lead) + if cut_left { ellipsis.width() } else { 0 },
            marked: marked.map(|cell| cell.width).sum(),
        }
    }
}

/// Columns of the line's number.
const GUTTER_MIN: usize = 4;
const ROOM_MIN: usize = 16;
