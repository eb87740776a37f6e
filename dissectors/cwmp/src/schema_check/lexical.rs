//! Whether text can be a value of a type (XML Schema Part 2).

use crate::anomaly::AnomalyKind;
use crate::schema::Type;

/// What is odd about `text` as a value of this type; blanks around it are allowed.
pub(super) fn oddity(base: Type, text: &str) -> Option<AnomalyKind> {
    let text = text.trim();
    let fine = match base {
        Type::Text | Type::AnySimple | Type::AnyUri | Type::Base64 => true,
        Type::Boolean => matches!(text, "0" | "1" | "true" | "false"),
        Type::Int => text.parse::<i32>().is_ok(),
        Type::UnsignedInt => text.parse::<u32>().is_ok(),
        Type::DateTime => return date_time_oddity(text),
    };
    (!fine).then_some(AnomalyKind::InvalidValue)
}

/// The type an `xsi:type` names, whatever its prefix; `None` for those not looked at.
pub(super) fn type_named(name: &str) -> Option<Type> {
    match name.trim().rsplit(':').next()? {
        "boolean" => Some(Type::Boolean),
        "int" => Some(Type::Int),
        "unsignedInt" => Some(Type::UnsignedInt),
        "dateTime" => Some(Type::DateTime),
        _ => None,
    }
}

/// `YYYY-MM-DDThh:mm:ss`, a fraction, a zone.
fn date_time_oddity(text: &str) -> Option<AnomalyKind> {
    let Some(rest) = matching(text.as_bytes(), b"dddd-dd-ddTdd:dd:dd") else {
        return Some(AnomalyKind::InvalidValue);
    };
    let rest = match rest {
        [b'.', fraction @ ..] => {
            let digits = fraction
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            fraction.get(digits..).unwrap_or_default()
        }
        _ => rest,
    };
    match rest {
        [] => Some(AnomalyKind::DateTimeWithoutZone),
        b"Z" => None,
        [b'+' | b'-', zone @ ..] if matching(zone, b"dd:dd") == Some(&[]) => None,
        _ => Some(AnomalyKind::InvalidValue),
    }
}

/// What follows a match of `pattern`, in which `d` is any digit.
fn matching<'t>(text: &'t [u8], pattern: &[u8]) -> Option<&'t [u8]> {
    let (head, rest) = text.split_at_checked(pattern.len())?;
    let fits = |(byte, wanted): (&u8, &u8)| match wanted {
        b'd' => byte.is_ascii_digit(),
        wanted => byte == wanted,
    };
    head.iter().zip(pattern).all(fits).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::oddity;
    use crate::anomaly::AnomalyKind;
    use crate::schema::Type;

    #[test]
    fn date_times_need_their_form_and_a_zone() {
        let of = |text| oddity(Type::DateTime, text);
        for fine in [
            "0001-01-01T00:00:00Z",
            "2024-02-29T23:59:59.123+01:00",
            " 1970-01-01T00:00:00-08:00 ",
        ] {
            assert_eq!(of(fine), None, "{fine}");
        }
        assert_eq!(
            of("2009-06-01T12:00:00"),
            Some(AnomalyKind::DateTimeWithoutZone)
        );
        for bad in [
            "",
            "2009-06-01",
            "2009-06-01T12:00:00+0100",
            "2009-6-1T12:00:00Z",
            "2009-06-01 12:00:00Z",
        ] {
            assert_eq!(of(bad), Some(AnomalyKind::InvalidValue), "{bad}");
        }
    }

    #[test]
    fn numbers_and_booleans_are_bounded() {
        assert_eq!(oddity(Type::UnsignedInt, "4294967295"), None);
        for (base, bad) in [
            (Type::UnsignedInt, "4294967296"),
            (Type::UnsignedInt, "-1"),
            (Type::Int, "2147483648"),
            (Type::Boolean, "TRUE"),
            (Type::Boolean, ""),
        ] {
            assert_eq!(oddity(base, bad), Some(AnomalyKind::InvalidValue), "{bad}");
        }
    }
}
