//! What is wrong with a file in TOML that somebody wrote by hand, told by its line; what may stand in it, its own reader says.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::filter::nearest;
use crate::report::escape;

/// What is wrong, and at which byte.
#[derive(Debug)]
pub(super) struct Flaw {
    pub at: usize,
    pub what: String,
}

impl Flaw {
    /// Something wrong with this value.
    pub fn of(value: &Spanned<DeValue<'_>>, what: impl Into<String>) -> Self {
        Self {
            at: value.span().start,
            what: what.into(),
        }
    }

    /// Its line in the text, from 1.
    pub fn line(&self, text: &[u8]) -> usize {
        let before = text.get(..self.at.min(text.len())).unwrap_or_default();
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }
}

/// Up to a byte more than may be: a pipe does not say how much comes.
pub(super) fn contents(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    file.take(bytes_max + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The outermost table.
pub(super) fn table(text: &str) -> Result<Spanned<DeTable<'_>>, Flaw> {
    // The error's own display quotes the line, which may hold a password; its message only says what TOML wants.
    DeTable::parse(text).map_err(|error| Flaw {
        at: error.span().map_or(0, |span| span.start),
        what: format!("this is no TOML: {}", error.message()),
    })
}

/// A text as a value.
pub(super) fn text(key: &str, value: &Spanned<DeValue<'_>>) -> Result<String, Flaw> {
    let text = value.get_ref().as_str().map(str::to_owned);
    text.ok_or_else(|| Flaw::of(value, format!("`{key}` is a text: it stands in quotes")))
}

/// One of the keys that may stand there.
pub(super) fn known(
    key: &Spanned<impl AsRef<str>>,
    keys: &[&'static str],
) -> Result<&'static str, Flaw> {
    let written = key.get_ref().as_ref();
    if let Some(key) = keys.iter().find(|key| **key == written) {
        return Ok(key);
    }
    let written = shown(written);
    let hint = match nearest(&written, keys) {
        Some(key) => format!("did you mean `{key}`?"),
        None => format!("known here are `{}`", keys.join("`, `")),
    };
    Err(Flaw {
        at: key.span().start,
        what: format!("`{written}` is no key: {hint}"),
    })
}

/// So much of a key as a message repeats.
pub(super) fn shown(key: &str) -> String {
    let begun: String = key.chars().take(KEY_CHARACTERS_MAX).collect();
    escape::text(&begun).into_owned()
}

/// Characters of a key that a message repeats.
const KEY_CHARACTERS_MAX: usize = 64;
