//! Keys, texts and numbers as TOML writes them, in the form that is easiest to read. It knows no scenario.

use std::fmt::Write as _;
use std::time::Duration;

use super::problem::is_unsafe;

/// A key: bare where it can be.
pub(super) fn key(name: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !name.is_empty() && name.bytes().all(is_bare) {
        return name.to_owned();
    }
    text(name)
}

/// A text in quotes: literal where that saves escapes.
pub(super) fn text(text: &str) -> String {
    let is_literal = !text.contains('\'') && !text.chars().any(is_unsafe);
    if is_literal && text.contains(['"', '\\']) {
        return format!("'{text}'");
    }
    let mut out = String::with_capacity(text.len().saturating_add(2));
    out.push('"');
    text.chars()
        .for_each(|character| escaped(character, &mut out));
    out.push('"');
    out
}

/// A text of several lines between three quotes, where it ends with one; else as [`text`].
pub(super) fn lines(text: &str) -> String {
    let Some(inner) = text.strip_suffix('\n') else {
        return self::text(text);
    };
    let is_plain = |character: char| character == '\n' || !is_unsafe(character);
    if !text.contains("'''") && text.chars().all(is_plain) {
        return format!("'''\n{inner}\n'''");
    }
    let mut out = "\"\"\"\n".to_owned();
    for line in text.split_inclusive('\n') {
        let (line, end) = line
            .strip_suffix('\n')
            .map_or((line, ""), |line| (line, "\n"));
        line.chars()
            .for_each(|character| escaped(character, &mut out));
        out.push_str(end);
    }
    out + "\"\"\""
}

/// A list on one line, or with a line for each member where there are several.
pub(super) fn list(members: &[String]) -> String {
    if members.len() < 2 {
        return format!("[{}]", members.join(", "));
    }
    let mut out = "[\n".to_owned();
    for member in members {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "  {member},");
    }
    out + "]"
}

/// A table on one line.
pub(super) fn table(members: &[(String, String)]) -> String {
    let members: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("{} = {value}", key(name)))
        .collect();
    if members.is_empty() {
        return "{}".to_owned();
    }
    format!("{{ {} }}", members.join(", "))
}

/// A duration in seconds: `5`, `0.25`.
pub(super) fn seconds(duration: Duration) -> String {
    decimal(duration.as_secs(), u64::from(duration.subsec_nanos()), 9)
}

/// A duration in milliseconds: `120`, `0.5`.
pub(super) fn milliseconds(duration: Duration) -> String {
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let rest = u64::from(duration.subsec_nanos()) % 1_000_000;
    decimal(millis, rest, 6)
}

fn decimal(whole: u64, fraction: u64, digits: usize) -> String {
    if fraction == 0 {
        return whole.to_string();
    }
    let fraction = format!("{fraction:0digits$}");
    format!("{whole}.{}", fraction.trim_end_matches('0'))
}

fn escaped(character: char, out: &mut String) {
    match character {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\t' => out.push_str("\\t"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        other if is_unsafe(other) => {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\U{:08X}", u32::from(other));
        }
        other => out.push(other),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{key, lines, list, milliseconds, seconds, text};

    #[test]
    fn the_form_that_reads_best() {
        assert_eq!(key("parameter_key"), "parameter_key");
        assert_eq!(key("ParameterList/Device.X"), "\"ParameterList/Device.X\"");
        assert_eq!(key(""), "\"\"");
        assert_eq!(text("plain"), "\"plain\"");
        assert_eq!(
            text("event contains \"1 BOOT\""),
            "'event contains \"1 BOOT\"'"
        );
        assert_eq!(text("it's \"so\""), "\"it's \\\"so\\\"\"");
        assert_eq!(text("a\u{1b}\n\u{202e}"), "\"a\\U0000001B\\n\\U0000202E\"");
        assert_eq!(lines("a: \"b\"\nc\n"), "'''\na: \"b\"\nc\n'''");
        assert_eq!(lines("a'''\n"), "\"\"\"\na'''\n\"\"\"");
        assert_eq!(lines("a\r\n"), "\"\"\"\na\\r\n\"\"\"");
        assert_eq!(lines(""), "\"\"");
        assert_eq!(list(&[]), "[]");
        assert_eq!(list(&["1".to_owned(), "2".to_owned()]), "[\n  1,\n  2,\n]");
        assert_eq!(seconds(Duration::from_millis(250)), "0.25");
        assert_eq!(seconds(Duration::from_secs(600)), "600");
        assert_eq!(milliseconds(Duration::from_micros(1_234_500)), "1234.5");
        assert_eq!(milliseconds(Duration::from_nanos(1)), "0.000001");
    }
}
