//! Values of type dateTime as CWMP reads them (TR-069 Amendment 3 section A.2.1, Table 9).
//!
//! Three things share the type: an absolute time with its zone, the time since boot (year 0001, no zone), and the Unknown
//! Time. It judges no side.

use cwmp::schema::Version;

/// A dateTime that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::conformance::rules) struct Stamp {
    pub(in crate::conformance::rules) year: u32,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
    has_fraction: bool,
    /// Minutes east of UTC; `None` without a zone.
    pub(in crate::conformance::rules) zone_minutes: Option<i32>,
}

/// What is wrong with the text of a dateTime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::conformance::rules) enum TimeFault {
    /// It has not the form, or no calendar has that day.
    Form,
    /// An absolute time without a zone.
    NoZone,
    /// A time since boot with a zone.
    RelativeWithZone,
    /// Something else that stands for an unknown time: nothing at all, or all zeros.
    StandIn,
    /// The first day of 1970.
    DefaultClock,
    /// A zone other than UTC.
    NotUtc,
    /// The time since boot as TR-069 Issue 1 writes it.
    RelativeOfIssue1,
    /// The zero value of TR-069 Issue 1.
    ZeroOfIssue1,
}

/// What is wrong with a text as a dateTime; the first of several.
pub(in crate::conformance::rules) fn fault(text: &[u8], version: Version) -> Option<TimeFault> {
    let text = text.trim_ascii();
    let of_1_0 = version == Version::V1_0;
    let Some(stamp) = read(text) else {
        let zeros = text.strip_prefix(b"0000-00-00T00:00:00");
        return Some(match zeros {
            _ if text.is_empty() => TimeFault::StandIn,
            Some(b"") if of_1_0 => TimeFault::ZeroOfIssue1,
            Some(_) => TimeFault::StandIn,
            None if of_1_0 && text.starts_with(b"0000-00-") => TimeFault::RelativeOfIssue1,
            None => TimeFault::Form,
        });
    };
    match stamp.zone_minutes {
        None if stamp.year >= FIRST_ABSOLUTE_YEAR => Some(TimeFault::NoZone),
        None => None,
        Some(_) if stamp.year == 1 && !stamp.is_unknown() => Some(TimeFault::RelativeWithZone),
        Some(_) if stamp.is_unknown() => None,
        Some(_) if (stamp.year, stamp.month, stamp.day) == (1970, 1, 1) => {
            Some(TimeFault::DefaultClock)
        }
        Some(0) => None,
        Some(_) => Some(TimeFault::NotUtc),
    }
}

/// Reads `YYYY-MM-DDThh:mm:ss`, a fraction, a zone; blanks around it are allowed.
pub(in crate::conformance::rules) fn read(text: &[u8]) -> Option<Stamp> {
    let text = text.trim_ascii();
    let year_digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(4..=9).contains(&year_digits) {
        return None;
    }
    let (year, rest) = text.split_at_checked(year_digits)?;
    let (month, rest) = pair(rest, b'-')?;
    let (day, rest) = pair(rest, b'-')?;
    let (hour, rest) = pair(rest, b'T')?;
    let (minute, rest) = pair(rest, b':')?;
    let (second, rest) = pair(rest, b':')?;
    let (has_fraction, rest) = fraction(rest)?;
    let year = number(year);
    let stamp = Stamp {
        year,
        month,
        day,
        hour,
        minute,
        second,
        has_fraction,
        zone_minutes: zone(rest)?,
    };
    stamp.is_in_calendar().then_some(stamp)
}

impl Stamp {
    /// Equal in value to the Unknown Time, `0001-01-01T00:00:00Z`.
    pub(in crate::conformance::rules) fn is_unknown(&self) -> bool {
        let date = (self.year, self.month, self.day);
        let time = (self.hour, self.minute, self.second, self.has_fraction);
        date == (1, 1, 1) && time == (0, 0, 0, false) && self.zone_minutes == Some(0)
    }

    /// The time since boot: no zone, and a year no clock has.
    pub(in crate::conformance::rules) fn is_relative(&self) -> bool {
        self.zone_minutes.is_none() && self.year < FIRST_ABSOLUTE_YEAR
    }

    /// A point in time.
    pub(in crate::conformance::rules) fn is_absolute(&self) -> bool {
        self.zone_minutes.is_some() && self.year >= FIRST_ABSOLUTE_YEAR
    }

