//! A line of the screen: inked parts whose text is safe to print. Whoever makes a line has escaped and masked what is in it.

use std::ops::Range;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub use crate::report::paint::Ink;

/// A line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    parts: Vec<Part>,
    /// It goes on from the line before: its first part is blanks.
    continues: bool,
}

/// Text in one ink; underlined where a finding points at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// How it is inked.
    pub ink: Ink,
    /// Whether a finding points at it.
    pub is_marked: bool,
    /// What it says, safe to print.
    pub text: String,
}

impl Line {
    /// A line of one part.
    #[must_use]
    pub fn of(ink: Ink, text: impl Into<String>) -> Self {
        let mut line = Self::default();
        line.push(ink, text);
        line
    }

    /// Adds a part.
    pub fn push(&mut self, ink: Ink, text: impl Into<String>) -> &mut Self {
        self.parts.push(Part {
            ink,
            is_marked: false,
            text: text.into(),
        });
        self
    }

    /// Adds a part that a finding points at.
    pub fn push_marked(&mut self, ink: Ink, text: impl Into<String>) -> &mut Self {
        self.push(ink, text);
        if let Some(part) = self.parts.last_mut() {
            part.is_marked = true;
        }
        self
    }

    /// Has a finding point at every part that says something.
    pub fn mark(&mut self) {
        for part in &mut self.parts {
            part.is_marked = !part.text.trim().is_empty();
        }
    }

    /// Whether a finding points at any part of it.
    #[must_use]
    pub fn is_marked(&self) -> bool {
        self.parts.iter().any(|part| part.is_marked)
    }

    /// Adds the parts of another.
    pub fn append(&mut self, other: Self) -> &mut Self {
        self.parts.extend(other.parts);
        self
    }

    /// The same without the blanks that align its columns: two are left between them.
    #[must_use]
    pub fn squeezed(self) -> Self {
        let mut squeezed = Self::default();
        let mut blanks = 0;
        let mut is_first = true;
        for mut part in self.parts {
            let mut kept = String::with_capacity(part.text.len());
            for character in part.text.chars() {
                blanks = if character == ' ' { blanks + 1 } else { 0 };
                is_first &= character == ' ';
                if is_first || blanks <= 2 {
                    kept.push(character);
                }
            }
            part.text = kept;
            squeezed.parts.push(part);
        }
        squeezed
    }

    /// The same in lines of this width; those behind the first begin with so many blanks.
    #[must_use]
    pub fn folded(self, width: usize, indent: usize) -> Vec<Self> {
        let mut lines = Vec::new();
        let mut line = Self::default();
        let mut used = 0;
        for part in self.parts {
            let mut start = 0;
            for (at, character) in part.text.char_indices() {
                let columns = character.width().unwrap_or(0);
                if used + columns > width && used > indent {
                    line.take(&part, start..at);
                    lines.push(std::mem::take(&mut line));
                    line.push(Ink::Plain, " ".repeat(indent));
                    line.continues = true;
                    (start, used) = (at, indent);
                }
                used += columns;
            }
            line.take(&part, start..part.text.len());
        }
        lines.push(line);
        lines
    }

    /// Adds a piece of a part.
    fn take(&mut self, part: &Part, piece: Range<usize>) {
        let text = part.text.get(piece).unwrap_or_default();
        if !text.is_empty() {
            self.parts.push(Part {
                ink: part.ink,
                is_marked: part.is_marked,
                text: text.to_owned(),
            });
        }
    }

    /// Its parts.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Whether it goes on from the line before, which was too long.
    #[must_use]
    pub fn continues(&self) -> bool {
        self.continues
    }

    /// Its text, without the blanks that are before what goes on.
    #[must_use]
    pub fn own_text(&self) -> String {
        let parts = self.parts.iter().skip(usize::from(self.continues));
        parts.map(|part| part.text.as_str()).collect()
    }

    /// Columns it takes.
    #[must_use]
    pub fn width(&self) -> usize {
        let parts = self.parts.iter();
        parts.map(|part| part.text.width()).sum()
    }

    /// Its text without ink.
    #[must_use]
    pub fn text(&self) -> String {
        let parts = self.parts.iter();
        parts.map(|part| part.text.as_str()).collect()
    }

    /// Whether it holds this text, in any case of its letters.
    #[must_use]
    pub fn holds(&self, lower: &str) -> bool {
        self.text().to_lowercase().contains(lower)
    }
}

#[cfg(test)]
mod tests {
    use super::{Ink, Line};

    #[test]
    fn a_wide_line_is_squeezed_and_folded() {
        let mut line = Line::of(Ink::Dim, "      Name      ");
        line.push(Ink::Plain, "   value 中文").mark();
        let squeezed = line.squeezed();
        assert_eq!(squeezed.text(), "      Name  value 中文");
        let folded = squeezed.folded(19, 2);
        let texts: Vec<String> = folded.iter().map(Line::text).collect();
        assert_eq!(texts, ["      Name  value ", "  中文"]);
        assert!(folded[1].is_marked());
        assert!(!folded[0].continues() && folded[1].continues());
        assert_eq!(folded[1].own_text(), "中文");
        let widths: Vec<usize> = folded.iter().map(Line::width).collect();
        assert_eq!(widths, [18, 6]);
        // No room behind the blanks is no reason to stand still.
        let narrow = Line::of(Ink::Plain, "中文").folded(1, 0);
        assert_eq!(narrow.len(), 2);
    }
}
