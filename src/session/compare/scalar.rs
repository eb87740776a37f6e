//! Whether two texts of one type mean the same.

use std::collections::HashMap;
use std::time::Duration;

use cwmp::schema::Type;

/// How two texts stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Likeness {
    /// The same text.
    Same,
    /// Another spelling of the same value: `1` and `true`, `007` and `7`.
    Spelling,
    /// Times that lie as close together as is allowed.
    Near,
    /// Something else.
    Other,
}

/// Compares; the seconds between the messages that the values stand in are taken off a time as another way to be the same.
pub(super) fn likeness(
    kind: Type,
    expected: &str,
    actual: &str,
    tolerance: Duration,
    apart_ns: Option<i128>,
) -> Likeness {
    if expected == actual {
        return Likeness::Same;
    }
    let (left, right) = (expected.trim(), actual.trim());
    match kind {
        Type::Boolean => spelling(boolean(left), boolean(right)),
        Type::Int | Type::UnsignedInt => spelling(whole_number(left), whole_number(right)),
        Type::DateTime => times(left, right, tolerance, apart_ns),
        Type::Base64 => spelling(Some(unblanked(left)), Some(unblanked(right))),
        Type::AnyUri => spelling(Some(left), Some(right)),
        Type::Text | Type::AnySimple => Likeness::Other,
    }
}

/// The type that an `xsi:type` names, as far as its values can be spelt in several ways.
pub(super) fn type_of_name(name: &str) -> Option<Type> {
    let local = local_name(name);
    Some(match local {
        "boolean" => Type::Boolean,
        "int" | "integer" | "long" | "short" | "byte" => Type::Int,
        "unsignedInt" | "unsignedLong" | "unsignedShort" | "unsignedByte"
        | "nonNegativeInteger" | "positiveInteger" => Type::UnsignedInt,
        "dateTime" => Type::DateTime,
        "base64" | "base64Binary" => Type::Base64,
        "string" => Type::Text,
        "anyURI" => Type::AnyUri,
        _ => return None,
    })
}

/// A qualified name without its prefix.
pub(super) fn local_name(name: &str) -> &str {
    name.trim().rsplit(':').next().unwrap_or_default()
}

/// Whether a text is a value of this type.
pub(super) fn is_of_type(kind: Type, text: &str) -> bool {
    let text = text.trim();
    match kind {
        Type::Boolean => boolean(text).is_some(),
        Type::Int => whole_number(text).is_some(),
        Type::UnsignedInt => whole_number(text).is_some_and(|number| number >= 0),
        Type::DateTime => nanoseconds(text).is_some(),
        Type::Base64 => text.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || b"+/=".contains(&byte) || byte.is_ascii_whitespace()
        }),
        Type::Text | Type::AnySimple | Type::AnyUri => true,
    }
}

/// A boolean of XML Schema, in any case of letters: phones write `True`.
pub(super) fn boolean(text: &str) -> Option<bool> {
    if text == "1" || text.eq_ignore_ascii_case("true") {
        return Some(true);
    }
    (text == "0" || text.eq_ignore_ascii_case("false")).then_some(false)
}

/// A whole number, with leading zeros and sign.
pub(super) fn whole_number(text: &str) -> Option<i128> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    if digits.starts_with('+') {
        return None;
    }
    digits.parse().ok()
}

/// Nanoseconds since 1970 of an xsd:dateTime; without a zone it is taken for UTC.
pub(super) fn nanoseconds(text: &str) -> Option<i128> {
    if !text.contains(['T', 't']) {
        return None;
    }
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Some(time.as_nanosecond());
    }
    let civil: jiff::civil::DateTime = text.parse().ok()?;
    let zoned = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(zoned.timestamp().as_nanosecond())
}

fn spelling<T: PartialEq>(expected: Option<T>, actual: Option<T>) -> Likeness {
    if expected.is_some() && expected == actual {
        Likeness::Spelling
    } else {
        Likeness::Other
    }
}

