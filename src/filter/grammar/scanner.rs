//! The text of an expression, read from left to right: blanks, signs, words, strings, patterns.

use std::ops::Range;

use crate::filter::FilterError;
use crate::filter::operand::Literal;

/// A place in the text.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// What is still to be read, blanks before it passed over.
    pub fn rest(&mut self) -> &'a str {
        let rest = self.behind();
        let rest = rest.trim_start();
        self.at = self.text.len() - rest.len();
        rest
    }

    fn behind(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Where the next sign stands.
    pub fn here(&mut self) -> usize {
        let _ = self.rest();
        self.at
    }

    /// How far it has been read.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Takes back what was read behind a place.
    pub fn back_to(&mut self, at: usize) {
        self.at = self.at.min(at);
    }

    /// Passes over a sign, if it is the next.
    pub fn takes(&mut self, sign: &str) -> bool {
        let found = self.rest().starts_with(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    /// Passes over a whole word, if it is the next.
    pub fn takes_word(&mut self, word: &str) -> bool {
        let found = self.next_word() == word;
        if found {
            self.at += word.len();
        }
        found
    }

    /// The word of a name that comes next, perhaps empty.
    pub fn next_word(&mut self) -> &'a str {
        run(self.rest(), is_of_name)
    }

    /// Reads the next word.
    pub fn word(&mut self) -> (&'a str, Range<usize>) {
        let word = self.next_word();
        let start = self.at;
        self.at += word.len();
        (word, start..self.at)
    }

    /// A string in quotes or a bare word; `None` where neither is next.
    pub fn literal(&mut self) -> Result<Option<(Literal, Range<usize>)>, FilterError> {
        let rest = self.rest();
        let start = self.at;
        if let Some(quote) = rest
            .chars()
            .next()
            .filter(|next| matches!(next, '"' | '\''))
        {
            let text = self.string(quote)?;
            let literal = Literal { text, quoted: true };
            return Ok(Some((literal, start..self.at)));
        }
        let text = run(rest, is_of_value).to_owned();
        self.at += text.len();
        let literal = Literal {
            text,
            quoted: false,
        };
        Ok((self.at > start).then_some((literal, start..self.at)))
    }

    /// What follows an opening slash, up to the closing one, and whether an `i` follows it.
    pub fn pattern(&mut self) -> Result<(&'a str, bool), FilterError> {
        let start = self.at;
        self.at += 1;
        let body = self.behind();
        let mut escaped = false;
        let end = body.bytes().position(|byte| {
            let ends = byte == b'/' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        let Some(end) = end else {
            let message = "a regular expression without its closing `/`";
            return Err(FilterError::new(self.text, start..self.text.len(), message));
        };
        self.at += end + 1;
        let flags = run(self.behind(), is_of_name);
        let flags_at = self.at..self.at + flags.len();
        self.at = flags_at.end;
        match flags {
            "" | "i" => Ok((body.get(..end).unwrap_or_default(), flags == "i")),
            _ => Err(FilterError::new(
                self.text,
                flags_at,
                "the only flag is `i`, for any case",
            )),
        }
    }

    fn string(&mut self, quote: char) -> Result<String, FilterError> {
        let start = self.at;
        self.at += 1;
        let mut bytes = Vec::new();
        loop {
            let rest = self.behind();
            let Some(next) = rest.chars().next() else {
                let message = format!("a string without its closing `{quote}`");
                return Err(FilterError::new(self.text, start..self.at, message));
            };
            if next == '\\' {
                let (byte, length) = self.escape(rest)?;
                bytes.push(byte);
                self.at += length;
                continue;
            }
            self.at += next.len_utf8();
            if next == quote {
                return Ok(text_of(&bytes));
            }
            bytes.extend(next.encode_utf8(&mut [0; 4]).bytes());
        }
    }

    /// The byte that an escape stands for, and the length of the escape.
    fn escape(&self, rest: &str) -> Result<(u8, usize), FilterError> {
        let mut characters = rest.chars().skip(1);
        let escape = match characters.next() {
            Some('n') => return Ok((b'\n', 2)),
            Some('r') => return Ok((b'\r', 2)),
            Some('t') => return Ok((b'\t', 2)),
            Some(sign @ ('"' | '\'' | '\\')) => return Ok((sign as u8, 2)),
            Some('x') => {
                let digits = rest.get(2..4);
                let digits =
                    digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
                if let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
                    return Ok((byte, 4));
                }
                2
            }
            Some(other) => 1 + other.len_utf8(),
            None => 1,
        };
        let message = "an escape is one of `\\\\`, `\\\"`, `\\'`, `\\n`, `\\r`, `\\t`, `\\xNN`";
        Err(
            FilterError::new(self.text, self.at..self.at + escape, message)
                .suggesting(Some("write `\\\\` for a backslash".to_owned())),
        )
    }
}

/// Bytes as the outputs write them: those that are no text as `\xNN`, so that what is printed can be pasted.
fn text_of(bytes: &[u8]) -> String {
    crate::filter::values::lossy(bytes).into_owned()
}

fn run(text: &str, belongs: fn(char) -> bool) -> &str {
    let end = text
        .find(|character| !belongs(character))
        .unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

fn is_of_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '.' | '-')
}

/// Characters of a value that needs no quotes: addresses, paths, times and globs need none.
fn is_of_value(character: char) -> bool {
    is_of_name(character)
        || matches!(
            character,
            ':' | '/' | '+' | '%' | '*' | '?' | '[' | ']' | '@' | '#' | '$' | ';'
        )
}
