//! The text of a document: bytes, which are a string too where all of them are UTF-8.

use crate::range::Range;
use std::borrow::Cow;
use std::ops::Deref;
use std::str::Utf8Error;

/// What a document's ranges refer to.
///
/// Whether it is UTF-8 is looked at once, so that names and values need no look of their own.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    held: Held,
}

#[derive(Debug, Clone)]
enum Held {
    Utf8(String),
    Other(Vec<u8>),
}

impl Text {
    /// The text of these bytes, and where they are no UTF-8.
    pub(crate) fn new(bytes: Vec<u8>) -> (Self, Option<Utf8Error>) {
        match String::from_utf8(bytes) {
            Ok(text) => (Self::from(text), None),
            Err(error) => {
                let at = error.utf8_error();
                let held = Held::Other(error.into_bytes());
                (Self { held }, Some(at))
            }
        }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        match self.held {
            Held::Utf8(text) => text.into_bytes(),
            Held::Other(bytes) => bytes,
        }
    }

    /// The text of a range; a replacement character for bytes that are no UTF-8.
    #[inline]
    pub(crate) fn str(&self, range: Range) -> &str {
        self.utf8(range).unwrap_or("\u{FFFD}")
    }

    /// The text of a range; bytes that are no UTF-8 are replaced one by one.
    #[inline]
    pub(crate) fn lossy(&self, range: Range) -> Cow<'_, str> {
        match self.utf8(range) {
            Some(text) => Cow::Borrowed(text),
            None => String::from_utf8_lossy(range.bytes(self)),
        }
    }

    #[inline]
    fn utf8(&self, range: Range) -> Option<&str> {
        match &self.held {
            Held::Utf8(text) => text.get(range.start as usize..range.end as usize),
            Held::Other(_) => std::str::from_utf8(range.bytes(self)).ok(),
        }
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self {
            held: Held::Utf8(text),
        }
    }
}

impl Deref for Text {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match &self.held {
            Held::Utf8(text) => text.as_bytes(),
            Held::Other(bytes) => bytes,
        }
    }
}

/// The text without the blanks around it.
#[inline]
#[must_use]
pub fn trim(text: &str) -> &str {
    let is_plain = |byte: Option<&u8>| byte.is_some_and(|byte| (b'!'..0x7F).contains(byte));
    let bytes = text.as_bytes();
    if is_plain(bytes.first()) && is_plain(bytes.last()) {
        return text;
    }
    text.trim()
}

#[cfg(test)]
mod tests {
    use super::{Text, trim};
    use crate::range::Range;

    #[test]
    fn a_range_that_is_no_utf8_is_replaced_and_its_neighbours_are_not() {
        let (text, _) = Text::new(b"ab\xFFcd".to_vec());
        assert_eq!(text.str(Range::new(0, 2)), "ab");
        assert_eq!(text.str(Range::new(1, 4)), "\u{FFFD}");
        assert_eq!(text.lossy(Range::new(1, 4)), "b\u{FFFD}c");
        assert_eq!(&*text, b"ab\xFFcd");
    }

    #[test]
    fn a_range_that_cuts_a_character_is_replaced() {
        let (text, _) = Text::new("aü".as_bytes().to_vec());
        assert_eq!(text.str(Range::new(0, 2)), "\u{FFFD}");
        assert_eq!(text.lossy(Range::new(0, 2)), "a\u{FFFD}");
    }

    #[test]
    fn blanks_around_a_text_go_whatever_their_kind() {
        for text in [
            "",
            " ",
            "a",
            " a",
            "a ",
            "\u{A0}a b\u{2003}",
            "aü\u{A0}",
            "ü",
        ] {
            assert_eq!(trim(text), text.trim());
        }
    }
}
