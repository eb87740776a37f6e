//! What is wrong with an expression, shown in it: safe to print, whatever the expression holds.

use std::fmt::{self, Write as _};
use std::ops::Range;

use unicode_width::UnicodeWidthStr;

/// What is wrong with an expression, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterError {
    expression: String,
    span: Range<usize>,
    message: String,
    suggestion: Option<String>,
    incomplete: bool,
}

impl FilterError {
    pub(super) fn new(expression: &str, span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            expression: expression.to_owned(),
            span,
            message: message.into(),
            suggestion: None,
            incomplete: false,
        }
    }

    pub(super) fn suggesting(self, suggestion: Option<String>) -> Self {
        Self { suggestion, ..self }
    }

    /// Says that what is wrong may be cured by more text, if this is so.
    pub(super) fn incomplete_if(self, incomplete: bool) -> Self {
        Self { incomplete, ..self }
    }

    /// Whether the expression only ends too early: some text behind it makes it right.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.incomplete
    }

    /// Where it is wrong, in bytes of the expression; empty where something is missing.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// What is wrong, in one line.
    #[must_use]
    pub fn message(&self) -> String {
        escaped(&self.message)
    }

    /// What was probably meant.
    #[must_use]
    pub fn suggestion(&self) -> Option<String> {
        self.suggestion.as_deref().map(escaped)
    }

    /// The expression with what is wrong in it underlined, in two lines; of a long one the part around it.
    fn drawing(&self) -> (String, String) {
        let part = |range: Range<usize>| escaped(self.expression.get(range).unwrap_or_default());
        let before = part(0..self.span.start);
        let marked = part(self.span.clone());
        let after = part(self.span.end..self.expression.len());
        let marked = first_columns(&marked, MARKED_COLUMNS_MAX);
        let before = last_columns(&before, BEFORE_COLUMNS_MAX);
        let after = first_columns(&after, AFTER_COLUMNS_MAX);
        let carets = format!(
            "{}{}",
            " ".repeat(before.width()),
            "^".repeat(marked.width().max(1))
        );
        (format!("{before}{marked}{after}"), carets)
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message())?;
        if !self.expression.is_empty() {
            let (expression, carets) = self.drawing();
            write!(formatter, "\n  {expression}\n  {carets}")?;
        }
        match self.suggestion() {
            Some(suggestion) => write!(formatter, "\n{suggestion}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for FilterError {}

/// Text for a terminal: every byte of a character that could do more than show itself as `\xNN`.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unsafe(character) {
            for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\x{byte:02x}");
            }
        } else {
            out.push(character);
        }
    }
    out
}

/// Control, bidi, separator and tag characters: the same that no output prints as they are.
pub(super) fn is_unsafe(character: char) -> bool {
    matches!(character,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn first_columns(text: &str, columns_max: usize) -> String {
    if text.width() <= columns_max {
        return text.to_owned();
    }
    let mut kept = String::new();
    for character in text.chars() {
        kept.push(character);
        if kept.width() + DOTS.len() > columns_max {
            kept.pop();
            break;
        }
    }
    kept + DOTS
}

fn last_columns(text: &str, columns_max: usize) -> String {
    if text.width() <= columns_max {
        return text.to_owned();
    }
    let room = columns_max - DOTS.len();
    // No character is wider than two columns, none of the kept ones is looked at more than once for each column.
    let start = text
        .char_indices()
        .rev()
        .take(columns_max)
        .map(|(at, _)| at)
        .take_while(|at| text.get(*at..).is_some_and(|end| end.width() <= room))
        .last()
        .unwrap_or(text.len());
    format!("{DOTS}{}", text.get(start..).unwrap_or_default())
}

const DOTS: &str = "...";
const BEFORE_COLUMNS_MAX: usize = 40;
const MARKED_COLUMNS_MAX: usize = 40;
const AFTER_COLUMNS_MAX: usize = 24;
