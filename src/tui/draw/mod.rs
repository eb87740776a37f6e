//! What the screens look like. Only what is on the screen is laid out: a longer list costs no more.

mod bottom;
mod list;
mod page;

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use unicode_width::UnicodeWidthChar;

use super::App;
use super::line::{Ink, Line};

/// What drawing came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Drawn {
    /// Rows or lines that were laid out.
    pub rows: usize,
}

/// Draws the screen on top.
pub fn draw(app: &App, frame: &mut Frame<'_>) -> Drawn {
    let area = frame.area();
    if area.width == 0 || area.height == 0 {
        return Drawn::default();
    }
    let mut canvas = Canvas {
        buffer: frame.buffer_mut(),
        area,
        colour: app.opening.colour,
    };
    let rows = match app.views.last() {
        Some(view) => page::draw(app, view, &mut canvas),
        None => list::draw(app, &mut canvas),
    };
    let cursor = bottom::draw(app, &mut canvas);
    if let Some(column) = cursor {
        let row = area.height.saturating_sub(1);
        frame.set_cursor_position((column.min(area.width.saturating_sub(1)), row));
    }
    Drawn { rows }
}

/// The cells of the screen.
struct Canvas<'b> {
    buffer: &'b mut Buffer,
    area: Rect,
    colour: bool,
}

impl Canvas<'_> {
    fn width(&self) -> usize {
        usize::from(self.area.width)
    }

    fn height(&self) -> usize {
        usize::from(self.area.height)
    }

    fn style(&self, ink: Ink) -> Style {
        let coloured = |colour| {
            if self.colour {
                Style::new().fg(colour)
            } else {
                Style::new()
            }
        };
        match ink {
            Ink::Plain => Style::new(),
            Ink::Dim => Style::new().add_modifier(Modifier::DIM),
            Ink::Bold => Style::new().add_modifier(Modifier::BOLD),
            Ink::Cpe => coloured(Color::Cyan),
            Ink::Acs => coloured(Color::Magenta),
            Ink::Fault => coloured(Color::Red),
            Ink::Good => coloured(Color::Green),
            Ink::Warning => coloured(Color::Yellow),
        }
    }

    /// A line on a row of the screen, without its first columns; the whole row in reverse where the cursor is in it.
    fn line(&mut self, row: usize, line: &Line, left: usize, is_reversed: bool) {
        let Ok(y) = u16::try_from(row) else { return };
        if row >= self.height() {
            return;
        }
        let mut skip = left;
        let mut x = 0;
        for part in line.parts() {
            let mut style = self.style(part.ink);
            if part.is_marked {
                style = style.add_modifier(Modifier::UNDERLINED);
            }
            let text = behind(&part.text, &mut skip);
            let room = self.width().saturating_sub(usize::from(x));
            if room == 0 {
                break;
            }
            let text: Cow<'_, str> = if text.chars().all(is_shown) {
                text.into()
            } else {
                text.chars().filter(|one| is_shown(*one)).collect()
            };
            (x, _) = self.buffer.set_stringn(x, y, text, room, style);
        }
        if is_reversed {
            let row = Rect::new(0, y, self.area.width, 1);
            let style = Style::new().add_modifier(Modifier::REVERSED);
            self.buffer.set_style(row, style);
        }
    }

    /// A line that fills its row, in reverse.
    fn bar(&mut self, row: usize, line: &Line) {
        self.line(row, line, 0, true);
    }
}

/// The text behind so many columns, which are counted down.
fn behind<'t>(text: &'t str, skip: &mut usize) -> &'t str {
    let mut rest = text;
    while *skip > 0
        && let Some(first) = rest.chars().next()
    {
        *skip = skip.saturating_sub(first.width().unwrap_or(0));
        rest = rest.get(first.len_utf8()..).unwrap_or_default();
    }
    rest
}

/// Nothing that moves the cursor gets to the terminal, whoever made the line.
fn is_shown(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// So many columns of a text from its beginning; the others where it is longer are left out and marked.
fn cut_end(text: &str, columns: usize, ellipsis: &str) -> String {
    if columns_of(text) <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(columns_of(ellipsis));
    let mut kept = String::new();
    let mut width = 0;
    for character in text.chars() {
        width += character.width().unwrap_or(0);
        if width > room {
            break;
        }
        kept.push(character);
    }
    kept.push_str(ellipsis);
    kept
}

/// The same from its end: identifiers differ there.
fn cut_start(text: &str, columns: usize, ellipsis: &str) -> String {
    if columns_of(text) <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(columns_of(ellipsis));
    let mut width = 0;
    let mut start = text.len();
    for (at, character) in text.char_indices().rev() {
        width += character.width().unwrap_or(0);
        if width > room {
            break;
        }
        start = at;
    }
    format!("{ellipsis}{}", text.get(start..).unwrap_or_default())
}

fn columns_of(text: &str) -> usize {
    text.chars()
        .map(|character| character.width().unwrap_or(0))
        .sum()
}
