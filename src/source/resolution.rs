//! What a tick of a capture's clock is: pcap's two resolutions and all of pcapng's.

use super::frame::Timestamp;

/// How ticks become nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Resolution {
    tick: Tick,
    /// Nanoseconds to add (if_tsoffset).
    offset: i64,
    /// Decimals of a second that a tick resolves, at most the nine that nanoseconds hold.
    digits: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tick {
    /// A tick is so many nanoseconds.
    Nanoseconds(u64),
    /// A nanosecond is so many ticks; 0 for more than any count of ticks.
    PerNanosecond(u64),
    /// A second is two to this power of ticks.
    PowerOfTwo(u8),
}

impl Resolution {
    pub const MICROSECONDS: Self = Self {
        tick: Tick::Nanoseconds(1_000),
        offset: 0,
        digits: 6,
    };
    pub const NANOSECONDS: Self = Self {
        tick: Tick::Nanoseconds(1),
        offset: 0,
        digits: 9,
    };

    /// From if_tsresol (a negative power of ten, or of two with the high bit set) and if_tsoffset (seconds).
    ///
    /// draft-ietf-opsawg-pcapng section 4.2.
    pub fn new(if_tsresol: u8, if_tsoffset: i64) -> Self {
        let power = if_tsresol & 0x7f;
        let offset = if_tsoffset.saturating_mul(SECOND as i64);
        if if_tsresol & 0x80 != 0 {
            return Self {
                tick: Tick::PowerOfTwo(power),
                offset,
                digits: decimals_of_two(power),
            };
        }
        let tick = match power {
            0..=9 => Tick::Nanoseconds(10_u64.pow(u32::from(9 - power))),
            _ => Tick::PerNanosecond(10_u64.checked_pow(u32::from(power - 9)).unwrap_or(0)),
        };
        Self {
            tick,
            offset,
            digits: power.min(9),
        }
    }

    /// The moment `ticks` after the clock's zero, cut down to nanoseconds.
    #[inline]
    pub fn time(&self, ticks: u64) -> Timestamp {
        let nanoseconds = match self.tick {
            Tick::Nanoseconds(each) => ticks.saturating_mul(each),
            Tick::PerNanosecond(count) => ticks.checked_div(count).unwrap_or(0),
            Tick::PowerOfTwo(power) => {
                let nanoseconds = (u128::from(ticks) * u128::from(SECOND)) >> power;
                u64::try_from(nanoseconds).unwrap_or(u64::MAX)
            }
        };
        let nanoseconds = i64::try_from(nanoseconds).unwrap_or(i64::MAX);
        Timestamp {
            nanoseconds: nanoseconds.saturating_add(self.offset),
            digits: self.digits,
        }
    }

    /// The moment as pcap writes it: seconds, and ticks within the second.
    #[inline]
    pub fn time_of_parts(&self, seconds: u32, ticks: u32) -> Timestamp {
        let within = self.time(u64::from(ticks));
        let seconds = i64::from(seconds) * SECOND as i64;
        Timestamp {
            nanoseconds: seconds.saturating_add(within.nanoseconds),
            digits: self.digits,
        }
    }
}

/// The fewest decimals that tell 2^-power apart.
fn decimals_of_two(power: u8) -> u8 {
    (0..9)
        .find(|decimals| 10_u128.pow(u32::from(*decimals)) >= 1_u128 << power)
        .unwrap_or(9)
}

const SECOND: u64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn time(if_tsresol: u8, if_tsoffset: i64, ticks: u64) -> (i64, u8) {
        let time = Resolution::new(if_tsresol, if_tsoffset).time(ticks);
        (time.nanoseconds, time.digits)
    }

    #[test]
    fn powers_of_ten_and_of_two_become_nanoseconds() {
        assert_eq!(time(0, 0, 17), (17_000_000_000, 0));
        assert_eq!(time(3, 0, 1_500), (1_500_000_000, 3));
        assert_eq!(time(6, 0, 1_500_000), (1_500_000_000, 6));
        assert_eq!(time(9, 0, 1_500_000_001), (1_500_000_001, 9));
        assert_eq!(time(12, 0, 1_500_000_000_999), (1_500_000_000, 9));
        assert_eq!(time(0x80 | 10, 0, 1_536), (1_500_000_000, 4));
        assert_eq!(time(0x80 | 32, 0, 3 << 31), (1_500_000_000, 9));
        assert_eq!(time(0x80, 0, 2), (2_000_000_000, 0));
        assert_eq!(time(6, -1, 1_500_000), (500_000_000, 6));
        assert_eq!(time(6, 3_600, 0), (3_600_000_000_000, 6));
    }

    #[test]
    fn no_resolution_overflows() {
        for if_tsresol in 0..=255 {
            for if_tsoffset in [i64::MIN, -1, 0, i64::MAX] {
                assert!(time(if_tsresol, if_tsoffset, u64::MAX).1 <= 9);
            }
        }
    }
}