fn times(expected: &str, actual: &str, tolerance: Duration, apart_ns: Option<i128>) -> Likeness {
    let (Some(left), Some(right)) = (nanoseconds(expected), nanoseconds(actual)) else {
        return Likeness::Other;
    };
    let between = right.saturating_sub(left);
    if between == 0 {
        return Likeness::Spelling;
    }
    let tolerance_ns = tolerance.as_nanos();
    let is_near = |between: i128| between.unsigned_abs() <= tolerance_ns;
    let moved = apart_ns.map(|apart| between.saturating_sub(apart));
    if is_near(between) || moved.is_some_and(is_near) {
        Likeness::Near
    } else {
        Likeness::Other
    }
}

fn unblanked(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_whitespace()).collect()
}

/// Keys of transfers and settings that are made anew each time.
#[derive(Debug, Default)]
pub(super) struct Keys {
    forward: HashMap<String, String>,
    back: HashMap<String, String>,
}

impl Keys {
    /// Whether one stands for the other, as it did before or from now on.
    pub fn stand_for(&mut self, expected: &str, actual: &str) -> bool {
        if expected.is_empty() || actual.is_empty() {
            return false;
        }
        let known = (self.forward.get(expected), self.back.get(actual));
        match known {
            (None, None) => {}
            (Some(now), Some(then)) => return now == actual && then == expected,
            _ => return false,
        }
        if self.forward.len() >= KEYS_MAX {
            return false;
        }
        self.forward.insert(expected.to_owned(), actual.to_owned());
        self.back.insert(actual.to_owned(), expected.to_owned());
        true
    }
}

/// Keys of one comparison that are remembered.
const KEYS_MAX: usize = 1_000;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use cwmp::schema::Type;

    use super::{Keys, Likeness, likeness};

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn spellings_of_one_value() {
        let of = |kind, left, right| likeness(kind, left, right, MINUTE, None);
        assert_eq!(of(Type::Boolean, "1", "True"), Likeness::Spelling);
        assert_eq!(of(Type::Boolean, "1", "0"), Likeness::Other);
        assert_eq!(of(Type::UnsignedInt, "007", " 7 "), Likeness::Spelling);
        assert_eq!(of(Type::Int, "-1", "1"), Likeness::Other);
        assert_eq!(of(Type::Int, "", "0"), Likeness::Other);
        assert_eq!(of(Type::Text, "1", "true"), Likeness::Other);
        assert_eq!(of(Type::Text, "a", "a "), Likeness::Other);
        assert_eq!(of(Type::Base64, "AB\n CD", "ABCD"), Likeness::Spelling);
    }

    #[test]
    fn times_are_compared_as_times() {
        let of =
            |left, right, apart: Option<i128>| likeness(Type::DateTime, left, right, MINUTE, apart);
        let noon = "2026-03-14T12:00:00Z";
        assert_eq!(
            of(noon, "2026-03-14T13:00:00+01:00", None),
            Likeness::Spelling
        );
        assert_eq!(of(noon, "2026-03-14T12:00:00", None), Likeness::Spelling);
        assert_eq!(of(noon, "2026-03-14T12:01:00.5Z", None), Likeness::Other);
        assert_eq!(of(noon, "2026-03-14T12:00:59Z", None), Likeness::Near);
        let day_ns = 86_400_000_000_000;
        assert_eq!(
            of(noon, "2026-03-15T12:00:30Z", Some(day_ns)),
            Likeness::Near
        );
        assert_eq!(of("0001-01-01T00:00:00Z", noon, None), Likeness::Other);
        assert_eq!(
            of("2026-03-14", "2026-03-14T00:00:00Z", None),
            Likeness::Other
        );
    }

    #[test]
    fn a_key_stands_for_one_other() {
        let mut keys = Keys::default();
        assert!(keys.stand_for("a", "b"));
        assert!(keys.stand_for("a", "b"));
        assert!(!keys.stand_for("a", "c"));
        assert!(!keys.stand_for("c", "b"));
        assert!(keys.stand_for("c", "a"));
        assert!(!keys.stand_for("", "x"));
    }
}
