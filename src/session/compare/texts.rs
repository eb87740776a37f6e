//! Values as they are told: cut at a length.

use std::borrow::Cow;

/// A value of the wire, cut at a length that a reader takes in.
pub(super) fn told(text: &str) -> String {
    cut(text, VALUE_CHARS_MAX).into_owned()
}

/// A name of the wire, cut likewise.
pub(super) fn short(text: &str) -> Cow<'_, str> {
    cut(text, NAME_CHARS_MAX)
}

fn cut(text: &str, chars_max: usize) -> Cow<'_, str> {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

/// Characters of a value.
const VALUE_CHARS_MAX: usize = 512;
/// Characters of a name.
const NAME_CHARS_MAX: usize = 256;
