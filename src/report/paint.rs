//! What the screen can show: width, colour, line art; and a line built of inked parts. No report's own layout here.

mod inked;

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::escape::is_plain;
pub use inked::inked;

/// What the screen, or whatever takes the text, can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Columns of the screen.
    pub width: usize,
    /// Whether escape sequences for colour may be written.
    pub colour: bool,
    /// Whether line art may be written.
    pub unicode: bool,
}

impl Look {
    /// The first where line art is possible, else the second.
    #[must_use]
    pub fn art(self, unicode: &'static str, plain: &'static str) -> &'static str {
        if self.unicode { unicode } else { plain }
    }

    /// Marks that something was left out.
    #[must_use]
    pub fn ellipsis(self) -> &'static str {
        self.art("…", "..")
    }

    /// Between two facts on one line.
    #[must_use]
    pub fn dot(self) -> &'static str {
        self.art(" · ", " - ")
    }

    /// `×6`.
    #[must_use]
    pub fn times(self) -> &'static str {
        self.art("×", "x")
    }
}

/// What a part of a line is, which says how it is inked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ink {
    /// As it comes.
    #[default]
    Plain,
    /// Times, lines, what is only looked up.
    Dim,
    /// Headings.
    Bold,
    /// What the device says.
    Cpe,
    /// What the ACS says.
    Acs,
    /// Faults and what was aborted.
    Fault,
    /// What ended well.
    Good,
    /// What deserves a second look.
    Warning,
}

impl Ink {
    fn sequence(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Dim => "\x1b[2m",
            Self::Bold => "\x1b[1m",
            Self::Cpe => "\x1b[36m",
            Self::Acs => "\x1b[35m",
            Self::Fault => "\x1b[31m",
            Self::Good => "\x1b[32m",
            Self::Warning => "\x1b[33m",
        }
    }
}

/// One line of output, of parts that are already safe to print.
#[derive(Debug, Clone, Default)]
pub struct Line {
    parts: Vec<(Ink, String)>,
    width: usize,
}

impl Line {
    /// An empty line.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A line of one part.
    #[must_use]
    pub fn of<'t>(ink: Ink, text: impl Into<Cow<'t, str>>) -> Self {
        let mut line = Self::new();
        line.push(ink, text);
        line
    }

    /// Columns it takes.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Adds a part.
    pub fn push<'t>(&mut self, ink: Ink, text: impl Into<Cow<'t, str>>) -> &mut Self {
        let text = text.into();
        self.width += columns_of(&text);
        match self.parts.last_mut().filter(|(last, _)| *last == ink) {
            Some((_, last)) => last.push_str(&text),
            None => self.parts.push((ink, text.into_owned())),
        }
        self
    }

    /// Adds another line's parts.
    pub fn append(&mut self, other: Self) -> &mut Self {
        self.width += other.width;
        self.parts.extend(other.parts);
        self
    }

    /// Adds one mark as often as needed to reach a column.
    pub fn fill_to(&mut self, column: usize, ink: Ink, mark: &str) -> &mut Self {
        let missing = column.saturating_sub(self.width);
        if missing > 0 {
            self.push(ink, mark.repeat(missing));
        }
        self
    }

    /// Adds blanks up to a column.
    pub fn pad_to(&mut self, column: usize) -> &mut Self {
        self.fill_to(column, Ink::Plain, " ")
    }

    /// Cuts it to so many columns.
    #[must_use]
    pub fn cut_to(mut self, columns: usize, look: Look) -> Self {
        if self.width <= columns {
            return self;
        }
        let mut kept = Self::new();
        let room = columns.saturating_sub(look.ellipsis().width());
        for (ink, text) in self.parts.drain(..) {
            let free = room - kept.width;
            if columns_of(&text) > free {
                kept.push(ink, head(&text, free).to_owned());
                kept.push(Ink::Dim, look.ellipsis());
                break;
            }
            kept.push(ink, text);
        }
        kept
    }

    /// Writes it with a line end, without blanks at its end.
    pub fn write(&self, look: Look, out: &mut String) {
        let start = out.len();
        for (ink, text) in &self.parts {
            let sequence = ink.sequence();
            if look.colour && !sequence.is_empty() && !text.trim().is_empty() {
                out.push_str(sequence);
                out.push_str(text);
                out.push_str("\x1b[0m");
            } else {
                out.push_str(text);
            }
        }
        if !look.unicode {
            only_ascii(start, out);
        }
        let kept = out
            .get(start..)
            .unwrap_or_default()
            .trim_end_matches(' ')
            .len();
        out.truncate(start + kept);
        out.push('\n');
    }
}

/// A terminal that knows no UTF-8 may take bytes of it for controls of its own.
fn only_ascii(start: usize, out: &mut String) {
    if out.get(start..).is_none_or(str::is_ascii) {
        return;
    }
    for character in out.split_off(start).chars() {
        if character.is_ascii() {
            out.push(character);
        } else {
            for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                out.push_str(&format!("\\x{byte:02x}"));
            }
        }
    }
}

/// Columns that a text takes.
fn columns_of(text: &str) -> usize {
    if is_plain(text) {
        text.len()
    } else {
        text.width()
    }
}

