//! What is wrong with the files of a scenario, and where; safe to print, whatever they hold.

use std::fmt;

/// What keeps a scenario from being read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, relative to the scenario; nothing where the directory itself is meant.
    pub file: Option<String>,
    /// The line, from 1, and the column in characters, from 1.
    pub place: Option<(u32, u32)>,
    /// What is wrong, and what is wanted.
    pub what: String,
}

impl Problem {
    /// With the directory itself.
    #[must_use]
    pub fn of_directory(what: impl Into<String>) -> Self {
        Self {
            file: None,
            place: None,
            what: what.into(),
        }
    }

    /// With a whole file.
    #[must_use]
    pub fn of_file(file: &str, what: impl Into<String>) -> Self {
        Self {
            file: Some(file.to_owned()),
            place: None,
            what: what.into(),
        }
    }

    /// At a byte of a text.
    #[must_use]
    pub fn at(file: &str, text: &[u8], byte: usize, what: impl Into<String>) -> Self {
        Self {
            place: Some(place(text, byte)),
            ..Self::of_file(file, what)
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(formatter, "{file}")?;
            if let Some((line, column)) = self.place {
                write!(formatter, ":{line}:{column}")?;
            }
            formatter.write_str(": ")?;
        }
        formatter.write_str(&self.what)
    }
}

impl std::error::Error for Problem {}

/// Something of a file as a message repeats it: short, and with nothing in it that a terminal obeys.
pub(super) fn shown(written: &str) -> String {
    let mut out = String::new();
    for character in written.chars().take(SHOWN_CHARACTERS_MAX) {
        if is_unsafe(character) {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    if written.chars().nth(SHOWN_CHARACTERS_MAX).is_some() {
        out.push_str("...");
    }
    out
}

/// What another part of the program says of a file, made safe to print; of a long text the beginning.
pub(super) fn told(text: &str) -> String {
    let safe = |character: char| match character {
        '\n' => '\n',
        other if is_unsafe(other) => '?',
        other => other,
    };
    text.chars().take(TOLD_CHARACTERS_MAX).map(safe).collect()
}

/// Controls, bidirectional controls, separators and what else may change what is shown beside it.
pub(super) fn is_unsafe(character: char) -> bool {
    matches!(character,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Characters of what a file holds that a message repeats.
const SHOWN_CHARACTERS_MAX: usize = 64;

/// Characters of such a text.
const TOLD_CHARACTERS_MAX: usize = 2000;

/// Line and column of a byte, both from 1, the column in characters of UTF-8.
#[must_use]
pub fn place(text: &[u8], byte: usize) -> (u32, u32) {
    let before = text.get(..byte.min(text.len())).unwrap_or_default();
    let line = memchr::memchr_iter(b'\n', before).count();
    let start = memchr::memrchr(b'\n', before).map_or(0, |end| end.saturating_add(1));
    let is_first = |byte: &&u8| **byte & 0xC0 != 0x80;
    let line_so_far = before.get(start..).unwrap_or_default();
    let column = line_so_far.iter().filter(is_first).count();
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1);
    (number(line), number(column))
}

#[cfg(test)]
mod tests {
    use super::{Problem, place};

    #[test]
    fn places_are_counted_from_one() {
        let text = "ab\nü c\n".as_bytes();
        assert_eq!(place(text, 0), (1, 1));
        assert_eq!(place(text, 3), (2, 1));
        assert_eq!(place(text, 6), (2, 3));
        assert_eq!(place(text, 99), (3, 1));
        let problem = Problem::at("scenario.toml", text, 6, "no such thing");
        assert_eq!(problem.to_string(), "scenario.toml:2:3: no such thing");
    }
}
