//! Values that are right at a glance: plain ones of plain types, as almost all are. What is not is judged in full.
//!
//! Whatever the rules of values (`rules/rpc/values.rs`, `rules/data_model/values.rs`) tell of a value, this must not call right.

use super::standing::type_of;
use crate::model::{Base, Facts, Found, Syntax};

/// What a value has to be for nothing to be wrong in it, by the newest version of the data model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Glance {
    /// Anything: no data model has the parameter.
    Anything,
    /// More has to be looked at.
    Never,
    /// Text of no more bytes.
    Text {
        /// The most.
        bytes_max: u32,
    },
    /// A whole number.
    Number {
        /// Its type.
        base: Base,
        /// The least.
        least: i64,
        /// The greatest.
        most: i64,
    },
    /// `0`, `1`, `true` or `false`.
    Boolean,
}

impl Glance {
    /// What the data model asks of a parameter.
    pub(super) fn of(found: Found<'_>) -> Self {
        let Found::Parameter(parameter) = found else {
            return Self::Anything;
        };
        let facts = parameter.newest();
        let syntax = &facts.syntax;
        let is_plain = syntax.list.is_none()
            && syntax.enumeration.is_empty()
            && syntax.reference.is_none()
            && !parameter.may_be_secret()
            && !JUDGED.contains(&syntax.data_type.as_deref().unwrap_or_default())
            && !JUDGED_NAMES.contains(&parameter.name());
        if !is_plain {
            return Self::Never;
        }
        match syntax.base {
            Base::String => Self::Text {
                bytes_max: text_max(facts),
            },
            Base::Boolean => Self::Boolean,
            _ => Self::number(syntax).unwrap_or(Self::Never),
        }
    }

    fn number(syntax: &Syntax) -> Option<Self> {
        let (mut least, mut most) = syntax.base.bounds()?;
        match syntax.ranges.as_slice() {
            [] => {}
            [range] => {
                least = least.max(range.min.unwrap_or(least));
                most = most.min(range.max.unwrap_or(most));
            }
            _ => return None,
        }
        Some(Self::Number {
            base: syntax.base,
            least: i64::try_from(least).ok()?,
            most: i64::try_from(most).unwrap_or(i64::MAX),
        })
    }

    /// Nothing is wrong in a value that says it is of this type.
    pub(super) fn fits(self, told: Option<Base>, value: &str) -> bool {
        match self {
            Self::Anything => true,
            Self::Never => false,
            Self::Text { bytes_max } => {
                told == Some(Base::String) && value.len() <= bytes_max as usize
            }
            Self::Number { base, least, most } => {
                let (digits, sign) = match value.strip_prefix('-') {
                    Some(digits) if least < 0 => (digits, -1),
                    _ => (value, 1),
                };
                let is_short = matches!(digits.len(), 1..=DIGITS_MAX);
                let is_number = is_short && digits.bytes().all(|byte| byte.is_ascii_digit());
                let number = digits
                    .bytes()
                    .fold(0, |number, digit| number * 10 + i64::from(digit & 0xF));
                told == Some(base) && is_number && (least..=most).contains(&(sign * number))
            }
            Self::Boolean => {
                told == Some(Base::Boolean) && matches!(value, "0" | "1" | "true" | "false")
            }
        }
    }
}

/// The most bytes of a text of which nothing is told.
fn text_max(facts: &Facts) -> u32 {
    let syntax = &facts.syntax;
    if type_of(facts) != Base::String {
        return 0;
    }
    if syntax.sizes.is_empty() {
        return UNSIZED_MAX;
    }
    let open = syntax
        .sizes
        .iter()
        .filter(|size| size.min.unwrap_or(0) == 0);
    open.map(|size| size.max.unwrap_or(u32::MAX))
        .max()
        .unwrap_or(0)
}

/// Types whose form is judged.
const JUDGED: [&str; 4] = ["Alias", "MACAddress", "IPAddress", "IPv4Address"];
/// Names whose values are judged whatever their type.
const JUDGED_NAMES: [&str; 2] = ["DeviceSummary", "DefaultGateway"];
/// The longest string where nothing says how long it may be (TR-106 Amendment 7 section 3.2.6).
const UNSIZED_MAX: u32 = 16;
/// A number of so many digits fits every type.
const DIGITS_MAX: usize = 9;

#[cfg(test)]
mod tests {
    use super::{Base, Glance};

    #[test]
    fn a_number_fits_with_a_sign_only_where_it_may_be_negative() {
        let number = |least, most| Glance::Number {
            base: Base::Int,
            least,
            most,
        };
        let fits = |glance: Glance, value: &str| glance.fits(Some(Base::Int), value);
        for (value, is_right) in [
            ("-70", true),
            ("-200", true),
            ("0", true),
            ("-201", false),
            ("1", false),
            ("-", false),
            ("--1", false),
            ("", false),
        ] {
            assert_eq!(fits(number(-200, 0), value), is_right, "{value}");
        }
        assert!(!fits(number(0, 9), "-1") && !fits(number(0, 9), "-0"));
    }
}
