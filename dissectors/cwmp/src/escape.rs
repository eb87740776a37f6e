//! How text and names are written so that they read back the same.

use std::borrow::Cow;

/// Appends character data.
pub(crate) fn push_text(text: &str, out: &mut Vec<u8>) {
    for character in text.bytes() {
        match character {
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            // XML 1.0 section 2.11: a bare one would read back as a line feed.
            b'\r' => out.extend_from_slice(b"&#13;"),
            other => out.push(other),
        }
    }
}

/// Appends an attribute value, without its quotes.
pub(crate) fn push_attribute(text: &str, out: &mut Vec<u8>) {
    for character in text.bytes() {
        match character {
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'"' => out.extend_from_slice(b"&quot;"),
            b'\t' => out.extend_from_slice(b"&#9;"),
            b'\n' => out.extend_from_slice(b"&#10;"),
            b'\r' => out.extend_from_slice(b"&#13;"),
            other => out.push(other),
        }
    }
}

/// A local name with what would end it or split it replaced by `_`.
pub(crate) fn written_name(name: &str) -> Cow<'_, str> {
    let first_is_plain = !name.is_empty() && !name.starts_with(['!', '?']);
    if first_is_plain && !name.contains(breaks_name) {
        return Cow::Borrowed(name);
    }
    if name.is_empty() {
        return Cow::Borrowed("_");
    }
    let name = name.replace(breaks_name, "_");
    if first_is_plain {
        return Cow::Owned(name);
    }
    Cow::Owned(name.replacen(['!', '?'], "_", 1))
}

/// The same for an attribute, which must not become a declaration of a namespace.
pub(crate) fn written_attribute_name(name: &str) -> Cow<'_, str> {
    match name {
        "xmlns" => Cow::Borrowed("_xmlns"),
        _ => written_name(name),
    }
}

fn breaks_name(character: char) -> bool {
    character.is_ascii_control() || " <>/=\"'&:".contains(character)
}