    /// Seconds since the year 0, in UTC where it has a zone.
    pub(in crate::conformance::rules) fn seconds(&self) -> i64 {
        let year = i64::from(self.year);
        let before = (year - 1).max(0);
        let leap_days = before / 4 - before / 100 + before / 400;
        let months = (1..self.month).map(|month| i64::from(days(self.year, month)));
        let days = before * 365 + leap_days + months.sum::<i64>() + i64::from(self.day);
        let minutes = i64::from(self.hour) * 60 + i64::from(self.minute);
        let zone = i64::from(self.zone_minutes.unwrap_or(0));
        days * 86_400 + (minutes - zone) * 60 + i64::from(self.second)
    }

    fn is_in_calendar(&self) -> bool {
        let time = (self.hour, self.minute, self.second);
        let in_day = (self.hour < 24 && self.minute < 60 && self.second <= LEAP_SECOND)
            || (time == (24, 0, 0) && !self.has_fraction);
        (1..=12).contains(&self.month)
            && self.day >= 1
            && self.day <= days(self.year, self.month)
            && in_day
    }
}

fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Two digits behind a sign, and what follows.
fn pair(text: &[u8], sign: u8) -> Option<(u32, &[u8])> {
    match text {
        [first, tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] if *first == sign => {
            Some((u32::from(tens - b'0') * 10 + u32::from(ones - b'0'), rest))
        }
        _ => None,
    }
}

/// Whether a fraction other than zero stands here, and what follows it.
fn fraction(text: &[u8]) -> Option<(bool, &[u8])> {
    let Some(digits) = text.strip_prefix(b".") else {
        return Some((false, text));
    };
    let count = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let (fraction, rest) = digits.split_at_checked(count)?;
    (count > 0).then(|| (fraction.iter().any(|byte| *byte != b'0'), rest))
}

fn zone(text: &[u8]) -> Option<Option<i32>> {
    let sign = match text {
        [] => return Some(None),
        b"Z" => return Some(Some(0)),
        [b'+', ..] => 1,
        [b'-', ..] => -1,
        _ => return None,
    };
    let (hours, rest) = pair(text, *text.first()?)?;
    let (minutes, rest) = pair(rest, b':')?;
    let fits = rest.is_empty() && hours <= 14 && minutes < 60;
    fits.then(|| Some(sign * (hours * 60 + minutes) as i32))
}

fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |number: u32, digit| {
        number
            .saturating_mul(10)
            .saturating_add(u32::from(digit.saturating_sub(b'0')))
    })
}

/// Years below it, without a zone, count from the boot (TR-069 Amendment 3 Table 9).
const FIRST_ABSOLUTE_YEAR: u32 = 1000;
/// A leap second is written as the sixtieth.
const LEAP_SECOND: u32 = 60;

#[cfg(test)]
mod tests {
    use super::{TimeFault, fault, read};
    use cwmp::schema::Version;

    #[test]
    fn each_oddity_has_its_own_name() {
        let of = |text: &str| fault(text.as_bytes(), Version::V1_2);
        for fine in [
            "0001-01-01T00:00:00Z",
            "0001-01-01T00:00:00+00:00",
            "2024-02-29T23:59:59.123Z",
            "2024-02-29T24:00:00-00:00",
            "0001-01-03T03:04:05",
            " 9999-12-31T23:59:59Z ",
        ] {
            assert_eq!(of(fine), None, "{fine}");
        }
        for (text, wanted) in [
            ("", TimeFault::StandIn),
            ("0000-00-00T00:00:00", TimeFault::StandIn),
            ("2023-02-29T00:00:00Z", TimeFault::Form),
            ("2012-2-7 16:59", TimeFault::Form),
            ("2012-02-07T16:59:40", TimeFault::NoZone),
            ("0001-01-03T03:04:05Z", TimeFault::RelativeWithZone),
            ("1970-01-01T00:12:00Z", TimeFault::DefaultClock),
            ("2012-02-07T16:59:40+02:00", TimeFault::NotUtc),
        ] {
            assert_eq!(of(text), Some(wanted), "{text}");
        }
    }

    #[test]
    fn issue_1_has_forms_of_its_own() {
        let of = |text: &str| fault(text.as_bytes(), Version::V1_0);
        assert_eq!(of("0000-00-02T03:04:05"), Some(TimeFault::RelativeOfIssue1));
        assert_eq!(of("0000-00-00T00:00:00"), Some(TimeFault::ZeroOfIssue1));
    }

    #[test]
    fn seconds_count_across_zones_and_years() {
        let of = |text: &str| read(text.as_bytes()).map(|stamp| stamp.seconds());
        let difference = |one: &str, other: &str| of(other).zip(of(one)).map(|(b, a)| b - a);
        assert_eq!(
            difference("2023-12-31T23:00:00Z", "2024-01-01T00:00:00Z"),
            Some(3600)
        );
        assert_eq!(
            difference("2024-02-28T00:00:00Z", "2024-03-01T01:00:00+01:00"),
            Some(2 * 86_400)
        );
    }
}
