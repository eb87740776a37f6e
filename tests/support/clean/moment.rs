//! Times as dateTime has them.

/// The Unknown Time (TR-069 Amendment 2 section 3.2).
pub const UNKNOWN: &str = "0001-01-01T00:00:00Z";

/// A moment in UTC.
pub fn utc(time_us: u64) -> String {
    format!("{}Z", naive(time_us as i64 / 1_000_000))
}

/// The same to the microsecond.
pub fn fine(time_us: u64) -> String {
    let second = naive(time_us as i64 / 1_000_000);
    format!("{second}.{:06}Z", time_us % 1_000_000)
}

/// The same moment where clocks are so many minutes ahead of UTC.
pub fn local(time_us: u64, ahead_minutes: i64) -> String {
    let sign = if ahead_minutes < 0 { '-' } else { '+' };
    let ahead = ahead_minutes.unsigned_abs();
    let naive = naive(time_us as i64 / 1_000_000 + ahead_minutes * 60);
    format!("{naive}{sign}{:02}:{:02}", ahead / 60, ahead % 60)
}

fn naive(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date(days);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

/// Days since 1970 as a date (Hinnant, `civil_from_days`).
fn date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}
