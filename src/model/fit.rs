//! Whether a value fits a syntax. It says how one does not; whether that is a breach is a rule's business.

use super::{Base, Enumerated, Range, Size, Syntax};

/// How a value does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfit {
    /// It is not written as its type is.
    Type(Base),
    /// Shorter than allowed.
    TooShort {
        /// Its length, characters or bytes.
        length: usize,
        /// The shortest allowed.
        min: u32,
    },
    /// Longer than allowed.
    TooLong {
        /// Its length, characters or bytes.
        length: usize,
        /// The longest allowed.
        max: u32,
    },
    /// A number outside every range.
    OutOfRange(Vec<Range>),
    /// None of the enumerated values, nor a vendor's own.
    NotEnumerated {
        /// Such a value in another case, or with blanks, if there is one.
        meant: Option<Box<str>>,
    },
    /// More or fewer items than allowed.
    Items {
        /// How many there are.
        count: usize,
        /// The fewest.
        min: Option<u32>,
        /// The most.
        max: Option<u32>,
    },
}

impl Syntax {
    /// How a value does not fit; patterns are not looked at. Values that begin with `X_` extend any enumeration (TR-106 3.3).
    #[must_use]
    pub fn misfit(&self, value: &str) -> Option<Misfit> {
        let Some(list) = &self.list else {
            return self.item_misfit(value);
        };
        if let Some(misfit) = size_misfit(value.chars().count(), &list.sizes) {
            return Some(misfit);
        }
        if list.nested || value.contains('[') {
            return None;
        }
        let items = if value.trim().is_empty() {
            0
        } else {
            value.split(',').count()
        };
        let few = list.items_min.is_some_and(|min| items < min as usize);
        let many = list.items_max.is_some_and(|max| items > max as usize);
        if few || many {
            return Some(Misfit::Items {
                count: items,
                min: list.items_min,
                max: list.items_max,
            });
        }
        let items = value.split(',').map(|item| item.trim_matches(BLANK));
        items
            .filter(|item| !item.is_empty())
            .find_map(|item| self.item_misfit(item))
    }

    fn item_misfit(&self, value: &str) -> Option<Misfit> {
        if !self.is_written_as_its_type(value) {
            return Some(Misfit::Type(self.base));
        }
        let length = match self.base {
            Base::HexBinary => value.len() / 2,
            Base::Base64 => base64_length(value),
            _ => value.chars().count(),
        };
        let sized = matches!(
            self.base,
            Base::String | Base::HexBinary | Base::Base64 | Base::Unknown
        );
        if let Some(misfit) = size_misfit(length, &self.sizes).filter(|_| sized) {
            return Some(misfit);
        }
        if let Some(misfit) = self.range_misfit(value) {
            return Some(misfit);
        }
        self.enumeration_misfit(value)
    }

    fn is_written_as_its_type(&self, value: &str) -> bool {
        match self.base {
            Base::Unknown | Base::String => true,
            Base::Boolean => matches!(value.trim_matches(BLANK), "0" | "1" | "true" | "false"),
            Base::DateTime => is_date_time(value.trim_matches(BLANK)),
            Base::Base64 => value.bytes().all(is_base64),
            Base::HexBinary => {
                value.len().is_multiple_of(2) && value.bytes().all(|byte| byte.is_ascii_hexdigit())
            }
            Base::Decimal => value.trim_matches(BLANK).parse::<f64>().is_ok(),
            Base::Int | Base::UnsignedInt | Base::Long | Base::UnsignedLong => {
                let bounds = self.base.bounds();
                whole(value).is_some_and(|number| {
                    bounds.is_some_and(|(min, max)| number >= min && number <= max)
                })
            }
        }
    }

    fn range_misfit(&self, value: &str) -> Option<Misfit> {
        let number = whole(value)?;
        let held = |range: &Range| {
            let above = range.min.is_none_or(|min| number >= min);
            let below = range.max.is_none_or(|max| number <= max);
            above && below
        };
        let within = self.ranges.is_empty() || self.ranges.iter().any(held);
        (!within).then(|| Misfit::OutOfRange(self.ranges.clone()))
    }

    fn enumeration_misfit(&self, value: &str) -> Option<Misfit> {
        let known = |one: &Enumerated| *one.value == *value;
        if self.enumeration.is_empty()
            || value.starts_with("X_")
            || self.enumeration.iter().any(known)
        {
            return None;
        }
        let plain = value.trim();
        let meant = self
            .enumeration
            .iter()
            .find(|one| one.value.eq_ignore_ascii_case(plain));
        Some(Misfit::NotEnumerated {
            meant: meant.map(|one| one.value.clone()),
        })
    }
}

/// A whole number as XML Schema writes it.
fn whole(value: &str) -> Option<i128> {
    let value = value.trim_matches(BLANK);
    let digits = value.strip_prefix(['+', '-']).unwrap_or(value);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| value.parse().ok())?
}

/// The size it would have to have; none if any one holds.
fn size_misfit(length: usize, sizes: &[Size]) -> Option<Misfit> {
    let long = |size: &Size| size.max.is_some_and(|max| length > max as usize);
    let short = |size: &Size| size.min.is_some_and(|min| length < min as usize);
    if sizes.is_empty() || sizes.iter().any(|size| !long(size) && !short(size)) {
        return None;
    }
    let longest = sizes.iter().map(|size| size.max.unwrap_or(u32::MAX)).max();
    if let Some(max) = longest.filter(|max| length > *max as usize) {
        return Some(Misfit::TooLong { length, max });
    }
    let shortest = sizes
        .iter()
        .filter(|size| short(size))
        .filter_map(|size| size.min)
        .min();
    shortest.map(|min| Misfit::TooShort { length, min })
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'+' | b'/' | b'=' | b' ' | b'\n' | b'\r' | b'\t')
}

fn base64_length(value: &str) -> usize {
    let digits = value
        .bytes()
        .filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
    digits.count() * 3 / 4
}

/// `2009-10-14T12:00:00`, with a fraction and a zone if it likes.
fn is_date_time(value: &str) -> bool {
    let value = value.strip_prefix('-').unwrap_or(value);
    let Some((date, time)) = value.split_once('T') else {
        return false;
    };
    let mut parts = date.split('-');
    let year = parts
        .next()
        .is_some_and(|year| year.len() >= 4 && is_digits(year));
    let month = parts.next().is_some_and(|month| is_between(month, 12));
    let day = parts.next().is_some_and(|day| is_between(day, 31));
    let clock = time.trim_end_matches('Z');
    let clock = clock.split(['+', '-']).next().unwrap_or_default();
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut parts = clock.split(':');
    let hour = parts.next().is_some_and(|hour| is_between(hour, 24));
    let minute = parts.next().is_some_and(|minute| is_between(minute, 59));
    let second = parts.next().is_some_and(|second| is_between(second, 60));
    year && month
        && day
        && hour
        && minute
        && second
        && is_digits(fraction)
        && parts.next().is_none()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_between(text: &str, max: u8) -> bool {
    text.len() == 2 && is_digits(text) && text.parse::<u8>().is_ok_and(|number| number <= max)
}

/// What XML Schema collapses around a value that is no string.
const BLANK: [char; 4] = [' ', '\t', '\r', '\n'];
