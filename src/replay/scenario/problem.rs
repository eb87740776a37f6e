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

/// Line and column of a byte, both from 1; what is no UTF-8 counts a column a byte.
#[must_use]
pub fn place(text: &[u8], byte: usize) -> (u32, u32) {
    let before = text.get(..byte.min(text.len())).unwrap_or_default();
    let line = memchr::memchr_iter(b'\n', before).count();
    let start = memchr::memrchr(b'\n', before).map_or(0, |end| end.saturating_add(1));
    let column = String::from_utf8_lossy(before.get(start..).unwrap_or_default())
        .chars()
        .count();
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
