//! What a value is held against, made ready for its type; and how the two compare.

use std::cmp::Ordering;
use std::fmt::Write as _;

use super::names::{Holds, listed, nearest};
use super::values::Value;
use crate::source::Timestamp;

/// A literal as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Literal {
    pub text: String,
    pub quoted: bool,
}

impl std::fmt::Display for Literal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.quoted {
            return formatter.write_str(&self.text);
        }
        formatter.write_char('"')?;
        for character in self.text.chars() {
            match character {
                '"' | '\\' => write!(formatter, "\\{character}")?,
                _ if super::error::is_unsafe(character) => {
                    let mut bytes = [0; 4];
                    for byte in character.encode_utf8(&mut bytes).bytes() {
                        write!(formatter, "\\x{byte:02x}")?;
                    }
                }
                _ => formatter.write_char(character)?,
            }
        }
        formatter.write_char('"')
    }
}

/// Why a literal cannot be held against a name's values.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unfit {
    pub expected: String,
    pub near: Option<&'static str>,
}

impl Unfit {
    fn expected(what: &str) -> Self {
        Self {
            expected: what.to_owned(),
            near: None,
        }
    }
}

/// A literal, ready to be compared.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    /// Exactly this text.
    Text(String),
    /// A number also where the value is its text: 9005 is "9005" and "09005".
    Number(Number),
    /// A moment, in nanoseconds since 1970.
    Time(i64),
    Boolean(bool),
    /// The place in a scale.
    Rank(usize, &'static [&'static str]),
}

impl Operand {
    /// The literal for values of this type.
    pub fn of(literal: &Literal, holds: Holds) -> Result<Self, Unfit> {
        let text = literal.text.as_str();
        match holds {
            // Quotes and leading zeros say that it is text: a serial number is no number.
            Holds::Text => Ok(Number::parse(text)
                .filter(|_| !literal.quoted && !padded(text))
                .map_or_else(|| Self::Text(text.to_owned()), Self::Number)),
            Holds::Number => Number::parse(text)
                .map(Self::Number)
                .ok_or_else(|| Unfit::expected("a number")),
            Holds::Duration => milliseconds(text)
                .map(Self::Number)
                .ok_or_else(|| Unfit::expected("milliseconds, or a duration such as `1.5s`")),
            Holds::Time => moment(text).map(Self::Time).ok_or_else(|| {
                Unfit::expected("a time such as `2026-03-14` or `2026-03-14T09:00:00Z`")
            }),
            Holds::Boolean => boolean(text)
                .map(Self::Boolean)
                .ok_or_else(|| Unfit::expected("`true` or `false`")),
            Holds::Words(words) => place(text, words).map(|_| Self::Text(text.to_owned())),
            Holds::Scale(words) => place(text, words).map(|place| Self::Rank(place, words)),
            Holds::Group => Err(Unfit::expected("no value")),
        }
    }

    /// How a value stands to it; `None` where the two cannot be compared.
    pub fn order(&self, value: &Value<'_>) -> Option<Ordering> {
        match self {
            Self::Text(text) => Some(value.text().as_ref().cmp(text)),
            Self::Number(number) => value.number()?.order(*number),
            Self::Time(nanoseconds) => match value {
                Value::Time(time) => Some(time.nanoseconds.cmp(nanoseconds)),
                _ => None,
            },
            Self::Boolean(boolean) => match value {
                Value::Boolean(value) => Some(value.cmp(boolean)),
                _ => None,
            },
            Self::Rank(rank, words) => {
                let text = value.text();
                let place = words.iter().position(|word| *word == text)?;
                Some(place.cmp(rank))
            }
        }
    }
}

/// A number written so that it can only be meant as digits: `007`.
fn padded(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    digits.starts_with('0') && digits.len() > 1 && !digits.starts_with("0.")
        || text.starts_with('+')
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn place(text: &str, words: &'static [&'static str]) -> Result<usize, Unfit> {
    let place = words.iter().position(|word| *word == text);
    place.ok_or_else(|| Unfit {
        expected: format!("one of {}", listed(words)),
        near: nearest(text, words),
    })
}

/// `500`, `500ms`, `1.5s`, `2min`, `1h`, `3d`.
fn milliseconds(text: &str) -> Option<Number> {
    let unit_at = text
        .find(|character: char| character.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(unit_at)?;
    let number = Number::parse(number.trim_end())?;
    let factor = match unit {
        "" | "ms" => return Some(number),
        "s" => 1e3,
        "min" => 6e4,
        "h" => 3.6e6,
        "d" => 8.64e7,
        _ => return None,
    };
    Some(Number::Real(number.real() * factor))
}

/// A moment of RFC 3339, or one without a zone, which is UTC, or a date, which is its first moment.
fn moment(text: &str) -> Option<i64> {
    let zoned = text.parse::<jiff::Timestamp>().ok();
    let plain = || {
        let date_time = text.parse::<jiff::civil::DateTime>().ok();
        let date = || text.parse::<jiff::civil::Date>().ok();
        let date_time = date_time.or_else(|| Some(date()?.at(0, 0, 0, 0)))?;
        let zoned = date_time.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(zoned.timestamp())
    };
    let timestamp = zoned.or_else(plain)?;
    i64::try_from(timestamp.as_nanosecond()).ok()
}

/// RFC 3339 in UTC, as the outputs write it.
pub(super) fn time_text(time: Timestamp) -> String {
    let timestamp = jiff::Timestamp::from_nanosecond(i128::from(time.nanoseconds))
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    jiff::fmt::temporal::DateTimePrinter::new()
        .precision(Some(time.digits.min(9)))
        .timestamp_to_string(&timestamp)
}

/// A number: exact where it is whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Whole(i128),
    Real(f64),
}

impl Number {
    /// Decimal digits with a sign and decimals, and nothing else: no exponent (`001E10` is no number), no blanks inside.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let all_digits =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if digits.len() > NUMBER_BYTES_MAX {
            return None;
        }
        match digits.split_once('.') {
            None if all_digits(digits) => text.parse().ok().map(Self::Whole),
            Some((whole, decimals)) if all_digits(whole) && all_digits(decimals) => {
                text.parse().ok().map(Self::Real)
            }
            _ => None,
        }
    }

    fn real(self) -> f64 {
        match self {
            Self::Whole(whole) => whole as f64,
            Self::Real(real) => real,
        }
    }

    fn order(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(one), Self::Whole(other)) => Some(one.cmp(&other)),
            _ => self.real().partial_cmp(&other.real()),
        }
    }
}

/// Whole numbers of so many digits fit 128 bits.
const NUMBER_BYTES_MAX: usize = 38;
