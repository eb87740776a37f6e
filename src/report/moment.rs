//! Times and durations as people and programs read them. Always UTC: a report must not depend on where it is made.

use jiff::tz::TimeZone;

use crate::source::Timestamp;

/// RFC 3339 in UTC with the capture's own resolution: `2026-11-20T21:14:05.123456Z`.
#[must_use]
pub fn rfc3339(time: Timestamp) -> String {
    let precision = Some(time.digits.min(9));
    jiff::fmt::temporal::DateTimePrinter::new()
        .precision(precision)
        .timestamp_to_string(&instant(time))
}

/// `2026-11-20 21:14:05.123456`, with so many decimals at most.
#[must_use]
pub fn date_and_clock(time: Timestamp, digits_max: u8) -> String {
    format!("{} {}", date(time), clock(time, digits_max))
}

/// `2026-11-20`.
#[must_use]
pub fn date(time: Timestamp) -> String {
    instant(time).to_zoned(TimeZone::UTC).date().to_string()
}

/// `21:14:05.123456`, with so many decimals at most.
#[must_use]
pub fn clock(time: Timestamp, digits_max: u8) -> String {
    let digits = usize::from(time.digits.min(digits_max).min(9));
    let whole = instant(time)
        .to_zoned(TimeZone::UTC)
        .strftime("%H:%M:%S")
        .to_string();
    if digits == 0 {
        return whole;
    }
    let nanoseconds = time.nanoseconds.rem_euclid(NANOSECONDS);
    let decimals = format!("{nanoseconds:09}");
    format!("{whole}.{}", decimals.get(..digits).unwrap_or(&decimals))
}

/// Seconds between two moments, signed, with so many decimals: `+1.240`.
#[must_use]
pub fn offset(from: Timestamp, to: Timestamp, digits_max: u8) -> String {
    let digits = usize::from(to.digits.min(digits_max).min(9));
    let difference = to.nanoseconds.saturating_sub(from.nanoseconds);
    let sign = if difference < 0 { '-' } else { '+' };
    let seconds = difference.unsigned_abs() / NANOSECONDS as u64;
    if digits == 0 {
        return format!("{sign}{seconds}");
    }
    let decimals = format!("{:09}", difference.unsigned_abs() % NANOSECONDS as u64);
    format!(
        "{sign}{seconds}.{}",
        decimals.get(..digits).unwrap_or(&decimals)
    )
}

/// A duration in the unit that suits it: `0.4 ms`, `123 ms`, `1.240 s`, `3 min 12 s`, `2 h 05 min`.
#[must_use]
pub fn duration(milliseconds: f64) -> String {
    let seconds = milliseconds / 1000.0;
    match milliseconds {
        ms if ms < 9.95 => format!("{ms:.1} ms"),
        ms if ms < 999.5 => format!("{ms:.0} ms"),
        _ if seconds < 9.995 => format!("{seconds:.2} s"),
        _ if seconds < 59.95 => format!("{seconds:.1} s"),
        _ if seconds < 3599.5 => format!(
            "{} min {:02} s",
            seconds.round() as u64 / 60,
            seconds.round() as u64 % 60
        ),
        _ if seconds < 172_800.0 => format!(
            "{} h {:02} min",
            seconds as u64 / 3600,
            seconds as u64 % 3600 / 60
        ),
        _ => format!(
            "{} d {} h",
            seconds as u64 / 86_400,
            seconds as u64 % 86_400 / 3600
        ),
    }
}

/// Milliseconds rounded to what the capture resolves, so that no digit is made up.
#[must_use]
pub fn rounded_ms(milliseconds: f64, digits: u8) -> f64 {
    let scale = 10_f64.powi(i32::from(digits.min(9)) - 3);
    // Adding 0.0 turns -0.0 into 0.0.
    (milliseconds * scale).round() / scale + 0.0
}

/// Every i64 of nanoseconds lies between the years 1677 and 2262, which jiff can hold.
fn instant(time: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_nanosecond(i128::from(time.nanoseconds))
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}

const NANOSECONDS: i64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::{clock, date_and_clock, duration, offset, rfc3339, rounded_ms};
    use crate::source::Timestamp;

    fn at(nanoseconds: i64, digits: u8) -> Timestamp {
        Timestamp {
            nanoseconds,
            digits,
        }
    }

    /// Expected values as `date --utc --date=@SECONDS --iso-8601=ns` prints them.
    #[test]
    fn known_moments() {
        for (nanoseconds, digits, expected) in [
            (0, 0, "1970-01-01T00:00:00Z"),
            (0, 6, "1970-01-01T00:00:00.000000Z"),
            (951_782_400_000_000_000, 3, "2000-02-29T00:00:00.000Z"),
            (
                1_234_567_890_123_456_789,
                9,
                "2009-02-13T23:31:30.123456789Z",
            ),
            (1_234_567_890_123_456_000, 6, "2009-02-13T23:31:30.123456Z"),
            (4_107_542_400_000_000_000, 0, "2100-03-01T00:00:00Z"),
            (-1, 9, "1969-12-31T23:59:59.999999999Z"),
            (i64::MAX, 9, "2262-04-11T23:47:16.854775807Z"),
            (i64::MIN, 9, "1677-09-21T00:12:43.145224192Z"),
        ] {
            assert_eq!(rfc3339(at(nanoseconds, digits)), expected);
        }
    }

    #[test]
    fn for_people() {
        let time = at(1_234_567_890_123_456_789, 6);
        assert_eq!(clock(time, 3), "23:31:30.123");
        assert_eq!(clock(time, 9), "23:31:30.123456");
        assert_eq!(clock(time, 0), "23:31:30");
        assert_eq!(clock(at(-1, 9), 3), "23:59:59.999");
        assert_eq!(date_and_clock(time, 6), "2009-02-13 23:31:30.123456");
        assert_eq!(
            offset(time, at(time.nanoseconds + 1_240_000_000, 6), 3),
            "+1.240"
        );
        assert_eq!(
            offset(time, at(time.nanoseconds - 20_000_000, 6), 3),
            "-0.020"
        );
        assert_eq!(offset(at(i64::MIN, 9), at(i64::MAX, 0), 3), "+9223372036");
    }

    #[test]
    fn durations() {
        for (milliseconds, expected) in [
            (0.0, "0.0 ms"),
            (0.42, "0.4 ms"),
            (9.96, "10 ms"),
            (123.4, "123 ms"),
            (1_240.0, "1.24 s"),
            (59_000.0, "59.0 s"),
            (192_000.0, "3 min 12 s"),
            (7_500_000.0, "2 h 05 min"),
            (200_000_000.0, "2 d 7 h"),
        ] {
            assert_eq!(duration(milliseconds), expected);
        }
    }

    #[test]
    fn milliseconds_have_the_digits_of_the_capture() {
        assert_eq!(rounded_ms(1.234_567_89, 6).to_string(), "1.235");
        assert_eq!(rounded_ms(1.234_567_89, 9).to_string(), "1.234568");
        assert_eq!(rounded_ms(1234.9, 0).to_string(), "1000");
        assert_eq!(rounded_ms(-0.000_1, 6).to_string(), "0");
    }
}
