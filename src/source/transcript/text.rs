//! The escapes of a transcript: any bytes as lines of printable text, and back.

use std::fmt::Write as _;

use super::heading::Trouble;

/// Adds what a line of content stands for; true where it goes on in the next line.
pub(super) fn unescape(line: &[u8], out: &mut Vec<u8>) -> Result<bool, Trouble> {
    let mut rest = line;
    while let Some(at) = rest.iter().position(|&byte| byte == b'\\') {
        let (plain, escape) = rest.split_at(at);
        out.extend_from_slice(plain);
        let (byte, length) = match escape {
            [_] => return Ok(true),
            [_, b'n', ..] => (b'\n', 2),
            [_, b'r', ..] => (b'\r', 2),
            [_, b't', ..] => (b'\t', 2),
            [_, b'\\', ..] => (b'\\', 2),
            [_, b'x', high, low, ..] => {
                let byte = hexadecimal(*high).zip(hexadecimal(*low));
                let (high, low) = byte.ok_or_else(|| odd_escape(escape))?;
                (high << 4 | low, 4)
            }
            _ => return Err(odd_escape(escape)),
        };
        out.push(byte);
        rest = escape.get(length..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    Ok(false)
}

/// The value of a hexadecimal digit.
pub(super) fn hexadecimal(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

fn odd_escape(escape: &[u8]) -> Trouble {
    let shown = escape.get(..4).unwrap_or(escape).escape_ascii();
    Trouble::new(
        format!(
            "'{shown}' is no escape: \\n, \\r, \\t, \\xNN, \\\\ or a \\ at the end of the line was expected"
        ),
        r"C:\\boot.cfg",
    )
}

/// Writes bytes as one line without its end; a long one is carried on with `\`.
pub(super) fn escape(bytes: &[u8], out: &mut String) {
    let mut line = Line {
        start: out.len(),
        rest: bytes,
        out,
    };
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            line.push(character);
        }
        for &byte in chunk.invalid() {
            line.make_room();
            push_byte(byte, line.out);
            line.pass(1);
        }
    }
}

/// A line as it is written.
struct Line<'a> {
    /// Where it begins in `out`.
    start: usize,
    /// The bytes still to be written.
    rest: &'a [u8],
    out: &'a mut String,
}

impl Line<'_> {
    fn push(&mut self, character: char) {
        self.make_room();
        // What would be taken for a comment or a block line begins with an escape.
        let at_start = self.out.len() == self.start;
        let taken_wrongly = at_start && (is_comment(self.rest) || is_block_line(self.rest));
        // Editors drop blanks at the end of a line.
        let last = self.rest.len() == character.len_utf8();
        let out = &mut *self.out;
        match character {
            '\\' => out.push_str(r"\\"),
            '\n' => out.push_str(r"\n"),
            '\r' => out.push_str(r"\r"),
            '\t' => out.push_str(r"\t"),
            _ if is_unsafe(character) || taken_wrongly || last && character == ' ' => {
                let mut buffer = [0; 4];
                let bytes = character.encode_utf8(&mut buffer).bytes();
                bytes.for_each(|byte| push_byte(byte, out));
            }
            _ => out.push(character),
        }
        self.pass(character.len_utf8());
    }

    fn make_room(&mut self) {
        if self.out.len() - self.start >= WRAPPED_BYTES {
            self.out.push_str("\\\n");
            self.start = self.out.len();
        }
    }

    fn pass(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }
}

fn push_byte(byte: u8, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(out, "\\x{byte:02x}");
}

/// The line is a comment.
pub(super) fn is_comment(line: &[u8]) -> bool {
    line.starts_with(b"#")
}

/// The line begins a block.
pub(super) fn is_block_line(line: &[u8]) -> bool {
    line.starts_with(b">>") || line.starts_with(b"<<")
}

/// Characters that change what a terminal or an editor shows beside themselves: controls, bidirectional controls,
/// separators, marks that are not seen. The same as every output of the program escapes.
fn is_unsafe(character: char) -> bool {
    matches!(character,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Lines of content are broken at this length, far below what a reader takes.
const WRAPPED_BYTES: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::{WRAPPED_BYTES, escape, unescape};

    fn escaped(bytes: &[u8]) -> String {
        let mut out = String::new();
        escape(bytes, &mut out);
        out
    }

    #[test]
    fn what_text_cannot_hold_is_escaped() {
        for (bytes, text) in [
            (&b"plain <a b=\"c\"/>"[..], "plain <a b=\"c\"/>"),
            ("Grüße 你好".as_bytes(), "Grüße 你好"),
            (b"a\\b\tc\rd\ne", r"a\\b\tc\rd\ne"),
            (b"\x00\x1b[0m\xff\xc3", r"\x00\x1b[0m\xff\xc3"),
            ("a\u{202e}b".as_bytes(), r"a\xe2\x80\xaeb"),
            (b"#remark", r"\x23remark"),
            (b">> x", r"\x3e> x"),
            (b"<<x", r"\x3c<x"),
            (b"<a>>", "<a>>"),
            (b"blank ", r"blank\x20"),
        ] {
            assert_eq!(escaped(bytes), text);
            let mut back = Vec::new();
            assert_eq!(unescape(text.as_bytes(), &mut back).ok(), Some(false));
            assert_eq!(back, bytes);
        }
    }

    #[test]
    fn long_lines_are_carried_on() {
        let long = b"#".repeat(3 * WRAPPED_BYTES);
        let text = escaped(&long);
        let (mut back, mut lines) = (Vec::new(), 0);
        for line in text.lines() {
            let goes_on = unescape(line.as_bytes(), &mut back).ok();
            lines += 1;
            assert_eq!(goes_on, Some(back.len() < long.len()));
            assert!(!line.starts_with('#') && line.len() < WRAPPED_BYTES + 8);
        }
        assert!(back == long && lines >= 3);
    }

    #[test]
    fn wrong_escapes_are_told() {
        for wrong in [r"\q", r"\x4", r"\x4g", r"a\xzz"] {
            let trouble = unescape(wrong.as_bytes(), &mut Vec::new()).err();
            assert!(
                trouble.is_some_and(|trouble| trouble.what.contains("is no escape")),
                "{wrong}"
            );
        }
    }
}
