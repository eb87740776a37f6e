//! Sessions close in any order and are shown in that of their numbers.

use std::collections::BTreeMap;

use super::output::complain;

/// Holds back what has a larger number than something still to come, up to a bound: a session that stays open for hours
/// must not hold thousands of others in memory.
#[derive(Debug)]
pub(super) struct Reorder<T> {
    next: u32,
    waiting: BTreeMap<u32, T>,
    /// How many were given out before a smaller number.
    hurried: u64,
}

impl<T> Default for Reorder<T> {
    fn default() -> Self {
        Self {
            next: 1,
            waiting: BTreeMap::new(),
            hurried: 0,
        }
    }
}

impl<T> Reorder<T> {
    /// Takes one in; [`Reorder::ready`] gives out what may go.
    pub(super) fn push(&mut self, number: u32, value: T) {
        self.waiting.insert(number, value);
    }

    /// The next one in order, if it is there; the smallest, if too many wait.
    pub(super) fn ready(&mut self) -> Option<T> {
        let (&number, _) = self.waiting.first_key_value()?;
        if number > self.next && self.waiting.len() <= WAITING_MAX {
            return None;
        }
        // One that comes after its turn goes out at once.
        self.hurried += u64::from(number != self.next);
        self.next = self.next.max(number.saturating_add(1));
        self.waiting.remove(&number)
    }

    /// Says so where the order could not be kept.
    pub(super) fn remark(&self) {
        if self.hurried > 0 {
            complain(&format!(
                "{} sessions are shown out of order: {WAITING_MAX} others waited for one that stayed open",
                self.hurried
            ));
        }
    }

    /// What is left, in order.
    pub(super) fn rest(self) -> impl Iterator<Item = T> {
        self.waiting.into_values()
    }
}

/// Sessions that may wait for one with a smaller number.
const WAITING_MAX: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::Reorder;

    #[test]
    fn in_order_and_nothing_lost() {
        let mut reorder = Reorder::default();
        let mut out = Vec::new();
        for number in [2, 3, 1, 5, 7] {
            reorder.push(number, number);
            out.extend(std::iter::from_fn(|| reorder.ready()));
        }
        assert_eq!(out, [1, 2, 3]);
        assert_eq!(reorder.rest().collect::<Vec<_>>(), [5, 7]);
    }

    #[test]
    fn too_many_do_not_wait() {
        let mut reorder = Reorder::default();
        let mut out = Vec::new();
        for number in 2..20_000 {
            reorder.push(number, number);
            out.extend(std::iter::from_fn(|| reorder.ready()));
        }
        assert!(out.is_sorted() && out.len() > 9000);
        reorder.push(1, 1);
        assert_eq!(reorder.ready(), Some(1), "late, and not lost");
        assert!(reorder.hurried > 0);
    }
}
