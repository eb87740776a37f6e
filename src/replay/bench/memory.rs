//! What is remembered of so many: the one not asked for longest is forgotten first, and none that is in use.

use std::collections::BTreeMap;

/// Values by their keys, so many at most where those in use leave room.
pub(super) struct Memory<K, V> {
    kept: BTreeMap<K, Kept<V>>,
    max: usize,
    /// Grows with each that is asked for.
    turn: u64,
}

struct Kept<V> {
    value: V,
    turn: u64,
}

impl<K: Ord + Clone, V> Memory<K, V> {
    pub(super) fn of(max: usize) -> Self {
        Self {
            kept: BTreeMap::new(),
            max,
            turn: 0,
        }
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.kept.get(key).map(|it| &it.value)
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &K> {
        self.kept.keys()
    }

    pub(super) fn insert(&mut self, key: K, value: V, is_in_use: impl Fn(&K) -> bool) {
        self.kept.remove(&key);
        self.entry(key, || Some(value), is_in_use);
    }

    /// The one of this key, made where there is none.
    pub(super) fn entry(
        &mut self,
        key: K,
        fresh: impl FnOnce() -> Option<V>,
        is_in_use: impl Fn(&K) -> bool,
    ) -> Option<&mut V> {
        self.turn = self.turn.saturating_add(1);
        if !self.kept.contains_key(&key) {
            let value = fresh()?;
            self.make_room(is_in_use);
            let turn = self.turn;
            self.kept.insert(key.clone(), Kept { value, turn });
        }
        let kept = self.kept.get_mut(&key)?;
        kept.turn = self.turn;
        Some(&mut kept.value)
    }

    fn make_room(&mut self, is_in_use: impl Fn(&K) -> bool) {
        if self.kept.len() < self.max {
            return;
        }
        let idle = self.kept.iter().filter(|(key, _)| !is_in_use(key));
        let oldest = idle.min_by_key(|(_, kept)| kept.turn);
        if let Some(key) = oldest.map(|(key, _)| key.clone()) {
            self.kept.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Memory;

    #[test]
    fn the_oldest_is_forgotten_and_none_in_use() {
        let mut memory = Memory::of(3);
        for name in ["c", "b", "a"] {
            memory.insert(name, 1, |_| false);
        }
        memory.insert("d", 1, |_| false);
        assert!(memory.keys().eq(&["a", "b", "d"]));
        // What was asked for again is no longer the oldest.
        assert_eq!(memory.entry("b", || None, |_| false), Some(&mut 1));
        memory.insert("e", 1, |_| false);
        assert!(memory.keys().eq(&["b", "d", "e"]));
        memory.insert("f", 1, |name| *name == "d");
        assert!(memory.keys().eq(&["d", "e", "f"]));
        assert_eq!(memory.entry("g", || None, |_| false), None);
        assert_eq!(memory.get(&"e"), Some(&1));
        assert_eq!(memory.get(&"b"), None);
    }
}
