//! A note below what is told: `  = says  ...`, wrapped under itself.

use crate::report::escape;
use crate::report::paint::{Ink, Line, Look, wrapped};

/// Writes a note; without a word it goes on with the one before.
pub(super) fn note(word: &str, text: &str, look: Look, out: &mut String) {
    let text = escape::text(text);
    let room = look.width.saturating_sub(NOTE_COLUMN).max(NOTE_COLUMNS_MIN);
    for (at, part) in wrapped(&text, room).into_iter().enumerate() {
        let mut line = Line::new();
        let is_first = at == 0 && !word.is_empty();
        line.push(Ink::Dim, if is_first { "  = " } else { "" })
            .push(Ink::Dim, if is_first { word } else { "" })
            .pad_to(NOTE_COLUMN)
            .push(Ink::Plain, part);
        line.write(look, out);
    }
}

/// Where the text of a note begins.
const NOTE_COLUMN: usize = 14;
const NOTE_COLUMNS_MIN: usize = 20;
