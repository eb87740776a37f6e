//! Sessions close in any order and are shown in that of their numbers.

use std::collections::BTreeMap;

/// Holds back what has a larger number than something still to come.
#[derive(Debug)]
pub(super) struct Reorder<T> {
    next: u32,
    waiting: BTreeMap<u32, T>,
}

impl<T> Default for Reorder<T> {
    fn default() -> Self {
        Self {
            next: 1,
            waiting: BTreeMap::new(),
        }
    }
}

impl<T> Reorder<T> {
    /// Takes one in; [`Reorder::ready`] gives out what may go.
    pub(super) fn push(&mut self, number: u32, value: T) {
        self.waiting.insert(number, value);
    }

    /// The next one in order, if it is there.
    pub(super) fn ready(&mut self) -> Option<T> {
        let value = self.waiting.remove(&self.next)?;
        self.next = self.next.saturating_add(1);
        Some(value)
    }

    /// What is left, in order.
    pub(super) fn rest(self) -> impl Iterator<Item = T> {
        self.waiting.into_values()
    }
}

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
}
