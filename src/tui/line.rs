//! A line of the screen: inked parts whose text is safe to print. Whoever makes a line has escaped and masked what is in it.

use unicode_width::UnicodeWidthStr;

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

/// A line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    parts: Vec<Part>,
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

    /// Its parts.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
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