/// The text cut at its end to so many columns.
#[must_use]
pub fn cut_end(text: &str, columns: usize, look: Look) -> String {
    if columns_of(text) <= columns {
        return text.to_owned();
    }
    format!(
        "{}{}",
        head(text, columns.saturating_sub(look.ellipsis().width())),
        look.ellipsis()
    )
}

/// The text cut in its middle to so many columns: identifiers differ at their ends.
#[must_use]
pub fn cut_middle(text: &str, columns: usize, look: Look) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let room = columns.saturating_sub(look.ellipsis().width());
    let front = head(text, room / 3);
    format!(
        "{front}{}{}",
        look.ellipsis(),
        tail(text, room - front.width())
    )
}

/// The text in lines of at most so many columns, broken at blanks where there are any.
#[must_use]
pub fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = Vec::new();
    let mut rest = text;
    while columns_of(rest) > columns {
        let fits = head(rest, columns);
        let behind = rest.get(fits.len()..).unwrap_or_default();
        let broken = if behind.starts_with(' ') && !behind.starts_with(COUNT) {
            fits.len()
        } else {
            break_within(rest, fits).unwrap_or(fits.len())
        };
        // At least one character a line, however narrow the room.
        let at = broken.max(rest.chars().next().map_or(1, char::len_utf8));
        let (line, next) = rest.split_at(at);
        lines.push(line.trim_end().to_owned());
        rest = next.trim_start_matches(' ');
    }
    if !rest.is_empty() || lines.is_empty() {
        lines.push(rest.to_owned());
    }
    lines
}

/// Behind the last blank that no count follows; without any, behind the last dot or slash, where paths are read in parts.
fn break_within(text: &str, fits: &str) -> Option<usize> {
    let counts = |at: &usize| text.get(*at..).is_some_and(|rest| rest.starts_with(COUNT));
    let mut blanks = fits.rmatch_indices(' ').map(|(at, _)| at);
    let blank = blanks.find(|at| *at > 0 && !counts(at));
    blank.or_else(|| fits.rfind(['.', '/', '?', '&']).map(|at| at + 1))
}

/// What says how many more there are stays with what it counts.
const COUNT: &str = " +";

/// Facts with dots between them, on as many lines as they need.
#[must_use]
pub fn flowed(facts: impl IntoIterator<Item = Line>, indent: usize, look: Look) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for fact in facts {
        let room = look.width.saturating_sub(look.dot().width() + fact.width());
        match lines.last_mut().filter(|line| line.width() <= room) {
            Some(line) => _ = line.push(Ink::Dim, look.dot()).append(fact),
            None => {
                let mut line = Line::new();
                line.pad_to(indent).append(fact);
                lines.push(line.cut_to(look.width, look));
            }
        }
    }
    lines
}

fn head(text: &str, columns: usize) -> &str {
    // What is behind it may belong to its last character.
    if is_plain(text.get(..=columns).unwrap_or(text)) {
        return text.get(..columns).unwrap_or(text);
    }
    let mut width = 0;
    for (at, character) in text.char_indices() {
        width += character.width().unwrap_or(0);
        if width > columns {
            return text.get(..at).unwrap_or_default();
        }
    }
    text
}

fn tail(text: &str, columns: usize) -> &str {
    let mut width = 0;
    for (at, character) in text.char_indices().rev() {
        width += character.width().unwrap_or(0);
        if width > columns {
            return text.get(at + character.len_utf8()..).unwrap_or_default();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Ink, Line, Look, cut_end, cut_middle, wrapped};

    const LOOK: Look = Look {
        width: 80,
        colour: true,
        unicode: true,
    };

    #[test]
    fn cutting_counts_columns_not_characters() {
        assert_eq!(cut_end("abcdef", 6, LOOK), "abcdef");
        assert_eq!(cut_end("abcdefg", 6, LOOK), "abcde…");
        assert_eq!(cut_end("你好世界", 6, LOOK), "你好…");
        assert_eq!(
            cut_middle("001141-HTTP-000000001", 12, LOOK),
            "001…00000001"
        );
        assert_eq!(cut_middle("你好世界你好世界", 8, LOOK), "你…世界");
        assert_eq!(
            cut_end(
                "abc",
                0,
                Look {
                    unicode: false,
                    ..LOOK
                }
            ),
            ".."
        );
    }

    #[test]
    fn wrapping() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(
            wrapped("Device.ManagementServer.URL", 24),
            ["Device.ManagementServer.", "URL"]
        );
        assert_eq!(
            wrapped("Device.WiFi.SSID +12", 17),
            ["Device.WiFi.", "SSID +12"]
        );
        assert_eq!(wrapped("", 3), [""]);
        assert_eq!(wrapped("你好", 1), ["你", "好"]);
    }

    #[test]
    fn a_line() {
        let mut line = Line::new();
        line.push(Ink::Cpe, "ab")
            .pad_to(4)
            .push(Ink::Plain, "c")
            .pad_to(9);
        let mut out = String::new();
        line.write(LOOK, &mut out);
        line.cut_to(3, LOOK).write(
            Look {
                colour: false,
                ..LOOK
            },
            &mut out,
        );
        assert_eq!(out, "\x1b[36mab\x1b[0m  c\nab…\n");
    }
}
