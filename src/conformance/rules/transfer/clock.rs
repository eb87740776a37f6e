//! Times that devices tell, and whether they can be held against the capture's.

/// Nanoseconds since 1970 of an absolute time: a date that a clock can show, with its zone.
///
/// Nothing for Unknown Time, for a time since boot (TR-069 Amendment 3 section A.2.1) and for one that leaves its zone open.
pub(super) fn absolute_ns(text: &str) -> Option<i64> {
    let text = text.trim();
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    let bytes = text.as_bytes();
    if marks.iter().any(|(at, mark)| bytes.get(*at) != Some(mark)) {
        return None;
    }
    let year = number(0, 4).filter(|year| *year >= FIRST_YEAR)?;
    let month = number(5, 7).filter(|month| (1..=12).contains(month))?;
    let day = number(8, 10).filter(|day| (1..=31).contains(day))?;
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let rest = text.get(19..)?;
    let zone = rest.trim_start_matches(|sign: char| sign == '.' || sign.is_ascii_digit());
    let offset = zone_seconds(zone)?;
    let days = days_since_1970(year, month, day);
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second - offset;
    seconds.checked_mul(SECOND_NS)
}

/// Seconds east of Greenwich.
fn zone_seconds(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let sign = match zone.get(..1)? {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let (hours, minutes) = (hours.parse::<i64>().ok()?, minutes.parse::<i64>().ok()?);
    ((0..=14).contains(&hours) && (0..60).contains(&minutes))
        .then_some(sign * (hours * 60 + minutes) * 60)
}

/// Days from 1970-01-01, by counting years from March so that the leap day is the last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (century_years, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    century_years * 146_097 + day_of_era - 719_468
}

/// Seconds from one moment to another, as words write them.
pub(super) fn seconds_between(from_ns: i64, to_ns: i64) -> i64 {
    to_ns.saturating_sub(from_ns) / SECOND_NS
}

/// So many seconds later.
pub(super) fn later(time_ns: i64, seconds: i64) -> i64 {
    time_ns.saturating_add(seconds.saturating_mul(SECOND_NS))
}

/// Nanoseconds of a second.
pub(super) const SECOND_NS: i64 = 1_000_000_000;
/// A device's clock within this of the capture's agrees with it.
pub(super) const AGREES_SECONDS: i64 = 5;
/// How far apart two times of agreeing clocks may stand for rounding and travel.
pub(super) const TOLERANCE_SECONDS: i64 = 10;
/// Earlier years stand for times since boot and for clocks that were never set.
const FIRST_YEAR: i64 = 2000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_times_are_told_from_others() {
        let seconds = |text| absolute_ns(text).map(|time| time / SECOND_NS);
        assert_eq!(seconds("2026-03-02T08:00:00Z"), Some(1_772_438_400));
        assert_eq!(seconds("2026-03-02T09:30:00.25+01:30"), Some(1_772_438_400));
        assert_eq!(seconds("2024-02-29T00:00:00Z"), Some(1_709_164_800));
        for none in [
            "0001-01-01T00:00:00Z",
            "0001-01-03T09:21:00",
            "2026-03-02T08:00:00",
            "1970-01-01T00:00:00Z",
            "2026-03-02",
            "",
            "2026-03-02T08:00:00 Z",
        ] {
            assert_eq!(seconds(none), None, "{none}");
        }
    }
}
