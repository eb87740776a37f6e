//! Wire text made safe to print: no control and no bidirectional character ever reaches a terminal. It hides nothing; masking is `session`'s.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether there is nothing in it but letters, digits, marks and blanks of ASCII, each one column wide.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~');
    // No early end: many bytes are looked at in one step.
    text.as_bytes()
        .iter()
        .fold(true, |plain, byte| plain & is_plain(byte))
}

/// Text for a terminal: every byte of a control, bidi or separator character as `\xNN`.
#[must_use]
pub fn text(text: &str) -> Cow<'_, str> {
    if is_plain(text) || !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        push(character, &mut out);
    }
    Cow::Owned(out)
}

/// Bytes for a terminal: as [`text`], and what is no UTF-8 as `\xNN` too.
#[must_use]
pub fn bytes(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(valid) = std::str::from_utf8(bytes) {
        return text(valid);
    }
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        chunk
            .valid()
            .chars()
            .for_each(|character| push(character, &mut out));
        chunk
            .invalid()
            .iter()
            .for_each(|&byte| push_byte(byte, &mut out));
    }
    Cow::Owned(out)
}

/// Bytes for JSON, which can hold every character: only what is no UTF-8 as `\xNN`; true where that happened.
#[must_use]
pub fn lossy(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    if let Ok(valid) = std::str::from_utf8(bytes) {
        return (Cow::Borrowed(valid), false);
    }
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        chunk
            .invalid()
            .iter()
            .for_each(|&byte| push_byte(byte, &mut out));
    }
    (Cow::Owned(out), true)
}

/// Whether a character may change what a terminal or an editor shows beside itself.
#[must_use]
pub fn is_unsafe(character: char) -> bool {
    matches!(character,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'                                // C0, DEL, C1
        | '\u{61c}' | '\u{200e}' | '\u{200f}'                                // Arabic letter, left-to-right, right-to-left marks
        | '\u{2028}'..='\u{202e}'                                            // line and paragraph separators, embeddings, overrides
        | '\u{2066}'..='\u{206f}'                                            // isolates, deprecated format characters
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}') // byte-order mark, annotations, tags
}

fn push(character: char, out: &mut String) {
    if is_unsafe(character) {
        character
            .encode_utf8(&mut [0; 4])
            .bytes()
            .for_each(|byte| push_byte(byte, out));
    } else {
        out.push(character);
    }
}

fn push_byte(byte: u8, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(out, "\\x{byte:02x}");
}

#[cfg(test)]
mod tests {
    use super::{bytes, is_unsafe, lossy, text};

    #[test]
    fn what_is_escaped_and_what_is_not() {
        for (wire, printed) in [
            ("plain", "plain"),
            ("Grüße 你好 🙂", "Grüße 你好 🙂"),
            ("\u{1b}[31mred", "\\x1b[31mred"),
            ("a\tb\r\nc\0", "a\\x09b\\x0d\\x0ac\\x00"),
            ("\u{7f}\u{85}\u{9b}", "\\x7f\\xc2\\x85\\xc2\\x9b"),
            (
                "a\u{202e}b\u{2066}c\u{200f}d\u{61c}",
                "a\\xe2\\x80\\xaeb\\xe2\\x81\\xa6c\\xe2\\x80\\x8fd\\xd8\\x9c",
            ),
            ("a\u{2028}b\u{2029}", "a\\xe2\\x80\\xa8b\\xe2\\x80\\xa9"),
        ] {
            assert_eq!(text(wire), printed);
            assert_eq!(bytes(wire.as_bytes()), printed);
            assert!(!text(wire).chars().any(is_unsafe));
        }
    }

    #[test]
    fn what_is_no_text_is_shown_byte_by_byte() {
        assert_eq!(bytes(b"a\xff\xc3b\x1b"), "a\\xff\\xc3b\\x1b");
        assert_eq!(lossy(b"a\xffb\x1b"), ("a\\xffb\u{1b}".into(), true));
        assert_eq!(lossy("gr\u{fc}n".as_bytes()), ("gr\u{fc}n".into(), false));
    }
}
