//! Placeholders in messages, heads and settings: `{{name}}`, where a name is letters, digits, `_` and `.`.
//!
//! Anything else in braces is text. Where a recording holds `{{name}}` itself, `{{literal.open}}name}}` stands for it.

use std::borrow::Cow;

/// A placeholder without a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the placeholder {{{{{name}}}}} has no value")]
pub struct Unfilled {
    /// Its name.
    pub name: String,
}

/// Part of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Bytes as they are.
    Text(&'a [u8]),
    /// A placeholder, by name.
    Placeholder(&'a str),
}

/// The parts of a template, in order.
pub fn pieces(template: &[u8]) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = template;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((name, behind)) = placeholder(rest) {
            rest = behind;
            return Some(Piece::Placeholder(name));
        }
        let end = next_placeholder(rest);
        let (text, behind) = rest.split_at(end);
        rest = behind;
        Some(Piece::Text(text))
    })
}

/// The names that a template asks for, in order, each as often as it stands there.
pub fn names(template: &[u8]) -> impl Iterator<Item = &str> {
    pieces(template).filter_map(|piece| match piece {
        Piece::Placeholder(name) if name != LITERAL => Some(name),
        _ => None,
    })
}

/// The template with its values, which are put in as they are.
///
/// # Errors
///
/// For the first placeholder that has none.
pub fn fill<'v>(
    template: &[u8],
    mut value: impl FnMut(&str) -> Option<Cow<'v, [u8]>>,
) -> Result<Vec<u8>, Unfilled> {
    let mut filled = Vec::with_capacity(template.len());
    for piece in pieces(template) {
        match piece {
            Piece::Text(text) => filled.extend_from_slice(text),
            Piece::Placeholder(LITERAL) => filled.extend_from_slice(OPEN),
            Piece::Placeholder(name) => match value(name) {
                Some(value) => filled.extend_from_slice(&value),
                None => {
                    let name = name.to_owned();
                    return Err(Unfilled { name });
                }
            },
        }
    }
    Ok(filled)
}

/// Recorded bytes as a template that gives them again.
#[must_use]
pub fn escape(recorded: &[u8]) -> Cow<'_, [u8]> {
    if names_or_literal(recorded).next().is_none() {
        return Cow::Borrowed(recorded);
    }
    let mut escaped = Vec::with_capacity(recorded.len() + LITERAL.len());
    for piece in pieces(recorded) {
        match piece {
            Piece::Text(text) => escaped.extend_from_slice(text),
            Piece::Placeholder(name) => {
                escaped.extend_from_slice(b"{{literal.open}}");
                escaped.extend_from_slice(name.as_bytes());
                escaped.extend_from_slice(CLOSE);
            }
        }
    }
    Cow::Owned(escaped)
}

fn names_or_literal(template: &[u8]) -> impl Iterator<Item = Piece<'_>> {
    pieces(template).filter(|piece| matches!(piece, Piece::Placeholder(_)))
}

/// The placeholder that bytes begin with, and what is behind it.
fn placeholder(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let inside = bytes.strip_prefix(OPEN)?;
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    let length = inside
        .iter()
        .take(NAME_MAX + 1)
        .take_while(|byte| is_name(byte))
        .count();
    let (name, behind) = inside.split_at_checked(length)?;
    let behind = behind.strip_prefix(CLOSE)?;
    let name = std::str::from_utf8(name).ok()?;
    (1..=NAME_MAX).contains(&length).then_some((name, behind))
}

/// Where the next placeholder begins behind the first byte; the end where none does.
fn next_placeholder(bytes: &[u8]) -> usize {
    memchr::memchr_iter(b'{', bytes)
        .filter(|at| *at > 0)
        .find(|at| {
            bytes
                .get(*at..)
                .is_some_and(|rest| placeholder(rest).is_some())
        })
        .unwrap_or(bytes.len())
}

const OPEN: &[u8] = b"{{";
const CLOSE: &[u8] = b"}}";
/// Stands for two braces.
const LITERAL: &str = "literal.open";
/// The longest name.
const NAME_MAX: usize = 64;

/// A value as it stands in XML, also within an attribute.
#[must_use]
pub fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\r' => escaped.push_str("&#13;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{Unfilled, escape, fill, names, xml};

    fn value(name: &str) -> Option<std::borrow::Cow<'static, [u8]>> {
        (name == "a.b_1").then_some(b"VALUE".as_slice().into())
    }

    #[test]
    fn placeholders_are_filled_and_other_braces_stay() {
        let filled = |text: &str| {
            fill(text.as_bytes(), value).map(|bytes| String::from_utf8(bytes).expect("text"))
        };
        assert_eq!(
            filled("<a>{{a.b_1}}</a>{{a.b_1}}").as_deref(),
            Ok("<a>VALUE</a>VALUE")
        );
        assert_eq!(
            filled("{{ a }} {} {{}} {{a b}} {{").as_deref(),
            Ok("{{ a }} {} {{}} {{a b}} {{")
        );
        assert_eq!(filled("{{{a.b_1}}}").as_deref(), Ok("{VALUE}"));
        let name = "other".to_owned();
        assert_eq!(filled("{{other}}"), Err(Unfilled { name }));
    }

    #[test]
    fn recorded_braces_come_out_as_they_were() {
        for recorded in [
            "{{a.b_1}}",
            "x{{{a.b_1}}}",
            "{{{{a.b_1}}",
            "{{literal.open}}x}}",
            "plain {",
            "{{a}}{{b}}",
        ] {
            let template = escape(recorded.as_bytes());
            assert_eq!(
                fill(&template, value).as_deref(),
                Ok(recorded.as_bytes()),
                "{recorded}"
            );
        }
        assert_eq!(
            names(b"{{x}}{{literal.open}}y}}{{z}}").collect::<Vec<_>>(),
            ["x", "z"]
        );
    }

    #[test]
    fn values_stay_values_in_xml() {
        assert_eq!(xml("a<b>&\"c\"\r"), "a&lt;b&gt;&amp;&quot;c&quot;&#13;");
    }
}
