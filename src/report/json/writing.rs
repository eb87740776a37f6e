//! JSON text that no terminal is harmed by: characters that JSON need not escape, but a terminal obeys, are escaped too.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use crate::report::escape::{is_plain, is_unsafe};

/// One line, or indented lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// For ndjson.
    Compact,
    /// For people.
    Indented,
}

/// Writes a value and a line end.
///
/// # Errors
/// What the writer says.
pub fn write(value: &impl Serialize, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
    let written = match layout {
        Layout::Compact => value.serialize(&mut serde_json::Serializer::with_formatter(
            &mut *out,
            Harmless(CompactFormatter),
        )),
        Layout::Indented => value.serialize(&mut serde_json::Serializer::with_formatter(
            &mut *out,
            Harmless(PrettyFormatter::new()),
        )),
    };
    written.map_err(io::Error::from)?;
    out.write_all(b"\n")
}

/// A value as one line of ndjson.
#[must_use]
pub fn line(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    append_line(value, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// Adds a value as one line of ndjson.
pub fn append_line(value: &impl Serialize, out: &mut Vec<u8>) {
    let formatter = Harmless(CompactFormatter);
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, formatter);
    // Writing to memory cannot fail, and the records hold nothing that JSON cannot.
    let _ = value.serialize(&mut serializer);
    out.push(b'\n');
}

/// Escapes, beside what JSON demands, DEL, C1, bidi controls and separators as `\uXXXX`.
struct Harmless<F>(F);

impl<F: Formatter> Formatter for Harmless<F> {
    fn write_string_fragment<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if is_plain(fragment) {
            return writer.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some(at) = rest.find(is_unsafe) {
            let (before, after) = rest.split_at(at);
            writer.write_all(before.as_bytes())?;
            let mut characters = after.chars();
            for unit in characters
                .next()
                .into_iter()
                .flat_map(|character| character.encode_utf16(&mut [0; 2]).to_vec())
            {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = characters.as_str();
        }
        writer.write_all(rest.as_bytes())
    }

    fn begin_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::{Layout, line, write};

    #[test]
    fn hostile_text_comes_back_and_does_no_harm_on_the_way() {
        let hostile = "a\u{1b}[31m\u{9b}\u{7f}\u{202e}\u{2028}\u{e0041}\"\\ü🙂";
        let text = line(&hostile);
        assert!(
            !text
                .trim_end()
                .chars()
                .any(crate::report::escape::is_unsafe),
            "{text:?}"
        );
        assert!(matches!(serde_json::from_str::<String>(&text), Ok(back) if back == hostile));
    }

    #[test]
    fn indented_is_as_serde_json_indents() {
        let value = serde_json::json!({"a": [1, {"b": null}], "c": {}});
        let mut out = Vec::new();
        assert!(write(&value, Layout::Indented, &mut out).is_ok());
        assert!(
            matches!(serde_json::to_string_pretty(&value), Ok(expected) if out == format!("{expected}\n").into_bytes())
        );
    }
}
