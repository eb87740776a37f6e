//! Whose packet comes next where several interfaces are listened to. The kernel hands packets over in blocks, of each interface
//! when one is full or old: what came first may be seen last. No interface is looked at here.

use std::time::Duration;

/// What is known of an interface, in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// Its next packet is of this time.
    Holds(i64),
    /// Nothing was there at this time.
    EmptyAt(i64),
}

/// Who is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// The packet of this interface, counted from 0.
    Of(usize),
    /// Nobody's yet: an earlier one may come up until then.
    After(Duration),
    /// Nobody has one.
    Nobodys,
}

/// The earliest packet, once no other interface can come up with an earlier one.
pub(super) fn turn(all: impl Iterator<Item = Known> + Clone, now_ns: impl FnOnce() -> i64) -> Turn {
    let held = all
        .clone()
        .enumerate()
        .filter_map(|(at, known)| match known {
            Known::Holds(time) => Some((time, at)),
            Known::EmptyAt(_) => None,
        });
    let Some((time, at)) = held.min() else {
        return Turn::Nobodys;
    };
    let settled = settled_ns(time);
    let is_settled = |known| match known {
        Known::Holds(_) => true,
        Known::EmptyAt(looked) => looked >= settled,
    };
    if all.clone().all(is_settled) {
        return Turn::Of(at);
    }
    let now_ns = now_ns();
    if time > now_ns {
        // The clock was put back: nothing is waited for.
        return Turn::Of(at);
    }
    let left = u64::try_from(settled.saturating_sub(now_ns)).unwrap_or_default();
    Turn::After(Duration::from_nanos(left))
}

/// From then on nothing earlier than this comes up.
pub(super) fn settled_ns(time_ns: i64) -> i64 {
    time_ns.saturating_add(HELD_BACK_NS)
}

/// The kernel looks for old blocks every 20 ms, and hands one over when it finds it a second time.
const HELD_BACK_NS: i64 = 60_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_is_given_once_nothing_earlier_can_come() {
        let now = 1_000_000_000;
        let turn = |all: &[Known]| turn(all.iter().copied(), || now);
        assert_eq!(turn(&[]), Turn::Nobodys);
        assert_eq!(turn(&[Known::EmptyAt(now)]), Turn::Nobodys);
        let late = Known::Holds(now - 1);
        assert_eq!(turn(&[late]), Turn::Of(0), "alone");
        assert_eq!(turn(&[late, Known::Holds(now - 2)]), Turn::Of(1));
        let wait = Turn::After(Duration::from_nanos(59_999_999));
        assert_eq!(turn(&[Known::EmptyAt(now), late]), wait);
        let settled = Known::Holds(now - HELD_BACK_NS);
        assert_eq!(turn(&[Known::EmptyAt(now), settled]), Turn::Of(1));
        let look = Turn::After(Duration::ZERO);
        assert_eq!(turn(&[settled, Known::EmptyAt(now - 1)]), look);
    }

    #[test]
    fn a_clock_that_was_put_back_holds_nothing_up() {
        let all = [Known::EmptyAt(7), Known::Holds(i64::MAX)];
        assert_eq!(turn(all.iter().copied(), || 8), Turn::Of(1));
    }
}
