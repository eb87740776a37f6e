//! Regular expressions and globs; both run in linear time, and both are bounded in size.

use std::fmt::Write as _;

use regex::{Regex, RegexBuilder};

use super::operand::Literal;

/// A regular expression.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    source: String,
    any_case: bool,
    regex: Regex,
}

impl Pattern {
    /// Compiles; the error says why it cannot be.
    pub fn new(source: &str, any_case: bool) -> Result<Self, String> {
        let source = printable(source);
        let regex = build(&source, any_case)?;
        Ok(Self {
            source,
            any_case,
            regex,
        })
    }

    /// Whether it is found anywhere in the text.
    pub fn finds(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source && self.any_case == other.any_case
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_char('/')?;
        let mut escaped = false;
        for character in self.source.chars() {
            if character == '/' && !escaped {
                formatter.write_char('\\')?;
            }
            escaped = character == '\\' && !escaped;
            formatter.write_char(character)?;
        }
        formatter.write_str(if self.any_case { "/i" } else { "/" })
    }
}

/// A pattern for a whole text: `*` any characters, `?` one, `[...]` one of a set, `\` takes the next as it is.
#[derive(Debug, Clone)]
pub(super) struct Glob {
    literal: Literal,
    regex: Regex,
}

impl Glob {
    /// Compiles; the error says why it cannot be.
    pub fn new(literal: Literal) -> Result<Self, String> {
        let regex = build(&expression_of(&literal.text)?, false)?;
        Ok(Self { literal, regex })
    }

    /// Whether it is the whole text.
    pub fn is(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

impl PartialEq for Glob {
    fn eq(&self, other: &Self) -> bool {
        self.literal == other.literal
    }
}

impl std::fmt::Display for Glob {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.literal.fmt(formatter)
    }
}

/// The regular expression that means the same.
fn expression_of(glob: &str) -> Result<String, String> {
    let mut expression = String::from(r"\A(?s:");
    let mut rest = glob.chars();
    while let Some(character) = rest.next() {
        match character {
            // Several in a row mean no more than one.
            '*' if expression.ends_with(".*") => {}
            '*' => expression.push_str(".*"),
            '?' => expression.push('.'),
            '[' => set(&mut rest, &mut expression)?,
            '\\' => {
                let taken = rest.next().ok_or("a `\\` at its end takes nothing")?;
                push_literally(taken, &mut expression);
            }
            _ => push_literally(character, &mut expression),
        }
    }
    expression.push_str(r")\z");
    Ok(expression)
}

/// A set up to its `]`, which may stand first in it; `!` or `^` at the start turns it round, `a-z` is a range.
fn set(rest: &mut std::str::Chars<'_>, expression: &mut String) -> Result<(), String> {
    const OPEN: &str = "a `[` without its `]`";
    let mut next = rest.next().ok_or(OPEN)?;
    expression.push('[');
    if matches!(next, '!' | '^') {
        expression.push('^');
        next = rest.next().ok_or(OPEN)?;
    }
    // What a `-` may stand behind: one character that does not end a range already.
    let mut begun = false;
    let mut first = true;
    while first || next != ']' {
        let taken = match next {
            '\\' => rest.next().ok_or(OPEN)?,
            _ => next,
        };
        if next == '-' && begun && !rest.as_str().starts_with(']') {
            expression.push('-');
            let end = rest.next().ok_or(OPEN)?;
            let end = if end == '\\' {
                rest.next().ok_or(OPEN)?
            } else {
                end
            };
            push_literally(end, expression);
            begun = false;
        } else {
            push_literally(taken, expression);
            begun = true;
        }
        first = false;
        next = rest.next().ok_or(OPEN)?;
    }
    expression.push(']');
    Ok(())
}

fn push_literally(character: char, expression: &mut String) {
    if character.is_alphanumeric() || character == '_' {
        expression.push(character);
    } else {
        // Writing to a String cannot fail.
        let _ = write!(expression, "\\x{{{:x}}}", u32::from(character));
    }
}

fn build(source: &str, any_case: bool) -> Result<Regex, String> {
    let built = RegexBuilder::new(source)
        .case_insensitive(any_case)
        .size_limit(COMPILED_BYTES_MAX)
        .dfa_size_limit(CACHE_BYTES_MAX)
        .nest_limit(NESTING_MAX)
        .build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => {
            format!("it takes more than {} KiB", COMPILED_BYTES_MAX >> 10)
        }
        error => reason(&error.to_string()),
    })
}

/// The last line of a syntax error, which says what is wrong; those before it draw the pattern.
fn reason(error: &str) -> String {
    let last = error.lines().last().unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}

/// The pattern so that it can be printed between slashes: control and bidi characters as escapes of the same meaning,
/// and no escape before a slash, which needs none.
fn printable(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut characters = source.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('/') => out.push('/'),
                taken => out.extend([Some('\\'), taken].into_iter().flatten()),
            },
            _ if super::error::is_unsafe(character) => {
                let _ = write!(out, "\\x{{{:x}}}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out
}

/// Patterns in one expression, so that their sizes add up to a bounded whole.
pub(super) const PATTERNS_MAX: usize = 32;
/// Bytes of a compiled pattern: names and paths need a hundredth of it; it bounds the time for each byte looked at.
const COMPILED_BYTES_MAX: usize = 512 << 10;
/// Bytes of the automaton that is built while matching.
const CACHE_BYTES_MAX: usize = 1 << 20;
/// Groups within groups.
const NESTING_MAX: u32 = 64;
