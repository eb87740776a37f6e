//! Secrets in text of no known grammar: `password=...`, and `"password": ...` of JSON.

use super::Secret;
use super::names::{is_secret_name, spelt_out};
use super::urls::is_secret_key;

/// Values that a secret name is set to.
pub(super) fn secrets_of_assignments(text: &[u8], secrets: &mut Vec<Secret>) {
    let mut from = 0;
    while let Some(found) = text
        .get(from..)
        .and_then(|rest| memchr::memchr2(b'=', b':', rest))
    {
        let at = from + found;
        let secret = if text.get(at) == Some(&b'=') {
            assigned(text, at)
        } else {
            member(text, at)
        };
        // Nothing is looked for inside of a secret: each byte is looked at once.
        from = secret
            .as_ref()
            .map_or(at + 1, |secret| secret.end.max(at + 1));
        secrets.extend(secret.filter(|secret| secret.start < secret.end));
    }
}

/// The value behind the `=` at this place.
fn assigned(text: &[u8], equals: usize) -> Option<Secret> {
    let before = text.get(equals.saturating_sub(NAME_BYTES_MAX)..equals)?;
    let before = before.trim_ascii_end();
    let name_at = before
        .iter()
        .rposition(|byte| !is_of_name(*byte))
        .map_or(0, |at| at + 1);
    let name = before.get(name_at..)?;
    let lead = before.get(..name_at)?;
    let in_query = lead.last().is_some_and(|byte| b"?&;".contains(byte));
    // A path parameter ends where the query begins; in markup `&amp;` leads a pair of the query.
    let in_path = lead.ends_with(b";") && !lead.ends_with(b"&amp;");
    let is_secret = if in_query {
        is_secret_key(name)
    } else {
        is_secret_name(&spelt_out(&String::from_utf8_lossy(name), "%", 2))
    };
    if !is_secret {
        return None;
    }
    let rest = text.get(equals + 1..)?;
    let blanks = rest.iter().take_while(|byte| **byte == b' ').count();
    let value = rest.get(blanks..)?;
    let start = equals + 1 + blanks;
    let (lead, length) = match value.first()? {
        b'=' => return None,
        quote @ (b'"' | b'\'') => (1, until(value.get(1..)?, |byte| byte == *quote)),
        _ if in_query => (
            0,
            until(value, |byte| {
                ends_value(byte) || b";#".contains(&byte) || (in_path && byte == b'?')
            }),
        ),
        _ => (0, until(value, ends_value)),
    };
    Some(start + lead..start + lead + length)
}

/// The value of a JSON member whose `:` is at this place (RFC 8259 section 4).
fn member(text: &[u8], colon: usize) -> Option<Secret> {
    let before = text.get(colon.saturating_sub(NAME_BYTES_MAX)..colon)?;
    let before = before.trim_ascii_end();
    let before = before.strip_suffix(b"\"").or(before.strip_suffix(b"'"))?;
    // JSON inside a JSON string has its quotes escaped.
    let escaped = before.ends_with(b"\\");
    let name = before.rsplit(|byte| b"\"'".contains(byte)).next()?;
    let name = String::from_utf8_lossy(name);
    if !is_secret_name(&spelt_out(&name, "\\u", 4)) {
        return None;
    }
    let rest = text.get(colon + 1..)?;
    let blanks = rest
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count();
    let value = rest.get(blanks..)?;
    let start = colon + 1 + blanks;
    let (lead, length) = match value {
        [b'\\', b'"', inner @ ..] if escaped => (2, until(inner, |byte| byte == b'\\')),
        [b'"', inner @ ..] => (1, string_length(inner, b'"')),
        [b'\'', inner @ ..] => (1, until(inner, |byte| byte == b'\'')),
        [b'[' | b'{', ..] if escaped => (0, escaped_length(value)),
        [b'[' | b'{', ..] => (0, nested_length(value)),
        _ => (
            0,
            until(value, |byte| {
                byte.is_ascii_whitespace() || b",]}".contains(&byte)
            }),
        ),
    };
    Some(start + lead..start + lead + length)
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.[]%".contains(&byte)
}

fn ends_value(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b"<>&\"".contains(&byte)
}

fn until(text: &[u8], ends: impl Fn(u8) -> bool) -> usize {
    text.iter()
        .position(|&byte| ends(byte))
        .unwrap_or(text.len())
}

/// Length of the string up to its closing quote.
fn string_length(text: &[u8], quote: u8) -> usize {
    let mut escaped = false;
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            _ if byte == quote => return at,
            _ => {}
        }
    }
    text.len()
}

/// Length of a JSON object or array, with its brackets; all of the text where it never closes.
fn nested_length(text: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' | b'\'' => {
                at += 1 + string_length(text.get(at..).unwrap_or_default(), byte);
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    at.min(text.len())
}

/// The same inside of a JSON string, whose own quote ends it too.
fn escaped_length(text: &[u8]) -> usize {
    let (mut depth, mut at, mut in_string) = (0_usize, 0, false);
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'"' => return at - 1,
            b'\\' => {
                let rest = text.get(at..).unwrap_or_default();
                let more = until(rest, |byte| byte != b'\\');
                // Three backslashes are a quote inside of the inner string.
                in_string ^= more == 0 && rest.first() == Some(&b'"');
                at += more + 1;
            }
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    at.min(text.len())
}

/// A name that is longer is judged by its end.
const NAME_BYTES_MAX: usize = 128;
